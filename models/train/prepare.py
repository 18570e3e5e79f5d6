"""Turn the pairs of data.tsv into one SentencePiece model and packed token arrays for train.py.

usage: python prepare.py --pairs DIR --out DATA [--weights weight|finishing_weight] [--pieces OTHER/joint.spm]

DIR holds FILE.tsv.gz of `German<TAB>English` lines for each file of data.tsv. A weight below one takes a sample, a
whole number repeats. Lines of the test sets named in README.md must not be among the pairs.
"""

import argparse
import csv
import gzip
import io
import json
import random
from pathlib import Path

import numpy as np
import sentencepiece

from pieces import without_paths

VOCABULARY, LONGEST, SAMPLE = 10000, 128, 150000


def read(path):
    """The (German, English) pairs of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            german, english, *_ = line.rstrip("\n").split("\t")
            if german and english:
                yield german, english


def train_pieces(paths, randomness):
    """One SentencePiece model for both languages, as bytes."""
    def sentences():
        for path in paths:
            pairs = list(read(path))
            randomness.shuffle(pairs)
            for pair in pairs[:SAMPLE]:
                yield from pair

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences(), model_writer=model, vocab_size=VOCABULARY, model_type="unigram",
        character_coverage=0.9998, normalization_rule_name="nmt_nfkc", input_sentence_size=1000000,
        shuffle_input_sentence=True, byte_fallback=True, split_digits=True, bos_id=-1, pad_id=-1, eos_id=0, unk_id=1,
        num_threads=2, minloglevel=2)
    return without_paths(model.getvalue())


def pack(sentences):
    """All ids in a row, and the length of each sentence."""
    lengths = np.array([len(sentence) for sentence in sentences], np.int32)
    return np.fromiter((i for sentence in sentences for i in sentence), np.uint16, int(lengths.sum())), lengths


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", choices=["weight", "finishing_weight"], default="weight")
    parser.add_argument("--pieces", type=Path, help="use this SentencePiece model")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with open(Path(__file__).with_name("data.tsv"), encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        weights = {row["file"]: float(row[options.weights]) for row in rows if float(row[options.weights]) > 0}
    randomness = random.Random(1)
    paths = {name: options.pairs / f"{name}.tsv.gz" for name in weights}
    model = options.pieces.read_bytes() if options.pieces else train_pieces(paths.values(), randomness)
    (options.out / "joint.spm").write_bytes(model)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    chosen, counts = [], {}
    for name, weight in weights.items():
        german, english = zip(*read(paths[name]))
        pairs = [pair for pair in zip(pieces.encode(list(german)), pieces.encode(list(english)))
                 if all(1 <= len(side) <= LONGEST for side in pair)]
        pairs = randomness.sample(pairs, int(len(pairs) * weight)) if weight < 1 else pairs * round(weight)
        counts[name] = [len(pairs), sum(len(side) for _, side in pairs)]
        chosen += pairs
    source, target = zip(*chosen)
    (src, src_len), (tgt, tgt_len) = pack(source), pack(target)
    np.savez(options.out / "train.npz", src=src, src_len=src_len, tgt=tgt, tgt_len=tgt_len)
    summary = dict(vocabulary=pieces.vocab_size(), pairs=len(chosen), target_tokens=len(tgt), files=counts)
    (options.out / "stats.json").write_text(json.dumps(summary, indent=1))
    print(f"{len(chosen):,} pairs, {len(tgt):,} target tokens")


main()
