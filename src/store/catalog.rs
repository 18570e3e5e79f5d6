//! The models known by name: `models/catalog.toml`, compiled into the program.
//!
//! In: the text of a catalogue. Out: [`Entry`]s. Names and facts only: nothing here touches a disk or a socket.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Models by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The models, best first within a kind.
    #[serde(rename = "model")]
    pub models: Vec<Entry>,
}

/// One model of a catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Name on the command line.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// Id on the hub, `organisation/name`; `None` for the model inside the program.
    pub repository: Option<String>,
    /// Commit or branch on the hub.
    pub revision: Option<String>,
    /// The language a summarizer reads and writes, ISO 639-1; English where none is named.
    pub language: Option<String>,
    /// Licence, SPDX where there is one.
    pub licence: String,
    /// Whom to name when results are published.
    pub attribution: String,
    /// What it is good for, one line.
    pub purpose: String,
    /// What readers of every report by the model must know, one line.
    pub caution: Option<String>,
    /// Size of the download in millions of bytes, rounded.
    pub megabytes: Option<u32>,
    /// The files it consists of, small ones first: the weights come last, so that a copy with weights is a whole one.
    #[serde(default)]
    pub files: Vec<FileEntry>,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Translates.
    Translation,
    /// Summarises.
    Summarizer,
}

/// One file of a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// File name in the repository.
    pub name: String,
    /// Whether the model works without it.
    #[serde(default)]
    pub need: Need,
    /// Size in bytes, where known.
    pub size: Option<u64>,
    /// SHA-256 of its bytes in lower-case hexadecimal, where known.
    pub sha256: Option<String>,
}

/// Whether a model works without a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It does not.
    #[default]
    Required,
    /// It does.
    Optional,
    /// One of the files marked so must be there; the first that is there is used.
    Either,
}

impl Catalog {
    /// The catalogue of this program.
    pub fn embedded() -> &'static Self {
        // The text is part of the program and a test parses it: the empty catalogue can never be seen.
        static EMBEDDED: LazyLock<Catalog> = LazyLock::new(|| {
            Catalog::parse(include_str!("../../models/catalog.toml")).unwrap_or(Catalog { models: Vec::new() })
        });
        &EMBEDDED
    }

    /// Reads a catalogue in the form of `models/catalog.toml`.
    ///
    /// # Errors
    /// [`Error::Option`] that says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self> {
        basic_toml::from_str(text)
            .map_err(|error| Error::Option { option: "model catalogue", reason: error.to_string() })
    }

    /// The model of this name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.models.iter().find(|entry| entry.name == name)
    }

    /// The model of this hub id.
    pub fn find_repository(&self, repository: &str) -> Option<&Entry> {
        self.models.iter().find(|entry| entry.repository.as_deref() == Some(repository))
    }
}

impl Kind {
    /// The files a model of this kind usually consists of on the hub, weights last.
    pub fn usual_files(self) -> Vec<FileEntry> {
        use Need::{Either, Optional, Required};
        let names: &[(&str, Need)] = match self {
            Self::Translation => &[
                ("config.json", Required),
                ("generation_config.json", Optional),
                ("tokenizer_config.json", Optional),
                ("vocab.json", Required),
                ("source.spm", Required),
                ("target.spm", Required),
                // Of models with `separate_vocabs`; `vocab.json` is then the source's alone.
                ("target_vocab.json", Optional),
                ("model.safetensors", Either),
                ("pytorch_model.bin", Either),
            ],
            Self::Summarizer => &[
                ("config.json", Required),
                ("generation_config.json", Optional),
                ("tokenizer.json", Required),
                ("model.safetensors", Required),
            ],
        };
        let entry = |&(name, need): &(&str, Need)| FileEntry { name: name.to_owned(), need, size: None, sha256: None };
        names.iter().map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_is_complete_and_pinned() {
        let catalog = Catalog::parse(include_str!("../../models/catalog.toml")).unwrap();
        let opus = catalog.find("opus-mt-de-en").unwrap();
        let pinned = opus.revision.as_deref().unwrap();
        assert!(pinned.len() == 40 && pinned.bytes().all(|byte| byte.is_ascii_hexdigit()), "{pinned}");
        assert!(opus.files.last().unwrap().sha256.as_ref().is_some_and(|digest| digest.len() == 64));
        assert!(catalog.find("bundled").unwrap().repository.is_none());
        for entry in &catalog.models {
            let named = |other: &&Entry| other.name == entry.name;
            assert_eq!(catalog.models.iter().filter(named).count(), 1, "{} is there twice", entry.name);
            assert_eq!(entry.repository.is_some(), entry.revision.is_some(), "{}", entry.name);
            assert!(!entry.licence.is_empty() && !entry.attribution.is_empty() && !entry.purpose.is_empty());
        }
    }

    #[test]
    fn a_misspelt_field_is_named() {
        let error = Catalog::parse("[[model]]\nname = \"x\"\nlicense = \"MIT\"\n").unwrap_err();
        assert!(error.to_string().contains("license"), "{error}");
    }
}
