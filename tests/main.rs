//! The one integration test binary: a module per topic.

/// The program as a user meets it.
mod cli;
/// The engine against recordings of HF transformers.
mod oracle;
/// What the tests share.
mod support;
/// The rules of the house.
mod tidy;
