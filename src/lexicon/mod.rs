//! Words of German as data: what the rules on line breaks and sentence ends look up.
//!
//! In: the text files beside this one, compiled in and parsed once. Out: lookups by exact word. No rules here, and no
//! text is read but those files.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// How an abbreviation stands to the end of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Abbreviation {
    /// Something always follows ("Dr.", "z. B.").
    Never,
    /// Ends a sentence when a word follows that can only begin one ("4 Mrd.", "e. V.").
    Maybe,
    /// Ends a sentence when a capital letter follows ("usw.").
    Often,
    /// A word of its own unless a number follows ("Art.").
    BeforeNumber,
}

/// A file of words, read when it is first asked.
struct Words {
    file: &'static str,
    table: OnceLock<HashSet<&'static str>>,
}

impl Words {
    const fn of(file: &'static str) -> Self {
        Self { file, table: OnceLock::new() }
    }

    fn contains(&self, word: &str) -> bool {
        self.table.get_or_init(|| words(self.file).collect()).contains(word)
    }
}

/// The class of an abbreviation, given without its last full stop and without spaces ("z.B").
pub(crate) fn abbreviation(word: &str) -> Option<Abbreviation> {
    static TABLE: OnceLock<HashMap<String, Abbreviation>> = OnceLock::new();
    TABLE.get_or_init(|| parse_abbreviations(include_str!("abbreviations.txt"))).get(word).copied()
}

/// The same for one that is set in capitals ("ABS", "Z.B"); a single letter is none.
pub(crate) fn capital_abbreviation(word: &str) -> Option<Abbreviation> {
    static TABLE: OnceLock<HashMap<String, Abbreviation>> = OnceLock::new();
    // Where words differ by their capitals alone, the later class stands, which keeps less together.
    let table = || {
        let words = words(include_str!("abbreviations.txt"));
        words.filter_map(|word| Some((word.to_uppercase(), abbreviation(word)?))).collect()
    };
    TABLE.get_or_init(table).get(word).copied().filter(|_| word.chars().nth(1).is_some())
}

/// Whether a word with a capital first letter can only begin a sentence.
pub(crate) fn is_starter(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("starters.txt"));
    WORDS.contains(word)
}

/// Whether a word is the name of a month or its short form.
pub(crate) fn is_month(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("months.txt"));
    WORDS.contains(word)
}

/// Whether a word is the name of a news agency.
pub(crate) fn is_agency(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("agencies.txt"));
    WORDS.contains(word)
}

/// Whether a word leans on the next one, so that no line ends with it by intent.
pub(crate) fn is_leaning(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("leaning.txt"));
    WORDS.contains(word)
}

/// Whether a cardinal number is expected after the word ("Seite", "auf").
pub(crate) fn is_numbered(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("numbered.txt"));
    WORDS.contains(word)
}

/// Whether a number from four on is a cardinal after the word ("waren", "bis").
pub(crate) fn is_counted(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("counted.txt"));
    WORDS.contains(word)
}

/// Whether a word is a finite form of a frequent verb and nothing else.
pub(crate) fn is_finite(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("finite.txt"));
    WORDS.contains(word)
}

/// Whether an ordinal number is expected before the noun ("Jahrhundert").
pub(crate) fn takes_ordinal(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("ordinals.txt"));
    WORDS.contains(word)
}

/// Whether a word, given in lower case, is a verb, adjective or adverb that is no noun as well.
pub(crate) fn is_lower_case(word: &str) -> bool {
    static WORDS: Words = Words::of(include_str!("lower.txt"));
    WORDS.contains(word)
}

/// How an acronym, given in capitals, is written ("GMBH": "GmbH").
pub(crate) fn acronym(capitals: &str) -> Option<&'static str> {
    static TABLE: OnceLock<HashMap<String, &str>> = OnceLock::new();
    let table = || words(include_str!("acronyms.txt")).map(|word| (word.to_uppercase(), word)).collect();
    TABLE.get_or_init(table).get(capitals).copied()
}

/// A name that stands in both languages in one of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    /// As it is called in German, word by word with single spaces.
    pub german: &'static str,
    /// As it is called in English.
    pub english: &'static str,
    /// Whether it counts only where a preposition says that it is a place.
    pub uncertain: bool,
}

/// The places whose German name begins with this word, longest names first.
pub(crate) fn places(first_word: &str) -> &'static [Name] {
    place_table().get(first_word).map_or(&[], Vec::as_slice)
}

/// All places, in no order.
pub(crate) fn all_places() -> impl Iterator<Item = Name> {
    place_table().values().flatten().copied()
}

fn place_table() -> &'static HashMap<&'static str, Vec<Name>> {
    static TABLE: OnceLock<HashMap<&str, Vec<Name>>> = OnceLock::new();
    TABLE.get_or_init(|| by_first_word(include_str!("places.txt")))
}

/// The organisations whose German name begins with this word, longest names first.
pub(crate) fn organisations(first_word: &str) -> &'static [Name] {
    static TABLE: OnceLock<HashMap<&str, Vec<Name>>> = OnceLock::new();
    TABLE.get_or_init(|| by_first_word(include_str!("organisations.txt"))).get(first_word).map_or(&[], Vec::as_slice)
}

/// The English plural of a unit ("Tonnen": "tonnes").
pub(crate) fn unit(word: &str) -> Option<&'static str> {
    static TABLE: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    let table = || {
        let entries = lines(include_str!("units.txt")).filter_map(|line| line.split_once(" = "));
        entries.flat_map(|(german, english)| german.split(' ').map(move |word| (word, english))).collect()
    };
    TABLE.get_or_init(table).get(word).copied()
}

fn by_first_word(file: &'static str) -> HashMap<&'static str, Vec<Name>> {
    let mut table: HashMap<&str, Vec<Name>> = HashMap::new();
    for line in lines(file) {
        let (german, english) = line.split_once(" = ").unwrap_or((line, line.trim_start_matches('?')));
        let name = Name { german: german.trim_start_matches('?'), english, uncertain: german.starts_with('?') };
        let first = name.german.split(' ').next().unwrap_or(name.german);
        table.entry(first).or_default().push(name);
    }
    table.values_mut().for_each(|names| names.sort_by_key(|name| std::cmp::Reverse(name.german.split(' ').count())));
    table
}

/// The lines of a file, without comments and empty ones.
fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn words(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

fn parse_abbreviations(file: &'static str) -> HashMap<String, Abbreviation> {
    let mut class = Abbreviation::Maybe;
    let mut table = HashMap::new();
    for word in words(file) {
        match word {
            "[never]" => class = Abbreviation::Never,
            "[maybe]" => class = Abbreviation::Maybe,
            "[often]" => class = Abbreviation::Often,
            "[number]" => class = Abbreviation::BeforeNumber,
            _ => {
                table.entry(capitalised(word)).or_insert(class);
                table.insert(word.to_owned(), class);
            }
        }
    }
    table
}

/// The word with a capital first letter.
pub(crate) fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_abbreviation_has_one_class() {
        let mut class = "";
        let mut seen = HashMap::new();
        for word in words(include_str!("abbreviations.txt")) {
            if word.starts_with('[') {
                class = word;
            } else if let Some(before) = seen.insert(word, class) {
                assert_eq!(before, class, "{word} stands in two classes");
            }
        }
    }

    #[test]
    fn abbreviations_are_written_without_their_last_full_stop() {
        for word in words(include_str!("abbreviations.txt")).chain(words(include_str!("months.txt"))) {
            assert!(!word.ends_with('.'), "{word}");
        }
    }

    #[test]
    fn lower_case_forms_also_begin_sentences() {
        assert_eq!(abbreviation("Vgl"), Some(Abbreviation::Never));
        assert_eq!(abbreviation("Z.B"), Some(Abbreviation::Never));
        assert_eq!(abbreviation("art"), None);
        assert_eq!(capital_abbreviation("Z.B"), Some(Abbreviation::Never));
        assert_eq!(capital_abbreviation("ABS"), Some(Abbreviation::Maybe));
        assert_eq!(capital_abbreviation("GUT").or(capital_abbreviation("U")), None);
    }

    #[test]
    fn words_in_lower_case_are_and_stand_once() {
        for file in [include_str!("lower.txt"), include_str!("finite.txt"), include_str!("counted.txt")] {
            let mut seen = HashSet::new();
            for word in words(file) {
                assert!(!word.contains(char::is_uppercase) && seen.insert(word), "{word}");
            }
        }
    }

    #[test]
    fn names_and_units_stand_once() {
        for file in [include_str!("places.txt"), include_str!("organisations.txt"), include_str!("units.txt")] {
            let mut seen = HashSet::new();
            for line in lines(file) {
                assert!(!line.contains("  ") && line.matches('=').count() <= 1, "{line}");
                let german = line.split(" = ").next().unwrap().trim_start_matches('?');
                assert!(!german.is_empty() && seen.insert(german), "{line}");
            }
        }
        assert_eq!(unit("Metern"), Some("metres"));
        assert_eq!(places("Vereinigte").len(), 2);
        assert!(places("Polen")[0].uncertain && organisations("EU")[0].english == "EU");
    }

    #[test]
    fn starters_have_a_capital_and_no_noun_takes_an_ordinal_among_them() {
        for word in words(include_str!("starters.txt")) {
            assert!(word.starts_with(char::is_uppercase), "{word}");
            // "Ehe er kam" and "in 2. Ehe"
            assert!(!takes_ordinal(word) || word == "Ehe", "{word}");
        }
    }
}
