//! Files and folders → results in a folder: one run or, with `--watch`, one after the other; counts, faults, the report.
//!
//! In: a checked set of inputs and options. Out: messages, the jobs report, an exit. Files are found, translated and
//! written by the library.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use translate::document::ReadOptions;
use translate::folder::{self, Done, Job, Outcome, Output, Planner, Selection, Translated};
use translate::output::Format;
use translate::{Error, Pipeline, Result};

use crate::exit::Exit;
use crate::messages::Messages;

/// With more files than this, only faults have a line of their own.
const LISTED: usize = 20;

/// How often `--watch` looks.
const POLL: Duration = Duration::from_secs(1);

/// A run over files.
pub struct Files {
    pub inputs: Vec<PathBuf>,
    pub output: PathBuf,
    pub formats: Vec<Format>,
    pub read: ReadOptions,
    pub selection: Selection,
    pub force: bool,
    pub report: Option<PathBuf>,
    pub watch: bool,
}

impl Files {
    /// Carries it out; `load` brings the model once it is known that results can be written.
    ///
    /// # Errors
    /// What ends the whole run; faults of single files are told and counted in the exit.
    pub fn run(&self, load: impl FnOnce() -> Result<&'static Pipeline>, messages: &Messages) -> Result<Exit> {
        let output = Output::open(&self.output, self.force)?;
        let mut tally = Tally::new(self.report.as_deref(), messages)?;
        if self.watch {
            return self.watch(load()?, &output, &mut tally);
        }
        let mut planner = self.planner(&output);
        let mut jobs = Vec::new();
        for found in folder::find(&self.inputs, Some(&self.output), &self.selection) {
            match found {
                Ok(found) => jobs.push(planner.plan(found)),
                Err(error) => tally.fault(&error),
            }
        }
        if jobs.is_empty() {
            return Ok(tally.exit());
        }
        tally.listed = jobs.len() <= LISTED;
        let pipeline = load()?;
        messages.catch_interrupt();
        let result = self.pass(pipeline, &jobs, &output, &mut tally);
        tally.tell();
        match result {
            Err(Error::Stopped) => Ok(Exit::Interrupted),
            result => result.map(|()| tally.exit()),
        }
    }

    fn planner<'a>(&self, output: &'a Output) -> Planner<'a> {
        Planner::new(&self.inputs, &self.output, &self.formats).after(output)
    }

    /// Translates what appears, until the user stops it.
    fn watch(&self, pipeline: &Pipeline, output: &Output, tally: &mut Tally) -> Result<Exit> {
        let messages = tally.messages;
        messages.catch_interrupt();
        messages.note(&"watching; Ctrl-C ends it");
        let mut planner = self.planner(output);
        let mut watched: BTreeMap<PathBuf, Watched> = BTreeMap::new();
        let mut faults = BTreeSet::new();
        let ended = loop {
            let looked = Instant::now();
            let mut ready = Vec::new();
            for found in folder::find(&self.inputs, Some(&self.output), &self.selection) {
                match found {
                    Ok(found) => {
                        let stamp = stamp(&found.path);
                        let file = watched.entry(found.path.clone()).or_insert_with(|| Watched {
                            job: planner.plan(found),
                            seen: None,
                            done: None,
                        });
                        if stamp.is_some() && file.seen == stamp && file.done != stamp {
                            file.done = stamp;
                            ready.push(file.job.clone());
                        }
                        file.seen = stamp;
                    }
                    // A folder without reports is what watching is for, and what went while it was looked at may come again.
                    Err(Error::Document { .. }) => {}
                    Err(Error::Read { path, source })
                        if source.kind() == ErrorKind::NotFound && !self.inputs.contains(&path) => {}
                    Err(error) if faults.insert(error.chain()) => tally.fault(&error),
                    Err(_) => {}
                }
            }
            // Looking through a large tree takes a while, and must not be all that this machine does.
            let pause = POLL.max(10 * looked.elapsed());
            tally.listed = ready.len() <= LISTED;
            if !ready.is_empty() {
                match self.pass(pipeline, &ready, output, tally) {
                    Err(Error::Stopped) => break Ok(Exit::Interrupted),
                    Err(error) => break Err(error),
                    Ok(()) => {}
                }
            }
            let waiting = Instant::now();
            while waiting.elapsed() < pause && messages.interrupt().is_continue() {
                std::thread::sleep(Duration::from_millis(50));
            }
            if messages.interrupt().is_break() {
                break Ok(Exit::Interrupted);
            }
        };
        tally.tell();
        ended
    }

    fn pass(&self, pipeline: &Pipeline, jobs: &[Job], output: &Output, tally: &mut Tally) -> Result<()> {
        let messages = tally.messages;
        if let Some(notice) = output.journal().notice() {
            messages.note(&notice);
        }
        let bar = messages.files();
        let on_progress = |progress: folder::Progress| {
            let current = jobs.get(progress.current).map(|job| job.source.as_path());
            bar.update_files(progress, current)
        };
        let mut finished = 0;
        let mut on_outcome = |outcome: Outcome| {
            finished += 1;
            bar.suspend(|| {
                if let Ok(Done::Written(translated)) = &outcome.result {
                    let notices = &translated.bitext.source.notices;
                    notices.iter().for_each(|notice| messages.warning(&outcome.job.source, notice));
                }
                tally.count(&outcome);
            });
        };
        let result = folder::run(pipeline, jobs, output, &self.read, &on_progress, &mut on_outcome);
        bar.clear();
        tally.tokens += bar.tokens();
        tally.seconds += bar.seconds();
        for job in jobs.get(finished..).unwrap_or_default() {
            tally.missing(job);
        }
        if let Some(notice) = output.journal().notice() {
            messages.note(&notice);
        }
        result
    }
}

/// A file that `--watch` knows.
struct Watched {
    job: Job,
    /// As it was at the last look: a file is taken up when it stays as it is from one look to the next.
    seen: Option<Stamp>,
    /// As it was taken up.
    done: Option<Stamp>,
}

/// Size and time of a file.
type Stamp = (u64, Option<SystemTime>);

fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().map(|data| (data.len(), data.modified().ok()))
}

/// What became of the files of a run.
struct Tally<'a> {
    messages: &'a Messages,
    report: Option<(&'a Path, File)>,
    /// Whether every file has a line of its own.
    listed: bool,
    written: usize,
    unchanged: usize,
    missing: usize,
    failures: Vec<String>,
    sentences: usize,
    reused: usize,
    doubtful: usize,
    tokens: usize,
    seconds: f64,
}

/// One line of the jobs report.
#[derive(Serialize)]
struct Entry<'a> {
    source: Option<String>,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    targets: Vec<String>,
    sentences: usize,
    reused: usize,
    doubtful: usize,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Its results were written.
    Done,
    /// Its results are there already.
    Skipped,
    Failed,
    /// The run ended before it.
    Missing,
}

impl<'a> Tally<'a> {
    fn new(report: Option<&'a Path>, messages: &'a Messages) -> Result<Self> {
        let report = match report {
            Some(path) => Some((path, File::create(path).map_err(Error::write(path))?)),
            None => None,
        };
        Ok(Self {
            messages,
            report,
            listed: true,
            written: 0,
            unchanged: 0,
            missing: 0,
            failures: Vec::new(),
            sentences: 0,
            reused: 0,
            doubtful: 0,
            tokens: 0,
            seconds: 0.0,
        })
    }

    fn exit(&self) -> Exit {
        if self.failures.is_empty() { Exit::Success } else { Exit::SomeFailed }
    }

    /// An input that led to no job.
    fn fault(&mut self, error: &Error) {
        self.messages.error(error);
        self.failures.push(error.chain());
        let source = match error {
            Error::Read { path, .. } | Error::Write { path, .. } | Error::Document { path, .. } => Some(text(path)),
            _ => None,
        };
        self.enter(Entry { source, reason: Some(error.chain()), hint: error.hint(), ..entry(State::Failed) });
    }

    fn count(&mut self, Outcome { job, result }: &Outcome) {
        let (sentences, reused, doubtful, unchanged) = match result {
            Ok(Done::Written(translated)) => {
                let Translated { bitext, reused } = &**translated;
                self.written += 1;
                (bitext.segments.len(), *reused, bitext.doubtful(), false)
            }
            Ok(Done::Unchanged { sentences, doubtful }) => {
                self.unchanged += 1;
                (*sentences, *sentences, *doubtful, true)
            }
            Err(error) => {
                self.messages.error(error);
                self.failures.push(error.chain());
                return self.enter(Entry {
                    source: Some(text(&job.source)),
                    reason: Some(error.chain()),
                    hint: error.hint(),
                    ..entry(State::Failed)
                });
            }
        };
        self.sentences += sentences;
        self.reused += reused;
        self.doubtful += doubtful;
        for (_, target) in &job.targets {
            let doubts = if doubtful > 0 { format!(", {doubtful} in doubt") } else { String::new() };
            let state = if unchanged { "unchanged, " } else { "" };
            let line = format!("{} → {} ({state}{sentences} sentences{doubts})", text(&job.source), text(target));
            if self.listed { self.messages.result(&line) } else { self.messages.detail(&line) }
        }
        self.enter(Entry {
            source: Some(text(&job.source)),
            targets: job.targets.iter().map(|(_, target)| text(target)).collect(),
            sentences,
            reused,
            doubtful,
            ..entry(if unchanged { State::Skipped } else { State::Done })
        });
    }

    /// A job that the run did not come to.
    fn missing(&mut self, job: &Job) {
        self.missing += 1;
        self.enter(Entry { source: Some(text(&job.source)), ..entry(State::Missing) });
    }

    fn enter(&mut self, entry: Entry) {
        let Some((path, file)) = &mut self.report else { return };
        let line = serde_json::to_string(&entry).map_err(std::io::Error::from);
        if let Err(error) = line.and_then(|line| writeln!(file, "{line}")) {
            let error = Error::write(path)(error);
            self.messages.error(&error);
            self.failures.push(error.chain());
            self.report = None;
        }
    }

    /// The end of a run in a few lines.
    fn tell(&self) {
        let Self { messages, written, unchanged, missing, failures, sentences, reused, doubtful, .. } = self;
        if !self.listed || *missing > 0 {
            for failure in failures {
                messages.result(&format_args!("failed: {failure}"));
            }
        }
        let failed = failures.len();
        let files = written + unchanged + failed + missing;
        if files > 1 {
            messages.result(&format_args!(
                "files      {files:>9}  {written} written, {unchanged} unchanged, {failed} failed, {missing} missing"
            ));
            let translated = sentences - reused;
            messages.result(&format_args!(
                "sentences  {sentences:>9}  {translated} translated, {reused} reused, {doubtful} in doubt"
            ));
            messages.result(&format_args!(
                "tokens     {:>9}  {:.0} per second",
                self.tokens,
                self.tokens as f64 / self.seconds.max(0.001)
            ));
        }
        if *missing > 0 {
            messages.note(&format_args!("{missing} files are missing; the same command goes on where this run ended"));
        }
    }
}

fn entry<'a>(state: State) -> Entry<'a> {
    Entry { source: None, state, reason: None, hint: None, targets: Vec::new(), sentences: 0, reused: 0, doubtful: 0 }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
