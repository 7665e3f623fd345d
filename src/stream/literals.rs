//! The instructions that make numbers, text and bytes.

use super::arena::Node;
use super::opcode as op;
use super::parser::Machine;
use super::text::{self, Integer};
use crate::error::{Error, Result};

impl<'de> Machine<'de> {
    /// Numbers, text and bytes.
    pub(super) fn scalar(&mut self, op: u8) -> Result<()> {
        let node = match op {
            op::INT => match self.input.line()? {
                b"00" => Node::Bool(false),
                b"01" => Node::Bool(true),
                line => self.integer(line)?,
            },
            op::LONG => {
                let line = self.input.line()?;
                self.integer(line.strip_suffix(b"L").unwrap_or(line))?
            }
            op::LONG1 => {
                let len = u64::from(self.input.byte()?);
                long(self.input.take(len)?)
            }
            op::LONG4 => {
                let len = self.signed_len()?;
                long(self.input.take(len)?)
            }
            op::FLOAT => {
                let line = self.input.line()?;
                Node::Float(text::float(line).ok_or_else(|| Error::pickle("a FLOAT is no number"))?)
            }
            op::BINUNICODE => {
                let len = u32::from_le_bytes(self.input.array()?);
                return self.unicode(u64::from(len));
            }
            op::BINUNICODE8 => {
                let len = u64::from_le_bytes(self.input.array()?);
                return self.unicode(len);
            }
            op::UNICODE => {
                let line = self.input.line()?;
                let plain = line.is_ascii() && !line.contains(&b'\\');
                let decoded = if plain { Some(line) } else { self.decoded(text::raw_unicode_escape(line))? };
                decoded.and_then(text::utf8).ok_or_else(|| Error::pickle("a UNICODE has a wrong escape"))?
            }
            op::STRING => {
                let ([b'\'', body @ .., b'\''] | [b'"', body @ .., b'"']) = self.input.line()? else {
                    return Err(Error::pickle("a STRING is not in quotes"));
                };
                let decoded = if body.contains(&b'\\') { self.decoded(text::escapes(body))? } else { Some(body) };
                python2(decoded.ok_or_else(|| Error::pickle("a STRING has a wrong escape"))?)
            }
            op::BINSTRING => {
                let len = self.signed_len()?;
                python2(self.input.take(len)?)
            }
            op::SHORT_BINSTRING => {
                let len = u64::from(self.input.byte()?);
                python2(self.input.take(len)?)
            }
            op::SHORT_BINBYTES => {
                let len = u64::from(self.input.byte()?);
                Node::Bytes(self.input.take(len)?)
            }
            op::BINBYTES => {
                let len = u32::from_le_bytes(self.input.array()?);
                Node::Bytes(self.input.take(u64::from(len))?)
            }
            op::BINBYTES8 => {
                let len = u64::from_le_bytes(self.input.array()?);
                Node::Bytes(self.input.take(len)?)
            }
            op::BYTEARRAY8 => {
                let len = u64::from_le_bytes(self.input.array()?);
                Node::ByteArray(self.input.take(len)?)
            }
            op::NEXT_BUFFER => {
                let index = self.builder.arena.buffers_used;
                if index as usize >= self.buffers || index == u32::MAX {
                    return Err(Error::pickle(format!("the stream asks for more than {} buffers", self.buffers)));
                }
                self.builder.arena.buffers_used += 1;
                Node::Buffer(index)
            }
            op::READONLY_BUFFER => match self.builder.arena.node(self.top()?) {
                // Python would show it through a read-only window; here nothing can be written to anyway.
                Node::Buffer(_) | Node::Bytes(_) | Node::ByteArray(_) => return Ok(()),
                _ => return Err(Error::pickle("READONLY_BUFFER follows something that is no buffer")),
            },
            op => return Err(Error::pickle(format!("0x{op:02x} is no instruction"))),
        };
        self.push(node)
    }

    #[inline]
    pub(super) fn unicode(&mut self, len: u64) -> Result<()> {
        let bytes = self.input.take(len)?;
        match text::utf8(bytes) {
            Some(node) => self.push(node),
            None => Err(Error::pickle("a str is not UTF-8")),
        }
    }

    /// The length of LONG4 and BINSTRING, which is signed.
    fn signed_len(&mut self) -> Result<u64> {
        let len = i32::from_le_bytes(self.input.array()?);
        u64::try_from(len).map_err(|_| Error::pickle("a length is negative"))
    }

    fn integer(&self, line: &[u8]) -> Result<Node<'de>> {
        match text::integer(line) {
            Some(Integer::Small(value)) => Ok(Node::Int(value)),
            Some(Integer::Big(bytes)) => Ok(Node::BigInt(self.keep(&bytes)?)),
            None => Err(Error::pickle("an integer in text is none, or has too many digits")),
        }
    }

    fn decoded(&self, decoded: Option<Vec<u8>>) -> Result<Option<&'de [u8]>> {
        decoded.map(|decoded| self.keep(&decoded)).transpose()
    }
}

/// A string of Python 2. Python 3 takes it for ASCII, and refuses others unless it is told their encoding. But Python 2
/// kept binary data in strings too (the data of its arrays among them), so what is not ASCII is bytes here.
fn python2(bytes: &[u8]) -> Node<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Node::Str(text),
        _ => Node::Bytes(bytes),
    }
}

/// Little-endian two's complement.
pub(super) fn long(bytes: &[u8]) -> Node<'_> {
    match text::from_le_bytes(bytes) {
        Integer::Small(value) => Node::Int(value),
        Integer::Big(bytes) => Node::BigInt(bytes),
    }
}

#[cfg(test)]
mod tests {
    use crate::stream::testing::{error, read};

    #[test]
    fn every_form() {
        for (stream, shown) in [
            (&b"I00\n."[..], "false"),
            (b"I01\n.", "true"),
            (b"I-7\n.", "-7"),
            (b"L7L\n.", "7"),
            (b"L7\n.", "7"),
            (b"L9223372036854775808L\n.", "Big[0, 0, 0, 0, 0, 0, 0, 80, 0]"),
            (b"\x8a\0.", "0"),
            (b"\x8b\x02\0\0\0\0\x80.", "-32768"),
            (b"F1.5\n.", "1.5"),
            (b"G\x3f\xf8\0\0\0\0\0\0.", "1.5"),
            (b"M\xff\xff.", "65535"),
            (b"S'a\\'\\x41'\n.", r#""a'A""#),
            (b"S\"\"\n.", r#""""#),
            // Strings of Python 2
            (b"S'\\xff'\n.", r"b'\xff'"),
            (b"U\x01a.", r#""a""#),
            (b"T\x01\0\0\0\xff.", r"b'\xff'"),
            (b"Va\\u00e9\xe9\n.", r#""aéé""#),
            (b"X\x02\0\0\0\xc3\xa9.", r#""é""#),
            (b"\x8d\x02\0\0\0\0\0\0\0\xc3\xa9.", r#""é""#),
            (b"B\x01\0\0\0a.", "b'a'"),
            (b"\x8e\x01\0\0\0\0\0\0\0a.", "b'a'"),
            (b"\x96\x01\0\0\0\0\0\0\0a.", "b'a'"),
            (b"\x97\x98\x97\x98\x86.", "(Buffer(0), Buffer(1))"),
            (b"C\x01a\x98.", "b'a'"),
            (b"\x96\x01\0\0\0\0\0\0\0a\x98.", "b'a'"),
            (b"Pid\n.", r#"#"id""#),
            (b"K\x01Q.", "#1"),
            (b"\x83\x01\x01.", "Extension(257)"),
        ] {
            assert_eq!(read(stream).unwrap(), shown, "{}", stream.escape_ascii());
        }
    }

    #[test]
    fn wrong_forms() {
        for (stream, message) in [
            (&b"Ix\n."[..], "an integer in text"),
            (b"I010\n.", "an integer in text"),
            (b"I5", "the stream is cut off"),
            (b"Fx\n.", "a FLOAT is no number"),
            (b"S'a\n.", "a STRING is not in quotes"),
            (b"S'\n.", "a STRING is not in quotes"),
            (b"S'\\x4'\n.", "a STRING has a wrong escape"),
            (b"V\\u12\n.", "a UNICODE has a wrong escape"),
            (b"\x8c\x01\xff.", "a str is not UTF-8"),
            (b"T\xff\xff\xff\xff.", "a length is negative"),
            (b"\x8b\xff\xff\xff\xff.", "a length is negative"),
            (b"\x8e\xff\xff\xff\xff\xff\xff\xff\xffa.", "the stream is cut off"),
            (b"B\xff\xff\xff\xffa.", "the stream is cut off"),
            (b"N\x98.", "READONLY_BUFFER follows something that is no buffer"),
            (&b"\x97".repeat(9), "the stream asks for more than 8 buffers"),
            (b"\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", "a frame is longer than the stream"),
        ] {
            let error = error(stream).to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
