//! What stands before and after a mark that may end a sentence.
//!
//! In: the sentence up to the mark, or the text after it. Out: a class of each. No decision is taken here.

use crate::lexicon::{self, Abbreviation};

/// Farthest look back for the token before a mark, in bytes; longer tokens are addresses or noise.
const LONGEST_TOKEN: usize = 64;

/// Farthest look back for the verb of a clause, in bytes.
const LONGEST_CLAUSE: usize = 300;

/// Longest shortened word of a journal's title, and longest that may begin one, in bytes; and how many may follow it.
const LONGEST_SHORT: usize = 18;
const LONGEST_SHORT_FIRST: usize = 5;
const MOST_SHORT: usize = 4;

/// What stands before a full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// An ordinary word.
    Word,
    Abbreviation(Abbreviation),
    /// A whole number of at most three digits: an ordinal or a cardinal.
    Ordinal,
    /// A longer whole number: a year, an amount, sometimes an ordinal.
    Whole,
    /// A decimal, a time, a full date.
    Number,
    /// "24.12": the day and month of a date.
    DayAndMonth,
    /// An upper-case Roman numeral of two and more letters.
    Roman,
    Initial,
}

/// What follows a mark and its white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// A word that can only begin a sentence.
    Starter,
    Capital,
    Month,
    Lower,
    Digit,
    /// A paragraph sign, a bullet: something that is neither word nor number.
    Symbol,
    /// A dash, a comma: the sentence goes on.
    Continuation,
    Nothing,
}

/// The first word after a mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next<'a> {
    pub class: After,
    pub word: &'a str,
    /// What stands behind the word.
    pub tail: &'a str,
    /// An opening quote or bracket stands before it.
    pub opened: bool,
}

/// Classes the token at the end of `head`, the sentence up to a full stop, before `rest`.
pub(super) fn before(head: &str, rest: &str) -> Before {
    let token = token(head);
    if token.is_empty() {
        return Before::Word;
    }
    let in_capitals = || is_in_capitals(head, rest).then(|| abbreviation(head, token, lexicon::capital_abbreviation));
    if let Some(class) = abbreviation(head, token, lexicon::abbreviation).or_else(|| in_capitals().flatten()) {
        return Before::Abbreviation(class);
    }
    if let Some(number) = number(token) {
        return number;
    }
    // "20 °C", "Mir reicht's": no initials.
    let front = &head[..head.len() - token.len()];
    if matches!(token, "C" | "F") && front.ends_with('°') || token == "s" && front.ends_with('\'') {
        return Before::Word;
    }
    // "aa. Die Klage", "bb. Die Widerklage": numbered by doubled letters.
    if is_doubled_letter(token) && !follows_number(head, token) {
        return Before::Initial;
    }
    let last = last_part(token, &['-', '/', '–']);
    if last.chars().nth(1).is_none() {
        // "A. Merkel", "K.-H. Müller", "dpa/K. Nietfeld"; but "120 m.", and "a/b" are no names.
        let is_letter = last.starts_with(char::is_alphabetic);
        let is_initial = last.len() == token.len() && !is_measured(head, token) || last.starts_with(char::is_uppercase);
        return if is_letter && is_initial { Before::Initial } else { Before::Word };
    }
    // "ev.-luth.", "Gen.-Sekr.": what is shortened in front is so at the end.
    if token.contains(".-") {
        return Before::Abbreviation(Abbreviation::Maybe);
    }
    if is_roman(last) {
        return Before::Roman;
    }
    let dotted_letters = last.contains('.') && last.split('.').all(|part| part.chars().nth(1).is_none());
    let is_short = is_consonants(last) || ends_clipped(last);
    if dotted_letters || is_short && !follows_number(head, token) || is_clipped_attribute(head, token) {
        return Before::Abbreviation(Abbreviation::Maybe);
    }
    Before::Word
}

/// Whether what stands around a mark is set in capitals: the word before it, and one of those next to that. Single letters
/// and numbers are passed over.
pub(super) fn is_in_capitals(head: &str, rest: &str) -> bool {
    let is_word = |word: &&str| word.chars().nth(1).is_some();
    let is_capital = |word: &str| word.chars().all(char::is_uppercase);
    let head = &head[head.ceil_char_boundary(head.len().saturating_sub(LONGEST_TOKEN))..];
    let rest = &rest[..rest.floor_char_boundary(LONGEST_TOKEN)];
    let mut before = head.rsplit(|c: char| !c.is_alphabetic()).filter(is_word);
    let mut after = rest.split(|c: char| !c.is_alphabetic()).filter(is_word);
    before.next().is_some_and(is_capital)
        && (before.next().is_some_and(is_capital) || after.next().is_some_and(is_capital))
}

/// Classes what follows; `in_capitals` where the words before are set so.
pub(super) fn after(rest: &str, in_capitals: bool) -> Next<'_> {
    let rest = without_dash(rest);
    let inner = rest.trim_start_matches(['„', '`', '“', '"', '»', '«', '‚', '‘', '›', '‹', '\'', '(', '[', '¿', '¡']);
    let opened = inner.len() < rest.len();
    let word = leading_word(inner);
    let class =
        match inner.chars().next() {
            None => After::Nothing,
            Some(first) if first.is_ascii_digit() => After::Digit,
            Some(first) if first.is_alphabetic() => {
                let is_folded = in_capitals && word.chars().nth(1).is_some() && word.chars().all(char::is_uppercase);
                let folded = is_folded.then(|| lexicon::capitalised(&word.to_lowercase()));
                class_of_word(folded.as_deref().unwrap_or(word), &inner[word.len()..])
            }
            Some(
                '-' | '–' | '—' | ',' | ';' | ':' | '.' | '!' | '?' | '…' | ')' | ']' | '/' | '&' | '+' | '=' | '%',
            ) if !opened => After::Continuation,
            Some(_) => After::Symbol,
        };
    Next { class, word, tail: &inner[word.len()..], opened }
}

/// A dash right before a word opens a turn of a dialogue; one before a starter, a new thought.
fn without_dash(rest: &str) -> &str {
    let inner = rest.trim_start_matches(['-', '–', '—']);
    let spaced = inner.trim_start();
    let opens_turn = inner.starts_with(|c| matches!(c, '„' | '"' | '»' | '`') || char::is_uppercase(c));
    if opens_turn || spaced.len() < inner.len() && lexicon::is_starter(leading_word(spaced)) { spaced } else { rest }
}

fn class_of_word(word: &str, tail: &str) -> After {
    let mut letters = word.chars();
    let is_lower = letters.next().is_some_and(char::is_lowercase);
    // "eBay", "iPhone": names in lower case.
    if is_lower && !letters.next().is_some_and(char::is_uppercase) {
        After::Lower
    } else if lexicon::is_month(word) {
        After::Month
    } else if lexicon::is_starter(word) && !matches!(word, "Ihrer" | "Ihres") && !tail.starts_with(['-', '.']) {
        // "die Nr. Ihres Vertrags", "am 3. Ihrer Reise": a polite genitive mostly belongs to what is before.
        After::Starter
    } else {
        After::Capital
    }
}

/// "120 m", "5 t": a unit of one letter after a number.
fn is_measured(head: &str, token: &str) -> bool {
    matches!(token, "m" | "t" | "l" | "g" | "h") && follows_number(head, token)
}

/// The token at the end of `head`: back to white space, a quote or a bracket.
pub(super) fn token(head: &str) -> &str {
    let start = head
        .char_indices()
        .rev()
        .take_while(|(at, c)| {
            head.len() - at <= LONGEST_TOKEN
                && (c.is_alphanumeric()
                    || is_combining(*c)
                    || matches!(c, '.' | '-' | '–' | '/' | '_' | '@' | '&' | ',' | ':' | '%' | '’'))
        })
        .last()
        .map_or(head.len(), |(at, _)| at);
    head[start..].trim_start_matches(['.', ',', ':', '&', '/', '’'])
}

/// An accent of its own, as in a decomposed "ö".
fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// The word at the end of `head`, over white space and a full stop; a paragraph sign counts as one.
pub(super) fn last_word(head: &str) -> &str {
    let head = head.trim_end();
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

pub(super) fn leading_word(text: &str) -> &str {
    text.find(|c: char| !c.is_alphabetic()).map_or(text, |end| &text[..end])
}

/// Whether the word says that a number before a noun is an ordinal: "am 1234. Tag", but "seit 1996. Fünf Staaten".
pub(super) fn is_determiner(word: &str) -> bool {
    const ARTICLES: [&str; 13] =
        ["der", "die", "das", "dem", "den", "des", "am", "im", "ins", "zum", "zur", "vom", "beim"];
    const STEMS: [&str; 8] = ["dies", "jed", "mein", "dein", "sein", "ihr", "unser", "eur"];
    const ENDINGS: [&str; 6] = ["", "e", "em", "en", "er", "es"];
    let word = word.to_lowercase();
    let is_inflected = |stem: &str| word.strip_prefix(stem).is_some_and(|ending| ENDINGS.contains(&ending));
    ARTICLES.contains(&word.as_str()) || STEMS.into_iter().any(is_inflected)
}

/// Whether the clause at the end of `head` has its finite verb, so that a noun with another one begins a sentence.
pub(super) fn has_verb(head: &str) -> bool {
    let clause = &head[head.ceil_char_boundary(head.len().saturating_sub(LONGEST_CLAUSE))..];
    let mut found = false;
    let mut words = clause.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        // "Vgl. Kern, § 3 m. w. N. Streitig ist …": what only refers needs no verb.
        found |= lexicon::is_finite(bare) || matches!(bare, "Vgl" | "Siehe");
        // A comma before a capital letter may enumerate; one before a small letter or a number begins a clause.
        let opens_next =
            words.peek().is_some_and(|next| next.starts_with(|c: char| c.is_lowercase() || c.is_numeric()));
        let ends = word.ends_with([';', ':', '–', '—', '“', '«', ')', '!', '?']) || word.ends_with(',') && opens_next;
        if ends
            || matches!(bare, "und" | "oder" | "aber" | "denn" | "sondern")
            || word.starts_with(['„', '»', '"', '('])
        {
            found = false;
        }
    }
    found
}

/// Whether a noun or adverb is followed by a finite verb: "Experten hatten", "Kuratiert hat sie".
pub(super) fn is_before_verb(tail: &str) -> bool {
    let Some(rest) = tail.strip_prefix(char::is_whitespace) else { return false };
    let verb = leading_word(rest);
    lexicon::is_finite(verb) || is_infinitive(verb) && !ends_clause(&rest[verb.len()..])
}

/// Whether the word after a noun may be a verb, by its ending: "Lehrer fehlen", "Nachbarn halfen".
pub(super) fn is_before_likely_verb(tail: &str) -> bool {
    let word = tail.strip_prefix(char::is_whitespace).map_or("", leading_word);
    let ends_as_verb = word.ends_with("en") || word.ends_with('t') || word.ends_with("te");
    let is_other =
        || lexicon::is_leaning(word) || matches!(word, "nicht" | "neben" | "statt" | "samt" | "unten" | "oben");
    is_before_verb(tail) || ends_as_verb && word.starts_with(char::is_lowercase) && !is_other()
}

/// A form that is infinitive and finite; the former stands at the end of its clause.
fn is_infinitive(word: &str) -> bool {
    matches!(word, "haben" | "werden" | "können" | "müssen" | "sollen" | "wollen" | "dürfen")
}

fn ends_clause(rest: &str) -> bool {
    !rest.starts_with(char::is_whitespace) || matches!(leading_word(rest.trim_start()), "und" | "oder")
}

/// "Wenden Sie sich an …": an imperative in the polite form.
pub(super) fn is_request(word: &str, tail: &str) -> bool {
    word.ends_with("en") && tail.strip_prefix(char::is_whitespace).is_some_and(|rest| leading_word(rest) == "Sie")
}

/// "Z. Pflanzenphysiol. 45, 101–112", "Ber. Dtsch. Bot. Ges. 12, 34–56": whether a word before a full stop is a shortened one in
/// the title of a journal. Volume and pages tell.
pub(super) fn names_journal(word: &str, rest: &str) -> bool {
    let is_shortened = |word: &str| {
        let is_part = |character: char| character.is_alphabetic() || character == '-';
        (1..=LONGEST_SHORT).contains(&word.len()) && word.chars().all(is_part)
    };
    // Shortened words seldom end in a vowel.
    if !word.starts_with(char::is_uppercase) || word.ends_with(['a', 'e', 'i', 'o', 'u']) || !is_shortened(word) {
        return false;
    }
    let mut rest = rest.trim_start();
    for further in 0..=MOST_SHORT {
        if begins_with_pages(rest) {
            return further == 0 || word.len() <= LONGEST_SHORT_FIRST;
        }
        let stop = rest.bytes().take(LONGEST_SHORT + 1).position(|byte| byte == b'.');
        let Some((next, tail)) = stop.and_then(|stop| Some((rest.get(..stop)?, rest.get(stop + 1..)?))) else { break };
        if !is_shortened(next) {
            break;
        }
        rest = tail.trim_start();
    }
    false
}

/// "45, 101–112", "12 (3): 34–56", "2003, S. 12".
fn begins_with_pages(text: &str) -> bool {
    let number = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let volume = number(text);
    let Some(tail) = text.get(volume..).filter(|_| (1..=4).contains(&volume)) else { return false };
    let issue = tail.strip_prefix(" (").and_then(|inside| inside.get(number(inside)..)?.strip_prefix(')'));
    let Some(tail) = issue.unwrap_or(tail).strip_prefix([',', ':']) else { return false };
    let tail = tail.trim_start();
    let (tail, has_sign) = tail.strip_prefix("S. ").map_or((tail, false), |tail| (tail, true));
    let first = number(tail);
    let last = tail.get(first..).and_then(|tail| tail.strip_prefix(['–', '-']));
    first > 0 && (has_sign || last.is_some_and(|last| number(last) > 0))
}

/// A Roman numeral or a single letter: what numbers something.
pub(super) fn is_numeral(word: &str) -> bool {
    word.chars().nth(1).is_none() || is_roman(word)
}

fn is_roman(word: &str) -> bool {
    word.bytes().all(|byte| b"IVXLCDM".contains(&byte))
}

/// Looks the token up, with the short tokens before it ("i. V. m.") and without what it is compounded with.
fn abbreviation(head: &str, last: &str, find: fn(&str) -> Option<Abbreviation>) -> Option<Abbreviation> {
    let mut found = find(last);
    let mut key = last.to_owned();
    let mut start = head.len() - last.len();
    for _ in 0..3 {
        let Some(stem) = head[..start].trim_end().strip_suffix('.') else { break };
        let part = token(stem);
        if part.is_empty() || part.chars().nth(3).is_some() || !part.chars().all(char::is_alphabetic) {
            break;
        }
        key = format!("{part}.{key}");
        found = find(&key).or(found);
        start = stem.len() - part.len();
    }
    // "Dipl.-Ing", "Tel.-Nr", "Fl.Nr", "km/Std"; "Goethestr", "Marktpl", "IdNr", "Wassertemp".
    let part = last_part(last, &['-', '/', '.', '–']);
    let compounded = || (part.len() < last.len() && part.chars().nth(1).is_some()).then(|| find(part));
    found
        .or_else(|| compounded().flatten())
        .or_else(|| (last.len() > 5 && ends_short(last)).then_some(Abbreviation::Maybe))
        .or_else(|| (last.len() > 3 && last.ends_with("Nr")).then_some(Abbreviation::Maybe))
}

/// Ends in the short form of a noun that much is compounded with.
fn ends_short(word: &str) -> bool {
    ["str", "pl", "temp"].into_iter().any(|noun| word.ends_with(noun))
}

fn last_part<'a>(token: &'a str, separators: &[char]) -> &'a str {
    token.rsplit(separators).next().unwrap_or(token)
}

/// Classes a token of digits and the marks of numbers.
fn number(token: &str) -> Option<Before> {
    let token = token.trim_start_matches(['-', '–']);
    if !token.starts_with(|c: char| c.is_ascii_digit())
        || !token.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '/' | '-' | '–' | '%'))
    {
        return None;
    }
    // "2016/679", "12/19" are numbers of laws, files and years.
    if token.split_once('/').is_some_and(|(first, _)| !first.ends_with('.')) {
        return Some(Before::Number);
    }
    // Of a range ("10.-12.") the end counts.
    let last = last_part(token, &['-', '–', '/']);
    if is_long_whole(last) {
        return Some(Before::Whole);
    }
    let mut parts = last.split('.');
    Some(match (parts.next(), parts.next(), parts.next()) {
        (Some(digits), None, _) if (1..=3).contains(&digits.len()) && digits.parse::<u32>().is_ok() => Before::Ordinal,
        (Some(day), Some(month), None) if is_below(day, 32) && is_below(month, 13) => Before::DayAndMonth,
        _ => Before::Number,
    })
}

/// Four and more digits, or digits in groups of thousands.
fn is_long_whole(number: &str) -> bool {
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = number.split('.');
    let first = groups.next().unwrap_or_default();
    let mut groups = groups.peekable();
    match groups.peek() {
        None => first.len() > 3 && is_digits(first),
        Some(_) => first.len() < 4 && is_digits(first) && groups.all(|group| group.len() == 3 && is_digits(group)),
    }
}

fn is_below(digits: &str, limit: u32) -> bool {
    digits.len() <= 2 && digits.parse::<u32>().is_ok_and(|value| value > 0 && value < limit)
}

/// A short word in lower case, or with one capital, that has no vowel is an abbreviation.
fn is_consonants(word: &str) -> bool {
    const WORDS: [&str; 3] = ["Lkw", "Pkw", "Kfz"];
    word.len() <= 6
        && !WORDS.contains(&word)
        && word.starts_with(char::is_alphabetic)
        && word.chars().skip(1).all(char::is_lowercase)
        && !word.to_lowercase().contains(is_vowel)
}

/// A word in lower case that was cut off amid consonants ("weibl.", "zentr.", "durchschn."): no German word ends so.
fn ends_clipped(word: &str) -> bool {
    const ENDS: [&str; 33] = [
        "bl", "chl", "dl", "fl", "gl", "hrl", "kl", "nl", "pl", "schl", "tl", "erl", "ürl", "zl", "br", "chr", "dr",
        "fr", "gr", "kr", "pr", "str", "tr", "bn", "chn", "fn", "gn", "kn", "mn", "tn", "nw", "hw", "sw",
    ];
    word.chars().nth(4).is_some()
        && word.chars().all(char::is_lowercase)
        && ENDS.into_iter().any(|end| word.ends_with(end))
        && word.contains(is_vowel)
}

/// "die städt. Kliniken", "zum niedergel. Kardiologen": an adjective between article and noun has an ending, so a word
/// without one is cut off. "das" is missing, for it mostly is a pronoun: "Wir wissen das längst."
fn is_clipped_attribute(head: &str, token: &str) -> bool {
    const ARTICLES: [&str; 20] = [
        "der", "die", "den", "dem", "des", "eine", "einer", "einen", "einem", "eines", "im", "am", "zum", "zur", "vom",
        "beim", "Der", "Die", "Den", "Das",
    ];
    const ENDINGS: [&str; 5] = ["e", "en", "er", "es", "em"];
    // Other words that stand there are forms of verbs ("der kam", "Das stimmt") and adverbs ("einen davon", "die zurück").
    const ADVERBS: [&str; 12] =
        ["danach", "zwei", "drei", "davon", "zurück", "nicht", "auch", "mehr", "aus", "darauf", "übrig", "weg"];
    let article = head[..head.len() - token.len()].strip_suffix(char::is_whitespace).unwrap_or_default();
    let article = last_part_of_letters(article);
    // After a capital: "Das gesellsch. Klima", but "Das stimmt."
    let is_verb = article == "Das" && token.ends_with('t');
    token.chars().nth(2).is_some()
        && token.chars().all(char::is_lowercase)
        && ARTICLES.contains(&article)
        && !is_verb
        && !ENDINGS.into_iter().any(|ending| token.ends_with(ending))
        && !ADVERBS.contains(&token)
}

fn last_part_of_letters(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or(text)
}

fn is_vowel(character: char) -> bool {
    matches!(character, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'ä' | 'ö' | 'ü' | 'é')
}

fn is_doubled_letter(token: &str) -> bool {
    let mut letters = token.chars();
    let Some(first) = letters.next() else { return false };
    (2..=3).contains(&token.len()) && first.is_ascii_lowercase() && letters.all(|letter| letter == first)
}

/// "100 cm.": units are written without a full stop, so this one ends the sentence.
fn follows_number(head: &str, token: &str) -> bool {
    head[..head.len() - token.len()].trim_end().ends_with(|c: char| c.is_ascii_digit())
}
