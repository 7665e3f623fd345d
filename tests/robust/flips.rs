//! A: flipped bits, cut files, and files that something follows.

use binpickle::{BinPickleFile, Options};
use serde_bytes::ByteBuf;

use crate::sample::{self, Model};
use crate::{forge, long};

/// Whether anything is wrong with a file: when it is opened, or when all of it is looked at.
fn noticed(bytes: &[u8]) -> bool {
    let Ok(file) = BinPickleFile::from_vec(bytes.to_vec()) else { return true };
    let errors = file.find_errors();
    assert_eq!(file.verify().is_err(), !errors.is_empty());
    !errors.is_empty()
}

/// Every bit of small files; in the long form, of files of up to 16 KiB, and all the padding of one of pages.
#[test]
fn every_flipped_bit_is_noticed() {
    for (name, model, mut file) in sample::files(if long() { 200 } else { 12 }) {
        assert!(file.len() <= 16 << 10 || name == "pages" && file.len() <= 64 << 10);
        assert!(!noticed(&file), "{name}");
        let step = if name == "pages" && !long() { 101 } else { 1 };
        for bit in (0..8 * file.len()).step_by(step) {
            file[bit / 8] ^= 1 << (bit % 8);
            assert!(noticed(&file), "{name}: bit {} of byte {}", bit % 8, bit / 8);
            if let Ok(loaded) = binpickle::from_slice::<Model>(&file) {
                assert_eq!(loaded, model, "{name}: bit {} of byte {}", bit % 8, bit / 8);
            }
            file[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// The same with many buffers.
#[test]
fn of_many_buffers() {
    let buffers: Vec<ByteBuf> = (0..60).map(|n| ByteBuf::from(vec![n; usize::from(1 + n % 7)])).collect();
    for codecs in [&[][..], &["zlib"]] {
        let options = Options::new().codecs(codecs.iter().map(|&id| id.into())).inline_below(0);
        let mut file = options.to_vec(&buffers).expect("written");
        assert_eq!(BinPickleFile::from_vec(file.clone()).expect("a file").entries().len(), 61);
        for bit in (0..8 * file.len()).step_by(if long() { 1 } else { 11 }) {
            file[bit / 8] ^= 1 << (bit % 8);
            assert!(noticed(&file), "bit {} of byte {}", bit % 8, bit / 8);
            if let Ok(loaded) = binpickle::from_slice::<Vec<ByteBuf>>(&file) {
                assert_eq!(loaded, buffers, "bit {} of byte {}", bit % 8, bit / 8);
            }
            file[bit / 8] ^= 1 << (bit % 8);
        }
        for len in 0..file.len() {
            assert!(binpickle::from_slice::<Vec<ByteBuf>>(&file[..len]).is_err(), "{len} bytes");
        }
    }
}

#[test]
fn every_cut_is_noticed() {
    for (name, _, file) in sample::files(12) {
        for len in 0..file.len() {
            let error = binpickle::from_slice::<Model>(&file[..len]).expect_err("it is cut");
            assert_eq!(error.kind(), binpickle::ErrorKind::Format, "{name}: {len} bytes: {error}");
        }
    }
}

#[test]
fn what_follows_is_noticed() {
    let step = if long() { 1 } else { 97 };
    for (name, model, file) in sample::files(12) {
        for more in (1..=4096).step_by(step) {
            for byte in [0, 0xff] {
                let longer = [&file[..], &vec![byte; more]].concat();
                assert!(noticed(&longer), "{name}: {more} bytes");
                assert_eq!(binpickle::from_slice::<Model>(&longer).expect("read"), model);
            }
        }
        // Also if it is the file once more.
        assert!(noticed(&file.repeat(2)));
    }
}

/// Flips under which the digests of the buffers are made right again: the object itself is damaged.
#[test]
fn flips_under_right_digests() {
    let step = if long() { 1 } else { 7 };
    for (name, _, file) in sample::files(12) {
        let entries = forge::entries(&file);
        let offsets: Vec<usize> =
            entries.iter().flat_map(|e| e.offset as usize..(e.offset + e.enc_len) as usize).collect();
        for bit in (0..8 * offsets.len()).step_by(step) {
            let mut body = file[forge::HEADER..forge::index_offset(&file)].to_vec();
            body[offsets[bit / 8] - forge::HEADER] ^= 1 << (bit % 8);
            let entries: Vec<_> = entries.iter().map(|entry| entry.clone().with_digest_of(&body)).collect();
            let forged = forge::file(&body, &entries);
            // It may well be another object. What counts is that nothing panics.
            crate::soon(name, || {
                _ = binpickle::from_slice::<Model>(&forged);
                _ = binpickle::from_slice::<binpickle::Value>(&forged);
                _ = noticed(&forged);
            });
        }
    }
}
