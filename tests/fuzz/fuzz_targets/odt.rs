//! [`translate_fuzz::odt`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| translate_fuzz::odt(bytes));
