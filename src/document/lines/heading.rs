//! Which short lines are the title, headings and the dateline of a report.
//!
//! In: the blocks of plain text. Out: the same blocks, some with another kind. No block is cut or joined here.

use super::marker::is_number_alone;
use super::{Block, BlockKind, is_line_end, is_rule};
use crate::lexicon;

/// Longest line that may be a heading, in characters.
const HEADING_LENGTH: usize = 120;

/// Turns paragraphs that stand alone like headings into headings, the first of them into the title.
pub(super) fn name_headings(text: &str, blocks: &mut [Block]) {
    // From the end, because a heading is known by what follows it.
    let mut above_text = 0;
    let opening = blocks.iter().take_while(|block| block.kind == BlockKind::Dateline).count();
    for index in (0..blocks.len()).rev() {
        let (Some(block), next) = (blocks.get(index), blocks.get(index + 1)) else { continue };
        let underline = underline(text, block.range.end);
        let looks_like = looks_like_heading(text, block);
        let stands_above = next.is_some_and(|next| match next.kind {
            BlockKind::Heading => above_text < 3,
            BlockKind::Paragraph => !looks_like_heading(text, next),
            BlockKind::ListItem => block.kind != BlockKind::ListItem,
            BlockKind::Quote | BlockKind::Dateline | BlockKind::TableCell => true,
            _ => false,
        });
        if looks_like && (stands_above || underline.is_some()) {
            above_text += 1;
            let level = 1 + block.level.max(1);
            let is_title =
                index <= opening && block.kind == BlockKind::Paragraph && underline != Some('-') && blocks.len() > 1;
            if let Some(block) = blocks.get_mut(index) {
                (block.kind, block.level) = if is_title { (BlockKind::Title, 1) } else { (BlockKind::Heading, level) };
            }
        } else {
            above_text = 0;
        }
    }
}

/// One short line that begins like a heading and does not end like a sentence.
fn looks_like_heading(text: &str, block: &Block) -> bool {
    let line = block.text();
    let begins = line.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with(char::is_uppercase);
    let numbered = block.kind == BlockKind::ListItem && line.len() == block.range.len();
    (block.kind == BlockKind::Paragraph || numbered)
        && line.len() <= 4 * HEADING_LENGTH
        && line.chars().count() <= HEADING_LENGTH
        && begins
        && !is_of_a_letter(line)
        && (!line.ends_with(['.', ',', ';', ':', '…']) || is_number_alone(line))
        && !text[block.range.clone()].contains(is_line_end)
}

/// "Tel.: 030 1234", "E-Mail: a@b.de", "Viele Grüße": stands at the end of letters, over nothing.
fn is_of_a_letter(line: &str) -> bool {
    const LABELS: [&str; 10] = ["Tel", "Telefon", "Fax", "Telefax", "Mobil", "E-Mail", "Mail", "Internet", "Web", "Cc"];
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let label = first.strip_suffix(':').map(|label| label.trim_end_matches('.'));
    label.is_some_and(|label| LABELS.contains(&label))
        || first.starts_with("Tel.")
        || words.next_back().is_some_and(|last| matches!(last, "Grüße" | "Grüßen" | "Gruß" | "Gruss" | "Grüsse"))
            && !line.contains(':')
}

/// The character of the rule right below a block.
fn underline(text: &str, end: usize) -> Option<char> {
    let below = text.get(end..)?.trim_start_matches([' ', '\t']);
    let below = below.strip_prefix("\r\n").or_else(|| below.strip_prefix(is_line_end))?;
    let line = below.split(is_line_end).next().unwrap_or_default().trim();
    line.chars().next().filter(|_| is_rule(line))
}

/// "Berlin, 4. Juli 2024": only names and a date.
pub(super) fn is_dateline(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(10).collect();
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
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
        _ => return false,
    };
    let is_name = |name: &&str| matches!(*name, "den" | "am" | "/" | "–" | "-") || name.starts_with(char::is_uppercase);
    names.len() <= 5 && names.iter().all(is_name)
}
