//! Which sentences of a report can stand alone. In: a bitext. Out: candidates in reading order; no scores here.
//!
//! A summary must not open with "Dieser" or end in the middle of a quotation: what leans on its neighbours is left out,
//! however central it is.

use crate::bitext::{Bitext, SegmentId};
use crate::document::BlockKind;

/// A sentence that may stand in a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Which.
    pub id: SegmentId,
    /// Whether it is the first of its paragraph.
    pub opens_paragraph: bool,
}

/// The sentences that can stand alone.
///
/// Running text first of all; list items and quotations only where a report has nothing else.
pub(super) fn candidates(bitext: &Bitext) -> Vec<Candidate> {
    let found = of_kinds(bitext, &[BlockKind::Paragraph]);
    if found.is_empty() { of_kinds(bitext, &[BlockKind::ListItem, BlockKind::Quote]) } else { found }
}

fn of_kinds(bitext: &Bitext, kinds: &[BlockKind]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for block in bitext.blocks.iter().filter(|block| kinds.contains(&block.kind)) {
        let mut open_quotes = 0;
        for (index, segment) in block.segments.iter().filter_map(|id| bitext.segments.get(*id)).enumerate() {
            let inside = open_quotes != 0;
            open_quotes += quote_balance(&segment.source, inside);
            if !inside && open_quotes == 0 && stands_alone(&segment.source) {
                candidates.push(Candidate { id: segment.id, opens_paragraph: index == 0 });
            }
        }
    }
    candidates
}

/// Opened minus closed quotation marks; `open` says whether one is open from the sentence before.
fn quote_balance(text: &str, open: bool) -> i32 {
    let mut balance = 0;
    // »German« and «French» use the same marks the other way round: the first one in a sentence opens.
    let mut straight = open;
    for character in text.chars() {
        match character {
            '„' => balance += 1,
            // Both close in German; “English” opens with the first.
            '“' | '”' => balance -= 1,
            '»' | '«' | '"' => {
                balance += if straight { -1 } else { 1 };
                straight = !straight;
            }
            _ => {}
        }
    }
    balance
}

fn stands_alone(text: &str) -> bool {
    const FEWEST_WORDS: usize = 6;
    const MOST_WORDS: usize = 60;
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|character: char| !character.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let end = text.trim_end_matches(['“', '”', '«', '»', '"', ')', ']']);
    let opens_well =
        text.chars().find(|character| character.is_alphanumeric()).is_some_and(|first| !first.is_lowercase());
    let brackets = |bracket: char| text.matches(bracket).count();
    (FEWEST_WORDS..=MOST_WORDS).contains(&words.len())
        && end.ends_with(['.', '!'])
        && !end.ends_with("...")
        && opens_well
        && brackets('(') == brackets(')')
        && !leans_back(&words)
}

/// Whether a sentence opens with a word that points to the one before.
fn leans_back(words: &[&str]) -> bool {
    const POINTERS: &str = "\
        aber allerdings also andererseits anschließend auch außerdem beide dabei dadurch dafür dagegen daher \
        dahinter damals damit danach daneben dann daran darauf daraufhin daraus darin darum darunter darüber davon \
        davor dazu demnach denn dennoch deren derweil deshalb dessen deswegen dies diese diesem diesen dieser dieses \
        doch dort ebenfalls ebenso er ferner folglich gleichzeitig hierbei hierfür hierzu hinzu ihm ihn ihnen ihr \
        ihre ihrem ihren ihrer immerhin indes ja jedoch jene jener jenes nein nur schließlich sein seine seinem \
        seinen seiner sie so sogar solche somit sondern sonst stattdessen trotzdem und vielmehr weiterhin zudem \
        zugleich zuvor zwar überdies";
    // After "das", "die", "der", "es" a verb makes a pronoun of what could be an article.
    const VERBS: &str = "\
        bedeutet bestätigte betonte betrifft erklärte ergab gehört geht gelte gilt habe haben hat hatte hatten heißt \
        hätte ist kann konnte könne könnte kündigte liegt macht muss müsse sagte sagten sei seien sind soll solle \
        sollte teilte war waren werde werden will wird wurde wurden wäre würde zeigt zeigte";
    let Some(first) = words.first().map(|word| word.to_lowercase()) else { return true };
    let second = words.get(1).map(|word| word.to_lowercase()).unwrap_or_default();
    match first.as_str() {
        "das" | "die" | "der" | "es" => VERBS.split(' ').any(|verb| verb == second),
        first => POINTERS.split(' ').any(|pointer| pointer == first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_statements_stand_alone() {
        for text in [
            "Die neue Straßenbrücke soll schon im September freigegeben werden.",
            "Das Gericht hat die Klausel am Mittwoch verworfen.",
            "„Wir haben die Engpässe hinter uns“, sagte die Vorstandschefin.",
            "27 Länder nahmen an der Konferenz teil.",
            "Es kam zu zwei schweren Unfällen auf der Autobahn.",
        ] {
            assert!(stands_alone(text), "{text}");
        }
    }

    #[test]
    fn what_leans_on_its_neighbours_does_not() {
        for text in [
            "Dieser verwies auf gestiegene Kosten für Papier und Porto.",
            "Damit gehört dem Bündnis erstmals ein Land in Europa an.",
            "Er sagte am Montag, die Lage sei unübersichtlich.",
            "Das hat die Kammer am Mittwoch in Leipzig entschieden.",
            "Zudem stieg der Preis um acht Prozent.",
            "Wer soll das am Ende alles bezahlen?",
            "wie das Unternehmen am Freitag in Kiel mitteilte.",
            "Auftragseingang schwächt sich im dritten Quartal weiter ab",
            "Kurz und gut.",
            "",
        ] {
            assert!(!stands_alone(text), "{text}");
        }
    }

    #[test]
    fn quotations_are_followed_across_sentences() {
        assert_eq!(quote_balance("„Das ist gut.", false), 1);
        assert_eq!(quote_balance("So bleibt es.“", true), -1);
        assert_eq!(quote_balance("„Gut“, sagte er, „so bleibt es.“", false), 0);
        assert_eq!(quote_balance("»Gut«, sagte er.", false), 0);
        assert_eq!(quote_balance("So bleibt es.\"", true), -1);
    }
}
