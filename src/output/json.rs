//! Bitext → JSON, the form other programs read: `"format": "translate/1"` first, then the fields of [`Bitext`].
//!
//! Text goes out unchanged. The shape is that of the types in `bitext`; nothing is renamed or computed here.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::bitext::Bitext;

#[derive(Serialize)]
struct Report<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    format: &'static str,
    #[serde(flatten)]
    bitext: &'a Bitext,
}

impl<'a> Report<'a> {
    fn new(bitext: &'a Bitext) -> Self {
        Self { id: None, format: "translate/1", bitext }
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

/// The object on one line, with the name that the caller has for the report.
pub(super) fn write_record(id: &Value, bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *writer, &Report { id: Some(id), ..Report::new(bitext) })?;
    writeln!(writer)
}
