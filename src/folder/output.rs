//! The output folder of a run: the journal in it, and files that are not finished yet.
//!
//! In: the path of a folder. Out: a folder that is known to be writable, with what a run keeps in it below `.translate/`.
//! What is kept may be deleted whenever no run is at work; that costs time and nothing else.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::journal::{Journal, Key};
use super::write::PartialFile;
use crate::{Error, Result};

/// The folder in the output folder that holds what is no result.
const KEPT: &str = ".translate";

/// An output folder, open for one run; shared by reference between threads.
pub struct Output {
    folder: PathBuf,
    partial: PathBuf,
    journal: Journal,
    /// Held as long as the run lasts.
    _lock: Option<File>,
}

impl Output {
    /// Opens a folder, which is created where it is missing. With `force` the journal's older entries are ignored.
    ///
    /// Several runs may use one folder at the same time: each writes whole files, and one of them has the journal.
    ///
    /// # Errors
    /// [`Error::Write`] when the folder cannot be written to.
    pub fn open(folder: &Path, force: bool) -> Result<Self> {
        let kept = folder.join(KEPT);
        let partial = kept.join("unfinished");
        fs::create_dir_all(&partial).map_err(Error::write(folder))?;
        // Whether it can be written to is tried with a file that has no name: nobody finds it there when the run is killed.
        tempfile::tempfile_in(folder).map_err(Error::write(folder))?;
        let lock = File::options().create(true).append(true).open(kept.join("lock")).ok();
        let alone = lock.as_ref().is_some_and(|lock| lock.try_lock().is_ok());
        if alone {
            // Left by runs that were killed. A file that cannot be removed harms nobody.
            for entry in fs::read_dir(&partial).into_iter().flatten().flatten() {
                let _ = fs::remove_file(entry.path());
            }
        }
        let journal = Journal::open(kept.join("journal.redb"), force, alone);
        // From here on others may come, but none of them takes itself for alone. Where there are no locks, none ever does.
        let _ = lock.as_ref().map(File::lock_shared);
        Ok(Self { folder: folder.to_owned(), partial, journal, _lock: lock })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was finished in it.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Whether an earlier run made this result from another report, which is still there: after a move the new place of a
    /// report takes over the results of the old one.
    pub(super) fn is_another_s(&self, target: &Path, source: &Path) -> bool {
        let Some(owner) = self.journal.owner(&self.name(target)) else { return false };
        let is_same = || fs::canonicalize(source).is_ok_and(|source| source == owner);
        source != owner && owner.exists() && target.exists() && !is_same()
    }

    /// Keeps which report a result was made from.
    pub(super) fn keep_owner(&self, target: &Path, source: &Path) {
        if let Ok(source) = fs::canonicalize(source) {
            self.journal.keep_owner(self.name(target), &source);
        }
    }

    /// What the journal knows a result by, wherever the folder is moved.
    fn name(&self, target: &Path) -> Key {
        let below = target.strip_prefix(&self.folder).unwrap_or(target);
        Sha256::digest(below.as_os_str().as_encoded_bytes()).into()
    }

    /// Begins a result. A run that is killed leaves nothing of it among the results.
    pub(super) fn begin(&self, target: &Path) -> Result<PartialFile> {
        PartialFile::within(&self.partial, target)
    }
}
