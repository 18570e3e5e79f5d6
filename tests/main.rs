//! The one integration test binary: a module per topic.

// A test that skips says so.
#![allow(clippy::print_stdout)]

/// The HTML report in a browser, where there is one.
mod browser;
/// The program as a user meets it.
#[cfg(feature = "cli")]
mod cli;
/// The inputs that the fuzz targets keep.
mod corpus;
/// What other programs and word processors read: TMX, XLIFF, DOCX.
mod exchange;
/// Folder runs that are cut off, disturbed and resumed.
#[cfg(feature = "cli")]
mod folders;
/// The int8 network against the f32 one, and with itself in every batch and on every instruction set.
mod int8;
/// What holds for every input, shared with the fuzz targets.
#[path = "fuzz/invariants.rs"]
mod invariants;
/// The engine against recordings of HF transformers.
mod oracle;
/// The writers, against golden files.
mod output;
/// Reading PDF files of several producers, and hostile ones.
#[cfg(feature = "pdf")]
mod pdf;
/// The checks on translations.
mod quality;
/// The readers of all formats: samples, hostile input, and what holds for every byte sequence.
mod readers;
/// A small bilingual report for the tests of everything that reads one.
mod report;
/// The samples in every format, against golden files.
mod samples;
/// The model store, against a local hub that fails in every way.
mod store;
/// The choice of sentences for a summary.
mod summary;
/// What the tests share.
mod support;
/// Summaries in new words, against recordings of HF transformers.
#[cfg(feature = "t5")]
mod t5;
/// The rules of the house.
mod tidy;
/// The tokenizer against recordings of HF transformers.
mod tokenizer;
