//! Paragraph styles of a Word document → what they say about structure: titles, headings, quotes, lists.
//!
//! In: the part of the archive that defines styles. Out: lookup by style id. Names in it are English whatever the language
//! of Word ("heading 1"); ids are not ("berschrift1"), and are all there is when the part is missing.

use std::collections::HashMap;

use super::numbering::Membership;
use super::xml;

/// Longest chain of styles based on each other that is followed.
const LONGEST_CHAIN: usize = 16;

/// What a style makes of a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    /// Level from 1.
    Heading(u8),
    Quote,
}

/// What a style says about structure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub role: Option<Role>,
    pub membership: Membership,
    /// Whether its text is hidden, and whether it is bold, where it says so.
    pub is_hidden: Option<bool>,
    pub is_bold: Option<bool>,
}

#[derive(Debug, Default)]
struct Definition {
    name: String,
    based_on: Option<String>,
    style: Style,
}

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Definition>);

impl Styles {
    /// Reads the part; what cannot be read of it is missing and no more.
    pub fn read(xml: &str) -> Self {
        let mut styles = HashMap::new();
        let mut open: Option<(String, Definition)> = None;
        // A damaged end loses styles, not text.
        let _ = xml::walk(xml, &mut |node| {
            match node {
                xml::Node::Start("style", element) => {
                    open = xml::attribute(element, "styleId").map(|id| (id, Definition::default()));
                }
                xml::Node::Start(name, element) => {
                    if let Some((_, definition)) = &mut open {
                        let value = xml::attribute(element, "val");
                        let number = || value.as_ref().and_then(|value| value.parse::<u8>().ok());
                        match name {
                            "name" => definition.name = value.unwrap_or_default(),
                            "basedOn" => definition.based_on = value,
                            "outlineLvl" => {
                                let level = number().filter(|level| *level < 9);
                                definition.style.role = level.map(|level| Role::Heading(level + 1));
                            }
                            "vanish" => definition.style.is_hidden = Some(is_on(value.as_deref())),
                            "b" => definition.style.is_bold = Some(is_on(value.as_deref())),
                            _ => definition.style.membership.take(name, value.as_deref()),
                        }
                    }
                }
                xml::Node::End("style") => styles.extend(open.take()),
                _ => {}
            }
            true
        });
        Self(styles)
    }

    /// What the style with this id and those it is based on say, the nearest first.
    pub fn get(&self, id: &str) -> Style {
        let mut found = Style { role: role_by_name(id), ..Style::default() };
        let mut next = Some(id);
        for _ in 0..LONGEST_CHAIN {
            let Some(definition) = next.and_then(|id| self.0.get(id)) else { break };
            // Styles for authors and dates are based on that of the title, and no titles.
            let by_name = role_by_name(&definition.name).filter(|role| next == Some(id) || *role != Role::Title);
            found.role = found.role.or(by_name).or(definition.style.role);
            found.membership = found.membership.or(definition.style.membership);
            found.is_hidden = found.is_hidden.or(definition.style.is_hidden);
            found.is_bold = found.is_bold.or(definition.style.is_bold);
            next = definition.based_on.as_deref();
        }
        found
    }
}

/// Whether an element that switches something on does so, by its value.
pub(super) fn is_on(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "false" | "off"))
}

/// The role of the styles that word processors bring along, by name or id.
fn role_by_name(name: &str) -> Option<Role> {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let heading = ["heading", "überschrift", "berschrift", "ueberschrift"]
        .iter()
        .find_map(|word| name.strip_prefix(word)?.parse::<u8>().ok().filter(|level| (1..=9).contains(level)));
    match name.as_str() {
        _ if heading.is_some() => heading.map(Role::Heading),
        "title" | "titel" => Some(Role::Title),
        "quote" | "intensequote" | "zitat" | "intensiveszitat" | "blocktext" => Some(Role::Quote),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_come_from_names_levels_and_the_styles_beneath() {
        let xml = r#"<w:styles><w:style w:styleId="a1"><w:name w:val="heading 2"/></w:style>
            <w:style w:styleId="x"><w:basedOn w:val="a1"/></w:style>
            <w:style w:styleId="y"><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
            <w:style w:styleId="z"><w:basedOn w:val="z"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
            <w:style w:styleId="v"><w:rPr><w:vanish/></w:rPr></w:style>
            <w:style w:styleId="u"><w:basedOn w:val="v"/></w:style>
            <w:style w:styleId="w"><w:basedOn w:val="v"/><w:rPr><w:vanish w:val="false"/></w:rPr></w:style>
            <w:style w:styleId="t"><w:name w:val="Title"/></w:style>
            <w:style w:styleId="author"><w:name w:val="Author"/><w:basedOn w:val="t"/></w:style>"#;
        let styles = Styles::read(xml);
        assert_eq!(styles.get("x").role, Some(Role::Heading(2)));
        assert_eq!(styles.get("y").role, Some(Role::Heading(3)));
        assert_eq!(
            styles.get("z"),
            Style { membership: Membership { list: Some(1), level: None }, ..Style::default() }
        );
        assert_eq!(styles.get("u").is_hidden, Some(true));
        assert_eq!(styles.get("w").is_hidden, Some(false));
        assert_eq!(styles.get("t").role, Some(Role::Title));
        assert_eq!(styles.get("author").role, None);
        assert_eq!(styles.get("berschrift1").role, Some(Role::Heading(1)));
        assert_eq!(styles.get("Titel").role, Some(Role::Title));
        assert_eq!(styles.get("Standard"), Style::default());
    }
}
