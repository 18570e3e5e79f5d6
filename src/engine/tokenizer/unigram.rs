//! Normalised text → its most probable cut into pieces.
//!
//! In: pieces with scores, once; then texts. Out: the best path as pieces of the text, each known or unknown. Knows no
//! ids of a model and no files.
//!
//! The sums are those of SentencePiece 0.2.3 to the last bit: single precision throughout, and of paths that score the
//! same the one found first stays. Cuts of repeated characters such as `11111` or `8,000,000` are ties but for rounding,
//! so other arithmetic gives other ids there; the `Unigram` of the `tokenizers` crate, which sums in double precision,
//! does so for about one in a hundred texts full of such runs.

use std::ops::Range;

use super::trie::Trie;

/// How far below the worst piece an unknown character scores (`kUnkPenalty` of SentencePiece).
const UNKNOWN_PENALTY: f32 = 10.0;

/// Beyond this a running score is set back to zero, so that long texts lose no precision (`kScoreResetThreshold`).
const RESET_SCORE: f32 = 100_000.0;

/// The pieces of one model.
#[derive(Debug)]
pub struct Unigram {
    trie: Trie,
    scores: Vec<f32>,
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
    /// A model of `normal` pieces with their scores, and of `user_defined` pieces, which score above them.
    pub fn new<'a>(normal: &[(&'a str, f32)], user_defined: &[&'a str]) -> Self {
        let worst = normal.iter().fold(f32::MAX, |worst, (_, score)| worst.min(*score));
        // Log-probabilities are negative: no score is above these, and one long piece beats two short ones.
        let favoured = |piece: &&str| (0.1 * (piece.len() as f64 - 1.0)) as f32;
        let pieces = normal.iter().map(|(piece, _)| piece).chain(user_defined);
        Self {
            trie: Trie::new(pieces.zip(0..).map(|(piece, index)| (piece.as_bytes(), index)).collect()),
            scores: normal.iter().map(|(_, score)| *score).chain(user_defined.iter().map(favoured)).collect(),
            unknown_score: worst - UNKNOWN_PENALTY,
        }
    }

    /// The best path through `text`, first piece first. Time and memory grow with its length, not with its square.
    pub fn best_path(&self, text: &str) -> Vec<Step> {
        let mut arrivals: Vec<Option<Arrival>> = vec![None; text.len() + 1];
        let mut furthest = 0;
        for (start, character) in text.char_indices() {
            let mut so_far = arrivals[start].map_or(0.0, |arrival| arrival.score);
            if so_far.abs() > RESET_SCORE {
                arrivals[start..=furthest].iter_mut().flatten().for_each(|arrival| arrival.score -= so_far);
                so_far = 0.0;
            }
            let mut arrive = |length: usize, score: f32, known| {
                furthest = furthest.max(start + length);
                let arrival = &mut arrivals[start + length];
                if arrival.is_none_or(|best| so_far + score > best.score) {
                    *arrival = Some(Arrival { score: so_far + score, start, known });
                }
            };
            let mut is_piece = false;
            for (length, piece) in self.trie.prefixes(&text.as_bytes()[start..]) {
                arrive(length, self.scores[piece as usize], true);
                is_piece |= length == character.len_utf8();
            }
            if !is_piece {
                arrive(character.len_utf8(), self.unknown_score, false);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cut<'a>(normal: &[(&str, f32)], text: &'a str) -> Vec<&'a str> {
        Unigram::new(normal, &["XX"]).best_path(text).into_iter().map(|step| &text[step.range]).collect()
    }

    #[test]
    fn of_equal_paths_the_one_found_first_stays() {
        assert_eq!(cut(&[("a", -1.0), ("aa", -2.0)], "aaa"), ["a", "aa"]);
    }

    #[test]
    fn user_defined_pieces_score_above_normal_ones() {
        assert_eq!(cut(&[("a", -5.0), ("X", -0.01)], "aXX"), ["a", "XX"]);
    }

    #[test]
    fn a_low_running_score_loses_no_precision() {
        let pieces = [("a", -60_000.0), ("b", -1.0), ("bb", -2.003)];
        assert_eq!(cut(&pieces, "aabb"), ["a", "a", "b", "b"]);
    }

    #[test]
    fn unknown_characters_come_one_by_one() {
        let path = Unigram::new(&[("a", -1.0)], &[]).best_path("aé漢a");
        let known: Vec<_> = path.iter().map(|step| (step.range.len(), step.known)).collect();
        assert_eq!(known, [(1, true), (2, false), (3, false), (1, true)]);
    }
}
