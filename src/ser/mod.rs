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
mod structs;
mod value;

use std::any::TypeId;

use half::f16;
use serde::Serialize;
use serde::ser;

use self::known::{Data, Lately, Layout, Numbers};
pub(crate) use self::map::MapSerializer;
pub(crate) use self::seq::{SeqSerializer, TupleSerializer};
pub(crate) use self::structs::StructSerializer;
use self::value::Objects;
use crate::buffers::{ArrayInfo, Sink};
use crate::bytes::{Erased, Owned};
use crate::error::{Error, Result};
use crate::stack;
use crate::stream::{Encoder, Global, Shape};
use crate::value::Value;

/// The name under which a [`Value`] asks to be written as what it is.
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

/// Serializes one value.
pub(crate) struct Serializer<'a, 's, 'v> {
    output: &'a mut Output<'s>,
    /// The value whose `serialize` was called with this serializer. It may be a wrapper around what is written.
    value: Erased<'v>,
}

impl<'a, 's> ser::Serializer for Serializer<'a, 's, '_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = SeqSerializer<'a, 's>;
    type SerializeTuple = TupleSerializer<'a, 's>;
    type SerializeTupleStruct = TupleSerializer<'a, 's>;
    type SerializeTupleVariant = TupleSerializer<'a, 's>;
    type SerializeMap = MapSerializer<'a, 's>;
    type SerializeStruct = StructSerializer<'a, 's>;
    type SerializeStructVariant = StructSerializer<'a, 's>;

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<()> {
        self.output.encoder.bool(value);
        Ok(())
    }

    #[inline]
    fn serialize_i8(self, value: i8) -> Result<()> {
        self.serialize_i64(value.into())
    }

    #[inline]
    fn serialize_i16(self, value: i16) -> Result<()> {
        self.serialize_i64(value.into())
    }

    #[inline]
    fn serialize_i32(self, value: i32) -> Result<()> {
        self.serialize_i64(value.into())
    }

    #[inline]
    fn serialize_i64(self, value: i64) -> Result<()> {
        self.output.encoder.int(value);
        Ok(())
    }

    #[inline]
    fn serialize_i128(self, value: i128) -> Result<()> {
        self.output.encoder.int128(value);
        Ok(())
    }

    #[inline]
    fn serialize_u8(self, value: u8) -> Result<()> {
        self.serialize_i64(value.into())
    }

    #[inline]
    fn serialize_u16(self, value: u16) -> Result<()> {
        self.serialize_i64(value.into())
    }

    #[inline]
    fn serialize_u32(self, value: u32) -> Result<()> {
        self.serialize_i64(value.into())
    }

    #[inline]
    fn serialize_u64(self, value: u64) -> Result<()> {
        self.output.encoder.uint(value);
        Ok(())
    }

    #[inline]
    fn serialize_u128(self, value: u128) -> Result<()> {
        self.output.encoder.uint128(value);
        Ok(())
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<()> {
        self.serialize_f64(value.into())
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<()> {
        self.output.encoder.float(value);
        Ok(())
    }

    #[inline]
    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<()> {
        self.output.encoder.str(value);
        Ok(())
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.output.bytes(value)
    }

    #[inline]
    fn serialize_none(self) -> Result<()> {
        self.output.encoder.none();
        Ok(())
    }

    /// `Some(value)` is the value, as long as that is not itself what a `None` becomes: `None`, which `Some(None)` or
    /// `Some(())` would be, or a tuple of one such object. Then it is wrapped in a tuple of one, so that however
    /// many `Option`s are nested, each can be told from the others.
    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        if is_flat::<T>() {
            return self.output.value(value);
        }
        let start = self.output.encoder.position();
        self.output.value(value)?;
        if self.output.encoder.is_wrapped_none_since(start) {
            self.output.encoder.short_tuple(1);
        }
        Ok(())
    }

    #[inline]
    fn serialize_unit(self) -> Result<()> {
        self.serialize_none()
    }

    #[inline]
    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.serialize_none()
    }

    // Not inlined: so the names of all variants go through one call, from a table, and not each through its own branch,
    // which the processor would guess wrongly.
    #[inline(never)]
    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<()> {
        self.output.encoder.name(variant);
        Ok(())
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<()> {
        if let Some(&half) = self.value.downcast::<Owned<f16>>() {
            // To serde it is a struct of its bits.
            return self.serialize_f64(half.into());
        }
        match Erased::new(value).downcast::<Owned<Value>>() {
            Some(value) if name == VALUE => self.output.python_value(value),
            _ => self.output.value(value),
        }
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.output.begin_variant(variant);
        self.output.value(value)?;
        self.output.end_variant();
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, _len: Option<usize>) -> Result<SeqSerializer<'a, 's>> {
        Ok(SeqSerializer::new(self.output))
    }

    #[inline]
    fn serialize_tuple(self, len: usize) -> Result<TupleSerializer<'a, 's>> {
        Ok(TupleSerializer::new(self.output, len))
    }

    #[inline]
    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<TupleSerializer<'a, 's>> {
        Ok(TupleSerializer::new(self.output, len))
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<TupleSerializer<'a, 's>> {
        Ok(TupleSerializer::variant(self.output, variant, len))
    }

    #[inline]
    fn serialize_map(self, _len: Option<usize>) -> Result<MapSerializer<'a, 's>> {
        Ok(MapSerializer::new(self.output))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<StructSerializer<'a, 's>> {
        StructSerializer::new(self.output, self.value, name, len)
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<StructSerializer<'a, 's>> {
        Ok(StructSerializer::variant(self.output, variant))
    }

    #[inline]
    fn collect_seq<I>(self, sequence: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        if self.output.in_key() {
            // There are no arrays in keys.
        } else if known::is_text::<I::Item>() {
            return self.output.text(sequence.into_iter());
        } else if let Some(numbers) = self.output.lately.numbers(Erased::new(&sequence)) {
            return self.output.numbers(&numbers);
        }
        let mut serializer = SeqSerializer::new(self.output);
        sequence.into_iter().try_for_each(|element| ser::SerializeSeq::serialize_element(&mut serializer, &element))?;
        ser::SerializeSeq::end(serializer)
    }

    fn collect_map<K, V, I>(self, entries: I) -> Result<()>
    where
        K: Serialize,
        V: Serialize,
        I: IntoIterator<Item = (K, V)>,
    {
        MapSerializer::new(self.output).collect(entries.into_iter())
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
