//! Enums in each of serde's representations.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, array};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::round_trip::{each_way, round_trip};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f64,
    y: i32,
}

const POINT: Point = Point { x: 1.5, y: -2 };

macro_rules! any_enum {
    ($(#[$attribute:meta])* $name:ident) => {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        $(#[$attribute])*
        enum $name {
            Unit,
            Newtype(Point),
            Map(BTreeMap<String, f32>),
            Struct { number: Option<u64>, text: String, numbers: Vec<f32>, bytes: ByteBuf },
            Nested { inner: Box<$name> },
        }

        impl $name {
            fn samples() -> Vec<Self> {
                vec![
                    $name::Unit,
                    $name::Newtype(POINT),
                    $name::Map(BTreeMap::from([("k".to_owned(), 0.5)])),
                    $name::Struct {
                        number: Some(u64::MAX),
                        text: "t".to_owned(),
                        numbers: vec![1.5, 2.5],
                        bytes: ByteBuf::from([0, 255]),
                    },
                    $name::Struct { number: None, text: String::new(), numbers: vec![], bytes: ByteBuf::new() },
                    $name::Nested { inner: Box::new($name::Newtype(POINT)) },
                ]
            }
        }
    };
}

any_enum!(External);
any_enum!(
    #[serde(tag = "kind", rename_all = "snake_case")]
    Internal
);
any_enum!(
    #[serde(tag = "t", content = "c")]
    Adjacent
);

#[test]
fn representations() {
    round_trip(&External::samples());
    round_trip(&Internal::samples());
    round_trip(&Adjacent::samples());
    External::samples().iter().for_each(round_trip);
    round_trip(&External::samples().into_iter().map(Some).chain([None]).collect::<Vec<_>>());
    round_trip(&BTreeMap::from([("a".to_owned(), External::Unit), ("b".to_owned(), External::Newtype(POINT))]));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Truth(bool),
    Natural(u64),
    Integer(i64),
    Float(f64),
    Text(String),
    Numbers(Vec<f64>),
    Point(Point),
    Pair(String, u8),
    Texts(Vec<String>),
    Map(BTreeMap<String, Untagged>),
    Nothing,
}

#[test]
fn untagged() {
    let text = str::to_owned;
    round_trip(&vec![
        Untagged::Truth(true),
        Untagged::Natural(u64::MAX),
        Untagged::Integer(-1),
        Untagged::Float(1.0),
        Untagged::Text(text("t")),
        Untagged::Numbers(vec![1.5, 2.5]),
        Untagged::Point(POINT),
        Untagged::Pair(text("p"), 3),
        Untagged::Texts(vec![text("a"), text("b"), text("c")]),
        Untagged::Map(BTreeMap::from([(text("m"), Untagged::Numbers(vec![0.5; 20_000]))])),
        Untagged::Nothing,
    ]);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Contents {
    Unit(()),
    Option(Option<u8>),
    Tuple(u8, String, Vec<f32>),
    Numbers(u8, u8),
    Empty {},
    Array(Array2<f32>),
    Fields { array: Array1<u16>, rows: Vec<[i64; 2]> },
}

#[test]
fn contents() {
    round_trip(&vec![
        Contents::Unit(()),
        Contents::Option(None),
        Contents::Option(Some(1)),
        Contents::Tuple(1, "two".to_owned(), vec![3.0]),
        Contents::Numbers(1, 2),
        Contents::Empty {},
        Contents::Array(array![[1.0, 2.0], [3.0, 4.0]]),
        Contents::Fields { array: array![1, 2], rows: vec![[1, 2], [3, 4]] },
    ]);
}

/// serde buffers the content of such enums before it knows the type, without telling us what it will be.
#[test]
fn arrays_in_tagged_enums() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Layer {
        Dense { weights: Array2<f32>, bias: Array1<f32> },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Matrix { matrix: Array2<f64> },
        Vector { vector: Array1<f64> },
    }

    round_trip(&Layer::Dense { weights: Array2::ones((2, 3)), bias: array![0.5, 1.5] });
    round_trip(&Layer::Dense { weights: Array2::ones((200, 100)), bias: Array1::zeros(0) });
    round_trip(&[Either::Matrix { matrix: Array2::ones((3, 2)) }, Either::Vector { vector: array![1.0] }]);
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Key {
    North,
    Text(String),
    Pair(i32, i32),
    Place { x: u8 },
}

#[test]
fn as_keys() {
    round_trip(&BTreeMap::from([
        (Key::North, 1),
        (Key::Text("t".to_owned()), 2),
        (Key::Pair(1, 2), 3),
        (Key::Place { x: 4 }, 4),
    ]));
}

#[test]
fn other() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind")]
    enum Known {
        Newtype,
        #[serde(other)]
        Unknown,
    }

    each_way(&Internal::Unit, |back: Known| assert_eq!(back, Known::Unknown));
}
