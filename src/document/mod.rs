//! Stage 1: bytes → [`Document`], a decoded text cut into blocks that know their kind and their place.
//!
//! In: the bytes of one report. Out: its text and its blocks in reading order. A reader never fails on text; it fails
//! on I/O and on bytes that are no text. Nothing here knows sentences, models or output formats.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

mod encoding;
mod join;
mod lines;
mod markdown;

pub(crate) use encoding::find_encoding;

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
    /// The decoded text. All byte ranges of blocks and segments refer to it.
    pub text: String,
    /// Its blocks in reading order.
    pub blocks: Vec<Block>,
}

/// The kinds of input this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// Text without markup; hard-wrapped lines are joined.
    PlainText,
    /// CommonMark with tables, footnotes, task lists and front matter.
    Markdown,
}

/// What the caller knows better than detection does.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Character encoding, by any label of the WHATWG standard (`latin1`, `utf-16le`); detected when `None`.
    pub encoding: Option<String>,
    /// Kind of input; by the file name when `None`.
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
    /// Reads a file: `.md` and `.markdown` as Markdown, anything else as plain text.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] when the file cannot be read, [`Error::Document`] when its bytes are no text.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_with(path.as_ref(), &ReadOptions::default())
    }

    /// As [`read`](Self::read), where the caller knows the encoding or the kind of the file.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and [`Error::Option`] when `options` names an unknown encoding.
    pub fn read_with(path: &Path, options: &ReadOptions) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(Error::read(path))?;
        Self::from_bytes(&bytes, Some(path), options)
    }

    /// Decodes and reads the bytes of a file; `path` names it in messages and, by its extension, tells its kind.
    ///
    /// # Errors
    ///
    /// [`Error::Document`] when the bytes are no text, [`Error::Option`] when `options` names an unknown encoding.
    pub fn from_bytes(bytes: &[u8], path: Option<&Path>, options: &ReadOptions) -> Result<Self> {
        let (text, encoding) = encoding::decode(bytes, path, options.encoding.as_deref())?;
        let kind = options.kind.unwrap_or_else(|| InputKind::from_path(path));
        Ok(Self {
            path: path.map(Path::to_owned),
            sha256: sha256(bytes),
            encoding,
            blocks: kind.blocks(&text),
            text: text.into_owned(),
        })
    }

    /// Plain text that is already in memory.
    pub fn from_text(text: &str) -> Self {
        Self::in_memory(text, InputKind::PlainText)
    }

    /// Markdown that is already in memory.
    pub fn from_markdown(text: &str) -> Self {
        Self::in_memory(text, InputKind::Markdown)
    }

    /// Turns ascending byte offsets of the text into character offsets.
    pub fn characters(&self) -> Characters<'_> {
        Characters { text: &self.text, byte: 0, character: 0 }
    }

    fn in_memory(text: &str, kind: InputKind) -> Self {
        Self {
            path: None,
            sha256: sha256(text.as_bytes()),
            encoding: encoding_rs::UTF_8.name(),
            blocks: kind.blocks(text),
            text: text.to_owned(),
        }
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

impl InputKind {
    fn from_path(path: Option<&Path>) -> Self {
        let extension = path.and_then(Path::extension).unwrap_or_default();
        if extension.eq_ignore_ascii_case("md") || extension.eq_ignore_ascii_case("markdown") {
            Self::Markdown
        } else {
            Self::PlainText
        }
    }

    fn blocks(self, text: &str) -> Vec<Block> {
        match self {
            Self::PlainText => lines::blocks(text),
            Self::Markdown => markdown::blocks(text),
        }
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
        Self { kind, level, range, text, anchors }
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

    /// The anchor of the part that holds byte `position` of the text, and the length of that part.
    fn anchor(&self, position: usize) -> Option<(&Anchor, usize)> {
        let after = self.anchors.partition_point(|anchor| anchor.text <= position);
        let anchor = self.anchors.get(after.checked_sub(1)?)?;
        let end = self.anchors.get(after).map_or(self.text.len(), |next| next.text);
        (position < end).then_some((anchor, end - anchor.text))
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
