//! The codec `delta`.

use super::itemwise::{Ends, ItemCodec, in_place, item_codec};
use super::numbers::{Number, dtype_of, numbers_only, required_dtype, with_number};
use super::recast::{cast_bound, common, through};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// The codec `delta`. `numcodecs.Delta`.
///
/// The first number stays, each other becomes its difference to the one before. Integers wrap around, and come back
/// bit by bit if the differences have at least their size; floats come back as their sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delta {
    dtype: DType,
    astype: DType,
}

impl Delta {
    /// For arrays of a dtype. The differences are of the same dtype.
    ///
    /// numcodecs cannot bring back arrays of bools, and so they are an error when something is encoded; so is a dtype
    /// that is no number.
    #[must_use]
    pub fn new(dtype: DType) -> Self {
        Delta { dtype, astype: dtype }
    }

    /// The dtype in which the differences are stored. As in Python, nobody looks whether they fit.
    #[must_use]
    pub fn astype(mut self, astype: DType) -> Self {
        self.astype = astype;
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["dtype", "astype"])?;
        let dtype = required_dtype(config, "dtype")?;
        let codec = Delta { dtype, astype: dtype_of(config, "astype")?.unwrap_or(dtype) };
        codec.ends()?;
        Ok(codec)
    }
}

impl ItemCodec for Delta {
    const BEFORE: usize = 1;

    fn ends(&self) -> Result<Ends> {
        numbers_only("delta", self.dtype)?;
        numbers_only("delta", self.astype)?;
        Ok(Ends { decoded: self.dtype, encoded: self.astype })
    }

    fn encode_items(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        if self.dtype.kind() == Kind::Bool {
            return Err(Error::codec("numcodecs cannot decode differences of bools"));
        }
        // What it makes of the item before does not count, but that it has seen it.
        let items = out.len() / self.astype.itemsize();
        let (before, data) = data.split_at(data.len() - items * self.dtype.itemsize());
        let unused = &mut [0; 16][..before.len() / self.dtype.itemsize() * self.astype.itemsize()];
        with_number!(self.dtype, T => {
            let mut last = None;
            let mut difference = |item: T| last.replace(item).map_or(item, |last| item.minus(last));
            through((before, self.dtype), self.dtype, (unused, self.astype), &mut difference);
            through((data, self.dtype), self.dtype, (out, self.astype), difference);
        }, _ => ());
        Ok(())
    }

    fn decode_items(&self, data: &[u8], out: &mut [u8]) {
        // numpy's `cumsum` adds in a dtype that holds both, and casts the sums.
        let work = common(self.dtype, self.astype);
        with_number!(work, T => through((data, self.astype), work, (out, self.dtype), sums::<T>()), _ => ());
    }

    fn undo_items(&self, data: &mut [u8], ends: Ends) {
        let work = common(self.dtype, self.astype);
        with_number!(work, T => {
            let mut sums = sums::<T>();
            in_place(data, ends, |data, out| through((data, self.astype), work, (out, self.dtype), &mut sums));
        }, _ => ());
    }
}

/// Makes of each number the sum of all up to it.
fn sums<T: Number>() -> impl FnMut(T) -> T {
    let mut sum = None;
    move |item| *sum.insert(sum.map_or(item, |sum: T| sum.plus(item)))
}

impl Codec for Delta {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("delta").set("dtype", self.dtype.to_string()).set("astype", self.astype.to_string())
    }

    item_codec!();

    fn is_lossless(&self) -> bool {
        let is_integer = |dtype: DType| matches!(dtype.kind(), Kind::Int | Kind::UInt);
        is_integer(self.dtype)
            && is_integer(self.astype)
            && is_integer(common(self.dtype, self.astype))
            && self.astype.itemsize() >= self.dtype.itemsize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check_codec, damage, of};

    fn delta(dtype: &str, astype: &str) -> Delta {
        Delta::new(of(dtype)).astype(of(astype))
    }

    #[test]
    fn as_in_python() {
        for (dtype, astype, data, encoded, decoded) in [
            // np.array([100, 102, 99, -128])
            ("<i2", "<i2", "6400 6600 6300 80ff", "6400 0200 fdff 1dff", None),
            ("<i2", "|i1", "6400 6600 6300 80ff", "64 02 fd 1d", Some("6400 6600 6300 8000")),
            (">i2", "<i4", "0064 0066 0063 ff80", "64000000 02000000 fdffffff 1dffffff", None),
            ("|u1", "|u1", "05 03 ff", "05 fe fc", None),
            ("|u1", "<i2", "05 03 ff", "0500 fe00 fc00", None),
            ("<u4", "<i4", "01000000 00000000 ffffffff", "01000000 ffffffff ffffffff", None),
            // np.array([0.1, 0.3, -2.5])
            ("<f4", "<f4", "cdcccd3d 9a99993e 000020c0", "cdcccd3d ce4c4c3e 333333c0", None),
            ("<f2", "<f2", "662e cd34 00c1", "662e 6732 9ac1", None),
        ] {
            let (data, encoded) = (bytes_of_hex(data), bytes_of_hex(encoded));
            let decoded = decoded.map_or_else(|| data.clone(), bytes_of_hex);
            check_codec(&delta(dtype, astype), (of(dtype), &data), (of(astype), &encoded), &decoded);
        }
    }

    #[test]
    fn what_cannot_be() {
        assert_eq!(
            Delta::new(of("|b1")).encode(&[1], of("|b1")).unwrap_err().to_string(),
            "numcodecs cannot decode differences of bools"
        );
        // numpy's differences of bools are `xor`, its sums are `or`.
        assert_eq!(Delta::new(of("|b1")).decode(&[1, 1, 0, 1], 4).unwrap(), [1, 1, 1, 1]);
        assert!(Delta::new(of("<U1")).encode(b"abcd", of("<U1")).is_err());
        assert!(Delta::new(of("<U1")).decode(b"abcd", 4).is_err());
        assert_eq!(
            delta("<i4", "<i4").encode(&[1; 7], DType::UINT8).unwrap_err().to_string(),
            "7 bytes are no whole number of items of int32"
        );
        assert_eq!(
            delta("<f4", "<f4").encode(&[1; 8], of("<f8")).unwrap_err().to_string(),
            "it works on float32, and would damage what is float64"
        );
    }

    #[test]
    fn what_is_lossless() {
        for (dtype, astype, lossless) in [
            ("<i4", "<i4", true),
            ("<i4", "<i2", false),
            ("<u4", "<i4", true),
            ("<i4", "<u8", false),
            ("|b1", "|b1", false),
            ("<f4", "<f4", false),
        ] {
            assert_eq!(delta(dtype, astype).is_lossless(), lossless, "{dtype} {astype}");
        }
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("delta").set("dtype", ">i4").set("astype", "|u1");
        assert_eq!(Delta::from_config(&config).unwrap().config(), config);
        let config = CodecConfig::new("delta").set("dtype", "int16");
        assert_eq!(Delta::from_config(&config).unwrap().config().to_string(), "delta(dtype='<i2', astype='<i2')");
        for (config, why) in [
            (CodecConfig::new("delta"), "the codec `delta` needs the parameter `dtype`"),
            (
                config.clone().set("astype", 3),
                "the parameter `astype` of the codec `delta` must be the name of a dtype, not 3",
            ),
            (
                config.clone().set("dtype", "|O"),
                "the parameter `dtype` of the codec `delta` is no dtype of numbers: '|O'",
            ),
            (config.clone().set("dtype", "<U4"), "the codec `delta` works on numbers, not on <U4"),
            (config.set("x", 3), "the codec `delta` has no parameter `x`"),
        ] {
            assert_eq!(Delta::from_config(&config).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn nothing_in_a_stream_panics() {
        let data: Vec<u8> = (0..64).collect();
        for (dtype, astype) in [("<i8", "|i1"), ("<f2", "<c16"), (">u4", ">f8"), ("<c8", "|b1")] {
            damage(&delta(dtype, astype), &data);
        }
    }
}
