//! Blocks on their way in.

use std::ops::Range;

use super::header::{self, Format, Header};
use super::{BloscCompressor, BloscShuffle, bitshuffle, blosclz, lz4hc, zeros};
use crate::codec::parts::{self, Parts};
use crate::codec::{deflate, parallel, planes, reserve};
use crate::error::{Error, ErrorKind, Result};

/// So many bytes, in whole blocks, are encoded by one thread. What comes out must not depend on how many there are, and
/// so this does not either: a compressor keeps some of its state between blocks.
const RUN: usize = 4 << 20;

pub(super) fn encode(
    threads: usize,
    data: &dyn Parts,
    (compressor, level): (BloscCompressor, u8),
    shuffle: BloscShuffle,
    typesize: u8,
    blocksize: usize,
) -> Result<Vec<u8>> {
    if data.len() > header::MAX_LEN {
        return Err(Error::codec(format!("Blosc cannot hold more than {} bytes", header::MAX_LEN)));
    }
    let blocksize = header::blocksize(compressor, level, typesize, data.len(), blocksize);
    let mut header = Header {
        format: Format::from(compressor),
        shuffle,
        stored: level == 0 || data.len() < header::MIN_BUFFER,
        split: header::split(compressor, typesize, blocksize),
        typesize,
        len: data.len(),
        blocksize,
    };
    let mut out = Vec::new();
    if !header.stored {
        let run = blocksize * (RUN / blocksize).max(1);
        let runs = (0..data.len()).step_by(run).map(|start| start..data.len().min(start + run)).collect();
        let encode = |run| Encoder::new(&header, compressor, level)?.blocks(data, run);
        let runs = parallel::map(threads, runs, encode)?;
        let starts: usize = runs.iter().map(|run| run.starts.len()).sum();
        let len = runs.iter().fold(header::LEN + 4 * starts, |len, run| len + run.bytes.len());
        header.stored = len > header::LEN + data.len();
        if !header.stored {
            reserve(&mut out, len)?;
            join(runs, starts, &mut out);
        }
    }
    if header.stored {
        reserve(&mut out, header::LEN + data.len())?;
        out.extend([0; header::LEN]);
        parts::each_piece(data, |piece, _| {
            out.extend_from_slice(piece);
            Ok(())
        })?;
    }
    let encoded_len = out.len();
    out[..header::LEN].copy_from_slice(&header.bytes(encoded_len));
    Ok(out)
}

/// Some blocks after compression, and where each of them starts.
struct Run {
    bytes: Vec<u8>,
    starts: Vec<usize>,
}

/// Puts together what lies behind the header: the table of where the blocks start, and the blocks.
fn join(runs: Vec<Run>, starts: usize, out: &mut Vec<u8>) {
    out.resize(header::LEN + 4 * starts, 0);
    let mut table = header::LEN;
    for run in runs {
        let first = out.len();
        for start in run.starts {
            // All of it is shorter than 2 GiB.
            out[table..][..4].copy_from_slice(&((first + start) as u32).to_le_bytes());
            table += 4;
        }
        out.extend(run.bytes);
    }
}

struct Encoder<'a> {
    header: &'a Header,
    compressor: Compressor,
    level: u8,
    /// A block with its bytes or bits in another order, and a step on the way there.
    shuffled: Vec<u8>,
    step: Vec<u8>,
    /// A part after compression.
    packed: Vec<u8>,
}

/// A compressor, with the state that it keeps between blocks.
enum Compressor {
    BloscLz,
    Lz4,
    Lz4Hc,
    Zlib,
    #[cfg(feature = "zstd")]
    Zstd(Box<::zstd::bulk::Compressor<'static>>),
}

impl Compressor {
    fn new(compressor: BloscCompressor, level: u8) -> Result<Self> {
        let _ = level;
        Ok(match compressor {
            BloscCompressor::BloscLz => Self::BloscLz,
            BloscCompressor::Lz4 => Self::Lz4,
            BloscCompressor::Lz4Hc => Self::Lz4Hc,
            BloscCompressor::Zlib => Self::Zlib,
            #[cfg(feature = "zstd")]
            BloscCompressor::Zstd => {
                let level = if level < 9 { i32::from(level) * 2 - 1 } else { ::zstd::zstd_safe::max_c_level() };
                Self::Zstd(Box::new(::zstd::bulk::Compressor::new(level).map_err(failed)?))
            }
            #[cfg(not(feature = "zstd"))]
            BloscCompressor::Zstd => return Err(super::decode::no_zstd()),
        })
    }

    /// Compresses one part, if that can be done.
    fn compress(&mut self, part: &[u8], level: u8, split: bool, packed: &mut Vec<u8>) -> Result<bool> {
        match self {
            Self::BloscLz => return Ok(blosclz::compress(part, level, split, packed)),
            Self::Lz4 => {
                packed.resize(lz4_flex::block::get_maximum_output_size(part.len()), 0);
                let len = lz4_flex::block::compress_into(part, packed).map_err(failed)?;
                packed.truncate(len);
            }
            Self::Lz4Hc => lz4hc::compress(part, level, packed),
            Self::Zlib => deflate::compress(part, level.into(), true, packed)?,
            #[cfg(feature = "zstd")]
            Self::Zstd(compressor) => {
                reserve(packed, ::zstd::zstd_safe::compress_bound(part.len()))?;
                compressor.compress_to_buffer(part, packed).map_err(failed)?;
            }
        }
        Ok(true)
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::caused(ErrorKind::Codec, "the compressor failed", error)
}

impl<'a> Encoder<'a> {
    fn new(header: &'a Header, compressor: BloscCompressor, level: u8) -> Result<Self> {
        let compressor = Compressor::new(compressor, level)?;
        let steps = match header.shuffle_of(header.blocksize) {
            BloscShuffle::Bytes => [header.blocksize, 0],
            BloscShuffle::Bits => [header.blocksize; 2],
            _ => [0; 2],
        };
        Ok(Encoder {
            header,
            compressor,
            level,
            shuffled: zeros(steps[0])?,
            step: zeros(steps[1])?,
            packed: Vec::new(),
        })
    }

    /// The blocks of a range.
    fn blocks(mut self, data: &dyn Parts, range: Range<usize>) -> Result<Run> {
        let mut run = Run { bytes: Vec::new(), starts: Vec::new() };
        let mut room = Vec::new();
        for start in range.clone().step_by(self.header.blocksize) {
            let block = data.part(start..range.end.min(start + self.header.blocksize), &mut room)?;
            run.starts.push(run.bytes.len());
            self.block(block, &mut run.bytes)?;
        }
        Ok(run)
    }

    fn block(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let Encoder { header, compressor, level, shuffled, step, packed } = self;
        let (typesize, len) = (header.typesize.into(), block.len());
        let block = match header.shuffle_of(len) {
            BloscShuffle::Bytes => {
                planes::shuffle(typesize, block, &mut shuffled[..len]);
                &shuffled[..len]
            }
            BloscShuffle::Bits => {
                bitshuffle::bitshuffle(typesize, block, &mut shuffled[..len], &mut step[..len]);
                &shuffled[..len]
            }
            _ => block,
        };
        for part in block.chunks(len / header.parts(len)) {
            packed.clear();
            let smaller = compressor.compress(part, *level, header.split, packed)? && packed.len() < part.len();
            let packed: &[u8] = if smaller { packed } else { part };
            out.try_reserve(4 + packed.len()).map_err(|_| Error::limit("no memory for a block"))?;
            out.extend((packed.len() as u32).to_le_bytes());
            out.extend_from_slice(packed);
        }
        Ok(())
    }
}
