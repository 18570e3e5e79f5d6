//! Quality checks on human translations: an alarm there is a false one, so alarms must be rare.

use std::path::Path;
use std::process::Command;

use translate::bitext::CheckKind;
use translate::quality::{checks, polish};

/// Pairs written for training.
fn authored_pairs(folder: &str) -> Option<Vec<(String, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut pairs = Vec::new();
    for entry in
        std::fs::read_dir(folder).ok()?.flatten().filter(|entry| entry.path().extension() == Some("gz".as_ref()))
    {
        let unpacked = Command::new("gzip").arg("-dc").arg(entry.path()).output().ok()?;
        let text = String::from_utf8(unpacked.stdout).ok()?;
        pairs.extend(
            text.lines().filter_map(|line| line.split_once('\t')).map(|(de, en)| (de.to_owned(), en.to_owned())),
        );
    }
    Some(pairs).filter(|pairs| !pairs.is_empty())
}

#[test]
#[allow(clippy::print_stdout, reason = "says what was skipped")]
fn alarms_on_human_translations_are_rare() {
    alarms_are_rare(authored_pairs("models/train/pairs").expect("the pairs are part of the repository"));
    match authored_pairs("../shared/corpus/authored") {
        Some(pairs) => alarms_are_rare(pairs),
        None => println!("skipped: ../shared/corpus/authored is not there"),
    }
}

fn alarms_are_rare(pairs: Vec<(String, String)>) {
    let figures = |text: &str| text.contains(|character: char| character.is_ascii_digit());
    let with_figures = pairs.iter().filter(|(source, target)| figures(source) || figures(target)).count();
    let mut numbers = 0;
    let mut others = 0;
    for (source, target) in &pairs {
        for check in checks(source, target, 0.0, false) {
            println!("{:?} {}: {source} / {target}", check.kind, check.detail);
            if check.kind == CheckKind::Number { numbers += 1 } else { others += 1 }
        }
    }
    let polished = pairs.iter().filter(|(source, target)| !polish(source, target).1.is_empty()).count();
    assert!(polished * 1000 < with_figures, "{polished} figures rewritten in human translations");
    assert!(numbers * 200 < with_figures, "{numbers} number alarms on {with_figures} pairs with figures");
    assert!(others * 1000 < pairs.len(), "{others} other alarms on {} pairs", pairs.len());
}

/// Reports get English typography; loose sentences, as of an evaluation, stay as the model said them.
#[cfg(feature = "bundled")]
#[test]
fn only_documents_are_polished() {
    let pipeline = translate::Pipeline::builder().model("bundled").build().unwrap();
    let document = translate::Document::from_text("„Das ist gut“, sagte der Minister. Er zahlt 1.250,5 Euro.");
    let bitext = pipeline.run(&document).unwrap();
    let sources: Vec<&str> = bitext.segments.iter().map(|segment| segment.source.as_str()).collect();
    let raw = pipeline.translate(&sources, &|_| std::ops::ControlFlow::Continue(())).unwrap();
    let mut changed = 0;
    for (polished, raw) in bitext.segments.iter().zip(&raw) {
        let (target, notes) = polish(&raw.source, &raw.target);
        assert_eq!(polished.target, target);
        assert!(notes.iter().all(|note| polished.checks.contains(note)));
        changed += usize::from(target != raw.target);
    }
    assert!(changed > 0, "the model left nothing to polish: {:?}", raw[0].target);
}

/// A small model makes 77 of a cell with 7.
#[cfg(feature = "bundled")]
#[test]
fn what_has_no_letter_comes_out_as_it_is() {
    let pipeline = translate::Pipeline::builder().model("bundled").build().unwrap();
    let cells = ["7", "0", "90", "3:0", "1/3", "€ 99", "–", "🎉🎉", "31.12.", "1) 2)", "4,5 %", "2.200.112", "1.250"];
    let english = ["7", "0", "90", "3:0", "1/3", "€ 99", "–", "🎉🎉", "31.12.", "1) 2)", "4.5 %", "2,200,112", "1,250"];
    let rows: String = cells.iter().map(|cell| format!("| Haus | {cell} |\n")).collect();
    let document = translate::Document::from_markdown(&format!("| Art | Zahl |\n|---|---|\n{rows}"));
    let bitext = pipeline.run(&document).unwrap();
    let found: Vec<_> = bitext.segments.iter().filter(|segment| cells.contains(&segment.source.as_str())).collect();
    assert_eq!(found.iter().map(|segment| segment.target.as_str()).collect::<Vec<_>>(), english);
    assert!(found.iter().flat_map(|segment| &segment.checks).all(|check| check.kind == CheckKind::Polished));
}
