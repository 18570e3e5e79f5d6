//! Where German sentences end.
//!
//! In: the text of one block. Out: byte ranges of its sentences. Words are looked up in the lexicon; everything else is
//! here: a mark that may end a sentence is judged by the token before it and the word after it. Because German nouns
//! have capitals, "a capital follows" proves little; words that can only begin a sentence prove more. In doubt the text
//! stays together: half a sentence is translated worse than two in one piece.
//!
//! One pass over the bytes; every look back or ahead is bounded or remembered, so that time grows with the text alone.

use std::ops::Range;

use crate::lexicon::{self, Abbreviation};

/// Farthest look back for the token before a mark, in bytes; longer tokens are addresses or noise.
const LONGEST_TOKEN: usize = 64;

/// Farthest look ahead for the end of a bracket or of a title in quotes, in bytes.
const LONGEST_BRACKET: usize = 500;
const LONGEST_TITLE: usize = 200;

/// The sentences of one block's text; the gaps between them are white space only.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = skip_white(text, 0);
    let mut scan = Scan { text, start, at: start, ..Scan::default() };
    while let Some(end) = scan.next_end() {
        sentences.push(start..end);
        start = skip_white(text, end);
        scan = Scan { text, start, at: start, ..Scan::default() };
    }
    let end = text.trim_end().len();
    if start < end {
        sentences.push(start..end);
    }
    sentences
}

/// The state of the pass within one sentence.
#[derive(Debug, Clone, Copy, Default)]
struct Scan<'a> {
    text: &'a str,
    /// Where the sentence starts, white space skipped.
    start: usize,
    /// How far the pass has come.
    at: usize,
    /// Brackets open here, and where the outermost one opened.
    depth: usize,
    bracket: usize,
    quote: Option<Quote>,
    /// Where the outermost bracket closes; its own place when it does not.
    bracket_end: usize,
}

/// An open quotation.
#[derive(Debug, Clone, Copy)]
struct Quote {
    /// Where its text starts.
    inner: usize,
    closing: &'static [char],
    /// It is part of a clause that has begun, as a title is; not after a colon, as speech is.
    within_clause: bool,
}

/// A mark that may end a sentence, and what is attached to it.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Place of the marks themselves: ".", "?!", "…".
    start: usize,
    end: usize,
    /// A full stop alone, which may also belong to an abbreviation or a number.
    is_stop: bool,
    is_ellipsis: bool,
    /// After closing quotes, brackets and footnote marks.
    close: usize,
    quoted: bool,
    bracketed: bool,
}

/// What stands before a full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// An ordinary word.
    Word,
    Abbreviation(Abbreviation),
    /// A whole number of at most three digits: an ordinal or a cardinal.
    Ordinal,
    /// A year, a decimal, a time, a full date.
    Number,
    /// "24.12": the day and month of a date.
    DayAndMonth,
    /// An upper-case Roman numeral of two and more letters.
    Roman,
    Initial,
}

/// What follows a mark and its white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// A word that can only begin a sentence.
    Starter,
    Capital,
    Month,
    Lower,
    Digit,
    /// A paragraph sign, a bullet: something that is neither word nor number.
    Symbol,
    Dash,
    Nothing,
}

impl<'a> Scan<'a> {
    /// Goes on to the next end of a sentence before the end of the text.
    fn next_end(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if !IS_INTERESTING[usize::from(byte)] {
                self.at += 1;
                continue;
            }
            let Some(character) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else {
                self.at += 1;
                continue;
            };
            match character {
                '.' | '!' | '?' | '…' => {
                    let mark = self.mark();
                    if let Some(end) = self.judge(mark) {
                        return Some(end);
                    }
                    self.at = mark.end;
                    continue;
                }
                '(' | '[' => {
                    if self.depth == 0 {
                        self.bracket = self.at;
                        self.bracket_end = self.at + bracket_length(prefix(&self.text[self.at..], LONGEST_BRACKET));
                    }
                    self.depth += 1;
                }
                ')' | ']' => {
                    self.depth = self.depth.saturating_sub(1);
                    // "(Rn. 15) (nicht amtlich)": a sentence in brackets before another.
                    let close = self.at + 1;
                    if self.depth == 0
                        && self.bracket == self.start
                        && self.text[close..].trim_start().starts_with('(')
                        && self.text[close..].starts_with(char::is_whitespace)
                    {
                        return Some(close);
                    }
                }
                _ => self.see_quote(character),
            }
            self.at += character.len_utf8();
        }
        None
    }

    /// Opens or closes a quotation.
    fn see_quote(&mut self, character: char) {
        if let Some(quote) = self.quote {
            if quote.closing.contains(&character) {
                self.quote = None;
            }
            return;
        }
        let before = self.text[..self.at].chars().next_back();
        let after_gap = before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '/' | '-' | '–' | '—'));
        let closing: &[char] = match character {
            '„' => &['“', '”', '"'],
            '“' if after_gap => &['”', '"'],
            '"' if after_gap => &['"', '“', '”'],
            '»' => &['«'],
            '«' => &['»'],
            _ => return,
        };
        let clause = self.text[self.start..self.at].trim_end();
        self.quote = Some(Quote {
            inner: self.at + character.len_utf8(),
            closing,
            within_clause: !clause.is_empty() && !clause.ends_with([':', '.', '!', '?', '…', '-', '–', ',']),
        });
    }

    /// Reads the mark at the present place and what is attached to it.
    fn mark(&self) -> Mark {
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !matches!(c, '.' | '!' | '?' | '…')).unwrap_or(rest.len());
        let marks = &rest[..length];
        let end = self.at + length;
        let is_ellipsis = marks.ends_with('…') || marks.ends_with("...");
        let mut mark = Mark {
            start: self.at,
            end,
            is_stop: !is_ellipsis && !marks.contains(['!', '?']),
            is_ellipsis,
            close: end,
            quoted: false,
            bracketed: false,
        };
        let mut open_quote = self.quote;
        let mut depth = self.depth;
        while let Some(character) = self.text[mark.close..].chars().next() {
            match character {
                ')' | ']' => {
                    mark.bracketed = true;
                    depth = depth.saturating_sub(1);
                }
                '[' => match footnote(&self.text[mark.close..]) {
                    Some(length) => {
                        mark.close += length;
                        continue;
                    }
                    None => break,
                },
                '“' | '”' | '’' | '‘' | '›' | '‹' | '\'' => mark.quoted = true,
                // These open as well as close.
                '"' | '«' | '»' => {
                    let next = self.text[mark.close + character.len_utf8()..].chars().next();
                    let closes = open_quote.is_some_and(|quote| quote.closing.contains(&character));
                    if !closes && next.is_some_and(char::is_alphanumeric) {
                        break;
                    }
                    open_quote = None;
                    mark.quoted = true;
                }
                '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '†' => {}
                _ => break,
            }
            mark.close += character.len_utf8();
        }
        mark
    }

    /// Where the sentence ends if it ends with this mark.
    fn judge(&self, mark: Mark) -> Option<usize> {
        let rest = &self.text[mark.close..];
        let first = rest.chars().next()?;
        // "(!)" and "[…]" comment on the word before.
        if self.text[self.start..mark.start].ends_with(['(', '[']) && mark.bracketed {
            return None;
        }
        let next = if first.is_whitespace() { skip_white(self.text, mark.close) } else { mark.close };
        if next == mark.close {
            return self.judge_unspaced(mark, first).then_some(mark.close);
        }
        let (after, word, opened) = after(&self.text[next..]);
        let ends = match after {
            After::Nothing => false,
            After::Lower => {
                opened && !mark.quoted && !mark.is_ellipsis && self.is_word_before(mark) && !self.is_nested(mark)
            }
            After::Dash => false,
            _ if self.is_nested(mark) => false,
            _ if mark.bracketed => self.ends_bracket(mark, after),
            _ if mark.is_ellipsis => {
                after == After::Starter
                    || !self.text[..mark.start].ends_with(char::is_whitespace) && after == After::Capital
            }
            _ if !mark.is_stop => {
                !(mark.quoted && self.quote.is_some_and(|quote| quote.within_clause)) || after == After::Starter
            }
            _ => self.ends_with_stop(mark, after, word),
        };
        ends.then_some(mark.close)
    }

    /// "Ende.Dann", "Abend.„Mehr", "Wort.12 Der": no white space after the mark.
    fn judge_unspaced(&self, mark: Mark, first: char) -> bool {
        if self.is_nested(mark) || mark.bracketed && self.bracket > self.start {
            return false;
        }
        let rest = &self.text[mark.close..];
        let plain = || {
            let token = self.token(mark.start);
            let letters = token.chars().filter(|c| c.is_lowercase()).count();
            letters >= 3 && token.chars().all(|c| c.is_alphabetic() || c == '-') && self.is_word_before(mark)
        };
        match first {
            '„' => !mark.is_ellipsis && (!mark.is_stop || mark.quoted || self.is_word_before(mark)),
            '"' | '»' | '«' => {
                mark.close == mark.end && plain() && rest.chars().nth(1).is_some_and(char::is_uppercase)
            }
            _ if first.is_uppercase() => {
                let word = leading_word(rest);
                let is_word = word.chars().nth(1).is_some_and(char::is_lowercase);
                let spaced = rest[word.len()..].starts_with(|c: char| c.is_whitespace() || c == ',');
                is_word
                    && spaced
                    && !mark.is_ellipsis
                    && (mark.quoted || plain() && (!mark.is_stop || lexicon::is_starter(word)))
            }
            _ => false,
        }
    }

    /// Inside a bracket that was opened in mid-sentence and is closed later, or in a quoted title.
    fn is_nested(&self, mark: Mark) -> bool {
        if self.depth > 0 && self.bracket > self.start && mark.close < self.bracket_end {
            return true;
        }
        self.quote.is_some_and(|quote| {
            let ahead = prefix(&self.text[mark.end..], LONGEST_TITLE);
            quote.within_clause
                && mark.end - quote.inner < LONGEST_TITLE
                && ahead.find(quote.closing).is_some_and(|at| {
                    let tail = &ahead[at..];
                    let tail = tail.trim_start_matches(quote.closing).trim_start();
                    at > 0 && tail.starts_with(char::is_lowercase)
                })
        })
    }

    /// A bracket closes after the mark: "(So ist es.) Dann", but "(Autos usw.) Lärm".
    fn ends_bracket(&self, mark: Mark, after: After) -> bool {
        if self.bracket <= self.start || self.depth == 0 {
            return true;
        }
        let word = !mark.is_stop || matches!(self.before(mark), Before::Word | Before::Number);
        after == After::Starter && word && !mark.is_ellipsis
    }

    fn is_word_before(&self, mark: Mark) -> bool {
        !mark.is_stop || self.before(mark) == Before::Word
    }

    /// Whether a full stop ends the sentence.
    fn ends_with_stop(&self, mark: Mark, after: After, word: &str) -> bool {
        let before = self.before(mark);
        let token = self.token(mark.start);
        let begins = mark.start - token.len() <= self.start;
        match (before, after) {
            (Before::Word, _) => true,
            // "1. Planen", "A. Die Klage", "II. Das Verfahren": the number of what follows.
            (Before::Ordinal | Before::Roman | Before::Initial, _) if begins => false,
            (Before::Abbreviation(Abbreviation::Never), _) => false,
            (Before::Abbreviation(Abbreviation::Often), _) => {
                matches!(after, After::Starter | After::Capital | After::Symbol)
            }
            (Before::Abbreviation(Abbreviation::BeforeNumber), _) => {
                matches!(after, After::Starter | After::Capital) && !is_numeral(word)
            }
            (Before::Abbreviation(Abbreviation::Maybe) | Before::Initial | Before::Roman | Before::DayAndMonth, _) => {
                after == After::Starter
            }
            (Before::Number, _) => after != After::Month,
            (Before::Ordinal, After::Starter) => true,
            (Before::Ordinal, After::Capital) => {
                !lexicon::takes_ordinal(word) && lexicon::is_numbered(self.word_before(mark.start - token.len()))
            }
            (Before::Ordinal, _) => false,
        }
    }

    /// Classes the token before a full stop.
    fn before(&self, mark: Mark) -> Before {
        let token = self.token(mark.start);
        if token.is_empty() || mark.end - mark.start > 1 {
            return Before::Word;
        }
        if let Some(class) = self.abbreviation(mark.start, token) {
            return Before::Abbreviation(class);
        }
        if token.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '–'))
            && let Some(number) = number(token)
        {
            return number;
        }
        let last = token.rsplit(['-', '/', '–']).next().unwrap_or(token);
        let mut letters = last.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_alphabetic() && last.len() == token.len() => {
                // "5 m.", "9 f.": a unit after a number is a word of its own.
                return Before::Initial;
            }
            (Some(_), Some(_)) => {}
            _ => return Before::Word,
        }
        if last.bytes().all(|byte| b"IVXLCDM".contains(&byte)) {
            return Before::Roman;
        }
        if last.contains('.') && last.split('.').all(|part| part.chars().nth(1).is_none())
            || is_consonants(last) && !self.follows_number(mark.start - token.len())
        {
            return Before::Abbreviation(Abbreviation::Maybe);
        }
        Before::Word
    }

    /// Looks the token up, with the short tokens before it ("i. V. m.") and without what it is compounded with.
    fn abbreviation(&self, end: usize, token: &str) -> Option<Abbreviation> {
        let mut found = lexicon::abbreviation(token);
        let mut key = token.to_owned();
        let mut start = end - token.len();
        for _ in 0..3 {
            let head = self.text[self.start..start.max(self.start)].trim_end();
            let Some(stem) = head.strip_suffix('.') else { break };
            let part = self.token(self.start + stem.len());
            if part.is_empty() || part.chars().nth(3).is_some() || !part.chars().all(char::is_alphabetic) {
                break;
            }
            key.insert(0, '.');
            key.insert_str(0, part);
            found = lexicon::abbreviation(&key).or(found);
            start = self.start + stem.len() - part.len();
        }
        if found.is_some() {
            return found;
        }
        // "Dipl.-Ing", "Tel.-Nr", "Fl.Nr", "km/Std".
        let last = token.rsplit(['-', '/', '.', '–']).next().unwrap_or(token);
        if last.len() < token.len() && last.chars().nth(1).is_some() {
            return lexicon::abbreviation(last);
        }
        // "Hauptstr.", "Goethestr."
        (token.len() > 5 && token.ends_with("str")).then_some(Abbreviation::Maybe)
    }

    /// The token that ends at `end`: up to white space, a quote, a bracket or the start of the sentence.
    fn token(&self, end: usize) -> &'a str {
        let text = self.text;
        let mut start = end;
        let low = self.start.max(end.saturating_sub(LONGEST_TOKEN));
        for (at, character) in text[self.start..end].char_indices().rev() {
            let at = self.start + at;
            let is_part = character.is_alphanumeric()
                || matches!(character, '.' | '-' | '–' | '/' | '_' | '@' | '&' | ',' | ':' | '%' | '’');
            if at < low || !is_part {
                break;
            }
            start = at;
        }
        text[start..end].trim_start_matches(['.', ',', ':', '&', '/', '’', '…'])
    }

    /// "100 cm.": units are written without a full stop.
    fn follows_number(&self, place: usize) -> bool {
        self.text[self.start..place].trim_end().ends_with(|c: char| c.is_ascii_digit())
    }

    /// The word before a place, over white space; a paragraph sign counts as one.
    fn word_before(&self, end: usize) -> &'a str {
        let head = self.text[self.start..end.max(self.start)].trim_end();
        let head = head.strip_suffix('.').unwrap_or(head);
        let start = head
            .char_indices()
            .rev()
            .take(LONGEST_TOKEN)
            .take_while(|(_, c)| c.is_alphabetic() || *c == '§')
            .last()
            .map_or(head.len(), |(at, _)| at);
        &head[start..]
    }
}

/// Classes a token of digits and the marks of numbers.
fn number(token: &str) -> Option<Before> {
    let token = token.trim_start_matches(['-', '–']);
    if !token.bytes().all(|byte| byte.is_ascii_digit() || b".,:/-%".contains(&byte) || !byte.is_ascii()) {
        return None;
    }
    if !token.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '/' | '-' | '–' | '%')) {
        return None;
    }
    // Of a range ("10.-12.") the end counts.
    let last = token.rsplit(['-', '–', '/']).next().unwrap_or(token);
    let mut parts = last.split('.');
    Some(match (parts.next(), parts.next(), parts.next()) {
        (Some(digits), None, _) if digits.len() <= 3 && !digits.is_empty() && !digits.contains([',', ':', '%']) => {
            Before::Ordinal
        }
        (Some(day), Some(month), None)
            if day.len() <= 2 && month.len() <= 2 && is_below(day, 32) && is_below(month, 13) =>
        {
            Before::DayAndMonth
        }
        _ => Before::Number,
    })
}

fn is_below(digits: &str, limit: u32) -> bool {
    digits.parse::<u32>().is_ok_and(|value| value > 0 && value < limit)
}

/// A short word in lower case, or with one capital, that has no vowel is an abbreviation.
fn is_consonants(word: &str) -> bool {
    let mut characters = word.chars();
    let Some(first) = characters.next() else { return false };
    word.len() <= 6
        && first.is_alphabetic()
        && characters.clone().next().is_some()
        && characters.all(char::is_lowercase)
        && !word.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y', 'ä', 'ö', 'ü', 'é'])
}

/// A Roman numeral or a single letter: what numbers something.
fn is_numeral(word: &str) -> bool {
    word.chars().nth(1).is_none() || word.bytes().all(|byte| b"IVXLCDM".contains(&byte))
}

/// Classes what follows, its first word, and whether an opening quote stands before it.
fn after(rest: &str) -> (After, &str, bool) {
    // A dash right before a word opens a turn of a dialogue.
    let spoken = rest
        .strip_prefix(['-', '–', '—'])
        .filter(|inner| inner.starts_with(|c| matches!(c, '„' | '"' | '»' | '`') || char::is_uppercase(c)));
    let rest = spoken.unwrap_or(rest);
    let inner = rest.trim_start_matches(['„', '`', '“', '"', '»', '«', '‚', '‘', '›', '‹', '\'', '(', '[', '¿', '¡']);
    let opened = inner.len() < rest.len();
    let Some(first) = inner.chars().next() else { return (After::Nothing, "", opened) };
    let word = leading_word(inner);
    let class = if first.is_ascii_digit() {
        After::Digit
    } else if first.is_alphabetic() {
        let tail = &inner[word.len()..];
        if first.is_lowercase() && !word.chars().nth(1).is_some_and(char::is_uppercase) {
            After::Lower
        } else if lexicon::is_month(word) {
            After::Month
        } else if lexicon::is_starter(word) && !tail.starts_with(['-', '.']) {
            After::Starter
        } else {
            After::Capital
        }
    } else if matches!(
        first,
        '-' | '–' | '—' | ',' | ';' | ':' | '.' | '!' | '?' | '…' | ')' | ']' | '/' | '&' | '+' | '=' | '%'
    ) {
        if opened { After::Symbol } else { After::Dash }
    } else {
        After::Symbol
    };
    (class, word, opened)
}

fn leading_word(text: &str) -> &str {
    text.find(|c: char| !c.is_alphabetic()).map_or(text, |end| &text[..end])
}

/// The length of the bracketed text at the start of `text`, 0 when it is not closed.
fn bracket_length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    0
}

/// The length of a footnote mark "[12]" at the start of `text`.
fn footnote(text: &str) -> Option<usize> {
    let close = prefix(text, 6).find(']')?;
    let inner = text.get(1..close)?;
    (!inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit())).then_some(close + 1)
}

/// At most `length` bytes from the start, cut at a character.
fn prefix(text: &str, length: usize) -> &str {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn skip_white(text: &str, from: usize) -> usize {
    text.len() - text[from..].trim_start().len()
}

/// Bytes the pass stops at: marks, brackets, and the first bytes of quotes and dots outside ASCII.
const IS_INTERESTING: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b".!?()[]\"\xC2\xE2";
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
};
