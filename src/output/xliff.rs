//! Bitext → XLIFF 2.1, for review in CAT tools: a group per block, a unit per sentence, in reading order.
//!
//! A unit carries its score as metadata (module `mda`) and its doubts as notes; doubtful sentences are marked by a
//! sub-state too. Text that is not translated (code) is there for context, marked so. The summary is not in this
//! format: its sentences are.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::bitext::{Bitext, BitextBlock, BitextSegment, SegmentId};
use crate::document::BlockKind;

use super::layout::{self, Side};
use super::xml::{self, Xml};

/// Namespaces of XLIFF 2.1 (OASIS, 2018): the core kept the one of 2.0.
const CORE: &str = "urn:oasis:names:tc:xliff:document:2.0";
const METADATA: &str = "urn:oasis:names:tc:xliff:metadata:2.0";

pub(super) fn write(bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    let root = [("xmlns", CORE), ("xmlns:mda", METADATA), ("version", "2.1"), ("srcLang", "de"), ("trgLang", "en")];
    let original = layout::fallback_title(bitext);
    xml::write(writer, |xml| {
        xml::element(xml, "xliff", &root, |xml| {
            xml::element(xml, "file", &[("id", "f1"), ("original", &original)], |xml| {
                metadata(&layout::metadata(bitext), "provenance", xml)?;
                let mut seen = HashSet::new();
                for (index, block) in bitext.blocks.iter().enumerate() {
                    group(bitext, index, block, &mut seen, xml)?;
                }
                // A file holds at least one unit or group.
                if bitext.blocks.is_empty() { xml::element(xml, "group", &[("id", "b0")], |_| Ok(())) } else { Ok(()) }
            })
        })
    })
}

/// A block; `seen` keeps a sentence that several blocks name from being written twice.
fn group(
    bitext: &Bitext,
    index: usize,
    block: &BitextBlock,
    seen: &mut HashSet<SegmentId>,
    xml: &mut Xml<'_>,
) -> io::Result<()> {
    let id = format!("b{index}");
    xml::element(xml, "group", &[("id", &id), ("type", &format!("translate:{}", name(block.kind)))], |xml| {
        if let Some(code) = block.text.as_deref().map(layout::code) {
            let attributes = [("id", id.as_str()), ("translate", "no"), ("xml:space", "preserve")];
            xml::element(xml, "unit", &attributes, |xml| {
                xml::element(xml, "segment", &[], |xml| xml::text(xml, "source", &[], &code))
            })?;
        }
        for id in block.segments.iter().filter(|id| seen.insert(**id)) {
            if let Some(segment) = bitext.segments.get(*id) {
                unit(*id, segment, xml)?;
            }
        }
        Ok(())
    })
}

fn unit(id: SegmentId, segment: &BitextSegment, xml: &mut Xml<'_>) -> io::Result<()> {
    let (source, target) = (Side::Source.text(segment), Side::Target.text(segment));
    let notes = [("doubt", layout::doubt(segment)), ("polished", layout::note(segment))];
    let notes: Vec<(&str, String)> =
        notes.into_iter().filter_map(|(category, text)| text.map(|text| (category, text))).collect();
    let state: &[(&str, &str)] = match layout::doubt(segment) {
        _ if target.is_empty() => &[("state", "initial")],
        None => &[("state", "translated")],
        Some(_) => &[("state", "translated"), ("subState", "translate:doubtful")],
    };
    xml::element(xml, "unit", &[("id", &format!("s{id}"))], |xml| {
        if let Some(score) = xml::score(segment) {
            metadata(&[("score", score)], "quality", xml)?;
        }
        if !notes.is_empty() {
            xml::element(xml, "notes", &[], |xml| {
                notes.iter().try_for_each(|(category, text)| {
                    xml::text(xml, "note", &[("category", *category), ("appliesTo", "target")], text)
                })
            })?;
        }
        xml::element(xml, "segment", state, |xml| {
            xml::text(xml, "source", &[], &source)?;
            if target.is_empty() { Ok(()) } else { xml::text(xml, "target", &[], &target) }
        })
    })
}

fn metadata(rows: &[(&str, String)], category: &str, xml: &mut Xml<'_>) -> io::Result<()> {
    xml::element(xml, "mda:metadata", &[], |xml| {
        xml::element(xml, "mda:metaGroup", &[("category", category)], |xml| {
            rows.iter()
                .try_for_each(|(name, value)| xml::text(xml, "mda:meta", &[("type", &name.to_lowercase())], value))
        })
    })
}

/// The kind of a block as in JSON.
fn name(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Title => "title",
        BlockKind::Heading => "heading",
        BlockKind::Paragraph => "paragraph",
        BlockKind::ListItem => "list_item",
        BlockKind::TableCell => "table_cell",
        BlockKind::Quote => "quote",
        BlockKind::Code => "code",
        BlockKind::Dateline => "dateline",
    }
}
