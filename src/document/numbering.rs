//! Numbers of lists and headings, for formats whose files hold how to count and not the numbers.
//!
//! In: a number and how it is written. Out: its signs, as word processors and browsers show them. What is counted, the
//! readers know.

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Decimal,
    /// "01".
    TwoDigits,
    /// "a", after "z" come "aa" and "ab" as in browsers, or "aa" and "bb" as in word processors where `doubled`.
    Letter {
        is_upper: bool,
        doubled: bool,
    },
    Roman {
        is_upper: bool,
    },
}

impl Format {
    /// The sign that HTML and OpenDocument have for it: "1", "a", "A", "i" or "I".
    pub fn from_sign(sign: &str, doubled: bool) -> Option<Self> {
        Some(match sign {
            "1" => Self::Decimal,
            "a" | "A" => Self::Letter { is_upper: sign == "A", doubled },
            "i" | "I" => Self::Roman { is_upper: sign == "I" },
            _ => return None,
        })
    }

    /// Writes a number; in figures where letters or Roman numerals do not go so far.
    pub fn write(self, number: i64) -> String {
        let (written, is_upper) = match self {
            Self::Decimal => (None, false),
            Self::TwoDigits => (Some(format!("{number:02}")), false),
            Self::Letter { is_upper, doubled: true } => (doubled(number), is_upper),
            Self::Letter { is_upper, doubled: false } => (alphabetic(number), is_upper),
            Self::Roman { is_upper } => (roman(number), is_upper),
        };
        match written {
            None => number.to_string(),
            Some(written) if is_upper => written.to_ascii_uppercase(),
            Some(written) => written,
        }
    }
}

/// The letter of a number from 0.
fn letter(number: i64) -> Option<char> {
    char::from_digit(u32::try_from(number).ok()? + 10, 36)
}

/// "a" to "z", "aa", "bb", up to thirty of each.
fn doubled(number: i64) -> Option<String> {
    const MOST: i64 = 30 * 26;
    let before = number.checked_sub(1).filter(|before| (0..MOST).contains(before))?;
    let times = usize::try_from(before / 26 + 1).ok()?;
    Some(letter(before % 26)?.to_string().repeat(times))
}

/// "a" to "z", "aa", "ab": there is no sign for zero.
fn alphabetic(number: i64) -> Option<String> {
    let mut left = Some(number).filter(|number| *number > 0)?;
    let mut letters = Vec::new();
    while left > 0 {
        letters.push(letter((left - 1) % 26)?);
        left = (left - 1) / 26;
    }
    Some(letters.into_iter().rev().collect())
}

/// "i" to "mmmcmxcix".
fn roman(number: i64) -> Option<String> {
    const SIGNS: [(i64, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut left = Some(number).filter(|number| (1..4000).contains(number))?;
    let mut written = String::new();
    for (value, sign) in SIGNS {
        while left >= value {
            written.push_str(sign);
            left -= value;
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_word_processors_and_browsers_do() {
        let written = |sign: &str, doubled: bool, numbers: &[i64]| -> Vec<String> {
            let format = Format::from_sign(sign, doubled).expect("a format");
            numbers.iter().map(|number| format.write(*number)).collect()
        };
        assert_eq!(written("1", true, &[-2, 0, 13]), ["-2", "0", "13"]);
        assert_eq!(
            written("a", true, &[1, 26, 27, 28, 780, 781, 0]),
            ["a", "z", "aa", "bb", &"z".repeat(30), "781", "0"]
        );
        assert_eq!(
            written("A", false, &[1, 26, 27, 28, 703, i64::MIN]),
            ["A", "Z", "AA", "AB", "AAA", &i64::MIN.to_string()]
        );
        assert_eq!(written("i", true, &[4, 1999, 4000]), ["iv", "mcmxcix", "4000"]);
        assert_eq!(written("I", true, &[9]), ["IX"]);
        assert_eq!(Format::TwoDigits.write(7), "07");
        assert_eq!(Format::from_sign("", true), None);
    }
}
