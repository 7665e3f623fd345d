//! Files that Python wrote, and Python's view of what the program wrote.

use std::ffi::OsStr;
use std::path::Path;

use tempfile::TempDir;

use crate::python::Python;
use crate::{python, run_in, run_with, script};

/// For each Python, a folder with what it writes.
fn folders() -> impl Iterator<Item = (&'static Python, TempDir)> {
    python::all().map(|python| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        python.run(&script("files.py"), &["write".as_ref(), folder.path().as_os_str()]);
        (python, folder)
    })
}

fn ask(python: &Python, folder: &Path, command: &str, names: &[&str]) -> String {
    let paths: Vec<_> = names.iter().map(|name| folder.join(name)).collect();
    let arguments: Vec<&OsStr> =
        std::iter::once(OsStr::new(command)).chain(paths.iter().map(|path| path.as_os_str())).collect();
    python.run(&script("files.py"), &arguments)
}

#[test]
fn facts() {
    for (_, folder) in folders() {
        let said = run_in(folder.path(), &["verify", "gzip.bpk", "map.bpk", "chain.bpk", "empty.bpk"]).fine();
        assert_eq!(said, "gzip.bpk: sound\nmap.bpk: sound\nchain.bpk: sound\nempty.bpk: sound\n");
        let said = run_in(folder.path(), &["info", "empty.bpk"]).fine();
        assert_eq!(
            said,
            "\
empty.bpk
  format      BinPickle 2 (V2)
  size        61 bytes
  mappable    no
  buffers     none: the file holds no object
  data        0 bytes
"
        );
        assert_eq!(run_in(folder.path(), &["dis", "empty.bpk"]).failed(1), "error: the file holds no object");
        let said = run_in(folder.path(), &["list", "map.bpk"]).fine();
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines[..2],
            [
                "#  offset    length    stored  dtype    shape      codecs  used at",
                "0    4096  23.4 KiB  23.4 KiB  float32  (60, 100)          /layers/0/weight",
            ]
        );
        assert_eq!(lines[5], "4   61440  23.4 KiB  23.4 KiB  int64    (100, 30)          /table");
        assert_eq!(lines.len(), 7);
    }
}

#[test]
fn dis() {
    for (python, folder) in folders() {
        for name in ["gzip.bpk", "map.bpk", "chain.bpk", "model.pkl"] {
            let said = run_in(folder.path(), &["dis", name]).fine();
            assert_eq!(said, ask(python, folder.path(), "dis", &[name]));
            let bytes = std::fs::read(folder.path().join(name)).expect("a file");
            assert_eq!(run_with(folder.path(), &["dis", "-"], &bytes).fine(), said);
        }
    }
}

#[test]
fn convert() {
    for (python, folder) in folders() {
        let run = |arguments: &[&str]| assert_eq!(run_in(folder.path(), arguments).fine(), "");
        run(&["convert", "gzip.bpk", "again.bpk"]);
        run(&["convert", "gzip.bpk", "zstd.bpk", "-c", "zstd(level=9)"]);
        run(&["convert", "chain.bpk", "mapped.bpk", "--mappable"]);
        run(&["convert", "map.bpk", "plain.bpk", "--decompress"]);
        run(&["convert", "plain.bpk", "blosc.bpk", "-c", "shuffle(elementsize=4)", "-c", "lz4", "--arrays-only"]);
        ask(
            python,
            folder.path(),
            "same",
            &["gzip.bpk", "again.bpk", "zstd.bpk", "mapped.bpk", "plain.bpk", "blosc.bpk"],
        );
        // What Python would have written.
        let bytes = |name| std::fs::read(folder.path().join(name)).expect("a file");
        assert!(bytes("mapped.bpk") == bytes("map.bpk"));
    }
}

#[test]
fn other_forms() {
    for (python, folder) in folders() {
        python.run(&script("files.py"), &["write_arrays".as_ref(), folder.path().as_os_str()]);
        let run = |arguments: &[&str]| assert_eq!(run_in(folder.path(), arguments).fine(), "", "{arguments:?}");
        run(&["convert", "arrays.bpk", "arrays.npz"]);
        run(&["convert", "plain.npz", "plain.bpk"]);
        run(&["convert", "compressed.npz", "compressed.bpk", "--mappable"]);
        run(&["convert", "one.npy", "one.bpk"]);
        run(&["extract", "arrays.bpk", "/records", "-o", "records.npy"]);
        run(&["extract", "gzip.bpk", "/table", "-o", "table.npy"]);
        run(&["convert", "tensors.bpk", "tensors.safetensors"]);
        run(&["convert", "tensors.safetensors", "from_safetensors.bpk"]);
        run(&["convert", "gzip.bpk", "gzip.pkl"]);
        run(&["convert", "model.pkl", "from_pickle.bpk", "-c", "zstd"]);
        run(&["extract", "gzip.bpk", "-o", "model.npz", "--only-arrays"]);
        ask(python, folder.path(), "forms", &[""]);

        let bytes = std::fs::read(folder.path().join("tensors.safetensors")).expect("a file");
        let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("tensors");
        let fortran = tensors.tensor("fortran").expect("a tensor");
        assert_eq!(fortran.shape(), [3, 4]);
        assert_eq!(fortran.data()[8..16], 1.0f64.to_le_bytes());
        let said = run_in(folder.path(), &["convert", "arrays.bpk", "x.safetensors"]).failed(1);
        assert!(said.contains(".safetensors holds no") || said.contains("is no array"), "{said}");
        let said = run_in(folder.path(), &["convert", "compressed.npz", "x.bpk", "--max-decoded", "100"]).failed(1);
        assert!(said.contains("much larger when it is decompressed"), "{said}");
        let said =
            run_in(folder.path(), &["extract", "arrays.bpk", "/records", "-o", "-", "--format", "csv"]).failed(1);
        assert!(said.starts_with("error: /records: it is no array of one or two axes"), "{said}");
    }
}
