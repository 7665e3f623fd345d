//! A value is written in every layout, read in every way, and must be the same.

use std::fmt::Debug;
use std::path::Path;

use binpickle::{BinPickleFile, Options, pickle};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every layout that a file can have.
pub fn layouts() -> [(&'static str, Options); 6] {
    [
        ("default", Options::new()),
        ("mappable", Options::mappable()),
        ("zstd", Options::compressed("zstd")),
        ("plain", Options::new().codecs([])),
        ("all outside the stream", Options::mappable().inline_below(0)),
        ("all in the stream", Options::compressed("zlib").inline_below(usize::MAX)),
    ]
}

/// Opens a file through a memory map.
#[allow(unsafe_code)]
pub fn map(path: &Path) -> BinPickleFile {
    // SAFETY: the tests write each file once, into a temporary folder.
    unsafe { BinPickleFile::map(path) }.expect("a file")
}

/// Gives what is read back to `check`: from every layout, in every way.
#[track_caller]
pub fn each_way<T: DeserializeOwned>(value: &(impl Serialize + ?Sized), check: impl Fn(T)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (number, (name, options)) in layouts().into_iter().enumerate() {
        println!("{name}"); // shown when the test fails
        let path = folder.path().join(number.to_string());
        options.to_path(value, &path).expect("written");
        let bytes = options.to_vec(value).expect("written");
        assert!(bytes == std::fs::read(&path).expect("a file"), "to_path and to_vec differ");

        check(binpickle::from_path(&path).expect("read from a path"));
        check(binpickle::from_slice(&bytes).expect("read from a slice"));
        check(map(&path).load().expect("read from a map"));
    }
    println!("the stream alone");
    let stream = pickle::to_vec(value).expect("a stream");
    check(pickle::from_slice(&stream).expect("read from a stream"));
}

/// Asserts that what is read back equals what was written.
#[track_caller]
pub fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    each_way(value, |back: T| assert_eq!(&back, value));
}
