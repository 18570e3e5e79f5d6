//! What the bytes of a file are: SHA-256, and whether they are the ones the hub named.
//!
//! In: a path, perhaps the hub's ETag. Out: size and digests. Nothing here knows where files lie or come from.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha1::{Digest, Sha1};
use sha2::Sha256;

/// The hub's name for the content of a file, and the file's name in `blobs/`: SHA-256 for large files, the SHA-1 of the
/// git object for small ones. Some mirrors send the plain SHA-1 instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Etag(String);

impl Etag {
    /// Reads the value of an `ETag` header, or a file name; `None` when it is no digest.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let value = value.trim().trim_start_matches("W/").trim_matches('"');
        let digest = matches!(value.len(), 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        digest.then(|| Self(value.to_ascii_lowercase()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The SHA-256 of the content, when this is one.
    pub(super) fn sha256(&self) -> Option<&str> {
        (self.0.len() == 64).then_some(self.0.as_str())
    }
}

/// What a file is.
pub(super) struct Content {
    /// Length in bytes.
    pub(super) size: u64,
    /// SHA-256, lower-case hexadecimal.
    pub(super) sha256: String,
    /// Whether it is what the ETag says; `true` without one.
    pub(super) as_named: bool,
}

/// Reads a file from beginning to end.
pub(super) fn read(path: &Path, etag: Option<&Etag>) -> io::Result<Content> {
    let mut file = File::open(path)?;
    let mut sha256 = Sha256::new();
    // "blob", length and a zero byte before the content: how git names it.
    let mut sha1 = etag.filter(|etag| etag.sha256().is_none()).map(|_| (Sha1::new(), Sha1::new()));
    if let Some((_, git)) = &mut sha1 {
        git.update(format!("blob {}\0", file.metadata()?.len()));
    }
    let mut size = 0;
    let mut buffer = vec![0; 1 << 17];
    loop {
        let length = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..length).unwrap_or_default();
        size += bytes.len() as u64;
        sha256.update(bytes);
        if let Some((plain, git)) = &mut sha1 {
            plain.update(bytes);
            git.update(bytes);
        }
    }
    let sha256 = hexadecimal(&sha256.finalize());
    let as_named = match (etag, sha1) {
        (None, _) => true,
        (Some(etag), None) => etag.as_str() == sha256,
        (Some(etag), Some((plain, git))) => {
            [git, plain].into_iter().any(|digest| etag.as_str() == hexadecimal(&digest.finalize()))
        }
    };
    Ok(Content { size, sha256, as_named })
}

/// SHA-256 of bytes in memory, lower-case hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_digests_in_any_spelling() {
        let digest = "A94A8FE5CCB19BA61C4C0873D391E987982FBBD3";
        for spelling in [digest.to_owned(), format!("\"{digest}\""), format!("W/\"{digest}\"")] {
            assert_eq!(Etag::parse(&spelling).unwrap().as_str(), digest.to_lowercase());
        }
        for other in ["", "\"5e1-62a\"", "../../../etc/passwd", &"g".repeat(40), &"0".repeat(41)] {
            assert_eq!(Etag::parse(other), None);
        }
    }

    #[test]
    fn a_file_is_known_by_each_of_its_names() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "test").unwrap();
        // `printf test | sha1sum`, `printf test | git hash-object --stdin`, `printf test | sha256sum`
        let names = [
            "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
            "30d74d258442c7c65512eafab474568dd706c430",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ];
        for name in names {
            assert!(read(&path, Etag::parse(name).as_ref()).unwrap().as_named, "{name}");
        }
        let content = read(&path, Etag::parse(&"0".repeat(40)).as_ref()).unwrap();
        assert!(!content.as_named);
        assert_eq!((content.size, content.sha256.as_str()), (4, names[2]));
        assert_eq!(sha256(b"test"), names[2]);
    }
}
