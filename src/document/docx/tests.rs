//! What a reader sees of a Word document.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::Opens;
use super::*;

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn blocks(parts: &[(&str, &str)]) -> Vec<(BlockKind, u8, String)> {
    let content = super::read(&archive(parts), None).expect("a document");
    assert!(content.blocks.iter().all(|block| content.text.get(block.range.clone()).is_some()));
    content.blocks.iter().map(|block| (block.kind, block.level, block.text().to_owned())).collect()
}

fn body(xml: &str) -> Vec<(BlockKind, u8, String)> {
    blocks(&[("word/document.xml", &format!("<w:document><w:body>{xml}</w:body></w:document>"))])
}

fn paragraph(properties: &str, text: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn bold_lines_above_text_are_headings() {
    use BlockKind::*;
    let bold = |text: &str| format!("<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r></w:p>");
    let partly = "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Achtung</w:t></w:r><w:r><w:rPr><w:b w:val=\"0\"/></w:rPr>\
        <w:t> Kinder</w:t></w:r></w:p>";
    let xml = [
        bold("Bericht"),
        paragraph("", "Der Rat tagte."),
        bold("Lage"),
        bold("Im Osten"),
        paragraph("", "Es ist still"),
        partly.to_owned(),
        bold("Das gilt für alle."),
        paragraph("<w:outlineLvl w:val=\"1\"/>", "Westen"),
        bold("Norden"),
        paragraph("", "Mit freundlichen Grüßen"),
        bold("Anna Weber"),
        paragraph("", "Leiterin"),
        bold("Anlage"),
    ]
    .concat();
    let expected = [
        (Title, 1, "Bericht"),
        (Paragraph, 0, "Der Rat tagte."),
        (Heading, 2, "Lage"),
        (Heading, 2, "Im Osten"),
        (Paragraph, 0, "Es ist still"),
        (Paragraph, 0, "Achtung Kinder"),
        (Paragraph, 0, "Das gilt für alle."),
        (Heading, 2, "Westen"),
        (Heading, 3, "Norden"),
        (Paragraph, 0, "Mit freundlichen Grüßen"),
        (Paragraph, 0, "Anna Weber"),
        (Paragraph, 0, "Leiterin"),
        (Paragraph, 0, "Anlage"),
    ];
    assert_eq!(body(&xml), expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
    for line in ["• Kosten", "„Das ist ein Skandal.“", "Berlin, 4. Juli 2024", "1.234,50 €"] {
        let found = body(&[paragraph("", "Kopf."), bold(line), paragraph("", "Ende.")].concat());
        assert_ne!(found[1].0, Heading, "{line}");
    }
    let styles = "<w:styles><w:style w:styleId=\"Fett\"><w:rPr><w:b/></w:rPr></w:style></w:styles>";
    let document = format!(
        "<w:document><w:body>{}{}{}{}</w:body></w:document>",
        paragraph("", "Kopf."),
        paragraph("<w:pStyle w:val=\"Fett\"/>", "Lage"),
        paragraph("", "Es ist still."),
        bold("Anlage")
    );
    let notes = "<w:footnotes><w:footnote><w:p><w:r><w:t>Eine Note.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let parts = [("word/document.xml", document.as_str()), ("word/styles.xml", styles), ("word/footnotes.xml", notes)];
    let found = blocks(&parts);
    assert_eq!(found[1], (Heading, 2, "Lage".to_owned()));
    // A note is no text that the last line stands above.
    assert_eq!(found[3..], [(Paragraph, 0, "Anlage".to_owned()), (Paragraph, 0, "Eine Note.".to_owned())]);
}

#[test]
fn structure_becomes_kinds_and_levels() {
    use BlockKind::*;
    let cell = |text: &str, span: &str| format!("<w:tc><w:tcPr>{span}</w:tcPr>{}</w:tc>", paragraph("", text));
    let xml = [
        paragraph("<w:pStyle w:val=\"Titel\"/>", "Bericht"),
        paragraph("<w:pStyle w:val=\"berschrift1\"/>", "Lage"),
        paragraph("<w:outlineLvl w:val=\"1\"/>", "Osten"),
        paragraph("<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"3\"/></w:numPr>", "Punkt"),
        paragraph("<w:numPr><w:numId w:val=\"0\"/></w:numPr>", "kein Punkt"),
        paragraph("<w:pStyle w:val=\"Zitat\"/>", "Zitat"),
        format!(
            "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
            cell("Land", "<w:gridSpan w:val=\"2\"/>"),
            cell("Jahr", ""),
            cell("Iran", ""),
            cell("2023", "")
        ),
    ]
    .concat();
    let expected = [
        (Title, 1, "Bericht"),
        (Heading, 1, "Lage"),
        (Heading, 2, "Osten"),
        (ListItem, 2, "Punkt"),
        (Paragraph, 0, "kein Punkt"),
        (Quote, 0, "Zitat"),
        (TableCell, 1, "Land"),
        (TableCell, 3, "Jahr"),
        (TableCell, 1, "Iran"),
        (TableCell, 2, "2023"),
    ];
    assert_eq!(body(&xml), expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
}

#[test]
fn runs_make_one_text_and_revisions_hidden_text_and_codes_stay_out() {
    let xml = "<w:p><w:pPr><w:tabs><w:tab w:pos=\"1\"/></w:tabs><w:rPr><w:vanish/></w:rPr></w:pPr>\
        <w:r><w:t xml:space=\"preserve\">Der </w:t></w:r><w:hyperlink><w:r><w:t>Rat</w:t></w:r></w:hyperlink>\
        <w:del><w:r><w:delText>weg</w:delText><w:t>weg</w:t></w:r></w:del><w:ins><w:r><w:t> tagt</w:t></w:r></w:ins>\
        <w:r><w:instrText>PAGE</w:instrText><w:tab/><w:t>in&#32;M&amp;A</w:t><w:softHyphen/><w:t>-Fragen</w:t></w:r>\
        <w:r><w:rPr><w:vanish/></w:rPr><w:t>weg</w:t></w:r><w:r><w:t>.</w:t></w:r></w:p>";
    assert_eq!(body(xml), [(BlockKind::Paragraph, 0, "Der Rat tagt in M&A-Fragen.".to_owned())]);
}

#[test]
fn tab_stops_part_what_is_no_sentence() {
    let line = |parts: &[&str]| {
        let runs: Vec<String> = parts.iter().map(|part| format!("<w:r><w:t>{part}</w:t></w:r>")).collect();
        body(&format!("<w:p>{}</w:p>", runs.join("<w:r><w:tab/></w:r>")))
    };
    let paragraphs =
        |texts: &[&str]| -> Vec<_> { texts.iter().map(|text| (BlockKind::Paragraph, 0, (*text).to_owned())).collect() };
    assert_eq!(line(&["Beratung", "120,00 €"]), paragraphs(&["Beratung", "120,00 €"]));
    assert_eq!(line(&["", "Der Rat", "tagt."]), paragraphs(&["Der Rat tagt."]));
    // What is hidden parts nothing.
    let hidden = "<w:p><w:r><w:t>Der Rat</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:tab/></w:r><w:r><w:t> Köln</w:t></w:r></w:p>";
    assert_eq!(body(hidden), paragraphs(&["Der Rat Köln"]));
    assert_eq!(line(&["–", "Übungen"]), [(BlockKind::Paragraph, 0, "– Übungen".to_owned())]);
    assert_eq!(line(&["•", "Übungen"]), [(BlockKind::ListItem, 1, "Übungen".to_owned())]);
}

#[test]
fn a_text_box_is_read_once_and_does_not_cut_its_paragraph() {
    let xml = "<w:p><w:r><w:t>Vor </w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>\
        <w:p><w:r><w:t>Kasten</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>\
        <w:p><w:r><w:t>Kasten</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>\
        <w:r><w:t>und nach.</w:t></w:r></w:p>";
    let texts: Vec<String> = body(xml).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts, ["Kasten", "Vor und nach."]);
}

#[test]
fn parts_are_found_by_their_relations_and_notes_follow_the_body() {
    let relation = |kind: &str, target: &str| {
        format!("<Relationships><Relationship Id=\"r\" Type=\"http://x/{kind}\" Target=\"{target}\"/></Relationships>")
    };
    let parts = [
        ("_rels/.rels", relation("officeDocument", "word/document2.xml")),
        ("word/_rels/document2.xml.rels", relation("footnotes", "noten.xml")),
        ("word/document2.xml", format!("<w:document>{}</w:document>", paragraph("", "Text."))),
        ("word/noten.xml", format!("<w:footnotes><w:footnote>{}</w:footnote></w:footnotes>", paragraph("", "Note."))),
        ("word/endnotes.xml", format!("<w:endnotes>{}</w:endnotes>", paragraph("", "Ende."))),
    ];
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, xml)| (*name, xml.as_str())).collect();
    let texts: Vec<String> = blocks(&parts).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts, ["Text.", "Note.", "Ende."]);
}

fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

#[test]
fn a_paragraph_whose_end_is_deleted_goes_on() {
    let joined = "<w:pPr><w:rPr><w:del w:id=\"1\"/></w:rPr></w:pPr>";
    let xml = format!(
        "<w:body><w:p>{joined}{}</w:p><w:p>{}</w:p><w:p>{joined}{}</w:p></w:body>",
        run("Dieser Absatz geht "),
        run("hier weiter."),
        run("Ende.")
    );
    let texts: Vec<String> = body(&xml).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts, ["Dieser Absatz geht hier weiter.", "Ende."]);
}

#[test]
fn a_field_in_the_code_of_another_is_not_seen() {
    let field = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let (begin, separate, end) = (field("begin"), field("separate"), field("end"));
    let inner = format!("{begin}<w:r><w:instrText>MERGEFIELD a</w:instrText></w:r>{separate}{}{end}", run("Herr"));
    let xml = format!(
        "<w:p>{begin}<w:r><w:instrText>IF </w:instrText></w:r>{inner}{separate}{}{end}{}</w:p><w:p>{begin}</w:p><w:p>{}</w:p>",
        run("Sehr geehrter Herr "),
        run("Müller,"),
        run("da ist er.")
    );
    let texts: Vec<String> = body(&xml).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts, ["Sehr geehrter Herr Müller,", "da ist er."]);
}

#[test]
fn numbers_of_lists_and_headings_are_counted() {
    let level = |at: u8, pattern: &str, style: &str| {
        format!(
            "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/>{style}<w:lvlText w:val=\"{pattern}\"/></w:lvl>"
        )
    };
    let numbering = format!(
        "<w:numbering><w:abstractNum w:abstractNumId=\"0\">{}{}</w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>",
        level(0, "%1", "<w:pStyle w:val=\"berschrift1\"/>"),
        level(1, "%1.%2", "<w:pStyle w:val=\"berschrift2\"/>"),
    );
    let style = |id: &str| {
        format!("<w:style w:styleId=\"{id}\"><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>")
    };
    let styles = format!("<w:styles>{}{}</w:styles>", style("berschrift1"), style("berschrift2"));
    let document = [
        paragraph("<w:pStyle w:val=\"berschrift1\"/>", "Lage"),
        paragraph("<w:pStyle w:val=\"berschrift2\"/>", "Osten"),
        paragraph("<w:pStyle w:val=\"berschrift2\"/><w:numPr><w:numId w:val=\"0\"/></w:numPr>", "ohne Zahl"),
        paragraph("<w:pStyle w:val=\"berschrift2\"/>", ""),
        paragraph("<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"1\"/></w:numPr>", " Punkt"),
    ];
    let document = format!("<w:document><w:body>{}</w:body></w:document>", document.concat());
    let parts = [("word/document.xml", &document), ("word/styles.xml", &styles), ("word/numbering.xml", &numbering)];
    let texts: Vec<String> =
        blocks(&parts.map(|(name, xml)| (name, xml.as_str()))).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts, ["1 Lage", "1.1 Osten", "ohne Zahl", "1.3 Punkt"]);
}

#[test]
fn styles_hide_text_and_figures_stay_raised_and_symbols_are_signs() {
    let styles = "<w:styles><w:style w:styleId=\"Verborgen\"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>";
    let styled =
        |style: &str, text: &str| format!("<w:r><w:rPr>{style}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    let document = format!(
        "<w:document><w:body><w:p>{}{}{}</w:p><w:p>{}{}{}<w:r><w:sym w:font=\"Symbol\" w:char=\"F0B3\"/></w:r>{}</w:p>\
         <w:p><w:pPr><w:pStyle w:val=\"Verborgen\"/></w:pPr>{}{}</w:p></w:body></w:document>",
        run("Offen "),
        styled("<w:rStyle w:val=\"Verborgen\"/>", "weg "),
        run("hier."),
        run("Von 10"),
        styled("<w:vertAlign w:val=\"superscript\"/>", "6"),
        run(" an, "),
        run(" 5."),
        run("weg"),
        styled("<w:vanish w:val=\"0\"/>", "doch da"),
    );
    let parts = [("word/document.xml", document.as_str()), ("word/styles.xml", styles)];
    let texts: Vec<String> = blocks(&parts).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts, ["Offen hier.", "Von 10⁶ an, ≥ 5.", "doch da"]);
}

#[test]
fn lines_of_a_cell_and_an_item_stay_apart() {
    let cell = "<w:tc><w:p><w:r><w:t>Anna Müller</w:t><w:br/><w:t>Vorsitzende</w:t></w:r></w:p></w:tc>";
    let xml = format!("<w:tbl><w:tr>{cell}</w:tr></w:tbl>{}", paragraph("", "• Getippt"));
    let expected = [
        (BlockKind::TableCell, 1, "Anna Müller"),
        (BlockKind::TableCell, 1, "Vorsitzende"),
        (BlockKind::ListItem, 1, "Getippt"),
    ];
    assert_eq!(body(&xml), expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
}

#[test]
fn rows_and_tables_are_told_where_cells_are_empty() {
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", paragraph("", text));
    let row = |cells: [&str; 2]| format!("<w:tr>{}</w:tr>", cells.map(cell).concat());
    let table = |rows: &[[&str; 2]]| format!("<w:tbl>{}</w:tbl>", rows.iter().copied().map(row).collect::<String>());
    let xml = table(&[["Berlin", ""], ["", "teuer"]]) + &paragraph("", "") + &table(&[["Kiel", "billig"]]);
    let xml = format!("<w:document><w:body>{xml}</w:body></w:document>");
    let content = super::read(&archive(&[("word/document.xml", &xml)]), None).expect("a document");
    let found: Vec<_> = content.blocks.iter().map(|block| (block.opens, block.level, block.text())).collect();
    let (row, table) = (Some(Opens::Row), Some(Opens::Table));
    assert_eq!(found, [(table, 1, "Berlin"), (row, 2, "teuer"), (table, 1, "Kiel"), (None, 2, "billig")]);
}
