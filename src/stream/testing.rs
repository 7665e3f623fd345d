//! What the tests of this room share, and those that concern all of it.

use std::fmt::Write;

use super::arena::Node;
use super::arena::{Arena, Items, NodeId};
use super::array::ArrayData;
use super::datetime::Time;
use super::dtype::Item;
use super::golden::STREAMS;
use super::meaning::Meaning;
use super::parser::{ParseLimits, parse};
use super::records::{Field, Record};
use super::standard::{Range, Standard};
use crate::bytes::Keep;
use crate::error::{Error, Result};

/// Enough for any stream of these tests.
pub(super) const LIMITS: ParseLimits = ParseLimits { buffers: 8, max_depth: 1000 };

/// Parses a stream and says what is in it.
pub(super) fn read(stream: &[u8]) -> Result<String> {
    let keep = Keep::new();
    let arena = parse(stream, LIMITS, &keep)?;
    let mut shown = String::new();
    show(&arena, arena.root(), &mut Vec::new(), &mut shown)?;
    Ok(shown)
}

/// The error of a stream that must have one.
pub(super) fn error(stream: &[u8]) -> Error {
    match read(stream) {
        Ok(shown) => panic!("{} is no error but {shown}", stream.escape_ascii()),
        Err(error) => error,
    }
}

/// Writes down what a node stands for. `…` is something that holds itself, or is too long for a test.
fn show(arena: &Arena<'_>, id: NodeId, above: &mut Vec<NodeId>, out: &mut String) -> Result<()> {
    if above.contains(&id) || out.len() > 10_000 {
        out.push('…');
        return Ok(());
    }
    above.push(id);
    match arena.meaning(id)? {
        Meaning::None => out.push_str("None"),
        Meaning::Bool(value) => write!(out, "{value}").unwrap(),
        Meaning::Int(value) => write!(out, "{value}").unwrap(),
        Meaning::BigInt(bytes) => write!(out, "Big{bytes:x?}").unwrap(),
        Meaning::Float(value) => write!(out, "{value:?}").unwrap(),
        Meaning::Complex(re, im) => write!(out, "{re:?}+{im:?}j").unwrap(),
        Meaning::Str(text) => write!(out, "{text:?}").unwrap(),
        Meaning::Surrogates(bytes) => write!(out, "Surrogates({})", bytes.escape_ascii()).unwrap(),
        Meaning::Bytes(bytes) => write!(out, "b'{}'", bytes.escape_ascii()).unwrap(),
        Meaning::Buffer(index) => write!(out, "Buffer({index})").unwrap(),
        Meaning::List(items) => show_items(arena, "[", items, "]", above, out)?,
        Meaning::Tuple(items) => show_items(arena, "(", items, ")", above, out)?,
        Meaning::Set(items) => show_items(arena, "Set[", items, "]", above, out)?,
        Meaning::Dict(items) => show_items(arena, "{", items, "}", above, out)?,
        Meaning::Array(array) => {
            write!(out, "Array({} {:?} {:?} {:?} ", array.dtype, array.shape, array.order, array.form).unwrap();
            if let Some(record) = &array.record {
                show_record(record, out);
            }
            match array.data {
                ArrayData::Buffer(index) => write!(out, "Buffer({index}))").unwrap(),
                ArrayData::Bytes(bytes) => write!(out, "b'{}')", bytes.escape_ascii()).unwrap(),
            }
        }
        Meaning::ObjectArray(array) => {
            write!(out, "Objects({:?}", array.shape).unwrap();
            show_items(arena, " ", array.items, ")", above, out)?;
        }
        Meaning::Masked(masked) => {
            let (array, mask) = (masked.array, masked.mask.escape_ascii());
            write!(out, "Masked({} {:?} {:?} {:?} {mask})", array.dtype, array.shape, array.order, array.data).unwrap();
        }
        Meaning::Refused(what) => write!(out, "Refused({})", &what[..19]).unwrap(),
        Meaning::Scalar(dtype, bytes) => write!(out, "{dtype}'{}'", bytes.escape_ascii()).unwrap(),
        Meaning::Standard(standard, _) => match standard {
            Standard::Path(path) => out.push_str(&arena.path_text(&path)),
            Standard::Range(Range { start, stop, step }) => write!(out, "range({start}, {stop}, {step})").unwrap(),
            Standard::Chars(chars) => write!(out, "{:?}", chars.decode()?).unwrap(),
            Standard::Time(Time { fold: true, .. }, _) | Standard::DateTime(_, Time { fold: true, .. }, _) => {
                write!(out, "{} fold", standard.text().unwrap()).unwrap();
            }
            standard => out.push_str(&standard.text().unwrap()),
        },
        Meaning::Instance(instance) => {
            match instance.class() {
                Some((module, name)) => write!(out, "{module}.{name}").unwrap(),
                None => out.push('?'),
            }
            show_items(arena, "(", instance.args(), ")", above, out)?;
            let kwargs = match instance.object.kwargs.map(|id| arena.node(id)) {
                Some(Node::Dict(items)) => items,
                _ => Items::EMPTY,
            };
            for (open, items) in [("**{", kwargs), ("+[", instance.items()), ("+{", instance.entries())] {
                if !items.is_empty() {
                    show_items(arena, open, items, if open == "+[" { "]" } else { "}" }, above, out)?;
                }
            }
            match (instance.attributes(), instance.object.state) {
                (Some(parts), _) => {
                    for items in parts {
                        show_items(arena, ".{", items, "}", above, out)?;
                    }
                }
                (None, Some(state)) => {
                    out.push_str(" state ");
                    show(arena, state, above, out)?;
                }
                (None, None) => {}
            }
        }
        Meaning::Global { module, name } => write!(out, "<{module}.{name}>").unwrap(),
        Meaning::Persistent => {
            let Node::Persistent { id: inner, .. } = arena.node(id) else { unreachable!() };
            out.push('#');
            show(arena, inner, above, out)?;
        }
        Meaning::Extension(code) => write!(out, "Extension({code})").unwrap(),
    }
    above.pop();
    Ok(())
}

/// The fields of a record: offset, name and dtype of each.
fn show_record(record: &Record<'_>, out: &mut String) {
    out.push('{');
    for Field { name, offset, item, shape, .. } in record.fields.iter() {
        write!(out, "{offset} {name} ").unwrap();
        match item {
            Some(Item { record: Some(record), .. }) => show_record(record, out),
            Some(Item { dtype, .. }) => write!(out, "{dtype} ").unwrap(),
            None => out.push_str("object "),
        }
        if !shape.is_empty() {
            write!(out, "{shape:?} ").unwrap();
        }
    }
    out.push_str("} ");
}

fn show_items(
    arena: &Arena<'_>,
    open: &str,
    items: Items,
    close: &str,
    above: &mut Vec<NodeId>,
    out: &mut String,
) -> Result<()> {
    out.push_str(open);
    let iter = arena.items(items);
    assert_eq!(iter.len(), items.len());
    for (place, id) in iter.enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        show(arena, id, above, out)?;
    }
    out.push_str(close);
    Ok(())
}

#[test]
fn what_python_wrote() {
    for (place, (buffers, stream, expected)) in STREAMS.iter().enumerate() {
        let shown = read(stream).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(shown, *expected, "{place}");
        let keep = Keep::new();
        assert_eq!(parse(stream, LIMITS, &keep).unwrap().buffers_used as usize, *buffers);
    }
}

#[test]
fn what_is_cut_off_is_an_error() {
    for (_, stream, _) in STREAMS {
        for len in 0..stream.len() {
            let error = error(&stream[..len]);
            assert!(error.offset().is_some(), "{error}");
        }
    }
}

#[test]
fn flipped_bits_make_no_panic() {
    for (_, stream, _) in STREAMS {
        let mut stream = stream.to_vec();
        for bit in 0..stream.len() * 8 {
            stream[bit / 8] ^= 1 << (bit % 8);
            let _ = read(&stream);
            stream[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
