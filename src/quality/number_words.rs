//! Words → the numbers they may stand for: "zweihundertfünfzig", "nineteenth", "Dutzend", "XIV".
//!
//! In: a text and its language. Out: values. Generous on purpose: these values only ever explain figures that stand on
//! the other side, so a value too many hides a fault at worst, and one too few raises a false alarm.

use std::collections::HashSet;

use super::numbers::{Language, Value};
use super::words;

/// The power of ten that a word multiplies by: "Mio", "thousand".
pub(super) fn scale_of_word(word: &str, language: Language) -> Option<i32> {
    const GERMAN: &[(&str, i32)] = &[
        ("tausend", 3),
        ("tsd", 3),
        ("million", 6),
        ("mio", 6),
        ("milliard", 9),
        ("mrd", 9),
        ("billiard", 15),
        ("billion", 12),
        ("trillion", 18),
    ];
    const ENGLISH: &[(&str, i32)] =
        &[("thousand", 3), ("million", 6), ("mn", 6), ("billion", 9), ("bn", 9), ("trillion", 12), ("tn", 12)];
    let table = if language == Language::German { GERMAN } else { ENGLISH };
    let word = word.to_lowercase();
    table.iter().find(|(start, _)| word.starts_with(start)).map(|(_, power)| *power)
}

/// The values that the words of a text may stand for.
pub(super) fn word_values(text: &str, language: Language) -> HashSet<Value> {
    let mut values = HashSet::new();
    let mut add = |value: u64, power: i32| values.insert(Value::integer(value).times_ten_to(power));
    let words: Vec<&str> = words(text).collect();
    // What the number words before this one come to: "two hundred" before "fifty".
    let mut sum: u64 = 0;
    for word in &words {
        let lower = word.to_lowercase();
        for value in roman(word).into_iter().chain(hinted(&lower).iter().copied()) {
            add(value, 0);
        }
        if let Some(power) = scale_of_word(&lower, language) {
            add(sum.max(1), power);
            // "eine halbe Million", "anderthalb Millionen"
            add(5, power - 1);
            add(15, power - 1);
            sum = sum.max(1).saturating_mul(10_u64.saturating_pow(power.unsigned_abs()));
            continue;
        }
        let value = match language {
            Language::German => german(&lower),
            Language::English => english(&lower),
        };
        match value {
            Some(100) if language == Language::English => sum = sum.max(1).saturating_mul(100),
            Some(value) => {
                add(value, 0);
                sum = sum.saturating_add(value);
            }
            None if matches!(lower.as_str(), "and" | "und") => {}
            None => sum = 0,
        }
        add(sum, 0);
    }
    // "halb drei" is half past two.
    if words.iter().any(|word| word.eq_ignore_ascii_case("halb")) {
        let before: Vec<Value> = (2..=12)
            .filter(|hour| values.contains(&Value::integer(*hour)))
            .map(|hour| Value::integer(hour - 1))
            .collect();
        values.extend(before);
    }
    values
}

/// What words that are no numbers may stand for in figures, in either language.
fn hinted(word: &str) -> &'static [u64] {
    const MONTHS: [&[&str]; 12] = [
        &["januar", "jänner", "january"],
        &["februar", "february"],
        &["märz", "march"],
        &["april"],
        &["mai", "may"],
        &["juni", "june"],
        &["juli", "july"],
        &["august"],
        &["september"],
        &["oktober", "october"],
        &["november"],
        &["dezember", "december"],
    ];
    const NUMBERS: [&[u64]; 12] = [&[1], &[2], &[3], &[4], &[5], &[6], &[7], &[8], &[9], &[10], &[11], &[12]];
    if let Some(month) = MONTHS.iter().position(|names| names.contains(&word)) {
        return NUMBERS.get(month).copied().unwrap_or_default();
    }
    match word {
        "a" | "an" | "once" | "single" | "einmal" => &[1],
        "both" | "twice" | "double" | "doubled" | "pair" | "beide" | "beiden" | "doppelt" | "verdoppelt" => &[2],
        "triple" | "tripled" | "thrice" => &[3],
        "half" | "halves" | "halb" | "halbe" | "halben" | "halbes" | "hälfte" => &[2, 30, 50],
        "quarter" | "quarters" | "viertel" => &[4, 15, 25, 45],
        "third" | "thirds" | "drittel" => &[3, 33],
        "fifth" | "fünftel" => &[5, 20],
        "decade" | "decades" | "jahrzehnt" | "jahrzehnte" | "jahrzehnten" => &[10],
        "noon" | "midday" | "mittag" | "mittags" => &[12],
        "midnight" | "mitternacht" => &[0, 12, 24],
        "dozen" | "dutzend" => &[12],
        "fortnight" => &[14],
        _ => &[],
    }
}

/// The value of a German number word, or of the one a word opens with: "dreitägig", "Fünfjahresplan", "zwölfte".
fn german(word: &str) -> Option<u64> {
    // Longer ones before those they open with.
    const PARTS: &[(&str, u64)] = &[
        ("dreizehn", 13),
        ("vierzehn", 14),
        ("fünfzehn", 15),
        ("sechzehn", 16),
        ("siebzehn", 17),
        ("achtzehn", 18),
        ("neunzehn", 19),
        ("zwanzig", 20),
        ("dreißig", 30),
        ("dreissig", 30),
        ("vierzig", 40),
        ("fünfzig", 50),
        ("sechzig", 60),
        ("siebzig", 70),
        ("achtzig", 80),
        ("neunzig", 90),
        ("hundert", 100),
        ("tausend", 1000),
        ("zehn", 10),
        ("elf", 11),
        ("zwölf", 12),
        ("null", 0),
        ("ein", 1),
        ("erst", 1),
        ("zwei", 2),
        ("zwo", 2),
        ("drei", 3),
        ("dritt", 3),
        ("vier", 4),
        ("fünf", 5),
        ("sechs", 6),
        ("sieb", 7),
        ("acht", 8),
        ("neun", 9),
        ("und", 0),
    ];
    let (mut total, mut current, mut rest) = (0_u64, 0_u64, word);
    if rest.starts_with("und") {
        return None;
    }
    while let Some((part, value)) = PARTS.iter().find(|(part, _)| rest.starts_with(part)) {
        rest = rest.get(part.len()..)?;
        match value {
            100 => current = current.max(1).saturating_mul(100),
            1000 => {
                total = total.saturating_add(current.max(1).saturating_mul(1000));
                current = 0;
            }
            value => current = current.saturating_add(*value),
        }
    }
    (rest.len() < word.len()).then(|| total.saturating_add(current))
}

/// The value of an English number word, cardinal, ordinal or decade.
fn english(word: &str) -> Option<u64> {
    const WORDS: &[(&str, u64)] = &[
        ("zero", 0),
        ("one", 1),
        ("first", 1),
        ("two", 2),
        ("second", 2),
        ("three", 3),
        ("third", 3),
        ("four", 4),
        ("five", 5),
        ("fifth", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("eighth", 8),
        ("nine", 9),
        ("ninth", 9),
        ("ten", 10),
        ("eleven", 11),
        ("twelve", 12),
        ("twelfth", 12),
        ("thirteen", 13),
        ("fourteen", 14),
        ("fifteen", 15),
        ("sixteen", 16),
        ("seventeen", 17),
        ("eighteen", 18),
        ("nineteen", 19),
        ("twenty", 20),
        ("thirty", 30),
        ("forty", 40),
        ("fifty", 50),
        ("sixty", 60),
        ("seventy", 70),
        ("eighty", 80),
        ("ninety", 90),
        ("hundred", 100),
    ];
    let value = |word: &str| WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    let tens = |word: &str, end: &str| value(&format!("{}y", word.strip_suffix(end)?));
    value(word)
        .or_else(|| tens(word, "ieth"))
        .or_else(|| tens(word, "ies"))
        .or_else(|| value(word.strip_suffix("th")?))
        .or_else(|| value(word.strip_suffix('s')?))
}

/// The value of a Roman numeral in capitals.
fn roman(word: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut before = 0;
    for letter in word.chars().rev() {
        let value = match letter {
            'I' => 1,
            'V' => 5,
            'X' => 10,
            'L' => 50,
            'C' => 100,
            'D' => 500,
            'M' => 1000,
            _ => return None,
        };
        total = if value < before { total.saturating_sub(value) } else { total.saturating_add(value) };
        before = value;
    }
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_words_have_values() {
        assert_eq!(german("zweihundertfünfundzwanzigtausend"), Some(225_000));
        assert_eq!(german("neunzehnhundertneunundachtzig"), Some(1989));
        assert_eq!(german("siebte"), Some(7));
        assert_eq!(german("haus"), None);
        assert_eq!(english("twentieth"), Some(20));
        assert_eq!(english("nineties"), Some(90));
        assert_eq!(roman("XIV"), Some(14));
        assert_eq!(roman("XiV"), None);
    }
}
