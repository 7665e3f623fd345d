//! The digest of the pickle stream, which is taken while the stream is still being made.
//!
//! The stream is the last buffer of a file, so nothing of it can be written before all arrays are. But its parts, once
//! finished, do not change any more.

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::Revision;
use super::digest::{Digest, Hasher};
use crate::buffers::Tap;

/// Digests a stream, part by part, on a thread that is there once a part is.
pub(super) struct Ahead {
    revision: Revision,
    running: Arc<Mutex<Option<Running>>>,
}

/// The thread, and the way to it.
struct Running {
    parts: Sender<Arc<Vec<u8>>>,
    thread: JoinHandle<Digest>,
}

impl Ahead {
    pub(super) fn new(revision: Revision) -> Self {
        Ahead { revision, running: Arc::default() }
    }

    /// What is to be shown all parts but the last.
    pub(super) fn tap(&self) -> Tap {
        let (revision, running) = (self.revision, self.running.clone());
        Box::new(move |part| {
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            // If the thread is gone, so is its digest, and another one will be taken.
            let _ = running.get_or_insert_with(|| Running::start(revision)).parts.send(part.clone());
        })
    }

    /// Shows it the last part. Nothing if that is the only one.
    pub(super) fn finish(&self, last: &Arc<Vec<u8>>) -> Option<JoinHandle<Digest>> {
        let Running { parts, thread } = self.running.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        parts.send(last.clone()).ok()?;
        Some(thread)
    }
}

impl Running {
    fn start(revision: Revision) -> Self {
        let (sender, receiver) = mpsc::channel::<Arc<Vec<u8>>>();
        let thread = thread::spawn(move || {
            let mut hash = Hasher::new(revision);
            for part in receiver {
                hash.update(&part);
            }
            hash.finish()
        });
        Running { parts: sender, thread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_in_their_order() {
        let parts: Vec<Arc<Vec<u8>>> = (0..10).map(|n| Arc::new(vec![n; 1000])).collect();
        let whole: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
        for revision in [Revision::V1, Revision::V2] {
            let ahead = Ahead::new(revision);
            parts[..9].iter().for_each(ahead.tap());
            let digest = ahead.finish(&parts[9]).unwrap().join().unwrap();
            assert_eq!(digest, Digest::of(revision, &whole));
            assert!(Ahead::new(revision).finish(&parts[0]).is_none());
        }
    }
}
