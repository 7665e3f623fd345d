//! The cells of a column, one by one and in any order.

use serde::de::{DeserializeSeed, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::de::NodeDeserializer;
use crate::de::masked::Masked;
use crate::de::number::{Number, NumberDeserializer};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::stream::{Node, NodeId};

/// Numbers that lie in a row.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'de> {
    pub(super) dtype: DType,
    pub(super) bytes: &'de [u8],
    pub(super) len: usize,
}

impl<'de> Numbers<'de> {
    /// The number at a place below `len`.
    pub(super) fn get(&self, index: usize) -> Result<Number<'de>> {
        let size = self.dtype.itemsize();
        Number::read(self.dtype, &self.bytes[index * size..][..size])
    }
}

/// The cells of a column. Who makes them has paid for a walk over all of them.
pub(super) enum Cells<'a, 'de> {
    Numbers(Numbers<'de>),
    /// Those whose byte is not 0 are missing.
    Nullable(Numbers<'de>, &'de [u8]),
    Objects(NodeDeserializer<'a, 'de>, Vec<NodeId>),
    Categorical(Numbers<'de>, Box<Cells<'a, 'de>>),
}

/// How long the text of a category may be to be paid for by its code, of one byte or more: the categories of most columns
/// are words, and a column has many more rows than categories.
const WORD: u64 = 64;

impl<'de> Cells<'_, 'de> {
    pub(super) fn len(&self) -> usize {
        match self {
            Cells::Numbers(numbers) | Cells::Nullable(numbers, _) | Cells::Categorical(numbers, _) => numbers.len,
            Cells::Objects(_, ids) => ids.len(),
        }
    }

    /// Deserializes the cell at a place below `len`.
    pub(super) fn get<T: DeserializeSeed<'de>>(&self, index: usize, seed: T) -> Result<T::Value> {
        match self {
            Cells::Nullable(_, mask) if mask[index] != 0 => seed.deserialize(Masked),
            Cells::Numbers(numbers) | Cells::Nullable(numbers, _) => {
                seed.deserialize(NumberDeserializer(numbers.get(index)?))
            }
            Cells::Objects(parent, ids) => parent.descend(ids[index], |node| deserialize(node, seed)),
            Cells::Categorical(codes, categories) => match codes.get(index)? {
                Number::Int(-1) => seed.deserialize(Masked),
                Number::Int(code) => {
                    let code = usize::try_from(code).ok().filter(|&code| code < categories.len());
                    let code = code.ok_or_else(|| Error::data("found a code that is none of the categories"))?;
                    categories.get_category(code, seed)
                }
                _ => Err(Error::data("found codes of categories that are no integers")),
            },
        }
    }

    fn get_category<T: DeserializeSeed<'de>>(&self, index: usize, seed: T) -> Result<T::Value> {
        match self {
            Cells::Objects(parent, ids) => {
                let node = NodeDeserializer { id: ids[index], depth: parent.depth + 1, ..*parent };
                match node.node() {
                    Node::Str(_) => node.word(|node| seed.deserialize(node)),
                    Node::Int(_) | Node::Float(_) | Node::Bool(_) => seed.deserialize(node),
                    _ => self.get(index, seed),
                }
            }
            _ => self.get(index, seed),
        }
    }
}

impl NodeDeserializer<'_, '_> {
    /// Goes on with a text that is free of charge, unless it is long.
    fn word<T>(self, go: impl FnOnce(Self) -> Result<T>) -> Result<T> {
        let budget = self.document.budget;
        let before = budget.bytes_left();
        let value = go(self)?;
        let spent = before - budget.bytes_left();
        budget.give_back(spent.min(WORD));
        Ok(value)
    }
}

/// Deserializes a cell that is a Python object.
fn deserialize<'de, T: DeserializeSeed<'de>>(node: NodeDeserializer<'_, 'de>, seed: T) -> Result<T::Value> {
    if node.document.arena.is_missing(node.id) {
        seed.deserialize(Missing(node.node()))
    } else {
        seed.deserialize(node)
    }
}

/// What stands for a missing value, which to a float may be NaN.
struct Missing<'de>(Node<'de>);

impl<'de> Deserializer<'de> for Missing<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_none()
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Node::Float(value) => visitor.visit_f64(value),
            _ => visitor.visit_none(),
        }
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
