//! A value for whatever format it is written in.

use std::cell::{Cell, RefCell};

use ndarray::IxDyn;
use rustc_hash::FxHashSet;
use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::{Array, Object, Value};
use crate::bytes::Key;
use crate::de::number::Number;
use crate::error::Result;
use crate::with::ndarray::from_elements;
use crate::{ser, stack};

impl Serialize for Value {
    /// In the files and streams of this crate, what it was in Python. In other formats plain data, in which a shared object
    /// is written in each place where it occurs; one that contains itself is an error.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Walk { value: self, trail: &Trail::default() }.serialize(serializer)
    }
}

/// How deep a value may be to be written in another format.
const MAX_DEPTH: usize = 10 * stack::MAX_DEPTH as usize;

/// How often shared objects may be written in another format, all of them together.
const MAX_COPIES: usize = 1_000_000;

/// Where we are in a value that is written.
#[derive(Default)]
struct Trail {
    /// The shared objects that we are inside of.
    open: RefCell<FxHashSet<Key>>,
    depth: Cell<usize>,
    /// How many shared objects were written.
    copies: Cell<usize>,
}

/// A value on its way into some format.
struct Walk<'a> {
    value: &'a Value,
    trail: &'a Trail,
}

impl Serialize for Walk<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if ser::is_ours::<S>() {
            // The serializer knows the type of what comes with this name, and writes what it is in Python.
            return serializer.serialize_newtype_struct(ser::VALUE, self.value);
        }
        let Trail { open, depth, copies } = self.trail;
        let shared = match self.value {
            Value::Shared(shared) => Some(shared.key()),
            _ => None,
        };
        if let Some(key) = shared {
            copies.set(copies.get() + 1);
            if !open.borrow_mut().insert(key) {
                return Err(Error::custom("the value contains itself, which this format cannot say"));
            }
            if copies.get() > MAX_COPIES {
                return Err(Error::custom(
                    "the value is too large in this format, for it has shared objects in shared objects",
                ));
            }
        }
        depth.set(depth.get() + 1);
        if depth.get() > MAX_DEPTH {
            return Err(Error::custom(format_args!("the value is nested more than {MAX_DEPTH} levels deep")));
        }
        let written = stack::descend(depth.get(), || self.content(serializer));
        depth.set(depth.get() - 1);
        if let Some(key) = shared {
            open.borrow_mut().remove(&key);
        }
        written
    }
}

impl<'a> Walk<'a> {
    fn content<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value.target() {
            Value::None | Value::Shared(_) => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Complex(re, im) => (re, im).serialize(serializer),
            Value::Str(text) => serializer.serialize_str(text),
            Value::BigInt(bytes) | Value::Surrogates(bytes) | Value::Bytes(bytes) | Value::ByteArray(bytes) => {
                serializer.serialize_bytes(bytes)
            }
            Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
                serializer.collect_seq(self.all(items))
            }
            Value::Dict(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (self.to(key), self.to(value))))
            }
            Value::Array(array) | Value::Scalar(array) => array.serialize(serializer),
            Value::Records(records) | Value::Record(records) => records.serialize(serializer),
            Value::Object(object) => self.object(object, serializer),
            Value::Global(module, name) => serializer.collect_str(&format_args!("{module}.{name}")),
            Value::Persistent(id) => self.to(id).serialize(serializer),
            Value::Extension(code) => serializer.serialize_u32(*code),
        }
    }

    fn to(&self, value: &'a Value) -> Walk<'a> {
        Walk { value, trail: self.trail }
    }

    fn all(&self, items: &'a [Value]) -> impl Iterator<Item = Walk<'a>> {
        items.iter().map(|item| self.to(item))
    }

    /// A map of the attributes and entries; without any, the items, or the arguments.
    fn object<S: Serializer>(&self, object: &'a Object, serializer: S) -> Result<S::Ok, S::Error> {
        if object.attributes().next().is_none() && object.entries.is_empty() {
            let items = if object.items.is_empty() { &object.args } else { &object.items };
            return serializer.collect_seq(self.all(items));
        }
        let mut map = serializer.serialize_map(None)?;
        object.attributes().try_for_each(|(key, value)| map.serialize_entry(&self.to(key), &self.to(value)))?;
        object.entries.iter().try_for_each(|(key, value)| map.serialize_entry(&self.to(key), &self.to(value)))?;
        map.end()
    }
}

impl Serialize for Array {
    /// For other formats: the rows of its rows, in C order.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let numbers: Result<Vec<_>> = self.numbers().collect();
        let numbers = numbers.map_err(Error::custom)?;
        let array = from_elements(IxDyn(&self.shape), self.fortran, numbers).map_err(Error::custom)?;
        Rows(array.view()).serialize(serializer)
    }
}

/// An array as the sequence of its rows; without axes, its element.
pub(super) struct Rows<'a, T>(pub(super) ndarray::ArrayViewD<'a, T>);

impl<T: Serialize> Serialize for Rows<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(element) = self.0.first()
            && self.0.ndim() == 0
        {
            return element.serialize(serializer);
        }
        let mut rows = serializer.serialize_seq(Some(self.0.len_of(ndarray::Axis(0))))?;
        self.0.outer_iter().try_for_each(|row| rows.serialize_element(&Rows(row)))?;
        rows.end()
    }
}

impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Number::Bool(value) => value.serialize(serializer),
            Number::Int(value) => value.serialize(serializer),
            Number::UInt(value) => value.serialize(serializer),
            Number::F16(value) => value.to_f32().serialize(serializer),
            Number::F32(value) => value.serialize(serializer),
            Number::F64(value) => value.serialize(serializer),
            Number::Complex32(re, im) => (re, im).serialize(serializer),
            Number::Complex(re, im) => (re, im).serialize(serializer),
            Number::Str(text) => text.serialize(serializer),
            Number::Bytes(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}

impl Serialize for Object {
    /// For other formats: a map of the attributes and entries; without any, the items, or the arguments.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Walk { value: &Value::None, trail: &Trail::default() }.object(self, serializer)
    }
}
