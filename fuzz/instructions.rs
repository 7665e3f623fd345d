//! Changes streams instruction by instruction. Of what comes out, much more can be read than of bytes that change anywhere.

use std::ops::Range;

use binpickle::pickle;
use libfuzzer_sys::fuzzer_mutate;

use crate::dice::Dice;

/// What makes something of what is there, and needs no long argument.
#[rustfmt::skip]
const WORDS: [&[u8]; 48] = [
    b"(", b"0", b"1", b"2", b"N", b"\x88", b"\x89", b"K\x00", b"K\x03", b"M\xff\xff", b"J\xff\xff\xff\xff", b"\x8a\x01\x80", b"I01\n",
    b"I00\n", b"L7L\n", b"F1.5\n", b"G?\xf8\0\0\0\0\0\0", b"\x8c\x01a", b"\x8c\x05array", b"X\x01\0\0\0b", b"Va\n", b"S'a'\n", b"U\x01a",
    b"C\x01a", b"\x96\x01\0\0\0\0\0\0\0a", b"]", b"}", b")", b"\x8f", b"l", b"d", b"t", b"\x85", b"\x86", b"\x87", b"\x91", b"a", b"e",
    b"s", b"u", b"\x90", b"\x94", b"h\x00", b"h\x01", b"q\x00", b"R", b"b", b"\x97",
];

/// What an object can be put into: what comes before it, and what after it.
const AROUND: [(&[u8], &[u8]); 14] = [
    (b"", b"\x85"),
    (b"]", b"a"),
    (b"(", b"l"),
    (b"(", b"N\x90"),
    (b"(", b"\x91"),
    (b"}K\x00", b"s"),
    (b"}", b"Ns"),
    (b"\x8c\x01a", b"\x86"),
    (b"", b"N\x86"),
    (b"cbuiltins\nlist\n", b"\x85R"),
    (b"cbuiltins\nfrozenset\n", b"\x85R"),
    (b"cbuiltins\nbytearray\n", b"\x85R"),
    (b"ccollections\ndeque\n", b"\x85R"),
    (b"cm\nf\n", b"\x85R"),
];

/// Changes an input of which all but the first `head` bytes is a stream.
pub fn mutate(head: usize, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice::new(seed);
    if size <= head || dice.below(4) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut stream = data[head..size].to_vec();
    if dice.below(8) != 0 {
        without_frames(&mut stream);
    }
    let parts = instructions(&stream);
    let objects = objects(&parts);
    let part = parts[dice.below(parts.len())].range.clone();
    let word = WORDS[dice.below(WORDS.len())].to_vec();
    match dice.below(10) {
        0 => drop(stream.drain(some(&mut dice, &parts))),
        1 => replace(&mut stream, part, word),
        2 => replace(&mut stream, part.start..part.start, word),
        3 => {
            let again = stream[some(&mut dice, &parts)].to_vec();
            replace(&mut stream, part.start..part.start, again);
        }
        4 if !objects.is_empty() => replace(&mut stream, one(&mut dice, &objects), word),
        5 if !objects.is_empty() => {
            let other = stream[one(&mut dice, &objects)].to_vec();
            let object = one(&mut dice, &objects);
            let end = if dice.below(4) == 0 { object.start } else { object.end };
            replace(&mut stream, object.start..end, other);
        }
        6 if !objects.is_empty() => {
            let object = one(&mut dice, &objects);
            let (before, after) = AROUND[dice.below(AROUND.len())];
            let inside = [before, &stream[object.clone()], after].concat();
            replace(&mut stream, object, inside);
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

/// Puts some instructions or an object of another input into one, in the place of some or between them.
pub fn cross(head: usize, first: &[u8], second: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut dice = Dice::new(seed);
    let mut crossed = first.to_vec();
    if first.len() > head && second.len() > head {
        let (mut stream, mut other) = (first[head..].to_vec(), second[head..].to_vec());
        without_frames(&mut stream);
        without_frames(&mut other);
        let (to, from) = (instructions(&stream), instructions(&other));
        let (objects, others) = (objects(&to), objects(&from));
        let (to, from) = if dice.below(4) == 0 || objects.is_empty() || others.is_empty() {
            (some(&mut dice, &to), some(&mut dice, &from))
        } else {
            (one(&mut dice, &objects), one(&mut dice, &others))
        };
        let end = if dice.below(3) == 0 { to.start } else { to.end };
        replace(&mut stream, to.start..end, other[from].to_vec());
        crossed.splice(head.., stream);
    }
    let size = crossed.len().min(out.len());
    out[..size].copy_from_slice(&crossed[..size]);
    size
}

fn replace(stream: &mut Vec<u8>, range: Range<usize>, new: Vec<u8>) {
    stream.splice(range, new);
}

/// Frames say how long they are, and almost no change would leave that right.
fn without_frames(stream: &mut Vec<u8>) {
    let parts = instructions(stream);
    for part in parts.iter().rev().filter(|part| part.code == 0x95) {
        stream.drain(part.range.clone());
    }
}

/// An instruction: its first byte, the mark that it closes, and where it is.
struct Part {
    code: u8,
    closes: Option<usize>,
    range: Range<usize>,
}

/// The instructions of a stream. What comes after them, or is none, is the last.
fn instructions(stream: &[u8]) -> Vec<Part> {
    let mut parts: Vec<Part> = pickle::disassemble(stream)
        .map_while(|instruction| {
            let instruction = instruction.ok()?;
            let start = instruction.position;
            Some(Part { code: instruction.code, closes: instruction.closes, range: start..stream.len() })
        })
        .collect();
    if parts.is_empty() {
        parts.push(Part { code: 0, closes: None, range: 0..stream.len() });
    }
    for n in 1..parts.len() {
        parts[n - 1].range.end = parts[n].range.start;
    }
    parts
}

/// Where there is an object, with all that it is made of and without what is added to it later, and with that.
fn objects(parts: &[Part]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // Where the objects begin that are on the stack.
    let mut stack: Vec<usize> = Vec::new();
    for Part { code, closes, range } in parts {
        if let Some(mark) = closes {
            stack.truncate(stack.partition_point(|start| start < mark));
        }
        let takes = match code {
            // Marks, frames, protocols, and the end.
            b'(' | b'1' | b'.' | 0x80 | 0x95 => continue,
            b'0' => {
                stack.truncate(stack.len() - usize::from(closes.is_none() && !stack.is_empty()));
                continue;
            }
            b'e' | b'u' | 0x90 | 0x94 | b'p' | b'q' | b'r' | 0x98 | b'Q' | 0x85 => 1,
            b'a' | b'b' | b'R' | 0x81 | 0x86 | 0x93 => 2,
            b's' | 0x87 | 0x92 => 3,
            _ => 0,
        };
        let Some(left) = stack.len().checked_sub(takes) else { break };
        let start = stack.get(left).copied().or(*closes).unwrap_or(range.start);
        stack.truncate(left);
        stack.push(start);
        found.push(start..range.end);
    }
    found
}

fn one(dice: &mut Dice, objects: &[Range<usize>]) -> Range<usize> {
    objects[dice.below(objects.len())].clone()
}

/// Mostly few instructions, and sometimes many, one after another.
fn some(dice: &mut Dice, parts: &[Part]) -> Range<usize> {
    let first = dice.below(parts.len());
    let most = if dice.below(4) == 0 { parts.len() } else { 4 };
    let last = (first + dice.below(most)).min(parts.len() - 1);
    parts[first].range.start..parts[last].range.end
}
