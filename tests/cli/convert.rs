//! `convert`, between files of Rust.

use binpickle::{BinPickleFile, Revision};

use crate::{folder, run_in, run_with};

fn bytes(folder: &tempfile::TempDir, name: &str) -> Vec<u8> {
    std::fs::read(folder.path().join(name)).expect("a file")
}

#[test]
fn there_and_back() {
    let folder = folder();
    let original = bytes(&folder, "model.bpk");
    let there: [&[&str]; 6] = [
        &[],
        &["-c", "zstd(level=9)"],
        &["-c", r#"{"id": "blosc", "cname": "zlib"}"#, "-c", "crc32"],
        &["-c", "pcodec", "--arrays-only"],
        &["-d", "--revision", "v2mac"],
        &["-c", "zlib", "--revision", "v1"],
    ];
    for options in there {
        let arguments = [&["convert", "model.bpk", "there.bpk"], options].concat();
        assert_eq!(run_in(folder.path(), &arguments).fine(), "");
        let file = BinPickleFile::open(folder.path().join("there.bpk")).expect("a file");
        assert!(file.find_errors().is_empty() && !file.header().is_mappable());
        assert_eq!(
            file.stream().expect("a stream"),
            BinPickleFile::from_vec(original.clone()).unwrap().stream().unwrap()
        );
        let revision = file.header().revision();
        let codecs = file.entries()[0].codecs().len();
        assert_eq!(codecs, options.iter().filter(|option| **option == "-c").count() + usize::from(options.is_empty()));
        assert_eq!(run_in(folder.path(), &["convert", "-m", "there.bpk", "back.bpk"]).fine(), "");
        // Version 1 does not say what is an array.
        assert_eq!(bytes(&folder, "back.bpk") == original, revision != Revision::V1, "{options:?}");
    }
}

#[test]
fn onto_itself_and_through_pipes() {
    let folder = folder();
    let original = bytes(&folder, "model.bpk");
    let piped = run_with(folder.path(), &["convert", "-", "-", "-c", "zstd"], &original);
    assert_eq!(piped.code, 0);
    run_in(folder.path(), &["convert", "model.bpk", "model.bpk", "-c", "zstd"]).fine();
    assert!(bytes(&folder, "model.bpk") == piped.bytes);
    assert!(run_with(folder.path(), &["convert", "-m", "-", "-"], &piped.bytes).bytes == original);
}

#[test]
fn what_cannot_be_written() {
    let folder = folder();
    let original = bytes(&folder, "model.bpk");
    let said = run_in(folder.path(), &["convert", "model.bpk", "model.bpk", "-c", "pcodec"]).failed(1);
    assert!(said.ends_with("(hint: --arrays-only keeps the codecs away from the pickle stream)"), "{said}");
    let said = run_in(folder.path(), &["convert", "model.bpk", "model.bpk", "-c", "nope"]).failed(1);
    assert!(said.contains("unknown codec `nope`"), "{said}");
    let mut damaged = original.clone();
    damaged[4096] ^= 1;
    std::fs::write(folder.path().join("damaged.bpk"), damaged).expect("a file");
    for options in [&["-m"][..], &["-d"], &[]] {
        let arguments = [&["convert", "damaged.bpk", "model.bpk"], options].concat();
        let said = run_in(folder.path(), &arguments).failed(1);
        assert!(said.contains("the buffer is damaged: its digest does not match (buffer 0, byte 4096)"), "{said}");
    }
    assert!(bytes(&folder, "model.bpk") == original);
    let said = run_in(folder.path(), &["convert", "model.bpk", "nowhere/model.bpk"]).failed(1);
    assert!(said.contains("nowhere"), "{said}");
}
