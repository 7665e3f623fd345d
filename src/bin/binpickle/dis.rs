//! `binpickle dis`: the instructions of a pickle stream.

use binpickle::pickle::{Instruction, disassemble};
use serde::Serialize;

use crate::Outcome;
use crate::failure::Result;
use crate::open::{self, Source, is_standard};
use crate::output::{Form, Output};

/// List the instructions of the pickle stream, as Python's pickletools does
///
/// The file may be a plain pickle too. With --json, every instruction is a line of its own.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    form: Form,
}

#[derive(Serialize)]
struct Facts<'a> {
    position: usize,
    name: &'a str,
    argument: Option<&'a str>,
    /// The position of the mark that it closes.
    mark: Option<usize>,
    memo: Option<usize>,
    protocol: u8,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let path = &args.source.path;
    let is_binpickle = |start: &[u8]| open::Form::of(start) == Some(open::Form::BinPickle);
    if is_standard(path) {
        let bytes = open::read(path)?;
        if is_binpickle(&bytes) {
            list(args.source.limits.options().from_vec(bytes)?.stream()?, args.form.json, output)?;
        } else {
            list(&bytes, args.form.json, output)?;
        }
    } else if open::start(path).is_ok_and(|start| !is_binpickle(&start)) {
        list(&open::read(path)?, args.form.json, output)?;
    } else {
        list(args.source.open()?.stream()?, args.form.json, output)?;
    }
    Ok(Outcome::Fine)
}

fn list(stream: &[u8], json: bool, output: &mut Output) -> Result<()> {
    let mut instructions = disassemble(stream);
    for instruction in instructions.by_ref() {
        let instruction = instruction?;
        if json {
            serde_json::to_writer(output.writer(), &facts(&instruction))?;
            output.line("")?;
        } else {
            output.line(instruction)?;
        }
    }
    if !json {
        output.line(format_args!("highest protocol among opcodes = {}", instructions.protocol()))?;
    }
    Ok(())
}

fn facts(instruction: &Instruction) -> Facts<'_> {
    Facts {
        position: instruction.position,
        name: instruction.name,
        argument: instruction.argument.as_deref(),
        mark: instruction.closes,
        memo: instruction.memo,
        protocol: instruction.protocol,
    }
}
