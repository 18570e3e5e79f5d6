//! Bitext → TMX 1.4b, the translation memory that CAT tools import: one unit per sentence, in reading order.
//!
//! Score and doubts ride along as `prop` and `note`. Sentences without text on either side are left out, for a memory
//! has no use for them. Structure, summary and code are not in this format; see `xliff` for the structure.

use std::io::{self, Write};

use crate::bitext::{Bitext, BitextSegment};

use super::layout::{self, Side};
use super::xml::{self, Xml};

pub(super) fn write(bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    xml::write(writer, |xml| {
        xml::element(xml, "tmx", &[("version", "1.4")], |xml| {
            header(bitext, xml)?;
            xml::element(xml, "body", &[], |xml| {
                bitext.segments.iter().enumerate().try_for_each(|(id, segment)| unit(id, segment, xml))
            })
        })
    })
}

fn header(bitext: &Bitext, xml: &mut Xml<'_>) -> io::Result<()> {
    let created = bitext.date.as_deref().map(|date| format!("{}T000000Z", layout::clean(date).replace('-', "")));
    let mut attributes = vec![
        ("creationtool", env!("CARGO_PKG_NAME")),
        ("creationtoolversion", env!("CARGO_PKG_VERSION")),
        ("segtype", "sentence"),
        ("o-tmf", "translate/1"),
        ("adminlang", "en"),
        ("srclang", "de"),
        ("datatype", "plaintext"),
    ];
    attributes.extend(created.as_deref().map(|created| ("creationdate", created)));
    xml::element(xml, "header", &attributes, |xml| {
        layout::metadata(bitext)
            .iter()
            .try_for_each(|(label, value)| xml::text(xml, "prop", &[("type", &label.to_lowercase())], value))
    })
}

fn unit(id: usize, segment: &BitextSegment, xml: &mut Xml<'_>) -> io::Result<()> {
    let (source, target) = (Side::Source.text(segment), Side::Target.text(segment));
    if source.is_empty() || target.is_empty() {
        return Ok(());
    }
    xml::element(xml, "tu", &[("tuid", &id.to_string())], |xml| {
        if let Some(doubt) = layout::doubt(segment) {
            xml::text(xml, "note", &[], &doubt)?;
        }
        if let Some(note) = layout::note(segment) {
            xml::text(xml, "prop", &[("type", "polished")], &note)?;
        }
        if let Some(score) = xml::score(segment) {
            xml::text(xml, "prop", &[("type", "score")], &score)?;
        }
        for (language, text) in [("de", &source), ("en", &target)] {
            xml::element(xml, "tuv", &[("xml:lang", language)], |xml| xml::text(xml, "seg", &[], text))?;
        }
        Ok(())
    })
}
