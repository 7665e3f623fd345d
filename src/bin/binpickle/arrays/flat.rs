//! The arrays in an object, by name.

use binpickle::value::Array;
use binpickle::{DType, Kind, Value};

use crate::failure::{Failure, Result};

/// How deep arrays may lie.
const DEEPEST: usize = 1000;

/// How many parts an object may have, what is shared counted each time.
const MOST: usize = 10_000_000;

/// The arrays in dicts, lists and tuples in each other: the keys and indices that lead there, joined, are their names. An
/// array alone is called `array`.
///
/// Numbers become arrays without axes, as `numpy.savez` makes them, and so do texts, if they may. Where something is no array,
/// that is an error, or it is left out.
pub fn arrays(value: &Value, separator: &str, texts: bool, only: bool) -> Result<Vec<(String, Value)>> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), value, 0)];
    let mut seen = 0;
    while let Some((name, value, depth)) = open.pop() {
        seen += 1;
        if depth > DEEPEST || seen > MOST {
            return Err(Failure::new("the object is too large to be one of arrays alone, or contains itself"));
        }
        let under = |key: String| if name.is_empty() { key } else { format!("{name}{separator}{key}") };
        match value.target() {
            Value::Dict(entries) => {
                for (key, value) in entries.iter().rev() {
                    let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                    open.push((under(key), value, depth + 1));
                }
            }
            Value::List(items) | Value::Tuple(items) => {
                let items = items.iter().enumerate().rev();
                open.extend(items.map(|(index, value)| (under(index.to_string()), value, depth + 1)));
            }
            value => match array(value).filter(|array| texts || !is_text(array)) {
                Some(array) => found.push((if depth == 0 { "array".to_owned() } else { name }, array)),
                None if only => {}
                None => {
                    let failure = Failure::new(format!("{name}: {value:.0} is no array"));
                    return Err(failure.hint("--only-arrays leaves out what is none"));
                }
            },
        }
    }
    let mut names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|two| two[0] == two[1]) {
        Some(two) => Err(Failure::new(format!("two arrays would have the name {:?}", two[0]))),
        None => Ok(found),
    }
}

fn is_text(value: &Value) -> bool {
    value.as_array().is_some_and(|array| array.dtype().kind() == Kind::Str)
}

fn array(value: &Value) -> Option<Value> {
    let single = |dtype: &str, bytes: &[u8]| {
        Some(Value::Array(Array::from_bytes(DType::from_name(dtype)?, &[], false, bytes).ok()?))
    };
    match value {
        Value::Array(_) | Value::Scalar(_) | Value::Records(_) | Value::Record(_) => Some(value.clone()),
        Value::Bool(value) => single("bool", &[u8::from(*value)]),
        Value::Int(value) => single("int64", &value.to_le_bytes()),
        Value::Float(value) => single("float64", &value.to_le_bytes()),
        Value::Complex(re, im) => single("complex128", &[re.to_le_bytes(), im.to_le_bytes()].concat()),
        Value::Str(text) if !text.is_empty() => {
            let codes: Vec<u8> = text.chars().flat_map(|code| u32::from(code).to_le_bytes()).collect();
            single(&format!("<U{}", codes.len() / 4), &codes)
        }
        _ => None,
    }
}
