//! Whatever Rust writes, Python lists and loads, and what it pickles of it is the same to Rust: arbitrary values, some hundred
//! in each batch.

use std::fmt::Debug;

use binpickle::value::Shared;
use binpickle::{Value, pickle};
use ndarray::{Array2, ShapeBuilder};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::python;

/// How many values there are in a batch.
const BATCH: usize = 300;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Nothing,
    Truth(bool),
    Byte(u8),
    Integer(i64),
    Wide(u128),
    Float(f64),
    Single(f32),
    Character(char),
    Text(String),
    Bytes(ByteBuf),
    Numbers(Vec<f32>),
    Points(Vec<[i16; 3]>),
    Truths(Vec<bool>),
    Matrix(#[serde(with = "binpickle::with::ndarray")] Array2<u32>),
    Option(Option<Box<Tree>>),
    List(Vec<Tree>),
    Pair(Box<Tree>, String),
    Map(Vec<(String, Tree)>),
    Struct { first: Box<Tree>, second: Option<u8>, unit: () },
}

fn matrix() -> impl Strategy<Value = Array2<u32>> {
    (0..9_usize, 0..9_usize, any::<bool>(), any::<u32>()).prop_map(|(rows, columns, fortran, seed)| {
        Array2::from_shape_fn((rows, columns).set_f(fortran), |(row, column)| {
            seed.wrapping_mul((row * 9 + column) as u32)
        })
    })
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(()).prop_map(|()| Tree::Nothing),
        any::<bool>().prop_map(Tree::Truth),
        any::<u8>().prop_map(Tree::Byte),
        any::<i64>().prop_map(Tree::Integer),
        any::<u128>().prop_map(Tree::Wide),
        any::<f64>().prop_map(Tree::Float),
        any::<f32>().prop_map(Tree::Single),
        any::<char>().prop_map(Tree::Character),
        any::<String>().prop_map(Tree::Text),
        prop::collection::vec(any::<u8>(), 0..400).prop_map(|bytes| Tree::Bytes(ByteBuf::from(bytes))),
        // Longer than what is in one frame.
        (65_000..70_000_usize).prop_map(|len| Tree::Bytes(ByteBuf::from(vec![7; len]))),
        prop::collection::vec(any::<f32>(), 0..50).prop_map(Tree::Numbers),
        prop::collection::vec(any::<[i16; 3]>(), 0..20).prop_map(Tree::Points),
        prop::collection::vec(any::<bool>(), 0..20).prop_map(Tree::Truths),
        matrix().prop_map(Tree::Matrix),
    ];
    leaf.prop_recursive(5, 40, 8, |tree| {
        let boxed = || tree.clone().prop_map(Box::new);
        prop_oneof![
            prop::option::of(boxed()).prop_map(Tree::Option),
            prop::collection::vec(tree.clone(), 0..8).prop_map(Tree::List),
            (boxed(), any::<String>()).prop_map(|(tree, text)| Tree::Pair(tree, text)),
            prop::collection::vec((any::<String>(), tree.clone()), 0..8).prop_map(Tree::Map),
            (boxed(), any::<Option<u8>>()).prop_map(|(first, second)| Tree::Struct { first, second, unit: () }),
        ]
    })
}

/// An object of two places. What has no identity in Python is none.
fn twice(value: &Value) -> [Value; 2] {
    let value = match value.target() {
        Value::List(_) | Value::Dict(_) | Value::ByteArray(_) | Value::Array(_) => {
            Value::Shared(Shared::new(value.clone()))
        }
        Value::Tuple(items) if !items.is_empty() => Value::Shared(Shared::new(value.clone())),
        _ => value.clone(),
    };
    [value.clone(), value]
}

fn value() -> impl Strategy<Value = Value> {
    let array = |numbers: Vec<f64>| pickle::from_slice(&pickle::to_vec(&numbers).expect("written")).expect("an array");
    let leaf = prop_oneof![
        Just(()).prop_map(|()| Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        any::<(f64, f64)>().prop_map(|(re, im)| Value::Complex(re, im)),
        any::<String>().prop_map(Value::Str),
        // Of the same single byte twice, the unpickler in C makes two objects, and that in Python one.
        prop::collection::vec(any::<u8>(), 0..300)
            .prop_filter("one byte", |bytes| bytes.len() != 1)
            .prop_map(Value::Bytes),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::ByteArray),
        prop::collection::vec(any::<f64>(), 0..50).prop_map(array),
        prop::sample::select(vec!["dict", "list", "len", "KeyError"])
            .prop_map(|name| Value::Global("builtins".to_owned(), name.to_owned())),
        any::<String>().prop_map(|text| Value::Set(vec![Value::Str(text)])),
        any::<i64>().prop_map(|number| Value::FrozenSet(vec![Value::Tuple(vec![Value::Int(number)])])),
    ];
    leaf.prop_recursive(6, 40, 6, |value| {
        let values = || prop::collection::vec(value.clone(), 0..6);
        let entry = |(key, value)| (Value::Int(key), value);
        prop_oneof![
            values().prop_map(Value::List),
            values().prop_map(Value::Tuple),
            prop::collection::btree_map(any::<i64>(), value.clone(), 0..6)
                .prop_map(move |entries| Value::Dict(entries.into_iter().map(entry).collect())),
            value.clone().prop_map(|value| Value::List(twice(&value).into())),
            (value.clone(), values()).prop_map(|(value, mut values)| {
                let [first, second] = twice(&value);
                values.insert(0, first);
                Value::Tuple(vec![Value::List(values), second])
            }),
        ]
    })
}

/// Has each Python load a batch of values and pickle them again, and reads that.
fn there_and_back<T: Debug + Serialize + DeserializeOwned>(
    values: impl Strategy<Value = T>,
    same: impl Fn(&T, &T) -> bool,
) {
    let seed = fastrand::u64(..);
    let seeds: Vec<u8> = (0..4).flat_map(|n: u64| seed.wrapping_mul(2 * n + 1).to_le_bytes()).collect();
    let rng = prop::test_runner::TestRng::from_seed(prop::test_runner::RngAlgorithm::ChaCha, &seeds);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let values: Vec<T> = (0..BATCH).map(|_| values.new_tree(&mut runner).expect("a value").current()).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [batch, again] = ["batch", "again"].map(|name| folder.path().join(name));
    let mut bytes = Vec::new();
    for value in &values {
        let stream = pickle::to_vec(value).expect("written");
        bytes.extend((stream.len() as u32).to_le_bytes());
        bytes.extend(stream);
    }
    std::fs::write(&batch, bytes).expect("written");
    for python in python::all() {
        let said = python.script("streams.py", &[batch.as_os_str(), again.as_os_str()]);
        assert_eq!(said.trim(), format!("{BATCH} streams"));
        let all = std::fs::read(&again).expect("what Python pickled");
        let mut rest = all.as_slice();
        for value in &values {
            let (len, more) = rest.split_first_chunk().expect("a length");
            let (stream, more) = more.split_at(u32::from_le_bytes(*len) as usize);
            let back: T = pickle::from_slice(stream).unwrap_or_else(|error| panic!("seed {seed}: {error}: {value:?}"));
            assert!(same(&back, value), "{}, seed {seed}: {value:?} became {back:?}", python.name);
            rest = more;
        }
    }
}

#[test]
fn of_types() {
    there_and_back(tree(), |back, value| back == value);
}

/// Also who is whom: the text names each object that occurs more than once.
#[test]
fn without_a_type() {
    there_and_back(value(), |back, value| back == value && format!("{back:?}") == format!("{value:?}"));
}
