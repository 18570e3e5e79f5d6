//! The runs of all pages → rows in reading order, column by column.
//!
//! In: sheets. Out: columns of rows, without what repeats on every page. What the rows mean is decided elsewhere.
//!
//! Places decide, not the order of painting: headers and tables are often painted last. Two columns are seen by the
//! straight gap between them, and told from a table by their full lines.

use std::collections::HashMap;

use super::glyphs::{Run, Sheet, WIDEST_SPACE};

/// Fewer lines side by side are no columns.
const SHORTEST_COLUMN: usize = 4;

/// Shorter lines are the cells of a table (characters).
const NARROWEST_COLUMN: usize = 12;

/// More gaps than this are not tried on a page.
const MOST_GUTTERS: usize = 40;

/// How many rows at either edge of a page may be its header or footer.
const EDGE_ROWS: usize = 3;

/// What stands on one baseline of a column, left to right.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub runs: Vec<Run>,
}

/// Rows that are read one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    pub rows: Vec<Row>,
}

impl Row {
    pub fn left(&self) -> f64 {
        self.runs.first().map_or(0.0, |run| run.left)
    }

    pub fn right(&self) -> f64 {
        self.runs.last().map_or(0.0, |run| run.right)
    }

    pub fn y(&self) -> f64 {
        self.runs.iter().max_by_key(|run| run.text.len()).map_or(0.0, |run| run.y)
    }

    pub fn size(&self) -> f64 {
        self.runs.iter().max_by_key(|run| run.text.len()).map_or(0.0, |run| run.size)
    }

    pub fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Orders the runs of all pages.
pub(super) fn columns(mut sheets: Vec<Sheet>) -> Vec<Column> {
    let is_tagged = sheets.iter().flat_map(|sheet| &sheet.runs).any(|run| !run.is_artifact);
    for sheet in &mut sheets {
        let (width, height) = (sheet.width, sheet.height);
        // What stands beyond the edges is cut off by the printer.
        sheet.runs.retain(|run| {
            !(is_tagged && run.is_artifact)
                && run.right > -1.0
                && run.left < width + 1.0
                && run.y > -1.0
                && run.y < height + run.size
        });
    }
    let mut pages: Vec<Vec<Row>> = sheets.into_iter().map(|sheet| rows(sheet.runs)).collect();
    drop_furniture(&mut pages);
    let mut columns = Vec::new();
    for rows in pages {
        let runs = rows.into_iter().flat_map(|row| row.runs).collect();
        for part in divide(runs, 0) {
            columns.push(Column { rows: self::rows(part) });
        }
    }
    columns
}

/// Gathers runs by their baseline; runs close to each other become one.
fn rows(mut runs: Vec<Run>) -> Vec<Row> {
    runs.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.left.total_cmp(&b.left)));
    let mut rows: Vec<(f64, f64, Row)> = Vec::new();
    for run in runs {
        match rows.last_mut() {
            Some((y, size, row)) if run.y - *y <= 0.3 * size.min(run.size) => {
                if run.size > *size {
                    (*y, *size) = (run.y, run.size);
                }
                row.runs.push(run);
            }
            _ => rows.push((run.y, run.size, Row { runs: vec![run] })),
        }
    }
    let merged = |row: Row| {
        let mut parts = row.runs;
        parts.sort_by(|a, b| a.left.total_cmp(&b.left));
        let mut runs: Vec<Run> = Vec::with_capacity(parts.len());
        for run in parts {
            match runs.last_mut() {
                Some(last) if run.left - last.right < WIDEST_SPACE * last.size.max(run.size) => merge(last, run),
                _ => runs.push(run),
            }
        }
        Row { runs }
    };
    rows.into_iter().map(|(_, _, row)| merged(row)).collect()
}

/// Joins two runs of one line.
fn merge(before: &mut Run, after: Run) {
    let gap = after.left - before.right;
    if gap > 0.1 * before.size {
        before.text.push(' ');
    } else if !before.text.contains(' ') {
        before.first_word = after.left + after.first_word - before.left;
    }
    before.text.push_str(&after.text);
    before.right = before.right.max(after.right);
    before.is_bold &= after.is_bold;
    if after.text.len() > before.text.len() / 2 {
        before.size = before.size.max(after.size);
    }
}

/// Cuts the runs of a page into parts that are read one after the other.
fn divide(mut runs: Vec<Run>, depth: usize) -> Vec<Vec<Run>> {
    let Some((gutter, bands)) = (depth < 3).then(|| find_gutter(&mut runs)).flatten() else { return vec![runs] };
    let mut parts: Vec<Vec<Run>> = Vec::new();
    let mut between: Vec<Run> = Vec::new();
    let mut at = 0;
    let count = runs.len();
    let mut runs: Vec<Option<Run>> = runs.into_iter().map(Some).collect();
    let mut take = |range: std::ops::Range<usize>| -> Vec<Run> {
        runs.get_mut(range).into_iter().flatten().filter_map(Option::take).collect()
    };
    for band in bands {
        between.extend(take(at..band.start));
        if !between.is_empty() {
            parts.push(std::mem::take(&mut between));
        }
        at = band.end;
        let (left, right): (Vec<Run>, Vec<Run>) = take(band).into_iter().partition(|run| run.left < gutter);
        parts.extend(divide(left, depth + 1));
        parts.extend(divide(right, depth + 1));
    }
    between.extend(take(at..count));
    if !between.is_empty() {
        parts.push(between);
    }
    parts
}

/// The gap that divides most of the page into columns, and the stretches of the runs, sorted from top to bottom, in
/// which it does.
fn find_gutter(runs: &mut [Run]) -> Option<(f64, Vec<std::ops::Range<usize>>)> {
    runs.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.left.total_cmp(&b.left)));
    let mut edges: HashMap<i64, usize> = HashMap::new();
    for run in runs.iter() {
        *edges.entry(run.left.round() as i64).or_default() += 1;
    }
    let mut edges: Vec<(usize, i64)> = edges.into_iter().map(|(edge, count)| (count, edge)).collect();
    edges.retain(|(count, _)| *count >= SHORTEST_COLUMN);
    edges.sort_unstable_by(|a, b| b.cmp(a));
    let mut best: Option<(usize, f64, Vec<std::ops::Range<usize>>)> = None;
    for (_, edge) in edges.into_iter().take(MOST_GUTTERS) {
        let gutter = edge as f64 - 1.0;
        let bands = bands(runs, gutter);
        let covered: usize = bands.iter().map(ExactSizeIterator::len).sum();
        if covered > best.as_ref().map_or(0, |(covered, ..)| *covered) {
            best = Some((covered, gutter, bands));
        }
    }
    best.map(|(_, gutter, bands)| (gutter, bands))
}

/// The stretches that no run crosses the gutter in, with columns on both sides of it.
fn bands(runs: &[Run], gutter: f64) -> Vec<std::ops::Range<usize>> {
    let mut bands = Vec::new();
    let mut start = 0;
    for at in 0..=runs.len() {
        let is_open = runs.get(at).is_some_and(|run| run.left >= gutter - 0.5 || run.right <= gutter + 0.5);
        if !is_open {
            if runs.get(start..at).is_some_and(|band| are_columns(band, gutter)) {
                bands.push(start..at);
            }
            start = at + 1;
        }
    }
    bands
}

/// Whether both sides of the gutter are running text.
fn are_columns(band: &[Run], gutter: f64) -> bool {
    let (left, right): (Vec<&Run>, Vec<&Run>) = band.iter().partition(|run| run.left < gutter);
    let (Some(first), Some(last)) = (left.first(), left.last()) else { return false };
    let (Some(top), Some(bottom)) = (right.first(), right.last()) else { return false };
    let overlap = last.y.min(bottom.y) - first.y.max(top.y);
    let shorter = (last.y - first.y).min(bottom.y - top.y);
    is_text(&left) && is_text(&right) && overlap >= 0.5 * shorter
}

/// Enough lines, long ones, and most of them reach nearly to the end of the column.
fn is_text(runs: &[&Run]) -> bool {
    let mut lengths: Vec<usize> = runs.iter().map(|run| run.text.chars().count()).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    let left = runs.iter().map(|run| run.left).fold(f64::INFINITY, f64::min);
    let right = runs.iter().map(|run| run.right).fold(f64::NEG_INFINITY, f64::max);
    let full = runs.iter().filter(|run| run.right >= right - 0.2 * (right - left)).count();
    runs.len() >= SHORTEST_COLUMN && median >= NARROWEST_COLUMN && full * 2 >= runs.len()
}

/// Drops what repeats at the same place of several pages, and page numbers.
fn drop_furniture(pages: &mut [Vec<Row>]) {
    // For each text at an edge: the places of it, a page each.
    let mut places: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
    for (page, rows) in pages.iter().enumerate() {
        let tail = rows.len().saturating_sub(EDGE_ROWS).max(EDGE_ROWS);
        for row in rows.iter().take(EDGE_ROWS).chain(rows.iter().skip(tail)) {
            places.entry(key(row)).or_default().push((page, row.y()));
        }
    }
    let repeats = |page: usize, row: &Row| {
        places
            .get(&key(row))
            .is_some_and(|places| places.iter().any(|(other, y)| *other != page && (y - row.y()).abs() <= 3.0))
    };
    for (page, rows) in pages.iter_mut().enumerate() {
        let most = EDGE_ROWS.min(rows.len() / 2);
        let is_apart = |row: &Row, next: Option<&Row>| {
            next.is_none_or(|next| (next.y() - row.y()).abs() > 1.6 * row.size().max(next.size()))
        };
        let mut head = 0;
        while head < most && rows.get(head).is_some_and(|row| repeats(page, row)) {
            head += 1;
        }
        if head == 0 && rows.first().is_some_and(|row| is_page_number(&row.text()) && is_apart(row, rows.get(1))) {
            head = 1;
        }
        rows.drain(..head);
        let mut foot = 0;
        let from_end = |rows: &[Row], at: usize| rows.len().checked_sub(at + 1).and_then(|at| rows.get(at).cloned());
        while foot < most && from_end(rows, foot).is_some_and(|row| repeats(page, &row)) {
            foot += 1;
        }
        if foot == 0
            && from_end(rows, 0)
                .is_some_and(|row| is_page_number(&row.text()) && is_apart(&row, from_end(rows, 1).as_ref()))
        {
            foot = 1;
        }
        rows.truncate(rows.len() - foot);
    }
}

/// What a row says, whatever its numbers.
fn key(row: &Row) -> String {
    let mut key = String::new();
    for character in row.text().chars() {
        match character {
            digit if digit.is_ascii_digit() => {
                if !key.ends_with('#') {
                    key.push('#');
                }
            }
            white if white.is_whitespace() => {}
            other => key.push(other),
        }
    }
    key
}

/// "3", "– 3 –", "Seite 3 von 7", "3/7", "iv".
fn is_page_number(text: &str) -> bool {
    let inner = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '[' | ']' | '|'));
    let inner = inner.strip_prefix("Seite").or_else(|| inner.strip_prefix("S.")).unwrap_or(inner).trim_start();
    let is_number = |word: &str| (1..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_roman = |word: &str| (1..=6).contains(&word.len()) && word.bytes().all(|byte| b"ivxl".contains(&byte));
    let words: Vec<&str> =
        inner.split(|c: char| c.is_whitespace() || c == '/').filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [one] => is_number(one) || is_roman(one),
        [one, two] | [one, "von", two] => is_number(one) && is_number(two),
        _ => false,
    }
}
