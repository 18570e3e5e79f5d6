//! How the lists and headings of an OpenDocument text are numbered (OpenDocument 1.3 part 3, section 16.30) → the number of
//! an item.
//!
//! In: list styles, wherever the file defines them; then, in the order of the document, where lists begin and end and which
//! items and headings are shown. Out: what stands in front of them ("2.1", "a)"). Bullets are no numbers.

use std::collections::HashMap;

use quick_xml::events::BytesStart;

use super::super::numbering::Format;
use super::xml;

/// Levels of a list style.
const LEVELS: usize = 10;

/// The style that numbers headings; lists have names of their own.
const OUTLINE: &str = "\0outline";

/// How a level is numbered.
#[derive(Debug, Clone)]
struct Level {
    format: Option<Format>,
    prefix: String,
    suffix: String,
    start: i64,
    /// How many levels the number names, with this one.
    displayed: usize,
}

/// The last number of each level.
type Counts = [Option<i64>; LEVELS];

/// A list that is open.
#[derive(Debug)]
struct List {
    style: String,
    /// Its own name, by which later lists go on with it.
    name: Option<String>,
    /// The number that the item at hand asks for.
    asked: Option<i64>,
    /// The item at hand has been counted, or has no number.
    is_counted: bool,
}

/// The list styles of a document, and how far lists have been counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    styles: HashMap<String, [Option<Level>; LEVELS]>,
    /// The style that is being defined.
    defined: String,
    /// The open lists, the innermost last; deeper ones are not told apart.
    lists: Vec<List>,
    /// Numbers of the outermost open list, and those at the end of earlier ones by style and by name.
    counts: Counts,
    by_style: HashMap<String, Counts>,
    by_name: HashMap<String, Counts>,
    headings: Counts,
}

impl Numbering {
    /// Takes in what an element says about a list style.
    pub fn define(&mut self, name: &str, element: &BytesStart<'_>) {
        let value = |name: &str| xml::attribute(element, name);
        match name {
            "list-style" => self.defined = value("name").unwrap_or_default(),
            "outline-style" => OUTLINE.clone_into(&mut self.defined),
            "list-level-style-number" | "outline-level-style" => {
                let number = |name: &str| value(name).and_then(|value| value.parse::<i64>().ok());
                let format = value("num-format").unwrap_or_default();
                let synchronised = value("num-letter-sync").is_some_and(|sync| sync == "true");
                let displayed = number("display-levels").and_then(|levels| usize::try_from(levels).ok());
                let level = Level {
                    format: Format::from_sign(&format, synchronised),
                    prefix: value("num-prefix").unwrap_or_default(),
                    suffix: value("num-suffix").unwrap_or_default(),
                    start: number("start-value").unwrap_or(1),
                    displayed: displayed.unwrap_or(1).clamp(1, LEVELS),
                };
                let at = number("level").and_then(|level| usize::try_from(level.checked_sub(1)?).ok());
                let levels = self.styles.entry(self.defined.clone()).or_default();
                if let Some(place) = at.and_then(|at| levels.get_mut(at)) {
                    *place = Some(level);
                }
            }
            _ => {}
        }
    }

    /// Takes in the beginning of an element of the body.
    pub fn start(&mut self, name: &str, element: &BytesStart<'_>) {
        let value = |name: &str| xml::attribute(element, name);
        match name {
            "list" => {
                let outer = self.lists.last().map(|list| list.style.clone());
                let style = value("style-name").or(outer).unwrap_or_default();
                if self.lists.is_empty() {
                    let continued = value("continue-list").and_then(|name| self.by_name.get(&name));
                    let goes_on = value("continue-numbering").is_some_and(|goes_on| goes_on == "true");
                    let same = self.by_style.get(&style).filter(|_| goes_on);
                    self.counts = continued.or(same).copied().unwrap_or_default();
                }
                self.lists.push(List { style, name: value("id"), asked: None, is_counted: true });
            }
            "list-item" => {
                if let Some(list) = self.lists.last_mut() {
                    list.asked = value("start-value").and_then(|start| start.parse().ok());
                    list.is_counted = false;
                }
            }
            _ => {}
        }
    }

    /// Takes in the end of an element of the body.
    pub fn end(&mut self, name: &str) {
        if name != "list" {
            return;
        }
        if let Some(list) = self.lists.pop()
            && self.lists.is_empty()
        {
            self.by_style.insert(list.style, self.counts);
            self.by_name.extend(list.name.map(|name| (name, self.counts)));
        }
    }

    /// Counts the item at hand where it begins; what stands in front of its first paragraph, white space included.
    pub fn of_item(&mut self) -> Option<String> {
        let at = self.lists.len().checked_sub(1)?;
        let list = self.lists.last_mut().filter(|list| !list.is_counted)?;
        list.is_counted = true;
        let levels = self.styles.get(&list.style)?;
        count(levels, &mut self.counts, at, list.asked)
    }

    /// Counts a heading of this level, from 1; what stands in front of it.
    pub fn of_heading(&mut self, level: u8) -> Option<String> {
        let levels = self.styles.get(OUTLINE)?;
        count(levels, &mut self.headings, usize::from(level).checked_sub(1)?, None)
    }
}

/// Counts on at a level; its number.
fn count(levels: &[Option<Level>; LEVELS], counts: &mut Counts, at: usize, asked: Option<i64>) -> Option<String> {
    let this = levels.get(at)?.as_ref()?;
    let next = counts[at].map_or(this.start, |last| last.saturating_add(1));
    counts[at] = Some(asked.unwrap_or(next));
    counts[at + 1..].fill(None);
    this.format?;
    let first = (at + 1).saturating_sub(this.displayed);
    let number = |at: usize| {
        let level = levels.get(at)?.as_ref()?;
        Some(level.format?.write(counts[at].unwrap_or(level.start)))
    };
    let numbers: Vec<String> = (first..=at).filter_map(number).collect();
    Some(format!("{}{}{} ", this.prefix, numbers.join("."), this.suffix))
}
