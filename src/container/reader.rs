//! Reading a file.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use super::trailer::Trailer;
use super::{Entry, Header, Input, PIECE, Revision, index};
use crate::buffers::Source;
use crate::bytes::{AlignedBuf, Keep, Shared};
use crate::codec::{self, Registry};
use crate::error::{Error, ErrorKind, Result};

/// How a file is read.
#[derive(Clone, Debug)]
pub(crate) struct ReadOptions {
    /// Whether the digest of a buffer is checked before the buffer is used. That of the index always is.
    pub(crate) verify: bool,
    /// The most bytes that all buffers together may have when they are decoded.
    pub(crate) max_decoded: Option<u64>,
    /// The codecs that can be decoded.
    pub(crate) registry: Registry,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions { verify: true, max_decoded: None, registry: Registry::new() }
    }
}

/// An open file. Python's `BinPickleFile`, without the unpickling.
///
/// Its buffers are read, verified and decoded when they are first asked for, and then once for all threads.
pub(crate) struct Reader<'i> {
    pub(super) input: Box<dyn Input + 'i>,
    pub(super) header: Header,
    pub(super) index_offset: u64,
    pub(super) entries: Vec<Entry>,
    slots: Vec<Slot>,
    options: ReadOptions,
    keep: Keep,
}

/// What is known of a buffer.
#[derive(Default)]
struct Slot {
    /// Held while one thread verifies or decodes, so that another one waits for the result.
    busy: Mutex<()>,
    /// Whether the bytes of the input, when they are in memory, have been verified.
    verified: AtomicBool,
    /// The decoded bytes, when the input does not have them in memory.
    decoded: OnceLock<Arc<AlignedBuf>>,
}

impl<'i> Reader<'i> {
    /// Opens a file: reads its header, its trailer and its index, and checks them whole.
    pub(crate) fn open(input: impl Input + 'i, options: ReadOptions) -> Result<Self> {
        Self::open_boxed(Box::new(input), options)
    }

    fn open_boxed(input: Box<dyn Input + 'i>, options: ReadOptions) -> Result<Self> {
        let mut start = [0; Header::SIZE];
        let start = &mut start[..input.len().min(Header::SIZE as u64) as usize];
        input.read_at(0, start)?;
        let mut header = Header::decode(start, input.len())?;
        let trailer = find_trailer(&*input, &mut header)?;

        let index = read(&*input, trailer.index_offset, u64::from(trailer.index_len))?;
        if Sha256::digest(&index)[..] != trailer.digest {
            return Err(Error::integrity("the index is damaged: its digest does not match").at(trailer.index_offset));
        }
        let entries = index::decode(&index).map_err(|error| error.at(trailer.index_offset))?;
        drop(index);
        check_entries(&entries, trailer.index_offset)?;
        check_limit(&entries, options.max_decoded)?;

        let slots = entries.iter().map(|_| Slot::default()).collect();
        let index_offset = trailer.index_offset;
        Ok(Reader { input, header, index_offset, entries, slots, options, keep: Keep::new() })
    }

    /// The header.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// What the index says of each buffer. The last one is the pickle stream.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The pickle stream.
    pub(crate) fn stream(&self) -> Result<&[u8]> {
        match self.entries.len().checked_sub(1) {
            Some(last) => self.lend_entry(last),
            None => Err(Error::data("the file holds no object")),
        }
    }

    fn lend_entry(&self, number: usize) -> Result<&[u8]> {
        match self.in_memory(number)? {
            Some(bytes) => Ok(bytes),
            None => Ok(self.decoded(number)?),
        }
    }

    /// The encoded bytes of a buffer, if the whole input is in memory.
    fn encoded_in_memory(&self, number: usize) -> Option<&[u8]> {
        let entry = &self.entries[number];
        // `check_entries` has seen to it that the range is within the file, so it fits a slice of the file.
        self.input.as_slice().map(|all| &all[entry.offset as usize..entry.end() as usize])
    }

    /// A buffer that can be used where it is in the input.
    fn in_memory(&self, number: usize) -> Result<Option<&[u8]>> {
        let Some(bytes) = self.encoded_in_memory(number).filter(|_| self.entries[number].codecs.is_empty()) else {
            return Ok(None);
        };
        let slot = &self.slots[number];
        if self.options.verify && !slot.verified.load(Ordering::Acquire) {
            let _busy = slot.busy.lock().unwrap_or_else(PoisonError::into_inner);
            if !slot.verified.load(Ordering::Acquire) {
                self.check_digest(number, Sha256::digest(bytes).into())?;
                slot.verified.store(true, Ordering::Release);
            }
        }
        Ok(Some(bytes))
    }

    /// A buffer in memory of its own, which it gets when it is asked for the first time.
    fn decoded(&self, number: usize) -> Result<&Arc<AlignedBuf>> {
        let slot = &self.slots[number];
        if let Some(decoded) = slot.decoded.get() {
            return Ok(decoded);
        }
        let _busy = slot.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(decoded) = slot.decoded.get() {
            return Ok(decoded);
        }
        let mut decoded = AlignedBuf::zeroed(self.decoded_len(number)).map_err(|error| error.in_buffer(number))?;
        self.read_entry(number, &mut decoded)?;
        Ok(slot.decoded.get_or_init(|| Arc::new(decoded)))
    }

    fn decoded_len(&self, number: usize) -> usize {
        // `check_entries` has seen to it that it fits.
        self.entries[number].dec_len as usize
    }

    /// Reads, verifies and decodes a buffer into memory of its length.
    fn read_entry(&self, number: usize, out: &mut [u8]) -> Result<()> {
        let entry = &self.entries[number];
        let failed = |error: Error| error.in_buffer(number).at(entry.offset);
        if !entry.codecs.is_empty() {
            let encoded = read(&*self.input, entry.offset, entry.enc_len).map_err(failed)?;
            if self.options.verify {
                self.check_digest(number, Sha256::digest(&encoded).into())?;
            }
            return codec::decode_into(&entry.codecs, &encoded, out, &self.options.registry).map_err(failed);
        }
        if !self.options.verify {
            return self.input.read_at(entry.offset, out).map_err(failed);
        }
        let mut hash = Sha256::new();
        let mut offset = entry.offset;
        for piece in out.chunks_mut(PIECE) {
            self.input.read_at(offset, piece).map_err(failed)?;
            hash.update(&*piece);
            offset += piece.len() as u64;
        }
        self.check_digest(number, hash.finalize().into())
    }

    /// Checks the digest and, where there are codecs, that the buffer decodes to the length that it should have.
    pub(super) fn check_buffer(&self, number: usize) -> Result<()> {
        let entry = &self.entries[number];
        let failed = |error: Error| error.in_buffer(number).at(entry.offset);
        let mut hash = Sha256::new();
        self.pieces(entry.offset, entry.end(), |_, piece| {
            hash.update(piece);
            Ok(())
        })
        .map_err(failed)?;
        self.check_digest(number, hash.finalize().into())?;
        if !entry.codecs.is_empty() {
            let mut out = AlignedBuf::zeroed(self.decoded_len(number)).map_err(failed)?;
            let encoded = read(&*self.input, entry.offset, entry.enc_len).map_err(failed)?;
            codec::decode_into(&entry.codecs, &encoded, &mut out, &self.options.registry).map_err(failed)?;
        }
        Ok(())
    }

    /// Calls a function with piece after piece of a part of the file, and the offset of each.
    pub(super) fn pieces(
        &self,
        mut start: u64,
        end: u64,
        mut each: impl FnMut(u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        if let Some(all) = self.input.as_slice() {
            return each(start, &all[start as usize..end as usize]);
        }
        let mut buffer = vec![0; (end - start).min(PIECE as u64) as usize];
        while start < end {
            let len = (end - start).min(PIECE as u64) as usize;
            let piece = &mut buffer[..len];
            self.input.read_at(start, piece)?;
            each(start, piece)?;
            start += len as u64;
        }
        Ok(())
    }

    fn check_digest(&self, number: usize, digest: [u8; 32]) -> Result<()> {
        let entry = &self.entries[number];
        if digest == entry.digest {
            return Ok(());
        }
        let message = "the buffer is damaged: its digest does not match";
        Err(Error::integrity(message).in_buffer(number).at(entry.offset))
    }

    fn known(&self, index: usize) -> Result<usize> {
        if index < self.buffer_count() {
            return Ok(index);
        }
        let message =
            format!("buffer {index} was asked for, and the file has {} beside the stream", self.buffer_count());
        Err(Error::pickle(message))
    }
}

impl Source for Reader<'_> {
    fn buffer_count(&self) -> usize {
        self.entries.len().saturating_sub(1)
    }

    fn buffer_len(&self, index: usize) -> Result<usize> {
        Ok(self.decoded_len(self.known(index)?))
    }

    fn lend(&self, index: usize) -> Result<&[u8]> {
        self.lend_entry(self.known(index)?)
    }

    fn read_into(&self, index: usize, out: &mut [u8]) -> Result<()> {
        let number = self.known(index)?;
        if out.len() != self.decoded_len(number) {
            let message = format!("the buffer has {} bytes, not {}", self.decoded_len(number), out.len());
            return Err(Error::data(message).in_buffer(number));
        }
        let slot = &self.slots[number];
        if let Some(decoded) = slot.decoded.get() {
            out.copy_from_slice(decoded);
            return Ok(());
        }
        // What is in memory and was verified is copied at once; what was not is copied piece by piece while it is.
        if slot.verified.load(Ordering::Acquire)
            && let Some(bytes) = self.in_memory(number)?
        {
            out.copy_from_slice(bytes);
            return Ok(());
        }
        self.read_entry(number, out)
    }

    fn share(&self, index: usize) -> Result<Shared> {
        let number = self.known(index)?;
        let entry = &self.entries[number];
        if let Some(map) = self.input.map()
            && self.in_memory(number)?.is_some()
        {
            return Ok(Shared::of_map(map.clone(), entry.offset as usize..entry.end() as usize));
        }
        Ok(Shared::of_buffer(self.decoded(number)?.clone()))
    }

    fn keep(&self) -> &Keep {
        &self.keep
    }
}

/// A part of the input: borrowed from memory, or read. It has been checked that the input is as long.
fn read(input: &dyn Input, offset: u64, len: u64) -> Result<Cow<'_, [u8]>> {
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

/// Reads the trailer, which is where it says that it is, and learns the revision from it.
fn find_trailer(input: &dyn Input, header: &mut Header) -> Result<Trailer> {
    for revision in [Revision::V2, Revision::V2Mac] {
        let size = revision.trailer_len() as u64;
        let Some(offset) = header.len.checked_sub(size).filter(|&offset| offset > Header::SIZE as u64) else {
            continue;
        };
        let mut bytes = [0; Trailer::SIZE];
        input.read_at(offset, &mut bytes)?;
        let trailer = Trailer::decode(&bytes);
        if !trailer.is_at(offset) {
            continue;
        }
        if trailer.index_offset < Header::SIZE as u64 {
            return Err(Error::format("the trailer says that the index begins in the header").at(offset));
        }
        let mac_offset = offset + Trailer::SIZE as u64;
        if read(input, mac_offset, size - Trailer::SIZE as u64)?.iter().any(|&byte| byte != 0) {
            let message = "the file has a message authentication code, which this version of binpickle does not check";
            return Err(Error::new(ErrorKind::Unsupported, message).at(mac_offset));
        }
        header.revision = revision;
        return Ok(trailer);
    }
    Err(Error::format("the trailer is not where the length of the file says, or does not fit the file").at(8))
}

/// Checks that the buffers lie in order between the header and the index, without overlapping.
fn check_entries(entries: &[Entry], index_offset: u64) -> Result<()> {
    let mut position = Header::SIZE as u64;
    for (number, entry) in entries.iter().enumerate() {
        let wrong = |message: String| Err(Error::format(message).in_buffer(number));
        let &Entry { offset, enc_len, dec_len, .. } = entry;
        if offset < position {
            return wrong(format!("the buffer begins at {offset}, within what ends at {position}"));
        }
        position = match offset.checked_add(enc_len) {
            Some(end) if end <= index_offset => end,
            _ => {
                return wrong(format!(
                    "the buffer of {enc_len} bytes at {offset} reaches into the index at {index_offset}"
                ));
            }
        };
        if entry.codecs.is_empty() && enc_len != dec_len {
            return wrong(format!(
                "the buffer is not encoded, and has {enc_len} bytes in the file, but {dec_len} in memory"
            ));
        }
        if enc_len == 0 && !entry.codecs.is_empty() {
            return wrong("an empty buffer is said to be encoded".to_owned());
        }
        if isize::try_from(dec_len).is_err() {
            return wrong(format!("no memory holds {dec_len} bytes"));
        }
    }
    Ok(())
}

fn check_limit(entries: &[Entry], max_decoded: Option<u64>) -> Result<()> {
    let total = entries.iter().fold(0u64, |total, entry| total.saturating_add(entry.dec_len));
    match max_decoded {
        Some(max) if total > max => {
            Err(Error::limit(format!("the file holds {total} bytes when decoded, more than the {max} allowed")))
        }
        _ => Ok(()),
    }
}
