//! Whether values are equal, also if they contain themselves.

use rustc_hash::FxHashSet;

use super::{Object, Value};

impl PartialEq for Value {
    /// Whether both are of the same kind and made of equal values in the same order. As in Python, it makes no difference
    /// whether an object occurs twice or there are two equal ones; what contains itself equals what cannot be told
    /// from it by any path.
    fn eq(&self, other: &Self) -> bool {
        let mut comparison = Comparison::default();
        comparison.values(self, other) && comparison.rest()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        let mut comparison = Comparison::default();
        comparison.objects(self, other) && comparison.rest()
    }
}

/// Values that lie deeper in each other are not compared where they are met but afterwards.
const DEEPEST: usize = 32;

/// A comparison in progress. What is shared is compared afterwards too, each pair once: so it takes little stack, and comes
/// to an end.
#[derive(Default)]
struct Comparison<'a> {
    met: FxHashSet<(usize, usize)>,
    todo: Vec<(&'a Value, &'a Value)>,
    depth: usize,
}

impl<'a> Comparison<'a> {
    fn rest(mut self) -> bool {
        while let Some((left, right)) = self.todo.pop() {
            if !self.values(left, right) {
                return false;
            }
        }
        true
    }

    fn values(&mut self, left: &'a Value, right: &'a Value) -> bool {
        if self.depth == DEEPEST {
            self.todo.push((left, right));
            return true;
        }
        self.depth += 1;
        let equal = self.content(left, right);
        self.depth -= 1;
        equal
    }

    #[allow(clippy::float_cmp, reason = "whether they are equal is what is asked")]
    fn content(&mut self, left: &'a Value, right: &'a Value) -> bool {
        match (left, right) {
            (Value::Shared(left), right) => self.postpone(left, right.target()),
            (left, Value::Shared(right)) => self.postpone(left, right),
            (Value::None, Value::None) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Int(left), Value::Int(right)) => left == right,
            (Value::Float(left), Value::Float(right)) => left == right,
            (Value::Complex(re, im), Value::Complex(re2, im2)) => (re, im) == (re2, im2),
            (Value::Str(left), Value::Str(right)) => left == right,
            (Value::BigInt(left), Value::BigInt(right))
            | (Value::Surrogates(left), Value::Surrogates(right))
            | (Value::Bytes(left), Value::Bytes(right))
            | (Value::ByteArray(left), Value::ByteArray(right)) => left == right,
            (Value::List(left), Value::List(right))
            | (Value::Tuple(left), Value::Tuple(right))
            | (Value::Set(left), Value::Set(right))
            | (Value::FrozenSet(left), Value::FrozenSet(right)) => self.items(left, right),
            (Value::Dict(left), Value::Dict(right)) => self.entries(left, right),
            (Value::Array(left), Value::Array(right)) | (Value::Scalar(left), Value::Scalar(right)) => left == right,
            (Value::Records(left), Value::Records(right)) | (Value::Record(left), Value::Record(right)) => {
                left == right
            }
            (Value::Object(left), Value::Object(right)) => self.objects(left, right),
            (Value::Global(module, name), Value::Global(module2, name2)) => (module, name) == (module2, name2),
            (Value::Persistent(left), Value::Persistent(right)) => self.values(left, right),
            (Value::Extension(left), Value::Extension(right)) => left == right,
            _ => false,
        }
    }

    fn postpone(&mut self, left: &'a Value, right: &'a Value) -> bool {
        if self.met.insert((address(left), address(right))) {
            self.todo.push((left, right));
        }
        true
    }

    fn items(&mut self, left: &'a [Value], right: &'a [Value]) -> bool {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| self.values(left, right))
    }

    fn entries(&mut self, left: &'a [(Value, Value)], right: &'a [(Value, Value)]) -> bool {
        let mut equal = |(left, right): (&'a (Value, Value), &'a (Value, Value))| {
            self.values(&left.0, &right.0) && self.values(&left.1, &right.1)
        };
        left.len() == right.len() && left.iter().zip(right).all(&mut equal)
    }

    fn optional(&mut self, left: Option<&'a Value>, right: Option<&'a Value>) -> bool {
        match (left, right) {
            (Some(left), Some(right)) => self.values(left, right),
            (left, right) => left.is_none() && right.is_none(),
        }
    }

    fn objects(&mut self, left: &'a Object, right: &'a Object) -> bool {
        left.made == right.made
            && self.values(&left.callable, &right.callable)
            && self.items(&left.args, &right.args)
            && self.optional(left.kwargs.as_ref(), right.kwargs.as_ref())
            && self.optional(left.state.as_ref(), right.state.as_ref())
            && self.items(&left.items, &right.items)
            && self.entries(&left.entries, &right.entries)
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}
