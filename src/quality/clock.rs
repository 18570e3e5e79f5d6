//! Hours of the day: which figures are hours, and which hours they are.
//!
//! In: the runs of digits of a sentence. Out: for each what tells it as an hour, "Uhr" and "h" in German, "a.m." and
//! "p.m." in English, also over "8 bis 10 Uhr".

use super::numbers::{Language, Run, Value};
use super::words;

/// What tells that a number is an hour.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// "Uhr", "h"
    Uhr,
    /// "a.m."
    Morning,
    /// "p.m."
    Afternoon,
    /// One of the two at the end of a span: "from 11 to 1 p.m.".
    Either,
}

/// What stands between two hours that are told together.
const JOINING: &[&str] = &[
    "bis",
    "und",
    "oder",
    "sowie",
    "und um",
    "oder um",
    "sowie um",
    "und von",
    "und ab",
    "und nach",
    "oder nach",
    "-",
    "–",
    "—",
    "/",
    "to",
    "and",
    "or",
    "until",
    "till",
    "and at",
    "or at",
];

/// Whether a German sentence tells hours at all.
pub(super) fn is_told(text: &str) -> bool {
    words(text).any(|word| {
        let word = word.trim_start_matches(|c: char| c.is_ascii_digit()).to_lowercase();
        matches!(word.as_str(), "uhr" | "h" | "halb")
    })
}

/// Whether a German sentence says that it is past noon: "um 8 Uhr abends".
pub(super) fn is_late(text: &str) -> bool {
    let text = text.to_lowercase().replace("vormittag", "");
    ["mittag", "abend", "nacht", "spät"].iter().any(|part| text.contains(part))
}

/// What tells each of the runs as an hour.
pub(super) fn clocks(runs: &[Run<'_>], language: Language) -> Vec<Option<Clock>> {
    let mut clocks: Vec<Option<Clock>> = runs.iter().map(|run| clock(run.after, language)).collect();
    for at in (0..runs.len().saturating_sub(1)).rev() {
        let (Some(run), Some(next), Some(told)) =
            (runs.get(at), runs.get(at + 1), clocks.get(at + 1).copied().flatten())
        else {
            continue;
        };
        let between = run.after.len().checked_sub(next.text.len() + next.after.len());
        let between = between.and_then(|end| run.after.get(..end)).unwrap_or_default().trim();
        let is_joined = JOINING.contains(&between) || language == Language::German && between == ",";
        if is_joined
            && hour(next.text).is_some()
            && let Some(clock @ None) = clocks.get_mut(at)
        {
            *clock = Some(if told == Clock::Uhr { Clock::Uhr } else { Clock::Either });
        }
    }
    clocks
}

fn clock(after: &str, language: Language) -> Option<Clock> {
    let rest = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let end = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    if language == Language::German {
        let word = rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
        return matches!(word.as_str(), "uhr" | "h").then_some(Clock::Uhr);
    }
    let (half, rest) = [('a', Clock::Morning), ('p', Clock::Afternoon)]
        .into_iter()
        .find_map(|(letter, half)| Some((half, rest.strip_prefix([letter, letter.to_ascii_uppercase()])?)))?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let rest = rest.strip_prefix(' ').unwrap_or(rest).strip_prefix(['m', 'M'])?;
    end(rest).then_some(half)
}

impl Clock {
    /// The hours of the day that an hour before this may be; `late` says that it is past noon.
    pub(super) fn hours(self, hour: u64, late: bool) -> Vec<u64> {
        match self {
            Self::Uhr if late && hour <= 12 => vec![hour, (hour + 12) % 24],
            Self::Uhr => vec![hour % 24],
            // "20 p.m." is no hour.
            _ if hour > 12 => Vec::new(),
            Self::Morning => vec![hour % 12],
            Self::Afternoon => vec![hour % 12 + 12],
            Self::Either => vec![hour % 12, hour % 12 + 12],
        }
    }

    /// What the same hour may be called where the half of the day is not said.
    pub(super) fn faces(self, hour: u64) -> Vec<Value> {
        [hour, hour % 24, (hour + 12) % 24].map(Value::integer).into()
    }

    /// The length of the word after a number.
    pub(super) fn length(self, after: &str) -> usize {
        let rest = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        let told = match self {
            Self::Morning | Self::Afternoon => rest.find(['m', 'M']).map_or(0, |at| at + 1),
            Self::Uhr | Self::Either => return 0,
        };
        let dot = rest.get(told..).is_some_and(|rest| rest.starts_with('.'))
            && rest.get(..told).is_some_and(|half| half.contains('.'));
        after.len() - rest.len() + told + usize::from(dot)
    }
}

/// The hour and the minutes and seconds of figures that have the form of a time: "20", "20.15", "19:30".
pub(super) fn hour(run: &str) -> Option<(u64, Vec<Value>)> {
    let mut groups = run.split(['.', ':']);
    let hour = groups.next().filter(|hour| hour.len() <= 2)?.parse().ok().filter(|hour| *hour <= 24)?;
    let minutes = groups.map(|group| {
        let minutes: u64 = group.parse().ok().filter(|minutes| *minutes < 60 && group.len() == 2)?;
        Some(Value::integer(minutes))
    });
    let minutes: Vec<Value> = minutes.collect::<Option<_>>()?;
    (minutes.len() <= 2).then_some((hour, minutes))
}
