"""The rows of data.tsv, and the pairs of the files that they name; files of pairs made from them."""

import csv
import gzip
from pathlib import Path

HERE = Path(__file__).parent


def data_rows():
    """A dictionary for each file, by the columns of data.tsv."""
    with open(HERE / "data.tsv", encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


def read(elsewhere, file, sides):
    """The (German, English) pairs of a file; with one side alone the other is empty, and no sentence comes twice."""
    seen = set()
    own = HERE / "pairs" / f"{file}.tsv.gz"
    path = own if own.exists() else elsewhere / own.name
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            german, english, *_ = line.rstrip("\n").split("\t")
            if sides == "both" and german and english:
                yield german, english
            elif sides != "both":
                text = german if sides == "german" else english
                if text and text not in seen:
                    seen.add(text)
                    yield (text, "") if sides == "german" else ("", text)


def files_of(beginnings):
    """The files with both sides whose names begin in one of these ways."""
    return [row["file"] for row in data_rows() if row["sides"] == "both" and row["file"].startswith(beginnings)]


def write(elsewhere, file, pairs):
    """Write such a file; the same pairs make the same bytes."""
    with gzip.GzipFile(elsewhere / f"{file}.tsv.gz", "wb", mtime=0) as out:
        out.writelines(("\t".join(pair) + "\n").encode() for pair in pairs)
