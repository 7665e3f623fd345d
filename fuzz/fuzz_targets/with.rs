//! Any bytes as a pickle stream with two buffers, loaded as what the modules of `with` ask for: frames, series and indexes of
//! pandas, and Python's dates and times.
#![no_main]

#[path = "../dice.rs"]
mod dice;
#[path = "../file.rs"]
mod file;
#[path = "../instructions.rs"]
mod instructions;

use std::collections::BTreeMap;
use std::fmt::Debug;

use binpickle::with::chrono::ChronoType;
use binpickle::with::dataframe::DataFrame;
use binpickle::with::jiff::JiffType;
use binpickle::{BinPickleFile, LoadOptions, MappedArray, Value, pickle, with};
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};
use ndarray::{Array1, ArrayView1, Ix1};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A frame of columns of every kind, of which any may be missing.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[allow(dead_code)]
struct Table {
    x: Vec<f64>,
    count: Array1<i64>,
    name: Vec<Option<String>>,
    flag: Vec<bool>,
    small: Option<MappedArray<f32, Ix1>>,
    label: Option<Categorical>,
    level: Array1<Option<u8>>,
    text: Vec<Option<char>>,
    when: Option<Times>,
    int: Vec<Option<i64>>,
    z: IgnoredAny,
}

impl Default for Table {
    fn default() -> Self {
        let (count, level) = (Array1::default(0), Array1::default(0));
        let (x, name, flag, text, int) = (vec![], vec![], vec![], vec![], vec![]);
        Table { x, count, name, flag, small: None, label: None, level, text, when: None, int, z: IgnoredAny }
    }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Frame<C, I> {
    columns: C,
    index: Vec<I>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Series<V, I> {
    values: V,
    index: I,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Categorical {
    codes: Array1<i8>,
    categories: Vec<String>,
    ordered: bool,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Times {
    unit: String,
    values: Vec<i64>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Row {
    x: f64,
    #[serde(default)]
    index: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    level: u8,
}

/// Within another type, and borrowed from the file.
#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Model<'a> {
    #[serde(borrow, with = "binpickle::with::dataframe")]
    frame: Borrowed<'a>,
    #[serde(default)]
    more: Vec<DataFrame<Vec<i64>>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Borrowed<'a> {
    #[serde(borrow, with = "binpickle::with::view")]
    x: ArrayView1<'a, f64>,
}

/// A type of chrono, by the module for it.
#[derive(Debug, PartialEq)]
struct Chrono<T>(T);

impl<T: ChronoType> Serialize for Chrono<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        with::chrono::serialize(&self.0, serializer)
    }
}

impl<'de, T: ChronoType> Deserialize<'de> for Chrono<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        with::chrono::deserialize(deserializer).map(Chrono)
    }
}

/// A type of jiff, by the module for it.
#[derive(Debug, PartialEq)]
struct Jiff<T>(T);

impl<T: JiffType> Serialize for Jiff<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        with::jiff::serialize(&self.0, serializer)
    }
}

impl<'de, T: JiffType> Deserialize<'de> for Jiff<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        with::jiff::deserialize(deserializer).map(Jiff)
    }
}

/// What is read as a moment and can be written, is the same when it is read again.
fn moment<T: Debug + PartialEq + Serialize + DeserializeOwned>(load: &impl Load) -> String {
    let loaded = load.load::<T>();
    if let Ok(moment) = &loaded
        && let Ok(stream) = pickle::to_vec(moment)
    {
        assert_eq!(pickle::from_slice::<T>(&stream).as_ref().ok(), Some(moment));
    }
    format!("{loaded:?}")
}

/// What the types of chrono and jiff read themselves.
#[derive(Debug, Deserialize)]
#[allow(dead_code)]
#[serde(untagged)]
enum Plain {
    Chrono(chrono::DateTime<FixedOffset>),
    Naive(NaiveDateTime),
    Date(Date),
    Time(Time),
    Duration(SignedDuration),
}

/// A file, or its root.
trait Load {
    fn load<T: DeserializeOwned>(&self) -> binpickle::Result<T>;
}

impl Load for BinPickleFile {
    fn load<T: DeserializeOwned>(&self) -> binpickle::Result<T> {
        BinPickleFile::load(self)
    }
}

impl Load for binpickle::Part<'_> {
    fn load<T: DeserializeOwned>(&self) -> binpickle::Result<T> {
        binpickle::Part::load(self)
    }
}

/// What was read as each type, as text, for not all of it can be compared.
fn everything(load: &impl Load) -> Vec<String> {
    fn shown<T: Debug + DeserializeOwned>(load: &impl Load) -> String {
        format!("{:?}", load.load::<DataFrame<T>>().map(|frame| frame.0))
    }
    vec![
        shown::<Table>(load),
        shown::<Frame<Table, Option<String>>>(load),
        shown::<Frame<BTreeMap<String, Vec<f64>>, i64>>(load),
        shown::<Frame<BTreeMap<Box<str>, Array1<Option<f64>>>, f64>>(load),
        shown::<BTreeMap<i8, Vec<f32>>>(load),
        shown::<Vec<Row>>(load),
        shown::<Vec<(f64, String, Option<bool>)>>(load),
        shown::<Series<Vec<f64>, Vec<i64>>>(load),
        shown::<Series<Categorical, Vec<Option<String>>>>(load),
        shown::<Series<Array1<i16>, Times>>(load),
        shown::<BTreeMap<String, f64>>(load),
        shown::<Row>(load),
        shown::<Vec<Option<String>>>(load),
        shown::<Vec<i64>>(load),
        shown::<Array1<Option<f32>>>(load),
        shown::<Vec<bool>>(load),
        shown::<Categorical>(load),
        shown::<Times>(load),
        shown::<MappedArray<f64, Ix1>>(load),
        shown::<serde_json::Value>(load),
        shown::<Value>(load),
        shown::<Option<IgnoredAny>>(load),
        format!("{:?}", load.load::<Vec<DataFrame<Vec<u8>>>>()),
        format!("{:?}", load.load::<Plain>()),
        moment::<Chrono<NaiveDate>>(load),
        moment::<Chrono<NaiveTime>>(load),
        moment::<Chrono<Option<NaiveDateTime>>>(load),
        moment::<Chrono<chrono::DateTime<Utc>>>(load),
        moment::<Chrono<chrono::DateTime<FixedOffset>>>(load),
        moment::<Chrono<Option<TimeDelta>>>(load),
        moment::<Jiff<Date>>(load),
        moment::<Jiff<Time>>(load),
        moment::<Jiff<DateTime>>(load),
        moment::<Jiff<Option<Timestamp>>>(load),
        moment::<Jiff<SignedDuration>>(load),
    ]
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    instructions::mutate(0, data, size, max_size, seed)
});
fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    instructions::cross(0, one, other, out, seed)
});

fuzz_target!(|data: &[u8]| {
    let file = LoadOptions::new().threads(1).from_vec(file::of(data)).expect("its digests are right");
    // Most streams end here: to no type they are anything.
    if file.load::<IgnoredAny>().is_err() {
        return;
    }
    // Before its parts are asked for, a stream is read without an arena if it can be.
    let directly = everything(&file);
    let model = format!("{:?}", file.load::<Model<'_>>());
    let root = file.at("").expect("it was read");
    assert_eq!(directly, everything(&root));
    assert_eq!(model, format!("{:?}", root.load::<Model<'_>>()));
});
