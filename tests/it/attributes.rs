//! serde's attributes.

use std::collections::{BTreeMap, HashMap};

use ndarray::{Array1, Array2, array};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::round_trip::{each_way, round_trip};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Renamed {
    long_field_name: u8,
    #[serde(rename = "Θ")]
    theta: f64,
    #[serde(alias = "old")]
    new: String,
}

#[test]
fn names() {
    #[derive(Serialize)]
    struct Before {
        #[serde(rename = "longFieldName")]
        number: i64,
        old: &'static str,
        #[serde(rename = "Θ")]
        theta: i8,
    }

    round_trip(&Renamed { long_field_name: 1, theta: 0.5, new: "n".to_owned() });
    let expected = Renamed { long_field_name: 255, theta: -3.0, new: "o".to_owned() };
    each_way(&Before { number: 255, old: "o", theta: -3 }, |back: Renamed| assert_eq!(back, expected));
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Defaults {
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    numbers: Vec<f32>,
    #[serde(skip)]
    skipped: u8,
    #[serde(default = "seven")]
    seven: u8,
}

fn seven() -> u8 {
    7
}

#[test]
fn defaults() {
    round_trip(&Defaults::default());
    round_trip(&Defaults { option: Some(1), numbers: vec![1.0], skipped: 0, seven: 8 });
    each_way(&Defaults { skipped: 9, ..Defaults::default() }, |back: Defaults| assert_eq!(back, Defaults::default()));
    each_way(&HashMap::<String, u8>::new(), |back: Defaults| assert_eq!((back.seven, back.option), (7, None)));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    array: Array1<f64>,
    matrix: Array2<f32>,
    numbers: Vec<u16>,
    wide: i128,
    option: Option<String>,
}

fn inner() -> Inner {
    Inner { array: array![1.5], matrix: array![[1.0, 2.0]], numbers: vec![1, 2], wide: -(1 << 100), option: None }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    before: u8,
    #[serde(flatten)]
    inner: FlatInner,
    #[serde(flatten)]
    rest: BTreeMap<String, i64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct FlatInner {
    numbers: Vec<f32>,
    text: String,
    option: Option<String>,
    character: char,
}

#[test]
fn flatten() {
    let inner = FlatInner { numbers: vec![0.5; 3], text: "t".to_owned(), option: Some("o".to_owned()), character: 'c' };
    round_trip(&Flat { before: 1, inner, rest: BTreeMap::from([("a".to_owned(), 2), ("b".to_owned(), -3)]) });
}

/// serde buffers flattened fields before it knows their types, without telling us what they will be.
#[test]
fn flatten_arrays() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Outer {
        #[serde(flatten)]
        inner: Inner2,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner2 {
        array: Array1<f64>,
        matrix: Array2<f32>,
    }

    round_trip(&Outer { inner: Inner2 { array: array![1.5], matrix: Array2::ones((3, 2)) } });
    round_trip(&Outer { inner: Inner2 { array: Array1::ones(20_000), matrix: Array2::zeros((0, 2)) } });
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Transparent {
    array: Array2<f32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
struct Even(i32);

impl TryFrom<i32> for Even {
    type Error = String;

    fn try_from(number: i32) -> Result<Self, String> {
        if number % 2 == 0 { Ok(Even(number)) } else { Err(format!("{number} is odd")) }
    }
}

impl From<Even> for i32 {
    fn from(even: Even) -> i32 {
        even.0
    }
}

#[test]
fn conversions() {
    round_trip(&Transparent { array: Array2::ones((4, 5)) });
    round_trip(&vec![Even(2), Even(4)]);
    let odd = binpickle::to_vec(&vec![2, 3]).expect("written");
    let error = binpickle::from_slice::<Vec<Even>>(&odd).expect_err("3 is odd");
    assert!(error.to_string().contains("3 is odd"), "{error}");
}

#[test]
fn unknown_fields() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Less {
        option: Option<String>,
        absent: Option<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[serde(rename = "option")]
        _option: Option<String>,
    }

    each_way(&inner(), |back: Less| assert_eq!(back, Less { option: None, absent: None }));
    each_way(&inner(), |_: IgnoredAny| ());
    let bytes = binpickle::to_vec(&inner()).expect("written");
    let error = binpickle::from_slice::<Strict>(&bytes).expect_err("there are more fields");
    assert!(error.to_string().contains("unknown field"), "{error}");
}

#[test]
fn deep() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Node {
        value: u32,
        next: Option<Box<Node>>,
    }

    let list = (0..100).fold(None, |next, value| Some(Box::new(Node { value, next })));
    round_trip(&list);
    round_trip(&inner());
}

#[cfg(feature = "bincode")]
#[test]
fn fields_for_rust_alone() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Opaque {
        name: String,
        #[serde(with = "binpickle::with::bincode")]
        cache: BTreeMap<(u8, Option<i128>), Vec<String>>,
    }

    let words: Vec<_> = (0..10_000).map(|i| i.to_string()).collect();
    let cache = BTreeMap::from([((1, Some(-2)), words), ((3, None), vec![])]);
    let opaque = Opaque { name: "n".to_owned(), cache };
    round_trip(&opaque);
    each_way(&opaque, |value: binpickle::Value| {
        assert!(matches!(value.get("cache"), Some(binpickle::Value::Bytes(bytes)) if bytes.len() > 40_000));
    });
}
