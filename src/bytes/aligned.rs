//! Buffers whose start is aligned for every number type and for SIMD.

use std::ops::{Deref, DerefMut};

use bytemuck::{Pod, Zeroable};

use super::huge::prefer_large_pages;
use crate::error::{Error, Result};

/// One cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

// SAFETY: all bits zero is a valid array of bytes.
unsafe impl Zeroable for Line {}

// SAFETY: 64 bytes without padding (the alignment equals the size), in which every bit pattern is valid.
unsafe impl Pod for Line {}

/// Bytes that start at a multiple of 64.
pub(crate) struct AlignedBuf {
    lines: Vec<Line>,
    len: usize,
}

impl AlignedBuf {
    /// `len` zeros. Memory that does not exist is an error, not an abort: `len` may come from a file.
    ///
    /// Large buffers come fresh from the operating system, so that nothing is written twice.
    pub(crate) fn zeroed(len: usize) -> Result<Self> {
        let mut lines: Vec<Line> = bytemuck::allocation::try_zeroed_vec(len.div_ceil(size_of::<Line>()))
            .map_err(|()| Error::limit(format!("no memory for a buffer of {len} bytes")))?;
        prefer_large_pages(bytemuck::cast_slice_mut(&mut lines));
        Ok(AlignedBuf { lines, len })
    }

    /// A copy of `bytes`.
    pub(crate) fn copy_of(bytes: &[u8]) -> Result<Self> {
        let mut copy = Self::zeroed(bytes.len())?;
        copy.copy_from_slice(bytes);
        Ok(copy)
    }
}

impl Deref for AlignedBuf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.lines)[..self.len]
    }
}

impl DerefMut for AlignedBuf {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligned_and_of_any_length() {
        for len in [0, 1, 63, 64, 65, 100_000] {
            let mut buffer = AlignedBuf::zeroed(len).unwrap();
            assert_eq!(buffer.len(), len);
            assert!(buffer.iter().all(|&byte| byte == 0));
            assert_eq!(buffer.as_ptr() as usize % 64, 0);
            buffer.fill(7);
            assert_eq!(&*AlignedBuf::copy_of(&buffer).unwrap(), &*buffer);
        }
    }

    #[test]
    fn impossible_lengths_are_errors() {
        assert!(AlignedBuf::zeroed(usize::MAX).is_err());
        assert!(AlignedBuf::zeroed(isize::MAX as usize).is_err());
    }
}
