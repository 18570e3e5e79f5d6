//! The rules of the house that a program can check.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each module of the library and the modules it may name, besides `error`, which all may.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("lexicon", &[]),
    ("document", &["enumeration", "lexicon", "memory", "superscript"]),
    ("segment", &["document", "lexicon", "superscript"]),
    ("capitals", &["lexicon"]),
    ("enumeration", &["lexicon"]),
    ("engine", &["engine"]),
    ("bitext", &["document"]),
    ("superscript", &[]),
    ("words", &[]),
    ("gazetteer", &["lexicon", "words"]),
    ("quality", &["bitext", "enumeration", "gazetteer", "lexicon", "superscript", "words"]),
    ("summary", &["bitext", "document", "engine", "gazetteer", "lexicon", "quality", "segment", "words"]),
    ("output", &["bitext", "document", "enumeration"]),
    ("store", &["bitext", "engine", "store"]),
    ("today", &[]),
    ("memory", &[]),
    (
        "pipeline",
        &["bitext", "capitals", "document", "engine", "enumeration", "quality", "segment", "store", "summary", "today"],
    ),
    ("folder", &["bitext", "document", "engine", "output", "pipeline", "segment"]),
    ("lines", &["bitext", "document", "engine", "output", "pipeline"]),
    ("records", &["document", "engine", "folder", "output", "pipeline"]),
];

/// Where `unsafe` may stand.
const MAY_BE_UNSAFE: &[&str] = &["src/engine/files.rs", "src/engine/kernel/", "src/memory.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder, by path from the root, with their text.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds no Rust file");
    found
}

/// The modules that follow `crate::` in a text, `crate::{a, b::c}` included.
fn named_modules(text: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (at, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && c.is_alphanumeric() => {
                    names.push(word(&group[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    names.retain(|name| name.chars().next().is_some_and(char::is_lowercase));
    names
}

/// The text without line comments, so that a link in documentation counts as no import.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_run_one_way() {
    for (path, text) in sources("src") {
        let Some(rest) = path.strip_prefix("src/").filter(|rest| !rest.starts_with("bin/") && *rest != "lib.rs") else {
            continue;
        };
        let module = rest.split(['/', '.']).next().unwrap();
        let allowed = MAY_NAME.iter().find(|(name, _)| *name == module);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{path}: say in tests/tidy.rs what {module} may name"));
        for name in named_modules(&code(&text)) {
            let fine = name == module || name == "error" || allowed.contains(&name.as_str());
            assert!(fine, "{path} names crate::{name}, which {module} may not");
        }
    }
}

#[test]
fn unsafe_stands_where_it_may() {
    for (path, text) in sources("src") {
        let unsafe_code = ["unsafe {", "unsafe fn", "unsafe impl"].iter().any(|form| code(&text).contains(form));
        assert!(!unsafe_code || MAY_BE_UNSAFE.iter().any(|place| path.starts_with(place)), "{path} holds unsafe code");
        for (number, line) in text.lines().enumerate() {
            if line.contains("unsafe {") {
                let before = text.lines().take(number).skip(number.saturating_sub(3));
                assert!(
                    before.into_iter().any(|line| line.contains("SAFETY:")),
                    "{path}: line {} lacks SAFETY",
                    number + 1
                );
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "tests", "examples", "benches"] {
        for (path, text) in sources(folder) {
            assert!(text.starts_with("//!"), "{path} does not open with //!");
        }
    }
}

#[test]
fn only_the_program_prints_and_exits() {
    for (path, text) in sources("src") {
        if !path.starts_with("src/bin/") {
            for forbidden in ["println!", "eprintln!", "print!(", "dbg!", "process::exit", "set_var"] {
                assert!(!code(&text).contains(forbidden), "{path} holds {forbidden}");
            }
        }
    }
}

#[test]
fn only_the_store_opens_connections() {
    for (path, text) in sources("src") {
        if !path.starts_with("src/store/") {
            for forbidden in ["hf_hub", "ureq", "TcpStream"] {
                assert!(!code(&text).contains(forbidden), "{path} holds {forbidden}");
            }
        }
    }
}
