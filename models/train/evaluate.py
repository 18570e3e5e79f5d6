"""Translate a test set and score it; or translate the lines of a text.

usage: python evaluate.py FULL TEST.tsv|TEXT.txt [--beam 4] [--first N]
       python evaluate.py RUN/last.pt TEST.tsv|TEXT.txt --data DATA [--beam 4] [--first N] [--device cuda]

A test set has `German<TAB>English` lines. FULL is a float32 directory (export.py or expand.py), run by CTranslate2 on
one thread; the averaged weights of a checkpoint are run by decode.py.
"""

import argparse
import tempfile
from pathlib import Path

import sacrebleu
import sentencepiece
import torch


def with_ctranslate2(options, german):
    import ctranslate2

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(options.model / "source.spm"))
    with tempfile.TemporaryDirectory() as converted:
        ctranslate2.converters.TransformersConverter(str(options.model)).convert(converted, force=True)
        translator = ctranslate2.Translator(converted, intra_threads=1, inter_threads=1)
        found = translator.translate_batch(
            [pieces.encode(line, out_type=str) + ["</s>"] for line in german], beam_size=options.beam,
            max_batch_size=1024, batch_type="tokens", max_decoding_length=200)
    return [pieces.decode(result.hypotheses[0]) for result in found]


def with_checkpoint(options, german):
    from decode import translate
    from train import load_network

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(options.data / "joint.spm"))
    network = load_network(options.model, options.device)
    return [pieces.decode(ids) for ids, _ in translate(network, pieces.encode(german), options.beam, 20_000)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("text", type=Path)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--first", type=int)
    parser.add_argument("--data", type=Path, help="of a checkpoint: where its joint.spm lies")
    parser.add_argument("--device", type=torch.device, default="cpu")
    options = parser.parse_args()
    rows = [line.split("\t") for line in options.text.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = rows[:options.first]
    translate = with_checkpoint if options.model.is_file() else with_ctranslate2
    english = translate(options, [row[0] for row in rows])
    if len(rows[0]) == 1:
        for (german,), line in zip(rows, english):
            print(f"DE {german}\nEN {line}")
        return
    reference = [row[1] for row in rows]
    for row, line in list(zip(rows, english))[:8]:
        print(f"DE  {row[0]}\nREF {row[1]}\nEN  {line}")
    print(f"{len(rows)} sentences, beam {options.beam}: {sacrebleu.corpus_bleu(english, [reference])} "
          f"{sacrebleu.corpus_chrf(english, [reference])}")


main()
