//! An array that owns its share of a mapped file.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use ndarray::{Array, ArrayRef, Dimension};
use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use crate::bytes::{AlignedBuf, Shared, SharedView, bytes_of};
use crate::dtype::Element;
use crate::error::Result;
use crate::with::ndarray::{dimension, from_elements};
use crate::with::{Found, Memory, Raw, convert, take};

/// An array that lies in a file, and keeps the file's memory alive.
///
/// It has no lifetime, so a model with such fields can live in a server's state, in an `Arc`, in another thread. Loaded
/// from [`BinPickleFile::map`](crate::BinPickleFile::map) it is a view of the map: loading it touches none of its pages,
/// a clone costs a reference count, and the file stays mapped until the last array is dropped, also when the
/// `BinPickleFile` is gone. What cannot be looked at in place (compressed or misaligned data, or a file that was opened
/// rather than mapped) it owns.
///
/// It derefs to ndarray's [`ArrayRef`], and so can whatever an array can that needs no ownership: `view()`, `sum()`,
/// `dot`, indexing. In other formats than this crate's it serializes as an `Array` does, and deserializes to an array
/// that owns its elements.
///
/// In Python it is a `numpy.ndarray`; its counterpart there is what `BinPickleFile(path, direct=True)` loads.
///
/// ```
/// use binpickle::{BinPickleFile, MappedArray, Options};
/// use ndarray::{Array2, Ix2};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize)]
/// struct Model {
///     weights: Array2<f32>,
/// }
///
/// #[derive(Deserialize)]
/// struct Mapped {
///     weights: MappedArray<f32, Ix2>,
/// }
///
/// let path = std::env::temp_dir().join("mapped-array.bpk");
/// Options::mappable().to_path(&Model { weights: Array2::ones((1000, 100)) }, &path)?;
///
/// // SAFETY: nobody changes the file while it is mapped.
/// let file = unsafe { BinPickleFile::map(&path)? };
/// let model: Mapped = file.load()?;
/// drop(file);
/// let sum = std::thread::spawn(move || model.weights.sum()).join().unwrap();
/// assert_eq!(sum, 100_000.0);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), binpickle::Error>(())
/// ```
pub struct MappedArray<A: Element, D: Dimension>(SharedView<A, D>);

impl<A: Element, D: Dimension> MappedArray<A, D> {
    fn from_raw(array: Raw<Memory>) -> Result<Self> {
        let shape = dimension::<D>(&array.shape)?;
        if array.dtype.to_little_endian() == A::DTYPE {
            return Ok(MappedArray(SharedView::new(array.data.0, shape, array.fortran)?));
        }
        let elements = convert(array.dtype, &array.data.0)?;
        Self::try_from(from_elements(shape, array.fortran, elements)?)
    }
}

/// Takes the elements of an array into memory that can be shared.
impl<A: Element, D: Dimension> TryFrom<Array<A, D>> for MappedArray<A, D> {
    type Error = crate::Error;

    fn try_from(array: Array<A, D>) -> Result<Self> {
        let standard = array.as_standard_layout();
        let elements = standard.as_slice().unwrap_or_default();
        let memory = Shared::of_buffer(Arc::new(AlignedBuf::copy_of(bytes_of(elements))?));
        Ok(MappedArray(SharedView::new(memory, array.raw_dim(), false)?))
    }
}

impl<A: Element, D: Dimension> Deref for MappedArray<A, D> {
    type Target = ArrayRef<A, D>;

    fn deref(&self) -> &ArrayRef<A, D> {
        &self.0
    }
}

impl<A: Element, D: Dimension> Clone for MappedArray<A, D> {
    fn clone(&self) -> Self {
        MappedArray(self.0.clone())
    }
}

impl<A: Element + fmt::Debug, D: Dimension> fmt::Debug for MappedArray<A, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

impl<A: Element + PartialEq, D: Dimension> PartialEq for MappedArray<A, D> {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

impl<A: Element, D: Dimension + Serialize + 'static> Serialize for MappedArray<A, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::with::ndarray::serialize(&self.view(), serializer)
    }
}

impl<'de, A: Element, D: Dimension + Deserialize<'de>> Deserialize<'de> for MappedArray<A, D> {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        match take::<Memory, Array<A, D>, De>(deserializer)? {
            Found::Array(array) => Self::from_raw(array).map_err(de::Error::custom),
            Found::Plain(array) => Self::try_from(array).map_err(de::Error::custom),
        }
    }
}
