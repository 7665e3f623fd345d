//! `binpickle extract`: a part of the object as a file of another kind.

use std::path::{Path, PathBuf};

use binpickle::Value;
use clap::ValueEnum;

use crate::Outcome;
use crate::arrays::{csv, flat, npy, npz};
use crate::failure::{Failure, Result};
use crate::open::{Source, Target, write};
use crate::output::Output;

/// Write a part of the object as .npy, .npz, .json, .csv, or raw bytes
///
/// Only what the part is made of is read.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// The path of the part, such as /layers/0/weight; without one, the whole object
    #[arg(value_name = "PATH", default_value = "", hide_default_value = true)]
    path: String,
    /// The file that is written; `-` is the standard output
    #[arg(short, long, value_name = "OUT")]
    out: PathBuf,
    /// What is written; by default what the name of OUT ends with
    #[arg(short, long)]
    format: Option<Format>,
    /// For .npz, leave out what is no array
    #[arg(long)]
    only_arrays: bool,
}

/// What can be written.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// numpy's file of one array
    Npy,
    /// numpy's archive of arrays, named by their paths
    Npz,
    /// The object as plain data; arrays are lists of lists
    Json,
    /// An array of one or two axes, records, or a dict of columns
    Csv,
    /// The bytes of an array in C order, of bytes or of text
    Raw,
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        Ok(match extension.as_str() {
            "npy" => Format::Npy,
            "npz" => Format::Npz,
            "json" => Format::Json,
            "csv" => Format::Csv,
            "raw" | "bin" => Format::Raw,
            _ => {
                let message = format!("the name {} does not say what to write", path.display());
                return Err(Failure::new(message).hint("--format npy, npz, json, csv or raw does"));
            }
        })
    }
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let format = args.format.map_or_else(|| Format::of(&args.out), Ok)?;
    let file = args.source.open()?;
    let value: Value = file.at(&args.path)?.load()?;
    let written = write(&args.out, output, |out| content(&value, format, args.only_arrays, out));
    written.map_err(|failure| if args.path.is_empty() { failure } else { failure.of(&args.path) })?;
    Ok(Outcome::Fine)
}

fn content(value: &Value, format: Format, only_arrays: bool, mut out: &mut dyn Target) -> Result<()> {
    match format {
        Format::Npy => npy::write(value, &mut out),
        Format::Npz => {
            let arrays = flat::arrays(value, "/", true, only_arrays)?;
            npz::write(arrays.iter().map(|(name, array)| (name.as_str(), array)), out)
        }
        Format::Json => {
            serde_json::to_writer(&mut out, value)?;
            Ok(out.write_all(b"\n")?)
        }
        Format::Csv => csv::write(value, &mut out),
        Format::Raw => Ok(out.write_all(&raw(value)?)?),
    }
}

fn raw(value: &Value) -> Result<std::borrow::Cow<'_, [u8]>> {
    Ok(match value.target() {
        Value::Array(array) | Value::Scalar(array) => crate::arrays::elements::c_order(array),
        Value::Records(records) if !records.is_fortran() || records.shape().len() < 2 => records.bytes().into(),
        Value::Record(record) => record.bytes().into(),
        Value::Bytes(bytes) | Value::ByteArray(bytes) => bytes.into(),
        Value::Str(text) => text.as_bytes().into(),
        _ => return Err(Failure::new("it is no array, bytes or text")),
    })
}
