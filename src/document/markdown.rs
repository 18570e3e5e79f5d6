//! Markdown → blocks, with the offset iterator of `pulldown-cmark`.
//!
//! In: decoded Markdown. Out: blocks of visible text in reading order; front matter, tags, link targets and the
//! marks themselves stay outside. Emphasis, links and inline code do not interrupt a sentence.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::join::push_line;
use super::{Block, BlockKind, Piece, html};

/// How far behind the word before a word of raw HTML is looked for, in bytes and in places within tags.
const FARTHEST_WORD: usize = 4096;
const MOST_TAGS: usize = 16;

/// Where the reader is in the document's tree, and the block it is filling.
#[derive(Default)]
struct Reader<'a> {
    source: &'a str,
    blocks: Vec<Block>,
    pieces: Vec<Piece<'a>>,
    /// For each open list, whether it is numbered.
    lists: Vec<bool>,
    /// The number of the list item whose text has not begun, and its place.
    number: Option<Range<usize>>,
    /// An item has begun and none of its text has been seen.
    item_begins: bool,
    heading: Option<u8>,
    quotes: usize,
    /// Column of the last cell, from 1.
    column: u8,
    in_cell: bool,
    in_code: bool,
    /// Front matter, images and HTML blocks: nothing in them is text for this reader.
    hidden: usize,
    /// A line break inside a paragraph, not yet joined.
    at_line_start: bool,
}

/// Cuts Markdown into blocks.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut reader = Reader { source: text, ..Reader::default() };
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.take(event, range);
    }
    reader.finish_block();
    reader.blocks
}

impl<'a> Reader<'a> {
    fn take(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(_) | Event::Code(_) if self.hidden > 0 => {}
            Event::Text(part) => self.push(part.into(), range),
            Event::Code(part) => {
                for (part, place) in self.code(part.into(), range) {
                    self.push(part, place);
                }
            }
            Event::SoftBreak => self.at_line_start = true,
            Event::HardBreak => self.finish_block(),
            Event::InlineHtml(tag) if tag.starts_with("<br") => self.at_line_start = true,
            Event::Rule => self.finish_block(),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'a>, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } => return,
            Tag::Image { .. } => {
                self.hidden += 1;
                return;
            }
            _ => self.finish_block(),
        }
        match tag {
            Tag::MetadataBlock(_) => self.hidden += 1,
            Tag::HtmlBlock => {
                self.hidden += 1;
                self.html(range);
            }
            Tag::Heading { level, .. } => self.heading = Some(*level as u8),
            Tag::BlockQuote(_) => self.quotes += 1,
            Tag::CodeBlock(_) => self.in_code = true,
            Tag::TableHead | Tag::TableRow => self.column = 0,
            Tag::TableCell => {
                self.column = self.column.saturating_add(1);
                self.in_cell = true;
            }
            Tag::List(first) => self.lists.push(first.is_some()),
            Tag::Item => {
                self.item_begins = true;
                self.number =
                    self.lists.last().filter(|numbered| **numbered).and_then(|_| self.item_number(range.start));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => return,
            TagEnd::Image => {
                self.hidden = self.hidden.saturating_sub(1);
                return;
            }
            _ => self.finish_block(),
        }
        match tag {
            TagEnd::MetadataBlock(_) | TagEnd::HtmlBlock => self.hidden = self.hidden.saturating_sub(1),
            TagEnd::Heading(_) => self.heading = None,
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::TableCell => self.in_cell = false,
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => {
                self.item_begins = false;
                // An item without text is its number.
                if let Some(number) = self.number.take()
                    && self.blocks.last().is_none_or(|block| block.range.end <= number.start)
                {
                    let text = self.source.get(number.clone()).unwrap_or_default();
                    self.blocks.push(Block::new(
                        BlockKind::ListItem,
                        1,
                        number.clone(),
                        &[(Cow::Borrowed(text), number)],
                    ));
                }
            }
            _ => {}
        }
    }

    /// The blocks of raw HTML, word by word where they are found in it.
    fn html(&mut self, range: Range<usize>) {
        let (_, blocks) = html::extract(self.source.get(range.clone()).unwrap_or_default());
        let mut at = range.start;
        for block in blocks {
            let mut pieces: Vec<Piece<'_>> = Vec::new();
            for part in block.text().split_inclusive(char::is_whitespace) {
                let word = part.trim_end();
                let limit = self.source.floor_char_boundary(range.end.min(at + FARTHEST_WORD));
                let ahead = self.source.get(at..limit).unwrap_or_default();
                let start = find_outside_tags(ahead, word).map(|found| at + found);
                // A word with a character reference stands nowhere: it is between its neighbours.
                let place = start.map_or(at..at, |start| start..start + word.len());
                at = place.end;
                pieces.push((Cow::Borrowed(part), place));
            }
            let start = pieces.first().map_or(at, |(_, place)| place.start);
            let (kind, level) = match block.kind {
                BlockKind::Title if !self.blocks.is_empty() => (BlockKind::Heading, 1),
                kind => (kind, block.level),
            };
            self.blocks.push(Block::new(kind, level, start..at, &pieces));
        }
    }

    /// The place of "12." or "3)" where an item starts.
    fn item_number(&self, start: usize) -> Option<Range<usize>> {
        let rest = self.source.get(start..)?;
        let lead = rest.len() - rest.trim_start().len();
        let length = rest[lead..].find(['.', ')']).map(|at| at + 1)?;
        let is_number = rest[lead..lead + length - 1].bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(start + lead..start + lead + length)
    }

    /// The parts of a code span and their places. Over a line break, and where a bar in a table is escaped, it reads
    /// otherwise than it is written: its words still stand where they stand, since sentences may end in it.
    fn code(&self, part: Cow<'a, str>, range: Range<usize>) -> Vec<Piece<'a>> {
        // The event's range takes in the back-ticks.
        let whole = self.source.get(range.clone()).unwrap_or_default();
        if let Some(at) = whole.find(part.as_ref()) {
            let start = range.start + at;
            let place = start..start + part.len();
            return vec![(part, place)];
        }
        let mut pieces: Vec<Piece<'a>> = Vec::new();
        let mut at = whole.len() - whole.trim_start_matches('`').len();
        let mut rest = part.as_ref();
        while !rest.is_empty() {
            let gap = rest.len() - rest.trim_start_matches([' ', '|']).len();
            let (gap, tail) = rest.split_at(gap);
            let (word, tail) = tail.split_at(tail.find([' ', '|']).unwrap_or(tail.len()));
            let found = whole.get(at..).and_then(|ahead| ahead.find(word)).filter(|_| !word.is_empty());
            let start = found.map_or(whole.len(), |found| at + found);
            if !gap.is_empty() {
                pieces.push((Cow::Owned(gap.to_owned()), range.start + at..range.start + start));
            }
            at = start + found.map_or(0, |_| word.len());
            if !word.is_empty() {
                pieces.push((Cow::Owned(word.to_owned()), range.start + start..range.start + at));
            }
            rest = tail;
        }
        pieces
    }

    /// Adds visible text to the open block.
    fn push(&mut self, part: Cow<'a, str>, range: Range<usize>) {
        if self.in_code {
            self.pieces.push((part, range));
            return;
        }
        // Text of its own wording (character references) is not cut into lines.
        let source = self.source.get(range.clone()).filter(|source| *source == part.as_ref());
        if self.pieces.is_empty() {
            if let Some(number) = self.number.take() {
                let marker = self.source.get(number.clone()).unwrap_or_default();
                self.pieces.push((Cow::Borrowed(marker), number.clone()));
                self.pieces.push((Cow::Borrowed(" "), number.end..range.start.max(number.end)));
            }
        } else if self.at_line_start {
            match source {
                Some(source) => push_line(&mut self.pieces, source, range.start),
                None => {
                    let end = self.pieces.last().map_or(range.start, |(_, place)| place.end);
                    self.pieces.push((Cow::Borrowed(" "), end..range.start.max(end)));
                    self.pieces.push((part, range));
                }
            }
            self.at_line_start = false;
            return;
        }
        self.at_line_start = false;
        self.pieces.push((part, range));
    }

    /// Closes the open block, if it has any text.
    fn finish_block(&mut self) {
        self.at_line_start = false;
        let mut pieces = std::mem::take(&mut self.pieces);
        if !self.in_code {
            trim(&mut pieces);
        }
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return };
        let range = first.1.start..last.1.end;
        let depth = u8::try_from(self.lists.len()).unwrap_or(u8::MAX);
        let (kind, level) = if self.in_code {
            (BlockKind::Code, 0)
        } else if let Some(level) = self.heading {
            (if level == 1 && self.blocks.is_empty() { BlockKind::Title } else { BlockKind::Heading }, level)
        } else if self.in_cell {
            (BlockKind::TableCell, self.column)
        } else if self.item_begins {
            (BlockKind::ListItem, depth)
        } else if self.quotes > 0 {
            (BlockKind::Quote, 0)
        } else {
            (BlockKind::Paragraph, 0)
        };
        self.item_begins = false;
        self.blocks.push(Block::new(kind, level, range, &pieces));
    }
}

/// Takes white space off both ends of a block's pieces.
fn trim(pieces: &mut Vec<Piece<'_>>) {
    while pieces.last().is_some_and(|(part, _)| part.trim().is_empty()) {
        pieces.pop();
    }
    let blank = pieces.iter().take_while(|(part, _)| part.trim().is_empty()).count();
    pieces.drain(..blank);
    if let Some((part, place)) = pieces.first_mut() {
        let lead = part.len() - part.trim_start().len();
        if lead > 0 && part.len() == place.len() {
            *part = Cow::Owned(part.trim_start().to_owned());
            place.start += lead;
        }
    }
    if let Some((part, place)) = pieces.last_mut() {
        let tail = part.len() - part.trim_end().len();
        if tail > 0 && part.len() == place.len() {
            *part = Cow::Owned(part.trim_end().to_owned());
            place.end -= tail;
        }
    }
}

/// Where a word stands in HTML, names and attributes aside.
fn find_outside_tags(html: &str, word: &str) -> Option<usize> {
    let mut from = 0;
    for _ in 0..MOST_TAGS {
        let found = from + html.get(from..)?.find(word)?;
        let before = html.get(..found)?;
        if before.rfind('<') <= before.rfind('>') {
            return Some(found);
        }
        from = found + html.get(found..)?.find('>')? + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    fn read(text: &str) -> Vec<(BlockKind, u8, String)> {
        Document::from_markdown(text).blocks.iter().map(|b| (b.kind, b.level, b.text().to_owned())).collect()
    }

    fn texts(text: &str) -> Vec<String> {
        read(text).into_iter().map(|(_, _, text)| text).collect()
    }

    #[test]
    fn structure_becomes_kinds_and_levels() {
        use BlockKind::*;
        let text = "# Gipfel\n\nEin Absatz.\n\n## Lage\n\n- eins\n  - zwei\n\n1. drei\n2. vier\n\n> Zitat\n\n```rust\nfn main() {}\n```\n";
        let expected = [
            (Title, 1, "Gipfel"),
            (Paragraph, 0, "Ein Absatz."),
            (Heading, 2, "Lage"),
            (ListItem, 1, "eins"),
            (ListItem, 2, "zwei"),
            (ListItem, 1, "1. drei"),
            (ListItem, 1, "2. vier"),
            (Quote, 0, "Zitat"),
            (Code, 0, "fn main() {}\n"),
        ];
        assert_eq!(read(text), expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
    }

    #[test]
    fn inline_marks_do_not_interrupt_a_sentence() {
        let text = "Der *Rat* tagt in [Astana](https://example.org/a) mit `sco.pdf`, siehe <https://example.org>.";
        assert_eq!(texts(text), ["Der Rat tagt in Astana mit sco.pdf, siehe https://example.org."]);
    }

    #[test]
    fn wrapped_lines_are_joined_as_in_plain_text() {
        assert_eq!(
            texts("Die Zusammen-\narbeit der **EU-\nStaaten** wächst\nweiter."),
            ["Die Zusammenarbeit der EU-Staaten wächst weiter."]
        );
    }

    #[test]
    fn cells_of_a_table_are_blocks_and_its_rule_is_not() {
        let cells = read("| Land | Jahr |\n|---|---|\n| Iran | 2023 |\n");
        let expected = [(1, "Land"), (2, "Jahr"), (1, "Iran"), (2, "2023")];
        assert_eq!(cells, expected.map(|(column, text)| (BlockKind::TableCell, column, text.to_owned())));
    }

    #[test]
    fn front_matter_tags_and_images_are_not_text() {
        let text = "---\ntitle: Bericht\n---\n\n<!-- weg -->\n\n<style>\np {}\n</style>\n\n<img src=x>\n\n![Karte](karte.png) Die Lage<br>ist <b>ernst</b>.\n";
        assert_eq!(texts(text), ["Die Lage ist ernst."]);
    }

    #[test]
    fn text_in_blocks_of_html_is_text() {
        let text = "<h1 align=\"center\">Lage&shy;bericht</h1>\n\n<details>\n<summary>Mehr anzeigen</summary>\n\nEin *Absatz*.\n\n\
            </details>\n\n<table><tr><td>&Uuml;ber</td><td>Land</td></tr></table>\n\n- <p>Punkt</p>\n";
        let expected = [
            (BlockKind::Title, 1, "Lagebericht"),
            (BlockKind::Paragraph, 0, "Mehr anzeigen"),
            (BlockKind::Paragraph, 0, "Ein Absatz."),
            (BlockKind::TableCell, 1, "Über"),
            (BlockKind::TableCell, 2, "Land"),
            (BlockKind::Paragraph, 0, "Punkt"),
        ];
        assert_eq!(read(text), expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
        let document = Document::from_markdown(text);
        let land = document.blocks.iter().find(|block| block.text() == "Land").expect("a cell");
        assert!(text[land.range.clone()].starts_with("Land"));
    }

    #[test]
    fn character_references_are_read_and_keep_their_place() {
        let text = "Müller &amp; Söhne bauen \\*neu\\*.";
        let document = Document::from_markdown(text);
        let block = &document.blocks[0];
        assert_eq!(block.text(), "Müller & Söhne bauen *neu*.");
        let at = block.text().find('&').expect("ampersand");
        assert_eq!(&text[block.document_range(at..at + 1)], "&amp;");
        let at = block.text().find("Söhne").expect("word");
        assert_eq!(&text[block.document_range(at..at + "Söhne".len())], "Söhne");
    }

    #[test]
    fn a_hard_line_break_ends_a_block() {
        assert_eq!(
            texts("Auswärtiges Amt  \nWerderscher Markt 1\\\n10117 Berlin"),
            ["Auswärtiges Amt", "Werderscher Markt 1", "10117 Berlin"]
        );
    }

    #[test]
    fn a_second_paragraph_of_an_item_is_a_paragraph() {
        assert_eq!(
            read("- eins\n\n  noch etwas\n- zwei\n").iter().map(|b| b.0).collect::<Vec<_>>(),
            [BlockKind::ListItem, BlockKind::Paragraph, BlockKind::ListItem]
        );
    }
}
