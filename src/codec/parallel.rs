//! Parts of one buffer, encoded or decoded on several threads.

use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::error::{Error, Result};

/// Calls a function with each job, on up to this many threads, and returns what it made in the order of the jobs.
pub(super) fn map<J: Send, T: Send>(
    threads: usize,
    jobs: Vec<J>,
    work: impl Fn(J) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let threads = threads.clamp(1, jobs.len().max(1));
    if threads == 1 {
        return jobs.into_iter().map(work).collect();
    }
    let mut done: Vec<Option<T>> = jobs.iter().map(|_| None).collect();
    let state = Mutex::new((jobs.into_iter().enumerate(), &mut done, None::<Error>));
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    let run = || {
        loop {
            let next = {
                let mut state = lock();
                if state.2.is_some() { None } else { state.0.next() }
            };
            let Some((place, job)) = next else { return };
            let result = work(job);
            let mut state = lock();
            match result {
                Ok(made) => state.1[place] = Some(made),
                Err(error) => state.2 = Some(error),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
    let failed = lock().2.take();
    match failed {
        Some(error) => Err(error),
        None => Ok(done.into_iter().flatten().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
