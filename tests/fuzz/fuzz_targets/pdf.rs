//! [`translate_fuzz::pdf`]; a panic of the parser is a refusal, since the reader catches it.
#![no_main]

#[path = "../hook.rs"]
mod hook;

libfuzzer_sys::fuzz_target!(init: hook::pass_over("hayro"), |bytes: &[u8]| translate_fuzz::pdf(bytes));
