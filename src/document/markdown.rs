//! Markdown → blocks, with the offset iterator of `pulldown-cmark`.
//!
//! In: decoded Markdown. Out: blocks of visible text in reading order; front matter but for its title, deleted text, tags,
//! link targets and the marks themselves stay outside. Emphasis, links and inline code do not interrupt a sentence.

use std::borrow::Cow;
use std::ops::Range;

use html5gum::{Token, Tokenizer};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::extract::{raised, shown};
use super::join::push_line;
use super::lines::{Marker, MarkerKind, marker};
use super::{Block, BlockKind, Opens, Piece, html};
use crate::lexicon;

/// How far behind the word before a word of raw HTML is looked for, in bytes of what stands between tags.
const FARTHEST_WORD: usize = 4096;

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
    /// The cell at hand has text already.
    cell_has_text: bool,
    /// What the next text of a cell opens.
    opens: Option<Opens>,
    in_code: bool,
    /// Front matter, deleted text, images and HTML blocks: nothing in them is text for this reader.
    hidden: usize,
    /// A line break inside a paragraph, not yet joined.
    line_break: Option<LineBreak>,
    /// What the first line of the open block begins with, if that is a marker of a list that Markdown does not know.
    marker: Option<Marker<'a>>,
    /// Within raised text.
    is_raised: bool,
    /// The text in place of an image that opens its paragraph: its caption where nothing else stands there.
    caption: Vec<Piece<'a>>,
    in_caption: bool,
    /// An image has ended, and nothing has come since: its attributes may follow.
    image_ended: bool,
}

/// How a line ends within a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineBreak {
    /// Where the line was full.
    Soft,
    /// On purpose: between the lines of an address, or for the eye in the middle of a sentence.
    Hard,
}

/// Cuts Markdown into blocks.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH;
    let text = with_line_feeds(text);
    let mut reader = Reader { source: &text, ..Reader::default() };
    for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
        reader.take(event, range);
    }
    reader.finish_block();
    reader.blocks
}

/// The same text with the line ends of old Macs as those of today, which the parser knows everywhere; all places stay.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let is_old = |at: usize| !text[at + 1..].starts_with('\n');
    if !text.match_indices('\r').any(|(at, _)| is_old(at)) {
        return Cow::Borrowed(text);
    }
    let new = text.char_indices().map(|(at, c)| if c == '\r' && is_old(at) { '\n' } else { c });
    Cow::Owned(new.collect())
}

impl<'a> Reader<'a> {
    fn take(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(part) if self.hidden == 1 && self.in_caption => self.caption.push((part.into(), range)),
            Event::Text(_) | Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) if self.hidden > 0 => {}
            Event::Text(part) => self.text(part.into(), range),
            Event::Code(part) | Event::InlineMath(part) => {
                // In code a line break is a space already, in formulas it is not.
                let has_lines = part.contains(['\n', '\r']);
                let part = if has_lines { Cow::Owned(part.replace(['\n', '\r'], " ")) } else { part.into() };
                for (part, place) in self.code(part, range) {
                    self.push(part, place);
                }
            }
            Event::DisplayMath(part) => {
                self.finish_block();
                self.in_code = true;
                for (part, place) in self.code(part.into(), range) {
                    self.push(part, place);
                }
                self.finish_block();
                self.in_code = false;
            }
            Event::SoftBreak => self.line_break = self.line_break.or(Some(LineBreak::Soft)),
            Event::HardBreak => self.line_break = Some(LineBreak::Hard),
            Event::InlineHtml(tag) if tag.starts_with("<br") => self.line_break = Some(LineBreak::Hard),
            Event::InlineHtml(tag) if tag.starts_with("<sup>") || tag.starts_with("<sup ") => self.is_raised = true,
            Event::InlineHtml(tag) if tag.starts_with("</sup") => self.is_raised = false,
            Event::Rule => self.finish_block(),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'a>, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Link { .. } => return,
            Tag::Strikethrough => {
                self.hidden += 1;
                return;
            }
            Tag::Image { .. } => {
                self.hidden += 1;
                self.in_caption = self.pieces.is_empty();
                return;
            }
            _ => self.finish_block(),
        }
        if matches!(tag, Tag::List(_) | Tag::CodeBlock(_) | Tag::HtmlBlock) {
            self.finish_number();
        }
        match tag {
            Tag::MetadataBlock(_) => {
                self.hidden += 1;
                self.metadata(range);
            }
            Tag::HtmlBlock => {
                self.hidden += 1;
                self.html(range);
            }
            Tag::Heading { level, .. } => self.heading = Some(*level as u8),
            Tag::BlockQuote(_) => self.quotes += 1,
            Tag::CodeBlock(_) => self.in_code = true,
            Tag::Table(_) => self.opens = Some(Opens::Table),
            Tag::TableHead | Tag::TableRow => {
                self.column = 0;
                self.opens = self.opens.or(Some(Opens::Row));
            }
            Tag::TableCell => {
                self.column = self.column.saturating_add(1);
                (self.in_cell, self.cell_has_text) = (true, false);
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
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link => return,
            TagEnd::Strikethrough | TagEnd::Image => {
                self.hidden = self.hidden.saturating_sub(1);
                self.image_ended = tag == TagEnd::Image;
                self.in_caption = false;
                return;
            }
            TagEnd::Paragraph if self.pieces.is_empty() && is_caption(&self.caption) => {
                self.pieces = std::mem::take(&mut self.caption);
                self.finish_block();
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
                self.finish_number();
            }
            _ => {}
        }
    }

    /// Makes a block of the number of an item that has no text of its own.
    fn finish_number(&mut self) {
        if let Some(number) = self.number.take() {
            let text = self.source.get(number.clone()).unwrap_or_default();
            self.blocks.push(Block::new(BlockKind::ListItem, 1, number.clone(), &[(Cow::Borrowed(text), number)]));
        }
    }

    /// The title that front matter names.
    fn metadata(&mut self, range: Range<usize>) {
        let mut at = range.start;
        for line in self.source.get(range).unwrap_or_default().split_inclusive('\n') {
            let value = line.strip_prefix("title").map(str::trim_start).and_then(|rest| rest.strip_prefix([':', '=']));
            let title = value.map(|value| value.trim().trim_matches(['"', '\''])).filter(|title| !title.is_empty());
            if let Some(title) = title
                && let Some(start) = line.find(title).map(|start| at + start)
            {
                let place = start..start + title.len();
                self.blocks.push(Block::new(BlockKind::Title, 1, place.clone(), &[(Cow::Borrowed(title), place)]));
                return;
            }
            at += line.len();
        }
    }

    /// The blocks of raw HTML, word by word where they are found in it.
    fn html(&mut self, range: Range<usize>) {
        let source = self.source.get(range.clone()).unwrap_or_default();
        let (_, blocks) = html::extract(source);
        let written = between_tags(source).moved(range.start);
        let mut at = 0;
        // Where the last found word ends, in the document.
        let mut end = range.start;
        for block in blocks {
            let mut pieces: Vec<Piece<'_>> = Vec::new();
            // The first word since then that reads otherwise than it is written: all up to the next one stands for it.
            let mut unfound = None;
            for part in block.text().split_inclusive(char::is_whitespace) {
                let word = part.trim_end();
                let limit = written.text().floor_char_boundary(at + FARTHEST_WORD);
                let ahead = written.text().get(at..limit).unwrap_or_default();
                if let Some(found) = ahead.find(word).map(|found| at + found) {
                    at = found + word.len();
                    // Sentences may end inside a word: it is as many pieces as it is written in.
                    let parts = written.parts(found..at);
                    let start = parts.first().map_or(end, |(_, place)| place.start);
                    if let Some([(_, gap), others @ ..]) = unfound.take().and_then(|from: usize| pieces.get_mut(from..))
                    {
                        gap.end = start;
                        others.iter_mut().for_each(|(_, other)| *other = start..start);
                    }
                    end = parts.last().map_or(start, |(_, place)| place.end);
                    let part = |range: Range<usize>| Cow::Borrowed(&word[range.start - found..range.end - found]);
                    pieces.extend(parts.into_iter().map(|(range, place)| (part(range), place)));
                } else {
                    unfound = unfound.or(Some(pieces.len()));
                    pieces.push((Cow::Borrowed(word), end..end));
                }
                pieces.push((Cow::Borrowed(&part[word.len()..]), end..end));
            }
            let (kind, level) = match block.kind {
                BlockKind::Title if !self.blocks.is_empty() => (BlockKind::Heading, 1),
                kind => (kind, block.level),
            };
            let start = pieces.first().map_or(end, |(_, place)| place.start);
            let (continues, opens) = (block.continues, block.opens);
            self.blocks.push(Block { continues, opens, ..Block::new(kind, level, start..end, &pieces) });
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

    /// Takes in text, and sees to what dialects of Markdown mean by it.
    fn text(&mut self, part: Cow<'a, str>, range: Range<usize>) {
        let begins_line = self.pieces.is_empty() || self.line_break.is_some();
        if self.in_code {
            return self.push(part, range);
        }
        // Fences around a part of the text.
        if begins_line && self.is_of_fence(range.start) {
            return self.finish_block();
        }
        let attributes = part.find('}').filter(|_| std::mem::take(&mut self.image_ended) && part.starts_with('{'));
        if let (Some(end), Cow::Borrowed(text)) = (attributes, &part) {
            let rest = text.get(end + 1..).unwrap_or_default();
            if !rest.is_empty() {
                self.push(Cow::Borrowed(rest), range.start + end + 1..range.end);
            }
            return;
        }
        if self.is_raised {
            let before = self.pieces.last().and_then(|(before, _)| before.chars().next_back());
            return self.push(Cow::Owned(raised(&part, before).into_owned()), range);
        }
        self.push(part, range);
    }

    /// Whether a line begins with the colons of a fence, and this place is among them.
    fn is_of_fence(&self, place: usize) -> bool {
        let before = self.source.get(..place).unwrap_or_default();
        let start = before.trim_end_matches(':').len();
        let rest = self.source.get(start..).unwrap_or_default();
        rest.starts_with(":::") && rest.len() - rest.trim_start_matches(':').len() > place - start
    }

    /// Whether the open block ends before this line.
    fn ends_before(&self, line: &str, line_break: LineBreak) -> bool {
        if let Some(next) = begin(line) {
            let goes_on = self.marker.is_some_and(|marker| marker.precedes(next));
            if next.kind == MarkerKind::Bullet || goes_on {
                return true;
            }
        }
        let word = self.pieces.last().and_then(|(part, _)| part.split_whitespace().next_back()).unwrap_or_default();
        let goes_on = line.starts_with(char::is_lowercase) || lexicon::is_leaning(word) || word.ends_with([',', '-']);
        line_break == LineBreak::Hard && self.heading.is_none() && !goes_on
    }

    /// Adds visible text to the open block.
    fn push(&mut self, part: Cow<'a, str>, range: Range<usize>) {
        if self.in_code {
            self.pieces.push((part, range));
            return;
        }
        // A soft hyphen written as a character reference.
        if part == "\u{ad}" {
            return;
        }
        if let Some(line_break) = self.line_break
            && !self.pieces.is_empty()
            && self.ends_before(&part, line_break)
        {
            self.finish_block();
        }
        // Text of its own wording (character references) is not cut into lines.
        let source = self.source.get(range.clone()).filter(|source| *source == part.as_ref());
        if self.pieces.is_empty() {
            self.marker = source.and_then(begin);
            self.item_begins |= self.marker.is_some_and(|marker| marker.kind == MarkerKind::Bullet);
            if let Some(number) = self.number.take() {
                let marker = self.source.get(number.clone()).unwrap_or_default();
                self.pieces.push((Cow::Borrowed(marker), number.clone()));
                self.pieces.push((Cow::Borrowed(" "), number.end..range.start.max(number.end)));
            }
        } else if self.line_break.is_some() {
            self.marker = source.and_then(begin).or(self.marker);
            match source {
                Some(source) => push_line(&mut self.pieces, source, range.start),
                None => {
                    let end = self.pieces.last().map_or(range.start, |(_, place)| place.end);
                    self.pieces.push((Cow::Borrowed(" "), end..range.start.max(end)));
                    self.pieces.push((part, range));
                }
            }
            self.line_break = None;
            return;
        }
        self.line_break = None;
        self.pieces.push((part, range));
    }

    /// Closes the open block, if it has any text.
    fn finish_block(&mut self) {
        self.line_break = None;
        self.is_raised = false;
        self.caption.clear();
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
        let mut block = Block::new(kind, level, range, &pieces);
        block.continues = self.in_cell && std::mem::replace(&mut self.cell_has_text, true);
        if kind == BlockKind::TableCell {
            block.opens = self.opens.take();
        }
        self.blocks.push(block);
    }
}

/// The marker that a line begins with.
fn begin(line: &str) -> Option<Marker<'_>> {
    marker(line.trim_start())
}

/// Whether the text in place of an image says something: one word alone is a name.
fn is_caption(pieces: &[Piece<'_>]) -> bool {
    pieces.iter().flat_map(|(part, _)| part.split_whitespace()).nth(1).is_some()
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

/// What stands between the tags of HTML, hidden or not, as the reader of HTML shows it.
fn between_tags(html: &str) -> Block {
    let last_close = html.rfind('>').unwrap_or(0);
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut at = 0;
    while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find(|c| matches!(c, '<' | '&') || shown(c) != Some(c)).unwrap_or(rest.len());
        let (text, rest) = rest.split_at(plain);
        pieces.push((Cow::Borrowed(text), at..at + plain));
        at += plain;
        let is_tag =
            rest.starts_with("<") && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let (length, text) = if rest.starts_with("<!--") {
            (rest.find("-->").map_or(rest.len(), |end| end + "-->".len()), Cow::Borrowed(""))
        } else if is_tag && at < last_close {
            (rest.find('>').map_or(rest.len(), |end| end + 1), Cow::Borrowed(""))
        } else if let Some(reference) = character_reference(rest) {
            reference
        } else {
            let length = rest.chars().next().map_or(0, char::len_utf8);
            (length, Cow::Owned(rest[..length].chars().filter_map(shown).collect()))
        };
        pieces.push((text, at..at + length));
        at += length;
    }
    pieces.retain(|(text, _)| !text.is_empty());
    let start = pieces.first().map_or(0, |(_, place)| place.start);
    let end = pieces.last().map_or(start, |(_, place)| place.end);
    Block::new(BlockKind::Paragraph, 0, start..end, &pieces)
}

/// The length of the character reference that a text begins with, and what it stands for; old names need no semicolon, so
/// that only the tokenizer of HTML knows where they end.
fn character_reference(text: &str) -> Option<(usize, Cow<'_, str>)> {
    const LONGEST: usize = 34;
    let name = text.strip_prefix('&')?.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    let length = 1 + name + usize::from(text[1 + name..].starts_with(';'));
    let written = &text[..length.min(LONGEST)];
    let read: String =
        Tokenizer::new(written)
            .map(|Ok(token)| {
                if let Token::String(text) = token {
                    String::from_utf8_lossy(&text).into_owned()
                } else {
                    String::new()
                }
            })
            .collect();
    let tail = written.bytes().rev().zip(read.bytes().rev()).take_while(|(written, read)| written == read).count();
    (tail < written.len())
        .then(|| (written.len() - tail, Cow::Owned(read[..read.len() - tail].chars().filter_map(shown).collect())))
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
        assert_eq!(texts(text), ["Bericht", "Die Lage ist ernst."]);
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
    fn a_hard_line_break_within_a_sentence_does_not_cut_it() {
        assert_eq!(
            texts("Er sagte nichts\\\nund ging.<br>Die Lage in den<br>Ländern."),
            ["Er sagte nichts und ging.", "Die Lage in den Ländern."]
        );
        let cells = Document::from_markdown("| Amt<br>Weg 5 | b |\n|---|---|\n").blocks;
        let cells: Vec<_> = cells.iter().map(|cell| (cell.level, cell.continues, cell.text())).collect();
        assert_eq!(cells, [(1, false, "Amt"), (1, true, "Weg 5"), (2, false, "b")]);
    }

    #[test]
    fn marks_of_dialects_are_not_text() {
        let text = "# Ziele {#sec}\n\n> [!WARNING]\n> Achtung vor dem Hund.\n\n::: note\nHinweis hier.\n:::\n\n\
            ![](a.png){width=50%}\n\n![Abbildung 1: Preise](b.png)\n\n![logo](c.png)\n\n~~Alt.~~ Donau&shy;dampf bei 10<sup>6</sup>.\n";
        let expected =
            ["Ziele", "Achtung vor dem Hund.", "Hinweis hier.", "Abbildung 1: Preise", "Donaudampf bei 10⁶."];
        assert_eq!(texts(text), expected);
        assert_eq!(texts(":smile: Text"), [":smile: Text"]);
        assert_eq!(read("$$\nE = mc^2\n$$\n")[0].0, BlockKind::Code);
        assert_eq!(texts("Es kostet 5$ und nicht 6$, sagt er."), ["Es kostet 5$ und nicht 6$, sagt er."]);
    }

    #[test]
    fn definitions_and_lists_that_markdown_does_not_know_are_not_glued() {
        let text = "Begriff\n:   Die Erklärung.\n\n    Zweiter Absatz.\n\nEnde.";
        assert_eq!(texts(text), ["Begriff", "Die Erklärung.", "Zweiter Absatz.", "Ende."]);
        assert_eq!(texts("a. Alpha\nb. Beta\n"), ["a. Alpha", "b. Beta"]);
        assert_eq!(texts("(1) Erstens\n(2) Zweitens\n"), ["(1) Erstens", "(2) Zweitens"]);
        assert_eq!(texts("• Punkt eins\n• Punkt zwei\n"), ["• Punkt eins", "• Punkt zwei"]);
        assert_eq!(texts("Er kam am\n3. Juli nach\n4. Monaten."), ["Er kam am 3. Juli nach 4. Monaten."]);
    }

    #[test]
    fn lines_of_old_macs_are_lines() {
        assert_eq!(texts("# \r\rLage\r\r- eins\r- zwei\r"), ["Lage", "eins", "zwei"]);
    }

    #[test]
    fn the_number_of_an_item_without_text_of_its_own_is_kept() {
        assert_eq!(texts("1. - Punkt\n2. ```\n   x\n   ```\n3.\n"), ["1.", "Punkt", "2.", "x\n", "3."]);
    }

    #[test]
    fn a_second_paragraph_of_an_item_is_a_paragraph() {
        assert_eq!(
            read("- eins\n\n  noch etwas\n- zwei\n").iter().map(|b| b.0).collect::<Vec<_>>(),
            [BlockKind::ListItem, BlockKind::Paragraph, BlockKind::ListItem]
        );
    }
}
