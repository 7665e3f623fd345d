//! The codec `fixedscaleoffset`.

use super::itemwise::{Ends, ItemCodec, item_codec};
use super::numbers::{Float, Number, Wide, dtype_of, missing, numbers_only, required_dtype, with_inexact};
use super::recast::{cast_bound, cast_len, through};
use super::{Codec, CodecConfig, ConfigValue, Encoded, zeros};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// The codec `fixedscaleoffset`. `numcodecs.FixedScaleOffset`.
///
/// `x` is stored as `round((x - offset) * scale)`. As in Python, nobody looks whether that fits into the dtype in
/// which it is stored, and the arithmetic is that of numpy 2: integers less or times an integer stay what they
/// are and wrap around, with a float they become `float64`; floats and complex numbers keep their dtype.
///
/// numpy 1 sometimes chooses a wider dtype, so that a `float16` or a large scale may differ in the last bit there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedScaleOffset {
    offset: Scalar,
    scale: Scalar,
    dtype: DType,
    astype: DType,
}

/// A parameter of [`FixedScaleOffset`]: Python's `int` or `float`, which do not mean the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// An `int`.
    Int(i64),
    /// A `float`.
    Float(f64),
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Scalar::Int(value)
    }
}

impl From<i32> for Scalar {
    fn from(value: i32) -> Self {
        Scalar::Int(value.into())
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Scalar::Float(value)
    }
}

impl From<Scalar> for ConfigValue {
    fn from(value: Scalar) -> Self {
        match value {
            Scalar::Int(value) => ConfigValue::Int(value),
            Scalar::Float(value) => ConfigValue::Float(value),
        }
    }
}

impl Scalar {
    pub(super) fn of(config: &CodecConfig, key: &str) -> Result<Self> {
        match config.value(key) {
            Some(ConfigValue::Int(value)) => Ok(Scalar::Int(*value)),
            Some(ConfigValue::Float(value)) => Ok(Scalar::Float(*value)),
            Some(other) => Err(config.wrong_type(key, other, "an int or a float")),
            None => Err(missing(config, key)),
        }
    }

    pub(super) fn f64(self) -> f64 {
        match self {
            Scalar::Int(value) => value as f64,
            Scalar::Float(value) => value,
        }
    }

    /// The dtype of an array of `dtype` after arithmetic with this.
    fn with(self, dtype: DType) -> DType {
        let to = |kind| DType::new(kind, 8, false).unwrap_or(dtype);
        match (dtype.kind(), self) {
            (Kind::Float | Kind::Complex, _) | (Kind::Int | Kind::UInt, Scalar::Int(_)) => dtype.to_little_endian(),
            (_, Scalar::Int(_)) => to(Kind::Int),
            (_, Scalar::Float(_)) => to(Kind::Float),
        }
    }

    /// This as a number of a dtype of integers, in which it must fit.
    fn fit(self, dtype: DType) -> Result<Wide> {
        let value = match self {
            Scalar::Int(value) => value,
            Scalar::Float(value) => return Ok(Wide::F64(value)),
        };
        let bits = dtype.itemsize() as u32 * 8;
        let fits = match dtype.kind() {
            Kind::UInt => value >= 0 && (bits == 64 || value >> bits == 0),
            _ => bits == 64 || (value >> (bits - 1)) == (value >> 63),
        };
        if fits { Ok(Wide::Int(value)) } else { Err(Error::codec(format!("{value} is no {}", dtype.name()))) }
    }
}

/// A multiplication of the numbers that `fixedscaleoffset` multiplies.
trait Times {
    fn multiplied(self, other: Self) -> Self;
}

macro_rules! times {
    ($($type:ty)*) => {
        $(impl Times for $type {
            fn multiplied(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
        })*
    };
}

times! { i8 u8 i16 u16 i32 u32 i64 u64 }

/// Calls a macro-like body for integers only.
macro_rules! with_integer {
    ($dtype:expr, $type:ident => $body:expr) => {
        match ($dtype.kind(), $dtype.itemsize()) {
            (Kind::UInt, 1) => {
                type $type = u8;
                $body
            }
            (Kind::UInt, 2) => {
                type $type = u16;
                $body
            }
            (Kind::UInt, 4) => {
                type $type = u32;
                $body
            }
            (Kind::UInt, _) => {
                type $type = u64;
                $body
            }
            (_, 1) => {
                type $type = i8;
                $body
            }
            (_, 2) => {
                type $type = i16;
                $body
            }
            (_, 4) => {
                type $type = i32;
                $body
            }
            _ => {
                type $type = i64;
                $body
            }
        }
    };
}

impl FixedScaleOffset {
    /// For arrays of a dtype. What is stored is of the same dtype.
    ///
    /// A dtype that is no number is an error when something is encoded.
    #[must_use]
    pub fn new(offset: impl Into<Scalar>, scale: impl Into<Scalar>, dtype: DType) -> Self {
        FixedScaleOffset { offset: offset.into(), scale: scale.into(), dtype, astype: dtype }
    }

    /// The dtype in which the numbers are stored.
    #[must_use]
    pub fn astype(mut self, astype: DType) -> Self {
        self.astype = astype;
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["scale", "offset", "dtype", "astype"])?;
        let dtype = required_dtype(config, "dtype")?;
        let codec = FixedScaleOffset {
            offset: Scalar::of(config, "offset")?,
            scale: Scalar::of(config, "scale")?,
            dtype,
            astype: dtype_of(config, "astype")?.unwrap_or(dtype),
        };
        codec.ends()?;
        Ok(codec)
    }
}

impl ItemCodec for FixedScaleOffset {
    fn ends(&self) -> Result<Ends> {
        numbers_only("fixedscaleoffset", self.dtype)?;
        numbers_only("fixedscaleoffset", self.astype)?;
        Ok(Ends { decoded: self.dtype, encoded: self.astype })
    }

    fn encode_items(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let is_inexact = |dtype: DType| matches!(dtype.kind(), Kind::Float | Kind::Complex);
        let shifted = self.offset.with(self.dtype);
        let scaled = self.scale.with(shifted);
        if is_inexact(shifted) {
            with_inexact!(shifted, T => {
                let (offset, scale) = (T::of(self.offset.f64()), T::of(self.scale.f64()));
                let change = |item: T| item.minus(offset).times(scale).rint();
                through((data, self.dtype), shifted, (out, self.astype), change);
            });
        } else if is_inexact(scaled) {
            // The first step is one between integers, the second in floats.
            let mut middle = zeros(cast_len(data.len(), self.dtype, scaled)?)?;
            with_integer!(shifted, T => {
                let offset = T::cast(self.offset.fit(shifted)?);
                through((data, self.dtype), shifted, (&mut middle, scaled), |item: T| item.minus(offset));
            });
            let scale = self.scale.f64();
            let change = |item: f64| item.times(scale).rint();
            through((&middle, scaled), scaled, (out, self.astype), change);
        } else {
            with_integer!(shifted, T => {
                let (offset, scale) = (T::cast(self.offset.fit(shifted)?), T::cast(self.scale.fit(shifted)?));
                let change = |item: T| item.minus(offset).multiplied(scale);
                through((data, self.dtype), shifted, (out, self.astype), change);
            });
        }
        Ok(())
    }

    fn decode_items(&self, data: &[u8], out: &mut [u8]) {
        // A division makes floats of everything.
        let work = Scalar::Float(1.0).with(self.astype);
        with_inexact!(work, T => {
            let (offset, scale) = (T::of(self.offset.f64()), T::of(self.scale.f64()));
            let change = |item: T| item.over(scale).plus(offset);
            through((data, self.astype), work, (out, self.dtype), change);
        });
    }
}

impl Codec for FixedScaleOffset {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("fixedscaleoffset")
            .set("scale", self.scale)
            .set("offset", self.offset)
            .set("dtype", self.dtype.to_string())
            .set("astype", self.astype.to_string())
    }

    item_codec!();

    fn is_lossless(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check_codec, damage, of};

    fn codec(offset: impl Into<Scalar>, scale: impl Into<Scalar>, dtype: &str, astype: &str) -> FixedScaleOffset {
        FixedScaleOffset::new(offset, scale, of(dtype)).astype(of(astype))
    }

    #[test]
    fn as_in_python() {
        for (codec, data, encoded, decoded) in [
            // np.array([1000.25, 1000.75, 1002])
            (
                codec(1000, 10, "<f4", "|u1"),
                "00107a44 00307a44 00807a44",
                "02 08 14",
                "cd0c7a44 33337a44 00807a44", // 1000.2, 1000.8, 1002
            ),
            (
                codec(1000.0, 0.5, "<f4", "<i2"),
                "00107a44 00307a44 00807a44",
                "0000 0000 0100",
                "00007a44 00007a44 00807a44",
            ),
            (codec(1, 3, "|u1", "|u1"), "05 00 ff", "0c fd fa", "05 55 54"),
            (codec(1, 0.5, "|u1", "|u1"), "05 00 fe", "02 80 7e", "05 01 fd"),
            (codec(-1, 2, ">i4", "<f8"), "00000003", "0000000000002040", "00000003"),
            (codec(0, 2, "|b1", "<i2"), "01 00", "0200 0000", "01 00"),
            // np.array([1.5 - 2.25j])
            (codec(1, 10, "<c8", "<c8"), "0000c03f 000010c0", "0000a040 0000b0c1", "0000c03f cdcc0cc0"),
        ] {
            let (data, encoded, decoded) = (bytes_of_hex(data), bytes_of_hex(encoded), bytes_of_hex(decoded));
            check_codec(&codec, (codec.dtype, &data), (codec.astype, &encoded), &decoded);
        }
    }

    #[test]
    fn what_cannot_be() {
        let error = |codec: FixedScaleOffset| codec.encode(&[0; 8], codec.dtype).unwrap_err().to_string();
        assert_eq!(error(codec(-1, 1, "<u2", "<u2")), "-1 is no uint16");
        assert_eq!(error(codec(1, 200, "|i1", "|i1")), "200 is no int8");
        assert_eq!(error(codec(1, 1, "<U2", "<U2")), "the codec `fixedscaleoffset` works on numbers, not on <U2");
        assert!(codec(1, 1, "<i4", "<i4").encode(&[0; 8], DType::UINT8).is_err());
        assert!(codec(i64::MIN, i64::MAX, "<i8", "<u8").encode(&[7; 8], of("<i8")).is_ok());
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("fixedscaleoffset")
            .set("scale", 10)
            .set("offset", 1000.0)
            .set("dtype", "<f8")
            .set("astype", "|u1");
        assert_eq!(FixedScaleOffset::from_config(&config).unwrap().config(), config);
        for bad in [
            config.clone().set("scale", true),
            config.clone().set("offset", ()),
            config.clone().set("dtype", "<U4"),
            config.clone().set("astype", "<U1"),
            config.set("digits", 1),
            CodecConfig::new("fixedscaleoffset").set("scale", 1).set("dtype", "<f4"),
        ] {
            assert!(FixedScaleOffset::from_config(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_in_a_stream_panics() {
        let data: Vec<u8> = (0..64).collect();
        for (dtype, astype) in [("<f8", "|u1"), ("<i2", ">f8"), (">f2", "|b1")] {
            damage(&codec(0, 0, dtype, astype), &data);
        }
    }
}
