//! numpy's dtypes, and the Rust types that are their elements.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bytes;

/// A numpy dtype of fixed-size items, such as `<f8`, `|b1`, `>i4` or `<U5`.
///
/// `Display` writes the array-protocol string, numpy's `dtype.str`; [`DType::name`] is `str(dtype)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DType {
    kind: Kind,
    itemsize: u32,
    big_endian: bool,
    unit: Option<TimeUnit>,
}

/// What the items of a [`DType`] are: numpy's `dtype.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `b`: one byte, 0 or 1.
    Bool,
    /// `i`: signed integers.
    Int,
    /// `u`: unsigned integers.
    UInt,
    /// `f`: IEEE floats of 2, 4 or 8 bytes.
    Float,
    /// `c`: two floats, the real part first.
    Complex,
    /// `U`: text of a fixed number of UTF-32 code points, filled up with zeros.
    Str,
    /// `S`: bytes of a fixed number, filled up with zeros.
    Bytes,
    /// `V`: raw bytes.
    Void,
    /// `M`: a point in time, as an `i64` count of its unit.
    DateTime,
    /// `m`: a duration, as an `i64` count of its unit.
    TimeDelta,
}

/// The unit of a datetime64 or timedelta64: `25s` in `<M8[25s]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeUnit {
    /// numpy's code, such as `ns`, `D` or `generic`, filled up with zeros.
    code: [u8; 7],
    /// How many of them make one step.
    pub count: u32,
}

impl TimeUnit {
    const CODES: [&str; 14] = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "generic"];

    /// A unit by numpy's code, or `None` if numpy has no such code.
    #[must_use]
    pub fn new(code: &str, count: u32) -> Option<Self> {
        Self::CODES.contains(&code).then(|| {
            let mut padded = [0; 7];
            padded[..code.len()].copy_from_slice(code.as_bytes());
            TimeUnit { code: padded, count }
        })
    }

    /// numpy's code, such as `ns`.
    #[must_use]
    pub fn code(&self) -> &str {
        let end = self.code.iter().position(|&byte| byte == 0).unwrap_or(self.code.len());
        std::str::from_utf8(&self.code[..end]).unwrap_or_default()
    }
}

impl DType {
    /// One byte without a meaning of its own: what a buffer is to a codec when it holds no array.
    pub const UINT8: DType = DType::little(Kind::UInt, 1);

    const fn little(kind: Kind, itemsize: u32) -> Self {
        DType { kind, itemsize, big_endian: false, unit: None }
    }

    /// A dtype of `itemsize` bytes; `None` if numpy has none such that this crate can hold.
    ///
    /// The byte order means nothing, and is dropped, where the items have none.
    #[must_use]
    pub fn new(kind: Kind, itemsize: usize, big_endian: bool) -> Option<Self> {
        let fits = match kind {
            Kind::Bool => itemsize == 1,
            Kind::Int | Kind::UInt => matches!(itemsize, 1 | 2 | 4 | 8),
            Kind::Float => matches!(itemsize, 2 | 4 | 8),
            Kind::Complex => matches!(itemsize, 8 | 16),
            Kind::DateTime | Kind::TimeDelta => itemsize == 8,
            Kind::Str => itemsize.is_multiple_of(4),
            Kind::Bytes | Kind::Void => true,
        };
        let ordered = !matches!(kind, Kind::Bytes | Kind::Void) && itemsize > 1;
        let itemsize = u32::try_from(itemsize).ok()?;
        fits.then_some(DType { kind, itemsize, big_endian: big_endian && ordered, unit: None })
    }

    /// The same dtype with a unit of time. A single generic one is none, as in numpy.
    #[must_use]
    pub fn with_unit(self, unit: Option<TimeUnit>) -> Self {
        DType { unit: unit.filter(|unit| unit.count != 1 || unit.code() != "generic"), ..self }
    }

    /// Parses an array-protocol string such as `<f8` or `M8[ns]`, in any of the spellings that numpy writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (big_endian, text) = match text.as_bytes().first()? {
            b'>' => (true, &text[1..]),
            b'<' | b'=' | b'|' => (false, &text[1..]),
            _ => (false, text),
        };
        let (text, unit) = match text.split_once('[') {
            Some((text, unit)) => (text, Some(parse_unit(unit.strip_suffix(']')?)?)),
            None => (text, None),
        };
        let (code, size) = text.split_at_checked(1)?;
        let kind = match code {
            // Alone, the letter is C's `signed char`.
            "b" if size.is_empty() => Kind::Int,
            "?" | "b" => Kind::Bool,
            "i" => Kind::Int,
            "u" => Kind::UInt,
            "f" => Kind::Float,
            "c" => Kind::Complex,
            "U" => Kind::Str,
            "S" => Kind::Bytes,
            "V" => Kind::Void,
            "M" => Kind::DateTime,
            "m" => Kind::TimeDelta,
            _ => return None,
        };
        let size: usize = match size {
            "" if matches!(text, "?" | "b") => 1,
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            _ => return None,
        };
        let size = if kind == Kind::Str { size.checked_mul(4)? } else { size };
        if unit.is_some() && !matches!(kind, Kind::DateTime | Kind::TimeDelta) {
            return None;
        }
        Some(DType::new(kind, size, big_endian)?.with_unit(unit))
    }

    /// The dtype that numpy calls so, in `str(dtype)` as in the index of a file, or in `dtype.str`: the inverse of
    /// [`name`](DType::name), and all that [`parse`](DType::parse) reads.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(dtype) = DType::parse(name) {
            return Some(dtype);
        }
        for (long, short) in [("datetime64", "M8"), ("timedelta64", "m8")] {
            if let Some(unit) = name.strip_prefix(long) {
                return DType::parse(&format!("{short}{unit}"));
            }
        }
        let digits = name.find(|letter: char| letter.is_ascii_digit()).unwrap_or(name.len());
        let kind = match &name[..digits] {
            "bool" if digits == name.len() => return DType::new(Kind::Bool, 1, false),
            "int" => Kind::Int,
            "uint" => Kind::UInt,
            "float" => Kind::Float,
            "complex" => Kind::Complex,
            _ => return None,
        };
        let bits: usize = name[digits..].parse().ok()?;
        DType::new(kind, bits / 8, false).filter(|dtype| dtype.name() == name)
    }

    /// What the items are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The size of one item in bytes.
    #[must_use]
    pub fn itemsize(&self) -> usize {
        self.itemsize as usize
    }

    /// Whether the most significant byte of an item comes first.
    #[must_use]
    pub fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    /// The unit of a datetime64 or timedelta64.
    #[must_use]
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// The same dtype with the least significant byte first.
    #[must_use]
    pub fn to_little_endian(self) -> Self {
        DType { big_endian: false, ..self }
    }

    /// The same dtype with the most significant byte first, where there is an order.
    pub(crate) fn to_big_endian(self) -> Self {
        DType { big_endian: self.swap_size() > 1, ..self }
    }

    /// The size in bytes of what is reversed when the byte order changes: a part of a complex number, a code point.
    pub(crate) fn swap_size(&self) -> usize {
        match self.kind {
            Kind::Complex => self.itemsize() / 2,
            Kind::Str => 4,
            Kind::Bytes | Kind::Void => 1,
            _ => self.itemsize(),
        }
    }

    /// numpy's `str(dtype)`: `float64`, `bool`, `>i4`, `<U2`. This is what Python writes in a file's index.
    #[must_use]
    pub fn name(&self) -> String {
        let bits = self.itemsize * 8;
        match self.kind {
            _ if self.big_endian => self.to_string(),
            Kind::Bool => "bool".to_owned(),
            Kind::Int => format!("int{bits}"),
            Kind::UInt => format!("uint{bits}"),
            Kind::Float => format!("float{bits}"),
            Kind::Complex => format!("complex{bits}"),
            Kind::DateTime => format!("datetime64{}", Unit(self.unit)),
            Kind::TimeDelta => format!("timedelta64{}", Unit(self.unit)),
            Kind::Str | Kind::Bytes | Kind::Void => self.to_string(),
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = match self.swap_size() {
            1 => '|',
            _ if self.big_endian => '>',
            _ => '<',
        };
        let (kind, size) = match self.kind {
            Kind::Bool => ('b', self.itemsize),
            Kind::Int => ('i', self.itemsize),
            Kind::UInt => ('u', self.itemsize),
            Kind::Float => ('f', self.itemsize),
            Kind::Complex => ('c', self.itemsize),
            Kind::Str => ('U', self.itemsize / 4),
            Kind::Bytes => ('S', self.itemsize),
            Kind::Void => ('V', self.itemsize),
            Kind::DateTime => ('M', self.itemsize),
            Kind::TimeDelta => ('m', self.itemsize),
        };
        write!(f, "{order}{kind}{size}{}", Unit(self.unit))
    }
}

struct Unit(Option<TimeUnit>);

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(unit) if unit.count != 1 => write!(f, "[{}{}]", unit.count, unit.code()),
            Some(unit) => write!(f, "[{}]", unit.code()),
            None => Ok(()),
        }
    }
}

fn parse_unit(text: &str) -> Option<TimeUnit> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count = if digits == 0 { 1 } else { text[..digits].parse().ok()? };
    TimeUnit::new(&text[digits..], count)
}

/// A Rust type that is the element of a numpy array: the integers up to 64 bits, the floats (with
/// [`half::f16`]), `bool`, and [`num_complex::Complex`] of `f32` and `f64`.
///
/// Arrays of these types are read and written whole. The trait is sealed.
pub trait Element: bytes::Plain + Serialize + DeserializeOwned {
    /// The dtype of an array of such elements in memory.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($type:ty: $kind:ident,)*) => {
        $(impl Element for $type {
            const DTYPE: DType = DType::little(Kind::$kind, size_of::<$type>() as u32);
        })*

        /// Calls a macro with the list of all element types.
        macro_rules! for_each_element {
            ($macro:ident) => { $macro! { $($type),* } };
        }
    };
}

elements! {
    bool: Bool,
    i8: Int,
    i16: Int,
    i32: Int,
    i64: Int,
    isize: Int,
    u8: UInt,
    u16: UInt,
    u32: UInt,
    u64: UInt,
    usize: UInt,
    half::f16: Float,
    f32: Float,
    f64: Float,
    num_complex::Complex<f32>: Complex,
    num_complex::Complex<f64>: Complex,
}

#[allow(clippy::single_component_path_imports, reason = "it makes a path of a macro that has none")]
pub(crate) use for_each_element;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numpys_names() {
        for (text, same, name) in [
            ("<f8", "<f8", "float64"),
            ("=f8", "<f8", "float64"),
            ("f4", "<f4", "float32"),
            (">i4", ">i4", ">i4"),
            ("|b1", "|b1", "bool"),
            ("?", "|b1", "bool"),
            ("b", "|i1", "int8"),
            ("b1", "|b1", "bool"),
            (">u1", "|u1", "uint8"),
            ("<c16", "<c16", "complex128"),
            ("<U5", "<U5", "<U5"),
            (">U5", ">U5", ">U5"),
            ("S3", "|S3", "|S3"),
            ("|V8", "|V8", "|V8"),
            ("<M8[ns]", "<M8[ns]", "datetime64[ns]"),
            ("<m8[25s]", "<m8[25s]", "timedelta64[25s]"),
            ("<M8", "<M8", "datetime64"),
        ] {
            let dtype = DType::parse(text).unwrap_or_else(|| panic!("{text} is a dtype"));
            assert_eq!((dtype.to_string().as_str(), dtype.name().as_str()), (same, name), "{text}");
            assert_eq!(DType::from_name(name), Some(dtype));
        }
    }

    #[test]
    fn what_is_no_dtype() {
        for text in [
            "",
            "<",
            "f3",
            "<f16",
            "x8",
            "<f8[ns]",
            "<M8[xs]",
            "<M8[ns",
            "O8",
            "i",
            "<f+8",
            "é8",
            "U99999999999",
            "float",
            "int7",
        ] {
            assert_eq!(DType::from_name(text), None, "{text}");
        }
    }

    #[test]
    fn elements_know_their_dtype() {
        assert_eq!(f64::DTYPE.to_string(), "<f8");
        assert_eq!(bool::DTYPE.to_string(), "|b1");
        assert_eq!(num_complex::Complex::<f32>::DTYPE.name(), "complex64");
        assert_eq!(half::f16::DTYPE.name(), "float16");
        assert_eq!(usize::DTYPE.itemsize(), size_of::<usize>());
    }
}
