//! Dates. In: words. Out: days, months and seasons of a year. A year alone counts only where the text calls it one.

use crate::bitext::FactKind;
use crate::words::Word;

use super::Found;

/// The months of German and of English.
const MONTHS: &[(&str, &str)] = &[
    ("Januar", "January"),
    ("Jänner", "January"),
    ("Februar", "February"),
    ("März", "March"),
    ("April", "April"),
    ("Mai", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("August", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Dezember", "December"),
];

/// Parts of a year that stand before it.
const PARTS: &[(&str, &str)] = &[
    ("Anfang", "beginning of"),
    ("Mitte", "middle of"),
    ("Ende", "end of"),
    ("Frühjahr", "spring"),
    ("Frühling", "spring"),
    ("Sommer", "summer"),
    ("Herbst", "autumn"),
];

/// The dates of a sentence, each read from the longest form that is there.
pub(super) fn find(words: &[Word<'_>]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut rest = words;
    while let [_, tail @ ..] = rest {
        match days(rest).or_else(|| figures(rest)).or_else(|| part_of_year(rest)) {
            Some((used, source, target)) => {
                found.push(Found { kind: FactKind::Date, source, target });
                rest = rest.get(used..).unwrap_or_default();
            }
            None => rest = tail,
        }
    }
    found
}

/// "4. Juli", "4. Juli 2024", "10. bis 12. Mai 2025": how many words, the German, the English.
fn days(words: &[Word<'_>]) -> Option<(usize, String, String)> {
    let first = day(words.first()?)?;
    if let Some(month) = words.get(1).and_then(month) {
        let (used, year) = year_after(words, 1);
        return Some((used, format!("{first}. {}{year}", words.get(1)?.text), format!("{first} {month}{year}")));
    }
    let (joined, english) = match words.get(1)?.text {
        "bis" | "–" | "-" => ("bis", "to"),
        "und" => ("und", "and"),
        _ => return None,
    };
    let second = day(words.get(2)?).filter(|second| *second > first)?;
    let month = words.get(3).and_then(month)?;
    let (used, year) = year_after(words, 3);
    let german = words.get(3)?.text;
    Some((
        used,
        format!("{first}. {joined} {second}. {german}{year}"),
        format!("{first} {english} {second} {month}{year}"),
    ))
}

/// "10.10.2025".
fn figures(words: &[Word<'_>]) -> Option<(usize, String, String)> {
    let text = words.first()?.text;
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (_, month) = match month.parse::<usize>().ok()? {
        0 => None,
        // The second entry is another name of January.
        1 => MONTHS.first(),
        month => MONTHS.get(month),
    }?;
    let day: u8 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    (parts.next().is_none() && is_year(year)).then(|| (1, text.to_owned(), format!("{day} {month} {year}")))
}

/// "Juli 2023", "Sommer 2026", "Ende 2025", "Jahr 2035".
fn part_of_year(words: &[Word<'_>]) -> Option<(usize, String, String)> {
    let [first, second, rest @ ..] = words else { return None };
    if !first.joins_next() || !is_year(second.text) || second.joins_next() && rest.first().is_some_and(is_counted) {
        return None;
    }
    // Half of "2021 bis 2024" is no date.
    let goes_on = second.joins_next()
        && matches!(rest, [join, year, ..] if ["bis", "und", "–"].contains(&join.text) && is_year(year.text));
    if goes_on {
        return None;
    }
    let year = second.text;
    let part = MONTHS.iter().chain(PARTS).find(|(german, _)| *german == first.text);
    match (part, first.text) {
        (Some((german, english)), _) => Some((2, format!("{german} {year}"), format!("{english} {year}"))),
        (None, "Jahr" | "Jahres") => Some((2, year.to_owned(), year.to_owned())),
        _ => None,
    }
}

/// The day that "4." may stand for.
fn day(word: &Word<'_>) -> Option<u8> {
    let short = word.text.len() <= 2 && word.text.bytes().all(|byte| byte.is_ascii_digit());
    word.text.parse().ok().filter(|day| short && word.has_full_stop() && (1..=31).contains(day))
}

fn month(word: &Word<'_>) -> Option<&'static str> {
    MONTHS.iter().find(|(german, _)| *german == word.text).map(|(_, english)| *english)
}

/// How many words a date takes whose month is the one at `month`, and " 2024" where the year follows.
fn year_after(words: &[Word<'_>], month: usize) -> (usize, String) {
    let joined = words.get(month).is_some_and(Word::joins_next);
    match words.get(month + 1).filter(|year| joined && is_year(year.text)) {
        Some(year) => (month + 2, format!(" {}", year.text)),
        None => (month + 1, String::new()),
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u16>().is_ok_and(|year| (1500..2200).contains(&year))
}

/// Whether a number before the word may count it: "im Mai 2000 Besucher".
fn is_counted(word: &Word<'_>) -> bool {
    word.text.starts_with(char::is_uppercase) || word.text.starts_with(['%', '€'])
}
