//! TMX, XLIFF and DOCX: well-formed whatever the text, and built as their specifications ask.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use translate::Format;
use translate::bitext::{Bitext, Check, CheckKind};
use translate::document::BlockKind::*;

use crate::output::{archive_part, harbour, hostile, written};
use crate::report::{block, report};

/// An element with what it holds.
#[derive(Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
    /// Its own text, without that of its children.
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).unwrap_or_else(|| panic!("<{}> lacks {name}", self.name))
    }

    fn child(&self, name: &str) -> &Element {
        self.children.iter().find(|child| child.name == name).unwrap_or_else(|| panic!("<{}> lacks {name}", self.name))
    }

    fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }

    /// All elements of this name in it, however deep.
    fn all(&self, name: &str) -> Vec<&Element> {
        let deeper = self.children.iter().flat_map(|child| child.all(name));
        self.children.iter().filter(|child| child.name == name).chain(deeper).collect()
    }
}

/// Reads XML; panics where it is not well-formed XML 1.0.
fn parse(xml: &str) -> Element {
    // https://www.w3.org/TR/xml/#charsets
    let forbidden =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!xml.contains(forbidden), "a character that XML forbids");
    let open = |start: BytesStart<'_>| {
        let mut element = Element { name: start.name().as_ref().to_owned(), ..Element::default() };
        for attribute in start.attributes() {
            let attribute = attribute.unwrap();
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap().into_owned();
            element.attributes.insert(attribute.key.as_ref().to_owned(), value);
        }
        element
    };
    let mut reader = Reader::from_str(xml);
    let mut stack = vec![Element::default()];
    loop {
        let parent = stack.last_mut().unwrap();
        match reader.read_event().unwrap() {
            Event::Start(start) => stack.push(open(start)),
            Event::Empty(start) => parent.children.push(open(start)),
            Event::Text(text) => parent.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let text = format!("&{};", &*reference);
                parent.text.push_str(&quick_xml::escape::unescape(&text).unwrap());
            }
            Event::End(_) => {
                let element = stack.pop().unwrap();
                stack.last_mut().unwrap().children.push(element);
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(stack.len(), 1, "an element is left open");
    let mut root = stack.pop().unwrap();
    assert_eq!(root.children.len(), 1, "one root");
    root.children.remove(0)
}

/// The rules of tmx14.dtd for what stands in these files.
fn check_tmx(tmx: &Element) {
    assert_eq!((tmx.name.as_str(), tmx.attribute("version")), ("tmx", "1.4"));
    assert_eq!(tmx.names(), ["header", "body"]);
    let header = tmx.child("header");
    for required in ["creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"] {
        assert!(!header.attribute(required).is_empty());
    }
    assert!(header.children.iter().all(|child| child.name == "prop" && !child.attribute("type").is_empty()));
    let mut ids = HashSet::new();
    for unit in &tmx.child("body").children {
        assert_eq!(unit.name, "tu");
        assert!(ids.insert(unit.attribute("tuid")));
        let names = unit.names();
        let pairs = names.iter().position(|name| *name == "tuv").unwrap();
        assert!(names[..pairs].iter().all(|name| ["note", "prop"].contains(name)), "{names:?}");
        assert_eq!(names[pairs..], ["tuv", "tuv"]);
        let languages: Vec<&str> = unit.children[pairs..].iter().map(|tuv| tuv.attribute("xml:lang")).collect();
        assert_eq!(languages, [header.attribute("srclang"), "en"]);
        assert!(unit.children[pairs..].iter().all(|tuv| tuv.names() == ["seg"] && !tuv.child("seg").text.is_empty()));
    }
}

/// The rules of the XLIFF 2.1 core and of its metadata module for what stands in these files.
fn check_xliff(xliff: &Element) {
    assert_eq!((xliff.name.as_str(), xliff.attribute("version")), ("xliff", "2.1"));
    assert_eq!(xliff.attribute("xmlns"), "urn:oasis:names:tc:xliff:document:2.0");
    assert_eq!((xliff.attribute("srcLang"), xliff.attribute("trgLang")), ("de", "en"));
    assert_eq!(xliff.names(), ["file"]);
    let file = xliff.child("file");
    assert!(!file.attribute("id").is_empty());
    assert!(file.names().contains(&"group"), "a file holds a unit or a group");
    let in_order = |element: &Element, order: &[&str]| {
        let places: Vec<usize> =
            element.names().iter().map(|name| order.iter().position(|known| known == name).unwrap()).collect();
        assert!(places.is_sorted(), "<{}> holds {:?}", element.name, element.names());
    };
    in_order(file, &["mda:metadata", "group"]);
    for (name, order) in
        [("group", &["unit"][..]), ("unit", &["mda:metadata", "notes", "segment"]), ("segment", &["source", "target"])]
    {
        let mut ids = HashSet::new();
        for element in file.all(name) {
            in_order(element, order);
            if name != "segment" {
                let id = element.attribute("id");
                assert!(ids.insert(id) && !id.contains(char::is_whitespace), "{name} {id}");
            }
        }
    }
    for unit in file.all("unit") {
        let segment = unit.child("segment");
        assert!(segment.names().contains(&"source"));
        assert!(unit.children.iter().all(|child| child.name != "notes" || child.names().contains(&"note")));
        if let Some(state) = segment.attributes.get("state") {
            assert!(["initial", "translated"].contains(&state.as_str()));
            assert_eq!(state == "translated", segment.names().contains(&"target"));
        }
        if let Some(sub) = segment.attributes.get("subState") {
            assert!(sub.contains(':') && !sub.starts_with("xlf:"));
        }
    }
    for meta in file.all("mda:meta") {
        assert!(!meta.attribute("type").is_empty());
    }
}

/// What a word processor insists on.
fn check_docx(document: &Element) {
    let body = document.child("w:body");
    assert_eq!(body.names().last(), Some(&"w:sectPr"));
    let tables: Vec<bool> = body.children.iter().map(|child| child.name == "w:tbl").collect();
    assert!(tables.windows(2).all(|pair| pair != [true, true]), "tables that touch are one table to Word");
    for table in body.all("w:tbl") {
        let columns = table.child("w:tblGrid").children.len();
        assert!((1..=63).contains(&columns));
        let rows = table.all("w:tr");
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!(row.all("w:tc").len(), columns);
        }
    }
    assert!(body.all("w:tc").iter().all(|cell| cell.names().last() == Some(&"w:p")), "a cell ends in a paragraph");
    let bookmarks: Vec<&str> =
        body.all("w:bookmarkStart").iter().map(|bookmark| bookmark.attribute("w:name")).collect();
    assert_eq!(bookmarks.iter().collect::<HashSet<_>>().len(), bookmarks.len(), "a name is given once");
    for link in body.all("w:hyperlink") {
        assert!(bookmarks.contains(&link.attribute("w:anchor")), "{} leads nowhere", link.attribute("w:anchor"));
    }
}

fn docx_text(element: &Element) -> String {
    element.all("w:t").iter().map(|run| run.text.as_str()).collect()
}

#[test]
fn exchange_formats_keep_the_rules_of_their_specifications() {
    for bitext in [harbour(), hostile(), report("leer.txt")] {
        check_tmx(&parse(&written(&bitext, Format::Tmx)));
        check_xliff(&parse(&written(&bitext, Format::Xliff)));
        check_docx(&parse(&written(&bitext, Format::Docx)));
    }
}

#[test]
fn every_part_of_the_docx_is_well_formed_and_declared() {
    let mut bytes = Vec::new();
    hostile().write(Format::Docx, &mut bytes).unwrap();
    let types = parse(&archive_part(&bytes, "[Content_Types].xml"));
    let declared: Vec<&str> = types.all("Override").iter().map(|part| part.attribute("PartName")).collect();
    let styles = parse(&archive_part(&bytes, "word/styles.xml"));
    let known: HashSet<&str> = styles.all("w:style").iter().map(|style| style.attribute("w:styleId")).collect();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    for index in 0..archive.len() {
        let name = archive.by_index(index).unwrap().name().unwrap().into_owned();
        let part = parse(&archive_part(&bytes, &name));
        assert!(
            name.ends_with(".rels") || name.starts_with('[') || declared.contains(&format!("/{name}").as_str()),
            "{name}"
        );
        for style in part.all("w:pStyle").iter().chain(&part.all("w:rStyle")).chain(&part.all("w:tblStyle")) {
            assert!(known.contains(style.attribute("w:val")), "{name}: style {}", style.attribute("w:val"));
        }
    }
    for (folder, rels) in [("", "_rels/.rels"), ("word/", "word/_rels/document.xml.rels")] {
        for relationship in parse(&archive_part(&bytes, rels)).all("Relationship") {
            let name = format!("{folder}{}", relationship.attribute("Target"));
            assert!(archive.by_name(&name).is_ok(), "{rels} names {name}");
        }
    }
}

/// Runs a Python program over a file; `None` where there is no Python with these modules. `TRANSLATE_TEST_PYTHON` names one.
fn python(modules: &str, program: &str, file: &Path) -> Option<serde_json::Value> {
    let python = std::env::var_os("TRANSLATE_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let run = |program: &str| Command::new(&python).args(["-I", "-c", program]).arg(file).output().ok();
    run(&format!("import {modules}")).filter(|output| output.status.success())?;
    let output = run(program)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The translate-toolkit, which Pootle and Weblate are built on, reads every pair out of both formats.
#[test]
fn the_translate_toolkit_reads_tmx_and_xliff() {
    let folder = tempfile::tempdir().unwrap();
    for (format, module, class) in [(Format::Tmx, "tmx", "tmxfile"), (Format::Xliff, "xliff2", "Xliff2File")] {
        let program = format!(
            "import json, sys\nfrom translate.storage import {module}\n\
             store = {module}.{class}.parsestring(open(sys.argv[1], 'rb').read())\n\
             print(json.dumps([[str(unit.source), str(unit.target or '')] for unit in store.units]))"
        );
        for bitext in [harbour(), hostile()] {
            let file = folder.path().join("report");
            std::fs::write(&file, written(&bitext, format)).unwrap();
            let Some(read) = python(&format!("translate.storage.{module}"), &program, &file) else {
                println!("skipped: no Python here has the translate-toolkit; TRANSLATE_TEST_PYTHON names one that has");
                return;
            };
            let pairs: Vec<(String, String)> = serde_json::from_value(read).unwrap();
            let shown = |text: &str| text.replace(['\u{1b}', '\u{0}'], "\u{fffd}");
            // A code block is a unit of its own, without a target.
            let pairs: Vec<(String, String)> = pairs.into_iter().filter(|(_, target)| !target.is_empty()).collect();
            let expected: Vec<(String, String)> =
                bitext.segments.iter().map(|segment| (shown(&segment.source), shown(&segment.target))).collect();
            assert_eq!(pairs, expected, "{format:?}");
        }
    }
}

/// `TRANSLATE_TEST_SCHEMAS` names a folder with tmx14.dtd and the schemas of XLIFF 2.1, which may not be copied into this repository.
#[test]
fn tmx_and_xliff_are_valid() {
    let Some(schemas) = std::env::var_os("TRANSLATE_TEST_SCHEMAS").map(PathBuf::from) else {
        println!("skipped: TRANSLATE_TEST_SCHEMAS names no folder with tmx14.dtd, xliff_core_2.0.xsd and metadata.xsd");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("all.xsd");
    let import = |namespace: &str, file: &str| {
        let location = schemas.join(file).canonicalize().unwrap();
        format!(
            "<xs:import namespace=\"urn:oasis:names:tc:xliff:{namespace}:2.0\" schemaLocation=\"{}\"/>",
            location.display()
        )
    };
    std::fs::write(
        &schema,
        format!(
            "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">{}{}</xs:schema>",
            import("document", "xliff_core_2.0.xsd"),
            import("metadata", "metadata.xsd")
        ),
    )
    .unwrap();
    for bitext in [harbour(), hostile(), report("leer.txt")] {
        for (format, option, grammar) in
            [(Format::Tmx, "--dtdvalid", schemas.join("tmx14.dtd")), (Format::Xliff, "--schema", schema.clone())]
        {
            let file = folder.path().join("report.xml");
            std::fs::write(&file, written(&bitext, format)).unwrap();
            let output = Command::new("xmllint").args(["--noout", "--nonet", option]).arg(grammar).arg(&file).output();
            let Ok(output) = output else {
                println!("skipped: there is no xmllint");
                return;
            };
            assert!(output.status.success(), "{format:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn the_same_bitext_gives_the_same_bytes() {
    for format in Format::ALL {
        let bytes = || {
            let mut bytes = Vec::new();
            harbour().write(format, &mut bytes).unwrap();
            bytes
        };
        assert_eq!(bytes(), bytes(), "{format:?}");
    }
}

#[test]
fn score_and_doubts_are_in_tmx_and_xliff() {
    let bitext = harbour();
    let doubtful = &bitext.segments[3];
    let tmx = parse(&written(&bitext, Format::Tmx));
    let unit = tmx.all("tu")[3];
    assert_eq!(unit.child("note").text, doubtful.checks[0].detail);
    assert_eq!(unit.child("prop").text.parse(), Ok(doubtful.score));
    let xliff = parse(&written(&bitext, Format::Xliff));
    let unit = *xliff.all("unit").iter().find(|unit| unit.attribute("id") == "s3").unwrap();
    assert_eq!(unit.all("note")[0].text, doubtful.checks[0].detail);
    assert_eq!(unit.all("mda:meta")[0].text.parse(), Ok(doubtful.score));
    assert_eq!(unit.child("segment").attribute("subState"), "translate:doubtful");
    assert_eq!(xliff.all("segment").iter().filter(|segment| segment.attributes.contains_key("subState")).count(), 1);
}

#[test]
fn headings_of_the_docx_are_headings() {
    let document = parse(&written(&harbour(), Format::Docx));
    let styled = |style: &str| {
        let paragraphs = document.all("w:p").into_iter();
        let of_style = paragraphs.filter(|p| p.all("w:pStyle").iter().any(|name| name.attribute("w:val") == style));
        of_style.map(docx_text).collect::<Vec<_>>()
    };
    assert_eq!(styled("Title"), ["Port puts new crane into operation"]);
    assert_eq!(styled("Heading1"), ["Summary · Zusammenfassung", "Cargo handling grows"]);
    assert_eq!(styled("HeadingSource"), ["Umschlag wächst"]);
}

#[test]
fn a_score_that_is_no_number_is_left_out() {
    let mut bitext = harbour();
    bitext.segments[0].score = f32::NAN;
    for format in [Format::Tmx, Format::Xliff] {
        assert!(!written(&bitext, format).contains("NaN"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// Whatever the text, files are well-formed and both languages of every sentence come back from them.
    #[test]
    fn the_text_comes_back(texts in prop::collection::vec("[ -~äß„“\u{0}-\u{1f}\u{7f}-\u{9f}\u{fffd}-\u{ffff}]{1,12}", 1..8)) {
        let mut bitext = report("x.txt");
        for (index, text) in texts.iter().enumerate() {
            let kinds = [(Title, 1), (Heading, 2), (Paragraph, 0), (ListItem, 1), (TableCell, 1), (Quote, 0)];
            let (kind, level) = kinds[index % kinds.len()];
            block(&mut bitext, kind, level, &[(text, text)]);
        }
        bitext.segments[0].checks = vec![Check { kind: CheckKind::Number, detail: texts[0].clone() }];
        let forbidden = |c: char| c.is_control() && c != '\t' || matches!(c, '\u{fffe}' | '\u{ffff}');
        let shown = |text: &str| {
            let line: String = text.replace(['\n', '\r'], " ");
            line.replace(forbidden, "\u{fffd}").trim().to_owned()
        };
        let expected: Vec<String> = texts.iter().map(|text| shown(text)).filter(|text| !text.is_empty()).collect();
        let tmx = parse(&written(&bitext, Format::Tmx));
        check_tmx(&tmx);
        let segments: Vec<String> = tmx.all("seg").iter().map(|segment| segment.text.clone()).collect();
        let twice: Vec<String> = expected.iter().flat_map(|text| [text.clone(), text.clone()]).collect();
        prop_assert_eq!(segments, twice);
        let xliff = parse(&written(&bitext, Format::Xliff));
        check_xliff(&xliff);
        let targets: Vec<String> = xliff.all("target").iter().map(|target| target.text.clone()).collect();
        prop_assert_eq!(&targets, &expected);
        let document = parse(&written(&bitext, Format::Docx));
        check_docx(&document);
        let text = docx_text(&document);
        for expected in expected {
            prop_assert!(text.contains(&expected.replace('\t', "")), "{expected:?} is not in {text:?}");
        }
    }
}

/// A table wider than Word takes is cut into several.
#[test]
fn a_wide_table_loses_no_cell_in_docx() {
    let mut bitext: Bitext = report("x.txt");
    for column in 1..=70 {
        let text = format!("Zelle{column}");
        block(&mut bitext, TableCell, column, &[(&text, &text)]);
    }
    let document = parse(&written(&bitext, Format::Docx));
    check_docx(&document);
    for column in 1..=70 {
        assert!(docx_text(&document).contains(&format!("Zelle{column}")));
    }
}
