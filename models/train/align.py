"""Find for each target piece the source piece it translates, to guide attention in training.

usage: python align.py DATA

IBM model 1 with a preference for the diagonal as in fast_align (https://aclanthology.org/N13-1073), learnt on a sample
of the pairs. Writes DATA/align.npy: for each target piece of pairs.npz the place of its source piece, or 255 for none.
"""

import sys
from pathlib import Path

import numpy as np

from pairs import NONE

SAMPLE, LONGEST, ROUNDS, TENSION, EMPTY = 120_000, 30, 4, 4.0, 0.08


def cells(source, target, starts, lengths, chosen):
    """For all pairs of pieces in the chosen sentence pairs: source id, target id, diagonal preference, target index."""
    source_length, target_length = lengths[0][chosen], lengths[1][chosen]
    rows = np.repeat(np.arange(len(chosen)), target_length)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(target_length) - target_length, target_length)
    width = source_length[rows]
    cell_row = np.repeat(np.arange(len(rows)), width)
    column = np.arange(len(cell_row)) - np.repeat(np.cumsum(width) - width, width)
    sentence = rows[cell_row]
    distance = np.abs((place[cell_row] + 0.5) / target_length[sentence] - (column + 0.5) / source_length[sentence])
    preference = np.exp(-TENSION * distance).astype(np.float32)
    preference /= np.bincount(cell_row, preference, len(rows)).astype(np.float32)[cell_row]
    target_index = starts[1][chosen][rows] + place
    source_ids = source[starts[0][chosen][sentence] + column].astype(np.int64)
    return source_ids * 65536 + target[target_index][cell_row], preference, cell_row, column, target_index


def learn(source, target, starts, lengths, chosen, vocabulary):
    """Sorted keys (source * 65536 + target) and their probabilities, and that of each target piece by itself."""
    key, preference, cell_row, _, target_index = cells(source, target, starts, lengths, chosen)
    keys, which = np.unique(key, return_inverse=True)
    which = which.astype(np.int32)
    alone = np.bincount(target[target_index], minlength=vocabulary) / len(target_index)
    empty = EMPTY * alone[target[target_index]]
    table = np.full(len(keys), 1 / vocabulary)
    for _ in range(ROUNDS):
        weight = preference * table[which] * (1 - EMPTY)
        weight /= (np.bincount(cell_row, weight, len(target_index)) + empty)[cell_row]
        count = np.bincount(which, weight, len(keys))
        by_source = np.bincount(keys >> 16, count, vocabulary)
        table = count / (by_source[keys >> 16] + 1e-9)
    return keys, table, alone


def main():
    data = Path(sys.argv[1])
    packed = np.load(data / "pairs.npz")
    source, target = packed["german"], packed["english"]
    lengths = [packed[side + "_length"].astype(np.int64) for side in ("german", "english")]
    starts = [np.cumsum(length) - length for length in lengths]
    pairs = np.flatnonzero(np.minimum(*lengths))
    vocabulary = int(max(source.max(), target.max())) + 1
    random = np.random.default_rng(1)
    short = pairs[np.maximum(*lengths)[pairs] <= LONGEST]
    sample = random.permutation(short)[:SAMPLE]
    keys, table, alone = learn(source, target, starts, lengths, sample, vocabulary)
    found = np.full(len(target), NONE, np.uint8)
    for part in np.array_split(pairs, max(1, len(pairs) // 10_000)):
        key, preference, cell_row, column, target_index = cells(source, target, starts, lengths, part)
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        score = np.where(keys[at] == key, table[at], 0) * preference * (1 - EMPTY)
        first = np.flatnonzero(np.diff(cell_row, prepend=-1))
        best = np.maximum.reduceat(score, first)
        place = np.full(len(target_index), NONE)
        hit = np.flatnonzero(score == best[cell_row])[::-1]
        place[cell_row[hit]] = column[hit]
        found[target_index] = np.where(best > EMPTY * alone[target[target_index]], place, NONE)
    np.save(data / "align.npy", found)
    print(f"{np.mean(found != NONE):.1%} of {len(found):,} target pieces aligned")


main()
