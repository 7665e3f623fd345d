//! The codec `quantize`.

use super::itemwise::{Ends, ItemCodec, item_codec};
use super::numbers::{Float, dtype_of, missing, required_dtype, with_float};
use super::recast::{cast, cast_bound, through};
use super::{Codec, CodecConfig, ConfigValue, Encoded};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// The codec `quantize`. `numcodecs.Quantize`.
///
/// Floats are rounded to as many bits as so many decimal digits after the point need; what is cut off is lost.
/// As in Python, floats too large to be scaled in their dtype become infinite: with `float16`, that is soon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantize {
    digits: Digits,
    dtype: DType,
    astype: DType,
}

/// Python takes either, and writes what it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Digits {
    Int(i64),
    Float(f64),
}

impl Quantize {
    /// For arrays of a dtype of floats. Any other dtype is an error when something is encoded.
    #[must_use]
    pub fn new(digits: i32, dtype: DType) -> Self {
        Quantize { digits: Digits::Int(digits.into()), dtype, astype: dtype }
    }

    /// The dtype in which the floats are stored.
    #[must_use]
    pub fn astype(mut self, astype: DType) -> Self {
        self.astype = astype;
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["digits", "dtype", "astype"])?;
        let digits = match config.value("digits") {
            None => return Err(missing(config, "digits")),
            Some(ConfigValue::Float(digits)) => Digits::Float(*digits),
            Some(_) => Digits::Int(config.int("digits")?.unwrap_or(0)),
        };
        let dtype = required_dtype(config, "dtype")?;
        let codec = Quantize { digits, dtype, astype: dtype_of(config, "astype")?.unwrap_or(dtype) };
        codec.ends()?;
        Ok(codec)
    }

    /// The power of two by which floats are multiplied before they are rounded.
    fn scale(self) -> Result<f64> {
        let digits = match self.digits {
            Digits::Int(digits) => digits as f64,
            Digits::Float(digits) => digits,
        };
        let precision = 10f64.powf(-digits);
        let exponent = precision.log10();
        let exponent = if exponent < 0.0 { exponent.floor() } else { exponent.ceil() };
        let scale = 10f64.powf(-exponent).log2().ceil().exp2();
        if scale.is_normal() {
            return Ok(scale);
        }
        Err(Error::codec(format!("no float can be rounded to {digits} digits")))
    }
}

impl ItemCodec for Quantize {
    fn ends(&self) -> Result<Ends> {
        match [self.dtype, self.astype].into_iter().find(|dtype| dtype.kind() != Kind::Float) {
            Some(dtype) => Err(Error::codec(format!("the codec `quantize` works on floats, not on {}", dtype.name()))),
            None => Ok(Ends { decoded: self.dtype, encoded: self.astype }),
        }
    }

    fn encode_items(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let scale = self.scale()?;
        with_float!(self.dtype, T => {
            let scale = T::of(scale);
            let round = |item: T| scale.times(item).rint().over(scale);
            through((data, self.dtype), self.dtype, (out, self.astype), round);
        });
        Ok(())
    }

    fn decode_items(&self, data: &[u8], out: &mut [u8]) {
        cast((data, self.astype), (out, self.dtype));
    }
}

impl Codec for Quantize {
    fn config(&self) -> CodecConfig {
        let config = CodecConfig::new("quantize");
        let config = match self.digits {
            Digits::Int(digits) => config.set("digits", digits),
            Digits::Float(digits) => config.set("digits", digits),
        };
        config.set("dtype", self.dtype.to_string()).set("astype", self.astype.to_string())
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

    #[test]
    fn as_in_python() {
        // np.array([1.23456789, 1000, -3e4])
        let data = |dtype: &str| {
            let floats = [1.234_567_89f64, 1000.0, -3e4].map(f64::to_le_bytes).concat();
            crate::codec::AsType::new(of(dtype), of("<f8")).encode(&floats, of("<f8")).unwrap().bytes
        };
        for (digits, dtype, astype, encoded) in [
            (1, "<f4", "<f4", "0000a03f 00007a44 0060eac6"),
            (2, "<f8", "<f4", "00009e3f 00007a44 0060eac6"),
            (-2, "<f4", "<f2", "0000 0064 54f7"),
            (2, "<f2", "<f2", "f03c 007c 00fc"),
            (5, "<f2", "<f2", "007e 007e 007e"),
        ] {
            let codec = Quantize::new(digits, of(dtype)).astype(of(astype));
            let encoded = bytes_of_hex(encoded);
            let mut actual = codec.encode(&data(dtype), of(dtype)).unwrap().bytes;
            if digits == 5 {
                actual.chunks_exact_mut(2).for_each(|nan| nan[1] &= 0x7f); // The sign of a NaN is the processor's.
            }
            assert_eq!(actual, encoded, "{digits} {dtype}");
        }
        let (data, encoded) = (bytes_of_hex("0652 9e3f"), bytes_of_hex("00009e3f"));
        check_codec(&Quantize::new(2, of("<f4")), (of("<f4"), &data), (of("<f4"), &encoded), &encoded);
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("quantize").set("digits", 3).set("dtype", ">f8").set("astype", "<f2");
        assert_eq!(Quantize::from_config(&config).unwrap().config(), config);
        let config = config.set("digits", 2.5);
        assert_eq!(Quantize::from_config(&config).unwrap().config(), config);
        for bad in [
            config.clone().set("digits", "2"),
            config.clone().set("digits", ()),
            config.clone().set("dtype", "<i4"),
            config.clone().set("astype", "<c8"),
            config.set("scale", 1),
            CodecConfig::new("quantize").set("dtype", "<f4"),
            CodecConfig::new("quantize").set("digits", 1),
        ] {
            assert!(Quantize::from_config(&bad).is_err(), "{bad}");
        }
        for digits in [i32::MIN, -400, 400, i32::MAX] {
            assert!(Quantize::new(digits, of("<f8")).encode(&[0; 8], of("<f8")).is_err(), "{digits}");
        }
        assert!(Quantize::new(1, of("<i8")).encode(&[0; 8], of("<i8")).is_err());
        assert!(Quantize::new(1, of("<f8")).encode(&[0; 8], DType::UINT8).is_err());
    }

    #[test]
    fn nothing_in_a_stream_panics() {
        let data: Vec<u8> = (0..64).collect();
        for (dtype, astype) in [("<f8", "<f2"), ("<f4", ">f8"), (">f2", "<f2")] {
            damage(&Quantize::new(2, of(dtype)).astype(of(astype)), &data);
        }
    }
}
