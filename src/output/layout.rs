//! Blocks of a bitext → what stands together on a page: a list with its items, a table with its rows.
//!
//! In: a bitext. Out: borrowed parts in reading order, for the writers meant for people. No markup and no escaping of
//! any format here.

use crate::bitext::{Bitext, BitextSegment, Check, Fact, FactKind, SegmentId, Summary};
use crate::document::{BlockKind, Opens};
use crate::enumeration;

/// The sentences of one block.
pub(super) type Sentences<'a> = Vec<&'a BitextSegment>;

/// A report as it is laid out.
pub(super) struct Page<'a> {
    /// What the report is called: its title in English, or the name of its file.
    pub name: String,
    /// The first title; later ones are headings.
    pub title: Option<Sentences<'a>>,
    /// The summary where a model wrote it; it stands before the sentences it is nearest to.
    pub new_words: Option<NewWords>,
    /// The sentences of the summary; empty when there is none.
    pub summary: Sentences<'a>,
    /// What the report says when, where, of whom and how much, by kind.
    pub facts: Vec<Facts<'a>>,
    /// What follows.
    pub parts: Vec<Part<'a>>,
}

impl Page<'_> {
    /// Whether there is anything to say before the report itself.
    pub fn has_summary(&self) -> bool {
        !self.summary.is_empty() || self.new_words.is_some() || !self.facts.is_empty()
    }
}

/// A summary that a model wrote.
pub(super) struct NewWords {
    /// The German, where the model wrote German.
    pub source: Option<String>,
    /// The English.
    pub target: String,
}

/// One thing on the page.
pub(super) enum Part<'a> {
    /// A heading and its level from 1.
    Heading(u8, Sentences<'a>),
    /// Running text.
    Paragraph(Sentences<'a>),
    /// A block quotation.
    Quote(Sentences<'a>),
    /// The items of a list, each with its depth from 1.
    List(Vec<(u8, Sentences<'a>)>),
    /// The rows of a table, each a row of cells; all rows are equally long.
    Table(Vec<Vec<Sentences<'a>>>),
    /// Text that is kept as it is.
    Code(String),
}

/// The two languages of a sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// German.
    Source,
    /// English.
    Target,
}

/// Opens a summary that a model wrote, so that nobody takes it for a part of the report.
pub(super) const NEW_WORDS: &str = "In new words:";

/// The same before its German.
pub(super) const NEW_WORDS_SOURCE: &str = "In neuen Worten:";

/// Opens each of the [`notices`].
pub(super) const NOTICE: &str = "Note:";

impl Side {
    /// The text of a sentence on this side, fit for a page.
    pub fn text(self, segment: &BitextSegment) -> String {
        clean(match self {
            Self::Source => &segment.source,
            Self::Target => &segment.target,
        })
    }

    /// The text of several sentences on this side.
    pub fn join(self, sentences: &[&BitextSegment]) -> String {
        sentences.iter().map(|segment| self.text(segment)).collect::<Vec<_>>().join(" ")
    }
}

/// Lays out a report.
pub(super) fn page(bitext: &Bitext) -> Page<'_> {
    let sentences =
        |ids: &[SegmentId]| -> Sentences<'_> { ids.iter().filter_map(|id| bitext.segments.get(*id)).collect() };
    let mut title = None;
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut dateline = Vec::new();
    let mut column = 0;
    for block in &bitext.blocks {
        let text = sentences(&block.segments);
        // A dateline opens the paragraph after it.
        if !dateline.is_empty() {
            let mut opening = std::mem::take(&mut dateline);
            if block.kind == BlockKind::Paragraph {
                opening.extend(text);
                parts.push(Part::Paragraph(opening));
                continue;
            }
            parts.push(Part::Paragraph(opening));
        }
        match (block.kind, parts.last_mut()) {
            (BlockKind::Code, _) => parts.push(Part::Code(code(block.text.as_deref().unwrap_or_default()))),
            (BlockKind::TableCell, Some(Part::Table(rows))) if block.continues => {
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.extend(text);
                }
            }
            (BlockKind::TableCell, Some(Part::Table(rows))) if block.opens.is_none() && block.level > column => {
                if let Some(row) = rows.last_mut() {
                    pad(row, block.level);
                    row.push(text);
                }
            }
            (BlockKind::TableCell, last) => {
                let mut row = Vec::new();
                pad(&mut row, block.level);
                row.push(text);
                match last {
                    Some(Part::Table(rows)) if block.opens != Some(Opens::Table) => rows.push(row),
                    _ => parts.push(Part::Table(vec![row])),
                }
            }
            _ if text.is_empty() => {}
            (BlockKind::Title, _) if title.is_none() => title = Some(text),
            (BlockKind::Title, _) => parts.push(Part::Heading(1, text)),
            (BlockKind::Heading, _) => parts.push(Part::Heading(block.level.max(1), text)),
            (BlockKind::Paragraph, _) => parts.push(Part::Paragraph(text)),
            (BlockKind::Quote, _) => parts.push(Part::Quote(text)),
            (BlockKind::Dateline, _) => dateline = text,
            (BlockKind::ListItem, Some(Part::List(items))) => {
                let deepest = items.last().map_or(1, |(depth, _)| depth.saturating_add(1));
                items.push((block.level.clamp(1, deepest), text));
            }
            (BlockKind::ListItem, _) => parts.push(Part::List(vec![(1, text)])),
        }
        column = block.level;
    }
    if !dateline.is_empty() {
        parts.push(Part::Paragraph(dateline));
    }
    for part in &mut parts {
        if let Part::Table(rows) = part {
            let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
            rows.iter_mut().for_each(|row| row.resize_with(columns, Vec::new));
        }
    }
    let summary = bitext.summary.as_ref().map_or_else(Vec::new, |summary| sentences(&summary.segments));
    let name = title.as_ref().map_or_else(|| fallback_title(bitext), |title| Side::Target.join(title));
    let new_words = bitext.summary.as_ref().and_then(|summary| {
        let source = (summary.written_in.as_deref() == Some("de")).then(|| clean(&summary.source));
        summary.new_words().map(|target| NewWords { source, target: clean(target) })
    });
    let facts = bitext.summary.as_ref().map_or_else(Vec::new, |summary| facts(bitext, summary));
    Page { name, title, new_words, summary, facts, parts }
}

/// Empty cells up to the column before `level`.
fn pad(row: &mut Vec<Sentences<'_>>, level: u8) {
    let before = usize::from(level).saturating_sub(1);
    if row.len() < before {
        row.resize_with(before, Vec::new);
    }
}

/// The lines of a code block, each made fit for a page, without empty ones at the end.
pub(super) fn code(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().split('\n').map(|line| visible(line.trim_end_matches('\r'))).collect();
    lines.join("\n")
}

/// What looked wrong in a sentence, or `None` where nothing did.
pub(super) fn doubt(segment: &BitextSegment) -> Option<String> {
    details(segment.doubts())
}

/// What was done to a sentence that is no doubt, or `None` where nothing was.
pub(super) fn note(segment: &BitextSegment) -> Option<String> {
    details(segment.notes())
}

fn details<'a>(checks: impl Iterator<Item = &'a Check>) -> Option<String> {
    let details: Vec<&str> = checks.map(|check| check.detail.as_str()).collect();
    Some(clean(&details.join("; "))).filter(|details| !details.is_empty())
}

/// The number that a list item brings along ("2. "), so that it needs no bullet.
pub(super) fn number<'a>(item: &[&'a BitextSegment]) -> Option<&'a str> {
    item.first().map(|segment| enumeration::split(segment.source.trim_start()).0).filter(|number| !number.is_empty())
}

/// Facts of one kind with what to call them.
pub(super) struct Facts<'a> {
    /// The English heading.
    pub name: &'static str,
    /// The German heading.
    pub source_name: &'static str,
    /// The facts in reading order, each with the first sentences that hold it.
    pub facts: Vec<(&'a Fact, Vec<SegmentId>)>,
}

/// The heading of all facts.
pub(super) const KEY_FACTS: &str = "Key facts";

/// The German one.
pub(super) const KEY_FACTS_SOURCE: &str = "Wichtige Angaben";

/// Most sentences that are named behind a fact.
const MOST_PLACES: usize = 3;

impl Facts<'_> {
    /// The German line, or `None` where it says the same as the English one.
    pub fn source(&self) -> Option<String> {
        let differs = self.facts.iter().any(|(fact, _)| fact.source != fact.target);
        differs.then(|| self.sources())
    }

    /// The facts in German.
    pub fn sources(&self) -> String {
        self.facts.iter().map(|(fact, _)| clean(&fact.source)).collect::<Vec<_>>().join(" · ")
    }
}

fn facts<'a>(bitext: &'a Bitext, summary: &'a Summary) -> Vec<Facts<'a>> {
    let kinds = [
        (FactKind::Date, "Dates", "Daten"),
        (FactKind::Place, "Places", "Orte"),
        (FactKind::Organisation, "Organisations", "Organisationen"),
        (FactKind::Figure, "Figures", "Zahlen"),
    ];
    let there = |id: &SegmentId| *id < bitext.segments.len();
    let places = |fact: &'a Fact| fact.segments.iter().copied().filter(there).take(MOST_PLACES).collect();
    let of_kind = |(kind, name, source_name)| {
        let facts = summary.facts.iter().filter(|fact| fact.kind == kind).map(|fact| (fact, places(fact))).collect();
        Facts { name, source_name, facts }
    };
    kinds.into_iter().map(of_kind).filter(|facts| !facts.facts.is_empty()).collect()
}

/// Title of a report without one: the name of its file.
pub(super) fn fallback_title(bitext: &Bitext) -> String {
    let name = bitext.source.path.as_deref().and_then(|path| path.file_name());
    name.map_or_else(|| "Report".to_owned(), |name| clean(&name.to_string_lossy()))
}

/// What readers must know before they read: the model's caution, and what was left out of the source.
pub(super) fn notices(bitext: &Bitext) -> Vec<String> {
    bitext.model.caution.iter().chain(&bitext.source.notices).map(|notice| clean(notice)).collect()
}

/// Where the report came from and how it was made, as label and value.
pub(super) fn provenance(bitext: &Bitext) -> Vec<(&'static str, String)> {
    let mut model = clean(&bitext.model.name);
    if let Some(commit) = &bitext.model.commit {
        model = format!("{model} ({})", clean(commit));
    }
    let mut rows = vec![("Model", model)];
    rows.push(("Decoding", format!("{}, beam {}", clean(&bitext.model.precision), bitext.model.beam)));
    if let Some(path) = &bitext.source.path {
        rows.push(("Source", clean(&path.to_string_lossy())));
    }
    rows.push(("SHA-256", clean(&bitext.source.sha256)));
    if let Some(summary) = bitext.summary.as_ref().filter(|summary| summary.new_words().is_some()) {
        rows.push((
            "Summary",
            format!("{}, {} of its sentences dropped", clean(&summary.method), summary.checks.len()),
        ));
    }
    if let Some(date) = &bitext.date {
        rows.push(("Date", clean(date)));
    }
    rows.push(("Sentences", format!("{}, {} marked as doubtful", bitext.segments.len(), bitext.doubtful())));
    let polished = bitext.segments.iter().flat_map(BitextSegment::notes).count();
    if polished > 0 {
        rows.push(("Figures", format!("{polished} put in English form")));
    }
    rows
}

/// All that is to be said of a report where there is no page to say it on: notices and provenance, as label and value.
pub(super) fn metadata(bitext: &Bitext) -> Vec<(&'static str, String)> {
    notices(bitext).into_iter().map(|notice| ("Notice", notice)).chain(provenance(bitext)).collect()
}

/// One line without characters that steer a terminal, break a page, or are forbidden in XML 1.0.
pub(super) fn clean(text: &str) -> String {
    let on_one_line =
        |character| if matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}') { ' ' } else { character };
    visible(&text.chars().map(on_one_line).collect::<String>()).trim().to_owned()
}

fn visible(line: &str) -> String {
    let visible = |character: char| match character {
        '\t' => '\t',
        character if character.is_control() => char::REPLACEMENT_CHARACTER,
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        character => character,
    };
    line.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitext::{BitextBlock, ModelInfo, Source};
    use crate::document::InputKind::{self, Html, Markdown, PlainText};
    use crate::document::{Document, ReadOptions};

    /// The tables of a file, each row with bars between its cells.
    fn tables(kind: InputKind, text: &str) -> Vec<Vec<String>> {
        let options = ReadOptions { kind: Some(kind), ..ReadOptions::default() };
        let document = Document::from_bytes(text.as_bytes(), None, &options).expect("a document");
        let source = Source {
            path: None,
            sha256: String::new(),
            language: "de".to_owned(),
            encoding: String::new(),
            characters: 0,
            notices: Vec::new(),
        };
        let model = ModelInfo {
            name: String::new(),
            commit: None,
            precision: String::new(),
            beam: 1,
            files: Vec::new(),
            caution: None,
        };
        let mut bitext = Bitext { source, model, date: None, blocks: Vec::new(), segments: Vec::new(), summary: None };
        for (id, block) in document.blocks.iter().enumerate() {
            bitext.blocks.push(BitextBlock { segments: vec![id], ..BitextBlock::from(block) });
            let source = block.text().to_owned();
            let target = String::new();
            bitext.segments.push(BitextSegment {
                id,
                start: 0,
                end: 0,
                source,
                target,
                score: 0.0,
                checks: Vec::new(),
            });
        }
        let row =
            |row: &Vec<Sentences<'_>>| row.iter().map(|cell| Side::Source.join(cell)).collect::<Vec<_>>().join("|");
        let table = |part: &Part<'_>| match part {
            Part::Table(rows) => rows.iter().map(row).collect(),
            _ => panic!("more than tables in {text}"),
        };
        page(&bitext).parts.iter().map(table).collect()
    }

    #[test]
    fn a_row_that_begins_with_an_empty_cell_is_a_row() {
        let bars = "| Stadt | Preis |\n|---|---|\n| Berlin |   |\n|   | teuer |\n";
        let html = "<table><tr><th>Stadt<th>Preis<tr><td>Berlin<td><tr><td><td>teuer</table>";
        for (kind, text) in [(Markdown, bars), (PlainText, bars), (Html, html), (Markdown, html)] {
            assert_eq!(tables(kind, text), [["Stadt|Preis", "Berlin|", "|teuer"]], "{kind:?}: {text}");
        }
    }

    #[test]
    fn a_table_after_a_table_is_another() {
        let bars = "| Land | Jahr |\n|---|---|\n| Iran | 2023 |\n\n| Stadt | Euro |\n|---|---|\n| Kiel | 5 |\n";
        let tabs = "Land\tJahr\nIran\t2023\n\nStadt\tEuro\nKiel\t5\n";
        let html = "<table><tr><td>Land<td>Jahr<tr><td>Iran<td>2023</table>\
            <table><tr><td>Stadt<td>Euro<tr><td>Kiel<td>5</table>";
        for (kind, text) in [(Markdown, bars), (PlainText, bars), (PlainText, tabs), (Html, html), (Markdown, html)] {
            let expected = [["Land|Jahr", "Iran|2023"], ["Stadt|Euro", "Kiel|5"]];
            assert_eq!(tables(kind, text), expected, "{kind:?}: {text}");
        }
    }

    #[test]
    fn rows_that_stand_apart_are_one_table() {
        let text = "| Land | Jahr |\n\n| Iran | 2023 |\n\n| Belarus | 2024 |\n";
        assert_eq!(tables(PlainText, text), [["Land|Jahr", "Iran|2023", "Belarus|2024"]]);
        let pages = "Land\tJahr\nIran\t2023\n\u{c}Belarus\t2024\nChina\t2001\n";
        assert_eq!(tables(PlainText, pages), [["Land|Jahr", "Iran|2023", "Belarus|2024", "China|2001"]]);
    }

    #[test]
    fn a_table_in_a_table_ends_its_row() {
        let html =
            "<table><tr><td>Kopf<td><table><tr><td>Land<td>Jahr</table><td>Fuß<tr><td><table></table>Ende</table>";
        assert_eq!(tables(Html, html), [vec!["Kopf"], vec!["Land|Jahr"], vec!["||Fuß", "Ende||"]]);
    }
}
