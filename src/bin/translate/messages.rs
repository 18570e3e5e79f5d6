//! What the program says on standard error: errors with hints, notes, results and progress.
//!
//! Standard output belongs to data and is never written here. Colour and bars appear on a terminal only.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use translate::Error;
use translate::engine::Progress;
use translate::folder;
use translate::store::DownloadProgress;

use crate::args::{MessageArgs, When};
use crate::interrupt::Interrupt;

/// How often a long run says how far it is where there is no terminal.
const EVERY: Duration = Duration::from_secs(30);

/// Speaks to the user.
#[derive(Debug)]
pub struct Messages {
    quiet: bool,
    verbose: bool,
    color: bool,
    progress: Shown,
    interrupt: Interrupt,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Bars,
    Lines,
    Never,
}

/// A line that shows how far sentences have come, or one from time to time.
#[derive(Debug)]
pub struct SentenceBar<'a> {
    messages: &'a Messages,
    bar: ProgressBar,
    started: Instant,
    said: Mutex<Instant>,
    tokens: AtomicUsize,
}

/// A line for each file that is downloaded.
#[derive(Debug)]
pub struct DownloadBar<'a> {
    messages: &'a Messages,
    current: RefCell<Option<(String, ProgressBar)>>,
    /// The files and reasons of waiting that were told: each is told once.
    waited: RefCell<BTreeSet<(String, String)>>,
}

impl Messages {
    /// As the user wants it, and as standard error allows it.
    pub fn new(arguments: &MessageArgs) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self {
            quiet: arguments.quiet,
            verbose: arguments.verbose,
            color: terminal && arguments.color == When::Auto && std::env::var_os("NO_COLOR").is_none(),
            progress: match (arguments.progress, terminal) {
                (When::Never, _) => Shown::Never,
                (When::Auto, _) if arguments.quiet => Shown::Never,
                (When::Auto, true) => Shown::Bars,
                (When::Auto, false) => Shown::Lines,
            },
            interrupt: Interrupt::default(),
        }
    }

    /// From here on Ctrl-C lets the running batch end, so that what is finished can be kept.
    pub fn catch_interrupt(&self) {
        let quiet = self.quiet;
        self.interrupt.catch(move || {
            if !quiet {
                line(&"stopping after the running batch; Ctrl-C again stops at once");
            }
        });
    }

    /// Whether the user wants to stop.
    pub fn interrupt(&self) -> ControlFlow<()> {
        self.interrupt.flow()
    }

    /// An error with its causes, and what to do.
    pub fn error(&self, error: &Error) {
        self.say("error", "\x1b[1;31m", &error.chain());
        if let Some(hint) = error.hint() {
            self.say("hint", "\x1b[1;36m", &hint);
        }
    }

    /// Something the user should know although all goes well.
    pub fn note(&self, text: &dyn Display) {
        if !self.quiet {
            self.say("note", "\x1b[1;36m", text);
        }
    }

    /// Something about an input that may make its results useless.
    pub fn warning(&self, input: &Path, text: &str) {
        if !self.quiet {
            self.say("warning", "\x1b[1;33m", &format_args!("{}: {text}", input.display()));
        }
    }

    /// What was done.
    pub fn result(&self, text: &dyn Display) {
        if !self.quiet {
            line(text);
        }
    }

    /// What only a curious user wants to know.
    pub fn detail(&self, text: &dyn Display) {
        if self.verbose {
            line(text);
        }
    }

    fn say(&self, label: &str, style: &str, text: &dyn Display) {
        let (style, plain) = if self.color { (style, "\x1b[0m") } else { ("", "") };
        write(&format!("{style}{label}:{plain} {}", harmless(text)));
    }

    /// A bar over the sentences of one text.
    pub fn sentences(&self) -> SentenceBar<'_> {
        self.sentence_bar("{elapsed} {wide_bar} {human_pos}/{human_len} sentences, {msg}, {eta} left")
    }

    /// A bar over the sentences of many files. What follows it has a line of its own, which is cut where the terminal ends.
    pub fn files(&self) -> SentenceBar<'_> {
        self.sentence_bar("{elapsed} {wide_bar} {human_pos}/{human_len} sentences, {eta} left\n{wide_msg}")
    }

    fn sentence_bar(&self, template: &str) -> SentenceBar<'_> {
        let bar = self.bar(template);
        let now = Instant::now();
        SentenceBar { messages: self, bar, started: now, said: Mutex::new(now), tokens: AtomicUsize::new(0) }
    }

    /// Bars over downloads.
    pub fn downloads(&self) -> DownloadBar<'_> {
        DownloadBar { messages: self, current: RefCell::default(), waited: RefCell::default() }
    }

    fn bar(&self, template: &str) -> ProgressBar {
        let target =
            if self.progress == Shown::Bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(None, target).with_style(style)
    }
}

impl SentenceBar<'_> {
    /// Moves on.
    pub fn update(&self, progress: Progress) -> ControlFlow<()> {
        self.show(progress, str::to_owned)
    }

    /// Moves on, over many files.
    pub fn update_files(&self, progress: folder::Progress, current: Option<&Path>) -> ControlFlow<()> {
        let folder::Progress { sentences, files, finished, failed, .. } = progress;
        let name = current.and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        self.show(sentences, |speed| format!("{finished}/{files} files, {failed} failed, {speed}, at {name}"))
    }

    /// Target tokens so far.
    pub fn tokens(&self) -> usize {
        self.tokens.load(Ordering::Relaxed)
    }

    /// How long it has been at work.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Says something else in between.
    pub fn suspend(&self, say: impl FnOnce()) {
        self.bar.suspend(say);
    }

    /// Leaves the terminal as it was.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, progress: Progress, describe: impl FnOnce(&str) -> String) -> ControlFlow<()> {
        self.tokens.store(progress.tokens, Ordering::Relaxed);
        let speed = || format!("{:.0} tokens/s", progress.tokens as f64 / self.seconds().max(0.5));
        match self.messages.progress {
            Shown::Bars => {
                self.bar.set_length(progress.total as u64);
                self.bar.set_position(progress.done as u64);
                self.bar.set_message(harmless(&describe(&speed())));
            }
            Shown::Lines => {
                let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
                if said.elapsed() >= EVERY {
                    *said = Instant::now();
                    let Progress { done, total, .. } = progress;
                    let left = self.seconds() * (total.saturating_sub(done)) as f64 / done.max(1) as f64 / 60.0;
                    // Before the first sentence nobody knows.
                    let left = if done > 0 { format!(", about {left:.0} min left") } else { String::new() };
                    let more = describe(&speed());
                    line(&format_args!("{done} of about {total} sentences, {more}{left}"));
                }
            }
            Shown::Never => {}
        }
        self.messages.interrupt()
    }
}

impl DownloadBar<'_> {
    /// Moves on, or says why it waits.
    pub fn update(&self, progress: DownloadProgress) -> ControlFlow<()> {
        let mut current = self.current.borrow_mut();
        match progress {
            DownloadProgress::Transfer { file, bytes, total } => {
                if current.as_ref().is_none_or(|(name, _)| name != file) {
                    if let Some((_, bar)) = current.take() {
                        bar.finish_and_clear();
                    }
                    let bar = self.messages.bar("{msg} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left");
                    bar.set_message(file.to_owned());
                    // Where no bar is seen, a line for what takes a while.
                    if bar.is_hidden() && total.is_none_or(|total| total >= 1_000_000) {
                        let size = total.map(|total| format!(" ({} MB)", total.div_ceil(1_000_000)));
                        self.messages.note(&format_args!("downloading {file}{}", size.unwrap_or_default()));
                    }
                    *current = Some((file.to_owned(), bar));
                }
                if let Some((_, bar)) = &*current {
                    bar.set_position(bytes);
                    if let Some(total) = total {
                        bar.set_length(total);
                    }
                }
            }
            DownloadProgress::Waiting { file, reason, .. } => {
                if self.waited.borrow_mut().insert((file.to_owned(), reason.to_owned())) {
                    let tell = || self.messages.note(&format_args!("{file}: {reason}; waiting to go on"));
                    match &*current {
                        Some((_, bar)) => bar.suspend(tell),
                        None => tell(),
                    }
                }
            }
        }
        self.messages.interrupt()
    }
}

impl Drop for DownloadBar<'_> {
    fn drop(&mut self) {
        if let Some((_, bar)) = self.current.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }
}

/// One line on standard error.
fn line(text: &dyn Display) {
    write(&harmless(text));
}

/// Without line breaks and commands to the terminal, which a file may have in its name.
fn harmless(text: &dyn Display) -> String {
    let escape = |text: &mut String, character: char| match character {
        character if character.is_control() => text.extend(character.escape_default()),
        character => text.push(character),
    };
    text.to_string().chars().fold(String::new(), |mut text, character| {
        escape(&mut text, character);
        text
    })
}

/// Where nobody can read it there is nobody to tell.
fn write(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_command_the_terminal() {
        assert_eq!(harmless(&"a\nb\x1b[31m\u{9b}ü.txt"), "a\\nb\\u{1b}[31m\\u{9b}ü.txt");
    }
}
