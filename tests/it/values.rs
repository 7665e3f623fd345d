//! `Value`: any object, without a type.

use std::collections::BTreeMap;

use binpickle::value::{Made, Object, Shared};
use binpickle::{BinPickleFile, Value};
use ndarray::{Array2, array};
use serde::Serialize;

use crate::round_trip::{each_way, round_trip};
use crate::samples::{Arrays, Sample, assert_same, for_each_sample};

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn object() -> Value {
    Value::Object(Box::new(Object {
        made: Made::New,
        callable: Value::Global("module".to_owned(), "Class".to_owned()),
        args: vec![],
        kwargs: None,
        state: Some(Value::Dict(vec![(text("attribute"), Value::Int(1))])),
        items: vec![],
        entries: vec![],
    }))
}

#[test]
fn every_kind() {
    let values = [
        Value::None,
        Value::Bool(false),
        Value::Int(i64::MIN),
        Value::BigInt((1_i128 << 100).to_le_bytes()[..13].to_vec()),
        Value::Float(-0.5),
        Value::Complex(1.0, -2.0),
        text("naïve 🦀"),
        Value::Surrogates(vec![b'a', 0xed, 0xa0, 0x80]),
        Value::Bytes(vec![0, 255]),
        Value::Bytes(vec![7; 100_000]),
        Value::ByteArray(vec![1]),
        Value::List(vec![Value::Int(1), text("a")]),
        Value::List(vec![Value::Int(1), Value::Int(2)]),
        Value::Tuple(vec![]),
        Value::Tuple(vec![Value::Float(0.5)]),
        Value::Set(vec![Value::Int(1)]),
        Value::FrozenSet(vec![text("x")]),
        Value::Dict(vec![(Value::Tuple(vec![Value::Int(1), Value::None]), Value::List(vec![]))]),
        Value::Global("collections".to_owned(), "OrderedDict".to_owned()),
        object(),
    ];
    values.iter().for_each(round_trip);
    round_trip(&Value::List(values.to_vec()));
}

#[test]
fn looking_around() {
    #[derive(Serialize)]
    struct Model {
        name: &'static str,
        rate: f64,
        sizes: Vec<usize>,
        layers: Vec<(String, Array2<f32>)>,
    }

    assert_eq!(object().get("attribute").and_then(Value::as_i64), Some(1));
    assert_eq!(object().as_object().and_then(Object::class), Some(("module", "Class")));

    let weights = Array2::from_elem((100, 50), 0.5);
    let model =
        Model { name: "m", rate: 0.1, sizes: vec![100, 50], layers: vec![("dense".to_owned(), weights.clone())] };
    each_way(&model, |value: Value| {
        assert_eq!(value.get("name").and_then(Value::as_str), Some("m"));
        assert_eq!(value.get("rate").and_then(Value::as_f64), Some(0.1));
        assert_eq!(value.get("absent"), None);
        let layer = value.get("layers").and_then(|layers| layers.at(0)).expect("a layer");
        let array = layer.at(1).and_then(Value::as_array).expect("an array");
        assert_eq!(
            (array.dtype().name().as_str(), array.shape(), array.is_fortran()),
            ("float32", &[100, 50][..], false)
        );
        assert_eq!(array.to_ndarray::<f32>().expect("f32"), weights.clone().into_dyn());
        assert_eq!(array.to_ndarray::<f64>().expect("f64"), weights.mapv(f64::from).into_dyn());
    });
}

fn elements<A: Sample>((): ()) {
    let arrays = Arrays::<A>::sample();
    each_way(&arrays, |value: Value| {
        let array = |name| value.get(name).and_then(Value::as_array).and_then(|array| array.to_ndarray::<A>().ok());
        assert_same(&array("scalar").expect("an array"), &arrays.scalar.view().into_dyn());
        assert_same(&array("empty").expect("an array"), &arrays.empty.view().into_dyn());
        assert_same(&array("fortran").expect("an array"), &arrays.fortran.view().into_dyn());
        assert_same(&array("strided").expect("an array"), &arrays.strided.view().into_dyn());
        assert_same(&array("permuted").expect("an array"), &arrays.permuted.view().into_dyn());
        // Written again, it can still be read as what it was.
        each_way(&value, |back: Arrays<A>| back.assert_same(&arrays));
    });
}

#[test]
fn arrays() {
    for_each_sample!((), elements);
}

#[test]
fn between_formats() {
    let value: Value =
        serde_json::from_str(r#"{"a": [1, 2.5, "x", null, true], "b": 18446744073709551615}"#).expect("JSON");
    let list = vec![Value::Int(1), Value::Float(2.5), text("x"), Value::None, Value::Bool(true)];
    assert_eq!(value.get("a"), Some(&Value::List(list)));
    each_way(&value, |back: Value| assert_eq!(back.get("a"), value.get("a")));
    each_way(&value.get("b"), |back: u64| assert_eq!(back, u64::MAX));

    let value: Value =
        binpickle::from_slice(&binpickle::to_vec(&BTreeMap::from([("m", array![[1, 2], [3, 4]])])).expect("written"))
            .expect("a value");
    assert_eq!(serde_json::to_string(&value).expect("JSON"), r#"{"m":[[1,2],[3,4]]}"#);
}

#[test]
fn walked_by_keys() {
    let value: Value =
        serde_json::from_str(r#"{"layers": [{"a/b": [1, 2.5]}, {"7": true}], "x": null}"#).expect("JSON");
    assert_eq!(value["layers"][0]["a/b"][1], Value::Float(2.5));
    assert_eq!(value["layers"][9]["absent"][3], Value::None);
    assert_eq!(value.pointer("/layers/0/a~1b/0"), Some(&Value::Int(1)));
    assert_eq!(value.pointer("/layers/1/7").and_then(Value::as_bool), Some(true));
    assert!(value.pointer("").is_some_and(|all| all.is(&value)) && value.pointer("/x").is_some_and(Value::is_none));
    for path in ["/absent", "layers", "/layers/2", "/layers/00", "/layers/0/", "/x/0"] {
        assert_eq!(value.pointer(path), None, "{path}");
    }
    let keys = [(Value::Int(-1), text("int")), (Value::Bool(true), text("bool")), (text("-1"), text("str"))];
    let dict = Value::Dict(keys.to_vec());
    assert_eq!((dict.pointer("/-1"), dict.pointer("/True")), (Some(&text("str")), Some(&text("bool"))));
    assert_eq!(object()["attribute"], Value::Int(1));
    assert_eq!(object().pointer("/attribute"), Some(&Value::Int(1)));
}

/// One path leads to the same place in a file and in a value.
#[test]
fn paths_of_files_and_values() {
    fn compare(part: &binpickle::Part<'_>, all: &Value) {
        let found = all.pointer(part.path()).unwrap_or_else(|| panic!("{}", part.path()));
        assert_eq!(&part.load::<Value>().expect("a value"), found, "{}", part.path());
        part.children().iter().for_each(|child| compare(child, all));
    }

    let value = Value::List(vec![
        Value::Dict(vec![(text("a/b"), Value::Tuple(vec![Value::Int(1), object()])), (Value::Int(-3), Value::None)]),
        Value::Set(vec![text("x")]),
        Value::Float(0.5),
    ]);
    let file = BinPickleFile::from_vec(binpickle::to_vec(&value).expect("written")).expect("a file");
    compare(&file.at("").expect("all of it"), &file.load().expect("a value"));
}

#[test]
fn shared_by_hand() {
    let list = Value::Shared(Shared::new(Value::List(vec![Value::Int(1)])));
    let pair = Value::Dict(vec![(text("a"), list.clone()), (text("b"), Value::Tuple(vec![list.clone()]))]);
    each_way(&pair, |back: Value| {
        assert_eq!(back, pair);
        assert!(back["a"].is(&back["b"][0]) && !back["a"].is(&pair["a"]));
        assert!(matches!(back["a"].target(), Value::List(_)));
    });
    // Who is whom makes no difference to `==`, as in Python.
    let equal = Value::List(vec![Value::Int(1)]);
    assert!(list == equal && !list.is(&equal));
    assert_eq!(equal, list);
    assert!(list != Value::List(vec![Value::Int(2)]) && Shared::new(list.clone()) == Shared::new(equal));
    // In two values that are written together, too.
    let stream = binpickle::pickle::to_vec(&(&list, &list)).expect("written");
    let both: Value = binpickle::pickle::from_slice(&stream).expect("read");
    assert!(both[0].is(&both[1]));
    assert_eq!(serde_json::to_string(&pair).expect("JSON"), r#"{"a":[1],"b":[[1]]}"#);
}

#[test]
fn shown() {
    let numbers: Value =
        binpickle::from_slice(&binpickle::to_vec(&Array2::from_elem((100, 50), 0.5_f32)).expect("written"))
            .expect("a value");
    let array = "array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, … 4992 more], dtype=float32, shape=(100, 50))";
    assert_eq!(numbers.to_string(), array);
    let long = Value::List((0..1_000).map(Value::Int).collect());
    assert_eq!(long.to_string(), "[0, 1, 2, 3, 4, 5, 6, 7, … 992 more]");
    assert_eq!(text(&"x".repeat(500)).to_string(), format!("'{}…'", "x".repeat(120)));
    let deep = (0..100).fold(Value::None, |inner, _| Value::List(vec![inner]));
    assert_eq!(deep.to_string(), "[[[[[[[…]]]]]]]");
    assert_eq!(object().to_string(), "module.Class(attribute=1)");
    let both =
        Value::Dict(vec![(text("o"), object()), (text("empty"), Value::List(vec![])), (text("n"), Value::Float(1.0))]);
    assert_eq!(both.to_string(), "{'o': module.Class(attribute=1), 'empty': [], 'n': 1.0}");
    let lines = "{\n    'o': module.Class(\n        attribute=1\n    ),\n    'empty': [],\n    'n': 1.0\n}";
    assert_eq!(format!("{both:#}"), lines);
    let dict = Value::Dict(vec![(text("a"), Value::Complex(1.0, 2.0)), (Value::None, Value::Tuple(vec![]))]);
    assert_eq!(format!("{dict:?}"), r#"Dict([(Str("a"), Complex(1.0, 2.0)), (None, Tuple([]))])"#);
}
