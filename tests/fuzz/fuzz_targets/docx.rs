//! [`translate_fuzz::docx`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| translate_fuzz::docx(bytes));
