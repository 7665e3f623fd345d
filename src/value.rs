//! Any object, without a type.

use std::fmt;

use ndarray::{ArrayD, IxDyn};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::bytes::Shared;
use crate::de::number::Number;
use crate::de::{VALUE, is_ours};
use crate::dtype::{DType, Element};
use crate::error::Result;
use crate::ser;
use crate::stream::Form;
use crate::with::convert;
use crate::with::ndarray::from_elements;

/// Any object of a pickle stream: what Python's `load` would return, for those who do not know what that is.
///
/// Plain data are what they are in Python. An instance of a class is an [`Object`]: nothing is imported or called to
/// make it, its class is a name, and its attributes are there to be looked at. Written again, a value is the same kind
/// of object to Python. An object that occurs in several places occurs in each of them; one that contains itself is an
/// error.
///
/// ```
/// use binpickle::Value;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Model {
///     name: String,
///     layers: Vec<(String, Vec<f32>)>,
/// }
///
/// let layers = vec![("input".to_owned(), vec![1.0, 2.0]), ("output".to_owned(), vec![3.0])];
/// let file = binpickle::to_vec(&Model { name: "net".into(), layers })?;
///
/// let value: Value = binpickle::from_slice(&file)?;
/// assert_eq!(value.get("name").and_then(Value::as_str), Some("net"));
/// let first = value.get("layers").and_then(|layers| layers.at(0)).and_then(|layer| layer.at(1));
/// assert_eq!(first.and_then(Value::as_array).unwrap().shape(), [2]);
/// # Ok::<(), binpickle::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `None`.
    None,
    /// `bool`.
    Bool(bool),
    /// `int` of up to 64 bits.
    Int(i64),
    /// `int` of more bits: little-endian two's complement.
    BigInt(Vec<u8>),
    /// `float`.
    Float(f64),
    /// `complex`: the real and the imaginary part.
    Complex(f64, f64),
    /// `str`.
    Str(String),
    /// A `str` with lone surrogates, in UTF-8 that encodes them like other code points.
    Surrogates(Vec<u8>),
    /// `bytes`.
    Bytes(Vec<u8>),
    /// `bytearray`.
    ByteArray(Vec<u8>),
    /// `list`.
    List(Vec<Value>),
    /// `tuple`.
    Tuple(Vec<Value>),
    /// `set`.
    Set(Vec<Value>),
    /// `frozenset`.
    FrozenSet(Vec<Value>),
    /// `dict`, in the order of its keys.
    Dict(Vec<(Value, Value)>),
    /// `numpy.ndarray` of numbers, text, bytes or times.
    Array(Array),
    /// A numpy scalar, such as `numpy.float64`: an array without axes.
    Scalar(Array),
    /// An instance of any other class.
    Object(Box<Object>),
    /// A class or a function, by its module and name.
    Global(String, String),
    /// An object that is not in the stream, but known to who wrote it by this id.
    Persistent(Box<Value>),
    /// An object that is not in the stream, but in the writer's `copyreg` registry under this code.
    Extension(u32),
}

/// A `numpy.ndarray`. Its elements may be shared with a mapped file, so that a clone costs nothing.
#[derive(Clone)]
pub struct Array {
    pub(crate) dtype: DType,
    pub(crate) shape: Vec<usize>,
    pub(crate) fortran: bool,
    pub(crate) form: Form,
    pub(crate) data: Shared,
}

/// An instance of a class, as the stream describes how to make it.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// How it is made: see [`Made`].
    pub made: Made,
    /// What is called: almost always a [`Value::Global`], the class.
    pub callable: Value,
    /// The arguments of the call.
    pub args: Vec<Value>,
    /// The keyword arguments of the call.
    pub kwargs: Option<Value>,
    /// What `__setstate__` is called with, or the dict of its attributes.
    pub state: Option<Value>,
    /// What is appended to it afterwards, when it is like a list.
    pub items: Vec<Value>,
    /// What is set in it afterwards, when it is like a dict.
    pub entries: Vec<(Value, Value)>,
}

/// How Python makes an [`Object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// `callable(*args)`.
    Call,
    /// `callable.__new__(callable, *args, **kwargs)`.
    New,
}

impl Value {
    /// The value of a key: of a dict, an attribute of an object, or an entry of an object that is like a dict.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let find = |entries: &'_ [(Value, Value)]| entries.iter().position(|(name, _)| name.as_str() == Some(key));
        match self {
            Value::Dict(entries) => find(entries).map(|index| &entries[index].1),
            Value::Object(object) => {
                let attribute = object.attributes().find(|(name, _)| name.as_str() == Some(key));
                attribute
                    .map(|(_, value)| value)
                    .or_else(|| find(&object.entries).map(|index| &object.entries[index].1))
            }
            _ => None,
        }
    }

    /// An element of a list, a tuple, or an object that is like a list.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Value> {
        match self {
            Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => items.get(index),
            Value::Object(object) => object.items.get(index),
            _ => None,
        }
    }

    /// The entries of a dict; none if it is something else.
    fn entries(&self) -> &[(Value, Value)] {
        match self {
            Value::Dict(entries) => entries,
            _ => &[],
        }
    }

    /// The text of a `str`.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an `int` of up to 64 bits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a `float`.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The array of a `numpy.ndarray`.
    #[must_use]
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The instance of a class.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl Array {
    /// The dtype of the elements. They lie in this machine's byte order, whatever it was in the file.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The length of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether the first axis varies fastest in memory (Fortran order), rather than the last (C order).
    #[must_use]
    pub fn is_fortran(&self) -> bool {
        self.fortran
    }

    /// The elements, in the order of memory.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// A copy with elements of a Rust type: those of another dtype are converted, and it is an error if one does not fit.
    pub fn to_ndarray<A: Element>(&self) -> Result<ArrayD<A>> {
        let elements = if self.dtype == A::DTYPE {
            A::read_vec(self.data.len() / self.dtype.itemsize(), |out| {
                out.copy_from_slice(&self.data);
                Ok(())
            })?
        } else {
            convert(self.dtype, &self.data)?
        };
        from_elements(IxDyn(&self.shape), self.fortran, elements)
    }

    /// The elements one by one, in the order of memory.
    fn numbers(&self) -> impl Iterator<Item = Result<Number<'_>>> {
        self.data.chunks_exact(self.dtype.itemsize().max(1)).map(|bytes| Number::read(self.dtype, bytes))
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ndarray({}, {:?})", self.dtype.name(), self.shape)
    }
}

impl PartialEq for Array {
    /// Whether both have the same dtype, shape and order, and the same bytes.
    fn eq(&self, other: &Self) -> bool {
        (self.dtype, &self.shape, self.fortran) == (other.dtype, &other.shape, other.fortran)
            && *self.data == *other.data
    }
}

impl Object {
    /// The module and the name of its class.
    #[must_use]
    pub fn class(&self) -> Option<(&str, &str)> {
        match &self.callable {
            Value::Global(module, name) => Some((module, name)),
            _ => None,
        }
    }

    /// Its attributes: those of its `__dict__` and of its slots.
    pub fn attributes(&self) -> impl Iterator<Item = (&Value, &Value)> {
        let parts = match &self.state {
            Some(Value::Tuple(parts)) if parts.len() == 2 => parts.as_slice(),
            Some(state) => std::slice::from_ref(state),
            None => &[],
        };
        parts.iter().flat_map(Value::entries).map(|(key, value)| (key, value))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if ser::is_ours::<S>() {
            // The serializer knows the type of what comes with this name, and writes what it is in Python.
            return serializer.serialize_newtype_struct(ser::VALUE, self);
        }
        match self {
            Value::None => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Complex(re, im) => (re, im).serialize(serializer),
            Value::Str(text) => serializer.serialize_str(text),
            Value::BigInt(bytes) | Value::Surrogates(bytes) | Value::Bytes(bytes) | Value::ByteArray(bytes) => {
                serializer.serialize_bytes(bytes)
            }
            Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
                items.serialize(serializer)
            }
            Value::Dict(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
            Value::Array(array) | Value::Scalar(array) => array.serialize(serializer),
            Value::Object(object) => object.serialize(serializer),
            Value::Global(module, name) => serializer.collect_str(&format_args!("{module}.{name}")),
            Value::Persistent(id) => id.serialize(serializer),
            Value::Extension(code) => serializer.serialize_u32(*code),
        }
    }
}

impl Serialize for Array {
    /// For other formats: the rows of its rows, in C order.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let numbers: Result<Vec<_>> = self.numbers().collect();
        let numbers = numbers.map_err(serde::ser::Error::custom)?;
        let array = from_elements(IxDyn(&self.shape), self.fortran, numbers).map_err(serde::ser::Error::custom)?;
        Rows(array.view()).serialize(serializer)
    }
}

struct Rows<'a>(ndarray::ArrayViewD<'a, Number<'a>>);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(number) = self.0.first()
            && self.0.ndim() == 0
        {
            return match number {
                Number::Bool(value) => value.serialize(serializer),
                Number::Int(value) => value.serialize(serializer),
                Number::UInt(value) => value.serialize(serializer),
                Number::F16(value) => value.to_f32().serialize(serializer),
                Number::F32(value) => value.serialize(serializer),
                Number::F64(value) => value.serialize(serializer),
                Number::Complex32(re, im) => (re, im).serialize(serializer),
                Number::Complex(re, im) => (re, im).serialize(serializer),
                Number::Str(text) => text.serialize(serializer),
                Number::Bytes(bytes) => serializer.serialize_bytes(bytes),
            };
        }
        let mut rows = serializer.serialize_seq(Some(self.0.len_of(ndarray::Axis(0))))?;
        self.0.outer_iter().try_for_each(|row| rows.serialize_element(&Rows(row)))?;
        rows.end()
    }
}

impl Serialize for Object {
    /// For other formats: a map of the attributes and entries; without any, the items, or the arguments.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.attributes().next().is_none() && self.entries.is_empty() {
            let items = if self.items.is_empty() { &self.args } else { &self.items };
            return items.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        self.attributes().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        self.entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if is_ours::<D>() {
            let parcel = deserializer.deserialize_newtype_struct(VALUE, crate::with::ParcelVisitor)?;
            return parcel.open().ok_or_else(|| de::Error::custom("a value was expected"));
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}

/// Makes a value of whatever another format has.
struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::BigInt(i128::from(value).to_le_bytes().into()), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Str(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Str(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.to_vec()))
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Value, S::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value, M::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Dict(entries))
    }
}
