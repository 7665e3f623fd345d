//! The last bytes: where the index is, and its digest.

use super::{Digest, Revision};

/// The trailer of a file. Python's `FileTrailer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trailer {
    pub(super) index_offset: u64,
    pub(super) index_len: u32,
    pub(super) digest: Digest,
}

impl Trailer {
    /// The length in bytes, without room for a message authentication code, which may follow.
    pub(super) fn len(revision: Revision) -> usize {
        12 + revision.digest_len()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(self.index_offset.to_be_bytes());
        bytes.extend(self.index_len.to_be_bytes());
        match self.digest {
            Digest::Adler32(checksum) => bytes.extend(checksum.to_be_bytes()),
            Digest::Sha256(digest) => bytes.extend(digest),
        }
        bytes
    }

    /// Reads a trailer. `None` if there are too few bytes.
    pub(super) fn decode(revision: Revision, bytes: &[u8]) -> Option<Self> {
        let (index_offset, rest) = bytes.split_first_chunk()?;
        let (index_len, rest) = rest.split_first_chunk()?;
        let digest = match revision {
            Revision::V1 => Digest::Adler32(u32::from_be_bytes(*rest.first_chunk()?)),
            Revision::V2 | Revision::V2Mac => Digest::Sha256(*rest.first_chunk()?),
        };
        let (index_offset, index_len) = (u64::from_be_bytes(*index_offset), u32::from_be_bytes(*index_len));
        Some(Trailer { index_offset, index_len, digest })
    }

    /// Whether the index ends where this trailer begins. That tells the revisions apart.
    pub(super) fn is_at(&self, offset: u64) -> bool {
        self.index_offset.checked_add(self.index_len.into()) == Some(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_back() {
        let trailer = Trailer { index_offset: 0x0102, index_len: 0x0304, digest: Digest::Sha256([7; 32]) };
        let bytes = trailer.encode();
        assert_eq!(bytes[..12], [0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4]);
        assert_eq!(bytes[12..], [7; 32]);
        for revision in [Revision::V2, Revision::V2Mac] {
            assert_eq!(bytes.len(), Trailer::len(revision));
            assert_eq!(Trailer::decode(revision, &bytes).as_ref(), Some(&trailer));
        }
        let old = Trailer { digest: Digest::Adler32(0x0506_0708), ..trailer.clone() };
        assert_eq!(old.encode(), [0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 7, 8]);
        assert_eq!(old.encode().len(), Trailer::len(Revision::V1));
        assert_eq!(Trailer::decode(Revision::V1, &old.encode()).as_ref(), Some(&old));
        assert_eq!(Trailer::decode(Revision::V2, &old.encode()), None);
        assert!(trailer.is_at(0x0406));
        assert!(!Trailer { index_offset: u64::MAX, ..trailer }.is_at(0x0303));
    }
}
