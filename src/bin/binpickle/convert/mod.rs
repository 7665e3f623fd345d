//! `binpickle convert`: the same in another form.

mod codec;
mod forms;

use std::path::PathBuf;

use binpickle::codec::CodecConfig;
use binpickle::{Alignment, Options, Revision};
use clap::ValueEnum;

use crate::Outcome;
use crate::failure::{Failure, Result};
use crate::open::{Source, is_standard};
use crate::output::Output;

/// Write a file anew: compressed, decompressed, mappable, in another revision; or as another kind of file
///
/// From one BinPickle file to another, the pickle stream is kept byte for byte, and so are the arrays. Without options,
/// every buffer is compressed by gzip, as Python's `dump` does it.
///
/// .pkl, .npy, .npz and .safetensors are read and written, too. Of an object that is to be .npz or .safetensors, the arrays are
/// named by the keys and indices that lead to them, joined by `/` or `.`.
///
/// A file is replaced whole or not at all; OUT may be FILE.
#[derive(clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "they are the switches of the command line")]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// The file that is written; `-` is the standard output
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// What is written; by default what the name of OUT ends with, or a BinPickle file
    #[arg(short, long)]
    to: Option<forms::To>,
    /// For .npz and .safetensors, leave out what is no array
    #[arg(long)]
    only_arrays: bool,
    /// A codec: `zstd`, `zstd(level=9)`, or JSON such as `{"id": "zstd", "level": 9}`; more than once for a chain
    #[arg(short, long, value_name = "CODEC", value_parser = codec::parse)]
    codec: Vec<CodecConfig>,
    /// Use the codecs for arrays only, and not for the pickle stream
    #[arg(long, requires = "codec")]
    arrays_only: bool,
    /// For a memory map: buffers at pages, no codecs
    #[arg(short, long, conflicts_with_all = ["codec", "decompress"])]
    mappable: bool,
    /// No codecs
    #[arg(short, long, conflicts_with = "codec")]
    decompress: bool,
    /// The revision of the format
    #[arg(short, long, value_name = "REVISION", default_value = "v2")]
    revision: Version,
}

/// The revisions, as the command line names them.
#[derive(Clone, Copy, ValueEnum)]
enum Version {
    /// Of binpickle 0.1 to 0.3.4 for Python
    V1,
    /// Of binpickle 0.4 for Python
    V2,
    /// Of the main branch of binpickle for Python
    V2mac,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let to = args.to.unwrap_or_else(|| forms::To::of(&args.out));
    let options = options(args);
    match forms::Input::open(&args.source)? {
        forms::Input::File(file) if to == forms::To::Bpk => {
            if is_standard(&args.out) {
                let mut bytes = std::io::Cursor::new(Vec::new());
                options.rewrite_to_writer(&file, &mut bytes)?;
                output.bytes(bytes.get_ref())?;
            } else {
                options.rewrite(&file, &args.out).map_err(|error| cannot(args, error))?;
            }
        }
        forms::Input::File(file) => forms::write(&file.load()?, to, args.only_arrays, &args.out, output)?,
        forms::Input::Value(value) if to == forms::To::Bpk => {
            if is_standard(&args.out) {
                output.bytes(&options.to_vec(&value)?)?;
            } else {
                options.to_path(&value, &args.out).map_err(|error| cannot(args, error))?;
            }
        }
        forms::Input::Value(value) => forms::write(&value, to, args.only_arrays, &args.out, output)?,
    }
    Ok(Outcome::Fine)
}

fn cannot(args: &Args, error: binpickle::Error) -> Failure {
    let codec = error.to_string().contains("the pickle stream") && !args.codec.is_empty();
    let failure = Failure::from(error).of(args.out.display());
    if codec { failure.hint("--arrays-only keeps the codecs away from the pickle stream") } else { failure }
}

fn options(args: &Args) -> Options {
    let options = if args.mappable {
        Options::mappable()
    } else if args.decompress {
        Options::mappable().align(Alignment::None)
    } else if args.codec.is_empty() {
        Options::new()
    } else {
        let codecs = args.codec.iter().map(|codec| binpickle::codec::CodecSpec::from(codec.clone()));
        let codecs = codecs.map(|codec| if args.arrays_only { codec.arrays_only() } else { codec });
        Options::new().codecs(codecs)
    };
    options.revision(match args.revision {
        Version::V1 => Revision::V1,
        Version::V2 => Revision::V2,
        Version::V2mac => Revision::V2Mac,
    })
}
