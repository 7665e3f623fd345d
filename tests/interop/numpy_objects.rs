//! What numpy writes beyond arrays of numbers, as typed values: `scripts/numpy_values.py` says what it is.

use std::collections::BTreeMap;

use half::f16;
use ndarray::{Array0, Array1, Array2, Array3, array};
use num_complex::Complex;
use serde::Deserialize;
use serde_bytes::ByteBuf;

use crate::from_python::{FORMS, Topic, check_again_with};
use crate::python;

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Simple {
    x: f64,
    name: String,
    pos: [f32; 3],
}

fn simple(index: usize) -> Simple {
    let rows = [(0.5, "a", [1.0, 2.0, 3.0]), (-1.5, "béd", [4.0, 5.0, 6.0]), (2.0, "🦀", [7.0, 8.0, 9.0])];
    let (x, name, pos) = rows[index];
    Simple { x, name: name.to_owned(), pos }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Weighted {
    weight: f64,
    flag: bool,
    count: i16,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Nested {
    id: u32,
    inner: Inner,
    pair: Vec<Pair>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Inner {
    when: i64,
    grid: Array2<i16>,
    code: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Pair {
    a: bool,
    b: Complex<f32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Place {
    i: i32,
    j: u8,
}

#[derive(Debug, PartialEq, Deserialize)]
struct WithObjects {
    s: Sub,
    o: Option<String>,
    n: i32,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Sub {
    l: Vec<u8>,
    f: f64,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Nothing {}

#[derive(Debug, PartialEq, Deserialize)]
struct Records {
    simple: Vec<Simple>,
    big_endian: Array1<Simple>,
    aligned: Vec<Weighted>,
    gaps: Vec<Weighted>,
    nested: Vec<Nested>,
    matrix: Array2<Place>,
    fortran: Vec<Vec<Place>>,
    strided: Vec<Simple>,
    empty: Vec<Simple>,
    one: Simple,
    zero_d: Array0<Simple>,
    overlap: Vec<BTreeMap<String, u32>>,
    objects: Vec<WithObjects>,
    no_fields: Vec<Nothing>,
}

type Floats = (f64, Vec<u8>);

/// The same as tuples, which know no names.
#[derive(Debug, PartialEq, Deserialize)]
struct Tuples {
    simple: Vec<(f64, String, (f32, f32, f32))>,
    one: (f64, String, Vec<f32>),
    fortran: Array2<(i32, u8)>,
    objects: Vec<(i32, Option<String>, Floats)>,
}

#[test]
fn records() {
    let weighted =
        || vec![Weighted { weight: 0.5, flag: true, count: -1 }, Weighted { weight: 1.5, flag: false, count: 2 }];
    let pair = |a, re, im| Pair { a, b: Complex { re, im } };
    let place = |i| Place { i, j: 0 };
    let overlap = |whole, low| BTreeMap::from([("whole".to_owned(), whole), ("low".to_owned(), low)]);
    let topic = Topic::new("records");
    topic.case("records", |records: Records| {
        let expected = Records {
            simple: vec![simple(0), simple(1), simple(2)],
            big_endian: array![simple(0), simple(1), simple(2)],
            aligned: weighted(),
            gaps: weighted(),
            nested: vec![
                Nested {
                    id: 1,
                    inner: Inner { when: 1, grid: array![[1, 2], [3, 4]], code: "ab".to_owned() },
                    pair: vec![pair(true, 0.0, 1.0), pair(false, 2.0, 0.0)],
                },
                Nested {
                    id: 2,
                    inner: Inner { when: i64::MIN, grid: array![[5, 6], [7, -8]], code: "c".to_owned() },
                    pair: vec![pair(false, 0.0, 0.0), pair(true, 0.5, 0.0)],
                },
            ],
            matrix: array![[1, 2, 3], [4, 5, 6]].mapv(place),
            fortran: vec![[1, 2, 3].map(place).to_vec(), [4, 5, 6].map(place).to_vec()],
            strided: vec![simple(0), simple(2)],
            empty: vec![],
            one: simple(1),
            zero_d: ndarray::arr0(simple(2)),
            overlap: vec![overlap(0x1_0002, 2), overlap(3, 3)],
            objects: vec![
                WithObjects { s: Sub { l: vec![1], f: 0.5 }, o: Some("a".to_owned()), n: 1 },
                WithObjects { s: Sub { l: vec![], f: 1.5 }, o: None, n: 2 },
            ],
            no_fields: vec![Nothing {}, Nothing {}],
        };
        assert_eq!(records, expected);
    });
    topic.case("records", |tuples: Tuples| {
        let expected = Tuples {
            simple: (0..3).map(simple).map(|Simple { x, name, pos: [a, b, c] }| (x, name, (a, b, c))).collect(),
            one: (-1.5, "béd".to_owned(), vec![4.0, 5.0, 6.0]),
            fortran: array![[1, 2, 3], [4, 5, 6]].mapv(|i| (i, 0)),
            objects: vec![(1, Some("a".to_owned()), (0.5, vec![1])), (2, None, (1.5, vec![]))],
        };
        assert_eq!(tuples, expected);
    });
    topic.case("many", |many: Vec<Simple>| {
        assert_eq!(many.len(), 60_000);
        assert!(many.iter().enumerate().all(|(place, record)| *record == simple(place % 3)));
    });
}

#[test]
fn errors_name_the_field() {
    #[derive(Debug, Deserialize)]
    struct Wrong {
        #[allow(dead_code, reason = "it cannot be read")]
        simple: Vec<WrongField>,
    }
    #[derive(Debug, Deserialize)]
    struct WrongField {
        #[allow(dead_code, reason = "it cannot be read")]
        name: f64,
    }
    let topic = Topic::new("records");
    for path in topic.files("records", &["plain.bpk"]) {
        let error = binpickle::from_path::<Wrong>(path).expect_err("a text is no number").to_string();
        assert!(error.contains("simple") && error.contains("name") && error.contains("f64"), "{error}");
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Times {
    days: Vec<i64>,
    months: Array1<i64>,
    steps: Vec<i64>,
    generic: Vec<i64>,
    weeks: Vec<i64>,
    big_endian: Vec<i64>,
    matrix: Array2<i64>,
    moment: i64,
    span: i64,
    nat: i64,
    zero_d: i64,
}

/// A time is the count of its unit, "not a time" the smallest one, as in numpy's memory.
#[test]
fn times() {
    let values = || vec![0, 1, -5, 1 << 62, i64::MIN];
    Topic::new("times").case("times", |times: Times| {
        let expected = Times {
            days: values(),
            months: values().into(),
            steps: values(),
            generic: values(),
            weeks: values(),
            big_endian: values(),
            matrix: array![[0, 3], [1, 4], [2, 5]],
            moment: 1_582_977_601_500,
            span: -3,
            nat: i64::MIN,
            zero_d: 2,
        };
        assert_eq!(times, expected);
    });
}

#[derive(Debug, PartialEq, Deserialize)]
struct OddScalars {
    void: ByteBuf,
    text: String,
    no_text: String,
    bytes: ByteBuf,
    half: f16,
    complex: Complex<f64>,
    zero_d: u8,
    zero_d_float: f64,
    zero_d_text: String,
    zero_d_object: BTreeMap<String, Vec<i32>>,
    byte_strings: Vec<String>,
    texts: Array2<String>,
    voids: Vec<ByteBuf>,
}

#[test]
fn odd_scalars() {
    Topic::new("odd_scalars").case("scalars", |scalars: OddScalars| {
        let text = str::to_owned;
        let expected = OddScalars {
            void: ByteBuf::from(*b"a\0b"),
            text: text("aé"),
            no_text: text(""),
            bytes: ByteBuf::from(*b"x\0y"),
            half: f16::from_f32(0.1),
            complex: Complex { re: 1.0, im: -2.0 },
            zero_d: 3,
            zero_d_float: 2.5,
            zero_d_text: text("word"),
            zero_d_object: BTreeMap::from([(text("a"), vec![1, 2])]),
            byte_strings: vec![text("ab"), text("")],
            texts: array![["a", ""], ["é", "xyz"]].mapv(text),
            voids: vec![ByteBuf::from(*b"ab"), ByteBuf::from(*b"c\0")],
        };
        assert_eq!(scalars, expected);
    });
}

#[derive(Debug, PartialEq, Deserialize)]
struct Floats64 {
    zero_d: f64,
    integers: Array1<f64>,
}

#[derive(Debug, Deserialize)]
struct LargeIntegers {
    #[allow(dead_code, reason = "it cannot be read")]
    large_integers: Array1<f64>,
}

#[test]
fn integers_are_floats_where_they_fit() {
    let topic = Topic::new("odd_scalars");
    topic.case("scalars", |floats: Floats64| {
        assert_eq!(floats, Floats64 { zero_d: 3.0, integers: array![1.0, -9_007_199_254_740_992.0] });
    });
    for path in topic.files("scalars", &FORMS) {
        let error = binpickle::from_path::<LargeIntegers>(path).expect_err("no float").to_string();
        assert!(error.contains("9007199254740993"), "{error}");
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Thing {
    Integer(i64),
    Float(f64),
    Text(String),
    Nothing(()),
    List(Vec<i64>),
    Map(BTreeMap<String, i64>),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Objects {
    vector: Vec<String>,
    matrix: Array2<Thing>,
    fortran: Vec<Vec<Thing>>,
    ragged: Vec<Vec<f64>>,
    empty: Array2<Thing>,
}

#[test]
fn objects() {
    Topic::new("objects_in_arrays").case("objects", |objects: Objects| {
        let text = str::to_owned;
        let things = array![
            [Thing::Integer(1), Thing::Text(text("a")), Thing::Nothing(())],
            [Thing::Float(2.5), Thing::List(vec![1]), Thing::Map(BTreeMap::from([(text("k"), 2)]))],
        ];
        let expected = Objects {
            vector: vec![text("x"), text("yz"), text("")],
            fortran: things.outer_iter().map(|row| row.to_vec()).collect(),
            matrix: things,
            ragged: vec![vec![0.0, 1.0], vec![0.0, 1.0, 2.0]],
            empty: Array2::from_shape_vec((0, 2), vec![]).unwrap(),
        };
        assert_eq!(objects, expected);
    });
}

#[derive(Debug, PartialEq, Deserialize)]
struct Masked {
    vector: Vec<Option<f64>>,
    unmasked: Vec<f64>,
    matrix: Array2<Option<i64>>,
    fortran: Vec<(Option<i64>, Option<i64>, Option<i64>)>,
    big_endian: Vec<Option<u8>>,
    texts: Vec<Option<String>>,
    constant: Option<f64>,
    zero_d: Option<f64>,
}

/// What lies under a mask is there to be read as well.
#[derive(Debug, PartialEq, Deserialize)]
struct DataAndMask<T> {
    data: T,
    mask: Array2<bool>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct MaskedParts {
    matrix: DataAndMask<Array2<f64>>,
    fortran: DataAndMask<Vec<Vec<i32>>>,
    #[serde(with = "binpickle::with::ndarray")]
    unmasked: Array1<f64>,
}

#[test]
fn masked_arrays() {
    let topic = Topic::new("masked");
    topic.case("masked", |masked: Masked| {
        let expected = Masked {
            vector: vec![Some(0.5), None, Some(2.5)],
            unmasked: vec![0.5, 1.5, 2.5],
            matrix: array![[Some(1), None, Some(3)], [Some(4), Some(5), None]],
            fortran: vec![(Some(1), None, Some(3)), (Some(4), Some(5), None)],
            big_endian: vec![None, Some(2)],
            texts: vec![None, Some("bc".to_owned())],
            constant: None,
            zero_d: None,
        };
        assert_eq!(masked, expected);
    });
    topic.case("masked", |parts: MaskedParts| {
        let mask = array![[false, true, false], [false, false, true]];
        let expected = MaskedParts {
            matrix: DataAndMask { data: array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], mask: mask.clone() },
            fortran: DataAndMask { data: vec![vec![1, 2, 3], vec![4, 5, 6]], mask },
            unmasked: array![0.5, 1.5, 2.5],
        };
        assert_eq!(parts, expected);
    });
    for path in topic.files("masked", &FORMS) {
        let error = binpickle::from_path::<BTreeMap<String, Vec<f64>>>(&path).expect_err("one is masked").to_string();
        assert!(error.contains("vector"), "{error}");
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Subclasses {
    matrix: Array2<i64>,
    labelled: Vec<f64>,
    characters: Vec<String>,
    recarray: Vec<Simple>,
    record: Simple,
}

#[test]
fn subclasses_are_arrays() {
    Topic::new("subclasses").case("subclasses", |arrays: Subclasses| {
        let expected = Subclasses {
            matrix: array![[1, 2], [3, 4]],
            labelled: vec![0.0, 1.0, 2.0],
            characters: vec!["ab".to_owned(), "c".to_owned()],
            recarray: vec![simple(0), simple(1), simple(2)],
            record: simple(0),
        };
        assert_eq!(arrays, expected);
    });
}

#[test]
fn long_doubles_are_refused() {
    #[derive(Debug, Deserialize)]
    struct Vector {
        #[allow(dead_code, reason = "it cannot be read")]
        vector: Vec<f64>,
    }
    #[derive(Debug, Deserialize)]
    struct Scalar {
        #[allow(dead_code, reason = "it cannot be read")]
        scalar: f64,
    }
    #[derive(Debug, Deserialize)]
    struct Matrix {
        #[allow(dead_code, reason = "it cannot be read")]
        matrix: Array2<f64>,
    }
    for path in Topic::new("long_doubles").files("long", &FORMS) {
        for error in [
            binpickle::from_path::<Vector>(&path).map(drop).expect_err("refused"),
            binpickle::from_path::<Scalar>(&path).map(drop).expect_err("refused"),
            binpickle::from_path::<Matrix>(&path).map(drop).expect_err("refused"),
        ] {
            let error = error.to_string();
            assert!(error.contains("longdouble") && error.contains("astype('float64')"), "{error}");
        }
    }
}

#[derive(Debug, Deserialize)]
struct Estimator {
    tree_: Tree,
}

#[derive(Debug, Deserialize)]
struct Tree {
    node_count: usize,
    nodes: Vec<Node>,
    values: Array3<f64>,
}

#[derive(Debug, Deserialize)]
struct Node {
    left_child: i64,
    right_child: i64,
    feature: i64,
    threshold: f64,
}

#[derive(Debug, Deserialize)]
struct Trees {
    model: Estimator,
    left: Vec<i64>,
    right: Vec<i64>,
    feature: Vec<i64>,
    threshold: Vec<f64>,
}

/// The tree of a scikit-learn model, whose nodes are records.
#[test]
fn trees() {
    Topic::new("trees").case("tree", |trees: Trees| {
        let Estimator { tree_: Tree { node_count, nodes, values } } = trees.model;
        assert!(node_count > 3);
        assert_eq!((nodes.len(), values.shape()), (node_count, &[node_count, 1, 2][..]));
        let column = |get: fn(&Node) -> i64| nodes.iter().map(get).collect::<Vec<_>>();
        assert_eq!(column(|node| node.left_child), trees.left);
        assert_eq!(column(|node| node.right_child), trees.right);
        assert_eq!(column(|node| node.feature), trees.feature);
        assert_eq!(nodes.iter().map(|node| node.threshold).collect::<Vec<_>>(), trees.threshold);
    });
}

/// What one numpy wrote, and Rust wrote again, is the same to another: only public names are in it.
#[test]
fn across_versions_of_numpy() {
    for topic in ["records", "times", "odd_scalars", "objects_in_arrays"] {
        for writer in python::all() {
            check_again_with(topic, writer, python::all().filter(|reader| reader.name != writer.name));
        }
    }
}

/// What is read without a type and written again is the same to Python: of the same dtypes and classes.
mod there_and_back {
    use crate::from_python::check_again;

    #[test]
    fn records() {
        check_again("records");
    }

    #[test]
    fn times() {
        check_again("times");
    }

    #[test]
    fn odd_scalars() {
        check_again("odd_scalars");
    }

    #[test]
    fn objects_in_arrays() {
        check_again("objects_in_arrays");
    }

    #[test]
    fn masked() {
        check_again("masked");
    }

    #[test]
    fn subclasses() {
        check_again("subclasses");
    }

    #[test]
    fn dtypes() {
        check_again("dtypes");
    }

    #[test]
    fn random_states() {
        check_again("random_states");
    }

    #[test]
    fn long_doubles() {
        check_again("long_doubles");
    }

    #[test]
    fn trees() {
        check_again("trees");
    }
}
