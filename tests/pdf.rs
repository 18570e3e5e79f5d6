//! Reading PDF files: of several producers, without text, encrypted, damaged and hostile.
//!
//! The files come from `tests/fixtures/pdf/make.py`. What is expected is the text as its author wrote it, not as a page shows it.

use std::fmt::Write;
use std::path::Path;

use translate::document::{BlockKind, Document, ReadOptions};
use translate::segment::segment;

use crate::invariants::whole as check_extracted;
use crate::readers::{blocks_of, refused};
use crate::support::{Workspace, root};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/fixtures/pdf").join(name)).unwrap()
}

fn read(bytes: &[u8]) -> translate::Result<Document> {
    Document::from_bytes(bytes, Some(Path::new("a.pdf")), &ReadOptions::default())
}

fn sentences(document: &Document) -> Vec<String> {
    segment(document).into_iter().map(|segment| segment.text).collect()
}

#[track_caller]
fn holds(document: &Document, expected: &[&str]) {
    let found = sentences(document);
    for sentence in expected {
        assert!(found.iter().any(|text| text == sentence), "{sentence:?} is not in {found:#?}");
    }
}

/// A PDF file with these pages, each the operators that paint it; F is Helvetica, X the first page as a form.
fn pdf(pages: &[String]) -> Vec<u8> {
    let mut file = String::from("%PDF-1.4\n");
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 10 + 2 * page)).collect();
    writeln!(file, "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj").unwrap();
    writeln!(file, "2 0 obj<</Type/Pages/Kids[{}]/Count {}>>endobj", kids.join(" "), pages.len()).unwrap();
    writeln!(file, "3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>endobj").unwrap();
    for (page, content) in pages.iter().enumerate() {
        let (number, stream) = (10 + 2 * page, 11 + 2 * page);
        write!(
            file,
            "{number} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {stream} 0 R\
             /Resources<</Font<</F 3 0 R>>/XObject<</X 11 0 R>>>>>>endobj\n\
             {stream} 0 obj<</Subtype/Form/BBox[0 0 595 842]/Length {}>>stream\n{content}\nendstream endobj\n",
            content.len()
        )
        .unwrap();
    }
    writeln!(file, "trailer<</Root 1 0 R/Size {}>>", 12 + 2 * pages.len()).unwrap();
    file.into_bytes()
}

/// Operators that write a line in letters of this size at this place.
fn line(x: usize, y: usize, size: usize, text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\{:03o}", c as u32) }).collect();
    format!("BT /F {size} Tf {x} {y} Td ({text}) Tj ET\n")
}

#[test]
fn the_pdf_sample_is_the_report_it_was_made_from() {
    let report = Document::read(root().join("samples/fire.pdf")).unwrap();
    check_extracted(&report);
    assert_eq!(blocks_of(&report, BlockKind::Title), ["Jahresbericht der Freiwilligen Feuerwehr Lindenau"]);
    assert_eq!(
        blocks_of(&report, BlockKind::Heading),
        ["Ausbildung und Nachwuchs", "Einsätze im Vergleich", "Finanzen und Ausrüstung"]
    );
    assert_eq!(blocks_of(&report, BlockKind::ListItem).len(), 3);
    let cells = ["Art", "2023", "2024", "Technische Hilfe", "58", "71", "Brände", "36", "34", "Fehlalarme", "25", "38"];
    assert_eq!(blocks_of(&report, BlockKind::TableCell), cells);
    for furniture in ["Seite", "Feuerwehr Lindenau e. V.", "Jahresbericht 2024"] {
        assert!(!report.text.contains(furniture), "{furniture}");
    }
    holds(
        &report,
        &[
            "Das Hochwasserrückhaltebecken am Mühlbach bewährte sich beim Unwetter vom 3. Juni, obwohl es noch nicht fertig ist.",
            "„Ohne die Nachbarwehren hätten wir den Keller der Grundschule nicht halten können“, sagte Kommandantin Dr. Petra \
             Öhlschläger.",
            "der Austausch der Funkgeräte, der rund 18.500 Euro kostet und je zur Hälfte von der Gemeinde und vom Förderverein \
             bezahlt wird.",
            "Die Kassenprüfer fanden nichts zu beanstanden.",
        ],
    );
}

#[test]
fn two_columns_and_accents_of_tex_are_read() {
    let paper = read(&fixture("latex.pdf")).unwrap();
    check_extracted(&paper);
    assert_eq!(blocks_of(&paper, BlockKind::Title), ["Zur Auffindung römischer Münzen bei Hochfeld"]);
    holds(
        &paper,
        &[
            "Dafür, dass der Beutel in Eile versteckt wurde, spricht die geringe Tiefe; auch fehlt jede Spur eines Gefäßes.",
            "Der Fundplatz wurde zunächst vermessen, dann in Schichten von fünf Zentimetern abgetragen und schließlich gesiebt.",
            "„Wir haben zum ersten Mal die Gelegenheit, einen solchen Schatz vollständig auszuwerten“, sagte die Leiterin der \
             Grabung.",
            "Ein Gutachten zur Sicherheit des Gebäudes liegt noch nicht vor.",
        ],
    );
    let last = sentences(&paper).pop().unwrap();
    assert_eq!(last, "Reste des Leders wurden nicht erhalten.");
    assert!(!paper.text.contains('¹'), "{}", paper.text);
}

#[test]
fn page_headers_of_a_word_processor_are_left_out_and_notes_stand_at_the_end() {
    let letter = read(&fixture("libreoffice.pdf")).unwrap();
    check_extracted(&letter);
    assert!(!letter.text.contains("Rundbrief") && !letter.text.contains("– 1 –"), "{}", letter.text);
    assert_eq!(blocks_of(&letter, BlockKind::Title), ["Was im Archiv liegt und wer es lesen darf"]);
    assert_eq!(blocks_of(&letter, BlockKind::Heading), ["Neue Bestände"]);
    holds(
        &letter,
        &[
            "Ausnahmen regelt § 7 Abs. 3 der Satzung.",
            "Im vergangenen Jahr kamen die Geschäftsbücher der Tuchfabrik Hagemann & Söhne hinzu, die bis in das Jahr 1831 \
             zurückreichen.",
            "Aus dem Netz sind sie noch nicht erreichbar, weil die Rechte an den Anzeigen ungeklärt sind.",
        ],
    );
    assert_eq!(sentences(&letter).pop().unwrap(), "Sie gilt seit dem 1. Januar 2019.");
}

#[test]
fn fonts_that_are_not_in_the_file_are_read_by_their_encoding() {
    let notice = read(&fixture("reportlab.pdf")).unwrap();
    check_extracted(&notice);
    assert_eq!(blocks_of(&notice, BlockKind::Title), ["Züge halten wieder in Weißenfels"]);
    assert_eq!(blocks_of(&notice, BlockKind::TableCell).len(), 9);
    holds(
        &notice,
        &[
            "Wer eine Zeitkarte besitzt, erhält 15 % des Preises zurück; der Antrag ist bis zum 31. Dezember zu stellen.",
        ],
    );
    // Protected against printing, not against reading.
    for name in ["restricted.pdf", "restricted-aes128.pdf"] {
        assert_eq!(read(&fixture(name)).unwrap().text, notice.text, "{name}");
    }
}

#[test]
fn files_that_hold_no_text_are_refused_with_advice() {
    for (bytes, reason, hint) in [
        (fixture("scan.pdf"), "only pictures", "OCR"),
        (fixture("locked.pdf"), "protected by a password", "without a password"),
        (pdf(&[String::new()]), "no text in it", "OCR"),
        (b"%PDF-1.7\n%\xE2\xE3".to_vec(), "damaged", "print it"),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.hint().unwrap_or_default().contains(hint), "{error}");
        let message = refused(Err(error));
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn pages_that_are_pictures_are_named() {
    let picture = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \0 EI Q".to_owned();
    let document = read(&pdf(&[line(70, 700, 10, "Die erste Seite hat Text."), picture])).unwrap();
    assert!(document.notices.iter().any(|notice| notice.contains("page 2")), "{:?}", document.notices);
}

#[test]
fn lines_that_were_full_go_on_and_short_ones_end() {
    let lines = [
        "Der Rat der Stadt hat am Montag beschlossen, die alte Brücke über den Kanal bis",
        "Jahresende zu sperren. Fußgänger dürfen sie weiter benutzen, Fahrräder müssen gescho-",
        "ben werden.",
        "Die Sperrung gilt ab sofort.",
        "Mit freundlichen Grüßen",
        "Ihre Stadtverwaltung",
    ];
    let page: String = lines.iter().enumerate().map(|(at, text)| line(70, 700 - 12 * at, 10, text)).collect();
    let document = read(&pdf(&[page])).unwrap();
    let texts: Vec<&str> = document.blocks.iter().map(|block| block.text()).collect();
    assert_eq!(
        texts,
        [
            "Der Rat der Stadt hat am Montag beschlossen, die alte Brücke über den Kanal bis Jahresende zu sperren. Fußgänger \
             dürfen sie weiter benutzen, Fahrräder müssen geschoben werden.",
            "Die Sperrung gilt ab sofort.",
            "Mit freundlichen Grüßen",
            "Ihre Stadtverwaltung",
        ]
    );
}

#[test]
fn a_sentence_goes_on_over_the_page_and_what_repeats_is_dropped() {
    let page = |number: usize, text: &[&str]| {
        let body: String = text.iter().enumerate().map(|(at, text)| line(70, 700 - 12 * at, 10, text)).collect();
        line(70, 800, 8, "Amtsblatt der Gemeinde Hohenau") + &body + &line(290, 40, 8, &number.to_string())
    };
    let first = [
        "Der Haushalt des kommenden Jahres sieht Ausgaben von 14,2 Millionen Euro vor, von denen",
        "der größte Teil auf Schulen und",
    ];
    let second = ["Straßen entfällt.", "Neue Schulden sind nicht geplant."];
    let document = read(&pdf(&[page(1, &first), page(2, &second)])).unwrap();
    let text = sentences(&document);
    assert_eq!(text[0].matches("Amtsblatt").count() + document.text.matches("Amtsblatt").count(), 0);
    assert_eq!(text.last().map(String::as_str), Some("Neue Schulden sind nicht geplant."));
    assert!(
        !document.text.contains(['1', '2'].map(|digit| format!("\n{digit}")).first().unwrap()),
        "{}",
        document.text
    );
}

#[test]
fn hostile_files_end_soon() {
    // A page that stands in itself ten times, and each of those again.
    let cycle = pdf(&["/X Do ".repeat(10)]);
    assert!(refused(read(&cycle)).contains("steps"));
    // Saved states without end, text without end.
    check_extracted(&read(&pdf(&["q ".repeat(200_000) + &line(70, 700, 10, "Ende.")])).unwrap());
    // Pages that contain each other.
    let circular = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]>>endobj\ntrailer<</Root 1 0 R>>";
    refused(read(circular));
    // Places and sizes that no page has.
    for text in [
        "1e30 0 0 1e30 0 0 cm",
        "0 0 0 0 0 0 cm",
        "1e-30 0 0 1e-30 1e30 1e30 cm",
        "-1 0 0 -1 0 0 cm",
        "0 1 -1 0 0 0 cm",
    ] {
        match read(&pdf(&[format!("{text} {}", line(70, 700, 10, "Ein Satz."))])) {
            Ok(document) => check_extracted(&document),
            result => drop(refused(result)),
        }
    }
}

/// More bytes than a part of a file may unpack to.
const LARGE: usize = 300 << 20;

#[test]
fn a_part_that_unpacks_without_measure_is_refused() {
    let file = |packed: &[u8]| [b"%PDF-1.4\n5 0 obj<</Filter/FlateDecode>>stream\n", packed].concat();
    let packed = deflate(&vec![b' '; LARGE]);
    let twice = deflate(&packed);
    assert!(packed.len() < 1 << 20 && twice.len() < 1 << 14);
    let headless = &packed[2..];
    for bomb in [&packed[..], &twice, headless] {
        assert!(refused(read(&file(bomb))).contains("unpacks to more than"));
    }
    let many = (0..6).fold(b"Ein Satz.".to_vec(), |packed, _| deflate(&packed));
    assert!(refused(read(&file(&many))).contains("packed more than"));
}

/// A PDF file with one page, the operators of which are packed by these filters, the outermost first.
fn packed(filters: &str, data: &[u8]) -> Vec<u8> {
    let file = String::from_utf8(pdf(&["PACKED".to_owned()])).unwrap();
    let (head, tail) = file.split_once("PACKED").unwrap();
    let head = head.replace("/Length 6", &format!("/Filter[{filters}]/Length {}", data.len()));
    [head.as_bytes(), data, tail.as_bytes()].concat()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn ascii85(data: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for group in data.chunks(4) {
        let mut bytes = [0; 4];
        bytes[..group.len()].copy_from_slice(group);
        let value = u32::from_be_bytes(bytes);
        let digits =
            [85_u32.pow(4), 85_u32.pow(3), 85_u32.pow(2), 85, 1].map(|power| b'!' + (value / power % 85) as u8);
        text.extend(&digits[..=group.len()]);
    }
    text.extend(b"~>");
    text
}

/// Every byte by itself: codes of 9 bits, the table cleared before it would need longer ones.
fn lzw(data: &[u8]) -> Vec<u8> {
    let codes = data.chunks(200).flat_map(|part| std::iter::once(256).chain(part.iter().map(|byte| u32::from(*byte))));
    bits(codes.chain([257]).map(|code| (code, 9)))
}

/// LZW of so many tables full of one byte repeated: each code is a byte longer than the one before.
fn lzw_of_one_byte(tables: usize) -> Vec<u8> {
    let width = |code: u32| (32 - code.leading_zeros()).max(9);
    // The encoder is early by one, as is usual: the length of a code follows from the size of the table.
    let table =
        || [(256, 12), (u32::from(b' '), 9)].into_iter().chain((258..4094).map(move |code| (code, width(code + 1))));
    let all = (0..tables).flat_map(|_| table()).enumerate();
    bits(all.map(|(number, (code, length))| (code, if number == 0 { 9 } else { length })))
}

fn bits(codes: impl Iterator<Item = (u32, u32)>) -> Vec<u8> {
    let (mut bytes, mut held, mut count) = (Vec::new(), 0_u64, 0);
    for (code, length) in codes {
        (held, count) = ((held << length) | u64::from(code), count + length);
        while count >= 8 {
            count -= 8;
            bytes.push((held >> count) as u8);
        }
    }
    bytes.push((held << (8 - count)) as u8);
    bytes
}

#[test]
fn older_ways_of_packing_are_read() {
    let text = line(70, 700, 12, "Der Rat hat am Montag getagt.");
    let hexadecimal: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    let runs: Vec<u8> = text.bytes().flat_map(|byte| [0, byte]).chain([128]).collect();
    for (filters, data) in [
        ("/ASCIIHexDecode", format!("{hexadecimal}>").into_bytes()),
        ("/ASCII85Decode", ascii85(text.as_bytes())),
        ("/A85/Fl", ascii85(&deflate(text.as_bytes()))),
        ("/LZWDecode", lzw(text.as_bytes())),
        ("/RunLengthDecode", runs),
    ] {
        let document = read(&packed(filters, &data)).unwrap();
        holds(&document, &["Der Rat hat am Montag getagt."]);
    }
}

#[test]
fn older_ways_of_packing_are_measured_too() {
    let spaces = deflate(&vec![b' '; LARGE]);
    let hexadecimal: String = deflate(&spaces).iter().map(|byte| format!("{byte:02x}")).collect();
    let runs = [129, b' '].repeat(LARGE / 128);
    let bombs = [
        ("/ASCIIHexDecode/FlateDecode/FlateDecode", hexadecimal.into_bytes()),
        ("/ASCII85Decode/FlateDecode", ascii85(&spaces)),
        ("/FlateDecode/RunLengthDecode", deflate(&runs)),
        ("/FlateDecode/LZWDecode", deflate(&lzw_of_one_byte(40))),
    ];
    for (filters, data) in bombs {
        assert!(data.len() < 1 << 20, "{filters}: {}", data.len());
        assert!(refused(read(&packed(filters, &data))).contains("unpacks to more than"), "{filters}");
    }
    let deep = "/A85".repeat(6);
    assert!(refused(read(&packed(&deep, b"!!~>"))).contains("packed more than"));
    assert!(refused(read(&packed("/LZW/Fl", &lzw(&spaces)))).contains("in a way that no report is"));
}

#[test]
fn what_is_encrypted_is_measured_too() {
    for encrypted in ["bomb.pdf", "bomb-of-objects.pdf"] {
        assert!(refused(read(&fixture(encrypted))).contains("unpacks to more than"), "{encrypted}");
    }
}

/// A row of a hundred trillion columns: the parser asks for the memory at once, and without a bound the program ended there.
#[cfg(feature = "cli")]
#[test]
fn a_file_that_takes_memory_without_end_is_given_up_and_the_others_are_read() {
    let workspace = Workspace::new();
    let text = line(70, 700, 12, "Der Rat hat am Montag getagt.");
    let plain = packed("/FlateDecode", &deflate(text.as_bytes()));
    let at = plain.windows(7).position(|bytes| bytes == b"/Filter").unwrap();
    let rows = b"/DecodeParms[<</Predictor 2/BitsPerComponent 1/Columns 800000000000000>>]";
    workspace.write("berichte/a.pdf", [&plain[..at], rows, &plain[at..]].concat());
    workspace.write("berichte/b.pdf", plain);
    let finished = workspace.run(&["segment", "berichte"], b"");
    assert!(finished.stderr.contains("a.pdf: reading it takes more than 1024 MB of memory"), "{}", finished.stderr);
    assert!(finished.stdout.contains("Der Rat hat am Montag getagt."), "{}", finished.stdout);
    assert_eq!(finished.code, 1);
}
