//! An e-mail of any bytes.
#![no_main]

mod invariants;

use libfuzzer_sys::fuzz_target;
use translate::document::InputKind;

fuzz_target!(|bytes: &[u8]| invariants::read(bytes, InputKind::Mail));
