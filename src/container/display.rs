//! What a file says of itself, each in one line for people.

use std::fmt::{self, Display, Formatter, Write};

use super::{ArrayType, Entry, Header, Revision};
use crate::size::Size;

/// The variant's name: `V2`.
impl Display for Revision {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Revision::V1 => "V1",
            Revision::V2 => "V2",
            Revision::V2Mac => "V2Mac",
        })
    }
}

/// Such as `BinPickle V2, mappable, 1.2 MB`.
impl Display for Header {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mappable = if self.mappable { ", mappable" } else { "" };
        write!(f, "BinPickle {}{mappable}, {}", self.revision, Size(self.len))
    }
}

/// Such as `float64 (1000, 300) 2.4 MB → 1.1 MB shuffle + zstd`: the type of an array, the length decoded, and, where there
/// are codecs, the length in the file and their ids.
impl Display for Entry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(array) = &self.info {
            write!(f, "{array} ")?;
        }
        write!(f, "{}", Size(self.dec_len))?;
        for (n, codec) in self.codecs.iter().enumerate() {
            match n {
                0 => write!(f, " → {} ", Size(self.enc_len))?,
                _ => f.write_str(" + ")?,
            }
            write!(f, "{}", OneLine(codec.id()))?;
        }
        Ok(())
    }
}

/// Such as `float64 (1000, 300)`; the kind comes first where it is not `ndarray`.
impl Display for ArrayType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.kind != "ndarray" {
            write!(f, "{} ", OneLine(&self.kind))?;
        }
        write!(f, "{} (", OneLine(&self.dtype))?;
        for (n, len) in self.shape.iter().enumerate() {
            write!(f, "{}{len}", if n == 0 { "" } else { ", " })?;
        }
        // As Python writes a tuple of one.
        f.write_str(if self.shape.len() == 1 { ",)" } else { ")" })
    }
}

/// Text from a file, which may be any: without what would move the cursor or ring the bell.
struct OneLine<'a>(&'a str);

impl Display for OneLine<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            char if char.is_control() => write!(f, "{}", char.escape_default()),
            char => f.write_char(char),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Digest;
    use super::*;
    use crate::codec::CodecConfig;

    fn array(kind: &str, dtype: &str, shape: &[u64]) -> ArrayType {
        ArrayType { kind: kind.to_owned(), dtype: dtype.to_owned(), shape: shape.to_vec() }
    }

    #[test]
    fn arrays() {
        assert_eq!(array("ndarray", "float64", &[1000, 300]).to_string(), "float64 (1000, 300)");
        assert_eq!(array("ndarray", "int8", &[3]).to_string(), "int8 (3,)");
        assert_eq!(array("ndarray", "bool", &[]).to_string(), "bool ()");
        assert_eq!(array("ndarray", "[('a', '<f4')]", &[2]).to_string(), "[('a', '<f4')] (2,)");
        assert_eq!(array("ring", "\x1b[2J\n\u{85}é", &[1, 0]).to_string(), r"ring \u{1b}[2J\n\u{85}é (1, 0)");
    }

    #[test]
    fn entries() {
        let mut entry = Entry {
            offset: 4096,
            enc_len: 2_400_000,
            dec_len: 2_400_000,
            digest: Digest::Adler32(1),
            info: Some(array("ndarray", "float64", &[1000, 300])),
            codecs: Vec::new(),
        };
        assert_eq!(entry.to_string(), "float64 (1000, 300) 2.4 MB");
        entry.enc_len = 12_345;
        entry.codecs = vec![CodecConfig::new("shuffle"), CodecConfig::new("zstd").set("level", 3)];
        assert_eq!(entry.to_string(), "float64 (1000, 300) 2.4 MB → 12.3 kB shuffle + zstd");
        entry.info = None;
        assert_eq!(entry.to_string(), "2.4 MB → 12.3 kB shuffle + zstd");
    }

    #[test]
    fn headers() {
        let mut header = Header { revision: Revision::V2, mappable: true, len: 1_234_567 };
        assert_eq!(header.to_string(), "BinPickle V2, mappable, 1.2 MB");
        header.mappable = false;
        header.revision = Revision::V1;
        assert_eq!(header.to_string(), "BinPickle V1, 1.2 MB");
        assert_eq!(format!("{:>6}", Revision::V2Mac), " V2Mac");
    }
}
