//! Word documents (.docx) → text and blocks.
//!
//! In: the bytes of an archive. Out: the visible text of the body, then footnotes and endnotes. Deleted revisions, hidden
//! text, field codes, comments, and the headers and footers of pages stay out: the latter repeat on every page and are no
//! part of what is read. The numbers that Word shows in front of headings and list items are counted and become text.
//!
//! Elements are those of ECMA-376 part 1, chapter 17 (WordprocessingML), named without their prefix.

use std::path::Path;

use super::archive::Archive;
use super::extract::{Extract, Tables};
use super::{BlockKind, Content, refuse, xml};
use crate::Result;
use numbering::{Membership, Numbering};
use quick_xml::events::BytesStart;
use styles::{Role, Style, Styles, is_on};

mod numbering;
mod styles;
mod symbols;

/// Elements that are passed over with all they hold: second versions of drawings, deleted and moved text, earlier
/// formatting, positions of tab stops, readings of ideographs.
const PASSED: [&str; 9] = ["Fallback", "del", "moveFrom", "rPrChange", "pPrChange", "tabs", "sectPr", "sdtPr", "rt"];

/// Reads a document.
///
/// # Errors
/// [`Error::Document`](crate::Error::Document) when the archive or its body is damaged or encrypted.
pub(super) fn read(bytes: &[u8], path: Option<&Path>) -> Result<Content> {
    let mut archive = Archive::open(bytes, path)?;
    let main = archive.main_part()?.ok_or_else(|| {
        refuse(path, "the archive holds no Word document", "open it in a word processor and save it anew")
    })?;
    let related = archive.related(&main)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name_of = |kind: &str| {
        let named = related.iter().find(|(found, _)| found == kind).map(|(_, part)| part.clone());
        named.unwrap_or_else(|| format!("{folder}/{kind}.xml"))
    };
    // Without styles, headings are told by the names that word processors give them.
    let styles = archive.part(&name_of("styles"))?.map(|xml| Styles::read(&xml)).unwrap_or_default();
    let numbering = archive.part(&name_of("numbering"))?.map(|xml| Numbering::read(&xml)).unwrap_or_default();
    let mut reader = Reader::new(&styles, numbering);
    for part in [main.clone(), name_of("footnotes"), name_of("endnotes")] {
        if let Some(xml) = archive.part(&part)? {
            xml::walk(&xml, &mut |node| reader.take(node)).map_err(|reason| archive.broken(&part, &reason))?;
        }
        // Before the notes come, which a line at the end of the body does not stand above.
        if part == main {
            reader.extract.name_bold_headings(BlockKind::Title);
        }
    }
    let (text, blocks) = reader.extract.into_parts();
    Ok(Content::new(text, blocks, encoding_rs::UTF_8.name()))
}

/// Where the reader is.
struct Reader<'a> {
    styles: &'a Styles,
    numbering: Numbering,
    extract: Extract,
    /// The paragraphs that are open: more than one where a text box stands within one.
    paragraphs: Vec<Paragraph>,
    tables: Tables,
    /// Within the properties of a paragraph.
    in_properties: bool,
    /// The run is hidden text, or raised.
    is_hidden: bool,
    is_raised: bool,
    /// Within an element that holds visible text.
    in_text: bool,
    /// Text of a paragraph whose end is deleted: it goes on in the next one.
    carried: String,
    /// Open fields: whether their code is being read, which may hold other fields with results that are not seen.
    fields: Vec<bool>,
}

/// What is known of an open paragraph.
#[derive(Default)]
struct Paragraph {
    /// What its style says, and the style's id.
    style: Style,
    style_id: Option<String>,
    /// Outline level of its own, 0 for the highest.
    outline: Option<u8>,
    membership: Membership,
    /// Its end is deleted.
    is_joined: bool,
    /// The text of the paragraph that it interrupts.
    interrupted: String,
}

impl<'a> Reader<'a> {
    fn new(styles: &'a Styles, numbering: Numbering) -> Self {
        Self {
            styles,
            numbering,
            extract: Extract::default(),
            paragraphs: Vec::new(),
            tables: Tables::default(),
            in_properties: false,
            is_hidden: false,
            is_raised: false,
            in_text: false,
            carried: String::new(),
            fields: Vec::new(),
        }
    }

    fn take(&mut self, node: xml::Node<'_>) -> bool {
        match node {
            xml::Node::Start("del", _) if self.in_properties => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.is_joined = true;
                }
            }
            xml::Node::Start(name, _) if PASSED.contains(&name) => return false,
            xml::Node::Start(name, element) => self.start(name, element),
            xml::Node::End(name) => self.end(name),
            xml::Node::Text(text) if self.in_text && !self.is_unseen() => match self.is_raised {
                true => self.extract.push_raised(text),
                false => self.extract.push(text),
            },
            xml::Node::Text(_) => {}
        }
        true
    }

    fn is_unseen(&self) -> bool {
        self.is_hidden || self.fields.contains(&true)
    }

    fn start(&mut self, name: &str, element: &BytesStart<'_>) {
        let value = || xml::attribute(element, "val");
        match name {
            "p" => {
                let interrupted = self.extract.suspend();
                self.extract.resume(std::mem::take(&mut self.carried));
                self.paragraphs.push(Paragraph { interrupted, ..Paragraph::default() });
            }
            "pPr" => self.in_properties = true,
            "r" => {
                let paragraph = self.paragraphs.last();
                self.is_hidden = paragraph.and_then(|paragraph| paragraph.style.is_hidden).unwrap_or(false);
                self.is_raised = false;
                self.extract.set_bold(paragraph.and_then(|paragraph| paragraph.style.is_bold).unwrap_or(false));
            }
            "rStyle" if !self.in_properties => {
                let style = value().map(|id| self.styles.get(&id)).unwrap_or_default();
                self.is_hidden = style.is_hidden.unwrap_or(self.is_hidden);
                style.is_bold.into_iter().for_each(|is_bold| self.extract.set_bold(is_bold));
            }
            "b" if !self.in_properties => self.extract.set_bold(is_on(value().as_deref())),
            "vanish" if !self.in_properties => self.is_hidden = is_on(value().as_deref()),
            "vertAlign" if !self.in_properties => {
                self.is_raised = value().is_some_and(|value| value == "superscript");
            }
            "t" => self.in_text = true,
            "tab" | "ptab" if !self.is_unseen() => self.extract.tab(),
            "br" | "cr" if !self.is_unseen() => self.extract.line_break(),
            "sym" if !self.is_unseen() => {
                let (font, code) = (xml::attribute(element, "font"), xml::attribute(element, "char"));
                let sign = symbols::sign(&font.unwrap_or_default(), &code.unwrap_or_default());
                self.extract.push(sign.map(String::from).as_deref().unwrap_or_default());
            }
            "noBreakHyphen" if !self.is_unseen() => self.extract.push("-"),
            "fldChar" => match xml::attribute(element, "fldCharType").as_deref() {
                Some("begin") => self.fields.push(true),
                Some("separate") => self.fields.last_mut().into_iter().for_each(|is_code| *is_code = false),
                Some("end") => drop(self.fields.pop()),
                _ => {}
            },
            "tbl" => self.tables.start_table(),
            "tr" => self.tables.start_row(),
            "tc" => self.tables.start_cell(1, 1),
            "gridSpan" => self.tables.widen_cell(value().and_then(|value| value.parse().ok()).unwrap_or(1)),
            _ if self.in_properties => self.property(name, value()),
            _ => {}
        }
    }

    fn property(&mut self, name: &str, value: Option<String>) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        let number = || value.as_ref().and_then(|value| value.parse::<u8>().ok());
        match name {
            "pStyle" => {
                paragraph.style = value.as_deref().map(|id| self.styles.get(id)).unwrap_or_default();
                paragraph.style_id = value;
            }
            "outlineLvl" => paragraph.outline = number(),
            _ => paragraph.membership.take(name, value.as_deref()),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    if paragraph.is_joined {
                        self.carried = self.extract.suspend();
                    } else {
                        self.finish(&paragraph);
                    }
                    self.extract.resume(paragraph.interrupted);
                }
                // A code that is never ended must not hide the rest.
                if self.paragraphs.is_empty() {
                    self.fields.clear();
                }
            }
            "pPr" => self.in_properties = false,
            "r" => (self.is_hidden, self.is_raised) = (false, false),
            "t" => self.in_text = false,
            "tbl" => self.tables.end_table(),
            "tc" => {
                self.finish_carried();
                self.tables.end_cell();
            }
            "body" | "txbxContent" | "footnote" | "endnote" => self.finish_carried(),
            _ => {}
        }
    }

    fn finish(&mut self, paragraph: &Paragraph) {
        let place = self.place_in_list(paragraph);
        if let Some(label) = place.and_then(|(list, level)| self.numbering.count(list, level)) {
            self.extract.prefix(&label);
        }
        match self.kind(paragraph, place.map(|(_, level)| level)) {
            (BlockKind::TableCell, _) => self.extract.finish_cell(&mut self.tables),
            (kind, level) => self.extract.finish(kind, level),
        }
    }

    /// Ends what should have gone on where nothing follows.
    fn finish_carried(&mut self) {
        if !self.carried.is_empty() {
            let interrupted = self.extract.suspend();
            self.extract.resume(std::mem::take(&mut self.carried));
            self.finish(&Paragraph::default());
            self.extract.resume(interrupted);
        }
    }

    /// The list that a paragraph stands in, and its level there.
    fn place_in_list(&self, paragraph: &Paragraph) -> Option<(u32, u8)> {
        let said = paragraph.membership.or(paragraph.style.membership);
        let list = said.list.filter(|list| *list > 0)?;
        let of_style = || self.numbering.level_of_style(list, paragraph.style_id.as_deref()?);
        Some((list, said.level.or_else(of_style).unwrap_or(0)))
    }

    /// What a paragraph is, given its level in a list.
    fn kind(&self, paragraph: &Paragraph, level: Option<u8>) -> (BlockKind, u8) {
        // Level 9 is the name of the standard for "no heading".
        let outline = paragraph.outline.filter(|level| *level < 9).map(|level| Role::Heading(level + 1));
        match (outline.or(paragraph.style.role), self.tables.column()) {
            (Some(Role::Title), _) => (BlockKind::Title, 1),
            (Some(Role::Heading(1)), None) if self.extract.is_empty() => (BlockKind::Title, 1),
            (Some(Role::Heading(level)), _) => (BlockKind::Heading, level),
            (_, Some(column)) => (BlockKind::TableCell, column),
            (Some(Role::Quote), None) => (BlockKind::Quote, 0),
            (None, None) => match level {
                None => (BlockKind::Paragraph, 0),
                Some(level) => (BlockKind::ListItem, level.saturating_add(1)),
            },
        }
    }
}

#[cfg(test)]
mod tests;
