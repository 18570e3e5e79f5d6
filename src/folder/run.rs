//! Jobs → results on disk, and an [`Outcome`] for each job, in the order of the jobs.
//!
//! In: jobs and an open output folder. Out: files, each whole. A job whose report and results are as an earlier run left
//! them is passed over. What is translated and what is known is the stream's business.

use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use sha2::{Digest, Sha256};

use super::journal::{FileRecord, Key};
use super::output::Output;
use super::plan::Job;
use super::stream::{Translated, stream};
use crate::bitext::Bitext;
use crate::document::{self, Document, ReadOptions};
use crate::engine;
use crate::pipeline::Pipeline;
use crate::{Error, Result};

/// What became of one file.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The report and its results.
    pub job: &'a Job,
    /// What was done, or why the results are not there.
    pub result: Result<Done>,
}

/// What was done with a file.
#[derive(Debug)]
pub enum Done {
    /// Its results were written.
    Written(Box<Translated>),
    /// Its results are there, as they would be written.
    Unchanged {
        /// Sentences in it.
        sentences: usize,
        /// How many of them are in doubt.
        doubtful: usize,
    },
}

/// How far a run over files has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Sentences and tokens; the total is an estimate until all files are read. Files that are passed over do not count.
    pub sentences: engine::Progress,
    /// Files in all.
    pub files: usize,
    /// Files with an outcome.
    pub finished: usize,
    /// Files that failed.
    pub failed: usize,
    /// Index of the job that was read last.
    pub current: usize,
}

/// What receives [`Progress`]; it may ask to stop.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) -> ControlFlow<()> + Sync);

/// Carries out jobs; sentences of many documents are translated together, and results are written as soon as they are done.
///
/// Results are not forced onto the disk one by one, which would cost more than short reports do. The journal holds their
/// digests instead: what a power cut took is missed and made again by the next run.
///
/// # Errors
/// [`Error::Stopped`] when `on_progress` asks to stop, [`Error::Write`] when the disk is full; the outcomes reported before
/// that stand.
pub fn run(
    pipeline: &Pipeline,
    jobs: &[Job],
    output: &Output,
    options: &ReadOptions,
    on_progress: OnProgress,
    on_outcome: &mut dyn FnMut(Outcome),
) -> Result<()> {
    let settings = Sha256::digest(format!("{} {options:?}", pipeline.settings()?.1));
    let counter = Counter::new(jobs, on_progress);
    let read = jobs.iter().enumerate().map(|(index, job)| {
        let (pending, document) = Pending::read(job, output, options, &settings);
        counter.has_read(index, document.is_some());
        (pending, document)
    });
    let mut on_document = |Pending { job, state }: Pending, translated: Option<Result<Translated>>| {
        let result = match (state, translated) {
            (State::Read { origin }, Some(Ok(translated))) => {
                write(job, output, origin, &translated.bitext).map(|()| Done::Written(Box::new(translated)))
            }
            (State::Read { .. }, Some(Err(error))) => Err(error.of_document(&job.source)),
            // A document that was handed over comes back.
            (State::Read { .. }, None) => return Ok(()),
            (State::Unchanged { sentences, doubtful }, _) => Ok(Done::Unchanged { sentences, doubtful }),
            (State::Failed(error), _) => Err(error),
        };
        let full = result.as_ref().err().and_then(full_disk);
        counter.has_finished(result.is_err());
        on_outcome(Outcome { job, result });
        full.map_or(Ok(()), |kind| Err(Error::write(output.folder())(kind.into())))
    };
    stream(pipeline, read, Some(output.journal()), &|progress| counter.has_translated(progress), &mut on_document)
}

/// A job on its way through the stream.
struct Pending<'a> {
    job: &'a Job,
    state: State,
}

enum State {
    /// Its document is being translated; the results are made from this.
    Read {
        origin: Key,
    },
    Unchanged {
        sentences: usize,
        doubtful: usize,
    },
    Failed(Error),
}

impl<'a> Pending<'a> {
    /// Reads a report, unless it and its results are as they were left.
    fn read(job: &'a Job, output: &Output, options: &ReadOptions, settings: &[u8]) -> (Self, Option<Document>) {
        let read = || -> Result<(State, Option<Document>)> {
            let bytes = document::read_bytes(&job.source)?;
            let origin = Sha256::new_with_prefix(settings).chain_update(Sha256::digest(&bytes)).finalize().into();
            let known = output.journal().file(&key(job, output.folder()));
            if let Some(record) = known.filter(|record| record.origin == origin && results_stand(job, record)) {
                let (sentences, doubtful) = (record.sentences as usize, record.doubtful as usize);
                return Ok((State::Unchanged { sentences, doubtful }, None));
            }
            let document = Document::from_bytes(&bytes, Some(&job.source), options)?;
            Ok((State::Read { origin }, Some(document)))
        };
        let (state, document) = read().unwrap_or_else(|error| (State::Failed(error), None));
        (Self { job, state }, document)
    }
}

/// Writes all results and keeps that they are there.
fn write(job: &Job, output: &Output, origin: Key, bitext: &Bitext) -> Result<()> {
    let mut results = Vec::new();
    for (format, target) in &job.targets {
        let mut file = output.begin(target)?;
        let mut hashed = Hashed { writer: &mut file, digest: Sha256::new() };
        bitext.write(*format, &mut hashed).map_err(Error::write(target))?;
        results.push(hashed.digest.finalize().into());
        file.finish()?;
        output.keep_owner(target, &job.source);
    }
    let (sentences, doubtful) = (bitext.segments.len() as u64, bitext.doubtful() as u64);
    output.journal().keep_file(key(job, output.folder()), FileRecord { origin, results, sentences, doubtful });
    Ok(())
}

/// What a job is known by: where it reads and where, in the output folder, it writes.
fn key(job: &Job, folder: &Path) -> Key {
    let mut digest = Sha256::new_with_prefix(job.source.as_os_str().as_encoded_bytes());
    for (_, target) in &job.targets {
        // No path holds a zero.
        digest.update([0]);
        digest.update(target.strip_prefix(folder).unwrap_or(target).as_os_str().as_encoded_bytes());
    }
    digest.finalize().into()
}

fn results_stand(job: &Job, record: &FileRecord) -> bool {
    let stands = |path: &Path, kept: &Key| {
        fs::File::open(path).is_ok_and(|mut file| {
            let mut hashed = Hashed { writer: io::sink(), digest: Sha256::new() };
            io::copy(&mut file, &mut hashed).is_ok() && hashed.digest.finalize()[..] == kept[..]
        })
    };
    job.targets.len() == record.results.len()
        && job.targets.iter().zip(&record.results).all(|((_, path), kept)| stands(path, kept))
}

/// Whether nothing more can be written, whatever the file.
fn full_disk(error: &Error) -> Option<io::ErrorKind> {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error {
        Error::Write { source, .. } => {
            Some(source.kind()).filter(|kind| matches!(kind, StorageFull | QuotaExceeded | ReadOnlyFilesystem))
        }
        _ => None,
    }
}

/// A writer and the digest of what goes through it.
struct Hashed<W> {
    writer: W,
    digest: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Follows a run from its threads.
struct Counter<'a> {
    /// Bytes of each file, as far as they are known.
    sizes: Vec<u64>,
    counts: Mutex<Counts>,
    on_progress: OnProgress<'a>,
}

struct Counts {
    progress: Progress,
    /// Bytes of the files that are to be translated, and of those among them that were read.
    bytes: u64,
    bytes_read: u64,
}

impl<'a> Counter<'a> {
    fn new(jobs: &[Job], on_progress: OnProgress<'a>) -> Self {
        let sizes: Vec<u64> = jobs.iter().map(|job| fs::metadata(&job.source).map_or(0, |data| data.len())).collect();
        let progress = Progress { files: jobs.len(), ..Progress::default() };
        let counts = Mutex::new(Counts { progress, bytes: sizes.iter().sum(), bytes_read: 0 });
        Self { sizes, counts, on_progress }
    }

    fn has_read(&self, index: usize, to_be_translated: bool) {
        let mut counts = self.counts();
        counts.progress.current = index;
        let size = self.sizes.get(index).copied().unwrap_or(0);
        if to_be_translated {
            counts.bytes_read += size;
        } else {
            counts.bytes -= size;
        }
    }

    fn has_translated(&self, sentences: engine::Progress) -> ControlFlow<()> {
        let progress = {
            let mut counts = self.counts();
            let all = (counts.bytes as f64 / counts.bytes_read.max(1) as f64).max(1.0);
            let total = (sentences.total as f64 * all).round() as usize;
            counts.progress.sentences = engine::Progress { total, ..sentences };
            counts.progress
        };
        (self.on_progress)(progress)
    }

    fn has_finished(&self, failed: bool) {
        let mut counts = self.counts();
        counts.progress.finished += 1;
        counts.progress.failed += usize::from(failed);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
