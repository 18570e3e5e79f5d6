//! The program as a user meets it: arguments, files, standard streams, exit codes and messages.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;

use crate::support::{Workspace, root, small_model};

const REPORT: &str = "Titel des Berichts\n\nDer erste Satz ist kurz. Der zweite nennt 24 Staaten.\n\nDas Ende.\n";

#[test]
fn a_report_becomes_a_bilingual_report() {
    let workspace = Workspace::new();
    workspace.write("bericht.txt", REPORT);
    let finished = workspace.translate(&["bericht.txt"]);
    assert!(finished.stderr.contains("translations/bericht.de-en.md"), "{}", finished.stderr);
    assert_eq!(finished.success(), "");
    assert_eq!(workspace.files("translations"), ["translations/bericht.de-en.md"]);
    let report = workspace.read("translations/bericht.de-en.md");
    for sentence in ["Titel des Berichts", "Der erste Satz ist kurz.", "Das Ende."] {
        assert!(report.contains(sentence), "{report}");
    }
}

#[test]
fn the_bundled_model_translates_offline_without_any_file() {
    let workspace = Workspace::new();
    let finished = workspace.run(&["--offline", "-f", "json", "--beam", "1", "-"], "Guten Morgen.".as_bytes());
    assert!(finished.stderr.contains("bundled"), "{}", finished.stderr);
    let json: Value = serde_json::from_str(&finished.success()).unwrap();
    assert_eq!(json["model"]["name"], "bundled");
    assert!(json["model"]["caution"].as_str().unwrap().contains("wrong"));
    assert_eq!(json["segments"][0]["source"], "Guten Morgen.");
    assert_ne!(json["segments"][0]["target"], "");
}

#[test]
fn json_holds_every_character_of_the_source() {
    let workspace = Workspace::new();
    for sample in ["astana.txt", "mail.txt", "court.txt", "weather.txt"] {
        let path = root().join("samples").join(sample);
        let finished = workspace.translate(&["-f", "json", "-o", "-", "--beam", "1", path.to_str().unwrap()]);
        let json: Value = serde_json::from_str(&finished.success()).unwrap();
        let mut text: Vec<char> = std::fs::read_to_string(&path).unwrap().chars().collect();
        assert_eq!(json["source"]["characters"], text.len());
        assert_eq!(json["model"].get("caution"), None, "only of models that the catalogue warns of");
        // The clock of the tests, see `support::CLOCK`.
        assert_eq!(json["date"], "2024-07-04");
        let segments = json["segments"].as_array().unwrap();
        let mut last = 0;
        for (id, segment) in segments.iter().enumerate() {
            let place = |name: &str| segment[name].as_u64().unwrap() as usize;
            assert_eq!(place("id"), id);
            assert!(last <= place("start") && place("start") < place("end"), "{segment}");
            last = place("end");
            text[place("start")..place("end")].fill(' ');
        }
        let rest: String = text.into_iter().filter(|c| c.is_alphanumeric()).collect();
        assert_eq!(rest, "", "{sample}: characters outside segments");
        let in_blocks: Vec<u64> = json["blocks"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|block| {
                block["segments"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(in_blocks, (0..segments.len() as u64).collect::<Vec<_>>());
        for id in json["summary"]["segments"].as_array().unwrap() {
            let source = segments[id.as_u64().unwrap() as usize]["source"].as_str().unwrap();
            assert!(json["summary"]["source"].as_str().unwrap().contains(source));
        }
    }
}

#[test]
fn several_formats_come_from_one_run() {
    let workspace = Workspace::new();
    workspace.write("bericht.txt", REPORT);
    workspace.translate(&["-f", "md,html,txt,json,jsonl", "-o", "out", "bericht.txt"]).success();
    let expected = ["de-en.html", "de-en.json", "de-en.jsonl", "de-en.md", "en.txt"];
    assert_eq!(workspace.files("out"), expected.map(|end| format!("out/bericht.{end}")));
}

#[test]
fn lines_stay_lines_whatever_they_hold() {
    let workspace = Workspace::new();
    let input = b"Guten Tag.\n\n  \nEine Zeile\xe2\x80\xa8mit Trenner\r\n\xff\xfe\x00\n>>de<< Wort\n\x0c\nohne Ende";
    let model = small_model();
    let arguments = ["--model", model.to_str().unwrap(), "--lines", "--max-length", "12", "-"];
    let output = workspace.run(&arguments, input).success();
    let lines: Vec<&str> = output.split('\n').collect();
    assert_eq!(lines.len(), 9, "{output:?}");
    assert!([1, 2, 6, 8].iter().all(|&line: &usize| lines[line].is_empty()), "{output:?}");
    assert!([0, 3, 7].iter().all(|&line: &usize| !lines[line].is_empty()), "{output:?}");
    assert_eq!(workspace.run(&["--lines", "-m", model.to_str().unwrap(), "-"], b"").success(), "");
}

#[test]
fn lines_in_utf16_stay_lines() {
    let workspace = Workspace::new();
    let text = "Guten Tag.\n\nÜber Köln fällt „Regen“.\n";
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let lines = |name: &str, more: &[&str]| {
        workspace.translate(&[&["--lines", "-f", "jsonl", "-o", "-", name], more].concat()).success()
    };
    workspace.write("a.txt", text);
    let expected = lines("a.txt", &[]);
    assert_eq!(expected.lines().count(), 3);
    workspace.write("b.txt", wide(text));
    assert_eq!(lines("b.txt", &["--encoding", "utf-16le"]), expected);
    assert_eq!(lines("b.txt", &[]), expected);
    workspace.write("c.txt", wide(&format!("\u{feff}{text}")));
    assert_eq!(lines("c.txt", &[]), expected);
}

#[test]
fn a_document_that_is_no_text_has_no_lines() {
    let workspace = Workspace::new();
    for (name, content) in [("a.docx", &b"PK\x03\x04\x14\0\n\n"[..]), ("b.txt", b"%PDF-1.7\n1 0 obj\n")] {
        workspace.write(name, content);
        let stderr = workspace.translate(&["--lines", name]).failure(1);
        assert!(stderr.contains(name) && stderr.contains("hint: leave out --lines"), "{stderr}");
    }
    assert_eq!(workspace.files("translations"), [""; 0]);
}

#[test]
fn a_folder_is_searched_for_what_its_files_should_hold() {
    let workspace = Workspace::new();
    workspace.write("in/a.txt", "Ein Satz.\n");
    workspace.write("in/b.md", "Ein Satz.\n");
    workspace.write("in/r.jsonl", "{\"id\": 1.10, \"text\": \"Ein Satz.\"}\n");
    workspace.translate(&["--jsonl", "-o", "records", "in"]).success();
    assert_eq!(workspace.files("records"), ["records/r.de-en.jsonl"]);
    assert!(workspace.read("records/r.de-en.jsonl").starts_with("{\"id\":1.10,\"format\":"));
    workspace.translate(&["--lines", "-o", "lines", "in"]).success();
    assert_eq!(workspace.files("lines"), ["lines/a.en.txt"]);
}

#[test]
fn lines_as_jsonl_are_numbered_segments() {
    let workspace = Workspace::new();
    workspace.write("zeilen.de", "Eins.\n\nDrei.\n");
    workspace.translate(&["--lines", "-f", "jsonl", "-o", "out", "zeilen.de"]).success();
    let text = workspace.read("out/zeilen.de-en.jsonl");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["id"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(lines[1]["target"], "");
    assert_eq!(lines[2]["source"], "Drei.");
}

#[test]
fn neither_batches_nor_threads_change_a_word() {
    let workspace = Workspace::new();
    let path = root().join("samples/astana.txt");
    let mut results = Vec::new();
    for (threads, budget) in [("1", "1"), ("1", "64"), ("2", "300"), ("3", "4096")] {
        let model = small_model();
        let arguments = ["-m", model.to_str().unwrap(), "--threads", threads, "--batch-tokens", budget];
        let mut arguments = arguments.to_vec();
        arguments.extend(["--max-length", "30", "-f", "json", "-o", "-", path.to_str().unwrap()]);
        results.push(workspace.run(&arguments, b"").success());
    }
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn a_folder_is_mirrored_and_its_results_are_not_translated_again() {
    let workspace = Workspace::new();
    workspace.write("berichte/a.txt", "Ein Satz.");
    workspace.write("berichte/tief/b.md", "# Titel\n\nEin Satz.");
    workspace.write("berichte/tief/b.txt", "Noch einer.");
    workspace.write("berichte/bild.png", "nichts");
    workspace.write("berichte/.versteckt.txt", "nichts");
    let expected = ["berichte/out/a.de-en.md", "berichte/out/tief/b.de-en.md", "berichte/out/tief/b.txt.de-en.md"];
    for _ in 0..2 {
        workspace.translate(&["-o", "berichte/out", "berichte"]).success();
        assert_eq!(workspace.files("berichte/out"), expected);
    }
    workspace.translate(&["-o", "berichte", "berichte"]).success();
    let before = workspace.files("berichte").len();
    workspace.translate(&["-o", "berichte", "berichte"]).success();
    assert_eq!(workspace.files("berichte").len(), before);
}

#[test]
fn a_bad_file_is_named_and_the_others_are_done() {
    let workspace = Workspace::new();
    workspace.write("gut.txt", "Ein Satz.");
    workspace.write("bild.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x02");
    workspace.write("leer.txt", "");
    std::fs::create_dir(workspace.path("leerer-ordner")).unwrap();
    let finished = workspace.translate(&["fehlt.txt", "bild.txt", "leer.txt", "leerer-ordner", "gut.txt"]);
    let stderr = finished.failure(1);
    for named in ["fehlt.txt", "bild.txt", "leerer-ordner"] {
        let line = stderr.lines().find(|line| line.starts_with("error: ") && line.contains(named));
        assert!(line.is_some(), "{named} is not named: {stderr}");
    }
    assert_eq!(stderr.matches("hint: ").count(), 3, "{stderr}");
    assert_eq!(workspace.files("translations"), ["translations/gut.de-en.md", "translations/leer.de-en.md"]);
}

#[test]
fn wrong_usage_ends_with_2_and_says_why() {
    let workspace = Workspace::new();
    workspace.write("a.txt", "Ein Satz.");
    workspace.write("b.txt", "Ein Satz.");
    for (arguments, reason) in [
        (&["-o", "-", "a.txt", "b.txt"][..], "one input"),
        (&["-f", "md,json", "-o", "-", "a.txt"], "one format"),
        (&["-", "a.txt"], "cannot be combined"),
        (&["--lines", "-f", "html", "a.txt"], "only txt and jsonl"),
        (&["--beam", "0", "a.txt"], "--beam"),
        (&["--threads", "0", "a.txt"], "--threads"),
        (&["--format", "pdf", "a.txt"], "html"),
        (&["--encoding", "klingonisch", "-f", "txt", "-o", "-", "a.txt"], "klingonisch"),
        // Once, before any work, and not once for each file.
        (&["--encoding", "klingonisch", "a.txt", "b.txt"], "klingonisch"),
        (&["--encoding", "klingonisch", "--lines", "a.txt", "b.txt"], "klingonisch"),
        // Options that would not act.
        (&["--lines", "--summary", "3", "a.txt"], "--summary"),
        (&["--lines", "--summarizer", "t5", "a.txt"], "--summarizer"),
        (&["--include", "*.x", "-o", "-", "a.txt"], "--include"),
        (&["--exclude", "*.x", "-"], "--exclude"),
        (&["--unbekannt", "a.txt"], "--unbekannt"),
    ] {
        let finished = workspace.run(&[&["-m", small_model().to_str().unwrap()], arguments].concat(), b"");
        assert_eq!(finished.code, 2, "{arguments:?}: {}", finished.stderr);
        assert!(finished.stderr.contains(reason), "{arguments:?}: {}", finished.stderr);
    }
    // Harmless, and written into aliases.
    let harmless = ["--lines", "--no-summary", "--force", "--include", "*.x", "--exclude", "*.y", "a.txt"];
    workspace.translate(&harmless).success();
    assert_eq!(workspace.run(&["--max-length", "1", "-m", small_model().to_str().unwrap(), "a.txt"], b"").code, 2);
}

#[test]
fn a_model_that_cannot_be_used_ends_with_3_and_names_the_fault() {
    let workspace = Workspace::new();
    workspace.write("a.txt", "Ein Satz.");
    let copy = |name: &str| {
        for entry in std::fs::read_dir(small_model()).unwrap().flatten() {
            workspace.write(
                &format!("{name}/{}", entry.file_name().to_str().unwrap()),
                std::fs::read(entry.path()).unwrap(),
            );
        }
        workspace.path(name)
    };
    let check = |name: &str, reason: &str| {
        let stderr = workspace.run(&["-m", &format!("./{name}"), "a.txt"], b"").failure(3);
        assert!(stderr.contains(reason) && stderr.contains("hint: "), "{name}: {stderr}");
    };
    workspace.write("leer/nichts", "");
    check("leer", "config.json");
    let truncated = copy("abgeschnitten").join("model.safetensors");
    let bytes = std::fs::read(&truncated).unwrap();
    std::fs::write(&truncated, &bytes[..bytes.len() / 2]).unwrap();
    check("abgeschnitten", "model.safetensors is damaged");
    std::fs::write(copy("vokabeln").join("vocab.json"), r#"{"</s>": 0, "<unk>": 1, "a": 900}"#).unwrap();
    check("vokabeln", "vocab");
    let vocabulary = std::fs::read_to_string(small_model().join("vocab.json")).unwrap();
    let mut ids: BTreeMap<String, u32> = serde_json::from_str(&vocabulary).unwrap();
    let (end, other) = (ids["</s>"], *ids.values().max().unwrap() - 1);
    for id in ids.values_mut() {
        *id = if *id == end {
            other
        } else if *id == other {
            end
        } else {
            *id
        };
    }
    std::fs::write(workspace.path("vokabeln").join("vocab.json"), serde_json::to_vec(&ids).unwrap()).unwrap();
    check("vokabeln", "of different models");
    let mut ids: BTreeMap<String, u32> = serde_json::from_str(&vocabulary).unwrap();
    ids.retain(|_, id| *id < 40);
    std::fs::write(workspace.path("vokabeln").join("vocab.json"), serde_json::to_vec(&ids).unwrap()).unwrap();
    check("vokabeln", "of different models");
    let poisoned = copy("keine-zahlen").join("model.safetensors");
    let mut bytes = std::fs::read(&poisoned).unwrap();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&poisoned, bytes).unwrap();
    check("keine-zahlen", "no numbers");
    let config = copy("schichten").join("config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"decoder_layers\": 2", "\"decoder_layers\": 3")).unwrap();
    check("schichten", "model.decoder.layers.2");
    std::fs::write(&config, text.replace("\"decoder_layers\": 2", "\"decoder_layers\": 1")).unwrap();
    check("schichten", "have no place");
    std::fs::write(&config, text.replace("swish", "sin")).unwrap();
    check("schichten", "activation_function");
    std::fs::write(&config, "{").unwrap();
    check("schichten", "not valid JSON");
    let alt = copy("alt");
    std::fs::remove_file(alt.join("model.safetensors")).unwrap();
    check("alt", "model.safetensors or pytorch_model.bin");
    std::fs::write(alt.join("pytorch_model.bin"), b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.").unwrap();
    check("alt", "zip form");
    // Tuples within tuples, deeper than any stack; and more of them than any model has.
    for (depth, reason) in [(900_000, "pytorch_model.bin"), (2_000_000, "more than any model needs")] {
        let mut archive = zip::ZipWriter::new(std::fs::File::create(alt.join("pytorch_model.bin")).unwrap());
        archive.start_file("archive/data.pkl", zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&[b"\x80\x02)".as_slice(), &vec![0x85; depth], b"."].concat()).unwrap();
        archive.finish().unwrap();
        check("alt", reason);
    }
    check("gibt-es-nicht", "gibt-es-nicht");
}

#[test]
fn segments_are_printed_with_character_offsets() {
    let workspace = Workspace::new();
    workspace.write("a.txt", "Über Köln fällt Regen. Es ist der 3. Juli.\n");
    let output = workspace.run(&["segment", "a.txt"], b"").success();
    let lines: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [(0, 22, "Über Köln fällt Regen."), (23, 42, "Es ist der 3. Juli.")];
    for (line, (start, end, text)) in lines.iter().zip(expected) {
        assert_eq!((&line["start"], &line["end"], &line["text"]), (&start.into(), &end.into(), &text.into()));
        assert_eq!((&line["file"], &line["kind"]), (&"a.txt".into(), &"paragraph".into()));
    }
    assert_eq!(lines.len(), 2);
    assert!(workspace.run(&["segment", "fehlt.txt"], b"").failure(1).contains("fehlt.txt"));
}

#[cfg(target_os = "linux")]
#[test]
fn segments_of_a_file_whose_name_is_no_unicode_are_printed() {
    use std::os::unix::ffi::OsStrExt;
    let workspace = Workspace::new();
    workspace.write("in/z.txt", "Noch ein Satz.");
    let name = std::ffi::OsStr::from_bytes(b"a\xff.txt");
    std::fs::write(workspace.path("in").join(name), "Ein Satz.").unwrap();
    let output = workspace.run(&["segment", "in"], b"").success();
    let files = output.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["file"].clone());
    assert_eq!(files.collect::<Vec<_>>(), ["in/a\u{fffd}.txt", "in/z.txt"]);
}

#[test]
fn a_long_sentence_is_translated_in_pieces_not_cut() {
    let workspace = Workspace::new();
    let clause = "der Rat beriet über die Lage, ";
    let long = format!("Am Montag, {}und alle gingen.", clause.repeat(120));
    let model = small_model();
    let arguments = ["-m", model.to_str().unwrap(), "--max-length", "12", "-f", "json", "--beam", "1", "-"];
    let json: Value = serde_json::from_str(&workspace.run(&arguments, long.as_bytes()).success()).unwrap();
    assert_eq!(json["segments"].as_array().unwrap().len(), 1);
    assert_eq!(json["segments"][0]["source"], long);
    // At most 11 words a piece: so many words come from many pieces.
    assert!(json["segments"][0]["target"].as_str().unwrap().len() > 100);
}

#[test]
fn a_reader_that_leaves_early_is_no_fault() {
    let workspace = Workspace::new();
    let script = format!(
        "'{}' segment '{}' | head -n 1",
        env!("CARGO_BIN_EXE_translate"),
        root().join("samples/astana.txt").display()
    );
    let output = std::process::Command::new("sh").args(["-c", &script]).current_dir(workspace.path("")).output();
    let Ok(output) = output else {
        println!("skipped: there is no sh");
        return;
    };
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn completions_name_the_options() {
    let workspace = Workspace::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(workspace.run(&["completions", shell], b"").success().contains("batch-tokens"), "{shell}");
    }
}
