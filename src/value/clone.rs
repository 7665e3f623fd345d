//! Copies of values, on any stack.

use super::{Object, Value};
use crate::stack;

impl Clone for Value {
    /// A copy that refers to the same shared objects.
    fn clone(&self) -> Self {
        copy(self, 0)
    }
}

impl Clone for Object {
    fn clone(&self) -> Self {
        copy_object(self, 0)
    }
}

fn copy(value: &Value, level: usize) -> Value {
    match value {
        Value::None => Value::None,
        Value::Bool(value) => Value::Bool(*value),
        Value::Int(value) => Value::Int(*value),
        Value::BigInt(bytes) => Value::BigInt(bytes.clone()),
        Value::Float(value) => Value::Float(*value),
        Value::Complex(re, im) => Value::Complex(*re, *im),
        Value::Str(text) => Value::Str(text.clone()),
        Value::Surrogates(bytes) => Value::Surrogates(bytes.clone()),
        Value::Bytes(bytes) => Value::Bytes(bytes.clone()),
        Value::ByteArray(bytes) => Value::ByteArray(bytes.clone()),
        Value::Array(array) => Value::Array(array.clone()),
        Value::Scalar(array) => Value::Scalar(array.clone()),
        Value::Records(records) => Value::Records(records.clone()),
        Value::Record(record) => Value::Record(record.clone()),
        Value::Global(module, name) => Value::Global(module.clone(), name.clone()),
        Value::Extension(code) => Value::Extension(*code),
        Value::Shared(shared) => Value::Shared(shared.clone()),
        nested => stack::descend(level, || copy_nested(nested, level + 1)),
    }
}

fn copy_nested(value: &Value, level: usize) -> Value {
    match value {
        Value::List(items) => Value::List(copy_items(items, level)),
        Value::Tuple(items) => Value::Tuple(copy_items(items, level)),
        Value::Set(items) => Value::Set(copy_items(items, level)),
        Value::FrozenSet(items) => Value::FrozenSet(copy_items(items, level)),
        Value::Dict(entries) => Value::Dict(copy_entries(entries, level)),
        Value::Object(object) => Value::Object(Box::new(copy_object(object, level))),
        Value::Persistent(id) => Value::Persistent(Box::new(copy(id, level))),
        plain => copy(plain, level),
    }
}

fn copy_items(items: &[Value], level: usize) -> Vec<Value> {
    items.iter().map(|item| copy(item, level)).collect()
}

fn copy_entries(entries: &[(Value, Value)], level: usize) -> Vec<(Value, Value)> {
    entries.iter().map(|(key, value)| (copy(key, level), copy(value, level))).collect()
}

fn copy_object(object: &Object, level: usize) -> Object {
    let optional = |value: &Option<Value>| value.as_ref().map(|value| copy(value, level));
    Object {
        made: object.made,
        callable: copy(&object.callable, level),
        args: copy_items(&object.args, level),
        kwargs: optional(&object.kwargs),
        state: optional(&object.state),
        items: copy_items(&object.items, level),
        entries: copy_entries(&object.entries, level),
    }
}
