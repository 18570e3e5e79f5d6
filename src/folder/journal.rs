//! What is known already, kept on disk between runs: translations of sentences, and which files are finished.
//!
//! In: keys that name a sentence or a file together with all that its result depends on. Out: what was kept under them.
//! The journal only ever saves work. It is checked from end to end when it is opened, and one that is damaged is set
//! aside; when it cannot be read or written, nothing is known and nothing is kept, and the run goes on.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase, TableDefinition};

use crate::engine::Translation;

/// SHA-256 of what a result depends on.
pub(super) type Key = [u8; 32];

/// Target, score, tokens, and whether the translation is complete. Another shape needs another name.
const SENTENCES: TableDefinition<&Key, (&str, f32, u64, bool)> = TableDefinition::new("sentences/1");

/// Fields of [`FileRecord`], digests of the results one after the other.
const FILES: TableDefinition<&Key, (&Key, &[u8], u64, u64)> = TableDefinition::new("files/1");

/// For a result, the path of the report that it was made from.
const OWNERS: TableDefinition<&Key, &str> = TableDefinition::new("owners/1");

/// What is kept is on disk after this time at the latest: the work that a sudden end costs.
const COMMIT_EVERY: Duration = Duration::from_secs(2);

/// Bytes of the file that may be held in memory.
const CACHE: usize = 32 << 20;

/// A journal, open for one run; shared by reference between threads.
pub struct Journal {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    /// `None` when there is none to be had.
    database: Option<Database>,
    notice: Option<String>,
    /// To be written with the next commit.
    sentences: Vec<(Key, Translation)>,
    files: Vec<(Key, FileRecord)>,
    owners: Vec<(Key, String)>,
    committed: Instant,
    /// Where older entries are to be ignored: the sentences of this run.
    fresh: Option<HashSet<Key>>,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileRecord {
    /// What its results were made from: content and settings.
    pub origin: Key,
    /// SHA-256 of each result.
    pub results: Vec<Key>,
    /// Sentences in it.
    pub sentences: u64,
    /// How many of them are in doubt.
    pub doubtful: u64,
}

impl Journal {
    /// Opens the journal at `path` or begins one. With `force` nothing older is believed, and it is all made anew.
    /// `alone` says that no other run can be about to open the same file, so that a damaged one may be moved.
    pub(super) fn open(path: PathBuf, force: bool, alone: bool) -> Self {
        let mut notice = None;
        let database = match open(&path) {
            Ok(database) => Some(database),
            Err(redb::Error::DatabaseAlreadyOpen) => {
                notice = Some(
                    "another run is at work in the same output folder; this one does not share its finished sentences"
                        .to_owned(),
                );
                None
            }
            Err(error) if alone && is_damage(&error) => {
                let aside = path.with_extension("damaged");
                notice = Some(format!(
                    "the journal {} is damaged ({error}); it was set aside, and what it knew is translated again",
                    path.display()
                ));
                std::fs::rename(&path, aside).ok().and_then(|()| open(&path).ok())
            }
            Err(error) => {
                notice = Some(unusable(&path, &error));
                None
            }
        };
        let state = State {
            database,
            notice,
            sentences: Vec::new(),
            files: Vec::new(),
            owners: Vec::new(),
            committed: Instant::now(),
            fresh: force.then(HashSet::new),
        };
        Self { path, state: Mutex::new(state) }
    }

    /// What the user should know about the journal, if anything; said once.
    pub fn notice(&self) -> Option<String> {
        self.state().notice.take()
    }

    /// The translations that are known, one place for each key.
    pub(super) fn sentences(&self, keys: &[Key]) -> Vec<Option<Translation>> {
        let mut state = self.state();
        self.commit(&mut state);
        let known = state.database.as_ref().map(|database| -> Result<Vec<_>, redb::Error> {
            let table = database.begin_read()?.open_table(SENTENCES)?;
            let believed = |key: &Key| state.fresh.as_ref().is_none_or(|fresh| fresh.contains(key));
            let get = |key: &Key| -> Result<Option<Translation>, redb::Error> {
                let kept = if believed(key) { table.get(key)? } else { None };
                Ok(kept.map(|kept| {
                    let (text, score, tokens, complete) = kept.value();
                    Translation { text: text.to_owned(), score, tokens: tokens as usize, complete }
                }))
            };
            keys.iter().map(get).collect()
        });
        self.or_close(&mut state, known).unwrap_or_else(|| vec![None; keys.len()])
    }

    /// Keeps a translation; it is on disk a few seconds later.
    pub(super) fn keep_sentence(&self, key: Key, translation: &Translation) {
        let mut state = self.state();
        if state.database.is_some() {
            if let Some(fresh) = &mut state.fresh {
                fresh.insert(key);
            }
            state.sentences.push((key, translation.clone()));
            self.commit_from_time_to_time(&mut state);
        }
    }

    /// What is known about a file.
    pub(super) fn file(&self, key: &Key) -> Option<FileRecord> {
        let mut state = self.state();
        let database = state.database.as_ref().filter(|_| state.fresh.is_none());
        let known = database.map(|database| -> Result<Option<FileRecord>, redb::Error> {
            let table = database.begin_read()?.open_table(FILES)?;
            Ok(table.get(key)?.map(|kept| {
                let (&origin, results, sentences, doubtful) = kept.value();
                let (results, _) = results.as_chunks();
                FileRecord { origin, results: results.to_vec(), sentences, doubtful }
            }))
        });
        self.or_close(&mut state, known).flatten()
    }

    /// Keeps that a file is finished; it is on disk a few seconds later.
    pub(super) fn keep_file(&self, key: Key, record: FileRecord) {
        let mut state = self.state();
        if state.database.is_some() {
            state.files.push((key, record));
            // Where all sentences are known, or summaries take long, nothing but files comes for a while.
            self.commit_from_time_to_time(&mut state);
        }
    }

    /// The report that a result was made from: whose it is holds also where no older result is believed.
    pub(super) fn owner(&self, result: &Key) -> Option<PathBuf> {
        let mut state = self.state();
        let known = state.database.as_ref().map(|database| -> Result<Option<PathBuf>, redb::Error> {
            let table = database.begin_read()?.open_table(OWNERS)?;
            Ok(table.get(result)?.map(|kept| kept.value().into()))
        });
        self.or_close(&mut state, known).flatten()
    }

    /// Keeps which report a result was made from, as far as its path is Unicode; it is on disk with the file.
    pub(super) fn keep_owner(&self, result: Key, report: &Path) {
        let mut state = self.state();
        if let Some(report) = report.to_str().filter(|_| state.database.is_some()) {
            state.owners.push((result, report.to_owned()));
        }
    }

    /// Brings all that was kept onto the disk.
    pub(super) fn flush(&self) {
        self.commit(&mut self.state());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn commit_from_time_to_time(&self, state: &mut State) {
        if state.committed.elapsed() >= COMMIT_EVERY {
            self.commit(state);
        }
    }

    fn commit(&self, state: &mut State) {
        state.committed = Instant::now();
        let sentences = std::mem::take(&mut state.sentences);
        let files = std::mem::take(&mut state.files);
        let owners = std::mem::take(&mut state.owners);
        if sentences.is_empty() && files.is_empty() && owners.is_empty() {
            return;
        }
        let written = state.database.as_ref().map(|database| -> Result<(), redb::Error> {
            let transaction = database.begin_write()?;
            {
                let mut table = transaction.open_table(SENTENCES)?;
                for (key, Translation { text, score, tokens, complete }) in &sentences {
                    table.insert(key, (text.as_str(), *score, *tokens as u64, *complete))?;
                }
                let mut table = transaction.open_table(FILES)?;
                for (key, FileRecord { origin, results, sentences, doubtful }) in &files {
                    table.insert(key, (origin, results.as_flattened(), *sentences, *doubtful))?;
                }
                let mut table = transaction.open_table(OWNERS)?;
                for (key, report) in &owners {
                    table.insert(key, report.as_str())?;
                }
            }
            Ok(transaction.commit()?)
        });
        self.or_close(state, written);
    }

    /// A journal that fails once is not used again: it is there to save work, not to be worked for.
    fn or_close<T>(&self, state: &mut State, result: Option<Result<T, redb::Error>>) -> Option<T> {
        result?
            .map_err(|error| {
                state.database = None;
                state.notice = Some(unusable(&self.path, &error));
            })
            .ok()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.flush();
    }
}

fn open(path: &Path) -> Result<Database, redb::Error> {
    let database = Database::builder().set_cache_size(CACHE).set_check_integrity_on_open(true).create(path)?;
    let tables = |database: &Database| -> Result<(), redb::Error> {
        let transaction = database.begin_read()?;
        transaction.open_table(SENTENCES)?;
        transaction.open_table(FILES)?;
        transaction.open_table(OWNERS)?;
        Ok(())
    };
    if let Err(redb::Error::TableDoesNotExist(_)) = tables(&database) {
        let transaction = database.begin_write()?;
        transaction.open_table(SENTENCES)?;
        transaction.open_table(FILES)?;
        transaction.open_table(OWNERS)?;
        transaction.commit()?;
    }
    tables(&database)?;
    Ok(database)
}

/// Whether the file itself is at fault, and not the disk or another process.
fn is_damage(error: &redb::Error) -> bool {
    match error {
        redb::Error::Io(error) => matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof),
        redb::Error::Corrupted(_)
        | redb::Error::UpgradeRequired(_)
        | redb::Error::RepairAborted
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableIsMultimap(_) => true,
        _ => false,
    }
}

fn unusable(path: &Path, error: &redb::Error) -> String {
    format!(
        "finished sentences are not kept from here on, because {} cannot be used: {error}; results are not affected",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translation(number: usize) -> Translation {
        Translation { text: format!("Sentence {number}."), score: -0.1 * number as f32, tokens: number, complete: true }
    }

    fn key(number: usize) -> Key {
        std::array::from_fn(|at| (number >> (at % 4 * 8)) as u8)
    }

    fn filled(folder: &Path, count: usize) -> PathBuf {
        let path = folder.join("journal.redb");
        let journal = Journal::open(path.clone(), false, true);
        assert_eq!(journal.notice(), None);
        for number in 0..count {
            journal.keep_sentence(key(number), &translation(number));
        }
        path
    }

    #[test]
    fn what_is_kept_is_there_at_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path(), 100);
        let record = FileRecord { origin: key(1), results: vec![key(2), key(3)], sentences: 4, doubtful: 5 };
        {
            let journal = Journal::open(path.clone(), false, true);
            let known = journal.sentences(&[key(7), key(100), key(99)]);
            assert_eq!(known, [Some(translation(7)), None, Some(translation(99))]);
            assert_eq!(journal.file(&key(9)), None);
            journal.keep_file(key(9), record.clone());
        }
        let journal = Journal::open(path.clone(), false, true);
        assert_eq!(journal.file(&key(9)), Some(record));
        let second = Journal::open(path, false, true);
        assert!(second.notice().unwrap().contains("another run"));
        second.keep_sentence(key(1), &translation(1));
        assert_eq!(second.sentences(&[key(1)]), [None]);
    }

    /// What is read comes from the file, so that what is found there is what a sudden end would leave.
    #[test]
    fn finished_files_do_not_wait_for_sentences() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().join("journal.redb"), false, true);
        let record = FileRecord { origin: key(1), results: vec![key(2)], sentences: 4, doubtful: 5 };
        let now = Instant::now();
        journal.state().committed = now;
        journal.keep_file(key(7), record.clone());
        let soon = journal.file(&key(7));
        journal.state().committed = now.checked_sub(COMMIT_EVERY).unwrap();
        journal.keep_file(key(8), record.clone());
        assert_eq!([journal.file(&key(7)), journal.file(&key(8))], [Some(record.clone()), Some(record)]);
        assert!(soon.is_none() || now.elapsed() >= COMMIT_EVERY);
    }

    #[test]
    fn results_have_the_owner_that_was_kept_last_whatever_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.redb");
        for report in ["/q1/a.txt", "/q2/a.txt"] {
            let journal = Journal::open(path.clone(), false, true);
            journal.keep_owner(key(1), Path::new(report));
        }
        for force in [false, true] {
            let journal = Journal::open(path.clone(), force, true);
            assert_eq!(journal.owner(&key(1)), Some(PathBuf::from("/q2/a.txt")));
            assert_eq!(journal.owner(&key(2)), None);
        }
    }

    /// A journal of a version that did not keep whose a result is.
    #[test]
    fn a_journal_without_owners_gets_a_place_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path(), 3);
        {
            let database = Database::create(&path).unwrap();
            let transaction = database.begin_write().unwrap();
            assert!(transaction.delete_table(OWNERS).unwrap());
            transaction.commit().unwrap();
        }
        let journal = Journal::open(path, false, true);
        assert_eq!((journal.notice(), journal.owner(&key(1))), (None, None));
        assert_eq!(journal.sentences(&[key(2)]), [Some(translation(2))]);
    }

    #[test]
    fn force_believes_this_run_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path(), 10);
        let journal = Journal::open(path, true, true);
        assert_eq!(journal.sentences(&[key(1), key(2)]), [None, None]);
        journal.keep_sentence(key(2), &translation(3));
        assert_eq!(journal.sentences(&[key(1), key(2)]), [None, Some(translation(3))]);
    }

    /// Whatever became of the file, what is read from it is what was kept, or nothing.
    #[test]
    fn a_damaged_journal_is_never_believed() {
        let folder = tempfile::tempdir().unwrap();
        let count = 300;
        let whole = std::fs::read(filled(folder.path(), count)).unwrap();
        let keys: Vec<Key> = (0..count).map(key).collect();
        let path = folder.path().join("damaged.redb");
        let mut set_aside = 0;
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut below = |limit: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random % limit as u64) as usize
        };
        // More of them by hand: TRANSLATE_DAMAGED_JOURNALS=10000.
        let rounds = std::env::var("TRANSLATE_DAMAGED_JOURNALS").ok().and_then(|rounds| rounds.parse().ok());
        let rounds = rounds.unwrap_or(180);
        for round in 0..rounds {
            let mut bytes = whole.clone();
            match round % 6 {
                0 => bytes.truncate(below(whole.len())),
                1 => bytes.fill_with(|| below(256) as u8),
                2 => (0..40).for_each(|_| bytes[below(512)] = below(256) as u8),
                3 => (0..40).for_each(|_| bytes[below(whole.len())] = below(256) as u8),
                4 => {
                    let occupied = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
                    bytes[below(occupied)] ^= 1 << below(8);
                }
                _ => {
                    let at = below(whole.len() - 4096);
                    bytes[at..at + 4096].fill(0);
                }
            }
            std::fs::write(&path, &bytes).unwrap();
            let journal = Journal::open(path.clone(), false, true);
            set_aside += usize::from(journal.notice().is_some_and(|notice| notice.contains("damaged")));
            for (number, known) in journal.sentences(&keys).into_iter().enumerate() {
                assert!(known.is_none_or(|known| known == translation(number)), "round {round}");
            }
            journal.keep_sentence(key(1), &translation(1));
            assert_eq!(journal.sentences(&[key(1)]), [Some(translation(1))], "round {round}");
        }
        assert!(set_aside > rounds / 3, "{set_aside}");
    }
}
