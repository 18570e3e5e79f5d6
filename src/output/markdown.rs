//! Bitext → a bilingual report in Markdown (GitHub flavour) that reads well rendered and in an editor.
//!
//! English stands as text, its German as a block quote beneath: paragraph by paragraph, item by item, table by table.
//! That survives narrow windows and line-wise diffs, which a two-column table with paragraphs in its cells does not.
//! Sentences of running text open with their number in raised digits, the same on both sides; that is what the
//! summary refers to. Doubts are footnotes. Text is escaped only where Markdown would read it as markup.

use std::io::{self, Write};

use crate::bitext::{Bitext, BitextSegment, Fact, SegmentId};

use super::layout::{self, NewWords, Page, Part, Side};

pub(super) fn write(bitext: &Bitext, writer: &mut dyn Write) -> io::Result<()> {
    let page = layout::page(bitext);
    match &page.title {
        Some(title) => heading(1, title, writer)?,
        None => writeln!(writer, "# {}\n", escape(&page.name))?,
    }
    for notice in layout::notices(bitext) {
        writeln!(writer, "{}\n", escape(&format!("{} {notice}", layout::NOTICE)))?;
    }
    if page.has_summary() {
        summary(&page, writer)?;
    }
    for part in &page.parts {
        write_part(part, writer)?;
    }
    for segment in &bitext.segments {
        if let Some(doubt) = layout::doubt(segment) {
            writeln!(writer, "[^{}]: {}\n", segment.id, escape(&doubt))?;
        }
    }
    writeln!(writer, "---\n\nMachine translation from German into English.\n")?;
    for (label, value) in layout::provenance(bitext) {
        writeln!(writer, "- {label}: {}", escape(&value))?;
    }
    Ok(())
}

fn summary(page: &Page<'_>, writer: &mut dyn Write) -> io::Result<()> {
    writeln!(writer, "## Summary · Zusammenfassung\n")?;
    if let Some(NewWords { source, target }) = &page.new_words {
        writeln!(writer, "*{}* {}\n", layout::NEW_WORDS, escape(target))?;
        if let Some(source) = source {
            writeln!(writer, "> *{}* {}\n", layout::NEW_WORDS_SOURCE, escape(source))?;
        }
    }
    for segment in &page.summary {
        item(1, &[segment], writer)?;
    }
    if !page.facts.is_empty() {
        writeln!(writer, "\n### {} · {}\n", layout::KEY_FACTS, layout::KEY_FACTS_SOURCE)?;
    }
    for facts in &page.facts {
        let fact = |(fact, places): &(&Fact, Vec<SegmentId>)| {
            let places: Vec<String> = places.iter().map(|id| raised(*id)).collect();
            [layout::clean(&fact.target)].into_iter().chain(places).collect::<Vec<_>>().join(" ")
        };
        let line = facts.facts.iter().map(fact).collect::<Vec<_>>().join(" · ");
        writeln!(writer, "- {}", escape(&format!("{}: {line}", facts.name)))?;
        if let Some(source) = facts.source() {
            writeln!(writer, "  > {}", escape(&format!("{}: {source}", facts.source_name)))?;
        }
    }
    writeln!(writer, "\n---\n")
}

fn write_part(part: &Part<'_>, writer: &mut dyn Write) -> io::Result<()> {
    match part {
        Part::Heading(level, text) => heading((*level).clamp(2, 6), text, writer),
        Part::Paragraph(text) => {
            writeln!(writer, "{}\n\n> {}\n", numbered(Side::Target, text), numbered(Side::Source, text))
        }
        Part::Quote(text) => {
            writeln!(writer, "> {}\n>\n> > {}\n", numbered(Side::Target, text), numbered(Side::Source, text))
        }
        Part::List(items) => {
            let numbers = numbers(items);
            for (index, (depth, text)) in items.iter().enumerate() {
                match numbers.as_ref().and_then(|numbers| numbers.get(index)) {
                    Some(number) => numbered_item(number, text, writer)?,
                    None => item(*depth, text, writer)?,
                }
            }
            writeln!(writer)
        }
        Part::Table(rows) => {
            table(Side::Target, "", rows, writer)?;
            table(Side::Source, "> ", rows, writer)
        }
        Part::Code(code) => {
            let longest = code.split(|character| character != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            writeln!(writer, "{fence}\n{code}\n{fence}\n")
        }
    }
}

fn heading(level: u8, text: &[&BitextSegment], writer: &mut dyn Write) -> io::Result<()> {
    let marks = "#".repeat(usize::from(level));
    writeln!(writer, "{marks} {}\n\n> {}\n", plain(Side::Target, text), plain(Side::Source, text))
}

fn item(depth: u8, text: &[&BitextSegment], writer: &mut dyn Write) -> io::Result<()> {
    let indent = "  ".repeat(usize::from(depth.saturating_sub(1)));
    writeln!(writer, "{indent}- {}", numbered(Side::Target, text))?;
    writeln!(writer, "{indent}  > {}", numbered(Side::Source, text))
}

/// The numbers of a list ("1. ", "2. ") where Markdown would count alike: a flat list that goes up by one.
fn numbers<'a>(items: &[(u8, layout::Sentences<'a>)]) -> Option<Vec<&'a str>> {
    let numbers: Vec<&str> =
        items.iter().filter(|(depth, _)| *depth == 1).filter_map(|(_, text)| layout::number(text)).collect();
    let value = |number: &&str| number.trim_end().strip_suffix(['.', ')'])?.parse::<u32>().ok();
    let values: Vec<u32> = numbers.iter().filter_map(value).collect();
    let ascending = values.windows(2).all(|pair| matches!(pair, [one, next] if one + 1 == *next));
    (values.len() == items.len() && ascending).then_some(numbers)
}

/// An item of an ordered list; its number is the marker and stands nowhere else.
fn numbered_item(number: &str, text: &[&BitextSegment], writer: &mut dyn Write) -> io::Result<()> {
    let marker = number.trim_end();
    let bare = |side: Side| {
        let mark = |id| format!("{} ", raised(id));
        let without =
            |text: String| text.strip_prefix(marker).map_or(text.clone(), |rest| rest.trim_start().to_owned());
        join_with(side, text, mark, without)
    };
    writeln!(writer, "{marker} {}", bare(Side::Target))?;
    writeln!(writer, "{} > {}", " ".repeat(marker.len()), bare(Side::Source))
}

fn table(side: Side, prefix: &str, rows: &[Vec<layout::Sentences<'_>>], writer: &mut dyn Write) -> io::Result<()> {
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| plain(side, cell).replace('|', "\\|")).collect();
        writeln!(writer, "{prefix}| {} |", cells.join(" | "))?;
        if index == 0 {
            writeln!(writer, "{prefix}|{}", "---|".repeat(row.len()))?;
        }
    }
    writeln!(writer)
}

/// Sentences without numbers, for headings and cells.
fn plain(side: Side, sentences: &[&BitextSegment]) -> String {
    join(side, sentences, |_| String::new())
}

/// Sentences with their numbers.
fn numbered(side: Side, sentences: &[&BitextSegment]) -> String {
    join(side, sentences, |id| format!("{} ", raised(id)))
}

fn join(side: Side, sentences: &[&BitextSegment], number: impl Fn(SegmentId) -> String) -> String {
    join_with(side, sentences, number, |text| text)
}

/// As [`join`], with the text of each sentence changed first.
fn join_with(
    side: Side,
    sentences: &[&BitextSegment],
    number: impl Fn(SegmentId) -> String,
    change: impl Fn(String) -> String,
) -> String {
    let sentence = |segment: &&BitextSegment| {
        let note = if side == Side::Target && layout::doubt(segment).is_some() {
            format!("[^{}]", segment.id)
        } else {
            String::new()
        };
        format!("{}{}{note}", number(segment.id), escape(&change(side.text(segment))))
    };
    sentences.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

/// A number in raised digits.
fn raised(id: SegmentId) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |digit: char| digit.to_digit(10).and_then(|value| DIGITS.get(value as usize)).copied();
    id.to_string().chars().filter_map(digit).collect()
}

/// Escapes what Markdown would read as markup, and nothing else, so that the text stays readable in an editor.
///
/// Cells need `|` escaped on top. Section numbers are those of CommonMark 0.31 and GFM 0.29.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut before = None;
    for (index, character) in text.char_indices() {
        let rest = text.get(index + character.len_utf8()..).unwrap_or_default();
        let after = rest.chars().next();
        let word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
        let space = |neighbour: Option<char>| neighbour.is_none_or(char::is_whitespace);
        let markup = match character {
            '\\' | '`' | '*' | '[' | '<' | '~' | '$' => true,
            // Emphasis does not open or close inside a word (6.2).
            '_' => !(word(before) && word(after)),
            // Entities (2.5).
            '&' => {
                let name = rest.trim_start_matches(|letter: char| letter == '#' || letter.is_ascii_alphanumeric());
                name.len() < rest.len() && name.starts_with(';')
            }
            // Headings, and their closing sequence (4.2).
            '#' => space(before),
            // Quotes, bullets, rules and underlines of headings (5.1, 5.2, 4.1, 4.3).
            '>' | '-' | '+' | '=' => before.is_none(),
            // Ordered items (5.2).
            '.' | ')' => {
                let start = text.get(..index).unwrap_or_default();
                space(after) && !start.is_empty() && start.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        };
        if markup {
            escaped.push('\\');
        }
        escaped.push(character);
        before = Some(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["Am 4. Juli 2024 (Donnerstag) – R&D, C#, a_b, 5 > 3; „Ja!“", "Az. 5 O 1187/24, § 307 Abs. 1"]
        {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn markup_in_text_is_escaped() {
        assert_eq!(escape("# a *b* `c` <i> [d](e) &lt; f_ | $x$"), r"\# a \*b\* \`c\` \<i> \[d](e) \&lt; f\_ | \$x\$");
        assert_eq!(escape("1. FC Köln"), r"1\. FC Köln");
        assert_eq!(escape("- Punkt"), r"\- Punkt");
        assert_eq!(escape("==="), r"\===");
    }

    #[test]
    fn numbers_are_raised() {
        assert_eq!(raised(1203), "¹²⁰³");
    }
}
