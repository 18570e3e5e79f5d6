//! Line by line: one segment per input line, one translation per output line, the interface of MT evaluation.
//!
//! In: bytes of any kind. Out: as many lines, in the same order; a line without text gives an empty line. Lines end with
//! `\n` alone, since evaluation tools count those; other line separators are white space within a line. No documents here.

use std::io::{BufRead, Write};
use std::path::Path;

use encoding_rs::{Encoding, WINDOWS_1252};

use crate::bitext::BitextSegment;
use crate::document::find_encoding;
use crate::engine::{OnProgress, Progress};
use crate::output::Format;
use crate::pipeline::Pipeline;
use crate::{Error, Result};

/// Lines are translated in groups of up to so many, which bounds memory and lets results stream.
const GROUP: usize = 1024;

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
/// as that.
///
/// # Errors
/// [`Error::Read`] and [`Error::Write`], [`Error::Option`] for another format, [`Error::Stopped`] when `on_progress` asks
/// to stop.
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
    let mut report = Report::default();
    loop {
        let lines = read_group(input, encoding, report.lines == 0).map_err(Error::read(path))?;
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

fn write_line(output: &mut LineOutput, segment: &BitextSegment) -> std::io::Result<()> {
    if output.format == Format::Jsonl {
        serde_json::to_writer(&mut output.writer, segment)?;
    } else {
        output.writer.write_all(segment.target.as_bytes())?;
    }
    output.writer.write_all(b"\n")
}

/// Up to [`GROUP`] lines, without their ends; a last line without an end counts.
fn read_group(
    input: &mut dyn BufRead,
    encoding: Option<&'static Encoding>,
    first: bool,
) -> std::io::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut bytes = Vec::new();
    while lines.len() < GROUP {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let mark = if first && lines.is_empty() { "\u{feff}".as_bytes() } else { b"" };
        lines.push(decode(line.strip_prefix(mark).unwrap_or(line), encoding));
    }
    Ok(lines)
}

fn decode(line: &[u8], encoding: Option<&'static Encoding>) -> String {
    match (std::str::from_utf8(line), encoding) {
        (Ok(text), None) => text.to_owned(),
        (_, encoding) => encoding.unwrap_or(WINDOWS_1252).decode_without_bom_handling(line).0.into_owned(),
    }
}

/// Without any character that some program takes for the end of a line.
fn one_line(text: &str) -> String {
    const SEPARATORS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    text.replace(SEPARATORS, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_evaluation_tools_count_them() {
        let read = |bytes: &[u8]| read_group(&mut &bytes[..], None, true).unwrap();
        assert_eq!(read(b""), Vec::<String>::new());
        assert_eq!(read(b"\n"), [""]);
        assert_eq!(read(b"a\n\nb"), ["a", "", "b"]);
        assert_eq!(read(b"a\r\nb\r\n"), ["a\r", "b\r"]);
        assert_eq!(read(b"\xef\xbb\xbfa\x00b\n\xe4\n\xff"), ["a\0b", "ä", "ÿ"]);
    }

    #[test]
    fn a_translation_stays_on_its_line() {
        assert_eq!(one_line("a\u{2028}b\r\nc\u{85}d"), "a b  c d");
    }
}
