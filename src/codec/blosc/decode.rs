//! Blocks on their way out.

use super::header::{self, Format, Header};
use super::{BloscShuffle, bitshuffle, blosclz, zeros};
use crate::codec::deflate::{self, Wrap};
use crate::codec::{lz4, parallel, planes, wrong_length};
use crate::error::{Error, Result};

/// Decodes `data`, with its header, to `out`, which is as long as the header says.
pub(super) fn decode(threads: usize, header: &Header, data: &[u8], out: &mut [u8]) -> Result<()> {
    if header.stored {
        out.copy_from_slice(&data[header::LEN..]);
        return Ok(());
    }
    if out.is_empty() {
        return Ok(());
    }
    let blocks = header.len.div_ceil(header.blocksize);
    let starts = data[header::LEN..].get(..4 * blocks).ok_or_else(cut)?;
    // Some blocks for each thread, and a few times, for some take longer than others.
    let run = if threads > 1 { blocks.div_ceil(4 * threads) } else { blocks };
    let runs = out.chunks_mut(run * header.blocksize).zip(starts.chunks(4 * run)).collect();
    parallel::map(threads, runs, |(out, starts)| decode_blocks(header, data, starts, out)).map(drop)
}

/// Decodes the blocks that start there.
fn decode_blocks(header: &Header, data: &[u8], starts: &[u8], out: &mut [u8]) -> Result<()> {
    let steps = match header.shuffle {
        BloscShuffle::Bytes => [header.blocksize, 0],
        BloscShuffle::Bits => [header.blocksize; 2],
        _ => [0; 2],
    };
    let (mut shuffled, mut step) = (zeros(steps[0])?, zeros(steps[1])?);
    let typesize = header.typesize.into();
    for (block, start) in out.chunks_mut(header.blocksize).zip(starts.chunks_exact(4)) {
        let mut rest = data.get(number(start)..).ok_or_else(cut)?;
        let len = block.len();
        match header.shuffle_of(len) {
            BloscShuffle::Bytes => {
                parts(header, &mut rest, &mut shuffled[..len])?;
                planes::unshuffle(typesize, &shuffled[..len], block);
            }
            BloscShuffle::Bits => {
                parts(header, &mut rest, &mut shuffled[..len])?;
                bitshuffle::bitunshuffle(typesize, &shuffled[..len], block, &mut step[..len]);
            }
            _ => parts(header, &mut rest, block)?,
        }
    }
    Ok(())
}

fn cut() -> Error {
    Error::codec("the compressed data is cut")
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

/// Decompresses the parts of one block.
fn parts(header: &Header, data: &mut &[u8], block: &mut [u8]) -> Result<()> {
    let parts = header.parts(block.len());
    if !block.len().is_multiple_of(parts) {
        return Err(Error::codec("the compressed data is damaged: its blocks end within an item"));
    }
    for part in block.chunks_exact_mut(block.len() / parts) {
        let len = number(data.split_off(..4).ok_or_else(cut)?);
        let packed = data.split_off(..len).ok_or_else(cut)?;
        if len == part.len() {
            part.copy_from_slice(packed);
        } else {
            decompress(header.format, packed, part)?;
        }
    }
    Ok(())
}

fn decompress(format: Format, packed: &[u8], part: &mut [u8]) -> Result<()> {
    match format {
        Format::BloscLz => match blosclz::decompress(packed, part)? {
            len if len == part.len() => Ok(()),
            len => Err(wrong_length(len, part.len())),
        },
        Format::Lz4 => lz4::decode_block(packed, part),
        Format::Zlib => deflate::decode_into(Wrap::Zlib, packed, part),
        #[cfg(feature = "zstd")]
        Format::Zstd => crate::codec::Codec::decode_into(&crate::codec::Zstd::default(), packed, part),
        #[cfg(not(feature = "zstd"))]
        Format::Zstd => Err(no_zstd()),
    }
}

#[cfg(not(feature = "zstd"))]
pub(super) fn no_zstd() -> Error {
    Error::codec("zstd within the codec `blosc` needs the feature `zstd` of binpickle")
}
