//! Names that are spelled in two ways in one report. In: all its segments. Out: doubts about some of them.
//!
//! Only one case is certain enough: a German name is kept as it is in some sentences and stands slightly changed in
//! others ("Lukaschenko", "Lukashenko"). The rarer spelling is reported, the more frequent one named.

use std::collections::{BTreeMap, HashSet};

use crate::bitext::{BitextSegment, SegmentId};

use super::words;

/// Letters of the shortest name looked at; shorter ones resemble too many words.
const SHORTEST: usize = 6;

/// Most letters that two spellings of a name differ by.
pub(super) const MOST_CHANGES: usize = 2;

/// Words of a sentence that are looked at; without a limit one sentence of a million words would take forever.
pub(super) const MOST_WORDS: usize = 300;

/// Before these stands no name of a person or place: what follows is a noun.
const BEFORE_NOUNS: &[&str] = &[
    "am", "beim", "das", "dem", "den", "der", "des", "die", "diese", "diesem", "diesen", "dieser", "dieses", "ein",
    "eine", "einem", "einen", "einer", "eines", "ihr", "ihre", "ihrem", "ihren", "ihrer", "im", "ins", "kein", "keine",
    "keinen", "sein", "seine", "seinem", "seinen", "seiner", "vom", "zum", "zur",
];

/// Sentences with a spelling that another one is more frequent than, with what to say about it.
pub(super) fn check(segments: &[BitextSegment]) -> Vec<(SegmentId, String)> {
    let mut spellings: BTreeMap<&str, Vec<(SegmentId, &str)>> = BTreeMap::new();
    let mut nouns: HashSet<&str> = HashSet::new();
    for (id, segment) in segments.iter().enumerate() {
        let source: Vec<&str> = words(&segment.source).take(MOST_WORDS).collect();
        let target: Vec<&str> = words(&segment.target).take(MOST_WORDS).filter(|word| may_be_name(word)).collect();
        for (place, name) in source.iter().enumerate().filter(|(_, word)| may_be_name(word)) {
            let before = place.checked_sub(1).and_then(|before| source.get(before));
            if before.is_some_and(|before| BEFORE_NOUNS.contains(&before.to_lowercase().as_str())) {
                nouns.insert(name);
            }
            if let Some(spelling) = spelling(name, &source, &target) {
                spellings.entry(name).or_default().push((id, spelling));
            }
        }
    }
    let names = spellings.iter().filter(|(name, _)| !nouns.contains(*name));
    let mut doubts: Vec<(SegmentId, String)> = names.flat_map(|(name, found)| rarer(name, found)).collect();
    doubts.sort();
    doubts.dedup();
    doubts
}

fn may_be_name(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().skip(1).all(char::is_lowercase)
        && word.chars().count() >= SHORTEST
}

/// How a name is spelled in the target: as in the source, or as the one word that resembles it.
fn spelling<'a>(name: &str, source: &[&str], target: &[&'a str]) -> Option<&'a str> {
    if let Some(same) = target.iter().find(|word| **word == name) {
        return Some(same);
    }
    let resembles = |word: &&&str| {
        word.chars().next() == name.chars().next()
            && !source.contains(word)
            && !word.starts_with(name)
            && !name.starts_with(**word)
            // "Organisation" and "Organization" are both English.
            && word.replace('z', "s") != name.replace('z', "s")
            && edit_distance(word, name) <= MOST_CHANGES
    };
    let mut found: Vec<&str> = target.iter().filter(resembles).copied().collect();
    found.dedup();
    match found.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

/// The sentences with the rarer of two spellings, of which one is that of the source.
fn rarer(name: &str, found: &[(SegmentId, &str)]) -> Vec<(SegmentId, String)> {
    let different: HashSet<&str> = found.iter().map(|(_, spelling)| *spelling).filter(|other| *other != name).collect();
    let (Some(other), 1) = (different.iter().next().copied(), different.len()) else { return Vec::new() };
    let count = |wanted: &str| found.iter().filter(|(_, spelling)| *spelling == wanted).count();
    let (frequent, rare) = if count(name) > count(other) { (name, other) } else { (other, name) };
    let Some((elsewhere, _)) = found.iter().find(|(_, spelling)| *spelling == frequent) else { return Vec::new() };
    let doubt = format!("“{rare}” is spelled “{frequent}” in sentence {elsewhere}");
    found.iter().filter(|(_, spelling)| *spelling == rare).map(|(id, _)| (*id, doubt.clone())).collect()
}

/// Letters to change, add or take away to turn one word into the other (Levenshtein distance).
pub(super) fn edit_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, same) in row.iter_mut().skip(1).zip(other.iter().map(|candidate| *candidate == letter)) {
            let best = (left + 1).min(*cell + 1).min(diagonal + usize::from(!same));
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubts(pairs: &[(&str, &str)]) -> Vec<(SegmentId, String)> {
        let segment = |(id, (source, target)): (usize, &(&str, &str))| BitextSegment {
            id,
            start: 0,
            end: 0,
            source: (*source).to_owned(),
            target: (*target).to_owned(),
            score: 0.0,
            checks: Vec::new(),
        };
        check(&pairs.iter().enumerate().map(segment).collect::<Vec<_>>())
    }

    #[test]
    fn a_name_in_two_spellings_is_reported_once_per_rare_sentence() {
        let doubts = doubts(&[
            ("Lukaschenko reist nach Astana.", "Lukashenko travels to Astana."),
            ("Präsident Lukaschenko sprach.", "President Lukaschenko spoke."),
            ("Danach flog Lukaschenko heim.", "Then Lukashenko flew home."),
        ]);
        assert_eq!(doubts, [(1, "“Lukaschenko” is spelled “Lukashenko” in sentence 0".to_owned())]);
    }

    #[test]
    fn nouns_plurals_and_one_spelling_are_none() {
        for pairs in [
            [("Lukaschenko kam.", "Lukashenko came."), ("Lukaschenko ging.", "Lukashenko left.")],
            [("Der Minister kam.", "The Minister came."), ("Minister reisten ab.", "The Ministry left.")],
            [("Programm läuft.", "Programm is running."), ("Programm endet.", "The Program ends.")],
            [("Organisation wächst.", "Organisation grows."), ("Organisation endet.", "Organization ends.")],
        ] {
            assert_eq!(doubts(&pairs), []);
        }
    }

    #[test]
    fn changes_are_counted() {
        for (one, other, count) in
            [("", "abc", 3), ("kitten", "sitting", 3), ("Müller", "Muller", 1), ("same", "same", 0)]
        {
            assert_eq!((edit_distance(one, other), edit_distance(other, one)), (count, count));
        }
    }
}
