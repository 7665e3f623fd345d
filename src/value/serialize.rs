//! A value for whatever format it is written in.

use ndarray::IxDyn;
use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::{Array, Object, Value};
use crate::de::number::Number;
use crate::error::Result;
use crate::ser;
use crate::with::ndarray::from_elements;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if ser::is_ours::<S>() {
            // The serializer knows the type of what comes with this name, and writes what it is in Python.
            return serializer.serialize_newtype_struct(ser::VALUE, self);
        }
        match self {
            Value::None => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Complex(re, im) => (re, im).serialize(serializer),
            Value::Str(text) => serializer.serialize_str(text),
            Value::BigInt(bytes) | Value::Surrogates(bytes) | Value::Bytes(bytes) | Value::ByteArray(bytes) => {
                serializer.serialize_bytes(bytes)
            }
            Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
                items.serialize(serializer)
            }
            Value::Dict(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
            Value::Array(array) | Value::Scalar(array) => array.serialize(serializer),
            Value::Records(records) | Value::Record(records) => records.serialize(serializer),
            Value::Object(object) => object.serialize(serializer),
            Value::Global(module, name) => serializer.collect_str(&format_args!("{module}.{name}")),
            Value::Persistent(id) => id.serialize(serializer),
            Value::Extension(code) => serializer.serialize_u32(*code),
        }
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
        if self.attributes().next().is_none() && self.entries.is_empty() {
            let items = if self.items.is_empty() { &self.args } else { &self.items };
            return items.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        self.attributes().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        self.entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}
