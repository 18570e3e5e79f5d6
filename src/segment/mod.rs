//! Stage 2: [`Document`] → [`Segment`]s, the sentences of its blocks with their places.
//!
//! In: a document's blocks. Out: segments in reading order. Within a block, gap, segment, gap, … concatenate to the
//! block's text, and gaps are white space only. No token ids and no model here: what a model cannot take whole is the
//! engine's business.

use std::ops::Range;

use crate::document::Document;

/// One sentence, or a heading, cell or fragment that stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Index of its block in [`Document::blocks`].
    pub block: usize,
    /// Its place in [`Document::text`] (bytes): from the first to past the last character that belongs to it.
    pub range: Range<usize>,
    /// What a reader sees of it, without markup and line breaks: the source text of the translation.
    pub text: String,
}
