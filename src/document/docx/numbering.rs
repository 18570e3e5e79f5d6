//! How the lists and headings of a Word document are numbered (ECMA-376 part 1, section 17.9) → the number of a paragraph.
//!
//! In: the part of the archive that defines numbering; then, in the order of the document, the list and level of each
//! numbered paragraph. Out: what Word shows in front of it ("2.1", "§ 3", "a)"). Bullets are no numbers.

use std::collections::{HashMap, HashSet};

use super::super::numbering::Format;
use super::xml;

/// Levels of a list.
const LEVELS: usize = 9;

/// A longer number is no number.
const LONGEST_PATTERN: usize = 64;

/// What a paragraph or its style says about the list that it stands in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Membership {
    /// Number of the list; 0 when it says that it is in none.
    pub list: Option<u32>,
    /// Its level there, from 0.
    pub level: Option<u8>,
}

impl Membership {
    /// Takes in an element of the properties.
    pub fn take(&mut self, name: &str, value: Option<&str>) {
        match name {
            "numId" => self.list = value.and_then(|value| value.parse().ok()),
            "ilvl" => self.level = value.and_then(|value| value.parse().ok()),
            _ => {}
        }
    }

    /// With what is not said here taken from `other`.
    pub fn or(self, other: Self) -> Self {
        Self { list: self.list.or(other.list), level: self.level.or(other.level) }
    }
}

/// How a level of a list is numbered.
#[derive(Debug, Clone)]
struct Level {
    start: i64,
    /// `None` for bullets.
    format: Option<Format>,
    /// No figure is shown, only what stands around it.
    is_silent: bool,
    /// "%1.%2": numbers of levels from 1, with what stands around them.
    pattern: String,
    /// All its numbers are written in figures.
    is_legal: bool,
    /// It starts anew after this level, from 1, or one above; 0 for never.
    restart: Option<usize>,
    /// Nothing stands between the number and the text.
    is_close: bool,
    /// The style whose paragraphs are of this level.
    style: Option<String>,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            start: 0,
            format: Some(Format::Decimal),
            is_silent: false,
            pattern: String::new(),
            is_legal: false,
            restart: None,
            is_close: false,
            style: None,
        }
    }
}

/// Levels, as one or more lists use them.
#[derive(Debug, Default)]
struct Definition {
    levels: [Option<Level>; LEVELS],
    /// The name under which others refer to it, and the one that it refers to instead of having levels.
    name: Option<String>,
    refers_to: Option<String>,
}

/// A list: its definition, and what it does otherwise.
#[derive(Debug, Default)]
struct List {
    definition: u32,
    starts: [Option<i64>; LEVELS],
    levels: [Option<Level>; LEVELS],
}

/// The lists of a document, and how far they have been counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    definitions: HashMap<u32, Definition>,
    lists: HashMap<u32, List>,
    /// The last number of each level, by definition: lists with the same one go on counting.
    counted: HashMap<u32, [Option<i64>; LEVELS]>,
    /// Levels of lists that have begun with the number of their own.
    begun: HashSet<(u32, usize)>,
}

impl Numbering {
    /// Reads the part; what cannot be read of it is missing and no more.
    pub fn read(xml: &str) -> Self {
        let mut numbering = Self::default();
        let (mut definition, mut list) = (None, None);
        let (mut level, mut at) = (Level::default(), 0);
        // A damaged end loses numbers, not text.
        let _ = xml::walk(xml, &mut |node| {
            match node {
                xml::Node::Start(name, element) => {
                    let attribute = |name: &str| xml::attribute(element, name);
                    let value = attribute("val");
                    let number = || value.as_ref().and_then(|value| value.parse::<u32>().ok());
                    match name {
                        "abstractNum" => {
                            let id = attribute("abstractNumId").and_then(|id| id.parse().ok());
                            (definition, list) = (id.map(|id| (id, Definition::default())), None);
                        }
                        "num" => {
                            let id = attribute("numId").and_then(|id| id.parse().ok());
                            (definition, list) = (None, id.map(|id| (id, List::default())));
                        }
                        "lvl" | "lvlOverride" => {
                            at = attribute("ilvl").and_then(|level| level.parse().ok()).unwrap_or(LEVELS);
                            level = Level::default();
                        }
                        "abstractNumId" => {
                            if let (Some((_, list)), Some(id)) = (&mut list, number()) {
                                list.definition = id;
                            }
                        }
                        "startOverride" => {
                            let start = list.as_mut().and_then(|(_, list)| list.starts.get_mut(at));
                            start.into_iter().for_each(|start| *start = number().map(i64::from));
                        }
                        "styleLink" | "numStyleLink" => {
                            if let Some((_, definition)) = &mut definition {
                                let name =
                                    if name == "styleLink" { &mut definition.name } else { &mut definition.refers_to };
                                *name = value;
                            }
                        }
                        _ => level.take(name, value),
                    }
                }
                xml::Node::End("lvl") => {
                    let of_definition = definition.as_mut().map(|(_, definition)| &mut definition.levels);
                    let levels = of_definition.or_else(|| list.as_mut().map(|(_, list)| &mut list.levels));
                    if let Some(place) = levels.and_then(|levels| levels.get_mut(at)) {
                        *place = Some(std::mem::take(&mut level));
                    }
                }
                xml::Node::End("abstractNum") => numbering.definitions.extend(definition.take()),
                xml::Node::End("num") => numbering.lists.extend(list.take()),
                _ => {}
            }
            true
        });
        numbering
    }

    /// Which level paragraphs of a style have in a list, where neither says so otherwise.
    pub fn level_of_style(&self, list: u32, style: &str) -> Option<u8> {
        let definition = self.definition(self.lists.get(&list)?.definition)?.1;
        let has_style =
            |level: &Option<Level>| level.as_ref().is_some_and(|level| level.style.as_deref() == Some(style));
        u8::try_from(definition.levels.iter().position(has_style)?).ok()
    }

    /// Counts a paragraph; what stands in front of it, white space included.
    pub fn count(&mut self, id: u32, level: u8) -> Option<String> {
        let level = usize::from(level);
        let list = self.lists.get(&id)?;
        let (definition_id, definition) = self.definition(list.definition)?;
        let levels: [Option<&Level>; LEVELS] =
            std::array::from_fn(|at| list.levels[at].as_ref().or(definition.levels[at].as_ref()));
        let this = (*levels.get(level)?)?;
        let mut counted = self.counted.get(&definition_id).copied().unwrap_or_default();
        let own_start = list.starts[level].filter(|_| !self.begun.contains(&(id, level)));
        let next = counted[level].map_or(this.start, |last| last.saturating_add(1));
        counted[level] = Some(own_start.unwrap_or(next));
        for (deeper, counted) in counted.iter_mut().enumerate().skip(level + 1) {
            let restart = levels[deeper].and_then(|level| level.restart);
            if restart.is_none_or(|restart| level < restart) {
                *counted = None;
            }
        }
        let label = this.label(&levels, &counted);
        self.begun.insert((id, level));
        self.counted.insert(definition_id, counted);
        label
    }

    /// The definition with this number, or the one that it refers to.
    fn definition(&self, id: u32) -> Option<(u32, &Definition)> {
        let found = self.definitions.get(&id)?;
        let Some(name) = &found.refers_to else { return Some((id, found)) };
        let is_meant = |(_, definition): &(&u32, &Definition)| definition.name.as_ref() == Some(name);
        self.definitions.iter().find(is_meant).map(|(id, definition)| (*id, definition))
    }
}

impl Level {
    fn take(&mut self, name: &str, value: Option<String>) {
        let value = value.unwrap_or_default();
        match name {
            "start" => self.start = value.parse().unwrap_or(self.start),
            "numFmt" => {
                self.is_silent = value == "none";
                self.format = match value.as_str() {
                    "bullet" => None,
                    "lowerLetter" => Format::from_sign("a", true),
                    "upperLetter" => Format::from_sign("A", true),
                    "lowerRoman" => Format::from_sign("i", true),
                    "upperRoman" => Format::from_sign("I", true),
                    "decimalZero" => Some(Format::TwoDigits),
                    _ => Some(Format::Decimal),
                };
            }
            "lvlText" => self.pattern = value.chars().take(LONGEST_PATTERN).collect(),
            "isLgl" => self.is_legal = !matches!(value.as_str(), "0" | "false" | "off"),
            "lvlRestart" => self.restart = value.parse().ok(),
            "suff" => self.is_close = value == "nothing",
            "pStyle" => self.style = Some(value),
            _ => {}
        }
    }

    /// What stands in front of a paragraph of this level.
    fn label(&self, levels: &[Option<&Level>; LEVELS], counted: &[Option<i64>; LEVELS]) -> Option<String> {
        self.format?;
        let mut label = String::new();
        let mut rest = self.pattern.chars().peekable();
        while let Some(sign) = rest.next() {
            let at =
                rest.peek().filter(|_| sign == '%').and_then(|digit| digit.to_digit(10)).filter(|digit| *digit > 0);
            let Some(at) = at.and_then(|digit| usize::try_from(digit - 1).ok()) else {
                label.push(sign);
                continue;
            };
            rest.next();
            if let Some(level) = levels.get(at).copied().flatten().filter(|level| !level.is_silent) {
                let format = if self.is_legal { Some(Format::Decimal) } else { level.format };
                label.extend(format.map(|format| format.write(counted[at].unwrap_or(level.start))));
            }
        }
        let has_text = !label.trim().is_empty();
        if has_text && !self.is_close {
            label.push(' ');
        }
        has_text.then_some(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(at: usize, format: &str, pattern: &str, more: &str) -> String {
        format!(
            "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/>{more}<w:lvlText w:val=\"{pattern}\"/></w:lvl>"
        )
    }

    fn list(id: usize, definition: usize, more: &str) -> String {
        format!("<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{definition}\"/>{more}</w:num>")
    }

    fn numbering(parts: &[String]) -> Numbering {
        Numbering::read(&format!("<w:numbering>{}</w:numbering>", parts.concat()))
    }

    fn definition(id: usize, levels: &[String]) -> String {
        format!("<w:abstractNum w:abstractNumId=\"{id}\">{}</w:abstractNum>", levels.concat())
    }

    fn count(numbering: &mut Numbering, list: u32, levels: &[u8]) -> Vec<String> {
        levels.iter().map(|level| numbering.count(list, *level).unwrap_or_default()).collect()
    }

    #[test]
    fn levels_count_within_each_other() {
        let levels = [
            level(0, "upperRoman", "%1.", ""),
            level(1, "decimal", "%1.%2", "<w:isLgl/>"),
            level(2, "lowerLetter", "%3)", ""),
        ];
        let mut found = numbering(&[definition(4, &levels), list(1, 4, "")]);
        let labels = count(&mut found, 1, &[0, 1, 1, 2, 2, 1, 2, 0, 1]);
        assert_eq!(labels, ["I. ", "1.1 ", "1.2 ", "a) ", "b) ", "1.3 ", "a) ", "II. ", "2.1 "]);
        assert_eq!(found.count(1, 3), None);
        assert_eq!(found.count(2, 0), None);
    }

    #[test]
    fn a_list_goes_on_where_another_of_its_definition_ended_or_begins_anew_where_it_says_so() {
        let anew = "<w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"5\"/></w:lvlOverride>";
        let levels = [level(0, "decimal", "§ %1", "<w:suff w:val=\"space\"/>")];
        let mut found = numbering(&[definition(0, &levels), list(1, 0, ""), list(2, 0, ""), list(3, 0, anew)]);
        assert_eq!(count(&mut found, 1, &[0, 0]), ["§ 1 ", "§ 2 "]);
        assert_eq!(count(&mut found, 2, &[0]), ["§ 3 "]);
        assert_eq!(count(&mut found, 3, &[0, 0]), ["§ 5 ", "§ 6 "]);
    }

    #[test]
    fn bullets_and_silent_levels_show_no_number_and_levels_may_go_on_counting() {
        let levels = [
            level(0, "none", "Artikel", ""),
            level(1, "bullet", "o", ""),
            level(2, "decimal", "(%3)", "<w:lvlRestart w:val=\"0\"/><w:suff w:val=\"nothing\"/>"),
        ];
        let mut found = numbering(&[definition(0, &levels), list(1, 0, "")]);
        assert_eq!(count(&mut found, 1, &[0, 1, 2, 2, 0, 2]), ["Artikel ", "", "(1)", "(2)", "Artikel ", "(3)"]);
    }

    #[test]
    fn styles_name_their_level_and_definitions_may_stand_elsewhere() {
        let refers =
            "<w:abstractNum w:abstractNumId=\"7\"><w:numStyleLink w:val=\"Gliederung\"/></w:abstractNum>".to_owned();
        let levels = [level(0, "decimal", "%1", ""), level(1, "decimal", "%1.%2", "<w:pStyle w:val=\"berschrift2\"/>")];
        let named = definition(2, &levels)
            .replace("<w:lvl w:ilvl=\"0\">", "<w:styleLink w:val=\"Gliederung\"/><w:lvl w:ilvl=\"0\">");
        let mut found = numbering(&[refers, named, list(1, 7, "")]);
        assert_eq!(found.level_of_style(1, "berschrift2"), Some(1));
        assert_eq!(found.level_of_style(1, "berschrift3"), None);
        assert_eq!(count(&mut found, 1, &[1, 0, 1]), ["1.1 ", "1 ", "1.1 "]);
    }
}
