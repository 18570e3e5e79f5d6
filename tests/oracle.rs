//! The engine against recordings of HF transformers: encoder states, logits, token ids and scores.
//!
//! Every folder below tests/fixtures/marian is a small seeded model with a cases.json recorded from `MarianMTModel`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use translate::engine::batch::Batch;
use translate::engine::candle::CandleNetwork;
use translate::engine::files::ModelFiles;
use translate::engine::marian::{Config, EarlyStopping, Generation, Weights};
use translate::engine::search::{Candidates, Hypothesis, SearchOptions, Seq2Seq, search};

/// How far a float may be from the recording.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Recording {
    max_length: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    ids: Vec<u32>,
    encoder: EncoderStates,
    step0: FirstStep,
    greedy: Recorded,
    beam4: Recorded,
    beam6: Recorded,
    #[serde(rename = "beam4_lp0.6")]
    beam4_short: Option<Recorded>,
    #[serde(rename = "beam6_lp0.6")]
    beam6_short: Option<Recorded>,
    beam4_early: Option<Recorded>,
    beam6_early: Option<Recorded>,
    /// By the model's own generation_config.json.
    default: Option<Recorded>,
}

#[derive(Deserialize)]
struct EncoderStates {
    row_sums: Vec<f32>,
    first8_pos0: Vec<f32>,
    first8_last: Vec<f32>,
}

#[derive(Deserialize)]
struct FirstStep {
    logits: Vec<f32>,
}

#[derive(Deserialize)]
struct Recorded {
    /// With the start token.
    ids: Vec<u32>,
    score: Option<f32>,
}

/// A model with its recordings.
struct Fixture {
    directory: PathBuf,
    config: Config,
    generation: Generation,
    network: CandleNetwork,
    recording: Recording,
}

impl Fixture {
    fn load(directory: &Path) -> Self {
        Self::load_with(directory, directory)
    }

    /// A model with the recordings of another, equal one.
    fn load_with(directory: &Path, recorded: &Path) -> Self {
        let files = ModelFiles::Directory(directory.to_owned());
        let config = Config::read(&files).unwrap();
        let generation = Generation::read(&files, &config).unwrap();
        let weights = Weights::load(&files, &config).unwrap();
        let network = CandleNetwork::new(config.clone(), weights).unwrap();
        let recording = serde_json::from_slice(&std::fs::read(recorded.join("cases.json")).unwrap()).unwrap();
        Self { directory: directory.to_owned(), config, generation, network, recording }
    }

    /// The options of all recordings but `default`.
    fn options(&self, beams: usize) -> SearchOptions {
        SearchOptions {
            beams,
            max_length: self.recording.max_length,
            length_penalty: 1.0,
            early_stopping: EarlyStopping::Heuristic,
            ..self.default_options()
        }
    }

    fn default_options(&self) -> SearchOptions {
        SearchOptions::new(&self.config, &self.generation)
    }

    fn batch(&self, cases: &[&Case]) -> Batch {
        let ids: Vec<&[u32]> = cases.iter().map(|case| &case.ids[..]).collect();
        Batch::of(&ids, self.config.pad)
    }

    fn all(&self) -> Vec<&Case> {
        self.recording.cases.iter().collect()
    }

    fn best(&self, cases: &[&Case], options: &SearchOptions) -> Vec<Hypothesis> {
        let found = search(&self.network, &self.batch(cases), options, &mut None).unwrap();
        found.into_iter().map(|hypotheses| hypotheses[0].clone()).collect()
    }

    fn assert_recorded(&self, cases: &[&Case], options: &SearchOptions, recorded: impl Fn(&Case) -> Option<&Recorded>) {
        for (case, hypothesis) in cases.iter().zip(self.best(cases, options)) {
            let Some(expected) = recorded(case) else { continue };
            let context = format!("{} {:?} {options:?}", self.directory.display(), case.ids);
            assert_eq!(&hypothesis.tokens[..], trimmed(&expected.ids[1..], self.config.pad), "{context}");
            if let Some(score) = expected.score {
                assert!((hypothesis.score - score).abs() < TOLERANCE, "{} {score} {context}", hypothesis.score);
            }
        }
    }
}

/// Without the padding that HF appends to the shorter rows of a batch.
fn trimmed(ids: &[u32], pad: u32) -> &[u32] {
    let length = ids.iter().rposition(|&id| id != pad).map_or(0, |last| last + 1);
    &ids[..length]
}

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/marian").join(name)
}

/// The project's own fixtures, and the larger one that developers have beside the checkout.
fn fixtures() -> Vec<Fixture> {
    let mut fixtures: Vec<Fixture> =
        ["joint-swish", "deep-relu", "twelve-one", "gelu", "separate-tied", "separate-untied"]
            .map(|name| Fixture::load(&own(name)))
            .into();
    fixtures.extend(
        ["bin-only", "name-lm-head", "name-encoder"].map(|name| Fixture::load_with(&own(name), &own("joint-swish"))),
    );
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/tiny-marian");
    if shared.join("cases.json").is_file() {
        fixtures.push(Fixture::load(&shared));
    } else {
        println!("skipped: ../shared/fixtures/tiny-marian is not here");
    }
    fixtures
}

fn assert_close(actual: &[f32], expected: &[f32], context: &str) {
    assert_eq!(actual.len(), expected.len(), "{context}");
    for (index, (a, e)) in actual.iter().zip(expected).enumerate() {
        assert!((a - e).abs() < TOLERANCE, "{context}: {a} and {e} at {index}");
    }
}

#[test]
fn encoder_states_and_first_logits_are_hf_s() {
    for fixture in fixtures() {
        for case in fixture.all() {
            let batch = fixture.batch(&[case]);
            let states: Vec<Vec<f32>> = fixture.network.encoder_states(&batch).unwrap().to_vec2().unwrap();
            let sums: Vec<f32> = states.iter().map(|row| row.iter().sum()).collect();
            let context = format!("{} {:?}", fixture.directory.display(), case.ids);
            assert_close(&sums, &case.encoder.row_sums, &context);
            assert_close(&states[0][..8], &case.encoder.first8_pos0, &context);
            assert_close(&states[states.len() - 1][..8], &case.encoder.first8_last, &context);
            let mut state = fixture.network.encode(&batch, 1, None).unwrap();
            let logits = fixture.network.logits(&[fixture.config.start], &mut state).unwrap();
            assert_close(&logits.to_vec2::<f32>().unwrap()[0], &case.step0.logits, &context);
        }
    }
}

#[test]
fn greedy_and_beam_ids_and_scores_are_hf_s() {
    for fixture in fixtures() {
        for case in fixture.all() {
            fixture.assert_recorded(&[case], &fixture.options(1), |case| Some(&case.greedy));
            fixture.assert_recorded(&[case], &fixture.options(4), |case| Some(&case.beam4));
            fixture.assert_recorded(&[case], &fixture.options(6), |case| Some(&case.beam6));
        }
    }
}

#[test]
fn the_model_s_own_decoding_is_hf_s() {
    for fixture in fixtures() {
        fixture.assert_recorded(&fixture.all(), &fixture.default_options(), |case| case.default.as_ref());
    }
}

#[test]
fn length_penalty_and_early_stopping_are_hf_s() {
    for fixture in fixtures() {
        for beams in [4, 6] {
            let short = SearchOptions { length_penalty: 0.6, ..fixture.options(beams) };
            let early = SearchOptions { early_stopping: EarlyStopping::First, ..fixture.options(beams) };
            fixture.assert_recorded(&fixture.all(), &short, |case| {
                if beams == 4 { case.beam4_short.as_ref() } else { case.beam6_short.as_ref() }
            });
            fixture.assert_recorded(&fixture.all(), &early, |case| {
                if beams == 4 { case.beam4_early.as_ref() } else { case.beam6_early.as_ref() }
            });
        }
    }
}

/// Not close: equal to the last bit, so that nothing downstream can tell how sentences were batched.
#[test]
fn a_sentence_has_the_same_result_in_every_batch() {
    for fixture in fixtures() {
        for beams in [1, 4] {
            let options = fixture.options(beams);
            let mut cases = fixture.all();
            let alone: Vec<Hypothesis> = cases.iter().flat_map(|case| fixture.best(&[case], &options)).collect();
            assert_eq!(fixture.best(&cases, &options), alone, "{}", fixture.directory.display());
            cases.reverse();
            let mut reversed = fixture.best(&cases, &options);
            reversed.reverse();
            assert_eq!(reversed, alone, "{}", fixture.directory.display());
            for size in [2, 3, 5] {
                let cases = fixture.all();
                let chunked: Vec<Hypothesis> =
                    cases.chunks(size).flat_map(|cases| fixture.best(cases, &options)).collect();
                assert_eq!(chunked, alone, "{} in batches of {size}", fixture.directory.display());
            }
        }
    }
}

/// candle-transformers' own Marian, which takes one sentence at a time, computes the same logits.
#[test]
fn candle_transformers_agrees_on_single_sentences() {
    use candle_core::{DType, Device, Tensor};
    use candle_nn::VarBuilder;
    use candle_transformers::models::marian;

    let fixture = Fixture::load(&own("joint-swish"));
    let text = std::fs::read_to_string(fixture.directory.join("config.json")).unwrap();
    let config: marian::Config = serde_json::from_str(&text).unwrap();
    let weights = std::fs::read(fixture.directory.join("model.safetensors")).unwrap();
    let builder = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).unwrap();
    let mut model = marian::MTModel::new(&config, builder).unwrap();
    for case in fixture.all() {
        model.reset_kv_cache();
        let source = Tensor::new(&case.ids[..], &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let states = model.encoder().forward(&source, 0).unwrap();
        let mut state = fixture.network.encode(&fixture.batch(&[case]), 1, None).unwrap();
        for (past, &token) in case.greedy.ids.iter().take(8).enumerate() {
            let target = Tensor::new(&[[token]], &Device::Cpu).unwrap();
            let theirs = model.decode(&target, &states, past).unwrap().flatten_all().unwrap();
            let ours = fixture.network.logits(&[token], &mut state).unwrap().flatten_all().unwrap();
            let context = format!("{:?} at {past}", case.ids);
            assert_close(&ours.to_vec1::<f32>().unwrap(), &theirs.to_vec1::<f32>().unwrap(), &context);
        }
    }
}

#[test]
fn candidates_of_a_step_are_its_best_logits() {
    let fixture = Fixture::load(&own("joint-swish"));
    let batch = fixture.batch(&fixture.all());
    let tokens = vec![fixture.config.start; batch.rows()];
    let mut candidates = Candidates::new(3, &fixture.generation.banned, true);
    let mut state = fixture.network.encode(&batch, 1, None).unwrap();
    fixture.network.step(&tokens, &mut state, &mut candidates).unwrap();
    for (row, case) in fixture.all().into_iter().enumerate() {
        let best = candidates.row(row)[0].id;
        assert_eq!(best, case.greedy.ids[1]);
    }
}
