//! What is asked for by name: the values of a series and its index, the codes of a categorical column and its categories.

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess};

use super::column::ColumnDeserializer;
use crate::de::NodeDeserializer;
use crate::de::array::ArrayDeserializer;
use crate::error::{Error, Result};

pub(super) enum Part<'a, 'de> {
    Text(String),
    Bool(bool),
    Array(ArrayDeserializer<'a, 'de>),
    Column(ColumnDeserializer<'a, 'de>),
    Node(NodeDeserializer<'a, 'de>),
    None,
}

impl<'de> Part<'_, 'de> {
    pub(super) fn deserialize<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        match self {
            Part::Text(text) => seed.deserialize(StringDeserializer::new(text)),
            Part::Bool(value) => seed.deserialize(value.into_deserializer()),
            Part::Array(array) => seed.deserialize(array),
            Part::Column(column) => seed.deserialize(column),
            Part::Node(node) => seed.deserialize(node),
            Part::None => seed.deserialize(crate::de::masked::Masked),
        }
    }
}

/// A few parts with their names.
pub(super) struct Parts<'a, 'de, const N: usize> {
    parts: std::array::IntoIter<(&'static str, Part<'a, 'de>), N>,
    value: Option<(&'static str, Part<'a, 'de>)>,
}

impl<'a, 'de, const N: usize> Parts<'a, 'de, N> {
    pub(super) fn new(parts: [(&'static str, Part<'a, 'de>); N]) -> Self {
        Parts { parts: parts.into_iter(), value: None }
    }
}

impl<'de, const N: usize> MapAccess<'de> for Parts<'_, 'de, N> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.value = self.parts.next();
        self.value.as_ref().map(|(name, _)| seed.deserialize((*name).into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let (name, part) = self.value.take().ok_or_else(|| Error::data("a value was asked for before its key"))?;
        part.deserialize(seed).map_err(|error| error.under(name))
    }
}
