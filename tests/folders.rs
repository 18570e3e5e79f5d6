//! Folder runs of the real program: cut off and resumed, disturbed, damaged, in company, with odd names and hostile files.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{CLOCK, Workspace, small_model};

/// Everything below a folder by path, but for what a run keeps for the next one.
fn tree(workspace: &Workspace, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let prefix = format!("{folder}/");
    let names = workspace.files(folder).into_iter();
    names.map(|name| (name.replacen(&prefix, "", 1), std::fs::read(workspace.path(&name)).unwrap())).collect()
}

/// The program with the small model, not yet started.
fn program(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_translate"));
    command
        .args(["--model", small_model().to_str().unwrap(), "--threads", "1", "--max-length", "24"])
        .args(arguments)
        .current_dir(workspace.path(""))
        .env("HF_HOME", workspace.path("no-models"))
        .env("HF_HUB_OFFLINE", "1")
        .env(CLOCK.0, CLOCK.1)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn start(workspace: &Workspace, arguments: &[&str]) -> Child {
    program(workspace, arguments).spawn().unwrap()
}

/// Waits for what another process is to bring about.
#[track_caller]
fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let patience = Instant::now();
    while !condition() {
        assert!(patience.elapsed() < Duration::from_secs(600), "{what} does not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The entries of a jobs report, by source.
fn report(workspace: &Workspace, name: &str) -> BTreeMap<String, Value> {
    let entries = workspace.read(name);
    let entries = entries.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries.map(|entry| (entry["source"].as_str().unwrap().to_owned(), entry)).collect()
}

fn write_reports(workspace: &Workspace, count: usize) {
    for number in 0..count {
        let text = format!(
            "# Bericht {number}\n\nHeute sind es {number} Sätze. Der Rat tagt. Es folgt Punkt {}.\n",
            number % 7
        );
        workspace.write(&format!("berichte/{}/b{number}.md", number % 5), text);
    }
}

/// A small pseudo-random number, so that every run of the test ends at other places but the same ones each time.
fn scattered(round: u64, limit: u64) -> u64 {
    let mixed = (round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)) % limit
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one() {
    const FORMATS: &str = "md,json,txt";
    const KILLS: usize = 50;
    let workspace = Workspace::new();
    write_reports(&workspace, 25);
    let undisturbed = Instant::now();
    workspace.translate(&["-f", FORMATS, "-o", "ruhig", "berichte"]).success();
    let whole = undisturbed.elapsed().as_micros() as u64;
    let expected = tree(&workspace, "ruhig");
    assert_eq!(expected.len(), 3 * 25);
    let mut kills = 0;
    for round in 0.. {
        assert!(round < 10 * KILLS as u64, "only {kills} of {round} runs were cut off");
        let mut child = start(&workspace, &["-f", FORMATS, "-o", "gestört", "berichte"]);
        std::thread::sleep(Duration::from_micros(scattered(round, whole)));
        child.kill().unwrap();
        let finished = child.wait().unwrap().success();
        for (name, content) in tree(&workspace, "gestört") {
            assert!(
                expected.get(&name) == Some(&content),
                "{name} is not whole, or none of the results, after kill {kills}"
            );
        }
        kills += usize::from(!finished);
        if kills == KILLS {
            break;
        }
        if finished {
            // There is nothing left to cut off: from the start.
            assert!(tree(&workspace, "gestört") == expected);
            std::fs::remove_dir_all(workspace.path("gestört")).unwrap();
        }
    }
    workspace.translate(&["-f", FORMATS, "-o", "gestört", "berichte"]).success();
    assert!(tree(&workspace, "gestört") == expected);
    let left = std::fs::read_dir(workspace.path("gestört/.translate/unfinished")).unwrap().count();
    assert_eq!(left, 0, "files of killed runs are left");
}

#[test]
fn only_what_changed_is_translated_again() {
    let workspace = Workspace::new();
    workspace.write("in/a.txt", "Der erste Satz. Der zweite Satz. Der dritte Satz.");
    workspace.write("in/b.txt", "Ein anderer Satz. Der zweite Satz.");
    workspace.write("in/c.txt", "Noch ein Satz.");
    let run = |more: &[&str]| {
        let arguments = ["-o", "out", "--jobs-report", "bericht.jsonl", "in"];
        let stderr = {
            let finished = workspace.translate(&[&arguments, more].concat());
            let stderr = finished.stderr.clone();
            finished.success();
            stderr
        };
        let entries = report(&workspace, "bericht.jsonl");
        let entry = |name: &str| {
            let entry = &entries[&format!("in/{name}.txt")];
            let count = |field: &str| entry[field].as_u64().unwrap();
            (entry["state"].as_str().unwrap().to_owned(), count("sentences"), count("reused"))
        };
        (["a", "b", "c"].map(entry), stderr)
    };
    let entry = |state: &str, sentences, reused| (state.to_owned(), sentences, reused);
    let (entries, stderr) = run(&[]);
    assert_eq!(entries, [entry("done", 3, 0), entry("done", 2, 1), entry("done", 1, 0)]);
    assert!(stderr.contains("5 translated, 1 reused"), "{stderr}");
    assert_eq!(run(&[]).0, [entry("skipped", 3, 3), entry("skipped", 2, 2), entry("skipped", 1, 1)]);
    // A changed report, a result that somebody spoilt, and one that is gone.
    workspace.write("in/a.txt", "Der erste Satz. Der zweite Satz. Ein neuer Satz.");
    workspace.write("out/b.de-en.md", "verdorben");
    std::fs::remove_file(workspace.path("out/c.de-en.md")).unwrap();
    assert_eq!(run(&[]).0, [entry("done", 3, 2), entry("done", 2, 2), entry("done", 1, 1)]);
    // Other options: nothing of it holds, or only the sentences.
    assert_eq!(run(&["--no-summary"]).0, [entry("done", 3, 3), entry("done", 2, 2), entry("done", 1, 1)]);
    assert_eq!(run(&["--beam", "2"]).0, [entry("done", 3, 0), entry("done", 2, 1), entry("done", 1, 0)]);
    assert_eq!(run(&["--force"]).0, [entry("done", 3, 0), entry("done", 2, 1), entry("done", 1, 0)]);
    let resumed = tree(&workspace, "out");
    workspace.translate(&["-o", "frisch", "in"]).success();
    assert!(tree(&workspace, "frisch") == resumed);
}

#[test]
fn a_damaged_journal_costs_time_and_nothing_else() {
    let workspace = Workspace::new();
    write_reports(&workspace, 6);
    workspace.translate(&["-o", "out", "berichte"]).success();
    let expected = tree(&workspace, "out");
    let journal = workspace.path("out/.translate/journal.redb");
    let whole = std::fs::read(&journal).unwrap();
    let damages: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes.truncate(bytes.len() / 3),
        |bytes| bytes.fill(0x5a),
        |bytes| *bytes = b"something else".to_vec(),
        |bytes| bytes.iter_mut().skip(4096).step_by(97).for_each(|byte| *byte ^= 0xff),
    ];
    for (number, damage) in damages.iter().enumerate() {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        std::fs::write(&journal, bytes).unwrap();
        let finished = workspace.translate(&["-o", "out", "berichte"]);
        assert_eq!(finished.stderr.matches("is damaged").count(), 1, "damage {number}: {}", finished.stderr);
        assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
        finished.success();
        assert!(tree(&workspace, "out") == expected);
        let finished = workspace.translate(&["-o", "out", "berichte"]);
        assert!(finished.stderr.contains("6 unchanged"), "damage {number}: {}", finished.stderr);
    }
}

#[test]
fn two_runs_on_one_folder_do_not_disturb_each_other() {
    let workspace = Workspace::new();
    write_reports(&workspace, 30);
    workspace.translate(&["-o", "ruhig", "berichte"]).success();
    let expected = tree(&workspace, "ruhig");
    for _ in 0..3 {
        let children: Vec<Child> = (0..3).map(|_| start(&workspace, &["-o", "out", "berichte"])).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success() && !stderr.contains("panicked"), "{stderr}");
        }
        assert!(tree(&workspace, "out") == expected);
        std::fs::remove_dir_all(workspace.path("out")).unwrap();
    }
}

#[test]
fn thousands_of_tiny_files_are_done_and_skipped() {
    // All of them take a minute in the development profile: TRANSLATE_MANY_FILES=10000.
    let count = std::env::var("TRANSLATE_MANY_FILES").ok().and_then(|count| count.parse().ok()).unwrap_or(1500);
    let workspace = Workspace::new();
    for number in 0..count {
        workspace.write(&format!("in/{}/{number}.txt", number % 10), format!("Satz {}.", number % 10));
    }
    let finished = workspace.translate(&["-o", "out", "in"]);
    assert!(finished.stderr.contains(&format!("10 translated, {} reused", count - 10)), "{}", finished.stderr);
    assert!(finished.stderr.lines().count() < 10, "{}", finished.stderr);
    finished.success();
    assert_eq!(workspace.files("out").len(), count);
    let finished = workspace.translate(&["-o", "out", "in"]);
    assert!(finished.stderr.contains(&format!("{count} unchanged")), "{}", finished.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn odd_names_become_results_and_stay_on_their_line() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let workspace = Workspace::new();
    let long = format!("{}.txt", "ü".repeat(125));
    let names: [&[u8]; 7] = [
        b"mit Leerzeichen.txt",
        "Übergröße.txt".as_bytes(),
        b"zwei\nZeilen.txt",
        b"\x1b[31mrot.txt",
        b"kein \xff Unicode.txt",
        b"-o.txt",
        long.as_bytes(),
    ];
    std::fs::create_dir(workspace.path("in")).unwrap();
    for name in names {
        std::fs::write(workspace.path("in").join(OsStr::from_bytes(name)), "Ein Satz.").unwrap();
    }
    let finished = workspace.translate(&["-o", "out", "-f", "md,json", "--jobs-report", "bericht.jsonl", "in"]);
    assert!(!finished.stderr.contains('\u{1b}') && finished.stderr.contains("zwei\\nZeilen"), "{}", finished.stderr);
    finished.success();
    let written = std::fs::read_dir(workspace.path("out")).unwrap().count();
    assert_eq!(written, 2 * names.len() + 1);
    assert_eq!(workspace.read("bericht.jsonl").lines().count(), names.len());
    let again = workspace.translate(&["-o", "out", "-f", "md,json", "in"]);
    assert!(again.stderr.contains(&format!("{} unchanged", names.len())), "{}", again.stderr);
}

#[test]
fn faults_stay_with_their_files() {
    let workspace = Workspace::new();
    workspace.write("in/a.txt", "Ein Satz.");
    workspace.write("in/kaputt.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x02");
    workspace.write("in/z.txt", "Ein anderer Satz.");
    // A folder lies where a result should go.
    std::fs::create_dir_all(workspace.path("out/z.de-en.md/belegt")).unwrap();
    // More than can be held in memory; it takes no room on the disk.
    std::fs::File::create(workspace.path("in/riesig.txt")).and_then(|file| file.set_len(300 << 20)).unwrap();
    let finished = workspace.translate(&["-o", "out", "--jobs-report", "bericht.jsonl", "in", "fehlt.txt"]);
    let stderr = finished.failure(1);
    assert!(stderr.contains("1 written, 0 unchanged, 4 failed"), "{stderr}");
    let entries = report(&workspace, "bericht.jsonl");
    let state = |name: &str| entries[name]["state"].as_str().unwrap();
    assert_eq!(
        ["in/a.txt", "in/kaputt.txt", "in/riesig.txt", "in/z.txt", "fehlt.txt"].map(state),
        ["done", "failed", "failed", "failed", "failed"]
    );
    for (name, named) in [
        ("in/kaputt.txt", "in/kaputt.txt"),
        ("in/riesig.txt", "larger than 256 MB"),
        ("in/z.txt", "out/z.de-en.md"),
        ("fehlt.txt", "fehlt.txt"),
    ] {
        assert!(entries[name]["reason"].as_str().unwrap().contains(named) && stderr.contains(named), "{stderr}");
    }
    assert!(entries["in/a.txt"]["targets"][0].as_str().unwrap().ends_with("a.de-en.md"));
    let left = std::fs::read_dir(workspace.path("out/.translate/unfinished")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_before_any_work() {
    let workspace = Workspace::new();
    workspace.write("a.txt", "Ein Satz.");
    workspace.write("besetzt", "keine Mappe");
    // The model is not even looked for.
    let finished = workspace.run(&["-m", "./kein-modell", "-o", "besetzt", "a.txt"], b"");
    assert!(finished.failure(1).contains("cannot write besetzt"));
    let finished = workspace.run(&["-m", "./kein-modell", "--jobs-report", "fehlt/bericht.jsonl", "a.txt"], b"");
    assert!(finished.failure(1).contains("bericht.jsonl"));
}

#[cfg(feature = "t5")]
#[test]
fn a_summary_that_fails_is_the_fault_of_its_file() {
    use crate::support::{root, with_changed_tensor};
    let workspace = Workspace::new();
    let whole = root().join("tests/fixtures/t5/relu-tied");
    // Whatever this network reads, what it computes are no numbers.
    let broken = with_changed_tensor(&whole, "decoder.final_layer_norm.weight", 0, f32::NAN);
    workspace.write("in/a.txt", "Der erste Satz steht hier. Der zweite Satz steht dort.");
    // Nothing in it is summarized.
    workspace.write("in/nur-titel.md", "# Ein Titel\n");
    workspace.write("in/z.txt", "Der letzte Satz steht hier. Danach kommt keiner mehr.");
    let arguments = ["-o", "out", "--jobs-report", "bericht.jsonl", "--summarizer"];
    let finished = workspace.translate(&[&arguments[..], &[broken.path().to_str().unwrap(), "in"]].concat());
    let stderr = finished.failure(1);
    assert!(stderr.contains("1 written, 0 unchanged, 2 failed") && stderr.contains("--summarizer"), "{stderr}");
    assert!(stderr.contains("in/a.txt: model ") && stderr.contains("in/z.txt: model "), "{stderr}");
    let entries = report(&workspace, "bericht.jsonl");
    assert_eq!(
        ["in/a.txt", "in/nur-titel.md", "in/z.txt"].map(|name| entries[name]["state"].clone()),
        ["failed", "done", "failed"]
    );
    // What was translated is kept.
    workspace.translate(&[&arguments[..], &["extractive", "in"]].concat()).success();
    let reused: Vec<Value> =
        report(&workspace, "bericht.jsonl").values().map(|entry| entry["reused"].clone()).collect();
    assert_eq!(reused, [2, 1, 2]);
    // A record is answered in its place.
    let records = "{\"id\": 1, \"text\": \"Ein Satz steht hier.\"}\n{\"id\": 2, \"text\": \"\"}\n";
    let model = small_model();
    let arguments = ["-m", model.to_str().unwrap(), "--jsonl", "-", "--summarizer", broken.path().to_str().unwrap()];
    let finished = workspace.run(&arguments, records.as_bytes());
    let answers: Vec<Value> = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((finished.code, answers.len()), (1, 2), "{}", finished.stderr);
    assert!(answers[0]["id"] == 1 && answers[0]["error"].is_string(), "{}", answers[0]);
    assert!(answers[1]["id"] == 2 && answers[1]["segments"].is_array(), "{}", answers[1]);
}

/// A full disk and a read-only one, where this machine lets a process have a file system of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_run_and_more_room_lets_it_go_on() {
    const ALONE: [&str; 5] = ["unshare", "--mount", "--map-root-user", "sh", "-ec"];
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.path("out")).unwrap();
    let in_a_file_system = |script: &str| {
        let script = format!("mount -t tmpfs -o size=2500k none out\n{script}");
        Command::new(ALONE[0]).args(&ALONE[1..]).arg(script).current_dir(workspace.path("")).output()
    };
    if !in_a_file_system("true").is_ok_and(|output| output.status.success()) {
        println!("skipped: no file system can be mounted here");
        return;
    }
    for number in 0..60 {
        let text: Vec<String> = (0..60).map(|line| format!("Punkt {} von {number} ist wichtig.", line % 4)).collect();
        workspace.write(&format!("in/{number:02}.txt"), text.join(" "));
    }
    let options = ["--beam", "1", "-f", "json,html"];
    workspace.translate(&[&options[..], &["-o", "genug", "in"]].concat()).success();
    let program = program(&workspace, &[&options[..], &["-o", "out", "in"]].concat());
    let words: Vec<String> = std::iter::once(program.get_program())
        .chain(program.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    let run = format!("HF_HUB_OFFLINE=1 {}={} {} 2>&1 || echo exit $?", CLOCK.0, CLOCK.1, words.join(" "));
    let output = in_a_file_system(&format!(
        "{run}\nls out | wc -l\nmount -o remount,size=50m,ro out\n{run}\nmount -o remount,rw out\n{run}\ncp -r out fertig"
    ));
    let output = output.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let parts: Vec<&str> = said.split("exit 1\n").collect();
    let [full, read_only, finished] = parts[..] else { panic!("{said}") };
    assert!(full.contains("error: cannot write out: ") && full.contains("goes on where this run ended"), "{full}");
    assert!(read_only.contains("error: cannot write out: Read-only"), "{read_only}");
    let finished_before = read_only.lines().next().and_then(|line| line.trim().parse::<usize>().ok()).unwrap();
    assert!(finished_before > 0 && finished_before < 120, "{read_only}");
    assert!(finished.contains("60 written") || finished.contains(" unchanged, 0 failed"), "{finished}");
    assert!(tree(&workspace, "fertig") == tree(&workspace, "genug"));
}

#[test]
fn files_that_change_and_vanish_meanwhile_are_right_in_the_end() {
    let workspace = Workspace::new();
    let write = |number: usize, version: usize| {
        let text: Vec<String> = (0..40).map(|line| format!("Punkt {line} von {number} gilt {version}.")).collect();
        workspace.write(&format!("in/{number:02}.txt"), text.join(" "));
    };
    (0..40).for_each(|number| write(number, 0));
    let mut child = start(&workspace, &["--beam", "1", "-o", "out", "in"]);
    let mut version = 0;
    while child.try_wait().unwrap().is_none() {
        version += 1;
        std::thread::sleep(Duration::from_millis(1));
        (0..40).filter(|number| number % 3 == 0).for_each(|number| write(number, version));
        let _ = std::fs::remove_file(workspace.path(&format!("in/{:02}.txt", 1 + 3 * (version % 13))));
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)) && !stderr.contains("panicked"), "{stderr}");
    (0..40).for_each(|number| write(number, number % 2));
    workspace.translate(&["--beam", "1", "-o", "out", "in"]).success();
    workspace.translate(&["--beam", "1", "-o", "frisch", "in"]).success();
    assert!(tree(&workspace, "out") == tree(&workspace, "frisch"));
}

#[test]
fn results_beside_their_reports_take_no_report_s_place() {
    let workspace = Workspace::new();
    for name in ["in/a.txt", "in/a.en.txt", "in/b.txt"] {
        workspace.write(name, format!("Dies ist {name}."));
    }
    let before = tree(&workspace, "in");
    for round in 0..2 {
        workspace.translate(&["-f", "txt,md", "-o", "in", "in/a.txt", "in/a.en.txt", "in"]).success();
        let after = tree(&workspace, "in");
        assert!(before.iter().all(|(name, content)| after[name] == *content), "round {round}");
        // A file that was named and is found in the folder too is done once.
        assert_eq!(after.len(), 3 + 2 * 3, "round {round}: {:?}", after.keys());
    }
}

#[test]
fn a_report_of_the_same_name_leaves_the_other_one_s_result_alone() {
    let workspace = Workspace::new();
    workspace.write("q1/bericht.txt", "Der erste Bericht.");
    workspace.write("q2/bericht.txt", "Der zweite Bericht.");
    let translate = |arguments: &[&str]| workspace.translate(&[&["-o", "out"], arguments].concat()).success();
    translate(&["q1/bericht.txt"]);
    // However often and in which order, each has its own.
    for arguments in [
        &["q2/bericht.txt"][..],
        &["q2/bericht.txt"],
        &["--force", "q2"],
        &["q2/bericht.txt", "q1/bericht.txt"],
        &["q1", "q2"],
    ] {
        translate(arguments);
        assert_eq!(workspace.files("out"), ["out/bericht.de-en.md", "out/bericht.txt.de-en.md"], "{arguments:?}");
        assert!(workspace.read("out/bericht.de-en.md").contains("Der erste Bericht."), "{arguments:?}");
        assert!(workspace.read("out/bericht.txt.de-en.md").contains("Der zweite Bericht."), "{arguments:?}");
    }
    // A report that was moved takes its name along, and without a journal no name grows.
    std::fs::rename(workspace.path("q1"), workspace.path("q3")).unwrap();
    translate(&["q3"]);
    std::fs::remove_dir_all(workspace.path("out/.translate")).unwrap();
    for _ in 0..2 {
        translate(&["q3", "q2"]);
        assert_eq!(workspace.files("out"), ["out/bericht.de-en.md", "out/bericht.txt.de-en.md"]);
        assert!(workspace.read("out/bericht.de-en.md").contains("Der erste Bericht."));
    }
}

#[test]
fn include_and_exclude_choose_files() {
    let workspace = Workspace::new();
    for name in ["in/a.txt", "in/b.log", "in/alt/c.txt", "in/alt/d.log"] {
        workspace.write(name, "Ein Satz.");
    }
    workspace.translate(&["-o", "out", "--include", "*.log", "--exclude", "alt", "in"]).success();
    assert_eq!(workspace.files("out"), ["out/b.de-en.md"]);
    let finished = workspace.translate(&["-o", "out", "--include", "[", "in"]);
    assert!(finished.failure(2).contains("--include"));
}

/// A process that is asked to stop, as Ctrl-C asks it.
#[cfg(unix)]
fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_that_can_be_resumed() {
    let workspace = Workspace::new();
    // Enough for several groups, each sentence another one.
    for number in 0..40 {
        let text: Vec<String> = (0..400).map(|line| format!("Punkt {line} von {number} ist wichtig.")).collect();
        workspace.write(&format!("in/{number:02}.txt"), text.join(" "));
    }
    let arguments = ["--beam", "1", "-o", "out", "--jobs-report", "bericht.jsonl", "in"];
    let child = start(&workspace, &arguments);
    // The folder is tried with a file of another name before anything else happens.
    wait_until("the first result", || workspace.files("out").iter().any(|name| name.ends_with(".md")));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{}: {stderr}", output.status);
    assert!(stderr.contains("the same command goes on"), "{stderr}");
    let entries = report(&workspace, "bericht.jsonl");
    let count = |state: &str| entries.values().filter(|entry| entry["state"] == state).count();
    let (done, missing) = (count("done"), count("missing"));
    assert!(done > 0 && missing > 0 && done + missing == 40, "{done} done, {missing} missing");
    assert_eq!(workspace.files("out").len(), done);
    workspace.translate(&arguments).success();
    let entries = report(&workspace, "bericht.jsonl");
    let skipped = entries.values().filter(|entry| entry["state"] == "skipped").count();
    assert_eq!((entries.len(), skipped), (40, done));
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_lines_and_records_that_are_finished() {
    let workspace = Workspace::new();
    let count = 40_000;
    let texts = || (0..count).map(|number| format!("Punkt {number} ist wichtig."));
    workspace.write("a.txt", texts().map(|text| text + "\n").collect::<String>());
    let record = |(id, text): (usize, String)| serde_json::json!({ "id": id, "text": text }).to_string() + "\n";
    workspace.write("a.jsonl", texts().enumerate().map(record).collect::<String>());
    for (arguments, target) in [
        (["--lines", "-f", "jsonl", "-o", "out", "a.txt"].as_slice(), "out/a.de-en.jsonl"),
        (["--jsonl", "-o", "out", "a.jsonl"].as_slice(), "out/a.de-en.jsonl"),
    ] {
        let child = start(&workspace, &[&["--beam", "1"], arguments].concat());
        let has_text = |name: &String| std::fs::metadata(workspace.path(name)).is_ok_and(|data| data.len() > 0);
        wait_until("the first line", || workspace.files("out").iter().any(has_text));
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{}: {stderr}", output.status);
        assert!(stderr.contains(&format!("{target}.part")), "{stderr}");
        assert_eq!(workspace.files("out"), [format!("{target}.part")]);
        let kept = workspace.read(&format!("{target}.part"));
        let ids = kept.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_u64().unwrap());
        let ids: Vec<u64> = ids.collect();
        assert!(!ids.is_empty() && ids.len() < count && ids.iter().copied().eq(0..ids.len() as u64), "{}", ids.len());
        std::fs::remove_file(workspace.path(&format!("{target}.part"))).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn watching_translates_what_appears_and_what_changes() {
    let workspace = Workspace::new();
    workspace.write("in/a.txt", "Ein Satz.");
    let child = start(&workspace, &["-o", "out", "-f", "txt", "--watch", "in"]);
    let there = |name: &str| Path::new(&workspace.path(name)).exists();
    wait_until("the first file", || there("out/a.en.txt"));
    let first = workspace.read("out/a.en.txt");
    workspace.write("in/tief/b.txt", "Noch ein Satz.");
    wait_until("the second file", || there("out/tief/b.en.txt"));
    workspace.write("in/a.txt", "Nun steht hier etwas ganz anderes.");
    wait_until("the change", || workspace.read("out/a.en.txt") != first);
    // A fault, a report that goes, one that has another name from now on, and a result that is not wanted any more.
    workspace.write("in/kaputt.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x02");
    std::fs::remove_file(workspace.path("in/a.txt")).unwrap();
    std::fs::rename(workspace.path("in/tief"), workspace.path("in/tiefer")).unwrap();
    wait_until("the new name", || there("out/tiefer/b.en.txt"));
    std::fs::remove_dir_all(workspace.path("in/tiefer")).unwrap();
    workspace.write("in/neu/noch neuer/c.txt", "Nach alledem noch ein Satz.");
    wait_until("a file of a new folder", || there("out/neu/noch neuer/c.en.txt"));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("5 written, 0 unchanged, 1 failed") && stderr.contains("in/kaputt.txt"), "{stderr}");
    assert!(there("out/a.en.txt") && there("out/tief/b.en.txt"), "a result went with its report");
}

#[test]
fn records_come_back_in_order_with_their_names() {
    let workspace = Workspace::new();
    let text = |number: usize| format!("Titel {number}\n\nDies ist Satz {number}. Und noch einer.");
    let mut input = String::from("\u{feff}");
    for number in 0..300 {
        input.push_str(&serde_json::json!({ "id": number, "text": text(number), "mehr": 1 }).to_string());
        input.push_str(if number % 50 == 0 { "\n\n" } else { "\n" });
    }
    input.push_str("{\"id\": \"ohne Text\"}\nkein JSON\n{\"text\": \"Ohne Namen.\"}");
    let model = small_model();
    let arguments = ["-m", model.to_str().unwrap(), "--max-length", "12", "--beam", "1", "--jsonl", "-"];
    let finished = workspace.run(&arguments, input.as_bytes());
    assert_eq!(finished.code, 1, "{}", finished.stderr);
    assert!(finished.stderr.contains("line 307: missing field `text`"), "{}", finished.stderr);
    let answers: Vec<Value> = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 303);
    for (number, answer) in answers.iter().take(300).enumerate() {
        assert_eq!((&answer["id"], &answer["format"]), (&number.into(), &"translate/1".into()));
        assert_eq!(answer["segments"][1]["source"], format!("Dies ist Satz {number}."));
    }
    assert_eq!((&answers[300]["id"], &answers[301]["id"]), (&"ohne Text".into(), &Value::Null));
    assert!(answers[300]["error"].is_string() && answers[301]["line"] == 308);
    assert_eq!(answers[302]["segments"][0]["source"], "Ohne Namen.");
    // Alone, a record gets the same answer.
    let line = serde_json::json!({ "id": 7, "text": text(7) }).to_string();
    let alone = workspace.run(&arguments, line.as_bytes()).success();
    assert_eq!(serde_json::from_str::<Value>(&alone).unwrap(), answers[7]);
    assert_eq!(workspace.run(&["--jsonl", "-f", "md", "-"], b"").code, 2);
}

#[test]
fn a_record_is_answered_before_the_next_one_is_sent() {
    use std::io::{BufRead, BufReader, Write};
    let workspace = Workspace::new();
    let mut child =
        program(&workspace, &["--jsonl", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for id in ["a", "b", "c"] {
        writeln!(input, "{}", serde_json::json!({ "id": id, "text": "Ein Satz." })).unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["id"], id);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn lines_are_translated_once_for_all_formats() {
    let workspace = Workspace::new();
    workspace.write("zeilen.de", "Eins.\n\nDrei.\n");
    workspace.translate(&["--lines", "-f", "txt,jsonl", "-o", "out", "zeilen.de"]).success();
    let text = workspace.read("out/zeilen.en.txt");
    let segments = workspace.read("out/zeilen.de-en.jsonl");
    let targets = segments.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["target"].clone());
    assert_eq!(text.lines().map(Value::from).collect::<Vec<_>>(), targets.collect::<Vec<_>>());
}

/// The library under the program: many threads, one pipeline, one output folder; documents from any iterator.
mod library {
    use std::collections::BTreeMap;
    use std::ops::ControlFlow;
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use translate::document::ReadOptions;
    use translate::engine::{Precision, TranslateOptions};
    use translate::folder::{self, Done, Output, Selection};
    use translate::{Document, Error, Format, Pipeline};

    use crate::support::{Workspace, root, small_model, with_changed_tensor};

    fn pipeline() -> Pipeline {
        with_model(&small_model(), Precision::Int8, 12)
    }

    fn with_model(model: &Path, precision: Precision, max_length: usize) -> Pipeline {
        let options = TranslateOptions { max_length: Some(max_length), threads: 1, ..TranslateOptions::default() };
        let builder = Pipeline::builder().model(model.to_str().unwrap()).precision(precision);
        builder.decoding(options).build().unwrap()
    }

    #[test]
    fn all_documents_of_an_iterator_are_done_or_none() {
        let pipeline = pipeline();
        let documents = || (0..30).map(|number| Document::from_text(&format!("Satz {number} steht hier.")));
        let bitexts = pipeline.run_all(documents(), &|_| ControlFlow::Continue(())).unwrap();
        let alone: Vec<_> = documents().map(|document| pipeline.run(&document).unwrap()).collect();
        assert_eq!(bitexts, alone);
        assert!(matches!(pipeline.run_all(documents(), &|_| ControlFlow::Break(())), Err(Error::Stopped)));
    }

    #[test]
    fn a_sentence_that_the_network_fails_on_costs_its_document_alone() {
        let fixture = root().join("tests/fixtures/marian/separate-untied");
        let vocabulary = std::fs::read(fixture.join("vocab.json")).unwrap();
        let vocabulary: BTreeMap<String, usize> = serde_json::from_slice(&vocabulary).unwrap();
        // The product of two numbers as large as this is none that a computer has. The search ends with the first token.
        let model = |value: f32| {
            let model = with_changed_tensor(&fixture, "model.encoder.embed_tokens.weight", vocabulary["ß"], value);
            for file in ["config.json", "generation_config.json"] {
                let path = model.path().join(file);
                let text = std::fs::read_to_string(&path).unwrap().replace("\"forced_eos_token_id\": 0,", "");
                std::fs::write(path, text).unwrap();
            }
            with_model(model.path(), Precision::F32, 2)
        };
        let (broken, whole) = (model(1e30), model(0.5));
        let texts: Vec<String> = (0..20)
            .map(|number| if number % 7 == 3 { "Er aß.".to_owned() } else { format!("Satz {number}. Und Schluss.") })
            .collect();
        let documents = texts.iter().map(|text| (text, Some(Document::from_text(text))));
        let mut order = Vec::new();
        let done = AtomicUsize::new(0);
        let on_progress = |progress: translate::engine::Progress| {
            done.fetch_max(progress.done, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        folder::stream(&broken, documents, None, &on_progress, &mut |text, translated| {
            order.push(text);
            match translated.unwrap() {
                Ok(translated) => {
                    let expected = whole.run(&Document::from_text(text))?;
                    assert_eq!(translated.bitext.segments, expected.segments);
                    assert_eq!(translated.bitext.summary, expected.summary);
                    assert!(!text.contains('ß'));
                }
                Err(error) => assert!(matches!(error, Error::Tensor(_)) && text.contains('ß'), "{text}: {error}"),
            }
            Ok(())
        })
        .unwrap();
        assert!(order.into_iter().eq(&texts));
        assert_eq!(done.into_inner(), 2 * 17);
    }

    #[test]
    fn documents_come_from_any_iterator_and_leave_in_order() {
        let pipeline = pipeline();
        let text = |number: usize| format!("Satz {number} steht hier. Der Schluss.");
        let documents = (0..200).map(|number| (number, (number % 3 > 0).then(|| Document::from_text(&text(number)))));
        let mut next = 0;
        let mut reused = 0;
        let sentences = AtomicUsize::new(0);
        let on_progress = |progress: translate::engine::Progress| {
            assert!(progress.done <= progress.total);
            sentences.store(progress.done, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        folder::stream(&pipeline, documents, None, &on_progress, &mut |number, translated| {
            assert_eq!(number, next);
            next += 1;
            assert_eq!(translated.is_some(), number % 3 > 0);
            let translated = translated.transpose()?;
            if let Some(translated) = translated {
                reused += translated.reused;
                assert_eq!(translated.bitext, pipeline.run(&Document::from_text(&text(number)))?);
            }
            Ok(())
        })
        .unwrap();
        let documents = 133;
        assert_eq!((next, reused, sentences.into_inner()), (200, documents - 1, 2 * documents));
    }

    #[test]
    fn a_callback_stops_the_stream_and_an_error_ends_it() {
        let pipeline = pipeline();
        let endless = || (0_u64..).map(|number| ((), Some(Document::from_text(&format!("Satz {number} von vielen.")))));
        let after = |most: usize| {
            move |progress: translate::engine::Progress| match progress.done {
                done if done < most => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        };
        let result = folder::stream(&pipeline, endless(), None, &after(40), &mut |(), _| Ok(()));
        assert!(matches!(result, Err(Error::Stopped)));
        let mut documents = 0;
        let result = folder::stream(&pipeline, endless().take(50), None, &after(usize::MAX), &mut |(), _| {
            documents += 1;
            Err(Error::Stopped)
        });
        assert!(matches!(result, Err(Error::Stopped)) && documents == 1);
        let workspace = Workspace::new();
        workspace.write("in/a.txt", "Ein Satz.");
        let output = Output::open(&workspace.path("out"), false).unwrap();
        let jobs = folder::plan(&[workspace.path("in")], output.folder(), &[Format::Text], &Selection::default());
        let jobs: Vec<_> = jobs.into_iter().map(Result::unwrap).collect();
        let run = |flow: ControlFlow<()>, outcomes: &mut usize| {
            let on_outcome = &mut |_: folder::Outcome| *outcomes += 1;
            folder::run(&pipeline, &jobs, &output, &ReadOptions::default(), &|_| flow, on_outcome)
        };
        let mut outcomes = 0;
        assert!(matches!(run(ControlFlow::Break(()), &mut outcomes), Err(Error::Stopped)));
        assert_eq!((outcomes, workspace.files("out").len()), (0, 0));
        run(ControlFlow::Continue(()), &mut outcomes).unwrap();
        assert_eq!((outcomes, workspace.files("out").len()), (1, 1));
    }

    #[test]
    fn threads_share_a_pipeline_and_an_output_folder() {
        let workspace = Workspace::new();
        for number in 0..24 {
            workspace.write(&format!("in/{}/{number}.txt", number % 4), format!("Bericht {number}. Der Rat tagt."));
        }
        let pipeline = pipeline();
        let output = Output::open(&workspace.path("out"), false).unwrap();
        let written = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for part in 0..4 {
                let (pipeline, output, written, workspace) = (&pipeline, &output, &written, &workspace);
                scope.spawn(move || {
                    let inputs = [workspace.path(&format!("in/{part}"))];
                    let folder = output.folder().join(part.to_string());
                    let jobs = folder::plan(&inputs, &folder, &[Format::Json], &Selection::default());
                    let jobs: Vec<_> = jobs.into_iter().map(Result::unwrap).collect();
                    let options = ReadOptions::default();
                    let on_progress = |_| ControlFlow::Continue(());
                    folder::run(pipeline, &jobs, output, &options, &on_progress, &mut |outcome| {
                        assert!(matches!(outcome.result, Ok(Done::Written(_))));
                        written.fetch_add(1, Ordering::Relaxed);
                    })
                    .unwrap();
                });
            }
        });
        assert_eq!(written.into_inner(), 24);
        for number in 0..24 {
            let source = workspace.path(&format!("in/{}/{number}.txt", number % 4));
            let mut json = Vec::new();
            pipeline.run(&Document::read(source).unwrap()).unwrap().write(Format::Json, &mut json).unwrap();
            assert_eq!(workspace.read(&format!("out/{}/{number}.de-en.json", number % 4)).into_bytes(), json);
        }
    }
}
