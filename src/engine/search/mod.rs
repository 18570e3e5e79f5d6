//! Batches of source ids → [`Hypothesis`]es, over any network that can encode and step.
//!
//! In: a [`Seq2Seq`] network, a [`Batch`] and [`SearchOptions`]. Out: for each sentence its best hypotheses. No weights and
//! no strings here. A sentence that has ended leaves the batch at once, so that the others do not wait for nothing.

mod beam;
mod candidates;

use super::batch::Batch;
use super::marian::{Config, EarlyStopping, Generation};
use crate::Result;
use beam::Beam;
pub use candidates::{Candidate, Candidates, Part};

/// A network that reads a source and proposes the next target token.
///
/// A decoder state has `beams` rows for each live sentence, in order. What a row yields must depend on its sentence and
/// its prefix alone: not on the other rows, and not on how many there are.
pub trait Seq2Seq {
    /// The decoder's memory of one batch.
    type State;

    /// Reads the sources; the state then has `beams` equal rows for each sentence. It may lie where `old` lay, the state
    /// of a batch that is done.
    ///
    /// # Errors
    /// When the tensor library fails.
    fn encode(&self, batch: &Batch, beams: usize, old: Option<Self::State>) -> Result<Self::State>;

    /// Reads one token per row and fills `candidates` with the best next ones of each row.
    ///
    /// # Errors
    /// When the tensor library fails.
    fn step(&self, tokens: &[u32], state: &mut Self::State, candidates: &mut Candidates) -> Result<()>;

    /// Row i of the new state is row `parents[i]` of the old one. Rows of a sentence stay together and in order; a sentence
    /// without rows is gone.
    ///
    /// # Errors
    /// When the tensor library fails.
    fn reorder(&self, state: &mut Self::State, parents: &[usize]) -> Result<()>;
}

/// How to search.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOptions {
    /// Hypotheses kept per sentence; 1 is greedy.
    pub beams: usize,
    /// Longest target in tokens, start and end included.
    pub max_length: usize,
    /// The end token is banned while the target, start included, is shorter than this.
    pub min_length: usize,
    /// Exponent of the length in the score of a hypothesis.
    pub length_penalty: f32,
    /// When to stop looking for better hypotheses.
    pub early_stopping: EarlyStopping,
    /// Ids that are never produced.
    pub banned: Vec<u32>,
    /// Whether the last possible token is the end token whatever the network says.
    pub forced_end: bool,
    /// Whether probabilities are normalised again once ids are banned.
    pub renormalize: bool,
    /// Id the decoder starts from.
    pub start: u32,
    /// Id that ends a sentence.
    pub end: u32,
}

impl SearchOptions {
    /// The model's own way of decoding.
    pub fn new(config: &Config, generation: &Generation) -> Self {
        Self {
            beams: generation.beams,
            max_length: generation.max_length,
            min_length: generation.min_length,
            length_penalty: generation.length_penalty,
            early_stopping: generation.early_stopping,
            banned: generation.banned.clone(),
            forced_end: generation.forced_end,
            renormalize: generation.renormalize,
            start: config.start,
            end: config.end,
        }
    }
}

/// A finished target of one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// Its tokens, without the start token, end token included.
    pub tokens: Vec<u32>,
    /// Sum of log-probabilities over length to the power of the length penalty (HF `sequences_scores`).
    pub score: f32,
    /// Mean log-probability of its tokens.
    pub mean: f32,
    /// Whether it ended by itself, before the length limit.
    pub complete: bool,
}

/// Searches a batch; the hypotheses of each of its rows, best first, at least one and at most as many as beams.
///
/// The state of the network is left in `memory`, for the next batch to use its memory again.
///
/// # Errors
/// When the network fails.
pub fn search<N: Seq2Seq>(
    network: &N,
    batch: &Batch,
    options: &SearchOptions,
    memory: &mut Option<N::State>,
) -> Result<Vec<Vec<Hypothesis>>> {
    let beams = options.beams;
    let mut finished: Vec<Vec<Hypothesis>> = vec![Vec::new(); batch.rows()];
    let mut live: Vec<(usize, Beam)> = (0..batch.rows()).map(|row| (row, Beam::new(options))).collect();
    let too_short: Vec<u32> = options.banned.iter().copied().chain([options.end]).collect();
    let mut candidates = Candidates::new(2 * beams, &options.banned, options.renormalize);
    if options.min_length > 1 {
        candidates.ban(&too_short);
    }
    let mut state = network.encode(batch, beams, memory.take())?;
    for length in 1.. {
        if live.is_empty() {
            break;
        }
        if options.min_length > 1 && length == options.min_length {
            candidates.ban(&options.banned);
        }
        if live.iter().all(|(_, beam)| beam.is_forced()) {
            for (row, mut beam) in live {
                beam.force_end();
                finished[row] = beam.into_hypotheses();
            }
            break;
        }
        let tokens: Vec<u32> = live.iter().flat_map(|(_, beam)| beam.last_tokens()).collect();
        candidates.clear();
        network.step(&tokens, &mut state, &mut candidates)?;
        let mut parents: Vec<usize> = Vec::with_capacity(tokens.len());
        let mut still_live = Vec::with_capacity(live.len());
        for (index, (row, mut beam)) in live.into_iter().enumerate() {
            let first = index * beams;
            match beam.advance(|row| candidates.row(first + row)) {
                Some(local) => {
                    parents.extend(local.into_iter().map(|parent| first + parent));
                    still_live.push((row, beam));
                }
                None => finished[row] = beam.into_hypotheses(),
            }
        }
        live = still_live;
        let unchanged = parents.len() == tokens.len() && parents.iter().enumerate().all(|(row, &parent)| row == parent);
        if !live.is_empty() && !unchanged {
            network.reorder(&mut state, &parents)?;
        }
    }
    *memory = Some(state);
    Ok(finished)
}

#[cfg(test)]
mod tests;
