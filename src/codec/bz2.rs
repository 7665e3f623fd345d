//! The codec `bz2`.

use bzip2::{Action, Compress, Compression, Decompress, Error as Failure, Status};

use super::parts::{self, Compressor, Parts, Role};
use super::{Codec, CodecConfig, Encoded, reserve, too_long, wrong_length};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};

/// The codec `bz2`. `numcodecs.BZ2`.
///
/// As Python's, it reads several streams one after the other, and does not look at what follows the last one if that is
/// not the start of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bz2 {
    level: i32,
}

impl Bz2 {
    /// With a level from 1 (the default) to 9, which is the length of a block in units of 100,000 bytes.
    ///
    /// Any other level is an error when something is encoded.
    #[must_use]
    pub fn new(level: i32) -> Self {
        Bz2 { level }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["level"])?;
        let level = config.int("level")?.unwrap_or(1);
        check_level(i32::try_from(level).unwrap_or(-1)).map(|level| Bz2::new(level.cast_signed()))
    }
}

/// How much is encoded before it is handed on.
const PIECE: usize = 64 << 10;

fn check_level(level: i32) -> Result<u32> {
    if (1..=9).contains(&level) {
        return Ok(level.cast_unsigned());
    }
    Err(Error::codec("the parameter `level` must be between 1 and 9"))
}

fn failed(error: Failure) -> Error {
    Error::caused(ErrorKind::Codec, "the compressor failed", error)
}

impl Default for Bz2 {
    fn default() -> Self {
        Bz2::new(1)
    }
}

impl Compressor for Bz2 {
    fn compress(
        &self,
        _threads: usize,
        data: &dyn Parts,
        _dtype: DType,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut state = Compress::new(Compression::new(check_level(self.level)?), 0);
        let mut encoded = Vec::with_capacity(PIECE);
        parts::each_piece(data, |mut piece, is_last| {
            let action = if is_last { Action::Finish } else { Action::Run };
            while is_last || !piece.is_empty() {
                let done = state.total_in();
                let status = state.compress_vec(piece, &mut encoded, action).map_err(failed)?;
                let consumed = (state.total_in() - done) as usize;
                if status != Status::StreamEnd && encoded.is_empty() && consumed == 0 {
                    return Err(Error::codec("the compressor failed"));
                }
                piece = &piece[consumed..];
                out(&encoded)?;
                encoded.clear();
                if status == Status::StreamEnd {
                    break;
                }
            }
            Ok(())
        })
    }
}

impl Codec for Bz2 {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("bz2").set("level", self.level)
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        parts::compressed(self, 1, &data, dtype).map(Encoded::bytes)
    }

    fn role(&self) -> Role<'_> {
        Role::Compressor(self)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let mut streams = Streams::new(data);
        let mut out = Vec::new();
        while out.len() < max_len {
            let more = out.len().max(data.len().saturating_mul(4)).max(4096).min(max_len - out.len());
            let filled = out.len();
            reserve(&mut out, more)?;
            out.resize(filled + more, 0);
            let read = streams.read(&mut out[filled..])?;
            out.truncate(filled + read);
            if read < more {
                return Ok(out);
            }
        }
        streams.expect_end(max_len)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let mut streams = Streams::new(data);
        let read = streams.read(out)?;
        if read < out.len() {
            return Err(wrong_length(read, out.len()));
        }
        streams.expect_end(out.len())
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len.saturating_add(len / 100).saturating_add(600)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        // A block has 20 bytes or more. It holds 900,000 at most, of which each five may stand for 259.
        len.saturating_mul(900_000 / 20 * 52)
    }
}

/// Decompresses piece by piece.
struct Streams<'a> {
    input: &'a [u8],
    /// Nothing between two streams.
    state: Option<Decompress>,
    first: bool,
}

impl<'a> Streams<'a> {
    fn new(input: &'a [u8]) -> Self {
        Streams { input, state: None, first: true }
    }

    /// Fills `out` from the front, and does not only if the data has come to its end.
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        loop {
            if self.state.is_none() && self.input.is_empty() {
                return Ok(filled);
            }
            let stream = self.state.get_or_insert_with(|| Decompress::new(false));
            let (total_in, total_out) = (stream.total_in(), stream.total_out());
            let status = match stream.decompress(self.input, &mut out[filled..]) {
                // As in Python, what is no stream may follow one.
                Err(Failure::DataMagic) if !self.first => {
                    (self.input, self.state) = (&[], None);
                    return Ok(filled);
                }
                status => {
                    status.map_err(|error| Error::caused(ErrorKind::Codec, "the compressed data is damaged", error))?
                }
            };
            let consumed = (stream.total_in() - total_in) as usize;
            let produced = (stream.total_out() - total_out) as usize;
            self.input = &self.input[consumed..];
            filled += produced;
            match status {
                Status::StreamEnd => (self.state, self.first) = (None, false),
                _ if filled == out.len() => return Ok(filled),
                _ if consumed + produced > 0 => {}
                _ => return Err(Error::codec("the compressed data is cut")),
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check};

    /// `numcodecs.BZ2().encode(b"abc")`.
    const ABC: &str = "425a6831314159265359648cbb73000000010038002000219819846177245385090648cbb730";

    #[test]
    fn round_trips() {
        for level in [1, 2, 9] {
            check(&Bz2::new(level));
        }
        assert!(Bz2::new(0).encode(b"x", DType::UINT8).is_err());
        assert!(Bz2::from_config(&CodecConfig::new("bz2").set("level", 10)).is_err());
        assert_eq!(Bz2::default().config().to_string(), "bz2(level=1)");
    }

    #[test]
    fn streams_as_in_python() {
        let abc = bytes_of_hex(ABC);
        let decode = |parts: &[&[u8]]| Bz2::default().decode(&parts.concat(), 100);
        assert_eq!(decode(&[&abc]).unwrap(), b"abc");
        assert_eq!(decode(&[&abc, &abc]).unwrap(), b"abcabc");
        assert_eq!(decode(&[&abc, b"xyz"]).unwrap(), b"abc");
        assert_eq!(decode(&[]).unwrap(), b"");
        assert!(decode(&[&abc, b"BZh"]).is_err());
        assert!(decode(&[&abc, &abc[..20]]).is_err());
        assert!(decode(&[b"xyz"]).is_err());
        for len in 1..abc.len() {
            assert!(decode(&[&abc[..len]]).is_err(), "cut to {len}");
        }
        let mut out = [0; 6];
        Bz2::default().decode_into(&[&abc[..], &abc].concat(), &mut out).unwrap();
        assert_eq!(&out, b"abcabc");
        assert!(Bz2::default().decode_into(&abc, &mut out).is_err());
        assert!(Bz2::default().decode_into(&[&abc[..], &abc, &abc].concat(), &mut out).is_err());
    }

    #[test]
    fn a_bomb_stops_at_its_length() {
        let bomb = Bz2::new(9).encode(&vec![0; 16 << 20], DType::UINT8).unwrap().bytes;
        assert!(bomb.len() < 1000);
        assert_eq!(
            Bz2::default().decode(&bomb, 1000).unwrap_err().to_string(),
            "the decoded data is longer than 1000 bytes"
        );
        assert!(Bz2::default().decode_into(&bomb, &mut [0; 1000]).is_err());
    }
}
