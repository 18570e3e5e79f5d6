//! Stage 1: bytes → [`Document`], a decoded text cut into blocks that know their kind and their place.
//!
//! In: the bytes of one report. Out: its text and its blocks in reading order. A reader never fails on text; it fails
//! on I/O, on bytes that are no text and on damaged archives. Nothing here knows sentences, models or output formats.
//!
//! What a document's text is, to which all places refer:
//!
//! | input | text |
//! |---|---|
//! | plain text, Markdown | the decoded file, to the last character |
//! | HTML, DOCX, ODT, PDF | the visible text taken out of the file, each block on lines of its own |
//! | e-mail | the subject, then the plain body as it was decoded, or the visible text of the HTML body |

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

mod archive;
mod docx;
mod encoding;
mod extract;
mod html;
mod join;
mod kind;
mod language;
mod lines;
mod mail;
mod markdown;
mod numbering;
mod odt;
#[cfg(feature = "pdf")]
mod pdf;
mod xml;

pub(crate) use encoding::{find_encoding, utf16};
pub use kind::InputKind;
pub(crate) use kind::packed;

/// Bytes of the largest file that is read.
const LARGEST: u64 = 256 << 20;

/// A report: decoded text and its blocks.
///
/// Invariant: the blocks' ranges ascend and do not overlap, and what lies outside them is white space or markup.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it came from; `None` for text handed over in memory.
    pub path: Option<PathBuf>,
    /// SHA-256 of the bytes it was read from, lower-case hexadecimal.
    pub sha256: String,
    /// Name of the character encoding it was decoded from, as in the WHATWG standard (`UTF-8`, `windows-1252`).
    pub encoding: &'static str,
    /// The decoded text, as the [module](self) says for each kind of input. All byte ranges of blocks and segments refer
    /// to it.
    pub text: String,
    /// Its blocks in reading order.
    pub blocks: Vec<Block>,
    /// What the user should know about it: what was left out, or that it does not seem to be German.
    pub notices: Vec<String>,
}

/// What a reader makes of a file.
struct Content {
    text: String,
    blocks: Vec<Block>,
    encoding: &'static str,
    notices: Vec<String>,
}

/// What to do with a PDF file where its reader is left out.
#[cfg(not(feature = "pdf"))]
const NO_PDF: &str =
    "build it with the feature pdf (cargo install --path . --features pdf), or save the file as .docx or text";

/// What the caller knows better than detection does.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Character encoding, by any label of the WHATWG standard (`latin1`, `utf-16le`); detected when `None`. It
    /// does not count for files that say it themselves: Word, OpenDocument, e-mail.
    pub encoding: Option<String>,
    /// Kind of input; by content and file name when `None`.
    pub kind: Option<InputKind>,
}

/// What a block is in the document's structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BlockKind {
    /// The document's title.
    Title,
    /// A heading within it.
    Heading,
    /// Running text.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// One cell of a table.
    TableCell,
    /// A block quotation.
    Quote,
    /// Code and other text that is kept as it is, never translated.
    Code,
    /// Place and date at the head of a report ("ASTANA, 4. Juli").
    Dateline,
}

/// What a table cell is the first of; cells without text are no blocks, so that columns alone do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    /// A row of the table that the cell before is in.
    Row,
    /// A table.
    Table,
}

/// A unit of text that no sentence crosses: one paragraph, heading, list item, cell, …
///
/// Its [`text`](Block::text) is what a reader sees: markup removed, hard-wrapped lines joined by one space, hyphens at
/// line ends resolved. It remembers where each part of that text stands in the document. Bullets are markup, the
/// numbers of a list are text ("1.", "a)").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Heading level, nesting depth of a list item or column of a table cell, from 1; otherwise 0.
    pub level: u8,
    /// It goes on in the table cell of the block before: a further paragraph of it.
    pub continues: bool,
    /// It is the first cell with text of a row or a table.
    pub opens: Option<Opens>,
    /// Its place in the document's text (bytes).
    pub range: Range<usize>,
    text: String,
    anchors: Vec<Anchor>,
}

/// From byte `text` of a block's text on, up to the next anchor, the text stands for the bytes `document`.
///
/// Where both are equally long they read the same, byte for byte; otherwise the part is indivisible: a line break that
/// became a space, a character reference.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Anchor {
    text: usize,
    document: Range<usize>,
}

/// A part of a block's text, and the bytes of the document that it stands for.
type Piece<'a> = (Cow<'a, str>, Range<usize>);

impl Document {
    /// Reads a file of any [`InputKind`], recognised by its content first and its extension second.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] when the file cannot be read, [`Error::Document`] when it holds no document this crate reads.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_with(path.as_ref(), &ReadOptions::default())
    }

    /// As [`read`](Self::read), where the caller knows the encoding or the kind of the file.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and [`Error::Option`] when `options` names an unknown encoding.
    pub fn read_with(path: &Path, options: &ReadOptions) -> Result<Self> {
        Self::from_bytes(&read_bytes(path)?, Some(path), options)
    }

    /// Reads the bytes of a file; `path` names it in messages and, by its extension, helps to tell its kind.
    ///
    /// # Errors
    ///
    /// [`Error::Document`] when the bytes hold no document this crate reads, [`Error::Option`] when `options` names an
    /// unknown encoding.
    pub fn from_bytes(bytes: &[u8], path: Option<&Path>, options: &ReadOptions) -> Result<Self> {
        let label = options.encoding.as_deref();
        let content = match options.kind.map_or_else(|| kind::recognise(bytes, path), Ok)? {
            kind @ (InputKind::PlainText | InputKind::Markdown) => {
                let (text, encoding) = encoding::decode(bytes, path, label)?;
                let blocks = if kind == InputKind::Markdown { markdown::blocks(&text) } else { lines::blocks(&text) };
                Content::new(text.into_owned(), blocks, encoding)
            }
            InputKind::Html => html::read(bytes, path, label)?,
            InputKind::Docx => docx::read(bytes, path)?,
            InputKind::Odt => odt::read(bytes, path)?,
            InputKind::Mail => mail::read(bytes, path)?,
            #[cfg(feature = "pdf")]
            InputKind::Pdf => pdf::read(bytes, path)?,
            #[cfg(not(feature = "pdf"))]
            InputKind::Pdf => return Err(refuse(path, "this is a PDF file, and this program reads none", NO_PDF)),
        };
        let mut document = Self::new(path, bytes, content);
        document.notices.extend(language::notice(&document.blocks));
        Ok(document)
    }

    /// Plain text that is already in memory.
    pub fn from_text(text: &str) -> Self {
        Self::in_memory(text, lines::blocks(text))
    }

    /// Markdown that is already in memory.
    pub fn from_markdown(text: &str) -> Self {
        Self::in_memory(text, markdown::blocks(text))
    }

    /// Turns ascending byte offsets of the text into character offsets.
    pub fn characters(&self) -> Characters<'_> {
        Characters { text: &self.text, byte: 0, character: 0 }
    }

    fn in_memory(text: &str, blocks: Vec<Block>) -> Self {
        let encoding = encoding_rs::UTF_8.name();
        Self::new(None, text.as_bytes(), Content::new(text.to_owned(), blocks, encoding))
    }

    fn new(path: Option<&Path>, bytes: &[u8], content: Content) -> Self {
        let Content { text, blocks, encoding, notices } = content;
        Self { path: path.map(Path::to_owned), sha256: sha256(bytes), encoding, text, blocks, notices }
    }
}

impl Content {
    fn new(text: String, blocks: Vec<Block>, encoding: &'static str) -> Self {
        Self { text, blocks, encoding, notices: Vec::new() }
    }
}

/// Turns ascending byte offsets into Unicode character offsets, in one pass over the text.
#[derive(Debug, Clone)]
pub struct Characters<'a> {
    text: &'a str,
    byte: usize,
    character: usize,
}

impl Characters<'_> {
    /// The number of characters before byte `byte`, which lies on a character boundary at or after the last one asked for.
    pub fn at(&mut self, byte: usize) -> usize {
        self.character += self.text.get(self.byte..byte).map_or(0, |passed| passed.chars().count());
        self.byte = byte;
        self.character
    }
}

impl Block {
    /// A block of the given pieces; `range` holds them all and may begin earlier, with the marker of a list item.
    fn new(kind: BlockKind, level: u8, range: Range<usize>, pieces: &[Piece<'_>]) -> Self {
        let mut text = String::with_capacity(pieces.iter().map(|(part, _)| part.len()).sum());
        let mut anchors: Vec<Anchor> = Vec::with_capacity(pieces.len());
        for (part, document) in pieces {
            anchors.push(Anchor { text: text.len(), document: document.clone() });
            text.push_str(part);
        }
        Self { kind, level, continues: false, opens: None, range, text, anchors }
    }

    /// The same block in a text that holds its document from byte `start` on.
    fn moved(mut self, start: usize) -> Self {
        let moved = |range: &Range<usize>| range.start + start..range.end + start;
        self.range = moved(&self.range);
        for anchor in &mut self.anchors {
            anchor.document = moved(&anchor.document);
        }
        self
    }

    /// What a reader sees of it, on one line unless it is code.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a part of [`text`](Self::text) stands in the document (bytes in, bytes out).
    ///
    /// The part that begins the block takes in its list marker. Bounds outside the text are moved to its end.
    pub fn document_range(&self, text_range: Range<usize>) -> Range<usize> {
        let start = match text_range.start {
            0 => self.range.start,
            start => self.anchor(start).map_or(self.range.end, |(anchor, length)| {
                let offset = start.saturating_sub(anchor.text);
                if length == anchor.document.len() { anchor.document.start + offset } else { anchor.document.start }
            }),
        };
        let end = match text_range.end {
            end if end >= self.text.len() => self.range.end,
            end => self.anchor(end.saturating_sub(1)).map_or(self.range.end, |(anchor, length)| {
                let offset = end.saturating_sub(anchor.text);
                if length == anchor.document.len() { anchor.document.start + offset } else { anchor.document.end }
            }),
        };
        start..end.max(start)
    }

    /// The parts of the document that a part of the text is made of: the place of each in the text and in the document.
    fn parts(&self, text_range: Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
        let mut parts = Vec::new();
        let mut at = text_range.start;
        while let Some((anchor, length)) = self.anchor(at).filter(|_| at < text_range.end) {
            let end = text_range.end.min(anchor.text + length);
            parts.push((at..end, self.document_range(at..end)));
            at = end;
        }
        parts
    }

    /// The anchor of the part that holds byte `position` of the text, and the length of that part.
    fn anchor(&self, position: usize) -> Option<(&Anchor, usize)> {
        let after = self.anchors.partition_point(|anchor| anchor.text <= position);
        let anchor = self.anchors.get(after.checked_sub(1)?)?;
        let end = self.anchors.get(after).map_or(self.text.len(), |next| next.text);
        (position < end).then_some((anchor, end - anchor.text))
    }
}

/// The bytes of a file. A report is held in memory whole, so one that could not be is refused instead of ending the process,
/// and with it the work on all others.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(Error::read(path))?;
    let length = file.metadata().map_or(0, |data| data.len());
    if length <= LARGEST {
        let mut bytes = Vec::with_capacity(length as usize);
        // Not every file says how long it is, and one may grow meanwhile.
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(Error::read(path))?;
        if bytes.len() as u64 <= LARGEST {
            return Ok(bytes);
        }
    }
    Err(refuse(
        Some(path),
        format!("it is larger than {} MB, which no report is", LARGEST >> 20),
        "cut it into parts, or translate a text of any length line by line with --lines",
    ))
}

/// An input that cannot be read: why, and what the user can do.
fn refuse(path: Option<&Path>, reason: impl Into<String>, hint: &str) -> Error {
    Error::Document { path: path.unwrap_or(Path::new("-")).to_owned(), reason: reason.into(), hint: hint.to_owned() }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
