//! The codec `json2`.

use std::fmt::Write;

use super::items::{Array, Item, check_dtype, damaged, items};
use super::numbers::cast_len;
use super::{Codec, CodecConfig, ConfigValue, Encoded};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The codec `json2`. `numcodecs.JSON`.
///
/// The numbers of an array as a list in JSON. It is made for arrays of Python objects, which no BinPickle file can
/// have; here it takes bools, integers and floats. Of a NaN, nothing is left but that it is one.
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

    /// What numbers are written as depends on the separators only, and on `indent`, which is only read.
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
                ("encoding", ConfigValue::Str(name)) => {
                    matches!(name.to_ascii_lowercase().as_str(), "utf-8" | "utf8" | "ascii" | "latin-1" | "latin1")
                }
                (_, ConfigValue::Bool(_)) => !matches!(key, "separators" | "encoding"),
                _ => false,
            };
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
        check_dtype(dtype)?;
        if self.config.value("indent") != Some(&ConfigValue::Null) {
            return Err(Error::codec("the parameter `indent` is not supported when something is encoded"));
        }
        let separator = self.separator();
        if separator.trim_matches([' ', '\t', '\n', '\r']) != "," {
            return Err(Error::codec(format!("with '{separator}' between items, it would be no JSON")));
        }
        let allow_nan = self.config.value("allow_nan") == Some(&ConfigValue::Bool(true));
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
            }
            text.push_str(separator);
        }
        _ = write!(text, "\"{dtype}\"{separator}[{count}]]");
        Ok(Encoded::bytes(text.into_bytes()))
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let mut reader = Reader { rest: data };
        let mut scanned = reader;
        scanned.token(b'[')?;
        // What the items are comes behind them.
        let mut numbers = 0;
        let dtype = loop {
            match scanned.next()? {
                Token::Item(_) => numbers += 1,
                Token::Text(text) => break text,
                Token::Mark => {}
            }
        };
        scanned.token(b',')?;
        scanned.token(b'[')?;
        let mut shape = Vec::new();
        while !scanned.accept(b']') {
            if !shape.is_empty() {
                scanned.token(b',')?;
            }
            match scanned.next()? {
                Token::Item(Item::Int(len)) => shape.push(u64::try_from(len).map_err(|_| damaged("its shape"))?),
                _ => return Err(damaged("its shape is not one of integers")),
            }
        }
        scanned.token(b']')?;
        scanned.skip_space();
        if !scanned.rest.is_empty() {
            return Err(damaged("something follows"));
        }
        let mut array = Array::new(dtype, shape, numbers, max_len)?;
        loop {
            match reader.next()? {
                Token::Item(item) => array.push(item)?,
                Token::Text(_) => break,
                Token::Mark => {}
            }
        }
        array.finish()
    }

    fn encoded_bound(&self, len: usize) -> usize {
        // A float has up to 24 letters, also one of two bytes, and a bool up to 5; all have a separator.
        len.saturating_mul(12 + self.separator().len()).saturating_add(256)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        len.saturating_mul(4)
    }
}

/// A float as Python's `repr` writes it.
fn push_float(text: &mut String, value: f64) {
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    // Of two texts that are as short and as near, Python takes the even one, and Rust the larger one.
    let precision = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let even = format!("{value:.precision$e}");
    let (digits, exponent) = even.split_once('e').filter(|_| even.parse() == Ok(value)).unwrap_or((digits, exponent));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        _ = write!(text, "{digits}e{sign}{:02}", exponent.abs());
        return;
    }
    let decimals = precision.saturating_sub(exponent.max(0) as usize).max(1);
    let decimals = if exponent < 0 { precision + exponent.unsigned_abs() as usize } else { decimals };
    _ = write!(text, "{value:.decimals$}");
}

/// The tokens of nested lists of numbers. How they are nested does not matter: the shape says it.
#[derive(Clone, Copy)]
struct Reader<'a> {
    rest: &'a [u8],
}

enum Token<'a> {
    Item(Item),
    /// A text without escapes, as a dtype is one.
    Text(&'a str),
    /// A bracket or a comma.
    Mark,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        let space = self.rest.iter().take_while(|byte| b" \t\n\r".contains(byte)).count();
        self.rest = &self.rest[space..];
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn token(&mut self, byte: u8) -> Result<()> {
        if self.accept(byte) { Ok(()) } else { Err(damaged("it is not the JSON of an array")) }
    }

    fn next(&mut self) -> Result<Token<'a>> {
        self.skip_space();
        let bad = || damaged("it is not the JSON of an array");
        let rest = self.rest;
        let len = match rest.first().ok_or_else(bad)? {
            b'[' | b']' | b',' => 1,
            b'"' => 2 + rest[1..].iter().position(|&byte| byte == b'"').ok_or_else(bad)?,
            _ => rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count(),
        };
        let (token, rest) = rest.split_at(len);
        self.rest = rest;
        let token = std::str::from_utf8(token).map_err(|_| bad())?;
        Ok(match token {
            "[" | "]" | "," => Token::Mark,
            "true" => Token::Item(Item::Bool(true)),
            "false" => Token::Item(Item::Bool(false)),
            "NaN" => Token::Item(Item::Float(f64::NAN)),
            "Infinity" => Token::Item(Item::Float(f64::INFINITY)),
            "-Infinity" => Token::Item(Item::Float(f64::NEG_INFINITY)),
            _ if token.starts_with('"') => Token::Text(&token[1..len - 1]),
            _ => Token::Item(number(token).ok_or_else(bad)?),
        })
    }
}

/// A number in JSON. Rust's own parsers would also take a `+`, or `inf`.
fn number(text: &str) -> Option<Item> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Item::Int);
    }
    text.parse().ok().map(Item::Float)
}

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
            r#"[+1,"|u1",[1]]"#,
            r#"[inf,"<f4",[1]]"#,
            r#"[1,"|u1",[18446744073709551615,2]]"#,
            "[1",
            "",
        ] {
            assert!(Json::new().decode(bad.as_bytes(), 1 << 20).is_err(), "{bad}");
        }
        assert!(Json::new().encode(&[0; 8], of("<c8")).is_err());
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
        let strict = Json::from_config(&config.clone().set("allow_nan", false)).unwrap();
        assert!(strict.encode(&f64::NAN.to_le_bytes(), of("<f8")).is_err());
        for (key, value) in [
            ("encoding", ConfigValue::from("utf-16")),
            ("indent", 1.5.into()),
            ("separators", ",".into()),
            ("strict", 1.into()),
            ("more", true.into()),
        ] {
            assert!(Json::from_config(&config.clone().set(key, value)).is_err(), "{key}");
        }
    }
}
