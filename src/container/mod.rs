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
//! That is version 2. Version 1 has a shorter trailer and other entries in its index: what is of it alone is in `v1`.
//!
//! The [`Writer`] writes it front to back, and the length in the header last. The [`Reader`] reads header, trailer and
//! index, and checks all that they say against each other and the file before it believes any of it.

mod atomic;
mod check;
mod copy;
mod digest;
mod display;
mod encoded;
mod entry;
mod header;
mod index;
mod input;
mod jobs;
mod loading;
mod mac;
mod msgpack;
mod progress;
mod reader;
mod revision;
mod sha256;
#[cfg(test)]
mod testing;
mod trailer;
mod v1;
mod verify;
mod writer;

use std::num::NonZero;
use std::sync::OnceLock;

pub(crate) use atomic::AtomicFile;
pub use digest::Digest;
pub use entry::{ArrayType, Entry};
pub use header::Header;
#[cfg(test)]
pub(crate) use input::Input;
pub(crate) use input::{FileInput, Memory, StreamInput};
pub(crate) use mac::MacKey;
pub(crate) use progress::{OnProgress, Work};
pub use progress::{Progress, Task};
pub(crate) use reader::{ReadOptions, Reader};
pub use revision::Revision;
pub(crate) use writer::{WriteOptions, Writer};

use crate::codec::Registry;

/// The registry in which the codecs of a file that is written are looked up.
pub(crate) fn registry_for_writing(revision: Revision, registry: &Registry) -> Registry {
    match revision {
        Revision::V1 => v1::for_writing(registry),
        Revision::V2 | Revision::V2Mac => registry.clone(),
    }
}

/// The registry in which the codecs of a file that is read are looked up.
fn registry_for_reading(revision: Revision, registry: Registry) -> Registry {
    match revision {
        Revision::V1 => v1::for_reading(&registry),
        Revision::V2 | Revision::V2Mac => registry,
    }
}

/// What is hashed and copied at once: small enough that the second touch finds it in the cache.
const PIECE: usize = 256 << 10;

/// As many threads as there are processors to run them. The system is asked once: to answer, it opens and reads several
/// files, which takes longer than to open a small file of ours.
pub(crate) fn default_threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(1, NonZero::get))
}
