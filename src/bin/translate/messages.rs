//! What the program says on standard error: errors with hints, notes, results and progress.
//!
//! Standard output belongs to data and is never written here. Colour and bars appear on a terminal only.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use translate::Error;
use translate::engine::Progress;
use translate::store::DownloadProgress;

use crate::args::{MessageArgs, When};

/// Speaks to the user.
#[derive(Debug)]
pub struct Messages {
    quiet: bool,
    verbose: bool,
    color: bool,
    bars: bool,
}

/// A line that shows how far sentences have come.
#[derive(Debug)]
pub struct SentenceBar(Mutex<ProgressBar>);

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
            bars: terminal && arguments.progress == When::Auto && !arguments.quiet,
        }
    }

    /// An error with its causes, and what to do.
    pub fn error(&self, error: &Error) {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(&format!(": {cause}"));
            source = cause.source();
        }
        self.say("error", "\x1b[1;31m", &text);
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
        if self.color {
            line(&format_args!("{style}{label}:\x1b[0m {text}"));
        } else {
            line(&format_args!("{label}: {text}"));
        }
    }

    /// A bar over sentences.
    pub fn sentences(&self) -> SentenceBar {
        let bar = self.bar("{elapsed_precise} {wide_bar} {human_pos}/{human_len} sentences{msg}, {eta} left");
        SentenceBar(Mutex::new(bar))
    }

    /// Bars over downloads.
    pub fn downloads(&self) -> DownloadBar<'_> {
        DownloadBar { messages: self, current: RefCell::default(), waited: RefCell::default() }
    }

    fn bar(&self, template: &str) -> ProgressBar {
        let target = if self.bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(None, target).with_style(style)
    }
}

impl SentenceBar {
    /// Moves on.
    pub fn update(&self, progress: Progress) -> ControlFlow<()> {
        let bar = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        let seconds = bar.elapsed().as_secs_f64();
        if seconds > 0.5 {
            bar.set_message(format!(", {:.0} tokens/s", progress.tokens as f64 / seconds));
        }
        ControlFlow::Continue(())
    }

    /// Leaves the terminal as it was.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).finish_and_clear();
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
        ControlFlow::Continue(())
    }
}

impl Drop for DownloadBar<'_> {
    fn drop(&mut self) {
        if let Some((_, bar)) = self.current.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }
}

/// One line on standard error. Where nobody can read it there is nobody to tell.
fn line(text: &dyn Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
