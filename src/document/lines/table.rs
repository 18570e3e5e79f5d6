//! Tables in plain text: cells between bars, tabs or wide gaps; and single lines in parts.
//!
//! In: lines. Out: how many of them are rows of a table, and their cells as blocks.

use std::borrow::Cow;
use std::ops::Range;

use super::heading::is_dateline;
use super::{Block, BlockKind, Gap, Line, Opens};

/// Fewer spaces are not left between the parts of a line, such as a letterhead's, that belong to no table.
const WIDE_GAP: &str = "     ";

/// Most parts of such a line.
const MOST_PARTS: usize = 3;

/// How many lines at the start of `lines` are rows of one table.
pub(super) fn table_rows(lines: &[Line<'_>]) -> usize {
    let Some((first, rest)) = lines.split_first() else { return 0 };
    let head = cells(first);
    if head.len() < 2 {
        return 0;
    }
    let fits = |line: &&Line<'_>| {
        let row = cells(line);
        row.len() == head.len() && row.iter().zip(&head).skip(1).any(|(cell, above)| cell.is_below(above))
            || row.len() > 1 && row.len() < head.len() && row.iter().all(|cell| column_below(cell, &head).is_some())
            || !row.is_empty() && is_tabulated(line) && is_tabulated(first)
    };
    // A rule may stand below the head and above the sum.
    let is_near = |line: &&Line<'_>| matches!(line.gap, Gap::None | Gap::Rule);
    let rows = 1 + rest.iter().take_while(is_near).take_while(fits).count();
    if rows > 1 || first.text.starts_with('|') { rows } else { 0 }
}

/// The column, from 1, of the head's cell that stands right above a cell.
fn column_below(cell: &Cell, head: &[Cell]) -> Option<usize> {
    let by_start = head.partition_point(|above| above.column + 1 < cell.column);
    let by_end = head.partition_point(|above| above.end + 1 < cell.end);
    [by_start, by_end].into_iter().find(|at| head.get(*at).is_some_and(|above| cell.is_below(above))).map(|at| at + 1)
}

fn is_tabulated(line: &Line<'_>) -> bool {
    line.text.contains(['\t', '|']) || line.tab_after
}

/// One cell of a table row: its place in the line's text and the column (in characters) where it starts.
struct Cell {
    range: Range<usize>,
    column: usize,
    /// The column past its last character, and whether it holds a figure: these are aligned to the right.
    end: usize,
    has_figure: bool,
    /// Its number in the row, from 1; empty cells between bars and tabs count.
    number: usize,
}

impl Cell {
    /// Whether it stands right below a cell of the head.
    fn is_below(&self, above: &Self) -> bool {
        self.column.abs_diff(above.column) <= 1 || self.has_figure && self.end.abs_diff(above.end) <= 1
    }
}

/// Cuts a line at bars, tabs or gaps of three and more spaces; one cell or none when it is no row of a table.
fn cells(line: &Line<'_>) -> Vec<Cell> {
    let text = line.text;
    let separator: fn(&str) -> Option<usize> = if text.starts_with('|') || text.contains(" | ") || text.ends_with(" |")
    {
        |rest| rest.starts_with('|').then_some(1)
    } else if text.contains('\t') {
        |rest| rest.starts_with('\t').then_some(1)
    } else if text.contains("   ") {
        |rest| rest.starts_with("   ").then(|| rest.len() - rest.trim_start().len())
    } else if line.tab_after {
        |_| None
    } else {
        return Vec::new();
    };
    let mut cells = Vec::new();
    let mut column = line.indent;
    // The bar that a row opens with divides nothing.
    let mut number = if text.starts_with('|') { 0 } else { 1 + line.tabs_before };
    let (mut start, mut start_column, mut at) = (0, column, 0);
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if let Some(length) = separator(&text[at..]) {
            push_cell(text, start..at, (start_column, number), &mut cells);
            number += 1;
            column += text[at..at + length].chars().count();
            at += length;
            (start, start_column) = (at, column);
        } else {
            at += character.len_utf8();
            column += 1;
        }
    }
    push_cell(text, start..text.len(), (start_column, number), &mut cells);
    // "Von:<tab>…" and "1.<tab>…" are a label and an item with their text.
    let is_label = |cell: &Cell| text[cell.range.clone()].ends_with(':');
    // "1. Umsatzerlöse    12.345" is a row, although it begins like an item: nothing but figures follow.
    let is_figure = |cell: &Cell| cell.has_figure && !text[cell.range.clone()].contains(char::is_alphabetic);
    let is_item = line.marker.is_some_and(|marker| match cells.as_slice() {
        [first, figures @ ..] => {
            first.range.len() <= marker.text.len() || figures.is_empty() || !figures.iter().all(is_figure)
        }
        [] => true,
    });
    if is_item || cells.first().is_some_and(is_label) { Vec::new() } else { cells }
}

fn push_cell(text: &str, range: Range<usize>, (column, number): (usize, usize), cells: &mut Vec<Cell>) {
    let cell = &text[range.clone()];
    let lead = cell.len() - cell.trim_start().len();
    let trimmed = cell.trim();
    if !trimmed.is_empty() {
        let start = range.start + lead;
        let column = column + lead;
        let end = column + trimmed.chars().count();
        let has_figure = trimmed.contains(|c: char| c.is_ascii_digit());
        cells.push(Cell { range: start..start + trimmed.len(), column, end, has_figure, number });
    }
}

/// Makes a block of each cell of a table.
pub(super) fn push_cells(rows: &[Line<'_>], blocks: &mut Vec<Block>) {
    let head = rows.first().map(cells).unwrap_or_default();
    let is_last = |row: &Line<'_>, last: usize| cells(row).last().is_none_or(|cell| cell.number <= last);
    // Where the head itself has gaps, or a row is longer, tabs are there for the eye and may stand in any number.
    let counted = head.last().is_some_and(|last| {
        last.number == head.len() && rows.iter().all(|row| is_tabulated(row) && is_last(row, last.number))
    });
    // A row that stands alone, and rows at the head of a page, go on with the table before.
    let goes_on = blocks.last().is_some_and(|block| block.kind == BlockKind::TableCell)
        && (rows.len() == 1 || rows.first().is_some_and(|row| row.gap == Gap::Page));
    let mut opens = if goes_on { Opens::Row } else { Opens::Table };
    for row in rows {
        let first = blocks.len();
        let cells = cells(row);
        let is_short = cells.len() < head.len();
        for (cell, place) in cells.into_iter().zip(1_usize..) {
            let above = if is_short && !is_tabulated(row) { column_below(&cell, &head) } else { None };
            let column = if counted { cell.number } else { above.unwrap_or(place) };
            push_part(row, cell.range, (BlockKind::TableCell, u8::try_from(column).unwrap_or(u8::MAX)), blocks);
        }
        if let Some(block) = blocks.get_mut(first) {
            block.opens = Some(std::mem::replace(&mut opens, Opens::Row));
        }
    }
}

fn push_part(row: &Line<'_>, part: Range<usize>, (kind, level): (BlockKind, u8), blocks: &mut Vec<Block>) {
    let place = row.start + part.start..row.start + part.end;
    let content = row.text.get(part).unwrap_or_default();
    blocks.push(Block::new(kind, level, place.clone(), &[(Cow::Borrowed(content), place)]));
}

/// Makes a block of each part of a line whose parts stand far from each other: "PRESSEMITTEILUNG        Nr. 45/2024".
/// Returns whether it is such a line.
pub(super) fn push_parts(line: &Line<'_>, blocks: &mut Vec<Block>) -> bool {
    if line.quote > 0 || !line.text.contains(WIDE_GAP) {
        return false;
    }
    let cells = cells(line);
    let is_far = |pair: &[Cell]| match pair {
        [left, right] => line
            .text
            .get(left.range.end..right.range.start)
            .is_some_and(|gap| gap.len() >= WIDE_GAP.len() && gap.bytes().all(|byte| byte == b' ')),
        _ => false,
    };
    let begins = |cell: &Cell| {
        let part = line.text.get(cell.range.clone()).unwrap_or_default();
        part.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
    };
    let is_parted = (2..=MOST_PARTS).contains(&cells.len()) && cells.windows(2).all(is_far) && cells.iter().all(begins);
    if is_parted {
        for cell in cells {
            let is_dateline = line.text.get(cell.range.clone()).is_some_and(is_dateline);
            let kind = if is_dateline { BlockKind::Dateline } else { BlockKind::Paragraph };
            push_part(line, cell.range, (kind, 0), blocks);
        }
    }
    is_parted
}
