//! J: what the casts between bytes and numbers are given by a file. (The casts themselves are tested in `src/bytes`, also
//! under `AddressSanitizer` and valgrind, and so are these.)

use binpickle::{BinPickleFile, ErrorKind, MappedArray};
use ndarray::{Array1, ArrayView1, Ix1};
use serde::Deserialize;

use crate::forge;

/// numpy._core.numeric._frombuffer(buffer, dtype, (len,), 'C')
fn array_of(dtype: &str, len: usize) -> Vec<u8> {
    [
        &b"\x8c\x13numpy._core.numeric\x8c\x0b_frombuffer\x93(\x97\x8c"[..],
        &[dtype.len() as u8],
        dtype.as_bytes(),
        b"J",
        &(len as u32).to_le_bytes(),
        b"\x85\x8c\x01CtR.",
    ]
    .concat()
}

#[derive(Deserialize)]
#[serde(bound = "")]
struct View<'a, A: binpickle::Element>(#[serde(borrow, with = "binpickle::with::view")] ArrayView1<'a, A>);

#[derive(Deserialize)]
#[serde(bound = "")]
struct Slice<'a, A: binpickle::Element>(#[serde(borrow, with = "binpickle::with::slice")] &'a [A]);

/// Loads an array in every way in which memory is looked at as numbers.
fn every_way<A>(file: &[u8], expected: Result<&[A], ErrorKind>)
where
    A: binpickle::Element + PartialEq + std::fmt::Debug + for<'de> Deserialize<'de>,
{
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("array.bpk");
    std::fs::write(&path, file).expect("written");
    // SAFETY: nobody knows of the file.
    let mapped = unsafe { BinPickleFile::map(&path) }.expect("a file");
    let read = BinPickleFile::open(&path).expect("a file");
    let memory = BinPickleFile::from_vec(file.to_vec()).expect("a file");
    for file in [&mapped, &read, &memory] {
        let ways = [
            file.load::<Vec<A>>(),
            file.load::<Array1<A>>().map(|array| array.to_vec()),
            file.load::<View<'_, A>>().map(|view| view.0.to_vec()),
            file.load::<Slice<'_, A>>().map(|slice| slice.0.to_vec()),
            file.load::<MappedArray<A, Ix1>>().map(|array| array.to_vec()),
            file.load::<std::collections::VecDeque<A>>().map(Vec::from),
        ];
        for way in ways {
            assert_eq!(way.as_deref().map_err(binpickle::Error::kind), expected);
        }
    }
}

#[test]
fn bools_that_are_neither() {
    for byte in [2, 3, 0x80, 0xff] {
        for place in [0, 1, 7, 8, 99] {
            let mut bytes = [1; 100];
            bytes[place] = byte;
            every_way::<bool>(&forge::of_buffers(&[&bytes, &array_of("?", 100)]), Err(ErrorKind::Data));
        }
    }
    every_way(&forge::of_buffers(&[&[0, 1, 1], &array_of("?", 3)]), Ok(&[false, true, true]));
    every_way::<bool>(&forge::of_buffers(&[&[], &array_of("?", 0)]), Ok(&[]));
    // In the stream.
    let stream = binpickle::pickle::to_vec(&vec![true, false, true]).expect("written");
    let at = stream.windows(3).position(|bytes| bytes == [1, 0, 1]).expect("the bools");
    let mut broken = stream.clone();
    broken[at + 1] = 7;
    every_way(&forge::of_buffers(&[&stream]), Ok(&[true, false, true]));
    every_way::<bool>(&forge::of_buffers(&[&broken]), Err(ErrorKind::Data));
}

#[test]
fn misaligned_and_empty() {
    let numbers: Vec<f64> = (0..100).map(f64::from).collect();
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let swapped: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    for before in 0..17 {
        // A buffer that nobody asks for moves the other one.
        let file = |bytes: &[u8], dtype, len| {
            let stream = [&b"\x970"[..], &array_of(dtype, len)].concat();
            forge::of_buffers(&[&vec![1; before], bytes, &stream])
        };
        every_way(&file(&bytes, "<f8", 100), Ok(&numbers));
        every_way(&file(&swapped, ">f8", 100), Ok(&numbers));
        every_way::<f64>(&file(&[], "<f8", 0), Ok(&[]));
    }
}

#[test]
fn lengths_that_do_not_fit() {
    for len in [0, 1, 7, 9, 15, 17] {
        let file = forge::of_buffers(&[&vec![0; len], &array_of("<f8", 1)]);
        for error in [
            binpickle::from_slice::<Vec<f64>>(&file).map(drop),
            binpickle::from_slice::<Array1<f64>>(&file).map(drop),
            binpickle::from_slice::<binpickle::Value>(&file).map(drop),
        ] {
            assert!(error.is_err(), "{len} bytes are no f64");
        }
    }
}
