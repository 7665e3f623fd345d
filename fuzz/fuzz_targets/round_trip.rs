//! Any object with any options comes back as it was, and is written the same a second time.
#![no_main]

#[path = "../dice.rs"]
mod dice;
#[path = "../instructions.rs"]
mod instructions;

use binpickle::{Alignment, BinPickleFile, Options, Revision, Value, pickle};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    instructions::mutate(2, data, size, max_size, seed)
});
fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    instructions::cross(2, one, other, out, seed)
});

fuzz_target!(|data: &[u8]| {
    let Some((&[choice, inline], stream)) = data.split_first_chunk() else { return };
    let Ok(value) = pickle::from_slice::<Value>(stream) else { return };
    let mut options = Options::new().codecs([]).inline_below(usize::from(inline));
    if choice & 1 != 0 {
        options = options.align(Alignment::Bytes(64 << (choice >> 6)));
    }
    if choice & 2 != 0 {
        options = options.codec("zlib");
    }
    if choice & 4 != 0 {
        options = options.codec("zstd");
    }
    if choice & 8 != 0 {
        options = options.revision(Revision::V2Mac);
    }
    let Ok(bytes) = options.to_vec(&value) else { return };
    assert_eq!(options.threads(2).to_vec(&value).expect("written"), bytes);
    let file = match BinPickleFile::from_vec(bytes) {
        Ok(file) => file,
        Err(error) => return assert_eq!(error.kind(), binpickle::ErrorKind::Limit, "{error}"),
    };
    assert!(file.find_errors().iter().all(|error| error.kind() == binpickle::ErrorKind::Limit));
    match file.load::<Value>() {
        Ok(again) => assert_eq!(format!("{again:?}"), format!("{value:?}")),
        Err(error) => assert_eq!(error.kind(), binpickle::ErrorKind::Limit, "{error}"),
    }
});
