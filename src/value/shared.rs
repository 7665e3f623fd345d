//! Objects with an identity.

use std::fmt;
use std::ops::Deref;

use super::Value;
use crate::bytes::{Key, Link};

/// An object that occurs in several places of another one, or in itself.
///
/// It is a reference-counted pointer: a clone is the same object. What lies in a circle is freed with the last pointer into
/// it from outside.
///
/// ```
/// use binpickle::Value;
/// use binpickle::value::Shared;
///
/// // Python: x = []; x.append(x); pickle.dumps([x, x])
/// let value: Value = binpickle::pickle::from_slice(b"](]\x94(h\x00eh\x00e.")?;
/// assert_eq!(value.to_string(), "[[[...]], [[...]]]");
/// let (Value::Shared(first), Value::Shared(second)) = (&value[0], &value[1]) else { panic!() };
/// assert!(Shared::ptr_eq(first, second));
/// assert!(value[0][0][0].is(&value[1]));
/// # Ok::<(), binpickle::Error>(())
/// ```
#[derive(Clone)]
pub struct Shared(Link<Value>);

impl Shared {
    /// Gives a value an identity: written in several places, its clones are one object to Python.
    ///
    /// ```
    /// use binpickle::Value;
    /// use binpickle::value::Shared;
    ///
    /// let list = Value::Shared(Shared::new(Value::List(vec![Value::Int(1)])));
    /// let pair = Value::Tuple(vec![list.clone(), list]); // Python: pair[0] is pair[1]
    /// let back: Value = binpickle::from_slice(&binpickle::to_vec(&pair)?)?;
    /// assert!(back[0].is(&back[1]));
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    #[must_use]
    pub fn new(value: Value) -> Self {
        match value {
            Value::Shared(shared) => shared,
            value => Shared(Link::to(value)),
        }
    }

    pub(crate) fn of_link(link: Link<Value>) -> Self {
        Shared(link)
    }

    /// Whether both are the same object. `==` asks whether they are equal.
    #[must_use]
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        this.0.is(&other.0)
    }

    pub(crate) fn key(&self) -> Key {
        self.0.key()
    }
}

impl Deref for Shared {
    type Target = Value;

    /// The object, which is no `Value::Shared` itself.
    fn deref(&self) -> &Value {
        static NONE: Value = Value::None;
        self.0.get().unwrap_or(&NONE)
    }
}

impl PartialEq for Shared {
    /// Whether the objects are equal, as values are.
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::debug::shared(self, f)
    }
}
