//! What Python writes, Rust reads: `scripts/write_values.py` says what each file holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};

use binpickle::{BinPickleFile, MappedArray, Revision, Value, pickle};
use half::f16;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, CowArray, Ix1, Ix2, array, s};
use num_complex::Complex;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;
use tempfile::TempDir;

use crate::python::{self, Python};
use crate::samples::{Arrays, Sample, assert_same, for_each_sample, large};

pub const FORMS: [&str; 6] = ["plain.bpk", "mappable.bpk", "gzip.bpk", "zlib.bpk", "zstd.bpk", "chain.bpk"];
/// What binpickle 0.3 offers: `scripts/forms.py` says what each is.
const OLD_FORMS: [&str; 15] = [
    "plain.bpk",
    "mappable.bpk",
    "null.bpk",
    "gz.bpk",
    "gz-by-name.bpk",
    "numcodec.bpk",
    "numcodec-gzip.bpk",
    "chain.bpk",
    "chain-of-none.bpk",
    "function.bpk",
    // Those with the feature `blosc`.
    "blosc.bpk",
    "blosc-zstd.bpk",
    "blosc-pieces.bpk",
    "numcodec-blosc.bpk",
    "chain-of-chains.bpk",
];
const PROTOCOLS: [&str; 6] = ["0.pkl", "1.pkl", "2.pkl", "3.pkl", "4.pkl", "5.pkl"];

/// The files of a topic, from each Python.
pub struct Topic {
    folders: Vec<TempDir>,
    /// From the main branch of binpickle.
    upstream: Option<TempDir>,
    /// From binpickle 0.3.
    old: Option<TempDir>,
    protocols: &'static [&'static str],
}

impl Topic {
    #[track_caller]
    pub fn new(name: &str) -> Self {
        let run = |python: &Python, script: &str| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            python.script(script, &[folder.path().as_os_str(), name.as_ref()]);
            folder
        };
        let write = |python| run(python, "write_values.py");
        let protocols = match name {
            "objects" | "instances" => &PROTOCOLS[2..], // older ones know no slots
            "buffers" => &PROTOCOLS[5..],
            _ => &PROTOCOLS,
        };
        // The bytes of a buffer are the same in every revision: for these arrays, one is enough.
        let other = name != "big_endian";
        // binpickle 0.3 has no scikit-learn beside it.
        let old = other && name != "trees";
        Topic {
            folders: python::all().map(write).collect(),
            upstream: python::newest().filter(|_| other).map(|python| run(python, "write_upstream.py")),
            old: python::binpickle03().filter(|_| old).map(write),
            protocols,
        }
    }

    /// The files of a case in each of the given forms.
    pub fn files(&self, case: &str, forms: &[&str]) -> Vec<PathBuf> {
        self.folders.iter().flat_map(|folder| files(folder, case, forms)).collect()
    }

    /// The files of a case in other revisions than the usual one.
    fn files_of_other_revisions(&self, case: &str) -> Vec<(Revision, PathBuf)> {
        let old_forms = if cfg!(feature = "blosc") { &OLD_FORMS[..] } else { &OLD_FORMS[..10] };
        let upstream = self.upstream.iter().flat_map(|folder| files(folder, case, &FORMS));
        let old = self.old.iter().flat_map(|folder| files(folder, case, old_forms));
        upstream.map(|path| (Revision::V2Mac, path)).chain(old.map(|path| (Revision::V1, path))).collect()
    }

    /// Loads a case from the file in every form, as it is read and as it is mapped, and from the stream of every protocol.
    #[track_caller]
    pub fn case<T: DeserializeOwned>(&self, case: &str, check: impl Fn(T)) {
        for path in self.files(case, &FORMS) {
            println!("{}", path.display()); // shown when the test fails
            check(binpickle::from_path(&path).expect("a value, read"));
            check(map(&path).load().expect("a value, mapped"));
        }
        for (revision, path) in self.files_of_other_revisions(case) {
            println!("{}", path.display());
            let file = BinPickleFile::open(&path).expect("a file");
            assert_eq!(file.header().revision(), revision);
            let errors = file.find_errors();
            assert!(errors.is_empty(), "{errors:?}");
            check(file.load().expect("a value, read"));
            check(map(&path).load().expect("a value, mapped"));
        }
        for path in self.files(case, self.protocols) {
            println!("{}", path.display());
            check(pickle::from_slice(&std::fs::read(path).expect("a file")).expect("a value, from its stream"));
        }
    }
}

fn files(folder: &TempDir, case: &str, forms: &[&str]) -> Vec<PathBuf> {
    forms.iter().map(|form| folder.path().join(format!("{case}.{form}"))).collect()
}

#[allow(unsafe_code)]
pub fn map(path: &Path) -> BinPickleFile {
    // SAFETY: the file lies in a temporary folder of this test, and nobody writes to it again.
    unsafe { BinPickleFile::map(path) }.expect("a file")
}

fn read_arrays<A: Sample>(topic: &Topic) {
    topic.case(A::NAME, |arrays: Arrays<A>| arrays.assert_same(&Arrays::sample()));
}

#[test]
fn every_dtype() {
    for_each_sample!(&Topic::new("every_dtype"), read_arrays);
}

#[test]
fn big_endian() {
    for_each_sample!(&Topic::new("big_endian"), read_arrays);
}

fn blob() -> Vec<u8> {
    (0..200_000).map(|i| (7 * i % 256) as u8).collect()
}

#[derive(Deserialize)]
struct LargeArrays {
    dense: Array2<f64>,
    #[serde(with = "binpickle::with::ndarray")]
    fortran: Array2<f32>,
    bits: Array2<bool>,
    vector: Vec<i16>,
    points: Vec<[f32; 3]>,
    strided: Array2<u8>,
    label: String,
    bytes: ByteBuf,
    bytearray: ByteBuf,
}

#[test]
fn large_arrays() {
    Topic::new("large_arrays").case("arrays", |arrays: LargeArrays| {
        assert_same(&arrays.dense, &large());
        assert_same(&arrays.fortran, &large());
        assert!(arrays.fortran.t().is_standard_layout());
        assert_same(&arrays.bits, &large());
        assert_same(&Array1::from(arrays.vector), &large().flatten());
        assert_same(&Array1::from(arrays.points.as_flattened().to_vec()), &large().flatten());
        assert_same(&arrays.strided, &large().slice(s![..;2, ..;-3]));
        assert_eq!(arrays.label, "large");
        assert_eq!(arrays.bytes, blob());
        assert_eq!(arrays.bytearray, blob());
    });
}

#[derive(Deserialize)]
struct Buffers {
    bytes: ByteBuf,
    bytearray: ByteBuf,
}

#[test]
fn buffers() {
    Topic::new("buffers").case("buffers", |buffers: Buffers| {
        assert_eq!((buffers.bytes, buffers.bytearray), (ByteBuf::from(blob()), ByteBuf::from(blob())));
    });
}

#[derive(Deserialize)]
struct Views<'a> {
    #[serde(borrow, with = "binpickle::with::view")]
    dense: ArrayView2<'a, f64>,
    #[serde(borrow, with = "binpickle::with::view")]
    fortran: CowArray<'a, f32, Ix2>,
    #[serde(borrow, with = "binpickle::with::slice")]
    vector: &'a [i16],
    #[serde(borrow, with = "binpickle::with::view")]
    strided: ArrayView2<'a, u8>,
    label: &'a str,
    #[serde(with = "serde_bytes")]
    bytes: &'a [u8],
}

#[test]
fn views() {
    let topic = Topic::new("large_arrays");
    for path in topic.files("arrays", &FORMS) {
        for file in [BinPickleFile::open(&path).expect("a file"), map(&path)] {
            let views: Views = file.load().expect("views");
            assert_same(&views.dense, &large());
            assert_same(&views.fortran, &large());
            assert_same(&ArrayView1::from(views.vector), &large().flatten());
            assert_same(&views.strided, &large().slice(s![..;2, ..;-3]));
            assert_eq!((views.label, views.bytes), ("large", blob().as_slice()));
        }
    }
}

#[derive(Deserialize)]
struct PythonScalars {
    none: Option<String>,
    r#true: bool,
    r#false: bool,
    zero: u64,
    byte: u8,
    negative: i64,
    large: u64,
    larger: i128,
    largest: u128,
    float: f64,
    integral: f64,
    complex: Complex<f64>,
    text: String,
    letter: char,
    bytes: ByteBuf,
    bytearray: ByteBuf,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Numpy {
    bool: bool,
    int8: i8,
    int16: i16,
    int32: i32,
    int64: i64,
    uint8: u8,
    uint16: u16,
    uint32: u32,
    uint64: u64,
    float16: f16,
    float32: f32,
    float64: f64,
    complex64: Complex<f32>,
    complex128: Complex<f64>,
    str: String,
    bytes: ByteBuf,
}

#[test]
fn scalars() {
    let topic = Topic::new("scalars");
    topic.case("python", |python: PythonScalars| {
        assert_eq!(python.none, None);
        assert_eq!((python.r#true, python.r#false), (true, false));
        assert_eq!((python.zero, python.byte, python.negative, python.large), (0, 255, i64::MIN, u64::MAX));
        assert_eq!((python.larger, python.largest), (i128::MIN, u128::MAX));
        assert_eq!((python.float, python.integral), (0.1, 3.0));
        assert_eq!(python.complex, Complex { re: 1.0, im: -2.0 });
        assert_eq!((python.text.as_str(), python.letter), ("naïve 🦀\0", 'é'));
        assert_eq!((python.bytes.as_slice(), python.bytearray.as_slice()), (&b"\x00\xff"[..], &b"\x01\x02"[..]));
    });
    for path in topic.files("nan", &FORMS) {
        let nan: f64 = binpickle::from_path(path).expect("a float");
        assert_eq!(nan.to_bits(), 0x7ff8_dead_beef_0001);
    }
    topic.case("numpy", |numpy: Numpy| {
        let expected = Numpy {
            bool: true,
            int8: i8::MIN,
            int16: i16::MIN,
            int32: i32::MIN,
            int64: i64::MIN,
            uint8: u8::MAX,
            uint16: u16::MAX,
            uint32: u32::MAX,
            uint64: u64::MAX,
            float16: f16::from_f32(-2.25),
            float32: 0.1,
            float64: 0.1,
            complex64: Complex { re: 1.0, im: -2.0 },
            complex128: Complex { re: 0.5, im: 0.25 },
            str: "é".to_owned(),
            bytes: ByteBuf::from([1]),
        };
        assert_eq!(numpy, expected);
    });
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Mixed {
    Integer(i64),
    Float(f64),
    Text(String),
    Nothing(()),
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Inner {
    b: Option<(i32, Vec<i32>)>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Containers {
    numbers: Vec<i32>,
    mixed: Vec<Mixed>,
    tuple: (i32, String, f64),
    set: BTreeSet<u8>,
    frozenset: BTreeSet<String>,
    nested: HashMap<String, Vec<Inner>>,
    integer_keys: BTreeMap<i32, String>,
    tuple_keys: BTreeMap<(i32, String), f64>,
    ordered: BTreeMap<String, i32>,
    default: HashMap<String, Vec<u8>>,
    counter: BTreeMap<char, usize>,
    deque: VecDeque<i64>,
    shared: Vec<Vec<u64>>,
    long: Vec<String>,
    arrays: Vec<Array1<f64>>,
}

#[test]
fn containers() {
    let text = str::to_owned;
    Topic::new("containers").case("containers", |containers: Containers| {
        let inner = Inner { b: Some((1, vec![2])) };
        let expected = Containers {
            numbers: vec![1, 2, 3],
            mixed: vec![Mixed::Integer(1), Mixed::Text(text("a")), Mixed::Nothing(()), Mixed::Float(2.5)],
            tuple: (1, text("one"), 2.5),
            set: BTreeSet::from([3]),
            frozenset: BTreeSet::from([text("x")]),
            nested: HashMap::from([(text("a"), vec![inner, Inner::default()])]),
            integer_keys: BTreeMap::from([(1, text("one")), (-2, text("two"))]),
            tuple_keys: BTreeMap::from([((1, text("a")), 0.5)]),
            ordered: BTreeMap::from([(text("z"), 1), (text("a"), 2)]),
            default: HashMap::from([(text("k"), vec![1])]),
            counter: BTreeMap::from([('a', 2), ('b', 1)]),
            deque: VecDeque::from([1, 2, 3]),
            shared: vec![vec![1, 2]; 2],
            long: (0..2_500).map(|i| i.to_string()).collect(),
            arrays: vec![array![0.0, 1.0, 2.0], array![0.0, 1.0]],
        };
        assert_eq!(containers, expected);
    });
}

#[derive(Debug, PartialEq, Deserialize)]
struct Point {
    x: f64,
    y: i32,
    label: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Frozen {
    x: f64,
    name: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Pair {
    first: i32,
    second: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Weights {
    weights: Array2<f32>,
    bias: f64,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Empty {}

#[derive(Debug, PartialEq, Deserialize)]
struct Uuid {
    int: u128,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Objects {
    dataclass: Point,
    frozen: Frozen,
    namedtuple: Pair,
    plain: Weights,
    slotted: Weights,
    empty: Empty,
    uuid: Uuid,
    points: Vec<Point>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct NamedTuple {
    namedtuple: (i32, String),
}

#[test]
fn objects() {
    let topic = Topic::new("objects");
    let point = |x, y, label: &str| Point { x, y, label: label.to_owned() };
    topic.case("objects", |objects: Objects| {
        let expected = Objects {
            dataclass: point(1.5, -2, "p"),
            frozen: Frozen { x: 0.5, name: "f".to_owned() },
            namedtuple: Pair { first: 1, second: "two".to_owned() },
            plain: Weights { weights: array![[1.5, 2.5]], bias: 0.5 },
            slotted: Weights { weights: array![[1.5, 2.5]], bias: 0.25 },
            empty: Empty {},
            uuid: Uuid { int: (1 << 100) + 7 },
            points: vec![point(0.0, 1, "q"), point(1.0, 2, "r")],
        };
        assert_eq!(objects, expected);
    });
    topic.case("objects", |NamedTuple { namedtuple }| assert_eq!(namedtuple, (1, "two".to_owned())));
}

#[derive(Debug, PartialEq, Deserialize)]
struct Csr {
    #[serde(rename = "_shape")]
    shape: (usize, usize),
    indptr: Array1<i32>,
    indices: Array1<i32>,
    data: Array1<f64>,
}

#[test]
fn sparse() {
    let topic = Topic::new("sparse");
    for case in ["matrix", "array"] {
        topic.case(case, |csr: Csr| {
            let expected =
                Csr { shape: (2, 3), indptr: array![0, 1, 3], indices: array![1, 0, 2], data: array![1.5, 2.5, 3.5] };
            assert_eq!(csr, expected);
        });
    }
}

#[derive(Deserialize)]
struct MappedArrays {
    dense: MappedArray<f64, Ix2>,
    fortran: MappedArray<f32, Ix2>,
    bits: MappedArray<bool, Ix2>,
    vector: MappedArray<i16, Ix1>,
    strided: MappedArray<u8, Ix2>,
}

/// A `MappedArray` reads whatever there is; of a mappable file, it lends the file's own pages.
#[test]
fn mapped_arrays() {
    let topic = Topic::new("large_arrays");
    for path in topic.files("arrays", &FORMS) {
        let arrays: MappedArrays = map(&path).load().expect("a value");
        assert_same(&arrays.dense, &large());
        assert_same(&arrays.fortran, &large());
        assert_same(&arrays.bits, &large());
        assert_same(&arrays.vector, &large().flatten());
        assert_same(&arrays.strided, &large().slice(s![..;2, ..;-3]));
    }
    for path in topic.files("arrays", &["mappable.bpk"]) {
        let file = map(&path);
        let (one, other): (MappedArrays, MappedArrays) = (file.load().expect("a value"), file.load().expect("a value"));
        assert_eq!(one.dense.as_ptr(), other.dense.as_ptr());
        assert_eq!(one.fortran.as_ptr(), other.fortran.as_ptr());
        assert_eq!(one.vector.as_ptr().align_offset(4096), 0);
        assert!(one.fortran.t().is_standard_layout());
    }
}

#[test]
fn scalars_without_a_type() {
    let topic = Topic::new("scalars");
    topic.case("python", |value: Value| {
        let large = value.get("huge");
        let Some(Value::BigInt(bytes)) = large else { panic!("{large:?}") };
        assert_eq!((bytes[0], bytes[25], bytes.iter().map(|byte| u32::from(*byte)).sum()), (1, 1, 2_u32));
        assert_eq!(value.get("none"), Some(&Value::None));
        assert_eq!(value.get("true"), Some(&Value::Bool(true)));
        assert_eq!(value.get("negative"), Some(&Value::Int(i64::MIN)));
        assert_eq!(value.get("integral"), Some(&Value::Float(3.0)));
        assert_eq!(value.get("complex"), Some(&Value::Complex(1.0, -2.0)));
        assert_eq!(value.get("letter"), Some(&Value::Str("é".to_owned())));
        assert_eq!(value.get("bytes"), Some(&Value::Bytes(vec![0, 255])));
        assert_eq!(value.get("bytearray"), Some(&Value::ByteArray(vec![1, 2])));
    });
    topic.case("numpy", |value: Value| {
        let scalar = |name| match value.get(name) {
            Some(Value::Scalar(scalar)) => (scalar.dtype().to_string(), scalar.bytes().to_vec()),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(scalar("bool"), ("|b1".to_owned(), vec![1]));
        assert_eq!(scalar("int16"), ("<i2".to_owned(), vec![0, 0x80]));
        assert_eq!(scalar("float32"), ("<f4".to_owned(), 0.1_f32.to_le_bytes().to_vec()));
        assert_eq!(scalar("complex64").1, [1.0_f32.to_le_bytes(), (-2.0_f32).to_le_bytes()].concat());
        assert_eq!(scalar("str"), ("<U1".to_owned(), vec![0xe9, 0, 0, 0]));
        assert_eq!(scalar("bytes"), ("|S1".to_owned(), vec![1]));
    });
}

#[test]
fn containers_without_a_type() {
    let (int, text) = (Value::Int, |text: &str| Value::Str(text.to_owned()));
    Topic::new("containers").case("containers", |value: Value| {
        assert_eq!(value.get("mixed"), Some(&Value::List(vec![int(1), text("a"), Value::None, Value::Float(2.5)])));
        assert_eq!(value.get("tuple"), Some(&Value::Tuple(vec![int(1), text("one"), Value::Float(2.5)])));
        assert_eq!(value.get("set"), Some(&Value::Set(vec![int(3)])));
        assert_eq!(value.get("frozenset"), Some(&Value::FrozenSet(vec![text("x")])));
        let keys = Value::Dict(vec![(int(1), text("one")), (int(-2), text("two"))]);
        assert_eq!(value.get("integer_keys"), Some(&keys));
        let keys = Value::Dict(vec![(Value::Tuple(vec![int(1), text("a")]), Value::Float(0.5))]);
        assert_eq!(value.get("tuple_keys"), Some(&keys));
        let shared = value.get("shared").expect("a list");
        assert_eq!((shared.at(0), shared.at(1)), (Some(&Value::List(vec![int(1), int(2)])), shared.at(0)));
        let deque = value.get("deque").and_then(Value::as_object).expect("an object");
        assert_eq!(deque.class(), Some(("collections", "deque")));
        assert_eq!(deque.items, [int(1), int(2), int(3)]);
    });
}

#[test]
fn objects_without_a_type() {
    Topic::new("objects").case("objects", |value: Value| {
        let point = value.get("dataclass").and_then(Value::as_object).expect("an object");
        assert_eq!(point.class(), Some(("classes", "Point")));
        let attributes: Vec<_> = point.attributes().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let expected =
            [(Some("x"), Value::Float(1.5)), (Some("y"), Value::Int(-2)), (Some("label"), Value::Str("p".to_owned()))];
        assert_eq!(attributes, expected);
        assert_eq!(value.get("slotted").and_then(|slotted| slotted.get("bias")), Some(&Value::Float(0.25)));
        assert_eq!(value.get("class"), Some(&Value::Global("classes".to_owned(), "Point".to_owned())));
        let color = value.get("enum").and_then(Value::as_object).expect("an object");
        assert_eq!(
            (color.class(), color.args.as_slice()),
            (Some(("classes", "Color")), &[Value::Str("red".to_owned())][..])
        );
    });
}

#[derive(Deserialize)]
struct OddArrays {
    texts: Vec<String>,
    byte_strings: Vec<ByteBuf>,
    days: Vec<i64>,
    nanoseconds: Array1<i64>,
    seconds: Array1<i64>,
    objects: Vec<Mixed>,
    broadcast: Array2<f64>,
}

#[test]
fn odd_arrays() {
    let topic = Topic::new("odd_arrays");
    topic.case("arrays", |arrays: OddArrays| {
        assert_eq!(arrays.texts, ["a", "bé", "🦀cd"]);
        assert_eq!(arrays.byte_strings, [ByteBuf::from(*b"ab"), ByteBuf::from(*b"c")]);
        assert_eq!(arrays.days, [1, 18_321]);
        assert_eq!(arrays.nanoseconds, array![7]);
        assert_eq!(arrays.seconds, array![5, -5]);
        assert_eq!(arrays.objects, [Mixed::Integer(1), Mixed::Text("a".to_owned()), Mixed::Nothing(())]);
        assert_eq!(arrays.broadcast, array![[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]);
    });
    topic.case("arrays", |value: Value| {
        let dtype = |name: &str| value.get(name).and_then(Value::as_array).map(|array| array.dtype().to_string());
        assert_eq!(dtype("texts").as_deref(), Some("<U3"));
        assert_eq!(dtype("byte_strings").as_deref(), Some("|S3"));
        assert_eq!(dtype("days").as_deref(), Some("<M8[D]"));
        assert_eq!(dtype("nanoseconds").as_deref(), Some("<M8[ns]"));
        assert_eq!(dtype("seconds").as_deref(), Some("<m8[s]"));
        let records = value.get("records");
        assert!(records.is_some_and(|records| *records != Value::None), "{records:?}");
    });
}

/// What Rust reads as a `Value` and writes again is the same object to Python.
#[test]
fn there_and_back() {
    ["every_dtype", "big_endian", "large_arrays", "scalars", "containers", "objects", "odd_arrays", "sparse"]
        .into_iter()
        .for_each(check_again);
}

/// Writes the files of a topic again, and lets the Python that wrote them compare.
#[track_caller]
pub fn check_again(topic: &str) {
    python::all().for_each(|python| check_again_with(topic, python, [python]));
}

/// Writes the files of a topic that one Python wrote again, and lets others compare.
#[track_caller]
pub fn check_again_with<'p>(topic: &str, writer: &Python, readers: impl IntoIterator<Item = &'p Python>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    writer.script("write_values.py", &[folder.as_os_str(), topic.as_ref()]);
    for entry in folder.read_dir().expect("a folder") {
        let path = entry.expect("a file").path();
        if let Some(case) = path.to_str().and_then(|path| path.strip_suffix(".mappable.bpk")) {
            let value: Value = binpickle::from_path(&path).expect("a value");
            let again = format!("{case}.again.bpk");
            binpickle::to_path(&value, &again).expect("written");
            let again: Value = binpickle::from_path(again).expect("a value");
            assert_eq!(format!("{again:?}"), format!("{value:?}"), "{case}"); // for NaN is not equal to itself
        }
    }
    for reader in readers {
        reader.script("check_again.py", &[folder.as_os_str(), topic.as_ref()]);
    }
}
