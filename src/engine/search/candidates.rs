//! Logits of one decoder step → [`Candidates`]: for each row the most probable next tokens and their log-probabilities.
//!
//! In: rows of logits, whole or in blocks. Out: their best `count` ids that are not banned, best first. Equal scores are
//! ordered by id, so that the result is one and the same everywhere.

use std::ops::Range;

use crate::engine::kernel::Kernel;

/// Logits that are compared at once.
const CHUNK: usize = 64;

/// The best next tokens of every row of a decoder step.
#[derive(Debug)]
pub struct Candidates {
    rules: Rules,
    /// Rows of this step and, after them, rows of earlier steps that keep their memory.
    rows: Vec<Row>,
    /// Rows of this step.
    used: usize,
    /// The rows that are coming in, part after part.
    incoming: Vec<Row>,
}

/// What counts.
#[derive(Debug)]
struct Rules {
    /// Candidates kept a row.
    count: usize,
    /// Ids never produced, ascending.
    banned: Vec<u32>,
    /// Whether the banned ids' probability is shared out among the others (HF `renormalize_logits`).
    renormalize: bool,
}

/// Rows of logits of a stretch of the vocabulary, while they come in.
#[derive(Debug)]
pub struct Part<'a> {
    rules: &'a Rules,
    rows: &'a mut [Row],
}

/// One row, while its logits come in.
#[derive(Debug, Default)]
struct Row {
    /// The best so far, best first; `log_probability` is the logit until the row is finished.
    best: Vec<Candidate>,
    /// Enough ids before these have logits of at least this.
    floor: f32,
    /// The largest of the logits that count.
    maximum: f32,
    /// Σ exp(logit - maximum) over the logits that count.
    sum: f32,
}

/// A next token of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The token.
    pub id: u32,
    /// Its natural-logarithm probability given the row's prefix.
    pub log_probability: f32,
}

impl Candidates {
    /// Keeps `count` candidates a row, at least one.
    pub fn new(count: usize, banned: &[u32], renormalize: bool) -> Self {
        let rules = Rules { count, banned: Vec::new(), renormalize };
        let mut candidates = Self { rules, rows: Vec::new(), used: 0, incoming: Vec::new() };
        candidates.ban(banned);
        candidates
    }

    /// Replaces the banned ids.
    pub fn ban(&mut self, banned: &[u32]) {
        let Rules { banned: ids, .. } = &mut self.rules;
        ids.clear();
        ids.extend_from_slice(banned);
        ids.sort_unstable();
        ids.dedup();
    }

    /// Forgets the last step; its rows come next, in order.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Adds the next row from its logits, (vocabulary).
    pub fn push_logits(&mut self, logits: &[f32]) {
        for mut part in self.begin(1, 1) {
            part.push_block(Kernel::detect(), 0, 0, logits);
        }
        self.finish(1, 1);
    }

    /// Adds rows whose logits then come in blocks, each of these parts of the vocabulary for itself.
    pub fn begin(&mut self, rows: usize, parts: usize) -> impl Iterator<Item = Part<'_>> {
        let Self { rules, incoming, .. } = self;
        let incoming = rules.fresh(incoming, 0..rows * parts);
        incoming.chunks_mut(rows.max(1)).map(|rows| Part { rules, rows })
    }

    /// Puts the parts of the rows that began last together, and turns logits into log-probabilities.
    pub fn finish(&mut self, rows: usize, parts: usize) {
        let fresh = self.rules.fresh(&mut self.rows, self.used..self.used + rows);
        self.used += rows;
        for (index, row) in fresh.iter_mut().enumerate() {
            for part in 0..parts {
                row.take_up(&self.incoming[part * rows + index], self.rules.count);
            }
            if row.sum > 0.0 {
                let normaliser = row.maximum + row.sum.ln();
                for candidate in &mut row.best {
                    candidate.log_probability -= normaliser;
                }
            }
        }
    }

    /// The candidates of a row, best first.
    pub fn row(&self, row: usize) -> &[Candidate] {
        &self.rows[row].best
    }
}

impl Rules {
    /// These rows, made where there are none, without what they held.
    fn fresh<'a>(&self, rows: &'a mut Vec<Row>, range: Range<usize>) -> &'a mut [Row] {
        if rows.len() < range.end {
            rows.resize_with(range.end, Row::default);
        }
        for row in &mut rows[range.clone()] {
            row.best.clear();
            row.best.reserve(self.count);
            (row.maximum, row.floor, row.sum) = (f32::NEG_INFINITY, f32::NEG_INFINITY, 0.0);
        }
        &mut rows[range]
    }
}

impl Part<'_> {
    /// Tells this part, before its first block, what the one before it has found: so much the less is worth keeping.
    pub fn follow(&mut self, finished: &Self) {
        for (row, before) in self.rows.iter_mut().zip(finished.rows.iter()) {
            row.floor = before.lowest(self.rules.count);
        }
    }

    /// Takes a block of a row's logits, that of id `first` first; blocks of a row come in the order of their ids.
    pub fn push_block(&mut self, kernel: Kernel, row: usize, first: usize, logits: &[f32]) {
        let row = &mut self.rows[row];
        let whole = kernel.maximum(logits);
        if !self.rules.renormalize {
            row.count(kernel, logits, whole);
        }
        // The block without the banned ids, as ranges.
        let banned = &self.rules.banned[self.rules.banned.partition_point(|&id| (id as usize) < first)..];
        let mut start = 0;
        for end in banned.iter().map(|&id| id as usize - first).chain(std::iter::once(logits.len())) {
            let end = end.min(logits.len());
            if start < end {
                let allowed = &logits[start..end];
                let maximum = if allowed.len() == logits.len() { whole } else { kernel.maximum(allowed) };
                if self.rules.renormalize {
                    row.count(kernel, allowed, maximum);
                }
                if row.lowest(self.rules.count) < maximum {
                    row.keep_best(kernel, self.rules.count, first + start, allowed);
                }
            }
            start = end + 1;
            if start > logits.len() {
                break;
            }
        }
    }
}

impl Row {
    /// Takes up the same row's next part of the vocabulary.
    fn take_up(&mut self, part: &Self, count: usize) {
        for &candidate in &part.best {
            self.insert(candidate, count);
        }
        let maximum = self.maximum.max(part.maximum);
        if maximum.is_finite() {
            self.sum = self.sum * (self.maximum - maximum).exp() + part.sum * (part.maximum - maximum).exp();
            self.maximum = maximum;
        }
    }

    /// Takes up a candidate of a higher id than all so far, if it is among the best `count`.
    fn insert(&mut self, candidate: Candidate, count: usize) {
        if candidate.log_probability > self.lowest(count) {
            if self.best.len() < count {
                self.best.push(candidate);
            }
            // The others move down, each by itself: to swap two at once would wait for the last swap to reach memory.
            let mut place = self.best.len() - 1;
            while place > 0 && self.best[place - 1].log_probability < candidate.log_probability {
                self.best[place] = self.best[place - 1];
                place -= 1;
            }
            self.best[place] = candidate;
        }
    }

    /// Counts logits in: ln Σ exp(x) is maximum + ln sum, with the maximum taken out so that nothing overflows.
    fn count(&mut self, kernel: Kernel, logits: &[f32], maximum: f32) {
        if maximum > self.maximum {
            self.sum *= (self.maximum - maximum).exp();
            self.maximum = maximum;
        }
        if self.maximum.is_finite() {
            self.sum += kernel.sum_exp(logits, self.maximum);
        }
    }

    /// What a logit must exceed to be among the best `count`.
    fn lowest(&self, count: usize) -> f32 {
        match self.best.last() {
            Some(last) if self.best.len() == count => last.log_probability.max(self.floor),
            _ => self.floor,
        }
    }

    /// Takes up the logits that are among the best `count`.
    fn keep_best(&mut self, kernel: Kernel, count: usize, first: usize, logits: &[f32]) {
        for (chunk, first) in logits.chunks(CHUNK).zip((first..).step_by(CHUNK)) {
            let mut above = kernel.above(chunk, self.lowest(count));
            while above != 0 {
                let place = above.trailing_zeros() as usize;
                self.insert(Candidate { id: (first + place) as u32, log_probability: chunk[place] }, count);
                above &= above - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn candidates_are_the_best_of_a_full_sort(
            logits in prop::collection::vec(-5i8..5, 1..300),
            count in 1usize..8,
            banned in prop::collection::vec(0u32..300, 0..4),
            renormalize: bool,
            block in 1usize..100,
            following: bool,
        ) {
            let logits: Vec<f32> = logits.into_iter().map(f32::from).collect();
            let mut candidates = Candidates::new(count, &banned, renormalize);
            candidates.push_logits(&logits);
            let mut all: Vec<(f32, u32)> = (0u32..).zip(&logits).map(|(id, &logit)| (logit, id)).collect();
            let normaliser = |kept: &[(f32, u32)]| kept.iter().map(|&(x, _)| f64::from(x).exp()).sum::<f64>().ln();
            let whole = normaliser(&all);
            all.retain(|(_, id)| !banned.contains(id));
            let expected = if renormalize { normaliser(&all) } else { whole };
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.truncate(count);
            prop_assert_eq!(candidates.row(0).len(), all.len());
            for (candidate, (logit, id)) in candidates.row(0).iter().zip(all) {
                prop_assert_eq!(candidate.id, id);
                prop_assert!((f64::from(candidate.log_probability) - (f64::from(logit) - expected)).abs() < 1e-5);
            }
            let split = logits.len() / 3;
            let mut before = None;
            for (mut part, range) in candidates.begin(1, 2).zip([0..split, split..logits.len()]) {
                if let Some(before) = before.as_ref().filter(|_| following) {
                    part.follow(before);
                }
                for (index, block_logits) in logits[range.clone()].chunks(block).enumerate() {
                    part.push_block(Kernel::detect(), 0, range.start + index * block, block_logits);
                }
                before = Some(part);
            }
            candidates.finish(1, 2);
            prop_assert_eq!(candidates.row(1).len(), candidates.row(0).len());
            for (blocked, whole) in candidates.row(1).iter().zip(candidates.row(0)) {
                prop_assert_eq!(blocked.id, whole.id);
                prop_assert!((blocked.log_probability - whole.log_probability).abs() < 1e-5);
            }
        }
    }
}
