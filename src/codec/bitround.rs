//! The codec `bitround`.

use super::itemwise::Encoding;
use super::numbers::with_float;
use super::parts::{Filter, Filtered, Parts, Role, Undo, filtered};
use super::recast::{cast, cast_len};
use super::{Codec, CodecConfig, Encoded, too_long, wrong_length, zeros};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// The codec `bitround`. `numcodecs.BitRound`.
///
/// Floats are rounded to so many bits after the first one, and the bits behind them are zero, so that the next codec of
/// the chain has less to store. Decoding changes nothing. What is encoded must be an array of floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitRound {
    keepbits: u32,
}

impl BitRound {
    /// Keeps so many bits: at most 10 of a `float16`, 23 of a `float32`, 52 of a `float64`.
    #[must_use]
    pub fn new(keepbits: u32) -> Self {
        BitRound { keepbits }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["keepbits"])?;
        let keepbits = config.int("keepbits")?.ok_or_else(|| super::numbers::missing(config, "keepbits"))?;
        let keepbits = u32::try_from(keepbits).map_err(|_| {
            Error::codec(format!("the parameter `keepbits` of the codec `bitround` cannot be {keepbits}"))
        })?;
        Ok(BitRound { keepbits })
    }
}

/// A float as numpy's integer of the same size.
trait Bits: super::numbers::Float {
    const MANTISSA: u32;

    /// Rounds at bit `cut`, to the even neighbour of two, with a carry into the exponent.
    fn round_bits(self, cut: u32) -> Self;
}

macro_rules! bits {
    ($($type:ty: $int:ty, $mantissa:literal;)*) => {
        $(impl Bits for $type {
            const MANTISSA: u32 = $mantissa;

            fn round_bits(self, cut: u32) -> Self {
                let bits = self.to_bits() as $int;
                let half = (1 << (cut - 1)) - 1;
                let rounded = bits.wrapping_add(((bits >> cut) & 1) + half) & (-1 << cut);
                <$type>::from_bits(rounded as _)
            }
        })*
    };
}

bits! {
    half::f16: i16, 10;
    f32: i32, 23;
    f64: i64, 52;
}

/// Rounds the floats of an array in their bytes, for those of a NaN must not be touched on the way.
fn round<T: Bits>(bytes: &mut [u8], keepbits: u32) -> Result<bool> {
    match T::MANTISSA.checked_sub(keepbits) {
        None => {
            Err(Error::codec(format!("floats of {} bytes have {} bits to keep, not {keepbits}", T::SIZE, T::MANTISSA)))
        }
        Some(0) => Ok(false),
        Some(cut) => {
            bytes.chunks_exact_mut(T::SIZE).for_each(|item| T::read(item).round_bits(cut).write(item));
            Ok(true)
        }
    }
}

/// Rounds the floats of a dtype, and says whether there was something to do.
fn round_items(keepbits: u32, dtype: DType, data: &[u8], out: &mut [u8]) -> Result<bool> {
    let little = dtype.to_little_endian();
    cast((data, dtype), (out, little));
    let rounded = with_float!(dtype, T => round::<T>(out, keepbits)?);
    if dtype.is_big_endian() {
        out.chunks_exact_mut(dtype.itemsize()).for_each(<[u8]>::reverse);
    }
    Ok(rounded)
}

impl Filter for BitRound {
    fn filter<'d>(&self, data: Box<dyn Parts + 'd>, dtype: DType) -> Result<Filtered<'d>> {
        if dtype.kind() != Kind::Float {
            return Err(Error::codec(format!("only floats can be rounded, not {}", dtype.name())));
        }
        cast_len(data.len(), dtype, dtype)?;
        let keepbits = self.keepbits;
        // As in Python, they are integers to the next codec, unless there was nothing to do.
        let kind = if round_items(keepbits, dtype, &[], &mut [])? { Kind::Int } else { Kind::Float };
        let encode = move |data: &[u8], out: &mut [u8]| round_items(keepbits, dtype, data, out).map(drop);
        let sizes = (dtype.itemsize(), dtype.itemsize());
        let rounded = DType::new(kind, dtype.itemsize(), dtype.is_big_endian()).unwrap_or(dtype);
        Ok((Box::new(Encoding { data, sizes, before: 0, encode }), rounded))
    }

    fn undo(&self, len: usize) -> Option<Undo<'_>> {
        Some(Undo { filtered_len: len, run: Box::new(|_| Ok(())) })
    }
}

impl Codec for BitRound {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("bitround").set("keepbits", self.keepbits)
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        filtered(self, data, dtype)
    }

    fn role(&self) -> Role<'_> {
        Role::Filter(self)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        if data.len() > max_len {
            return Err(too_long(max_len));
        }
        let mut out = zeros(data.len())?;
        out.copy_from_slice(data);
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        if data.len() != out.len() {
            return Err(wrong_length(data.len(), out.len()));
        }
        out.copy_from_slice(data);
        Ok(())
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len
    }

    fn decoded_bound(&self, len: usize) -> usize {
        len
    }

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
        for (keepbits, dtype, data, encoded, to) in [
            // np.array([1.1, 1.5, -2.75, np.inf, np.nan])
            (
                3,
                "<f4",
                "cdcc8c3f 0000c03f 000030c0 0000807f 0000c07f",
                "0000903f 0000c03f 000030c0 0000807f 0000c07f",
                "<i4",
            ),
            (0, "<f4", "cdcc8c3f 0000c03f 000030c0 0000807f", "0000803f 00000040 000000c0 0000807f", "<i4"),
            (22, "<f4", "0100803f 0300803f ffffff7f", "0000803f 0400803f 00000080", "<i4"),
            (23, "<f4", "cdcc8c3f", "cdcc8c3f", "<f4"),
            (2, "<f2", "663c 0042 80c1", "003c 0042 00c2", "<i2"),
            (4, "<f8", "9a9999999999f13f", "000000000000f23f", "<i8"),
            (3, ">f4", "3f8ccccd", "3f900000", ">i4"),
        ] {
            let (data, encoded) = (bytes_of_hex(data), bytes_of_hex(encoded));
            check_codec(&BitRound::new(keepbits), (of(dtype), &data), (of(to), &encoded), &encoded);
        }
    }

    #[test]
    fn what_cannot_be() {
        let error = |keepbits, dtype: &str| BitRound::new(keepbits).encode(&[0; 8], of(dtype)).unwrap_err().to_string();
        assert_eq!(error(3, "|u1"), "only floats can be rounded, not uint8");
        assert_eq!(error(3, "<c8"), "only floats can be rounded, not complex64");
        assert_eq!(error(24, "<f4"), "floats of 4 bytes have 23 bits to keep, not 24");
        assert!(BitRound::new(3).encode(&[0; 7], of("<f4")).is_err());
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("bitround").set("keepbits", 7);
        assert_eq!(BitRound::from_config(&config).unwrap().config(), config);
        for bad in [
            config.clone().set("keepbits", -1),
            config.clone().set("keepbits", 1.0),
            config.set("digits", 1),
            CodecConfig::new("bitround"),
        ] {
            assert!(BitRound::from_config(&bad).is_err(), "{bad}");
        }
        damage(&BitRound::new(3), &[7; 40]);
    }
}
