//! `translate segment`: how texts are cut, as JSON lines.

use std::borrow::Cow;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use translate::document::{BlockKind, Document};
use translate::segment::segment;
use translate::{Result, folder};

use crate::args::SegmentArgs;
use crate::exit::Exit;
use crate::job::{is_standard_input, read_document, read_options};
use crate::messages::Messages;
use crate::standard_output_error;

/// One line of output; offsets count Unicode characters of the decoded text.
#[derive(Serialize)]
struct Line<'a> {
    /// A name that is no Unicode has replacement characters.
    file: Cow<'a, str>,
    start: usize,
    end: usize,
    text: &'a str,
    kind: BlockKind,
}

/// Prints the segments of every input.
pub fn run(arguments: &SegmentArgs, messages: &Messages) -> Result<Exit> {
    let options = read_options(arguments.encoding.clone())?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut exit = Exit::Success;
    let paths: Vec<Result<PathBuf>> = if is_standard_input(&arguments.input)? {
        arguments.input.iter().cloned().map(Ok).collect()
    } else {
        let found = folder::find(&arguments.input, None, &folder::Selection::default());
        found.into_iter().map(|found| Ok(found?.path)).collect()
    };
    for path in paths {
        match path.and_then(|path| Ok((read_document(&path, &options)?, path))) {
            Ok((document, path)) => {
                document.notices.iter().for_each(|notice| messages.warning(&path, notice));
                print(&document, &path, &mut output).map_err(standard_output_error)?;
            }
            Err(error) => {
                messages.error(&error);
                exit = Exit::SomeFailed;
            }
        }
    }
    output.flush().map_err(standard_output_error)?;
    Ok(exit)
}

fn print(document: &Document, file: &Path, output: &mut dyn Write) -> std::io::Result<()> {
    let mut characters = document.characters();
    for segment in segment(document) {
        let kind = document.blocks[segment.block].kind;
        let (start, end) = (characters.at(segment.range.start), characters.at(segment.range.end));
        let line = Line { file: file.to_string_lossy(), start, end, text: &segment.text, kind };
        serde_json::to_writer(&mut *output, &line)?;
        output.write_all(b"\n")?;
    }
    Ok(())
}
