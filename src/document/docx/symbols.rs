//! Signs of symbol fonts (`w:sym`) → Unicode.
//!
//! In: the name of a font and the code of a sign in it. Out: the sign that it looks like. Codes of the fonts Symbol and Wingdings
//! mean nothing outside them; of Wingdings, which is mostly ornament, only what texts use is known here.

/// The font Symbol from code 0x21 on (Unicode's mapping of Adobe's Symbol encoding); a space where there is no sign.
const SYMBOL: [&str; 2] = [
    "!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_ αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…  ↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑           〉∫⌠ ⌡",
];

/// The first codes of the two rows.
const ROWS: [u32; 2] = [0x21, 0xa0];

const WINGDINGS: &[(u32, char)] = &[
    (0x6c, '●'),
    (0x6e, '■'),
    (0x6f, '□'),
    (0x71, '❑'),
    (0x76, '❖'),
    (0x77, '◆'),
    (0x9f, '•'),
    (0xa7, '▪'),
    (0xa8, '□'),
    (0xd8, '➢'),
    (0xdf, '←'),
    (0xe0, '→'),
    (0xe1, '↑'),
    (0xe2, '↓'),
    (0xe8, '→'),
    (0xf0, '⇨'),
    (0xfb, '✗'),
    (0xfc, '✓'),
    (0xfd, '☒'),
    (0xfe, '☑'),
];

/// The sign of a code in hexadecimal; `None` where it is an ornament that is not known.
pub(super) fn sign(font: &str, code: &str) -> Option<char> {
    let code = u32::from_str_radix(code, 16).ok()?;
    // Word moves the codes of symbol fonts to a range for private use.
    let in_font = if (0xf000..=0xf0ff).contains(&code) { code - 0xf000 } else { code };
    let found = match font {
        "Symbol" => ROWS.iter().zip(SYMBOL).rev().find_map(|(first, signs)| {
            let at = usize::try_from(in_font.checked_sub(*first)?).ok()?;
            signs.chars().nth(at)
        }),
        "Wingdings" => WINGDINGS.iter().find(|(known, _)| *known == in_font).map(|(_, sign)| *sign),
        _ => char::from_u32(code).filter(|_| in_font == code),
    };
    found.filter(|sign| !sign.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_symbol_fonts_are_known() {
        for (font, code, expected) in [
            ("Symbol", "F0B3", '≥'),
            ("Symbol", "F061", 'α'),
            ("Symbol", "F07A", 'ζ'),
            ("Symbol", "F0A3", '≤'),
            ("Symbol", "F0B1", '±'),
            ("Symbol", "F0AE", '→'),
            ("Symbol", "B7", '•'),
            ("Symbol", "F0D7", '⋅'),
            ("Symbol", "F0E5", '∑'),
            ("Symbol", "F0F2", '∫'),
            ("Symbol", "F057", 'Ω'),
            ("Symbol", "F07E", '∼'),
            ("Wingdings", "F0E0", '→'),
            ("Arial", "20AC", '€'),
        ] {
            assert_eq!(sign(font, code), Some(expected), "{font} {code}");
        }
        for (font, code) in
            [("Symbol", "F020"), ("Symbol", "F0FF"), ("Wingdings", "F04A"), ("Webdings", "F04A"), ("", "x")]
        {
            assert_eq!(sign(font, code), None, "{font} {code}");
        }
    }
}
