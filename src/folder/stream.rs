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

/// What an item counts at least, so that a group is bounded when they are short, or no documents at all.
const SHORTEST: usize = 100;

/// A document in two languages.
#[derive(Debug)]
pub struct Translated {
    /// The result.
    pub bitext: Bitext,
    /// How many of its sentences had been translated before: in an earlier run or further up.
    pub reused: usize,
}

/// Translates documents as they come, each with a tag that comes out with its bitext, or with the fault that kept it from
/// having one; an item without a document passes through in its place. `journal` keeps finished sentences from run to run.
///
/// # Errors
/// [`Error::Stopped`] when `on_progress` asks to stop, the error of `on_document` when there is one. Finished sentences are
/// in the journal by then.
pub fn stream<T>(
    pipeline: &Pipeline,
    documents: impl IntoIterator<Item = (T, Option<Document>)>,
    journal: Option<&Journal>,
    on_progress: OnProgress,
    on_document: OnDocument<T>,
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
    on_document: OnDocument<T>,
) -> Result<()> {
    let settings = Sha256::digest(pipeline.settings()?.0);
    let limit = GROUP + GROUP_PER_THREAD * pipeline.threads();
    let mut run = Run { pipeline, journal, settings: &settings, limit, progress: Progress::default(), on_progress };
    let mut documents = documents.into_iter().fuse();
    loop {
        let mut group: Group<T> = Vec::new();
        let mut characters = 0;
        while characters < limit
            && let Some((tag, document)) = documents.next()
        {
            let cut = document.map(|document| {
                let segments = segment(&document);
                run.progress.total += segments.len();
                (document, segments)
            });
            if on_progress(run.progress).is_break() {
                return Err(Error::Stopped);
            }
            if cut.is_none() && group.is_empty() {
                on_document(tag, None)?;
            } else {
                characters += cut.as_ref().map_or(0, |(document, _)| document.text.len()).max(SHORTEST);
                group.push((tag, cut));
            }
        }
        if group.is_empty() {
            return Ok(());
        }
        run.translate(group, on_document)?;
    }
}

/// What receives the items of a stream: each with its bitext, or why there is none; without either where it had no document.
type OnDocument<'a, T> = &'a mut dyn FnMut(T, Option<Result<Translated>>) -> Result<()>;

/// Items that are translated together.
type Group<T> = Vec<(T, Option<Cut>)>;

/// A document and its sentences.
type Cut = (Document, Vec<Segment>);

/// What stays the same from group to group, and how far all of them have come.
struct Run<'a> {
    pipeline: &'a Pipeline,
    journal: Option<&'a Journal>,
    settings: &'a [u8],
    /// Characters translated at once.
    limit: usize,
    progress: Progress,
    on_progress: OnProgress<'a>,
}

impl Run<'_> {
    /// Translates a group and hands its items over. Where the network fails, halves of the group go on alone, and the fault
    /// stays with the document that it came from.
    fn translate<T>(&mut self, mut group: Group<T>, on_document: OnDocument<T>) -> Result<()> {
        let segments = group.iter().filter_map(|(_, cut)| cut.as_ref()).flat_map(|(_, segments)| segments);
        let texts = segments.map(|segment| segment.text.as_str());
        let mut sentences = Sentences::new(texts, self.settings, self.journal);
        let before = self.progress;
        match sentences.translate(self.pipeline, self.limit, &mut self.progress, self.on_progress) {
            Ok(()) => {}
            Err(error @ Error::Tensor(_)) => {
                self.progress = before;
                drop(sentences);
                let rest = group.split_off(group.len() / 2);
                return match (group.is_empty(), rest) {
                    (true, rest) => rest
                        .into_iter()
                        .zip([error])
                        .try_for_each(|((tag, cut), error)| on_document(tag, cut.map(|_| Err(error)))),
                    (false, rest) => {
                        self.translate(group, on_document)?;
                        self.translate(rest, on_document)
                    }
                };
            }
            Err(error) => return Err(error),
        }
        let Sentences { index_of_use, mut uses, mut translations, mut new, .. } = sentences;
        let mut indexes = index_of_use.into_iter();
        for (tag, cut) in group {
            let translate = |(document, segments): Cut| -> Result<Translated> {
                let mut reused = segments.len();
                let of_segment = |index: usize| {
                    reused -= usize::from(std::mem::take(&mut new[index]));
                    uses[index] -= 1;
                    if uses[index] == 0 { translations[index].take() } else { translations[index].clone() }
                };
                let translations = indexes.by_ref().take(segments.len()).filter_map(of_segment).collect();
                Ok(Translated { bitext: self.pipeline.bitext(&document, segments, translations)?, reused })
            };
            on_document(tag, cut.map(translate))?;
        }
        Ok(())
    }
}

/// The different sentences of a group.
struct Sentences<'a> {
    texts: Vec<&'a str>,
    keys: Vec<Key>,
    translations: Vec<Option<Translation>>,
    /// Whether it has to be translated.
    new: Vec<bool>,
    /// How often it occurs in the group.
    uses: Vec<usize>,
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
        let mut uses = vec![0; texts.len()];
        index_of_use.iter().for_each(|&index| uses[index] += 1);
        let key = |text: &&str| Sha256::new_with_prefix(settings).chain_update(text).finalize().into();
        let keys: Vec<Key> = if journal.is_some() { texts.iter().map(key).collect() } else { Vec::new() };
        let translations = journal.map_or_else(|| vec![None; texts.len()], |journal| journal.sentences(&keys));
        let new = translations.iter().map(Option::is_none).collect();
        Self { texts, keys, translations, new, uses, index_of_use, journal }
    }

    /// Translates the new ones, up to `limit` characters at once.
    fn translate(
        &mut self,
        pipeline: &Pipeline,
        limit: usize,
        progress: &mut Progress,
        on_progress: OnProgress,
    ) -> Result<()> {
        let uses = &self.uses;
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
