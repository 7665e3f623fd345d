//! Arrays without a type.

use std::fmt;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};

use crate::bytes::{AlignedBuf, Shared};
use crate::de::number::Number;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
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
    /// An array of elements that lie one after the other in memory, in C order or, with `fortran`, in Fortran order. As
    /// Python's `numpy.frombuffer(bytes, dtype).reshape(shape, order=order)`, but that the bytes are copied.
    ///
    /// ```
    /// use binpickle::value::Array;
    /// use binpickle::{DType, Value};
    ///
    /// let dtype = DType::from_name(">i2").unwrap();
    /// let array = Array::from_bytes(dtype, &[2, 2], false, &[0, 1, 0, 2, 0, 3, 0, 4])?;
    /// assert_eq!(array.to_ndarray::<i64>()?, ndarray::array![[1, 2], [3, 4]].into_dyn());
    /// let file = binpickle::to_vec(&Value::Array(array))?; // Python: load(…).dtype == ">i2"
    /// # assert!(binpickle::from_slice::<Value>(&file)?.as_array().unwrap().is_big_endian());
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    pub fn from_bytes(dtype: DType, shape: &[usize], fortran: bool, bytes: &[u8]) -> Result<Array> {
        let len = shape.iter().try_fold(dtype.itemsize(), |len, &axis| len.checked_mul(axis));
        if len != Some(bytes.len()) {
            let (name, found) = (dtype.name(), bytes.len());
            return Err(Error::data(format!("{found} bytes are no array of {name} and shape {shape:?}")));
        }
        let mut data = AlignedBuf::copy_of(bytes)?;
        if dtype.is_big_endian() {
            data.chunks_exact_mut(dtype.swap_size()).for_each(<[u8]>::reverse);
        }
        Ok(Array {
            dtype: dtype.to_little_endian(),
            shape: shape.to_vec(),
            fortran,
            big_endian: dtype.is_big_endian(),
            form: Form::Array,
            data: Shared::of_buffer(Arc::new(data)),
        })
    }

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
