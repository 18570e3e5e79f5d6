//! What several topics of the tests need.

#[cfg(feature = "hub")]
pub mod hub;
