//! placeholder
use super::files::ModelFiles;
use crate::Result;
#[derive(Debug)]
pub struct Tokenizer;
impl Tokenizer {
    pub fn load(_: &ModelFiles) -> Result<Self> {
        Ok(Self)
    }
    pub fn encode(&self, _: &str) -> Vec<u32> {
        vec![0]
    }
    pub fn decode(&self, ids: &[u32]) -> String {
        format!("{ids:?}")
    }
    pub fn source_vocabulary_size(&self) -> usize {
        1
    }
    pub fn target_vocabulary_size(&self) -> usize {
        1
    }
    pub fn max_length(&self) -> Option<usize> {
        None
    }
}
