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

    /// Puts the file in its place. With `durable`, it has reached the disk when this returns, and so has its name.
    pub(crate) fn commit(self, durable: bool) -> Result<()> {
        let target = self.target;
        match self.out {
            Out::Direct(out) => {
                let file = out.into_inner().map_err(|error| Error::io("cannot write", &target, error.into_error()))?;
                // A device need not know how to sync.
                drop(file);
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
    let name =
        target.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
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
