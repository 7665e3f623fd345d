//! The index as bytes: a MsgPack array of maps.

use std::io;

use rmp::Marker;
use rmp::{decode, encode};

use super::entry::{ArrayType, Entry};
use crate::codec::{CodecConfig, ConfigValue, MAX_STEPS};
use crate::error::{Error, Result};

/// How many settings a codec may have, and each of them that is a map.
const MAX_SETTINGS: u32 = 64;

/// How deep lists and maps may lie in each other in the configuration of a codec.
const MAX_DEPTH: usize = 16;

/// Writes the index, byte for byte as Python's msgpack does.
pub(super) fn encode(entries: &[Entry]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write_len(entries.len(), |len| encode::write_array_len(&mut out, len))?;
    for entry in entries {
        write_entry(&mut out, entry)?;
    }
    Ok(out)
}

fn write_entry(out: &mut Vec<u8>, entry: &Entry) -> io::Result<()> {
    encode::write_map_len(out, 6)?;
    encode::write_str(out, "offset")?;
    encode::write_uint(out, entry.offset)?;
    encode::write_str(out, "enc_length")?;
    encode::write_uint(out, entry.enc_len)?;
    encode::write_str(out, "dec_length")?;
    encode::write_uint(out, entry.dec_len)?;
    encode::write_str(out, "hash")?;
    encode::write_bin(out, &entry.digest)?;
    encode::write_str(out, "info")?;
    match &entry.info {
        None => encode::write_nil(out)?,
        Some(array) => {
            encode::write_array_len(out, 3)?;
            encode::write_str(out, &array.kind)?;
            encode::write_str(out, &array.dtype)?;
            write_len(array.shape.len(), |len| encode::write_array_len(out, len))?;
            for &len in &array.shape {
                encode::write_uint(out, len)?;
            }
        }
    }
    encode::write_str(out, "codecs")?;
    write_len(entry.codecs.len(), |len| encode::write_array_len(out, len))?;
    for config in &entry.codecs {
        write_len(1 + config.iter().len(), |len| encode::write_map_len(out, len))?;
        encode::write_str(out, "id")?;
        encode::write_str(out, config.id())?;
        for (key, value) in config.iter() {
            encode::write_str(out, key)?;
            write_value(out, value, 0)?;
        }
    }
    Ok(())
}

fn write_value(out: &mut Vec<u8>, value: &ConfigValue, depth: usize) -> io::Result<()> {
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

fn write_len<E: Into<io::Error>>(len: usize, write: impl FnOnce(u32) -> Result<Marker, E>) -> io::Result<()> {
    let len = u32::try_from(len).map_err(|_| io::Error::other("the index has a list of more than 2^32 items"))?;
    write(len).map(|_| ()).map_err(Into::into)
}

/// Reads the index. Nothing is allocated because of a length that it declares, and every byte must mean something.
pub(super) fn decode(index: &[u8], max_entries: usize) -> Result<Vec<Entry>> {
    let mut decoder = Decoder { rest: index, len: index.len() };
    let mut entries = Vec::new();
    for n in 0..decoder.array("an array of entries")? {
        if entries.len() == max_entries {
            return Err(Error::limit(format!(
                "the file has more than {max_entries} buffers: LoadOptions::max_entries allows more"
            )));
        }
        entries.push(decoder.entry().map_err(|error| error.in_buffer(n as usize))?);
    }
    if !decoder.rest.is_empty() {
        return Err(decoder.malformed("nothing more"));
    }
    Ok(entries)
}

struct Decoder<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Decoder<'a> {
    fn malformed(&self, expected: &str) -> Error {
        let at = self.len - self.rest.len();
        Error::format(format!("the index is malformed: expected {expected} at byte {at} of it"))
    }

    fn entry(&mut self) -> Result<Entry> {
        let (mut offset, mut enc_len, mut dec_len) = (None, None, None);
        let (mut digest, mut info, mut codecs) = (None, None, None);
        for _ in 0..self.map("a map of an entry")? {
            match self.text()? {
                "offset" if offset.is_none() => offset = Some(self.uint()?),
                "enc_length" if enc_len.is_none() => enc_len = Some(self.uint()?),
                "dec_length" if dec_len.is_none() => dec_len = Some(self.uint()?),
                "hash" if digest.is_none() => digest = Some(self.digest()?),
                "info" if info.is_none() => info = Some(self.info()?),
                "codecs" if codecs.is_none() => codecs = Some(self.codecs()?),
                _ => return Err(self.malformed("another key before this")),
            }
        }
        let missing = |key: &str| Error::format(format!("an entry of the index has no `{key}`"));
        Ok(Entry {
            offset: offset.ok_or_else(|| missing("offset"))?,
            enc_len: enc_len.ok_or_else(|| missing("enc_length"))?,
            dec_len: dec_len.ok_or_else(|| missing("dec_length"))?,
            digest: digest.ok_or_else(|| missing("hash"))?,
            info: info.ok_or_else(|| missing("info"))?,
            codecs: codecs.ok_or_else(|| missing("codecs"))?,
        })
    }

    fn info(&mut self) -> Result<Option<ArrayType>> {
        if self.marker() == Some(Marker::Null) {
            self.rest = &self.rest[1..];
            return Ok(None);
        }
        if self.array("nil or an array of three")? != 3 {
            return Err(self.malformed("an array of three before this"));
        }
        let kind = self.text()?.to_owned();
        let dtype = self.text()?.to_owned();
        let shape = (0..self.array("a shape")?).map(|_| self.uint()).collect_capped()?;
        Ok(Some(ArrayType { kind, dtype, shape }))
    }

    fn codecs(&mut self) -> Result<Vec<CodecConfig>> {
        let len = self.array("an array of codecs")?;
        if len as usize > MAX_STEPS {
            return Err(Error::format(format!("a buffer has {len} codecs, more than {MAX_STEPS}")));
        }
        (0..len).map(|_| self.config()).collect_capped()
    }

    fn config(&mut self) -> Result<CodecConfig> {
        let mut values = self.items(0)?;
        let id = values.iter().position(|(key, _)| key == "id").ok_or_else(|| self.malformed("a codec's id"))?;
        match values.remove(id) {
            (_, ConfigValue::Str(id)) => {
                Ok(values.into_iter().fold(CodecConfig::new(id), |config, (key, value)| config.set(key, value)))
            }
            _ => Err(self.malformed("a str as a codec's id before this")),
        }
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

    fn value(&mut self, depth: usize) -> Result<ConfigValue> {
        use Marker as M;
        if depth > MAX_DEPTH {
            return Err(self.malformed("no such deep nesting"));
        }
        let bad = |decoder: &Self| decoder.malformed("a value");
        Ok(match self.marker().ok_or_else(|| bad(self))? {
            M::Null => {
                self.rest = &self.rest[1..];
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

    fn array(&mut self, expected: &str) -> Result<u32> {
        decode::read_array_len(&mut self.rest).map_err(|_| self.malformed(expected))
    }

    fn map(&mut self, expected: &str) -> Result<u32> {
        decode::read_map_len(&mut self.rest).map_err(|_| self.malformed(expected))
    }

    fn uint(&mut self) -> Result<u64> {
        decode::read_int(&mut self.rest).map_err(|_| self.malformed("a length or an offset"))
    }

    fn text(&mut self) -> Result<&'a str> {
        let len = decode::read_str_len(&mut self.rest).map_err(|_| self.malformed("a str"))?;
        let bytes = self.take(len)?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed("UTF-8 before this"))
    }

    fn digest(&mut self) -> Result<[u8; 32]> {
        let len = decode::read_bin_len(&mut self.rest).map_err(|_| self.malformed("a digest"))?;
        self.take(len)?.try_into().map_err(|_| self.malformed("a digest of 32 bytes before this"))
    }

    fn take(&mut self, len: u32) -> Result<&'a [u8]> {
        let (taken, rest) =
            self.rest.split_at_checked(len as usize).ok_or_else(|| self.malformed(&format!("{len} bytes")))?;
        self.rest = rest;
        Ok(taken)
    }
}

/// Collects without believing how many there will be.
trait CollectCapped<T>: Iterator<Item = Result<T>> + Sized {
    fn collect_capped(self) -> Result<Vec<T>> {
        let mut items = Vec::new();
        for item in self {
            items.push(item?);
        }
        Ok(items)
    }
}

impl<T, I: Iterator<Item = Result<T>>> CollectCapped<T> for I {}

#[cfg(test)]
mod tests {
    use super::super::testing::{RAW, forge_index, golden, load, open};
    use super::*;
    use crate::codec::testing::bytes_of_hex;

    /// `msgpack.packb` of one entry with a value of every type.
    const PYTHON: &str = "9186a66f6666736574cf0000010000000000aa656e635f6c656e677468cdffffaa6465635f6c656e677468ce00010000a4686173\
        68c4200000000000000000000000000000000000000000000000000000000000000000a4696e666f93a76e646172726179a33c55\
        32920403a6636f64656373918ba26964a178a161c0a162c3a163ffa164d0dfa165ccc8a166d3ffffff0000000000a167cb3ff800\
        0000000000a168d92874747474747474747474747474747474747474747474747474747474747474747474747474747474a16992\
        0191c2a16a81a16b80";

    fn an_entry() -> Entry {
        let list = vec![ConfigValue::Int(1), ConfigValue::List(vec![ConfigValue::Bool(false)])];
        let map = vec![("k".to_owned(), ConfigValue::Map(Vec::new()))];
        let config = CodecConfig::new("x")
            .set("a", ())
            .set("b", true)
            .set("c", -1)
            .set("d", -33)
            .set("e", 200)
            .set("f", -1i64 << 40)
            .set("g", 1.5)
            .set("h", "t".repeat(40))
            .set("i", list)
            .set("j", map);
        Entry {
            offset: 1 << 40,
            enc_len: 65535,
            dec_len: 65536,
            digest: [0; 32],
            info: Some(ArrayType { kind: "ndarray".into(), dtype: "<U2".into(), shape: vec![4, 3] }),
            codecs: vec![config],
        }
    }

    #[test]
    fn bytes_as_in_python() {
        let index = bytes_of_hex(PYTHON);
        assert_eq!(encode(&[an_entry()]).unwrap(), index);
        assert_eq!(decode(&index, 1000).unwrap(), [an_entry()]);
        assert_eq!(encode(&[]).unwrap(), [0x90]);
        assert!(decode(&[0x90], 1000).unwrap().is_empty());
    }

    #[test]
    fn malformed() {
        let index = bytes_of_hex(PYTHON);
        for len in 0..index.len() {
            assert!(decode(&index[..len], 1000).is_err());
        }
        assert!(decode(&[&index[..], &[0xc0]].concat(), 1000).is_err());
        let replaced = |from: &str, to: &str| decode(&bytes_of_hex(&PYTHON.replacen(from, to, 1)), 1000);
        // `offset` becomes `offsex`, or is there twice; `dec_length` is missing.
        assert!(replaced("a66f6666736574", "a66f6666736578").is_err());
        assert!(replaced("86a66f6666736574", "87a66f666673657401a66f6666736574").is_err());
        assert!(replaced("aa6465635f6c656e677468ce00010000", "").is_err());
        assert!(replaced("86a66f66", "85a66f66").is_err());
        // A negative length, a float, a digest of 31 bytes, one of text, an `info` of two, no UTF-8, a codec without id.
        assert!(replaced("cdffff", "d1ffff").is_err());
        assert!(replaced("cdffff", "ca00000000").is_err());
        assert!(replaced("c42000", "c41f").is_err());
        assert!(replaced("c420", "d920").is_err());
        assert!(replaced("93a76e64", "92a76e64").is_err());
        assert!(replaced("a33c5532", "a33cff32").is_err());
        assert!(replaced("a26964a178", "a26965a178").is_err());
        assert!(replaced("a26964a178", "a2696401").is_err());
        assert!(replaced("a162c3", "a161c3").is_err());
        // An extension, and an integer beyond 64 bits with a sign.
        assert!(replaced("a162c3", "a162d40000").is_err());
        assert!(replaced("a162c3", "a162cfffffffffffffffff").is_err());
    }

    #[test]
    fn declared_lengths_are_not_believed() {
        for index in ["ddffffffff", "91dfffffffff", "9186dbffffffff", "9186a468617368c6ffffffff"] {
            assert!(decode(&bytes_of_hex(index), 1000).is_err());
        }
        let shape = PYTHON.replacen("920403", "ddffffffff0403", 1);
        assert!(decode(&bytes_of_hex(&shape), 1000).is_err());
        let with_steps = |steps: usize| {
            let mut entry = an_entry();
            entry.codecs = vec![CodecConfig::new("x"); steps];
            decode(&encode(&[entry]).unwrap(), 1000)
        };
        assert!(with_steps(32).is_ok());
        assert!(with_steps(33).is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| {
            let list = (0..depth).fold(ConfigValue::Null, |inner, _| ConfigValue::List(vec![inner]));
            let mut entry = an_entry();
            entry.codecs = vec![CodecConfig::new("x").set("list", list)];
            encode(&[entry]).and_then(|index| decode(&index, 1000))
        };
        assert!(nested(15).is_ok());
        assert!(nested(100).is_err());
        let deep = PYTHON.replacen("9201", &"91".repeat(100_000), 1);
        assert!(decode(&bytes_of_hex(&deep), 1000).is_err());
        let deep = PYTHON.replacen("9201", &"81a161".repeat(100_000), 1);
        assert!(decode(&bytes_of_hex(&deep), 1000).is_err());
    }

    #[test]
    fn any_byte_may_be_any_other() {
        let file = golden(RAW);
        let reader = open(&file).unwrap();
        let index_offset = reader.index_offset as usize;
        let (body, index) = (&file[16..index_offset], &file[index_offset..file.len() - 44]);
        let loaded = load(&file).unwrap();
        for at in 0..index.len() {
            for byte in 0..=255 {
                let mut index = index.to_vec();
                index[at] = byte;
                // The digest of the index is right, and the index is not: an error, or nothing that matters.
                assert!(load(&forge_index(body, &index)).map_or(true, |other| other == loaded));
            }
        }
    }
}
