//! Line by line: one segment per input line, one translation per output line, the interface of MT evaluation.
//!
//! In: bytes of any kind, but for documents that are no text. Out: as many lines, in the same order; a line without text
//! gives an empty line. Lines end with `\n` alone, since evaluation tools count those; other line separators are white space
//! within a line. UTF-16, and what the caller names, is decoded before it is cut.

use std::io::{self, BufRead, Read, Write};
use std::path::Path;

use encoding_rs::{Decoder, Encoding, WINDOWS_1252};

use crate::bitext::BitextSegment;
use crate::document::{find_encoding, packed, utf16};
use crate::engine::{OnProgress, Progress};
use crate::output::Format;
use crate::pipeline::Pipeline;
use crate::{Error, Result};

/// Lines are translated in groups of up to so many, which bounds memory and lets results stream.
const GROUP: usize = 1024;

/// Bytes that show what an input is.
const HEAD: usize = 4096;

/// What a run over lines did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines read, and written.
    pub lines: usize,
    /// Lines whose translation is in doubt.
    pub doubtful: usize,
}

/// Where lines go.
pub struct LineOutput<'a> {
    /// Its name in errors.
    pub path: &'a Path,
    /// `Format::Text` for the translation, `Format::Jsonl` for one segment object per line.
    pub format: Format,
    /// What receives them; flushed after each group of lines.
    pub writer: &'a mut dyn Write,
}

/// Translates every line of `input`, named `path` in errors, to a line of each of `outputs`.
///
/// A line that is not UTF-8 is read as windows-1252; with `encoding`, any label of the WHATWG standard, all lines are read
/// as that, and an input in UTF-16 is seen by its mark or its zeros.
///
/// # Errors
/// [`Error::Read`] and [`Error::Write`], [`Error::Document`] for a document that is no text, [`Error::Option`] for another
/// format or an unknown encoding, [`Error::Stopped`] when `on_progress` asks to stop.
pub fn translate_lines(
    pipeline: &Pipeline,
    path: &Path,
    input: &mut dyn BufRead,
    outputs: &mut [LineOutput],
    encoding: Option<&str>,
    on_progress: OnProgress,
) -> Result<Report> {
    if outputs.iter().any(|output| !matches!(output.format, Format::Text | Format::Jsonl)) {
        return Err(Error::Option {
            option: "--format",
            reason: "with --lines only txt and jsonl can be written".into(),
        });
    }
    let encoding = encoding.map(find_encoding).transpose()?;
    let mut head = Vec::new();
    Read::take(&mut *input, HEAD as u64).read_to_end(&mut head).map_err(Error::read(path))?;
    if let Some(what) = packed(&head) {
        return Err(Error::Document {
            path: path.to_owned(),
            reason: format!("this is {what}, not lines of text"),
            hint: "leave out --lines to have it translated as a document".to_owned(),
        });
    }
    let encoding = encoding.or_else(|| utf16(&head));
    let mut input: Box<dyn BufRead + '_> = Box::new(head.as_slice().chain(input));
    if let Some(encoding) = encoding {
        input = Box::new(Decoded::new(input, encoding));
    }
    let mut report = Report::default();
    loop {
        let lines = read_group(&mut *input, report.lines == 0).map_err(Error::read(path))?;
        if lines.is_empty() {
            return Ok(report);
        }
        let sources: Vec<&str> = lines.iter().map(String::as_str).collect();
        let before = report.lines;
        let segments = pipeline.translate(&sources, &|progress: Progress| {
            on_progress(Progress { done: before + progress.done, total: before + progress.total, ..progress })
        })?;
        for mut segment in segments {
            segment.id += before;
            segment.target = one_line(&segment.target);
            report.doubtful += usize::from(segment.is_doubtful());
            for output in &mut *outputs {
                write_line(output, &segment).map_err(Error::write(output.path))?;
            }
        }
        for output in &mut *outputs {
            output.writer.flush().map_err(Error::write(output.path))?;
        }
        report.lines += lines.len();
    }
}

fn write_line(output: &mut LineOutput, segment: &BitextSegment) -> io::Result<()> {
    if output.format == Format::Jsonl {
        serde_json::to_writer(&mut output.writer, segment)?;
    } else {
        output.writer.write_all(segment.target.as_bytes())?;
    }
    output.writer.write_all(b"\n")
}

/// A text in any encoding as UTF-8.
struct Decoded<R> {
    input: R,
    decoder: Decoder,
    text: String,
    /// How much of the text was taken.
    taken: usize,
    ended: bool,
}

impl<R: BufRead> Decoded<R> {
    fn new(input: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { input, decoder, text: String::new(), taken: 0, ended: false }
    }
}

impl<R: BufRead> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken == self.text.len() && !self.ended {
            let bytes = self.input.fill_buf()?;
            self.ended = bytes.is_empty();
            self.text.clear();
            self.taken = 0;
            // With this room all bytes are read.
            self.text.reserve(self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len()));
            let (_, read, _) = self.decoder.decode_to_string(bytes, &mut self.text, self.ended);
            self.input.consume(read);
        }
        Ok(self.text.as_bytes().get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.taken += amount;
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// Up to [`GROUP`] lines, without their ends; a last line without an end counts.
fn read_group(input: &mut dyn BufRead, first: bool) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut bytes = Vec::new();
    while lines.len() < GROUP {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let mark = if first && lines.is_empty() { "\u{feff}".as_bytes() } else { b"" };
        lines.push(decode(line.strip_prefix(mark).unwrap_or(line)));
    }
    Ok(lines)
}

fn decode(line: &[u8]) -> String {
    match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(line).0.into_owned(),
    }
}

/// Without any character that some program takes for the end of a line.
fn one_line(text: &str) -> String {
    const SEPARATORS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    text.replace(SEPARATORS, " ")
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16BE, UTF_16LE};

    use super::*;

    #[test]
    fn lines_are_counted_as_evaluation_tools_count_them() {
        let read = |bytes: &[u8]| read_group(&mut &bytes[..], true).unwrap();
        assert_eq!(read(b""), Vec::<String>::new());
        assert_eq!(read(b"\n"), [""]);
        assert_eq!(read(b"a\n\nb"), ["a", "", "b"]);
        assert_eq!(read(b"a\r\nb\r\n"), ["a\r", "b\r"]);
        assert_eq!(read(b"\xef\xbb\xbfa\x00b\n\xe4\n\xff"), ["a\0b", "ä", "ÿ"]);
    }

    /// What is read in pieces of so many bytes.
    fn decoded(bytes: &[u8], piece: usize, encoding: &'static Encoding) -> Vec<String> {
        let mut input = Decoded::new(io::BufReader::with_capacity(piece, bytes), encoding);
        read_group(&mut input, true).unwrap()
    }

    #[test]
    fn a_line_end_in_utf16_is_no_single_byte() {
        // U+0A0A and U+010A have the byte of a line end in them.
        let lines = ["Über Köln fällt Regen.", "", "\u{a0a}\u{10a}“😀”", "Das Ende."];
        let text = format!("\u{feff}{}", lines.join("\n"));
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding) in [(little, UTF_16LE), (big, UTF_16BE)] {
            assert_eq!(utf16(&bytes), Some(encoding));
            for piece in [1, 2, 3, 7, 4096] {
                assert_eq!(decoded(&bytes, piece, encoding), lines);
                assert_eq!(decoded(&bytes[2..], piece, encoding), lines);
            }
        }
        let plain = "Ohne Zeichen am Anfang.\nUnd noch eine.";
        let plain: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(utf16(&plain), Some(UTF_16LE));
        assert_eq!(utf16(&plain[..plain.len() - 1]), Some(UTF_16LE));
        for other in [&b"Zeile\nZeile\n"[..], b"\xe4\n", b"\xef\xbb\xbfa\n", b"a\0b\n\xff\xfe\0\n", b"a", b""] {
            assert_eq!(utf16(other), None, "{other:?}");
        }
    }

    #[test]
    fn other_encodings_are_decoded_as_they_are_named() {
        let read = |bytes: &[u8], label: &str| decoded(bytes, 2, find_encoding(label).unwrap());
        assert_eq!(read(b"\xa4\n\n\xe4", "iso-8859-15"), ["€", "", "ä"]);
        assert_eq!(read(b"\xef\xbb\xbf\xc3\xa4\n\xff\n\xc3", "utf-8"), ["ä", "\u{fffd}", "\u{fffd}"]);
        assert_eq!(read(b"", "utf-16le"), Vec::<String>::new());
    }

    #[test]
    fn a_translation_stays_on_its_line() {
        assert_eq!(one_line("a\u{2028}b\r\nc\u{85}d"), "a b  c d");
    }
}
