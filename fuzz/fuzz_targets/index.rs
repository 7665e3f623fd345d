//! Any index over any buffers, with a right trailer and a right digest of the index. The digests of the buffers are taken
//! as the index has them where they are wrong: they are not checked.
//!
//! The input: two bytes that say how long the buffers are, and in their highest bit whether the file is of version 1; the
//! buffers; the index.
#![no_main]

#[path = "../dice.rs"]
mod dice;
#[path = "../index_tree.rs"]
mod index_tree;

use binpickle::{BinPickleFile, LoadOptions, Value};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};
use sha2::{Digest, Sha256};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    index_tree::mutate(data, size, max_size, seed)
});
fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| { index_tree::cross(one, other, out, seed) });

fuzz_target!(|data: &[u8]| {
    let Some((len, rest)) = data.split_first_chunk() else { return };
    let len = u16::from_le_bytes(*len);
    let (body, index) = rest.split_at(usize::from(len & 0x7fff).min(rest.len()));
    let (version, digest) = if len & 0x8000 == 0 {
        (2, Sha256::digest(index).to_vec())
    } else {
        (1, adler32(index).to_be_bytes().to_vec())
    };
    let index_offset = 16 + body.len() as u64;
    let len = index_offset + (index.len() + 12 + digest.len()) as u64;
    let mut file = vec![b'B', b'P', b'C', b'K', 0, version, 0, 0];
    file.extend(len.to_be_bytes());
    file.extend(body);
    file.extend(index);
    file.extend(index_offset.to_be_bytes());
    file.extend((index.len() as u32).to_be_bytes());
    file.extend(digest);

    // By default a file may say that it holds 4 GiB, and gets them.
    _ = BinPickleFile::from_vec(file.clone());
    let options = LoadOptions::new().max_decoded(64 << 20);
    if let Ok(file) = options.clone().verify(false).from_vec(file.clone()) {
        for entry in file.entries() {
            assert!(entry.offset() >= 16 && entry.offset() + entry.encoded_len() <= index_offset);
        }
        _ = file.load::<Value>();
        _ = file.find_errors();
    }
    if let Ok(file) = options.from_vec(file) {
        _ = file.find_errors();
    }
});

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
}
