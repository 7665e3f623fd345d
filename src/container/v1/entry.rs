//! An entry of the index.

use std::io;

use rmp::encode;

use super::forms;
use crate::container::index::missing;
use crate::container::msgpack::{Decoder, write_value};
use crate::container::{Digest, Entry};
use crate::error::Result;

pub(in crate::container) fn write_entry(out: &mut Vec<u8>, entry: &Entry) -> Result<()> {
    let Digest::Adler32(checksum) = entry.digest else {
        return Err(io::Error::other("the checksum of a buffer is not an Adler-32").into());
    };
    let numbers = [
        ("offset", entry.offset),
        ("enc_length", entry.enc_len),
        ("dec_length", entry.dec_len),
        ("checksum", checksum.into()),
    ];
    encode::write_map_len(out, 5).map_err(io::Error::from)?;
    for (key, number) in numbers {
        encode::write_str(out, key).map_err(io::Error::from)?;
        encode::write_uint(out, number).map_err(io::Error::from)?;
    }
    encode::write_str(out, "codec").map_err(io::Error::from)?;
    write_value(out, &forms::of_codecs(&entry.codecs)?, 0)?;
    Ok(())
}

pub(in crate::container) fn read_entry(decoder: &mut Decoder<'_>) -> Result<Entry> {
    let (mut offset, mut enc_len, mut dec_len) = (None, None, None);
    let (mut checksum, mut codecs) = (None, None);
    for _ in 0..decoder.map("a map of an entry")? {
        match decoder.text()? {
            "offset" if offset.is_none() => offset = Some(decoder.uint()?),
            "enc_length" if enc_len.is_none() => enc_len = Some(decoder.uint()?),
            "dec_length" if dec_len.is_none() => dec_len = Some(decoder.uint()?),
            "checksum" if checksum.is_none() => checksum = Some(read_checksum(decoder)?),
            "codec" if codecs.is_none() => {
                let form = decoder.value(0)?;
                codecs = Some(forms::codecs_of(form).map_err(|expected| decoder.malformed(expected))?);
            }
            _ => return Err(decoder.malformed("another key before this")),
        }
    }
    let mut entry = Entry {
        offset: offset.ok_or_else(|| missing("offset"))?,
        enc_len: enc_len.ok_or_else(|| missing("enc_length"))?,
        dec_len: dec_len.ok_or_else(|| missing("dec_length"))?,
        digest: Digest::Adler32(checksum.ok_or_else(|| missing("checksum"))?),
        info: None,
        codecs: codecs.ok_or_else(|| missing("codec"))?,
    };
    // Python encodes empty buffers too, and some codecs make nothing of nothing.
    if entry.enc_len == 0 && entry.dec_len == 0 {
        entry.codecs.clear();
    }
    Ok(entry)
}

fn read_checksum(decoder: &mut Decoder<'_>) -> Result<u32> {
    let checksum = decoder.uint()?;
    u32::try_from(checksum).map_err(|_| decoder.malformed("a checksum of 32 bits before this"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::CodecConfig;
    use crate::codec::testing::bytes_of_hex;
    use crate::container::{Revision, index};

    /// `msgpack.packb([IndexEntry(2**40, 65535, 65536, 2**32 - 1, codec).to_repr()])` of Python
    const PYTHON: &str = "9185a66f6666736574cf0000010000000000aa656e635f6c656e677468cdffffaa6465635f6c656e677468ce00010000a86368\
        65636b73756dceffffffffa5636f646563";

    fn entry(codecs: &[CodecConfig]) -> Entry {
        let digest = Digest::Adler32(u32::MAX);
        Entry { offset: 1 << 40, enc_len: 65535, dec_len: 65536, digest, info: None, codecs: codecs.to_vec() }
    }

    fn decode(index: &[u8]) -> Result<Vec<Entry>> {
        index::decode(Revision::V1, index, 1000)
    }

    #[test]
    fn bytes_as_in_python() {
        let gz = CodecConfig::new("zlib").set("level", 9);
        let chain = [CodecConfig::new("crc32"), gz.clone()];
        for (form, codecs) in [
            // None, GZ() and Chain([numcodecs.CRC32(), GZ()])
            ("c0", &[][..]),
            ("92a2677a81a56c6576656c09", &[gz][..]),
            (
                "92a5636861696e81a6636f646563739292a86e756d636f64656381a26964a5637263333292a2677a81a56c6576656c09",
                &chain[..],
            ),
        ] {
            let index = bytes_of_hex(&[PYTHON, form].concat());
            assert_eq!(index::encode(Revision::V1, &[entry(codecs)]).unwrap(), index);
            assert_eq!(decode(&index).unwrap(), [entry(codecs)]);
        }
    }

    #[test]
    fn malformed() {
        let good = [PYTHON, "c0"].concat();
        let index = bytes_of_hex(&good);
        for len in 0..index.len() {
            assert!(decode(&index[..len]).is_err());
        }
        assert!(decode(&[&index[..], &[0xc0]].concat()).is_err());
        let replaced = |from: &str, to: &str| decode(&bytes_of_hex(&good.replacen(from, to, 1)));
        assert!(replaced("", "").is_ok());
        // `offset` becomes `offsex`, or is there twice; `dec_length` or `codec` is missing.
        assert!(replaced("a66f6666736574", "a66f6666736578").is_err());
        assert!(replaced("85a66f6666736574", "86a66f666673657401a66f6666736574").is_err());
        assert!(replaced("85a66f66", "84a66f66").is_err());
        assert!(
            decode(&bytes_of_hex(&good.replace("aa6465635f6c656e677468ce00010000", "").replace("9185", "9184")))
                .is_err()
        );
        assert!(decode(&bytes_of_hex(&good.replace("a5636f646563c0", "").replace("9185", "9184"))).is_err());
        // A checksum of 33 bits, a negative one, one of text, one that is the digest of another revision.
        assert!(replaced("ceffffffff", "cf00000001ffffffff").is_err());
        assert!(replaced("ceffffffff", "d0ff").is_err());
        assert!(replaced("ceffffffff", "a141").is_err());
        assert!(replaced("ceffffffff", &["c420", &"00".repeat(32)].concat()).is_err());
        // An entry with a key of version 2, and a form that is none.
        assert!(replaced("a5636f646563c0", "a6636f6465637390").is_err());
        assert!(replaced("a5636f646563c0", "a5636f64656390").is_err());
    }

    #[test]
    fn declared_lengths_are_not_believed() {
        for form in ["ddffffffff", "92a5636861696e81a6636f64656373ddffffffff", "92a2677adfffffffff", "dbffffffff"] {
            assert!(decode(&bytes_of_hex(&[PYTHON, form].concat())).is_err());
        }
        let deep = "92a5636861696e81a6636f6465637391".repeat(100_000);
        assert!(decode(&bytes_of_hex(&[PYTHON, &deep].concat())).is_err());
    }

    #[test]
    fn nothing_is_not_encoded() {
        let nothing = Entry { enc_len: 0, dec_len: 0, ..entry(&[CodecConfig::new("delta").set("dtype", "<f4")]) };
        let index = index::encode(Revision::V1, &[nothing]).unwrap();
        assert_eq!(decode(&index).unwrap()[0].codecs, []);
    }
}
