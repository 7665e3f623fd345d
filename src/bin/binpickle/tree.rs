//! `binpickle tree`: the object of a file.

use std::collections::HashMap;

use binpickle::{BinPickleFile, Part, Value};
use serde::Serialize;

use crate::Outcome;
use crate::failure::Result;
use crate::open::Source;
use crate::output::{Form, Output, Style, Width, count, plain, shape, short_codecs, size};
use crate::table::{Align, cut};

/// Show the object as a tree, with types, shapes and small values
///
/// Only the pickle stream is read.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Begin at this path, such as /layers/0
    #[arg(value_name = "PATH", default_value = "", hide_default_value = true)]
    path: String,
    /// How many levels are shown
    #[arg(short, long, value_name = "LEVELS", default_value_t = 6)]
    depth: usize,
    /// How many items of a list or dict are shown
    #[arg(short = 'n', long, value_name = "ITEMS", default_value_t = 24)]
    items: usize,
    #[command(flatten)]
    width: Width,
    #[command(flatten)]
    form: Form,
}

/// How many lines there may be: what is shared is shown in each place.
const MOST: usize = 100_000;

/// Arrays in the stream of no more elements are shown whole.
const SMALL: usize = 8;

/// How long the text of a value may be where lines may have any length.
const LONG: usize = 100;

/// What is told of a part.
#[derive(Serialize)]
struct Facts {
    path: String,
    r#type: String,
    dtype: Option<String>,
    shape: Option<Vec<usize>>,
    /// How many parts are in it.
    len: usize,
    buffer: Option<usize>,
    value: Option<String>,
}

/// A line that is to be printed.
enum Line<'f> {
    Part { part: Part<'f>, key: Option<String>, before: String, last: bool, depth: usize },
    More { left_out: usize, before: String },
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let file = args.source.open()?;
    let root = file.at(&args.path)?;
    let paths = file.buffer_paths()?.into_iter().enumerate();
    let buffers: HashMap<String, usize> = paths.filter_map(|(number, path)| Some((path?, number))).collect();
    let name = if args.path.is_empty() { args.source.name() } else { args.path.clone() };
    let mut open = vec![Line::Part { part: root, key: None, before: String::new(), last: true, depth: 0 }];
    let (mut all, mut lines) = (Vec::new(), 0);
    while let Some(line) = open.pop() {
        lines += 1;
        if lines > MOST {
            if !args.form.json {
                output.line(output.paint(Style::Dim, "… and more: a smaller --depth shows less"))?;
            }
            break;
        }
        match line {
            Line::More { left_out, before } if !args.form.json => {
                output.line(output.paint(Style::Dim, &format!("{before}└─ … {left_out} more")))?;
            }
            Line::More { .. } => {}
            Line::Part { part, key, before, last, depth } => {
                let children = part.children();
                let facts = Facts::of(&file, &part, children.len(), &buffers);
                let (branch, below) = match (depth, last) {
                    (0, _) => (String::new(), String::new()),
                    (_, false) => (format!("{before}├─ "), format!("{before}│  ")),
                    (_, true) => (format!("{before}└─ "), format!("{before}   ")),
                };
                if !args.form.json {
                    let key = key.as_deref().unwrap_or(&name);
                    print(&file, &facts, (&branch, key, depth == 0), args.width.columns(), output)?;
                }
                push(&mut open, &part, children, &below, depth, args);
                all.push(facts);
            }
        }
        if !args.form.json {
            all.clear();
        }
    }
    if args.form.json {
        output.json(&all)?;
    }
    Ok(Outcome::Fine)
}

/// Puts the children on the stack, the first on top.
fn push<'f>(
    open: &mut Vec<Line<'f>>,
    part: &Part<'f>,
    children: Vec<Part<'f>>,
    before: &str,
    depth: usize,
    args: &Args,
) {
    if children.is_empty() {
        return;
    }
    let shown = if depth >= args.depth { 0 } else { children.len().min(args.items) };
    let left_out = children.len() - shown;
    if left_out > 0 {
        open.push(Line::More { left_out, before: before.to_owned() });
    }
    let start = part.path().len() + 1;
    for (index, child) in children.into_iter().take(shown).enumerate().rev() {
        let key = child.path().get(start..).unwrap_or_default().replace("~1", "/").replace("~0", "~");
        let last = index + 1 == shown && left_out == 0;
        open.push(Line::Part { part: child, key: Some(key), before: before.to_owned(), last, depth: depth + 1 });
    }
}

impl Facts {
    fn of(file: &BinPickleFile, part: &Part<'_>, len: usize, buffers: &HashMap<String, usize>) -> Self {
        let (dtype, shape) = (part.dtype(), part.shape());
        let buffer = buffers.get(part.path()).copied().filter(|_| len == 0);
        // What lies in the stream and is small.
        let elements = |shape: &Vec<usize>| shape.iter().try_fold(1usize, |count, &len| count.checked_mul(len));
        let small = shape.as_ref().is_none_or(|shape| elements(shape).is_some_and(|count| count <= SMALL));
        let value = if buffer.is_none() && len == 0 && small { part.load::<Value>().ok() } else { None };
        let described = buffer.and_then(|number| file.entries()[number].array());
        Facts {
            path: part.path().to_owned(),
            r#type: part.type_name(),
            dtype: dtype.map(|dtype| dtype.name()).or_else(|| described.map(|array| array.dtype().to_owned())),
            shape,
            len,
            buffer,
            value: value.map(|value| shown(&value)),
        }
    }
}

/// Of an array, only the elements: the rest is told anyway.
fn shown(value: &Value) -> String {
    match value.target() {
        Value::Array(array) => {
            let elements: Vec<String> =
                crate::arrays::elements::all(array).map(|element| element.to_string()).collect();
            format!("[{}]", elements.join(", "))
        }
        value => value.to_string(),
    }
}

fn print(
    file: &BinPickleFile,
    facts: &Facts,
    (branch, key, is_root): (&str, &str, bool),
    width: usize,
    output: &mut Output,
) -> Result<()> {
    let mut texts = vec![
        (Style::Dim, branch.to_owned()),
        (if is_root { Style::Title } else { Style::Path }, key.to_owned()),
        (Style::Dim, ": ".to_owned()),
    ];
    match (&facts.dtype, &facts.shape, &facts.value) {
        (Some(dtype), Some(axes), value) if facts.r#type == "numpy.ndarray" => {
            texts.push((Style::Type, dtype.clone()));
            texts.push((Style::Plain, format!(" {}", shape(axes))));
            texts.extend(value.as_ref().map(|value| (Style::Plain, format!(" {value}"))));
        }
        (_, _, Some(value)) => texts.push((Style::Plain, value.clone())),
        (dtype, ..) => {
            texts.push((Style::Type, facts.r#type.clone()));
            texts.extend(dtype.iter().map(|dtype| (Style::Plain, format!(" {dtype}"))));
        }
    }
    if facts.len > 0 {
        texts.push((Style::Dim, format!(", {}", count(facts.len, "item"))));
    }
    if let Some(number) = facts.buffer {
        let entry = &file.entries()[number];
        let codecs = short_codecs(entry.codecs());
        let codecs = if codecs.is_empty() { codecs } else { format!(", {codecs}") };
        texts.push((Style::Dim, format!("  {}{codecs}, buffer {number}", size(entry.decoded_len()))));
    }
    let mut left = width.min(branch.chars().count() + LONG + 60);
    let mut line = String::new();
    for (style, text) in texts {
        let text = cut(&plain(&text), left, Align::Left);
        left = left.saturating_sub(console::measure_text_width(&text));
        line += &output.paint(style, &text);
        if left == 0 {
            break;
        }
    }
    output.line(line.trim_end())
}
