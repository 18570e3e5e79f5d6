//! PDF files with a text layer → text and blocks.
//!
//! In: the bytes of a file. Out: its text in reading order: headings by the size of their letters, paragraphs over line ends,
//! columns and pages, words divided at line ends joined again. Page headers, page numbers and text at an angle stay out;
//! footnotes come at the end.
//!
//! A PDF holds glyphs and places, no words and lines. `hayro-syntax` reads the file and `hayro-font` knows the characters of
//! its fonts; the rest is here: which glyphs are painted where (`paint`), words (`glyphs`), lines and columns (`layout`),
//! paragraphs (`paragraphs`).

use std::path::Path;
use std::time::Duration;

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use super::{Content, refuse};
use crate::{Error, Result, memory};
use glyphs::Sheet;
use paint::{Budget, Fonts, Spent};

mod filters;
mod glyphs;
mod inflate;
mod layout;
mod paint;
mod paragraphs;
#[cfg(test)]
mod tests;

/// Steps that reading a file may take: so many, and so many more for each of its bytes. Every letter and every operator is one;
/// parts of a page may refer to other parts many times over, so that a small file could take for ever.
const FREE_STEPS: usize = 2_000_000;
const STEPS_PER_BYTE: usize = 100;

/// Enough for the depths that the parser allows.
const STACK: usize = 64 << 20;

/// Memory that reading a file may take at a time, in bytes: so much, and so much more for each of its bytes. A page of the
/// largest part that `inflate` lets pass takes three times its size.
const FREE_MEMORY: usize = 1 << 30;
const MEMORY_PER_BYTE: usize = 16;

/// Time that reading a file may take: so long, and so much longer for each of its bytes.
const FREE_TIME: Duration = Duration::from_secs(60);
const TIME_PER_BYTE: Duration = Duration::from_micros(5);

/// What to do with a file that nobody makes by accident.
const SUSPICIOUS: &str = "do not open this file if you do not know where it comes from; else print it to a new PDF";

/// What to do with pages that are only pictures.
const OCR: &str = "have its text recognised first (OCR), for example with ocrmypdf";

/// Reads a file.
///
/// # Errors
/// [`Error::Document`] when it is damaged, encrypted, too large, or has no text.
pub(super) fn read(bytes: &[u8], path: Option<&Path>) -> Result<Content> {
    inflate::check(bytes).map_err(|reason| refuse(path, reason, SUSPICIOUS))?;
    let sheets = sheets(bytes, path)?;
    let (glyphs, unknown) = sheets.iter().fold((0, 0), |sum, sheet| (sum.0 + sheet.glyphs, sum.1 + sheet.unknown));
    if unknown * 3 > glyphs {
        let reason = "its fonts do not say which characters they show";
        return Err(refuse(path, reason, OCR));
    }
    let blank: Vec<usize> = (1..)
        .zip(&sheets)
        .filter(|(_, sheet)| sheet.runs.is_empty() && sheet.has_images)
        .map(|(number, _)| number)
        .collect();
    let tilted = sheets.iter().map(|sheet| sheet.tilted).sum::<usize>();
    let (text, blocks) = paragraphs::blocks(layout::columns(sheets));
    if blocks.is_empty() {
        let reason = "the PDF file has no text in it, only pictures of pages";
        let reason = if blank.is_empty() { "the PDF file has no text in it" } else { reason };
        return Err(refuse(path, reason, OCR));
    }
    let mut content = Content::new(text, blocks, encoding_rs::UTF_8.name());
    if let Some(first) = blank.first() {
        let others = match blank.len() {
            1 => String::new(),
            count => format!(" and {} others", count - 1),
        };
        content.notices.push(format!("page {first}{others} of the PDF file: only a picture, without text; {OCR}"));
    }
    if tilted > 0 {
        content.notices.push("text at an angle to the page (a watermark, a margin) is left out".to_owned());
    }
    Ok(content)
}

/// Reads the glyphs of all pages, on a thread of its own: a fault in the parser, which is not ours, must not take the
/// program with it, and neither must a file by which it takes memory or time without end.
fn sheets(bytes: &[u8], path: Option<&Path>) -> Result<Vec<Sheet>> {
    let bytes = bytes.to_vec();
    let steps = bytes.len().saturating_mul(STEPS_PER_BYTE).saturating_add(FREE_STEPS);
    let most = bytes.len().saturating_mul(MEMORY_PER_BYTE).saturating_add(FREE_MEMORY);
    let longest = TIME_PER_BYTE * u32::try_from(bytes.len()).unwrap_or(u32::MAX) + FREE_TIME;
    let work = move || -> Result<Vec<Sheet>, Fault> {
        let pdf = Pdf::new(bytes).map_err(Fault::Unreadable)?;
        filters::check(&pdf).map_err(Fault::Suspicious)?;
        let mut fonts = Fonts::new();
        let mut budget = Budget(steps);
        let mut sheets = Vec::new();
        for page in pdf.pages().iter() {
            let (width, height) = page.render_dimensions();
            let painting = paint::paint(page, &mut fonts, &mut budget).map_err(|Spent| Fault::Intricate)?;
            sheets.push(Sheet::new(f64::from(width), f64::from(height), painting));
        }
        if sheets.is_empty() { Err(Fault::Unreadable(LoadPdfError::Invalid)) } else { Ok(sheets) }
    };
    let found = match memory::within(most, longest, STACK, work) {
        Ok(found) => found,
        Err(memory::Fault::TooMuch) => {
            Err(Fault::Suspicious(format!("reading it takes more than {} MB of memory", most >> 20)))
        }
        Err(memory::Fault::TooLong) => {
            Err(Fault::Suspicious(format!("reading it takes more than {} seconds", longest.as_secs())))
        }
        Err(memory::Fault::Panic) => Err(Fault::Unreadable(LoadPdfError::Invalid)),
        Err(memory::Fault::Thread(error)) => return Err(Error::read(path.unwrap_or(Path::new("-")))(error)),
    };
    found.map_err(|fault| match fault {
        Fault::Suspicious(reason) => refuse(path, reason, SUSPICIOUS),
        Fault::Intricate => refuse(
            path,
            format!("the PDF file is too intricate: reading it takes more than {steps} steps"),
            "cut it into parts, or save it as .docx or text",
        ),
        Fault::Unreadable(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
            refuse(path, "the PDF file is protected by a password", "save it without a password first")
        }
        Fault::Unreadable(LoadPdfError::Decryption(_)) => {
            refuse(path, "the PDF file is encrypted in a way that is not known", "save it without a password first")
        }
        Fault::Unreadable(LoadPdfError::Invalid) => {
            refuse(path, "the PDF file is damaged", "print it to a new PDF, or save it anew as .docx or text")
        }
    })
}

/// Why a file gives no text.
enum Fault {
    /// The parser cannot read it.
    Unreadable(LoadPdfError),
    /// It takes too much memory or time, or says that it does.
    Suspicious(String),
    /// It takes too many steps.
    Intricate,
}
