//! What `json2` and `msgpack2` have in common: the items of an array, then its dtype and its shape.

use super::numbers::cast;
use super::{reserve, too_long};
use crate::dtype::{DType, Element, Kind};
use crate::error::{Error, Result};

/// One item, as Python's `tolist` has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item {
    Bool(bool),
    Int(i128),
    Float(f64),
}

/// Refuses dtypes whose items are no bools, ints or floats.
pub(super) fn check_dtype(dtype: DType) -> Result<()> {
    if matches!(dtype.kind(), Kind::Bool | Kind::Int | Kind::UInt | Kind::Float) {
        return Ok(());
    }
    Err(Error::codec(format!("items of {} are not supported", dtype.name())))
}

/// The items of an array, whose dtype has been checked.
pub(super) fn items(dtype: DType, data: &[u8]) -> impl Iterator<Item = Item> {
    let wide = match dtype.kind() {
        Kind::Float => f64::DTYPE,
        Kind::UInt => u64::DTYPE,
        Kind::Bool => bool::DTYPE,
        _ => i64::DTYPE,
    };
    data.chunks_exact(dtype.itemsize().max(1)).map(move |item| {
        let mut bytes = [0; 8];
        cast((item, dtype), (&mut bytes[..wide.itemsize()], wide));
        match wide.kind() {
            Kind::Bool => Item::Bool(bytes[0] != 0),
            Kind::Float => Item::Float(f64::from_le_bytes(bytes)),
            Kind::UInt => Item::Int(u64::from_le_bytes(bytes).into()),
            _ => Item::Int(i64::from_le_bytes(bytes).into()),
        }
    })
}

/// An array that is put together.
pub(super) struct Array {
    dtype: DType,
    bytes: Vec<u8>,
    len: usize,
}

impl Array {
    /// An array of this dtype and shape. `most` is how many items there can be at most in what is decoded.
    pub(super) fn new(dtype: &str, shape: impl IntoIterator<Item = u64>, most: usize, max_len: usize) -> Result<Self> {
        let dtype = DType::parse(dtype).ok_or_else(|| {
            Error::codec(format!("it holds an array of dtype '{dtype}', which is no buffer that binpickle can have"))
        })?;
        check_dtype(dtype)?;
        let count = shape.into_iter().try_fold(1usize, |count, len| count.checked_mul(usize::try_from(len).ok()?));
        let count =
            count.filter(|&count| count <= most).ok_or_else(|| damaged("its shape is not that of its items"))?;
        let len = count.checked_mul(dtype.itemsize()).filter(|&len| len <= max_len).ok_or_else(|| too_long(max_len))?;
        let mut bytes = Vec::new();
        reserve(&mut bytes, len)?;
        Ok(Array { dtype, bytes, len })
    }

    pub(super) fn push(&mut self, item: Item) -> Result<()> {
        let unfit = || damaged(&format!("{item:?} is no {}", self.dtype.name()));
        let (bytes, dtype) = match (self.dtype.kind(), item) {
            (Kind::Bool, Item::Bool(value)) => (u64::from(value).to_le_bytes(), u64::DTYPE),
            (Kind::Int, Item::Int(value)) => (i64::try_from(value).map_err(|_| unfit())?.to_le_bytes(), i64::DTYPE),
            (Kind::UInt, Item::Int(value)) => (u64::try_from(value).map_err(|_| unfit())?.to_le_bytes(), u64::DTYPE),
            (Kind::Float, Item::Int(value)) => ((value as f64).to_le_bytes(), f64::DTYPE),
            (Kind::Float, Item::Float(value)) => (value.to_le_bytes(), f64::DTYPE),
            _ => return Err(unfit()),
        };
        if self.bytes.len() == self.len {
            return Err(damaged("its shape is not that of its items"));
        }
        let at = self.bytes.len();
        self.bytes.resize(at + self.dtype.itemsize(), 0);
        cast((&bytes, dtype), (&mut self.bytes[at..], self.dtype));
        if let Item::Int(value) = item
            && self.dtype.kind() != Kind::Float
            && items(self.dtype, &self.bytes[at..]).next() != Some(Item::Int(value))
        {
            return Err(unfit());
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Vec<u8>> {
        if self.bytes.len() == self.len { Ok(self.bytes) } else { Err(damaged("its shape is not that of its items")) }
    }
}

pub(super) fn damaged(why: &str) -> Error {
    Error::codec(format!("the array is damaged: {why}"))
}
