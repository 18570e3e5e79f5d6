"""Write PAIRS/names.tsv.gz: pairs of the news and others that are rich in names once more, with other names in the place of theirs.

usage: python names.py PAIRS

A name is what stands with a capital letter in the middle of the English and to the letter the same in the German, once in
each. It is replaced by another of as many words; single words behind "in", "nach" and the like by one that was found behind
them too, capitals by capitals. What a sentence then says is not true, and need not be: its names have to be copied.
"""

import argparse
import collections
import random
import re
from pathlib import Path

from texts import files_of, read, write

FILES = ("newstest2008-18_ref", "wmt20-24_ende_ref", "opennmt_wmt14_demo", "contrawsd", "ud_pud", "xquad", "mt_geneval", "europarl_sample",
         "authored_o", "authored_q", "authored_r", "authored_s", "authored_t")  # how the names of the files begin
WORD = re.compile(r"[^\W\d_][\w’'-]*\w|[A-Z]")
BEFORE_PLACES = {"in", "nach", "aus", "bei", "bis"}
SHORTEST, LONGEST = 31, 499  # characters of the German
MOST_WORDS = 3
# With a capital in English too, or found there in titles.
NO_NAMES = set("April August September November Euro Internet Name Information Person Film Park Hotel Die Der Das Post Art Hand Land Minister Amt "
               "Man Million Bank Sport Arm Student Rest Tag Not Bad Band Kind Lager Gift Wind Winter Butter Service Problem System Bus Club Team "
               "Plan Start Trend Test Video Computer Museum Restaurant Union Mr Dr Herr Frau".split())


def names(german, english):
    """(kind, span in the German, span in the English) of each name."""
    sides = [list(WORD.finditer(text)) for text in (german, english)]
    counts = [collections.Counter(word.group() for word in words) for words in sides]
    places = {word.group(): place for place, word in enumerate(sides[1])}

    def place(at):
        word = sides[0][at].group() if at < len(sides[0]) else ""
        is_name = word[:1].isupper() and len(word) > 1 and word not in NO_NAMES and all(count[word] == 1 for count in counts)
        return places[word] if is_name else None

    def is_next(at, english_at):
        gaps = (text[words[end - 1].end():words[end].start()] for text, words, end in zip((german, english), sides, (at, english_at)))
        return place(at) == english_at and all(gap == " " for gap in gaps)

    at = 0
    while at < len(sides[0]):
        first, start = place(at), at
        at += 1
        if first is None:
            continue
        while is_next(at, first + at - start):
            at += 1
        count = at - start
        spans = [(words[begin].start(), words[begin + count - 1].end()) for words, begin in zip(sides, (start, first))]
        if count > MOST_WORDS or first == 0 and count == 1:
            continue
        before = sides[0][start - 1].group().lower() if start else ""
        is_place = count == 1 and before in BEFORE_PLACES
        yield "capitals" if german[slice(*spans[0])].isupper() else "place" if is_place else count, *spans


def replaced(text, spans, new):
    """The text with something else in each span."""
    for (start, end), name in sorted(zip(spans, new), reverse=True):
        text = text[:start] + name + text[end:]
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs", type=Path)
    folder = parser.parse_args().pairs
    found, kinds = [], collections.defaultdict(set)
    for file in files_of(FILES):
        for german, english in read(folder, file, "both"):
            named = list(names(german, english)) if SHORTEST <= len(german) <= LONGEST else []
            if named:
                found.append((german, english, named))
                for kind, span, _ in named:
                    kinds[kind].add(german[slice(*span)])
    kinds = {kind: sorted(known) for kind, known in kinds.items()}
    randomness = random.Random(31)
    pairs = []
    for german, english, named in found:
        new = [randomness.choice(kinds[kind]) for kind, _, _ in named]
        pairs.append(tuple(replaced(text, [name[side] for name in named], new) for side, text in ((1, german), (2, english))))
    write(folder, "names", pairs)
    print(f"{len(found):,} pairs, {sum(map(len, kinds.values())):,} names")


main()
