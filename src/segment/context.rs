//! What stands before and after a mark that may end a sentence.
//!
//! In: the sentence up to the mark, or the text after it. Out: a class of each. No decision is taken here.

use crate::lexicon::{self, Abbreviation};

/// Farthest look back for the token before a mark, in bytes; longer tokens are addresses or noise.
const LONGEST_TOKEN: usize = 64;

/// What stands before a full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// An ordinary word.
    Word,
    Abbreviation(Abbreviation),
    /// A whole number of at most three digits: an ordinal or a cardinal.
    Ordinal,
    /// A longer whole number: a year, an amount, sometimes an ordinal.
    Whole,
    /// A decimal, a time, a full date.
    Number,
    /// "24.12": the day and month of a date.
    DayAndMonth,
    /// An upper-case Roman numeral of two and more letters.
    Roman,
    Initial,
}

/// What follows a mark and its white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// A word that can only begin a sentence.
    Starter,
    Capital,
    Month,
    Lower,
    Digit,
    /// A paragraph sign, a bullet: something that is neither word nor number.
    Symbol,
    /// A dash, a comma: the sentence goes on.
    Continuation,
    Nothing,
}

/// The first word after a mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next<'a> {
    pub class: After,
    pub word: &'a str,
    /// An opening quote or bracket stands before it.
    pub opened: bool,
}

/// Classes the token at the end of `head`, the sentence up to a full stop.
pub(super) fn before(head: &str) -> Before {
    let token = token(head);
    if token.is_empty() {
        return Before::Word;
    }
    if let Some(class) = abbreviation(head, token) {
        return Before::Abbreviation(class);
    }
    if let Some(number) = number(token) {
        return number;
    }
    let last = last_part(token, &['-', '/', '–']);
    if last.chars().nth(1).is_none() {
        // "A. Merkel", "K.-H. Müller", "dpa/K. Nietfeld"; but "120 m.", and "a/b" are no names.
        let is_letter = last.starts_with(char::is_alphabetic);
        let is_initial = last.len() == token.len() && !is_measured(head, token) || last.starts_with(char::is_uppercase);
        return if is_letter && is_initial { Before::Initial } else { Before::Word };
    }
    // "ev.-luth.", "Gen.-Sekr.": what is shortened in front is so at the end.
    if token.contains(".-") {
        return Before::Abbreviation(Abbreviation::Maybe);
    }
    if is_roman(last) {
        return Before::Roman;
    }
    let dotted_letters = last.contains('.') && last.split('.').all(|part| part.chars().nth(1).is_none());
    if dotted_letters || is_consonants(last) && !follows_number(head, token) {
        return Before::Abbreviation(Abbreviation::Maybe);
    }
    Before::Word
}

/// Classes what follows.
pub(super) fn after(rest: &str) -> Next<'_> {
    let rest = without_dash(rest);
    let inner = rest.trim_start_matches(['„', '`', '“', '"', '»', '«', '‚', '‘', '›', '‹', '\'', '(', '[', '¿', '¡']);
    let opened = inner.len() < rest.len();
    let word = leading_word(inner);
    let class =
        match inner.chars().next() {
            None => After::Nothing,
            Some(first) if first.is_ascii_digit() => After::Digit,
            Some(first) if first.is_alphabetic() => class_of_word(word, &inner[word.len()..]),
            Some(
                '-' | '–' | '—' | ',' | ';' | ':' | '.' | '!' | '?' | '…' | ')' | ']' | '/' | '&' | '+' | '=' | '%',
            ) if !opened => After::Continuation,
            Some(_) => After::Symbol,
        };
    Next { class, word, opened }
}

/// A dash right before a word opens a turn of a dialogue; one before a starter, a new thought.
fn without_dash(rest: &str) -> &str {
    let inner = rest.trim_start_matches(['-', '–', '—']);
    let spaced = inner.trim_start();
    let opens_turn = inner.starts_with(|c| matches!(c, '„' | '"' | '»' | '`') || char::is_uppercase(c));
    if opens_turn || spaced.len() < inner.len() && lexicon::is_starter(leading_word(spaced)) { spaced } else { rest }
}

fn class_of_word(word: &str, tail: &str) -> After {
    let mut letters = word.chars();
    let is_lower = letters.next().is_some_and(char::is_lowercase);
    // "eBay", "iPhone": names in lower case.
    if is_lower && !letters.next().is_some_and(char::is_uppercase) {
        After::Lower
    } else if lexicon::is_month(word) {
        After::Month
    } else if lexicon::is_starter(word) && !tail.starts_with(['-', '.']) {
        After::Starter
    } else {
        After::Capital
    }
}

/// "120 m", "5 t": a unit of one letter after a number.
fn is_measured(head: &str, token: &str) -> bool {
    matches!(token, "m" | "t" | "l" | "g" | "h") && follows_number(head, token)
}

/// The token at the end of `head`: back to white space, a quote or a bracket.
pub(super) fn token(head: &str) -> &str {
    let start = head
        .char_indices()
        .rev()
        .take_while(|(at, c)| {
            head.len() - at <= LONGEST_TOKEN
                && (c.is_alphanumeric()
                    || is_combining(*c)
                    || matches!(c, '.' | '-' | '–' | '/' | '_' | '@' | '&' | ',' | ':' | '%' | '’'))
        })
        .last()
        .map_or(head.len(), |(at, _)| at);
    head[start..].trim_start_matches(['.', ',', ':', '&', '/', '’'])
}

/// An accent of its own, as in a decomposed "ö".
fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// The word at the end of `head`, over white space and a full stop; a paragraph sign counts as one.
pub(super) fn last_word(head: &str) -> &str {
    let head = head.trim_end();
    let head = head.strip_suffix('.').unwrap_or(head);
    let start = head
        .char_indices()
        .rev()
        .take(LONGEST_TOKEN)
        .take_while(|(_, c)| c.is_alphabetic() || *c == '§')
        .last()
        .map_or(head.len(), |(at, _)| at);
    &head[start..]
}

pub(super) fn leading_word(text: &str) -> &str {
    text.find(|c: char| !c.is_alphabetic()).map_or(text, |end| &text[..end])
}

/// Whether the word says that a number before a noun is an ordinal: "am 1234. Tag", but "seit 1996. Fünf Staaten".
pub(super) fn is_determiner(word: &str) -> bool {
    const ARTICLES: [&str; 13] =
        ["der", "die", "das", "dem", "den", "des", "am", "im", "ins", "zum", "zur", "vom", "beim"];
    const STEMS: [&str; 8] = ["dies", "jed", "mein", "dein", "sein", "ihr", "unser", "eur"];
    const ENDINGS: [&str; 6] = ["", "e", "em", "en", "er", "es"];
    let word = word.to_lowercase();
    let is_inflected = |stem: &str| word.strip_prefix(stem).is_some_and(|ending| ENDINGS.contains(&ending));
    ARTICLES.contains(&word.as_str()) || STEMS.into_iter().any(is_inflected)
}

/// A Roman numeral or a single letter: what numbers something.
pub(super) fn is_numeral(word: &str) -> bool {
    word.chars().nth(1).is_none() || is_roman(word)
}

fn is_roman(word: &str) -> bool {
    word.bytes().all(|byte| b"IVXLCDM".contains(&byte))
}

/// Looks the token up, with the short tokens before it ("i. V. m.") and without what it is compounded with.
fn abbreviation(head: &str, last: &str) -> Option<Abbreviation> {
    let mut found = lexicon::abbreviation(last);
    let mut key = last.to_owned();
    let mut start = head.len() - last.len();
    for _ in 0..3 {
        let Some(stem) = head[..start].trim_end().strip_suffix('.') else { break };
        let part = token(stem);
        if part.is_empty() || part.chars().nth(3).is_some() || !part.chars().all(char::is_alphabetic) {
            break;
        }
        key = format!("{part}.{key}");
        found = lexicon::abbreviation(&key).or(found);
        start = stem.len() - part.len();
    }
    // "Dipl.-Ing", "Tel.-Nr", "Fl.Nr", "km/Std"; "Goethestr".
    let part = last_part(last, &['-', '/', '.', '–']);
    let compounded = || (part.len() < last.len() && part.chars().nth(1).is_some()).then(|| lexicon::abbreviation(part));
    found
        .or_else(|| compounded().flatten())
        .or_else(|| (last.len() > 5 && last.ends_with("str")).then_some(Abbreviation::Maybe))
}

fn last_part<'a>(token: &'a str, separators: &[char]) -> &'a str {
    token.rsplit(separators).next().unwrap_or(token)
}

/// Classes a token of digits and the marks of numbers.
fn number(token: &str) -> Option<Before> {
    let token = token.trim_start_matches(['-', '–']);
    if !token.starts_with(|c: char| c.is_ascii_digit())
        || !token.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '/' | '-' | '–' | '%'))
    {
        return None;
    }
    // Of a range ("10.-12.") the end counts.
    let last = last_part(token, &['-', '–', '/']);
    if is_long_whole(last) {
        return Some(Before::Whole);
    }
    let mut parts = last.split('.');
    Some(match (parts.next(), parts.next(), parts.next()) {
        (Some(digits), None, _) if (1..=3).contains(&digits.len()) && digits.parse::<u32>().is_ok() => Before::Ordinal,
        (Some(day), Some(month), None) if is_below(day, 32) && is_below(month, 13) => Before::DayAndMonth,
        _ => Before::Number,
    })
}

/// Four and more digits, or digits in groups of thousands.
fn is_long_whole(number: &str) -> bool {
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = number.split('.');
    let first = groups.next().unwrap_or_default();
    let mut groups = groups.peekable();
    match groups.peek() {
        None => first.len() > 3 && is_digits(first),
        Some(_) => first.len() < 4 && is_digits(first) && groups.all(|group| group.len() == 3 && is_digits(group)),
    }
}

fn is_below(digits: &str, limit: u32) -> bool {
    digits.len() <= 2 && digits.parse::<u32>().is_ok_and(|value| value > 0 && value < limit)
}

/// A short word in lower case, or with one capital, that has no vowel is an abbreviation.
fn is_consonants(word: &str) -> bool {
    const WORDS: [&str; 3] = ["Lkw", "Pkw", "Kfz"];
    word.len() <= 6
        && !WORDS.contains(&word)
        && word.starts_with(char::is_alphabetic)
        && word.chars().skip(1).all(char::is_lowercase)
        && !word.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y', 'ä', 'ö', 'ü', 'é'])
}

/// "100 cm.": units are written without a full stop, so this one ends the sentence.
fn follows_number(head: &str, token: &str) -> bool {
    head[..head.len() - token.len()].trim_end().ends_with(|c: char| c.is_ascii_digit())
}
