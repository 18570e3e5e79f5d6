//! Stage 3: source sentences → [`Translation`]s, in the same order.
//!
//! In: sentences as `&str`. Out: their English with score and token count. Knows no documents, no segments with places
//! and no output formats; it names none of its sibling modules but `error`.
//!
//! ```text
//! text ─ tokenizer ─ ids ─ batch ─ search ⇄ int8 | candle ─ ids ─ tokenizer ─ text
//! ```

pub mod batch;
pub mod candle;
mod clauses;
pub mod files;
pub mod int8;
#[allow(unsafe_code)]
pub mod kernel;
pub mod marian;
pub mod search;
pub mod tokenizer;

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::{Error, Result};
use batch::{Batch, Limits};
use candle::CandleNetwork;
use files::ModelFiles;
use int8::{Int8Network, Prepared};
use kernel::Kernel;
use marian::{Config, Generation, Weights};
use search::{Hypothesis, SearchOptions};
use tokenizer::Tokenizer;

/// A loaded model, ready to translate; shared by reference between threads.
pub struct Engine {
    tokenizer: Tokenizer,
    network: Network,
    config: Config,
    generation: Generation,
    /// Longest source in tokens, end token included.
    longest_source: usize,
}

/// Arithmetic of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Weights and activations quantised to 8 bits: the fast one.
    #[default]
    Int8,
    /// Everything in 32-bit floating point: the exact reference.
    F32,
}

impl Precision {
    /// `int8` or `f32`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::F32 => "f32",
        }
    }
}

/// The network in one of the precisions.
#[derive(Debug)]
enum Network {
    Int8(Box<Int8Network>),
    F32(CandleNetwork),
}

/// How to translate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranslateOptions {
    /// Hypotheses kept per sentence, 1 is greedy; `None` is the model's own default.
    pub beams: Option<usize>,
    /// Longest target in tokens, start and end included; `None` is the model's own default.
    pub max_length: Option<usize>,
    /// Source tokens of a batch, padding counted; `None` is 1,024, fewer with more than three beams.
    pub batch_tokens: Option<usize>,
    /// Threads that translate batches side by side.
    pub threads: usize,
}

impl Default for TranslateOptions {
    /// The model's own decoding, one thread for each processor.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { beams: None, max_length: None, batch_tokens: None, threads }
    }
}

/// The translation of one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// The English text.
    pub text: String,
    /// Mean log-probability per target token, end token included; 0 for an empty source.
    pub score: f32,
    /// Target tokens, end tokens included.
    pub tokens: usize,
    /// False when the model ran into its length limit, so that text may be missing or repeated.
    pub complete: bool,
}

/// How far a translation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Sentences translated.
    pub done: usize,
    /// Sentences in all.
    pub total: usize,
    /// Target tokens produced.
    pub tokens: usize,
}

/// What the workers of one run have done so far.
#[derive(Default)]
struct Done {
    progress: Progress,
    /// The best of every piece.
    hypotheses: Vec<Option<Hypothesis>>,
    /// The pieces of every source.
    pieces_of: Vec<std::ops::Range<usize>>,
    /// How many of them are still to come.
    missing: Vec<usize>,
    translations: Vec<Option<Translation>>,
}

/// What receives the hypotheses of a batch.
type OnBatch<'a> = &'a (dyn Fn(&mut Done, &Batch, Vec<Vec<Hypothesis>>) -> ControlFlow<()> + Sync);

/// What receives [`Progress`]; it may ask to stop.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) -> ControlFlow<()> + Sync);

/// What receives a translation, with the index of its source, as soon as its batch is done: in any order, from any thread.
pub type OnTranslation<'a> = &'a (dyn Fn(usize, &Translation) + Sync);

impl Engine {
    /// Loads a Marian model.
    ///
    /// `prepared` keeps the quantised weights: mapped when the file was made from these weights, else written (where that is
    /// possible) for the next time.
    ///
    /// # Errors
    /// [`Error::Model`] naming the file and what is wrong with it; [`Error::Option`] when the environment forces a kernel
    /// that this machine lacks.
    pub fn load(files: &ModelFiles, precision: Precision, prepared: Option<&Prepared>) -> Result<Self> {
        let config = Config::read(files)?;
        let generation = Generation::read(files, &config)?;
        let network = || -> Result<Network> {
            Ok(match precision {
                Precision::Int8 => Network::Int8(Box::new(int8_network(files, &config, prepared)?)),
                Precision::F32 => Network::F32(CandleNetwork::new(config.clone(), Weights::load(files, &config)?)?),
            })
        };
        let (tokenizer, network) = side_by_side(|| Tokenizer::load(files), network);
        let tokenizer = tokenizer?;
        for (side, entries, rows) in [
            ("source", tokenizer.source_vocabulary_size(), config.source_vocabulary),
            ("target", tokenizer.target_vocabulary_size(), config.target_vocabulary),
        ] {
            // Some models have a few rows to spare, for the sake of round numbers.
            if entries > rows || entries < rows - rows / 10 {
                return Err(files.fault(format!(
                    "the {side} vocabulary has {entries} entries, but config.json has {rows}: they are of different models"
                )));
            }
        }
        for (name, of_vocabulary, of_config) in
            [("</s>", Some(tokenizer.end()), config.end), ("<pad>", tokenizer.pad(), config.pad)]
        {
            if let Some(id) = of_vocabulary.filter(|&id| id != of_config) {
                return Err(files.fault(format!(
                    "{name} is {id} in vocab.json but {of_config} in config.json: they are of different models"
                )));
            }
        }
        let longest_source = tokenizer.max_length().unwrap_or(usize::MAX).min(config.max_positions).max(2);
        Ok(Self { tokenizer, network: network?, config, generation, longest_source })
    }

    /// The model's own way of decoding.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// The tokenizer of the model.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The precision it was loaded in.
    pub fn precision(&self) -> Precision {
        match self.network {
            Network::Int8(_) => Precision::Int8,
            Network::F32(_) => Precision::F32,
        }
    }

    /// Translates sentences; the result has one translation for each, in the same order.
    ///
    /// A sentence longer than the model takes is cut at clause marks, and its translations are joined. White space alone
    /// stays empty.
    ///
    /// # Errors
    /// [`Error::Stopped`] when `on_progress` asks to stop, [`Error::Option`] for options that cannot be used.
    pub fn translate(
        &self,
        sources: &[&str],
        options: &TranslateOptions,
        on_progress: OnProgress,
    ) -> Result<Vec<Translation>> {
        self.translate_each(sources, options, &|_, _| (), on_progress)
    }

    /// As [`translate`](Self::translate), and hands every translation over as soon as it is there, for a caller that keeps
    /// what is done should the run end early. White space alone is not reported.
    ///
    /// # Errors
    /// As [`translate`](Self::translate).
    pub fn translate_each(
        &self,
        sources: &[&str],
        options: &TranslateOptions,
        on_translation: OnTranslation,
        on_progress: OnProgress,
    ) -> Result<Vec<Translation>> {
        let search_options = self.search_options(options)?;
        let mut pieces: Vec<Vec<u32>> = Vec::new();
        let mut source_of: Vec<usize> = Vec::new();
        let mut done = Done { translations: vec![None; sources.len()], ..Done::default() };
        for (index, source) in sources.iter().enumerate() {
            let first = pieces.len();
            pieces.extend(self.pieces(source));
            source_of.resize(pieces.len(), index);
            done.pieces_of.push(first..pieces.len());
        }
        done.progress.total = pieces.len();
        done.hypotheses = vec![None; pieces.len()];
        done.missing = done.pieces_of.iter().map(std::ops::Range::len).collect();
        let limits = Limits {
            tokens: options.batch_tokens.unwrap_or_else(|| batch::default_tokens(search_options.beams)),
            threads: options.threads,
            beams: search_options.beams,
            max_length: search_options.max_length,
        };
        let batches = batch::plan(&pieces, &limits, self.config.pad);
        let on_batch = |done: &mut Done, batch: &Batch, found: Vec<Vec<Hypothesis>>| {
            for (&piece, hypotheses) in batch.origins.iter().zip(found) {
                let best = hypotheses.into_iter().next();
                done.progress.done += 1;
                done.progress.tokens += best.as_ref().map_or(0, |best| best.tokens.len());
                done.hypotheses[piece] = best;
                let source = source_of[piece];
                done.missing[source] -= 1;
                if done.missing[source] == 0 {
                    let translation = self.join(&done.hypotheses[done.pieces_of[source].clone()]);
                    on_translation(source, &translation);
                    done.translations[source] = Some(translation);
                }
            }
            on_progress(done.progress)
        };
        let done = self.run(&batches, done, &search_options, options.threads, &on_batch)?;
        Ok(done.translations.into_iter().map(|translation| translation.unwrap_or_else(|| self.join(&[]))).collect())
    }

    /// How this model decodes under these options.
    ///
    /// # Errors
    /// [`Error::Option`] for a value that the model cannot take.
    pub fn search_options(&self, options: &TranslateOptions) -> Result<SearchOptions> {
        let beams = options.beams.unwrap_or(self.generation.beams);
        let most = self.config.target_vocabulary / 4;
        if beams == 0 || beams > most.min(256) {
            return Err(Error::Option {
                option: "--beam",
                reason: format!("{beams} is not between 1 and {}", most.min(256)),
            });
        }
        let longest = self.config.max_positions + 1;
        let max_length = options.max_length.unwrap_or(self.generation.max_length);
        if max_length < 2 || max_length > longest {
            return Err(Error::Option {
                option: "--max-length",
                reason: format!("{max_length} is not between 2 and {longest}, the most this model can produce"),
            });
        }
        for (option, value) in [("--batch-tokens", options.batch_tokens), ("--threads", Some(options.threads))] {
            if value == Some(0) {
                return Err(Error::Option { option, reason: "0 is too small".to_owned() });
            }
        }
        Ok(SearchOptions { beams, max_length, ..SearchOptions::new(&self.config, &self.generation) })
    }

    /// Ids of a sentence, in as many pieces as the model needs; none for white space.
    fn pieces(&self, source: &str) -> Vec<Vec<u32>> {
        if source.trim().is_empty() {
            return Vec::new();
        }
        let ids = self.encode(source);
        if ids.len() <= self.longest_source {
            return vec![ids];
        }
        // No piece of a vocabulary is this long, so a longer text need not be tokenized to know that it does not fit.
        const LONGEST_PIECE: usize = 64;
        let fits = |text: &str| {
            text.len() <= self.longest_source * LONGEST_PIECE && self.encode(text).len() <= self.longest_source
        };
        let clauses = clauses::split(source, &fits);
        clauses
            .into_iter()
            .map(str::trim)
            .filter(|clause| !clause.is_empty())
            .map(|clause| self.encode(clause))
            .collect()
    }

    /// Ids of a text, `>>` at its start included.
    ///
    /// Up to the next `<<` that reads as a language code, as models for several languages have them; in a model without
    /// that code the words between would be lost, and a space before them keeps them.
    fn encode(&self, text: &str) -> Vec<u32> {
        let ids = self.tokenizer.encode(text);
        let is_unknown_code = text.starts_with(">>") && ids.first() == Some(&self.tokenizer.unknown());
        if is_unknown_code { self.tokenizer.encode(&format!(" {text}")) } else { ids }
    }

    /// Computes these batches and hands what was found to `on_batch`, one batch at a time.
    ///
    /// Workers take batches from one queue, and parallel over batches beats parallel within a matrix product. Where there are
    /// fewer batches than threads, the int8 network shares the rest out; the f32 one has one thread for each batch, since
    /// the sums of its matrix products may depend on their number.
    fn run(
        &self,
        batches: &[Batch],
        done: Done,
        options: &SearchOptions,
        threads: usize,
        on_batch: OnBatch,
    ) -> Result<Done> {
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let done = Mutex::new(done);
        let work = || -> Result<()> {
            let (mut int8_memory, mut f32_memory) = (None, None);
            while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                if stop.load(Ordering::Relaxed) {
                    return Err(Error::Stopped);
                }
                let found = match &self.network {
                    Network::Int8(network) => search::search(&**network, batch, options, &mut int8_memory)?,
                    Network::F32(network) => search::search(network, batch, options, &mut f32_memory)?,
                };
                let is_number =
                    |hypotheses: &Vec<Hypothesis>| hypotheses.first().is_some_and(|best| best.mean.is_finite());
                if !found.iter().all(is_number) {
                    // Weights are finite; that their products are can only be seen here.
                    return Err(candle_core::Error::Msg("the numbers of the network overflow".to_owned()).into());
                }
                let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if on_batch(&mut done, batch, found).is_break() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            if stop.load(Ordering::Relaxed) { Err(Error::Stopped) } else { Ok(()) }
        };
        let workers = threads.min(batches.len());
        let threads_each = match &self.network {
            Network::Int8(_) => (threads / workers.max(1)).max(1),
            Network::F32(_) => 1,
        };
        let worker = || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads_each).build();
            let pool = pool.map_err(|error| Error::Option { option: "--threads", reason: error.to_string() })?;
            let result = pool.install(work);
            if result.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
            result
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
            let results = workers.into_iter().map(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            // The first fault that is one; that others then stopped is no news.
            let faults: Vec<Error> = results.filter_map(Result::err).collect();
            faults.into_iter().reduce(|a, b| if matches!(a, Error::Stopped) { b } else { a }).map_or(Ok(()), Err)
        })?;
        Ok(done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// One translation from the hypotheses of its pieces.
    fn join(&self, hypotheses: &[Option<Hypothesis>]) -> Translation {
        let hypotheses = || hypotheses.iter().flatten();
        let texts: Vec<String> = hypotheses().map(|hypothesis| self.tokenizer.decode(&hypothesis.tokens)).collect();
        let tokens: usize = hypotheses().map(|hypothesis| hypothesis.tokens.len()).sum();
        let sum: f32 = hypotheses().map(|hypothesis| hypothesis.mean * hypothesis.tokens.len() as f32).sum();
        Translation {
            text: texts.join(" "),
            score: if tokens == 0 { 0.0 } else { sum / tokens as f32 },
            tokens,
            complete: hypotheses().all(|hypothesis| hypothesis.complete),
        }
    }
}

/// What both give, the first on a thread of its own.
fn side_by_side<A: Send, B>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), second)
    })
}

/// The int8 network, from its prepared file where that can be used.
fn int8_network(files: &ModelFiles, config: &Config, prepared: Option<&Prepared>) -> Result<Int8Network> {
    let kernel = Kernel::from_environment().map_err(|reason| Error::Option { option: kernel::VARIABLE, reason })?;
    if let Some(network) = prepared.and_then(|prepared| Int8Network::open(config.clone(), prepared, kernel)) {
        return Ok(network);
    }
    let network = Int8Network::new(config.clone(), &Weights::load(files, config)?, kernel)?;
    // A folder that cannot be written to costs time at the next start and nothing else.
    if let Some(prepared) = prepared.filter(|prepared| network.save(prepared).is_ok()) {
        return Ok(Int8Network::open(config.clone(), prepared, kernel).unwrap_or(network));
    }
    Ok(network)
}
