"""This engine beside CTranslate2: same model directory, same sentences, same lengths, taking turns; medians and ratios.

usage: python benches/compare.py MODEL SENTENCES.de [--document TEXT.de] [--threads 2] [--rounds 3] [--work DIR]

MODEL is a Marian directory in the Hugging Face layout, with float32 weights. SENTENCES.de has one sentence a line. Target lengths are
forced to those of the sources, so that a model of random weights will do. The document is timed from the start of the
process to the finished text, the weights of both engines prepared by an earlier run. Needs ctranslate2 4, transformers,
torch and sentencepiece; builds the two release programs it runs. CTranslate2 gets the batch size that suits it best.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

TARGET = 24  # target tokens of each sentence of the document
BUDGETS = (512, 1024, 2048, 4096)
HERE = Path(__file__).resolve().parent


def rows(model, lines):
    """Pieces, ids and length of each sentence, as both engines take them."""
    import sentencepiece
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(model / "source.spm"))
    vocabulary = json.loads((model / "vocab.json").read_text(encoding="utf-8"))
    found = []
    for line in lines:
        split = pieces.encode(line, out_type=str)
        ids = [vocabulary.get(piece, vocabulary["<unk>"]) for piece in split] + [vocabulary["</s>"]]
        found.append(dict(pieces=split, ids=ids, len=len(split)))
    return [row for row in found if row["len"]]


def peer(options):
    """In a process of its own: CTranslate2's target tokens a second, or the translation of a document."""
    import ctranslate2
    sentences = json.loads(Path(options.input).read_text())
    side, inside = (1, options.threads) if options.single or options.cold else (options.threads, 1)
    translator = ctranslate2.Translator(options.converted, device="cpu", inter_threads=side, intra_threads=inside)
    if options.cold:
        found = translator.translate_batch(
            [row["pieces"] + ["</s>"] for row in sentences], beam_size=options.beam,
            min_decoding_length=TARGET, max_decoding_length=TARGET)
        return print("\n".join(" ".join(result.hypotheses[0]) for result in found))
    batches = []
    for row in sorted(sentences, key=lambda row: -row["len"]):
        if batches and not options.single and (len(batches[-1]) + 1) * len(batches[-1][0]["ids"]) <= options.budget:
            batches[-1].append(row)
        else:
            batches.append([row])

    def run():
        jobs = []
        for batch in batches:
            length = max(1, round(sum(row["len"] for row in batch) / len(batch)))
            jobs.append(translator.translate_batch(
                [row["pieces"] + ["</s>"] for row in batch], beam_size=options.beam, min_decoding_length=length,
                max_decoding_length=length, max_batch_size=0, asynchronous=not options.single))
        return sum(len((result if options.single else result.result()).hypotheses[0]) for job in jobs for result in job)

    if options.repetitions > 1:
        run()
    speeds = []
    for _ in range(options.repetitions):
        start = time.perf_counter()
        tokens = run()
        speeds.append(tokens / (time.perf_counter() - start))
    print(statistics.median(speeds))


def output(command, **settings):
    done = subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, check=True, **settings)
    return done.stdout


def build(kind):
    """The path of the program (`bin`) or the benchmark (`bench`) `translate`; cargo names both, in any order."""
    lines = output(["cargo", "build", "--release", "--" + kind, "translate", "--message-format", "json"], cwd=HERE.parent).splitlines()
    made = [made for made in map(json.loads, lines) if made.get("executable") and made["target"]["kind"] == [kind]]
    return next(made["executable"] for made in made if made["target"]["name"] == "translate")


def seconds(command, **settings):
    start = time.perf_counter()
    output(command, **settings)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("sentences", type=Path)
    parser.add_argument("--document", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path("compare-work"), help="a folder for what both engines prepare")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    converted = options.work / "ctranslate2-int8"
    if not converted.exists():
        import ctranslate2
        ctranslate2.converters.TransformersConverter(str(options.model)).convert(str(converted), quantization="int8")
    sentences = rows(options.model, options.sentences.read_text(encoding="utf-8").splitlines())
    everything, sample = options.work / "sentences.json", options.work / "sample.json"
    everything.write_text(json.dumps(sentences))
    sample.write_text(json.dumps(sentences[::8]))
    bench = build("bench")

    def ours(beam, single):
        text = output([bench, "--model", options.model, "--input", sample if single else everything, "--beam", beam, "--threads",
                       options.threads, "--repetitions", 3, "--prepared", options.work / "prepared"]
                      + ["--single"] * single)
        return float(re.search(r"per second: median (\d+)", text)[1])

    def theirs(beam, single, budget, repetitions=3):
        return float(output([sys.executable, __file__, "--peer", "--input", sample if single else everything, "--converted", converted,
                             "--beam", beam, "--threads", options.threads, "--budget", budget, "--repetitions", repetitions]
                            + ["--single"] * single))

    print(f"{options.threads} threads, {len(sentences)} sentences, target tokens a second (median of {options.rounds} rounds)")
    for name, beam, single in [("greedy", 1, False), ("beam 4", 4, False), ("single, greedy", 1, True), ("single, beam 4", 4, True)]:
        budget = 0 if single else max(BUDGETS, key=lambda budget: theirs(beam, single, budget, 1))
        pairs = [(ours(beam, single), theirs(beam, single, budget)) for _ in range(options.rounds)]
        report(name, [statistics.median(speeds) for speeds in zip(*pairs)], 1, f"batches of {budget}" * (not single))
    if options.document:
        program, document = build("bin"), options.work / "document.json"
        lines = [line for line in options.document.read_text(encoding="utf-8").splitlines() if line.strip()]
        document.write_text(json.dumps(rows(options.model, lines)))
        alone = dict(os.environ, HF_HUB_OFFLINE="1", HF_HOME=str((options.work / "cache").resolve()))
        for name, beam in [("cold document, greedy", 1), ("cold document, beam 4", 4)]:
            own = [program, "--lines", "-q", "-m", options.model, "--beam", beam, "--threads", options.threads, "--max-length", TARGET + 2,
                   options.document]
            other = [sys.executable, __file__, "--peer", "--cold", "--input", document, "--converted", converted,
                     "--beam", beam, "--threads", options.threads]
            seconds(own, env=alone)
            pairs = [(seconds(own, env=alone), seconds(other)) for _ in range(options.rounds)]
            report(name, [statistics.median(times) for times in zip(*pairs)], -1, "seconds")


def report(name, figures, direction, remark):
    mine, other = figures
    print(f"{name:24} {mine:8.3g} {other:8.3g}   ratio {(mine / other) ** direction:.2f}   {remark}", flush=True)


if sys.argv[1:2] == ["--peer"]:
    parser = argparse.ArgumentParser()
    for name in ("--peer", "--cold", "--single"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--input")
    parser.add_argument("--converted")
    for name in ("--beam", "--threads", "--budget", "--repetitions"):
        parser.add_argument(name, type=int, default=1)
    peer(parser.parse_args())
else:
    main()
