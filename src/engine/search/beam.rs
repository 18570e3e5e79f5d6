//! Beam search for one sentence: candidates of its rows in, hypotheses out.
//!
//! The rules are those of `_beam_search` in HF transformers 5 (`generation/utils.py`), kept to the letter so that results
//! can be compared token by token; with one beam they are those of its greedy search. No network and no strings here.

use super::candidates::Candidate;
use super::{Hypothesis, SearchOptions};
use crate::engine::marian::EarlyStopping;

/// The state of one sentence's search.
#[derive(Debug)]
pub struct Beam<'a> {
    options: &'a SearchOptions,
    /// Open hypotheses, best first; always as many as beams.
    open: Vec<Open>,
    /// Ended hypotheses, best first; at most as many as beams.
    ended: Vec<Hypothesis>,
}

/// A hypothesis that goes on.
#[derive(Debug, Clone)]
struct Open {
    tokens: Vec<u32>,
    /// Sum of its tokens' log-probabilities.
    score: f32,
}

/// What HF gives rows that must not be chosen; not -inf, so that arithmetic on it stays defined.
const IMPOSSIBLE: f32 = -1e9;

impl<'a> Beam<'a> {
    /// A search that has produced nothing yet.
    pub fn new(options: &'a SearchOptions) -> Self {
        // All rows start alike, so only the first may contribute at first: the others would repeat it.
        let score = |row| if row == 0 { 0.0 } else { IMPOSSIBLE };
        let open = (0..options.beams).map(|row| Open { tokens: Vec::new(), score: score(row) }).collect();
        Self { options, open, ended: Vec::new() }
    }

    /// The token that each row reads next.
    pub fn last_tokens(&self) -> impl Iterator<Item = u32> + '_ {
        self.open.iter().map(|open| open.tokens.last().copied().unwrap_or(self.options.start))
    }

    /// Takes one step with the rows' candidates, best first. Returns the parent row of each new row, or `None` when the
    /// search has ended.
    pub fn advance<'c>(&mut self, candidates: impl Fn(usize) -> &'c [Candidate]) -> Option<Vec<usize>> {
        let mut extended: Vec<(usize, u32, f32)> = Vec::new();
        for (row, open) in self.open.iter().enumerate() {
            extended.extend(candidates(row).iter().map(|c| (row, c.id, open.score + c.log_probability)));
        }
        extended.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
        extended.truncate(2 * self.options.beams);
        let length = self.length() + 1;
        let at_limit = length + 1 >= self.options.max_length;
        // Only the best as many as beams may end; the rest are there to keep as many open.
        for &(row, token, score) in extended.iter().take(self.options.beams) {
            if token == self.options.end || at_limit {
                self.end(row, token, score);
            }
        }
        if at_limit || (self.options.beams == 1 && !self.ended.is_empty()) {
            return None;
        }
        let next: Vec<_> =
            extended.into_iter().filter(|&(_, token, _)| token != self.options.end).take(self.options.beams).collect();
        if next.len() < self.options.beams {
            // Fewer allowed tokens than beams, in a toy vocabulary: nothing sensible can follow.
            if self.ended.is_empty() {
                self.force_end();
            }
            return None;
        }
        let open = next.iter().map(|&(row, token, score)| {
            let mut tokens = Vec::with_capacity(length + 1);
            tokens.extend_from_slice(&self.open[row].tokens);
            tokens.push(token);
            Open { tokens, score }
        });
        self.open = open.collect();
        self.can_improve().then(|| next.into_iter().map(|(row, _, _)| row).collect())
    }

    /// Whether the next step could only append the end token, so that no network need be asked.
    pub fn is_forced(&self) -> bool {
        self.options.forced_end && self.length() + 2 >= self.options.max_length
    }

    /// Ends every open hypothesis with the end token at no cost, as HF's forced end token does.
    pub fn force_end(&mut self) {
        for row in 0..self.open.len() {
            let score = self.open[row].score;
            self.end(row, self.options.end, score);
        }
    }

    /// The ended hypotheses, best first.
    pub fn into_hypotheses(self) -> Vec<Hypothesis> {
        self.ended
    }

    /// Tokens of every open hypothesis, the start token not counted.
    fn length(&self) -> usize {
        self.open.first().map_or(0, |open| open.tokens.len())
    }

    fn end(&mut self, row: usize, token: u32, sum: f32) {
        let mut tokens = self.open[row].tokens.clone();
        tokens.push(token);
        let score = sum / (tokens.len() as f32).powf(self.options.length_penalty);
        let mean = sum / tokens.len() as f32;
        let complete = token == self.options.end && tokens.len() + 1 < self.options.max_length;
        let place = self.ended.partition_point(|other| other.score >= score);
        self.ended.insert(place, Hypothesis { tokens, score, mean, complete });
        self.ended.truncate(self.options.beams);
    }

    /// Whether an open hypothesis could still beat an ended one.
    fn can_improve(&self) -> bool {
        let (Some(worst), Some(best)) = (self.ended.last(), self.open.first()) else { return true };
        if self.ended.len() < self.options.beams {
            return true;
        }
        let length = match self.options.early_stopping {
            EarlyStopping::First => return false,
            EarlyStopping::Never if self.options.length_penalty > 0.0 => self.options.max_length - 1,
            EarlyStopping::Heuristic | EarlyStopping::Never => self.length(),
        };
        best.score / (length as f32).powf(self.options.length_penalty) > worst.score
    }
}
