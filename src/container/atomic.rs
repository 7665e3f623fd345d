//! Replacing a file whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A file that is written under another name and takes the place of the old one at the end, so that whoever opens the
/// path finds the old content or the new one, and who has the old one mapped keeps it.
///
/// When it is dropped before [`commit`](AtomicFile::commit), the old file is as it was and nothing else is left.
///
/// A process that is killed leaves the other name. Linux has files without one (`O_TMPFILE`), but a name is given to them by
/// `linkat`, which replaces nothing: before the rename, there would be a temporary name after all, and not every file system
/// has such files. Nor does a later save remove what an earlier one left: it might be what another process is writing
/// now, for the same path too.
pub(crate) struct AtomicFile {
    out: Out,
    /// What is replaced: the path, or where the symbolic link that it is leads to.
    target: PathBuf,
}

enum Out {
    Temporary(BufWriter<NamedTempFile>),
    /// A device or the like, which cannot be replaced.
    Direct(BufWriter<File>),
}

/// How many symbolic links may lead from one to the next: as many as Linux follows.
const MAX_LINKS: usize = 40;

impl AtomicFile {
    /// Begins a file that will be at `path`.
    ///
    /// It gets the mode of the file that it replaces, or else the one that `File::create` would give it. As for
    /// `File::create`, a file that may not be written to is an error.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let failed = |error| Error::io("cannot create", path, error);
        let target = follow(path).map_err(failed)?;
        let old = match File::options().write(true).open(&target) {
            Ok(file) => Some(file.metadata().map(|metadata| (file, metadata)).map_err(failed)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let out = match old {
            Some((file, metadata)) if !metadata.is_file() => Out::Direct(BufWriter::new(file)),
            old => {
                let permissions = old.map(|(_, metadata)| metadata.permissions());
                Out::Temporary(BufWriter::new(temporary(&target, permissions).map_err(failed)?))
            }
        };
        Ok(AtomicFile { out, target })
    }

    /// Another handle of the file, to read what has been written; none if it is no regular file.
    pub(crate) fn reopen(&self) -> Result<Option<File>> {
        match &self.out {
            Out::Temporary(out) => {
                let file = out.get_ref().as_file().try_clone();
                file.map(Some).map_err(|error| Error::io("cannot read back", &self.target, error))
            }
            Out::Direct(_) => Ok(None),
        }
    }

    /// Where the file is.
    pub(crate) fn folder(&self) -> &Path {
        folder_of(&self.target)
    }

    /// Puts the file in its place. With `durable`, it has reached the disk when this returns, and so has its name.
    pub(crate) fn commit(self, durable: bool) -> Result<()> {
        let target = self.target;
        match self.out {
            Out::Direct(out) => {
                // A device need not know how to sync.
                out.into_inner().map_err(|error| Error::io("cannot write", &target, error.into_error()))?;
            }
            Out::Temporary(out) => {
                let file = out.into_inner().map_err(|error| Error::io("cannot write", &target, error.into_error()))?;
                if durable {
                    file.as_file().sync_all().map_err(|error| Error::io("cannot sync", &target, error))?;
                }
                file.persist(&target).map_err(|error| Error::io("cannot replace", &target, error.error))?;
                if durable {
                    sync_folder(folder_of(&target))
                        .map_err(|error| Error::io("cannot sync the folder of", &target, error))?;
                }
            }
        }
        Ok(())
    }

    /// Says which file could not be written, and keeps the kind, which tells `write_all` when to go on.
    fn failed(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("cannot write {}: {error}", self.target.display()))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.out {
            Out::Temporary(out) => out.write(bytes),
            Out::Direct(out) => out.write(bytes),
        };
        written.map_err(|error| self.failed(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = match &mut self.out {
            Out::Temporary(out) => out.flush(),
            Out::Direct(out) => out.flush(),
        };
        flushed.map_err(|error| self.failed(&error))
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let sought = match &mut self.out {
            Out::Temporary(out) => out.seek(position),
            Out::Direct(out) => out.seek(position),
        };
        sought.map_err(|error| self.failed(&error))
    }
}

/// Where a path leads to, also if there is nothing yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(link) => path = folder_of(&path).join(link),
            // It is not a link, or not there.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn temporary(target: &Path, permissions: Option<fs::Permissions>) -> io::Result<NamedTempFile> {
    if target.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".binpickle-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder_of(target))?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
}

/// Makes the new name of a file last. Only Unix has such a thing.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn replace(path: &Path, content: &[u8]) -> Result<()> {
        let mut file = AtomicFile::create(path)?;
        file.write_all(content)?;
        file.commit(true)
    }

    #[test]
    fn old_or_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.bpk");
        replace(&path, b"one").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");

        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(&vec![2; 100_000]).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(b"two").unwrap();
        file.flush().unwrap();
        assert_eq!(names(folder.path()).len(), 2);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["model.bpk"]);

        replace(&path, b"three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(names(folder.path()), ["model.bpk"]);
    }

    #[test]
    fn a_long_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x".repeat(255));
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn errors_name_the_path() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("no folder").join("model.bpk"), folder.path().to_owned(), PathBuf::new()] {
            let error = AtomicFile::create(&path).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Io);
            assert!(error.to_string().starts_with(&format!("cannot create {}: ", path.display())), "{error}");
        }
        assert!(names(folder.path()).is_empty());
        // The folder vanishes while the file is written.
        let within = folder.path().join("within");
        fs::create_dir(&within).unwrap();
        let file = AtomicFile::create(&within.join("model.bpk")).unwrap();
        fs::remove_dir_all(&within).unwrap();
        let error = file.commit(false).unwrap_err();
        assert!(error.to_string().starts_with("cannot replace "), "{error}");
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

        use super::*;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().mode() & 0o7777
        }

        #[test]
        fn modes() {
            let folder = tempfile::tempdir().unwrap();
            let (path, ordinary) = (folder.path().join("model.bpk"), folder.path().join("ordinary"));
            File::create(&ordinary).unwrap();
            replace(&path, b"one").unwrap();
            assert_eq!(mode(&path), mode(&ordinary));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            replace(&path, b"two").unwrap();
            assert_eq!(mode(&path), 0o640);
        }

        #[test]
        fn symbolic_links_stay() {
            let folder = tempfile::tempdir().unwrap();
            let within = folder.path().join("within");
            fs::create_dir(&within).unwrap();
            let (link, second) = (folder.path().join("link"), folder.path().join("second"));
            symlink("within/model.bpk", &link).unwrap();
            symlink(&link, &second).unwrap();
            // There is nothing yet where the links lead to.
            replace(&second, b"one").unwrap();
            assert_eq!(names(&within), ["model.bpk"]);
            replace(&second, b"two").unwrap();
            assert_eq!(fs::read(within.join("model.bpk")).unwrap(), b"two");
            assert_eq!(fs::read_link(&link).unwrap(), Path::new("within/model.bpk"));
            assert_eq!(fs::read_link(&second).unwrap(), link);
            assert_eq!(names(folder.path()), ["link", "second", "within"]);

            symlink("round", folder.path().join("round")).unwrap();
            assert!(AtomicFile::create(&folder.path().join("round")).is_err());
        }

        #[test]
        fn an_open_file_keeps_its_content() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.bpk");
            replace(&path, b"one").unwrap();
            let old = File::open(&path).unwrap();
            replace(&path, b"two").unwrap();
            let content = io::read_to_string(old).unwrap();
            assert_eq!(content, "one");
        }

        #[test]
        fn devices_are_written_to() {
            if !Path::new("/dev/full").exists() {
                return;
            }
            replace(Path::new("/dev/null"), b"one").unwrap();
            let error = replace(Path::new("/dev/full"), b"one").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
            let mut file = AtomicFile::create(Path::new("/dev/full")).unwrap();
            let error = file.write_all(&vec![0; 100_000]).unwrap_err();
            assert!(error.to_string().starts_with("cannot write /dev/full: "), "{error}");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }

        #[test]
        fn relative_paths() {
            assert_eq!(folder_of(Path::new("model.bpk")), Path::new("."));
            assert_eq!(folder_of(Path::new("a/model.bpk")), Path::new("a"));
            assert_eq!(folder_of(Path::new("/model.bpk")), Path::new("/"));
            assert_eq!(follow(Path::new("model.bpk")).unwrap(), Path::new("model.bpk"));
        }
    }
}
