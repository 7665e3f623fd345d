//! Writing a file, front to back.

use std::io::{Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};

use super::{ArrayType, Entry, Header, PIECE, Revision, index, trailer::Trailer};
use crate::buffers::{ArrayInfo, Sink};
use crate::codec::{BufferInfo, Chain};
use crate::error::{Error, Result};

/// How a file is laid out.
#[derive(Debug, Default)]
pub(crate) struct WriteOptions {
    pub(crate) revision: Revision,
    /// Every buffer starts at a multiple of this, a power of two from 64 on.
    pub(crate) align: Option<usize>,
    /// What the buffers go through.
    pub(crate) chain: Chain,
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
        out.write_all(&Header::unfinished(options.revision))?;
        Ok(Writer { out, options, start, position: Header::SIZE as u64, entries: Vec::new(), broken: false })
    }

    /// Writes the pickle stream as the last buffer, then the index, the trailer and the header, and flushes.
    ///
    /// The writer comes back standing behind the file.
    pub(crate) fn finish(mut self, stream: &[u8]) -> Result<W> {
        self.write(BufferInfo { data: stream, dtype: None, shape: &[], is_pickle_stream: true })?;
        let revision = self.options.revision;
        let index = index::encode(&self.entries)?;
        let index_len = u32::try_from(index.len()).map_err(|_| Error::data("the index is larger than 4 GiB"))?;
        let trailer = Trailer { index_offset: self.position, index_len, digest: Sha256::digest(&index).into() };
        self.out.write_all(&index)?;
        self.out.write_all(&trailer.encode(revision))?;
        let len = self.position + u64::from(index_len) + revision.trailer_len() as u64;
        // Python says that a file is mappable when it was told to align and given no codecs. This says so as well when
        // there were codecs but none was chosen: it is as true, and then the flag can be checked against the rest.
        let mappable = self.options.align.is_some() && self.entries.iter().all(|entry| entry.codecs.is_empty());
        self.out.seek(SeekFrom::Start(self.start))?;
        self.out.write_all(&Header { revision, mappable, len }.encode())?;
        self.out.seek(SeekFrom::Start(self.start + len))?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn write(&mut self, info: BufferInfo<'_>) -> Result<()> {
        let number = self.entries.len();
        if self.broken {
            return Err(Error::data("a buffer before this one could not be written").in_buffer(number));
        }
        // Once more only when all went well.
        self.broken = true;
        let (bytes, codecs) = self.options.chain.encode(&info).map_err(|error| error.in_buffer(number))?;
        if let Some(align) = self.options.align {
            self.pad(align as u64)?;
        }
        let mut hash = Sha256::new();
        for piece in bytes.chunks(PIECE) {
            hash.update(piece);
            self.out.write_all(piece)?;
        }
        self.entries.push(Entry {
            offset: self.position,
            enc_len: bytes.len() as u64,
            dec_len: info.data.len() as u64,
            digest: hash.finalize().into(),
            info: info.dtype.map(|dtype| ArrayType {
                kind: "ndarray".to_owned(),
                dtype: dtype.name(),
                shape: info.shape.iter().map(|&len| len as u64).collect(),
            }),
            codecs,
        });
        self.position += bytes.len() as u64;
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

impl<W: Write + Seek> Sink for Writer<W> {
    fn write_buffer(&mut self, data: &[u8], array: Option<ArrayInfo<'_>>) -> Result<()> {
        self.write(BufferInfo {
            data,
            dtype: array.map(|array| array.dtype),
            shape: array.map_or(&[], |array| array.shape),
            is_pickle_stream: false,
        })
    }
}
