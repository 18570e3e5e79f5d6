//! JSON records: lines `{"id", "text"}` in, one line with the report in two languages out, so that another program can
//! drive the translation.
//!
//! In: JSON lines. Out: as many, in the same order, in bounded memory. Results never wait for input that has not come yet.
//! No files and no folders here.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use crate::document::Document;
use crate::engine::{OnProgress, Progress};
use crate::folder::{Translated, stream};
use crate::output::write_record;
use crate::pipeline::Pipeline;
use crate::{Error, Result};

/// Bytes of records that are taken up before results are written.
const GROUP: usize = 400_000;

/// Lines that may be read ahead.
const AHEAD: usize = 64;

/// How long the next record may take to be translated together with the one before it.
const TOGETHER: Duration = Duration::from_millis(5);

/// How often a caller is asked, while there is nothing to do, whether to stop.
const IDLE: Duration = Duration::from_millis(200);

/// What to do about a line that is no record.
const RECORD: &str = r#"a record looks like {"id": "a1", "text": "Ein Satz."}"#;

/// What a run over records did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Records read, and lines written.
    pub records: usize,
    /// Records that could not be read or translated, each answered by `{"id", "line", "error"}` in its place.
    pub failed: usize,
    /// Sentences in all.
    pub sentences: usize,
    /// Sentences in doubt.
    pub doubtful: usize,
}

#[derive(Deserialize)]
struct Record {
    text: String,
}

/// A record on its way through the stream.
struct Pending {
    /// As it is written in the record.
    id: String,
    line: usize,
    fault: Option<String>,
}

/// Translates every record of `input`, named `path` in errors, to a line of `output`, named `output_path`.
///
/// `id` may be any JSON value and comes back to the letter; `text` is read as plain text; other fields and empty lines are
/// passed over. A line that is no such record is answered by an object with `error`, and told to `on_fault`.
///
/// `input` is read by a thread of its own, which ends with the input.
///
/// # Errors
/// [`Error::Read`], [`Error::Write`], [`Error::Stopped`] when `on_progress` asks to stop.
pub fn translate_records(
    pipeline: &Pipeline,
    (path, input): (&Path, impl BufRead + Send + 'static),
    (output_path, output): (&Path, &mut dyn Write),
    on_progress: OnProgress,
    on_fault: &mut dyn FnMut(&Error),
) -> Result<Report> {
    let lines = read_lines(input);
    let mut report = Report::default();
    let mut before = Progress::default();
    let mut line = 0;
    loop {
        let group = next_group(&lines, before, on_progress)?;
        if group.is_empty() {
            return Ok(report);
        }
        let mut documents = Vec::new();
        for bytes in group {
            line += 1;
            let bytes = bytes.map_err(Error::read(path))?;
            if !bytes.trim_ascii().is_empty() {
                documents.push(parse(&bytes, line));
            }
        }
        let so_far = Mutex::new(before);
        let mut on_document = |pending: Pending, translated: Option<Result<Translated>>| {
            report.records += 1;
            let written = match translated {
                Some(Ok(Translated { bitext, .. })) => {
                    report.sentences += bitext.segments.len();
                    report.doubtful += bitext.doubtful();
                    write_record(&pending.id, &bitext, output)
                }
                failed => {
                    report.failed += 1;
                    let (reason, hint) = match failed {
                        Some(Err(error)) => (error.chain(), error.hint().unwrap_or_default().to_owned()),
                        _ => (pending.fault.unwrap_or_default(), RECORD.to_owned()),
                    };
                    on_fault(&Error::Document {
                        path: path.to_owned(),
                        reason: format!("line {}: {reason}", pending.line),
                        hint,
                    });
                    let (id, line, reason) = (pending.id, pending.line, Value::from(reason));
                    writeln!(output, r#"{{"id":{id},"line":{line},"error":{reason}}}"#)
                }
            };
            written.map_err(Error::write(output_path))
        };
        let on_group = |progress: Progress| {
            let progress = Progress {
                done: before.done + progress.done,
                total: before.total + progress.total,
                tokens: before.tokens + progress.tokens,
            };
            *so_far.lock().unwrap_or_else(PoisonError::into_inner) = progress;
            on_progress(progress)
        };
        stream(pipeline, documents, None, &on_group, &mut on_document)?;
        before = so_far.into_inner().unwrap_or_else(PoisonError::into_inner);
        output.flush().map_err(Error::write(output_path))?;
    }
}

fn parse(bytes: &[u8], line: usize) -> (Pending, Option<Document>) {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).filter(|_| line == 1).unwrap_or(bytes);
    let (id, record) = match field(bytes, "id").map_or(Ok("null"), std::str::from_utf8) {
        Ok(id) => (id, serde_json::from_slice::<Record>(bytes).map_err(|error| error.to_string())),
        Err(error) => ("null", Err(format!("`id` is no text: {error}"))),
    };
    let id = id.to_owned();
    match record {
        Ok(Record { text }) => (Pending { id, line, fault: None }, Some(Document::from_text(&text))),
        Err(fault) => (Pending { id, line, fault: Some(fault) }, None),
    }
}

/// A field of a JSON object as it is written there: a number may have more digits than any type of ours. Of several with
/// this name it is the last, as everywhere in JSON.
fn field<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = object.trim_ascii().strip_prefix(b"{")?;
    let mut found = None;
    loop {
        let key = take_value(&mut rest)?;
        rest = rest.trim_ascii_start().strip_prefix(b":")?;
        let value = take_value(&mut rest)?;
        if serde_json::from_slice::<String>(key).is_ok_and(|key| key == name) {
            found = Some(value);
        }
        match rest.trim_ascii_start() {
            b"}" => return found,
            more => rest = more.strip_prefix(b",")?,
        }
    }
}

/// Takes a JSON value off, without the white space around it.
fn take_value<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let all = *rest;
    let mut values = Deserializer::from_slice(all).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let (value, more) = all.split_at_checked(values.byte_offset())?;
    *rest = more;
    Some(value.trim_ascii())
}

/// Lines without their ends, from a thread of its own: where the sender waits for an answer, so must not the answer wait
/// for the sender.
fn read_lines(mut input: impl BufRead + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = sync_channel(AHEAD);
    std::thread::spawn(move || {
        loop {
            let mut line = Vec::new();
            let read = input.read_until(b'\n', &mut line);
            let end = !matches!(read, Ok(1..));
            if !matches!(read, Ok(0)) && sender.send(read.map(|_| line)).is_err() || end {
                return;
            }
        }
    });
    receiver
}

/// One line when it comes, and those that follow at once; none at the end.
fn next_group(
    lines: &Receiver<io::Result<Vec<u8>>>,
    progress: Progress,
    on_progress: OnProgress,
) -> Result<Vec<io::Result<Vec<u8>>>> {
    let mut group = Vec::new();
    let mut bytes = 0;
    while bytes < GROUP {
        match lines.recv_timeout(if group.is_empty() { IDLE } else { TOGETHER }) {
            Ok(line) => {
                bytes += line.as_ref().map_or(0, Vec::len);
                group.push(line);
            }
            Err(RecvTimeoutError::Timeout) if group.is_empty() => {
                if on_progress(progress).is_break() {
                    return Err(Error::Stopped);
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    Ok(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_to_the_letter() {
        for id in [
            "12345678901234567890123",
            "1.10",
            "-0.0",
            "1e400",
            r#"{"z": [1, 2.50], "a": {"id": 3}}"#,
            r#""a\u00e4\"}, \\""#,
            "[]",
            "null",
            "true",
        ] {
            for line in [
                format!(r#"{{"id":{id},"text":"Ein Satz."}}"#),
                format!(r#" {{ "text" : "Ein \"Satz\".", "mehr" : {{"id": 0}} , "\u0069d" : {id} }} "#),
            ] {
                let (pending, document) = parse(line.as_bytes(), 1);
                assert!(document.is_some() && pending.fault.is_none(), "{line}");
                assert_eq!(pending.id, id, "{line}");
            }
            let (pending, document) = parse(format!(r#"{{"id": {id}, "text": 5}}"#).as_bytes(), 1);
            assert!(document.is_none() && pending.fault.is_some());
            assert_eq!(pending.id, id);
        }
    }

    #[test]
    fn a_line_that_is_no_record_has_no_id_that_is_no_json() {
        for line in [
            &br#"{"text": "Ein Satz."}"#[..],
            br#"{"id": 1, "text": "Ein Satz."#,
            br#"{"id": 1 2, "text": "Ein Satz."}"#,
            br#"{"id": 1, "text": "Ein Satz."} 2"#,
            br#"{"id": 01, "text": "Ein Satz."}"#,
            b"{\"id\": \"\xff\", \"text\": \"Ein Satz.\"}",
            br#"["id", 1]"#,
            b"kein JSON",
            b"{}",
            b"",
        ] {
            assert_eq!(parse(line, 2).0.id, "null", "{}", String::from_utf8_lossy(line));
        }
        // One that cannot be given back is not replaced by another.
        let (pending, document) = parse(b"{\"id\": \"\xff\", \"text\": \"Ein Satz.\"}", 1);
        assert!(pending.fault.is_some() && document.is_none());
    }
}
