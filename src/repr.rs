//! Numbers, text and bytes as Python's `repr` shows them.

use std::borrow::Cow;
use std::fmt::Write;

/// How many bytes an integer may have to be shown in decimal. Python too shows no more than 4,300 digits.
const MAX_DECIMAL: usize = 1785;

/// A `float`.
pub(crate) fn float(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// An `int` in little-endian two's complement; in hexadecimal if it is very long.
pub(crate) fn int(bytes: &[u8]) -> String {
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut magnitude = bytes.to_vec();
    if negative {
        let mut carry = true;
        for byte in &mut magnitude {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    while magnitude.last() == Some(&0) {
        magnitude.pop();
    }
    let sign = if negative { "-" } else { "" };
    if magnitude.len() > MAX_DECIMAL {
        let mut text = format!("{sign}0x{:x}", magnitude.last().unwrap_or(&0));
        for byte in magnitude.iter().rev().skip(1) {
            let _ = write!(text, "{byte:02x}");
        }
        return text;
    }
    let mut groups = Vec::new();
    while !magnitude.is_empty() {
        let mut rest = 0u64;
        for byte in magnitude.iter_mut().rev() {
            rest = rest << 8 | u64::from(*byte);
            *byte = (rest / 1_000_000_000) as u8;
            rest %= 1_000_000_000;
        }
        groups.push(rest);
        while magnitude.last() == Some(&0) {
            magnitude.pop();
        }
    }
    let mut text = format!("{sign}{}", groups.last().unwrap_or(&0));
    for group in groups.iter().rev().skip(1) {
        let _ = write!(text, "{group:09}");
    }
    text
}

/// A `str`.
pub(crate) fn str(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = String::with_capacity(text.len() + 2);
    shown.push(quote);
    for char in text.chars() {
        push(&mut shown, char, quote);
    }
    shown.push(quote);
    shown
}

/// A `str` with lone surrogates, in UTF-8 that encodes them like other code points.
pub(crate) fn surrogates(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut shown = String::with_capacity(bytes.len() + 2);
    shown.push(quote);
    let mut rest = bytes;
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or(""),
        };
        valid.chars().for_each(|char| push(&mut shown, char, quote));
        rest = &rest[valid.len()..];
        if let [first, second, third, tail @ ..] = rest {
            let code = u32::from(first & 0x0f) << 12 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
            let _ = write!(shown, "\\u{code:04x}");
            rest = tail;
        } else {
            rest = &[];
        }
    }
    shown.push(quote);
    shown
}

/// A `bytes`.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    let mut shown = String::with_capacity(bytes.len() + 3);
    shown.push('b');
    shown.push(quote.into());
    for &byte in bytes {
        match byte {
            b'\n' => shown.push_str("\\n"),
            b'\r' => shown.push_str("\\r"),
            b'\t' => shown.push_str("\\t"),
            b'\\' => shown.push_str("\\\\"),
            byte if byte == quote => shown.extend(['\\', quote.into()]),
            b' '..=b'~' => shown.push(byte.into()),
            byte => {
                let _ = write!(shown, "\\x{byte:02x}");
            }
        }
    }
    shown.push(quote.into());
    shown
}

fn push(shown: &mut String, char: char, quote: char) {
    let code = u32::from(char);
    let _ = match char {
        '\n' => write!(shown, "\\n"),
        '\r' => write!(shown, "\\r"),
        '\t' => write!(shown, "\\t"),
        '\\' => write!(shown, "\\\\"),
        char if char == quote => write!(shown, "\\{char}"),
        char if is_printable(char) => write!(shown, "{char}"),
        _ if code < 0x100 => write!(shown, "\\x{code:02x}"),
        _ if code < 0x1_0000 => write!(shown, "\\u{code:04x}"),
        _ => write!(shown, "\\U{code:08x}"),
    };
}

fn is_printable(char: char) -> bool {
    if char.is_ascii() {
        return matches!(char, ' '..='~');
    }
    // The standard library escapes what Python's `str.isprintable` refuses, and at the beginning of a text what combines
    // with a character before it.
    let mut buffer = [b'x', 0, 0, 0, 0];
    let len = 1 + char.encode_utf8(&mut buffer[1..]).len();
    let text = std::str::from_utf8(&buffer[..len]).unwrap_or_default();
    text.escape_debug().nth(1) == Some(char)
}

/// At most the first `len` bytes of a text, and an ellipsis for what is left out.
pub(crate) fn abridged(text: &str, len: usize) -> Cow<'_, str> {
    if text.len() <= len {
        return text.into();
    }
    let end = (0..=len).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}…", &text[..end]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats() {
        for (value, shown) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.000_012, "1.2e-05"),
            (5e-324, "5e-324"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float(value), shown);
        }
    }

    #[test]
    fn ints() {
        for value in [0, 1, -1, 127, 128, -128, 999_999_999, 1_000_000_000, i128::MAX, i128::MIN, 10i128.pow(27)] {
            assert_eq!(int(&value.to_le_bytes()), value.to_string());
        }
        assert_eq!(int(&[]), "0");
        let long = [&[0xff; 1784][..], &[0]].concat();
        assert!(int(&long).len() == 4297 && int(&long).starts_with("19957") && int(&long).ends_with("57085695"));
        assert_eq!(int(&[&[0; 1786][..], &[1]].concat()), format!("0x1{}", "00".repeat(1786)));
        assert_eq!(int(&[&[0; 1786][..], &[0xff]].concat()), format!("-0x1{}", "00".repeat(1786)));
    }

    #[test]
    fn texts() {
        assert_eq!(str("it's"), r#""it's""#);
        assert_eq!(str("'\"\\\n\r\t\0\x7f"), r#"'\'"\\\n\r\t\x00\x7f'"#);
        assert_eq!(
            str("é\u{a0}\u{ad}\u{301}\u{200b}\u{e000}😀\u{e0001}"),
            "'é\\xa0\\xad\u{301}\\u200b\\ue000😀\\U000e0001'"
        );
        assert_eq!(surrogates(b"a'\xed\xa0\x80\xc3\xa9\xed\xbf\xbf"), r#""a'\ud800é\udfff""#);
        assert_eq!(bytes(b"a'\"\\\x00\xff\n"), r#"b'a\'"\\\x00\xff\n'"#);
        assert_eq!(bytes(b"'"), r#"b"'""#);
    }
}
