//! JSON lines {"id","text"} on standard input → {"id","spans":[[start,end],…]} on standard output: how plain text is cut,
//! in Unicode characters of the text, for scoring against segmented corpora. With `--time`, how fast on standard error.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use translate::document::Document;
use translate::segment::segment;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let timed = std::env::args().any(|argument| argument == "--time");
    let (mut spent, mut characters) = (Duration::ZERO, 0);
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let text = record["text"].as_str().ok_or("a line without \"text\"")?;
        let start = Instant::now();
        let segments = segment(&Document::from_text(text));
        spent += start.elapsed();
        characters += text.chars().count();
        let character = |byte: usize| text[..byte].chars().count();
        let spans: Vec<_> = segments.iter().map(|s| [character(s.range.start), character(s.range.end)]).collect();
        writeln!(output, "{}", serde_json::json!({ "id": record["id"], "spans": spans }))?;
    }
    if timed {
        eprintln!("{:.1} million characters a second", characters as f64 / spent.as_secs_f64() / 1e6);
    }
    Ok(())
}
