//! Tokenizer parity: ids and decoded text are those of Hugging Face transformers.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use translate::engine::files::ModelFiles;
use translate::engine::tokenizer::Tokenizer;

fn load(directory: impl Into<PathBuf>) -> Tokenizer {
    Tokenizer::load(&ModelFiles::Directory(directory.into())).unwrap()
}

#[test]
fn recordings() {
    let Ok(dir) = std::env::var("TOKENIZER_RECORDINGS") else { return };
    for name in dir.split(',') {
        let file = std::io::BufReader::new(std::fs::File::open(name).unwrap());
        let mut lines = file.lines();
        let head: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let t = load(Path::new(head["model"].as_str().unwrap()));
        let (mut n, mut bad, mut badd) = (0, 0, 0);
        let mut chars = 0;
        let mut time = std::time::Duration::ZERO;
        for line in lines {
            let (text, ids, decoded): (Option<String>, Vec<u32>, String) =
                serde_json::from_str(&line.unwrap()).unwrap();
            n += 1;
            if let Some(text) = &text {
                chars += text.chars().count();
                let s = std::time::Instant::now();
                let got = t.encode(text);
                time += s.elapsed();
                if got != ids {
                    bad += 1;
                    if bad < 12 {
                        println!("{text:?}\n  want {ids:?}\n  got  {got:?}");
                    }
                }
            }
            let d = t.decode(&ids);
            if d != decoded {
                badd += 1;
                if badd < 12 {
                    println!("decode {ids:?}\n  want {decoded:?}\n  got  {d:?}");
                }
            }
        }
        println!(
            "{name}: {n} lines, {bad} ids differ, {badd} texts differ, {:.2} M chars/s",
            chars as f64 / time.as_secs_f64() / 1e6
        );
    }
}
