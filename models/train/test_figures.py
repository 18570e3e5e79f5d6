"""Figures are exchanged on both sides alike, or not at all.

usage: python test_figures.py
"""

import random

from figures import exchanged, figures

PAIR = ("Stand: 28.02.2026, 06.15 Uhr; nach § 40 Abs. 2 stieg der Preis am 3. Mai zwischen 14 und 17 Uhr um 1.234,5 Mio. Euro.",
        "As of February 28, 2026, 6:15 a.m.; under Section 40(2), the price rose by 1,234.5 million euros between 2 and 5 p.m. on May 3.")


def values(text, side):
    return sorted(map(str, (value for value, _ in figures(text, side).values())))


def test_both_sides_say_the_same_before_and_after():
    assert values(PAIR[0], "german") == values(PAIR[1], "english") and len(values(PAIR[0], "german")) == 8
    for seed in range(200):
        german, english = exchanged(PAIR, random.Random(seed)) or PAIR
        assert values(german, "german") == values(english, "english")


def test_words_for_hours_stay_with_their_hours():
    for german, english in (("Bis Freitag, 12 Uhr.", "By 12 noon on Friday."), ("Um 0.30 Uhr.", "At 12:30 a.m."), ("Az. 4/23", "Ref. 4/23")):
        assert exchanged((german, english), random.Random(1)) is None


def test_hours_keep_their_order_and_half_of_the_day():
    pair = ("Von 9 bis 18 Uhr, danach bis 20 Uhr.", "From 9 a.m. to 6 p.m., then until 8 p.m.")
    for seed in range(200):
        german, _ = exchanged(pair, random.Random(seed)) or pair
        hours = [value[1] for value, _ in figures(german, "german").values() if value[0] == "time"]
        assert hours == sorted(hours) and hours[0] < 12 < hours[1]


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print(name)
