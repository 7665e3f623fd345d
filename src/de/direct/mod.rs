//! A value read straight from its stream, without an arena.
//!
//! A program that asks for a type knows what comes next, and most streams are trees in the order in which they are read. So
//! this is tried first where the stream is what takes the time: it needs no memory but the value's own, and half the
//! time. It does not do everything. Where it fails, for whatever reason, nothing is said, and the stream is
//! parsed and read the [ordinary way](super::NodeDeserializer), which says what is wrong if anything is.
//!
//! Where it succeeds, the value is the one that the ordinary way makes; see [`Walk`] for what that rests on. Arrays and other
//! objects that calls make are parsed one by one, and handed to the ordinary way.

use std::cell::OnceCell;

use serde::Deserialize;
use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};

mod access;
#[cfg(test)]
mod tests;

use self::access::{Entries, Fields, Items, ShortTuple, Variant, is_derived};
use super::budget::{Budget, held};
use super::number::{F16, exact_float, visit_big_int, visit_int};
use super::{Document, Limits, NodeDeserializer, vec};
use crate::buffers::Source;
use crate::error::{Error, Result};
use crate::stack;
use crate::stream::{Begun, Bracket, Node, SHORT, Walk};

/// How many times as long as the stream the buffers may be. What is read directly may have to be read again.
const BUFFERS: u64 = 4;

/// Reads the object of a stream, and says how many buffers the stream asked for; or nothing if that takes an arena.
pub(crate) fn read_directly<'de, T: Deserialize<'de>>(
    stream: &'de [u8],
    source: &dyn Source<'de>,
    limits: Limits,
) -> Option<(T, usize)> {
    let held = held(source).ok()?;
    // Every visit takes a byte of the stream, so the visits need not be counted one by one.
    let budget = Budget::new(stream, held, limits);
    if held > BUFFERS * stream.len() as u64 || budget.visits_left() < stream.len() as u64 {
        return None;
    }
    let begin = |in_order| {
        let walk = Walk::begin(stream, limits.of_parser(source), source.keep())?;
        let (max_depth, budget) = (limits.max_depth, budget.clone());
        Some(Reading { walk, source, max_depth, budget, in_order, out_of_order: false })
    };
    // Structs that some program wrote as they were declared are read in less time if that is expected.
    let mut reading = begin(true)?;
    match reading.root() {
        None if reading.out_of_order => begin(false)?.root(),
        read => read,
    }
}

/// A stream that is being read, its buffers, and what that may still cost.
struct Reading<'s, 'de> {
    walk: Walk<'de>,
    source: &'s dyn Source<'de>,
    max_depth: u32,
    budget: Budget,
    /// Whether structs are expected to have all their fields, in their order.
    in_order: bool,
    /// Whether one was found that has not.
    out_of_order: bool,
}

impl<'s, 'de> Reading<'s, 'de> {
    /// Reads the object of the stream, and says how many buffers the stream asked for.
    fn root<T: Deserialize<'de>>(&mut self) -> Option<(T, usize)> {
        let value = self.whole(0, |root| T::deserialize(root)).ok()?;
        let buffers_used = self.walk.end().ok()?;
        Some((value, buffers_used))
    }

    /// Reads the next object, which is skipped if it is not looked at.
    #[inline]
    fn whole<T>(&mut self, depth: u32, read: impl FnOnce(DirectDeserializer<'_, 's, 'de>) -> Result<T>) -> Result<T> {
        let place = self.walk.place()?;
        let value = read(DirectDeserializer { reading: self, depth });
        if value.is_ok() && self.walk.place()? == place {
            self.skip(depth)?;
        }
        value
    }

    #[cold]
    fn skip(&mut self, depth: u32) -> Result<()> {
        let skipped = DirectDeserializer { reading: self, depth }.ignore(IgnoredAny);
        self.walk.note(skipped).map(drop)
    }

    /// Fails because a struct has other keys than its fields in their order.
    #[cold]
    fn not_in_order(&mut self) -> Error {
        self.out_of_order = true;
        self.walk.fail()
    }

    /// Goes into a list, dict, tuple or variant at this depth.
    #[inline]
    fn descend<T>(&mut self, depth: u32, go: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if depth >= self.max_depth {
            return Err(self.walk.fail());
        }
        let result = stack::descend(depth as usize, || go(self));
        self.walk.note(result)
    }
}

/// Deserializes the next object of a stream.
pub(super) struct DirectDeserializer<'w, 's, 'de> {
    reading: &'w mut Reading<'s, 'de>,
    depth: u32,
}

impl<'de> DirectDeserializer<'_, '_, 'de> {
    fn fail<T>(self) -> Result<T> {
        Err(self.reading.walk.fail())
    }

    /// Lets the ordinary way go on with an object that is no list, dict or set.
    fn object<T>(self, go: impl FnOnce(NodeDeserializer<'_, 'de>) -> Result<T>) -> Result<T> {
        let Reading { walk, source, max_depth, budget, .. } = self.reading;
        let id = walk.object()?;
        let (arena, source, max_depth) = (walk.arena(), *source, *max_depth);
        if arena.depth(id) > max_depth - self.depth {
            return Err(walk.fail());
        }
        let document = Document { arena, source, max_depth, budget, repeats: OnceCell::new() };
        let read = go(NodeDeserializer { document: &document, id, depth: self.depth });
        walk.note(read)
    }

    fn visit_plain<V: Visitor<'de>>(node: Node<'de>, visitor: V) -> Result<V::Value> {
        match node {
            Node::Bool(value) => visitor.visit_bool(value),
            Node::Int(value) => visit_int(value, visitor),
            Node::BigInt(bytes) => visit_big_int(bytes, visitor),
            Node::Float(value) => visitor.visit_f64(value),
            _ => visitor.visit_unit(),
        }
    }

    #[inline]
    fn visit_str<V: Visitor<'de>>(self, text: &'de str, visitor: V) -> Result<V::Value> {
        let spent = self.reading.budget.spend_bytes(text.len());
        self.reading.walk.note(spent)?;
        visitor.visit_borrowed_str(text)
    }

    /// The items of a list, or of a tuple with a beginning, which has been read.
    #[inline]
    fn visit_items<V: Visitor<'de>>(self, bracket: Bracket, begun: Begun, visitor: V) -> Result<V::Value> {
        let depth = self.depth;
        self.reading.descend(depth, |reading| {
            let mut items = Items::new(reading, depth + 1, bracket, begun);
            let value = visitor.visit_seq(&mut items);
            while value.is_ok() && items.next_element::<IgnoredAny>()?.is_some() {}
            value
        })
    }

    /// A tuple without a beginning.
    #[inline]
    fn visit_short_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        let depth = self.depth;
        self.reading.descend(depth, |reading| {
            let mut items = ShortTuple::new(reading, depth + 1, len);
            let value = visitor.visit_seq(&mut items);
            if value.is_ok() {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                reading.walk.end_short_tuple(len)?;
            }
            value
        })
    }

    /// The entries of a dict, which has been begun.
    #[inline]
    fn visit_entries<V: Visitor<'de>>(self, begun: Begun, visitor: V) -> Result<V::Value> {
        let depth = self.depth;
        self.reading.descend(depth, |reading| {
            // It may be empty, or a variant.
            if begun == Begun::Unmarked {
                return Err(reading.walk.fail());
            }
            let mut entries = Entries::new(reading, depth + 1);
            let value = visitor.visit_map(&mut entries);
            while value.is_ok() && entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            value
        })
    }

    /// The entries of a dict, which has been begun with a mark, as the fields of a struct in their order.
    #[inline]
    fn visit_fields<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        let depth = self.depth;
        self.reading.descend(depth, |reading| {
            let mut fields = Fields::new(reading, depth + 1, fields);
            let value = visitor.visit_seq(&mut fields);
            if value.is_ok() { fields.end().and(value) } else { value }
        })
    }

    fn visit_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit(visitor, |object, visitor| {
            object.object(|object| de::Deserializer::deserialize_any(object, visitor))
        })
    }

    /// Goes through whatever there is, but touches no buffer.
    fn ignore<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit(visitor, |object, visitor| {
            object.reading.walk.object()?;
            visitor.visit_unit()
        })
    }

    /// Visits whatever there is; an object that calls made goes another way.
    fn visit<V: Visitor<'de>>(self, visitor: V, object: impl FnOnce(Self, V) -> Result<V::Value>) -> Result<V::Value> {
        let walk = &mut self.reading.walk;
        if let Some(node) = walk.plain()? {
            return Self::visit_plain(node, visitor);
        }
        if !walk.is_call()?
            && let Some(text) = walk.str()?
        {
            return self.visit_str(text, visitor);
        }
        if let Some(begun) = walk.begins(Bracket::List)? {
            return self.visit_items(Bracket::List, begun, visitor);
        }
        if let Some(begun) = walk.begins(Bracket::Dict)? {
            return self.visit_entries(begun, visitor);
        }
        if let Some(begun) = walk.begins(Bracket::Tuple)? {
            return self.visit_items(Bracket::Tuple, begun, visitor);
        }
        object(self, visitor)
    }

    #[inline]
    fn deserialize_number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reading.walk.int() {
            Some(value) => visit_int(value, visitor),
            None => match self.reading.walk.plain()? {
                Some(node) => Self::visit_plain(node, visitor),
                None => self.object(|object| object.deserialize_number(visitor)),
            },
        }
    }

    #[inline]
    fn deserialize_float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reading.walk.float() {
            Some(value) => visitor.visit_f64(value),
            None => match self.reading.walk.plain()? {
                Some(Node::Int(value)) => visitor.visit_f64(exact_float(value.into())?),
                Some(node) => Self::visit_plain(node, visitor),
                None => self.object(|object| object.deserialize_float(visitor)),
            },
        }
    }
}

macro_rules! doors {
    ($($door:ident: $deserialize:ident;)*) => {
        $(#[inline]
        fn $door<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$deserialize(visitor)
        })*
    };
}

impl<'de> de::Deserializer<'de> for DirectDeserializer<'_, '_, 'de> {
    type Error = Error;

    doors! {
        deserialize_any: visit_any;
        deserialize_ignored_any: ignore;
        deserialize_bool: deserialize_number;
        deserialize_i8: deserialize_number;
        deserialize_i16: deserialize_number;
        deserialize_i32: deserialize_number;
        deserialize_i64: deserialize_number;
        deserialize_i128: deserialize_number;
        deserialize_u8: deserialize_number;
        deserialize_u16: deserialize_number;
        deserialize_u32: deserialize_number;
        deserialize_u64: deserialize_number;
        deserialize_u128: deserialize_number;
        deserialize_f32: deserialize_float;
        deserialize_f64: deserialize_float;
        deserialize_string: deserialize_str;
        deserialize_char: deserialize_str;
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reading.walk.str()? {
            Some(text) => self.visit_str(text, visitor),
            None => self.object(|object| object.deserialize_str(visitor)),
        }
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reading.walk.str()? {
            Some(text) => visitor.visit_borrowed_str(text),
            None => self.object(|object| object.deserialize_identifier(visitor)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.object(|object| object.deserialize_bytes(visitor))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.object(|object| object.deserialize_byte_buf(visitor))
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let walk = &mut self.reading.walk;
        if walk.is_number() {
            return visitor.visit_some(self);
        }
        if walk.none()? {
            return visitor.visit_none();
        }
        if walk.is_call()? {
            // It may stand for `None`.
            return self.object(|object| object.deserialize_option(visitor));
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reading.walk.plain()? {
            Some(node) => Self::visit_plain(node, visitor),
            None => self.object(|object| object.deserialize_unit(visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            super::VALUE => self.fail(),
            _ if name == F16 || name.starts_with("$binpickle::") => {
                self.object(|object| object.deserialize_newtype_struct(name, visitor))
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let Reading { walk, budget, .. } = &mut *self.reading;
        if let Some(begun) = walk.begins(Bracket::List)? {
            return self.visit_items(Bracket::List, begun, visitor);
        }
        let visitor = match walk.numbers() {
            None => visitor,
            Some((bytes, dtype)) => match vec::read(visitor, dtype, &[], &bytes)? {
                Err(visitor) => visitor,
                Ok(vector) => {
                    let spent = budget.spend_bytes(bytes.len());
                    walk.note(spent)?;
                    walk.pass(bytes);
                    return Ok(vector);
                }
            },
        };
        if let Some(begun) = walk.begins(Bracket::Tuple)? {
            return self.visit_items(Bracket::Tuple, begun, visitor);
        }
        self.object(|object| object.deserialize_seq(visitor))
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        if len <= SHORT {
            // What else there may be in place of a tuple does not end as one.
            return self.visit_short_tuple(len, visitor);
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Some(begun) = self.reading.walk.begins(Bracket::Dict)? {
            return self.visit_entries(begun, visitor);
        }
        self.object(|object| object.deserialize_map(visitor))
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if let Some(begun) = self.reading.walk.begins(Bracket::Dict)? {
            return if self.reading.in_order && is_derived::<V>() && begun == Begun::Marked {
                self.visit_fields(fields, visitor)
            } else {
                self.visit_entries(begun, visitor)
            };
        }
        self.object(|object| object.deserialize_struct(name, fields, visitor))
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let depth = self.depth;
        if let Some(text) = self.reading.walk.str()? {
            return visitor.visit_enum(de::value::BorrowedStrDeserializer::new(text));
        }
        let Some(begun) = self.reading.walk.begins(Bracket::Dict)? else {
            return self.object(|object| object.deserialize_enum(name, variants, visitor));
        };
        self.reading.descend(depth, |reading| {
            let Some(variant) = reading.walk.str()? else { return Err(reading.walk.fail()) };
            let value = reading.whole(depth + 1, |content| visitor.visit_enum(Variant::new(variant, content)))?;
            match begun {
                Begun::Unmarked => reading.walk.end_entry().map(|()| value),
                Begun::Marked if reading.walk.ends(Bracket::Dict)? => Ok(value),
                Begun::Marked => Err(reading.walk.fail()),
            }
        })
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
