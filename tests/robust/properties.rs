//! L: what is the same whichever way it goes. (More of it is in `tests/it/properties.rs`.)

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use binpickle::{Alignment, BinPickleFile, Options};
use ndarray::{Array, ArrayD, Axis, Dimension, IxDyn, ShapeBuilder, Slice};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::sample;

/// A reader that gives what it likes: from one byte on, and now and then an interruption.
struct Chunks<'b> {
    inner: Cursor<&'b [u8]>,
    sizes: Vec<usize>,
    next: usize,
}

impl Read for Chunks<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.next % self.sizes.len()];
        self.next += 1;
        match size {
            0 => Err(io::ErrorKind::Interrupted.into()),
            size => {
                let len = out.len().min(size);
                self.inner.read(&mut out[..len])
            }
        }
    }
}

impl Seek for Chunks<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.inner.seek(position)
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Arrays {
    #[serde(with = "binpickle::with::ndarray")]
    kept: ArrayD<f64>,
    plain: ArrayD<f64>,
}

/// Every NaN, infinity and zero, bit by bit.
fn bits() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        Just(0),
        Just(1 << 63),
        (0..1u64 << 52).prop_map(|payload| 0x7ff0_0000_0000_0000 | payload),
        (0..1u64 << 52).prop_map(|payload| 0xfff0_0000_0000_0000 | payload),
    ]
}

fn same(a: &ArrayD<f64>, b: &ArrayD<f64>) -> bool {
    a.shape() == b.shape() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if crate::long() { 5_000 } else { 128 }))]

    #[test]
    fn arrays_of_every_shape(
        shape in prop::collection::vec(0..5usize, 0..6),
        fortran in any::<bool>(),
        values in prop::collection::vec(bits(), 1..40),
        reversed in any::<bool>(),
        step in 1..3isize,
        inverted in any::<bool>(),
        inline_below in prop_oneof![Just(0), Just(usize::MAX), Just(100)],
        alignment in prop_oneof![Just(Alignment::None), Just(Alignment::Bytes(64)), Just(Alignment::Page)],
    ) {
        let mut n = 0;
        let mut array: ArrayD<f64> = Array::from_shape_simple_fn(IxDyn(&shape).set_f(fortran), || {
            n += 1;
            f64::from_bits(values[n % values.len()])
        });
        if reversed {
            array = array.reversed_axes();
        }
        if array.ndim() > 0 {
            array.slice_axis_inplace(Axis(0), Slice::new(0, None, if inverted { -step } else { step }));
        }
        let arrays = Arrays { kept: array.clone(), plain: array };
        let options = Options::mappable().align(alignment).inline_below(inline_below);
        let bytes = options.to_vec(&arrays).expect("written");
        prop_assert_eq!(&options.to_vec(&arrays).expect("written"), &bytes);
        let back: Arrays = binpickle::from_slice(&bytes).expect("read");
        prop_assert!(same(&back.kept, &arrays.kept) && same(&back.plain, &arrays.plain));
        if arrays.kept.raw_dim().ndim() > 1 && arrays.kept.len() > 1 && arrays.kept.t().is_standard_layout() {
            prop_assert!(back.kept.t().is_standard_layout());
        }
        let file = BinPickleFile::from_vec(bytes).expect("a file");
        prop_assert!(file.find_errors().is_empty());
        let value: binpickle::Value = file.load().expect("read");
        prop_assert_eq!(&binpickle::from_slice::<binpickle::Value>(&binpickle::to_vec(&value).expect("written")).expect("read"), &value);
    }

    #[test]
    fn in_chunks_or_whole(sizes in prop::collection::vec(0..5_000usize, 1..10), which in 0..10usize, skipped in 0..20usize) {
        prop_assume!(sizes.iter().any(|&size| size > 0));
        let (name, model, file) = sample::files(300).swap_remove(which);
        let bytes = [&vec![0xaa; skipped][..], &file].concat();
        let mut inner = Cursor::new(&bytes[..]);
        inner.set_position(skipped as u64);
        let loaded: sample::Model = binpickle::from_reader(Chunks { inner, sizes, next: 0 }).expect(name);
        prop_assert!(loaded == model);
        let threads = Options::mappable().threads(1 + skipped % 4).to_vec(&model).expect("written");
        prop_assert!(threads == Options::mappable().to_vec(&model).expect("written"));
    }

    /// Any bytes as a stream, and any changes of a good one.
    #[test]
    fn streams_never_panic(noise in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        _ = binpickle::pickle::from_slice::<binpickle::Value>(&noise);
        let mut stream = binpickle::pickle::to_vec(&sample::model(8, 1)).expect("written");
        let at = at.index(stream.len());
        let end = (at + noise.len().min(6)).min(stream.len());
        stream[at..end].copy_from_slice(&noise[..end - at]);
        _ = binpickle::pickle::from_slice::<binpickle::Value>(&stream);
        _ = binpickle::pickle::from_slice::<sample::Model>(&stream);
        _ = binpickle::pickle::from_slice::<serde_json::Value>(&stream);
    }
}
