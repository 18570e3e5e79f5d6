//! Summaries: what may stand in one, and that it is made of the report's own sentences.

use proptest::prelude::*;
use translate::bitext::Bitext;
use translate::document::BlockKind::{self, *};
use translate::summary::{SummaryOptions, summarize};

use crate::report::{block, report};

/// A report of these blocks; the English of a sentence names its id.
fn german(blocks: &[(BlockKind, &[&str])]) -> Bitext {
    let mut bitext = report("bericht.txt");
    for (kind, sentences) in blocks {
        let first = bitext.segments.len();
        let english: Vec<String> = (first..first + sentences.len()).map(|id| format!("English {id}.")).collect();
        let pairs: Vec<(&str, &str)> = sentences.iter().copied().zip(english.iter().map(String::as_str)).collect();
        block(&mut bitext, *kind, 0, &pairs);
    }
    bitext
}

/// The chosen segments; `None` leaves their number to the summarizer.
fn chosen(bitext: &Bitext, sentences: Option<usize>) -> Vec<usize> {
    summarize(bitext, &SummaryOptions { sentences }).segments
}

fn bridge() -> Bitext {
    german(&[
        (Title, &["Brücke über die Aller wird gesperrt"]),
        (Dateline, &["CELLE, 2. Juni 2025."]),
        (
            Paragraph,
            &[
                "Was geschieht mit der alten Brücke über die Aller in diesem Sommer?",
                "Die Stadt Celle sperrt die alte Brücke über die Aller ab Juli für Lastwagen.",
                "Damit reagiert sie auf ein Gutachten, das im Mai vorgelegt wurde.",
                "Dieses hatte Risse im Beton beider Pfeiler beschrieben.",
            ],
        ),
        (Heading, &["Umleitung über Altencelle"]),
        (
            Paragraph,
            &[
                "Die Umleitung führt Lastwagen über Altencelle und die neue Brücke im Osten.",
                "„Wir wissen, dass das Zeit kostet.",
                "Die Fahrt dauert im Berufsverkehr gut zwanzig Minuten länger als bisher.",
                "Daran ist nichts zu ändern“, sagte Baudezernentin Ruth Elvers.",
                "Die Sperrung der Brücke soll bis zum Neubau im Jahr 2028 gelten.",
                "Er hat mit allem gerechnet, aber nicht mit diesem Gutachten.",
            ],
        ),
        (ListItem, &["Der Neubau kostet nach heutigem Stand etwa 14 Millionen Euro."]),
    ])
}

#[test]
fn only_sentences_that_stand_alone_are_chosen() {
    let bitext = bridge();
    let summary = summarize(&bitext, &SummaryOptions { sentences: Some(20) });
    assert_eq!(summary.segments, [3, 7, 11]);
    assert_eq!(summary.target, "English 3. English 7. English 11.");
    assert!(summary.source.starts_with("Die Stadt Celle") && summary.source.ends_with("2028 gelten."));
}

#[test]
fn the_first_real_sentence_is_always_in() {
    assert_eq!(chosen(&bridge(), Some(1)), [3]);
    assert!(chosen(&bridge(), Some(0)).is_empty());
}

#[test]
fn a_list_is_summarised_where_there_is_nothing_else() {
    let list = german(&[(ListItem, &["Die Anrainer tauschen bis Ende Juni ihre Daten aus."])]);
    assert_eq!(chosen(&list, None), [0]);
}

#[test]
fn a_report_without_sentences_has_an_empty_summary() {
    for blocks in [&[][..], &[(Heading, &["Nur eine Überschrift ohne jeden Text darunter."][..])]] {
        assert!(chosen(&german(blocks), None).is_empty());
    }
}

#[test]
fn repeated_sentences_are_chosen_once_while_others_are_left() {
    let again = "Die Stadt sperrt die alte Brücke für Lastwagen ab Juli.";
    let other = "Kinder pflanzten gestern am Ufer junge Weiden und Erlen.";
    assert_eq!(chosen(&german(&[(Paragraph, &[again, again, again, other])]), Some(2)), [0, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// Whatever the text, the summary is made of different segments in reading order, and says the same twice.
    #[test]
    fn a_summary_is_made_of_the_report(
        sentences in prop::collection::vec("[„“»\"(]?[A-ZÄa-z0-9][a-zäß ]{10,60}[.!?“\")]{1,2}", 0..40),
        count in prop::option::of(0..50_usize),
    ) {
        let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
        let bitext = german(&[(Title, &["Titel"]), (Paragraph, &sentences)]);
        let summary = summarize(&bitext, &SummaryOptions { sentences: count });
        prop_assert!(summary.segments.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(summary.segments.len() <= count.unwrap_or(10).min(sentences.len()));
        let joined: Vec<&str> = summary.segments.iter().map(|id| bitext.segments[*id].source.as_str()).collect();
        prop_assert_eq!(joined.join(" "), summary.source);
    }
}
