//! A data frame as a map of its columns.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::cells::Numbers;
use super::column::ColumnDeserializer;
use super::label::{Label, LabelDeserializer};
use super::rows::Rows;
use super::wanted;
use crate::de::number::Number;
use crate::de::{NodeDeserializer, VALUE, hand_over};
use crate::error::{Error, Result};
use crate::stream::{self, Block, NodeId, Placement};
use crate::value::Value;

/// What a struct may ask for beside the columns.
const NAMES: [&str; 2] = ["index", "columns"];

/// A frame whose blocks were put in the order of its columns.
pub(super) struct Frame<'a, 'de> {
    parent: NodeDeserializer<'a, 'de>,
    pub(super) labels: Vec<Label<'de>>,
    /// For each column, where it is: in which object, and its place there.
    places: Vec<(NodeId, usize)>,
    index: NodeId,
    /// How many rows there are.
    pub(super) len: usize,
}

impl<'a, 'de> Frame<'a, 'de> {
    pub(super) fn new(parent: NodeDeserializer<'a, 'de>, frame: stream::Frame) -> Result<Self> {
        let document = parent.document;
        let stream::Frame { blocks, columns, index } = frame;
        document.spend_bytes(size_of::<Block>() * blocks.len())?;
        let shapes = blocks.iter().map(|block| ColumnDeserializer::new(parent, block.values).shape());
        let shapes: Vec<Option<(usize, usize)>> = shapes.collect::<Result<_>>()?;
        // What is refused lies alone in its block.
        let counts = || shapes.iter().map(|shape| shape.map_or(1, |(count, _)| count));
        let labels = ColumnDeserializer::new(parent, columns);
        let count = match labels.shape()? {
            Some((_, len)) => len,
            None => labels.cells()?.len(), // which says why not
        };
        if counts().try_fold(0usize, usize::checked_add) != Some(count) {
            return Err(Error::data(format!("found a table of {count} columns whose blocks have another number")));
        }
        document.spend_bytes(count.saturating_mul(size_of::<(Label<'_>, Option<(NodeId, usize)>)>()))?;
        let mut places = vec![None; count];
        for (block, count) in blocks.iter().zip(counts()) {
            let mut row = 0;
            let put = |column: usize| {
                match places.get_mut(column) {
                    Some(place @ None) if row < count => *place = Some((block.values, row)),
                    _ => return Err(Error::data("found a table in which a column is nowhere, or in two places")),
                }
                row += 1;
                Ok(())
            };
            each_column(parent, block.placement, put)?;
        }
        // As many as there are columns were put, none of them twice.
        let places = places.into_iter().flatten().collect::<Vec<_>>();
        if places.len() != count {
            return Err(Error::data("found a table in which a column is nowhere, or in two places"));
        }
        let labels = Label::all(&labels.cells()?)?;
        let len = match ColumnDeserializer::new(parent, index).shape()? {
            Some((_, len)) => len,
            None => shapes.iter().flatten().next().map_or(0, |&(_, len)| len),
        };
        Ok(Frame { parent, labels, places, index, len })
    }

    /// The column at a place.
    pub(super) fn column(&self, place: usize) -> ColumnDeserializer<'a, 'de> {
        let (id, row) = self.places[place];
        ColumnDeserializer::in_block(self.parent, id, row, self.len)
    }

    /// The labels of the rows.
    pub(super) fn index(&self) -> ColumnDeserializer<'a, 'de> {
        ColumnDeserializer::new(self.parent, self.index).of_len(self.len)
    }

    /// Pays for a walk over all rows.
    pub(super) fn spend_rows(&self) -> Result<()> {
        self.parent.document.spend_bytes(self.len)
    }

    pub(super) fn has_column(&self, name: &str) -> bool {
        self.labels.iter().any(|label| label.text() == name)
    }
}

/// Calls a function with the columns that a block holds.
fn each_column(
    parent: NodeDeserializer<'_, '_>,
    placement: NodeId,
    mut put: impl FnMut(usize) -> Result<()>,
) -> Result<()> {
    let nowhere = || Error::data("found a column at a place that a table does not have");
    let mut put = |column: i64| put(usize::try_from(column).map_err(|_| nowhere())?);
    match parent.document.arena.placement(placement)? {
        // It ends at the first one that does not fit.
        Placement::Range(range) => range.iter().try_for_each(put),
        Placement::Array(array) => {
            let array = parent.array(array)?;
            let &[len] = array.shape() else { return Err(nowhere()) };
            let numbers = Numbers { dtype: array.dtype(), bytes: array.bytes()?, len };
            (0..len).try_for_each(|index| match numbers.get(index)? {
                Number::Int(column) => put(column),
                _ => Err(nowhere()),
            })
        }
    }
}

/// Deserializes a frame.
#[derive(Clone, Copy)]
pub(crate) struct FrameDeserializer<'f, 'a, 'de>(pub(super) &'f Frame<'a, 'de>);

impl<'de> FrameDeserializer<'_, '_, 'de> {
    fn visit_columns<V: Visitor<'de>>(self, more: Vec<&'static str>, visitor: V) -> Result<V::Value> {
        visitor.visit_map(Columns { frame: self.0, more, next: 0 })
    }
}

impl<'de> Deserializer<'de> for FrameDeserializer<'_, '_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit_columns(Vec::new(), visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.visit_columns(wanted(&NAMES, fields, |name| self.0.has_column(name)), visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(Rows::new(self.0)?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if name != VALUE {
            return visitor.visit_newtype_struct(self);
        }
        let mut columns = Columns { frame: self.0, more: Vec::new(), next: 0 };
        let mut entries = Vec::new();
        while let Some(entry) = columns.next_entry::<Value, Value>()? {
            entries.push(entry);
        }
        hand_over(Value::Dict(entries))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct map enum identifier
    }
}

/// The columns, and what else is asked for.
struct Columns<'f, 'a, 'de> {
    frame: &'f Frame<'a, 'de>,
    more: Vec<&'static str>,
    next: usize,
}

impl<'de> MapAccess<'de> for Columns<'_, '_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let labels = &self.frame.labels;
        self.next += 1;
        match (labels.get(self.next - 1), self.more.get((self.next - 1).wrapping_sub(labels.len()))) {
            (Some(label), _) => seed.deserialize(LabelDeserializer(label)).map(Some),
            (None, Some(name)) => seed.deserialize((*name).into_deserializer()).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let (frame, place) = (self.frame, self.next.wrapping_sub(1));
        let (value, name) = match frame.labels.get(place) {
            Some(label) => (seed.deserialize(frame.column(place)), label.text()),
            None => match self.more.get(place.wrapping_sub(frame.labels.len())) {
                Some(&"index") => (seed.deserialize(frame.index()), Cow::Borrowed("index")),
                Some(&name) => (seed.deserialize(FrameDeserializer(frame)), Cow::Borrowed(name)),
                None => return Err(Error::data("a value was asked for before its key")),
            },
        };
        value.map_err(|error| error.under(crate::path::abridged(&name)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.frame.labels.len() + self.more.len()).saturating_sub(self.next))
    }
}
