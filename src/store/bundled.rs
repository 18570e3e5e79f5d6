//! The small German-English model inside the program: the files of `models/bundled/`, as bytes.
//!
//! In: nothing. Out: a table of names and bytes, empty when the program is built without feature `bundled`. To swap the
//! model, swap the files; to add or drop one, change the list below.

use crate::engine::files::ModelFiles;

/// Name of the model on the command line and in results.
pub(super) const NAME: &str = "bundled";

#[cfg(feature = "bundled")]
macro_rules! embed {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_bytes!(concat!("../../models/bundled/", $file)))),*]
    };
}

#[cfg(feature = "bundled")]
const FILES: &[(&str, &[u8])] = embed![
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "vocab.json",
    "source.spm",
    "target.spm",
    "model.safetensors",
];

#[cfg(not(feature = "bundled"))]
const FILES: &[(&str, &[u8])] = &[];

/// The bundled model's files, `None` when this build has none.
pub(super) fn files() -> Option<ModelFiles> {
    (!FILES.is_empty()).then_some(ModelFiles::Embedded { name: NAME, files: FILES })
}
