//! The int8 network: equal on every kernel and in every batch, and close to the f32 network it was made from.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};

use serde_json::Value;
use translate::engine::batch::Batch;
use translate::engine::candle::CandleNetwork;
use translate::engine::files::ModelFiles;
use translate::engine::int8::{Int8Network, Prepared};
use translate::engine::kernel::Kernel;
use translate::engine::marian::{Config, Generation, Weights};
use translate::engine::search::{Hypothesis, SearchOptions, Seq2Seq, search};
use translate::engine::tokenizer::Tokenizer;
use translate::store::StoreOptions;
use translate::{Document, Pipeline};

/// A recorded model in both precisions.
struct Fixture {
    files: ModelFiles,
    config: Config,
    generation: Generation,
    sentences: Vec<Vec<u32>>,
    /// For each sentence the tokens HF finds greedily, with the start token.
    greedy: Vec<Vec<u32>>,
    beam4: Vec<Vec<u32>>,
    max_length: usize,
}

fn ids(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

impl Fixture {
    fn load(directory: &Path) -> Self {
        let files = ModelFiles::Directory(directory.to_owned());
        let config = Config::read(&files).unwrap();
        let generation = Generation::read(&files, &config).unwrap();
        let recording: Value = serde_json::from_str(&files.read_text("cases.json").unwrap()).unwrap();
        let cases = recording["cases"].as_array().unwrap();
        Self {
            sentences: cases.iter().map(|case| ids(&case["ids"])).collect(),
            greedy: cases.iter().map(|case| ids(&case["greedy"]["ids"])).collect(),
            beam4: cases.iter().map(|case| ids(&case["beam4"]["ids"])).collect(),
            max_length: recording["max_length"].as_u64().unwrap() as usize,
            files,
            config,
            generation,
        }
    }

    fn int8(&self, kernel: Kernel) -> Int8Network {
        let weights = Weights::load(&self.files, &self.config).unwrap();
        Int8Network::new(self.config.clone(), &weights, kernel).unwrap()
    }

    fn f32(&self) -> CandleNetwork {
        CandleNetwork::new(self.config.clone(), Weights::load(&self.files, &self.config).unwrap()).unwrap()
    }

    fn options(&self, beams: usize) -> SearchOptions {
        let own = SearchOptions::new(&self.config, &self.generation);
        SearchOptions { beams, max_length: self.max_length, ..own }
    }

    fn batch(&self, sentences: &[Vec<u32>]) -> Batch {
        Batch::of(&sentences.iter().map(Vec::as_slice).collect::<Vec<_>>(), self.config.pad)
    }

    fn all<N: Seq2Seq>(&self, network: &N, beams: usize, size: usize) -> Vec<Vec<Hypothesis>> {
        // One memory for all: what a batch leaves there must not be seen by the next.
        let mut memory = None;
        let batches = self.sentences.chunks(size).map(|sentences| self.batch(sentences));
        batches.flat_map(|batch| search(network, &batch, &self.options(beams), &mut memory).unwrap()).collect()
    }
}

/// The bundled model, a trained one, on sentences of a sample; its recordings are those of the f32 network.
fn bundled() -> Fixture {
    let files = ModelFiles::Directory(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/bundled"));
    let tokenizer = Tokenizer::load(&files).unwrap();
    let config = Config::read(&files).unwrap();
    let sentences = [
        "Der Gipfel in Astana endet am Donnerstag mit einer Erklärung.",
        "Der Umsatz stieg im zweiten Quartal um 4,5 Prozent auf 1.234,5 Millionen Euro.",
        "„Unsere wichtigste Aufgabe ist der Frieden“, sagte der Generalsekretär.",
        "Die Staats- und Regierungschefs unterzeichneten 25 Dokumente, darunter eine Strategie, die bis 2035 reicht.",
        "Im Süden und Osten fällt bis zum Abend örtlich Starkregen.",
        "Das Gericht wies die Klage ab.",
    ];
    let mut fixture = Fixture {
        generation: Generation::read(&files, &config).unwrap(),
        sentences: sentences.iter().map(|sentence| tokenizer.encode(sentence)).collect(),
        greedy: vec![],
        beam4: vec![],
        max_length: 40,
        files,
        config,
    };
    let network = fixture.f32();
    let record = |beams| -> Vec<Vec<u32>> {
        let found = fixture.all(&network, beams, 8).into_iter();
        found.map(|found| [&[fixture.config.start], &found[0].tokens[..]].concat()).collect()
    };
    (fixture.greedy, fixture.beam4) = (record(1), record(4));
    fixture
}

/// Models wide enough for 8 bits to do them justice: the bundled one, and one that developers have beside the checkout.
fn wide_fixtures() -> Vec<Fixture> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/tiny-marian");
    let mut fixtures = vec![bundled()];
    if shared.join("cases.json").is_file() {
        fixtures.push(Fixture::load(&shared));
    } else {
        println!("skipped: ../shared/fixtures/tiny-marian is not here");
    }
    fixtures
}

/// Every recorded model.
fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = std::fs::read_dir(root.join("tests/fixtures/marian")).into_iter().flatten().flatten();
    let mut directories: Vec<PathBuf> = own.map(|entry| entry.path()).collect();
    directories.push(root.join("../shared/fixtures/tiny-marian"));
    directories.retain(|path| path.join("cases.json").is_file());
    directories.sort();
    assert!(!directories.is_empty(), "tests/fixtures/marian holds no recorded model");
    directories.iter().map(|directory| Fixture::load(directory)).collect()
}

/// Not close: equal to the last bit.
#[test]
fn results_are_equal_on_every_kernel_and_in_every_batch() {
    for fixture in fixtures() {
        for beams in [1, 4] {
            let fastest = fixture.int8(Kernel::detect());
            let expected = fixture.all(&fastest, beams, 1);
            for size in [3, usize::MAX] {
                assert_eq!(fixture.all(&fastest, beams, size), expected, "batches of {size}, {beams} beams");
            }
            let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
            assert_eq!(pool.install(|| fixture.all(&fastest, beams, 3)), expected, "three threads, {beams} beams");
            // A few sentences: without optimisation the portable kernel takes its time.
            let batch = fixture.batch(&fixture.sentences[..3]);
            for kernel in Kernel::available() {
                let found = search(&fixture.int8(kernel), &batch, &fixture.options(beams), &mut None).unwrap();
                assert_eq!(found, expected[..3], "{}, {beams} beams", kernel.name());
            }
        }
    }
}

/// Distances of logits, relative to the spread of the f32 ones, while both read the same recorded target.
#[test]
fn logits_stay_close_to_the_f32_network() {
    for fixture in wide_fixtures() {
        let (int8, f32) = (fixture.int8(Kernel::detect()), fixture.f32());
        let (mut errors, mut spread, mut worst, mut count) = (0f64, 0f64, 0f64, 0f64);
        for (sentence, target) in fixture.sentences.iter().zip(&fixture.greedy) {
            let batch = fixture.batch(std::slice::from_ref(sentence));
            let mut state = int8.encode(&batch, 1, None).unwrap();
            let mut reference = f32.encode(&batch, 1, None).unwrap();
            for &token in &target[..target.len().min(24)] {
                let ours = int8.logits(&[token], &mut state);
                let theirs: Vec<f32> =
                    f32.logits(&[token], &mut reference).unwrap().flatten_all().unwrap().to_vec1().unwrap();
                // The banned pad, last in the vocabulary, may have any bias.
                let pairs: Vec<(f64, f64)> = ours
                    .iter()
                    .zip(&theirs)
                    .take(fixture.config.pad as usize)
                    .map(|(&a, &b)| (f64::from(a), f64::from(b)))
                    .collect();
                let mean = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / pairs.len() as f64;
                let (ours, theirs) = (mean(|pair| pair.0), mean(|pair| pair.1));
                for (a, b) in pairs {
                    // What all logits of a row have in common changes no probability.
                    let error = (a - ours) - (b - theirs);
                    errors += error.powi(2);
                    spread += (b - theirs).powi(2);
                    worst = worst.max(error.abs());
                    count += 1.0;
                }
            }
        }
        let [error, spread] = [errors, spread].map(|squares| (squares / count).sqrt());
        println!("{}: error {error:.4}, spread {spread:.3}, worst {worst:.3}", fixture.files.name());
        assert!(error < 0.1 * spread, "error {error}, spread {spread}");
        assert!(worst < 1.2 * spread, "worst {worst}, spread {spread}");
    }
}

/// A network from its prepared file is the one that was saved.
#[test]
fn a_prepared_network_is_the_same() {
    for fixture in fixtures() {
        let folder = tempfile::tempdir().unwrap();
        let prepared = Prepared::new(folder.path().join("weights.int8"), ["digest"].into_iter());
        let network = fixture.int8(Kernel::detect());
        network.save(&prepared).unwrap();
        let opened = Int8Network::open(fixture.config.clone(), &prepared, Kernel::detect()).unwrap();
        let batch = fixture.batch(&fixture.sentences[..3]);
        let options = fixture.options(1);
        let found = |network| search(network, &batch, &options, &mut None).unwrap();
        assert_eq!(found(&opened), found(&network));
    }
}

/// The program keeps the weights of a directory in its cache, sees when they are stale or damaged, and mends them.
#[test]
fn prepared_weights_are_kept_checked_and_mended() {
    let (cache, model) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let take = |fixture: &str| {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/marian").join(fixture);
        for file in ["config.json", "model.safetensors", "source.spm", "target.spm", "vocab.json"] {
            std::fs::copy(fixture.join(file), model.path().join(file)).unwrap();
        }
    };
    let run = |cache: Option<&Path>| {
        let store = StoreOptions { cache: cache.map(Path::to_owned), ..StoreOptions::default() };
        let pipeline = Pipeline::builder().model(model.path().to_str().unwrap()).store(store).build().unwrap();
        pipeline.run(&Document::from_text("Der Gipfel beginnt am Mittwoch.")).unwrap().segments
    };
    let kept = || {
        let notes = std::fs::read_dir(cache.path().join(".translate")).unwrap().next().unwrap().unwrap();
        notes.path().join("weights.int8")
    };

    take("joint-swish");
    let first = run(None);
    assert_eq!(run(Some(cache.path())), first);
    let whole = std::fs::read(kept()).unwrap();
    assert_eq!(run(Some(cache.path())), first);
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    std::fs::write(kept(), damaged).unwrap();
    assert_eq!(run(Some(cache.path())), first);
    assert!(std::fs::read(kept()).unwrap() == whole, "the damaged file stayed");
    take("gelu");
    let other = run(None);
    assert_ne!(other, first);
    assert_eq!(run(Some(cache.path())), other);
    assert!(std::fs::read(kept()).unwrap() != whole, "the stale file stayed");
}

/// Where the f32 network prefers a token clearly, the int8 network chooses the same.
#[test]
fn clear_choices_are_those_of_the_f32_network() {
    /// More than the worst error of a logit that [`logits_stay_close_to_the_f32_network`] finds.
    const CLEAR: f32 = 1.0;
    let best = |logits: &[f32]| {
        let (mut best, mut second) = ((f32::NEG_INFINITY, 0), f32::NEG_INFINITY);
        for (id, &logit) in logits.iter().enumerate() {
            if logit > best.0 {
                second = best.0;
                best = (logit, id);
            } else if logit > second {
                second = logit;
            }
        }
        (best.1, best.0 - second)
    };
    for fixture in wide_fixtures() {
        let (int8, f32) = (fixture.int8(Kernel::detect()), fixture.f32());
        let (mut clear, mut equal, mut total) = (0, 0, 0);
        for (sentence, target) in fixture.sentences.iter().zip(&fixture.greedy) {
            let batch = fixture.batch(std::slice::from_ref(sentence));
            let (mut state, mut reference) =
                (int8.encode(&batch, 1, None).unwrap(), f32.encode(&batch, 1, None).unwrap());
            for &token in &target[..target.len() - 1] {
                let ours = best(&int8.logits(&[token], &mut state)).0;
                let logits = f32.logits(&[token], &mut reference).unwrap().flatten_all().unwrap();
                let (theirs, margin) = best(&logits.to_vec1::<f32>().unwrap());
                total += 1;
                equal += usize::from(ours == theirs);
                if margin > CLEAR {
                    clear += 1;
                    assert_eq!(ours, theirs, "margin {margin}");
                }
            }
        }
        println!("{}: {equal} of {total} choices equal, {clear} of them clear", fixture.files.name());
        assert!(clear > total / 4 && 10 * equal > 9 * total);
    }
}

/// How many whole targets are those of f32: rounding turns some narrow choice in many long ones of small models.
#[test]
fn many_targets_are_those_of_f32() {
    for fixture in wide_fixtures() {
        let network = fixture.int8(Kernel::detect());
        for (beams, recorded) in [(1, &fixture.greedy), (4, &fixture.beam4)] {
            let found = fixture.all(&network, beams, 8);
            let equal = found.iter().zip(recorded).filter(|(ours, theirs)| theirs[1..].starts_with(&ours[0].tokens));
            let (equal, total) = (equal.count(), recorded.len());
            println!("{}: {beams} beams, {equal} of {total} equal", fixture.files.name());
            assert!(3 * equal >= total, "{beams} beams: {equal} of {total}");
        }
    }
}
