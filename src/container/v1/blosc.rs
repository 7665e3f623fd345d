//! The codec `blosc` of this version: a list of pieces, each of which Blosc has compressed.

use std::fmt;
use std::sync::Arc;

use rmp::Marker;
use rmp::{decode, encode};

use crate::codec::{Codec, CodecConfig, Encoded, Registry};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The codec `blosc`, with pieces of 1 GiB: a MsgPack array of bytes.
pub(super) struct BloscPieces {
    config: CodecConfig,
    /// What compresses a piece: numcodecs' codec of the same name.
    blosc: Arc<dyn Codec>,
    /// The most bytes of a piece.
    piece_len: usize,
}

/// Python's default.
const PIECE_LEN: usize = 1 << 30;

impl BloscPieces {
    pub(super) const ID: &str = "binpickle.blosc";

    /// The codec with Python's parameters, and its defaults for those that are not there.
    pub(super) fn from_config(config: &CodecConfig, registry: &Registry) -> Result<Self> {
        config.only(&["name", "level", "shuffle"])?;
        let defaults = CodecConfig::new(Self::ID).set("name", "blosclz").set("level", 9).set("shuffle", 1);
        let config = config.iter().fold(defaults, |config, (key, value)| config.set(key, value.clone()));
        let names = [("name", "cname"), ("level", "clevel"), ("shuffle", "shuffle")];
        let blosc = names.into_iter().fold(CodecConfig::new("blosc"), |blosc, (key, name)| match config.value(key) {
            Some(value) => blosc.set(name, value.clone()),
            None => blosc,
        });
        Ok(BloscPieces { config, blosc: registry.codec(&blosc)?, piece_len: PIECE_LEN })
    }
}

impl fmt::Debug for BloscPieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.config)
    }
}

impl Codec for BloscPieces {
    fn config(&self) -> CodecConfig {
        self.config.clone()
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        let too_long = |_| Error::codec("the data is too long");
        let mut out = Vec::new();
        // As in Python, nothing is one piece of nothing.
        let count = data.len().div_ceil(self.piece_len).max(1);
        encode::write_array_len(&mut out, u32::try_from(count).map_err(too_long)?).map_err(std::io::Error::from)?;
        for number in 0..count {
            let piece = &data[number * self.piece_len..data.len().min((number + 1) * self.piece_len)];
            let piece = self.blosc.encode(piece, dtype)?.bytes;
            encode::write_bin(&mut out, &piece).map_err(std::io::Error::from)?;
        }
        Ok(Encoded::bytes(out))
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let max_len = max_len.min(self.decoded_bound(data.len()));
        let mut len = 0usize;
        for_each_piece(data, |_, piece_len| {
            len = len.saturating_add(piece_len);
            if len > max_len {
                return Err(Error::codec(format!("the decoded data is longer than {max_len} bytes")));
            }
            Ok(())
        })?;
        let mut out = Vec::new();
        out.try_reserve_exact(len).map_err(|_| Error::limit(format!("no memory for {len} bytes")))?;
        out.resize(len, 0);
        self.decode_into(data, &mut out)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let mut rest = out;
        for_each_piece(data, |piece, len| {
            let (out, after) = std::mem::take(&mut rest)
                .split_at_mut_checked(len)
                .ok_or_else(|| Error::codec("the pieces are longer than the decoded data"))?;
            rest = after;
            self.blosc.decode_into(piece, out)
        })?;
        if rest.is_empty() { Ok(()) } else { Err(Error::codec("the pieces are shorter than the decoded data")) }
    }

    fn decoded_bound(&self, len: usize) -> usize {
        self.blosc.decoded_bound(len)
    }
}

/// Calls a function with each piece and the length that it declares to have when it is decoded.
fn for_each_piece(data: &[u8], mut each: impl FnMut(&[u8], usize) -> Result<()>) -> Result<()> {
    let malformed = || Error::codec("it is no list of pieces");
    let mut rest = data;
    for _ in 0..decode::read_array_len(&mut rest).map_err(|_| malformed())? {
        let len = match rest.first().map(|&byte| Marker::from_u8(byte)) {
            // What msgpack before 1.0 called `raw`, and wrote for bytes.
            Some(Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32) => {
                decode::read_str_len(&mut rest).map_err(|_| malformed())?
            }
            _ => decode::read_bin_len(&mut rest).map_err(|_| malformed())?,
        };
        let (piece, after) = rest.split_at_checked(len as usize).ok_or_else(malformed)?;
        // The second word of Blosc's header.
        let len = piece.get(4..).and_then(<[u8]>::first_chunk).ok_or_else(malformed)?;
        each(piece, u32::from_le_bytes(*len) as usize)?;
        rest = after;
    }
    if rest.is_empty() { Ok(()) } else { Err(malformed()) }
}

#[cfg(all(test, feature = "blosc"))]
mod tests {
    use super::*;
    use crate::codec::testing::bytes_of_hex;

    fn codec(config: &CodecConfig) -> Result<BloscPieces> {
        BloscPieces::from_config(config, &Registry::new())
    }

    fn default() -> BloscPieces {
        codec(&CodecConfig::new(BloscPieces::ID)).unwrap()
    }

    #[test]
    fn round_trips() {
        let smooth: Vec<u8> = (0..20_000u32).flat_map(|n| (n / 3).to_le_bytes()).collect();
        for name in ["blosclz", "lz4", "zlib"] {
            for shuffle in 0..3 {
                let config =
                    CodecConfig::new(BloscPieces::ID).set("name", name).set("level", 5).set("shuffle", shuffle);
                let mut codec = codec(&config).unwrap();
                assert_eq!(codec.config(), config);
                for piece_len in [1000, PIECE_LEN] {
                    codec.piece_len = piece_len;
                    for len in [0, 1, 999, 1000, 1001, 80_000] {
                        let data = &smooth[..len];
                        let encoded = codec.encode(data, DType::UINT8).unwrap().bytes;
                        assert!(encoded.len() <= codec.encoded_bound(len) && len <= codec.decoded_bound(encoded.len()));
                        assert!(codec.decode(&encoded, len).unwrap() == data);
                        let mut out = vec![1; len];
                        codec.decode_into(&encoded, &mut out).unwrap();
                        assert!(out == data);
                        assert!(codec.decode_into(&encoded, &mut vec![1; len + 1]).is_err());
                        assert!(len == 0 || codec.decode(&encoded, len - 1).is_err());
                        assert!(len == 0 || codec.decode_into(&encoded, &mut out[1..]).is_err());
                    }
                }
            }
        }
    }

    #[test]
    fn as_in_python() {
        // Blosc().encode(b"") and Blosc(blocksize=4).encode(b"abcdef"), in which a piece with its header is longer than 16
        let empty = bytes_of_hex("91c41002011301000000000100000010000000");
        assert_eq!(default().decode(&empty, 0).unwrap(), b"");
        assert_eq!(default().encode(b"", DType::UINT8).unwrap().bytes[..3], empty[..3]);
        let pieces =
            bytes_of_hex("92c4140201130104000000040000001400000061626364c412020113010200000002000000120000006566");
        assert_eq!(default().decode(&pieces, 6).unwrap(), b"abcdef");
        // As `raw`, from msgpack before 1.0.
        let raw: Vec<u8> = [&[0x92, 0xb4], &pieces[3..23], &[0xb2], &pieces[25..]].concat();
        assert_eq!(default().decode(&raw, 6).unwrap(), b"abcdef");
    }

    #[test]
    fn what_is_declared_is_not_believed() {
        let codec = default();
        let pieces = codec.encode(b"abcdef", DType::UINT8).unwrap().bytes;
        for len in 0..pieces.len() {
            assert!(codec.decode(&pieces[..len], 6).is_err());
        }
        for data in [
            &[0xdd, 0xff, 0xff, 0xff, 0xff][..],
            &[0x91, 0xc6, 0xff, 0xff, 0xff, 0xff],
            &[0x91, 0xc4, 0],
            &[0x91, 0xc0],
            &[0x80],
            &[&pieces[..], &[0xc0]].concat(),
            &[&[0x92], &pieces[1..]].concat(),
        ] {
            assert!(codec.decode(data, 1 << 40).is_err());
            assert!(codec.decode_into(data, &mut [0; 6]).is_err());
        }
        // A piece that says that it is as long as can be, and a thousand of them.
        let mut piece = pieces[1..].to_vec();
        piece[6..10].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());
        let many = [&[0xdc, 0x03, 0xe8], &piece.repeat(1000)[..]].concat();
        for data in [[&[0x91], &piece[..]].concat(), many] {
            assert!(codec.decode(&data, usize::MAX).is_err());
            assert!(codec.decode_into(&data, &mut [0; 100]).is_err());
        }
        for bit in 0..8 * pieces.len() {
            let mut flipped = pieces.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(codec.decode(&flipped, 1000).map_or(true, |decoded| decoded.len() <= 1000));
            let _ = codec.decode_into(&flipped, &mut [0; 6]);
        }
    }

    #[test]
    fn configurations() {
        let made = |config: CodecConfig| match codec(&config) {
            Ok(codec) => codec.config().to_string(),
            Err(error) => error.to_string(),
        };
        let config = || CodecConfig::new(BloscPieces::ID);
        assert_eq!(made(config()), "binpickle.blosc(name='blosclz', level=9, shuffle=1)");
        assert_eq!(made(config().set("level", 1)), "binpickle.blosc(name='blosclz', level=1, shuffle=1)");
        assert_eq!(made(config().set("x", 1)), "the codec `binpickle.blosc` has no parameter `x`");
        for (key, value) in
            [("name", "snappy".into()), ("level", 10.into()), ("shuffle", crate::codec::ConfigValue::Null)]
        {
            assert!(codec(&config().set(key, value)).is_err(), "{key}");
        }
    }
}
