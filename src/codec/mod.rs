//! Codecs: what a buffer goes through on its way into a file and out of it.
//!
//! The codecs are those of Python's [numcodecs]: a file stores for each buffer the configurations of its codecs, such as
//! `{"id": "zstd", "level": 3}`, and both sides make the codec from that. A codec can be named in the four ways of
//! Python, see [`CodecSpec`].
//!
//! | module | |
//! |---|---|
//! | `config` | [`CodecConfig`]: a codec as a file describes it |
//! | `spec` | [`CodecSpec`]: a codec as a program names it |
//! | `registry` | [`Registry`]: from a configuration to a codec |
//! | `chain` | several codecs, one after the other |
//! | one file a codec | `gzip`, `zlib`, `zstd` |
//!
//! [numcodecs]: https://numcodecs.readthedocs.io

use std::fmt::Debug;

use crate::dtype::DType;
use crate::error::{Error, Result};

mod chain;
mod config;
#[cfg(any(feature = "gzip", feature = "zlib"))]
mod deflate;
#[cfg(feature = "gzip")]
mod gzip;
mod registry;
mod spec;
#[cfg(feature = "zlib")]
mod zlib;
#[cfg(feature = "zstd")]
mod zstd;

pub(crate) use chain::{Chain, MAX_STEPS, compressors, decode_into, decoded_bound};
pub use config::{CodecConfig, ConfigValue};
#[cfg(feature = "gzip")]
pub use gzip::Gzip;
pub use registry::Registry;
pub use spec::{BufferInfo, ByCodec, ByFunction, ByName, CodecSpec, IntoCodecSpec};
#[cfg(feature = "zlib")]
pub use zlib::Zlib;
#[cfg(feature = "zstd")]
pub use zstd::Zstd;

/// A codec: bytes in, bytes out. Python's `numcodecs.abc.Codec`.
///
/// Whoever implements this for a type of their own gives it to a writer as it is. For reading, a [`Registry`] must
/// know how to make the codec from its configuration.
pub trait Codec: Debug + Send + Sync {
    /// The configuration from which the codec can be made again. It is written to the file.
    fn config(&self) -> CodecConfig;

    /// Encodes the bytes of a buffer whose items are of type `dtype` ([`DType::UINT8`] for mere bytes).
    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded>;

    /// Decodes. The result must be no longer than `max_len` bytes, and no more memory than that may be asked for
    /// because of a size that `data` declares: it may be anybody's.
    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>>;

    /// Decodes to a result whose length is known, into its final memory. Any other length is an error.
    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let decoded = self.decode(data, out.len())?;
        if decoded.len() != out.len() {
            return Err(wrong_length(decoded.len(), out.len()));
        }
        out.copy_from_slice(&decoded);
        Ok(())
    }

    /// The most bytes that [`encode`](Codec::encode) can make of `len` bytes.
    ///
    /// When a buffer went through several codecs, this bounds the memory for what lies between two of them.
    fn encoded_bound(&self, len: usize) -> usize {
        len.saturating_mul(2).saturating_add(64 << 10)
    }

    /// The most bytes that [`decode`](Codec::decode) can make of `len` bytes.
    ///
    /// A file that says that a buffer is longer than that is refused before memory is asked for.
    fn decoded_bound(&self, len: usize) -> usize {
        let _ = len;
        usize::MAX
    }
}

/// What [`Codec::encode`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The encoded bytes.
    pub bytes: Vec<u8>,
    /// What they are to the next codec: [`DType::UINT8`] after a compressor.
    pub dtype: DType,
}

impl Encoded {
    /// Bytes without a meaning of their own.
    #[must_use]
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Encoded { bytes, dtype: DType::UINT8 }
    }
}

fn wrong_length(found: usize, expected: usize) -> Error {
    Error::codec(format!("the decoded data is {found} bytes long instead of {expected}"))
}

/// The error for decoded data that does not fit into what it may be.
#[cfg(any(feature = "gzip", feature = "zlib", feature = "zstd"))]
fn too_long(max_len: usize) -> Error {
    Error::codec(format!("the decoded data is longer than {max_len} bytes"))
}

/// Makes room for `additional` bytes, or says that there is none.
#[cfg(any(feature = "gzip", feature = "zlib", feature = "zstd"))]
fn reserve(bytes: &mut Vec<u8>, additional: usize) -> Result<()> {
    bytes
        .try_reserve_exact(additional)
        .map_err(|_| Error::limit(format!("no memory for {} bytes", bytes.len().saturating_add(additional))))
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::error::ErrorKind;

    pub(crate) fn bytes_of_hex(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    /// What every lossless codec must do: round trips of any length, into a vector and in place, and errors for any
    /// other length, for cut data and for a configuration with an unknown key.
    pub(crate) fn check(codec: &dyn Codec) {
        let random = |n: u32| n.wrapping_mul(0x9e37_79b9).rotate_left(n % 31).to_le_bytes();
        let smooth: Vec<u8> = (0..1 << 18).flat_map(|n: u32| (n / 3).to_le_bytes()).collect();
        let noise: Vec<u8> = (0..50_000).flat_map(random).collect();
        for data in [&[][..], b"x", b"hello hello hello", &smooth, &noise] {
            let encoded = codec.encode(data, DType::UINT8).unwrap().bytes;
            assert!(encoded.len() <= codec.encoded_bound(data.len()));
            assert!(data.len() <= codec.decoded_bound(encoded.len()));
            assert_eq!(codec.encode(data, DType::UINT8).unwrap().bytes, encoded);
            assert!(codec.decode(&encoded, data.len()).unwrap() == data);
            assert!(codec.decode(&encoded, usize::MAX).unwrap() == data);
            let mut out = vec![1; data.len()];
            codec.decode_into(&encoded, &mut out).unwrap();
            assert!(out == data);
            assert_eq!(codec.decode_into(&encoded, &mut vec![0; data.len() + 1]).unwrap_err().kind(), ErrorKind::Codec);
            if !data.is_empty() {
                let kind = |result: Result<Vec<u8>>| result.unwrap_err().kind();
                assert_eq!(kind(codec.decode(&encoded, data.len() - 1)), ErrorKind::Codec);
                assert_eq!(kind(codec.decode(&encoded[..encoded.len() - 1], data.len())), ErrorKind::Codec);
                assert!(codec.decode_into(&encoded, &mut vec![0; data.len() - 1]).is_err());
                assert!(codec.decode_into(&encoded[..encoded.len() / 2], &mut out).is_err());
            }
            let flips = if data.len() < 1000 { 200.min(encoded.len() * 8) } else { 0 };
            for n in 0..flips {
                let bit =
                    if n < 100 { n } else { random(n as u32).iter().fold(n, |n, &byte| n * 31 + usize::from(byte)) };
                let mut flipped = encoded.clone();
                flipped[bit / 8 % encoded.len()] ^= 1 << (bit % 8);
                assert!(codec.decode(&flipped, data.len()).map_or(true, |decoded| decoded.len() <= data.len()));
                let _ = codec.decode_into(&flipped, &mut out);
            }
        }
        let config = codec.config();
        let again = Registry::new().codec(&config).unwrap();
        assert_eq!(again.config(), config);
        assert!(Registry::new().codec(&config.set("no such key", 1)).is_err());
    }
}
