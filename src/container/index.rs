//! The index as bytes: a MsgPack array of maps.

use std::io;

use rmp::encode;

use super::entry::{ArrayType, Entry};
use super::msgpack::{CollectCapped, Decoder, write_config, write_len};
use super::{Digest, Revision, v1};
use crate::codec::{CodecConfig, MAX_STEPS};
use crate::error::{Error, Result};

/// Writes the index, byte for byte as Python's msgpack does.
pub(super) fn encode(revision: Revision, entries: &[Entry]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write_len(entries.len(), |len| encode::write_array_len(&mut out, len))?;
    for (n, entry) in entries.iter().enumerate() {
        let written = match revision {
            Revision::V1 => v1::write_entry(&mut out, entry),
            Revision::V2 | Revision::V2Mac => write_entry(&mut out, entry).map_err(Error::from),
        };
        written.map_err(|error| error.in_buffer(n))?;
    }
    Ok(out)
}

/// Reads the index. Nothing is allocated because of a length that it declares, and every byte must mean something.
pub(super) fn decode(revision: Revision, index: &[u8], max_entries: usize) -> Result<Vec<Entry>> {
    let mut decoder = Decoder::new(index);
    let mut entries = Vec::new();
    for n in 0..decoder.array("an array of entries")? {
        if entries.len() == max_entries {
            return Err(Error::limit(format!(
                "the file has more than {max_entries} buffers: LoadOptions::max_entries allows more"
            )));
        }
        let entry = match revision {
            Revision::V1 => v1::read_entry(&mut decoder),
            Revision::V2 | Revision::V2Mac => read_entry(&mut decoder),
        };
        entries.push(entry.map_err(|error| error.in_buffer(n as usize))?);
    }
    if !decoder.is_at_end() {
        return Err(decoder.malformed("nothing more"));
    }
    Ok(entries)
}

/// The error for a map without one of its keys.
pub(super) fn missing(key: &str) -> Error {
    Error::format(format!("an entry of the index has no `{key}`"))
}

fn write_entry(out: &mut Vec<u8>, entry: &Entry) -> io::Result<()> {
    let Digest::Sha256(digest) = &entry.digest else {
        return Err(io::Error::other("the digest of a buffer is not a SHA-256"));
    };
    encode::write_map_len(out, 6)?;
    encode::write_str(out, "offset")?;
    encode::write_uint(out, entry.offset)?;
    encode::write_str(out, "enc_length")?;
    encode::write_uint(out, entry.enc_len)?;
    encode::write_str(out, "dec_length")?;
    encode::write_uint(out, entry.dec_len)?;
    encode::write_str(out, "hash")?;
    encode::write_bin(out, digest)?;
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
        write_config(out, config)?;
    }
    Ok(())
}

fn read_entry(decoder: &mut Decoder<'_>) -> Result<Entry> {
    let (mut offset, mut enc_len, mut dec_len) = (None, None, None);
    let (mut digest, mut info, mut codecs) = (None, None, None);
    for _ in 0..decoder.map("a map of an entry")? {
        match decoder.text()? {
            "offset" if offset.is_none() => offset = Some(decoder.uint()?),
            "enc_length" if enc_len.is_none() => enc_len = Some(decoder.uint()?),
            "dec_length" if dec_len.is_none() => dec_len = Some(decoder.uint()?),
            "hash" if digest.is_none() => digest = Some(read_digest(decoder)?),
            "info" if info.is_none() => info = Some(read_info(decoder)?),
            "codecs" if codecs.is_none() => codecs = Some(read_codecs(decoder)?),
            _ => return Err(decoder.malformed("another key before this")),
        }
    }
    Ok(Entry {
        offset: offset.ok_or_else(|| missing("offset"))?,
        enc_len: enc_len.ok_or_else(|| missing("enc_length"))?,
        dec_len: dec_len.ok_or_else(|| missing("dec_length"))?,
        digest: digest.ok_or_else(|| missing("hash"))?,
        info: info.ok_or_else(|| missing("info"))?,
        codecs: codecs.ok_or_else(|| missing("codecs"))?,
    })
}

fn read_info(decoder: &mut Decoder<'_>) -> Result<Option<ArrayType>> {
    if decoder.nil() {
        return Ok(None);
    }
    if decoder.array("nil or an array of three")? != 3 {
        return Err(decoder.malformed("an array of three before this"));
    }
    let kind = decoder.text()?.to_owned();
    let dtype = decoder.text()?.to_owned();
    let shape = (0..decoder.array("a shape")?).map(|_| decoder.uint()).collect_capped()?;
    Ok(Some(ArrayType { kind, dtype, shape }))
}

fn read_codecs(decoder: &mut Decoder<'_>) -> Result<Vec<CodecConfig>> {
    let len = decoder.array("an array of codecs")?;
    if len as usize > MAX_STEPS {
        return Err(Error::format(format!("a buffer has {len} codecs, more than {MAX_STEPS}")));
    }
    (0..len).map(|_| decoder.config()).collect_capped()
}

fn read_digest(decoder: &mut Decoder<'_>) -> Result<Digest> {
    let digest = decoder.bin()?.try_into();
    digest.map(Digest::Sha256).map_err(|_| decoder.malformed("a digest of 32 bytes before this"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{RAW, forge_index, golden, load, open};
    use super::*;
    use crate::codec::ConfigValue;
    use crate::codec::testing::bytes_of_hex;

    fn encode(entries: &[Entry]) -> Result<Vec<u8>> {
        super::encode(Revision::V2, entries)
    }

    fn decode(index: &[u8], max_entries: usize) -> Result<Vec<Entry>> {
        super::decode(Revision::V2, index, max_entries)
    }

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
            digest: Digest::Sha256([0; 32]),
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
                assert!(load(&forge_index(Revision::V2, body, &index)).map_or(true, |other| other == loaded));
            }
        }
    }
}
