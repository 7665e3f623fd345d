//! The codec `zstd`.

use std::io::BufRead;

use ::zstd::bulk::Compressor;
use ::zstd::zstd_safe::zstd_sys::ZSTD_EndDirective;
use ::zstd::zstd_safe::{
    CCtx, CParameter, DCtx, DParameter, ErrorCode, InBuffer, OutBuffer, get_error_name, get_frame_content_size,
    max_c_level, min_c_level,
};

use super::parts::{self, Parts, Role};
use super::{Codec, CodecConfig, Encoded, reserve, too_long, unreadable, wrong_length};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};

/// The codec `zstd`. `numcodecs.Zstd`.
///
/// It writes one frame that says how long its content is, for older versions of numcodecs read nothing else, and
/// reads several frames with or without a content size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zstd {
    level: i32,
    checksum: bool,
}

impl Zstd {
    /// With a level up to 22. 0, the default, is zstd's own default level, 3; negative levels are faster still.
    ///
    /// As in Python, a level beyond what zstd knows means the last one it knows.
    #[must_use]
    pub fn new(level: i32) -> Self {
        Zstd { level, checksum: false }
    }

    /// Whether a checksum is written behind the data. The digests of the file make it unnecessary.
    ///
    /// `true` is part of the configuration, which numcodecs before 0.13 then refuses.
    #[must_use]
    pub fn checksum(mut self, checksum: bool) -> Self {
        self.checksum = checksum;
        self
    }

    fn level(self) -> i32 {
        self.level.clamp(min_c_level(), max_c_level())
    }

    /// Compresses by workers, into one frame.
    fn compress_large(self, threads: usize, data: &dyn Parts, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let failed = |code| Error::codec(format!("the compressor failed: {}", get_error_name(code)));
        let mut state = CCtx::try_create().ok_or_else(|| Error::limit("no memory for the compressor"))?;
        // Also a single worker: what workers write does not depend on how many they are, but on their being.
        let workers = u32::try_from(threads.max(1)).unwrap_or(u32::MAX);
        state.set_parameter(CParameter::CompressionLevel(self.level())).map_err(failed)?;
        state.set_parameter(CParameter::ChecksumFlag(self.checksum)).map_err(failed)?;
        state.set_parameter(CParameter::NbWorkers(workers)).map_err(failed)?;
        state.set_pledged_src_size(Some(data.len() as u64)).map_err(failed)?;
        let mut block = vec![0; CCtx::out_size()];
        parts::each_piece(data, |piece, is_last| {
            // Ending with a piece of nothing would make another block.
            let directive = if is_last { ZSTD_EndDirective::ZSTD_e_end } else { ZSTD_EndDirective::ZSTD_e_continue };
            let mut input = InBuffer::around(piece);
            loop {
                let mut output = OutBuffer::around(&mut block[..]);
                let left = state.compress_stream2(&mut output, &mut input, directive).map_err(failed)?;
                let written = output.pos();
                out(&block[..written])?;
                if if is_last { left == 0 } else { input.pos() == piece.len() } {
                    return Ok(());
                }
            }
        })
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["level", "checksum"])?;
        let level = i32::try_from(config.int("level")?.unwrap_or(0))
            .map_err(|_| Error::codec("the parameter `level` of the codec `zstd` does not fit 32 bits"))?;
        Ok(Zstd { level, checksum: config.bool("checksum")?.unwrap_or(false) })
    }
}

impl Default for Zstd {
    fn default() -> Self {
        Zstd::new(0)
    }
}

impl parts::Compressor for Zstd {
    fn compress(
        &self,
        threads: usize,
        data: &dyn Parts,
        _dtype: DType,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        if data.len() >= LARGE {
            return self.compress_large(threads, data, out);
        }
        let data = parts::whole(data)?;
        let compress = || {
            let mut compressor = Compressor::new(self.level())?;
            compressor.include_checksum(self.checksum)?;
            compressor.compress(&data)
        };
        out(&compress().map_err(|error| Error::caused(ErrorKind::Codec, "the compressor failed", error))?)
    }
}

impl Codec for Zstd {
    fn config(&self) -> CodecConfig {
        let config = CodecConfig::new("zstd").set("level", self.level);
        if self.checksum { config.set("checksum", true) } else { config }
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        self.encode_on(1, data, dtype)
    }

    fn encode_on(&self, threads: usize, data: &[u8], dtype: DType) -> Result<Encoded> {
        parts::compressed(self, threads, &data, dtype).map(Encoded::bytes)
    }

    fn role(&self) -> Role<'_> {
        Role::Compressor(self)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        // What the first frame says of its content is only a guess: it may lie, and there may be more frames.
        let declared = get_frame_content_size(data).ok().flatten();
        let likely = declared.and_then(|len| usize::try_from(len).ok()).unwrap_or(data.len().saturating_mul(4));
        let plausible = data.len().saturating_mul(256).saturating_add(1 << 20);
        let mut room = likely.min(plausible).min(max_len);
        loop {
            let mut out = Vec::new();
            reserve(&mut out, room)?;
            match decompress(data, &mut out) {
                Err(Failure::TooLong) if out.capacity() < max_len => {
                    room = room.saturating_mul(4).max(64 << 10).min(max_len);
                }
                Err(failure) => return Err(failure.into_error(max_len)),
                Ok(_) if out.len() > max_len => return Err(too_long(max_len)),
                Ok(_) => return Ok(out),
            }
        }
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let len = out.len();
        match decompress(data, out) {
            Ok(decoded) if decoded == len => Ok(()),
            Ok(decoded) => Err(wrong_length(decoded, len)),
            Err(failure) => Err(failure.into_error(len)),
        }
    }

    fn decode_from(&self, _threads: usize, encoded: &mut (dyn BufRead + Send), out: &mut [u8]) -> Option<Result<()>> {
        Some(decompress_from(encoded, out))
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len.saturating_add(len / 100).saturating_add(4096)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        // A block has at least 4 bytes, and stands for 128 KiB at most.
        len.saturating_mul((128 << 10) / 4)
    }
}

/// From this many bytes on, workers compress; they cut the data, all the same into one frame.
const LARGE: usize = 4 << 20;

enum Failure {
    TooLong,
    Damaged(&'static str),
}

impl Failure {
    fn of(code: ErrorCode) -> Self {
        match get_error_name(code) {
            "Destination buffer is too small" => Failure::TooLong,
            name => Failure::Damaged(name),
        }
    }

    fn into_error(self, max_len: usize) -> Error {
        match self {
            Failure::TooLong => too_long(max_len),
            Failure::Damaged(what) => Error::codec(format!("the compressed data is damaged: {what}")),
        }
    }
}

/// Decompresses all frames at once: no window is allocated, for the output itself is the window.
fn decompress<B: ::zstd::zstd_safe::WriteBuf + ?Sized>(data: &[u8], out: &mut B) -> Result<usize, Failure> {
    if data.is_empty() {
        return Err(Failure::Damaged("there is none"));
    }
    let mut state = DCtx::try_create().ok_or(Failure::Damaged("no memory"))?;
    state.decompress(out, data).map_err(Failure::of)
}

/// As [`decompress`], with frames that are read piece by piece. `out` must be filled.
///
/// zstd is told that `out` stays where it is, so that here, too, it is the window: otherwise, a frame could ask for another one
/// of up to 128 MiB.
fn decompress_from(encoded: &mut dyn BufRead, out: &mut [u8]) -> Result<()> {
    let whole = out.len();
    let failed = |code| Failure::of(code).into_error(whole);
    let mut state = DCtx::try_create().ok_or_else(|| Failure::Damaged("no memory").into_error(whole))?;
    state.set_parameter(DParameter::StableOutBuffer(true)).map_err(failed)?;
    state.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).map_err(failed)?;
    let mut output = OutBuffer::around(out);
    // How much zstd would like to have next, and 0 only at the end of a frame.
    let mut wanted = None;
    loop {
        let piece = encoded.fill_buf().map_err(unreadable)?;
        if piece.is_empty() {
            break;
        }
        let mut input = InBuffer::around(piece);
        wanted = Some(state.decompress_stream(&mut output, &mut input).map_err(failed)?);
        let read = input.pos();
        encoded.consume(read);
    }
    match (wanted, output.pos()) {
        (None, _) => Err(Failure::Damaged("there is none").into_error(whole)),
        (Some(0), decoded) if decoded == whole => Ok(()),
        (Some(0), decoded) => Err(wrong_length(decoded, whole)),
        (Some(_), _) => Err(Failure::Damaged("it is cut").into_error(whole)),
    }
}

/// The largest window that there is.
const WINDOW_LOG_MAX: u32 = if usize::BITS == 64 { 31 } else { 30 };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{by_parts, bytes_of_hex, check, read_in_pieces};

    #[test]
    fn one_frame_whatever_the_threads() {
        let data: Vec<u8> = (0..2_000_000u32).flat_map(|n| (n / 5).to_le_bytes()).collect();
        let encoded = Zstd::default().encode(&data, DType::UINT8).unwrap().bytes;
        for threads in 0..4 {
            assert!(Zstd::default().encode_on(threads, &data, DType::UINT8).unwrap().bytes == encoded);
        }
        let mut whole = Compressor::new(0).unwrap();
        whole.multithread(2).unwrap();
        assert!(whole.compress(&data).unwrap() == encoded);
        assert_eq!(get_frame_content_size(&encoded).ok().flatten(), Some(data.len() as u64));
        assert_eq!(::zstd::zstd_safe::find_frame_compressed_size(&encoded), Ok(encoded.len()));
    }

    #[test]
    fn round_trips() {
        for level in [i32::MIN, -5, 0, 1, 3, 19, 22, 100] {
            check(&Zstd::new(level));
        }
        check(&Zstd::new(3).checksum(true));
    }

    #[test]
    fn configurations() {
        assert_eq!(Zstd::new(3).config(), CodecConfig::new("zstd").set("level", 3));
        let with_checksum = CodecConfig::new("zstd").set("level", 100).set("checksum", true);
        assert_eq!(Zstd::from_config(&with_checksum).unwrap().config(), with_checksum);
        let without = CodecConfig::new("zstd").set("level", 0).set("checksum", false);
        assert_eq!(Zstd::from_config(&without).unwrap(), Zstd::default());
        assert!(Zstd::from_config(&without.set("window", 3)).is_err());
        assert!(Zstd::from_config(&CodecConfig::new("zstd").set("level", 1i64 << 40)).is_err());
    }

    fn content_size(frame: &[u8]) -> Option<u64> {
        get_frame_content_size(frame).unwrap_or_else(|_| panic!("no frame"))
    }

    #[test]
    fn frames_as_in_python() {
        // numcodecs.Zstd().encode(b"abc")
        let abc = bytes_of_hex("28b52ffd2003190000616263");
        let decode = |parts: &[&[u8]]| {
            for len in [0, 3, 6] {
                read_in_pieces(&Zstd::default(), &parts.concat(), len);
            }
            Zstd::default().decode(&parts.concat(), 100)
        };
        assert_eq!(decode(&[&abc]).unwrap(), b"abc");
        assert_eq!(decode(&[&abc, &abc]).unwrap(), b"abcabc");
        for bad in [&[][..], &[&abc[..], b"x"], &[&abc[..11]], &[&abc[..], b"PK\0\0\0"]] {
            assert!(decode(bad).is_err());
        }
        let ours = Zstd::default().encode(b"abc", DType::UINT8).unwrap().bytes;
        assert_eq!(content_size(&ours), Some(3));
    }

    #[test]
    fn frames_without_a_content_size() {
        let data: Vec<u8> = (0..1_000_000u32).flat_map(|n| (n / 100).to_le_bytes()).collect();
        let frame = ::zstd::stream::encode_all(&data[..], 1).unwrap();
        assert_eq!(content_size(&frame), None);
        assert_eq!(Zstd::default().decode(&frame, data.len()).unwrap(), data);
        for len in data.len() - 1..data.len() + 2 {
            read_in_pieces(&Zstd::default(), &frame, len);
        }
        assert!(Zstd::default().decode(&frame, data.len() - 1).is_err());
    }

    #[test]
    fn a_declared_size_is_no_promise() {
        // A frame of one block without content that says that it holds 2^60 bytes.
        let lie = bytes_of_hex("28b52ffde00000000000000010010000");
        assert_eq!(content_size(&lie), Some(1 << 60));
        assert!(Zstd::default().decode(&lie, usize::MAX).is_err());
        assert!(Zstd::default().decode_from(1, &mut &lie[..], &mut [0; 1000]).unwrap().is_err());
        let bomb = Zstd::new(19).encode(&vec![0; 16 << 20], DType::UINT8).unwrap().bytes;
        assert!(Zstd::default().decode(&bomb, 1000).is_err());
        assert!(Zstd::default().decode_into(&bomb, &mut [0; 1000]).is_err());
    }

    #[test]
    fn by_parts_it_is_the_same_frame() {
        // Also where the data ends with a job of a worker, and where it does not even begin a second one.
        let data: Vec<u8> = (0..=(16u32 << 20) / 4).flat_map(|n| (n.wrapping_mul(n) >> 9).to_le_bytes()).collect();
        for level in [-3, 1, 3] {
            for mib in [4, 8, 16] {
                for len in [(mib << 20) - 1, mib << 20, (mib << 20) + 1] {
                    let zstd = Zstd::new(level).checksum(true);
                    let whole = zstd.encode(&data[..len], DType::UINT8).unwrap().bytes;
                    assert!(by_parts(&zstd, &data[..len]).unwrap() == whole, "{len} bytes at level {level}");
                }
            }
        }
    }
}
