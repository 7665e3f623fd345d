//! numpy's arrays: what they are, and how long their data must be.

use std::sync::Arc;

use smallvec::SmallVec;

use super::arena::Items;
use super::dtype::Item;
use super::records::Record;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The shape of an array; short ones need no allocation.
pub(crate) type Shape = SmallVec<[usize; 4]>;

/// How many axes an array of numpy may have.
pub(super) const MAX_DIMENSIONS: usize = 64;

/// An array of fixed-size items, in whichever form the stream described it.
#[derive(Clone, Debug)]
pub(crate) struct Array<'de> {
    /// Of records: so many bytes.
    pub(crate) dtype: DType,
    /// What these bytes are, if they are records.
    pub(crate) record: Option<Arc<Record<'de>>>,
    /// `None` is one axis that is as long as the out-of-band buffer allows; [`Array::shape_in`] resolves it.
    pub(crate) shape: Option<Shape>,
    pub(crate) order: Order,
    /// If it is in the stream, its length fits the shape.
    pub(crate) data: ArrayData<'de>,
    pub(crate) form: Form,
}

/// How the elements of an array lie in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The last axis varies fastest.
    C,
    /// The first axis varies fastest.
    Fortran,
    /// numpy's 'K': the elements lie in C order of a shape whose axes are then transposed by this order, as in
    /// `reshape(memory_shape).transpose(axes)`. `Array::shape` is the shape after the transposition.
    Axes(SmallVec<[usize; 4]>),
}

/// Where the elements of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrayData<'de> {
    /// In an out-of-band buffer.
    Buffer(u32),
    /// In the stream.
    Bytes(&'de [u8]),
}

/// Whether the writer meant an array or a sequence: it decides what an array is to a type that takes anything, such as
/// the content of an untagged enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `numpy.reshape(…, shape, order)`: what this crate writes for an `ndarray::Array`.
    Array,
    /// `numpy.frombuffer(…)`, or its `numpy.reshape(…, shape)`: what this crate writes for a `Vec`; and every array
    /// that Python wrote.
    Sequence,
}

/// An array of Python objects. They are listed in C order, whatever their order in memory was.
#[derive(Clone, Debug)]
pub(crate) struct ObjectArray<'de> {
    pub(crate) shape: Shape,
    pub(crate) items: Items,
    /// What the objects are, if they are tuples in place of records.
    pub(crate) record: Option<Arc<Record<'de>>>,
}

/// A `numpy.ma.MaskedArray`.
#[derive(Clone, Debug)]
pub(crate) struct MaskedArray<'de> {
    pub(crate) array: Array<'de>,
    /// A byte for each element, in the order of the array: those that are not 0 are masked.
    pub(crate) mask: &'de [u8],
}

impl<'de> Array<'de> {
    /// A numpy scalar, as the array without axes that it also is.
    pub(crate) fn scalar(dtype: DType, bytes: &'de [u8]) -> Self {
        let (shape, data) = (Some(Shape::new()), ArrayData::Bytes(bytes));
        Array { dtype, record: None, shape, order: Order::C, data, form: Form::Sequence }
    }

    /// Whether there are no axes.
    pub(crate) fn is_scalar(&self) -> bool {
        self.shape.as_ref().is_some_and(Shape::is_empty)
    }

    /// How many bytes its elements take; `None` if that depends on the buffer.
    pub(crate) fn byte_len(&self) -> Result<Option<usize>> {
        self.shape.as_ref().map(|shape| byte_len(shape, self.dtype)).transpose()
    }

    /// The shape, given how many bytes of data there are; an error if they do not fit it.
    pub(crate) fn shape_in(&self, data_len: usize) -> Result<Shape> {
        match &self.shape {
            Some(shape) => {
                check_len(shape, self.dtype, data_len)?;
                Ok(shape.clone())
            }
            None => whole(data_len, self.dtype),
        }
    }
}

impl Array<'_> {
    /// Itself, if its data fits its shape.
    pub(super) fn checked(self) -> Result<Self> {
        if let (Some(shape), ArrayData::Bytes(data)) = (&self.shape, self.data) {
            check_len(shape, self.dtype, data.len())?;
        } else {
            self.byte_len()?;
        }
        Ok(self)
    }
}

/// An array whose data fits its shape.
pub(super) fn array<'de>(item: Item<'de>, shape: Shape, order: Order, data: ArrayData<'de>) -> Result<Array<'de>> {
    let Item { dtype, record } = item;
    Array { dtype, record, shape: Some(shape), order, data, form: Form::Sequence }.checked()
}

/// All of the data as one axis.
pub(super) fn sequence<'de>(item: Item<'de>, data: ArrayData<'de>) -> Result<Array<'de>> {
    let Item { dtype, record } = item;
    let shape = match data {
        ArrayData::Bytes(bytes) => Some(whole(bytes.len(), dtype)?),
        ArrayData::Buffer(_) => None,
    };
    Ok(Array { dtype, record, shape, order: Order::C, data, form: Form::Sequence })
}

fn whole(data_len: usize, dtype: DType) -> Result<Shape> {
    match data_len.checked_rem(dtype.itemsize()) {
        Some(0) => Ok(Shape::from_slice(&[data_len / dtype.itemsize()])),
        _ => Err(Error::pickle(format!("{data_len} bytes are no whole number of {dtype}"))),
    }
}

fn check_len(shape: &Shape, dtype: DType, data_len: usize) -> Result<()> {
    let needed = byte_len(shape, dtype)?;
    if needed == data_len {
        return Ok(());
    }
    Err(Error::pickle(format!("an array of {dtype} and shape {shape:?} takes {needed} bytes, but has {data_len}")))
}

fn byte_len(shape: &Shape, dtype: DType) -> Result<usize> {
    let len = count(shape).and_then(|count| count.checked_mul(dtype.itemsize()));
    len.ok_or_else(|| Error::pickle(format!("an array of {dtype} and shape {shape:?} is larger than memory can be")))
}

pub(super) fn count(shape: &Shape) -> Option<usize> {
    shape.iter().try_fold(1usize, |count, &len| count.checked_mul(len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::testing::LIMITS;

    #[test]
    fn the_buffer_tells_the_length() {
        let keep = crate::bytes::Keep::new();
        // numpy.frombuffer(NEXT_BUFFER, '<f8')
        let stream = b"cnumpy\nfrombuffer\n\x97V<f8\n\x86R.";
        let arena = crate::stream::parse(stream, LIMITS, &keep).unwrap();
        let Ok(crate::stream::Meaning::Array(array)) = arena.meaning(arena.root()) else { panic!("no array") };
        assert_eq!(array.byte_len().unwrap(), None);
        assert_eq!(array.shape_in(24).unwrap().as_slice(), [3]);
        assert_eq!(array.shape_in(0).unwrap().as_slice(), [0]);
        assert!(array.shape_in(23).is_err());
        let array = Array { shape: Some(Shape::from_slice(&[2, 3])), ..array };
        assert_eq!(array.byte_len().unwrap(), Some(48));
        assert_eq!(array.shape_in(48).unwrap().as_slice(), [2, 3]);
        assert!(array.shape_in(40).is_err());
    }
}
