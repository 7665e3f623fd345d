//! The digest of the pickle stream, which is taken while the stream is still being made.
//!
//! The stream is the last buffer of a file, so nothing of it can be written before all arrays are. But its parts, once
//! finished, do not change any more.

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use sha2::{Digest, Sha256};

use crate::buffers::Tap;

/// Digests a stream, part by part, on a thread that is there once a part is.
#[derive(Clone, Default)]
pub(super) struct Ahead(Arc<Mutex<Option<Running>>>);

/// The thread, and the way to it.
struct Running {
    parts: Sender<Arc<Vec<u8>>>,
    thread: JoinHandle<[u8; 32]>,
}

impl Ahead {
    /// What is to be shown all parts but the last.
    pub(super) fn tap(&self) -> Tap {
        let running = self.0.clone();
        Box::new(move |part| {
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            // If the thread is gone, so is its digest, and another one will be taken.
            let _ = running.get_or_insert_with(Running::start).parts.send(part.clone());
        })
    }

    /// Shows it the last part. Nothing if that is the only one.
    pub(super) fn finish(self, last: &Arc<Vec<u8>>) -> Option<JoinHandle<[u8; 32]>> {
        let Running { parts, thread } = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        parts.send(last.clone()).ok()?;
        Some(thread)
    }
}

impl Running {
    fn start() -> Self {
        let (sender, receiver) = mpsc::channel::<Arc<Vec<u8>>>();
        let thread = thread::spawn(move || {
            let mut hash = Sha256::new();
            for part in receiver {
                hash.update(&*part);
            }
            hash.finalize().into()
        });
        Running { parts: sender, thread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_in_their_order() {
        let ahead = Ahead::default();
        let mut tap = ahead.tap();
        let parts: Vec<Arc<Vec<u8>>> = (0..10).map(|n| Arc::new(vec![n; 1000])).collect();
        parts[..9].iter().for_each(&mut tap);
        let digest = ahead.finish(&parts[9]).unwrap().join().unwrap();
        let whole: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
        assert_eq!(digest[..], Sha256::digest(whole)[..]);
        assert!(Ahead::default().finish(&parts[0]).is_none());
    }
}
