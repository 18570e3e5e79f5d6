//! Stage 1: bytes → [`Document`], a decoded text cut into blocks that know their kind and their place.
//!
//! In: the bytes of one report. Out: its text and its blocks in reading order. A reader never fails on text; it fails
//! on I/O and on bytes that are no text. Nothing here knows sentences, models or output formats.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

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
/// line ends resolved. It remembers where each part of that text stands in the document.
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

/// From byte `text` of a block's text on, up to the next anchor, the document's text reads the same from byte `document`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Anchor {
    text: usize,
    document: usize,
}
