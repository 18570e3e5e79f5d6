//! Inputs → the reports below them, in a stable order.
//!
//! In: paths of files and folders, what they should hold, and which names to take. Out: paths; an input or folder that
//! cannot be read stands as an error in its place. Files are found here, never opened.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet};

use crate::{Error, Result};

/// What files consist of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unit {
    /// Each is a document.
    #[default]
    Document,
    /// Segments, one in each line.
    Lines,
    /// JSON records, one in each line.
    Records,
}

impl Unit {
    /// Extensions of the files that are looked for in folders.
    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Document => DOCUMENTS,
            // Parallel corpora name their files after languages.
            Self::Lines => &["txt", "text", "de"],
            Self::Records => &["jsonl", "ndjson"],
        }
    }
}

/// Extensions of documents.
const DOCUMENTS: &[&str] = &[
    "txt",
    "text",
    "md",
    "markdown",
    "html",
    "htm",
    "xhtml",
    "docx",
    "odt",
    "eml",
    #[cfg(feature = "pdf")]
    "pdf",
];

/// A report that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the input that led to it.
    pub relative: PathBuf,
}

/// Which files of a folder to take: by default those with the extension of a document.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    unit: Unit,
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
}

impl Selection {
    /// Takes files that match one of `include`, whatever their extension (none: those with the extension of a document), and
    /// no file or folder that matches one of `exclude`.
    ///
    /// Patterns are globs (`*`, `**`, `?`, `[a-z]`, `{a,b}`) over the path below the input; one without `/` matches at
    /// every depth.
    ///
    /// # Errors
    /// [`Error::Option`] naming the pattern that cannot be read.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self> {
        let (include, exclude) = (globs("--include", include)?, globs("--exclude", exclude)?);
        Ok(Self { include, exclude, ..Self::default() })
    }

    /// Where there is no `include`: takes files with the extension of such files.
    #[must_use]
    pub fn of(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    fn takes(&self, relative: &Path) -> bool {
        let wanted = match &self.include {
            Some(globs) => globs.is_match(relative),
            None => has_extension(relative, self.unit.extensions()),
        };
        wanted && !self.passes_over(relative) && !is_result(relative)
    }

    fn passes_over(&self, relative: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|globs| globs.is_match(relative))
    }
}

fn globs(option: &'static str, patterns: &[String]) -> Result<Option<GlobSet>> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let fault = |error: globset::Error| Error::Option { option, reason: error.to_string() };
    let mut set = GlobSet::builder();
    for pattern in patterns {
        let pattern = pattern.trim_end_matches('/');
        let anywhere = if pattern.contains('/') { "" } else { "**/" };
        let pattern = format!("{anywhere}{pattern}");
        set.add(GlobBuilder::new(&pattern).literal_separator(true).build().map_err(fault)?);
    }
    set.build().map(Some).map_err(fault)
}

/// Finds the reports below `inputs`.
///
/// A file that was named is always taken; in folders hidden files, what `selection` leaves out, the folder `except` and
/// results of earlier runs are passed over. The order is that of the inputs, and by path within folders. A folder that
/// links lead to more than once is taken once, by its real name where that lies below the input, and so is a file that
/// several inputs lead to, by the first of them. What cannot be read stands as an error in its place.
pub fn find(inputs: &[PathBuf], except: Option<&Path>, selection: &Selection) -> Vec<Result<Found>> {
    let except = except.and_then(|folder| fs::canonicalize(folder).ok());
    let find_at = |input: &PathBuf| match fs::metadata(input) {
        Ok(data) if data.is_dir() => find_below(input, except.as_deref(), selection),
        Ok(_) => {
            let relative = input.file_name().map(PathBuf::from).unwrap_or_default();
            vec![Ok(Found { path: input.clone(), relative })]
        }
        Err(error) => vec![Err(Error::read(input)(error))],
    };
    match inputs {
        // A large folder alone is not asked for the real name of each file.
        [input] => find_at(input),
        _ => {
            let mut seen = BTreeSet::new();
            inputs.iter().flat_map(|input| without_seen(find_at(input), &mut seen)).collect()
        }
    }
}

/// Without the files that an earlier input led to.
fn without_seen(found: Vec<Result<Found>>, seen: &mut BTreeSet<PathBuf>) -> Vec<Result<Found>> {
    // What has no real name, as a pipe, is taken each time.
    let real = |found: &Result<Found>| found.as_ref().ok().and_then(|found| fs::canonicalize(&found.path).ok());
    let real: Vec<Option<PathBuf>> = found.iter().map(real).collect();
    let is_new = |real: &Option<PathBuf>| real.as_ref().is_none_or(|real| !seen.contains(real));
    let new: Vec<Result<Found>> =
        found.into_iter().zip(&real).filter(|(_, real)| is_new(real)).map(|(found, _)| found).collect();
    seen.extend(real.into_iter().flatten());
    new
}

fn find_below(input: &Path, except: Option<&Path>, selection: &Selection) -> Vec<Result<Found>> {
    let mut all: Vec<(PathBuf, Result<Found>)> = Vec::new();
    let mut visited = BTreeSet::new();
    let mut folders = vec![input.to_owned()];
    // Looked into last, so that a folder has its real name; by name, so that the order does not depend on the disk.
    let mut linked = BTreeSet::new();
    while let Some(folder) = folders.pop().or_else(|| linked.pop_first()) {
        let opened = fs::canonicalize(&folder).and_then(|real| {
            // A link may lead back up: each real folder is visited once. An input that was named is never passed over.
            let pass_over = (except == Some(&real) && folder != input) || !visited.insert(real);
            if pass_over { Ok(Vec::new()) } else { fs::read_dir(&folder)?.collect() }
        });
        let entries = opened.unwrap_or_else(|error| {
            all.push((folder.clone(), Err(Error::read(&folder)(error))));
            Vec::new()
        });
        for entry in entries {
            let path = entry.path();
            let relative = path.strip_prefix(input).unwrap_or(&path).to_owned();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            match fs::metadata(&path) {
                Ok(data) if data.is_dir() && selection.passes_over(&relative) => {}
                Ok(data) if data.is_dir() && is_link => {
                    linked.insert(path);
                }
                Ok(data) if data.is_dir() => folders.push(path),
                _ if !selection.takes(&relative) => {}
                Ok(data) if data.is_file() => all.push((path.clone(), Ok(Found { path, relative }))),
                // Reading a pipe or device that lies about could take forever.
                Ok(_) => all.push((path.clone(), Err(no_file(&path)))),
                Err(error) => all.push((path.clone(), Err(Error::read(&path)(error)))),
            }
        }
    }
    if all.is_empty() {
        all.push((input.to_owned(), Err(no_reports(input, selection))));
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.into_iter().map(|(_, found)| found).collect()
}

fn no_file(path: &Path) -> Error {
    Error::Document {
        path: path.to_owned(),
        reason: "it is no regular file".to_owned(),
        hint: "name it on the command line to have it read all the same".to_owned(),
    }
}

fn no_reports(input: &Path, selection: &Selection) -> Error {
    Error::Document {
        path: input.to_owned(),
        reason: match selection.unit {
            Unit::Document => "there are no reports in this folder".to_owned(),
            Unit::Lines | Unit::Records => "there is nothing to translate in this folder".to_owned(),
        },
        hint: match selection.include {
            Some(_) => "no file matches --include".to_owned(),
            None => format!(
                "files are taken that end in .{}; --include takes others",
                selection.unit.extensions().join(", .")
            ),
        },
    }
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    extensions.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Whether a file is named as the result of an earlier run.
fn is_result(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().as_encoded_bytes();
    stem.ends_with(b".de-en") || stem.ends_with(b".en")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path, include: &[&str], exclude: &[&str]) -> Vec<String> {
        let owned = |patterns: &[&str]| patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>();
        let selection = Selection::new(&owned(include), &owned(exclude)).unwrap();
        let name = |found: Result<Found>| match found {
            Ok(found) => found.relative.to_str().unwrap().to_owned(),
            Err(error) => format!("! {error}"),
        };
        find(&[folder.to_owned()], None, &selection).into_iter().map(name).collect()
    }

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "Ein Satz.").unwrap();
        }
        folder
    }

    #[test]
    fn patterns_choose_names_and_paths() {
        let folder = folder(&["a.txt", "b.log", "alt/c.txt", "alt/tief/d.md", "neu/alt/e.txt", "neu/a.en.txt"]);
        let names = |include: &[&str], exclude: &[&str]| names(folder.path(), include, exclude);
        assert_eq!(names(&[], &[]), ["a.txt", "alt/c.txt", "alt/tief/d.md", "neu/alt/e.txt"]);
        assert_eq!(names(&["*.log", "*.md"], &[]), ["alt/tief/d.md", "b.log"]);
        assert_eq!(names(&["alt/*"], &[]), ["alt/c.txt"]);
        assert_eq!(names(&["alt/**"], &[]), ["alt/c.txt", "alt/tief/d.md"]);
        assert_eq!(names(&[], &["alt"]), ["a.txt"]);
        assert_eq!(names(&[], &["./x", "alt/", "*.{md,log}"]), ["a.txt"]);
        assert_eq!(names(&[], &["neu/**", "tief"]), ["a.txt", "alt/c.txt"]);
        assert!(names(&["*.pdf"], &[])[0].contains("no reports"));
        assert!(Selection::new(&["[".to_owned()], &[]).unwrap_err().to_string().starts_with("--include"));
    }

    #[test]
    fn lines_and_records_are_looked_for_by_their_own_extensions() {
        let folder = folder(&["a.txt", "b.de", "c.md", "d.docx", "r.jsonl", "s.NDJSON", "r.de-en.jsonl"]);
        let names = |unit: Unit| -> Vec<PathBuf> {
            let found = find(&[folder.path().to_owned()], None, &Selection::default().of(unit));
            found.into_iter().map(|found| found.unwrap().relative).collect()
        };
        assert_eq!(names(Unit::Document), ["a.txt", "c.md", "d.docx"].map(PathBuf::from));
        assert_eq!(names(Unit::Lines), ["a.txt", "b.de"].map(PathBuf::from));
        assert_eq!(names(Unit::Records), ["r.jsonl", "s.NDJSON"].map(PathBuf::from));
        let below = self::folder(&["c.md"]);
        let found = find(&[below.path().to_owned()], None, &Selection::default().of(Unit::Records));
        assert!(found[0].as_ref().unwrap_err().hint().unwrap().contains(".jsonl"));
    }

    #[test]
    fn a_file_that_two_inputs_lead_to_is_taken_once() {
        let folder = folder(&["q1/a.txt", "q1/tief/b.txt", "q2/a.txt"]);
        let found = |inputs: &[&str]| -> Vec<PathBuf> {
            let inputs: Vec<PathBuf> = inputs.iter().map(|input| folder.path().join(input)).collect();
            find(&inputs, None, &Selection::default()).into_iter().map(|found| found.unwrap().relative).collect()
        };
        assert_eq!(found(&["q1", "q1/a.txt", "q1/../q1/a.txt"]), ["a.txt", "tief/b.txt"].map(PathBuf::from));
        assert_eq!(found(&["q1/tief", "q1", "q1"]), ["b.txt", "a.txt"].map(PathBuf::from));
        assert_eq!(found(&["q1/a.txt", "q2/a.txt"]), ["a.txt", "a.txt"].map(PathBuf::from));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_the_order_is_that_of_names() {
        use std::os::unix::fs::symlink;
        let folder = folder(&["m/z.txt", "m/a.txt", "b/c.txt"]);
        let at = |name: &str| folder.path().join(name);
        symlink(folder.path(), at("m/hinauf")).unwrap();
        symlink(at("m"), at("a-link")).unwrap();
        symlink(at("m/a.txt"), at("datei.txt")).unwrap();
        symlink(at("fehlt"), at("ins-leere.txt")).unwrap();
        let outside = self::folder(&["x.txt"]);
        symlink(outside.path(), at("aussen")).unwrap();
        let found = names(folder.path(), &[], &[]);
        let broken = format!("! cannot read {}", at("ins-leere.txt").display());
        assert_eq!(found, ["aussen/x.txt", "b/c.txt", "datei.txt", &broken, "m/a.txt", "m/z.txt"]);
    }
}
