//! How to load.

use std::fmt;
use std::io::{Read, Seek};
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::buffers::Source;
use crate::bytes::{Borrowing, Map, Tied};
use crate::codec::Registry;
use crate::container::{
    Entry, FileInput, Header, MacKey, Memory, OnProgress, Progress, ReadOptions, Reader, Revision, StreamInput, Task,
    Work,
};
use crate::de::{self, Limits, Place};
use crate::error::{Error, Result};
use crate::size::Size;
use crate::stream::Arena;
use crate::trace::debug;

/// An open file. What it holds can be loaded, more than once and piece by piece borrowed from it.
///
/// As Python's `BinPickleFile`: [`open`](BinPickleFile::open) is its `direct=False`, [`map`](BinPickleFile::map) its
/// `direct=True`. When a file is opened its header, trailer and index are read and checked against each other; the
/// buffers are read, verified and decoded when they are asked for.
///
/// ```
/// use binpickle::BinPickleFile;
///
/// let path = std::env::temp_dir().join("binpicklefile.bpk");
/// binpickle::to_path(&vec![1.0f64; 1000], &path)?;
///
/// let file = BinPickleFile::open(&path)?;
/// assert_eq!(file.entries().len(), 2);
/// assert_eq!(file.entries()[0].array().unwrap().dtype(), "float64");
/// assert_eq!(file.load::<Vec<f64>>()?.len(), 1000);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), binpickle::Error>(())
/// ```
pub struct BinPickleFile {
    /// The reader; and what the stream was parsed into, once a part of the object has been asked for.
    reader: Tied<Reader<'static>, Arenas>,
    limits: Limits,
}

/// An arena, which borrows from the reader of its stream.
struct Arenas;

impl Borrowing for Arenas {
    type Of<'o> = Arena<'o>;

    fn shorten<'s>(long: &'s Arena<'static>) -> &'s Arena<'s> {
        long
    }
}

impl BinPickleFile {
    /// Opens a file; buffers are read from it when they are needed. If another process cuts it meanwhile, that is an
    /// error.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        LoadOptions::new().open(path)
    }

    /// Maps a file into memory; uncompressed buffers can be borrowed from it without being read.
    ///
    /// # Safety
    ///
    /// As long as the file, or a [`MappedArray`](crate::MappedArray) loaded from it, lives, no process may write to the
    /// file or shorten it in place.
    ///
    /// What happens otherwise: if another process shortens the file (`truncate`, `cp` onto it, a program that opens it to
    /// write it anew), the next look at a page that is gone kills this process with the signal `SIGBUS`, wherever in the
    /// program that look is; the digests, which were right when they were checked, do not help. If another process changes
    /// the file, data behind a `&` change, which is undefined behaviour. Where that cannot be ruled out,
    /// [`open`](BinPickleFile::open) is the way: it reads the file, and a file that was shortened is an error.
    ///
    /// Replacing the file by another one of the same name, as this crate does when it saves, is safe, also for the file
    /// that is mapped: the map stays that of the old file. So are `mv` onto it and removing it.
    #[allow(unsafe_code, reason = "the caller's promise is passed on")]
    pub unsafe fn map(path: impl AsRef<Path>) -> Result<Self> {
        // SAFETY: the caller promises what is asked for.
        unsafe { LoadOptions::new().map(path) }
    }

    /// Takes a file that is already in memory.
    pub fn from_vec(bytes: Vec<u8>) -> Result<Self> {
        LoadOptions::new().from_vec(bytes)
    }

    /// Loads the object. It may borrow from the file.
    ///
    /// The type may be asked to deserialize itself up to three times: first straight from the pickle stream, expecting that
    /// structs have their fields in order, and then in any order; and if that fails, from the objects of the parsed stream.
    pub fn load<'file, T: Deserialize<'file>>(&'file self) -> Result<T> {
        // Who loads the whole object needs its arena only once.
        match self.reader.made() {
            Some(arena) => self.load_place(Place::Node(arena.root()), &self.reader.owner().work_on_all(Task::Load)),
            None => load(self.reader.owner(), self.limits),
        }
    }

    /// The parsed stream, which is kept.
    pub(crate) fn parse(&self) -> Result<&Arena<'_>> {
        let limits = self.limits;
        self.reader.make(|reader| reader.load(&Work::default(), |stream, source| parse(reader, stream, source, limits)))
    }

    /// Loads what is in a place of the object.
    pub(crate) fn load_at<'file, T: Deserialize<'file>>(&'file self, place: Place) -> Result<T> {
        let arena = self.parse()?;
        self.load_place(place, &self.reader.owner().work(Task::Load, || place.buffers(arena)))
    }

    fn load_place<'file, T: Deserialize<'file>>(&'file self, place: Place, work: &Work) -> Result<T> {
        let arena = self.parse()?;
        self.reader.owner().load(work, |stream, source| de::read(arena, place, stream, source, self.limits))
    }

    /// The buffers that have been verified or decoded.
    #[cfg(test)]
    pub(crate) fn used_buffers(&self) -> Vec<usize> {
        self.reader.owner().used_buffers()
    }

    /// The length of a buffer when it is decoded. Nothing is read for it.
    pub(crate) fn buffer_len(&self, index: usize) -> Result<usize> {
        self.reader.owner().buffer_len(index)
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        self.reader.owner().header()
    }

    /// What the index says of each buffer, in the order of the file. The last one is the pickle stream.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        self.reader.owner().entries()
    }

    /// The pickle stream, verified and decoded: what [`pickle::disassemble`](crate::pickle::disassemble) lists, for instance.
    pub fn stream(&self) -> Result<&[u8]> {
        self.reader.owner().stream()
    }

    pub(crate) fn reader(&self) -> &Reader<'static> {
        self.reader.owner()
    }

    /// Whether every buffer can be borrowed from a map: whether none went through a codec.
    #[must_use]
    pub fn is_mappable(&self) -> bool {
        self.entries().iter().all(|entry| entry.codecs().is_empty())
    }

    /// Reads the whole file, and fails with the first thing that is wrong with it.
    pub fn verify(&self) -> Result<()> {
        self.reader.owner().verify()?;
        check_stream(self.reader.owner(), self.limits).into_iter().next().map_or(Ok(()), Err)
    }

    /// Reads the whole file, and lists everything that is wrong with it: digests, lengths after decoding, arrays of
    /// another size than their buffer, padding that is not zero, a mark as mappable that is not true, bytes after the end, a
    /// malformed pickle stream, and buffers that the stream never asks for. As Python's `find_errors`, which looks for less. For
    /// a file that cannot even be opened, see [`find_errors`].
    #[must_use]
    pub fn find_errors(&self) -> Vec<Error> {
        let mut errors = self.reader.owner().find_errors();
        errors.extend(check_stream(self.reader.owner(), self.limits));
        errors
    }
}

/// What is wrong with the stream, and the buffers that it never asks for. A damaged stream has been found elsewhere.
fn check_stream(reader: &Reader<'_>, limits: Limits) -> Vec<Error> {
    let Some(last) =
        reader.entries().len().checked_sub(1).filter(|&last| reader.check_buffer(last, &Work::default()).is_ok())
    else {
        return Vec::new();
    };
    let unasked =
        reader.load(&Work::default(), |stream, source| Ok(unasked(&de::parse(stream, source, limits)?, source)));
    match unasked {
        Ok(unasked) => unasked.map(|number| Error::format(UNASKED).in_buffer(number)).collect(),
        Err(error) => vec![error.in_buffer(last)],
    }
}

const UNASKED: &str = "the pickle stream never asks for the buffer";

/// All that is wrong with the file at a path, also if it cannot be opened for it: every entry of its index that lies
/// elsewhere than it may, and whatever [`BinPickleFile::find_errors`] finds. With a sound file, nothing.
///
/// What cannot be read for want of a part that is understood – a header, a trailer, an index with the right digest – is one
/// error.
#[must_use]
pub fn find_errors(path: impl AsRef<Path>) -> Vec<Error> {
    LoadOptions::new().find_errors(path)
}

fn load<'de, T: Deserialize<'de>>(reader: &'de Reader<'_>, limits: Limits) -> Result<T> {
    reader.load(&reader.work_on_all(Task::Load), |stream, source| {
        if let Some((value, buffers_used)) = de::read_directly(stream, source, limits)
            && !(reader.is_strict() && buffers_used < source.buffer_count())
        {
            return Ok(value);
        }
        let arena = parse(reader, stream, source, limits)?;
        de::read(&arena, Place::Node(arena.root()), stream, source, limits)
    })
}

/// Parses the stream of a file, and in strict mode looks whether it asks for all that the file holds.
fn parse<'de>(reader: &Reader<'_>, stream: &'de [u8], source: &dyn Source<'de>, limits: Limits) -> Result<Arena<'de>> {
    let arena = de::parse(stream, source, limits)?;
    match unasked(&arena, source).next().filter(|_| reader.is_strict()) {
        Some(number) => Err(Error::format(UNASKED).in_buffer(number)),
        None => Ok(arena),
    }
}

/// The buffers that the stream never asks for.
fn unasked<'de>(arena: &Arena<'de>, source: &dyn Source<'de>) -> Range<usize> {
    arena.buffers_used()..source.buffer_count()
}

/// How a file is loaded: what is checked, and how much it may cost.
///
/// ```
/// use binpickle::{ErrorKind, LoadOptions};
///
/// let file = binpickle::to_vec(&vec![0u8; 1_000_000])?;
/// assert!(file.len() < 10_000);
/// let error = LoadOptions::new().max_decoded(100_000).from_slice::<Vec<u8>>(&file).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Limit);
/// # Ok::<(), binpickle::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct LoadOptions {
    read: ReadOptions,
    limits: Limits,
}

impl Default for LoadOptions {
    fn default() -> Self {
        LoadOptions::new()
    }
}

impl LoadOptions {
    /// Digests are verified, as in Python 0.4, and the limits are such that no honest file meets them.
    pub fn new() -> Self {
        LoadOptions { read: ReadOptions::default(), limits: Limits::default() }
    }

    /// Whether the digest of each buffer is checked when it is first used. The digest of the index always is.
    ///
    /// Without it, mapping a file touches only the pages that are used: a model of any size is there at once.
    pub fn verify(mut self, verify: bool) -> Self {
        self.read.verify = verify;
        self
    }

    /// On how many threads digests are checked, at least 1; by default as many as there are processors.
    ///
    /// With more than one, a load hands out large uncompressed buffers while their digests are still being checked, and
    /// fails at its end if one is wrong. Nothing that was loaded is given away before. [`BinPickleFile::verify`] and
    /// [`find_errors`](BinPickleFile::find_errors) check several buffers at once.
    pub fn threads(mut self, threads: usize) -> Self {
        self.read.threads = threads;
        self
    }

    /// Calls a function while an object or a part of it is loaded, and while a file is [verified](BinPickleFile::verify)
    /// or [searched for errors](find_errors()), or [rewritten](crate::Options::rewrite): for a progress bar.
    ///
    /// It is called after about each MiB, where a buffer is not decoded in one piece, and after each buffer; and at the
    /// end once with all bytes done, unless there are none or the work fails. What a type does not ask for is done then.
    /// It may be called from other threads than the one that loads, but never from two at once for one load; that load
    /// waits for it. It must not load from the same file.
    ///
    /// ```
    /// use binpickle::{LoadOptions, Options};
    ///
    /// let file = Options::mappable().to_vec(&vec![1.0f64; 1_000_000])?;
    /// let options = LoadOptions::new().on_progress(|progress| {
    ///     let (done, total) = (progress.done(), progress.total().unwrap_or_default());
    ///     eprint!("\r{:?}: {done} of {total} bytes, buffer {}", progress.task(), progress.buffer());
    /// });
    /// let numbers: Vec<f64> = options.from_slice(&file)?;
    /// # assert_eq!(numbers.len(), 1_000_000);
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    pub fn on_progress(mut self, function: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.read.on_progress = Some(OnProgress::new(function));
        self
    }

    /// How many bytes all buffers may have when decoded.
    ///
    /// By default 4 GiB, or 1,032 for each byte of the file if that is more: as much as gzip, the default codec, can
    /// make of it. Buffers that went through more than one compressor, which hardly anyone has a use for but makes
    /// terabytes of nothing, may by default hold 1,024 bytes for each byte in the file, and 8 MiB.
    ///
    /// It is also how many bytes a value may copy out of the file, where the same text or array is used many times:
    /// this, or four times what the buffers hold, 64 for each byte of the pickle stream and 8 MiB, whichever is more.
    /// What is borrowed costs nothing.
    pub fn max_decoded(mut self, bytes: u64) -> Self {
        self.read.max_decoded = Some(bytes);
        self.limits.max_copied = Some(bytes);
        self
    }

    /// How many buffers a file may have, the pickle stream included; by default 1,048,576.
    pub fn max_entries(mut self, entries: usize) -> Self {
        self.read.max_entries = entries;
        self
    }

    /// How many codecs a buffer may have gone through; by default 32, which is also the most.
    pub fn max_codecs(mut self, codecs: usize) -> Self {
        self.read.max_codecs = codecs;
        self
    }

    /// Whether also what does no harm is an error: padding that is not zero, a wrong mark as mappable, an array of
    /// another size than its buffer in the index, bytes after the end, and buffers that the stream never asks for. By default it is not, as in Python.
    ///
    /// With it, a file that loads is one of which every byte means something.
    pub fn strict(mut self, strict: bool) -> Self {
        self.read.strict = strict;
        self
    }

    /// Demands that the file was signed with this key, by [`Options::mac_key`](crate::Options::mac_key). A file that was not, or
    /// was altered since, is refused before anything of it is parsed; a buffer that was altered, before it is used. The
    /// digests of buffers are then always checked, whatever [`verify`](LoadOptions::verify) says.
    ///
    /// Without a key, a file that has a code is refused too ([`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)), as
    /// Python refuses it: whoever signs files wants them checked.
    pub fn mac_key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.read.mac_key = Some(MacKey::new(key.as_ref()));
        self
    }

    /// How deep containers may be nested; by default 1,024, without the feature `stacker` 128. Python's own pickler stops
    /// near 500. What is loaded is as deep, and Rust drops and clones it by recursion: more than the default needs
    /// threads with more stack than the usual two megabytes.
    pub fn max_depth(mut self, levels: u32) -> Self {
        self.limits.max_depth = levels;
        self
    }

    /// How many objects may be visited while a value is made, one that is shared each time it is met; by default
    /// 100,000, and 16 for each byte of the pickle stream.
    pub fn max_nodes(mut self, nodes: u64) -> Self {
        self.limits.max_nodes = Some(nodes);
        self
    }

    /// Where codecs are looked up by their id: those of this crate, and those that were registered beside them.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.read.registry = registry;
        self
    }

    /// As [`BinPickleFile::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<BinPickleFile> {
        debug!("opening {}", path.as_ref().display());
        self.file(Reader::open(FileInput::open(path.as_ref())?, self.read.clone()), path.as_ref())
    }

    /// As [`BinPickleFile::map`].
    ///
    /// # Safety
    ///
    /// See there.
    #[allow(unsafe_code, reason = "the caller's promise is passed on")]
    pub unsafe fn map(&self, path: impl AsRef<Path>) -> Result<BinPickleFile> {
        let path = path.as_ref();
        debug!("mapping {}", path.display());
        let file = FileInput::open(path)?;
        // SAFETY: the caller promises what is asked for.
        let map = unsafe { Map::new(file.file()) }.map_err(|error| Error::io("cannot map", path, error))?;
        self.file(Reader::open(map, self.read.clone()), path)
    }

    /// As [`BinPickleFile::from_vec`].
    pub fn from_vec(&self, bytes: Vec<u8>) -> Result<BinPickleFile> {
        Ok(self.opened(Reader::open(Memory(bytes), self.read.clone())?))
    }

    /// As [`find_errors`](find_errors()), with these limits, codecs and key.
    #[must_use]
    pub fn find_errors(&self, path: impl AsRef<Path>) -> Vec<Error> {
        let input = match FileInput::open(path.as_ref()) {
            Ok(input) => input,
            Err(error) => return vec![error],
        };
        let (reader, mut errors) = Reader::examine(input, self.read.clone());
        errors.extend(reader.into_iter().flat_map(|reader| check_stream(&reader, self.limits)));
        errors
    }

    /// Loads the object of a file. It cannot borrow from it: see [`BinPickleFile`] for what can.
    pub fn from_path<T: DeserializeOwned>(&self, path: impl AsRef<Path>) -> Result<T> {
        self.open(path)?.load()
    }

    /// Loads the object of a file in memory.
    pub fn from_slice<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T> {
        load(&Reader::open(Memory(bytes), self.read.clone())?, self.limits)
    }

    /// Loads the object of a file that starts where a reader stands and goes to its end.
    pub fn from_reader<T: DeserializeOwned>(&self, reader: impl Read + Seek + Send) -> Result<T> {
        load(&Reader::open(StreamInput::new(reader)?, self.read.clone())?, self.limits)
    }

    fn file(&self, reader: Result<Reader<'static>>, path: &Path) -> Result<BinPickleFile> {
        let reader = reader.map_err(|error| error.context(path.display()))?;
        Ok(self.opened(reader))
    }

    pub(crate) fn opened(&self, reader: Reader<'static>) -> BinPickleFile {
        BinPickleFile { reader: Tied::new(reader), limits: self.limits }
    }
}

/// What is at a path. As Python's `file_info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileInfo {
    /// There is no file.
    Missing,
    /// There is a file of this many bytes, but it is no BinPickle file that this crate reads.
    Invalid {
        /// The size of the file in bytes.
        size: u64,
    },
    /// There is a BinPickle file. Only its header, trailer and index were looked at.
    BinPickle {
        /// The revision of its format.
        revision: Revision,
        /// The size that its header says, in bytes.
        size: u64,
    },
}

/// Such as `BinPickle V2, 1.2 MB`.
impl fmt::Display for FileInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            FileInfo::Missing => f.write_str("no file"),
            FileInfo::Invalid { size } => write!(f, "not a BinPickle file, {}", Size(size)),
            FileInfo::BinPickle { revision, size } => write!(f, "BinPickle {revision}, {}", Size(size)),
        }
    }
}

/// Says what is at a path, without reading more than it must.
pub fn file_info(path: impl AsRef<Path>) -> Result<FileInfo> {
    let path = path.as_ref();
    let size = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(FileInfo::Missing),
        Err(error) => return Err(Error::io("cannot look at", path, error)),
    };
    match BinPickleFile::open(path) {
        Ok(file) => Ok(FileInfo::BinPickle { revision: file.header().revision(), size: file.header().len() }),
        Err(error) if error.kind() == crate::ErrorKind::Io => Err(error),
        Err(_) => Ok(FileInfo::Invalid { size }),
    }
}
