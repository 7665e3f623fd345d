//! The object in a pickle stream, and its buffers, as serde's data model.
//!
//! A [`Document`] is the parsed stream together with the source of the buffers. A [`NodeDeserializer`] stands on one of
//! its nodes. Arrays are an own small world ([`array`]): they are walked by strides, and read whole where the type that
//! is asked for is known ([`vec`]). Streams that are trees become values [directly](direct), without being parsed before.

pub(crate) mod array;
mod budget;
mod direct;
mod enums;
mod map;
mod masked;
pub(crate) mod ndarray;
pub(crate) mod number;
pub(crate) mod pandas;
mod part;
mod records;
mod seq;
mod standard;
#[cfg(any(feature = "chrono", feature = "jiff"))]
mod time;
mod value;
mod vec;

use std::cell::OnceCell;

use serde::Deserialize;
use serde::de::{self, Expected, Visitor};

use self::array::ArrayDeserializer;
use self::budget::{Budget, held};
use self::direct::DirectDeserializer;
pub(crate) use self::direct::read_directly;
use self::map::{Dicts, Entries};
use self::masked::MaskedDeserializer;
use self::number::{Number, NumberDeserializer};
pub(crate) use self::part::Place;
use self::seq::Elements;
use crate::buffers::Source;
use crate::bytes::{Parcel, exact};
use crate::error::{Error, Result};
use crate::path::{LONGEST, abridged};
use crate::stack;
use crate::stream::{
    self, Arena, Array, ArrayData, Instance, Items, MaskedArray, Meaning, Node, NodeId, ObjectArray, ParseLimits,
};

/// What a load may cost.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_field_names, reason = "they are named as in `LoadOptions`")]
pub(crate) struct Limits {
    /// How deep containers may be nested.
    pub(crate) max_depth: u32,
    /// How many objects may be visited, a shared one each time it is met; by default a multiple of the stream.
    pub(crate) max_nodes: Option<u64>,
    /// How many bytes may be copied out of the stream and the buffers, a shared one each time; by default a multiple of
    /// both. Less than that is not kept: what the buffers hold is limited elsewhere.
    pub(crate) max_copied: Option<u64>,
}

impl Limits {
    fn of_parser(self, source: &dyn Source<'_>) -> ParseLimits {
        ParseLimits { buffers: source.buffer_count(), max_depth: self.max_depth }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_depth: stack::MAX_DEPTH, max_nodes: None, max_copied: None }
    }
}

/// Parses a stream whose buffers come from a source.
pub(crate) fn parse<'de>(stream: &'de [u8], source: &dyn Source<'de>, limits: Limits) -> Result<Arena<'de>> {
    stream::parse(stream, limits.of_parser(source), source.keep())
}

/// Reads what is at a place of a parsed stream as a `T`.
pub(crate) fn read<'de, T: Deserialize<'de>>(
    arena: &Arena<'de>,
    place: Place,
    stream: &[u8],
    source: &dyn Source<'de>,
    limits: Limits,
) -> Result<T> {
    let budget = Budget::new(stream, held(source)?, limits);
    Document { arena, source, max_depth: limits.max_depth, budget: &budget, repeats: OnceCell::new() }
        .deserialize(place)
}

/// A parsed stream, where its buffers come from, and what one load of it may still cost.
struct Document<'s, 'de> {
    arena: &'s Arena<'de>,
    source: &'s dyn Source<'de>,
    max_depth: u32,
    budget: &'s Budget,
    /// Which nodes occur in several places; see [`Arena::repeats`].
    repeats: OnceCell<Vec<bool>>,
}

impl<'de> Document<'_, 'de> {
    fn deserialize<T: Deserialize<'de>>(&self, place: Place) -> Result<T> {
        match place {
            Place::Node(id) => T::deserialize(self.node(id, 0)?),
            Place::Rows { array, first, axes } => {
                let parent = self.node(array, 0)?;
                match parent.meaning()? {
                    Meaning::ObjectArray(array) => T::deserialize(seq::ObjectRows::part(parent, &array, first, axes)?),
                    other => Err(mismatch(&other, &"an array of objects")),
                }
            }
        }
    }

    /// How many bytes there are.
    fn data_len(&self, data: ArrayData<'de>) -> Result<usize> {
        match data {
            ArrayData::Bytes(bytes) => Ok(bytes.len()),
            ArrayData::Buffer(index) => self.source.buffer_len(index as usize),
        }
    }

    #[inline]
    fn spend(&self) -> Result<()> {
        self.budget.spend()
    }

    #[inline]
    fn spend_bytes(&self, len: usize) -> Result<()> {
        self.budget.spend_bytes(len)
    }

    #[inline]
    fn node(&self, id: NodeId, depth: u32) -> Result<NodeDeserializer<'_, 'de>> {
        self.spend()?;
        if depth > self.max_depth {
            return Err(self.too_deep());
        }
        Ok(NodeDeserializer { document: self, id, depth })
    }

    #[cold]
    fn too_deep(&self) -> Error {
        let limit = self.max_depth;
        let or_cyclic = if self.arena.has_cycles() { ", or contains itself" } else { "" };
        Error::limit(format!(
            "the object is nested more than {limit} levels deep{or_cyclic}: LoadOptions::max_depth allows more"
        ))
    }
}

/// Deserializes one node of a document.
#[derive(Clone, Copy)]
pub(crate) struct NodeDeserializer<'a, 'de> {
    document: &'a Document<'a, 'de>,
    id: NodeId,
    depth: u32,
}

/// The name under which our own types ask for an array as it is, rather than as a sequence of numbers.
pub(crate) const ARRAY: &str = "$binpickle::array";

/// The name under which [`Value`](crate::Value) asks for whatever there is.
pub(crate) const VALUE: &str = "$binpickle::value";

/// The name under which the helpers for dates and times ask for the numbers that one is made of.
#[cfg(any(feature = "chrono", feature = "jiff"))]
pub(crate) const TIME: &str = "$binpickle::time";

/// Whether a deserializer is the one of this crate, which knows the names above. Others may take them amiss.
pub(crate) fn is_ours<D>() -> bool {
    let id = typeid::of::<D>();
    id == typeid::of::<NodeDeserializer<'static, 'static>>()
        || id == typeid::of::<DirectDeserializer<'static, 'static, 'static>>()
        || id == typeid::of::<ArrayDeserializer<'static, 'static>>()
        || id == typeid::of::<pandas::FrameDeserializer<'static, 'static, 'static>>()
        || id == typeid::of::<pandas::SeriesDeserializer<'static, 'static>>()
        || id == typeid::of::<pandas::ColumnDeserializer<'static, 'static>>()
}

/// Whether a name is one under which our own types ask.
fn is_ours_by_name(name: &str) -> bool {
    matches!(name, ARRAY | VALUE | pandas::FRAME | array::BYTES | array::SHARED)
}

/// Gives a visitor that expects a parcel of ours its value.
fn hand_over<T: 'static, V>(value: T) -> Result<V> {
    exact(Parcel::new(value)).map_err(|_| Error::data("a name of this crate's own was used by someone else"))
}

impl<'a, 'de> NodeDeserializer<'a, 'de> {
    #[inline]
    fn node(&self) -> Node<'de> {
        self.document.arena.node(self.id)
    }

    fn meaning(&self) -> Result<Meaning<'a, 'de>> {
        self.document.arena.meaning(self.id)
    }

    #[inline]
    fn child(&self, id: NodeId) -> Result<Self> {
        self.document.node(id, self.depth + 1)
    }

    /// Goes on with a child.
    #[inline]
    fn descend<T>(&self, id: NodeId, go: impl FnOnce(Self) -> Result<T>) -> Result<T> {
        let child = self.child(id)?;
        stack::descend(child.depth as usize, || go(child))
    }

    #[inline]
    fn elements(self, items: Items) -> Elements<'a, 'de> {
        Elements::new(self, items)
    }

    #[inline]
    fn entries(self, dicts: &[Items]) -> Entries<'a, 'de, Dicts<'a>> {
        Entries::new(self, Dicts::new(self.document.arena, dicts))
    }

    fn array(self, array: Array<'de>) -> Result<ArrayDeserializer<'a, 'de>> {
        ArrayDeserializer::new(self.document, array)
    }

    fn masked(self, masked: MaskedArray<'de>) -> Result<MaskedDeserializer<'a, 'de>> {
        let data = self.array(masked.array)?;
        let mask = data.mask(masked.mask);
        Ok(MaskedDeserializer::new(data, mask))
    }

    /// Goes on with the object that an array of objects without axes holds.
    fn in_object<T>(&self, array: &ObjectArray<'de>, go: impl FnOnce(Self) -> Result<T>) -> Result<T> {
        match self.document.arena.items(array.items).next() {
            Some(object) => self.descend(object, go),
            None => Err(Error::data("found an array of objects without the one that it should hold")),
        }
    }

    fn byte_array(self, data: ArrayData<'de>) -> Result<ArrayDeserializer<'a, 'de>> {
        ArrayDeserializer::of_bytes(self.document, data)
    }

    /// The one element of a tuple of one.
    fn single(&self) -> Option<NodeId> {
        match self.node() {
            Node::Tuple(items) if items.len() == 1 => self.document.arena.items(items).next(),
            _ => None,
        }
    }

    /// Whether this is what `Some(None)` became: see the serializer.
    fn is_wrapped_none(&self) -> Result<bool> {
        let mut inner = *self;
        let mut wrapped = false;
        while let Some(id) = inner.single() {
            self.document.spend()?;
            inner.id = id;
            wrapped = true;
        }
        Ok(wrapped && matches!(inner.node(), Node::None))
    }

    /// The items of a tuple or list of pairs: what a map becomes when it is a key.
    fn pairs(&self, items: Items) -> Result<Option<Vec<(NodeId, NodeId)>>> {
        self.document.spend_bytes(size_of::<NodeId>() * items.len())?;
        let arena = self.document.arena;
        let pair = |id| match arena.node(id) {
            Node::Tuple(pair) if pair.len() == 2 => {
                let mut pair = arena.items(pair);
                Some((pair.next()?, pair.next()?))
            }
            _ => None,
        };
        Ok(arena.items(items).map(pair).collect())
    }

    /// Hands over what is neither a container nor an array.
    fn visit_scalar<V: Visitor<'de>>(self, meaning: Meaning<'_, 'de>, visitor: V) -> Result<V::Value> {
        match meaning {
            Meaning::None => visitor.visit_unit(),
            Meaning::Bool(value) => visitor.visit_bool(value),
            Meaning::Int(value) => number::visit_int(value, visitor),
            Meaning::BigInt(bytes) => number::visit_big_int(bytes, visitor),
            Meaning::Float(value) => visitor.visit_f64(value),
            Meaning::Str(text) => {
                self.document.spend_bytes(text.len())?;
                visitor.visit_borrowed_str(text)
            }
            Meaning::Bytes(bytes) => {
                self.document.spend_bytes(bytes.len())?;
                visitor.visit_borrowed_bytes(bytes)
            }
            Meaning::Buffer(index) => {
                let bytes = self.document.source.lend(index as usize)?;
                self.document.spend_bytes(bytes.len())?;
                visitor.visit_borrowed_bytes(bytes)
            }
            Meaning::Scalar(dtype, bytes) => Number::read(dtype, bytes)?.visit(visitor),
            Meaning::ObjectArray(array) if array.shape.is_empty() => {
                self.in_object(&array, |object| de::Deserializer::deserialize_any(object, visitor))
            }
            Meaning::Masked(masked) if masked.array.is_scalar() => self.masked(masked)?.visit_rows(visitor),
            other => Err(mismatch(&other, &visitor)),
        }
    }

    /// An object of a class: its attributes; without them, what is in it.
    fn visit_instance<V: Visitor<'de>>(self, instance: &Instance<'a, 'de>, visitor: V) -> Result<V::Value> {
        match instance.attributes() {
            Some(attributes) => visitor.visit_map(self.entries(&attributes)),
            None if !instance.entries().is_empty() => visitor.visit_map(self.entries(&[instance.entries()])),
            None => self.visit_instance_items(instance, visitor),
        }
    }

    /// An object of a class as a sequence: what is in it; without that, its fields, or what it was made from.
    fn visit_instance_items<V: Visitor<'de>>(self, instance: &Instance<'a, 'de>, visitor: V) -> Result<V::Value> {
        let items = match instance.fields() {
            _ if !instance.items().is_empty() => instance.items(),
            Some(fields) => fields,
            None => instance.args(),
        };
        visitor.visit_seq(self.elements(items))
    }

    #[inline]
    fn deserialize_float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Node::Float(value) = self.node() {
            return visitor.visit_f64(value);
        }
        match self.meaning()? {
            Meaning::Standard(standard, _) => self.visit_standard_float(standard, visitor),
            Meaning::Instance(instance) => match instance.content() {
                Some(content) => self.descend(content, |content| content.deserialize_float(visitor)),
                None => self.visit_scalar(Meaning::Instance(instance), visitor),
            },
            // `as` would round without a word.
            Meaning::Int(value) => visitor.visit_f64(number::exact_float(value.into())?),
            Meaning::Scalar(dtype, bytes) => Number::read(dtype, bytes)?.visit_float(visitor),
            Meaning::Array(array) if array.is_scalar() => self.array(array)?.scalar()?.visit_float(visitor),
            other => self.visit_scalar(other, visitor),
        }
    }

    #[inline]
    fn deserialize_number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node() {
            Node::Int(value) => return number::visit_int(value, visitor),
            Node::BigInt(bytes) => return number::visit_big_int(bytes, visitor),
            _ => {}
        }
        match self.meaning()? {
            Meaning::Array(array) if array.is_scalar() => self.array(array)?.scalar()?.visit(visitor),
            Meaning::Standard(standard, _) => self.visit_standard_int(standard, visitor),
            Meaning::Instance(instance) => match instance.content() {
                Some(content) => self.descend(content, |content| content.deserialize_number(visitor)),
                None => self.visit_scalar(Meaning::Instance(instance), visitor),
            },
            other => self.visit_scalar(other, visitor),
        }
    }
}

/// A mismatch between what was found and what a visitor expects.
fn mismatch(found: &Meaning<'_, '_>, expected: &dyn Expected) -> Error {
    Error::data(format!("found {}, expected {expected}", describe(found)))
}

/// What was found.
fn describe(found: &Meaning<'_, '_>) -> String {
    match found {
        Meaning::None => "None".to_owned(),
        Meaning::Bool(value) => format!("the bool {value}"),
        Meaning::Int(value) => format!("the int {value}"),
        Meaning::BigInt(bytes) => format!("an int of {} bits", bytes.len() * 8),
        Meaning::Float(value) => format!("the float {value:?}"),
        Meaning::Complex(re, im) => format!("the complex ({re:?}, {im:?})"),
        Meaning::Str(text) => format!("the str {:?}", abridged(text)),
        Meaning::Surrogates(bytes) => {
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]);
            format!("the str {text:?} with lone surrogates")
        }
        Meaning::Bytes(_) | Meaning::Buffer(_) => "bytes".to_owned(),
        Meaning::List(_) => "a list".to_owned(),
        Meaning::Tuple(_) => "a tuple".to_owned(),
        Meaning::Set(_) => "a set".to_owned(),
        Meaning::Dict(_) => "a dict".to_owned(),
        Meaning::Array(array) => format!("an array of {}", array.dtype.name()),
        Meaning::ObjectArray(_) => "an array of objects".to_owned(),
        Meaning::Masked(masked) => format!("a masked array of {}", masked.array.dtype.name()),
        Meaning::Refused(what) => (*what).to_owned(),
        Meaning::Scalar(dtype, _) => format!("a numpy {}", dtype.name()),
        Meaning::Standard(_, instance) | Meaning::Instance(instance) => match instance.class() {
            Some((module, name)) => format!("an instance of {}.{}", abridged(module), abridged(name)),
            None => "an instance of an unknown class".to_owned(),
        },
        Meaning::Global { module, name } => format!("the class or function {}.{}", abridged(module), abridged(name)),
        Meaning::Persistent => "a persistent id, whose object is not in the stream".to_owned(),
        Meaning::Extension(code) => format!("extension {code} of copyreg, which is not in the stream"),
    }
}

impl<'de> de::Deserializer<'de> for NodeDeserializer<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.meaning()? {
            Meaning::List(items) | Meaning::Tuple(items) | Meaning::Set(items) => {
                visitor.visit_seq(self.elements(items))
            }
            Meaning::Dict(items) => visitor.visit_map(self.entries(&[items])),
            Meaning::Complex(re, im) => Number::Complex(re, im).visit(visitor),
            Meaning::Array(array) => self.array(array)?.deserialize_any(visitor),
            Meaning::ObjectArray(array) if !array.shape.is_empty() => {
                visitor.visit_seq(seq::ObjectRows::new(self, &array)?)
            }
            Meaning::Masked(masked) => self.masked(masked)?.deserialize_any(visitor),
            Meaning::Standard(standard, _) => self.visit_standard(standard, visitor),
            Meaning::Instance(instance) => self.visit_instance(&instance, visitor),
            Meaning::Global { module, name } => {
                self.document.spend_bytes(module.len() + name.len())?;
                visitor.visit_string(format!("{module}.{name}"))
            }
            scalar => self.visit_scalar(scalar, visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_number(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_float(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_float(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node() {
            Node::Str(text) => {
                self.document.spend_bytes(text.len())?;
                visitor.visit_borrowed_str(text)
            }
            Node::Object(_) => match self.meaning()? {
                Meaning::Standard(standard, _) => self.visit_standard_text(standard, visitor),
                Meaning::Instance(instance) => match instance.content() {
                    Some(content) => self.descend(content, |content| content.deserialize_str(visitor)),
                    None => self.visit_instance(&instance, visitor),
                },
                _ => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node() {
            // The name of a field is looked at, and not copied.
            Node::Str(text) => visitor.visit_borrowed_str(text),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.meaning()? {
            Meaning::Array(array) => self.array(array)?.deserialize_bytes(visitor),
            // Who wants to own them asks for a `byte_buf`.
            Meaning::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Meaning::Buffer(index) => visitor.visit_borrowed_bytes(self.document.source.lend(index as usize)?),
            Meaning::Standard(standard, _) => self.visit_standard_bytes(standard, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.meaning()? {
            Meaning::Buffer(index) => self.byte_array(ArrayData::Buffer(index))?.deserialize_byte_buf(visitor),
            Meaning::Array(array) => self.array(array)?.deserialize_byte_buf(visitor),
            Meaning::Standard(standard, _) => self.visit_standard_bytes(standard, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node() {
            Node::None => visitor.visit_none(),
            Node::Object(_) => match self.meaning()? {
                Meaning::None => visitor.visit_none(),
                Meaning::Masked(masked) => self.masked(masked)?.deserialize_option(visitor),
                _ => visitor.visit_some(self),
            },
            Node::Tuple(_) if self.is_wrapped_none()? => match self.single() {
                Some(inner) => self.descend(inner, |inner| visitor.visit_some(inner)),
                None => visitor.visit_none(),
            },
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let meaning = self.meaning()?;
        self.visit_scalar(meaning, visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            ARRAY => match self.meaning()? {
                Meaning::Array(array) => self.array(array)?.visit_parts(visitor),
                Meaning::Bytes(bytes) => self.byte_array(ArrayData::Bytes(bytes))?.visit_parts(visitor),
                Meaning::Buffer(index) => self.byte_array(ArrayData::Buffer(index))?.visit_parts(visitor),
                Meaning::Masked(masked) => self.masked(masked)?.deserialize_newtype_struct(name, visitor),
                _ => visitor.visit_newtype_struct(self),
            },
            VALUE => hand_over(self.to_value()?),
            pandas::FRAME => self.visit_frame(visitor),
            #[cfg(any(feature = "chrono", feature = "jiff"))]
            TIME => self.visit_time(visitor),
            // `half::f16` says it is a `u16`, unless it is shown a float.
            number::F16 if matches!(self.node(), Node::Float(_)) => self.deserialize_float(visitor),
            number::F16 => match self.meaning()? {
                Meaning::Scalar(dtype, bytes) => {
                    NumberDeserializer(Number::read(dtype, bytes)?).deserialize_newtype_struct(name, visitor)
                }
                _ => visitor.visit_newtype_struct(self),
            },
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let visitor = match self.node() {
            Node::List(items) | Node::Tuple(items) => return visitor.visit_seq(self.elements(items)),
            Node::Numbers(bytes, dtype) => {
                self.document.spend_bytes(bytes.len())?;
                match vec::read(visitor, self.document.arena.dtype_of(dtype), &[], &bytes)? {
                    Ok(vector) => return Ok(vector),
                    Err(visitor) => visitor,
                }
            }
            _ => visitor,
        };
        match self.meaning()? {
            Meaning::Array(array) => self.array(array)?.deserialize_seq(visitor),
            Meaning::Bytes(bytes) => self.byte_array(ArrayData::Bytes(bytes))?.deserialize_seq(visitor),
            Meaning::Buffer(index) => self.byte_array(ArrayData::Buffer(index))?.deserialize_seq(visitor),
            Meaning::Standard(standard, instance) => self.visit_standard_seq(standard, &instance, None, visitor),
            Meaning::Instance(instance) => self.visit_instance_items(&instance, visitor),
            Meaning::Masked(masked) => self.masked(masked)?.deserialize_seq(visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        if let Node::Object(_) = self.node()
            && let Meaning::Standard(standard, instance) = self.meaning()?
        {
            return self.visit_standard_seq(standard, &instance, Some(len), visitor);
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

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.meaning()? {
            Meaning::Tuple(items) => match self.pairs(items)? {
                Some(pairs) => visitor.visit_map(Entries::new(self, pairs)),
                None => visitor.visit_seq(self.elements(items)),
            },
            Meaning::Masked(masked) => self.masked(masked)?.deserialize_map(visitor),
            Meaning::Standard(standard, instance) => self.visit_standard_map(standard, &instance, &[], visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if let Node::Dict(items) = self.node() {
            return visitor.visit_map(self.entries(&[items]));
        }
        let wants_array = ndarray::is_ndarray(name, fields);
        match self.meaning()? {
            Meaning::Array(array) if wants_array => self.array(array)?.visit_ndarray(visitor),
            Meaning::Bytes(bytes) if wants_array => self.byte_array(ArrayData::Bytes(bytes))?.visit_ndarray(visitor),
            Meaning::Buffer(index) if wants_array => self.byte_array(ArrayData::Buffer(index))?.visit_ndarray(visitor),
            Meaning::Masked(masked) => self.masked(masked)?.deserialize_struct(name, fields, visitor),
            Meaning::Standard(standard, instance) => self.visit_standard_map(standard, &instance, fields, visitor),
            Meaning::ObjectArray(array) if wants_array => visitor.visit_map(ndarray::Parts::of_objects(self, &array)?),
            Meaning::List(items) if wants_array => visitor.visit_map(ndarray::Parts::of_list(self, items)),
            // A struct in a key is a tuple of pairs; a tuple of anything else are the fields in their order.
            Meaning::Tuple(items) => match self.pairs(items)?.filter(|pairs| self.are_fields(pairs, fields)) {
                Some(pairs) => visitor.visit_map(Entries::new(self, pairs)),
                None => visitor.visit_seq(self.elements(items)),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.visit_variant(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
