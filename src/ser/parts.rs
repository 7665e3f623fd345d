//! Numbers on their way out of band in parts, so that memory does not grow with the array.
//!
//! A sequence that comes one by one is an array only if its last element is a number too. So what is gathered of it
//! goes to the sink while it may still be taken back; an array that has gaps in memory goes there for good.

use super::known::{BLOCK, Data, Layout, Numbers, Strided};
use super::numbers::Gathered;
use super::{ArrayInfo, Output};
use crate::error::Result;
use crate::stream::Shape;

impl Output<'_> {
    /// Hands what has been gathered to the sink, once it fills a block.
    #[inline]
    pub(super) fn spill(&mut self, gathered: &mut Gathered) -> Result<()> {
        if gathered.bytes().len() < BLOCK { Ok(()) } else { self.spill_block(gathered) }
    }

    #[cold]
    fn spill_block(&mut self, gathered: &mut Gathered) -> Result<()> {
        if gathered.bytes().len() >= self.inline_below && self.sink.gives_parts_back() {
            self.sink.write_part(gathered.bytes())?;
            gathered.clear();
            self.spilled = true;
        }
        Ok(())
    }

    /// Takes back what has been spilled, if anything was, for it is no array.
    pub(super) fn unspill(&mut self) -> Result<Vec<u8>> {
        if std::mem::take(&mut self.spilled) { self.sink.take_parts_back() } else { Ok(Vec::new()) }
    }

    /// Writes what has been gathered as an array of this shape, and says whether there was a number in it.
    pub(super) fn gathered(&mut self, gathered: &Gathered, shape: Shape, layout: Layout) -> Result<bool> {
        let Some(mut numbers) = gathered.shaped(shape, layout) else { return Ok(false) };
        if std::mem::take(&mut self.spilled) {
            self.sink.write_part(gathered.bytes())?;
            numbers.data = Data::Parts;
        }
        self.numbers(&numbers)?;
        Ok(true)
    }

    /// The elements of an array of one axis: in the stream or out of band.
    pub(super) fn elements(&mut self, numbers: &Numbers<'_>, info: ArrayInfo<'_>) -> Result<()> {
        match &numbers.data {
            Data::Whole(bytes) => self.whole(bytes, info),
            Data::Strided(strided) => self.strided(strided, info),
            Data::Parts => self.end_parts(info),
        }
    }

    fn whole(&mut self, bytes: &[u8], info: ArrayInfo<'_>) -> Result<()> {
        if !self.divert(bytes, Some(info))? {
            self.encoder.bytes(bytes);
        }
        Ok(())
    }

    fn strided(&mut self, strided: &Strided<'_>, info: ArrayInfo<'_>) -> Result<()> {
        if !self.sink.takes_parts() || strided.len < self.inline_below {
            return self.whole(&strided.gathered()?, info);
        }
        (strided.blocks)(&mut |block| self.sink.write_part(block))?;
        self.end_parts(info)
    }

    fn end_parts(&mut self, info: ArrayInfo<'_>) -> Result<()> {
        self.sink.end_parts(info)?;
        self.encoder.next_buffer();
        Ok(())
    }
}
