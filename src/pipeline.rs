//! The whole run: [`Document`] → [`Bitext`] with summary.
//!
//! In: documents. Out: bitexts in the same order. [`Pipeline::run_all`] is the one function that shows every stage.
//! No files are written and nothing is printed here.

use std::borrow::{Borrow, Cow};
use std::ops::ControlFlow;

use crate::bitext::{Bitext, BitextBlock, BitextSegment, Check, ModelFile, ModelInfo, Source, Summary};
use crate::document::Document;
use crate::engine::{Engine, OnProgress, OnTranslation, Precision, TranslateOptions, Translation};
use crate::segment::{Segment, segment};
use crate::store::{self, DownloadProgress, ResolvedModel, Store, StoreOptions};
#[cfg(feature = "t5")]
use crate::summary::t5::T5;
use crate::summary::{Summarizer, SummaryOptions};
use crate::today::today;
use crate::{Result, capitals, enumeration, quality};

/// The summarizer that needs no model.
const EXTRACTIVE: &str = Summary::EXTRACTIVE;

/// A loaded model with its options: turns documents into bitexts. `Send + Sync`; share it by reference.
pub struct Pipeline {
    engine: Engine,
    model: ModelInfo,
    notice: Option<String>,
    options: TranslateOptions,
    summary: Option<Summarizing>,
}

/// How reports are summarized.
struct Summarizing {
    options: SummaryOptions,
    summarizer: Summarizer,
    /// Digests of its model.
    digests: Vec<ModelFile>,
}

/// Chooses a model and options for a [`Pipeline`].
#[derive(Clone)]
pub struct Builder {
    model: String,
    store: StoreOptions,
    precision: Precision,
    options: TranslateOptions,
    summary: Option<SummaryOptions>,
    summarizer: String,
}

impl Builder {
    /// `auto` (the default), `opus-mt-de-en`, `bundled`, the hub id of a Marian model, or a directory.
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.model = name.into();
        self
    }

    /// Where models are looked for and whether the network may be used.
    pub fn store(mut self, store: StoreOptions) -> Self {
        self.store = store;
        self
    }

    /// The numbers the network computes with.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// How to decode and on how many threads.
    pub fn decoding(mut self, options: TranslateOptions) -> Self {
        self.options = options;
        self
    }

    /// How to summarize; `None` leaves the summary out.
    pub fn summary(mut self, summary: Option<SummaryOptions>) -> Self {
        self.summary = summary;
        self
    }

    /// `extractive` (the default), `t5`, or the catalogue name, hub id or directory of another T5. It reads English where the
    /// catalogue does not know it for a German one; `de:` before the name says that it is one.
    ///
    /// It is loaded only where a summary is asked for.
    pub fn summarizer(mut self, name: impl Into<String>) -> Self {
        self.summarizer = name.into();
        self
    }

    /// Finds, verifies and loads the model.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) or [`Error::Model`](crate::Error::Model) when there is no usable
    /// model, [`Error::Option`](crate::Error::Option) for options that the model cannot take.
    pub fn build(self) -> Result<Pipeline> {
        self.build_with(&|_| ControlFlow::Continue(()))
    }

    /// As [`build`](Self::build), telling how a download goes.
    ///
    /// # Errors
    /// As [`build`](Self::build), and [`Error::Stopped`](crate::Error::Stopped) when `on_download` asks to stop.
    pub fn build_with(self, on_download: &dyn Fn(DownloadProgress) -> ControlFlow<()>) -> Result<Pipeline> {
        let store = Store::new(self.store);
        let resolved = store.resolve(&self.model, on_download)?;
        let summary = match self.summary {
            Some(options) => {
                let (summarizer, digests) = summarizer(&self.summarizer, &store, on_download)?;
                Some(Summarizing { options, summarizer, digests })
            }
            None => None,
        };
        Pipeline::load(resolved, self.precision, self.options, summary)
    }
}

impl Pipeline {
    /// Starts from model `auto`, the model's own decoding, all processors and a summary by length.
    pub fn builder() -> Builder {
        Builder {
            model: "auto".to_owned(),
            store: StoreOptions::from_environment(),
            precision: Precision::default(),
            options: TranslateOptions::default(),
            summary: Some(SummaryOptions::default()),
            summarizer: EXTRACTIVE.to_owned(),
        }
    }

    fn load(
        resolved: ResolvedModel,
        precision: Precision,
        options: TranslateOptions,
        summary: Option<Summarizing>,
    ) -> Result<Self> {
        let engine = Engine::load(&resolved.files, precision, resolved.prepared.as_ref())?;
        let beam = engine.search_options(&options)?.beams;
        let model = ModelInfo {
            name: resolved.name,
            commit: resolved.commit,
            precision: precision.name().to_owned(),
            beam,
            files: resolved.digests,
            caution: resolved.caution,
        };
        Ok(Self { engine, model, notice: resolved.notice, options, summary })
    }

    /// The model that translates.
    pub fn model(&self) -> &ModelInfo {
        &self.model
    }

    /// What the user should know about the choice of the model, if anything.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Translates one document.
    ///
    /// # Errors
    /// [`Error::Tensor`](crate::Error::Tensor) when the tensor library fails, [`Error::Model`](crate::Error::Model) when the
    /// weights of the summarizer are no numbers.
    pub fn run(&self, document: &Document) -> Result<Bitext> {
        let bitexts = self.run_all(std::slice::from_ref(document), &|_| ControlFlow::Continue(()))?;
        Ok(bitexts.into_iter().next().expect("one document gives one bitext"))
    }

    /// Translates many documents, their sentences poured into shared batches; one bitext each, in order. All are held in
    /// memory: for more of them than that there is [`folder::stream`](crate::folder::stream()).
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`Error::Stopped`](crate::Error::Stopped) when `on_progress` asks to stop.
    pub fn run_all<D: Borrow<Document>>(
        &self,
        documents: impl IntoIterator<Item = D>,
        on_progress: OnProgress,
    ) -> Result<Vec<Bitext>> {
        let documents: Vec<D> = documents.into_iter().collect();
        let segments: Vec<Vec<Segment>> = documents.iter().map(|document| segment(document.borrow())).collect();
        let sources: Vec<&str> = segments.iter().flatten().map(|segment| segment.text.as_str()).collect();
        let mut translations = self.translations(&sources, &|_, _| (), on_progress)?.into_iter();
        let bitexts = documents.iter().zip(segments).map(|(document, segments)| {
            let translations = translations.by_ref().take(segments.len()).collect();
            self.bitext(document.borrow(), segments, translations)
        });
        bitexts.collect()
    }

    /// The middle of [`run_all`](Self::run_all): sentences → translations, each also handed over as soon as it is there.
    /// A source in capitals goes through the engine in the usual case and comes back in capitals; the number of a heading or
    /// a list item stays outside, and so does all of a source without a letter, such as a figure in a table.
    pub(crate) fn translations(
        &self,
        sources: &[&str],
        on_translation: OnTranslation,
        on_progress: OnProgress,
    ) -> Result<Vec<Translation>> {
        let parts: Vec<(&str, Cow<'_, str>)> = sources
            .iter()
            .map(|source| {
                let speaks = source.chars().any(char::is_alphabetic);
                let (number, text) = if speaks { enumeration::split(source) } else { (*source, "") };
                (number, capitals::usual_case(text))
            })
            .collect();
        let texts: Vec<&str> = parts.iter().map(|(_, text)| text.as_ref()).collect();
        let set_back = |index: usize, translation: &Translation| {
            let (number, usual) = &parts[index];
            let text = match usual {
                Cow::Borrowed(_) if number.is_empty() => return None,
                Cow::Borrowed(_) => format!("{number}{}", translation.text),
                Cow::Owned(_) => format!("{number}{}", translation.text.to_uppercase()),
            };
            Some(Translation { text, ..translation.clone() })
        };
        let on_each = |index: usize, translation: &Translation| {
            on_translation(index, set_back(index, translation).as_ref().unwrap_or(translation));
        };
        let mut translations = self.engine.translate_each(&texts, &self.options, &on_each, on_progress)?;
        for (index, translation) in translations.iter_mut().enumerate() {
            if let Some(whole) = set_back(index, translation) {
                *translation = whole;
            }
        }
        Ok(translations)
    }

    /// The end of [`run_all`](Self::run_all): a document, its segments and a translation for each → its bitext.
    pub(crate) fn bitext(
        &self,
        document: &Document,
        segments: Vec<Segment>,
        translations: Vec<Translation>,
    ) -> Result<Bitext> {
        let mut bitext = self.align(document, segments, translations);
        if let Some(Summarizing { options, summarizer, .. }) = &self.summary {
            let mut summary = summarizer.summarize(&bitext, options)?;
            if summary.written_in.as_deref() == Some("de") {
                summary.target = self.english(&summary.source)?;
            }
            bitext.summary = Some(summary);
        }
        Ok(bitext)
    }

    /// A German text in English, sentence by sentence.
    fn english(&self, text: &str) -> Result<String> {
        let document = Document::from_text(text);
        let segments = segment(&document);
        let sources: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
        let translations = self.translations(&sources, &|_, _| (), &|_| ControlFlow::Continue(()))?;
        let polished =
            sources.iter().zip(&translations).map(|(source, translation)| quality::polish(source, &translation.text).0);
        Ok(polished.collect::<Vec<_>>().join(" "))
    }

    /// How many threads translate.
    pub(crate) fn threads(&self) -> usize {
        self.options.threads
    }

    /// All that a sentence's translation depends on besides the sentence, and all that a bitext depends on besides the
    /// document, as texts to be compared: equal settings give equal results.
    pub(crate) fn settings(&self) -> Result<(String, String)> {
        // Every field is named, so that a new one cannot be forgotten here.
        let Self { engine, model, notice: _, options, summary } = self;
        let ModelInfo { name, commit, precision, beam: _, files, caution } = model;
        let program = env!("CARGO_PKG_VERSION");
        let sentence = format!("{program} {precision} {files:?} {:?}", engine.search_options(options)?);
        let summary = summary
            .as_ref()
            .map(|Summarizing { options, summarizer, digests }| (options, summarizer.language(), digests));
        let bitext = format!("{sentence} {name:?} {commit:?} {caution:?} {summary:?}");
        Ok((sentence, bitext))
    }

    /// Translates loose sentences as they are, one translation each, in order. Offsets count within each sentence.
    ///
    /// # Errors
    /// As [`run_all`](Self::run_all).
    pub fn translate(&self, sources: &[&str], on_progress: OnProgress) -> Result<Vec<BitextSegment>> {
        let translations = self.engine.translate(sources, &self.options, on_progress)?;
        let aligned = sources.iter().zip(translations).enumerate().map(|(id, (source, translation))| {
            bitext_segment(id, 0..source.chars().count(), (*source).to_owned(), translation)
        });
        Ok(aligned.collect())
    }

    fn align(&self, document: &Document, segments: Vec<Segment>, translations: Vec<Translation>) -> Bitext {
        let mut blocks: Vec<BitextBlock> = document.blocks.iter().map(BitextBlock::from).collect();
        let mut characters = document.characters();
        let mut aligned = Vec::with_capacity(segments.len());
        for (id, (segment, translation)) in segments.into_iter().zip(translations).enumerate() {
            blocks[segment.block].segments.push(id);
            let place = characters.at(segment.range.start)..characters.at(segment.range.end);
            let (text, notes) = quality::polish(&segment.text, &translation.text);
            let mut pair = bitext_segment(id, place, segment.text, Translation { text, ..translation });
            pair.checks.extend(notes);
            aligned.push(pair);
        }
        for (id, check) in quality::report_checks(&aligned) {
            aligned[id].checks.push(check);
        }
        let source = Source {
            path: document.path.clone(),
            sha256: document.sha256.clone(),
            language: "de".to_owned(),
            encoding: document.encoding.to_owned(),
            characters: characters.at(document.text.len()),
            notices: document.notices.clone(),
        };
        Bitext { source, model: self.model.clone(), date: today(), blocks, segments: aligned, summary: None }
    }
}

/// Loads what is to make the summaries.
#[cfg(feature = "t5")]
fn summarizer(name: &str, store: &Store, on_download: store::OnProgress) -> Result<(Summarizer, Vec<ModelFile>)> {
    let (german, name) = match name.strip_prefix("de:") {
        Some(name) => (true, name),
        None => (store.language(name) == Some("de"), name),
    };
    let name = match name {
        EXTRACTIVE => return Ok((Summarizer::Extractive, Vec::new())),
        "t5" => "t5-small",
        name => name,
    };
    let resolved = store.resolve_summarizer(name, on_download)?;
    let t5 = T5::load(&resolved.name, &resolved.files)?;
    Ok((Summarizer::T5(Box::new(if german { t5.in_german() } else { t5 })), resolved.digests))
}

#[cfg(not(feature = "t5"))]
fn summarizer(name: &str, _: &Store, _: store::OnProgress) -> Result<(Summarizer, Vec<ModelFile>)> {
    if name == EXTRACTIVE {
        return Ok((Summarizer::Extractive, Vec::new()));
    }
    let reason = format!("this build has no T5, so that `{name}` cannot be loaded; only `{EXTRACTIVE}` is there");
    Err(crate::Error::Option { option: "--summarizer", reason })
}

fn bitext_segment(id: usize, place: std::ops::Range<usize>, source: String, translation: Translation) -> BitextSegment {
    let checks: Vec<Check> = match source.trim() {
        "" => Vec::new(),
        trimmed => quality::checks(trimmed, &translation.text, translation.score, !translation.complete),
    };
    BitextSegment {
        id,
        start: place.start,
        end: place.end,
        source,
        target: translation.text,
        score: translation.score,
        checks,
    }
}
