//! The line model: plain text → blocks. Which line breaks end a unit of text, and which are only where a line was full.
//!
//! In: decoded plain text. Out: blocks in reading order; outside them stand white space, rules and the marks of quotes
//! and tables, nothing else. No sentences are looked for here, although a line that ends in "Dr." goes on.
//!
//! A page break is a line break; over a blank line only a divided word goes on, unless there is one after every line.
//!
//! A line break is soft when the document is hard-wrapped and the next word would not have fitted any more, when the next
//! line starts in lower case, or when the line ends in a word that leans on the next one. How wide the lines are is
//! learnt from the breaks that are soft beyond doubt.

use std::borrow::Cow;

use super::join::{Join, first_word, join, push_line};
use super::{Block, BlockKind, Opens, Piece};
use crate::lexicon::{self, Abbreviation};
pub(super) use forms::is_farewell;
use forms::{
    begins_with_time, is_address, is_contents_entry, is_labelled_value, is_mail_label, is_message, is_number,
    is_page_number, is_role, is_signed_for, is_timing,
};
pub(super) use heading::{LONGEST_SIGNATURE, looks_like_heading};
use heading::{is_dateline, name_headings};
use layout::{adopt_torn_quotes, close_up, find_item_numbers, find_lists};
pub(super) use marker::{Marker, MarkerKind, marker};
use marker::{is_number_alone, note_number};
use table::{push_cells, push_parts, table_rows};

mod forms;
mod heading;
mod layout;
mod marker;
mod table;

/// Below so many lines that end in mid-sentence a document is hard-wrapped only if they are a third of its lines.
const SOUND_EVIDENCE: usize = 4;

/// A line that is the only one to end in mid-sentence says how wide the document is only if it is as long as lines of text
/// are: the salutation of a letter is not (characters).
const LONE_LINE: usize = 45;

/// Shorter numbers, with a full stop, may be ordinals: "der 100. Geburtstag" (characters).
const SHORTEST_NUMBER: usize = 4;

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
    /// What stands between it and the line before.
    gap: Gap,
    /// Tabs before the content, and whether one follows it: cells of a table that are empty.
    tabs_before: usize,
    tab_after: bool,
    marker: Option<Marker<'a>>,
    /// Its number stands next to another one of the same enumeration; also one that is alone on its line, without a marker.
    listed: bool,
    /// The end of a quoted line that a mail program broke once more, and that got no mark of its own.
    torn: bool,
}

/// What stands between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    /// A page break.
    Page,
    /// One blank line.
    Blank,
    /// One rule.
    Rule,
    /// More than one of these.
    Wide,
}

impl Gap {
    /// What it is together with a further one.
    fn and(self, more: Self) -> Self {
        match (self, more) {
            (Self::None, gap) => gap,
            (Self::Page | Self::Blank, Self::Page) | (Self::Page, Self::Blank) => Self::Page,
            _ => Self::Wide,
        }
    }
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
    let mut lines = read_lines(text);
    adopt_torn_quotes(&mut lines);
    close_up(&mut lines);
    find_lists(&mut lines);
    find_item_numbers(&mut lines);
    let wrap = learn_wrap(&lines);
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(rest) = lines.get(at..).filter(|rest| !rest.is_empty()) {
        let first = |count| rest.get(..count).unwrap_or(rest);
        let count = match (timing(rest), table_rows(rest)) {
            (0, 0) => {
                let count = unit(rest, wrap);
                push_unit(first(count), &mut blocks);
                count
            }
            (0, rows) => {
                push_cells(first(rows), &mut blocks);
                rows
            }
            (count, _) => {
                push_verbatim(text, first(count), &mut blocks);
                count
            }
        };
        at += count;
    }
    name_headings(text, &mut blocks);
    blocks
}

/// Splits into lines that are not blank; rules are dropped and count as blank.
fn read_lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut gap = Gap::None;
    for (start, raw) in raw_lines(text) {
        let (quote, inner) = strip_quote(raw);
        let content = inner.trim_matches(is_invisible);
        let ends_page = text.get(start + raw.len()..).is_some_and(|rest| rest.starts_with('\u{c}'));
        if content.is_empty() || is_rule(content) {
            gap = gap.and(match content.is_empty() {
                true if ends_page => Gap::Page,
                true => Gap::Blank,
                false => Gap::Rule,
            });
            continue;
        }
        let lead = inner.len() - inner.trim_start_matches(is_invisible).len();
        let content_start = start + (raw.len() - inner.len()) + lead;
        let white = inner.get(..lead).unwrap_or_default();
        let indent = white.chars().count();
        let marker = marker(content).or_else(|| note_number(content));
        let marker = marker.filter(|_| !is_page_number(content) && !is_role(content));
        lines.push(Line {
            text: content,
            start: content_start,
            outer: if quote > 0 { start + (raw.len() - raw.trim_start().len()) } else { content_start },
            quote,
            indent,
            reach: indent + content.chars().count(),
            gap,
            tabs_before: white.matches('\t').count(),
            tab_after: inner.get(lead + content.len()..).is_some_and(|tail| tail.contains('\t')),
            marker,
            listed: false,
            torn: false,
        });
        gap = if ends_page { Gap::Page } else { Gap::None };
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
    if after.quote != before.quote {
        return true;
    }
    if after.gap != Gap::None {
        return !goes_on_over_gap(first, before, after);
    }
    if stands_alone(before.text) || stands_alone(after.text) || is_message(after.text) || begins_with_time(after.text) {
        return true;
    }
    if is_farewell(before.text) && is_signed_for(after.text) {
        return true;
    }
    if after.torn || before.torn && after.marker.is_none() && !ends_clause(before.text) {
        return false;
    }
    // Word processors put bullets on a line of their own.
    if after.marker.is_none() && before.marker.is_some_and(|marker| marker.text == before.text) {
        return false;
    }
    let full = wrap.is_some_and(|wrap| wrap.is_full(before, after));
    let open = !ends_clause(before.text);
    if opens_bracket(before.text) && closes_bracket(after.text) {
        return false;
    }
    let leans = leans(before.text, after.text);
    if wrap.is_some_and(|wrap| wrap.is_far_from_full(before, after)) && ends_by_intent(before.text, after.text, leans) {
        return true;
    }
    let divided = after.marker.is_none() && join(before.text, after.text) != Join::Space;
    // The last word of a paragraph is no number of its own: "im Jahr|2016."
    let is_last_word = after.text.ends_with('.') && (leans || full && open) || leans && is_number(after.text, 4..=4);
    let is_item = after.listed && after.marker.is_none();
    let is_day = before.text.ends_with('.') && leans;
    if is_number_alone(before.text) && !is_day || is_number_alone(after.text) && (is_item || !(is_last_word || divided))
    {
        return true;
    }
    if let Some(marker) = after.marker {
        let running = match marker.kind {
            MarkerKind::Bullet | MarkerKind::Box => false,
            MarkerKind::Dash => {
                open && (full && first.marker.is_none_or(|first| first.kind != MarkerKind::Dash)
                    || is_parenthesis(after.text))
            }
            _ => {
                let is_cited = before.text.ends_with(',') && is_reference(marker);
                let is_inside = opens_bracket(before.text) || divides_date(before.text, after.text);
                (leans || is_cited || is_inside || full && (open || ends_shortened(before.text)))
                    && !(first.marker.is_some_and(|first| first.precedes(marker)) && !(full && leans))
                    && !(after.listed && begins_item(before.text, after.text, marker))
            }
        };
        return !running;
    }
    // "Anwesend: …|Entschuldigt: …"
    if is_labelled_value(before.text) && is_labelled_value(after.text) && !leans && !divided {
        return true;
    }
    let is_label = is_labelled(after.text) && !(full && open && after.text == "Folgendes:");
    if (is_label || is_address(after.text) && !before.text.ends_with(',')) && !leans {
        return true;
    }
    if leans || divided {
        return false;
    }
    if is_contents_entry(before.text) || is_address(before.text) && !starts_in_lower_case(after.text) {
        return true;
    }
    if starts_in_lower_case(after.text) {
        // Short lines in lower case throughout are a list of words, not a sentence.
        let word_list = !full && first.marker.is_none() && starts_in_lower_case(first.text) && is_short(before.text);
        let open = open || ends_shortened(before.text) || ends_in_regnal_number(before.text);
        return if open { word_list } else { !full };
    }
    if before.text.ends_with(',') {
        return false;
    }
    !full || !open && after.indent > before.indent + 1
}

/// A line behind which far more would have fitted: it goes on only after a comma or before a remark between dashes. Of
/// words that lean on the next one, only a preposition alone does not ("Huber|gegen|Vogt").
fn ends_by_intent(before: &str, after: &str, leans: bool) -> bool {
    let is_remark = after.starts_with(['-', '–', '—']);
    !before.ends_with(',') && !is_remark && (!leans || is_single_word(before) && starts_in_lower_case(before))
}

/// A sentence goes on over the end of a page; over a blank line, only a word does that was divided.
fn goes_on_over_gap(first: &Line<'_>, before: &Line<'_>, after: &Line<'_>) -> bool {
    let is_number = |line: &Line<'_>| is_page_number(line.text) || is_number_alone(line.text) || is_timing(line.text);
    if after.marker.is_some() || is_number(before) || is_number(after) {
        return false;
    }
    let joined = join(before.text, after.text);
    match after.gap {
        Gap::None => true,
        Gap::Page => {
            // What stands alone at the foot of a page is rather its title than text.
            let is_text = first.start < before.start || before.reach >= LONE_LINE;
            let goes_on = leans(before.text, after.text) || is_text && starts_in_lower_case(after.text);
            joined != Join::Space || !ends_clause(before.text) && goes_on
        }
        Gap::Blank => joined == Join::Divided && starts_in_lower_case(after.text),
        Gap::Rule | Gap::Wide => false,
    }
}

/// Lines that belong to no sentence: the number of a page, the times of a subtitle.
fn stands_alone(line: &str) -> bool {
    line.starts_with(['-', '–', '—']) && (is_page_number(line) || is_role(line)) || is_timing(line)
}

/// "S.": not the nineteenth item of a list.
fn is_reference(marker: Marker<'_>) -> bool {
    marker.kind == MarkerKind::Letter
        && marker.text.strip_suffix('.').is_some_and(|short| lexicon::abbreviation(short).is_some())
}

/// The number after the line `before` begins an item: the first one, or one after the end of another. It is no ordinal
/// ("am|1. Tag"), no part of a reference ("Buchst.|a)") and no initial.
fn begins_item(before: &str, after: &str, marker: Marker<'_>) -> bool {
    const BEFORE_ORDINALS: [&str; 13] =
        ["der", "die", "das", "dem", "den", "des", "am", "im", "ins", "zum", "zur", "vom", "beim"];
    let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let counted = after.split_whitespace().nth(1).unwrap_or_default().trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_ordinal = marker.kind == MarkerKind::Number && marker.text.ends_with('.');
    let counts = is_ordinal && (BEFORE_ORDINALS.contains(&last) || lexicon::takes_ordinal(counted));
    let goes_on = marker.is_first() || before.ends_with([',', ';']) || matches!(last, "und" | "oder" | "sowie");
    let is_initial = marker.text.ends_with('.') && marker.text.starts_with(char::is_uppercase);
    goes_on && !counts && !last.ends_with('.') && !is_initial
}

impl Wrap {
    fn is_full(self, before: &Line<'_>, after: &Line<'_>) -> bool {
        before.reach + 1 + width_of_first_word(after) > self.full && before.reach <= self.longest
    }

    /// A line of a paragraph is never so short unless it is the last one.
    fn is_far_from_full(self, before: &Line<'_>, after: &Line<'_>) -> bool {
        const FAR: (usize, usize) = (3, 5);
        (before.reach + 1 + width_of_first_word(after)) * FAR.1 <= self.full * FAR.0
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
        if after.gap != Gap::None || after.quote != before.quote {
            continue;
        }
        reaches.push(before.reach);
        let goes_on = starts_in_lower_case(after.text) || leans(before.text, after.text);
        // A line that is running text, and the one below is about as long.
        let runs_on = || after.reach <= before.reach + NARROWEST_LINE && is_running(before.text);
        let mid_sentence = after.marker.is_none() && !ends_clause(before.text) && (goes_on || runs_on());
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

/// A sentence ends within the line: it is no heading, no address, no item of a bare list, but running text.
fn is_running(line: &str) -> bool {
    ends_within(line, SHORTEST_NUMBER).next().is_some()
}

/// The marks of the sentences that end within the line beyond doubt, in words of at least so many characters.
fn ends_within(line: &str, shortest: usize) -> impl Iterator<Item = char> {
    line.match_indices(' ').filter_map(move |(at, _)| {
        let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default());
        let sentence = before.trim_end_matches(is_closing);
        let rest = sentence.strip_suffix(['.', '!', '?'])?;
        let word = rest.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let length = word.chars().count();
        let is_long = word.ends_with(|c: char| c.is_lowercase()) && length >= shortest
            || word.ends_with(|c: char| c.is_ascii_digit()) && length >= SHORTEST_NUMBER;
        let begins = || first_word(after).starts_with(char::is_uppercase);
        sentence.chars().next_back().filter(|_| is_long && lexicon::abbreviation(word).is_none() && begins())
    })
}

/// A bracket is open at the end of the line.
fn opens_bracket(line: &str) -> bool {
    line.rfind('(') > line.rfind(')')
}

/// A bracket of an earlier line ends in this one.
fn closes_bracket(line: &str) -> bool {
    line.find(')').is_some_and(|close| line.find('(').is_none_or(|open| close < open))
}

/// "am 23.|9. 1982": the day and the month of a date.
fn divides_date(before: &str, after: &str) -> bool {
    const BEFORE_DATES: [&str; 9] = ["am", "vom", "v.", "bis", "zum", "seit", "ab", "den", "dem"];
    let is_up_to = |most: u32, word: &str| {
        let digits = word.strip_suffix('.').filter(|digits| is_number(digits, 1..=2));
        digits.and_then(|digits| digits.parse().ok()).is_some_and(|number: u32| (1..=most).contains(&number))
    };
    let mut words_before = before.rsplit(char::is_whitespace);
    let mut words_after = after.split_whitespace();
    let is_day = words_before.next().is_some_and(|day| is_up_to(31, day));
    let is_month = words_after.next().is_some_and(|month| is_up_to(12, month));
    let is_year = |word: &str| is_number(word.trim_end_matches(|c: char| !c.is_ascii_digit()), 4..=4);
    is_day
        && is_month
        && (words_after.next().is_some_and(is_year)
            || words_before.next().is_some_and(|word| BEFORE_DATES.contains(&word.trim_start_matches('('))))
}

/// "Johannes Paul II.": the line may well end in mid-sentence.
fn ends_in_regnal_number(line: &str) -> bool {
    let word = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    word.strip_suffix('.').is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| b"IVX".contains(&byte)))
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
    if measures(word, after) || is_divided_abbreviation(word, after) {
        return true;
    }
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
    // "bis 24. November|2024", but "Stand: Mai|12 Gemeinden nahmen teil"
    let is_year = |word: &str| is_number(word.trim_end_matches(|c: char| !c.is_alphanumeric()), 4..=4);
    let before_year = || lexicon::is_month(word) && is_year(first_word(after));
    matches!(word, "§" | "§§" | "&") || lexicon::is_leaning(word) || before_year()
}

/// "60|Prozent", "1,1 Mrd.|Euro", "31|Mio.": a number and what it counts.
fn measures(word: &str, after: &str) -> bool {
    let next = first_word(after).trim_end_matches(|c: char| !c.is_alphabetic());
    let is_scale = |word: &str| matches!(word, "Mio" | "Mrd" | "Tsd");
    let is_amount = word.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit());
    let is_unit = lexicon::unit(next).is_some() || matches!(next, "Std" | "Min" | "Sek");
    is_amount && (is_unit || is_scale(next)) || word.strip_suffix('.').is_some_and(is_scale) && is_unit
}

/// "v.|Chr.", "h.|c.", "a.|M.": the parts of one abbreviation.
fn is_divided_abbreviation(word: &str, after: &str) -> bool {
    let next = first_word(after);
    let is_letter = word.strip_suffix('.').is_some_and(|letter| letter.chars().count() == 1);
    is_letter
        && next.ends_with('.')
        && lexicon::abbreviation(&format!("{word}{}", next.trim_end_matches('.'))).is_some()
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
    is_single_word(line) && line.ends_with(':') && line.starts_with(char::is_uppercase) || is_mail_label(line)
}

fn is_single_word(line: &str) -> bool {
    !line.contains(char::is_whitespace)
}

/// What no line begins with by intent: a small letter, or what belongs to the number before it.
fn starts_in_lower_case(line: &str) -> bool {
    let word = first_word(line);
    if word.starts_with(['%', '°', '€']) || word.trim_end_matches(['.', ',', ';', ':']) == "Uhr" {
        return true;
    }
    // "(ots)": where an agency's report begins.
    let is_agency = line.starts_with('(') && word.ends_with(')') && word.len() <= 4;
    word.starts_with(char::is_lowercase)
        && !is_agency
        && !word.starts_with("www.")
        && !word.contains("://")
        && !word.contains('@')
}

/// At most two words.
fn is_short(line: &str) -> bool {
    line.split_whitespace().nth(2).is_none()
}

/// How many lines at the start of `lines` are the times of a subtitle and the number above them.
fn timing(lines: &[Line<'_>]) -> usize {
    match lines {
        [first, ..] if is_timing(first.text) => 1,
        [first, second, ..] if is_number_alone(first.text) && second.gap == Gap::None && is_timing(second.text) => 2,
        _ => 0,
    }
}

/// Keeps lines as they are.
fn push_verbatim(text: &str, lines: &[Line<'_>], blocks: &mut Vec<Block>) {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return };
    let range = first.start..last.start + last.text.len();
    if let Some(content) = text.get(range.clone()) {
        blocks.push(Block::new(BlockKind::Code, 0, range.clone(), &[(Cow::Borrowed(content), range)]));
    }
}

/// Joins the lines of a unit into one block; a line in parts, far from each other, makes one for each.
fn push_unit(lines: &[Line<'_>], blocks: &mut Vec<Block>) {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return };
    if lines.len() == 1 && push_parts(first, blocks) {
        return;
    }
    let bullet = first.marker.filter(|marker| marker.is_markup());
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
        None if lines.len() == 1 && is_dateline(first.text) && !is_mail_label(first.text) => (BlockKind::Dateline, 0),
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
