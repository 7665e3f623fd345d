//! Floats and text as Python writes them, and how text becomes bytes.

use std::borrow::Cow;
use std::fmt::Write;

use crate::codec::items::damaged;
use crate::error::{Error, Result};

/// How text becomes bytes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Encoding {
    Utf8,
    Ascii,
    Latin1,
}

impl Encoding {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Encoding::Utf8),
            "ascii" => Some(Encoding::Ascii),
            "latin-1" | "latin1" => Some(Encoding::Latin1),
            _ => None,
        }
    }

    pub(super) fn encode(self, text: String) -> Result<Vec<u8>> {
        if self == Encoding::Utf8 || text.is_ascii() {
            return Ok(text.into_bytes());
        }
        let most = if self == Encoding::Ascii { 0x7f } else { 0xff };
        let byte = |letter: char| match u8::try_from(u32::from(letter)) {
            Ok(byte) if byte <= most => Ok(byte),
            _ => Err(Error::codec(format!("its encoding has no {letter:?}"))),
        };
        text.chars().map(byte).collect()
    }

    pub(super) fn decode(self, data: &[u8]) -> Result<Cow<'_, str>> {
        match (self, std::str::from_utf8(data)) {
            (Encoding::Utf8, Ok(text)) => Ok(text.into()),
            (_, Ok(text)) if text.is_ascii() => Ok(text.into()),
            (Encoding::Latin1, _) => Ok(data.iter().map(|&byte| char::from(byte)).collect::<String>().into()),
            _ => Err(damaged("it is not in its encoding")),
        }
    }
}

/// A text as Python writes it.
pub(super) fn push_text(out: &mut String, text: &str, ensure_ascii: bool) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(letter),
            _ if !ensure_ascii && letter > '\u{1f}' => out.push(letter),
            _ => letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}")),
        }
    }
    out.push('"');
}

/// A float as Python's `repr` writes it.
pub(super) fn push_float(text: &mut String, value: f64) {
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
