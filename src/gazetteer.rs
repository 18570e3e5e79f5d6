//! Listed names where they stand in German text, whatever their case. In: words and one of the lists of [`crate::lexicon`].
//! Out: the name and how many words it takes.

use crate::lexicon::Name;
use crate::words::Word;

/// The longest name of a list that stands here, and its words.
pub(crate) fn listed(words: &[Word<'_>], at: usize, list: impl Fn(&str) -> &'static [Name]) -> Option<(usize, Name)> {
    let first = words.get(at)?.text;
    let bare = first.strip_suffix('s').unwrap_or(first);
    // "Vereinten" and "Vereinter" are listed as "Vereinte", "Europäischen" as "Europäischer" or "Europäisches".
    let stem = ["en", "er", "es", "em"].iter().find_map(|ending| first.strip_suffix(ending)).unwrap_or_default();
    let adjectives =
        ["e", "er", "es"].map(|ending| if stem.is_empty() { String::new() } else { format!("{stem}{ending}") });
    let starts =
        [first, bare].into_iter().chain(adjectives.iter().map(String::as_str)).filter(|start| !start.is_empty());
    let names = starts.flat_map(|start| list(start).iter()).copied();
    let mut best: Option<(usize, Name)> = None;
    for name in names {
        let parts: Vec<&str> = name.german.split(' ').collect();
        let Some(text) = words.get(at..at + parts.len()) else { continue };
        let last = parts.len() - 1;
        let fits = text.iter().zip(&parts).enumerate().all(|(place, (word, part))| {
            let ending = if place == last { genitive(word.text, part) } else { same_adjective(word.text, part) };
            ending && (place == last || word.joins_next()) && (place == 0 || word.before.is_empty())
        });
        if fits && best.is_none_or(|(used, _)| parts.len() > used) {
            best = Some((parts.len(), name));
        }
    }
    best
}

/// Whether a word is the name's last one, perhaps in the genitive.
fn genitive(word: &str, part: &str) -> bool {
    // Acronyms take no ending: "UNs" is none.
    let acronym = part.chars().all(char::is_uppercase);
    word == part || !acronym && (word.strip_suffix('s') == Some(part) || word.strip_suffix("es") == Some(part))
}

/// Whether a word is the name's, perhaps an adjective with another ending.
fn same_adjective(word: &str, part: &str) -> bool {
    let stem = |word: &'_ str| -> usize {
        ["en", "er", "es", "em", "e"]
            .iter()
            .find(|ending| word.ends_with(**ending))
            .map_or(word.len(), |e| word.len() - e.len())
    };
    word == part
        || stem(part) < part.len() && stem(word) < word.len() && word.get(..stem(word)) == part.get(..stem(part))
}
