//! What goes wrong has a kind, a place, and leaves things as they were.

use std::collections::BTreeMap;
use std::fs;

use binpickle::{BinPickleFile, Error, ErrorKind, Options};
use ndarray::{Array1, Array2, array};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize, Serializer};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Model {
    name: String,
    layers: Vec<Layer>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Layer {
    weights: Array2<f32>,
    bias: Array1<f32>,
}

fn model() -> Model {
    let layer = |width| Layer { weights: Array2::ones((width, 3)), bias: Array1::zeros(width) };
    Model { name: "model".to_owned(), layers: vec![layer(2), layer(4)] }
}

/// Two arrays and the stream, all outside the stream and on pages of their own.
fn pages() -> Vec<u8> {
    Options::mappable().inline_below(0).to_vec(&(array![1.0_f32, 2.0], array![3_u8])).expect("written")
}

#[track_caller]
fn fails(bytes: &[u8]) -> Error {
    binpickle::from_slice::<IgnoredAny>(bytes).expect_err("this is no good file")
}

#[test]
fn other_files() {
    for bytes in [&b""[..], b"B", b"PK\x03\x04 is what a zip begins with", &[0; 1_000]] {
        assert_eq!(fails(bytes).kind(), ErrorKind::Format);
    }
    let mut version = pages();
    version[5] = 3;
    assert_eq!(fails(&version).kind(), ErrorKind::Unsupported);
    assert!(fails(&version).to_string().contains('3'), "{}", fails(&version));
    let mut flags = pages();
    flags[6] = 0x80; // unknown
    assert_eq!((fails(&flags).kind(), fails(&flags).offset()), (ErrorKind::Format, Some(6)));
    flags[6..8].copy_from_slice(&[0, 1]); // big-endian
    assert_eq!((fails(&flags).kind(), fails(&flags).offset()), (ErrorKind::Unsupported, Some(6)));
}

#[test]
fn every_cut() {
    let bytes = binpickle::to_vec(&model()).expect("written");
    for length in 0..bytes.len() {
        let error = fails(&bytes[..length]);
        assert_eq!(error.kind(), ErrorKind::Format, "{length}: {error}");
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let value = model();
    let mut bytes = binpickle::to_vec(&value).expect("written");
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(back) = binpickle::from_slice::<Model>(&bytes) {
            assert_eq!(back, value, "bit {bit}");
        }
        let noticed = BinPickleFile::from_vec(bytes.clone()).map_or(true, |file| file.verify().is_err());
        assert!(noticed, "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn wrong_digests_name_the_buffer() {
    let mut bytes = pages();
    for (buffer, offset) in [(0, 4096), (1, 8192)] {
        bytes[offset] ^= 1;
        let error = binpickle::from_slice::<(Array1<f32>, Array1<u8>)>(&bytes).expect_err("a wrong digest");
        let place = (error.kind(), error.buffer(), error.offset());
        assert_eq!(place, (ErrorKind::Integrity, Some(buffer), Some(offset as u64)));
        bytes[offset] ^= 1;
    }
}

#[test]
fn missing_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let error = binpickle::from_path::<u8>(folder.path().join("absent.bpk")).expect_err("there is no such file");
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::NotFound);
    let error = binpickle::to_path(&1, folder.path().join("no/such/folder.bpk")).expect_err("there is no such folder");
    assert_eq!(error.kind(), ErrorKind::Io);
}

#[track_caller]
fn mismatch<T: for<'a> Deserialize<'a>>(path: &str) -> String {
    let bytes = binpickle::to_vec(&model()).expect("written");
    let Err(error) = binpickle::from_slice::<T>(&bytes) else { panic!("the type does not fit") };
    assert_eq!((error.kind(), error.path().as_deref()), (ErrorKind::Data, Some(path)), "{error}");
    error.to_string()
}

#[test]
fn mismatches_name_the_field() {
    #[derive(Deserialize)]
    struct With<T> {
        #[serde(rename = "layers")]
        _layers: Vec<T>,
    }

    #[derive(Deserialize)]
    struct Text {
        #[serde(rename = "weights")]
        _weights: String,
    }

    #[derive(Deserialize)]
    struct Flat {
        #[serde(rename = "weights")]
        _weights: Array1<f32>,
    }

    #[derive(Deserialize)]
    struct More {
        #[serde(rename = "gain")]
        _gain: f32,
    }

    #[derive(Deserialize)]
    struct Number {
        #[serde(rename = "name")]
        _name: u8,
    }

    mismatch::<With<Text>>("/layers/0/weights");
    mismatch::<With<Flat>>("/layers/0/weights");
    let message = mismatch::<With<More>>("/layers/0");
    assert!(message.contains("missing field `gain`"), "{message}");
    assert_eq!(mismatch::<Number>("/name"), r#"found the str "model", expected u8 (at /name)"#);
}

/// The path goes through all that a path can go through.
#[test]
fn paths_through_everything() {
    #[track_caller]
    fn fails<T: for<'a> Deserialize<'a>>(value: &impl Serialize, path: Option<&str>, message: &str) {
        let Err(error) = binpickle::from_slice::<T>(&binpickle::to_vec(value).expect("written")) else {
            panic!("the type does not fit")
        };
        let place = path.map_or(String::new(), |path| format!(" (at {path})"));
        assert_eq!(error.to_string(), format!("{message}{place}"));
        assert_eq!((error.kind(), error.path().as_deref()), (ErrorKind::Data, path));
    }

    #[derive(Serialize)]
    enum Wide {
        Size { height: i32 },
    }

    #[derive(Debug, Deserialize)]
    enum Narrow {
        #[allow(dead_code, reason = "it is never made")]
        Size { height: u8 },
    }

    fails::<u8>(&"x", None, r#"found the str "x", expected u8"#);
    fails::<BTreeMap<String, u8>>(&BTreeMap::from([("a/b~c", -1)]), Some("/a~1b~0c"), "found the int -1, expected u8");
    fails::<BTreeMap<i32, u8>>(&BTreeMap::from([(-7, true)]), Some("/-7"), "found the bool true, expected u8");
    fails::<Vec<u8>>(&vec![1, 2, 256], Some("/2"), "found the int 256, expected u8");
    fails::<Vec<Vec<u8>>>(&array![[1, 2], [3, -4]], Some("/1/1"), "found the int -4, expected u8");
    fails::<((), (u8, u8))>(&((), (1, None::<u8>)), Some("/1/1"), "found None, expected u8");
    fails::<Vec<Narrow>>(&vec![Wide::Size { height: 1000 }], Some("/0/Size/height"), "found the int 1000, expected u8");
}

#[test]
fn numbers_that_do_not_fit() {
    let bytes = binpickle::to_vec(&BTreeMap::from([("n", 300)])).expect("written");
    let error = binpickle::from_slice::<BTreeMap<String, u8>>(&bytes).expect_err("300 is no u8");
    assert_eq!((error.kind(), error.path().as_deref()), (ErrorKind::Data, Some("/n")), "{error}");
    for (value, message) in [(-1, "a negative number is no u64"), (1, "")] {
        let bytes = binpickle::to_vec(&value).expect("written");
        assert_eq!(binpickle::from_slice::<u64>(&bytes).is_err(), value < 0, "{message}");
    }
}

#[test]
fn unknown_codecs_touch_no_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file.bpk");
    let error = Options::compressed("no-such-codec").to_path(&1, &path).expect_err("there is no such codec");
    assert_eq!(error.kind(), ErrorKind::Codec);
    assert!(error.to_string().contains("no-such-codec"), "{error}");
    assert!(folder.path().read_dir().expect("a folder").next().is_none());
}

struct Fails;

impl Serialize for Fails {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it cannot be said"))
    }
}

#[test]
fn failed_writes_leave_the_old_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file.bpk");
    binpickle::to_path(&model(), &path).expect("written");
    let before = fs::read(&path).expect("a file");
    let error = binpickle::to_path(&(Array1::<f64>::zeros(100_000), Fails), &path).expect_err("it fails");
    assert!(error.to_string().contains("it cannot be said"), "{error}");
    assert_eq!(fs::read(&path).expect("a file"), before);
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 1);
}
