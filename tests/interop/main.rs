//! Rust and Python read each other's files: tests against the real Python packages, with numpy 2 and numpy 1.
//!
//! The scripts beside this file hold Python's side. They build what they expect on their own, with numpy, and compare
//! types, dtypes, shapes and bits.

mod cpython;
mod digits;
mod frames;
mod from_python;
mod graphs;
mod models;
mod numpy_objects;
mod old_instances;
mod python;
mod samples;
mod stdlib;
mod streams;
mod times;
mod to_python;
