//! `binpickle show`: one value.

use binpickle::value::Array;
use binpickle::{Kind, Value};
use serde::Serialize;

use crate::Outcome;
use crate::arrays::elements::{self, Element};
use crate::failure::Result;
use crate::open::Source;
use crate::output::{Form, Output, Style, number, shape, size};

/// Show a part of the object: a value, or an array with its first elements, minimum, maximum and mean
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// The path of the part, such as /layers/0/weight; without one, the whole object
    #[arg(value_name = "PATH", default_value = "", hide_default_value = true)]
    path: String,
    #[command(flatten)]
    form: Form,
}

/// What is told of an array.
#[derive(Serialize)]
struct Facts {
    path: String,
    r#type: String,
    dtype: String,
    shape: Vec<usize>,
    order: &'static str,
    bytes: usize,
    #[serde(flatten)]
    numbers: Option<Numbers>,
}

/// What the numbers of an array are like. What is not a number is only counted.
#[derive(Serialize)]
struct Numbers {
    min: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
    nan: u64,
    zeros: u64,
}

#[derive(Serialize)]
struct Plain<'a> {
    path: &'a str,
    r#type: String,
    value: &'a Value,
}

/// How many rows and columns are shown from each end.
const ENDS: usize = 3;

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let file = args.source.open()?;
    let part = file.at(&args.path)?;
    let value: Value = part.load()?;
    let kind = part.type_name();
    match value.target() {
        Value::Array(array) => {
            let facts = Facts::of(array, args.path.clone(), kind);
            if args.form.json {
                output.json(&facts)?;
            } else {
                print(&facts, array, output)?;
            }
        }
        value if args.form.json => output.json(&Plain { path: &args.path, r#type: kind, value })?,
        value => {
            let text = format!("{value:#}");
            // That of an instance begins with its class.
            if !text.starts_with(&kind) {
                output.line(output.paint(Style::Type, &kind))?;
            }
            for line in text.lines() {
                output.line(crate::output::plain(line))?;
            }
        }
    }
    Ok(Outcome::Fine)
}

impl Facts {
    fn of(array: &Array, path: String, kind: String) -> Self {
        Facts {
            path,
            r#type: kind,
            dtype: array.dtype().name(),
            shape: array.shape().to_vec(),
            order: if array.is_fortran() { "F" } else { "C" },
            bytes: array.bytes().len(),
            numbers: Numbers::of(array),
        }
    }
}

impl Numbers {
    fn of(array: &Array) -> Option<Self> {
        if !matches!(array.dtype().kind(), Kind::Bool | Kind::Int | Kind::UInt | Kind::Float) {
            return None;
        }
        let mut numbers = Numbers { min: None, max: None, mean: None, nan: 0, zeros: 0 };
        let (mut sum, mut count) = (0.0, 0u64);
        for value in elements::all(array).filter_map(|element| element.number()) {
            if value.is_nan() {
                numbers.nan += 1;
                continue;
            }
            numbers.min = Some(numbers.min.map_or(value, |min| min.min(value)));
            numbers.max = Some(numbers.max.map_or(value, |max| max.max(value)));
            numbers.zeros += u64::from(value == 0.0);
            sum += value;
            count += 1;
        }
        numbers.mean = (count > 0).then(|| sum / count as f64);
        Some(numbers)
    }
}

fn print(facts: &Facts, array: &Array, output: &mut Output) -> Result<()> {
    let order = if facts.order == "F" && facts.shape.len() > 1 { ", Fortran order" } else { "" };
    let bytes = size(facts.bytes as u64);
    let title = output.paint(Style::Type, &format!("{} {}", facts.dtype, shape(&facts.shape)));
    output.line(format_args!("{title}{}", output.paint(Style::Dim, &format!("{order}, {bytes}"))))?;
    if let Some(Numbers { min: Some(min), max: Some(max), mean: Some(mean), nan, zeros }) = facts.numbers {
        let float = |value: f64| Element::Float(value).to_string();
        // Of integers, whole numbers.
        let end = |value: f64| match array.dtype().kind() {
            Kind::Float => float(value),
            _ => format!("{value}"),
        };
        let nan = if nan > 0 { format!("  nan {}", number(nan)) } else { String::new() };
        let (min, max, mean) = (end(min), end(max), float(mean));
        output.line(format_args!("min {min}  max {max}  mean {mean}  zeros {}{nan}", number(zeros)))?;
    }
    preview(array, output)
}

/// The corners of an array; of one with more than two axes, those of its first plane.
fn preview(array: &Array, output: &mut Output) -> Result<()> {
    if array.shape().contains(&0) {
        return Ok(());
    }
    let (planes, plane) = array.shape().split_at(array.shape().len().saturating_sub(2));
    let (rows, columns) = match *plane {
        [] => (1, 1),
        [columns] => (1, columns),
        [rows, columns, ..] => (rows, columns),
    };
    if !planes.is_empty() {
        let zeros = "0, ".repeat(planes.len());
        output.line(output.paint(Style::Dim, &format!("[{zeros}:, :]")))?;
    }
    let cell = |row: usize, column: usize| {
        let mut indices = vec![0; planes.len()];
        indices.extend(&[row, column][2 - plane.len()..]);
        let text = elements::at(array, &indices).to_string();
        crate::table::cut(&crate::output::plain(&text), 24, crate::table::Align::Left)
    };
    // A vector has one row, which may be longer.
    let ends = if rows == 1 { 2 * ENDS } else { ENDS };
    let lines: Vec<Option<Vec<Option<String>>>> = ends_of(rows, ENDS)
        .map(|row| row.map(|row| ends_of(columns, ends).map(|column| column.map(|column| cell(row, column))).collect()))
        .collect();
    let width =
        lines.iter().flatten().flatten().flatten().map(|cell| console::measure_text_width(cell)).max().unwrap_or(0);
    for line in &lines {
        let Some(cells) = line else {
            output.line("  …")?;
            continue;
        };
        let cells = cells.iter().map(|cell| match cell {
            Some(cell) => console::pad_str(cell, width, console::Alignment::Right, None).into_owned(),
            None => "…".to_owned(),
        });
        output.line(format_args!("  {}", cells.collect::<Vec<_>>().join("  ")))?;
    }
    Ok(())
}

/// The first and the last few of some indices; what is between is `None`.
fn ends_of(len: usize, ends: usize) -> impl Iterator<Item = Option<usize>> {
    let cut = len > 2 * ends + 1;
    let (first, last) = if cut { (ends, len - ends) } else { (len, len) };
    (0..first).map(Some).chain(cut.then_some(None)).chain((last..len).map(Some))
}
