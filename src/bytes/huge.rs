//! Large pages for large arrays.

/// Asks for large pages behind memory that is about to be filled.
///
/// Fresh memory costs a page fault every 4 KiB, which takes longer than copying the 4 KiB. numpy asks for the same.
#[cfg(target_os = "linux")]
pub(super) fn prefer_large_pages(memory: &mut [u8]) {
    use rustix::mm::{Advice, madvise};

    const PAGE: usize = 4096;
    // Smaller memory would be mostly one page, and may come from where it was used before.
    const WORTH_IT: usize = 4 << 20;
    if memory.len() < WORTH_IT {
        return;
    }
    let start = memory.as_mut_ptr().align_offset(PAGE);
    let len = (memory.len() - start) / PAGE * PAGE;
    // SAFETY: whole pages within memory that we hold exclusively. The advice changes nothing of what is in them; if the
    // kernel does not take it, nothing is lost.
    let _ = unsafe { madvise(memory[start..].as_mut_ptr().cast(), len, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn prefer_large_pages(_memory: &mut [u8]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_changes() {
        for len in [0, 1, 4096, (4 << 20) + 12_345] {
            let mut memory: Vec<u8> = (0..len + 100).map(|byte| byte as u8).collect();
            prefer_large_pages(&mut memory[100..]);
            assert!(memory.iter().enumerate().all(|(index, &byte)| byte == index as u8));
        }
    }
}
