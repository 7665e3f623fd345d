//! `binpickle diff`: what is different in two files.

use std::collections::HashMap;
use std::path::PathBuf;

use binpickle::value::Array;
use binpickle::{BinPickleFile, Part, Value};
use serde::Serialize;

use crate::Outcome;
use crate::arrays::elements::{Element, c_order};
use crate::failure::{Failure, Result};
use crate::open::{Limits, open};
use crate::output::{Form, Output, Style, codecs, count, number, shape};

/// Show what is different in the objects of two files, by path: values, types, dtypes, shapes, codecs
///
/// The exit code is 3 if there is a difference.
#[derive(clap::Args)]
pub struct Args {
    /// The one file; one of both may be `-`, the standard input
    #[arg(value_name = "FILE")]
    left: PathBuf,
    /// The other file
    #[arg(value_name = "OTHER")]
    right: PathBuf,
    /// Do not compare codecs
    #[arg(long)]
    no_codecs: bool,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    form: Form,
}

/// A difference.
#[derive(Serialize)]
struct Difference {
    path: String,
    what: What,
    left: Option<String>,
    right: Option<String>,
    /// Of arrays of one dtype and shape, what is different in them.
    elements: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum What {
    /// It is in the first file only.
    Removed,
    /// It is in the second file only.
    Added,
    Type,
    Value,
    Codecs,
}

/// How deep an object may be, and how many parts it may have, what is shared counted each time.
const DEEPEST: usize = 1000;
const MOST: usize = 2_000_000;

/// One of the files, and which buffer is where.
struct Side<'f> {
    file: &'f BinPickleFile,
    buffers: HashMap<String, usize>,
}

impl<'f> Side<'f> {
    fn new(file: &'f BinPickleFile) -> Result<Self> {
        let paths = file.buffer_paths()?.into_iter().enumerate();
        Ok(Side { file, buffers: paths.filter_map(|(number, path)| Some((path?, number))).collect() })
    }

    fn entry(&self, path: &str) -> Option<&binpickle::Entry> {
        self.file.entries().get(*self.buffers.get(path)?)
    }
}

pub fn run(args: &Args, output: &mut Output) -> Result<Outcome> {
    let (left, right) = (open(&args.left, &args.limits)?, open(&args.right, &args.limits)?);
    let sides = (Side::new(&left)?, Side::new(&right)?);
    let same_streams = left.stream()? == right.stream()?;
    let mut differences = Vec::new();
    let mut open = vec![(left.at("")?, right.at("")?, 0)];
    let mut seen = 0;
    while let Some((left, right, depth)) = open.pop() {
        seen += 1;
        if depth > DEEPEST || seen > MOST {
            return Err(Failure::new("the objects are too large to be compared, or contain themselves"));
        }
        let (left_children, right_children) = (left.children(), right.children());
        differences.extend(of_part(
            &left,
            &right,
            left_children.is_empty() && right_children.is_empty(),
            &sides,
            same_streams,
        )?);
        if !args.no_codecs {
            differences.extend(of_codecs(&sides, left.path()));
        }
        let mut others: HashMap<String, Part<'_>> =
            right_children.iter().map(|part| (part.path().to_owned(), part.clone())).collect();
        let mut both = Vec::new();
        for child in left_children {
            match others.remove(child.path()) {
                Some(other) => both.push((child, other, depth + 1)),
                None => differences.push(alone(&child, What::Removed)),
            }
        }
        let added = right_children.iter().filter(|part| others.contains_key(part.path()));
        differences.extend(added.map(|part| alone(part, What::Added)));
        both.reverse();
        open.append(&mut both);
    }
    if args.form.json {
        output.json(&differences)?;
    } else {
        differences.iter().try_for_each(|difference| print(difference, output))?;
    }
    Ok(if differences.is_empty() { Outcome::Fine } else { Outcome::Wrong })
}

fn alone(part: &Part<'_>, what: What) -> Difference {
    let told = Some(told(part));
    let (left, right) = if what == What::Removed { (told, None) } else { (None, told) };
    Difference { path: part.path().to_owned(), what, left, right, elements: None }
}

/// What is different in a part as a whole; and if nothing is in it, in its value.
fn of_part(
    left: &Part<'_>,
    right: &Part<'_>,
    is_leaf: bool,
    (left_side, right_side): &(Side<'_>, Side<'_>),
    same_streams: bool,
) -> Result<Option<Difference>> {
    let kind = |part: &Part<'_>| (part.type_name(), part.dtype(), part.shape());
    let path = left.path().to_owned();
    if kind(left) != kind(right) {
        let (left, right) = (Some(told(left)), Some(told(right)));
        return Ok(Some(Difference { path, what: What::Type, left, right, elements: None }));
    }
    if !is_leaf {
        return Ok(None);
    }
    // The same bytes through the same codecs need not be read, if they are used in the same order.
    if (same_streams || left.shape().is_none_or(|shape| shape.len() < 2))
        && let (Some(left), Some(right)) = (left_side.entry(&path), right_side.entry(&path))
        && (left.digest(), left.codecs(), left.decoded_len()) == (right.digest(), right.codecs(), right.decoded_len())
        && left_side.file.header().revision() != binpickle::Revision::V1
    {
        return Ok(None);
    }
    let (left_value, right_value): (Value, Value) = (left.load()?, right.load()?);
    let elements = match (left_value.target(), right_value.target()) {
        (Value::Float(left), Value::Float(right)) if left.to_bits() == right.to_bits() => return Ok(None),
        (left, right) if left == right => return Ok(None),
        (Value::Array(left), Value::Array(right)) => match of_elements(left, right) {
            Some(elements) => Some(elements),
            // Only the order in memory is another one.
            None => Some("the order of the elements in memory".to_owned()),
        },
        _ => None,
    };
    let (left, right) = (Some(told(left)), Some(told(right)));
    Ok(Some(Difference { path, what: What::Value, left, right, elements }))
}

/// How many elements of two arrays of one dtype and shape are different, and by how much.
fn of_elements(left: &Array, right: &Array) -> Option<String> {
    let (dtype, size) = (left.dtype(), left.dtype().itemsize().max(1));
    let (left, right) = (c_order(left), c_order(right));
    let (mut different, mut most) = (0u64, 0.0f64);
    let total = left.len() / size;
    for (left, right) in left.chunks_exact(size).zip(right.chunks_exact(size)).filter(|(left, right)| left != right) {
        different += 1;
        let numbers = (Element::read(dtype, left).number(), Element::read(dtype, right).number());
        if let (Some(left), Some(right)) = numbers {
            most = most.max((left - right).abs());
        }
    }
    let by = if most > 0.0 { format!(", by {} at most", Element::Float(most)) } else { String::new() };
    (different > 0).then(|| format!("{} of {} differ{by}", number(different), count(total, "element")))
}

fn of_codecs((left, right): &(Side<'_>, Side<'_>), path: &str) -> Option<Difference> {
    let (left, right) = (left.entry(path)?, right.entry(path)?);
    if left.codecs() == right.codecs() {
        return None;
    }
    let text = |entry: &binpickle::Entry| {
        let text = codecs(entry.codecs());
        Some(if text.is_empty() { "no codec".to_owned() } else { text })
    };
    let (left, right) = (text(left), text(right));
    Some(Difference { path: path.to_owned(), what: What::Codecs, left, right, elements: None })
}

/// A part in few words.
fn told(part: &Part<'_>) -> String {
    match (part.dtype(), part.shape(), part.children().len()) {
        (Some(dtype), Some(axes), _) if part.type_name() == "numpy.ndarray" => {
            format!("{} {}", dtype.name(), shape(&axes))
        }
        (.., 0) => part.load::<Value>().map_or_else(|_| part.type_name(), |value| value.to_string()),
        (.., len) => format!("{}, {}", part.type_name(), count(len, "item")),
    }
}

fn print(difference: &Difference, output: &mut Output) -> Result<()> {
    let (sign, style) = match difference.what {
        What::Removed => ("-", Style::Bad),
        What::Added => ("+", Style::Good),
        _ => ("~", Style::Type),
    };
    let path = if difference.path.is_empty() { "the object" } else { &difference.path };
    let text = match (&difference.left, &difference.right, &difference.elements) {
        (Some(left), _, Some(elements)) => format!("{left}: {elements}"),
        (Some(left), Some(right), None) => format!("{left} → {right}"),
        (Some(only), None, _) | (None, Some(only), _) => only.clone(),
        (None, None, _) => String::new(),
    };
    let (sign, path) = (output.paint(style, sign), output.paint(Style::Path, path));
    output.line(format_args!("{sign} {path}: {}", crate::output::plain(&text)))
}
