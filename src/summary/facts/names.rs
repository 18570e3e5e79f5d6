//! Places and organisations. In: words. Out: names that a list holds, companies by their legal form, courts and universities
//! by their town.

use crate::bitext::FactKind;
use crate::gazetteer::listed;
use crate::lexicon::{self, Name};
use crate::words::{Word, words};

use super::{Found, dates};

/// What makes the town after it a club, and a name after it a person.
const NO_PLACE_AFTER: &[&str] = &[
    "FC",
    "SC",
    "SV",
    "TSV",
    "VfB",
    "VfL",
    "BSC",
    "Hertha",
    "Eintracht",
    "Werder",
    "Borussia",
    "Fortuna",
    "Bayern",
    "Union",
    "Dynamo",
    "Energie",
    "Hansa",
    "Arminia",
    "Real",
    "Inter",
    "Herr",
    "Herrn",
    "Frau",
    "Dr",
    "Prof",
];

/// Prepositions after which a name that is also that of people is a place.
const PLACE_AFTER: &[&str] = &["in", "aus", "nach", "In", "Aus", "Nach", "Freistaat", "Land"];

/// Nouns that may follow a place without being part of a name that begins with it, beside months: "will China Ende 2025".
const NO_PART_OF_NAME: &[&str] = &["Anfang", "Mitte", "Ende"];

/// What a town or country may be called after, as endings in small letters; after other nouns it may be a person's name.
const PLACE_NOUNS: &[&str] =
    &["stadt", "hafen", "standort", "raum", "region", "land", "kreis", "staat", "republik", "metropole"];

/// Legal forms of companies and associations, word by word.
const LEGAL_FORMS: &[&[&str]] = &[
    &["GmbH", "&", "Co", "KG"],
    &["AG", "&", "Co", "KG"],
    &["AG"],
    &["GmbH"],
    &["gGmbH"],
    &["KGaA"],
    &["KG"],
    &["SE"],
    &["eG"],
    &["Inc"],
    &["Ltd"],
    &["plc"],
];

/// Endings of nouns that say what a company is and are not part of its name.
const TRADES: &[&str] = &[
    "anbieter",
    "bauer",
    "betreiber",
    "dienstleister",
    "entwickler",
    "firma",
    "gesellschaft",
    "handelskette",
    "händler",
    "hersteller",
    "kette",
    "konzern",
    "konzerns",
    "lieferant",
    "produzent",
    "riese",
    "spezialist",
    "tochter",
    "unternehmen",
    "unternehmens",
    "verlag",
    "versicherer",
    "versorger",
    "zulieferer",
];

/// Articles that a company, being feminine in German, cannot have: after them stands a noun that belongs to them.
const OTHER_ARTICLES: &[&str] = &["der", "dem", "des", "den", "das", "ein", "einem", "eines", "beim", "vom", "zum"];

/// Institutions that are called after their town, without the ending of the genitive.
const INSTITUTIONS: &[(&str, &str)] = &[
    ("Amtsgericht", "Local Court"),
    ("Landgericht", "Regional Court"),
    ("Oberlandesgericht", "Higher Regional Court"),
    ("Verwaltungsgericht", "Administrative Court"),
    ("Oberverwaltungsgericht", "Higher Administrative Court"),
    ("Arbeitsgericht", "Labour Court"),
    ("Sozialgericht", "Social Court"),
    ("Finanzgericht", "Fiscal Court"),
    ("Universität", "University"),
];

/// The names of a sentence in order; what is inside a longer name is not listed on its own.
pub(super) fn find(words: &[Word<'_>]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (used, name) = institution(words, at)
            .or_else(|| company(words, at))
            .or_else(|| organisation(words, at))
            .or_else(|| place(words, at))
            .unwrap_or((1, None));
        found.extend(name);
        at += used;
    }
    found
}

/// The places that a dateline opens with: "KIEL, 7. November 2025.", "Berlin/Kiel (dpa)".
pub(super) fn of_dateline(text: &str) -> Vec<Found> {
    let head = text.split([',', '(', '–', '—', '.', ':']).next().unwrap_or_default();
    let place = |name: &str| {
        let parts: Vec<String> = words(name).iter().map(|word| usual_case(word.text)).collect();
        let fits = (1..=3).contains(&parts.len())
            && name.chars().all(|character| character.is_alphabetic() || " -".contains(character))
            && name.trim().starts_with(char::is_uppercase);
        let german = parts.join(" ");
        let known = lexicon::places(parts.first().map_or("", String::as_str)).iter().find(|name| name.german == german);
        fits.then(|| Found {
            kind: FactKind::Place,
            target: known.map_or_else(|| german.clone(), |name| name.english.to_owned()),
            source: german,
        })
    };
    head.split('/').filter_map(place).collect()
}

/// Whether a sentence that opens a paragraph is nothing but place and date: "KIEL, 7. November 2025."
pub(super) fn is_dateline(text: &str) -> bool {
    const LONGEST_DATE: usize = 3;
    let Some((place, date)) = text.split_once(',') else { return false };
    let date = words(date);
    let in_capitals = place.chars().filter(|character| character.is_uppercase()).count() > 1
        && !place.chars().any(char::is_lowercase);
    in_capitals && date.len() <= LONGEST_DATE && !dates::find(&date).is_empty()
}

/// "KIEL" as "Kiel", also behind hyphens; what is not in capitals stays.
fn usual_case(word: &str) -> String {
    if word.chars().any(char::is_lowercase) {
        return word.to_owned();
    }
    let parts: Vec<String> = word.split('-').map(|part| lexicon::capitalised(&part.to_lowercase())).collect();
    parts.join("-")
}

fn place(words: &[Word<'_>], at: usize) -> Option<(usize, Option<Found>)> {
    let (used, name) = listed(words, at, lexicon::places)?;
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    let club = before.is_some_and(|word| NO_PLACE_AFTER.contains(&word.text));
    let after_preposition = before.is_some_and(|word| word.joins_next() && PLACE_AFTER.contains(&word.text));
    let certain = after_preposition || !name.uncertain && !begins_longer_name(words, at + used, name);
    let may_be_person =
        used == 1 && words.get(at)?.text == name.german && before.is_some_and(|word| may_be_first_name(word));
    Some((used, (certain && !club && !may_be_person).then(|| found(FactKind::Place, name))))
}

/// Whether the place that ends before `end` may be the first part of another name: "Washington Post", "Sofia Weber". Not in
/// the genitive: "Chinas Staatschef".
fn begins_longer_name(words: &[Word<'_>], end: usize, place: Name) -> bool {
    let last = end.checked_sub(1).and_then(|last| words.get(last));
    let is_bare = last.is_some_and(|word| word.joins_next() && place.german.ends_with(word.text));
    words.get(end).filter(|next| is_bare && next.before.is_empty()).is_some_and(|next| {
        next.text.starts_with(char::is_uppercase)
            && !lexicon::is_starter(next.text)
            && !lexicon::is_month(next.text)
            && !NO_PART_OF_NAME.contains(&next.text)
    })
}

/// Whether a word may be the first name of a person whose name follows.
fn may_be_first_name(word: &Word<'_>) -> bool {
    let small = word.text.to_lowercase();
    word.joins_next()
        && word.text.starts_with(char::is_uppercase)
        && !lexicon::is_leaning(&small)
        && !lexicon::is_starter(word.text)
        && !PLACE_NOUNS.iter().any(|noun| small.ends_with(noun))
}

fn organisation(words: &[Word<'_>], at: usize) -> Option<(usize, Option<Found>)> {
    let (used, name) = listed(words, at, lexicon::organisations)?;
    Some((used, Some(found(FactKind::Organisation, name))))
}

fn found(kind: FactKind, name: Name) -> Found {
    Found { kind, source: name.german.to_owned(), target: name.english.to_owned() }
}

/// "Oberlandesgericht Dresden", "Universität Jena".
fn institution(words: &[Word<'_>], at: usize) -> Option<(usize, Option<Found>)> {
    let word = words.get(at).filter(|word| word.joins_next())?;
    let bare = word.text.strip_suffix('s').unwrap_or(word.text);
    let (german, english) = INSTITUTIONS.iter().find(|(german, _)| *german == bare || *german == word.text)?;
    let (used, town) = listed(words, at + 1, lexicon::places).filter(|(_, town)| !town.uncertain)?;
    let source = format!("{german} {}", town.german);
    let target = format!("{english} of {}", town.english);
    Some((1 + used, Some(Found { kind: FactKind::Organisation, source, target })))
}

/// "Nordmark Antriebstechnik AG": capitalised words up to a legal form, without the trade before them.
fn company(words: &[Word<'_>], at: usize) -> Option<(usize, Option<Found>)> {
    const MOST_WORDS: usize = 4;
    let is_name = |word: &Word<'_>| word.text.starts_with(char::is_uppercase) && word.joins_next();
    let rest = words.get(at..)?;
    // The article of a sentence's first word is no part of a name.
    if !rest.first().is_some_and(is_name) || rest.first().is_some_and(|word| is_article(word.text)) {
        return None;
    }
    let length = (1..=MOST_WORDS)
        .take_while(|length| rest.get(..*length).is_some_and(|name| name.iter().all(is_name)))
        .find(|length| legal_form(rest.get(*length..).unwrap_or_default()).is_some())?;
    let form = legal_form(rest.get(length..)?)?;
    let name = rest.get(..length)?;
    let used = length + form.len();
    let trades = name.iter().take_while(|word| is_trade(word.text)).count();
    let before = at.checked_sub(1).and_then(|before| words.get(before)).map_or("", |word| word.text);
    let other = OTHER_ARTICLES.contains(&before.to_lowercase().as_str());
    let name = name.get(trades..).filter(|name| !name.is_empty())?;
    // "der Discounter Aldi AG": where an article does not agree, its noun is there and does not belong to the name.
    if trades == 0 && other && length > 1 || name.iter().any(|word| legal_form(&[*word]).is_some()) {
        return Some((used, None));
    }
    let text = name.iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
    let source = format!("{text} {}", form.join(" ").replace("Co ", "Co. "));
    Some((used, Some(Found { kind: FactKind::Organisation, target: source.clone(), source })))
}

/// The legal form that stands here.
fn legal_form(words: &[Word<'_>]) -> Option<&'static [&'static str]> {
    let fits = |form: &&&[&str]| {
        words.get(..form.len()).is_some_and(|text| {
            let joined = |place: usize, word: &Word<'_>| {
                place + 1 == form.len() || word.joins_next() || word.has_full_stop() && word.text == "Co"
            };
            text.iter()
                .zip(form.iter())
                .enumerate()
                .all(|(place, (word, part))| word.text == *part && joined(place, word))
        })
    };
    LEGAL_FORMS.iter().find(fits).copied()
}

fn is_trade(word: &str) -> bool {
    let word = word.to_lowercase();
    TRADES.iter().any(|trade| word.ends_with(trade))
}

fn is_article(word: &str) -> bool {
    ["Der", "Die", "Das", "Dem", "Den", "Des", "Ein", "Eine", "Einem", "Einer", "Eines"].contains(&word)
}
