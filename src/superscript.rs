//! Raised figures and their signs ("10⁻³", "1.234¹⁾"), and how they stand on the line.
//!
//! In: characters. Out: characters. What a raised figure says, the mark of a note or a power, is not asked here.

/// Each raised sign with what it is on the line, the plainest first.
const SIGNS: [(char, &[char]); 14] = [
    ('⁰', &['0']),
    ('¹', &['1']),
    ('²', &['2']),
    ('³', &['3']),
    ('⁴', &['4']),
    ('⁵', &['5']),
    ('⁶', &['6']),
    ('⁷', &['7']),
    ('⁸', &['8']),
    ('⁹', &['9']),
    ('⁺', &['+']),
    ('⁻', &['-', '−', '–']),
    ('⁽', &['(']),
    ('⁾', &[')']),
];

/// How a raised sign may stand on the line; nothing for all other characters.
pub(crate) fn lowered(character: char) -> &'static [char] {
    SIGNS.iter().find(|(raised, _)| *raised == character).map_or(&[], |(_, on_line)| on_line)
}

/// The raised sign for a figure, a plus, a minus or a bracket.
pub(crate) fn raised(character: char) -> Option<char> {
    SIGNS.iter().find(|(_, on_line)| on_line.contains(&character)).map(|(raised, _)| *raised)
}

/// Whether a character is a raised figure.
pub(crate) fn is_figure(character: char) -> bool {
    lowered(character).iter().any(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_raised_is_lowered_again() {
        for (raised_sign, on_line) in SIGNS {
            assert_eq!(lowered(raised_sign), on_line);
            assert!(on_line.iter().all(|character| raised(*character) == Some(raised_sign)));
            assert_eq!(is_figure(raised_sign), on_line[0].is_ascii_digit());
        }
        assert_eq!((raised('a'), lowered('1'), is_figure('1')), (None, &[][..], false));
    }
}
