//! The run state of the int8 network: what the decoder remembers of a batch, and the buffers of one step.
//!
//! In: rows of keys and values. Out: where each row finds its past. No arithmetic here.
//!
//! A beam that goes on from another copies no keys and values, only the list of slots where they lie. A slot that no row
//! refers to any more is used again, so that the memory follows the distinct prefixes.

use std::ops::{Deref, DerefMut};

use half::bf16;

use super::weights::Matrix;
use crate::engine::kernel::{PANEL, POSITIONS, Rows};
use crate::engine::marian::Config;

/// Logits of each row that are computed before they are looked at: 4 panels.
pub const BLOCK_PANELS: usize = 4;

/// Parts of the vocabulary that are looked at side by side when a batch has threads to spare. Always that many, so that
/// sums over the vocabulary are taken in one order whatever the threads.
pub const OUTPUT_PARTS: usize = 4;

/// Decoder memory: rows are `beams` per live sentence.
#[derive(Debug, Default)]
pub struct State {
    pub(super) beams: usize,
    /// Tokens read so far.
    pub(super) length: usize,
    /// For each live sentence, its source.
    pub(super) sources: Vec<Source>,
    pub(super) layers: Vec<LayerMemory>,
    pub(super) slots: Slots,
    pub(super) buffers: Buffers,
}

impl State {
    /// Ready for sentences of these lengths, with nothing read yet; memory that it has stays.
    pub fn begin(&mut self, config: &Config, lengths: &[usize], beams: usize) {
        let width = config.d_model;
        (self.beams, self.length) = (beams, 0);
        self.sources.clear();
        let (mut keys, mut values) = (0, 0);
        for &tokens in lengths {
            let source = Source { tokens, keys, values, stride: tokens.next_multiple_of(POSITIONS) };
            keys += width * source.stride;
            values += width * tokens;
            self.sources.push(source);
        }
        self.layers.resize_with(config.decoder.layers, LayerMemory::default);
        // A guess: that targets are as long as their sources, and no hypotheses have a beginning in common. With very many beams
        // far fewer are needed.
        const LARGEST_GUESS: usize = 8192;
        let past = (lengths.iter().sum::<usize>() * beams).min(LARGEST_GUESS);
        for layer in &mut self.layers {
            for (values, count) in [
                (&mut layer.source_keys, keys),
                (&mut layer.source_values, values),
                (&mut layer.past, past * 2 * width),
            ] {
                values.clear();
                values.reserve(count);
            }
        }
        self.slots.clear(lengths.len() * beams);
    }
}

/// Where the encoder's states of one sentence lie, as keys and values of every decoder layer.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// Source tokens.
    pub tokens: usize,
    /// Where its values begin, (heads, tokens, head).
    pub values: usize,
    /// Where its keys begin, (d_model, stride).
    pub keys: usize,
    /// Tokens, padded for the kernel.
    pub stride: usize,
}

/// Keys and values of one decoder layer.
#[derive(Debug, Default)]
pub struct LayerMemory {
    pub source_keys: Vec<bf16>,
    pub source_values: Vec<bf16>,
    /// (slots, 2 · d_model): key and value of one token.
    pub past: Vec<bf16>,
}

/// For each row the slots of its past tokens.
#[derive(Debug, Default)]
pub struct Slots {
    /// (rows, capacity)
    table: Vec<u32>,
    /// The table of the last step, for its memory.
    spare: Vec<u32>,
    capacity: usize,
    /// Slots that no row refers to.
    free: Vec<u32>,
    /// Slots in all.
    count: usize,
    /// For [`Slots::reorder`]: whether a slot is referred to.
    used: Vec<bool>,
}

impl Slots {
    /// No row has a past from now on.
    pub fn clear(&mut self, rows: usize) {
        const CAPACITY: usize = 64;
        self.capacity = CAPACITY;
        self.table.clear();
        self.table.resize(rows * CAPACITY, 0);
        self.free.clear();
        self.count = 0;
    }

    /// Slots in all: the rows that memory must have.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Slots of a row's first `length` tokens.
    pub fn row(&self, row: usize, length: usize) -> &[u32] {
        &self.table[row * self.capacity..][..length]
    }

    /// Gives each row a slot for its token at `position`.
    pub fn extend(&mut self, rows: usize, position: usize) {
        if position == self.capacity {
            let capacity = 2 * self.capacity;
            let mut table = vec![0; rows * capacity];
            for (new, old) in table.chunks_exact_mut(capacity).zip(self.table.chunks_exact(self.capacity)) {
                new[..self.capacity].copy_from_slice(old);
            }
            (self.table, self.capacity) = (table, capacity);
        }
        for row in self.table.chunks_exact_mut(self.capacity).take(rows) {
            row[position] = self.free.pop().unwrap_or_else(|| {
                self.count += 1;
                self.count as u32 - 1
            });
        }
    }

    /// Row i has from now on the past of row `parents[i]`.
    pub fn reorder(&mut self, parents: &[usize], length: usize) {
        self.used.clear();
        self.used.resize(self.count, false);
        self.spare.clear();
        self.spare.resize(parents.len() * self.capacity, 0);
        for (new, &parent) in self.spare.chunks_exact_mut(self.capacity).zip(parents) {
            let past = &self.table[parent * self.capacity..][..length];
            new[..length].copy_from_slice(past);
            for &slot in past {
                self.used[slot as usize] = true;
            }
        }
        std::mem::swap(&mut self.table, &mut self.spare);
        self.free.clear();
        // Low slots are taken first, so that memory stays dense.
        self.free.extend((0..self.count as u32).rev().filter(|&slot| !self.used[slot as usize]));
    }
}

/// Buffers of one step, for a number of rows.
#[derive(Debug, Default)]
pub struct Buffers {
    /// (rows, d_model)
    pub hidden: Vec<f32>,
    /// (rows, d_model)
    pub attended: Vec<f32>,
    /// Outputs of the last matrix, (rows, its padded outputs).
    pub outputs: Scratch<f32>,
    /// Logits of a block in each part of the vocabulary, (rows, block).
    pub parts: [Scratch<f32>; OUTPUT_PARTS],
    /// Scores of one row's attention.
    pub scores: Vec<f32>,
    pub quantised: Quantised,
}

/// Values that are written before they are read: as many as are asked for, without the time to clear them.
#[derive(Debug, Default)]
pub struct Scratch<T> {
    values: Vec<T>,
    used: usize,
}

impl<T: Copy + Default> Scratch<T> {
    /// Memory for `count` values, so that [`Scratch::set_len`] need not look for it.
    pub fn reserve(&mut self, count: usize) {
        self.values.reserve(count.saturating_sub(self.values.len()));
    }

    /// Has `count` values from now on, whatever they are.
    pub fn set_len(&mut self, count: usize) {
        if self.values.len() < count {
            self.values.resize(count, T::default());
        }
        self.used = count;
    }
}

impl<T> Deref for Scratch<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values[..self.used]
    }
}

impl<T> DerefMut for Scratch<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[..self.used]
    }
}

/// Quantised rows, inputs of the next matrix.
#[derive(Debug, Default)]
pub struct Quantised {
    pub values: Scratch<i8>,
    pub scales: Vec<f32>,
    pub shift: i32,
    pub sums: Vec<i32>,
    pub stride: usize,
}

impl Quantised {
    /// As the kernels take them.
    pub fn rows(&self) -> Rows<'_> {
        Rows { values: &self.values, stride: self.stride, scales: &self.scales, shift: self.shift, sums: &self.sums }
    }
}

impl Buffers {
    /// Memory for this many rows of this network, so that later steps need hardly more.
    pub fn reserve(&mut self, config: &Config, rows: usize, matrices: &[&Matrix]) {
        let widest = matrices.iter().map(|matrix| matrix.padded()).max().unwrap_or(0);
        let longest = matrices.iter().map(|matrix| matrix.inputs.next_multiple_of(4)).max().unwrap_or(0);
        for values in [&mut self.hidden, &mut self.attended] {
            values.clear();
            values.reserve(rows * config.d_model);
        }
        self.outputs.reserve(rows * widest);
        for part in &mut self.parts {
            part.reserve(rows * BLOCK_PANELS * PANEL);
        }
        self.quantised.values.reserve(rows * longest);
    }
}
