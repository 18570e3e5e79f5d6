//! What stands where on a page, and the text it makes.

use super::super::BlockKind::{self, Paragraph, TableCell};
use super::super::Opens;
use super::glyphs::Run;
use super::*;

/// Letters of these pages are so wide.
const LETTER: f64 = 5.0;

/// Words of one line with so much space between them; those that stand apart are runs of their own.
fn words(left: f64, y: f64, space: f64, text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut at = left;
    for word in text.split(' ') {
        let right = at + LETTER * word.chars().count() as f64;
        match runs.last_mut() {
            Some(run) if space < 8.0 => {
                run.text = format!("{} {word}", run.text);
                run.spaces.push((run.right, at));
                run.right = right;
            }
            _ => runs.push(Run {
                text: word.to_owned(),
                left: at,
                right,
                y,
                size: 10.0,
                is_bold: false,
                first_word: right - at,
                spaces: Vec::new(),
                is_artifact: false,
            }),
        }
        at = right + space;
    }
    runs
}

/// A line of text, which is not stretched.
fn line(left: f64, y: f64, text: &str) -> Vec<Run> {
    words(left, y, 3.0, text)
}

/// Lines one below the other.
fn column(left: f64, y: f64, lines: &[&str]) -> Vec<Run> {
    (0..).zip(lines).flat_map(|(at, text)| line(left, y + 12.0 * f64::from(at), text)).collect()
}

/// Lines one below the other, stretched to one length; the last is not.
fn justified(left: f64, y: f64, lines: &[&str]) -> Vec<Run> {
    let stretched = |(at, text): (i32, &&str)| {
        let letters = LETTER * text.chars().filter(|character| *character != ' ').count() as f64;
        let spaces = text.matches(' ').count() as f64;
        let space = if at as usize + 1 == lines.len() { 3.0 } else { (160.0 - letters) / spaces };
        words(left, y + 12.0 * f64::from(at), space, text)
    };
    (0..).zip(lines).flat_map(stretched).collect()
}

/// The cells of a table, at these places.
fn rows(places: &[f64], y: f64, rows: &[&[&str]]) -> Vec<Run> {
    let row = |(at, cells): (i32, &&[&str])| {
        let cells = cells.iter().zip(places).filter(|(text, _)| !text.is_empty());
        cells.flat_map(|(text, left)| line(*left, y + 12.0 * f64::from(at), text)).collect::<Vec<_>>()
    };
    (0..).zip(rows).flat_map(row).collect()
}

fn blocks(runs: Vec<Run>) -> Vec<(BlockKind, String)> {
    let sheet = Sheet { width: 600.0, height: 840.0, runs, ..Sheet::default() };
    let (_, blocks) = paragraphs::blocks(layout::columns(vec![sheet]));
    blocks.iter().map(|block| (block.kind, block.text().to_owned())).collect()
}

/// The texts, which all are of one kind.
#[track_caller]
fn all(kind: BlockKind, runs: Vec<Run>) -> Vec<String> {
    let blocks = blocks(runs);
    assert!(blocks.iter().all(|block| block.0 == kind), "{blocks:?}");
    blocks.into_iter().map(|block| block.1).collect()
}

const BRIDGE: [&str; 6] = [
    "Die Brücke über den Kanal wird",
    "gesperrt, wie die Stadt",
    "mitteilte. Fußgänger dürfen",
    "sie benutzen, Fahrräder",
    "müssen geschoben werden, bis",
    "der Bau beendet ist.",
];

const SCHOOL: [&str; 6] = [
    "Die Schule am Markt bekommt ein",
    "neues Dach, das der Landkreis",
    "bezahlt. Während der Ferien",
    "bleibt das Haus geschlossen;",
    "danach wird der Hof erneuert,",
    "damit er sicher ist.",
];

#[test]
fn columns_of_stretched_lines_are_not_read_across() {
    let (bridge, school) = (BRIDGE.join(" "), SCHOOL.join(" "));
    let page = [justified(60.0, 100.0, &BRIDGE), justified(240.0, 100.0, &SCHOOL)].concat();
    assert_eq!(all(Paragraph, page), [bridge, school]);
}

#[test]
fn three_columns_are_three() {
    let (bridge, school) = (BRIDGE.join(" "), SCHOOL.join(" "));
    let columns = [(60.0, BRIDGE), (230.0, SCHOOL), (400.0, BRIDGE)];
    let page = columns.iter().flat_map(|(left, lines)| column(*left, 100.0, lines)).collect();
    assert_eq!(all(Paragraph, page), [bridge.clone(), school, bridge]);
}

#[test]
fn a_table_of_three_columns_of_text_is_none_of_columns() {
    let table: [&[&str]; 9] = [
        &["Die Brücke über den", "Der Rat prüft, wie", "das Amt für Straßen"],
        &["alten Kanal", "teuer es wird", "und Verkehr"],
        &["", "und wann", ""],
        &["", "", ""],
        &["Das Dach der Schule", "Der Landkreis zahlt", "das Amt für Bauten"],
        &["am Markt", "es im Herbst", ""],
        &["", "", ""],
        &["Der Platz an der", "Noch ist es nicht", "der Beauftragte der"],
        &["neuen Halle", "entschieden", "Stadt"],
    ];
    let cells = all(TableCell, rows(&[60.0, 200.0, 340.0], 100.0, &table));
    assert_eq!(cells[..3], ["Die Brücke über den", "Der Rat prüft, wie", "das Amt für Straßen"]);
}

#[test]
fn two_stretched_lines_in_a_row_are_no_table() {
    let mut lines = BRIDGE;
    (lines[2], lines[3]) = ("mitteilte, und sie", "ist Hauptverkehrsstraße auch");
    lines[4] = "für andere Orte, bis";
    assert_eq!(all(Paragraph, justified(60.0, 100.0, &lines)), [lines.join(" ")]);
}

#[test]
fn cells_that_stand_close_are_told_apart_by_those_above_and_below() {
    let mut page = rows(&[60.0, 130.0, 288.0], 100.0, &[&["Land", "Lage", "Wert"], &["Berlin", "", ""]]);
    // What was painted as one run, the number where all numbers stand.
    let mut cell = line(130.0, 112.0, "Die Lage hat sich gebessert, 5,2");
    for run in &mut cell {
        run.spaces.last_mut().unwrap().1 = 288.0;
        run.right = 303.0;
    }
    page.extend(cell);
    page.extend(rows(&[60.0, 130.0, 288.0], 124.0, &[&["", "sagt der Bund"], &["Hessen", "gut", "6,1"]]));
    assert_eq!(
        all(TableCell, page),
        ["Land", "Lage", "Wert", "Berlin", "Die Lage hat sich gebessert, sagt der Bund", "5,2", "Hessen", "gut", "6,1"]
    );
}

#[test]
fn a_first_cell_of_two_lines_does_not_end_the_table() {
    let table: [&[&str]; 5] = [
        &["Land", "Lage", "Wert"],
        &["Berlin", "gut", "5,2"],
        &["Nordrhein-", "schlecht", "6,1"],
        &["Westfalen"],
        &["Bayern", "gut", "2,9"],
    ];
    assert_eq!(
        all(TableCell, rows(&[60.0, 160.0, 260.0], 100.0, &table)),
        [
            "Land",
            "Lage",
            "Wert",
            "Berlin",
            "gut",
            "5,2",
            "Nordrhein-Westfalen",
            "schlecht",
            "6,1",
            "Bayern",
            "gut",
            "2,9"
        ]
    );
}

#[test]
fn a_high_cell_beside_centred_ones_is_in_their_row() {
    let places = [60.0, 160.0, 360.0];
    let mut page = rows(&places, 100.0, &[&["Land", "Lage", "Wert"]]);
    page.extend(rows(
        &places,
        120.0,
        &[&["", "Die Lage ist besser"], &["Berlin", "als im Jahr", "5,2"], &["", "davor"]],
    ));
    page.extend(rows(&places, 164.0, &[&["Bayern", "gut", "2,9"]]));
    assert_eq!(
        all(TableCell, page),
        ["Land", "Lage", "Wert", "Berlin", "Die Lage ist besser als im Jahr davor", "5,2", "Bayern", "gut", "2,9"]
    );
}

#[test]
fn a_box_is_not_mixed_with_the_text_beside_it() {
    let text =
        ["Die Zahl der Beschäftigten ist im", "vergangenen Jahr gestiegen, und das", "auch im Handel, wo es mehr"];
    let below = "neue Stellen gab als im Jahr zuvor, vor allem in den Städten und im Süden.";
    let boxed = ["Die wichtigsten Zahlen", "stehen im Überblick."];
    let page = [column(60.0, 100.0, &text), column(300.0, 105.0, &boxed), line(60.0, 136.0, below)].concat();
    assert_eq!(all(Paragraph, page), [boxed.join(" "), format!("{} {below}", text.join(" "))]);
}

#[test]
fn a_sentence_goes_on_in_the_next_column_after_a_full_line() {
    let (mut left, mut right) = (BRIDGE, SCHOOL);
    left[5] = "und gezahlt hat das Amt in Bad";
    right[0] = "Nauheim, das auch für die Schule";
    let text = format!("{} {}", left.join(" "), right.join(" "));
    let mut page = justified(60.0, 100.0, &[&left[..], &["Ende"]].concat());
    page.pop();
    page.extend(justified(240.0, 100.0, &right));
    assert_eq!(all(Paragraph, page), [text]);
}

#[test]
fn tables_are_told_apart_and_go_on_over_pages() {
    let places = [60.0, 160.0, 260.0];
    let table = |y| rows(&places, y, &[&["Land", "Die Lage", "Wert"], &["Berlin", "ist gut", "5,2"]]);
    let opens = |pages: Vec<Vec<Run>>| {
        let sheet = |runs| Sheet { width: 600.0, height: 840.0, runs, ..Sheet::default() };
        let (_, blocks) = paragraphs::blocks(layout::columns(pages.into_iter().map(sheet).collect()));
        assert!(blocks.iter().all(|block| block.kind == TableCell), "{blocks:?}");
        blocks.iter().step_by(3).map(|block| block.opens.expect("the first of a row")).collect::<Vec<_>>()
    };
    assert_eq!(
        opens(vec![[table(100.0), table(200.0)].concat()]),
        [Opens::Table, Opens::Row, Opens::Table, Opens::Row]
    );
    assert_eq!(opens(vec![table(600.0), table(100.0)]), [Opens::Table, Opens::Row, Opens::Row, Opens::Row]);
}
