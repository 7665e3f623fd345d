//! A node, and everything below it, as a [`Value`].

use super::NodeDeserializer;
use crate::error::{Error, Result};
use crate::stream::{self, Array, Items, Meaning, Node, NodeId};
use crate::value::{self, Made, Object, Value};

impl<'de> NodeDeserializer<'_, 'de> {
    pub(super) fn to_value(self) -> Result<Value> {
        let copied = match self.node() {
            Node::Str(text) => text.len(),
            Node::BigInt(bytes) | Node::Surrogates(bytes) | Node::Bytes(bytes) | Node::ByteArray(bytes) => bytes.len(),
            _ => 0,
        };
        self.document.spend_bytes(copied)?;
        Ok(match self.node() {
            Node::None => Value::None,
            Node::Bool(value) => Value::Bool(value),
            Node::Int(value) => Value::Int(value),
            Node::BigInt(bytes) => Value::BigInt(bytes.to_vec()),
            Node::Float(value) => Value::Float(value),
            Node::Str(text) => Value::Str(text.to_owned()),
            Node::Surrogates(bytes) => Value::Surrogates(bytes.to_vec()),
            Node::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Node::ByteArray(bytes) => Value::ByteArray(bytes.to_vec()),
            Node::List(items) => Value::List(self.values(items)?),
            Node::Tuple(items) => Value::Tuple(self.values(items)?),
            Node::Set(items) => Value::Set(self.values(items)?),
            Node::FrozenSet(items) => Value::FrozenSet(self.values(items)?),
            Node::Dict(items) => Value::Dict(self.value_pairs(items)?),
            Node::Buffer(index) => Value::Bytes(self.buffer(index)?),
            Node::Numbers(..) => match self.meaning()? {
                Meaning::Array(array) => Value::Array(self.array_value(array)?),
                _ => return Err(Error::data("found numbers that are no array")),
            },
            Node::Global { .. } => match self.meaning()? {
                Meaning::Global { module, name } => {
                    self.document.spend_bytes(module.len() + name.len())?;
                    Value::Global(module.to_owned(), name.to_owned())
                }
                _ => return Err(Error::data("found a global without a name")),
            },
            Node::Object(index) => self.object_value(self.document.arena.object(index))?,
            Node::Persistent { id, .. } => Value::Persistent(Box::new(self.descend(id, Self::to_value)?)),
            Node::Extension(code) => Value::Extension(code),
        })
    }

    /// What a call made: plain data where it is that, an object otherwise.
    fn object_value(self, object: &stream::Object) -> Result<Value> {
        match self.meaning()? {
            // What is more than an array to Python stays an object.
            Meaning::Array(array) if !self.document.arena.is_subclass(object) => match array.record.clone() {
                None => return Ok(Value::Array(self.array_value(array)?)),
                Some(record) if record.is_complete => {
                    let records = self.array(array)?.into_records(&record)?;
                    let is_scalar = self.document.arena.is_numpy_scalar(object);
                    return Ok(if is_scalar { Value::Record(records) } else { Value::Records(records) });
                }
                Some(_) => {}
            },
            Meaning::Scalar(dtype, bytes) => {
                return Ok(Value::Scalar(self.array_value(Array::scalar(dtype, bytes))?));
            }
            meaning => {
                if let Some(value) = self.builtin_value(meaning, self.document.arena.builtin_name(object.callable))? {
                    return Ok(value);
                }
            }
        }
        let args = match self.document.arena.node(object.args) {
            Node::Tuple(items) => self.values(items)?,
            _ => return Err(Error::data("found a call whose arguments are no tuple")),
        };
        let optional = |id: Option<NodeId>| id.map(|id| self.descend(id, Self::to_value)).transpose();
        Ok(Value::Object(Box::new(Object {
            made: if object.made == stream::Made::New { Made::New } else { Made::Call },
            callable: self.descend(object.callable, Self::to_value)?,
            args,
            kwargs: optional(object.kwargs)?,
            state: optional(object.state)?,
            items: self.values(object.items)?,
            entries: self.value_pairs(object.entries)?,
        })))
    }

    /// An object of a type that has a variant of its own, which older protocols make by a call.
    fn builtin_value(self, meaning: Meaning<'_, 'de>, called: Option<&str>) -> Result<Option<Value>> {
        if let Meaning::Bytes(bytes) = meaning {
            self.document.spend_bytes(bytes.len())?;
        }
        Ok(Some(match (meaning, called) {
            (Meaning::Complex(re, im), _) => Value::Complex(re, im),
            (Meaning::Bytes(bytes), Some("bytearray")) => Value::ByteArray(bytes.to_vec()),
            (Meaning::Bytes(bytes), _) => Value::Bytes(bytes.to_vec()),
            (Meaning::Buffer(index), called) => {
                let bytes = self.buffer(index)?;
                if called == Some("bytearray") { Value::ByteArray(bytes) } else { Value::Bytes(bytes) }
            }
            (Meaning::List(items), Some("list")) => Value::List(self.values(items)?),
            (Meaning::Tuple(items), Some("tuple")) => Value::Tuple(self.values(items)?),
            (Meaning::Set(items), Some("set")) => Value::Set(self.values(items)?),
            (Meaning::Set(items), Some("frozenset")) => Value::FrozenSet(self.values(items)?),
            (Meaning::Dict(items), Some("dict")) => Value::Dict(self.value_pairs(items)?),
            _ => return Ok(None),
        }))
    }

    /// A copy of a buffer.
    fn buffer(self, index: u32) -> Result<Vec<u8>> {
        let bytes = self.document.source.lend(index as usize)?;
        self.document.spend_bytes(bytes.len())?;
        Ok(bytes.to_vec())
    }

    fn array_value(self, array: Array<'de>) -> Result<value::Array> {
        self.array(array)?.into_value()
    }

    fn values(self, items: Items) -> Result<Vec<Value>> {
        let items = self.document.arena.items(items);
        let value = |(index, id)| self.descend(id, Self::to_value).map_err(|error| error.under(index));
        items.enumerate().map(value).collect()
    }

    fn value_pairs(self, items: Items) -> Result<Vec<(Value, Value)>> {
        let mut items = self.document.arena.items(items);
        let mut pairs = Vec::with_capacity(items.len() / 2);
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let name = self.descend(key, Self::to_value)?;
            let value = self.descend(value, Self::to_value).map_err(|error| error.under(self.label(key)))?;
            pairs.push((name, value));
        }
        Ok(pairs)
    }
}
