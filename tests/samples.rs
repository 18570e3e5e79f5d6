//! What becomes of the samples: structure in every format, facts and summary, against golden files.
//!
//! In the golden files each sentence is `de7` or `en7`, by its number, so that they are small and show nothing but structure: no
//! model changes them. `UPDATE_GOLDEN=1 cargo test --test main samples` writes them anew.

use std::path::{Path, PathBuf};

use translate::Format;
use translate::bitext::{Bitext, BitextBlock, BitextSegment, Check, CheckKind};
use translate::document::Document;
use translate::segment::segment;
use translate::summary::{SummaryOptions, summarize};

use crate::output::{compare, written};
use crate::report::report;
use crate::support::root;

fn samples() -> Vec<PathBuf> {
    let files = std::fs::read_dir(root().join("samples")).unwrap().flatten().map(|entry| entry.path());
    let mut samples: Vec<PathBuf> = files.filter(|path| !path.ends_with("README.md")).collect();
    samples.sort();
    samples
}

/// A sample as the readers and the segmenter see it, without translations; `None` where this build does not read it.
fn bitext(sample: &Path) -> Option<Bitext> {
    let document = Document::read(sample).ok()?;
    let mut bitext = report(&format!("samples/{}", sample.file_name().unwrap().to_str().unwrap()));
    bitext.source.sha256 = document.sha256.clone();
    bitext.source.characters = document.text.chars().count();
    bitext.blocks = document.blocks.iter().map(BitextBlock::from).collect();
    for (id, segment) in segment(&document).into_iter().enumerate() {
        bitext.blocks[segment.block].segments.push(id);
        let place = |byte: usize| document.text[..byte].chars().count();
        bitext.segments.push(BitextSegment {
            id,
            start: place(segment.range.start),
            end: place(segment.range.end),
            source: segment.text,
            target: String::new(),
            score: -0.25,
            checks: Vec::new(),
        });
    }
    bitext.summary = Some(summarize(&bitext, &SummaryOptions::default()));
    Some(bitext)
}

/// The same with numbers instead of sentences; what numbers a heading or an item stays. Every ninth sentence is doubtful.
fn outline(mut bitext: Bitext) -> Bitext {
    for segment in &mut bitext.segments {
        let number: String = segment.source.chars().take_while(|c| c.is_ascii_digit() || ".) ".contains(*c)).collect();
        let number = if number.ends_with(' ') { number } else { String::new() };
        segment.source = format!("{number}de{}", segment.id);
        segment.target = format!("{number}en{}", segment.id);
        // Numbers of items are known by the capital letter after them.
        if !number.is_empty() {
            segment.source = format!("{number}De{}", segment.id);
        }
        if segment.id % 9 == 4 {
            segment.checks = vec![Check { kind: CheckKind::LowScore, detail: "the model was unsure".to_owned() }];
        }
    }
    if let Some(summary) = &mut bitext.summary {
        let join = |text: fn(&BitextSegment) -> &str| {
            summary.segments.iter().map(|id| text(&bitext.segments[*id])).collect::<Vec<_>>().join(" ")
        };
        (summary.source, summary.target) = (join(|segment| &segment.source), join(|segment| &segment.target));
    }
    bitext
}

/// A page without what is the same in all pages.
fn without_fixed_parts(mut page: String) -> String {
    for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
        if let (Some(start), Some(end)) = (page.find(open), page.find(close)) {
            page.replace_range(start + open.len()..end, "");
        }
    }
    page
}

#[test]
fn every_sample_keeps_its_structure_in_every_format() {
    assert!(samples().len() >= 10);
    for sample in samples() {
        let Some(bitext) = bitext(&sample) else {
            println!("skipped: {} is not read by this build", sample.display());
            continue;
        };
        let bitext = outline(bitext);
        // On one line it is the same object: see the tests of the writers.
        for format in Format::ALL.into_iter().filter(|format| *format != Format::Jsonl) {
            let extension = if format == Format::Docx { "docx.xml" } else { format.extension() };
            let name = sample.file_name().unwrap().to_str().unwrap();
            compare(&format!("samples/{name}.{extension}"), without_fixed_parts(written(&bitext, format)));
        }
    }
}

/// Facts are what a reader would take from the German text; none of them is wrong.
#[test]
fn facts_of_the_samples() {
    let facts = |sample: &str| -> Vec<String> {
        let bitext = bitext(&root().join("samples").join(sample)).unwrap();
        let facts = bitext.summary.unwrap().facts;
        assert!(
            facts
                .iter()
                .all(|fact| !fact.segments.is_empty() && fact.segments.iter().all(|id| *id < bitext.segments.len()))
        );
        facts.into_iter().map(|fact| fact.target).collect()
    };
    let astana = facts("astana.txt");
    for expected in
        ["4 July 2024", "1 January 2025", "Belarus", "Astana", "Shanghai Cooperation Organisation", "about 40 percent"]
    {
        assert!(astana.iter().any(|fact| fact == expected), "{expected} is not in {astana:?}");
    }
    let company = facts("company.txt");
    for expected in ["7 November 2025", "Kiel", "Nordmark Antriebstechnik AG", "1,234.5 million euros", "8.3 percent"] {
        assert!(company.iter().any(|fact| fact == expected), "{expected} is not in {company:?}");
    }
}
