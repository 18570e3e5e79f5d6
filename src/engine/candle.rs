//! The Marian network in candle tensors, f32: plain and exact, the reference of every faster one.
//!
//! In: batches of ids and next tokens. Out: encoder states and logits, equal to HF's `MarianMTModel` within rounding. No
//! search and no strings here.
//!
//! Linear layers run on packed rows (real tokens only); attention runs on keys padded to a multiple of `KEY_BLOCK`, so
//! that every sum over keys is taken in the same order whatever else is in the batch. Together with rules 2 and 3 of
//! `lib.rs` this makes a sentence's numbers bit for bit the same in every batch.
//!
//! Formulas: `modeling_marian.py` of HF transformers; each residual sum is followed by its layer norm ("post-norm").

use candle_core::{Device, Storage, Tensor};
use candle_nn::ops::{layer_norm, softmax_last_dim};

use super::batch::Batch;
use super::marian::{Activation, Attention, Config, FeedForward, LayerNorm, Linear, Stack, Weights, sinusoids};
use super::search::{Candidates, Seq2Seq};
use crate::Result;

/// Keys are padded to a multiple of this: the widest step of candle's vectorised sums.
const KEY_BLOCK: usize = 32;

/// Outputs of a product that are computed together: their weights lie side by side, so that a product reads memory from
/// front to back, and stay in the processor's cache for all rows.
const PANEL: usize = 64;

/// torch's default, which Marian uses.
const LAYER_NORM_EPSILON: f32 = 1e-5;

/// The network with its weights.
#[derive(Debug)]
pub struct CandleNetwork {
    config: Config,
    /// With every matrix of a product in [`panels`], and the bias of the output padded to them.
    weights: Weights,
    /// (max_positions, d_model)
    positions: Tensor,
}

/// Decoder memory: rows are `beams` per live sentence.
#[derive(Debug)]
pub struct State {
    beams: usize,
    /// Live sentences.
    sentences: usize,
    /// Tokens read so far.
    length: usize,
    /// (sentences, 1, 1, keys): 0 for a source token, -inf for padding.
    mask: Tensor,
    layers: Vec<LayerState>,
}

/// Keys and values of one decoder layer.
#[derive(Debug)]
struct LayerState {
    /// (sentences, heads, head, keys)
    cross_keys: Tensor,
    /// (sentences, heads, keys, head)
    cross_values: Tensor,
    /// (rows, heads, capacity, head), of which `length` are filled
    keys: Tensor,
    /// As `keys`.
    values: Tensor,
}

/// Where the real tokens of a padded batch stand.
struct Packing {
    rows: usize,
    /// Padded width, a multiple of [`KEY_BLOCK`].
    width: usize,
    /// (tokens): index of each token in the padded grid of rows · width.
    padded: Tensor,
    /// (rows · width): index of the token that stands there, or one past the last where none does.
    packed: Tensor,
    /// (rows, 1, 1, width): 0 for a token, -inf for padding.
    mask: Tensor,
}

impl CandleNetwork {
    /// The network of these weights.
    ///
    /// # Errors
    /// When the tensor library fails.
    pub fn new(config: Config, mut weights: Weights) -> Result<Self> {
        for linear in weights.linears_mut() {
            linear.weight = panels(&linear.weight)?;
        }
        (weights.output, weights.output_bias) = (panels(&weights.output)?, whole_panels(&weights.output_bias)?);
        let (count, width) = (config.max_positions, config.d_model);
        let positions = Tensor::from_vec(sinusoids(count, width), (count, width), &Device::Cpu)?;
        Ok(Self { config, weights, positions })
    }

    /// Encoder states of all real tokens of a batch, (tokens, d_model), row after row.
    ///
    /// # Errors
    /// When the tensor library fails.
    pub fn encoder_states(&self, batch: &Batch) -> Result<Tensor> {
        self.run_encoder(batch, &Packing::new(batch)?)
    }

    fn run_encoder(&self, batch: &Batch, packing: &Packing) -> Result<Tensor> {
        let tokens = |row: usize| batch.ids[row * batch.width..].iter().take(batch.lengths[row]);
        let ids: Vec<u32> = (0..batch.rows()).flat_map(tokens).copied().collect();
        let places: Vec<u32> = batch.lengths.iter().flat_map(|&length| 0..length as u32).collect();
        let positions = self.positions.index_select(&vector(places)?, 0)?;
        let mut hidden = (self.embed(&self.weights.source_embedding, ids)? + positions)?;
        for layer in &self.weights.encoder {
            let attended = self.source_attention(&hidden, &layer.attention, packing)?;
            hidden = normalise(&(hidden + attended)?, &layer.attention_norm)?;
            let transformed = self.feed_forward(&hidden, &layer.feed_forward)?;
            hidden = normalise(&(hidden + transformed)?, &layer.feed_forward_norm)?;
        }
        Ok(hidden)
    }

    /// Embeddings times their scale, (ids, d_model).
    fn embed(&self, embedding: &Tensor, ids: Vec<u32>) -> Result<Tensor> {
        Ok((embedding.index_select(&vector(ids)?, 0)? * f64::from(self.config.embedding_scale))?)
    }

    fn source_attention(&self, hidden: &Tensor, attention: &Attention, packing: &Packing) -> Result<Tensor> {
        let stack = self.config.encoder;
        let queries = self.scaled_queries(hidden, &attention.query, stack)?;
        let queries = packing.heads(&queries, stack.heads)?.contiguous()?;
        let keys = packing.heads(&linear(hidden, &attention.key)?, stack.heads)?;
        let values = packing.heads(&linear(hidden, &attention.value)?, stack.heads)?;
        let scores = queries.matmul(&keys.transpose(2, 3)?.contiguous()?)?.broadcast_add(&packing.mask)?;
        let attended = softmax_last_dim(&scores)?.matmul(&values.contiguous()?)?;
        let attended = attended.transpose(1, 2)?.reshape((packing.rows * packing.width, self.config.d_model))?;
        linear(&attended.index_select(&packing.padded, 0)?, &attention.output)
    }

    fn scaled_queries(&self, hidden: &Tensor, query: &Linear, stack: Stack) -> Result<Tensor> {
        let head = (self.config.d_model / stack.heads) as f64;
        Ok((linear(hidden, query)? * head.powf(-0.5))?)
    }

    fn feed_forward(&self, hidden: &Tensor, block: &FeedForward) -> Result<Tensor> {
        let inner = linear(hidden, &block.inner)?;
        let inner = match self.config.activation {
            Activation::Swish => inner.silu()?,
            Activation::Relu => inner.relu()?,
            Activation::Gelu => inner.gelu_erf()?,
            Activation::GeluTanh => inner.gelu()?,
        };
        linear(&inner, &block.outer)
    }

    /// Attention of each row over its own past, this token included.
    fn target_attention(
        &self,
        hidden: &Tensor,
        attention: &Attention,
        layer: &mut LayerState,
        length: usize,
    ) -> Result<Tensor> {
        let stack = self.config.decoder;
        let (rows, head) = (hidden.dim(0)?, self.config.d_model / stack.heads);
        let shape = (rows, stack.heads, 1, head);
        let queries = self.scaled_queries(hidden, &attention.query, stack)?.reshape(shape)?;
        layer.push(
            &linear(hidden, &attention.key)?.reshape(shape)?,
            &linear(hidden, &attention.value)?.reshape(shape)?,
            length,
        )?;
        let keys = layer.keys.narrow(2, 0, length + 1)?;
        let values = layer.values.narrow(2, 0, length + 1)?;
        let weights = softmax_last_dim(&queries.matmul(&keys.transpose(2, 3)?)?)?;
        linear(&weights.matmul(&values)?.reshape((rows, self.config.d_model))?, &attention.output)
    }

    /// Attention of each row over its sentence's encoder states.
    fn cross_attention(
        &self,
        hidden: &Tensor,
        attention: &Attention,
        layer: &LayerState,
        state: (usize, usize, &Tensor),
    ) -> Result<Tensor> {
        let (sentences, beams, mask) = state;
        let stack = self.config.decoder;
        let head = self.config.d_model / stack.heads;
        let queries = self.scaled_queries(hidden, &attention.query, stack)?;
        let queries = queries.reshape((sentences, beams, stack.heads, head))?.transpose(1, 2)?.contiguous()?;
        let weights = softmax_last_dim(&queries.matmul(&layer.cross_keys)?.broadcast_add(mask)?)?;
        let attended = weights.matmul(&layer.cross_values)?.transpose(1, 2)?;
        linear(&attended.reshape((sentences * beams, self.config.d_model))?, &attention.output)
    }

    /// Logits of the next token, (rows, target vocabulary).
    ///
    /// # Errors
    /// When the tensor library fails.
    pub fn logits(&self, tokens: &[u32], state: &mut State) -> Result<Tensor> {
        Ok(self.panel_logits(tokens, state)?.narrow(1, 0, self.config.target_vocabulary)?)
    }

    /// As [`logits`](Self::logits), with what fills the last panel behind each row.
    fn panel_logits(&self, tokens: &[u32], state: &mut State) -> Result<Tensor> {
        let position = self.positions.narrow(0, state.length, 1)?;
        let mut hidden = self.embed(&self.weights.target_embedding, tokens.to_vec())?.broadcast_add(&position)?;
        for (layer, memory) in self.weights.decoder.iter().zip(&mut state.layers) {
            let attended = self.target_attention(&hidden, &layer.attention, memory, state.length)?;
            hidden = normalise(&(hidden + attended)?, &layer.attention_norm)?;
            let sources = (state.sentences, state.beams, &state.mask);
            let attended = self.cross_attention(&hidden, &layer.cross_attention, memory, sources)?;
            hidden = normalise(&(hidden + attended)?, &layer.cross_attention_norm)?;
            let transformed = self.feed_forward(&hidden, &layer.feed_forward)?;
            hidden = normalise(&(hidden + transformed)?, &layer.feed_forward_norm)?;
        }
        state.length += 1;
        Ok(product(&hidden, &self.weights.output)?.broadcast_add(&self.weights.output_bias)?)
    }
}

impl Seq2Seq for CandleNetwork {
    type State = State;

    fn encode(&self, batch: &Batch, beams: usize, old: Option<State>) -> Result<State> {
        drop(old);
        let packing = Packing::new(batch)?;
        let states = self.run_encoder(batch, &packing)?;
        let heads = self.config.decoder.heads;
        let cache = (batch.rows() * beams, heads, KEY_BLOCK, self.config.d_model / heads);
        let layers = self.weights.decoder.iter().map(|layer| {
            let keys = packing.heads(&linear(&states, &layer.cross_attention.key)?, heads)?;
            let values = packing.heads(&linear(&states, &layer.cross_attention.value)?, heads)?;
            Ok(LayerState {
                cross_keys: keys.transpose(2, 3)?.contiguous()?,
                cross_values: values.contiguous()?,
                keys: Tensor::zeros(cache, states.dtype(), states.device())?,
                values: Tensor::zeros(cache, states.dtype(), states.device())?,
            })
        });
        let layers = layers.collect::<Result<_>>()?;
        Ok(State { beams, sentences: batch.rows(), length: 0, mask: packing.mask, layers })
    }

    fn step(&self, tokens: &[u32], state: &mut State, candidates: &mut Candidates) -> Result<()> {
        let logits = self.panel_logits(tokens, state)?.contiguous()?;
        let (storage, layout) = logits.storage_and_layout();
        let Storage::Cpu(storage) = &*storage else { unreachable!("all tensors are made on the CPU") };
        let values = &storage.as_slice::<f32>()?[layout.start_offset()..];
        for row in values.chunks_exact(logits.dim(1)?).take(tokens.len()) {
            candidates.push_logits(&row[..self.config.target_vocabulary]);
        }
        Ok(())
    }

    fn reorder(&self, state: &mut State, parents: &[usize]) -> Result<()> {
        let rows = vector(parents.iter().map(|&row| row as u32).collect())?;
        let sentences: Vec<usize> = parents.chunks(state.beams).map(|rows| rows[0] / state.beams).collect();
        let gone = sentences.len() < state.sentences;
        let kept = vector(sentences.iter().map(|&sentence| sentence as u32).collect())?;
        for layer in &mut state.layers {
            layer.keys = layer.keys.index_select(&rows, 0)?;
            layer.values = layer.values.index_select(&rows, 0)?;
            if gone {
                layer.cross_keys = layer.cross_keys.index_select(&kept, 0)?;
                layer.cross_values = layer.cross_values.index_select(&kept, 0)?;
            }
        }
        if gone {
            state.mask = state.mask.index_select(&kept, 0)?;
            state.sentences = sentences.len();
        }
        Ok(())
    }
}

impl LayerState {
    /// Stores the keys and values of token `length`, both (rows, heads, 1, head).
    fn push(&mut self, keys: &Tensor, values: &Tensor, length: usize) -> Result<()> {
        if length == self.keys.dim(2)? {
            self.keys = self.keys.pad_with_zeros(2, 0, KEY_BLOCK)?;
            self.values = self.values.pad_with_zeros(2, 0, KEY_BLOCK)?;
        }
        self.keys.slice_set(keys, 2, length)?;
        self.values.slice_set(values, 2, length)?;
        Ok(())
    }
}

impl Packing {
    fn new(batch: &Batch) -> Result<Self> {
        let (rows, width) = (batch.rows(), batch.width.next_multiple_of(KEY_BLOCK));
        let tokens: usize = batch.lengths.iter().sum();
        let mut padded = Vec::with_capacity(tokens);
        let mut packed = vec![tokens as u32; rows * width];
        let mut mask = vec![f32::NEG_INFINITY; rows * width];
        for (row, &length) in batch.lengths.iter().enumerate() {
            for place in row * width..row * width + length {
                packed[place] = padded.len() as u32;
                mask[place] = 0.0;
                padded.push(place as u32);
            }
        }
        Ok(Self {
            rows,
            width,
            padded: vector(padded)?,
            packed: vector(packed)?,
            mask: Tensor::from_vec(mask, (rows, 1, 1, width), &Device::Cpu)?,
        })
    }

    /// (tokens, d_model) → (rows, heads, width, head), zero where there is no token.
    fn heads(&self, packed: &Tensor, heads: usize) -> Result<Tensor> {
        let width = packed.dim(1)?;
        let grid = packed.pad_with_zeros(0, 0, 1)?.index_select(&self.packed, 0)?;
        Ok(grid.reshape((self.rows, self.width, heads, width / heads))?.transpose(1, 2)?)
    }
}

/// (outputs, inputs) → (panels, inputs, PANEL), zero where the last panel has no output.
fn panels(weight: &Tensor) -> Result<Tensor> {
    let weight = whole_panels(weight)?;
    let (outputs, inputs) = weight.dims2()?;
    Ok(weight.reshape((outputs / PANEL, PANEL, inputs))?.transpose(1, 2)?.contiguous()?)
}

/// With zeros after the outputs up to whole panels.
fn whole_panels(weight: &Tensor) -> Result<Tensor> {
    let outputs = weight.dim(0)?;
    Ok(weight.pad_with_zeros(0, 0, outputs.next_multiple_of(PANEL) - outputs)?)
}

/// x · weight + bias, (rows, outputs).
fn linear(x: &Tensor, linear: &Linear) -> Result<Tensor> {
    let outputs = product(x, &linear.weight)?.narrow(1, 0, linear.bias.dim(0)?)?.contiguous()?;
    Ok(outputs.broadcast_add(&linear.bias)?)
}

/// x · weight, (rows, padded outputs), for a weight in [`panels`].
///
/// A row's sums are taken in the same order however many rows there are, which two details of the matrix product make
/// sure: a panel lies (inputs, outputs), since for the other layout small products take a path of their own (and all
/// products are slower); and one row alone, which would also take a path of its own, is computed twice.
fn product(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    if x.dim(0)? == 1 {
        return Ok(product(&Tensor::cat(&[x, x], 0)?, weight)?.narrow(0, 0, 1)?);
    }
    let ((rows, inputs), (panels, _, _)) = (x.dims2()?, weight.dims3()?);
    let products = x.unsqueeze(0)?.expand((panels, rows, inputs))?.matmul(weight)?;
    Ok(products.transpose(0, 1)?.reshape((rows, panels * PANEL))?)
}

fn normalise(x: &Tensor, norm: &LayerNorm) -> Result<Tensor> {
    Ok(layer_norm(x, &norm.weight, &norm.bias, LAYER_NORM_EPSILON)?)
}

fn vector(values: Vec<u32>) -> Result<Tensor> {
    let length = values.len();
    Ok(Tensor::from_vec(values, length, &Device::Cpu)?)
}
