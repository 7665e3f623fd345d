//! What shows that bytes are those that were written.

use std::fmt;

use simd_adler32::Adler32;

use super::Revision;
use super::sha256::Sha256;

/// The digest of a buffer as it is in the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Digest {
    /// Of [`Revision::V1`]: a checksum. It tells damage by chance, not by intent.
    Adler32(u32),
    /// Of all later revisions: nobody can make other bytes with the same digest.
    Sha256([u8; 32]),
}

impl Digest {
    /// The digest of bytes that are there as a whole.
    pub(super) fn of(revision: Revision, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(revision);
        hasher.update(bytes);
        hasher.finish()
    }
}

/// As hexadecimal digits.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Digest::Adler32(checksum) => write!(f, "Adler32({checksum:08x})"),
            Digest::Sha256(digest) => {
                f.write_str("Sha256(")?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str(")")
            }
        }
    }
}

/// Takes the digest of bytes that come piece by piece.
#[derive(Clone)]
pub(super) enum Hasher {
    Adler32(Adler32),
    Sha256(Sha256),
}

impl Hasher {
    /// The one of a revision.
    pub(super) fn new(revision: Revision) -> Self {
        match revision {
            Revision::V1 => Hasher::Adler32(Adler32::new()),
            Revision::V2 | Revision::V2Mac => Hasher::Sha256(Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Adler32(hasher) => hasher.write(bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// Takes the next piece of two buffers, in less time than one after the other.
    pub(super) fn update_both(a: &mut Self, a_bytes: &[u8], b: &mut Self, b_bytes: &[u8]) {
        if let (Hasher::Sha256(a), Hasher::Sha256(b)) = (&mut *a, &mut *b) {
            return Sha256::update_both(a, a_bytes, b, b_bytes);
        }
        a.update(a_bytes);
        b.update(b_bytes);
    }

    pub(super) fn finish(self) -> Digest {
        match self {
            Hasher::Adler32(hasher) => Digest::Adler32(hasher.finish()),
            Hasher::Sha256(hasher) => Digest::Sha256(hasher.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_revision() {
        // zlib.adler32(b"Wikipedia") and of nothing
        assert_eq!(Digest::of(Revision::V1, b"Wikipedia"), Digest::Adler32(0x11e6_0398));
        assert_eq!(Digest::of(Revision::V1, b""), Digest::Adler32(1));
        let abc = "Sha256(ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad)";
        for revision in [Revision::V2, Revision::V2Mac] {
            assert_eq!(format!("{:?}", Digest::of(revision, b"abc")), abc);
        }
        assert_eq!(format!("{:?}", Digest::of(Revision::V1, b"")), "Adler32(00000001)");
        for revision in [Revision::V1, Revision::V2] {
            let mut hasher = Hasher::new(revision);
            for piece in [&b"Wiki"[..], b"", b"pedia"] {
                hasher.update(piece);
            }
            assert_eq!(hasher.finish(), Digest::of(revision, b"Wikipedia"));
            let (mut one, mut other) = (Hasher::new(revision), Hasher::new(revision));
            Hasher::update_both(&mut one, b"Wikipedia", &mut other, b"abc");
            assert_eq!(
                [one.finish(), other.finish()],
                [b"Wikipedia".as_slice(), b"abc"].map(|bytes| Digest::of(revision, bytes))
            );
        }
    }
}
