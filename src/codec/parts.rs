//! What lies between two codecs, of which no more than parts need be in memory.

use std::borrow::Cow;
use std::ops::Range;

use super::{DType, Encoded};
use crate::error::Result;

/// How much is handed on at once.
///
/// Compressors in the manner of zlib make other bytes of pieces than of the whole, unless the pieces are a multiple of their
/// window, which is 32 KiB.
const PIECE: usize = 256 << 10;

/// Bytes of which any part can be had.
pub trait Parts: Send + Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Those of a range, which lies within: where they are, or in `room`, which then holds nothing else.
    fn part<'p>(&'p self, range: Range<usize>, room: &'p mut Vec<u8>) -> Result<&'p [u8]>;

    /// All of them, if they are in memory.
    fn in_memory(&self) -> Option<&[u8]> {
        None
    }
}

impl Parts for &[u8] {
    fn len(&self) -> usize {
        <[u8]>::len(self)
    }

    fn part<'p>(&'p self, range: Range<usize>, _room: &'p mut Vec<u8>) -> Result<&'p [u8]> {
        Ok(&self[range])
    }

    fn in_memory(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl Parts for Vec<u8> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn part<'p>(&'p self, range: Range<usize>, _room: &'p mut Vec<u8>) -> Result<&'p [u8]> {
        Ok(&self[range])
    }

    fn in_memory(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// What a codec can do beside what every [`Codec`](super::Codec) can.
pub enum Role<'c> {
    /// It makes any part of what comes out when it is asked for it.
    Filter(&'c dyn Filter),
    /// It takes what it encodes part by part.
    Compressor(&'c dyn Compressor),
    /// It takes and makes everything at once.
    Other,
}

/// What a filter makes, and what that is to the next codec.
pub type Filtered<'d> = (Box<dyn Parts + 'd>, DType);

/// A codec that makes any part of what comes out when it is asked for it.
pub trait Filter {
    /// What comes out, or why nothing can.
    fn filter<'d>(&self, data: Box<dyn Parts + 'd>, dtype: DType) -> Result<Filtered<'d>>;

    /// What brings back so many bytes of data where the filtered ones are, if those are no longer.
    fn undo(&self, len: usize) -> Option<Undo<'_>> {
        let _ = len;
        None
    }
}

/// Undoes a filter in place.
pub struct Undo<'c> {
    /// How long the filtered bytes are.
    pub filtered_len: usize,
    /// Fills memory with the data, at whose end the filtered bytes are.
    pub run: InPlace<'c>,
}

type InPlace<'c> = Box<dyn Fn(&mut [u8]) -> Result<()> + 'c>;

/// A codec that takes what it encodes part by part.
pub trait Compressor {
    /// As [`encode_to`](super::Codec::encode_to). What comes out is mere bytes to the next codec.
    fn compress(
        &self,
        threads: usize,
        data: &dyn Parts,
        dtype: DType,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()>;
}

/// All bytes in memory.
pub(super) fn whole(data: &dyn Parts) -> Result<Cow<'_, [u8]>> {
    if let Some(data) = data.in_memory() {
        return Ok(Cow::Borrowed(data));
    }
    let mut room = Vec::new();
    data.part(0..data.len(), &mut room)?;
    Ok(Cow::Owned(room))
}

/// All that a filter makes of bytes in memory.
pub(super) fn filtered(filter: &dyn Filter, data: &[u8], dtype: DType) -> Result<Encoded> {
    let (parts, dtype) = filter.filter(Box::new(data), dtype)?;
    Ok(Encoded { bytes: whole(&*parts)?.into_owned(), dtype })
}

/// All that a compressor makes.
pub(super) fn compressed(
    compressor: &dyn Compressor,
    threads: usize,
    data: &dyn Parts,
    dtype: DType,
) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    compressor.compress(threads, data, dtype, &mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(bytes)
}

/// Hands on all bytes in their order, and says with which the last of them come. What is in memory is one piece.
pub(super) fn each_piece(data: &dyn Parts, mut take: impl FnMut(&[u8], bool) -> Result<()>) -> Result<()> {
    if let Some(data) = data.in_memory() {
        return take(data, true);
    }
    let mut room = Vec::new();
    let mut rest = 0..data.len();
    loop {
        let end = rest.end.min(rest.start + PIECE);
        take(data.part(rest.start..end, &mut room)?, end == rest.end)?;
        if end == rest.end {
            return Ok(());
        }
        rest.start = end;
    }
}

/// Makes `room` so long, whatever is in it.
pub(super) fn make_room(room: &mut Vec<u8>, len: usize) -> Result<()> {
    super::reserve(room, len.saturating_sub(room.len()))?;
    room.resize(len, 0);
    Ok(())
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// Bytes that come by parts, as if they had to be computed.
    pub(crate) struct Computed(pub(crate) Vec<u8>);

    impl Parts for Computed {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn part<'p>(&'p self, range: Range<usize>, room: &'p mut Vec<u8>) -> Result<&'p [u8]> {
            room.clear();
            room.extend_from_slice(&self.0[range]);
            Ok(room)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Computed;
    use super::*;

    #[test]
    fn all_pieces_and_the_last_one() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let bytes: Vec<u8> = (0..len).map(|n| (n % 251) as u8).collect();
            let pieces = |data: &dyn Parts| {
                let (mut all, mut lasts) = (Vec::new(), Vec::new());
                each_piece(data, |piece, is_last| {
                    all.extend_from_slice(piece);
                    lasts.push(is_last);
                    Ok(())
                })
                .unwrap();
                assert!(all == bytes);
                lasts
            };
            let lasts = pieces(&Computed(bytes.clone()));
            assert_eq!(lasts.len(), len.div_ceil(PIECE).max(1));
            assert_eq!(lasts.iter().position(|&is_last| is_last), Some(lasts.len() - 1));
            assert_eq!(pieces(&bytes), [true]);
        }
    }

    #[test]
    fn what_is_in_memory_stays_where_it_is() {
        let bytes = vec![1, 2, 3];
        assert_eq!(whole(&bytes).unwrap().as_ptr(), bytes.as_ptr());
        assert_eq!(bytes.part(1..2, &mut Vec::new()).unwrap().as_ptr(), bytes[1..].as_ptr());
        assert_eq!(whole(&Computed(bytes.clone())).unwrap(), bytes);
    }
}
