//! Addresses of the web and of mail, and names of files: they stay as they are.
//!
//! In: source and target. Out: the addresses of the source that the target does not hold, and whether figures are part
//! of one.

/// What to say about the addresses that are missing.
pub(super) fn check(source: &str, target: &str) -> Option<String> {
    let mut missing: Vec<&str> = Vec::new();
    for address in source.split_whitespace().filter_map(address) {
        if !missing.contains(&address) && !is_in(target, address) {
            missing.push(address);
        }
    }
    (!missing.is_empty()).then(|| format!("{} is missing", missing.join(", ")))
}

/// Whether figures between these texts are part of an address or of the name of a file.
pub(super) fn holds(before: &str, after: &str) -> bool {
    let before = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let after = after.split(char::is_whitespace).next().unwrap_or_default();
    let has_mark = |text: &str| ["://", "@", "_", "\\", "www."].iter().any(|mark| text.contains(mark));
    // "bericht-11.10.2025.pdf"
    let ends_as_file = after.strip_prefix('.').is_some_and(|after| after.starts_with(char::is_alphabetic));
    let begins_as_file = before.strip_suffix(['-', '.']).is_some_and(|before| before.ends_with(char::is_alphabetic));
    has_mark(before) || has_mark(after) || ends_as_file || begins_as_file
}

/// The address in a word: "https://…", "www.…", "name@firma.de".
fn address(word: &str) -> Option<&str> {
    let scheme = word.find("://").map(|at| {
        let before = word.get(..at).unwrap_or_default();
        before.trim_end_matches(|character: char| character.is_ascii_alphanumeric()).len()
    });
    if let Some(start) = scheme.or_else(|| word.find("www.")) {
        return word.get(start..).map(without_marks).filter(|address| address.contains('.'));
    }
    let (name, host) = word.split_once('@')?;
    let name_part = |character: char| character.is_alphanumeric() || "._%+-".contains(character);
    let start = name.trim_end_matches(name_part).len();
    let host = host.split(|character: char| !character.is_alphanumeric() && !".-".contains(character)).next()?;
    let address = without_marks(word.get(start..name.len() + 1 + host.len())?);
    (start < name.len() && host.trim_end_matches('.').contains('.')).then_some(address)
}

fn without_marks(address: &str) -> &str {
    address.trim_end_matches(|character: char| ")]}>.,;:!?…“”„\"»«‹›’‘'*".contains(character))
}

/// Whether the address stands in the text and does not go on there.
fn is_in(text: &str, address: &str) -> bool {
    text.match_indices(address).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + address.len()..).unwrap_or_default());
        !before.ends_with(char::is_alphanumeric)
            && !after.starts_with(|character: char| character.is_alphanumeric() || "/-_@".contains(character))
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn an_address_that_changed_is_named() {
        for (source, target, missing) in [
            (
                "Siehe https://example.de/a-11.10.2025.pdf.",
                "See https://example.de/a-11 October 2025.pdf.",
                Some("https://example.de/a-11.10.2025.pdf is missing"),
            ),
            (
                "Mehr unter www.beispiel.de/berichte",
                "More at www.example.com/reports",
                Some("www.beispiel.de/berichte is missing"),
            ),
            ("(E-Mail:info@stadt-köln.de)", "(email: info@stadt-koeln.de)", Some("info@stadt-köln.de is missing")),
            ("http://a.de/x und http://a.de/x", "http://a.de/xy", Some("http://a.de/x is missing")),
            ("Siehe „https://example.de/a“, dort.", "See “https://example.de/a” there.", None),
            ("(E-Mail: info@beispiel.de)", "(email: info@beispiel.de).", None),
            ("auf https://de.wikipedia.org/wiki/A_(B).", "on https://de.wikipedia.org/wiki/A_(B).", None),
            ("Folgen Sie @stadt.", "Follow us.", None),
            ("5 Stück @ 3 Euro", "5 pieces at 3 euros", None),
            ("", "", None),
        ] {
            assert_eq!(check(source, target).as_deref(), missing, "{source} / {target}");
        }
    }
}
