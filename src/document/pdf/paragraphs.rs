//! Rows in reading order → text and blocks: headings, paragraphs, items, cells, notes.
//!
//! In: columns. Out: the text of the document, each line of the file a line of it, and its blocks. A break between two
//! lines is soft when the next word would not have fitted any more; how wide the lines are, the column says.

use std::collections::{HashMap, HashSet};

use super::super::extract::Extract;
use super::super::join::{Join, first_word, join, push_line};
use super::super::lines::{ends_clause, marker};
use super::super::{Block, BlockKind, Opens, Piece};
use super::glyphs::{Run, raise};
use super::layout::{self, Column, Row};
use crate::superscript;

/// Letters that are so much larger than those of the text are a heading's; so much smaller, a note's.
const HEADING_SIZE: f64 = 1.12;
const NOTE_SIZE: f64 = 0.93;

/// Lines that are so many times farther apart than usual are two paragraphs.
const PARAGRAPH_GAP: f64 = 1.3;

/// Lines of a heading are not farther apart than so many ems.
const HEADING_GAP: f64 = 1.6;

/// Longer ones in letters of the usual size are no headings (characters), nor in large ones.
const LONGEST_BOLD_HEADING: usize = 120;
const LONGEST_HEADING: usize = 300;

/// Cells of a table are at least so far apart (ems); lines that only look so are justified text.
const CELL_GAP: f64 = 1.2;
const WIDE_GAP: f64 = 3.0;

/// Rows that have a cell at one place, for it to be a column; and the space between words (ems).
const LEAST_CELLS: usize = 2;
const LEAST_SPACE: f64 = 0.3;

/// One line of a column.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    left: f64,
    right: f64,
    y: f64,
    size: f64,
    is_bold: bool,
    first_word: f64,
    /// Where the lines of its column end.
    edge: f64,
    /// Which column it stands in.
    column: usize,
    /// The mark of a note stood before it.
    begins_note: bool,
}

/// What the rows are taken for.
enum Element {
    Line(Line),
    /// What the row opens, then column from 1 and lines of each cell.
    Cells(Opens, Vec<(u8, Vec<String>)>),
}

/// What is usual in the document.
struct Usual {
    /// Size of most of the text.
    size: f64,
    /// For each size in half points, how far its lines are apart.
    leading: HashMap<i64, f64>,
    /// The sizes of headings, the largest first.
    headings: Vec<i64>,
}

/// Puts the document together.
pub(super) fn blocks(columns: Vec<Column>) -> (String, Vec<Block>) {
    let (mut body, mut notes) = lines(columns);
    take_marks(&mut body, &mut notes);
    let usual = Usual::learn(&body);
    let mut extract = Extract::default();
    write(&body, &usual, &mut extract, false);
    write(&notes, &usual, &mut extract, true);
    extract.into_parts()
}

/// Takes the marks off the notes, and those that lead to them off the words they stick to.
fn take_marks(body: &mut [Element], notes: &mut [Element]) {
    let mut marks: HashSet<String> = HashSet::new();
    for element in notes {
        let Element::Line(line) = element else { continue };
        let length =
            line.text.find(|c: char| !c.is_ascii_digit() && !superscript::is_figure(c)).unwrap_or(line.text.len());
        let (mark, rest) = line.text.split_at(length);
        // "1 Vgl.", "¹Vgl."; a line that goes on may well begin with a year.
        let is_mark = (1..=3).contains(&mark.chars().count())
            && (mark.starts_with(superscript::is_figure) || rest.starts_with(char::is_uppercase));
        if is_mark {
            marks.insert(raise(mark));
            line.text = rest.trim_start().to_owned();
            line.begins_note = true;
        }
    }
    for element in body {
        let Element::Line(line) = element else { continue };
        if !marks.is_empty() && line.text.contains(superscript::is_figure) {
            line.text = without_marks(&line.text, &marks);
        }
    }
}

/// A line without the marks of notes after its words: "m²" keeps its power, and so does a number.
fn without_marks(text: &str, marks: &HashSet<String>) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(superscript::is_figure) {
        let (before, from) = rest.split_at(at);
        let length = from.find(|c: char| !superscript::is_figure(c)).unwrap_or(from.len());
        let (mark, after) = from.split_at(length);
        kept.push_str(before);
        let letters = kept.chars().rev().take_while(|c| c.is_alphabetic()).take(3).count();
        let sticks = letters == 3 || kept.ends_with(['.', ',', ';', ':', '!', '?', '“', '«', ')']);
        if !(sticks && marks.contains(mark)) {
            kept.push_str(mark);
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// The lines and cells of all columns, and apart from them those of the notes at the feet of pages.
fn lines(columns: Vec<Column>) -> (Vec<Element>, Vec<Element>) {
    let body_size = most_frequent_size(columns.iter().flat_map(|column| &column.rows));
    let widths: Vec<(f64, f64)> = columns.iter().map(|column| extent(column, body_size)).collect();
    let (mut body, mut notes) = (Vec::new(), Vec::new());
    for (index, column) in columns.into_iter().enumerate() {
        let (left, mut right) = widths.get(index).copied().unwrap_or_default();
        // A column of a few lines does not know its own width.
        if column.rows.len() < 5 {
            let like = |other: &&(f64, f64)| (other.0 - left).abs() < 2.0 * body_size;
            right = widths.iter().filter(like).map(|other| other.1).fold(right, f64::max).min(right.max(column.limit));
        }
        let foot = column.rows.iter().rev().take_while(|row| row.size() < NOTE_SIZE * body_size).count();
        let has_notes = foot < column.rows.len();
        let mut rows = column.rows;
        let below = if has_notes { rows.split_off(rows.len() - foot) } else { Vec::new() };
        elements(rows, right, index, &mut body);
        elements(below, right, index, &mut notes);
    }
    (body, notes)
}

/// Left and right edge of a column's text.
fn extent(column: &Column, size: f64) -> (f64, f64) {
    let is_body = |row: &&Row| (row.size() - size).abs() < 0.1 * size;
    let mut rows: Vec<&Row> = column.rows.iter().filter(is_body).collect();
    if rows.is_empty() {
        rows = column.rows.iter().collect();
    }
    let left = rows.iter().map(|row| row.left()).fold(f64::INFINITY, f64::min);
    let mut rights: Vec<f64> = rows.iter().map(|row| row.right()).collect();
    rights.sort_by(f64::total_cmp);
    // One line that hangs out says nothing of the others.
    let skipped = rights.len() / 20;
    (left, rights.iter().rev().nth(skipped).copied().unwrap_or_default())
}

fn half_points(size: f64) -> i64 {
    (2.0 * size).round() as i64
}

fn most_frequent_size<'a>(rows: impl Iterator<Item = &'a Row>) -> f64 {
    let mut letters: HashMap<i64, usize> = HashMap::new();
    for run in rows.flat_map(|row| &row.runs) {
        *letters.entry(half_points(run.size)).or_default() += run.text.chars().count();
    }
    let most = letters.into_iter().max_by_key(|&(size, count)| (count, size));
    most.map_or(10.0, |(size, _)| size as f64 / 2.0).max(0.5)
}

/// Tells lines from the rows of tables.
fn elements(mut rows: Vec<Row>, edge: f64, column: usize, elements: &mut Vec<Element>) {
    part_cells(&mut rows);
    // A table at the head of a page or column goes on with the one that ended the page or column before.
    let start = elements.len();
    let mut opens = if matches!(elements.last(), Some(Element::Cells(..))) { Opens::Row } else { Opens::Table };
    let mut rest = rows.as_slice();
    let mut before: Option<&Row> = None;
    while let Some(row) = rest.first() {
        let count = table(rest, edge);
        if count > 0 {
            if elements.len() > start {
                opens = Opens::Table;
            }
            for cells in cells(&rest[..count]) {
                elements.push(Element::Cells(std::mem::replace(&mut opens, Opens::Row), cells));
            }
        } else {
            let is_near = |other: &&Row| (other.y() - row.y()).abs() < 1.6 * row.size();
            let is_full = |other: &Row| (other.right() - edge).abs() <= 0.3 * other.size();
            let beside_full = [before, rest.get(1)].into_iter().flatten().filter(is_near).any(is_full);
            let is_one = is_stretched(row, edge, beside_full);
            push_lines(row, is_one, edge, column, elements);
        }
        before = rest.get(count.max(1) - 1);
        rest = &rest[count.max(1)..];
    }
}

/// Parts the cells of a table that stand so close that they were taken for words of one line: other rows have a cell that
/// begins or ends at the same place, and the space between them is not that between words.
fn part_cells(rows: &mut [Row]) {
    let edges = Edges::of(rows);
    if edges.near.is_empty() {
        return;
    }
    for row in rows {
        row.runs = std::mem::take(&mut row.runs).into_iter().flat_map(|run| edges.part(run)).collect();
    }
}

/// Where the cells of tables begin and end, and how many of them.
#[derive(Default)]
struct Edges {
    /// By the point.
    near: HashMap<i64, usize>,
    /// By the tenth of a point, where they begin.
    exact: HashMap<i64, usize>,
}

impl Edges {
    fn of(rows: &[Row]) -> Self {
        let mut edges = Self::default();
        for pair in rows.iter().flat_map(|row| row.runs.windows(2)) {
            if pair[1].left - pair[0].right >= CELL_GAP * pair[1].size {
                for end in [pair[1].left, pair[1].right] {
                    *edges.near.entry(end.round() as i64).or_default() += 1;
                }
                *edges.exact.entry((10.0 * pair[1].left).round() as i64).or_default() += 1;
            }
        }
        edges
    }

    fn has(edges: &HashMap<i64, usize>, place: f64) -> bool {
        let place = place.round() as i64;
        let beside = place.saturating_sub(1)..=place.saturating_add(1);
        beside.filter_map(|place| edges.get(&place)).sum::<usize>() >= LEAST_CELLS
    }

    /// The cells of a run.
    fn part(&self, run: Run) -> Vec<Run> {
        let mut parts = Vec::new();
        let mut rest = run;
        for at in self.spaces(&rest).into_iter().rev() {
            let Some((before, after)) = rest.split(at) else { break };
            parts.push(after);
            rest = before;
        }
        parts.push(rest);
        parts.reverse();
        parts
    }

    /// Which spaces of a run part cells: those much wider than all others, or unlike any other before a cell's exact place.
    fn spaces(&self, run: &Run) -> Vec<usize> {
        let width = |space: &(f64, f64)| space.1 - space.0;
        let mut widths: Vec<f64> = run.spaces.iter().map(width).collect();
        widths.sort_by(f64::total_cmp);
        let others = widths.len().checked_sub(2).and_then(|at| widths.get(at)).copied().unwrap_or_default();
        let widest = 1.4 * others.max(LEAST_SPACE * run.size);
        let parts = |&(_, space): &(usize, &(f64, f64))| {
            let found = width(space);
            let is_wide = found > widest && (Self::has(&self.near, space.1) || Self::has(&self.near, run.right));
            // Where runs overlap, a space is less than nothing.
            let narrower = |part: f64| widths.partition_point(|other| *other < part * found);
            let alike = narrower(1.1).saturating_sub(narrower(0.9));
            is_wide || alike == 1 && Self::has(&self.exact, 10.0 * space.1)
        };
        run.spaces.iter().enumerate().filter(parts).map(|(at, _)| at).collect()
    }
}

/// A row as a line, or as several where a wide gap parts it and it is not known to be one: place and signature, name and
/// date.
fn push_lines(row: &Row, is_one: bool, edge: f64, column: usize, elements: &mut Vec<Element>) {
    let mut open: Option<Line> = None;
    for run in &row.runs {
        let is_marker = open.as_ref().is_some_and(|line| is_marker_alone(&line.text));
        match &mut open {
            Some(line) if is_one || is_marker || run.left - line.right < WIDE_GAP * run.size => {
                line.text.push(' ');
                line.text.push_str(&run.text);
                line.right = run.right;
                line.is_bold &= run.is_bold;
            }
            _ => {
                elements.extend(open.take().map(Element::Line));
                open = Some(Line {
                    text: run.text.clone(),
                    left: run.left,
                    right: run.right,
                    y: row.y(),
                    size: row.size(),
                    is_bold: run.is_bold,
                    first_word: run.first_word,
                    edge,
                    column,
                    begins_note: false,
                });
            }
        }
    }
    elements.extend(open.map(Element::Line));
}

/// "•", "1.", "a)" without what it marks.
fn is_marker_alone(text: &str) -> bool {
    !text.contains(' ') && marker(&format!("{text} Wort")).is_some_and(|marker| marker.text == text)
}

/// A line of justified text with few words: each stands by itself, all equally far apart, and the last one ends at the edge.
/// Of two words alone that says little, unless they stand in text.
fn is_stretched(row: &Row, edge: f64, in_text: bool) -> bool {
    let skipped = usize::from(row.runs.first().is_some_and(|run| is_marker_alone(&run.text)));
    let words = row.runs.get(skipped..).unwrap_or_default();
    let Some((last, before)) = words.split_last() else { return false };
    let gaps = words.windows(2).map(|pair| pair[1].left - pair[0].right);
    let (least, most) = gaps.fold((f64::INFINITY, 0.0_f64), |(least, most), gap| (least.min(gap), most.max(gap)));
    let numbers = words.iter().filter(|run| !run.text.contains(char::is_alphabetic)).count();
    let is_enough = before.len() > 1 || before.len() == 1 && (in_text || last.text.starts_with(char::is_lowercase));
    is_enough
        && words.iter().all(|run| !run.text.contains(' '))
        && numbers * 2 <= words.len()
        && most - least <= 0.1 * (least + last.size)
        && (last.right - edge).abs() <= 0.3 * last.size
}

/// How many rows at the start of `rows` are those of a table.
fn table(rows: &[Row], edge: f64) -> usize {
    let parted = |row: &Row| {
        let is_item = row.runs.first().is_some_and(|run| is_marker_alone(&run.text)) && row.runs.len() == 2;
        !is_item && row.runs.windows(2).any(|pair| pair[1].left - pair[0].right >= CELL_GAP * pair[1].size)
    };
    let Some(first) = rows.first().filter(|row| parted(row)) else { return 0 };
    let close = |pair: &[Row]| (pair[1].y() - pair[0].y()).abs() < 3.5 * pair[0].size().max(pair[1].size());
    let mut count = 1;
    let mut end = 1;
    let mut second = second_cell(first);
    let goes_on_in_cell = |before: &Row, row: &Row, next: Option<&Row>, second: f64| {
        let is_later = row.left() > first.left() + row.size();
        is_later && (is_next(before, row) || leads(before, row, next))
            || goes_on_below(before, row, next.filter(|next| parted(next)), second)
    };
    while let (Some(row), Some(pair)) = (rows.get(end), rows.get(end - 1..=end)) {
        if !close(pair) {
            break;
        }
        if parted(row) {
            second = second.min(second_cell(row));
            end += 1;
            count = end;
        } else if goes_on_in_cell(&pair[0], row, rows.get(end + 1), second) {
            end += 1;
        } else {
            break;
        }
    }
    // Lines that only go on in a cell also belong to the last row.
    let rows = &rows[..end.max(count)];
    let places = places(rows);
    let gaps = places.windows(2).map(|pair| pair[1].0 - pair[0].1).fold(f64::INFINITY, f64::min);
    let size = first.size();
    if count < 2 || places.len() < 2 || count == 2 && gaps < 1.5 * size {
        return 0;
    }
    let edges = Edges::of(rows);
    // Narrower than between columns, unless other rows show where the column begins.
    let is_apart =
        |pair: &[(f64, f64)]| pair[1].0 - pair[0].1 >= 0.5 * size || Edges::has(&edges.exact, 10.0 * pair[1].0);
    let is_table = places.windows(2).all(is_apart);
    let is_justified = |row: &&&Row| is_stretched(row, edge, false);
    let parted: Vec<&Row> = rows.iter().filter(|row| parted(row)).collect();
    let stretched = parted.iter().filter(is_justified).count();
    if is_table && stretched * 2 < parted.len() { rows.len() } else { 0 }
}

/// Whether a row stands so near to the one above as the lines of a cell.
fn is_next(before: &Row, row: &Row) -> bool {
    row.y() - before.y() < 1.5 * row.size()
}

/// Whether a row is the first line of a cell that is higher than those beside it, which stand in the middle: it is nearer to
/// the row that follows than to the one above.
fn leads(before: &Row, row: &Row, next: Option<&Row>) -> bool {
    next.is_some_and(|next| is_next(row, next) && next.y() - row.y() < 0.85 * (row.y() - before.y()))
}

/// Where the second cell of a row begins.
fn second_cell(row: &Row) -> f64 {
    row.runs.get(1).map_or(f64::INFINITY, |run| run.left)
}

/// Whether a row is the next line of the first cell above it: it stands below nothing else, and goes on with a word or a
/// sentence, or stands nearer to it than to the row that follows.
fn goes_on_below(before: &Row, row: &Row, next: Option<&Row>, second: f64) -> bool {
    let (Some(cell), Some(run)) = (before.runs.first(), row.runs.first()) else { return false };
    let gap = row.y() - before.y();
    let is_below = (run.left - cell.left).abs() < run.size && gap < 1.5 * run.size;
    let is_divided = join(&cell.text, &run.text) != Join::Space;
    let is_alone = row.right() < second && !run.text.ends_with(':');
    let goes_on = first_word(&run.text).starts_with(char::is_lowercase) && !ends_clause(&cell.text);
    let is_nearer = next.is_some_and(|next| gap < 0.85 * (next.y() - row.y()));
    is_below && (is_divided && (is_alone || row.runs.len() > 1) || is_alone && (goes_on || is_nearer))
}

/// From where to where the columns of a table reach.
fn places(rows: &[Row]) -> Vec<(f64, f64)> {
    layout::places(rows.iter().flat_map(|row| &row.runs), 0.0)
}

/// The cells of a table, row by row; lines that begin in a later column go on with the cells above
/// them, and so do those that only stand in the first.
fn cells(rows: &[Row]) -> Vec<Vec<(u8, Vec<String>)>> {
    let places = places(rows);
    let column_of = |left: f64| {
        let at = places.partition_point(|place| place.0 <= left + 0.01).max(1);
        u8::try_from(at).unwrap_or(u8::MAX)
    };
    let mut table: Vec<Vec<(u8, Vec<String>)>> = Vec::new();
    let mut before: Option<&Row> = None;
    let second = places.get(1).map_or(f64::INFINITY, |place| place.0);
    let mut is_led = false;
    for (at, row) in rows.iter().enumerate() {
        let next = rows.get(at + 1);
        let is_later = column_of(row.left()) > 1;
        let led = std::mem::replace(&mut is_led, is_later && before.is_some_and(|before| leads(before, row, next)));
        let goes_on = row.runs.len() < places.len()
            && before.is_some_and(|before| {
                let is_below = goes_on_below(before, row, next.filter(|next| next.runs.len() > 1), second);
                is_later && is_next(before, row) && !is_led || is_below
            });
        let goes_on = goes_on || led;
        if !goes_on || table.is_empty() {
            table.push(Vec::new());
        }
        let Some(cells) = table.last_mut() else { continue };
        for run in &row.runs {
            let column = column_of(run.left);
            match cells.iter_mut().find(|(found, _)| *found == column) {
                Some((_, lines)) => lines.push(run.text.clone()),
                None => cells.push((column, vec![run.text.clone()])),
            }
        }
        cells.sort_by_key(|(column, _)| *column);
        before = Some(row);
    }
    table
}

impl Usual {
    fn learn(elements: &[Element]) -> Self {
        let lines: Vec<&Line> = elements
            .iter()
            .filter_map(|element| match element {
                Element::Line(line) => Some(line),
                Element::Cells(..) => None,
            })
            .collect();
        let mut letters: HashMap<i64, usize> = HashMap::new();
        for line in &lines {
            *letters.entry(half_points(line.size)).or_default() += line.text.len();
        }
        let size =
            letters.iter().max_by_key(|&(size, count)| (*count, *size)).map_or(10.0, |(size, _)| *size as f64 / 2.0);
        let mut gaps: HashMap<i64, Vec<f64>> = HashMap::new();
        for pair in lines.windows(2) {
            if pair[0].column == pair[1].column && half_points(pair[0].size) == half_points(pair[1].size) {
                let gap = pair[1].y - pair[0].y;
                if gap > 0.5 * pair[0].size {
                    gaps.entry(half_points(pair[0].size)).or_default().push(gap);
                }
            }
        }
        let median = |mut gaps: Vec<f64>| {
            gaps.sort_by(f64::total_cmp);
            // Paragraphs of one line each pull the middle up, so a little below it.
            gaps.get(gaps.len() * 2 / 5).copied().unwrap_or_default()
        };
        let leading = gaps.into_iter().map(|(size, gaps)| (size, median(gaps))).collect();
        let mut headings: Vec<i64> = letters.into_keys().filter(|&found| is_larger(found as f64 / 2.0, size)).collect();
        headings.sort_unstable_by(|a, b| b.cmp(a));
        Self { size, leading, headings }
    }

    /// How far lines of this size are apart within a paragraph.
    fn leading(&self, size: f64) -> f64 {
        let known = self.leading.get(&half_points(size)).copied();
        known.unwrap_or(1.25 * size).clamp(0.9 * size, 2.2 * size)
    }
}

fn is_larger(size: f64, usual: f64) -> bool {
    size >= HEADING_SIZE * usual
}

/// Cuts the lines into paragraphs.
fn write(elements: &[Element], usual: &Usual, extract: &mut Extract, are_notes: bool) {
    let mut open: Vec<&Line> = Vec::new();
    for element in elements {
        match element {
            Element::Line(line) => {
                if let (Some(first), Some(last)) = (open.first(), open.last())
                    && breaks(first, last, line, &open, usual)
                {
                    push(&open, usual, extract, are_notes);
                    open.clear();
                }
                open.push(line);
            }
            Element::Cells(opens, cells) => {
                push(&open, usual, extract, are_notes);
                open.clear();
                let mut opens = Some(*opens);
                for (column, lines) in cells {
                    if let Some((text, mut cell)) = block(lines.iter(), BlockKind::TableCell, *column) {
                        cell.opens = opens.take();
                        extract.append(&text, vec![cell]);
                    }
                }
            }
        }
    }
    push(&open, usual, extract, are_notes);
}

/// Whether a new paragraph begins with the line `next`.
fn breaks(first: &Line, last: &Line, next: &Line, open: &[&Line], usual: &Usual) -> bool {
    let size = last.size.max(next.size);
    if next.begins_note {
        return true;
    }
    if (last.size - next.size).abs() > 0.07 * size {
        return true;
    }
    let is_divided = join(&last.text, &next.text) != Join::Space;
    let goes_on = first_word(&next.text).starts_with(char::is_lowercase) && !ends_clause(&last.text);
    let is_heading = is_larger(next.size, usual.size);
    let gap = next.y - last.y;
    if last.column != next.column {
        // Over the end of a column or page a sentence goes on, but nothing else does.
        return is_heading || !(is_divided || goes_on || is_full(last, next, last.edge) && !ends_clause(&last.text));
    }
    if gap > PARAGRAPH_GAP * usual.leading(size) || gap < 0.0 {
        return true;
    }
    if is_heading {
        return marker(&next.text).is_some() || gap > HEADING_GAP * size;
    }
    if last.is_bold != next.is_bold && open.iter().all(|line| line.is_bold == last.is_bold) && !goes_on && !is_divided {
        return true;
    }
    if is_divided {
        return false;
    }
    let hangs = marker(&first.text).is_some();
    let indent = next.left - if open.len() > 1 || hangs { last.left } else { first.left };
    // Of an item the lines after the first are indented; of a paragraph, the first.
    let shifted = !(hangs && open.len() == 1) && indent.abs() > 0.8 * size;
    let edge = local_edge(open, last);
    let is_full = is_full(last, next, edge);
    if let Some(found) = marker(&next.text) {
        let in_text = is_full && !ends_clause(&last.text) && !shifted && !found.is_sign() && !hangs;
        return !in_text;
    }
    if shifted && indent > 0.0 && !goes_on {
        return true;
    }
    // Back to the margin after an item.
    if hangs && open.len() > 1 && shifted && !goes_on {
        return true;
    }
    !(is_full || goes_on)
}

/// Whether the first word of the next line would not have fitted on this one.
fn is_full(last: &Line, next: &Line, edge: f64) -> bool {
    last.right + 0.2 * last.size + next.first_word > edge - 0.3 * last.size
}

/// Where lines end here: at the edge of the column, or earlier in a paragraph that is indented on both sides.
fn local_edge(open: &[&Line], last: &Line) -> f64 {
    let beside = || open.iter().filter(|line| line.column == last.column);
    let farthest = beside().map(|line| line.right).fold(f64::NEG_INFINITY, f64::max);
    let left = beside().map(|line| line.left).fold(f64::INFINITY, f64::min);
    if beside().count() >= 3 && farthest - left > 0.6 * (last.edge - left) { farthest } else { last.edge }
}

/// Ends a paragraph.
fn push(lines: &[&Line], usual: &Usual, extract: &mut Extract, are_notes: bool) {
    let Some(first) = lines.first() else { return };
    let length: usize = lines.iter().map(|line| line.text.chars().count()).sum();
    let last = lines.last().map_or("", |line| line.text.as_str());
    let is_open = !last.ends_with(['.', ',', ';', ':']);
    let is_large = is_larger(first.size, usual.size) && length <= LONGEST_HEADING;
    let is_bold = lines.iter().all(|line| line.is_bold) && length <= LONGEST_BOLD_HEADING && is_open;
    let has_letters = first.text.contains(char::is_alphabetic);
    let (kind, level) = if are_notes || !has_letters {
        (BlockKind::Paragraph, 0)
    } else if is_large || is_bold && first.size >= 0.98 * usual.size {
        let larger = usual.headings.iter().filter(|size| **size > half_points(first.size)).count();
        let level = u8::try_from(larger + 1).unwrap_or(u8::MAX).min(6);
        let is_title = extract.is_empty() && level == 1;
        (if is_title { BlockKind::Title } else { BlockKind::Heading }, level)
    } else if marker(&first.text).is_some() {
        (BlockKind::ListItem, 1)
    } else {
        (BlockKind::Paragraph, 0)
    };
    if let Some((text, block)) = block(lines.iter().map(|line| &line.text), kind, level) {
        extract.append(&text, vec![block]);
    }
}

/// The lines as one block, and the text that it is of; the bullet of an item is markup.
fn block<'a>(lines: impl Iterator<Item = &'a String>, kind: BlockKind, level: u8) -> Option<(String, Block)> {
    let text = lines.map(String::as_str).collect::<Vec<_>>().join("\n");
    let bullet = marker(&text).filter(|marker| kind == BlockKind::ListItem && marker.is_markup());
    let skipped = bullet.map_or(0, |marker| marker.text.len());
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut at = 0;
    for line in text.split('\n') {
        let content = if at == 0 { line.get(skipped..).unwrap_or_default().trim_start() } else { line };
        if !content.trim().is_empty() {
            push_line(&mut pieces, content, at + line.len() - content.len());
        }
        at += line.len() + 1;
    }
    let block = (!pieces.is_empty()).then(|| Block::new(kind, level, 0..text.len(), &pieces));
    block.map(|block| (text, block))
}
