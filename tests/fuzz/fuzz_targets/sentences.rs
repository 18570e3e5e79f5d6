//! [`translate_fuzz::any_sentences`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| translate_fuzz::any_sentences(bytes));
