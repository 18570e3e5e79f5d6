//! `translate` turns German reports into English ones on an ordinary CPU.
//!
//! The modules below are the run, in flow order; imports go one way, from the last to the first:
//!
//! ```text
//! bytes ─ document ─ Document ─ segment ─ Segment[] ─ engine ─ Translation[] ─ quality ─ Bitext ─ summary ─ Bitext+Summary ─ output ─ bytes
//!                                                       │
//!                            tokenizer → batch → search ⇄ network (candle f32)
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
pub mod document;
pub mod engine;
mod error;
pub mod output;
pub mod segment;
pub mod summary;

pub use error::{Error, Result};
