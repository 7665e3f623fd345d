//! Sequences and arrays that go out of band in parts: the file is the one that is made with all of them in memory.

use std::cell::Cell;
use std::io::Cursor;

use binpickle::{BinPickleFile, Options};
use ndarray::{Array2, Array3, ShapeBuilder, s};
use serde::ser::{Error, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Serialize, Serializer};

/// Saved to a file, where parts can be taken back, with 1 to 3 threads; and to memory, where they cannot.
fn saved<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let mut saved = Vec::new();
    for options in [Options::new().codecs([]), Options::mappable(), Options::compressed("zstd")] {
        let mut memory = Cursor::new(Vec::new());
        options.to_writer(value, &mut memory).expect("written");
        saved = memory.into_inner();
        for threads in 1..=3 {
            options.clone().threads(threads).to_path(value, &path).expect("written");
            assert!(std::fs::read(&path).expect("read") == saved, "{options:?}, {threads} threads");
        }
        assert_eq!(BinPickleFile::open(&path).expect("a file").find_errors().len(), 0);
    }
    saved
}

fn loaded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> T {
    binpickle::from_slice(bytes).expect("read")
}

/// A sequence of no known length and type, like that of an erased value or of another crate's matrix.
struct OneByOne<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for OneByOne<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

fn numbers(len: u32) -> Vec<f32> {
    (0..len).map(|n| n as f32 / 3.0).collect()
}

#[test]
fn one_by_one() {
    for len in [0, 1, 4096, 65_535, 65_536, 65_537, 1_000_000] {
        let numbers = numbers(len);
        let bytes = saved(&OneByOne(&numbers));
        assert!(loaded::<Vec<f32>>(&bytes) == numbers);
        if len > 0 {
            assert!(bytes == saved(&numbers));
        }
    }
    let rows: Vec<(u16, u16)> = (0..200_000).map(|n| (n as u16, 7)).collect();
    assert!(loaded::<Vec<(u16, u16)>>(&saved(&OneByOne(&rows))) == rows);
    // Several, between others.
    let numbers = numbers(300_000);
    let all = saved(&(&numbers, OneByOne(&numbers), "text", OneByOne(&numbers)));
    assert!(all == saved(&(&numbers, &numbers, "text", &numbers)));
}

#[test]
fn erased() {
    let numbers = numbers(1_000_000);
    let matrix = Array2::from_shape_vec((1000, 1000), numbers.clone()).expect("a million");
    let erased: [Box<dyn erased_serde::Serialize>; 2] = [Box::new(numbers.clone()), Box::new(matrix.clone())];
    assert!(saved(&erased[0]) == saved(&numbers));
    assert!(saved(&erased[1]) == saved(&matrix));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Int(u32),
    Float(f64),
    Text(String),
}

#[test]
fn what_turns_out_to_be_no_array_is_taken_back() {
    let ints = |len| (0..len).map(Number::Int).collect::<Vec<_>>();
    for last in [Number::Float(0.5), Number::Text("end".to_owned())] {
        for len in [1, 65_535, 65_536, 65_537, 300_000] {
            let mut mixed = ints(len);
            mixed.push(last.clone());
            mixed.extend(ints(3));
            // What comes before and after is as it was.
            let value = (numbers(5000), mixed, ints(200_000), numbers(5000));
            assert!(loaded::<(Vec<f32>, Vec<Number>, Vec<Number>, Vec<f32>)>(&saved(&value)) == value);
        }
    }
    let floats: Vec<_> = (0..150_000).map(f64::from).map(Number::Float).collect();
    let value = [floats, vec![Number::Int(1)]].concat();
    assert!(loaded::<Vec<Number>>(&saved(&value)) == value);
}

/// As ndarray writes an array, but for what is in it.
struct Array<'a>(usize, &'a [Number]);

impl Serialize for Array<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Array", 3)?;
        fields.serialize_field("v", &1u8)?;
        fields.serialize_field("dim", &(self.0,))?;
        fields.serialize_field("data", &OneByOne(self.1))?;
        fields.end()
    }
}

#[derive(Deserialize)]
struct Fields {
    dim: (usize,),
    data: Vec<Number>,
}

#[test]
fn arrays_of_another_length_or_not_of_numbers() {
    let mut data: Vec<Number> = (0..200_000).map(Number::Int).collect();
    let array = Box::new(Array(200_000, &data)) as Box<dyn erased_serde::Serialize + '_>;
    assert!(loaded::<ndarray::Array1<u32>>(&saved(&array))[199_999] == 199_999);
    drop(array);
    for len in [199_999, 200_001] {
        let array = Box::new(Array(len, &data)) as Box<dyn erased_serde::Serialize + '_>;
        let fields: Fields = loaded(&saved(&array));
        assert!(fields.dim == (len,) && fields.data == data);
    }
    data.push(Number::Text("end".to_owned()));
    let array = Box::new(Array(200_001, &data)) as Box<dyn erased_serde::Serialize + '_>;
    let fields: Fields = loaded(&saved(&array));
    assert!(fields.dim == (200_001,) && fields.data == data);
}

#[test]
fn arrays_with_gaps() {
    let matrix = Array2::from_shape_fn((700, 900), |(row, column)| (row * 1000 + column) as f64);
    for view in [
        matrix.slice(s![.., ..;2]),
        matrix.slice(s![..;-1, 3..]),
        matrix.slice(s![..;3, ..1]),
        matrix.slice(s![..1, ..;7]),
        matrix.slice(s![5..9, ..;-1]),
    ] {
        let whole = Array2::from_shape_vec(view.dim(), view.iter().copied().collect()).expect("as many");
        assert!(saved(&view) == saved(&whole));
    }
    let cube = Array3::from_shape_fn((40, 50, 70), |(x, y, z)| (x * 10_000 + y * 100 + z) as i32);
    let view = cube.slice(s![..;2, .., ..;-3]);
    let whole = Array3::from_shape_vec(view.dim(), view.iter().copied().collect()).expect("as many");
    assert!(saved(&view) == saved(&whole));
    // These lie in memory as in Fortran.
    for view in [matrix.t().slice_move(s![.., ..;2]), matrix.t().slice_move(s![..;-3, ..;2])] {
        let elements = view.t().iter().copied().collect();
        let whole = Array2::from_shape_vec(view.dim().f(), elements).expect("as many");
        assert!(whole == view && saved(&view) == saved(&whole));
        assert!(loaded::<Array2<f64>>(&saved(&view)) == view);
    }
}

/// Fails in the middle; and whoever holds it goes on as if nothing had happened.
struct Failing(Cell<bool>);

impl Serialize for Failing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for number in 0..100_000u64 {
            sequence.serialize_element(&number)?;
        }
        self.0.set(true);
        Err(S::Error::custom("no more"))
    }
}

#[test]
fn an_error_in_the_middle_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let failing = Failing(Cell::new(false));
    let error = Options::mappable().to_path(&(&failing, numbers(100_000)), &path).expect_err("it fails");
    assert!(failing.0.get() && error.to_string().contains("no more"), "{error}");
    assert!(!path.exists());
}

#[test]
fn long_streams() {
    let records: Vec<(String, Option<u32>)> =
        (0..800_000).map(|n| (format!("{} is a number", n % 500_000), (n % 3 > 0).then_some(n))).collect();
    let bytes = saved(&records);
    assert!(loaded::<Vec<(String, Option<u32>)>>(&bytes) == records);
    let file = BinPickleFile::from_vec(bytes).expect("a file");
    let stream = binpickle::pickle::to_vec(&records).expect("written");
    assert_eq!(file.entries().len(), 1);
    assert!(stream.len() > 10 << 20 && file.entries()[0].decoded_len() == stream.len() as u64);
    assert!(binpickle::pickle::from_slice::<Vec<(String, Option<u32>)>>(&stream).expect("read") == records);
}

/// A stream that is in the file makes room for an array, and one that came before it does not matter.
#[test]
fn arrays_before_after_and_in_the_midst_of_a_long_stream() {
    type Records = Vec<(String, u32)>;

    let records: Records = (0..60_000).map(|n| (format!("{n} is a number"), n)).collect();
    let array = numbers(100_000);
    let stream = binpickle::pickle::to_vec(&records).expect("written");
    assert!(stream.len() > 1 << 20);
    assert!(loaded::<(Records, Vec<f32>)>(&saved(&(&records, &array))) == (records.clone(), array.clone()));
    assert!(loaded::<(Vec<f32>, Records)>(&saved(&(&array, &records))) == (array.clone(), records.clone()));
    let bytes = saved(&(&records, &array, &records, &array));
    assert!(
        loaded::<(Records, Vec<f32>, Records, Vec<f32>)>(&bytes)
            == (records.clone(), array.clone(), records.clone(), array)
    );
    assert_eq!(BinPickleFile::from_vec(bytes).expect("a file").entries().len(), 3);
}

/// Whether what was written is only `None` is seen wherever in the stream it is.
#[test]
fn nested_options_at_every_place_of_a_frame() {
    let nested = |n: usize| [None, Some(None), Some(Some(None)), Some(Some(Some(n)))][n % 4];
    let values: Vec<(Option<Option<Option<usize>>>, String)> =
        (0..60_000).map(|n| (nested(n), "x".repeat(n % 7))).collect();
    assert!(loaded::<Vec<(Option<Option<Option<usize>>>, String)>>(&saved(&values)) == values);
}
