//! Save models from Rust in a file that Python opens too.

mod buffers;
mod bytes;
mod dtype;
mod error;
mod pickle;

pub use dtype::{DType, Element, Kind, TimeUnit};
pub use error::{Error, ErrorKind, Result};
