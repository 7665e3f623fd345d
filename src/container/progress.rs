//! Telling how far the work is.

use std::fmt;
use std::sync::Arc;

/// How far a file has been read and checked: see [`LoadOptions::on_progress`](crate::LoadOptions::on_progress).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The buffer that is being read, by its number.
    pub buffer: usize,
    /// How many bytes of buffers have been read, as they are in the file.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// Who wants to know.
#[derive(Clone)]
pub(crate) struct OnProgress(Arc<dyn Fn(Progress) + Send + Sync>);

impl OnProgress {
    pub(crate) fn new(function: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        OnProgress(Arc::new(function))
    }

    pub(super) fn tell(&self, progress: Progress) {
        (self.0)(progress);
    }
}

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<function>")
    }
}
