//! What Rust writes, Python reads: `scripts/expected.py` says what each file should be.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use binpickle::codec::{BufferInfo, CodecConfig, CodecSpec, Gzip};
use binpickle::value::{Made, Object};
use binpickle::{Options, Revision, Value, pickle};
use ndarray::{Array1, Array2, array};
use num_complex::Complex;
use serde::{Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};

use crate::python;
use crate::samples::{Arrays, Sample, for_each_sample, fortran, large};

/// Folders of files, of which Python knows by the topic's name what they should hold.
struct Topic {
    name: &'static str,
    folder: tempfile::TempDir,
    /// The same in the revision of Python's main branch.
    upstream: tempfile::TempDir,
    /// The same in the revision of binpickle 0.3.
    old: tempfile::TempDir,
}

impl Topic {
    fn new(name: &'static str) -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        Topic { name, folder: folder(), upstream: folder(), old: folder() }
    }

    /// Writes a value in every form, and its stream alone.
    #[track_caller]
    fn case(&self, case: &str, value: &impl Serialize) {
        let stream = pickle::to_vec(value).unwrap_or_else(|error| panic!("{case}: {error}"));
        for folder in [&self.folder, &self.upstream] {
            std::fs::write(folder.path().join(format!("{case}.pkl")), &stream).expect("written");
        }
        let write = |folder: &tempfile::TempDir, form: &str, options: Options| {
            let path = folder.path().join(format!("{case}.{form}.bpk"));
            if let Err(error) = options.to_path(value, path) {
                panic!("{case}, {form}: {error}");
            }
        };
        for (form, options) in forms() {
            write(&self.folder, form, options.clone());
            write(&self.upstream, form, options.clone().revision(Revision::V2Mac));
            write(&self.old, form, options.revision(Revision::V1));
        }
        let blosc = CodecConfig::new("binpickle.blosc").set("name", "lz4").set("level", 5);
        let blosc = if cfg!(feature = "blosc") { Options::compressed(blosc) } else { Options::new() };
        write(&self.old, "blosc", blosc.revision(Revision::V1));
    }

    /// Has Python compare every file, in copying and in direct mode.
    #[track_caller]
    fn check(&self) {
        for python in python::all() {
            let said = python.script("check_values.py", &[self.folder.path().as_os_str(), self.name.as_ref()]);
            println!("{}: {said}", python.name);
        }
        if let Some(python) = python::newest() {
            println!(
                "upstream: {}",
                python.script("check_upstream.py", &[self.upstream.path().as_os_str(), self.name.as_ref()])
            );
        }
        if let Some(python) = python::binpickle03() {
            let folder = self.old.path().as_os_str();
            println!("{}: {}", python.name, python.script("check_version1.py", &[folder, self.name.as_ref()]));
            let alone = python.script("check_version1.py", &[folder, self.name.as_ref(), "alone".as_ref()]);
            println!("{} alone: {alone}", python.name);
        }
    }
}

/// Every way to lay a file out. `scripts/check_values.py` knows the codecs of each.
fn forms() -> Vec<(&'static str, Options)> {
    let arrays_only = |buffer: &BufferInfo<'_>| -> Option<CodecSpec> { buffer.dtype().map(|_| "gzip".into()) };
    vec![
        ("default", Options::new()),
        ("plain", Options::new().codecs([])),
        ("mappable", Options::mappable()),
        ("outside", Options::mappable().inline_below(0)),
        ("gzip", Options::compressed("gzip")),
        ("zlib", Options::compressed("zlib")),
        ("zstd", Options::compressed("zstd")),
        ("config", Options::compressed(CodecConfig::new("zstd").set("level", 3))),
        ("instance", Options::compressed(Gzip::new(6))),
        ("chain", Options::compressed("zlib").codec("zstd")),
        ("function", Options::compressed(arrays_only)),
    ]
}

#[derive(Serialize)]
struct Integers {
    i8: i8,
    i16: i16,
    i32: i32,
    i64: i64,
    i128: i128,
    isize: isize,
    u8: u8,
    u16: u16,
    u32: u32,
    u64: u64,
    u128: u128,
    usize: usize,
}

#[derive(Serialize)]
struct Floats {
    single: f32,
    double: f64,
    negative_zero: f64,
    infinity: f64,
    smallest: f64,
    single_nan: f32,
    double_nan: f64,
}

#[derive(Serialize)]
struct Texts<'a> {
    empty: &'a str,
    character: char,
    text: &'a str,
    long: String,
    truth: bool,
    lie: bool,
}

#[derive(Serialize)]
struct ByteFields<'a> {
    #[serde(with = "serde_bytes")]
    empty: &'a [u8],
    small: &'a Bytes,
    large: ByteBuf,
}

#[derive(Serialize)]
struct UnitStruct;

#[derive(Serialize)]
#[allow(clippy::option_option)] // it is what is tested
struct Nothing {
    unit: (),
    unit_struct: UnitStruct,
    none: Option<u8>,
    some: Option<u8>,
    some_some: Option<Option<&'static str>>,
    some_none: Option<Option<u8>>,
}

#[test]
fn scalars() {
    let topic = Topic::new("scalars");
    topic.case(
        "integers",
        &Integers {
            i8: i8::MIN,
            i16: i16::MIN,
            i32: i32::MIN,
            i64: i64::MIN,
            i128: i128::MIN,
            isize: isize::MIN,
            u8: u8::MAX,
            u16: u16::MAX,
            u32: u32::MAX,
            u64: u64::MAX,
            u128: u128::MAX,
            usize: usize::MAX,
        },
    );
    let small = [-3, -2, -1, 0, 1, 2, 127, 128, 255, 256, 65535, 65536];
    topic.case("small_integers", &small.into_iter().map(Some).chain([None]).collect::<Vec<Option<i32>>>());
    topic.case(
        "floats",
        &Floats {
            single: 0.1,
            double: 0.1,
            negative_zero: -0.0,
            infinity: f64::INFINITY,
            smallest: 5e-324,
            single_nan: f32::from_bits(0xffc1_2345),
            double_nan: f64::from_bits(0x7ff8_dead_beef_0001),
        },
    );
    topic.case(
        "texts",
        &Texts {
            empty: "", character: 'é', text: "naïve 🦀\0\n", long: "ab".repeat(50_000), truth: true, lie: false
        },
    );
    let large = (0..200_000).map(|i| (7 * i % 256) as u8).collect::<Vec<_>>();
    topic.case("bytes", &ByteFields { empty: b"", small: Bytes::new(b"\x00\xff\x80"), large: ByteBuf::from(large) });
    topic.case(
        "nothing",
        &Nothing {
            unit: (),
            unit_struct: UnitStruct,
            none: None,
            some: Some(1),
            some_some: Some(Some("x")),
            some_none: Some(None),
        },
    );
    topic.case("root_number", &42);
    topic.case("root_text", &"text");
    topic.case("root_none", &());
    topic.check();
}

#[derive(Clone, Serialize)]
struct Point {
    x: f64,
    y: i32,
}

#[derive(Serialize)]
struct Metres(f64);

#[derive(Serialize)]
struct Wrapped(Point);

#[derive(Serialize)]
struct Pair(i32, &'static str);

#[derive(Serialize)]
struct Hollow();

#[derive(Serialize)]
struct Structs {
    point: Point,
    points: Vec<Point>,
    newtype: Metres,
    newtype_struct: Wrapped,
    tuple_struct: Pair,
    tuple: (i32, f64, &'static str, Option<u8>),
    pair_of_floats: (f64, f64),
    array: [i32; 3],
    array_of_text: [&'static str; 2],
    empty_tuple_struct: Hollow,
}

#[derive(Serialize)]
struct Nest(Vec<NestItem>);

#[derive(Serialize)]
#[serde(untagged)]
enum NestItem {
    Nest(Nest),
    Text(&'static str),
}

#[derive(Serialize)]
struct Lists {
    texts: Vec<&'static str>,
    no_texts: Vec<String>,
    options: Vec<Option<f64>>,
    pairs: Vec<(&'static str, i32)>,
    ragged: Vec<Vec<f64>>,
    characters: Vec<char>,
    wide: Vec<i128>,
    units: Vec<()>,
    nest: Nest,
    long: Vec<String>,
}

#[derive(Serialize)]
struct Numbers {
    floats: Vec<f64>,
    no_floats: Vec<f64>,
    one: Vec<i32>,
    truths: Vec<bool>,
    bytes: Vec<u8>,
    points: Vec<[f32; 3]>,
    pairs: Vec<(u16, u16)>,
    nested: Vec<[[i8; 2]; 3]>,
    deque: VecDeque<i64>,
    set: BTreeSet<u32>,
    boxed: Box<[u64]>,
    complex: Vec<Complex<f64>>,
    sizes: Vec<usize>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Direction {
    North,
    South,
}

#[derive(Serialize)]
struct Maps {
    texts: BTreeMap<&'static str, i32>,
    empty: BTreeMap<String, i32>,
    integers: BTreeMap<i64, &'static str>,
    truths: BTreeMap<bool, u8>,
    characters: BTreeMap<char, u8>,
    tuples: BTreeMap<(i32, &'static str), f64>,
    #[serde(serialize_with = "descending")]
    sequences: BTreeMap<Vec<i32>, &'static str>,
    texts_of_texts: BTreeMap<Vec<&'static str>, u8>,
    nested: BTreeMap<Vec<Vec<u8>>, u8>,
    bytes: BTreeMap<&'static Bytes, u8>,
    options: BTreeMap<Option<u8>, u8>,
    wide: BTreeMap<i128, u8>,
    variants: BTreeMap<Direction, u8>,
    of_arrays: BTreeMap<&'static str, Vec<f32>>,
}

fn descending<S: Serializer>(map: &BTreeMap<Vec<i32>, &str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter().rev())
}

/// Streams of several frames.
#[test]
fn long_streams() {
    let topic = Topic::new("long_streams");
    topic.case("points", &(0..40_000).map(|i| Point { x: f64::from(i) / 3.0, y: i }).collect::<Vec<_>>());
    topic.case("texts", &(0..60_000).map(|i| format!("text {}", i % 30_000)).collect::<Vec<_>>());
    topic.case("map", &(0..5_000).map(|i| (i, i % 2 == 0)).collect::<BTreeMap<u64, bool>>());
    topic.check();
}

#[test]
fn containers() {
    let topic = Topic::new("containers");
    let point = Point { x: 1.5, y: -2 };
    topic.case(
        "structs",
        &Structs {
            point: point.clone(),
            points: vec![point.clone(), Point { x: 0.0, y: 7 }],
            newtype: Metres(3.5),
            newtype_struct: Wrapped(point),
            tuple_struct: Pair(1, "one"),
            tuple: (1, 2.5, "three", None),
            pair_of_floats: (0.5, 1.5),
            array: [1, 2, 3],
            array_of_text: ["a", "b"],
            empty_tuple_struct: Hollow(),
        },
    );
    let nest = |items| NestItem::Nest(Nest(items));
    topic.case(
        "lists",
        &Lists {
            texts: vec!["a", "b", "a"],
            no_texts: vec![],
            options: vec![Some(1.5), None],
            pairs: vec![("a", 1), ("b", 2)],
            ragged: vec![vec![1.0, 2.0], vec![], vec![3.0]],
            characters: vec!['x', 'y'],
            wide: vec![1 << 100, -1],
            units: vec![(), ()],
            nest: Nest(vec![nest(vec![]), nest(vec![nest(vec![])]), nest(vec![NestItem::Text("deep")])]),
            long: (0..2_500).map(|i| i.to_string()).collect(),
        },
    );
    topic.case(
        "numbers",
        &Numbers {
            floats: vec![1.5, -2.5],
            no_floats: vec![],
            one: vec![7],
            truths: vec![true, false, true],
            bytes: vec![0, 255],
            points: vec![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],
            pairs: vec![(1, 2)],
            nested: vec![[[1, 2], [3, 4], [5, 6]]],
            deque: VecDeque::from([1, 2, 3]),
            set: BTreeSet::from([5, 3]),
            boxed: Box::new([9]),
            complex: vec![Complex { re: 1.0, im: 2.0 }],
            sizes: vec![1, 2],
        },
    );
    topic.case(
        "maps",
        &Maps {
            texts: BTreeMap::from([("b", 1), ("c", 2)]),
            empty: BTreeMap::new(),
            integers: BTreeMap::from([(-1, "minus"), (2, "two")]),
            truths: BTreeMap::from([(false, 0), (true, 1)]),
            characters: BTreeMap::from([('a', 1)]),
            tuples: BTreeMap::from([((1, "a"), 1.5)]),
            sequences: BTreeMap::from([(vec![1, 2], "numbers"), (vec![], "none")]),
            texts_of_texts: BTreeMap::from([(vec!["a", "b"], 1)]),
            nested: BTreeMap::from([(vec![vec![1, 2], vec![3]], 1)]),
            bytes: BTreeMap::from([(Bytes::new(b"key"), 1)]),
            options: BTreeMap::from([(None, 0), (Some(5), 1)]),
            wide: BTreeMap::from([(1 << 100, 1)]),
            variants: BTreeMap::from([(Direction::North, 1), (Direction::South, 2)]),
            of_arrays: BTreeMap::from([("w", vec![1.0, 2.0])]),
        },
    );
    topic.check();
}

#[derive(Serialize)]
enum External {
    Unit,
    Newtype(f64),
    Tuple(i32, &'static str),
    Struct { width: u8, name: &'static str },
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Internal {
    Unit,
    Text { value: &'static str },
}

#[derive(Serialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Number(i32),
    Pair(i32, i32),
    Nothing,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Untagged {
    Number(i32),
    Text(&'static str),
    Point(Point),
}

#[derive(Serialize)]
struct Attributes {
    #[serde(rename = "renamed")]
    field: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    present: Option<u8>,
    #[serde(skip)]
    _skipped: u8,
    #[serde(flatten)]
    point: Point,
    #[serde(flatten)]
    rest: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
enum Layer {
    Dense { weights: Array2<f32> },
}

#[test]
fn enums() {
    let topic = Topic::new("enums");
    topic.case(
        "external",
        &[External::Unit, External::Newtype(1.5), External::Tuple(1, "a"), External::Struct { width: 3, name: "n" }]
            .as_slice(),
    );
    topic.case("internal", &vec![Internal::Unit, Internal::Text { value: "v" }]);
    topic.case("adjacent", &vec![Adjacent::Number(5), Adjacent::Pair(1, 2), Adjacent::Nothing]);
    topic.case("untagged", &vec![Untagged::Number(1), Untagged::Text("text"), Untagged::Point(Point { x: 0.5, y: 1 })]);
    topic.case("results", &vec![Ok(1), Err("no")]);
    topic.case(
        "attributes",
        &Attributes {
            field: 1,
            absent: None,
            present: Some(2),
            _skipped: 3,
            point: Point { x: 1.5, y: -2 },
            rest: BTreeMap::from([("extra", "flattened")]),
        },
    );
    topic.case("arrays", &Layer::Dense { weights: array![[1.0, 2.0], [3.0, 4.0]] });
    topic.check();
}

/// [`Arrays`], with the field helper that keeps the order of memory.
#[derive(Serialize)]
#[serde(bound = "A: Sample", remote = "Arrays")]
struct OrderedArrays<A: Sample> {
    #[serde(with = "binpickle::with::ndarray")]
    scalar: ndarray::Array0<A>,
    #[serde(with = "binpickle::with::ndarray")]
    empty: Array2<A>,
    #[serde(with = "binpickle::with::ndarray")]
    vector: Array1<A>,
    #[serde(with = "binpickle::with::ndarray")]
    matrix: Array2<A>,
    #[serde(with = "binpickle::with::ndarray")]
    fortran: Array2<A>,
    #[serde(with = "binpickle::with::ndarray")]
    strided: Array2<A>,
    #[serde(with = "binpickle::with::ndarray")]
    cube: ndarray::Array3<A>,
    #[serde(with = "binpickle::with::ndarray")]
    permuted: ndarray::Array3<A>,
}

#[derive(Serialize)]
#[serde(bound = "A: Sample")]
struct Ordered<A: Sample>(#[serde(with = "OrderedArrays")] Arrays<A>);

fn write_ordered<A: Sample>(topic: &Topic) {
    topic.case(A::NAME, &Ordered(Arrays::<A>::sample()));
}

#[test]
fn every_dtype() {
    let topic = Topic::new("every_dtype");
    for_each_sample!(&topic, write_ordered);
    topic.check();
}

fn write_plain<A: Sample>(topic: &Topic) {
    topic.case(A::NAME, &Arrays::<A>::sample());
}

#[test]
fn plain_arrays() {
    let topic = Topic::new("plain_arrays");
    for_each_sample!(&topic, write_plain);
    topic.check();
}

#[derive(Serialize)]
struct LargeArrays {
    dense: Array2<f64>,
    #[serde(with = "binpickle::with::ndarray")]
    fortran: Array2<f32>,
    bits: Array2<bool>,
    vector: Vec<i16>,
    points: Vec<[f32; 3]>,
    label: &'static str,
}

#[test]
fn large_arrays() {
    let topic = Topic::new("large_arrays");
    let (points, _) = large::<f32>().into_raw_vec_and_offset();
    topic.case(
        "arrays",
        &LargeArrays {
            dense: large(),
            fortran: fortran(&large()),
            bits: large(),
            vector: large().into_raw_vec_and_offset().0,
            points: points.as_chunks().0.to_vec(),
            label: "large",
        },
    );
    topic.check();
}

#[test]
fn values() {
    let topic = Topic::new("values");
    let text = |text: &str| Value::Str(text.to_owned());
    let global = |module: &str, name: &str| Value::Global(module.to_owned(), name.to_owned());
    let fraction = Object {
        made: Made::Call,
        callable: global("fractions", "Fraction"),
        args: vec![Value::Int(3), Value::Int(4)],
        kwargs: None,
        state: None,
        items: vec![],
        entries: vec![],
    };
    let values = [
        ("none", Value::None),
        ("bool", Value::Bool(true)),
        ("int", Value::Int(-5)),
        ("large", Value::BigInt((1_i128 << 100).to_le_bytes().to_vec())),
        ("float", Value::Float(0.1)),
        ("complex", Value::Complex(1.0, -2.0)),
        ("str", text("é")),
        ("bytes", Value::Bytes(vec![0])),
        ("bytearray", Value::ByteArray(vec![1])),
        ("list", Value::List(vec![Value::Int(1), text("a")])),
        ("tuple", Value::Tuple(vec![Value::Int(1), text("a")])),
        ("set", Value::Set(vec![Value::Int(1), Value::Int(2)])),
        ("frozenset", Value::FrozenSet(vec![text("x")])),
        (
            "dict",
            Value::Dict(vec![
                (Value::Int(1), text("one")),
                (Value::Tuple(vec![Value::Int(2), Value::Int(3)]), Value::None),
            ]),
        ),
        ("global", global("builtins", "complex")),
        ("object", Value::Object(Box::new(fraction))),
    ];
    topic.case("values", &Value::Dict(values.into_iter().map(|(name, value)| (text(name), value)).collect()));
    topic.check();
}

/// Python has no use for a key, and refuses a signed file by its own rule.
#[test]
fn signed_files_are_refused() {
    let Some(python) = python::newest() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("signed.bpk");
    Options::new().mac_key("key").to_path(&large::<f32>(), &path).expect("written");
    let said = python.script("check_signed.py", &[path.as_os_str()]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("release:") && !lines[0].contains("loaded"), "{said}");
    assert_eq!(lines[1], "main branch: ValueError nonzero MACs not supported");
}
