//! Numbers: those written in figures on one side must be on the other, in figures or in words.
//!
//! In: source and target. Out: which are missing or new. "1.234,5 Mio." is "1,234.5 million" or "1.2345 billion",
//! "14.30 Uhr" is "2.30 p.m.", "19 Fahrgäste" may be "Nineteen passengers", "10.10.2025" "10 October 2025", "2½" "2.5".
//! Number words only ever explain figures; they need no counterpart themselves, for "ein" and "one" are not always
//! numbers. The one thing beside figures that is compared is a month, where each side names a single one.

use std::collections::HashSet;

use super::clock::{self, Clock};
use super::figures;
use super::number_words::{fraction_after, month, scale_of_word, simple_fraction, word_values};
use super::words;

/// How many numbers a message names at most on either side.
const NAMED: usize = 4;

/// What is missing in the target or new in it.
pub(super) fn check(source: &str, target: &str) -> Option<String> {
    let months = other_month(source, target);
    let clock = clock::is_told(source);
    let source = Numbers::read(source, Language::German, true, clock);
    let target = Numbers::read(target, Language::English, true, clock);
    let missing = months.map(|(month, _)| month).into_iter().chain(target.lacks(&source));
    let missing = missing.map(|surface| format!("{surface} is missing"));
    let new = months.map(|(_, month)| month).into_iter().chain(source.lacks(&target));
    let new = new.map(|surface| format!("{surface} is not in the source"));
    let doubts: Vec<String> = missing.chain(new).collect();
    Some(doubts.join("; ")).filter(|doubts| !doubts.is_empty())
}

/// The first few numbers in figures of an English sentence that the English text it was made from does not hold.
pub(super) fn invented(language: Language, text: &str, sentence: &str) -> Vec<String> {
    let text = Numbers::read(text, language, false, false);
    let sentence = Numbers::read(sentence, language, false, false);
    text.lacks(&sentence).into_iter().map(str::to_owned).collect()
}

/// The months of source and target where each names one and it is another.
fn other_month<'a>(source: &'a str, target: &'a str) -> Option<(&'a str, &'a str)> {
    let (german, english) = (only_month(source, Language::German)?, only_month(target, Language::English)?);
    (month(&german.to_lowercase()) != month(&english.to_lowercase())).then_some((german, english))
}

/// The month that a text names, where it is a single one and certainly a month.
fn only_month(text: &str, language: Language) -> Option<&str> {
    const BEFORE: &[&str] = &["in", "of", "on", "since", "until", "by", "last", "next", "this", "early", "late", "mid"];
    let words: Vec<&str> = words(text).collect();
    let mut found: Option<&str> = None;
    for (at, word) in words.iter().enumerate().filter(|(_, word)| word.starts_with(char::is_uppercase)) {
        let Some(value) = month(&word.to_lowercase()) else { continue };
        // "May" and "March" are other words as well.
        let figure = |at: Option<usize>| {
            at.and_then(|at| words.get(at)).is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        };
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or(String::new(), |word| word.to_lowercase());
        let is_month = language == Language::German
            || !matches!(value, 3 | 5)
            || figure(at.checked_sub(1))
            || figure(Some(at + 1))
            || BEFORE.contains(&before.as_str());
        if !is_month || found.is_some_and(|found| month(&found.to_lowercase()) != Some(value)) {
            return None;
        }
        found = Some(word);
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    German,
    English,
}

/// `digits` × 10^`exponent`, without zeros at either end of `digits`, so that equal numbers are equal values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Value {
    digits: String,
    exponent: i32,
}

impl Value {
    pub(super) fn new(integer: &str, fraction: &str) -> Self {
        let all = format!("{integer}{fraction}");
        let digits = all.trim_end_matches('0');
        let exponent = (all.len() - digits.len()) as i32 - fraction.len() as i32;
        let digits = digits.trim_start_matches('0').to_owned();
        Self { exponent: if digits.is_empty() { 0 } else { exponent }, digits }
    }

    pub(super) fn integer(value: u64) -> Self {
        Self::new(&value.to_string(), "")
    }

    pub(super) fn times_ten_to(&self, power: i32) -> Self {
        Self { digits: self.digits.clone(), exponent: if self.digits.is_empty() { 0 } else { self.exponent + power } }
    }

    /// The value where it is a whole number of at most four digits: an hour, a year.
    fn small(&self) -> Option<u64> {
        let zeros = usize::try_from(self.exponent).ok().filter(|zeros| zeros + self.digits.len() <= 4)?;
        format!("0{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// "89" as a year: 1989 and 2089.
    fn years(&self) -> Vec<Self> {
        let year = self.small().filter(|year| *year < 100);
        year.into_iter().flat_map(|year| [1900 + year, 2000 + year]).map(Self::integer).collect()
    }

    /// 1989 as "89".
    fn without_century(&self) -> Option<Self> {
        self.small().filter(|year| (1900..2100).contains(year)).map(|year| Self::integer(year % 100))
    }
}

/// An hour that stands before "Uhr", "h", "a.m." or "p.m.".
struct Time {
    /// The hours of the day that it may be, from 0 to 23; none where it can be none, as in "20 p.m.".
    hours: Vec<u64>,
    /// The same on a dial of twelve hours.
    faces: Vec<Value>,
    /// Whether "a.m." or "p.m." stands there.
    has_half: bool,
}

/// One number in figures.
struct Figure<'a> {
    /// Its figures.
    text: &'a str,
    /// As it stands in the text, with its scale word.
    surface: &'a str,
    /// What it says without a scale word, where it is one number.
    plain: Option<Value>,
    /// What it may mean.
    readings: Vec<Value>,
    /// The numbers it may be made of: hours and minutes, day and month; what each may mean.
    parts: Vec<Vec<Value>>,
    /// What it is as a time; the minutes are its parts then.
    time: Option<Time>,
    /// The hour, where it has only the form of a time: "19:30".
    hour: Option<u64>,
    /// Whether it is part of a name that the other language may spell out: "CO2".
    is_name: bool,
    /// Whether it is no amount, so that both languages may write it alike: "Az. 5.312/24".
    is_label: bool,
}

impl Figure<'_> {
    /// The parts that the other side must have: "15.00 Uhr" is "3 p.m."; of nothing but zeros, one.
    fn needed(&self) -> impl Iterator<Item = &Vec<Value>> {
        let is_zero = |part: &[Value]| part.iter().all(Value::is_zero);
        let all_zero = self.time.is_none() && self.parts.iter().all(|part| is_zero(part));
        self.parts.iter().filter(move |part| all_zero || !is_zero(part))
    }
}

/// The numbers of one sentence.
struct Numbers<'a> {
    figures: Vec<Figure<'a>>,
    /// What a number of the other side may find here as its counterpart.
    values: HashSet<Value>,
    /// What stands before "a.m." and "p.m.": no counterpart of hours.
    faces: HashSet<Value>,
    /// The same from number words.
    words: HashSet<Value>,
    /// The hours of the day.
    hours: HashSet<u64>,
    /// Whether hours are told with "Uhr", so that the half of the day is known.
    tells_hours: bool,
}

impl<'a> Numbers<'a> {
    /// `times` says whether hours may be told in another way on the other side, `clock` that some are in the source.
    fn read(text: &'a str, language: Language, times: bool, clock: bool) -> Self {
        let runs = runs(text);
        let clocks = if times { clock::clocks(&runs, language) } else { Vec::new() };
        // "3 bis 4 Millionen": the scale of one number may hold for its neighbours.
        let scales: HashSet<i32> = runs.iter().filter_map(|run| Some(scale(run.after, language)?.power)).collect();
        let late = language == Language::German && clock::is_late(text);
        let mut figures = Vec::new();
        let mut at = 0;
        while let Some(run) = runs.get(at) {
            let clock_word = clocks.get(at).copied().flatten();
            let (figure, used) = match clock_word.and_then(|word| Some((word, clock::hour(run.text)?))) {
                Some((word, (hour, minutes))) => (Figure::time(text, run, word, hour, minutes, late), 1),
                None => Figure::read(text, run, language, clock, &scales),
            };
            figures.push(figure);
            at += used;
        }
        let times = || figures.iter().filter_map(|figure| Some((figure, figure.time.as_ref()?)));
        let faces = times().filter(|(_, time)| time.has_half).filter_map(|(_, time)| time.faces.first().cloned());
        let hours = figures.iter().filter_map(|figure| figure.hour);
        let told = times().filter(|(_, time)| !time.has_half).flat_map(|(_, time)| time.faces.iter());
        let values = figures.iter().flat_map(|figure| figure.readings.iter().chain(figure.parts.iter().flatten()));
        Self {
            values: values.chain(told).cloned().collect(),
            faces: faces.collect(),
            words: word_values(text, language),
            hours: hours.chain(times().flat_map(|(_, time)| time.hours.iter().copied())).collect(),
            tells_hours: times().any(|(_, time)| !time.has_half),
            figures,
        }
    }

    /// The first few figures of `other` that have no counterpart here, each once.
    fn lacks<'b>(&self, other: &Numbers<'b>) -> Vec<&'b str> {
        let mut named = HashSet::new();
        let lacking = other.figures.iter().filter(|figure| !self.has(figure)).map(|figure| figure.surface);
        lacking.filter(|surface| named.insert(*surface)).take(NAMED).collect()
    }

    fn has(&self, figure: &Figure<'_>) -> bool {
        let is_in_figures = |value: &Value| self.values.contains(value);
        let is_in_words = |value: &Value| self.words.contains(value);
        let is_here = |value: &Value| {
            is_in_figures(value)
                || self.faces.contains(value)
                || is_in_words(value)
                || value.without_century().as_ref().is_some_and(is_in_words)
        };
        let has_parts = || figure.needed().all(|part| part.iter().any(is_here));
        if let Some(time) = &figure.time {
            let has_hour = time.hours.iter().any(|hour| self.hours.contains(hour))
                || time.faces.iter().any(is_in_words) && !time.hours.is_empty()
                || if time.has_half {
                    let bare = time.hours.iter().copied().map(Value::integer);
                    !self.tells_hours
                        && !time.hours.is_empty()
                        && bare.chain(time.faces.first().cloned()).any(|hour| is_in_figures(&hour))
                } else {
                    time.faces.iter().any(is_in_figures)
                };
            return figure.is_name || has_hour && has_parts();
        }
        figure.is_name
            || figure.readings.iter().any(is_here)
            || figure.plain.as_ref().is_some_and(is_in_words)
            || !figure.parts.is_empty() && has_parts()
            || figure.hour.is_some_and(|hour| self.hours.contains(&hour))
                && figure.parts.iter().skip(1).flatten().all(|minutes| minutes.is_zero() || is_here(minutes))
            || self.figures.iter().any(|twin| twin.text == figure.text && (twin.is_label || figure.is_label))
    }
}

impl<'a> Figure<'a> {
    /// A number before "Uhr", "a.m." and the like.
    fn time(text: &'a str, run: &Run<'a>, word: Clock, hour: u64, minutes: Vec<Value>, late: bool) -> Self {
        Self {
            text: run.text,
            surface: run.surface(text, word.length(run.after)),
            plain: None,
            readings: Vec::new(),
            parts: minutes.into_iter().map(|part| vec![part]).collect(),
            time: Some(Time { hours: word.hours(hour, late), faces: word.faces(hour), has_half: word != Clock::Uhr }),
            hour: None,
            is_name: run.in_word,
            is_label: false,
        }
    }

    /// Any other number, and how many runs of figures it takes: "2 1/2" is one number.
    fn read(text: &'a str, run: &Run<'a>, language: Language, clock: bool, scales: &HashSet<i32>) -> (Self, usize) {
        let (mut plain, mut parts) = meaning(run.text, language, clock);
        let (mut mixed, mut used, mut length) = (Vec::new(), 1, 0);
        let is_integer = run.text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(fraction) = fraction_after(run.after).filter(|_| is_integer) {
            mixed = fraction.decimals(run.text);
            (plain, used, length) = (None, 1 + fraction.runs, fraction.length);
        } else if let Some(fraction) = simple_fraction(run.before(text), run.text, run.after) {
            mixed = fraction.decimals("").into_iter().chain(fraction.percents()).collect();
            parts = [fraction.above, fraction.below].map(|part| vec![Value::integer(part)]).into();
            (plain, used, length) = (None, 2, fraction.length);
        }
        let after = run.after.get(length..).unwrap_or_default();
        let scale = scale(after, language);
        // "seit 2015 Milliarden": a year before an amount without a number.
        let year = plain.as_ref().and_then(Value::small).is_some_and(|year| (1900..2100).contains(&year));
        let powers: Vec<i32> = match &scale {
            Some(scale) if scale.is_unit_too || year => vec![0, scale.power],
            Some(scale) => vec![scale.power],
            None => std::iter::once(0).chain(scales.iter().copied()).collect(),
        };
        let scaled = |value: &Value| powers.iter().map(|power| value.times_ten_to(*power)).collect::<Vec<_>>();
        let mut readings: Vec<Value> = plain.iter().chain(&mixed).flat_map(scaled).collect();
        if run.may_be_year(text, language) {
            readings.extend(plain.iter().flat_map(Value::years));
        }
        if language == Language::German && names_floor(run.after) {
            readings.extend(plain.iter().filter_map(Value::small).map(|floor| Value::integer(floor + 1)));
        }
        let hour = clock::hour(run.text).filter(|(_, minutes)| !minutes.is_empty() && language == Language::German);
        let figure = Self {
            text: run.text,
            surface: run.surface(text, length + scale.map_or(0, |scale| scale.end)),
            plain,
            readings,
            parts,
            time: None,
            hour: hour.map(|(hour, _)| hour % 24),
            is_name: run.in_word,
            is_label: length == 0 && language == Language::German && figures::is_label(text, run),
        };
        (figure, used)
    }
}

/// Digits with separators between them, and the text after them.
pub(super) struct Run<'a> {
    pub(super) text: &'a str,
    pub(super) after: &'a str,
    /// Whether a letter stands right before them.
    pub(super) in_word: bool,
}

impl<'a> Run<'a> {
    /// The text before it.
    pub(super) fn before<'b>(&self, text: &'b str) -> &'b str {
        text.get(..self.start(text)).unwrap_or_default()
    }

    /// Its figures and so many bytes of what follows.
    fn surface(&self, text: &'a str, more: usize) -> &'a str {
        let start = self.start(text);
        text.get(start..start + self.text.len() + more).unwrap_or(self.text)
    }

    fn start(&self, text: &str) -> usize {
        text.len() - self.after.len() - self.text.len()
    }

    /// Whether two figures may stand for four: "90er", "2024/25", "'89", "4. Juli 89".
    fn may_be_year(&self, text: &str, language: Language) -> bool {
        if self.text.len() != 2 {
            return false;
        }
        let before = self.before(text);
        let is_figure = |character: char| character.is_ascii_digit();
        // "2024-25"
        let span = before.strip_suffix(['-', '–']).unwrap_or_default();
        let word = before.trim_end_matches(' ').rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let after = self.after.trim_start_matches(['-', '\'', '’']);
        let decade = after.strip_prefix('s').is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
        span.len() - span.trim_end_matches(is_figure).len() == 4
            || before.ends_with(['/', '\'', '’', '‘'])
            || after.starts_with('/')
            || after.starts_with("er")
            || decade
            || language == Language::German
                && (month(&word.to_lowercase()).is_some()
                    || matches!(word, "Jahr" | "Jahre" | "Jahren" | "Jahres" | "Saison"))
    }
}

/// The runs of digits in a text.
///
/// A separator counts when digits stand on both sides; a space only between groups of thousands ("10 000").
pub(super) fn runs(text: &str) -> Vec<Run<'_>> {
    let digits_from = |start: usize| text.bytes().skip(start).take_while(u8::is_ascii_digit).count();
    let mut runs = Vec::new();
    let mut position = 0;
    while let Some(start) = text.get(position..).and_then(|rest| rest.find(|c: char| c.is_ascii_digit())) {
        let start = position + start;
        let first = digits_from(start);
        position = start + first;
        let mut thousands = first <= 3;
        while let Some(separator) = text.get(position..).and_then(|rest| rest.chars().next()) {
            let next = position + separator.len_utf8();
            let group = digits_from(next);
            let joins = match separator {
                '.' | ',' | ':' => group > 0,
                '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => thousands && group == 3,
                _ => false,
            };
            if !joins {
                break;
            }
            thousands &= group == 3;
            position = next + group;
        }
        if let (Some(before), Some(run), Some(after)) =
            (text.get(..start), text.get(start..position), text.get(position..))
        {
            runs.push(Run { text: run, after, in_word: before.ends_with(char::is_alphabetic) });
        }
    }
    runs
}

/// A run of digits as one number, and as the numbers it may be made of.
fn meaning(run: &str, language: Language, clock: bool) -> (Option<Value>, Vec<Vec<Value>>) {
    let (thousand, decimal) = match language {
        Language::German => ('.', ','),
        Language::English => (',', '.'),
    };
    let separators: Vec<char> = run.chars().filter(|character| !character.is_ascii_digit()).collect();
    let groups: Vec<&str> = run.split(|character: char| !character.is_ascii_digit()).collect();
    let grouped = |groups: &[&str], separators: &[char]| {
        groups.first().is_some_and(|group| separators.is_empty() || group.len() <= 3)
            && groups.iter().skip(1).all(|group| group.len() == 3)
            && separators.iter().all(|separator| *separator == thousand || !matches!(separator, '.' | ',' | ':'))
    };
    let parts = || {
        let part = |(at, group): (usize, &&str)| {
            let value = Value::new(group, "");
            // "11.10.25"
            let years = if at == 2 && group.len() == 2 { value.years() } else { Vec::new() };
            std::iter::once(value).chain(years).collect::<Vec<Value>>()
        };
        groups.iter().enumerate().map(part).collect::<Vec<_>>()
    };
    if grouped(&groups, &separators) {
        return (Some(Value::new(&groups.concat(), "")), Vec::new());
    }
    if let ([integer @ .., fraction], [thousands @ .., last]) = (groups.as_slice(), separators.as_slice())
        && *last == decimal
        && grouped(integer, thousands)
    {
        let time = clock && *last == '.';
        return (Some(Value::new(&integer.concat(), fraction)), if time { parts() } else { Vec::new() });
    }
    // Times, dates, versions, scores; a point before one or two digits is a decimal point to some.
    let decimal = match (groups.as_slice(), separators.as_slice()) {
        ([integer, fraction], ['.']) => Some(Value::new(integer, fraction)),
        _ => None,
    };
    (decimal, parts())
}

/// Whether a number is one of a floor: the first one in German is the second one in America.
fn names_floor(after: &str) -> bool {
    const FLOORS: [&str; 5] = ["OG", "Obergeschoss", "Stock", "Stockwerk", "Etage"];
    words(after).next().is_some_and(|word| FLOORS.contains(&word))
}

/// A word after a number that multiplies it.
struct Scale {
    power: i32,
    /// Where the word ends in the text after the number.
    end: usize,
    /// Whether it may be a unit instead: "5m" is five million or five metres.
    is_unit_too: bool,
}

fn scale(after: &str, language: Language) -> Option<Scale> {
    let word_start = after.find(|character: char| !matches!(character, ' ' | '\u{a0}' | '\u{202f}' | '-' | '‑'))?;
    let rest = after.get(word_start..).filter(|_| word_start <= 2)?;
    let word_end = rest.find(|character: char| !character.is_alphabetic()).unwrap_or(rest.len());
    let word = rest.get(..word_end)?;
    // "um 1785 Tausende Schwaben": nobody multiplies by those. "MN" are meganewtons.
    if word.starts_with("Tausende") || matches!(word, "thousands" | "MN") {
        return None;
    }
    let power = scale_of_word(word, language).or(match (language, word) {
        // "500 TEUR", "500 T€"
        (Language::German, "TEUR") => Some(3),
        (Language::German, "T") if rest.starts_with("T€") => Some(3),
        (Language::German, "MEUR") => Some(6),
        (Language::English, "m" | "M") if word_start == 0 => Some(6),
        (Language::English, "b") if word_start == 0 => Some(9),
        (Language::English, "k" | "K") if word_start == 0 => Some(3),
        _ => None,
    })?;
    let is_unit_too = word.len() == 1 && language == Language::English;
    Some(Scale { power, end: word_start + word_end, is_unit_too })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_in_another_dress_is_no_doubt() {
        for (source, target) in [
            ("Der Umsatz stieg auf 1.234,5 Mio. Euro.", "Revenue rose to 1,234.5 million euros."),
            ("Der Umsatz stieg auf 1.234,5 Mio. Euro.", "Revenue rose to €1.2345bn."),
            ("zwischen 4,85 und 4,95 Mrd. Euro", "between 4.85 billion and 4.95 billion euros"),
            ("von 3 Milliarden auf 5", "from 3 billion to 5 billion"),
            ("Am 4. Juli 2024", "On July 4, 2024"),
            ("gültig bis 11.10.2025, 15.00 Uhr", "valid until 11 October 2025, 3 p.m."),
            ("um 14.30 Uhr", "at 2:30 p.m."),
            ("um 0.30 Uhr", "at 12.30 a.m."),
            ("um halb drei", "at 2.30"),
            ("gegen 12 Uhr", "around noon"),
            ("19 Fahrgäste, 250 Helfer", "Nineteen passengers, two hundred and fifty helpers"),
            ("zwölf Tage, zweiundvierzig Wochen", "12 days, 42 weeks"),
            ("eine halbe Million", "500,000"),
            ("in den 90er Jahren", "in the 1990s"),
            ("im 19. Jahrhundert", "in the nineteenth century"),
            ("Ludwig XIV.", "Louis the 14th"),
            ("10 000 Euro, 5'000 Franken", "10,000 euros, 5,000 francs"),
            ("2,50 Euro", "€2.50"),
            ("Saison 2024/25", "2024-2025 season"),
            ("Sie gewannen 3:2", "They won 3-2"),
            ("Version 4.2", "version 4.2"),
            ("der dreitägige Gipfel", "the 3-day summit"),
            ("seit 2015 Milliarden", "billions since 2015"),
            ("der CO2-Preis", "the carbon price"),
            ("um ein Fünftel", "by 20 percent"),
            ("ein Mann", "a man"),
            ("", ""),
            // Fractions.
            ("Die Sitzung dauerte 2½ Stunden.", "The session lasted 2½ hours."),
            ("2½ Stunden, 1½ Tage", "2.5 hours, one and a half days"),
            ("2½ Millionen", "2 1/2 million"),
            ("2½ Jahre", "2-and-a-half years"),
            ("½ Liter", "half a litre"),
            ("½ Liter, ¼ Liter", "0.5 litres, 0.25 litres"),
            ("zweieinhalb Millionen Euro", "2.5 million euros"),
            ("dreieinhalb Prozent", "3.5 percent"),
            ("anderthalb Stunden", "1.5 hours"),
            ("1,5 Stunden", "one and a half hours"),
            ("2,5 Millionen", "two and a half million"),
            ("1,5 Jahre", "a year and a half"),
            ("0,5 Prozentpunkte", "half a percentage point"),
            ("eine Viertelstunde, eine Dreiviertelstunde", "15 minutes, 45 minutes"),
            ("eine Viertelmillion", "250,000"),
            ("1/4 der Fläche", "25 percent of the area"),
            ("drei Viertel der Fläche", "75 percent of the area"),
            ("2/3 der Stimmen", "two thirds of the votes"),
            ("im Achtelfinale", "in the round of 16"),
            ("500 TEUR, 20 T€", "500 thousand euros, 20,000 euros"),
            // Zeros, and what is no amount.
            ("Es endete 0:0.", "It ended 0:0."),
            ("Es endete 3:0.", "It ended 3-0."),
            ("00:00 Uhr", "00:00"),
            ("Az. 5.312/24", "Ref. 5.312/24"),
            ("ein Takt von 4.125 GHz", "a clock of 4.125 GHz"),
            // Years.
            ("die 68er, '89, die Saison 08/09", "those of 1968, 1989, the 2008-2009 season"),
            ("am 11.10.25", "on 11 October 2025"),
            ("neunzehnhundertneunundachtzig", "1989"),
            // Times.
            ("Am Freitag, 19:30", "On Friday, 7:30 p.m."),
            ("Beginn: 20.15", "Start: 8.15 p.m."),
            ("um 15h", "at 3 p.m."),
            ("UM 20 UHR", "AT 8 P.M."),
            ("um 20 Uhr", "at eight o'clock"),
            ("um 20 Uhr", "at 8 o'clock"),
            ("um acht Uhr abends", "at 8 p.m."),
            ("um 8 Uhr abends", "at 8 p.m."),
            ("um 8 und um 17 Uhr", "at 8 a.m. and 5 p.m."),
            ("Um 1785 zogen Tausende", "Around 1785 thousands moved"),
            ("um 1785 Tausende Schwaben", "thousands of Swabians around 1785"),
            ("von 11 bis 13 Uhr", "from 11 to 1 p.m."),
            ("von 8 bis 10.30 Uhr", "from 8 a.m. to 10:30am"),
            ("bis 24 Uhr, ab 0 Uhr", "until midnight, from 12 a.m."),
            ("Vorstellungen um 20.30 Uhr", "Performances at 8.30pm"),
            ("zwischen 8 und 9 am Morgen", "between 8 and 9 a.m."),
            ("Tempo 130 km/h", "130 km/h"),
            ("Führungen um 11, 13 und 15 Uhr", "Tours at 11 a.m., 1 p.m. and 3 p.m."),
            ("von 8 bis 12 und von 14 bis 17 Uhr", "from 8 a.m. to 12 noon and from 2 p.m. to 5 p.m."),
            ("Zimmer 12, 14 Uhr", "2 p.m. in room 12"),
            ("Do., 23. Oktober 2025, 17.20 Uhr", "Thu., October 23, 2025, 5:20 p.m."),
            ("am 4. Juli, 17 Uhr", "on July 4, 5 p.m."),
            // Short months, floors, rooms, meganewtons.
            ("Weihnachtsmarkt: 28.11.–22.12.", "Christmas market: Nov. 28–Dec. 22"),
            ("Büro im 2. Obergeschoss, Lager im 3. Stock", "Office on the third floor, storeroom on the third floor"),
            ("Anmeldung in Raum 3.112", "Registration in room 3.112"),
            ("mit 15 MN/m²", "15 MN/m²"),
            // Months.
            ("Am 4. Mai 2024", "You may come on 4 May 2024"),
            ("im März", "in spring; march on"),
            ("Juni und Juli", "June"),
        ] {
            assert_eq!(check(source, target), None, "{source} / {target}");
        }
    }

    #[test]
    fn a_changed_number_is_a_doubt() {
        for (source, target, detail) in [
            ("4,8 Mio. Euro", "4.8 billion euros", "4,8 Mio is missing; 4.8 billion is not in the source"),
            ("Umsatz: 1.350 Euro", "Revenue: 1.350 euros", "1.350 is missing; 1.350 is not in the source"),
            ("2.200.112 Stimmen", "2,200,12 votes", "2.200.112 is missing; 2,200,12 is not in the source"),
            ("Am 4. Juli 2024", "On 4 July", "2024 is missing"),
            ("Um 14.30 Uhr", "At 2.50 p.m.", "14.30 is missing; 2.50 p.m. is not in the source"),
            ("Sie kamen an.", "They arrived in 2019.", "2019 is not in the source"),
            ("2½ Stunden", "21⁄2 hours", "2½ is missing; 21 is not in the source; 2 is not in the source"),
            ("dreieinhalb Prozent", "3 percent", "3 is not in the source"),
            ("1/4 der Fläche", "1/3 of the area", "1/4 is missing; 1/3 is not in the source"),
            ("500 TEUR", "500 euros", "500 TEUR is missing; 500 is not in the source"),
            ("Es endete 0:0.", "It ended 1:1.", "1:1 is not in the source"),
            ("1,250 Euro", "1,250 euros", "1,250 is missing; 1,250 is not in the source"),
            ("von 1.350 auf 2.000", "from 1.350 to 2,000", "1.350 is missing; 1.350 is not in the source"),
            ("20 Menschen", "2020 people", "20 is missing; 2020 is not in the source"),
            ("Am 4. Juli", "On 4 June", "Juli is missing; June is not in the source"),
            ("im April", "in May", "April is missing; May is not in the source"),
        ] {
            assert_eq!(check(source, target).as_deref(), Some(detail), "{source} / {target}");
        }
    }

    #[test]
    fn the_other_half_of_the_day_is_a_doubt() {
        for (source, target, detail) in [
            ("um 20 Uhr", "at 20 a.m.", "20 is missing; 20 a.m. is not in the source"),
            ("Gegen 14.05 Uhr", "Around 14:05 a.m.", "14.05 is missing; 14:05 a.m. is not in the source"),
            ("um 20 Uhr", "at 8 a.m.", "20 is missing; 8 a.m. is not in the source"),
            ("um 8 Uhr morgens", "at 8 p.m.", "8 is missing; 8 p.m. is not in the source"),
            ("Am Freitag, 19:30", "On Friday, 7:30 a.m.", "19:30 is missing; 7:30 a.m. is not in the source"),
            ("Um 9 Uhr starben 14 Menschen", "At 9 a.m. 2 people died", "14 is missing; 2 is not in the source"),
        ] {
            assert_eq!(check(source, target).as_deref(), Some(detail), "{source} / {target}");
        }
    }
}
