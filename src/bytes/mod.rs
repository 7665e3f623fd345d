//! Memory: aligned buffers, the map, and what numbers are as bytes.
//!
//! This is the only room with `unsafe`. Each file has one reason for it, and says why it holds:
//!
//! - [`aligned`]: bytes that are read into memory without values;
//! - [`huge`]: large pages for large arrays;
//! - [`map`]: a file as memory, on the caller's promise that nobody cuts it;
//! - [`keep`]: buffers that are lent for as long as their owner lives;
//! - [`pool`]: values that refer to each other, in circles too;
//! - [`shared`]: an array that owns a share of the memory it looks at;
//! - [`text`]: short ASCII as text;
//! - [`tied`]: what borrows from its owner, kept beside it;
//! - [`typed`]: a value whose type is known although the compiler was only told `T`.
#![allow(unsafe_code, reason = "the one room of the crate where it is allowed")]

mod aligned;
mod huge;
mod keep;
mod map;
mod plain;
mod pool;
mod shared;
mod text;
mod tied;
mod typed;

pub(crate) use aligned::{AlignedBuf, zero};
pub(crate) use huge::{append_large, reserve_large};
pub(crate) use keep::{Keep, Shared};
pub(crate) use map::Map;
pub use plain::Plain;
pub(crate) use plain::{bytes_of, elements_of};
pub(crate) use pool::{Key, Link, Links, Pool};
pub(crate) use shared::SharedView;
pub(crate) use text::text_of;
pub(crate) use tied::{Borrowing, Tied};
pub(crate) use typed::{CowView, Erased, Family, Owned, Parcel, Ref, Slot, View, ViewMut, exact, filled};
