//! numpy's masked arrays: an element is an `Option`, and the whole may also be a struct of `data` and `mask`.

use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::array::ArrayDeserializer;
use super::number::{Number, NumberDeserializer};
use super::stack;
use crate::error::{Error, Result};

/// Deserializes a masked array, both of whose parts have the same shape and order.
#[derive(Clone)]
pub(super) struct MaskedDeserializer<'a, 'de> {
    data: ArrayDeserializer<'a, 'de>,
    /// Of bytes that are 0 or not.
    mask: ArrayDeserializer<'a, 'de>,
}

impl<'a, 'de> MaskedDeserializer<'a, 'de> {
    pub(super) fn new(data: ArrayDeserializer<'a, 'de>, mask: ArrayDeserializer<'a, 'de>) -> Self {
        MaskedDeserializer { data, mask }
    }

    /// The array, if all of it is there.
    fn unmasked(self) -> Result<Result<ArrayDeserializer<'a, 'de>, Self>> {
        let any = self.mask.bytes()?.iter().any(|&masked| masked != 0);
        Ok(if any { Err(self) } else { Ok(self.data) })
    }

    fn into_c(self) -> Result<Self> {
        Ok(MaskedDeserializer { data: self.data.into_c()?, mask: self.mask.into_c()? })
    }

    pub(super) fn visit_rows<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let masked = self.into_c()?;
        let Some(&len) = masked.data.shape().first() else {
            return match masked.mask.bytes()? {
                [0] => masked.data.visit_scalar(visitor),
                _ => visitor.visit_none(),
            };
        };
        masked.data.spend_walk()?;
        let (data, mask) = (masked.data.bytes()?, masked.mask.bytes()?);
        let steps = (data.len().checked_div(len).unwrap_or(0), mask.len().checked_div(len).unwrap_or(0));
        visitor.visit_seq(Rows { masked, data, mask, steps, next: 0, len })
    }

    /// The struct that ndarray's `Deserialize` wants.
    pub(super) fn visit_ndarray<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.unmasked()? {
            Ok(array) => array.visit_ndarray(visitor),
            Err(masked) => visitor.visit_map(super::ndarray::Parts::of_masked(masked)),
        }
    }

    pub(super) fn shape(&self) -> &[usize] {
        self.data.shape()
    }

    pub(super) fn parts(&self) -> (&ArrayDeserializer<'a, 'de>, &ArrayDeserializer<'a, 'de>) {
        (&self.data, &self.mask)
    }

    /// All elements in C order, as an array of one axis.
    pub(super) fn into_flat(self) -> Result<Self> {
        let MaskedDeserializer { data, mask } = self.into_c()?;
        Ok(MaskedDeserializer { data: data.into_flat(), mask: mask.into_flat() })
    }
}

struct Rows<'a, 'de> {
    masked: MaskedDeserializer<'a, 'de>,
    /// The bytes of the rows that are left.
    data: &'de [u8],
    mask: &'de [u8],
    /// The bytes of one row, of both.
    steps: (usize, usize),
    next: usize,
    len: usize,
}

impl<'de> SeqAccess<'de> for Rows<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.next == self.len {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        let (data, rest) = self.data.split_at(self.steps.0);
        self.data = rest;
        let (mask, rest) = self.mask.split_at(self.steps.1);
        self.mask = rest;
        let element = if self.masked.shape().len() == 1 {
            match mask {
                [0] => {
                    let number = Number::read(self.masked.data.dtype(), data);
                    number.and_then(|number| seed.deserialize(NumberDeserializer(number)))
                }
                _ => seed.deserialize(Masked),
            }
        } else {
            if mask.is_empty() {
                // Rows without elements are not bounded by the length of the file.
                self.masked.data.spend_visit()?;
            }
            let row = MaskedDeserializer { data: self.masked.data.row(data), mask: self.masked.mask.row(mask) };
            stack::descend(row.shape().len(), || seed.deserialize(row))
        };
        element.map(Some).map_err(|error| error.under(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.next)
    }
}

impl<'de> de::Deserializer<'de> for MaskedDeserializer<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.unmasked()? {
            Ok(array) => array.deserialize_any(visitor),
            Err(masked) => masked.visit_rows(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.unmasked()? {
            Ok(array) => array.deserialize_seq(visitor),
            Err(masked) => masked.visit_rows(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        match self.shape().first() {
            Some(&found) if found != len => Err(de::Error::invalid_length(found, &visitor)),
            _ => self.visit_rows(visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(Parts { masked: self, next: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if super::ndarray::is_ndarray(name, fields) {
            self.visit_ndarray(visitor)
        } else {
            self.deserialize_map(visitor)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.mask.bytes()? {
            [masked] if *masked != 0 && self.shape().is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if !super::is_ours_by_name(name) {
            return visitor.visit_newtype_struct(self);
        }
        match self.unmasked()? {
            Ok(array) => array.deserialize_newtype_struct(name, visitor),
            Err(_) => Err(Error::data(
                "found a masked array some of whose elements are masked, expected an array: elements that are `Option`s, \
                 or a struct of `data` and `mask`, hold one",
            )),
        }
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct enum identifier ignored_any
    }
}

/// An element that is masked.
pub(super) struct Masked;

impl<'de> de::Deserializer<'de> for Masked {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        // An `Option` takes it; to others the error says that it is one that was found.
        visitor.visit_none()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// `data` and `mask`, each an array.
struct Parts<'a, 'de> {
    masked: MaskedDeserializer<'a, 'de>,
    next: usize,
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let name = ["data", "mask"].get(self.next).copied();
        self.next += 1;
        name.map(|name| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let part = if self.next == 1 { &self.masked.data } else { &self.masked.mask };
        seed.deserialize(part.clone())
    }
}
