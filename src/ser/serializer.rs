//! One value, as it calls its serializer.

use half::f16;
use serde::{Serialize, ser};

use super::{MapSerializer, Output, SeqSerializer, StructSerializer, TupleSerializer, VALUE, is_flat, known};
use crate::bytes::{Erased, Owned};
use crate::error::{Error, Result};
use crate::value::Value;

/// Serializes one value.
pub(crate) struct Serializer<'a, 's, 'v> {
    pub(super) output: &'a mut Output<'s>,
    /// The value whose `serialize` was called with this serializer. It may be a wrapper around what is written.
    pub(super) value: Erased<'v>,
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
