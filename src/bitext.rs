//! A report in two languages: every segment with its translation, score and checks, and where all of it came from.
//!
//! This is all that summarizers and writers may read: no model types, no tensors, no files. It serialises to the JSON
//! form of the command line (`-f json`), where offsets count Unicode characters so that other languages can use them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize, Serializer};

use crate::document::{Block, BlockKind, Opens};

/// Index of a segment in [`Bitext::segments`].
pub type SegmentId = usize;

/// A report, aligned source and target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bitext {
    /// The document it was made from.
    pub source: Source,
    /// The model that translated it.
    pub model: ModelInfo,
    /// The day it was translated, `2026-11-23`, in UTC.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<String>,
    /// Structure: the blocks in reading order, each naming its segments.
    pub blocks: Vec<BitextBlock>,
    /// The segments in reading order; a segment's id is its index.
    pub segments: Vec<BitextSegment>,
    /// The summary in both languages, when one was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub summary: Option<Summary>,
}

impl Bitext {
    /// How many sentences are doubtful.
    pub fn doubtful(&self) -> usize {
        self.segments.iter().filter(|segment| segment.is_doubtful()).count()
    }
}

/// Provenance of the source text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Path as the user gave it; `None` for text handed over in memory.
    #[serde(serialize_with = "path_as_text")]
    pub path: Option<PathBuf>,
    /// SHA-256 of the bytes it was read from, lower-case hexadecimal.
    pub sha256: String,
    /// Language of the source, ISO 639-1.
    pub language: String,
    /// Character encoding it was decoded from.
    pub encoding: String,
    /// Length of the decoded text in Unicode characters.
    pub characters: usize,
    /// What the user should know about it: what was left out, or that it does not seem to be German.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notices: Vec<String>,
}

/// Which model translated, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Catalogue name, hub id or directory.
    pub name: String,
    /// Commit on the hub, when it came from there.
    pub commit: Option<String>,
    /// `int8` or `f32`.
    pub precision: String,
    /// Number of beams; 1 is greedy.
    pub beam: usize,
    /// The model's files.
    pub files: Vec<ModelFile>,
    /// What readers of every report by it must know: the bundled model is a rough one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caution: Option<String>,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    /// File name.
    pub name: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
}

/// One block of the document and the segments in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BitextBlock {
    /// What it is.
    pub kind: BlockKind,
    /// Heading level, nesting depth of a list item or column of a table cell, from 1; otherwise 0.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub level: u8,
    /// It goes on in the table cell of the block before: a further paragraph of it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub continues: bool,
    /// It is the first cell with text of a row or a table; where none says so, a row ends before a column that is not greater.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opens: Option<Opens>,
    /// Its segments in reading order; none for code.
    pub segments: Vec<SegmentId>,
    /// The text of a block that is kept as it is (code).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
}

impl From<&Block> for BitextBlock {
    /// A block whose segments are still to come.
    fn from(block: &Block) -> Self {
        Self {
            kind: block.kind,
            level: block.level,
            continues: block.continues,
            opens: block.opens,
            segments: Vec::new(),
            text: (block.kind == BlockKind::Code).then(|| block.text().to_owned()),
        }
    }
}

/// One sentence in both languages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BitextSegment {
    /// Its index in [`Bitext::segments`].
    pub id: SegmentId,
    /// First Unicode character of it in the decoded source text.
    pub start: usize,
    /// One past its last Unicode character.
    pub end: usize,
    /// The German sentence, without markup and line breaks.
    pub source: String,
    /// The English sentence.
    pub target: String,
    /// Mean log-probability per target token, end token included: 0 is certainty, below about -1 is doubt.
    pub score: f32,
    /// Doubts about the translation and notes on it; empty when there are none.
    pub checks: Vec<Check>,
}

impl BitextSegment {
    /// What looked wrong with the translation.
    pub fn doubts(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.kind.is_doubt())
    }

    /// What was done to it that is no doubt.
    pub fn notes(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.kind.is_doubt())
    }

    /// Whether anything looked wrong.
    pub fn is_doubtful(&self) -> bool {
        self.doubts().next().is_some()
    }
}

/// A doubt about one translated sentence, or a note on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which check.
    pub kind: CheckKind,
    /// What it saw, for a reader: "1.250 is missing".
    pub detail: String,
}

/// The kinds of doubt, and of notes that are none ([`is_doubt`](Self::is_doubt)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckKind {
    /// A number of the source is not in the target, or the other way round.
    Number,
    /// The same words again and again.
    Repetition,
    /// The target is much too short or too long for the source.
    Length,
    /// The source stands untranslated in the target.
    Copied,
    /// The model stopped at its length limit.
    Truncated,
    /// The model itself was unsure.
    LowScore,
    /// A name is spelled otherwise in other sentences.
    Spelling,
    /// Figures that the model left in German form were put in English form: a note, no doubt.
    Polished,
    /// A place of the source is not in the target, or a name in a summary is not in the text it was made from.
    Name,
    /// A web or mail address of the source is not in the target as it was.
    Address,
    /// A word of the target is no English known here and not in the source, or a character was not finished.
    Word,
}

impl CheckKind {
    /// Whether it says that something looked wrong, and not only what was done.
    pub fn is_doubt(self) -> bool {
        self != Self::Polished
    }
}

/// A summary in both languages: sentences of the report, or new English ones beside those of the report they are nearest to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// [`EXTRACTIVE`](Self::EXTRACTIVE), or `t5:` and the name of the model that wrote it.
    pub method: String,
    /// The language the model wrote, `en` or `de`; none where the sentences are those of the report.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub written_in: Option<String>,
    /// The chosen segments in reading order; those nearest to the new sentences where a model wrote them.
    pub segments: Vec<SegmentId>,
    /// Their German text, or that of a model that wrote German.
    pub source: String,
    /// Their English text, or that of the model, or the translation of its German one.
    pub target: String,
    /// One for each sentence that the model wrote and that was dropped, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub checks: Vec<Check>,
    /// Dates, places, organisations and figures that stand in the report, in this order of kinds.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub facts: Vec<Fact>,
}

/// Something that a report says when, where, of whom or how much, and the sentences where it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub kind: FactKind,
    /// As the report has it.
    pub source: String,
    /// In English, by rule and word list and not by the model.
    pub target: String,
    /// The sentences that hold it, in reading order.
    pub segments: Vec<SegmentId>,
}

/// The kinds of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FactKind {
    /// A day, a month of a year, a season of a year.
    Date,
    /// A country, region or town.
    Place,
    /// An authority, alliance, court or company.
    Organisation,
    /// A number with its unit.
    Figure,
}

impl Summary {
    /// [`method`](Self::method) of a summary that consists of sentences of the report.
    pub const EXTRACTIVE: &str = "extractive";

    /// The English text where it is not that of the segments.
    pub fn new_words(&self) -> Option<&str> {
        (self.method != Self::EXTRACTIVE && !self.target.is_empty()).then_some(self.target.as_str())
    }
}

/// A path that is no Unicode is written with replacement characters: a report must not be lost to its file name.
fn path_as_text<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| path.to_string_lossy()).serialize(serializer)
}

fn is_zero(level: &u8) -> bool {
    *level == 0
}
