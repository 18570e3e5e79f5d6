//! Scores the candidates and chooses among them. In: candidates. Out: the chosen segments, best first.
//!
//! News says the most important first, so place counts most; a long text also wants what its whole is about, so words
//! that are frequent in the document count, and those of its title. A sentence is worth less the more of its words are
//! in the summary already, and nothing when all of them are.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::bitext::{Bitext, SegmentId};
use crate::document::BlockKind;

use super::candidate::Candidate;
use super::german::stems;

// Weights of the parts of a score. On encyclopaedic texts with reference summaries each of them helps and none is
// sensitive: half or double of any changes ROUGE by less than its spread over documents.
const PLACE: f32 = 1.0;
const OPENING: f32 = 0.15;
const CENTRALITY: f32 = 1.0;
const TITLE: f32 = 0.3;
const REDUNDANCY: f32 = 0.7;

/// Candidates after which place has lost half of its weight.
const HALF: f32 = 4.0;

/// The best `count` candidates, the first one always among them.
pub(super) fn choose(bitext: &Bitext, candidates: &[Candidate], count: usize) -> Vec<SegmentId> {
    let mut lexicon = Lexicon::default();
    let title: HashSet<Word> = title(bitext, &mut lexicon);
    let sentences: Vec<Vec<Word>> = candidates.iter().map(|candidate| lexicon.words(bitext, candidate.id)).collect();
    let mut frequency = vec![0.0; lexicon.0.len()];
    for word in sentences.iter().flatten() {
        frequency[*word] += 1.0;
    }
    let centralities: Vec<f32> = sentences.iter().map(|words| centrality(words, &frequency)).collect();
    let most_central = centralities.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let mut scores: Vec<f32> = Vec::with_capacity(candidates.len());
    for (place, ((candidate, words), centrality)) in candidates.iter().zip(&sentences).zip(&centralities).enumerate() {
        let named = words.iter().filter(|word| title.contains(*word)).count() as f32 / title.len().max(1) as f32;
        scores.push(
            PLACE * HALF / (HALF + place as f32)
                + if candidate.opens_paragraph { OPENING } else { 0.0 }
                + CENTRALITY * centrality / most_central
                + TITLE * named,
        );
    }
    let mut said: HashSet<Word> = HashSet::new();
    let mut chosen: Vec<SegmentId> = Vec::new();
    let mut heap = BinaryHeap::new();
    for (index, score) in scores.iter().enumerate() {
        // The first sentence is in whatever it says.
        heap.push(Entry { worth: if index == 0 { f32::INFINITY } else { *score }, index });
    }
    while let Some(entry) = heap.pop().filter(|_| chosen.len() < count) {
        let (Some(candidate), Some(words), Some(score)) =
            (candidates.get(entry.index), sentences.get(entry.index), scores.get(entry.index))
        else {
            break;
        };
        // What is said only grows, so a worth only falls: one that still holds is the best there is.
        let known = words.iter().filter(|word| said.contains(word)).count();
        if known == words.len() && !chosen.is_empty() {
            continue;
        }
        let worth = score - REDUNDANCY * known as f32 / words.len().max(1) as f32;
        if worth < entry.worth && entry.index != 0 {
            heap.push(Entry { worth, ..entry });
        } else {
            said.extend(words);
            chosen.push(candidate.id);
        }
    }
    chosen
}

/// A sentence by what it would add; of equals the earlier one is greater.
struct Entry {
    worth: f32,
    index: usize,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.worth.total_cmp(&other.worth).then(other.index.cmp(&self.index))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

/// A content word's number: a document of a million sentences has far fewer words than places where they stand.
type Word = usize;

/// The numbers of the words met so far.
#[derive(Default)]
struct Lexicon(HashMap<String, Word>);

impl Lexicon {
    /// The different content words of a sentence.
    fn words(&mut self, bitext: &Bitext, id: SegmentId) -> Vec<Word> {
        let stems = bitext.segments.get(id).map_or_else(Vec::new, |segment| stems(&segment.source));
        let mut words: Vec<Word> = stems
            .into_iter()
            .map(|stem| {
                let next = self.0.len();
                *self.0.entry(stem).or_insert(next)
            })
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// The content words of the title, or of the first heading where there is no title.
fn title(bitext: &Bitext, lexicon: &mut Lexicon) -> HashSet<Word> {
    let kinds = [BlockKind::Title, BlockKind::Heading];
    let block = kinds.iter().find_map(|kind| bitext.blocks.iter().find(|block| block.kind == *kind));
    block.into_iter().flat_map(|block| &block.segments).flat_map(|id| lexicon.words(bitext, *id)).collect()
}

/// How much a sentence is about what the document is about: how often its words occur elsewhere, on average, with short
/// sentences damped.
fn centrality(words: &[Word], frequency: &[f32]) -> f32 {
    const DAMPING: f32 = 6.0;
    let elsewhere = |word: &Word| frequency[*word] - 1.0;
    words.iter().map(elsewhere).sum::<f32>() / (words.len() as f32 + DAMPING)
}
