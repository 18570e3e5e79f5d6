//! Words → the numbers they may stand for: "zweihundertfünfzig", "nineteenth", "Dutzend", "XIV"; and fractions: "½",
//! "3/4".
//!
//! In: a text and its language. Out: values. Generous on purpose: these values only ever explain figures that stand on
//! the other side, so a value too many hides a fault at worst, and one too few raises a false alarm.

use std::collections::HashSet;

use super::numbers::{Language, Value};
use super::words;

/// The power of ten that a word multiplies by: "Mio", "thousand".
pub(super) fn scale_of_word(word: &str, language: Language) -> Option<i32> {
    const GERMAN: &[(&str, i32)] = &[
        ("tausend", 3),
        ("tsd", 3),
        ("million", 6),
        ("mio", 6),
        ("milliard", 9),
        ("mrd", 9),
        ("billiard", 15),
        ("billion", 12),
        ("trillion", 18),
    ];
    const ENGLISH: &[(&str, i32)] =
        &[("thousand", 3), ("million", 6), ("mn", 6), ("billion", 9), ("bn", 9), ("trillion", 12), ("tn", 12)];
    let table = if language == Language::German { GERMAN } else { ENGLISH };
    let word = word.to_lowercase();
    table.iter().find(|(start, _)| word.starts_with(start)).map(|(_, power)| *power)
}

/// A fraction between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) above: u64,
    pub(super) below: u64,
    /// How many runs of figures it takes in the text: none for "½".
    pub(super) runs: usize,
    /// Its length in bytes.
    pub(super) length: usize,
}

impl Fraction {
    const fn of(above: u64, below: u64) -> Self {
        Self { above, below, runs: 0, length: 0 }
    }

    /// With a whole number in figures before it: exactly, where three figures are enough, and to two figures.
    pub(super) fn decimals(self, whole: &str) -> Vec<Value> {
        let exact = format!("{:03}", self.of_thousand());
        let short = format!("{:02}", (self.of_thousand() + 5) / 10);
        [exact, short].map(|fraction| Value::new(whole, &fraction)).into()
    }

    /// In percent, rounded down and up.
    pub(super) fn percents(self) -> Vec<Value> {
        [self.of_thousand() / 10, (self.of_thousand() + 5) / 10].map(Value::integer).into()
    }

    fn of_thousand(self) -> u64 {
        self.above * 1000 / self.below
    }
}

/// The fractions that are one character.
const VULGAR: [(char, Fraction); 15] = [
    ('½', Fraction::of(1, 2)),
    ('⅓', Fraction::of(1, 3)),
    ('⅔', Fraction::of(2, 3)),
    ('¼', Fraction::of(1, 4)),
    ('¾', Fraction::of(3, 4)),
    ('⅕', Fraction::of(1, 5)),
    ('⅖', Fraction::of(2, 5)),
    ('⅗', Fraction::of(3, 5)),
    ('⅘', Fraction::of(4, 5)),
    ('⅙', Fraction::of(1, 6)),
    ('⅚', Fraction::of(5, 6)),
    ('⅛', Fraction::of(1, 8)),
    ('⅜', Fraction::of(3, 8)),
    ('⅝', Fraction::of(5, 8)),
    ('⅞', Fraction::of(7, 8)),
];

/// The fraction that a character is.
pub(super) fn vulgar(character: char) -> Option<Fraction> {
    VULGAR.iter().find(|(vulgar, _)| *vulgar == character).map(|(_, fraction)| *fraction)
}

/// The fraction that belongs to the whole number before it: "2½", "2 1/2", "2 and a half".
pub(super) fn fraction_after(after: &str) -> Option<Fraction> {
    const HALVES: [&str; 2] = [" and a half", "-and-a-half"];
    if let Some(half) = HALVES.iter().find(|half| after.starts_with(**half)) {
        return Some(Fraction { length: half.len(), ..Fraction::of(1, 2) });
    }
    let rest = after.strip_prefix([' ', '\u{a0}', '\u{202f}', '-']).unwrap_or(after);
    let space = after.len() - rest.len();
    let first = rest.chars().next()?;
    if let Some(fraction) = vulgar(first) {
        return Some(Fraction { length: space + first.len_utf8(), ..fraction });
    }
    let digit = rest.get(..1).filter(|_| space > 0 && first.is_ascii_digit())?;
    let fraction = simple_fraction("", digit, rest.get(1..)?)?;
    Some(Fraction { runs: 2, length: space + 1 + fraction.length, ..fraction })
}

/// The fraction of two figures, "3/4", whose length is counted from the first one's end.
pub(super) fn simple_fraction(before: &str, above: &str, after: &str) -> Option<Fraction> {
    let rest = after.strip_prefix(['/', '⁄'])?;
    let below = rest.get(..1)?;
    let goes_on = |character: char| character.is_alphanumeric() || "/⁄".contains(character);
    let next = rest.get(1..)?;
    let decimal = next.strip_prefix(['.', ',', ':']).is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
    let alone = !before.ends_with(goes_on) && !next.starts_with(goes_on) && !decimal;
    let value = |figure: &str| figure.parse::<u64>().ok().filter(|value| (1..=9).contains(value) && figure.len() == 1);
    let fraction = Fraction { runs: 1, length: after.len() - next.len(), ..Fraction::of(value(above)?, value(below)?) };
    (alone && fraction.above < fraction.below).then_some(fraction)
}

/// The values that the words of a text may stand for.
pub(super) fn word_values(text: &str, language: Language) -> HashSet<Value> {
    let mut values = HashSet::new();
    let words: Vec<String> = words(text).map(str::to_lowercase).collect();
    values.extend(super::words(text).filter_map(roman).map(Value::integer));
    let number = |word: &str| match language {
        Language::German => german(word),
        Language::English => english(word),
    };
    // What the number words before this one come to: "two hundred" before "fifty".
    let mut sum: u64 = 0;
    // The same before "and".
    let mut before_and: u64 = 0;
    // A number that is not whole, which a scale may follow: "zweieinhalb Millionen".
    let mut mixed: Vec<Value> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = |back: usize| at.checked_sub(back).and_then(|at| words.get(at)).map_or("", String::as_str);
        values.extend(hinted(word).iter().copied().map(Value::integer));
        if let Some(power) = scale_of_word(word, language) {
            let whole = Value::integer(sum.max(1));
            // "eine halbe Million", "anderthalb Millionen"
            let halves = [Value::new("0", "5"), Value::new("1", "5")];
            values.extend(
                std::iter::once(whole).chain(halves).chain(mixed.drain(..)).map(|value| value.times_ten_to(power)),
            );
            sum = sum.max(1).saturating_mul(10_u64.saturating_pow(power.unsigned_abs()));
            continue;
        }
        if let Some((fraction, rest)) = fraction_word(word, before(1), number) {
            mixed = fraction.decimals("0");
            values.extend(mixed.iter().cloned().chain(fraction.percents()));
            if fraction.above > 1 {
                values.extend([fraction.above, fraction.below].map(Value::integer));
            }
            // "Viertelstunde", "Dreivierteljahr", "Viertelmillion"
            for (start, parts) in [("stund", 60), ("stünd", 60), ("jahr", 12), ("jähr", 12)] {
                if rest.starts_with(start) {
                    values.insert(Value::integer(parts * fraction.above / fraction.below));
                }
            }
            if let Some(power) = scale_of_word(rest, language) {
                values.extend(mixed.drain(..).map(|value| value.times_ten_to(power)));
            }
        } else if let Some((whole, rest)) = and_a_half(word) {
            let value = Value::new(&whole.to_string(), "5");
            values.extend(scale_of_word(rest, language).map(|power| value.times_ten_to(power)));
            values.insert(value.clone());
            mixed = vec![value];
            sum = 0;
            continue;
        } else if matches!(word.as_str(), "half" | "halves") {
            let whole = match (before(2), before(1)) {
                ("and", "a") if before_and > 0 => before_and,
                // "a year and a half", "two years and a half"
                ("and", "a") => number(before(4)).or((before(4) == "a").then_some(1)).unwrap_or(0),
                _ => 0,
            };
            mixed = vec![Value::new(&whole.to_string(), "5")];
            values.extend(mixed.iter().cloned());
        } else if !matches!(word.as_str(), "of" | "a" | "einer" | "eine") {
            mixed.clear();
        }
        match number(word) {
            Some(100) if language == Language::English => sum = sum.max(1).saturating_mul(100),
            Some(value) => {
                values.insert(Value::integer(value));
                sum = sum.saturating_add(value);
            }
            None if matches!(word.as_str(), "and" | "und") => before_and = sum,
            None => sum = 0,
        }
        values.insert(Value::integer(sum));
    }
    // "halb drei" is half past two.
    if words.iter().any(|word| word.eq_ignore_ascii_case("halb")) {
        let before: Vec<Value> = (2..=12)
            .filter(|hour| values.contains(&Value::integer(*hour)))
            .map(|hour| Value::integer(hour - 1))
            .collect();
        values.extend(before);
    }
    values
}

/// What words that are no numbers may stand for in figures, in either language.
fn hinted(word: &str) -> &'static [u64] {
    const NUMBERS: [&[u64]; 12] = [&[1], &[2], &[3], &[4], &[5], &[6], &[7], &[8], &[9], &[10], &[11], &[12]];
    if let Some(month) = month(word) {
        return NUMBERS.get(month - 1).copied().unwrap_or_default();
    }
    match word {
        "a" | "an" | "once" | "single" | "einmal" => &[1],
        "both" | "twice" | "double" | "doubled" | "pair" | "beide" | "beiden" | "doppelt" | "verdoppelt" => &[2],
        "triple" | "tripled" | "thrice" => &[3],
        "half" | "halves" | "halb" | "halbe" | "halben" | "halbes" | "hälfte" => &[2, 30, 50],
        "quarter" | "quarters" | "viertel" => &[4, 15, 25, 45],
        "third" | "thirds" | "drittel" => &[3, 33],
        "fifth" | "fünftel" => &[5, 20],
        "decade" | "decades" | "jahrzehnt" | "jahrzehnte" | "jahrzehnten" => &[10],
        "noon" | "midday" | "mittag" | "mittags" => &[12],
        "midnight" | "mitternacht" => &[0, 12, 24],
        "goalless" | "scoreless" | "nil" => &[0],
        // What they are called by the number of those who play: "round of 16", "last eight".
        "sechzehntelfinale" | "sechzehntelfinales" => &[32],
        "achtelfinale" | "achtelfinales" => &[8, 16],
        "viertelfinale" | "viertelfinales" => &[4, 8],
        "halbfinale" | "halbfinales" => &[2, 4],
        // Minutes.
        "anderthalb" => &[90],
        "½" => &[1, 2, 30, 50],
        "¼" => &[1, 4, 15, 25],
        "dozen" | "dutzend" => &[12],
        "fortnight" => &[14],
        _ => &[],
    }
}

/// The number of a month, from 1, by its name in either language, or the usual short form, in small letters.
pub(super) fn month(word: &str) -> Option<usize> {
    const MONTHS: [&[&str]; 12] = [
        &["januar", "jänner", "january", "jan"],
        &["februar", "february", "feb"],
        &["märz", "march"],
        &["april"],
        &["mai", "may"],
        &["juni", "june"],
        &["juli", "july"],
        &["august", "aug"],
        &["september", "sept", "sep"],
        &["oktober", "october", "okt", "oct"],
        &["november", "nov"],
        &["dezember", "december", "dez", "dec"],
    ];
    MONTHS.iter().position(|names| names.contains(&word)).map(|month| month + 1)
}

/// The fraction that a word is or opens with, with the number before it, and the rest of the word: "Dreiviertelstunde".
fn fraction_word<'a>(word: &'a str, before: &str, number: impl Fn(&str) -> Option<u64>) -> Option<(Fraction, &'a str)> {
    // The English singular has no number before it: "the third quarter".
    const ONE: &[(&str, u64)] = &[("quarter", 4), ("third", 3), ("fifth", 5), ("tenth", 10)];
    const PARTS: &[(&str, u64)] = &[
        ("halb", 2),
        ("drittel", 3),
        ("thirds", 3),
        ("viertel", 4),
        ("quarters", 4),
        ("fünftel", 5),
        ("fifths", 5),
        ("sechstel", 6),
        ("sixths", 6),
        ("achtel", 8),
        ("eighths", 8),
        ("zehntel", 10),
        ("tenths", 10),
    ];
    if let Some(fraction) = word.chars().next().filter(|first| first.len_utf8() == word.len()).and_then(vulgar) {
        return Some((fraction, ""));
    }
    if let Some((_, below)) = ONE.iter().find(|(part, _)| *part == word) {
        return Some((Fraction::of(1, *below), ""));
    }
    let (opening, below, rest) = PARTS.iter().find_map(|(part, below)| {
        let (opening, rest) = word.split_once(part)?;
        Some((opening, *below, rest))
    })?;
    let above = if opening.is_empty() { number(before).unwrap_or(1) } else { number(opening)? };
    (above < below && above > 0 && !rest.starts_with("final")).then_some((Fraction::of(above, below), rest))
}

/// The whole number before "einhalb" in a word, and what follows: "zweieinhalb", "anderthalb", "dreieinhalbtausend".
fn and_a_half(word: &str) -> Option<(u64, &str)> {
    if let Some((_, rest)) = word.split_once("anderthalb") {
        return Some((1, rest));
    }
    let (whole, rest) = word.split_once("einhalb")?;
    Some((if whole.is_empty() { 0 } else { german(whole)? }, rest))
}

/// The value of a German number word, or of the one a word opens with: "dreitägig", "Fünfjahresplan", "zwölfte".
fn german(word: &str) -> Option<u64> {
    // Longer ones before those they open with.
    const PARTS: &[(&str, u64)] = &[
        ("dreizehn", 13),
        ("vierzehn", 14),
        ("fünfzehn", 15),
        ("sechzehn", 16),
        ("siebzehn", 17),
        ("achtzehn", 18),
        ("neunzehn", 19),
        ("zwanzig", 20),
        ("dreißig", 30),
        ("dreissig", 30),
        ("vierzig", 40),
        ("fünfzig", 50),
        ("sechzig", 60),
        ("siebzig", 70),
        ("achtzig", 80),
        ("neunzig", 90),
        ("hundert", 100),
        ("tausend", 1000),
        ("zehn", 10),
        ("elf", 11),
        ("zwölf", 12),
        ("null", 0),
        ("ein", 1),
        ("erst", 1),
        ("zwei", 2),
        ("zwo", 2),
        ("drei", 3),
        ("dritt", 3),
        ("vier", 4),
        ("fünf", 5),
        ("sechs", 6),
        ("sieb", 7),
        ("acht", 8),
        ("neun", 9),
        ("und", 0),
    ];
    let (mut total, mut current, mut rest) = (0_u64, 0_u64, word);
    if rest.starts_with("und") {
        return None;
    }
    while let Some((part, value)) = PARTS.iter().find(|(part, _)| rest.starts_with(part)) {
        rest = rest.get(part.len()..)?;
        match value {
            100 => current = current.max(1).saturating_mul(100),
            1000 => {
                total = total.saturating_add(current.max(1).saturating_mul(1000));
                current = 0;
            }
            value => current = current.saturating_add(*value),
        }
    }
    (rest.len() < word.len()).then(|| total.saturating_add(current))
}

/// The value of an English number word, cardinal, ordinal or decade.
fn english(word: &str) -> Option<u64> {
    const WORDS: &[(&str, u64)] = &[
        ("zero", 0),
        ("one", 1),
        ("first", 1),
        ("two", 2),
        ("second", 2),
        ("three", 3),
        ("third", 3),
        ("four", 4),
        ("five", 5),
        ("fifth", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("eighth", 8),
        ("nine", 9),
        ("ninth", 9),
        ("ten", 10),
        ("eleven", 11),
        ("twelve", 12),
        ("twelfth", 12),
        ("thirteen", 13),
        ("fourteen", 14),
        ("fifteen", 15),
        ("sixteen", 16),
        ("seventeen", 17),
        ("eighteen", 18),
        ("nineteen", 19),
        ("twenty", 20),
        ("thirty", 30),
        ("forty", 40),
        ("fifty", 50),
        ("sixty", 60),
        ("seventy", 70),
        ("eighty", 80),
        ("ninety", 90),
        ("hundred", 100),
    ];
    let value = |word: &str| WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    let tens = |word: &str, end: &str| value(&format!("{}y", word.strip_suffix(end)?));
    value(word)
        .or_else(|| tens(word, "ieth"))
        .or_else(|| tens(word, "ies"))
        .or_else(|| value(word.strip_suffix("th")?))
        .or_else(|| value(word.strip_suffix('s')?))
}

/// The value of a Roman numeral in capitals.
fn roman(word: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut before = 0;
    for letter in word.chars().rev() {
        let value = match letter {
            'I' => 1,
            'V' => 5,
            'X' => 10,
            'L' => 50,
            'C' => 100,
            'D' => 500,
            'M' => 1000,
            _ => return None,
        };
        total = if value < before { total.saturating_sub(value) } else { total.saturating_add(value) };
        before = value;
    }
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_words_have_values() {
        assert_eq!(german("zweihundertfünfundzwanzigtausend"), Some(225_000));
        assert_eq!(german("neunzehnhundertneunundachtzig"), Some(1989));
        assert_eq!(german("siebte"), Some(7));
        assert_eq!(german("haus"), None);
        assert_eq!(english("twentieth"), Some(20));
        assert_eq!(english("nineties"), Some(90));
        assert_eq!(roman("XIV"), Some(14));
        assert_eq!(and_a_half("dreieinhalbtausend"), Some((3, "tausend")));
        assert_eq!(and_a_half("anderthalb"), Some((1, "")));
        assert_eq!(roman("XiV"), None);
    }
}
