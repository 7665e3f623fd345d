//! Ways into a value.

use std::borrow::Cow;
use std::ops::Index;

use super::Value;
use crate::de::number::Number;
use crate::path;

impl Value {
    /// The value of a key: of a dict, an attribute of an object, or an entry of an object that is like a dict.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.find(|name| name.as_str() == Some(key))
    }

    /// An element of a list, a tuple, a set, or an object that is like a list.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Value> {
        self.items().get(index)
    }

    /// What is at a path such as `/layers/0/weight`, written as for [`BinPickleFile::at`](crate::BinPickleFile::at), and
    /// leading through the same keys, attributes and indices. `None` if it leads nowhere.
    #[must_use]
    pub fn pointer(&self, path: &str) -> Option<&Value> {
        path::segments(path).ok()?.try_fold(self, |value, segment| value.step(&segment))
    }

    fn step(&self, segment: &str) -> Option<&Value> {
        let by_key = self.get(segment).or_else(|| self.find(|key| label(key).is_some_and(|label| label == segment)));
        by_key.or_else(|| {
            let elements = match self.target() {
                Value::Object(object) => object.elements(),
                _ => self.items(),
            };
            elements.get(path::index(segment)?)
        })
    }

    /// Of keys that were set twice, Python knows the last one.
    fn find(&self, wanted: impl Fn(&Value) -> bool) -> Option<&Value> {
        let attributes = self.as_object().into_iter().flat_map(|object| object.attributes().rev());
        let entries = self.entries().iter().rev().map(|(key, value)| (key, value));
        attributes.chain(entries).find(|(key, _)| wanted(key)).map(|(_, value)| value)
    }
}

/// What a key that is no text is called in a path.
fn label(key: &Value) -> Option<Cow<'static, str>> {
    Some(match key.target() {
        Value::Int(value) => value.to_string().into(),
        Value::Float(value) => format!("{value:?}").into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::None => "None".into(),
        Value::Scalar(scalar) => Number::read(scalar.dtype(), scalar.bytes()).ok()?.label()?.into(),
        _ => return None,
    })
}

/// What is not there.
static NOTHING: Value = Value::None;

impl Index<&str> for Value {
    type Output = Value;

    /// As [`Value::get`], but that what is not there is [`Value::None`], as in `serde_json`: a chain such as
    /// `value["layers"][0]["weight"]` never panics.
    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&NOTHING)
    }
}

impl Index<usize> for Value {
    type Output = Value;

    /// As [`Value::at`], but that what is not there is [`Value::None`].
    fn index(&self, index: usize) -> &Value {
        self.at(index).unwrap_or(&NOTHING)
    }
}
