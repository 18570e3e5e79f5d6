//! What holds for every input, whatever its bytes: one function for each fuzz target, and what these are made of.
//!
//! The library of the fuzz crate and a module of the tests: the targets look for inputs that break it, and every `cargo test`
//! tries the inputs that are kept. Each function panics where something does not hold.

use std::io::{Cursor, Write};

use translate::Error;
use translate::document::{BlockKind, Document, InputKind, ReadOptions};
use translate::segment::{segment, sentences};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A target: its name, which is also that of the folder of its kept inputs, and what it tries with the bytes of one.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 8] = [
    ("text", text),
    ("markdown", markdown),
    ("html", html),
    ("docx", docx),
    ("odt", odt),
    ("mail", mail),
    ("pdf", pdf),
    ("sentences", any_sentences),
];

/// What may be left out of a block or between blocks: white space, rules, bullets, marks of quotes and tables, and what
/// joins or divides words at line ends.
const MARKS: &str =
    "-\u{2010}\u{ad}\u{feff}\u{200b}=_*~#–—─+|:>•‣▪▫●○◦■□►▶➤✓✔⁃➢◆❖★✗·\u{2028}\u{2029}\u{85}\u{b}\u{c}\u{fffd}";

/// Plain text of any bytes: its text is the file, and nothing of it is lost.
pub fn text(bytes: &[u8]) {
    let Some(document) = read(bytes, InputKind::PlainText) else { return };
    whole(&document);
    if document.encoding == "UTF-8"
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        assert_eq!(document.text, text.strip_prefix('\u{feff}').unwrap_or(text));
    }
}

/// Markdown of any bytes; where it holds no markup, nothing is lost.
pub fn markdown(bytes: &[u8]) {
    let Some(read) = read(bytes, InputKind::Markdown) else { return };
    document(&read);
    for segment in segment(&read) {
        let place = &read.text[segment.range.clone()];
        // Character references and raised figures read otherwise than they are written.
        let mut written = visible(place);
        assert!(
            place.contains('&')
                || read.text.contains("<sup")
                || visible(&segment.text).all(|c| written.any(|other| other == c)),
            "{segment:?}"
        );
    }
    if !read.text.contains(['<', '[', '&', '\\', '`', '+', '-', '$', '~', '{', ':']) {
        complete(&read);
    }
}

/// A web page of any bytes: nothing of its text is lost, and without markup it is its text.
pub fn html(bytes: &[u8]) {
    let Some(document) = read(bytes, InputKind::Html) else { return };
    whole(&document);
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains(['<', '&'])
        && document.encoding == "UTF-8"
    {
        assert!(visible(&document.text).eq(visible(text)), "{:?}", document.text);
    }
}

/// The body of a Word document of any bytes, in a sound archive; and any bytes as the archive itself.
pub fn docx(bytes: &[u8]) {
    for bytes in [bytes, &archive("word/document.xml", bytes)] {
        read(bytes, InputKind::Docx).iter().for_each(whole);
    }
}

/// The body of an OpenDocument text of any bytes, in a sound archive; and any bytes as the archive itself.
pub fn odt(bytes: &[u8]) {
    for bytes in [bytes, &archive("content.xml", bytes)] {
        read(bytes, InputKind::Odt).iter().for_each(whole);
    }
}

/// An e-mail of any bytes.
pub fn mail(bytes: &[u8]) {
    read(bytes, InputKind::Mail).iter().for_each(whole);
}

/// A PDF file of any bytes; and any bytes as the content of a page in a sound file.
pub fn pdf(bytes: &[u8]) {
    let mut page = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>/XObject<</X 5 0 R>>>>>>endobj\n\
        4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>endobj\n5 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length "
        .to_vec();
    page.extend(format!("{}>>stream\n", bytes.len()).bytes());
    page.extend(bytes);
    page.extend(b"\nendstream endobj\ntrailer<</Root 1 0 R/Size 6>>\n");
    for bytes in [bytes, &page] {
        read(bytes, InputKind::Pdf).iter().for_each(whole);
    }
}

/// The sentences of any bytes, read as text.
pub fn any_sentences(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = cut(&text);
    let spaced = format!(" \n{text}\t ");
    let moved: Vec<_> = found.iter().map(|range| range.start + 2..range.end + 2).collect();
    assert_eq!(sentences(&spaced), moved, "white space around a text changes where it is cut");
}

/// Cuts a text: sentences neither begin nor end in white space, and nothing else lies between them.
pub fn cut(text: &str) -> Vec<std::ops::Range<usize>> {
    let found = sentences(text);
    let mut end = 0;
    for range in &found {
        assert!(text[end..range.start].trim().is_empty(), "{:?} is lost", &text[end..range.start]);
        let sentence = &text[range.clone()];
        assert!(!sentence.is_empty() && sentence.trim() == sentence, "{sentence:?}");
        end = range.end;
    }
    assert!(text[end..].trim().is_empty(), "{:?} is lost", &text[end..]);
    found
}

/// What holds for every document: blocks and segments ascend and lie on character boundaries, the segments of a block are
/// its sentences, and places count in characters as in bytes.
pub fn document(document: &Document) {
    let mut end = 0;
    let mut segments = segment(document).into_iter().peekable();
    let mut characters = document.characters();
    for (index, block) in document.blocks.iter().enumerate() {
        assert!(end <= block.range.start && block.range.start <= block.range.end, "{block:?}");
        assert!(document.text.get(block.range.clone()).is_some(), "{block:?}");
        if block.kind == BlockKind::Code {
            end = block.range.end;
            continue;
        }
        assert!(!block.text().trim().is_empty(), "{block:?}");
        assert!(!block.text().contains(['\n', '\r']), "{block:?}");
        end = block.range.start;
        for range in cut(block.text()) {
            let segment = segments.next().expect("a segment for each sentence");
            assert_eq!((segment.block, segment.text.as_str()), (index, &block.text()[range]));
            assert!(end <= segment.range.start && segment.range.start < segment.range.end, "{segment:?}");
            assert!(segment.range.end <= block.range.end, "{segment:?}");
            let before = document.text.get(end..segment.range.start).expect("a character boundary");
            let place = document.text.get(segment.range.clone()).expect("a character boundary");
            let start = characters.at(end) + before.chars().count();
            assert_eq!(characters.at(segment.range.start), start);
            assert_eq!(characters.at(segment.range.end), start + place.chars().count());
            end = segment.range.end;
        }
        end = block.range.end;
    }
    assert_eq!(segments.next(), None, "a segment without a sentence");
}

/// What holds besides for documents whose text has no markup: it is what the blocks say, and the text at the place of a
/// segment is the segment's.
pub fn whole(whole: &Document) {
    document(whole);
    complete(whole);
    for segment in segment(whole) {
        let place = &whole.text[segment.range.clone()];
        assert!(visible(place).eq(visible(&segment.text)), "{segment:?} stands at {place:?}");
    }
}

/// Every character of the text is in a block, but for white space and marks.
fn complete(document: &Document) {
    let mut text = visible(&document.text);
    for block in &document.blocks {
        for character in visible(block.text()) {
            assert_eq!(
                text.next(),
                Some(character),
                "{block:?} says what the text does not, or text before it is lost"
            );
        }
    }
    let rest: String = text.collect();
    assert!(rest.is_empty(), "{rest:?} at the end is lost");
}

fn visible(text: &str) -> impl Iterator<Item = char> {
    // Letters first, for speed: targets live on it.
    // Word's fonts of symbols are bullets.
    let is_mark = |c: char| MARKS.contains(c) || ('\u{f000}'..='\u{f0ff}').contains(&c);
    text.chars().filter(move |c| c.is_alphanumeric() || !c.is_whitespace() && !is_mark(*c))
}

/// Reads bytes as this kind. A refusal is fine when it says what to do.
fn read(bytes: &[u8], kind: InputKind) -> Option<Document> {
    match Document::from_bytes(bytes, None, &ReadOptions { kind: Some(kind), ..ReadOptions::default() }) {
        Ok(document) => Some(document),
        Err(error @ Error::Document { .. }) if error.hint().is_some_and(|hint| !hint.is_empty()) => None,
        Err(error) => panic!("{error:?} is no refusal"),
    }
}

/// A sound archive of one part.
fn archive(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).expect("a part in memory");
    zip.write_all(bytes).expect("a part in memory");
    zip.finish().expect("an archive in memory").into_inner()
}
