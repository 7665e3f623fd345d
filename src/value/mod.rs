//! Any object, without a type.

mod array;
mod deserialize;
mod records;
mod serialize;

pub use self::array::Array;
pub use self::records::{Field, FieldType, RecordType, Records};

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
    /// `numpy.ndarray` of records: it has a structured dtype.
    Records(Records),
    /// A numpy scalar that is a record (`numpy.void`, `numpy.record`): an array without axes.
    Record(Records),
    /// An instance of any other class.
    Object(Box<Object>),
    /// A class or a function, by its module and name.
    Global(String, String),
    /// An object that is not in the stream, but known to who wrote it by this id.
    Persistent(Box<Value>),
    /// An object that is not in the stream, but in the writer's `copyreg` registry under this code.
    Extension(u32),
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
