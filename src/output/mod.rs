//! Stage 6: [`Bitext`] → bytes, one writer per file.
//!
//! In: a bitext with or without a summary. Out: the bytes of one format. Writers read no files and know no model.
//! Sentence numbers in reports are the ids of the segments, so that all formats of one report name a sentence alike.

mod docx;
mod html;
mod json;
mod layout;
mod markdown;
mod text;
mod tmx;
mod xliff;
mod xml;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::Error;
use crate::bitext::Bitext;

/// The formats a report can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Bilingual report to read in an editor or on a forge.
    Markdown,
    /// Bilingual report in one self-contained page, German beside English.
    Html,
    /// The English text alone.
    Text,
    /// Everything, as one indented JSON object.
    Json,
    /// The same object on one line.
    Jsonl,
    /// Translation memory, TMX 1.4b.
    Tmx,
    /// Sentence pairs for review, XLIFF 2.1.
    Xliff,
    /// Bilingual report for word processors, German beside English (Office Open XML).
    Docx,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] =
        [Self::Markdown, Self::Html, Self::Text, Self::Json, Self::Jsonl, Self::Tmx, Self::Xliff, Self::Docx];

    /// Extension of its files and its name on the command line.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Text => "txt",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Tmx => "tmx",
            Self::Xliff => "xliff",
            Self::Docx => "docx",
        }
    }

    /// Name of the file for the report on `input`: `NAME.de-en.md`, and `NAME.en.txt` for the English text alone.
    ///
    /// `NAME` is the name of `input` without its last extension, or `report` where it has none (standard input).
    pub fn file_name(self, input: &Path) -> PathBuf {
        let stem = input.file_stem().filter(|stem| *stem != "-");
        let mut name = stem.map_or_else(|| OsString::from("report"), OsString::from);
        name.push(if self == Self::Text { ".en." } else { ".de-en." });
        name.push(self.extension());
        PathBuf::from(name)
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Reads a format's extension; case does not matter.
    ///
    /// # Errors
    /// [`Error::Option`] that lists the formats there are.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|format| format.extension().eq_ignore_ascii_case(name)).ok_or_else(|| {
            Error::Option {
                option: "--format",
                reason: format!(
                    "no format is called {name:?}; choose from {}",
                    Self::ALL.map(Self::extension).join(", ")
                ),
            }
        })
    }
}

/// Writes a report. Output is buffered here and flushed at the end.
///
/// # Errors
/// Those of `writer`.
pub fn write(bitext: &Bitext, format: Format, writer: &mut dyn Write) -> io::Result<()> {
    let mut writer = BufWriter::new(writer);
    match format {
        Format::Markdown => markdown::write(bitext, &mut writer),
        Format::Html => html::write(bitext, &mut writer),
        Format::Text => text::write(bitext, &mut writer),
        Format::Json => json::write(bitext, &mut writer),
        Format::Jsonl => json::write_line(bitext, &mut writer),
        Format::Tmx => tmx::write(bitext, &mut writer),
        Format::Xliff => xliff::write(bitext, &mut writer),
        Format::Docx => docx::write(bitext, &mut writer),
    }?;
    writer.flush()
}

/// Writes a report as one line of JSON that begins with `id`, the name that the caller has for it: a JSON value as it is
/// written, for a number may have more digits than any type holds.
///
/// # Errors
/// Those of `writer`.
pub fn write_record(id: &str, bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    json::write_record(id, bitext, writer)
}

impl Bitext {
    /// Writes this report; the same as [`output::write`](write()).
    ///
    /// # Errors
    /// Those of `writer`.
    pub fn write(&self, format: Format, writer: &mut dyn Write) -> io::Result<()> {
        write(self, format, writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_by_extension() {
        for format in Format::ALL {
            assert_eq!(format.extension().to_uppercase().parse::<Format>().ok(), Some(format));
        }
        let message = "pdf".parse::<Format>().unwrap_err().to_string();
        assert!(
            message.contains("pdf") && message.contains("md, html, txt, json, jsonl, tmx, xliff, docx"),
            "{message}"
        );
    }

    #[test]
    fn file_names_follow_the_scheme() {
        let name = |format: Format, input| format.file_name(Path::new(input));
        assert_eq!(name(Format::Markdown, "a/Bericht 1.txt"), Path::new("Bericht 1.de-en.md"));
        assert_eq!(name(Format::Text, "a/bericht.v2.md"), Path::new("bericht.v2.en.txt"));
        assert_eq!(name(Format::Jsonl, "-"), Path::new("report.de-en.jsonl"));
        assert_eq!(name(Format::Html, ""), Path::new("report.de-en.html"));
    }
}
