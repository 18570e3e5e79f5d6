//! Bytes → [`InputKind`]: what a file is, by its content first and by its name second.
//!
//! In: the first bytes of a file, the list of an archive, the name. Out: which reader takes it. A name cannot make a
//! reader take bytes that are plainly something else. Nothing is decoded or read here.

use std::path::Path;

use super::archive::Archive;
use super::mail;
use crate::Result;

/// The kinds of input this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// Text without markup; hard-wrapped lines are joined.
    PlainText,
    /// CommonMark with tables, footnotes, task lists and front matter.
    Markdown,
    /// A web page: its visible text.
    Html,
    /// A Word document (.docx): body, footnotes and endnotes; headers and footers of pages are left out.
    Docx,
    /// An OpenDocument text (.odt): body and notes; headers and footers of pages are left out.
    Odt,
    /// An e-mail (.eml): subject and body; attachments are left out, and said to be.
    Mail,
    /// A PDF file with a text layer (feature `pdf`); headers and footers of pages are left out.
    Pdf,
}

/// How many bytes are looked at for the head of a page or mail.
const SAMPLE: usize = 64 * 1024;

/// How PDF files begin.
const PDF: &[u8] = b"%PDF-";

/// What a file is.
///
/// # Errors
/// [`Error::Document`](crate::Error::Document) for an archive that is damaged or holds no document.
pub(super) fn recognise(bytes: &[u8], path: Option<&Path>) -> Result<InputKind> {
    if is_archive(bytes) {
        return Archive::open(bytes, path)?.kind();
    }
    if begins_like_a_pdf(bytes) {
        return Ok(InputKind::Pdf);
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let extension = path.and_then(Path::extension).and_then(|extension| extension.to_str()).unwrap_or_default();
    let named = |extensions: &[&str]| extensions.iter().any(|known| known.eq_ignore_ascii_case(extension));
    Ok(if begins_like_a_page(sample) || named(&["html", "htm", "xhtml"]) {
        InputKind::Html
    } else if begins_like_a_mail(sample, named(&["eml"])) {
        InputKind::Mail
    } else if named(&["md", "markdown"]) {
        InputKind::Markdown
    } else {
        InputKind::PlainText
    })
}

/// What a document is that is no text, by its first bytes alone.
pub(crate) fn packed(head: &[u8]) -> Option<&'static str> {
    if is_archive(head) {
        Some("a ZIP archive, as .docx and .odt files are")
    } else {
        head.starts_with(PDF).then_some("a PDF file")
    }
}

/// Begins with a file of an archive, or with its end where there is none in it.
fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Begins with the mark of a PDF file; some programs write a few bytes before it.
fn begins_like_a_pdf(bytes: &[u8]) -> bool {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let is_mark_at = |at: usize| head.get(at..).is_some_and(|rest| rest.starts_with(PDF));
    // A text that speaks of the mark has it in a line of text.
    is_mark_at(0) || (0..head.len()).any(is_mark_at) && (head.contains(&0) || std::str::from_utf8(bytes).is_err())
}

/// Begins with a document type or the outermost element of a page, comments before it passed over.
fn begins_like_a_page(sample: &[u8]) -> bool {
    // Without zeros and marks, UTF-16 reads like ASCII.
    let ascii: String = sample.iter().filter(|byte| (1..128).contains(*byte)).map(|byte| char::from(*byte)).collect();
    let mut rest = ascii.trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?xml") => "?>",
            _ => break,
        };
        let Some(at) = rest.find(end) else { return false };
        rest = rest[at + end.len()..].trim_start();
    }
    let begins = |tag: &str| {
        let (head, tail) = (rest.get(..tag.len()), rest.get(tag.len()..).unwrap_or_default());
        head.is_some_and(|head| head.eq_ignore_ascii_case(tag)) && !tail.starts_with(|c: char| c.is_alphanumeric())
    };
    begins("<!doctype html") || begins("<html") || begins("<head") || begins("<body")
}

/// Begins with the header lines of a mail. Where the name does not say so, it takes a sender and a line that only mail
/// programs write, since people paste the others into texts.
fn begins_like_a_mail(sample: &[u8], named: bool) -> bool {
    const BY_PROGRAMS: [&str; 4] = ["message-id", "mime-version", "received", "return-path"];
    const BY_PEOPLE: [&str; 4] = ["from", "to", "subject", "date"];
    let is_cut = sample.len() == SAMPLE;
    let sample = mail::from_header(sample);
    // A line that the sample cuts off says nothing.
    let sample = match sample.iter().rposition(|byte| *byte == b'\n') {
        Some(end) if is_cut => &sample[..end],
        _ => sample,
    };
    let mut names = Vec::new();
    for line in sample.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).take_while(|line| !line.is_empty()) {
        let is_continuation = line.starts_with(b" ") || line.starts_with(b"\t");
        match line.iter().position(|byte| *byte == b':') {
            _ if is_continuation && !names.is_empty() => {}
            Some(colon) if line[..colon].iter().all(|byte| byte.is_ascii_graphic()) => {
                names.push(String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase());
            }
            _ => return false,
        }
    }
    let any_of = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
    any_of(&BY_PROGRAMS) && any_of(&["from"]) || named && (any_of(&BY_PROGRAMS) || any_of(&BY_PEOPLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8], name: &str) -> InputKind {
        recognise(bytes, Some(Path::new(name))).expect("a kind")
    }

    #[test]
    fn content_counts_before_the_name() {
        assert_eq!(kind(b"\n<!-- x --><!DOCTYPE html><p>Text", "a.txt"), InputKind::Html);
        assert_eq!(kind(b"\xEF\xBB\xBF<HTML lang=de>", "a.md"), InputKind::Html);
        assert_eq!(kind(b"<?xml version=\"1.0\"?>\n<html>", "a"), InputKind::Html);
        let wide: Vec<u8> = "\u{feff}<html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(kind(&wide, "a"), InputKind::Html);
        assert_eq!(kind(b"From: a@b\r\nMIME-Version: 1.0\r\n\r\nText", "a.txt"), InputKind::Mail);
    }

    #[test]
    fn the_name_decides_where_the_content_does_not() {
        assert_eq!(kind(b"<p>Text", "a.HTM"), InputKind::Html);
        assert_eq!(kind(b"<p>Text", "a.txt"), InputKind::PlainText);
        assert_eq!(kind(b"# Text", "a.markdown"), InputKind::Markdown);
        assert_eq!(kind(b"Subject: x\n\nText", "a.eml"), InputKind::Mail);
        assert_eq!(kind(b"Ein Text.", "a.docx"), InputKind::PlainText);
    }

    #[test]
    fn text_that_only_looks_like_a_mail_or_page_is_text() {
        assert_eq!(kind(b"From: a\nTo: b\nSubject: c\n\nText", "a.txt"), InputKind::PlainText);
        assert_eq!(kind(b"Ein Text: ohne Kopf.\n\nMehr.", "a.eml"), InputKind::PlainText);
        assert_eq!(kind(b"<htmlx>", "a.txt"), InputKind::PlainText);
        assert_eq!(kind(b"", "a.eml"), InputKind::PlainText);
    }
}
