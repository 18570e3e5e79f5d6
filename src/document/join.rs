//! How the lines of one paragraph become one text: spaces for line breaks, hyphens at line ends resolved.
//!
//! In: two lines that belong together. Out: pieces of a block with their places. Whether lines belong together is
//! decided elsewhere.

use std::borrow::Cow;

use super::Piece;

/// How the last line of a pair is joined to the first in one paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// By a space.
    Space,
    /// At once, the hyphen or slash belongs to the word.
    Hyphenated,
    /// At once, without the hyphen.
    Divided,
}

/// How two lines of one paragraph are joined: "Zusammen-|arbeit" loses its hyphen, "EU-|Gipfel" and "CDU/|CSU" keep what
/// they have, "Vor-|und Nachteile" also keeps its space.
pub(super) fn join(before: &str, after: &str) -> Join {
    if before.ends_with('/') {
        return if is_divided_at_slash(before, after) { Join::Hyphenated } else { Join::Space };
    }
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
    let pair_of_adjectives = is_adjective_stem(stem) && letters.contains("isch") || is_pair(stem, letters);
    if before.ends_with('\u{ad}') || (first.is_lowercase() && !acronym && !single && !pair_of_adjectives) {
        Join::Divided
    } else {
        Join::Hyphenated
    }
}

/// "CDU/|CSU", "und/|oder"; an address on the web may end with a slash.
fn is_divided_at_slash(before: &str, after: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let stem = word.trim_end_matches('/');
    word.len() == stem.len() + 1
        && stem.ends_with(char::is_alphanumeric)
        && !stem.contains("//")
        && !stem.contains('.')
        && after.starts_with(char::is_alphanumeric)
}

/// First parts of adjectives such as "deutsch-französisch" and "politisch-militärisch".
fn is_adjective_stem(word: &str) -> bool {
    word.starts_with(char::is_lowercase)
        && (word.ends_with("isch")
            || matches!(word, "deutsch" | "sozial" | "national" | "liberal" | "links" | "rechts" | "christlich"))
}

/// Names of two parts of which the second one is not divided from the first: "Baden-württembergisch", "rot-grün".
fn is_pair(first: &str, second: &str) -> bool {
    const PAIRS: [(&str, &[&str]); 9] = [
        ("baden", &["württemberg"]),
        ("schleswig", &["holstein"]),
        ("nordrhein", &["westfäl"]),
        ("rheinland", &["pfälz"]),
        ("sachsen", &["anhalt"]),
        ("mecklenburg", &["vorpommer"]),
        ("rot", &["grün", "rot", "schwarz", "gelb", "weiß"]),
        ("schwarz", &["rot", "grün", "gelb", "weiß"]),
        ("know", &["how"]),
    ];
    let (first, second) = (first.to_lowercase(), second.to_lowercase());
    PAIRS.iter().any(|(stem, tails)| first == *stem && tails.iter().any(|tail| second.starts_with(tail)))
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

/// The first word of a line without quotes and brackets before it.
pub(super) fn first_word(line: &str) -> &str {
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
