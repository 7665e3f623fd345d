//! What one load may cost.

use std::cell::Cell;

use super::Limits;
use crate::buffers::Source;
use crate::error::{Error, Result};

/// What one load may still cost.
#[derive(Clone)]
pub(super) struct Budget {
    /// How many more objects may be visited.
    visits: Cell<u64>,
    /// How many more bytes may be copied.
    bytes: Cell<u64>,
}

/// How often everything may be copied, for an object that is shared is copied each time it is met: weights that a model
/// uses twice are nothing special, a thousand times the same large array is.
const COPIES: u64 = 4;

impl Budget {
    /// That of a stream, beside which the buffers hold so many bytes.
    pub(super) fn new(stream: &[u8], held: u64, limits: Limits) -> Self {
        // Every visit that is not one of a shared object's many costs the stream at least a byte. So honest streams are
        // far below this, and a "billion laughs" of a few hundred bytes ends in milliseconds.
        let visits = limits.max_nodes.unwrap_or(100_000 + 16 * stream.len() as u64);
        // Likewise for bytes: a short text that is named once more costs the stream two bytes, a buffer no more.
        let bytes = held.saturating_mul(COPIES).saturating_add(64 * stream.len() as u64).saturating_add(8 << 20);
        let bytes = bytes.max(limits.max_copied.unwrap_or(0));
        Budget { visits: Cell::new(visits), bytes: Cell::new(bytes) }
    }

    /// Takes one visit off it.
    #[inline]
    pub(super) fn spend(&self) -> Result<()> {
        self.visits.set(self.visits.get().checked_sub(1).ok_or_else(too_many_parts)?);
        Ok(())
    }

    /// Takes bytes that are copied off it.
    #[inline]
    pub(super) fn spend_bytes(&self, len: usize) -> Result<()> {
        let Some(bytes) = self.bytes.get().checked_sub(len as u64) else { return Err(too_many_bytes()) };
        self.bytes.set(bytes);
        Ok(())
    }

    /// Takes back that bytes were spent.
    pub(super) fn give_back(&self, bytes: u64) {
        self.bytes.set(self.bytes.get().saturating_add(bytes));
    }

    /// How many more bytes may be copied.
    pub(super) fn bytes_left(&self) -> u64 {
        self.bytes.get()
    }

    /// How many more objects may be visited.
    pub(super) fn visits_left(&self) -> u64 {
        self.visits.get()
    }
}

/// How many bytes all buffers hold.
pub(super) fn held(source: &dyn Source<'_>) -> Result<u64> {
    (0..source.buffer_count())
        .try_fold(0u64, |sum, index| source.buffer_len(index).map(|len| sum.saturating_add(len as u64)))
}

#[cold]
pub(super) fn too_many_parts() -> Error {
    Error::limit(
        "the object has too many parts, counting shared ones each time they are met: \
         LoadOptions::max_nodes allows more",
    )
}

#[cold]
fn too_many_bytes() -> Error {
    Error::limit(
        "the object is much larger than the file, for the same data are used many times: \
         LoadOptions::max_decoded allows more",
    )
}
