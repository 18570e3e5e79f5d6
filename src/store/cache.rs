//! The hub cache on disk, in the layout of the hub's own tools, so that what one tool fetched the others find:
//!
//! ```text
//! <cache>/models--organisation--name/blobs/<etag>               the bytes; <etag>.incomplete while they arrive
//!                                   /snapshots/<commit>/<file>  → ../../blobs/<etag>
//!                                   /refs/<branch>              the commit a branch stood at
//!                                   /.translate/<commit>.json   digests as recorded by this program
//!                                              /<commit>.int8   its weights as the engine has prepared them
//! <cache>/.translate/<digest of a path>/                        the same two of a model directory elsewhere
//! <cache>/.locks/models--organisation--name/<etag>.lock         held while a blob is written
//! ```
//!
//! In: repository, commit, file names. Out: paths, and links that appear whole or not at all. What the bytes are is
//! checked elsewhere (`snapshot`, `hub`), and nothing here opens a socket.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::digest::{self, Etag};
use crate::{Error, Result};

/// No process writes one small file, or the prepared weights, for so long.
const UNFINISHED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// One repository in the cache.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    root: PathBuf,
    locks: PathBuf,
}

/// A blob's lock, held until dropped. The system lets go of it when the process dies, however it dies.
pub(super) struct Lock(#[expect(dead_code, reason = "open as long as the lock is held")] File);

impl Repository {
    /// The place of the repository `organisation/name`, which need not exist.
    pub(super) fn new(cache: &Path, id: &str) -> Self {
        let folder = format!("models--{}", id.replace('/', "--"));
        Self { root: cache.join(&folder), locks: cache.join(".locks").join(folder) }
    }

    /// What this program has fetched into a cache or begun to, as hub id and revision, sorted: the branch that stands at
    /// the commit, or the commit itself.
    pub(super) fn recorded(cache: &Path) -> Vec<(String, String)> {
        let mut recorded = Vec::new();
        for folder in fs::read_dir(cache).into_iter().flatten().flatten() {
            let Some(id) = folder
                .file_name()
                .to_str()
                .and_then(|name| name.strip_prefix("models--")?.split_once("--"))
                .map(|(organisation, name)| format!("{organisation}/{name}"))
            else {
                continue;
            };
            let repository = Self::new(cache, &id);
            let branches = repository.root.join("refs");
            let branches: Vec<String> = files_below(&branches)
                .iter()
                .filter_map(|file| Some(file.strip_prefix(&branches).ok()?.to_str()?.replace('\\', "/")))
                .collect();
            // Other tools make no such folder: what only they have to do with is not this program's to list.
            if !repository.root.join(".translate").is_dir() {
                continue;
            }
            for commit in repository.commits() {
                let stands_here = |branch: &&String| repository.commit_of(branch).as_ref() == Some(&commit);
                let revision = branches.iter().find(stands_here).unwrap_or(&commit);
                recorded.push((id.clone(), revision.clone()));
            }
        }
        recorded.sort();
        recorded
    }

    /// The commits of which something is here.
    pub(super) fn commits(&self) -> Vec<String> {
        let folders = fs::read_dir(self.root.join("snapshots")).into_iter().flatten().flatten();
        folders.filter_map(|folder| folder.file_name().into_string().ok()).filter(|name| is_commit(name)).collect()
    }

    /// Whether anything of this repository is here, be it half a file.
    pub(super) fn has_begun(&self) -> bool {
        self.root.is_dir()
    }

    /// Whether a process is writing a blob of this repository.
    pub(super) fn is_busy(&self) -> bool {
        files_below(&self.locks)
            .iter()
            .any(|lock| File::open(lock).is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock))))
    }

    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.root.join("snapshots").join(commit)
    }

    pub(super) fn blob(&self, etag: &Etag) -> PathBuf {
        self.root.join("blobs").join(etag.as_str())
    }

    /// Where a blob's bytes gather before they are checked.
    pub(super) fn incomplete(&self, etag: &Etag) -> PathBuf {
        self.root.join("blobs").join(format!("{}.incomplete", etag.as_str()))
    }

    pub(super) fn record(&self, commit: &str) -> PathBuf {
        self.root.join(".translate").join(format!("{commit}.json"))
    }

    /// Where the engine keeps its form of a commit's weights.
    pub(super) fn prepared(&self, commit: &str) -> PathBuf {
        self.root.join(".translate").join(format!("{commit}.int8"))
    }

    /// The commit a revision stands for, as far as the cache knows.
    pub(super) fn commit_of(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.root.join("refs").join(revision)).ok()?;
        Some(commit.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// Remembers the commit a branch stands at.
    pub(super) fn set_branch(&self, branch: &str, commit: &str) -> Result<()> {
        self.write(&self.root.join("refs").join(branch), commit.as_bytes())
    }

    /// Writes a small file: whole or not at all.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        create_parent(path)?;
        write_by_way_of(&self.temporary()?, path, bytes)
    }

    /// Drops what was recorded about a commit and made of it.
    pub(super) fn forget(&self, commit: &str) -> Result<()> {
        remove(&self.record(commit))?;
        remove(&self.prepared(commit))
    }

    /// Makes a checked blob visible as a file of a snapshot.
    pub(super) fn link(&self, etag: &Etag, commit: &str, file: &str) -> Result<()> {
        let path = self.snapshot(commit).join(file);
        create_parent(&path)?;
        let temporary = self.temporary()?;
        let _ = fs::remove_file(&temporary);
        // Up from the file to the repository: out of the snapshot, out of `snapshots`, and out of each folder in `file`.
        let up = "../".repeat(2 + file.matches('/').count());
        symbolic_link(Path::new(&format!("{up}blobs/{}", etag.as_str())), &temporary)
            // No symbolic links here (Windows without developer mode): a copy serves as well.
            .or_else(|_| fs::copy(self.blob(etag), &temporary).map(drop))
            .map_err(Error::write(&temporary))?;
        fs::rename(&temporary, &path).map_err(Error::write(&path))
    }

    /// Waits for a blob's lock; `waiting` is called every 50 ms until it is free, and may end the wait by failing.
    pub(super) fn lock(&self, etag: &Etag, waiting: &mut dyn FnMut() -> Result<()>) -> Result<Lock> {
        let path = self.locks.join(format!("{}.lock", etag.as_str()));
        create_parent(&path)?;
        let file = File::options().create(true).append(true).open(&path).map_err(Error::write(&path))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::WouldBlock) => waiting()?,
                // Some network file systems know no locks. The digests still keep wrong bytes out.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(Lock(file)),
                Err(TryLockError::Error(error)) => return Err(Error::write(&path)(error)),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Removes one commit with everything that only it uses; the whole repository when it was the last.
    pub(super) fn remove(&self, commit: &str) -> Result<()> {
        remove(&self.snapshot(commit))?;
        self.forget(commit)?;
        let snapshots = self.root.join("snapshots");
        let kept: Vec<PathBuf> = files_below(&snapshots);
        if kept.is_empty() {
            return self.remove_all();
        }
        for branch in files_below(&self.root.join("refs")) {
            if fs::read_to_string(&branch).is_ok_and(|stands_at| stands_at.trim() == commit) {
                remove(&branch)?;
            }
        }
        let used: Vec<PathBuf> = kept.iter().filter_map(|file| file.canonicalize().ok()).collect();
        for blob in files_below(&self.root.join("blobs")) {
            if !blob.canonicalize().is_ok_and(|blob| used.contains(&blob)) {
                remove(&blob)?;
            }
        }
        Ok(())
    }

    /// Removes all that is here of the repository.
    pub(super) fn remove_all(&self) -> Result<()> {
        remove(&self.locks)?;
        remove(&self.root)
    }

    /// A path for this process and thread alone, on the same file system as the rest of the repository.
    fn temporary(&self) -> Result<PathBuf> {
        let folder = self.root.join(".translate");
        let path = folder.join(temporary_name());
        create_parent(&path)?;
        sweep(&folder);
        Ok(path)
    }
}

/// What is kept about a model directory that is not in the cache.
#[derive(Debug, Clone)]
pub(super) struct Notes {
    folder: PathBuf,
}

impl Notes {
    /// The notes in this cache on this directory.
    pub(super) fn new(cache: &Path, directory: &Path) -> Result<Self> {
        // A directory that is gone may still have notes.
        let path = directory.canonicalize().or_else(|_| std::path::absolute(directory));
        let path = path.map_err(Error::read(directory))?;
        let digest = digest::sha256(path.as_os_str().as_encoded_bytes());
        Ok(Self { folder: cache.join(".translate").join(&digest[..16]) })
    }

    /// Removes the notes; `false` when there are none.
    pub(super) fn remove(&self) -> Result<bool> {
        let there = self.folder.is_dir();
        remove(&self.folder).map(|()| there)
    }

    pub(super) fn record(&self) -> PathBuf {
        self.folder.join("record.json")
    }

    /// Where the engine keeps its form of the weights.
    pub(super) fn prepared(&self) -> PathBuf {
        self.folder.join("weights.int8")
    }

    /// Writes the record: whole or not at all.
    pub(super) fn write_record(&self, bytes: &[u8]) -> Result<()> {
        create_parent(&self.record())?;
        sweep(&self.folder);
        write_by_way_of(&self.folder.join(temporary_name()), &self.record(), bytes)
    }
}

/// A file name for this process and thread alone.
fn temporary_name() -> String {
    format!("{}-{:?}.temporary", std::process::id(), std::thread::current().id())
}

/// Clears a folder of what processes that died a day ago or earlier had not finished writing.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let unfinished = path.extension().is_some_and(|extension| extension == "temporary" || extension == "part");
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|time| time.elapsed().ok());
        if unfinished && age.is_some_and(|age| age > UNFINISHED_FOR) {
            // What cannot be removed does no harm.
            let _ = fs::remove_file(path);
        }
    }
}

fn write_by_way_of(temporary: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(temporary, bytes).map_err(Error::write(temporary))?;
    fs::rename(temporary, path).map_err(Error::write(path))
}

/// Whether a revision is a full commit digest, whose content can never change.
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(super) fn create_parent(path: &Path) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(Error::write(parent))
}

pub(super) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::write(path)(error)),
        _ => Ok(()),
    }
}

/// All files and links below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files.extend(files_below(&entry.path())),
            _ => files.push(entry.path()),
        }
    }
    files
}

#[cfg(unix)]
fn symbolic_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symbolic_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target.to_string_lossy().replace('/', "\\"), link)
}

#[cfg(not(any(unix, windows)))]
fn symbolic_link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
