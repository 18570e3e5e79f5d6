//! f32 weights → one block of bytes with quantised, packed matrices; the block → [`Weights`] that read from it.
//!
//! In: the named weights of a Marian network. Out: its matrices in the form the kernels want. No arithmetic on hidden
//! states here. The block is laid out by the configuration alone, so that it may as well be a mapped file: integers stay
//! where they are, the few f32 parameters are copied out.
//!
//! Every output of a matrix (every id of an embedding) has one scale, its largest weight by 127.

use std::ops::Range;

use candle_core::Tensor;

use super::prepared::Block;
use crate::Result;
use crate::engine::kernel::{self, Kernel, PANEL};
use crate::engine::marian::{self, Config, Stack};

/// All parameters of a Marian network, quantised.
#[derive(Debug)]
pub struct Weights {
    bytes: Block,
    pub source_embedding: Embedding,
    pub target_embedding: Embedding,
    pub output: Matrix,
    pub encoder: Vec<EncoderLayer>,
    pub decoder: Vec<DecoderLayer>,
}

/// Quantised embeddings, row-major; the scales contain the embedding scale.
#[derive(Debug, Clone)]
pub struct Embedding {
    rows: Range<usize>,
    scales: Vec<f32>,
}

/// A packed matrix; places in the block, and scales, sums of weights and biases padded to whole panels.
#[derive(Debug)]
pub struct Matrix {
    panels: Range<usize>,
    scales: Vec<f32>,
    sums: Vec<i32>,
    bias: Vec<f32>,
    pub outputs: usize,
    pub inputs: usize,
}

#[derive(Debug)]
pub struct EncoderLayer {
    pub attention: Attention,
    pub feed_forward: FeedForward,
}

#[derive(Debug)]
pub struct DecoderLayer {
    pub attention: Attention,
    pub cross_attention: CrossAttention,
    pub feed_forward: FeedForward,
}

/// Attention of a sequence over itself.
#[derive(Debug)]
pub struct Attention {
    /// Queries, scaled by head^-0.5, then keys, then values: (3 · d_model, d_model).
    pub input: Matrix,
    pub output: Matrix,
    pub norm: LayerNorm,
}

/// Attention over the encoder's states.
#[derive(Debug)]
pub struct CrossAttention {
    /// Scaled by head^-0.5.
    pub query: Matrix,
    /// Keys, then values: (2 · d_model, d_model).
    pub memory: Matrix,
    pub output: Matrix,
    pub norm: LayerNorm,
}

#[derive(Debug)]
pub struct FeedForward {
    pub inner: Matrix,
    pub outer: Matrix,
    pub norm: LayerNorm,
}

#[derive(Debug)]
pub struct LayerNorm {
    pub gain: Vec<f32>,
    pub bias: Vec<f32>,
}

impl Weights {
    /// Quantises and packs.
    pub fn new(weights: &marian::Weights, config: &Config) -> Result<Self> {
        let mut writer = Writer { bytes: Vec::new() };
        writer.network(weights, config)?;
        let io = |error| candle_core::Error::from(error);
        // A map of its own begins at a page, so that no register is loaded across two cache lines.
        let mut map = memmap2::MmapMut::map_anon(writer.bytes.len().max(1)).map_err(io)?;
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        map[..writer.bytes.len()].copy_from_slice(&writer.bytes);
        Self::read(map.make_read_only().map_err(io)?.into(), config)
            .ok_or_else(|| candle_core::Error::Msg("weights were packed in another order than read".to_owned()).into())
    }

    /// The bytes of all weights.
    pub fn block(&self) -> &[u8] {
        &self.bytes
    }

    /// The weights of a block that [`Writer`] has written for the same configuration; `None` for any other length.
    pub fn read(bytes: Block, config: &Config) -> Option<Self> {
        let width = config.d_model;
        let mut reader = Reader { bytes: &bytes, at: 0 };
        let source_embedding = reader.embedding(config.source_vocabulary, width);
        let target_embedding = if config.shared_embeddings {
            source_embedding.clone()
        } else {
            reader.embedding(config.target_vocabulary, width)
        };
        let encoder = (0..config.encoder.layers).map(|_| EncoderLayer {
            attention: reader.attention(width),
            feed_forward: reader.feed_forward(width, config.encoder),
        });
        let encoder = encoder.collect();
        let decoder = (0..config.decoder.layers).map(|_| DecoderLayer {
            attention: reader.attention(width),
            cross_attention: CrossAttention {
                query: reader.matrix(width, width),
                memory: reader.matrix(2 * width, width),
                output: reader.matrix(width, width),
                norm: reader.layer_norm(width),
            },
            feed_forward: reader.feed_forward(width, config.decoder),
        });
        let decoder = decoder.collect();
        let output = reader.matrix(config.target_vocabulary, width);
        (reader.at == bytes.len()).then_some(Self {
            source_embedding,
            target_embedding,
            output,
            encoder,
            decoder,
            bytes,
        })
    }

    /// The matrix as the kernels take it.
    pub fn view<'a>(&'a self, matrix: &'a Matrix) -> kernel::Matrix<'a> {
        let Matrix { panels, scales, sums, bias, .. } = matrix;
        kernel::Matrix { panels: &self.bytes[panels.clone()], scales, sums, bias }
    }

    /// Scale and integers of one id.
    pub fn embedding(&self, embedding: &Embedding, id: u32, width: usize) -> (f32, &[u8]) {
        let id = id as usize;
        (embedding.scales[id], &self.bytes[embedding.rows.clone()][id * width..(id + 1) * width])
    }
}

impl Matrix {
    /// Outputs, padded to whole panels.
    pub fn padded(&self) -> usize {
        self.scales.len()
    }

    /// Number of panels.
    pub fn panels(&self) -> usize {
        self.scales.len() / PANEL
    }
}

/// Each part of the block begins at a cache line.
const ALIGNMENT: usize = 64;

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn network(&mut self, weights: &marian::Weights, config: &Config) -> Result<()> {
        self.embedding(&weights.source_embedding, config.embedding_scale)?;
        if !config.shared_embeddings {
            self.embedding(&weights.target_embedding, config.embedding_scale)?;
        }
        for layer in &weights.encoder {
            self.attention(&layer.attention, config.d_model, config.encoder.heads)?;
            self.layer_norm(&layer.attention_norm)?;
            self.feed_forward(&layer.feed_forward, &layer.feed_forward_norm)?;
        }
        let mut output = weights.output.clone();
        for (number, layer) in weights.decoder.iter().enumerate() {
            self.attention(&layer.attention, config.d_model, config.decoder.heads)?;
            self.layer_norm(&layer.attention_norm)?;
            let cross = &layer.cross_attention;
            self.linears(&[(&cross.query, query_factor(config.d_model, config.decoder.heads))])?;
            self.linears(&[(&cross.key, 1.0), (&cross.value, 1.0)])?;
            self.linears(&[(&cross.output, 1.0)])?;
            self.layer_norm(&layer.cross_attention_norm)?;
            if number + 1 < weights.decoder.len() {
                self.feed_forward(&layer.feed_forward, &layer.feed_forward_norm)?;
            } else {
                let (norm, levelled) = level(&layer.feed_forward_norm, &output)?;
                self.feed_forward(&layer.feed_forward, &norm)?;
                output = levelled;
            }
        }
        self.matrix(&[(&output, &weights.output_bias, 1.0)])
    }

    fn attention(&mut self, attention: &marian::Attention, width: usize, heads: usize) -> Result<()> {
        let query = (&attention.query, query_factor(width, heads));
        self.linears(&[query, (&attention.key, 1.0), (&attention.value, 1.0)])?;
        self.linears(&[(&attention.output, 1.0)])
    }

    fn feed_forward(&mut self, block: &marian::FeedForward, norm: &marian::LayerNorm) -> Result<()> {
        self.linears(&[(&block.inner, 1.0)])?;
        self.linears(&[(&block.outer, 1.0)])?;
        self.layer_norm(norm)
    }

    fn linears(&mut self, linears: &[(&marian::Linear, f32)]) -> Result<()> {
        let parts: Vec<_> = linears.iter().map(|&(linear, factor)| (&linear.weight, &linear.bias, factor)).collect();
        self.matrix(&parts)
    }

    /// One packed matrix of the outputs of several, each with a factor.
    fn matrix(&mut self, parts: &[(&Tensor, &Tensor, f32)]) -> Result<()> {
        let inputs = parts[0].0.dim(1)?;
        let mut outputs = 0;
        for (weight, ..) in parts {
            outputs += weight.dim(0)?;
        }
        let start = self.align();
        self.bytes.resize(start + kernel::packed_len(outputs, inputs), 128);
        let [mut scales, mut sums, mut biases] = std::array::from_fn(|_| Vec::with_capacity(outputs));
        let mut integers = vec![0i8; inputs];
        for &(weight, bias, factor) in parts {
            let weight: Vec<f32> = weight.flatten_all()?.to_vec1()?;
            for row in weight.chunks_exact(inputs) {
                let (scale, sum) = Kernel::detect().quantise(row, 0, &mut integers);
                kernel::pack(&mut self.bytes[start..], inputs, scales.len(), &integers);
                scales.push(scale * factor);
                sums.push(sum as f32); // a whole number far below 2^24
            }
            biases.extend(bias.to_vec1::<f32>()?.into_iter().map(|bias| bias * factor));
        }
        for mut values in [scales, sums, biases] {
            values.resize(outputs.next_multiple_of(PANEL), 0.0);
            self.floats(&values);
        }
        Ok(())
    }

    fn embedding(&mut self, embedding: &Tensor, factor: f32) -> Result<()> {
        let (rows, width) = embedding.dims2()?;
        let start = self.align();
        self.bytes.reserve(rows * width);
        let mut scales = Vec::with_capacity(rows);
        let mut integers = vec![0i8; width];
        let values: Vec<f32> = embedding.flatten_all()?.to_vec1()?;
        for row in values.chunks_exact(width) {
            let (scale, _) = Kernel::detect().quantise(row, 0, &mut integers);
            self.bytes.extend(integers.iter().map(|&x| x as u8));
            scales.push(scale * factor);
        }
        debug_assert_eq!(self.bytes.len(), start + rows * width);
        self.floats(&scales);
        Ok(())
    }

    fn layer_norm(&mut self, norm: &marian::LayerNorm) -> Result<()> {
        for values in [&norm.weight, &norm.bias] {
            self.floats(&values.to_vec1::<f32>()?);
        }
        Ok(())
    }

    fn floats(&mut self, values: &[f32]) {
        self.align();
        self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }

    fn align(&mut self) -> usize {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        self.bytes.len()
    }
}

/// The last norm and the output matrix behind it, with values that reach equally far: what makes one of the norm's smaller makes
/// its weights larger, which changes no product. A value much wider than the others takes precision from all in its row,
/// since they have one scale (<https://arxiv.org/abs/2211.10438>).
///
/// Before that, what the weights of all tokens have in common is taken off: it adds the same to all logits of a row, which
/// changes no probability, and is most of what some weights reach to.
fn level(norm: &marian::LayerNorm, output: &Tensor) -> Result<(marian::LayerNorm, Tensor)> {
    /// Standard deviations that a value reaches to before it is shifted.
    const REACH: f64 = 3.0;
    // A value that is always zero stays so.
    let reach = ((norm.weight.abs()? * REACH)? + norm.bias.abs()?)?.maximum(f32::MIN_POSITIVE)?;
    let factors = reach.broadcast_div(&reach.mean_all()?)?;
    let norm = marian::LayerNorm { weight: (&norm.weight / &factors)?, bias: (&norm.bias / &factors)? };
    let output = output.broadcast_sub(&output.mean_keepdim(0)?)?;
    Ok((norm, output.broadcast_mul(&factors)?))
}

fn query_factor(width: usize, heads: usize) -> f32 {
    ((width / heads) as f32).powf(-0.5)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn attention(&mut self, width: usize) -> Attention {
        Attention {
            input: self.matrix(3 * width, width),
            output: self.matrix(width, width),
            norm: self.layer_norm(width),
        }
    }

    fn feed_forward(&mut self, width: usize, stack: Stack) -> FeedForward {
        FeedForward {
            inner: self.matrix(stack.feed_forward, width),
            outer: self.matrix(width, stack.feed_forward),
            norm: self.layer_norm(width),
        }
    }

    fn matrix(&mut self, outputs: usize, inputs: usize) -> Matrix {
        let panels = self.take(kernel::packed_len(outputs, inputs));
        let padded = outputs.next_multiple_of(PANEL);
        let [scales, sums, bias] = [(); 3].map(|()| self.floats(padded));
        Matrix { panels, scales, sums: sums.into_iter().map(|sum| sum as i32).collect(), bias, outputs, inputs }
    }

    fn embedding(&mut self, ids: usize, width: usize) -> Embedding {
        Embedding { rows: self.take(ids * width), scales: self.floats(ids) }
    }

    fn layer_norm(&mut self, width: usize) -> LayerNorm {
        LayerNorm { gain: self.floats(width), bias: self.floats(width) }
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        let range = self.take(4 * count);
        self.bytes
            .get(range)
            .unwrap_or_default()
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect()
    }

    fn take(&mut self, length: usize) -> Range<usize> {
        let start = self.at.next_multiple_of(ALIGNMENT);
        self.at = start + length;
        start..self.at
    }
}
