//! Office documents made for tests: small archives with the parts that matter.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An archive of these parts.
pub fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A Word document with this body and these footnotes, complete enough for a word processor to open.
pub fn docx(body: &str, footnotes: &str) -> Vec<u8> {
    const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    const TYPES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const KINDS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let part = |name: &str, kind: &str| {
        format!("<Override PartName=\"/word/{name}.xml\" ContentType=\"{TYPES}.{kind}+xml\"/>")
    };
    let types = format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{}{}{}{}</Types>",
        part("document", "document.main"),
        part("styles", "styles"),
        part("numbering", "numbering"),
        part("footnotes", "footnotes"),
    );
    let relations = |list: &[(&str, &str)]| {
        let one = |(index, (kind, target)): (usize, &(&str, &str))| {
            format!("<Relationship Id=\"rId{}\" Type=\"{KINDS}/{kind}\" Target=\"{target}\"/>", index + 1)
        };
        let all: String = list.iter().enumerate().map(one).collect();
        format!("{XML}<Relationships xmlns=\"{RELATIONS}\">{all}</Relationships>")
    };
    let style = |id: &str, name: &str, rest: &str| {
        format!("<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>{rest}</w:style>")
    };
    let styles = format!(
        "{XML}<w:styles xmlns:w=\"{WORD}\">{}{}{}{}</w:styles>",
        style("Standard", "Normal", ""),
        style("Titel", "Title", "<w:rPr><w:sz w:val=\"40\"/></w:rPr>"),
        style("berschrift1", "heading 1", "<w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr><w:rPr><w:b/></w:rPr>"),
        style("Funotentext", "footnote text", "<w:rPr><w:sz w:val=\"18\"/></w:rPr>"),
    );
    let numbering = format!(
        "{XML}<w:numbering xmlns:w=\"{WORD}\"><w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\">\
         <w:numFmt w:val=\"bullet\"/><w:lvlText w:val=\"•\"/><w:pPr><w:ind w:left=\"720\" w:hanging=\"360\"/></w:pPr></w:lvl>\
         </w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>"
    );
    archive(&[
        ("[Content_Types].xml", &types),
        ("_rels/.rels", &relations(&[("officeDocument", "word/document.xml")])),
        (
            "word/_rels/document.xml.rels",
            &relations(&[("styles", "styles.xml"), ("numbering", "numbering.xml"), ("footnotes", "footnotes.xml")]),
        ),
        ("word/styles.xml", &styles),
        ("word/numbering.xml", &numbering),
        ("word/document.xml", &format!("{XML}<w:document xmlns:w=\"{WORD}\"><w:body>{body}</w:body></w:document>")),
        ("word/footnotes.xml", &format!("{XML}<w:footnotes xmlns:w=\"{WORD}\">{footnotes}</w:footnotes>")),
    ])
}

/// A paragraph with these properties, runs parted by `|`.
pub fn paragraph(properties: &str, text: &str) -> String {
    let runs: String =
        text.split('|').map(|run| format!("<w:r><w:t xml:space=\"preserve\">{run}</w:t></w:r>")).collect();
    format!("<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>")
}

/// An OpenDocument text with this body.
pub fn odt(body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    );
    archive(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", &content)])
}
