//! Where the bytes of a model come from: a directory in the Hugging Face layout, or the program itself.
//!
//! In: a directory or a table of embedded files. Out: the bytes of a file by name. No network, and no knowledge of what
//! the bytes mean. The memory map below is the only `unsafe` outside `kernel`.

use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The files of one model.
#[derive(Debug, Clone)]
pub enum ModelFiles {
    /// A directory in the Hugging Face layout.
    Directory(PathBuf),
    /// Files compiled into the program.
    Embedded {
        /// Name of the model, for messages.
        name: &'static str,
        /// File names and their bytes.
        files: &'static [(&'static str, &'static [u8])],
    },
}

/// The bytes of one file: mapped into memory or part of the program.
#[derive(Debug)]
pub enum Bytes {
    /// A memory map.
    Mapped(memmap2::Mmap),
    /// Bytes that live as long as the program.
    Static(&'static [u8]),
    /// An empty file, which cannot be mapped.
    Empty,
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Static(bytes) => bytes,
            Self::Empty => &[],
        }
    }
}

impl ModelFiles {
    /// Name or directory of the model, for messages.
    pub fn name(&self) -> String {
        match self {
            Self::Directory(directory) => directory.display().to_string(),
            Self::Embedded { name, .. } => (*name).to_owned(),
        }
    }

    /// Names of the files that are there, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = match self {
            Self::Directory(directory) => std::fs::read_dir(directory)
                .map(|entries| entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
                .unwrap_or_default(),
            Self::Embedded { files, .. } => files.iter().map(|(name, _)| (*name).to_owned()).collect(),
        };
        names.sort();
        names
    }

    /// Whether a file of this name is there.
    pub fn contains(&self, file: &str) -> bool {
        match self {
            Self::Directory(directory) => directory.join(file).is_file(),
            Self::Embedded { files, .. } => files.iter().any(|(name, _)| *name == file),
        }
    }

    /// The bytes of a file that must be there.
    ///
    /// # Errors
    /// [`Error::Model`] that names the missing file, [`Error::Read`] when it cannot be read.
    pub fn read(&self, file: &str) -> Result<Bytes> {
        match self {
            Self::Directory(directory) => {
                let path = directory.join(file);
                if path.is_file() { map(&path) } else { Err(self.fault(format!("{file} is missing"))) }
            }
            Self::Embedded { files, .. } => files
                .iter()
                .find(|(name, _)| *name == file)
                .map(|(_, bytes)| Bytes::Static(bytes))
                .ok_or_else(|| self.fault(format!("{file} is missing"))),
        }
    }

    /// The text of a file that must be there.
    ///
    /// # Errors
    /// As [`read`](Self::read), and [`Error::Model`] when the file is no UTF-8.
    pub fn read_text(&self, file: &str) -> Result<String> {
        let bytes = self.read(file)?;
        let text = std::str::from_utf8(&bytes).map_err(|error| self.fault(format!("{file} is not UTF-8: {error}")))?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
    }

    /// The error for a model whose files are at fault.
    pub fn fault(&self, reason: impl Into<String>) -> Error {
        Error::Model {
            model: self.name(),
            reason: reason.into(),
            hint: "a model directory holds config.json, model.safetensors or pytorch_model.bin, source.spm, target.spm and \
                   vocab.json; fetch the model again, or choose another with --model"
                .to_owned(),
        }
    }
}

#[allow(unsafe_code)]
fn map(path: &Path) -> Result<Bytes> {
    let file = File::open(path).map_err(Error::read(path))?;
    if file.metadata().map_err(Error::read(path))?.len() == 0 {
        return Ok(Bytes::Empty);
    }
    // SAFETY: the map is read-only and private; model files are replaced by renaming, never rewritten in place.
    let map = unsafe { memmap2::Mmap::map(&file) }.map_err(Error::read(path))?;
    Ok(Bytes::Mapped(map))
}
