//! Maps.

use serde::ser::{self, Serialize};

use super::Output;
use crate::error::{Error, Result};

/// A map: a dict, or a tuple of pairs where it must be hashable.
pub(crate) struct MapSerializer<'a, 's> {
    output: &'a mut Output<'s>,
}

impl<'a, 's> MapSerializer<'a, 's> {
    pub(super) fn new(output: &'a mut Output<'s>) -> Self {
        output.begin_entries();
        MapSerializer { output }
    }
}

impl ser::SerializeMap for MapSerializer<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.output.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.output.value(value)?;
        self.output.end_entry();
        Ok(())
    }

    fn end(self) -> Result<()> {
        self.output.end_entries();
        Ok(())
    }
}

impl Output<'_> {
    /// Starts a dict, or what takes its place in a key: a tuple of pairs.
    pub(super) fn begin_entries(&mut self) {
        if !self.in_key() {
            self.encoder.empty_dict();
        }
        self.encoder.mark();
    }

    /// After each key and value.
    pub(super) fn end_entry(&mut self) {
        if self.in_key() {
            self.encoder.short_tuple(2);
        }
    }

    pub(super) fn end_entries(&mut self) {
        if self.in_key() {
            self.encoder.tuple();
        } else {
            self.encoder.set_items();
        }
    }
}
