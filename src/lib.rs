//! Save models from Rust in a file that Python opens too.

mod buffers;
mod bytes;
pub mod codec;
mod container;
mod dtype;
mod error;

pub use container::{ArrayType, Entry, Header, Revision};
pub use dtype::{DType, Element, Kind, TimeUnit};
pub use error::{Error, ErrorKind, Result};
