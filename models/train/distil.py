"""Add to packed pairs what a teacher makes of their sentences: English of the German, and German of the English.

usage: python distil.py --data DATA --teacher RUN/last.pt --out DISTILLED [--beam 4]

The teacher is a network trained with `train.py --both`. DISTILLED is laid out as DATA is; texts sampled low in
training are translated in part only. Its network then learns from the original pairs and from the teacher
(https://aclanthology.org/D16-1139, section 3.2), and from the teacher's German with people's English
(https://aclanthology.org/P16-1009).
"""

import argparse
import shutil
import time
from pathlib import Path

import numpy as np
import torch

from decode import translate
from pairs import LONGEST, MIXES, NONE, REVERSE, pack
from train import load_network

PORTION = 60_000  # sentences between looks at the clock


def translations(network, packed, side, sampled, seconds, options):
    """Rows, in order, with the ids of their sentences and of the translations; what weighs most in the end comes first."""
    start, random = time.time(), np.random.default_rng(1)
    lengths, origin = packed[side + "_length"].astype(np.int64), packed["origin"]
    rows = np.flatnonzero((random.random(len(origin)) < sampled[origin]) & (lengths > 0))
    rows = rows[np.lexsort([random.random(len(rows)), -packed["finishing_weight"][origin[rows]]])]
    sentences = np.split(packed[side], np.cumsum(lengths)[:-1])
    tag = [] if side == "german" else [REVERSE]
    found, done = {}, 0
    while done < len(rows) and time.time() - start < seconds:
        part = rows[done:done + PORTION]
        done += len(part)
        sources = [np.concatenate([tag, sentences[row]]) for row in part]
        for row, (ids, _) in zip(part, translate(network, sources, options.beam, options.budget)):
            if 0 < len(ids) <= LONGEST:
                found[row] = ids
    print(f"{side}: {len(found):,} translations of {done:,} sentences, of {len(rows):,}, in {time.time() - start:.0f} s", flush=True)
    kept = np.sort(np.fromiter(found, np.int64))
    return kept, [sentences[row] for row in kept], [found[row] for row in kept]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--budget", type=int, default=100_000, help="places of a batch")
    parser.add_argument("--minutes", type=float, nargs=2, default=(1e9, 1e9), help="for the German and for the English")
    parser.add_argument("--device", type=torch.device, default="cpu")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in ("stats.json", "joint.spm"):
        shutil.copyfile(options.data / name, options.out / name)
    packed = dict(np.load(options.data / "pairs.npz"))
    network = load_network(options.teacher, options.device)
    sampled = np.minimum(1, packed["weight"])
    parts = [packed]
    for number, (side, other) in enumerate([("german", "english"), ("english", "german")]):
        rows, sources, targets = translations(network, packed, side, sampled, options.minutes[number] * 60, options)
        part = {"origin": packed["origin"][rows].astype(np.int64) + len(sampled) * (number + 1)}
        for name, ids in ((side, sources), (other, targets)):
            part[name], part[name + "_length"] = pack(ids)
        parts.append(part)
    joined = {name: np.concatenate([part[name] for part in parts]).astype(packed[name].dtype)
              for name in packed if name not in MIXES}
    for mix in MIXES:
        each = packed[mix] / np.maximum(sampled, 1e-9)
        joined[mix] = np.concatenate([packed[mix], each, each])
    np.savez(options.out / "pairs.npz", **joined)
    places = np.load(options.data / "align.npy")
    unknown = np.full(len(joined["english"]) - len(places), NONE, np.uint8)
    np.save(options.out / "align.npy", np.concatenate([places, unknown]))


if __name__ == "__main__":
    main()
