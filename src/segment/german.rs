//! Where German sentences end.
//!
//! In: the text of one block. Out: byte ranges of its sentences. Words are looked up in the lexicon; everything else is
//! here: a mark that may end a sentence is judged by the token before it and the word after it. Because German nouns
//! have capitals, "a capital follows" proves little; words that can only begin a sentence prove more. In doubt the text
//! stays together: half a sentence is translated worse than two in one piece.
//!
//! One pass over the bytes; every look back or ahead is bounded or remembered, so that time grows with the text alone.

use std::ops::Range;

use super::context::{
    After, Before, Next, after, before, has_verb, is_before_likely_verb, is_before_verb, is_determiner, is_in_capitals,
    is_numeral, is_request, last_word, leading_word, names_journal, token,
};
use crate::lexicon::{self, Abbreviation};
use crate::superscript;

/// Farthest look ahead for the end of a bracket or of a title in quotes, in bytes.
const LONGEST_BRACKET: usize = 500;
const LONGEST_TITLE: usize = 200;

/// Longest title in quotes that may end without a mark of its own, in bytes.
const SHORT_TITLE: usize = 60;

/// Most digits of the number of a note, and the longest mark of one in brackets, in bytes.
const LONGEST_NOTE: usize = 3;
const LONGEST_NOTE_MARK: usize = 16;

/// Longest run of quotes and brackets that a sentence opens with, in bytes.
const LONGEST_LEAD: usize = 12;

/// The sentences of one block's text; the gaps between them are white space only.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    // What follows a mark decides, and white space at the end of the text is nothing.
    let text = text.trim_end();
    let mut sentences = Vec::new();
    let mut start = skip_white(text, 0);
    let uncased = !text.contains(char::is_uppercase);
    let mut scan = Scan { text, uncased, start, at: start, ..Scan::default() };
    while let Some(end) = scan.next_end() {
        let open = scan.left_open(end);
        sentences.push(start..end);
        start = skip_white(text, end);
        scan = Scan { text, uncased, start, at: start, open, ..Scan::default() };
    }
    if start < text.len() {
        sentences.push(start..text.len());
    }
    sentences
}

/// The state of the pass within one sentence.
#[derive(Debug, Clone, Copy, Default)]
struct Scan<'a> {
    text: &'a str,
    /// No word of it has a capital, so that the first ones of sentences have none either.
    uncased: bool,
    /// Where the sentence starts, white space skipped.
    start: usize,
    /// How far the pass has come.
    at: usize,
    /// Brackets open here, and where the outermost one opened.
    depth: usize,
    bracket: usize,
    quote: Option<Quote>,
    /// What closes the quotation that a sentence before has opened; nothing when there is none.
    open: &'static [char],
    /// A quotation has ended in this sentence.
    has_quoted: bool,
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
                    let closes = self.depth == 1;
                    self.depth = self.depth.saturating_sub(1);
                    // "(Rn. 15) (nicht amtlich)": a sentence in brackets before another.
                    let close = self.at + 1;
                    if closes
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

    /// What closes the quotation that is still open where the sentence ends.
    fn left_open(&self, end: usize) -> &'static [char] {
        let (closing, from) = self.quote.map_or((self.open, self.start), |quote| (quote.closing, quote.inner));
        let is_closed = self.text.get(from..end).is_some_and(|rest| rest.contains(closing));
        if is_closed { &[] } else { closing }
    }

    /// Opens or closes a quotation.
    fn see_quote(&mut self, character: char) {
        if let Some(quote) = self.quote {
            if quote.closing.contains(&character) {
                (self.quote, self.has_quoted) = (None, true);
            }
            return;
        }
        // These open as well as close.
        if matches!(character, '»' | '«') && self.open.contains(&character) {
            self.open = &[];
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
        while let Some(character) = self.text[mark.close..].chars().next() {
            match character {
                ')' | ']' => mark.bracketed = true,
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
                '†' => {}
                _ if is_raised(character) => {
                    mark.close += raised_notes(&self.text[mark.close..]);
                    continue;
                }
                // "« Das ist gut. »": the closing mark of an open quotation may stand behind a space.
                ' ' | '\u{a0}' | '\u{202f}' => {
                    let closing = open_quote.map_or(self.open, |quote| quote.closing);
                    let rest = self.text[mark.close..].trim_start();
                    let tail = rest.strip_prefix(closing).filter(|_| !mark.quoted);
                    let Some(tail) = tail.filter(|tail| !tail.starts_with(|c: char| !c.is_whitespace())) else { break };
                    open_quote = None;
                    mark.quoted = true;
                    mark.close = self.text.len() - tail.len();
                    continue;
                }
                _ => break,
            }
            mark.close += character.len_utf8();
        }
        mark.close += emoji(&self.text[mark.close..]);
        // A text that opens with the mark of a note is a list of them.
        if !self.text[self.start..].starts_with('[') {
            mark.close += spaced_notes(&self.text[mark.close..]);
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
        // "Müller ./. Schmidt"
        if self.head(mark).ends_with("./") {
            return None;
        }
        let next = if first.is_whitespace() { skip_white(self.text, mark.close) } else { mark.close };
        if next == mark.close {
            return self.judge_unspaced(mark, first);
        }
        let rest = &self.text[next..];
        let next = after(rest, is_in_capitals(self.head(mark), rest));
        let ends = match next.class {
            After::Nothing | After::Continuation => false,
            _ if !mark.is_stop && (is_subtitle(rest) || is_remark(rest)) => false,
            After::Lower => {
                let begins = next.opened && !mark.quoted && !mark.is_ellipsis
                    || self.is_next_item(mark, next)
                    || self.uncased && !mark.is_ellipsis && !mark.bracketed;
                begins && self.is_word_before(mark) && !self.is_nested(mark)
            }
            _ if self.is_nested(mark) => false,
            _ if mark.bracketed => self.ends_bracket(mark, next.class),
            _ if mark.is_ellipsis => {
                let head = self.head(mark);
                // "… Der Rest fehlt nicht": what was left out before a sentence is none of its own.
                let is_first = head.len() <= LONGEST_LEAD && !head.contains(char::is_alphanumeric);
                let is_attached = !head.ends_with(char::is_whitespace);
                let begins = || is_attached || self.has_second_verb(mark, next);
                !is_first && (next.class == After::Starter || next.class == After::Capital && begins())
            }
            _ if !mark.is_stop => {
                !(mark.quoted && self.quote.is_some_and(|quote| quote.within_clause)) || next.class == After::Starter
            }
            _ => self.ends_with_stop(mark, next),
        };
        ends.then_some(mark.close)
    }

    /// "Ende.Dann", "Abend.„Mehr", "Wort.12 Der": no white space after the mark.
    fn judge_unspaced(&self, mark: Mark, first: char) -> Option<usize> {
        if self.is_nested(mark) || mark.bracketed && self.bracket > self.start {
            return None;
        }
        let rest = &self.text[mark.close..];
        let plain = || {
            let token = token(self.head(mark));
            let letters = token.chars().filter(|c| c.is_lowercase()).count();
            letters >= 2 && token.chars().all(|c| c.is_alphabetic() || c == '-') && self.is_word_before(mark)
        };
        let ends = match first {
            '0'..='9' => {
                // "Wort.12, 13 Der"
                let note = note_numbers(prefix(rest, LONGEST_NOTE_MARK));
                let is_note = |number: &str| (1..=LONGEST_NOTE).contains(&number.len());
                if !rest[..note].split(", ").all(|number| is_note(number) && number.bytes().all(|b| b.is_ascii_digit()))
                {
                    return None;
                }
                let rest = &rest[note..];
                let begins = matches!(after(rest.trim_start(), false).class, After::Starter | After::Capital);
                return (rest.starts_with(char::is_whitespace) && begins && plain()).then_some(mark.close + note);
            }
            '„' => !mark.is_ellipsis && (!mark.is_stop || mark.quoted || self.is_word_before(mark)),
            '"' | '»' | '«' => {
                mark.close == mark.end && plain() && rest.chars().nth(1).is_some_and(char::is_uppercase)
            }
            _ if first.is_uppercase() => {
                let word = leading_word(rest);
                let is_word = word.chars().nth(1).is_some_and(char::is_lowercase);
                let tail = &rest[word.len()..];
                let spaced = tail.is_empty() || tail.starts_with(|c: char| c.is_whitespace() || ",.!?".contains(c));
                is_word
                    && spaced
                    && !mark.is_ellipsis
                    && (mark.quoted || plain() && (!mark.is_stop || lexicon::is_starter(word)))
            }
            _ => false,
        };
        ends.then_some(mark.close)
    }

    /// "a) Das Geld fehlt. b) Die Zeit drängt.": the letter of the next item of an enumeration within the line.
    fn is_next_item(&self, mark: Mark, next: Next<'_>) -> bool {
        let &[letter @ b'b'..=b'z'] = next.word.as_bytes() else { return false };
        let body = next.tail.strip_prefix(") ").unwrap_or_default();
        let previous = [letter - 1, b')', b' '];
        let head = self.head(mark).as_bytes();
        let head = &head[head.len().saturating_sub(LONGEST_BRACKET)..];
        let is_previous = |at: usize| at == 0 || head[at - 1] == b' ';
        body.starts_with(char::is_uppercase)
            && head.windows(previous.len()).enumerate().any(|(at, window)| window == previous && is_previous(at))
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
                    let tail = ahead[at..].trim_start_matches(quote.closing);
                    let is_short = mark.end + at - quote.inner <= SHORT_TITLE;
                    // "„Ein Mann. Ein Wort“ Kästners": without a mark before the closing one nothing ended there.
                    let is_open = || !ahead[..at].ends_with(is_end_mark) || tail.starts_with([',', '.', ';', ':', ')']);
                    at > 0 && (tail.trim_start().starts_with(char::is_lowercase) || is_short && is_open())
                })
        })
    }

    /// A bracket closes after the mark: "(So ist es.) Dann", but "(Autos usw.) Lärm".
    fn ends_bracket(&self, mark: Mark, after: After) -> bool {
        if self.bracket <= self.start || self.depth == 0 {
            return true;
        }
        let word = !mark.is_stop || matches!(self.before(mark), Before::Word | Before::Whole | Before::Number);
        after == After::Starter && word && !mark.is_ellipsis
    }

    fn is_word_before(&self, mark: Mark) -> bool {
        !mark.is_stop || self.before(mark) == Before::Word
    }

    /// Whether a full stop ends the sentence.
    fn ends_with_stop(&self, mark: Mark, next: Next<'_>) -> bool {
        use Abbreviation::{BeforeNumber, Maybe, Never, Often};
        let head = self.head(mark);
        let lead = &head[..head.len() - token(head).len()];
        match (self.before(mark), next.class) {
            (Before::Word, After::Digit) if token(head) == "So" && is_weekday_list(last_word(lead)) => false,
            (Before::Word, _) => !names_journal(token(head), self.rest(mark)),
            (_, After::Starter | After::Capital) if self.ends_speech(mark, next) => true,
            (Before::Ordinal | Before::Roman | Before::Initial, _) if numbers_what_follows(lead, token(head)) => false,
            (Before::Ordinal | Before::Roman | Before::DayAndMonth, _) if self.is_heading_number(lead) => false,
            (Before::Abbreviation(Never), After::Starter) => !next.opened && may_end_before(token(head), next.word),
            (Before::Abbreviation(Never), _) => false,
            (Before::Initial | Before::Abbreviation(Maybe), After::Starter | After::Capital)
                if self.has_quoted && next.opened && begins_speech(self.rest(mark)) =>
            {
                true
            }
            (Before::Initial | Before::Roman | Before::Abbreviation(Maybe), After::Digit) => {
                has_verb(head) && may_precede_year(token(head)) && begins_with_year(self.rest(mark))
            }
            (Before::Abbreviation(Often), class) => matches!(class, After::Starter | After::Capital | After::Symbol),
            (Before::Abbreviation(BeforeNumber), class) => {
                matches!(class, After::Starter | After::Capital) && !is_numeral(next.word)
            }
            (Before::Abbreviation(Maybe) | Before::Initial | Before::Roman | Before::DayAndMonth, class) => {
                class == After::Starter
                    || class == After::Capital && (is_request(next.word, next.tail) || self.has_second_verb(mark, next))
            }
            // "der 10.000. Besucher"; at the start, "1000. Sitzung".
            (Before::Whole, After::Capital) => !lead.is_empty() && !is_determiner(last_word(lead)),
            (Before::Whole | Before::Number, class) => class != After::Month,
            (Before::Ordinal, After::Starter) => {
                !lexicon::takes_ordinal(next.word) || lexicon::is_numbered(last_word(lead))
            }
            (Before::Ordinal, After::Capital) => {
                self.is_cardinal(mark, next)
                    || self.has_second_verb(mark, next)
                    || is_citation(lead) && is_before_verb(next.tail)
            }
            (Before::Ordinal, After::Digit) => is_counting(last_word(lead)) && begins_with_year(self.rest(mark)),
            // "§ 4. § 5 gilt nicht"
            (Before::Ordinal, After::Symbol) => {
                lexicon::is_numbered(last_word(lead)) && self.rest(mark).starts_with('§')
            }
            (Before::Ordinal, _) => false,
        }
    }

    /// "Es waren 17.“ Karl nickte": speech ends with its mark, whatever stands before that; a single word may be ironic.
    fn ends_speech(&self, mark: Mark, next: Next<'_>) -> bool {
        let has_words = |quote: Quote| self.text[quote.inner..mark.start].contains(char::is_whitespace);
        mark.quoted && self.quote.is_some_and(|quote| !quote.within_clause && (next.opened || has_words(quote)))
    }

    /// Whether the next word begins a sentence because the clause before has its verb and another one follows.
    fn has_second_verb(&self, mark: Mark, next: Next<'_>) -> bool {
        // "3 Mio. Euro sind"
        let is_noun_of_its_own = !is_numeral(next.word) && lexicon::unit(next.word).is_none();
        // "Es heißt, Philip K. Dick war krank": a clause that has but begun, with a name.
        let head = self.head(mark);
        let begins_clause = || {
            let near = &head[head.ceil_char_boundary(head.len().saturating_sub(LONGEST_TITLE))..];
            let clause = near.rsplit_once(',').map_or("", |(_, clause)| clause);
            let is_name =
                !clause.is_empty() && clause.split_whitespace().all(|word| word.starts_with(char::is_uppercase));
            is_name && matches!(self.before(mark), Before::Initial | Before::Roman)
        };
        is_noun_of_its_own && is_before_verb(next.tail) && !begins_clause() && has_verb(head)
    }

    /// "Kapitel 2. Das Erbe", "§ 12. Wer stiehlt", "2.1. Die Jugend": what a block opens with numbers the rest of it.
    fn is_heading_number(&self, lead: &str) -> bool {
        let word = last_word(lead);
        let is_title = || word.starts_with(char::is_uppercase) && !self.text.ends_with(is_end_mark);
        let is_counted = word == "§" || lexicon::is_numbered(word) && is_title();
        self.text[..self.start].trim().is_empty()
            && (lead.is_empty() || is_counted && lead.trim_end().len() == word.len())
    }

    /// Whether the number before the mark does not belong to the noun behind it.
    fn is_cardinal(&self, mark: Mark, next: Next<'_>) -> bool {
        let head = self.head(mark);
        let number = token(head);
        let lead = &head[..head.len() - number.len()];
        let word = last_word(lead);
        if lexicon::takes_ordinal(next.word) && !self.is_numbered_itself(mark, next) {
            return false;
        }
        if lexicon::is_numbered(word) {
            return true;
        }
        // Up to three, roles and prizes also stand without an article: "wurde 2. Vorsitzender".
        let is_high = number.parse::<u32>().is_ok_and(|number| number > 3);
        let begins = || {
            is_number_word(next.word)
                || is_form_of_address(next.word)
                || is_before_likely_verb(next.tail)
                || lexicon::is_counted(word) && is_request(next.word, next.tail)
        };
        // "löste 14. Aufgabe 15 nicht"
        let has_number = || lexicon::is_numbered(next.word) && self.is_numbered_itself(mark, next);
        let is_free = !word.is_empty() && !is_determiner(word);
        is_high && (is_counting(word) && begins() || is_free && has_number())
    }

    /// "Satz 2. Satz 3": a noun that has a number behind it needs none in front.
    fn is_numbered_itself(&self, mark: Mark, next: Next<'_>) -> bool {
        let tail = self.text[mark.close..].trim_start().strip_prefix(next.word).unwrap_or_default();
        tail.trim_start().starts_with(|c: char| c.is_ascii_digit())
    }

    /// What follows the mark and its white space.
    fn rest(&self, mark: Mark) -> &'a str {
        self.text[mark.close..].trim_start()
    }

    fn before(&self, mark: Mark) -> Before {
        // "u. a..": the second full stop is the sentence's own.
        if mark.end - mark.start > 1 { Before::Word } else { before(self.head(mark), self.rest(mark)) }
    }

    /// The sentence up to the mark.
    fn head(&self, mark: Mark) -> &'a str {
        &self.text[self.start..mark.start]
    }
}

/// "– Eine Einführung": a dash and the rest of a title, which ends without a mark.
fn is_subtitle(rest: &str) -> bool {
    rest.len() <= LONGEST_TITLE
        && rest.strip_prefix(['-', '–', '—']).is_some_and(|title| title.starts_with(char::is_whitespace))
        && !rest.trim_end_matches(|c: char| !c.is_alphanumeric() && !is_end_mark(c)).ends_with(is_end_mark)
}

/// "1. Planen", "A. Die Klage", "Gründe: 1. Das Geld", with a margin number "6 1. Nach § 3": the number of what follows.
///
/// After a colon stands a number of its own ("Anzahl der Tore: 12. Damit …") unless it is the first one.
fn numbers_what_follows(lead: &str, number: &str) -> bool {
    let is_ratio = |before: &str| before.trim_end().ends_with(|c: char| c.is_ascii_digit());
    let may_begin = || number.parse() == Ok(1_u32) || number.starts_with(char::is_alphabetic);
    lead.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
        || lead.strip_suffix(": ").is_some_and(|before| !is_ratio(before)) && may_begin()
}

/// "NJW 2019, 12": the page of a citation.
fn is_citation(lead: &str) -> bool {
    lead.strip_suffix(", ").is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()))
}

/// "Sa. und So. 10-17 Uhr"
fn is_weekday_list(word: &str) -> bool {
    matches!(word, "und" | "bis" | "Mo" | "Di" | "Mi" | "Do" | "Fr" | "Sa" | "Termin")
}

/// Whether a word that a sentence can only begin with makes a shortened one the last of a sentence, although something
/// mostly follows that: "auf engl. und frz. Man …", "sie ist Dipl.-Ing. Sie …".
fn may_end_before(short: &str, next: &str) -> bool {
    const NEVER_LAST: [&str; 10] = ["bzw", "vgl", "Vgl", "bspw", "sog", "inkl", "exkl", "zzgl", "betr", "evtl"];
    const NEXT: [&str; 11] =
        ["Er", "Es", "Man", "Wir", "Ich", "Danach", "Dann", "Dort", "Später", "Seitdem", "Seither"];
    let is_adjective = short.starts_with(char::is_lowercase)
        && short.chars().nth(2).is_some()
        && !short.contains('.')
        && !NEVER_LAST.contains(&short);
    is_title(short.rsplit(['-', '.']).next().unwrap_or(short)) && is_never_a_name(next)
        || is_adjective && NEXT.contains(&next)
}

/// Whether a year behind this short form may open the next sentence: it is no month, no "Nr." and the like.
fn may_precede_year(short: &str) -> bool {
    matches!(short, "Jh" | "Jhd" | "Jahrh" | "Inc" | "Co" | "Ltd" | "phil" | "med" | "jur" | "Chr") || is_numeral(short)
}

/// "„Kinder sind robust.“": more than a word in quotes.
fn begins_speech(rest: &str) -> bool {
    let inner = rest.strip_prefix(['„', '»', '"', '“']).unwrap_or_default();
    let end = prefix(inner, LONGEST_TITLE).find(['“', '«', '"', '”']).unwrap_or(inner.len().min(LONGEST_TITLE));
    prefix(inner, end).contains(char::is_whitespace)
}

/// "Hilfe! (1965) ist", "Hopp! (Live) – 3:20": a remark in brackets on what the mark belongs to.
fn is_remark(rest: &str) -> bool {
    let Some(inner) = rest.strip_prefix('(') else { return false };
    let Some(end) = prefix(inner, SHORT_TITLE).find(')') else { return false };
    let tail = inner[end + 1..].trim_start();
    !inner[..end].contains(is_end_mark)
        && (tail.is_empty()
            || tail.starts_with(|c: char| c.is_lowercase() || matches!(c, '.' | ',' | ';' | '–' | '-' | '—')))
}

/// A word after which a number counts: of those listed, or a noun that is no genitive ("Karls 5. Sieg").
fn is_counting(word: &str) -> bool {
    let is_noun = word.starts_with(char::is_uppercase) && !word.ends_with(['s', 'x', 'z', 'ß']);
    (lexicon::is_counted(word) || lexicon::is_numbered(word) || is_noun) && !is_determiner(word)
}

/// "1938 wurde es geräumt": a year before a finite verb.
fn begins_with_year(rest: &str) -> bool {
    let year = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or_default();
    year == 4 && is_before_verb(&rest[year..])
}

fn is_number_word(word: &str) -> bool {
    matches!(word, "Zwei" | "Drei" | "Vier" | "Fünf" | "Sechs" | "Sieben" | "Acht" | "Neun" | "Zehn" | "Elf" | "Zwölf")
}

fn is_form_of_address(word: &str) -> bool {
    matches!(word, "Herr" | "Hr" | "Prof" | "Dr" | "Abg")
}

/// A title that may be the last word about somebody: "Sie ist Dr."
fn is_title(word: &str) -> bool {
    matches!(word, "Dr" | "Prof" | "Ing" | "Vors")
}

/// A word at the start of a sentence that is no part of names either, as "Das", "An" and "Von" are.
fn is_never_a_name(word: &str) -> bool {
    const WORDS: [&str; 12] =
        ["Er", "Sie", "Es", "Seine", "Seinem", "Seinen", "Seiner", "Ihre", "Danach", "Dort", "Später", "Seitdem"];
    WORDS.contains(&word)
}

fn is_end_mark(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…')
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

/// The length of a footnote mark at the start of `text`: "[12]", "[2, 3]", "[4-6]", "[a]", "[A 2]", "[Anm. 1]", and of the
/// page behind it ("[2]:46–48").
fn footnote(text: &str) -> Option<usize> {
    let close = prefix(text, LONGEST_NOTE_MARK).find(']')?;
    let inner = text.get(1..close)?;
    let letters = inner.find(|c: char| !c.is_alphabetic()).unwrap_or(inner.len());
    let number = inner[letters..].trim_start_matches('.').trim_start();
    let is_single = letters == 1 && number.is_empty();
    let is_numbered = number.starts_with(|c: char| c.is_ascii_digit()) && number.chars().all(is_note_number);
    if letters > 4 || !is_single && !is_numbered {
        return None;
    }
    let length = close + 1;
    let pages = text[length..].strip_prefix(':').map_or(0, |pages| note_numbers(prefix(pages, LONGEST_NOTE_MARK)));
    Some(if pages > 0 { length + 1 + pages } else { length })
}

fn is_note_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, ',' | ' ' | '-' | '–')
}

/// The length of numbers at the start of `text`: "45", "46–48", "12, 13".
fn note_numbers(text: &str) -> usize {
    let numbers = &text[..text.find(|c| !is_note_number(c)).unwrap_or(text.len())];
    numbers.trim_end_matches(|c: char| !c.is_ascii_digit()).len()
}

fn is_raised(c: char) -> bool {
    superscript::is_figure(c) || matches!(c, '⁻' | '⁽' | '⁾')
}

/// The length of raised numbers at the start of `text`, all those of one place: "¹⁾", "¹,²", "³, ⁴", "⁵⁻⁷".
fn raised_notes(text: &str) -> usize {
    let run = |text: &str| text.len() - text.trim_start_matches(is_raised).len();
    let mut length = run(text);
    loop {
        let rest = &text[length..];
        let gap = rest.len() - rest.trim_start_matches([',', ';', ' ']).len();
        let next = run(&rest[gap..]);
        // "… Behörden.¹ ²Nimmt": the number of the next sentence.
        if next == 0 || rest[gap + next..].starts_with(char::is_alphabetic) {
            return length;
        }
        length += gap + next;
    }
}

/// The length of the emoji right behind a sentence, with the space before them; only faces, hands and hearts, for others
/// also open lines ("Das war knapp. 😅 Weiter geht's").
fn emoji(text: &str) -> usize {
    let is_gap = |c: char| c == ' ' || c == '\u{a0}';
    let inner = text.trim_start_matches(is_gap);
    let rest = inner.trim_start_matches(is_emoji);
    let rest = &rest[smiley(rest)..];
    let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
    if ends && rest.len() < inner.len() { text.len() - rest.len() } else { 0 }
}

/// The length of a face made of letters and marks: ":-)", ";)", "xD", "<3", "^^".
fn smiley(text: &str) -> usize {
    let end = prefix(text, LONGEST_NOTE_MARK).find(char::is_whitespace).unwrap_or(text.len());
    let word = prefix(text, end);
    let mouth = word.trim_start_matches([':', ';', '=']).trim_start_matches(['-', '\'']);
    let is_face = word.starts_with([':', ';', '='])
        && !mouth.is_empty()
        && word.len() <= 6
        && (mouth.bytes().all(|byte| b")(|/*".contains(&byte)) || matches!(mouth, "D" | "P" | "p" | "O" | "o"));
    if is_face || matches!(word, "xD" | "XD" | "<3" | "^^") { word.len() } else { 0 }
}

/// The length of the marks of notes behind a space: "1888. [1] [2] Sein Sohn".
fn spaced_notes(text: &str) -> usize {
    let mut length = 0;
    while let Some(inner) = text[length..].strip_prefix(" [") {
        let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
        let tail = inner[digits..].strip_prefix(']').filter(|_| (1..=LONGEST_NOTE).contains(&digits));
        if !tail.is_some_and(|tail| tail.is_empty() || tail.starts_with(char::is_whitespace)) {
            break;
        }
        length += digits + 3;
    }
    length
}

fn is_emoji(c: char) -> bool {
    matches!(
        c,
        '\u{1f600}'..='\u{1f64f}'
            | '\u{1f90c}'..='\u{1f97a}'
            | '\u{1f44a}'..='\u{1f44f}'
            | '\u{1f493}'..='\u{1f49f}'
            | '\u{1f389}'
            | '\u{2764}'
            | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{fe0f}'
            | '\u{200d}'
    )
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
