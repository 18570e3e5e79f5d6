//! Bitext → a Word document (Office Open XML): a table of two columns, German left and English right, a row per
//! paragraph; headings stand between the tables so that the navigation of word processors finds them.
//!
//! Doubtful sentences are shaded and carry their number, which leads to a note at the end; the numbers of the summary
//! lead into the text. The fixed parts of the archive lie in `docx/`. The same bitext gives the same bytes. All text is
//! escaped in [`characters`] and [`properties`], and nowhere else.

use std::collections::HashSet;
use std::io::{self, Cursor, Write};

use quick_xml::escape::escape;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::bitext::{Bitext, BitextSegment, Fact, SegmentId};

use super::layout::{self, Facts, NewWords, Page, Part, Sentences, Side};

/// Text width of an A4 page with margins of 2 cm, in twentieths of a point.
const WIDTH: usize = 9638;

/// The shade of a doubtful sentence.
const DOUBTFUL: &str = "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"FFF4D6\"/>";

/// Word opens no table with more columns.
const MOST_COLUMNS: usize = 63;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

pub(super) fn write(bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    let page = layout::page(bitext);
    let parts: [(&str, &str); 9] = [
        ("[Content_Types].xml", include_str!("docx/content-types.xml")),
        ("_rels/.rels", include_str!("docx/package.rels")),
        ("docProps/core.xml", &properties(bitext, &page)),
        ("word/document.xml", &document(bitext, &page)),
        ("word/_rels/document.xml.rels", include_str!("docx/document.rels")),
        ("word/footer.xml", &footer(bitext)),
        ("word/numbering.xml", include_str!("docx/numbering.xml")),
        ("word/settings.xml", include_str!("docx/settings.xml")),
        ("word/styles.xml", include_str!("docx/styles.xml")),
    ];
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    // An archive is written with seeks, which `writer` may not have.
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name, options)?;
        archive.write_all(content.as_bytes())?;
    }
    writer.write_all(archive.finish()?.get_ref())
}

/// What file managers and search show.
fn properties(bitext: &Bitext, page: &Page<'_>) -> String {
    let created = bitext.date.as_deref().map_or_else(String::new, |date| {
        format!(
            "<dcterms:created xsi:type=\"dcterms:W3CDTF\">{}T00:00:00Z</dcterms:created>\n",
            escape(layout::clean(date))
        )
    });
    format!(
        "{HEAD}<cp:coreProperties \
         xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n<dc:title>{}</dc:title>\n\
         <dc:creator>translate</dc:creator>\n<dc:language>en-GB</dc:language>\n{created}</cp:coreProperties>\n",
        escape(&page.name),
    )
}

/// The line at the foot of every page: source, model, date, page number.
fn footer(bitext: &Bitext) -> String {
    let path = bitext.source.path.as_ref().map(|_| layout::fallback_title(bitext));
    let facts = [path, Some(layout::clean(&bitext.model.name)), bitext.date.as_deref().map(layout::clean)];
    let line = facts.into_iter().flatten().fold("Machine translation".to_owned(), |line, fact| line + " · " + &fact);
    format!(
        "{HEAD}<w:ftr {NAMESPACES}>\n{}\n</w:ftr>\n",
        paragraph(
            "Footer",
            &format!(
                "{}<w:r><w:tab/></w:r><w:fldSimple w:instr=\" PAGE \">{}</w:fldSimple>",
                run(Side::Target, "", &line),
                run(Side::Target, "", "1")
            )
        )
    )
}

fn document(bitext: &Bitext, page: &Page<'_>) -> String {
    let places = page.facts.iter().flat_map(|kind| &kind.facts).flat_map(|(_, places)| places.iter().copied());
    let linked: HashSet<SegmentId> = page.summary.iter().map(|segment| segment.id).chain(places).collect();
    let text = Text { linked };
    let mut body = vec![match &page.title {
        Some(title) => paragraph("Title", &text.target(title)) + "\n" + &paragraph("Subtitle", &text.source(title)),
        None => paragraph("Title", &run(Side::Target, "", &page.name)),
    }];
    body.extend(layout::notices(bitext).iter().map(|notice| {
        let label = run(Side::Target, "<w:b/>", &format!("{} ", layout::NOTICE));
        paragraph("", &(label + &run(Side::Target, "", notice)))
    }));
    // The names of the columns stand in the first table only; there, each page repeats them.
    let mut columns = Some(row(
        "<w:trPr><w:tblHeader/></w:trPr>",
        &paragraph("Columns", &run(Side::Source, "", "Deutsch")),
        &paragraph("Columns", &run(Side::Target, "", "English")),
    ));
    if page.has_summary() {
        body.push(paragraph(
            "Heading1",
            &(run(Side::Target, "", "Summary · ") + &run(Side::Source, "", "Zusammenfassung")),
        ));
        if let Some(NewWords { source, target }) = &page.new_words {
            let label = |side, label| run(side, "<w:i/>", &format!("{label} "));
            body.push(paragraph("", &(label(Side::Target, layout::NEW_WORDS) + &run(Side::Target, "", target))));
            if let Some(source) = source {
                let label = label(Side::Source, layout::NEW_WORDS_SOURCE);
                body.push(paragraph("HeadingSource", &(label + &run(Side::Source, "", source))));
            }
        }
        let rows = page.summary.iter().map(|segment| {
            let shade = if layout::doubt(segment).is_some() { DOUBTFUL } else { "" };
            let target = run(Side::Target, shade, &Side::Target.text(segment)) + &link("s", segment.id);
            row("", &paragraph("", &text.source(&[segment])), &paragraph("", &target))
        });
        let rows: Vec<String> = rows.chain(page.facts.iter().map(facts)).collect();
        body.extend(bilingual(columns.take().into_iter().chain(rows).collect()));
        body.push(paragraph("Rule", ""));
    }
    let mut rows: Vec<String> = Vec::new();
    for part in &page.parts {
        match text.part(part) {
            Laid::Rows(more) => rows.extend(columns.take().into_iter().chain(more)),
            Laid::Across(block) => {
                body.extend(bilingual(std::mem::take(&mut rows)));
                body.push(block);
            }
        }
    }
    body.extend(bilingual(rows));
    body.push(notes(bitext));
    let sections = "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"footer\"/>\
         <w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" \
         w:left=\"1134\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/></w:sectPr>";
    format!("{HEAD}<w:document {NAMESPACES}>\n<w:body>\n{}\n{sections}\n</w:body>\n</w:document>\n", body.join("\n"))
}

/// The facts of one kind as a row.
fn facts(kind: &Facts<'_>) -> String {
    let name = |side, name| run(side, "<w:b/>", &format!("{name}: "));
    let fact = |(fact, places): &(&Fact, Vec<SegmentId>)| {
        let places: String = places.iter().map(|id| link("s", *id)).collect();
        run(Side::Target, "", &layout::clean(&fact.target)) + &places
    };
    let target = kind.facts.iter().map(fact).collect::<Vec<_>>().join(&run(Side::Target, "", " · "));
    row(
        "",
        &paragraph("Cell", &(name(Side::Source, kind.source_name) + &run(Side::Source, "", &kind.sources()))),
        &paragraph("Cell", &(name(Side::Target, kind.name) + &target)),
    )
}

/// What the checks saw, and where the report came from.
fn notes(bitext: &Bitext) -> String {
    let mut lines = vec![paragraph("Rule", "")];
    for (id, segment) in bitext.segments.iter().enumerate() {
        if let Some(doubt) = layout::doubt(segment) {
            let text = format!("{}{}", link("s", id), run(Side::Target, "", &format!(" {doubt}")));
            lines.push(paragraph("Note", &bookmark("n", id, &text)));
        }
    }
    let rows = layout::provenance(bitext).into_iter().map(|(label, value)| format!("{label}: {value}"));
    let origin = format!("Machine translation from German into English. {}", rows.collect::<Vec<_>>().join(" · "));
    lines.push(paragraph("Note", &run(Side::Target, "", &origin)));
    lines.join("\n")
}

/// A part of the page as it goes into the document.
enum Laid {
    /// Rows of the table of two columns.
    Rows(Vec<String>),
    /// Something as wide as the page.
    Across(String),
}

/// Turns sentences into runs.
struct Text {
    /// The sentences that the summary leads to.
    linked: HashSet<SegmentId>,
}

impl Text {
    fn part(&self, part: &Part<'_>) -> Laid {
        match part {
            // The title is no heading to Word, so the outline begins one level higher than in Markdown.
            Part::Heading(level, text) => {
                let style = format!("Heading{}", (*level).clamp(2, 6) - 1);
                let lines = [paragraph(&style, &self.target(text)), paragraph("HeadingSource", &self.source(text))];
                Laid::Across(lines.join("\n"))
            }
            Part::Paragraph(text) => Laid::Rows(vec![self.pair("", text)]),
            Part::Quote(text) => Laid::Rows(vec![self.pair("Quote", text)]),
            Part::List(items) => Laid::Rows(
                items
                    .iter()
                    .map(|(depth, text)| {
                        let depth = (*depth).clamp(1, 6);
                        let paragraph = |runs: &str| match layout::number(text) {
                            Some(_) => numbered_item(depth, runs),
                            None => paragraph(&format!("List{depth}"), runs),
                        };
                        row("", &paragraph(&self.source(text)), &paragraph(&self.target(text)))
                    })
                    .collect(),
            ),
            Part::Table(rows) => Laid::Across(self.table(rows)),
            Part::Code(code) => {
                Laid::Across(paragraph("Code", &format!("<w:r><w:rPr><w:noProof/></w:rPr>{}</w:r>", characters(code))))
            }
        }
    }

    fn pair(&self, style: &str, text: &[&BitextSegment]) -> String {
        row("", &paragraph(style, &self.source(text)), &paragraph(style, &self.target(text)))
    }

    /// A table as wide as the page with both languages in each cell, for half a page is narrow for a table.
    fn table(&self, rows: &[Vec<Sentences<'_>>]) -> String {
        let columns = rows.first().map_or(0, Vec::len);
        let mut tables = vec![paragraph("Gap", "")];
        for first in (0..columns).step_by(MOST_COLUMNS) {
            let width = WIDTH / (columns - first).min(MOST_COLUMNS);
            let row = |row: &Vec<Sentences<'_>>| {
                let cells = row.iter().skip(first).take(MOST_COLUMNS).map(|text| {
                    let target = paragraph("Cell", &self.target(text));
                    let same = Side::Source.join(text) == Side::Target.join(text);
                    let source = if same { String::new() } else { paragraph("CellSource", &self.source(text)) };
                    cell(width, &(target + &source))
                });
                format!("<w:tr><w:trPr><w:cantSplit/></w:trPr>{}</w:tr>", cells.collect::<String>())
            };
            tables.push(table("Cells", &vec![width; WIDTH / width], &rows.iter().map(row).collect::<Vec<_>>()));
            tables.push(paragraph("Gap", ""));
        }
        tables.join("\n")
    }

    fn source(&self, sentences: &[&BitextSegment]) -> String {
        let runs = sentences.iter().map(|segment| run(Side::Source, "", &Side::Source.text(segment)));
        runs.collect::<Vec<_>>().join(&run(Side::Source, "", " "))
    }

    fn target(&self, sentences: &[&BitextSegment]) -> String {
        let runs = sentences.iter().map(|segment| {
            let text = Side::Target.text(segment);
            let doubtful = layout::doubt(segment).is_some();
            let runs = if doubtful {
                run(Side::Target, DOUBTFUL, &text) + &link("n", segment.id)
            } else {
                run(Side::Target, "", &text)
            };
            if doubtful || self.linked.contains(&segment.id) { bookmark("s", segment.id, &runs) } else { runs }
        });
        runs.collect::<Vec<_>>().join(&run(Side::Target, "", " "))
    }
}

/// Table of German and English; nothing where there are no rows, which Word takes for damage.
fn bilingual(rows: Vec<String>) -> Option<String> {
    (!rows.is_empty()).then(|| table("Bilingual", &[WIDTH / 2; 2], &rows))
}

fn table(style: &str, widths: &[usize], rows: &[String]) -> String {
    let columns: String = widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
    format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"{style}\"/><w:tblW w:w=\"{WIDTH}\" w:type=\"dxa\"/>\
         <w:tblLayout w:type=\"fixed\"/><w:tblLook w:val=\"0020\" w:firstRow=\"1\"/></w:tblPr>\n\
         <w:tblGrid>{columns}</w:tblGrid>\n{}\n</w:tbl>",
        rows.join("\n"),
    )
}

/// A row of the bilingual table; `properties` are the row's own.
fn row(properties: &str, source: &str, target: &str) -> String {
    format!("<w:tr>{properties}\n{}\n{}\n</w:tr>", cell(WIDTH / 2, source), cell(WIDTH / 2, target))
}

fn cell(width: usize, paragraphs: &str) -> String {
    format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>{paragraphs}</w:tc>")
}

/// A paragraph in a style of `docx/styles.xml`, or in the standard one.
fn paragraph(style: &str, runs: &str) -> String {
    match style {
        "" => format!("<w:p>{runs}</w:p>"),
        style => format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{runs}</w:p>"),
    }
}

/// A list item that brings its number along: the indent of its style without the bullet.
fn numbered_item(depth: u8, runs: &str) -> String {
    format!(
        "<w:p><w:pPr><w:pStyle w:val=\"List{depth}\"/><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"0\"/></w:numPr>\
         <w:ind w:left=\"{}\" w:hanging=\"284\"/></w:pPr>{runs}</w:p>",
        284 * u32::from(depth)
    )
}

/// Text in its language; `properties` are the run's own.
fn run(side: Side, properties: &str, text: &str) -> String {
    let language = match side {
        Side::Source => "de-DE",
        Side::Target => "en-GB",
    };
    format!("<w:r><w:rPr>{properties}<w:lang w:val=\"{language}\"/></w:rPr>{}</w:r>", characters(text))
}

/// Text with its tabs and line breaks.
fn characters(text: &str) -> String {
    const OPEN: &str = "<w:t xml:space=\"preserve\">";
    let text =
        escape(text).replace('\t', &format!("</w:t><w:tab/>{OPEN}")).replace('\n', &format!("</w:t><w:br/>{OPEN}"));
    format!("{OPEN}{text}</w:t>")
}

/// The raised number of a sentence, leading to its bookmark: in the text (`s`) or among the notes (`n`).
fn link(kind: &str, id: SegmentId) -> String {
    format!(
        "<w:hyperlink w:anchor=\"{kind}{id}\"><w:r><w:rPr><w:rStyle w:val=\"Mark\"/></w:rPr>\
         <w:t xml:space=\"preserve\"> {id}</w:t></w:r></w:hyperlink>"
    )
}

fn bookmark(kind: &str, id: SegmentId, runs: &str) -> String {
    // Numbers must differ in the whole document: a sentence has at most one bookmark of either kind.
    let number = id * 2 + usize::from(kind == "n");
    format!("<w:bookmarkStart w:id=\"{number}\" w:name=\"{kind}{id}\"/>{runs}<w:bookmarkEnd w:id=\"{number}\"/>")
}
