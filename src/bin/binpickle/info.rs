//! `binpickle info`: a file as a whole.

use std::collections::BTreeMap;

use binpickle::{BinPickleFile, Header, Revision};
use serde::Serialize;

use crate::Outcome;
use crate::failure::Result;
use crate::open::Source;
use crate::output::{Form, Output, Style, codec_json, codecs, count, number, size};

/// Show what kind of file it is: revision, size, buffers, codecs
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    form: Form,
}

/// All that is told.
#[derive(Serialize)]
struct Facts {
    file: String,
    revision: &'static str,
    version: u16,
    size: u64,
    /// The mark in the header.
    mappable: bool,
    /// How many buffers there are beside the pickle stream.
    buffers: usize,
    encoded_len: u64,
    decoded_len: u64,
    /// The length of the stream when it is decoded; none where there is no object.
    stream_len: Option<u64>,
    /// Bytes between the buffers.
    padding: u64,
    /// What all offsets are a multiple of.
    alignment: Option<u64>,
    chains: Vec<Chain>,
}

/// The buffers that went through the same codecs, the stream among them.
#[derive(Serialize)]
struct Chain {
    codecs: Vec<serde_json::Value>,
    #[serde(skip)]
    name: String,
    buffers: usize,
    encoded_len: u64,
    decoded_len: u64,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let file = args.source.open()?;
    let facts = Facts::of(&file, args.source.name());
    if args.form.json {
        output.json(&facts)?;
    } else {
        facts.print(output)?;
    }
    Ok(Outcome::Fine)
}

impl Facts {
    fn of(file: &BinPickleFile, name: String) -> Self {
        let (header, entries) = (file.header(), file.entries());
        let mut chains = BTreeMap::<String, Chain>::new();
        let (mut padding, mut end) = (0, Header::SIZE as u64);
        for entry in entries {
            let name = codecs(entry.codecs());
            let chain = chains.entry(name.clone()).or_insert_with(|| Chain {
                codecs: entry.codecs().iter().map(codec_json).collect(),
                name,
                buffers: 0,
                encoded_len: 0,
                decoded_len: 0,
            });
            chain.buffers += 1;
            chain.encoded_len += entry.encoded_len();
            chain.decoded_len = chain.decoded_len.saturating_add(entry.decoded_len());
            padding += entry.offset().saturating_sub(end);
            end = entry.offset() + entry.encoded_len();
        }
        let mut chains: Vec<_> = chains.into_values().collect();
        chains.sort_by_key(|chain| std::cmp::Reverse(chain.encoded_len));
        let zeros = entries.iter().map(|entry| entry.offset().trailing_zeros()).min();
        Facts {
            file: name,
            revision: revision(header.revision()),
            version: header.revision().version(),
            size: header.len(),
            mappable: header.is_mappable(),
            buffers: entries.len().saturating_sub(1),
            encoded_len: entries.iter().map(binpickle::Entry::encoded_len).sum(),
            decoded_len: chains.iter().fold(0, |sum, chain| sum.saturating_add(chain.decoded_len)),
            stream_len: entries.last().map(binpickle::Entry::decoded_len),
            padding,
            alignment: zeros.map(|zeros| 1 << zeros).filter(|&alignment| alignment >= 64),
            chains,
        }
    }

    fn print(&self, output: &mut Output) -> Result<()> {
        output.line(output.paint(Style::Title, &self.file))?;
        let mut fact = |name: &str, value: &str| {
            let name = output.paint(Style::Dim, &format!("{name:<10}"));
            output.line(format_args!("  {name}  {value}"))
        };
        fact("format", &format!("BinPickle {} ({})", self.version, self.revision))?;
        fact("size", &bytes(self.size))?;
        fact("mappable", if self.mappable { "yes" } else { "no" })?;
        match self.stream_len {
            Some(len) => {
                let stream = format!("and a pickle stream of {}", bytes(len));
                fact("buffers", &format!("{}, {stream}", number(self.buffers as u64)))?;
            }
            None => fact("buffers", "none: the file holds no object")?,
        }
        if let Some(alignment) = self.alignment {
            fact("alignment", &format!("{}, with {} of padding", bytes(alignment), bytes(self.padding)))?;
        }
        fact("data", &format!("{}{}", bytes(self.decoded_len), saved(self.decoded_len, self.encoded_len)))?;
        for (index, chain) in self.chains.iter().enumerate() {
            let name = if chain.name.is_empty() { "none" } else { &chain.name };
            let saved = saved(chain.decoded_len, chain.encoded_len);
            let buffers = count(chain.buffers, "buffer");
            let line = format!("{name}: {buffers}, {}{saved}", size(chain.decoded_len));
            fact(if index == 0 { "codecs" } else { "" }, &crate::output::plain(&line))?;
        }
        Ok(())
    }
}

fn revision(revision: Revision) -> &'static str {
    match revision {
        Revision::V1 => "V1",
        Revision::V2 => "V2",
        Revision::V2Mac => "V2Mac",
        _ => "unknown",
    }
}

fn bytes(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1024 => format!("{bytes} bytes"),
        _ => format!("{} ({} bytes)", size(bytes), number(bytes)),
    }
}

/// What codecs have saved, if there is something to tell.
fn saved(decoded: u64, encoded: u64) -> String {
    if decoded == encoded || decoded == 0 {
        return String::new();
    }
    let percent = 100.0 * encoded as f64 / decoded as f64;
    format!(" stored in {}, {percent:.1} %", size(encoded))
}
