//! Values for programmers: every variant by its name, and each shared object once.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Debug, Formatter};

use rustc_hash::FxHashMap;

use super::{Object, Shared, Value};
use crate::bytes::Key;

/// Values that lie deeper in each other are not shown.
const DEEPEST: u32 = 64;

impl Debug for Value {
    /// As a derive would do it, but that a shared object is shown where it occurs first, as `#1 = List([…])`, and then named:
    /// `#1`; and that below 64 levels there is `…`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        View { value: self, numbers: &Numbers::default() }.fmt(f)
    }
}

impl Debug for Object {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        object(self, &Numbers::default(), f)
    }
}

pub(super) fn shared(shared: &Shared, f: &mut Formatter<'_>) -> fmt::Result {
    shared_once(shared, &Numbers::default(), f)
}

/// The numbers of the shared objects that have been shown.
#[derive(Default)]
struct Numbers {
    known: RefCell<FxHashMap<Key, usize>>,
    depth: Cell<u32>,
}

#[derive(Clone, Copy)]
struct View<'a> {
    value: &'a Value,
    numbers: &'a Numbers,
}

/// What shows a list of values.
struct Items<'a>(&'a [Value], &'a Numbers);

struct Entries<'a>(&'a [(Value, Value)], &'a Numbers);

impl Debug for View<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let depth = &self.numbers.depth;
        if depth.get() == DEEPEST {
            return f.write_str("…");
        }
        depth.set(depth.get() + 1);
        let shown = self.content(f);
        depth.set(depth.get() - 1);
        shown
    }
}

impl View<'_> {
    fn content(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let numbers = self.numbers;
        let (name, field): (&str, &dyn Debug) = match self.value {
            Value::None => return f.write_str("None"),
            Value::Shared(shared) => return shared_once(shared, numbers, f),
            Value::Complex(re, im) => return f.debug_tuple("Complex").field(re).field(im).finish(),
            Value::Global(module, name) => return f.debug_tuple("Global").field(module).field(name).finish(),
            Value::List(items) => return items_of("List", items, numbers, f),
            Value::Tuple(items) => return items_of("Tuple", items, numbers, f),
            Value::Set(items) => return items_of("Set", items, numbers, f),
            Value::FrozenSet(items) => return items_of("FrozenSet", items, numbers, f),
            Value::Dict(entries) => return f.debug_tuple("Dict").field(&Entries(entries, numbers)).finish(),
            Value::Object(object) => return f.debug_tuple("Object").field(&ObjectView(object, numbers)).finish(),
            Value::Persistent(id) => return f.debug_tuple("Persistent").field(&View { value: id, numbers }).finish(),
            Value::Bool(value) => ("Bool", value),
            Value::Int(value) => ("Int", value),
            Value::BigInt(bytes) => ("BigInt", bytes),
            Value::Float(value) => ("Float", value),
            Value::Str(text) => ("Str", text),
            Value::Surrogates(bytes) => ("Surrogates", bytes),
            Value::Bytes(bytes) => ("Bytes", bytes),
            Value::ByteArray(bytes) => ("ByteArray", bytes),
            Value::Array(array) => ("Array", array),
            Value::Scalar(array) => ("Scalar", array),
            Value::Records(records) => ("Records", records),
            Value::Record(record) => ("Record", record),
            Value::Extension(code) => ("Extension", code),
        };
        f.debug_tuple(name).field(field).finish()
    }
}

fn items_of(name: &str, items: &[Value], numbers: &Numbers, f: &mut Formatter<'_>) -> fmt::Result {
    f.debug_tuple(name).field(&Items(items, numbers)).finish()
}

impl Debug for Items<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|value| View { value, numbers: self.1 })).finish()
    }
}

impl Debug for Entries<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let view = |value| View { value, numbers: self.1 };
        f.debug_list().entries(self.0.iter().map(|(key, value)| (view(key), view(value)))).finish()
    }
}

struct ObjectView<'a>(&'a Object, &'a Numbers);

impl Debug for ObjectView<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        object(self.0, self.1, f)
    }
}

fn object(object: &Object, numbers: &Numbers, f: &mut Formatter<'_>) -> fmt::Result {
    let view = |value| View { value, numbers };
    f.debug_struct("Object")
        .field("made", &object.made)
        .field("callable", &view(&object.callable))
        .field("args", &Items(&object.args, numbers))
        .field("kwargs", &object.kwargs.as_ref().map(view))
        .field("state", &object.state.as_ref().map(view))
        .field("items", &Items(&object.items, numbers))
        .field("entries", &Entries(&object.entries, numbers))
        .finish()
}

fn shared_once(shared: &Shared, numbers: &Numbers, f: &mut Formatter<'_>) -> fmt::Result {
    let mut known = numbers.known.borrow_mut();
    if let Some(number) = known.get(&shared.key()) {
        return write!(f, "#{number}");
    }
    let number = known.len() + 1;
    known.insert(shared.key(), number);
    drop(known);
    write!(f, "#{number} = ")?;
    View { value: shared, numbers }.fmt(f)
}
