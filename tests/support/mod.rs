//! What the tests share: a temporary folder, the program run in it, and the paths of samples and small models.

#[cfg(feature = "hub")]
pub mod hub;
pub mod office;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A small model with random weights, which translates fast and into nonsense.
pub fn small_model() -> PathBuf {
    root().join("tests/fixtures/marian/joint-swish")
}

/// A copy of a model with one 32-bit tensor changed from this row on: the copy lives as long as the folder does.
pub fn with_changed_tensor(model: &Path, tensor: &str, row: usize, value: f32) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(model).unwrap().flatten() {
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let path = copy.path().join("model.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let (length, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let info = metadata.info(tensor).unwrap();
    assert_eq!(info.dtype, safetensors::Dtype::F32);
    let width = 4 * info.shape.last().unwrap();
    // The data begin after the header and the eight bytes that say how long it is.
    let start = 8 + length + info.data_offsets.0 + row * width;
    bytes[start..start + width].as_chunks_mut::<4>().0.fill(value.to_le_bytes());
    std::fs::write(path, bytes).unwrap();
    copy
}

/// The clock of the program in tests, 2024-07-04: none of them falls over midnight.
pub const CLOCK: (&str, &str) = ("SOURCE_DATE_EPOCH", "1720051200");

/// A temporary folder in which the program runs, cut off from the user's models and from the network.
pub struct Workspace {
    folder: tempfile::TempDir,
}

/// What the program left behind.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Workspace {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Paths of the files below a folder, from the workspace on, sorted; without what a run keeps for the next one.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.ends_with(".translate") => {}
                    path if path.is_dir() => folders.push(path),
                    path => names.push(path.strip_prefix(self.folder.path()).unwrap().to_str().unwrap().to_owned()),
                }
            }
        }
        names.sort();
        names
    }

    /// Runs the program with the small model.
    pub fn translate(&self, arguments: &[&str]) -> Finished {
        let model = small_model();
        let mut all = vec!["--model", model.to_str().unwrap(), "--threads", "1", "--max-length", "24"];
        all.extend(arguments);
        self.run(&all, b"")
    }

    /// Runs the program with exactly these arguments and this standard input.
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> Finished {
        let mut child = Command::new(env!("CARGO_BIN_EXE_translate"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HF_HOME", self.path("no-models"))
            .env_remove("HF_HUB_CACHE")
            .env("HF_HUB_OFFLINE", "1")
            .env(CLOCK.0, CLOCK.1)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // From a thread of its own, since the program may answer before it has read all.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        // A program that ends early need not read its input.
        let _ = writer.join().unwrap();
        Finished {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Finished {
    /// The program succeeded; its standard output.
    #[track_caller]
    pub fn success(self) -> String {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self.stdout
    }

    /// The program failed with this code; its standard error.
    #[track_caller]
    pub fn failure(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains("error: "), "{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self.stderr
    }
}
