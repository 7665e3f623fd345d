//! The pickle stream alone, without a BinPickle file around it: Python's plain `.pkl`.
//!
//! Everything lies in the stream, arrays too. Python reads what is written here with `pickle.loads`, and what Python's
//! `pickle.dumps` wrote, in any protocol, is read here. Nothing is ever imported or called.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! let scores = BTreeMap::from([("ada".to_owned(), vec![1.0, 2.0])]);
//! let stream = binpickle::pickle::to_vec(&scores)?;
//! assert_eq!(binpickle::pickle::from_slice::<BTreeMap<String, Vec<f64>>>(&stream)?, scores);
//!
//! // pickle.dumps({"answer": 42}, protocol=0)
//! let stream = b"(dp0\nVanswer\np1\nI42\ns.";
//! assert_eq!(binpickle::pickle::from_slice::<BTreeMap<String, u8>>(stream)?["answer"], 42);
//!
//! // python3 -m pickletools
//! let listing: Vec<_> = binpickle::pickle::disassemble(stream).collect::<binpickle::Result<_>>()?;
//! assert_eq!(listing[5].to_string(), "   16: I    INT        42");
//! # Ok::<(), binpickle::Error>(())
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::buffers::{ArrayInfo, Sink, Source};
use crate::bytes::{Keep, Shared, append_large};
use crate::de::{self, Limits, Place};
use crate::error::{Error, Result};
use crate::ser;
pub use crate::stream::{Instruction, Instructions, disassemble};

/// Writes a value as a pickle stream of protocol 5. As Python's `pickle.dumps`.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut stream = Stream(Vec::new());
    ser::write(value, &mut stream, usize::MAX)?;
    Ok(stream.0)
}

/// Reads a value from a pickle stream. As Python's `pickle.loads`, but that nothing is imported or called.
///
/// The limits are the defaults of [`LoadOptions`](crate::LoadOptions).
pub fn from_slice<T: DeserializeOwned>(stream: &[u8]) -> Result<T> {
    let keep = Keep::new();
    let (source, limits) = (NoBuffers(&keep), Limits::default());
    if let Some((value, _)) = de::read_directly(stream, &source, limits) {
        return Ok(value);
    }
    let arena = de::parse(stream, &source, limits)?;
    de::read(&arena, Place::Node(arena.root()), stream, &source, limits)
}

/// A stream that has no buffers beside it.
struct Stream(Vec<u8>);

impl Sink for Stream {
    fn write_stream(&mut self, part: &mut Vec<u8>) -> Result<()> {
        append_large(&mut self.0, part);
        Ok(())
    }

    fn takes_buffers(&self) -> bool {
        false
    }

    fn write_buffer(&mut self, _data: &[u8], _array: Option<ArrayInfo<'_>>) -> Result<()> {
        Err(Error::data("a stream alone has no buffers"))
    }
}

/// The source of a stream that has no buffers beside it.
struct NoBuffers<'de>(&'de Keep);

fn no_buffer<T>() -> Result<T> {
    Err(Error::pickle("the stream asks for an out-of-band buffer, and there is none"))
}

impl<'de> Source<'de> for NoBuffers<'de> {
    fn buffer_count(&self) -> usize {
        0
    }

    fn buffer_len(&self, _index: usize) -> Result<usize> {
        no_buffer()
    }

    fn lend(&self, _index: usize) -> Result<&'de [u8]> {
        no_buffer()
    }

    fn read_into(&self, _index: usize, _out: &mut [u8]) -> Result<()> {
        no_buffer()
    }

    fn share(&self, _index: usize) -> Result<Shared> {
        no_buffer()
    }

    fn keep(&self) -> &'de Keep {
        self.0
    }
}
