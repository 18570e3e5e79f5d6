//! Summaries in new words: a T5 reads the English sentences of a report and writes a few of its own, or the German ones
//! where it is a German model.
//!
//! In: a bitext and a T5 directory in the Hugging Face layout. Out: a summary whose sentences hold no number and no name
//! that the text they were made from does not hold; those that do are dropped, with a note on each. Where models come
//! from is the store's business.
//!
//! ```text
//! sentences ─ chunks of 512 tokens ─ network ─ sentences ─ checks ─ Summary
//!                       ↑──────── once more when still long ───┘
//! ```

mod network;
mod sentences;
mod settings;

use std::collections::HashSet;

use tokenizers::Tokenizer;

use super::{SummaryOptions, facts, german, join};
use crate::bitext::{Bitext, Check, CheckKind, SegmentId, Summary};
use crate::document::BlockKind;
use crate::engine::files::ModelFiles;
use crate::{Error, Result, quality};
use network::Network;
use settings::Rules;

/// Source tokens the network reads at once, end token included: what T5 was trained on.
const WINDOW: usize = 512;

/// A T5 that summarizes English; shared by reference between threads.
pub struct T5 {
    name: String,
    files: ModelFiles,
    tokenizer: Tokenizer,
    network: Network,
    rules: Rules,
    end: u32,
    german: bool,
}

/// Sentences that a T5 wrote.
#[derive(Default)]
struct Written {
    /// Those that hold no number and no name of their own.
    kept: Vec<String>,
    /// Why others were dropped.
    dropped: Vec<Check>,
}

impl T5 {
    /// Makes it read and write German.
    #[must_use]
    pub fn in_german(self) -> Self {
        Self { german: true, ..self }
    }

    /// The language it reads and writes, ISO 639-1.
    pub fn language(&self) -> &'static str {
        if self.german { "de" } else { "en" }
    }

    /// Loads a T5 from config.json, model.safetensors and tokenizer.json; generation_config.json may be there.
    ///
    /// `name` is what [`Summary::method`] calls it.
    ///
    /// # Errors
    /// [`Error::Model`] naming the file and what is wrong with it, [`Error::Read`].
    pub fn load(name: &str, files: &ModelFiles) -> Result<Self> {
        for file in ["config.json", "tokenizer.json", "model.safetensors"] {
            if !files.contains(file) {
                return Err(fault(files, format!("{file} is missing")));
            }
        }
        let config = settings::config(files)?;
        let rules = settings::rules(files, &config)?;
        let wrong = |error: tokenizers::Error| fault(files, format!("tokenizer.json: {error}"));
        let mut tokenizer = Tokenizer::from_bytes(&*files.read("tokenizer.json")?).map_err(wrong)?;
        // Some are published with these settings of their training, which would cut and fill texts unasked.
        tokenizer.with_padding(None).with_truncation(None).map_err(wrong)?;
        let entries = tokenizer.get_vocab_size(true);
        if entries > config.vocab_size {
            return Err(fault(
                files,
                format!("tokenizer.json has {entries} tokens, but config.json has {}", config.vocab_size),
            ));
        }
        let end = u32::try_from(config.eos_token_id).map_err(|error| fault(files, format!("eos_token_id: {error}")))?;
        let network = Network::load(files, &config, end)?;
        Ok(Self { name: name.to_owned(), files: files.clone(), tokenizer, network, rules, end, german: false })
    }

    /// Ids of the model's prefix and a text, end token included.
    ///
    /// # Errors
    /// [`Error::Model`] when the tokenizer cannot take the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let mut ids = self.ids(&format!("{}{text}", self.rules.prefix))?;
        ids.push(self.end);
        Ok(ids)
    }

    /// Ids the model writes for such a source, start token included: greedily, by the model's own rules.
    ///
    /// # Errors
    /// [`Error::Model`] when the weights are no numbers, [`Error::Tensor`] when the tensor library fails.
    pub fn generate(&self, source: &[u32]) -> Result<Vec<u32>> {
        self.generate_by(&self.rules, source)
    }

    /// The text of ids, without start and end.
    ///
    /// # Errors
    /// [`Error::Model`] when the tokenizer cannot take the ids.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        self.tokenizer.decode(ids, true).map_err(|error| self.tokenizer_fault(&error))
    }

    /// Summarizes a report in new words.
    ///
    /// [`Summary::segments`] are the sentences nearest to those of the summary. The text may be empty: nothing was left, or
    /// there was nothing to read. That of a German model is [`Summary::source`], and its English is left to the caller.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    pub fn summarize(&self, bitext: &Bitext, options: &SummaryOptions) -> Result<Summary> {
        let read = running_text(bitext, self.german);
        let texts: Vec<&str> = read.iter().map(|(_, text)| *text).collect();
        let mut written = self.write(&texts)?;
        if self.tokens(&written.kept)? > WINDOW {
            let again = self.write(&written.kept.iter().map(String::as_str).collect::<Vec<_>>())?;
            written.kept = again.kept;
            written.dropped.extend(again.dropped);
        }
        written.kept.truncate(options.sentences.unwrap_or(usize::MAX));
        let sources: Vec<(SegmentId, HashSet<String>)> = read.iter().map(|(id, text)| (*id, words(text))).collect();
        let mut segments: Vec<SegmentId> = written.kept.iter().filter_map(|text| nearest(text, &sources)).collect();
        segments.sort_unstable();
        segments.dedup();
        let text = written.kept.join(" ");
        let (source, target) = if self.german {
            (text, String::new())
        } else {
            (join(bitext, &segments, |segment| &segment.source), text)
        };
        Ok(Summary {
            method: format!("t5:{}", self.name),
            written_in: Some(self.language().to_owned()),
            facts: facts::facts(bitext, &segments),
            segments,
            source,
            target,
            checks: written.dropped,
        })
    }

    /// One round: each chunk of the text becomes a few sentences.
    fn write(&self, text: &[&str]) -> Result<Written> {
        let mut written = Written::default();
        for chunk in self.chunks(text)? {
            let mut source = self.encode(&chunk)?;
            // Only a single sentence can be longer than the window; a summary may pass over the end of it.
            if source.len() > WINDOW {
                source.truncate(WINDOW - 1);
                source.push(self.end);
            }
            // A short text must not be blown up to the length that suits an article.
            let rules = Rules { min_length: self.rules.min_length.min(source.len() / 2), ..self.rules.clone() };
            let output = self.generate_by(&rules, &source)?;
            let text = self.decode(&output)?;
            let mut sentences = if self.german { sentences::german(&text) } else { sentences::sentences(&text) };
            if output.last() != Some(&self.end)
                && let Some(cut) = sentences.pop()
            {
                written.dropped.push(dropped(&cut, CheckKind::Truncated, "was cut at the length limit"));
            }
            for sentence in sentences {
                let doubts = if self.german {
                    quality::invented_in_german(&chunk, &sentence, |word| german::stem(&word.to_lowercase()))
                } else {
                    quality::invented(&chunk, &sentence)
                };
                match doubts.first() {
                    None => written.kept.push(sentence),
                    Some(doubt) => {
                        let reasons: Vec<&str> = doubts.iter().map(|doubt| doubt.detail.as_str()).collect();
                        written.dropped.push(dropped(&sentence, doubt.kind, &reasons.join("; ")));
                    }
                }
            }
        }
        Ok(written)
    }

    /// Sentences in order, as many in each chunk as the network reads at once.
    fn chunks(&self, text: &[&str]) -> Result<Vec<String>> {
        let room = WINDOW.saturating_sub(self.encode("")?.len());
        let mut chunks: Vec<String> = Vec::new();
        let mut used = usize::MAX;
        for sentence in text {
            let tokens = self.ids(sentence)?.len();
            used = used.saturating_add(tokens);
            match chunks.last_mut().filter(|_| used <= room) {
                Some(chunk) => {
                    chunk.push(' ');
                    chunk.push_str(sentence);
                }
                None => {
                    used = tokens;
                    chunks.push((*sentence).to_owned());
                }
            }
        }
        Ok(chunks)
    }

    fn generate_by(&self, rules: &Rules, source: &[u32]) -> Result<Vec<u32>> {
        let ids = self.network.generate(source, rules)?;
        ids.ok_or_else(|| fault(&self.files, "model.safetensors: the network computes no numbers"))
    }

    fn tokens(&self, sentences: &[String]) -> Result<usize> {
        sentences.iter().map(|sentence| Ok(self.ids(sentence)?.len())).sum()
    }

    /// Ids of a text without end token.
    fn ids(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.tokenizer.encode(text, false).map_err(|error| self.tokenizer_fault(&error))?;
        Ok(encoding.get_ids().to_vec())
    }

    fn tokenizer_fault(&self, error: &tokenizers::Error) -> Error {
        fault(&self.files, format!("tokenizer.json: {error}"))
    }
}

/// The error for a summarizer whose files are at fault.
fn fault(files: &ModelFiles, reason: impl Into<String>) -> Error {
    Error::Model {
        model: files.name(),
        reason: reason.into(),
        hint:
            "a T5 directory holds config.json, model.safetensors and tokenizer.json; fetch the model again, or choose \
               another with --summarizer"
                .to_owned(),
    }
}

fn dropped(sentence: &str, kind: CheckKind, reason: &str) -> Check {
    Check { kind, detail: format!("“{sentence}” was dropped: {reason}") }
}

/// Sentences that stand in paragraphs, lists and quotations, in reading order, in one of the languages.
fn running_text(bitext: &Bitext, german: bool) -> Vec<(SegmentId, &str)> {
    let kinds = [BlockKind::Paragraph, BlockKind::ListItem, BlockKind::Quote];
    let ids = bitext.blocks.iter().filter(|block| kinds.contains(&block.kind)).flat_map(|block| &block.segments);
    let segments = ids.filter_map(|id| bitext.segments.get(*id));
    let texts = segments.map(|segment| (segment.id, if german { &segment.source } else { &segment.target }.trim()));
    texts.filter(|(_, text)| !text.is_empty()).collect()
}

/// The sentence that shares the largest part of its words with this text; of equals the first, and none that shares none.
fn nearest(text: &str, sentences: &[(SegmentId, HashSet<String>)]) -> Option<SegmentId> {
    let text = words(text);
    let mut nearest = None;
    let mut largest = 0.0;
    for (id, sentence) in sentences {
        let likeness = text.intersection(sentence).count() as f32 / text.union(sentence).count().max(1) as f32;
        if likeness > largest {
            (nearest, largest) = (Some(*id), likeness);
        }
    }
    nearest
}

/// The longer words and the numbers of a text.
fn words(text: &str) -> HashSet<String> {
    let words = text.split(|character: char| !character.is_alphanumeric());
    let tells = |word: &&str| word.chars().count() > 3 || word.contains(|character: char| character.is_ascii_digit());
    words.filter(tells).map(str::to_lowercase).collect()
}
