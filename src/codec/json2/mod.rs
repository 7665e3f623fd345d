//! The codec `json2`.
//!
//! | module | |
//! |---|---|
//! | `reader` | the tokens of a list |
//! | `writer` | floats and text as Python writes them, and how text becomes bytes |

use std::fmt::Write;

use super::items::{Array, Item, check_dtype, damaged, items, text_of};
use super::recast::cast_len;
use super::{Codec, CodecConfig, ConfigValue, Encoded};
use crate::dtype::DType;
use crate::error::{Error, Result};

mod reader;
mod writer;

use reader::{Reader, Token, not_an_array};
use writer::{Encoding, push_float, push_text};

/// The codec `json2`. `numcodecs.JSON`.
///
/// The items of an array as a list in JSON. It is made for arrays of Python objects, which no BinPickle file can
/// have; here it takes bools, integers, floats, and text of a fixed size. Of a NaN, nothing is left but that it is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    config: CodecConfig,
}

impl Json {
    /// With Python's defaults, the shortest text.
    #[must_use]
    pub fn new() -> Self {
        let separators: Vec<ConfigValue> = vec![",".into(), ":".into()];
        let config = CodecConfig::new("json2")
            .set("encoding", "utf-8")
            .set("skipkeys", false)
            .set("ensure_ascii", true)
            .set("check_circular", true)
            .set("allow_nan", true)
            .set("indent", ())
            .set("separators", separators)
            .set("sort_keys", true)
            .set("strict", true);
        Json { config }
    }

    /// `indent` is only read, and what else does not change how numbers and text are written is only kept.
    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        let mut codec = Json::new();
        let known: Vec<&str> = codec.config.iter().map(|(key, _)| key).collect();
        config.only(&known)?;
        let given = |key| config.value(key).filter(|value| **value != ConfigValue::Null);
        if given("indent").is_some() && given("separators").is_none() {
            let separators: Vec<ConfigValue> = vec![", ".into(), ": ".into()];
            codec.config = codec.config.set("separators", separators);
        }
        for (key, value) in config.iter() {
            let fits = match (key, value) {
                ("indent", _) => matches!(value, ConfigValue::Null | ConfigValue::Int(_) | ConfigValue::Str(_)),
                ("separators", ConfigValue::Null) => continue,
                ("separators", ConfigValue::List(list)) => {
                    matches!(list[..], [ConfigValue::Str(_), ConfigValue::Str(_)])
                }
                ("encoding", ConfigValue::Str(name)) => Encoding::of(name).is_some(),
                (_, ConfigValue::Bool(_)) => !matches!(key, "separators" | "encoding"),
                _ => false,
            };
            if key == "encoding" && !fits {
                return Err(config.wrong_type(key, value, "utf-8, ascii or latin-1"));
            }
            if !fits {
                return Err(config.wrong_type(key, value, "one that numcodecs knows"));
            }
            codec.config = codec.config.set(key, value.clone());
        }
        Ok(codec)
    }

    fn separator(&self) -> &str {
        match self.config.value("separators") {
            Some(ConfigValue::List(list)) => match list.first() {
                Some(ConfigValue::Str(separator)) => separator,
                _ => ",",
            },
            _ => ",",
        }
    }

    fn is(&self, key: &str) -> bool {
        self.config.value(key) == Some(&ConfigValue::Bool(true))
    }

    fn encoding(&self) -> Encoding {
        match self.config.value("encoding") {
            Some(ConfigValue::Str(name)) => Encoding::of(name).unwrap_or(Encoding::Utf8),
            _ => Encoding::Utf8,
        }
    }
}

impl Default for Json {
    fn default() -> Self {
        Json::new()
    }
}

impl Codec for Json {
    fn config(&self) -> CodecConfig {
        self.config.clone()
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        check_dtype(ID, dtype)?;
        if self.config.value("indent") != Some(&ConfigValue::Null) {
            return Err(Error::codec("the parameter `indent` is not supported when something is encoded"));
        }
        let separator = self.separator();
        if separator.trim_matches([' ', '\t', '\n', '\r']) != "," {
            return Err(Error::codec(format!("with '{separator}' between items, it would be no JSON")));
        }
        let (allow_nan, ensure_ascii) = (self.is("allow_nan"), self.is("ensure_ascii"));
        let count = cast_len(data.len(), dtype, DType::UINT8)?;
        let mut text = String::from("[");
        for item in items(dtype, data) {
            match item {
                Item::Bool(value) => text.push_str(if value { "true" } else { "false" }),
                Item::Int(value) => _ = write!(text, "{value}"),
                Item::Float(value) if value.is_finite() => push_float(&mut text, value),
                Item::Float(value) if !allow_nan => {
                    return Err(Error::codec(format!("`allow_nan` is false, and there is a {value}")));
                }
                Item::Float(value) if value.is_nan() => text.push_str("NaN"),
                Item::Float(value) => text.push_str(if value > 0.0 { "Infinity" } else { "-Infinity" }),
                Item::Text(points) => push_text(&mut text, &text_of(&points)?, ensure_ascii),
                Item::Bytes(_) => {}
            }
            text.push_str(separator);
        }
        _ = write!(text, "\"{dtype}\"{separator}[{count}]]");
        self.encoding().encode(text).map(Encoded::bytes)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let text = self.encoding().decode(data)?;
        let mut reader = Reader { rest: &text, strict: self.is("strict") };
        reader.token('[')?;
        // What the items are comes behind them: the dtype is the last text that is in no inner list.
        let (mut scanned, mut depth, mut leaves, mut last) = (reader, 1u64, 0, None);
        while depth > 0 {
            match scanned.next()? {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::Comma => {}
                Token::Text(text) if depth == 1 => {
                    last = Some((text, leaves, scanned));
                    leaves += 1;
                }
                Token::Text(_) | Token::Number(_) => leaves += 1,
            }
        }
        let (dtype, count, mut behind) = last.ok_or_else(not_an_array)?;
        behind.token(',')?;
        behind.token('[')?;
        let mut shape = Vec::new();
        while !behind.accept(']') {
            if !shape.is_empty() {
                behind.token(',')?;
            }
            match behind.next()? {
                Token::Number(Item::Int(len)) => shape.push(u64::try_from(len).map_err(|_| damaged("its shape"))?),
                _ => return Err(damaged("its shape is not one of integers")),
            }
        }
        behind.token(']')?;
        behind.skip_space();
        if !behind.rest.is_empty() {
            return Err(damaged("something follows"));
        }
        let mut array = Array::new(ID, dtype, shape, count, max_len)?;
        let mut left = count;
        while left > 0 {
            let item = match reader.next()? {
                Token::Number(item) => item,
                Token::Text(text) => Item::Text(reader.unescape(text)?),
                Token::Open | Token::Close | Token::Comma => continue,
            };
            array.push(&item)?;
            left -= 1;
        }
        array.finish()
    }

    fn encoded_bound(&self, len: usize) -> usize {
        // A float has up to 24 letters, also one of two bytes, a bool up to 5, and a letter of text, of four bytes, up to
        // 12; all have a separator.
        len.saturating_mul(12 + self.separator().len()).saturating_add(256)
    }
}

const ID: &str = "json2";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check_codec, damage, of};

    #[test]
    fn as_in_python() {
        for (dtype, data, text) in [
            ("|u1", "61 62 ff", r#"[97,98,255,"|u1",[3]]"#),
            (">i4", "0000012c ffffffff", r#"[300,-1,">i4",[2]]"#),
            ("|b1", "01 00", r#"[true,false,"|b1",[2]]"#),
            // np.array(["a\"", "é😀", ""], "<U2")
            (
                "<U2",
                "6100000022000000 e900000000f60100 0000000000000000",
                r#"["a\"","\u00e9\ud83d\ude00","","<U2",[3]]"#,
            ),
            ("<u8", "ffffffffffffffff", r#"[18446744073709551615,"<u8",[1]]"#),
            (
                // np.array([1.5, 1e16, 1e-5, np.nan, -np.inf, 1e22, 123456789.125, -0.0], "f4")
                "<f4",
                "0000c03f ca1b0e5a acc52737 0000c07f 000080ff 78860764 a379eb4c 00000080",
                "[1.5,1.0000000272564224e+16,9.999999747378752e-06,NaN,-Infinity,9.999999778196308e+21,123456792.0,-0.0,\
                 \"<f4\",[8]]",
            ),
        ] {
            let data = bytes_of_hex(data);
            check_codec(&Json::new(), (of(dtype), &data), (DType::UINT8, text.as_bytes()), &data);
            damage(&Json::new(), text.as_bytes());
        }
        let decode = |text: &str| Json::new().decode(text.as_bytes(), 100);
        assert_eq!(decode("[5, \"<i2\", []]\n").unwrap(), [5, 0]);
        assert_eq!(decode("[[1, 2], [3, 4], \"|u1\", [2, 2]]").unwrap(), [1, 2, 3, 4]);
        assert!(decode("[\"|u1\",[0]]").unwrap().is_empty());
        // A pair of surrogates is one letter; the halves of one are letters of their own.
        let text = r#"["\ud83d\ude00\u00E9\/","\ude00\ud83d\ud83d","<U3",[2]]"#;
        assert_eq!(decode(text).unwrap(), bytes_of_hex("00f60100 e9000000 2f000000 00de0000 3dd80000 3dd80000"));
        assert_eq!(
            decode("[[\"a\"],[\"<U1\"],\"<U3\",[2,1]]").unwrap()[..16],
            bytes_of_hex("61000000 0000000000000000 3c000000")
        );
    }

    #[test]
    fn what_cannot_be() {
        for bad in [
            r#"[256,"|u1",[1]]"#,
            r#"[-1,"|u1",[1]]"#,
            r#"[1.5,"|u1",[1]]"#,
            r#"[1,"|u1",[2]]"#,
            r#"[1,2,"|u1",[1]]"#,
            r#"[1,"|u1",[1]]x"#,
            r#"["a","|O",[1]]"#,
            r#"["a","|u1",[1]]"#,
            r#"[1,"<U1",[1]]"#,
            r#"["ab","<U1",[1]]"#,
            r#"["a","b","<U1",[1]]"#,
            r#"["a","<U1",[2]]"#,
            r#"["\x","<U1",[1]]"#,
            r#"["\u00+1","<U1",[1]]"#,
            r#"["\u00é","<U1",[1]]"#,
            "[\"\n\",\"<U1\",[1]]",
            r#"["a","<U1",[1]"#,
            r#"["a\","<U1",[1]]"#,
            r#"["","<U0",[1]]"#,
            r#"["a",["<U1",[1]]]"#,
            "]",
            "[]",
            r#"[+1,"|u1",[1]]"#,
            r#"[inf,"<f4",[1]]"#,
            r#"[1,"|u1",[18446744073709551615,2]]"#,
            "[1",
            "",
        ] {
            assert!(Json::new().decode(bad.as_bytes(), 1 << 20).is_err(), "{bad}");
        }
        let refused = |dtype: &str, data: &[u8]| Json::new().encode(data, of(dtype)).unwrap_err().to_string();
        assert_eq!(refused("<c8", &[0; 8]), "the codec `json2` does not work on complex64: it has no complex numbers");
        assert_eq!(refused("|S2", &[0; 8]), "the codec `json2` does not work on |S2: JSON has no bytes");
        assert_eq!(refused("<U1", &[0, 0xd8, 0, 0]), "0xd800 is no character, and cannot be encoded");
    }

    #[test]
    fn configurations() {
        let config = Json::new().config();
        assert_eq!(
            config.to_string(),
            "json2(encoding='utf-8', skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, indent=None, \
             separators=[',', ':'], sort_keys=True, strict=True)"
        );
        assert_eq!(Json::from_config(&CodecConfig::new("json2")).unwrap().config(), config);
        let indented = Json::from_config(&CodecConfig::new("json2").set("indent", 2)).unwrap();
        assert_eq!(
            indented.config(),
            config.clone().set("indent", 2).set("separators", vec![", ".into(), ConfigValue::from(": ")])
        );
        assert!(indented.encode(&[1], DType::UINT8).is_err());
        assert_eq!(indented.decode(b"[\n  1,\n \"|u1\",\n [\n 1\n ]\n]", 1).unwrap(), [1]);
        let other = |key: &str, value: ConfigValue| {
            Json::from_config(&config.clone().set("ensure_ascii", false).set(key, value)).unwrap()
        };
        let text = bytes_of_hex("e9000000 7f000000");
        for (encoding, encoded) in [("utf-8", "c3a9 7f"), ("latin-1", "e9 7f")] {
            let codec = other("encoding", encoding.into());
            let encoded = [b"[\"", &bytes_of_hex(encoded)[..], b"\",\"<U2\",[1]]"].concat();
            check_codec(&codec, (of("<U2"), &text), (DType::UINT8, &encoded), &text);
            damage(&codec, &encoded);
        }
        let ascii = other("encoding", "ascii".into());
        assert_eq!(ascii.encode(&text, of("<U2")).unwrap_err().to_string(), "its encoding has no 'é'");
        assert!(ascii.decode("[\"é\",\"<U2\",[1]]".as_bytes(), 8).is_err());
        let lax = other("strict", false.into());
        assert_eq!(lax.decode(b"[\"\n\",\"<U1\",[1]]", 4).unwrap(), [10, 0, 0, 0]);
        let strict = Json::from_config(&config.clone().set("allow_nan", false)).unwrap();
        assert!(strict.encode(&f64::NAN.to_le_bytes(), of("<f8")).is_err());
        for (key, value) in [
            ("encoding", ConfigValue::from("utf-16")),
            ("encoding", 8.into()),
            ("indent", 1.5.into()),
            ("separators", ",".into()),
            ("strict", 1.into()),
            ("more", true.into()),
        ] {
            assert!(Json::from_config(&config.clone().set(key, value)).is_err(), "{key}");
        }
    }
}
