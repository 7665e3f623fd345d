//! MsgPack, as far as an index needs it.

use std::io;

use rmp::Marker;
use rmp::{decode, encode};

use crate::codec::{CodecConfig, ConfigValue};
use crate::error::{Error, Result};

/// How many settings a codec may have, and each of them that is a map.
const MAX_SETTINGS: u32 = 64;

/// How deep lists and maps may lie in each other in the configuration of a codec.
const MAX_DEPTH: usize = 16;

/// Writes a codec as numcodecs' config dict.
pub(super) fn write_config(out: &mut Vec<u8>, config: &CodecConfig) -> io::Result<()> {
    write_len(1 + config.iter().len(), |len| encode::write_map_len(out, len))?;
    encode::write_str(out, "id")?;
    encode::write_str(out, config.id())?;
    for (key, value) in config.iter() {
        encode::write_str(out, key)?;
        write_value(out, value, 0)?;
    }
    Ok(())
}

/// Writes a value that lies this deep in others.
pub(super) fn write_value(out: &mut Vec<u8>, value: &ConfigValue, depth: usize) -> io::Result<()> {
    if depth > MAX_DEPTH {
        return Err(io::Error::other("the configuration of a codec is too deeply nested"));
    }
    match value {
        ConfigValue::Null => encode::write_nil(out)?,
        ConfigValue::Bool(bool) => encode::write_bool(out, *bool)?,
        ConfigValue::Int(int) => {
            encode::write_sint(out, *int)?;
        }
        ConfigValue::Float(float) => encode::write_f64(out, *float)?,
        ConfigValue::Str(text) => encode::write_str(out, text)?,
        ConfigValue::List(items) => {
            write_len(items.len(), |len| encode::write_array_len(out, len))?;
            for item in items {
                write_value(out, item, depth + 1)?;
            }
        }
        ConfigValue::Map(items) => {
            write_len(items.len(), |len| encode::write_map_len(out, len))?;
            for (key, value) in items {
                encode::write_str(out, key)?;
                write_value(out, value, depth + 1)?;
            }
        }
    }
    Ok(())
}

/// Writes the marker of a list or a map of this length.
pub(super) fn write_len<E: Into<io::Error>>(
    len: usize,
    write: impl FnOnce(u32) -> Result<Marker, E>,
) -> io::Result<()> {
    let len = u32::try_from(len).map_err(|_| io::Error::other("the index has a list of more than 2^32 items"))?;
    write(len).map(|_| ()).map_err(Into::into)
}

/// Reads what is there piece by piece. No length that it declares is believed.
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(index: &'a [u8]) -> Self {
        Decoder { rest: index, len: index.len() }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The error that something else was expected where the decoder is.
    pub(super) fn malformed(&self, expected: &str) -> Error {
        let at = self.len - self.rest.len();
        Error::format(format!("the index is malformed: expected {expected} at byte {at} of it"))
    }

    /// Skips a nil, if there is one.
    pub(super) fn nil(&mut self) -> bool {
        let is_nil = self.marker() == Some(Marker::Null);
        if is_nil {
            self.rest = &self.rest[1..];
        }
        is_nil
    }

    /// A codec as numcodecs' config dict.
    pub(super) fn config(&mut self) -> Result<CodecConfig> {
        let items = self.items(0)?;
        config_of(items).map_err(|expected| self.malformed(expected))
    }

    /// The keys and values of a map.
    fn items(&mut self, depth: usize) -> Result<Vec<(String, ConfigValue)>> {
        let mut items: Vec<(String, ConfigValue)> = Vec::new();
        let len = self.map("a map")?;
        if len > MAX_SETTINGS {
            return Err(Error::format(format!("a codec has {len} settings, more than {MAX_SETTINGS}")));
        }
        for _ in 0..len {
            let key = self.text()?;
            if items.iter().any(|(known, _)| known == key) {
                return Err(self.malformed("another key before this"));
            }
            items.push((key.to_owned(), self.value(depth + 1)?));
        }
        Ok(items)
    }

    /// Any value, which lies this deep in others.
    pub(super) fn value(&mut self, depth: usize) -> Result<ConfigValue> {
        use Marker as M;
        if depth > MAX_DEPTH {
            return Err(self.malformed("no such deep nesting"));
        }
        let bad = |decoder: &Self| decoder.malformed("a value");
        Ok(match self.marker().ok_or_else(|| bad(self))? {
            M::Null => {
                self.nil();
                ConfigValue::Null
            }
            M::True | M::False => ConfigValue::Bool(decode::read_bool(&mut self.rest).map_err(|_| bad(self))?),
            M::F32 => ConfigValue::Float(decode::read_f32(&mut self.rest).map_err(|_| bad(self))?.into()),
            M::F64 => ConfigValue::Float(decode::read_f64(&mut self.rest).map_err(|_| bad(self))?),
            M::FixStr(_) | M::Str8 | M::Str16 | M::Str32 => ConfigValue::Str(self.text()?.to_owned()),
            M::FixArray(_) | M::Array16 | M::Array32 => {
                let len = self.array("an array")?;
                ConfigValue::List((0..len).map(|_| self.value(depth + 1)).collect_capped()?)
            }
            M::FixMap(_) | M::Map16 | M::Map32 => ConfigValue::Map(self.items(depth)?),
            _ => ConfigValue::Int(decode::read_int(&mut self.rest).map_err(|_| bad(self))?),
        })
    }

    fn marker(&self) -> Option<Marker> {
        self.rest.first().map(|&byte| Marker::from_u8(byte))
    }

    pub(super) fn array(&mut self, expected: &str) -> Result<u32> {
        decode::read_array_len(&mut self.rest).map_err(|_| self.malformed(expected))
    }

    pub(super) fn map(&mut self, expected: &str) -> Result<u32> {
        decode::read_map_len(&mut self.rest).map_err(|_| self.malformed(expected))
    }

    pub(super) fn uint(&mut self) -> Result<u64> {
        decode::read_int(&mut self.rest).map_err(|_| self.malformed("a length or an offset"))
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        let len = decode::read_str_len(&mut self.rest).map_err(|_| self.malformed("a str"))?;
        let bytes = self.take(len)?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed("UTF-8 before this"))
    }

    pub(super) fn bin(&mut self) -> Result<&'a [u8]> {
        let len = decode::read_bin_len(&mut self.rest).map_err(|_| self.malformed("bytes"))?;
        self.take(len)
    }

    fn take(&mut self, len: u32) -> Result<&'a [u8]> {
        let (taken, rest) =
            self.rest.split_at_checked(len as usize).ok_or_else(|| self.malformed(&format!("{len} bytes")))?;
        self.rest = rest;
        Ok(taken)
    }
}

/// The codec of which these are the keys and values, the `id` among them; or what was expected in their place.
pub(super) fn config_of(mut items: Vec<(String, ConfigValue)>) -> Result<CodecConfig, &'static str> {
    let id = items.iter().position(|(key, _)| key == "id").ok_or("a codec's id before this")?;
    match items.remove(id) {
        (_, ConfigValue::Str(id)) => Ok(with_settings(id, items)),
        _ => Err("a str as a codec's id before this"),
    }
}

/// A codec with these settings.
pub(super) fn with_settings(id: impl Into<String>, settings: Vec<(String, ConfigValue)>) -> CodecConfig {
    settings.into_iter().fold(CodecConfig::new(id), |config, (key, value)| config.set(key, value))
}

/// Collects without believing how many there will be.
pub(super) trait CollectCapped<T>: Iterator<Item = Result<T>> + Sized {
    fn collect_capped(self) -> Result<Vec<T>> {
        let mut items = Vec::new();
        for item in self {
            items.push(item?);
        }
        Ok(items)
    }
}

impl<T, I: Iterator<Item = Result<T>>> CollectCapped<T> for I {}
