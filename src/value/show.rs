//! Values for readers: as Python prints them, and abridged.

use std::fmt::{self, Display, Formatter, Write};

use super::{Array, FieldType, Object, Records, Shared, Value};
use crate::bytes::Key;
use crate::de::number::Number;
use crate::repr;

/// How many elements of a collection are shown.
const ELEMENTS: usize = 8;

/// How many attributes of an object and keys of a dict are shown.
const KEYS: usize = 24;

/// How many levels are shown.
const LEVELS: usize = 6;

/// How many characters of a text and bytes of a `bytes` are shown.
const LETTERS: usize = 120;

/// How many bytes an integer may have to be shown.
const LONG_INT: usize = 64;

/// How many values are shown in all: what is shared is shown in each place, and so may be many times as large as it is.
const VALUES: usize = 2_000;

impl Display for Value {
    /// As Python's `repr`, for readers: long collections and texts are abridged, of arrays there are the first elements, the
    /// dtype and the shape, and below the sixth level there is `…`. What contains itself is `[...]`, as in Python. `{:#}`
    /// gives each element a line.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Printer { pretty: f.alternate(), out: f, open: Vec::new(), level: 0, unindented: 0, left: VALUES }.value(self)
    }
}

impl Display for Array {
    /// The first elements, in the order of memory, the dtype and the shape.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("array([")?;
        for (place, number) in self.numbers().take(ELEMENTS).enumerate() {
            f.write_str(if place == 0 { "" } else { ", " })?;
            show_number(number.ok(), f)?;
        }
        let len: usize = self.shape().iter().product();
        if len > ELEMENTS {
            write!(f, ", … {} more", len - ELEMENTS)?;
        }
        write!(f, "], dtype={}, shape={}", self.dtype().name(), tuple(self.shape()))?;
        f.write_str(if self.is_fortran() && self.shape().len() > 1 { ", order='F')" } else { ")" })
    }
}

impl Display for Records {
    /// The fields with their types, and the shape.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("records(")?;
        for field in self.dtype().fields().iter().take(KEYS) {
            let shape = if field.shape().is_empty() { String::new() } else { tuple(field.shape()) + " " };
            match field.item() {
                FieldType::Plain(dtype) => write!(f, "{}: {shape}{}, ", abridged(field.name()), dtype.name())?,
                FieldType::Record(_) => write!(f, "{}: {shape}record, ", abridged(field.name()))?,
            }
        }
        if let Some(more @ 1..) = self.dtype().fields().len().checked_sub(KEYS) {
            write!(f, "… {more} more, ")?;
        }
        write!(f, "shape={})", tuple(self.shape()))
    }
}

impl Display for Object {
    /// Its class, and in parentheses what it is made of: `module.Class(argument, attribute=value)`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Printer { pretty: f.alternate(), out: f, open: Vec::new(), level: 0, unindented: 0, left: VALUES }.object(self)
    }
}

struct Printer<'p, 'f> {
    out: &'p mut Formatter<'f>,
    pretty: bool,
    /// The shared objects that we are inside of.
    open: Vec<Key>,
    level: usize,
    /// How many values we are inside of that do not make a level.
    unindented: usize,
    /// How many more values may be shown.
    left: usize,
}

/// What is between the parentheses of an object.
enum Part<'a> {
    Value(&'a Value),
    Named(&'a Value, &'a Value),
    State(&'a Value),
    Items(&'a [Value]),
    Entries(&'a [(Value, Value)]),
}

impl Printer<'_, '_> {
    fn value(&mut self, value: &Value) -> fmt::Result {
        let Some(left) = self.left.checked_sub(1) else { return self.out.write_char('…') };
        self.left = left;
        match value {
            Value::None => self.out.write_str("None"),
            Value::Bool(true) => self.out.write_str("True"),
            Value::Bool(false) => self.out.write_str("False"),
            Value::Int(value) => write!(self.out, "{value}"),
            Value::BigInt(bytes) => show_big_int(bytes, self.out),
            Value::Float(value) => self.out.write_str(&repr::float(*value)),
            Value::Complex(re, im) => self.out.write_str(&repr::complex(*re, *im)),
            Value::Str(text) => self.out.write_str(&repr::str(&abridged(text))),
            Value::Surrogates(bytes) => self.out.write_str(&repr::surrogates(&bytes[..bytes.len().min(LETTERS)])),
            Value::Bytes(bytes) => show_bytes(bytes, self.out),
            Value::ByteArray(bytes) => {
                self.out.write_str("bytearray(")?;
                show_bytes(bytes, self.out)?;
                self.out.write_char(')')
            }
            Value::List(items) => self.list("[", items, "]"),
            Value::Tuple(items) if items.len() == 1 => self.list("(", items, ",)"),
            Value::Tuple(items) => self.list("(", items, ")"),
            Value::Set(items) if items.is_empty() => self.out.write_str("set()"),
            Value::Set(items) => self.list("{", items, "}"),
            Value::FrozenSet(items) if items.is_empty() => self.out.write_str("frozenset()"),
            Value::FrozenSet(items) => self.list("frozenset({", items, "})"),
            Value::Dict(entries) => self.dict("{", entries, "}"),
            Value::Array(array) => array.fmt(self.out),
            Value::Scalar(array) => {
                write!(self.out, "{}(", array.dtype().name())?;
                show_number(array.numbers().next().and_then(Result::ok), self.out)?;
                self.out.write_char(')')
            }
            Value::Records(records) => records.fmt(self.out),
            Value::Record(record) => self.record(record),
            Value::Object(object) => self.object(object),
            Value::Global(module, name) => write!(self.out, "<{}>", full_name(module, name)),
            Value::Persistent(id) => {
                self.out.write_str("<persistent ")?;
                self.unindented(id)?;
                self.out.write_char('>')
            }
            Value::Extension(code) => write!(self.out, "<extension {code}>"),
            Value::Shared(shared) => self.shared(shared),
        }
    }

    /// A value on the line of what it is in.
    fn unindented(&mut self, value: &Value) -> fmt::Result {
        if self.unindented == LEVELS {
            return self.out.write_char('…');
        }
        self.unindented += 1;
        let shown = self.value(value);
        self.unindented -= 1;
        shown
    }

    fn shared(&mut self, shared: &Shared) -> fmt::Result {
        if self.open.contains(&shared.key()) {
            return match &**shared {
                Value::List(_) => self.out.write_str("[...]"),
                Value::Tuple(_) => self.out.write_str("(...)"),
                Value::Object(object) => match object.class() {
                    Some((module, name)) => write!(self.out, "{}(...)", full_name(module, name)),
                    None => self.out.write_str("<...>"),
                },
                _ => self.out.write_str("{...}"),
            };
        }
        self.open.push(shared.key());
        let shown = self.value(shared);
        self.open.pop();
        shown
    }

    fn list(&mut self, open: &str, items: &[Value], close: &str) -> fmt::Result {
        self.out.write_str(open)?;
        let end = self.elements(items.len(), ELEMENTS, |printer, place| printer.value(&items[place]));
        end.and_then(|()| self.out.write_str(close))
    }

    fn dict(&mut self, open: &str, entries: &[(Value, Value)], close: &str) -> fmt::Result {
        self.out.write_str(open)?;
        self.elements(entries.len(), KEYS, |printer, place| {
            printer.value(&entries[place].0)?;
            printer.out.write_str(": ")?;
            printer.value(&entries[place].1)
        })?;
        self.out.write_str(close)
    }

    /// A record, by the names of its fields.
    fn record(&mut self, record: &Records) -> fmt::Result {
        self.out.write_str("record(")?;
        let fields = record.dtype().fields();
        self.elements(fields.len(), KEYS, |printer, place| {
            write!(printer.out, "{}=", abridged(fields[place].name()))?;
            match record.field(fields[place].name()) {
                Ok(value) => printer.value(&value),
                Err(_) => printer.out.write_char('?'),
            }
        })?;
        self.out.write_char(')')
    }

    fn object(&mut self, object: &Object) -> fmt::Result {
        match object.callable.target() {
            Value::Global(module, name) => self.out.write_str(&full_name(module, name))?,
            callable => self.unindented(callable)?,
        }
        self.out.write_char('(')?;
        let mut parts: Vec<Part<'_>> = object.args.iter().map(Part::Value).collect();
        let keywords = object.kwargs.as_ref().map_or(&[][..], Value::entries);
        parts.extend(keywords.iter().map(|(name, value)| Part::Named(name, value)));
        let attributes = parts.len();
        parts.extend(object.attributes().map(|(name, value)| Part::Named(name, value)));
        match &object.state {
            Some(state) if parts.len() == attributes && !matches!(state.target(), Value::Dict(_) | Value::None) => {
                parts.push(Part::State(state));
            }
            _ => {}
        }
        if !object.items.is_empty() {
            parts.push(Part::Items(&object.items));
        }
        if !object.entries.is_empty() {
            parts.push(Part::Entries(&object.entries));
        }
        self.elements(parts.len(), KEYS, |printer, place| match parts[place] {
            Part::Value(value) => printer.value(value),
            Part::Named(name, value) => {
                match name.as_str() {
                    Some(name) => printer.out.write_str(&abridged(name))?,
                    None => printer.value(name)?,
                }
                printer.out.write_char('=')?;
                printer.value(value)
            }
            Part::State(state) => {
                printer.out.write_str("state=")?;
                printer.value(state)
            }
            Part::Items(items) => printer.list("[", items, "]"),
            Part::Entries(entries) => printer.dict("{", entries, "}"),
        })?;
        self.out.write_char(')')
    }

    /// The first elements, with what is between them.
    fn elements(
        &mut self,
        len: usize,
        most: usize,
        mut each: impl FnMut(&mut Self, usize) -> fmt::Result,
    ) -> fmt::Result {
        if len == 0 {
            return Ok(());
        }
        if self.level == LEVELS || self.left == 0 {
            return self.out.write_char('…');
        }
        self.level += 1;
        for place in 0..len.min(most) {
            self.between(place)?;
            each(self, place)?;
        }
        if len > most {
            self.between(most)?;
            write!(self.out, "… {} more", len - most)?;
        }
        self.level -= 1;
        if self.pretty { self.line() } else { Ok(()) }
    }

    /// What is before an element.
    fn between(&mut self, place: usize) -> fmt::Result {
        match (self.pretty, place) {
            (true, 0) => self.line(),
            (true, _) => self.out.write_char(',').and_then(|()| self.line()),
            (false, 0) => Ok(()),
            (false, _) => self.out.write_str(", "),
        }
    }

    fn line(&mut self) -> fmt::Result {
        self.out.write_char('\n')?;
        (0..self.level).try_for_each(|_| self.out.write_str("    "))
    }
}

/// A shape as a tuple of Python.
fn tuple(shape: &[usize]) -> String {
    match shape {
        [len] => format!("({len},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn full_name(module: &str, name: &str) -> String {
    match module {
        "builtins" | "__builtin__" => abridged(name),
        _ => format!("{}.{}", abridged(module), abridged(name)),
    }
}

fn abridged(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn show_number(number: Option<Number<'_>>, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str(&match number {
        None => "?".to_owned(),
        Some(Number::Bool(value)) => if value { "True" } else { "False" }.to_owned(),
        Some(Number::Int(value)) => value.to_string(),
        Some(Number::UInt(value)) => value.to_string(),
        Some(Number::F16(value)) => repr::float32(value.to_f32()),
        Some(Number::F32(value)) => repr::float32(value),
        Some(Number::F64(value)) => repr::float(value),
        Some(Number::Complex32(re, im)) => repr::complex(re.into(), im.into()),
        Some(Number::Complex(re, im)) => repr::complex(re, im),
        Some(Number::Str(text)) => repr::str(&abridged(&text)),
        Some(Number::Bytes(bytes)) => return show_bytes(bytes, f),
    })
}

fn show_big_int(bytes: &[u8], f: &mut Formatter<'_>) -> fmt::Result {
    match bytes.len() {
        ..=LONG_INT => f.write_str(&repr::int(bytes)),
        len => write!(f, "<int of {} bits>", 8 * len),
    }
}

fn show_bytes(bytes: &[u8], f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str(&repr::bytes(&bytes[..bytes.len().min(LETTERS)]))?;
    f.write_str(if bytes.len() > LETTERS { "…" } else { "" })
}
