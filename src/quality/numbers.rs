//! Numbers: those written in figures on one side must be on the other, in figures or in words.
//!
//! In: source and target. Out: which are missing or new. "1.234,5 Mio." is "1,234.5 million" or "1.2345 billion",
//! "14.30 Uhr" is "2.30 p.m.", "19 Fahrgäste" may be "Nineteen passengers", "10.10.2025" "10 October 2025". Number words
//! only ever explain figures; they need no counterpart themselves, for "ein" and "one" are not always numbers.

use std::collections::HashSet;

use super::number_words::{scale_of_word, word_values};
use super::words;

/// How many numbers a message names at most on either side.
const NAMED: usize = 4;

/// What is missing in the target or new in it.
pub(super) fn check(source: &str, target: &str) -> Option<String> {
    let clock = words(source).any(|word| matches!(word, "Uhr" | "h" | "halb"));
    let source = Numbers::read(source, Language::German, clock);
    let target = Numbers::read(target, Language::English, clock);
    let missing = target.lacks(&source, clock).into_iter().map(|surface| format!("{surface} is missing"));
    let new = source.lacks(&target, clock).into_iter().map(|surface| format!("{surface} is not in the source"));
    let doubts: Vec<String> = missing.chain(new).collect();
    Some(doubts.join("; ")).filter(|doubts| !doubts.is_empty())
}

/// The first few numbers in figures of an English sentence that the English text it was made from does not hold.
pub(super) fn invented(language: Language, text: &str, sentence: &str) -> Vec<String> {
    let text = Numbers::read(text, language, false);
    let sentence = Numbers::read(sentence, language, false);
    text.lacks(&sentence, false).into_iter().map(str::to_owned).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    German,
    English,
}

/// `digits` × 10^`exponent`, without zeros at either end of `digits`, so that equal numbers are equal values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Value {
    digits: String,
    exponent: i32,
}

impl Value {
    pub(super) fn new(integer: &str, fraction: &str) -> Self {
        let all = format!("{integer}{fraction}");
        let digits = all.trim_end_matches('0');
        let exponent = (all.len() - digits.len()) as i32 - fraction.len() as i32;
        let digits = digits.trim_start_matches('0').to_owned();
        Self { exponent: if digits.is_empty() { 0 } else { exponent }, digits }
    }

    pub(super) fn integer(value: u64) -> Self {
        Self::new(&value.to_string(), "")
    }

    pub(super) fn times_ten_to(&self, power: i32) -> Self {
        Self { digits: self.digits.clone(), exponent: if self.digits.is_empty() { 0 } else { self.exponent + power } }
    }

    /// The value where it is a whole number of at most four digits: an hour, a year.
    fn small(&self) -> Option<u64> {
        let zeros = usize::try_from(self.exponent).ok().filter(|zeros| zeros + self.digits.len() <= 4)?;
        format!("0{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }

    /// What else the same may be called: "1989" is "89", and with a clock "14" is "2".
    fn aliases(&self, clock: bool) -> Vec<Self> {
        let other: Vec<u64> = match self.small() {
            Some(hour @ 0..=12) if clock => vec![hour + 12, 1900 + hour, 2000 + hour],
            Some(hour @ 13..=24) if clock => vec![hour - 12, 1900 + hour, 2000 + hour],
            Some(year @ 0..=99) => vec![1900 + year, 2000 + year],
            Some(year @ 1900..=2099) => vec![year % 100],
            _ => Vec::new(),
        };
        std::iter::once(self.clone()).chain(other.into_iter().map(Self::integer)).collect()
    }
}

/// One number in figures.
struct Figure {
    /// As it stands in the text, with its scale word.
    surface: String,
    /// What it says without a scale word, where it is one number.
    plain: Option<Value>,
    /// What it may mean.
    readings: Vec<Value>,
    /// The numbers it may be made of: hours and minutes, day and month.
    parts: Vec<Value>,
    /// Whether it is part of a name that the other language may spell out: "CO2".
    is_name: bool,
}

/// The numbers of one sentence.
struct Numbers {
    figures: Vec<Figure>,
    /// What a number of the other side may find here as its counterpart.
    values: HashSet<Value>,
    /// The same from number words.
    words: HashSet<Value>,
}

impl Numbers {
    fn read(text: &str, language: Language, clock: bool) -> Self {
        let runs = runs(text);
        // "3 bis 4 Millionen": the scale of one number may hold for its neighbours.
        let scales: HashSet<i32> = runs.iter().filter_map(|run| Some(scale(run.after, language)?.power)).collect();
        let figure = |run: &Run<'_>| {
            let (plain, parts) = meaning(run.text, language, clock);
            let scale = scale(run.after, language);
            // "seit 2015 Milliarden": a year before an amount without a number.
            let year = plain.as_ref().and_then(Value::small).is_some_and(|year| (1900..2100).contains(&year));
            let powers: Vec<i32> = match &scale {
                Some(scale) if scale.is_unit_too || year => vec![0, scale.power],
                Some(scale) => vec![scale.power],
                None => std::iter::once(0).chain(scales.iter().copied()).collect(),
            };
            let readings =
                plain.iter().flat_map(|value| powers.iter().map(|power| value.times_ten_to(*power))).collect();
            let scale_word = scale.and_then(|scale| run.after.get(..scale.end)).unwrap_or_default();
            Figure { surface: format!("{}{scale_word}", run.text), plain, readings, parts, is_name: run.in_word }
        };
        let figures: Vec<Figure> = runs.iter().map(figure).collect();
        let values = figures.iter().flat_map(|figure| figure.readings.iter().chain(&figure.parts).cloned()).collect();
        let mut words = word_values(text, language);
        if clock {
            // "0.30 Uhr" is "12.30 a.m.".
            words.insert(Value::integer(12));
        }
        Self { figures, values, words }
    }

    /// The first few figures of `other` that have no counterpart here, each once.
    fn lacks<'a>(&self, other: &'a Self, clock: bool) -> Vec<&'a str> {
        let here = |value: &Value| {
            value.aliases(clock).iter().any(|value| self.values.contains(value) || self.words.contains(value))
        };
        let found = |figure: &Figure| {
            figure.is_name
                || figure.readings.iter().any(here)
                || figure.plain.as_ref().is_some_and(|value| self.words.contains(value))
                || !figure.parts.is_empty() && figure.parts.iter().all(here)
        };
        let mut named = HashSet::new();
        let lacking = other.figures.iter().filter(|figure| !found(figure)).map(|figure| figure.surface.as_str());
        lacking.filter(|surface| named.insert(*surface)).take(NAMED).collect()
    }
}

/// Digits with separators between them, and the text after them.
pub(super) struct Run<'a> {
    pub(super) text: &'a str,
    pub(super) after: &'a str,
    /// Whether a letter stands right before them.
    pub(super) in_word: bool,
}

/// The runs of digits in a text.
///
/// A separator counts when digits stand on both sides; a space only between groups of thousands ("10 000").
pub(super) fn runs(text: &str) -> Vec<Run<'_>> {
    let digits_from = |start: usize| text.bytes().skip(start).take_while(u8::is_ascii_digit).count();
    let mut runs = Vec::new();
    let mut position = 0;
    while let Some(start) = text.get(position..).and_then(|rest| rest.find(|c: char| c.is_ascii_digit())) {
        let start = position + start;
        let first = digits_from(start);
        position = start + first;
        let mut thousands = first <= 3;
        while let Some(separator) = text.get(position..).and_then(|rest| rest.chars().next()) {
            let next = position + separator.len_utf8();
            let group = digits_from(next);
            let joins = match separator {
                '.' | ',' | ':' => group > 0,
                '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => thousands && group == 3,
                _ => false,
            };
            if !joins {
                break;
            }
            thousands &= group == 3;
            position = next + group;
        }
        if let (Some(before), Some(run), Some(after)) =
            (text.get(..start), text.get(start..position), text.get(position..))
        {
            runs.push(Run { text: run, after, in_word: before.ends_with(char::is_alphabetic) });
        }
    }
    runs
}

/// A run of digits as one number, and as the numbers it may be made of.
fn meaning(run: &str, language: Language, clock: bool) -> (Option<Value>, Vec<Value>) {
    let (thousand, decimal) = match language {
        Language::German => ('.', ','),
        Language::English => (',', '.'),
    };
    let separators: Vec<char> = run.chars().filter(|character| !character.is_ascii_digit()).collect();
    let groups: Vec<&str> = run.split(|character: char| !character.is_ascii_digit()).collect();
    let grouped = |groups: &[&str], separators: &[char]| {
        groups.first().is_some_and(|group| separators.is_empty() || group.len() <= 3)
            && groups.iter().skip(1).all(|group| group.len() == 3)
            && separators.iter().all(|separator| *separator == thousand || !matches!(separator, '.' | ',' | ':'))
    };
    // "15.00 Uhr" is "3 p.m.": no minutes need to be found.
    let parts = || {
        let nonzero = groups.iter().map(|group| Value::new(group, "")).filter(|value| !value.digits.is_empty());
        nonzero.collect::<Vec<Value>>()
    };
    if grouped(&groups, &separators) {
        return (Some(Value::new(&groups.concat(), "")), Vec::new());
    }
    if let ([integer @ .., fraction], [thousands @ .., last]) = (groups.as_slice(), separators.as_slice())
        && *last == decimal
        && grouped(integer, thousands)
    {
        let time = clock && *last == '.';
        return (Some(Value::new(&integer.concat(), fraction)), if time { parts() } else { Vec::new() });
    }
    // Times, dates, versions, scores; a point before one or two digits is a decimal point to some.
    let decimal = match (groups.as_slice(), separators.as_slice()) {
        ([integer, fraction], ['.']) => Some(Value::new(integer, fraction)),
        _ => None,
    };
    (decimal, parts())
}

/// A word after a number that multiplies it.
struct Scale {
    power: i32,
    /// Where the word ends in the text after the number.
    end: usize,
    /// Whether it may be a unit instead: "5m" is five million or five metres.
    is_unit_too: bool,
}

fn scale(after: &str, language: Language) -> Option<Scale> {
    let word_start = after.find(|character: char| !matches!(character, ' ' | '\u{a0}' | '\u{202f}' | '-' | '‑'))?;
    let rest = after.get(word_start..).filter(|_| word_start <= 2)?;
    let word_end = rest.find(|character: char| !character.is_alphabetic()).unwrap_or(rest.len());
    let word = rest.get(..word_end)?;
    let power = scale_of_word(word, language).or(match (language, word) {
        (Language::English, "m" | "M") if word_start == 0 => Some(6),
        (Language::English, "b") if word_start == 0 => Some(9),
        (Language::English, "k" | "K") if word_start == 0 => Some(3),
        _ => None,
    })?;
    Some(Scale { power, end: word_start + word_end, is_unit_too: word.len() == 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_in_another_dress_is_no_doubt() {
        for (source, target) in [
            ("Der Umsatz stieg auf 1.234,5 Mio. Euro.", "Revenue rose to 1,234.5 million euros."),
            ("Der Umsatz stieg auf 1.234,5 Mio. Euro.", "Revenue rose to €1.2345bn."),
            ("zwischen 4,85 und 4,95 Mrd. Euro", "between 4.85 billion and 4.95 billion euros"),
            ("von 3 Milliarden auf 5", "from 3 billion to 5 billion"),
            ("Am 4. Juli 2024", "On July 4, 2024"),
            ("gültig bis 11.10.2025, 15.00 Uhr", "valid until 11 October 2025, 3 p.m."),
            ("um 14.30 Uhr", "at 2:30 p.m."),
            ("um 0.30 Uhr", "at 12.30 a.m."),
            ("um halb drei", "at 2.30"),
            ("gegen 12 Uhr", "around noon"),
            ("19 Fahrgäste, 250 Helfer", "Nineteen passengers, two hundred and fifty helpers"),
            ("zwölf Tage, zweiundvierzig Wochen", "12 days, 42 weeks"),
            ("eine halbe Million", "500,000"),
            ("in den 90er Jahren", "in the 1990s"),
            ("im 19. Jahrhundert", "in the nineteenth century"),
            ("Ludwig XIV.", "Louis the 14th"),
            ("10 000 Euro, 5'000 Franken", "10,000 euros, 5,000 francs"),
            ("2,50 Euro", "€2.50"),
            ("Saison 2024/25", "2024-2025 season"),
            ("Sie gewannen 3:2", "They won 3-2"),
            ("Version 4.2", "version 4.2"),
            ("der dreitägige Gipfel", "the 3-day summit"),
            ("seit 2015 Milliarden", "billions since 2015"),
            ("der CO2-Preis", "the carbon price"),
            ("um ein Fünftel", "by 20 percent"),
            ("ein Mann", "a man"),
            ("", ""),
        ] {
            assert_eq!(check(source, target), None, "{source} / {target}");
        }
    }

    #[test]
    fn a_changed_number_is_a_doubt() {
        for (source, target, detail) in [
            ("4,8 Mio. Euro", "4.8 billion euros", "4,8 Mio is missing; 4.8 billion is not in the source"),
            ("Umsatz: 1.350 Euro", "Revenue: 1.350 euros", "1.350 is missing; 1.350 is not in the source"),
            ("2.200.112 Stimmen", "2,200,12 votes", "2.200.112 is missing; 2,200,12 is not in the source"),
            ("Am 4. Juli 2024", "On 4 July", "2024 is missing"),
            ("Um 14.30 Uhr", "At 2.50 p.m.", "14.30 is missing; 2.50 is not in the source"),
            ("Sie kamen an.", "They arrived in 2019.", "2019 is not in the source"),
        ] {
            assert_eq!(check(source, target).as_deref(), Some(detail), "{source} / {target}");
        }
    }
}
