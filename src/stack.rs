//! Room on the stack for objects that are deeply nested.
//!
//! serde is recursive: each level of an object costs some frames of this crate and of the type that it becomes, together a
//! kilobyte or ten. A thread's stack of two megabytes is soon full, and that is not an error but the end of the process. So
//! every few levels the rest of the stack is looked at, and when it is short, the work goes on in another piece.

/// Between two looks there are so many levels, for shallow objects should not pay for the deep ones.
const LEVELS: usize = 8;

/// How deep objects may be nested by default: without the feature, as deep as any stack has room for.
pub(crate) const MAX_DEPTH: u32 = if cfg!(feature = "stacker") { 1024 } else { 128 };

/// Goes on at a level.
#[inline]
pub(crate) fn descend<T>(level: usize, go: impl FnOnce() -> T) -> T {
    #[cfg(feature = "stacker")]
    if level.is_multiple_of(LEVELS) {
        /// What `LEVELS` levels may take, and what there is below them.
        const ENOUGH: usize = 192 << 10;
        const PIECE: usize = 2 << 20;
        return stacker::maybe_grow(ENOUGH, PIECE, go);
    }
    let _ = (level, LEVELS);
    go()
}
