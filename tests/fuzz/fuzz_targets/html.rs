//! [`translate_fuzz::html`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| translate_fuzz::html(bytes));
