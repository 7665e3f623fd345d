//! A [`Value`] as the Python object that it was.

use super::Output;
use crate::error::Result;
use crate::stream::Global;
use crate::value::{Made, Object, Value};

impl Output<'_> {
    pub(super) fn python_value(&mut self, value: &Value) -> Result<()> {
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
            Value::ByteArray(bytes) => self.encoder.byte_array(bytes),
            Value::List(items) => {
                self.encoder.empty_list();
                self.append_values(items)?;
            }
            Value::Tuple(items) => self.tuple_of_values(items)?,
            Value::Set(items) => {
                self.encoder.empty_set();
                self.encoder.mark();
                items.iter().try_for_each(|item| self.python_value(item))?;
                self.encoder.add_items();
            }
            Value::FrozenSet(items) => {
                self.encoder.mark();
                items.iter().try_for_each(|item| self.python_value(item))?;
                self.encoder.frozen_set();
            }
            Value::Dict(entries) => {
                self.encoder.empty_dict();
                self.set_values(entries)?;
            }
            Value::Array(array) => self.array_value(array)?,
            Value::Scalar(array) => self.scalar_value(array),
            Value::Records(records) => self.records_value(records)?,
            Value::Record(record) => self.record_value(record),
            Value::Object(object) => self.object_value(object)?,
            Value::Global(module, name) => self.encoder.named_global(module, name),
            Value::Persistent(id) => {
                self.python_value(id)?;
                self.encoder.persistent();
            }
            Value::Extension(code) => self.encoder.extension(*code),
        }
        Ok(())
    }

    fn object_value(&mut self, object: &Object) -> Result<()> {
        self.python_value(&object.callable)?;
        self.tuple_of_values(&object.args)?;
        match (object.made, &object.kwargs) {
            (Made::Call, _) => self.encoder.reduce(),
            (Made::New, None) => self.encoder.new_object(),
            (Made::New, Some(kwargs)) => {
                self.python_value(kwargs)?;
                self.encoder.new_object_with_keywords();
            }
        }
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
        items.iter().try_for_each(|item| self.python_value(item))?;
        self.encoder.appends();
        Ok(())
    }

    fn set_values(&mut self, entries: &[(Value, Value)]) -> Result<()> {
        self.encoder.mark();
        for (key, value) in entries {
            self.python_value(key)?;
            self.python_value(value)?;
        }
        self.encoder.set_items();
        Ok(())
    }

    fn tuple_of_values(&mut self, items: &[Value]) -> Result<()> {
        self.encoder.begin_tuple(items.len());
        items.iter().try_for_each(|item| self.python_value(item))?;
        self.encoder.end_tuple(items.len());
        Ok(())
    }
}
