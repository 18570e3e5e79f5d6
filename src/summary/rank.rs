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
    let sentences: Vec<Vec<String>> = candidates.iter().map(|candidate| words(bitext, candidate.id)).collect();
    let mut frequency: HashMap<&str, f32> = HashMap::new();
    for word in sentences.iter().flatten() {
        *frequency.entry(word).or_default() += 1.0;
    }
    let title: HashSet<String> = title(bitext);
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
    let mut said: HashSet<&str> = HashSet::new();
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
        let known = words.iter().filter(|word| said.contains(word.as_str())).count();
        if known == words.len() && !chosen.is_empty() {
            continue;
        }
        let worth = score - REDUNDANCY * known as f32 / words.len().max(1) as f32;
        if worth < entry.worth && entry.index != 0 {
            heap.push(Entry { worth, ..entry });
        } else {
            said.extend(words.iter().map(String::as_str));
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

/// The different content words of a sentence.
fn words(bitext: &Bitext, id: SegmentId) -> Vec<String> {
    let mut words = bitext.segments.get(id).map_or_else(Vec::new, |segment| stems(&segment.source));
    words.sort_unstable();
    words.dedup();
    words
}

/// The content words of the title, or of the first heading where there is no title.
fn title(bitext: &Bitext) -> HashSet<String> {
    let kinds = [BlockKind::Title, BlockKind::Heading];
    let block = kinds.iter().find_map(|kind| bitext.blocks.iter().find(|block| block.kind == *kind));
    block.into_iter().flat_map(|block| &block.segments).flat_map(|id| words(bitext, *id)).collect()
}

/// How much a sentence is about what the document is about: how often its words occur elsewhere, on average, with short
/// sentences damped.
fn centrality(words: &[String], frequency: &HashMap<&str, f32>) -> f32 {
    const DAMPING: f32 = 6.0;
    let elsewhere = |word: &String| frequency.get(word.as_str()).map_or(0.0, |count| count - 1.0);
    words.iter().map(elsewhere).sum::<f32>() / (words.len() as f32 + DAMPING)
}
