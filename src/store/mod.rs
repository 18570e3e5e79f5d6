//! Model name → verified local files.
//!
//! In: a name (`auto`, a catalogue name, a hub id, a directory). Out: a [`ResolvedModel`], every file of it checked.
//! Offline first: what the cache holds is used without asking anyone, and a network is needed only to bring what is
//! missing. `hub` alone opens sockets, and only with feature `hub`; no other module of the crate does. What the files
//! mean is the engine's business.
//!
//! ```text
//! options, catalog → Store::resolve → directory | bundled | cache → snapshot (checks, record)
//!                                                            ↑ hub (downloads), archive (export, import)
//! ```

mod archive;
mod bundled;
mod cache;
mod catalog;
mod digest;
#[cfg(feature = "hub")]
mod http_date;
#[cfg(feature = "hub")]
mod hub;
mod options;
#[cfg(feature = "hub")]
mod proxy;
mod snapshot;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use catalog::{Catalog, Entry, FileEntry, Kind, Need};
pub use options::{Patience, StoreOptions};

use crate::bitext::ModelFile;
use crate::engine::files::ModelFiles;
use crate::engine::int8::Prepared;
use crate::{Error, Result};
use cache::{Notes, Repository};
use snapshot::{HubModel, Look, State};

/// The catalogue model that `auto` prefers.
pub const PREFERRED: &str = "opus-mt-de-en";

/// Finds models on this machine, and brings them here.
#[derive(Clone)]
pub struct Store {
    options: StoreOptions,
}

/// A model that is ready: all its files are here and are what they should be.
#[derive(Debug, Clone)]
pub struct ResolvedModel {
    /// Catalogue name, hub id or directory.
    pub name: String,
    /// Commit on the hub, when it came from there.
    pub commit: Option<String>,
    /// Its files.
    pub files: ModelFiles,
    /// Their digests.
    pub digests: Vec<ModelFile>,
    /// Where the engine may keep its form of the weights.
    pub prepared: Option<Prepared>,
    /// What readers of every report by it must know, from the catalogue.
    pub caution: Option<String>,
    /// One line for the user when `auto` had to take the bundled model: why, and how to get the better one.
    pub notice: Option<String>,
}

/// A model as [`Store::list`] sees it.
#[derive(Debug, Clone)]
pub struct ListedModel {
    /// Its catalogue entry; `None` for a hub model that is only in the cache.
    pub entry: Option<Entry>,
    /// Name to give on the command line.
    pub name: String,
    /// Whether it can be used.
    pub condition: Condition,
    /// Where it lies, when it is in the cache.
    pub directory: Option<PathBuf>,
}

/// Whether a model can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It can.
    Ready,
    /// It is not here.
    Missing,
    /// Not all of it is here: a download was interrupted.
    Incomplete,
    /// A file of it is not what it should be.
    Damaged,
    /// It is here, but of a kind that this program cannot use.
    Unusable,
}

/// What a download is doing.
#[derive(Debug, Clone, Copy)]
pub enum DownloadProgress<'a> {
    /// Bytes arrive.
    Transfer {
        /// File name.
        file: &'a str,
        /// Bytes of it that are here.
        bytes: u64,
        /// Its size, when the hub says so.
        total: Option<u64>,
    },
    /// It pauses, or another process is at it.
    Waiting {
        /// File name.
        file: &'a str,
        /// Why.
        reason: &'a str,
        /// Time to the next try; zero when it depends on another process.
        left: Duration,
    },
}

/// Hears of a download and may end it: the next one continues where it was.
pub type OnProgress<'a> = &'a dyn Fn(DownloadProgress<'_>) -> ControlFlow<()>;

/// What a name denotes.
enum Named {
    Auto,
    Bundled,
    Directory(PathBuf),
    Hub(HubModel),
}

impl Store {
    /// A store with these settings. Touches neither disk nor network.
    pub fn new(options: StoreOptions) -> Self {
        Self { options }
    }

    /// Finds a model; downloads it when it is not here and that is allowed.
    ///
    /// `name` is `auto` (the preferred model when it is here or can be had, otherwise the bundled one), a catalogue
    /// name, `bundled`, a hub id `organisation/name[@revision]`, or a directory.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it is not here and cannot be had, [`Error::Model`] when its files are damaged,
    /// [`Error::Stopped`], [`Error::Option`] for a name that is none or that of a summarizer.
    pub fn resolve(&self, name: &str, progress: OnProgress<'_>) -> Result<ResolvedModel> {
        match self.named(name)? {
            Named::Auto => self.best(progress),
            Named::Bundled => self.bundled(),
            Named::Directory(path) => self.directory(&path, Look::Quick),
            Named::Hub(HubModel { kind: Kind::Summarizer, .. }) => {
                let reason = format!("`{name}` summarises and does not translate; choose {PREFERRED} or bundled");
                Err(Error::Option { option: "--model", reason })
            }
            Named::Hub(model) => match self.cached(&model, Look::Quick) {
                Err(Error::Unavailable { .. } | Error::Model { .. }) if self.may_download() => {
                    self.download(&model, progress)
                }
                found => found,
            },
        }
    }

    /// As [`resolve`](Self::resolve) for a model that summarizes: a catalogue name, a hub id or a directory.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve), and [`Error::Option`] for a model of the catalogue that translates.
    pub fn resolve_summarizer(&self, name: &str, progress: OnProgress<'_>) -> Result<ResolvedModel> {
        let option = |reason| Error::Option { option: "--summarizer", reason };
        let named = self.named(name).map_err(|error| match error {
            Error::Option { reason, .. } => option(reason),
            error => error,
        })?;
        let mut model = match named {
            Named::Auto | Named::Bundled => return Err(option(format!("`{name}` translates, and cannot summarize"))),
            Named::Directory(path) => return self.directory(&path, Look::Quick),
            Named::Hub(model) => model,
        };
        match self.options.catalog.find_repository(&model.repository).map(|entry| entry.kind) {
            Some(Kind::Translation) => return Err(option(format!("`{name}` translates, and cannot summarize"))),
            Some(Kind::Summarizer) => {}
            None => (model.kind, model.files) = (Kind::Summarizer, Kind::Summarizer.usual_files()),
        }
        match self.cached(&model, Look::Quick) {
            Err(_) if self.may_download() => self.download(&model, progress),
            found => found,
        }
    }

    /// The language that the catalogue says a model is for, by name or hub id.
    pub fn language(&self, name: &str) -> Option<&str> {
        let repository = name.split_once('@').map_or(name, |(repository, _)| repository);
        let catalog = &self.options.catalog;
        let entry = catalog.find(name).or_else(|| catalog.find_repository(repository));
        entry.and_then(|entry| entry.language.as_deref())
    }

    /// Asks the hub for a model even when it is here: completes it, mends it, follows a branch that has moved.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn fetch(&self, name: &str, progress: OnProgress<'_>) -> Result<ResolvedModel> {
        match self.named(name)? {
            Named::Auto => self.fetch(PREFERRED, progress),
            Named::Bundled => self.bundled(),
            Named::Directory(path) => self.directory(&path, Look::Quick),
            Named::Hub(model) if !self.may_download() => self.cached(&model, Look::Quick),
            Named::Hub(model) => self.download(&model, progress),
        }
    }

    /// Reads every byte of a model that is here and compares the digests, and drops the form of the weights that the
    /// engine keeps, so that the next run makes it anew. No network.
    ///
    /// There is nothing to compare a directory with: of it, the safetensors file is looked at, whether it is whole.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it is not here, [`Error::Model`] that names the damaged file.
    pub fn verify(&self, name: &str) -> Result<ResolvedModel> {
        let model = self.local(name, Look::Thorough)?;
        match self.named(name)? {
            Named::Hub(hub_model) => {
                let commit = model.commit.iter();
                let prepared = commit.map(|commit| Ok(self.repository(&hub_model)?.prepared(commit)));
                prepared.into_iter().try_for_each(|path: Result<PathBuf>| cache::remove(&path?))?;
            }
            Named::Directory(path) => {
                whole_safetensors(&model)?;
                if let Some(notes) = self.notes(&path) {
                    cache::remove(&notes.prepared())?;
                }
            }
            Named::Auto | Named::Bundled => {}
        }
        Ok(model)
    }

    /// Finds a model that is here. No network.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn locate(&self, name: &str) -> Result<ResolvedModel> {
        self.local(name, Look::Quick)
    }

    /// The models of the catalogue, and those in the cache this program has had to do with. No network.
    pub fn list(&self) -> Vec<ListedModel> {
        let catalogued = self.options.catalog.models.iter().map(|entry| entry.name.clone());
        let recorded = self.options.cache.iter().flat_map(|cache| Repository::recorded(cache));
        let others = recorded.filter_map(|(repository, revision)| {
            let entry = self.options.catalog.find_repository(&repository);
            let catalogued = entry.is_some_and(|entry| entry.revision.as_ref() == Some(&revision));
            let name = if revision == "main" { repository } else { format!("{repository}@{revision}") };
            (!catalogued).then_some(name)
        });
        catalogued.chain(others).map(|name| self.listed(name)).collect()
    }

    /// Removes a hub model from the cache, with whatever only it uses, or what the cache keeps about a directory.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it is not there or is being fetched, [`Error::Write`].
    pub fn remove(&self, name: &str) -> Result<()> {
        let absent = |hint| Err(unavailable(name, "it is not in the cache", hint));
        let model = match self.named(name)? {
            Named::Hub(model) => model,
            Named::Directory(path) => match self.notes(&path).map_or(Ok(false), |notes| notes.remove())? {
                true => return Ok(()),
                false => return absent("the folder itself is yours to delete"),
            },
            Named::Auto | Named::Bundled => return absent("only downloaded models can be removed"),
        };
        let repository = self.repository(&model)?;
        if repository.is_busy() {
            return Err(unavailable(name, "another process is fetching it", "wait until it is done, or stop it"));
        }
        let commit = repository.commit_of(&model.revision).filter(|commit| repository.snapshot(commit).is_dir());
        let is_whole = |revision: String| {
            let other = HubModel { revision, ..model.clone() };
            snapshot::inspect(&repository, &other, Look::Quick).is_ok_and(|state| matches!(state, State::Ready { .. }))
        };
        match commit {
            Some(commit) => repository.remove(&commit),
            // What an interrupted download has left, before it was known which commit it would be.
            None if repository.has_begun() && !repository.commits().into_iter().any(is_whole) => {
                repository.remove_all()
            }
            None => absent("see `translate model list`"),
        }
    }

    /// Writes a model that is here into one tar file, after reading every byte of it.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), and [`Error::Write`].
    pub fn export(&self, name: &str, file: &Path) -> Result<ResolvedModel> {
        let model = self.local(name, Look::Thorough)?;
        let origin = match self.named(&model.name)? {
            Named::Hub(origin) => Some(origin),
            _ => None,
        };
        archive::export(&model, origin.as_ref(), file)?;
        Ok(model)
    }

    /// Brings the model in such a file into the cache.
    ///
    /// # Errors
    /// [`Error::Model`] when it is no such file, is damaged, or is not what the catalogue says; [`Error::Write`].
    pub fn import(&self, file: &Path) -> Result<ResolvedModel> {
        let manifest = archive::manifest(file)?;
        let Some(origin) = &manifest.origin else {
            let reason =
                "it holds a model that is not from the hub; unpack it with tar and name the folder with --model";
            return Err(archive::fault(file, reason));
        };
        // By the commit, whatever the archive calls the revision: the catalogue's digests hold for its content.
        let pinned = self.options.catalog.find_repository(&origin.repository).and_then(hub_model);
        let model = match pinned.filter(|pinned| [&origin.commit, &origin.revision].contains(&&pinned.revision)) {
            Some(pinned) => pinned,
            None => self.hub_id(&origin.repository, Some(&origin.revision)),
        };
        archive::import(file, &manifest, origin, &model, &self.repository(&model)?)?;
        self.cached(&model, Look::Quick)
    }

    fn best(&self, progress: OnProgress<'_>) -> Result<ResolvedModel> {
        let Named::Hub(model) = self.named(PREFERRED)? else { return self.bundled() };
        let why = match self.cached(&model, Look::Quick) {
            Ok(found) => return Ok(found),
            Err(error) if !self.may_download() => error,
            Err(_) => match self.first_contact(&model).and_then(|()| self.download(&model, progress)) {
                Ok(found) => return Ok(found),
                Err(Error::Stopped) => return Err(Error::Stopped),
                Err(error) => error,
            },
        };
        let Ok(bundled) = self.bundled() else { return Err(why) };
        let notice = format!(
            "using the small bundled model, because {why}; `translate model fetch {PREFERRED}` brings the better one"
        );
        Ok(ResolvedModel { notice: Some(notice), ..bundled })
    }

    fn local(&self, name: &str, look: Look) -> Result<ResolvedModel> {
        match self.named(name)? {
            Named::Auto => self.local(PREFERRED, look).or_else(|_| self.bundled()),
            Named::Bundled => self.bundled(),
            Named::Directory(path) => self.directory(&path, look),
            Named::Hub(model) => self.cached(&model, look),
        }
    }

    fn directory(&self, path: &Path, look: Look) -> Result<ResolvedModel> {
        let files = ModelFiles::Directory(path.to_owned());
        if !path.is_dir() {
            return Err(unavailable(&files.name(), "there is no such directory", "check the spelling of the path"));
        }
        let weights = ["model.safetensors", "pytorch_model.bin"].into_iter().find(|name| files.contains(name));
        let Some(weights) = weights.filter(|_| files.contains("config.json")) else {
            return Err(files.fault("it holds no config.json with model.safetensors or pytorch_model.bin"));
        };
        let others = [
            "config.json",
            "generation_config.json",
            "tokenizer_config.json",
            "tokenizer.json",
            "vocab.json",
            "source.spm",
            "target.spm",
            "target_vocab.json",
        ];
        let names: Vec<String> =
            others.into_iter().filter(|name| files.contains(name)).chain([weights]).map(str::to_owned).collect();
        let notes = self.notes(path);
        let digests = snapshot::digests(path, &names, notes.as_ref(), look)?;
        let prepared = notes.map(|notes| prepared(notes.prepared(), &digests));
        Ok(ResolvedModel { name: files.name(), commit: None, files, digests, prepared, caution: None, notice: None })
    }

    fn notes(&self, directory: &Path) -> Option<Notes> {
        Notes::new(self.options.cache.as_deref()?, directory).ok()
    }

    fn bundled(&self) -> Result<ResolvedModel> {
        let name = bundled::NAME;
        let files = bundled::files().ok_or_else(|| {
            unavailable(name, "this build has no model inside", "build with feature `bundled`, or name another model")
        })?;
        let digest = |name: String| Ok(ModelFile { sha256: digest::sha256(&files.read(&name)?), name });
        let digests = files.names().into_iter().map(digest).collect::<Result<_>>()?;
        let caution = self.caution(name);
        Ok(ResolvedModel { name: name.to_owned(), commit: None, files, digests, prepared: None, caution, notice: None })
    }

    /// What the catalogue warns of.
    fn caution(&self, name: &str) -> Option<String> {
        self.options.catalog.find(name)?.caution.clone()
    }

    fn cached(&self, model: &HubModel, look: Look) -> Result<ResolvedModel> {
        let repository = self.repository(model)?;
        let name = &model.name;
        match snapshot::inspect(&repository, model, look)? {
            State::Ready { commit, digests } => Ok(ResolvedModel {
                name: name.clone(),
                files: ModelFiles::Directory(repository.snapshot(&commit)),
                prepared: Some(prepared(repository.prepared(&commit), &digests)),
                commit: Some(commit),
                digests,
                caution: self.caution(name),
                notice: None,
            }),
            State::Absent => Err(unavailable(name, "it is not in the cache", &self.how_to_get(name))),
            State::Missing { files } => {
                let reason = format!("the cache lacks {} of it", files.join(", "));
                Err(unavailable(name, &reason, &self.how_to_get(name)))
            }
            State::Damaged { file } => Err(Error::Model {
                model: name.clone(),
                reason: format!("{file} in the cache does not have the digest it should have"),
                hint: self.how_to_get(name),
            }),
            State::Unusable { reason, hint } => Err(Error::Model { model: name.clone(), reason, hint }),
        }
    }

    #[cfg(feature = "hub")]
    fn may_download(&self) -> bool {
        !self.options.offline && self.options.cache.is_some()
    }

    #[cfg(not(feature = "hub"))]
    fn may_download(&self) -> bool {
        false
    }

    #[cfg(feature = "hub")]
    fn first_contact(&self, model: &HubModel) -> Result<()> {
        hub::Hub::new(&self.options)?.answers(model)
    }

    #[cfg(not(feature = "hub"))]
    fn first_contact(&self, model: &HubModel) -> Result<()> {
        self.cached(model, Look::Quick).map(drop)
    }

    #[cfg(feature = "hub")]
    fn download(&self, model: &HubModel, progress: OnProgress<'_>) -> Result<ResolvedModel> {
        hub::Hub::new(&self.options)?.fetch(model, &self.repository(model)?, progress)?;
        self.cached(model, Look::Quick)
    }

    #[cfg(not(feature = "hub"))]
    fn download(&self, model: &HubModel, _: OnProgress<'_>) -> Result<ResolvedModel> {
        self.cached(model, Look::Quick)
    }

    fn how_to_get(&self, name: &str) -> String {
        if !cfg!(feature = "hub") {
            return "this build cannot download: name a model directory, or `bundled`".to_owned();
        }
        if self.options.offline {
            return format!("`translate model fetch {name}` brings it, without --offline or HF_HUB_OFFLINE");
        }
        format!("with a network, `translate model fetch {name}` brings it; without one, `translate model import FILE`")
    }

    fn repository(&self, model: &HubModel) -> Result<Repository> {
        match &self.options.cache {
            Some(cache) => Ok(Repository::new(cache, &model.repository)),
            None => Err(unavailable(&model.name, "there is no cache folder", "name one with --model-cache or HF_HOME")),
        }
    }

    fn listed(&self, name: String) -> ListedModel {
        let (condition, directory) = match self.local(&name, Look::Quick) {
            Ok(ResolvedModel { files: ModelFiles::Directory(path), .. }) => (Condition::Ready, Some(path)),
            Ok(_) => (Condition::Ready, None),
            Err(_) => (self.why_not_ready(&name), None),
        };
        ListedModel { entry: self.options.catalog.find(&name).cloned(), name, condition, directory }
    }

    /// The condition of a model that is not ready.
    fn why_not_ready(&self, name: &str) -> Condition {
        let Ok(Named::Hub(model)) = self.named(name) else { return Condition::Missing };
        match self.repository(&model).and_then(|repository| snapshot::inspect(&repository, &model, Look::Quick)) {
            Ok(State::Ready { .. }) => Condition::Ready,
            Ok(State::Missing { .. }) => Condition::Incomplete,
            Ok(State::Damaged { .. }) => Condition::Damaged,
            Ok(State::Unusable { .. }) => Condition::Unusable,
            Ok(State::Absent) | Err(_) => Condition::Missing,
        }
    }

    /// What a name denotes. A directory that is there wins over a hub id of the same spelling.
    fn named(&self, name: &str) -> Result<Named> {
        if name == "auto" {
            return Ok(Named::Auto);
        }
        if name == bundled::NAME {
            return Ok(Named::Bundled);
        }
        if let Some(model) = self.options.catalog.find(name).and_then(hub_model) {
            return Ok(Named::Hub(model));
        }
        let path = Path::new(name);
        if path.is_dir() || path.is_absolute() || name.starts_with('.') || name.contains('\\') {
            return Ok(Named::Directory(path.to_owned()));
        }
        let (repository, revision) = match name.split_once('@') {
            Some((repository, revision)) => (repository, Some(revision)),
            None => (name, None),
        };
        if !is_hub_id(repository) || !revision.is_none_or(is_revision) {
            let known: Vec<&str> = self.options.catalog.models.iter().map(|entry| entry.name.as_str()).collect();
            let reason = format!(
                "`{name}` is neither a directory, nor a hub id (organisation/name), nor one of auto, {}",
                known.join(", ")
            );
            return Err(Error::Option { option: "--model", reason });
        }
        Ok(Named::Hub(self.hub_id(repository, revision)))
    }

    /// A hub id; without a revision, the catalogue's one if it knows the repository, otherwise `main`.
    fn hub_id(&self, repository: &str, revision: Option<&str>) -> HubModel {
        let name = revision.map_or_else(|| repository.to_owned(), |revision| format!("{repository}@{revision}"));
        let entry = self.options.catalog.find_repository(repository);
        let kind = entry.map_or(Kind::Translation, |entry| entry.kind);
        match (entry.and_then(hub_model), revision) {
            (Some(model), None) => HubModel { name, ..model },
            _ => HubModel {
                name,
                repository: repository.to_owned(),
                revision: match revision.unwrap_or("main") {
                    commit if cache::is_commit(commit) => commit.to_ascii_lowercase(),
                    branch => branch.to_owned(),
                },
                kind,
                files: kind.usual_files(),
            },
        }
    }
}

/// A catalogue entry as a hub model; `None` when it is not on the hub.
fn hub_model(entry: &Entry) -> Option<HubModel> {
    let files = if entry.files.is_empty() { entry.kind.usual_files() } else { entry.files.clone() };
    Some(HubModel {
        name: entry.name.clone(),
        repository: entry.repository.clone()?,
        revision: entry.revision.clone()?,
        kind: entry.kind,
        files,
    })
}

/// Whether a model's safetensors file is as long as its own header says.
fn whole_safetensors(model: &ResolvedModel) -> Result<()> {
    const WEIGHTS: &str = "model.safetensors";
    if !model.files.contains(WEIGHTS) {
        return Ok(());
    }
    match safetensors::SafeTensors::deserialize(&model.files.read(WEIGHTS)?) {
        Ok(_) => Ok(()),
        Err(error) => Err(model.files.fault(format!("{WEIGHTS} is not whole: {error}"))),
    }
}

fn prepared(path: PathBuf, digests: &[ModelFile]) -> Prepared {
    Prepared::new(path, digests.iter().map(|file| file.sha256.as_str()))
}

fn unavailable(model: &str, reason: &str, hint: &str) -> Error {
    Error::Unavailable { model: model.to_owned(), reason: reason.to_owned(), hint: hint.to_owned() }
}

/// `organisation/name`, in the hub's alphabet.
fn is_hub_id(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && !part.contains("..")
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    text.split_once('/').is_some_and(|(organisation, name)| part(organisation) && part(name))
}

/// A branch, tag, commit or `refs/pr/N`.
fn is_revision(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte))
    };
    text.split('/').all(part)
}
