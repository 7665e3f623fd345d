//! Arrays without a type.

use std::fmt;

use ndarray::{ArrayD, IxDyn};

use crate::bytes::Shared;
use crate::de::number::Number;
use crate::dtype::{DType, Element};
use crate::error::Result;
use crate::stream::Form;
use crate::with::convert;
use crate::with::ndarray::from_elements;

/// A `numpy.ndarray`. Its elements may be shared with a mapped file, so that a clone costs nothing.
#[derive(Clone)]
pub struct Array {
    pub(crate) dtype: DType,
    pub(crate) shape: Vec<usize>,
    pub(crate) fortran: bool,
    /// Whether they are to have the most significant byte first when they are written again.
    pub(crate) big_endian: bool,
    pub(crate) form: Form,
    pub(crate) data: Shared,
}

impl Array {
    /// The dtype of the elements. They lie in this machine's byte order, whatever it was in the file.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The length of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether the first axis varies fastest in memory (Fortran order), rather than the last (C order).
    #[must_use]
    pub fn is_fortran(&self) -> bool {
        self.fortran
    }

    /// Whether the elements had the most significant byte first in the file, and will have it when they are written again.
    #[must_use]
    pub fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    /// The elements, in the order of memory.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// A copy with elements of a Rust type: those of another dtype are converted, and it is an error if one does not fit.
    pub fn to_ndarray<A: Element>(&self) -> Result<ArrayD<A>> {
        let elements = if self.dtype == A::DTYPE {
            A::read_vec(self.data.len() / self.dtype.itemsize(), |out| {
                out.copy_from_slice(&self.data);
                Ok(())
            })?
        } else {
            convert(self.dtype, &self.data)?
        };
        from_elements(IxDyn(&self.shape), self.fortran, elements)
    }

    /// The elements one by one, in the order of memory.
    pub(super) fn numbers(&self) -> impl Iterator<Item = Result<Number<'_>>> {
        self.data.chunks_exact(self.dtype.itemsize().max(1)).map(|bytes| Number::read(self.dtype, bytes))
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ndarray({}, {:?})", self.dtype.name(), self.shape)
    }
}

impl PartialEq for Array {
    /// Whether both have the same dtype, shape and order, and the same elements.
    fn eq(&self, other: &Self) -> bool {
        (self.dtype, self.big_endian, &self.shape, self.fortran)
            == (other.dtype, other.big_endian, &other.shape, other.fortran)
            && *self.data == *other.data
    }
}
