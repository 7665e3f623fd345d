//! Digests that are taken while the file is written.
//!
//! A digest is serial, and slower than writing. What is borrowed may not be kept past its call; but it is in the file, and
//! so in the page cache. There other threads read it back and digest it, while the next buffers are written.
//!
//! Reading back costs as well, and at the end nobody shall wait for the others. So a buffer goes to another thread only when
//! one has nothing to do, also in its midst: until then, whoever writes it digests it on the way.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use super::digest::Hasher;
use super::input::read_exact_at;
use super::jobs::Jobs;
use super::{Digest, PIECE};
use crate::error::Result;

/// The threads that digest what is written to a file.
pub(super) struct Digests {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// The end of the buffer that is being written, once that is known.
    end: Arc<OnceLock<End>>,
    /// How many threads there will be once there is something to do.
    wanted: usize,
}

struct Shared {
    file: File,
    jobs: Jobs<Job>,
    /// How many jobs are not done yet.
    undone: AtomicUsize,
    written: Mutex<Written>,
    more: Condvar,
    done: Mutex<Done>,
}

/// The rest of a buffer: its number in the index, the digest of what comes before, and where it is in the file.
struct Job {
    number: usize,
    hash: Hasher,
    start: u64,
    end: Arc<OnceLock<End>>,
}

/// How the writing of a buffer ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    At(u64),
    /// It was taken back, and other bytes may come in its place.
    TakenBack,
}

/// How far the file has been written.
#[derive(Default)]
struct Written {
    end: u64,
    /// Whether the writer has given up.
    ended: bool,
}

#[derive(Default)]
struct Done {
    digests: Vec<(usize, Digest)>,
    failed: Option<io::Error>,
}

impl Digests {
    /// Digests are taken of what a second handle of the file reads back, on this many threads beside the writer's.
    pub(super) fn new(file: File, threads: usize) -> Self {
        let shared = Arc::new(Shared {
            file,
            jobs: Jobs::new(),
            undone: AtomicUsize::new(0),
            written: Mutex::default(),
            more: Condvar::new(),
            done: Mutex::default(),
        });
        Digests { shared, threads: Vec::new(), end: Arc::default(), wanted: threads }
    }

    /// Wants the digest of a buffer whose rest is about to be written from here on.
    pub(super) fn begin(&mut self, number: usize, hash: Hasher, start: u64) {
        while self.threads.len() < self.wanted {
            let shared = self.shared.clone();
            self.threads.push(thread::spawn(move || shared.work()));
        }
        self.end = Arc::default();
        // Further on there may be something that was taken back.
        self.written_to(start);
        self.shared.undone.fetch_add(1, Ordering::Relaxed);
        self.shared.jobs.add(Job { number, hash, start, end: self.end.clone() });
    }

    /// Says that the buffer has been written, and ends here.
    pub(super) fn end(&self, at: u64) {
        self.set_end(End::At(at));
    }

    /// Says that the buffer will not be one.
    pub(super) fn take_back(&self) {
        self.set_end(End::TakenBack);
    }

    fn set_end(&self, end: End) {
        // Under the lock, so that nobody begins to wait in between.
        let written = self.shared.written.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.end.set(end);
        drop(written);
        self.shared.more.notify_all();
    }

    /// Whether one of the threads has nothing to do.
    pub(super) fn have_an_idle_thread(&self) -> bool {
        self.shared.undone.load(Ordering::Relaxed) < self.wanted
    }

    /// Says how far the file has been written.
    pub(super) fn written_to(&self, end: u64) {
        self.shared.written.lock().unwrap_or_else(PoisonError::into_inner).end = end;
        self.shared.more.notify_all();
    }

    /// All digests that were wanted, each with the number of its buffer. This thread helps with what is left.
    pub(super) fn finish(mut self) -> Result<Vec<(usize, Digest)>> {
        self.shared.jobs.close();
        self.shared.work();
        self.join();
        let mut done = self.shared.done.lock().unwrap_or_else(PoisonError::into_inner);
        match done.failed.take() {
            Some(error) => Err(error.into()),
            None => Ok(std::mem::take(&mut done.digests)),
        }
    }

    fn join(&mut self) {
        for thread in self.threads.drain(..) {
            // A thread does not panic; if it did, its digest would be missing, which the writer notices.
            let _ = thread.join();
        }
    }
}

impl Drop for Digests {
    fn drop(&mut self) {
        self.shared.written.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.shared.more.notify_all();
        self.shared.jobs.close();
        self.join();
    }
}

impl Shared {
    fn work(&self) {
        let mut piece = vec![0; PIECE];
        while let Some(job) = self.jobs.next() {
            let digest = self.digest(&job, &mut piece);
            self.undone.fetch_sub(1, Ordering::Relaxed);
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            match digest {
                Ok(Some(digest)) => done.digests.push((job.number, digest)),
                Ok(None) => {}
                // What is taken back may be cut off while it is read.
                Err(_) if job.end.get() == Some(&End::TakenBack) => {}
                Err(error) => done.failed = Some(error),
            }
        }
    }

    /// The digest of a buffer, as it is written; none if it is taken back, or the writer gives up.
    fn digest(&self, job: &Job, piece: &mut [u8]) -> io::Result<Option<Digest>> {
        let mut hash = job.hash.clone();
        let mut position = job.start;
        while job.end.get() != Some(&End::At(position)) {
            let Some(end) = self.wait_for_more_than(position, &job.end) else { return Ok(None) };
            while position < end {
                let piece = &mut piece[..(end - position).min(PIECE as u64) as usize];
                read_exact_at(&self.file, position, piece)?;
                hash.update(piece);
                position += piece.len() as u64;
            }
        }
        Ok(Some(hash.finish()))
    }

    /// How far a buffer is written, once that is further than here or its end; none if there will be no such buffer.
    fn wait_for_more_than(&self, position: u64, end: &OnceLock<End>) -> Option<u64> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match end.get() {
                Some(&End::At(end)) => return Some(end),
                Some(End::TakenBack) => return None,
                None if written.ended => return None,
                None if written.end > position => return Some(written.end),
                None => written = self.more.wait(written).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::super::Revision;
    use super::*;

    #[test]
    fn digests_of_what_is_still_being_written() {
        for revision in [Revision::V1, Revision::V2] {
            check(revision);
        }
    }

    fn check(revision: Revision) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut digests = Digests::new(file.reopen().unwrap(), 2);
        let buffers: Vec<Vec<u8>> = (0..5).map(|number| vec![number; 800_000 + usize::from(number)]).collect();
        let mut position = 0;
        for (number, buffer) in buffers.iter().enumerate() {
            // The first bytes are digested here.
            let mut hash = Hasher::new(revision);
            let (first, rest) = buffer.split_at(number * 200_000);
            file.write_all(first).unwrap();
            hash.update(first);
            position += first.len() as u64;
            digests.begin(number, hash, position);
            for piece in rest.chunks(100_000) {
                file.write_all(piece).unwrap();
                position += piece.len() as u64;
                digests.written_to(position);
            }
            digests.end(position);
        }
        let mut found = digests.finish().unwrap();
        found.sort_unstable_by_key(|&(number, _)| number);
        let expected: Vec<(usize, Digest)> =
            buffers.iter().enumerate().map(|(number, buffer)| (number, Digest::of(revision, buffer))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_writer_that_gives_up_leaves_no_thread_waiting() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut digests = Digests::new(file.reopen().unwrap(), 2);
        digests.begin(0, Hasher::new(Revision::V2), 0);
        drop(digests);
    }

    #[test]
    fn what_is_taken_back_has_no_digest() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut digests = Digests::new(file.reopen().unwrap(), 1);
        digests.begin(7, Hasher::new(Revision::V2), 0);
        file.write_all(&[1; 1000]).unwrap();
        digests.written_to(1000);
        digests.take_back();
        file.as_file().set_len(0).unwrap();
        // Another one comes in its place.
        digests.begin(7, Hasher::new(Revision::V2), 0);
        file.rewind().unwrap();
        file.write_all(&[2; 10]).unwrap();
        digests.written_to(10);
        digests.end(10);
        assert_eq!(digests.finish().unwrap(), [(7, Digest::of(Revision::V2, &[2; 10]))]);
    }

    #[test]
    fn a_file_that_is_cut_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut digests = Digests::new(file.reopen().unwrap(), 1);
        digests.begin(0, Hasher::new(Revision::V2), 0);
        digests.written_to(1000);
        digests.end(1000);
        assert!(digests.finish().is_err());
    }
}
