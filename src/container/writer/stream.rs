//! The pickle stream. It is the last buffer, but it comes along with the others.
//!
//! As long as no buffer comes after it, it may as well be in the file already: it is the buffer that is being written. If one
//! does come, the stream makes room for it, and waits in memory until the end.

use std::io::{Seek, SeekFrom, Write};

use super::super::PIECE;
use super::super::digest::Hasher;
use super::Writer;
use super::behind::Behind;
use super::buffer::Taken;
use crate::bytes::append_large;
use crate::error::Result;

/// The stream, as far as it has come.
pub(super) enum Stream {
    /// Nothing of it has come. It may go to the file.
    Awaited,
    /// It is the buffer that is being written; by another thread, if it is long.
    InFile(Option<Behind>),
    /// It cannot be in the file, and is written at the end.
    InMemory(Vec<u8>),
}

impl<W: Write + Seek> Writer<W> {
    /// Stores the next part.
    pub(super) fn stream_part(&mut self, part: &[u8]) -> Result<()> {
        if let Stream::Awaited = self.stream {
            self.stream = Stream::InFile(self.begin_stream(part)?);
        }
        match (&mut self.stream, &mut self.open) {
            (Stream::InMemory(stream), _) => append_large(stream, part),
            (Stream::InFile(Some(behind)), Some(open)) => {
                behind.write(part)?;
                open.len += part.len() as u64;
                self.work.add(self.entries.len(), part.len());
            }
            _ => self.put(part, false)?,
        }
        Ok(())
    }

    /// Begins the stream in the file. If its first part is not small, there will be others, and another thread does the work.
    fn begin_stream(&mut self, first: &[u8]) -> Result<Option<Behind>> {
        self.begin()?;
        let worth_it = self.options.threads > 1 && first.len() >= PIECE;
        let Some(file) = self.read_back.as_ref().filter(|_| worth_it) else { return Ok(None) };
        self.out.flush()?;
        let hash = Hasher::new(self.options.revision);
        Ok(Some(Behind::new(file.try_clone()?, self.start + self.position, hash)))
    }

    /// Waits until the stream is in the file, as far as it has come.
    fn catch_up(&mut self, behind: Option<Behind>) -> Result<()> {
        if let (Some(behind), Some(open)) = (behind, &mut self.open) {
            self.broken = true;
            open.digest = Taken::Known(behind.finish()?);
            self.out.seek(SeekFrom::Start(self.start + self.position + open.len))?;
            self.broken = false;
        }
        Ok(())
    }

    /// Makes room for a buffer, if some of the stream is in the file. That happens only once, so that nothing is written
    /// again and again.
    pub(super) fn make_room(&mut self) -> Result<()> {
        if let Stream::InFile(behind) = &mut self.stream {
            let behind = behind.take();
            self.catch_up(behind)?;
            self.stream = Stream::InMemory(self.take_back()?);
        }
        Ok(())
    }

    /// Ends the stream.
    pub(super) fn end_stream(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.stream, Stream::Awaited) {
            Stream::InMemory(stream) => self.write(&stream, None, true),
            Stream::InFile(behind) => {
                self.catch_up(behind)?;
                let len = self.open.as_ref().map_or(0, |open| open.len);
                self.end(len, None, Vec::new())
            }
            Stream::Awaited => self.write(&[], None, true),
        }
    }
}
