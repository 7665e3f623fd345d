//! Save models from Rust in a file that Python opens too.

mod buffers;
mod bytes;
pub mod codec;
mod container;
mod de;
mod dtype;
mod error;
mod mapped;
mod pickle;
mod ser;
pub mod value;
pub mod with;

pub use dtype::{DType, Element, Kind, TimeUnit};
pub use error::{Error, ErrorKind, Result};
pub use mapped::MappedArray;
pub use value::Value;
