//! Bitext → the English text alone: title, headings, paragraphs, lists and tables in the order of the source.
//!
//! No summary, no notes, no provenance: this is the text for the next program or for pasting. Blocks are set apart by
//! a blank line, list items stand on lines of their own, table cells are set apart by tabs.

use std::io::{self, Write};

use crate::bitext::Bitext;

use super::layout::{self, Part, Side};

pub(super) fn write(bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    let page = layout::page(bitext);
    let mut blocks: Vec<String> = page.title.iter().map(|title| Side::Target.join(title)).collect();
    blocks.extend(page.parts.iter().map(block));
    if blocks.is_empty() { Ok(()) } else { writeln!(writer, "{}", blocks.join("\n\n")) }
}

fn block(part: &Part<'_>) -> String {
    match part {
        Part::Heading(_, text) | Part::Paragraph(text) | Part::Quote(text) => Side::Target.join(text),
        Part::List(items) => lines(items.iter().map(|(depth, text)| {
            let bullet = if layout::number(text).is_some() { "" } else { "- " };
            format!("{}{bullet}{}", "  ".repeat(usize::from(depth.saturating_sub(1))), Side::Target.join(text))
        })),
        Part::Table(rows) => {
            lines(rows.iter().map(|row| row.iter().map(|cell| Side::Target.join(cell)).collect::<Vec<_>>().join("\t")))
        }
        Part::Code(code) => code.clone(),
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}
