//! `binpickle verify`: whether files are sound.

use std::path::{Path, PathBuf};

use binpickle::{Error, ErrorKind};
use serde::Serialize;

use crate::Outcome;
use crate::failure::Result;
use crate::open::{Limits, is_standard, name, read};
use crate::output::{Form, Output, Style};
use crate::progress::shown;

/// Read files whole, and tell all that is wrong with them
///
/// Checked are the digest of every buffer and that it decodes to its length, the padding, the mark as mappable, that nothing
/// follows the end, and that the pickle stream is well-formed and uses all buffers. The exit code is 3 if something is
/// wrong, 1 if a file cannot be read at all; then the others are checked nevertheless.
#[derive(clap::Args)]
pub struct Args {
    /// The files; `-` is the standard input
    #[arg(value_name = "FILE", required = true)]
    paths: Vec<PathBuf>,
    /// Print only what is wrong
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    form: Form,
}

/// What is told of a file.
#[derive(Serialize)]
struct Report {
    file: String,
    sound: bool,
    errors: Vec<Wrong>,
}

/// Something that is wrong.
#[derive(Serialize)]
struct Wrong {
    message: String,
    kind: String,
    buffer: Option<usize>,
    offset: Option<u64>,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let mut outcome = Outcome::Fine;
    let mut reports = Vec::new();
    for path in &args.paths {
        let errors = match find_errors(path, &args.limits) {
            Ok(errors) => errors,
            Err(failure) => {
                output.flush()?;
                output.error(&failure);
                outcome = Outcome::Failed;
                continue;
            }
        };
        if !errors.is_empty() && matches!(outcome, Outcome::Fine) {
            outcome = Outcome::Wrong;
        }
        let report = Report { file: name(path), sound: errors.is_empty(), errors: wrongs(path, &errors) };
        if args.form.json {
            reports.push(report);
        } else {
            print(&report, args.quiet, output)?;
        }
    }
    if args.form.json {
        output.json(&reports)?;
    }
    Ok(outcome)
}

/// What is wrong with a file. That it cannot be read says nothing about it, and is a failure.
fn find_errors(path: &Path, limits: &Limits) -> Result<Vec<Error>> {
    let mut errors = if is_standard(path) {
        match limits.options().from_vec(read(path)?) {
            Ok(file) => file.find_errors(),
            Err(error) => vec![error],
        }
    } else {
        shown(limits.options(), &name(path)).find_errors(path)
    };
    match errors.iter().position(|error| error.kind() == ErrorKind::Io) {
        Some(unreadable) => Err(errors.swap_remove(unreadable).into()),
        None => Ok(errors),
    }
}

fn wrongs(path: &Path, errors: &[Error]) -> Vec<Wrong> {
    let wrong = |error: &Error| {
        let message = error.to_string();
        // The name of the file is told once.
        let message = message.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&message).to_owned();
        let kind = format!("{:?}", error.kind()).to_lowercase();
        Wrong { message, kind, buffer: error.buffer(), offset: error.offset() }
    };
    errors.iter().map(wrong).collect()
}

fn print(report: &Report, quiet: bool, output: &mut Output) -> Result<()> {
    let file = output.paint(Style::Title, &report.file);
    if report.sound {
        return if quiet {
            Ok(())
        } else {
            output.line(format_args!("{file}: {}", output.paint(Style::Good, "sound")))
        };
    }
    report
        .errors
        .iter()
        .try_for_each(|wrong| output.line(format_args!("{file}: {}", output.paint(Style::Bad, &wrong.message))))
}
