"""Write ../../src/quality/english.bloom: a Bloom filter of the English words of the texts of data.tsv.

usage: python words.py --pairs DIR

The program doubts words of its English that are not in it; how it looks them up is written in ../../src/quality/unknown_words.rs.
"""

import argparse
import re
from pathlib import Path

from texts import HERE, data_rows, read

PROBES, BITS_A_WORD, SHORTEST = 10, 14, 3
WORD = re.compile(r"[^\W_]+")


def fnv(word):
    """FNV-1a with 64 bits."""
    found = 0xCBF29CE484222325
    for byte in word.encode():
        found = (found ^ byte) * 0x100000001B3 % 2**64
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=Path, required=True)
    folder = parser.parse_args().pairs
    words = set()
    for row in data_rows():
        for _, english in read(folder, row["file"], row["sides"]):
            found = WORD.findall(english)
            words.update(word.lower() for word in found if len(word) >= SHORTEST and word.isascii() and word.isalpha())
    filled = bytearray(len(words) * BITS_A_WORD // 8)
    for word in words:
        first, step = fnv(word) % 2**32, fnv(word) >> 32 | 1
        for probe in range(PROBES):
            bit = (first + probe * step) % (8 * len(filled))
            filled[bit // 8] |= 1 << bit % 8
    (HERE / "../../src/quality/english.bloom").write_bytes(filled)
    print(f"{len(words):,} words, {len(filled):,} bytes")


main()
