//! The network of a T5 and its greedy search.
//!
//! In: config, weights, source ids. Out: target ids, those of HF `generate` with one beam. No text and no tokenizer here.

use std::collections::HashSet;

use candle_core::safetensors::load_buffer;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::t5::{Config, T5EncoderModel, T5ForConditionalGeneration};

use super::fault;
use super::settings::Rules;
use crate::Result;
use crate::engine::files::ModelFiles;

/// Encoder and decoder, shared by reference between threads.
pub(super) struct Network {
    encoder: T5EncoderModel,
    decoder: T5ForConditionalGeneration,
    end: u32,
}

impl Network {
    /// Loads the weights in 32 bits, whatever they are stored in.
    pub fn load(files: &ModelFiles, config: &Config, end: u32) -> Result<Self> {
        let wrong = |error: candle_core::Error| fault(files, format!("model.safetensors: {error}"));
        let mut tensors = load_buffer(&files.read("model.safetensors")?, &Device::Cpu).map_err(wrong)?;
        for tensor in tensors.values_mut() {
            *tensor = tensor.to_dtype(DType::F32).map_err(wrong)?;
        }
        let mut config = Config { use_cache: true, is_decoder: false, ..config.clone() };
        let variables = |tensors| VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let encoder = T5EncoderModel::load(variables(tensors.clone()), &config).map_err(wrong)?;
        // candle 0.11 sorts distances into buckets as the encoder must: half of the buckets are for what follows. In the
        // decoder nothing follows, and all of them are for what came before. A table of twice as many rows, whose second
        // half is never read, makes candle's formula give the decoder's buckets (Raffel et al. 2020, section 2.1, and
        // `_relative_position_bucket` of HF transformers). The decoder's model brings an encoder that is not used.
        for side in ["encoder", "decoder"] {
            let name = format!("{side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
            if let Some(table) = tensors.get_mut(&name) {
                let unread = table.zeros_like().map_err(wrong)?;
                *table = Tensor::cat(&[&*table, &unread], 0).map_err(wrong)?;
            }
        }
        config.relative_attention_num_buckets *= 2;
        let decoder = T5ForConditionalGeneration::load(variables(tensors), &config).map_err(wrong)?;
        Ok(Self { encoder, decoder, end })
    }

    /// The most probable next token again and again, from the start token on, until the end token or the longest output.
    ///
    /// `None` where the network computes no number, which sound weights never do.
    pub fn generate(&self, source: &[u32], rules: &Rules) -> Result<Option<Vec<u32>>> {
        // The copies share their weights; the cache within is that of this text alone.
        let (mut encoder, mut decoder) = (self.encoder.clone(), self.decoder.clone());
        let states = encoder.forward(&row(source)?)?;
        let mut ids = vec![rules.start];
        let mut last = rules.start;
        while ids.len() < rules.max_length && last != self.end {
            let logits = decoder.decode(&row(&[last])?, &states)?.squeeze(0)?.to_vec1::<f32>()?;
            let mut banned = repeating(&ids, rules.no_repeat_ngram);
            if ids.len() < rules.min_length {
                banned.insert(self.end);
            }
            match best(&logits, &banned) {
                Some(next) => last = next,
                None => return Ok(None),
            }
            ids.push(last);
        }
        Ok(Some(ids))
    }
}

/// Ids as a batch of one, `(1, ids)`.
fn row(ids: &[u32]) -> Result<Tensor> {
    Ok(Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?)
}

/// The tokens that would complete a run of `length` tokens that is there already; none where `length` is 0.
fn repeating(ids: &[u32], length: usize) -> HashSet<u32> {
    let runs = ids.windows(length.max(1)).filter(|_| length > 0).filter_map(<[u32]>::split_last);
    runs.filter(|(_, before)| ids.ends_with(before)).map(|(last, _)| *last).collect()
}

/// The first of the largest logits; not-a-number is never the largest.
fn best(logits: &[f32], banned: &HashSet<u32>) -> Option<u32> {
    let mut best = None;
    let mut largest = f32::NEG_INFINITY;
    for (id, logit) in (0..).zip(logits) {
        if *logit > largest && !banned.contains(&id) {
            (best, largest) = (Some(id), *logit);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_repeat_a_run_is_banned() {
        let banned = |ids: &[u32], length| repeating(ids, length);
        assert_eq!(banned(&[0, 7, 8, 9, 7, 8], 3), HashSet::from([9]));
        assert_eq!(banned(&[0, 7, 8, 7, 9, 7], 2), HashSet::from([8, 9]));
        assert_eq!(banned(&[0, 7], 1), HashSet::from([0, 7]));
        assert_eq!(banned(&[0], 3), HashSet::new());
        assert_eq!(banned(&[0, 0], 0), HashSet::new());
    }

    #[test]
    fn the_first_of_equals_is_taken_and_no_number_is_none() {
        assert_eq!(best(&[0.5, 2.0, f32::NAN, 2.0], &HashSet::new()), Some(1));
        assert_eq!(best(&[0.5, 2.0, f32::NAN, 2.0], &HashSet::from([1, 3])), Some(0));
        assert_eq!(best(&[f32::NAN; 3], &HashSet::new()), None);
    }
}
