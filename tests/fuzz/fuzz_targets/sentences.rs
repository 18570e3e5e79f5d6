//! The sentences of any text: gaps between them are white space, and nothing is lost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use translate::segment::sentences;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for sentence in sentences(text) {
        assert!(text[end..sentence.start].trim().is_empty());
        assert!(sentence.start < sentence.end);
        end = sentence.end;
    }
    assert!(text[end..].trim().is_empty());
});
