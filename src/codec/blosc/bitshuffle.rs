//! Bits of the same significance side by side.

use super::super::planes::{parts, parts_mut, set_word, shuffle, transpose_8, unshuffle, word_at};

/// Puts the bits of `data` in the order of their significance, by way of `bytes`, which is as long. As in C, nothing
/// is done unless the number of items is a multiple of 8.
pub(super) fn bitshuffle(typesize: usize, data: &[u8], out: &mut [u8], bytes: &mut [u8]) {
    let items = data.len() / typesize;
    if items == 0 || !items.is_multiple_of(8) {
        out.copy_from_slice(data);
        return;
    }
    shuffle(typesize, data, bytes);
    let whole = items * typesize;
    out[whole..].copy_from_slice(&bytes[whole..]);
    for (column, out) in bytes[..whole].chunks_exact(items).zip(out[..whole].chunks_exact_mut(items)) {
        let mut rows = parts_mut::<8>(out);
        let groups = column.chunks_exact(64);
        let rest = groups.remainder();
        let mut at = 0;
        for group in groups {
            let words = transpose_8(std::array::from_fn(|n| transpose_bits(word_at(group, n * 8))));
            for (row, word) in rows.iter_mut().zip(words) {
                set_word(row, at, word);
            }
            at += 8;
        }
        for bits in rest.chunks_exact(8) {
            for (row, byte) in rows.iter_mut().zip(transpose_bits(word_at(bits, 0)).to_le_bytes()) {
                row[at] = byte;
            }
            at += 1;
        }
    }
}

/// Undoes [`bitshuffle`].
pub(super) fn bitunshuffle(typesize: usize, data: &[u8], out: &mut [u8], bytes: &mut [u8]) {
    let items = data.len() / typesize;
    if items == 0 || !items.is_multiple_of(8) {
        out.copy_from_slice(data);
        return;
    }
    let whole = items * typesize;
    bytes[whole..].copy_from_slice(&data[whole..]);
    for (rows, column) in data[..whole].chunks_exact(items).zip(bytes[..whole].chunks_exact_mut(items)) {
        let rows = parts::<8>(rows);
        let mut groups = column.chunks_exact_mut(64);
        let mut at = 0;
        for group in &mut groups {
            let words = transpose_8(rows.map(|row| word_at(row, at)));
            for (n, word) in words.into_iter().enumerate() {
                set_word(group, n * 8, transpose_bits(word));
            }
            at += 8;
        }
        for bits in groups.into_remainder().chunks_exact_mut(8) {
            set_word(bits, 0, transpose_bits(u64::from_le_bytes(rows.map(|row| row[at]))));
            at += 1;
        }
    }
    unshuffle(typesize, bytes, out);
}

/// Transposes 8 × 8 bits: bit `i` of byte `j` becomes bit `j` of byte `i`.
fn transpose_bits(mut word: u64) -> u64 {
    for (shift, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let difference = (word ^ (word >> shift)) & mask;
        word ^= difference ^ (difference << shift);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(len: usize) -> Vec<u8> {
        (0..len as u32).map(|n| (n.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect()
    }

    #[test]
    fn bits_side_by_side_and_back() {
        for typesize in [1, 2, 3, 4, 8, 16] {
            for items in [0, 1, 7, 8, 9, 16, 64, 200, 520] {
                for rest in [0, typesize - 1] {
                    let data = data(items * typesize + rest);
                    let bit = |bytes: &[u8], at: usize| bytes[at / 8] >> (at % 8) & 1;
                    let (mut shuffled, mut bytes) = (vec![0; data.len()], vec![0; data.len()]);
                    bitshuffle(typesize, &data, &mut shuffled, &mut bytes);
                    for at in 0..data.len() * 8 {
                        let within = at < items * typesize * 8 && items % 8 == 0;
                        let from = if within { at % items * typesize * 8 + at / items } else { at };
                        assert_eq!(bit(&shuffled, at), bit(&data, from), "{typesize} {items} {at}");
                    }
                    let mut back = vec![0; data.len()];
                    bitunshuffle(typesize, &shuffled, &mut back, &mut bytes);
                    assert_eq!(back, data);
                }
            }
        }
    }
}
