//! The codec `gzip`.

use flate2::Crc;

use super::deflate::{self, Wrap};
use super::{Codec, CodecConfig, Encoded, reserve};
use crate::dtype::DType;
use crate::error::Result;

/// The codec `gzip`, Python's default. `numcodecs.GZip`.
///
/// The bytes have the same meaning as Python's and about the same length, but are not the same. They depend on the data
/// and the level only: no time is written. Several members one after the other are read as Python does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gzip {
    level: i32,
}

/// Magic, deflate, no flags, no time; then the hint about the level and the operating system, of which Python writes
/// "unknown", too.
const HEADER: [u8; 8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0];
const UNKNOWN_SYSTEM: u8 = 255;

/// What is hashed at once, so that it is in the cache.
const PIECE: usize = 256 << 10;

impl Gzip {
    /// With a level from 0 (stored) over 1 (the default) to 9 (slowest); -1 is zlib's default, 6.
    ///
    /// Any other level is an error when something is encoded.
    #[must_use]
    pub fn new(level: i32) -> Self {
        Gzip { level }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        deflate::level_of(config).map(Gzip::new)
    }
}

impl Default for Gzip {
    fn default() -> Self {
        Gzip::new(1)
    }
}

impl Codec for Gzip {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("gzip").set("level", self.level)
    }

    fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
        let mut bytes = Vec::new();
        reserve(&mut bytes, data.len() / 2 + 64)?;
        bytes.extend(HEADER);
        bytes.extend([if self.level == 9 { 2 } else { 4 }, UNKNOWN_SYSTEM]);
        deflate::compress(data, self.level, false, &mut bytes)?;
        let mut crc = Crc::new();
        for piece in data.chunks(PIECE) {
            crc.update(piece);
        }
        bytes.extend(crc.sum().to_le_bytes());
        // The length modulo 2^32, says the standard.
        bytes.extend((data.len() as u32).to_le_bytes());
        Ok(Encoded::bytes(bytes))
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        deflate::decode(Wrap::Gzip, data, max_len)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        deflate::decode_into(Wrap::Gzip, data, out)
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
    use crate::codec::testing::{bytes_of_hex, check};

    #[test]
    fn round_trips() {
        for level in -1..=9 {
            check(&Gzip::new(level));
        }
        assert!(Gzip::new(10).encode(b"x", DType::UINT8).is_err());
        assert_eq!(Gzip::default().config().to_string(), "gzip(level=1)");
    }

    #[test]
    fn the_header_is_python_s() {
        let encoded = Gzip::default().encode(b"hello", DType::UINT8).unwrap().bytes;
        assert_eq!(encoded[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
    }

    /// `numcodecs.GZip().encode(b"abc")`.
    const ABC: &str = "1f8b08007b2b056b04ff4b4c4a0600c241243503000000";

    #[test]
    fn members_as_in_python() {
        let abc = bytes_of_hex(ABC);
        let decode = |parts: &[&[u8]]| Gzip::default().decode(&parts.concat(), 100);
        assert_eq!(decode(&[&abc]).unwrap(), b"abc");
        assert_eq!(decode(&[&abc, &abc]).unwrap(), b"abcabc");
        assert_eq!(decode(&[&abc, b"\0\0", &abc]).unwrap(), b"abcabc");
        assert_eq!(decode(&[&abc, b"\0\0\0"]).unwrap(), b"abc");
        assert_eq!(decode(&[]).unwrap(), b"");
        assert!(decode(&[&abc, b"x"]).is_err());
        assert!(decode(&[&abc, b"xyz"]).is_err());
        assert!(decode(&[&abc, &abc[..5]]).is_err());
        assert!(decode(&[b"\0", &abc]).is_err());

        let mut out = [0; 6];
        Gzip::default().decode_into(&[&abc[..], &abc].concat(), &mut out).unwrap();
        assert_eq!(&out, b"abcabc");
        assert!(Gzip::default().decode_into(&[&abc[..], &abc, &abc].concat(), &mut out).is_err());
        assert!(Gzip::default().decode_into(&abc, &mut out).is_err());
    }

    #[test]
    fn damage_is_noticed() {
        let abc = bytes_of_hex(ABC);
        for len in 1..abc.len() {
            assert!(Gzip::default().decode(&abc[..len], 100).is_err(), "cut to {len}");
            assert!(Gzip::default().decode_into(&abc[..len], &mut [0; 3]).is_err(), "cut to {len}");
        }
        for at in [0, 1, 2, 10, 12, 15, 18, 19, 22] {
            let mut bad = abc.clone();
            bad[at] ^= 1;
            assert!(Gzip::default().decode_into(&bad, &mut [0; 3]).is_err(), "byte {at}");
        }
    }
}
