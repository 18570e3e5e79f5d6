//! Stage 2: [`Document`] → [`Segment`]s, the sentences of its blocks with their places.
//!
//! In: a document's blocks. Out: segments in reading order. Within a block, gap, segment, gap, … concatenate to the
//! block's text, and gaps are white space only. No token ids and no model here: what a model cannot take whole is the
//! engine's business.

use std::ops::Range;

use crate::document::{BlockKind, Document};

mod context;
mod german;

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

/// Cuts every block into its sentences; code yields none.
pub fn segment(document: &Document) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (block, content) in document.blocks.iter().enumerate().filter(|(_, block)| block.kind != BlockKind::Code) {
        segments.extend(sentences(content.text()).into_iter().map(|range| Segment {
            block,
            range: content.document_range(range.clone()),
            text: content.text()[range].to_owned(),
        }));
    }
    segments
}

/// The sentences of one block's text as byte ranges; the gaps between them are white space only.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    german::sentences(text)
}

#[cfg(test)]
mod tests;
