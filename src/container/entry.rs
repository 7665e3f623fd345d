//! What the index says of one buffer.

use super::Digest;
use crate::codec::CodecConfig;
use crate::dtype::DType;

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

    /// Whether the array that the index says is in the buffer has as many bytes as the buffer. Of a dtype that is not known by
    /// its text, such as a structured one, that it may have.
    pub(super) fn array_fits(&self) -> bool {
        let Some(array) = &self.info else { return true };
        let count = array.shape.iter().try_fold(1u64, |count, &len| count.checked_mul(len));
        // A length of 0 makes the others harmless, however long they are.
        let count = if array.shape.contains(&0) { Some(0) } else { count };
        match (count, array.itemsize()) {
            (Some(count), Some(itemsize)) => count.checked_mul(itemsize) == Some(self.dec_len),
            (Some(0), None) => self.dec_len == 0,
            (Some(count), None) => self.dec_len.is_multiple_of(count),
            // Of items without a size, there may be any number.
            (None, itemsize) => itemsize.unwrap_or(0) == 0 && self.dec_len == 0,
        }
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

    /// The size of an item in bytes, if the text says it: `str(dtype)` is a name with a number of bits for what is in
    /// the machine's byte order, and an array-protocol string for the rest.
    fn itemsize(&self) -> Option<u64> {
        let text = self.dtype.as_str();
        if text == "bool" {
            return Some(1);
        }
        if ["datetime64", "timedelta64"].iter().any(|name| text.starts_with(name)) {
            return Some(8);
        }
        match ["int", "uint", "float", "complex"].iter().find_map(|name| text.strip_prefix(name)) {
            Some(bits) => bits.parse().ok().map(|bits: u64| bits / 8),
            None => DType::parse(text).map(|dtype| dtype.itemsize() as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_that_fit_their_buffer() {
        let fits = |dtype: &str, shape: &[u64], dec_len| {
            let info = ArrayType { kind: "ndarray".to_owned(), dtype: dtype.to_owned(), shape: shape.to_vec() };
            let digest = Digest::of(crate::Revision::V2, b"");
            Entry { offset: 16, enc_len: dec_len, dec_len, digest, info: Some(info), codecs: Vec::new() }.array_fits()
        };
        // What binpickle 0.4 writes, with numpy 2.4 and 1.26.
        let written: [(&str, &[u64], u64); 18] = [
            ("float64", &[4, 3], 96),
            ("float64", &[], 8),
            ("float64", &[0, 3], 0),
            ("[('a', '<f4'), ('b', '<i2', (2,))]", &[3], 24),
            ("int16", &[2, 2], 8),
            ("<U3", &[2], 24),
            ("|S5", &[2], 10),
            ("|V7", &[2], 14),
            (">i4", &[2], 8),
            ("bool", &[3], 3),
            ("float16", &[3], 6),
            ("complex128", &[3], 48),
            ("float128", &[2], 32),
            ("complex256", &[2], 64),
            ("{'names': ['a'], 'formats': ['i1'], 'offsets': [3], 'itemsize': 9}", &[2], 18),
            ("<U1", &[2], 8),
            ("|S0", &[u64::MAX, u64::MAX], 0),
            ("datetime64[ns]", &[2], 16),
        ];
        for (dtype, shape, len) in written {
            assert!(fits(dtype, shape, len), "{dtype}");
            assert!(!fits(dtype, shape, len + 1), "{dtype}");
        }
        assert!(!fits("float32", &[4, 3], 96) && !fits("uint8", &[u64::MAX, 2], 2) && !fits("no dtype", &[7], 8));
        assert!(fits("no dtype", &[7], 21) && fits("<U0", &[7], 0));
    }
}
