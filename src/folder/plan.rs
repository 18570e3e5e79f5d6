//! Found reports → jobs: where the results of each go.
//!
//! In: reports with their paths below an input. Out: the same with the paths of their results below the output folder,
//! which mirrors the tree of each input. Nothing is read or written here.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::find::{Found, Selection, find};
use super::output::Output;
use crate::Result;
use crate::output::Format;

/// Names of files that are longer, in bytes, are shortened: 255 is what file systems allow, and results append to them.
const LONGEST_NAME: usize = 255;

/// What is left of the name of a report in a name that is shortened, in bytes.
const SHORTENED: usize = 200;

/// One input file and where its results go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The report.
    pub source: PathBuf,
    /// Its results, one for each format.
    pub targets: Vec<(Format, PathBuf)>,
}

/// Finds the reports below `inputs` and names their results below `output`; see [`find`] and [`Planner::plan`].
pub fn plan(inputs: &[PathBuf], output: &Path, formats: &[Format], selection: &Selection) -> Vec<Result<Job>> {
    let mut planner = Planner::new(inputs, output, formats);
    find(inputs, Some(output), selection).into_iter().map(|found| found.map(|found| planner.plan(found))).collect()
}

/// Names results, no two alike, and none like an input that was named.
#[derive(Clone)]
pub struct Planner<'a> {
    output: PathBuf,
    /// Where earlier runs left results.
    earlier: Option<&'a Output>,
    formats: Vec<Format>,
    taken: BTreeSet<String>,
    /// How many reports had the same place so far: with thousands of them no number is tried twice.
    same: BTreeMap<PathBuf, usize>,
}

impl<'a> Planner<'a> {
    /// For results in these formats below `output`, which may be where the inputs are.
    pub fn new(inputs: &[PathBuf], output: &Path, formats: &[Format]) -> Self {
        // Files that are found in folders are never named like results, but those that the user names may be.
        let taken = inputs.iter().map(|input| place(input)).collect();
        let formats = formats.to_vec();
        Self { output: output.to_owned(), earlier: None, formats, taken, same: BTreeMap::new() }
    }

    /// Leaves the results of earlier runs to the reports they were made from, as far as the journal knows them and as long
    /// as those reports are there.
    #[must_use]
    pub fn after(self, earlier: &'a Output) -> Self {
        Self { earlier: Some(earlier), ..self }
    }

    /// Names the results of a report after it. Where an earlier report has the name, the extension is kept in it
    /// (`a.md.de-en.html`), and where that is taken too, a number is added (`a.md.2.de-en.html`).
    pub fn plan(&mut self, found: Found) -> Job {
        let mirrored = self.output.join(&found.relative);
        let same = self.same.entry(mirrored.clone()).or_insert(0);
        let mut number = *same;
        loop {
            let mut name = mirrored.file_name().unwrap_or_default().to_owned();
            match number {
                0 => {}
                // Results are named after all but the last extension, so with one more the name keeps its own.
                1 => name.push(".source"),
                number => name.push(format!(".{number}.source")),
            }
            let named_after = mirrored.with_file_name(name);
            let targets: Vec<(Format, PathBuf)> =
                self.formats.iter().map(|&format| (format, target(&named_after, format))).collect();
            let places: Vec<String> = targets.iter().map(|(_, path)| place(path)).collect();
            let is_another_s =
                |path: &Path| self.earlier.is_some_and(|earlier| earlier.is_another_s(path, &found.path));
            let is_taken = places.iter().any(|place| self.taken.contains(place));
            let is_free = !is_taken && !targets.iter().any(|(_, path)| is_another_s(path));
            // A name that belongs to another report is kept for it, should it come.
            if number == *same && (is_taken || is_free) {
                *same += 1;
            }
            if is_free {
                self.taken.extend(places);
                return Job { source: found.path, targets };
            }
            number += 1;
        }
    }
}

/// What two paths have in common when they lead to one file: also where `A.md` and `a.md` do, which no program can tell
/// without trying.
fn place(path: &Path) -> String {
    let absolute = std::path::absolute(path);
    absolute.as_deref().unwrap_or(path).to_string_lossy().to_lowercase()
}

/// The result of one report in one format. A name that would be too long is cut, and ends in digits made from all of it.
fn target(named_after: &Path, format: Format) -> PathBuf {
    let name = format.file_name(named_after);
    if name.as_os_str().len() <= LONGEST_NAME {
        return named_after.with_file_name(name);
    }
    let stem = named_after.file_stem().unwrap_or_default();
    let digest = Sha256::digest(stem.as_encoded_bytes());
    let digits: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let text = stem.to_string_lossy();
    let mut cut = OsString::from(text.get(..text.floor_char_boundary(SHORTENED)).unwrap_or_default());
    cut.push(format!("~{digits}.source"));
    named_after.with_file_name(format.file_name(Path::new(&cut)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_reports_share_a_result() {
        let inputs = [PathBuf::from("./aus/tief/x.en.txt")];
        let mut planner = Planner::new(&inputs, Path::new("aus"), &[Format::Markdown, Format::Text]);
        let mut first = |relative: &str| {
            let job = planner.plan(Found { path: relative.into(), relative: relative.into() });
            job.targets[0].1.to_str().unwrap().to_owned()
        };
        assert_eq!(first("tief/a.md"), "aus/tief/a.de-en.md");
        assert_eq!(first("tief/a.txt"), "aus/tief/a.txt.de-en.md");
        assert_eq!(first("tief/a.txt.md"), "aus/tief/a.txt.md.de-en.md");
        assert_eq!(first("tief/a.txt"), "aus/tief/a.txt.2.de-en.md");
        assert_eq!(first("tief/a.txt"), "aus/tief/a.txt.3.de-en.md");
        // Where case is not told apart these are one file.
        assert_eq!(first("tief/A.html"), "aus/tief/A.html.de-en.md");
        // An input has the name that the other result would have.
        assert_eq!(first("tief/x.txt"), "aus/tief/x.txt.de-en.md");
    }

    #[test]
    fn results_of_long_names_fit_the_file_system() {
        let mut planner = Planner::new(&[], Path::new("aus"), &[Format::Html]);
        let mut seen = BTreeSet::new();
        for letter in ["a", "b"] {
            for long in ["ü".repeat(120) + letter, "x".repeat(250) + letter] {
                let relative = PathBuf::from(format!("{long}.txt"));
                let job = planner.plan(Found { path: relative.clone(), relative });
                let name = job.targets[0].1.file_name().unwrap().to_str().unwrap().to_owned();
                assert!(name.len() <= LONGEST_NAME && name.ends_with(".de-en.html"), "{name}");
                assert!(seen.insert(name));
            }
        }
    }
}
