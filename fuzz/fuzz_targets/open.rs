//! Any bytes as a file. The digest of the index stops most changes, so this is about header and trailer.
#![no_main]

use binpickle::{LoadOptions, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // By default a file may say that it holds 4 GiB, and gets them.
    let options = LoadOptions::new().max_decoded(64 << 20);
    _ = options.clone().mac_key("key").from_slice::<Value>(data);
    if let Ok(file) = options.from_vec(data.to_vec()) {
        assert_eq!(file.verify().is_ok(), file.find_errors().is_empty());
        _ = file.load::<Value>();
    }
});
