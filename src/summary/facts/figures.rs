//! Numbers with a unit. In: words. Out: amounts, shares and counts, with what limits them ("rund", "mehr als").
//!
//! A word before the number that may turn it into something else, such as "über" or "minus", leaves it out, and so does one
//! that denies it.

use crate::bitext::FactKind;
use crate::lexicon;
use crate::words::Word;

use super::Found;

/// Words before a number that are part of what it says.
const LIMITS: &[(&str, &str)] = &[
    ("bis zu", "up to"),
    ("mehr als", "more than"),
    ("weniger als", "less than"),
    ("bis", "up to"),
    ("rund", "about"),
    ("etwa", "about"),
    ("circa", "about"),
    ("ca", "about"),
    ("ungefähr", "about"),
    ("gut", "just over"),
    ("knapp", "just under"),
    ("fast", "almost"),
    ("beinahe", "almost"),
    ("nahezu", "almost"),
    ("mindestens", "at least"),
    ("wenigstens", "at least"),
    ("höchstens", "at most"),
    ("maximal", "at most"),
];

/// Words before a number that change it in a way that is not certain.
const UNCERTAIN: &[&str] = &["über", "unter", "minus", "plus", "als", "von", "unterhalb", "oberhalb"];

/// Words before what limits a number that change both: "minus rund 3 Prozent", "weniger als etwa 5 Euro".
const UNCERTAIN_BEFORE_LIMIT: &[&str] = &["minus", "als"];

/// Words that deny a figure, though others may stand between: "nicht mehr als", "kaum noch", "nicht um 5 Prozent, sondern".
const DENIALS: &[&str] = &[
    "nicht",
    "nichts",
    "kein",
    "keine",
    "keinem",
    "keinen",
    "keiner",
    "keines",
    "keinesfalls",
    "keineswegs",
    "kaum",
    "nie",
    "niemals",
    "selten",
    "statt",
    "weder",
];

/// So many words before a figure may deny it.
const DENIED_WITHIN: usize = 3;

/// Words for powers of ten.
const SCALES: &[(&str, &str)] = &[
    ("Tsd", "thousand"),
    ("Mio", "million"),
    ("Millionen", "million"),
    ("Mrd", "billion"),
    ("Milliarden", "billion"),
    ("Bio", "trillion"),
    ("Billionen", "trillion"),
];

/// The figures of a sentence in order.
pub(super) fn find(words: &[Word<'_>]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match figure(words, at) {
            Some((end, figure)) => {
                found.extend(figure);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The figure that begins here: the place after it, and the figure where it is certain.
fn figure(words: &[Word<'_>], at: usize) -> Option<(usize, Option<Found>)> {
    let word = words.get(at)?;
    let (number, glued) = split(word.text);
    let first = english(number)?;
    let mut source = number.to_owned();
    let mut target = first;
    let mut last = at;
    let between = before(words, at, 1).is_some_and(|before| before.eq_ignore_ascii_case("zwischen"));
    let join = words.get(at + 1).map(|word| word.text);
    if glued.is_empty()
        && word.joins_next()
        && matches!((between, join), (true, Some("und")) | (false, Some("bis" | "–")))
    {
        let upper = words.get(at + 2)?;
        if let Some(number) = english(split(upper.text).0) {
            source = format!("{source} bis {}", split(upper.text).0);
            target = format!("{target} to {number}");
            last = at + 2;
        }
    } else if between {
        return None;
    }
    let glued = words.get(last).map_or("", |word| split(word.text).1);
    let (end, unit) = match lexicon::unit(glued) {
        Some(unit) => {
            source.push_str(glued);
            (last + 1, unit.to_owned())
        }
        None if glued.is_empty() => unit(words, last, &mut source)?,
        None => return None,
    };
    // "4 von 10 Euro", "1 Euro"
    let lone_one = target == "1" && !SCALES.iter().any(|(_, scale)| unit.starts_with(scale));
    let one_before = before(words, at, 1).unwrap_or_default();
    if lone_one {
        return Some((end, None));
    }
    let two_before = before(words, at, 2).map_or_else(String::new, |two| format!("{two} {one_before}"));
    let mut limit = "";
    let (german, english) = LIMITS
        .iter()
        .find(|(german, _)| two_before.eq_ignore_ascii_case(german) || one_before.eq_ignore_ascii_case(german))
        .copied()
        .unwrap_or_default();
    let limit_words = german.split_whitespace().count();
    let is_one_of = |list: &[&str], before: Option<&str>| {
        before.is_some_and(|word| list.iter().any(|one| word.eq_ignore_ascii_case(one)))
    };
    let denied = (1..=DENIED_WITHIN).any(|distance| is_one_of(DENIALS, before(words, at, limit_words + distance)));
    if denied || limit_words > 0 && is_one_of(UNCERTAIN_BEFORE_LIMIT, before(words, at, limit_words + 1)) {
        return Some((end, None));
    }
    if german.is_empty() {
        let counted = one_before == "von"
            && before(words, at, 2).is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let uncertain = UNCERTAIN.iter().any(|word| one_before.eq_ignore_ascii_case(word));
        if counted || uncertain && one_before != "von" {
            return Some((end, None));
        }
    } else {
        limit = german;
    }
    let found = if limit.is_empty() {
        Found { kind: FactKind::Figure, source, target: format!("{target} {unit}") }
    } else {
        Found {
            kind: FactKind::Figure,
            source: format!("{german} {source}"),
            target: format!("{english} {target} {unit}"),
        }
    };
    Some((end, Some(found)))
}

/// The word so many before, where nothing stands between.
fn before<'a>(words: &[Word<'a>], at: usize, distance: usize) -> Option<&'a str> {
    let start = at.checked_sub(distance)?;
    let between = words.get(start..at)?;
    let joined = between.iter().all(|word| word.joins_next() || word.has_full_stop() && word.text == "ca");
    between.first().filter(|_| joined && words.get(at).is_some_and(|word| word.before.is_empty())).map(|word| word.text)
}

/// Scale and unit after the number at `at`, put behind the German text: the place after them, and the English.
fn unit(words: &[Word<'_>], at: usize, source: &mut String) -> Option<(usize, String)> {
    let joined = |place: usize, scale: bool| {
        words.get(place).is_some_and(|word| word.joins_next() || scale && word.has_full_stop())
    };
    let next = words.get(at + 1).filter(|_| joined(at, false))?;
    let scale = SCALES.iter().find(|(german, _)| *german == next.text);
    let (place, english) = match scale {
        Some((german, english)) => {
            let stop = if next.has_full_stop() { "." } else { "" };
            source.push_str(&format!(" {german}{stop}"));
            (at + 2, format!("{english} "))
        }
        None => (at + 1, String::new()),
    };
    let word = words.get(place).filter(|_| scale.is_none() || joined(at + 1, true))?;
    let unit = lexicon::unit(word.text)?;
    source.push_str(&format!(" {}", word.text));
    Some((place + 1, format!("{english}{unit}")))
}

/// A number and the sign that is glued to it ("3,5%").
fn split(text: &str) -> (&str, &str) {
    let number = text.trim_end_matches(['%', '€']);
    (number, text.get(number.len()..).unwrap_or_default())
}

/// The English form of a number in German form, with its sign; `None` where it is in none.
fn english(number: &str) -> Option<String> {
    let unsigned = number.strip_prefix(['+', '-', '−', '–']).unwrap_or(number);
    let sign = number.get(..number.len() - unsigned.len())?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (integer, fraction) = match unsigned.split_once(',') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (unsigned, None),
    };
    let groups: Vec<&str> = integer.split('.').collect();
    let grouped = groups.len() == 1
        || groups.first().is_some_and(|first| first.len() <= 3 && !first.starts_with('0'))
            && groups.iter().skip(1).all(|group| group.len() == 3);
    if !grouped || !groups.iter().all(|group| digits(group)) || !fraction.is_none_or(digits) {
        return None;
    }
    let fraction = fraction.map_or_else(String::new, |fraction| format!(".{fraction}"));
    Some(format!("{}{}{fraction}", sign.replace(['−', '–'], "-"), groups.join(",")))
}
