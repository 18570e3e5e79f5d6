//! Stage 5: [`Bitext`] → [`Summary`]: a few of its segments that give a reader the point, in both languages.
//!
//! In: a bitext. Out: segment ids and their text in both languages. The sentences are chosen on the German side and
//! their English is the translation that stands in the report, so the two cannot disagree. No model and no file here.
