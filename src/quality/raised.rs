//! Figures that stand raised in the source, set back where the model wrote them on the line: "10⁶ m²" had become
//! "106 m2"; and fractions: "2½" had become "21⁄2".
//!
//! In: source and target. Out: the target. Tokenizers know neither, so the model never saw them as such. One is set
//! back where the target has the same figures after the same number, or after some letter or mark; each at most once.

use std::ops::Range;

use super::number_words::vulgar;
use crate::superscript;

/// The target with raised figures and their signs ("10⁻³", "1.234¹⁾", "45¹,²").
pub(super) fn restored(source: &str, target: &str) -> String {
    let mut text = fractions(source, target);
    let mut from = 0;
    while let Some(start) = source.get(from..).and_then(|rest| rest.find(is_raised)).map(|at| from + at) {
        let before = source.get(..start).unwrap_or_default();
        let raised = mark(source.get(start..).unwrap_or_default());
        from = start + raised.len();
        let base = number_at_end(before);
        if !raised.contains(superscript::is_figure) || !base.is_empty() && text.contains(&format!("{base}{raised}")) {
            continue;
        }
        if let Some(place) = find(&text, base, raised) {
            text.replace_range(place, raised);
            continue;
        }
        // Of "¹,²" one alone may be there.
        let alone =
            raised.split(|character| !is_raised(character)).filter(|part| part.contains(superscript::is_figure));
        for (part, base) in alone.zip(std::iter::once(base).chain(std::iter::repeat(""))) {
            if let Some(place) = find(&text, base, part) {
                text.replace_range(place, part);
            }
        }
    }
    text
}

/// The target with fractions of one character.
fn fractions(source: &str, target: &str) -> String {
    let mut text = target.to_owned();
    for (at, character) in source.char_indices() {
        let Some(fraction) = vulgar(character) else { continue };
        let base = number_at_end(source.get(..at).unwrap_or_default());
        if text.contains(&format!("{base}{character}")) {
            continue;
        }
        // "1/2" alone is English; "21/2" for "2½" is not.
        let slashes: &[char] = if base.is_empty() { &['⁄'] } else { &['⁄', '/'] };
        let place = slashes.iter().find_map(|slash| {
            let plain = format!("{}{slash}{}", fraction.above, fraction.below);
            let free = |at: usize, length: usize| {
                let figure = |character: char| character.is_ascii_digit() || "/⁄".contains(character);
                !text.get(..at).is_some_and(|before| before.ends_with(figure))
                    && !text.get(at + length..).is_some_and(|after| after.starts_with(figure))
            };
            // After the number, or alone: "2 1⁄2".
            let whole = format!("{base}{plain}");
            let found = text.match_indices(&whole).map(|(at, _)| at).find(|at| free(*at, whole.len()));
            let found = found.filter(|_| !source.contains(&whole)).map(|at| at + base.len());
            let alone =
                || text.match_indices(&plain).map(|(at, _)| at).find(|at| *slash == '⁄' && free(*at, plain.len()));
            Some((found.or_else(alone)?, plain.len()))
        });
        if let Some((start, length)) = place {
            text.replace_range(start..start + length, character.encode_utf8(&mut [0; 4]));
        }
    }
    text
}

fn number_at_end(text: &str) -> &str {
    text.get(text.trim_end_matches(|before: char| before.is_ascii_digit()).len()..).unwrap_or_default()
}

/// Where the signs of `raised` stand on the line right after the number `base`; where that is empty, right after a letter or
/// a mark.
fn find(text: &str, base: &str, raised: &str) -> Option<Range<usize>> {
    text.match_indices(base).find_map(|(at, _)| {
        let start = at + base.len();
        let end = start + lowered(raised, text.get(start..)?)?;
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(end..)?.chars().next();
        let is_free = |character: Option<char>| character.is_none_or(|character| !character.is_alphanumeric());
        let follows = match base {
            "" => before.is_some_and(|before| before.is_alphabetic() || ".,;:!?)]”’\"".contains(before)),
            _ => is_free(before),
        };
        (follows && is_free(after)).then_some(start..end)
    })
}

/// How much of the start of `text` is `raised`, on the line; what stands between two notes may be another mark there.
fn lowered(raised: &str, text: &str) -> Option<usize> {
    let mut rest = text;
    let mut was_between = false;
    for character in raised.chars() {
        let on_line = superscript::lowered(character);
        if !on_line.is_empty() {
            rest = rest.strip_prefix(on_line)?;
        } else if !was_between {
            rest = rest.strip_prefix(['.', ',', ';', ' '])?.trim_start();
        }
        was_between = on_line.is_empty();
    }
    Some(text.len() - rest.len())
}

/// The raised signs at the start of a text, and what stands between them.
fn mark(text: &str) -> &str {
    let mut end = 0;
    for (at, character) in text.char_indices() {
        match character {
            raised if is_raised(raised) => end = at + raised.len_utf8(),
            ',' | ';' | ' ' | '\u{a0}' => {}
            _ => break,
        }
    }
    text.get(..end).unwrap_or_default()
}

fn is_raised(character: char) -> bool {
    !superscript::lowered(character).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raised_figures_come_back() {
        for (source, target, expected) in [
            ("Es sind 10⁶ m² Land.", "It is 106 m2 of land.", "It is 10⁶ m² of land."),
            ("Die Zahl¹ steigt.²", "The number1 rises.2", "The number¹ rises.²"),
            ("Die Lage ist ernst.¹²", "The situation is serious.12", "The situation is serious.¹²"),
            ("auf 5 m² und 7 m²", "to 5 m² and 7 m2", "to 5 m² and 7 m²"),
            ("Es sind 10⁶ und 106 Leute.", "It is 10⁶ and 106 people.", "It is 10⁶ and 106 people."),
            ("bei 10⁶", "at 1065", "at 1065"),
            ("von 10⁻³ g", "of 10−3 g", "of 10⁻³ g"),
            ("von 10⁻³ g", "of 10-3 g", "of 10⁻³ g"),
            ("1.234¹⁾ Fälle", "1,2341) cases", "1,234¹⁾ cases"),
            ("45¹,² Fälle", "451.2 cases", "45¹,² cases"),
            ("45¹,² Fälle", "451 cases", "45¹ cases"),
            ("2023³, ⁴ stieg", "20233, 4 rose", "2023³, ⁴ rose"),
            ("ab 2023¹ 3 Fälle", "from 20231 3 cases", "from 2023¹ 3 cases"),
            ("auf 5 m², 7 m²", "to 5 m2, 7 m2", "to 5 m², 7 m²"),
            ("Zahl¹", "1 number", "1 number"),
            ("keine", "in 2", "in 2"),
        ] {
            assert_eq!(restored(source, target), expected);
        }
    }

    #[test]
    fn fractions_come_back() {
        for (source, target, expected) in [
            ("Sie dauerte 2½ Stunden.", "It lasted 21⁄2 hours.", "It lasted 2½ hours."),
            ("1½ Stunden und 1½ Tage", "11⁄2 hours and 11/2 days", "1½ hours and 11/2 days"),
            ("½ Liter, ¾ Liter", "1⁄2 litre, 3⁄4 litre", "½ litre, ¾ litre"),
            ("12½ Meter", "12 1⁄2 metres", "12 ½ metres"),
            ("½ Liter", "half a litre, not 11⁄2", "half a litre, not 11⁄2"),
            ("½ Liter", "1/2 litre", "1/2 litre"),
            ("2½ und Az. 21/2", "2 1/2 and ref. 21/2", "2 1/2 and ref. 21/2"),
            ("1⁄2", "1⁄2", "1⁄2"),
        ] {
            assert_eq!(restored(source, target), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_but_height_and_what_is_between_marks_changes(
            source in "[0-9¹⁶⁻⁾a .,]{0,16}", target in "[0-9¹⁶⁻⁾a .,)-]{0,16}"
        ) {
            let flat = |text: &str| {
                let lower = |character: char| superscript::lowered(character).first().copied().unwrap_or(character);
                text.chars().filter(|c| !" .,".contains(*c)).map(lower).map(|c| if c == '–' { '-' } else { c }).collect::<String>()
            };
            proptest::prop_assert_eq!(flat(&restored(&source, &target)), flat(&target));
        }
    }
}
