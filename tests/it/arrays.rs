//! Arrays of every element type, shape and order.

use std::cell::Cell;

use binpickle::{MappedArray, Options};
use ndarray::{ArcArray, Array, Array1, Array2, Array3, Array4, ArrayD, ArrayView2, CowArray, Ix1, Ix2, Ix3, array, s};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

use crate::round_trip::{each_way, round_trip};
use crate::samples::{Arrays, Sample, assert_same, for_each_sample, fortran, large};

fn plain<A: Sample>((): ()) {
    let arrays = Arrays::<A>::sample();
    each_way(&arrays, |back: Arrays<A>| back.assert_same(&arrays));
}

#[test]
fn every_element() {
    for_each_sample!((), plain);
}

fn large_ones<A: Sample>((): ()) {
    let matrix = large::<A>();
    each_way(&matrix, |back: Array2<A>| assert_same(&back, &matrix));
    each_way(&matrix.as_slice(), |back: Option<Vec<A>>| {
        assert_same(&Array1::from(back.expect("elements")), &matrix.flatten());
    });
}

#[test]
fn every_element_large() {
    for_each_sample!((), large_ones);
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "A: Sample")]
struct Ordered<A: Sample> {
    #[serde(with = "binpickle::with::ndarray")]
    c: Array2<A>,
    #[serde(with = "binpickle::with::ndarray")]
    fortran: Array2<A>,
    #[serde(with = "binpickle::with::ndarray")]
    cube: Array3<A>,
    #[serde(with = "binpickle::with::ndarray")]
    shared: ArcArray<A, Ix2>,
    #[serde(with = "binpickle::with::ndarray")]
    any: ArrayD<A>,
}

fn ordered<A: Sample>((): ()) {
    let matrix = large::<A>();
    let rows = matrix.slice(s![290.., ..]).to_owned();
    let cube = rows.into_shape_with_order((10, 10, 10)).expect("1,000 elements").reversed_axes();
    let arrays = Ordered {
        fortran: fortran(&matrix),
        shared: matrix.to_shared(),
        any: matrix.clone().into_dyn(),
        c: matrix,
        cube,
    };
    each_way(&arrays, |back: Ordered<A>| {
        assert_same(&back.c, &arrays.c);
        assert_same(&back.fortran, &arrays.fortran);
        assert_same(&back.cube, &arrays.cube);
        assert_same(&back.shared, &arrays.shared);
        assert_same(&back.any, &arrays.any);
        assert!(back.c.is_standard_layout() && back.shared.is_standard_layout());
        assert!(back.fortran.t().is_standard_layout() && back.cube.t().is_standard_layout());
    });
}

#[test]
fn the_order_of_memory_is_kept() {
    for_each_sample!((), ordered);
}

#[test]
fn dimensions() {
    round_trip(&ndarray::arr0(1.5));
    round_trip(&Array1::<f64>::zeros(0));
    round_trip(&Array2::<f32>::zeros((0, 5)));
    round_trip(&Array2::<f32>::zeros((5, 0)));
    round_trip(&Array4::from_shape_fn((2, 3, 4, 5), |(a, b, c, d)| (a + 10 * b + 100 * c + 1_000 * d) as i32));
    round_trip(&ArrayD::from_shape_fn(vec![1, 2, 1, 2, 1, 2, 1, 2], |index| index[1] + 2 * index[3] + 4 * index[5]));
    round_trip(&ArrayD::from_elem(vec![], 1_u8));
    round_trip(&Array1::from_shape_fn(300_000, |i| i as f32));
    round_trip(&vec![array![[1.0, 2.0]], array![[3.0], [4.0]]]);
    round_trip(&(array![1_u8], Some(array![true]), [array![1.5_f32], array![]]));
}

#[test]
fn views_are_arrays() {
    let matrix = Array2::from_shape_fn((300, 200), |(row, column)| (row * 1_000 + column) as f64);
    let window = matrix.slice(s![10..;7, ..;-3]);
    each_way(&matrix.view(), |back: Array2<f64>| assert_eq!(back, matrix));
    each_way(&matrix.t(), |back: Array2<f64>| assert_eq!(back, matrix.t()));
    each_way(&window, |back: Array2<f64>| assert_eq!(back, window));
    each_way(&window.row(3), |back: Array1<f64>| assert_eq!(back, window.row(3)));
    each_way(&matrix.to_shared(), |back: ArcArray<f64, Ix2>| assert_eq!(back, matrix));
    each_way(&CowArray::from(&matrix), |back: Array2<f64>| assert_eq!(back, matrix));
    each_way(&matrix.broadcast((2, 300, 200)), |back: Option<Array3<f64>>| {
        assert_eq!(back, matrix.broadcast((2, 300, 200)).map(|view| view.to_owned()));
    });
}

/// An array of one dimension and a vector are the same in the file.
#[test]
fn arrays_and_vectors() {
    let numbers: Vec<f32> = (0..30_000).map(|i| i as f32).collect();
    each_way(&numbers, |back: Array1<f32>| assert_eq!(back.to_vec(), numbers));
    each_way(&Array1::from(numbers.clone()), |back: Vec<f32>| assert_eq!(back, numbers));
    let matrix = Array2::from_shape_vec((10_000, 3), numbers.clone()).expect("30,000 numbers");
    each_way(&matrix, |back: Vec<[f32; 3]>| assert_eq!(back.as_flattened(), numbers));
    each_way(&matrix, |back: Vec<Vec<f32>>| assert_eq!(back.concat(), numbers));
    each_way(&numbers.as_chunks::<3>().0.to_vec(), |back: Array2<f32>| assert_eq!(back, matrix));
}

/// Numbers of another type are converted where no number changes.
#[test]
fn other_numbers() {
    each_way(&array![1_u8, 2], |back: Array1<u64>| assert_eq!(back, array![1, 2]));
    each_way(&array![1_i32, 2], |back: Vec<f64>| assert_eq!(back, [1.0, 2.0]));
    each_way(&array![0.5_f32], |back: Vec<f64>| assert_eq!(back, [0.5]));
    let bytes = binpickle::to_vec(&array![1_i64, -1]).expect("written");
    let error = binpickle::from_slice::<Array1<u8>>(&bytes).expect_err("-1 is no u8");
    assert_eq!(error.kind(), binpickle::ErrorKind::Data, "{error}");
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "A: Sample")]
struct Mapped<A: Sample> {
    scalar: MappedArray<A, ndarray::Ix0>,
    empty: MappedArray<A, Ix2>,
    vector: MappedArray<A, Ix1>,
    matrix: MappedArray<A, Ix2>,
    fortran: MappedArray<A, Ix2>,
    strided: MappedArray<A, Ix2>,
    cube: MappedArray<A, Ix3>,
    permuted: MappedArray<A, Ix3>,
}

fn mapped<A: Sample>((): ()) {
    let arrays = Arrays::<A>::sample();
    let same = |back: &Mapped<A>| {
        assert_same(&back.scalar, &arrays.scalar);
        assert_same(&back.empty, &arrays.empty);
        assert_same(&back.vector, &arrays.vector);
        assert_same(&back.matrix, &arrays.matrix);
        assert_same(&back.fortran, &arrays.fortran);
        assert_same(&back.strided, &arrays.strided);
        assert_same(&back.cube, &arrays.cube);
        assert_same(&back.permuted, &arrays.permuted);
    };
    each_way(&arrays, |back: Mapped<A>| {
        same(&back);
        each_way(&back, |again: Mapped<A>| same(&again));
    });
}

#[test]
fn mapped_arrays() {
    for_each_sample!((), mapped);
}

#[test]
fn mapped_arrays_are_shared_between_threads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("array.bpk");
    let matrix = large::<f32>();
    Options::mappable().to_path(&matrix, &path).expect("written");
    let array: MappedArray<f32, Ix2> = crate::round_trip::map(&path).load().expect("an array");
    let clone = array.clone();
    assert_eq!(array.as_ptr(), clone.as_ptr());
    assert_eq!(array.as_ptr().align_offset(4096), 0);
    std::thread::spawn(move || assert_same(&clone, &large())).join().expect("the same");
    drop(array);

    // The name goes, the memory stays.
    let array: MappedArray<f32, Ix2> = crate::round_trip::map(&path).load().expect("an array");
    std::fs::remove_file(&path).expect("removed");
    assert_same(&array, &matrix);
}

#[test]
fn mapped_arrays_in_other_formats() {
    let array: MappedArray<f64, Ix2> =
        binpickle::from_slice(&binpickle::to_vec(&array![[1.5, 2.5]]).expect("written")).expect("an array");
    let json = serde_json::to_string(&array).expect("JSON");
    assert_eq!(json, serde_json::to_string(&array![[1.5, 2.5]]).expect("JSON"));
    let back: MappedArray<f64, Ix2> = serde_json::from_str(&json).expect("an array");
    assert_eq!(&*back, &*array);
}

/// What implements `Serialize` by hand, and says no length.
struct Counted(Cell<u32>, u32);

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        while self.0.get() < self.1 {
            sequence.serialize_element(&self.0.replace(self.0.get() + 1))?;
        }
        self.0.set(0);
        sequence.end()
    }
}

#[test]
fn sequences_without_a_length() {
    for length in [0, 1, 100, 300_000] {
        let expected: Vec<u32> = (0..length).collect();
        each_way(&Counted(Cell::new(0), length), |back: Vec<u32>| assert_eq!(back, expected));
    }
}

/// A sequence whose elements change their type, after so many.
struct Changing(usize);

impl Serialize for Changing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for number in 0..self.0 {
            sequence.serialize_element(&(number as u32))?;
        }
        sequence.serialize_element("text")?;
        sequence.serialize_element(&2.5_f64)?;
        sequence.end()
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Item {
    Number(u32),
    Float(f64),
    Text(String),
}

#[test]
fn sequences_that_change() {
    for length in [0, 1, 5, 100_000] {
        each_way(&Changing(length), |back: Vec<Item>| {
            let (numbers, rest) = back.split_at(length);
            assert!(numbers.iter().enumerate().all(|(i, item)| *item == Item::Number(i as u32)));
            assert_eq!(rest, [Item::Text("text".to_owned()), Item::Float(2.5)]);
        });
    }
}

/// A view that is written element by element, because its type is not known.
#[test]
fn erased_types() {
    struct Erased<'a>(ArrayView2<'a, f64>);

    impl Serialize for Erased<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.0.rows().into_iter().map(|row| row.to_vec()))
        }
    }

    let matrix = Array::from_shape_fn((50, 40), |(row, column)| (row * column) as f64);
    each_way(&Erased(matrix.view()), |back: Vec<Vec<f64>>| assert_eq!(back.concat(), matrix.flatten().to_vec()));
}
