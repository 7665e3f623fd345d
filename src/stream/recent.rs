//! Which short strings were written lately.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Longer strings are not looked for: they seldom repeat.
const MAX_LEN: usize = 64;

/// A power of two.
const SLOTS: usize = 4096;

/// A table of the short strings that were written lately, which remembers where in the stream they lie.
///
/// It has a fixed size, and a string forgets the one that was in its slot. Since the strings themselves are compared
/// in the stream, nothing is allocated for them.
pub(super) struct RecentStrings {
    /// Empty until the first string comes.
    slots: Vec<Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    /// Where the string starts in the stream; its length is 0 while the slot is empty.
    start: usize,
    len: u8,
    memo: Option<u32>,
}

/// What the table knows of a string.
pub(super) enum Sighting {
    /// It has this place in the memo.
    Memoised(u32),
    /// It was written once, and is not in the memo yet.
    Repeated(usize),
    /// It was not written lately.
    New(usize),
    /// It is not looked for.
    Long,
}

impl RecentStrings {
    pub(super) fn new() -> Self {
        RecentStrings { slots: Vec::new() }
    }

    /// Looks for a string in what was written. The slot of the answer is for [`written`](Self::written) or
    /// [`memoised`](Self::memoised).
    pub(super) fn sight(&mut self, text: &str, stream: &[u8]) -> Sighting {
        // A string of one byte is as short as a reference to it.
        if text.len() < 2 || text.len() > MAX_LEN {
            return Sighting::Long;
        }
        if self.slots.is_empty() {
            self.slots = vec![Slot { start: 0, len: 0, memo: None }; SLOTS];
        }
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        let index = hasher.finish() as usize % SLOTS;
        let slot = &self.slots[index];
        if slot.len as usize != text.len() || &stream[slot.start..slot.start + text.len()] != text.as_bytes() {
            return Sighting::New(index);
        }
        match slot.memo {
            Some(memo) => Sighting::Memoised(memo),
            None => Sighting::Repeated(index),
        }
    }

    /// The string of a slot was written at this place of the stream.
    pub(super) fn written(&mut self, slot: usize, text: &str, start: usize) {
        self.slots[slot] = Slot { start, len: text.len() as u8, memo: None };
    }

    /// The string of a slot was written again, and put into the memo.
    pub(super) fn memoised(&mut self, slot: usize, memo: u32) {
        self.slots[slot].memo = Some(memo);
    }
}
