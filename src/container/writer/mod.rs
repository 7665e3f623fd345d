//! Writing a file, front to back.
//!
//! | | |
//! |---|---|
//! | `buffer` | the buffer that is being written |
//! | `digests` | the digests of large buffers, taken by other threads from what is in the file |
//! | `stream` | the pickle stream, which comes along with the buffers |
//! | `aside` | the stream while it waits for buffers that belong before it |
//! | `behind` | what comes in parts, written and digested by another thread while the next are made |

mod aside;
mod behind;
mod buffer;
mod digests;
mod stream;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use self::buffer::Open;
use self::digests::Digests;
use self::stream::Stream;
use super::trailer::Trailer;
use super::{ArrayType, Digest, Entry, Header, MacKey, OnProgress, Revision, Work, index};
use crate::buffers::{ArrayInfo, Sink};
use crate::bytes::append_large;
use crate::codec::{BufferInfo, Chain};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::size::Size;
use crate::trace::{debug, info};

/// How a file is laid out.
#[derive(Debug, Default)]
pub(crate) struct WriteOptions {
    pub(crate) revision: Revision,
    /// Every buffer starts at a multiple of this, a power of two from 64 on.
    pub(crate) align: Option<usize>,
    /// What the buffers go through.
    pub(crate) chain: Chain,
    /// The key of a message authentication code, for which the revision must have room.
    pub(crate) mac_key: Option<MacKey>,
    /// On how many threads the work is done. Nothing that is written depends on it.
    pub(crate) threads: usize,
    /// Who wants to know how far it is.
    pub(crate) on_progress: Option<OnProgress>,
}

/// The least alignment: it makes room for every number type, and tells an aligned file from one that is not, whose first
/// buffer follows the 16 bytes of the header.
pub(super) const MIN_ALIGN: u64 = 64;

/// Writes a file to where `W` stands. Python's `BinPickler`, without the pickling.
///
/// Until [`finish`](Writer::finish), the file says that it has no length, so that nobody takes it for a whole one.
pub(crate) struct Writer<W> {
    out: W,
    options: WriteOptions,
    /// Where the file begins in `out`.
    start: u64,
    /// Where the next byte goes, from the beginning of the file.
    position: u64,
    entries: Vec<Entry>,
    /// A buffer could not be written, so that what is at `position` is not known.
    broken: bool,
    /// The buffer that is being written.
    open: Option<Open>,
    /// A second handle of the file that `out` writes, to read what has been written.
    read_back: Option<File>,
    /// The folder of that file, for what is to wait in a file of its own.
    folder: PathBuf,
    /// Where the digests of large buffers are taken; without it, each is while the buffer is written.
    digests: Option<Digests>,
    /// The stream, as far as it has come.
    stream: Stream,
    /// How far it is.
    work: Work,
}

impl<W: Write + Seek> Writer<W> {
    /// Begins a file.
    pub(crate) fn new(mut out: W, options: WriteOptions) -> Result<Self> {
        if let Some(align) = options.align
            && !(align.is_power_of_two() && align as u64 >= MIN_ALIGN)
        {
            return Err(Error::data(format!("the alignment {align} is not a power of two from {MIN_ALIGN} on")));
        }
        let start = out.stream_position()?;
        debug!("beginning a file of revision {}", options.revision);
        out.write_all(&Header::unfinished(options.revision))?;
        let work = Work::saving(options.on_progress.as_ref());
        Ok(Writer {
            out,
            options,
            start,
            position: Header::SIZE as u64,
            entries: Vec::new(),
            broken: false,
            open: None,
            read_back: None,
            folder: PathBuf::new(),
            digests: None,
            stream: Stream::InMemory(Vec::new()),
            work,
        })
    }

    /// With a second handle of the file that `out` writes, digests of large buffers are taken on other threads, and
    /// what came in parts can be taken back. With its folder, a long stream needs no memory.
    pub(crate) fn read_back(self, file: File, folder: PathBuf) -> Result<Self> {
        let helpers = self.options.threads.saturating_sub(1);
        let digests = if helpers > 0 { Some(Digests::new(file.try_clone()?, helpers)) } else { None };
        // What is encoded, is encoded as a whole.
        let stream = if self.takes_parts() { Stream::Awaited } else { self.stream };
        Ok(Writer { digests, read_back: Some(file), folder, stream, ..self })
    }

    /// Ends the stream, and with it the file.
    ///
    /// The writer comes back standing behind the file.
    pub(crate) fn finish(mut self) -> Result<W> {
        self.end_stream()?;
        self.end_file()
    }

    /// As [`finish`](Writer::finish), with the whole stream.
    pub(super) fn finish_whole(mut self, stream: &[u8]) -> Result<W> {
        self.write(stream, None, true)?;
        self.end_file()
    }

    /// Writes the index, the trailer and the header, and flushes.
    fn end_file(mut self) -> Result<W> {
        if let Some(digests) = self.digests.take() {
            for (number, digest) in digests.finish()? {
                self.entries[number].digest = digest;
            }
        }
        let revision = self.options.revision;
        let index = index::encode(revision, &self.entries)?;
        let index_len = u32::try_from(index.len()).map_err(|_| Error::data("the index is larger than 4 GiB"))?;
        let trailer = Trailer { index_offset: self.position, index_len, digest: Digest::of(revision, &index) };
        let mut trailer = trailer.encode();
        trailer.resize(trailer.len() + revision.mac_len(), 0);
        let len = self.position + u64::from(index_len) + trailer.len() as u64;
        debug!("writing {} index entries ({index_len} bytes) at {}", self.entries.len(), self.position);
        // Python says that a file is mappable when it was told to align and given no codecs. This says so as well when
        // there were codecs but none was chosen: it is as true, and then the flag can be checked against the rest.
        let mappable = revision.has_flags()
            && self.options.align.is_some()
            && self.entries.iter().all(|entry| entry.codecs.is_empty());
        let header = Header { revision, mappable, len }.encode();
        if let Some(key) = &self.options.mac_key {
            trailer.truncate(Trailer::len(revision));
            trailer.extend(key.sign(&header, &index)?);
        }
        debug!("finishing the file with {len} bytes");
        self.out.write_all(&index)?;
        self.out.write_all(&trailer)?;
        self.out.seek(SeekFrom::Start(self.start))?;
        self.out.write_all(&header)?;
        self.out.seek(SeekFrom::Start(self.start + len))?;
        self.out.flush()?;
        self.work.finish();
        self.log_sizes();
        Ok(self.out)
    }

    /// Writes a buffer of which another index has said what it is. It is only an array to the codecs if its dtype is one
    /// that they know.
    pub(super) fn write_described(&mut self, data: &[u8], info: Option<ArrayType>) -> Result<()> {
        let known = info.as_ref().and_then(|info| {
            let shape = info.shape.iter().map(|&len| usize::try_from(len).ok()).collect::<Option<Vec<_>>>()?;
            Some((DType::from_name(&info.dtype).filter(|_| info.kind == ARRAY)?, shape))
        });
        let (dtype, shape) = known.unzip();
        let shape = shape.as_deref().unwrap_or_default();
        self.encode(BufferInfo { data, dtype, shape, is_pickle_stream: false }, info)
    }

    /// Ends a buffer that came in [parts](Sink::write_part), of which another index has said what it is.
    pub(super) fn end_described(&mut self, info: Option<ArrayType>) -> Result<()> {
        if self.open.is_none() {
            self.begin()?;
        }
        self.end_put(info)
    }

    fn write(&mut self, data: &[u8], array: Option<ArrayInfo<'_>>, is_pickle_stream: bool) -> Result<()> {
        let info = BufferInfo {
            data,
            dtype: array.map(|array| array.dtype),
            shape: array.map_or(&[], |array| array.shape),
            is_pickle_stream,
        };
        self.encode(info, array.map(described))
    }

    fn encode(&mut self, info: BufferInfo<'_>, array: Option<ArrayType>) -> Result<()> {
        self.begin()?;
        let chain = std::mem::take(&mut self.options.chain);
        let codecs = chain.encode(&info, self.options.threads, &mut |bytes| self.put(bytes));
        self.options.chain = chain;
        let codecs = codecs.map_err(|error| error.in_buffer(self.entries.len()))?;
        self.end(info.data.len() as u64, array, codecs)
    }

    /// Says of all buffers what has become of them.
    fn log_sizes(&self) {
        let Some((stream, buffers)) = self.entries.split_last() else { return };
        let sum = |len: fn(&Entry) -> u64| Size(buffers.iter().map(len).sum());
        info!(
            "pickled {} bytes with {} buffers totaling {} ({} encoded)",
            stream.dec_len,
            buffers.len(),
            sum(Entry::decoded_len),
            sum(Entry::encoded_len)
        );
    }
}

/// The kind of the arrays that codecs know.
const ARRAY: &str = "ndarray";

/// What the index says of an array.
fn described(array: ArrayInfo<'_>) -> ArrayType {
    ArrayType {
        kind: ARRAY.to_owned(),
        dtype: array.dtype.name(),
        shape: array.shape.iter().map(|&len| len as u64).collect(),
    }
}

impl<W: Write + Seek> Sink for Writer<W> {
    fn write_stream(&mut self, part: &mut Vec<u8>) -> Result<()> {
        self.stream_part(part)
    }

    fn write_buffer(&mut self, data: &[u8], array: Option<ArrayInfo<'_>>) -> Result<()> {
        self.make_room()?;
        self.write(data, array, false)
    }

    /// A codec wants the whole buffer, and so does a function that chooses one.
    fn takes_parts(&self) -> bool {
        self.options.chain.is_empty()
    }

    fn gives_parts_back(&self) -> bool {
        self.takes_parts() && self.read_back.is_some()
    }

    fn write_part(&mut self, part: &[u8]) -> Result<()> {
        self.make_room()?;
        if self.open.is_none() {
            self.begin()?;
        }
        self.put_part(part)
    }

    fn end_parts(&mut self, array: ArrayInfo<'_>) -> Result<()> {
        self.end_put(Some(described(array)))
    }

    fn take_parts_back(&mut self) -> Result<Vec<u8>> {
        let mut parts = Vec::new();
        self.take_back(|piece| {
            append_large(&mut parts, piece);
            Ok(())
        })?;
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor};

    use super::super::testing::{GZIP, MAPPABLE, RAW, arrays, golden, load, open, options, write, write_to};
    use super::*;
    use crate::codec::{CodecSpec, Registry};
    use crate::error::ErrorKind;

    #[test]
    fn byte_for_byte_as_python() {
        for (file, align) in [(RAW, None), (MAPPABLE, Some(64))] {
            let file = golden(file);
            let stream = open(&file).unwrap().stream().unwrap().to_vec();
            assert!(write(options(align, &[]), &stream) == file);
        }
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn gzip_as_python_but_for_the_compressed_bytes() {
        let file = golden(GZIP);
        let python = open(&file).unwrap();
        let ours = write(options(None, &["gzip"]), python.stream().unwrap());
        let ours = open(&ours).unwrap();
        assert_eq!(ours.entries().len(), python.entries().len());
        for (ours, python) in ours.entries().iter().zip(python.entries()) {
            assert_eq!((ours.dec_len, &ours.info, &ours.codecs), (python.dec_len, &python.info, &python.codecs));
        }
    }

    #[test]
    fn without_gzip_there_is_no_such_file() {
        assert_eq!(load(&golden(GZIP)).is_ok(), cfg!(feature = "gzip"));
    }

    #[test]
    fn nothing_but_a_stream() {
        let file =
            Writer::new(Cursor::new(Vec::new()), options(None, &[])).unwrap().finish_whole(b"N.").unwrap().into_inner();
        assert_eq!(load(&file).unwrap(), [b"N."]);
        assert_eq!(file.len(), 16 + 2 + 87 + 44);
    }

    #[test]
    fn where_the_writer_stands() {
        let mut out = Cursor::new(b"before".to_vec());
        out.set_position(6);
        let mut out = write_to(out, options(Some(64), &[]), b"N.").unwrap();
        out.write_all(b"after").unwrap();
        let file = [b"before", &write(options(Some(64), &[]), b"N.")[..], b"after"].concat();
        assert!(out.into_inner() == file);
    }

    #[test]
    fn all_revisions() {
        let v2 = write(options(None, &[]), b"N.");
        let with_mac = write(WriteOptions { revision: Revision::V2Mac, ..options(None, &[]) }, b"N.");
        assert_eq!(with_mac.len(), v2.len() + 32);
        let v1 = write(WriteOptions { revision: Revision::V1, ..options(None, &[]) }, b"N.");
        assert!(load(&v2).unwrap() == load(&v1).unwrap());
        assert_eq!(open(&v1).unwrap().header().revision(), Revision::V1);
        assert!(load(&v2).unwrap() == load(&with_mac).unwrap());
        assert_eq!(open(&v2).unwrap().header().revision(), Revision::V2);
        assert_eq!(open(&with_mac).unwrap().header().revision(), Revision::V2Mac);
    }

    #[test]
    fn aligned_and_encoded() {
        for align in [64, 4096, 65536] {
            let file = write(options(Some(align), &[]), b"N.");
            let reader = open(&file).unwrap();
            assert!(reader.header().is_mappable());
            assert!(reader.entries().iter().all(|entry| entry.offset.is_multiple_of(align as u64)));
            assert!(reader.find_errors().is_empty());
        }
        for align in [0, 1, 32, 63, 96] {
            assert_eq!(
                Writer::new(Cursor::new(Vec::new()), options(Some(align), &[])).err().unwrap().kind(),
                ErrorKind::Data
            );
        }
        let skip = CodecSpec::new(|_: &BufferInfo<'_>| None);
        let chain = Chain::new([skip], &Registry::new()).unwrap();
        assert!(write(WriteOptions { chain, ..options(Some(64), &[]) }, b"N.") == write(options(Some(64), &[]), b"N."));
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn chosen_for_each_buffer() {
        let floats = CodecSpec::new(|buffer: &BufferInfo<'_>| {
            (buffer.dtype().is_some_and(|dtype| dtype.name() == "float64") && buffer.shape() == [3, 2])
                .then(|| "zstd".into())
        });
        let stream = CodecSpec::new(|buffer: &BufferInfo<'_>| buffer.is_pickle_stream().then(|| "zstd".into()));
        let chain = Chain::new([floats, stream], &Registry::new()).unwrap();
        let file = write(WriteOptions { chain, ..options(None, &[]) }, b"N.");
        let reader = open(&file).unwrap();
        let encoded: Vec<usize> = reader.entries().iter().map(|entry| entry.codecs.len()).collect();
        assert_eq!(encoded, [0, 1, 0, 1]);
        let loaded = load(&file).unwrap();
        assert!(arrays().iter().zip(&loaded).all(|((data, ..), loaded)| data == loaded));
    }

    /// Fails at a byte, after writing short.
    struct Failing {
        out: Cursor<Vec<u8>>,
        left: usize,
        kind: Option<io::ErrorKind>,
    }

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.left == 0 {
                return self.kind.map_or(Ok(0), |kind| Err(kind.into()));
            }
            let written = self.out.write(&bytes[..bytes.len().min(7).min(self.left)])?;
            self.left -= written;
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Failing {
        fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
            self.out.seek(position)
        }
    }

    #[test]
    fn a_writer_that_fails_at_any_byte() {
        let whole = write(options(Some(64), &[]), b"N.");
        let bytes_written = whole.len() + 16;
        for left in 0..=bytes_written {
            for kind in [Some(io::ErrorKind::StorageFull), None] {
                let mut failing = Failing { out: Cursor::new(Vec::new()), left, kind };
                let result = write_to(&mut failing, options(Some(64), &[]), b"N.");
                assert_eq!(result.is_ok(), left == bytes_written);
                if let Err(error) = result {
                    assert_eq!(error.kind(), ErrorKind::Io);
                    assert_eq!(io::Error::from(error).kind(), kind.unwrap_or(io::ErrorKind::WriteZero));
                    // While the header is written again it may become right before it is whole, since its last bytes
                    // are those of its length.
                    let file = failing.out.into_inner();
                    assert!(open(&file).is_err() || file == whole);
                }
            }
        }
    }

    #[test]
    fn a_broken_writer_stays_broken() {
        let mut failing = Failing { out: Cursor::new(Vec::new()), left: 20, kind: None };
        let mut writer = Writer::new(&mut failing, options(None, &[])).unwrap();
        assert!(writer.write_buffer(b"1234567890", None).is_err());
        writer.out.left = 1000;
        assert!(writer.write_buffer(b"1234567890", None).is_err());
        assert!(writer.finish_whole(b"N.").is_err());
    }
}
