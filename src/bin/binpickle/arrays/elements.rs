//! The elements of arrays, one by one.

use std::borrow::Cow;
use std::fmt;

use binpickle::value::Array;
use binpickle::{DType, Kind};
use half::f16;

/// An element.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    /// Of 32 bits, which has fewer digits.
    Single(f32),
    Complex(f64, f64),
    Text(String),
    /// No time.
    NaT,
}

impl Element {
    /// The element in some bytes, which are as many as the dtype says and in this machine's order.
    pub fn read(dtype: DType, bytes: &[u8]) -> Element {
        let (sign, wide) = (integer(bytes), bytes.len());
        match (dtype.kind(), wide) {
            (Kind::Bool, _) => Element::Bool(bytes.first().is_some_and(|byte| *byte != 0)),
            (Kind::DateTime | Kind::TimeDelta, _) if sign == i64::MIN => Element::NaT,
            (Kind::Int | Kind::DateTime | Kind::TimeDelta, _) => Element::Int(sign),
            (Kind::UInt, _) => Element::UInt(unsigned(bytes)),
            (Kind::Float, 4) => Element::Single(f32::from_bits(unsigned(bytes) as u32)),
            (Kind::Float, _) => Element::Float(float(bytes)),
            (Kind::Complex, _) => {
                let (re, im) = bytes.split_at(wide / 2);
                Element::Complex(float(re), float(im))
            }
            (Kind::Str, _) => {
                let codes = bytes.chunks_exact(4).map(|code| unsigned(code) as u32);
                let text: String =
                    codes.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
                Element::Text(text.trim_end_matches('\0').to_owned())
            }
            _ => Element::Text(bytes.escape_ascii().to_string().trim_end_matches("\\x00").to_owned()),
        }
    }

    /// As a number, where it is one.
    pub fn number(&self) -> Option<f64> {
        Some(match *self {
            Element::Bool(value) => f64::from(u8::from(value)),
            Element::Int(value) => value as f64,
            Element::UInt(value) => value as f64,
            Element::Float(value) => value,
            Element::Single(value) => f64::from(value),
            Element::Complex(..) | Element::Text(_) | Element::NaT => return None,
        })
    }
}

impl fmt::Display for Element {
    /// As Python prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let float = |text: String| if text == "NaN" { "nan".to_owned() } else { text };
        let text = match self {
            Element::Bool(true) => "True".to_owned(),
            Element::Bool(false) => "False".to_owned(),
            Element::Int(value) => value.to_string(),
            Element::UInt(value) => value.to_string(),
            Element::Float(value) => float(format!("{value:?}")),
            Element::Single(value) => float(format!("{value:?}")),
            Element::Complex(re, im) => format!("{}{}{}j", re, if im.is_sign_negative() { "" } else { "+" }, im),
            Element::Text(text) => text.clone(),
            Element::NaT => "NaT".to_owned(),
        };
        f.pad(&text)
    }
}

fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

fn integer(bytes: &[u8]) -> i64 {
    let unused = 64 - 8 * bytes.len().clamp(1, 8) as u32;
    (unsigned(bytes) as i64) << unused >> unused
}

fn float(bytes: &[u8]) -> f64 {
    match bytes.len() {
        2 => f16::from_bits(unsigned(bytes) as u16).to_f64(),
        4 => f64::from(f32::from_bits(unsigned(bytes) as u32)),
        _ => f64::from_bits(unsigned(bytes)),
    }
}

/// The element of an array at some indices, which must be within its shape.
pub fn at(array: &Array, indices: &[usize]) -> Element {
    let place = |sum: usize, (&index, &len): (&usize, &usize)| sum * len + index;
    let axes = indices.iter().zip(array.shape());
    let place = if array.is_fortran() { axes.rev().fold(0, place) } else { axes.fold(0, place) };
    let size = array.dtype().itemsize();
    let bytes = array.bytes().get(place * size..(place + 1) * size).unwrap_or_default();
    Element::read(array.dtype(), bytes)
}

/// The elements in the order of memory.
pub fn all(array: &Array) -> impl Iterator<Item = Element> {
    array.bytes().chunks_exact(array.dtype().itemsize().max(1)).map(|bytes| Element::read(array.dtype(), bytes))
}

/// The bytes in C order.
pub fn c_order(array: &Array) -> Cow<'_, [u8]> {
    let (shape, size, bytes) = (array.shape(), array.dtype().itemsize(), array.bytes());
    if !array.is_fortran() || shape.len() < 2 || bytes.is_empty() {
        return Cow::Borrowed(bytes);
    }
    let mut steps = vec![size; shape.len()];
    for axis in 1..shape.len() {
        steps[axis] = steps[axis - 1] * shape[axis - 1];
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut indices = vec![0; shape.len()];
    let mut place = 0;
    while out.len() < bytes.len() {
        out.extend_from_slice(&bytes[place..place + size]);
        // The next index: the last axis varies fastest.
        for axis in (0..shape.len()).rev() {
            indices[axis] += 1;
            place += steps[axis];
            if indices[axis] < shape[axis] {
                break;
            }
            place -= steps[axis] * shape[axis];
            indices[axis] = 0;
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(dtype: &str, shape: &[usize], fortran: bool, bytes: &[u8]) -> Array {
        Array::from_bytes(DType::from_name(dtype).unwrap(), shape, fortran, bytes).unwrap()
    }

    fn shown(dtype: &str, bytes: &[u8]) -> String {
        all(&array(dtype, &[1], false, bytes)).map(|element| element.to_string()).collect()
    }

    #[test]
    fn as_python_prints_them() {
        assert_eq!(shown("bool", &[1]), "True");
        assert_eq!(shown("int8", &[0xff]), "-1");
        assert_eq!(shown(">i2", &[0xff, 0xfe]), "-2");
        assert_eq!(shown("uint64", &[0xff; 8]), u64::MAX.to_string());
        assert_eq!(shown("float16", &[0x00, 0x3c]), "1.0");
        assert_eq!(shown("float32", &0.1f32.to_le_bytes()), "0.1");
        assert_eq!(shown("float64", &f64::NAN.to_le_bytes()), "nan");
        assert_eq!(shown("complex64", &[1.5f32.to_le_bytes(), (-2.0f32).to_le_bytes()].concat()), "1.5-2j");
        assert_eq!(shown("<U2", &[b'a', 0, 0, 0, 0, 0, 0, 0]), "a");
        assert_eq!(shown("S3", b"a\xff\0"), "a\\xff");
        assert_eq!(shown("datetime64[s]", &i64::MIN.to_le_bytes()), "NaT");
        assert_eq!(shown("datetime64[s]", &5i64.to_le_bytes()), "5");
    }

    #[test]
    fn orders() {
        let fortran = array("int8", &[2, 3], true, &[1, 4, 2, 5, 3, 6]);
        assert_eq!(*c_order(&fortran), [1, 2, 3, 4, 5, 6]);
        assert_eq!(at(&fortran, &[1, 0]), Element::Int(4));
        let cube = array("<i2", &[2, 1, 2], true, &[1, 0, 3, 0, 2, 0, 4, 0]);
        assert_eq!(*c_order(&cube), [1, 0, 2, 0, 3, 0, 4, 0]);
        assert_eq!(at(&array("int8", &[2, 3], false, &[1, 2, 3, 4, 5, 6]), &[1, 0]), Element::Int(4));
    }
}
