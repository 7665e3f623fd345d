//! Digests that are taken while the file is written.
//!
//! A digest is serial, and slower than writing. While a buffer is written, another thread can digest it ([`while_writing`]). What
//! is borrowed may not be kept past its call; but then it is in the file, and so in the page cache. There other threads
//! read it back and digest it, while the next buffers are written.
//!
//! A thread takes two digests at once where it can, which is quicker than one after the other; when another one has nothing
//! to do, it gives one of the two away. Reading back costs as well, and at the end nobody shall wait for the others. So a buffer
//! goes to another thread only when one has room for it and not much else to do, also in its midst: until then, whoever
//! writes it digests it on the way.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use super::super::digest::Hasher;
use super::super::input::read_exact_at;
use super::super::jobs::Jobs;
use super::super::{Digest, PIECE};
use crate::error::Result;

/// The threads that digest what is written to a file.
pub(super) struct Digests {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// The end of the buffer that is being written, once that is known.
    end: Arc<OnceLock<u64>>,
    /// How many threads there will be once there is something to do.
    wanted: usize,
    /// How far the file has been written, and how many bytes have been handed over in all.
    position: u64,
    handed_over: u64,
}

/// If so many bytes for each thread are still to be digested, whoever writes more digests them as well.
const BACKLOG: u64 = 32 << 20;

struct Shared {
    file: File,
    jobs: Jobs<Job>,
    /// How many jobs are not done yet.
    undone: AtomicUsize,
    /// How many of the bytes that were handed over are done with.
    finished: AtomicU64,
    written: Mutex<Written>,
    more: Condvar,
    done: Mutex<Done>,
}

/// The rest of a buffer: its number in the index, the digest of what comes before, and where it is in the file.
struct Job {
    number: usize,
    hash: Hasher,
    position: u64,
    end: Arc<OnceLock<u64>>,
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
            finished: AtomicU64::new(0),
            written: Mutex::default(),
            more: Condvar::new(),
            done: Mutex::default(),
        });
        Digests { shared, threads: Vec::new(), end: Arc::default(), wanted: threads, position: 0, handed_over: 0 }
    }

    /// Wants the digest of a buffer whose rest is about to be written from here on.
    pub(super) fn begin(&mut self, number: usize, hash: Hasher, position: u64) {
        while self.threads.len() < self.wanted {
            let shared = self.shared.clone();
            self.threads.push(thread::spawn(move || shared.work()));
        }
        self.end = Arc::default();
        self.position = position;
        self.written_to(position);
        self.shared.undone.fetch_add(1, Ordering::Relaxed);
        self.shared.jobs.add(Job { number, hash, position, end: self.end.clone() });
    }

    /// Says that the buffer has been written, and ends here.
    pub(super) fn end(&self, at: u64) {
        // Under the lock, so that nobody begins to wait in between.
        let written = self.shared.written.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.end.set(at);
        drop(written);
        self.shared.more.notify_all();
    }

    /// Whether the threads have nothing to do.
    pub(super) fn are_idle(&self) -> bool {
        self.shared.undone.load(Ordering::Relaxed) == 0
    }

    /// Whether one of the threads has room for another buffer, and they are not far behind.
    pub(super) fn have_room(&self) -> bool {
        let behind = self.handed_over - self.shared.finished.load(Ordering::Relaxed);
        self.shared.undone.load(Ordering::Relaxed) < 2 * self.wanted && behind < BACKLOG * self.wanted as u64
    }

    /// Says how far the file has been written.
    pub(super) fn written_to(&mut self, end: u64) {
        self.handed_over += end - self.position;
        self.position = end;
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

/// Digests bytes on another thread while this one writes them. When they are written, it does not wait, but says how many have
/// been digested.
pub(super) fn while_writing<T>(hash: &mut Hasher, bytes: &[u8], write: impl FnOnce() -> T) -> (T, usize) {
    let written = AtomicBool::new(false);
    thread::scope(|scope| {
        let digesting = scope.spawn(|| {
            let pieces = bytes.chunks(PIECE).take_while(|_| !written.load(Ordering::Relaxed));
            pieces.inspect(|piece| hash.update(piece)).map(<[u8]>::len).sum()
        });
        let result = write();
        written.store(true, Ordering::Relaxed);
        (result, digesting.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
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
    /// Does jobs until there are no more, up to two at a time.
    fn work(&self) {
        let mut lanes: Vec<Lane> = Vec::with_capacity(2);
        loop {
            match lanes.len() {
                0 => match self.jobs.next() {
                    Some(job) => lanes.push(Lane::new(job)),
                    None => return,
                },
                1 => lanes.extend(self.jobs.second().map(Lane::new)),
                _ if self.jobs.are_wanted() => lanes.pop().into_iter().for_each(|lane| self.jobs.give_back(lane.job)),
                _ => {}
            }
            let before = lanes.len();
            // While one buffer is waited for, the other could be digested; but when there are two, one has been written.
            lanes.retain_mut(|lane| self.fill(lane, before == 1));
            (lanes.len().max(1)..before).for_each(|_| self.jobs.second_done());
            let digested = match &mut lanes[..] {
                [one, other] => Lane::digest_both(one, other),
                [one] => one.digest(),
                _ => 0,
            };
            self.finished.fetch_add(digested as u64, Ordering::Relaxed);
        }
    }

    /// Reads more of a buffer, once all that was read is digested. Says whether there is more to do.
    fn fill(&self, lane: &mut Lane, may_wait: bool) -> bool {
        if !lane.left.is_empty() {
            return true;
        }
        let digest = match self.more(&lane.job, may_wait) {
            More::NotYet => return true,
            More::Until(end) => match lane.read(&self.file, end) {
                Ok(()) => return true,
                Err(error) => Some(Err(error)),
            },
            More::Nothing => Some(Ok(lane.job.hash.clone().finish())),
            More::Never => None,
        };
        self.undone.fetch_sub(1, Ordering::Relaxed);
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        match digest {
            Some(Ok(digest)) => done.digests.push((lane.job.number, digest)),
            Some(Err(error)) => done.failed = Some(error),
            None => {}
        }
        false
    }

    /// What there is of a buffer that is not digested yet.
    fn more(&self, job: &Job, may_wait: bool) -> More {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match job.end.get() {
                Some(&end) if end == job.position => return More::Nothing,
                Some(&end) => return More::Until(end),
                None if written.ended => return More::Never,
                None if written.end > job.position => return More::Until(written.end),
                None if !may_wait => return More::NotYet,
                None => written = self.more.wait(written).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// What is to be digested of a buffer.
enum More {
    /// What has been written up to here.
    Until(u64),
    /// All that was written has been digested, but there will be more.
    NotYet,
    /// The buffer has ended, and all of it has been digested.
    Nothing,
    /// The writer has given up.
    Never,
}

/// A job that is being done.
struct Lane {
    job: Job,
    /// What was read back, and which part of it is not digested yet.
    piece: Vec<u8>,
    left: Range<usize>,
}

impl Lane {
    fn new(job: Job) -> Self {
        Lane { job, piece: vec![0; PIECE], left: 0..0 }
    }

    /// Reads the next piece of what has been written up to here.
    fn read(&mut self, file: &File, end: u64) -> io::Result<()> {
        let len = (end - self.job.position).min(PIECE as u64) as usize;
        read_exact_at(file, self.job.position, &mut self.piece[..len])?;
        self.left = 0..len;
        Ok(())
    }

    /// Digests what was read, and says how many bytes.
    fn digest(&mut self) -> usize {
        let (hash, bytes) = self.take(PIECE);
        hash.update(bytes);
        bytes.len()
    }

    /// Digests as much as there is of both, or of the only one that has something.
    fn digest_both(one: &mut Self, other: &mut Self) -> usize {
        let len = match (one.left.len(), other.left.len()) {
            (0, len) | (len, 0) => len,
            (len, other) => len.min(other),
        };
        let ((a, a_bytes), (b, b_bytes)) = (one.take(len), other.take(len));
        Hasher::update_both(a, a_bytes, b, b_bytes);
        a_bytes.len() + b_bytes.len()
    }

    /// The next bytes, which are about to be digested.
    fn take(&mut self, len: usize) -> (&mut Hasher, &[u8]) {
        let bytes = self.left.start..self.left.end.min(self.left.start + len);
        self.left.start = bytes.end;
        self.job.position += bytes.len() as u64;
        (&mut self.job.hash, &self.piece[bytes])
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::super::Revision;
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
    fn many_buffers_on_one_thread() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut digests = Digests::new(file.reopen().unwrap(), 1);
        assert!(digests.are_idle() && digests.have_room());
        // Of all lengths, so that two that are taken at once do not end at once.
        let buffers: Vec<Vec<u8>> = (0..20).map(|number| vec![number; 1 << number]).collect();
        let mut position = 0;
        for (number, buffer) in buffers.iter().enumerate() {
            digests.begin(number, Hasher::new(Revision::V2), position);
            file.write_all(buffer).unwrap();
            position += buffer.len() as u64;
            digests.written_to(position);
            digests.end(position);
        }
        let shared = digests.shared.clone();
        let mut found = digests.finish().unwrap();
        found.sort_unstable_by_key(|&(number, _)| number);
        assert!(found.iter().zip(&buffers).all(|(found, buffer)| found.1 == Digest::of(Revision::V2, buffer)));
        assert_eq!((found.len(), shared.undone.load(Ordering::Relaxed)), (20, 0));
        assert_eq!(shared.finished.load(Ordering::Relaxed), position);
    }

    #[test]
    fn while_it_is_written() {
        let bytes = vec![3; 5 * PIECE + 1];
        // Some part of it, whichever, and the rest later.
        let mut hash = Hasher::new(Revision::V2);
        let (result, digested) = while_writing(&mut hash, &bytes, || 7);
        hash.update(&bytes[digested..]);
        assert_eq!((result, hash.finish()), (7, Digest::of(Revision::V2, &bytes)));
    }

    #[test]
    fn a_writer_that_gives_up_leaves_no_thread_waiting() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut digests = Digests::new(file.reopen().unwrap(), 2);
        digests.begin(0, Hasher::new(Revision::V2), 0);
        drop(digests);
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
