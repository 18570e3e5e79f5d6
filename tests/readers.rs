//! Reading: every format to blocks and segments, files that are not what they seem, and hostile ones.

use std::path::Path;

use proptest::prelude::*;
use translate::Error;
use translate::document::{BlockKind, Document, InputKind, ReadOptions};
use translate::segment::segment;

use crate::invariants::{document as check, whole as check_extracted};
use crate::support::office::{archive, docx, odt, paragraph};
use crate::support::{Workspace, root};

const KINDS: [InputKind; 7] = [
    InputKind::PlainText,
    InputKind::Markdown,
    InputKind::Html,
    InputKind::Docx,
    InputKind::Odt,
    InputKind::Mail,
    InputKind::Pdf,
];

fn read(bytes: &[u8], name: &str) -> translate::Result<Document> {
    Document::from_bytes(bytes, Some(Path::new(name)), &ReadOptions::default())
}

fn read_as(bytes: &[u8], kind: InputKind) -> translate::Result<Document> {
    Document::from_bytes(bytes, None, &ReadOptions { kind: Some(kind), ..ReadOptions::default() })
}

/// A refusal names the input and says what to do.
#[track_caller]
pub fn refused(result: translate::Result<Document>) -> String {
    match result {
        Err(error @ Error::Document { .. }) => {
            assert!(error.hint().is_some(), "{error}");
            error.to_string()
        }
        other => panic!("not refused: {other:?}"),
    }
}

/// The Word sample: heading, list, table, footnote, runs within a sentence.
fn library() -> Vec<u8> {
    let item = "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>";
    let row = |cells: [&str; 3]| {
        let cells = cells.map(|cell| format!("<w:tc><w:tcPr/>{}</w:tc>", paragraph("", cell)));
        format!("<w:tr>{}</w:tr>", cells.concat())
    };
    let footnote = "<w:r><w:footnoteReference w:id=\"1\"/></w:r></w:p>";
    let body = [
        paragraph("<w:pStyle w:val=\"Titel\"/>", "Jahresbericht der Stadtbücherei Waldkirchen"),
        paragraph("<w:pStyle w:val=\"berschrift1\"/>", "Besucher und Ausleihen"),
        paragraph(
            "",
            "Im Jahr 2024 kamen 48.200 Menschen in die Bücherei, |so viele| wie nie zuvor. Ausgeliehen wurden rund \
             131.000 Medien, darunter erstmals mehr als 20.000 elektronische.",
        )
        .replace("</w:p>", footnote),
        paragraph("", "Frau Dr. Seidl, die Leiterin, führt das auf die längeren Öffnungszeiten zurück."),
        paragraph("<w:pStyle w:val=\"berschrift1\"/>", "NEUES IM HAUS"),
        paragraph(item, "Seit dem 2. Mai gibt es einen Raum für Schulklassen."),
        paragraph(item, "Die Regale im Erdgeschoss wurden erneuert."),
        paragraph(item, "Ein Automat nimmt Bücher auch nachts zurück."),
        paragraph("<w:pStyle w:val=\"berschrift1\"/>", "Zahlen im Überblick"),
        format!(
            "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/><w:gridCol/><w:gridCol/></w:tblGrid>{}{}{}</w:tbl>",
            row(["Jahr", "Besuche", "Ausleihen"]),
            row(["2023", "44.900", "126.500"]),
            row(["2024", "48.200", "131.000"]),
        ),
        paragraph("", "Der Förderverein hat im Herbst 12.500 Euro für neue Hörbücher gesammelt. Die Stadt gibt denselben Betrag dazu."),
    ]
    .concat();
    let note = paragraph("<w:pStyle w:val=\"Funotentext\"/>", "Gezählt werden Ausleihen und Verlängerungen.");
    docx(&body, &format!("<w:footnote w:id=\"1\">{note}</w:footnote>"))
}

fn small_odt() -> Vec<u8> {
    odt("<text:h text:outline-level=\"1\">Lage</text:h><text:p>Der Rat tagt. Er berät <text:s/>morgen.</text:p>")
}

/// One small sound file for each format.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let sample = |name: &str| std::fs::read(root().join("samples").join(name)).unwrap();
    vec![
        ("mail.txt", sample("mail.txt")),
        ("minutes.md", sample("minutes.md")),
        ("harvest.html", sample("harvest.html")),
        ("timetable.eml", sample("timetable.eml")),
        ("library.docx", library()),
        ("lage.odt", small_odt()),
        #[cfg(feature = "pdf")]
        ("fire.pdf", sample("fire.pdf")),
    ]
}

/// Kinds of the blocks, and the text of those of one kind.
pub fn blocks_of(document: &Document, kind: BlockKind) -> Vec<&str> {
    document.blocks.iter().filter(|block| block.kind == kind).map(|block| block.text()).collect()
}

#[test]
fn the_word_sample_is_the_document_described_here() {
    let path = root().join("samples/library.docx");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, library()).unwrap();
    }
    let sample = Document::read(&path).unwrap();
    let here = read(&library(), "library.docx").unwrap();
    assert_eq!((&sample.text, &sample.blocks), (&here.text, &here.blocks));
    check_extracted(&sample);
    assert_eq!(blocks_of(&sample, BlockKind::Title), ["Jahresbericht der Stadtbücherei Waldkirchen"]);
    assert_eq!(blocks_of(&sample, BlockKind::Heading).len(), 3);
    assert_eq!(blocks_of(&sample, BlockKind::ListItem).len(), 3);
    assert_eq!(blocks_of(&sample, BlockKind::TableCell).len(), 9);
    assert!(sample.text.contains("kamen 48.200 Menschen in die Bücherei, so viele wie nie zuvor."));
    assert!(sample.text.ends_with("Gezählt werden Ausleihen und Verlängerungen."));
}

#[test]
fn the_page_sample_keeps_its_structure_and_loses_its_frame() {
    let page = Document::read(root().join("samples/harvest.html")).unwrap();
    check_extracted(&page);
    assert_eq!(blocks_of(&page, BlockKind::Title), ["Weinlese an der Mosel beginnt zwei Wochen früher"]);
    assert_eq!(blocks_of(&page, BlockKind::ListItem).len(), 3);
    assert_eq!(blocks_of(&page, BlockKind::TableCell).len(), 9);
    assert_eq!(blocks_of(&page, BlockKind::Code), ["This report is also available in English."]);
    for hidden in ["Startseite", "Druckansicht", "max-width", "Regionalbericht"] {
        assert!(!page.text.contains(hidden), "{hidden}");
    }
    let texts: Vec<String> = segment(&page).into_iter().map(|segment| segment.text).collect();
    assert!(texts.contains(&"Schäden durch Hagel habe es nur vereinzelt gegeben.".to_owned()));
    assert!(texts.contains(&"54470 Bernkastel-Kues".to_owned()));
}

#[test]
fn the_mail_sample_is_read_from_its_plain_part() {
    let mail = Document::read(root().join("samples/timetable.eml")).unwrap();
    check_extracted(&mail);
    assert_eq!(blocks_of(&mail, BlockKind::Title), ["Sperrung der Strecke Erlenbrück–Hohenau im November"]);
    assert_eq!(blocks_of(&mail, BlockKind::Quote).len(), 1);
    assert!(!mail.text.contains("formatierte Fassung"));
    let texts: Vec<String> = segment(&mail).into_iter().map(|segment| segment.text).collect();
    let joined = "Ab Montag, 3. November, fahren dort bis zum 21. November keine Züge, weil drei Weichen und rund 1,2 \
                  Kilometer Gleis erneuert werden.";
    assert!(texts.iter().any(|text| text == joined), "{texts:#?}");
}

#[cfg(feature = "cli")]
#[test]
fn segments_of_every_format_are_printed_and_warnings_said() {
    let workspace = Workspace::new();
    for (name, bytes) in files() {
        workspace.write(&format!("berichte/{name}"), bytes);
    }
    let english = "The ministers have agreed on a plan that is to be put before parliament in the autumn. ".repeat(5);
    workspace.write("berichte/english.txt", english);
    let finished = workspace.run(&["segment", "berichte"], b"");
    assert!(finished.stderr.contains("english.txt: this text seems to be in English"), "{}", finished.stderr);
    assert_eq!(finished.stderr.matches("warning").count(), 1, "{}", finished.stderr);
    let lines = finished.success();
    for (name, _) in files() {
        assert!(lines.lines().filter(|line| line.contains(name)).count() > 1, "{name}");
    }
}

#[cfg(feature = "cli")]
#[test]
fn capitals_are_translated_as_text_and_set_back() {
    let workspace = Workspace::new();
    let capitals = "GIPFEL IN ASTANA: BELARUS TRITT DER SOZ BEI\n\nGipfel in Astana: Belarus tritt der SOZ bei\n";
    let arguments = ["-f", "json", "--offline", "--model", "bundled", "--beam", "1", "-q", "-"];
    let output = workspace.run(&arguments, capitals.as_bytes()).success();
    let report: serde_json::Value = serde_json::from_str(&output).unwrap();
    let targets: Vec<&str> = (0..2).filter_map(|id| report["segments"][id]["target"].as_str()).collect();
    assert_eq!(targets[0], targets[1].to_uppercase());
    assert_ne!(targets[0], targets[1]);
}

#[test]
fn paragraphs_of_a_cell_stay_in_it() {
    let html =
        "<table><tr><td><p>Montag</p><p>Dienstag</p><td>frei<tr><td>Mittwoch<td><p>Rat</p><p>Ausschuss</p></table>";
    let cell = |paragraphs: &[&str]| {
        let paragraphs: Vec<String> = paragraphs.iter().map(|text| paragraph("", text)).collect();
        format!("<w:tc><w:tcPr/>{}</w:tc>", paragraphs.concat())
    };
    let rows = [[&["Montag", "Dienstag"][..], &["frei"]], [&["Mittwoch"], &["Rat", "Ausschuss"]]];
    let rows = rows.map(|row| format!("<w:tr>{}</w:tr>", row.map(cell).concat()));
    let word = docx(&format!("<w:tbl>{}</w:tbl>", rows.concat()), "");
    let open = html
        .replace("<table>", "<table:table>")
        .replace("</table>", "</table:table-cell></table:table-row></table:table>");
    let open = open.replacen("<tr><td>", "<table:table-row><table:table-cell>", 1);
    let open = open.replace("<tr><td>", "</table:table-cell></table:table-row><table:table-row><table:table-cell>");
    let open = open.replace("<td>", "</table:table-cell><table:table-cell>").replace("p>", "text:p>");
    let open = open.replace(">frei<", "><text:p>frei</text:p><").replace(">Mittwoch<", "><text:p>Mittwoch</text:p><");
    for (name, bytes) in [("a.html", html.as_bytes().to_vec()), ("a.docx", word), ("a.odt", odt(&open))] {
        let document = read(&bytes, name).unwrap();
        let cells: Vec<_> = document.blocks.iter().map(|block| (block.level, block.continues, block.text())).collect();
        let expected = [
            (1, false, "Montag"),
            (1, true, "Dienstag"),
            (2, false, "frei"),
            (1, false, "Mittwoch"),
            (2, false, "Rat"),
            (2, true, "Ausschuss"),
        ];
        assert_eq!(cells, expected, "{name}");
    }
}

#[test]
fn the_content_decides_whatever_the_name_says() {
    for (name, bytes) in files() {
        let here = read(&bytes, name).unwrap();
        for other in ["a.txt", "a.png", "a"] {
            // Markdown and plain text are told apart by name alone.
            if !name.ends_with(".md") {
                assert_eq!(read(&bytes, other).unwrap().blocks, here.blocks, "{name} as {other}");
            }
        }
    }
}

#[test]
fn files_without_a_reader_are_refused_with_advice() {
    let zip = |parts: &[(&str, &str)]| archive(parts);
    let cases = [
        (b"%PDF-1.7\n%\xE2\xE3".to_vec(), "PDF file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "PNG"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0".to_vec(), "password-protected"),
        (b"{\\rtf1\\ansi Text}".to_vec(), "RTF"),
        (zip(&[("bild.png", "x")]), "ZIP archive"),
        (zip(&[("[Content_Types].xml", "x"), ("xl/workbook.xml", "x")]), "Excel"),
        (zip(&[("mimetype", "application/epub+zip")]), "EPUB"),
        (zip(&[]), "ZIP archive"),
        (b"PK\x03\x04 and no more".to_vec(), "damaged"),
        ((0..=255).collect(), "binary"),
        (b"<!DOCTYPE html><p>a\0b".to_vec(), "binary"),
        (docx("<w:p><w:t>offen", ""), "document.xml in it is damaged"),
        (docx(&"<w:x>".repeat(5000), ""), "nested"),
    ];
    for (bytes, reason) in cases {
        for name in ["a.docx", "a.txt"] {
            let message = refused(read(&bytes, name));
            assert!(message.starts_with(name) && message.contains(reason), "{message}");
        }
    }
}

#[test]
fn an_archive_that_unpacks_without_measure_is_refused() {
    let spaces = " ".repeat(64 << 20);
    let bomb = archive(&[("word/document.xml", &format!("<w:p>{spaces}</w:p>")), ("[Content_Types].xml", "")]);
    assert!(bomb.len() < 1 << 20);
    assert!(refused(read(&bomb, "a.docx")).contains("unpacks to more than"));
}

#[test]
fn damaged_files_are_read_or_refused() {
    for (name, bytes) in files() {
        let mut damaged: Vec<Vec<u8>> = (0..60).map(|part| bytes[..bytes.len() * part / 60].to_vec()).collect();
        let mut state = 7_u64;
        for _ in 0..300 {
            let mut copy = bytes.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let at = (state >> 33) as usize % copy.len();
                copy[at] ^= 1 << (state >> 60 & 7);
            }
            damaged.push(copy);
        }
        for bytes in damaged {
            match read(&bytes, name) {
                Ok(document) => check(&document),
                result => drop(refused(result)),
            }
        }
    }
}

/// The parser loses count of them, and with debug assertions it panicked.
#[test]
fn messages_in_messages_that_are_cut_off_are_read_or_refused() {
    let part = "--B\nContent-Type: message/rfc822\n\nSubject: innen\n\nText\n";
    let last = "--B\nContent-Type: message/rfc822\n\nSubject: innen\n--B\nContent-Type: message/rfc822\n\nSubject: x\n\nText\n--B--\n";
    let head = "From: a\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n";
    for text in [format!("{head}{part}{part}{last}"), format!("{head}{last}")] {
        for length in 0..text.len() {
            match read_as(&text.as_bytes()[..length], InputKind::Mail) {
                Ok(document) => check_extracted(&document),
                result => drop(refused(result)),
            }
        }
    }
}

#[test]
fn texts_without_any_break_are_read() {
    for kind in KINDS {
        for unit in ["a", "ä", ".", "<", "&", "- ", "=", ">", "\u{ad}", "\u{a0}"] {
            let text = format!("Subject: x\n\n{}", unit.repeat((1 << 20) / unit.len()));
            match read_as(text.as_bytes(), kind) {
                Ok(document) => check(&document),
                result => drop(refused(result)),
            }
        }
    }
}

#[test]
fn nesting_without_end_is_read_or_refused() {
    let deep = |open: &str, close: &str| format!("{}Ende{}", open.repeat(100_000), close.repeat(100_000));
    for (open, close) in [("<div>", "</div>"), ("<ul><li>", "</ul>"), ("<table><td>", ""), ("<b><i>", "")] {
        let html = format!("<html>{}", deep(open, close));
        check_extracted(&read(html.as_bytes(), "a.html").unwrap());
    }
    for (open, close) in [("> ", ""), ("- ", ""), ("[", "]"), ("*", "*")] {
        // Less deep: that is the parser's own cost, not the reader's.
        let text = format!("{}Ende{}", open.repeat(2000), close.repeat(2000));
        check(&read(text.as_bytes(), "a.md").unwrap());
    }
    let parts: String =
        (0..500).map(|part| format!("--{part}\nContent-Type: multipart/mixed; boundary={}\n\n", part + 1)).collect();
    let mail =
        format!("From: a\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=0\n\n{parts}Ende");
    check_extracted(&read(mail.as_bytes(), "a.eml").unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for kind in KINDS {
            match read_as(&bytes, kind) {
                Ok(document) => check(&document),
                result => drop(refused(result)),
            }
        }
    }

    #[test]
    fn any_text_is_read_whole(text in "[a-zäöüA-Z0-9 .,\n\t<>&;/\"=„“»«\u{ad}\u{a0}#*|>-]{0,300}") {
        for kind in [InputKind::PlainText, InputKind::Markdown] {
            check(&read_as(text.as_bytes(), kind).unwrap());
        }
        check_extracted(&read_as(text.as_bytes(), InputKind::Html).unwrap());
    }

    #[test]
    fn any_markup_is_read(parts in prop::collection::vec(
        prop::sample::select(vec![
            "<p>", "</p>", "<ul>", "<ol>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "</table>", "<h1>", "</h1>", "<pre>",
            "</pre>", "<br>", "<b>", "</b>", "<div lang=en>", "</div>", "<p hidden>", "<title>", "</title>", "<blockquote>",
            "</blockquote>", "<q>", "Ein Satz. ", "Noch ein\nWort", "&amp;", "<!--", "-->", "<script>", "</script>",
        ]), 0..60)) {
        check_extracted(&read_as(parts.concat().as_bytes(), InputKind::Html).unwrap());
    }

    #[test]
    fn any_paragraphs_of_a_document_are_read(parts in prop::collection::vec(
        prop::sample::select(vec![
            "<w:p/>", "<w:tbl>", "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>", "</w:tc>", "<w:p>", "</w:p>", "<w:r><w:t>Ein Satz. </w:t></w:r>",
            "<w:r><w:br/></w:r>", "<w:del>", "</w:del>", "<w:txbxContent>", "</w:txbxContent>", "&lt;", "&x;", "<![CDATA[Wort]]>",
            "<text:p>", "</text:p>", "<text:note-body>", "</text:note-body>", "<text:list>", "</text:list>",
        ]), 0..40)) {
        for bytes in [docx(&parts.concat(), ""), odt(&parts.concat())] {
            match read(&bytes, "a") {
                Ok(document) => check_extracted(&document),
                result => drop(refused(result)),
            }
        }
    }
}
