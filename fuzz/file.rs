//! A file around a stream, with right digests.

use sha2::{Digest, Sha256};

/// A file of twelve numbers, two bools and the stream.
pub fn of(stream: &[u8]) -> Vec<u8> {
    let mut body: Vec<u8> = Vec::new();
    let data: [&[u8]; 3] = [&[0, 0, 192, 63].repeat(12), &[1, 0], stream];
    let mut index = vec![0x90 | data.len() as u8];
    for data in data {
        let offset = 16 + body.len() as u64;
        rmp::encode::write_map_len(&mut index, 6).expect("written");
        for (key, value) in [("offset", offset), ("enc_length", data.len() as u64), ("dec_length", data.len() as u64)] {
            rmp::encode::write_str(&mut index, key).expect("written");
            rmp::encode::write_uint(&mut index, value).expect("written");
        }
        rmp::encode::write_str(&mut index, "hash").expect("written");
        rmp::encode::write_bin(&mut index, &Sha256::digest(data)).expect("written");
        rmp::encode::write_str(&mut index, "info").expect("written");
        rmp::encode::write_nil(&mut index).expect("written");
        rmp::encode::write_str(&mut index, "codecs").expect("written");
        rmp::encode::write_array_len(&mut index, 0).expect("written");
        body.extend(data);
    }
    let index_offset = 16 + body.len() as u64;
    let mut file = b"BPCK\0\x02\0\0".to_vec();
    file.extend((index_offset + index.len() as u64 + 44).to_be_bytes());
    file.extend(body);
    file.extend(&index);
    file.extend(index_offset.to_be_bytes());
    file.extend((index.len() as u32).to_be_bytes());
    file.extend(Sha256::digest(&index));
    file
}
