//! Figures that the model left in German form: "1.250,5" becomes "1,250.5" and "11.10.2025" becomes "11 October 2025".
//!
//! In: source and target. Out: the target, and what was changed. A figure is touched only where the same characters
//! stand in the source, where German gives them one meaning and English another or none, and where the English form is
//! not in the target already. Anything less certain is left to the check of numbers.

use super::addresses;
use super::numbers::{Run, runs};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Words before figures that are no amounts: sections, versions, file numbers, rooms.
const NUMBERED: &[&str] = &[
    "Abs",
    "Absatz",
    "Absätze",
    "Abschnitt",
    "Aktenzeichen",
    "Art",
    "Artikel",
    "Az",
    "Kapitel",
    "Kurs",
    "Listennr",
    "Nr",
    "Nrn",
    "Nummer",
    "Nummern",
    "Paragraf",
    "Paragraph",
    "Punkt",
    "Raum",
    "Saal",
    "Seite",
    "Seiten",
    "Tabelle",
    "Version",
    "Ziffer",
    "Ziffern",
    "Zimmer",
];

/// How the labels of figures end that are no amounts.
const IDENTIFYING: &[&str] = &[
    "nummer", "nr", "nr.", "version", "release", "code", "id", "zeichen", "az", "az.", "telefon", "tel.", "fax",
    "konto",
];

/// The target with English figures, and each change as "1.250,5" and "1,250.5".
pub(super) fn english(source: &str, target: &str) -> (String, Vec<(String, String)>) {
    let (in_source, in_target) = (runs(source), runs(target));
    let mut text = String::with_capacity(target.len() + 8);
    let mut changes: Vec<(String, String)> = Vec::new();
    let mut done = 0;
    for run in in_target.iter().filter(|run| !run.in_word && !addresses::holds(run.before(target), run.after)) {
        let twin = in_source.iter().find(|twin| twin.text == run.text && !is_label(source, twin));
        let form = twin.and_then(|twin| english_form(source, twin));
        let Some(form) = form.filter(|form| !target.contains(form.as_str())) else { continue };
        let start = target.len() - run.after.len() - run.text.len();
        text.push_str(target.get(done..start).unwrap_or_default());
        text.push_str(&form);
        done = start + run.text.len();
        let change = (run.text.to_owned(), form);
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    text.push_str(target.get(done..).unwrap_or_default());
    (text, changes)
}

/// Whether figures of a German text are no amount: a section, a file number, part of an address or name.
pub(super) fn is_label(text: &str, run: &Run<'_>) -> bool {
    let before = run.before(text).trim_end_matches([' ', '\u{a0}', '.']);
    let word_before = before.rsplit(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    run.in_word
        || NUMBERED.contains(&word_before)
        || before.ends_with(['§', '/'])
        || run.after.starts_with('/')
        // A clock of 4125 GHz there is not: the point is a decimal one.
        || !run.text.contains(',') && run.after.trim_start_matches([' ', '\u{a0}']).starts_with("GHz")
        || addresses::holds(run.before(text), run.after)
}

/// The English form of figures in a German text, where it is another one and certain.
fn english_form(source: &str, run: &Run<'_>) -> Option<String> {
    let groups: Vec<&str> = run.text.split(['.', ',']).collect();
    let separators: String = run.text.chars().filter(|character| !character.is_ascii_digit()).collect();
    let thousands = |groups: &[&str]| {
        groups.first().is_some_and(|group| group.len() <= 3 && !group.starts_with('0'))
            && groups.iter().skip(1).all(|group| group.len() == 3)
    };
    match (groups.as_slice(), separators.as_str()) {
        ([day, month, year], "..") if year.len() == 4 => date(day, month, year),
        // "1,250" has three digits in either language.
        ([integer, fraction], ",") if fraction.len() != 3 => Some(format!("{integer}.{fraction}")),
        ([integer @ .., fraction], separators)
            if separators.ends_with(".,") && !separators.trim_end_matches(',').contains(',') && thousands(integer) =>
        {
            Some(format!("{}.{fraction}", integer.join(",")))
        }
        ([_, _], ".") if !is_amount(source, run) => None,
        (groups, separators) if separators.starts_with('.') && !separators.contains(',') && thousands(groups) => {
            Some(groups.join(","))
        }
        _ => None,
    }
}

fn date(day: &str, month: &str, year: &str) -> Option<String> {
    let (day, month): (usize, usize) = (day.parse().ok()?, month.parse().ok()?);
    let month = MONTHS.get(month.checked_sub(1)?)?;
    ((1..=31).contains(&day) && !year.starts_with('0')).then(|| format!("{day} {month} {year}"))
}

/// Whether figures are surely an amount: a noun or the sign of a currency is beside them, they are what a label gives
/// ("Beschäftigte: 6.480"), or they stand without words, as in the cell of a table.
fn is_amount(source: &str, run: &Run<'_>) -> bool {
    const CURRENCIES: [char; 3] = ['€', '$', '£'];
    let spaces = [' ', '\u{a0}', '\u{202f}'];
    counts_nouns(run.after)
        || run.after.trim_start_matches(spaces).starts_with(CURRENCIES)
        || run.before(source).trim_end_matches(spaces).ends_with(CURRENCIES)
        || is_entry(source, run)
        || !source.contains(char::is_alphabetic)
}

/// Whether figures end a text or come before a bracket, right after a label that names no number, version or code.
fn is_entry(source: &str, run: &Run<'_>) -> bool {
    let Some(label) = run.before(source).trim_end().strip_suffix(':') else { return false };
    let label = label.trim_end().to_lowercase();
    run.after.trim_start().chars().next().is_none_or(|next| next == '(')
        && label.contains(char::is_alphabetic)
        && !IDENTIFYING.iter().any(|end| label.ends_with(end))
}

/// Whether a noun follows: "1.250 Euro" counts something, "4.125 GHz" may be a decimal point in the source.
fn counts_nouns(after: &str) -> bool {
    let word: String = after.trim_start_matches([' ', '\u{a0}']).chars().take_while(|c| c.is_alphabetic()).collect();
    after.starts_with([' ', '\u{a0}'])
        && word.chars().count() > 2
        && word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().skip(1).all(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_figures_become_english_ones() {
        for (source, target, polished) in [
            ("Es kostet 1.250,5 Millionen Euro.", "It costs 1.250,5 million euros.", "It costs 1,250.5 million euros."),
            ("um 3,5 Prozent", "by 3,5 percent", "by 3.5 percent"),
            ("2.200.112 Stimmen", "2.200.112 votes", "2,200,112 votes"),
            ("10.000 Menschen", "10.000 people", "10,000 people"),
            ("Am 11.10.2025 um 14.30 Uhr", "On 11.10.2025 at 14.30", "On 11 October 2025 at 14.30"),
            ("von 3,5 auf 4,25", "from 3,5 to 4,25", "from 3.5 to 4.25"),
            ("das 3,5-Fache (3,5).", "3,5-fold (3,5).", "3.5-fold (3.5)."),
            ("a_3,5 ist 3,5", "a_3,5 is 3,5", "a_3,5 is 3.5"),
            ("1.250", "1.250", "1,250"),
            ("Beschäftigte: 6.480", "Employees: 6.480", "Employees: 6,480"),
            ("Einwohner: 9.812 (2023)", "Inhabitants: 9.812 (2023)", "Inhabitants: 9,812 (2023)"),
            ("-1.250 %", "-1.250 %", "-1,250 %"),
            ("Es kostet 1.250 €, dann € 1.300.", "It costs 1.250 €, then € 1.300.", "It costs 1,250 €, then € 1,300."),
        ] {
            let (text, changes) = english(source, target);
            assert_eq!(text, polished);
            assert!(!changes.is_empty());
        }
    }

    #[test]
    fn what_is_english_or_uncertain_stays() {
        for (source, target) in [
            ("Es kostet 1.250,5 Euro.", "It costs 1,250.5 euros."),
            ("Es kostet 3,5 Euro.", "It costs 3.5 euros, not 3,5."),
            ("Nach § 3,5 und Artikel 4,6", "Under § 3,5 and Article 4,6"),
            ("Az. 5.312/24", "Ref. 5.312/24"),
            ("ein Takt von 4.125 GHz", "a clock of 4.125 GHz"),
            ("Version 4.125 Beta", "version 4.125 Beta"),
            ("Programmversion: 4.125", "Program version: 4.125"),
            ("Er sagte: 4.125 oder so", "He said: 4.125 or so"),
            ("ein Anteil von 0.125 Punkten", "a share of 0.125 points"),
            ("1,250 Euro", "1,250 euros"),
            ("Siehe https://example.de/a-11.10.2025.pdf.", "See https://example.de/a-11.10.2025.pdf."),
            ("die Datei bericht-11.10.2025.pdf", "the file bericht-11.10.2025.pdf"),
            ("an stand_11.10.2025 und bei 3,5@beispiel.de", "to stand_11.10.2025 and at 3,5@beispiel.de"),
            ("unter C:\\11.10.2025 oder www.beispiel.de/3,5", "at C:\\11.10.2025 or www.beispiel.de/3,5"),
            ("Spiel endet 3:2", "The game ends 3:2"),
            ("die Adresse 192.168.178.1", "the address 192.168.178.1"),
            ("Sie kamen.", "There were 3,5 of them."),
            ("am 45.13.2025", "on 45.13.2025"),
        ] {
            assert_eq!(english(source, target), (target.to_owned(), Vec::new()));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_figures_make_it_panic(source in "[0-9.,:§ äE/]{0,24}", target in "[0-9.,:§ äE/]{0,24}") {
            english(&source, &target);
            english(&source, &source);
        }
    }
}
