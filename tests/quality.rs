//! Quality checks on human translations: an alarm there is a false one, so alarms must be rare.

use std::path::Path;
use std::process::Command;

use translate::bitext::CheckKind;
use translate::quality::checks;

/// Pairs written for this project, where the development data is at hand.
fn authored_pairs() -> Option<Vec<(String, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/authored");
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
#[allow(clippy::print_stdout, reason = "says that it was skipped")]
fn alarms_on_human_translations_are_rare() {
    let Some(pairs) = authored_pairs() else {
        println!("skipped: ../shared/corpus/authored is not there");
        return;
    };
    let figures = |text: &str| text.contains(|character: char| character.is_ascii_digit());
    let with_figures = pairs.iter().filter(|(source, target)| figures(source) || figures(target)).count();
    let mut numbers = 0;
    let mut others = 0;
    for check in pairs.iter().flat_map(|(source, target)| checks(source, target, 0.0, false)) {
        if check.kind == CheckKind::Number { numbers += 1 } else { others += 1 }
    }
    assert!(numbers * 200 < with_figures, "{numbers} number alarms on {with_figures} pairs with figures");
    assert!(others * 1000 < pairs.len(), "{others} other alarms on {} pairs", pairs.len());
}
