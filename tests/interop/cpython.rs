//! The streams of CPython's own tests of pickle: what Python makes of each, Rust makes of it too, and lists it as
//! `pickletools.dis` does.
//!
//! `scripts/cpython_streams.py` runs those tests and records what they load. Nothing of them is copied here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use binpickle::{Error, ErrorKind, Value, pickle};

use crate::python;

/// What is an object in Rust and plain data in Python: `int()` and `str('text')`, which no pickler writes for an `int` or
/// a `str`. It is not called.
fn is_call_of_a_builtin(value: &Value) -> bool {
    let class = value.as_object().and_then(|object| object.class());
    matches!(class, Some(("builtins" | "__builtin__", "int" | "str" | "unicode")))
}

/// Why Rust reads what Python does not, by the error that Python raises.
fn may_read(error: &str) -> bool {
    // What a class or function would say to its arguments, or that there is none: nothing is called or looked up here.
    matches!(error, "AttributeError" | "ModuleNotFoundError" | "TypeError")
}

/// Why Rust does not read what Python does.
fn may_refuse(error: &Error) -> bool {
    let message = error.to_string();
    match error.kind() {
        // An object that is nested more deeply than any `Value` should be.
        ErrorKind::Limit => true,
        ErrorKind::Pickle => {
            // What only a class could understand: a second state, a state of something that was not made by a call, items
            // of something that is no list.
            message.contains("set twice")
                || message.contains("that no call made")
                || message.contains("that is no")
                || message.contains("what is called is no class")
        }
        _ => false,
    }
}

#[test]
fn streams_of_cpythons_tests() {
    let Some(python) = python::newest() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("streams");
    if python.script("cpython_streams.py", &[path.as_os_str()]).trim() == "missing" {
        _ = writeln!(std::io::stderr(), "\n*** SKIPPED, for Python comes without its tests: the streams of them ***\n");
        return;
    }
    let streams = std::fs::read_to_string(path).expect("the streams");
    let (mut wrong, mut compared, mut listed, mut refused) = (Vec::new(), 0, 0, 0);
    for line in streams.lines() {
        let [stream, verdict, plain, listing] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let bytes = bytes_of_hex(stream);
        let (found, listing) = (list(&bytes), String::from_utf8(bytes_of_hex(listing)).expect("UTF-8"));
        // `pickletools` lists some that Python refuses to load.
        if !listing.is_empty() && verdict == "ok" {
            listed += 1;
            if found.as_ref() != Some(&listing) {
                wrong.push(format!("{stream}: {found:?} instead of {listing}"));
            }
        }
        match (verdict, pickle::from_slice::<Value>(&bytes)) {
            ("ok", Ok(_)) if plain == "-" => {}
            ("ok", Ok(value)) => {
                compared += 1;
                let found = text(&value);
                if found.as_deref() != Some(plain) && !is_call_of_a_builtin(&value) {
                    wrong.push(format!("{stream}: {found:?} instead of {plain}"));
                }
            }
            ("ok", Err(error)) if plain == "-" && may_refuse(&error) => refused += 1,
            ("ok", Err(error)) => wrong.push(format!("{stream}: {error}")),
            (error, Ok(value)) if !may_read(error) => wrong.push(format!("{stream}: {value:?} instead of {error}")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(streams.lines().count() > 5_000 && listed > 2_000, "{listed} of {} listed", streams.lines().count());
    assert!(compared > 2_000 && refused < streams.lines().count() / 20, "{compared} compared, {refused} refused");
}

/// The lines of `pickletools.dis`; none if something is wrong with the stream.
fn list(stream: &[u8]) -> Option<String> {
    let mut steps = pickle::disassemble(stream);
    let mut listing = String::new();
    for step in &mut steps {
        _ = writeln!(listing, "{}", step.ok()?);
    }
    _ = writeln!(listing, "highest protocol among opcodes = {}", steps.protocol());
    Some(listing)
}

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    if hex == "-" {
        return Vec::new();
    }
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("a digit"))
        .collect()
}

fn hex(prefix: char, bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().fold(prefix.to_string(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

/// The same text that Python makes; none of what is not plain data.
fn text(value: &Value) -> Option<String> {
    let all = |items: &[Value]| items.iter().map(text).collect::<Option<Vec<_>>>();
    let members = |items: &[Value]| {
        all(items).map(|mut items| {
            items.sort();
            items.dedup();
            items.join(",")
        })
    };
    Some(match value.target() {
        Value::None => "N".to_owned(),
        Value::Bool(true) => "T".to_owned(),
        Value::Bool(false) => "F".to_owned(),
        Value::Int(value) => hex('i', shortest(&value.to_le_bytes()).iter().copied()),
        Value::BigInt(bytes) => hex('i', shortest(bytes).iter().copied()),
        Value::Float(value) => hex('f', value.to_be_bytes()),
        Value::Complex(re, im) => hex('c', [re.to_be_bytes(), im.to_be_bytes()].concat()),
        Value::Str(text) => hex('s', text.bytes()),
        Value::Surrogates(bytes) => hex('s', bytes.iter().copied()),
        Value::Bytes(bytes) => hex('b', bytes.iter().copied()),
        Value::ByteArray(bytes) => hex('a', bytes.iter().copied()),
        Value::List(items) => format!("[{}]", all(items)?.join(",")),
        Value::Tuple(items) => format!("({})", all(items)?.join(",")),
        Value::Set(items) => format!("S<{}>", members(items)?),
        Value::FrozenSet(items) => format!("Z<{}>", members(items)?),
        Value::Dict(entries) => {
            // A key that is set twice has the last value.
            let entries = entries.iter().map(|(key, value)| Some((text(key)?, text(value)?)));
            let mut entries: Vec<_> = entries
                .collect::<Option<BTreeMap<_, _>>>()?
                .into_iter()
                .map(|(key, value)| format!("{key}:{value}"))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        _ => return None,
    })
}

/// Two's complement without the bytes that only repeat the sign; nothing of zero.
fn shortest(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., last] = bytes {
        let sign = rest.last().map_or(0, |byte| if *byte > 0x7f { 0xff } else { 0 });
        if *last != sign {
            break;
        }
        bytes = rest;
    }
    bytes
}
