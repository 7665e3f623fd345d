//! Save models from Rust in a file that Python opens too.

mod buffers;
mod bytes;
pub mod codec;
mod container;
mod de;
mod dtype;
mod error;
mod file;
mod mapped;
mod options;
pub mod pickle;
mod ser;
mod stream;
pub mod value;
pub mod with;

use std::io::{Read, Seek, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use container::{ArrayType, Entry, Header, Revision};
pub use dtype::{DType, Element, Kind, TimeUnit};
pub use error::{Error, ErrorKind, Result};
pub use file::{BinPickleFile, FileInfo, LoadOptions, file_info};
pub use mapped::MappedArray;
pub use options::{Alignment, BinPickler, Options};
pub use value::Value;

/// Saves a value in a file, as Python's `binpickle.dump` does: each buffer compressed by gzip.
///
/// The file is replaced whole or not at all. For a file that can be mapped, or other codecs, see [`Options`].
pub fn to_path<T: Serialize + ?Sized>(value: &T, path: impl AsRef<Path>) -> Result<()> {
    Options::new().to_path(value, path)
}

/// Writes a value to where a writer stands: [`to_path`] without a path.
pub fn to_writer<T: Serialize + ?Sized>(value: &T, writer: impl Write + Seek) -> Result<()> {
    Options::new().to_writer(value, writer)
}

/// Writes a value to memory: [`to_path`] without a file.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    Options::new().to_vec(value)
}

/// Loads the object of a file, as Python's `binpickle.load` does.
///
/// It owns what it is made of. For an object that borrows from the file, see [`BinPickleFile`].
pub fn from_path<T: DeserializeOwned>(path: impl AsRef<Path>) -> Result<T> {
    LoadOptions::new().from_path(path)
}

/// Loads the object of a file that starts where a reader stands and goes to its end.
pub fn from_reader<T: DeserializeOwned>(reader: impl Read + Seek + Send) -> Result<T> {
    LoadOptions::new().from_reader(reader)
}

/// Loads the object of a file in memory.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    LoadOptions::new().from_slice(bytes)
}
