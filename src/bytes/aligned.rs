//! Buffers whose start is aligned for every number type and for SIMD.

use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::slice;

use bytemuck::{Pod, Zeroable};

use super::huge::{prefer_large_pages, reserve_large};
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
    pub(crate) fn zeroed(len: usize) -> Result<Self> {
        let mut lines: Vec<Line> =
            bytemuck::allocation::try_zeroed_vec(len.div_ceil(size_of::<Line>())).map_err(|()| no_memory(len))?;
        prefer_large_pages(bytemuck::cast_slice_mut(&mut lines));
        Ok(AlignedBuf { lines, len })
    }

    /// `len` bytes that a function reads, into memory that nobody has written to before.
    ///
    /// It is called with what is not filled yet, as often as it takes, and returns the beginning of that, filled.
    pub(crate) fn filled(
        len: usize,
        mut fill: impl for<'m> FnMut(usize, &'m mut [MaybeUninit<u8>]) -> Result<&'m mut [u8]>,
    ) -> Result<Self> {
        let count = len.div_ceil(size_of::<Line>());
        let mut lines: Vec<Line> = Vec::new();
        reserve_large(&mut lines, count);
        let Some(memory) = lines.spare_capacity_mut().get_mut(..count) else { return Err(no_memory(len)) };
        // SAFETY: the same memory, of which nothing is known before or after.
        let memory: &mut [MaybeUninit<u8>] =
            unsafe { slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), size_of_val(memory)) };
        let mut at = 0;
        while at < len {
            let rest = &mut memory[at..len];
            let (start, room) = (rest.as_ptr().addr(), rest.len());
            let filled = fill(at, rest)?;
            assert!(filled.is_empty() || (filled.as_ptr().addr() == start && filled.len() <= room));
            at += filled.len();
        }
        memory[len..].fill(MaybeUninit::new(0));
        // SAFETY: all bytes of the lines have values. Those behind `len` were set here; those before it were returned as
        // `&mut [u8]`, whose bytes have values, and which were these bytes: a mutable reference to the address of
        // memory that is borrowed mutably comes from that borrow.
        unsafe { lines.set_len(count) };
        Ok(AlignedBuf { lines, len })
    }

    /// A copy of `bytes`.
    pub(crate) fn copy_of(bytes: &[u8]) -> Result<Self> {
        let mut copy = Self::zeroed(bytes.len())?;
        copy.copy_from_slice(bytes);
        Ok(copy)
    }
}

fn no_memory(len: usize) -> Error {
    Error::limit(format!("no memory for a buffer of {len} bytes"))
}

/// Fills memory with zeros.
pub(crate) fn zero(memory: &mut [MaybeUninit<u8>]) -> &mut [u8] {
    memory.fill(MaybeUninit::new(0));
    // SAFETY: all of it has just been given values, and any byte is a `u8`.
    unsafe { slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), memory.len()) }
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
    fn filled_in_parts_of_any_length() {
        for (len, part) in [(0, 1), (1, 1), (63, 64), (64, 7), (1000, 999), (100_000, 1), (5 << 20, 1 << 20)] {
            let mut calls = 0;
            let buffer = AlignedBuf::filled(len, |at, rest| {
                assert_eq!(rest.len(), len - at);
                calls += 1;
                // Now and then, nothing.
                let filled = zero(&mut rest[..if calls % 3 == 0 { 0 } else { part.min(len - at) }]);
                filled.iter_mut().zip(at..).for_each(|(byte, at)| *byte = (at % 251) as u8);
                Ok(filled)
            })
            .unwrap();
            assert!(buffer.iter().copied().eq((0..len).map(|at| (at % 251) as u8)));
            assert_eq!((buffer.len(), buffer.as_ptr() as usize % 64), (len, 0));
            let last = buffer.lines.last().map_or(&[][..], |line| &line.0[(len - 1) % 64 + 1..]);
            assert!(last.iter().all(|&byte| byte == 0));
        }
        let failed = AlignedBuf::filled(100, |_, _| Err(Error::data("no"))).err().unwrap();
        assert_eq!(failed.to_string(), "no");
    }

    #[test]
    #[should_panic(expected = "filled.is_empty()")]
    fn filled_with_other_memory() {
        _ = AlignedBuf::filled(100, |_, rest| Ok(zero(&mut rest[1..])));
    }

    #[test]
    fn impossible_lengths_are_errors() {
        assert!(AlignedBuf::filled(usize::MAX, |_, _| unreachable!()).is_err());
        assert!(AlignedBuf::zeroed(usize::MAX).is_err());
        assert!(AlignedBuf::zeroed(isize::MAX as usize).is_err());
    }
}
