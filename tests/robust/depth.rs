//! F and G: objects that are deep, tangled, or larger than they look.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use binpickle::pickle::from_slice;
use binpickle::value::Shared;
use binpickle::{ErrorKind, Value};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::{forge, soon};

/// Lists in lists.
#[derive(Debug, Deserialize, Serialize)]
struct Nest(Vec<Nest>);

fn on_a_stack_of<T: Send + 'static>(kib: usize, run: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(kib << 10).spawn(run).expect("a thread").join().expect("no panic")
}

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    on_a_stack_of(256, run);
}

/// `depth` containers, each opened by one piece of a stream and closed by another.
fn nested(open: &[u8], inner: &[u8], close: &[u8], depth: usize) -> Vec<u8> {
    [&open.repeat(depth), inner, &close.repeat(depth), b"."].concat()
}

#[test]
fn a_thousand_levels_load() {
    let stream = nested(b"]", b"]", b"a", 1_000);
    let mut level = &from_slice::<Nest>(&stream).expect("read").0;
    let mut depth = 1;
    while let Some(next) = level.first() {
        level = &next.0;
        depth += 1;
    }
    assert_eq!(depth, 1_001);
    assert!(from_slice::<Value>(&stream).is_ok());
}

/// On any stack, also where the first look at it is at the worst place.
#[test]
fn a_thousand_levels_on_a_small_stack() {
    on_a_small_stack(|| {
        for depth in 1_000..1_017 {
            let stream = nested(b"]", b"]", b"a", depth);
            // What is made is as deep as ever, and the type that drops it is not ours.
            std::mem::forget(from_slice::<Nest>(&stream).expect("read"));
            std::mem::forget(from_slice::<Value>(&stream).expect("read"));
            std::mem::forget(from_slice::<serde_json::Value>(&stream).expect("read"));
            // An array of many axes at the end of a deep object.
            let array = [
                b"\x8c\x13numpy._core.numeric\x8c\x0b_frombuffer\x93(C\x04\0\0\x80?\x8c\x02f4(".as_slice(),
                &b"K\x01".repeat(64),
                b"t\x8c\x01CtR",
            ]
            .concat();
            let stream = nested(b"]", &array, b"a", depth - 2);
            std::mem::forget(from_slice::<serde_json::Value>(&stream).expect("read"));
            assert!(from_slice::<Nest>(&stream).is_err());
        }
    });
}

/// Whatever is done with a value that is as deep as the default limit allows, not only making it. Dropping it is what the
/// compiler makes of its type, and takes a little more.
#[test]
fn a_thousand_levels_without_a_type() {
    let nests = [
        nested(b"]", b"]", b"a", 1_020),
        nested(b"", b"N", b"\x85", 1_020),
        nested(b"(", b"", b"\x91", 1_020),
        nested(b"}K\x01", b"N", b"s", 1_020),
        nested(b"", b"N", b"Q", 1_020),
        nested(b"", b"cm\nC\n", b")R", 1_020),
        nested(b"cm\nC\n", b"N", b"\x85R", 510),
        nested(b"cm\nC\n)\x81", b"N", b"b", 1_020),
        nested(b"cm\nC\n)\x81", b"N", b"a", 1_020),
        nested(b"cm\nC\n)\x81K\x01", b"N", b"s", 1_020),
    ];
    for stream in nests {
        let values = on_a_stack_of(256, move || {
            let value: Value = from_slice(&stream).expect("read");
            let same = soon("a clone", || value.clone());
            soon("compared", || assert!(value == same));
            let text = soon("its text", || value.to_string());
            assert!(text.len() < 1_000, "{text}");
            let text = soon("its text for programmers", || format!("{value:?}{value:#?}"));
            assert!(text.contains('…') && text.len() < 1_000_000, "{} bytes", text.len());
            let written = soon("written", || binpickle::pickle::to_vec(&value).expect("written"));
            let again: Value = soon("read again", || from_slice(&written).expect("read again"));
            assert!(again == value);
            // A key that is no text is an error.
            _ = soon("JSON", || serde_json::to_string(&value));
            (value, same, again)
        });
        on_a_stack_of(512, || drop(values));
    }
}

/// What may lead to itself.
#[derive(Serialize)]
struct Endless(RefCell<Option<Rc<Endless>>>);

/// A derived type has no more to save than it had to load.
#[test]
fn a_thousand_levels_are_saved() {
    on_a_stack_of(2048, || {
        let nest: Nest = from_slice(&nested(b"]", b"]", b"a", 1_000)).expect("read");
        let file = binpickle::to_vec(&nest).expect("written");
        let again: Nest = binpickle::from_slice(&file).expect("read again");
        assert!(binpickle::to_vec(&again).expect("written again") == file);
    });
    // An object that leads to itself.
    on_a_stack_of(2048, || {
        let endless = Rc::new(Endless(RefCell::new(None)));
        *endless.0.borrow_mut() = Some(Rc::clone(&endless));
        let error = soon("endless", || binpickle::to_vec(&endless).expect_err("it has no end"));
        assert!(error.to_string().contains("levels deep"), "{error}");
        *endless.0.borrow_mut() = None;
    });
}

/// `x = []; y = []; x.append(y); z = []; y.append(z) …`
fn grown(depth: u32) -> Vec<u8> {
    let key = |n: u32| n.to_le_bytes();
    let level = |n: u32| [&b"j"[..], &key(n), b"]r", &key(n + 1), b"a0"].concat();
    [&b"]r\0\0\0\0"[..], &(0..depth).flat_map(level).collect::<Vec<u8>>(), b"."].concat()
}

#[test]
fn a_million_levels_are_an_error() {
    on_a_small_stack(|| {
        let million: usize = 1_000_000;
        let streams = [
            nested(b"]", b"]", b"a", million),
            nested(b"(", b"", b"t", million),
            nested(b"", b")", b"\x85", million),
            nested(b"(", b"", b"l", million),
            nested(b"}K\x01", b"N", b"s", million),
            nested(b"(K\x01", b"N", b"d", million),
            nested(b"(", b"", b"\x91", million),
            nested(b"", b"N", b"Q", million),
            nested(b"cm\nC\n", b"N", b"\x85R", million),
            nested(b"cm\nC\n)\x81", b"N", b"b", million),
            // Each grows after it was put into another one, which only the finished object shows.
            grown(1_000_000),
        ];
        for stream in &streams {
            for error in [
                soon("a deep object", || from_slice::<Value>(stream).map(drop)),
                soon("a deep object", || from_slice::<Nest>(stream).map(drop)),
                soon("a deep object", || from_slice::<IgnoredAny>(stream).map(drop)),
            ] {
                let kind = error.map_err(|error| error.kind());
                assert!(matches!(kind, Err(ErrorKind::Limit | ErrorKind::Pickle)), "{kind:?}");
            }
        }
        // Marks and what lies on the stack are not nested, and cost no more than their bytes.
        for stream in [b"(".repeat(million), b"]".repeat(million), b"N".repeat(million)] {
            assert!(from_slice::<Value>(&[&stream, &b"."[..]].concat()).is_ok_and(|_| true) || stream[0] == b'(');
        }
    });
}

/// `x = []; x = [x, x]; x = [x, x] …`
fn doubled(times: usize) -> Vec<u8> {
    [&b"]"[..], &(0..times).flat_map(double).collect::<Vec<u8>>(), b"."].concat()
}

/// Keeps what is on the stack in the memo, gets it again, and makes a pair of the two.
fn double(n: usize) -> Vec<u8> {
    [&b"r"[..], &(n as u32).to_le_bytes(), b"j", &(n as u32).to_le_bytes(), b"\x86"].concat()
}

#[test]
fn doubled_a_hundred_times() {
    let stream = doubled(100);
    // Who wants nothing of it pays for its bytes only.
    soon("parsing", || from_slice::<IgnoredAny>(&stream).expect("read"));
    // The best of several times, for the machine may do something else.
    let times = (0..5).map(|_| {
        let start = Instant::now();
        let error = from_slice::<Nest>(&stream).expect_err("there are 2^100 of them");
        let took = start.elapsed();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.to_string().contains("max_nodes"), "{error}");
        took
    });
    let took = times.min().expect("several");
    let bound = if cfg!(debug_assertions) { 2_000 } else { 50 };
    assert!(took < Duration::from_millis(bound), "{took:?}");
    // Sharing as such is nothing bad.
    assert!(from_slice::<Nest>(&doubled(10)).is_ok());
}

/// What a `Value` holds is as large as the file, and so is all that is done with it.
#[test]
fn doubled_without_a_type() {
    for times in [1, 100, 1_000] {
        let value = soon("doubled", || from_slice::<Value>(&doubled(times)).expect("it is shared"));
        let depth = std::iter::successors(Some(&value), |value| value.at(1)).count();
        assert_eq!(depth, times + 1);
        survives(&value);
        assert_eq!(serde_json::to_string(&value).is_ok(), times == 1);
    }
    // One list, a million times in another one.
    let stream = [&b"]\x94("[..], &b"h\0".repeat(1_000_000), b"t."].concat();
    let value = soon("a list of lists", || from_slice::<Value>(&stream).expect("it is shared"));
    assert!(value.items().len() == 1_000_000 && value[0].is(&value[999_999]));
    survives(&value);
    // Less than that is allowed to who says so.
    let file = binpickle::to_vec(&value).expect("written");
    let error = binpickle::LoadOptions::new().max_nodes(999_999).from_slice::<Value>(&file).expect_err("too many");
    assert_eq!(error.kind(), ErrorKind::Limit);
}

/// Everything that can be done with a value comes to an end, and a good one.
fn survives(value: &Value) {
    soon("a clone", || assert!(value.clone() == *value));
    soon("its text", || assert!(value.to_string().len() + format!("{value:#}").len() < 1_000_000));
    let text = soon("its text for programmers", || format!("{value:?}"));
    assert!(text.contains("#1") || text.len() < 100, "{text:.100}");
    _ = soon("JSON", || serde_json::to_string(value));
    let written = soon("written", || binpickle::pickle::to_vec(value).expect("written"));
    let back = soon("read again", || from_slice::<Value>(&written).expect("read again"));
    soon("compared", || assert!(back == *value));
    soon("dropped", || drop(back));
}

const CYCLES: [&[u8]; 12] = [
    b"]\x94h\x00a.",
    b"]\x94]\x94h\x00aa.",
    b"}\x94K\x01h\x00s.",
    b"(]\x94h\x00at.",
    b"]\x94(h\x00h\x00h\x00h\x00e.",
    b"cm\nC\n)\x81\x94}K\x01h\x00sb.",
    // A tuple, as Python writes it: POP what was begun, and get what was made of it meanwhile.
    b"]\x94h\x00\x85\x94a0h\x01.",
    // An object among its own arguments, items and entries; a set and a frozenset of what holds them.
    b"cm\nC\n]\x94\x85R\x94h\x00h\x01a0.",
    b"cm\nC\n)\x81\x94h\x00aK\x01h\x00s.",
    b"\x8f\x94(cm\nC\n)\x81\x94h\x00b\x90.",
    b"cm\nC\n)\x81\x94(h\x00\x91\x94b.",
    // Each of two in the other, and twice.
    b"]\x94]\x94(h\x00h\x00e(h\x01h\x01e.",
];

#[test]
fn cycles_are_errors_to_a_type() {
    for stream in CYCLES {
        on_a_small_stack(move || {
            // To some types, an instance of a class is what it was made from.
            if let Err(error) = soon("a cycle", || from_slice::<Nest>(stream).map(drop)) {
                assert!(matches!(error.kind(), ErrorKind::Limit | ErrorKind::Data), "{error}");
            }
            soon("a cycle", || from_slice::<IgnoredAny>(stream).expect("nothing is wanted of it"));
        });
    }
    // JSON's keys are texts.
    for stream in CYCLES[..6].iter().filter(|stream| !stream.contains(&b'}')) {
        let error = soon("a cycle", || from_slice::<serde_json::Value>(stream).expect_err("it contains itself"));
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.to_string().contains("contains itself"), "{error}");
    }
}

#[test]
fn cycles_without_a_type() {
    for stream in CYCLES {
        let value = soon("a cycle", || from_slice::<Value>(stream).unwrap_or_else(|error| panic!("{error}")));
        survives(&value);
        match serde_json::to_string(&value) {
            Err(error) => assert!(error.to_string().contains("contains itself"), "{error}"),
            // It has a state that is no attributes, which other formats do not see.
            Ok(json) => assert!(["[]", "[[]]"].contains(&json.as_str()), "{json}"),
        }
        assert!(value.to_string().contains("..."), "{value}");
    }
}

/// Objects that are many times among their own parts.
#[test]
fn tangles() {
    // A tuple of lists of the tuple; lists, each of all lists.
    let lists = |count: u32| (0..count).flat_map(|n| [&b"]r"[..], &n.to_le_bytes()].concat());
    let get = |n: u32| [&b"j"[..], &n.to_le_bytes()].concat();
    for count in [10, 30, 10_000] {
        let fill = |n: u32| [&get(n)[..], &get(count), b"a0"].concat();
        let stream: Vec<u8> = [b'('].into_iter().chain(lists(count)).collect();
        let stream = [&stream[..], b"tr", &count.to_le_bytes(), &(0..count).flat_map(fill).collect::<Vec<_>>(), b"."];
        let value = soon("a tangle", || from_slice::<Value>(&stream.concat()).expect("read"));
        if count < 32 {
            survives(&value);
        } else {
            let error = soon("a tangle", || binpickle::pickle::to_vec(&value).expect_err("it is too much"));
            assert!(error.to_string().contains("among its own parts"), "{error}");
        }
    }
    let count = 300;
    let all: Vec<u8> = (0..count).flat_map(get).collect();
    let fill = |n: u32| [&get(n)[..], b"(", &all, b"e0"].concat();
    let stream: Vec<u8> =
        [b'('].into_iter().chain(lists(count)).chain(*b"t").chain((0..count).flat_map(fill)).chain(*b".").collect();
    let value = soon("a tangle", || from_slice::<Value>(&stream).expect("read"));
    survives(&value);
    assert!(value[299][0].is(&value[0]));
}

/// What is shared may lie deeper than anything that is read.
#[test]
fn deep_sharing() {
    let nested =
        |depth| (0..depth).fold(Value::List(vec![]), |inner, _| Value::Shared(Shared::new(Value::List(vec![inner]))));
    on_a_small_stack(move || {
        let value = nested(5_000);
        assert!(soon("deep", || binpickle::pickle::to_vec(&value)).is_ok());
        let same = value.clone();
        soon("deep", || assert!(value == same));
        assert!(format!("{value:?}").len() < 10_000 && value.to_string().len() < 100);
        assert!(serde_json::to_string(&value).is_ok());
        std::mem::forget((value, same));
        let value = nested(100_000);
        let error = binpickle::pickle::to_vec(&value).expect_err("too deep");
        assert!(error.to_string().contains("levels deep"), "{error}");
        assert!(serde_json::to_string(&value).expect_err("too deep").to_string().contains("levels deep"));
        std::mem::forget(value);
    });
}

#[test]
fn places_in_the_memo() {
    for key in [0, 1, 1 << 16, u32::MAX - 1, u32::MAX] {
        let key = u32::to_le_bytes(key);
        let stream = [&b"K\x07r"[..], &key, b"0j", &key, b"."].concat();
        assert_eq!(soon("one place", || from_slice::<u8>(&stream).expect("read")), 7);
    }
    let text = [&b"K\x07p340282366920938463463374607431768211455\n."[..]];
    soon("a long number", || _ = from_slice::<u8>(&text.concat()));
    // A million places, each far from the others.
    let stream: Vec<u8> = (0..100_000u32)
        .flat_map(|n| [&b"Nr"[..], &(n.wrapping_mul(0x9e37_79b9)).to_le_bytes(), b"0"].concat())
        .collect();
    assert_eq!(soon("many places", || from_slice::<u8>(&[&stream, &b"K\x07."[..]].concat()).expect("read")), 7);
}

/// Lengths in front of nothing.
#[test]
fn lengths_that_lie() {
    let long = u32::MAX.to_le_bytes();
    let longer = u64::MAX.to_le_bytes();
    for op in [b"T", b"X", b"B", b"\x8b"] {
        assert!(from_slice::<Value>(&[&op[..], &long, b"abc."].concat()).is_err());
    }
    for op in [b"\x8d", b"\x8e", b"\x96", b"\x95"] {
        assert!(from_slice::<Value>(&[&op[..], &longer, b"abc."].concat()).is_err());
    }
}

/// A text of decimal digits becomes a number, which is quadratic work if it is done as at school.
#[test]
fn long_numbers() {
    for digits in [1_000, 100_000, 3_000_000] {
        let text = [&b"I"[..], &b"7".repeat(digits), b"\n."].concat();
        _ = soon("an INT", || from_slice::<Value>(&text).map(drop));
        let text = [&b"L"[..], &b"7".repeat(digits), b"L\n."].concat();
        _ = soon("a LONG", || from_slice::<Value>(&text).map(drop));
        let text = [&b"F"[..], &b"7".repeat(digits), b"\n."].concat();
        _ = soon("a FLOAT", || from_slice::<Value>(&text).map(drop));
    }
}

/// One text or array, named many times, is more in Rust than it is in the file.
#[test]
fn shared_data_are_counted() {
    let many = b"h\x00".repeat(10_000);
    let text = "x".repeat(100_000);
    let stream = [&b"(X"[..], &100_000u32.to_le_bytes(), text.as_bytes(), b"\x94", &many, b"l."].concat();
    let bytes = [&b"(B"[..], &100_000u32.to_le_bytes(), text.as_bytes(), b"\x94", &many, b"l."].concat();
    let limited = |error: binpickle::Error| {
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        assert!(error.to_string().contains("max_decoded"), "{error}");
    };
    limited(from_slice::<Vec<String>>(&stream).expect_err("a gigabyte of text"));
    limited(from_slice::<Value>(&stream).map(drop).expect_err("a gigabyte of text"));
    limited(from_slice::<serde_json::Value>(&stream).expect_err("a gigabyte of text"));
    limited(from_slice::<Vec<Vec<u8>>>(&bytes).expect_err("a gigabyte of bytes"));
    limited(from_slice::<Vec<serde_bytes::ByteBuf>>(&bytes).expect_err("a gigabyte of bytes"));
    // Who does not ask for a copy gets as many as there are.
    let file = binpickle::BinPickleFile::from_vec(forge::of_buffers(&[&bytes])).expect("a file");
    assert_eq!(file.load::<Vec<&serde_bytes::Bytes>>().expect("read").len(), 10_001);

    // The same with a buffer: `[a] * 1000`.
    let data = vec![0; 1 << 20];
    let array = b"\x8c\x13numpy._core.numeric\x8c\x0b_frombuffer\x93(\x97\x8c\x02f4J\0\0\x04\0\x85\x8c\x01CtR\x94";
    let file = forge::of_buffers(&[&data, &[&b"("[..], array, &b"h\x00".repeat(999), b"l."].concat()]);
    limited(binpickle::from_slice::<Vec<Vec<f32>>>(&file).expect_err("a gigabyte of numbers"));
    limited(binpickle::from_slice::<Vec<ndarray::Array1<f32>>>(&file).expect_err("a gigabyte of numbers"));
    limited(binpickle::from_slice::<Vec<std::collections::VecDeque<f32>>>(&file).expect_err("a gigabyte of numbers"));
    let allowed = binpickle::LoadOptions::new().max_decoded(1 << 30);
    assert_eq!(allowed.from_slice::<Vec<Vec<f32>>>(&file).expect("it is allowed").len(), 1_000);
    let file = binpickle::BinPickleFile::from_vec(file).expect("a file");
    assert_eq!(file.load::<Vec<binpickle::MappedArray<f32, ndarray::Ix1>>>().expect("read").len(), 1_000);
    assert!(file.load::<Value>().is_ok(), "a Value shares the memory of its arrays");

    // Weights that are used twice, as in many models, are no bomb.
    let file = forge::of_buffers(&[
        &vec![0; 1 << 24],
        &[&b"("[..], array, b"h\x00l."].concat().replace(b"J\0\0\x04\0", b"J\0\0\x40\0"),
    ]);
    assert_eq!(binpickle::from_slice::<Vec<Vec<f32>>>(&file).expect("read").len(), 2);
}

trait Replace {
    fn replace(self, old: &[u8], new: &[u8]) -> Self;
}

impl Replace for Vec<u8> {
    fn replace(mut self, old: &[u8], new: &[u8]) -> Self {
        let start = self.windows(old.len()).position(|window| window == old).expect("it is in there");
        self[start..start + new.len()].copy_from_slice(new);
        self
    }
}
