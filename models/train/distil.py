"""Add to packed pairs what a network makes of the sentences of one side.

usage: python distil.py --data DATA --join PAIRS --side german --teacher RUN/last.pt --out OUT [--minutes M]

OUT has the pairs of PAIRS (prepare.py or this, of the same data.tsv) and the translations of DATA's German sentences, or of
its English ones by a network trained with `train.py --both`: those that nobody has translated first, and of texts sampled
low in training only a part. From the first a network learns what its teacher knows (https://aclanthology.org/D16-1139,
section 3.2), from the others more of people's English (https://aclanthology.org/P16-1009).
"""

import argparse
import shutil
import time
from pathlib import Path

import numpy as np
import torch

from decode import translate
from pairs import LONGEST, MIXES, REVERSE, pack
from train import load_network

PORTION = 15_000  # sentences between looks at the clock
WORST = -1.5  # mean log-probability of a translation that is kept


def translations(network, packed, side, sampled, options):
    """Rows, in order, with the ids of their sentences and of the translations; what nobody has translated comes first, then
    what weighs most in the end."""
    start, random = time.time(), np.random.default_rng(1)
    lengths, origin = packed[side + "_length"].astype(np.int64), packed["origin"]
    rows = np.flatnonzero((random.random(len(origin)) < sampled[origin]) & (lengths > 0))
    translated = np.minimum(packed["german_length"], packed["english_length"])[rows] > 0
    rows = rows[np.lexsort([random.random(len(rows)), -packed["finishing_weight"][origin[rows]], translated])]
    sentences = np.split(packed[side], np.cumsum(lengths)[:-1])
    tag = [] if side == "german" else [REVERSE]
    found, done = {}, 0
    while done < len(rows) and time.time() - start < options.minutes * 60:
        part = rows[done:done + PORTION]
        done += len(part)
        sources = [np.concatenate([tag, sentences[row]]) for row in part]
        for row, (ids, score) in zip(part, translate(network, sources, options.beam, options.budget)):
            if 0 < len(ids) <= LONGEST and score > WORST:
                found[row] = ids
    print(f"{side}: {len(found):,} translations of {done:,} sentences, of {len(rows):,}, in {time.time() - start:.0f} s", flush=True)
    kept = np.sort(np.fromiter(found, np.int64))
    return kept, [sentences[row] for row in kept], [found[row] for row in kept]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--join", type=Path, required=True)
    parser.add_argument("--side", choices=["german", "english"], required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--budget", type=int, default=100_000, help="places of a batch")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--device", type=torch.device, default="cpu")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in ("stats.json", "joint.spm"):
        shutil.copyfile(options.data / name, options.out / name)
    packed, joined = (dict(np.load(data / "pairs.npz")) for data in (options.data, options.join))
    sampled = np.minimum(1, packed["weight"])
    network = load_network(options.teacher, options.device)
    rows, sources, targets = translations(network, packed, options.side, sampled, options)
    found = {"origin": len(joined["weight"]) + packed["origin"][rows].astype(np.int64)}
    other = "english" if options.side == "german" else "german"
    for name, ids in ((options.side, sources), (other, targets)):
        found[name], found[name + "_length"] = pack(ids)
    for mix in MIXES:
        found[mix] = packed[mix] / np.maximum(sampled, 1e-9)
    np.savez(options.out / "pairs.npz", **{name: np.concatenate([old, found[name]]).astype(old.dtype) for name, old in joined.items()})


if __name__ == "__main__":
    main()
