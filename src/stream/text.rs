//! Numbers and text in the forms in which a stream holds them.

use super::arena::Node;
use crate::bytes::text_of;

/// How many digits an integer in text may have: as many as Python allows by default.
const MAX_DIGITS: usize = 4300;

/// An integer of any size.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Integer<B> {
    Small(i64),
    /// Little-endian two's complement of no more bytes than it takes.
    Big(B),
}

/// Reads little-endian two's complement; no bytes are 0.
pub(super) fn from_le_bytes(mut bytes: &[u8]) -> Integer<&[u8]> {
    // A byte that only repeats the sign below it says nothing.
    while let [.., before, last] = bytes {
        if *last != if before & 0x80 == 0 { 0 } else { 0xff } {
            break;
        }
        bytes = &bytes[..bytes.len() - 1];
    }
    if bytes.len() > 8 {
        return Integer::Big(bytes);
    }
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut padded = [if negative { 0xff } else { 0 }; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    Integer::Small(i64::from_le_bytes(padded))
}

/// Reads what Python's `int(line, 0)` reads: decimal, or `0x`, `0o`, `0b`, with underscores between digits.
pub(super) fn integer(line: &[u8]) -> Option<Integer<Vec<u8>>> {
    let line = trim(line);
    let (negative, digits) = match line {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits.strip_prefix(b"_").unwrap_or(digits)),
        [b'0', b'o' | b'O', digits @ ..] => (8, digits.strip_prefix(b"_").unwrap_or(digits)),
        [b'0', b'b' | b'B', digits @ ..] => (2, digits.strip_prefix(b"_").unwrap_or(digits)),
        digits => (10, digits),
    };
    let mut values = Vec::new();
    for group in digits.split(|&byte| byte == b'_') {
        if group.is_empty() || values.len() + group.len() > MAX_DIGITS {
            return None;
        }
        for &digit in group {
            values.push(char::from(digit).to_digit(radix)?);
        }
    }
    // Only zero may begin with one: `010` was octal once.
    if radix == 10 && values.len() > 1 && values[0] == 0 && values.iter().any(|&digit| digit != 0) {
        return None;
    }
    let mut bytes = magnitude(&values, radix);
    bytes.push(0);
    if negative {
        negate(&mut bytes);
    }
    let len = match from_le_bytes(&bytes) {
        Integer::Small(value) => return Some(Integer::Small(value)),
        Integer::Big(minimal) => minimal.len(),
    };
    bytes.truncate(len);
    Some(Integer::Big(bytes))
}

/// Digits, the most significant first, as little-endian bytes.
fn magnitude(digits: &[u32], radix: u32) -> Vec<u8> {
    let mut limbs: Vec<u32> = Vec::new();
    // As many digits at a time as fit 32 bits.
    for chunk in digits.chunks(radix_chunk(radix)) {
        let mut carry = chunk.iter().fold(0u64, |value, &digit| value * u64::from(radix) + u64::from(digit));
        let scale = u64::from(radix).pow(chunk.len() as u32);
        for limb in &mut limbs {
            carry += u64::from(*limb) * scale;
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry != 0 {
            limbs.push(carry as u32);
        }
    }
    limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect()
}

fn radix_chunk(radix: u32) -> usize {
    match radix {
        2 => 31,
        8 => 10,
        16 => 7,
        _ => 9,
    }
}

fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes {
        (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
    }
}

/// Reads the place in the memo that GET and PUT name.
pub(super) fn memo_key(line: &[u8]) -> Option<u64> {
    let digits = trim(line);
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Reads what Python's `float(line)` reads, without underscores.
pub(super) fn float(line: &[u8]) -> Option<f64> {
    std::str::from_utf8(trim(line)).ok()?.parse().ok()
}

fn trim(line: &[u8]) -> &[u8] {
    let space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let start = line.iter().position(|byte| !space(byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !space(byte)).map_or(start, |last| last + 1);
    &line[start..end]
}

/// A str in UTF-8, where Python lets surrogates pass; `None` if it is anything else.
#[inline]
pub(super) fn utf8(bytes: &[u8]) -> Option<Node<'_>> {
    match text_of(bytes) {
        Some(text) => Some(Node::Str(text)),
        None => is_utf8_with_surrogates(bytes).then_some(Node::Surrogates(bytes)),
    }
}

#[cold]
fn is_utf8_with_surrogates(mut bytes: &[u8]) -> bool {
    while let Err(error) = std::str::from_utf8(bytes) {
        match &bytes[error.valid_up_to()..] {
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, rest @ ..] => bytes = rest,
            _ => return false,
        }
    }
    true
}

/// Decodes the text of UNICODE: Latin-1 with `\uXXXX` and `\UXXXXXXXX`, into UTF-8 with surrogates.
pub(super) fn raw_unicode_escape(line: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(line.len());
    let mut rest = line;
    while let [first, tail @ ..] = rest {
        rest = tail;
        let digits = match (first, tail) {
            (b'\\', [b'u', ..]) => 4,
            (b'\\', [b'U', ..]) => 8,
            (b'\\', [other, tail @ ..]) => {
                // Two backslashes belong together, so that the second one begins no escape.
                push_code_point(&mut text, u32::from(b'\\'));
                push_code_point(&mut text, u32::from(*other));
                rest = tail;
                continue;
            }
            _ => {
                push_code_point(&mut text, u32::from(*first));
                continue;
            }
        };
        let (hex, tail) = tail[1..].split_at_checked(digits)?;
        let code = hex.iter().try_fold(0, |code, &digit| Some(code << 4 | char::from(digit).to_digit(16)?))?;
        if code > u32::from(char::MAX) {
            return None;
        }
        push_code_point(&mut text, code);
        rest = tail;
    }
    Some(text)
}

fn push_code_point(text: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(char) => text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        // A surrogate: three bytes, as any code point of 16 bits.
        None => text.extend([0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]),
    }
}

/// Decodes what Python's `codecs.escape_decode` decodes: the inside of a bytes literal.
pub(super) fn escapes(body: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(body.len());
    let mut rest = body;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            decoded.push(*first);
            continue;
        }
        let (escape, tail) = rest.split_first()?;
        rest = tail;
        let byte = match escape {
            b'\n' => continue,
            b'\\' | b'\'' | b'"' => *escape,
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'x' => {
                let [high, low, tail @ ..] = rest else { return None };
                rest = tail;
                (char::from(*high).to_digit(16)? << 4 | char::from(*low).to_digit(16)?) as u8
            }
            b'0'..=b'7' => {
                let mut value = u32::from(escape - b'0');
                for _ in 0..2 {
                    let [digit @ b'0'..=b'7', tail @ ..] = rest else { break };
                    value = value << 3 | u32::from(digit - b'0');
                    rest = tail;
                }
                value as u8
            }
            _ => {
                decoded.push(b'\\');
                *escape
            }
        };
        decoded.push(byte);
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_bytes() {
        for (bytes, value) in [
            (&b""[..], 0),
            (b"\xff", -1),
            (b"\x80", -128),
            (b"\x80\x00", 128),
            (b"\xff\xff\xff\xff\xff\xff\xff\x7f", i64::MAX),
            (b"\x05\0\0\0\0\0\0\0\0\0\0\0", 5),
            (b"\xfb\xff\xff\xff\xff\xff\xff\xff\xff\xff", -5),
        ] {
            assert_eq!(from_le_bytes(bytes), Integer::Small(value));
        }
        assert_eq!(from_le_bytes(b"\0\0\0\0\0\0\0\x80\0\0"), Integer::Big(&b"\0\0\0\0\0\0\0\x80\0"[..]));
    }

    #[test]
    fn integers_in_text() {
        for (text, value) in [
            ("0", 0),
            ("-5", -5),
            (" +12 ", 12),
            ("0_0", 0),
            ("1_000", 1000),
            ("0x_fF", 255),
            ("-0b11", -3),
            ("0o17", 15),
            ("-9223372036854775808", i64::MIN),
            ("9223372036854775807", i64::MAX),
        ] {
            assert_eq!(integer(text.as_bytes()), Some(Integer::Small(value)), "{text}");
        }
        for text in ["", "-", "_1", "1__0", "1_", "007", "0b2", "- 5", "1.0", "0x", "five"] {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
        // 2**63, -2**64, 10**30
        let big = |bytes: &[u8]| Some(Integer::Big(bytes.to_vec()));
        assert_eq!(integer(b"9223372036854775808"), big(&[0, 0, 0, 0, 0, 0, 0, 0x80, 0]));
        assert_eq!(integer(b"-18446744073709551616"), big(&[0, 0, 0, 0, 0, 0, 0, 0, 0xff]));
        assert_eq!(integer(b"1000000000000000000000000000000"), big(&(10i128.pow(30).to_le_bytes()[..13])));
        assert!(integer(&[b'9'; MAX_DIGITS]).is_some());
        assert!(integer(&[b'9'; MAX_DIGITS + 1]).is_none());
    }

    #[test]
    fn memo_keys_and_floats() {
        assert_eq!(memo_key(b" 007"), Some(7));
        assert_eq!((memo_key(b"-1"), memo_key(b""), memo_key(b"+1")), (None, None, None));
        assert_eq!((float(b"-1e-3"), float(b"inf"), float(b" .5 ")), (Some(-1e-3), Some(f64::INFINITY), Some(0.5)));
        assert!(float(b"nan").is_some_and(f64::is_nan));
        assert_eq!((float(b""), float(b"1_0"), float(b"x")), (None, None, None));
    }

    #[test]
    fn text_with_escapes() {
        let decoded = |line: &[u8]| raw_unicode_escape(line).map(|text| String::from_utf8(text).unwrap());
        assert_eq!(decoded(br"a\u0041\xe9\\u0042").as_deref(), Some(r"aA\xe9\\u0042"));
        assert_eq!(decoded(b"\xe9\\U0001f600\\").as_deref(), Some("é😀\\"));
        assert_eq!(raw_unicode_escape(br"\ud83d"), Some(vec![0xed, 0xa0, 0xbd]));
        for wrong in [&br"\u00"[..], br"\U00110000", br"\u00g0"] {
            assert_eq!(raw_unicode_escape(wrong), None);
        }
    }

    #[test]
    fn bytes_with_escapes() {
        assert_eq!(escapes(br#"\\\'\"\a\b\f\n\r\t\v"#).unwrap(), b"\\'\"\x07\x08\x0c\n\r\t\x0b");
        assert_eq!(escapes(b"\\x4a\\0\\1234\\777\\q\\\nz").unwrap(), b"\x4a\0S4\xff\\qz");
        for wrong in [&br"\x4"[..], br"\xg0", br"\"] {
            assert_eq!(escapes(wrong), None);
        }
    }

    #[test]
    fn surrogates() {
        assert!(matches!(utf8("é".as_bytes()), Some(Node::Str("é"))));
        assert!(matches!(utf8(b"a\xed\xa0\x80b"), Some(Node::Surrogates(_))));
        assert!(utf8(b"\xed\xa0").is_none());
        assert!(utf8(b"\xff").is_none());
    }
}
