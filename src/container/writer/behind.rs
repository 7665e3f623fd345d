//! What comes in parts, the pickle stream or an array, on its way to the file: while the next part is made, another thread writes
//! and digests those that have come.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};

use super::super::digest::{Digest, Hasher};
use super::super::input::write_all_at;
use crate::error::{Error, Result};

/// How many parts may wait.
const WAITING: usize = 2;

/// A buffer that another thread writes, part by part.
pub(super) struct Behind {
    file: Arc<File>,
    /// Where the next part belongs.
    position: u64,
    /// The way to the thread, until the buffer ends.
    parts: Option<SyncSender<Part>>,
    /// Parts that are done with, whose memory can be used again.
    done: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<Digest>>>,
}

struct Part {
    position: u64,
    bytes: Vec<u8>,
    written: bool,
}

impl Part {
    fn write(&mut self, file: &File) -> io::Result<()> {
        if !std::mem::replace(&mut self.written, true) {
            write_all_at(file, self.position, &self.bytes)?;
        }
        Ok(())
    }
}

impl Behind {
    /// Begins a buffer at a position of a file to which nobody else writes meanwhile.
    pub(super) fn new(file: File, position: u64, hash: Hasher) -> Self {
        let file = Arc::new(file);
        let (parts, incoming) = mpsc::sync_channel(WAITING);
        let (outgoing, done) = mpsc::channel();
        let thread = thread::spawn({
            let file = file.clone();
            move || work(&file, hash, &incoming, |bytes| _ = outgoing.send(bytes))
        });
        Behind { file, position, parts: Some(parts), done, thread: Some(thread) }
    }

    /// The next part.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let mut part = self.done.try_recv().unwrap_or_default();
        part.clear();
        part.extend_from_slice(bytes);
        self.send(part)
    }

    /// The next part, whose memory is kept until it is written; what comes in its place is that of an earlier one.
    pub(super) fn write_or_keep(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        let before = self.done.try_recv().unwrap_or_default();
        self.send(std::mem::replace(bytes, before))
    }

    /// If the thread is behind with its work, this one writes the part, and leaves it only the digest.
    fn send(&mut self, bytes: Vec<u8>) -> Result<()> {
        let part = Part { position: self.position, bytes, written: false };
        self.position += part.bytes.len() as u64;
        let Some(parts) = &self.parts else { return self.end().map(drop) };
        let sent = match parts.try_send(part) {
            Err(TrySendError::Full(mut part)) => {
                part.write(&self.file)?;
                parts.send(part).is_ok()
            }
            sent => sent.is_ok(),
        };
        // Without the thread, it has failed, and knows why.
        if sent { Ok(()) } else { self.end().map(drop) }
    }

    /// Ends the buffer, once all of it is written.
    pub(super) fn finish(mut self) -> Result<Digest> {
        self.end()
    }

    fn end(&mut self) -> Result<Digest> {
        self.parts = None;
        let ended = self.thread.take().and_then(|thread| thread.join().ok());
        Ok(ended.ok_or_else(|| Error::data("the buffer could not be written"))??)
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        // Nothing shall be written to the file any more when the writer is gone.
        _ = self.end();
    }
}

fn work(file: &File, mut hash: Hasher, parts: &Receiver<Part>, give_back: impl Fn(Vec<u8>)) -> io::Result<Digest> {
    for mut part in parts {
        part.write(file)?;
        hash.update(&part.bytes);
        give_back(part.bytes);
    }
    Ok(hash.finish())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::super::Revision;
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn all_parts_in_their_order() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut behind = Behind::new(file.reopen().unwrap(), 10, Hasher::new(Revision::V2));
        let parts: Vec<Vec<u8>> = (0..100).map(|number| vec![number; 1000 + usize::from(number)]).collect();
        for (number, part) in parts.iter().enumerate() {
            if number % 2 == 0 {
                behind.write(part).unwrap();
            } else {
                behind.write_or_keep(&mut part.clone()).unwrap();
            }
        }
        let whole = parts.concat();
        assert_eq!(behind.finish().unwrap(), Digest::of(Revision::V2, &whole));
        let mut found = Vec::new();
        file.reopen().unwrap().read_to_end(&mut found).unwrap();
        assert!(found == [vec![0; 10], whole].concat());
    }

    #[test]
    fn a_failed_write_is_told() {
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        // Nothing can be written to it.
        let file = || File::open(&path).unwrap();
        let mut behind = Behind::new(file(), 0, Hasher::new(Revision::V2));
        let failed = (0..1000).find_map(|_| behind.write(&[0; 10]).err());
        assert_eq!(failed.unwrap().kind(), ErrorKind::Io);
        assert!(behind.write(&[0; 10]).is_err());
        let mut behind = Behind::new(file(), 0, Hasher::new(Revision::V2));
        behind.write(&[0; 10]).unwrap();
        assert_eq!(behind.finish().unwrap_err().kind(), ErrorKind::Io);
    }
}
