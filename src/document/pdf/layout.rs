//! The runs of all pages → rows in reading order, column by column.
//!
//! In: sheets. Out: columns of rows, without what repeats on every page. What the rows mean is decided elsewhere.
//!
//! Places decide, not the order of painting: headers and tables are often painted last. Two columns are seen by the
//! straight gap between them, and told from a table by their full lines.

use std::collections::HashMap;

use super::super::lines::ends_clause;
use super::glyphs::{Run, Sheet, WIDEST_SPACE};

/// Fewer lines side by side are no columns.
const SHORTEST_COLUMN: usize = 4;

/// Fewer lines beside others, not level with them, are no box.
const SHORTEST_BOX: usize = 2;

/// Shorter lines are the cells of a table (characters).
const NARROWEST_COLUMN: usize = 12;

/// Lines that end so near to the end of the column are full, in terms of its width; in narrow columns, where the sentences
/// tell that they are text, not so near.
const FULL: f64 = 0.2;
const RAGGED: f64 = 0.35;

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
    /// Its lines cannot go beyond: here begins what stands beside it.
    pub limit: f64,
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
        for (part, limit) in divide(runs, f64::INFINITY, 0) {
            columns.push(Column { rows: self::rows(part), limit });
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
        before.spaces.push((before.right, after.left));
    } else if !before.text.contains(' ') {
        before.first_word = after.left + after.first_word - before.left;
    }
    before.text.push_str(&after.text);
    before.spaces.extend(after.spaces);
    before.right = before.right.max(after.right);
    before.is_bold &= after.is_bold;
    if after.text.len() > before.text.len() / 2 {
        before.size = before.size.max(after.size);
    }
}

/// Cuts the runs of a page into parts that are read one after the other; the lines of a part cannot go beyond `limit`.
fn divide(mut runs: Vec<Run>, limit: f64, depth: usize) -> Vec<(Vec<Run>, f64)> {
    let Some((gutter, bands)) = (depth < 3).then(|| find_gutter(&mut runs)).flatten() else {
        return vec![(runs, limit)];
    };
    let mut parts: Vec<(Vec<Run>, f64)> = Vec::new();
    let mut between: Vec<Run> = Vec::new();
    let mut at = 0;
    let count = runs.len();
    let bands: Vec<_> = bands.into_iter().map(|band| (goes_on_below(&runs, &band, gutter), band)).collect();
    let mut runs: Vec<Option<Run>> = runs.into_iter().map(Some).collect();
    let mut take = |range: std::ops::Range<usize>| -> Vec<Run> {
        runs.get_mut(range).into_iter().flatten().filter_map(Option::take).collect()
    };
    for (goes_on, band) in bands {
        between.extend(take(at..band.start));
        if !between.is_empty() {
            parts.push((std::mem::take(&mut between), limit));
        }
        at = band.end;
        let (left, right): (Vec<Run>, Vec<Run>) = take(band).into_iter().partition(|run| run.left < gutter);
        let beside = right.iter().map(|run| run.left).fold(limit, f64::min);
        let left = divide(left, beside, depth + 1);
        let right = divide(right, limit, depth + 1);
        let (first, second) = if goes_on { (right, left) } else { (left, right) };
        parts.extend(first);
        parts.extend(second);
    }
    between.extend(take(at..count));
    if !between.is_empty() {
        parts.push((between, limit));
    }
    parts
}

/// Whether the sentence that the left side of a band ends in goes on below the band: what is on the right is a box in the
/// text, which is better read before that. Not so where a sentence comes from above.
fn goes_on_below(runs: &[Run], band: &std::ops::Range<usize>, gutter: f64) -> bool {
    let above = band.start.checked_sub(1).and_then(|at| runs.get(at));
    let left = runs.get(band.clone()).unwrap_or_default().iter().rev().find(|run| run.left < gutter);
    let below = runs.get(band.end);
    above.is_none_or(|run| ends_clause(&run.text))
        && left.is_some_and(|run| !ends_clause(&run.text))
        && below.is_some_and(|run| run.text.starts_with(char::is_lowercase))
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
    edges.retain(|(count, _)| *count >= SHORTEST_BOX);
    edges.sort_unstable_by(|a, b| b.cmp(a));
    let mut best: Option<(usize, f64, Vec<std::ops::Range<usize>>)> = None;
    for (count, edge) in edges.into_iter().take(MOST_GUTTERS) {
        let gutter = edge as f64 - 1.0;
        let bands = bands(runs, gutter, count >= SHORTEST_COLUMN);
        let covered: usize = bands.iter().map(ExactSizeIterator::len).sum();
        if covered > best.as_ref().map_or(0, |(covered, ..)| *covered) {
            best = Some((covered, gutter, bands));
        }
    }
    best.map(|(_, gutter, bands)| (gutter, bands))
}

/// The stretches that no run crosses the gutter in, with columns on both sides of it.
fn bands(runs: &[Run], gutter: f64, is_long: bool) -> Vec<std::ops::Range<usize>> {
    let mut bands = Vec::new();
    let mut start = 0;
    for at in 0..=runs.len() {
        let is_open = runs.get(at).is_some_and(|run| run.left >= gutter - 0.5 || run.right <= gutter + 0.5);
        if !is_open {
            if runs.get(start..at).is_some_and(|band| are_columns(band, gutter, is_long)) {
                bands.push(start..at);
            }
            start = at + 1;
        }
    }
    bands
}

/// Whether both sides of the gutter are running text; when not many lines begin at the gutter, a box and what it stands beside.
fn are_columns(band: &[Run], gutter: f64, is_long: bool) -> bool {
    let (left, right): (Vec<&Run>, Vec<&Run>) = band.iter().partition(|run| run.left < gutter);
    let (Some(first), Some(last)) = (left.first(), left.last()) else { return false };
    let (Some(top), Some(bottom)) = (right.first(), right.last()) else { return false };
    let overlap = last.y.min(bottom.y) - first.y.max(top.y);
    let shorter = (last.y - first.y).min(bottom.y - top.y);
    if overlap < 0.5 * shorter {
        return false;
    }
    let is_text = |runs: &[&Run]| {
        let lines: Vec<Span> = runs.iter().map(|run| Span::of(&[*run])).collect();
        lines.len() >= SHORTEST_COLUMN && is_block(&lines, FULL)
    };
    let space = edge(&right) - left.iter().map(|run| run.right).fold(f64::NEG_INFINITY, f64::max);
    is_long && is_text(&left) && is_text(&right)
        || space >= WIDEST_SPACE * first.size && is_running(&left, &right, is_long)
}

/// Whether two sides of a gutter are text although not every run is a line, and their lines do not end in one place: a line
/// that is stretched falls into its words, and what stands on one side may itself be several columns.
///
/// Sentences that go on from line to line tell such text from a table, and paragraphs that do not all begin side by side.
fn is_running(left: &[&Run], right: &[&Run], is_long: bool) -> bool {
    let is_box = is_crooked(&spans(left), &spans(right));
    if !is_box && !is_long {
        return false;
    }
    let least = if is_box { SHORTEST_BOX } else { SHORTEST_COLUMN };
    let columns: Vec<Vec<Span>> = [left, right].into_iter().flat_map(lines_of_columns).collect();
    let lines = columns.iter().map(Vec::len).sum::<usize>();
    let going_on = columns.iter().flatten().filter(|line| line.goes_on).count();
    going_on * 5 >= lines
        && columns.iter().all(|lines| lines.len() >= least && is_block(lines, RAGGED))
        && !are_cells(&columns)
}

/// The lines of each column that stands in runs sorted from top to bottom.
fn lines_of_columns(runs: &[&Run]) -> Vec<Vec<Span>> {
    let least = WIDEST_SPACE * runs.first().map_or(0.0, |run| run.size);
    let places = places(runs.iter().copied(), least);
    let mut columns: Vec<Vec<&Run>> = vec![Vec::new(); places.len()];
    for run in runs {
        let at = places.partition_point(|place| place.0 <= run.left).saturating_sub(1);
        if let Some(column) = columns.get_mut(at) {
            column.push(run);
        }
    }
    columns.iter().map(|column| spans(column)).collect()
}

/// Whether the lines of two sides do not stand side by side, as those of a table do, but as it happens.
fn is_crooked(left: &[Span], right: &[Span]) -> bool {
    let (few, many) = if left.len() < right.len() { (left, right) } else { (right, left) };
    let drop = |line: &Span| {
        let at = many.partition_point(|other| other.y < line.y);
        let beside = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|at| many.get(at));
        let drops = beside.map(|other| (line.y - other.y) / line.size);
        drops.min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(f64::INFINITY)
    };
    let drops: Vec<f64> = few.iter().map(drop).collect();
    let least = drops.iter().copied().fold(f64::INFINITY, f64::min);
    let most = drops.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let level = drops.iter().filter(|drop| drop.abs() < 0.02).count();
    drops.iter().all(|drop| drop.abs() > 0.3) || most - least > 0.08 && level * 2 <= few.len()
}

/// Whether most of what begins below a gap begins beside something else that does: the rows of a table.
fn are_cells(columns: &[Vec<Span>]) -> bool {
    let mut openings: Vec<(f64, f64)> = columns.iter().flat_map(|lines| openings(lines)).collect();
    openings.sort_by(|a, b| a.0.total_cmp(&b.0));
    let is_beside = |group: &&[(f64, f64)]| group.len() > 1;
    let groups = openings.chunk_by(|a, b| b.0 - a.0 <= 0.3 * a.1);
    let beside = groups.filter(is_beside).map(<[_]>::len).sum::<usize>();
    beside > columns.len() && beside * 2 > openings.len()
}

/// Places and sizes of the lines that stand farther from the one above than is usual.
fn openings(lines: &[Span]) -> Vec<(f64, f64)> {
    let gap = |pair: &[Span]| pair[1].y - pair[0].y;
    let mut gaps: Vec<f64> = lines.windows(2).map(gap).collect();
    gaps.sort_by(f64::total_cmp);
    let usual = gaps.get(gaps.len() / 4).copied().unwrap_or_default();
    let is_opening = |pair: &&[Span]| gap(pair) > 1.2 * usual;
    lines.windows(2).filter(is_opening).map(|pair| (pair[1].y, pair[1].size)).collect()
}

/// A line, or a part of one.
struct Span {
    left: f64,
    right: f64,
    y: f64,
    size: f64,
    /// Characters.
    length: usize,
    /// It begins in small letters.
    goes_on: bool,
}

impl Span {
    fn of(runs: &[&Run]) -> Self {
        let first = runs.iter().min_by(|a, b| a.left.total_cmp(&b.left));
        Self {
            left: edge(runs),
            right: runs.iter().map(|run| run.right).fold(f64::NEG_INFINITY, f64::max),
            y: first.map_or(0.0, |run| run.y),
            size: first.map_or(0.0, |run| run.size),
            length: runs.iter().map(|run| run.text.chars().count() + 1).sum::<usize>().saturating_sub(1),
            goes_on: first.is_some_and(|run| run.text.starts_with(char::is_lowercase)),
        }
    }
}

/// Where the first of the runs begins.
fn edge(runs: &[&Run]) -> f64 {
    runs.iter().map(|run| run.left).fold(f64::INFINITY, f64::min)
}

/// The lines of runs that are sorted from top to bottom.
fn spans(runs: &[&Run]) -> Vec<Span> {
    runs.chunk_by(|a, b| b.y - a.y <= 0.3 * a.size.min(b.size)).map(Span::of).collect()
}

/// From where to where the columns reach that runs stand in, with at least so much between them.
pub(super) fn places<'a>(runs: impl Iterator<Item = &'a Run>, least: f64) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = runs.map(|run| (run.left, run.right)).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut places: Vec<(f64, f64)> = Vec::new();
    for (left, right) in spans {
        match places.last_mut() {
            Some(place) if left <= place.1 + least => place.1 = place.1.max(right),
            _ => places.push((left, right)),
        }
    }
    places
}

/// Long lines, and most of them reach nearly to the end of the column.
fn is_block(lines: &[Span], ragged: f64) -> bool {
    let mut lengths: Vec<usize> = lines.iter().map(|line| line.length).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    let left = lines.iter().map(|line| line.left).fold(f64::INFINITY, f64::min);
    let right = lines.iter().map(|line| line.right).fold(f64::NEG_INFINITY, f64::max);
    let full = lines.iter().filter(|line| line.right >= right - ragged * (right - left)).count();
    median >= NARROWEST_COLUMN && full * 2 >= lines.len()
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
