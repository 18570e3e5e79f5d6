//! One SentencePiece model: text → pieces, and what a piece looks like in decoded text.
//!
//! In: the bytes of an `.spm` file, untrusted. Out: pieces as strings; their numbers in the file mean nothing to a
//! Marian model, whose vocabulary is another file.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use prost::Message;

use super::normalizer::{Normalizer, SPACE_MARK};
use super::proto::{ModelProto, PieceKind};
use super::trie::Trie;
use super::unigram::Unigram;

/// Cuts text into pieces.
#[derive(Debug)]
pub struct SentencePiece {
    normalizer: Normalizer,
    unigram: Unigram,
    byte_fallback: bool,
    /// Pieces that do not stand for themselves in decoded text.
    surfaces: HashMap<String, Surface>,
}

/// What a piece adds to decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Surface {
    /// These characters.
    Text(String),
    /// One byte of a character.
    Byte(u8),
}

impl SentencePiece {
    /// Reads an `.spm` file.
    ///
    /// # Errors
    /// What is wrong with it. The checks are those of SentencePiece when it loads a model.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let model = ModelProto::decode(bytes).map_err(|error| format!("no SentencePiece model: {error}"))?;
        let trainer = model.trainer_spec.unwrap_or_default();
        let normalizer = model.normalizer_spec.unwrap_or_default();
        let byte_fallback = trainer.byte_fallback();
        if trainer.model_type() != 1 {
            return Err("its model_type is not unigram".to_owned());
        }
        if model.denormalizer_spec.is_some_and(|spec| !spec.precompiled_charsmap().is_empty()) {
            return Err("its denormalizer_spec has rules, which are not supported".to_owned());
        }

        let mut normal = Vec::new();
        let mut user_defined = Vec::new();
        let mut surfaces = HashMap::new();
        let mut seen = HashSet::with_capacity(model.pieces.len());
        let mut unknown = 0;
        for entry in &model.pieces {
            let piece = entry.piece();
            if piece.is_empty() {
                return Err("a piece is empty".to_owned());
            }
            if !entry.score().is_finite() {
                return Err(format!("the score of piece {piece:?} is no number"));
            }
            let kind = entry.r#type.map_or(Ok(PieceKind::Normal), PieceKind::try_from);
            let kind = kind.map_err(|_| format!("piece {piece:?} is of an unknown type"))?;
            let in_text = matches!(kind, PieceKind::Normal | PieceKind::UserDefined | PieceKind::Unused);
            if !seen.insert((piece, in_text)) {
                return Err(format!("piece {piece:?} is there twice"));
            }
            match kind {
                PieceKind::Normal => normal.push((piece, entry.score())),
                PieceKind::UserDefined => user_defined.push(piece),
                PieceKind::Unused => {}
                PieceKind::Control => _ = surfaces.insert(piece.to_owned(), Surface::Text(String::new())),
                PieceKind::Unknown => {
                    unknown += 1;
                    surfaces.insert(piece.to_owned(), Surface::Text(trainer.unk_surface().to_owned()));
                }
                PieceKind::Byte => {
                    let byte = piece.get(3..5).and_then(|digits| u8::from_str_radix(digits, 16).ok());
                    let byte = byte.filter(|byte| byte_piece(*byte) == piece);
                    let byte = byte.ok_or_else(|| format!("piece {piece:?} is no byte"))?;
                    surfaces.insert(piece.to_owned(), Surface::Byte(byte));
                }
            }
        }
        if unknown != 1 {
            return Err(format!("it has {unknown} pieces of type unknown instead of one"));
        }
        let bytes = surfaces.values().filter(|surface| matches!(surface, Surface::Byte(_))).count();
        if bytes != if byte_fallback { 256 } else { 0 } {
            return Err(format!("it has {bytes} byte pieces, and byte_fallback is {byte_fallback}"));
        }
        let kept = Trie::new(user_defined.iter().map(|piece| (piece.as_bytes(), 0)).collect());
        Ok(Self {
            normalizer: Normalizer::new(&normalizer, trainer.treat_whitespace_as_suffix(), kept)?,
            unigram: Unigram::new(&normal, &user_defined),
            byte_fallback,
            surfaces,
        })
    }

    /// Calls `emit` with each piece of `text`. Characters in no piece come as their bytes (`<0xE2>`) where the model
    /// has byte pieces; else each run of them comes as one piece.
    pub fn encode(&self, text: &str, mut emit: impl FnMut(&str)) {
        let normalized = self.normalizer.normalize(text);
        let mut steps = self.unigram.best_path(&normalized).into_iter().peekable();
        while let Some(step) = steps.next() {
            let mut range = step.range;
            if !step.known && self.byte_fallback {
                for byte in normalized[range].bytes() {
                    emit(&byte_piece(byte));
                }
                continue;
            }
            while !step.known
                && let Some(next) = steps.next_if(|next| !next.known)
            {
                range.end = next.range.end;
            }
            emit(&normalized[range]);
        }
    }

    /// What `piece` adds to decoded text; pieces of another model stand for themselves.
    pub fn surface(&self, piece: &str) -> Surface {
        let surface = self.surfaces.get(piece).cloned();
        surface.unwrap_or_else(|| Surface::Text(piece.replace(SPACE_MARK, " ")))
    }
}

fn byte_piece(byte: u8) -> String {
    format!("<0x{byte:02X}>")
}
