//! The content of a page → the glyphs it paints, in their order, with their places.
//!
//! In: a page, read by `hayro-syntax`; its fonts, read by `hayro-font`. Out: glyphs on a sheet whose origin is the upper left
//! corner, one unit a point. Only what moves or shows text is followed (ISO 32000-1, chapters 8.4, 8.10 and 9): paths,
//! colours, clips and pictures are passed over. Everything that a file may repeat without end is counted.

use std::sync::Arc;

use hayro_cmap::BfString;
use hayro_font::{CMapResolverFn, Font, FontCache, FontGlyph, FontQuery, FontResolverFn};
use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction;
use hayro_syntax::object::{self, Array, Dict, Object, Stream};
use hayro_syntax::page::{Page, Resources};

/// Forms that stand in each other deeper than this are no pages but an attack.
const DEEPEST: usize = 20;

/// Saved states that are never taken back are an error, not a need.
const MOST_STATES: usize = 512;

/// A glyph's own space has so many units in an em.
const UNITS_PER_EM: f64 = 1000.0;

/// Work a file may cause: one for each operator and each glyph, and for so many bytes that are unpacked.
const BYTES_PER_STEP: usize = 16;

/// Looking up a form or a font is as much work as so many operators.
const STEPS_PER_FORM: usize = 200;
const STEPS_PER_FONT: usize = 20;

/// The work that is left. When it is spent, reading ends.
#[derive(Debug)]
pub(super) struct Budget(pub usize);

/// The budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent;

/// A glyph as it is painted.
#[derive(Debug)]
pub(super) struct Glyph {
    /// Its characters; `None` when the font does not say.
    pub text: Option<String>,
    pub x: f64,
    pub y: f64,
    /// From its place to where it ends.
    pub advance: (f64, f64),
    pub size: f64,
    pub is_bold: bool,
    /// The file says that it is no part of the text: a page header, a page number.
    pub is_artifact: bool,
}

/// What a page paints.
#[derive(Debug, Default)]
pub(super) struct Painting {
    pub glyphs: Vec<Glyph>,
    pub has_images: bool,
}

/// The fonts of a file.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    programs: FontResolverFn,
    encodings: CMapResolverFn,
}

impl Fonts<'_> {
    pub fn new() -> Self {
        // The outlines of fonts that are not in the file are not needed, their widths are.
        let programs: FontResolverFn = Arc::new(|query| match query {
            FontQuery::Standard(font) => Some(font.get_font_data()),
            FontQuery::Fallback(font) => Some(font.pick_standard_font().get_font_data()),
        });
        // Those that come by name alone are Chinese, Japanese and Korean.
        Self { cache: FontCache::new(), programs, encodings: Arc::new(|_| None) }
    }
}

impl Budget {
    fn spend(&mut self, steps: usize) -> Result<(), Spent> {
        self.0 = self.0.checked_sub(steps).ok_or(Spent)?;
        Ok(())
    }
}

/// Follows the content of a page.
///
/// # Errors
/// [`Spent`] when the budget is.
pub(super) fn paint<'a>(page: &Page<'a>, fonts: &mut Fonts<'a>, budget: &mut Budget) -> Result<Painting, Spent> {
    let content = content(page, budget)?;
    let start = Matrix(page.initial_transform(true).as_coeffs());
    let mut painter = Painter {
        fonts,
        budget,
        painting: Painting::default(),
        state: State::new(start),
        saved: Vec::new(),
        marks: Vec::new(),
    };
    painter.follow(&content, page.resources(), 0)?;
    Ok(painter.painting)
}

/// The operators of a page, which may be cut into several streams anywhere.
fn content(page: &Page<'_>, budget: &mut Budget) -> Result<Vec<u8>, Spent> {
    let mut content = Vec::new();
    let mut add = |stream: &Stream<'_>| -> Result<(), Spent> {
        if let Ok(part) = stream.decoded_data() {
            budget.spend(1 + part.len() / BYTES_PER_STEP)?;
            content.extend_from_slice(&part);
            content.push(b' ');
        }
        Ok(())
    };
    if let Some(stream) = page.raw().get::<Stream<'_>>("Contents") {
        add(&stream)?;
    } else if let Some(streams) = page.raw().get::<Array<'_>>("Contents") {
        for stream in streams.iter::<Stream<'_>>() {
            add(&stream)?;
        }
    }
    Ok(content)
}

/// Coefficients a, b, c, d, e, f: x' = ax + cy + e, y' = bx + dy + f.
#[derive(Debug, Clone, Copy)]
struct Matrix([f64; 6]);

impl Matrix {
    const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// This after `first`.
    fn after(self, first: Self) -> Self {
        let Self([a, b, c, d, e, f]) = self;
        let Self([g, h, i, j, k, l]) = first;
        Self([a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f])
    }

    fn moved(self, x: f64, y: f64) -> Self {
        self.after(Self([1.0, 0.0, 0.0, 1.0, x, y]))
    }

    fn point(self, x: f64, y: f64) -> (f64, f64) {
        let Self([a, b, c, d, e, f]) = self;
        (a * x + c * y + e, b * x + d * y + f)
    }

    fn vector(self, x: f64, y: f64) -> (f64, f64) {
        let Self([a, b, c, d, _, _]) = self;
        (a * x + c * y, b * x + d * y)
    }
}

/// What q saves and Q takes back.
#[derive(Clone)]
struct State<'a> {
    page: Matrix,
    text: Matrix,
    line: Matrix,
    font: Option<Font<'a>>,
    is_bold: bool,
    size: f64,
    character_space: f64,
    word_space: f64,
    /// 1 for 100 %.
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl State<'_> {
    fn new(page: Matrix) -> Self {
        Self {
            page,
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
            font: None,
            is_bold: false,
            size: 1.0,
            character_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = self.line.moved(x, y);
        self.text = self.line;
    }
}

struct Painter<'a, 'b> {
    fonts: &'b mut Fonts<'a>,
    budget: &'b mut Budget,
    painting: Painting,
    state: State<'a>,
    saved: Vec<State<'a>>,
    /// For each open mark of content, whether it says that what it holds is no part of the text.
    marks: Vec<bool>,
}

impl<'a> Painter<'a, '_> {
    fn follow(&mut self, content: &[u8], resources: &Resources<'a>, depth: usize) -> Result<(), Spent> {
        let outside = self.saved.len();
        let mut operators = TypedIter::new(content);
        while let Some(operator) = operators.next() {
            self.budget.spend(1)?;
            let state = &mut self.state;
            match operator {
                TypedInstruction::SaveState(_) if self.saved.len() < MOST_STATES => self.saved.push(state.clone()),
                TypedInstruction::RestoreState(_) if self.saved.len() > outside => {
                    self.state = self.saved.pop().unwrap_or_else(|| self.state.clone());
                }
                TypedInstruction::Transform(m) => {
                    let matrix = [m.0, m.1, m.2, m.3, m.4, m.5].map(|number| number.as_f64());
                    state.page = state.page.after(Matrix(matrix));
                }
                TypedInstruction::BeginText(_) => (state.text, state.line) = (Matrix::IDENTITY, Matrix::IDENTITY),
                TypedInstruction::SetTextMatrix(m) => {
                    state.line = Matrix([m.0, m.1, m.2, m.3, m.4, m.5].map(|number| number.as_f64()));
                    state.text = state.line;
                }
                TypedInstruction::NextLine(step) => state.next_line(step.0.as_f64(), step.1.as_f64()),
                TypedInstruction::NextLineAndSetLeading(step) => {
                    state.leading = -step.1.as_f64();
                    state.next_line(step.0.as_f64(), step.1.as_f64());
                }
                TypedInstruction::NextLineUsingLeading(_) => state.next_line(0.0, -state.leading),
                TypedInstruction::TextLeading(leading) => state.leading = leading.0.as_f64(),
                TypedInstruction::CharacterSpacing(space) => state.character_space = space.0.as_f64(),
                TypedInstruction::WordSpacing(space) => state.word_space = space.0.as_f64(),
                TypedInstruction::HorizontalScaling(percent) => state.stretch = percent.0.as_f64() / 100.0,
                TypedInstruction::TextRise(rise) => state.rise = rise.0.as_f64(),
                TypedInstruction::TextFont(font) => {
                    self.budget.spend(STEPS_PER_FONT)?;
                    state.size = font.1.as_f64();
                    let found = resources.get_font(font.0);
                    self.set_font(found.as_ref());
                }
                TypedInstruction::ShowText(text) => self.show(text.0)?,
                TypedInstruction::NextLineAndShowText(text) => {
                    state.next_line(0.0, -state.leading);
                    self.show(text.0)?;
                }
                TypedInstruction::ShowTextWithParameters(text) => {
                    (state.word_space, state.character_space) = (text.0.as_f64(), text.1.as_f64());
                    state.next_line(0.0, -state.leading);
                    self.show(text.2)?;
                }
                TypedInstruction::ShowTexts(texts) => {
                    for part in texts.0.iter::<Object<'_>>() {
                        match part {
                            Object::Number(gap) => {
                                let state = &mut self.state;
                                let gap = -gap.as_f64() / UNITS_PER_EM * state.size * state.stretch;
                                state.text = state.text.moved(gap, 0.0);
                            }
                            Object::String(text) => self.show(&text)?,
                            _ => {}
                        }
                    }
                }
                TypedInstruction::XObject(name) => {
                    if let Some(stream) = resources.get_x_object(name.0) {
                        self.follow_form(&stream, resources, depth)?;
                    }
                }
                TypedInstruction::InlineImage(_) => self.painting.has_images = true,
                TypedInstruction::BeginMarkedContent(mark) => self.marks.push(is_artifact(mark.0)),
                TypedInstruction::BeginMarkedContentWithProperties(mark) => self.marks.push(is_artifact(mark.0)),
                TypedInstruction::EndMarkedContent(_) => {
                    self.marks.pop();
                }
                _ => {}
            }
        }
        if self.saved.len() > outside {
            self.saved.truncate(outside + 1);
            self.state = self.saved.pop().unwrap_or_else(|| self.state.clone());
        }
        Ok(())
    }

    /// Content that stands in the page as one thing; pictures are only noted.
    fn follow_form(&mut self, stream: &Stream<'a>, resources: &Resources<'a>, depth: usize) -> Result<(), Spent> {
        self.budget.spend(STEPS_PER_FORM)?;
        let dictionary = stream.dict();
        if dictionary.get::<object::Name<'_>>("Subtype").is_some_and(|kind| kind.as_ref() == b"Image") {
            self.painting.has_images = true;
            return Ok(());
        }
        if depth >= DEEPEST {
            return Ok(());
        }
        let Ok(content) = stream.decoded_data() else { return Ok(()) };
        self.budget.spend(1 + content.len() / BYTES_PER_STEP)?;
        let own = dictionary.get::<Dict<'_>>("Resources").map(Resources::new);
        let outside = self.state.clone();
        if let Some(matrix) = dictionary.get::<[f64; 6]>("Matrix") {
            self.state.page = self.state.page.after(Matrix(matrix));
        }
        self.follow(&content, own.as_ref().unwrap_or(resources), depth + 1)?;
        self.state = outside;
        Ok(())
    }

    fn set_font(&mut self, dictionary: Option<&Dict<'a>>) {
        let Fonts { cache, programs, encodings } = &*self.fonts;
        self.state.font = dictionary.and_then(|dictionary| cache.font(dictionary, programs, encodings));
        let name = dictionary.and_then(|dictionary| dictionary.get::<object::Name<'_>>("BaseFont"));
        self.state.is_bold = name.is_some_and(|name| {
            let name: &[u8] = name.as_ref();
            [&b"Bold"[..], b"Black", b"Heavy", b"CMBX", b"SFBX"]
                .iter()
                .any(|word| name.windows(word.len()).any(|part| part == *word))
        });
    }

    /// Paints a string.
    fn show(&mut self, text: &object::String<'_>) -> Result<(), Spent> {
        let Some(font) = self.state.font.clone() else { return Ok(()) };
        let bytes = text.as_bytes();
        let is_artifact = self.marks.contains(&true);
        let mut at = 0;
        while at < bytes.len() {
            self.budget.spend(1)?;
            let (code, length) = font.read_code(bytes, at);
            at += length.max(1);
            let state = &mut self.state;
            let width = font.code_advance(code);
            let space = if code == 32 && length == 1 { state.word_space } else { 0.0 };
            let is_horizontal = font.is_horizontal();
            let own = (if is_horizontal { width.x } else { width.y }) / UNITS_PER_EM * state.size;
            let (own, step) = if is_horizontal {
                ((own * state.stretch, 0.0), ((own + state.character_space + space) * state.stretch, 0.0))
            } else {
                ((0.0, own), (0.0, own + state.character_space + space))
            };
            let place = state.page.after(state.text);
            let (x, y) = place.point(0.0, state.rise);
            let advance = place.vector(own.0, own.1);
            let (up_x, up_y) = place.vector(0.0, state.size);
            let size = up_x.hypot(up_y);
            state.text = state.text.moved(step.0, step.1);
            let is_sound =
                [x, y, advance.0, advance.1, size].iter().all(|value| value.is_finite() && value.abs() < 1e7);
            if !is_sound || size <= 0.0 {
                continue;
            }
            let characters = match font.glyph(font.map_code(code), code) {
                FontGlyph::Outline(glyph) => glyph.as_unicode(),
                FontGlyph::Type3(glyph) => glyph.as_unicode(),
            };
            let text = characters.map(|characters| match characters {
                BfString::Char(character) => character.to_string(),
                BfString::String(text) => text,
            });
            self.painting.glyphs.push(Glyph { text, x, y, advance, size, is_bold: state.is_bold, is_artifact });
        }
        Ok(())
    }
}

fn is_artifact(tag: &object::Name<'_>) -> bool {
    tag.as_ref() == b"Artifact"
}
