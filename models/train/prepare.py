"""Turn the texts of data.tsv into one SentencePiece model and packed token arrays for train.py.

usage: python prepare.py --pairs DIR --out DATA [--pieces OTHER/joint.spm] [--variants N]

DIR holds FILE.tsv.gz of `German<TAB>English` lines for each file of data.tsv that is not in `pairs/` here; of some, one side
alone is taken. Lines of the test sets named in README.md must not be among them. With --variants each pair of both sides is
there N times more, cut into pieces another way each time (https://aclanthology.org/P18-1007), and a pass takes one of them.
"""

import argparse
import io
import json
import os
import random
from pathlib import Path

import numpy as np
import sentencepiece

from pairs import LONGEST, MIXES, pack
from pieces import without_paths
from texts import data_rows, read

VOCABULARY, SAMPLE = 10000, 150000
FLATNESS = 0.3  # exponent of the chances by which another way of cutting is drawn


def train_pieces(pairs, randomness):
    """One SentencePiece model for both languages, as bytes."""
    def sentences():
        for found in pairs:
            found = list(found)
            randomness.shuffle(found)
            for pair in found[:SAMPLE]:
                yield from filter(None, pair)

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences(), model_writer=model, vocab_size=VOCABULARY, model_type="unigram",
        character_coverage=0.9998, normalization_rule_name="nmt_nfkc", input_sentence_size=1000000,
        shuffle_input_sentence=True, byte_fallback=True, split_digits=True, bos_id=-1, pad_id=-1, eos_id=0, unk_id=1,
        num_threads=2, minloglevel=2)
    return without_paths(model.getvalue())


def cut(pieces, pairs, variants):
    """Each pair as (German, English) token ids, once as the model would cut it, then the variants of those with both sides."""
    for variant in range(variants + 1):
        chosen = [pair for pair in pairs if all(pair)] if variant else pairs
        drawn = dict(enable_sampling=True, alpha=FLATNESS, nbest_size=-1) if variant else {}
        yield from zip(*(pieces.encode([pair[side] for pair in chosen], num_threads=os.cpu_count(), **drawn) for side in (0, 1)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pieces", type=Path, help="use this SentencePiece model")
    parser.add_argument("--variants", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = data_rows()
    texts = [read(options.pairs, row["file"], row["sides"]) for row in rows]
    model = options.pieces.read_bytes() if options.pieces else train_pieces(texts, random.Random(1))
    (options.out / "joint.spm").write_bytes(model)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    german, english, origin, counts = [], [], [], {}
    for number, row in enumerate(rows):
        found = list(read(options.pairs, row["file"], row["sides"]))
        variants = options.variants if row["sides"] == "both" else 0
        kept = [pair for pair in cut(pieces, found, variants) if max(map(len, pair)) <= LONGEST and any(pair)]
        german += [pair[0] for pair in kept]
        english += [pair[1] for pair in kept]
        origin += [number] * len(kept)
        counts[row["file"]] = len(kept)
        for mix in MIXES:
            row[mix] = float(row[mix]) / (variants + 1)
    arrays = dict(origin=np.array(origin, np.uint16), **{mix: np.array([row[mix] for row in rows]) for mix in MIXES})
    arrays["german"], arrays["german_length"] = pack(german)
    arrays["english"], arrays["english_length"] = pack(english)
    np.savez(options.out / "pairs.npz", **arrays)
    summary = dict(vocabulary=pieces.vocab_size(), rows=len(origin), files=counts)
    (options.out / "stats.json").write_text(json.dumps(summary, indent=1))
    print(f"{len(origin):,} rows, {len(arrays['german']):,} German and {len(arrays['english']):,} English pieces")


main()
