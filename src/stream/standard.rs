//! Values of Python's standard library: what their classes make of their arguments, without calling them.

use super::arena::{Arena, Items, Made, Node, NodeId, Object};
use super::datetime::{Date, Time, TimeDelta, Zone};
use super::instance::Instance;
use super::known::Known;
use super::meaning::Meaning;
use crate::error::{Error, Result};

/// An object of the standard library that is a value, and not what its attributes are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standard<'de> {
    /// `decimal.Decimal`, by its text, which may be none: see [`is_decimal`].
    Decimal(&'de str),
    /// `fractions.Fraction`: numerator, and a denominator that is positive.
    Fraction(i128, i128),
    /// `uuid.UUID`
    Uuid(u128),
    /// A path of `pathlib`
    Path(PathParts),
    /// `range`
    Range(Range),
    /// `array.array` of characters
    Chars(Chars<'de>),
    /// `datetime.date`
    Date(Date),
    /// `datetime.time`
    Time(Time, Zone<'de>),
    /// `datetime.datetime`
    DateTime(Date, Time, Zone<'de>),
    /// `datetime.timedelta`
    TimeDelta(TimeDelta),
    /// `datetime.timezone` or `zoneinfo.ZoneInfo`
    TimeZone(Zone<'de>),
}

/// The parts of a path, which should be text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathParts {
    pub(crate) parts: Items,
    /// Whether it is a path of Windows, even if the program runs elsewhere.
    pub(crate) is_windows: bool,
}

/// `range(start, stop, step)`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: i64,
    pub(crate) stop: i64,
    /// Not 0.
    pub(crate) step: i64,
}

/// The characters of an `array.array`, in UTF-16 or UTF-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chars<'de> {
    pub(crate) bytes: &'de [u8],
    /// 2 or 4, of which the number of bytes is a multiple.
    pub(crate) unit: usize,
    pub(crate) is_big_endian: bool,
}

impl Standard<'_> {
    /// The short text that stands for a value, if there is one. That of a path is up to its parts.
    pub(crate) fn text(&self) -> Option<String> {
        Some(match self {
            Standard::Decimal(text) => (*text).to_owned(),
            Standard::Fraction(numerator, 1) => numerator.to_string(),
            Standard::Fraction(numerator, denominator) => format!("{numerator}/{denominator}"),
            Standard::Uuid(value) => {
                let hex = format!("{value:032x}");
                [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
            }
            Standard::Date(date) => date.to_string(),
            Standard::Time(_, Zone::Other)
            | Standard::DateTime(_, _, Zone::Other)
            | Standard::Path(_)
            | Standard::Range(_)
            | Standard::Chars(_) => return None,
            Standard::Time(time, zone) => format!("{time}{zone}"),
            Standard::DateTime(date, time, zone) => format!("{date}T{time}{zone}"),
            Standard::TimeDelta(delta) => delta.to_string(),
            Standard::TimeZone(Zone::Named(key)) => (*key).to_owned(),
            Standard::TimeZone(zone) => zone.to_string(),
        })
    }
}

impl Range {
    /// How many numbers there are.
    pub(crate) fn len(self) -> u64 {
        let span = if self.step > 0 {
            i128::from(self.stop) - i128::from(self.start)
        } else {
            i128::from(self.start) - i128::from(self.stop)
        };
        if span <= 0 { 0 } else { ((span - 1) as u64) / self.step.unsigned_abs() + 1 }
    }

    /// The number with this index, which must be less than the length.
    pub(crate) fn get(self, index: u64) -> i64 {
        self.start.wrapping_add((index as i64).wrapping_mul(self.step))
    }
}

impl Chars<'_> {
    /// The text. It costs no more than 3 times the bytes.
    pub(crate) fn decode(self) -> Result<Vec<char>> {
        let code = |unit: &[u8]| {
            let push = |code, &byte: &u8| code << 8 | u32::from(byte);
            if self.is_big_endian { unit.iter().fold(0, push) } else { unit.iter().rev().fold(0, push) }
        };
        let wrong = |code| Error::data(format!("found U+{code:04X} in an array of characters, which is none"));
        let units = self.bytes.chunks_exact(self.unit).map(code);
        if self.unit == 4 {
            return units.map(|code| char::from_u32(code).ok_or_else(|| wrong(code))).collect();
        }
        let decoded = char::decode_utf16(units.map(|unit| unit as u16));
        decoded.map(|char| char.map_err(|error| wrong(error.unpaired_surrogate().into()))).collect()
    }
}

impl<'de> Arena<'de> {
    /// What an object of the standard library means. `None` is one of another class, or one that was made in a way in
    /// which pickle does not; an error is one that Python would not make.
    pub(super) fn standard<'a>(&'a self, object: &'a Object) -> Result<Option<Meaning<'a, 'de>>> {
        let instance = Instance::new(self, object);
        let standard = match self.known(instance.class_and_args().0) {
            Known::Unknown if !self.makes_zone(object.callable) => return Ok(None),
            Known::Uuid => self.uuid(instance)?,
            Known::UserData => return Ok(self.user_data(instance)),
            _ if object.made != Made::Reduce
                || object.state.is_some()
                || !object.items.is_empty()
                || !object.entries.is_empty() =>
            {
                return Ok(None);
            }
            Known::Unknown => self.moment(object, Known::ZoneInfo)?,
            Known::Decimal => self.decimal(object),
            Known::Fraction => self.fraction(object)?,
            Known::PosixPath => self.path(object, false),
            Known::WindowsPath => self.path(object, true),
            Known::Range => self.range(object)?,
            Known::StdArrayReconstructor => self.chars(object)?,
            known => self.moment(object, known)?,
        };
        Ok(standard.map(|standard| Meaning::Standard(standard, instance)))
    }

    /// `Decimal(text)`
    fn decimal(&self, object: &Object) -> Option<Standard<'de>> {
        match *self.args(object) {
            [text] => match self.node(text) {
                Node::Str(text) => Some(Standard::Decimal(text)),
                _ => None,
            },
            _ => None,
        }
    }

    /// `Fraction(numerator, denominator)`, or `Fraction('numerator/denominator')` before Python 3.11
    fn fraction(&self, object: &Object) -> Result<Option<Standard<'de>>> {
        let (numerator, denominator) = match *self.args(object) {
            [numerator, denominator] => (self.int128(numerator), self.int128(denominator)),
            [text] => {
                let Node::Str(text) = self.node(text) else { return Ok(None) };
                // Twice as long as any of 128 bits.
                let text = if text.len() <= 160 { text } else { return Ok(None) };
                let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
                (numerator.parse().ok(), denominator.parse().ok())
            }
            _ => return Ok(None),
        };
        match (numerator, denominator) {
            (Some(_), Some(0)) => Err(Error::pickle("the denominator of a Fraction is 0")),
            (Some(numerator), Some(denominator @ 1..)) => Ok(Some(Standard::Fraction(numerator, denominator))),
            _ => Ok(None),
        }
    }

    /// `UUID` with the attribute `int`
    fn uuid(&self, instance: Instance<'_, 'de>) -> Result<Option<Standard<'de>>> {
        let attributes = instance.attributes().unwrap_or_default();
        let Some(int) = self.attribute(&attributes, "int") else { return Ok(None) };
        let value = match self.node(int) {
            Node::Int(value) => u128::try_from(value).ok(),
            Node::BigInt(bytes) => match bytes.split_at(bytes.len().min(16)) {
                (low, [] | [0]) if bytes.last().is_some_and(|&last| last < 0x80) => {
                    let mut wide = [0; 16];
                    wide[..low.len()].copy_from_slice(low);
                    Some(u128::from_le_bytes(wide))
                }
                _ => None,
            },
            _ => return Ok(None),
        };
        match value {
            Some(value) => Ok(Some(Standard::Uuid(value))),
            None => Err(Error::pickle("the number of a UUID is negative or has more than 128 bits")),
        }
    }

    /// `UserDict`, `UserList` or `UserString`: their attribute `data`, if they have no other.
    fn user_data<'a>(&self, instance: Instance<'a, 'de>) -> Option<Meaning<'a, 'de>> {
        let attributes = instance.attributes()?;
        if attributes.iter().map(Items::len).sum::<usize>() != 2 {
            return None;
        }
        match self.node(self.attribute(&attributes, "data")?) {
            Node::Dict(items) => Some(Meaning::Dict(items)),
            Node::List(items) => Some(Meaning::List(items)),
            Node::Str(text) => Some(Meaning::Str(text)),
            _ => None,
        }
    }

    /// `range(start, stop, step)`
    fn range(&self, object: &Object) -> Result<Option<Standard<'de>>> {
        let &[first, end, by] = self.args(object) else { return Ok(None) };
        match (self.node(first), self.node(end), self.node(by)) {
            (_, _, Node::Int(0)) => Err(Error::pickle("the step of a range is 0")),
            (Node::Int(start), Node::Int(end), Node::Int(step)) => {
                Ok(Some(Standard::Range(Range { start, stop: end, step })))
            }
            _ => Ok(None),
        }
    }

    /// `PosixPath(*parts)`
    fn path(&self, object: &Object, is_windows: bool) -> Option<Standard<'de>> {
        match self.node(object.args) {
            Node::Tuple(parts) => Some(Standard::Path(PathParts { parts, is_windows })),
            _ => None,
        }
    }

    /// `array._array_reconstructor(array.array, 'u', machine_format, data)`. Of numbers it is an array.
    fn chars(&self, object: &Object) -> Result<Option<Standard<'de>>> {
        let &[_, _, format, data] = self.args(object) else { return Ok(None) };
        let (Node::Int(format @ 18..=21), Node::Bytes(bytes)) = (self.node(format), self.node(data)) else {
            return Ok(None);
        };
        let unit = if format < 20 { 2 } else { 4 };
        if !bytes.len().is_multiple_of(unit) {
            return Err(Error::pickle("the bytes of an array of characters are cut off"));
        }
        Ok(Some(Standard::Chars(Chars { bytes, unit, is_big_endian: format % 2 == 1 })))
    }

    /// The value of an attribute of an object that has few.
    fn attribute(&self, attributes: &[Items], name: &str) -> Option<NodeId> {
        let mut items = self.items(*attributes.first()?);
        // A UUID has no more than two, and this is asked of each.
        for _ in 0..2 {
            let (key, value) = (items.next()?, items.next()?);
            if matches!(self.node(key), Node::Str(text) if text == name) {
                return Some(value);
            }
        }
        None
    }

    fn int128(&self, id: NodeId) -> Option<i128> {
        match self.node(id) {
            Node::Int(value) => Some(value.into()),
            Node::BigInt(bytes) if bytes.len() <= 16 => {
                let fill = if *bytes.last()? >= 0x80 { 0xff } else { 0 };
                let mut wide = [fill; 16];
                wide[..bytes.len()].copy_from_slice(bytes);
                Some(i128::from_le_bytes(wide))
            }
            _ => None,
        }
    }
}

/// Whether a text is what Python's `str` makes of a `Decimal`: digits with a point and an exponent, `Infinity`, `NaN` or
/// `sNaN` with digits that say why, each with a sign.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if let Some(payload) = unsigned.strip_prefix("NaN").or_else(|| unsigned.strip_prefix("sNaN")) {
        return digits(payload);
    }
    let (number, exponent) = unsigned.split_once('E').unwrap_or((unsigned, "+0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let parts = [whole, fraction, exponent];
    unsigned == "Infinity" || parts.iter().all(|part| !part.is_empty() && digits(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::testing::{error, read};

    #[test]
    fn values() {
        let uuid = |int: &[u8]| [b"cuuid\nUUID\n)\x81}Vint\n", int, b"sb."].concat();
        for (stream, shown) in [
            (&b"cdecimal\nDecimal\nV-1.50\n\x85R."[..], "-1.50"),
            (b"cfractions\nFraction\nJ\xfd\xff\xff\xffK\x04\x86R.", "-3/4"),
            (b"cfractions\nFraction\nV-3/4\n\x85R.", "-3/4"),
            (b"cfractions\nFraction\nV7\n\x85R.", "7"),
            (&uuid(b"K\x05"), "00000000-0000-0000-0000-000000000005"),
            (
                &uuid(b"\x8a\x11\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"),
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ),
            (
                b"ccopy_reg\n_reconstructor\n(cuuid\nUUID\nc__builtin__\nobject\nNtR}Vint\nK\x01sb.",
                "00000000-0000-0000-0000-000000000001",
            ),
            (b"cpathlib\nPosixPath\nVa\nVb\n\x86R.", "a/b"),
            (b"cpathlib._local\nPureWindowsPath\nVc:/x\nVy\n\x86R.", "c:\\x\\y"),
            (b"c__builtin__\nxrange\nK\x01K\x0aK\x03\x87R.", "range(1, 10, 3)"),
            (b"carray\n_array_reconstructor\n(carray\narray\nVu\nK\x15C\x08\0\0\0a\0\x01\xf6\0tR.", "['a', '😀']"),
            (b"carray\n_array_reconstructor\n(carray\narray\nVu\nK\x12C\x06a\0\x3d\xd8\0\xdetR.", "['a', '😀']"),
            (b"ccollections\nUserDict\n)\x81}Vdata\n}K\x01K\x02ssb.", "{1, 2}"),
            (b"cUserList\nUserList\n)\x81}Vdata\n]K\x01asb.", "[1]"),
            (b"ccollections\nUserString\nVs\n\x85\x81}Vdata\nVs\nsb.", "\"s\""),
        ] {
            assert_eq!(read(stream).unwrap(), shown, "{}", stream.escape_ascii());
        }
    }

    #[test]
    fn what_python_would_not_make() {
        for (stream, message) in [
            (&b"cfractions\nFraction\nK\x01K\0\x86R."[..], "the denominator of a Fraction is 0"),
            (b"cuuid\nUUID\n)\x81}Vint\nI-1\nsb.", "the number of a UUID is negative"),
            (b"cuuid\nUUID\n)\x81}Vint\n\x8a\x11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01sb.", "the number of a UUID"),
            (b"cuuid\nUUID\n)\x81}Vint\n\x8a\x19\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01sb.", "the number of a UUID"),
            (b"cbuiltins\nrange\nK\x01K\x02K\0\x87R.", "the step of a range is 0"),
            (b"carray\n_array_reconstructor\n(carray\narray\nVu\nK\x14C\x03abctR.", "are cut off"),
        ] {
            let error = error(stream).to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn what_pickle_does_not_write_stays_an_object() {
        for (stream, shown) in [
            (&b"cdecimal\nDecimal\nK\x01\x85R."[..], "decimal.Decimal(1)"),
            (b"cuuid\nUUID\n)\x81.", "uuid.UUID()"),
            (b"cuuid\nUUID\n)\x81}Vint\nVx\nsb.", "uuid.UUID().{\"int\", \"x\"}"),
            (b"cbuiltins\nrange\nK\x01\x85R.", "builtins.range(1)"),
            (b"ccollections\nUserDict\n)\x81}(Vdata\n}VA\nNub.", "collections.UserDict().{\"data\", {}, \"A\", None}"),
        ] {
            assert_eq!(read(stream).unwrap(), shown);
        }
    }

    #[test]
    fn ranges() {
        for (start, stop, step, len, last) in [
            (1, 10, 3, 3, 7),
            (10, 1, -3, 3, 4),
            (0, 1, 1, 1, 0),
            (i64::MIN, i64::MAX, 1, u64::MAX, i64::MAX - 1),
            (i64::MAX, i64::MIN, -1, u64::MAX, i64::MIN + 1),
            (i64::MIN, i64::MAX, i64::MAX, 3, i64::MAX - 1),
            (i64::MAX, i64::MIN, i64::MIN, 2, -1),
        ] {
            let range = Range { start, stop, step };
            assert_eq!((range.len(), range.get(len - 1)), (len, last), "{range:?}");
        }
        assert_eq!(Range { start: 3, stop: 3, step: 1 }.len(), 0);
        assert_eq!(Range { start: 3, stop: 9, step: -1 }.len(), 0);
    }

    #[test]
    fn texts_of_decimals() {
        for text in ["0", "-0", "1.50", "1E+3", "-1.5E-7", "Infinity", "-Infinity", "NaN", "sNaN", "-NaN123", "0E-10"] {
            assert!(is_decimal(text), "{text}");
        }
        for text in ["", "-", ".", "1.", ".5", "1E", "1e5", "--1", "Inf", "NaNx", "1_0", "١", "1.2.3", "+1"] {
            assert!(!is_decimal(text), "{text}");
        }
    }
}
