//! The block of quantised weights ⇄ a file that is mapped at the next start.
//!
//! In: a block, and a key that says what it was made from. Out: the same block, or nothing when the file is absent, made
//! from something else, or damaged. No knowledge of what the block holds.
//!
//! Layout: one page with the magic, the key, the block's length and its checksum (little-endian), then the block.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::engine::files::{Bytes, ModelFiles};
use crate::{Error, Result};

/// Also the version of the format: of the packing in `kernel`, and of the order and the levelling in `weights`.
const MAGIC: [u8; 16] = *b"translate-int8-4";

/// Bytes before the block: a page, so that the block is aligned as the file is.
const HEADER: usize = 4096;

/// A prepared file, which need not exist, and what it must have been made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Where it lies.
    pub path: PathBuf,
    /// Digest of the model.
    pub key: [u8; 32],
}

/// The bytes of all weights.
#[derive(Debug)]
pub struct Block {
    bytes: Bytes,
    start: usize,
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

impl From<memmap2::Mmap> for Block {
    fn from(map: memmap2::Mmap) -> Self {
        Self { bytes: Bytes::Mapped(map), start: 0 }
    }
}

impl Prepared {
    /// The prepared file at `path` of the model whose files have these digests.
    pub fn new<'a>(path: PathBuf, digests: impl Iterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for digest in digests {
            hash.update(digest);
            hash.update("\n");
        }
        Self { path, key: hash.finalize().into() }
    }

    /// Its block; `None` when there is none that can be used.
    pub fn open(&self) -> Option<Block> {
        let directory = ModelFiles::Directory(self.path.parent()?.to_owned());
        let bytes = directory.read(self.path.file_name()?.to_str()?).ok()?;
        let block = bytes.get(HEADER..)?;
        (bytes[..HEADER] == header(&self.key, block)).then_some(Block { bytes, start: HEADER })
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn write(&self, block: &[u8]) -> Result<()> {
        use std::io::Write;
        let part = self.path.with_extension(format!("{}.part", std::process::id()));
        let written = (|| {
            std::fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
            let mut file = std::fs::File::create(&part)?;
            file.write_all(&header(&self.key, block))?;
            file.write_all(block)?;
            file.sync_all()?;
            std::fs::rename(&part, &self.path)
        })();
        written.map_err(|error| {
            // The half-written file is of no use to anyone; that it may stay behind changes nothing.
            let _ = std::fs::remove_file(&part);
            Error::write(&self.path)(error)
        })
    }
}

fn header(key: &[u8; 32], block: &[u8]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..16].copy_from_slice(&MAGIC);
    header[16..48].copy_from_slice(key);
    header[48..56].copy_from_slice(&(block.len() as u64).to_le_bytes());
    header[56..64].copy_from_slice(&checksum(block).to_le_bytes());
    header
}

/// A fast checksum against damage, not against malice: FNV-1a over words, in eight lanes.
fn checksum(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mix = |state: u64, word: u64| (state ^ word).wrapping_mul(PRIME).rotate_left(29);
    let mut lanes = [0xcbf2_9ce4_8422_2325u64; 8];
    let (chunks, rest) = bytes.as_chunks::<64>();
    for chunk in chunks {
        for (lane, word) in lanes.iter_mut().zip(chunk.as_chunks::<8>().0) {
            *lane = mix(*lane, u64::from_le_bytes(*word));
        }
    }
    let last = rest.iter().fold(bytes.len() as u64, |state, &byte| mix(state, u64::from(byte)));
    lanes.into_iter().fold(last, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_or_stale_file_is_not_used() {
        let directory = tempfile::tempdir().unwrap();
        let prepared = Prepared::new(directory.path().join("weights.int8"), ["config", "weights"].into_iter());
        let other = Prepared::new(prepared.path.clone(), ["config", "other weights"].into_iter());
        let block = vec![42u8; 1000];
        assert!(prepared.open().is_none(), "absent");
        prepared.write(&block).unwrap();
        assert_eq!(&*prepared.open().unwrap(), &block[..]);
        assert!(other.open().is_none(), "stale");
        let whole = std::fs::read(&prepared.path).unwrap();
        for damage in [0, 20, 50, 60, HEADER, HEADER + 999] {
            let mut bytes = whole.clone();
            bytes[damage] ^= 1;
            std::fs::write(&prepared.path, bytes).unwrap();
            assert!(prepared.open().is_none(), "damaged at {damage}");
        }
        for length in [0, 100, HEADER, whole.len() - 1] {
            std::fs::write(&prepared.path, &whole[..length]).unwrap();
            assert!(prepared.open().is_none(), "cut to {length}");
        }
    }
}
