//! The bytes of a stream, with the frames around them.

use crate::error::{Error, Result};

/// What is left of a stream.
///
/// Frames tell a reader of files how much to read at a time. They mean nothing here, but are checked as Python's
/// `_Unframer` does: what begins in a frame ends in it, and a frame begins where the last one ended.
#[derive(Debug)]
pub(super) struct Input<'de> {
    /// What is left of the frame; without a frame, of the stream.
    rest: &'de [u8],
    /// What follows the frame.
    after: &'de [u8],
    framed: bool,
}

impl<'de> Input<'de> {
    pub(super) fn new(stream: &'de [u8]) -> Self {
        Input { rest: stream, after: &[], framed: false }
    }

    /// How many bytes are left.
    #[inline]
    pub(super) fn left(&self) -> usize {
        self.rest.len() + self.after.len()
    }

    /// What is left of the frame, or without a frame of the stream.
    #[inline]
    pub(super) fn rest(&self) -> &'de [u8] {
        self.rest
    }

    /// Goes on at what is left of [`rest`](Input::rest).
    #[inline]
    pub(super) fn skip_to(&mut self, rest: &'de [u8]) {
        debug_assert!(self.rest.ends_with(rest));
        self.rest = rest;
    }

    /// What follows the frame.
    pub(super) fn after(&self) -> &'de [u8] {
        self.after
    }

    /// Goes on behind a frame that has been read to its end, if there is more.
    pub(super) fn leave_empty_frame(&mut self) -> Result<()> {
        if self.rest.is_empty() { self.leave_frame() } else { Ok(()) }
    }

    /// The next byte, which stays.
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    /// The next `N` bytes.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        if self.rest.len() < N {
            self.leave_frame()?;
        }
        let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(cut_off)?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// The next `len` bytes.
    #[inline]
    pub(super) fn take(&mut self, len: u64) -> Result<&'de [u8]> {
        if len > self.rest.len() as u64 {
            self.leave_frame()?;
        }
        let len = usize::try_from(len).map_err(|_| cut_off())?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or_else(cut_off)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// The bytes up to the next newline, without it.
    pub(super) fn line(&mut self) -> Result<&'de [u8]> {
        if self.rest.is_empty() {
            self.leave_frame()?;
        }
        let end = self.rest.iter().position(|&byte| byte == b'\n').ok_or_else(cut_off)?;
        let line = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Ok(line)
    }

    /// Begins a frame.
    pub(super) fn enter_frame(&mut self, len: u64) -> Result<()> {
        if self.framed {
            if !self.rest.is_empty() {
                return Err(Error::pickle("a frame begins before the last one has ended"));
            }
            self.leave_frame()?;
        }
        let len = usize::try_from(len).ok().filter(|&len| len <= self.rest.len());
        let len = len.ok_or_else(|| Error::pickle("a frame is longer than the stream"))?;
        (self.rest, self.after) = self.rest.split_at(len);
        self.framed = true;
        Ok(())
    }

    /// Goes on behind the frame, which must have been read to its end.
    #[cold]
    fn leave_frame(&mut self) -> Result<()> {
        if !self.framed {
            return Err(cut_off());
        }
        if !self.rest.is_empty() {
            return Err(Error::pickle("a frame ends in the middle of an instruction"));
        }
        self.rest = std::mem::take(&mut self.after);
        self.framed = false;
        Ok(())
    }
}

#[cold]
fn cut_off() -> Error {
    Error::pickle("the stream is cut off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_left_at_their_end_only() {
        let mut input = Input::new(b"abcdef\ng");
        input.enter_frame(3).unwrap();
        assert_eq!(input.take(2).unwrap(), b"ab");
        assert!(input.take(2).is_err());
        assert!(input.enter_frame(1).is_err());
        assert_eq!(input.byte().unwrap(), b'c');
        assert_eq!(input.take(0).unwrap(), b"");
        input.enter_frame(2).unwrap();
        assert!(input.line().is_err());
        assert_eq!(input.array().unwrap(), *b"de");
        assert_eq!(input.line().unwrap(), b"f");
        assert!(input.enter_frame(2).is_err());
        assert!(input.take(u64::MAX).is_err());
        assert_eq!((input.left(), input.byte().unwrap()), (1, b'g'));
        assert!(input.byte().is_err() && input.line().is_err());
    }
}
