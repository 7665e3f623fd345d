//! `binpickle`: what is in a BinPickle file, whether it is sound, and other forms of it.

mod arrays;
mod convert;
mod diff;
mod dis;
mod extract;
mod failure;
mod info;
mod list;
mod manual;
mod map;
mod open;
mod output;
mod progress;
mod show;
mod table;
mod tree;
mod verify;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ColorChoice, CommandFactory, Parser, Subcommand};

use self::failure::Failure;
use self::output::Output;

const AFTER: &str = "\
Exit codes:
  0  all is well
  1  an error: it is told in one line on the standard error output
  2  the command line is not understood
  3  `verify` found that something is wrong with a file, or `diff` that two are different

A file named `-` is the standard input. Colours are only used on a terminal, and not if NO_COLOR is set.
No command imports or calls anything that a file names.";

/// Look into BinPickle files, check them and convert them.
#[derive(Parser)]
#[command(name = "binpickle", version, after_help = AFTER, disable_help_subcommand = true)]
struct Cli {
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Info(info::Args),
    List(list::Args),
    Tree(tree::Args),
    Show(show::Args),
    Extract(extract::Args),
    Diff(diff::Args),
    Verify(verify::Args),
    Dis(dis::Args),
    Map(map::Args),
    Convert(convert::Args),
    Completions(manual::Completions),
    Man(manual::Man),
}

/// What a command found.
enum Outcome {
    Fine,
    /// Something is wrong with a file, or different from another, which was the question.
    Wrong,
    /// An error, which has been told: there was more to do.
    Failed,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut output = Output::new(cli.color);
    let outcome = match &cli.command {
        Command::Info(args) => info::run(args, &mut output),
        Command::List(args) => list::run(args, &mut output),
        Command::Tree(args) => tree::run(args, &mut output),
        Command::Show(args) => show::run(args, &mut output),
        Command::Extract(args) => extract::run(args, &mut output),
        Command::Diff(args) => diff::run(args, &mut output),
        Command::Verify(args) => verify::run(args, &mut output),
        Command::Dis(args) => dis::run(args, &mut output),
        Command::Map(args) => map::run(args, &mut output),
        Command::Convert(args) => convert::run(args, &mut output),
        Command::Completions(args) => manual::completions(args, Cli::command(), &mut output),
        Command::Man(_) => manual::man(Cli::command(), &mut output),
    };
    // What was printed before an error comes before it.
    let flushed = output.flush().map_err(Failure::from);
    match outcome.and_then(|outcome| flushed.map(|()| outcome)) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Wrong) => ExitCode::from(3),
        Ok(Outcome::Failed) => ExitCode::from(1),
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            output.error(&failure);
            ExitCode::from(1)
        }
    }
}

/// Help and version are printed as they are; a mistake is told in one line.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Whoever closes the pipe has seen enough of the help.
        _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        _ = error.print();
        return ExitCode::from(2);
    }
    let text = error.render().to_string();
    let message: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    eprintln!("{} (hint: {})", message.join(" "), tip.unwrap_or("`binpickle --help` shows what there is"));
    ExitCode::from(2)
}
