//! Arrays that own their elements, in the order in which they lie in memory.
//!
//! ```
//! use ndarray::{Array2, ShapeBuilder};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Model {
//!     #[serde(with = "binpickle::with::ndarray")]
//!     weights: Array2<f32>,
//! }
//!
//! let weights = Array2::zeros((2, 3).f());
//! let file = binpickle::to_vec(&Model { weights })?;
//! let model: Model = binpickle::from_slice(&file)?;
//! assert_eq!(model.weights.strides(), [1, 2]);
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! A plain derive also reads and writes arrays whole. What this module adds is that Fortran order survives: ndarray's
//! own `Deserialize` always makes an array in C order. In Python it is a `numpy.ndarray` of the same order either way.

use ndarray::{Array, ArrayBase, Data, DataOwned, Dimension, ShapeBuilder};
use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use super::{Found, take};
use crate::de::ndarray::check_axes;
use crate::dtype::Element;
use crate::ser;

/// Writes any array, also a view.
pub fn serialize<A, S, D, Se>(array: &ArrayBase<S, D>, serializer: Se) -> Result<Se::Ok, Se::Error>
where
    A: Element,
    S: Data<Elem = A>,
    D: Dimension + Serialize + 'static,
    Se: Serializer,
{
    if ser::is_ours::<Se>() {
        // A door that knows the type of the view; for this function's `serializer` it is someone's wrapper.
        serializer.serialize_newtype_struct("ndarray", &array.view())
    } else {
        array.serialize(serializer)
    }
}

/// Reads an array that owns its elements: `Array` or `ArcArray`.
pub fn deserialize<'de, A, S, D, De>(deserializer: De) -> Result<ArrayBase<S, D>, De::Error>
where
    A: Element,
    S: DataOwned<Elem = A>,
    D: Dimension + Deserialize<'de>,
    De: Deserializer<'de>,
{
    let array = match take::<Vec<A>, ArrayBase<S, D>, De>(deserializer)? {
        Found::Array(array) => array,
        Found::Plain(array) => return Ok(array),
    };
    let shape = dimension::<D>(&array.shape).map_err(de::Error::custom)?;
    ArrayBase::from_shape_vec(shape.set_f(array.fortran), array.data).map_err(de::Error::custom)
}

/// A shape as the dimension type of an array.
pub(crate) fn dimension<D: Dimension>(shape: &[usize]) -> crate::Result<D> {
    if let Some(axes) = D::NDIM {
        check_axes(shape, axes)?;
    }
    let mut dimension = D::zeros(shape.len());
    dimension.slice_mut().copy_from_slice(shape);
    Ok(dimension)
}

/// An array in C order whose elements were converted.
pub(crate) fn from_elements<A, D: Dimension>(shape: D, fortran: bool, elements: Vec<A>) -> crate::Result<Array<A, D>> {
    Array::from_shape_vec(shape.set_f(fortran), elements).map_err(|error| crate::Error::data(error.to_string()))
}
