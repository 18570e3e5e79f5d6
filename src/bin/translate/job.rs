//! Typed arguments → a validated [`Job`] → library calls. Below [`Job::new`] nothing about the command line can be wrong.

use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use translate::bitext::Bitext;
use translate::document::{Document, ReadOptions};
use translate::engine::{self, TranslateOptions};
use translate::folder::{self, Outcome};
use translate::lines::{self, translate_lines};
use translate::output::Format;
use translate::store::StoreOptions;
use translate::summary::SummaryOptions;
use translate::{Builder, Error, Pipeline, Result};

use crate::args::{Precision, RunArgs, StoreArgs};
use crate::exit::Exit;
use crate::messages::Messages;
use crate::standard_output_error;

/// The name of standard input and standard output.
const STANDARD: &str = "-";

/// Where results go when the user does not say.
const DEFAULT_OUTPUT: &str = "translations";

/// A run that can be carried out.
pub struct Job {
    inputs: Inputs,
    output: Output,
    formats: Vec<Format>,
    lines: bool,
    read: ReadOptions,
    pipeline: Builder,
}

#[derive(Debug)]
enum Inputs {
    Standard,
    Paths(Vec<PathBuf>),
}

#[derive(Debug, PartialEq, Eq)]
enum Output {
    Standard,
    Folder(PathBuf),
}

impl Job {
    /// Checks what was typed.
    ///
    /// # Errors
    /// [`Error::Option`] for options that do not go together.
    pub fn new(arguments: RunArgs) -> Result<Self> {
        let inputs = match arguments.input.iter().any(|path| path == Path::new(STANDARD)) {
            true if arguments.input.len() > 1 => return Err(usage("INPUT", "- cannot be combined with other inputs")),
            true => Inputs::Standard,
            false => Inputs::Paths(arguments.input),
        };
        let output = match (arguments.output, &inputs) {
            (Some(path), _) if path == Path::new(STANDARD) => Output::Standard,
            (None, Inputs::Standard) => Output::Standard,
            (path, _) => Output::Folder(path.unwrap_or_else(|| DEFAULT_OUTPUT.into())),
        };
        let mut formats = Vec::new();
        for format in arguments.format {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        if formats.is_empty() {
            formats.push(if arguments.lines { Format::Text } else { Format::Markdown });
        }
        if arguments.lines && formats.iter().any(|format| !matches!(format, Format::Text | Format::Jsonl)) {
            return Err(usage("--format", "with --lines only txt and jsonl can be written"));
        }
        if output == Output::Standard {
            if formats.len() > 1 {
                return Err(usage("--format", "standard output takes one format"));
            }
            if let Inputs::Paths(paths) = &inputs
                && (paths.len() > 1 || paths.iter().any(|path| path.is_dir()))
            {
                return Err(usage("--output", "standard output takes one input file; name a folder for several"));
            }
        }
        let decoding = TranslateOptions::default();
        let decoding = TranslateOptions {
            beams: arguments.decoding.beam,
            max_length: arguments.decoding.max_length,
            batch_tokens: arguments.decoding.batch_tokens.unwrap_or(decoding.batch_tokens),
            threads: arguments.decoding.threads.unwrap_or(decoding.threads),
        };
        let summary = (!arguments.no_summary && !arguments.lines)
            .then(|| SummaryOptions { sentences: arguments.summary.map(usize::from) });
        Ok(Self {
            inputs,
            output,
            formats,
            lines: arguments.lines,
            read: ReadOptions { encoding: arguments.encoding, kind: None },
            pipeline: Pipeline::builder()
                .model(arguments.model.model)
                .store(store_options(&arguments.model.store))
                .precision(match arguments.decoding.precision {
                    Precision::Int8 => engine::Precision::Int8,
                    Precision::F32 => engine::Precision::F32,
                })
                .decoding(decoding)
                .summary(summary)
                .summarizer(arguments.summarizer),
        })
    }

    /// Carries it out.
    ///
    /// # Errors
    /// What ends the whole run; faults of single files are told and counted in the exit.
    pub fn run(self, messages: &Messages) -> Result<Exit> {
        let started = Instant::now();
        let downloads = messages.downloads();
        let pipeline = self.pipeline.clone().build_with(&|progress| downloads.update(progress))?;
        drop(downloads);
        if let Some(notice) = pipeline.notice() {
            messages.note(&notice);
        }
        let model = pipeline.model();
        let seconds = started.elapsed().as_secs_f64();
        messages.detail(&format_args!(
            "model {}, {}, beam {}, ready in {seconds:.2} s",
            model.name, model.precision, model.beam
        ));
        match (&self.inputs, &self.output) {
            (Inputs::Standard, output) => self.run_one(&pipeline, Path::new(STANDARD), output, messages),
            (Inputs::Paths(paths), Output::Standard) => self.run_one(&pipeline, &paths[0], &self.output, messages),
            (Inputs::Paths(paths), Output::Folder(folder)) => self.run_files(&pipeline, paths, folder, messages),
        }
    }

    /// One input, to standard output or into a folder.
    fn run_one(&self, pipeline: &Pipeline, path: &Path, output: &Output, messages: &Messages) -> Result<Exit> {
        if self.lines {
            return self.run_lines(pipeline, path, output, messages);
        }
        let document = read_document(path, &self.read)?;
        let bar = messages.sentences();
        let bitexts = pipeline.run_all(std::slice::from_ref(&document), &|progress| bar.update(progress));
        bar.clear();
        for bitext in bitexts? {
            match output {
                Output::Standard => write_standard(&bitext, self.formats[0])?,
                Output::Folder(folder) => {
                    for &format in &self.formats {
                        let target = folder.join(format.file_name(path));
                        folder::write_atomically(&target, |writer| bitext.write(format, writer))?;
                        messages.result(&format_args!("{} → {}", path.display(), target.display()));
                    }
                }
            }
            messages.detail(&Sentences(&bitext));
        }
        Ok(Exit::Success)
    }

    fn run_files(&self, pipeline: &Pipeline, paths: &[PathBuf], folder: &Path, messages: &Messages) -> Result<Exit> {
        let mut exit = Exit::Success;
        let mut jobs = Vec::new();
        for planned in folder::plan(paths, folder, &self.formats) {
            match planned {
                Ok(job) => jobs.push(job),
                Err(error) => {
                    messages.error(&error);
                    exit = Exit::SomeFailed;
                }
            }
        }
        if self.lines {
            for job in &jobs {
                for (format, target) in &job.targets {
                    if let Err(error) = self.lines_to_file(pipeline, &job.source, *format, target, messages) {
                        if matches!(error, Error::Stopped) {
                            return Err(error);
                        }
                        messages.error(&error);
                        exit = Exit::SomeFailed;
                    }
                }
            }
            return Ok(exit);
        }
        let bar = messages.sentences();
        let targets = |source: &Path| jobs.iter().find(|job| job.source == source).map_or(&[][..], |job| &job.targets);
        let mut report = |Outcome { source, result }: Outcome| match result {
            Ok(bitext) => {
                bar.clear();
                for (_, target) in targets(&source) {
                    let sentences = Sentences(&bitext);
                    messages.result(&format_args!("{} → {} ({sentences})", source.display(), target.display()));
                }
            }
            Err(error) => {
                bar.clear();
                messages.error(&error);
                exit = Exit::SomeFailed;
            }
        };
        let result = folder::run(pipeline, &jobs, &self.read, &|progress| bar.update(progress), &mut report);
        bar.clear();
        result.map(|()| exit)
    }

    fn run_lines(&self, pipeline: &Pipeline, path: &Path, output: &Output, messages: &Messages) -> Result<Exit> {
        let format = self.formats[0];
        match output {
            Output::Standard => {
                let mut writer = BufWriter::new(std::io::stdout().lock());
                let report = self.translate_lines(pipeline, path, &mut writer, format, messages)?;
                messages.detail(&format_args!("{} lines, {} in doubt", report.lines, report.doubtful));
            }
            Output::Folder(folder) => {
                for &format in &self.formats {
                    self.lines_to_file(pipeline, path, format, &folder.join(format.file_name(path)), messages)?;
                }
            }
        }
        Ok(Exit::Success)
    }

    fn lines_to_file(
        &self,
        pipeline: &Pipeline,
        source: &Path,
        format: Format,
        target: &Path,
        messages: &Messages,
    ) -> Result<()> {
        let mut fault = None;
        let written = folder::write_atomically(target, |writer| {
            self.translate_lines(pipeline, source, writer, format, messages).map(|_| ()).map_err(|error| {
                fault = Some(error);
                std::io::Error::other("stopped")
            })
        });
        match fault {
            Some(error) => Err(error),
            None => {
                written?;
                messages.result(&format_args!("{} → {}", source.display(), target.display()));
                Ok(())
            }
        }
    }

    fn translate_lines(
        &self,
        pipeline: &Pipeline,
        path: &Path,
        writer: &mut dyn Write,
        format: Format,
        messages: &Messages,
    ) -> Result<lines::Report> {
        let input: Box<dyn Read> = if path == Path::new(STANDARD) {
            Box::new(std::io::stdin().lock())
        } else {
            Box::new(std::fs::File::open(path).map_err(Error::read(path))?)
        };
        let bar = messages.sentences();
        let mut input = BufReader::new(input);
        let encoding = self.read.encoding.as_deref();
        let report =
            translate_lines(pipeline, path, &mut input, writer, format, encoding, &|progress| bar.update(progress));
        bar.clear();
        report
    }
}

/// Reads one input; `-` is standard input.
pub fn read_document(path: &Path, options: &ReadOptions) -> Result<Document> {
    if path != Path::new(STANDARD) {
        return Document::read_with(path, options);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(Error::read(path))?;
    Document::from_bytes(&bytes, None, options)
}

/// What the arguments and the environment say about models.
pub fn store_options(arguments: &StoreArgs) -> StoreOptions {
    let mut options = StoreOptions::from_environment();
    options.offline |= arguments.offline;
    if let Some(cache) = &arguments.model_cache {
        options.cache = Some(cache.clone());
    }
    options
}

fn write_standard(bitext: &Bitext, format: Format) -> Result<()> {
    let mut writer = BufWriter::new(std::io::stdout().lock());
    bitext.write(format, &mut writer).and_then(|()| writer.flush()).map_err(standard_output_error)
}

fn usage(option: &'static str, reason: &str) -> Error {
    Error::Option { option, reason: reason.to_owned() }
}

/// "42 sentences, 3 in doubt, 1 dropped from the summary"
struct Sentences<'a>(&'a Bitext);

impl std::fmt::Display for Sentences<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        let doubtful = self.0.segments.iter().filter(|segment| !segment.checks.is_empty()).count();
        write!(formatter, "{} sentences", self.0.segments.len())?;
        if doubtful > 0 {
            write!(formatter, ", {doubtful} in doubt")?;
        }
        let dropped = self.0.summary.as_ref().map_or(0, |summary| summary.checks.len());
        if dropped > 0 {
            write!(formatter, ", {dropped} dropped from the summary")?;
        }
        Ok(())
    }
}
