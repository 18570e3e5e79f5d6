//! Translates one report as a library would, and prints its summary and its doubtful sentences.
//!
//! ```text
//! cargo run --release --example report -- samples/astana.txt
//! ```
#![allow(clippy::print_stdout)]

use translate::{Document, Pipeline};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "samples/astana.txt".to_owned());
    let pipeline = Pipeline::builder().model("bundled").build()?;
    let bitext = pipeline.run(&Document::read(&path)?)?;
    if let Some(summary) = &bitext.summary {
        println!("{}\n", summary.target);
    }
    for segment in bitext.segments.iter().filter(|segment| !segment.checks.is_empty()) {
        println!("{} [{:.2}] {}\n    {}", segment.id, segment.score, segment.source, segment.target);
    }
    Ok(())
}
