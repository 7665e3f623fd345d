//! numpy's structured arrays: a record is a struct of its fields, or the tuple of them.

use std::sync::Arc;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::array::ArrayDeserializer;
use super::number::{Number, NumberDeserializer};
use super::{Document, NodeDeserializer, stack};
use crate::error::{Error, Result};
use crate::path::abridged;
use crate::stream::{Field, Item, ItemIter, Node, Record};
use crate::value::{self, FieldType, RecordType, Records};

impl<'de> ArrayDeserializer<'_, 'de> {
    /// The array as a [`Value`](crate::Value) holds it.
    pub(super) fn into_records(self, record: &Record<'de>) -> Result<Records> {
        let dtype = self.document().record_type(record, self.dtype().itemsize())?;
        let array = self.into_c_or_fortran()?;
        let (shape, fortran, form) = (array.shape().to_vec(), array.is_fortran(), array.form());
        Ok(Records { dtype, shape, fortran, form, data: array.share()? })
    }
}

impl<'de> Document<'_, 'de> {
    /// A structured dtype, as an owner of all that it says.
    fn record_type(&self, record: &Record<'de>, itemsize: usize) -> Result<Arc<RecordType>> {
        let field = |field: &Field<'de>| {
            // A dtype within a dtype may be shared, so what is copied is not bounded by the length of the stream.
            self.spend()?;
            self.spend_bytes(size_of::<value::Field>() + field.name.len() + field.title.map_or(0, str::len))?;
            let Some(item) = &field.item else { return Err(Error::data("found a field of objects in a record")) };
            Ok(value::Field {
                name: field.name.to_owned(),
                title: field.title.map(str::to_owned),
                offset: field.offset,
                size: field.size,
                item: match &item.record {
                    Some(record) => FieldType::Record(self.record_type(record, item.dtype.itemsize())?),
                    None => FieldType::Plain(item.dtype),
                },
                shape: field.shape.to_vec(),
            })
        };
        Ok(Arc::new(RecordType {
            fields: record.fields.iter().map(field).collect::<Result<_>>()?,
            itemsize,
            is_aligned: record.is_aligned,
            is_record_class: record.is_record_class,
        }))
    }
}

/// Deserializes one record that lies in memory.
pub(super) struct RecordDeserializer<'r, 'a, 'de> {
    document: &'a Document<'a, 'de>,
    record: &'r Record<'de>,
    bytes: &'de [u8],
}

impl<'r, 'a, 'de> RecordDeserializer<'r, 'a, 'de> {
    /// `bytes` are as many as the dtype says.
    pub(super) fn new(document: &'a Document<'a, 'de>, record: &'r Record<'de>, bytes: &'de [u8]) -> Result<Self> {
        // Who walks over records pays for their bytes; fields that overlap are more than these.
        document.spend_bytes(record.overlap)?;
        if record.overlap > 0 && record.depth > 0 {
            // If these are records again, and theirs too, a byte is a million of them.
            document.spend()?;
        }
        Ok(RecordDeserializer { document, record, bytes })
    }

    pub(super) fn visit_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(Fields { record: self, next: 0 })
    }

    pub(super) fn visit_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(Fields { record: self, next: 0 })
    }

    fn field<T: DeserializeSeed<'de>>(&self, field: &Field<'de>, seed: T) -> Result<T::Value> {
        let Field { offset, size, ref item, ref shape, .. } = *field;
        if size == 0 {
            self.document.spend()?;
        }
        let bytes = self.bytes.get(offset..offset + size);
        let (Some(Item { dtype, record }), Some(bytes)) = (item, bytes) else {
            return Err(Error::data("found a field that lies outside of its record"));
        };
        match record {
            _ if !shape.is_empty() => {
                let array = ArrayDeserializer::of_shape(self.document, *dtype, record.clone(), shape.clone(), bytes);
                stack::descend(shape.len(), || seed.deserialize(array))
            }
            Some(record) => {
                let record = RecordDeserializer::new(self.document, record, bytes)?;
                // Nesting is limited, but each level of it may be large in the type that it becomes.
                stack::descend(0, || seed.deserialize(record))
            }
            None => seed.deserialize(NumberDeserializer(Number::read(*dtype, bytes)?)),
        }
    }
}

/// The fields of a record, with or without their names.
struct Fields<'r, 'a, 'de> {
    record: RecordDeserializer<'r, 'a, 'de>,
    next: usize,
}

impl<'r, 'de> Fields<'r, '_, 'de> {
    fn field(&self) -> Option<&'r Field<'de>> {
        self.record.record.fields.get(self.next)
    }
}

impl<'de> MapAccess<'de> for Fields<'_, '_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.field().map(|field| seed.deserialize(BorrowedStrDeserializer::new(field.name))).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        SeqAccess::next_element_seed(self, seed)?.ok_or_else(|| Error::data("a value was asked for before its key"))
    }

    fn size_hint(&self) -> Option<usize> {
        SeqAccess::size_hint(self)
    }
}

impl<'de> SeqAccess<'de> for Fields<'_, '_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(field) = self.field() else { return Ok(None) };
        self.next += 1;
        let value = self.record.field(field, seed);
        value.map(Some).map_err(|error| error.under(abridged(field.name).into_owned()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.record.record.fields.len() - self.next)
    }
}

impl<'de> de::Deserializer<'de> for RecordDeserializer<'_, '_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit_seq(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        if self.record.fields.len() != len {
            return Err(de::Error::invalid_length(self.record.fields.len(), &visitor));
        }
        self.visit_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_bytes(self.bytes)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bytes(self.bytes)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        unit unit_struct map struct enum identifier
    }
}

/// Deserializes a record that is a tuple, for some of its fields are Python objects.
pub(super) struct TupleDeserializer<'r, 'a, 'de> {
    pub(super) tuple: NodeDeserializer<'a, 'de>,
    pub(super) record: &'r Record<'de>,
}

impl<'de> TupleDeserializer<'_, '_, 'de> {
    fn visit_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.tuple.node() {
            Node::Tuple(items) if items.len() == self.record.fields.len() => visitor.visit_map(TupleFields {
                tuple: self.tuple,
                fields: self.record.fields.iter(),
                items: self.tuple.document.arena.items(items),
            }),
            _ => Err(Error::data("found a record that is no tuple of its fields")),
        }
    }
}

struct TupleFields<'r, 'a, 'de> {
    tuple: NodeDeserializer<'a, 'de>,
    fields: std::slice::Iter<'r, Field<'de>>,
    items: ItemIter<'a>,
}

impl<'de> MapAccess<'de> for TupleFields<'_, '_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let field = self.fields.as_slice().first();
        field.map(|field| seed.deserialize(BorrowedStrDeserializer::new(field.name))).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        let (Some(field), Some(id)) = (self.fields.next(), self.items.next()) else {
            return Err(Error::data("a value was asked for before its key"));
        };
        let value = self.tuple.descend(id, |child| match &field.item {
            Some(Item { record: Some(record), .. }) if field.shape.is_empty() => {
                seed.deserialize(TupleDeserializer { tuple: child, record })
            }
            _ => seed.deserialize(child),
        });
        value.map_err(|error| error.under(abridged(field.name).into_owned()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

impl<'de> de::Deserializer<'de> for TupleDeserializer<'_, '_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.tuple.deserialize_seq(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        self.tuple.deserialize_tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, len: usize, visitor: V) -> Result<V::Value> {
        self.tuple.deserialize_tuple_struct(name, len, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct map struct enum identifier
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::IgnoredAny;

    use crate::error::ErrorKind;
    use crate::pickle;

    /// `numpy.ndarray((0,), 'b')` with a shape and data, of records of a size with fields `(name, dtype, offset)`
    fn array(shape: &[u8], itemsize: u16, fields: &[(&str, &str, u8)], data: &[u8]) -> Vec<u8> {
        let names: Vec<u8> = fields.iter().flat_map(|(name, ..)| format!("V{name}\n").into_bytes()).collect();
        let place = |&(name, dtype, offset): &(&str, &str, u8)| {
            [format!("V{name}\nV{dtype}\n").as_bytes(), &[b'K', offset, 0x86]].concat()
        };
        let places: Vec<u8> = fields.iter().flat_map(place).collect();
        let [low, high] = itemsize.to_le_bytes();
        [
            &b"cnumpy\nndarray\nK\x00\x85Vb\n\x86R(K\x01"[..],
            shape,
            b"cnumpy\ndtype\n(VV\n\x89\x88tR(K\x03V|\nN(",
            &names,
            b"t}(",
            &places,
            &[b'u', b'M', low, high],
            b"K\x01K\x00tb\x89B",
            &(data.len() as u32).to_le_bytes(),
            data,
            b"tb.",
        ]
        .concat()
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair {
        second: u16,
        first: i8,
    }

    #[test]
    fn by_name_and_by_place() {
        let stream = array(b"K\x02\x85", 4, &[("first", "i1", 0), ("second", ">u2", 2)], b"\xff_\x01\x02\x05_\0\x03");
        let pairs: Vec<Pair> = pickle::from_slice(&stream).unwrap();
        assert_eq!(pairs, [Pair { second: 0x102, first: -1 }, Pair { second: 3, first: 5 }]);
        let tuples: Vec<(i64, f32)> = pickle::from_slice(&stream).unwrap();
        assert_eq!(tuples, [(-1, 258.0), (5, 3.0)]);
        let raw: Vec<serde_bytes::ByteBuf> = pickle::from_slice(&stream).unwrap();
        assert_eq!(raw[1].as_slice(), b"\x05_\0\x03");
        let options: Vec<Option<Pair>> = pickle::from_slice(&stream).unwrap();
        assert_eq!(options[0], Some(Pair { second: 0x102, first: -1 }));
        assert!(pickle::from_slice::<Vec<(u8,)>>(&stream).is_err());
    }

    #[test]
    fn overlapping_fields_are_paid_for() {
        let names: Vec<String> = (0..1000).map(|place| place.to_string()).collect();
        let fields: Vec<_> = names.iter().map(|name| (name.as_str(), "V1000", 0)).collect();
        let stream = array(b"M\xe8\x03\x85", 1000, &fields, &vec![0; 1_000_000]);
        let error = pickle::from_slice::<Vec<Vec<IgnoredAny>>>(&stream).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }

    #[test]
    fn records_without_bytes_are_paid_for() {
        for fields in [&[][..], &[("a", "S0", 0), ("b", "V0", 0)]] {
            let stream = array(b"\x8a\x06\0\0\0\0\0\x01\x85", 0, fields, b"");
            let error = pickle::from_slice::<Vec<IgnoredAny>>(&stream).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit);
        }
    }
}
