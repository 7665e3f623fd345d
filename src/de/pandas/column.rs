//! A column of a frame, the values of a series, an index: a sequence, or what is more in it.

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::cells::{Cells, Numbers};
use super::parts::{Part, Parts};
use crate::bytes::{AlignedBuf, bytes_of};
use crate::de::array::ArrayDeserializer;
use crate::de::masked::MaskedDeserializer;
use crate::de::ndarray::{self, is_ndarray};
use crate::de::{ARRAY, NodeDeserializer, VALUE, hand_over};
use crate::dtype::{Element, Kind, TimeUnit};
use crate::error::{Error, Result};
use crate::stream::{Column, NodeId, Shape, Steps};
use crate::value::Value;

/// A column, of which nothing was looked at yet.
#[derive(Clone, Copy)]
pub(crate) struct ColumnDeserializer<'a, 'de> {
    parent: NodeDeserializer<'a, 'de>,
    id: NodeId,
    /// Which one it is, where several lie together.
    row: Option<usize>,
    /// How long it must be.
    len: Option<usize>,
}

/// What a column turned out to be.
enum Found<'a, 'de> {
    /// Of one axis.
    Array(ArrayDeserializer<'a, 'de>),
    Nullable(MaskedDeserializer<'a, 'de>),
    Objects(Vec<NodeId>),
    Categorical {
        codes: ArrayDeserializer<'a, 'de>,
        categories: NodeId,
        is_ordered: bool,
    },
}

impl<'a, 'de> ColumnDeserializer<'a, 'de> {
    pub(super) fn new(parent: NodeDeserializer<'a, 'de>, id: NodeId) -> Self {
        ColumnDeserializer { parent, id, row: None, len: None }
    }

    /// One of the columns of a block, and how long it must be.
    pub(super) fn in_block(parent: NodeDeserializer<'a, 'de>, id: NodeId, row: usize, len: usize) -> Self {
        ColumnDeserializer { parent, id, row: Some(row), len: Some(len) }
    }

    /// The same column, which must have a length.
    pub(super) fn of_len(self, len: usize) -> Self {
        ColumnDeserializer { len: Some(len), ..self }
    }

    /// How many columns lie together, and how long each is; `None` if it is of a kind that is refused.
    pub(super) fn shape(&self) -> Result<Option<(usize, usize)>> {
        let array = match self.parent.document.arena.column(self.id)? {
            Column::Array(array)
            | Column::Nullable { values: array, .. }
            | Column::Categorical { codes: array, .. } => self.parent.array(array)?,
            Column::Objects(array) => return shape_of(&array.shape).map(Some),
            Column::Range(range) => return Ok(Some((1, range.len))),
            Column::Refused(_) => return Ok(None),
        };
        shape_of(array.shape()).map(Some)
    }

    fn open(&self) -> Result<Found<'a, 'de>> {
        let document = self.parent.document;
        let found = match document.arena.column(self.id)? {
            Column::Array(array) => Found::Array(self.pick(self.parent.array(array)?)?),
            Column::Nullable { values, mask } => {
                let (values, mask) = (self.pick(self.parent.array(values)?)?, self.pick(self.parent.array(mask)?)?);
                if mask.dtype() != bool::DTYPE || mask.shape() != values.shape() {
                    return Err(Error::data("found a column whose mask does not fit its values"));
                }
                Found::Nullable(MaskedDeserializer::new(values, mask))
            }
            Column::Categorical { codes, categories, is_ordered } => {
                let codes = self.pick(self.parent.array(codes)?)?;
                if codes.dtype().kind() != Kind::Int {
                    return Err(Error::data("found codes of categories that are no integers"));
                }
                Found::Categorical { codes, categories, is_ordered }
            }
            Column::Objects(array) => {
                let (rows, len) = shape_of(&array.shape)?;
                let row = self.checked_row(rows)?;
                document.spend_bytes(size_of::<NodeId>() * len)?;
                Found::Objects(document.arena.items(array.items).skip(row * len).take(len).collect())
            }
            Column::Range(range) => Found::Array(self.range(range)?),
            Column::Refused(class) => {
                let class = crate::path::abridged(class);
                return Err(Error::data(format!(
                    "found a {class} of pandas, for which there is no type here: convert it in Python, with `astype` or \
                     `reset_index`"
                )));
            }
        };
        let len = match &found {
            Found::Array(array) | Found::Categorical { codes: array, .. } => array.shape()[0],
            Found::Nullable(masked) => masked.shape()[0],
            Found::Objects(ids) => ids.len(),
        };
        match self.len {
            Some(expected) if expected != len => {
                Err(Error::data(format!("found a column of {len} rows in a table of {expected}")))
            }
            _ => Ok(found),
        }
    }

    /// This column of those that lie together, as an array of one axis.
    fn pick(&self, array: ArrayDeserializer<'a, 'de>) -> Result<ArrayDeserializer<'a, 'de>> {
        let (rows, _) = shape_of(array.shape())?;
        let row = self.checked_row(rows)?;
        if array.shape().len() == 1 { Ok(array) } else { array.into_row(row) }
    }

    fn checked_row(&self, rows: usize) -> Result<usize> {
        match self.row {
            Some(row) if row < rows => Ok(row),
            None if rows == 1 => Ok(0),
            _ => Err(Error::data("found a column that its block does not hold")),
        }
    }

    /// The numbers of a range, which are nowhere else.
    fn range(&self, range: Steps) -> Result<ArrayDeserializer<'a, 'de>> {
        let document = self.parent.document;
        document.spend_bytes(size_of::<i64>().saturating_mul(range.len))?;
        let numbers: Vec<i64> = range.iter().collect();
        let bytes = document.source.keep().keep(AlignedBuf::copy_of(bytes_of(&numbers))?);
        Ok(ArrayDeserializer::of_shape(document, i64::DTYPE, None, Shape::from_slice(&[range.len]), bytes))
    }

    /// The cells, after paying for a walk over them.
    pub(super) fn cells(&self) -> Result<Cells<'a, 'de>> {
        self.cells_of(self.open()?)
    }

    fn cells_of(&self, found: Found<'a, 'de>) -> Result<Cells<'a, 'de>> {
        let numbers = |array: &ArrayDeserializer<'a, 'de>| {
            let (dtype, bytes, len) = (array.dtype(), array.bytes()?, array.shape()[0]);
            if array.is_of_records() {
                return Err(Error::data("found a column of records"));
            }
            // Cells without bytes are not bounded by the length of the file.
            self.parent.document.spend_bytes(bytes.len().max(len))?;
            Ok(Numbers { dtype, bytes, len })
        };
        Ok(match found {
            Found::Array(array) => Cells::Numbers(numbers(&array)?),
            Found::Nullable(masked) => {
                let (values, mask) = masked.parts();
                Cells::Nullable(numbers(values)?, mask.bytes()?)
            }
            Found::Objects(ids) => Cells::Objects(self.parent, ids),
            Found::Categorical { codes, categories, .. } => {
                let categories = ColumnDeserializer::new(self.parent, categories).cells()?;
                if matches!(categories, Cells::Categorical(..)) {
                    return Err(Error::data("found categories that are themselves categorical"));
                }
                Cells::Categorical(numbers(&codes)?, Box::new(categories))
            }
        })
    }

    fn visit_cells<V: Visitor<'de>>(&self, found: Found<'a, 'de>, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(CellSeq { cells: self.cells_of(found)?, next: 0 })
    }
}

/// numpy's name of a unit: `ns`, or `25s` for steps of so many.
fn unit(unit: TimeUnit) -> String {
    if unit.count == 1 { unit.code().to_owned() } else { format!("{}{}", unit.count, unit.code()) }
}

/// How many columns there are in an array, and how long each is.
fn shape_of(shape: &[usize]) -> Result<(usize, usize)> {
    match *shape {
        [len] => Ok((1, len)),
        [rows, len] => Ok((rows, len)),
        _ => Err(Error::data(format!("found an array of shape {shape:?} for columns"))),
    }
}

impl<'de> Deserializer<'de> for ColumnDeserializer<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.open()? {
            Found::Array(array) => array.deserialize_any(visitor),
            Found::Nullable(masked) => masked.deserialize_any(visitor),
            found => self.visit_cells(found, visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.open()? {
            Found::Array(array) => array.deserialize_seq(visitor),
            Found::Nullable(masked) => masked.deserialize_seq(visitor),
            found => self.visit_cells(found, visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        match self.open()? {
            Found::Array(array) => array.deserialize_tuple(len, visitor),
            Found::Nullable(masked) => masked.deserialize_tuple(len, visitor),
            found => self.visit_cells(found, visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.open()? {
            Found::Array(array) => array.deserialize_bytes(visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.open()? {
            Found::Array(array) => array.deserialize_byte_buf(visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let wants_array = is_ndarray(name, fields);
        match self.open()? {
            Found::Array(array) if !wants_array && array.dtype().unit().is_some() => {
                let unit = Part::Text(array.dtype().unit().map_or_else(String::new, unit));
                visitor.visit_map(Parts::new([("unit", unit), ("values", Part::Array(array))]))
            }
            Found::Array(array) => array.deserialize_struct(name, fields, visitor),
            Found::Nullable(masked) => masked.deserialize_struct(name, fields, visitor),
            Found::Categorical { codes, categories, is_ordered } if !wants_array => {
                let categories = Part::Column(ColumnDeserializer::new(self.parent, categories));
                let codes = Part::Array(codes);
                visitor.visit_map(Parts::new([
                    ("codes", codes),
                    ("categories", categories),
                    ("ordered", Part::Bool(is_ordered)),
                ]))
            }
            Found::Objects(ids) if wants_array => visitor.visit_map(ndarray::Parts::of_column(self, ids.len())),
            Found::Categorical { codes, .. } => visitor.visit_map(ndarray::Parts::of_column(self, codes.shape()[0])),
            found @ Found::Objects(_) => self.visit_cells(found, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            VALUE => match self.open()? {
                Found::Array(array) => array.deserialize_newtype_struct(name, visitor),
                found => {
                    let mut cells = CellSeq { cells: self.cells_of(found)?, next: 0 };
                    let mut values = Vec::new();
                    while let Some(value) = cells.next_element::<Value>()? {
                        values.push(value);
                    }
                    hand_over(Value::List(values))
                }
            },
            ARRAY => match self.open()? {
                Found::Array(array) => array.deserialize_newtype_struct(name, visitor),
                Found::Nullable(masked) => masked.deserialize_newtype_struct(name, visitor),
                _ => visitor.visit_newtype_struct(self),
            },
            _ => visitor.visit_newtype_struct(self),
        }
    }

    /// Nothing of it is looked at.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        unit unit_struct map enum identifier
    }
}

/// The cells, one after the other.
struct CellSeq<'a, 'de> {
    cells: Cells<'a, 'de>,
    next: usize,
}

impl<'de> SeqAccess<'de> for CellSeq<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let index = self.next;
        if index == self.cells.len() {
            return Ok(None);
        }
        self.next += 1;
        self.cells.get(index, seed).map(Some).map_err(|error| error.under(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.cells.len() - self.next)
    }
}
