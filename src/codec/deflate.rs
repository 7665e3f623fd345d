//! What gzip and zlib share: one way to compress, two sorts of wrapping.
//!
//! Everything goes through zlib-rs but for compression at the levels 1 and 2: level 1 of zlib-rs trades the ratio for
//! speed, so that floats become larger than they were, where `miniz_oxide` makes files as small as Python's zlib, faster.

use std::io::BufRead;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::{MZError, MZFlush, MZStatus};

use super::parts::{Parts, each_piece};
use super::{CodecConfig, reserve, too_long, unreadable, wrong_length};
use crate::error::{Error, ErrorKind, Result};

/// What is around the compressed data. In gzip, that may be many members, one after the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrap {
    #[cfg(feature = "gzip")]
    Gzip,
    #[cfg(feature = "zlib")]
    Zlib,
}

/// The level of a configuration.
pub(super) fn level_of(config: &CodecConfig) -> Result<i32> {
    config.only(&["level"])?;
    let level = config.int("level")?.unwrap_or(1);
    check_level(i32::try_from(level).unwrap_or(i32::MAX))
}

fn check_level(level: i32) -> Result<i32> {
    if (-1..=9).contains(&level) {
        return Ok(level);
    }
    Err(Error::codec("the parameter `level` must be between 0 and 9, or -1"))
}

/// The most that deflate makes of `len` bytes: it falls back to stored blocks, whichever program wrote it.
pub(super) fn encoded_bound(len: usize) -> usize {
    len.saturating_add(len / 100).saturating_add(4096)
}

/// The most that `len` bytes of deflate stand for: two bits can say "258 bytes as before".
pub(super) fn decoded_bound(len: usize) -> usize {
    len.saturating_mul(4 * 258)
}

/// Takes the compressed data piece by piece.
pub(super) type Out<'o> = &'o mut dyn FnMut(&[u8]) -> Result<()>;

/// How long the pieces are.
const BLOCK: usize = 64 << 10;

/// Appends the compressed data to `out`, as a bare deflate stream or with zlib's header and checksum.
pub(super) fn compress(data: &[u8], level: i32, zlib_header: bool, out: &mut Vec<u8>) -> Result<()> {
    compress_to(&data, level, zlib_header, &mut |piece| {
        if out.capacity() - out.len() < piece.len() {
            reserve(out, piece.len().max(out.len() / 2))?;
        }
        out.extend_from_slice(piece);
        Ok(())
    })
}

/// As [`compress`], piece by piece.
pub(super) fn compress_to(data: &dyn Parts, level: i32, zlib_header: bool, out: Out<'_>) -> Result<()> {
    match check_level(level)? {
        level @ 1..=2 => compress_with(effort(data, level, zlib_header)?, data, out),
        -1 => compress_well(data, Compression::default(), zlib_header, out),
        level => compress_well(data, Compression::new(level.unsigned_abs()), zlib_header, out),
    }
}

/// How hard `miniz_oxide` tries.
///
/// At level 1 it looks at one place where the data occurred before. Looking at three, it compresses integers better than
/// Python's zlib at this level, at twice its speed; on the bits of floats it finds no more for five times the work.
/// So a sample decides.
fn effort(data: &dyn Parts, level: i32, zlib_header: bool) -> Result<u32> {
    const SAMPLE: usize = 16 << 10;
    const THREE_PROBES: u32 = 3;
    let flags = create_comp_flags_from_zip_params(level, i32::from(zlib_header), 0);
    if level != 1 || data.len() <= SAMPLE {
        return Ok(flags);
    }
    let mut sample = 0;
    let mut room = Vec::new();
    compress_with(flags, &data.part(0..SAMPLE, &mut room)?, &mut |piece| {
        sample += piece.len();
        Ok(())
    })?;
    Ok(if sample < SAMPLE / 4 * 3 { flags & !0xfff | THREE_PROBES } else { flags })
}

fn compress_with(flags: u32, data: &dyn Parts, out: Out<'_>) -> Result<()> {
    let mut state = Box::new(CompressorOxide::new(flags));
    feed(data, out, |data, block, is_last| {
        let flush = if is_last { MZFlush::Finish } else { MZFlush::None };
        let step = deflate(&mut state, data, block, flush);
        let is_end = match step.status {
            Ok(status) => status == MZStatus::StreamEnd,
            Err(MZError::Buf) => false,
            Err(_) => return Err(Error::codec("the compressor failed")),
        };
        Ok((step.bytes_consumed, step.bytes_written, is_end))
    })
}

fn compress_well(data: &dyn Parts, level: Compression, zlib_header: bool, out: Out<'_>) -> Result<()> {
    let mut state = Compress::new(level, zlib_header);
    feed(data, out, |data, block, is_last| {
        let flush = if is_last { FlushCompress::Finish } else { FlushCompress::None };
        let (consumed, written) = (state.total_in(), state.total_out());
        let status = state
            .compress(data, block, flush)
            .map_err(|error| Error::caused(ErrorKind::Codec, "the compressor failed", error))?;
        let (consumed, written) = (state.total_in() - consumed, state.total_out() - written);
        Ok((consumed as usize, written as usize, status == Status::StreamEnd))
    })
}

/// Has a compressor take all data, and hands on what it makes.
///
/// `step` takes some of what is left of a piece, says how much that was and how much it has written to the block, and
/// whether that is the end. Blocks are filled, whatever the pieces, for the end of one changes what the compressors make.
fn feed(
    data: &dyn Parts,
    out: Out<'_>,
    mut step: impl FnMut(&[u8], &mut [u8], bool) -> Result<(usize, usize, bool)>,
) -> Result<()> {
    let mut block = vec![0; BLOCK];
    let mut filled = 0;
    each_piece(data, |mut piece, is_last| {
        while is_last || !piece.is_empty() {
            let (consumed, written, is_end) = step(piece, &mut block[filled..], is_last)?;
            piece = &piece[consumed..];
            filled += written;
            if is_end || filled == BLOCK {
                out(&block[..filled])?;
                filled = 0;
            }
            if is_end {
                return Ok(());
            }
            if consumed + written == 0 {
                return Err(Error::codec("the compressor failed"));
            }
        }
        Ok(())
    })
}

/// Decompresses to at most `max_len` bytes.
pub(super) fn decode(wrap: Wrap, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
    let mut input = data;
    let mut stream = Inflate::new(wrap, &mut input);
    let mut out = Vec::new();
    while out.len() < max_len {
        // Deflate makes at most 1032 bytes of one, so what is asked for is in proportion to what there is.
        let more = out.len().max(data.len().saturating_mul(4)).max(4096).min(max_len - out.len());
        let filled = out.len();
        reserve(&mut out, more)?;
        out.resize(filled + more, 0);
        let read = stream.read(&mut out[filled..])?;
        out.truncate(filled + read);
        if read < more {
            return Ok(out);
        }
    }
    stream.expect_end(max_len)?;
    Ok(out)
}

/// Decompresses to exactly as many bytes as `out` has.
pub(super) fn decode_into(wrap: Wrap, mut data: &[u8], out: &mut [u8]) -> Result<()> {
    decode_from(wrap, &mut data, out)
}

/// As [`decode_into`], with compressed data that is read piece by piece.
pub(super) fn decode_from(wrap: Wrap, input: &mut dyn BufRead, out: &mut [u8]) -> Result<()> {
    Inflate::new(wrap, input).fill(out, 0)
}

/// As [`decode_from`], after members of gzip that were `done` bytes.
#[cfg(feature = "gzip")]
pub(super) fn decode_more_members(input: &mut dyn BufRead, out: &mut [u8], done: usize) -> Result<()> {
    Inflate { wrap: Wrap::Gzip, input, state: State::Between }.fill(out, done)
}

/// Decompresses piece by piece.
struct Inflate<'a> {
    wrap: Wrap,
    input: &'a mut dyn BufRead,
    state: State,
}

enum State {
    Start,
    Within(Decompress),
    /// At the end of a stream: that of zlib, or that of a member of gzip.
    Between,
}

impl<'a> Inflate<'a> {
    fn new(wrap: Wrap, input: &'a mut dyn BufRead) -> Self {
        Inflate { wrap, input, state: State::Start }
    }

    /// Fills `out`, which follows `done` bytes, to its end and that of the data.
    fn fill(mut self, out: &mut [u8], done: usize) -> Result<()> {
        let read = self.read(out)?;
        if read < out.len() {
            return Err(wrong_length(done + read, done + out.len()));
        }
        self.expect_end(done + out.len())
    }

    /// Fills `out` from the front, and does not only if the data has come to its end.
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        loop {
            let State::Within(stream) = &mut self.state else {
                match self.next_stream()? {
                    Some(stream) => self.state = State::Within(stream),
                    None => return Ok(filled),
                }
                continue;
            };
            let (total_in, total_out) = (stream.total_in(), stream.total_out());
            let input = self.input.fill_buf().map_err(unreadable)?;
            let status = stream
                .decompress(input, &mut out[filled..], FlushDecompress::Finish)
                .map_err(|error| Error::caused(ErrorKind::Codec, "the compressed data is damaged", error))?;
            let consumed = (stream.total_in() - total_in) as usize;
            let produced = (stream.total_out() - total_out) as usize;
            self.input.consume(consumed);
            filled += produced;
            match status {
                Status::StreamEnd => self.state = State::Between,
                _ if filled == out.len() => return Ok(filled),
                _ if consumed + produced > 0 => {}
                _ => return Err(Error::codec("the compressed data is cut")),
            }
        }
    }

    /// The stream that starts here, or `None` if what there was has been read.
    #[cfg_attr(not(feature = "gzip"), expect(clippy::unnecessary_wraps, reason = "only gzip looks ahead"))]
    fn next_stream(&mut self) -> Result<Option<Decompress>> {
        match self.wrap {
            #[cfg(feature = "gzip")]
            Wrap::Gzip => {
                // As Python: zeros may follow a member, and no member at all is no data.
                let zeros_may_follow = matches!(self.state, State::Between);
                loop {
                    let input = self.input.fill_buf().map_err(unreadable)?;
                    match input.iter().take_while(|&&byte| zeros_may_follow && byte == 0).count() {
                        _ if input.is_empty() => return Ok(None),
                        0 => return Ok(Some(Decompress::new_gzip(15))),
                        zeros => self.input.consume(zeros),
                    }
                }
            }
            #[cfg(feature = "zlib")]
            Wrap::Zlib => Ok(matches!(self.state, State::Start).then(|| Decompress::new(true))),
        }
    }

    /// Reads the checksum behind the last byte, and sees to it that this was the last one.
    fn expect_end(&mut self, max_len: usize) -> Result<()> {
        match self.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(too_long(max_len)),
        }
    }
}
