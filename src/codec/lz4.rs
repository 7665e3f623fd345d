//! The codec `lz4`.

use lz4_flex::block::{DecompressError, compress_into, decompress_into, get_maximum_output_size};

use super::{Codec, CodecConfig, Encoded, too_long, wrong_length, zeros};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};

/// The codec `lz4`. `numcodecs.LZ4`.
///
/// The length of the data as four bytes, then one block of LZ4. Python writes at most 2,113,929,216 bytes, and so does
/// this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lz4 {
    acceleration: i32,
}

/// The length of the data in front of the block.
const PREFIX: usize = 4;

/// What `LZ4_MAX_INPUT_SIZE` is in C.
const MAX_INPUT: usize = 0x7e00_0000;

impl Lz4 {
    /// With an acceleration, in Python from 1 (the default): larger is faster, and compresses less.
    ///
    /// It is written to the file, but this crate compresses as with 1 whatever it is.
    #[must_use]
    pub fn new(acceleration: i32) -> Self {
        Lz4 { acceleration }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["acceleration"])?;
        i32::try_from(config.int("acceleration")?.unwrap_or(1))
            .map(Lz4::new)
            .map_err(|_| Error::codec("the parameter `acceleration` of the codec `lz4` does not fit 32 bits"))
    }
}

impl Default for Lz4 {
    fn default() -> Self {
        Lz4::new(1)
    }
}

impl Codec for Lz4 {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("lz4").set("acceleration", self.acceleration)
    }

    fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
        if data.len() > MAX_INPUT {
            return Err(Error::codec(format!("LZ4 cannot hold more than {MAX_INPUT} bytes")));
        }
        let mut bytes = zeros(PREFIX + get_maximum_output_size(data.len()))?;
        bytes[..PREFIX].copy_from_slice(&(data.len() as u32).to_le_bytes());
        let len = compress_into(data, &mut bytes[PREFIX..])
            .map_err(|error| Error::caused(ErrorKind::Codec, "the compressor failed", error))?;
        bytes.truncate(PREFIX + len);
        bytes.shrink_to_fit();
        Ok(Encoded::bytes(bytes))
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let (len, block) = split(data)?;
        if len > max_len {
            return Err(too_long(max_len));
        }
        if len > self.decoded_bound(block.len()) {
            return Err(Error::codec("the compressed data is cut"));
        }
        let mut out = zeros(len)?;
        decode_block(block, &mut out)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let (len, block) = split(data)?;
        if len != out.len() {
            return Err(wrong_length(len, out.len()));
        }
        decode_block(block, out)
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len.saturating_add(len / 255).saturating_add(PREFIX + 64)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        // A byte more makes a match 255 bytes longer.
        len.saturating_mul(255)
    }
}

/// The length that is declared, and the block.
fn split(data: &[u8]) -> Result<(usize, &[u8])> {
    let (prefix, block) = data.split_first_chunk().ok_or_else(|| Error::codec("the compressed data is cut"))?;
    Ok((u32::from_le_bytes(*prefix) as usize, block))
}

/// Decodes a bare block that must fill `out`.
pub(super) fn decode_block(block: &[u8], out: &mut [u8]) -> Result<()> {
    match decompress_into(block, out) {
        Ok(len) if len == out.len() => Ok(()),
        Ok(len) => Err(wrong_length(len, out.len())),
        Err(DecompressError::OutputTooSmall { .. }) => Err(too_long(out.len())),
        Err(error) => Err(Error::caused(ErrorKind::Codec, "the compressed data is damaged", error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check};

    #[test]
    fn round_trips() {
        check(&Lz4::default());
        check(&Lz4::new(-7));
        assert_eq!(Lz4::default().config().to_string(), "lz4(acceleration=1)");
        assert!(Lz4::from_config(&CodecConfig::new("lz4").set("acceleration", 1i64 << 31)).is_err());
    }

    #[test]
    fn as_in_python() {
        // numcodecs.LZ4().encode(b"hello hello hello hello hello")
        let hello = bytes_of_hex("1d0000006e68656c6c6f2006005068656c6c6f");
        let decode = |bytes: &[u8]| Lz4::default().decode(bytes, 100);
        assert_eq!(decode(&hello).unwrap(), b"hello hello hello hello hello");
        assert!(decode(&[&hello[..], b"\0"].concat()).is_err());
        assert!(decode(&[&hello[..], b"x"].concat()).is_err());
        for len in 0..hello.len() {
            assert!(decode(&hello[..len]).is_err());
        }
        assert!(Lz4::default().decode(&hello, 28).is_err());
        assert_eq!(Lz4::default().encode(b"", DType::UINT8).unwrap().bytes, [0; 5]);
    }

    #[test]
    fn a_declared_size_is_no_promise() {
        for lie in ["ffffffff", "ffffffff00", "ffffffff0000", "0000007f1f00"] {
            assert_eq!(
                Lz4::default().decode(&bytes_of_hex(lie), usize::MAX).unwrap_err().to_string(),
                "the compressed data is cut"
            );
        }
        let bomb = Lz4::default().encode(&vec![0; 16 << 20], DType::UINT8).unwrap().bytes;
        assert!(bomb.len() < 70_000);
        assert!(Lz4::default().decode(&bomb, 1000).is_err());
        assert!(Lz4::default().decode_into(&bomb, &mut [0; 1000]).is_err());
    }
}
