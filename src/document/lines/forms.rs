//! Lines with a form of their own, which are neither sentences nor headings: heads of messages, addresses, facts behind a
//! label, page numbers, times.
//!
//! In: one line. Out: whether it has the form. What follows from it, the line model and the headings know.

use std::ops::RangeInclusive;

use super::is_closing;

/// Most characters of a label or of a name before a colon.
const LONGEST_LABEL: usize = 40;

/// "Von: Anna", "Subject: Termin": a line of an e-mail's head.
pub(super) fn is_mail_label(line: &str) -> bool {
    const LABELS: [&str; 24] = [
        "Von",
        "An",
        "Cc",
        "CC",
        "Bcc",
        "Kopie",
        "Betreff",
        "Betr.",
        "Datum",
        "Gesendet",
        "Gesendet am",
        "Antwort an",
        "Anhang",
        "Anlagen",
        "Anlage",
        "Wichtigkeit",
        "From",
        "To",
        "Subject",
        "Date",
        "Sent",
        "Reply-To",
        "Attachments",
        "Importance",
    ];
    line.split_once(':').is_some_and(|(label, _)| LABELS.contains(&label.trim_end()))
}

/// "-----Ursprüngliche Nachricht-----": stands above a message that is quoted.
pub(super) fn is_message_rule(line: &str) -> bool {
    const WORDS: [&str; 5] = ["nachricht", "message", "mail", "weitergeleitet", "forwarded"];
    let is_framed = line.starts_with("--") && line.ends_with("--");
    is_framed && WORDS.iter().any(|word| line.to_lowercase().contains(word))
}

/// "Tel.: 030 1234", "Viele Grüße", "LG Anna": stands at the end of letters, over nothing.
pub(super) fn is_of_a_letter(line: &str) -> bool {
    const LABELS: [&str; 10] = ["Tel", "Telefon", "Fax", "Telefax", "Mobil", "E-Mail", "Mail", "Internet", "Web", "Cc"];
    const SHORT: [&str; 5] = ["LG", "VG", "MfG", "BG", "Gruß"];
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let label = first.strip_suffix(':').map(|label| label.trim_end_matches('.'));
    // "LG München, Urteil vom …" is a court.
    let signs = SHORT.contains(&first.trim_end_matches(','))
        && line.split_whitespace().nth(2).is_none()
        && !line.contains(|c: char| c.is_ascii_digit());
    label.is_some_and(|label| LABELS.contains(&label))
        || first.starts_with("Tel.")
        || signs
        || words.next_back().is_some_and(|last| matches!(last, "Grüße" | "Grüßen" | "Gruß" | "Gruss" | "Grüsse"))
            && !line.contains(':')
}

/// "Mit freundlichen Grüßen": the name of the sender follows.
pub(in crate::document) fn is_farewell(line: &str) -> bool {
    const WORDS: [&str; 6] = ["Grüße", "Grüßen", "Gruß", "Gruss", "Grüsse", "Grüssen"];
    let line = line.trim_end_matches(['!', ',', '.']);
    let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    WORDS.contains(&last) || matches!(line, "MfG" | "LG" | "VG")
}

/// "i. V. Peter Lang", "gez. Huber": who signs, and for whom.
pub(super) fn is_signed_for(line: &str) -> bool {
    const SHORT: [&str; 8] = ["i. V.", "i. A.", "i.V.", "i.A.", "I. V.", "I. A.", "ppa.", "gez."];
    SHORT.into_iter().any(|short| line.starts_with(short))
}

/// "(Stand: Mai 2024)": all of it stands in brackets.
pub(super) fn is_bracketed(line: &str) -> bool {
    line.strip_prefix('(').and_then(|rest| rest.find(')')).is_some_and(|at| at + 2 == line.len())
}

/// "Hauptstraße 5", "10115 Berlin", "Hauptstraße 5, 10115 Berlin", "Postfach 12 34".
pub(super) fn is_address(line: &str) -> bool {
    // Most lines are none, which this tells soonest.
    if !line.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let (before, last) = line.rsplit_once(", ").map_or((None, line), |(before, last)| (Some(before), last));
    match before {
        None => is_street(last) || is_town(last),
        Some(before) => is_town(last) && before.rsplit(", ").next().is_some_and(|street| is_street(street.trim())),
    }
}

/// "Unter den Linden 5" has the form of many a heading; only names that end like a street count.
fn is_street(part: &str) -> bool {
    const ENDINGS: [&str; 14] = [
        "straße", "strasse", "str.", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer", "chaussee", "markt",
        "postfach", "stiege",
    ];
    let number_at = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
    let (name, number) = part.split_at(number_at);
    let name = name.trim_end();
    let is_numbered = number.len() <= 10
        && number.split([' ', '-', '–', '/']).all(|number| {
            let tail = number.trim_start_matches(|c: char| c.is_ascii_digit());
            number.len() - tail.len() <= 3 && tail.len() <= 1 && tail.chars().all(|c| c.is_ascii_lowercase())
        });
    let ends_like_street = || {
        let lower = name.to_lowercase();
        ENDINGS.iter().any(|ending| lower.ends_with(ending))
    };
    !number.is_empty() && is_numbered && is_name(name) && ends_like_street()
}

/// "10115 Berlin", "D-10115 Berlin", "A-1010 Wien"; four digits alone are rather an amount or a year.
fn is_town(part: &str) -> bool {
    let Some((code, name)) = part.split_once(' ') else { return false };
    let is_code = match code.split_once('-') {
        Some((country, digits)) => matches!(country, "D" | "DE" | "A" | "AT" | "CH") && is_number(digits, 4..=5),
        None => is_number(code, 5..=5),
    };
    is_code && is_name(name.trim_start())
}

/// At most five words, all of them names or what stands between names.
fn is_name(text: &str) -> bool {
    const BETWEEN: [&str; 9] = ["am", "an", "der", "dem", "den", "des", "im", "in", "von"];
    let is_part = |word: &str| word.starts_with(|c: char| c.is_uppercase() || c == '(') || BETWEEN.contains(&word);
    text.starts_with(char::is_uppercase)
        && text.split_whitespace().nth(5).is_none()
        && text.split_whitespace().all(is_part)
        && !text.ends_with(['!', '?', ':', ';'])
}

/// The label of "Ort: Rathaus, Saal 2" and what it stands for: at most so many words without a number.
fn label(line: &str, most_words: usize) -> Option<(&str, &str)> {
    let (label, value) = line.split_once(':')?;
    let is_label = label.starts_with(char::is_uppercase)
        && label.len() <= LONGEST_LABEL
        && label.split_whitespace().nth(most_words).is_none()
        && !label.contains(|c: char| c.is_ascii_digit() || matches!(c, '!' | '?' | '„' | '"' | '»'));
    // A clock time or an address on the web has no space behind its colon.
    (is_label && value.starts_with(char::is_whitespace)).then_some((label, value.trim()))
}

/// "Ort: Rathaus, Saal 2": may be a fact, and may as well be a headline.
pub(super) fn is_labelled_value(line: &str) -> bool {
    label(line, 3).is_some_and(|(_, value)| !value.is_empty())
}

/// "Beginn: 10.00 Uhr", "Ja: 5": a number behind a label.
pub(super) fn is_figure(line: &str) -> bool {
    let is_part = |word: &str| {
        !word.starts_with(char::is_lowercase) || matches!(word, "von" | "bis" | "und" | "ca." | "km" | "kg" | "m")
    };
    label(line, 3).is_some_and(|(_, value)| {
        value.starts_with(|c: char| c.is_ascii_digit()) && value.split_whitespace().all(is_part)
    })
}

/// "Müller: Dann sehen wir weiter!", "Dr. Anna Müller (SPD): Wann?": what somebody says or asks in an interview.
pub(super) fn is_turn(line: &str) -> bool {
    let names_speaker =
        |name: &str| name.split_whitespace().all(|word| word.trim_start_matches('(').starts_with(char::is_uppercase));
    line.trim_end_matches(is_closing).ends_with(['!', '?'])
        && label(line, 6).is_some_and(|(name, _)| names_speaker(name))
}

/// "- 3 -", "Seite 4", "Seite 4 von 12".
pub(super) fn is_page_number(line: &str) -> bool {
    let is_number = |word: &str| is_number(word, 1..=4);
    let mut words = line.split_whitespace();
    match (words.next(), words.next(), words.next(), words.next(), words.next()) {
        (Some("-" | "–" | "—"), Some(number), Some("-" | "–" | "—"), None, None) => is_number(number),
        (Some("Seite"), Some(number), None, None, None) => is_number(number),
        (Some("Seite"), Some(number), Some("von" | "/"), Some(all), None) => is_number(number) && is_number(all),
        _ => false,
    }
}

/// "- Beklagter -", "– nachfolgend Käufer –": who somebody is before a court or in a contract.
pub(super) fn is_role(line: &str) -> bool {
    const MOST_WORDS: usize = 8;
    let inner = ["-", "–", "—"].iter().find_map(|dash| line.strip_prefix(dash)?.strip_suffix(dash));
    inner.is_some_and(|inner| {
        inner.starts_with(' ')
            && inner.ends_with(' ')
            && (1..=MOST_WORDS).contains(&inner.split_whitespace().count())
            && inner.contains(char::is_alphabetic)
            && !inner.contains([':', ';'])
    })
}

/// "14.00 Uhr: Eröffnung": an entry of a programme.
pub(super) fn begins_with_time(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_time = words.next().is_some_and(|time| time.len() >= 4 && is_clock(&time.replace('.', ":"), 2..=2));
    is_time && words.next() == Some("Uhr:")
}

/// "2 Die Lage ........ 5": an entry in a table of contents.
pub(super) fn is_contents_entry(line: &str) -> bool {
    let title = line.trim_end_matches(|c: char| c.is_ascii_digit());
    let leader = title.trim_end().trim_end_matches(['.', '…', ' ', '\t']);
    let dots = title.get(leader.len()..).unwrap_or_default();
    let count: usize = dots.chars().map(|c| if c == '…' { 3 } else { usize::from(c == '.') }).sum();
    title.len() < line.len() && !leader.is_empty() && count >= 3
}

/// "05.07.24, 10:13 - Petra: …", "[05.07.24, 10:13:05] Petra: …": a message in the export of a chat.
pub(super) fn is_message(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (Some(date), Some(time)) = (words.next(), words.next()) else { return false };
    let date = date.trim_start_matches('[').trim_end_matches(',');
    let is_date =
        date.matches('.').count() == 2 && date.split('.').all(|part| is_number(part, 1..=2) || is_number(part, 4..=4));
    let is_closed = time.ends_with(']');
    let is_dashed = matches!(words.next(), Some("-" | "–"));
    is_date && is_clock(time.trim_end_matches(']'), 2..=3) && (is_closed || is_dashed)
}

/// "00:00:01,000 --> 00:00:04,000": when a subtitle is shown.
pub(super) fn is_timing(line: &str) -> bool {
    if !line.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let Some((from, to)) = line.split_once("-->") else { return false };
    let is_time = |time: &str| {
        let (clock, fraction) = time.split_once([',', '.']).unwrap_or((time, "0"));
        is_clock(clock, 2..=3) && is_number(fraction, 0..=3)
    };
    is_time(from.trim()) && to.split_whitespace().next().is_some_and(is_time)
}

/// "10:13", "00:00:01": so many numbers between colons.
fn is_clock(time: &str, parts: RangeInclusive<usize>) -> bool {
    parts.contains(&time.split(':').count()) && time.split(':').all(|part| is_number(part, 1..=2))
}

/// Nothing but so many digits.
pub(super) fn is_number(text: &str, digits: RangeInclusive<usize>) -> bool {
    digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
