//! Any bytes as a pickle stream with two buffers, loaded as types of every sort.
#![no_main]

#[path = "../dice.rs"]
mod dice;
#[path = "../file.rs"]
mod file;
#[path = "../instructions.rs"]
mod instructions;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;

use binpickle::{BinPickleFile, LoadOptions, MappedArray, Part, Value};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};
use ndarray::{Array1, Array2, ArrayD, ArrayView2, Ix1, IxDyn};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Model {
    name: String,
    #[serde(default)]
    option: Option<Option<u8>>,
    #[serde(default)]
    array: Option<Array2<f32>>,
    #[serde(default, with = "serde_bytes")]
    bytes: Vec<u8>,
    #[serde(default)]
    variants: Vec<Variant>,
    #[serde(default)]
    map: BTreeMap<(i8, String), Vec<Model>>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
enum Variant {
    Unit,
    New(i128),
    Tuple(u8, f64, bool),
    Struct { a: char, b: Box<Option<Variant>> },
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Text(String),
    Array(ArrayD<f64>),
    Numbers(Vec<[i16; 3]>),
    Nested(Vec<Untagged>),
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct View<'a>(#[serde(borrow, with = "binpickle::with::view")] ArrayView2<'a, f32>);

#[derive(Deserialize)]
#[allow(dead_code)]
struct Slice<'a>(#[serde(borrow, with = "binpickle::with::slice")] Cow<'a, [bool]>);

/// A record of a structured array.
#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Record {
    a: f32,
    #[serde(default)]
    b: Option<[i16; 2]>,
    #[serde(default)]
    inner: Option<Box<Record>>,
    #[serde(default)]
    text: String,
}

/// numpy's masked array.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Masked {
    data: ArrayD<f32>,
    mask: ArrayD<bool>,
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    instructions::mutate(0, data, size, max_size, seed)
});
fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    instructions::cross(0, one, other, out, seed)
});

fuzz_target!(|data: &[u8]| {
    // Who asks how far a load is, is told which buffers a part has.
    let options = LoadOptions::new().threads(1).on_progress(|_| ());
    let file = options.from_vec(file::of(data)).expect("its digests are right");
    // Before its parts are asked for, a stream is read without an arena if it can be.
    let model = shown(&file.load::<Model>());
    let variants = shown(&file.load::<Vec<Variant>>());
    let anything = shown(&file.load::<Untagged>());
    let records = shown(&file.load::<Vec<Record>>());
    let tuples = shown(&file.load::<BTreeMap<Untagged2, (u8, f32, Option<Blind>)>>());
    let json = shown(&file.load::<serde_json::Value>());
    // Most streams end here: to no type they are anything.
    let Ok(root) = file.at("") else {
        return assert!(file.load::<IgnoredAny>().is_err() && file.load::<Model>().is_err());
    };
    assert_eq!(model, shown(&root.load::<Model>()));
    assert_eq!(variants, shown(&root.load::<Vec<Variant>>()));
    assert_eq!(anything, shown(&root.load::<Untagged>()));
    assert_eq!(records, shown(&root.load::<Vec<Record>>()));
    assert_eq!(tuples, shown(&root.load::<BTreeMap<Untagged2, (u8, f32, Option<Blind>)>>()));
    assert_eq!(json, shown(&root.load::<serde_json::Value>()));
    _ = file.load::<Vec<Model>>();
    _ = file.load::<Variant>();
    _ = file.load::<View<'_>>();
    _ = file.load::<Slice<'_>>();
    _ = file.load::<(Array1<u8>, VecDeque<bool>, Vec<u128>)>();
    _ = file.load::<Vec<Vec<f32>>>();
    _ = file.load::<MappedArray<f32, Ix1>>();
    _ = file.load::<MappedArray<f64, IxDyn>>();
    _ = file.load::<BTreeMap<Untagged2, &str>>();
    _ = file.load::<&serde_bytes::Bytes>();
    _ = file.load::<Vec<(f32, [i16; 2])>>();
    _ = file.load::<Array1<Option<f64>>>();
    _ = file.load::<Vec<Vec<Option<i32>>>>();
    _ = file.load::<Masked>();

    walk(&file, &root, 0, &mut 0);
    for path in ["/0", "/array", "/map/0/1", "/True", "/1.5", "/a~1b~0", "//", "x", "/~"] {
        if let Ok(part) = file.at(path) {
            // A `~` that escapes nothing stands for itself, which the path of the part writes as `~0`.
            assert_eq!(part.path(), if path == "/~" { "/~0" } else { path });
            _ = part.load::<Vec<f32>>();
        }
    }
});

/// What was loaded, as text, for not all of it can be compared.
fn shown<T: Debug>(loaded: &binpickle::Result<T>) -> String {
    format!("{loaded:?}")
}

/// Loads parts by their paths. The path of a child leads to what is like the child.
fn walk(file: &BinPickleFile, part: &Part<'_>, depth: usize, parts: &mut usize) {
    _ = part.load::<Value>();
    _ = part.load::<ArrayD<f32>>();
    _ = (part.dtype(), part.shape());
    let (keys, children) = (part.keys(), part.children());
    assert_eq!(keys.len(), children.len());
    for child in children.iter().take(8) {
        *parts += 1;
        if *parts > 64 || depth > 4 {
            return;
        }
        match file.at(child.path()) {
            // Of children whose keys are the same text, the path leads to one, which may be another.
            Ok(same) => {
                assert_eq!(same.path(), child.path());
                walk(file, &same, depth + 1, parts);
            }
            Err(error) => {
                assert!(child.path().contains('?'), "{error}");
                walk(file, child, depth + 1, parts);
            }
        }
    }
}

/// Does not look at what it is made of.
#[derive(Debug)]
struct Blind;

impl<'de> Deserialize<'de> for Blind {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Blind)
    }
}

/// What may be a key.
type Untagged2 = (Option<String>, Vec<i32>);
