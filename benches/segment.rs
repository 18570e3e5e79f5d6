//! How fast text is read and cut, on texts as they are and on texts that invite quadratic work.
//!
//! `cargo bench --bench segment`. In: nothing but the samples of this repository, repeated. Out: a line for each text: its
//! size, million characters a second on one thread for the line model and the sentences together, and the same for
//! four times the text, which must be about as fast: the time grows with the text and no faster.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use translate::Document;
use translate::segment::{segment, sentences};

const REPEATS: usize = 5;

fn main() {
    let sample = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
        Document::read(path).expect("a sample").text
    };
    let million = |unit: &str| unit.repeat(1_000_000 / unit.chars().count());
    let report = ["astana.txt", "weather.txt", "company.txt"].map(sample).join("\n\n");
    let texts = [
        ("reports", million(&format!("{report}\n\n"))),
        ("a judgment, hard-wrapped", million(&format!("{}\n\n", sample("court.txt")))),
        ("one word a line", million("Wort\n")),
        ("no full stop", million("und so geht es weiter ")),
        ("full stops alone", million(".")),
        ("no space", million("a")),
        ("open brackets", million("(Vgl. ")),
        ("open quotes", million("„Ja. ")),
        ("initials", million("A. ")),
        ("table rows", million("a | b\n")),
    ];
    println!("million characters a second, best of {REPEATS}");
    println!("{:28} {:>10} {:>10} {:>10}", "", "whole", "4 times", "sentences");
    for (name, text) in texts {
        let larger = text.repeat(4);
        let whole = |text: &str| segment(&Document::from_text(text)).len();
        println!(
            "{name:28} {:10.1} {:10.1} {:10.1}",
            speed(&text, whole),
            speed(&larger, whole),
            speed(&text, |text| sentences(text).len())
        );
    }
}

/// Million characters a second.
fn speed(text: &str, work: impl Fn(&str) -> usize) -> f64 {
    let once = || {
        let start = Instant::now();
        std::hint::black_box(work(std::hint::black_box(text)));
        start.elapsed().as_secs_f64()
    };
    let best = (0..REPEATS).map(|_| once()).fold(f64::INFINITY, f64::min);
    text.chars().count() as f64 / best / 1e6
}
