//! `translate` turns German reports into English ones on an ordinary CPU.
//!
//! The modules below are the run, in flow order; imports go one way, from the last to the first:
//!
//! ```text
//! bytes ─ document ─ Document ─ segment ─ Segment[] ─ engine ─ Translation[] ─ quality ─ Bitext ─ summary ─ Bitext+Summary ─ output ─ bytes
//!                                                       │
//!                            tokenizer → batch → search ⇄ network (candle f32 | int8) → kernel
//! ```
//!
//! `lexicon` holds the German word lists that reading and cutting share; `capitals` gives the engine the usual case of texts
//! in capitals, and `enumeration` sets the numbers of headings and list items aside; `today` knows the date; `pipeline` is
//! the whole run in one function; `folder`, `lines` and `records` run it over many files, lines and JSON records; `store`
//! finds the model and is the only network code; `memory` bounds what hostile files can take.
//!
//! ```
//! # fn main() -> Result<(), translate::Error> {
//! let pipeline = translate::Pipeline::builder().model("bundled").build()?;
//! let document = translate::Document::from_text("Der Gipfel beginnt am Mittwoch. Er endet am 4. Juli.");
//! let bitext = pipeline.run(&document)?;
//! assert_eq!(bitext.segments[1].source, "Er endet am 4. Juli.");
//! println!("{} [{:.2}]", bitext.segments[1].target, bitext.segments[1].score);
//! # Ok(())
//! # }
//! ```
//!
//! # Invariants
//!
//! 1. Nothing is lost: segments and gaps concatenate to the source; n segments in give n translations out; no text is
//!    cut silently.
//! 2. A segment's translation depends on the segment alone: not on its neighbours, the batch size or the threads.
//! 3. The library prints nothing, exits nowhere, and opens no socket unless asked (feature `hub`).
//! 4. No input makes it panic; a fault names the file or model, and what to do next ([`Error::hint`]).
//!
//! # What does not belong here
//!
//! Command line, messages and exit codes live in `src/bin/translate/` alone.

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod bitext;
mod capitals;
pub mod document;
pub mod engine;
mod enumeration;
mod error;
pub mod folder;
mod gazetteer;
mod lexicon;
pub mod lines;
#[cfg(feature = "pdf")]
pub mod memory;
pub mod output;
mod pipeline;
pub mod quality;
pub mod records;
pub mod segment;
pub mod store;
pub mod summary;
mod superscript;
mod today;
mod words;

pub use bitext::Bitext;
pub use document::Document;
pub use error::{Error, Result};
pub use output::Format;
pub use pipeline::{Builder, Pipeline};
