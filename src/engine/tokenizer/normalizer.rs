//! Text → normalised text, as SentencePiece does before it cuts.
//!
//! In: the `normalizer_spec` of a model file, then texts. Out: text after the model's replacement rules (NFKC with
//! changes, as a rule), with white space squeezed and written as `▁`. Knows no pieces but the user-defined ones, which
//! pass unchanged. The bytes of the rules are untrusted: every offset is checked.
//!
//! The `Precompiled` normalizer of the `tokenizers` crate reads the same rules but applies them per grapheme cluster
//! and takes the first match; SentencePiece takes the longest match at each place, across clusters.

use super::proto::NormalizerSpec;
use super::trie::Trie;

/// The mark for a space in pieces.
pub const SPACE_MARK: &str = "▁";

/// Normalises texts by the rules of one model.
#[derive(Debug)]
pub struct Normalizer {
    rules: Option<Rules>,
    user_defined: Trie,
    add_dummy_prefix: bool,
    remove_extra_whitespaces: bool,
    space: &'static str,
    whitespace_as_suffix: bool,
}

impl Normalizer {
    /// Reads the rules and switches of `spec`; `user_defined` are the pieces that pass unchanged.
    ///
    /// # Errors
    /// What is wrong with the rules.
    pub fn new(spec: &NormalizerSpec, whitespace_as_suffix: bool, user_defined: Trie) -> Result<Self, String> {
        let rules = match spec.precompiled_charsmap() {
            [] => None,
            blob => Some(Rules::parse(blob).map_err(|fault| format!("precompiled_charsmap: {fault}"))?),
        };
        Ok(Self {
            rules,
            user_defined,
            add_dummy_prefix: spec.add_dummy_prefix(),
            remove_extra_whitespaces: spec.remove_extra_whitespaces(),
            space: if spec.escape_whitespaces() { SPACE_MARK } else { " " },
            whitespace_as_suffix,
        })
    }

    /// The text the pieces are cut from; empty when `text` has nothing but spaces.
    pub fn normalize(&self, text: &str) -> String {
        let mut rest = text;
        if self.remove_extra_whitespaces {
            while let (" ", length) = self.step(rest) {
                rest = &rest[length..];
            }
        }
        if rest.is_empty() {
            return String::new();
        }
        let mut normalized = String::with_capacity(rest.len() + rest.len() / 2 + SPACE_MARK.len());
        if self.add_dummy_prefix && !self.whitespace_as_suffix {
            normalized.push_str(self.space);
        }
        let mut after_space = self.remove_extra_whitespaces;
        while !rest.is_empty() {
            let (mut replacement, length) = self.step(rest);
            if after_space {
                replacement = replacement.trim_start_matches(' ');
            }
            if !replacement.is_empty() {
                for (index, word) in replacement.split(' ').enumerate() {
                    if index > 0 {
                        normalized.push_str(self.space);
                    }
                    normalized.push_str(word);
                }
                after_space = self.remove_extra_whitespaces && replacement.ends_with(' ');
            }
            rest = &rest[length..];
        }
        if self.remove_extra_whitespaces {
            normalized.truncate(normalized.trim_end_matches(self.space).len());
        }
        if self.add_dummy_prefix && self.whitespace_as_suffix {
            normalized.push_str(self.space);
        }
        normalized
    }

    /// What the start of `text` becomes, and how many bytes of it that is; `("", 0)` at the end.
    fn step<'a>(&'a self, text: &'a str) -> (&'a str, usize) {
        if let Some((length, _)) = self.user_defined.prefixes(text.as_bytes()).last() {
            return (&text[..length], length);
        }
        if let Some((length, replacement)) = self.rules.as_ref().and_then(|rules| rules.longest(text)) {
            return (replacement, length);
        }
        let length = text.chars().next().map_or(0, char::len_utf8);
        (&text[..length], length)
    }
}

/// Replacement rules: a double array over bytes whose values are places in one string of NUL-terminated texts.
///
/// A unit of the double array is 32 bits, as darts-clone packs them: bits 0-7 the label, bit 8 "has a value", bits
/// 10-30 the offset to the children (shifted left by 8 more where bit 9 is set); in a unit that holds a value bit 31 is
/// set and the rest is the value.
#[derive(Debug)]
struct Rules {
    units: Vec<u32>,
    replacements: String,
}

const IS_VALUE: u32 = 1 << 31;

impl Rules {
    /// Reads `length of the array in bytes (u32) | array | texts`, all little endian.
    fn parse(blob: &[u8]) -> Result<Self, &'static str> {
        let (length, rest) = blob.split_first_chunk().ok_or("shorter than its length field")?;
        let length = u32::from_le_bytes(*length) as usize;
        let (array, texts) = rest.split_at_checked(length).ok_or("its array is longer than the rules")?;
        let (array, odd) = array.as_chunks();
        if array.is_empty() || !odd.is_empty() {
            return Err("the length of its array is no multiple of four");
        }
        let units: Vec<u32> = array.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
        let replacements = std::str::from_utf8(texts).map_err(|_| "its replacements are not UTF-8")?.to_owned();
        if !replacements.ends_with('\0') {
            return Err("its replacements have no end");
        }
        let outside = |unit: &u32| replacements.get((unit & !IS_VALUE) as usize..).is_none_or(str::is_empty);
        if units.iter().any(|unit| unit & IS_VALUE != 0 && outside(unit)) {
            return Err("a replacement lies outside");
        }
        Ok(Self { units, replacements })
    }

    /// The longest rule that fits the start of `text`: its length and what it writes.
    fn longest(&self, text: &str) -> Option<(usize, &str)> {
        let mut longest = None;
        let mut unit = *self.units.first()?;
        let mut place = offset(unit);
        for (index, byte) in text.bytes().enumerate() {
            place ^= byte as usize;
            match self.units.get(place) {
                Some(next) if next & (IS_VALUE | 0xff) == u32::from(byte) => unit = *next,
                _ => break,
            }
            place ^= offset(unit);
            if unit & (1 << 8) != 0 {
                longest = self.units.get(place).map(|value| (index + 1, (value & !IS_VALUE) as usize));
            }
        }
        let (length, start) = longest.filter(|(length, _)| text.is_char_boundary(*length))?;
        let (replacement, _) = self.replacements.get(start..)?.split_once('\0')?;
        Some((length, replacement))
    }
}

fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & (1 << 9)) >> 6)) as usize
}
