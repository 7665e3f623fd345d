//! `.npy`, numpy's own format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use std::io::Write;

use binpickle::value::{Array, FieldType, RecordType, Records};
use binpickle::{DType, Kind, Value};

use crate::failure::{Failure, Result};
use crate::output::shape;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Writes an array, a scalar or records.
pub fn write(value: &Value, out: &mut dyn Write) -> Result<()> {
    match value.target() {
        Value::Array(array) | Value::Scalar(array) => {
            let descr = quoted(array.dtype());
            if !array.is_big_endian() {
                header(&descr, array.shape(), array.is_fortran(), out)?;
                return Ok(out.write_all(array.bytes())?);
            }
            header(&descr.replace('<', ">"), array.shape(), array.is_fortran(), out)?;
            Ok(out.write_all(&swapped(array))?)
        }
        Value::Records(records) | Value::Record(records) => {
            header(&record(records.dtype())?, records.shape(), records.is_fortran(), out)?;
            Ok(out.write_all(Records::bytes(records))?)
        }
        _ => Err(Failure::new("it is no array of numbers, text or records")),
    }
}

/// The bytes with the most significant one first.
fn swapped(array: &Array) -> Vec<u8> {
    let size = match (array.dtype().kind(), array.dtype().itemsize()) {
        (Kind::Str, _) => 4,
        (Kind::Complex, size) => size / 2,
        (_, size) => size,
    };
    let mut bytes = array.bytes().to_vec();
    bytes.chunks_exact_mut(size.max(1)).for_each(<[u8]>::reverse);
    bytes
}

fn header(descr: &str, axes: &[usize], fortran: bool, out: &mut dyn Write) -> Result<()> {
    let fortran = if fortran && axes.len() > 1 { "True" } else { "False" };
    let mut text = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {}, }}", shape(axes));
    // The data begin at a multiple of 64; the second version has a longer length.
    let start = |length: usize, text: &str| MAGIC.len() + 2 + length + text.len() + 1;
    let (version, length) = if text.is_ascii() && start(2, &text) < 65000 { (1, 2) } else { (3, 4) };
    let padding = start(length, &text).next_multiple_of(64) - start(length, &text);
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    out.write_all(MAGIC)?;
    out.write_all(&[version, 0])?;
    let len = u32::try_from(text.len()).map_err(|_| Failure::new("the dtype has too many fields"))?;
    out.write_all(&len.to_le_bytes()[..length])?;
    Ok(out.write_all(text.as_bytes())?)
}

fn quoted(dtype: DType) -> String {
    format!("'{dtype}'")
}

/// A structured dtype, with what lies between the fields.
fn record(dtype: &RecordType) -> Result<String> {
    let mut fields: Vec<_> = dtype.fields().iter().collect();
    fields.sort_by_key(|field| field.offset());
    let (mut text, mut position) = (String::new(), 0);
    let gap = |len: usize| if len > 0 { format!("('', '|V{len}'), ") } else { String::new() };
    for field in fields {
        let len = field.offset().checked_sub(position);
        text += &gap(len.ok_or_else(|| Failure::new("its fields overlap, which .npy cannot say"))?);
        let (item, size) = match field.item() {
            FieldType::Plain(dtype) => (quoted(*dtype), dtype.itemsize()),
            FieldType::Record(dtype) => (record(dtype)?, dtype.itemsize()),
            _ => return Err(Failure::new("a field is of no type that .npy has")),
        };
        let name = match field.title() {
            Some(title) => format!("({}, {})", literal(title), literal(field.name())),
            None => literal(field.name()),
        };
        let axes = if field.shape().is_empty() { String::new() } else { format!(", {}", shape(field.shape())) };
        text = text + "(" + &name + ", " + &item + &axes + "), ";
        position = field.offset() + size * field.shape().iter().product::<usize>();
    }
    text += &gap(dtype.itemsize().saturating_sub(position));
    Ok(format!("[{}]", text.trim_end_matches(' ').trim_end_matches(',')))
}

/// A text as Python writes it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
}

/// Reads an array.
pub fn read(bytes: &[u8]) -> Result<Value> {
    let damaged = || Failure::new("it is no .npy file that numpy writes");
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return Err(damaged()),
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let header = str::from_utf8(header).map_err(|_| damaged())?;
    let descr = after(header, "descr").ok_or_else(damaged)?;
    let Some((descr, _)) = descr.strip_prefix('\'').and_then(|descr| descr.split_once('\'')) else {
        return Err(Failure::new("its dtype is structured, which is not read from .npy"));
    };
    let Some(dtype) = DType::parse(descr) else {
        return Err(Failure::new(format!("its dtype is {descr}, which is not read from .npy")));
    };
    let fortran = after(header, "fortran_order").ok_or_else(damaged)?.starts_with("True");
    let axes = after(header, "shape").and_then(|text| text.strip_prefix('(')?.split_once(')')).ok_or_else(damaged)?.0;
    let axes = axes.split(',').map(str::trim).filter(|axis| !axis.is_empty());
    let axes: Vec<usize> = axes.map(str::parse).collect::<Result<_, _>>().map_err(|_| damaged())?;
    Ok(Value::Array(Array::from_bytes(dtype, &axes, fortran, data)?))
}

/// What follows a key in the header.
fn after<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, value) = header.split_once(&format!("'{key}'"))?;
    Some(value.trim_start().strip_prefix(':')?.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dtype: &str, shape: &[usize], fortran: bool, bytes: &[u8]) -> Vec<u8> {
        let array = Array::from_bytes(DType::parse(dtype).unwrap(), shape, fortran, bytes).unwrap();
        let mut out = Vec::new();
        write(&Value::Array(array), &mut out).unwrap();
        out
    }

    #[test]
    fn byte_for_byte_as_numpy() {
        let file = written("<i2", &[2, 2], true, &[1, 0, 2, 0, 3, 0, 4, 0]);
        let mut expected = b"\x93NUMPY\x01\0\x76\0{'descr': '<i2', 'fortran_order': True, 'shape': (2, 2), }".to_vec();
        expected.resize(127, b' ');
        expected.extend(b"\n\x01\0\x02\0\x03\0\x04\0");
        assert_eq!(file, expected);
        let Value::Array(array) = read(&file).unwrap() else { panic!("no array") };
        assert_eq!((array.shape(), array.is_fortran(), array.bytes().len()), (&[2, 2][..], true, 8));
    }

    #[test]
    fn what_is_no_npy() {
        let file = written("<i2", &[3], false, &[1, 0, 2, 0, 3, 0]);
        assert!(read(&file).is_ok());
        for len in 0..file.len() {
            assert!(read(&file[..len]).is_err());
        }
    }
}
