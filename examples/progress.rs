//! Translates several reports in shared batches, follows the progress and stops early when asked to.
//!
//! ```text
//! cargo run --release --example progress -- 20 samples/*.txt      stops after 20 sentences
//! ```
#![allow(clippy::print_stdout)]

use std::ops::ControlFlow;

use translate::{Document, Error, Pipeline};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let most: usize = arguments.next().ok_or("say after how many sentences to stop")?.parse()?;
    let documents = arguments.map(Document::read).collect::<Result<Vec<_>, _>>()?;
    let pipeline = Pipeline::builder().model("bundled").build()?;
    let result = pipeline.run_all(&documents, &|progress| {
        println!("{} of {} sentences", progress.done, progress.total);
        if progress.done < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    match result {
        Err(Error::Stopped) => println!("stopped"),
        result => println!("{} reports", result?.len()),
    }
    Ok(())
}
