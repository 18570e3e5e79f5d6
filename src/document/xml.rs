//! XML → a walk over elements and text, for the parts of office documents.
//!
//! In: decoded XML. Out: calls in document order. Names come without their prefix. There is no recursion, nesting is
//! bounded, and no entity but the predefined ones is resolved, so no document can blow up here.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Deeper nesting is no document but an attack.
const DEEPEST: usize = 1024;

/// One step of the walk.
pub(super) enum Node<'a> {
    /// An element begins: its name and its attributes.
    Start(&'a str, &'a BytesStart<'a>),
    /// An element ends.
    End(&'a str),
    /// Text between tags, references resolved.
    Text(&'a str),
}

/// Walks through `xml`. Where `visit` answers a start with `false`, the element is passed over with all that is in it, its
/// end included; other answers are ignored.
///
/// # Errors
/// What is wrong with the XML, and where.
pub(super) fn walk(xml: &str, visit: &mut dyn FnMut(Node<'_>) -> bool) -> Result<(), String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().allow_dangling_amp = true;
    let mut depth = 0;
    // The depth outside an element that is passed over.
    let mut passed: Option<usize> = None;
    loop {
        let at = reader.buffer_position();
        match reader.read_event().map_err(|error| format!("{error} (byte {at})"))? {
            Event::Start(element) => {
                if passed.is_none() && !visit(Node::Start(element.local_name().as_ref(), &element)) {
                    passed = Some(depth);
                }
                depth += 1;
                if depth > DEEPEST {
                    return Err(format!("elements are nested more than {DEEPEST} deep (byte {at})"));
                }
            }
            Event::Empty(element) => {
                let is_entered = passed.is_none() && visit(Node::Start(element.local_name().as_ref(), &element));
                if is_entered {
                    visit(Node::End(element.local_name().as_ref()));
                }
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                match passed {
                    Some(outside) if outside == depth => passed = None,
                    Some(_) => {}
                    None => {
                        visit(Node::End(element.local_name().as_ref()));
                    }
                }
            }
            Event::Eof if depth > 0 => return Err("it ends too early".to_owned()),
            Event::Eof => return Ok(()),
            _ if passed.is_some() => {}
            Event::Text(text) => {
                visit(Node::Text(&text));
            }
            Event::CData(text) => {
                visit(Node::Text(&text));
            }
            Event::GeneralRef(reference) => {
                let mut buffer = [0; 4];
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(&*character.encode_utf8(&mut buffer)),
                    _ => quick_xml::escape::resolve_predefined_entity(&reference),
                };
                visit(Node::Text(resolved.unwrap_or("\u{fffd}")));
            }
            _ => {}
        }
    }
}

/// The value of an attribute, whatever its prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found =
        attributes.with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(quick_xml::XmlVersion::Implicit1_0);
    value.ok().map(std::borrow::Cow::into_owned)
}
