//! The last bytes: where the index is, and its digest.

use super::Revision;

/// The trailer of a file. Python's `FileTrailer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trailer {
    pub(super) index_offset: u64,
    pub(super) index_len: u32,
    pub(super) digest: [u8; 32],
}

impl Trailer {
    /// What both revisions begin with.
    pub(super) const SIZE: usize = 44;

    pub(super) fn encode(&self, revision: Revision) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(revision.trailer_len());
        bytes.extend(self.index_offset.to_be_bytes());
        bytes.extend(self.index_len.to_be_bytes());
        bytes.extend(self.digest);
        bytes.resize(revision.trailer_len(), 0);
        bytes
    }

    pub(super) fn decode(bytes: &[u8; Trailer::SIZE]) -> Self {
        let (mut index_offset, mut index_len, mut digest) = ([0; 8], [0; 4], [0; 32]);
        index_offset.copy_from_slice(&bytes[..8]);
        index_len.copy_from_slice(&bytes[8..12]);
        digest.copy_from_slice(&bytes[12..]);
        Trailer { index_offset: u64::from_be_bytes(index_offset), index_len: u32::from_be_bytes(index_len), digest }
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
        let trailer = Trailer { index_offset: 0x0102, index_len: 0x0304, digest: [7; 32] };
        let bytes = trailer.encode(Revision::V2);
        assert_eq!(bytes[..12], [0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4]);
        assert_eq!(bytes[12..], [7; 32]);
        assert_eq!(Trailer::decode(bytes.first_chunk().unwrap()), trailer);
        let with_mac = trailer.encode(Revision::V2Mac);
        assert_eq!((&with_mac[..44], &with_mac[44..]), (&bytes[..], &[0; 32][..]));
        assert!(trailer.is_at(0x0406));
        assert!(!Trailer { index_offset: u64::MAX, ..trailer }.is_at(0x0303));
    }
}
