//! Speed of the engine on prepared token ids: target tokens per second, wall clock and processor time.
//!
//! ```text
//! cargo bench --bench translate -- --model DIR --input FILE.json [--beam N] [--threads N] [--batch-tokens N]
//!     [--single] [--together] [--every N] [--repetitions N] [--precision f32|int8] [--prepared FILE]
//! ```
//!
//! FILE.json is a list of {"ids": [source ids with the end token], "len": source tokens without it}. Lengths are forced, so
//! that engines do equal work: every target of a batch has as many tokens as its sources on average. `--single` takes one
//! sentence at a time, which has all threads to itself (latency), `--together` one batch at a time in the same way,
//! `--every N` each N-th sentence only. `--prepared FILE` keeps the quantised weights there.
#![allow(clippy::print_stdout)]

mod clock;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use translate::engine::batch::{Batch, Limits, default_tokens, plan};
use translate::engine::candle::CandleNetwork;
use translate::engine::files::ModelFiles;
use translate::engine::int8::{Int8Network, Prepared};
use translate::engine::kernel::Kernel;
use translate::engine::marian::{Config, Generation, Weights};
use translate::engine::search::{SearchOptions, Seq2Seq, search};

use clock::{processor_seconds, spread};

#[derive(serde::Deserialize)]
struct Row {
    ids: Vec<u32>,
    len: usize,
}

struct Arguments {
    model: PathBuf,
    input: PathBuf,
    beam: usize,
    threads: usize,
    batch_tokens: Option<usize>,
    single: bool,
    together: bool,
    every: usize,
    repetitions: usize,
    int8: bool,
    prepared: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, String> {
    let mut found = Arguments {
        model: PathBuf::new(),
        input: PathBuf::new(),
        beam: 1,
        threads: 1,
        batch_tokens: None,
        single: false,
        together: false,
        every: 1,
        repetitions: 5,
        int8: true,
        prepared: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
        let number = |text: String| text.parse::<usize>().map_err(|_| format!("{text} is not a number"));
        match name.as_str() {
            "--model" => found.model = value()?.into(),
            "--input" => found.input = value()?.into(),
            "--beam" => found.beam = number(value()?)?,
            "--threads" => found.threads = number(value()?)?,
            "--batch-tokens" => found.batch_tokens = Some(number(value()?)?),
            "--every" => found.every = number(value()?)?.max(1),
            "--repetitions" => found.repetitions = number(value()?)?.max(1),
            "--prepared" => found.prepared = Some(value()?.into()),
            "--single" => (found.single, found.together) = (true, true),
            "--together" => found.together = true,
            "--precision" => found.int8 = value()? != "f32",
            // What `cargo bench` itself adds.
            "--bench" => {}
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(found)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments()?;
    if arguments.model.as_os_str().is_empty() || arguments.input.as_os_str().is_empty() {
        println!("skipped: --model and --input are needed");
        return Ok(());
    }
    let rows: Vec<Row> = serde_json::from_slice(&std::fs::read(&arguments.input)?)?;
    let rows: Vec<Row> = rows.into_iter().step_by(arguments.every).collect();
    let files = ModelFiles::Directory(arguments.model.clone());
    let start = Instant::now();
    let config = Config::read(&files)?;
    let generation = Generation::read(&files, &config)?;
    if arguments.int8 {
        let kernel = Kernel::from_environment()?;
        // The path of the model stands for its digests: whoever changes it takes another file.
        let digests = [arguments.model.to_string_lossy()];
        let prepared = arguments.prepared.clone().map(|path| Prepared::new(path, digests.iter().map(AsRef::as_ref)));
        let opened = prepared.as_ref().and_then(|prepared| Int8Network::open(config.clone(), prepared, kernel));
        let network = match opened {
            Some(network) => network,
            None => {
                let network = Int8Network::new(config.clone(), &Weights::load(&files, &config)?, kernel)?;
                if let Some(prepared) = &prepared {
                    network.save(prepared)?;
                }
                network
            }
        };
        println!("int8 on {}, ready in {:.0} ms", kernel.name(), start.elapsed().as_secs_f64() * 1e3);
        measure(&network, &config, &generation, &rows, &arguments)
    } else {
        let network = CandleNetwork::new(config.clone(), Weights::load(&files, &config)?)?;
        println!("f32, ready in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
        measure(&network, &config, &generation, &rows, &arguments)
    }
}

fn measure<N: Seq2Seq + Sync>(
    network: &N,
    config: &Config,
    generation: &Generation,
    rows: &[Row],
    arguments: &Arguments,
) -> Result<(), Box<dyn std::error::Error>> {
    let sentences: Vec<Vec<u32>> = rows.iter().map(|row| row.ids.clone()).collect();
    let limits = Limits {
        tokens: if arguments.single {
            1
        } else {
            arguments.batch_tokens.unwrap_or_else(|| default_tokens(arguments.beam))
        },
        threads: if arguments.together { 1 } else { arguments.threads },
        beams: arguments.beam,
        max_length: usize::MAX,
    };
    let jobs: Vec<(Batch, SearchOptions)> = plan(&sentences, &limits, config.pad)
        .into_iter()
        .map(|batch| {
            let total: usize = batch.origins.iter().map(|&origin| rows[origin].len).sum();
            let length = (total as f64 / batch.rows() as f64).round().max(1.0) as usize + 1;
            let options = SearchOptions {
                beams: arguments.beam,
                max_length: length,
                min_length: length,
                forced_end: false,
                ..SearchOptions::new(config, generation)
            };
            (batch, options)
        })
        .collect();
    let mut wall = Vec::new();
    let mut processor = Vec::new();
    let mut tokens = 0;
    for repetition in 0..=arguments.repetitions {
        let (start, used) = (Instant::now(), processor_seconds());
        tokens = if arguments.together {
            run(network, &jobs, 1, arguments.threads)?
        } else {
            run(network, &jobs, arguments.threads, 1)?
        };
        // The first repetition only warms up.
        if repetition > 0 {
            wall.push(tokens as f64 / start.elapsed().as_secs_f64());
            if let (Some(before), Some(after)) = (used, processor_seconds()) {
                processor.push(tokens as f64 / (after - before));
            }
        }
    }
    let kind = match (arguments.single, arguments.together) {
        (true, _) => ", single sentences",
        (_, true) => ", one batch at a time",
        _ => "",
    };
    println!("beam {}, {} threads{kind}: {tokens} target tokens", arguments.beam, arguments.threads);
    for (what, speeds) in [("second", &mut wall), ("processor second", &mut processor)] {
        if let Some((low, middle, high)) = spread(speeds) {
            println!("  tokens per {what}: median {middle:.0}, min {low:.0}, max {high:.0}");
        }
    }
    if let Some(peak) = peak_memory() {
        println!("  peak memory: {peak}");
    }
    Ok(())
}

/// Target tokens of all jobs, done by some workers, each with threads of its own.
fn run<N: Seq2Seq + Sync>(
    network: &N,
    jobs: &[(Batch, SearchOptions)],
    workers: usize,
    threads_each: usize,
) -> translate::Result<usize> {
    let (next, tokens) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || -> translate::Result<()> {
        let mut memory = None;
        while let Some((batch, options)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            for hypotheses in search(network, batch, options, &mut memory)? {
                tokens.fetch_add(hypotheses[0].tokens.len(), Ordering::Relaxed);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| match rayon::ThreadPoolBuilder::new().num_threads(threads_each).build() {
                    Ok(pool) => pool.install(work),
                    Err(_) => work(),
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Err(translate::Error::Stopped)))
    })?;
    Ok(tokens.into_inner())
}

fn peak_memory() -> Option<String> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().to_owned())
}
