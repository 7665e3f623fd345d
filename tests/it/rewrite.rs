//! Files written anew without knowing what is in them, and how far the work is.

use std::sync::{Arc, Mutex};

use binpickle::codec::{BitRound, CodecSpec};
use binpickle::{BinPickleFile, Entry, ErrorKind, LoadOptions, Options, Revision};
use ndarray::{Array2, ShapeBuilder};
use serde::Serialize;

#[derive(Serialize)]
struct Model {
    name: &'static str,
    #[serde(with = "binpickle::with::ndarray")]
    weights: Array2<f32>,
    #[serde(with = "serde_bytes")]
    blob: Vec<u8>,
}

fn model() -> Model {
    let weights = Array2::from_shape_fn((300, 400).f(), |(row, column)| (row * 7 + column) as f32 / 3.0);
    Model { name: "net", weights, blob: (0..10_000u32).map(|n| (n % 251) as u8).collect() }
}

fn layouts() -> [Options; 5] {
    [
        Options::mappable(),
        Options::new(),
        Options::compressed("zlib").codec("zstd"),
        Options::compressed("zstd").revision(Revision::V2Mac),
        Options::mappable().codec(CodecSpec::new(BitRound::new(23)).arrays_only()),
    ]
}

/// What was written anew is what these options make of the object itself.
#[test]
fn as_if_it_had_been_saved_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.bpk");
    for from in layouts() {
        for to in layouts() {
            let expected = to.to_vec(&model()).unwrap();
            from.to_path(&model(), &path).unwrap();
            let file = BinPickleFile::open(&path).unwrap();
            // Onto itself: the file that is open stays what it was.
            to.rewrite(&file, &path).unwrap();
            assert!(std::fs::read(&path).unwrap() == expected);
            file.verify().unwrap();

            let file = BinPickleFile::from_vec(from.to_vec(&model()).unwrap()).unwrap();
            let mut out = std::io::Cursor::new(b"before".to_vec());
            out.set_position(6);
            to.rewrite_to_writer(&file, &mut out).unwrap();
            assert!(out.into_inner()[6..] == expected);
        }
    }
}

#[test]
fn damage_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("file.bpk"), folder.path().join("out.bpk"));
    for from in layouts() {
        from.to_path(&model(), &path).unwrap();
        let offsets: Vec<u64> = BinPickleFile::open(&path).unwrap().entries().iter().map(Entry::offset).collect();
        let good = std::fs::read(&path).unwrap();
        for (number, offset) in offsets.into_iter().enumerate() {
            let mut damaged = good.clone();
            damaged[offset as usize + 20] ^= 1;
            std::fs::write(&path, damaged).unwrap();
            for to in layouts() {
                let file = BinPickleFile::open(&path).unwrap();
                let error = to.rewrite(&file, &out).unwrap_err();
                assert_eq!((error.kind(), error.buffer()), (ErrorKind::Integrity, Some(number)));
                assert!(!out.exists());
            }
        }
    }
}

#[test]
fn how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for options in layouts() {
        let file = options.to_vec(&model()).unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&told);
        let options = LoadOptions::new().threads(1).on_progress(move |progress| sink.lock().unwrap().push(*progress));
        let file = options.from_vec(file).unwrap();
        let total: u64 = file.entries().iter().map(Entry::encoded_len).sum();
        Options::mappable().rewrite(&file, folder.path().join("again.bpk")).unwrap();
        let told = std::mem::take(&mut *told.lock().unwrap());
        assert!(told.windows(2).all(|two| two[0].done() <= two[1].done() && two[0].buffer() <= two[1].buffer()));
        assert!((0..file.entries().len()).all(|buffer| told.iter().any(|progress| progress.buffer() == buffer)));
        let last = told.last().unwrap();
        assert_eq!((last.done(), last.total()), (total, Some(total)));
    }
}
