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
        Self::with_origins(sentences.iter().copied().enumerate(), pad)
    }

    fn with_origins<'a>(sentences: impl Iterator<Item = (usize, &'a [u32])> + Clone, pad: u32) -> Self {
        let width = sentences.clone().map(|(_, ids)| ids.len()).max().unwrap_or(0);
        let mut batch = Self { origins: vec![], lengths: vec![], ids: vec![], width };
        for (origin, sentence) in sentences {
            batch.origins.push(origin);
            batch.lengths.push(sentence.len());
            batch.ids.extend_from_slice(sentence);
            batch.ids.resize(batch.lengths.len() * width, pad);
        }
        batch
    }

    /// Number of sentences.
    pub fn rows(&self) -> usize {
        self.lengths.len()
    }
}

/// What a plan keeps to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most source tokens of a batch, padding counted; a longer sentence has its own batch.
    pub tokens: usize,
    /// Threads that take batches from one queue.
    pub threads: usize,
    /// Hypotheses kept for each sentence.
    pub beams: usize,
    /// Longest target in tokens.
    pub max_length: usize,
}

/// Source tokens of a batch where nobody asks for another number.
///
/// More than 1,024 gain nothing. What the decoder remembers grows with the hypotheses too: within this many, weights of opus-mt
/// size and two threads stay below 250 MB together. Still smaller batches take more time (512 tokens with four beams 4 % more
/// than 1,024).
pub fn default_tokens(beams: usize) -> usize {
    const TOKENS: usize = 1024;
    const EXTENDED: usize = 3 * TOKENS;
    TOKENS.min(EXTENDED / beams.max(1))
}

/// Spreads sentences over batches, and these evenly over the threads: no batch is much more work than another, and as many
/// fall to each thread. So no thread stands idle at the end while another has a large batch still to do.
///
/// The work of a batch is guessed from its sources, whose targets will be about as long.
pub fn plan(sentences: &[Vec<u32>], limits: &Limits, pad: u32) -> Vec<Batch> {
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    // Stable: equal lengths keep their order, so the plan is the same in every run.
    order.sort_by_key(|&index| std::cmp::Reverse(sentences[index].len()));
    let lengths: Vec<usize> = order.iter().map(|&index| sentences[index].len()).collect();

    // Hypotheses, each to be extended by one token, below which a batch gains nothing by being side by side with another, since
    // each reads all the weights: with those of opus-mt size two greedy batches of 160 were as fast as one on both threads.
    const SMALLEST: usize = 128;
    let threads = (limits.beams * lengths.iter().sum::<usize>() / SMALLEST).clamp(1, limits.threads);
    let most_batches = cut(&lengths, limits, usize::MAX).len().next_multiple_of(threads);
    // The least work that one batch must be allowed for so few to do.
    let (mut low, mut high) = (0, usize::MAX);
    while low < high {
        let middle = low.midpoint(high);
        if cut(&lengths, limits, middle).len() <= most_batches {
            high = middle;
        } else {
            low = middle + 1;
        }
    }

    let mut rest = order.as_slice();
    let batch_of = |rows| {
        let (origins, others) = rest.split_at(rows);
        rest = others;
        Batch::with_origins(origins.iter().map(|&origin| (origin, sentences[origin].as_slice())), pad)
    };
    cut(&lengths, limits, low).into_iter().map(batch_of).collect()
}

/// Rows of each batch, when sentences of these lengths, longest first, fill one after the other, none to be more work than
/// `most` unless it has one sentence only.
///
/// Work is counted in hypotheses extended by one token, about.
fn cut(lengths: &[usize], limits: &Limits, most: usize) -> Vec<usize> {
    // A step with a single hypothesis takes as long as seven take that come on top of many others (measured with int8
    // weights of opus-mt size): it reads all the weights.
    const STEP: usize = 6;
    let mut batches: Vec<usize> = Vec::new();
    let (mut longest, mut work) = (0, 0);
    for &length in lengths {
        let steps = length.min(limits.max_length);
        work += limits.beams * steps;
        match batches.last_mut() {
            Some(rows) if (*rows + 1) * longest <= limits.tokens && work <= most => *rows += 1,
            _ => {
                batches.push(1);
                longest = length;
                work = (STEP + limits.beams) * steps;
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
        fn every_sentence_is_in_one_batch_and_limits_hold(
            lengths in prop::collection::vec(1usize..40, 0..60),
            tokens in 1usize..200,
            threads in 1usize..5,
        ) {
            let sentences: Vec<Vec<u32>> =
                lengths.iter().enumerate().map(|(i, &length)| vec![i as u32; length]).collect();
            let batches = plan(&sentences, &Limits { tokens, threads, beams: 2, max_length: 30 }, 999);
            let mut origins: Vec<usize> = batches.iter().flat_map(|batch| batch.origins.clone()).collect();
            origins.sort_unstable();
            prop_assert_eq!(origins, (0..sentences.len()).collect::<Vec<_>>());
            for batch in &batches {
                prop_assert!(batch.rows() == 1 || batch.rows() * batch.width <= tokens);
                prop_assert_eq!(batch.ids.len(), batch.rows() * batch.width);
                for (row, &origin) in batch.origins.iter().enumerate() {
                    let ids = &batch.ids[row * batch.width..(row + 1) * batch.width];
                    prop_assert_eq!(&ids[..batch.lengths[row]], &sentences[origin][..]);
                    prop_assert!(ids[batch.lengths[row]..].iter().all(|&id| id == 999));
                }
            }
        }
    }

    fn rows(lengths: &[usize], limits: &Limits) -> Vec<usize> {
        let sentences: Vec<Vec<u32>> = lengths.iter().map(|&length| vec![0; length]).collect();
        plan(&sentences, limits, 0).iter().map(Batch::rows).collect()
    }

    /// Two full batches and the short sentences that were left over once made a third, which one thread did alone.
    #[test]
    fn a_document_is_shared_out_evenly() {
        let lengths = [69, 47, 41, 37, 26, 23, 21, 20, 18, 18, 16, 12, 11, 10, 8];
        let limits = Limits { tokens: 2048, threads: 2, beams: 4, max_length: 512 };
        assert_eq!(rows(&lengths, &limits), [3, 12]);
        assert_eq!(
            rows(&lengths, &Limits { max_length: 26, ..limits }),
            [5, 10],
            "cut targets cost no more than others"
        );
        assert_eq!(rows(&lengths, &Limits { threads: 1, ..limits }), [15]);
        assert_eq!(rows(&lengths[12..], &limits), [3], "too little to share");
        assert_eq!(rows(&[30; 100], &Limits { tokens: 600, ..limits }), [17, 17, 17, 17, 17, 15]);
        assert_eq!(rows(&[], &limits), [0; 0]);
    }
}
