//! The file: a header, buffers, an index of them, and a trailer that says where the index is.
//!
//! ```text
//! 0        ┌───────────────────────────────────────────────┐
//!          │ header   "BPCK", version, flags, length       │ 16 bytes
//! 16       ├───────────────────────────────────────────────┤
//!          │ buffer 0          the memory of an array,     │
//!          ├┄┄┄┄┄┄┄┄┄          as it is or encoded         │
//!          │ zeros             up to a page when aligned   │
//!          ├───────────────────────────────────────────────┤
//!          │ buffer 1 …                                    │
//!          ├───────────────────────────────────────────────┤
//!          │ pickle stream     the last buffer             │
//! offset   ├───────────────────────────────────────────────┤
//!          │ index    MsgPack: where each buffer is, its   │
//!          │          digest, its type and its codecs      │
//! - 44     ├───────────────────────────────────────────────┤
//!          │ trailer  offset, length and digest of the     │
//!          │          index                                │
//! length   └───────────────────────────────────────────────┘
//! ```
//!
//! The [`Writer`] writes it front to back, and the length in the header last. The [`Reader`] reads header, trailer and
//! index, and checks all that they say against each other and the file before it believes any of it.

mod ahead;
mod atomic;
mod check;
mod digests;
mod entry;
mod header;
mod index;
mod input;
mod jobs;
mod loading;
mod mac;
mod reader;
mod revision;
#[cfg(test)]
mod testing;
mod trailer;
mod verify;
mod writer;

pub(crate) use atomic::AtomicFile;
pub use entry::{ArrayType, Entry};
pub use header::Header;
pub(crate) use input::{FileInput, Memory, StreamInput};
pub(crate) use mac::MacKey;
pub(crate) use reader::{ReadOptions, Reader};
pub use revision::Revision;
pub(crate) use writer::{WriteOptions, Writer};

/// What is hashed and copied at once: small enough that the second touch finds it in the cache.
const PIECE: usize = 256 << 10;

/// As many threads as there are processors to run them.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
