//! Modules for `#[serde(with = "…")]`: how a field is written and read, where its type alone does not say it.
//!
//! | a field of type | with | is |
//! |---|---|---|
//! | `Array`, `ArcArray` | nothing | written and read whole, in C order |
//! | `Array`, `ArcArray` | [`ndarray`] | the same, and Fortran order is kept |
//! | `ArrayView<'a, A, D>`, `CowArray<'a, A, D>` | [`view`] and `borrow` | borrowed from the file |
//! | `&'a [A]`, `Cow<'a, [A]>` | [`slice`](mod@slice) and `borrow` | borrowed from the file |
//! | [`MappedArray`](crate::MappedArray) | nothing | an owner of its share of the file |
//! | `&'a [u8]`, `ByteBuf`, `Cow<'a, [u8]>` | [`serde_bytes`](https://docs.rs/serde_bytes) | Python's `bytes` |
//! | a struct of columns, a `Vec` of rows, … | [`dataframe`] | read from a `pandas.DataFrame` or `Series` |
//!
//! With other formats these modules do what the type itself does; only a view, which has nothing to borrow from, is an
//! error there.

#[cfg(feature = "bincode")]
pub mod bincode;
pub mod dataframe;
pub mod ndarray;
mod raw;
pub mod slice;
pub mod view;

pub(crate) use self::raw::{Bytes, Found, Memory, ParcelVisitor, Raw, convert, take};
