//! Any index over any buffers, with a right trailer and a right digest of the index. The digests of the buffers are taken
//! as the index has them where they are wrong: they are not checked. It is read from memory, where what is encoded is decoded as a
//! whole, and from a file, where it is decoded while it is read; both must say the same. What can be read is written anew.
//!
//! The input: two bytes that say how long the buffers are, and in their highest bit whether the file is of version 1; the
//! buffers; the index.
#![no_main]

#[path = "../dice.rs"]
mod dice;
#[path = "../index_tree.rs"]
mod index_tree;

use std::fs::{self, File};
use std::io::Cursor;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use binpickle::{BinPickleFile, Entry, ErrorKind, LoadOptions, Options, Value};
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
    let unverified = options.clone().verify(false);
    if let Ok(in_memory) = unverified.from_vec(file.clone()) {
        for entry in in_memory.entries() {
            assert!(entry.offset() >= 16 && entry.offset() + entry.encoded_len() <= index_offset);
        }
        let in_file = unverified.open(on_disk(&file)).expect("it was opened in memory");
        assert_eq!(in_memory.load::<Value>().is_ok(), in_file.load::<Value>().is_ok());
        assert_eq!(in_memory.stream().ok(), in_file.stream().ok());
        assert_eq!(wrong(&in_memory), wrong(&in_file));
        _ = in_memory.buffer_paths();
        if in_memory.entries().iter().map(Entry::decoded_len).sum::<u64>() < 1 << 20 {
            rewrite(&in_file);
        }
    }
    if let Ok(file) = options.from_vec(file) {
        _ = file.find_errors();
    }
});

/// What is written of a file has the same buffers. Only the stream, the last of them, cannot be an array.
fn rewrite(file: &BinPickleFile) {
    let mut written = Cursor::new(Vec::new());
    if Options::mappable().rewrite_to_writer(file, &mut written).is_ok() {
        let written = BinPickleFile::from_vec(written.into_inner()).expect("it was written");
        assert_eq!(written.stream().ok(), file.stream().ok());
        let describe = |entry: &Entry| (entry.decoded_len(), entry.array().map(ToString::to_string));
        let buffers = file.entries().len() - 1;
        assert!(written.entries()[..buffers].iter().map(describe).eq(file.entries()[..buffers].iter().map(describe)));
        assert!(written.find_errors().iter().all(|error| error.kind() != ErrorKind::Integrity));
    }
}

/// What is wrong with a file, and where.
fn wrong(file: &BinPickleFile) -> Vec<(ErrorKind, Option<usize>)> {
    file.find_errors().iter().map(|error| (error.kind(), error.buffer())).collect()
}

/// The path of a file of these bytes. It is always the same one, which has no name anywhere else.
fn on_disk(bytes: &[u8]) -> PathBuf {
    static FILE: OnceLock<File> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("binpickle-fuzz-{}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a new file");
        fs::remove_file(path).expect("removed");
        file
    });
    file.write_all_at(bytes, 0).and_then(|()| file.set_len(bytes.len() as u64)).expect("written");
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
}
