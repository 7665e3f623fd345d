//! Slices of numbers that are borrowed from the file.
//!
//! ```
//! use std::borrow::Cow;
//!
//! use binpickle::BinPickleFile;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Model<'a> {
//!     #[serde(borrow, with = "binpickle::with::slice")]
//!     bias: &'a [f32],
//!     #[serde(borrow, with = "binpickle::with::slice")]
//!     scale: Cow<'a, [f64]>,
//! }
//!
//! let bytes = binpickle::to_vec(&Model { bias: &[1.0, 2.0], scale: vec![0.5].into() })?;
//! let file = BinPickleFile::from_vec(bytes)?;
//! let model: Model = file.load()?;
//! assert_eq!(model.bias, [1.0, 2.0]);
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! In Python this is a `numpy.ndarray` of one axis. The rules are those of [`with::view`](super::view): a slice must be
//! of just the dtype in the file, a `Cow` of another dtype is converted. For bytes that are `bytes` in Python, take
//! `serde_bytes`.

use std::borrow::Cow;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny};
use serde::{Serialize, Serializer};

use super::{Bytes, Found, Raw, convert, take};
use crate::bytes::elements_of;
use crate::de::ndarray::check_axes;
use crate::dtype::Element;
use crate::error::{Error, Result};

/// Writes a slice, a `Cow` or a `Vec`.
pub fn serialize<A, T, S>(slice: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    A: Element,
    T: AsRef<[A]> + ?Sized,
    S: Serializer,
{
    slice.as_ref().serialize(serializer)
}

/// Reads a slice or a `Cow`.
pub fn deserialize<'de, V: BorrowSlice<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<V, D::Error> {
    match take::<Bytes<'de>, V::Plain, D>(deserializer)? {
        Found::Array(array) => V::from_raw(&array).map_err(de::Error::custom),
        Found::Plain(plain) => V::from_plain(plain).map_err(de::Error::custom),
    }
}

/// The types that [`deserialize`] reads: `&[A]` and `Cow<[A]>`.
pub trait BorrowSlice<'de>: sealed::FromRaw<'de> {}

mod sealed {
    use super::{Bytes, Deserialize, Raw, Result};

    pub trait FromRaw<'de>: Sized {
        /// What is taken where there is no array to borrow from.
        type Plain: Deserialize<'de>;

        fn from_plain(plain: Self::Plain) -> Result<Self>;

        #[allow(private_interfaces, reason = "the trait is sealed")]
        fn from_raw(array: &Raw<Bytes<'de>>) -> Result<Self>;
    }
}

fn borrow<'de, A: Element>(array: &Raw<Bytes<'de>>) -> Result<Option<&'de [A]>> {
    check_axes(&array.shape, 1)?;
    if array.dtype.to_little_endian() != A::DTYPE {
        return Ok(None);
    }
    elements_of(array.data.0)?.map(Some).ok_or_else(|| Error::data("the memory of an array is misaligned"))
}

impl<'de, A: Element> BorrowSlice<'de> for &'de [A] {}

impl<'de, A: Element> sealed::FromRaw<'de> for &'de [A] {
    type Plain = IgnoredAny;

    fn from_plain(_: IgnoredAny) -> Result<Self> {
        Err(Error::data("a slice can only be borrowed from an array in a BinPickle file"))
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn from_raw(array: &Raw<Bytes<'de>>) -> Result<Self> {
        borrow(array)?.ok_or_else(|| {
            let (found, expected) = (array.dtype.name(), A::DTYPE.name());
            Error::data(format!("found an array of {found}, expected one of {expected} to borrow"))
        })
    }
}

impl<'de, A: Element> BorrowSlice<'de> for Cow<'de, [A]> {}

impl<'de, A: Element> sealed::FromRaw<'de> for Cow<'de, [A]> {
    type Plain = Vec<A>;

    fn from_plain(elements: Vec<A>) -> Result<Self> {
        Ok(elements.into())
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn from_raw(array: &Raw<Bytes<'de>>) -> Result<Self> {
        match borrow(array)? {
            Some(elements) => Ok(Cow::Borrowed(elements)),
            None => Ok(convert(array.dtype, array.data.0)?.into()),
        }
    }
}
