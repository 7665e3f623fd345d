//! What lies between structure and storage: the two traits over which a value and its buffers part and meet.
//!
//! [`ser`](crate::ser) gives large data to a [`Sink`], [`de`](crate::de) takes it from a [`Source`], and neither knows
//! whether there is a file behind it.

use crate::bytes::{Keep, Shared};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// Takes the pickle stream, and the buffers that lie outside it, in the order in which the stream asks for them.
pub(crate) trait Sink {
    /// Stores the next part of the stream. It comes whenever there is one, also between buffers. Who stores it may keep its
    /// memory, and leave any other in its place.
    fn write_stream(&mut self, part: &mut Vec<u8>) -> Result<()>;

    /// Whether there can be anything outside the stream.
    fn takes_buffers(&self) -> bool {
        true
    }

    /// Stores one whole buffer. The bytes are borrowed for the call only.
    fn write_buffer(&mut self, data: &[u8], array: Option<ArrayInfo<'_>>) -> Result<()>;

    /// Whether a buffer may also come in parts, without anyone keeping it in memory.
    fn takes_parts(&self) -> bool {
        false
    }

    /// Whether what came in parts can be taken back.
    fn gives_parts_back(&self) -> bool {
        false
    }

    /// Stores the next part of a buffer, or the first one of a new buffer. It is one once [`end_parts`](Sink::end_parts)
    /// is called; before that, no other buffer may come.
    fn write_part(&mut self, part: &[u8]) -> Result<()> {
        let _ = part;
        Err(no_parts())
    }

    /// Ends the buffer that came in parts.
    fn end_parts(&mut self, array: ArrayInfo<'_>) -> Result<()> {
        let _ = array;
        Err(no_parts())
    }

    /// Takes back the buffer that came in parts, as if it had never come.
    fn take_parts_back(&mut self) -> Result<Vec<u8>> {
        Err(no_parts())
    }
}

fn no_parts() -> Error {
    Error::data("this sink takes only whole buffers")
}

/// What the elements of a buffer are, when it holds an array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArrayInfo<'a> {
    pub(crate) dtype: DType,
    /// The shape in the order of memory: that of a Fortran array is reversed, as in the index of Python's files.
    pub(crate) shape: &'a [usize],
}

/// Gives the buffers that lie outside the pickle stream, by their number in the file.
///
/// Whatever comes out has been decoded. What is lent lives as long as the file or the memory behind the source.
pub(crate) trait Source<'de> {
    /// How many buffers there are.
    fn buffer_count(&self) -> usize;

    /// The length of a buffer in bytes. It is what the file says, and has been checked against the limits.
    fn buffer_len(&self, index: usize) -> Result<usize>;

    /// The bytes of a buffer: those of the file where they can be borrowed, a decoded copy that the source keeps elsewhere.
    fn lend(&self, index: usize) -> Result<&'de [u8]>;

    /// Reads a buffer into memory of its length, without keeping a copy.
    fn read_into(&self, index: usize, out: &mut [u8]) -> Result<()>;

    /// As [`lend`](Source::lend), with a share of the memory.
    fn share(&self, index: usize) -> Result<Shared>;

    /// Where to put what must be lent but is in no buffer in the right form.
    fn keep(&self) -> &'de Keep;
}
