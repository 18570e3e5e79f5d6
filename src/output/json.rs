//! Bitext → JSON, the form other programs read: `"format": "translate/1"` first, then the fields of [`Bitext`].
//!
//! Text goes out unchanged. The shape is that of the types in `bitext`; nothing is renamed or computed here.

use std::io::{self, Write};

use serde::Serialize;

use crate::bitext::Bitext;

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    #[serde(flatten)]
    bitext: &'a Bitext,
}

impl<'a> Report<'a> {
    fn new(bitext: &'a Bitext) -> Self {
        Self { format: "translate/1", bitext }
    }
}

/// One indented object and a line end.
pub(super) fn write(bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *writer, &Report::new(bitext))?;
    writeln!(writer)
}

/// The object on one line.
pub(super) fn write_line(bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *writer, &Report::new(bitext))?;
    writeln!(writer)
}

/// The object on one line, before its fields the name that the caller has for the report, which is JSON already.
pub(super) fn write_record(id: &str, bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    write_line(bitext, &mut line)?;
    write!(writer, r#"{{"id":{id},"#)?;
    writer.write_all(line.strip_prefix(b"{").unwrap_or(&line))
}
