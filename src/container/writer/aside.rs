//! The pickle stream while the buffers that belong before it are written.

use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::SpooledTempFile;

use super::super::PIECE;
use crate::error::{Error, Result};

/// How much of the stream waits in memory. What is longer, waits in a file that has no name, and that is gone when the
/// process is.
const IN_MEMORY: usize = 2 << 20;

/// The stream, as far as it has come.
pub(super) struct Aside {
    stream: SpooledTempFile,
    /// Where the file is, for errors.
    folder: PathBuf,
}

impl Aside {
    /// With a folder that has room for it.
    pub(super) fn new(folder: &Path) -> Self {
        Aside { stream: SpooledTempFile::new_in(IN_MEMORY, folder), folder: folder.to_owned() }
    }

    pub(super) fn write(&mut self, part: &[u8]) -> Result<()> {
        self.stream.write_all(part).map_err(|error| Error::io("cannot write a temporary file in", &self.folder, error))
    }

    /// Gives all of it, piece by piece.
    pub(super) fn read(mut self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let failed = |error| Error::io("cannot read a temporary file in", &self.folder, error);
        self.stream.rewind().map_err(failed)?;
        let mut piece = vec![0; PIECE];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(len) => each(&piece[..len])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long() {
        let folder = tempfile::tempdir().unwrap();
        for parts in [0, 1, 40] {
            let mut aside = Aside::new(folder.path());
            let part = vec![7; 100_001];
            for _ in 0..parts {
                aside.write(&part).unwrap();
            }
            assert_eq!(aside.stream.is_rolled(), parts == 40);
            let mut whole = Vec::new();
            let gather = |piece: &[u8]| {
                whole.extend_from_slice(piece);
                Ok(())
            };
            aside.read(gather).unwrap();
            assert!(whole == part.repeat(parts));
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn without_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("nowhere");
        let mut aside = Aside::new(&nowhere);
        aside.write(&vec![7; IN_MEMORY]).unwrap();
        let error = aside.write(&[7]).unwrap_err();
        assert!(error.to_string().starts_with(&format!("cannot write a temporary file in {}: ", nowhere.display())));
    }
}
