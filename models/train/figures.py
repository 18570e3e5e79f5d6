"""Write PAIRS/figures.tsv.gz: pairs with times of day, dates and sections of laws once more, with other figures in the place of theirs.

usage: python figures.py PAIRS

A figure is exchanged where it stands once on each side and means the same: "19.45 Uhr" and "7:45 p.m.", "11.10.2025" and
"October 11, 2025", "1.234,5" and "1,234.5". Times stay in their half of the day. What a sentence then says is not true, and
need not be: its figures have to be brought over.
"""

import argparse
import collections
import random
import re
from pathlib import Path

from texts import files_of, read, write

FILES = ("authored", "newstest")  # how the names of the files begin
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
MONATE = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"]
TIME = {
    "german": re.compile(r"(?<![\w.,:/-])(\d{1,2})(?:([.:])(\d\d))?(?= Uhr\b|(?: Uhr)? (?:bis|und|oder) \d{1,2}(?:[.:]\d\d)? Uhr\b)"),
    "english": re.compile(r"(?<![\w.,:/-])(\d{1,2})(?:(:)(\d\d))?(?= ?[ap]\.m\.| (?:to|and|or|until) \d{1,2}(?::\d\d)? ?[ap]\.m\.)"),
}
HALF = re.compile(r"([ap])\.m\.")
DATE = {
    "german": re.compile(r"(?<![\w.,:/-])(\d{1,2})\.(?:(\d{1,2})\.(?=\d{4})| (" + "|".join(MONATE) + r")\b)(?: ?(\d{4})\b)?"),
    "english": re.compile(r"\b(" + "|".join(MONTHS) + r") (\d{1,2})\b(?:, (\d{4})\b)?"),
}
NUMBER = {
    "german": re.compile(r"(?<![\w.,:/-])(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?(?![\w:/]|[.,]\d| Uhr\b)"),
    "english": re.compile(r"(?<![\w.,:/-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w:/]|[.,]\d| noon\b)"),
}
MARKED = re.compile(r"\d Uhr\b|§|\b\d{1,2}\.\d{1,2}\.\d{4}\b|\b\d{1,2}\. (?:" + "|".join(MONATE) + r") \d{4}\b")
SHORT = 8  # words of a line: a heading, an entry of a list or a label with what it says
VARIANTS, VARIANTS_OF_SHORT, MOST = 8, 4, 60000
IN_FIGURES = 0.7  # how many dates with a year become "11.10.2025"
YEARS = range(1900, 2040)


def figures(text, side):
    """Span of each figure: what it means, and how it is written."""
    found = {}

    def add(span, value, style):
        if not any(start < span[1] and span[0] < end for start, end in found):
            found[span] = value, style

    for match in TIME[side].finditer(text):
        hour, minute = int(match[1]), int(match[3] or 0)
        if side == "english":
            half = HALF.search(text, match.end())[1]
            hour = hour % 12 + 12 * (half == "p")
        if hour % 12:  # noon and midnight have words of their own
            add(match.span(), ("time", hour, minute), (match[2], match[1].startswith("0")))
    for match in DATE[side].finditer(text):
        if side == "english":
            day, month, year, in_figures = match[2], MONTHS.index(match[1]) + 1, match[3], False
        else:
            day, month, year, in_figures = match[1], match[2] or MONATE.index(match[3]) + 1, match[4], bool(match[2])
        add(match.span(), ("date", int(day), int(month), year and int(year)), in_figures)
    for match in NUMBER[side].finditer(text):
        group, point = (".", ",") if side == "german" else (",", ".")
        plain = match[0].replace(group, "").replace(point, ".")
        if not plain.startswith("0") or plain.startswith("0."):
            add(match.span(), ("number", plain), group in match[0])
    return found


def other(value, randomness):
    """A figure of the same kind and form."""
    if value[0] == "time":
        minute = value[2] and randomness.choice([randomness.randrange(5, 60, 5), randomness.randrange(1, 60)])
        return "time", randomness.randrange(1, 12) + 12 * (value[1] > 12), minute
    if value[0] == "date":
        return "date", randomness.randrange(1, 29), randomness.randrange(1, 13), value[3] and randomness.randrange(1990, 2027)
    if value[1].isdigit() and int(value[1]) in YEARS:
        return "number", str(randomness.choice(YEARS))
    is_none_or_one = value[1][0] in "01" and len(value[1].split(".")[0]) == 1
    lowest = 1 if len(value[1]) > 1 else 2  # one thing stays one thing
    first = value[1][0] if is_none_or_one else str(randomness.randrange(lowest, 10))
    return "number", first + "".join(str(randomness.randrange(10)) if digit != "." else "." for digit in value[1][1:])


def written(value, style, side):
    """A figure as it stands in a text."""
    if value[0] == "time":
        hour = value[1] if side == "german" else (value[1] - 1) % 12 + 1
        point, padded = style
        return (f"{hour:02}" if padded else str(hour)) + (f"{point}{value[2]:02}" if point else "")
    if value[0] == "date":
        _, day, month, year = value
        if side == "english":
            return f"{MONTHS[month - 1]} {day}" + (f", {year}" if year else "")
        return f"{day:02}.{month:02}.{year}" if style else f"{day}. {MONATE[month - 1]}" + (f" {year}" if year else "")
    whole, _, decimals = value[1].partition(".")
    group, point = (".", ",") if side == "german" else (",", ".")
    return (f"{int(whole):,}".replace(",", group) if style else whole) + (point + decimals if decimals else "")


def exchanged(pair, randomness):
    """The pair with other figures, or none if it holds none that can be told."""
    sides = ("german", "english")
    found = [figures(text, side) for text, side in zip(pair, sides)]
    counts = [collections.Counter(value for value, _ in figure.values()) for figure in found]
    common = [value for value in counts[0] if all(count[value] == 1 for count in counts)]
    new = {value: other(value, randomness) for value in common}
    times = sorted(value for value in common if value[0] == "time")  # from early to late, as before
    new |= {time: ("time", hour, new[time][2]) for time, hour in zip(times, sorted(new[time][1] for time in times))}
    if not new or len(set(new.values())) < len(new):
        return None
    texts = []
    for text, side, figure in zip(pair, sides, found):
        for (start, end), (value, style) in sorted(figure.items(), reverse=True):
            if value in new:
                if value[0] == "date" and value[3] and side == "german":
                    style = randomness.random() < IN_FIGURES
                text = text[:start] + written(new[value], style, side) + text[end:]
        texts.append(text)
    return tuple(texts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs", type=Path)
    folder = parser.parse_args().pairs
    randomness, made = random.Random(37), set()
    for file in files_of(FILES):
        for pair in read(folder, file, "both"):
            marked, short = MARKED.search(pair[0]), len(pair[0].split()) <= SHORT
            for _ in range(VARIANTS if marked else VARIANTS_OF_SHORT if short else 0):
                variant = exchanged(pair, randomness)
                if variant and variant != pair:
                    made.add(variant)
    made = sorted(made)
    randomness.shuffle(made)
    write(folder, "figures", made[:MOST])
    print(f"{len(made):,} pairs, {min(len(made), MOST):,} of them written")


if __name__ == "__main__":
    main()
