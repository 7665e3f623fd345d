//! The struct that ndarray's `Deserialize` wants: `v`, the version; `dim`, the shape; `data`, the elements in C order.

use serde::de::value::SeqDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::array::ArrayDeserializer;
use super::masked::MaskedDeserializer;
use super::pandas::ColumnDeserializer;
use super::{NodeDeserializer, seq};
use crate::error::{Error, Result};
use crate::stream::{Items, ObjectArray, Shape};

/// Whether a struct is ndarray's. What is not, but looks the same, deserializes from the same parts.
pub(super) fn is_ndarray(name: &str, fields: &[&str]) -> bool {
    name == "Array" && fields == ["v", "dim", "data"]
}

/// The fields of ndarray's struct.
pub(super) struct Parts<'a, 'de> {
    shape: Shape,
    data: Option<Data<'a, 'de>>,
    next: usize,
}

/// Where the elements for an ndarray come from.
enum Data<'a, 'de> {
    Array(ArrayDeserializer<'a, 'de>),
    Masked(MaskedDeserializer<'a, 'de>),
    Objects(seq::ObjectRows<'a, 'de>),
    List(NodeDeserializer<'a, 'de>),
    Column(ColumnDeserializer<'a, 'de>),
}

impl<'a, 'de> Parts<'a, 'de> {
    pub(super) fn of_array(array: ArrayDeserializer<'a, 'de>) -> Self {
        Parts { shape: array.shape().into(), data: Some(Data::Array(array)), next: 0 }
    }

    /// An array whose elements are objects.
    pub(super) fn of_objects(parent: NodeDeserializer<'a, 'de>, array: &ObjectArray<'de>) -> Result<Self> {
        let flat = ObjectArray { shape: Shape::from_slice(&[array.shape.iter().product()]), ..array.clone() };
        let data = Some(Data::Objects(seq::ObjectRows::new(parent, &flat)?));
        Ok(Parts { shape: array.shape.clone(), data, next: 0 })
    }

    /// An array some of whose elements are masked.
    pub(super) fn of_masked(masked: MaskedDeserializer<'a, 'de>) -> Self {
        Parts { shape: masked.shape().into(), data: Some(Data::Masked(masked)), next: 0 }
    }

    /// A list as an array of one axis.
    pub(super) fn of_list(list: NodeDeserializer<'a, 'de>, items: Items) -> Self {
        Parts { shape: Shape::from_slice(&[items.len()]), data: Some(Data::List(list)), next: 0 }
    }

    /// A column of pandas as an array of one axis.
    pub(super) fn of_column(column: ColumnDeserializer<'a, 'de>, len: usize) -> Self {
        Parts { shape: Shape::from_slice(&[len]), data: Some(Data::Column(column)), next: 0 }
    }
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let name = ["v", "dim", "data"].get(self.next).copied();
        self.next += 1;
        name.map(|name| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        match self.next {
            1 => seed.deserialize(1u8.into_deserializer()),
            2 => seed.deserialize(Dim(&self.shape)),
            _ => match self.data.take() {
                Some(Data::Array(array)) => seed.deserialize(Flat(array)),
                Some(Data::Masked(masked)) => seed.deserialize(masked.into_flat()?),
                Some(Data::Objects(objects)) => seed.deserialize(objects),
                Some(Data::List(list)) => seed.deserialize(list),
                Some(Data::Column(column)) => seed.deserialize(column),
                None => Err(Error::data("the elements of an array were asked for twice")),
            },
        }
    }
}

/// The elements of an array in C order, whatever its shape.
struct Flat<'a, 'de>(ArrayDeserializer<'a, 'de>);

impl<'de> de::Deserializer<'de> for Flat<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.visit_flat(visitor)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The shape of an array, to a type that knows how many axes it wants.
pub(super) struct Dim<'s>(pub(super) &'s [usize]);

impl<'de> de::Deserializer<'de> for Dim<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().copied()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, axes: usize, visitor: V) -> Result<V::Value> {
        check_axes(self.0, axes)?;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple_struct map struct enum identifier ignored_any
    }
}

/// An array must have as many axes as its type.
pub(crate) fn check_axes(shape: &[usize], axes: usize) -> Result<()> {
    if shape.len() == axes {
        return Ok(());
    }
    let plural = if axes == 1 { "axis" } else { "axes" };
    Err(Error::data(format!("found an array of shape {shape:?}, expected one of {axes} {plural}")))
}
