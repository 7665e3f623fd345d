//! What the codecs have in common that make of each item one of another dtype.

use std::ops::Range;

use super::parts::{Filter, Filtered, Parts, Undo, make_room};
use super::recast::cast_len;
use super::{Codec, capped, same_size, wrong_length, zeros};
use crate::dtype::DType;
use crate::error::Result;

/// A codec that makes of each item one of another dtype. [`item_codec`] makes the rest of it.
pub(super) trait ItemCodec: Codec + Clone + 'static {
    /// On how many items before an item it depends what becomes of it.
    const BEFORE: usize = 0;

    /// The dtypes of the items, or an error if it does not work on them.
    fn ends(&self) -> Result<Ends>;

    /// Fills `out`. The items of `data` that are more than those of `out` are items before, of which nothing is made.
    ///
    /// An error must not depend on the items: it must be there for none as well.
    fn encode_items(&self, data: &[u8], out: &mut [u8]) -> Result<()>;

    /// Fills `out` with as many items.
    fn decode_items(&self, data: &[u8], out: &mut [u8]);

    /// As [`decode_items`](ItemCodec::decode_items), [in place](in_place).
    fn undo_items(&self, data: &mut [u8], ends: Ends) {
        in_place(data, ends, |data, out| self.decode_items(data, out));
    }
}

/// Fills `data`, at whose end the encoded items are, which are no larger than the decoded ones. So what is written, piece by
/// piece from the front, ends before what is not read yet.
pub(super) fn in_place(data: &mut [u8], ends: Ends, mut decode: impl FnMut(&[u8], &mut [u8])) {
    let (from, to) = (ends.encoded.itemsize(), ends.decoded.itemsize());
    let items = data.len() / to;
    let mut piece = [0; 8192];
    let window = piece.len() / from;
    let mut encoded = data.len() - items * from;
    for first in (0..items).step_by(window) {
        let count = window.min(items - first);
        let piece = &mut piece[..count * from];
        piece.copy_from_slice(&data[encoded..][..count * from]);
        encoded += piece.len();
        decode(piece, &mut data[first * to..][..count * to]);
    }
}

/// The dtypes of the items.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) decoded: DType,
    pub(super) encoded: DType,
}

impl Ends {
    /// Room for what `data` is decoded to.
    pub(super) fn decoded(self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        zeros(capped(cast_len(data.len(), self.encoded, self.decoded)?, max_len)?)
    }

    /// Whether that is as long as this.
    pub(super) fn check_decoded(self, data: &[u8], out: &[u8]) -> Result<()> {
        match cast_len(data.len(), self.encoded, self.decoded)? {
            len if len == out.len() => Ok(()),
            len => Err(wrong_length(len, out.len())),
        }
    }
}

impl<C: ItemCodec> Filter for C {
    fn filter<'d>(&self, data: Box<dyn Parts + 'd>, dtype: DType) -> Result<Filtered<'d>> {
        let (codec, Ends { decoded, encoded }) = (self.clone(), self.ends()?);
        if !codec.is_lossless() {
            same_size(decoded, dtype)?;
        }
        cast_len(data.len(), decoded, encoded)?;
        codec.encode_items(&[], &mut [])?;
        let encode = move |data: &[u8], out: &mut [u8]| codec.encode_items(data, out);
        let sizes = (decoded.itemsize(), encoded.itemsize());
        Ok((Box::new(Encoding { data, sizes, before: C::BEFORE, encode }), encoded))
    }

    fn undo(&self, len: usize) -> Option<Undo<'_>> {
        let ends = self.ends().ok()?;
        let filtered_len = cast_len(len, ends.decoded, ends.encoded).ok().filter(|&filtered| filtered <= len)?;
        let run = move |data: &mut [u8]| {
            self.undo_items(data, ends);
            Ok(())
        };
        Some(Undo { filtered_len, run: Box::new(run) })
    }
}

/// Items that are encoded when they are asked for.
pub(super) struct Encoding<'d, F> {
    pub(super) data: Box<dyn Parts + 'd>,
    /// The sizes of an item before and after.
    pub(super) sizes: (usize, usize),
    /// [`ItemCodec::BEFORE`] and [`ItemCodec::encode_items`].
    pub(super) before: usize,
    pub(super) encode: F,
}

/// So many items of data that is itself computed are encoded at once, so that they are in the cache.
const WINDOW: usize = 4096;

impl<F: Fn(&[u8], &mut [u8]) -> Result<()> + Send + Sync> Parts for Encoding<'_, F> {
    fn len(&self) -> usize {
        self.data.len() / self.sizes.0 * self.sizes.1
    }

    fn part<'p>(&'p self, range: Range<usize>, room: &'p mut Vec<u8>) -> Result<&'p [u8]> {
        let (from, to) = self.sizes;
        let items = range.start / to..range.end.div_ceil(to);
        make_room(room, items.len() * to)?;
        let window = if self.data.in_memory().is_some() { items.len().max(1) } else { WINDOW };
        let mut data = Vec::new();
        for (first, out) in items.clone().step_by(window).zip(room.chunks_mut(window * to)) {
            let needed = first.saturating_sub(self.before) * from..(first + out.len() / to) * from;
            (self.encode)(self.data.part(needed, &mut data)?, out)?;
        }
        room.drain(..range.start - items.start * to);
        room.truncate(range.len());
        Ok(room)
    }
}

/// The methods of [`Codec`] but `config` and `is_lossless`, for an [`ItemCodec`].
macro_rules! item_codec {
    () => {
        fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
            $crate::codec::parts::filtered(self, data, dtype)
        }

        fn role(&self) -> $crate::codec::parts::Role<'_> {
            $crate::codec::parts::Role::Filter(self)
        }

        fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
            let mut out = self.ends()?.decoded(data, max_len)?;
            self.decode_items(data, &mut out);
            Ok(out)
        }

        fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
            self.ends()?.check_decoded(data, out)?;
            self.decode_items(data, out);
            Ok(())
        }

        fn encoded_bound(&self, len: usize) -> usize {
            self.ends().map_or(usize::MAX, |ends| cast_bound(len, ends.decoded, ends.encoded))
        }

        fn decoded_bound(&self, len: usize) -> usize {
            self.ends().map_or(usize::MAX, |ends| cast_bound(len, ends.encoded, ends.decoded))
        }
    };
}

pub(super) use item_codec;
