//! A data frame as a sequence of its rows.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::cells::Cells;
use super::frame::Frame;
use super::label::LabelDeserializer;
use super::wanted;
use crate::de::masked::Masked;
use crate::error::{Error, Result};

/// The rows of a frame. A column is opened when a row asks for it.
pub(super) struct Rows<'f, 'a, 'de> {
    frame: &'f Frame<'a, 'de>,
    /// The cells of the columns, and at the end the labels of the rows.
    columns: Vec<OnceCell<Cells<'a, 'de>>>,
    next: usize,
}

impl<'f, 'a, 'de> Rows<'f, 'a, 'de> {
    pub(super) fn new(frame: &'f Frame<'a, 'de>) -> Result<Self> {
        frame.spend_rows()?;
        let columns = std::iter::repeat_with(OnceCell::new).take(frame.labels.len() + 1).collect();
        Ok(Rows { frame, columns, next: 0 })
    }

    /// The cells of a column; those of the index after the last one.
    fn cells(&self, place: usize) -> Result<&Cells<'a, 'de>> {
        let cell = &self.columns[place];
        if let Some(cells) = cell.get() {
            return Ok(cells);
        }
        let column = if place < self.frame.labels.len() { self.frame.column(place) } else { self.frame.index() };
        let cells = column.cells()?;
        Ok(cell.get_or_init(|| cells))
    }

    fn cell<T: DeserializeSeed<'de>>(&self, place: usize, row: usize, seed: T) -> Result<T::Value> {
        if typeid::of::<T>() == typeid::of::<PhantomData<IgnoredAny>>() {
            // The column that nobody wants may be of any kind.
            return seed.deserialize(Masked);
        }
        let name = self.frame.labels.get(place).map_or(Cow::Borrowed("index"), |label| label.text());
        let value = self.cells(place).and_then(|cells| cells.get(row, seed));
        value.map_err(|error| error.under(crate::path::abridged(&name)))
    }
}

impl<'de> SeqAccess<'de> for Rows<'_, '_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.next == self.frame.len {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        let row = RowDeserializer { rows: self, index };
        seed.deserialize(row).map(Some).map_err(|error| error.under(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.frame.len - self.next)
    }
}

/// Deserializes one row.
struct RowDeserializer<'r, 'f, 'a, 'de> {
    rows: &'r Rows<'f, 'a, 'de>,
    index: usize,
}

impl<'de> Deserializer<'de> for RowDeserializer<'_, '_, '_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(RowCells { row: self, has_index: false, next: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let has_index = !wanted(&["index"], fields, |name| self.rows.frame.has_column(name)).is_empty();
        visitor.visit_map(RowCells { row: self, has_index, next: 0 })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(RowCells { row: self, has_index: false, next: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        let found = self.rows.frame.labels.len();
        if found != len {
            return Err(serde::de::Error::invalid_length(found, &visitor));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
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

/// The cells of a row, with or without the names of their columns.
struct RowCells<'r, 'f, 'a, 'de> {
    row: RowDeserializer<'r, 'f, 'a, 'de>,
    /// Whether the label of the row is asked for too.
    has_index: bool,
    next: usize,
}

impl<'de> MapAccess<'de> for RowCells<'_, '_, '_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let labels = &self.row.rows.frame.labels;
        match labels.get(self.next) {
            Some(label) => seed.deserialize(LabelDeserializer(label)).map(Some),
            None if self.has_index && self.next == labels.len() => {
                seed.deserialize("index".into_deserializer()).map(Some)
            }
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        if self.next > self.row.rows.frame.labels.len() {
            return Err(Error::data("a value was asked for before its key"));
        }
        self.next += 1;
        self.row.rows.cell(self.next - 1, self.row.index, seed)
    }
}

impl<'de> SeqAccess<'de> for RowCells<'_, '_, '_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.next == self.row.rows.frame.labels.len() {
            return Ok(None);
        }
        self.next_value_seed(seed).map(Some)
    }
}
