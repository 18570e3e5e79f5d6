//! Stage 3: source sentences → [`Translation`]s, in the same order.
//!
//! In: sentences as `&str`. Out: their English with score and token count. Knows no documents, no segments with places
//! and no output formats; it names none of its sibling modules but `error`.

pub mod files;
pub mod tokenizer;
