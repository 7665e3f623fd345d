//! `BloscLZ`, Blosc's own compressor: `FastLZ` with matches that may be farther away.
//!
//! A stream is made of instructions. A byte below 32 says that one byte more than it says follows as it is. In any
//! other byte, the upper three bits are the length of a match and the lower five the upper bits of its distance.

use crate::codec::too_long;
use crate::error::{Error, Result};

/// The longest run of literal bytes.
const MAX_COPY: usize = 32;

/// Distances from here on take two bytes more.
const MAX_DISTANCE: usize = 8191;
const MAX_FAR_DISTANCE: usize = 65535 + MAX_DISTANCE - 1;

const HASH_LOG: u32 = 14;
/// The hash table of the probe is smaller.
const PROBE_HASH_LOG: u32 = 12;

/// So many bytes at the end are never the start of a match.
const MARGIN: usize = 12;

/// The least ratio that the probe must find at each level for the compressor to try at all.
const LEAST_RATIO: [f64; 10] = [0.0, 2.0, 1.5, 1.2, 1.2, 1.2, 1.2, 1.15, 1.1, 1.0];

/// Finds matches through a table of hashes of four bytes.
struct Matches<'a> {
    data: &'a [u8],
    table: Vec<u32>,
    shift: u32,
}

impl<'a> Matches<'a> {
    fn new(data: &'a [u8], hash_log: u32) -> Self {
        Matches { data, table: vec![0; 1 << hash_log], shift: 32 - hash_log }
    }

    fn four_at(&self, at: usize) -> u32 {
        let mut four = [0; 4];
        four.copy_from_slice(&self.data[at..at + 4]);
        u32::from_le_bytes(four)
    }

    fn slot(&mut self, four: u32) -> &mut u32 {
        &mut self.table[(four.wrapping_mul(2_654_435_761) >> self.shift) as usize]
    }

    /// Enters the position into the table.
    fn enter(&mut self, at: usize) {
        let four = self.four_at(at);
        *self.slot(four) = at as u32;
    }

    /// Where the last four bytes with the same hash were, if they are the same, near enough, and not these.
    fn candidate(&mut self, at: usize) -> Option<usize> {
        let four = self.four_at(at);
        let from = std::mem::replace(self.slot(four), at as u32) as usize;
        let near = from != at && at - from < MAX_FAR_DISTANCE;
        (near && self.four_at(from) == four).then_some(from)
    }

    /// The length of a match as it is encoded, which is two less than it is, or less by some more.
    fn len(&self, from: usize, at: usize, back: usize) -> usize {
        let last = self.data.len() - 1;
        let same = common(&self.data[from + 4..], &self.data[at + 4..last]);
        let end = at + 4 + same;
        // The C code is one byte farther behind a match, but not behind a run.
        (if at - from > 1 && end < last { end + 1 } else { end }) - back - at
    }
}

/// How many bytes are the same at the front.
pub(super) fn common(a: &[u8], b: &[u8]) -> usize {
    let mut len = 0;
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        let (mut x, mut y) = ([0; 8], [0; 8]);
        x.copy_from_slice(a);
        y.copy_from_slice(b);
        let difference = u64::from_le_bytes(x) ^ u64::from_le_bytes(y);
        if difference != 0 {
            return len + difference.trailing_zeros() as usize / 8;
        }
        len += 8;
    }
    len + a[len..].iter().zip(&b[len..]).take_while(|(a, b)| a == b).count()
}

/// Guesses the ratio from the front of some data.
fn probe(data: &[u8]) -> f64 {
    let data = &data[..data.len().min(1 << PROBE_HASH_LOG)];
    let (mut at, mut copied, mut out) = (0, 4, 5);
    let end = data.len().saturating_sub(MARGIN);
    let mut matches = Matches::new(data, PROBE_HASH_LOG);
    while at < end {
        let found = matches.candidate(at).map(|from| (from, matches.len(from, at, 3)));
        let Some((from, len)) = found.filter(|(_, len)| *len >= 3) else {
            (at, out, copied) = (at + 1, out + 1, copied + 1);
            if copied == MAX_COPY {
                (out, copied) = (out + 1, 0);
            }
            continue;
        };
        if copied == 0 {
            out -= 1;
        }
        copied = 0;
        out += if len >= 7 { (len - 7) / 255 + 1 } else { 0 };
        out += if at - from - 1 < MAX_DISTANCE { 2 } else { 4 };
        at += len;
        matches.enter(at);
        (at, out) = (at + 2, out + 1);
    }
    at as f64 / f64::from(out as u32)
}

/// Literals: a byte says how many there are, less one.
fn write_literals(bytes: &[u8], out: &mut Vec<u8>) {
    for run in bytes.chunks(MAX_COPY) {
        out.push(run.len() as u8 - 1);
        out.extend_from_slice(run);
    }
}

/// A match of `len + 2` bytes, `distance + 1` bytes back.
fn write_match(len: usize, distance: usize, out: &mut Vec<u8>) {
    let far = distance >= MAX_DISTANCE;
    let high = if far { 31 } else { (distance >> 8) as u8 };
    out.push((len.min(7) << 5) as u8 | high);
    if let Some(mut more) = len.checked_sub(7) {
        while more >= 255 {
            out.push(255);
            more -= 255;
        }
        out.push(more as u8);
    }
    if far {
        out.push(255);
        out.extend(((distance - MAX_DISTANCE) as u16).to_be_bytes());
    } else {
        out.push(distance as u8);
    }
}

/// Appends the compressed data to `out`, unless it is no shorter than the data, or does not look as if it would be.
pub(super) fn compress(data: &[u8], level: u8, split: bool, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let level = usize::from(level.min(9));
    if data.len() < 66 {
        return false;
    }
    let ratio = probe(&data[data.len() - data.len() / 4..]);
    if ratio < LEAST_RATIO[level] {
        return false;
    }
    let least = if !split || ratio < 4.0 { 3 } else { 4 };
    let mut matches = Matches::new(
        data,
        match level {
            1 => HASH_LOG - 2,
            2 => HASH_LOG - 1,
            _ => HASH_LOG,
        },
    );
    // The stream starts with a literal, whose byte has room for the mark of the format.
    let (mut literals, mut at) = (0, 4);
    while at < data.len() - MARGIN {
        let found = matches.candidate(at).map(|from| (at - from - 1, matches.len(from, at, least)));
        // Short matches that are far away take longer to decompress than they are worth.
        let worth = found.filter(|&(distance, len)| len >= least && (len > 5 || distance < MAX_DISTANCE));
        let Some((distance, len)) = worth else {
            at += 1;
            continue;
        };
        write_literals(&data[literals..at], out);
        write_match(len, distance, out);
        if out.len() - start >= data.len() {
            return false;
        }
        at += len;
        matches.enter(at);
        if level == 9 && at + 5 <= data.len() {
            matches.enter(at + 1);
        }
        at += 2;
        literals = at;
    }
    // The last instruction must be literals, or C would not read the one before.
    write_literals(&data[literals..], out);
    // The second version of the format.
    out[start] |= 1 << 5;
    out.len() - start < data.len()
}

/// Decompresses to at most as many bytes as `out` has, and says how many there are.
pub(super) fn decompress(data: &[u8], out: &mut [u8]) -> Result<usize> {
    let cut = || Error::codec("the compressed data is cut");
    let byte = |at: usize| data.get(at).copied().map(usize::from).ok_or_else(cut);
    let most = out.len();
    let mut control = byte(0)? & 31;
    let (mut at, mut filled) = (1, 0);
    loop {
        if control < 32 {
            let run = data.get(at..at + control + 1).ok_or_else(cut)?;
            out.get_mut(filled..filled + run.len()).ok_or_else(|| too_long(most))?.copy_from_slice(run);
            at += run.len();
            filled += run.len();
        } else {
            let (mut len, mut distance) = ((control >> 5) + 2, (control & 31) << 8);
            if len == 9 {
                loop {
                    let more = byte(at)?;
                    at += 1;
                    len += more;
                    if more < 255 {
                        break;
                    }
                }
            }
            let low = byte(at)?;
            at += 1;
            distance += low + 1;
            if low == 255 && distance == 32 << 8 {
                distance = (byte(at)? << 8) + byte(at + 1)? + MAX_DISTANCE + 1;
                at += 2;
            }
            let from = filled.checked_sub(distance).ok_or_else(|| Error::codec("a match from before the start"))?;
            if len > out.len() - filled {
                return Err(too_long(out.len()));
            }
            copy_match(out, from, filled, len);
            filled += len;
        }
        if at >= data.len() {
            return Ok(filled);
        }
        control = byte(at)?;
        at += 1;
    }
}

/// Copies what may overlap: then it repeats itself.
fn copy_match(out: &mut [u8], from: usize, to: usize, len: usize) {
    let distance = to - from;
    let mut done = 0;
    while done < len {
        let piece = (distance + done).min(len - done);
        out.copy_within(from..from + piece, to + done);
        done += piece;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(data: &[u8]) -> Option<usize> {
        let mut least = None;
        for level in 1..=9 {
            for split in [false, true] {
                let mut out = vec![7];
                if !compress(data, level, split, &mut out) {
                    continue;
                }
                let packed = &out[1..];
                let mut back = vec![0; data.len()];
                assert_eq!(decompress(packed, &mut back).unwrap(), data.len());
                assert!(back == data, "level {level}, {} bytes", data.len());
                assert!(decompress(packed, &mut back[..data.len() - 1]).is_err());
                least = Some(least.map_or(packed.len(), |least: usize| least.min(packed.len())));
            }
        }
        least
    }

    #[test]
    fn round_trips() {
        let random = |n: u32| n.wrapping_mul(0x9e37_79b9).rotate_left(n % 31).to_le_bytes();
        let noise: Vec<u8> = (0..50_000).flat_map(random).collect();
        assert_eq!(round_trip(&noise), None);
        for len in [0, 1, 65, 66, 67, 100, 4095, 65536, 300_000] {
            let packed = round_trip(&vec![9; len]);
            assert_eq!(packed.is_some(), len >= 66, "{len}");
            round_trip(&(0..len as u32).flat_map(|n| (n / 7).to_le_bytes()).collect::<Vec<u8>>());
            round_trip(&(0..len as u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect::<Vec<u8>>());
        }
        // Matches that are far away.
        for distance in [8190, 8191, 8192, 30_000, 73_724, 73_725, 73_726, 73_727] {
            let data = [&noise[..distance], &noise[..40_000], &vec![0; 100_000]].concat();
            assert!(round_trip(&data).is_some());
        }
    }

    #[test]
    fn damage_is_no_panic() {
        let data: Vec<u8> = (0..3000u32).map(|n| ((n * n) >> 9) as u8).collect();
        let mut packed = Vec::new();
        assert!(compress(&data, 9, false, &mut packed));
        let mut out = vec![0; data.len()];
        for len in 0..packed.len() {
            assert!(decompress(&packed[..len], &mut out).map_or(true, |filled| filled < data.len()));
        }
        for bit in 0..packed.len() * 8 {
            packed[bit / 8] ^= 1 << (bit % 8);
            let _ = decompress(&packed, &mut out);
            packed[bit / 8] ^= 1 << (bit % 8);
        }
        let zeros = [0xff; 100];
        assert!(decompress(&zeros, &mut out).is_err());
    }
}
