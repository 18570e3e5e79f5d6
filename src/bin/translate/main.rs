//! The program: arguments in, results on disk or standard output, messages on standard error, an exit code.
//!
//! All work is the library's; clap, standard output, standard error and the exit live here alone.

mod args;
mod exit;
mod files;
mod interrupt;
mod job;
mod messages;
mod model;
mod segment;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use translate::Error;

use args::{Cli, Command};
use exit::Exit;
use messages::Messages;

/// A file that is made to do harm must not take all memory.
#[cfg(feature = "pdf")]
#[global_allocator]
static ALLOCATOR: translate::memory::Bounded = translate::memory::Bounded;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let messages = Messages::new(&cli.run.messages);
    let result = match cli.command {
        None => job::Job::new(cli.run).and_then(|job| job.run(&messages)),
        Some(Command::Segment(arguments)) => segment::run(&arguments, &messages),
        Some(Command::Model { store, arguments }) => {
            model::run(&arguments, job::store_options(&store), &messages).map(|()| Exit::Success)
        }
        Some(Command::Completions { shell }) => completions(shell),
    };
    let exit = result.unwrap_or_else(|error| {
        let exit = Exit::of(&error);
        if exit != Exit::Success {
            messages.error(&error);
        }
        exit
    });
    exit.into()
}

fn completions(shell: clap_complete::Shell) -> translate::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "translate", &mut script);
    std::io::stdout().write_all(&script).map_err(standard_output_error)?;
    Ok(Exit::Success)
}

/// What to say when standard output cannot be written.
fn standard_output_error(source: std::io::Error) -> Error {
    Error::Write { path: Path::new("standard output").to_owned(), source }
}
