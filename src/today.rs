//! The day of today, for the provenance of reports. In: the system clock, or the environment variable `SOURCE_DATE_EPOCH`.
//! Out: `2026-11-23`, in UTC. No other dates here.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 that stand for the clock, so that results can be made again to the byte
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
const FIXED: &str = "SOURCE_DATE_EPOCH";

/// Today; `None` where the clock stands before 1970.
pub(crate) fn today() -> Option<String> {
    let fixed = std::env::var(FIXED).ok().and_then(|seconds| seconds.parse().ok());
    let clock = || Some(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs());
    // A year has four digits.
    const YEAR_10000: u64 = 253_402_300_800;
    fixed.or_else(clock).filter(|&seconds| seconds < YEAR_10000).map(|seconds| day(seconds / 86_400))
}

/// The day so many days after 1970-01-01.
fn day(days: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let (mut year, mut rest) = (1970, days);
    while rest >= 365 + u64::from(leap(year)) {
        rest -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if rest < length {
            break;
        }
        rest -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", rest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_across_leap_years() {
        // Numbers of days from `date -u -d DATE +%s`, divided by 86,400.
        for (days, date) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_088, "2024-12-31"),
            (20_089, "2025-01-01"),
        ] {
            assert_eq!(day(days), date);
        }
    }
}
