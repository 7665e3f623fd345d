//! One object of a parsed stream, as the type that asks for it.

use serde::de::{self, Expected, Visitor};

use super::array::ArrayDeserializer;
use super::map::{Dicts, Entries};
use super::masked::MaskedDeserializer;
use super::number::{self, Number, NumberDeserializer};
use super::seq::{self, Elements};
use super::{ARRAY, Document, VALUE, hand_over, ndarray, pandas, vec};
use crate::error::{Error, Result};
use crate::path::{LONGEST, abridged};
use crate::stack;
use crate::stream::{Array, ArrayData, Instance, Items, MaskedArray, Meaning, Node, NodeId, ObjectArray};

/// Deserializes one node of a document.
#[derive(Clone, Copy)]
pub(crate) struct NodeDeserializer<'a, 'de> {
    pub(super) document: &'a Document<'a, 'de>,
    pub(super) id: NodeId,
    pub(super) depth: u32,
}

impl<'a, 'de> NodeDeserializer<'a, 'de> {
    #[inline]
    pub(super) fn node(&self) -> Node<'de> {
        self.document.arena.node(self.id)
    }

    pub(super) fn meaning(&self) -> Result<Meaning<'a, 'de>> {
        self.document.arena.meaning(self.id)
    }

    #[inline]
    pub(super) fn child(&self, id: NodeId) -> Result<Self> {
        self.document.node(id, self.depth + 1)
    }

    /// Goes on with a child.
    #[inline]
    pub(super) fn descend<T>(&self, id: NodeId, go: impl FnOnce(Self) -> Result<T>) -> Result<T> {
        let child = self.child(id)?;
        stack::descend(child.depth as usize, || go(child))
    }

    #[inline]
    pub(super) fn elements(self, items: Items) -> Elements<'a, 'de> {
        Elements::new(self, items)
    }

    #[inline]
    pub(super) fn entries(self, dicts: &[Items]) -> Entries<'a, 'de, Dicts<'a>> {
        Entries::new(self, Dicts::new(self.document.arena, dicts))
    }

    pub(super) fn array(self, array: Array<'de>) -> Result<ArrayDeserializer<'a, 'de>> {
        ArrayDeserializer::new(self.document, array)
    }

    pub(super) fn masked(self, masked: MaskedArray<'de>) -> Result<MaskedDeserializer<'a, 'de>> {
        let data = self.array(masked.array)?;
        let mask = data.mask(masked.mask);
        Ok(MaskedDeserializer::new(data, mask))
    }

    /// Goes on with the object that an array of objects without axes holds.
    pub(super) fn in_object<T>(&self, array: &ObjectArray<'de>, go: impl FnOnce(Self) -> Result<T>) -> Result<T> {
        match self.document.arena.items(array.items).next() {
            Some(object) => self.descend(object, go),
            None => Err(Error::data("found an array of objects without the one that it should hold")),
        }
    }

    pub(super) fn byte_array(self, data: ArrayData<'de>) -> Result<ArrayDeserializer<'a, 'de>> {
        ArrayDeserializer::of_bytes(self.document, data)
    }

    /// The one element of a tuple of one.
    pub(super) fn single(&self) -> Option<NodeId> {
        match self.node() {
            Node::Tuple(items) if items.len() == 1 => self.document.arena.items(items).next(),
            _ => None,
        }
    }

    /// Whether this is what `Some(None)` became: see the serializer.
    pub(super) fn is_wrapped_none(&self) -> Result<bool> {
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
    pub(super) fn pairs(&self, items: Items) -> Result<Option<Vec<(NodeId, NodeId)>>> {
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
    pub(super) fn visit_scalar<V: Visitor<'de>>(self, meaning: Meaning<'_, 'de>, visitor: V) -> Result<V::Value> {
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
    pub(super) fn visit_instance<V: Visitor<'de>>(self, instance: &Instance<'a, 'de>, visitor: V) -> Result<V::Value> {
        match instance.attributes() {
            Some(attributes) => visitor.visit_map(self.entries(&attributes)),
            None if !instance.entries().is_empty() => visitor.visit_map(self.entries(&[instance.entries()])),
            None => self.visit_instance_items(instance, visitor),
        }
    }

    /// An object of a class as a sequence: what is in it; without that, its fields, or what it was made from.
    pub(super) fn visit_instance_items<V: Visitor<'de>>(
        self,
        instance: &Instance<'a, 'de>,
        visitor: V,
    ) -> Result<V::Value> {
        let items = match instance.fields() {
            _ if !instance.items().is_empty() => instance.items(),
            Some(fields) => fields,
            None => instance.args(),
        };
        visitor.visit_seq(self.elements(items))
    }

    #[inline]
    pub(super) fn deserialize_float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
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
    pub(super) fn deserialize_number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
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
pub(super) fn mismatch(found: &Meaning<'_, '_>, expected: &dyn Expected) -> Error {
    Error::data(format!("found {}, expected {expected}", describe(found)))
}

/// What was found.
pub(super) fn describe(found: &Meaning<'_, '_>) -> String {
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
            super::TIME => self.visit_time(visitor),
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
