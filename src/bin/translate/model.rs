//! `translate model …`: what is here, bringing it, carrying it, checking it.
//!
//! In: the subcommand's arguments and the store's settings. Out: text or, with `--json`, JSON on standard output.
//! Names, downloads and digests are the library's business.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use translate::engine::files::ModelFiles;
use translate::store::{Condition, ListedModel, PREFERRED, ResolvedModel, Store, StoreOptions};
use translate::{Error, Result};

use crate::messages::Messages;

/// What follows `translate model`.
#[derive(Debug, Args)]
pub struct ModelArguments {
    /// Print JSON instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: ModelCommand,
}

/// The subcommands of `translate model`.
#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// Show the known models and whether they are here
    List,
    /// Download a model, or complete, mend and update it
    Fetch {
        /// Name of the catalogue, or hub id `organisation/name[@revision]`
        #[arg(default_value = PREFERRED)]
        name: String,
    },
    /// Read every byte of a model and compare the digests
    Verify {
        /// Name, hub id or directory; without one, every model that is here
        name: Option<String>,
    },
    /// Print the directory a model lies in
    Path {
        /// Name, hub id or directory
        #[arg(default_value = PREFERRED)]
        name: String,
    },
    /// Write a model into one tar file, to carry it to another machine
    Export {
        /// The file to write
        file: PathBuf,
        /// Name, hub id or directory
        #[arg(default_value = PREFERRED)]
        name: String,
    },
    /// Bring the model in such a file into the cache
    Import {
        /// The file to read
        file: PathBuf,
    },
    /// Remove a downloaded model
    Remove {
        /// Name or hub id; of a directory, what is kept about it
        name: String,
    },
}

/// Runs `translate model …`.
pub fn run(arguments: &ModelArguments, options: StoreOptions, messages: &Messages) -> Result<()> {
    let store = Store::new(options);
    match &arguments.command {
        ModelCommand::List => {
            let models = store.list();
            let text = models.iter().map(row).collect::<String>();
            arguments.print(&text, &models.iter().map(listed).collect())
        }
        ModelCommand::Fetch { name } => {
            let downloads = messages.downloads();
            let model = store.fetch(name, &|progress| downloads.update(progress))?;
            drop(downloads);
            arguments.print(&format!("{} is here\n", model.name), &resolved(&model))
        }
        ModelCommand::Verify { name: Some(name) } => {
            let model = store.verify(name)?;
            arguments.print(&verified(&model), &resolved(&model))
        }
        ModelCommand::Verify { name: None } => {
            let is_here = |model: &ListedModel| !matches!(model.condition, Condition::Missing | Condition::Incomplete);
            let here = store.list().into_iter().filter(is_here);
            let results: Vec<_> = here.map(|model| (store.verify(&model.name), model.name)).collect();
            let text = results.iter().filter_map(|(result, _)| result.as_ref().ok()).map(verified);
            let json = results.iter().map(|(result, name)| match result {
                Ok(model) => resolved(model),
                Err(error) => json!({ "name": name, "error": error.to_string() }),
            });
            arguments.print(&text.collect::<String>(), &json.collect())?;
            let mut failures: Vec<_> = results.into_iter().filter_map(|(result, _)| result.err()).collect();
            // The last one ends the program and is told there.
            let last = failures.pop();
            failures.iter().for_each(|error| messages.error(error));
            last.map_or(Ok(()), Err)
        }
        ModelCommand::Path { name } => {
            let model = store.locate(name)?;
            let ModelFiles::Directory(path) = &model.files else {
                return Err(Error::Unavailable {
                    model: model.name,
                    reason: "it is part of the program and lies in no directory".to_owned(),
                    hint: "`translate model export FILE bundled` writes its files into a tar file".to_owned(),
                });
            };
            arguments.print(&format!("{}\n", path.display()), &resolved(&model))
        }
        ModelCommand::Export { file, name } => {
            let model = store.export(name, file)?;
            arguments.print(&format!("{} is in {}\n", model.name, file.display()), &resolved(&model))
        }
        ModelCommand::Import { file } => {
            let model = store.import(file)?;
            arguments.print(&format!("{} is here\n", model.name), &resolved(&model))
        }
        ModelCommand::Remove { name } => {
            store.remove(name)?;
            arguments.print(&format!("{name} is removed from the cache\n"), &json!({ "name": name }))
        }
    }
}

impl ModelArguments {
    fn print(&self, text: &str, json: &Value) -> Result<()> {
        let text = if self.json { format!("{json:#}\n") } else { text.to_owned() };
        let mut output = std::io::stdout().lock();
        match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
            // Whoever reads has read enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(Error::write(Path::new("standard output"))),
        }
    }
}

fn row(model: &ListedModel) -> String {
    let condition = match model.condition {
        Condition::Ready => "ready",
        Condition::Missing => "-",
        Condition::Incomplete => "incomplete",
        Condition::Damaged => "damaged",
        Condition::Unusable => "unusable",
    };
    let Some(entry) = &model.entry else { return format!("{:<26} {condition:<10}\n", model.name) };
    let size = entry.megabytes.map(|size| format!("{size} MB")).unwrap_or_default();
    format!("{:<26} {condition:<10} {size:>7}  {}  [{}]\n", model.name, entry.purpose, entry.licence)
}

fn listed(model: &ListedModel) -> Value {
    let entry = model.entry.as_ref();
    json!({
        "name": model.name,
        "kind": entry.map(|entry| entry.kind),
        "condition": model.condition,
        "directory": model.directory,
        "repository": entry.and_then(|entry| entry.repository.as_ref()),
        "revision": entry.and_then(|entry| entry.revision.as_ref()),
        "megabytes": entry.and_then(|entry| entry.megabytes),
        "licence": entry.map(|entry| &entry.licence),
        "attribution": entry.map(|entry| &entry.attribution),
        "purpose": entry.map(|entry| &entry.purpose),
    })
}

fn verified(model: &ResolvedModel) -> String {
    let files = model.digests.iter().map(|file| format!("{}  {}\n", file.sha256, file.name));
    let result = match (&model.files, &model.commit) {
        (ModelFiles::Directory(_), None) => {
            "readable; there are no digests to compare a directory with, these are its own"
        }
        _ => "whole",
    };
    std::iter::once(format!("{} is {result}\n", model.name)).chain(files).collect()
}

fn resolved(model: &ResolvedModel) -> Value {
    let directory = match &model.files {
        ModelFiles::Directory(path) => Some(path),
        ModelFiles::Embedded { .. } => None,
    };
    json!({ "name": model.name, "commit": model.commit, "directory": directory, "files": model.digests })
}
