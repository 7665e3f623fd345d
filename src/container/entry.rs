//! What the index says of one buffer.

use super::Digest;
use crate::codec::CodecConfig;

/// A buffer, as the index of the file describes it. Python's `IndexEntry`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub(super) offset: u64,
    pub(super) enc_len: u64,
    pub(super) dec_len: u64,
    pub(super) digest: Digest,
    pub(super) info: Option<ArrayType>,
    pub(super) codecs: Vec<CodecConfig>,
}

/// What the index says of the content of a buffer. It is for people: nothing depends on it when a file is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayType {
    pub(super) kind: String,
    pub(super) dtype: String,
    pub(super) shape: Vec<u64>,
}

impl Entry {
    /// Where the buffer starts, in bytes from the start of the file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The length in bytes in the file: `enc_length`.
    #[must_use]
    pub fn encoded_len(&self) -> u64 {
        self.enc_len
    }

    /// The length in bytes when it is decoded: `dec_length`.
    #[must_use]
    pub fn decoded_len(&self) -> u64 {
        self.dec_len
    }

    /// The digest of the encoded bytes: `hash`, in [`Revision::V1`](crate::Revision::V1) `checksum`.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The type of the array in the buffer, `None` where there is no array: `info`. In
    /// [`Revision::V1`](crate::Revision::V1), always `None`.
    #[must_use]
    pub fn array(&self) -> Option<&ArrayType> {
        self.info.as_ref()
    }

    /// The codecs in the order in which they encoded the buffer.
    #[must_use]
    pub fn codecs(&self) -> &[CodecConfig] {
        &self.codecs
    }

    /// Where the buffer ends. It has been checked that it is within the file.
    pub(super) fn end(&self) -> u64 {
        self.offset + self.enc_len
    }
}

impl ArrayType {
    /// `ndarray`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// numpy's `str(dtype)`, such as `float64`.
    #[must_use]
    pub fn dtype(&self) -> &str {
        &self.dtype
    }

    /// The shape in the order of memory: that of an array in Fortran order is reversed.
    #[must_use]
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }
}
