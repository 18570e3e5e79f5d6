//! Documents, however many → bitexts in the same order, in bounded memory.
//!
//! In: an iterator over documents. Out: each document's bitext as soon as it is done. Sentences of many documents are
//! poured into shared batches; a sentence that occurs again, or is in the journal, is not translated again: its translation
//! depends on it alone. No files are read or written here.

use std::collections::HashMap;
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use super::journal::{Journal, Key};
use crate::bitext::Bitext;
use crate::document::Document;
use crate::engine::{OnProgress, Progress, Translation};
use crate::pipeline::Pipeline;
use crate::segment::{Segment, segment};
use crate::{Error, Result};

/// Documents are translated together up to so many characters, and so many more for each thread: enough for full batches
/// of similar sentences, little enough to write results soon and to hold them in memory.
const GROUP: usize = 100_000;
const GROUP_PER_THREAD: usize = 64_000;

/// What a document counts at least, so that a group of the shortest ones is bounded too.
const SHORTEST: usize = 100;

/// A document in two languages.
#[derive(Debug)]
pub struct Translated {
    /// The result.
    pub bitext: Bitext,
    /// How many of its sentences had been translated before: in an earlier run or further up.
    pub reused: usize,
}

/// Translates documents as they come, each with a tag that comes out with its bitext; an item without a document passes
/// through in its place. `journal` keeps finished sentences from run to run.
///
/// # Errors
/// [`Error::Stopped`] when `on_progress` asks to stop, the error of `on_document` when there is one. Finished sentences are
/// in the journal by then.
pub fn stream<T>(
    pipeline: &Pipeline,
    documents: impl IntoIterator<Item = (T, Option<Document>)>,
    journal: Option<&Journal>,
    on_progress: OnProgress,
    on_document: &mut dyn FnMut(T, Option<Translated>) -> Result<()>,
) -> Result<()> {
    let result = run(pipeline, documents, journal, on_progress, on_document);
    if let Some(journal) = journal {
        journal.flush();
    }
    result
}

fn run<T>(
    pipeline: &Pipeline,
    documents: impl IntoIterator<Item = (T, Option<Document>)>,
    journal: Option<&Journal>,
    on_progress: OnProgress,
    on_document: &mut dyn FnMut(T, Option<Translated>) -> Result<()>,
) -> Result<()> {
    let settings = Sha256::digest(pipeline.settings()?.0);
    let limit = GROUP + GROUP_PER_THREAD * pipeline.threads();
    let mut documents = documents.into_iter().fuse();
    let mut progress = Progress::default();
    loop {
        let mut group: Vec<(T, Option<Cut>)> = Vec::new();
        let mut characters = 0;
        while characters < limit
            && let Some((tag, document)) = documents.next()
        {
            let cut = document.map(|document| {
                let segments = segment(&document);
                progress.total += segments.len();
                characters += document.text.len().max(SHORTEST);
                (document, segments)
            });
            if on_progress(progress).is_break() {
                return Err(Error::Stopped);
            }
            if cut.is_none() && group.is_empty() {
                on_document(tag, None)?;
            } else {
                group.push((tag, cut));
            }
        }
        if group.is_empty() {
            return Ok(());
        }
        let segments = group.iter().filter_map(|(_, cut)| cut.as_ref()).flat_map(|(_, segments)| segments);
        let mut sentences = Sentences::new(segments.map(|segment| segment.text.as_str()), &settings, journal);
        sentences.translate(pipeline, limit, &mut progress, on_progress)?;
        let Sentences { index_of_use, translations, mut new, .. } = sentences;
        let mut uses = index_of_use.into_iter();
        for (tag, cut) in group {
            let translate = |(document, segments): Cut| -> Result<Translated> {
                let mut reused = segments.len();
                let of_segment = |index: usize| {
                    reused -= usize::from(std::mem::take(&mut new[index]));
                    translations[index].clone()
                };
                let translations = uses.by_ref().take(segments.len()).filter_map(of_segment).collect();
                Ok(Translated { bitext: pipeline.bitext(&document, segments, translations)?, reused })
            };
            on_document(tag, cut.map(translate).transpose()?)?;
        }
    }
}

/// A document and its sentences.
type Cut = (Document, Vec<Segment>);

/// The different sentences of a group.
struct Sentences<'a> {
    texts: Vec<&'a str>,
    keys: Vec<Key>,
    translations: Vec<Option<Translation>>,
    /// Whether it has to be translated.
    new: Vec<bool>,
    /// For every sentence of the group in reading order, its index in the lists above.
    index_of_use: Vec<usize>,
    journal: Option<&'a Journal>,
}

impl<'a> Sentences<'a> {
    fn new(uses: impl Iterator<Item = &'a str>, settings: &[u8], journal: Option<&'a Journal>) -> Self {
        let mut texts: Vec<&str> = Vec::new();
        let mut indexes: HashMap<&str, usize> = HashMap::new();
        let index_of_use = uses.map(|text| {
            *indexes.entry(text).or_insert_with(|| {
                texts.push(text);
                texts.len() - 1
            })
        });
        let index_of_use: Vec<usize> = index_of_use.collect();
        let key = |text: &&str| Sha256::new_with_prefix(settings).chain_update(text).finalize().into();
        let keys: Vec<Key> = if journal.is_some() { texts.iter().map(key).collect() } else { Vec::new() };
        let translations = journal.map_or_else(|| vec![None; texts.len()], |journal| journal.sentences(&keys));
        let new = translations.iter().map(Option::is_none).collect();
        Self { texts, keys, translations, new, index_of_use, journal }
    }

    /// Translates the new ones, up to `limit` characters at once.
    fn translate(
        &mut self,
        pipeline: &Pipeline,
        limit: usize,
        progress: &mut Progress,
        on_progress: OnProgress,
    ) -> Result<()> {
        let mut uses = vec![0; self.texts.len()];
        self.index_of_use.iter().for_each(|&index| uses[index] += 1);
        let known = |new: &[bool]| uses.iter().zip(new).filter(|(_, new)| !**new).map(|(uses, _)| uses).sum::<usize>();
        progress.done += known(&self.new);
        let mut new = (0..self.texts.len()).filter(|&index| self.new[index]).peekable();
        while new.peek().is_some() {
            let mut characters = 0;
            let mut chunk = Vec::new();
            while characters < limit
                && let Some(index) = new.next()
            {
                characters += self.texts[index].len();
                chunk.push(index);
            }
            let sources: Vec<&str> = chunk.iter().map(|&index| self.texts[index]).collect();
            let current = Mutex::new(*progress);
            let on_translation = |position: usize, translation: &Translation| {
                let index = chunk[position];
                current.lock().unwrap_or_else(std::sync::PoisonError::into_inner).done += uses[index];
                if let Some(journal) = self.journal {
                    journal.keep_sentence(self.keys[index], translation);
                }
            };
            let on_batch = |batch: Progress| {
                let mut current = *current.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                current.tokens += batch.tokens;
                on_progress(current)
            };
            let translations = pipeline.translations(&sources, &on_translation, &on_batch)?;
            progress.done += chunk.iter().map(|&index| uses[index]).sum::<usize>();
            progress.tokens += translations.iter().map(|translation| translation.tokens).sum::<usize>();
            for (&index, translation) in chunk.iter().zip(translations) {
                self.translations[index] = Some(translation);
            }
        }
        Ok(())
    }
}
