//! Numbers in bytes, with the arithmetic of numpy, and the dtypes that stand for them.

use half::f16;

use super::{CodecConfig, ConfigValue};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// A number of numpy's. Its arithmetic is numpy's, too: integers wrap around, and bools are sets of one.
pub(super) trait Number: Copy {
    const SIZE: usize;

    fn read(bytes: &[u8]) -> Self;
    fn write(self, bytes: &mut [u8]);
    fn wide(self) -> Wide;
    fn cast(wide: Wide) -> Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

/// The widest number of a kind: what a cast goes by.
#[derive(Clone, Copy)]
pub(super) enum Wide {
    Int(i64),
    UInt(u64),
    F32(f32),
    F64(f64),
    Complex(f64, f64),
}

impl Wide {
    /// The real part, which is what is left of a complex number in a cast to a real one.
    fn real(self) -> Self {
        match self {
            Wide::Complex(re, _) => Wide::F64(re),
            real => real,
        }
    }

    fn f32(self) -> f32 {
        match self.real() {
            Wide::Int(value) => value as f32,
            Wide::UInt(value) => value as f32,
            Wide::F32(value) => value,
            Wide::F64(value) | Wide::Complex(value, _) => value as f32,
        }
    }

    fn f64(self) -> f64 {
        match self.real() {
            Wide::Int(value) => value as f64,
            Wide::UInt(value) => value as f64,
            Wide::F32(value) => value.into(),
            Wide::F64(value) | Wide::Complex(value, _) => value,
        }
    }

    fn is_nonzero(self) -> bool {
        match self {
            Wide::Int(value) => value != 0,
            Wide::UInt(value) => value != 0,
            Wide::F32(value) => value != 0.0,
            Wide::F64(value) => value != 0.0,
            Wide::Complex(re, im) => re != 0.0 || im != 0.0,
        }
    }

    /// To an integer of up to 16 bits. What does not fit is C's undefined behaviour; this is what an x86 gives.
    fn i32(self) -> i32 {
        match self {
            Wide::Int(value) => value as i32,
            Wide::UInt(value) => value as i32,
            float => {
                let value = float.f64().trunc();
                if (-2_147_483_648.0..2_147_483_648.0).contains(&value) { value as i32 } else { i32::MIN }
            }
        }
    }

    fn i64(self) -> i64 {
        match self {
            Wide::Int(value) => value,
            Wide::UInt(value) => value as i64,
            float => i64_of(float.f64()),
        }
    }

    fn u64(self) -> u64 {
        match self {
            Wide::Int(value) => value as u64,
            Wide::UInt(value) => value,
            float => {
                let value = float.f64();
                if value >= TWO_63 { (i64_of(value - TWO_63) as u64) ^ (1 << 63) } else { i64_of(value) as u64 }
            }
        }
    }
}

const TWO_63: f64 = 9_223_372_036_854_775_808.0;

fn i64_of(value: f64) -> i64 {
    if (-TWO_63..TWO_63).contains(&value) { value as i64 } else { i64::MIN }
}

macro_rules! integers {
    ($($type:ty: $wide:ident, $by:ident;)*) => {
        $(impl Number for $type {
            const SIZE: usize = size_of::<$type>();

            fn read(bytes: &[u8]) -> Self {
                <$type>::from_le_bytes(array(bytes))
            }

            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            fn wide(self) -> Wide {
                Wide::$wide(self.into())
            }

            fn cast(wide: Wide) -> Self {
                wide.$by() as $type
            }

            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
        })*
    };
}

integers! {
    i8: Int, i32;
    u8: UInt, i32;
    i16: Int, i32;
    u16: UInt, i32;
    i32: Int, i32;
    u32: UInt, i64;
    i64: Int, i64;
    u64: UInt, u64;
}

impl Number for bool {
    const SIZE: usize = 1;

    fn read(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }

    fn write(self, bytes: &mut [u8]) {
        bytes[0] = self.into();
    }

    fn wide(self) -> Wide {
        Wide::UInt(self.into())
    }

    fn cast(wide: Wide) -> Self {
        wide.is_nonzero()
    }

    fn plus(self, other: Self) -> Self {
        self | other
    }

    fn minus(self, other: Self) -> Self {
        self ^ other
    }
}

impl Number for f16 {
    const SIZE: usize = 2;

    fn read(bytes: &[u8]) -> Self {
        f16::from_le_bytes(array(bytes))
    }

    fn write(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_le_bytes());
    }

    fn wide(self) -> Wide {
        Wide::F32(self.to_f32())
    }

    fn cast(wide: Wide) -> Self {
        match wide.real() {
            Wide::F64(value) => half_of(value),
            other => f16::from_f32(other.f32()),
        }
    }

    fn plus(self, other: Self) -> Self {
        f16::from_f32(self.to_f32() + other.to_f32())
    }

    fn minus(self, other: Self) -> Self {
        f16::from_f32(self.to_f32() - other.to_f32())
    }
}

/// Rounds once. On its way through an `f32`, the last bit stands for all that was cut off.
fn half_of(value: f64) -> f16 {
    let near = value as f32;
    if !near.is_finite() || f64::from(near).to_bits() == value.to_bits() {
        return f16::from_f32(near);
    }
    let away = f64::from(near).abs() > value.abs();
    f16::from_f32(f32::from_bits((near.to_bits() - u32::from(away)) | 1))
}

macro_rules! floats {
    ($($type:ident: $wide:ident;)*) => {
        $(impl Number for $type {
            const SIZE: usize = size_of::<$type>();

            fn read(bytes: &[u8]) -> Self {
                <$type>::from_le_bytes(array(bytes))
            }

            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            fn wide(self) -> Wide {
                Wide::$wide(self)
            }

            fn cast(wide: Wide) -> Self {
                wide.$type()
            }

            fn plus(self, other: Self) -> Self {
                self + other
            }

            fn minus(self, other: Self) -> Self {
                self - other
            }
        }

        impl Number for Complex<$type> {
            const SIZE: usize = 2 * size_of::<$type>();

            fn read(bytes: &[u8]) -> Self {
                let (re, im) = bytes.split_at(size_of::<$type>());
                Complex($type::read(re), $type::read(im))
            }

            fn write(self, bytes: &mut [u8]) {
                let (re, im) = bytes.split_at_mut(size_of::<$type>());
                self.0.write(re);
                self.1.write(im);
            }

            fn wide(self) -> Wide {
                Wide::Complex(self.0.into(), self.1.into())
            }

            fn cast(wide: Wide) -> Self {
                match wide {
                    Wide::Complex(re, im) => Complex(re as $type, im as $type),
                    real => Complex(real.$type(), 0.0),
                }
            }

            fn plus(self, other: Self) -> Self {
                Complex(self.0 + other.0, self.1 + other.1)
            }

            fn minus(self, other: Self) -> Self {
                Complex(self.0 - other.0, self.1 - other.1)
            }
        })*
    };
}

floats! {
    f32: F32;
    f64: F64;
}

/// The real and the imaginary part.
#[derive(Clone, Copy)]
pub(super) struct Complex<T>(T, T);

/// A float or a complex number, with what rounding and scaling need beyond sums. Half precision computes in single and
/// rounds each time.
pub(super) trait Float: Number {
    fn of(value: f64) -> Self;
    fn times(self, other: Self) -> Self;
    fn over(self, other: Self) -> Self;
    /// numpy's `around`: halves go to the even neighbour.
    fn rint(self) -> Self;
}

impl Float for f16 {
    fn of(value: f64) -> Self {
        half_of(value)
    }

    fn times(self, other: Self) -> Self {
        f16::from_f32(self.to_f32() * other.to_f32())
    }

    fn over(self, other: Self) -> Self {
        f16::from_f32(self.to_f32() / other.to_f32())
    }

    fn rint(self) -> Self {
        f16::from_f32(self.to_f32().round_ties_even())
    }
}

macro_rules! float {
    ($($type:ident)*) => {
        $(impl Float for $type {
            fn of(value: f64) -> Self {
                value as $type
            }

            fn times(self, other: Self) -> Self {
                self * other
            }

            fn over(self, other: Self) -> Self {
                self / other
            }

            fn rint(self) -> Self {
                self.round_ties_even()
            }
        }

        impl Float for Complex<$type> {
            fn of(value: f64) -> Self {
                Complex(value as $type, 0.0)
            }

            fn times(self, other: Self) -> Self {
                Complex(self.0 * other.0 - self.1 * other.1, self.0 * other.1 + self.1 * other.0)
            }

            /// Smith's method, as in numpy; here, nothing is divided but by a real number.
            fn over(self, other: Self) -> Self {
                if other.0 == 0.0 {
                    return Complex(self.0 / other.0.abs(), self.1 / other.0.abs());
                }
                let ratio = other.1 / other.0;
                let scale = 1.0 / (other.0 + other.1 * ratio);
                Complex((self.0 + self.1 * ratio) * scale, (self.1 - self.0 * ratio) * scale)
            }

            fn rint(self) -> Self {
                Complex(self.0.round_ties_even(), self.1.round_ties_even())
            }
        })*
    };
}

float! { f32 f64 }

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

/// Runs code with a type that stands for the numbers of a dtype, the complex ones under the name of [`Complex`].
/// A dtype that is no number, which [`dtype_of`] lets nobody have, runs `$other`.
macro_rules! with_number {
    ($dtype:expr, $type:ident => $body:expr, _ => $other:expr) => {
        with_number!(@ $dtype, $type => $body, _ => $other;
            Bool 1 bool, Int 1 i8, Int 2 i16, Int 4 i32, Int 8 i64, UInt 1 u8, UInt 2 u16, UInt 4 u32, UInt 8 u64,
            Float 2 half::f16, Float 4 f32, Float 8 f64,
            Complex 8 $crate::codec::numbers::Complex<f32>, Complex 16 $crate::codec::numbers::Complex<f64>)
    };
    (@ $dtype:expr, $type:ident => $body:expr, _ => $other:expr; $($kind:ident $size:literal $number:ty),*) => {
        match ($dtype.kind(), $dtype.itemsize()) {
            $(($crate::dtype::Kind::$kind, $size) => {
                type $type = $number;
                $body
            })*
            _ => $other,
        }
    };
}

/// [`with_number`] for floats.
macro_rules! with_float {
    ($dtype:expr, $type:ident => $body:expr) => {
        match $dtype.itemsize() {
            2 => {
                type $type = half::f16;
                $body
            }
            4 => {
                type $type = f32;
                $body
            }
            _ => {
                type $type = f64;
                $body
            }
        }
    };
}

/// [`with_number`] for floats and complex numbers.
macro_rules! with_inexact {
    ($dtype:expr, $type:ident => $body:expr) => {
        match ($dtype.kind(), $dtype.itemsize()) {
            ($crate::dtype::Kind::Complex, 8) => {
                type $type = $crate::codec::numbers::Complex<f32>;
                $body
            }
            ($crate::dtype::Kind::Complex, _) => {
                type $type = $crate::codec::numbers::Complex<f64>;
                $body
            }
            _ => $crate::codec::numbers::with_float!($dtype, $type => $body),
        }
    };
}

pub(super) use {with_float, with_inexact, with_number};

fn is_number(dtype: DType) -> bool {
    matches!(dtype.kind(), Kind::Bool | Kind::Int | Kind::UInt | Kind::Float | Kind::Complex)
}

/// A dtype in a configuration, in the spelling of numpy's `dtype.str` or `str(dtype)`.
pub(super) fn dtype_of(config: &CodecConfig, key: &str) -> Result<Option<DType>> {
    let text = match config.value(key) {
        None | Some(ConfigValue::Null) => return Ok(None),
        Some(ConfigValue::Str(text)) => text,
        Some(other) => {
            return Err(config.wrong_type(key, other, "the name of a dtype"));
        }
    };
    DType::from_name(text).map(Some).ok_or_else(|| {
        Error::codec(format!("the parameter `{key}` of the codec `{}` is no dtype of numbers: '{text}'", config.id()))
    })
}

/// A dtype that must be there.
pub(super) fn required_dtype(config: &CodecConfig, key: &str) -> Result<DType> {
    dtype_of(config, key)?.ok_or_else(|| missing(config, key))
}

pub(super) fn missing(config: &CodecConfig, key: &str) -> Error {
    Error::codec(format!("the codec `{}` needs the parameter `{key}`", config.id()))
}

/// Refuses what is no number.
pub(super) fn numbers_only(id: &str, dtype: DType) -> Result<()> {
    if is_number(dtype) {
        return Ok(());
    }
    Err(Error::codec(format!("the codec `{id}` works on numbers, not on {}", dtype.name())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::of;

    #[test]
    fn halves_are_rounded_once() {
        for (double, half) in [
            (1.0 + 1.0 / 2048.0, 0x3c00),
            (1.0 + 1.0 / 2048.0 + 1e-12, 0x3c01),
            (1.0 + 3.0 / 2048.0 - 1e-12, 0x3c01),
            (1.0 + 3.0 / 2048.0, 0x3c02),
            (65_519.999_999, 0x7bff),
            (65520.0, 0x7c00),
            (1e300, 0x7c00),
            (2f64.powi(-25), 0),
            (2f64.powi(-25) * (1.0 + 1e-15), 1),
            (1e-300, 0),
            (-0.0, 0x8000),
        ] {
            assert_eq!(half_of(double).to_bits(), half, "{double:e}");
            assert_eq!(half_of(-double).to_bits(), half ^ 0x8000, "{double:e}");
        }
        assert!(half_of(f64::NAN).is_nan());
    }

    #[test]
    fn dtypes_in_configurations() {
        let dtype = |text: &str| dtype_of(&CodecConfig::new("x").set("dtype", text), "dtype").ok().flatten();
        for (text, same) in [("int8", "|i1"), ("float16", "<f2"), ("complex64", "<c8"), ("bool", "|b1"), (">f4", ">f4")]
        {
            assert_eq!(dtype(text), Some(of(same)), "{text}");
        }
        for text in ["", "int", "int7", "int08", "float128", "bool8", "O", "object", "<f16"] {
            assert_eq!(dtype(text), None, "{text}");
        }
    }
}
