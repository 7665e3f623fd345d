//! An array as it is in the file: how the modules beside this one, and `MappedArray`, get hold of it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use crate::bytes::{Parcel, Shared};
use crate::de::array::{BYTES, SHARED};
use crate::de::number::{Number, NumberDeserializer};
use crate::de::{ARRAY, is_ours};
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};

/// An array, its elements in the order of memory.
pub(crate) struct Raw<T> {
    pub(crate) dtype: DType,
    pub(crate) shape: Vec<usize>,
    /// Whether the first axis varies fastest in memory.
    pub(crate) fortran: bool,
    pub(crate) data: T,
}

/// What a deserializer had.
pub(crate) enum Found<T, P> {
    /// An array in one of our files.
    Array(Raw<T>),
    /// Something else in one of our files, or anything in another format.
    Plain(P),
}

/// Takes the array that a deserializer stands on as it is. Where it is none, or the deserializer is of another format,
/// a `P` is deserialized.
pub(crate) fn take<'de, T, P, D>(deserializer: D) -> Result<Found<T, P>, D::Error>
where
    T: Deserialize<'de>,
    P: Deserialize<'de>,
    D: Deserializer<'de>,
{
    if is_ours::<D>() {
        deserializer.deserialize_newtype_struct(ARRAY, FoundVisitor(PhantomData))
    } else {
        P::deserialize(deserializer).map(Found::Plain)
    }
}

struct FoundVisitor<T, P>(PhantomData<(T, P)>);

impl<'de, T: Deserialize<'de>, P: Deserialize<'de>> Visitor<'de> for FoundVisitor<T, P> {
    type Value = Found<T, P>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        P::deserialize(deserializer).map(Found::Plain)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut parts: S) -> Result<Self::Value, S::Error> {
        fn next<'de, T: Deserialize<'de>, S: SeqAccess<'de>>(parts: &mut S) -> Result<T, S::Error> {
            parts.next_element()?.ok_or_else(|| de::Error::custom("a part of an array is missing"))
        }
        let dtype: String = next(&mut parts)?;
        let dtype = DType::parse(&dtype).ok_or_else(|| de::Error::custom("the dtype of an array is unknown"))?;
        let (shape, fortran, data) = (next(&mut parts)?, next(&mut parts)?, next(&mut parts)?);
        Ok(Found::Array(Raw { dtype, shape, fortran, data }))
    }
}

/// The elements of an array as bytes of this machine's order, aligned, borrowed from the file.
pub(crate) struct Bytes<'de>(pub(crate) &'de [u8]);

impl<'de> Deserialize<'de> for Bytes<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BytesVisitor;

        impl<'de> Visitor<'de> for BytesVisitor {
            type Value = Bytes<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the memory of an array")
            }

            fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Bytes<'de>, E> {
                Ok(Bytes(bytes))
            }
        }

        deserializer.deserialize_newtype_struct(BYTES, BytesVisitor)
    }
}

/// The elements of an array as bytes of this machine's order, aligned, with a share of their memory.
pub(crate) struct Memory(pub(crate) Shared);

impl<'de> Deserialize<'de> for Memory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parcel = deserializer.deserialize_newtype_struct(SHARED, ParcelVisitor)?;
        parcel.open().map(Memory).ok_or_else(|| de::Error::custom("the memory of an array was expected"))
    }
}

/// Expects what only the deserializer of this crate can give.
pub(crate) struct ParcelVisitor;

impl Visitor<'_> for ParcelVisitor {
    type Value = Parcel;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of this crate's own")
    }
}

/// The elements of another dtype as `A`s, each checked.
pub(crate) fn convert<A: Element>(dtype: DType, bytes: &[u8]) -> Result<Vec<A>> {
    let native = dtype.to_little_endian();
    let element = |bytes| A::deserialize(NumberDeserializer(Number::read(native, bytes)?));
    let elements: Result<Vec<A>> = bytes.chunks_exact(dtype.itemsize().max(1)).map(element).collect();
    elements.map_err(|error| {
        Error::data(format!("found an array of {}, expected {}: {error}", dtype.name(), A::DTYPE.name()))
    })
}
