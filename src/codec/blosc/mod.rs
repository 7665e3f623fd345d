//! The codec `blosc`: version 1 of the Blosc format.
//!
//! | module | |
//! |---|---|
//! | `header` | the 16 bytes in front, and how a buffer is cut into blocks |
//! | `encode`, `decode` | blocks on their way in and out |
//! | `bitshuffle` | bits of the same significance side by side |
//! | `blosclz`, `lz4hc` | the compressors that are not found elsewhere |

use super::parts::{Compressor, Parts, Role};
use super::{Codec, CodecConfig, ConfigValue, Encoded, too_long, wrong_length, zeros};
use crate::dtype::DType;
use crate::error::{Error, Result};

mod bitshuffle;
mod blosclz;
mod decode;
mod encode;
mod header;
mod lz4hc;

use header::Header;

/// The codec `blosc`. `numcodecs.Blosc`.
///
/// It puts the bytes of the numbers in an array in the order of their significance, and compresses them block by
/// block. For arrays of numbers this is both faster and smaller than what compressors make of them alone. The size of
/// a number is that of the buffer's [`DType`].
///
/// ```
/// use binpickle::DType;
/// use binpickle::codec::{Blosc, BloscCompressor, BloscShuffle, Codec};
///
/// let blosc = Blosc::new(BloscCompressor::Lz4Hc).level(9).shuffle(BloscShuffle::Bits);
/// assert_eq!(blosc.config().to_string(), "blosc(cname='lz4hc', clevel=9, shuffle=2, blocksize=0)");
///
/// let numbers: Vec<u8> = (0..1000u32).flat_map(u32::to_le_bytes).collect();
/// let encoded = blosc.encode(&numbers, DType::parse("<u4").unwrap())?;
/// assert!(encoded.bytes.len() < 500);
/// # Ok::<(), binpickle::Error>(())
/// ```
///
/// Blocks have the sizes that Python's would have. Their bytes are not the same, but any Blosc reads them. A buffer has
/// at most 2,147,483,631 bytes. As Python's, decoding does not look at what follows the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blosc {
    compressor: BloscCompressor,
    level: i32,
    shuffle: BloscShuffle,
    blocksize: i32,
    typesize: Option<u8>,
}

/// What compresses the blocks of [`Blosc`]: `cname` in Python. Decoding finds it in the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BloscCompressor {
    /// Blosc's own: as fast as LZ4, best for data that compresses well.
    BloscLz,
    /// The default, and nearly always the fastest.
    Lz4,
    /// What LZ4 reads, but searched for longer. How long is up to the level. The search is this crate's own, and its
    /// results come close to those of C.
    Lz4Hc,
    /// Slower and smaller.
    Zlib,
    /// Smaller and, for what it does, fast. It needs the feature `zstd`, for decoding as well.
    Zstd,
}

impl BloscCompressor {
    const ALL: [Self; 5] = [Self::BloscLz, Self::Lz4, Self::Lz4Hc, Self::Zlib, Self::Zstd];

    /// Python's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BloscLz => "blosclz",
            Self::Lz4 => "lz4",
            Self::Lz4Hc => "lz4hc",
            Self::Zlib => "zlib",
            Self::Zstd => "zstd",
        }
    }
}

/// What [`Blosc`] does to a block before it is compressed: `shuffle` in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BloscShuffle {
    /// `Blosc.AUTOSHUFFLE`, -1: bits where the items are single bytes, bytes elsewhere.
    Auto,
    /// `Blosc.NOSHUFFLE`, 0: nothing.
    Nothing,
    /// `Blosc.SHUFFLE`, 1, the default: bytes of the same significance are put side by side.
    Bytes,
    /// `Blosc.BITSHUFFLE`, 2: bits of the same significance are put side by side.
    Bits,
}

impl BloscShuffle {
    const ALL: [Self; 4] = [Self::Auto, Self::Nothing, Self::Bytes, Self::Bits];

    fn number(self) -> i32 {
        match self {
            Self::Auto => -1,
            Self::Nothing => 0,
            Self::Bytes => 1,
            Self::Bits => 2,
        }
    }
}

impl Blosc {
    /// With a compressor, level 5, shuffled bytes, and blocks of a size that Blosc chooses.
    #[must_use]
    pub fn new(compressor: BloscCompressor) -> Self {
        Blosc { compressor, level: 5, shuffle: BloscShuffle::Bytes, blocksize: 0, typesize: None }
    }

    /// Sets the level, from 0 (stored) to 9 (slowest): `clevel` in Python.
    ///
    /// Any other level is an error when something is encoded.
    #[must_use]
    pub fn level(mut self, level: i32) -> Self {
        self.level = level;
        self
    }

    /// Sets what is done before blocks are compressed.
    #[must_use]
    pub fn shuffle(mut self, shuffle: BloscShuffle) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Sets the size of a block in bytes. 0, the default, lets Blosc choose.
    ///
    /// A negative size is an error when something is encoded.
    #[must_use]
    pub fn blocksize(mut self, blocksize: i32) -> Self {
        self.blocksize = blocksize;
        self
    }

    /// Sets the size of an item in bytes, whatever the dtype says. As in Python, it is not part of the configuration.
    #[must_use]
    pub fn typesize(mut self, typesize: u8) -> Self {
        self.typesize = Some(typesize);
        self
    }

    fn encode_parts(&self, threads: usize, data: &dyn Parts, dtype: DType) -> Result<Vec<u8>> {
        let level = check_level(self.level)? as u8;
        let blocksize = check_blocksize(self.blocksize)? as usize;
        let itemsize = self.typesize.map_or(dtype.itemsize(), usize::from);
        let shuffle = match self.shuffle {
            BloscShuffle::Auto if itemsize == 1 => BloscShuffle::Bits,
            BloscShuffle::Auto => BloscShuffle::Bytes,
            shuffle => shuffle,
        };
        // As in C, what has larger items is mere bytes.
        let typesize = u8::try_from(itemsize).unwrap_or(1).max(1);
        encode::encode(threads, data, (self.compressor, level), shuffle, typesize, blocksize)
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["cname", "clevel", "shuffle", "blocksize", "typesize"])?;
        let mut blosc = Blosc::default();
        if let Some(name) = config.value("cname") {
            let known = BloscCompressor::ALL.iter().find(|known| *name == ConfigValue::from(known.name()));
            blosc.compressor = *known.ok_or_else(|| {
                Error::codec(format!(
                    "the parameter `cname` must be one of blosclz, lz4, lz4hc, zlib, zstd, not {name}"
                ))
            })?;
        }
        if let Some(level) = config.int("clevel")? {
            blosc.level = check_level(i32::try_from(level).unwrap_or(-1))?;
        }
        if let Some(number) = config.int("shuffle")? {
            let known = BloscShuffle::ALL.iter().find(|known| i64::from(known.number()) == number);
            blosc.shuffle = *known.ok_or_else(|| Error::codec("the parameter `shuffle` must be -1, 0, 1 or 2"))?;
        }
        if let Some(blocksize) = config.int("blocksize")? {
            blosc.blocksize = check_blocksize(i32::try_from(blocksize).unwrap_or(-1))?;
        }
        if config.value("typesize").is_some_and(|value| *value != ConfigValue::Null) {
            let typesize = config.int("typesize")?.and_then(|size| u8::try_from(size).ok()).filter(|&size| size > 0);
            blosc.typesize = Some(
                typesize.ok_or_else(|| Error::codec("the parameter `typesize` must be between 1 and 255, or None"))?,
            );
        }
        Ok(blosc)
    }
}

fn check_level(level: i32) -> Result<i32> {
    if (0..=9).contains(&level) {
        return Ok(level);
    }
    Err(Error::codec("the parameter `clevel` must be between 0 and 9"))
}

fn check_blocksize(blocksize: i32) -> Result<i32> {
    if blocksize >= 0 {
        return Ok(blocksize);
    }
    Err(Error::codec("the parameter `blocksize` must be between 0 and 2147483647"))
}

impl Default for Blosc {
    fn default() -> Self {
        Blosc::new(BloscCompressor::Lz4)
    }
}

impl Compressor for Blosc {
    /// What comes out begins with where its blocks start, and so it is made at once.
    fn compress(
        &self,
        threads: usize,
        data: &dyn Parts,
        dtype: DType,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        out(&self.encode_parts(threads, data, dtype)?)
    }
}

impl Codec for Blosc {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("blosc")
            .set("cname", self.compressor.name())
            .set("clevel", self.level)
            .set("shuffle", self.shuffle.number())
            .set("blocksize", self.blocksize)
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        self.encode_on(1, data, dtype)
    }

    fn encode_on(&self, threads: usize, data: &[u8], dtype: DType) -> Result<Encoded> {
        self.encode_parts(threads, &data, dtype).map(Encoded::bytes)
    }

    fn role(&self) -> Role<'_> {
        Role::Compressor(self)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let (header, data) = Header::read(data)?;
        if header.len > max_len {
            return Err(too_long(max_len));
        }
        if header.len > self.decoded_bound(data.len()) {
            return Err(Error::codec("the compressed data is cut"));
        }
        let mut out = zeros(header.len)?;
        decode::decode(1, &header, data, &mut out)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        self.decode_into_on(1, data, out)
    }

    fn decode_into_on(&self, threads: usize, data: &[u8], out: &mut [u8]) -> Result<()> {
        let (header, data) = Header::read(data)?;
        if header.len != out.len() {
            return Err(wrong_length(header.len, out.len()));
        }
        decode::decode(threads, &header, data, out)
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len.saturating_add(header::LEN)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        // That of zstd, which makes the most of a byte.
        len.saturating_mul((128 << 10) / 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check, check_damage};

    fn compressors() -> impl Iterator<Item = BloscCompressor> {
        BloscCompressor::ALL.into_iter().filter(|&it| cfg!(feature = "zstd") || it != BloscCompressor::Zstd)
    }

    #[test]
    fn round_trips() {
        for compressor in compressors() {
            check(&Blosc::new(compressor));
        }
        check(&Blosc::default().shuffle(BloscShuffle::Auto));
        check(&Blosc::default().level(0));
        check(&Blosc::default().level(9).shuffle(BloscShuffle::Bits).blocksize(1000));
    }

    #[test]
    fn all_parameters() {
        let smooth: Vec<u8> = (0..20_000u32).flat_map(|n| (n * n / 300).to_le_bytes()).collect();
        for compressor in compressors() {
            for shuffle in BloscShuffle::ALL {
                for level in [1, 9] {
                    for blocksize in [0, 1, 1000] {
                        for typesize in [1, 3, 4, 16, 17] {
                            let blosc = Blosc::new(compressor)
                                .shuffle(shuffle)
                                .level(level)
                                .blocksize(blocksize)
                                .typesize(typesize);
                            for len in [0, 1, 127, 129, 4095, 65_537] {
                                let data = &smooth[..if level < 9 { len } else { len.min(2048) }];
                                let encoded = blosc.encode(data, DType::UINT8).unwrap().bytes;
                                assert!(encoded.len() <= data.len() + 16);
                                assert!(blosc.decode(&encoded, data.len()).unwrap() == data, "{blosc:?} {len}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_on_any_threads() {
        // More than one thread gets something to encode; and the last block cannot be made shorter.
        let mut data: Vec<u8> = (0..1_050_000u32).flat_map(|n| (n.wrapping_mul(n) / 1000).to_le_bytes()).collect();
        data.extend((0..99_999u32).map(|n| (n.wrapping_mul(0x9e37_79b9) >> 24) as u8));
        let mut out = vec![0; data.len()];
        for compressor in compressors() {
            let blosc = Blosc::new(compressor).level(1);
            let encoded = blosc.encode(&data, DType::parse("<u4").unwrap()).unwrap().bytes;
            assert!(encoded.len() < data.len());
            assert!(blosc.encode_on(3, &data, DType::parse("<u4").unwrap()).unwrap().bytes == encoded);
            for threads in [1, 3, 100] {
                out.fill(1);
                blosc.decode_into_on(threads, &encoded, &mut out).unwrap();
                assert!(out == data, "{blosc:?}");
                assert!(blosc.decode_into_on(threads, &encoded[..encoded.len() - 1], &mut out).is_err());
                assert!(blosc.decode_into_on(threads, &encoded, &mut out[1..]).is_err());
            }
        }
    }

    #[test]
    fn damage_is_no_panic() {
        let data: Vec<u8> = (0..150u32).flat_map(|n| (n * n / 9).to_le_bytes()).collect();
        for compressor in compressors() {
            let blosc = Blosc::new(compressor).shuffle(BloscShuffle::Bits).blocksize(256);
            let dtype = DType::parse("<i4").unwrap();
            check_damage(&blosc, &data, dtype);
            let encoded = blosc.encode(&data, dtype).unwrap().bytes;
            for at in 0..encoded.len() {
                let mut flipped = encoded.clone();
                flipped[at] ^= 0x55;
                let _ = blosc.decode_into_on(3, &flipped, &mut vec![0; data.len()]);
            }
        }
    }

    #[test]
    fn configurations() {
        let made = |config: CodecConfig| match Blosc::from_config(&config) {
            Ok(blosc) => blosc.config().to_string(),
            Err(error) => error.to_string(),
        };
        let config = || CodecConfig::new("blosc");
        assert_eq!(made(config()), "blosc(cname='lz4', clevel=5, shuffle=1, blocksize=0)");
        assert_eq!(made(config().set("typesize", None::<i64>).set("shuffle", -1)), made(config().set("shuffle", -1)));
        for (key, value) in [
            ("cname", ConfigValue::from("snappy")),
            ("cname", 1.into()),
            ("clevel", 10.into()),
            ("clevel", (-1).into()),
            ("clevel", 5.0.into()),
            ("shuffle", 3.into()),
            ("shuffle", (1i64 << 32).into()),
            ("blocksize", (-1).into()),
            ("blocksize", (1i64 << 31).into()),
            ("typesize", 0.into()),
            ("typesize", 256.into()),
        ] {
            assert!(made(config().set(key, value)).contains(&format!("`{key}`")), "{key}");
        }
        assert!(Blosc::default().level(10).encode(b"x", DType::UINT8).is_err());
        assert!(Blosc::default().blocksize(-1).encode(b"x", DType::UINT8).is_err());
    }

    #[test]
    fn as_in_python() {
        for (hex, data) in [
            // blosc.compress(np.zeros(n, dtype), b"lz4", 5, 1, 0)
            ("02012101800000008000000023000000140000000b0000001f00010067500000000000", vec![0; 128]),
            ("02013301000000000100000010000000", vec![]),
            ("0201330404000000040000001400000000000000", vec![0; 4]),
            ("02013104fc010000fc01000024000000140000000c0000001f000100ffe4500000000000", vec![0; 508]),
        ] {
            let bytes = bytes_of_hex(hex);
            assert_eq!(Blosc::default().decode(&bytes, 1000).unwrap(), data);
            assert_eq!(Blosc::default().decode(&[&bytes[..], b"more"].concat(), 1000).unwrap(), data);
            assert!(Blosc::default().decode(&bytes[..bytes.len() - 1], 1000).is_err());
            // The headers are the same.
            let ours = Blosc::default().typesize(bytes[3]).encode(&data, DType::UINT8).unwrap().bytes;
            assert_eq!(ours[..12], bytes[..12]);
        }
    }

    #[test]
    fn a_declared_size_is_no_promise() {
        let blosc = Blosc::default();
        let valid = blosc.encode(&[0; 4096], DType::UINT8).unwrap().bytes;
        for len in [u32::MAX, 1 << 31, (1 << 31) - 1, 1 << 30, 4097, 4095, 1] {
            for at in [4, 8, 12] {
                let mut lie = valid.clone();
                lie[at..at + 4].copy_from_slice(&len.to_le_bytes());
                assert!(blosc.decode(&lie, usize::MAX).is_err(), "{len} at {at}");
            }
        }
        let bomb = blosc.encode(&vec![0; 16 << 20], DType::UINT8).unwrap().bytes;
        assert!(blosc.decode(&bomb, 1000).is_err());
        assert!(blosc.decode_into(&bomb, &mut [0; 1000]).is_err());
    }
}
