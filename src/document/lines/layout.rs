//! What only several lines together show: which numbers make a list, which gaps are none, which lines were torn off.
//!
//! In: the lines of a document. Out: the same lines, with marks and gaps put right. No lines are joined here.

use std::collections::HashMap;

use super::marker::is_note_number;
use super::{
    Gap, Line, MarkerKind, NARROWEST_LINE, SOUND_EVIDENCE, ends_clause, is_contents_entry, leans, starts_in_lower_case,
};

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

/// Finds the numbers that stand next to another one of their enumeration; those of notes are none without.
pub(super) fn find_lists(lines: &mut [Line<'_>]) {
    let mut last: HashMap<(MarkerKind, String), usize> = HashMap::new();
    for at in 0..lines.len() {
        let Some(marker) = lines.get(at).and_then(|line| line.marker) else { continue };
        let is_note = is_note_number(marker);
        if matches!(marker.kind, MarkerKind::Bullet | MarkerKind::Dash) || is_note && !may_begin_note(lines, at) {
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
}

/// The line before has come to an end, so that a number here need not belong to it.
fn may_begin_note(lines: &[Line<'_>], at: usize) -> bool {
    let (Some(line), Some(before)) = (lines.get(at), at.checked_sub(1).and_then(|before| lines.get(before))) else {
        return true;
    };
    let is_entry = before.marker.is_some_and(|before| line.marker.is_some_and(|marker| before.precedes(marker)));
    line.gap != Gap::None || is_entry || ends_clause(before.text) || is_contents_entry(before.text)
}
