//! The line model: plain text → blocks. Which line breaks end a unit of text, and which are only where a line was full.
//!
//! In: decoded plain text. Out: blocks in reading order; outside them stand white space, rules and the marks of quotes
//! and tables, nothing else. No sentences are looked for here, although a line that ends in "Dr." goes on.
//!
//! A line break is soft when the document is hard-wrapped and the next word would not have fitted any more, when the next
//! line starts in lower case, or when the line ends in a word that leans on the next one. How wide the lines are is
//! learnt from the breaks that are soft beyond doubt.

use std::borrow::Cow;
use std::ops::Range;

use super::{Block, BlockKind, Piece};
use crate::lexicon::{self, Abbreviation};

/// Longest line that may be a heading, in characters.
const HEADING_LENGTH: usize = 120;

/// Below so many lines that end in mid-sentence a document is hard-wrapped only if they are a third of its lines.
const SOUND_EVIDENCE: usize = 4;

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

/// What a list item starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Marker<'a> {
    kind: MarkerKind,
    text: &'a str,
    /// Its place in the enumeration; 0 for bullets.
    value: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MarkerKind {
    /// "•": never part of running text.
    Bullet,
    /// "-": may also be a dash in running text.
    Dash,
    /// "1.", "2.3", "1)".
    Number,
    /// "a)", "A.", "(1)", "(a)".
    Letter,
    /// "IV."
    Roman,
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

/// How the last line of a pair is joined to the first in one paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// By a space.
    Space,
    /// At once, the hyphen belongs to the word.
    Hyphenated,
    /// At once, without the hyphen.
    Divided,
}

/// How two lines of one paragraph are joined: "Zusammen-|arbeit" loses its hyphen, "EU-|Gipfel" keeps it, "Vor-|und
/// Nachteile" also keeps its space.
pub(super) fn join(before: &str, after: &str) -> Join {
    let Some(stem) = before.strip_suffix(['-', '\u{2010}', '\u{ad}']) else { return Join::Space };
    let next = first_word(after);
    let Some(first) = next.chars().next() else { return Join::Space };
    let stem = last_word(stem);
    if !stem.ends_with(char::is_alphanumeric) || !first.is_alphanumeric() {
        return Join::Space;
    }
    let letters = next.trim_end_matches(|c: char| !c.is_alphabetic());
    if matches!(letters, "und" | "oder" | "bzw" | "sowie" | "als" | "noch" | "bis" | "wie" | "statt") {
        return Join::Space;
    }
    let acronym = stem.chars().skip(1).any(char::is_uppercase) || stem.ends_with(|c: char| c.is_ascii_digit());
    let single = stem.chars().nth(1).is_none();
    let pair_of_adjectives = is_adjective_stem(stem) && letters.contains("isch");
    if before.ends_with('\u{ad}') || (first.is_lowercase() && !acronym && !single && !pair_of_adjectives) {
        Join::Divided
    } else {
        Join::Hyphenated
    }
}

/// First parts of adjectives such as "deutsch-französisch" and "politisch-militärisch".
fn is_adjective_stem(word: &str) -> bool {
    word.starts_with(char::is_lowercase)
        && (word.ends_with("isch")
            || word.ends_with("sch") && word.contains("deutsch")
            || matches!(
                word,
                "sozial" | "national" | "liberal" | "links" | "rechts" | "christlich" | "gesellschaftlich"
            ))
}

/// Splits into lines that are not blank; rules are dropped and count as blank.
fn read_lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut after_gap = false;
    for (start, raw) in raw_lines(text) {
        let (quote, inner) = strip_quote(raw);
        let content = inner.trim();
        if content.is_empty() || is_rule(content) {
            after_gap = true;
            continue;
        }
        let lead = inner.len() - inner.trim_start().len();
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
    content
        .chars()
        .all(|c| matches!(c, '-' | '=' | '_' | '*' | '~' | '#' | '–' | '—' | '─' | '+' | '|' | ':') || c == ' ')
        && content.chars().filter(|c| !matches!(c, ' ' | ':')).nth(2).is_some()
}

/// The marker of a list item at the start of a line that has more to it.
fn marker(content: &str) -> Option<Marker<'_>> {
    let first = content.chars().next()?;
    let head = content.split_whitespace().next()?;
    let is_alone = head.len() == content.len();
    let bullet = |kind| Some(Marker { kind, text: content.get(..first.len_utf8())?, value: 0 });
    match first {
        '•' | '‣' | '▪' | '▫' | '●' | '○' | '◦' | '■' | '□' | '►' | '▶' | '➤' | '✓' | '✔' | '⁃' | '\u{f0b7}' =>
        {
            return bullet(MarkerKind::Bullet);
        }
        '·' if head == "·" && !is_alone => return bullet(MarkerKind::Bullet),
        '-' | '–' | '—' | '*' | '+' if head.len() == first.len_utf8() && !is_alone => {
            return bullet(MarkerKind::Dash);
        }
        _ => {}
    }
    // Longer heads are words: nothing below needs more than "(viii)" or "12.10.3.".
    if is_alone || head.len() > 10 {
        return None;
    }
    let marker = |kind, value| Some(Marker { kind, text: head, value });
    let inner = head.strip_prefix('(').unwrap_or(head);
    let (inner, closed) = match inner.strip_suffix(')') {
        Some(inner) => (inner, true),
        None if inner.len() < head.len() => return None,
        None => (inner, false),
    };
    let bare = inner.strip_suffix('.');
    let body = bare.unwrap_or(inner);
    let marked = closed || bare.is_some();
    let mut parts = body.split('.');
    if parts.all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())) {
        let levels = body.split('.').count();
        let followed_by_name = levels > 1 && content[head.len()..].trim_start().starts_with(char::is_uppercase);
        let value = body.rsplit('.').next().and_then(|part| part.parse().ok()).unwrap_or(0);
        return if marked || followed_by_name && !content.ends_with("Uhr") && next_word(content, head) != "Uhr" {
            marker(MarkerKind::Number, value)
        } else {
            None
        };
    }
    if !marked {
        return None;
    }
    let roman = roman_value(body).filter(|value| body.len() > 1 || *value == 1 || closed && *value == 5);
    if let Some(value) = roman {
        return marker(MarkerKind::Roman, value);
    }
    let mut letters = body.chars();
    match (letters.next(), letters.next(), letters.next()) {
        (Some(letter), None, None) if letter.is_ascii_alphabetic() => {
            marker(MarkerKind::Letter, u32::from(letter.to_ascii_lowercase()))
        }
        // "aa)" is the level below "a)" in German law.
        (Some(one), Some(two), None) if one == two && one.is_ascii_lowercase() && closed => {
            marker(MarkerKind::Letter, u32::from(one))
        }
        _ => None,
    }
}

fn next_word<'a>(content: &'a str, head: &str) -> &'a str {
    content.get(head.len()..).map_or("", first_word)
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
    let full = wrap.is_some_and(|wrap| wrap.is_full(before, after));
    let open = !ends_clause(before.text);
    let leans = leans(before.text, after.text);
    let divided = after.marker.is_none() && join(before.text, after.text) != Join::Space;
    if is_number_alone(before.text) || is_number_alone(after.text) && !(leans && after.text.ends_with('.') || divided) {
        return true;
    }
    if let Some(marker) = after.marker
        && !is_date(after.text)
    {
        let running = match marker.kind {
            MarkerKind::Bullet => false,
            MarkerKind::Dash => {
                open && (full && first.marker.is_none_or(|first| first.kind != MarkerKind::Dash)
                    || is_parenthesis(after.text))
            }
            _ => open && (full || leans) && !first.marker.is_some_and(|first| first.precedes(marker)),
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

impl Marker<'_> {
    fn precedes(self, next: Marker<'_>) -> bool {
        self.kind == next.kind && self.value + 1 == next.value && self.text.chars().last() == next.text.chars().last()
    }
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
    let mut pairs = 0;
    let mut evidence: Vec<(usize, usize)> = Vec::new();
    for pair in lines.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        if after.after_gap || after.quote != before.quote {
            continue;
        }
        pairs += 1;
        let goes_on = starts_in_lower_case(after.text) || leans(before.text, after.text);
        let mid_sentence = goes_on && after.marker.is_none() && !ends_clause(before.text);
        if mid_sentence && before.reach >= NARROWEST_LINE && !is_number_alone(before.text) {
            evidence.push((before.reach + width_of_first_word(after), before.reach));
        }
    }
    // In German about every second word begins in lower case; far fewer such lines are chance, not wrapping.
    let share = if evidence.len() < SOUND_EVIDENCE { 3 } else { 8 };
    if evidence.is_empty() || evidence.len() * share < pairs {
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
fn ends_clause(line: &str) -> bool {
    line.trim_end_matches(is_closing).ends_with(['.', '!', '?', ':', ';', '…'])
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '’' | '‘' | '«' | '»' | '‹' | '›' | ')' | ']')
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

/// "4. Juli", "21. 9. 2022": a date, not the first item of a list.
fn is_date(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let day = words.next().unwrap_or_default();
    let month = words.next().unwrap_or_default().trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_number = |word: &str| (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    day.strip_suffix('.').is_some_and(is_number) && (lexicon::is_month(month) || is_number(month))
}

/// "12", "IV.", "A.": the number of a section or margin number on a line of its own.
fn is_number_alone(line: &str) -> bool {
    if line.len() > 8 {
        return false;
    }
    let body = line.strip_suffix('.').unwrap_or(line);
    let digits = body.bytes().all(|byte| byte.is_ascii_digit()) && !body.is_empty();
    let letter = body.len() < line.len() && body.len() == 1 && body.bytes().all(|byte| byte.is_ascii_uppercase());
    digits || letter || body.len() < line.len() && roman_value(body).is_some()
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

fn starts_in_lower_case(line: &str) -> bool {
    let word = first_word(line);
    word.starts_with(char::is_lowercase) && !word.starts_with("www.") && !word.contains("://") && !word.contains('@')
}

/// At most two words.
fn is_short(line: &str) -> bool {
    line.split_whitespace().nth(2).is_none()
}

/// The first word of a line without quotes and brackets before it.
fn first_word(line: &str) -> &str {
    let line =
        line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '„' | '"' | '»' | '‚' | '“'));
    line.split_whitespace().next().unwrap_or_default()
}

fn last_word(line: &str) -> &str {
    let start = line
        .rfind(|c: char| !c.is_alphanumeric())
        .map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
    line.get(start..).unwrap_or_default()
}

/// Joins the lines of a unit into one block.
fn push_unit(lines: &[Line<'_>], blocks: &mut Vec<Block>) {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return };
    let bullet = first.marker.filter(|marker| matches!(marker.kind, MarkerKind::Bullet | MarkerKind::Dash));
    let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(2 * lines.len());
    for line in lines {
        let skipped = if pieces.is_empty() { bullet.map_or(0, |marker| marker.text.len()) } else { 0 };
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

/// Adds a line to the pieces of a paragraph, resolving the break before it; soft hyphens within it are left out.
pub(super) fn push_line<'a>(pieces: &mut Vec<Piece<'a>>, content: &'a str, start: usize) {
    if let Some((before, place)) = pieces.last_mut() {
        let end = place.end;
        match join(before, content) {
            Join::Space => pieces.push((Cow::Borrowed(" "), end..start)),
            Join::Hyphenated => {}
            Join::Divided => {
                let hyphen = before.chars().next_back().map_or(0, char::len_utf8);
                let kept = before.len() - hyphen;
                match before {
                    Cow::Borrowed(text) => *before = Cow::Borrowed(&text[..kept]),
                    Cow::Owned(text) => text.truncate(kept),
                }
                place.end -= hyphen;
            }
        }
    }
    let mut at = start;
    for part in content.split_inclusive('\u{ad}') {
        // One at the very end divides the word at the line break: `join` sees to it.
        let is_last = at + part.len() == start + content.len();
        let visible = if is_last { part } else { part.trim_end_matches('\u{ad}') };
        if !visible.is_empty() {
            pieces.push((Cow::Borrowed(visible), at..at + visible.len()));
        }
        at += part.len();
    }
}

/// Nesting depth of a list item, by its indentation or by its number.
fn item_depth(line: &Line<'_>, marker: Marker<'_>) -> u8 {
    let depth = match marker.kind {
        MarkerKind::Number => 1 + marker.text.trim_end_matches(['.', ')']).matches('.').count(),
        _ => 1 + line.indent / 4,
    };
    u8::try_from(depth).unwrap_or(u8::MAX)
}

/// "Berlin, 4. Juli 2024": only names and a date.
fn is_dateline(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(10).collect();
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_day = |word: &str| word.strip_suffix('.').is_some_and(|day| day.len() <= 2 && day.parse::<u8>().is_ok());
    let is_numeric_date = |word: &str| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3
            && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            && !parts[0].is_empty()
    };
    let names = match words.as_slice() {
        [names @ .., day, month, year] if is_day(day) && lexicon::is_month(month) && is_year(year) => names,
        [names @ .., day, month] if is_day(day) && lexicon::is_month(month) => names,
        [names @ .., date] if is_numeric_date(date) => names,
        _ => return false,
    };
    let is_name = |name: &&str| matches!(*name, "den" | "am" | "/" | "–" | "-") || name.starts_with(char::is_uppercase);
    names.len() <= 5 && names.iter().all(is_name)
}

/// How many lines at the start of `lines` are rows of one table.
fn table_rows(lines: &[Line<'_>]) -> usize {
    let Some(first) = lines.first() else { return 0 };
    let head = cells(first);
    if head.len() < 2 {
        return 0;
    }
    let fits = |line: &&Line<'_>| {
        let row = cells(line);
        row.len() == head.len()
            && row.iter().zip(&head).skip(1).any(|(cell, above)| cell.column.abs_diff(above.column) <= 1)
            || row.len() > 1 && is_tabulated(line.text) && is_tabulated(first.text)
    };
    let rows = 1 + lines[1..].iter().take_while(|line| !line.after_gap).take_while(fits).count();
    if rows > 1 || first.text.starts_with('|') { rows } else { 0 }
}

fn is_tabulated(line: &str) -> bool {
    line.contains(['\t', '|'])
}

/// One cell of a table row: its place in the line's text and the column (in characters) where it starts.
struct Cell {
    range: Range<usize>,
    column: usize,
}

/// Cuts a line at bars, tabs or gaps of three and more spaces; one cell or none when it is no row of a table.
fn cells(line: &Line<'_>) -> Vec<Cell> {
    let text = line.text;
    let separator: fn(&str) -> Option<usize> = if text.starts_with('|') || text.contains(" | ") {
        |rest| rest.starts_with('|').then_some(1)
    } else if text.contains('\t') {
        |rest| rest.starts_with('\t').then_some(1)
    } else if text.contains("   ") {
        |rest| rest.starts_with("   ").then(|| rest.len() - rest.trim_start().len())
    } else {
        return Vec::new();
    };
    let mut cells = Vec::new();
    let mut column = line.indent;
    let (mut start, mut start_column, mut at) = (0, column, 0);
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if let Some(length) = separator(&text[at..]) {
            push_cell(text, start..at, start_column, &mut cells);
            column += text[at..at + length].chars().count();
            at += length;
            (start, start_column) = (at, column);
        } else {
            at += character.len_utf8();
            column += 1;
        }
    }
    push_cell(text, start..text.len(), start_column, &mut cells);
    // "Von:<tab>…" and "1.<tab>…" are a label and an item with their text.
    let is_label = |cell: &Cell| text[cell.range.clone()].ends_with(':');
    if line.marker.is_some() || cells.first().is_some_and(is_label) { Vec::new() } else { cells }
}

fn push_cell(text: &str, range: Range<usize>, column: usize, cells: &mut Vec<Cell>) {
    let cell = &text[range.clone()];
    let lead = cell.len() - cell.trim_start().len();
    let trimmed = cell.trim();
    if !trimmed.is_empty() {
        let start = range.start + lead;
        cells.push(Cell { range: start..start + trimmed.len(), column: column + lead });
    }
}

fn push_cells(row: &Line<'_>, blocks: &mut Vec<Block>) {
    for cell in cells(row) {
        let content = &row.text[cell.range.clone()];
        let place = row.start + cell.range.start..row.start + cell.range.end;
        blocks.push(Block::new(BlockKind::TableCell, 0, place.clone(), &[(Cow::Borrowed(content), place)]));
    }
}

/// Turns paragraphs that stand alone like headings into headings, the first of them into the title.
fn name_headings(text: &str, blocks: &mut [Block]) {
    // From the end, because a heading is known by what follows it.
    let mut above_text = 0;
    for index in (0..blocks.len()).rev() {
        let (Some(block), next) = (blocks.get(index), blocks.get(index + 1)) else { continue };
        let underline = underline(text, block.range.end);
        let looks_like = looks_like_heading(text, block);
        let stands_above = next.is_some_and(|next| match next.kind {
            BlockKind::Heading => above_text < 3,
            BlockKind::Paragraph => !looks_like_heading(text, next),
            BlockKind::ListItem => block.kind != BlockKind::ListItem,
            BlockKind::Quote | BlockKind::Dateline | BlockKind::TableCell => true,
            _ => false,
        });
        if looks_like && (stands_above || underline.is_some()) {
            above_text += 1;
            let level = 1 + block.level.max(1);
            let first = blocks[..index].iter().all(|before| before.kind == BlockKind::Dateline);
            let is_title = first && block.kind == BlockKind::Paragraph && underline != Some('-') && blocks.len() > 1;
            if let Some(block) = blocks.get_mut(index) {
                (block.kind, block.level) = if is_title { (BlockKind::Title, 1) } else { (BlockKind::Heading, level) };
            }
        } else {
            above_text = 0;
        }
    }
}

/// One short line that begins like a heading and does not end like a sentence.
fn looks_like_heading(text: &str, block: &Block) -> bool {
    let line = block.text();
    let begins = line.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with(char::is_uppercase);
    let numbered = block.kind == BlockKind::ListItem && line.len() == block.range.len();
    (block.kind == BlockKind::Paragraph || numbered)
        && line.len() <= 4 * HEADING_LENGTH
        && line.chars().count() <= HEADING_LENGTH
        && begins
        && (!line.ends_with(['.', ',', ';', ':', '…']) || is_number_alone(line))
        && !text[block.range.clone()].contains(is_line_end)
}

/// The character of the rule right below a block.
fn underline(text: &str, end: usize) -> Option<char> {
    let below = text.get(end..)?.trim_start_matches([' ', '\t']);
    let below = below.strip_prefix("\r\n").or_else(|| below.strip_prefix(is_line_end))?;
    let line = below.split(is_line_end).next().unwrap_or_default().trim();
    line.chars().next().filter(|_| is_rule(line))
}

#[cfg(test)]
mod tests;
