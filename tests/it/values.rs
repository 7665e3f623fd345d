//! `Value`: any object, without a type.

use std::collections::BTreeMap;

use binpickle::Value;
use binpickle::value::{Made, Object};
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
