//! Buffers from one file to another.

use std::io::{Seek, Write};

use super::digest::Hasher;
use super::{Reader, Task, Work, Writer};
use crate::buffers::Sink;
use crate::bytes::AlignedBuf;
use crate::error::{Error, Result};

impl Reader<'_> {
    /// Writes all buffers, the pickle stream as it is, and finishes the file. What the index says of arrays is kept.
    ///
    /// One buffer at a time is in memory; or a piece of it, where no codec wants more.
    pub(crate) fn copy_to<W: Write + Seek>(&self, mut writer: Writer<W>) -> Result<W> {
        let stream = self.stream()?;
        let work = self.work_on_all(Task::Load);
        for number in 0..self.buffer_count() {
            self.copy_buffer(number, &mut writer, &work)?;
            work.end(number);
        }
        work.end(self.buffer_count());
        work.finish();
        writer.finish_whole(stream)
    }

    fn copy_buffer<W: Write + Seek>(&self, number: usize, writer: &mut Writer<W>, work: &Work) -> Result<()> {
        let entry = &self.entries[number];
        let info = entry.info.clone();
        if self.unverified(number)?.is_some() {
            return writer.write_described(self.lend(number)?, info);
        }
        if !entry.codecs.is_empty() || !writer.takes_parts() {
            let mut data = AlignedBuf::zeroed(self.buffer_len(number)?).map_err(|error| error.in_buffer(number))?;
            self.read_into(number, &mut data, work)?;
            return writer.write_described(&data, info);
        }
        let mut hash = Hasher::new(self.header.revision);
        let copied = self.pieces(entry.offset, entry.end(), |_, piece| {
            hash.update(piece);
            work.add(number, piece.len());
            writer.write_part(piece)
        });
        copied.map_err(|error: Error| error.in_buffer(number))?;
        // What was written for nothing is never given a name.
        self.check_digest(number, hash.finish())?;
        writer.end_described(info)
    }
}
