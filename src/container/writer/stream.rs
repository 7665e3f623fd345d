//! The pickle stream. It is the last buffer, but it comes along with the others.
//!
//! As long as no buffer comes after it, it may as well be in the file already: it is the buffer that is being written. If one
//! does come, the stream makes room for it, and waits aside until the end.

use std::io::{Seek, Write};

use super::Writer;
use super::aside::Aside;
use crate::bytes::append_large;
use crate::error::Result;

/// The stream, as far as it has come.
pub(super) enum Stream {
    /// Nothing of it has come. It may go to the file.
    Awaited,
    /// It is the buffer that is being written.
    InFile,
    /// It cannot be in the file yet, and is written at the end.
    Aside(Aside),
    /// It is wanted as a whole, or there is nowhere else to keep it.
    InMemory(Vec<u8>),
}

impl<W: Write + Seek> Writer<W> {
    /// Stores the next part, and may keep its memory.
    pub(super) fn stream_part(&mut self, part: &mut Vec<u8>) -> Result<()> {
        match &mut self.stream {
            Stream::Awaited => {
                self.begin()?;
                self.stream = Stream::InFile;
                self.put_or_keep(part)
            }
            Stream::InFile => self.put_or_keep(part),
            Stream::Aside(aside) => aside.write(part),
            Stream::InMemory(stream) => {
                append_large(stream, part);
                Ok(())
            }
        }
    }

    /// Makes room for a buffer, if some of the stream is in the file. That happens only once, so that nothing is written
    /// again and again.
    pub(super) fn make_room(&mut self) -> Result<()> {
        if let Stream::InFile = self.stream {
            let mut aside = Aside::new(&self.folder);
            self.take_back(|piece| aside.write(piece))?;
            self.stream = Stream::Aside(aside);
        }
        Ok(())
    }

    /// Ends the stream.
    pub(super) fn end_stream(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.stream, Stream::Awaited) {
            Stream::Awaited => self.write(&[], None, true),
            Stream::InFile => self.end_put(None),
            Stream::Aside(aside) => {
                self.begin()?;
                aside.read(|piece| self.put_part(piece))?;
                self.end_put(None)
            }
            Stream::InMemory(stream) => self.write(&stream, None, true),
        }
    }
}
