//! A Marian model's files → its configuration and its named weights.
//!
//! In: the files of a model directory. Out: [`Config`], [`Generation`] and [`Weights`]. No arithmetic and no search here.

mod config;
mod weights;

pub use config::{Activation, Config, EarlyStopping, Generation, Stack};
pub use weights::{Attention, DecoderLayer, EncoderLayer, FeedForward, LayerNorm, Linear, Weights};
