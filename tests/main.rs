//! The one integration test binary: a module per topic.

mod int8;
mod oracle;
