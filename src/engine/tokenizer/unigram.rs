//! Normalised text → its most probable cut into pieces.
//!
//! In: pieces with scores, once; then texts. Out: the best path as pieces of the text, each known or unknown. Knows no
//! ids of a model and no files.
//!
//! The sums are SentencePiece's own, to the last bit: scores of single precision, added in double precision, rounded to
//! single precision where a path is kept, and the first of equal paths wins. Cuts of repeated characters such as
//! `11111` are ties but for that rounding, so other arithmetic (the `tokenizers` crate's `Unigram` sums in double
//! precision) gives other ids for about one in a hundred such texts.

use std::ops::Range;

use super::trie::Trie;

/// How far below the worst piece an unknown character scores (`kUnkPenalty` of SentencePiece).
const UNKNOWN_PENALTY: f32 = 10.0;

/// The pieces of one model.
#[derive(Debug)]
pub struct Unigram {
    trie: Trie,
    scores: Vec<f64>,
    unknown_score: f32,
}

/// One piece of the best path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Whether it is in the vocabulary; if not, it is one character.
    pub known: bool,
}

/// The best path that ends at a place of the text: its score and the start of its last piece.
#[derive(Clone, Copy)]
struct Arrival {
    score: f32,
    start: usize,
    known: bool,
}

impl Unigram {
    /// A model of `normal` pieces with their scores, and of `user_defined` pieces that are kept whole.
    pub fn new<'a>(normal: &[(&'a str, f32)], user_defined: &[&'a str]) -> Self {
        let worst = normal.iter().fold(f32::MAX, |worst, (_, score)| worst.min(*score));
        // SentencePiece starts from the smallest positive number, so the best score is about 0 for log-probabilities.
        let best = normal.iter().fold(f32::MIN_POSITIVE, |best, (_, score)| best.max(*score));
        let favoured = |piece: &str| f64::from(piece.len() as f32 * best) - 0.1;
        let pieces = normal.iter().map(|(piece, _)| piece).chain(user_defined);
        Self {
            trie: Trie::new(pieces.zip(0..).map(|(piece, index)| (piece.as_bytes(), index)).collect()),
            scores: (normal.iter().map(|(_, score)| f64::from(*score)))
                .chain(user_defined.iter().map(|piece| favoured(piece)))
                .collect(),
            unknown_score: worst - UNKNOWN_PENALTY,
        }
    }

    /// The best path through `text`, first piece first. Time and memory grow with its length, not with its square.
    pub fn best_path(&self, text: &str) -> Vec<Step> {
        let mut arrivals: Vec<Option<Arrival>> = vec![None; text.len() + 1];
        for (start, character) in text.char_indices() {
            let so_far = arrivals[start].map_or(0.0, |arrival| arrival.score);
            let mut arrive = |length: usize, score: f64, known| {
                let arrival = &mut arrivals[start + length];
                if arrival.is_none_or(|best| score > f64::from(best.score)) {
                    *arrival = Some(Arrival { score: score as f32, start, known });
                }
            };
            let mut is_piece = false;
            for (length, piece) in self.trie.prefixes(&text.as_bytes()[start..]) {
                arrive(length, self.scores[piece as usize] + f64::from(so_far), true);
                is_piece |= length == character.len_utf8();
            }
            if !is_piece {
                arrive(character.len_utf8(), f64::from(self.unknown_score + so_far), false);
            }
        }
        let mut path = Vec::new();
        let mut end = text.len();
        while let Some(Arrival { start, known, .. }) = arrivals[end] {
            path.push(Step { range: start..end, known });
            end = start;
        }
        path.reverse();
        path
    }
}
