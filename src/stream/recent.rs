//! Which short strings were written lately.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::frames::{Frames, Position};

/// Longer strings are not looked for: they seldom repeat.
const MAX_LEN: usize = 64;

/// The bytes of an instruction before such a string: what it is, and its length.
const HEAD: usize = 2;

/// A power of two.
const SLOTS: usize = 4096;

/// A table of the short strings that were written lately, which remembers where in the stream they lie.
///
/// It has a fixed size, and a string forgets the one that was in its slot. What was written once is compared in the
/// stream, as long as that is in memory; what is in the memo is kept here.
pub(super) struct RecentStrings {
    /// None until the first string comes.
    slots: Option<Box<[Slot; SLOTS]>>,
    /// The strings in the memo, each at the place of its slot. Empty until the first one is.
    texts: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Slot {
    /// Where it was written, with two bytes before it, if it is not in the memo; its length is 0 while the slot is empty.
    position: Position,
    len: u8,
    /// A part of the hash, so that another string is seldom compared.
    tag: u16,
    /// Its place in the memo plus one, or 0.
    memo: u32,
}

/// Where a string belongs in the table.
#[derive(Clone, Copy)]
pub(super) struct Place {
    slot: usize,
    tag: u16,
}

/// What the table knows of a string.
pub(super) enum Sighting {
    /// It has this place in the memo.
    Memoised(u32),
    /// It was written once, and is not in the memo yet.
    Repeated(Place),
    /// It was not written lately.
    New(Place),
    /// It is not looked for.
    Long,
}

impl RecentStrings {
    pub(super) fn new() -> Self {
        RecentStrings { slots: None, texts: Vec::new() }
    }

    /// Looks for a string in what was written. The place in the answer is for [`written`](Self::written) or
    /// [`memoised`](Self::memoised).
    #[inline]
    pub(super) fn sight(&mut self, text: &str, stream: &Frames) -> Sighting {
        // A string of one byte is as short as a reference to it.
        if text.len() < 2 || text.len() > MAX_LEN {
            return Sighting::Long;
        }
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        let hash = hasher.finish() as usize;
        let place = Place { slot: hash % SLOTS, tag: (hash / SLOTS) as u16 };
        let slot = *self.slot(place);
        if slot.tag != place.tag || slot.len as usize != text.len() {
            return Sighting::New(place);
        }
        let known = match slot.memo {
            0 => stream.at(slot.position, HEAD + text.len()).get(HEAD..),
            _ => self.texts[place.slot * MAX_LEN..].get(..text.len()),
        };
        match slot.memo {
            _ if known != Some(text.as_bytes()) => Sighting::New(place),
            0 => Sighting::Repeated(place),
            memo => Sighting::Memoised(memo - 1),
        }
    }

    /// A string was written here.
    #[inline]
    pub(super) fn written(&mut self, place: Place, text: &str, position: Position) {
        *self.slot(place) = Slot { position, len: text.len() as u8, tag: place.tag, memo: 0 };
    }

    /// A string was written again, and put into the memo.
    pub(super) fn memoised(&mut self, place: Place, text: &str, memo: u32) {
        if self.texts.is_empty() {
            self.texts = vec![0; SLOTS * MAX_LEN];
        }
        self.texts[place.slot * MAX_LEN..][..text.len()].copy_from_slice(text.as_bytes());
        self.slot(place).memo = memo + 1;
    }

    #[inline]
    fn slot(&mut self, place: Place) -> &mut Slot {
        &mut self.slots.get_or_insert_with(no_slots)[place.slot]
    }
}

#[cold]
fn no_slots() -> Box<[Slot; SLOTS]> {
    let slots = vec![Slot { position: Position::START, len: 0, tag: 0, memo: 0 }; SLOTS];
    slots.try_into().unwrap_or_else(|_| unreachable!("there are so many slots"))
}
