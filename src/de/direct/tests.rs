//! What is read directly is what the ordinary way reads; and what cannot be is left to it.
#![allow(clippy::items_after_statements, clippy::zero_sized_map_values, reason = "types are beside the tests of them")]

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};

use ndarray::{Array2, ArrayD, array};
use serde::de::DeserializeOwned;
use serde::{Deserializer, Serialize};

use super::*;
use crate::bytes::{Keep, Shared};
use crate::de::{self, Place};
use crate::pickle;

/// Buffers in memory, which count how often they are lent.
struct Buffers<'de> {
    keep: &'de Keep,
    all: &'de [Vec<u8>],
    lent: Cell<usize>,
}

impl<'de> Source<'de> for Buffers<'de> {
    fn buffer_count(&self) -> usize {
        self.all.len()
    }

    fn buffer_len(&self, index: usize) -> Result<usize> {
        Ok(self.all[index].len())
    }

    fn lend(&self, index: usize) -> Result<&'de [u8]> {
        self.lent.set(self.lent.get() + 1);
        Ok(&self.all[index])
    }

    fn read_into(&self, index: usize, out: &mut [u8]) -> Result<()> {
        out.copy_from_slice(self.lend(index)?);
        Ok(())
    }

    fn share(&self, _index: usize) -> Result<Shared> {
        Err(Error::data("nothing is shared here"))
    }

    fn keep(&self) -> &'de Keep {
        self.keep
    }
}

fn directly_within<T: DeserializeOwned>(
    stream: &[u8],
    buffers: &[Vec<u8>],
    limits: Limits,
) -> Option<(T, usize, usize)> {
    let source = Buffers { keep: &Keep::new(), all: buffers, lent: Cell::new(0) };
    let (value, used) = read_directly(stream, &source, limits)?;
    Some((value, used, source.lent.get()))
}

fn directly<T: DeserializeOwned>(stream: &[u8]) -> Option<T> {
    directly_within(stream, &[], Limits::default()).map(|(value, ..)| value)
}

fn ordinarily<T: DeserializeOwned>(stream: &[u8]) -> Result<T> {
    let source = Buffers { keep: &Keep::new(), all: &[], lent: Cell::new(0) };
    let arena = de::parse(stream, &source, Limits::default())?;
    de::read(&arena, Place::Node(arena.root()), stream, &source, Limits::default())
}

/// The same stream with each instruction in a frame of its own.
fn in_frames(stream: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = pickle::disassemble(stream)
        .map(|instruction| instruction.unwrap())
        .filter(|instruction| !matches!(instruction.name, "PROTO" | "FRAME"))
        .map(|instruction| instruction.position)
        .collect();
    let ends = places[1..].iter().copied().chain([stream.len()]);
    let mut framed = vec![0x80, 5];
    for (start, end) in places.iter().zip(ends) {
        // What lies between two instructions is the beginning of a frame.
        let code = &stream[*start..end];
        let code = match code.len().checked_sub(9) {
            Some(at) if code[at] == 0x95 => &code[..at],
            _ => code,
        };
        framed.push(0x95);
        framed.extend((code.len() as u64).to_le_bytes());
        framed.extend(code);
    }
    framed
}

#[track_caller]
fn same<T: DeserializeOwned + PartialEq + Debug>(stream: &[u8]) {
    let ordinary = ordinarily::<T>(stream).unwrap();
    assert_eq!(directly::<T>(stream).as_ref(), Some(&ordinary), "{}", stream.escape_ascii());
}

/// A value that this crate wrote, read both ways, and from any frames.
#[track_caller]
fn written<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let stream = pickle::to_vec(value).unwrap();
    assert_eq!(directly::<T>(&stream).as_ref(), Some(value));
    same::<T>(&stream);
    let framed = in_frames(&stream);
    // Where a name ends a frame nobody looks further, so this may be left to the ordinary way; but it is never another value.
    assert_eq!(ordinarily::<T>(&framed).as_ref().unwrap(), value);
    if let Some(direct) = directly::<T>(&framed) {
        assert_eq!(direct, *value);
    }
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Record {
    id: u64,
    name: String,
    score: f64,
    tags: Vec<String>,
    parent: Option<u32>,
    kind: Kind,
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
enum Kind {
    Unit,
    New(i128),
    Pair(u8, f64),
    Tuple(u8, f64, bool, char),
    Struct { a: char, b: Box<Option<Kind>> },
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct New(Vec<f32>);

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Empty;

fn records(count: u64) -> Vec<Record> {
    let kinds = [
        Kind::Unit,
        Kind::New(i128::MIN),
        Kind::Pair(1, 0.5),
        Kind::Tuple(1, -0.0, true, 'é'),
        Kind::Struct { a: 'x', b: Box::new(Some(Kind::Unit)) },
    ];
    (0..count)
        .map(|id| Record {
            id: id * 0x0101_0101_0101,
            name: format!("name {id} é"),
            score: id as f64 / 3.0,
            tags: (0..id % 5).map(|tag| format!("tag {}", (id + tag) % 7)).collect(),
            parent: (id % 3 == 0).then_some(id as u32),
            kind: kinds[id as usize % kinds.len()].clone(),
        })
        .collect()
}

#[test]
fn what_this_crate_writes() {
    written(&());
    written(&Empty);
    written(&(1u8, -2i64, u64::MAX, i128::MIN, u128::MAX));
    written(&(true, 'x', "text".to_owned()));
    written(&("é".repeat(200), "x".repeat(70_000)));
    written(&vec![Some(1.5f64), None]);
    written(&vec![Some("a".to_owned()), None, Some("a".to_owned())]);
    written(&(1.5f32, vec![1.5f32, f32::MAX], vec![[1u8, 2, 3]; 4], New(vec![])));
    written(&array![[1.0, 2.0], [3.0, 4.0]]);
    written(&vec![(array![[1u8]], ArrayD::<f64>::zeros(vec![2, 0, 1])); 3]);
    written(&vec![vec![1.0f32; 3]; 300]);
    written(&vec![vec![vec!["deep".to_owned()], vec![]], vec![], vec![vec![]]]);
    written(&BTreeMap::from([((1u8, "a".to_owned()), Empty), ((2, "b".to_owned()), Empty)]));
    written(&BTreeMap::from([(vec!["a".to_owned(); 5], 1u8), (vec![], 2)]));
    written(&BTreeMap::from([(-1i8, vec![0u8; 10]), (1, vec![])]));
    written(&HashMap::from([(u64::MAX, vec![1.0f32; 16]), (1, vec![2.0; 16])]));
    written(&serde_bytes::ByteBuf::from(vec![7; 300]));
    written(&half::f16::from_f32(1.5));
    written(&records(100));
}

#[test]
fn many_frames_and_a_long_memo() {
    let records = records(20_000);
    let stream = pickle::to_vec(&records).unwrap();
    assert_eq!(directly::<Vec<Record>>(&stream), Some(records));
}

#[test]
fn names_of_calls_in_frames() {
    // An option of what stands for `None` (numpy's masked constant), and of text.
    let masked = b"](\x8c\x0dnumpy.ma.core\x94\x8c\x0eMaskedConstant\x94\x93)R\x8c\x01ah\0e.";
    for stream in [masked.to_vec(), in_frames(masked)] {
        let options = ordinarily::<Vec<Option<String>>>(&stream).unwrap();
        assert_eq!(options, [None, Some("a".to_owned()), Some("numpy.ma.core".to_owned())]);
        assert!(directly::<Vec<Option<String>>>(&stream).is_none_or(|direct| direct == options));
    }
    assert!(directly::<Vec<Option<String>>>(masked).is_some());
}

#[test]
fn what_takes_an_arena() {
    // Nested options: the tuple says nothing before its end.
    let stream = pickle::to_vec(&vec![Some(None::<u8>)]).unwrap();
    assert_eq!(directly::<Vec<Option<Option<u8>>>>(&stream), None);
    // An empty list beside a tuple with a mark looks like one that goes on.
    type Pairs = Vec<(Vec<String>, [String; 4])>;
    let pairs: Pairs = vec![(vec![], ["a", "b", "c", "d"].map(str::to_owned))];
    let stream = pickle::to_vec(&pairs).unwrap();
    assert_eq!(directly::<Pairs>(&stream), None);
    assert_eq!(pickle::from_slice::<Pairs>(&stream).unwrap(), pairs);
    for stream in [
        // Lists and dicts in the memo, as Python writes them; and in two places.
        &b"]\x94(K\x01e."[..],
        b"}\x94(K\x01K\x02u.",
        b"](]\x94(K\x01eh\0e.",
        // One item, or the second half.
        b"]K\x01a.",
        b"](K\x01e(K\x02e.",
        b"](K\x01e)K\x02a.",
        // Lists that end as something else, and what is left over.
        b"](K\x01t.",
        b"](K\x01e0N.",
        b"](K\x01eN.",
        b"](K\x01e.N",
        b"](K\x01",
        // Keys without a hash, of what is no key to any type.
        b"}(K\x01K\x02]Nu.",
        b"}(K\x01K\x02](K\x01eNu.",
        b"}(}Nu.",
        // Taken back, or done twice.
        b"](K\x01K\x020e.",
        b"](K\x012e.",
        b"(K\x01l.",
        b"](\x8c\x01\xffe.",
    ] {
        assert_eq!(directly::<Vec<u8>>(stream), None, "{}", stream.escape_ascii());
        assert!(directly::<IgnoredAny>(stream).is_none(), "{}", stream.escape_ascii());
        // And what it is, the ordinary way knows.
        assert_eq!(pickle::from_slice::<Vec<u8>>(stream).ok(), ordinarily(stream).ok());
    }
    same::<Vec<u8>>(b"](K\x01K\x02e.");
    same::<Vec<u8>>(b"(K\x01K\x02t.");
    same::<Vec<Vec<u8>>>(b"](]]\x94(K\x02ee.");
}

#[test]
fn what_nobody_looks_at() {
    #[derive(Deserialize, PartialEq, Debug)]
    struct Few {
        name: String,
        kind: Kind,
    }
    let stream = pickle::to_vec(&records(60)).unwrap();
    same::<Vec<Few>>(&stream);
    assert!(directly::<Vec<IgnoredAny>>(&pickle::to_vec(&records(1)).unwrap()).is_some());

    /// Leaves its deserializer alone.
    #[derive(PartialEq, Debug)]
    struct Blind;

    impl<'de> Deserialize<'de> for Blind {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Blind)
        }
    }

    same::<Vec<Blind>>(&pickle::to_vec(&records(1)).unwrap());
    same::<Vec<Option<Blind>>>(&pickle::to_vec(&vec![Some("a"), None, Some("c")]).unwrap());
    same::<Vec<Blind>>(&in_frames(b"](](K\x01eK\x02Ne."));
    same::<Vec<Option<Blind>>>(&in_frames(b"](](K\x01eK\x02Ne."));
    same::<BTreeMap<u8, Blind>>(b"}(K\x01](K\x01eK\x02Nu.");

    /// Takes the first element, the first key, or only the name of a variant.
    #[derive(PartialEq, Debug)]
    struct First(u8);

    impl<'de> Deserialize<'de> for First {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(FirstVisitor)
        }
    }

    struct FirstVisitor;

    impl<'de> Visitor<'de> for FirstVisitor {
        type Value = First;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("something with a number")
        }

        fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<First, S::Error> {
            Ok(First(items.next_element()?.unwrap_or(0)))
        }

        fn visit_map<M: MapAccess<'de>>(self, mut entries: M) -> Result<First, M::Error> {
            let first = entries.next_key()?.unwrap_or(0);
            // And the next one without a look at the value.
            let second: Option<u8> = entries.next_key()?;
            Ok(First(first + second.unwrap_or(0)))
        }
    }

    same::<Vec<First>>(b"](](K\x01K\x02K\x03e}(K\x04](NeK\x05NK\x06Nu]e.");
}

#[test]
fn errors_that_someone_forgives() {
    /// A number, or nothing whatever there is.
    #[derive(PartialEq, Debug)]
    struct Lenient(Option<u8>);

    impl<'de> Deserialize<'de> for Lenient {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(Lenient(u8::deserialize(deserializer).ok()))
        }
    }

    /// Likewise a list.
    #[derive(PartialEq, Debug)]
    struct Forgiving(Option<Vec<u8>>);

    impl<'de> Deserialize<'de> for Forgiving {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(Forgiving(Vec::deserialize(deserializer).ok()))
        }
    }

    same::<Vec<Lenient>>(b"](K\x01M\x01\x01K\x02G\0\0\0\0\0\0\0\0Ne.");
    // In the middle of something, nobody knows where it goes on.
    for stream in [&b"](](K\x01Ne](K\x02ee."[..], b"](K\x01](K\x02ee."] {
        assert_eq!(directly::<Vec<Forgiving>>(stream), None);
        assert_eq!(directly::<Vec<Lenient>>(stream), None);
        assert!(pickle::from_slice::<Vec<Forgiving>>(stream).is_ok());
        assert!(pickle::from_slice::<Vec<Lenient>>(stream).is_ok());
    }
}

#[test]
fn fields_in_any_order() {
    #[derive(Deserialize, PartialEq, Debug)]
    struct Point {
        x: u8,
        #[serde(default)]
        y: u8,
    }

    #[derive(Deserialize, PartialEq, Debug)]
    #[allow(dead_code)]
    struct Named {
        #[serde(alias = "b")]
        a: u8,
        c: u8,
    }

    #[derive(Deserialize, PartialEq, Debug)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        x: u8,
    }

    // {'x': 1, 'y': 2} and others
    for entries in [
        &b"\x8c\x01xK\x01\x8c\x01yK\x02"[..],
        b"\x8c\x01yK\x02\x8c\x01xK\x01",
        b"\x8c\x01xK\x01",
        b"\x8c\x01xK\x01\x8c\x01z](N\x8c\x01ae\x8c\x01yK\x02",
        b"\x8c\x01xK\x01\x8c\x01yK\x02\x8c\x01zN",
    ] {
        same::<Point>(&[b"}(", entries, b"u."].concat());
        same::<Vec<Point>>(&[b"](}(", entries, b"u}(", entries, b"ue."].concat());
    }
    let dict = |entries: &[u8]| [b"}(", entries, b"u."].concat();
    assert_eq!(directly::<Strict>(&dict(b"\x8c\x01xK\x01")), Some(Strict { x: 1 }));
    assert_eq!(directly::<Strict>(&dict(b"\x8c\x01xK\x01\x8c\x01yK\x02")), None);
    same::<Named>(&dict(b"\x8c\x01aK\x01\x8c\x01cK\x02"));
    same::<Named>(&dict(b"\x8c\x01bK\x01\x8c\x01cK\x02"));
    // Two names of one field are no two fields.
    assert_eq!(directly::<Named>(&dict(b"\x8c\x01aK\x01\x8c\x01bK\x02")), None);
    assert_eq!(directly::<Named>(&dict(b"\x8c\x01aK\x01\x8c\x01bK\x02\x8c\x01cK\x03")), None);
}

#[test]
fn someone_elses_visitors_see_entries() {
    #[derive(PartialEq, Debug)]
    struct Own(Vec<String>);

    struct OwnVisitor;

    impl<'de> Visitor<'de> for OwnVisitor {
        type Value = Own;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("fields")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut entries: M) -> Result<Own, M::Error> {
            let mut names = Vec::new();
            while let Some((name, IgnoredAny)) = entries.next_entry()? {
                names.push(name);
            }
            Ok(Own(names))
        }

        fn visit_seq<S: SeqAccess<'de>>(self, _: S) -> Result<Own, S::Error> {
            Ok(Own(vec!["fields without names".to_owned()]))
        }
    }

    impl<'de> Deserialize<'de> for Own {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_struct("Own", &["x"], OwnVisitor)
        }
    }

    assert_eq!(directly::<Own>(b"}(\x8c\x01xK\x01u."), Some(Own(vec!["x".to_owned()])));
}

#[test]
fn arrays_in_untagged_and_flattened_types() {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(untagged)]
    enum Any {
        Number(u64),
        Text(String),
        Array(Array2<f64>),
        List(Vec<Any>),
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Flat {
        name: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Any>,
    }

    let any =
        |number| Any::List(vec![Any::Number(number), Any::Text("text".to_owned()), Any::Array(array![[1.5, 2.0]])]);
    written(&any(1));
    written(&vec![any(1), any(u64::MAX), Any::Text("text".to_owned())]);
    written(&Flat {
        name: "flat".to_owned(),
        rest: BTreeMap::from([("array".to_owned(), Any::Array(array![[0.0]])), ("text".to_owned(), any(3))]),
    });
}

#[test]
fn buffers_are_touched_when_they_are_asked_for() {
    // [frombuffer(next buffer, '<f4'), frombuffer(next buffer, '<f4'), 1]
    let stream = b"](\x8c\x05numpy\x94\x8c\x0afrombuffer\x94\x93\x94\x97\x8c\x03<f4\x94\x86Rh\x02\x97h\x03\x86RK\x01e.";
    let buffers = [vec![0; 8], vec![0; 4]];
    let read = directly_within::<(Vec<f32>, IgnoredAny, u8)>(stream, &buffers, Limits::default());
    assert!(read.is_none(), "a list is no tuple of three");
    let (value, used, lent) =
        directly_within::<Vec<Vec<f32>>>(&[&stream[..stream.len() - 4], b"e."].concat(), &buffers, Limits::default())
            .unwrap();
    assert_eq!((value, used, lent), (vec![vec![0.0; 2], vec![0.0]], 2, 2));
    let (_, used, lent) = directly_within::<IgnoredAny>(stream, &buffers, Limits::default()).unwrap();
    assert_eq!((used, lent), (2, 0));
    // Where the buffers are what takes the time, nothing is read that may have to be read again.
    assert!(directly_within::<IgnoredAny>(stream, &[vec![0; 8], vec![0; 4000]], Limits::default()).is_none());
}

#[test]
fn limits_are_left_to_the_ordinary_way() {
    let stream = pickle::to_vec(&vec![vec![vec![true]]]).unwrap();
    let within = |limits| directly_within::<Vec<Vec<Vec<bool>>>>(&stream, &[], limits).is_some();
    assert!(within(Limits::default()));
    for max_depth in 0..4 {
        let keep = Keep::new();
        let source = Buffers { keep: &keep, all: &[], lent: Cell::new(0) };
        let arena = de::parse(&stream, &source, Limits { max_depth, ..Limits::default() });
        assert_eq!(within(Limits { max_depth, ..Limits::default() }), arena.is_ok(), "{max_depth}");
    }
    assert!(!within(Limits { max_nodes: Some(3), ..Limits::default() }));

    let deep = b"](".repeat(5000);
    let deep = [&deep[..], &b"e".repeat(5000), b"."].concat();
    assert!(directly::<IgnoredAny>(&deep).is_none());

    // A short text, named again and again.
    let text = "x".repeat(10_000);
    let mut laughs = b"](X\x10\x27\0\0".to_vec();
    laughs.extend(text.as_bytes());
    laughs.push(0x94);
    laughs.extend([b'h', 0].repeat(5_000));
    laughs.extend(b"e.");
    assert!(directly::<Vec<String>>(&laughs).is_none());
    assert!(directly::<IgnoredAny>(&laughs).is_none());
}
