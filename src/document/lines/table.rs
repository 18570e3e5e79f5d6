//! Tables in plain text: cells between bars, tabs or wide gaps.
//!
//! In: lines. Out: how many of them are rows of a table, and their cells as blocks.

use std::borrow::Cow;
use std::ops::Range;

use super::{Block, BlockKind, Line};

/// How many lines at the start of `lines` are rows of one table.
pub(super) fn table_rows(lines: &[Line<'_>]) -> usize {
    let Some(first) = lines.first() else { return 0 };
    let head = cells(first);
    if head.len() < 2 {
        return 0;
    }
    let fits = |line: &&Line<'_>| {
        let row = cells(line);
        row.len() == head.len()
            && row.iter().zip(&head).skip(1).any(|(cell, above)| cell.column.abs_diff(above.column) <= 1)
            || row.len() > 1 && is_tabulated(line.text) && is_tabulated(first.text)
    };
    let rows = 1 + lines[1..].iter().take_while(|line| !line.after_gap).take_while(fits).count();
    if rows > 1 || first.text.starts_with('|') { rows } else { 0 }
}

fn is_tabulated(line: &str) -> bool {
    line.contains(['\t', '|'])
}

/// One cell of a table row: its place in the line's text and the column (in characters) where it starts.
struct Cell {
    range: Range<usize>,
    column: usize,
}

/// Cuts a line at bars, tabs or gaps of three and more spaces; one cell or none when it is no row of a table.
fn cells(line: &Line<'_>) -> Vec<Cell> {
    let text = line.text;
    let separator: fn(&str) -> Option<usize> = if text.starts_with('|') || text.contains(" | ") {
        |rest| rest.starts_with('|').then_some(1)
    } else if text.contains('\t') {
        |rest| rest.starts_with('\t').then_some(1)
    } else if text.contains("   ") {
        |rest| rest.starts_with("   ").then(|| rest.len() - rest.trim_start().len())
    } else {
        return Vec::new();
    };
    let mut cells = Vec::new();
    let mut column = line.indent;
    let (mut start, mut start_column, mut at) = (0, column, 0);
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if let Some(length) = separator(&text[at..]) {
            push_cell(text, start..at, start_column, &mut cells);
            column += text[at..at + length].chars().count();
            at += length;
            (start, start_column) = (at, column);
        } else {
            at += character.len_utf8();
            column += 1;
        }
    }
    push_cell(text, start..text.len(), start_column, &mut cells);
    // "Von:<tab>…" and "1.<tab>…" are a label and an item with their text.
    let is_label = |cell: &Cell| text[cell.range.clone()].ends_with(':');
    if line.marker.is_some() || cells.first().is_some_and(is_label) { Vec::new() } else { cells }
}

fn push_cell(text: &str, range: Range<usize>, column: usize, cells: &mut Vec<Cell>) {
    let cell = &text[range.clone()];
    let lead = cell.len() - cell.trim_start().len();
    let trimmed = cell.trim();
    if !trimmed.is_empty() {
        let start = range.start + lead;
        cells.push(Cell { range: start..start + trimmed.len(), column: column + lead });
    }
}

pub(super) fn push_cells(row: &Line<'_>, blocks: &mut Vec<Block>) {
    for (cell, column) in cells(row).into_iter().zip(1_usize..) {
        let column = u8::try_from(column).unwrap_or(u8::MAX);
        let content = &row.text[cell.range.clone()];
        let place = row.start + cell.range.start..row.start + cell.range.end;
        blocks.push(Block::new(BlockKind::TableCell, column, place.clone(), &[(Cow::Borrowed(content), place)]));
    }
}
