//! One load: the buffers on their way out of a file, and their digests, which are checked beside it.
//!
//! A digest is serial, and slower than reading. So the stream and the buffers that are asked for are handed out at once, and
//! other threads check their digests meanwhile. The value that was made of them is given away only when all are right.

use std::sync::{Mutex, PoisonError};
use std::thread;

use super::jobs::Jobs;
use super::{Reader, Work};
use crate::buffers::Source;
use crate::bytes::{Keep, Shared};
use crate::error::{Error, Result};
use crate::trace::debug;

/// From this many bytes on, a digest is worth a thread.
pub(super) const LARGE: u64 = 1 << 20;

impl<'i> Reader<'i> {
    /// Calls a function with the pickle stream and a source of the buffers. What it returns is returned only if all
    /// buffers that it asked for have the right digests; and then the work is done.
    pub(crate) fn load<'de, T>(
        &'de self,
        work: &Work,
        read: impl FnOnce(&'de [u8], &dyn Source<'de>) -> Result<T>,
    ) -> Result<T>
    where
        'i: 'de,
    {
        let (mut read, mut loaded) = (Some(read), None);
        self.load_buffers(work, &mut |source| {
            let stream = source.stream()?;
            debug!("unpickling {} bytes and {} buffers", stream.len(), self.buffer_count());
            loaded = read.take().map(|read| read(stream, source)).transpose()?;
            Ok(())
        })?;
        work.finish();
        Ok(loaded.expect("it was called once, and has succeeded"))
    }

    /// The threads of a load. They are the same whatever is loaded, so that no program has them once for each of its types.
    fn load_buffers<'de>(&'de self, work: &Work, read: &mut dyn FnMut(&Loading<'_, 'de>) -> Result<()>) -> Result<()>
    where
        'i: 'de,
    {
        let helpers = if self.has_large_buffers() { self.threads() - 1 } else { 0 };
        if helpers == 0 {
            return read(&Loading { reader: self, checks: None, work });
        }
        let checks = Checks { jobs: Jobs::new(), failed: Mutex::new(None) };
        let result = thread::scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|| checks.work(self, work));
            }
            let closing = Closing(&checks.jobs);
            let result = read(&Loading { reader: self, checks: Some(&checks), work });
            drop(closing);
            checks.work(self, work);
            result
        });
        // A damaged buffer also explains whatever else went wrong.
        match checks.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => result,
        }
    }
}

/// Closes the queue even if the thread that fills it panics, for the others wait for that.
struct Closing<'c>(&'c Jobs<usize>);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The buffers whose digests are to be checked, and the first of them that is damaged.
struct Checks {
    jobs: Jobs<usize>,
    failed: Mutex<Option<(usize, Error)>>,
}

impl Checks {
    fn work(&self, reader: &Reader<'_>, work: &Work) {
        while let Some(number) = self.jobs.next() {
            if let Err(error) = reader.confirm(number, work) {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                if failed.as_ref().is_none_or(|(first, _)| number < *first) {
                    *failed = Some((number, error));
                }
            }
        }
    }
}

/// The buffers of a reader during one load.
struct Loading<'c, 'de> {
    reader: &'de Reader<'de>,
    /// Where digests are checked; without it, each is before its buffer is handed out.
    checks: Option<&'c Checks>,
    work: &'c Work,
}

impl<'de> Loading<'_, 'de> {
    /// The pickle stream.
    fn stream(&self) -> Result<&'de [u8]> {
        let number = self.reader.buffer_count();
        if self.checks.is_none() || !self.reader.is_worth_a_thread(number) {
            return self.done(number, self.reader.stream());
        }
        let stream = self.reader.unverified_stream()?;
        self.deferred(number);
        Ok(stream)
    }

    /// Whether the digest of a buffer is checked beside the load: then it has been asked for.
    fn deferred(&self, number: usize) -> bool {
        match self.checks {
            Some(checks) if self.reader.is_worth_a_thread(number) => {
                checks.jobs.add(number);
                true
            }
            _ => false,
        }
    }

    /// A buffer is there, and needs no check any more.
    fn done<T>(&self, number: usize, result: Result<T>) -> Result<T> {
        if result.is_ok() {
            self.work.end(number);
        }
        result
    }
}

impl<'de> Source<'de> for Loading<'_, 'de> {
    fn buffer_count(&self) -> usize {
        self.reader.buffer_count()
    }

    fn buffer_len(&self, index: usize) -> Result<usize> {
        self.reader.buffer_len(index)
    }

    fn lend(&self, index: usize) -> Result<&'de [u8]> {
        debug!("lending buffer {index}");
        match self.reader.unverified(index)? {
            Some(bytes) if self.deferred(index) => Ok(bytes),
            _ => self.done(index, self.reader.lend(index)),
        }
    }

    fn read_into(&self, index: usize, out: &mut [u8]) -> Result<()> {
        let number = self.reader.known(index)?;
        if self.deferred(number) {
            self.reader.read_unverified(number, out)
        } else {
            self.done(number, self.reader.read_into(number, out, self.work))
        }
    }

    fn share(&self, index: usize) -> Result<Shared> {
        debug!("sharing buffer {index}");
        match self.reader.unverified_share(index)? {
            Some(shared) if self.deferred(index) => Ok(shared),
            _ => self.done(index, self.reader.share(index)),
        }
    }

    fn keep(&self) -> &'de Keep {
        self.reader.keep()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::testing::options;
    use super::super::{Entry, FileInput, Memory, ReadOptions, Writer};
    use super::*;
    use crate::buffers::Sink;
    use crate::bytes::Map;
    use crate::error::ErrorKind;

    fn file() -> Vec<u8> {
        let mut writer = Writer::new(Cursor::new(Vec::new()), options(Some(4096), &[])).unwrap();
        for number in 0..6 {
            writer.write_buffer(&vec![number; LARGE as usize + usize::from(number)], None).unwrap();
        }
        writer.write_buffer(b"small", None).unwrap();
        writer.finish_whole(b"N.").unwrap().into_inner()
    }

    fn sum(reader: &Reader<'_>) -> Result<u64> {
        reader.load(&Work::default(), |stream, source| {
            assert_eq!(stream, b"N.");
            let mut sum = 0;
            for index in 0..source.buffer_count() {
                let mut out = vec![0; source.buffer_len(index)?];
                source.read_into(index, &mut out)?;
                assert_eq!(out, source.lend(index)?);
                assert_eq!(out, *source.share(index)?);
                sum += out.iter().map(|&byte| u64::from(byte)).sum::<u64>();
            }
            Ok(sum)
        })
    }

    /// The file by way of every kind of input, with 1 to 4 threads.
    fn for_each_reader(file: &[u8], check: impl Fn(Reader<'_>)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.bpk");
        std::fs::write(&path, file).unwrap();
        for threads in 1..=4 {
            let options = ReadOptions { threads, ..ReadOptions::default() };
            check(Reader::open(Memory(file), options.clone()).unwrap());
            check(Reader::open(Map::of_copy(file), options.clone()).unwrap());
            check(Reader::open(FileInput::open(&path).unwrap(), options).unwrap());
        }
    }

    #[test]
    fn whatever_the_input_and_the_threads() {
        let small: u64 = b"small".iter().map(|&byte| u64::from(byte)).sum();
        let large: u64 = (0..6).map(|number| number * (LARGE + number)).sum();
        for_each_reader(&file(), |reader| {
            assert_eq!(sum(&reader).unwrap(), small + large);
            assert_eq!(sum(&reader).unwrap(), small + large);
        });
    }

    #[test]
    fn damage_is_found_before_the_value_is_given_away() {
        let mut file = file();
        let offsets: Vec<u64> =
            Reader::open(Memory(&*file), ReadOptions::default()).unwrap().entries().iter().map(Entry::offset).collect();
        for number in [4, 2] {
            file[offsets[number] as usize + 100_000] ^= 1;
        }
        for_each_reader(&file, |reader| {
            let error = sum(&reader).unwrap_err();
            assert_eq!((error.kind(), error.buffer()), (ErrorKind::Integrity, Some(2)));
            // Also when the value could not be made, and when only the damaged buffer is asked for.
            let load = |index| {
                reader.load(&Work::default(), |_, source| {
                    source.lend(index)?;
                    Err::<(), _>(Error::data("no such value"))
                })
            };
            assert_eq!(load(4).unwrap_err().kind(), ErrorKind::Integrity);
            assert_eq!(load(1).unwrap_err().kind(), ErrorKind::Data);
            assert!(reader.load(&Work::default(), |_, source| source.lend(3).map(<[u8]>::len)).is_ok());
        });
    }

    #[test]
    fn all_damage_is_listed_in_order() {
        let mut file = file();
        let offsets: Vec<u64> =
            Reader::open(Memory(&*file), ReadOptions::default()).unwrap().entries().iter().map(Entry::offset).collect();
        for_each_reader(&file, |reader| assert!(reader.find_errors().is_empty() && reader.verify().is_ok()));
        for number in [5, 1, 6, 3] {
            file[offsets[number] as usize + 2] ^= 1;
        }
        for_each_reader(&file, |reader| {
            let errors: Vec<_> = reader.find_errors().iter().map(|error| (error.kind(), error.buffer())).collect();
            assert_eq!(errors, [1, 3, 5, 6].map(|number| (ErrorKind::Integrity, Some(number))));
            assert_eq!(reader.verify().unwrap_err().buffer(), Some(1));
        });
    }

    #[test]
    fn a_long_stream_is_read_before_its_digest_is_known_and_never_after() {
        let stream: Vec<u8> = (0..LARGE + 100).map(|number| (number % 251) as u8).collect();
        let writer = Writer::new(Cursor::new(Vec::new()), options(Some(4096), &[])).unwrap();
        let mut file = writer.finish_whole(&stream).unwrap().into_inner();
        for_each_reader(&file, |reader| {
            for _ in 0..2 {
                assert!(reader.load(&Work::default(), |found, _| Ok(found == stream)).unwrap());
                assert!(reader.stream().unwrap() == stream);
            }
        });
        file[4096 + 500_000] ^= 1;
        for_each_reader(&file, |reader| {
            for _ in 0..2 {
                // Whatever is made of it.
                let load = |result: Result<()>| reader.load(&Work::default(), |_, _| result).unwrap_err();
                assert_eq!(load(Ok(())).kind(), ErrorKind::Integrity);
                assert_eq!(load(Err(Error::data("no such value"))).kind(), ErrorKind::Integrity);
                assert_eq!(reader.stream().unwrap_err().kind(), ErrorKind::Integrity);
            }
        });
    }

    #[test]
    fn a_panic_ends_the_threads_too() {
        for_each_reader(&file(), |reader| {
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                reader.load::<()>(&Work::default(), |_, source| {
                    source.lend(0)?;
                    panic!("in a visitor");
                })
            }));
            assert!(panicked.is_err());
        });
    }
}
