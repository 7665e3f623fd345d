//! `binpickle list`: the buffers of a file.

use std::fmt::Write;

use binpickle::{BinPickleFile, Digest, Entry};
use serde::Serialize;

use crate::Outcome;
use crate::failure::Result;
use crate::open::Source;
use crate::output::{Form, Output, Style, Width, codec_json, shape, short_codecs, size};
use crate::table::{Align, Column, Table};

/// List the buffers: where they are, what they hold, how they are encoded, and where in the object they are used
///
/// Shapes are those of the index, in the order of memory: that of an array in Fortran order is reversed.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    width: Width,
}

/// What is told of a buffer.
#[derive(Serialize)]
struct Buffer {
    #[serde(rename = "buffer")]
    number: usize,
    offset: u64,
    encoded_len: u64,
    decoded_len: u64,
    dtype: Option<String>,
    /// In the order of memory.
    shape: Option<Vec<u64>>,
    codecs: Vec<serde_json::Value>,
    #[serde(skip)]
    codec: String,
    digest: String,
    /// Where in the object it is used.
    path: Option<String>,
    is_pickle_stream: bool,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let file = args.source.open()?;
    let buffers = buffers(&file)?;
    if args.form.json {
        output.json(&buffers)?;
    } else {
        table(&buffers).print(output, args.width.columns())?;
    }
    Ok(Outcome::Fine)
}

fn buffers(file: &BinPickleFile) -> Result<Vec<Buffer>> {
    let entries = file.entries();
    let mut paths = if entries.is_empty() { Vec::new() } else { file.buffer_paths()? };
    let told = |(number, entry): (usize, &Entry)| Buffer {
        number,
        offset: entry.offset(),
        encoded_len: entry.encoded_len(),
        decoded_len: entry.decoded_len(),
        dtype: entry.array().map(|array| array.dtype().to_owned()),
        shape: entry.array().map(|array| array.shape().to_vec()),
        codecs: entry.codecs().iter().map(codec_json).collect(),
        codec: short_codecs(entry.codecs()),
        digest: hex(entry.digest()),
        path: paths[number].take(),
        is_pickle_stream: number + 1 == entries.len(),
    };
    Ok(entries.iter().enumerate().map(told).collect())
}

fn table(buffers: &[Buffer]) -> Table {
    let column = |title, align, style, least| Column { title, align, style, least };
    let mut table = Table::new(vec![
        column("#", Align::Right, Style::Dim, None),
        column("offset", Align::Right, Style::Plain, None),
        column("length", Align::Right, Style::Plain, None),
        column("stored", Align::Right, Style::Plain, None),
        column("dtype", Align::Left, Style::Type, Some((3, 7))),
        column("shape", Align::Left, Style::Plain, Some((2, 9))),
        column("codecs", Align::Left, Style::Plain, Some((0, 8))),
        column("used at", Align::End, Style::Path, Some((1, 14))),
    ]);
    for buffer in buffers {
        let stream = || if buffer.is_pickle_stream { "pickle".to_owned() } else { "bytes".to_owned() };
        table.row(&[
            buffer.number.to_string(),
            buffer.offset.to_string(),
            size(buffer.decoded_len),
            size(buffer.encoded_len),
            buffer.dtype.clone().unwrap_or_else(stream),
            buffer.shape.as_deref().map_or_else(String::new, shape),
            buffer.codec.clone(),
            match &buffer.path {
                Some(path) if path.is_empty() => "the object itself".to_owned(),
                Some(path) => path.clone(),
                None if buffer.is_pickle_stream => String::new(),
                None => "nowhere".to_owned(),
            },
        ]);
    }
    table
}

fn hex(digest: Digest) -> String {
    match digest {
        Digest::Adler32(checksum) => format!("{checksum:08x}"),
        Digest::Sha256(digest) => digest.iter().fold(String::new(), |mut text, byte| {
            _ = write!(text, "{byte:02x}");
            text
        }),
        _ => String::new(),
    }
}
