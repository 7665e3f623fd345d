//! What is in a list, a tuple, a dict or a variant, as it comes in the stream.

use std::any::type_name;
use std::slice;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, EnumAccess, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::{DirectDeserializer, Reading};
use crate::error::{Error, Result};
use crate::stream::{Begun, Bracket};

/// The items of a list, or of a tuple with a beginning.
pub(super) struct Items<'w, 's, 'de> {
    reading: &'w mut Reading<'s, 'de>,
    depth: u32,
    bracket: Bracket,
    more: bool,
}

impl<'w, 's, 'de> Items<'w, 's, 'de> {
    #[inline]
    pub(super) fn new(reading: &'w mut Reading<'s, 'de>, depth: u32, bracket: Bracket, begun: Begun) -> Self {
        Items { reading, depth, bracket, more: begun == Begun::Marked }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, '_, 'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.more || self.reading.walk.ends(self.bracket)? {
            self.more = false;
            return Ok(None);
        }
        self.reading.whole(self.depth, |item| seed.deserialize(item)).map(Some)
    }

    /// So that small vectors are no larger than they must be.
    #[inline]
    fn size_hint(&self) -> Option<usize> {
        match self.bracket {
            Bracket::List if self.more => self.reading.walk.few_items(),
            _ => None,
        }
    }
}

/// The items of a tuple without a beginning.
pub(super) struct ShortTuple<'w, 's, 'de> {
    reading: &'w mut Reading<'s, 'de>,
    depth: u32,
    left: usize,
}

impl<'w, 's, 'de> ShortTuple<'w, 's, 'de> {
    #[inline]
    pub(super) fn new(reading: &'w mut Reading<'s, 'de>, depth: u32, len: usize) -> Self {
        ShortTuple { reading, depth, left: len }
    }
}

impl<'de> SeqAccess<'de> for ShortTuple<'_, '_, 'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.reading.whole(self.depth, |item| seed.deserialize(item)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// Whether a visitor of structs was derived. Such a visitor makes the same of the fields in their order as of names and values.
pub(super) fn is_derived<V>() -> bool {
    let name = type_name::<V>();
    name.ends_with("::deserialize::__Visitor<'_>") || name.ends_with("::deserialize::__Visitor")
}

/// The values of the entries of a dict, as long as their keys are the names of a struct's fields in their order.
pub(super) struct Fields<'w, 's, 'de> {
    reading: &'w mut Reading<'s, 'de>,
    depth: u32,
    left: slice::Iter<'static, &'static str>,
}

impl<'w, 's, 'de> Fields<'w, 's, 'de> {
    #[inline]
    pub(super) fn new(reading: &'w mut Reading<'s, 'de>, depth: u32, names: &'static [&'static str]) -> Self {
        Fields { reading, depth, left: names.iter() }
    }

    /// Whether all names were asked for, and no other key follows. A struct whose fields have several names asks for less.
    #[inline]
    pub(super) fn end(self) -> Result<()> {
        let complete = self.left.len() == 0 && self.reading.walk.ends(Bracket::Dict)?;
        if complete { Ok(()) } else { Err(self.reading.not_in_order()) }
    }
}

impl<'de> SeqAccess<'de> for Fields<'_, '_, 'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(name) = self.left.next() else { return Err(self.reading.not_in_order()) };
        if !self.reading.walk.takes_name(name)? {
            return Err(self.reading.not_in_order());
        }
        self.reading.whole(self.depth, |value| seed.deserialize(value)).map(Some)
    }
}

/// The keys and values of a dict.
pub(super) struct Entries<'w, 's, 'de> {
    reading: &'w mut Reading<'s, 'de>,
    depth: u32,
    next: Next,
}

impl<'w, 's, 'de> Entries<'w, 's, 'de> {
    #[inline]
    pub(super) fn new(reading: &'w mut Reading<'s, 'de>, depth: u32) -> Self {
        Entries { reading, depth, next: Next::Key }
    }
}

/// What comes next in a dict.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Key,
    Value,
    Nothing,
}

impl<'de> MapAccess<'de> for Entries<'_, '_, 'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if self.next == Next::Value {
            self.next_value::<IgnoredAny>()?;
        }
        if self.next == Next::Nothing || self.reading.walk.ends(Bracket::Dict)? {
            self.next = Next::Nothing;
            return Ok(None);
        }
        self.next = Next::Value;
        self.reading.walk.check_hashed()?;
        self.reading.whole(self.depth, |key| seed.deserialize(key)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        if self.next != Next::Value {
            return Err(self.reading.walk.fail());
        }
        self.next = Next::Key;
        self.reading.whole(self.depth, |value| seed.deserialize(value))
    }
}

/// A variant with its content.
pub(super) struct Variant<'w, 's, 'de> {
    variant: &'de str,
    content: DirectDeserializer<'w, 's, 'de>,
}

impl<'w, 's, 'de> Variant<'w, 's, 'de> {
    pub(super) fn new(variant: &'de str, content: DirectDeserializer<'w, 's, 'de>) -> Self {
        Variant { variant, content }
    }
}

impl<'w, 's, 'de> EnumAccess<'de> for Variant<'w, 's, 'de> {
    type Error = Error;
    type Variant = DirectDeserializer<'w, 's, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant)> {
        let variant = BorrowedStrDeserializer::<Error>::new(self.variant);
        let variant = seed.deserialize(variant)?;
        Ok((variant, self.content))
    }
}

impl<'de> VariantAccess<'de> for DirectDeserializer<'_, '_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        if self.reading.walk.none()? { Ok(()) } else { self.fail() }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        de::Deserializer::deserialize_tuple(self, len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        de::Deserializer::deserialize_struct(self, "", fields, visitor)
    }
}
