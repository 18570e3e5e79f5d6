//! config.json and generation_config.json → [`Config`] and [`Generation`].
//!
//! In: the JSON of any Marian directory, old or new. Out: the numbers the network and the search need, checked. A value
//! this engine cannot honour is an error that names the field: it never falls back silently to something else. Field
//! names and defaults are those of HF transformers (`configuration_marian.py`, `generation/configuration_utils.py`).

use serde_json::{Map, Value};

use crate::engine::files::ModelFiles;
use crate::{Error, Result};

/// Shape of a Marian network.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Width of the hidden states.
    pub d_model: usize,
    /// Entries of the source vocabulary.
    pub source_vocabulary: usize,
    /// Entries of the target vocabulary.
    pub target_vocabulary: usize,
    /// The encoder's layers.
    pub encoder: Stack,
    /// The decoder's layers.
    pub decoder: Stack,
    /// What stands between the two matrices of a feed-forward block.
    pub activation: Activation,
    /// Factor on the embeddings: √d_model or 1.
    pub embedding_scale: f32,
    /// Rows of the position table: the longest source and target in tokens.
    pub max_positions: usize,
    /// Whether source, target and output projection share one matrix.
    pub shared_embeddings: bool,
    /// Whether target embedding and output projection share one matrix.
    pub tied_output: bool,
    /// Id that fills up short sentences.
    pub pad: u32,
    /// Id that ends a sentence.
    pub end: u32,
    /// Id the decoder starts from.
    pub start: u32,
}

/// Shape of the encoder or the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    /// Number of layers.
    pub layers: usize,
    /// Attention heads of each.
    pub heads: usize,
    /// Inner width of the feed-forward block.
    pub feed_forward: usize,
}

/// Activation functions of the Marian family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// x · sigmoid(x), also called SiLU.
    Swish,
    /// max(x, 0).
    Relu,
    /// x · Φ(x), by the error function.
    Gelu,
    /// GELU by its tanh approximation.
    GeluTanh,
}

/// How the model's makers decode with it (generation_config.json, else config.json).
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// Hypotheses kept per sentence; 1 is greedy.
    pub beams: usize,
    /// Longest target in tokens, start and end included.
    pub max_length: usize,
    /// The end token is banned while the target, start included, is shorter than this.
    pub min_length: usize,
    /// Exponent of the length in the score of a hypothesis.
    pub length_penalty: f32,
    /// When to stop looking for better hypotheses.
    pub early_stopping: EarlyStopping,
    /// Ids that are never produced.
    pub banned: Vec<u32>,
    /// Whether the last possible token is the end token whatever the network says.
    pub forced_end: bool,
    /// Whether probabilities are normalised again once ids are banned.
    pub renormalize: bool,
}

/// HF's `early_stopping`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlyStopping {
    /// `true`: as soon as as many hypotheses as beams have ended.
    First,
    /// `false`: when the best open hypothesis scores, at its present length, below every ended one.
    Heuristic,
    /// `"never"`: when no open hypothesis could win even at the length limit.
    Never,
}

/// One JSON object of a model directory, with errors that name file and field.
struct Fields<'a> {
    files: &'a ModelFiles,
    file: &'static str,
    map: Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn read(files: &'a ModelFiles, file: &'static str) -> Result<Self> {
        match serde_json::from_str(&files.read_text(file)?) {
            Ok(Value::Object(map)) => Ok(Self { files, file, map }),
            Ok(_) => Err(files.fault(format!("{file} is not a JSON object"))),
            Err(error) => Err(files.fault(format!("{file} is not valid JSON: {error}"))),
        }
    }

    /// The field, unless it is absent or null.
    fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn fault(&self, name: &str, expected: &str) -> Error {
        match self.get(name) {
            None => self.files.fault(format!("{}: {name} is missing", self.file)),
            Some(value) => self.files.fault(format!("{}: {name} is {value}, expected {expected}", self.file)),
        }
    }

    fn parse<T>(
        &self,
        name: &str,
        expected: &str,
        default: Option<T>,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T> {
        match self.get(name) {
            Some(value) => read(value).ok_or_else(|| self.fault(name, expected)),
            None => default.ok_or_else(|| self.fault(name, expected)),
        }
    }

    /// A count from 1 to a bound that keeps products of two of them far from overflow.
    fn count(&self, name: &str, default: Option<usize>) -> Result<usize> {
        const MOST: u64 = 1 << 24;
        self.parse(name, "a whole number from 1 to 16777216", default, |value| {
            value.as_u64().filter(|&n| (1..=MOST).contains(&n)).map(|n| n as usize)
        })
    }

    fn flag(&self, name: &str, default: bool) -> Result<bool> {
        self.parse(name, "true or false", Some(default), Value::as_bool)
    }

    fn number(&self, name: &str, default: f32) -> Result<f32> {
        self.parse(name, "a number", Some(default), |value| value.as_f64().filter(|n| n.is_finite()).map(|n| n as f32))
    }

    /// A token id, or a list of one.
    fn id(&self, name: &str, default: Option<u32>) -> Result<u32> {
        self.parse(name, "one token id", default, |value| {
            let value = match value.as_array().map(Vec::as_slice) {
                Some([one]) => one,
                Some(_) => return None,
                None => value,
            };
            value.as_u64().and_then(|id| u32::try_from(id).ok())
        })
    }

    /// Refuses a field that is there with any other value than the ones this engine honours.
    fn require(&self, name: &str, honoured: &[Value]) -> Result<()> {
        match self.get(name) {
            Some(value) if !honoured.contains(value) => {
                Err(self.files.fault(format!("{}: {name} = {value} is not supported by this engine", self.file)))
            }
            _ => Ok(()),
        }
    }
}

impl Config {
    /// Reads and checks config.json.
    ///
    /// # Errors
    /// [`Error::Model`] naming the field that is missing, malformed or unsupported.
    pub fn read(files: &ModelFiles) -> Result<Self> {
        let fields = Fields::read(files, "config.json")?;
        fields.require("model_type", &["marian".into()])?;
        fields.require("static_position_embeddings", &[true.into()])?;
        for name in ["normalize_before", "normalize_embedding", "add_final_layer_norm", "extra_pos_embeddings"] {
            fields.require(name, &[false.into(), 0.into()])?;
        }
        let d_model = fields.count("d_model", None)?;
        let source_vocabulary = fields.count("vocab_size", None)?;
        let target_vocabulary = fields.count("decoder_vocab_size", Some(source_vocabulary))?;
        let stack = |side: &str| -> Result<Stack> {
            let stack = Stack {
                layers: fields.count(&format!("{side}_layers"), None)?,
                heads: fields.count(&format!("{side}_attention_heads"), None)?,
                feed_forward: fields.count(&format!("{side}_ffn_dim"), None)?,
            };
            if d_model % stack.heads != 0 {
                return Err(files.fault(format!(
                    "config.json: d_model {d_model} is not a multiple of {side}_attention_heads {}",
                    stack.heads
                )));
            }
            Ok(stack)
        };
        let activation = fields.parse(
            "activation_function",
            "swish, silu, relu, gelu, gelu_new or gelu_pytorch_tanh",
            Some(Activation::Gelu),
            |value| match value.as_str()? {
                "swish" | "silu" => Some(Activation::Swish),
                "relu" => Some(Activation::Relu),
                "gelu" => Some(Activation::Gelu),
                "gelu_new" | "gelu_pytorch_tanh" => Some(Activation::GeluTanh),
                _ => None,
            },
        )?;
        let scale_embedding = fields.flag("scale_embedding", false)?;
        let pad = fields.id("pad_token_id", Some(58100))?;
        let config = Self {
            d_model,
            source_vocabulary,
            target_vocabulary,
            encoder: stack("encoder")?,
            decoder: stack("decoder")?,
            activation,
            embedding_scale: if scale_embedding { (d_model as f32).sqrt() } else { 1.0 },
            max_positions: fields.count("max_position_embeddings", Some(1024))?,
            shared_embeddings: fields.flag("share_encoder_decoder_embeddings", true)?,
            tied_output: fields.flag("tie_word_embeddings", true)?,
            pad,
            end: fields.id("eos_token_id", Some(0))?,
            start: fields.id("decoder_start_token_id", Some(pad))?,
        };
        if config.shared_embeddings && config.source_vocabulary != config.target_vocabulary {
            return Err(files.fault(format!(
                "config.json: embeddings are shared, but vocab_size is {} and decoder_vocab_size is {}",
                config.source_vocabulary, config.target_vocabulary
            )));
        }
        for (name, id, bound) in [
            ("eos_token_id", config.end, config.target_vocabulary),
            ("eos_token_id", config.end, config.source_vocabulary),
            ("decoder_start_token_id", config.start, config.target_vocabulary),
            ("pad_token_id", config.pad, config.source_vocabulary),
        ] {
            if id as usize >= bound {
                return Err(
                    files.fault(format!("config.json: {name} {id} lies outside the vocabulary of {bound} entries"))
                );
            }
        }
        Ok(config)
    }
}

impl Generation {
    /// Reads generation_config.json, or the same fields of config.json where there is none, as HF does.
    ///
    /// # Errors
    /// [`Error::Model`] naming the field that is malformed or asks for a decoding this engine does not do.
    pub fn read(files: &ModelFiles, config: &Config) -> Result<Self> {
        let file = if files.contains("generation_config.json") { "generation_config.json" } else { "config.json" };
        let fields = Fields::read(files, file)?;
        for (name, honoured) in [
            ("do_sample", Value::from(false)),
            ("num_beam_groups", 1.into()),
            ("no_repeat_ngram_size", 0.into()),
            ("encoder_no_repeat_ngram_size", 0.into()),
            ("min_new_tokens", 0.into()),
            ("num_return_sequences", 1.into()),
        ] {
            fields.require(name, &[honoured])?;
        }
        for (name, neutral) in
            [("repetition_penalty", 1.0), ("encoder_repetition_penalty", 1.0), ("diversity_penalty", 0.0)]
        {
            if fields.number(name, neutral)? != neutral {
                return Err(fields.fault(name, "the neutral value: this engine does not apply it"));
            }
        }
        for name in [
            "forced_bos_token_id",
            "suppress_tokens",
            "begin_suppress_tokens",
            "force_words_ids",
            "constraints",
            "sequence_bias",
            "penalty_alpha",
            "exponential_decay_length_penalty",
        ] {
            fields.require(name, &[])?;
        }
        let banned = fields.parse("bad_words_ids", "a list of lists of one token id each", Some(vec![]), |value| {
            let single = |word: &Value| match word.as_array()?.as_slice() {
                [id] => u32::try_from(id.as_u64()?).ok(),
                _ => None,
            };
            value.as_array()?.iter().map(single).collect()
        })?;
        let early_stopping =
            fields.parse("early_stopping", "true, false or \"never\"", Some(EarlyStopping::Heuristic), |value| {
                match value {
                    Value::Bool(true) => Some(EarlyStopping::First),
                    Value::Bool(false) => Some(EarlyStopping::Heuristic),
                    Value::String(word) if word == "never" => Some(EarlyStopping::Never),
                    _ => None,
                }
            })?;
        // The decoder reads start and every token but the last, so one more token than positions fits.
        let longest = config.max_positions + 1;
        let max_length = match fields.get("max_new_tokens") {
            Some(_) => fields.count("max_new_tokens", None)? + 1,
            None => fields.count("max_length", Some(longest))?,
        };
        let forced_end = match fields.get("forced_eos_token_id") {
            Some(_) if fields.id("forced_eos_token_id", None)? != config.end => {
                return Err(fields.fault("forced_eos_token_id", "the end token of config.json"));
            }
            forced => forced.is_some(),
        };
        Ok(Self {
            beams: fields.count("num_beams", Some(1))?,
            max_length: max_length.clamp(2, longest.max(2)),
            min_length: fields.parse("min_length", "a length in tokens", Some(0), |value| {
                value.as_u64().and_then(|length| usize::try_from(length).ok())
            })?,
            length_penalty: fields.number("length_penalty", 1.0)?,
            early_stopping,
            banned,
            forced_end,
            renormalize: fields.flag("renormalize_logits", false)?,
        })
    }
}
