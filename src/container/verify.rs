//! Looking at every byte of a file.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::loading::LARGE;
use super::writer::MIN_ALIGN;
use super::{Header, Reader, Task};
use crate::error::{Error, Result};

impl Reader<'_> {
    /// All that is wrong with the file. Python's `find_errors`, and more:
    ///
    /// - the digest of each buffer, and that it decodes to the length that the index says;
    /// - that what lies between the buffers is zero, and no more than an alignment needs;
    /// - that the file is marked as mappable if and only if it is, where there are marks;
    /// - that the array which the index says is in a buffer has as many bytes as the buffer;
    /// - that nothing follows the file.
    ///
    /// What makes a file unreadable as a whole was found when it was opened.
    pub(crate) fn find_errors(&self) -> Vec<Error> {
        let mut errors = self.check_layout();
        errors.extend(self.check_buffers(false));
        errors
    }

    /// The first of the [errors](Reader::find_errors), without looking for others.
    pub(crate) fn verify(&self) -> Result<()> {
        let layout = self.check_layout().into_iter().next();
        let first = layout.or_else(|| self.check_buffers(true).into_iter().next());
        first.map_or(Ok(()), Err)
    }

    /// What is wrong with the buffers, in their order. Of `only_the_first`, no others are looked for.
    fn check_buffers(&self, only_the_first: bool) -> Vec<Error> {
        let work = self.work_on_all(Task::Verify);
        let next = AtomicUsize::new(0);
        let errors = Mutex::new(Vec::new());
        let check = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= self.entries.len() {
                    return;
                }
                let checked = self.check_buffer(number, &work);
                work.end(number);
                if let Err(error) = checked {
                    errors.lock().unwrap_or_else(PoisonError::into_inner).push((number, error));
                    // Those before this one have been begun.
                    if only_the_first {
                        next.store(self.entries.len(), Ordering::Relaxed);
                    }
                }
            }
        };
        let large = self.entries.iter().filter(|entry| entry.enc_len >= LARGE).count();
        thread::scope(|scope| {
            (1..self.threads().min(large)).for_each(|_| _ = scope.spawn(check));
            check();
        });
        let mut errors = errors.into_inner().unwrap_or_else(PoisonError::into_inner);
        errors.sort_by_key(|&(number, _)| number);
        errors.into_iter().map(|(_, error)| error).collect()
    }

    /// All that is wrong with what is not a buffer.
    pub(crate) fn check_layout(&self) -> Vec<Error> {
        let results = [self.check_flag(), self.check_end()].into_iter().chain(self.check_gaps());
        let results = results.chain(self.check_arrays());
        results.filter_map(Result::err).collect()
    }

    fn check_flag(&self) -> Result<()> {
        if !self.header.revision.has_flags() {
            return Ok(());
        }
        let encoded = self.entries.iter().position(|entry| !entry.codecs.is_empty());
        let unaligned = self.entries.iter().position(|entry| !entry.offset.is_multiple_of(MIN_ALIGN));
        match (self.header.mappable, encoded, unaligned) {
            (true, Some(number), _) => {
                Err(Error::format("the file is marked as mappable, but a buffer is encoded").in_buffer(number))
            }
            (true, None, Some(number)) => {
                Err(Error::format("the file is marked as mappable, but a buffer is not aligned").in_buffer(number))
            }
            (false, None, None) if !self.entries.is_empty() => Err(Error::format(
                "the file is not marked as mappable, but all its buffers are aligned and none is encoded",
            )),
            _ => Ok(()),
        }
        .map_err(|error| error.at(6))
    }

    fn check_end(&self) -> Result<()> {
        match self.input.len() - self.header.len {
            0 => Ok(()),
            more => Err(Error::format(format!("{more} bytes follow the end of the file")).at(self.header.len)),
        }
    }

    fn check_arrays(&self) -> impl Iterator<Item = Result<()>> {
        self.entries.iter().enumerate().map(|(number, entry)| match entry.array() {
            Some(array) if !entry.array_fits() => {
                let (dtype, shape, len) = (array.dtype(), array.shape(), entry.dec_len);
                let message = format!("the index says that {len} bytes are an array of {dtype} of the shape {shape:?}");
                Err(Error::format(message).in_buffer(number))
            }
            _ => Ok(()),
        })
    }

    fn check_gaps(&self) -> Vec<Result<()>> {
        let mut position = Header::SIZE as u64;
        let mut results = Vec::new();
        for (number, entry) in self.entries.iter().enumerate() {
            // A writer skips less than the alignment, which no offset shows; but it is a divisor of this offset.
            let alignment = 1 << entry.offset.trailing_zeros();
            results.push(self.check_gap(position, entry.offset, alignment).map_err(|error| error.in_buffer(number)));
            position = entry.end();
        }
        results.push(self.check_gap(position, self.index_offset, 1));
        results
    }

    fn check_gap(&self, start: u64, end: u64, alignment: u64) -> Result<()> {
        if end - start >= alignment {
            return Err(Error::format(format!("{} bytes belong to nothing", end - start)).at(start));
        }
        self.pieces(start, end, |offset, piece| match piece.iter().position(|&byte| byte != 0) {
            Some(at) => Err(Error::integrity("the file is damaged: the padding is not zero").at(offset + at as u64)),
            None => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        GZIP, MAPPABLE, RAW, arrays, entry, errors, forge, golden, load, open, options, write, write_to,
    };
    use super::super::{Revision, WriteOptions};
    use crate::error::ErrorKind;

    fn our_files() -> Vec<Vec<u8>> {
        let with_mac = WriteOptions { revision: Revision::V2Mac, ..options(None, &[]) };
        let old = |align, codecs: &[&str]| WriteOptions { revision: Revision::V1, ..options(align, codecs) };
        let mut files = vec![
            write(options(None, &[]), b"stream"),
            write(options(Some(64), &[]), b"stream"),
            write(options(Some(128), &[]), b"stream"),
            write(with_mac, b"stream"),
            write(old(None, &[]), b"stream"),
            write(old(Some(64), &[]), b"stream"),
        ];
        for codec in ["gzip", "zlib", "zstd"] {
            if crate::codec::Registry::new().codec(&crate::codec::CodecConfig::new(codec)).is_ok() {
                files.push(write(options(None, &[codec]), b"stream"));
                files.push(write(options(Some(64), &[codec]), b"stream"));
                files.push(write(old(None, &[codec]), b"stream"));
            }
        }
        files
    }

    #[test]
    fn good_files_are_good() {
        for file in our_files() {
            assert!(errors(&file).is_empty());
            let loaded = load(&file).unwrap();
            assert!(arrays().iter().zip(&loaded).all(|((data, ..), loaded)| data == loaded));
            assert_eq!(loaded[3], b"stream");
        }
        for file in [RAW, MAPPABLE] {
            assert!(errors(&golden(file)).is_empty());
        }
        assert_eq!(errors(&golden(GZIP)).is_empty(), cfg!(feature = "gzip"));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for file in our_files() {
            let loaded = load(&file).unwrap();
            for bit in 0..file.len() * 8 {
                let mut flipped = file.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(!errors(&flipped).is_empty(), "bit {} of byte {}", bit % 8, bit / 8);
                assert!(load(&flipped).map_or(true, |flipped| flipped == loaded));
            }
        }
    }

    #[test]
    fn arrays_of_another_size_than_their_buffers() {
        let file = write(options(None, &[]), b"stream");
        assert!(errors(&file).is_empty());
        let body = [0; 24];
        let mut entries = [entry(&body, 16, 16), entry(&body, 32, 8)];
        entries[0].info = open(&file).unwrap().entries()[1].array().cloned();
        let lie = forge(&body, &entries);
        let found: Vec<_> = errors(&lie).iter().map(ToString::to_string).collect();
        let message = "the index says that 16 bytes are an array of float64 of the shape [3, 2] (buffer 0)";
        assert_eq!(found, [message]);
        // It does no harm to who loads.
        assert_eq!(load(&lie).unwrap(), [&body[..16], &body[16..]]);
    }

    /// An Adler-32 is two sums: of the bytes, and of their products with how far they are from the end.
    #[test]
    fn what_an_adler32_does_not_notice() {
        let options = |revision| WriteOptions { revision, ..options(None, &[]) };
        for (revision, noticed) in [(Revision::V1, false), (Revision::V2, true)] {
            let mut file = write(options(revision), b"stream");
            let at = file.windows(6).position(|bytes| bytes == b"stream").unwrap();
            for (byte, change) in file[at..].iter_mut().zip([1, -2, 1]) {
                *byte = byte.wrapping_add_signed(change);
            }
            assert_eq!(!errors(&file).is_empty(), noticed);
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        for file in our_files() {
            for len in 0..file.len() {
                assert_eq!(open(&file[..len]).err().unwrap().kind(), ErrorKind::Format);
            }
        }
    }

    #[test]
    fn what_follows_is_noticed() {
        for mut file in our_files() {
            let loaded = load(&file).unwrap();
            file.push(0);
            assert!(load(&file).unwrap() == loaded);
            let errors = errors(&file);
            assert_eq!((errors.len(), errors[0].offset()), (1, Some(file.len() as u64 - 1)));
        }
    }

    #[test]
    fn all_errors_are_found() {
        let mut file = write(options(Some(64), &[]), b"stream");
        file[17] = 1;
        file[64] ^= 1;
        file[128] ^= 1;
        file.push(0);
        let errors = errors(&file);
        let places: Vec<_> = errors.iter().map(|error| (error.kind(), error.buffer(), error.offset())).collect();
        let len = file.len() as u64 - 1;
        assert_eq!(
            places,
            [
                (ErrorKind::Format, None, Some(len)),
                (ErrorKind::Integrity, Some(0), Some(17)),
                (ErrorKind::Integrity, Some(0), Some(64)),
                (ErrorKind::Integrity, Some(1), Some(128)),
            ]
        );
        assert_eq!(errors[2].to_string(), "the buffer is damaged: its digest does not match (buffer 0, byte 64)");
    }

    #[test]
    fn gaps_and_lengths() {
        let body = [0; 200];
        let found = |entries: &[_]| errors(&forge(&body, entries)).len();
        assert_eq!(found(&[entry(&body, 16, 200)]), 0);
        assert_eq!(found(&[entry(&body, 16, 10), entry(&body, 32, 184)]), 0);
        // 26 is a multiple of 2 only, and 16 to 32 is a whole step of 16.
        assert_eq!(found(&[entry(&body, 16, 8), entry(&body, 26, 190)]), 1);
        assert_eq!(found(&[entry(&body, 16, 16), entry(&body, 48, 168)]), 1);
        assert_eq!(found(&[entry(&body, 16, 199)]), 1);
        assert_eq!(found(&[]), 1);
    }

    #[cfg(feature = "zlib")]
    #[test]
    fn a_wrong_decoded_length() {
        let file =
            write_to(std::io::Cursor::new(Vec::new()), options(None, &["zlib"]), b"stream").unwrap().into_inner();
        let good = open(&file).unwrap().entries().to_vec();
        let body = &file[16..good[3].end() as usize];
        assert!(errors(&forge(body, &good)).is_empty());
        for (wrong, number) in [(11u64, 0), (13, 0), (1 << 12, 0), (0, 0), (5, 3), (7, 3)] {
            let mut entries = good.clone();
            entries[number].dec_len = wrong;
            let file = forge(body, &entries);
            let mut errors = errors(&file);
            // The first buffer is an array, and that has another length too.
            if number == 0 {
                assert_eq!((errors[0].kind(), errors.remove(0).buffer()), (ErrorKind::Format, Some(0)));
            }
            assert_eq!((errors.len(), errors[0].kind(), errors[0].buffer()), (1, ErrorKind::Codec, Some(number)));
            assert!(load(&file).is_err());
        }
    }
}
