//! SHA-256, of one message or of two at once.
//!
//! Each step of SHA-256 needs the result of the one before. A processor that has instructions for it therefore spends half of
//! its time waiting, and does something else meanwhile if it finds it: the steps of another message. So two digests that
//! are taken in turns take much less time than one after the other.

use sha2::block_api::Sha256VarCore;
use sha2::digest::array::Array;
use sha2::digest::block_api::{Block, Buffer, UpdateCore, VariableOutputCore};

/// How many blocks of a message are taken before it is the other's turn. With one, most of the time would go into taking
/// turns; with more, the processor does not look far enough ahead to find the other message.
const TURN: usize = 2;

/// Takes the digest of bytes that come piece by piece.
#[derive(Clone)]
pub(super) struct Sha256 {
    core: Sha256VarCore,
    /// The bytes that are no whole block yet.
    rest: Buffer<Sha256VarCore>,
}

impl Sha256 {
    pub(super) fn new() -> Self {
        let core = Sha256VarCore::new(32).expect("SHA-256 has 32 bytes");
        Sha256 { core, rest: Buffer::<Sha256VarCore>::default() }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.rest.digest_blocks(bytes, |blocks| self.core.update_blocks(blocks));
    }

    /// Takes the next piece of two messages.
    pub(super) fn update_both(a: &mut Self, a_bytes: &[u8], b: &mut Self, b_bytes: &[u8]) {
        let (a_blocks, a_rest) = a.whole_blocks(a_bytes);
        let (b_blocks, b_rest) = b.whole_blocks(b_bytes);
        let both = a_blocks.len().min(b_blocks.len());
        let (a_both, a_more) = a_blocks.split_at(both);
        let (b_both, b_more) = b_blocks.split_at(both);
        for (a_turn, b_turn) in a_both.chunks(TURN).zip(b_both.chunks(TURN)) {
            a.core.update_blocks(a_turn);
            b.core.update_blocks(b_turn);
        }
        a.core.update_blocks(a_more);
        b.core.update_blocks(b_more);
        a.update(a_rest);
        b.update(b_rest);
    }

    /// Fills up the block that is not whole. What is left of the bytes are whole blocks, and less than one.
    fn whole_blocks<'b>(&mut self, bytes: &'b [u8]) -> (&'b [Block<Sha256VarCore>], &'b [u8]) {
        let begun = self.rest.get_pos();
        let missing = if begun == 0 { 0 } else { self.rest.size() - begun };
        let (first, bytes) = bytes.split_at(missing.min(bytes.len()));
        self.update(first);
        Array::slice_as_chunks(bytes)
    }

    pub(super) fn finish(mut self) -> [u8; 32] {
        let mut digest = Array::default();
        self.core.finalize_variable_core(&mut self.rest, &mut digest);
        digest.into()
    }
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::*;

    /// Bytes that are not alike.
    fn message(len: usize, seed: u64) -> Vec<u8> {
        let mut rng = fastrand::Rng::with_seed(seed);
        (0..len).map(|_| rng.u8(..)).collect()
    }

    #[test]
    fn as_one_after_the_other() {
        let lengths = [0, 1, 55, 56, 63, 64, 65, 127, 128, 129, 191, 256, 300, 1000];
        for (one, other) in lengths.iter().flat_map(|&one| lengths.map(|other| (message(one, 1), message(other, 2)))) {
            // In pieces that end within blocks, and of which one is empty long before the other.
            for piece in [1, 63, 64, 65, 200, 1000] {
                let (mut a, mut b) = (Sha256::new(), Sha256::new());
                let (mut ones, mut others) = (one.chunks(piece), other.chunks(piece + 7));
                loop {
                    let (next, next_other) = (ones.next(), others.next());
                    if next.is_none() && next_other.is_none() {
                        break;
                    }
                    Sha256::update_both(&mut a, next.unwrap_or_default(), &mut b, next_other.unwrap_or_default());
                }
                assert_eq!(a.finish(), <[u8; 32]>::from(sha2::Sha256::digest(&one)));
                assert_eq!(b.finish(), <[u8; 32]>::from(sha2::Sha256::digest(&other)));
            }
        }
    }

    #[test]
    fn a_digest_can_be_taken_alone_first_and_last() {
        let (one, other) = (message(5000, 3), message(3000, 4));
        let (mut a, mut b) = (Sha256::new(), Sha256::new());
        a.update(&one[..100]);
        Sha256::update_both(&mut a, &one[100..2500], &mut b, &other[..2990]);
        a.update(&one[2500..]);
        b.update(&other[2990..]);
        assert_eq!(a.finish(), <[u8; 32]>::from(sha2::Sha256::digest(&one)));
        assert_eq!(b.finish(), <[u8; 32]>::from(sha2::Sha256::digest(&other)));
    }
}
