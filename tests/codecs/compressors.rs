//! The compressors of numcodecs. `scripts/compressors.py` holds Python's side.
#![cfg(all(feature = "blosc", feature = "bz2", feature = "gzip", feature = "lz4", feature = "zlib", feature = "zstd"))]

use std::collections::BTreeMap;
use std::path::Path;

use binpickle::DType;
use binpickle::codec::{CodecConfig, ConfigValue, Registry};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::python;

fn script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/codecs/scripts/compressors.py"))
}

/// What stands in front of each vector. Configurations are lists of keys and values, whose order JSON keeps.
#[derive(Deserialize, Serialize)]
struct Header {
    /// What the codec was made from, and what it says of itself.
    given: Vec<(String, Json)>,
    config: Vec<(String, Json)>,
    dtype: String,
    lens: [usize; 2],
    /// How long the data is that Python decodes if something follows it: "more", eight zeros, the same again. None where
    /// that is an error.
    tails: Vec<Option<usize>>,
}

fn config_of(pairs: &[(String, Json)]) -> CodecConfig {
    let id = pairs[0].1.as_str().expect("the id comes first");
    pairs[1..].iter().fold(CodecConfig::new(id), |config, (key, value)| config.set(key, value_of(value)))
}

fn value_of(json: &Json) -> ConfigValue {
    match json {
        Json::Null => ().into(),
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match number.as_i64() {
            Some(int) => int.into(),
            None => number.as_f64().expect("a float").into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(value_of).collect::<Vec<_>>().into(),
        Json::Object(dict) => {
            let pairs: Vec<(String, Json)> = serde_json::from_value(dict["dict"].clone()).expect("pairs");
            ConfigValue::Map(pairs.iter().map(|(key, value)| (key.clone(), value_of(value))).collect())
        }
    }
}

fn json_of(value: &ConfigValue) -> Json {
    match value {
        ConfigValue::Null => Json::Null,
        ConfigValue::Bool(value) => json!(value),
        ConfigValue::Int(value) => json!(value),
        ConfigValue::Float(value) => json!(value),
        ConfigValue::Str(value) => json!(value),
        ConfigValue::List(items) => items.iter().map(json_of).collect(),
        ConfigValue::Map(items) => {
            json!({"dict": items.iter().map(|(key, value)| json!([key, json_of(value)])).collect::<Vec<_>>()})
        }
        other => panic!("no JSON for {other}"),
    }
}

fn pairs_of(config: &CodecConfig) -> Vec<(String, Json)> {
    let id = ("id".to_owned(), json!(config.id()));
    [id].into_iter().chain(config.iter().map(|(key, value)| (key.to_owned(), json_of(value)))).collect()
}

/// Calls `each` with the header and the two parts of every vector in a file.
fn vectors<'a>(mut bytes: &'a [u8], mut each: impl FnMut(Header, [&'a [u8]; 2])) {
    while let Some((len, more)) = bytes.split_first_chunk() {
        let (header, mut more) = more.split_at(u32::from_le_bytes(*len) as usize);
        let header: Header = serde_json::from_slice(header).expect("a header");
        let parts = header.lens.map(|len| more.split_off(..len).expect("a part"));
        each(header, parts);
        bytes = more;
    }
}

#[test]
fn both_ways() {
    // The newest numcodecs is the same with either numpy.
    for python in [python::newest(), python::numcodecs12()].into_iter().flatten() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        let more = [("lzma", cfg!(feature = "lzma")), ("pcodec", cfg!(feature = "pcodec"))];
        let more: Vec<&str> = more.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect();
        let written = python.run(script(), &["write".as_ref(), path("python").as_os_str(), more.join(",").as_ref()]);
        let bytes = std::fs::read(path("python")).expect("the vectors");
        let (mut ours, mut seen) = (Vec::new(), BTreeMap::new());
        vectors(&bytes, |header, [data, encoded]| {
            *seen.entry(config_of(&header.given).id().to_owned()).or_insert(0) += 1;
            let (config, made) = check(&header, data, encoded);
            let header = Header { config, lens: [data.len(), made.len()], ..header };
            let header = serde_json::to_vec(&header).expect("JSON");
            ours.extend((header.len() as u32).to_le_bytes());
            ours.extend([&header, data, &made].concat());
        });
        std::fs::write(path("rust"), ours).expect("a file");
        let read = python.run(script(), &["check".as_ref(), path("rust").as_os_str()]);
        assert_eq!(read, written);
        println!("{}: {seen:?}", python.name);
        let old = python.name == "numcodecs12";
        assert_eq!(seen.len(), 6 + more.iter().filter(|&&codec| !(old && codec == "pcodec")).count());
    }
}

/// Decodes what Python made, and gives the configuration of the codec and what it makes of the same data.
fn check(header: &Header, data: &[u8], encoded: &[u8]) -> (Vec<(String, Json)>, Vec<u8>) {
    let what = format!("{} of {} bytes of {}", config_of(&header.given), data.len(), header.dtype);
    let codec = Registry::new().codec(&config_of(&header.given)).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(pairs_of(&codec.config()), header.config, "{what}");
    assert!(encoded.len() <= codec.encoded_bound(data.len()), "{what}");
    assert!(data.len() <= codec.decoded_bound(encoded.len()), "{what}");
    assert!(codec.decode(encoded, data.len()).unwrap_or_else(|error| panic!("{what}: {error}")) == data, "{what}");
    let mut out = vec![1; data.len()];
    codec.decode_into(encoded, &mut out).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(out == data, "{what}");
    if !data.is_empty() {
        assert!(codec.decode(encoded, data.len() - 1).is_err(), "{what}");
    }
    for (tail, len) in [&b"more"[..], &[0; 8], encoded].into_iter().zip(&header.tails) {
        // What Python refuses is refused. Of LZMA, xz may have padding, which Python does not know, and Python reads several
        // streams also of the other formats.
        if let Ok(decoded) = codec.decode(&[encoded, tail].concat(), 3 * data.len())
            && (codec.config().id() != "lzma" || tail == b"more")
        {
            assert_eq!(Some(decoded.len()), *len, "{what}, and {tail:?} behind it");
        }
    }
    let dtype = DType::parse(&header.dtype).expect("a dtype");
    let made = codec.encode(data, dtype).unwrap_or_else(|error| panic!("{what}: {error}")).bytes;
    assert!(made.len() <= codec.encoded_bound(data.len()), "{what}");
    if codec.config().id() == "blosc" {
        // The headers are the same but for the length, and what could not be made shorter may be stored in one only.
        let start = |bytes: &[u8]| [bytes[0], bytes[1], bytes[2] & !2, bytes[3]];
        assert_eq!(start(&made), start(encoded), "{what}");
        assert_eq!(made[4..12], encoded[4..12], "{what}");
    }
    (pairs_of(&codec.config()), made)
}
