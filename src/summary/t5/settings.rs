//! What the JSON files of a T5 say. In: config.json and generation_config.json. Out: the shape of the network and the
//! [`Rules`] of its search, checked, so that nothing later can trip over them.

use candle_transformers::models::t5::Config;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::fault;
use crate::Result;
use crate::engine::files::ModelFiles;

/// Before every text, where a model does not say otherwise: T5 learned its tasks by such words.
const PREFIX: &str = "summarize: ";

/// Longest output in tokens where a model does not say; that of the T5s for summaries.
const USUAL_OUTPUT: usize = 200;

/// Longest output in tokens whatever a model says.
const LONGEST_OUTPUT: usize = 512;

/// How a model writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    /// Stands before every text.
    pub prefix: String,
    /// The token that opens every output.
    pub start: u32,
    /// Longest output in tokens, start included.
    pub max_length: usize,
    /// No end token before so many tokens, start included.
    pub min_length: usize,
    /// No run of so many tokens twice; 0 allows all.
    pub no_repeat_ngram: usize,
}

/// The fields of one place where rules may stand.
#[derive(Default, Deserialize)]
struct Stated {
    prefix: Option<String>,
    decoder_start_token_id: Option<u32>,
    max_length: Option<usize>,
    min_length: Option<usize>,
    no_repeat_ngram_size: Option<usize>,
}

/// What config.json says beside the shape of the network.
#[derive(Deserialize)]
struct Beside {
    #[serde(flatten)]
    stated: Stated,
    task_specific_params: Option<Tasks>,
}

#[derive(Deserialize)]
struct Tasks {
    summarization: Option<Stated>,
}

/// The shape of the network.
pub(super) fn config(files: &ModelFiles) -> Result<Config> {
    let config: Config = json(files, "config.json")?;
    let buckets = config.relative_attention_num_buckets;
    let sizes = [
        ("vocab_size", config.vocab_size, 1..=1 << 24),
        ("d_model", config.d_model, 1..=1 << 16),
        ("d_kv", config.d_kv, 1..=1 << 16),
        ("d_ff", config.d_ff, 1..=1 << 20),
        ("num_heads", config.num_heads, 1..=1 << 10),
        ("num_layers", config.num_layers, 1..=1 << 10),
        ("num_decoder_layers", config.num_decoder_layers.unwrap_or(1), 1..=1 << 10),
        ("relative_attention_num_buckets", buckets, 4..=1 << 16),
        // Nearer than that every distance has a bucket of its own, and the logarithm has no base.
        ("relative_attention_max_distance", config.relative_attention_max_distance, buckets..=1 << 24),
        ("eos_token_id", config.eos_token_id, 0..=config.vocab_size.saturating_sub(1)),
    ];
    for (field, value, range) in sizes {
        if !range.contains(&value) {
            let reason = format!("config.json: {field} is {value}, not {} to {}", range.start(), range.end());
            return Err(fault(files, reason));
        }
    }
    if !config.is_encoder_decoder {
        return Err(fault(files, "config.json: is_encoder_decoder is false, so this is no model for summaries"));
    }
    Ok(config)
}

/// How the model writes: what it says of summaries, else of every output.
pub(super) fn rules(files: &ModelFiles, config: &Config) -> Result<Rules> {
    let Beside { stated, task_specific_params } = json(files, "config.json")?;
    let generation: Stated = match files.contains("generation_config.json") {
        true => json(files, "generation_config.json")?,
        false => Stated::default(),
    };
    let places = [task_specific_params.and_then(|tasks| tasks.summarization).unwrap_or_default(), generation, stated];
    let number = |field: fn(&Stated) -> Option<usize>| places.iter().find_map(field);
    let start = places.iter().find_map(|stated| stated.decoder_start_token_id).unwrap_or(0);
    if usize::try_from(start).map_or(true, |start| start >= config.vocab_size) {
        return Err(fault(
            files,
            format!("decoder_start_token_id is {start}, but there are {} tokens", config.vocab_size),
        ));
    }
    Ok(Rules {
        prefix: places.iter().find_map(|stated| stated.prefix.clone()).unwrap_or_else(|| PREFIX.to_owned()),
        start,
        max_length: number(|stated| stated.max_length).unwrap_or(USUAL_OUTPUT).min(LONGEST_OUTPUT),
        min_length: number(|stated| stated.min_length).unwrap_or(0),
        no_repeat_ngram: number(|stated| stated.no_repeat_ngram_size).unwrap_or(0),
    })
}

fn json<T: DeserializeOwned>(files: &ModelFiles, name: &str) -> Result<T> {
    serde_json::from_str(&files.read_text(name)?).map_err(|error| fault(files, format!("{name}: {error}")))
}
