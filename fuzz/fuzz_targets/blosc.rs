//! Any bytes as a buffer of Blosc, from seeds that Python made: however it is decoded, the same comes out. And what does
//! comes back, whatever it is encoded with.
//!
//! The input: four bytes that choose whether and how it is encoded again, the data. To encode takes longer than all else, so
//! most inputs are not: the two highest bits of the second byte say whether it is, and whether on several threads, too.
#![no_main]

use binpickle::DType;
use binpickle::codec::{Blosc, BloscCompressor, BloscShuffle, Codec};
use libfuzzer_sys::fuzz_target;

const MOST: usize = 1 << 18;

fuzz_target!(|data: &[u8]| {
    let Some((&[compressor, shuffle, level, typesize], data)) = data.split_first_chunk() else { return };
    let Ok(decoded) = Blosc::default().decode(data, MOST) else {
        for len in [0, 1, 300, 4096] {
            assert!(Blosc::default().decode_into_on(2, data, &mut vec![0; len]).is_err());
        }
        return;
    };
    assert!(decoded.len() <= Blosc::default().decoded_bound(data.len()));
    for threads in [1, 3] {
        let mut out = vec![1; decoded.len()];
        Blosc::default().decode_into_on(threads, data, &mut out).expect("decoded");
        assert!(out == decoded);
    }
    let (again, on_threads) = (shuffle & 0x80 != 0, shuffle & 0x40 != 0);
    if !again {
        return;
    }
    use BloscCompressor::{BloscLz, Lz4, Lz4Hc, Zlib, Zstd};
    let compressor = [BloscLz, Lz4, Lz4Hc, Zlib, Zstd][usize::from(compressor % 5)];
    let shuffle =
        [BloscShuffle::Auto, BloscShuffle::Nothing, BloscShuffle::Bytes, BloscShuffle::Bits][usize::from(shuffle % 4)];
    let blosc = Blosc::new(compressor)
        .level(i32::from(level % 10))
        .shuffle(shuffle)
        .blocksize([0, 128, 1000, 4096][usize::from(level / 10 % 4)])
        .typesize(typesize.max(1));
    let encoded = blosc.encode(&decoded, DType::UINT8).expect("encoded").bytes;
    assert!(encoded.len() <= blosc.encoded_bound(decoded.len()));
    assert!(!on_threads || blosc.encode_on(3, &decoded, DType::UINT8).expect("encoded").bytes == encoded);
    assert!(blosc.decode(&encoded, decoded.len()).expect("decoded") == decoded);
});
