//! Numbers and boxes in front of headings and list items: "2. Termine im Herbst" → "2. " and "Termine im Herbst".
//!
//! In: a source sentence. Out: its number and the rest, for the rest alone is what a model should see: with the number in
//! front it makes an ordinal of it or drops it. The number comes back in front of the English as it is. No translation here.

use crate::lexicon;

/// Boxes to tick, as people type and draw them.
const BOXES: [&str; 6] = ["[ ]", "[x]", "[X]", "☐", "☑", "☒"];

/// The box in front of what is done or to be done.
pub(crate) fn tick_box(text: &str) -> Option<&str> {
    let found = BOXES.iter().find_map(|sign| text.strip_prefix(sign))?;
    let is_item = found.starts_with(char::is_whitespace) && !found.trim_start().is_empty();
    text.get(..text.len() - found.len()).filter(|_| is_item)
}

/// The number or box a sentence opens with, white space included, and the rest; no number where it counts the noun after it
/// ("3. Quartal", "4. Juli") or where nothing follows.
pub(crate) fn split(text: &str) -> (&str, &str) {
    let none = ("", text);
    if let Some(rest) = tick_box(text).and_then(|sign| text.get(sign.len()..)) {
        let (_, rest) = split(rest.trim_start());
        return text.split_at(text.len() - rest.len());
    }
    let Some((head, _)) = text.split_once(char::is_whitespace) else { return none };
    let Some(rest) = text.get(head.len()..).map(str::trim_start) else { return none };
    let first = rest.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    let counts = lexicon::is_month(first) || lexicon::takes_ordinal(first) || counted(head, first);
    let opens = first.chars().next().is_some_and(char::is_uppercase);
    if is_number(head) && opens && !counts { text.split_at(text.len() - rest.len()) } else { none }
}

/// Whether a head like "2.1" is an amount of what follows, as Swiss texts write it, or a time.
fn counted(head: &str, first: &str) -> bool {
    !head.ends_with(['.', ')']) && (first == "Uhr" || lexicon::unit(first).is_some() || first.starts_with("Mil"))
}

/// "1.", "2.3.", "2.3", "1)", "(4)", "a)", "aa)", "c.", "IV.".
fn is_number(head: &str) -> bool {
    let bracket = head.strip_suffix(')').map(|body| body.strip_prefix('(').unwrap_or(body));
    let letter = |body: &str| {
        let first = body.bytes().next().filter(u8::is_ascii_alphabetic);
        body.len() <= 2 && first.is_some_and(|first| body.bytes().all(|byte| byte == first))
    };
    // A single "C." is an initial, and "I." may be one.
    let small = |body: &str| body.len() == 1 && body.bytes().all(|byte| byte.is_ascii_lowercase());
    let roman = |body: &str| body.len() > 1 && body.bytes().all(|byte| b"IVX".contains(&byte));
    let parts = |body: &str| {
        body.split('.').all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match (bracket, head.strip_suffix('.')) {
        (Some(body), _) => letter(body) || parts(body),
        (None, Some(body)) => parts(body) || small(body) || roman(body),
        (None, None) => head.contains('.') && parts(head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_headings_and_items_are_set_aside() {
        for (number, rest) in [
            ("2. ", "Termine im Herbst"),
            ("3.1. ", "Stand der Dinge"),
            ("a) ", "Die Kosten tragen die Länder."),
            ("(4) ", "Der Antrag ist zu begründen."),
            ("12)  ", "Verschiedenes"),
            ("aa) ", "Die Bundesregierung zahlt."),
            ("c. ", "Die Kosten tragen die Länder."),
            ("II. ", "Lage im Osten"),
            ("2.1 ", "Methode und Daten"),
            ("[ ] ", "Angebot einholen"),
            ("[x]  ", "Vertrag prüfen"),
            ("☑ 2. ", "Termine im Herbst"),
        ] {
            assert_eq!(split(&format!("{number}{rest}")), (number, rest));
        }
    }

    #[test]
    fn numbers_that_say_something_stay() {
        for text in [
            "4. Juli 2024",
            "3. Quartal",
            "20. Jahrhundert",
            "2. bis 4. Mai",
            "27 Länder nahmen teil.",
            "3.500 Menschen kamen.",
            "14.30 Uhr",
            "1.",
            "",
            "Nr. 7 gilt.",
            "3.5 Millionen Franken",
            "2.5 Prozent mehr",
            "II. Weltkrieg",
            "C. Weber kam.",
            "bb. und cc.",
            "(siehe oben) Das gilt.",
            "[x]",
            "[x] ",
            "[x]-Achse",
            "[ ]\u{a0}",
        ] {
            assert_eq!(split(text), ("", text));
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(text in "[0-9.()abIV \u{a0}Ää☐x\\[\\]]{0,12}") {
            let (number, rest) = split(&text);
            proptest::prop_assert_eq!(format!("{number}{rest}"), text);
        }
    }
}
