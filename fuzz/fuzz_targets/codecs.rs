//! Any bytes through any chain of codecs: what comes out is no longer than it was said to be. And what a chain encodes,
//! it decodes.
//!
//! The input: a byte that says how many codecs and what is done, a byte for each codec, one for the dtype, two bytes of length,
//! the data. The codecs are those of `codecs.json`, which `seeds.py` reads, too. What is done are bits of the first byte, for
//! to encode takes much longer than to decode.
#![no_main]

use std::sync::LazyLock;

use binpickle::codec::{CodecConfig, ConfigValue, Registry};
use binpickle::{DType, ErrorKind, Kind, LoadOptions, Options};
use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;

/// Each codec encodes the data and decodes that again.
const ENCODE: u8 = 0x10;
/// The data is saved with the whole chain, and loaded.
const SAVE: u8 = 0x20;
/// On two threads.
const THREADS: u8 = 0x80;

const DTYPES: [&str; 16] =
    ["|u1", "|b1", "|i1", "<i2", ">u2", "<f2", "<i4", ">f4", "<i8", "<u8", "<f8", "<c8", "<c16", "<U4", ">U1", "|S3"];

static CONFIGS: LazyLock<Vec<CodecConfig>> = LazyLock::new(|| {
    let configs: Vec<serde_json::Map<String, Json>> =
        serde_json::from_str(include_str!("../codecs.json")).expect("JSON");
    configs.iter().map(config_of).collect()
});

fn config_of(json: &serde_json::Map<String, Json>) -> CodecConfig {
    let config = CodecConfig::new(json["id"].as_str().expect("an id"));
    let config = json
        .iter()
        .filter(|(key, _)| *key != "id")
        .fold(config, |config, (key, value)| config.set(key, value_of(value)));
    Registry::new().codec(&config).unwrap_or_else(|error| panic!("{config}: {error}"));
    config
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
        Json::Object(items) => {
            ConfigValue::Map(items.iter().map(|(key, value)| (key.clone(), value_of(value))).collect())
        }
    }
}

/// Whether a codec brings back any bytes at all of this dtype. What means a number loses what means none: a bool of 2, or
/// the payload of a NaN.
fn keeps(config: &CodecConfig, dtype: DType) -> bool {
    !matches!(config.id(), "json2" | "msgpack2") || !matches!(dtype.kind(), Kind::Bool | Kind::Float)
}

fuzz_target!(|data: &[u8]| {
    let Some((&steps, rest)) = data.split_first() else { return };
    let threads = if steps & THREADS == 0 { 1 } else { 2 };
    let Some((codecs, rest)) = rest.split_at_checked(usize::from(steps % 4)) else { return };
    let Some((&dtype, rest)) = rest.split_first() else { return };
    let Some((len, data)) = rest.split_first_chunk() else { return };
    let len = usize::from(u16::from_le_bytes(*len));
    let dtype = DType::parse(DTYPES[usize::from(dtype) % DTYPES.len()]).expect("a dtype");
    let registry = Registry::new();
    let configs = codecs.iter().map(|&n| &CONFIGS[usize::from(n) % CONFIGS.len()]);
    for config in configs.clone() {
        let codec = registry.codec(config).expect("a codec");
        let mut out = vec![0; len];
        let in_place = codec.decode_into_on(threads, data, &mut out);
        match codec.decode(data, len) {
            Ok(decoded) => {
                assert!(decoded.len() <= len && decoded.len() <= codec.decoded_bound(data.len()));
                assert_eq!(in_place.is_ok(), decoded.len() == len, "{config}");
                assert!(in_place.is_err() || out == decoded, "{config}");
            }
            Err(_) => assert!(in_place.is_err(), "{config}"),
        }
        if steps & ENCODE == 0 {
            continue;
        }
        if let Ok(encoded) = codec.encode(data, dtype) {
            assert!(encoded.bytes.len() <= codec.encoded_bound(data.len()));
            match codec.decode(&encoded.bytes, data.len()) {
                Ok(decoded) => {
                    assert!(!codec.is_lossless() || !keeps(config, dtype) || decoded == data, "{config}, {dtype}");
                }
                Err(error) => panic!("{config}, {dtype}: {error}"),
            }
        }
    }
    if steps & SAVE == 0 {
        return;
    }
    let options = Options::new().threads(threads).codecs(configs.cloned().map(Into::into)).inline_below(0);
    // Bits and text are not for any bytes.
    if let Ok(file) = options.to_vec(&serde_bytes::Bytes::new(data)) {
        match LoadOptions::new().threads(threads).from_slice::<serde_bytes::ByteBuf>(&file) {
            Ok(back) => assert_eq!(&back[..], data),
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Limit | ErrorKind::Codec), "{error}"),
        }
    }
});
