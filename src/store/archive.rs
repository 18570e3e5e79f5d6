//! A model as one plain tar file, to carry it to a machine without a network.
//!
//! In: a checked model, or such a file. Out: such a file, or the model in the cache. The archive holds one folder: a
//! manifest first, then the model's files, so that any `tar` unpacks it to a directory `--model` takes. An archive is
//! foreign input: only the plain files its manifest names are taken, under their digests. No network.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::cache::{self, Repository};
use super::digest::{self, Etag};
use super::snapshot::{self, HubModel, Look, State};
use super::{ResolvedModel, is_hub_id, is_revision};
use crate::{Error, Result};

const MANIFEST: &str = "translate-model.json";
const FORMAT: &str = "translate-model/1";
/// A manifest has some dozen short lines; more than this is not one.
const LARGEST_MANIFEST: u64 = 1 << 20;

/// First file of an archive: what the others are.
#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    format: String,
    name: String,
    /// Where it came from; absent for models that are not from the hub, which can be unpacked but not imported.
    pub(super) origin: Option<Origin>,
    files: Vec<ManifestFile>,
}

/// Place of a model on the hub.
#[derive(Serialize, Deserialize)]
pub(super) struct Origin {
    pub(super) repository: String,
    pub(super) revision: String,
    pub(super) commit: String,
}

#[derive(Serialize, Deserialize)]
struct ManifestFile {
    name: String,
    sha256: String,
    /// Its name in the cache's `blobs`.
    blob: String,
}

/// Writes a model that has just been verified; `origin` says where on the hub it came from.
pub(super) fn export(model: &ResolvedModel, origin: Option<&HubModel>, path: &Path) -> Result<()> {
    let origin = origin.zip(model.commit.as_ref()).map(|(origin, commit)| Origin {
        repository: origin.repository.clone(),
        revision: origin.revision.clone(),
        commit: commit.clone(),
    });
    let blob = |name: &str, sha256: &str| {
        match &model.files {
            crate::engine::files::ModelFiles::Directory(directory) => snapshot::etag(&directory.join(name)),
            crate::engine::files::ModelFiles::Embedded { .. } => None,
        }
        .map_or_else(|| sha256.to_owned(), |etag| etag.as_str().to_owned())
    };
    let files = model.digests.iter().map(|file| ManifestFile {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        blob: blob(&file.name, &file.sha256),
    });
    let folder = Path::new(&model.name).file_name().unwrap_or("model".as_ref()).to_owned();
    let manifest = Manifest { format: FORMAT.to_owned(), name: model.name.clone(), origin, files: files.collect() };

    let temporary = path.with_added_extension(format!("{}.temporary", std::process::id()));
    let write = || -> Result<()> {
        let file = File::create(&temporary).map_err(Error::write(&temporary))?;
        let mut archive = tar::Builder::new(BufWriter::new(file));
        let json = serde_json::to_vec_pretty(&manifest).map_err(|error| fault(path, error.to_string()))?;
        append(&mut archive, &Path::new(&folder).join(MANIFEST), &json).map_err(Error::write(&temporary))?;
        for file in &manifest.files {
            let bytes = model.files.read(&file.name)?;
            append(&mut archive, &Path::new(&folder).join(&file.name), &bytes).map_err(Error::write(&temporary))?;
        }
        let file = archive.into_inner().and_then(|buffer| buffer.into_inner().map_err(std::io::Error::from));
        file.and_then(|file| file.sync_all()).map_err(Error::write(&temporary))?;
        std::fs::rename(&temporary, path).map_err(Error::write(path))
    };
    write().inspect_err(|_| drop(std::fs::remove_file(&temporary)))
}

fn append(archive: &mut tar::Builder<impl Write>, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(0);
    archive.append_data(&mut header, path, bytes)
}

/// Reads the manifest of an archive.
pub(super) fn manifest(path: &Path) -> Result<Manifest> {
    let file = File::open(path).map_err(Error::read(path))?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let unreadable = |error: std::io::Error| fault(path, format!("it is not a tar file of a model: {error}"));
    let Some(first) = archive.entries().map_err(unreadable)?.next() else {
        return Err(fault(path, "it is empty"));
    };
    let first = first.map_err(unreadable)?;
    if plain_name(&first).as_deref() != Some(MANIFEST) {
        return Err(fault(path, format!("its first file is not {MANIFEST}")));
    }
    let mut json = Vec::new();
    first.take(LARGEST_MANIFEST).read_to_end(&mut json).map_err(unreadable)?;
    let manifest: Manifest =
        serde_json::from_slice(&json).map_err(|error| fault(path, format!("{MANIFEST}: {error}")))?;
    let origin = manifest.origin.as_ref();
    let sound = manifest.format == FORMAT
        && manifest.files.iter().all(|file| Etag::parse(&file.blob).is_some())
        && origin.is_none_or(|origin| {
            let same = !cache::is_commit(&origin.revision) || origin.revision == origin.commit;
            is_hub_id(&origin.repository) && is_revision(&origin.revision) && cache::is_commit(&origin.commit) && same
        });
    if sound { Ok(manifest) } else { Err(fault(path, format!("{MANIFEST} is of another format than {FORMAT}"))) }
}

/// Brings the files of an archive into the cache; `model` is what they are to make up.
pub(super) fn import(
    path: &Path,
    manifest: &Manifest,
    origin: &Origin,
    model: &HubModel,
    repository: &Repository,
) -> Result<()> {
    let file = File::open(path).map_err(Error::read(path))?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let unreadable = |error: std::io::Error| fault(path, format!("it ends or breaks off too early: {error}"));
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let name = plain_name(&entry);
        let wanted = model.files.iter().find(|file| Some(&file.name) == name.as_ref());
        let listed = manifest.files.iter().find(|file| Some(&file.name) == name.as_ref());
        let (Some(wanted), Some(listed)) = (wanted, listed) else { continue };
        let Some(etag) = Etag::parse(&listed.blob) else { continue };
        if snapshot::holds(repository, &origin.commit, wanted) {
            continue;
        }

        let _lock = repository.lock(&etag, &mut || Ok(()))?;
        let partial = repository.incomplete(&etag);
        cache::create_parent(&partial)?;
        let mut output = File::create(&partial).map_err(Error::write(&partial))?;
        std::io::copy(&mut entry, &mut output).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => unreadable(error),
            _ => Error::write(&partial)(error),
        })?;
        output.sync_all().map_err(Error::write(&partial))?;
        let content = digest::read(&partial, Some(&etag)).map_err(Error::read(&partial))?;
        let catalogued = wanted.sha256.as_ref().is_none_or(|sha256| *sha256 == content.sha256);
        if !content.as_named || content.sha256 != listed.sha256 || !catalogued {
            std::fs::remove_file(&partial).map_err(Error::write(&partial))?;
            return Err(fault(path, format!("{} does not have the digest it should have", wanted.name)));
        }
        let blob = repository.blob(&etag);
        std::fs::rename(&partial, &blob).map_err(Error::write(&blob))?;
        repository.link(&etag, &origin.commit, &wanted.name)?;
    }
    // An archive that lacks files must not move a branch away from a commit that has them.
    let arrived = HubModel { revision: origin.commit.clone(), ..model.clone() };
    match snapshot::inspect(repository, &arrived, Look::Quick)? {
        State::Ready { .. } if cache::is_commit(&origin.revision) => Ok(()),
        State::Ready { .. } => repository.set_branch(&origin.revision, &origin.commit),
        State::Absent => Err(fault(path, "it holds no file of the model it names")),
        State::Missing { files } => Err(fault(path, format!("it lacks {}", files.join(", ")))),
        State::Damaged { file } => Err(fault(path, format!("{file} does not have the digest it should have"))),
        State::Unusable { reason, .. } => Err(fault(path, reason)),
    }
}

/// The file name of a plain file directly below the archive's one folder.
fn plain_name(entry: &tar::Entry<'_, impl Read>) -> Option<String> {
    let path = entry.path().ok()?;
    let mut components = path.components();
    match (components.next()?, components.next()?, components.next()) {
        (Component::Normal(_), Component::Normal(name), None) if entry.header().entry_type().is_file() => {
            Some(name.to_str()?.to_owned())
        }
        _ => None,
    }
}

pub(super) fn fault(path: &Path, reason: impl Into<String>) -> Error {
    Error::Model {
        model: path.display().to_string(),
        reason: reason.into(),
        hint: "make the file with `translate model export`; a folder with a model's files can be named as it is"
            .to_owned(),
    }
}
