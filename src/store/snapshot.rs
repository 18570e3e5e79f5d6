//! Whether the files of one commit in the cache are all there and are what they should be.
//!
//! In: a model's file list, a commit, and what was recorded about it. Out: digests, or what is missing or damaged. Three
//! witnesses are heard: the catalogue, the blob's own name (a digest, whoever fetched it), and the record this program
//! made when it first saw the file. Reads files and writes the record; opens no socket.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::cache::{Notes, Repository};
use super::catalog::{FileEntry, Kind, Need};
use super::digest::{self, Etag};
use crate::bitext::ModelFile;
use crate::{Error, Result};

/// A model on the hub and the files of it that are needed.
#[derive(Debug, Clone)]
pub(super) struct HubModel {
    /// Name as the user knows it.
    pub(super) name: String,
    /// `organisation/name`.
    pub(super) repository: String,
    /// Commit or branch.
    pub(super) revision: String,
    /// What it is for.
    pub(super) kind: Kind,
    /// Its files, weights last.
    pub(super) files: Vec<FileEntry>,
}

/// What the cache holds of a model.
#[derive(Debug)]
pub(super) enum State {
    /// All of it, checked.
    Ready {
        /// The commit.
        commit: String,
        /// The files and their digests.
        digests: Vec<ModelFile>,
    },
    /// Nothing.
    Absent,
    /// Not all of it.
    Missing {
        /// The files that are not there.
        files: Vec<String>,
    },
    /// A file that is not what it should be.
    Damaged {
        /// Its name.
        file: String,
    },
    /// All of it, but of a kind that this program cannot use.
    Unusable {
        /// What is wrong with it.
        reason: String,
        /// What the user can do.
        hint: String,
    },
}

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Trust a recorded digest while size and time of change are as recorded.
    Quick,
    /// Read every byte.
    Thorough,
}

const PICKLE: &str = "pytorch_model.bin";
const LEGACY_PICKLE: &str = "pytorch_model.bin is not the zip form that torch writes since version 1.6";
/// What to do about a model that cannot be used.
pub(super) const UNUSABLE_HINT: &str = "choose another model of `translate model list`, or a revision of this one with \
                                        model.safetensors, written NAME@REVISION (opus-mt-de-en has one)";

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    files: Vec<RecordedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RecordedFile {
    name: String,
    size: u64,
    /// Nanoseconds since 1970.
    modified: u64,
    sha256: String,
}

/// Looks at what the cache holds of a model, and records the digests of what it finds whole.
pub(super) fn inspect(repository: &Repository, model: &HubModel, look: Look) -> Result<State> {
    let Some(commit) = repository.commit_of(&model.revision) else { return Ok(State::Absent) };
    let folder = repository.snapshot(&commit);
    if !folder.is_dir() {
        return Ok(State::Absent);
    }
    let present = |file: &&FileEntry| folder.join(&file.name).is_file();
    let weights = model.files.iter().filter(|file| file.need == Need::Either).find(present);
    let missing: Vec<String> = model
        .files
        .iter()
        .filter(|file| match file.need {
            Need::Required => !present(file),
            Need::Optional => false,
            Need::Either => weights.is_none(),
        })
        .map(|file| file.name.clone())
        .collect();
    if !missing.is_empty() {
        return Ok(State::Missing { files: missing });
    }

    let record = Record::read(&repository.record(&commit));
    let mut seen = Record::default();
    for file in model.files.iter().filter(present) {
        if file.need == Need::Either && weights.is_some_and(|weights| weights.name != file.name) {
            continue;
        }
        let known = record.files.iter().find(|known| known.name == file.name);
        match check(&folder.join(&file.name), file, known, look)? {
            Some(checked) => seen.files.push(checked),
            None => return Ok(State::Damaged { file: file.name.clone() }),
        }
    }
    let legacy = weights.is_some_and(|file| file.name == PICKLE && is_legacy_pickle(&folder.join(PICKLE)));
    if let Some(reason) = foreign_type(&folder, model).or_else(|| legacy.then(|| LEGACY_PICKLE.to_owned())) {
        return Ok(State::Unusable { reason, hint: UNUSABLE_HINT.to_owned() });
    }
    let digests = seen.digests();
    if let Ok(json) = serde_json::to_vec_pretty(&seen)
        && seen != record
    {
        // A cache that cannot be written is still a good cache; its files are then read at every start.
        let _ = repository.write(&repository.record(&commit), &json);
    }
    Ok(State::Ready { commit, digests })
}

/// Why a snapshot's config.json is not that of a translation model; `None` when it is, or when it does not say.
pub(super) fn foreign_type(folder: &Path, model: &HubModel) -> Option<String> {
    if model.kind != Kind::Translation {
        return None;
    }
    let config: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("config.json")).ok()?).ok()?;
    let found = config.get("model_type")?.as_str().filter(|found| *found != "marian")?;
    Some(format!("config.json says model_type `{found}`, and only `marian` models can be used"))
}

/// Since torch 1.6 the weights are a zip archive; before, they were a bare stream, which is not read.
fn is_legacy_pickle(path: &Path) -> bool {
    let mut start = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start != *b"PK"
}

/// Digests of the files of a directory that is not in the cache: as noted while size and time of change are as they were.
///
/// Such a directory may change as it likes; nothing in it is damaged.
pub(super) fn digests(folder: &Path, names: &[String], notes: Option<&Notes>, look: Look) -> Result<Vec<ModelFile>> {
    let record = notes.map(|notes| Record::read(&notes.record())).unwrap_or_default();
    let mut seen = Record::default();
    for name in names {
        let path = folder.join(name);
        let (size, modified) = size_and_time(&path)?;
        let as_noted = |known: &&RecordedFile| known.name == *name && (known.size, known.modified) == (size, modified);
        seen.files.push(match record.files.iter().find(as_noted).filter(|_| look == Look::Quick) {
            Some(known) => known.clone(),
            None => {
                let sha256 = digest::read(&path, None).map_err(Error::read(&path))?.sha256;
                RecordedFile { name: name.clone(), size, modified, sha256 }
            }
        });
    }
    if let (Some(notes), Ok(json)) = (notes, serde_json::to_vec_pretty(&seen))
        && seen != record
    {
        // As for the cache: without notes the files are read at every start, and that is all.
        let _ = notes.write_record(&json);
    }
    Ok(seen.digests())
}

/// Whether the cache holds this one file of a commit, whole.
pub(super) fn holds(repository: &Repository, commit: &str, file: &FileEntry) -> bool {
    let path = repository.snapshot(commit).join(&file.name);
    let known = Record::read(&repository.record(commit)).files.into_iter().find(|known| known.name == file.name);
    path.is_file() && matches!(check(&path, file, known.as_ref(), Look::Thorough), Ok(Some(_)))
}

/// The blob behind a snapshot's file, when its name says what it holds.
pub(super) fn etag(path: &Path) -> Option<Etag> {
    let blob = std::fs::read_link(path).ok()?;
    if blob.parent()?.file_name()? != "blobs" {
        return None;
    }
    Etag::parse(blob.file_name()?.to_str()?)
}

/// `None` when the file is not what it should be.
fn check(path: &Path, file: &FileEntry, known: Option<&RecordedFile>, look: Look) -> Result<Option<RecordedFile>> {
    let (size, modified) = size_and_time(path)?;
    let expected = |sha256: &str| {
        let catalogued = file.sha256.as_ref().is_none_or(|expected| expected == sha256);
        catalogued && known.is_none_or(|known| known.sha256 == sha256)
    };
    if look == Look::Quick
        && let Some(known) = known
        && (known.size, known.modified) == (size, modified)
        && expected(&known.sha256)
    {
        return Ok(Some(known.clone()));
    }
    let content = digest::read(path, etag(path).as_ref()).map_err(Error::read(path))?;
    let right_size = file.size.is_none_or(|size| size == content.size);
    let whole = right_size && content.as_named && expected(&content.sha256);
    Ok(whole.then(|| RecordedFile { name: file.name.clone(), size: content.size, modified, sha256: content.sha256 }))
}

/// Size, and time of the last change in nanoseconds since 1970.
fn size_and_time(path: &Path) -> Result<(u64, u64)> {
    let metadata = path.metadata().map_err(Error::read(path))?;
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok((metadata.len(), modified.and_then(|time| u64::try_from(time.as_nanos()).ok()).unwrap_or(0)))
}

impl Record {
    fn digests(&self) -> Vec<ModelFile> {
        let file = |file: &RecordedFile| ModelFile { name: file.name.clone(), sha256: file.sha256.clone() };
        self.files.iter().map(file).collect()
    }

    /// An unreadable record is as good as none: the blobs' names and the catalogue still speak.
    fn read(path: &PathBuf) -> Self {
        let read = || serde_json::from_slice(&std::fs::read(path).ok()?).ok();
        read().unwrap_or_default()
    }
}
