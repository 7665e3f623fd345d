//! The codec `categorize`.

use std::collections::HashMap;

use super::itemwise::{Ends, ItemCodec, item_codec};
use super::numbers::{Number, dtype_of, required_dtype};
use super::recast::{cast, cast_bound};
use super::{Codec, CodecConfig, ConfigValue, Encoded};
use crate::dtype::{DType, Element, Kind};
use crate::error::{Error, Result};

/// The codec `categorize`. `numcodecs.Categorize`.
///
/// An array of fixed-size text such as `<U5`, whose items are stored as the numbers of their labels, counted from 1.
/// As in Python, an item that is no label is stored as 0, and becomes empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Categorize {
    labels: Vec<String>,
    dtype: DType,
    astype: DType,
}

impl Categorize {
    /// For arrays of a dtype of the kind [`Kind::Str`]. The numbers are bytes.
    ///
    /// Any other dtype is an error when something is encoded.
    #[must_use]
    pub fn new(labels: impl IntoIterator<Item = impl Into<String>>, dtype: DType) -> Self {
        Categorize { labels: labels.into_iter().map(Into::into).collect(), dtype, astype: DType::UINT8 }
    }

    /// The dtype of the numbers, one of integers. They must fit.
    #[must_use]
    pub fn astype(mut self, astype: DType) -> Self {
        self.astype = astype;
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["labels", "dtype", "astype"])?;
        if config.value("dtype") == Some(&ConfigValue::Str("|O".to_owned())) {
            return Err(Error::codec(
                "the codec `categorize` cannot be in a BinPickle file with the dtype '|O': \
                 what it decodes to is an array of Python objects, which no buffer can hold",
            ));
        }
        let labels = config.value("labels").ok_or_else(|| super::numbers::missing(config, "labels"))?;
        let label = |label: &ConfigValue| match label {
            ConfigValue::Str(label) => Some(label.clone()),
            _ => None,
        };
        let labels = match labels {
            ConfigValue::List(labels) => labels.iter().map(label).collect(),
            _ => None,
        }
        .ok_or_else(|| config.wrong_type("labels", labels, "a list of str"))?;
        let astype = dtype_of(config, "astype")?.unwrap_or(DType::UINT8);
        let codec = Categorize { labels, dtype: required_dtype(config, "dtype")?, astype };
        codec.ends()?;
        Ok(codec)
    }

    /// The labels as they lie in an array, cut to the size of an item.
    fn items(&self) -> Vec<Vec<u8>> {
        let item = |label: &String| {
            let points = label.chars().map(u32::from);
            let order = |point: u32| if self.dtype.is_big_endian() { point.to_be_bytes() } else { point.to_le_bytes() };
            let mut item: Vec<u8> = points.flat_map(order).collect();
            item.resize(self.dtype.itemsize(), 0);
            item
        };
        self.labels.iter().map(item).collect()
    }
}

impl ItemCodec for Categorize {
    fn ends(&self) -> Result<Ends> {
        if self.dtype.kind() != Kind::Str || self.dtype.itemsize() == 0 {
            let name = self.dtype.name();
            return Err(Error::codec(format!("the codec `categorize` works on text of a fixed size, not on {name}")));
        }
        let bits = match self.astype.kind() {
            Kind::UInt => self.astype.itemsize() as u32 * 8,
            Kind::Int => self.astype.itemsize() as u32 * 8 - 1,
            _ => {
                let name = self.astype.name();
                return Err(Error::codec(format!("the codec `categorize` counts in integers, not in {name}")));
            }
        };
        if bits < 64 && self.labels.len() as u64 >> bits != 0 {
            let (count, name) = (self.labels.len(), self.astype.name());
            return Err(Error::codec(format!("the numbers of {count} labels do not fit {name}")));
        }
        Ok(Ends { decoded: self.dtype, encoded: self.astype })
    }

    fn encode_items(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        // A label that is longer than an item is no item. Of two that are the same, the last one counts.
        let longest = self.dtype.itemsize() / 4;
        let fitting = |label: &str| label.trim_end_matches('\0').chars().count() <= longest;
        let labels = self.items().into_iter().zip(&self.labels).zip(1u64..);
        let numbers: HashMap<Vec<u8>, u64> =
            labels.filter(|((_, label), _)| fitting(label)).map(|((item, _), number)| (item, number)).collect();
        let items = data.chunks_exact(self.dtype.itemsize());
        for (item, out) in items.zip(out.chunks_exact_mut(self.astype.itemsize())) {
            let number = numbers.get(item).copied().unwrap_or(0);
            cast((&number.to_le_bytes(), u64::DTYPE), (out, self.astype));
        }
        Ok(())
    }

    fn decode_items(&self, data: &[u8], out: &mut [u8]) {
        let items = self.items();
        let numbers = data.chunks_exact(self.astype.itemsize());
        for (number, out) in numbers.zip(out.chunks_exact_mut(self.dtype.itemsize())) {
            let mut wide = [0; 8];
            cast((number, self.astype), (&mut wide, u64::DTYPE));
            let item = usize::try_from(u64::read(&wide)).ok().and_then(|number| items.get(number.checked_sub(1)?));
            match item {
                Some(item) => out.copy_from_slice(item),
                None => out.fill(0),
            }
        }
    }
}

impl Codec for Categorize {
    fn config(&self) -> CodecConfig {
        let labels: Vec<ConfigValue> = self.labels.iter().map(|label| label.as_str().into()).collect();
        CodecConfig::new("categorize")
            .set("labels", labels)
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
    use crate::codec::testing::{check_codec, damage, of};

    fn text(items: &[&str], length: usize) -> Vec<u8> {
        let item = |item: &&str| {
            let mut points: Vec<u32> = item.chars().map(u32::from).collect();
            points.resize(length, 0);
            points
        };
        items.iter().flat_map(item).flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn as_in_python() {
        let codec = Categorize::new(["female", "mäle", "female"], of("<U6"));
        let data = text(&["mäle", "female", "", "neuter", "femal"], 6);
        check_codec(
            &codec,
            (of("<U6"), &data),
            (DType::UINT8, &[2, 3, 0, 0, 0]),
            &text(&["mäle", "female", "", "", ""], 6),
        );
        assert_eq!(codec.decode(&[1, 4, 2], 72).unwrap(), text(&["female", "", "mäle"], 6));
        damage(&codec, &[1, 2, 3, 4, 5]);

        // The label is longer than an item: none is equal to it, and what it stands for is cut.
        let codec = Categorize::new(["abc", ""], of("<U2")).astype(of(">i2"));
        check_codec(&codec, (of("<U2"), &text(&["ab", ""], 2)), (of(">i2"), &[0, 0, 0, 2]), &text(&["", ""], 2));
        assert_eq!(codec.decode(&[0, 1], 8).unwrap(), text(&["ab"], 2));
    }

    #[test]
    fn configurations() {
        let labels = || vec![ConfigValue::from("a"), "b".into()];
        let config = CodecConfig::new("categorize").set("labels", labels()).set("dtype", ">U3").set("astype", "<u2");
        assert_eq!(Categorize::from_config(&config).unwrap().config(), config);
        for (bad, why) in [
            (config.clone().set("dtype", "|O"), "cannot be in a BinPickle file with the dtype '|O'"),
            (config.clone().set("dtype", "<i4"), "works on text of a fixed size, not on int32"),
            (config.clone().set("dtype", "<U0"), "works on text of a fixed size, not on <U0"),
            (config.clone().set("astype", "<f4"), "counts in integers, not in float32"),
            (config.clone().set("labels", "ab"), "must be a list of str, not 'ab'"),
            (config.clone().set("labels", vec![ConfigValue::Int(1)]), "must be a list of str, not [1]"),
            (config.clone().set("x", 1), "no parameter `x`"),
            (
                config.set("labels", vec![ConfigValue::from("a"); 256]).set("astype", "|u1"),
                "256 labels do not fit uint8",
            ),
        ] {
            let error = Categorize::from_config(&bad).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(Categorize::new(["a"], of("<i4")).encode(&[0; 4], of("<i4")).is_err());
    }
}
