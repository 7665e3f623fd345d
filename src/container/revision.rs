//! The revisions of the format.

/// A revision of the BinPickle format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revision {
    /// What binpickle 0.4 for Python writes and reads: version 2, SHA-256.
    #[default]
    V2,
    /// Version 2 with room for a message authentication code in the trailer, which is zero unless there is a
    /// [key](crate::Options::mac_key). The main branch of binpickle for Python writes and reads it, with zeros only; no
    /// release does.
    V2Mac,
}

impl Revision {
    /// The version in the header.
    #[must_use]
    pub fn version(self) -> u16 {
        match self {
            Revision::V2 | Revision::V2Mac => 2,
        }
    }

    /// The length of the trailer in bytes.
    pub(super) fn trailer_len(self) -> usize {
        match self {
            Revision::V2 => 44,
            Revision::V2Mac => 76,
        }
    }
}
