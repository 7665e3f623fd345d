//! The arrays that both languages know: `scripts/samples.py` builds the same ones.

use std::fmt::Debug;

use binpickle::Element;
use half::f16;
use ndarray::{Array, Array0, Array1, Array2, Array3, ArrayRef, Dimension, s};
use num_complex::Complex;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// An element type of which there are sample arrays.
pub trait Sample: Element + Debug + Serialize + DeserializeOwned + 'static {
    /// numpy's name of the dtype.
    const NAME: &'static str;

    /// Twelve elements that are hard on a format.
    fn elements() -> Vec<Self>;

    /// The element bit by bit, for NaN is not equal to NaN.
    fn bits(&self) -> u128;
}

impl Sample for bool {
    const NAME: &'static str = "bool";

    fn elements() -> Vec<Self> {
        (0..12).map(|i| i % 3 == 0).collect()
    }

    fn bits(&self) -> u128 {
        u128::from(*self)
    }
}

macro_rules! integers {
    ($($type:ident $name:literal,)*) => {$(
        impl Sample for $type {
            const NAME: &'static str = $name;

            fn elements() -> Vec<Self> {
                vec![$type::MIN, $type::MAX, 0, 1, 2, 3, 5, 8, 13, 21, 34, 55]
            }

            fn bits(&self) -> u128 {
                i128::from(*self).cast_unsigned()
            }
        }
    )*};
}

macro_rules! floats {
    ($($type:ident $name:literal [$($bits:literal)*],)*) => {$(
        impl Sample for $type {
            const NAME: &'static str = $name;

            fn elements() -> Vec<Self> {
                [$($bits),*].map($type::from_bits).to_vec()
            }

            fn bits(&self) -> u128 {
                self.to_bits().into()
            }
        }
    )*};
}

macro_rules! complex {
    ($($type:ident $name:literal,)*) => {$(
        impl Sample for Complex<$type> {
            const NAME: &'static str = $name;

            fn elements() -> Vec<Self> {
                let parts = $type::elements();
                parts.iter().zip(parts.iter().rev()).map(|(&re, &im)| Complex { re, im }).collect()
            }

            fn bits(&self) -> u128 {
                self.re.bits() << 64 | self.im.bits()
            }
        }
    )*};
}

integers! {
    i8 "int8", i16 "int16", i32 "int32", i64 "int64",
    u8 "uint8", u16 "uint16", u32 "uint32", u64 "uint64",
}

// 0, -0, 1.5, -2.25, the infinities, NaN, NaNs with a payload (one signalling, one negative), the smallest and the
// largest number, and the step at 1
floats! {
    f16 "float16" [
        0x0000 0x8000 0x3e00 0xc080 0x7c00 0xfc00 0x7e00 0x7c01 0xfe12 0x0001 0x7bff 0x1400
    ],
    f32 "float32" [
        0x0000_0000 0x8000_0000 0x3fc0_0000 0xc010_0000 0x7f80_0000 0xff80_0000
        0x7fc0_0000 0x7f80_0001 0xffc1_2345 0x0000_0001 0x7f7f_ffff 0x3400_0000
    ],
    f64 "float64" [
        0x0000_0000_0000_0000 0x8000_0000_0000_0000 0x3ff8_0000_0000_0000 0xc002_0000_0000_0000
        0x7ff0_0000_0000_0000 0xfff0_0000_0000_0000 0x7ff8_0000_0000_0000 0x7ff0_0000_0000_0001
        0xfff8_1234_5678_9abc 0x0000_0000_0000_0001 0x7fef_ffff_ffff_ffff 0x3cb0_0000_0000_0000
    ],
}

complex! { f32 "complex64", f64 "complex128", }

/// Calls a function, or a method of `self`, for every sample type: `for_each_sample!(topic, write_arrays)`.
macro_rules! for_each_sample {
    ($argument:expr, $function:ident) => {
        for_each_sample!($argument, $function:
            bool i8 i16 i32 i64 u8 u16 u32 u64 half::f16 f32 f64 num_complex::Complex<f32> num_complex::Complex<f64>)
    };
    ($argument:expr, $function:ident: $($type:ty)*) => { $($function::<$type>($argument);)* };
}
pub(crate) use for_each_sample;

/// Arrays of every shape and order, through ndarray's own serde impl.
#[allow(clippy::unsafe_derive_deserialize)] // the `unsafe` is in ndarray's macro `s!`
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Sample")]
pub struct Arrays<A: Sample> {
    pub scalar: Array0<A>,
    pub empty: Array2<A>,
    pub vector: Array1<A>,
    pub matrix: Array2<A>,
    pub fortran: Array2<A>,
    pub strided: Array2<A>,
    pub cube: Array3<A>,
    pub permuted: Array3<A>,
}

impl<A: Sample> Arrays<A> {
    pub fn sample() -> Self {
        let vector = Array1::from_vec(A::elements());
        let matrix = shaped(vector.clone(), [3, 4]);
        let cube = shaped(vector.clone(), [2, 3, 2]);
        Arrays {
            scalar: Array0::from_elem((), vector[1]),
            empty: shaped(Array1::from_vec(Vec::new()), [0, 3]),
            fortran: fortran(&matrix),
            strided: matrix.clone().slice_move(s![..;2, ..;-1]),
            permuted: cube.clone().permuted_axes([2, 0, 1]),
            vector,
            matrix,
            cube,
        }
    }

    /// Compares bit by bit.
    #[track_caller]
    pub fn assert_same(&self, other: &Self) {
        assert_same(&self.scalar, &other.scalar);
        assert_same(&self.empty, &other.empty);
        assert_same(&self.vector, &other.vector);
        assert_same(&self.matrix, &other.matrix);
        assert_same(&self.fortran, &other.fortran);
        assert_same(&self.strided, &other.strided);
        assert_same(&self.cube, &other.cube);
        assert_same(&self.permuted, &other.permuted);
    }
}

/// 300 × 100 elements: the twelve again and again.
pub fn large<A: Sample>() -> Array2<A> {
    let elements = A::elements();
    Array2::from_shape_fn((300, 100), |(row, column)| elements[(row * 100 + column) % 12])
}

/// The same matrix in Fortran's order.
pub fn fortran<A: Sample>(matrix: &Array2<A>) -> Array2<A> {
    matrix.t().as_standard_layout().into_owned().reversed_axes()
}

#[track_caller]
pub fn assert_same<A: Sample, D: Dimension>(one: &ArrayRef<A, D>, other: &ArrayRef<A, D>) {
    assert_eq!(one.shape(), other.shape());
    assert!(one.iter().map(A::bits).eq(other.iter().map(A::bits)), "{} arrays differ: {one:?}, {other:?}", A::NAME);
}

fn shaped<A, D: Dimension>(vector: Array1<A>, shape: impl ndarray::IntoDimension<Dim = D>) -> Array<A, D> {
    vector.into_shape_with_order(shape.into_dimension()).expect("the shape fits")
}
