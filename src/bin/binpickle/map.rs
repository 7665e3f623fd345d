//! `binpickle map`: the layout of a file as a picture.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use binpickle::{BinPickleFile, Header};

use crate::Outcome;
use crate::failure::Result;
use crate::open::{Source, write};
use crate::output::{Output, codecs, count, plain, shape, short_codecs, size};
use crate::table::{Align, cut};

/// Draw the layout of the file: an SVG picture of header, buffers, padding and index in proportion
///
/// The colours are those of the codecs.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// The picture; by default the standard output
    #[arg(short, long, value_name = "SVG", default_value = "-")]
    out: PathBuf,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let file = args.source.open()?;
    let picture = picture(&file, &args.source.name());
    write(&args.out, output, |out| Ok(out.write_all(picture.as_bytes())?))?;
    Ok(Outcome::Fine)
}

/// A stretch of the file.
struct Part {
    start: u64,
    len: u64,
    kind: Kind,
    /// The codecs of a buffer.
    codecs: String,
    short_codecs: String,
    label: String,
    /// What more there is to say.
    detail: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Frame,
    Padding,
    Buffer,
    Stream,
}

/// The size of the picture, in its own units.
const WIDTH: f64 = 960.0;
const MARGIN: f64 = 24.0;
const ROW: f64 = 34.0;
const GAP: f64 = 8.0;
const LINE: f64 = 20.0;

/// How many lines the table below the picture may have: the largest parts are in it.
const LINES: usize = 40;

/// Parts that are narrower are drawn as one with their neighbours.
const NARROW: f64 = 0.5;

/// Of colours that are told apart also by those who do not see all of them (Okabe and Ito); no codec comes first.
const COLORS: [&str; 8] = ["#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#0072b2", "#999999"];
const FRAME: &str = "#444444";
const PADDING: &str = "#eeeeee";

fn parts(file: &BinPickleFile) -> Vec<Part> {
    let entries = file.entries();
    let frame = |start: u64, len: u64, label: &str| Part {
        start,
        len,
        kind: Kind::Frame,
        codecs: String::new(),
        short_codecs: String::new(),
        label: label.to_owned(),
        detail: String::new(),
    };
    let header = Header::SIZE as u64;
    let mut parts = vec![frame(0, header, "header")];
    let mut position = header;
    // A picture can be drawn of a file whose object is not understood, too.
    let mut paths = file.buffer_paths().unwrap_or_default();
    paths.resize(entries.len(), None);
    for ((number, entry), path) in entries.iter().enumerate().zip(paths) {
        if entry.offset() > position {
            parts.push(Part { kind: Kind::Padding, ..frame(position, entry.offset() - position, "padding") });
        }
        let is_stream = number + 1 == entries.len();
        let array = entry.array().map(|array| format!("{} {}", array.dtype(), shape(array.shape())));
        parts.push(Part {
            start: entry.offset(),
            len: entry.encoded_len(),
            kind: if is_stream { Kind::Stream } else { Kind::Buffer },
            codecs: codecs(entry.codecs()),
            short_codecs: short_codecs(entry.codecs()),
            label: match path {
                _ if is_stream => "pickle stream".to_owned(),
                Some(path) if !path.is_empty() => path,
                _ => format!("buffer {number}"),
            },
            detail: array.unwrap_or_default(),
        });
        position = entry.offset() + entry.encoded_len();
    }
    parts.push(frame(position, file.header().len().saturating_sub(position), "index and trailer"));
    parts
}

fn picture(file: &BinPickleFile, name: &str) -> String {
    let len = file.header().len().max(1);
    let parts = parts(file);
    let chains: BTreeSet<&str> = buffers(&parts).map(|part| part.codecs.as_str()).collect();
    let chains: Vec<&str> = chains.into_iter().collect();
    // A small file is a line, one of many buffers a page.
    let rows = file.entries().len().div_ceil(4).clamp(1, 12);
    let per_row = len as f64 / rows as f64;

    let mut drawn = String::new();
    let top = MARGIN + 2.0 * LINE + GAP;
    for row in 0..rows {
        row_of(&mut drawn, &parts, &chains, row, per_row, top + row as f64 * (ROW + GAP));
    }
    let below = top + rows as f64 * (ROW + GAP) + LINE;
    let below = legend(&mut drawn, &chains, below) + LINE;
    let height = table(&mut drawn, &parts, &chains, below) + MARGIN;

    let summary = format!(
        "{} in {}, {}",
        size(len),
        count(file.entries().len(), "buffer"),
        if file.header().is_mappable() { "mappable" } else { "not mappable" }
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"13\" fill=\"#222222\">\n\
         <title>{name}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"{}\" font-size=\"17\" font-weight=\"bold\">{}</text>\n\
         <text x=\"{MARGIN}\" y=\"{}\" fill=\"#666666\">{summary}</text>\n{drawn}</svg>\n",
        MARGIN + 12.0,
        escape(&cut(name, 90, Align::End)),
        MARGIN + 12.0 + LINE,
        name = escape(name),
    )
}

fn buffers(parts: &[Part]) -> impl Iterator<Item = &Part> {
    parts.iter().filter(|part| matches!(part.kind, Kind::Buffer | Kind::Stream))
}

fn color(part: &Part, chains: &[&str]) -> &'static str {
    match part.kind {
        Kind::Frame => FRAME,
        Kind::Padding => PADDING,
        _ => color_of(chains.iter().position(|chain| *chain == part.codecs).unwrap_or(0)),
    }
}

fn color_of(chain: usize) -> &'static str {
    COLORS[chain.min(COLORS.len() - 1)]
}

/// What of the file is in a row.
fn row_of(out: &mut String, parts: &[Part], chains: &[&str], row: usize, per_row: f64, y: f64) {
    let (from, to) = (row as f64 * per_row, (row + 1) as f64 * per_row);
    let scale = (WIDTH - 2.0 * MARGIN) / per_row;
    // The first part that reaches into the row.
    let first = parts.partition_point(|part| (part.start + part.len) as f64 <= from);
    // Where the narrow parts that are not yet drawn begin, what colour the first has, and how many they are.
    let mut narrow: Option<(f64, &'static str, usize)> = None;
    let mut end = MARGIN;
    for part in parts[first..].iter().take_while(|part| (part.start as f64) < to) {
        let start = MARGIN + ((part.start as f64).max(from) - from) * scale;
        end = MARGIN + (((part.start + part.len) as f64).min(to) - from) * scale;
        if end - start < NARROW {
            let (x, color, count) = narrow.unwrap_or((start, color(part, chains), 0));
            narrow = Some((x, color, count + 1));
            if end - x >= NARROW {
                several(out, narrow.take(), end, y);
            }
            continue;
        }
        several(out, narrow.take(), start, y);
        rect(out, (start, end, y), color(part, chains), &format!("{}: {}", part.label, describe(part)));
        let side = if part.kind == Kind::Frame { Align::Left } else { Align::End };
        let text = cut(&part.label, ((end - start - 10.0) / 7.5).max(0.0) as usize, side);
        if part.kind != Kind::Padding && text.chars().count() >= part.label.chars().count().min(6) {
            let fill = if part.kind == Kind::Frame { "#ffffff" } else { "#111111" };
            let (x, y) = (start + 5.0, y + ROW / 2.0 + 4.5);
            _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{fill}\">{}</text>", escape(&text));
        }
    }
    several(out, narrow, end, y);
}

/// Parts that are too narrow to be seen one by one.
fn several(out: &mut String, narrow: Option<(f64, &'static str, usize)>, end: f64, y: f64) {
    if let Some((start, color, parts)) = narrow {
        rect(out, (start, end.max(start + NARROW), y), color, &count(parts, "small part"));
    }
}

fn rect(out: &mut String, (start, end, y): (f64, f64, f64), color: &str, title: &str) {
    let width = end - start;
    let stroke = if width > 4.0 { " stroke=\"#ffffff\"" } else { "" };
    _ = writeln!(
        out,
        "<rect x=\"{start:.2}\" y=\"{y:.1}\" width=\"{width:.2}\" height=\"{ROW}\" fill=\"{color}\"{stroke}>\
         <title>{}</title></rect>",
        escape(title)
    );
}

/// Which colour is which codec.
fn legend(out: &mut String, chains: &[&str], y: f64) -> f64 {
    let mut items: Vec<(&str, String)> = chains
        .iter()
        .take(COLORS.len() - 1)
        .enumerate()
        .map(|(index, chain)| {
            (color_of(index), if chain.is_empty() { "no codec".to_owned() } else { (*chain).to_owned() })
        })
        .collect();
    if chains.len() >= COLORS.len() {
        items.push((color_of(usize::MAX), format!("{} more", count(chains.len() + 1 - COLORS.len(), "chain"))));
    }
    items.extend([(PADDING, "padding".to_owned()), (FRAME, "header, index, trailer".to_owned())]);
    let (mut x, mut y) = (MARGIN, y);
    for (color, text) in items {
        let text = cut(&text, 100, Align::Left);
        let width = 30.0 + 7.5 * text.chars().count() as f64;
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + LINE);
        }
        swatch(out, x, y, color);
        _ = writeln!(out, "<text x=\"{:.1}\" y=\"{y:.1}\">{}</text>", x + 18.0, escape(&text));
        x += width;
    }
    y + LINE
}

fn swatch(out: &mut String, x: f64, y: f64, color: &str) {
    let y = y - 10.5;
    _ = writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"12\" height=\"12\" fill=\"{color}\" stroke=\"#bbbbbb\"/>"
    );
}

/// The buffers in the order of the file; of many, the largest.
fn table(out: &mut String, parts: &[Part], chains: &[&str], mut y: f64) -> f64 {
    let mut listed: Vec<&Part> = buffers(parts).collect();
    let left_out = listed.len().saturating_sub(LINES);
    listed.sort_by_key(|part| std::cmp::Reverse(part.len));
    listed.truncate(LINES);
    listed.sort_by_key(|part| part.start);
    for part in listed {
        swatch(out, MARGIN, y, color(part, chains));
        let cells = [
            (MARGIN + 18.0, "start", cut(&part.label, 48, Align::End)),
            (520.0, "end", size(part.len)),
            (545.0, "start", cut(&part.detail, 28, Align::Left)),
            (WIDTH - MARGIN, "end", cut(&part.short_codecs, 24, Align::Left)),
        ];
        for (x, anchor, text) in cells.iter().filter(|(_, _, text)| !text.is_empty()) {
            let text = escape(text);
            _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
        }
        y += LINE;
    }
    if left_out > 0 {
        let text = format!("and {} that are smaller", count(left_out, "buffer"));
        _ = writeln!(out, "<text x=\"{:.1}\" y=\"{y:.1}\" fill=\"#666666\">{text}</text>", MARGIN + 18.0);
        y += LINE;
    }
    y - LINE
}

fn describe(part: &Part) -> String {
    let mut text = format!("{} at byte {}", size(part.len), part.start);
    for more in [&part.detail, &part.codecs] {
        if !more.is_empty() {
            text = text + ", " + more;
        }
    }
    text
}

/// Text as XML has it.
fn escape(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
