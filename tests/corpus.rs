//! The inputs kept by the fuzz targets: what was hard or wrong once stays right.

use crate::invariants::TARGETS;
use crate::support::root;

/// Small, so that the repository and every test run stay so.
const MOST_FILES: usize = 60;
const MOST_BYTES: usize = 100_000;

#[test]
fn kept_inputs_hold_what_their_targets_demand() {
    for (name, target) in TARGETS {
        let folder = root().join("tests/fuzz/corpus").join(name);
        let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let mut bytes = 0;
        for path in &paths {
            let input = std::fs::read(path).unwrap();
            bytes += input.len();
            let outcome = std::panic::catch_unwind(|| target(&input));
            assert!(outcome.is_ok(), "{} breaks what {name} demands", path.display());
        }
        assert!(!paths.is_empty(), "{} is empty", folder.display());
        assert!(paths.len() <= MOST_FILES && bytes <= MOST_BYTES, "{name}: {} files, {bytes} bytes", paths.len());
    }
}

#[test]
fn every_target_is_built_and_kept_for() {
    let mut targets: Vec<_> = TARGETS.iter().map(|(name, _)| format!("{name}.rs")).collect();
    let folder = std::fs::read_dir(root().join("tests/fuzz/fuzz_targets")).unwrap();
    let mut built: Vec<_> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    targets.sort();
    built.sort();
    assert_eq!(built, targets);
}
