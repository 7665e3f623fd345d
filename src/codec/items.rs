//! What `json2` and `msgpack2` have in common: the items of an array, then its dtype and its shape.

use super::recast::cast;
use super::{reserve, too_long};
use crate::dtype::{DType, Element, Kind};
use crate::error::{Error, Result};

/// One item, as Python's `tolist` has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item<'a> {
    Bool(bool),
    Int(i128),
    Float(f64),
    /// The code points of a `str`, among which Python allows surrogates.
    Text(Vec<u32>),
    Bytes(&'a [u8]),
}

/// Refuses dtypes whose items Python's codec cannot encode, or cannot decode again.
pub(super) fn check_dtype(id: &str, dtype: DType) -> Result<()> {
    let why = match dtype.kind() {
        Kind::Str | Kind::Bytes if dtype.itemsize() == 0 => "its items are all empty",
        Kind::Bool | Kind::Int | Kind::UInt | Kind::Float | Kind::Str => return Ok(()),
        Kind::Bytes if id == "msgpack2" => return Ok(()),
        Kind::Bytes => "JSON has no bytes",
        Kind::Complex => "it has no complex numbers",
        Kind::DateTime | Kind::TimeDelta => "it has no points in time",
        Kind::Void => "Python cannot decode what it makes of them",
    };
    Err(Error::codec(format!("the codec `{id}` does not work on {}: {why}", dtype.name())))
}

/// The items of an array, whose dtype has been checked.
pub(super) fn items(dtype: DType, data: &[u8]) -> impl Iterator<Item = Item<'_>> {
    data.chunks_exact(dtype.itemsize().max(1)).map(move |item| match dtype.kind() {
        Kind::Str => {
            let mut points: Vec<u32> = item.as_chunks().0.iter().map(|&point| point_of(dtype, point)).collect();
            points.truncate(points.iter().rposition(|&point| point != 0).map_or(0, |last| last + 1));
            Item::Text(points)
        }
        Kind::Bytes => Item::Bytes(&item[..item.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1)]),
        _ => number(dtype, item),
    })
}

fn point_of(dtype: DType, bytes: [u8; 4]) -> u32 {
    if dtype.is_big_endian() { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}

fn number(dtype: DType, item: &[u8]) -> Item<'_> {
    let wide = match dtype.kind() {
        Kind::Float => f64::DTYPE,
        Kind::UInt => u64::DTYPE,
        Kind::Bool => bool::DTYPE,
        _ => i64::DTYPE,
    };
    let mut bytes = [0; 8];
    cast((item, dtype), (&mut bytes[..wide.itemsize()], wide));
    match wide.kind() {
        Kind::Bool => Item::Bool(bytes[0] != 0),
        Kind::Float => Item::Float(f64::from_le_bytes(bytes)),
        Kind::UInt => Item::Int(u64::from_le_bytes(bytes).into()),
        _ => Item::Int(i64::from_le_bytes(bytes).into()),
    }
}

/// The text of an item. What Rust calls no text, no codec could bring back.
pub(super) fn text_of(points: &[u32]) -> Result<String> {
    let letter = |&point: &u32| {
        char::from_u32(point).ok_or_else(|| Error::codec(format!("{point:#x} is no character, and cannot be encoded")))
    };
    points.iter().map(letter).collect()
}

/// An array that is put together.
pub(super) struct Array {
    dtype: DType,
    bytes: Vec<u8>,
    len: usize,
}

impl Array {
    /// An array of this dtype and shape. `most` is how many items there can be at most in what is decoded.
    pub(super) fn new(
        id: &str,
        dtype: &str,
        shape: impl IntoIterator<Item = u64>,
        most: usize,
        max_len: usize,
    ) -> Result<Self> {
        let dtype = DType::parse(dtype).ok_or_else(|| {
            Error::codec(format!("it holds an array of dtype '{dtype}', which is no buffer that binpickle can have"))
        })?;
        check_dtype(id, dtype)?;
        let count = shape.into_iter().try_fold(1usize, |count, len| count.checked_mul(usize::try_from(len).ok()?));
        let count =
            count.filter(|&count| count <= most).ok_or_else(|| damaged("its shape is not that of its items"))?;
        let len = count.checked_mul(dtype.itemsize()).filter(|&len| len <= max_len).ok_or_else(|| too_long(max_len))?;
        let mut bytes = Vec::new();
        reserve(&mut bytes, len)?;
        Ok(Array { dtype, bytes, len })
    }

    pub(super) fn push(&mut self, item: &Item<'_>) -> Result<()> {
        if self.bytes.len() == self.len {
            return Err(damaged("its shape is not that of its items"));
        }
        let at = self.bytes.len();
        self.bytes.resize(at + self.dtype.itemsize(), 0);
        let (dtype, out) = (self.dtype, &mut self.bytes[at..]);
        if put(item, dtype, out) { Ok(()) } else { Err(damaged(&format!("{item:?} is no {}", dtype.name()))) }
    }

    pub(super) fn finish(self) -> Result<Vec<u8>> {
        if self.bytes.len() == self.len { Ok(self.bytes) } else { Err(damaged("its shape is not that of its items")) }
    }
}

/// Writes an item, which is zeros so far; or says that it is none of the dtype. Like Python, `S` takes a text and `U` takes
/// bytes, if they are ASCII.
fn put(item: &Item<'_>, dtype: DType, out: &mut [u8]) -> bool {
    let (bytes, wide) = match (dtype.kind(), item) {
        (Kind::Bool, Item::Bool(value)) => (u64::from(*value).to_le_bytes(), u64::DTYPE),
        (Kind::Int, &Item::Int(value)) => match i64::try_from(value) {
            Ok(value) => (value.to_le_bytes(), i64::DTYPE),
            Err(_) => return false,
        },
        (Kind::UInt, &Item::Int(value)) => match u64::try_from(value) {
            Ok(value) => (value.to_le_bytes(), u64::DTYPE),
            Err(_) => return false,
        },
        (Kind::Float, Item::Int(value)) => ((*value as f64).to_le_bytes(), f64::DTYPE),
        (Kind::Float, Item::Float(value)) => (value.to_le_bytes(), f64::DTYPE),
        (Kind::Str, Item::Text(points)) => return put_text(points.iter().copied(), dtype, out),
        (Kind::Str, Item::Bytes(bytes)) if bytes.is_ascii() => {
            return put_text(bytes.iter().map(|&byte| byte.into()), dtype, out);
        }
        (Kind::Bytes, Item::Text(points)) => {
            let fits = points.len() <= out.len() && points.iter().all(|&point| point < 0x80);
            out.iter_mut().zip(points).for_each(|(byte, &point)| *byte = point as u8);
            return fits;
        }
        (Kind::Bytes, Item::Bytes(bytes)) => {
            let fits = bytes.len() <= out.len();
            out.iter_mut().zip(*bytes).for_each(|(out, byte)| *out = *byte);
            return fits;
        }
        _ => return false,
    };
    cast((&bytes, wide), (out, dtype));
    match *item {
        Item::Int(value) if dtype.kind() != Kind::Float => number(dtype, out) == Item::Int(value),
        _ => true,
    }
}

fn put_text(points: impl ExactSizeIterator<Item = u32>, dtype: DType, out: &mut [u8]) -> bool {
    let out = out.as_chunks_mut::<4>().0;
    let fits = points.len() <= out.len();
    for (out, point) in out.iter_mut().zip(points) {
        *out = if dtype.is_big_endian() { point.to_be_bytes() } else { point.to_le_bytes() };
    }
    fits
}

pub(super) fn damaged(why: &str) -> Error {
    Error::codec(format!("the array is damaged: {why}"))
}
