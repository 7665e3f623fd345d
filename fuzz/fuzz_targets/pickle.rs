//! Any bytes as a pickle stream. It is listed, instruction by instruction. What can be read is written again, and must then
//! be the same: the same content, and the same objects in the same places.
#![no_main]

#[path = "../dice.rs"]
mod dice;
#[path = "../instructions.rs"]
mod instructions;

use std::fmt::{self, Write};

use binpickle::{ErrorKind, Value, pickle};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    instructions::mutate(0, data, size, max_size, seed)
});
fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    instructions::cross(0, one, other, out, seed)
});

fuzz_target!(|data: &[u8]| {
    _ = list(data);
    let Ok(value) = pickle::from_slice::<Value>(data) else { return };
    _ = value.to_string();
    let Ok(stream) = pickle::to_vec(&value) else { return };
    assert_eq!(list(&stream), Some(stream.len()), "what is written can be listed");
    match pickle::from_slice::<Value>(&stream) {
        Ok(again) => {
            // A NaN is not equal to itself, but its text is.
            assert_eq!(format!("{again:?}"), format!("{value:?}"));
            // The text says nothing about what is deep; the stream does.
            assert_eq!(pickle::to_vec(&again).expect("written"), stream);
            assert_eq!(again.clone() == again, value.clone() == value);
        }
        // Shared data take more room when they are written once for each use.
        Err(error) => assert_eq!(error.kind(), ErrorKind::Limit, "{error}"),
    }
});

/// Lists a stream. Says where it ends, if nothing is wrong with it before.
fn list(stream: &[u8]) -> Option<usize> {
    let mut instructions = pickle::disassemble(stream).peekable();
    let mut end = None;
    while let Some(Ok(instruction)) = instructions.next() {
        let next = match instructions.peek() {
            Some(Ok(next)) => next.position,
            _ => stream.len(),
        };
        // Each byte is shown in some letters, and there are the name, the indent and some numbers around them.
        let mut line = Length(0);
        write!(line, "{instruction}").expect("a length");
        assert!(line.0 <= 400 + 12 * (next - instruction.position), "{instruction}");
        if instruction.name == "STOP" {
            end = Some(instruction.position + 1);
        }
    }
    end
}

/// How much was written.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}
