//! The body of a Word document of any bytes, in a sound archive; and any bytes as the archive itself.
#![no_main]

mod invariants;

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use translate::document::InputKind;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fuzz_target!(|bytes: &[u8]| {
    invariants::read(bytes, InputKind::Docx);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes).unwrap();
    invariants::read(&zip.finish().unwrap().into_inner(), InputKind::Docx);
});
