//! A compressor that searches longer than that of `lz4`. What it makes is plain LZ4.

use super::blosclz::common;

/// The shortest match.
const MIN_MATCH: usize = 4;
/// The last match starts at least so many bytes before the end …
const MATCH_MARGIN: usize = 12;
/// … and so many bytes at the end are always literals.
const LITERAL_MARGIN: usize = 5;

const MAX_DISTANCE: usize = (1 << 16) - 1;

const HASH_LOG: u32 = 15;

/// A match that is as long as this is taken without looking for a longer one.
const GOOD: usize = 256;

/// All positions with the same hash, from the last one back.
struct Chains<'a> {
    data: &'a [u8],
    /// The last position of each hash, plus 1.
    heads: Vec<u32>,
    /// How far back the one before is, for the last 65,536 positions; 0 is "too far".
    links: Vec<u16>,
    entered: usize,
}

impl<'a> Chains<'a> {
    fn new(data: &'a [u8]) -> Self {
        Chains { data, heads: vec![0; 1 << HASH_LOG], links: vec![0; MAX_DISTANCE + 1], entered: 0 }
    }

    fn head(&mut self, at: usize) -> &mut u32 {
        let mut four = [0; 4];
        four.copy_from_slice(&self.data[at..at + 4]);
        &mut self.heads[(u32::from_le_bytes(four).wrapping_mul(2_654_435_761) >> (32 - HASH_LOG)) as usize]
    }

    /// Enters all positions before `end`.
    fn enter_until(&mut self, end: usize) {
        for at in self.entered..end {
            let before = std::mem::replace(self.head(at), at as u32 + 1) as usize;
            let back = at + 1 - before;
            self.links[at & MAX_DISTANCE] = if before == 0 || back > MAX_DISTANCE { 0 } else { back as u16 };
        }
        self.entered = self.entered.max(end);
    }

    /// The longest match at `at` that is longer than `least`: its length, and from where.
    fn longest(&mut self, at: usize, least: usize, attempts: u32) -> Option<(usize, usize)> {
        self.enter_until(at);
        let data = self.data;
        let end = data.len() - LITERAL_MARGIN;
        let (mut longest, mut found) = (least, None);
        let mut from = (*self.head(at) as usize).checked_sub(1)?;
        for _ in 0..attempts {
            if at - from > MAX_DISTANCE || at + longest >= end {
                break;
            }
            if data[from + longest] == data[at + longest] {
                let len = common(&data[from..], &data[at..end]);
                if len > longest {
                    (longest, found) = (len, Some((len, from)));
                    if len >= GOOD {
                        break;
                    }
                }
            }
            match self.links[from & MAX_DISTANCE] {
                0 => break,
                back => match from.checked_sub(back.into()) {
                    Some(before) => from = before,
                    None => break,
                },
            }
        }
        found
    }
}

fn write_len(mut more: usize, out: &mut Vec<u8>) {
    while more >= 255 {
        out.push(255);
        more -= 255;
    }
    out.push(more as u8);
}

fn write_sequence(literals: &[u8], copy: Option<(usize, usize)>, out: &mut Vec<u8>) {
    let match_len = copy.map_or(0, |(len, _)| len - MIN_MATCH);
    out.push((literals.len().min(15) << 4 | match_len.min(15)) as u8);
    if literals.len() >= 15 {
        write_len(literals.len() - 15, out);
    }
    out.extend_from_slice(literals);
    if let Some((_, distance)) = copy {
        out.extend((distance as u16).to_le_bytes());
        if match_len >= 15 {
            write_len(match_len - 15, out);
        }
    }
}

/// Appends a block of LZ4 to `out`. The level, from 1 to 9, says how long to search for each match.
pub(super) fn compress(data: &[u8], level: u8, out: &mut Vec<u8>) {
    let attempts = 1 << level.clamp(3, 9).saturating_sub(1);
    let end = data.len().saturating_sub(MATCH_MARGIN);
    let mut chains = Chains::new(data);
    let (mut literals, mut at) = (0, 0);
    while at < end {
        let Some((mut len, mut from)) = chains.longest(at, MIN_MATCH - 1, attempts) else {
            at += 1;
            continue;
        };
        // A longer match that starts a little later is better.
        while len < GOOD && at + 1 < end {
            let Some(later) = chains.longest(at + 1, len, attempts) else { break };
            at += 1;
            (len, from) = later;
        }
        // The match may have begun earlier.
        while at > literals && from > 0 && data[at - 1] == data[from - 1] {
            (at, from, len) = (at - 1, from - 1, len + 1);
        }
        write_sequence(&data[literals..at], Some((len, at - from)), out);
        at += len;
        literals = at;
    }
    write_sequence(&data[literals..], None, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::lz4::decode_block;

    #[test]
    fn round_trips_and_is_shorter_than_plain_lz4() {
        let random = |n: u32| n.wrapping_mul(0x9e37_79b9).rotate_left(n % 31).to_le_bytes();
        let noise: Vec<u8> = (0..50_000).flat_map(random).collect();
        let words: Vec<u8> = (0..40_000)
            .flat_map(|n: u32| {
                let at = n.wrapping_mul(n) as usize % 1000;
                noise[at..at + 9].to_vec()
            })
            .collect();
        for len in [0, 1, 4, 11, 12, 13, 17, 100, 4095, 65536, 300_000] {
            let squares: Vec<u8> = (0..len as u32).map(|n| (n.wrapping_mul(n) >> 9) as u8).collect();
            for data in [&vec![9; len], &squares, &words[..len.min(words.len())], &noise[..len.min(noise.len())]] {
                for level in 1..=9 {
                    let mut packed = vec![7];
                    compress(data, level, &mut packed);
                    let mut back = vec![0; data.len()];
                    decode_block(&packed[1..], &mut back).unwrap();
                    assert!(back == data, "level {level}, {len} bytes");
                    if data == words {
                        let mut plain = vec![0; 2 * data.len()];
                        let plain = lz4_flex::block::compress_into(data, &mut plain).unwrap();
                        assert!(packed.len() < plain, "{} {plain}", packed.len());
                    }
                }
            }
        }
    }
}
