//! The line model on texts of our own, by kind of line break, and its invariants on random text.

use proptest::prelude::*;

use crate::document::{Block, BlockKind, Document, ReadOptions};

fn read(text: &str) -> Vec<Block> {
    Document::from_text(text).blocks
}

fn texts(text: &str) -> Vec<String> {
    read(text).iter().map(|block| block.text().to_owned()).collect()
}

fn kinds(text: &str) -> Vec<BlockKind> {
    read(text).iter().map(|block| block.kind).collect()
}

/// Breaks lines as an e-mail program does: as many words as fit into `width`.
fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

const REPORT: &str = "Die Delegationen verhandelten bis tief in die Nacht über den Entwurf der Erklärung, ohne sich auf \
    einen gemeinsamen Wortlaut zu einigen. Streit gab es vor allem um die Frage, ob Belarus schon in diesem Jahr \
    Vollmitglied werden kann. Nach Angaben von Diplomaten soll der Rat der Außenminister im Herbst darüber entscheiden.";

#[test]
fn a_wrapped_paragraph_is_one_block_at_every_width() {
    for width in 40..100 {
        assert_eq!(texts(&wrap(REPORT, width)), [REPORT], "width {width}");
    }
}

#[test]
fn short_lines_of_a_wrapped_document_stay_apart() {
    let text = format!("Lage\nNoch keine Einigung\n{}\nAusblick\n{}", wrap(REPORT, 72), wrap(REPORT, 72));
    assert_eq!(texts(&text), ["Lage", "Noch keine Einigung", REPORT, "Ausblick", REPORT]);
}

#[test]
fn one_paragraph_per_line_stays_so() {
    let text = format!("Kein Durchbruch in Astana\n{REPORT}\nReaktionen\n{REPORT}\n{REPORT}");
    assert_eq!(texts(&text), ["Kein Durchbruch in Astana", REPORT, "Reaktionen", REPORT, REPORT]);
}

#[test]
fn blank_lines_and_page_breaks_end_a_block() {
    assert_eq!(
        texts("Erstens\n \t\nzweitens\r\n\r\ndrittens\n\u{c}viertens"),
        ["Erstens", "zweitens", "drittens", "viertens"]
    );
}

#[test]
fn every_line_end_is_known() {
    for end in ["\n", "\r\n", "\r", "\u{b}", "\u{85}", "\u{2028}", "\u{2029}"] {
        assert_eq!(texts(&format!("Der Rat hat{end}getagt.")), ["Der Rat hat getagt."], "{end:?}");
    }
}

#[test]
fn words_that_lean_on_the_next_keep_the_line_going() {
    assert_eq!(texts("Er sprach mit Dr.\nWeber über die\nLage."), ["Er sprach mit Dr. Weber über die Lage."]);
    assert_eq!(texts("Es gilt seit dem\n7. Mai in allen Ländern."), ["Es gilt seit dem 7. Mai in allen Ländern."]);
    assert_eq!(texts("Das steht in §\n9 des Vertrags."), ["Das steht in § 9 des Vertrags."]);
    assert_eq!(texts("Er kam im Juni\n2019 nach Wien."), ["Er kam im Juni 2019 nach Wien."]);
}

#[test]
fn hyphens_at_line_ends_are_resolved() {
    let cases = [
        ("Zusammen-\narbeit", "Zusammenarbeit"),
        ("Zusammen\u{ad}\narbeit", "Zusammenarbeit"),
        ("russisch-\nchinesische", "russisch-chinesische"),
        ("die EU-\nGipfel", "die EU-Gipfel"),
        ("die EU-\nweite", "die EU-weite"),
        ("der 20-\njährige", "der 20-jährige"),
        ("Vor-\nund Nachteile", "Vor- und Nachteile"),
        ("Nord- und\nSüdkorea", "Nord- und Südkorea"),
        ("Kreml-\nSprecher", "Kreml-Sprecher"),
        ("COVID-\n19", "COVID-19"),
        ("der Rat -\nnicht die Kommission", "der Rat - nicht die Kommission"),
    ];
    for (text, expected) in cases {
        assert_eq!(texts(text), [expected], "{text:?}");
    }
}

#[test]
fn soft_hyphens_are_not_seen() {
    assert_eq!(texts("Außen\u{ad}minister\u{ad}treffen"), ["Außenministertreffen"]);
}

#[test]
fn bullets_are_markup_and_numbers_are_text() {
    let blocks = read("Beschlüsse:\n- Ausbau der Bahn\n• Übungen\n1. Haushalt\n2. Verschiedenes\na) Anlage\n(2) Frist");
    let found: Vec<_> = blocks.iter().map(|block| (block.kind, block.text())).collect();
    use BlockKind::*;
    assert_eq!(
        found,
        [
            (Paragraph, "Beschlüsse:"),
            (ListItem, "Ausbau der Bahn"),
            (ListItem, "Übungen"),
            (ListItem, "1. Haushalt"),
            (ListItem, "2. Verschiedenes"),
            (ListItem, "a) Anlage"),
            (ListItem, "(2) Frist"),
        ]
    );
}

/// The bullet's length was once also cut off the line below it.
/// As bullets they were gone, as text they ran together.
#[test]
fn boxes_to_tick_are_items_and_stay() {
    let text = "Offene Punkte:\n[ ] Angebot einholen\n[x] Vertrag prüfen\n☐ Antrag stellen\n- [ ] Rechnung bezahlen\n";
    let found: Vec<_> = read(text).iter().map(|block| (block.kind, block.text().to_owned())).skip(1).collect();
    let items = ["[ ] Angebot einholen", "[x] Vertrag prüfen", "☐ Antrag stellen", "[ ] Rechnung bezahlen"];
    assert_eq!(found, items.map(|item| (BlockKind::ListItem, item.to_owned())));
}

#[test]
fn a_bullet_on_its_own_line_belongs_to_the_next_and_takes_nothing_from_it() {
    assert_eq!(texts("•\nFrieden\n•\nHandel"), ["Frieden", "Handel"]);
    assert_eq!(kinds("•\nFrieden\n•\nHandel"), [BlockKind::ListItem; 2]);
}

#[test]
fn the_range_of_an_item_takes_in_its_bullet() {
    let text = "Ziele\n  • Frieden\n";
    let item = &read(text)[1];
    assert_eq!(&text[item.range.clone()], "• Frieden");
    assert_eq!(&text[item.document_range(0..item.text().len())], "• Frieden");
}

#[test]
fn items_may_be_wrapped() {
    let text = "- Die Staaten bauen ihre Zusammen-\n  arbeit im Verkehr weiter aus und\n  prüfen neue Strecken\n- Ein Fonds wird gegründet";
    assert_eq!(
        texts(text),
        [
            "Die Staaten bauen ihre Zusammenarbeit im Verkehr weiter aus und prüfen neue Strecken",
            "Ein Fonds wird gegründet"
        ]
    );
}

#[test]
fn a_dash_in_running_text_is_no_bullet() {
    let text = "Der Kläger beantragt\n- nach erfolglosem Vorverfahren -,\nden Bescheid aufzuheben.";
    assert_eq!(texts(text), ["Der Kläger beantragt - nach erfolglosem Vorverfahren -, den Bescheid aufzuheben."]);
}

#[test]
fn dates_times_and_initials_are_no_list_items() {
    for text in ["4. Juli: Ankunft", "21. 9. 2022 in Kiew", "14.30 Uhr: Beginn", "2024 kamen mehr", "V. Müller sprach"]
    {
        assert_eq!(texts(text), [text]);
    }
    assert!(!kinds("4. Juli: Ankunft\n\n5. Juli: Abreise\n\n14.30 Uhr: Beginn").contains(&BlockKind::ListItem));
}

#[test]
fn margin_numbers_stand_alone() {
    assert_eq!(
        texts("Gründe\nI.\n1\nDie Klage ist zulässig.\n2\nSie ist begründet."),
        ["Gründe", "I.", "1", "Die Klage ist zulässig.", "2", "Sie ist begründet."]
    );
}

#[test]
fn title_headings_and_dateline_are_named() {
    let text = format!(
        "Kein Durchbruch in Astana\n\nAstana, 4. Juli 2024\n\n{REPORT}\n\nReaktionen\n----------\n\n{REPORT}\n\n1. Ausblick\n\n{REPORT}"
    );
    use BlockKind::*;
    assert_eq!(kinds(&text), [Title, Dateline, Paragraph, Heading, Paragraph, Heading, Paragraph]);
}

#[test]
fn a_place_and_its_agency_are_a_dateline() {
    use BlockKind::*;
    for line in ["Köln (ots)", "Frankfurt/Main (dpa/AFP)"] {
        assert_eq!(kinds(&format!("{line}\n\n{REPORT}")), [Dateline, Paragraph], "{line}");
    }
    assert_eq!(kinds(&format!("Anna Weber (SPD)\n\n{REPORT}")), [Title, Paragraph]);
}

#[test]
fn a_lone_sentence_is_no_title() {
    assert_eq!(kinds("Der Rat tagt"), [BlockKind::Paragraph]);
    assert_eq!(kinds("Der Rat tagt.\n\nEr endet."), [BlockKind::Paragraph, BlockKind::Paragraph]);
}

#[test]
fn quotations_of_an_email_lose_their_marks() {
    let text = "Sie schrieben:\n> Wir kommen am Montag\n> um acht Uhr an.\n\nGut so.";
    let blocks = read(text);
    assert_eq!(blocks[1].kind, BlockKind::Quote);
    assert_eq!(blocks[1].text(), "Wir kommen am Montag um acht Uhr an.");
    assert_eq!(blocks[2].text(), "Gut so.");
}

#[test]
fn the_head_of_an_email_is_kept_line_by_line() {
    let text = "Von: Anna Weber\nAn: Redaktion\nBetreff: Bericht über den Gipfel\n\nGuten Tag.";
    assert_eq!(texts(text), ["Von: Anna Weber", "An: Redaktion", "Betreff: Bericht über den Gipfel", "Guten Tag."]);
}

#[test]
fn a_table_wider_than_columns_can_be_counted_loses_no_cell() {
    let row = (1..=300).map(|cell| format!("Z{cell}")).collect::<Vec<_>>().join("\t");
    let found = read(&format!("{row}\n{row}\n"));
    assert_eq!((found.len(), found[299].text(), found[299].level), (600, "Z300", u8::MAX));
}

#[test]
fn cells_of_tables_in_text_are_blocks() {
    let tables = [
        "Land\tJahr\nIran\t2023\nBelarus\t2024",
        "Land        Jahr\nIran        2023\nBelarus     2024",
        "| Land | Jahr |\n|------|------|\n| Iran | 2023 |\n| Belarus | 2024 |",
    ];
    for table in tables {
        assert_eq!(texts(table), ["Land", "Jahr", "Iran", "2023", "Belarus", "2024"], "{table}");
        assert!(kinds(table).iter().all(|kind| *kind == BlockKind::TableCell), "{table}");
    }
}

#[test]
fn a_list_of_words_in_lower_case_is_not_joined() {
    assert_eq!(texts("gehen\nging\ngegangen"), ["gehen", "ging", "gegangen"]);
}

#[test]
fn an_address_keeps_its_lines() {
    let text = "Anna Weber\nHauptstraße 5\n10117 Berlin\nTel. 030 1234";
    assert_eq!(texts(text).len(), 4);
}

/// Text that looks like lines of a report, and any other text.
fn any_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "\n",
            "\n\n",
            "\r\n",
            "\u{2028}",
            "\u{c}",
            "\t",
            "   ",
            " ",
            "- ",
            "• ",
            "1. ",
            "a) ",
            "(2) ",
            "> ",
            "|",
            "---",
            "===",
            "Der Rat",
            "tagt",
            "in",
            "Astana",
            ".",
            ",",
            ":",
            "-",
            "\u{ad}",
            "4. Juli",
            "2024",
            "Zusammen-\narbeit",
            "“",
            "„",
            "ß",
            "…",
            "https://example.org",
            "Von:",
            "XIV.",
            "[1] ",
            "1 Vgl.",
            "/",
            "      ",
            "10115 Berlin",
            "- 3 -",
            "00:00:01,000 --> 00:00:04,000",
            "05.07.24, 10:13 - Petra: ",
            " ..... 5",
            "Viele Grüße",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

fn is_mark(c: char) -> bool {
    c.is_whitespace()
        || "\u{feff}\u{200b}-–—─=_*~#+|:>•‣▪▫●○◦■□►▶➤✓✔⁃·➢◆❖★✗\u{ad}".contains(c)
        || ('\u{f000}'..='\u{f0ff}').contains(&c)
}

proptest! {
    #[test]
    fn blocks_ascend_and_leave_out_only_marks(text in any_text()) {
        let mut end = 0;
        for block in read(&text) {
            prop_assert!(block.range.start >= end && block.range.start < block.range.end);
            let gap = text.get(end..block.range.start);
            prop_assert!(gap.is_some_and(|gap| gap.chars().all(is_mark)), "lost {gap:?}");
            prop_assert!(text.get(block.range.clone()).is_some());
            end = block.range.end;
        }
        prop_assert!(text[end..].chars().all(is_mark), "lost {:?}", &text[end..]);
    }

    #[test]
    fn a_block_says_what_its_range_says(text in any_text()) {
        let visible = |text: &str| text.chars().filter(|&c| !is_mark(c)).collect::<String>();
        for block in read(&text) {
            prop_assert_eq!(visible(block.text()), visible(&text[block.range.clone()]));
            prop_assert_eq!(block.document_range(0..block.text().len()), block.range.clone());
        }
    }

    #[test]
    fn places_are_exact(text in any_text()) {
        for block in read(&text) {
            let mut last = block.range.start;
            for (at, character) in block.text().char_indices() {
                let place = block.document_range(at..at + character.len_utf8());
                prop_assert!(place.start >= last && place.end <= block.range.end);
                let original = text.get(place.clone());
                prop_assert!(original.is_some(), "{place:?} splits a character");
                if !character.is_whitespace() {
                    prop_assert!(original.is_some_and(|original| original.ends_with(character)) || at + 1 == block.text().len());
                }
                last = place.start;
            }
        }
    }

    #[test]
    fn any_bytes_are_a_document_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::from_bytes(&bytes, None, &ReadOptions::default());
    }

    #[test]
    fn markdown_keeps_the_same_invariants(text in any_text()) {
        let document = Document::from_markdown(&text);
        let mut end = 0;
        for block in &document.blocks {
            prop_assert!(block.range.start >= end && block.range.start <= block.range.end, "{:?}", document.blocks);
            prop_assert!(text.get(block.range.clone()).is_some());
            for (at, character) in block.text().char_indices() {
                prop_assert!(text.get(block.document_range(at..at + character.len_utf8())).is_some());
            }
            end = block.range.end;
        }
    }
}

#[test]
fn a_salutation_does_not_say_how_wide_the_lines_are() {
    let letter = "Stadtverwaltung Musterstadt\nPostfach 12 34\n12345 Musterstadt\n\nIhr Antrag vom 12. Mai\n\n\
        Sehr geehrter Herr Kunze,\nwir bestätigen den Eingang.";
    assert_eq!(&texts(letter)[..3], ["Stadtverwaltung Musterstadt", "Postfach 12 34", "12345 Musterstadt"]);
}

#[test]
fn a_short_letter_is_wrapped_although_its_signature_is_not() {
    let letter = "Liebe Mitglieder,\n\nunser Sommerfest findet am Samstag, 15. Juni, ab 14 Uhr auf dem Gelände\nAm Stadtpark 3 \
        statt. Für Essen und Getränke ist gesorgt. Wer einen\nKuchen mitbringen möchte, meldet sich bitte bis Montag bei \
        Frau Schulz\n(Tel. 0123 456). Kinder sind willkommen!\n\nHerzliche Grüße\nEuer Vorstand\n\nTSV Neustadt \
        e. V.\nHauptstraße 12\n12345 Neustadt\nTel. 0123 999\n";
    let found = texts(letter);
    let text = found.iter().find(|text| text.starts_with("unser Sommerfest")).unwrap();
    assert!(text.contains("auf dem Gelände Am Stadtpark") && text.ends_with("Kinder sind willkommen!"), "{found:#?}");
    assert_eq!(&found[found.len() - 3..], ["Hauptstraße 12", "12345 Neustadt", "Tel. 0123 999"]);
}

#[test]
fn an_abbreviation_at_a_line_end_is_no_end_and_what_follows_no_item() {
    for (before, after) in [
        (
            "Der Angeklagte handelte nach den Feststellungen des Gerichts vorsätzlich i.",
            "S. d. § 370 AO und damit schuldhaft.",
        ),
        (
            "Das hat der Senat in ständiger Rechtsprechung so gesehen, wie es hier steht, s.",
            "a. BGH, Urteil vom 3. Mai.",
        ),
        (
            "Maßgeblich ist für die Beurteilung der Leistungen des Unternehmens stets Abschn.",
            "15.2 UStAE in der Fassung.",
        ),
    ] {
        let text = format!("{}\n\n{before}\n{after}\n", wrap(REPORT, before.chars().count()));
        assert_eq!(texts(&text).last().unwrap(), &format!("{before} {after}"));
    }
}

#[test]
fn a_unit_at_the_start_of_a_line_belongs_to_the_number_before() {
    assert_eq!(texts("Am Mittag wurden in der Stadt an der Saale und im Umland 37\n°C gemessen.").len(), 1);
    assert_eq!(texts("Das Büro ist an allen Werktagen des Jahres geöffnet ab 14\nUhr.").len(), 1);
}

#[test]
fn adjectives_of_two_parts_keep_their_hyphen() {
    assert_eq!(
        texts("Das sagte die baden-\nwürttembergische Regierung."),
        ["Das sagte die baden-württembergische Regierung."]
    );
    assert_eq!(texts("Das sagte die rot-\ngrüne Regierung."), ["Das sagte die rot-grüne Regierung."]);
}

#[test]
fn lines_of_a_letter_are_no_headings() {
    let text = format!(
        "{REPORT}\n\nMit freundlichen Grüßen\n\nEva Roth ist Sprecherin.\n\nTel.: 030 12345\n\nE-Mail: a@example.org\n\nSie hilft gern."
    );
    assert!(kinds(&text).iter().all(|kind| *kind == BlockKind::Paragraph), "{:?}", kinds(&text));
}

/// The kinds of the given lines, each on its own between paragraphs.
fn kinds_between_paragraphs(lines: &[&str]) -> Vec<BlockKind> {
    let text = lines.iter().map(|line| format!("{REPORT}\n\n{line}\n\n")).collect::<String>() + REPORT;
    kinds(&text).into_iter().skip(1).step_by(2).collect()
}

#[test]
fn a_sentence_within_quotes_or_brackets_is_no_heading() {
    let sentences = [
        "Die Ministerin sagte: „Wir haben das im Griff.“",
        "\"Wir klagen.\"",
        "»Das geht so nicht!«",
        "Er ging (siehe dazu auch S. 5.)",
        "(Mit Material der Agenturen)",
    ];
    assert_eq!(kinds_between_paragraphs(&sentences), [BlockKind::Paragraph; 5]);
    let headings = ["Das „Nein“ der Fraktion", "Steuern (Einkommen usw.)", "Was kostet das?"];
    assert_eq!(kinds_between_paragraphs(&headings), [BlockKind::Heading; 3]);
}

#[test]
fn several_sentences_are_no_heading_whatever_mark_they_end_in() {
    let paragraphs = [
        "Was war geschehen? Niemand wusste es genau. Und niemand fragte nach!",
        "Wir danken allen! Ohne Sie wäre das Fest nicht möglich gewesen! Bis zum nächsten Jahr!",
        "Die Mauer fiel am 9. November 1989. Wer dabei war, vergisst es nie!",
    ];
    assert_eq!(kinds_between_paragraphs(&paragraphs), [BlockKind::Paragraph; 3]);
    let headings = [
        "Was kostet das?",
        "Genug geredet! Jetzt wird gebaut",
        "Was nun? Ein Überblick",
        "Was bringt der 100. Geburtstag von Dr. Weber?",
        "Die Wahl ist entschieden. Was nun kommt",
    ];
    assert_eq!(kinds_between_paragraphs(&headings), [BlockKind::Heading; 5]);
}

/// The last three of its lines were headings, because a paragraph follows.
#[test]
fn items_right_below_each_other_are_no_headings() {
    use BlockKind::*;
    for list in ["1. Begrüßung\n2. Bericht\n3. Kasse\n4. Wahlen", "a) Wohnungen\nb) Schulen\nc) Radwege\nd) Bäder"] {
        let kinds = kinds(&format!("Tagesordnung\n{list}\n\n{REPORT}"));
        assert_eq!(kinds, [Title, ListItem, ListItem, ListItem, ListItem, Paragraph]);
    }
    let sections = "Bericht\n\n1. Einleitung\nDer Rat tagte lange.\n2. Material und Methoden\n2.1 Versuchsstandort\n\
        Der Standort liegt im Süden.";
    assert_eq!(kinds(sections), [Title, Heading, Paragraph, Heading, Heading, Paragraph]);
    let letters = "A. Zulässigkeit\nDie Klage ist zulässig.\nB. Begründetheit\nDie Klage ist begründet.";
    assert_eq!(kinds(letters), [Heading, Paragraph, Heading, Paragraph]);
}

#[test]
fn bare_lists_of_short_lines_are_no_headings() {
    use BlockKind::*;
    let kinds_of = |lines: &str| kinds(&format!("{REPORT}\n\n{lines}\n\n{REPORT}"))[1..].to_vec();
    let team = kinds_of("Das Team\n\nAnna Müller\nPeter Schmidt\nKarl Lang");
    assert_eq!(team, [Heading, Paragraph, Paragraph, Paragraph, Paragraph]);
    assert_eq!(kinds_of("Zutaten\n400 g Mehl\n4 Eier\n1 TL Salz")[..4], [Heading, Paragraph, Paragraph, Paragraph]);
    assert_eq!(kinds_of("Öffnungszeiten\nMontag zu\nDienstag 9–12 Uhr\nMittwoch 9–18 Uhr")[1..], [Paragraph; 4]);
    assert_eq!(kinds_of("Teilnehmer:\nLang (Land Hessen)\nMüller (Bund)"), [Paragraph; 4]);
    // One heading above its paragraph, and a stack of titles at the start.
    assert_eq!(kinds_of(&format!("Reaktionen\n{REPORT}"))[..2], [Heading, Paragraph]);
    assert_eq!(
        kinds(&format!("Landgericht Köln\nIm Namen des Volkes\nUrteil\n\n{REPORT}")),
        [Title, Heading, Heading, Paragraph]
    );
}

#[test]
fn a_line_ends_in_a_month_only_before_a_year() {
    assert_eq!(texts("Stand: Mai\n12 Gemeinden nahmen teil."), ["Stand: Mai", "12 Gemeinden nahmen teil."]);
    assert_eq!(texts("Freitag, 22. November\n18.00 Uhr Einlass").len(), 2);
    assert_eq!(texts("Die Messe läuft vom 20. bis 24. November\n2024 in Köln.").len(), 1);
}

#[test]
fn initials_and_abbreviations_are_no_numbers_of_items() {
    for lines in [
        "Mit freundlichem Gruß\nK. Huber\nVorstand",
        "Viele Grüße\nA. Huber",
        "Frage: Wann begannen Sie?\nA. M.: Im Jahr 2010.",
        "Es fehlt viel.\n\nS. 5 fehlt im Heft",
        "Mit freundlichen Grüßen\ni. V. Peter Lang\nLeiter Einkauf",
        "Es fehlt viel.\n\nz. B. Äpfel",
    ] {
        assert!(!kinds(lines).contains(&BlockKind::ListItem), "{lines}");
        assert_eq!(texts(lines).len(), lines.split('\n').filter(|line| !line.is_empty()).count(), "{lines}");
    }
    let sections = format!("A. Klage\n\n{REPORT}\n\nB. Kosten\n\n{REPORT}\n\nIV. Urteil\n\n{REPORT}\n\nV. Zinsen");
    assert_eq!(kinds(&sections).last(), Some(&BlockKind::ListItem));
    assert_eq!(kinds("a. Bau\nb. Planung"), [BlockKind::ListItem; 2]);
}

#[test]
fn bullets_of_lower_levels_are_markup() {
    let lists = [
        "\u{f0a7}\tAusbau\n\u{f0d8}\tGlasfaser bis 2026\n\u{f0a7}\tMobilfunk\n\u{f0fc}\tPersonal",
        "◆ Ausbau\n❖ Glasfaser bis 2026\n➢ Mobilfunk\n★ Personal",
    ];
    for list in lists {
        assert_eq!(texts(list), ["Ausbau", "Glasfaser bis 2026", "Mobilfunk", "Personal"], "{list}");
        assert_eq!(kinds(list), [BlockKind::ListItem; 4], "{list}");
    }
    for text in ["o. g. Sache", "§ 5 Haftung", "o weh", "★★★ Hotel"] {
        assert_eq!(texts(&format!("{text}\n\nNichts.")), [text, "Nichts."]);
    }
}

#[test]
fn numbers_of_items_alone_on_their_line_are_not_joined_to_it() {
    for lead in ["Es gilt als Antrag, wenn", "Stellen des Bundes sind"] {
        let lines = [lead, "1.", "ein Schreiben eingeht oder", "2.", "ein Anruf erfolgt."];
        assert_eq!(texts(&lines.join("\n")), lines);
    }
    assert_eq!(texts("Es gilt als Antrag auch für\n1.\nein Schreiben.").len(), 3);
    assert_eq!(texts("Das geschah am\n3.\nMai."), ["Das geschah am 3. Mai."]);
}

#[test]
fn turns_of_an_interview_are_no_headings() {
    let turns =
        ["ZEIT: Frau Ministerin, wie geht es weiter?", "Müller: Dann sehen wir weiter!", "Dr. Weber (SPD): Wann?"];
    assert_eq!(kinds_between_paragraphs(&turns), [BlockKind::Paragraph; 3]);
    assert_eq!(kinds("Frage: Was kostet das?\n\nViel.\n\nFrage: Wie viel?\n\nSehr viel."), [BlockKind::Paragraph; 4]);
    assert_eq!(kinds(&format!("Haushalt: Was kommt nun?\n\n{REPORT}"))[0], BlockKind::Title);
    assert_eq!(kinds_between_paragraphs(&["Reaktionen: Die Fraktion klagt"]), [BlockKind::Heading]);
}

#[test]
fn heads_and_ends_of_messages_are_no_headings() {
    let head = "Von: Anna\nGesendet: 5. Juli\nAn: Bernd\nBetreff: Termin\n\nHallo Anna.";
    assert_eq!(kinds(head), [BlockKind::Paragraph; 5]);
    let lines =
        ["Subject: Einladung", "-----Ursprüngliche Nachricht-----", "LG Anna", "Hauptstraße 34-37, 10115 Berlin"];
    assert_eq!(kinds_between_paragraphs(&lines), [BlockKind::Paragraph; 4]);
    let signed = format!("{REPORT}\n\nViele Grüße\n\nAnna Weber\nLeiterin des Referats\n\nAnhang\n\n{REPORT}");
    use BlockKind::*;
    assert_eq!(kinds(&signed), [Paragraph, Paragraph, Paragraph, Paragraph, Heading, Paragraph]);
}

#[test]
fn lines_of_an_address_and_of_facts_are_no_headings() {
    use BlockKind::*;
    let letter =
        format!("Bundesamt für Wirtschaft\nHauptstraße 34-37\n10115 Berlin\n\nSehr geehrte Frau Weber,\n\n{REPORT}");
    assert_eq!(kinds(&letter), [Paragraph; 5]);
    let minutes = format!(
        "Sitzung des Rates\nBeginn: 10.00 Uhr\nOrt: Rathaus, Saal 2\n\nTOP 1: Haushalt\n\n{REPORT}\n\n\
         Ja: 5     Nein: 0     Enthaltung: 2\n\n{REPORT}"
    );
    let expected = [Title, Paragraph, Paragraph, Heading, Paragraph, Paragraph, Paragraph, Paragraph, Paragraph];
    assert_eq!(kinds(&minutes), expected);
    assert_eq!(
        kinds("Beginn: 10.00 Uhr\nOrt: Rathaus, Saal 2\n\nTOP 1: Haushalt\n\nEr wird beraten.")[..2],
        [Paragraph; 2]
    );
}

/// The lines of the letter say how wide it is, and the first one is as wide.
#[test]
fn a_street_is_not_joined_to_the_name_above_it() {
    let text = "Bundesministerium für Wirtschaft und Klimaschutz\nScharnhorststraße 34-37\n10115 Berlin\n\n\
        auf Ihre Anfrage vom 12. Juni 2024 teile ich Ihnen mit, dass die\nerbetenen Unterlagen hier nicht vorliegen. Nach \
        dem Gesetz hat\njeder nach Maßgabe der Regeln einen Anspruch auf Zugang.";
    let found = texts(text);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert_eq!(found[1], "Scharnhorststraße 34-37");
    assert_eq!(texts("Das Büro ist jetzt in der\nHauptstraße 5").len(), 1);
}

#[test]
fn notes_are_items_where_two_follow_each_other() {
    let bracketed = "[1] Meyer, Recht, S. 5.\n[2] Ebd.\n[3] Müller 2021, S. 7 ff.\n[4] Weber, Lage, 2022.";
    assert_eq!(kinds(bracketed), [BlockKind::ListItem; 4]);
    let plain = "1 Vgl. Meyer, Recht, S. 5 f.\n2 Ebd.\n3 BT-Drs. 20/1234,\nS. 7.";
    let expected = ["1 Vgl. Meyer, Recht, S. 5 f.", "2 Ebd.", "3 BT-Drs. 20/1234, S. 7."];
    assert_eq!(texts(plain), expected);
    let amounts = "Es kamen im letzten Jahr genau\n3 Millionen Gäste, und es blieben\n4 Millionen weg.";
    assert!(!kinds(amounts).contains(&BlockKind::ListItem));
}

#[test]
fn the_first_item_of_a_law_is_not_joined_to_what_leads_in() {
    let law = "(2) Es gilt nicht für\n1. den Präsidenten und\n   a) dessen Verwaltung,\n   b) dessen Haus,\n2. den Bundesrat.";
    let expected = [
        "(2) Es gilt nicht für",
        "1. den Präsidenten und",
        "a) dessen Verwaltung,",
        "b) dessen Haus,",
        "2. den Bundesrat.",
    ];
    assert_eq!(texts(law), expected);
    let date = "Er kam am\n1. Januar nach Wien und am\n2. Februar nach Bern.";
    let day = "Das Turnier begann am\n1. Spieltag ohne Tore und ging am\n2. Spieltag weiter.";
    let reference = "Es gilt auch für Art. 3 Nr.\n1. und Nr.\n2. des Vertrags.";
    let chapter = "1. Kapitel\nEs war einmal ein König, der hatte drei Söhne, und die waren alle\n2. Wahl, was er \
        ihnen niemals sagte, aber doch immer wieder dachte und\nauch schrieb.";
    assert_eq!(texts(chapter).len(), 2);
    for text in [date, day, reference] {
        assert_eq!(texts(text).len(), 1, "{text}");
    }
}

#[test]
fn what_leads_in_to_a_list_is_no_heading() {
    use BlockKind::*;
    for lead in ["Die Verordnung gilt in", "Im Sinne dieses Gesetzes ist"] {
        let text = format!("§ 2 Geltung\n\n{lead}\n\n1. Bayern alles,\n2. Hessen nichts.");
        assert_eq!(kinds(&text), [Title, Paragraph, ListItem, ListItem], "{lead}");
    }
    assert_eq!(kinds(&format!("{REPORT}\n\nWas zu tun ist\n\n- Handeln"))[1], Heading);
}

#[test]
fn a_sentence_goes_on_over_a_page_break() {
    assert_eq!(
        texts("Der Etat stieg auf 480 Milliarden und die Entwick-\n\u{c}lung setzt sich fort."),
        ["Der Etat stieg auf 480 Milliarden und die Entwicklung setzt sich fort."]
    );
    assert_eq!(texts("Im letzten Jahr stieg der Etat und der\n\u{c}Anteil der Schulden auch.").len(), 1);
    assert_eq!(texts("Im letzten Jahr stieg der Etat.\n\u{c}Anteile der Länder").len(), 2);
    assert_eq!(texts("Der Etat steigt weiter.\n\nSeite 4\n\u{c}und er steigt noch.").len(), 3);
    assert_eq!(texts("Der Etat steigt weiter.\n\nDer Rat\n\u{c}tagt bald.").len(), 3);
}

#[test]
fn numbers_of_pages_are_neither_items_nor_headings() {
    let furniture = ["- 3 -", "– 4 –", "Seite 5", "Seite 6 von 12"];
    assert_eq!(kinds_between_paragraphs(&furniture), [BlockKind::Paragraph; 4]);
    assert_eq!(texts("Der Etat stieg auf\n- 3 -\n480 Milliarden.").len(), 3);
}

#[test]
fn a_divided_word_goes_on_over_a_blank_line() {
    assert_eq!(texts("Der Etat und die Entwick-\n\nlung."), ["Der Etat und die Entwicklung."]);
    for apart in ["Vor-\n\nund Nachteile", "Die EU-\n\nGipfel", "Entwick-\n\n\nlung", "Entwick-\n---\nlung"] {
        assert_eq!(texts(apart).len(), 2, "{apart:?}");
    }
}

#[test]
fn scanned_text_with_a_blank_line_after_every_line_is_joined() {
    let report = format!("{REPORT} {REPORT}");
    assert_eq!(texts(&wrap(&report, 60).replace('\n', "\n\n")), [report]);
}

#[test]
fn the_torn_end_of_a_quoted_line_belongs_to_the_quotation() {
    let mail = "> Die Regierung hat am Montag beschlossen, dass die Ausgaben für den\nAusbau\n> der Schienen steigen sollen.\n\nGut.";
    let found = read(mail);
    assert_eq!((found.len(), found[0].kind), (2, BlockKind::Quote));
    assert!(found[0].text().ends_with("für den Ausbau der Schienen steigen sollen."));
    assert_eq!(texts("> Kommst du?\nJa.\n> Und Carl?").len(), 3);
}

#[test]
fn each_message_of_a_chat_is_a_block() {
    let chat = "05.07.24, 10:13 - Petra: Um 15 Uhr am Rathaus und\n05.07.24, 10:14 - Jan: danach im Büro\n\
        [05.07.24, 10:14:30] Petra: Gut und\n[05.07.24, 10:15:00] Jan: schön";
    assert_eq!(kinds(chat), [BlockKind::Paragraph; 4]);
}

#[test]
fn a_slash_at_a_line_end_stays_and_takes_no_space() {
    let cases = [
        ("Die CDU/\nCSU-Fraktion stimmte dagegen.", "Die CDU/CSU-Fraktion stimmte dagegen."),
        ("Es kostet 5 Euro/\nMonat und mehr.", "Es kostet 5 Euro/Monat und mehr."),
    ];
    for (text, expected) in cases {
        assert_eq!(texts(text), [expected]);
    }
    assert_eq!(texts("Siehe https://example.org/\nDanach geht es weiter.").len(), 2);
}

#[test]
fn entries_of_a_table_of_contents_are_no_headings() {
    use BlockKind::*;
    let text = format!("Inhalt\n\n1 Vorwort ...... 3\n2 Die Lage ...... 5\nAnhang ...... 9\n\n1 Vorwort\n\n{REPORT}");
    assert_eq!(kinds(&text), [Title, ListItem, ListItem, Paragraph, Heading, Paragraph]);
}

#[test]
fn times_of_subtitles_are_kept_as_they_are() {
    use BlockKind::*;
    let text = "1\n00:00:01,000 --> 00:00:04,000\nGuten Abend, meine Damen und\nHerren.\n\n\
        2\n00:00:05,000 --> 00:00:07,000\nHier ist das Erste";
    assert_eq!(kinds(text), [Code, Paragraph, Code, Paragraph]);
    assert_eq!(texts(text)[0], "1\n00:00:01,000 --> 00:00:04,000");
    assert_eq!(texts(text)[1], "Guten Abend, meine Damen und Herren.");
}

/// The text and column of each cell.
fn cells(text: &str) -> Vec<(String, u8)> {
    let blocks = read(text);
    assert!(blocks.iter().all(|block| block.kind == BlockKind::TableCell), "{blocks:?}");
    blocks.into_iter().map(|block| (block.text().to_owned(), block.level)).collect()
}

#[test]
fn empty_cells_of_tables_count() {
    let sums = cells("Jahr\tBetrag\n2022\t5 Mio.\n2023\t\nSumme\t5 Mio.");
    assert_eq!(sums[4..], [("2023".to_owned(), 1), ("Summe".to_owned(), 1), ("5 Mio.".to_owned(), 2)]);
    for table in [
        "Stadt\tFluss\tLand\nZürich\t\tCH\nBern\tAare\tCH",
        "| Stadt | Fluss | Land |\n|---|---|---|\n| Zürich | | CH |",
        "Stadt       Fluss       Land\nZürich                  CH\nBern        Aare        CH",
    ] {
        assert_eq!(cells(table)[3..5], [("Zürich".to_owned(), 1), ("CH".to_owned(), 3)], "{table}");
    }
    assert_eq!(cells("Posten | Betrag\n--- | ---\nStrom |\nSumme | 500")[3], ("Summe".to_owned(), 1));
}

#[test]
fn figures_of_tables_stand_below_the_end_of_their_head() {
    let table =
        "Position                     Betrag\nMiete                      1.200,00\nStrom                         80,50";
    let expected = ["Position", "Betrag", "Miete", "1.200,00", "Strom", "80,50"];
    assert_eq!(cells(table).into_iter().map(|(text, _)| text).collect::<Vec<_>>(), expected);
    // The ends of justified lines agree as well.
    let justified = "Er sagte an dem Tag      nichts\nund ging dann bald   zu uns heim.";
    assert!(!kinds(justified).contains(&BlockKind::TableCell));
}

#[test]
fn rows_of_figures_may_begin_with_a_number() {
    let table = "1. Umsatzerlöse            12.345\n2. Sonstige Erträge           345";
    assert_eq!(kinds(table), [BlockKind::TableCell; 4]);
    let list = "1. Erlöse    und Kosten\n2. Erträge    345 Euro\n3.    12";
    assert!(!kinds(list).contains(&BlockKind::TableCell));
}

/// Two tabs in the head are there for the eye.
#[test]
fn tabs_for_the_eye_count_as_one() {
    assert_eq!(
        cells("Name\t\tLand\nZürich\tCH")[1..],
        [("Land".to_owned(), 2), ("Zürich".to_owned(), 1), ("CH".to_owned(), 2)]
    );
}

#[test]
fn the_head_of_a_table_above_a_rule_belongs_to_it() {
    for rule in ["-----|------|-----", "-----+------+-----", "------------------"] {
        assert_eq!(cells(&format!("Land | 2022 | 2023\n{rule}\nBerlin | 170 | 180")).len(), 6, "{rule}");
    }
}

#[test]
fn parts_of_a_line_far_from_each_other_are_blocks() {
    let text = format!("PRESSEMITTEILUNG             Nr. 45/2024\n\n{REPORT}");
    assert_eq!(texts(&text)[..2], ["PRESSEMITTEILUNG", "Nr. 45/2024"]);
    use BlockKind::*;
    assert_eq!(kinds(&text), [Title, Paragraph, Paragraph]);
    assert_eq!(texts("Er sagte      nichts      mehr.").len(), 1);
}

#[test]
fn short_wrapped_texts_are_known_by_the_sentences_that_end_in_their_lines() {
    let joined = |text: &str| {
        let texts = texts(text);
        assert_eq!(texts.len(), 1, "{texts:?}");
    };
    joined(
        "Das Werk Brehm wurde 1934 gebaut. Es beschäftigt heute\n210 Leute in Hof und Selb. Der Gewinn lag 2022 bei 12\nMio. Euro.",
    );
    joined("Die Beratungen dauerten bis zum Morgen. Gegen fünf Uhr gab Präsident\nWolter auf. Er fuhr nach Hause.");
    joined(
        "Die Kosten stiegen nach Angaben des Amts auf 3,1 Mio. Euro. Die Stadt zahlt davon 40\nProzent. Der Rest ist offen.",
    );
    joined("Die Ausgaben lagen bei 1,1 Mrd.\nEuro, geplant waren 0,9.");
    joined("Der Topf stammt aus dem 5. Jh. v.\nChr. und steht in Rom.");
    for line in [
        "Die Anwälte von Ralf W.\nstellten Anträge.",
        "Der Verein Lohr e. V.\nlädt ein.",
        "Unter Friedrich II.\nreiste man viel.",
    ] {
        joined(line);
    }
    // A headline of two sentences over a report that is not wrapped.
    let report = format!(
        "Die Wahl ist entschieden. Was nun auf das Land zukommt\n{}",
        "Die Lage ist ernst und wird es bleiben. ".repeat(8)
    );
    assert_eq!(texts(&report).len(), 2);
}

#[test]
fn dates_and_references_over_two_lines_are_no_items() {
    let filler = "Die Klage wurde erhoben, weil die Behörde den Antrag auf Zulassung der\nRevision mit dem genannten Bescheid ohne jede Begründung zurückgewiesen\nhat und der Kläger daran ein Interesse nachweist, das noch fortbesteht.";
    for text in [
        format!("{filler} Er stellte den genannten Antrag in Köln am 23.\n9. 1982 bei der Behörde, die ihn annahm."),
        format!(
            "{filler} Das ist ständige Rechtsprechung des Gerichts (vgl. Erk.\nv. 12. 12. 2019, G 164/2019), der zu folgen ist."
        ),
    ] {
        assert_eq!(texts(&text).len(), 1, "{:?}", texts(&text));
    }
    assert_eq!(texts("Kassel: Einbruch in Kiosk\n(ots) Unbekannte brachen ein.").len(), 2);
}

/// Lines of a judgment without blank lines, in surroundings that say how wide it is.
fn judgment(lines: &[&str]) -> Vec<String> {
    let body = wrap(REPORT, 72);
    let text = format!("{body}\n{}\n{body}\n", lines.join("\n"));
    let blocks = texts(&text);
    let (first, last) = (blocks.first().expect("a block"), blocks.last().expect("a block"));
    assert!(first.starts_with(&REPORT[..40]) && last.ends_with(&REPORT[REPORT.len() - 40..]), "{blocks:#?}");
    blocks[1..blocks.len() - 1].to_vec()
}

#[test]
fn short_lines_end_by_intent_whatever_follows() {
    let lines = [
        "Kanzlei Dr. Seidel & Partner",
        "gegen",
        "Herrn Thomas Vogt,",
        "- Beklagter -",
        "hat das Gericht entschieden.",
    ];
    let expected = [
        "Kanzlei Dr. Seidel & Partner",
        "gegen",
        "Herrn Thomas Vogt,",
        "- Beklagter -",
        "hat das Gericht entschieden.",
    ];
    assert_eq!(judgment(&lines), expected);
}

#[test]
fn the_last_word_of_a_paragraph_is_no_label_and_no_number() {
    let year = ["Streitig ist der Abzug von Aufwendungen für das Arbeitszimmer im Jahr", "2016."];
    assert_eq!(judgment(&year), [year.join(" ")]);
    let word = ["Ergänzend gilt nach den Feststellungen des Landgerichts in dem Urteil", "Folgendes:"];
    assert_eq!(judgment(&word), [word.join(" ")]);
    let item = ["1. Der Zeuge wohnt nach seinen glaubhaften Angaben seit dem Jahr 2011 im", "2. Stock des Hauses."];
    assert_eq!(judgment(&item), [item.join(" ")]);
}

#[test]
fn a_bracket_over_a_line_end_holds_its_lines_together() {
    let lines = ["Einspruch ist beim Finanzamt Tal, Bergweg 17, 09998 Tal (nachfolgend", "Finanzamt) einzulegen."];
    assert_eq!(judgment(&lines), [lines.join(" ")]);
}

#[test]
fn labelled_lines_in_a_row_and_entries_of_a_programme_keep_apart() {
    let lines = [
        "Ort: Saal",
        "Anwesend: Baumann, Dr. Deml, Eder, Fuchs J., Fuchs M., Huber und Zierer",
        "Entschuldigt: Lechner (Urlaub)",
    ];
    assert_eq!(judgment(&lines), lines);
    assert_eq!(texts("Termine im Juli\n14.00 Uhr: Eröffnung\n"), ["Termine im Juli", "14.00 Uhr: Eröffnung"]);
}

#[test]
fn a_blank_line_beside_a_page_break_is_none() {
    assert_eq!(texts("Das Gericht hat die Klage des Mieters gegen die Stadt\n\u{c}\nabgewiesen.\n").len(), 1);
}
