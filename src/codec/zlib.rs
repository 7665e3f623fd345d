//! The codec `zlib`.

use std::io::BufRead;

use super::deflate::{self, Wrap};
use super::parts::{Compressor, Parts, Role};
use super::{Codec, CodecConfig, Encoded, reserve};
use crate::dtype::DType;
use crate::error::Result;

/// The codec `zlib`. `numcodecs.Zlib`.
///
/// As Python's, it reads one stream and does not look at what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zlib {
    level: i32,
}

impl Zlib {
    /// With a level from 0 (stored) over 1 (the default) to 9 (slowest); -1 is zlib's default, 6.
    ///
    /// Any other level is an error when something is encoded.
    #[must_use]
    pub fn new(level: i32) -> Self {
        Zlib { level }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        deflate::level_of(config).map(Zlib::new)
    }
}

impl Default for Zlib {
    fn default() -> Self {
        Zlib::new(1)
    }
}

impl Compressor for Zlib {
    fn compress(
        &self,
        _threads: usize,
        data: &dyn Parts,
        _dtype: DType,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        deflate::compress_to(data, self.level, true, out)
    }
}

impl Codec for Zlib {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("zlib").set("level", self.level)
    }

    fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
        let mut bytes = Vec::new();
        reserve(&mut bytes, data.len() / 2 + 64)?;
        deflate::compress(data, self.level, true, &mut bytes)?;
        Ok(Encoded::bytes(bytes))
    }

    fn role(&self) -> Role<'_> {
        Role::Compressor(self)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        deflate::decode(Wrap::Zlib, data, max_len)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        deflate::decode_into(Wrap::Zlib, data, out)
    }

    fn decode_from(&self, _threads: usize, encoded: &mut (dyn BufRead + Send), out: &mut [u8]) -> Option<Result<()>> {
        Some(deflate::decode_from(Wrap::Zlib, encoded, out))
    }

    fn encoded_bound(&self, len: usize) -> usize {
        deflate::encoded_bound(len)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        deflate::decoded_bound(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{by_parts, bytes_of_hex, check, read_in_pieces};

    #[test]
    fn round_trips() {
        for level in -1..=9 {
            check(&Zlib::new(level));
        }
        assert!(Zlib::new(-2).encode(b"x", DType::UINT8).is_err());
    }

    #[test]
    fn one_stream_as_in_python() {
        // numcodecs.Zlib().encode(b"abc")
        let abc = bytes_of_hex("78014b4c4a0600024d0127");
        let decode = |parts: &[&[u8]]| {
            read_in_pieces(&Zlib::default(), &parts.concat(), 3);
            Zlib::default().decode(&parts.concat(), 3)
        };
        assert_eq!(decode(&[&abc]).unwrap(), b"abc");
        assert_eq!(decode(&[&abc, &abc]).unwrap(), b"abc");
        assert_eq!(decode(&[&abc, b"x"]).unwrap(), b"abc");
        for len in 0..abc.len() {
            assert!(decode(&[&abc[..len]]).is_err());
        }
        assert!(Zlib::default().decode(&abc, 2).is_err());
    }

    #[test]
    fn a_bomb_stops_at_its_length() {
        let bomb = Zlib::new(9).encode(&vec![0; 16 << 20], DType::UINT8).unwrap().bytes;
        assert!(bomb.len() < 20_000);
        assert_eq!(
            Zlib::default().decode(&bomb, 1000).unwrap_err().to_string(),
            "the decoded data is longer than 1000 bytes"
        );
        assert!(Zlib::default().decode_into(&bomb, &mut [0; 1000]).is_err());
    }

    #[test]
    fn by_parts_it_is_the_same_stream() {
        let mut data: Vec<u8> = (0..500_001u32).flat_map(|n| (n.wrapping_mul(n) >> 12).to_le_bytes()).collect();
        data.extend((0..500_001u32).map(|n| (n.wrapping_mul(0x9e37_79b9) >> 24) as u8));
        for data in [&data[..], &data[..1 << 20], &data[2_000_000..]] {
            for level in -1..=9 {
                let whole = Zlib::new(level).encode(data, DType::UINT8).unwrap().bytes;
                assert!(by_parts(&Zlib::new(level), data).unwrap() == whole, "level {level}");
            }
        }
    }
}
