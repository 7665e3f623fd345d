//! Looking at every byte of a file.

use super::writer::MIN_ALIGN;
use super::{Header, Reader};
use crate::error::{Error, Result};

impl Reader<'_> {
    /// All that is wrong with the file. Python's `find_errors`, and more:
    ///
    /// - the digest of each buffer, and that it decodes to the length that the index says;
    /// - that what lies between the buffers is zero, and no more than an alignment needs;
    /// - that the file is marked as mappable if and only if it is;
    /// - that nothing follows the file.
    ///
    /// What makes a file unreadable as a whole was found when it was opened.
    pub(crate) fn find_errors(&self) -> Vec<Error> {
        let buffers = (0..self.entries.len()).map(|number| self.check_buffer(number));
        [self.check_flag(), self.check_end()]
            .into_iter()
            .chain(self.check_gaps())
            .chain(buffers)
            .filter_map(Result::err)
            .collect()
    }

    /// The first of the [errors](Reader::find_errors), without looking for others.
    pub(crate) fn verify(&self) -> Result<()> {
        self.check_flag()?;
        self.check_end()?;
        self.check_gaps().into_iter().collect::<Result<()>>()?;
        (0..self.entries.len()).try_for_each(|number| self.check_buffer(number))
    }

    fn check_flag(&self) -> Result<()> {
        let encoded = self.entries.iter().position(|entry| !entry.codecs.is_empty());
        let unaligned = self.entries.iter().position(|entry| !entry.offset.is_multiple_of(MIN_ALIGN));
        match (self.header.mappable, encoded, unaligned) {
            (true, Some(number), _) => {
                Err(Error::format("the file is marked as mappable, but a buffer is encoded").in_buffer(number))
            }
            (true, None, Some(number)) => {
                Err(Error::format("the file is marked as mappable, but a buffer is not aligned").in_buffer(number))
            }
            (false, None, None) if !self.entries.is_empty() => Err(Error::format(
                "the file is not marked as mappable, but all its buffers are aligned and none is encoded",
            )),
            _ => Ok(()),
        }
        .map_err(|error| error.at(6))
    }

    fn check_end(&self) -> Result<()> {
        match self.input.len() - self.header.len {
            0 => Ok(()),
            more => Err(Error::format(format!("{more} bytes follow the end of the file")).at(self.header.len)),
        }
    }

    fn check_gaps(&self) -> Vec<Result<()>> {
        let mut position = Header::SIZE as u64;
        let mut results = Vec::new();
        for (number, entry) in self.entries.iter().enumerate() {
            // A writer skips less than the alignment, which no offset shows; but it is a divisor of this offset.
            let alignment = 1 << entry.offset.trailing_zeros();
            results.push(self.check_gap(position, entry.offset, alignment).map_err(|error| error.in_buffer(number)));
            position = entry.end();
        }
        results.push(self.check_gap(position, self.index_offset, 1));
        results
    }

    fn check_gap(&self, start: u64, end: u64, alignment: u64) -> Result<()> {
        if end - start >= alignment {
            return Err(Error::format(format!("{} bytes belong to nothing", end - start)).at(start));
        }
        self.pieces(start, end, |offset, piece| match piece.iter().position(|&byte| byte != 0) {
            Some(at) => Err(Error::integrity("the file is damaged: the padding is not zero").at(offset + at as u64)),
            None => Ok(()),
        })
    }
}
