//! A codec as a file describes it.

use std::fmt;

use crate::error::{Error, Result};

/// The configuration of a codec: numcodecs' config dict, such as `{"id": "zstd", "level": 3}`.
///
/// ```
/// use binpickle::codec::CodecConfig;
///
/// let config = CodecConfig::new("zstd").set("level", 3);
/// assert_eq!(config.id(), "zstd");
/// assert_eq!(config.value("level"), Some(&3.into()));
/// assert_eq!(config.to_string(), "zstd(level=3)");
/// ```
///
/// The order of the keys is kept, for it is the order in the file. Two configurations are equal if their orders are, too.
#[derive(Clone, Debug, PartialEq)]
pub struct CodecConfig {
    id: String,
    values: Vec<(String, ConfigValue)>,
}

/// A value in a [`CodecConfig`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConfigValue {
    /// Python's `None`.
    Null,
    /// `True` or `False`.
    Bool(bool),
    /// An `int`.
    Int(i64),
    /// A `float`.
    Float(f64),
    /// A `str`.
    Str(String),
    /// A `list`.
    List(Vec<ConfigValue>),
    /// A `dict` with `str` keys, in order.
    Map(Vec<(String, ConfigValue)>),
}

impl CodecConfig {
    /// The configuration of the codec `id` with all its default values.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        CodecConfig { id: id.into(), values: Vec::new() }
    }

    /// Sets a value.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<ConfigValue>) -> Self {
        let (key, value) = (key.into(), value.into());
        match self.values.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.values.push((key, value)),
        }
        self
    }

    /// The name of the codec, numcodecs' `codec_id`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The value of a key.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&ConfigValue> {
        self.values.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The keys and values in their order, without the `id`, which comes first in a file.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &ConfigValue)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Refuses every key that is not in `known`, as Python's constructors do.
    pub fn only(&self, known: &[&str]) -> Result<()> {
        match self.iter().find(|(key, _)| !known.contains(key)) {
            Some((key, _)) => Err(Error::codec(format!("the codec `{}` has no parameter `{key}`", self.id))),
            None => Ok(()),
        }
    }

    /// The integer value of a key, if it is there. A bool is one, as in Python.
    pub fn int(&self, key: &str) -> Result<Option<i64>> {
        match self.value(key) {
            None => Ok(None),
            Some(ConfigValue::Int(int)) => Ok(Some(*int)),
            Some(ConfigValue::Bool(bool)) => Ok(Some(i64::from(*bool))),
            Some(other) => Err(self.wrong_type(key, other, "an int")),
        }
    }

    /// The bool value of a key, if it is there.
    pub fn bool(&self, key: &str) -> Result<Option<bool>> {
        match self.value(key) {
            None => Ok(None),
            Some(ConfigValue::Bool(bool)) => Ok(Some(*bool)),
            Some(other) => Err(self.wrong_type(key, other, "a bool")),
        }
    }

    pub(super) fn wrong_type(&self, key: &str, found: &ConfigValue, expected: &str) -> Error {
        Error::codec(format!("the parameter `{key}` of the codec `{}` must be {expected}, not {found}", self.id))
    }
}

impl fmt::Display for CodecConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        for (n, (key, value)) in self.iter().enumerate() {
            write!(f, "{}{key}={value}", if n == 0 { "(" } else { ", " })?;
        }
        if self.values.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

impl fmt::Display for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigValue::Null => f.write_str("None"),
            ConfigValue::Bool(true) => f.write_str("True"),
            ConfigValue::Bool(false) => f.write_str("False"),
            ConfigValue::Int(int) => write!(f, "{int}"),
            ConfigValue::Float(float) => write!(f, "{float:?}"),
            ConfigValue::Str(text) => write!(f, "'{}'", text.escape_debug()),
            ConfigValue::List(items) => {
                f.write_str("[")?;
                for (n, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if n == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            ConfigValue::Map(items) => {
                f.write_str("{")?;
                for (n, (key, value)) in items.iter().enumerate() {
                    write!(f, "{}'{}': {value}", if n == 0 { "" } else { ", " }, key.escape_debug())?;
                }
                f.write_str("}")
            }
        }
    }
}

macro_rules! from {
    ($($type:ty: $value:ident => $to:expr;)*) => {
        $(impl From<$type> for ConfigValue {
            fn from($value: $type) -> Self {
                $to
            }
        })*
    };
}

from! {
    (): _nothing => ConfigValue::Null;
    bool: value => ConfigValue::Bool(value);
    u8: value => ConfigValue::Int(value.into());
    i32: value => ConfigValue::Int(value.into());
    u32: value => ConfigValue::Int(value.into());
    i64: value => ConfigValue::Int(value);
    f64: value => ConfigValue::Float(value);
    &str: value => ConfigValue::Str(value.to_owned());
    String: value => ConfigValue::Str(value);
    Vec<ConfigValue>: value => ConfigValue::List(value);
    Vec<(String, ConfigValue)>: value => ConfigValue::Map(value);
}

impl<T: Into<ConfigValue>> From<Option<T>> for ConfigValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(ConfigValue::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_python() {
        let filter = ConfigValue::Map(vec![("id".into(), 3.into()), ("dist".into(), 4.into())]);
        let config = CodecConfig::new("lzma")
            .set("format", 3)
            .set("preset", None::<i64>)
            .set("filters", vec![filter])
            .set("name", "it's")
            .set("scale", 2.0)
            .set("fast", true)
            .set("format", 1);
        assert_eq!(
            config.to_string(),
            r"lzma(format=1, preset=None, filters=[{'id': 3, 'dist': 4}], name='it\'s', scale=2.0, fast=True)"
        );
        assert_eq!(CodecConfig::new("packbits").to_string(), "packbits");
    }

    #[test]
    fn typed_lookups() {
        let config = CodecConfig::new("zstd").set("level", 3).set("checksum", true).set("x", 1.0);
        assert_eq!(config.int("level").unwrap(), Some(3));
        assert_eq!(config.int("checksum").unwrap(), Some(1));
        assert_eq!(config.int("nothing").unwrap(), None);
        assert_eq!(config.bool("checksum").unwrap(), Some(true));
        assert!(config.bool("level").is_err());
        assert!(config.only(&["level", "checksum", "x"]).is_ok());
        assert_eq!(
            config.only(&["level", "x"]).unwrap_err().to_string(),
            "the codec `zstd` has no parameter `checksum`"
        );
        assert_eq!(
            config.int("x").unwrap_err().to_string(),
            "the parameter `x` of the codec `zstd` must be an int, not 1.0"
        );
    }
}
