//! A file as memory.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

use memmap2::{Mmap, MmapOptions};

/// A read-only memory map of a file. Clones share it; it is unmapped with the last of them.
#[derive(Clone)]
pub(crate) struct Map(Arc<Mmap>);

impl Map {
    /// Maps the whole file.
    ///
    /// # Safety
    ///
    /// For as long as the map or a clone of it lives, nobody may shorten the file or change it in place: reading
    /// behind the end of a mapped file kills the process, and bytes that change under a `&[u8]` are undefined
    /// behaviour. (Replacing the file by a rename, as this crate does when it saves, is neither.)
    pub(crate) unsafe fn new(file: &File) -> io::Result<Self> {
        // SAFETY: what `Mmap` asks for is what our caller promises.
        let map = unsafe { MmapOptions::new().map(file)? };
        Ok(Map(Arc::new(map)))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
impl Map {
    /// A map of a file that nobody else can reach.
    pub(crate) fn of_copy(bytes: &[u8]) -> Self {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, bytes).unwrap();
        // SAFETY: the file has no name, and its only handle ends with this function.
        unsafe { Map::new(&file).unwrap() }
    }
}
