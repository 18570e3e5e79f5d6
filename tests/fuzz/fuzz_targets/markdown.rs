//! [`translate_fuzz::markdown`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| translate_fuzz::markdown(bytes));
