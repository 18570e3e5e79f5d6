//! What a report says when, where, of whom and how much. In: a bitext and the sentences of its summary. Out: [`Fact`]s, each
//! with the sentences that hold it.
//!
//! They are found in the German text and put into English by rules and word lists, never by a model. A list that holds
//! one wrong entry is worth less than one that lacks ten, so that only what is certain is listed. Linear in the length of
//! the text.

mod dates;
mod figures;
mod names;

use std::collections::{HashMap, HashSet};

use crate::bitext::{Bitext, Fact, FactKind, SegmentId};
use crate::document::BlockKind;
use crate::words;

/// Most facts of a kind: beyond that a list is no help any more.
const MOST_OF_A_KIND: usize = 8;

/// Reports of fewer sentences are read faster than a list of what they say.
const FEWEST_SENTENCES: usize = 6;

/// What a fact in a sentence of the title or the summary counts for, in mentions.
const PROMINENCE: usize = 2;

/// Something found in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    kind: FactKind,
    /// As the text has it, in the nominative where that is known.
    source: String,
    target: String,
}

/// The facts of a report, by kind and within a kind in reading order; the most mentioned ones where there are many.
pub(super) fn facts(bitext: &Bitext, summary: &[SegmentId]) -> Vec<Fact> {
    if bitext.segments.len() < FEWEST_SENTENCES {
        return Vec::new();
    }
    let mut facts: Vec<Fact> = Vec::new();
    let mut places: HashMap<(FactKind, String), usize> = HashMap::new();
    let mut prominent: HashSet<SegmentId> = summary.iter().copied().collect();
    for block in bitext.blocks.iter().filter(|block| block.kind != BlockKind::Code) {
        if block.kind == BlockKind::Title {
            prominent.extend(&block.segments);
        }
        for segment in block.segments.iter().filter_map(|id| bitext.segments.get(*id)) {
            let words = words::words(&segment.source);
            let mut found = dates::find(&words);
            found.extend(names::find(&words));
            if block.kind == BlockKind::Dateline || names::is_dateline(&segment.source) {
                found.extend(names::of_dateline(&segment.source));
            }
            found.extend(figures::find(&words));
            for Found { kind, source, target } in found {
                let place = *places.entry((kind, target.clone())).or_insert_with(|| {
                    facts.push(Fact { kind, source, target, segments: Vec::new() });
                    facts.len() - 1
                });
                if let Some(fact) = facts.get_mut(place)
                    && fact.segments.last() != Some(&segment.id)
                {
                    fact.segments.push(segment.id);
                }
            }
        }
    }
    let weight = |fact: &Fact| {
        fact.segments.len() + PROMINENCE * usize::from(fact.segments.iter().any(|id| prominent.contains(id)))
    };
    let mut chosen: Vec<(usize, Fact)> = Vec::new();
    for kind in [FactKind::Date, FactKind::Place, FactKind::Organisation, FactKind::Figure] {
        let mut of_kind: Vec<(usize, Fact)> =
            facts.iter().cloned().enumerate().filter(|(_, fact)| fact.kind == kind).collect();
        of_kind.sort_by_key(|(place, fact)| (std::cmp::Reverse(weight(fact)), *place));
        of_kind.truncate(MOST_OF_A_KIND);
        of_kind.sort_by_key(|(place, _)| *place);
        chosen.extend(of_kind);
    }
    chosen.into_iter().map(|(_, fact)| fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a sentence, each as "German = English".
    fn found(text: &str) -> Vec<String> {
        let words = words::words(text);
        let found = [dates::find(&words), names::find(&words), figures::find(&words)];
        found.concat().into_iter().map(|found| format!("{} = {}", found.source, found.target)).collect()
    }

    #[test]
    fn dates_are_found() {
        for (text, dates) in [
            ("Am 4. Juli 2024 begann es.", &["4. Juli 2024 = 4 July 2024"][..]),
            ("Sie kommt am 1. März (Samstag).", &["1. März = 1 March"]),
            ("vom 10. bis 12. Mai 2025", &["10. bis 12. Mai 2025 = 10 to 12 May 2025"]),
            ("am 10. und 11. Mai", &["10. und 11. Mai = 10 and 11 May"]),
            ("Freitag, 10.10.2025, 20.00 Uhr", &["10.10.2025 = 10 October 2025"]),
            ("Seit Juli 2023 gilt das.", &["Juli 2023 = July 2023"]),
            ("im Frühjahr 2022 und im Jahr 1958, das", &["Frühjahr 2022 = spring 2022", "1958 = 1958"]),
            ("bis in den Sommer 2026.", &["Sommer 2026 = summer 2026"]),
            ("vor Ende 2025 nicht", &["Ende 2025 = end of 2025"]),
            ("1.1.2024 und 31.12.2025", &["1.1.2024 = 1 January 2024", "31.12.2025 = 31 December 2025"]),
        ] {
            assert_eq!(found(text), dates, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "der 45. Mai",
            "am 31.13.2025",
            "Version 1.0.2024",
            "Version 1.00.2024",
            "Juli war warm.",
            "für die Jahre 2021 bis 2024",
            "von Ende 2021 bis 2024",
            "der 14. Platz",
            "im Jahr 12 nach der Gründung",
            "im Mai 3000 Besucher",
            "Version 4.2 kam im Mai.",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn figures_are_found_with_what_limits_them() {
        for (text, figures) in [
            ("Der Umsatz stieg auf 1.234,5 Mio. Euro.", &["1.234,5 Mio. Euro = 1,234.5 million euros"][..]),
            ("Das sind rund 40 Prozent, sagte er.", &["rund 40 Prozent = about 40 percent"]),
            ("Es waren mehr als 90 Prozent.", &["mehr als 90 Prozent = more than 90 percent"]),
            ("zwischen 4,85 und 4,95 Mrd. Euro", &["4,85 bis 4,95 Mrd. Euro = 4.85 to 4.95 billion euros"]),
            ("mit 10 bis 15 Mio. Euro belasten", &["10 bis 15 Mio. Euro = 10 to 15 million euros"]),
            ("von 11,5 auf 11,9 Prozent", &["11,9 Prozent = 11.9 percent"]),
            ("von höchstens 4,8 Mrd. Euro die Rede", &["höchstens 4,8 Mrd. Euro = at most 4.8 billion euros"]),
            ("EBIT: 146,8 Mio. Euro (+12,1 %)", &["146,8 Mio. Euro = 146.8 million euros", "+12,1 % = +12.1 percent"]),
            ("bis zu 20 Prozent des Wassers", &["bis zu 20 Prozent = up to 20 percent"]),
            ("Täglich sind es etwa 9.200 Fahrzeuge.", &["etwa 9.200 Fahrzeuge = about 9,200 vehicles"]),
            ("Ein Minus von 3,5% bleibt.", &["3,5% = 3.5 percent"]),
            ("Böen bis 115 km/h", &["bis 115 km/h = up to 115 km/h"]),
            ("40 bis 50 Prozent", &["40 bis 50 Prozent = 40 to 50 percent"]),
            ("Sie kostet 12 Euro und 50 Cent.", &["12 Euro = 12 euros", "50 Cent = 50 cents"]),
        ] {
            assert_eq!(found(text), figures, "{text}");
        }
    }

    #[test]
    fn what_is_no_certain_figure_is_none() {
        for text in [
            "Lastwagen über 7,5 Tonnen sind gesperrt.",
            "für Kinder unter 18 Prozent",
            "um 14.30 Uhr",
            "§ 307 Abs. 2 Nr. 1 BGB",
            "ein 10-Euro-Schein",
            "1.5 Prozent",
            "nicht 5 Prozent",
            "48.300 alte Artikel",
            "4 von 10 Euro",
            "minus 3 Prozent",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_figure_that_is_denied_is_none() {
        for text in [
            "Nicht mehr als 3 Prozent kamen.",
            "nicht weniger als 20.000 Menschen",
            "Kaum mehr als 10 Prozent stimmten zu.",
            "Nicht bis zu 50 Euro",
            "nicht viel mehr als 10 Prozent",
            "nicht ganz 5 Prozent",
            "kaum 5 Prozent",
            "keine rund 40 Prozent",
            "weder 5 noch 6 Prozent",
            "nicht zwischen 40 und 50 Prozent",
            "minus rund 3 Prozent",
            "weniger als etwa 5 Euro",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        for (text, figure) in [
            ("Das war nicht so, denn mehr als 3 Prozent kamen.", "mehr als 3 Prozent = more than 3 percent"),
            ("Mehr als 3 Prozent kamen nicht.", "mehr als 3 Prozent = more than 3 percent"),
            ("ein Minus von rund 3 Prozent", "rund 3 Prozent = about 3 percent"),
            ("Er verfügt über mehr als 90 Prozent.", "mehr als 90 Prozent = more than 90 percent"),
        ] {
            assert_eq!(found(text), [figure], "{text}");
        }
    }

    #[test]
    fn names_are_found() {
        for (text, names) in [
            ("Chinas Staatschef reist nach Moskau.", &["China = China", "Moskau = Moscow"][..]),
            ("Russlands Handel mit dem Iran", &["Russland = Russia", "Iran = Iran"]),
            ("In Berlin, am Standort Rendsburg", &["Berlin = Berlin", "Rendsburg = Rendsburg"]),
            ("In Polen und in Den Haag.", &["Polen = Poland", "Den Haag = The Hague"]),
            ("die Charta der Vereinten Nationen (UN)", &["Vereinte Nationen = United Nations", "UN = UN"]),
            (
                "Die Shanghaier Organisation für Zusammenarbeit tagt.",
                &["Shanghaier Organisation für Zusammenarbeit = Shanghai Cooperation Organisation"],
            ),
            ("die Vereinigten Staaten", &["Vereinigte Staaten = United States"]),
            (
                "Der Maschinenbauer Nordmark Antriebstechnik AG hat verkauft.",
                &["Nordmark Antriebstechnik AG = Nordmark Antriebstechnik AG"],
            ),
            ("Kunden der Elbtal GmbH & Co. KG klagen.", &["Elbtal GmbH & Co. KG = Elbtal GmbH & Co. KG"]),
            (
                "Berufung beim Oberlandesgericht Dresden",
                &["Oberlandesgericht Dresden = Higher Regional Court of Dresden"],
            ),
            ("das Urteil des Landgerichts Leipzig", &["Landgericht Leipzig = Regional Court of Leipzig"]),
            ("die Universität Jena", &["Universität Jena = University of Jena"]),
            ("In Paris Gespräche zu führen", &["Paris = Paris"]),
            ("Chinas Wirtschaft, New Yorks Bürgermeister", &["China = China", "New York = New York"]),
            ("Sofia, Washington (dort)", &["Sofia = Sofia", "Washington = Washington"]),
            ("Washington will China Mitte Mai", &["Washington = Washington", "China = China"]),
        ] {
            assert_eq!(found(text), names, "{text}");
        }
    }

    #[test]
    fn what_is_no_certain_name_is_none() {
        for text in [
            "Die Polen und die Schweden feiern.",
            "Der 1. FC Köln verliert.",
            "Frau Berlin kam.",
            "Berliner Straße",
            "Kämmerin Paula Rom sprach.",
            "Sofia Weber leitet das Haus.",
            "Das schreibt die Washington Post.",
            "Der Trainer von Paris Saint-Germain geht.",
            "wie die New York Times schreibt",
            "Der Discounter Elbe Markt AG hat verkauft.",
            "eine AG für Schüler",
            "Der Verein Kinder Lachen e. V. lädt ein.",
            "das Essen in der Halle",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_dateline_opens_with_a_place() {
        let place = |text| names::of_dateline(text).into_iter().map(|found| found.target).collect::<Vec<_>>();
        assert_eq!(place("DONAUWÖRTH, 23. Mai 2025."), ["Donauwörth"]);
        assert_eq!(place("KÖLN, 3. Mai."), ["Cologne"]);
        assert_eq!(place("Berlin/Kiel (dpa) –"), ["Berlin", "Kiel"]);
        assert_eq!(place("3. Mai 2025"), [""; 0]);
        assert!(names::is_dateline("KIEL, 7. November 2025."));
        for text in ["Kiel, 7. November 2025.", "NATO, EU und UN beraten am 4. Mai.", "KIEL, gestern.", "KIEL"] {
            assert!(!names::is_dateline(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9.,:+%€ äE/()–-]{0,24}", words in "(am |4\\. |Juli |2024|Die |AG|GmbH |e\\. V\\.|zwischen |und |bis |Prozent|UN |& ){0,9}") {
            found(&text);
            found(&words);
            names::of_dateline(&text);
        }
    }
}
