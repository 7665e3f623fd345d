//! The first 16 bytes.

use super::Revision;
use crate::error::{Error, ErrorKind, Result};

/// The header of a file. Python's `FileHeader`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) revision: Revision,
    pub(super) mappable: bool,
    pub(super) len: u64,
}

const MAGIC: [u8; 4] = *b"BPCK";

/// The arrays are those of a big-endian machine.
const BIG_ENDIAN: u16 = 1;
/// Every buffer is aligned and none is encoded.
const MAPPABLE: u16 = 2;

impl Header {
    /// The length of a header in bytes.
    pub const SIZE: usize = 16;

    /// The revision of the format.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Whether the file says that it can be used in place when it is mapped: buffers are aligned and not encoded. One of
    /// [`Revision::V1`] says nothing of it.
    #[must_use]
    pub fn is_mappable(&self) -> bool {
        self.mappable
    }

    /// The length of the file in bytes, header and trailer included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no file is empty")]
    pub fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn encode(&self) -> [u8; Header::SIZE] {
        encode(self.revision, self.mappable, self.len.cast_signed())
    }

    /// A header of a file that is not finished: its length is -1.
    pub(super) fn unfinished(revision: Revision) -> [u8; Header::SIZE] {
        encode(revision, false, -1)
    }

    /// Reads the header of a file that is `actual_len` bytes long. Bytes after the length that it declares are not an error.
    ///
    /// The two revisions of version 2 have the same header: until the trailer is read, it is said to be [`Revision::V2`].
    /// Version 1 has no flags.
    pub(crate) fn decode(bytes: &[u8], actual_len: u64) -> Result<Self> {
        let Some((magic, rest)) = bytes.split_first_chunk().filter(|(magic, _)| **magic == MAGIC) else {
            return Err(Error::format("this is not a BinPickle file").at(0));
        };
        let &[v1, v0, f1, f0, ref len @ ..] = rest.first_chunk::<12>().ok_or_else(|| {
            Error::format(format!("the file is cut: {} bytes are no header", magic.len() + rest.len())).at(0)
        })?;
        let version = u16::from_be_bytes([v1, v0]);
        let Some(&revision) = Revision::of_version(version).first() else {
            let message = format!("this is a BinPickle file of version {version}, which is not known");
            return Err(Error::new(ErrorKind::Unsupported, message).at(4));
        };
        let flags = u16::from_be_bytes([f1, f0]);
        let known = if revision.has_flags() { BIG_ENDIAN | MAPPABLE } else { 0 };
        if flags & !known != 0 {
            return Err(Error::format(format!("the header has unknown flags: {flags:#06x}")).at(6));
        }
        if flags & BIG_ENDIAN != 0 {
            let message = "the file was written on a big-endian machine, and its arrays are big-endian";
            return Err(Error::new(ErrorKind::Unsupported, message).at(6));
        }
        let len = match u64::try_from(i64::from_be_bytes(*len)) {
            Err(_) | Ok(0) => return Err(Error::format("the file was not finished: it does not know its length").at(8)),
            Ok(len) if len > actual_len => {
                return Err(Error::format(format!("the file is cut: it has {actual_len} of {len} bytes")).at(8));
            }
            Ok(len) => len,
        };
        Ok(Header { revision, mappable: flags & MAPPABLE != 0, len })
    }
}

fn encode(revision: Revision, mappable: bool, len: i64) -> [u8; Header::SIZE] {
    let mut bytes = [0; Header::SIZE];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4..6].copy_from_slice(&revision.version().to_be_bytes());
    bytes[6..8].copy_from_slice(&(if mappable { MAPPABLE } else { 0 }).to_be_bytes());
    bytes[8..].copy_from_slice(&len.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_back() {
        let header = Header { revision: Revision::V2, mappable: true, len: 0x0102 };
        assert_eq!(header.encode(), *b"BPCK\0\x02\0\x02\0\0\0\0\0\0\x01\x02");
        assert_eq!(Header::decode(&header.encode(), 0x0102).unwrap(), header);
        assert_eq!(Header::decode(&header.encode(), u64::MAX).unwrap(), header);
        let old = Header { revision: Revision::V1, mappable: false, len: 0x0102 };
        assert_eq!(old.encode(), *b"BPCK\0\x01\0\0\0\0\0\0\0\0\x01\x02");
        assert_eq!(Header::decode(&old.encode(), 0x0102).unwrap(), old);
        assert_eq!(Header::unfinished(Revision::V2), *b"BPCK\0\x02\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    }

    #[test]
    fn what_is_refused() {
        let good = Header { revision: Revision::V2, mappable: false, len: 100 }.encode();
        let kind = |at: usize, bytes: &[u8]| {
            let mut header = good;
            header[at..at + bytes.len()].copy_from_slice(bytes);
            Header::decode(&header, 100).unwrap_err().kind()
        };
        assert_eq!(kind(0, b"PK"), ErrorKind::Format);
        assert_eq!(kind(4, &[0, 0]), ErrorKind::Unsupported);
        assert_eq!(kind(4, &[0, 3]), ErrorKind::Unsupported);
        assert_eq!(kind(4, &[2, 0]), ErrorKind::Unsupported);
        assert_eq!(kind(6, &[0, 1]), ErrorKind::Unsupported);
        assert_eq!(kind(6, &[0, 4]), ErrorKind::Format);
        assert_eq!(kind(6, &[0x80, 0]), ErrorKind::Format);
        for len in [0, -1, i64::MIN, 101, i64::MAX] {
            assert_eq!(kind(8, &len.to_be_bytes()), ErrorKind::Format, "{len}");
        }
        assert!(Header::decode(b"BPCK\0\x01\0\0\0\0\0\0\0\0\0\x64", 100).is_ok());
        for flags in [[0, 1], [0, 2], [0, 4], [0x80, 0]] {
            assert_eq!(kind(4, &[[0, 1], flags].concat()), ErrorKind::Format);
        }
        for len in 0..16 {
            assert_eq!(Header::decode(&good[..len], 100).unwrap_err().kind(), ErrorKind::Format);
        }
    }
}
