//! A series: its values; or these by their labels; or all there is, by name.

use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::cells::Cells;
use super::column::ColumnDeserializer;
use super::label::{Label, LabelDeserializer};
use super::parts::{Part, Parts};
use crate::de::NodeDeserializer;
use crate::error::{Error, Result};
use crate::stream::{Node, NodeId, Series};

/// Deserializes a series.
pub(crate) struct SeriesDeserializer<'a, 'de> {
    parent: NodeDeserializer<'a, 'de>,
    values: ColumnDeserializer<'a, 'de>,
    index: ColumnDeserializer<'a, 'de>,
    name: Option<NodeId>,
}

impl<'a, 'de> SeriesDeserializer<'a, 'de> {
    pub(super) fn new(parent: NodeDeserializer<'a, 'de>, series: Series) -> Self {
        let column = |id| ColumnDeserializer::new(parent, id);
        SeriesDeserializer { parent, values: column(series.values), index: column(series.index), name: series.name }
    }

    fn visit_labelled<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let values = self.values.cells()?;
        let index = self.index.of_len(values.len()).cells()?;
        visitor.visit_map(Labelled { index, values, next: 0 })
    }

    fn visit_parts<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let index = match self.values.shape()? {
            Some((_, len)) => self.index.of_len(len),
            None => self.index,
        };
        let name = match self.name {
            Some(name) if !matches!(self.parent.document.arena.node(name), Node::None) => {
                Part::Node(self.parent.child(name)?)
            }
            _ => Part::None,
        };
        visitor.visit_map(Parts::new([
            ("values", Part::Column(self.values)),
            ("index", Part::Column(index)),
            ("name", name),
        ]))
    }
}

impl<'de> Deserializer<'de> for SeriesDeserializer<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.values.deserialize_any(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.values.deserialize_seq(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        self.values.deserialize_tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Result<V::Value> {
        self.values.deserialize_tuple(len, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.values.deserialize_bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.values.deserialize_byte_buf(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit_labelled(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if crate::de::ndarray::is_ndarray(name, fields) || fields.contains(&"codes") || fields.contains(&"unit") {
            self.values.deserialize_struct(name, fields, visitor)
        } else if fields.contains(&"values") {
            self.visit_parts(visitor)
        } else {
            self.visit_labelled(visitor)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if crate::de::is_ours_by_name(name) {
            self.values.deserialize_newtype_struct(name, visitor)
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        unit unit_struct enum identifier
    }
}

/// The values, each under its label.
struct Labelled<'a, 'de> {
    index: Cells<'a, 'de>,
    values: Cells<'a, 'de>,
    next: usize,
}

impl<'de> MapAccess<'de> for Labelled<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if self.next == self.index.len() {
            return Ok(None);
        }
        self.next += 1;
        let label: Label<'de> = self.index.get(self.next - 1, PhantomData)?;
        seed.deserialize(LabelDeserializer(&label)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let index = self.next.checked_sub(1).ok_or_else(|| Error::data("a value was asked for before its key"))?;
        self.values.get(index, seed).map_err(|error| error.under(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.index.len() - self.next)
    }
}
