//! Views: arrays that borrow their elements from the file.
//!
//! ```
//! use binpickle::BinPickleFile;
//! use ndarray::{ArrayView2, array};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Model<'a> {
//!     #[serde(borrow, with = "binpickle::with::view")]
//!     weights: ArrayView2<'a, f32>,
//! }
//!
//! let weights = array![[1.0, 2.0], [3.0, 4.0]];
//! let bytes = binpickle::to_vec(&Model { weights: weights.view() })?;
//! let file = BinPickleFile::from_vec(bytes)?;
//! let model: Model = file.load()?;
//! assert_eq!(model.weights, weights);
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! A view does not depend on how the file is laid out. What cannot be borrowed in place, because it is compressed,
//! small, misaligned or big-endian, is decoded once, into memory that the file owns and lends.
//!
//! An `ArrayView` must be of just the dtype in the file. A `CowArray` of another dtype is converted, element by element
//! and each checked, and then owns the result.

use ndarray::{Array, ArrayBase, ArrayView, CowArray, Data, Dimension, ShapeBuilder};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny};
use serde::{Serialize, Serializer};

use super::ndarray::{dimension, from_elements};
use super::{Bytes, Found, Raw, convert, take};
use crate::bytes::elements_of;
use crate::dtype::Element;
use crate::error::{Error, Result};

/// Writes any array, as [`with::ndarray`](super::ndarray) does.
pub fn serialize<A, S, D, Se>(array: &ArrayBase<S, D>, serializer: Se) -> Result<Se::Ok, Se::Error>
where
    A: Element,
    S: Data<Elem = A>,
    D: Dimension + Serialize + 'static,
    Se: Serializer,
{
    super::ndarray::serialize(array, serializer)
}

/// Reads an `ArrayView` or a `CowArray`.
pub fn deserialize<'de, V: BorrowArray<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<V, D::Error> {
    match take::<Bytes<'de>, V::Plain, D>(deserializer)? {
        Found::Array(array) => V::from_raw(array).map_err(de::Error::custom),
        Found::Plain(plain) => V::from_plain(plain).map_err(de::Error::custom),
    }
}

/// The types that [`deserialize`] reads: `ArrayView` and `CowArray`.
pub trait BorrowArray<'de>: sealed::FromRaw<'de> {}

mod sealed {
    use super::{Bytes, Deserialize, Raw, Result};

    pub trait FromRaw<'de>: Sized {
        /// What is taken where there is no array to borrow from.
        type Plain: Deserialize<'de>;

        fn from_plain(plain: Self::Plain) -> Result<Self>;

        #[allow(private_interfaces, reason = "the trait is sealed")]
        fn from_raw(array: Raw<Bytes<'de>>) -> Result<Self>;
    }
}

fn borrow<'de, A: Element, D: Dimension>(array: &Raw<Bytes<'de>>) -> Result<Option<ArrayView<'de, A, D>>> {
    if array.dtype.to_little_endian() != A::DTYPE {
        return Ok(None);
    }
    let shape = dimension::<D>(&array.shape)?;
    let elements = elements_of(array.data.0)?.ok_or_else(|| Error::data("the memory of an array is misaligned"))?;
    let view = ArrayView::from_shape(shape.set_f(array.fortran), elements);
    view.map(Some).map_err(|error| Error::data(error.to_string()))
}

impl<'de, A: Element, D: Dimension> BorrowArray<'de> for ArrayView<'de, A, D> {}

impl<'de, A: Element, D: Dimension> sealed::FromRaw<'de> for ArrayView<'de, A, D> {
    type Plain = IgnoredAny;

    fn from_plain(_: IgnoredAny) -> Result<Self> {
        Err(Error::data("an ArrayView can only be borrowed from an array in a BinPickle file"))
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn from_raw(array: Raw<Bytes<'de>>) -> Result<Self> {
        borrow(&array)?.ok_or_else(|| {
            let (found, expected) = (array.dtype.name(), A::DTYPE.name());
            Error::data(format!("found an array of {found}, expected one of {expected} to borrow"))
        })
    }
}

impl<'de, A: Element, D: Dimension + Deserialize<'de>> BorrowArray<'de> for CowArray<'de, A, D> {}

impl<'de, A: Element, D: Dimension + Deserialize<'de>> sealed::FromRaw<'de> for CowArray<'de, A, D> {
    type Plain = Array<A, D>;

    fn from_plain(array: Array<A, D>) -> Result<Self> {
        Ok(array.into())
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn from_raw(array: Raw<Bytes<'de>>) -> Result<Self> {
        if let Some(view) = borrow(&array)? {
            return Ok(view.into());
        }
        let elements = convert(array.dtype, array.data.0)?;
        Ok(from_elements(dimension(&array.shape)?, array.fortran, elements)?.into())
    }
}
