//! Work that other threads do beside.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

/// A queue of jobs that one thread fills and several empty.
pub(super) struct Jobs<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
}

struct State<J> {
    waiting: VecDeque<J>,
    closed: bool,
}

impl<J> Jobs<J> {
    pub(super) fn new() -> Self {
        Jobs { state: Mutex::new(State { waiting: VecDeque::new(), closed: false }), changed: Condvar::new() }
    }

    /// Adds a job to the end.
    pub(super) fn add(&self, job: J) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.push_back(job);
        self.changed.notify_one();
    }

    /// Says that no more jobs will come: who waits for one is sent home.
    pub(super) fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }

    /// The next job, once there is one; `None` when there will be no more.
    pub(super) fn next(&self) -> Option<J> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn every_job_is_done_once() {
        let (jobs, sum) = (Jobs::new(), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while let Some(job) = jobs.next() {
                        sum.fetch_add(job, Ordering::Relaxed);
                    }
                });
            }
            (1..=100).for_each(|job| jobs.add(job));
            jobs.close();
        });
        assert_eq!(sum.into_inner(), 5050);
        assert_eq!(jobs.next(), None);
    }
}
