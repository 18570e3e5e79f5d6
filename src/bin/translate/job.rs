//! Typed arguments → a validated [`Job`] → library calls. Below [`Job::new`] nothing about the command line can be wrong.

use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use translate::bitext::Bitext;
use translate::document::{Document, ReadOptions};
use translate::engine::{self, TranslateOptions};
use translate::folder::{self, PartialFile, Selection, Unit};
use translate::lines::{LineOutput, translate_lines};
use translate::output::Format;
use translate::records::translate_records;
use translate::store::StoreOptions;
use translate::summary::SummaryOptions;
use translate::{Builder, Error, Pipeline, Result};

use crate::args::{FolderArgs, Precision, RunArgs, StoreArgs};
use crate::exit::Exit;
use crate::files::Files;
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
    unit: Unit,
    read: ReadOptions,
    folders: FolderArgs,
    selection: Selection,
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
        let inputs = match is_standard_input(&arguments.input)? {
            true => Inputs::Standard,
            false => Inputs::Paths(arguments.input),
        };
        let output = match (arguments.output, &inputs) {
            (Some(path), _) if path == Path::new(STANDARD) => Output::Standard,
            (None, Inputs::Standard) => Output::Standard,
            (path, _) => Output::Folder(path.unwrap_or_else(|| DEFAULT_OUTPUT.into())),
        };
        let unit = match (arguments.lines, arguments.jsonl) {
            (true, _) => Unit::Lines,
            (_, true) => Unit::Records,
            _ => Unit::Document,
        };
        let mut formats = Vec::new();
        for format in arguments.format {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        if formats.is_empty() {
            formats.push(match unit {
                Unit::Document => Format::Markdown,
                Unit::Lines => Format::Text,
                Unit::Records => Format::Jsonl,
            });
        }
        if unit == Unit::Lines && formats.iter().any(|format| !matches!(format, Format::Text | Format::Jsonl)) {
            return Err(usage("--format", "with --lines only txt and jsonl can be written"));
        }
        if unit == Unit::Records && formats != [Format::Jsonl] {
            return Err(usage("--format", "with --jsonl only jsonl can be written"));
        }
        let folders = arguments.folders;
        if folders.watch && (matches!(inputs, Inputs::Standard) || output == Output::Standard) {
            return Err(usage("--watch", "takes files or folders, and writes into a folder"));
        }
        let of_files = unit == Unit::Document && matches!(inputs, Inputs::Paths(_)) && output != Output::Standard;
        if folders.jobs_report.is_some() && !of_files {
            return Err(usage("--jobs-report", "takes files or folders that are documents, and an output folder"));
        }
        // --force is let through everywhere: without a journal all is translated anew in any case. Beside files these two are
        // let through as well: whoever gives them need not know whether there is a folder among the inputs.
        let chooses = [("--include", &folders.include), ("--exclude", &folders.exclude)];
        if let Some((option, _)) = chooses.into_iter().find(|(_, patterns)| !patterns.is_empty())
            && (matches!(inputs, Inputs::Standard) || output == Output::Standard)
        {
            return Err(usage(option, "chooses files of folders, and there is no folder here"));
        }
        let selection = Selection::new(&folders.include, &folders.exclude)?.of(unit);
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
            batch_tokens: arguments.decoding.batch_tokens,
            threads: arguments.decoding.threads.unwrap_or(decoding.threads),
        };
        let summary = (!arguments.no_summary && !arguments.lines)
            .then(|| SummaryOptions { sentences: arguments.summary.map(usize::from) });
        Ok(Self {
            inputs,
            output,
            formats,
            unit,
            read: read_options(arguments.encoding)?,
            folders,
            selection,
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
        match (&self.inputs, &self.output) {
            (Inputs::Standard, output) => self.run_one(Path::new(STANDARD), output, messages),
            (Inputs::Paths(paths), Output::Standard) => self.run_one(&paths[0], &self.output, messages),
            (Inputs::Paths(paths), Output::Folder(folder)) if self.unit == Unit::Document => {
                let files = Files {
                    inputs: paths.clone(),
                    output: folder.clone(),
                    formats: self.formats.clone(),
                    read: self.read.clone(),
                    selection: self.selection.clone(),
                    force: self.folders.force,
                    report: self.folders.jobs_report.clone(),
                    watch: self.folders.watch,
                };
                files.run(|| self.load(messages), messages)
            }
            (Inputs::Paths(paths), Output::Folder(folder)) => self.run_each(paths, folder, messages),
        }
    }

    /// The pipeline. It is never dropped: the system takes the memory of a program that ends back at once; piece by piece
    /// takes longer.
    fn load(&self, messages: &Messages) -> Result<&'static Pipeline> {
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
        Ok(Box::leak(Box::new(pipeline)))
    }

    /// One input, to standard output or into a folder.
    fn run_one(&self, path: &Path, output: &Output, messages: &Messages) -> Result<Exit> {
        let targets = match output {
            Output::Standard => None,
            Output::Folder(folder) => Some(
                self.formats.iter().map(|format| (*format, folder.join(format.file_name(path)))).collect::<Vec<_>>(),
            ),
        };
        if self.unit != Unit::Document {
            let pipeline = self.load(messages)?;
            messages.catch_interrupt();
            return match targets {
                None => {
                    let mut writer = BufWriter::new(std::io::stdout().lock());
                    let name = Path::new("standard output");
                    self.stream(pipeline, path, &mut [(self.formats[0], name, &mut writer)], messages)
                }
                Some(targets) => self.stream_to_files(pipeline, path, &targets, messages),
            };
        }
        let document = read_document(path, &self.read)?;
        document.notices.iter().for_each(|notice| messages.warning(path, notice));
        let pipeline = self.load(messages)?;
        messages.catch_interrupt();
        let bar = messages.sentences();
        let bitexts = pipeline.run_all(std::slice::from_ref(&document), &|progress| bar.update(progress));
        bar.clear();
        for bitext in bitexts? {
            match &targets {
                None => write_standard(&bitext, self.formats[0])?,
                Some(targets) => {
                    for (format, target) in targets {
                        folder::write_atomically(target, |writer| bitext.write(*format, writer))?;
                        messages.result(&format_args!("{} → {}", path.display(), target.display()));
                    }
                }
            }
            messages.detail(&Sentences(&bitext));
        }
        Ok(Exit::Success)
    }

    /// Lines or records of several files, each to files of its own.
    fn run_each(&self, paths: &[PathBuf], folder: &Path, messages: &Messages) -> Result<Exit> {
        let pipeline = self.load(messages)?;
        messages.catch_interrupt();
        let mut exit = Exit::Success;
        for planned in folder::plan(paths, folder, &self.formats, &self.selection) {
            let done = planned.and_then(|job| self.stream_to_files(pipeline, &job.source, &job.targets, messages));
            match done {
                Ok(Exit::Success) => {}
                Ok(other) => exit = other,
                Err(Error::Stopped) => return Err(Error::Stopped),
                Err(error) => {
                    messages.error(&error);
                    exit = Exit::SomeFailed;
                }
            }
        }
        Ok(exit)
    }

    fn stream_to_files(
        &self,
        pipeline: &Pipeline,
        source: &Path,
        targets: &[(Format, PathBuf)],
        messages: &Messages,
    ) -> Result<Exit> {
        let mut files = Vec::new();
        for (format, target) in targets {
            files.push((*format, target.as_path(), PartialFile::beside(target)?));
        }
        let mut outputs: Vec<StreamOutput> =
            files.iter_mut().map(|(format, path, file)| (*format, *path, file as &mut dyn Write)).collect();
        let result = self.stream(pipeline, source, &mut outputs, messages);
        if let Err(Error::Stopped) = result {
            for (.., file) in files {
                if let Some(kept) = file.keep()? {
                    messages.note(&format_args!("what was finished is in {}", kept.display()));
                }
            }
            return Err(Error::Stopped);
        }
        let exit = result?;
        for (_, target, file) in files {
            file.finish()?;
            messages.result(&format_args!("{} → {}", source.display(), target.display()));
        }
        Ok(exit)
    }

    /// Translates the lines or records of one input as they come.
    fn stream(
        &self,
        pipeline: &Pipeline,
        path: &Path,
        outputs: &mut [StreamOutput],
        messages: &Messages,
    ) -> Result<Exit> {
        let input: Box<dyn Read + Send> = if path == Path::new(STANDARD) {
            Box::new(std::io::stdin())
        } else {
            Box::new(std::fs::File::open(path).map_err(Error::read(path))?)
        };
        let mut input = BufReader::new(input);
        let bar = messages.sentences();
        let on_progress = |progress| bar.update(progress);
        let (exit, count) = if self.unit == Unit::Lines {
            let mut outputs: Vec<LineOutput> = outputs
                .iter_mut()
                .map(|(format, path, writer)| LineOutput { path, format: *format, writer: &mut **writer })
                .collect();
            let encoding = self.read.encoding.as_deref();
            let report = translate_lines(pipeline, path, &mut input, &mut outputs, encoding, &on_progress);
            bar.clear();
            let report = report?;
            (Exit::Success, format!("{} lines, {} in doubt", report.lines, report.doubtful))
        } else {
            let [(_, output_path, writer)] = outputs else {
                return Err(usage("--format", "--jsonl writes one format"));
            };
            let mut on_fault = |error: &Error| bar.suspend(|| messages.error(error));
            let report =
                translate_records(pipeline, (path, input), (output_path, *writer), &on_progress, &mut on_fault);
            bar.clear();
            let report = report?;
            let exit = if report.failed > 0 { Exit::SomeFailed } else { Exit::Success };
            let count = format!(
                "{} records, {} failed, {} sentences, {} in doubt",
                report.records, report.failed, report.sentences, report.doubtful
            );
            (exit, count)
        };
        messages.detail(&count);
        Ok(exit)
    }
}

/// Where lines or records go: format, name in messages, writer.
type StreamOutput<'a> = (Format, &'a Path, &'a mut dyn Write);

/// Whether the input is standard input.
///
/// # Errors
/// [`Error::Option`] when other inputs stand beside it.
pub fn is_standard_input(inputs: &[PathBuf]) -> Result<bool> {
    let is_standard = inputs.iter().any(|path| path == Path::new(STANDARD));
    match inputs {
        [_, _, ..] if is_standard => Err(usage("INPUT", "- cannot be combined with other inputs")),
        _ => Ok(is_standard),
    }
}

/// How inputs are read.
///
/// # Errors
/// [`Error::Option`] for an encoding that nobody knows, which would otherwise be the fault of each input.
pub fn read_options(encoding: Option<String>) -> Result<ReadOptions> {
    let options = ReadOptions { encoding, kind: None };
    // Nothing but the encoding of an empty text can be wrong.
    Document::from_bytes(b"", None, &options)?;
    Ok(options)
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
        let doubtful = self.0.doubtful();
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
