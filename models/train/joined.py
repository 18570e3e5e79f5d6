"""Write PAIRS/joined.tsv.gz: two neighbouring pairs of a file as one.

usage: python joined.py PAIRS

Long sentences are few, and the small network loses parts of them. Two sentences in a row make it go on where one has ended.
"""

import argparse
import random
from pathlib import Path

from texts import data_rows, read, write

FILES = ("authored", "newstest", "wmt20", "europarl", "contrawsd", "xquad", "mt_geneval", "tatoeba")  # how the names of the files begin
SHORTEST, LONGEST = 40, 420  # characters of the German
SHARE = 0.4  # of the pairs that a file has as neighbours of others


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs", type=Path)
    folder = parser.parse_args().pairs
    randomness, made = random.Random(41), []
    for row in data_rows():
        if row["sides"] != "both" or not row["file"].startswith(FILES):
            continue
        pairs = list(read(folder, row["file"], "both"))
        for first, second in zip(pairs[::2], pairs[1::2]):
            joined = tuple(" ".join(texts) for texts in zip(first, second))
            if SHORTEST <= len(joined[0]) <= LONGEST and all(text.endswith((".", "?", "!", '"', "“")) for text in first) \
                    and randomness.random() < SHARE * min(1, float(row["weight"])):
                made.append(joined)
    write(folder, "joined", made)
    print(f"{len(made):,} pairs")


main()
