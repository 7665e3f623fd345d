//! A [`Value`] as the Python object that it was.
//!
//! What is shared is written where it comes first, and put into the memo, from which it is fetched later. As in Python's
//! pickler, a list, dict or set is in the memo before its elements are written, so that these may refer to it; a tuple, a
//! frozenset or what a call makes is there only when it is whole. If it turns up among its own parts, it is
//! written once more in there, and the outer one is given up for the inner one. That comes to an end, because a circle
//! always leads through a list, a dict, a set or a state: while such an object is open, these are in the memo too,
//! also if nothing else points to them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Output;
use crate::bytes::Key;
use crate::error::{Error, Result};
use crate::stack;
use crate::stream::{Global, Memo, SHORT};
use crate::value::{Made, Object, Shared, Value};

/// How deep a value may be to be written.
const MAX_DEPTH: usize = 10 * stack::MAX_DEPTH as usize;

/// How many objects may be written among their own parts, one in the other.
const MAX_REENTRIES: u32 = 32;

/// The objects with an identity.
#[derive(Default)]
pub(super) struct Objects {
    memo: FxHashMap<Key, Memo>,
    /// Those in the memo, for their identity is a place in memory.
    alive: Vec<Shared>,
    /// Those that are being written.
    open: FxHashSet<Key>,
    /// How many of those are tuples and the like, which are not in the memo yet.
    unfinished: usize,
    reentries: u32,
    depth: usize,
}

impl Output<'_> {
    pub(super) fn python_value(&mut self, value: &Value) -> Result<()> {
        if self.objects.depth == MAX_DEPTH {
            return Err(Error::data(format!(
                "a value that is nested more than {MAX_DEPTH} levels deep is not written"
            )));
        }
        self.objects.depth += 1;
        let written = stack::descend(self.objects.depth, || match value {
            Value::Shared(shared) => self.shared_value(shared),
            Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Object(_) if self.objects.unfinished > 0 => {
                let key = Key::of_place(value);
                match self.memo_of(Some(key)) {
                    Some(memo) => {
                        self.encoder.get(memo);
                        Ok(())
                    }
                    None => self.whole_value(value, Some(key)),
                }
            }
            value => self.whole_value(value, None),
        });
        self.objects.depth -= 1;
        written
    }

    /// One of many, which is not in a [short](SHORT) tuple.
    fn item(&mut self, item: &Value) -> Result<()> {
        self.room()?;
        self.python_value(item)
    }

    fn shared_value(&mut self, shared: &Shared) -> Result<()> {
        let key = shared.key();
        if let Some(memo) = self.memo_of(Some(key)) {
            self.encoder.get(memo);
            return Ok(());
        }
        if self.objects.open.insert(key) {
            self.objects.alive.push(shared.clone());
            let written = self.whole_value(shared, Some(key));
            self.objects.open.remove(&key);
            return written;
        }
        if self.objects.reentries == MAX_REENTRIES {
            return Err(Error::data("an object that is among its own parts too many times is not written"));
        }
        self.objects.reentries += 1;
        let written = self.whole_value(shared, Some(key));
        self.objects.reentries -= 1;
        written
    }

    fn memo_of(&self, key: Option<Key>) -> Option<Memo> {
        self.objects.memo.get(&key?).copied()
    }

    /// Puts the object that was written last into the memo, if it has an identity.
    fn keep(&mut self, key: Option<Key>) {
        if let Some(key) = key {
            let memo = self.encoder.memoize();
            self.objects.memo.insert(key, memo);
        }
    }

    /// Writes the parts of an object that can be put into the memo only afterwards. Says where it is in the memo, if it
    /// was among them.
    fn parts(&mut self, key: Option<Key>, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<Option<Memo>> {
        let unfinished = usize::from(key.is_some());
        self.objects.unfinished += unfinished;
        write(self)?;
        self.objects.unfinished -= unfinished;
        Ok(self.memo_of(key))
    }

    fn whole_value(&mut self, value: &Value, key: Option<Key>) -> Result<()> {
        match value {
            Value::None => self.encoder.none(),
            Value::Bool(value) => self.encoder.bool(*value),
            Value::Int(value) => self.encoder.int(*value),
            Value::BigInt(bytes) => self.encoder.long(bytes),
            Value::Float(value) => self.encoder.float(*value),
            Value::Complex(re, im) => {
                self.encoder.global(Global::Complex);
                self.encoder.float(*re);
                self.encoder.float(*im);
                self.encoder.short_tuple(2);
                self.encoder.reduce();
            }
            Value::Str(text) => self.encoder.str(text),
            Value::Surrogates(bytes) => self.encoder.surrogates(bytes),
            Value::Bytes(bytes) => self.bytes(bytes)?,
            Value::ByteArray(bytes) => {
                self.encoder.byte_array(bytes);
                self.keep(key);
            }
            Value::List(items) => {
                self.encoder.empty_list();
                self.keep(key);
                self.append_values(items)?;
            }
            Value::Tuple(items) => self.tuple_with_identity(items, key)?,
            Value::Set(items) => {
                self.encoder.empty_set();
                self.keep(key);
                self.encoder.mark();
                items.iter().try_for_each(|item| self.item(item))?;
                self.encoder.add_items();
            }
            Value::FrozenSet(items) => {
                self.encoder.mark();
                let parts = |output: &mut Self| items.iter().try_for_each(|item| output.item(item));
                match self.parts(key, parts)? {
                    Some(memo) => {
                        self.encoder.pop_mark();
                        self.encoder.get(memo);
                    }
                    None => {
                        self.encoder.frozen_set();
                        self.keep(key);
                    }
                }
            }
            Value::Dict(entries) => {
                self.encoder.empty_dict();
                self.keep(key);
                self.set_values(entries)?;
            }
            Value::Array(array) => {
                self.array_value(array)?;
                self.keep(key);
            }
            Value::Scalar(array) => self.scalar_value(array),
            Value::Records(records) => {
                self.records_value(records)?;
                self.keep(key);
            }
            Value::Record(record) => self.record_value(record),
            Value::Object(object) => self.object_value(object, key)?,
            Value::Global(module, name) => self.encoder.named_global(module, name),
            Value::Persistent(id) => {
                self.python_value(id)?;
                self.encoder.persistent();
            }
            Value::Extension(code) => self.encoder.extension(*code),
            Value::Shared(shared) => self.shared_value(shared)?,
        }
        Ok(())
    }

    fn object_value(&mut self, object: &Object, key: Option<Key>) -> Result<()> {
        let kwargs = object.kwargs.as_ref().filter(|_| object.made == Made::New);
        let memo = self.parts(key, |output| {
            output.python_value(&object.callable)?;
            output.tuple_of_values(&object.args)?;
            kwargs.map_or(Ok(()), |kwargs| output.python_value(kwargs))
        })?;
        if let Some(memo) = memo {
            (0..if kwargs.is_some() { 3 } else { 2 }).for_each(|_| self.encoder.pop());
            self.encoder.get(memo);
            return Ok(());
        }
        match (object.made, kwargs) {
            (Made::Call, _) => self.encoder.reduce(),
            (Made::New, None) => self.encoder.new_object(),
            (Made::New, Some(_)) => self.encoder.new_object_with_keywords(),
        }
        self.keep(key);
        if !object.items.is_empty() {
            self.append_values(&object.items)?;
        }
        if !object.entries.is_empty() {
            self.set_values(&object.entries)?;
        }
        if let Some(state) = &object.state {
            self.python_value(state)?;
            self.encoder.build();
        }
        Ok(())
    }

    fn append_values(&mut self, items: &[Value]) -> Result<()> {
        self.encoder.mark();
        items.iter().try_for_each(|item| self.item(item))?;
        self.encoder.appends();
        Ok(())
    }

    fn set_values(&mut self, entries: &[(Value, Value)]) -> Result<()> {
        self.encoder.mark();
        for (key, value) in entries {
            self.item(key)?;
            self.python_value(value)?;
        }
        self.encoder.set_items();
        Ok(())
    }

    fn tuple_of_values(&mut self, items: &[Value]) -> Result<()> {
        self.tuple_with_identity(items, None)
    }

    fn tuple_with_identity(&mut self, items: &[Value], key: Option<Key>) -> Result<()> {
        self.encoder.begin_tuple(items.len());
        let is_short = items.len() <= SHORT;
        let item = |output: &mut Self, item| if is_short { output.python_value(item) } else { output.item(item) };
        let memo = self.parts(key, |output| items.iter().try_for_each(|one| item(output, one)))?;
        match memo {
            Some(memo) => {
                self.encoder.give_up_tuple(items.len());
                self.encoder.get(memo);
            }
            None => {
                self.encoder.end_tuple(items.len());
                self.keep(key);
            }
        }
        Ok(())
    }
}
