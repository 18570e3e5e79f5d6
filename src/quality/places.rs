//! Places that the translation loses. In: a sentence and its translation. Out: the listed places that no word of the
//! translation resembles.
//!
//! A word that begins as the place does in either language is enough, so that its people and its adjective count too
//! ("China": "Chinese"); but no word of the name of another place, of which the source says nothing ("Iran": "Iraq").

use crate::gazetteer::listed;
use crate::lexicon::{self, Name};
use crate::words::Word;

use super::words;

/// Letters at the start of a word that are compared.
const LETTERS: usize = 3;

/// Letters at the start of a place that say that the source speaks of it.
const OPENING: usize = 5;

/// What English may say instead where that begins otherwise.
const ALSO: &[(&str, &str)] = &[
    ("Amerika", "US, USA, United States"),
    ("Dänemark", "Danish"),
    ("Frankreich", "French"),
    ("Großbritannien", "UK, United Kingdom, Britain"),
    ("Irland", "Irish"),
    ("Los Angeles", "LA"),
    ("New York", "NY, NYC"),
    ("Niederlande", "Dutch, Holland"),
    ("Nordrhein-Westfalen", "NRW"),
    ("Norddeutschland", "North Germany"),
    ("Ostdeutschland", "East Germany"),
    ("Philippinen", "Filipino"),
    ("Süddeutschland", "South Germany"),
    ("USA", "US, United States, America"),
    ("Vereinigte Arabische Emirate", "UAE"),
    ("Vereinigte Staaten", "US, USA, America"),
    ("Vereinigtes Königreich", "UK, Britain, Great Britain"),
    ("Wales", "Welsh"),
    ("Westdeutschland", "West Germany"),
];

/// What to say about the places that are missing.
pub(super) fn check(source: &str, target: &str) -> Option<String> {
    let source = crate::words::words(source);
    let mut names: Vec<Name> = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let found = listed(&source, at, lexicon::places);
        names.extend(found.map(|(_, name)| name).filter(|name| !names.contains(name)));
        at += found.map_or(1, |(used, _)| used);
    }
    if names.is_empty() {
        return None;
    }
    let target = target.replace('.', "");
    let target: Vec<&str> = words(&target).collect();
    let beginnings: Vec<String> = target.iter().map(|word| beginning(word)).collect();
    let is_missing = |name: &Name| {
        let is_name = |word: &&str| word.starts_with(char::is_uppercase) && !["Den", "The"].contains(word);
        let wanted: Vec<String> = called(*name).flat_map(words).filter(is_name).map(beginning).collect();
        let mut like = (0..target.len()).filter(|at| beginnings.get(*at).is_some_and(|word| wanted.contains(word)));
        // Each word that is like it belongs to another place's name, or there is none.
        like.all(|at| is_of_another(*name, &target, at, &names, &source))
    };
    let missing: Vec<String> = names.iter().copied().filter(is_missing).map(both).collect();
    (!missing.is_empty()).then(|| format!("{} is missing", missing.join(", ")))
}

/// All names of a place.
fn called(name: Name) -> impl Iterator<Item = &'static str> {
    let also = ALSO.iter().find(|(german, _)| *german == name.german).map_or("", |(_, also)| *also);
    [name.german, name.english].into_iter().chain(also.split(", ").filter(|also| !also.is_empty()))
}

/// Whether the word of the target is part of the English name of a place that is another one and not in the source.
fn is_of_another(name: Name, target: &[&str], at: usize, in_source: &[Name], source: &[Word<'_>]) -> bool {
    let stands_at = |place: &str| {
        let parts: Vec<&str> = words(place).collect();
        let starts = at.saturating_sub(parts.len().saturating_sub(1))..=at;
        starts.into_iter().any(|start| target.get(start..start + parts.len()) == Some(parts.as_slice()))
    };
    let is_own = |other: &str| called(name).any(|own| own.contains(other) || other.contains(own));
    // The adjective or a compound is enough: "australisch".
    let is_in_source = |other: Name| {
        let opening = |place: &str| place.chars().take(OPENING).collect::<String>().to_lowercase();
        let openings = [opening(other.german), opening(other.english)];
        let is_other = |word: &&Word<'_>| !called(name).any(|own| word.text.starts_with(own));
        in_source.iter().any(|known| known.english == other.english)
            || source.iter().filter(is_other).any(|word| {
                let word = word.text.to_lowercase();
                openings.iter().any(|opening| word.contains(opening.as_str()))
            })
    };
    let mut others = lexicon::all_places().filter(|other| called(*other).skip(1).any(stands_at));
    let own = called(name).any(stands_at);
    !own && others.any(|other| !called(other).skip(1).any(is_own) && !is_in_source(other))
}

/// How a word begins, accents aside: short words whole and as they are, so that "us" is not "US".
fn beginning(word: &str) -> String {
    if word.chars().count() < LETTERS {
        return word.to_owned();
    }
    let plain = |letter: char| match letter {
        'ä' | 'á' => 'a',
        'ö' | 'ó' => 'o',
        'ü' | 'ú' => 'u',
        'é' => 'e',
        'í' => 'i',
        other => other,
    };
    // "Duesseldorf" is Düsseldorf, and "UAE" no "UÄ".
    if word.chars().all(char::is_uppercase) {
        return word.chars().take(LETTERS).flat_map(char::to_lowercase).map(plain).collect();
    }
    let word = word.to_lowercase().replace("ae", "a").replace("oe", "o").replace("ue", "u");
    word.chars().take(LETTERS).map(plain).collect()
}

fn both(name: Name) -> String {
    match name {
        Name { german, english, .. } if german == english => german.to_owned(),
        Name { german, english, .. } => format!("{german} ({english})"),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_place_that_is_lost_is_named() {
        for (source, target, missing) in [
            ("Das Büro in London schließt.", "The office closes.", "London is missing"),
            ("Weißrussland und China unterzeichnen.", "They and China sign.", "Weißrussland (Belarus) is missing"),
            ("Berlin und Paris in Chinas Nähe, Berlin", "There", "Berlin, Paris, China is missing"),
            (
                "Die Vereinigten Staaten zahlen.",
                "They pay; let us see.",
                "Vereinigte Staaten (United States) is missing",
            ),
            (
                "in Saudi-Arabien und Den Haag",
                "in and the",
                "Saudi-Arabien (Saudi Arabia), Den Haag (The Hague) is missing",
            ),
        ] {
            assert_eq!(check(source, target).as_deref(), Some(missing), "{source}");
        }
    }

    #[test]
    fn another_place_that_begins_alike_is_not_the_place() {
        for (source, target) in [
            ("Der Iran verhandelt.", "Iraq is negotiating."),
            ("Der Irak verhandelt.", "Iran is negotiating."),
            ("Die Slowakei zahlt.", "Slovenia pays."),
            ("Er kommt aus Österreich.", "He comes from Australia."),
            ("Nordkorea droht.", "South Korea threatens."),
            ("Südafrika wählt.", "North Africa votes."),
            ("Westdeutschland war reicher.", "East Germany was richer."),
            ("Soldaten in Mali", "Soldiers in Malta"),
        ] {
            assert!(check(source, target).is_some(), "{source}");
        }
        for (source, target) in [
            ("Nordkorea droht.", "The North Koreans threaten South Korea."),
            ("Nordkorea und Südkorea", "South and North Korea"),
            ("Österreich schlägt das australische Team.", "The Austrians beat Australia's team."),
            ("In Frankfurt am Main regnet es.", "It is raining in Frankfurt."),
            ("Amerika zahlt.", "The United States pays."),
            ("Westdeutschland war reicher.", "West Germany was richer."),
            ("Österreich zahlt.", "The Austrians pay."),
            ("China zahlt.", "The Chinese pay."),
            ("Papua-Neuguinea zahlt.", "Papua New Guinea pays."),
            ("Neu-Delhi zahlt.", "Delhi pays."),
        ] {
            assert_eq!(check(source, target), None, "{source}");
        }
    }

    #[test]
    fn a_place_in_any_form_is_there() {
        for (source, target) in [
            ("Die Regierung Chinas tagt in Peking.", "The Chinese government meets in Beijing."),
            ("Die USA und Frankreich zahlen.", "The U.S. and the French pay."),
            ("aus den USA", "from the United States"),
            ("in Düsseldorf und Kiew", "in Duesseldorf and Kyiv"),
            ("Er sprach in den Niederlanden.", "He spoke in Holland."),
            ("in Den Haag", "in The Hague"),
            ("aus den Vereinigten Arabischen Emiraten", "from the UAE"),
            ("in Nordrhein-Westfalen und Los Angeles", "in NRW and LA"),
            ("Das Treffen endet.", ""),
        ] {
            assert_eq!(check(source, target), None, "{source}");
        }
    }
}
