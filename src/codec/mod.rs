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
//! | `encoding`, `decoding` | a buffer on its way through them and back |
//! | `parts` | what lies between two of them |
//! | one file a codec | `blosc` (a folder), `bz2`, `gzip`, …, `shuffle`, … |
//! | `numbers`, `recast`, `itemwise`, `items`, `planes`, `checksum` | what several codecs have in common |
//!
//! Besides the compressors, there are the filters of numcodecs, which make numbers easier to compress, and its checksums,
//! which nothing in a BinPickle file needs. The tests in `tests/codecs` run Python, with numcodecs 0.12 and the newest: what
//! it encodes is decoded here, and what is encoded here is decoded there, over all fitting dtypes, lengths from 0 to 65,536,
//! and random, constant and smooth data; so do chains of two and three codecs, in whole files. What filters and checksums
//! write is byte by byte what Python writes; what compressors write is as good and not the same.
//!
//! | codec | Rust | feature | loses bits | works on | tested with Python |
//! |---|---|---|---|---|---|
//! | `blosc` | `Blosc` | `blosc` | | bytes; shuffles what the dtype says | both ways |
//! | `bz2` | `Bz2` | `bz2` | | bytes | both ways |
//! | `gzip` | `Gzip` | `gzip` | | bytes | both ways |
//! | `lz4` | `Lz4` | `lz4` | | bytes | both ways |
//! | `lzma` | `Lzma` | `lzma` | | bytes | both ways |
//! | `pcodec` | `Pcodec` | `pcodec` | | numbers of 2 to 8 bytes | both ways, newest only |
//! | `zfpy` | `Zfpy` | `zfpy` | if asked to | int32, int64, float32, float64 | same bytes, newest only |
//! | `zlib` | `Zlib` | `zlib` | | bytes | both ways |
//! | `zstd` | `Zstd` | `zstd` | | bytes | both ways |
//! | `adler32` | `Adler32` | `adler32` | | bytes | same bytes |
//! | `astype` | [`AsType`] | | yes | numbers | same bytes |
//! | `base64` | `Base64` | `base64` | | bytes | same bytes |
//! | `bitround` | [`BitRound`] | | yes | floats | same bytes |
//! | `categorize` | [`Categorize`] | | yes | text of a fixed size | same bytes |
//! | `crc32` | `Crc32` | `crc32` | | bytes | same bytes |
//! | `crc32c` | `Crc32c` | `crc32c` | | bytes | same bytes, newest only |
//! | `delta` | [`Delta`] | | floats, or if narrowed | numbers but bools | same bytes |
//! | `fixedscaleoffset` | [`FixedScaleOffset`] | | yes | numbers | same bytes |
//! | `fletcher32` | [`Fletcher32`] | | | bytes | same bytes |
//! | `jenkins_lookup3` | [`JenkinsLookup3`] | | | bytes | same bytes |
//! | `json2` | [`Json`] | | | real numbers, bytes, text of a fixed size | same bytes |
//! | `msgpack2` | [`MsgPack`] | | | real numbers, bytes, text and bytes of a fixed size | same bytes |
//! | `packbits` | [`PackBits`] | | | bools | same bytes |
//! | `quantize` | [`Quantize`] | | yes | floats | same bytes |
//! | `shuffle` | [`Shuffle`] | | | bytes, a whole number of elements | same bytes |
//!
//! A codec that loses bits, or does not work on bytes, cannot encode the pickle stream, which goes through the same chain as
//! the arrays: [`CodecSpec::arrays_only`] keeps it to the arrays. numcodecs' `pickle`, `vlen-utf8`, `vlen-bytes` and
//! `vlen-array` decode to Python objects, not to bytes, and no BinPickle file can have them.
//!
//! `bz2`, `gzip`, `lzma`, `zlib` and `zstd` write a large array piece by piece, and need little memory for it; `blosc`, `lz4` and
//! `pcodec` encode it whole before it is written. Before `blosc` and the five, filters that work item by item (`astype`,
//! `bitround`, `categorize`, `delta`, `fixedscaleoffset`, `quantize`) and `shuffle` of up to 16 bytes need none: what is about to be
//! compressed is computed, on the thread that compresses it. Everything else that another codec follows is encoded whole.
//!
//! What `gzip`, `zlib` and `zstd` have encoded is decoded while it is read from a file; of the others, the encoded bytes of
//! a whole array are in memory meanwhile. The filters before a compressor are undone where the array will be, if what they
//! made is no longer than that: `shuffle`, `bitround`, and `astype`, `categorize`, `delta`, `fixedscaleoffset` and `quantize` to
//! items of the same size or a smaller one. Between all other codecs there is a whole copy.
//!
//! # Which codec for which data
//!
//! `zstd` for anything; `blosc` for numbers that shall be there fast; `shuffle` before `zstd`, for arrays only, where the size
//! counts; `pcodec` for the smallest integers. `gzip` is what every Python reads. No compressor makes much of trained weights:
//! if they need not keep every bit, [`BitRound`] before `shuffle` and `zstd` does.
//!
//! The ratio, and MB/s of saving and loading, on two cores: 32 MiB of weights (normally distributed), 32 MiB of a series of
//! integers that change by up to 40, and 8 MiB of records full of text, whose strings have to be made one by one whatever
//! the codec. `cargo run --release --features lzma,pcodec --example codecs` measures it anew; these are medians of its runs.
//!
//! | codecs | float32 weights | int32 series | text |
//! |---|---|---|---|
//! | `lz4` | 1.00, 453, 1092 | 1.64, 219, 918 | 1.59, 122, 60 |
//! | `blosc` (`lz4` inside, shuffled) | 1.09, 360, 1101 | 3.34, 1566, 1253 | 1.56, 142, 94 |
//! | `blosc` with `cname` `zstd` | 1.24, 81, 726 | 3.64, 233, 1093 | 2.53, 28, 91 |
//! | `zstd` | 1.13, 381, 555 | 2.48, 149, 518 | 2.44, 65, 68 |
//! | `shuffle` for arrays, `zstd` | 1.30, 228, 503 | 3.61, 667, 935 | 2.44, 64, 78 |
//! | `delta` and `shuffle` for arrays, `zstd` | 1.25, 192, 433 | 2.94, 351, 429 | 2.44, 63, 75 |
//! | `gzip` | 1.12, 173, 328 | 2.62, 132, 457 | 2.24, 75, 74 |
//! | `bz2` | 1.17, 9, 16 | 3.61, 12, 37 | 3.39, 11, 25 |
//! | `lzma` | 1.26, 2, 16 | 3.76, 1, 30 | 2.93, 1, 26 |
//! | `pcodec` for arrays, `zstd` for the rest | 1.21, 82, 570 | 5.03, 120, 938 | 2.44, 64, 76 |
//!
//! [numcodecs]: https://numcodecs.readthedocs.io

use std::fmt::Debug;
use std::io::BufRead;

use crate::dtype::DType;
use crate::error::{Error, Result};

#[cfg(feature = "adler32")]
mod adler32;
mod astype;
#[cfg(feature = "base64")]
mod base64;
mod bitround;
#[cfg(feature = "blosc")]
mod blosc;
#[cfg(feature = "bz2")]
mod bz2;
mod categorize;
mod chain;
mod checksum;
mod config;
#[cfg(feature = "crc32")]
mod crc32;
#[cfg(feature = "crc32c")]
mod crc32c;
mod decoding;
#[cfg(any(feature = "gzip", feature = "zlib"))]
mod deflate;
mod delta;
mod encoding;
mod fixedscaleoffset;
mod fletcher32;
#[cfg(feature = "gzip")]
mod gzip;
mod items;
mod itemwise;
mod jenkins_lookup3;
mod json2;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "lzma")]
mod lzma;
mod msgpack2;
mod numbers;
mod packbits;
#[cfg(any(feature = "blosc", feature = "gzip"))]
mod parallel;
mod parts;
#[cfg(feature = "pcodec")]
mod pcodec;
#[cfg(feature = "lzma")]
mod pieces;
mod planes;
mod quantize;
mod recast;
mod registry;
mod shuffle;
mod spec;
#[cfg(feature = "zfpy")]
mod zfpy;
#[cfg(feature = "zlib")]
mod zlib;
#[cfg(feature = "zstd")]
mod zstd;

#[cfg(feature = "adler32")]
pub use adler32::Adler32;
pub use astype::AsType;
#[cfg(feature = "base64")]
pub use base64::Base64;
pub use bitround::BitRound;
#[cfg(feature = "blosc")]
pub use blosc::{Blosc, BloscCompressor, BloscShuffle};
#[cfg(feature = "bz2")]
pub use bz2::Bz2;
pub use categorize::Categorize;
pub(crate) use chain::{Chain, MAX_STEPS, compressors, decoded_bound};
pub use checksum::Location;
pub use config::{CodecConfig, ConfigValue};
#[cfg(feature = "crc32")]
pub use crc32::Crc32;
#[cfg(feature = "crc32c")]
pub use crc32c::Crc32c;
pub(crate) use decoding::{decode_from, decode_into};
pub use delta::Delta;
pub use fixedscaleoffset::{FixedScaleOffset, Scalar};
pub use fletcher32::Fletcher32;
#[cfg(feature = "gzip")]
pub use gzip::Gzip;
pub use jenkins_lookup3::JenkinsLookup3;
pub use json2::Json;
#[cfg(feature = "lz4")]
pub use lz4::Lz4;
#[cfg(feature = "lzma")]
pub use lzma::Lzma;
pub use msgpack2::MsgPack;
pub use packbits::PackBits;
#[cfg(feature = "pcodec")]
pub use pcodec::Pcodec;
pub use quantize::Quantize;
pub use registry::Registry;
pub use shuffle::Shuffle;
pub use spec::{BufferInfo, ByCodec, ByFunction, ByName, CodecSpec, IntoCodecSpec};
#[cfg(feature = "zfpy")]
pub use zfpy::Zfpy;
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

    /// As [`encode`](Codec::encode), on up to this many threads. What comes out must not depend on how many.
    fn encode_on(&self, _threads: usize, data: &[u8], dtype: DType) -> Result<Encoded> {
        self.encode(data, dtype)
    }

    /// As [`encode_on`](Codec::encode_on), but the encoded bytes are handed to `out` piece by piece, in their order, so
    /// that they need not all be in memory. Returns what they are to the next codec.
    ///
    /// All pieces together must be what `encode_on` returns. An error of `out` ends it.
    fn encode_to(
        &self,
        threads: usize,
        data: &[u8],
        dtype: DType,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<DType> {
        if let parts::Role::Compressor(compressor) = self.role() {
            compressor.compress(threads, &data, dtype, out)?;
            return Ok(DType::UINT8);
        }
        let encoded = self.encode_on(threads, data, dtype)?;
        out(&encoded.bytes)?;
        Ok(encoded.dtype)
    }

    /// As [`decode_into`](Codec::decode_into), on up to this many threads.
    fn decode_into_on(&self, _threads: usize, data: &[u8], out: &mut [u8]) -> Result<()> {
        self.decode_into(data, out)
    }

    /// As [`decode_into_on`](Codec::decode_into_on), but the encoded bytes are read piece by piece, in their order, so that
    /// they need not all be in memory. `None`, without having read anything, from a codec that wants them whole.
    ///
    /// They have not been compared with their digest, for that needs the last one: if it is wrong, what was decoded is
    /// thrown away. If `encoded` fails, so must this; that error then takes the place of the one that is returned.
    fn decode_from(&self, threads: usize, encoded: &mut (dyn BufRead + Send), out: &mut [u8]) -> Option<Result<()>> {
        let _ = (threads, encoded, out);
        None
    }

    /// What the codec can do beside the above, for this crate's own codecs only.
    #[doc(hidden)]
    fn role(&self) -> parts::Role<'_> {
        parts::Role::Other
    }

    /// Whether decoding brings back every byte. What does not may be used on arrays, but never on the pickle stream.
    fn is_lossless(&self) -> bool {
        true
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

/// The error of a codec that could not read its encoded bytes.
#[cfg(any(feature = "gzip", feature = "zlib", feature = "zstd"))]
fn unreadable(error: std::io::Error) -> Error {
    Error::caused(crate::error::ErrorKind::Io, "cannot read the encoded data", error)
}

/// The error for decoded data that does not fit into what it may be.
fn too_long(max_len: usize) -> Error {
    Error::codec(format!("the decoded data is longer than {max_len} bytes"))
}

/// A length, unless it is more than there may be.
fn capped(len: usize, max_len: usize) -> Result<usize> {
    if len <= max_len { Ok(len) } else { Err(too_long(max_len)) }
}

/// Refuses items of another size than those that a codec which does not keep every bit would take them for.
fn same_size(expected: DType, found: DType) -> Result<()> {
    if expected.itemsize() == found.itemsize() {
        return Ok(());
    }
    Err(Error::codec(format!("it works on {}, and would damage what is {}", expected.name(), found.name())))
}

/// Makes room for `additional` bytes, or says that there is none.
fn reserve(bytes: &mut Vec<u8>, additional: usize) -> Result<()> {
    bytes
        .try_reserve_exact(additional)
        .map_err(|_| Error::limit(format!("no memory for {} bytes", bytes.len().saturating_add(additional))))
}

/// So many zeros, or an error that there is no memory for them.
fn zeros(len: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reserve(&mut bytes, len)?;
    bytes.resize(len, 0);
    Ok(bytes)
}

#[cfg(test)]
pub(crate) mod testing {
    use std::io::BufReader;

    use super::parts::testing::Computed;
    use super::parts::{Parts, Role};
    use super::*;
    use crate::error::ErrorKind;

    /// A dtype by its name.
    pub(crate) fn of(dtype: &str) -> DType {
        DType::parse(dtype).unwrap_or_else(|| panic!("{dtype} is no dtype"))
    }

    /// What every codec must do with a vector: `data` is encoded to `encoded`, which is decoded to `decoded`.
    pub(crate) fn check_codec(codec: &dyn Codec, data: (DType, &[u8]), encoded: (DType, &[u8]), decoded: &[u8]) {
        let found = data.0;
        let made = codec.encode(data.1, found).unwrap();
        assert_eq!((made.bytes.as_slice(), made.dtype), (encoded.1, encoded.0), "{}", codec.config());
        assert!(encoded.1.len() <= codec.encoded_bound(data.1.len()));
        assert!(decoded.len() <= codec.decoded_bound(encoded.1.len()));
        assert_eq!(codec.decode(encoded.1, decoded.len()).unwrap(), decoded, "{}", codec.config());
        let mut out = vec![1; decoded.len()];
        codec.decode_into(encoded.1, &mut out).unwrap();
        assert_eq!(out, decoded);
        assert!(codec.decode_into(encoded.1, &mut vec![1; decoded.len() + 1]).is_err());
        if !decoded.is_empty() {
            assert!(codec.decode(encoded.1, decoded.len() - 1).is_err());
            assert!(codec.decode_into(encoded.1, &mut out[1..]).is_err());
        }
        if let Role::Filter(filter) = codec.role() {
            for data in [Box::new(data.1) as Box<dyn Parts>, Box::new(Computed(data.1.to_vec()))] {
                let (parts, dtype) = filter.filter(data, found).unwrap();
                assert_eq!((parts.len(), dtype), (encoded.1.len(), encoded.0));
                let mut room = b"anything".to_vec();
                for (start, end) in (0..=parts.len()).flat_map(|end| (0..=end).map(move |start| (start, end))) {
                    assert_eq!(parts.part(start..end, &mut room).unwrap(), &encoded.1[start..end]);
                }
            }
        }
        let config = codec.config();
        assert_eq!(Registry::new().codec(&config).unwrap().config(), config);
    }

    /// Every flip of a bit and every cut of an encoding, and every cap of what comes out: an error, or a value within
    /// the cap.
    pub(crate) fn damage(codec: &dyn Codec, encoded: &[u8]) {
        let check = |data: &[u8]| {
            let bound = codec.decoded_bound(data.len());
            for max_len in [0, 1, 16, encoded.len(), usize::MAX] {
                if let Ok(decoded) = codec.decode(data, max_len) {
                    assert!(decoded.len() <= max_len && decoded.len() <= bound);
                    codec.decode_into(data, &mut vec![0; decoded.len()]).unwrap();
                }
            }
            let _ = codec.decode_into(data, &mut vec![0; encoded.len()]);
        };
        for len in 0..=encoded.len() {
            check(&encoded[..len]);
        }
        for bit in 0..encoded.len() * 8 {
            let mut flipped = encoded.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            check(&flipped);
        }
    }

    pub(crate) fn bytes_of_hex(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    /// What [`Codec::encode_to`] hands out, on two threads.
    pub(crate) fn in_pieces(codec: &dyn Codec, data: &[u8]) -> Vec<u8> {
        let mut pieces = Vec::new();
        let dtype = codec.encode_to(2, data, DType::UINT8, &mut |piece| {
            pieces.extend_from_slice(piece);
            Ok(())
        });
        assert_eq!(dtype.unwrap(), DType::UINT8);
        pieces
    }

    /// What [`Compressor::compress`](super::parts::Compressor::compress) makes of data that it gets by parts.
    pub(crate) fn by_parts(codec: &dyn Codec, data: &[u8]) -> Option<Vec<u8>> {
        let Role::Compressor(compressor) = codec.role() else { return None };
        let mut encoded = Vec::new();
        let mut out = |piece: &[u8]| {
            encoded.extend_from_slice(piece);
            Ok(())
        };
        compressor.compress(2, &Computed(data.to_vec()), DType::UINT8, &mut out).unwrap();
        Some(encoded)
    }

    /// What comes out is the same whether the encoded bytes come whole or piece by piece.
    pub(crate) fn read_in_pieces(codec: &dyn Codec, encoded: &[u8], len: usize) {
        let mut expected = vec![1; len];
        let whole = codec.decode_into(encoded, &mut expected).ok().map(|()| expected);
        for (threads, piece) in [(1, 1), (2, 1), (1, 7), (3, 1000), (2, usize::MAX)] {
            // That a piece is short is worth a look only while there are few.
            let piece = piece.max(encoded.len() / 1000).min(encoded.len() + 1);
            let mut pieces = BufReader::with_capacity(piece, encoded);
            let mut out = vec![2; len];
            match codec.decode_from(threads, &mut pieces, &mut out) {
                Some(decoded) => assert!(decoded.ok().map(|()| out) == whole, "{}", codec.config()),
                None => assert_eq!(pieces.fill_buf().unwrap().first(), encoded.first()),
            }
        }
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
            assert!(in_pieces(codec, data) == encoded);
            assert!(by_parts(codec, data).is_none_or(|by_parts| by_parts == encoded));
            assert!(codec.decode(&encoded, data.len()).unwrap() == data);
            assert!(codec.decode(&encoded, usize::MAX).unwrap() == data);
            let mut out = vec![1; data.len()];
            codec.decode_into(&encoded, &mut out).unwrap();
            assert!(out == data);
            for len in data.len().saturating_sub(1)..data.len() + 2 {
                read_in_pieces(codec, &encoded, len);
            }
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
        check_damage(codec, b"hello hello hello, hello hello hello", DType::UINT8);
        let config = codec.config();
        let again = Registry::new().codec(&config).unwrap();
        assert_eq!(again.config(), config);
        assert!(Registry::new().codec(&config.set("no such key", 1)).is_err());
    }

    /// What a decoder must do with whatever it is given: an error or some value that is not too long. Every bit of
    /// valid data is flipped, and it is cut everywhere.
    pub(crate) fn check_damage(codec: &dyn Codec, data: &[u8], dtype: DType) {
        let encoded = codec.encode(data, dtype).unwrap().bytes;
        let mut out = vec![0; data.len()];
        let mut try_it = |bad: &[u8]| {
            for max_len in [0, data.len(), data.len() + 100] {
                if let Ok(decoded) = codec.decode(bad, max_len) {
                    assert!(decoded.len() <= max_len);
                    assert!(decoded.len() <= codec.decoded_bound(bad.len()));
                }
            }
            let _ = codec.decode_into(bad, &mut out);
            read_in_pieces(codec, bad, data.len());
        };
        for len in 0..encoded.len() {
            try_it(&encoded[..len]);
        }
        for bit in 0..encoded.len() * 8 {
            let mut flipped = encoded.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            try_it(&flipped);
        }
    }
}
