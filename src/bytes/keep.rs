//! Buffers that are lent for as long as their owner lives.

use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex, PoisonError};

use super::{AlignedBuf, Map};

/// A place for buffers that only grows: what is put into it can be lent until the `Keep` itself is dropped.
#[derive(Default)]
pub(crate) struct Keep(Mutex<Vec<Arc<AlignedBuf>>>);

impl Keep {
    pub(crate) fn new() -> Self {
        Keep::default()
    }

    /// Takes a buffer and lends it.
    pub(crate) fn keep(&self, buffer: AlignedBuf) -> &[u8] {
        self.keep_shared(Arc::new(buffer))
    }

    /// Takes a share of a buffer and lends it.
    pub(crate) fn keep_shared(&self, buffer: Arc<AlignedBuf>) -> &[u8] {
        let bytes: *const [u8] = &raw const **buffer;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        // SAFETY: the bytes are on the heap, where they stay when the vector of `Arc`s moves; the `Arc` in that vector,
        // which nothing is ever taken from, keeps them alive for as long as `self`; and nothing writes to them, for
        // an `AlignedBuf` behind an `Arc` gives no `&mut` (no one calls `Arc::get_mut` here, and no one else can
        // while the vector holds a share).
        unsafe { &*bytes }
    }
}

/// A part of a map or of a buffer, together with a share of it.
#[derive(Clone)]
pub(crate) struct Shared {
    owner: Owner,
    range: Range<usize>,
}

#[derive(Clone)]
enum Owner {
    Map(Map),
    Buffer(Arc<AlignedBuf>),
}

impl Shared {
    /// A part of a map. The range must lie within it.
    pub(crate) fn of_map(map: Map, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= map.len());
        Shared { owner: Owner::Map(map), range }
    }

    /// A whole buffer.
    pub(crate) fn of_buffer(buffer: Arc<AlignedBuf>) -> Self {
        let range = 0..buffer.len();
        Shared { owner: Owner::Buffer(buffer), range }
    }
}

impl Deref for Shared {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let whole = match &self.owner {
            Owner::Map(map) => &**map,
            Owner::Buffer(buffer) => &***buffer,
        };
        &whole[self.range.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lent_memory_stays_where_it_is() {
        let keep = Keep::new();
        let lent: Vec<&[u8]> = (0..100).map(|n| keep.keep(AlignedBuf::copy_of(&[n; 100]).unwrap())).collect();
        for (n, bytes) in lent.iter().enumerate() {
            assert_eq!(*bytes, [n as u8; 100]);
        }
    }

    #[test]
    fn a_share_outlives_the_keep() {
        let keep = Keep::new();
        let buffer = Arc::new(AlignedBuf::copy_of(b"hello").unwrap());
        keep.keep_shared(buffer.clone());
        let shared = Shared::of_buffer(buffer);
        drop(keep);
        assert_eq!(&*shared, b"hello");
    }
}
