//! A sentence longer than the model takes → clauses that fit; together they are the sentence, character for character.
//!
//! In: text and a test whether a piece fits. Out: consecutive pieces. No token ids here.

/// Cuts `text` into consecutive pieces that `fits` accepts, at the strongest clause mark near the middle.
///
/// Pieces keep their white space, so that their concatenation is `text`. A single character is never cut, fit or not.
pub fn split<'a>(text: &'a str, fits: &dyn Fn(&str) -> bool) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut waiting = vec![text];
    while let Some(piece) = waiting.pop() {
        match cut(piece) {
            Some(at) if !fits(piece) => {
                let (left, right) = piece.split_at(at);
                waiting.push(right);
                waiting.push(left);
            }
            _ => pieces.push(piece),
        }
    }
    pieces
}

/// How good a place for a cut is, by the text before and after it; lower is better.
fn rank(before: char, after: &str) -> Option<u32> {
    const CONJUNCTIONS: [&str; 8] = ["und ", "oder ", "aber ", "sondern ", "dass ", "weil ", "während ", "obwohl "];
    if !before.is_whitespace() || after.starts_with(char::is_whitespace) {
        return None;
    }
    Some(if CONJUNCTIONS.iter().any(|word| after.starts_with(word)) { 3 } else { 4 })
}

/// The best place to cut: after `;` or `:`, then after a comma or dash, then before a conjunction, then at any space, then
/// anywhere; among equals the one nearest to the middle. `None` for a single character.
fn cut(text: &str) -> Option<usize> {
    let middle = text.len() / 2;
    let mut best: Option<(u32, usize, usize)> = None;
    let (mut previous, mut mark) = (' ', ' ');
    for (at, character) in text.char_indices() {
        if at > 0 {
            let strength = match (rank(previous, &text[at..]), mark) {
                (Some(_), ';' | ':' | '.' | '!' | '?') => 1,
                (Some(_), ',' | '–' | '—' | ')' | '|' | '/') => 2,
                (Some(rank), _) => rank,
                (None, _) => 5,
            };
            // A strong mark at the very edge would only shave a word off.
            let distance = at.abs_diff(middle);
            let edge = u32::from(distance * 10 > text.len() * 4) * 5;
            let place = (strength + edge, distance, at);
            if best.is_none_or(|best| place < best) {
                best = Some(place);
            }
        }
        previous = character;
        if !character.is_whitespace() {
            mark = character;
        }
    }
    best.map(|(_, _, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_at_clause_marks_before_spaces() {
        let text = "Der Minister sprach lange, der Saal hörte zu; niemand ging nach Hause, alle blieben.";
        let pieces = split(text, &|piece| piece.chars().count() <= 50);
        assert_eq!(
            pieces,
            ["Der Minister sprach lange, der Saal hörte zu; ", "niemand ging nach Hause, alle blieben."]
        );
    }

    #[test]
    fn a_word_without_spaces_is_cut_anywhere() {
        let text = "ß".repeat(1000);
        assert!(split(&text, &|piece| piece.chars().count() <= 10).iter().all(|piece| piece.chars().count() <= 10));
    }

    proptest! {
        #[test]
        fn pieces_concatenate_to_the_text_and_fit(text in "[a-zäß ,;:.\u{1F600}]{0,200}", most in 1usize..30) {
            let pieces = split(&text, &|piece| piece.chars().count() <= most);
            prop_assert!(pieces.iter().all(|piece| piece.chars().count() <= most));
            prop_assert_eq!(pieces.concat(), text.as_str());
        }
    }
}
