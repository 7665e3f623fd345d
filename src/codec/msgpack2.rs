//! The codec `msgpack2`.

use std::io;

use rmp::{Marker, decode, encode};

use super::items::{Array, Item, check_dtype, damaged, items, text_of};
use super::recast::cast_len;
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The codec `msgpack2`. `numcodecs.MsgPack`.
///
/// The items of an array as a list in `MsgPack`. It is made for arrays of Python objects, which no BinPickle file
/// can have; here it takes bools, integers, floats, and text and bytes of a fixed size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsgPack {
    raw: bool,
    use_single_float: bool,
    use_bin_type: bool,
}

impl MsgPack {
    /// With Python's defaults.
    #[must_use]
    pub fn new() -> Self {
        MsgPack { raw: false, use_single_float: false, use_bin_type: true }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["raw", "use_single_float", "use_bin_type"])?;
        Ok(MsgPack {
            raw: config.bool("raw")?.unwrap_or(false),
            use_single_float: config.bool("use_single_float")?.unwrap_or(false),
            use_bin_type: config.bool("use_bin_type")?.unwrap_or(true),
        })
    }

    /// Text, or bytes for readers that know no other bytes, nor a length of one byte.
    fn write_text(self, bytes: &mut Vec<u8>, text: &[u8]) -> io::Result<()> {
        match u32::try_from(text.len()).unwrap_or(u32::MAX) {
            len if self.use_bin_type || len < 32 || len > u16::MAX.into() => _ = encode::write_str_len(bytes, len)?,
            len => {
                bytes.push(Marker::Str16.to_u8());
                bytes.extend((len as u16).to_be_bytes());
            }
        }
        bytes.extend_from_slice(text);
        Ok(())
    }

    fn write(self, bytes: &mut Vec<u8>, item: &Item<'_>) -> Result<()> {
        match item {
            Item::Text(points) => {
                let text = text_of(points)?;
                if self.raw && !text.is_ascii() {
                    return Err(Error::codec("with `raw`, Python brings back no text but ASCII"));
                }
                self.write_text(bytes, text.as_bytes())?;
            }
            Item::Bytes(item) if self.use_bin_type => {
                encode::write_bin_len(bytes, item.len() as u32).map_err(io::Error::from)?;
                bytes.extend_from_slice(item);
            }
            Item::Bytes(item) => {
                if !self.raw && !item.is_ascii() {
                    return Err(Error::codec(
                        "without `use_bin_type` and `raw`, Python brings back no bytes but ASCII",
                    ));
                }
                self.write_text(bytes, item)?;
            }
            number => self.write_number(bytes, number)?,
        }
        Ok(())
    }

    /// The next item; none before an array.
    fn next<'a>(self, rest: &mut &'a [u8]) -> Result<Option<Item<'a>>> {
        let marker = rest.first().map(|&byte| Marker::from_u8(byte)).ok_or_else(not_whole)?;
        let item = match marker {
            Marker::True | Marker::False => decode::read_bool(rest).map(Item::Bool).map_err(|_| not_whole())?,
            Marker::F32 => Item::Float(decode::read_f32(rest).map_err(|_| not_whole())?.into()),
            Marker::F64 => Item::Float(decode::read_f64(rest).map_err(|_| not_whole())?),
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => return Ok(None),
            Marker::U64 => Item::Int(decode::read_u64(rest).map_err(|_| not_whole())?.into()),
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                let len = decode::read_bin_len(rest).map_err(|_| not_whole())?;
                Item::Bytes(rest.split_off(..len as usize).ok_or_else(not_whole)?)
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let len = decode::read_str_len(rest).map_err(|_| not_whole())?;
                let text = rest.split_off(..len as usize).ok_or_else(not_whole)?;
                if self.raw {
                    return Ok(Some(Item::Bytes(text)));
                }
                let text = std::str::from_utf8(text).map_err(|_| damaged("it holds text that is not UTF-8"))?;
                Item::Text(text.chars().map(u32::from).collect())
            }
            _ => Item::Int(decode::read_int::<i64, _>(rest).map_err(|_| damaged("it holds what is no item"))?.into()),
        };
        Ok(Some(item))
    }

    fn write_number(self, bytes: &mut Vec<u8>, item: &Item<'_>) -> io::Result<()> {
        match *item {
            Item::Bool(value) => encode::write_bool(bytes, value)?,
            Item::Int(value) => match u64::try_from(value) {
                Ok(value) => _ = encode::write_uint(bytes, value)?,
                Err(_) => _ = encode::write_sint(bytes, value as i64)?,
            },
            Item::Float(value) if self.use_single_float => encode::write_f32(bytes, value as f32)?,
            Item::Float(value) => encode::write_f64(bytes, value)?,
            Item::Text(_) | Item::Bytes(_) => {}
        }
        Ok(())
    }
}

const ID: &str = "msgpack2";

impl Default for MsgPack {
    fn default() -> Self {
        MsgPack::new()
    }
}

impl Codec for MsgPack {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("msgpack2")
            .set("raw", self.raw)
            .set("use_single_float", self.use_single_float)
            .set("use_bin_type", self.use_bin_type)
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        check_dtype(ID, dtype)?;
        let count = cast_len(data.len(), dtype, DType::UINT8)?;
        let len = u32::try_from(count).ok().and_then(|count| count.checked_add(2));
        let len = len.ok_or_else(|| Error::codec(format!("{count} items are too many for one array in MsgPack")))?;
        let mut bytes = Vec::new();
        encode::write_array_len(&mut bytes, len).map_err(io::Error::from)?;
        for item in items(dtype, data) {
            self.write(&mut bytes, &item)?;
        }
        self.write_text(&mut bytes, dtype.to_string().as_bytes())?;
        encode::write_array_len(&mut bytes, 1).map_err(io::Error::from)?;
        self.write_number(&mut bytes, &Item::Int(count as i128))?;
        Ok(Encoded::bytes(bytes))
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let mut rest = data;
        let len = decode::read_array_len(&mut rest).map_err(|_| not_whole())?;
        let count = len.checked_sub(2).ok_or_else(not_whole)?;
        // What the items are comes behind them, in the last two of the whole array.
        let mut behind = rest;
        let mut leaves = 0;
        let mut left = u64::from(count);
        while left > 0 {
            left -= 1;
            match self.next(&mut behind)? {
                Some(_) => leaves += 1,
                None => left += u64::from(decode::read_array_len(&mut behind).map_err(|_| not_whole())?),
            }
        }
        let items_len = rest.len() - behind.len();
        let text_len = decode::read_str_len(&mut behind).map_err(|_| not_whole())?;
        let dtype = behind.split_off(..text_len as usize).ok_or_else(not_whole)?;
        let dtype = std::str::from_utf8(dtype).map_err(|_| not_whole())?;
        let dimensions = decode::read_array_len(&mut behind).map_err(|_| not_whole())?;
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(decode::read_int(&mut behind).map_err(|_| not_whole())?);
        }
        if !behind.is_empty() {
            return Err(damaged("something follows"));
        }
        let mut array = Array::new(ID, dtype, shape, leaves, max_len)?;
        let mut items = &rest[..items_len];
        while !items.is_empty() {
            match self.next(&mut items)? {
                Some(item) => array.push(&item)?,
                None => _ = decode::read_array_len(&mut items).map_err(|_| not_whole())?,
            }
        }
        array.finish()
    }

    fn encoded_bound(&self, len: usize) -> usize {
        // A float has 9 bytes, also one of two bytes.
        len.saturating_mul(5).saturating_add(64)
    }
}

fn not_whole() -> Error {
    damaged("it is not whole")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check_codec, damage, of};

    #[test]
    fn as_in_python() {
        for (dtype, data, encoded) in [
            ("|u1", "61 62 ff", "95 61 62 ccff a3 7c7531 91 03"),
            ("<i4", "2c010000 ffffffff 90eefeff", "95 cd012c ff d2fffeee90 a3 3c6934 91 03"),
            ("<f4", "0000c03f 00009643", "94 cb3ff8000000000000 cb4072c00000000000 a3 3c6634 91 02"),
            ("|b1", "01 00", "94 c3 c2 a3 7c6231 91 02"),
            ("<u8", "ffffffffffffffff", "93 cfffffffffffffffff a3 3c7538 91 01"),
            // np.array(["a", "é", ""], "<U2")
            ("<U2", "6100000000000000 e900000000000000 0000000000000000", "95 a161 a2c3a9 a0 a33c5532 91 03"),
            // np.array([b"a", b"b\0c\xff"], "S4")
            ("|S4", "61000000 620063ff", "94 c40161 c404620063ff a37c5334 91 02"),
        ] {
            let (data, encoded) = (bytes_of_hex(data), bytes_of_hex(encoded));
            check_codec(&MsgPack::new(), (of(dtype), &data), (DType::UINT8, &encoded), &data);
            damage(&MsgPack::new(), &encoded);
        }
        // numcodecs.MsgPack().encode(numpy.array([[1, 300], [-1, -70000]], ">i4"))
        let nested = bytes_of_hex("94 92 01 cd012c 92 ff d2fffeee90 a3 3e6934 92 02 02");
        let data = bytes_of_hex("00000001 0000012c ffffffff fffeee90");
        assert_eq!(MsgPack::new().decode(&nested, 16).unwrap(), data);
        damage(&MsgPack::new(), &nested);
    }

    #[test]
    fn what_cannot_be() {
        for bad in [
            "95 61 62 cd0100 a3 7c7531 91 03",             // 256 is no uint8
            "95 61 62 ff a3 7c7531 91 03",                 // nor is -1
            "95 61 62 63 a3 7c7531 91 04",                 // a number is missing
            "95 61 62 63 a3 7c7531 91 02",                 // there is one too many
            "95 61 62 63 a3 7c7531 91 03 00",              // something follows
            "93 a161 a2 7c4f 91 01",                       // an object
            "93 a161 a3 7c7531 91 01",                     // text is no uint8
            "93 a26162 a3 3c5531 91 01",                   // two letters are one too many
            "93 c401ff a3 3c5531 91 01",                   // not ASCII
            "93 a2c3a9 a3 7c5331 91 01",                   // nor is this
            "93 a1ff a3 3c5531 91 01",                     // not UTF-8
            "dd ffffffff 61",                              // not whole
            "94 61 62 a3 7c7531 92 cfffffffffffffffff 02", // a huge shape
        ] {
            assert!(MsgPack::new().decode(&bytes_of_hex(bad), 1 << 20).is_err(), "{bad}");
        }
        let refused = |codec: MsgPack, dtype: &str, data: &[u8]| codec.encode(data, of(dtype)).unwrap_err().to_string();
        assert_eq!(
            refused(MsgPack::new(), "<c8", &[0; 8]),
            "the codec `msgpack2` does not work on complex64: it has no complex numbers"
        );
        assert_eq!(
            refused(MsgPack::new(), "|V2", &[0; 8]),
            "the codec `msgpack2` does not work on |V2: Python cannot decode what it makes of them"
        );
        assert_eq!(refused(MsgPack::new(), "<U1", &[0, 0, 0x11, 0]), "0x110000 is no character, and cannot be encoded");
        let raw = MsgPack { raw: true, ..MsgPack::new() };
        assert_eq!(refused(raw, "<U1", &[0xe9, 0, 0, 0]), "with `raw`, Python brings back no text but ASCII");
        let old = MsgPack { use_bin_type: false, ..MsgPack::new() };
        assert_eq!(
            refused(old, "|S1", &[0xe9]),
            "without `use_bin_type` and `raw`, Python brings back no bytes but ASCII"
        );
        let config =
            CodecConfig::new("msgpack2").set("raw", true).set("use_single_float", true).set("use_bin_type", false);
        assert_eq!(MsgPack::from_config(&config).unwrap().config(), config);
        assert!(MsgPack::from_config(&config.set("raw", 1)).is_err());
    }
}
