//! Cuts texts with the crates `srx` and `icu_segmenter`, for `compare.py`.
//!
//! In: JSON strings, one a line, on standard input. Out: a JSON array of its sentences for each. Nothing of `translate` is used here.

use std::error::Error;
use std::io::BufRead;

use icu_segmenter::SentenceSegmenter;
use icu_segmenter::options::SentenceBreakInvariantOptions;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let cut: Box<dyn Fn(&str) -> Vec<String>> = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["icu"] => {
            let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
            Box::new(move |text| {
                let ends: Vec<usize> = segmenter.segment_str(text).collect();
                ends.windows(2).map(|pair| text[pair[0]..pair[1]].to_owned()).collect()
            })
        }
        ["srx", rules] => {
            let rules: srx::SRX = std::fs::read_to_string(rules)?.parse()?;
            let german = rules.language_rules("de_two");
            Box::new(move |text| german.split(text).map(str::to_owned).collect())
        }
        _ => return Err("usage: segment-peers icu | srx RULES < texts.jsonl".into()),
    };
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        println!("{}", serde_json::to_string(&cut(&text))?);
    }
    Ok(())
}
