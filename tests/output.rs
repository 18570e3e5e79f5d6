//! Writers: golden files of a small report with every kind of block, and hostile text in every place that holds text.
//!
//! `UPDATE_GOLDEN=1 cargo test --test main output` writes the golden files anew; look at the difference before keeping it.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use translate::Format;
use translate::bitext::{Bitext, BitextBlock, BitextSegment, Check, CheckKind, Fact, FactKind, Summary};
use translate::document::BlockKind::*;
use translate::document::Opens;

use crate::report::{block, report};

fn code(bitext: &mut Bitext, text: &str) {
    bitext.blocks.push(BitextBlock {
        kind: Code,
        level: 0,
        continues: false,
        opens: None,
        segments: Vec::new(),
        text: Some(text.to_owned()),
    });
}

fn summarise(bitext: &mut Bitext, ids: &[usize]) {
    let join = |text: fn(&BitextSegment) -> &str| {
        ids.iter().map(|id| text(&bitext.segments[*id])).collect::<Vec<_>>().join(" ")
    };
    let summary = Summary {
        method: "extractive".to_owned(),
        written_in: None,
        segments: ids.to_vec(),
        source: join(|segment| &segment.source),
        target: join(|segment| &segment.target),
        checks: Vec::new(),
        facts: Vec::new(),
    };
    bitext.summary = Some(summary);
}

pub fn harbour() -> Bitext {
    let mut bitext = report("berichte/hafen.md");
    block(&mut bitext, Title, 1, &[("Hafen nimmt neuen Kran in Betrieb", "Port puts new crane into operation")]);
    block(&mut bitext, Dateline, 0, &[("WISMAR, 3. Mai 2025.", "WISMAR, 3 May 2025.")]);
    block(
        &mut bitext,
        Paragraph,
        0,
        &[
            (
                "Im Seehafen Wismar arbeitet seit Freitag ein neuer Mobilkran, der bis zu 125 Tonnen hebt.",
                "A new mobile crane that lifts up to 125 tonnes has been at work in the seaport of Wismar since Friday.",
            ),
            ("Er hat 4,8 Mio. Euro gekostet.", "It cost 4.8 billion euros."),
            (
                "„Wir können Schiffe nun in der halben Zeit entladen“, sagte Hafenchefin Inga Voss.",
                "“We can now unload ships in half the time,” said port director Inga Voss.",
            ),
        ],
    );
    block(&mut bitext, Heading, 2, &[("Umschlag wächst", "Cargo handling grows")]);
    block(
        &mut bitext,
        Paragraph,
        0,
        &[(
            "Im ersten Quartal wurden 1,9 Millionen Tonnen umgeschlagen, 6 Prozent mehr als im Vorjahr.",
            "In the first quarter 1.9 million tonnes were handled, 6 percent more than in the previous year.",
        )],
    );
    block(&mut bitext, ListItem, 1, &[("Holz: 710.000 Tonnen", "Timber: 710,000 tonnes")]);
    block(&mut bitext, ListItem, 2, &[("davon Schnittholz: 240.000 Tonnen", "of which sawn timber: 240,000 tonnes")]);
    block(&mut bitext, ListItem, 1, &[("Salz: 305.000 Tonnen", "Salt: 305,000 tonnes")]);
    block(&mut bitext, TableCell, 1, &[("Monat", "Month")]);
    block(&mut bitext, TableCell, 2, &[("Schiffe", "Ships")]);
    block(&mut bitext, TableCell, 1, &[("März", "March")]);
    block(&mut bitext, TableCell, 2, &[("118", "118")]);
    block(&mut bitext, TableCell, 1, &[("April", "April")]);
    block(&mut bitext, Quote, 0, &[("Der Hafen lebt.", "The port is alive.")]);
    code(&mut bitext, "kran = \"LHM 550\"\n  last = 125\n");
    bitext.segments[3].checks = vec![Check { kind: CheckKind::Number, detail: "4,8 Mio. is missing".to_owned() }];
    summarise(&mut bitext, &[2, 6]);
    if let Some(summary) = &mut bitext.summary {
        summary.facts = vec![
            fact(FactKind::Date, "3. Mai 2025", "3 May 2025", &[1]),
            fact(FactKind::Place, "Wismar", "Wismar", &[1, 2]),
            fact(FactKind::Figure, "bis zu 125 Tonnen", "up to 125 tonnes", &[2]),
            fact(FactKind::Figure, "6 Prozent", "6 percent", &[6]),
        ];
    }
    bitext
}

/// A format as text; of an archive, the text of the document in it.
pub fn written(bitext: &Bitext, format: Format) -> String {
    let mut bytes = Vec::new();
    bitext.write(format, &mut bytes).unwrap();
    if format == Format::Docx {
        return archive_part(&bytes, "word/document.xml");
    }
    String::from_utf8(bytes).unwrap()
}

pub fn archive_part(archive: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

#[test]
fn every_format_matches_its_golden_file() {
    let bitext = harbour();
    for format in Format::ALL {
        let mut name = format.file_name(Path::new("harbour.md"));
        if format == Format::Docx {
            name.set_extension("docx.xml");
        }
        compare(name.to_str().unwrap(), written(&bitext, format));
    }
}

/// Compares a text with a golden file, the version of the program aside.
pub fn compare(name: &str, text: String) {
    let version = |version| format!("creationtoolversion=\"{version}\"");
    let text = text.replacen(&version(env!("CARGO_PKG_VERSION")), &version("VERSION"), 1);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == golden, "{} differs; UPDATE_GOLDEN=1 writes it anew", path.display());
}

#[test]
fn figures_put_in_english_form_are_noted_and_not_doubted() {
    let mut bitext = harbour();
    let before = bitext.doubtful();
    let note = Check { kind: CheckKind::Polished, detail: "“1.250,5” was put as “1,250.5”".to_owned() };
    bitext.segments[4].checks = vec![note.clone()];
    assert_eq!(bitext.doubtful(), before);
    for format in [Format::Markdown, Format::Html, Format::Docx] {
        let page = written(&bitext, format);
        assert!(!page.contains(&note.detail), "{format:?} marks a note");
        assert!(page.contains("1 put in English form"), "{format:?} does not count it");
    }
    for format in [Format::Json, Format::Tmx, Format::Xliff] {
        assert!(written(&bitext, format).contains("1.250,5"), "{format:?} lacks the note");
    }
    assert_eq!(written(&bitext, Format::Xliff).matches("subState").count(), before);
}

fn fact(kind: FactKind, source: &str, target: &str, segments: &[usize]) -> Fact {
    Fact { kind, source: source.to_owned(), target: target.to_owned(), segments: segments.to_vec() }
}

#[test]
fn a_numbered_list_has_its_numbers_and_no_bullets() {
    let mut bitext = report("x.txt");
    for number in 1..=2 {
        let texts = (format!("{number}. Der Punkt"), format!("{number}. The item"));
        block(&mut bitext, ListItem, 1, &[(&texts.0, &texts.1)]);
    }
    assert!(written(&bitext, Format::Markdown).contains("1. ⁰ The item\n   > ⁰ Der Punkt\n2. ¹ The item\n"));
    assert!(written(&bitext, Format::Html).contains("<ul class=\"depth1 numbered\">"));
    assert!(written(&bitext, Format::Text).contains("1. The item\n2. The item"));
    assert!(written(&bitext, Format::Docx).contains("<w:numId w:val=\"0\"/>"));
}

#[test]
fn paragraphs_of_a_cell_are_written_into_it() {
    let mut bitext = report("plan.html");
    for (column, continues, text) in
        [(1, false, "Montag"), (1, true, "Dienstag"), (2, false, "frei"), (1, false, "Mittwoch")]
    {
        block(&mut bitext, TableCell, column, &[(text, text)]);
        bitext.blocks.last_mut().unwrap().continues = continues;
    }
    let rows = |bitext: &Bitext| written(bitext, Format::Html).matches("<tr>").count();
    // In each language.
    assert_eq!(rows(&bitext), 2 * 2);
    bitext.blocks[1].continues = false;
    assert_eq!(rows(&bitext), 2 * 3);
}

#[test]
fn rows_and_tables_are_those_of_the_source() {
    let mut bitext = report("plan.html");
    for (column, opens, text) in [
        (1, Some(Opens::Table), "Montag"),
        (2, Some(Opens::Row), "frei"),
        (1, Some(Opens::Table), "Ort"),
        (2, None, "Preis"),
    ] {
        block(&mut bitext, TableCell, column, &[(text, text)]);
        bitext.blocks.last_mut().unwrap().opens = opens;
    }
    let json = written(&bitext, Format::Jsonl);
    assert_eq!((json.matches("\"opens\":\"table\"").count(), json.matches("\"opens\":\"row\"").count()), (2, 1));
    assert_eq!(serde_json::from_str::<Bitext>(&json).unwrap(), bitext);
    assert_eq!(written(&bitext, Format::Text), "Montag\t\n\tfrei\n\nOrt\tPreis\n");
    // In each language.
    assert_eq!(written(&bitext, Format::Html).matches("<table>").count(), 2 * 2);
    assert_eq!(written(&bitext, Format::Markdown).matches("|---|---|").count(), 2 * 2);
}

#[test]
fn json_comes_back_as_it_went() {
    let bitext = harbour();
    for format in [Format::Json, Format::Jsonl] {
        let text = written(&bitext, format);
        assert_eq!(serde_json::from_str::<Bitext>(&text).unwrap(), bitext);
        let first = text.trim_start_matches(['{', '\n', ' ']);
        assert!(first.starts_with("\"format\""), "{first:.40}");
    }
    assert_eq!(written(&bitext, Format::Jsonl).lines().count(), 1);
}

#[test]
fn json_is_written_for_a_file_name_that_is_no_unicode() {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        let mut bitext = harbour();
        bitext.source.path = Some(PathBuf::from(std::ffi::OsString::from_vec(b"M\xe4rz.txt".to_vec())));
        assert!(written(&bitext, Format::Json).contains("M\u{fffd}rz.txt"));
        assert!(written(&bitext, Format::Html).contains("M\u{fffd}rz.txt"));
    }
}

/// Markdown as GitHub reads it.
fn github() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
}

const HOSTILE: &str =
    "<script>alert('1')</script> | # `x` ```y``` ]]> \"&lt;\" $a$ *b* [c](javascript:d) \u{1b}[31m \u{0}";

/// The hostile text wherever a report holds text.
pub fn hostile() -> Bitext {
    let mut bitext = report(HOSTILE);
    let sentences = [(HOSTILE, HOSTILE)];
    for (kind, level) in [
        (Title, 1),
        (Dateline, 0),
        (Paragraph, 0),
        (Heading, 2),
        (ListItem, 1),
        (TableCell, 1),
        (TableCell, 2),
        (Quote, 0),
    ] {
        block(&mut bitext, kind, level, &sentences);
    }
    code(&mut bitext, HOSTILE);
    for segment in &mut bitext.segments {
        segment.checks = vec![Check { kind: CheckKind::Copied, detail: HOSTILE.to_owned() }];
    }
    bitext.model.name = HOSTILE.to_owned();
    bitext.model.commit = Some(HOSTILE.to_owned());
    bitext.model.precision = HOSTILE.to_owned();
    bitext.model.caution = Some(HOSTILE.to_owned());
    bitext.source.sha256 = HOSTILE.to_owned();
    bitext.source.notices = vec![HOSTILE.to_owned()];
    summarise(&mut bitext, &[2, 4]);
    if let Some(summary) = &mut bitext.summary {
        summary.facts =
            vec![fact(FactKind::Place, HOSTILE, HOSTILE, &[2]), fact(FactKind::Figure, "1", HOSTILE, &[99])];
    }
    bitext
}

#[test]
fn hostile_text_opens_no_tag_in_html() {
    let page = written(&hostile(), Format::Html);
    assert_eq!(page.matches("<script").count(), 1, "only the page's own script");
    assert_eq!(page.matches("</script").count(), 1);
    assert!(!page.contains("alert('1')") && !page.contains("]]>"));
    assert!(page.chars().all(|character| character == '\n' || character == '\t' || !character.is_control()));
}

#[test]
fn hostile_text_is_no_markup_in_markdown() {
    let page = written(&hostile(), Format::Markdown);
    let mut code = String::new();
    let mut in_code = false;
    for event in Parser::new_ext(&page, github()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => panic!("HTML: {html}"),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("link: {dest_url}"),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::Code(text) => panic!("markup: {text}"),
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) => panic!("emphasis"),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => in_code = true,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => panic!("indented code"),
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if in_code => code.push_str(&text),
            _ => {}
        }
    }
    assert_eq!(code.trim_end(), HOSTILE.replace(['\u{1b}', '\u{0}'], "\u{fffd}"));
    assert!(page.chars().all(|character| character == '\n' || !character.is_control()));
}

/// What a reader of the rendered Markdown sees, white space aside.
fn rendered(markdown: &str) -> String {
    let mut seen = String::new();
    for event in Parser::new_ext(markdown, github()) {
        if let Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) = event {
            seen.push_str(&text);
        }
    }
    seen.split_whitespace().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the text, Markdown shows it as it is, in every kind of block.
    #[test]
    fn markdown_shows_the_text_as_it_is(text in "[-a-c1.)#*_`~|<>\\[\\]()&;!$=+\\\\^: ]{1,24}") {
        prop_assume!(!text.trim().is_empty());
        let plain: String = text.split_whitespace().collect();
        for (kind, level) in [(Title, 1), (Heading, 2), (Paragraph, 0), (ListItem, 1), (TableCell, 1), (Quote, 0)] {
            let mut bitext = report("x.txt");
            block(&mut bitext, kind, level, &[("Quelle", &text)]);
            let page = written(&bitext, Format::Markdown);
            prop_assert!(rendered(&page).contains(&plain), "{kind:?}\n{page}\n{}", rendered(&page));
        }
    }

    /// No bitext, however broken its references, makes a writer fail.
    #[test]
    fn writers_never_fail(
        kinds in prop::collection::vec((0..8_usize, any::<u8>(), prop::collection::vec(0..12_usize, 0..3)), 0..12),
        text in any::<String>(),
        summary in prop::collection::vec(0..20_usize, 0..4),
    ) {
        let mut bitext = report(&text);
        block(&mut bitext, Paragraph, 0, &[(&text, &text), ("b", "b"), ("c", &text)]);
        for (kind, level, segments) in kinds {
            let kind = [Title, Heading, Paragraph, ListItem, TableCell, Quote, Code, Dateline][kind];
            let opens = [None, Some(Opens::Row), Some(Opens::Table)][usize::from(level) % 3];
            bitext.blocks.push(BitextBlock { kind, level, continues: false, opens, segments, text: None });
        }
        bitext.summary = Some(Summary {
            method: String::new(),
            written_in: None,
            segments: summary,
            source: text.clone(),
            target: text.clone(),
            checks: Vec::new(),
            facts: Vec::new(),
        });
        for format in Format::ALL {
            written(&bitext, format);
        }
    }
}
