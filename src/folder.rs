//! Many files: inputs → jobs → outcomes, one for each file.
//!
//! In: paths of files and folders. Out: results on disk, each written whole or not at all, and an [`Outcome`] for each file.
//! A file that fails never stops the others. Nothing is printed here.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::bitext::Bitext;
use crate::document::{Document, ReadOptions};
use crate::engine::OnProgress;
use crate::output::Format;
use crate::pipeline::Pipeline;
use crate::{Error, Result};

/// Extensions of the reports that are looked for in folders.
const EXTENSIONS: [&str; 10] = ["txt", "text", "md", "markdown", "html", "htm", "xhtml", "docx", "odt", "eml"];

/// Documents are read and translated together up to this many characters, which bounds memory whatever the folder.
const GROUP_CHARACTERS: usize = 400_000;

/// One input file and where its results go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The report.
    pub source: PathBuf,
    /// Its results, one for each format.
    pub targets: Vec<(Format, PathBuf)>,
}

/// What became of one file.
#[derive(Debug)]
pub struct Outcome {
    /// The report.
    pub source: PathBuf,
    /// Its bitext, written to the job's targets, or why there is none.
    pub result: Result<Bitext>,
}

/// A report that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the input that led to it.
    pub relative: PathBuf,
}

/// Finds the reports below `inputs`.
///
/// A file that was named is always taken; in folders hidden files, other extensions, the folder `except` and results of
/// earlier runs are passed over. The order is that of the inputs, and by path within folders. An input that cannot be
/// taken stands as an error in its place.
pub fn find(inputs: &[PathBuf], except: Option<&Path>) -> Vec<Result<Found>> {
    let except = except.and_then(|folder| fs::canonicalize(folder).ok());
    let mut all = Vec::new();
    for input in inputs {
        match find_below(input, except.as_deref()) {
            Ok(files) => all.extend(files.into_iter().map(Ok)),
            Err(error) => all.push(Err(error)),
        }
    }
    all
}

/// Finds the reports below `inputs` and names their results below `output`, which mirrors the tree of each folder.
pub fn plan(inputs: &[PathBuf], output: &Path, formats: &[Format]) -> Vec<Result<Job>> {
    let mut taken = BTreeSet::new();
    let found = find(inputs, Some(output)).into_iter();
    found.map(|found| found.and_then(|found| name(found, output, formats, &mut taken))).collect()
}

/// Carries out jobs: documents that fit together are translated together, and each is written as soon as it is done.
///
/// # Errors
/// [`Error::Stopped`] when `on_progress` asks to stop; documents reported before that are complete on disk.
pub fn run(
    pipeline: &Pipeline,
    jobs: &[Job],
    options: &ReadOptions,
    on_progress: OnProgress,
    on_outcome: &mut dyn FnMut(Outcome),
) -> Result<()> {
    let mut jobs = jobs.iter().peekable();
    while jobs.peek().is_some() {
        let mut group: Vec<&Job> = Vec::new();
        let mut documents: Vec<Document> = Vec::new();
        let mut characters = 0;
        while characters < GROUP_CHARACTERS
            && let Some(job) = jobs.next()
        {
            match Document::read_with(&job.source, options) {
                Ok(document) => {
                    characters += document.text.len();
                    documents.push(document);
                    group.push(job);
                }
                Err(error) => on_outcome(Outcome { source: job.source.clone(), result: Err(error) }),
            }
        }
        let bitexts = pipeline.run_all(&documents, on_progress)?;
        for (job, bitext) in group.into_iter().zip(bitexts) {
            let written = job
                .targets
                .iter()
                .try_for_each(|(format, path)| write_atomically(path, |writer| bitext.write(*format, writer)));
            on_outcome(Outcome { source: job.source.clone(), result: written.map(|()| bitext) });
        }
    }
    Ok(())
}

/// Has `content` write a file that appears under `path` only when it is complete.
///
/// # Errors
/// [`Error::Write`] naming `path`.
pub fn write_atomically(path: &Path, content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Error::write(folder))?;
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let temporary = folder.join(name);
    let written = fs::File::create(&temporary).and_then(|file| {
        let mut writer = std::io::BufWriter::new(file);
        content(&mut writer)?;
        writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&temporary, path)
    });
    written.map_err(|source| {
        // Best effort: what matters is the error that brought us here.
        let _ = fs::remove_file(&temporary);
        Error::Write { path: path.to_owned(), source }
    })
}

fn find_below(input: &Path, except: Option<&Path>) -> Result<Vec<Found>> {
    let found = |path: PathBuf| {
        let below = path.strip_prefix(input).ok().filter(|below| !below.as_os_str().is_empty());
        let relative = below.map_or_else(|| path.file_name().map(PathBuf::from).unwrap_or_default(), Path::to_owned);
        Found { path, relative }
    };
    if !fs::metadata(input).map_err(Error::read(input))?.is_dir() {
        return Ok(vec![found(input.to_owned())]);
    }
    let mut files = Vec::new();
    let mut visited = BTreeSet::new();
    let mut folders = vec![input.to_owned()];
    while let Some(folder) = folders.pop() {
        let real = fs::canonicalize(&folder).map_err(Error::read(&folder))?;
        // A link may lead back up: each real folder is visited once. An input that was named is never passed over.
        if (except == Some(&real) && folder != input) || !visited.insert(real) {
            continue;
        }
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        for entry in entries.map_err(Error::read(&folder))? {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if is_report(&path) {
                files.push(path);
            }
        }
    }
    if files.is_empty() {
        return Err(Error::Document {
            path: input.to_owned(),
            reason: "there are no reports in this folder".to_owned(),
            hint: format!("reports are files that end in .{}", EXTENSIONS.join(", .")),
        });
    }
    files.sort();
    Ok(files.into_iter().map(found).collect())
}

/// Whether a file found in a folder is a report and not the result of an earlier run.
fn is_report(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
        && !stem.ends_with(".de-en")
        && !stem.ends_with(".en")
}

/// Names the results of a file; where two files would share a name, the later one keeps its extension in it.
fn name(found: Found, output: &Path, formats: &[Format], taken: &mut BTreeSet<PathBuf>) -> Result<Job> {
    let place = output.join(&found.relative);
    // Results are named after all but the last extension, so with one more the name keeps its own.
    let mut with_extension = place.clone().into_os_string();
    with_extension.push(".source");
    for named_after in [place, PathBuf::from(with_extension)] {
        let target = |&format: &Format| (format, named_after.with_file_name(format.file_name(&named_after)));
        let targets: Vec<(Format, PathBuf)> = formats.iter().map(target).collect();
        if targets.iter().all(|(_, path)| !taken.contains(path)) {
            taken.extend(targets.iter().map(|(_, path)| path.clone()));
            return Ok(Job { source: found.path, targets });
        }
    }
    Err(Error::Document {
        path: found.path,
        reason: "its results would overwrite those of another input of the same name".to_owned(),
        hint: "translate it in a run of its own with another --output".to_owned(),
    })
}
