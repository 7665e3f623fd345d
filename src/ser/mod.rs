//! serde's data model as a pickle stream and out-of-band buffers.
//!
//! [`Output`] is where everything goes: the encoder of the stream, and the sink for what lies outside it. A
//! [`Serializer`] is a borrow of it together with the value that is being written, so that a value can be taken whole
//! when it turns out to be an array ([`known`]). What comes one by one is gathered while it is numbers ([`numbers`]).

mod arrays;
mod known;
mod map;
mod numbers;
mod parts;
mod seq;
mod serializer;
mod structs;
mod value;

use std::any::TypeId;

use serde::Serialize;

use self::known::{Data, Lately, Layout, Numbers};
pub(crate) use self::map::MapSerializer;
pub(crate) use self::seq::{SeqSerializer, TupleSerializer};
use self::serializer::Serializer;
pub(crate) use self::structs::StructSerializer;
use self::value::Objects;
use crate::buffers::{ArrayInfo, Sink};
use crate::bytes::Erased;
use crate::error::{Error, Result};
use crate::stack;
use crate::stream::{Encoder, Global, Shape};

/// The name under which a [`Value`](crate::Value) asks to be written as what it is.
pub(crate) const VALUE: &str = "$binpickle::value";

/// Writes a value as a pickle stream, and what is at least `inline_below` bytes long beside it, if the sink takes that.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T, sink: &mut dyn Sink, inline_below: usize) -> Result<()> {
    let inline_below = if sink.takes_buffers() { inline_below.max(1) } else { usize::MAX };
    let mut output = Output {
        encoder: Encoder::new(),
        sink,
        inline_below,
        keys: 0,
        lately: Lately::new(),
        objects: Objects::default(),
        depth: 0,
        spilled: false,
        failed: None,
    };
    output.value(value)?;
    output.encoder.finish().into_iter().try_for_each(|part| output.sink.write_stream(part))
}

/// Whether a serializer is the one of this crate.
pub(crate) fn is_ours<S>() -> bool {
    typeid::of::<S>() == typeid::of::<Serializer<'static, 'static, 'static>>()
}

/// How deep a value may be to be written: far deeper than one is loaded by default. What has no end, such as an `Rc` that
/// leads to itself, is an error.
const MAX_DEPTH: usize = 64 * stack::MAX_DEPTH as usize;

#[cold]
fn too_deep() -> Error {
    Error::data(format!("a value that is nested more than {MAX_DEPTH} levels deep is not written"))
}

/// Whether there is nothing in a value of this type that needs more of the stack. The compiler knows the answer.
#[inline]
fn is_flat<T: ?Sized>() -> bool {
    let id = typeid::of::<T>();
    let is = |other: TypeId| id == other;
    is(TypeId::of::<String>())
        || is(TypeId::of::<str>())
        || is(TypeId::of::<&str>())
        || is(TypeId::of::<f64>())
        || is(TypeId::of::<f32>())
        || is(TypeId::of::<bool>())
        || is(TypeId::of::<u8>())
        || is(TypeId::of::<u32>())
        || is(TypeId::of::<i32>())
        || is(TypeId::of::<u64>())
        || is(TypeId::of::<i64>())
        || is(TypeId::of::<usize>())
}

/// Where a value goes: the stream, and the sink for what lies outside it.
pub(crate) struct Output<'s> {
    encoder: Encoder,
    sink: &'s mut dyn Sink,
    /// From how many bytes on something lies outside the stream; at least 1.
    inline_below: usize,
    /// Inside how many keys of maps we are: there, everything must be hashable in Python.
    keys: usize,
    lately: Lately,
    /// The objects with an identity that have been written.
    objects: Objects,
    /// How deep we are in the value.
    depth: usize,
    /// Whether the sink holds parts of a sequence that has not ended.
    spilled: bool,
    /// Why a sequence could not be gathered, when that was not because of what is in it.
    failed: Option<Error>,
}

impl<'s> Output<'s> {
    #[inline]
    fn serializer<'a, 'v, T: ?Sized>(&'a mut self, value: &'v T) -> Serializer<'a, 's, 'v> {
        Serializer { output: self, value: Erased::new(value) }
    }

    /// Between two objects in a list, a dict or the like: hands the stream over, if there is enough of it.
    #[inline]
    fn room(&mut self) -> Result<()> {
        if self.encoder.is_full() { self.hand_over() } else { Ok(()) }
    }

    #[cold]
    fn hand_over(&mut self) -> Result<()> {
        self.sink.write_stream(self.encoder.end_frame())
    }

    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if is_flat::<T>() {
            return value.serialize(self.serializer(value));
        }
        if self.depth == MAX_DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        let written = stack::descend(self.depth, || value.serialize(self.serializer(value)));
        self.depth -= 1;
        written
    }

    #[inline]
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.keys += 1;
        let result = self.value(key);
        self.keys -= 1;
        result
    }

    #[inline]
    fn in_key(&self) -> bool {
        self.keys > 0
    }

    /// Puts bytes out of band if they are worth it; says whether it did.
    fn divert(&mut self, bytes: &[u8], info: Option<ArrayInfo<'_>>) -> Result<bool> {
        let worth_it = bytes.len() >= self.inline_below;
        if worth_it {
            self.sink.write_buffer(bytes, info)?;
            self.encoder.next_buffer();
        }
        Ok(worth_it)
    }

    /// Python's `bytes`.
    #[inline]
    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        // Out of band, Python would see whatever its reader and codecs hand it: a memoryview, an array. The call
        // makes bytes of it, and costs nothing where they are bytes already.
        if self.in_key() || bytes.len() < self.inline_below {
            self.encoder.bytes(bytes);
            return Ok(());
        }
        self.encoder.global(Global::Bytes);
        self.divert(bytes, None)?;
        self.encoder.short_tuple(1);
        self.encoder.reduce();
        Ok(())
    }

    /// A `numpy.ndarray`, in public names that every numpy knows, and which raise no warning:
    ///
    /// - a sequence of numbers as `numpy.frombuffer(data, dtype)`,
    /// - a sequence of rows as `numpy.reshape(numpy.frombuffer(data, dtype), shape)`,
    /// - an array as `numpy.reshape(numpy.frombuffer(data, dtype), shape, order)`.
    ///
    /// To Python the three are one; to us they keep apart what was a `Vec` and what was an array.
    fn numbers(&mut self, numbers: &Numbers<'_>) -> Result<()> {
        let shape = &numbers.shape;
        if let (Layout::Sequence, [_], Data::Whole(bytes)) = (numbers.layout, &shape[..], &numbers.data)
            && bytes.len() < self.inline_below
        {
            self.encoder.numbers(bytes, numbers.dtype);
            return Ok(());
        }
        if numbers.layout == Layout::Sequence && shape.len() == 1 {
            return self.flat_numbers(numbers, shape);
        }
        self.encoder.global(Global::Reshape);
        if numbers.layout == Layout::Fortran {
            let memory_shape: Shape = shape.iter().rev().copied().collect();
            self.flat_numbers(numbers, &memory_shape)?;
        } else {
            self.flat_numbers(numbers, shape)?;
        }
        self.lengths(shape);
        match numbers.layout {
            Layout::Sequence => self.encoder.short_tuple(2),
            Layout::C => {
                self.encoder.name("C");
                self.encoder.short_tuple(3);
            }
            Layout::Fortran => {
                self.encoder.name("F");
                self.encoder.short_tuple(3);
            }
        }
        self.encoder.reduce();
        Ok(())
    }

    /// The numbers as an array of one axis.
    fn flat_numbers(&mut self, numbers: &Numbers<'_>, memory_shape: &[usize]) -> Result<()> {
        self.encoder.global(Global::FromBuffer);
        self.elements(numbers, ArrayInfo { dtype: numbers.dtype, shape: memory_shape })?;
        self.encoder.dtype(numbers.dtype);
        self.encoder.short_tuple(2);
        self.encoder.reduce();
        Ok(())
    }

    /// A tuple of lengths: a shape.
    #[inline]
    fn lengths(&mut self, lengths: &[usize]) {
        self.encoder.begin_tuple(lengths.len());
        for &len in lengths {
            self.encoder.uint(len as u64);
        }
        self.encoder.end_tuple(lengths.len());
    }

    /// Starts a variant that has content: a dict of one item, whose key is the name of the variant.
    #[inline]
    fn begin_variant(&mut self, variant: &'static str) {
        if !self.in_key() {
            self.encoder.empty_dict();
        }
        self.encoder.name(variant);
    }

    #[inline]
    fn end_variant(&mut self) {
        if self.in_key() {
            self.encoder.short_tuple(2);
            self.encoder.short_tuple(1);
        } else {
            self.encoder.set_item();
        }
    }
}
