//! Work that other threads do beside.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue of jobs that one thread fills and several empty.
pub(super) struct Jobs<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
}

struct State<J> {
    waiting: VecDeque<J>,
    closed: bool,
    /// How many threads wait for a job.
    idle: usize,
    /// How many jobs are the second of a thread, which may come back.
    second: usize,
}

impl<J> Jobs<J> {
    pub(super) fn new() -> Self {
        Jobs {
            state: Mutex::new(State { waiting: VecDeque::new(), closed: false, idle: 0, second: 0 }),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job to the end.
    pub(super) fn add(&self, job: J) {
        self.state().waiting.push_back(job);
        self.changed.notify_one();
    }

    /// Says that no more jobs will come: who waits for one is sent home.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// The next job, once there is one; `None` when there will be no more.
    pub(super) fn next(&self) -> Option<J> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if state.closed && state.second == 0 {
                return None;
            }
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// A second job for a thread that has one, if there is one that nobody waits for.
    pub(super) fn second(&self) -> Option<J> {
        let mut state = self.state();
        if state.waiting.len() <= state.idle {
            return None;
        }
        state.second += 1;
        state.waiting.pop_front()
    }

    /// Whether a thread with two jobs should give one back, because another has none.
    pub(super) fn are_wanted(&self) -> bool {
        let state = self.state();
        state.idle > state.waiting.len()
    }

    /// Gives back what is left of one of two jobs.
    pub(super) fn give_back(&self, job: J) {
        let mut state = self.state();
        state.second -= 1;
        state.waiting.push_front(job);
        drop(state);
        self.changed.notify_all();
    }

    /// One of a thread's two jobs is done.
    pub(super) fn second_done(&self) {
        self.state().second -= 1;
        self.changed.notify_all();
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

    #[test]
    fn a_second_job_goes_back_to_who_has_none() {
        let jobs = Jobs::new();
        (1..=3).for_each(|job| jobs.add(job));
        assert_eq!((jobs.next(), jobs.second()), (Some(1), Some(2)));
        jobs.close();
        thread::scope(|scope| {
            let other = scope.spawn(|| (jobs.next(), jobs.next(), jobs.next()));
            while !jobs.are_wanted() {
                thread::yield_now();
            }
            jobs.give_back(2);
            assert_eq!(other.join().unwrap(), (Some(3), Some(2), None));
        });
        assert_eq!(jobs.second(), None);
    }

    #[test]
    fn who_waits_goes_home_when_all_seconds_are_done() {
        let jobs = Jobs::new();
        (1..=2).for_each(|job| jobs.add(job));
        assert_eq!((jobs.next(), jobs.second()), (Some(1), Some(2)));
        jobs.close();
        thread::scope(|scope| {
            let other = scope.spawn(|| jobs.next());
            while !jobs.are_wanted() {
                thread::yield_now();
            }
            jobs.second_done();
            assert_eq!(other.join().unwrap(), None);
        });
    }
}
