//! The codec `packbits`.

use super::{Codec, CodecConfig, Encoded, capped, wrong_length, zeros};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The codec `packbits`. `numcodecs.PackBits`.
///
/// An array of bools, one bit for each. Python also takes other bytes, and only one bit is left of each of them; here
/// they are an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PackBits;

impl PackBits {
    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&[])?;
        Ok(PackBits)
    }
}

/// The bytes of bits, and how many bits there are: the first byte says how many of the last byte mean nothing.
fn bits(data: &[u8]) -> Result<(&[u8], usize)> {
    let (&unused, bits) = data.split_first().ok_or_else(|| Error::codec("there are no packed bits"))?;
    let len = (bits.len().checked_mul(8)).and_then(|len| len.checked_sub(unused.into())).filter(|_| unused < 8);
    let len = len.ok_or_else(|| Error::codec(format!("{} bytes of bits of which {unused} are unused", bits.len())))?;
    Ok((bits, len))
}

fn unpack(bits: &[u8], out: &mut [u8]) {
    for (byte, out) in bits.iter().zip(out.chunks_mut(8)) {
        out.iter_mut().enumerate().for_each(|(n, bool)| *bool = byte >> (7 - n) & 1);
    }
}

impl Codec for PackBits {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("packbits")
    }

    fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
        if let Some(byte) = data.iter().find(|&&byte| byte > 1) {
            return Err(Error::codec(format!("only bools can be packed, not a byte of {byte}")));
        }
        let packed = data.len().div_ceil(8);
        let mut bytes = zeros(1 + packed)?;
        bytes[0] = (packed * 8 - data.len()) as u8;
        for (byte, bools) in bytes[1..].iter_mut().zip(data.chunks(8)) {
            *byte = bools.iter().enumerate().fold(0, |byte, (n, bool)| byte | bool << (7 - n));
        }
        Ok(Encoded::bytes(bytes))
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let (bits, len) = bits(data)?;
        let mut out = zeros(capped(len, max_len)?)?;
        unpack(bits, &mut out);
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let (bits, len) = bits(data)?;
        if len != out.len() {
            return Err(wrong_length(len, out.len()));
        }
        unpack(bits, out);
        Ok(())
    }

    fn encoded_bound(&self, len: usize) -> usize {
        1 + len.div_ceil(8)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        len.saturating_sub(1).saturating_mul(8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check_codec, damage, of};

    #[test]
    fn as_in_python() {
        for (data, encoded) in [
            ("01 00 00 01", "04 90"),
            ("01 00 00 00 00 00 00 01", "00 81"),
            ("01 00 00 00 00 00 00 01 01", "07 81 80"),
            ("00", "07 00"),
            ("", "00"),
        ] {
            let (data, encoded) = (bytes_of_hex(data), bytes_of_hex(encoded));
            check_codec(&PackBits, (of("|b1"), &data), (DType::UINT8, &encoded), &data);
        }
        // What is unused may be anything.
        assert_eq!(PackBits.decode(&bytes_of_hex("04 9f"), 4).unwrap(), [1, 0, 0, 1]);
    }

    #[test]
    fn what_cannot_be() {
        assert_eq!(
            PackBits.encode(&[0, 2], DType::UINT8).unwrap_err().to_string(),
            "only bools can be packed, not a byte of 2"
        );
        for bad in ["", "01", "08 00 00", "ff 00"] {
            assert!(PackBits.decode(&bytes_of_hex(bad), 100).is_err(), "{bad}");
        }
        assert!(PackBits::from_config(&CodecConfig::new("packbits").set("level", 1)).is_err());
        damage(&PackBits, &bytes_of_hex("03 90 80 7f 00 18"));
    }
}
