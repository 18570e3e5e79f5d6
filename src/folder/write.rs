//! Files that appear under their name only when they are complete.
//!
//! In: bytes. Out: a file, whole, or none. What the bytes mean is not known here.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A file that is being written; it is renamed to its target when it is finished, and removed when it is dropped before.
///
/// It has a short name of its own, so that a target's name may be as long as the file system allows, and so that two
/// processes that write the same target cannot meet in one file.
#[derive(Debug)]
pub struct PartialFile {
    writer: BufWriter<File>,
    temporary: PathBuf,
    target: PathBuf,
    finished: bool,
}

impl PartialFile {
    /// Begins a file beside its target, whose folder is created where it is missing.
    ///
    /// # Errors
    /// [`Error::Write`] naming the folder or the target.
    pub fn beside(target: &Path) -> Result<Self> {
        Self::within(folder_of(target), target)
    }

    /// Begins a file in `folder`, which should be on the target's file system and is created where it is missing.
    ///
    /// # Errors
    /// [`Error::Write`] naming the folder or the target.
    pub fn within(folder: &Path, target: &Path) -> Result<Self> {
        fs::create_dir_all(folder).map_err(Error::write(folder))?;
        let mut attempt = 0_u64;
        loop {
            let temporary = folder.join(format!(".translate-{}-{attempt}.part", std::process::id()));
            match File::create_new(&temporary) {
                Ok(file) => {
                    let writer = BufWriter::new(file);
                    return Ok(Self { writer, temporary, target: target.to_owned(), finished: false });
                }
                // Another thread's, another machine's, or left by a process that was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
                Err(error) => return Err(Error::write(target)(error)),
            }
        }
    }

    /// Gives the file its name. A folder that is missing is created.
    ///
    /// # Errors
    /// [`Error::Write`] naming the target.
    pub fn finish(mut self) -> Result<()> {
        self.rename().map_err(Error::write(&self.target))
    }

    /// Ends a file that is cut off: what is in it stays under the target's name with `.part` behind it, which is returned.
    /// Of a file that is empty nothing stays.
    ///
    /// # Errors
    /// [`Error::Write`] naming that file.
    pub fn keep(mut self) -> Result<Option<PathBuf>> {
        self.target.as_mut_os_string().push(".part");
        let length = self.writer.flush().and_then(|()| self.writer.get_ref().metadata());
        if length.map_err(Error::write(&self.target))?.len() == 0 {
            return Ok(None);
        }
        self.rename().map_err(Error::write(&self.target))?;
        Ok(Some(self.target.clone()))
    }

    fn rename(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        fs::create_dir_all(folder_of(&self.target))?;
        match fs::rename(&self.temporary, &self.target) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                let mut beside = Self::within(folder_of(&self.target), &self.target).map_err(io::Error::other)?;
                io::copy(&mut File::open(&self.temporary)?, &mut beside)?;
                beside.rename()
            }
            Err(error) => Err(error),
            Ok(()) => {
                self.finished = true;
                Ok(())
            }
        }
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.finished {
            // Best effort: what matters is the error that brought us here.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Has `content` write a file that appears under `path` only when it is complete, and is on the disk by then.
///
/// # Errors
/// [`Error::Write`] naming `path`.
pub fn write_atomically(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut file = PartialFile::beside(path)?;
    content(&mut file)
        .and_then(|()| file.writer.flush())
        .and_then(|()| file.writer.get_ref().sync_all())
        .map_err(Error::write(path))?;
    file.finish()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_stays_under_a_name_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.en.txt");
        let [mut one, empty] = [(), ()].map(|()| PartialFile::beside(&target).unwrap());
        one.write_all(b"eins\n").unwrap();
        let kept = folder.path().join("a.en.txt.part");
        assert_eq!((one.keep().unwrap(), empty.keep().unwrap()), (Some(kept.clone()), None));
        assert_eq!(fs::read(kept).unwrap(), b"eins\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("neu").join("n".repeat(255));
        let names = || fs::read_dir(target.parent().unwrap()).unwrap().count();
        write_atomically(&target, |writer| writer.write_all(b"eins")).unwrap();
        let full = write_atomically(&target, |writer| {
            writer.write_all(b"zwei")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(full.unwrap_err().to_string().contains("nnn"));
        assert_eq!((fs::read(&target).unwrap(), names()), (b"eins".to_vec(), 1));
        let [mut one, mut two] = [(), ()].map(|()| PartialFile::beside(&target).unwrap());
        one.write_all(b"drei").unwrap();
        two.write_all(b"vier").unwrap();
        one.finish().unwrap();
        assert_eq!((fs::read(&target).unwrap(), names()), (b"drei".to_vec(), 2));
        drop(two);
        assert_eq!(names(), 1);
    }
}
