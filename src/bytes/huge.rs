//! Large pages for large arrays.

use std::mem::MaybeUninit;

/// Asks for large pages behind memory that is about to be filled.
///
/// Fresh memory costs a page fault every 4 KiB, which takes longer than copying the 4 KiB. numpy asks for the same.
pub(super) fn prefer_large_pages(memory: &mut [u8]) {
    advise(memory.as_mut_ptr(), memory.len());
}

/// Makes room in a vector, and asks for large pages behind it. No room is no error: the vector will ask again.
pub(crate) fn reserve_large<T>(vector: &mut Vec<T>, additional: usize) {
    if vector.try_reserve_exact(additional).is_ok() {
        let spare: &mut [MaybeUninit<T>] = vector.spare_capacity_mut();
        advise(spare.as_mut_ptr().cast(), size_of_val(spare));
    }
}

/// Appends to a vector that may become large.
pub(crate) fn append_large(vector: &mut Vec<u8>, bytes: &[u8]) {
    if !vector.is_empty() && vector.capacity() - vector.len() < bytes.len() {
        reserve_large(vector, vector.len().max(bytes.len()));
    }
    vector.extend_from_slice(bytes);
}

/// Advises on memory that the caller holds exclusively. It is neither read nor written.
#[cfg(target_os = "linux")]
fn advise(memory: *mut u8, len: usize) {
    use rustix::mm::{Advice, madvise};

    const PAGE: usize = 4096;
    // Smaller memory would be mostly one page, and may come from where it was used before.
    const WORTH_IT: usize = 4 << 20;
    if len < WORTH_IT {
        return;
    }
    let start = memory.align_offset(PAGE);
    let len = (len - start) / PAGE * PAGE;
    // SAFETY: `start` is less than a page, and `memory` longer than that.
    let pages = unsafe { memory.add(start) };
    // SAFETY: whole pages within memory that our caller holds exclusively. The advice changes nothing of what is in them;
    // if the kernel does not take it, nothing is lost.
    let _ = unsafe { madvise(pages.cast(), len, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
fn advise(_memory: *mut u8, _len: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_changes() {
        for len in [0, 1, 4096, (4 << 20) + 12_345] {
            let mut memory: Vec<u8> = (0..len + 100).map(|byte| byte as u8).collect();
            prefer_large_pages(&mut memory[100..]);
            assert!(memory.iter().enumerate().all(|(index, &byte)| byte == index as u8));
            reserve_large(&mut memory, 5 << 20);
            assert!(memory.capacity() >= memory.len() + (5 << 20));
            append_large(&mut memory, &[7; 100]);
            assert_eq!(memory.split_off(len + 100), [7; 100]);
            assert!(memory.iter().enumerate().all(|(index, &byte)| byte == index as u8));
        }
    }
}
