//! Visible text, as a reader of marked-up files comes upon it → the text of a document and its blocks.
//!
//! In: pieces of text in reading order, and where blocks end. Out: a text that holds each block on lines of its own, white
//! space collapsed, and the blocks with their places in it. What makes a block, and of what kind, the readers know.

use std::borrow::Cow;
use std::ops::Range;

use super::join::push_line;
use super::{Block, BlockKind, Opens, Piece, lines};
use crate::superscript;

/// The text and blocks gathered so far, and the block that is being filled.
#[derive(Debug, Default)]
pub(super) struct Extract {
    text: String,
    blocks: Vec<Block>,
    open: String,
    /// What is pushed is bold; what the open block holds so far.
    is_bold: bool,
    weights: Weights,
    /// The blocks that look like headings only because they are bold.
    bold: Vec<usize>,
}

/// Which weights the letters of a block have.
#[derive(Debug, Clone, Copy, Default)]
struct Weights {
    bold: bool,
    plain: bool,
}

/// The tables that are open, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Tables(Vec<Table>);

#[derive(Debug, Default)]
struct Table {
    /// Column of the current cell, from 1; 0 before the first of a row.
    column: usize,
    /// Columns that the open cell takes up; 0 when none is open.
    width: usize,
    /// The open cell has text already.
    has_text: bool,
    /// What its next text opens.
    opens: Option<Opens>,
    /// Cells of rows above that reach down.
    spans: Vec<Span>,
}

/// A cell that takes up more than one row.
#[derive(Debug)]
struct Span {
    /// Its first column, from 1, and how many it takes up.
    column: usize,
    width: usize,
    /// Rows that it reaches down to below the one at hand.
    below: usize,
    /// It has begun in a row above.
    is_above: bool,
}

/// More characters are running text.
const LONGEST_PART: usize = 60;

/// More bold lines one below the other are no headings.
const MOST_BOLD_LINES: usize = 3;

/// A table with more cells that reach down at once is no table for reading.
const MOST_SPANS: usize = 64;

impl Extract {
    /// Says whether what is pushed from now on is bold.
    pub fn set_bold(&mut self, is_bold: bool) {
        self.is_bold = is_bold;
    }

    /// Adds visible text to the open block; white space becomes one space, soft hyphens disappear.
    pub fn push(&mut self, part: &str) {
        if part.contains(char::is_alphanumeric) {
            self.weights.bold |= self.is_bold;
            self.weights.plain |= !self.is_bold;
        }
        for character in part.chars().filter_map(shown) {
            match character {
                // Spaces that do not break are part of what they hold together ("z. B.").
                '\u{a0}' | '\u{202f}' | '\u{2007}' => self.open.push(character),
                white if white.is_whitespace() => {
                    if !self.open.is_empty() && !self.open.ends_with([' ', '\n', '\t']) {
                        self.open.push(' ');
                    }
                }
                visible => self.open.push(visible),
            }
        }
    }

    /// Adds text whose white space matters, as in code.
    pub fn push_verbatim(&mut self, part: &str) {
        self.open.push_str(&part.replace('\0', "\u{fffd}"));
    }

    /// Adds raised text: figures keep their height ("10⁶", "Zahl¹"), so that they do not become part of the number or word
    /// before them. Words have no such signs.
    pub fn push_raised(&mut self, part: &str) {
        self.push(&raised(part, self.open.chars().next_back()));
    }

    /// Puts a number in front of the open block, if it has any text.
    pub fn prefix(&mut self, label: &str) {
        if !self.is_blank() {
            let start = self.open.len() - self.open.trim_start().len();
            self.open.replace_range(..start, label);
        }
    }

    /// Begins a new line within the open block.
    pub fn line_break(&mut self) {
        if self.open.ends_with(' ') {
            self.open.pop();
        }
        self.open.push('\n');
    }

    /// Goes on at a tab stop: what follows may stand far from what was before.
    pub fn tab(&mut self) {
        self.open.truncate(self.open.trim_end_matches(' ').len());
        if !self.open.is_empty() && !self.open.ends_with(['\t', '\n']) {
            self.open.push('\t');
        }
    }

    /// Whether the open block has any text yet.
    pub fn is_blank(&self) -> bool {
        self.open.trim().is_empty()
    }

    /// Whether no block has been finished yet.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Sets the open block aside, for one that interrupts it (a text box); [`resume`](Self::resume) takes it back.
    pub fn suspend(&mut self) -> String {
        self.weights = Weights::default();
        std::mem::take(&mut self.open)
    }

    /// Goes on with a block that was set aside.
    pub fn resume(&mut self, open: String) {
        // One that was interrupted is no heading.
        self.weights.plain |= !open.trim().is_empty();
        self.open = open;
    }

    /// Ends the open block, if it has any text.
    ///
    /// In running text the line model decides which line breaks mean a new block: an address is one for each line, and a
    /// sentence broken for the eye is joined.
    pub fn finish(&mut self, kind: BlockKind, level: u8) {
        let open = std::mem::take(&mut self.open);
        let weights = std::mem::take(&mut self.weights);
        if kind == BlockKind::Code {
            let code = open.trim_end().trim_start_matches(['\n', '\r']);
            let block = Block::new(kind, level, 0..code.len(), &[(Cow::Borrowed(code), 0..code.len())]);
            return self.append(code, if code.is_empty() { Vec::new() } else { vec![block] });
        }
        let content = open.trim();
        if content.is_empty() {
            return;
        }
        let has_lines = content.contains('\n') && !matches!(kind, BlockKind::Title | BlockKind::Heading);
        let parts = (kind == BlockKind::Paragraph && !has_lines).then(|| tab_parts(content)).flatten();
        // The line model knows tabs; elsewhere they are spaces.
        let is_for_lines = has_lines && kind == BlockKind::Paragraph;
        let open = if is_for_lines || !open.contains('\t') { open } else { open.replace('\t', " ") };
        let content = open.trim();
        // What looks like an item of a list to the reader is one, whatever it is called.
        let is_item = kind == BlockKind::Paragraph && begins_with_bullet(content);
        let blocks = if has_lines || is_item {
            let mut blocks = lines::blocks(content);
            for (at, block) in blocks.iter_mut().enumerate() {
                let is_kept = !matches!(block.kind, BlockKind::Title | BlockKind::Heading);
                (block.kind, block.level) = match kind {
                    BlockKind::Quote | BlockKind::TableCell => (kind, level),
                    BlockKind::ListItem if at == 0 || block.kind == BlockKind::ListItem => (kind, level),
                    _ if is_kept => (block.kind, block.level),
                    _ => (BlockKind::Paragraph, 0),
                };
                block.opens = block.opens.filter(|_| block.kind == BlockKind::TableCell);
            }
            blocks
        } else if let Some(parts) = parts {
            let block = |part: Range<usize>| {
                let text = content.get(part.clone()).unwrap_or_default();
                Block::new(kind, level, part.clone(), &[(Cow::Borrowed(text), part)])
            };
            parts.into_iter().map(block).collect()
        } else {
            let mut pieces: Vec<Piece<'_>> = Vec::new();
            let mut at = 0;
            for line in content.split('\n') {
                if !line.is_empty() {
                    push_line(&mut pieces, line, at);
                }
                at += line.len() + 1;
            }
            vec![Block::new(kind, level, 0..content.len(), &pieces)]
        };
        if let [block] = blocks.as_slice()
            && weights.bold
            && !weights.plain
            && block.kind == BlockKind::Paragraph
            && lines::looks_like_heading(content, block)
        {
            self.bold.push(self.blocks.len());
        }
        self.append(content, blocks);
    }

    /// Makes headings of short bold paragraphs that stand above others, as people write them who use no styles; of the first
    /// block of all it makes `first_kind`, unless there is a title.
    pub fn name_bold_headings(&mut self, first_kind: BlockKind) {
        let bold = std::mem::take(&mut self.bold);
        let has_title = self.blocks.iter().any(|block| block.kind == BlockKind::Title);
        let (mut level, mut seen) = (2, 0);
        for lines in bold.chunk_by(|above, below| above + 1 == *below) {
            let (Some(&first), Some(&last)) = (lines.first(), lines.last()) else { continue };
            // One level below the last heading that is one by its style.
            let between = self.blocks.get(seen..first).unwrap_or_default();
            let styled = between.iter().rfind(|block| block.kind == BlockKind::Heading);
            level = styled.map_or(level, |block| block.level.saturating_add(1).min(6));
            seen = last + 1;
            let above = self.blocks.get(first.saturating_sub(lines::LONGEST_SIGNATURE)..first).unwrap_or_default();
            let is_signature = above.iter().any(|block| lines::is_farewell(block.text()));
            let is_above = self.blocks.get(seen).is_some_and(|next| next.kind != BlockKind::Title);
            if is_signature || !is_above || lines.len() > MOST_BOLD_LINES {
                continue;
            }
            for (at, block) in self.blocks.iter_mut().enumerate().take(seen).skip(first) {
                let is_title = at == 0 && !has_title && first_kind == BlockKind::Title;
                (block.kind, block.level) = if is_title { (BlockKind::Title, 1) } else { (BlockKind::Heading, level) };
            }
        }
    }

    /// Ends the open block as a paragraph of the innermost open cell, if it has any text.
    pub fn finish_cell(&mut self, tables: &mut Tables) {
        let (Some(column), false) = (tables.column(), self.is_blank()) else { return };
        let before = self.blocks.len();
        self.finish(BlockKind::TableCell, column);
        if let Some(table) = tables.0.last_mut() {
            for block in self.blocks.iter_mut().skip(before) {
                block.continues = std::mem::replace(&mut table.has_text, true);
                block.opens = table.opens.take();
            }
        }
    }

    /// Ends the open block as plain text, whose lines were kept: the line model cuts it.
    pub fn finish_plain(&mut self) {
        let open = self.suspend();
        let mut blocks = lines::blocks(&open);
        for block in blocks.iter_mut().filter(|block| block.kind == BlockKind::Title) {
            block.kind = BlockKind::Heading;
        }
        self.append(open.trim_end(), blocks);
    }

    /// The text of the open block.
    pub fn open_text(&self) -> &str {
        &self.open
    }

    /// Adds a text that has been cut into blocks, on lines of its own.
    pub fn append(&mut self, text: &str, blocks: Vec<Block>) {
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.blocks.extend(blocks.into_iter().map(|block| block.moved(start)));
    }

    /// The text and its blocks.
    pub fn into_parts(self) -> (String, Vec<Block>) {
        (self.text, self.blocks)
    }
}

impl Tables {
    pub fn start_table(&mut self) {
        self.0.push(Table { opens: Some(Opens::Table), ..Table::default() });
    }

    pub fn end_table(&mut self) {
        let has_cells = self.0.pop().is_some_and(|table| table.opens != Some(Opens::Table));
        // What follows in the table around it does not belong to its last row.
        if let Some(table) = self.0.last_mut().filter(|_| has_cells) {
            (table.has_text, table.opens) = (false, Some(Opens::Table));
        }
    }

    pub fn start_row(&mut self) {
        if let Some(table) = self.0.last_mut() {
            let mut spans = std::mem::take(&mut table.spans);
            spans.retain_mut(|span| {
                span.is_above = true;
                span.below.checked_sub(1).is_some_and(|below| {
                    span.below = below;
                    true
                })
            });
            *table = Table { spans, opens: table.opens.or(Some(Opens::Row)), ..Table::default() };
        }
    }

    /// Begins a cell that takes up `columns` and `rows` of them.
    pub fn start_cell(&mut self, columns: usize, rows: usize) {
        if let Some(table) = self.0.last_mut() {
            // Where the end of the one before was left out.
            table.column = table.column.saturating_add(table.width.saturating_sub(1)).saturating_add(1);
            table.width = columns.max(1);
            table.has_text = false;
            let taken = |column: usize| {
                let covers = |span: &&Span| span.is_above && (span.column..span.column + span.width).contains(&column);
                table.spans.iter().find(covers).map(|span| span.column + span.width)
            };
            while let Some(next) = taken(table.column) {
                table.column = next;
            }
            if rows > 1 && table.spans.len() < MOST_SPANS {
                table.spans.push(Span { column: table.column, width: table.width, below: rows - 1, is_above: false });
            }
        }
    }

    /// Says that the open cell takes up `columns` of them.
    pub fn widen_cell(&mut self, columns: usize) {
        if let Some(table) = self.0.last_mut().filter(|table| table.width > 0) {
            table.width = columns.max(1);
        }
    }

    pub fn end_cell(&mut self) {
        if let Some(table) = self.0.last_mut() {
            table.column = table.column.saturating_add(table.width.saturating_sub(1));
            table.width = 0;
        }
    }

    /// Column of the innermost open cell, from 1.
    pub fn column(&self) -> Option<u8> {
        let table = self.0.last().filter(|table| table.width > 0)?;
        Some(u8::try_from(table.column).unwrap_or(u8::MAX))
    }
}

/// The parts of a line that stand apart at tab stops: "Unser Zeichen → 4711/24". A sentence that tabs only stretch is none, and
/// labels, numbers and bullets belong to what follows them.
fn tab_parts(line: &str) -> Option<Vec<Range<usize>>> {
    if line.ends_with(['.', '!', '?', '…', ':', ',', ';']) {
        return None;
    }
    let mut parts: Vec<Range<usize>> = Vec::new();
    let (mut at, mut leads) = (0, false);
    for piece in line.split('\t') {
        let start = at + piece.len() - piece.trim_start().len();
        let part = piece.trim();
        at += piece.len() + 1;
        if part.is_empty() {
            continue;
        }
        let end = start + part.len();
        match parts.last_mut().filter(|_| leads) {
            Some(last) => last.end = end,
            None => parts.push(start..end),
        }
        let is_first = parts.len() == 1 && parts.first().is_some_and(|first| first.start == start);
        let letters = part.chars().filter(|character| character.is_alphabetic()).count();
        leads = part.ends_with(':') || is_first && letters < 2;
    }
    let is_part = |part: &Range<usize>| {
        let part = line.get(part.clone()).unwrap_or_default();
        part.chars().count() <= LONGEST_PART && !part.starts_with(char::is_lowercase)
    };
    (parts.len() > 1 && parts.iter().all(is_part)).then_some(parts)
}

/// Whether a text begins with a bullet or a box that somebody typed.
fn begins_with_bullet(text: &str) -> bool {
    lines::marker(text).is_some_and(|marker| marker.is_sign())
}

/// What is seen of a character: nothing of soft hyphens and their like, and what stands for NUL.
pub(super) fn shown(character: char) -> Option<char> {
    match character {
        '\u{ad}' | '\u{feff}' | '\u{200b}' => None,
        '\0' => Some(char::REPLACEMENT_CHARACTER),
        seen => Some(seen),
    }
}

/// Figures and their signs at the height of an exponent, where all of `part` is made of them ("10⁻³", "1.234¹⁾", "45¹,²"),
/// and the letters of notes in brackets ("12[a]"), where else they became part of what is `before`; else `part`.
pub(super) fn raised(part: &str, before: Option<char>) -> Cow<'_, str> {
    let mark = part.trim();
    if let Some(letters) = note_letters(mark)
        && (letters.len() < mark.len() || before.is_some_and(|before| before.is_ascii_digit()))
    {
        return Cow::Owned(format!("[{letters}]"));
    }
    let sign = |character| match character {
        'n' => Some('ⁿ'),
        // Between the numbers of notes; there are no such signs.
        ',' | ';' | ' ' | '\u{a0}' => Some(character),
        _ => superscript::raised(character),
    };
    // Where a run holds but the comma between two others, the text takes it as it is.
    let has_figure = mark.is_empty() || mark.contains(|c: char| !matches!(c, '(' | ')' | ',' | ';'));
    let signs = || mark.chars().map(sign).collect::<Option<String>>();
    has_figure.then(signs).flatten().map_or(Cow::Borrowed(part), Cow::Owned)
}

/// The letters that mark notes ("a", "a)", "(b)", "a, b"), without their brackets; further ones are part of words, as in
/// "1er" and "5th".
fn note_letters(mark: &str) -> Option<&str> {
    let letters = mark.strip_prefix('(').unwrap_or(mark);
    let letters = letters.strip_suffix(')').unwrap_or(letters);
    letters.split([',', ';']).all(|letter| matches!(letter.trim().as_bytes(), [b'a'..=b'f'])).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(extract: Extract) -> Vec<String> {
        extract.into_parts().1.iter().map(|block| block.text().to_owned()).collect()
    }

    #[test]
    fn blocks_stand_on_lines_of_their_own_and_know_their_places() {
        let mut extract = Extract::default();
        extract.push("  Der\n\tRat ");
        extract.push("  tagt\u{ad}e. ");
        extract.finish(BlockKind::Heading, 2);
        extract.push(" ");
        extract.finish(BlockKind::Paragraph, 0);
        extract.push("Ende");
        extract.finish(BlockKind::TableCell, 1);
        let (text, blocks) = extract.into_parts();
        assert_eq!(text, "Der Rat tagte.\nEnde");
        assert!(blocks.iter().all(|block| text[block.range.clone()] == *block.text()));
        assert_eq!(blocks.len(), 2);
    }

    #[test]
    fn a_line_break_in_running_text_is_judged_as_in_plain_text() {
        let mut extract = Extract::default();
        for line in ["Die Lage in den", "Ländern ist ernst."] {
            extract.push(line);
            extract.line_break();
        }
        extract.finish(BlockKind::Paragraph, 0);
        for line in ["Auswärtiges Amt", "Werderscher Markt 1"] {
            extract.push(line);
            extract.line_break();
        }
        extract.finish(BlockKind::Paragraph, 0);
        assert_eq!(texts(extract), ["Die Lage in den Ländern ist ernst.", "Auswärtiges Amt", "Werderscher Markt 1"]);
    }

    #[test]
    fn what_stands_apart_at_tab_stops_is_parted() {
        let cases: [(&[&str], &[&str]); 9] = [
            (&["Unser Zeichen", "Datum"], &["Unser Zeichen", "Datum"]),
            (&["Beratung", "12 Stunden", "1.440,00 €"], &["Beratung", "12 Stunden", "1.440,00 €"]),
            (&["1.2", "Anforderungen", "7"], &["1.2 Anforderungen", "7"]),
            (&["Datum:", "3. Mai 2024"], &["Datum: 3. Mai 2024"]),
            (&["Tel.:", "0221 1234", "Fax:", "0221 1235"], &["Tel.: 0221 1234", "Fax: 0221 1235"]),
            (&["a)", "Der Antrag wird abgelehnt"], &["a) Der Antrag wird abgelehnt"]),
            (&["Der Rat tagte am", "Montag in Köln."], &["Der Rat tagte am Montag in Köln."]),
            (&["Der Rat tagte", "am Montag"], &["Der Rat tagte am Montag"]),
            (&["", "Eingerückt"], &["Eingerückt"]),
        ];
        for (pieces, expected) in cases {
            let mut extract = Extract::default();
            for (at, piece) in pieces.iter().enumerate() {
                if at > 0 {
                    extract.tab();
                }
                extract.push(piece);
            }
            extract.finish(BlockKind::Paragraph, 0);
            let (text, blocks) = extract.into_parts();
            assert!(blocks.iter().all(|block| text[block.range.clone()] == *block.text()));
            assert_eq!(blocks.iter().map(|block| block.text().to_owned()).collect::<Vec<_>>(), expected);
        }
    }

    /// "1.2341) Mio.", "451,2": these had become part of the numbers.
    #[test]
    fn marks_of_notes_stay_apart_from_what_they_stand_behind() {
        let cases = [
            ("1.234", "1)", "1.234¹⁾"),
            ("45", "1,2", "45¹,²"),
            ("2023", "3, 4", "2023³, ⁴"),
            ("2024", "5–7", "2024⁵⁻⁷"),
            ("12", "a", "12[a]"),
            ("12", "a, b", "12[a, b]"),
            ("Gewinn", "a)", "Gewinn[a]"),
            ("80", "*", "80*"),
            ("m", "2", "m²"),
            ("x", "n", "xⁿ"),
            ("10", "-3", "10⁻³"),
            ("5", "th", "5th"),
            ("M", "me", "Mme"),
            ("N", "a", "Na"),
            ("Wert", ",", "Wert,"),
        ];
        for (before, mark, expected) in cases {
            let mut extract = Extract::default();
            extract.push(before);
            extract.push_raised(mark);
            extract.finish(BlockKind::Paragraph, 0);
            assert_eq!(texts(extract), [expected]);
        }
    }

    #[test]
    fn a_line_break_in_a_cell_is_a_space() {
        let mut extract = Extract::default();
        extract.push("Zahl der");
        extract.line_break();
        extract.push("Gäste");
        extract.finish(BlockKind::TableCell, 1);
        assert_eq!(texts(extract), ["Zahl der Gäste"]);
    }
}
