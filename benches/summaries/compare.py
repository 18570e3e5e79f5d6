#!/usr/bin/env python3
"""Compares the summaries of `translate` with lead, LexRank, TextRank, Luhn and LSA (sumy) by ROUGE.

    pip install sumy numpy
    python benches/summaries/compare.py --program target/release/translate DATA

DATA is a folder with score.py and one or more files NAME.jsonl of records {"id", "document", "summary"}: German texts with
reference summaries. Every system sees the same sentences, those of `translate segment`, gives the fewest of its
sentences that reach as many words as the reference has, in reading order, and is cut to that many words before it is
scored. The model that translates has random weights: a summary depends on the German text alone.
"""

import argparse
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent.parent / "tests/fixtures/marian/joint-swish"
MOST_SENTENCES = 200


def words(text):
    return re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", text)


def plain(document):
    """Headings of wikis as lines of their own."""
    return re.sub(r"^=+ *(.*?) *=*$", r"\1", document, flags=re.MULTILINE)


def translate(program, folder, arguments):
    command = [program, *arguments]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if finished.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {finished.stderr}")
    return finished.stdout


def write_texts(gold, folder):
    for place, record in enumerate(gold):
        (folder / f"{place}.txt").write_text(plain(record["document"]), encoding="utf-8")


def sentences(program, folder, place):
    """The sentences of running text, without headings."""
    lines = translate(program, folder, ["segment", f"{place}.txt"]).splitlines()
    segments = [json.loads(line) for line in lines]
    return [segment["text"] for segment in segments if segment["kind"] == "paragraph"]


def ours(program, folder, gold):
    """The fewest sentences of `translate` that are long enough, for each text."""
    chosen = {}
    for count in range(1, MOST_SENTENCES):
        open_places = [place for place in range(len(gold)) if place not in chosen]
        if not open_places:
            break
        options = ["--offline", "--model", str(MODEL), "--beam", "1", "--max-length", "2", "--progress", "never"]
        files = [f"{place}.txt" for place in open_places]
        translate(program, folder, [*options, "-q", "-f", "json", "-o", "out", "--summary", str(count), *files])
        for place in open_places:
            report = json.loads((folder / "out" / f"{place}.de-en.json").read_text(encoding="utf-8"))
            summary = report["summary"]
            enough = len(words(summary["source"])) >= len(words(gold[place]["summary"]))
            if enough or len(summary["segments"]) < count:
                chosen[place] = [report["segments"][id]["source"] for id in summary["segments"]]
    return [chosen.get(place, []) for place in range(len(gold))]


def lead(texts, budgets):
    chosen = []
    for text, budget in zip(texts, budgets):
        count = 0
        while count < len(text) and sum(len(words(sentence)) for sentence in text[:count]) < budget:
            count += 1
        chosen.append(text[:count])
    return chosen


def peers(texts, budgets):
    from nltk.stem.snowball import GermanStemmer
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.summarizers.lex_rank import LexRankSummarizer
    from sumy.summarizers.lsa import LsaSummarizer
    from sumy.summarizers.luhn import LuhnSummarizer
    from sumy.summarizers.text_rank import TextRankSummarizer
    from sumy.utils import get_stop_words

    class Tokenizer:
        """sumy's own needs data from the network."""

        @staticmethod
        def to_words(sentence):
            return tuple(words(sentence))

    stemmer = GermanStemmer()
    for name, kind in [
        ("LexRank", LexRankSummarizer),
        ("TextRank", TextRankSummarizer),
        ("Luhn", LuhnSummarizer),
        ("LSA", LsaSummarizer),
    ]:
        chosen = []
        for text, budget in zip(texts, budgets):
            document = ObjectDocumentModel([Paragraph([Sentence(sentence, Tokenizer) for sentence in text])])
            summarizer = kind(stemmer.stem)
            summarizer.stop_words = get_stop_words("german")
            few, many = 1, len(text)
            while few < many:
                count = (few + many) // 2
                summary = summarizer(document, count)
                enough = sum(len(words(str(sentence))) for sentence in summary) >= budget
                few, many = (few, count) if enough else (count + 1, many)
            chosen.append([str(sentence) for sentence in summarizer(document, many)])
        yield name, chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path, metavar="DATA")
    parser.add_argument("--program", default="translate", help="the program, `translate` on the path by default")
    parser.add_argument("--without-peers", action="store_true", help="`translate` and lead only")
    arguments = parser.parse_args()
    scorer = arguments.data / "score.py"
    files = sorted(arguments.data.glob("*.jsonl")) if scorer.is_file() else []
    if not files:
        sys.exit(f"{arguments.data} holds no score.py with records in *.jsonl; nothing was compared")
    found = pathlib.Path(arguments.program)
    program = str(found.resolve()) if found.is_file() else arguments.program
    specification = importlib.util.spec_from_file_location("score", scorer)
    score = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(score)
    for file in files:
        gold = score.load(file)
        budgets = [len(words(record["summary"])) for record in gold]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write_texts(gold, folder)
            texts = [sentences(program, folder, place) for place in range(len(gold))]
            systems = {"translate": ours(program, folder, gold), "lead": lead(texts, budgets)}
        if not arguments.without_peers:
            systems.update(peers(texts, budgets))
        print(f"{file.name}, {len(gold)} texts\n\n| | ROUGE-1 | ROUGE-2 | ROUGE-L | mean | interval |\n|---|---|---|---|---|---|")
        for name, chosen in systems.items():
            predicted = [{"id": record["id"], "sentences": summary} for record, summary in zip(gold, chosen)]
            means, low, high, _, _ = score.evaluate(gold, predicted)
            figures = " | ".join(f"{value:.1f}" for value in [*means, sum(means) / 3])
            print(f"| {name} | {figures} | {low:.1f} to {high:.1f} |", flush=True)


if __name__ == "__main__":
    main()
