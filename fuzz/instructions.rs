//! Changes streams instruction by instruction. Of what comes out, much more can be read than of bytes that change anywhere.

use std::ops::Range;

use binpickle::pickle;
use libfuzzer_sys::fuzzer_mutate;

/// What makes something of what is there, and needs no long argument.
#[rustfmt::skip]
const WORDS: [&[u8]; 48] = [
    b"(", b"0", b"1", b"2", b"N", b"\x88", b"\x89", b"K\x00", b"K\x03", b"M\xff\xff", b"J\xff\xff\xff\xff", b"\x8a\x01\x80", b"I01\n",
    b"I00\n", b"L7L\n", b"F1.5\n", b"G?\xf8\0\0\0\0\0\0", b"\x8c\x01a", b"\x8c\x05array", b"X\x01\0\0\0b", b"Va\n", b"S'a'\n", b"U\x01a",
    b"C\x01a", b"\x96\x01\0\0\0\0\0\0\0a", b"]", b"}", b")", b"\x8f", b"l", b"d", b"t", b"\x85", b"\x86", b"\x87", b"\x91", b"a", b"e",
    b"s", b"u", b"\x90", b"\x94", b"h\x00", b"h\x01", b"q\x00", b"R", b"b", b"\x97",
];

/// Changes an input of which all but the first `head` bytes is a stream.
pub fn mutate(head: usize, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed));
    if size <= head || dice.below(4) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut stream = data[head..size].to_vec();
    let parts = instructions(&stream);
    let part = parts[dice.below(parts.len())].clone();
    let word = WORDS[dice.below(WORDS.len())].to_vec();
    match dice.below(6) {
        0 => drop(stream.drain(some(&mut dice, &parts))),
        1 => replace(&mut stream, part, word),
        2 => replace(&mut stream, part.start..part.start, word),
        3 => {
            let again = stream[some(&mut dice, &parts)].to_vec();
            replace(&mut stream, part.start..part.start, again);
        }
        _ => {
            let mut one = stream[part.clone()].to_vec();
            let (len, most) = (one.len(), one.len() + 16);
            one.resize(most, 0);
            let len = fuzzer_mutate(&mut one, len, most);
            one.truncate(len);
            replace(&mut stream, part, one);
        }
    }
    let size = (head + stream.len()).min(max_size);
    data[head..size].copy_from_slice(&stream[..size - head]);
    size
}

/// Puts some instructions of another input into one, in the place of some or between them.
pub fn cross(head: usize, one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed));
    let mut crossed = one.to_vec();
    if one.len() > head && other.len() > head {
        let (stream, other) = (&one[head..], &other[head..]);
        let from = some(&mut dice, &instructions(other));
        let to = some(&mut dice, &instructions(stream));
        let end = if dice.below(2) == 0 { to.start } else { to.end };
        replace(&mut crossed, head + to.start..head + end, other[from].to_vec());
    }
    let size = crossed.len().min(out.len());
    out[..size].copy_from_slice(&crossed[..size]);
    size
}

fn replace(stream: &mut Vec<u8>, range: Range<usize>, new: Vec<u8>) {
    stream.splice(range, new);
}

/// Where the instructions of a stream are. What comes after them, or is none, is the last.
fn instructions(stream: &[u8]) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> =
        pickle::disassemble(stream).map_while(|instruction| Some(instruction.ok()?.position)).collect();
    if starts.is_empty() {
        starts.push(0);
    }
    let ends = starts[1..].iter().copied().chain([stream.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// Mostly few instructions, and sometimes many, one after another.
fn some(dice: &mut Dice, parts: &[Range<usize>]) -> Range<usize> {
    let first = dice.below(parts.len());
    let most = if dice.below(4) == 0 { parts.len() } else { 4 };
    let last = (first + dice.below(most)).min(parts.len() - 1);
    parts[first].start..parts[last].end
}

/// Numbers that only the seed of libFuzzer decides.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ mixed >> 31) as usize % most
    }
}
