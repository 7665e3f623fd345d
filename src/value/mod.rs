//! Any object, without a type.

mod array;
mod clone;
mod debug;
mod deserialize;
mod equal;
mod path;
mod records;
mod serialize;
mod shared;
mod show;

pub use self::array::Array;
pub use self::records::{Field, FieldType, RecordType, Records};
pub use self::shared::Shared;

/// Any object of a pickle stream: what Python's `load` would return, for those who do not know what that is.
///
/// Plain data are what they are in Python. An instance of a class is an [`Object`]: nothing is imported or called to
/// make it, its class is a name, and its attributes are there to be looked at. Written again, a value is the same kind
/// of object to Python.
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
/// assert_eq!(value["name"].as_str(), Some("net"));
/// assert_eq!(value["layers"][0][1].as_array().unwrap().shape(), [2]);
/// assert_eq!(value.pointer("/layers/1/0").and_then(Value::as_str), Some("output"));
/// assert_eq!(value["layers"][1].to_string(), "('output', array([3.0], dtype=float32, shape=(1,)))");
/// # Ok::<(), binpickle::Error>(())
/// ```
///
/// # Objects that occur more than once
///
/// A list, dict, set, bytearray, array, instance, non-empty tuple or frozenset that occurs in several places, or in
/// itself, is a [`Value::Shared`] in each of them: one object, of which these are pointers. Written again, it is one object
/// in Python too, `a["x"] is a["y"]`, and a circle is a circle. All methods look through a `Value::Shared`; who matches on
/// a value calls [`target`](Value::target) first. Identity is kept within one value: two fields of a struct that are
/// values of their own are loaded with an object each.
///
/// # Depth
///
/// A value is as deep as the object was, at most [`LoadOptions::max_depth`](crate::LoadOptions::max_depth). It is cloned,
/// compared, formatted and written on any stack, but dropped by recursion, which takes up to 350 bytes of stack for each level
/// where the compiler does not optimise: less than 400 KiB at the default limit. Who raises it must give the threads that
/// drop deeper values the stack for it.
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
    /// A class or a function, by its module and name in Python 3.
    Global(String, String),
    /// An object that is not in the stream, but known to who wrote it by this id.
    Persistent(Box<Value>),
    /// An object that is not in the stream, but in the writer's `copyreg` registry under this code.
    Extension(u32),
    /// An object that occurs in several places, or in itself.
    Shared(Shared),
}

/// An instance of a class, as the stream describes how to make it.
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
    /// The value itself, where it is one object of several places: never a [`Value::Shared`].
    #[must_use]
    pub fn target(&self) -> &Value {
        match self {
            Value::Shared(shared) => shared,
            value => value,
        }
    }

    /// Whether both are the same object, as Python's `is` says: two pointers to one that is shared, or the same place in
    /// memory. Objects of equal content are not for that reason the same.
    #[must_use]
    pub fn is(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Shared(left), Value::Shared(right)) => Shared::ptr_eq(left, right),
            (left, right) => std::ptr::eq(left.target(), right.target()),
        }
    }

    /// The elements of a list, tuple, set or frozenset, or of an object that is like a list; none if it is something else.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        match self.target() {
            Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => items,
            Value::Object(object) => &object.items,
            _ => &[],
        }
    }

    /// The keys and values of a dict, or of an object that is like a dict; none if it is something else.
    #[must_use]
    pub fn entries(&self) -> &[(Value, Value)] {
        match self.target() {
            Value::Dict(entries) => entries,
            Value::Object(object) => &object.entries,
            _ => &[],
        }
    }

    /// The keys and values of a dict; none if it is something else.
    fn dict(&self) -> &[(Value, Value)] {
        match self.target() {
            Value::Dict(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a `bool`.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.target() {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of a `str`.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self.target() {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an `int` of up to 64 bits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.target() {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a `float`.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self.target() {
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The array of a `numpy.ndarray`.
    #[must_use]
    pub fn as_array(&self) -> Option<&Array> {
        match self.target() {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The instance of a class.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self.target() {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether it is `None`.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }
}

impl Object {
    /// The module and the name of its class.
    #[must_use]
    pub fn class(&self) -> Option<(&str, &str)> {
        match self.callable.target() {
            Value::Global(module, name) => Some((module, name)),
            _ => None,
        }
    }

    /// Its attributes: those of its `__dict__` and of its slots.
    pub fn attributes(&self) -> impl DoubleEndedIterator<Item = (&Value, &Value)> {
        let parts = match &self.state {
            Some(state) => match state.target() {
                Value::Tuple(parts) if parts.len() == 2 => parts.as_slice(),
                _ => std::slice::from_ref(state),
            },
            None => &[],
        };
        parts.iter().flat_map(Value::dict).map(|(key, value)| (key, value))
    }

    /// What is in it by index: its items; without any, the fields of a frozen dataclass with slots; without attributes, its
    /// arguments, such as the fields of a namedtuple.
    fn elements(&self) -> &[Value] {
        match self.state.as_ref().map(Value::target) {
            _ if !self.items.is_empty() => &self.items,
            Some(Value::List(fields)) => fields,
            _ if self.attributes().next().is_some() => &[],
            _ => &self.args,
        }
    }
}
