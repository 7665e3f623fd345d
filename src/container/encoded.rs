//! The encoded bytes of a buffer, which are decoded and digested while they are read.

use std::io::{self, BufRead, Read};

use super::digest::Hasher;
use super::input::read;
use super::{Digest, PIECE, Reader, Work};
use crate::codec;
use crate::error::{Error, Result};

impl Reader<'_> {
    /// Reads, decodes and, if asked to, verifies a buffer with codecs into memory of its length. What is there after an
    /// error is nothing to be used.
    pub(super) fn decode(&self, number: usize, out: &mut [u8], verify: bool, work: &Work) -> Result<()> {
        let entry = &self.entries[number];
        let (registry, threads) = (&self.options.registry, self.threads());
        // Where a key is demanded, decoders see only what it vouches for.
        if self.input.as_slice().is_none() && self.options.mac_key.is_none() {
            let hash = verify.then(|| Hasher::new(self.header.revision));
            let mut encoded = Encoded::new(self, number, hash, work);
            if let Some(decoded) = codec::decode_from(&entry.codecs, &mut encoded, out, registry, threads) {
                // Damage also explains what the decoder says.
                return match encoded.finish()? {
                    Some(digest) => self.check_digest(number, digest).and(decoded),
                    None => decoded,
                };
            }
        }
        let encoded = read(&*self.input, entry.offset, entry.enc_len)?;
        work.add(number, encoded.len());
        if verify {
            self.check_digest(number, Digest::of(self.header.revision, &encoded))?;
        }
        codec::decode_into(&entry.codecs, &encoded, out, registry, threads)
    }
}

/// The encoded bytes of a buffer, each read once.
struct Encoded<'r> {
    reader: &'r Reader<'r>,
    work: &'r Work,
    number: usize,
    /// From where on nothing has been read.
    position: u64,
    end: u64,
    hash: Option<Hasher>,
    /// What has been read last, and where it goes on.
    piece: Vec<u8>,
    at: usize,
    failed: Option<Error>,
}

impl<'r> Encoded<'r> {
    fn new(reader: &'r Reader<'r>, number: usize, hash: Option<Hasher>, work: &'r Work) -> Self {
        let (position, end) = (reader.entries[number].offset, reader.entries[number].end());
        Encoded { reader, work, number, position, end, hash, piece: Vec::new(), at: 0, failed: None }
    }

    /// How much can be read at once.
    fn next_len(&self) -> usize {
        (self.end - self.position).min(PIECE as u64) as usize
    }

    /// Reads and digests what comes next.
    fn read_on(&mut self, out: &mut [u8]) -> io::Result<()> {
        if self.failed.is_none() {
            self.failed = self.reader.input.read_at(self.position, out).err();
        }
        if self.failed.is_some() {
            return Err(io::Error::other("the file could not be read"));
        }
        self.hash.iter_mut().for_each(|hash| hash.update(out));
        self.work.add(self.number, out.len());
        self.position += out.len() as u64;
        Ok(())
    }

    /// Reads what the decoder did not want, and returns the digest of all, if it was to be taken, or the error that there
    /// was in reading.
    fn finish(mut self) -> Result<Option<Digest>> {
        self.at = self.piece.len();
        while self.hash.is_some() && self.fill_buf().is_ok_and(|piece| !piece.is_empty()) {
            self.at = self.piece.len();
        }
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.hash.map(Hasher::finish)),
        }
    }
}

impl Read for Encoded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.next_len().min(out.len());
        // What is long does without the piece between.
        if self.at == self.piece.len() && len >= PIECE / 4 {
            self.read_on(&mut out[..len])?;
            return Ok(len);
        }
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Encoded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.piece.len() {
            let mut piece = std::mem::take(&mut self.piece);
            self.at = 0;
            piece.resize(self.next_len(), 0);
            self.read_on(&mut piece)?;
            self.piece = piece;
        }
        Ok(&self.piece[self.at..])
    }

    fn consume(&mut self, len: usize) {
        self.at = (self.at + len).min(self.piece.len());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::Cursor;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::input::Input;
    use super::super::testing::options;
    use super::super::{MacKey, Memory, ReadOptions, Revision, StreamInput, WriteOptions, Writer};
    use super::*;
    use crate::buffers::Sink;
    use crate::codec::{Chain, Codec, CodecConfig, CodecSpec, Encoded as Made, Registry};
    use crate::dtype::DType;
    use crate::error::ErrorKind;

    /// Adds three bytes, which it does not read again, and reads by pieces of any length.
    #[derive(Debug)]
    struct Odd;

    thread_local! {
        static DECODED_WHOLE: Cell<bool> = const { Cell::new(false) };
    }

    impl Codec for Odd {
        fn config(&self) -> CodecConfig {
            CodecConfig::new("odd")
        }

        fn encode(&self, data: &[u8], _dtype: DType) -> Result<Made> {
            Ok(Made::bytes([data, b"end"].concat()))
        }

        fn decode(&self, data: &[u8], _max_len: usize) -> Result<Vec<u8>> {
            DECODED_WHOLE.set(true);
            Ok(data[..data.len() - 3].to_vec())
        }

        fn decode_from(
            &self,
            _threads: usize,
            encoded: &mut (dyn BufRead + Send),
            out: &mut [u8],
        ) -> Option<Result<()>> {
            let (mut filled, mut len) = (0, 1);
            while filled < out.len() {
                let end = out.len().min(filled + len);
                match encoded.read(&mut out[filled..end]) {
                    Ok(0) | Err(_) => return Some(Err(Error::codec("no more"))),
                    Ok(read) => filled += read,
                }
                len = (len * 3) % 200_003;
            }
            Some(if out.contains(&255) { Err(Error::codec("no byte is 255")) } else { Ok(()) })
        }
    }

    fn read_options() -> ReadOptions {
        ReadOptions { registry: Registry::new().register("odd", |_| Ok(Arc::new(Odd))), ..ReadOptions::default() }
    }

    fn data() -> Vec<u8> {
        (0..1_000_000u32).map(|n| (n % 251) as u8).collect()
    }

    fn file(options: WriteOptions, data: &[u8]) -> Vec<u8> {
        let chain = Chain::new([CodecSpec::new(Odd)], &Registry::new()).unwrap();
        let mut writer = Writer::new(Cursor::new(Vec::new()), WriteOptions { chain, ..options }).unwrap();
        writer.write_buffer(data, None).unwrap();
        writer.finish_whole(b"N.").unwrap().into_inner()
    }

    fn load(file: &[u8], options: ReadOptions) -> Result<Vec<u8>> {
        let reader = Reader::open(StreamInput::new(Cursor::new(file)).unwrap(), options).unwrap();
        let mut out = vec![0; reader.buffer_len(0).unwrap()];
        reader.read_into(0, &mut out, &Work::default())?;
        assert_eq!(reader.lend(0).unwrap(), out);
        reader.check_buffer(0, &Work::default()).unwrap();
        Ok(out)
    }

    #[test]
    fn in_pieces_of_any_length() {
        let file = file(options(None, &[]), &data());
        assert!(load(&file, read_options()).unwrap() == data());
        assert!(load(&file, ReadOptions { verify: false, ..read_options() }).unwrap() == data());
        let whole = Reader::open(Memory(&file[..]), read_options()).unwrap();
        assert!(whole.lend(0).unwrap() == data());
    }

    #[test]
    fn damage_anywhere_comes_before_what_the_codec_says() {
        for at in [0, 1, 300_000, 999_999, 1_000_000, 1_000_002] {
            for change in [1, 255 ^ (at % 251) as u8] {
                let mut file = file(options(None, &[]), &data());
                file[16 + at] ^= change;
                let error = load(&file, read_options()).unwrap_err();
                assert_eq!((error.kind(), error.buffer()), (ErrorKind::Integrity, Some(0)), "byte {at}");
            }
        }
        let mut wrong = data();
        wrong[500_000] = 255;
        let error = load(&file(options(None, &[]), &wrong), read_options()).unwrap_err();
        assert_eq!((error.kind(), error.buffer()), (ErrorKind::Codec, Some(0)));
        assert!(error.to_string().starts_with("cannot decode with `odd`: no byte is 255"), "{error}");
    }

    #[test]
    fn what_cannot_be_read_is_not_the_codec_s_fault() {
        /// Once the flag is up, it is shorter than it was.
        struct Cut<'c>(&'c [u8], &'c AtomicBool);

        impl Input for Cut<'_> {
            fn len(&self) -> u64 {
                self.0.len() as u64
            }

            fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
                if self.1.load(Ordering::Relaxed) && offset > 400_000 {
                    return Err(Error::format("cut").at(offset));
                }
                Memory(self.0).read_at(offset, out)
            }
        }

        let file = file(options(None, &[]), &data());
        for verify in [true, false] {
            let cut = AtomicBool::new(false);
            let reader = Reader::open(Cut(&file, &cut), ReadOptions { verify, ..read_options() }).unwrap();
            cut.store(true, Ordering::Relaxed);
            let error = reader.read_into(0, &mut vec![0; data().len()], &Work::default()).unwrap_err();
            assert_eq!((error.kind(), error.buffer()), (ErrorKind::Format, Some(0)));
        }
    }

    #[test]
    fn with_a_key_nothing_is_decoded_before_it_is_verified() {
        let mac_key = Some(MacKey::new(b"key"));
        let options = WriteOptions { revision: Revision::V2Mac, mac_key: mac_key.clone(), ..options(None, &[]) };
        let mut file = file(options, &data());
        let read_options = ReadOptions { mac_key, ..read_options() };
        file[16] ^= 1;
        assert_eq!(load(&file, read_options.clone()).unwrap_err().kind(), ErrorKind::Integrity);
        assert!(!DECODED_WHOLE.get());
        file[16] ^= 1;
        assert!(load(&file, read_options).unwrap() == data());
        assert!(DECODED_WHOLE.get());
    }
}
