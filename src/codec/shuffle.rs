//! The codec `shuffle`.

use super::{Codec, CodecConfig, Encoded, too_long, wrong_length, zeros};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The codec `shuffle`. `numcodecs.Shuffle`.
///
/// First come the first bytes of all elements, then the second ones, and so on: most compressors then find more.
/// What is encoded must be a whole number of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffle {
    elementsize: i64,
}

impl Shuffle {
    /// For elements of so many bytes; the default is 4. With 1 or 0, nothing changes.
    #[must_use]
    pub fn new(elementsize: u32) -> Self {
        Shuffle { elementsize: elementsize.into() }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["elementsize"])?;
        Ok(config.int("elementsize")?.map_or_else(Shuffle::default, |elementsize| Shuffle { elementsize }))
    }

    /// How many bytes an element has, and how many elements there are.
    fn shape(self, len: usize) -> Result<(usize, usize)> {
        let size = usize::try_from(self.elementsize.max(1)).unwrap_or(usize::MAX);
        if len.is_multiple_of(size) {
            return Ok((size, len / size));
        }
        Err(Error::codec(format!("{len} bytes are no whole number of elements of {size} bytes")))
    }
}

impl Default for Shuffle {
    fn default() -> Self {
        Shuffle::new(4)
    }
}

impl Codec for Shuffle {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("shuffle").set("elementsize", self.elementsize)
    }

    fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
        let (size, count) = self.shape(data.len())?;
        let mut bytes = zeros(data.len())?;
        transpose(data, &mut bytes, count, size);
        Ok(Encoded::bytes(bytes))
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        if data.len() > max_len {
            return Err(too_long(max_len));
        }
        let mut out = zeros(data.len())?;
        self.decode_into(data, &mut out)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        if data.len() != out.len() {
            return Err(wrong_length(data.len(), out.len()));
        }
        let (size, count) = self.shape(data.len())?;
        transpose(data, out, size, count);
        Ok(())
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len
    }

    fn decoded_bound(&self, len: usize) -> usize {
        len
    }
}

/// From `rows` times `columns` bytes to `columns` times `rows`.
fn transpose(data: &[u8], out: &mut [u8], rows: usize, columns: usize) {
    /// Few enough for all the cache lines they lie in to stay at hand.
    const BLOCK: usize = 64;
    for first in (0..rows).step_by(BLOCK) {
        let block = first..rows.min(first + BLOCK);
        for column in 0..columns {
            let to = &mut out[column * rows..][block.clone()];
            let from = data[first * columns + column..].iter().step_by(columns);
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, damage};

    #[test]
    fn round_trips() {
        for (size, len) in [(0, 5), (1, 5), (2, 16), (3, 999), (4, 65536), (7, 7), (300, 3000), (4, 0)] {
            let data: Vec<u8> = (0..len).map(|n: u32| (n * n / 7) as u8).collect();
            let codec = Shuffle::new(size);
            let encoded = codec.encode(&data, DType::UINT8).unwrap();
            assert_eq!(encoded.dtype, DType::UINT8);
            assert_eq!(codec.decode(&encoded.bytes, data.len()).unwrap(), data);
            if data.len() < 100 {
                damage(&codec, &encoded.bytes);
            }
        }
    }

    #[test]
    fn as_in_python() {
        let data: Vec<u8> = (0..12).collect();
        let encode = |size| Shuffle::new(size).encode(&data, DType::UINT8).unwrap().bytes;
        assert_eq!(encode(4), bytes_of_hex("000408 010509 02060a 03070b"));
        assert_eq!(encode(3), bytes_of_hex("00030609 0104070a 0205080b"));
        assert_eq!(encode(12), data);
        assert_eq!(
            Shuffle::new(5).encode(&data, DType::UINT8).unwrap_err().to_string(),
            "12 bytes are no whole number of elements of 5 bytes"
        );
        assert!(Shuffle::new(5).decode(&data, 12).is_err());
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("shuffle").set("elementsize", -3);
        let codec = Shuffle::from_config(&config).unwrap();
        assert_eq!(codec.config(), config);
        assert_eq!(codec.encode(b"abc", DType::UINT8).unwrap().bytes, b"abc");
        assert_eq!(Shuffle::from_config(&CodecConfig::new("shuffle")).unwrap(), Shuffle::new(4));
        assert!(Shuffle::from_config(&CodecConfig::new("shuffle").set("elementsize", 4.0)).is_err());
        let huge = Shuffle::from_config(&CodecConfig::new("shuffle").set("elementsize", i64::MAX)).unwrap();
        assert!(huge.encode(b"abc", DType::UINT8).is_err());
    }
}
