//! The buffer that is being written, and where its digest is taken.

use std::io::{Seek, SeekFrom, Write};

use super::super::digest::Hasher;
use super::super::input::read_exact_at;
use super::super::loading::LARGE;
use super::super::{ArrayType, Digest, Entry, PIECE};
use super::Writer;
use super::behind::Behind;
use super::digests::while_writing;
use crate::codec::CodecConfig;
use crate::error::{Error, Result};
use crate::trace::debug;

/// A buffer whose end is not written yet.
pub(super) struct Open {
    /// Where the padding before it begins.
    padding: u64,
    pub(super) len: u64,
    pub(super) digest: Taken,
}

/// Where the digest of a buffer is taken.
pub(super) enum Taken {
    Here(Hasher),
    /// On another thread, from the file; that of the first bytes may have been taken here.
    Elsewhere,
    /// On the thread that writes the parts, too.
    Behind(Behind),
}

impl<W: Write + Seek> Writer<W> {
    /// Begins a buffer.
    pub(super) fn begin(&mut self) -> Result<()> {
        if self.broken || self.open.is_some() {
            return Err(Error::data("a buffer before this one could not be written").in_buffer(self.entries.len()));
        }
        self.broken = true;
        let padding = self.position;
        if let Some(align) = self.options.align {
            self.pad(align as u64)?;
        }
        self.open = Some(Open { padding, len: 0, digest: Taken::Here(Hasher::new(self.options.revision)) });
        // Once more only when all went well.
        self.broken = false;
        Ok(())
    }

    /// Writes the next part of a buffer of which nobody knows how long it will be.
    pub(super) fn put_part(&mut self, part: &[u8]) -> Result<()> {
        self.expect_others(part.len())?;
        self.put(part)
    }

    /// As [`put_part`](Writer::put_part), but may keep the memory of the part, and leave other in its place.
    pub(super) fn put_or_keep(&mut self, part: &mut Vec<u8>) -> Result<()> {
        self.expect_others(part.len())?;
        match &mut self.open {
            Some(Open { digest: Taken::Behind(behind), len, .. }) if !self.broken => {
                self.broken = true;
                let written = part.len();
                behind.write_or_keep(part)?;
                *len += written as u64;
                self.work.add(self.entries.len(), written);
                self.broken = false;
                Ok(())
            }
            _ => self.put(part),
        }
    }

    /// When a part has come that is not small, there will be others, and another thread does the work while they are made.
    fn expect_others(&mut self, part_len: usize) -> Result<()> {
        if let Some(open) = self.open.as_mut().filter(|_| !self.broken)
            && let (Taken::Here(hash), Some(file)) = (&open.digest, &self.read_back)
            && self.options.threads > 1
            && part_len >= PIECE
        {
            self.broken = true;
            self.out.flush()?;
            let position = self.start + self.position + open.len;
            open.digest = Taken::Behind(Behind::new(file.try_clone()?, position, hash.clone()));
            self.broken = false;
        }
        Ok(())
    }

    /// Writes more bytes of the buffer.
    pub(super) fn put(&mut self, mut bytes: &[u8]) -> Result<()> {
        if self.broken || self.open.is_none() {
            return Err(Error::data("a part before this one could not be written").in_buffer(self.entries.len()));
        }
        self.broken = true;
        while let Some(open) = self.open.as_mut().filter(|_| !bytes.is_empty()) {
            let number = self.entries.len();
            let position = self.start + self.position + open.len;
            let large = bytes.len() as u64 >= LARGE;
            let mut write = |piece: &[u8]| {
                self.out.write_all(piece)?;
                self.work.add(number, piece.len());
                Ok::<_, Error>(())
            };
            let written = match (&mut open.digest, &mut self.digests) {
                (Taken::Here(hash), Some(digests)) if large && digests.are_idle() => {
                    // As long as this lasts, nobody need read back anything.
                    let (written, digested) =
                        while_writing(hash, bytes, || bytes.chunks(4 * PIECE).try_for_each(&mut write));
                    written?;
                    self.out.flush()?;
                    if digested < bytes.len() {
                        digests.begin(number, hash.clone(), position + digested as u64);
                        digests.written_to(position + bytes.len() as u64);
                        open.digest = Taken::Elsewhere;
                    }
                    bytes.len()
                }
                (Taken::Here(hash), Some(digests)) if large && digests.have_room() => {
                    digests.begin(number, hash.clone(), position);
                    open.digest = Taken::Elsewhere;
                    0
                }
                (Taken::Here(hash), _) => {
                    let piece = &bytes[..bytes.len().min(PIECE)];
                    hash.update(piece);
                    write(piece)?;
                    piece.len()
                }
                (Taken::Elsewhere, Some(digests)) => {
                    let piece = &bytes[..bytes.len().min(4 * PIECE)];
                    write(piece)?;
                    self.out.flush()?;
                    digests.written_to(position + piece.len() as u64);
                    piece.len()
                }
                (Taken::Elsewhere, None) => {
                    write(bytes)?;
                    bytes.len()
                }
                (Taken::Behind(behind), _) => {
                    behind.write(bytes)?;
                    self.work.add(number, bytes.len());
                    bytes.len()
                }
            };
            open.len += written as u64;
            bytes = &bytes[written..];
        }
        self.broken = false;
        Ok(())
    }

    /// Ends the buffer. Its digest is that of nothing while it is being taken elsewhere.
    pub(super) fn end(&mut self, dec_len: u64, info: Option<ArrayType>, codecs: Vec<CodecConfig>) -> Result<()> {
        let Some(open) = self.open.take_if(|_| !self.broken) else {
            return Err(Error::data("the buffer could not be written").in_buffer(self.entries.len()));
        };
        self.broken = true;
        let offset = self.position;
        self.position += open.len;
        self.work.end(self.entries.len());
        let nothing = Digest::of(self.options.revision, &[]);
        let digest = match open.digest {
            Taken::Here(hash) => hash.finish(),
            Taken::Behind(behind) => {
                let digest = behind.finish()?;
                self.out.seek(SeekFrom::Start(self.start + self.position))?;
                digest
            }
            Taken::Elsewhere => {
                self.digests.iter().for_each(|digests| digests.end(self.start + self.position));
                nothing
            }
        };
        let entry = Entry { offset, enc_len: open.len, dec_len, digest, info, codecs };
        debug!("buffer {}, at {offset}: {entry}", self.entries.len());
        self.entries.push(entry);
        self.broken = false;
        Ok(())
    }

    /// Ends a buffer that is in the file as it was put there.
    pub(super) fn end_put(&mut self, info: Option<ArrayType>) -> Result<()> {
        let len = self.open.as_ref().map_or(0, |open| open.len);
        self.end(len, info, Vec::new())
    }

    /// Takes back the buffer that is being written, as if it had never been begun, and gives it away piece by piece.
    pub(super) fn take_back(&mut self, mut keep: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (Some(open), Some(file)) = (self.open.take_if(|_| !self.broken), &self.read_back) else {
            return Err(Error::data("there is no buffer to take back").in_buffer(self.entries.len()));
        };
        self.broken = true;
        match open.digest {
            Taken::Behind(behind) => _ = behind.finish()?,
            // Parts are not digested elsewhere.
            Taken::Here(_) | Taken::Elsewhere => self.out.flush()?,
        }
        let mut piece = vec![0; PIECE.min(open.len as usize)];
        let (mut position, end) = (self.position, self.position + open.len);
        while position < end {
            let piece = &mut piece[..(end - position).min(PIECE as u64) as usize];
            read_exact_at(file, self.start + position, piece)?;
            keep(piece)?;
            position += piece.len() as u64;
        }
        self.position = open.padding;
        self.out.seek(SeekFrom::Start(self.start + self.position))?;
        file.set_len(self.start + self.position)?;
        self.broken = false;
        Ok(())
    }

    fn pad(&mut self, align: u64) -> Result<()> {
        const ZEROS: [u8; 4096] = [0; 4096];
        let aligned = self.position.next_multiple_of(align);
        while self.position < aligned {
            let len = (aligned - self.position).min(ZEROS.len() as u64);
            self.out.write_all(&ZEROS[..len as usize])?;
            self.position += len;
        }
        Ok(())
    }
}
