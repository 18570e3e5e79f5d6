//! Figures that stand raised in the source, set back where the model wrote them on the line: "10⁶ m²" had become
//! "106 m2"; and fractions: "2½" had become "21⁄2".
//!
//! In: source and target. Out: the target. Tokenizers know neither, so the model never saw them as such. One is set
//! back where the target has the same figures after the same number, or after some letter or mark; each at most once.

use super::number_words::vulgar;

const FIGURES: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/// The target with raised figures.
pub(super) fn restored(source: &str, target: &str) -> String {
    let mut text = fractions(source, target);
    let mut from = 0;
    while let Some(start) = source.get(from..).and_then(|rest| rest.find(FIGURES)).map(|at| from + at) {
        let tail = source.get(start..).unwrap_or_default();
        let raised: String = tail.chars().take_while(|character| FIGURES.contains(character)).collect();
        from = start + raised.len();
        let before = source.get(..start).unwrap_or_default();
        let base = number_at_end(before);
        let plain: String = raised.chars().filter_map(plain).collect();
        let is_there = !base.is_empty() && text.contains(&format!("{base}{raised}"));
        let place = if is_there { None } else { find(&text, base, &plain) };
        if let Some(place) = place {
            text.replace_range(place..place + plain.len(), &raised);
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

/// Where `figures` stand right after the number `base`; where that is empty, right after a letter or a mark.
fn find(text: &str, base: &str, figures: &str) -> Option<usize> {
    let all = format!("{base}{figures}");
    text.match_indices(&all).map(|(at, _)| at).find_map(|at| {
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(at + all.len()..)?.chars().next();
        let is_free = |character: Option<char>| character.is_none_or(|character| !character.is_alphanumeric());
        let follows = match base {
            "" => before.is_some_and(|before| before.is_alphabetic() || ".,;:!?)]”’\"".contains(before)),
            _ => is_free(before),
        };
        (follows && is_free(after)).then_some(at + base.len())
    })
}

fn plain(raised: char) -> Option<char> {
    char::from_digit(u32::try_from(FIGURES.iter().position(|figure| *figure == raised)?).ok()?, 10)
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
        fn nothing_but_height_changes(source in "[0-9¹⁶a .]{0,16}", target in "[0-9¹⁶a .]{0,16}") {
            let flat = |text: &str| text.chars().map(|c| plain(c).unwrap_or(c)).collect::<String>();
            proptest::prop_assert_eq!(flat(&restored(&source, &target)), flat(&target));
        }
    }
}
