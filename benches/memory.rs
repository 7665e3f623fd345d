//! How much memory something takes above what it leaves behind.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

/// The system's allocator, which counts when it is told to.
pub struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

fn count(more: usize, less: usize) {
    if ON.load(Relaxed) {
        let change = more as i64 - less as i64;
        let live = LIVE.fetch_add(change, Relaxed) + change;
        PEAK.fetch_max(live, Relaxed);
    }
}

// SAFETY: every call is passed on to the system's allocator.
#[allow(unsafe_code, reason = "an allocator is unsafe")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: what the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: what the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: what the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: what the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The most bytes above those that were there before and are there after, in MiB.
#[derive(Clone, Copy)]
pub struct Above {
    /// Of the allocator.
    pub heap: f64,
    /// Of the process as the kernel sees it, maps of files included. It knows only whole pages, and only on Linux.
    pub resident: f64,
}

/// Runs something, and says how much memory it took above what it returned.
pub fn above<T>(run: impl FnOnce() -> T) -> (T, Above) {
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    // The kernel's peak begins anew.
    _ = fs::write("/proc/self/clear_refs", "5");
    ON.store(true, Relaxed);
    let value = run();
    ON.store(false, Relaxed);
    let heap = (PEAK.load(Relaxed) - LIVE.load(Relaxed)) as f64 / f64::from(1 << 20);
    let resident = status("VmHWM:") - status("VmRSS:");
    (value, Above { heap, resident })
}

/// A line of the kernel's account, in MiB.
fn status(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()).map_or(f64::NAN, |kib| kib.parse::<f64>().unwrap() / 1024.0)
}
