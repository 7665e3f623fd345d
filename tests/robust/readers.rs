//! H: readers beside writers.

use std::path::Path;
use std::process::Stdio;
use std::{env, fs};

use binpickle::{BinPickleFile, ErrorKind, MappedArray, Options};
use ndarray::{ArrayView1, Ix1};
use serde::{Deserialize, Serialize};

use crate::{child, long};

const READS: &str = "readers::reads";
const LEN: usize = 50_000;

fn map(path: &Path) -> BinPickleFile {
    // SAFETY: the files of these tests are replaced, not changed.
    unsafe { BinPickleFile::map(path) }.expect("a file")
}

/// The child: it opens and maps the file again and again, until another file says that it is enough.
#[test]
fn reads() {
    let Some(path) = child::path(READS) else { return };
    let stop = path.with_extension("stop");
    let mut rounds = 0;
    while !stop.exists() || rounds == 0 {
        let file = if rounds % 2 == 0 { BinPickleFile::open(&path).expect("a file") } else { map(&path) };
        let (version, numbers): (u32, MappedArray<f32, Ix1>) = file.load().expect("read");
        assert_eq!(numbers.len(), LEN + version as usize);
        assert!(numbers.iter().all(|&number| number.to_bits() == (version as f32).to_bits()));
        if rounds % 8 == 0 {
            file.verify().expect("nothing is wrong");
        }
        rounds += 1;
    }
}

/// 8 processes open the file while it is replaced: each sees one whole version. A map taken before stays valid.
#[test]
fn each_sees_one_version() {
    assert!(env::var_os("BINPICKLE_CHILD").is_none());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    let save = |version: u32| {
        let options = if version % 3 == 2 { Options::new() } else { Options::mappable() };
        options.to_path(&(version, vec![version as f32; LEN + version as usize]), &path).expect("written");
    };
    save(0);
    let first = map(&path);
    let (_, numbers): (u32, MappedArray<f32, Ix1>) = first.load().expect("read");
    let spawn = |_| child::command(READS, path.as_os_str()).stdout(Stdio::null()).spawn().expect("a child");
    let mut children: Vec<_> = (0..8).map(spawn).collect();
    for version in 1..if long() { 2_000 } else { 100 } {
        save(version);
    }
    fs::write(path.with_extension("stop"), b"").expect("written");
    for child in &mut children {
        assert!(child.wait().expect("ended").success());
    }
    assert!(numbers.len() == LEN && numbers.iter().all(|&number| number.to_bits() == 0));
    assert_eq!(numbers.len(), first.load::<(u32, Vec<f32>)>().expect("read").1.len());
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
}

/// What was loaded from a mapped file is saved at the very path of that file.
#[test]
fn saving_over_the_mapped_file() {
    #[derive(Serialize, Deserialize)]
    struct Borrowed<'a> {
        #[serde(borrow, with = "binpickle::with::view")]
        numbers: ArrayView1<'a, f64>,
    }

    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    let numbers: Vec<f64> = (0..200_000).map(f64::from).collect();
    Options::mappable().to_path(&Borrowed { numbers: ArrayView1::from(&numbers) }, &path).expect("written");
    let file = map(&path);
    let loaded: Borrowed<'_> = file.load().expect("read");
    for options in [Options::mappable(), Options::new(), Options::mappable().durable(true)] {
        options.to_path(&loaded, &path).expect("written");
        assert_eq!(loaded.numbers.as_slice(), Some(&numbers[..]));
        let again = map(&path);
        assert_eq!(again.load::<Borrowed<'_>>().expect("read").numbers.as_slice(), Some(&numbers[..]));
    }
}

const LOOKS: &str = "readers::looks";

/// The child: it maps a file, which becomes shorter, and looks at what is no longer there.
#[test]
fn looks() {
    let Some(path) = child::path(LOOKS) else { return };
    let file = map(&path);
    let numbers: MappedArray<f64, Ix1> = file.load().expect("read");
    assert!(numbers.iter().all(|&number| number.to_bits() == 1f64.to_bits()));
    fs::File::options().write(true).open(&path).expect("a file").set_len(1).expect("cut");
    println!("{}", numbers[299_999]);
}

/// What `map` asks for, and its documentation says.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_cut_while_it_is_mapped() {
    use std::os::unix::process::ExitStatusExt;
    const SIGBUS: i32 = 7;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    Options::mappable().to_path(&vec![1.0; 300_000], &path).expect("written");
    let status = child::command(LOOKS, path.as_os_str()).output().expect("a child").status;
    assert_eq!(status.signal(), Some(SIGBUS), "{status}");
}

/// A file that another process shortens while it is open is an error.
#[test]
fn a_file_that_is_cut_while_it_is_open() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    for options in [Options::mappable().inline_below(0), Options::compressed("zstd").inline_below(0)] {
        options.to_path(&(vec![1.0; 300_000], vec![2.0; 300_000]), &path).expect("written");
        let whole = fs::read(&path).expect("a file");
        for len in [0, 1, 16, 17, whole.len() / 3, whole.len() / 2, whole.len() - 45, whole.len() - 1] {
            fs::write(&path, &whole).expect("written");
            let file = BinPickleFile::open(&path).expect("a file");
            fs::File::options().write(true).open(&path).expect("a file").set_len(len as u64).expect("cut");
            let verified = file.verify();
            match file.load::<(Vec<f64>, Vec<f64>)>() {
                // The index and what follows had been read.
                Ok(loaded) => assert!(len >= whole.len() - 400 && loaded.1 == vec![2.0; 300_000]),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::Format | ErrorKind::Io), "{error}");
                    assert!(verified.is_err() && !file.find_errors().is_empty());
                }
            }
        }
    }
}
