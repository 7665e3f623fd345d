//! C and D: what a path may be.

use std::fs;
use std::path::Path;

use binpickle::{BinPickleFile, Error, ErrorKind};

use crate::{child, skipped};

const RELATIVE: &str = "paths::relative";

fn fails(path: &Path) -> Error {
    let error = binpickle::to_path(&1, path).expect_err("it cannot be written");
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    error
}

/// The child: its working directory is its own.
#[test]
fn relative() {
    let Some(folder) = child::path(RELATIVE) else { return };
    std::env::set_current_dir(folder).expect("entered");
    for path in ["model.bpk", "./other.bpk", "within/../third.bpk", "within/model.bpk"] {
        binpickle::to_path(&1, path).expect("written");
        binpickle::to_path(&2, path).expect("written");
        assert_eq!(binpickle::from_path::<u8>(path).expect("read"), 2);
    }
    fails(Path::new("no folder/model.bpk"));
    fails(Path::new("."));
    fails(Path::new(".."));
    fails(Path::new(""));
}

#[test]
fn relative_paths() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("within")).expect("a folder");
    let status = child::command(RELATIVE, folder.path().as_os_str()).output().expect("a child");
    assert!(status.status.success(), "{status:?}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 4);
    assert_eq!(fs::read_dir(folder.path().join("within")).expect("a folder").count(), 1);
}

#[test]
fn folders_that_do_not_exist() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fails(&folder.path().join("no folder").join("model.bpk"));
    fs::write(folder.path().join("file"), b"").expect("written");
    fails(&folder.path().join("file").join("model.bpk"));
    fails(folder.path());
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn names_that_are_not_utf8() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(OsStr::from_bytes(b"model \xff\xfe.bpk"));
        for value in [1, 2] {
            if let Err(error) = binpickle::to_path(&value, &path) {
                // Some file systems take no such name at all.
                return skipped(&format!("names that are not UTF-8: {error}"));
            }
            assert_eq!(binpickle::from_path::<u8>(&path).expect("read"), value);
        }
        assert!(binpickle::file_info(&path).is_ok());
        let error = BinPickleFile::open(path.with_extension("no")).err().expect("there is no such file");
        assert!(error.to_string().contains("model "), "{error}");
    }

    const READ_ONLY: &str = "paths::unix::read_only";

    /// The child, which may not write here.
    #[test]
    fn read_only() {
        let Some(folder) = child::path(READ_ONLY) else { return };
        let path = folder.join("model.bpk");
        fails(&path);
        assert_eq!(binpickle::from_path::<u8>(&path).expect("read"), 1);
        // Nor may there be new files.
        fails(&folder.join("new.bpk"));
        println!("refused");
    }

    #[test]
    fn read_only_targets() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("model.bpk");
        binpickle::to_path(&1, &path).expect("written");
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
        set(&path, 0o444);
        set(folder.path(), 0o555);
        let superuser = fs::metadata(folder.path()).expect("a folder").uid() == 0;
        // The superuser may write to anything: somebody else tries.
        let other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"].map(OsStr::new);
        let words = if superuser { &other[..] } else { &[] };
        let refused = child::through(words, READ_ONLY, folder.path().as_os_str()).output();
        set(folder.path(), 0o755);
        match refused {
            Ok(output) if output.status.success() => {
                assert!(String::from_utf8_lossy(&output.stdout).contains("refused"), "{output:?}");
            }
            // There is no such program, or somebody else may not run this one.
            Err(_) if superuser => skipped("a file that may not be written to, for this is the superuser"),
            Ok(output) if superuser && output.status.code().is_some_and(|code| code == 126 || code == 127) => {
                skipped("a file that may not be written to, for this is the superuser");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        if superuser {
            // The mode stays.
            binpickle::to_path(&2, &path).expect("written");
            assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o777, 0o444);
        }
    }

    #[test]
    fn links_to_nowhere_and_in_circles() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (link, round) = (folder.path().join("link"), folder.path().join("round"));
        symlink("absent/model.bpk", &link).expect("a link");
        symlink("round", &round).expect("a link");
        fails(&round);
        assert_eq!(binpickle::to_path(&1, &link).expect_err("there is no such folder").kind(), ErrorKind::Io);
        assert_eq!(binpickle::from_path::<u8>(&round).expect_err("it is a circle").kind(), ErrorKind::Io);
        fs::create_dir(folder.path().join("absent")).expect("a folder");
        binpickle::to_path(&1, &link).expect("written");
        assert_eq!(fs::read_link(&link).expect("a link"), Path::new("absent/model.bpk"));
    }

    #[test]
    fn pipes_and_folders_are_no_files() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in [folder.path(), Path::new("/dev/null")] {
            let error = binpickle::from_path::<u8>(path).expect_err("this is no file");
            assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::Format), "{error}");
        }
    }
}
