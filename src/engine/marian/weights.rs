//! model.safetensors or pytorch_model.bin → [`Weights`], every tensor under its place in the network, as f32.
//!
//! In: the weight file of a Marian directory and its [`Config`]. Out: checked tensors. A tensor that is missing, has
//! another shape, or has no place in the network is an error that names it; what HF itself stores twice (tied
//! embeddings) or derives (position tables) may stand in the file. No pickle is executed: the reader knows tensors only.
//!
//! Besides f32, f16 and bf16, a 2-D tensor may be stored as I8 with a companion `NAME.scale` (F32, one per row):
//! weight = scale · integer. That is the compact form of the bundled model.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::config::{Config, Stack};
use crate::engine::files::ModelFiles;
use crate::{Error, Result};

/// All parameters of a Marian network; matrices are (outputs, inputs).
#[derive(Debug)]
pub struct Weights {
    /// (source vocabulary, d_model)
    pub source_embedding: Tensor,
    /// (target vocabulary, d_model)
    pub target_embedding: Tensor,
    /// (target vocabulary, d_model)
    pub output: Tensor,
    /// (target vocabulary)
    pub output_bias: Tensor,
    /// Encoder layers in order.
    pub encoder: Vec<EncoderLayer>,
    /// Decoder layers in order.
    pub decoder: Vec<DecoderLayer>,
}

/// One encoder layer: attention and feed-forward, each followed by a layer norm over the residual sum.
#[derive(Debug)]
pub struct EncoderLayer {
    /// Attention over the source.
    pub attention: Attention,
    /// After it.
    pub attention_norm: LayerNorm,
    /// The feed-forward block.
    pub feed_forward: FeedForward,
    /// After it.
    pub feed_forward_norm: LayerNorm,
}

/// One decoder layer: as an encoder layer, with attention over the encoder's states in between.
#[derive(Debug)]
pub struct DecoderLayer {
    /// Attention over the target so far.
    pub attention: Attention,
    /// After it.
    pub attention_norm: LayerNorm,
    /// Attention over the encoder's states.
    pub cross_attention: Attention,
    /// After it.
    pub cross_attention_norm: LayerNorm,
    /// The feed-forward block.
    pub feed_forward: FeedForward,
    /// After it.
    pub feed_forward_norm: LayerNorm,
}

/// The four projections of one attention.
#[derive(Debug)]
pub struct Attention {
    /// Queries.
    pub query: Linear,
    /// Keys.
    pub key: Linear,
    /// Values.
    pub value: Linear,
    /// Back to the hidden states.
    pub output: Linear,
}

/// Two projections with the activation between them.
#[derive(Debug)]
pub struct FeedForward {
    /// (feed_forward, d_model)
    pub inner: Linear,
    /// (d_model, feed_forward)
    pub outer: Linear,
}

/// y = x · weightᵀ + bias.
#[derive(Debug)]
pub struct Linear {
    /// (outputs, inputs)
    pub weight: Tensor,
    /// (outputs)
    pub bias: Tensor,
}

/// Gain and bias of a layer norm, both (d_model).
#[derive(Debug)]
pub struct LayerNorm {
    /// Gain.
    pub weight: Tensor,
    /// Bias.
    pub bias: Tensor,
}

impl Weights {
    /// Loads and checks all weights, from model.safetensors where it is there, else from pytorch_model.bin.
    ///
    /// # Errors
    /// [`Error::Model`] naming the file and the tensor at fault.
    pub fn load(files: &ModelFiles, config: &Config) -> Result<Self> {
        if files.contains("model.safetensors") {
            let bytes = files.read("model.safetensors")?;
            let tensors = SafeTensors::deserialize(&bytes)
                .map_err(|error| files.fault(format!("model.safetensors is damaged: {error}")))?;
            let names = tensors.names().into_iter().map(str::to_owned).collect();
            let read = |name: &str, _: &[usize]| read_safetensor(&tensors, name);
            Reader::new(files, "model.safetensors", names, &read).weights(config)
        } else if files.contains("pytorch_model.bin") {
            let tensors = open_pickle(files)?;
            let names = tensors.tensor_infos().keys().cloned().collect();
            let read = |name: &str, shape: &[usize]| {
                // Before memory is taken for it: a damaged file may list any shape.
                let listed = tensors.tensor_infos().get(name).map(|info| info.layout.dims());
                if let Some(listed) = listed.filter(|listed| *listed != shape) {
                    return Err(format!("it is listed with shape {listed:?}, config.json asks for {shape:?}"));
                }
                let tensor = tensors.get(name).map_err(|error| first_line(&error))?;
                let tensor = tensor.ok_or("it is listed but not there")?;
                tensor.to_dtype(DType::F32).map_err(|error| first_line(&error))
            };
            Reader::new(files, "pytorch_model.bin", names, &read).weights(config)
        } else {
            Err(files.fault("there is neither model.safetensors nor pytorch_model.bin"))
        }
    }

    /// The projections of all layers, for a network that keeps them in a form of its own.
    pub fn linears_mut(&mut self) -> impl Iterator<Item = &mut Linear> {
        let encoder = self
            .encoder
            .iter_mut()
            .flat_map(|layer| layer.attention.linears_mut().into_iter().chain(layer.feed_forward.linears_mut()));
        let decoder = self.decoder.iter_mut().flat_map(|layer| {
            let attention = layer.attention.linears_mut().into_iter().chain(layer.cross_attention.linears_mut());
            attention.chain(layer.feed_forward.linears_mut())
        });
        encoder.chain(decoder)
    }
}

impl Attention {
    fn linears_mut(&mut self) -> [&mut Linear; 4] {
        [&mut self.query, &mut self.key, &mut self.value, &mut self.output]
    }
}

impl FeedForward {
    fn linears_mut(&mut self) -> [&mut Linear; 2] {
        [&mut self.inner, &mut self.outer]
    }
}

/// One tensor as f32, or what is wrong with it.
fn read_safetensor(tensors: &SafeTensors, name: &str) -> Result<Tensor, String> {
    let view = tensors.tensor(name).map_err(|error| error.to_string())?;
    let values = match view.dtype() {
        Dtype::F32 => view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        Dtype::F16 => {
            let bits = view.data().chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
            bits.map(|bits| half::f16::from_bits(bits).to_f32()).collect()
        }
        Dtype::BF16 => {
            let bits = view.data().chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
            bits.map(|bits| half::bf16::from_bits(bits).to_f32()).collect()
        }
        Dtype::I8 => dequantise(tensors, name, &view)?,
        other => return Err(format!("its type {other:?} is not supported, only F32, F16, BF16 and I8 with scales")),
    };
    Tensor::from_vec(values, view.shape(), &Device::Cpu).map_err(|error| error.to_string())
}

/// weight = scale of its row · integer.
fn dequantise(tensors: &SafeTensors, name: &str, view: &TensorView) -> Result<Vec<f32>, String> {
    let scales = tensors.tensor(&scale_name(name)).map_err(|_| "it is I8 without a tensor of scales".to_owned())?;
    let &[rows, columns] = view.shape() else {
        return Err(format!("it is I8 of shape {:?}, expected two dimensions", view.shape()));
    };
    if scales.dtype() != Dtype::F32 || scales.shape() != [rows] || columns == 0 {
        return Err(format!("its scales are {:?} {:?}, expected F32 [{rows}]", scales.dtype(), scales.shape()));
    }
    let scales = scales.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let row = |(scale, row): (f32, &[u8])| row.iter().map(|&byte| scale * f32::from(byte as i8)).collect::<Vec<_>>();
    Ok(scales.zip(view.data().chunks_exact(columns)).flat_map(row).collect())
}

fn scale_name(name: &str) -> String {
    format!("{name}.scale")
}

fn open_pickle(files: &ModelFiles) -> Result<candle_core::pickle::PthTensors> {
    let ModelFiles::Directory(directory) = files else {
        return Err(files.fault("pytorch_model.bin can only be read from a directory"));
    };
    // Since torch 1.6 the file is a zip archive; before, it was a bare pickle stream (protocol 2: 0x80 0x02).
    if !files.read("pytorch_model.bin")?.starts_with(b"PK") {
        return Err(Error::Model {
            model: files.name(),
            reason: "pytorch_model.bin is not the zip form that torch writes since version 1.6".to_owned(),
            hint: "use a revision of the model that has model.safetensors (opus-mt-de-en: refs/pr/4), or save the weights \
                   again with a current torch"
                .to_owned(),
        });
    }
    let path = directory.join("pytorch_model.bin");
    let damaged = |reason: String| files.fault(format!("pytorch_model.bin is damaged: {reason}"));
    let listing = pickle_bytes(&path).map_err(|error| damaged(error.to_string()))?;
    if listing > LONGEST_PICKLE {
        return Err(damaged(format!("its list of tensors has {listing} bytes, more than any model needs")));
    }
    // The reader recurses as deep as the list is nested: with so much stack no list of that length can exhaust it.
    let opened = std::thread::Builder::new()
        .stack_size(STACK_PER_BYTE * LONGEST_PICKLE as usize)
        .spawn(move || candle_core::pickle::PthTensors::new(path, None))
        .map_err(|error| damaged(error.to_string()))?
        .join();
    match opened {
        Ok(opened) => opened.map_err(|error| damaged(first_line(&error))),
        Err(_) => Err(damaged("its list of tensors cannot be read".to_owned())),
    }
}

/// Longest list of tensors that is read; that of a model with 24 layers has a quarter of it.
const LONGEST_PICKLE: u64 = 1 << 20;

/// Stack for each byte of a pickle, since each may open a level of nesting.
const STACK_PER_BYTE: usize = 1024;

/// Unpacked length of the list of tensors.
fn pickle_bytes(path: &Path) -> zip::result::ZipResult<u64> {
    let mut archive = zip::ZipArchive::new(std::io::BufReader::new(std::fs::File::open(path)?))?;
    let place = archive.file_names().position(|name| name.is_ok_and(|name| name.ends_with("data.pkl")));
    let Some(place) = place else { return Err(zip::result::ZipError::FileNotFound) };
    let mut list = archive.by_index(place)?;
    // Counted, not believed.
    Ok(std::io::copy(&mut list.by_ref().take(LONGEST_PICKLE + 1), &mut std::io::sink())?)
}

fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// Reads the tensor of a name and a shape from the file, or says what is wrong with it.
type ReadTensor<'a> = &'a dyn Fn(&str, &[usize]) -> Result<Tensor, String>;

/// Hands out tensors by name and remembers which were asked for.
struct Reader<'a> {
    files: &'a ModelFiles,
    file: &'static str,
    unused: BTreeSet<String>,
    read: ReadTensor<'a>,
}

impl<'a> Reader<'a> {
    fn new(files: &'a ModelFiles, file: &'static str, names: BTreeSet<String>, read: ReadTensor<'a>) -> Self {
        Self { files, file, unused: names, read }
    }

    fn weights(mut self, config: &Config) -> Result<Weights> {
        let width = config.d_model;
        let (source_rows, target_rows) = (config.source_vocabulary, config.target_vocabulary);
        const SHARED: &str = "model.shared.weight";
        const SOURCE: &str = "model.encoder.embed_tokens.weight";
        const TARGET: &str = "model.decoder.embed_tokens.weight";
        const OUTPUT: &str = "lm_head.weight";
        let (source_embedding, target_embedding, output);
        if config.shared_embeddings && config.tied_output {
            source_embedding = self.tied(&[SHARED, SOURCE, TARGET, OUTPUT], &[source_rows, width])?;
            (target_embedding, output) = (source_embedding.clone(), source_embedding.clone());
        } else if config.shared_embeddings {
            source_embedding = self.tied(&[SHARED, SOURCE, TARGET], &[source_rows, width])?;
            (target_embedding, output) = (source_embedding.clone(), self.take(OUTPUT, &[target_rows, width])?);
        } else if config.tied_output {
            source_embedding = self.tied(&[SOURCE], &[source_rows, width])?;
            target_embedding = self.tied(&[TARGET, OUTPUT], &[target_rows, width])?;
            output = target_embedding.clone();
        } else {
            source_embedding = self.take(SOURCE, &[source_rows, width])?;
            target_embedding = self.take(TARGET, &[target_rows, width])?;
            output = self.take(OUTPUT, &[target_rows, width])?;
        }
        let output_bias = if self.unused.contains("final_logits_bias") {
            self.take("final_logits_bias", &[1, target_rows])?.flatten_all()?
        } else {
            Tensor::zeros(target_rows, DType::F32, &Device::Cpu)?
        };
        let encoder = (0..config.encoder.layers).map(|i| self.encoder_layer(i, config)).collect::<Result<_>>()?;
        let decoder = (0..config.decoder.layers).map(|i| self.decoder_layer(i, config)).collect::<Result<_>>()?;
        // HF computes the sinusoids itself and ignores a stored table.
        self.unused.remove("model.encoder.embed_positions.weight");
        self.unused.remove("model.decoder.embed_positions.weight");
        match self.unused.first() {
            None => Ok(Weights { source_embedding, target_embedding, output, output_bias, encoder, decoder }),
            Some(name) => Err(self.files.fault(format!(
                "{}: {} tensors have no place in the network that config.json describes, the first is {name}",
                self.file,
                self.unused.len()
            ))),
        }
    }

    fn encoder_layer(&mut self, index: usize, config: &Config) -> Result<EncoderLayer> {
        let prefix = format!("model.encoder.layers.{index}");
        Ok(EncoderLayer {
            attention: self.attention(&format!("{prefix}.self_attn"), config)?,
            attention_norm: self.layer_norm(&format!("{prefix}.self_attn_layer_norm"), config)?,
            feed_forward: self.feed_forward(&prefix, config, config.encoder)?,
            feed_forward_norm: self.layer_norm(&format!("{prefix}.final_layer_norm"), config)?,
        })
    }

    fn decoder_layer(&mut self, index: usize, config: &Config) -> Result<DecoderLayer> {
        let prefix = format!("model.decoder.layers.{index}");
        Ok(DecoderLayer {
            attention: self.attention(&format!("{prefix}.self_attn"), config)?,
            attention_norm: self.layer_norm(&format!("{prefix}.self_attn_layer_norm"), config)?,
            cross_attention: self.attention(&format!("{prefix}.encoder_attn"), config)?,
            cross_attention_norm: self.layer_norm(&format!("{prefix}.encoder_attn_layer_norm"), config)?,
            feed_forward: self.feed_forward(&prefix, config, config.decoder)?,
            feed_forward_norm: self.layer_norm(&format!("{prefix}.final_layer_norm"), config)?,
        })
    }

    fn attention(&mut self, prefix: &str, config: &Config) -> Result<Attention> {
        let width = config.d_model;
        Ok(Attention {
            query: self.linear(&format!("{prefix}.q_proj"), width, width)?,
            key: self.linear(&format!("{prefix}.k_proj"), width, width)?,
            value: self.linear(&format!("{prefix}.v_proj"), width, width)?,
            output: self.linear(&format!("{prefix}.out_proj"), width, width)?,
        })
    }

    fn feed_forward(&mut self, prefix: &str, config: &Config, stack: Stack) -> Result<FeedForward> {
        Ok(FeedForward {
            inner: self.linear(&format!("{prefix}.fc1"), stack.feed_forward, config.d_model)?,
            outer: self.linear(&format!("{prefix}.fc2"), config.d_model, stack.feed_forward)?,
        })
    }

    fn linear(&mut self, prefix: &str, outputs: usize, inputs: usize) -> Result<Linear> {
        Ok(Linear {
            weight: self.take(&format!("{prefix}.weight"), &[outputs, inputs])?,
            bias: self.take(&format!("{prefix}.bias"), &[outputs])?,
        })
    }

    fn layer_norm(&mut self, prefix: &str, config: &Config) -> Result<LayerNorm> {
        Ok(LayerNorm {
            weight: self.take(&format!("{prefix}.weight"), &[config.d_model])?,
            bias: self.take(&format!("{prefix}.bias"), &[config.d_model])?,
        })
    }

    /// One matrix that may stand in the file under several names; copies must be equal.
    fn tied(&mut self, names: &[&str], shape: &[usize]) -> Result<Tensor> {
        let present: Vec<&str> = names.iter().copied().filter(|name| self.unused.contains(*name)).collect();
        let Some((first, copies)) = present.split_first() else {
            return Err(self.files.fault(format!("{}: {} is missing", self.file, names.join(" or "))));
        };
        let tensor = self.take(first, shape)?;
        for copy in copies {
            let other = self.take(copy, shape)?;
            if tensor.ne(&other)?.to_dtype(DType::U32)?.sum_all()?.to_scalar::<u32>()? > 0 {
                return Err(self.files.fault(format!(
                    "{}: {first} and {copy} differ, but config.json says that they are one matrix",
                    self.file
                )));
            }
        }
        Ok(tensor)
    }

    fn take(&mut self, name: &str, shape: &[usize]) -> Result<Tensor> {
        if !self.unused.remove(name) {
            return Err(self.files.fault(format!("{}: {name} is missing", self.file)));
        }
        self.unused.remove(&scale_name(name));
        let tensor = (self.read)(name, shape)
            .map_err(|reason| self.files.fault(format!("{}: {name} cannot be read: {reason}", self.file)))?;
        if tensor.dims() != shape {
            return Err(self.files.fault(format!(
                "{}: {name} has shape {:?}, config.json asks for {shape:?}",
                self.file,
                tensor.dims()
            )));
        }
        if !tensor.sum_all()?.to_scalar::<f32>()?.is_finite() {
            return Err(self.files.fault(format!("{}: {name} holds values that are no numbers", self.file)));
        }
        Ok(tensor)
    }
}
