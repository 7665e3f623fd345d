//! The frames of a stream that is being written.

use std::sync::Arc;

use super::opcode as op;
use crate::bytes::reserve_large;

/// A frame ends before the first instruction that begins behind so many bytes. Python's writer takes 64 KiB.
const FRAME: usize = 256 << 10;

/// The bytes at the start of a frame: the instruction and the length of what follows.
const HEAD: usize = 9;

/// How long a part gets before the next frame begins another one.
const PART: usize = 4 << 20;

/// A finished part of a stream: some frames. The first one has the protocol before it.
pub(crate) type Part = Arc<Vec<u8>>;

/// The stream of these parts.
pub(crate) fn concat(parts: &[Part]) -> Vec<u8> {
    let mut stream = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        stream.extend_from_slice(part);
    }
    stream
}

/// What is shown the parts of a stream as they are finished.
pub(crate) type Tap = Box<dyn FnMut(&Part)>;

/// The frames of a stream. Python reads a stream without them instruction by instruction from its file, several times
/// slower.
///
/// If someone wants to see the stream before it ends, it is in several parts, which do not change when they are finished.
pub(super) struct Frames {
    /// The part that is being written.
    pub(super) now: Vec<u8>,
    /// Where the frame begins that is being written, and where it has become long enough.
    start: usize,
    end: usize,
    done: Vec<Part>,
    tap: Option<Tap>,
}

/// Where something is in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    part: u32,
    start: u32,
}

impl Position {
    /// The start of a stream.
    pub(super) const START: Position = Position { part: 0, start: 0 };
}

impl Frames {
    pub(super) fn new(tap: Option<Tap>) -> Self {
        let mut now = Vec::with_capacity(256);
        now.extend_from_slice(&[op::PROTO, 5]);
        let mut frames = Frames { now, start: 0, end: 0, done: Vec::new(), tap };
        frames.begin_frame();
        frames
    }

    fn begin_frame(&mut self) {
        self.start = self.now.len();
        self.end = self.start + FRAME;
        self.now.extend_from_slice(&[op::FRAME, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// Fills in the length of the frame.
    fn end_frame(&mut self) {
        let (head, content) = self.now[self.start..].split_at_mut(HEAD);
        head[1..].copy_from_slice(&(content.len() as u64).to_le_bytes());
    }

    /// Before an instruction that may be the first of a frame.
    #[inline]
    pub(super) fn room(&mut self) {
        if self.now.len() >= self.end {
            self.next_frame();
        }
    }

    #[cold]
    fn next_frame(&mut self) {
        self.end_frame();
        if let Some(tap) = &mut self.tap
            && self.now.len() >= PART
        {
            let part = Arc::new(std::mem::take(&mut self.now));
            tap(&part);
            self.done.push(part);
        }
        if self.now.capacity() - self.now.len() < 2 * FRAME {
            // A part has room for the frame that makes it long enough; without parts, the room is doubled.
            let more = self.now.len().max(PART + 2 * FRAME);
            reserve_large(&mut self.now, more);
        }
        self.begin_frame();
    }

    /// All parts of the stream.
    pub(super) fn finish(mut self) -> Vec<Part> {
        self.end_frame();
        self.done.push(Arc::new(self.now));
        self.done
    }

    /// Where the next instruction will be. A part of more than 4 GiB has no places further on.
    #[inline]
    pub(super) fn position(&self) -> Position {
        let start = u32::try_from(self.now.len()).unwrap_or(u32::MAX);
        Position { part: self.done.len() as u32, start }
    }

    /// So many bytes at a position, if they are in one part, as what was written at once is.
    #[inline]
    pub(super) fn at(&self, position: Position, len: usize) -> &[u8] {
        let part = self.done.get(position.part as usize).map_or(&self.now, |part| part);
        part.get(position.start as usize..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }

    /// What has been written since a position, if no part has ended in between.
    #[inline]
    pub(super) fn since(&self, position: Position) -> Option<&[u8]> {
        if position.part as usize == self.done.len() { self.now.get(position.start as usize..) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of the frames.
    fn frames_of(stream: &[u8]) -> Vec<usize> {
        assert_eq!(stream[..2], [op::PROTO, 5]);
        let mut rest = &stream[2..];
        let mut lengths = Vec::new();
        while let Some((head, after)) = rest.split_first_chunk::<HEAD>() {
            assert_eq!(head[0], op::FRAME);
            let len = head[1..].iter().rev().fold(0, |len, &byte| len << 8 | usize::from(byte));
            lengths.push(len);
            rest = &after[len..];
        }
        assert!(rest.is_empty());
        lengths
    }

    #[test]
    fn frames_say_how_long_they_are() {
        let (sender, seen) = std::sync::mpsc::channel();
        let tap: Tap = Box::new(move |part| sender.send(part.clone()).unwrap());
        let mut streams = Vec::new();
        for mut frames in [Frames::new(Some(tap)), Frames::new(None)] {
            let mut places = Vec::new();
            for n in 0..3 * PART / 100 {
                frames.room();
                places.push(frames.position());
                frames.now.extend([n as u8; 100]);
            }
            for (n, &place) in places.iter().enumerate().filter(|(n, _)| n % 1000 > 0) {
                let found = frames.at(place, 100);
                assert!(found == [n as u8; 100]);
            }
            assert_eq!(frames.since(*places.last().unwrap()).unwrap().len(), 100);
            streams.push(frames.finish());
        }
        assert_eq!((streams[0].len(), streams[1].len()), (3, 1));
        assert!(streams[0][..2] == seen.iter().collect::<Vec<_>>());
        assert!(concat(&streams[0]) == *streams[1][0]);
        let lengths = frames_of(&streams[1][0]);
        assert!(lengths.len() > 40 && lengths.iter().all(|&len| len < FRAME + 100));
    }
}
