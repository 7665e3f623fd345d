//! Parts of one buffer, encoded or decoded on several threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

#[cfg(feature = "gzip")]
use crate::error::Error;
use crate::error::Result;

/// How many results there may be for each thread that nobody has taken yet, with those that are being made.
const AHEAD: usize = 2;

/// Calls a function with each job, on up to this many threads, and returns what it made in the order of the jobs.
pub(super) fn map<J: Send, T: Send>(
    threads: usize,
    jobs: Vec<J>,
    work: impl Fn(J) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let mut made = Vec::with_capacity(jobs.len());
    each(threads, jobs, work, |result| {
        made.push(result);
        Ok(())
    })?;
    Ok(made)
}

/// As [`map`], but what the function makes is handed over as soon as it is its turn. Few results wait at any time.
pub(super) fn each<J: Send, T: Send>(
    threads: usize,
    jobs: Vec<J>,
    work: impl Fn(J) -> Result<T> + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let threads = threads.clamp(1, jobs.len().max(1));
    if threads == 1 {
        return jobs.into_iter().try_for_each(|job| take(work(job)?));
    }
    let queue = Queue { state: Mutex::new(State::new(jobs)), changed: Condvar::new(), room: AHEAD * threads };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| {
                let _closing = Closing { queue: &queue, always: false };
                while let Some((place, job)) = queue.wait_for_job() {
                    queue.put(place, work(job));
                }
            });
        }
        let _closing = Closing { queue: &queue, always: true };
        loop {
            match queue.wait() {
                Next::Result(result) => take(result?)?,
                Next::Job(place, job) => queue.put(place, work(job)),
                Next::End => return Ok(()),
            }
        }
    })
}

/// Calls a function with each job, on up to this many threads. The jobs are made one by one, when a thread has nothing to do,
/// so that no more are in memory than there are threads.
#[cfg(feature = "gzip")]
pub(super) fn draw<J>(
    threads: usize,
    next: impl FnMut() -> Result<Option<J>> + Send,
    work: impl Fn(J) -> Result<()> + Sync,
) -> Result<()> {
    let source = Mutex::new(Drawn { next, jobs: 0, ended: false, failed: None });
    let lock = || source.lock().unwrap_or_else(PoisonError::into_inner);
    let run = || {
        loop {
            let Some((number, job)) = lock().draw() else { return };
            if let Err(error) = work(job) {
                lock().fail(number, error);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
    match source.into_inner().unwrap_or_else(PoisonError::into_inner).failed {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// Where jobs come from, and the first of them that failed.
#[cfg(feature = "gzip")]
struct Drawn<F> {
    next: F,
    jobs: usize,
    ended: bool,
    failed: Option<(usize, Error)>,
}

#[cfg(feature = "gzip")]
impl<F> Drawn<F> {
    fn draw<J>(&mut self) -> Option<(usize, J)>
    where
        F: FnMut() -> Result<Option<J>>,
    {
        if self.ended {
            return None;
        }
        let number = self.jobs;
        self.jobs += 1;
        match (self.next)() {
            Ok(Some(job)) => Some((number, job)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.fail(number, error);
                None
            }
        }
    }

    fn fail(&mut self, number: usize, error: Error) {
        self.ended = true;
        if self.failed.as_ref().is_none_or(|&(first, _)| number < first) {
            self.failed = Some((number, error));
        }
    }
}

/// The jobs that wait, and what has been made of others.
struct Queue<J, T> {
    state: Mutex<State<J, T>>,
    changed: Condvar,
    room: usize,
}

struct State<J, T> {
    jobs: VecDeque<J>,
    /// The results that have not been taken, from the next one on; those that are not made yet are `None`.
    results: VecDeque<Option<Result<T>>>,
    /// How many results have been taken.
    taken: usize,
    closed: bool,
}

/// What there is to do for the thread that takes the results.
enum Next<J, T> {
    Result(Result<T>),
    Job(usize, J),
    End,
}

impl<J, T> State<J, T> {
    fn new(jobs: Vec<J>) -> Self {
        State { jobs: jobs.into(), results: VecDeque::new(), taken: 0, closed: false }
    }

    /// A job and its place, if there is one, and room for its result.
    fn job(&mut self, room: usize) -> Option<(usize, J)> {
        if self.results.len() >= room {
            return None;
        }
        let job = self.jobs.pop_front()?;
        self.results.push_back(None);
        Some((self.taken + self.results.len() - 1, job))
    }

    /// The next result, if it is made.
    fn result(&mut self) -> Option<Result<T>> {
        let result = self.results.front_mut()?.take()?;
        self.results.pop_front();
        self.taken += 1;
        Some(result)
    }
}

impl<J, T> Queue<J, T> {
    fn lock(&self) -> MutexGuard<'_, State<J, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, place: usize, result: Result<T>) {
        let mut state = self.lock();
        let place = place - state.taken;
        state.results[place] = Some(result);
        self.changed.notify_all();
    }

    fn wait_for_job(&self) -> Option<(usize, J)> {
        let mut state = self.lock();
        loop {
            if state.closed || state.jobs.is_empty() {
                return None;
            }
            if let Some(job) = state.job(self.room) {
                return Some(job);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn wait(&self) -> Next<J, T> {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.result() {
                self.changed.notify_all();
                return Next::Result(result);
            }
            if let Some((place, job)) = state.job(self.room) {
                return Next::Job(place, job);
            }
            if state.closed || state.results.is_empty() {
                return Next::End;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Ends the waiting of all threads when the one that takes the results is done, or any of them panics.
struct Closing<'q, J, T> {
    queue: &'q Queue<J, T>,
    always: bool,
}

impl<J, T> Drop for Closing<'_, J, T> {
    fn drop(&mut self) {
        if self.always || thread::panicking() {
            self.queue.lock().closed = true;
            self.queue.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::Error;

    #[test]
    fn in_order_whatever_the_threads() {
        for threads in 0..5 {
            for len in [0, 1, 2, 100] {
                let squares = map(threads, (0..len).collect(), |n: u64| Ok(n * n)).unwrap();
                assert_eq!(squares, (0..len).map(|n| n * n).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn the_first_error_ends_it() {
        for threads in 1..4 {
            let fail = |n: u32| if n == 3 { Err(Error::codec("three")) } else { Ok(n) };
            assert_eq!(map(threads, (0..100).collect(), fail).unwrap_err().to_string(), "three");
        }
    }

    #[test]
    fn few_results_wait() {
        for threads in 1..5 {
            let waiting = AtomicUsize::new(0);
            let mut taken = 0;
            let work = |n: usize| {
                // And one more is being taken.
                assert!(waiting.fetch_add(1, Ordering::Relaxed) <= AHEAD * threads);
                Ok(n)
            };
            let take = |n| {
                assert_eq!(n, taken);
                taken += 1;
                waiting.fetch_sub(1, Ordering::Relaxed);
                if n == 150 { Err(Error::codec("no room")) } else { Ok(()) }
            };
            assert_eq!(each(threads, (0..200).collect(), work, take).unwrap_err().to_string(), "no room");
            assert_eq!(taken, 151);
        }
    }

    #[test]
    fn a_panic_ends_it() {
        for threads in 1..4 {
            let panicked = std::panic::catch_unwind(|| {
                map(threads, (0..100).collect(), |n: u32| if n == 7 { panic!("seven") } else { Ok(n) })
            });
            assert!(panicked.is_err());
        }
    }
}
