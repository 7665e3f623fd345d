//! Maps.

use std::hint::black_box;

use serde::ser::{Serialize, SerializeMap};
use smallvec::SmallVec;

use super::{Output, known};
use crate::bytes::Erased;
use crate::error::{Error, Result};

/// A map: a dict, or a tuple of pairs where it must be hashable.
pub(crate) struct MapSerializer<'a, 's> {
    output: &'a mut Output<'s>,
}

impl<'a, 's> MapSerializer<'a, 's> {
    #[inline]
    pub(super) fn new(output: &'a mut Output<'s>) -> Self {
        output.begin_entries();
        MapSerializer { output }
    }
}

impl SerializeMap for MapSerializer<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.output.room()?;
        self.output.key(key)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.output.value(value)?;
        self.output.end_entry();
        Ok(())
    }

    #[inline]
    fn end(self) -> Result<()> {
        self.output.end_entries();
        Ok(())
    }
}

/// How many entries of a map are looked at before the first of them is written.
const AHEAD: usize = 16;

/// A processor fetches so many bytes at once; what does not begin a line ends in the next one.
const LINE: usize = 48;

impl MapSerializer<'_, '_> {
    /// Writes all entries.
    pub(super) fn collect<K: Serialize, V: Serialize>(
        mut self,
        mut entries: impl Iterator<Item = (K, V)>,
    ) -> Result<()> {
        if !known::is_known::<V>() {
            return entries.try_for_each(|(key, value)| self.serialize_entry(&key, &value)).and_then(|()| self.end());
        }
        // The vectors in a hash map lie in memory in no order, so the first bytes of each are far away. Asked for one after
        // the other, they would be waited for; asked for together, with nothing in between, they come together.
        let mut ahead: SmallVec<[(K, V); AHEAD]> = SmallVec::new();
        loop {
            ahead.extend(entries.by_ref().take(AHEAD));
            if ahead.is_empty() {
                return self.end();
            }
            let mut far = [&[][..]; AHEAD];
            for (bytes, (_, value)) in far.iter_mut().zip(&ahead) {
                *bytes = self.output.lately.numbers(Erased::new(value)).map_or(&[], |numbers| numbers.bytes());
            }
            let first = |bytes: &[u8]| bytes.first().copied().unwrap_or(0) ^ bytes.get(LINE).copied().unwrap_or(0);
            black_box(far.into_iter().fold(0, |sum, bytes| sum ^ first(bytes)));
            ahead.drain(..).try_for_each(|(key, value)| self.serialize_entry(&key, &value))?;
        }
    }
}

impl Output<'_> {
    /// Starts a dict, or what takes its place in a key: a tuple of pairs.
    #[inline]
    pub(super) fn begin_entries(&mut self) {
        if self.in_key() { self.encoder.mark() } else { self.encoder.begin_dict() }
    }

    /// After each key and value.
    #[inline]
    pub(super) fn end_entry(&mut self) {
        if self.in_key() {
            self.encoder.short_tuple(2);
        }
    }

    #[inline]
    pub(super) fn end_entries(&mut self) {
        if self.in_key() {
            self.encoder.tuple();
        } else {
            self.encoder.set_items();
        }
    }
}
