//! Loops: the same words, or the same letters, again and again. In: source and target. Out: the repeated words.

use super::words;

/// Longest group of words looked for.
const LONGEST: usize = 8;

/// What the target repeats although the source does not.
pub(super) fn check(source: &str, target: &str) -> Option<String> {
    let lower = |text| words(text).map(str::to_lowercase).collect::<Vec<String>>();
    let (source, target) = (lower(source), lower(target));
    let looped = loop_of_words(&target)
        .filter(|_| loop_of_words(&source).is_none())
        .or_else(|| scattered(&target).filter(|_| scattered(&source).is_none()))
        .or_else(|| loop_of_letters(&target).filter(|_| loop_of_letters(&source).is_none()))?;
    Some(format!("“{looped}” is repeated"))
}

/// One word four times in a row ("ha ha ha" is speech), or a group of words three times.
fn loop_of_words(words: &[String]) -> Option<String> {
    let (start, period) =
        (1..=LONGEST).find_map(|period| Some((repeats(words, period, if period == 1 { 4 } else { 3 })?, period)))?;
    Some(words.get(start..start + period)?.join(" "))
}

/// A group of six words three times, with others between.
fn scattered(words: &[String]) -> Option<String> {
    const GROUP: usize = 6;
    let mut groups: Vec<&[String]> = words.windows(GROUP).collect();
    groups.sort();
    let group = groups.windows(3).find(|same| same.first() == same.last())?.first()?;
    Some(group.join(" "))
}

/// A few letters six times in a row within one word: "hahahahahaha".
fn loop_of_letters(words: &[String]) -> Option<String> {
    words.iter().find_map(|word| {
        let letters: Vec<char> = word.chars().filter(|letter| letter.is_alphabetic()).collect();
        let period = (1..=LONGEST).find(|period| repeats(&letters, *period, 6).is_some())?;
        let start = repeats(&letters, period, 6)?;
        Some(letters.get(start..start + period)?.iter().collect())
    })
}

/// Where `items` repeat themselves with this period at least `times` times in a row.
fn repeats<T: PartialEq>(items: &[T], period: usize, times: usize) -> Option<usize> {
    let mut run = 0;
    for (index, pair) in items.iter().zip(items.iter().skip(period)).enumerate() {
        run = if pair.0 == pair.1 { run + 1 } else { 0 };
        if run == period * (times - 1) {
            return Some(index + 1 - run);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_found() {
        for (target, looped) in [
            ("He said that he said that he said that he said.", "he said that"),
            ("pre-pre-pre-pre-", "pre"),
            ("Nanananananananana", "na"),
            (
                "The head of the state said so, the head of the state said no, the head of the state said yes.",
                "head of the state",
            ),
        ] {
            let found = check("Er sagte etwas ganz anderes.", target).unwrap_or_default();
            assert!(found.contains(looped), "{target}: {found}");
        }
    }

    #[test]
    fn speech_and_what_the_source_repeats_are_no_loops() {
        assert_eq!(check("Nein, nein, nein!", "No, no, no!"), None);
        assert_eq!(check("Hurra, hurra, hurra, hurra!", "Hooray, hooray, hooray, hooray!"), None);
        assert_eq!(check("Ein sehr, sehr guter Tag war das.", "That was a very, very good day."), None);
        assert_eq!(check("", ""), None);
    }
}
