//! Bytes of the same significance side by side, in planes: all first bytes of the items, then all second ones, and so on.
//!
//! Eight items at a time go through a register: a transposition of 8 × 8 bytes in one or a few words.

use super::zeros;
use crate::error::Result;

/// Puts the bytes of `data`, items of `typesize` bytes, in the order of their significance. What is left over behind
/// the last whole item is copied.
pub(super) fn shuffle(typesize: usize, data: &[u8], out: &mut [u8]) {
    let items = data.len() / typesize;
    let (data, rest) = data.split_at(items * typesize);
    let (out, out_rest) = out.split_at_mut(items * typesize);
    out_rest.copy_from_slice(rest);
    if items == 0 {
        return;
    }
    match typesize {
        1 => out.copy_from_slice(data),
        2 => shuffle_2(data, out),
        4 => shuffle_4(data, out),
        8 => shuffle_8(data, out),
        _ => {
            for (column, out) in out.chunks_exact_mut(items).enumerate() {
                for (out, item) in out.iter_mut().zip(data.chunks_exact(typesize)) {
                    *out = item[column];
                }
            }
        }
    }
}

/// Undoes [`shuffle`].
pub(super) fn unshuffle(typesize: usize, data: &[u8], out: &mut [u8]) {
    let items = data.len() / typesize;
    let (data, rest) = data.split_at(items * typesize);
    let (out, out_rest) = out.split_at_mut(items * typesize);
    out_rest.copy_from_slice(rest);
    if items == 0 {
        return;
    }
    match typesize {
        1 => out.copy_from_slice(data),
        2 => unshuffle_2(data, out),
        4 => unshuffle_4(data, out),
        8 => unshuffle_8(data, out),
        _ => {
            for (column, data) in data.chunks_exact(items).enumerate() {
                for (&byte, item) in data.iter().zip(out.chunks_exact_mut(typesize)) {
                    item[column] = byte;
                }
            }
        }
    }
}

/// As [`unshuffle`], of a whole number of items, in place. Beside the data, it needs about [`GROUP`] bytes, and more only
/// for items that are larger than any number.
pub(super) fn unshuffle_in_place(typesize: usize, data: &mut [u8]) -> Result<()> {
    let items = data.len() / typesize;
    if items < 2 || typesize == 1 {
        return Ok(());
    }
    if typesize > LARGEST {
        let mut shuffled = zeros(data.len())?;
        shuffled.copy_from_slice(data);
        unshuffle(typesize, &shuffled, data);
        return Ok(());
    }
    // So many items at once, and with each block of their bytes from one plane.
    let block = GROUP / typesize;
    let whole = items - items % block;
    let rest = set_apart(data, items, whole);
    let (groups, last) = data.split_at_mut(whole * typesize);
    transpose_blocks(groups, block, typesize);
    let mut shuffled = vec![0; GROUP];
    for group in groups.chunks_exact_mut(block * typesize) {
        let shuffled = &mut shuffled[..group.len()];
        shuffled.copy_from_slice(group);
        unshuffle(typesize, shuffled, group);
    }
    unshuffle(typesize, &rest, last);
    Ok(())
}

/// How many bytes are unshuffled at once where they are: few enough for the fastest cache.
const GROUP: usize = 16 << 10;

/// The size of the largest items that are unshuffled where they are, of which a group holds not too few.
const LARGEST: usize = 64;

/// Moves the first `whole` bytes of each plane together, and returns the others, plane by plane.
fn set_apart(data: &mut [u8], items: usize, whole: usize) -> Vec<u8> {
    let mut rest = Vec::new();
    if whole < items {
        for (plane, start) in (0..data.len()).step_by(items).enumerate() {
            rest.extend_from_slice(&data[start + whole..start + items]);
            data.copy_within(start..start + whole, plane * whole);
        }
    }
    rest
}

/// Puts side by side the first blocks of all planes, then the second ones, and so on: a transposition of blocks. Each goes to its
/// place once, and makes room for it before: along the cycles of the permutation.
fn transpose_blocks(data: &mut [u8], block: usize, planes: usize) {
    let columns = data.len() / (block * planes);
    let mut done = vec![false; planes * columns];
    let mut held = vec![0; block];
    for first in 0..done.len() {
        if std::mem::replace(&mut done[first], true) {
            continue;
        }
        held.copy_from_slice(&data[first * block..][..block]);
        let mut to = first;
        loop {
            // What belongs here is block `to / planes` of plane `to % planes`.
            let from = to % planes * columns + to / planes;
            if from == first {
                break;
            }
            data.copy_within(from * block..(from + 1) * block, to * block);
            done[from] = true;
            to = from;
        }
        data[to * block..][..block].copy_from_slice(&held);
    }
}

fn shuffle_2(data: &[u8], out: &mut [u8]) {
    let (low, high) = out.split_at_mut(data.len() / 2);
    for ((item, low), high) in data.chunks_exact(2).zip(low).zip(high) {
        (*low, *high) = (item[0], item[1]);
    }
}

fn unshuffle_2(data: &[u8], out: &mut [u8]) {
    let (low, high) = data.split_at(out.len() / 2);
    for ((item, low), high) in out.chunks_exact_mut(2).zip(low).zip(high) {
        (item[0], item[1]) = (*low, *high);
    }
}

/// Transposes 4 × 4 bytes in both halves of four words.
fn transpose_4(mut words: [u64; 4]) -> [u64; 4] {
    for (a, b) in [(0, 1), (2, 3)] {
        exchange(&mut words, a, b, 8, 0x00ff_00ff_00ff_00ff);
    }
    for (a, b) in [(0, 2), (1, 3)] {
        exchange(&mut words, a, b, 16, 0x0000_ffff_0000_ffff);
    }
    words
}

/// Transposes 8 × 8 bytes: byte `i` of word `j` becomes byte `j` of word `i`.
pub(super) fn transpose_8(mut words: [u64; 8]) -> [u64; 8] {
    for a in [0, 2, 4, 6] {
        exchange(&mut words, a, a + 1, 8, 0x00ff_00ff_00ff_00ff);
    }
    for a in [0, 1, 4, 5] {
        exchange(&mut words, a, a + 2, 16, 0x0000_ffff_0000_ffff);
    }
    for a in 0..4 {
        exchange(&mut words, a, a + 4, 32, 0x0000_0000_ffff_ffff);
    }
    words
}

/// Exchanges what `mask` does not cover of one word with what it covers of another, which is `shift` bits lower.
fn exchange<const N: usize>(words: &mut [u64; N], a: usize, b: usize, shift: u32, mask: u64) {
    let difference = ((words[a] >> shift) ^ words[b]) & mask;
    words[b] ^= difference;
    words[a] ^= difference << shift;
}

pub(super) fn word_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

pub(super) fn set_word(bytes: &mut [u8], at: usize, word: u64) {
    bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

/// Splits into `N` parts of the same length.
pub(super) fn parts<const N: usize>(bytes: &[u8]) -> [&[u8]; N] {
    let len = bytes.len() / N;
    std::array::from_fn(|n| &bytes[n * len..(n + 1) * len])
}

pub(super) fn parts_mut<const N: usize>(mut bytes: &mut [u8]) -> [&mut [u8]; N] {
    let len = bytes.len() / N;
    std::array::from_fn(|_| bytes.split_off_mut(..len).unwrap_or_default())
}

fn shuffle_4(data: &[u8], out: &mut [u8]) {
    let mut columns = parts_mut::<4>(out);
    let groups = data.chunks_exact(32);
    let rest = groups.remainder();
    let mut at = 0;
    for group in groups {
        // Items n and n + 4 in one word.
        let words = transpose_4(std::array::from_fn(|n| {
            let (low, high) = (word_at(group, n / 2 * 8), word_at(group, 16 + n / 2 * 8));
            if n % 2 == 0 { (low & 0xffff_ffff) | (high << 32) } else { (low >> 32) | (high & !0xffff_ffff) }
        }));
        for (column, word) in columns.iter_mut().zip(words) {
            set_word(column, at, word);
        }
        at += 8;
    }
    for item in rest.chunks_exact(4) {
        for (column, &byte) in columns.iter_mut().zip(item) {
            column[at] = byte;
        }
        at += 1;
    }
}

fn unshuffle_4(data: &[u8], out: &mut [u8]) {
    let columns = parts::<4>(data);
    let mut groups = out.chunks_exact_mut(32);
    let mut at = 0;
    for group in &mut groups {
        let words = transpose_4(columns.map(|column| word_at(column, at)));
        for pair in 0..2 {
            let (even, odd) = (words[2 * pair], words[2 * pair + 1]);
            set_word(group, pair * 8, (even & 0xffff_ffff) | (odd << 32));
            set_word(group, 16 + pair * 8, (even >> 32) | (odd & !0xffff_ffff));
        }
        at += 8;
    }
    for item in groups.into_remainder().chunks_exact_mut(4) {
        for (byte, column) in item.iter_mut().zip(columns) {
            *byte = column[at];
        }
        at += 1;
    }
}

fn shuffle_8(data: &[u8], out: &mut [u8]) {
    let mut columns = parts_mut::<8>(out);
    let groups = data.chunks_exact(64);
    let rest = groups.remainder();
    let mut at = 0;
    for group in groups {
        let words = transpose_8(std::array::from_fn(|n| word_at(group, n * 8)));
        for (column, word) in columns.iter_mut().zip(words) {
            set_word(column, at, word);
        }
        at += 8;
    }
    for item in rest.chunks_exact(8) {
        for (column, &byte) in columns.iter_mut().zip(item) {
            column[at] = byte;
        }
        at += 1;
    }
}

fn unshuffle_8(data: &[u8], out: &mut [u8]) {
    let columns = parts::<8>(data);
    let mut groups = out.chunks_exact_mut(64);
    let mut at = 0;
    for group in &mut groups {
        let words = transpose_8(columns.map(|column| word_at(column, at)));
        for (n, word) in words.into_iter().enumerate() {
            set_word(group, n * 8, word);
        }
        at += 8;
    }
    for item in groups.into_remainder().chunks_exact_mut(8) {
        for (byte, column) in item.iter_mut().zip(columns) {
            *byte = column[at];
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(len: usize) -> Vec<u8> {
        (0..len as u32).map(|n| (n.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect()
    }

    #[test]
    fn bytes_side_by_side_and_back() {
        for typesize in [1, 2, 3, 4, 5, 7, 8, 12, 16, 255] {
            for items in [0, 1, 7, 8, 9, 16, 65, 200] {
                for rest in [0, 1, typesize - 1] {
                    let data = data(items * typesize + rest);
                    let mut shuffled = vec![0; data.len()];
                    shuffle(typesize, &data, &mut shuffled);
                    for (at, &byte) in shuffled.iter().enumerate() {
                        let from = if at < items * typesize { at % items * typesize + at / items } else { at };
                        assert_eq!(byte, data[from], "{typesize} {items} {at}");
                    }
                    let mut back = vec![0; data.len()];
                    unshuffle(typesize, &shuffled, &mut back);
                    assert_eq!(back, data);
                }
            }
        }
    }

    #[test]
    fn in_place() {
        for typesize in [1, 2, 3, 4, 7, 8, 12, 16, 63, 64, 65, 300] {
            let block = GROUP / typesize;
            for items in [0, 1, 2, 9, block - 1, block, block + 1, 3 * block, 5 * block + 7] {
                let data = data(items * typesize);
                let mut shuffled = vec![0; data.len()];
                shuffle(typesize, &data, &mut shuffled);
                unshuffle_in_place(typesize, &mut shuffled).unwrap();
                assert!(shuffled == data, "{typesize} {items}");
            }
        }
    }
}
