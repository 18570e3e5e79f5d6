//! Bitexts made by hand, for the tests of what reads them.

use std::path::PathBuf;

use translate::bitext::{Bitext, BitextBlock, BitextSegment, ModelFile, ModelInfo, Source};
use translate::document::BlockKind;

/// A report without blocks, from a file of this name.
pub fn report(path: &str) -> Bitext {
    Bitext {
        source: Source {
            path: Some(PathBuf::from(path)),
            sha256: "0f".repeat(32),
            language: "de".to_owned(),
            encoding: "UTF-8".to_owned(),
            characters: 0,
            notices: Vec::new(),
        },
        model: ModelInfo {
            name: "bundled".to_owned(),
            commit: None,
            precision: "f32".to_owned(),
            beam: 4,
            files: vec![ModelFile { name: "model.safetensors".to_owned(), sha256: "a1".repeat(32) }],
            caution: Some("rough translation; expect sentences that are wrong".to_owned()),
        },
        date: Some("2025-05-04".to_owned()),
        blocks: Vec::new(),
        segments: Vec::new(),
        summary: None,
    }
}

/// Adds a block with its sentences, each German and English.
pub fn block(bitext: &mut Bitext, kind: BlockKind, level: u8, sentences: &[(&str, &str)]) {
    let first = bitext.segments.len();
    for (source, target) in sentences {
        let start = bitext.source.characters;
        let end = start + source.chars().count();
        bitext.source.characters = end + 1;
        bitext.segments.push(BitextSegment {
            id: bitext.segments.len(),
            start,
            end,
            source: (*source).to_owned(),
            target: (*target).to_owned(),
            score: -0.25,
            checks: Vec::new(),
        });
    }
    bitext.blocks.push(BitextBlock {
        kind,
        level,
        continues: false,
        opens: None,
        segments: (first..bitext.segments.len()).collect(),
        text: None,
    });
}
