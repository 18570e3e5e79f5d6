//! What can be typed: the command line as clap sees it. Nothing is read, checked against files or run here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use translate::output::Format;

use crate::model::ModelArguments;

/// Turns German reports into English ones on this computer: aligned bilingual text with a summary in both languages.
///
/// No text leaves the machine. The first run fetches a model from the Hugging Face hub where it can be reached;
/// otherwise the small model inside the program is used.
#[derive(Debug, Parser)]
#[command(name = "translate", version, max_term_width = 100)]
#[command(subcommand_negates_reqs = true, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  translate report.txt                    translations/report.de-en.md, German and English side by side
  translate reports/ -o english/          a whole folder, its tree mirrored; the same command goes on
                                          after an interruption and skips what is unchanged
  translate -f html,docx report.md        two formats from one run
  translate -f txt -o - report.txt        English text alone, on standard output
  cat lines.de | translate --lines -      line by line, one translation each
  translate --jsonl - < records.jsonl     JSON records with id and text in, reports with that id out
  translate segment report.txt            how the text is cut into sentences
  translate model list                    the models and their state

Exit codes: 0 all done, 1 some inputs failed, 2 wrong usage, 3 no usable model, 130 interrupted.")]
pub struct Cli {
    #[command(flatten)]
    pub run: RunArgs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show how texts are cut: JSON lines {"file","start","end","text","kind"}.
    Segment(SegmentArgs),
    /// List, fetch, check and carry models.
    Model {
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        arguments: ModelArguments,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// Files, folders (searched for texts, Markdown, HTML, .docx, .odt, .eml, .pdf; with --lines for .txt, .text, .de, with
    /// --jsonl for .jsonl, .ndjson), or - for standard input.
    #[arg(required = true)]
    pub input: Vec<PathBuf>,

    /// Where results go, mirroring the input tree; - is standard output (one input, one format)
    /// [default: translations, or - when the input is -].
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,

    /// What to write: md, html, txt (English alone), json, jsonl, tmx, xliff, docx; several with commas.
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    pub format: Vec<Format>,

    /// One segment per input line, one translation per output line; empty lines stay empty.
    #[arg(long)]
    pub lines: bool,

    /// Input is JSON lines {"id","text"}; output is one JSON report with that id per line, in the same order. A line that is
    /// no record gives {"id","line","error"} in its place.
    #[arg(long, conflicts_with_all = ["lines", "encoding"])]
    pub jsonl: bool,

    /// Encoding of the inputs when detection errs, such as windows-1252.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,

    /// Number of sentences in the summary [default: by length].
    // With --lines there is no summary: --no-summary does not contradict it, these two do.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), conflicts_with = "lines")]
    pub summary: Option<u16>,

    /// Write no summary.
    #[arg(long, conflicts_with = "summary")]
    pub no_summary: bool,

    /// Who summarizes: extractive (sentences of the report), t5 (new English sentences by t5-small), or the catalogue name,
    /// hub id or directory of another T5; de: before it says that it reads and writes German, as t5-small-german does.
    #[arg(long, value_name = "NAME", default_value = "extractive", conflicts_with_all = ["no_summary", "lines"])]
    pub summarizer: String,

    #[command(flatten)]
    pub folders: FolderArgs,

    #[command(flatten)]
    pub model: ModelArgs,

    #[command(flatten)]
    pub decoding: DecodingArgs,

    #[command(flatten)]
    pub messages: MessageArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Folders")]
pub struct FolderArgs {
    /// Take files in folders that match, whatever their extension: '*.log', 'minutes/**'. May be given several times.
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,

    /// Pass over files and folders that match. May be given several times.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,

    /// Translate everything anew, whatever earlier runs have finished.
    #[arg(long)]
    pub force: bool,

    /// Write what became of each file as JSON lines: source, state (done, skipped, failed, missing), reason, targets.
    #[arg(long, value_name = "FILE")]
    pub jobs_report: Option<PathBuf>,

    /// Go on translating files as they appear or change, until Ctrl-C.
    #[arg(long, conflicts_with_all = ["lines", "jsonl"])]
    pub watch: bool,
}

#[derive(Debug, Args)]
pub struct SegmentArgs {
    /// Files, folders, or - for standard input.
    #[arg(required = true)]
    pub input: Vec<PathBuf>,

    /// Encoding of the inputs when detection errs, such as windows-1252.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// auto, opus-mt-de-en, bundled, the hub id of a Marian model, or a directory.
    #[arg(short, long, value_name = "NAME", default_value = "auto")]
    pub model: String,

    #[command(flatten)]
    pub store: StoreArgs,
}

/// Where models come from; shared by every command that needs one.
#[derive(Debug, Args)]
pub struct StoreArgs {
    /// Open no network connection at all [env: HF_HUB_OFFLINE=1].
    #[arg(long, global = true)]
    pub offline: bool,

    /// Where models are kept [default: the hub's own cache; env: HF_HOME].
    #[arg(long, value_name = "DIR", global = true)]
    pub model_cache: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Decoding")]
pub struct DecodingArgs {
    /// Hypotheses kept per sentence; 1 is fastest [default: the model's own, mostly 4].
    #[arg(long, value_name = "N")]
    pub beam: Option<usize>,

    /// Longest translation of a sentence in tokens [default: the model's own].
    #[arg(long, value_name = "N")]
    pub max_length: Option<usize>,

    /// Numbers the network computes with.
    #[arg(long, value_enum, default_value_t = Precision::Int8)]
    pub precision: Precision,

    /// Threads [default: one for each processor].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,

    /// Source tokens computed at once by each thread: more is faster up to a point and takes more memory [default: 1024,
    /// fewer with more than three beams].
    #[arg(long, value_name = "N")]
    pub batch_tokens: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Precision {
    /// Whole numbers of 8 bits: faster, and nearly always the same English.
    Int8,
    /// The exact reference.
    F32,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub struct MessageArgs {
    /// Say nothing but errors.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more: what was read, which model, how fast.
    #[arg(short, long)]
    pub verbose: bool,

    /// Whether to show progress on standard error.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub progress: When,

    /// Whether to use colour on standard error.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// When standard error is a terminal.
    Auto,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
