//! Python's and numpy's numbers, and the text of numpy's fixed-size strings.

use std::fmt;

use half::f16;
use serde::de::{self, Deserializer, IntoDeserializer, Visitor, value::SeqDeserializer};
use serde::forward_to_deserialize_any;

use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// What [`half::f16`] calls itself.
pub(super) const F16: &str = "f16";

/// One element of an array, or a numpy scalar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number<'b> {
    Bool(bool),
    Int(i64),
    UInt(u64),
    F16(f16),
    F32(f32),
    F64(f64),
    Complex32(f32, f32),
    Complex(f64, f64),
    Str(String),
    Bytes(&'b [u8]),
}

impl<'b> Number<'b> {
    /// What a numpy scalar is called in a path, when it is a key.
    pub(crate) fn label(self) -> Option<String> {
        match self {
            Number::Bool(value) => Some(if value { "True" } else { "False" }.to_owned()),
            Number::Int(value) => Some(value.to_string()),
            Number::UInt(value) => Some(value.to_string()),
            Number::F32(value) => Some(format!("{value:?}")),
            Number::F64(value) => Some(format!("{value:?}")),
            Number::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Reads one element; `bytes` are as many as the dtype says.
    pub(crate) fn read(dtype: DType, bytes: &'b [u8]) -> Result<Self> {
        if bytes.len() != dtype.itemsize() {
            let (found, expected) = (bytes.len(), dtype.itemsize());
            return Err(Error::data(format!("found {found} bytes, expected {expected} for one {}", dtype.name())));
        }
        let part = dtype.swap_size();
        Ok(match dtype.kind() {
            Kind::Bool => match bytes[0] {
                0 => Number::Bool(false),
                1 => Number::Bool(true),
                _ => return Err(Error::data("found a bool that is neither 0 nor 1")),
            },
            Kind::Int | Kind::DateTime | Kind::TimeDelta => {
                // Shifting up and down again extends the sign.
                let unused = 64 - 8 * part as u32;
                Number::Int((unsigned(dtype, bytes) << unused) as i64 >> unused)
            }
            Kind::UInt => Number::UInt(unsigned(dtype, bytes)),
            Kind::Float => match part {
                2 => Number::F16(f16::from_bits(unsigned(dtype, bytes) as u16)),
                4 => Number::F32(f32::from_bits(unsigned(dtype, bytes) as u32)),
                _ => Number::F64(f64::from_bits(unsigned(dtype, bytes))),
            },
            Kind::Complex => {
                let (re, im) = bytes.split_at(part);
                let (re, im) = (unsigned(dtype, re), unsigned(dtype, im));
                match part {
                    4 => Number::Complex32(f32::from_bits(re as u32), f32::from_bits(im as u32)),
                    _ => Number::Complex(f64::from_bits(re), f64::from_bits(im)),
                }
            }
            Kind::Str => Number::Str(text(dtype, bytes)?),
            Kind::Bytes => {
                let padding = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
                Number::Bytes(&bytes[..bytes.len() - padding])
            }
            Kind::Void => Number::Bytes(bytes),
        })
    }

    /// Shows the number to a visitor.
    pub(crate) fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Number::Bool(value) => visitor.visit_bool(value),
            Number::Int(value) => visit_int(value, visitor),
            Number::UInt(value) => visitor.visit_u64(value),
            Number::F16(value) => visitor.visit_f32(value.into()),
            Number::F32(value) => visitor.visit_f32(value),
            Number::F64(value) => visitor.visit_f64(value),
            Number::Complex32(re, im) => visitor.visit_seq(SeqDeserializer::new([re, im].into_iter())),
            Number::Complex(re, im) => visitor.visit_seq(SeqDeserializer::new([re, im].into_iter())),
            Number::Str(text) => visitor.visit_string(text),
            Number::Bytes(bytes) => visitor.visit_bytes(bytes),
        }
    }

    /// Shows the number to a visitor that wants a float: an integer only if it is one exactly.
    pub(crate) fn visit_float<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Number::Int(value) => visitor.visit_f64(exact_float(value.into())?),
            Number::UInt(value) => visitor.visit_f64(exact_float(value.into())?),
            other => other.visit(visitor),
        }
    }
}

/// The unsigned number of up to 8 bytes.
fn unsigned(dtype: DType, bytes: &[u8]) -> u64 {
    let push = |number, &byte| number << 8 | u64::from(byte);
    if dtype.is_big_endian() { bytes.iter().fold(0, push) } else { bytes.iter().rev().fold(0, push) }
}

/// The text of a `U` dtype: code points of four bytes, without the zeros at the end.
fn text(dtype: DType, bytes: &[u8]) -> Result<String> {
    let padding = bytes.as_chunks::<4>().0.iter().rev().take_while(|point| **point == [0; 4]).count();
    let character = |point: &[u8]| {
        let point = unsigned(dtype, point) as u32;
        let invalid = || Error::data(format!("found U+{point:04X} in a numpy str, which is no character"));
        char::from_u32(point).ok_or_else(invalid)
    };
    bytes[..bytes.len() - 4 * padding].chunks_exact(4).map(character).collect()
}

/// An integer as a float, if there is a float of just that value.
pub(crate) fn exact_float(value: i128) -> Result<f64> {
    let float = value as f64;
    if float as i128 == value {
        Ok(float)
    } else {
        Err(Error::data(format!("the integer {value} is no float: the nearest one is {float}")))
    }
}

/// Shows an `int` to a visitor.
pub(super) fn visit_int<'de, V: Visitor<'de>>(value: i64, visitor: V) -> Result<V::Value> {
    match u64::try_from(value) {
        Ok(value) => visitor.visit_u64(value),
        Err(_) => visitor.visit_i64(value),
    }
}

/// Shows an `int` of more than 64 bits, in little-endian two's complement, to a visitor.
pub(super) fn visit_big_int<'de, V: Visitor<'de>>(bytes: &[u8], visitor: V) -> Result<V::Value> {
    // What a u64 becomes that is no i64; half of all hashes are such numbers.
    if let Some((low, [0])) = bytes.split_first_chunk()
        && low[7] >= 0x80
    {
        return visitor.visit_u64(u64::from_le_bytes(*low));
    }
    let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
    let fill = if negative { 0xff } else { 0 };
    let mut wide = [fill; 16];
    let (low, high) = bytes.split_at(bytes.len().min(16));
    wide[..low.len()].copy_from_slice(low);
    let fits_sign = (wide[15] >= 0x80) == negative;
    if high.iter().any(|&byte| byte != fill) || (negative && !fits_sign) {
        return Err(Error::data(format!("found an int of {} bits, more than Rust's 128", bytes.len() * 8)));
    }
    let value = u128::from_le_bytes(wide);
    if negative || fits_sign {
        let value = value as i128;
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => visit_int(value, visitor),
            (_, Ok(value)) => visitor.visit_u64(value),
            _ => visitor.visit_i128(value),
        }
    } else {
        visitor.visit_u128(value)
    }
}

/// Deserializes one element of an array.
pub(crate) struct NumberDeserializer<'b>(pub(crate) Number<'b>);

impl fmt::Debug for NumberDeserializer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserializer<'de> for NumberDeserializer<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.visit(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.visit_float(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.visit_float(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match self.0 {
            // Its bits, for a float on the way would not keep every NaN.
            Number::F16(value) if name == F16 => visitor.visit_newtype_struct(value.to_bits().into_deserializer()),
            Number::F32(_) | Number::F64(_) if name == F16 => self.0.visit(visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            Number::Str(text) => visitor.visit_enum(de::value::StringDeserializer::new(text)),
            other => Err(Error::data(format!("found {other:?}, expected the name of a variant"))),
        }
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dtype: &str, bytes: &[u8]) -> Result<Number<'static>> {
        Number::read(DType::parse(dtype).unwrap(), Box::leak(bytes.to_vec().into_boxed_slice()))
    }

    #[test]
    fn all_kinds_in_both_orders() {
        for (dtype, bytes, number) in [
            ("|b1", &b"\x01"[..], Number::Bool(true)),
            ("|i1", b"\xff", Number::Int(-1)),
            ("<i2", b"\xfe\xff", Number::Int(-2)),
            (">i4", b"\xff\xff\xff\xfd", Number::Int(-3)),
            ("<i8", b"\0\0\0\0\0\0\0\x80", Number::Int(i64::MIN)),
            (">u2", b"\x01\x02", Number::UInt(0x102)),
            ("<u8", b"\xff\xff\xff\xff\xff\xff\xff\xff", Number::UInt(u64::MAX)),
            ("<f2", b"\0\x3c", Number::F16(f16::ONE)),
            ("<f4", b"\0\0\x80\x3f", Number::F32(1.0)),
            (">f8", b"\x3f\xf0\0\0\0\0\0\0", Number::F64(1.0)),
            (">c8", b"\x3f\x80\0\0\0\0\0\0", Number::Complex32(1.0, 0.0)),
            ("<U3", b"a\0\0\0\xe9\0\0\0\0\0\0\0", Number::Str("aé".to_owned())),
            (">U1", b"\0\x01\xf6\x00", Number::Str("😀".to_owned())),
            ("|S4", b"ab\0\0", Number::Bytes(b"ab")),
            ("|V2", b"a\0", Number::Bytes(b"a\0")),
            ("<M8[ns]", b"\x05\0\0\0\0\0\0\0", Number::Int(5)),
        ] {
            assert_eq!(read(dtype, bytes).unwrap(), number, "{dtype}");
        }
    }

    #[test]
    fn what_is_no_number() {
        assert!(read("|b1", b"\x02").is_err());
        assert!(read("<U1", b"\0\xd8\0\0").is_err());
        assert!(read("<i4", b"\0").is_err());
    }

    #[test]
    fn floats_are_exact_or_errors() {
        assert_eq!(exact_float(1 << 53).unwrap().to_bits(), 9_007_199_254_740_992f64.to_bits());
        assert!(exact_float((1 << 53) + 1).is_err());
        assert!(exact_float(i128::from(u64::MAX)).is_err());
        assert_eq!(exact_float(-(1 << 63)).unwrap().to_bits(), (-9_223_372_036_854_775_808f64).to_bits());
    }
}
