//! The codec `astype`.

use super::itemwise::{Ends, ItemCodec, item_codec};
use super::numbers::{numbers_only, required_dtype};
use super::recast::{cast, cast_bound};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::Result;

/// The codec `astype`. `numcodecs.AsType`.
///
/// The numbers are stored in another dtype. As in Python, nobody looks whether they fit into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsType {
    encode_dtype: DType,
    decode_dtype: DType,
}

impl AsType {
    /// Arrays of `decode_dtype` are stored as `encode_dtype`.
    ///
    /// A dtype that is no number is an error when something is encoded.
    #[must_use]
    pub fn new(encode_dtype: DType, decode_dtype: DType) -> Self {
        AsType { encode_dtype, decode_dtype }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["encode_dtype", "decode_dtype"])?;
        let codec = AsType::new(required_dtype(config, "encode_dtype")?, required_dtype(config, "decode_dtype")?);
        codec.ends()?;
        Ok(codec)
    }
}

impl ItemCodec for AsType {
    fn ends(&self) -> Result<Ends> {
        numbers_only("astype", self.encode_dtype)?;
        numbers_only("astype", self.decode_dtype)?;
        Ok(Ends { decoded: self.decode_dtype, encoded: self.encode_dtype })
    }

    fn encode_items(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        cast((data, self.decode_dtype), (out, self.encode_dtype));
        Ok(())
    }

    fn decode_items(&self, data: &[u8], out: &mut [u8]) {
        cast((data, self.encode_dtype), (out, self.decode_dtype));
    }
}

impl Codec for AsType {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("astype")
            .set("encode_dtype", self.encode_dtype.to_string())
            .set("decode_dtype", self.decode_dtype.to_string())
    }

    item_codec!();

    fn is_lossless(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check_codec, damage, of};

    #[test]
    fn as_in_python() {
        for (encode, decode, data, encoded, decoded) in [
            (
                "<f4",
                "<f8",
                "9a9999999999b93f 000000000000f87f",
                "cdcccc3d 0000c07f",
                Some("000000a09999b93f 000000000000f87f"),
            ),
            ("|i1", "<i2", "6400 2c01 feff", "64 2c fe", Some("6400 2c00 feff")),
            (">i2", "<f4", "0000c03f 000020c0 00007f43", "0001 fffe 00ff", Some("0000803f 000000c0 00007f43")),
            ("|b1", "<f4", "00000000 0000c03f 0000c07f", "00 01 01", Some("00000000 0000803f 0000803f")),
            ("<c16", "|u1", "07", "0000000000001c40 0000000000000000", None),
            ("<f4", ">c8", "3f800000 40000000", "0000803f", Some("3f800000 00000000")),
            // Once, not first to a single and then to a half: 1 + 2^-11 + 2^-40 and 2049.
            ("<f2", "<f8", "0000010000 02f03f", "013c", Some("0000000000 04f03f")),
            ("<f2", "<i8", "0108000000000000", "0068", Some("0008000000000000")),
        ] {
            let (data, encoded) = (bytes_of_hex(data), bytes_of_hex(encoded));
            let decoded = decoded.map_or_else(|| data.clone(), bytes_of_hex);
            check_codec(&AsType::new(of(encode), of(decode)), (of(decode), &data), (of(encode), &encoded), &decoded);
        }
    }

    #[test]
    fn floats_that_are_no_integers_wrap_as_on_an_x86() {
        let cast = |to: &str, value: f64| {
            AsType::new(of(to), of("<f8")).encode(&value.to_le_bytes(), of("<f8")).unwrap().bytes
        };
        assert_eq!(cast("|u1", -1.5), [255]);
        assert_eq!(cast("<i2", 70_000.0), [0x70, 0x11]);
        assert_eq!(cast("<i4", f64::NAN), i32::MIN.to_le_bytes());
        assert_eq!(cast("<u4", 3e9), 3_000_000_000u32.to_le_bytes());
        assert_eq!(cast("<u8", 1.5e19), 15_000_000_000_000_000_000u64.to_le_bytes());
        assert_eq!(cast("<u8", -1.0), u64::MAX.to_le_bytes());
        assert_eq!(cast("<i8", f64::INFINITY), i64::MIN.to_le_bytes());
    }

    #[test]
    fn what_cannot_be() {
        assert!(AsType::new(of("<U1"), of("<i4")).encode(&[0; 4], of("<i4")).is_err());
        assert!(AsType::new(of("<i2"), of("<i4")).encode(&[0; 4], DType::UINT8).is_err());
        let config = CodecConfig::new("astype").set("encode_dtype", "<f4");
        assert!(AsType::from_config(&config).is_err());
        let config = config.set("decode_dtype", ">c16");
        let codec = AsType::from_config(&config).unwrap();
        assert_eq!(codec.config(), config);
        assert!(AsType::from_config(&config.set("level", 1)).is_err());
        assert_eq!(codec.decode(&[0; 8], 31).unwrap_err().to_string(), "the decoded data is longer than 31 bytes");
    }

    #[test]
    fn nothing_in_a_stream_panics() {
        let data: Vec<u8> = (0..64).collect();
        for (encode, decode) in [("<f8", "|i1"), ("<c16", "<u8"), (">u4", ">f2"), ("<c8", "|b1"), ("|b1", "<f4")] {
            damage(&AsType::new(of(encode), of(decode)), &data);
        }
    }
}
