//! Save models from Rust in a file that Python opens too.
//!
//! A model is a struct with configuration, strings, maps – and a lot of numbers. A plain derive is enough:
//!
//! ```
//! use binpickle::{BinPickleFile, MappedArray, Options};
//! use ndarray::{Array2, Ix2};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Model {
//!     name: String,
//!     weights: Array2<f32>,
//! }
//!
//! # let path = std::env::temp_dir().join("crate-page.bpk");
//! let model = Model { name: "net".into(), weights: Array2::ones((1000, 300)) };
//! binpickle::to_path(&model, &path)?; // Python: binpickle.load(path)["weights"].shape == (1000, 300)
//! let model: Model = binpickle::from_path(&path)?;
//!
//! // The same where it is served, without reading the weights: they stay in the file.
//! #[derive(Deserialize)]
//! struct Served {
//!     weights: MappedArray<f32, Ix2>,
//! }
//!
//! Options::mappable().to_path(&model, &path)?;
//! // SAFETY: nobody writes to the file in place.
//! let file = unsafe { BinPickleFile::map(&path)? };
//! let served: Served = file.load()?;
//! assert_eq!(served.weights.sum(), 300_000.0);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! | to … | take |
//! |---|---|
//! | save and load | [`to_path`], [`from_path`]; [`to_vec`], [`from_slice`]; [`to_writer`], [`from_reader`] |
//! | choose codecs, alignment, durability | [`Options`], [`codec`] |
//! | borrow arrays from a file, or share them | [`BinPickleFile`] with [`MappedArray`], [`with::view`], [`with::slice`] |
//! | read pandas' data frames and series | [`with::dataframe`] |
//! | write for binpickle 0.3 for Python | [`Options::revision`] with [`Revision::V1`] |
//! | load a part of an object, without reading the rest | [`BinPickleFile::at`], [`Part`] |
//! | check a file, limit what loading may cost | [`BinPickleFile::verify`], [`LoadOptions`] |
//! | watch how far it is | [`Options::on_progress`], [`LoadOptions::on_progress`] |
//! | open a file without knowing what is in it | [`Value`], [`Part::children`], [`file_info`], [`BinPickleFile::entries`] |
//! | know what each Python type becomes, and each Rust type | [`python`] |
//! | see it all, step by step; or a recipe for a task | [`tour`]; [`cookbook`] |
//! | read and write plain pickles, list their instructions | [`pickle`] |
//!
//! # What a Rust value is in Python
//!
//! | Rust | Python |
//! |---|---|
//! | struct, map | `dict` |
//! | newtype struct | its content |
//! | tuple, tuple struct, `[T; N]` | `tuple` |
//! | sequence of numbers, bools, [complex](num_complex::Complex) or [`f16`](half::f16) | `numpy.ndarray` of one axis |
//! | sequence of fixed-size tuples or arrays of one number type, such as `Vec<[f32; 3]>` | `numpy.ndarray` of more axes |
//! | `ndarray::Array` and its relatives, of numbers | `numpy.ndarray` of the same shape |
//! | any other sequence | `list` |
//! | bytes ([`serde_bytes`](https://docs.rs/serde_bytes)) | `bytes` |
//! | `str`, `char` | `str` |
//! | integers up to 128 bits; floats | `int`; `float` |
//! | `Option` | `None`, or the value |
//! | unit, unit struct | `None` |
//! | unit variant | `str` |
//! | any other variant | `dict` of one item: `{name: content}` |
//! | in the key of a map | what is hashable: sequences are tuples, structs and maps tuples of pairs |
//!
//! What Rust wrote, Rust reads back to an equal value, whatever the options. `Option`s may be nested as deep as you like:
//! `Some(None)` is `(None,)` in Python, `Some(Some(None))` is `((None,),)`. The one exception are `Option`s inside
//! an untagged or internally tagged enum or a flattened struct, whose content serde keeps without knowing its type:
//! there `Some(None)` is lost.
//!
//! An array is always an array, also a short one. A sequence of numbers whose type is only known from its elements (not
//! a `Vec`, slice, or array of numbers) is an empty `list` when it has none. [`ndarray`] arrays are in C order after
//! a plain derive; [`with::ndarray`] keeps Fortran order. Numbers convert when they are loaded into another type, but
//! never lose anything silently: an `int` too large for the type, or that no `f64` equals, is an error; only a
//! float may be rounded to an `f32`, as everywhere in serde.
//!
//! # What a Python object is in Rust
//!
//! The other way round, and in addition: an instance of a class deserializes into a struct of its attributes, a namedtuple
//! or a frozen dataclass with slots into a struct or tuple by position, a `set` into a sequence, `complex` into a pair or
//! a `Complex`, a numpy scalar or an array without axes into a number, and any array into nested sequences. A list
//! of numbers deserializes into an [`ndarray`] too. A `datetime`, `Decimal`, `UUID` or path is text, a `range` its numbers,
//! an enum's member its value, and so on through the standard library: the page [`python`] has a table of all.
//! A `pandas.DataFrame` becomes its columns or rows, a `Series` its values, with [`with::dataframe`]. Nothing in a file is
//! ever imported or called: a class is a name.
//!
//! An object that occurs in several places is copied to each of them, and one that contains itself is an error to a type
//! that goes all the way round. A [`Value`] keeps who is whom.
//!
//! Of numpy's other arrays, a structured one (also a `recarray`, or the nodes of a scikit-learn tree) is a sequence of
//! structs by the names of the fields, or of tuples; a masked one a sequence of `Option`s, or a struct of its `data` and
//! `mask`; one of objects a sequence of what they are. A datetime64 or timedelta64 is an integer, the count of its unit,
//! and "not a time" is [`i64::MIN`]. A `numpy.matrix` or any other subclass is the array that it is. longdouble has no type in
//! Rust, and is an error.
//!
//! ```no_run
//! use serde::Deserialize;
//!
//! // numpy.array([(0.5, "a", (1, 2, 3))], [("x", "f8"), ("name", "U8"), ("pos", "f4", 3)])
//! #[derive(Deserialize)]
//! struct Record {
//!     x: f64,
//!     name: String,
//!     pos: [f32; 3],
//! }
//!
//! let records: Vec<Record> = binpickle::from_path("records.bpk")?;
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! # Memory and speed
//!
//! Arrays are written from where they lie in memory, and read straight to where they will be, in one go: also in a plain
//! derive, although serde would hand over numbers one by one (the crate recognises `Vec`s and arrays by their type).
//! [`MappedArray`] and the views of [`with`] do not read at all. What is below 4,096 bytes, a page, stays in the pickle
//! stream; see [`Options::inline_below`].
//!
//! # Trust
//!
//! Every size in a file is checked before it is used, every digest before the data are (a SHA-256; in the old files of
//! [`Revision::V1`] a mere checksum), and a load costs no more than its
//! [`LoadOptions`] allow. What goes wrong is an [`Error`] that says what and where. The one thing that cannot be checked is
//! that nobody changes a file while it is mapped: therefore [`BinPickleFile::map`] is `unsafe`, and
//! [`BinPickleFile::open`] is there. Each promise, and the test that shows it, is on the page [`promises`].
//!
//! # Features
//!
//! - `blosc`, `bz2`, `gzip`, `lz4`, `zlib` and `zstd`, on by default: the codecs of those names. Only `zstd` needs a C
//!   compiler. `blosc` brings `lz4` and `zlib`.
//! - `adler32`, `base64`, `crc32`, `crc32c`, `lzma` and `pcodec`: the codecs of those names. The others need no feature.
//! - `stacker`, on by default: objects that are nested up to 1,024 deep load on a stack of any size. Without it, which spares
//!   an assembler, the default limit is 128.
//! - `chrono` and `jiff`: the modules `with::chrono` and `with::jiff`, for dates, times and durations that are Python's own.
//! - `cli`: the program `binpickle`, which shows, checks, compares and converts files, and all codecs but `zfpy`.
//! - `log`: events for the crate [`log`](https://docs.rs/log), with the target `binpickle`, which say of each file and buffer
//!   what is done with it, as Python's package tells `logging`: at the level `info` what was saved, all else at `debug`. Who uses
//!   `tracing` sees them through `tracing-log`.
//! - `bincode`: the module `with::bincode`, for fields that only Rust reads. bincode 2.0.1 is no longer maintained.

mod buffers;
mod bytes;
pub mod codec;
mod container;
pub mod cookbook;
mod de;
mod dtype;
mod error;
mod file;
mod mapped;
mod options;
mod part;
mod path;
pub mod pickle;
pub mod promises;
pub mod python;
mod repr;
mod ser;
mod size;
mod stack;
mod stream;
pub mod tour;
mod trace;
mod uses;
pub mod value;
pub mod with;

use std::io::{Read, Seek, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use container::{ArrayType, Digest, Entry, Header, Progress, Revision, Task};
pub use dtype::{DType, Element, Kind, TimeUnit};
pub use error::{Error, ErrorKind, Result};
pub use file::{BinPickleFile, FileInfo, LoadOptions, file_info, find_errors};
pub use mapped::MappedArray;
pub use options::{Alignment, BinPickler, Options};
pub use part::Part;
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

/// The program and the listing of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
