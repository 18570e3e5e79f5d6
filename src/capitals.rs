//! Texts set in capitals throughout: "GIPFEL IN ASTANA" → "Gipfel in Astana" for the model, and the English set back.
//!
//! In: a source sentence. Out: the same sentence in the usual case, where it was in capitals. Models have hardly seen German
//! in capitals and make nonsense of it. Which words are nouns cannot be seen any more; words that are known to be none and
//! no acronym stay in lower case and all others get a capital, which reads better to a model than the other way round. No
//! translation here.

use std::borrow::Cow;

use crate::lexicon::{self, capitalised};

/// A single word of up to so many letters is taken for an acronym.
const LONGEST_ACRONYM: usize = 5;

/// `text` in the usual case if it is in capitals, else as it is.
pub(crate) fn usual_case(text: &str) -> Cow<'_, str> {
    if !is_in_capitals(text) {
        return Cow::Borrowed(text);
    }
    let mut result = String::with_capacity(text.len());
    let mut is_first = true;
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let (before, from_word) = rest.split_at(start);
        let (word, after) = from_word.split_at(word_length(from_word));
        result.push_str(before);
        let lower = word.to_lowercase();
        if word.chars().any(is_small) {
            result.push_str(word);
        } else if !is_first && matches!(before, "'" | "’") {
            // "GIBT'S"
            result.push_str(&lower);
        } else if let Some(written) = as_written(word) {
            result.push_str(written);
        } else if !is_first && is_lower_case(&lower) {
            result.push_str(&lower);
        } else {
            result.push_str(&capitalised(&lower));
        }
        is_first = false;
        rest = after;
    }
    result.push_str(rest);
    Cow::Owned(result)
}

/// (Almost) all letters are capitals, and they are more than acronyms.
fn is_in_capitals(text: &str) -> bool {
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    let others = text.chars().filter(|c| is_small(*c)).count();
    let mut words = words(text).filter(|word| word.chars().any(char::is_alphabetic));
    let is_word = |word: &str| as_written(word).is_none();
    match (words.next(), words.next()) {
        _ if capitals < 2 || others * 10 > capitals => false,
        (None, _) => false,
        (Some(word), None) => is_word(word) && word.chars().count() > LONGEST_ACRONYM,
        (Some(first), Some(second)) => is_word(first) || is_word(second) || words.any(is_word),
    }
}

/// A small letter; not ß, whose capital form is on few keyboards.
fn is_small(c: char) -> bool {
    c.is_lowercase() && c != 'ß'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len())
}

/// How a word in capitals is written that keeps (most of) them: an acronym, a single letter, a Roman or other number.
fn as_written(word: &str) -> Option<&str> {
    let keeps = || {
        let has_vowel = word.contains(['A', 'E', 'I', 'O', 'U', 'Ä', 'Ö', 'Ü', 'Y']);
        let is_roman = word.chars().all(|c| matches!(c, 'I' | 'V' | 'X'));
        !has_vowel || is_roman || word.chars().nth(1).is_none() || word.contains(|c: char| c.is_numeric())
    };
    lexicon::acronym(word).or_else(|| keeps().then_some(word))
}

/// A word that is no noun, given in lower case.
fn is_lower_case(word: &str) -> bool {
    lexicon::is_lower_case(word) || lexicon::is_leaning(word) || lexicon::is_starter(&capitalised(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_become_the_usual_case_and_acronyms_stay() {
        let cases = [
            ("GIPFEL IN ASTANA: BELARUS TRITT DER SOZ BEI", "Gipfel in Astana: Belarus tritt der SOZ bei"),
            ("DIE EU UND DIE USA", "Die EU und die USA"),
            ("SCHWERE STURMBÖEN AN DER NORDSEE", "Schwere Sturmböen an der Nordsee"),
            ("CDU/CSU-FRAKTION FORDERT 3,5 MRD. EURO", "CDU/CSU-Fraktion fordert 3,5 Mrd. Euro"),
            ("MÜLLER GMBH & CO. KG", "Müller GmbH & Co. KG"),
            ("TEIL II: GROßE PLÄNE", "Teil II: große Pläne"),
            ("SO GEHT'S: 'PLAN' STEHT", "So geht's: 'Plan' steht"),
            ("WARNUNG", "Warnung"),
        ];
        for (capitals, usual) in cases {
            assert_eq!(usual_case(capitals), usual);
        }
    }

    #[test]
    fn what_is_no_text_in_capitals_stays() {
        for text in [
            "",
            "NATO",
            "SOZ",
            "EU, NATO und UNO",
            "EU NATO",
            "FIFA",
            "Die EU",
            "A",
            "§ 5",
            "12 MW",
            "ABCDE",
            "IV. XII",
        ] {
            assert!(matches!(usual_case(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
