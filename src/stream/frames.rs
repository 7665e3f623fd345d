//! The frames of a stream that is being written.

use super::opcode as op;

/// A frame is long enough when it has so many bytes. Python's writer takes 64 KiB.
const FRAME: usize = 256 << 10;

/// The bytes at the start of a frame: the instruction and the length of what follows.
const HEAD: usize = 9;

/// The frames of a stream, of which the last two are in memory. Python reads a stream without frames instruction by
/// instruction from its file, several times slower.
pub(super) struct Frames {
    /// The frame that is being written. The first one has the protocol before it.
    pub(super) now: Vec<u8>,
    before: Vec<u8>,
    /// The one before these, which is not needed any more. Its memory will be that of the next one.
    given: Vec<u8>,
    /// The number of the frame that is being written.
    number: u32,
    /// Where its head is.
    head: usize,
}

/// Where something is in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    frame: u32,
    start: u32,
}

impl Position {
    /// The start of a stream.
    pub(super) const START: Position = Position { frame: 0, start: 0 };
}

impl Frames {
    pub(super) fn new() -> Self {
        let mut now = Vec::with_capacity(256);
        now.extend_from_slice(&[op::PROTO, 5]);
        let mut frames = Frames { now, before: Vec::new(), given: Vec::new(), number: 0, head: 2 };
        frames.begin();
        frames
    }

    fn begin(&mut self) {
        self.now.extend_from_slice(&[op::FRAME, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// Fills in the length of the frame.
    fn end(&mut self) {
        let (head, content) = self.now[self.head..].split_at_mut(HEAD);
        head[1..].copy_from_slice(&(content.len() as u64).to_le_bytes());
    }

    /// Whether the frame is long enough.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.now.len() >= FRAME
    }

    /// Ends the frame before an instruction, and begins the next one. Gives the one before the one that has ended, whose memory
    /// is not needed.
    pub(super) fn next(&mut self) -> &mut Vec<u8> {
        self.end();
        let mut next = std::mem::take(&mut self.given);
        if next.capacity() > 2 * FRAME {
            // A very long string was in it. It shall not lie around until the end.
            next = Vec::new();
        }
        next.clear();
        self.given = std::mem::replace(&mut self.before, std::mem::replace(&mut self.now, next));
        (self.number, self.head) = (self.number.wrapping_add(1), 0);
        self.begin();
        &mut self.given
    }

    /// Ends the last frame, and gives the last two.
    pub(super) fn last(&mut self) -> [&mut Vec<u8>; 2] {
        self.end();
        [&mut self.before, &mut self.now]
    }

    /// Where the next instruction will be. A frame of more than 4 GiB has no places further on.
    #[inline]
    pub(super) fn position(&self) -> Position {
        Position { frame: self.number, start: u32::try_from(self.now.len()).unwrap_or(u32::MAX) }
    }

    /// So many bytes at a position, if they are in one of the last two frames, and in that one only.
    #[inline]
    pub(super) fn at(&self, position: Position, len: usize) -> &[u8] {
        let frame = match self.number.wrapping_sub(position.frame) {
            0 => &self.now,
            1 => &self.before,
            _ => return &[],
        };
        frame.get(position.start as usize..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }

    /// What has been written since a position, if no frame has ended in between.
    #[inline]
    pub(super) fn since(&self, position: Position) -> Option<&[u8]> {
        if position.frame == self.number { self.now.get(position.start as usize..) } else { None }
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
        let mut frames = Frames::new();
        let mut stream = Vec::new();
        let mut places = Vec::new();
        for n in 0..10 * FRAME / 100 {
            if frames.is_full() {
                stream.extend_from_slice(frames.next());
            }
            let place = frames.position();
            frames.now.extend([n as u8; 100]);
            assert_eq!(frames.since(place), Some(&[n as u8; 100][..]));
            places.push(place);
            // What was written less than a frame ago is still there, and what was written long ago is not.
            assert!(frames.at(places[n.saturating_sub(2000)], 100) == [n.saturating_sub(2000) as u8; 100]);
            assert!(n < 6000 || frames.at(places[n - 6000], 100).is_empty());
        }
        assert_eq!(frames.since(places[0]), None);
        frames.last().into_iter().for_each(|part| stream.extend_from_slice(part));
        let lengths = frames_of(&stream);
        assert_eq!(lengths.len(), 10);
        assert!(lengths[..9].iter().all(|len| (FRAME - HEAD..FRAME + 100).contains(len)));
    }

    #[test]
    fn a_very_long_frame_is_not_kept() {
        let mut frames = Frames::new();
        for number in 0..4 {
            frames.now.extend_from_slice(&vec![0; 3 * FRAME]);
            assert_eq!(frames.next().len() > 3 * FRAME, number > 0);
        }
        assert!(frames.now.capacity() < FRAME);
    }
}
