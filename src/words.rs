//! The words of a German sentence with the punctuation around each. In: text. Out: words in order. No meaning here.

/// A word without the marks around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// The word; a full stop is not part of it ("4", "Mio", "e").
    pub text: &'a str,
    /// Marks before it: brackets and quotation marks.
    pub before: &'a str,
    /// Marks after it.
    pub after: &'a str,
}

impl Word<'_> {
    /// Whether nothing but a space stands between this word and the next.
    pub fn joins_next(&self) -> bool {
        self.after.is_empty()
    }

    /// Whether it is written with a full stop and nothing else follows.
    pub fn has_full_stop(&self) -> bool {
        self.after == "."
    }
}

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    text.split_whitespace().filter_map(word).collect()
}

fn word(token: &str) -> Option<Word<'_>> {
    let opening = |character: char| "([{„“”\"»«‚‘’'›‹".contains(character);
    let closing = |character: char| ")]}„“”\"»«‚‘’'›‹.,;:!?…".contains(character);
    let start = token.len() - token.trim_start_matches(opening).len();
    let text = token.get(start..)?.trim_end_matches(closing);
    let word = Word { text, before: token.get(..start)?, after: token.get(start + text.len()..)? };
    (!text.is_empty()).then_some(word)
}
