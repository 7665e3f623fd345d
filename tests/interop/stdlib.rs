//! What Python's standard library makes, as typed values: `scripts/standard_values.py` says what it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use binpickle::{LoadOptions, Value, pickle};
use num_complex::Complex;
use serde::Deserialize;
use serde_bytes::ByteBuf;
use uuid::Uuid;

use crate::from_python::{FORMS, Topic, check_again};

#[derive(Debug, PartialEq, Deserialize)]
struct AsText {
    decimal: String,
    tiny: String,
    thousand: String,
    nan: String,
    infinity: String,
    precise: String,
    fraction: String,
    whole: String,
    uuid: String,
    small_uuid: String,
}

#[derive(Debug, Deserialize)]
struct AsNumbers {
    decimal: f64,
    tiny: f32,
    thousand: i32,
    nan: f64,
    infinity: f64,
    precise: f64,
    fraction: f64,
    whole: u8,
    complex: Complex<f64>,
    uuid: u128,
    small_uuid: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
struct AsParts {
    fraction: (i64, i64),
    whole: BTreeMap<String, i128>,
    complex: (f64, f64),
    uuid: Uuid,
    #[serde(with = "uuid::serde::compact")]
    small_uuid: Uuid,
}

#[derive(Debug, PartialEq, Deserialize)]
struct OtherParts {
    uuid: ByteBuf,
    #[serde(with = "uuid::serde::hyphenated")]
    small_uuid: Uuid,
}

const UUID: u128 = 0x1234_5678_9abc_def0_1234_5678_9abc_def0;

#[test]
fn numbers() {
    let topic = Topic::new("numbers");
    topic.case("numbers", |text: AsText| {
        let own = str::to_owned;
        let expected = AsText {
            decimal: own("1.50"),
            tiny: own("-1.5E-7"),
            thousand: own("1E+3"),
            nan: own("NaN"),
            infinity: own("-Infinity"),
            precise: own("0.1234567890123456789012345678901234567890"),
            fraction: own("-3/4"),
            whole: own("7"),
            uuid: own("12345678-9abc-def0-1234-56789abcdef0"),
            small_uuid: own("00000000-0000-0000-0000-000000000005"),
        };
        assert_eq!(text, expected);
    });
    topic.case("numbers", |numbers: AsNumbers| {
        let AsNumbers { decimal, tiny, thousand, nan, infinity, precise, fraction, whole, .. } = numbers;
        let floats = [decimal, infinity, precise, fraction].map(f64::to_bits);
        assert_eq!(floats, [1.5, f64::NEG_INFINITY, 0.123_456_789_012_345_68, -0.75].map(f64::to_bits));
        assert!(nan.is_nan());
        assert_eq!((tiny.to_bits(), thousand, whole), ((-1.5e-7f32).to_bits(), 1000, 7));
        assert_eq!((numbers.complex, numbers.uuid, numbers.small_uuid), (Complex { re: 1.5, im: -2.0 }, UUID, 5));
    });
    topic.case("numbers", |parts: AsParts| {
        let whole = BTreeMap::from([("numerator".to_owned(), 7), ("denominator".to_owned(), 1)]);
        let (uuid, small_uuid) = (Uuid::from_u128(UUID), Uuid::from_u128(5));
        assert_eq!(parts, AsParts { fraction: (-3, 4), whole, complex: (1.5, -2.0), uuid, small_uuid });
    });
    topic.case("numbers", |parts: OtherParts| {
        let uuid = ByteBuf::from(UUID.to_be_bytes());
        assert_eq!(parts, OtherParts { uuid, small_uuid: Uuid::from_u128(5) });
    });
    check_again("numbers");
}

#[derive(Debug, PartialEq, Deserialize)]
struct Paths {
    absolute: PathBuf,
    relative: PathBuf,
    here: String,
    normal: String,
    again: String,
    windows: String,
    drive: String,
    share: String,
}

#[test]
fn paths() {
    let topic = Topic::new("paths");
    topic.case("paths", |paths: Paths| {
        let expected = Paths {
            absolute: "/some/where".into(),
            relative: "some/where".into(),
            here: ".".to_owned(),
            normal: "a/b/c".to_owned(),
            again: "/b".to_owned(),
            windows: "C:\\Users\\me".to_owned(),
            drive: "C:x\\y".to_owned(),
            share: "\\\\host\\share\\x".to_owned(),
        };
        assert_eq!(paths, expected);
    });
    check_again("paths");
}

#[derive(Debug, PartialEq, Deserialize)]
struct Texts {
    date: String,
    first: String,
    time: String,
    time_utc: String,
    naive: String,
    last: String,
    utc: String,
    est: String,
    berlin: String,
    span: String,
    long: String,
    none: String,
    offset: String,
    zone: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Fields {
    date: Day,
    time: Moment,
    naive: Moment,
    est: Moment,
    berlin: Moment,
    span: Span,
}

#[derive(Debug, PartialEq, Deserialize)]
#[allow(clippy::struct_field_names, reason = "they are Python's")]
struct Day {
    year: i32,
    month: u8,
    day: u8,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Moment {
    hour: u8,
    minute: u8,
    second: u8,
    microsecond: u32,
    fold: bool,
    tzinfo: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Span {
    days: i32,
    seconds: i32,
    microseconds: i32,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Durations {
    span: (i64, i32),
    long: Duration,
    none: (i32, i32, i32),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Seconds {
    span: f64,
    long: u32,
    none: f32,
}

#[test]
fn moments() {
    let topic = Topic::new("moments");
    topic.case("moments", |texts: Texts| {
        let own = str::to_owned;
        let expected = Texts {
            date: own("2020-02-29"),
            first: own("0001-01-01"),
            time: own("12:30:01.000005"),
            time_utc: own("01:02:03+00:00"),
            naive: own("2020-02-29T01:02:03.000004"),
            last: own("9999-12-31T23:59:59.999999"),
            utc: own("2020-02-29T01:02:03+00:00"),
            est: own("2020-02-29T01:02:03.000004-05:00"),
            berlin: own("2020-02-29T01:02:03[Europe/Berlin]"),
            span: own("-PT23H59M54.999993S"),
            long: own("PT73H"),
            none: own("PT0S"),
            offset: own("-05:00"),
            zone: own("Europe/Berlin"),
        };
        assert_eq!(texts, expected);
    });
    topic.case("moments", |fields: Fields| {
        let at = |hour, minute, second, microsecond, tzinfo: Option<&str>| Moment {
            hour,
            minute,
            second,
            microsecond,
            fold: false,
            tzinfo: tzinfo.map(str::to_owned),
        };
        let expected = Fields {
            date: Day { year: 2020, month: 2, day: 29 },
            time: at(12, 30, 1, 5, None),
            naive: at(1, 2, 3, 4, None),
            est: at(1, 2, 3, 4, Some("-05:00")),
            berlin: at(1, 2, 3, 0, Some("Europe/Berlin")),
            span: Span { days: -1, seconds: 5, microseconds: 7 },
        };
        assert_eq!(fields, expected);
    });
    topic.case("moments", |durations: Durations| {
        let long = Duration::from_secs(73 * 3600);
        assert_eq!(durations, Durations { span: (-86_395, 7_000), long, none: (0, 0, 0) });
    });
    topic.case("moments", |seconds: Seconds| {
        assert_eq!(seconds, Seconds { span: -86_394.999_993, long: 262_800, none: 0.0 });
    });
    check_again("moments");
}

/// The later one of two equal times; protocols before 4 do not say it.
#[test]
fn the_later_time() {
    #[derive(Debug, Deserialize)]
    struct Later {
        time: Moment,
        datetime: Moment,
    }
    #[derive(Debug, Deserialize)]
    struct Text {
        #[allow(dead_code, reason = "it cannot be read")]
        datetime: String,
    }
    for path in Topic::new("moments").files("later", &FORMS) {
        let later: Later = binpickle::from_path(&path).expect("fields");
        assert!(later.time.fold && later.datetime.fold);
        let error = binpickle::from_path::<Text>(&path).expect_err("text cannot say it").to_string();
        assert!(error.contains("the later one of two equal times in Europe/Berlin"), "{error}");
    }
}

type Optional = Option<i64>;

#[derive(Debug, PartialEq, Deserialize)]
struct Collections {
    range: Vec<i64>,
    countdown: Vec<f64>,
    interval: Range<u8>,
    slice: (Optional, Optional, Optional),
    set: BTreeSet<u8>,
    frozenset: Vec<char>,
    ordered: BTreeMap<String, i32>,
    default: HashMap<String, Vec<u8>>,
    counter: BTreeMap<char, usize>,
    deque: VecDeque<i64>,
    bounded: Vec<u8>,
    empty: Vec<u8>,
    chain: Chain,
    user_dict: BTreeMap<String, u8>,
    user_list: [u8; 2],
    user_string: String,
    bytearray: ByteBuf,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Chain {
    maps: Vec<BTreeMap<String, u8>>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Ends {
    range: Steps,
    slice: Slice,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Steps {
    start: i64,
    stop: i64,
    step: i64,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Slice {
    start: Optional,
    stop: Optional,
    step: Optional,
}

#[test]
fn collections() {
    let topic = Topic::new("collections");
    topic.case("collections", |collections: Collections| {
        let text = str::to_owned;
        let expected = Collections {
            range: vec![1, 4, 7],
            countdown: vec![3.0, 2.0, 1.0],
            interval: 2..5,
            slice: (Some(1), None, Some(2)),
            set: BTreeSet::from([1]),
            frozenset: vec!['a'],
            ordered: BTreeMap::from([(text("b"), 1), (text("a"), 2)]),
            default: HashMap::from([(text("k"), vec![1])]),
            counter: BTreeMap::from([('a', 2), ('b', 1)]),
            deque: VecDeque::from([1, 2, 3]),
            bounded: vec![2, 3],
            empty: vec![],
            chain: Chain { maps: vec![BTreeMap::from([(text("a"), 1)]), BTreeMap::from([(text("b"), 2)])] },
            user_dict: BTreeMap::from([(text("a"), 1)]),
            user_list: [1, 2],
            user_string: text("text"),
            bytearray: ByteBuf::from(*b"a\xff"),
        };
        assert_eq!(collections, expected);
    });
    topic.case("collections", |ends: Ends| {
        let slice = Slice { start: Some(1), stop: None, step: Some(2) };
        assert_eq!(ends, Ends { range: Steps { start: 1, stop: 10, step: 3 }, slice });
    });
    check_again("collections");
}

#[derive(Debug, PartialEq, Deserialize)]
#[allow(non_snake_case, reason = "they are named by Python's type codes")]
struct Arrays {
    b: Vec<i8>,
    B: Vec<u8>,
    h: Vec<i16>,
    H: ndarray::Array1<u16>,
    i: Vec<i32>,
    I: Vec<u32>,
    l: Vec<i64>,
    L: Vec<u64>,
    q: ndarray::Array1<i64>,
    Q: Vec<u8>,
    f: Vec<f32>,
    d: ndarray::Array1<f64>,
    low: Vec<i64>,
    high: Vec<u64>,
    none: Vec<f64>,
    text: Vec<char>,
}

#[test]
fn std_arrays() {
    Topic::new("std_arrays").case("arrays", |arrays: Arrays| {
        let expected = Arrays {
            b: vec![1, 2, 100],
            B: vec![1, 2, 100],
            h: vec![1, 2, 100],
            H: ndarray::array![1, 2, 100],
            i: vec![1, 2, 100],
            I: vec![1, 2, 100],
            l: vec![1, 2, 100],
            L: vec![1, 2, 100],
            q: ndarray::array![1, 2, 100],
            Q: vec![1, 2, 100],
            f: vec![0.5, -1.5],
            d: ndarray::array![0.5, -1.5],
            low: vec![i64::MIN],
            high: vec![u64::MAX],
            none: vec![],
            text: vec!['a', 'é', '🦀', '\0'],
        };
        assert_eq!(arrays, expected);
    });
    check_again("std_arrays");
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Blue,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Fancy {
    First,
    Second,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Members {
    color: Color,
    level: i32,
    permission: u8,
    label: String,
    nested: String,
    by_name: Fancy,
    levels: Vec<u8>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct OtherMembers {
    color: String,
    level: Option<f64>,
    label: Option<String>,
    by_name: String,
}

#[test]
fn members() {
    let topic = Topic::new("members");
    topic.case("members", |members: Members| {
        let expected = Members {
            color: Color::Red,
            level: 3,
            permission: 3,
            label: "good".to_owned(),
            nested: "wood".to_owned(),
            by_name: Fancy::Second,
            levels: vec![1, 3],
        };
        assert_eq!(members, expected);
    });
    topic.case("members", |members: OtherMembers| {
        let own = str::to_owned;
        let expected =
            OtherMembers { color: own("red"), level: Some(3.0), label: Some(own("good")), by_name: own("SECOND") };
        assert_eq!(members, expected);
    });
    check_again("members");
}

#[derive(Debug, PartialEq, Deserialize)]
struct Node {
    name: String,
    children: Vec<Node>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Pair {
    first: i32,
    second: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Namespace {
    a: u8,
    b: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct OsError {
    errno: i32,
    strerror: String,
    filename: PathBuf,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Attributes {
    a: i32,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Instances {
    pair: Pair,
    unnamed: (u8,),
    node: Node,
    ratio: f64,
    reduced: Attributes,
    namespace: Namespace,
    error: (String, i32),
    os_error: OsError,
    key_error: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct AsSequences {
    pair: (i32, String),
    reduced: Vec<i32>,
    key_error: Vec<String>,
}

#[test]
fn instances() {
    let topic = Topic::new("instances");
    let node = |name: &str, children| Node { name: name.to_owned(), children };
    topic.case("instances", |instances: Instances| {
        let text = str::to_owned;
        let expected = Instances {
            pair: Pair { first: 1, second: text("two") },
            unnamed: (3,),
            node: node("root", vec![node("leaf", vec![])]),
            ratio: 0.5,
            reduced: Attributes { a: 1 },
            namespace: Namespace { a: 1, b: text("two") },
            error: (text("wrong"), 3),
            os_error: OsError { errno: 2, strerror: text("missing"), filename: "file".into() },
            key_error: text("key"),
        };
        assert_eq!(instances, expected);
    });
    topic.case("instances", |sequences: AsSequences| {
        let key_error = vec!["key".to_owned()];
        assert_eq!(sequences, AsSequences { pair: (1, "two".to_owned()), reduced: vec![1, 2], key_error });
    });
    check_again("instances");
}

#[derive(Debug, PartialEq, Deserialize)]
struct Callables {
    function: String,
    own: String,
    class: String,
    own_class: String,
    class_method: String,
    ellipsis: String,
    pattern: (String, u32),
}

/// A function is its name, and nothing is called.
#[test]
fn callables() {
    let topic = Topic::new("callables");
    for path in topic.files("callables", &FORMS) {
        let callables: Callables = binpickle::from_path(&path).expect("names");
        let own = str::to_owned;
        let expected = Callables {
            function: own("builtins.len"),
            own: own("classes.double"),
            class: own("builtins.dict"),
            own_class: own("classes.Node"),
            class_method: own("fromkeys"),
            ellipsis: own("builtins.Ellipsis"),
            pattern: (own("a+"), 34),
        };
        assert_eq!(callables, expected);
        let value: Value = binpickle::from_path(&path).expect("a value");
        let class = |name| value.get(name).and_then(Value::as_object).and_then(binpickle::value::Object::class);
        assert_eq!(class("partial"), Some(("functools", "partial")));
        assert_eq!(class("method"), Some(("builtins", "getattr")));
        assert_eq!(class("getter"), Some(("operator", "itemgetter")));
    }
    check_again("callables");
}

/// What Python would call to load this is a name and an argument here, whatever is asked for.
#[test]
fn nothing_is_called() {
    let stream = b"cos\nsystem\nVtouch /tmp/called\n\x85R.";
    let value: Value = pickle::from_slice(stream).expect("an object");
    let object = value.as_object().expect("an object");
    assert_eq!(object.class(), Some(("os", "system")));
    assert_eq!(object.args, [Value::Str("touch /tmp/called".to_owned())]);
    assert_eq!(pickle::from_slice::<Vec<String>>(stream).expect("its arguments"), ["touch /tmp/called"]);
    assert_eq!(pickle::from_slice::<String>(stream).expect("the only one"), "touch /tmp/called");
}

/// What names large numbers costs no more than the limits allow.
#[test]
fn lies() {
    let range = b"cbuiltins\nrange\n(I0\nI9223372036854775807\nI1\ntR.";
    let error = pickle::from_slice::<Vec<u64>>(range).expect_err("too many").to_string();
    assert!(error.contains("LoadOptions::max_nodes"), "{error}");
    let value: Value = pickle::from_slice(range).expect("it is not expanded");
    assert_eq!(value.as_object().and_then(binpickle::value::Object::class), Some(("builtins", "range")));
    for (stream, message) in [
        (&b"cdatetime\ndate\nC\x04\x07\xe4\x0d\x01\x85R."[..], "month 13"),
        (b"cuuid\nUUID\n)\x81}Vint\nL1606938044258990275541962092341162602522202993782792835301376L\nsb.", "UUID"),
        (b"cdecimal\nDecimal\nVten\n\x85R.", "\"ten\", which is no number"),
        (b"cpathlib\nPosixPath\nK\x01\x85R.", "a part that is no text"),
        (b"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x01K\0K\0K\0K\0Vutc\ntR.", "a time zone of a class"),
    ] {
        let error = pickle::from_slice::<String>(stream).expect_err("a lie").to_string();
        assert!(error.contains(message), "{error}");
    }
    for number in ["0.5", "1E+40", "1E-1", "NaN", "1E+99999999999999999999"] {
        let stream = format!("cdecimal\nDecimal\nV{number}\n\u{85}R.").into_bytes();
        let stream: Vec<u8> = stream.into_iter().filter(|&byte| byte != 0xc2).collect();
        let error = pickle::from_slice::<u64>(&stream).expect_err("no integer").to_string();
        assert!(error.contains(&format!("found the Decimal {number}")), "{error}");
    }
    // A long range in a file is a matter of the limits.
    let many = LoadOptions::new().max_nodes(3_000_000);
    let file = binpickle::to_vec(&pickle::from_slice::<Value>(b"cbuiltins\nrange\n(I0\nI1000000\nI1\ntR.").unwrap());
    let file = file.expect("written");
    assert!(binpickle::from_slice::<Vec<u32>>(&file).is_err());
    assert_eq!(many.from_slice::<Vec<u32>>(&file).expect("a million").len(), 1_000_000);
}
