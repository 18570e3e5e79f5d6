//! Text ⇄ token ids of a Marian model.
//!
//! In: `source.spm`, `vocab.json` and what goes with them, then texts or ids. Out: the ids that `MarianTokenizer` of
//! Hugging Face transformers gives, and the text it decodes. Knows no network, no batches and no limits on length.
//!
//! ```text
//! text ─ special tokens cut out ─ language code off ─ normalizer ─ unigram ─ pieces ─ vocab.json ─ ids ─ </s>
//! ```
//!
//! The pipeline is that of the `tokenizers` crate; its model is SentencePiece as read from the `.spm` file, because the
//! numbers of the pieces there are not those of the network, and for the reasons given in `normalizer` and `unigram`.

mod normalizer;
mod proto;
mod sentencepiece;
mod trie;
mod unigram;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use foldhash::HashMap as FastMap;
use serde::Deserialize;
use tokenizers::models::unigram::UnigramTrainer;
use tokenizers::{
    AddedToken, DecoderWrapper, Model, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper, Token,
    TokenizerImpl,
};

use self::sentencepiece::{SentencePiece, Surface};
use super::files::ModelFiles;
use crate::Result;

/// Ends every sequence.
const END: &str = "</s>";
/// Stands for every piece that the vocabulary lacks.
const UNKNOWN: &str = "<unk>";
/// Fills batches and starts the target; not every vocabulary has it.
const PAD: &str = "<pad>";

/// The tokenizer of one model; shared by reference between threads.
#[derive(Debug)]
pub struct Tokenizer {
    pipeline: Pipeline,
    /// By target id.
    surfaces: Vec<Surface>,
    source_vocabulary_size: usize,
    end: u32,
    unknown: u32,
    pad: Option<u32>,
    max_length: Option<usize>,
    clean_up_spaces: bool,
}

type Pipeline =
    TokenizerImpl<SourceModel, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// The fields of `tokenizer_config.json` that change the result.
#[derive(Default, Deserialize)]
struct Options {
    separate_vocabs: Option<bool>,
    clean_up_tokenization_spaces: Option<bool>,
    /// A float where transformers writes its "no limit", 1e30.
    model_max_length: Option<f64>,
}

impl Tokenizer {
    /// Reads the tokenizer of a model: `source.spm`, `vocab.json`, and `tokenizer_config.json` if it is there. Models
    /// whose `separate_vocabs` is true have `target.spm` and `target_vocab.json` too; else `target.spm` is not read, as
    /// transformers decodes with `source.spm` there.
    ///
    /// # Errors
    /// [`Error::Model`](crate::Error::Model) that names the file and what is wrong with it.
    pub fn load(files: &ModelFiles) -> Result<Self> {
        let options: Options = match files.contains("tokenizer_config.json") {
            true => serde_json::from_str(&files.read_text("tokenizer_config.json")?)
                .map_err(|error| files.fault(format!("tokenizer_config.json: {error}")))?,
            false => Options::default(),
        };
        let (source, ids) =
            super::side_by_side(|| sentencepiece(files, "source.spm"), || vocabulary(files, "vocab.json"));
        let (source, ids) = (source?, ids?);
        let surfaces = if options.separate_vocabs == Some(true) {
            surfaces(&sentencepiece(files, "target.spm")?, &vocabulary(files, "target_vocab.json")?)
        } else {
            surfaces(&source, &ids)
        };
        let id = |token: &str| ids.get(token).copied();
        let lacks = |token| move || files.fault(format!("vocab.json has no {token}"));
        let (end, unknown, pad) = (id(END).ok_or_else(lacks(END))?, id(UNKNOWN).ok_or_else(lacks(UNKNOWN))?, id(PAD));
        let source_vocabulary_size = ids.len();
        let mut pipeline = Pipeline::new(SourceModel { pieces: source, ids, unknown });
        let special = [Some(END), Some(UNKNOWN), pad.map(|_| PAD)].into_iter().flatten();
        pipeline
            .add_special_tokens(special.map(|token| AddedToken::from(token, true)))
            .map_err(|error| files.fault(format!("vocab.json: {error}")))?;
        Ok(Self {
            pipeline,
            surfaces,
            source_vocabulary_size,
            end,
            unknown,
            pad,
            max_length: options.model_max_length.filter(|most| (1.0..1e9).contains(most)).map(|most| most as usize),
            clean_up_spaces: options.clean_up_tokenization_spaces.unwrap_or(false),
        })
    }

    /// The ids of `text`, `</s>` last. Never cut short, whatever the length.
    ///
    /// Equal to `MarianTokenizer`, also where that is odd:
    /// * `</s>`, `<unk>` and `<pad>` written in the text become those ids, in the middle of the sequence too: lengths
    ///   say where a sequence ends and what is padding, ids do not.
    /// * A text that starts with `>>`, up to the next `<<`, is taken for a language code: one id, and `<unk>` if the
    ///   vocabulary has no such code. A space before `>>` avoids it and changes nothing else.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let encoding = self.pipeline.encode_fast(text, false).expect("no stage of this pipeline fails");
        let mut ids = encoding.get_ids().to_vec();
        ids.push(self.end);
        ids
    }

    /// The text of target `ids`, without special tokens; ids outside the vocabulary add nothing.
    ///
    /// Bytes that form no character come out as `U+FFFD`, one for each.
    pub fn decode(&self, ids: &[u32]) -> String {
        let mut bytes = Vec::new();
        for id in ids {
            match self.surfaces.get(*id as usize) {
                Some(Surface::Text(text)) => bytes.extend_from_slice(text.as_bytes()),
                Some(Surface::Byte(byte)) => bytes.push(*byte),
                None => {}
            }
        }
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
        }
        // What Python's `strip` takes for white space.
        let is_space = |character: char| character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character);
        let text = text.trim_matches(is_space);
        if self.clean_up_spaces { clean_up_spaces(text) } else { text.to_owned() }
    }

    /// Number of ids [`encode`](Self::encode) chooses from.
    pub fn source_vocabulary_size(&self) -> usize {
        self.source_vocabulary_size
    }

    /// Number of ids [`decode`](Self::decode) knows.
    pub fn target_vocabulary_size(&self) -> usize {
        self.surfaces.len()
    }

    /// Longest source that the model's makers mean it to take, in ids, `</s>` included.
    pub fn max_length(&self) -> Option<usize> {
        self.max_length
    }

    /// Id of `</s>`.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// Id of `<unk>`.
    pub fn unknown(&self) -> u32 {
        self.unknown
    }

    /// Id of `<pad>`, where the source vocabulary has it.
    pub fn pad(&self) -> Option<u32> {
        self.pad
    }
}

fn sentencepiece(files: &ModelFiles, name: &str) -> Result<SentencePiece> {
    SentencePiece::parse(&files.read(name)?).map_err(|fault| files.fault(format!("{name}: {fault}")))
}

/// Token → id of a JSON file; the ids are 0, 1, 2, … without gaps.
fn vocabulary(files: &ModelFiles, name: &str) -> Result<FastMap<String, u32>> {
    let ids: FastMap<String, u32> = serde_json::from_str(&files.read_text(name)?)
        .map_err(|error| files.fault(format!("{name} is no object of token ids: {error}")))?;
    let mut seen = vec![false; ids.len()];
    for (token, id) in &ids {
        match seen.get_mut(*id as usize) {
            Some(seen) if !*seen => *seen = true,
            Some(_) => return Err(files.fault(format!("{name}: id {id} of {token:?} is there twice"))),
            None => {
                return Err(files.fault(format!("{name}: id {id} of {token:?}, but there are {} tokens", ids.len())));
            }
        }
    }
    Ok(ids)
}

/// What each id adds to decoded text.
fn surfaces(pieces: &SentencePiece, ids: &FastMap<String, u32>) -> Vec<Surface> {
    let mut surfaces = vec![Surface::Text(String::new()); ids.len()];
    for (token, id) in ids.iter().filter(|(token, _)| ![END, UNKNOWN, PAD].contains(&token.as_str())) {
        surfaces[*id as usize] = pieces.surface(token);
    }
    surfaces
}

/// `clean_up_tokenization` of transformers: takes out the spaces that word tokenizers leave.
fn clean_up_spaces(text: &str) -> String {
    const REPLACEMENTS: [(&str, &str); 10] = [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ];
    REPLACEMENTS.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What the `tokenizers` crate calls the model: text between special tokens → tokens of the source vocabulary.
#[derive(Debug)]
struct SourceModel {
    pieces: SentencePiece,
    ids: FastMap<String, u32>,
    unknown: u32,
}

impl Model for SourceModel {
    type Trainer = UnigramTrainer;

    fn tokenize(&self, text: &str) -> tokenizers::Result<Vec<Token>> {
        let mut tokens = Vec::new();
        let mut push = |piece: &str| {
            let id = self.ids.get(piece).copied().unwrap_or(self.unknown);
            tokens.push(Token::new(id, String::new(), (0, 0)));
        };
        let code = if text.starts_with(">>") { text.find("<<").map_or(0, |end| end + 2) } else { 0 };
        if code > 0 {
            push(&text[..code]);
        }
        self.pieces.encode(&text[code..], push);
        Ok(tokens)
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        self.ids.iter().find(|(_, other)| **other == id).map(|(token, _)| token.clone())
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        self.ids.iter().map(|(token, id)| (token.clone(), *id)).collect()
    }

    fn get_vocab_size(&self) -> usize {
        self.ids.len()
    }

    fn save(&self, _: &Path, _: Option<&str>) -> tokenizers::Result<Vec<PathBuf>> {
        Err("this model is read, not written".into())
    }

    fn get_trainer(&self) -> UnigramTrainer {
        UnigramTrainer::default()
    }
}
