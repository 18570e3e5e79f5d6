//! ZIP archives of office documents: bytes → the text of one part, within bounds.
//!
//! In: the bytes of an archive. Out: which document it is, and parts of it, decoded. Sizes that the archive declares are not
//! believed: a part is read up to a limit and no further. What the parts mean is the readers' business.

use std::io::{Cursor, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::{InputKind, encoding, refuse, xml};
use crate::{Error, Result};

/// No part may be larger than this when unpacked (bytes).
const LARGEST_PART: u64 = 256 << 20;

/// No part may unpack to more than this many times the whole archive. XML seldom shrinks to less than a fiftieth; bombs
/// reach a thousandth.
const HIGHEST_RATIO: u64 = 200;

/// Small archives may exceed the ratio up to here (bytes).
const SMALL_PART: u64 = 4 << 20;

/// An open archive.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    path: Option<&'a Path>,
    limit: u64,
}

impl<'a> Archive<'a> {
    /// Reads the list of parts.
    ///
    /// # Errors
    /// [`Error::Document`] when the archive is damaged.
    pub fn open(bytes: &'a [u8], path: Option<&'a Path>) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| fault(path, &error))?;
        let limit = (bytes.len() as u64).saturating_mul(HIGHEST_RATIO).clamp(SMALL_PART, LARGEST_PART);
        Ok(Self { zip, path, limit })
    }

    /// Which document it holds.
    ///
    /// # Errors
    /// [`Error::Document`] when it holds none that can be read.
    pub fn kind(&mut self) -> Result<InputKind> {
        let mimetype = self.part("mimetype")?.unwrap_or_default();
        let mimetype = mimetype.trim();
        let has = |name: &str| self.zip.index_for_name(name).is_some();
        if mimetype.starts_with("application/vnd.oasis.opendocument.text") && has("content.xml") {
            return Ok(InputKind::Odt);
        }
        let (what, hint) = if mimetype == "application/epub+zip" {
            ("an electronic book (EPUB)", "unpack it and translate its HTML files")
        } else if mimetype.starts_with("application/vnd.oasis.opendocument") {
            ("an OpenDocument file without running text", "save its text as .odt or .txt first")
        } else if has("xl/workbook.xml") {
            ("an Excel workbook", "save the sheet as text or HTML first")
        } else if has("ppt/presentation.xml") {
            ("a PowerPoint presentation", "save its outline as .docx or .txt first")
        } else if has("[Content_Types].xml") && self.main_part()?.is_some() {
            return Ok(InputKind::Docx);
        } else {
            ("a ZIP archive that is no Word or OpenDocument text", "unpack it and translate the files in it")
        };
        Err(refuse(self.path, format!("this is {what}"), hint))
    }

    /// Name of the part that holds the body of an Office document.
    pub fn main_part(&mut self) -> Result<Option<String>> {
        let named = self.related("")?.into_iter().find(|(kind, _)| kind == "officeDocument").map(|(_, part)| part);
        let name = named.unwrap_or_else(|| "word/document.xml".to_owned());
        Ok(self.zip.index_for_name(&name).map(|_| name))
    }

    /// The parts that a part of an Office document refers to, with the last word of their kind ("footnotes"); those of the
    /// whole archive for the empty name.
    pub fn related(&mut self, part: &str) -> Result<Vec<(String, String)>> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let list = if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
        let mut related = Vec::new();
        let Some(list) = self.part(&list)? else { return Ok(related) };
        // A damaged list names no parts; the usual names are tried then.
        let _ = xml::walk(&list, &mut |node| {
            if let xml::Node::Start("Relationship", element) = node
                && let (Some(kind), Some(target)) = (xml::attribute(element, "Type"), xml::attribute(element, "Target"))
            {
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                let target = match target.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None if folder.is_empty() => target,
                    None => format!("{folder}/{target}"),
                };
                related.push((kind, target));
            }
            true
        });
        Ok(related)
    }

    /// The text of a part; `None` when there is no such part.
    ///
    /// # Errors
    /// [`Error::Document`] when it is encrypted, damaged, or larger than the limits allow.
    pub fn part(&mut self, name: &str) -> Result<Option<String>> {
        let mut bytes = Vec::new();
        match self.zip.by_name(name) {
            Ok(file) => file
                .take(self.limit + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| fault(self.path, &ZipError::Io(error)))?,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(fault(self.path, &error)),
        };
        if bytes.len() as u64 > self.limit {
            return Err(refuse(
                self.path,
                format!("{name} in it unpacks to more than {} MB, which no report does", self.limit >> 20),
                "do not open this file if you do not know where it comes from; else save it anew",
            ));
        }
        encoding::decode(&bytes, self.path, None).map(|(text, _)| Some(text.into_owned()))
    }

    /// A part that cannot be read as XML.
    pub fn broken(&self, part: &str, reason: &str) -> Error {
        refuse(self.path, format!("{part} in it is damaged: {reason}"), "open it in a word processor and save it anew")
    }
}

fn fault(path: Option<&Path>, error: &ZipError) -> Error {
    if matches!(error, ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) {
        return refuse(path, "the file is protected by a password", "save it without a password first");
    }
    refuse(path, format!("the archive is damaged: {error}"), "fetch the file again, or save it anew")
}
