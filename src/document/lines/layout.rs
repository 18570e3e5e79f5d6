//! What only several lines together show: which numbers make a list, which gaps are none, which lines were torn off.
//!
//! In: the lines of a document. Out: the same lines, with marks and gaps put right. No lines are joined here.

use std::collections::{HashMap, HashSet};

use super::marker::is_note_number;
use super::{
    Gap, Line, Marker, MarkerKind, NARROWEST_LINE, SOUND_EVIDENCE, ends_clause, first_word, is_contents_entry,
    is_farewell, is_number, leans, starts_in_lower_case,
};
use crate::lexicon;

/// Two numbers of one list are not farther apart (lines); those of notes, not farther than the second one.
const LONGEST_ITEM: usize = 40;
const LONGEST_NOTE: usize = 6;

/// Quoted lines that were too wide for a mail program are at least so wide (characters).
const WIDE_QUOTE: usize = 60;

/// What a mail program tore off a quoted line is at most so many words.
const TORN_WORDS: usize = 3;

/// Gives the ends of quoted lines back to their quotation: "> … für den|Ausbau|> der Schienen".
pub(super) fn adopt_torn_quotes(lines: &mut [Line<'_>]) {
    for at in 1..lines.len() {
        let (Some(before), Some(line), Some(after)) = (lines.get(at - 1), lines.get(at), lines.get(at + 1)) else {
            continue;
        };
        let is_torn = line.quote < before.quote
            && before.quote == after.quote
            && line.gap == Gap::None
            && after.gap == Gap::None
            && line.marker.is_none()
            && line.text.split_whitespace().nth(TORN_WORDS).is_none()
            && !ends_clause(before.text)
            && (before.reach >= WIDE_QUOTE || leans(before.text, line.text));
        let quote = before.quote;
        if let Some(line) = lines.get_mut(at).filter(|_| is_torn) {
            (line.quote, line.torn) = (quote, true);
        }
    }
}

/// A text that was scanned may have a blank line after every line: these are no gaps.
pub(super) fn close_up(lines: &mut [Line<'_>]) {
    if lines.iter().skip(1).any(|line| line.gap == Gap::None) {
        return;
    }
    let is_cut = |pair: &&[Line<'_>]| match pair {
        [before, after] => {
            after.gap == Gap::Blank
                && after.quote == before.quote
                && after.marker.is_none()
                && before.reach >= NARROWEST_LINE
                && !ends_clause(before.text)
                && starts_in_lower_case(after.text)
        }
        _ => false,
    };
    let cut = lines.windows(2).filter(is_cut).count();
    // In German about every second word begins in lower case.
    if cut >= SOUND_EVIDENCE && cut * 3 >= lines.len() {
        lines.iter_mut().filter(|line| line.gap == Gap::Blank).for_each(|line| line.gap = Gap::None);
    }
}

/// Finds the numbers that stand next to another one of their enumeration; those of notes are none without, and letters
/// are initials.
pub(super) fn find_lists(lines: &mut [Line<'_>]) {
    let mut last: HashMap<(MarkerKind, String), usize> = HashMap::new();
    for at in 0..lines.len() {
        let Some(marker) = lines.get(at).and_then(|line| line.marker) else { continue };
        let is_note = is_note_number(marker);
        if marker.is_sign() || marker.is_markup() || is_note && !may_begin_note(lines, at) {
            continue;
        }
        let longest = if is_note { LONGEST_NOTE } else { LONGEST_ITEM };
        let before = last.insert((marker.kind, marker.shape().collect()), at).filter(|before| at - before <= longest);
        let precedes = |before: &usize| {
            lines.get(*before).and_then(|line| line.marker).is_some_and(|before| before.precedes(marker))
        };
        if let Some(before) = before.filter(precedes) {
            for index in [before, at] {
                if let Some(line) = lines.get_mut(index) {
                    line.listed = true;
                }
            }
        }
    }
    for line in lines.iter_mut().filter(|line| !line.listed) {
        line.marker = line.marker.filter(|marker| !is_note_number(*marker));
    }
    drop_initials(lines);
}

/// Takes the marker off lines that begin with a name ("K. Huber") or a reference ("S. 5 fehlt"): the letter before has
/// numbered no line above, and none near stands next to it in the alphabet. Right below a farewell every letter is one.
fn drop_initials(lines: &mut [Line<'_>]) {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut is_below_farewell = false;
    for line in lines.iter_mut() {
        if let Some(marker) = line.marker {
            let is_entry = || line.listed || marker.is_first() || seen.contains(letter_before(marker).as_str());
            if marker.is_initial() && (is_below_farewell || !is_entry()) {
                (line.marker, line.listed) = (None, false);
            } else {
                seen.insert(marker.text);
            }
        }
        is_below_farewell = is_farewell(line.text);
    }
}

/// The marker that comes before a letter: "B." before "C."; "V." and "X." may be Roman numbers.
fn letter_before(letter: Marker<'_>) -> String {
    match letter.text {
        "V." => "IV.".to_owned(),
        "X." => "IX.".to_owned(),
        text => text.bytes().next().map(|letter| format!("{}.", char::from(letter - 1))).unwrap_or_default(),
    }
}

/// Finds the numbers of items that stand alone on their line ("1.", "2."), as in laws: two that follow each other, or the
/// first one before a small letter. "am|3.|Mai" is a date.
pub(super) fn find_item_numbers(lines: &mut [Line<'_>]) {
    let mut last: Option<(u32, usize)> = None;
    for at in 0..lines.len() {
        let Some(line) = lines.get(at) else { continue };
        let next = lines.get(at + 1).filter(|next| next.gap == Gap::None).map_or("", |next| next.text);
        let digits = line.text.strip_suffix('.').filter(|digits| is_number(digits, 1..=2));
        let number = digits.and_then(|digits| digits.parse().ok());
        let is_day = lexicon::is_month(first_word(next).trim_end_matches('.'));
        let Some(number) = number.filter(|_| !is_day) else { continue };
        let before =
            last.replace((number, at)).filter(|before| before.0 + 1 == number && at - before.1 <= LONGEST_ITEM);
        let begins = number == 1 && starts_in_lower_case(next);
        for index in before.map(|before| before.1).into_iter().chain((begins || before.is_some()).then_some(at)) {
            lines.get_mut(index).into_iter().for_each(|line| line.listed = true);
        }
    }
}

/// The line before has come to an end, so that a number here need not belong to it.
fn may_begin_note(lines: &[Line<'_>], at: usize) -> bool {
    let (Some(line), Some(before)) = (lines.get(at), at.checked_sub(1).and_then(|before| lines.get(before))) else {
        return true;
    };
    let is_entry = before.marker.is_some_and(|before| line.marker.is_some_and(|marker| before.precedes(marker)));
    line.gap != Gap::None || is_entry || ends_clause(before.text) || is_contents_entry(before.text)
}
