//! Stage 6: [`Bitext`] → bytes, one writer per file.
//!
//! In: a bitext with or without a summary. Out: the bytes of one format. Writers read no files and know no model.

use std::io::Write;

use crate::bitext::Bitext;
