//! Quotation marks: German ones that the model left become English ones. In: source and target. Out: the target.
//!
//! A mark opens or closes by what stands around it, not by its shape, since „German“ and “English” share one. What opens
//! in one sentence may close in another: marks are balanced only as the source is.

/// Double quotation marks of either language.
pub(super) const MARKS: [char; 7] = ['„', '“', '”', '‟', '»', '«', '"'];

struct Mark {
    at: usize,
    mark: char,
    opens: bool,
}

/// The target with English quotation marks.
pub(super) fn english(source: &str, target: &str) -> String {
    let (source, target) = (source.trim(), target.trim());
    let marks = marks(target);
    let quoted = source.matches(MARKS).count();
    let alternating = marks.windows(2).all(|pair| matches!(pair, [one, other] if one.opens != other.opens));
    // A straight mark may stand for inches or seconds.
    let straight = alternating && marks.len() % 2 == quoted % 2 && !has_inches(source) && !has_inches(target);
    let mut text = String::with_capacity(target.len() + 8);
    let mut done = 0;
    for mark in &marks {
        text.push_str(target.get(done..mark.at).unwrap_or_default());
        text.push(match mark {
            Mark { mark: '"', .. } if !straight => '"',
            Mark { opens: true, .. } => '“',
            Mark { opens: false, .. } => '”',
        });
        done = mark.at + mark.mark.len_utf8();
    }
    text.push_str(target.get(done..).unwrap_or_default());
    single(&balanced(source, quoted, text))
}

fn marks(text: &str) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, mark)) = characters.next() {
        if MARKS.contains(&mark) {
            let after = characters.peek().map(|(_, character)| *character);
            let starts = before.is_none_or(|c: char| c.is_whitespace() || "([{—–-/".contains(c));
            let ends = after.is_none_or(|c: char| c.is_whitespace() || ".,;:!?)]}…—–-/".contains(c));
            let opens = match (starts, ends) {
                _ if mark == '„' => true,
                (true, false) => true,
                (false, true) => false,
                _ => marks.last().is_none_or(|last| !last.opens),
            };
            marks.push(Mark { at, mark, opens });
        }
        before = Some(mark);
    }
    marks
}

fn has_inches(text: &str) -> bool {
    text.match_indices('"')
        .any(|(at, _)| text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit())))
}

/// Adds the mark that the model lost where the whole sentence is quoted, and takes off the one it added where the
/// quotation goes on in the next sentence or comes from the one before.
fn balanced(source: &str, quoted: usize, text: String) -> String {
    let (starts, ends) = (source.starts_with(MARKS), source.ends_with(MARKS));
    let inner = text.strip_prefix('“');
    match (quoted, text.matches(['“', '”']).count()) {
        (2, 1) if starts && ends && inner.is_some() => text + "”",
        (2, 1) if starts && ends && text.ends_with('”') => format!("“{text}"),
        (1, 2) if starts && inner.is_some() => text.strip_suffix('”').map(str::to_owned).unwrap_or(text),
        (1, 2) if ends && text.ends_with('”') => inner.map(str::to_owned).unwrap_or(text),
        _ => text,
    }
}

/// ‚German‘ marks within a quotation.
fn single(text: &str) -> String {
    let mut open = false;
    let english = |character| match character {
        '‚' => {
            open = true;
            '‘'
        }
        '‘' if open => {
            open = false;
            '’'
        }
        character => character,
    };
    text.chars().map(english).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_marks_become_english_ones() {
        for (source, target, polished) in [
            ("„Gut“, sagte er.", "„Good“, he said.", "“Good”, he said."),
            ("»Gut«, sagte er.", "»Good«, he said.", "“Good”, he said."),
            ("„Gut“, sagte er.", "\"Good,\" he said.", "“Good,” he said."),
            ("„Gut“, sagte er, „so sei es.“", "„Good“, he said, „so be it.“", "“Good”, he said, “so be it.”"),
            ("Er sagte: »Ja.«", "He said: «Yes.»", "He said: “Yes.”"),
            ("„Das ist ‚gut‘“, rief er.", "„That is ‚good‘“, he called.", "“That is ‘good’”, he called."),
            ("Der „Spiegel“-Bericht", "The „Spiegel“-report", "The “Spiegel”-report"),
        ] {
            assert_eq!(english(source, target), polished);
        }
    }

    #[test]
    fn marks_are_balanced_as_in_the_source() {
        for (source, target, polished) in [
            ("„Das ist gut.“", "“That is good.", "“That is good.”"),
            ("„Das ist gut.“", "That is good.”", "“That is good.”"),
            ("„Das ist gut.", "“That is good.”", "“That is good."),
            ("So bleibt es.“", "“It stays so.”", "It stays so.”"),
            ("So bleibt es.“", "It stays so.\"", "It stays so.”"),
            ("„Gut“, sagte er.", "“Good, he said.", "“Good, he said."),
        ] {
            assert_eq!(english(source, target), polished);
        }
    }

    #[test]
    fn what_is_english_or_no_quotation_stays() {
        for (source, target) in [
            ("„Gut“, sagte er.", "“Good,” he said."),
            ("Ein Bildschirm mit 19\" kostet 90 Euro.", "A 19\" screen costs 90 euros."),
            ("Das ist sein Haus.", "It’s the dogs’ house, isn't it?"),
            ("Nichts.", "Nothing."),
            ("", ""),
        ] {
            assert_eq!(english(source, target), target);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_but_marks_changes(source in "[a-c „“”»«\".0-2]{0,12}", target in "[a-c „“”»«\".0-2‚‘]{0,16}") {
            let bare = |text: &str| text.replace(MARKS, "").replace(['‚', '‘', '’'], "");
            proptest::prop_assert_eq!(bare(&english(&source, &target)), bare(target.trim()));
        }
    }
}
