//! Parts of an object, by their paths.

use std::collections::BTreeMap;

use binpickle::{BinPickleFile, ErrorKind, MappedArray, Value};
use ndarray::{Array1, Array2, Ix2, array};
use serde::{Deserialize, Serialize};

#[path = "../robust/forge.rs"]
#[allow(dead_code, reason = "most of it is for other tests")]
mod forge;

fn file(value: &impl Serialize) -> BinPickleFile {
    BinPickleFile::from_vec(binpickle::to_vec(value).expect("written")).expect("a file")
}

/// A file of a stream that Python wrote.
fn of_stream(stream: &[u8]) -> BinPickleFile {
    BinPickleFile::from_vec(forge::of_buffers(&[stream])).expect("a file")
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Model {
    name: String,
    layers: Vec<Layer>,
    by_size: BTreeMap<i32, u8>,
    #[serde(rename = "a/b~c")]
    odd: Option<(u8, f64)>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Layer {
    weight: Array2<f32>,
    kind: Kind,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Dense,
    Dropout { rate: f32 },
}

fn model() -> Model {
    let layer = |kind| Layer { weight: array![[1.0, 2.0, 3.0]], kind };
    Model {
        name: "net".to_owned(),
        layers: vec![layer(Kind::Dense), layer(Kind::Dropout { rate: 0.5 })],
        by_size: BTreeMap::from([(-3, 1), (10, 2)]),
        odd: Some((7, 0.5)),
    }
}

#[test]
fn every_part() {
    let file = file(&model());
    assert_eq!(file.at("").expect("all of it").load::<Model>().expect("a model"), model());
    assert_eq!(file.at("/name").expect("a part").load::<&str>().expect("text"), "net");
    assert_eq!(file.at("/layers/1").expect("a part").load::<Layer>().expect("a layer"), model().layers[1]);
    let dropout: Value = file.at("/layers/1/kind/Dropout").expect("a part").load().expect("a dict");
    assert_eq!(dropout.get("rate"), Some(&Value::Float(0.5)));
    assert_eq!(file.at("/by_size/-3").expect("a part").load::<u8>().expect("a number"), 1);
    assert_eq!(file.at("/a~1b~0c/0").expect("a part").load::<u8>().expect("a number"), 7);
    let mapped: MappedArray<f32, Ix2> = file.at("/layers/0/weight").expect("a part").load().expect("an array");
    drop(file);
    assert_eq!(*mapped, array![[1.0, 2.0, 3.0]]);
}

#[test]
fn looking_around() {
    let file = file(&model());
    let root = file.at("").expect("all of it");
    assert_eq!((root.path(), root.type_name().as_str(), root.shape()), ("", "dict", None));
    assert_eq!(root.keys(), ["name", "layers", "by_size", "a/b~c"]);
    let described = |path: &str| {
        let part = file.at(path).expect("a part");
        assert_eq!(part.path(), path);
        (part.type_name(), part.keys().join(" "), part.shape(), part.dtype().map(|dtype| dtype.name()))
    };
    let plain = |name: &str, keys: &str| (name.to_owned(), keys.to_owned(), None, None);
    assert_eq!(described("/layers"), plain("list", "0 1"));
    assert_eq!(described("/by_size"), plain("dict", "-3 10"));
    assert_eq!(described("/a~1b~0c"), plain("tuple", "0 1"));
    assert_eq!(described("/a~1b~0c/1"), plain("float", ""));
    assert_eq!(
        described("/layers/0/weight"),
        ("numpy.ndarray".to_owned(), String::new(), Some(vec![1, 3]), Some("float32".to_owned()))
    );
    for child in root.children() {
        assert_eq!(file.at(child.path()).expect("a part").load::<Value>().ok(), child.load().ok());
    }
}

/// What Python's wrappers hold is reached as a derive reaches it.
#[test]
fn instances() {
    // C with the attribute A, the slot B, an item, and an entry that has the name of the attribute.
    let file = of_stream(b"cm\nC\n)\x81(K\x07e(VA\nK\x08u(}VA\nK\x05s}VB\nK\x06stb.");
    let number = |path| file.at(path).expect("a part").load::<u8>().expect("a number");
    assert_eq!([number("/A"), number("/B"), number("/0")], [5, 6, 7]);
    let root = file.at("").expect("all of it");
    assert_eq!((root.type_name().as_str(), root.keys()), ("m.C", ["A", "A", "B", "0"].map(str::to_owned).to_vec()));
    // A namedtuple, a deque, a dict with attributes.
    let file = of_stream(b"cm\nP\nK\x01K\x02\x86\x81.");
    assert_eq!(file.at("/1").expect("a field").load::<u8>().expect("a number"), 2);
    let file = of_stream(b"ccollections\ndeque\n)R(K\x01K\x02e.");
    assert_eq!(file.at("/1").expect("an element").load::<u8>().expect("a number"), 2);
    assert_eq!(file.at("").expect("all of it").type_name(), "collections.deque");
    let file = of_stream(b"ccollections\nOrderedDict\n)R(K\x01K\x02K\x01K\x03u.");
    assert_eq!(file.at("/1").expect("what was set last").load::<u8>().expect("a number"), 3);
}

/// A `~` that escapes nothing stands for itself: found by fuzzing.
#[test]
fn tildes() {
    let file = file(&BTreeMap::from([("~", 5)]));
    for path in ["/~", "/~0"] {
        let part = file.at(path).expect("a part");
        assert_eq!((part.path(), part.load::<u8>().expect("a number")), ("/~0", 5));
    }
}

/// All are listed, and the path leads to one of them: found by fuzzing.
#[test]
fn keys_of_the_same_text() {
    // {"A": (1,), "A": (2, 3)}, as no Python writes it.
    let file = of_stream(b"}(VA\nK\x01\x85VA\nK\x02K\x03\x86u.");
    let children = file.at("").expect("all of it").children();
    assert_eq!(children.iter().map(|child| child.keys().len()).collect::<Vec<_>>(), [1, 2]);
    assert!(children.iter().all(|child| child.path() == "/A"));
    assert_eq!(file.at("/A/1").expect("what was set last").load::<u8>().expect("a number"), 3);
    // Text comes before what prints as it: {"1": 5, 1: 6} and the other way round.
    for stream in [&b"}(V1\nK\x05K\x01K\x06u."[..], b"}(K\x01K\x06V1\nK\x05u."] {
        assert_eq!(of_stream(stream).at("/1").expect("the text").load::<u8>().expect("a number"), 5);
    }
}

/// A file may be loaded as often as one likes, whatever it says of its dtypes: found by fuzzing.
#[test]
fn again_and_again() {
    let names: Vec<String> = (0..100).map(|n| format!("VA{n}\n")).collect();
    let scalar = |place: &str| {
        let fields = names.iter().map(|name| format!("{name}{place}")).collect::<Vec<_>>().concat();
        // numpy.core.multiarray.scalar(numpy.dtype('V9'), b''), and the state of the dtype
        let start = b"cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nVV9\nI00\nI01\n\x87R(I3\nV|\nN(";
        [start, names.concat().as_bytes(), b"t}(", fields.as_bytes(), b"uI9\nI1\nI0\ntbC\0\x86R."].concat()
    };
    // A field with neither dtype nor offset: all of it is kept as it is.
    let file = of_stream(&scalar("N"));
    for _ in 0..100 {
        assert!(file.load::<Value>().expect("an object").as_object().is_some());
    }
    // Fields beyond the end of the record.
    let file = of_stream(&scalar("(Vi1\nI9\nt"));
    for _ in 0..100 {
        let error = file.load::<Value>().expect_err("no dtype");
        assert_eq!(error.kind(), ErrorKind::Pickle, "{error}");
    }
    // (numpy.record, dtype): the same fields with another class, each time.
    let (start, end) = (&b"cnumpy.core.multiarray\nscalar\n"[..], &b"C\0\x86R."[..]);
    let scalar = scalar("(Vi1\nI2\nt");
    let dtype = &scalar[start.len()..scalar.len() - end.len()];
    let class = &b"cnumpy\nrecord\n"[..];
    let file = of_stream(&[start, class, dtype, b"\x86C\x09\0\0\x07\0\0\0\0\0\0\x86R."].concat());
    for _ in 0..300 {
        let record: BTreeMap<String, i8> = file.load().expect("a record");
        assert!(record.len() == 100 && record.values().all(|&value| value == 7));
    }
}

#[test]
fn arrays_of_objects() {
    let stream = [
        &b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\x01btR(K\x01(K\x02K\x02t"[..],
        b"cnumpy\ndtype\n(\x8c\x01O\x89\x88tR\x89](K\x01K\x02K\x03K\x04etb.",
    ]
    .concat();
    let file = of_stream(&stream);
    assert_eq!(file.at("/1/0").expect("a part").load::<u8>().expect("a number"), 3);
    let row = file.at("/1").expect("a row");
    assert_eq!((row.load::<Vec<u8>>().expect("numbers"), row.keys().len()), (vec![3, 4], 2));
    assert_eq!(row.at("/1").expect("a part").load::<u8>().expect("a number"), 4);
    assert_eq!(file.at("").expect("all").load::<Vec<(u8, u8)>>().expect("pairs"), [(1, 2), (3, 4)]);
    assert!(file.at("/2").is_err() && file.at("/1/2").is_err() && file.at("/1/1/0").is_err());
}

#[test]
fn paths_that_lead_nowhere() {
    let file = file(&model());
    let error = |path: &str, reached: Option<&str>, message: &str| {
        let error = file.at(path).expect_err("it leads nowhere");
        assert_eq!((error.kind(), error.path().as_deref()), (ErrorKind::Data, reached), "{error}");
        let place = reached.map_or(String::new(), |reached| format!(" (at {reached})"));
        assert_eq!(error.to_string(), format!("{message}{place}"));
    };
    error("name", None, r#"the path "name" does not begin with a slash"#);
    error("/layer", None, r#"found a dict with "name", "layers", "by_size", "a/b~c", expected one with "layer""#);
    error("/layers/2", Some("/layers"), "found a list of 2, expected one with an item 2");
    error("/layers/x", Some("/layers"), r#"found a list of 2, expected a dict or an instance with "x" in it"#);
    error("/layers/01", Some("/layers"), r#"found a list of 2, expected a dict or an instance with "01" in it"#);
    error("/layers/0/wieght", Some("/layers/0"), r#"found a dict with "weight", "kind", expected one with "wieght""#);
    error("/name/0", Some("/name"), r#"found the str "net", expected something with "0" in it"#);
    error(
        "/layers/0/weight/0",
        Some("/layers/0/weight"),
        r#"found an array of float32, expected something with "0" in it"#,
    );
    // Of many keys, the nearest.
    let many = self::file(&(0..10_000).map(|n| (format!("key{n}"), n)).collect::<BTreeMap<_, _>>());
    let message = many.at("/kye100").expect_err("no such key").to_string();
    assert!(message.starts_with(r#"found a dict with "key100", "#) && message.contains("and 9995 more"), "{message}");
}

/// Errors of a load go on where the path ended.
#[test]
fn errors_of_parts() {
    #[derive(Debug, Deserialize)]
    struct Flat {
        #[serde(rename = "weight")]
        _weight: Array1<f32>,
    }

    let file = file(&model());
    let error = file.at("/layers").expect("a part").load::<Vec<Flat>>().expect_err("there are two axes");
    assert_eq!(error.path().as_deref(), Some("/layers/0/weight"));
    let part = file.at(&error.path().expect("a path")).expect("the path of an error is a path");
    assert_eq!(part.load::<Array2<f32>>().expect("an array").dim(), (1, 3));
    assert_eq!(file.at("/name").expect("a part").load::<u8>().expect_err("text").path().as_deref(), Some("/name"));
}
