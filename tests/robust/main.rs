//! What must survive: damage, lies, full disks, killed processes, deep and tangled objects.
//!
//! To pass is always the same: a typed error or the right value. Never a panic, an abort, a hang, or memory past the
//! budget (for which see `tests/memory.rs`).
//!
//! The short forms run by default. The long ones, with every bit of larger files and a thousand rounds, take minutes:
//!
//! ```text
//! BINPICKLE_LONG=1 cargo test --release --test robust --test memory
//! ```
#![allow(unsafe_code, reason = "files are mapped")]

mod again;
mod casts;
mod child;
mod depth;
mod faults;
mod flips;
mod forge;
mod keys;
mod kill;
mod lies;
mod paths;
mod promises;
mod properties;
mod readers;
mod sample;

use std::env;
use std::time::{Duration, Instant};

/// Whether the long form is wanted.
#[must_use]
pub fn long() -> bool {
    env::var_os("BINPICKLE_LONG").is_some_and(|value| value == "1")
}

/// Says on the terminal what a test leaves out. What `eprintln!` says is not shown when a test passes.
pub fn skipped(what: &str) {
    use std::io::Write;
    _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {what} ***\n");
}

/// Runs something that must not hang: for no more than a second. Where the tests are not optimised, the bound is generous.
///
/// # Panics
///
/// If it took longer.
#[track_caller]
pub fn soon<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    let took = start.elapsed();
    let bound = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 });
    assert!(took < bound, "{what} took {took:?}");
    result
}
