//! Logits of one decoder step → [`Candidates`]: for each row the most probable next tokens and their log-probabilities.
//!
//! In: a row of logits. Out: its best `count` ids that are not banned, best first. Equal scores are ordered by id, so that
//! the result is one and the same everywhere.

/// The best next tokens of every row of a decoder step.
#[derive(Debug)]
pub struct Candidates {
    count: usize,
    /// Ids never produced, ascending.
    banned: Vec<u32>,
    /// Whether the banned ids' probability is shared out among the others (HF `renormalize_logits`).
    renormalize: bool,
    rows: Vec<Vec<Candidate>>,
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
    /// Keeps `count` candidates a row.
    pub fn new(count: usize, banned: &[u32], renormalize: bool) -> Self {
        let mut banned = banned.to_vec();
        banned.sort_unstable();
        banned.dedup();
        Self { count, banned, renormalize, rows: Vec::new() }
    }

    /// Forgets the last step; its rows come next, in order.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// Adds the next row from its logits, (vocabulary).
    pub fn push_logits(&mut self, logits: &[f32]) {
        let row = self.best(logits);
        let normaliser = if self.renormalize { self.allowed(logits) } else { log_sum_exp([logits].into_iter()) };
        self.rows
            .push(row.into_iter().map(|(logit, id)| Candidate { id, log_probability: logit - normaliser }).collect());
    }

    /// The candidates of a row, best first.
    pub fn row(&self, row: usize) -> &[Candidate] {
        &self.rows[row]
    }

    fn allowed(&self, logits: &[f32]) -> f32 {
        log_sum_exp(self.allowed_ranges(logits.len()).map(|range| &logits[range]))
    }

    /// The vocabulary without the banned ids, as ranges.
    fn allowed_ranges(&self, vocabulary: usize) -> impl Iterator<Item = std::ops::Range<usize>> + Clone + '_ {
        let starts = std::iter::once(0).chain(self.banned.iter().map(|&id| id as usize + 1));
        let ends = self.banned.iter().map(|&id| id as usize).chain(std::iter::once(vocabulary));
        starts.zip(ends).map(move |(start, end)| start.min(vocabulary)..end.min(vocabulary))
    }

    /// The highest allowed logits with their ids, best first.
    fn best(&self, logits: &[f32]) -> Vec<(f32, u32)> {
        let mut best: Vec<(f32, u32)> = Vec::with_capacity(self.count + 1);
        let mut threshold = f32::NEG_INFINITY;
        for range in self.allowed_ranges(logits.len()) {
            let first = range.start;
            for (offset, chunk) in logits[range].chunks(64).enumerate() {
                // Most chunks hold nothing new: one vectorised comparison settles them.
                if best.len() == self.count && !chunk.iter().fold(false, |any, &logit| any | (logit > threshold)) {
                    continue;
                }
                for (index, &logit) in chunk.iter().enumerate() {
                    if best.len() < self.count || logit > threshold {
                        let place = best.partition_point(|&(other, _)| other >= logit);
                        best.insert(place, (logit, (first + offset * 64 + index) as u32));
                        best.truncate(self.count);
                        threshold = best.last().map_or(f32::NEG_INFINITY, |&(lowest, _)| lowest);
                    }
                }
            }
        }
        best
    }
}

/// ln Σ exp(x), with the maximum taken out so that nothing overflows.
fn log_sum_exp<'a>(slices: impl Iterator<Item = &'a [f32]> + Clone) -> f32 {
    let maximum = slices.clone().flatten().fold(f32::NEG_INFINITY, |maximum, &x| maximum.max(x));
    if !maximum.is_finite() {
        return maximum;
    }
    let sum: f32 = slices.map(|slice| sum_exp(slice, maximum)).sum();
    maximum + sum.ln()
}

/// Σ exp(x - maximum), in eight partial sums so that the compiler can vectorise it.
fn sum_exp(slice: &[f32], maximum: f32) -> f32 {
    let mut sums = [0f32; 8];
    let chunks = slice.chunks_exact(8);
    let rest: f32 = chunks.remainder().iter().map(|&x| exp(x - maximum)).sum();
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += exp(x - maximum);
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// e^x for x ≤ 0 within 2 units in the last place, without branches so that it vectorises.
///
/// 2^n · e^r with n = round(x / ln 2) and |r| ≤ ln 2 / 2; e^r is its Taylor polynomial of degree 7, whose remainder,
/// r^8 / 8!, is below 6e-9. Below -87 the result would be subnormal and is 0 for our purpose.
fn exp(x: f32) -> f32 {
    // ln 2 in two parts (Cody and Waite), so that n · ln 2 is exact in its high part.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5 · 2^23 leaves the rounded integer in the low bits of the mantissa.
    const MAGIC: f32 = 12_582_912.0;
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let n = shifted - MAGIC;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let polynomial = 1.0
        + r * (1.0
            + r * (0.5
                + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0)))))));
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    polynomial * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exp_is_the_exponential(x in -87f32..0.0) {
            let expected = f64::from(x).exp();
            prop_assert!(((f64::from(exp(x)) - expected) / expected).abs() < 3e-7);
        }

        #[test]
        fn candidates_are_the_best_of_a_full_sort(
            logits in prop::collection::vec(-5i8..5, 1..300),
            count in 1usize..8,
            banned in prop::collection::vec(0u32..300, 0..4),
            renormalize: bool,
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
        }
    }
}
