//! The glyphs that a page paints → runs of text with their places.
//!
//! In: glyphs. Out: runs in the order they are painted, on a sheet turned so that most of its text runs from left to right.
//! A run is what stands on one line without a wide gap; it holds words, since not every file paints the spaces between
//! them. What lines and paragraphs the runs make is decided elsewhere.

use std::collections::HashMap;

use super::paint::{Glyph, Painting};
use crate::superscript;

/// A gap as wide as this many ems or wider ends a run.
pub(super) const WIDEST_SPACE: f64 = 0.8;

/// A gap wider than this many ems is a space where the page has no glyphs for spaces (TeX), and where it has.
const SPACE_WITHOUT_GLYPHS: f64 = 0.17;
const SPACE_BESIDE_GLYPHS: f64 = 0.28;

/// Smaller glyphs are raised or lowered marks, in terms of those beside them.
const MARK_SIZE: f64 = 0.82;

/// A page with its runs.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub width: f64,
    pub height: f64,
    pub runs: Vec<Run>,
    /// How many of its glyphs have no character known, and how many were painted in all.
    pub unknown: usize,
    pub glyphs: usize,
    /// Glyphs left out because they stand at an angle to most of the page.
    pub tilted: usize,
    /// It paints pictures.
    pub has_images: bool,
}

/// Text on one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub text: String,
    /// Where it starts and ends.
    pub left: f64,
    pub right: f64,
    /// Its baseline, from the upper edge down.
    pub y: f64,
    pub size: f64,
    pub is_bold: bool,
    /// How wide its first word is.
    pub first_word: f64,
    /// For each space in it, where the word before ends and the one after begins.
    pub spaces: Vec<(f64, f64)>,
    /// The file says that it is no part of the text: a page header, a page number.
    pub is_artifact: bool,
}

impl Run {
    /// The run up to a space and after it; `None` when it does not know its spaces.
    pub fn split(&self, space: usize) -> Option<(Self, Self)> {
        if self.text.matches(' ').count() != self.spaces.len() {
            return None;
        }
        let &(end, start) = self.spaces.get(space)?;
        let (at, _) = self.text.match_indices(' ').nth(space)?;
        let (before, after) = (self.text.get(..at)?.to_owned(), self.text.get(at + 1..)?.to_owned());
        let right = self.spaces.get(space + 1).map_or(self.right, |next| next.0);
        let after = Self {
            text: after,
            left: start,
            first_word: right - start,
            spaces: self.spaces.get(space + 1..)?.to_vec(),
            ..self.clone()
        };
        let spaces = self.spaces.get(..space)?.to_vec();
        Some((Self { text: before, right: end, spaces, ..self.clone() }, after))
    }
}

/// The characters of a glyph as they are written today: ligatures are letters again; what cannot be seen is nothing.
fn readable(text: &str) -> String {
    let mut readable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'ﬀ' => readable.push_str("ff"),
            'ﬁ' => readable.push_str("fi"),
            'ﬂ' => readable.push_str("fl"),
            'ﬃ' => readable.push_str("ffi"),
            'ﬄ' => readable.push_str("ffl"),
            'ﬅ' | 'ﬆ' => readable.push_str("st"),
            '\t' | '\n' | '\r' => readable.push(' '),
            '\u{fffd}' | '\u{feff}' | '\u{200b}' => {}
            _ if character.is_control() => {}
            _ => readable.push(character),
        }
    }
    readable
}

/// A glyph with its characters as they are written today.
struct Painted {
    text: String,
    place: (f64, f64),
    advance: (f64, f64),
    size: f64,
    is_bold: bool,
    is_artifact: bool,
}

/// Stands for a glyph whose character is not known.
const UNKNOWN: &str = "\u{fffd}";

impl From<Glyph> for Painted {
    fn from(glyph: Glyph) -> Self {
        let text = glyph.text.as_deref().map(readable).filter(|text| !text.is_empty());
        Self {
            text: text.unwrap_or_else(|| UNKNOWN.to_owned()),
            place: (glyph.x, glyph.y),
            advance: glyph.advance,
            size: glyph.size,
            is_bold: glyph.is_bold,
            is_artifact: glyph.is_artifact,
        }
    }
}

impl Sheet {
    /// Puts the glyphs of a page of this size together to runs.
    pub fn new(width: f64, height: f64, painting: Painting) -> Self {
        let Painting { glyphs, has_images } = painting;
        let mut sheet = Self { width, height, glyphs: glyphs.len(), has_images, ..Self::default() };
        sheet.assemble(glyphs.into_iter().map(Painted::from).collect());
        sheet
    }

    fn assemble(&mut self, painted: Vec<Painted>) {
        self.unknown = painted.iter().filter(|glyph| glyph.text == UNKNOWN).count();
        let turn = Turn::of(&painted);
        if turn.is_sideways() {
            std::mem::swap(&mut self.width, &mut self.height);
        }
        let spaces = painted.iter().filter(|glyph| glyph.text == " ").count();
        let space = if spaces * 20 > painted.len() { SPACE_BESIDE_GLYPHS } else { SPACE_WITHOUT_GLYPHS };
        let mut seen: HashMap<(i64, i64), usize> = HashMap::new();
        let mut open: Option<Open> = None;
        for (index, glyph) in painted.iter().enumerate() {
            let Some(advance) = turn.along(glyph.advance) else {
                self.tilted += usize::from(!glyph.text.trim().is_empty());
                continue;
            };
            // Shadows, and letters painted twice to look bold.
            let cell = |value: f64| (value / (0.2 * glyph.size)).round() as i64;
            let key = (cell(glyph.place.0), cell(glyph.place.1));
            let twin = seen.insert(key, index).and_then(|earlier| painted.get(earlier)).is_some_and(|earlier| {
                let (x, y) = (earlier.place.0 - glyph.place.0, earlier.place.1 - glyph.place.1);
                x.hypot(y) < 0.1 * glyph.size && earlier.text == glyph.text
            });
            if twin && glyph.text != " " {
                continue;
            }
            let place = turn.upright(glyph.place, self.width, self.height);
            let next = Next { glyph, left: place.0, right: place.0 + advance, y: place.1 };
            open = match open.take() {
                None => Some(Open::new(&next)),
                Some(mut run) => {
                    if run.takes(&next, space) {
                        Some(run)
                    } else {
                        self.runs.extend(run.close());
                        Some(Open::new(&next))
                    }
                }
            };
        }
        self.runs.extend(open.and_then(Open::close));
    }
}

/// The direction most of a page is written in, in quarters of a turn.
struct Turn(u8);

impl Turn {
    fn of(painted: &[Painted]) -> Self {
        let mut counts = [0_usize; 4];
        for direction in painted.iter().filter_map(|glyph| direction(glyph.advance)) {
            if let Some(count) = counts.get_mut(usize::from(direction)) {
                *count += 1;
            }
        }
        let most = counts.iter().max().copied().unwrap_or_default();
        Self(counts.iter().position(|count| *count == most).and_then(|at| u8::try_from(at).ok()).unwrap_or_default())
    }

    fn is_sideways(&self) -> bool {
        self.0 % 2 == 1
    }

    /// The length of an advance in this direction; `None` for one in another.
    fn along(&self, advance: (f64, f64)) -> Option<f64> {
        // Marks that combine with the letter before do not advance.
        let length = advance.0.hypot(advance.1);
        (length == 0.0 || direction(advance) == Some(self.0)).then_some(length)
    }

    /// The place on the sheet turned so that its text runs from left to right; its size is that after the turn.
    fn upright(&self, (x, y): (f64, f64), width: f64, height: f64) -> (f64, f64) {
        match self.0 {
            0 => (x, y),
            1 => (y, height - x),
            2 => (width - x, height - y),
            _ => (width - y, x),
        }
    }
}

/// 0 from left to right, then clockwise; `None` for text at an angle.
fn direction((x, y): (f64, f64)) -> Option<u8> {
    if y.abs() * 10.0 <= x.abs() {
        (x != 0.0).then_some(if x > 0.0 { 0 } else { 2 })
    } else if x.abs() * 10.0 <= y.abs() {
        Some(if y > 0.0 { 1 } else { 3 })
    } else {
        None
    }
}

/// A glyph on the upright sheet.
struct Next<'a> {
    glyph: &'a Painted,
    left: f64,
    right: f64,
    y: f64,
}

/// A run that is being filled.
struct Open {
    run: Run,
    /// Where its last glyph starts, and where the last one that can be seen ends.
    last: f64,
    end: f64,
    /// The first word has ended.
    has_space: bool,
}

impl Open {
    fn new(next: &Next<'_>) -> Self {
        let Painted { text, size, is_bold, is_artifact, .. } = next.glyph;
        let mut open = Self {
            run: Run {
                text: String::new(),
                left: next.left,
                right: next.right,
                y: next.y,
                size: *size,
                is_bold: *is_bold,
                first_word: 0.0,
                spaces: Vec::new(),
                is_artifact: *is_artifact,
            },
            last: next.left,
            end: next.left,
            has_space: false,
        };
        open.push(text, next);
        open
    }

    /// Adds a glyph if it stands on the same line, close by.
    fn takes(&mut self, next: &Next<'_>, space: f64) -> bool {
        let glyph = next.glyph;
        let size = self.run.size.max(glyph.size);
        let gap = next.left - self.run.right;
        let drop = next.y - self.run.y;
        let is_accent = compose(&self.run.text, &glyph.text).is_some() && next.left < self.run.right + 0.05 * size;
        if glyph.is_artifact != self.run.is_artifact
            || gap > WIDEST_SPACE * size
            || gap < -0.5 * size && !is_accent
            || next.left < self.last - 0.3 * size
        {
            return false;
        }
        // Dots stand higher over a capital letter; TeX lowers closing quotes to opening ones.
        let is_dots = is_accent || glyph.text == "\u{a8}" && drop.abs() <= 0.5 * size;
        let is_lowered = lowered(&glyph.text).is_some() && (0.2 * size..0.9 * size).contains(&drop);
        let was_lowered = lowered(&self.run.text).is_some() && (0.2 * size..0.9 * size).contains(&-drop);
        let is_level = drop.abs() <= 0.12 * size || is_dots || is_lowered || was_lowered;
        let is_mark = !is_level && drop.abs() <= 0.65 * size && glyph.size < MARK_SIZE * self.run.size;
        let was_mark = !is_level && drop.abs() <= 0.65 * size && self.run.size < MARK_SIZE * glyph.size;
        if !is_level && !is_mark && !was_mark {
            return false;
        }
        if let Some(quote) = lowered(&self.run.text).filter(|_| was_lowered) {
            self.run.text = quote.to_owned();
            self.run.y = next.y;
        }
        if is_accent && let Some(composed) = compose(&self.run.text, &glyph.text) {
            if composed.chars().nth(1).is_none() && glyph.text != "\u{a8}" {
                self.run.y = next.y;
            }
            self.run.text = composed;
            self.run.right = self.run.right.max(next.right);
            self.last = next.left;
            return true;
        }
        if gap > space * size && !self.run.text.ends_with(' ') && glyph.text != " " {
            self.end_word();
            self.run.text.push(' ');
        }
        if was_mark {
            // The line began with the mark of a note: what follows is the line.
            self.run.text = raise(&self.run.text);
            (self.run.y, self.run.size) = (next.y, glyph.size);
        }
        self.run.is_bold &= glyph.is_bold || glyph.text == " ";
        let raised = (is_mark && drop < 0.0).then(|| raise(&glyph.text));
        let quote = lowered(&glyph.text).filter(|_| is_lowered);
        self.push(quote.or(raised.as_deref()).unwrap_or(&glyph.text), next);
        true
    }

    fn push(&mut self, text: &str, next: &Next<'_>) {
        if text.trim().is_empty() {
            if !self.run.text.is_empty() {
                self.end_word();
                // Spaces that do not break are part of what they hold together ("z. B.").
                let kept = text.chars().next().filter(|character| *character == '\u{a0}').unwrap_or(' ');
                if !self.run.text.ends_with(' ') {
                    self.run.text.push(kept);
                }
            } else {
                self.run.left = next.right;
            }
            // A space at the end of a line does not make it longer.
            self.last = next.left;
            if !self.run.text.is_empty() {
                self.run.right = self.run.right.max(next.right);
            }
            return;
        }
        if self.run.text.ends_with(' ') {
            self.run.spaces.push((self.end, next.left));
        }
        self.run.text.push_str(text);
        self.end = next.right;
        self.run.right = next.right.max(self.run.right.min(next.right + 0.3 * self.run.size));
        self.last = next.left;
        if !self.has_space {
            self.run.first_word = self.run.right - self.run.left;
        }
    }

    fn end_word(&mut self) {
        self.has_space |= !self.run.text.is_empty();
    }

    /// The run without white space around it; `None` when nothing is left.
    fn close(mut self) -> Option<Run> {
        let trimmed = self.run.text.trim_end_matches(' ').len();
        if trimmed < self.run.text.len() {
            self.run.text.truncate(trimmed);
            self.run.right = self.run.right.min(self.last.max(self.run.left));
        }
        (!self.run.text.trim().is_empty()).then_some(self.run)
    }
}

/// A closing quote that stands on the line is an opening one.
fn lowered(text: &str) -> Option<&'static str> {
    match text {
        "”" | "\"" => Some("„"),
        "’" | "'" => Some("‚"),
        _ => None,
    }
}

/// Raised figures are written as such: they are marks of notes, or powers.
pub(super) fn raise(text: &str) -> String {
    let raised = |character: char| Some(character).filter(char::is_ascii_digit).and_then(superscript::raised);
    text.chars().map(|character| raised(character).unwrap_or(character)).collect()
}

/// Text that ends in a letter or an accent, and the other of the two painted over it: TeX with old fonts paints umlauts
/// so, and files that come from a Mac decompose them.
fn compose(before: &str, after: &str) -> Option<String> {
    const UMLAUTS: [(char, char); 9] =
        [('a', 'ä'), ('o', 'ö'), ('u', 'ü'), ('A', 'Ä'), ('O', 'Ö'), ('U', 'Ü'), ('e', 'ë'), ('i', 'ï'), ('ı', 'ï')];
    let is_dots = |character: char| matches!(character, '\u{a8}' | '\u{308}');
    let last = before.chars().next_back()?;
    let first = after.chars().next()?;
    let letter = match (is_dots(last), is_dots(first)) {
        (true, false) => first,
        (false, true) => last,
        _ => return None,
    };
    let (_, umlaut) = UMLAUTS.iter().find(|(plain, _)| *plain == letter)?;
    let head = before.get(..before.len() - last.len_utf8())?;
    let tail = after.get(first.len_utf8()..)?;
    Some(format!("{head}{umlaut}{tail}"))
}
