//! The tokens of a list in JSON.

use crate::codec::items::{Item, damaged};
use crate::error::{Error, Result};

/// The tokens of nested lists of numbers and text. How they are nested does not matter: the shape says it.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) rest: &'a str,
    /// Whether text must have no control characters but escaped ones.
    pub(super) strict: bool,
}

pub(super) enum Token<'a> {
    Number(Item<'a>),
    /// What stands between the quotes, with its escapes.
    Text(&'a str),
    Open,
    Close,
    Comma,
}

pub(super) fn not_an_array() -> Error {
    damaged("it is not the JSON of an array")
}

impl<'a> Reader<'a> {
    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    pub(super) fn accept(&mut self, letter: char) -> bool {
        self.skip_space();
        let behind = self.rest.strip_prefix(letter);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    pub(super) fn token(&mut self, letter: char) -> Result<()> {
        if self.accept(letter) { Ok(()) } else { Err(not_an_array()) }
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>> {
        for (letter, token) in [('[', Token::Open), (']', Token::Close), (',', Token::Comma)] {
            if self.accept(letter) {
                return Ok(token);
            }
        }
        if self.accept('"') {
            let (text, behind) = self.rest.split_at(self.text_len().ok_or_else(not_an_array)?);
            self.rest = &behind[1..];
            return Ok(Token::Text(text));
        }
        let end = self.rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !"+-.".contains(letter));
        let (token, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Ok(Token::Number(match token {
            "true" => Item::Bool(true),
            "false" => Item::Bool(false),
            "NaN" => Item::Float(f64::NAN),
            "Infinity" => Item::Float(f64::INFINITY),
            "-Infinity" => Item::Float(f64::NEG_INFINITY),
            _ => number(token).ok_or_else(not_an_array)?,
        }))
    }

    /// Where the text ends at whose first letter this stands.
    fn text_len(self) -> Option<usize> {
        let mut escaped = false;
        self.rest.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })
    }

    /// The code points of a text. Python lets a half of a surrogate pair stand alone.
    pub(super) fn unescape(self, text: &str) -> Result<Vec<u32>> {
        let bad = || damaged("it holds text that is no JSON");
        let mut points: Vec<u32> = Vec::new();
        let mut letters = text.chars();
        // The first half of a pair, if the last escape was one.
        let mut high: Option<u32> = None;
        while let Some(letter) = letters.next() {
            let point = match letter {
                '\\' => match letters.next().ok_or_else(bad)? {
                    '"' => 0x22,
                    '\\' => 0x5c,
                    '/' => 0x2f,
                    'b' => 8,
                    'f' => 0xc,
                    'n' => 0xa,
                    'r' => 0xd,
                    't' => 9,
                    'u' => {
                        let hex = letters.as_str().get(..4).ok_or_else(bad)?;
                        if !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                            return Err(bad());
                        }
                        letters = letters.as_str()[4..].chars();
                        let unit = u32::from_str_radix(hex, 16).map_err(|_| bad())?;
                        match high.take() {
                            Some(high) if (0xdc00..0xe000).contains(&unit) => {
                                points.pop();
                                points.push(0x1_0000 + ((high - 0xd800) << 10 | (unit - 0xdc00)));
                                continue;
                            }
                            _ => high = (0xd800..0xdc00).contains(&unit).then_some(unit),
                        }
                        points.push(unit);
                        continue;
                    }
                    _ => return Err(bad()),
                },
                letter if self.strict && letter < ' ' => return Err(bad()),
                letter => letter.into(),
            };
            high = None;
            points.push(point);
        }
        Ok(points)
    }
}

/// A number in JSON. Rust's own parsers would also take a `+`, or `inf`.
fn number(text: &str) -> Option<Item<'static>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Item::Int);
    }
    text.parse().ok().map(Item::Float)
}
