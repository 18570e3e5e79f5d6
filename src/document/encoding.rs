//! Bytes → text: which character encoding, and whether they are text at all.
//!
//! In: the bytes of a file. Out: the decoded text without a byte order mark, and the name of its encoding. No structure
//! of the text is looked at here.

use std::borrow::Cow;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::refuse;
use crate::{Error, Result};

/// How many bytes decide whether a file is binary or UTF-16 without a mark.
const SAMPLE: usize = 4096;

/// What to do with a file that is no text.
const SAVE_AS_TEXT: &str = "save it as plain text, Markdown or .docx first";

/// Files that are often mistaken for text: their first bytes, what they are, and what to do with them.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (b"%PDF-", "a PDF file", "read it as what it is, or export it as .docx or plain text first"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it and translate the files in it"),
    (b"\xD0\xCF\x11\xE0", "an old or password-protected Office document", "save it as .docx without a password first"),
    (b"{\\rtf", "an RTF document", "save it as .docx first"),
    (b"\x89PNG", "a PNG image", SCAN),
    (b"\xFF\xD8\xFF", "a JPEG image", SCAN),
    (b"GIF8", "a GIF image", SCAN),
    (b"II*\0", "a TIFF image", SCAN),
    (b"MM\0*", "a TIFF image", SCAN),
    (b"\x1F\x8B", "a gzip archive", "unpack it and translate the files in it"),
    (b"7z\xBC\xAF", "a 7z archive", "unpack it and translate the files in it"),
    (b"\x28\xB5\x2F\xFD", "a zstd archive", "unpack it and translate the files in it"),
    (b"\x7FELF", "a program", "name a report"),
    (b"MZ\x90\x00", "a program", "name a report"),
];

const SCAN: &str = "have its text recognised (OCR) and saved as plain text first";

/// Decodes `bytes`: by `label` when given, else by byte order mark, as UTF-8, as UTF-16 without a mark, as windows-1252.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    path: Option<&Path>,
    label: Option<&str>,
) -> Result<(Cow<'a, str>, &'static str)> {
    let wanted = label.map(find_encoding).transpose()?;
    let marked = Encoding::for_bom(bytes);
    if wanted.is_none() && marked.is_none() {
        if let Ok(text) = std::str::from_utf8(bytes)
            && !starts_like_a_binary_file(bytes)
            && !text.contains('\0')
        {
            return Ok((Cow::Borrowed(text), UTF_8.name()));
        }
        if let Some((_, what, hint)) = SIGNATURES.iter().find(|(signature, ..)| bytes.starts_with(signature)) {
            return Err(refuse(path, format!("this is {what}, not text"), hint));
        }
    }
    let encoding = match (wanted, marked) {
        (Some(encoding), _) | (None, Some((encoding, _))) => encoding,
        (None, None) => guess(bytes).ok_or_else(|| refuse(path, "the file holds binary data", SAVE_AS_TEXT))?,
    };
    let mark = marked.filter(|(found, _)| *found == encoding).map_or(0, |(_, length)| length);
    match encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]) {
        Some(text) if !text.contains('\0') => Ok((text, encoding.name())),
        Some(_) => Err(refuse(path, "the file holds binary data", SAVE_AS_TEXT)),
        None => Err(refuse(
            path,
            format!("the bytes are not valid {}", encoding.name()),
            "name the right character encoding, for example with --encoding windows-1252",
        )),
    }
}

/// The encoding of a WHATWG label.
pub(crate) fn find_encoding(label: &str) -> Result<&'static Encoding> {
    Encoding::for_label(label.as_bytes()).ok_or_else(|| Error::Option {
        option: "--encoding",
        reason: format!("{label} is no known character encoding; try utf-8, windows-1252 or utf-16le"),
    })
}

/// UTF-16, where the bytes at the beginning of a text say so: by their mark or their zeros.
pub(crate) fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    let marked = Encoding::for_bom(head).map(|(encoding, _)| encoding);
    // A head that was cut off may end within a character.
    let found = marked.or_else(|| guess(&head[..head.len() & !1]))?;
    [UTF_16LE, UTF_16BE].contains(&found).then_some(found)
}

/// `%PDF` and RTF are ASCII: valid UTF-8 and still no text for a reader.
fn starts_like_a_binary_file(bytes: &[u8]) -> bool {
    SIGNATURES.iter().any(|(signature, ..)| bytes.starts_with(signature))
}

/// UTF-16 by its zero bytes, windows-1252 when there are hardly any control characters, `None` for binary data.
fn guess(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // German text in UTF-16 has a zero in nearly every high byte and none in a low byte.
    if even + odd > 0 {
        let half = sample.len() / 2;
        return match (even, odd) {
            _ if bytes.len() % 2 == 1 => None,
            (0, odd) if odd * 4 >= half * 3 => Some(UTF_16LE),
            (even, 0) if even * 4 >= half * 3 => Some(UTF_16BE),
            _ => None,
        };
    }
    let control = sample.iter().filter(|byte| matches!(byte, 1..=8 | 14..=31 | 127) && **byte != 0x1B).count();
    (control * 100 <= sample.len()).then_some(WINDOWS_1252)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (String, &'static str) {
        let (text, encoding) = decode(bytes, None, None).expect("text");
        (text.into_owned(), encoding)
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_not_text() {
        assert_eq!(decoded("\u{feff}Grüße".as_bytes()), ("Grüße".into(), "UTF-8"));
        assert_eq!(decoded(b"\xFF\xFE\xFC\x00b\x00"), ("üb".into(), "UTF-16LE"));
        assert_eq!(decoded(b"\xFE\xFF\x00\xFC\x00b"), ("üb".into(), "UTF-16BE"));
    }

    #[test]
    fn bytes_that_are_no_utf8_are_windows_1252() {
        assert_eq!(decoded(b"\x84Gr\xFC\xDFe\x93 \x96 5 \x80"), ("„Grüße“ – 5 €".into(), "windows-1252"));
    }

    #[test]
    fn utf16_without_a_mark_is_seen_by_its_zero_bytes() {
        let text = "Über den Gipfel wird in Astana beraten.";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&little), (text.into(), "UTF-16LE"));
        assert_eq!(decoded(&big), (text.into(), "UTF-16BE"));
    }

    #[test]
    fn an_empty_file_is_empty_text() {
        assert_eq!(decoded(b""), (String::new(), "UTF-8"));
    }

    #[test]
    fn binary_files_are_refused_with_a_hint() {
        let files: [&[u8]; 5] = [
            b"%PDF-1.7\n1 0 obj",
            b"PK\x03\x04\x14\x00",
            b"\x89PNG\r\n\x1a\n\0\0",
            b"a\0b\0\xFF\0\0\0",
            b"\x01\x02\xFF\x03\x04",
        ];
        for file in files {
            let error = decode(file, Some(Path::new("bericht.txt")), None).expect_err("binary");
            assert!(error.to_string().contains("bericht.txt"), "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }

    #[test]
    fn a_named_encoding_overrules_detection() {
        let (text, encoding) = decode(b"\xA4", None, Some("iso-8859-15")).expect("text");
        assert_eq!((text.as_ref(), encoding), ("€", "ISO-8859-15"));
        assert!(matches!(decode(b"x", None, Some("klingonisch")), Err(Error::Option { .. })));
        assert!(matches!(decode(b"\xFF", None, Some("utf-8")), Err(Error::Document { .. })));
    }
}
