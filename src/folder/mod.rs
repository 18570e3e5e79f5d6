//! Many files: inputs → jobs → outcomes, one for each file, with a journal that lets a run that was cut off go on.
//!
//! ```text
//! inputs ─ find ─ Found[] ─ plan ─ Job[] ─ run ⇄ journal ─ results on disk, Outcome for each job
//!                                           │
//!                          stream: documents in any number → bitexts in the same order
//! ```
//!
//! In: paths of files and folders. Out: results on disk, each written whole or not at all, and an [`Outcome`] for each file.
//! A file that fails never stops the others. Nothing is printed here.

mod find;
mod journal;
mod output;
mod plan;
mod run;
mod stream;
mod write;

pub use find::{Found, Selection, Unit, find};
pub use journal::Journal;
pub use output::Output;
pub use plan::{Job, Planner, plan};
pub use run::{Done, OnProgress, Outcome, Progress, run};
pub use stream::{Translated, stream};
pub use write::{PartialFile, write_atomically};
