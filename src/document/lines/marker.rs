//! What a line of a list or a numbered section starts with.
//!
//! In: one line. Out: its bullet or number, if it has one. Whether the line starts an item at all, or goes on with a
//! sentence, depends on its neighbours and is decided in the line model.

use super::first_word;
use super::forms::is_number;
use crate::enumeration::tick_box;
use crate::lexicon;

/// What a list item starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) struct Marker<'a> {
    pub kind: MarkerKind,
    pub text: &'a str,
    /// Its place in the enumeration; 0 for bullets and boxes.
    pub value: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::document) enum MarkerKind {
    /// "•": never part of running text.
    Bullet,
    /// "-": may also be a dash in running text.
    Dash,
    /// "[x]", "☐": says whether something is done, and stays part of the item.
    Box,
    /// "1.", "2.3", "1)".
    Number,
    /// "a)", "A.", "(1)", "(a)".
    Letter,
    /// "IV."
    Roman,
}

impl Marker<'_> {
    /// Whether `next` is the one after it in the same enumeration.
    pub fn precedes(self, next: Marker<'_>) -> bool {
        self.kind == next.kind && self.value + 1 == next.value && self.shape().eq(next.shape())
    }

    /// A bullet or a box: never part of running text.
    pub fn is_sign(self) -> bool {
        matches!(self.kind, MarkerKind::Bullet | MarkerKind::Box)
    }

    /// A bullet or a dash: no part of the item's text.
    pub fn is_markup(self) -> bool {
        matches!(self.kind, MarkerKind::Bullet | MarkerKind::Dash)
    }

    /// "K.": a letter that may as well be the first of a name, or an abbreviation.
    pub fn is_initial(self) -> bool {
        self.kind == MarkerKind::Letter && self.text.len() == 2 && self.text.ends_with('.')
    }

    /// Whether an enumeration begins with it.
    pub fn is_first(self) -> bool {
        self.value == 1 || self.kind == MarkerKind::Letter && self.value == u32::from('a')
    }

    /// What stands around its numbers: "()" for "(4)", ".." for "2.3.".
    pub fn shape(&self) -> impl Iterator<Item = char> {
        self.text.chars().filter(|c| !c.is_alphanumeric())
    }
}

/// The marker of a list item at the start of a line; a date is none.
pub(in crate::document) fn marker(line: &str) -> Option<Marker<'_>> {
    let first = line.chars().next()?;
    let head = line.split_whitespace().next()?;
    if let Some(text) = tick_box(line) {
        return Some(Marker { kind: MarkerKind::Box, text, value: 0 });
    }
    let bullet = |kind| Some(Marker { kind, text: line.get(..first.len_utf8())?, value: 0 });
    if "•‣▪▫●○◦■□►▶➤✓✔⁃\u{f0b7}".contains(first) {
        return bullet(MarkerKind::Bullet);
    }
    // Signs that also stand in running text, and those of Word's fonts of symbols.
    let is_sign = "➢◆❖★✗".contains(first) || ('\u{f000}'..='\u{f0ff}').contains(&first);
    if is_sign && head.len() == first.len_utf8() {
        return bullet(MarkerKind::Bullet);
    }
    // Longer heads are words: nothing below needs more than "12.10.3.". Nothing numbers an empty line.
    if head.len() == line.len() || head.len() > 10 || is_date(line) {
        return None;
    }
    match head {
        "·" => bullet(MarkerKind::Bullet),
        "-" | "–" | "—" | "*" | "+" => bullet(MarkerKind::Dash),
        _ => {
            let next = first_word(&line[head.len()..]);
            let (kind, value) = numbering(head).or_else(|| section_number(head, next))?;
            Some(Marker { kind, text: head, value }).filter(|marker| !marker.is_initial() || !is_shortened(head, next))
        }
    }
}

/// "A. M.: Im Jahr 2010", "z. B. Äpfel", "i. Br.": the letter is shortened like the word behind it; "A. I. Klage" is not.
fn is_shortened(head: &str, next: &str) -> bool {
    let next = next.trim_end_matches([':', ',', ';', ')']);
    let Some(word) = next.strip_suffix('.').filter(|word| *word != "I") else { return false };
    let is_letter = word.starts_with(char::is_alphabetic) && word.chars().nth(1).is_none();
    is_letter || lexicon::abbreviation(&format!("{head}{word}")).is_some()
}

/// "1 Vgl. Meyer", "[1] Meyer": the number of a note or of an entry in a table of contents. It is one only next to another.
pub(super) fn note_number(line: &str) -> Option<Marker<'_>> {
    let (head, rest) = line.split_once(char::is_whitespace)?;
    let bracketed = head.strip_prefix('[').and_then(|body| body.strip_suffix(']'));
    let digits = bracketed.unwrap_or(head);
    let begins = bracketed.is_some() || rest.trim_start().starts_with(char::is_uppercase);
    let is_note = begins && is_number(digits, 1..=3);
    Some(Marker { kind: MarkerKind::Number, text: head, value: digits.parse().ok().filter(|_| is_note)? })
}

/// Whether a marker is one only next to another of its enumeration.
pub(super) fn is_note_number(marker: Marker<'_>) -> bool {
    let is_plain = marker.text.bytes().all(|byte| byte.is_ascii_digit());
    marker.kind == MarkerKind::Number && (is_plain || marker.text.starts_with('['))
}

/// "1.", "2.3.", "(4)", "a)", "aa)", "A.", "IV.": closed by a full stop or a bracket.
fn numbering(head: &str) -> Option<(MarkerKind, u32)> {
    let bracket = head.strip_suffix(')');
    let body = match (head.strip_prefix('('), bracket) {
        (Some(_), None) => return None,
        (Some(_), Some(inner)) => &inner[1..],
        (None, Some(inner)) => inner,
        (None, None) => head.strip_suffix('.')?,
    };
    let body = body.strip_suffix('.').unwrap_or(body);
    if let Some(value) = number(body) {
        return Some((MarkerKind::Number, value));
    }
    // A single "V." or "X." is a letter, or an initial.
    if let Some(value) = roman_value(body).filter(|value| body.len() > 1 || *value == 1) {
        return Some((MarkerKind::Roman, value));
    }
    let first = body.bytes().next().filter(u8::is_ascii_alphabetic)?;
    // "aa)" is the level below "a)" in German law.
    let doubled = body.len() == 2 && bracket.is_some() && body.bytes().all(|byte| byte == first);
    (body.len() == 1 || doubled).then_some((MarkerKind::Letter, u32::from(first.to_ascii_lowercase())))
}

/// "2.1 Methode": no full stop at the end, but a name follows, and it is no time ("14.30 Uhr").
fn section_number(head: &str, next: &str) -> Option<(MarkerKind, u32)> {
    let is_named = head.contains('.') && next.starts_with(char::is_uppercase) && !next.starts_with("Uhr");
    Some((MarkerKind::Number, number(head).filter(|_| is_named)?))
}

/// The last part of "2.1.3", each part of one or two digits.
fn number(body: &str) -> Option<u32> {
    body.split('.')
        .all(|part| is_number(part, 1..=2))
        .then(|| body.rsplit('.').next().and_then(|part| part.parse().ok()))
        .flatten()
}

/// The value of an upper-case Roman numeral up to 39, the only ones that count chapters.
fn roman_value(word: &str) -> Option<u32> {
    let digit = |c| match c {
        'I' => Some(1),
        'V' => Some(5),
        'X' => Some(10),
        _ => None,
    };
    let mut value = 0;
    let mut last = 0;
    for c in word.chars().rev() {
        let this: u32 = digit(c)?;
        value = if this < last { u32::checked_sub(value, this)? } else { value + this };
        last = last.max(this);
    }
    (value > 0 && word.len() < 8).then_some(value)
}

/// "4. Juli", "21. 9. 2022": a date, not the first item of a list.
fn is_date(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let day = words.next().unwrap_or_default();
    let month = words.next().unwrap_or_default().trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_number = |word: &str| is_number(word, 1..=2);
    day.strip_suffix('.').is_some_and(is_number) && (lexicon::is_month(month) || is_number(month))
}

/// "12", "IV.", "A.": the number of a section or margin number on a line of its own.
pub(super) fn is_number_alone(line: &str) -> bool {
    if line.len() > 8 {
        return false;
    }
    let body = line.strip_suffix('.').unwrap_or(line);
    let digits = body.bytes().all(|byte| byte.is_ascii_digit()) && !body.is_empty();
    let letter = body.len() < line.len() && body.len() == 1 && body.bytes().all(|byte| byte.is_ascii_uppercase());
    digits || letter || body.len() < line.len() && roman_value(body).is_some()
}
