//! Which short lines are the title, headings and the dateline of a report.
//!
//! In: the blocks of plain text. Out: the same blocks, some with another kind. No block is cut or joined here.

use super::forms::{
    is_address, is_bracketed, is_contents_entry, is_farewell, is_figure, is_labelled_value, is_mail_label, is_message,
    is_message_rule, is_number, is_of_a_letter, is_page_number, is_turn,
};
use super::marker::{Marker, is_number_alone, marker, note_number};
use super::{Block, BlockKind, ends_shortened, ends_within, is_closing, is_line_end, is_rule};
use crate::lexicon;

/// Longest line that may be a heading, in characters.
const HEADING_LENGTH: usize = 120;

/// Fewest short lines one below the other that are a list, and below a line that ends in a colon.
const SHORTEST_LIST: usize = 3;
const SHORTEST_LED_LIST: usize = 2;

/// Most lines of a name above an address, and of a signature.
const LONGEST_NAME: usize = 3;
pub(in crate::document) const LONGEST_SIGNATURE: usize = 4;

/// Turns paragraphs that stand alone like headings into headings, the first of them into the title.
pub(super) fn name_headings(text: &str, blocks: &mut [Block]) {
    let grouped = grouped(text, blocks);
    let opening = blocks.iter().take_while(|block| block.kind == BlockKind::Dateline).count();
    let listed = bare_lists(text, blocks, opening);
    // From the end, because a heading is known by what follows it.
    let mut above_text = 0;
    let mut next_looks_like = false;
    for (index, (is_grouped, listed)) in grouped.into_iter().zip(listed).enumerate().rev() {
        let (Some(block), next) = (blocks.get(index), blocks.get(index + 1)) else { continue };
        let underline = underline(text, block.range.end);
        let is_title = index <= opening && block.kind == BlockKind::Paragraph && underline != Some('-');
        let leads_in = is_lead_in(block.text()) && next.is_some_and(|next| next.kind == BlockKind::ListItem);
        let is_said = is_turn(block.text()) && !(is_title && is_topic(index, blocks));
        let looks_like = !is_grouped && !leads_in && !is_said && looks_like_heading(text, block);
        let stands_above = next.is_some_and(|next| match next.kind {
            BlockKind::Heading => above_text < 3,
            BlockKind::Paragraph => !next_looks_like,
            BlockKind::ListItem => block.kind != BlockKind::ListItem,
            BlockKind::Quote | BlockKind::Dateline | BlockKind::TableCell => true,
            _ => false,
        });
        // The first line of a list is a heading or an entry, and what stands above it none of them.
        next_looks_like = looks_like && listed != Some(0);
        if looks_like && listed.is_none_or(|place| place == 0) && (stands_above || underline.is_some()) {
            above_text += 1;
            let level = 1 + block.level.max(1);
            let is_title = is_title && blocks.len() > 1;
            if let Some(block) = blocks.get_mut(index) {
                (block.kind, block.level) = if is_title { (BlockKind::Title, 1) } else { (BlockKind::Heading, level) };
            }
        } else {
            above_text = 0;
        }
    }
}

/// Which blocks belong to their neighbours, so that they are no headings: lines of a signature, of a letterhead, of facts
/// one below the other, and the right part of a line.
fn grouped(text: &str, blocks: &[Block]) -> Vec<bool> {
    let mut grouped = signatures(text, blocks);
    let mut above_address = 0;
    for (index, is_grouped) in grouped.iter_mut().enumerate().rev() {
        let Some(block) = blocks.get(index) else { continue };
        let (above, next) = (index.checked_sub(1).and_then(|above| blocks.get(above)), blocks.get(index + 1));
        let below = next.filter(|next| lines_between(text, block, next) == 1);
        above_address = match (is_address(block.text()), below) {
            (true, _) => LONGEST_NAME,
            (false, Some(_)) => usize::saturating_sub(above_address, 1),
            (false, None) => 0,
        };
        let lines_above = above.map(|above| (above, lines_between(text, above, block)));
        let is_beside = lines_above.is_some_and(|(_, lines)| lines == 0);
        let is_below_fact = lines_above.is_some_and(|(above, lines)| lines == 1 && is_fact(above));
        let is_one_of_facts = is_fact(block) && (is_below_fact || below.is_some_and(is_fact));
        let follows = lines_above.is_some_and(|(above, lines)| lines == 1 && precedes(above, block));
        let is_numbered = follows || below.is_some_and(|below| precedes(block, below));
        *is_grouped |= above_address > 0 || is_beside || is_one_of_facts || is_numbered;
    }
    grouped
}

/// Which blocks are the lines of a signature, right below a farewell.
fn signatures(text: &str, blocks: &[Block]) -> Vec<bool> {
    let mut signatures = Vec::with_capacity(blocks.len());
    let mut left = 0;
    let mut above: Option<&Block> = None;
    for block in blocks {
        let is_below =
            above.is_some_and(|above| is_farewell(above.text()) || left > 0 && lines_between(text, above, block) == 1);
        let is_signature = is_below && block.kind == BlockKind::Paragraph && block.text().len() <= HEADING_LENGTH;
        left = match (is_farewell(block.text()), is_signature) {
            (true, _) => LONGEST_SIGNATURE,
            (false, true) => usize::saturating_sub(left, 1),
            (false, false) => 0,
        };
        signatures.push(is_signature);
        above = Some(block);
    }
    signatures
}

/// Whether the numbers of two items follow each other: right below each other these make a list, not headings.
fn precedes(upper: &Block, lower: &Block) -> bool {
    upper.level == lower.level
        && item_number(upper).is_some_and(|upper| item_number(lower).is_some_and(|lower| upper.precedes(lower)))
}

/// The number that an item begins with.
fn item_number(block: &Block) -> Option<Marker<'_>> {
    let text = Some(block.text()).filter(|_| block.kind == BlockKind::ListItem)?;
    marker(text).or_else(|| note_number(text))
}

/// The places of blocks in bare lists of short lines one below the other: opening hours, ingredients, names. The first
/// line of one (place 0) may be its heading, unless a line with a colon stands above. A title may have such lines of its
/// own, so the opening of a document is no list.
fn bare_lists(text: &str, blocks: &[Block], opening: usize) -> Vec<Option<usize>> {
    let mut places = vec![None; blocks.len()];
    let mut start = 0_usize;
    for end in 1..=blocks.len() {
        let (Some(last), next) = (blocks.get(end - 1), blocks.get(end)) else { continue };
        let is_entry = |block: &Block| block.kind == BlockKind::Paragraph && is_fragment(text, block);
        if next.is_some_and(|next| is_entry(last) && is_entry(next) && lines_between(text, last, next) == 1) {
            continue;
        }
        let lead = start.checked_sub(1).and_then(|above| blocks.get(above));
        let is_led = lead.is_some_and(|lead| lead.text().ends_with(':'));
        let shortest = if is_led { SHORTEST_LED_LIST } else { SHORTEST_LIST };
        if start > opening && end - start >= shortest {
            let lines = places.iter_mut().skip(start).take(end - start);
            lines.enumerate().for_each(|(place, line)| *line = Some(place + usize::from(is_led)));
        }
        start = end;
    }
    places
}

/// One short line that does not end like a sentence.
fn is_fragment(text: &str, block: &Block) -> bool {
    let line = block.text();
    line.len() <= 4 * HEADING_LENGTH
        && line.chars().count() <= HEADING_LENGTH
        && !ends_like_sentence(line)
        && !text.get(block.range.clone()).is_some_and(|range| range.contains(is_line_end))
}

/// One line of the kind "Ort: Rathaus, Saal 2".
fn is_fact(block: &Block) -> bool {
    let line = block.text();
    block.kind == BlockKind::Paragraph
        && line.len() <= HEADING_LENGTH
        && is_labelled_value(line)
        && !ends_like_sentence(line)
}

/// "Haushalt: Was nun?" may well be a title, unless somebody is asked, who answers or is asked once more.
fn is_topic(index: usize, blocks: &[Block]) -> bool {
    let (Some(block), Some(next)) = (blocks.get(index), blocks.get(index + 1)) else { return false };
    let Some((name, question)) = block.text().split_once(':') else { return false };
    let opens = |block: &Block| block.text().strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
    let is_asked = question.trim_start().starts_with("Frau ")
        || question.trim_start().starts_with("Herr ")
        || matches!(name, "Frage" | "Interviewer");
    !is_asked && !is_labelled_value(next.text()) && !blocks.iter().skip(index + 1).any(opens)
}

/// How many lines end between two blocks, at most 2.
fn lines_between(text: &str, upper: &Block, lower: &Block) -> usize {
    let gap = text.get(upper.range.end..lower.range.start).unwrap_or_default();
    // The two characters of one line end count once.
    let is_end = |pair: (Option<char>, char)| is_line_end(pair.1) && pair != (Some('\r'), '\n');
    let before = std::iter::once(None).chain(gap.chars().map(Some));
    before.zip(gap.chars()).filter(|pair| is_end(*pair)).take(2).count()
}

/// One short line that begins like a heading and does not end like a sentence.
pub(in crate::document) fn looks_like_heading(text: &str, block: &Block) -> bool {
    let line = block.text();
    let begins = line.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with(char::is_uppercase);
    let numbered = block.kind == BlockKind::ListItem && line.len() == block.range.len();
    (block.kind == BlockKind::Paragraph || numbered)
        && begins
        && is_fragment(text, block)
        && !is_paragraph(line)
        && !has_form_of_its_own(line)
        && !is_dateline(line)
}

/// Ends in the mark of a sentence or clause, also within quotes and brackets, or in a word that leans on the next one.
fn ends_like_sentence(line: &str) -> bool {
    let core = line.trim_end_matches(is_closing);
    let is_closed = core.len() < line.len();
    let is_shortened = is_closed && ends_shortened(core);
    let last = core.rsplit(char::is_whitespace).next().unwrap_or_default();
    core.ends_with(['.', ',', ';', ':', '…']) && !is_shortened && !is_number_alone(line)
        || is_closed && core.ends_with(['!', '?'])
        || last.starts_with(char::is_lowercase) && lexicon::is_leaning(last)
}

/// "Schluss damit. Es reicht!": a heading may call and ask, but it does not do so in three sentences, nor behind a full
/// stop. Without a mark at its end it may: "Die Wahl ist entschieden. Was nun kommt".
fn is_paragraph(line: &str) -> bool {
    const SHORTEST_WORD: usize = 3;
    let marks = || ends_within(line, SHORTEST_WORD);
    line.ends_with(['!', '?']) && (marks().any(|mark| mark == '.') || marks().nth(1).is_some())
}

/// Lines of letters, messages, lists and tables that are no headings, whatever follows.
fn has_form_of_its_own(line: &str) -> bool {
    is_of_a_letter(line)
        || is_mail_label(line)
        || is_message_rule(line)
        || is_figure(line)
        || is_page_number(line)
        || is_contents_entry(line)
        || is_message(line)
        || is_bracketed(line)
}

/// "Im Sinne dieses Gesetzes ist": a sentence that the items below end; "Was zu tun ist" is none.
fn is_lead_in(line: &str) -> bool {
    const VERBS: [&str; 16] = [
        "ist", "sind", "war", "waren", "wird", "werden", "gilt", "gelten", "hat", "haben", "kann", "können", "muss",
        "müssen", "soll", "sollen",
    ];
    let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    let first = line.split_whitespace().next().unwrap_or_default();
    let asks = matches!(first, "Was" | "Wer" | "Wie" | "Wo" | "Wann" | "Warum" | "Wofür" | "Womit" | "Wem" | "Wen");
    VERBS.contains(&last) && !asks
}

/// The character of the rule right below a block.
fn underline(text: &str, end: usize) -> Option<char> {
    let below = text.get(end..)?.trim_start_matches([' ', '\t']);
    let below = below.strip_prefix("\r\n").or_else(|| below.strip_prefix(is_line_end))?;
    let line = below.split(is_line_end).next().unwrap_or_default().trim();
    line.chars().next().filter(|_| is_rule(line))
}

/// "Berlin, 4. Juli 2024", "Köln (ots)": only names and a date or a news agency.
pub(super) fn is_dateline(line: &str) -> bool {
    let is_agency = |word: &str| {
        let inside = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
        inside.is_some_and(|names| names.split('/').all(lexicon::is_agency))
    };
    let words: Vec<&str> = line.split_whitespace().take(10).collect();
    let is_year = |word: &str| is_number(word, 4..=4);
    let is_day = |word: &str| word.strip_suffix('.').is_some_and(|day| day.len() <= 2 && day.parse::<u8>().is_ok());
    let is_numeric_date = |word: &str| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3
            && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            && !parts[0].is_empty()
    };
    let names = match words.as_slice() {
        [names @ .., day, month, year] if is_day(day) && lexicon::is_month(month) && is_year(year) => names,
        [names @ .., day, month] if is_day(day) && lexicon::is_month(month) => names,
        [names @ .., date] if is_numeric_date(date) => names,
        [names @ .., last] if is_agency(last) && !names.is_empty() => names,
        _ => return false,
    };
    let is_name = |name: &&str| matches!(*name, "den" | "am" | "/" | "–" | "-") || name.starts_with(char::is_uppercase);
    names.len() <= 5 && names.iter().all(is_name)
}
