//! The program: arguments in, messages on standard error, an exit code out.

mod model;

use std::io::Write;
use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show, fetch, check and carry models
    Model(model::ModelArguments),
}

fn main() -> ExitCode {
    let Arguments { command: Command::Model(arguments) } = Arguments::parse();
    let options = translate::store::StoreOptions::from_environment();
    match model::run(&arguments, options, &|_| ControlFlow::Continue(())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            if let Some(hint) = error.hint() {
                let _ = writeln!(std::io::stderr(), "hint: {hint}");
            }
            ExitCode::from(3)
        }
    }
}
