//! What the XML formats share: declaration, indentation, elements that hold text. No element of any format here.
//!
//! Text and attribute values are escaped here. Characters that XML forbids do not get this far: see
//! [`layout::clean`](super::layout::clean).

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::bitext::BitextSegment;

pub(super) type Xml<'a> = Writer<&'a mut dyn Write>;

/// A file whose root element `content` writes.
pub(super) fn write(writer: &mut dyn Write, content: impl FnOnce(&mut Xml<'_>) -> io::Result<()>) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(writer, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    content(&mut xml)?;
    writeln!(xml.get_mut())
}

/// An element with the elements that `content` writes.
pub(super) fn element(
    xml: &mut Xml<'_>,
    name: &str,
    attributes: &[(&str, &str)],
    content: impl FnOnce(&mut Xml<'_>) -> io::Result<()>,
) -> io::Result<()> {
    xml.create_element(name).with_attributes(attributes.iter().copied()).write_inner_content(content).map(|_| ())
}

/// An element that holds nothing but text.
pub(super) fn text(xml: &mut Xml<'_>, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
    let element = xml.create_element(name).with_attributes(attributes.iter().copied());
    element.write_text_content(BytesText::new(text)).map(|_| ())
}

/// The score of a sentence; `None` where it is no number.
pub(super) fn score(segment: &BitextSegment) -> Option<String> {
    segment.score.is_finite().then(|| format!("{:.4}", segment.score))
}
