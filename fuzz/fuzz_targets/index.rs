//! Any index over any buffers, with a right trailer and a right digest of the index. The digests of the buffers are taken
//! as the index has them where they are wrong: they are not checked.
//!
//! The input: two bytes that say how long the buffers are, the buffers, the index.
#![no_main]

use binpickle::{BinPickleFile, LoadOptions, Value};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|data: &[u8]| {
    let Some((len, rest)) = data.split_first_chunk() else { return };
    let (body, index) = rest.split_at(usize::from(u16::from_le_bytes(*len)).min(rest.len()));
    let index_offset = 16 + body.len() as u64;
    let len = index_offset + index.len() as u64 + 44;
    let mut file = b"BPCK\0\x02\0\0".to_vec();
    file.extend(len.to_be_bytes());
    file.extend(body);
    file.extend(index);
    file.extend(index_offset.to_be_bytes());
    file.extend((index.len() as u32).to_be_bytes());
    file.extend(Sha256::digest(index));

    let options = LoadOptions::new().verify(false).max_decoded(64 << 20);
    if let Ok(file) = options.from_vec(file.clone()) {
        for entry in file.entries() {
            assert!(entry.offset() >= 16 && entry.offset() + entry.encoded_len() <= index_offset);
        }
        _ = file.load::<Value>();
        _ = file.find_errors();
    }
    if let Ok(file) = BinPickleFile::from_vec(file) {
        _ = file.find_errors();
    }
});
