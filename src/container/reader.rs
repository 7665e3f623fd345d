//! Reading a file.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::check::{Found, check_entries, check_limits, find_trailer};
use super::digest::Hasher;
use super::input::{Input, read};
use super::loading::LARGE;
use super::{
    Digest, Entry, Header, MacKey, OnProgress, PIECE, Task, Work, default_threads, index, registry_for_reading,
};
use crate::bytes::{AlignedBuf, Keep, Shared};
use crate::codec::{MAX_STEPS, Registry};
use crate::error::{Error, ErrorKind, Result};
use crate::trace::debug;

/// How a file is read.
#[derive(Clone, Debug)]
pub(crate) struct ReadOptions {
    /// Whether the digest of a buffer is checked before the buffer is used. That of the index always is.
    pub(crate) verify: bool,
    /// The most bytes that all buffers together may have when they are decoded; by default what one compressor can
    /// make of the file, or little.
    pub(crate) max_decoded: Option<u64>,
    /// The most buffers that there may be.
    pub(crate) max_entries: usize,
    /// The most codecs that a buffer may have gone through.
    pub(crate) max_codecs: usize,
    /// Whether what does no harm is refused too.
    pub(crate) strict: bool,
    /// The key of the code that the file must have.
    pub(crate) mac_key: Option<MacKey>,
    /// The codecs that can be decoded.
    pub(crate) registry: Registry,
    /// On how many threads digests are checked; at least 1.
    pub(crate) threads: usize,
    /// Who wants to know how far a load or a check is.
    pub(crate) on_progress: Option<OnProgress>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            verify: true,
            max_decoded: None,
            max_entries: 1 << 20,
            max_codecs: MAX_STEPS,
            strict: false,
            mac_key: None,
            registry: Registry::new(),
            threads: default_threads(),
            on_progress: None,
        }
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
    pub(super) options: ReadOptions,
    keep: Keep,
}

/// What is known of a buffer.
#[derive(Default)]
struct Slot {
    /// Held while one thread verifies or decodes, so that another one waits for the result.
    busy: Mutex<()>,
    /// Whether the bytes have been verified. It spares doing it again if they stay in memory.
    verified: AtomicBool,
    /// The decoded bytes, when the input does not have them in memory.
    decoded: OnceLock<Arc<AlignedBuf>>,
    /// The same before its digest is known. Only a load sees it, which fails if it is not the right one.
    unverified: OnceLock<Arc<AlignedBuf>>,
}

impl<'i> Reader<'i> {
    /// Opens a file: reads its header, its trailer and its index, and checks them whole.
    pub(crate) fn open(input: impl Input + 'i, options: ReadOptions) -> Result<Self> {
        Self::open_boxed(Box::new(input), options)
    }

    fn open_boxed(input: Box<dyn Input + 'i>, options: ReadOptions) -> Result<Self> {
        let reader = Self::open_unchecked(input, options)?;
        check_entries(&reader.entries, reader.index_offset, &reader.options.registry).collect::<Result<()>>()?;
        check_limits(&reader.entries, reader.header.len, &reader.options)?;
        match reader.check_layout().into_iter().next().filter(|_| reader.options.strict) {
            Some(error) => Err(error),
            None => Ok(reader),
        }
    }

    /// All that is wrong with a file, also with one that cannot be opened for it.
    pub(crate) fn examine(input: impl Input + 'i, options: ReadOptions) -> (Option<Self>, Vec<Error>) {
        let reader = match Self::open_unchecked(Box::new(input), options) {
            Ok(reader) => reader,
            Err(error) => return (None, vec![error]),
        };
        let checked = check_entries(&reader.entries, reader.index_offset, &reader.options.registry).enumerate();
        let work = reader.work_on_all(Task::Verify);
        let mut errors = Vec::new();
        for (number, checked) in checked {
            errors.extend(checked.and_then(|()| reader.check_buffer_within_limits(number, &work)).err());
            work.end(number);
        }
        let believed = errors.iter().all(|error| error.kind() != ErrorKind::Format);
        match check_limits(&reader.entries, reader.header.len, &reader.options) {
            _ if !believed => (None, errors),
            Ok(()) => {
                errors.splice(0..0, reader.check_layout());
                (Some(reader), errors)
            }
            Err(error) => {
                errors.push(error);
                (None, errors)
            }
        }
    }

    fn check_buffer_within_limits(&self, number: usize, work: &Work) -> Result<()> {
        check_limits(&self.entries[number..=number], self.header.len, &self.options)
            .map_err(|error| error.in_buffer(number))
            .and_then(|()| self.check_buffer(number, work))
    }

    /// A file whose index is the one that was written, but may say anything.
    fn open_unchecked(input: Box<dyn Input + 'i>, mut options: ReadOptions) -> Result<Self> {
        let mut bytes = [0; Header::SIZE];
        let start = &mut bytes[..input.len().min(Header::SIZE as u64) as usize];
        input.read_at(0, start)?;
        let mut header = Header::decode(start, input.len())?;
        let Found { trailer, mac, mac_offset } = find_trailer(&*input, &mut header, options.mac_key.as_ref())?;

        let index = read(&*input, trailer.index_offset, u64::from(trailer.index_len))?;
        if let Some(key) = &options.mac_key {
            key.check(&bytes, &index, &mac).map_err(|error| error.at(mac_offset))?;
            // The code says nothing of a buffer but its digest.
            options.verify = true;
        }
        if Digest::of(header.revision, &index) != trailer.digest {
            return Err(Error::integrity("the index is damaged: its digest does not match").at(trailer.index_offset));
        }
        let entries = index::decode(header.revision, &index, options.max_entries)
            .map_err(|error| error.at(trailer.index_offset))?;
        drop(index);
        debug!("read {} entries from a file: {header}", entries.len());
        options.registry = registry_for_reading(header.revision, options.registry);

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

    /// Work on some of the buffers.
    pub(crate) fn work(&self, task: Task, wanted: impl FnOnce() -> Vec<usize>) -> Work {
        Work::reading(self.options.on_progress.as_ref(), task, || {
            let mut lens = vec![0; self.entries.len()];
            for number in wanted() {
                lens[number] = self.entries[number].enc_len;
            }
            lens
        })
    }

    /// Work on all buffers.
    pub(crate) fn work_on_all(&self, task: Task) -> Work {
        self.work(task, || (0..self.entries.len()).collect())
    }

    /// The pickle stream.
    pub(crate) fn stream(&self) -> Result<&[u8]> {
        match self.entries.len().checked_sub(1) {
            Some(last) => self.lend_entry(last),
            None => Err(Error::data("the file holds no object")),
        }
    }

    /// The pickle stream, if it has gone through no codec, before its digest is known: [`confirm`](Reader::confirm) checks
    /// just these bytes.
    pub(super) fn unverified_stream(&self) -> Result<&[u8]> {
        let number = self.buffer_count();
        if let Some(bytes) = self.encoded_in_memory(number) {
            return Ok(bytes);
        }
        let slot = &self.slots[number];
        if let Some(bytes) = slot.unverified.get() {
            return Ok(bytes);
        }
        let entry = &self.entries[number];
        debug!("reading buffer {number} at {}: {entry}", entry.offset);
        let bytes = AlignedBuf::filled(self.decoded_len(number), |at, rest| {
            self.input.read_new(entry.offset + at as u64, rest)
        })
        .map_err(|error| error.in_buffer(number).at(entry.offset))?;
        Ok(slot.unverified.get_or_init(|| Arc::new(bytes)))
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
                self.check_digest(number, Digest::of(self.header.revision, bytes))?;
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
        // It is asked for once, and then counts as a whole.
        self.read_entry(number, &mut decoded, &Work::default())?;
        Ok(slot.decoded.get_or_init(|| Arc::new(decoded)))
    }

    fn decoded_len(&self, number: usize) -> usize {
        // `check_entries` has seen to it that it fits.
        self.entries[number].dec_len as usize
    }

    /// Reads, verifies and decodes a buffer into memory of its length.
    fn read_entry(&self, number: usize, out: &mut [u8], work: &Work) -> Result<()> {
        let entry = &self.entries[number];
        let failed = |error: Error| error.in_buffer(number).at(entry.offset);
        debug!("reading buffer {number} at {}: {entry}", entry.offset);
        if !entry.codecs.is_empty() {
            return self.decode(number, out, self.options.verify, work).map_err(failed);
        }
        if !self.options.verify {
            return self.input.read_at(entry.offset, out).map_err(failed);
        }
        let mut hash = Hasher::new(self.header.revision);
        let mut offset = entry.offset;
        for piece in out.chunks_mut(PIECE) {
            self.input.read_at(offset, piece).map_err(failed)?;
            hash.update(piece);
            offset += piece.len() as u64;
            work.add(number, piece.len());
        }
        self.check_digest(number, hash.finish())?;
        self.slots[number].verified.store(true, Ordering::Release);
        Ok(())
    }

    /// Checks the digest and, where there are codecs, that the buffer decodes to the length that it should have.
    ///
    /// It keeps nothing, so that a file of any size can be verified in little memory, and by several threads.
    pub(crate) fn check_buffer(&self, number: usize, work: &Work) -> Result<()> {
        let entry = &self.entries[number];
        let failed = |error: Error| error.in_buffer(number).at(entry.offset);
        if !entry.codecs.is_empty() {
            let mut out = AlignedBuf::zeroed(self.decoded_len(number)).map_err(failed)?;
            return self.decode(number, &mut out, true, work).map_err(failed);
        }
        let mut hash = Hasher::new(self.header.revision);
        let hashed = self.pieces(entry.offset, entry.end(), |_, bytes| {
            digest_watched(&mut hash, number, bytes, work);
            Ok(())
        });
        hashed.map_err(failed)?;
        self.check_digest(number, hash.finish())
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

    pub(super) fn check_digest(&self, number: usize, digest: Digest) -> Result<()> {
        let entry = &self.entries[number];
        if digest == entry.digest {
            debug!("verified buffer {number}");
            return Ok(());
        }
        let message = "the buffer is damaged: its digest does not match";
        Err(Error::integrity(message).in_buffer(number).at(entry.offset))
    }

    /// The buffers that have been verified or decoded.
    #[cfg(test)]
    pub(crate) fn used_buffers(&self) -> Vec<usize> {
        let used = |slot: &Slot| slot.verified.load(Ordering::Acquire) || slot.decoded.get().is_some();
        (0..self.slots.len()).filter(|&number| used(&self.slots[number])).collect()
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.options.strict
    }

    pub(super) fn threads(&self) -> usize {
        self.options.threads.max(1)
    }

    /// Whether there are digests that are worth a thread of their own.
    ///
    /// Where a key is demanded, nothing is read twice from what someone may change in between.
    pub(super) fn has_large_buffers(&self) -> bool {
        if self.options.mac_key.is_some() && self.input.as_slice().is_none() {
            return false;
        }
        (0..self.entries.len()).any(|number| self.is_worth_a_thread(number))
    }

    /// Whether the digest of a buffer is to be checked, and takes long. The digest of an encoded buffer is checked
    /// before it is decoded, so that a decoder sees only what was written.
    pub(super) fn is_worth_a_thread(&self, number: usize) -> bool {
        let entry = &self.entries[number];
        self.options.verify
            && entry.codecs.is_empty()
            && entry.enc_len >= LARGE
            && !self.slots[number].verified.load(Ordering::Acquire)
            && self.slots[number].decoded.get().is_none()
    }

    /// Checks the digest of a buffer without codecs, for good if the input keeps it in memory, or we do.
    pub(super) fn confirm(&self, number: usize, work: &Work) -> Result<()> {
        let slot = &self.slots[number];
        if let Some(bytes) = slot.unverified.get() {
            let mut hash = Hasher::new(self.header.revision);
            digest_watched(&mut hash, number, bytes, work);
            self.check_digest(number, hash.finish())?;
            slot.decoded.get_or_init(|| bytes.clone());
        } else {
            self.check_buffer(number, work)?;
        }
        work.end(number);
        slot.verified.store(true, Ordering::Release);
        Ok(())
    }

    /// A buffer where it is in the input, if it is there without a codec.
    pub(super) fn unverified(&self, index: usize) -> Result<Option<&[u8]>> {
        let number = self.known(index)?;
        Ok(self.encoded_in_memory(number).filter(|_| self.entries[number].codecs.is_empty()))
    }

    /// As [`unverified`](Reader::unverified), with a share of the map that the input is.
    pub(super) fn unverified_share(&self, index: usize) -> Result<Option<Shared>> {
        let entry = &self.entries[self.known(index)?];
        let map = self.input.map().filter(|_| entry.codecs.is_empty());
        Ok(map.map(|map| Shared::of_map(map.clone(), entry.offset as usize..entry.end() as usize)))
    }

    /// Reads a buffer without codecs into memory of its length.
    pub(super) fn read_unverified(&self, number: usize, out: &mut [u8]) -> Result<()> {
        let entry = &self.entries[number];
        debug!("reading buffer {number} at {}: {entry}", entry.offset);
        self.input.read_at(entry.offset, out).map_err(|error| error.in_buffer(number).at(entry.offset))
    }

    pub(crate) fn buffer_len(&self, index: usize) -> Result<usize> {
        Ok(self.decoded_len(self.known(index)?))
    }

    /// The bytes of a buffer, verified and decoded: where they are in the input, or a copy that is kept.
    pub(super) fn lend(&self, index: usize) -> Result<&[u8]> {
        self.lend_entry(self.known(index)?)
    }

    /// Reads a buffer, verified and decoded, into memory of its length.
    pub(super) fn read_into(&self, index: usize, out: &mut [u8], work: &Work) -> Result<()> {
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
        self.read_entry(number, out, work)
    }

    /// As [`lend`](Reader::lend), with a share of the memory.
    pub(super) fn share(&self, index: usize) -> Result<Shared> {
        let number = self.known(index)?;
        if let Some(shared) = self.unverified_share(index)?
            && self.in_memory(number)?.is_some()
        {
            return Ok(shared);
        }
        Ok(Shared::of_buffer(self.decoded(number)?.clone()))
    }

    /// How many buffers there are beside the stream.
    pub(super) fn buffer_count(&self) -> usize {
        self.entries.len().saturating_sub(1)
    }

    /// The number of a buffer that the stream asked for.
    pub(super) fn known(&self, index: usize) -> Result<usize> {
        if index < self.buffer_count() {
            return Ok(index);
        }
        let message =
            format!("buffer {index} was asked for, and the file has {} beside the stream", self.buffer_count());
        Err(Error::pickle(message))
    }

    /// Where to put what must be lent but is in no buffer in the right form.
    pub(super) fn keep(&self) -> &Keep {
        &self.keep
    }
}

/// Digests bytes of a buffer, and says how far it is.
fn digest_watched(hash: &mut Hasher, number: usize, bytes: &[u8], work: &Work) {
    for piece in bytes.chunks(PIECE) {
        hash.update(piece);
        work.add(number, piece.len());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use super::super::testing::{GZIP, MAPPABLE, RAW, arrays, golden, load, open, options, write, write_to};
    use super::super::{FileInput, Memory, StreamInput};
    use super::*;
    use crate::bytes::Map;
    use crate::codec::CodecConfig;
    use crate::error::ErrorKind;

    fn check(reader: &Reader<'_>) {
        assert_eq!(reader.buffer_count(), 3);
        for (number, (data, ..)) in arrays().iter().enumerate() {
            assert_eq!(reader.buffer_len(number).unwrap(), data.len());
            let mut out = vec![1; data.len()];
            reader.read_into(number, &mut out, &Work::default()).unwrap();
            assert_eq!(out, *data);
            assert_eq!(reader.lend(number).unwrap(), data);
            out.fill(1);
            reader.read_into(number, &mut out, &Work::default()).unwrap();
            assert_eq!(out, *data);
            assert_eq!(&*reader.share(number).unwrap(), data);
            assert_eq!(reader.lend(number).unwrap().as_ptr(), reader.lend(number).unwrap().as_ptr());
            assert!(reader.read_into(number, &mut vec![0; data.len() + 1], &Work::default()).is_err());
        }
        assert_eq!(reader.stream().unwrap()[..2], [0x80, 5]);
        for beyond in [3, 4, usize::MAX] {
            assert_eq!(reader.lend(beyond).unwrap_err().kind(), ErrorKind::Pickle);
            assert!(reader.share(beyond).is_err() && reader.buffer_len(beyond).is_err());
        }
    }

    fn check_file(path: &Path, file: &[u8], options: &ReadOptions) {
        std::fs::write(path, file).unwrap();
        check(&Reader::open(Memory(file), options.clone()).unwrap());
        check(&Reader::open(Memory(file.to_vec()), options.clone()).unwrap());
        check(&Reader::open(Map::of_copy(file), options.clone()).unwrap());
        check(&Reader::open(FileInput::open(path).unwrap(), options.clone()).unwrap());
        check(&Reader::open(StreamInput::new(Cursor::new(file)).unwrap(), options.clone()).unwrap());
    }

    #[test]
    fn from_anywhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.bpk");
        let python = [RAW, MAPPABLE, GZIP].map(golden);
        let ours =
            ["gzip", "zlib", "zstd"].into_iter().filter(|id| Registry::new().codec(&CodecConfig::new(*id)).is_ok());
        let stream = open(&python[0]).unwrap().stream().unwrap().to_vec();
        let ours = ours.map(|id| write(options(None, &[id]), &stream));
        for file in python.into_iter().filter(|file| load(file).is_ok()).chain(ours) {
            for verify in [true, false] {
                check_file(&path, &file, &ReadOptions { verify, ..ReadOptions::default() });
            }
        }
    }

    #[test]
    fn what_is_in_memory_is_lent_from_there() {
        let file = golden(MAPPABLE);
        let reader = open(&file).unwrap();
        for number in 0..3 {
            let offset = reader.entries()[number].offset as usize;
            assert_eq!(reader.lend(number).unwrap().as_ptr(), file[offset..].as_ptr());
        }
    }

    #[test]
    fn a_share_of_a_map_outlives_the_reader() {
        let file = golden(MAPPABLE);
        let map = Map::of_copy(&file);
        let reader = Reader::open(map.clone(), ReadOptions::default()).unwrap();
        let shared = reader.share(1).unwrap();
        assert_eq!(shared.as_ptr(), map[128..].as_ptr());
        drop((reader, map));
        assert_eq!(*shared, arrays()[1].0);
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn decoded_once_for_all_threads() {
        let mut writer = super::super::Writer::new(Cursor::new(Vec::new()), options(None, &["zstd"])).unwrap();
        let data: Vec<u8> = (0..1_000_000u32).flat_map(u32::to_le_bytes).collect();
        crate::buffers::Sink::write_buffer(&mut writer, &data, None).unwrap();
        let file = writer.finish_whole(b"N.").unwrap().into_inner();
        let reader = open(&file).unwrap();
        let lent: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| reader.lend(0).unwrap().as_ptr() as usize)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(lent.iter().all(|&address| address == lent[0] && address % 64 == 0));
        assert!(reader.lend(0).unwrap() == data);
        let shared = reader.share(0).unwrap();
        assert_eq!(shared.as_ptr() as usize, lent[0]);
        drop(reader);
        assert!(*shared == *data);
    }

    #[test]
    fn large_buffers_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.bpk");
        for len in [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5] {
            let data: Vec<u8> = (0..len).map(|n| (n * n / 7) as u8).collect();
            let mut writer =
                super::super::Writer::new(std::fs::File::create(&path).unwrap(), options(None, &[])).unwrap();
            crate::buffers::Sink::write_buffer(&mut writer, &data, None).unwrap();
            writer.finish_whole(b"N.").unwrap();
            let reader = Reader::open(FileInput::open(&path).unwrap(), ReadOptions::default()).unwrap();
            assert!(reader.find_errors().is_empty());
            let mut out = vec![0; len];
            reader.read_into(0, &mut out, &Work::default()).unwrap();
            assert!(out == data && reader.lend(0).unwrap() == data);
        }
    }

    #[test]
    fn a_damaged_buffer_harms_no_other() {
        let mut file = write(options(None, &[]), b"N.");
        file[30] ^= 1;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.bpk");
        std::fs::write(&path, &file).unwrap();
        for reader in [open(&file), Reader::open(FileInput::open(&path).unwrap(), ReadOptions::default())] {
            let reader = reader.unwrap();
            let failed = |error: Error| {
                (error.kind(), error.buffer(), error.offset()) == (ErrorKind::Integrity, Some(1), Some(28))
            };
            assert!(failed(reader.lend(1).unwrap_err()));
            assert!(failed(reader.lend(1).unwrap_err()));
            assert!(failed(reader.read_into(1, &mut [0; 48], &Work::default()).unwrap_err()));
            assert!(failed(reader.share(1).err().unwrap()));
            assert!(reader.lend(0).is_ok() && reader.stream().is_ok());
        }
        let trusting = ReadOptions { verify: false, ..ReadOptions::default() };
        assert!(Reader::open(Memory(&file[..]), trusting).unwrap().lend(1).is_ok());
    }

    #[test]
    fn a_file_that_is_cut_while_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.bpk");
        let file = std::fs::File::create(&path).unwrap();
        write_to(&file, options(None, &[]), b"N.").unwrap();
        let reader = Reader::open(FileInput::open(&path).unwrap(), ReadOptions::default()).unwrap();
        file.set_len(40).unwrap();
        assert!(reader.lend(0).is_ok());
        let error = reader.lend(1).unwrap_err();
        assert_eq!(error.to_string(), "the file was cut while it was read (buffer 1, byte 28)");
        assert_eq!(error.kind(), ErrorKind::Format);
        assert_eq!(reader.find_errors().len(), 2);
    }
}
