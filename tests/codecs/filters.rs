//! The filters and checksums of numcodecs. `scripts/filters.py` holds Python's side.
#![cfg(all(
    feature = "adler32",
    feature = "base64",
    feature = "crc32",
    feature = "crc32c",
    feature = "gzip",
    feature = "zfpy",
    feature = "zlib",
    feature = "zstd"
))]

use std::collections::BTreeMap;
use std::path::Path;

use binpickle::codec::{CodecConfig, CodecSpec, ConfigValue, Registry};
use binpickle::{DType, Options, Value};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::python;

fn script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/codecs/scripts/filters.py"))
}

/// A configuration as a list of keys and values, in order.
#[derive(Deserialize)]
struct Pairs(Vec<(String, Json)>);

impl Pairs {
    fn config(&self) -> CodecConfig {
        let id = self.0[0].1.as_str().expect("the id comes first");
        self.0[1..].iter().fold(CodecConfig::new(id), |config, (key, value)| config.set(key, config_value(value)))
    }
}

fn config_value(json: &Json) -> ConfigValue {
    match json {
        Json::Null => ().into(),
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match number.as_i64() {
            Some(int) => int.into(),
            None => number.as_f64().expect("a float").into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(config_value).collect::<Vec<_>>().into(),
        Json::Object(dict) => {
            let pairs: Vec<(String, Json)> = serde_json::from_value(dict["dict"].clone()).expect("pairs");
            ConfigValue::Map(pairs.iter().map(|(key, value)| (key.clone(), config_value(value))).collect())
        }
    }
}

#[derive(Deserialize)]
struct Header {
    /// What the codec was made from, and what it says of itself.
    given: Pairs,
    config: Pairs,
    dtype: String,
    encoded_dtype: String,
    lens: [usize; 3],
}

/// Every vector: the same configuration, the same bytes in between, and the same bytes at the end.
#[test]
fn the_bytes_are_those_of_python() {
    for python in python::all().chain(python::numcodecs12()) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("vectors");
        let count: usize =
            python.run(script(), &["vectors".as_ref(), file.as_os_str()]).trim().parse().expect("a number of vectors");
        let bytes = std::fs::read(file).expect("the vectors");
        let mut rest = bytes.as_slice();
        let mut seen = BTreeMap::new();
        while let Some((len, more)) = rest.split_first_chunk() {
            let (header, mut more) = more.split_at(u32::from_le_bytes(*len) as usize);
            let header: Header = serde_json::from_slice(header).expect("a header");
            let parts = header.lens.map(|len| more.split_off(..len).expect("a part"));
            check(&header, parts);
            *seen.entry(header.config.config().id().to_owned()).or_insert(0) += 1;
            rest = more;
        }
        println!("{}: {seen:?}", python.name);
        assert_eq!(seen.values().sum::<usize>(), count);
        let known = match python.name {
            "numcodecs12" => 15, // no `crc32c`, no `zfpy`
            "numpy1" => 16,      // no `zfpy`
            _ => 17,
        };
        assert_eq!(seen.len(), known);
    }
}

fn check(header: &Header, [data, encoded, decoded]: [&[u8]; 3]) {
    let dtype = |text| DType::parse(text).expect("a dtype");
    let config = header.config.config();
    let what = format!("{config} of {} bytes of {}", data.len(), header.dtype);
    let codec = Registry::new().codec(&header.given.config()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(codec.config(), config);
    let made = codec.encode(data, dtype(&header.dtype)).unwrap_or_else(|error| panic!("{what}: {error}"));
    same(&made.bytes, encoded, &what);
    assert_eq!(made.dtype, dtype(&header.encoded_dtype), "{what}");
    assert!(encoded.len() <= codec.encoded_bound(data.len()), "{what}");
    assert!(decoded.len() <= codec.decoded_bound(encoded.len()), "{what}");
    same(&codec.decode(encoded, decoded.len()).unwrap_or_else(|error| panic!("{what}: {error}")), decoded, &what);
    let mut out = vec![1; decoded.len()];
    codec.decode_into(encoded, &mut out).unwrap_or_else(|error| panic!("{what}: {error}"));
    same(&out, decoded, &what);
    if codec.is_lossless() {
        same(decoded, data, &what);
    }
}

#[track_caller]
fn same(ours: &[u8], theirs: &[u8], what: &str) {
    if ours != theirs
        && let Some(at) = ours.iter().zip(theirs).position(|(a, b)| a != b)
    {
        let near = at / 16 * 16;
        let show = |bytes: &[u8]| format!("{:02x?}", &bytes[near..bytes.len().min(near + 16)]);
        panic!("{what}: at byte {at}, {} instead of {}", show(ours), show(theirs));
    }
    assert_eq!(ours.len(), theirs.len(), "{what}");
}

/// Whole files, through chains of two and three codecs.
#[test]
fn chains_in_files_both_ways() {
    for python in python::all().chain(python::numcodecs12()) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str, form: &str| folder.path().join(format!("{name}.{form}.bpk"));
        python.run(script(), &["write".as_ref(), folder.path().as_os_str()]);
        let chains = std::fs::read(folder.path().join("chains.json")).expect("the chains");
        let chains: Vec<(String, Vec<(Pairs, bool)>)> = serde_json::from_slice(&chains).expect("the chains");
        assert!(chains.len() >= 25);
        for (name, steps) in chains {
            let load = |form| -> Value {
                binpickle::from_path(path(&name, form)).unwrap_or_else(|error| panic!("{name}, {form}: {error}"))
            };
            assert!(load("python") == load("after"), "{name}: {:?} {:?}", load("python"), load("after"));
            let specs = steps.into_iter().map(|(config, arrays_only)| {
                let spec = CodecSpec::from(config.config());
                if arrays_only { spec.arrays_only() } else { spec }
            });
            let options = Options::new().codecs(specs).inline_below(0);
            options.to_path(&load("before"), path(&name, "rust")).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(load("rust") == load("after"), "{name}");
        }
        println!("{}: {}", python.name, python.run(script(), &["check".as_ref(), folder.path().as_os_str()]));
    }
}
