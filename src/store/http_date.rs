//! Dates as HTTP headers write them: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
//!
//! In: the text of a header. Out: seconds since 1970. The two older forms that the standard keeps are not read: no hub
//! sends them.

const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

/// Seconds since 1970; `None` when the text is no such date, or one before 1970.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (_, rest) = text.trim().split_once(", ")?;
    let mut parts = rest.strip_suffix(" GMT")?.split([' ', ':']);
    let day = number(parts.next()?, 1..=31)?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|(name, _)| *name == month)?;
    let year = number(parts.next()?, 1970..=9999)?;
    let hour = number(parts.next()?, 0..=23)?;
    let minute = number(parts.next()?, 0..=59)?;
    // 60 in a leap second.
    let second = number(parts.next()?, 0..=60)?;
    if parts.next().is_some() {
        return None;
    }
    let leap_years_to = |year: u64| year / 4 - year / 100 + year / 400;
    let leap_day_passed = month > 1 && leap_years_to(year) > leap_years_to(year - 1);
    let days = 365 * (year - 1970) + leap_years_to(year - 1) - leap_years_to(1969)
        + MONTHS.iter().take(month).map(|(_, days)| days).sum::<u64>()
        + u64::from(leap_day_passed)
        + day
        - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(text: &str, within: std::ops::RangeInclusive<u64>) -> Option<u64> {
    text.parse().ok().filter(|number| within.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_what_the_system_says_they_are() {
        // `date -u -d '…' +%s`
        for (text, expected) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Sun, 29 Feb 2032 12:00:00 GMT", 1_961_668_800),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 00 Nov 1994 08:49:37 GMT", "x, 06 Nov 1994 08:49 GMT"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
