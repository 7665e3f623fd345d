//! What is of version 1 alone, as binpickle 0.1 to 0.3.4 for Python has it.
//!
//! Header, trailer and buffers are where they are in version 2. What differs are the entries of the index and the codecs:
//! Python had some of its own then, and wrapped those of numcodecs in one of them.
//!
//! | | |
//! |---|---|
//! | `entry` | an entry of the index |
//! | `forms` | what codecs are called in it |
//! | `blosc` | the one codec that numcodecs does not have |
//! | `registry` | where the codecs of this version are looked up |

mod blosc;
mod entry;
mod forms;
mod registry;

pub(super) use entry::{read_entry, write_entry};
pub(super) use registry::{for_reading, for_writing};
