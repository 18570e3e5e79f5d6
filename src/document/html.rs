//! HTML → text and blocks, over the token stream of `html5gum`.
//!
//! In: the bytes of a page, or decoded HTML. Out: its visible text in reading order. Scripts, styles, navigation, forms and
//! whatever is hidden stay out; emphasis and links do not interrupt a sentence; numbers of ordered lists are text, as a
//! browser shows them. Parts in another language than German are kept as they are when they make up a whole block.
//!
//! There is no tree: a page is read in one pass, in time and memory that grow with its length whatever its nesting.

use std::path::Path;

use encoding_rs::Encoding;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::extract::{Extract, Tables};
use super::numbering::Format;
use super::{Block, BlockKind, Content, encoding};
use crate::{Result, lexicon};

/// How many bytes may come before the declaration of the encoding.
const SAMPLE: usize = 4096;

/// Lists, tables and quotes deeper than this are read as if they were not nested any deeper.
const DEEPEST: usize = 256;

/// A cell that claims more columns is wrong (the limit of browsers).
const WIDEST_CELL: usize = 1000;

/// Elements that are not shown, or hold no text of the report.
const HIDDEN: &str = "audio button canvas datalist del iframe math nav noembed noframes noscript object rp rt script \
                      select style svg template textarea video";

/// Elements that begin and end a block; all others, known or not, stand in the flow of a line.
const BLOCK: &str = "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset \
                     figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li \
                     listing main menu nav ol p plaintext pre search section summary table tbody td tfoot th thead tr ul \
                     xmp";

/// Elements without an end.
const VOID: &str = "area base basefont br col embed hr img input link meta param source track wbr";

/// Elements whose end may be left out where the next one of their name begins.
const ENDED_BY_NEXT: &str = "dd dt li p td th tr";

/// Reads a page.
///
/// # Errors
/// [`Error::Document`](crate::Error::Document) when the bytes are no text, [`Error::Option`](crate::Error::Option) when
/// `label` is no encoding.
pub(super) fn read(bytes: &[u8], path: Option<&Path>, label: Option<&str>) -> Result<Content> {
    let (html, encoding) = match label.or_else(|| declared_encoding(bytes)) {
        None => encoding::decode(bytes, path, None)?,
        Some(name) => match encoding::decode(bytes, path, Some(name)) {
            // Pages are wrong about themselves; only the user is not.
            Err(_) if label.is_none() => encoding::decode(bytes, path, None)?,
            decoded => decoded?,
        },
    };
    let (text, blocks) = extract(&html);
    Ok(Content::new(text, blocks, encoding))
}

/// The text of a page and its blocks.
pub(super) fn extract(html: &str) -> (String, Vec<Block>) {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reader = Reader::default();
    // Reading from memory cannot fail.
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) => reader.start(&tag),
            Token::EndTag(tag) => reader.end(std::str::from_utf8(&tag.name).unwrap_or_default()),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    reader.finish();
    let Reader { mut extract, mut title, has_title, .. } = reader;
    extract.name_bold_headings(BlockKind::Heading);
    if has_title {
        return extract.into_parts();
    }
    title.finish(BlockKind::Title, 1);
    let (text, blocks) = extract.into_parts();
    title.append(&text, blocks);
    title.into_parts()
}

/// The encoding that a page says it is in, unless a byte order mark says more.
fn declared_encoding(bytes: &[u8]) -> Option<&'static str> {
    if Encoding::for_bom(bytes).is_some() {
        return None;
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let ascii = |byte: &u8| if byte.is_ascii() { char::from(byte.to_ascii_lowercase()) } else { ' ' };
    let head: String = sample.iter().map(ascii).collect();
    let rest = head.split_once("charset=").or_else(|| {
        let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
        declaration.split_once("encoding=")
    });
    let label = rest?.1.trim_start_matches(['"', '\'', ' ']).split(['"', '\'', ' ', ';', '>', '/', '?']).next()?;
    let found = Encoding::for_label(label.as_bytes())?;
    // The standard's rule: a page whose ASCII can be read is not in UTF-16, whatever it says.
    let is_wide = found == encoding_rs::UTF_16LE || found == encoding_rs::UTF_16BE;
    Some(if is_wide { encoding_rs::UTF_8.name() } else { found.name() })
}

/// Where the reader is, and the block it is filling.
#[derive(Default)]
struct Reader {
    extract: Extract,
    /// The title in the head of the page.
    title: Extract,
    in_title: bool,
    /// A block is the title, so that the one in the head is not needed.
    has_title: bool,
    /// The element that is hidden, and how many of its name are open.
    hidden: Option<(String, usize)>,
    /// The open elements that name a language or forbid translation.
    languages: Vec<Language>,
    /// The open block holds text to translate.
    has_german: bool,
    /// The open block holds text to keep.
    has_foreign: bool,
    containers: Vec<Container>,
    tables: Tables,
    /// Lists that are open.
    lists: usize,
    /// A list item has begun and none of its text has been seen.
    item_begins: bool,
    /// What stands in front of the text of that item: its number.
    label: Option<String>,
    heading: Option<u8>,
    /// Raised parts that are open: a link to a place of a page in one is the mark of a note.
    raised: usize,
    /// Within a link to a place of the page: what is raised there is the mark of a note.
    in_place_link: bool,
    /// The mark that Word writes in front of a list item, as far as it has been read.
    list_mark: Option<String>,
    /// A part of a heading has ended, and nothing has come since.
    part_ended: bool,
    /// The open elements for bold letters: whether they are bold, and not set back by a style.
    bold: Vec<bool>,
    /// Depth of preformatted text.
    preformatted: usize,
    /// The open block says that it is code.
    has_code: bool,
}

/// What a block can stand in.
#[derive(Debug, PartialEq, Eq)]
enum Container {
    /// A list, and how its items are numbered.
    List(Option<Counter>),
    Table,
    Quote,
}

/// Numbers of a list.
#[derive(Debug, PartialEq, Eq)]
struct Counter {
    next: i64,
    step: i64,
    format: Format,
}

impl Counter {
    /// As an ordered list says. One that counts down to 1 says nothing of where it begins before its end is known: it gets no
    /// numbers rather than wrong ones.
    fn new(list: &StartTag<()>) -> Option<Self> {
        let start = number(list, b"start");
        let is_reversed = list.attributes.contains_key(b"reversed".as_slice());
        if is_reversed && start.is_none() {
            return None;
        }
        let style = style(list);
        let named = style.split(|byte| *byte == b';').find_map(|rule| {
            rule.strip_prefix(b"list-style-type:".as_slice()).or_else(|| rule.strip_prefix(b"list-style:".as_slice()))
        });
        let sign = match named {
            Some(b"none") => return None,
            Some(b"lower-alpha" | b"lower-latin") => "a",
            Some(b"upper-alpha" | b"upper-latin") => "A",
            Some(b"lower-roman") => "i",
            Some(b"upper-roman") => "I",
            Some(b"decimal") => "1",
            _ => list.attributes.get(b"type".as_slice()).and_then(|sign| std::str::from_utf8(sign).ok()).unwrap_or("1"),
        };
        let format = Format::from_sign(sign, false).unwrap_or(Format::Decimal);
        Some(Self { next: start.unwrap_or(1), step: if is_reversed { -1 } else { 1 }, format })
    }
}

/// An element that names a language or forbids translation.
struct Language {
    name: String,
    /// How many elements of its name are open, itself included.
    open: usize,
    /// How many containers it stands in.
    depth: usize,
    /// What is in it is kept as it is.
    is_foreign: bool,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.hidden.is_some() {
            self.list_mark.iter_mut().for_each(|mark| mark.push_str(text));
            return;
        }
        if self.in_title {
            return self.title.push(text);
        }
        if !text.trim().is_empty() {
            if let Some(label) = self.label.take() {
                self.extract.push(&label);
            }
            match self.languages.last() {
                Some(language) if language.is_foreign => self.has_foreign = true,
                _ => self.has_german = true,
            }
        }
        // A kicker and a headline set apart by style alone.
        let is_apart = self.extract.open_text().ends_with(char::is_lowercase) && text.starts_with(char::is_uppercase);
        if std::mem::take(&mut self.part_ended) && self.heading.is_some() && is_apart {
            self.extract.line_break();
        }
        self.extract.set_bold(self.bold.last() == Some(&true));
        if self.preformatted > 0 {
            self.extract.push_verbatim(text);
        } else if self.raised > 0 {
            self.extract.push_raised(text);
        } else {
            self.extract.push(text);
        }
    }

    fn start(&mut self, tag: &StartTag<()>) {
        let name = std::str::from_utf8(&tag.name).unwrap_or_default();
        let is_void = is_one_of(VOID, name);
        let is_block = is_one_of(BLOCK, name);
        if let Some((hidden, open)) = &mut self.hidden {
            // A paragraph ends where the next block begins.
            if hidden != "p" || !is_block {
                *open += usize::from(hidden == name);
                return;
            }
            self.hidden = None;
        }
        if is_block {
            self.finish();
        }
        let is_note = match name {
            "a" => is_note_mark(tag) || self.raised > 0 && leads_to_a_place(tag),
            "sup" => self.in_place_link,
            _ => false,
        };
        // Pages that show themselves by a script hide their body until then.
        let may_hide = !is_void && !matches!(name, "html" | "body" | "main");
        if may_hide && (is_one_of(HIDDEN, name) || is_hidden(tag) || is_note) {
            // What Word puts in front of a list item: a bullet, or a number.
            if is_list_mark(&style(tag)) {
                self.item_begins = true;
                self.list_mark = Some(String::new());
            }
            // The slash of an element that ends itself means nothing but in SVG and MathML.
            if !(tag.self_closing && matches!(name, "svg" | "math")) {
                self.hidden = Some((name.to_owned(), 1));
            }
            return;
        }
        if !is_void {
            self.enter_language(name, is_block, tag);
        }
        match name {
            "br" if self.preformatted > 0 => self.extract.push_verbatim("\n"),
            "br" => self.extract.line_break(),
            "q" => self.text("„"),
            "title" => self.in_title = true,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = name[1..].parse().ok(),
            "pre" => self.preformatted += 1,
            "code" | "samp" | "kbd" => self.has_code = true,
            "sup" => self.raised += 1,
            "b" | "strong" if self.bold.len() < DEEPEST => {
                let style = style(tag);
                self.bold.push(!says(&style, b"font-weight:normal") && !says(&style, b"font-weight:400"));
            }
            "a" => self.in_place_link = attribute(tag, b"href").starts_with('#'),
            "ul" | "menu" | "dir" => self.open(Container::List(None)),
            "ol" => self.open(Container::List(Counter::new(tag))),
            "li" => self.start_item(number(tag, b"value")),
            "blockquote" => self.open(Container::Quote),
            "table" => self.open(Container::Table),
            "tr" => self.tables.start_row(),
            "td" | "th" => {
                let size = |name| number(tag, name).and_then(|size| usize::try_from(size).ok()).unwrap_or(1);
                self.tables.start_cell(size(b"colspan").min(WIDEST_CELL), size(b"rowspan"));
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        let is_block = is_one_of(BLOCK, name);
        if let Some((hidden, open)) = &mut self.hidden {
            // A paragraph also ends with what it stands in.
            let ends_outer = hidden == "p" && name != "p" && is_block;
            *open -= usize::from(hidden == name);
            if *open == 0 || ends_outer {
                self.hidden = None;
                let mark = self.list_mark.take().map(|mark| mark.trim().to_owned());
                let number = mark.filter(|mark| mark.ends_with(['.', ')']) && mark.chars().any(char::is_alphanumeric));
                if let Some(number) = number {
                    self.label = Some(format!("{number} "));
                }
            }
            if !ends_outer {
                return;
            }
        }
        if is_block {
            self.finish();
        }
        match name {
            "q" => self.text("“"),
            "title" => self.in_title = false,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = None,
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "sup" => self.raised = self.raised.saturating_sub(1),
            "b" | "strong" => drop(self.bold.pop()),
            "a" => self.in_place_link = false,
            "span" => self.part_ended = true,
            "ul" | "menu" | "dir" | "ol" => self.close(|container| matches!(container, Container::List(_))),
            "li" => (self.item_begins, self.label) = (false, None),
            "blockquote" => self.close(|container| *container == Container::Quote),
            "table" => self.close(|container| *container == Container::Table),
            "td" | "th" => self.tables.end_cell(),
            _ => {}
        }
        self.leave_language(name, is_block);
    }

    fn start_item(&mut self, value: Option<i64>) {
        self.item_begins = true;
        self.label = None;
        if let Some(Container::List(Some(counter))) = self.containers.last_mut() {
            let number = value.unwrap_or(counter.next);
            self.label = Some(format!("{}. ", counter.format.write(number)));
            counter.next = number.saturating_add(counter.step);
        }
    }

    fn open(&mut self, container: Container) {
        // What opens ends a heading whose end was left out.
        self.heading = None;
        if self.containers.len() < DEEPEST {
            match container {
                Container::List(_) => self.lists += 1,
                Container::Table => self.tables.start_table(),
                Container::Quote => {}
            }
            self.containers.push(container);
        }
    }

    /// Closes the innermost container of this kind, and those that were left open in it.
    fn close(&mut self, is_kind: impl Fn(&Container) -> bool) {
        let Some(at) = self.containers.iter().rposition(is_kind) else { return };
        for container in self.containers.drain(at..) {
            match container {
                Container::List(_) => self.lists -= 1,
                Container::Table => self.tables.end_table(),
                Container::Quote => {}
            }
        }
        (self.item_begins, self.label) = (false, None);
    }

    /// Notes what an element says about its language. The page's own attribute is not asked: it is often left at English.
    fn enter_language(&mut self, name: &str, is_block: bool, tag: &StartTag<()>) {
        self.end_languages(name, is_block);
        if let Some(language) = self.languages.last_mut().filter(|language| language.name == name) {
            language.open += 1;
        }
        if matches!(name, "html" | "body") || self.languages.len() >= DEEPEST {
            return;
        }
        let named = ["lang", "xml:lang"].map(|name| attribute(tag, name.as_bytes()));
        let named = named.into_iter().find(|language| !language.is_empty());
        let is_kept = attribute(tag, b"translate") == "no";
        if named.is_some() || is_kept {
            let is_german = named.is_none_or(|language| language == "de" || language.starts_with("de-"));
            let depth = self.containers.len();
            self.languages.push(Language { name: name.to_owned(), open: 1, depth, is_foreign: is_kept || !is_german });
        }
    }

    fn leave_language(&mut self, name: &str, is_block: bool) {
        if let Some(language) = self.languages.last_mut().filter(|language| language.name == name) {
            language.open -= 1;
            if language.open == 0 {
                self.languages.pop();
            }
        } else {
            self.end_languages("", is_block);
        }
        let depth = self.containers.len();
        self.languages.truncate(self.languages.iter().take_while(|language| language.depth <= depth).count());
    }

    /// Ends what ends where an element of this name begins, without saying so.
    fn end_languages(&mut self, name: &str, is_block: bool) {
        let depth = self.containers.len();
        let ends = |language: &Language| {
            let is_next = language.name == name && is_one_of(ENDED_BY_NEXT, name);
            language.depth >= depth && (is_next || language.name == "p" && is_block)
        };
        while self.languages.last().is_some_and(ends) {
            self.languages.pop();
        }
    }

    /// Ends the open block, if it has any text.
    fn finish(&mut self) {
        let is_foreign = self.has_foreign && !self.has_german;
        (self.has_foreign, self.has_german) = (false, false);
        if self.extract.is_blank() {
            self.extract.suspend();
            return;
        }
        let column = self.tables.column().filter(|_| self.containers.last() == Some(&Container::Table));
        let says_code = std::mem::take(&mut self.has_code);
        let may_be_prose = self.preformatted > 0 && column.is_none() && !is_foreign && !says_code;
        if may_be_prose && is_prose(self.extract.open_text()) {
            self.item_begins = false;
            return self.extract.finish_plain();
        }
        let (kind, level) = if self.preformatted > 0 || is_foreign && column.is_none() {
            (BlockKind::Code, 0)
        } else if let Some(level) = self.heading {
            let is_title = level == 1 && !self.has_title;
            self.has_title |= is_title;
            (if is_title { BlockKind::Title } else { BlockKind::Heading }, level)
        } else if let Some(column) = column {
            (BlockKind::TableCell, column)
        } else if self.item_begins {
            (BlockKind::ListItem, u8::try_from(self.lists).unwrap_or(u8::MAX).max(1))
        } else if self.containers.contains(&Container::Quote) {
            (BlockKind::Quote, 0)
        } else {
            (BlockKind::Paragraph, 0)
        };
        self.item_begins = false;
        match kind {
            BlockKind::TableCell => self.extract.finish_cell(&mut self.tables),
            _ => self.extract.finish(kind, level),
        }
    }
}

/// Whether preformatted text is prose, as in archives of mails and old pages, and not code, a listing or a drawing: hardly
/// any signs but those of prose, and the small words without which there are no German sentences.
fn is_prose(text: &str) -> bool {
    let visible = text.chars().filter(|character| !character.is_whitespace()).count();
    let is_sign = |character: &char| !character.is_alphanumeric() && !character.is_whitespace();
    let foreign = text.chars().filter(is_sign).filter(|sign| !".,;:!?()„“”\"'‚‘’»«-–—…>§%€/".contains(*sign)).count();
    let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
    let small = text.split_whitespace().filter(|word| lexicon::is_leaning(word)).count();
    words >= 8 && foreign * 50 <= visible && small * 12 >= words && words * 12 >= visible
}

fn is_one_of(words: &str, name: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == name)
}

/// Whether the element says that it is not to be seen, or that it is there for finding one's way: navigation, consent to
/// cookies, and the marks that lead to notes and back, which would stick to the words before them ("Astana.1").
fn is_hidden(tag: &StartTag<()>) -> bool {
    const ROLES: [&str; 6] = ["navigation", "search", "dialog", "alertdialog", "doc-noteref", "doc-backlink"];
    let style = style(tag);
    let class = attribute(tag, b"class");
    tag.attributes.contains_key(b"hidden".as_slice())
        || tag.name.as_slice() == b"dialog" && !tag.attributes.contains_key(b"open".as_slice())
        || ROLES.contains(&attribute(tag, b"role").as_str())
        || tag.name.as_slice() == b"sup" && class.starts_with("reference")
        || class.split_ascii_whitespace().any(is_hidden_name)
        || is_hidden_name(&attribute(tag, b"id"))
        || is_hidden_on_all_screens(&class)
        || says(&style, b"display:none")
        || says(&style, b"visibility:hidden")
        || is_list_mark(&style)
}

/// An attribute in small letters, empty where there is none.
fn attribute(tag: &StartTag<()>, name: &[u8]) -> String {
    let value = tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).trim().to_ascii_lowercase());
    value.unwrap_or_default()
}

/// An attribute that is a whole number.
fn number(tag: &StartTag<()>, name: &[u8]) -> Option<i64> {
    attribute(tag, name).parse().ok()
}

/// What an element says about its looks, in small letters without white space.
fn style(tag: &StartTag<()>) -> Vec<u8> {
    let style = tag.attributes.get(b"style".as_slice());
    let visible = style.into_iter().flat_map(|style| style.iter()).filter(|byte| !byte.is_ascii_whitespace());
    visible.map(u8::to_ascii_lowercase).collect()
}

/// Whether a style, as [`style`] gives it, holds this rule.
fn says(style: &[u8], rule: &[u8]) -> bool {
    style.windows(rule.len()).any(|part| part == rule)
}

/// Classes and ids by which well-known style sheets and systems hide text from the eye, and name what is no part of a text:
/// the way back from a note, the way to other pages.
fn is_hidden_name(name: &str) -> bool {
    const NAMES: [&str; 18] = [
        "sr-only",
        "visually-hidden",
        "screen-reader-text",
        "footnote-back",
        "footnote-backref",
        "reversefootnote",
        "mw-cite-backlink",
        "breadcrumb",
        "breadcrumbs",
        "pagination",
        "nav",
        "navbar",
        "nav-links",
        "skip-link",
        "cookie-banner",
        "cookie-notice",
        "cookie-consent",
        "cookiebanner",
    ];
    NAMES.contains(&name)
}

/// Whether classes of Bootstrap or Tailwind hide an element whatever the size of the screen ("hidden md:block" does not).
fn is_hidden_on_all_screens(class: &str) -> bool {
    let mut classes = class.split_ascii_whitespace();
    let is_shown = |name: &str| name.starts_with("d-") && name != "d-none" || name.contains(':');
    classes.clone().any(|name| matches!(name, "d-none" | "hidden")) && !classes.any(is_shown)
}

/// Whether what has this style is the mark that Word writes in front of the text of a list item.
fn is_list_mark(style: &[u8]) -> bool {
    style.split(|byte| *byte == b';').any(|rule| rule == b"mso-list:ignore")
}

/// Whether a link leads to a place of this or another page.
fn leads_to_a_place(tag: &StartTag<()>) -> bool {
    attribute(tag, b"href").contains('#')
}

/// Whether a link is the mark of a note by its class or by the name of the place that it leads to ("#_ftn1" by Word, "#fn:2").
fn is_note_mark(tag: &StartTag<()>) -> bool {
    const CLASSES: [&str; 5] = ["footnote", "footnote-ref", "footnoteref", "footnote-anchor", "noteref"];
    const PLACES: [&str; 9] =
        ["_ftn", "_ftnref", "_edn", "_ednref", "fn", "fnref", "footnote", "fussnote", "cite_note"];
    let target = attribute(tag, b"href");
    let Some(place) = target.strip_prefix('#') else { return false };
    let place = place.trim_end_matches(|character: char| character.is_ascii_digit() || "-_:.".contains(character));
    PLACES.contains(&place) || attribute(tag, b"class").split_ascii_whitespace().any(|class| CLASSES.contains(&class))
}

#[cfg(test)]
mod tests;
