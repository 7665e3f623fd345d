//! Where the bytes of a file come from.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::bytes::{Map, zero};
use crate::error::{Error, Result};

/// A file, or what is as good: bytes that can be read from any place, by several threads at once.
pub(crate) trait Input: Send + Sync {
    /// The length in bytes, as it was when the input was made.
    fn len(&self) -> u64;

    /// Fills `out` with what is at `offset`. The caller keeps within the length.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()>;

    /// As [`read_at`](Input::read_at), into memory that need not have values. Returns the beginning of `out` that is
    /// filled now, which may be a part, or nothing if it is to be tried again.
    fn read_new<'o>(&self, offset: u64, out: &'o mut [MaybeUninit<u8>]) -> Result<&'o mut [u8]> {
        let out = zero(out);
        self.read_at(offset, out)?;
        Ok(out)
    }

    /// All of it, if it is in memory.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    /// The map that it is, if it is one: it can be shared.
    fn map(&self) -> Option<&Map> {
        None
    }
}

/// What is said when there is less to read than there was.
fn cut(at: u64) -> Error {
    Error::format("the file was cut while it was read").at(at)
}

/// A part of the input: borrowed from memory, or read. It has been checked that the input is as long.
pub(super) fn read(input: &dyn Input, offset: u64, len: u64) -> Result<Cow<'_, [u8]>> {
    let no_memory = || Error::limit(format!("no memory for {len} bytes"));
    let len = usize::try_from(len).map_err(|_| no_memory())?;
    if let Some(all) = input.as_slice() {
        return Ok(Cow::Borrowed(&all[offset as usize..offset as usize + len]));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| no_memory())?;
    bytes.resize(len, 0);
    input.read_at(offset, &mut bytes)?;
    Ok(Cow::Owned(bytes))
}

/// Bytes in memory: a slice, a vector, a buffer.
pub(crate) struct Memory<B>(pub(crate) B);

impl<B: Deref<Target = [u8]> + Send + Sync> Input for Memory<B> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        copy_from(&self.0, offset, out)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.0)
    }
}

impl Input for Map {
    fn len(&self) -> u64 {
        (**self).len() as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        copy_from(self, offset, out)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }

    fn map(&self) -> Option<&Map> {
        Some(self)
    }
}

fn copy_from(bytes: &[u8], offset: u64, out: &mut [u8]) -> Result<()> {
    let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
    out.copy_from_slice(rest.and_then(|rest| rest.get(..out.len())).ok_or_else(|| cut(offset))?);
    Ok(())
}

/// A file that is read where it is needed, at the cost of one call of the operating system each time.
pub(crate) struct FileInput {
    file: File,
    path: PathBuf,
    len: u64,
}

impl FileInput {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let open = || {
            let file = File::open(path)?;
            let len = file.metadata()?.len();
            Ok((file, len))
        };
        let (file, len) = open().map_err(|error| Error::io("cannot open", path, error))?;
        Ok(FileInput { file, path: path.to_owned(), len })
    }

    /// The file itself.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

impl Input for FileInput {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        read_exact_at(&self.file, offset, out).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => cut(offset),
            _ => Error::io("cannot read", &self.path, error).at(offset),
        })
    }

    #[cfg(target_os = "linux")]
    fn read_new<'o>(&self, offset: u64, out: &'o mut [MaybeUninit<u8>]) -> Result<&'o mut [u8]> {
        match rustix::io::pread(&self.file, out, offset) {
            Ok(([], _)) => Err(cut(offset)),
            Ok((read, _)) => Ok(read),
            Err(rustix::io::Errno::INTR) => Ok(&mut []),
            Err(error) => Err(Error::io("cannot read", &self.path, error.into()).at(offset)),
        }
    }
}

#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, offset: u64, out: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
    while !out.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, out, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                out = &mut out[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
pub(super) fn write_all_at(file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
pub(super) fn write_all_at(file: &File, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A reader that someone handed in. The file begins where the reader stands.
pub(crate) struct StreamInput<R> {
    reader: Mutex<R>,
    start: u64,
    len: u64,
}

impl<R: Read + Seek> StreamInput<R> {
    pub(crate) fn new(mut reader: R) -> Result<Self> {
        let start = reader.stream_position()?;
        let end = reader.seek(SeekFrom::End(0))?;
        Ok(StreamInput { reader: Mutex::new(reader), start, len: end.saturating_sub(start) })
    }
}

impl<R: Read + Seek + Send> Input for StreamInput<R> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let read = reader.seek(SeekFrom::Start(self.start + offset)).and_then(|_| reader.read_exact(out));
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => cut(offset),
            _ => Error::from(error).at(offset),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::AlignedBuf;
    use crate::error::ErrorKind;

    fn check(input: &dyn Input, in_memory: bool) {
        assert_eq!(input.len(), 10);
        let mut out = [0; 3];
        input.read_at(7, &mut out).unwrap();
        assert_eq!(&out, b"789");
        input.read_at(10, &mut []).unwrap();
        for (offset, content) in [(0, &b"0123456789"[..]), (3, b"3456")] {
            let read = AlignedBuf::filled(content.len(), |at, rest| input.read_new(offset + at as u64, rest));
            assert_eq!(&*read.unwrap(), content);
        }
        let more = AlignedBuf::filled(5, |at, rest| input.read_new(7 + at as u64, rest)).err().unwrap();
        assert_eq!(more.kind(), ErrorKind::Format);
        for offset in [8, 10, 11, 1 << 40] {
            assert_eq!(input.read_at(offset, &mut out).unwrap_err().kind(), ErrorKind::Format);
        }
        assert_eq!(input.as_slice(), in_memory.then_some(&b"0123456789"[..]));
    }

    #[test]
    fn all_inputs_are_the_same() {
        let bytes = b"0123456789";
        check(&Memory(&bytes[..]), true);
        check(&Memory(bytes.to_vec()), true);
        check(&Memory(AlignedBuf::copy_of(bytes).unwrap()), true);
        let mut stream = io::Cursor::new([b"skipped", &bytes[..]].concat());
        stream.set_position(7);
        check(&StreamInput::new(stream).unwrap(), false);

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("digits");
        std::fs::write(&path, bytes).unwrap();
        let file = FileInput::open(&path).unwrap();
        check(&file, false);
        File::options().write(true).open(&path).unwrap().set_len(5).unwrap();
        let error = file.read_at(3, &mut [0; 4]).unwrap_err();
        assert_eq!(error.to_string(), "the file was cut while it was read (byte 3)");
        let error = FileInput::open(&folder.path().join("nothing")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("nothing"));
    }
}
