//! The one error type of the library: what failed, on which file or model, why, and what to do next.
//!
//! Every variant names the path, model or option it is about; sources are kept for the chain. A caller that only
//! prints uses `Display` and [`Error::hint`]; a caller that reacts matches on the variant. Nothing here prints or exits.

use std::path::{Path, PathBuf};

/// Result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The bytes of an input are not a document this crate can read.
    #[error("{}: {reason}", path.display())]
    Document {
        /// The input, `-` for standard input.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What the user can do.
        hint: String,
    },
    /// A model is there but cannot be used: a file is missing, damaged or of an unsupported kind.
    #[error("model {model}: {reason}")]
    Model {
        /// Name or directory of the model.
        model: String,
        /// What is wrong, naming the file and the field or tensor.
        reason: String,
        /// What the user can do.
        hint: String,
    },
    /// A model is not on this machine and could not be fetched.
    #[error("model {model} is not available: {reason}")]
    Unavailable {
        /// Name of the model.
        model: String,
        /// Why.
        reason: String,
        /// What the user can do.
        hint: String,
    },
    /// An option has a value that cannot be used.
    #[error("{option}: {reason}")]
    Option {
        /// The option as the user knows it.
        option: &'static str,
        /// What is wrong with the value.
        reason: String,
    },
    /// A computation failed inside the tensor library; a fault of this crate, not of the input.
    #[error("the network could not be computed")]
    Tensor(#[from] candle_core::Error),
    /// The progress callback asked to stop.
    #[error("stopped before the end")]
    Stopped,
}

impl Error {
    /// What the user can do about it, one sentence, or `None` where the message says it all.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Document { hint, .. } | Self::Model { hint, .. } | Self::Unavailable { hint, .. } => {
                Some(hint).filter(|hint| !hint.is_empty()).map(String::as_str)
            }
            Self::Read { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Some("check the spelling of the path")
            }
            Self::Tensor(_) => Some("please report this with the model and the text that caused it"),
            _ => None,
        }
    }

    /// What failed and all its causes, on one line.
    pub fn chain(&self) -> String {
        use std::error::Error as _;
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            text.push_str(&format!(": {cause}"));
            source = cause.source();
        }
        text
    }

    /// A fault that names no file, told of the document that it stopped.
    pub(crate) fn of_document(self, path: &Path) -> Self {
        match self {
            Self::Model { .. } | Self::Unavailable { .. } | Self::Tensor(_) => Self::Document {
                path: path.to_owned(),
                reason: self.chain(),
                hint: self.hint().unwrap_or_default().to_owned(),
            },
            named => named,
        }
    }

    /// An [`Error::Read`] for `path`, made for `map_err`.
    pub fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        |source| Self::Read { path: path.to_owned(), source }
    }

    /// An [`Error::Write`] for `path`, made for `map_err`.
    pub fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        |source| Self::Write { path: path.to_owned(), source }
    }
}
