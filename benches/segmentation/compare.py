#!/usr/bin/env python3
"""Scores sentence splitters on gold segmentations in one run; see README.md beside this file.

Every tool gets the whole text, line breaks and all. One that answers with sentences only is aligned by the characters that are
no white space; a boundary is the number of those before it. Boundaries named as optional are neither rewarded nor punished.
"""

import argparse
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def positions(text):
    """For every offset, how many characters that are no white space stand before it."""
    counts = [0]
    for character in text:
        counts.append(counts[-1] + (not character.isspace()))
    return counts


def boundaries(spans, counts):
    """Both ends of every span, but for those of the text."""
    found = {counts[max(0, min(offset, len(counts) - 1))] for span in spans for offset in span}
    return found - {0, counts[-1]}


def spans_of(text, sentences):
    """Where sentences stand, however a tool changed white space."""
    counts, spans, seen = positions(text), [], 0
    first_at = {}
    for offset, count in enumerate(counts):
        first_at.setdefault(count, offset)
    for sentence in sentences:
        length = sum(not character.isspace() for character in sentence)
        spans.append([first_at.get(seen, len(text)), first_at.get(seen + length, len(text))])
        seen += length
    return spans


def translate(program):
    def cut(texts):
        with tempfile.TemporaryDirectory() as folder:
            for number, text in enumerate(texts):
                pathlib.Path(folder, f"{number:05}.txt").write_text(text, encoding="utf-8", newline="")
            output = subprocess.run([program, "segment", folder], stdout=subprocess.PIPE, check=True).stdout.decode()
        spans = [[] for _ in texts]
        for line in output.splitlines():
            segment = json.loads(line)
            spans[int(pathlib.Path(segment["file"]).stem)].append([segment["start"], segment["end"]])
        return spans

    return cut


def rust(program, *arguments):
    def cut(texts):
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        output = subprocess.run([program, *arguments], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
        answers = [json.loads(line) for line in output.decode().splitlines()]
        return [spans_of(text, sentences) for text, sentences in zip(texts, answers, strict=True)]

    return cut


def pysbd():
    import pysbd

    return lambda texts: [spans_of(text, pysbd.Segmenter(language="de", clean=False).segment(text)) for text in texts]


def sentence_splitter():
    from sentence_splitter import SentenceSplitter

    splitter = SentenceSplitter(language="de")
    return lambda texts: [spans_of(text, splitter.split(text)) for text in texts]


def syntok():
    import syntok.segmenter

    def cut(text):
        sentences = [sentence for paragraph in syntok.segmenter.analyze(text) for sentence in paragraph]
        return [[sentence[0].offset, sentence[-1].offset + len(sentence[-1].value)] for sentence in sentences if sentence]

    return lambda texts: [cut(text) for text in texts]


def score(gold, answers):
    right = wrong = missed = 0
    for item, spans in zip(gold, answers, strict=True):
        counts = positions(item["text"])
        expected = boundaries(item["spans"], counts)
        found = boundaries(spans, counts) - ({counts[offset] for offset in item.get("optional", [])} - expected)
        right, wrong, missed = right + len(found & expected), wrong + len(found - expected), missed + len(expected - found)
    return 200 * right / max(2 * right + wrong + missed, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--translate", default="target/release/translate")
    parser.add_argument("--srx", help="rules for the srx crate: segment.srx of LanguageTool")
    parser.add_argument("--peers", default=str(HERE / "rust/target/release/segment-peers"))
    arguments = parser.parse_args()
    files = sorted(arguments.directory.rglob("*.jsonl"))
    if not files:
        sys.exit(f"{arguments.directory}: no gold segmentations (*.jsonl) there")
    tools = {"translate": lambda: translate(arguments.translate), "pysbd": pysbd, "sentence-splitter": sentence_splitter, "syntok": syntok,
             "srx": lambda: rust(arguments.peers, "srx", arguments.srx), "icu_segmenter": lambda: rust(arguments.peers, "icu")}
    if not arguments.srx:
        tools.pop("srx")
        print("srx: left out, name its rules with --srx", file=sys.stderr)
    gold = {path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()] for path in files}
    print(f"Boundary F1, {datetime.date.today()}\n")
    print("| | " + " | ".join(gold) + " |")
    print("|---" * (len(gold) + 1) + "|")
    for name, make in tools.items():
        try:
            cut = make()
            scores = [score(items, cut([item["text"] for item in items])) for items in gold.values()]
        except (ImportError, OSError, subprocess.CalledProcessError) as missing:
            print(f"{name}: left out, {missing}", file=sys.stderr)
            continue
        print(f"| {name} | " + " | ".join(f"{value:.1f}" for value in scores) + " |", flush=True)


if __name__ == "__main__":
    main()
