//! A PDF file of any bytes; and any bytes as the content of a page in a sound file.
#![no_main]

mod invariants;

use libfuzzer_sys::fuzz_target;
use translate::document::InputKind;

fuzz_target!(|bytes: &[u8]| {
    invariants::read(bytes, InputKind::Pdf);
    let mut file = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>/XObject<</X 5 0 R>>>>>>endobj\n\
        4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>endobj\n5 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length "
        .to_vec();
    file.extend(format!("{}>>stream\n", bytes.len()).bytes());
    file.extend(bytes);
    file.extend(b"\nendstream endobj\ntrailer<</Root 1 0 R/Size 6>>\n");
    invariants::read(&file, InputKind::Pdf);
});
