//! What a compressor writes, for who takes it piece by piece.

use std::io::{self, BufWriter, Write};

use crate::error::{Error, ErrorKind, Result};

/// How much is encoded before it is handed on.
const PIECE: usize = 64 << 10;

/// Hands on what a compressor writes. If that fails, nothing more is, and the error is that of `out`.
pub(super) fn write(
    out: &mut dyn FnMut(&[u8]) -> Result<()>,
    compress: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let mut pieces = Pieces { out, failed: None };
    let mut buffer = BufWriter::with_capacity(PIECE, &mut pieces);
    let written = compress(&mut buffer)
        .and_then(|()| buffer.flush().map_err(|error| Error::caused(ErrorKind::Codec, "the compressor failed", error)));
    drop(buffer);
    pieces.failed.map_or(written, Err)
}

struct Pieces<'o> {
    out: &'o mut dyn FnMut(&[u8]) -> Result<()>,
    failed: Option<Error>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_none() {
            self.failed = (self.out)(bytes).err();
        }
        if self.failed.is_some() { Err(io::ErrorKind::Other.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_pieces_until_one_fails() {
        let data: Vec<u8> = (0..3 * PIECE).map(|n| n as u8).collect();
        let compress = |out: &mut dyn Write| data.chunks(1000).try_for_each(|bytes| Ok(out.write_all(bytes)?));
        let mut lengths = Vec::new();
        let mut whole = Vec::new();
        let all = |piece: &[u8]| {
            lengths.push(piece.len());
            whole.extend_from_slice(piece);
            Ok(())
        };
        write(&mut { all }, compress).unwrap();
        assert!(whole == data && lengths.iter().all(|&len| len <= PIECE));
        let mut calls = 0;
        let fails = |_: &[u8]| {
            calls += 1;
            Err(Error::limit("no room"))
        };
        assert_eq!(write(&mut { fails }, compress).unwrap_err().kind(), ErrorKind::Limit);
        assert_eq!(calls, 1);
    }
}
