"""Write ../../src/quality/english.bloom: a Bloom filter of the English words of the texts of data.tsv.

usage: python words.py --pairs DIR

The program doubts words of its English that are not in it; how it looks them up is written in ../../src/quality/unknown_words.rs.
"""

import argparse
import csv
import gzip
import re
from pathlib import Path

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
    folder, here = parser.parse_args().pairs, Path(__file__).parent
    words = set()
    with open(here / "data.tsv", encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            own = here / "pairs" / f"{row['file']}.tsv.gz"
            if row["sides"] != "german":
                with gzip.open(own if own.exists() else folder / own.name, "rt", encoding="utf-8") as lines:
                    for line in lines:
                        found = WORD.findall(line.rstrip("\n").split("\t")[1])
                        words.update(word.lower() for word in found if len(word) >= SHORTEST and word.isascii() and word.isalpha())
    filled = bytearray(len(words) * BITS_A_WORD // 8)
    for word in words:
        first, step = fnv(word) % 2**32, fnv(word) >> 32 | 1
        for probe in range(PROBES):
            bit = (first + probe * step) % (8 * len(filled))
            filled[bit // 8] |= 1 << bit % 8
    (here / "../../src/quality/english.bloom").write_bytes(filled)
    print(f"{len(words):,} words, {len(filled):,} bytes")


main()
