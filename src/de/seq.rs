//! Lists, tuples and sets; and numpy's arrays of objects.

use std::sync::Arc;

use serde::de::{self, DeserializeSeed, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::NodeDeserializer;
use super::records::TupleDeserializer;
use crate::error::{Error, Result};
use crate::stack;
use crate::stream::{ItemIter, Items, NodeId, ObjectArray, Record, Shape};

/// The elements of a list, tuple or set.
pub(super) struct Elements<'a, 'de> {
    parent: NodeDeserializer<'a, 'de>,
    items: ItemIter<'a>,
    index: usize,
}

impl<'a, 'de> Elements<'a, 'de> {
    #[inline]
    pub(super) fn new(parent: NodeDeserializer<'a, 'de>, items: Items) -> Self {
        Elements { parent, items: parent.document.arena.items(items), index: 0 }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(id) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        let element = self.parent.descend(id, |child| seed.deserialize(child));
        element.map(Some).map_err(|error| error.under(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The elements of an array of objects along its first axis: arrays of one axis less, or the objects.
pub(super) struct ObjectRows<'a, 'de> {
    parent: NodeDeserializer<'a, 'de>,
    ids: Vec<NodeId>,
    shape: Shape,
    /// What the objects are, if they are tuples in place of records.
    record: Option<Arc<Record<'de>>>,
    next: usize,
}

impl<'a, 'de> ObjectRows<'a, 'de> {
    pub(super) fn new(parent: NodeDeserializer<'a, 'de>, array: &ObjectArray<'de>) -> Result<Self> {
        parent.document.spend_bytes(size_of::<NodeId>() * array.items.len())?;
        let ids = parent.document.arena.items(array.items).collect();
        Ok(ObjectRows { parent, ids, shape: array.shape.clone(), record: array.record.clone(), next: 0 })
    }

    /// The rows that are left of an array when so many axes are fixed, and the first object there is this one.
    pub(super) fn part(
        parent: NodeDeserializer<'a, 'de>,
        array: &ObjectArray<'de>,
        first: usize,
        axes: usize,
    ) -> Result<Self> {
        let shape: Shape = array.shape[axes..].into();
        let len: usize = shape.iter().product();
        parent.document.spend_bytes(size_of::<NodeId>() * len)?;
        let ids = parent.document.arena.items(array.items).skip(first).take(len).collect();
        Ok(ObjectRows { parent, ids, shape, record: array.record.clone(), next: 0 })
    }

    fn row(&self, index: usize) -> Self {
        let len: usize = self.shape[1..].iter().product();
        let ids = self.ids[index * len..(index + 1) * len].to_vec();
        ObjectRows { parent: self.parent, ids, shape: self.shape[1..].into(), record: self.record.clone(), next: 0 }
    }
}

impl<'de> SeqAccess<'de> for ObjectRows<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let len = self.shape.first().copied().unwrap_or(0);
        if self.next == len {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        let element = if self.shape.len() == 1 {
            self.parent.descend(self.ids[index], |child| match &self.record {
                Some(record) => seed.deserialize(TupleDeserializer { tuple: child, record }),
                None => seed.deserialize(child),
            })
        } else {
            // Rows without elements are not bounded by the length of the stream.
            self.parent.document.spend()?;
            stack::descend(self.shape.len(), || seed.deserialize(self.row(index)))
        };
        element.map(Some).map_err(|error| error.under(index))
    }
}

impl<'de> de::Deserializer<'de> for ObjectRows<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
