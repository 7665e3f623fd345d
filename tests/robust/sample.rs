//! Small files of every sort.

use binpickle::codec::{BufferInfo, CodecConfig, CodecSpec};
use binpickle::{Alignment, Options, Revision};
use ndarray::{Array2, ShapeBuilder};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub name: String,
    pub version: u64,
    pub labels: Vec<String>,
    #[serde(with = "binpickle::with::ndarray")]
    pub weights: Array2<f32>,
    pub bias: Vec<f64>,
    pub mask: Vec<bool>,
    pub blob: ByteBuf,
    pub nested: Option<Box<Model>>,
}

/// A model whose arrays have about `size` numbers.
pub fn model(size: usize, version: u64) -> Model {
    let number = |n: usize| (n as u64).wrapping_mul(version + 7) % 1000;
    Model {
        name: format!("model {version}"),
        version,
        labels: vec!["one".to_owned(), "two".to_owned(), "one".to_owned()],
        weights: Array2::from_shape_fn((size / 4, 4).f(), |(row, column)| number(row * 4 + column) as f32),
        bias: (0..size).map(|n| number(n) as f64).collect(),
        mask: (0..size).map(|n| number(n) > 500).collect(),
        blob: (0..size).map(|n| number(n) as u8).collect::<Vec<u8>>().into(),
        nested: None,
    }
}

/// The options under which files differ most.
pub fn options() -> Vec<(&'static str, Options)> {
    let raw = || Options::new().codecs([]).inline_below(0);
    let old = |options: Options| options.revision(Revision::V1).inline_below(0);
    let mut options = vec![
        ("raw", raw()),
        ("in the stream", raw().inline_below(usize::MAX)),
        ("mappable", Options::mappable().align(Alignment::Bytes(64)).inline_below(0)),
        ("pages", Options::mappable().inline_below(0)),
        ("room for a MAC", raw().revision(Revision::V2Mac)),
        ("gzip", Options::compressed("gzip").inline_below(0)),
        ("zlib", Options::compressed("zlib").inline_below(0)),
        ("zstd", Options::compressed(CodecConfig::new("zstd").set("checksum", true)).inline_below(0)),
        ("two codecs", Options::compressed("zstd").codec("gzip").inline_below(0)),
        (
            "some encoded",
            raw()
                .align(Alignment::Bytes(128))
                .codec(|buffer: &BufferInfo<'_>| buffer.byte_len().is_multiple_of(3).then(|| CodecSpec::from("zlib"))),
        ),
        ("version 1", old(raw())),
        ("version 1, mappable", old(Options::mappable().align(Alignment::Bytes(64)))),
        ("version 1, gz", old(Options::new())),
        ("version 1, chain", old(Options::compressed("zstd").codec("zlib"))),
    ];
    if cfg!(feature = "blosc") {
        options.push(("version 1, blosc", old(Options::compressed(CodecConfig::new("binpickle.blosc")))));
    }
    options
}

/// Whether a file is of the version that has no flags.
pub fn is_old(name: &str) -> bool {
    name.starts_with("version 1")
}

/// A small file of every sort, with what is in it.
pub fn files(size: usize) -> Vec<(&'static str, Model, Vec<u8>)> {
    let mut model = model(size, 1);
    model.nested = Some(Box::new(self::model(4, 2)));
    let file = |options: Options| options.to_vec(&model).expect("written");
    options().into_iter().map(|(name, options)| (name, model.clone(), file(options))).collect()
}
