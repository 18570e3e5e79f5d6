//! Stage 4: a sentence and its translation → doubts about it.
