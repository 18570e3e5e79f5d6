//! The one integration test binary: a module per topic.

mod output;
mod quality;
mod report;
mod summary;
