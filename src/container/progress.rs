//! How far the work on a file is.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Task {
    /// It is written.
    Save,
    /// Its object, or a part of it, is loaded.
    Load,
    /// It is looked through for errors.
    Verify,
}

/// How far a file has been saved, loaded or verified: what the functions of
/// [`Options::on_progress`](crate::Options::on_progress) and [`LoadOptions::on_progress`](crate::LoadOptions::on_progress)
/// are given.
///
/// What is counted are the bytes of buffers as they are in the file; that is, encoded. The pickle stream is one of the buffers,
/// the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    task: Task,
    done: u64,
    total: Option<u64>,
    buffer: usize,
    buffer_count: Option<usize>,
}

impl Progress {
    /// What is done with the file.
    #[must_use]
    pub fn task(&self) -> Task {
        self.task
    }

    /// How many bytes are done. From one call to the next it never becomes less: what was saved in parts and taken back, since
    /// the sequence turned out to be no array, stays counted.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done
    }

    /// How many bytes there are to do: those of all buffers, or, when a [`Part`](crate::Part) is loaded, of those that it
    /// is made of. How much will be saved is not known before it is, so then only the last call says it.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The buffer that the work is at, by its number in the file, which is its place in
    /// [`entries`](crate::BinPickleFile::entries). Several threads are at several; it is the one that something was done of last.
    #[must_use]
    pub fn buffer(&self) -> usize {
        self.buffer
    }

    /// How many buffers the file has. When it is saved, only the last call says it.
    #[must_use]
    pub fn buffer_count(&self) -> Option<usize> {
        self.buffer_count
    }
}

/// Who wants to know how far it is.
#[derive(Clone)]
pub(crate) struct OnProgress(Arc<dyn Fn(&Progress) + Send + Sync>);

impl OnProgress {
    pub(crate) fn new(function: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        OnProgress(Arc::new(function))
    }
}

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<function>")
    }
}

/// After how many bytes it is told again, within a buffer.
const STEP: u64 = 1 << 20;

/// One save, load or check, as far as it is. If nobody wants to know, nothing is counted.
#[derive(Default)]
pub(crate) struct Work(Option<Watched>);

struct Watched {
    on_progress: OnProgress,
    /// Locked also while the function runs, so that what it is told comes in order.
    count: Mutex<Count>,
}

struct Count {
    /// What was told last.
    told: Progress,
    done: u64,
    /// How many bytes of each buffer are not done; nothing while it is not known what will come.
    left: Option<Vec<u64>>,
}

impl Work {
    /// Work on a file that is there: `lens` says how many bytes are wanted of each buffer.
    pub(super) fn reading(on_progress: Option<&OnProgress>, task: Task, lens: impl FnOnce() -> Vec<u64>) -> Self {
        Work::new(on_progress, || {
            let lens = lens();
            // Entries that lie may have any lengths.
            let total = lens.iter().fold(0u64, |sum, &len| sum.saturating_add(len));
            let told = Progress { task, done: 0, total: Some(total), buffer: 0, buffer_count: Some(lens.len()) };
            Count { told, done: 0, left: Some(lens) }
        })
    }

    /// The writing of a file.
    pub(super) fn saving(on_progress: Option<&OnProgress>) -> Self {
        Work::new(on_progress, || {
            let told = Progress { task: Task::Save, done: 0, total: None, buffer: 0, buffer_count: None };
            Count { told, done: 0, left: None }
        })
    }

    fn new(on_progress: Option<&OnProgress>, count: impl FnOnce() -> Count) -> Self {
        Work(on_progress.map(|on_progress| Watched { on_progress: on_progress.clone(), count: Mutex::new(count()) }))
    }

    /// Bytes of a buffer are done. More of it than there are do not count, nor do any of a buffer that is not wanted.
    pub(super) fn add(&self, buffer: usize, len: usize) {
        self.change(|count| {
            let more = count.add(buffer, len as u64);
            // The end of a buffer is told when it is known to be right.
            more && count.done - count.told.done >= STEP
        });
    }

    /// A buffer is done, whatever was counted of it.
    pub(super) fn end(&self, buffer: usize) {
        self.change(|count| {
            let left = count.left.as_ref().and_then(|left| left.get(buffer)).copied();
            count.add(buffer, left.unwrap_or(0));
            count.done > count.told.done
        });
    }

    /// All is done, also what nobody asked for.
    pub(super) fn finish(&self) {
        self.change(|count| match count.told.total {
            Some(total) => {
                count.done = total;
                total > count.told.done
            }
            None => {
                count.told.total = Some(count.done);
                count.told.buffer_count = Some(count.told.buffer + 1);
                true
            }
        });
    }

    /// Counts, and tells if it is time.
    fn change(&self, change: impl FnOnce(&mut Count) -> bool) {
        if let Some(Watched { on_progress, count }) = &self.0 {
            let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
            if change(&mut count) {
                count.told.done = count.done;
                (on_progress.0)(&count.told);
            }
        }
    }
}

impl Count {
    /// Counts bytes of a buffer. Returns whether there may be more of it.
    fn add(&mut self, buffer: usize, len: u64) -> bool {
        let (len, more) = match &mut self.left {
            Some(left) => left.get_mut(buffer).map_or((0, false), |left| {
                let len = len.min(*left);
                *left -= len;
                (len, *left > 0)
            }),
            None => (len, true),
        };
        if len > 0 {
            self.done = self.done.saturating_add(len);
            self.told.buffer = buffer;
        }
        more
    }
}
