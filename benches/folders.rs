//! Throughput of a folder of small reports against that of the same sentences line by line.
//!
//! ```text
//! cargo bench --bench folders -- [--model NAME] [--reports N] [--threads N] [--beam N] [--repetitions N]
//! ```
//!
//! The reports are made here: ten sentences each, no two alike, so that neither way can save work. Both ways read from files
//! and write to files, and take turns. The default is 500 reports and the bundled model.
#![allow(clippy::print_stdout)]

mod clock;

use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use translate::document::ReadOptions;
use translate::engine::TranslateOptions;
use translate::folder::{self, Done, Output, Selection};
use translate::lines::{LineOutput, translate_lines};
use translate::summary::SummaryOptions;
use translate::{Format, Pipeline};

use clock::{processor_seconds, spread};

const WHO: [&str; 8] = [
    "Der Stadtrat",
    "Die Kommission",
    "Das Ministerium",
    "Der Ausschuss für Verkehr",
    "Die Behörde",
    "Der Verband",
    "Die Gemeinde",
    "Das Gericht",
];
const DOES: [&str; 7] = ["prüft", "beschließt", "verschiebt", "kritisiert", "unterstützt", "beantragt", "finanziert"];
const WHAT: [&str; 9] = [
    "den neuen Haushalt",
    "den Bau der Brücke",
    "das Gesetz über den Hafen",
    "den Bericht der Prüfer",
    "die Reform der Schulen",
    "die Vereinbarung mit den Nachbarn",
    "den Antrag der Opposition",
    "die Planung der Bahn",
    "das Abkommen über den Handel",
];
const HOW: [&str; 5] = [
    "nach langer Debatte",
    "ohne Gegenstimmen",
    "trotz der Kritik aus den Ländern",
    "mit großer Mehrheit",
    "wegen der hohen Kosten",
];

struct Arguments {
    model: String,
    reports: usize,
    repetitions: usize,
    decoding: TranslateOptions,
}

fn arguments() -> Result<Arguments, String> {
    let mut found =
        Arguments { model: "bundled".to_owned(), reports: 500, repetitions: 5, decoding: TranslateOptions::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
        let number = |text: String| text.parse::<usize>().map_err(|_| format!("{text} is not a number"));
        match name.as_str() {
            "--model" => found.model = value()?,
            "--reports" => found.reports = number(value()?)?,
            "--repetitions" => found.repetitions = number(value()?)?.max(1),
            "--threads" => found.decoding.threads = number(value()?)?,
            "--beam" => found.decoding.beams = Some(number(value()?)?),
            // What `cargo bench` itself adds.
            "--bench" => {}
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(found)
}

/// The `number`th of all sentences.
fn sentence(number: usize) -> String {
    // No two of the lengths have a common factor, so that the words meet in ever new ways.
    let word = |words: &[&'static str]| words[number % words.len()];
    format!("{} {} unter Nummer {} {} {}.", word(&WHO), word(&DOES), number + 1, word(&WHAT), word(&HOW))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments()?;
    let workspace = tempfile::tempdir()?;
    let at = |name: &str| workspace.path().join(name);
    let mut lines = String::new();
    for report in 0..arguments.reports {
        let sentences: Vec<String> = (0..10).map(|place| sentence(10 * report + place)).collect();
        let folder = at("in").join((report % 10).to_string());
        fs::create_dir_all(&folder)?;
        let (first, second) = sentences.split_at(5);
        fs::write(folder.join(format!("{report}.txt")), format!("{}\n\n{}\n", first.join(" "), second.join(" ")))?;
        lines.push_str(&format!("{}\n", sentences.join("\n")));
    }
    fs::write(at("lines.de"), lines)?;
    let pipeline = Pipeline::builder()
        .model(arguments.model.as_str())
        .decoding(arguments.decoding.clone())
        .summary(Some(SummaryOptions::default()))
        .build()?;
    let mut wall: [Vec<f64>; 2] = Default::default();
    let mut processor: [Vec<f64>; 2] = Default::default();
    for repetition in 0..=arguments.repetitions {
        for way in [0, 1] {
            let (start, used) = (Instant::now(), processor_seconds());
            let sentences = match way {
                0 => run_lines(&pipeline, &at("lines.de"), &at("lines.en"))?,
                _ => run_folder(&pipeline, &at("in"), &at(&format!("out-{repetition}")))?,
            };
            let (seconds, used_now) = (start.elapsed().as_secs_f64(), processor_seconds());
            if sentences != 10 * arguments.reports {
                return Err(format!("{sentences} sentences were translated").into());
            }
            // The first repetition only warms up.
            if repetition > 0 {
                wall[way].push(sentences as f64 / seconds);
                if let (Some(before), Some(after)) = (used, used_now) {
                    processor[way].push(sentences as f64 / (after - before));
                }
            }
        }
    }
    let threads = arguments.decoding.threads;
    println!("{}, {threads} threads, {} reports of 10 sentences", arguments.model, arguments.reports);
    for (what, speeds) in [("second", &mut wall), ("processor second", &mut processor)] {
        let [Some(lines), Some(folder)] = speeds.each_mut().map(|speeds| spread(speeds)) else { continue };
        for (way, (low, middle, high)) in [("lines ", lines), ("folder", folder)] {
            println!("  {way} sentences per {what}: median {middle:.1}, min {low:.1}, max {high:.1}");
        }
        println!("  folder / lines: {:.3}", folder.1 / lines.1);
    }
    Ok(())
}

fn run_lines(pipeline: &Pipeline, source: &Path, target: &Path) -> translate::Result<usize> {
    let mut input = BufReader::new(File::open(source).map_err(translate::Error::read(source))?);
    let mut writer = BufWriter::new(File::create(target).map_err(translate::Error::write(target))?);
    let output = LineOutput { path: target, format: Format::Text, writer: &mut writer };
    let on_progress = &|_| ControlFlow::Continue(());
    let report = translate_lines(pipeline, source, &mut input, &mut [output], None, on_progress)?;
    Ok(report.lines)
}

fn run_folder(pipeline: &Pipeline, source: &Path, target: &Path) -> translate::Result<usize> {
    let output = Output::open(target, false)?;
    let jobs = folder::plan(&[source.to_owned()], target, &[Format::Markdown], &Selection::default());
    let jobs = jobs.into_iter().collect::<translate::Result<Vec<_>>>()?;
    let mut sentences = 0;
    let on_progress = &|_| ControlFlow::Continue(());
    folder::run(pipeline, &jobs, &output, &ReadOptions::default(), on_progress, &mut |outcome| {
        if let Ok(Done::Written(translated)) = outcome.result {
            sentences += translated.bitext.segments.len() - translated.reused;
        }
    })?;
    Ok(sentences)
}
