//! Any bytes as a pickle stream. What can be read is written again, and must then be the same.
#![no_main]

use binpickle::{Value, pickle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = pickle::from_slice::<Value>(data) else { return };
    let Ok(stream) = pickle::to_vec(&value) else { return };
    match pickle::from_slice::<Value>(&stream) {
        // A NaN is not equal to itself, but its text is.
        Ok(again) => assert_eq!(format!("{again:?}"), format!("{value:?}")),
        // Shared data take more room when they are written once for each use.
        Err(error) => assert_eq!(error.kind(), binpickle::ErrorKind::Limit, "{error}"),
    }
});
