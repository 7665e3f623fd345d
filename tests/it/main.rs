//! Round trips in Rust alone, and what goes wrong.

mod arrays;
mod at;
mod attributes;
mod borrowed;
mod enums;
mod errors;
mod options;
mod parts;
mod progress;
mod properties;
mod records;
mod rewrite;
mod round_trip;
#[path = "../interop/samples.rs"]
mod samples;
mod types;
mod values;
mod version1;
