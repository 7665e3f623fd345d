//! What is lent from the file.

use std::borrow::Cow;

use binpickle::BinPickleFile;
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayView3, CowArray, Ix2};
use serde::{Deserialize, Serialize};

use crate::round_trip::{layouts, map};
use crate::samples::{Sample, assert_same, for_each_sample, fortran, large};

#[derive(Serialize)]
struct Owned {
    name: String,
    names: Vec<String>,
    #[serde(with = "serde_bytes")]
    small: Vec<u8>,
    #[serde(with = "serde_bytes")]
    large: Vec<u8>,
    numbers: Vec<f32>,
    few: Vec<u16>,
    matrix: Array2<f64>,
}

fn owned() -> Owned {
    Owned {
        name: "naïve".to_owned(),
        names: vec!["a".to_owned(), "b".to_owned()],
        small: b"bytes".to_vec(),
        large: (0..100_000).map(|i| i as u8).collect(),
        numbers: (0..50_000).map(|i| i as f32).collect(),
        few: vec![1, 2, 3],
        matrix: large(),
    }
}

#[derive(Deserialize)]
struct Borrowed<'a> {
    name: &'a str,
    #[serde(borrow)]
    names: Vec<&'a str>,
    #[serde(with = "serde_bytes")]
    small: &'a [u8],
    #[serde(with = "serde_bytes")]
    large: &'a [u8],
    #[serde(borrow, with = "binpickle::with::slice")]
    numbers: &'a [f32],
    #[serde(borrow, with = "binpickle::with::slice")]
    few: Cow<'a, [u16]>,
    #[serde(borrow, with = "binpickle::with::view")]
    matrix: ArrayView2<'a, f64>,
}

impl Borrowed<'_> {
    fn assert_same(&self, owned: &Owned) {
        assert_eq!(self.name, owned.name);
        assert_eq!(self.names, owned.names);
        assert_eq!(self.small, owned.small);
        assert_eq!(self.large, owned.large);
        assert_eq!(self.numbers, owned.numbers);
        assert_eq!(*self.few, owned.few);
        assert_same(&self.matrix, &owned.matrix);
    }
}

#[test]
fn borrowed_in_every_layout() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file.bpk");
    let owned = owned();
    for (name, options) in layouts() {
        println!("{name}");
        options.to_path(&owned, &path).expect("written");
        for file in [BinPickleFile::open(&path).expect("a file"), map(&path)] {
            let borrowed: Borrowed = file.load().expect("a view");
            borrowed.assert_same(&owned);
            let again: Borrowed = file.load().expect("a view");
            again.assert_same(&owned);
        }
    }
}

/// Of a mappable file that is mapped, two loads lend the same memory.
#[test]
fn nothing_is_copied() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file.bpk");
    binpickle::Options::mappable().to_path(&owned(), &path).expect("written");
    let file = map(&path);
    let (one, other): (Borrowed, Borrowed) = (file.load().expect("a view"), file.load().expect("a view"));
    assert_eq!(one.name.as_ptr(), other.name.as_ptr());
    assert_eq!(one.small.as_ptr(), other.small.as_ptr());
    assert_eq!(one.large.as_ptr(), other.large.as_ptr());
    assert_eq!(one.numbers.as_ptr(), other.numbers.as_ptr());
    assert_eq!(one.matrix.as_ptr(), other.matrix.as_ptr());
    for address in [one.large.as_ptr().addr(), one.numbers.as_ptr().addr(), one.matrix.as_ptr().addr()] {
        assert_eq!(address % 4096, 0);
    }
}

#[derive(Serialize)]
#[serde(bound = "A: Sample")]
struct Arrays<A: Sample> {
    empty: Array1<A>,
    vector: Array1<A>,
    matrix: Array2<A>,
    fortran: Array2<A>,
    cube: Array3<A>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "A: Sample"))]
struct Views<'a, A: Sample> {
    #[serde(borrow, with = "binpickle::with::view")]
    empty: ArrayView1<'a, A>,
    #[serde(borrow, with = "binpickle::with::view")]
    vector: ArrayView1<'a, A>,
    #[serde(borrow, with = "binpickle::with::view")]
    matrix: CowArray<'a, A, Ix2>,
    #[serde(borrow, with = "binpickle::with::view")]
    fortran: ArrayView2<'a, A>,
    #[serde(borrow, with = "binpickle::with::view")]
    cube: ArrayView3<'a, A>,
}

fn views<A: Sample>((): ()) {
    let matrix = large::<A>();
    let arrays = Arrays {
        empty: Array1::from_vec(vec![]),
        vector: Array1::from_vec(A::elements()),
        fortran: fortran(&matrix),
        cube: matrix.clone().into_shape_with_order((10, 12, 250)).expect("30,000 elements"),
        matrix,
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file.bpk");
    for (name, options) in layouts() {
        println!("{} {name}", A::NAME);
        options.to_path(&arrays, &path).expect("written");
        for file in [BinPickleFile::open(&path).expect("a file"), map(&path)] {
            let views: Views<A> = file.load().expect("views");
            assert_same(&views.empty, &arrays.empty);
            assert_same(&views.vector, &arrays.vector);
            assert_same(&views.matrix, &arrays.matrix);
            assert_same(&views.fortran, &arrays.fortran);
            assert_same(&views.cube, &arrays.cube);
            assert!(views.fortran.t().is_standard_layout());
        }
    }
}

#[test]
fn views_of_every_element() {
    for_each_sample!((), views);
}

#[test]
fn from_memory() {
    let bytes = binpickle::Options::mappable().to_vec(&owned()).expect("written");
    let range = bytes.as_ptr_range();
    let file = BinPickleFile::from_vec(bytes).expect("a file");
    let borrowed: Borrowed = file.load().expect("a view");
    borrowed.assert_same(&owned());
    assert!(range.contains(&borrowed.name.as_ptr()) && range.contains(&borrowed.large.as_ptr()));
}
