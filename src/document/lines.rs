//! The line model: plain text → blocks. Which line breaks end a unit of text, and which are only where a line was full.
//!
//! In: decoded plain text. Out: blocks in reading order; outside them stand white space, rules and the marks of quotes
//! and tables, nothing else. No sentences are looked for here, although a line that ends in "Dr." goes on.
//!
//! A line break is soft when the document is hard-wrapped and the next word would not have fitted any more, when the next
//! line starts in lower case, or when the line ends in a word that leans on the next one. How wide the lines are is
//! learnt from the breaks that are soft beyond doubt.

use super::join::{Join, first_word, join, push_line};
use super::{Block, BlockKind, Piece};
use crate::lexicon::{self, Abbreviation};
use heading::{is_dateline, name_headings};
use marker::is_number_alone;
pub(super) use marker::{Marker, MarkerKind, marker};
use table::{push_cells, table_rows};

mod heading;
mod marker;
mod table;

/// Below so many lines that end in mid-sentence a document is hard-wrapped only if they are a third of its lines.
const SOUND_EVIDENCE: usize = 4;

/// A line that is the only one to end in mid-sentence says how wide the document is only if it is as long as lines of text
/// are: the salutation of a letter is not (characters).
const LONE_LINE: usize = 45;

/// Shorter lines are lists of words, not the columns of a text (characters).
const NARROWEST_LINE: usize = 24;

/// One line that is not blank.
#[derive(Debug)]
struct Line<'a> {
    /// Content: without quote marks, indentation and trailing white space.
    text: &'a str,
    /// Where the content starts in the document.
    start: usize,
    /// Where its quote mark starts, else the same as `start`.
    outer: usize,
    /// Depth of the e-mail quotation it stands in.
    quote: usize,
    /// White space before the content, in characters.
    indent: usize,
    /// Indentation and content in characters: how far the line reaches.
    reach: usize,
    /// A blank line or page break stands before it.
    after_gap: bool,
    marker: Option<Marker<'a>>,
}

/// How wide a hard-wrapped document is.
#[derive(Debug, Clone, Copy)]
struct Wrap {
    /// A line is full when with the next word it would reach beyond this column.
    full: usize,
    /// No wrapped line reaches farther than this.
    longest: usize,
}

/// Cuts plain text into blocks.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let lines = read_lines(text);
    let wrap = learn_wrap(&lines);
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(rest) = lines.get(at..).filter(|rest| !rest.is_empty()) {
        let table = table_rows(rest);
        if table > 0 {
            rest.iter().take(table).for_each(|row| push_cells(row, &mut blocks));
            at += table;
        } else {
            let count = unit(rest, wrap);
            push_unit(&rest[..count], &mut blocks);
            at += count;
        }
    }
    name_headings(text, &mut blocks);
    blocks
}

/// Splits into lines that are not blank; rules are dropped and count as blank.
fn read_lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut after_gap = false;
    for (start, raw) in raw_lines(text) {
        let (quote, inner) = strip_quote(raw);
        let content = inner.trim_matches(is_invisible);
        if content.is_empty() || is_rule(content) {
            after_gap = true;
            continue;
        }
        let lead = inner.len() - inner.trim_start_matches(is_invisible).len();
        let content_start = start + (raw.len() - inner.len()) + lead;
        let indent = inner.get(..lead).map_or(0, |white| white.chars().count());
        let marker = marker(content);
        lines.push(Line {
            text: content,
            start: content_start,
            outer: if quote > 0 { start + (raw.len() - raw.trim_start().len()) } else { content_start },
            quote,
            indent,
            reach: indent + content.chars().count(),
            after_gap,
            marker,
        });
        after_gap = false;
    }
    lines
}

/// White space, byte order mark, zero-width space.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

/// Lines with their starts in the document, without their ends.
fn raw_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        let length = rest.find(is_line_end).unwrap_or(rest.len());
        let (line, tail) = rest.split_at(length);
        let end = if tail.starts_with("\r\n") { 2 } else { tail.chars().next().map_or(0, char::len_utf8) };
        at += length + end;
        Some((start, line))
    })
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Takes off the marks of an e-mail quotation ("> > "); returns how many there were.
fn strip_quote(line: &str) -> (usize, &str) {
    let mut rest = line;
    let mut depth = 0;
    while let Some(inner) = rest.trim_start().strip_prefix('>') {
        depth += 1;
        rest = inner;
    }
    (depth, rest)
}

/// A line of dashes, stars or the like; also the separator row of a table.
fn is_rule(content: &str) -> bool {
    let is_part = |c| matches!(c, '-' | '=' | '_' | '*' | '~' | '#' | '–' | '—' | '─' | '+' | '|' | ':' | ' ');
    content.chars().all(is_part) && content.chars().filter(|c| !matches!(c, ' ' | ':')).nth(2).is_some()
}

/// How many lines at the start of `lines` make one unit of text.
fn unit(lines: &[Line<'_>], wrap: Option<Wrap>) -> usize {
    let Some(first) = lines.first() else { return 0 };
    1 + lines.windows(2).take_while(|pair| !breaks(first, &pair[0], &pair[1], wrap)).count()
}

/// Whether the break between two lines ends the unit that began with the line `first`.
fn breaks(first: &Line<'_>, before: &Line<'_>, after: &Line<'_>, wrap: Option<Wrap>) -> bool {
    if after.after_gap || after.quote != before.quote {
        return true;
    }
    // Word processors put bullets on a line of their own.
    if after.marker.is_none() && before.marker.is_some_and(|marker| marker.text == before.text) {
        return false;
    }
    let full = wrap.is_some_and(|wrap| wrap.is_full(before, after));
    let open = !ends_clause(before.text);
    let leans = leans(before.text, after.text);
    let divided = after.marker.is_none() && join(before.text, after.text) != Join::Space;
    if is_number_alone(before.text) || is_number_alone(after.text) && !(leans && after.text.ends_with('.') || divided) {
        return true;
    }
    if let Some(marker) = after.marker {
        let running = match marker.kind {
            MarkerKind::Bullet => false,
            MarkerKind::Dash => {
                open && (full && first.marker.is_none_or(|first| first.kind != MarkerKind::Dash)
                    || is_parenthesis(after.text))
            }
            _ => {
                (leans || full && (open || ends_shortened(before.text)))
                    && !first.marker.is_some_and(|first| first.precedes(marker))
            }
        };
        return !running;
    }
    if is_labelled(after.text) && !leans {
        return true;
    }
    if leans || divided {
        return false;
    }
    if starts_in_lower_case(after.text) {
        // Short lines in lower case throughout are a list of words, not a sentence.
        let word_list = !full && first.marker.is_none() && starts_in_lower_case(first.text) && is_short(before.text);
        return if open { word_list } else { !full };
    }
    if before.text.ends_with(',') {
        return false;
    }
    !full || !open && after.indent > before.indent + 1
}

impl Wrap {
    fn is_full(self, before: &Line<'_>, after: &Line<'_>) -> bool {
        before.reach + 1 + width_of_first_word(after) > self.full && before.reach <= self.longest
    }
}

fn width_of_first_word(line: &Line<'_>) -> usize {
    line.text.split_whitespace().next().map_or(0, |word| word.chars().count())
}

/// Learns the width of a hard-wrapped document from the lines that end in mid-sentence beyond doubt.
fn learn_wrap(lines: &[Line<'_>]) -> Option<Wrap> {
    let mut reaches = Vec::new();
    let mut evidence: Vec<(usize, usize)> = Vec::new();
    for pair in lines.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        if after.after_gap || after.quote != before.quote {
            continue;
        }
        reaches.push(before.reach);
        let goes_on = starts_in_lower_case(after.text) || leans(before.text, after.text);
        let mid_sentence = goes_on && after.marker.is_none() && !ends_clause(before.text);
        if mid_sentence && before.reach >= NARROWEST_LINE && !is_number_alone(before.text) {
            evidence.push((before.reach + width_of_first_word(after), before.reach));
        }
    }
    // Lines that are much shorter, as those of an address are, say nothing about the others.
    let shortest = evidence.iter().map(|&(_, reach)| reach).min().unwrap_or_default() * 3 / 4;
    let pairs = reaches.iter().filter(|reach| **reach >= shortest).count();
    // In German about every second word begins in lower case; far fewer such lines are chance, not wrapping.
    let share = if evidence.len() < SOUND_EVIDENCE { 3 } else { 8 };
    if evidence.is_empty() || evidence.len() * share < pairs {
        return None;
    }
    if let [(_, reach)] = evidence.as_slice()
        && *reach < LONE_LINE
    {
        return None;
    }
    evidence.sort_unstable();
    let at = |tenths: usize| evidence.get((evidence.len() - 1) * tenths / 10).copied().unwrap_or_default();
    let (low, median) = (at(1).0, at(5).0);
    let farthest = evidence.iter().map(|&(_, reach)| reach).max().unwrap_or_default().min(at(9).0 * 5 / 4);
    // Proportional fonts let lines of wide letters end a little earlier than those seen.
    let full = (low * 19 / 20).min(farthest).max(median * 3 / 4);
    Some(Wrap { full, longest: farthest * 6 / 5 })
}

/// Ends in a mark after which a line break may well be meant.
pub(super) fn ends_clause(line: &str) -> bool {
    line.trim_end_matches(is_closing).ends_with(['.', '!', '?', ':', ';', '…'])
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '’' | '‘' | '«' | '»' | '‹' | '›' | ')' | ']')
}

/// The line ends in an abbreviation or in a part of one ("i.").
fn ends_shortened(line: &str) -> bool {
    let word = line.rsplit(|c: char| !c.is_alphanumeric() && c != '.').next().unwrap_or_default();
    let is_letter = word.strip_suffix('.').is_some_and(|letter| letter.chars().count() == 1);
    is_letter && !word.starts_with(|c: char| c.is_ascii_digit()) || abbreviation_at_end(line).is_some()
}

/// The line ends in a word that cannot be the last of anything: an article, "Dr.", "§", the day of a date.
fn leans(before: &str, after: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default().trim_start_matches(['(', '„', '"', '»']);
    if let Some(short) = word.strip_suffix('.') {
        let next = first_word(after);
        if short.bytes().all(|byte| byte.is_ascii_digit()) && !short.is_empty() {
            return lexicon::is_month(next.trim_end_matches('.'));
        }
        return match abbreviation_at_end(before) {
            Some(Abbreviation::Never) => true,
            Some(Abbreviation::Maybe | Abbreviation::BeforeNumber) => next.starts_with(|c: char| c.is_ascii_digit()),
            Some(Abbreviation::Often) | None => false,
        };
    }
    let before_year = || lexicon::is_month(word) && first_word(after).starts_with(|c: char| c.is_ascii_digit());
    matches!(word, "§" | "§§" | "&") || lexicon::is_leaning(word) || before_year()
}

/// The abbreviation a line ends with, also a spaced one ("z. B.").
fn abbreviation_at_end(line: &str) -> Option<Abbreviation> {
    let mut key = String::new();
    let mut found = None;
    for word in line.rsplit(char::is_whitespace).take(3) {
        key.insert_str(0, word.trim_start_matches(|c: char| !c.is_alphanumeric()));
        found = lexicon::abbreviation(key.trim_end_matches('.')).or(found);
        if !word.ends_with('.') {
            break;
        }
    }
    found
}

/// "- wie hier - ": a dash that is closed again is no bullet.
fn is_parenthesis(line: &str) -> bool {
    let mut characters = line.chars();
    let dash = characters.next();
    let rest = characters.as_str();
    starts_in_lower_case(rest.trim_start())
        && dash.is_some_and(|dash| {
            rest.match_indices(dash).any(|(at, found)| {
                rest[..at].ends_with(' ') && !rest[at + found.len()..].starts_with(char::is_alphanumeric)
            })
        })
}

/// Lines of an e-mail's head, and labels of what stands below ("Gründe:").
fn is_labelled(line: &str) -> bool {
    const LABELS: &[&str] = &[
        "Von:",
        "An:",
        "Cc:",
        "CC:",
        "Bcc:",
        "Betreff:",
        "Betr.:",
        "Datum:",
        "Gesendet:",
        "Antwort an:",
        "Anhang:",
        "From:",
        "To:",
        "Subject:",
        "Date:",
        "Sent:",
    ];
    let single_word =
        !line.contains(char::is_whitespace) && line.ends_with(':') && line.starts_with(char::is_uppercase);
    single_word || LABELS.iter().any(|label| line.starts_with(label))
}

/// What no line begins with by intent: a small letter, or what belongs to the number before it.
fn starts_in_lower_case(line: &str) -> bool {
    let word = first_word(line);
    if word.starts_with(['%', '°', '€']) || word.trim_end_matches(['.', ',', ';', ':']) == "Uhr" {
        return true;
    }
    word.starts_with(char::is_lowercase) && !word.starts_with("www.") && !word.contains("://") && !word.contains('@')
}

/// At most two words.
fn is_short(line: &str) -> bool {
    line.split_whitespace().nth(2).is_none()
}

/// Joins the lines of a unit into one block.
fn push_unit(lines: &[Line<'_>], blocks: &mut Vec<Block>) {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return };
    let bullet = first.marker.filter(|marker| matches!(marker.kind, MarkerKind::Bullet | MarkerKind::Dash));
    let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(2 * lines.len());
    for (index, line) in lines.iter().enumerate() {
        let skipped = if index == 0 { bullet.map_or(0, |marker| marker.text.len()) } else { 0 };
        let content = line.text.get(skipped..).unwrap_or_default().trim_start();
        push_line(&mut pieces, content, line.start + line.text.len() - content.len());
    }
    let range = first.outer..last.start + last.text.len();
    let (kind, level) = match first.marker {
        _ if pieces.iter().all(|(part, _)| part.is_empty()) => return,
        Some(marker) => (BlockKind::ListItem, item_depth(first, marker)),
        None if first.quote > 0 => (BlockKind::Quote, 0),
        None if lines.len() == 1 && is_dateline(first.text) => (BlockKind::Dateline, 0),
        None => (BlockKind::Paragraph, 0),
    };
    blocks.push(Block::new(kind, level, range, &pieces));
}

/// Nesting depth of a list item, by its indentation or by its number.
fn item_depth(line: &Line<'_>, marker: Marker<'_>) -> u8 {
    let depth = match marker.kind {
        MarkerKind::Number => 1 + marker.text.trim_end_matches(['.', ')']).matches('.').count(),
        _ => 1 + line.indent / 4,
    };
    u8::try_from(depth).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
