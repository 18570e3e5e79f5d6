//! A Marian model's files → its configuration and its named weights.
//!
//! In: the files of a model directory. Out: [`Config`], [`Generation`] and [`Weights`]. No search here, and no arithmetic
//! but the position table, which is computed instead of stored.

mod config;
mod positions;
mod weights;

pub use config::{Activation, Config, EarlyStopping, Generation, Stack};
pub use positions::sinusoids;
pub use weights::{Attention, DecoderLayer, EncoderLayer, FeedForward, LayerNorm, Linear, Weights};
