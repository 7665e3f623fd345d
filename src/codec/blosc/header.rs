//! The 16 bytes in front, and how a buffer is cut into blocks.

use super::{BloscCompressor, BloscShuffle};
use crate::error::{Error, Result};

/// The length of a header.
pub(super) const LEN: usize = 16;

/// The longest buffer: C's lengths are `int`s.
pub(super) const MAX_LEN: usize = i32::MAX as usize - LEN;

/// The version of the format, and that of the data within, which is 1 for all compressors.
const VERSION: u8 = 2;
const DATA_VERSION: u8 = 1;

const SHUFFLED: u8 = 1;
const STORED: u8 = 1 << 1;
const BITSHUFFLED: u8 = 1 << 2;
const RESERVED: u8 = 1 << 3;
const NOT_SPLIT: u8 = 1 << 4;
const FORMAT_SHIFT: u32 = 5;

/// Shorter buffers are stored, and blocks are not split into parts that are shorter.
pub(super) const MIN_BUFFER: usize = 128;
/// Blocks are not split into more parts.
const MAX_SPLITS: usize = 16;
/// What C can take, for it adds up three of them.
const MAX_BLOCK: usize = (i32::MAX as usize - 255 * 4) / 3;

/// How the blocks are compressed. LZ4 stands for two compressors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    BloscLz = 0,
    Lz4 = 1,
    Zlib = 3,
    Zstd = 4,
}

impl From<BloscCompressor> for Format {
    fn from(compressor: BloscCompressor) -> Self {
        match compressor {
            BloscCompressor::BloscLz => Format::BloscLz,
            BloscCompressor::Lz4 | BloscCompressor::Lz4Hc => Format::Lz4,
            BloscCompressor::Zlib => Format::Zlib,
            BloscCompressor::Zstd => Format::Zstd,
        }
    }
}

pub(super) struct Header {
    pub(super) format: Format,
    pub(super) shuffle: BloscShuffle,
    pub(super) stored: bool,
    /// Whether each block but a shorter last one is compressed in as many parts as an item has bytes.
    pub(super) split: bool,
    pub(super) typesize: u8,
    /// The length of the data.
    pub(super) len: usize,
    pub(super) blocksize: usize,
}

impl Header {
    /// Reads the header, and gives all of the encoded data without what follows it.
    pub(super) fn read(data: &[u8]) -> Result<(Self, &[u8])> {
        let cut = || Error::codec("the compressed data is cut");
        let damaged = |what: &str| Error::codec(format!("the compressed data is damaged: {what}"));
        let &[version, data_version, flags, typesize, ref numbers @ ..] = data.first_chunk::<LEN>().ok_or_else(cut)?;
        let number = |n: usize| u32::from_le_bytes(std::array::from_fn(|byte| numbers[4 * n + byte])) as usize;
        let (len, blocksize, encoded_len) = (number(0), number(1), number(2));
        if version != VERSION || flags & RESERVED != 0 {
            return Err(Error::codec(format!(
                "version {version} of Blosc with the flags {flags:#04x} is not supported"
            )));
        }
        let stored = flags & STORED != 0;
        let format = match flags >> FORMAT_SHIFT {
            0 => Format::BloscLz,
            1 => Format::Lz4,
            3 => Format::Zlib,
            4 => Format::Zstd,
            // There is nothing to decompress.
            _ if stored || len == 0 => Format::Lz4,
            2 => return Err(Error::codec("Snappy within Blosc is not supported, nor does Python write it")),
            other => return Err(damaged(&format!("there is no compressor {other}"))),
        };
        if !stored && data_version != DATA_VERSION {
            return Err(Error::codec(format!("version {data_version} of the data within Blosc is not supported")));
        }
        if len > MAX_LEN {
            return Err(damaged("it declares more than Blosc can hold"));
        }
        if len > 0 && (typesize == 0 || blocksize == 0 || blocksize > len.min(MAX_BLOCK)) {
            return Err(damaged("the sizes in its header do not fit each other"));
        }
        let data = data.get(..encoded_len.max(LEN)).ok_or_else(cut)?;
        if stored && encoded_len != LEN + len {
            return Err(damaged("it is stored, but not as long as it says"));
        }
        // Both at once cannot be; C then looks at this one first, and not at all at single bytes.
        let shuffle = if flags & SHUFFLED != 0 && typesize > 1 {
            BloscShuffle::Bytes
        } else if flags & BITSHUFFLED != 0 {
            BloscShuffle::Bits
        } else {
            BloscShuffle::Nothing
        };
        let header = Header { format, shuffle, stored, split: flags & NOT_SPLIT == 0, typesize, len, blocksize };
        Ok((header, data))
    }

    /// The header in bytes.
    pub(super) fn bytes(&self, encoded_len: usize) -> [u8; LEN] {
        let mut flags = (self.format as u8) << FORMAT_SHIFT;
        match self.shuffle {
            BloscShuffle::Bytes => flags |= SHUFFLED,
            BloscShuffle::Bits => flags |= BITSHUFFLED,
            BloscShuffle::Nothing | BloscShuffle::Auto => {}
        }
        if self.stored {
            flags |= STORED;
        }
        if !self.split {
            flags |= NOT_SPLIT;
        }
        let mut bytes = [0; LEN];
        bytes[..4].copy_from_slice(&[VERSION, DATA_VERSION, flags, self.typesize]);
        for (bytes, number) in bytes[4..].chunks_exact_mut(4).zip([self.len, self.blocksize, encoded_len]) {
            bytes.copy_from_slice(&(number as u32).to_le_bytes());
        }
        bytes
    }

    /// In how many parts a block of this length is compressed.
    pub(super) fn parts(&self, block_len: usize) -> usize {
        let whole = block_len == self.blocksize;
        if self.split && whole && can_split(self.typesize.into(), self.blocksize) { self.typesize.into() } else { 1 }
    }

    /// Whether a block of this length is shuffled at all.
    pub(super) fn shuffle_of(&self, block_len: usize) -> BloscShuffle {
        match self.shuffle {
            BloscShuffle::Bytes if self.typesize > 1 => BloscShuffle::Bytes,
            BloscShuffle::Bits if block_len >= self.typesize.into() => BloscShuffle::Bits,
            _ => BloscShuffle::Nothing,
        }
    }
}

fn can_split(typesize: usize, blocksize: usize) -> bool {
    typesize <= MAX_SPLITS && blocksize / typesize >= MIN_BUFFER
}

/// Whether blocks are split. Old readers split whatever was not zstd, which is newer than the flag that tells them.
pub(super) fn split(compressor: BloscCompressor, typesize: u8, blocksize: usize) -> bool {
    compressor != BloscCompressor::Zstd && can_split(typesize.into(), blocksize)
}

/// The size of the blocks for a buffer of `len` bytes: what C would choose, or `wanted` in its limits if it is not 0.
pub(super) fn blocksize(compressor: BloscCompressor, level: u8, typesize: u8, len: usize, wanted: usize) -> usize {
    let typesize_of_block = usize::from(typesize);
    if len < typesize_of_block {
        return 1;
    }
    let mut blocksize = len;
    if wanted != 0 {
        blocksize = wanted.clamp(MIN_BUFFER, MAX_BLOCK);
    } else if len >= 32 << 10 {
        let thorough = matches!(compressor, BloscCompressor::Lz4Hc | BloscCompressor::Zlib | BloscCompressor::Zstd);
        let base = if thorough { 64 << 10 } else { 32 << 10 };
        blocksize = match level {
            0 => base / 4,
            1 => base / 2,
            2 => base,
            3 => base * 2,
            4 | 5 => base * 4,
            6..=8 => base * 8,
            _ if thorough => base * 16,
            _ => base * 8,
        };
    }
    if level > 0 && split(compressor, typesize, blocksize) {
        blocksize = (blocksize.min(1 << 18) * typesize_of_block).clamp(1 << 16, 1 << 20);
    }
    blocksize = blocksize.min(len);
    if blocksize > typesize_of_block { blocksize / typesize_of_block * typesize_of_block } else { blocksize }
}
