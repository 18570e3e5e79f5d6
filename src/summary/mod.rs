//! Stage 5: [`Bitext`] → [`Summary`]: a few of its segments that give a reader the point, in both languages.
//!
//! In: a bitext. Out: segment ids and their text in both languages. The sentences are chosen on the German side and
//! their English is the translation that stands in the report, so the two cannot disagree. Only `t5` knows a model, and
//! writes new sentences with it. Beside them stand facts of the report.

mod candidate;
mod facts;
mod german;
mod rank;
#[cfg(feature = "t5")]
pub mod t5;

use crate::Result;
use crate::bitext::{Bitext, BitextSegment, SegmentId, Summary};

/// What a caller may ask of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SummaryOptions {
    /// How many sentences at most; `None` chooses by the length of the report, or leaves it to the model.
    pub sentences: Option<usize>,
}

/// What makes summaries.
pub enum Summarizer {
    /// Chooses sentences of the report.
    Extractive,
    /// Writes new sentences.
    #[cfg(feature = "t5")]
    T5(Box<t5::T5>),
}

impl Summarizer {
    /// The language a model writes; `None` where the sentences are those of the report.
    pub fn language(&self) -> Option<&'static str> {
        match self {
            Self::Extractive => None,
            #[cfg(feature = "t5")]
            Self::T5(t5) => Some(t5.language()),
        }
    }

    /// Summarizes a report; where a model writes nothing that can be kept, by sentences of the report.
    ///
    /// What a German model writes is [`Summary::source`]; [`Summary::target`] is then left empty for its translation.
    ///
    /// # Errors
    /// [`Error::Model`](crate::Error::Model) or [`Error::Tensor`](crate::Error::Tensor) when the model cannot be computed.
    pub fn summarize(&self, bitext: &Bitext, options: &SummaryOptions) -> Result<Summary> {
        match self {
            Self::Extractive => Ok(summarize(bitext, options)),
            #[cfg(feature = "t5")]
            Self::T5(t5) => {
                let written = t5.summarize(bitext, options)?;
                let text = if t5.language() == "de" { &written.source } else { &written.target };
                let nothing = text.is_empty();
                Ok(if nothing { Summary { checks: written.checks, ..summarize(bitext, options) } } else { written })
            }
        }
    }
}

/// Chooses the sentences that stand for the report, in reading order.
///
/// The summary is empty where there is no sentence that could stand alone, and when no sentence was asked for.
pub fn summarize(bitext: &Bitext, options: &SummaryOptions) -> Summary {
    let candidates = candidate::candidates(bitext);
    let count = options.sentences.unwrap_or_else(|| default_count(candidates.len()));
    let mut segments = rank::choose(bitext, &candidates, count);
    segments.sort_unstable();
    let facts = facts::facts(bitext, &segments);
    Summary {
        method: Summary::EXTRACTIVE.to_owned(),
        written_in: None,
        source: join(bitext, &segments, |segment| &segment.source),
        target: join(bitext, &segments, |segment| &segment.target),
        segments,
        checks: Vec::new(),
        facts,
    }
}

/// Three sentences for a short report and one more for every dozen candidates, up to ten for a long one; never more than
/// half of what there is.
fn default_count(candidates: usize) -> usize {
    (3 + candidates / 12).min(10).min(candidates.div_ceil(2))
}

fn join(bitext: &Bitext, segments: &[SegmentId], text: impl Fn(&BitextSegment) -> &str) -> String {
    segments.iter().filter_map(|id| bitext.segments.get(*id)).map(text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_summary_follows_that_of_the_report() {
        assert_eq!([0, 1, 2, 5, 10, 30, 100, 5000].map(default_count), [0, 1, 1, 3, 3, 5, 10, 10]);
    }
}
