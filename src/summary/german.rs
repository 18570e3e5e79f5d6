//! German words as the ranking sees them. In: text. Out: stems of its content words. No scores here.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The stems of the content words of a text, in order.
pub(super) fn stems(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .filter(|word| !STOP_WORDS.contains(word.as_str()))
        .map(|word| stem(&word))
        .collect()
}

/// Folds umlauts and takes off the endings of nouns and adjectives: "Präsidenten" and "Präsident" are one.
///
/// Much lighter than a dictionary, which is enough to count words by.
pub(super) fn stem(word: &str) -> String {
    const ENDINGS: &[&str] = &["ern", "em", "en", "er", "es", "e", "s", "n"];
    const SHORTEST: usize = 4;
    let mut stem = word.replace('ä', "a").replace('ö', "o").replace('ü', "u").replace('ß', "ss");
    if let Some(ending) = ENDINGS.iter().find(|ending| stem.ends_with(**ending)) {
        let length = stem.len() - ending.len();
        if stem.get(..length).is_some_and(|start| start.chars().count() >= SHORTEST) {
            stem.truncate(length);
        }
    }
    stem
}

/// Words without content.
static STOP_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    const WORDS: &str = "\
        aber alle allem allen aller alles als also andere anderem anderen anderer auch auf aus außerdem bei beide \
        beim bereits bis bisher dabei dadurch dafür dagegen daher damals damit danach dann daran darauf darin \
        darüber das dass davon davor dazu dem den denen denn dennoch der deren des deshalb dessen die dies diese \
        diesem diesen dieser dieses doch dort durch durfte dürfen ebenso ein eine einem einen einer eines einige \
        einmal erst erste ersten etwa etwas für gab ganz gegen gegenüber gewesen geworden gibt habe haben hat hatte \
        hatten hier hin hinter hätte hätten ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres immer indem ins ist jede \
        jedem jeden jeder jedes jedoch jetzt kam kann kein keine keinem keinen keiner kommen konnte konnten können \
        könnte könnten laut lässt man mehr mehrere mit mittlerweile muss musste mussten müsse müssen müssten nach \
        nachdem neben nicht nichts noch nun nur oder ohne rund sagte schon sei seien sein seine seinem seinen seiner \
        seines seit selbst sich sie sind solche soll sollen sollte sollten sondern sonst sowie sowohl trotz und uns \
        unter viele vielen vom von vor war waren was weil weiter weitere weiteren welche wenn wer werde werden wie \
        wieder will wir wird wollen wollte worden wurde wurden während wäre wären würde würden zum zur zwar zwei \
        zwischen über";
    WORDS.split(' ').collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflected_forms_share_a_stem() {
        for (one, other) in
            [("Präsidenten", "Präsident"), ("Verträge", "Vertrag"), ("großen", "große"), ("Staats", "Staat")]
        {
            assert_eq!(stems(one), stems(other));
        }
    }

    #[test]
    fn stop_words_are_left_out() {
        assert_eq!(stems("Er hat es über den Wall gebracht"), ["wall", "gebracht"]);
        assert!(STOP_WORDS.iter().all(|word| !word.is_empty() && word.to_lowercase() == **word));
    }
}
