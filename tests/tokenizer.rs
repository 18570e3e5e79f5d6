//! Tokenizer parity with Hugging Face transformers, faults of model files, and damage to them.
//!
//! `fixtures/tokenizer/record.py` made the models and the recordings and says what they hold. To check another model,
//! record it there and run with `TOKENIZER_RECORDINGS` naming the files, separated by commas.

#![expect(clippy::print_stdout, reason = "a test that skips says so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use tempfile::TempDir;
use translate::Error;
use translate::engine::files::ModelFiles;
use translate::engine::tokenizer::Tokenizer;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tokenizer")
}

fn load(directory: impl Into<PathBuf>) -> translate::Result<Tokenizer> {
    Tokenizer::load(&ModelFiles::Directory(directory.into()))
}

static BYTES: LazyLock<Tokenizer> = LazyLock::new(|| load(fixtures().join("bytes")).unwrap());
static SWITCHES: LazyLock<Tokenizer> = LazyLock::new(|| load(fixtures().join("switches")).unwrap());

/// A copy of the fixture models named, later ones over earlier ones.
fn copy(models: &[&str]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for entry in models.iter().flat_map(|model| fs::read_dir(fixtures().join(model)).unwrap()) {
        let path = entry.unwrap().path();
        fs::copy(&path, directory.path().join(path.file_name().unwrap())).unwrap();
    }
    directory
}

/// Asserts that `tokenizer` gives the ids and texts of a recording, all of them; returns how many.
fn assert_recorded(tokenizer: &Tokenizer, recording: &str) -> usize {
    let mut differences = Vec::new();
    let cases = recording.lines().skip(1);
    let count = cases.clone().count();
    for case in cases {
        let (text, ids, decoded): (Option<String>, Vec<u32>, String) = serde_json::from_str(case).unwrap();
        if let Some(text) = text {
            let found = tokenizer.encode(&text);
            if found != ids {
                differences.push(format!("{text:?} gives\n {found:?}, recorded\n {ids:?}"));
            }
        }
        let found = tokenizer.decode(&ids);
        if found != decoded {
            differences.push(format!("{ids:?} gives\n {found:?}, recorded\n {decoded:?}"));
        }
    }
    assert!(differences.is_empty(), "{} of {count} differ:\n{}", differences.len(), differences.join("\n"));
    count
}

fn assert_fixture(models: &[&str]) {
    let name = models.last().unwrap();
    let recording = fs::read_to_string(fixtures().join(name).join("cases.jsonl")).unwrap();
    assert!(assert_recorded(&load(copy(models).path()).unwrap(), &recording) > 500);
}

#[test]
fn joint_vocabulary_with_bytes_is_as_recorded() {
    assert_fixture(&["bytes"]);
}

#[test]
fn two_models_with_one_vocabulary_are_as_recorded() {
    assert_fixture(&["pair"]);
}

#[test]
fn separate_vocabularies_are_as_recorded() {
    assert_fixture(&["pair", "separate"]);
}

#[test]
fn whitespace_switches_are_as_recorded() {
    assert_fixture(&["switches"]);
}

#[test]
fn other_recordings() {
    let Ok(recordings) = std::env::var("TOKENIZER_RECORDINGS") else {
        println!("skipped: TOKENIZER_RECORDINGS is not set");
        return;
    };
    for recording in recordings.split(',') {
        let recording = fs::read_to_string(recording).unwrap();
        let model: String = serde_json::from_str(recording.lines().next().unwrap()).unwrap();
        let count = assert_recorded(&load(&model).unwrap(), &recording);
        println!("{model}: {count} cases");
    }
}

#[test]
fn shared_models_have_the_recorded_ids() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    for (model, file, at, ids) in [
        ("bench/opus-shape", "bench/input512.json", "", "ids"),
        ("fixtures/tiny-marian", "fixtures/tiny-marian/cases.json", "/cases", "hf_tokenizer_ids"),
    ] {
        let Ok(cases) = fs::read_to_string(shared.join(file)) else {
            println!("skipped: no ../shared/{file}");
            continue;
        };
        let tokenizer = load(shared.join(model)).unwrap();
        let cases: serde_json::Value = serde_json::from_str(&cases).unwrap();
        let cases = cases.pointer(at).and_then(|cases| cases.as_array()).unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let text = case["text"].as_str().unwrap();
            assert_eq!(serde_json::json!(tokenizer.encode(text)), case[ids], "{model}: {text}");
        }
    }
}

#[test]
fn special_tokens_and_sizes_come_from_the_vocabulary() {
    let tokenizer = load(copy(&["pair", "separate"]).path()).unwrap();
    assert_eq!((tokenizer.end(), tokenizer.unknown()), (0, 1));
    assert_eq!(tokenizer.pad(), Some(tokenizer.source_vocabulary_size() as u32 - 1));
    assert_ne!(tokenizer.source_vocabulary_size(), tokenizer.target_vocabulary_size());
    assert_eq!(tokenizer.decode(&[0, 1, tokenizer.target_vocabulary_size() as u32 - 1, u32::MAX]), "");
}

#[test]
fn a_space_keeps_a_text_from_being_taken_for_a_language_code() {
    let tokenizer = &*BYTES;
    let text = ">>Rat<< sagte er";
    assert_eq!(tokenizer.encode(text)[0], tokenizer.unknown());
    assert_eq!(tokenizer.decode(&tokenizer.encode(&format!(" {text}"))), text);
}

#[test]
fn a_word_of_a_hundred_thousand_characters_is_neither_cut_nor_slow() {
    let word: String = "Donaudampfschifffahrtöl€漢".chars().cycle().take(100_000).collect();
    assert_eq!(BYTES.decode(&BYTES.encode(&word)), word);
}

/// The fault found in a model after `change` to its directory.
fn fault(models: &[&str], change: impl FnOnce(&Path)) -> String {
    let directory = copy(models);
    change(directory.path());
    match load(directory.path()) {
        Err(error @ Error::Model { .. }) => {
            assert!(error.hint().is_some());
            error.to_string()
        }
        Err(error) => panic!("not a fault of the model: {error:?}"),
        Ok(_) => panic!("loaded"),
    }
}

#[test]
fn faults_name_the_file_and_what_is_wrong() {
    for (file, content, expected) in [
        ("vocab.json", "[]", "vocab.json is no object of token ids"),
        ("vocab.json", "{\"</s>\": -1}", "vocab.json is no object of token ids"),
        ("vocab.json", "{\"</s>\": 0, \"<unk>\": 1, \"a\": 3}", "vocab.json: id 3 of \"a\", but there are 3 tokens"),
        ("vocab.json", "{\"</s>\": 0, \"<unk>\": 0}", "vocab.json: id 0 of"),
        ("vocab.json", "{\"<unk>\": 0}", "vocab.json has no </s>"),
        ("vocab.json", "{\"</s>\": 0}", "vocab.json has no <unk>"),
        ("tokenizer_config.json", "{\"separate_vocabs\": 1}", "tokenizer_config.json: "),
        ("tokenizer_config.json", "{\"separate_vocabs\": true}", "target_vocab.json is missing"),
        ("source.spm", "", "source.spm: it has 0 pieces of type unknown"),
        ("source.spm", "<html>403 Forbidden</html>", "source.spm: no SentencePiece model"),
    ] {
        let message = fault(&["switches"], |directory| fs::write(directory.join(file), content).unwrap());
        assert!(message.contains(expected), "{message}");
    }
    let message = fault(&["bytes"], |directory| fs::remove_file(directory.join("source.spm")).unwrap());
    assert!(message.contains("source.spm is missing"), "{message}");
    let message = fault(&["bytes"], |directory| {
        let whole = fs::read(directory.join("source.spm")).unwrap();
        fs::write(directory.join("source.spm"), &whole[..whole.len() / 2]).unwrap();
    });
    assert!(message.contains("source.spm: "), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_damaged_model_is_a_fault_or_works(
        model in prop::sample::select(vec!["bytes", "switches"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        // The replacement rules lie behind the pieces; half of the changes go there.
        late in any::<bool>(),
        length in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let directory = copy(&[model]);
        let file = directory.path().join("source.spm");
        let mut bytes = fs::read(&file).unwrap();
        let start = if late { bytes.len() / 2 } else { 0 };
        for (place, byte) in changes {
            let place = start + place.index(bytes.len() - start);
            bytes[place] = byte;
        }
        if let Some(length) = length {
            bytes.truncate(length.index(bytes.len()));
        }
        fs::write(&file, bytes).unwrap();
        match load(directory.path()) {
            Ok(tokenizer) => {
                for text in ["", "Der Rat\u{301} ABC ﬁ 漢 [NAME]", "\0\u{10ffff} ää"] {
                    prop_assert!(tokenizer.encode(text).ends_with(&[tokenizer.end()]));
                }
            }
            Err(error) => prop_assert!(error.to_string().contains("source.spm: "), "{}", error),
        }
    }

    #[test]
    fn any_text_gives_ids_of_the_vocabulary(text in any::<String>()) {
        for tokenizer in [&*BYTES, &*SWITCHES] {
            let ids = tokenizer.encode(&text);
            prop_assert_eq!(ids.last(), Some(&tokenizer.end()));
            prop_assert!(ids.iter().all(|id| (*id as usize) < tokenizer.source_vocabulary_size()));
            tokenizer.decode(&ids);
        }
    }

    #[test]
    fn plain_text_survives_encoding_and_decoding(words in prop::collection::vec("[B-Zb-zßöü€漢0-9]{1,9}", 0..9)) {
        let text = words.join(" ");
        let ids = BYTES.encode(&text);
        // The vocabulary of this model lacks some pieces.
        prop_assume!(!ids.contains(&BYTES.unknown()));
        prop_assert_eq!(BYTES.decode(&ids), text);
    }
}
