//! The sentences of what a T5 wrote. In: its output. Out: sentences with a capital letter and no space before marks.
//!
//! T5s write news in their own way: "the crane costs 4.8 million . it lifts 125 tonnes ." The rules for German reports
//! would see one sentence there.

use crate::document::Document;
use crate::segment::segment;

/// Words with a point that end no sentence.
const ABBREVIATIONS: &[&str] =
    &["Col", "Dr", "Gen", "Gov", "Jr", "Lt", "Mr", "Mrs", "Ms", "No", "Prof", "Rep", "Sen", "Sr", "St", "vs"];

/// Marks that may stand after the end of a sentence and belong to it.
const CLOSING: [char; 6] = ['"', '”', '’', '\'', ')', ']'];

/// The sentences of a German output, by the rules for German reports.
pub(super) fn german(text: &str) -> Vec<String> {
    let document = Document::from_text(text);
    segment(&document).into_iter().map(|segment| segment.text).filter(|text| !text.trim().is_empty()).collect()
}

pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut sentence = String::new();
    for word in text.split_whitespace() {
        let is_mark = word.chars().all(|character| ".,;:!?".contains(character));
        if !sentence.is_empty() && !is_mark {
            sentence.push(' ');
        }
        sentence.push_str(word);
        if ends(word) {
            sentences.push(capitalised(&std::mem::take(&mut sentence)));
        }
    }
    if !sentence.is_empty() {
        sentences.push(capitalised(&sentence));
    }
    sentences
}

fn ends(word: &str) -> bool {
    let bare = word.trim_end_matches(CLOSING);
    let Some(stem) = bare.strip_suffix('.') else { return bare.ends_with(['!', '?']) };
    let stem = stem.trim_start_matches(['"', '“', '(', '[']);
    // "U.S." and "J." may stand within a sentence.
    let initial = stem.chars().next_back().is_some_and(char::is_uppercase)
        && stem.chars().rev().nth(1).is_none_or(|before| before == '.');
    !initial && !ABBREVIATIONS.contains(&stem)
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_news_becomes_sentences() {
        assert_eq!(
            sentences("the crane costs 4.8 million . it lifts 125 tonnes , says Dr. I. Voss . \"good!\" no end"),
            ["The crane costs 4.8 million.", "It lifts 125 tonnes, says Dr. I. Voss.", "\"good!\"", "No end"]
        );
    }

    #[test]
    fn german_is_cut_by_its_own_rules() {
        assert_eq!(german("Am 4. Juli kam Dr. Voss. Er blieb."), ["Am 4. Juli kam Dr. Voss.", "Er blieb."]);
    }

    #[test]
    fn abbreviations_end_no_sentence() {
        assert_eq!(sentences("The U.S. president met Mr. Smith."), ["The U.S. president met Mr. Smith."]);
        assert_eq!(sentences("  "), [""; 0]);
    }
}
