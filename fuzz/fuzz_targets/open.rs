//! Any bytes as a file. The digest of the index stops most changes, so this is about header and trailer.
#![no_main]

use binpickle::{BinPickleFile, LoadOptions, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    _ = LoadOptions::new().mac_key("key").from_slice::<Value>(data);
    if let Ok(file) = BinPickleFile::from_vec(data.to_vec()) {
        assert_eq!(file.verify().is_ok(), file.find_errors().is_empty());
        _ = file.load::<Value>();
    }
});
