//! The search over a scripted network: what it must do whatever the weights.

use super::*;
use crate::engine::marian::EarlyStopping;

const END: u32 = 0;
const START: u32 = 9;

/// A prefix and the probabilities of the tokens after it.
type Line = (&'static [u32], &'static [(u32, f32)]);

/// A network whose next-token probabilities are a table.
struct Script(Vec<Line>);

/// The prefix of every row.
struct Prefixes(Vec<Vec<u32>>);

impl Seq2Seq for Script {
    type State = Prefixes;

    fn encode(&self, batch: &Batch, beams: usize, _: Option<Prefixes>) -> Result<Prefixes> {
        Ok(Prefixes(vec![Vec::new(); batch.rows() * beams]))
    }

    fn step(&self, tokens: &[u32], state: &mut Prefixes, candidates: &mut Candidates) -> Result<()> {
        assert_eq!(tokens.len(), state.0.len());
        for (&token, prefix) in tokens.iter().zip(&mut state.0) {
            prefix.push(token);
            let mut logits = [1e-6f32.ln(); 10];
            let row = self.0.iter().find(|(known, _)| *known == &prefix[1..]);
            for &(token, probability) in row.map_or(&[(END, 1.0)][..], |(_, row)| row) {
                logits[token as usize] = probability.ln();
            }
            candidates.push_logits(&logits);
        }
        Ok(())
    }

    fn reorder(&self, state: &mut Prefixes, parents: &[usize]) -> Result<()> {
        state.0 = parents.iter().map(|&parent| state.0[parent].clone()).collect();
        Ok(())
    }
}

fn options(beams: usize) -> SearchOptions {
    SearchOptions {
        beams,
        max_length: 8,
        min_length: 0,
        length_penalty: 1.0,
        early_stopping: EarlyStopping::Heuristic,
        banned: vec![],
        forced_end: true,
        renormalize: true,
        start: START,
        end: END,
    }
}

fn best(script: &Script, sentences: usize, options: &SearchOptions) -> Vec<Vec<u32>> {
    let ids = [1u32];
    let batch = Batch::of(&vec![&ids[..]; sentences], 5);
    search(script, &batch, options, &mut None)
        .unwrap()
        .into_iter()
        .map(|hypotheses| hypotheses[0].tokens.clone())
        .collect()
}

/// The likelier first token leads nowhere good: greedy falls for it, a beam does not.
fn garden_path() -> Script {
    Script(vec![
        (&[], &[(1, 0.6), (2, 0.4)]),
        (&[1], &[(3, 0.3), (4, 0.3), (5, 0.4)]),
        (&[1, 5], &[(3, 0.5), (4, 0.5)]),
        (&[2], &[(3, 0.95), (4, 0.05)]),
        (&[2, 3], &[(END, 1.0)]),
    ])
}

#[test]
fn greedy_takes_the_likeliest_token_at_each_step() {
    assert_eq!(best(&garden_path(), 1, &options(1)), [vec![1, 5, 3, END]]);
}

#[test]
fn a_beam_finds_the_likelier_sentence() {
    assert_eq!(best(&garden_path(), 1, &options(2)), [vec![2, 3, END]]);
}

#[test]
fn sentences_of_a_batch_are_searched_alike() {
    assert_eq!(best(&garden_path(), 3, &options(2)), vec![vec![2, 3, END]; 3]);
}

#[test]
fn a_banned_token_is_never_produced() {
    let options = SearchOptions { banned: vec![1], ..options(1) };
    assert_eq!(best(&garden_path(), 1, &options), [vec![2, 3, END]]);
}

#[test]
fn an_endless_sentence_ends_at_the_limit_and_is_not_complete() {
    let endless = Script(
        [&[][..], &[1], &[1, 1], &[1, 1, 1], &[1, 1, 1, 1], &[1, 1, 1, 1, 1], &[1, 1, 1, 1, 1, 1]]
            .map(|prefix| (prefix, &[(1u32, 0.9f32), (2, 0.1)][..]))
            .to_vec(),
    );
    for (forced_end, last) in [(true, END), (false, 1)] {
        let options = SearchOptions { forced_end, ..options(1) };
        let ids = [1u32];
        let found = search(&endless, &Batch::of(&[&ids[..]], 5), &options, &mut None).unwrap();
        assert_eq!(found[0][0].tokens, [1, 1, 1, 1, 1, 1, last]);
        assert!(!found[0][0].complete);
    }
}

#[test]
fn no_sentence_ends_before_its_least_length() {
    let options = SearchOptions { min_length: 7, ..options(1) };
    let found = best(&garden_path(), 1, &options);
    assert!(found[0].len() >= 6, "{found:?}");
    assert!(!found[0][..5].contains(&END), "{found:?}");
}

#[test]
fn the_score_is_the_sum_over_the_length_to_the_penalty() {
    let options = SearchOptions { length_penalty: 2.0, ..options(1) };
    let ids = [1u32];
    let found = &search(&garden_path(), &Batch::of(&[&ids[..]], 5), &options, &mut None).unwrap()[0][0];
    let sum = (0.6f32 * 0.4 * 0.5).ln();
    assert!((found.score - sum / 16.0).abs() < 1e-4, "{found:?}");
    assert!((found.mean - sum / 4.0).abs() < 1e-4, "{found:?}");
}
