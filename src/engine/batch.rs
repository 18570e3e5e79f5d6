//! Token ids of sentences → [`Batch`]es of similar length.
//!
//! In: the ids of each sentence. Out: padded batches that remember where their sentences came from. Longest first, so
//! that padding is little, the heaviest work starts first and memory peaks at once instead of at the end.

/// Sentences that go through the network together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// For each row, its index in the list the batch was planned from.
    pub origins: Vec<usize>,
    /// Tokens of each row, end token included.
    pub lengths: Vec<usize>,
    /// Ids, (rows, width), rows filled up with the pad id.
    pub ids: Vec<u32>,
    /// The longest row.
    pub width: usize,
}

impl Batch {
    /// One batch of all these sentences.
    pub fn of(sentences: &[&[u32]], pad: u32) -> Self {
        let width = sentences.iter().map(|ids| ids.len()).max().unwrap_or(0);
        let mut batch = Self { origins: vec![], lengths: vec![], ids: vec![], width };
        for (origin, sentence) in sentences.iter().enumerate() {
            batch.push(origin, sentence, pad);
        }
        batch
    }

    /// Number of sentences.
    pub fn rows(&self) -> usize {
        self.lengths.len()
    }

    fn push(&mut self, origin: usize, sentence: &[u32], pad: u32) {
        self.origins.push(origin);
        self.lengths.push(sentence.len());
        self.ids.extend_from_slice(sentence);
        self.ids.resize(self.lengths.len() * self.width, pad);
    }
}

/// Spreads sentences over batches of at most `budget` tokens, padding counted; a longer sentence has its own batch.
pub fn plan(sentences: &[Vec<u32>], budget: usize, pad: u32) -> Vec<Batch> {
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    // Stable: equal lengths keep their order, so the plan is the same in every run.
    order.sort_by_key(|&index| std::cmp::Reverse(sentences[index].len()));
    let mut batches: Vec<Batch> = Vec::new();
    for index in order {
        let sentence = &sentences[index];
        match batches.last_mut() {
            Some(batch) if (batch.rows() + 1) * batch.width <= budget => batch.push(index, sentence, pad),
            _ => {
                let mut batch = Batch { origins: vec![], lengths: vec![], ids: vec![], width: sentence.len() };
                batch.push(index, sentence, pad);
                batches.push(batch);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_sentence_is_in_one_batch_and_budgets_hold(
            lengths in prop::collection::vec(1usize..40, 0..60),
            budget in 1usize..200,
        ) {
            let sentences: Vec<Vec<u32>> =
                lengths.iter().enumerate().map(|(i, &length)| vec![i as u32; length]).collect();
            let batches = plan(&sentences, budget, 999);
            let mut origins: Vec<usize> = batches.iter().flat_map(|batch| batch.origins.clone()).collect();
            origins.sort_unstable();
            prop_assert_eq!(origins, (0..sentences.len()).collect::<Vec<_>>());
            for batch in &batches {
                prop_assert!(batch.rows() == 1 || batch.rows() * batch.width <= budget);
                prop_assert_eq!(batch.ids.len(), batch.rows() * batch.width);
                for (row, &origin) in batch.origins.iter().enumerate() {
                    let ids = &batch.ids[row * batch.width..(row + 1) * batch.width];
                    prop_assert_eq!(&ids[..batch.lengths[row]], &sentences[origin][..]);
                    prop_assert!(ids[batch.lengths[row]..].iter().all(|&id| id == 999));
                }
            }
        }
    }
}
