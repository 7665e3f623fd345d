//! What `tree`, `show`, `extract` and `diff` make of an object of which everything is known.

use std::path::Path;

use binpickle::Options;
use ndarray::{Array2, Array3};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{run_in, run_with};

#[derive(Clone, Serialize)]
struct Layer {
    #[serde(rename = "weight/bias")]
    weight: Array2<f32>,
    scale: Option<f64>,
}

#[derive(Clone, Serialize)]
struct Model {
    name: String,
    layers: Vec<Layer>,
    steps: Vec<i64>,
    cube: Array3<u8>,
    labels: Vec<String>,
}

fn model() -> Model {
    let weight = Array2::from_shape_fn((30, 40), |(row, column)| (row * 40 + column) as f32 / 2.0);
    Model {
        name: "net".into(),
        layers: vec![Layer { weight: weight.clone(), scale: None }, Layer { weight: -weight, scale: Some(0.5) }],
        steps: vec![1, 2, 3],
        cube: Array3::from_shape_fn((2, 2, 3), |(i, j, k)| (6 * i + 3 * j + k) as u8),
        labels: (0..30).map(|n| format!("label {n}")).collect(),
    }
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    save(&model(), folder.path(), "model.bpk");
    folder
}

fn save(model: &Model, folder: &Path, name: &str) {
    Options::mappable().to_path(model, folder.join(name)).expect("a file");
}

const TREE: &str = "\
model.bpk: dict, 5 items
├─ name: 'net'
├─ layers: list, 2 items
│  ├─ 0: dict, 2 items
│  │  ├─ weight/bias: float32 (30, 40)  4.7 KiB, buffer 0
│  │  └─ scale: None
│  └─ 1: dict, 2 items
│     ├─ weight/bias: float32 (30, 40)  4.7 KiB, buffer 1
│     └─ scale: 0.5
├─ steps: int64 (3,) [1, 2, 3]
├─ cube: uint8 (2, 2, 3)
└─ labels: list, 30 items
   ├─ 0: 'label 0'
   ├─ 1: 'label 1'
   └─ … 28 more
";

#[test]
fn tree() {
    let folder = folder();
    assert_eq!(run_in(folder.path(), &["tree", "model.bpk", "-n", "5"]).fine().lines().count(), 18);
    let said = run_in(folder.path(), &["tree", "model.bpk", "-n", "2"]).fine();
    assert!(said.ends_with("└─ … 3 more\n"), "{said}");
    let said = run_in(folder.path(), &["tree", "model.bpk", "-n", "24"]).fine();
    let (first, rest) = said.split_once("   ├─ 2: ").expect("the third label");
    assert_eq!(first, TREE.strip_suffix("   └─ … 28 more\n").expect("the last line"));
    assert!(rest.ends_with("   └─ … 6 more\n"), "{rest}");
    let said = run_in(folder.path(), &["tree", "model.bpk", "/layers/1", "--width", "31"]).fine();
    assert_eq!(
        said,
        "\
/layers/1: dict, 2 items
├─ weight/bias: float32 (30, 4…
└─ scale: 0.5
"
    );
    let said = run_in(folder.path(), &["tree", "model.bpk", "--depth", "1"]).fine();
    assert!(said.contains("├─ layers: list, 2 items\n│  └─ … 2 more\n├─ steps"), "{said}");
    let said: Value = serde_json::from_str(&run_in(folder.path(), &["tree", "--json", "model.bpk"]).fine()).unwrap();
    let weight = json!({
        "path": "/layers/0/weight~1bias", "type": "numpy.ndarray", "dtype": "float32", "shape": [30, 40], "len": 0,
        "buffer": 0, "value": null,
    });
    assert_eq!(said[4], weight);
    assert_eq!((&said[5]["path"], &said[5]["value"]), (&json!("/layers/0/scale"), &json!("None")));
}

#[test]
fn what_contains_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // x = [1]; x.append(x)
    let stream = b"]q\x01(K\x01h\x01e.";
    assert_eq!(run_with(folder.path(), &["convert", "-", "x.bpk"], stream).fine(), "");
    let said = run_in(folder.path(), &["tree", "x.bpk", "-d", "2"]).fine();
    assert_eq!(
        said,
        "\
x.bpk: list, 2 items
├─ 0: 1
└─ 1: list, 2 items
   ├─ 0: 1
   └─ 1: list, 2 items
      └─ … 2 more
"
    );
    assert_eq!(
        run_in(folder.path(), &["show", "x.bpk"]).fine(),
        "list\n[\n    1,\n    [\n        1,\n        [...]\n    ]\n]\n"
    );
    let said = run_in(folder.path(), &["diff", "x.bpk", "x.bpk"]).failed(1);
    assert_eq!(said, "error: the objects are too large to be compared, or contain themselves");
    let said = run_in(folder.path(), &["extract", "x.bpk", "-o", "x.npz"]).failed(1);
    assert_eq!(said, "error: the object is too large to be one of arrays alone, or contains itself");
    let said = run_in(folder.path(), &["extract", "x.bpk", "-o", "x.json"]).failed(1);
    assert!(said.contains("contains itself"), "{said}");
    assert!(!folder.path().join("x.npz").exists() && !folder.path().join("x.json").exists());
}

#[test]
fn show() {
    let folder = folder();
    let said = run_in(folder.path(), &["show", "model.bpk", "/layers/1/weight~1bias"]).fine();
    assert_eq!(
        said,
        "\
float32 (30, 40), 4.7 KiB
min -599.5  max -0.0  mean -299.75  zeros 1
    -0.0    -0.5    -1.0  …   -18.5   -19.0   -19.5
   -20.0   -20.5   -21.0  …   -38.5   -39.0   -39.5
   -40.0   -40.5   -41.0  …   -58.5   -59.0   -59.5
  …
  -540.0  -540.5  -541.0  …  -558.5  -559.0  -559.5
  -560.0  -560.5  -561.0  …  -578.5  -579.0  -579.5
  -580.0  -580.5  -581.0  …  -598.5  -599.0  -599.5
"
    );
    let said = run_in(folder.path(), &["show", "model.bpk", "/cube"]).fine();
    assert_eq!(said, "uint8 (2, 2, 3), 12 B\nmin 0  max 11  mean 5.5  zeros 1\n[0, :, :]\n  0  1  2\n  3  4  5\n");
    let said = run_in(folder.path(), &["show", "model.bpk", "/steps"]).fine();
    assert_eq!(said, "int64 (3,), 24 B\nmin 1  max 3  mean 2.0  zeros 0\n  1  2  3\n");
    assert_eq!(run_in(folder.path(), &["show", "model.bpk", "/name"]).fine(), "str\n'net'\n");
    let said = run_in(folder.path(), &["show", "model.bpk", "--json", "/steps"]).fine();
    let facts = json!({
        "path": "/steps", "type": "numpy.ndarray", "dtype": "int64", "shape": [3], "order": "C", "bytes": 24,
        "min": 1.0, "max": 3.0, "mean": 2.0, "nan": 0, "zeros": 0,
    });
    assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), facts);
    let said = run_in(folder.path(), &["show", "model.bpk", "--json", "/layers/1/scale"]).fine();
    let facts = json!({"path": "/layers/1/scale", "type": "float", "value": 0.5});
    assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), facts);
    let said = run_in(folder.path(), &["show", "model.bpk", "/layers/7"]).failed(1);
    assert_eq!(said, "error: found a list of 2, expected one with an item 7 (at /layers)");
}

#[test]
fn extract() {
    let folder = folder();
    let out = |arguments: &[&str]| run_in(folder.path(), &[&["extract", "model.bpk"], arguments].concat());
    assert_eq!(out(&["/steps", "-o", "-", "--format", "csv"]).fine(), "1\n2\n3\n");
    assert_eq!(out(&["/steps", "-o", "-", "--format", "json"]).fine(), "[1,2,3]\n");
    assert_eq!(out(&["/steps", "-o", "-", "--format", "raw"]).bytes[..9], [1, 0, 0, 0, 0, 0, 0, 0, 2]);
    assert_eq!(out(&["/name", "-o", "-", "--format", "raw"]).fine(), "net");
    let csv = out(&["/layers/0/weight~1bias", "-o", "-", "--format", "csv"]).fine();
    assert!(csv.starts_with("0.0,0.5,1.0,") && csv.lines().count() == 30);
    assert_eq!(out(&["/layers/0/scale", "-o", "x.json"]).fine(), "");
    assert_eq!(std::fs::read_to_string(folder.path().join("x.json")).expect("a file"), "null\n");
    assert_eq!(
        out(&["/cube", "-o", "x.csv"]).failed(1),
        "error: /cube: it is no array of one or two axes, nor a dict of arrays of one length \
         (hint: CSV cannot say more; .npy, .npz and JSON can)"
    );
    assert_eq!(
        out(&["/cube", "-o", "cube"]).failed(1),
        "error: the name cube does not say what to write (hint: --format npy, npz, json, csv or raw does)"
    );
    let said = out(&["-o", "x.npz"]).failed(1);
    assert_eq!(said, "error: layers/0/scale: None is no array (hint: --only-arrays leaves out what is none)");
    assert_eq!(out(&["/name", "-o", "x.npy"]).failed(1), "error: /name: it is no array of numbers, text or records");
    assert!(!folder.path().join("x.csv").exists() && !folder.path().join("x.npz").exists());
}

#[test]
fn diff() {
    let folder = folder();
    let mut other = model();
    other.name = "other".into();
    other.layers[1].weight[(3, 4)] += 0.25;
    other.layers[0].scale = Some(1.0);
    other.steps.push(4);
    other.labels.truncate(29);
    save(&other, folder.path(), "other.bpk");
    let ran = run_in(folder.path(), &["diff", "model.bpk", "other.bpk"]);
    assert_eq!((ran.code, ran.err.as_str()), (3, ""));
    assert_eq!(
        ran.out,
        "\
~ /name: 'net' → 'other'
~ /layers/0/scale: None → 1.0
~ /layers/1/weight~1bias: float32 (30, 40): 1 of 1,200 elements differ, by 0.25 at most
~ /steps: int64 (3,) → int64 (4,)
- /labels/29: 'label 29'
"
    );
    run_in(folder.path(), &["convert", "model.bpk", "zstd.bpk", "-c", "zstd(level=1)"]).fine();
    let ran = run_in(folder.path(), &["diff", "zstd.bpk", "model.bpk"]);
    assert_eq!(ran.code, 3);
    assert_eq!(ran.out.lines().next(), Some("~ /layers/0/weight~1bias: zstd(level=1) → no codec"));
    assert_eq!(run_in(folder.path(), &["diff", "zstd.bpk", "model.bpk", "--no-codecs"]).fine(), "");
    let ran = run_in(folder.path(), &["diff", "--json", "model.bpk", "other.bpk"]);
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    let name = json!({"path": "/name", "what": "value", "left": "'net'", "right": "'other'", "elements": null});
    assert!(said.as_array().unwrap().contains(&name), "{said}");
}

/// Bytes that are the same in another order of the axes are other elements.
#[test]
fn diff_sees_the_order_of_axes() {
    #[derive(Serialize)]
    struct Ordered(#[serde(with = "binpickle::with::ndarray")] Array2<f64>);

    let folder = tempfile::tempdir().expect("a temporary folder");
    let array = Array2::from_shape_fn((40, 40), |(row, column)| (40 * row + column) as f64);
    Options::mappable().to_path(&Ordered(array.clone()), folder.path().join("c.bpk")).expect("a file");
    Options::mappable().to_path(&Ordered(array.reversed_axes()), folder.path().join("f.bpk")).expect("a file");
    let ran = run_in(folder.path(), &["diff", "c.bpk", "f.bpk"]);
    assert_eq!(ran.code, 3);
    assert_eq!(ran.out, "~ the object: float64 (40, 40): 1,560 of 1,600 elements differ, by 1521.0 at most\n");
}
