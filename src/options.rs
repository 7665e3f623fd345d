//! How to save.

use std::io::{Cursor, Seek, Write};
use std::path::Path;

use serde::Serialize;

use crate::codec::{Chain, CodecSpec, IntoCodecSpec, Registry};
use crate::container::{
    AtomicFile, MacKey, OnProgress, Progress, Revision, WriteOptions, Writer, default_threads, registry_for_writing,
};
use crate::error::Result;
use crate::file::BinPickleFile;
use crate::ser;
use crate::trace::debug;

/// Below this many bytes, arrays and bytes stay in the pickle stream.
///
/// It is the size of a page: a smaller buffer of a mappable file would be outweighed by its padding, and one of a
/// compressed file is better compressed together with its neighbours than alone.
const INLINE_BELOW: usize = 4096;

/// How a file is saved: codecs, alignment, and what else there is to choose.
///
/// The constructors are those of Python:
///
/// | Rust | Python | for |
/// |---|---|---|
/// | [`Options::new()`] | `dump(obj, path)` | a small file without a thought |
/// | [`Options::mappable()`] | `BinPickler.mappable(path)` | mapping the file, and the fastest saving and loading |
/// | [`Options::compressed("zstd")`](Options::compressed) | `BinPickler.compressed(path, "zstd")` | storing or sending it |
///
/// ```
/// use binpickle::Options;
/// use binpickle::codec::CodecConfig;
///
/// let weights = vec![0.0f32; 10_000];
/// let small = Options::compressed(CodecConfig::new("zstd").set("level", 9)).to_vec(&weights)?;
/// let large = Options::mappable().to_vec(&weights)?;
/// assert!(small.len() < 1000 && large.len() > 40_000);
/// # Ok::<(), binpickle::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    codecs: Vec<CodecSpec>,
    registry: Registry,
    alignment: Alignment,
    inline_below: usize,
    revision: Revision,
    durable: bool,
    threads: usize,
    mac_key: Option<MacKey>,
    on_progress: Option<OnProgress>,
}

/// Where buffers may start in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    /// Anywhere.
    #[default]
    None,
    /// At multiples of 4,096 bytes, on every machine. A map of the file is then aligned for every number type.
    Page,
    /// At multiples of a power of two, at least 64.
    Bytes(usize),
}

impl Default for Options {
    fn default() -> Self {
        Options::new()
    }
}

impl Options {
    /// What Python's `dump()` does: each buffer is compressed by `gzip`, at level 1.
    pub fn new() -> Self {
        Options::compressed("gzip")
    }

    /// For memory-mapping: buffers start at pages, and there are no codecs. As Python's `BinPickler.mappable`.
    pub fn mappable() -> Self {
        Options {
            codecs: Vec::new(),
            registry: Registry::new(),
            alignment: Alignment::Page,
            inline_below: INLINE_BELOW,
            revision: Revision::default(),
            durable: false,
            threads: default_threads(),
            mac_key: None,
            on_progress: None,
        }
    }

    /// Each buffer goes through a codec. As Python's `BinPickler.compressed`.
    ///
    /// The ways to name a codec are on the page of [`CodecSpec`]. A codec that does not exist is an error when the value
    /// is written, before any file is touched.
    pub fn compressed<Kind>(codec: impl IntoCodecSpec<Kind>) -> Self {
        Options::mappable().align(Alignment::None).codec(codec)
    }

    /// Adds a codec to the end of the chain: it encodes what the one before it made.
    pub fn codec<Kind>(mut self, codec: impl IntoCodecSpec<Kind>) -> Self {
        self.codecs.push(codec.into_codec_spec());
        self
    }

    /// Replaces the chain of codecs.
    pub fn codecs(mut self, codecs: impl IntoIterator<Item = CodecSpec>) -> Self {
        self.codecs = codecs.into_iter().collect();
        self
    }

    /// Where codecs are looked up by their id: those of this crate, and those that were registered beside them.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// Where buffers start. A file is marked as mappable if they are aligned and there are no codecs.
    pub fn align(mut self, alignment: Alignment) -> Self {
        self.alignment = alignment;
        self
    }

    /// Below this many bytes, arrays and bytes stay in the pickle stream; by default 4,096, a page.
    pub fn inline_below(mut self, bytes: usize) -> Self {
        self.inline_below = bytes;
        self
    }

    /// Which revision of the format is written; by default [`Revision::V2`], which Python's binpickle 0.4 reads.
    /// [`Revision::V1`] is for who has binpickle 0.3, which is what `pip install binpickle` gives.
    pub fn revision(mut self, revision: Revision) -> Self {
        self.revision = revision;
        self
    }

    /// Signs the file: with a key, of any length but none, its trailer gets an HMAC-SHA-256 of the header and the index,
    /// which holds the digests of all buffers. Who has the key can then tell that the file is one that was written with
    /// it, by [`LoadOptions::mac_key`](crate::LoadOptions::mac_key).
    ///
    /// The file is one of [`Revision::V2Mac`], whatever else was asked for. It hides nothing. Python's reader has no use
    /// for a key, and refuses a file with a code by its own rule; so does this crate's without the key.
    ///
    /// ```
    /// use binpickle::{ErrorKind, LoadOptions, Options};
    ///
    /// let file = Options::mappable().mac_key(b"a secret").to_vec(&[1.0, 2.0])?;
    /// assert_eq!(LoadOptions::new().mac_key(b"a secret").from_slice::<[f64; 2]>(&file)?, [1.0, 2.0]);
    /// let error = LoadOptions::new().mac_key(b"another").from_slice::<[f64; 2]>(&file).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Integrity);
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    pub fn mac_key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.mac_key = Some(MacKey::new(key.as_ref()));
        self
    }

    /// Whether saving waits until the file, and its name in the folder, are on the disk. By default it does not: the
    /// file is replaced whole or not at all, but after a loss of power it may be the old one.
    pub fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// On how many threads the work is done, at least 1; by default as many as there are processors. What is written never
    /// depends on it.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Calls a function while a value is written: for a progress bar.
    ///
    /// It is called after about each MiB that is written and after each buffer, always from the thread that saves. How much
    /// there will be is not known before the value has been walked through; the last call, once all is written, says it.
    ///
    /// ```
    /// use binpickle::Options;
    ///
    /// let options = Options::mappable().on_progress(|progress| match progress.total() {
    ///     Some(total) => eprintln!("\rsaved {total} bytes"),
    ///     None => eprint!("\r{} bytes, buffer {}", progress.done(), progress.buffer()),
    /// });
    /// options.to_vec(&vec![1.0f64; 1_000_000])?;
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    pub fn on_progress(mut self, function: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(OnProgress::new(function));
        self
    }

    /// Saves a value in a file.
    ///
    /// The file is written beside its place and renamed when it is complete. Until then, and if anything fails, what
    /// was there stays as it was; who has the old file mapped keeps it. A new file gets the permissions that
    /// `File::create` would give it, an existing one keeps its own, and a symbolic link stays one.
    ///
    /// A process that is killed meanwhile leaves what it had written in the same folder, as `.binpickle-….tmp`. No later save
    /// removes it, for it might belong to one that is still at work; it may be removed when there is none.
    ///
    /// Where arrays come after a long pickle stream, that waits in a temporary file in the same folder, which has no name and is
    /// gone with the process.
    pub fn to_path<T: Serialize + ?Sized>(&self, value: &T, path: impl AsRef<Path>) -> Result<()> {
        BinPickler::create(path, self)?.dump(value)
    }

    /// Writes a value to where a writer stands. It is sought back once, to write the length of the file into its header.
    pub fn to_writer<T: Serialize + ?Sized>(&self, value: &T, writer: impl Write + Seek) -> Result<()> {
        write(value, Writer::new(writer, self.write_options()?)?, self.inline_below)?;
        Ok(())
    }

    /// Writes a value to memory.
    pub fn to_vec<T: Serialize + ?Sized>(&self, value: &T) -> Result<Vec<u8>> {
        let writer = Cursor::new(Vec::new());
        Ok(write(value, Writer::new(writer, self.write_options()?)?, self.inline_below)?.into_inner())
    }

    /// Writes what is in a file into another one, laid out and encoded by these options. The object need not be understood
    /// for it: the pickle stream is the same, byte for byte, and so are the decoded buffers and what the index says of
    /// arrays. So `inline_below` does not matter here.
    ///
    /// One buffer at a time is in memory, or less. The path may be that of the file itself, which is then replaced. Every
    /// digest is checked on the way.
    ///
    /// ```
    /// use binpickle::{BinPickleFile, Options};
    ///
    /// # let path = std::env::temp_dir().join("rewrite.bpk");
    /// Options::compressed("zstd").to_path(&vec![0.0f32; 10_000], &path)?;
    /// // Whatever is in it: from now on it can be mapped.
    /// Options::mappable().rewrite(&BinPickleFile::open(&path)?, &path)?;
    /// assert!(BinPickleFile::open(&path)?.is_mappable());
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    pub fn rewrite(&self, file: &BinPickleFile, path: impl AsRef<Path>) -> Result<()> {
        BinPickler::create(path, self)?.rewrite(file)
    }

    /// As [`rewrite`](Options::rewrite), to where a writer stands.
    pub fn rewrite_to_writer(&self, file: &BinPickleFile, writer: impl Write + Seek) -> Result<()> {
        file.reader().copy_to(Writer::new(writer, self.write_options()?)?)?;
        Ok(())
    }

    /// Resolves the codecs: what is wrong with them is found here.
    fn write_options(&self) -> Result<WriteOptions> {
        let revision = if self.mac_key.is_some() { Revision::V2Mac } else { self.revision };
        let registry = registry_for_writing(revision, &self.registry);
        Ok(WriteOptions {
            revision,
            align: match self.alignment {
                Alignment::None => None,
                Alignment::Page => Some(4096),
                Alignment::Bytes(bytes) => Some(bytes),
            },
            chain: Chain::new(self.codecs.iter().cloned(), &registry)?,
            mac_key: self.mac_key.clone(),
            threads: self.threads,
            on_progress: self.on_progress.clone(),
        })
    }
}

fn write<T: Serialize + ?Sized, W: Write + Seek>(value: &T, mut writer: Writer<W>, inline_below: usize) -> Result<W> {
    ser::write(value, &mut writer, inline_below)?;
    writer.finish()
}

/// A file that is about to be written. [`Options::to_path`] is this in one call.
///
/// As Python's `BinPickler`, a file holds one object; here `dump` takes the pickler away, and so the compiler knows.
///
/// ```
/// use binpickle::{BinPickler, Options};
///
/// let path = std::env::temp_dir().join("binpickler.bpk");
/// // If the folder does not exist, that is known before anything is computed.
/// let pickler = BinPickler::create(&path, &Options::mappable())?;
/// pickler.dump(&vec![1.0f64; 100])?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), binpickle::Error>(())
/// ```
pub struct BinPickler {
    file: AtomicFile,
    write_options: WriteOptions,
    inline_below: usize,
    durable: bool,
}

impl BinPickler {
    /// Prepares a file beside the path. What is at the path stays there until the object is written.
    pub fn create(path: impl AsRef<Path>, options: &Options) -> Result<Self> {
        let write_options = options.write_options()?;
        debug!("creating {}", path.as_ref().display());
        let file = AtomicFile::create(path.as_ref())?;
        Ok(BinPickler { file, write_options, inline_below: options.inline_below, durable: options.durable })
    }

    /// Writes the object, and puts the file in its place.
    pub fn dump<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        let (inline_below, durable) = (self.inline_below, self.durable);
        write(value, self.writer()?, inline_below)?.commit(durable)
    }

    /// Writes what is in a file, and puts the new file in its place: see [`Options::rewrite`].
    pub fn rewrite(self, file: &BinPickleFile) -> Result<()> {
        let durable = self.durable;
        file.reader().copy_to(self.writer()?)?.commit(durable)
    }

    fn writer(self) -> Result<Writer<AtomicFile>> {
        let (file, folder) = (self.file.reopen()?, self.file.folder().to_owned());
        let writer = Writer::new(self.file, self.write_options)?;
        match file {
            Some(file) => writer.read_back(file, folder),
            None => Ok(writer),
        }
    }
}
