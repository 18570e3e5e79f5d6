//! What holds for every document, whatever bytes it was read from; included by each target.

use translate::document::{Document, InputKind, ReadOptions};
use translate::segment::segment;

/// Reads bytes as this kind; a refusal is fine.
pub fn read(bytes: &[u8], kind: InputKind) {
    let options = ReadOptions { kind: Some(kind), ..ReadOptions::default() };
    let Ok(document) = Document::from_bytes(bytes, None, &options) else { return };
    let mut end = 0;
    for block in &document.blocks {
        assert!(end <= block.range.start && block.range.start <= block.range.end);
        assert!(document.text.get(block.range.clone()).is_some());
        end = block.range.end;
    }
    let mut end = 0;
    for segment in segment(&document) {
        assert!(end <= segment.range.start && segment.range.start < segment.range.end);
        assert!(document.text.get(segment.range.clone()).is_some());
        end = segment.range.end;
    }
}
