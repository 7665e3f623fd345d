//! Changes an index value by value. MsgPack says beforehand how much is coming, and almost no change of bytes would leave that
//! right.

use libfuzzer_sys::fuzzer_mutate;
use rmpv::Value;

use crate::dice::Dice;

/// What means something to those who read an index.
#[rustfmt::skip]
const TEXTS: [&str; 32] = [
    "", "id", "offset", "enc_length", "dec_length", "hash", "checksum", "info", "codec", "codecs", "content_type", "ndarray",
    "gzip", "zlib", "bz2", "lzma", "zstd", "lz4", "blosc", "pcodec", "shuffle", "delta", "level", "elementsize", "dtype", "astype",
    "cname", "clevel", "blocksize", "filters", "<f4", "|u1",
];

/// Changes an index of a file, which [`body`] is the rest of.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice::new(seed);
    let head = body(&data[..size]);
    let Some(mut index) = parse(&data[head..size]).filter(|_| dice.below(4) != 0) else {
        return fuzzer_mutate(data, size, max_size);
    };
    change(&mut dice, &mut index, None);
    put(head, &index, data, size, max_size)
}

/// Puts a value of the index of one file into that of another.
pub fn cross(first: &[u8], second: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut dice = Dice::new(seed);
    let head = body(first);
    let size = first.len().min(out.len());
    out[..size].copy_from_slice(&first[..size]);
    match (parse(&first[head..]), parse(&second[body(second)..])) {
        (Some(mut index), Some(mut other)) => {
            let nodes = count(&other);
            let value = node(&mut other, dice.below(nodes)).clone();
            change(&mut dice, &mut index, Some(value));
            put(head.min(size), &index, out, size, out.len())
        }
        _ => size,
    }
}

/// How much of an input is not its index.
pub fn body(data: &[u8]) -> usize {
    let Some((len, rest)) = data.split_first_chunk() else { return data.len() };
    2 + usize::from(u16::from_le_bytes(*len) & 0x7fff).min(rest.len())
}

fn parse(mut index: &[u8]) -> Option<Value> {
    // Of what is deeper, nothing is read.
    rmpv::decode::read_value_with_max_depth(&mut index, 64).ok()
}

fn put(head: usize, index: &Value, data: &mut [u8], size: usize, max_size: usize) -> usize {
    let mut bytes = Vec::new();
    if rmpv::encode::write_value(&mut bytes, index).is_err() || head + bytes.len() > max_size {
        return size;
    }
    data[head..head + bytes.len()].copy_from_slice(&bytes);
    head + bytes.len()
}

/// Changes one of the values; if there is another, it takes part.
fn change(dice: &mut Dice, index: &mut Value, other: Option<Value>) {
    let nodes = count(index);
    let other = other.unwrap_or_else(|| match dice.below(3) {
        0 => node(index, dice.below(nodes)).clone(),
        _ => leaf(dice),
    });
    let value = node(index, dice.below(nodes));
    let turn = dice.below(6);
    match value {
        Value::Array(items) if turn != 0 => {
            let at = dice.below(items.len() + 1);
            match turn {
                1 | 2 => items.insert(at, other),
                3 if at < items.len() => items.insert(at, items[at].clone()),
                4 if at < items.len() => _ = items.remove(at),
                _ => items.rotate_left(at),
            }
        }
        Value::Map(items) if turn != 0 => {
            let at = dice.below(items.len() + 1);
            match turn {
                1 => items.insert(at, (text(dice), other)),
                2 if at < items.len() => items[at].0 = text(dice),
                3 if at < items.len() => items.insert(at, items[at].clone()),
                4 if at < items.len() => _ = items.remove(at),
                _ => items.rotate_left(at),
            }
        }
        Value::Integer(number) if turn < 3 => {
            let step = [1, -1, 8, -8, 1 << 16][dice.below(5)];
            *value = number.as_i64().unwrap_or(-1).wrapping_add(step).into();
        }
        Value::String(_) if turn < 3 => *value = text(dice),
        Value::Binary(bytes) if turn < 3 => {
            let len = bytes.len();
            bytes.resize(len + 8, 0);
            let len = fuzzer_mutate(bytes, len, len + 8);
            bytes.truncate(len);
        }
        _ if turn == 3 => *value = Value::Array(vec![value.clone()]),
        _ => *value = other,
    }
}

fn text(dice: &mut Dice) -> Value {
    TEXTS[dice.below(TEXTS.len())].into()
}

fn leaf(dice: &mut Dice) -> Value {
    match dice.below(9) {
        0 => Value::Nil,
        1 => (dice.below(2) == 0).into(),
        2 => [0, 1, -1, 16, i64::MAX, i64::MIN][dice.below(6)].into(),
        3 => u64::MAX.into(),
        4 => [0.5, 1e300, f64::NAN][dice.below(3)].into(),
        5 => Value::Array(Vec::new()),
        6 => Value::Map(vec![("id".into(), text(dice))]),
        7 => Value::Binary(vec![7; 4]),
        _ => text(dice),
    }
}

/// How many values there are, with those in others.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Map(items) => items.iter().map(|(_, value)| count(value)).sum(),
        _ => 0,
    }
}

/// One of them.
fn node(value: &mut Value, mut at: usize) -> &mut Value {
    if at == 0 {
        return value;
    }
    at -= 1;
    let items: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Map(items) => items.iter_mut().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    };
    for item in items {
        let nodes = count(item);
        if at < nodes {
            return node(item, at);
        }
        at -= nodes;
    }
    unreachable!("there are as many values as were counted")
}
