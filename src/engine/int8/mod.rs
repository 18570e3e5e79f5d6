//! The Marian network with int8 weights on preallocated buffers: the fast one.
//!
//! In: batches of ids and next tokens. Out: candidates, blockwise, without ever holding all logits of a row. No search and
//! no strings here.
//!
//! Weights have one scale per output, activations one per row, taken anew at every matrix, and behind an activation
//! function a shift besides: its values are hardly ever below zero, and their rounding is most of what this engine loses.
//! Sums are exact. All else is f32 by the kernels, but for keys and values, which are kept in bf16; their order of
//! summation depends on the row alone. So a sentence's numbers are bit for bit the same in every batch and on every
//! instruction set. Formulas as in `candle`.

mod prepared;
mod state;
mod weights;

use std::ops::Range;

use half::bf16;

use super::batch::Batch;
use super::kernel::{self, Kernel, PANEL, POSITIONS, QUERIES};
use super::marian::{self, Activation, Config};
use super::search::{Candidates, Part, Seq2Seq};
use crate::Result;
pub use prepared::Prepared;
pub use state::State;
use state::{BLOCK_PANELS, Buffers, LayerMemory, OUTPUT_PARTS, Scratch};
use weights::{Embedding, FeedForward, LayerNorm, Matrix, Weights};

/// The network with its weights; shared by reference between threads.
#[derive(Debug)]
pub struct Int8Network {
    config: Config,
    weights: Weights,
    /// (max_positions, d_model)
    positions: Vec<f32>,
    kernel: Kernel,
}

impl Int8Network {
    /// Quantises these weights.
    ///
    /// # Errors
    /// When the tensor library fails.
    pub fn new(config: Config, weights: &marian::Weights, kernel: Kernel) -> Result<Self> {
        let positions = marian::sinusoids(config.max_positions, config.d_model);
        Ok(Self { weights: Weights::new(weights, &config)?, config, positions, kernel })
    }

    /// The network of a prepared file, `None` when it cannot be used.
    pub fn open(config: Config, prepared: &Prepared, kernel: Kernel) -> Option<Self> {
        let weights = Weights::read(prepared.open()?, &config)?;
        let positions = marian::sinusoids(config.max_positions, config.d_model);
        Some(Self { weights, config, positions, kernel })
    }

    /// Writes a prepared file for [`Int8Network::open`].
    ///
    /// # Errors
    /// [`crate::Error::Write`].
    pub fn save(&self, prepared: &Prepared) -> Result<()> {
        prepared.write(self.weights.block())
    }

    /// Embeddings and positions of tokens, in `hidden`.
    fn embed(&self, embedding: &Embedding, tokens: impl Iterator<Item = (u32, usize)>, hidden: &mut Vec<f32>) {
        let width = self.config.d_model;
        hidden.clear();
        for (id, place) in tokens {
            let (scale, integers) = self.weights.embedding(embedding, id, width);
            let position = &self.positions[place * width..(place + 1) * width];
            hidden.extend(integers.iter().zip(position).map(|(&x, &p)| f32::from(x as i8) * scale + p));
        }
    }

    /// `outputs` = `quantised` · matrix.
    fn multiply(&self, matrix: &Matrix, buffers: &mut Buffers) {
        let rows = buffers.quantised.scales.len();
        buffers.outputs.set_len(rows * matrix.padded());
        let matrix_view = self.weights.view(matrix);
        self.kernel.multiply(buffers.quantised.rows(), matrix_view, 0..matrix.panels(), &mut buffers.outputs);
    }

    /// hidden = norm(hidden + attended · output)
    fn finish_attention(&self, output: &Matrix, norm: &LayerNorm, buffers: &mut Buffers) {
        let width = self.config.d_model;
        quantise(self.kernel, &buffers.attended, width, width, 0, &mut buffers.quantised);
        self.multiply(output, buffers);
        self.add_norm(output, norm, buffers);
    }

    /// hidden = norm(hidden + outputs)
    fn add_norm(&self, matrix: &Matrix, norm: &LayerNorm, buffers: &mut Buffers) {
        let width = self.config.d_model;
        let deltas = buffers.outputs.chunks_exact(matrix.padded());
        for (hidden, delta) in buffers.hidden.chunks_exact_mut(width).zip(deltas) {
            self.kernel.add_norm(hidden, &delta[..width], &norm.gain, &norm.bias);
        }
    }

    fn quantise_hidden(&self, buffers: &mut Buffers) {
        let width = self.config.d_model;
        quantise(self.kernel, &buffers.hidden, width, width, 0, &mut buffers.quantised);
    }

    fn feed_forward(&self, block: &FeedForward, buffers: &mut Buffers) {
        self.quantise_hidden(buffers);
        self.multiply(&block.inner, buffers);
        match self.config.activation {
            Activation::Swish => self.kernel.swish(&mut buffers.outputs),
            Activation::Relu => self.kernel.relu(&mut buffers.outputs),
            Activation::Gelu => self.kernel.gelu(&mut buffers.outputs),
            Activation::GeluTanh => self.kernel.gelu_tanh(&mut buffers.outputs),
        }
        let (stride, width) = (block.inner.padded(), block.inner.outputs);
        quantise(self.kernel, &buffers.outputs, stride, width, kernel::SHIFT, &mut buffers.quantised);
        self.multiply(&block.outer, buffers);
        self.add_norm(&block.outer, &block.norm, buffers);
    }

    /// Encoder states of all tokens of these sentences of a batch in `hidden`, row after row.
    fn run_encoder(&self, batch: &Batch, sentences: Range<usize>, buffers: &mut Buffers) {
        let (width, heads) = (self.config.d_model, self.config.encoder.heads);
        let lengths = &batch.lengths[sentences.clone()];
        let tokens = sentences.flat_map(|row| {
            let ids = &batch.ids[row * batch.width..][..batch.lengths[row]];
            ids.iter().copied().zip(0..)
        });
        self.embed(&self.weights.source_embedding, tokens, &mut buffers.hidden);
        buffers.attended.resize(buffers.hidden.len(), 0.0);
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for layer in &self.weights.encoder {
            self.quantise_hidden(buffers);
            self.multiply(&layer.attention.input, buffers);
            let stride = layer.attention.input.padded();
            let mut first = 0;
            for &length in lengths {
                let rows = &buffers.outputs[first * stride..(first + length) * stride];
                let padded = length.next_multiple_of(POSITIONS);
                keys.clear();
                values.clear();
                spread(self.kernel, rows, stride, width..3 * width, heads, &mut keys, &mut values);
                let source = kernel::Source { keys: &keys, values: &values, count: length, heads };
                buffers.scores.resize(QUERIES * padded, 0.0);
                let out = &mut buffers.attended[first * width..(first + length) * width];
                self.kernel.attend_source(rows, stride, source, &mut buffers.scores, out);
                first += length;
            }
            self.finish_attention(&layer.attention.output, &layer.attention.norm, buffers);
            self.feed_forward(&layer.feed_forward, buffers);
        }
    }

    /// Reads one token per row; the last hidden states are left quantised.
    fn run_decoder(&self, tokens: &[u32], state: &mut State) {
        let (width, heads) = (self.config.d_model, self.config.decoder.heads);
        let (rows, position) = (tokens.len(), state.length);
        let State { slots, buffers, .. } = state;
        slots.extend(rows, position);
        state.length += 1;
        let placed = tokens.iter().map(|&token| (token, position));
        self.embed(&self.weights.target_embedding, placed, &mut buffers.hidden);
        buffers.attended.resize(rows * width, 0.0);
        let longest = state.sources.iter().map(|source| source.stride).max().unwrap_or(0);
        buffers.scores.resize((QUERIES * longest).max(heads * state.length.next_multiple_of(POSITIONS)), 0.0);
        for (layer, memory) in self.weights.decoder.iter().zip(&mut state.layers) {
            self.quantise_hidden(buffers);
            self.multiply(&layer.attention.input, buffers);
            memory.past.resize(slots.count() * 2 * width, bf16::ZERO);
            let inputs = buffers.outputs.chunks_exact(layer.attention.input.padded());
            for (row, (input, out)) in inputs.zip(buffers.attended.chunks_exact_mut(width)).enumerate() {
                let past = slots.row(row, state.length);
                let slot = past[position] as usize;
                self.kernel.narrow(&input[width..3 * width], &mut memory.past[slot * 2 * width..][..2 * width]);
                self.kernel.attend_past(&input[..width], &memory.past, past, heads, &mut buffers.scores, out);
            }
            self.finish_attention(&layer.attention.output, &layer.attention.norm, buffers);

            self.quantise_hidden(buffers);
            self.multiply(&layer.cross_attention.query, buffers);
            let stride = layer.cross_attention.query.padded();
            let queries = buffers.outputs.chunks_exact(stride * state.beams);
            let outs = buffers.attended.chunks_exact_mut(width * state.beams);
            for (source, (queries, out)) in state.sources.iter().zip(queries.zip(outs)) {
                let keys = &memory.source_keys[source.keys..][..width * source.stride];
                let values = &memory.source_values[source.values..][..width * source.tokens];
                let source = kernel::Source { keys, values, count: source.tokens, heads };
                self.kernel.attend_source(queries, stride, source, &mut buffers.scores, out);
            }
            self.finish_attention(&layer.cross_attention.output, &layer.cross_attention.norm, buffers);
            self.feed_forward(&layer.feed_forward, buffers);
        }
        self.quantise_hidden(buffers);
    }

    /// Logits of the next token, (rows, target vocabulary): what [`Seq2Seq::step`] looks at block by block.
    pub fn logits(&self, tokens: &[u32], state: &mut State) -> Vec<f32> {
        self.run_decoder(tokens, state);
        self.multiply(&self.weights.output, &mut state.buffers);
        let rows = state.buffers.outputs.chunks_exact(self.weights.output.padded());
        rows.flat_map(|row| &row[..self.weights.output.outputs]).copied().collect()
    }
}

impl Seq2Seq for Int8Network {
    type State = State;

    fn encode(&self, batch: &Batch, beams: usize, old: Option<State>) -> Result<State> {
        let (width, heads) = (self.config.d_model, self.config.decoder.heads);
        let mut state = old.unwrap_or_default();
        state.begin(&self.config, &batch.lengths, beams);
        let State { sources, layers, buffers, .. } = &mut state;
        for sentences in groups(&batch.lengths) {
            self.run_encoder(batch, sentences.clone(), buffers);
            self.quantise_hidden(buffers);
            for (layer, memory) in self.weights.decoder.iter().zip(&mut *layers) {
                let matrix = &layer.cross_attention.memory;
                self.multiply(matrix, buffers);
                let mut rows = &buffers.outputs[..];
                for source in &sources[sentences.clone()] {
                    let (own, others) = rows.split_at(source.tokens * matrix.padded());
                    rows = others;
                    let LayerMemory { source_keys, source_values, .. } = memory;
                    spread(self.kernel, own, matrix.padded(), 0..2 * width, heads, source_keys, source_values);
                }
            }
        }
        let decoder = self.weights.decoder.first();
        let matrices = decoder
            .iter()
            .flat_map(|layer| [&layer.attention.input, &layer.feed_forward.inner, &layer.feed_forward.outer]);
        buffers.reserve(&self.config, batch.rows() * beams, &matrices.collect::<Vec<_>>());
        Ok(state)
    }

    fn step(&self, tokens: &[u32], state: &mut State, candidates: &mut Candidates) -> Result<()> {
        self.run_decoder(tokens, state);
        let (rows, output) = (tokens.len(), &self.weights.output);
        let Buffers { parts, quantised, .. } = &mut state.buffers;
        let (matrix, quantised) = (self.weights.view(output), quantised.rows());
        let look_at = |part: &mut Part, panels: Range<usize>, outputs: &mut Scratch<f32>| {
            for first in panels.clone().step_by(BLOCK_PANELS) {
                let block = first..panels.end.min(first + BLOCK_PANELS);
                let width = block.len() * PANEL;
                outputs.set_len(rows * width);
                self.kernel.multiply(quantised, matrix, block, outputs);
                let real = width.min(output.outputs - first * PANEL);
                for (row, logits) in outputs.chunks_exact(width).enumerate() {
                    part.push_block(self.kernel, row, first * PANEL, &logits[..real]);
                }
            }
        };
        let share = output.panels().div_ceil(OUTPUT_PARTS);
        let panels = (0..OUTPUT_PARTS).map(|part| part * share..output.panels().min((part + 1) * share));
        let parts = candidates.begin(rows, OUTPUT_PARTS).zip(panels).zip(parts);
        if rayon::current_num_threads() == 1 {
            let mut finished: Option<Part> = None;
            for ((mut part, panels), outputs) in parts {
                if let Some(finished) = &finished {
                    part.follow(finished);
                }
                look_at(&mut part, panels, outputs);
                finished = Some(part);
            }
        } else {
            let look_at = &look_at;
            rayon::scope(|scope| {
                parts.for_each(|((mut part, panels), outputs)| {
                    scope.spawn(move |_| look_at(&mut part, panels, outputs));
                });
            });
        }
        candidates.finish(rows, OUTPUT_PARTS);
        Ok(())
    }

    fn reorder(&self, state: &mut State, parents: &[usize]) -> Result<()> {
        state.slots.reorder(parents, state.length);
        let sources = parents.chunks(state.beams).map(|rows| state.sources[rows[0] / state.beams]);
        state.sources = sources.collect();
        Ok(())
    }
}

/// Sentences that the encoder reads together: so many that the weights are worth their way, so few that what one matrix
/// yields is still near when the next one takes it.
fn groups(lengths: &[usize]) -> impl Iterator<Item = Range<usize>> {
    const TOKENS: usize = 256;
    let mut first = 0;
    std::iter::from_fn(move || {
        let (start, mut tokens) = (first, 0);
        while first < lengths.len() && (first == start || tokens + lengths[first] <= TOKENS) {
            tokens += lengths[first];
            first += 1;
        }
        (start < first).then_some(start..first)
    })
}

/// Quantises rows of `width` values, `stride` apart.
fn quantise(kernel: Kernel, rows: &[f32], stride: usize, width: usize, shift: i32, out: &mut state::Quantised) {
    out.stride = width.next_multiple_of(4);
    let count = rows.len() / stride;
    out.values.set_len(count * out.stride);
    out.shift = shift;
    out.scales.clear();
    out.sums.clear();
    for (row, integers) in rows.chunks_exact(stride).zip(out.values.chunks_exact_mut(out.stride)) {
        let (scale, sum) = kernel.quantise(&row[..width], shift, integers);
        integers[width..].fill(0);
        out.scales.push(scale);
        out.sums.push(sum);
    }
}

/// Keys and values side by side in `columns` of rows → keys (width, rows padded to [`POSITIONS`]), values (heads, rows,
/// head), both appended.
fn spread(
    kernel: Kernel,
    rows: &[f32],
    stride: usize,
    columns: Range<usize>,
    heads: usize,
    keys: &mut Vec<bf16>,
    values: &mut Vec<bf16>,
) {
    let width = columns.len() / 2;
    let padded = (rows.len() / stride).next_multiple_of(POSITIONS);
    let start = keys.len();
    keys.resize(start + width * padded, bf16::ZERO);
    let mut key = vec![bf16::ZERO; width];
    for (place, row) in rows.chunks_exact(stride).enumerate() {
        kernel.narrow(&row[columns.start..][..width], &mut key);
        for (keys, &x) in keys[start..].chunks_exact_mut(padded).zip(&key) {
            keys[place] = x;
        }
    }
    for head in 0..heads {
        let head = columns.start + width + head * (width / heads)..columns.start + width + (head + 1) * (width / heads);
        for row in rows.chunks_exact(stride) {
            let start = values.len();
            values.resize(start + head.len(), bf16::ZERO);
            kernel.narrow(&row[head.clone()], &mut values[start..]);
        }
    }
}
