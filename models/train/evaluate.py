"""Translate a test set with CTranslate2 on one thread and score it; or translate the lines of a text.

usage: python evaluate.py FULL TEST.tsv|TEXT.txt [--beam 4] [--first N]

A test set has `German<TAB>English` lines. FULL is a float32 directory (export.py or expand.py).
"""

import argparse
import tempfile
from pathlib import Path

import ctranslate2
import sacrebleu
import sentencepiece


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("text", type=Path)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--first", type=int)
    options = parser.parse_args()
    rows = [line.split("\t") for line in options.text.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = rows[:options.first]
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(options.model / "source.spm"))
    with tempfile.TemporaryDirectory() as converted:
        ctranslate2.converters.TransformersConverter(str(options.model)).convert(converted, force=True)
        translator = ctranslate2.Translator(converted, intra_threads=1, inter_threads=1)
        found = translator.translate_batch(
            [pieces.encode(row[0], out_type=str) + ["</s>"] for row in rows], beam_size=options.beam,
            max_batch_size=1024, batch_type="tokens", max_decoding_length=200)
    english = [pieces.decode(result.hypotheses[0]) for result in found]
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
