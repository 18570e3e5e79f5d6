//! E-mails (.eml) → text and blocks, with `mail-parser`.
//!
//! In: the bytes of a message. Out: its subject as title, and its body: the plain part where it holds the text, else the HTML
//! part. Quoted lines are quotes, what follows the signature mark is plain paragraphs. Other header lines and attachments
//! stay out; a notice names the attachments.

use std::borrow::Cow;
use std::panic;
use std::path::Path;

use mail_parser::{Encoding, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::extract::Extract;
use super::{Block, BlockKind, Content, encoding, html, lines, refuse};
use crate::Result;

/// A plain part with so many times fewer letters than the HTML part only says that there is one.
const STUB: usize = 3;

/// A message from its header on: without the byte order mark, empty lines and separator line that mailboxes put before it.
pub(super) fn from_header(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = &bytes[bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()..];
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) if bytes.starts_with(b"From ") => &bytes[end + 1..],
        _ => bytes,
    }
}

/// Reads a message.
///
/// # Errors
/// [`Error::Document`](crate::Error::Document) when it is damaged or has neither subject nor text.
pub(super) fn read(bytes: &[u8], path: Option<&Path>) -> Result<Content> {
    let empty =
        || refuse(path, "the message has neither a subject nor a text", "open it in a mail program and save it anew");
    let bytes = from_header(bytes);
    let damaged = |_| refuse(path, "the message is damaged", "open it in a mail program and save it anew");
    // Where parts end before those they stand in, the parser may panic; its faults must not take the program with them.
    let message = panic::catch_unwind(|| MessageParser::default().parse(bytes)).map_err(damaged)?;
    // A message without parts would make the accessors of the crate panic.
    let message = message.filter(|message| !message.parts.is_empty()).ok_or_else(empty)?;
    let mut extract = Extract::default();
    let subject = undeclared_subject(&message, bytes);
    extract.push(subject.as_deref().or(message.subject()).unwrap_or_default());
    extract.finish(BlockKind::Title, 1);
    let parts = body(&message);
    for part in &parts {
        let (text, blocks) = match &part.body {
            PartType::Html(page) => html::extract(&redecoded(part, bytes).unwrap_or(Cow::Borrowed(page))),
            PartType::Text(text) => plain(&unflowed(part, &redecoded(part, bytes).unwrap_or(Cow::Borrowed(text)))),
            _ => continue,
        };
        extract.append(&text, blocks.into_iter().map(below_subject).collect());
    }
    if extract.is_empty() {
        return Err(empty());
    }
    let charset = parts.iter().find_map(|part| part.content_type()?.attribute("charset"));
    let encoding = charset.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    let (text, blocks) = extract.into_parts();
    Ok(Content {
        text,
        blocks,
        encoding: encoding.unwrap_or(encoding_rs::UTF_8).name(),
        notices: attachments(&message).into_iter().collect(),
    })
}

/// The parts that make up the text: the plain ones, unless they are blank or the HTML ones say much more.
fn body<'a>(message: &'a Message<'a>) -> Vec<&'a MessagePart<'a>> {
    let is_plain = |part: &&MessagePart<'_>| matches!(&part.body, PartType::Text(text) if !text.trim().is_empty());
    let plain: Vec<_> = message.text_bodies().filter(is_plain).collect();
    let html: Vec<_> = message.html_bodies().collect();
    let letters = |text: &str| text.chars().filter(|character| character.is_alphabetic()).count();
    let size = |part: &&MessagePart<'_>| match &part.body {
        PartType::Text(text) => letters(text),
        PartType::Html(page) => letters(&html::extract(page).0),
        _ => 0,
    };
    let is_stub = || plain.iter().map(size).sum::<usize>().saturating_mul(STUB) < html.iter().map(size).sum::<usize>();
    if plain.is_empty() || is_stub() { html } else { plain }
}

/// The subject where it holds bytes above ASCII that no encoding was declared for.
fn undeclared_subject(message: &Message<'_>, bytes: &[u8]) -> Option<String> {
    let header = message.headers().iter().rfind(|header| header.name == HeaderName::Subject)?;
    let raw = bytes.get(header.offset_start() as usize..header.offset_end() as usize).filter(|raw| !raw.is_ascii())?;
    encoding::decode(raw, None, None).ok().map(|(text, _)| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text of a part that is not in the encoding it says, or says none: bytes above ASCII as they stand in the message.
fn redecoded<'a>(part: &MessagePart<'_>, message: &'a [u8]) -> Option<Cow<'a, str>> {
    let charset = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or("us-ascii");
    let raw = message.get(part.offset_body as usize..part.offset_end as usize)?;
    if !charset.eq_ignore_ascii_case("us-ascii") || part.encoding != Encoding::None || raw.is_ascii() {
        return None;
    }
    encoding::decode(raw, None, None).ok().map(|(text, _)| text)
}

/// A text whose lines were broken to be joined again where it says so (RFC 3676, section 4): at a space that ends a line.
fn unflowed<'a>(part: &MessagePart<'_>, text: &'a str) -> Cow<'a, str> {
    let says = |name, value: &str| {
        part.content_type().and_then(|kind| kind.attribute(name)).is_some_and(|found| found.eq_ignore_ascii_case(value))
    };
    if !says("format", "flowed") {
        return Cow::Borrowed(text);
    }
    let drops_space = says("delsp", "yes");
    let mut joined = String::with_capacity(text.len());
    let mut open = None;
    for line in text.lines() {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        if open != Some(depth) {
            if !joined.is_empty() {
                joined.push('\n');
            }
            joined.extend(std::iter::repeat_n('>', depth));
        }
        open = (content.ends_with(' ') && content != "-- ").then_some(depth);
        joined.push_str(if open.is_some() && drops_space { &content[..content.len() - 1] } else { content });
    }
    joined.push('\n');
    Cow::Owned(joined)
}

/// Plain text, cut by the line model above the mark of the signature and below it.
fn plain(text: &str) -> (String, Vec<Block>) {
    let text = text.replace('\0', "\u{fffd}");
    let mut at = 0;
    let mark = text.split_inclusive('\n').find_map(|line| {
        at += line.len();
        matches!(line.trim_end_matches(['\r', '\n']), "-- " | "--").then_some((at - line.len(), at))
    });
    let (end, below) = mark.unwrap_or((text.len(), text.len()));
    let mut blocks = lines::blocks(&text[..end]);
    blocks.extend(lines::blocks(&text[below..]).into_iter().map(|block| match block.kind {
        BlockKind::Title | BlockKind::Heading => Block { kind: BlockKind::Paragraph, level: 0, ..block.moved(below) },
        _ => block.moved(below),
    }));
    (text, blocks)
}

/// The subject is the title; what the body opens with is not.
fn below_subject(block: Block) -> Block {
    match block.kind {
        BlockKind::Title => Block { kind: BlockKind::Heading, ..block },
        _ => block,
    }
}

/// What the reader should know about attachments, if there are any.
fn attachments(message: &Message<'_>) -> Option<String> {
    let names: Vec<String> = message
        .attachments()
        .map(|part| part.attachment_name().unwrap_or("one without a name"))
        .map(|name| name.chars().filter(|character| !character.is_control()).collect())
        .collect();
    (!names.is_empty()).then(|| format!("attachments are not translated: {}", names.join(", ")))
}

#[cfg(test)]
mod tests;
