//! Bitext → one self-contained page: German left, English right, block by block, the summary on top.
//!
//! Style and script are embedded and the page forbids itself the network, so it can be mailed and archived. It reads
//! without the script; the script only lights up the counterpart of a sentence and moves between sentences by arrow
//! keys. All text is escaped here and nowhere else.

use std::io::{self, Write};

use quick_xml::escape::escape;

use crate::bitext::{Bitext, BitextSegment, Fact, SegmentId};

use super::layout::{self, Facts, NewWords, Page, Part, Side};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

pub(super) fn write(bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    let page = layout::page(bitext);
    let name = escape(&page.name);
    writeln!(
        writer,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"translate\">\n<title>{name}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>",
    )?;
    match &page.title {
        Some(title) => writeln!(
            writer,
            "<header>\n<h1>{}</h1>\n<p lang=\"de\">{}</p>",
            sentences(Side::Target, title),
            sentences(Side::Source, title),
        )?,
        None => writeln!(writer, "<header>\n<h1>{name}</h1>")?,
    }
    for notice in layout::notices(bitext) {
        writeln!(writer, "<p class=\"notice\"><b>{}</b> {}</p>", layout::NOTICE, escape(notice))?;
    }
    writeln!(writer, "</header>")?;
    if page.has_summary() {
        summary(&page, writer)?;
    }
    writeln!(
        writer,
        "<main>\n<div class=\"row names\" aria-hidden=\"true\"><div lang=\"de\">Deutsch</div><div>English</div></div>"
    )?;
    for part in &page.parts {
        write_part(part, writer)?;
    }
    writeln!(writer, "</main>\n<footer>\n<p>Machine translation from German into English.</p>\n<dl>")?;
    for (label, value) in [("Title", page.name.clone())].into_iter().chain(layout::provenance(bitext)) {
        writeln!(writer, "<div><dt>{label}</dt><dd>{}</dd></div>", escape(value))?;
    }
    writeln!(writer, "</dl>\n</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>")
}

fn summary(page: &Page<'_>, writer: &mut dyn Write) -> io::Result<()> {
    writeln!(
        writer,
        "<section class=\"summary\" aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary <span lang=\"de\">· \
         Zusammenfassung</span></h2>"
    )?;
    if let Some(NewWords { source, target }) = &page.new_words {
        writeln!(writer, "<p><em>{}</em> {}</p>", layout::NEW_WORDS, escape(target))?;
        if let Some(source) = source {
            writeln!(writer, "<p lang=\"de\"><em>{}</em> {}</p>", layout::NEW_WORDS_SOURCE, escape(source))?;
        }
    }
    if !page.summary.is_empty() {
        writeln!(writer, "<ul>")?;
    }
    for segment in &page.summary {
        let (doubt, title) = match layout::doubt(segment) {
            Some(doubt) => (" class=\"doubt\"", format!(" title=\"{}\"", escape(doubt))),
            None => ("", String::new()),
        };
        writeln!(
            writer,
            "<li><p><span{doubt}{title}>{}</span> {}</p><p lang=\"de\">{}</p></li>",
            escape(Side::Target.text(segment)),
            link(segment.id),
            escape(Side::Source.text(segment)),
        )?;
    }
    if !page.summary.is_empty() {
        writeln!(writer, "</ul>")?;
    }
    if !page.facts.is_empty() {
        facts(&page.facts, writer)?;
    }
    writeln!(writer, "</section>")
}

fn facts(kinds: &[Facts<'_>], writer: &mut dyn Write) -> io::Result<()> {
    writeln!(
        writer,
        "<h3>{} <span lang=\"de\">· {}</span></h3>\n<dl class=\"facts\">",
        layout::KEY_FACTS,
        layout::KEY_FACTS_SOURCE
    )?;
    for kind in kinds {
        let fact = |(fact, places): &(&Fact, Vec<SegmentId>)| {
            let places: String = places.iter().map(|id| link(*id)).collect();
            format!("<span>{}&nbsp;{places}</span>", escape(layout::clean(&fact.target)))
        };
        let english = kind.facts.iter().map(fact).collect::<Vec<_>>().join(" · ");
        let german = kind
            .source()
            .map_or_else(String::new, |source| format!("<p lang=\"de\">{}: {}</p>", kind.source_name, escape(source)));
        writeln!(writer, "<div><dt>{}</dt><dd><p>{english}</p>{german}</dd></div>", kind.name)?;
    }
    writeln!(writer, "</dl>")
}

/// The number of a sentence, leading to it.
fn link(id: SegmentId) -> String {
    format!("<a href=\"#en{id}\" title=\"Go to sentence {id}\">{id}</a>")
}

fn write_part(part: &Part<'_>, writer: &mut dyn Write) -> io::Result<()> {
    match part {
        // The English headings make the outline of the page; the German ones only look alike.
        Part::Heading(level, text) => {
            let tag = format!("h{}", (*level).clamp(2, 6));
            row(
                &format!("<p class=\"{tag}\">{}</p>", sentences(Side::Source, text)),
                &format!("<{tag}>{}</{tag}>", sentences(Side::Target, text)),
                writer,
            )
        }
        Part::Paragraph(text) => both(|side| format!("<p>{}</p>", sentences(side, text)), writer),
        Part::Quote(text) => both(|side| format!("<blockquote><p>{}</p></blockquote>", sentences(side, text)), writer),
        Part::List(items) => items.iter().try_for_each(|(depth, text)| {
            let depth = (*depth).min(6);
            let numbered = if layout::number(text).is_some() { " numbered" } else { "" };
            both(|side| format!("<ul class=\"depth{depth}{numbered}\"><li>{}</li></ul>", sentences(side, text)), writer)
        }),
        Part::Table(rows) => both(|side| table(side, rows), writer),
        Part::Code(code) => writeln!(writer, "<pre><code>{}</code></pre>", escape(code)),
    }
}

fn table(side: Side, rows: &[Vec<layout::Sentences<'_>>]) -> String {
    let mut html = String::from("<div class=\"scroll\"><table>");
    for (index, row) in rows.iter().enumerate() {
        let tag = if index == 0 { "th" } else { "td" };
        html.push_str("<tr>");
        for cell in row {
            html.push_str(&format!("<{tag}>{}</{tag}>", sentences(side, cell)));
        }
        html.push_str("</tr>");
    }
    html + "</table></div>"
}

fn both(cell: impl Fn(Side) -> String, writer: &mut dyn Write) -> io::Result<()> {
    row(&cell(Side::Source), &cell(Side::Target), writer)
}

fn row(source: &str, target: &str, writer: &mut dyn Write) -> io::Result<()> {
    writeln!(writer, "<div class=\"row\">\n<div lang=\"de\">{source}</div>\n<div>{target}</div>\n</div>")
}

/// Sentences, each in an element of its own that its counterpart can be found by.
fn sentences(side: Side, sentences: &[&BitextSegment]) -> String {
    let sentence = |segment: &&BitextSegment| {
        let id = segment.id;
        let text = escape(side.text(segment));
        match (side, layout::doubt(segment)) {
            (Side::Source, _) => format!("<span class=\"s\" id=\"de{id}\" data-s=\"{id}\">{text}</span>"),
            (Side::Target, None) => format!("<span class=\"s\" id=\"en{id}\" data-s=\"{id}\">{text}</span>"),
            (Side::Target, Some(note)) => format!(
                "<span class=\"s doubt\" id=\"en{id}\" data-s=\"{id}\" title=\"{note}\">{text}<span class=\"note\"> \
                 [{note}]</span></span>",
                note = escape(note),
            ),
        }
    };
    sentences.iter().map(sentence).collect::<Vec<_>>().join(" ")
}
