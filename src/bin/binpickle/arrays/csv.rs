//! Comma-separated values (RFC 4180).

use std::borrow::Cow;
use std::io::Write;

use binpickle::Value;
use binpickle::value::Array;

use super::elements::at;
use crate::failure::{Failure, Result};

/// Writes an array of one or two axes; records, or a dict of arrays of one length, with a line of their names.
pub fn write(value: &Value, out: &mut dyn Write) -> Result<()> {
    let named = match value.target() {
        Value::Array(array) => return rows(array, out),
        Value::Records(records) => {
            let fields = records.dtype().fields().iter();
            fields
                .map(|field| Ok((field.name().to_owned(), records.field(field.name())?)))
                .collect::<Result<Vec<_>>>()?
        }
        Value::Dict(entries) => {
            let column = |(key, value): &(Value, Value)| {
                (key.as_str().map_or_else(|| key.to_string(), str::to_owned), value.clone())
            };
            entries.iter().map(column).collect()
        }
        _ => return Err(unfit()),
    };
    let columns: Vec<(&str, &Array)> = named
        .iter()
        .map(|(name, value)| value.as_array().map(|array| (name.as_str(), array)).ok_or_else(unfit))
        .collect::<Result<_>>()?;
    let len = columns.first().map_or(0, |(_, array)| array.shape().first().copied().unwrap_or(0));
    if columns.iter().any(|(_, array)| *array.shape() != [len]) {
        return Err(unfit());
    }
    line(columns.iter().map(|(name, _)| Cow::Borrowed(*name)), out)?;
    (0..len).try_for_each(|row| line(columns.iter().map(|(_, array)| at(array, &[row]).to_string().into()), out))
}

fn rows(array: &Array, out: &mut dyn Write) -> Result<()> {
    match *array.shape() {
        [len] => (0..len).try_for_each(|row| line([at(array, &[row]).to_string().into()], out)),
        [len, width] => (0..len)
            .try_for_each(|row| line((0..width).map(|column| at(array, &[row, column]).to_string().into()), out)),
        _ => Err(unfit()),
    }
}

fn unfit() -> Failure {
    Failure::new("it is no array of one or two axes, nor a dict of arrays of one length")
        .hint("CSV cannot say more; .npy, .npz and JSON can")
}

fn line<'a>(cells: impl IntoIterator<Item = Cow<'a, str>>, out: &mut dyn Write) -> Result<()> {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    Ok(out.write_all(b"\n")?)
}
