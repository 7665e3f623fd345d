//! The names that are in the memo.

use rustc_hash::FxHashMap;

/// A power of two.
const SLOTS: usize = 256;

/// The names of fields and variants, and where each is in the memo.
///
/// A struct that is written a thousand times names its fields a thousand times, by the same addresses. So a small table
/// remembers which address had which place. It only spares looking the text up: two names of the same text are one
/// whatever their addresses are, and nothing that is written depends on them.
pub(super) struct Names {
    by_text: FxHashMap<&'static str, u32>,
    by_address: Box<[Slot; SLOTS]>,
}

/// The address and the length of a name, and its place in the memo. No name has the address 0.
#[derive(Clone, Copy, Default)]
struct Slot {
    address: usize,
    len: usize,
    memo: u32,
}

impl Names {
    pub(super) fn new() -> Self {
        Names { by_text: FxHashMap::default(), by_address: Box::new([Slot::default(); SLOTS]) }
    }

    /// The place of a name in the memo.
    #[inline]
    pub(super) fn get(&mut self, name: &'static str) -> Option<u32> {
        let address = name.as_ptr().addr();
        let slot = &self.by_address[address % SLOTS];
        if slot.address == address && slot.len == name.len() { Some(slot.memo) } else { self.find(name) }
    }

    #[cold]
    fn find(&mut self, name: &'static str) -> Option<u32> {
        let memo = self.by_text.get(name).copied()?;
        self.remember(name, memo);
        Some(memo)
    }

    /// A name was put into the memo.
    pub(super) fn insert(&mut self, name: &'static str, memo: u32) {
        self.by_text.insert(name, memo);
        self.remember(name, memo);
    }

    fn remember(&mut self, name: &'static str, memo: u32) {
        let address = name.as_ptr().addr();
        self.by_address[address % SLOTS] = Slot { address, len: name.len(), memo };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_counts_and_not_the_address() {
        let mut names = Names::new();
        let first: &'static str = Box::leak(String::from("name").into_boxed_str());
        let second: &'static str = Box::leak(String::from("name").into_boxed_str());
        assert_eq!(names.get(first), None);
        names.insert(first, 7);
        assert_eq!((names.get(first), names.get(second), names.get(first)), (Some(7), Some(7), Some(7)));
        // Part of a name is another name, although it has the same address.
        assert_eq!(names.get(&first[..2]), None);
        assert_eq!(names.get(""), None);
    }
}
