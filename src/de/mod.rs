//! The object in a pickle stream, and its buffers, as serde's data model.
//!
//! A [`Document`] is the parsed stream together with the source of the buffers. A [`NodeDeserializer`] stands on one of
//! its nodes. Arrays are an own small world ([`array`]): they are walked by strides, and read whole where the type that
//! is asked for is known ([`vec`]). Streams that are trees become values [directly](direct), without being parsed before.

pub(crate) mod array;
mod budget;
mod direct;
mod enums;
mod map;
mod masked;
pub(crate) mod ndarray;
mod node;
pub(crate) mod number;
pub(crate) mod pandas;
mod part;
mod records;
mod seq;
mod standard;
#[cfg(any(feature = "chrono", feature = "jiff"))]
mod time;
mod value;
mod vec;

use std::cell::OnceCell;

use serde::Deserialize;

use self::array::ArrayDeserializer;
use self::budget::{Budget, held};
use self::direct::DirectDeserializer;
pub(crate) use self::direct::read_directly;
pub(crate) use self::node::NodeDeserializer;
use self::node::{describe, mismatch};
pub(crate) use self::part::Place;
use crate::buffers::Source;
use crate::bytes::{Parcel, exact};
use crate::error::{Error, Result};
use crate::stack;
use crate::stream::{self, Arena, ArrayData, Meaning, NodeId, ParseLimits};

/// What a load may cost.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_field_names, reason = "they are named as in `LoadOptions`")]
pub(crate) struct Limits {
    /// How deep containers may be nested.
    pub(crate) max_depth: u32,
    /// How many objects may be visited, a shared one each time it is met; by default a multiple of the stream.
    pub(crate) max_nodes: Option<u64>,
    /// How many bytes may be copied out of the stream and the buffers, a shared one each time; by default a multiple of
    /// both. Less than that is not kept: what the buffers hold is limited elsewhere.
    pub(crate) max_copied: Option<u64>,
}

impl Limits {
    fn of_parser(self, source: &dyn Source<'_>) -> ParseLimits {
        ParseLimits { buffers: source.buffer_count(), max_depth: self.max_depth }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_depth: stack::MAX_DEPTH, max_nodes: None, max_copied: None }
    }
}

/// Parses a stream whose buffers come from a source.
pub(crate) fn parse<'de>(stream: &'de [u8], source: &dyn Source<'de>, limits: Limits) -> Result<Arena<'de>> {
    stream::parse(stream, limits.of_parser(source), source.keep())
}

/// Reads what is at a place of a parsed stream as a `T`.
pub(crate) fn read<'de, T: Deserialize<'de>>(
    arena: &Arena<'de>,
    place: Place,
    stream: &[u8],
    source: &dyn Source<'de>,
    limits: Limits,
) -> Result<T> {
    let budget = Budget::new(stream, held(source)?, limits);
    Document { arena, source, max_depth: limits.max_depth, budget: &budget, repeats: OnceCell::new() }
        .deserialize(place)
}

/// A parsed stream, where its buffers come from, and what one load of it may still cost.
struct Document<'s, 'de> {
    arena: &'s Arena<'de>,
    source: &'s dyn Source<'de>,
    max_depth: u32,
    budget: &'s Budget,
    /// Which nodes occur in several places; see [`Arena::repeats`].
    repeats: OnceCell<Vec<bool>>,
}

impl<'de> Document<'_, 'de> {
    fn deserialize<T: Deserialize<'de>>(&self, place: Place) -> Result<T> {
        match place {
            Place::Node(id) => T::deserialize(self.node(id, 0)?),
            Place::Rows { array, first, axes } => {
                let parent = self.node(array, 0)?;
                match parent.meaning()? {
                    Meaning::ObjectArray(array) => T::deserialize(seq::ObjectRows::part(parent, &array, first, axes)?),
                    other => Err(mismatch(&other, &"an array of objects")),
                }
            }
        }
    }

    /// How many bytes there are.
    fn data_len(&self, data: ArrayData<'de>) -> Result<usize> {
        match data {
            ArrayData::Bytes(bytes) => Ok(bytes.len()),
            ArrayData::Buffer(index) => self.source.buffer_len(index as usize),
        }
    }

    #[inline]
    fn spend(&self) -> Result<()> {
        self.budget.spend()
    }

    #[inline]
    fn spend_bytes(&self, len: usize) -> Result<()> {
        self.budget.spend_bytes(len)
    }

    #[inline]
    fn node(&self, id: NodeId, depth: u32) -> Result<NodeDeserializer<'_, 'de>> {
        self.spend()?;
        if depth > self.max_depth {
            return Err(self.too_deep());
        }
        Ok(NodeDeserializer { document: self, id, depth })
    }

    #[cold]
    fn too_deep(&self) -> Error {
        let limit = self.max_depth;
        let or_cyclic = if self.arena.has_cycles() { ", or contains itself" } else { "" };
        Error::limit(format!(
            "the object is nested more than {limit} levels deep{or_cyclic}: LoadOptions::max_depth allows more"
        ))
    }
}

/// The name under which our own types ask for an array as it is, rather than as a sequence of numbers.
pub(crate) const ARRAY: &str = "$binpickle::array";

/// The name under which [`Value`](crate::Value) asks for whatever there is.
pub(crate) const VALUE: &str = "$binpickle::value";

/// The name under which the helpers for dates and times ask for the numbers that one is made of.
#[cfg(any(feature = "chrono", feature = "jiff"))]
pub(crate) const TIME: &str = "$binpickle::time";

/// Whether a deserializer is the one of this crate, which knows the names above. Others may take them amiss.
pub(crate) fn is_ours<D>() -> bool {
    let id = typeid::of::<D>();
    id == typeid::of::<NodeDeserializer<'static, 'static>>()
        || id == typeid::of::<DirectDeserializer<'static, 'static, 'static>>()
        || id == typeid::of::<ArrayDeserializer<'static, 'static>>()
        || id == typeid::of::<pandas::FrameDeserializer<'static, 'static, 'static>>()
        || id == typeid::of::<pandas::SeriesDeserializer<'static, 'static>>()
        || id == typeid::of::<pandas::ColumnDeserializer<'static, 'static>>()
}

/// Whether a name is one under which our own types ask.
fn is_ours_by_name(name: &str) -> bool {
    matches!(name, ARRAY | VALUE | pandas::FRAME | array::BYTES | array::SHARED)
}

/// Gives a visitor that expects a parcel of ours its value.
fn hand_over<T: 'static, V>(value: T) -> Result<V> {
    exact(Parcel::new(value)).map_err(|_| Error::data("a name of this crate's own was used by someone else"))
}
