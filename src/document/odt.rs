//! OpenDocument texts (.odt) → text and blocks.
//!
//! In: the bytes of an archive. Out: the visible text of the body, then its notes. The numbers that word processors show in
//! front of headings and list items are counted and become text. Tracked deletions, comments, drawings'
//! descriptions, and the headers and footers of pages (which are styles there) stay out.
//!
//! Elements are those of OpenDocument 1.3 part 3, named without their prefix.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use quick_xml::events::BytesStart;

use super::archive::Archive;
use super::extract::{Extract, Tables};
use super::{BlockKind, Content, refuse, xml};
use crate::Result;
use numbering::Numbering;

mod numbering;

/// Elements that are passed over with all they hold.
const PASSED: [&str; 9] = [
    "tracked-changes",
    "annotation",
    "note-citation",
    "title",
    "desc",
    "ruby-text",
    "sequence-decls",
    "forms",
    "hidden-text",
];

/// The part that holds the body.
const PART: &str = "content.xml";

/// The part that holds the styles which have names.
const STYLES: &str = "styles.xml";

/// Reads a document.
///
/// # Errors
/// [`Error::Document`](crate::Error::Document) when the archive or its body is damaged or encrypted.
pub(super) fn read(bytes: &[u8], path: Option<&Path>) -> Result<Content> {
    let mut archive = Archive::open(bytes, path)?;
    let manifest = archive.part("META-INF/manifest.xml")?.unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(refuse(path, "the file is protected by a password", "save it without a password first"));
    }
    let body = archive.part(PART)?.ok_or_else(|| {
        refuse(path, "the archive holds no OpenDocument text", "open it in a word processor and save it anew")
    })?;
    let mut reader = Reader::default();
    if let Some(styles) = archive.part(STYLES)? {
        // Damage there loses numbers, not text.
        let _ = xml::walk(&styles, &mut |node| {
            match node {
                xml::Node::Start(name, element) => reader.define(name, element),
                xml::Node::End("style") => reader.defined.clear(),
                _ => {}
            }
            true
        });
    }
    xml::walk(&body, &mut |node| reader.take(node)).map_err(|reason| archive.broken(PART, &reason))?;
    let mut extract = reader.body;
    extract.name_bold_headings(BlockKind::Title);
    let (notes, blocks) = reader.notes.into_parts();
    extract.append(&notes, blocks);
    let (text, blocks) = extract.into_parts();
    Ok(Content::new(text, blocks, encoding_rs::UTF_8.name()))
}

/// Where the reader is.
#[derive(Default)]
struct Reader {
    body: Extract,
    notes: Extract,
    /// How many notes are open; their text goes to the notes.
    in_note: usize,
    /// Parents of the automatic styles, which stand for formatting by hand.
    parents: HashMap<String, String>,
    /// The style that is being defined, and those that hide or raise their text.
    defined: String,
    hidden: HashSet<String>,
    raised: HashSet<String>,
    /// The styles that say whether their text is bold.
    weights: HashMap<String, bool>,
    /// The open spans: whether they are raised, and whether they are bold.
    spans: Vec<(bool, Option<bool>)>,
    /// The paragraphs that are open: more than one where a note or text box stands within one.
    paragraphs: Vec<Paragraph>,
    lists: usize,
    numbering: Numbering,
    /// A list item has begun and none of its text has been seen.
    item_begins: bool,
    tables: Tables,
}

/// What is known of an open paragraph.
struct Paragraph {
    style: String,
    heading: Option<u8>,
    /// What stands in front of it.
    label: Option<String>,
    is_hidden: bool,
    is_bold: bool,
    /// How many spans were open around it: those of a paragraph in whose text box it stands.
    spans: usize,
    /// The text of the paragraph that it interrupts.
    interrupted: String,
}

impl Reader {
    fn extract(&mut self) -> &mut Extract {
        if self.in_note > 0 { &mut self.notes } else { &mut self.body }
    }

    fn take(&mut self, node: xml::Node<'_>) -> bool {
        match node {
            xml::Node::Start(name, _) if PASSED.contains(&name) => return false,
            xml::Node::Start("section", element) if says_hidden(element) => return false,
            xml::Node::Start("hidden-paragraph", element)
                if xml::attribute(element, "is-hidden").is_some_and(|hidden| hidden == "true") =>
            {
                self.paragraphs.last_mut().into_iter().for_each(|paragraph| paragraph.is_hidden = true);
            }
            xml::Node::Start("span", element) if self.is_hidden(element) => return false,
            xml::Node::Start(name, element) => self.start(name, element),
            xml::Node::End(name) => self.end(name),
            xml::Node::Text(text) => self.text(text),
        }
        true
    }

    fn text(&mut self, text: &str) {
        let Some(paragraph) = self.paragraphs.last() else { return };
        let spans = self.spans.get(paragraph.spans..).unwrap_or_default();
        let is_raised = spans.iter().any(|(is_raised, _)| *is_raised);
        let is_bold = spans.iter().rev().find_map(|(_, is_bold)| *is_bold).unwrap_or(paragraph.is_bold);
        let extract = self.extract();
        extract.set_bold(is_bold);
        if is_raised { extract.push_raised(text) } else { extract.push(text) }
    }

    fn is_hidden(&self, span: &BytesStart<'_>) -> bool {
        xml::attribute(span, "style-name").is_some_and(|style| self.hidden.contains(&style))
    }

    /// Takes in what an element says about a style.
    fn define(&mut self, name: &str, element: &BytesStart<'_>) {
        self.numbering.define(name, element);
        match name {
            "style" => self.defined = xml::attribute(element, "name").unwrap_or_default(),
            "text-properties" if !self.defined.is_empty() => {
                if says_hidden(element) {
                    self.hidden.insert(self.defined.clone());
                }
                if xml::attribute(element, "text-position").is_some_and(|position| position.starts_with("super")) {
                    self.raised.insert(self.defined.clone());
                }
                if let Some(weight) = xml::attribute(element, "font-weight") {
                    self.weights.insert(self.defined.clone(), is_bold(&weight));
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, name: &str, element: &BytesStart<'_>) {
        let value = |name: &str| xml::attribute(element, name);
        self.define(name, element);
        self.numbering.start(name, element);
        match name {
            "style" => {
                if let Some(parent) = value("parent-style-name") {
                    self.parents.insert(self.defined.clone(), parent);
                }
            }
            "span" => {
                let style = value("style-name").unwrap_or_default();
                self.spans.push((self.raised.contains(&style), self.weights.get(&style).copied()));
            }
            "p" | "h" => {
                let level = value("outline-level").and_then(|level| level.parse().ok()).unwrap_or(1);
                let heading = (name == "h").then_some(level);
                let style = value("style-name").unwrap_or_default();
                let is_unnumbered = value("is-list-header").is_some_and(|is_header| is_header == "true");
                let of_heading = heading.filter(|_| !is_unnumbered && self.lists == 0);
                let label = self.numbering.of_item().or_else(|| self.numbering.of_heading(of_heading?));
                let parent = self.parents.get(&style);
                let is_hidden =
                    self.hidden.contains(&style) || parent.is_some_and(|parent| self.hidden.contains(parent));
                let weight = self.weights.get(&style).or_else(|| self.weights.get(parent?));
                let is_bold = weight.copied().unwrap_or(false);
                let interrupted = self.extract().suspend();
                let spans = self.spans.len();
                self.paragraphs.push(Paragraph { style, heading, label, is_hidden, is_bold, spans, interrupted });
            }
            "s" => self.extract().push(" "),
            "tab" => self.extract().tab(),
            "line-break" => self.extract().line_break(),
            "list" => self.lists += 1,
            "list-item" => self.item_begins = true,
            "table" => self.tables.start_table(),
            "table-row" => self.tables.start_row(),
            "table-cell" | "covered-table-cell" => {
                let repeated = value("number-columns-repeated").and_then(|columns| columns.parse().ok());
                self.tables.start_cell(repeated.unwrap_or(1), 1);
            }
            "note-body" => self.in_note += 1,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        self.numbering.end(name);
        match name {
            "p" | "h" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    if paragraph.is_hidden {
                        self.extract().suspend();
                    }
                    let (kind, level) = self.kind(&paragraph);
                    if let Some(label) = &paragraph.label {
                        self.extract().prefix(label);
                    }
                    self.item_begins &= self.extract().is_blank();
                    match kind {
                        // Notes have cells of tables only as paragraphs, so this is the body.
                        BlockKind::TableCell => self.body.finish_cell(&mut self.tables),
                        _ => self.extract().finish(kind, level),
                    }
                    self.extract().resume(paragraph.interrupted);
                }
            }
            "style" => self.defined.clear(),
            "span" => drop(self.spans.pop()),
            "list" => self.lists = self.lists.saturating_sub(1),
            "list-item" => self.item_begins = false,
            "table" => self.tables.end_table(),
            "table-cell" | "covered-table-cell" => self.tables.end_cell(),
            "note-body" => self.in_note = self.in_note.saturating_sub(1),
            _ => {}
        }
    }

    fn kind(&mut self, paragraph: &Paragraph) -> (BlockKind, u8) {
        let style = self.parents.get(&paragraph.style).unwrap_or(&paragraph.style).as_str();
        let depth = u8::try_from(self.lists).unwrap_or(u8::MAX);
        // LibreOffice makes paragraphs of the headings of a page, with the styles of headings.
        let heading = paragraph.heading.or_else(|| style.strip_prefix("Heading_20_")?.parse().ok());
        match (heading, style) {
            (_, "Title" | "Titel") => (BlockKind::Title, 1),
            (Some(1), _) if self.body.is_empty() => (BlockKind::Title, 1),
            (Some(level), _) => (BlockKind::Heading, level),
            _ if self.in_note > 0 => (BlockKind::Paragraph, 0),
            _ if self.tables.column().is_some() => (BlockKind::TableCell, self.tables.column().unwrap_or_default()),
            _ if self.item_begins => (BlockKind::ListItem, depth.max(1)),
            (None, "Quotations") => (BlockKind::Quote, 0),
            _ => (BlockKind::Paragraph, 0),
        }
    }
}

/// Whether a weight is that of bold letters.
fn is_bold(weight: &str) -> bool {
    const LIGHTEST: u16 = 600;
    weight == "bold" || weight.parse::<u16>().is_ok_and(|weight| weight >= LIGHTEST)
}

/// Whether a section or style is not to be seen.
fn says_hidden(element: &BytesStart<'_>) -> bool {
    xml::attribute(element, "display").is_some_and(|display| display == "none")
}

#[cfg(test)]
mod tests;
