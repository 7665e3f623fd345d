//! Which codec for which data? Saves a matrix of weights, a smooth series of integers and a structure full of text through
//! one chain of codecs after the other, and prints how small each becomes and how fast.
//!
//! ```sh
//! cargo run --release --features lzma,pcodec --example codecs
//! ```

use std::time::Instant;

use binpickle::codec::{CodecConfig, CodecSpec};
use binpickle::{LoadOptions, Options};
use ndarray::Array2;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn main() -> binpickle::Result<()> {
    let (weights, walk, words) = (weights(), walk(), words());
    println!("{:24}{:^26}{:^26}{:^26}", "", "float32 weights", "int32 walk", "text");
    println!("{:24}{}", "codecs", "  ratio    save    load   ".repeat(3));
    for (name, codecs) in chains() {
        let options = Options::mappable().codecs(codecs);
        let columns = [measure(&options, &weights)?, measure(&options, &walk)?, measure(&options, &words)?];
        println!("{name:24}{}", columns.concat());
    }
    println!("\nsave and load in MB/s of the data, to and from memory");
    Ok(())
}

/// What one might choose, with what is compiled in.
fn chains() -> Vec<(&'static str, Vec<CodecSpec>)> {
    let blosc = |cname: &str| CodecSpec::from(CodecConfig::new("blosc").set("cname", cname));
    let shuffle = || CodecSpec::from(CodecConfig::new("shuffle").set("elementsize", 4)).arrays_only();
    let delta = || CodecSpec::from(CodecConfig::new("delta").set("dtype", "<i4")).arrays_only();
    let mut chains = vec![
        ("lz4", vec!["lz4".into()]),
        ("blosc", vec!["blosc".into()]),
        ("blosc (zstd)", vec![blosc("zstd")]),
        ("zstd", vec!["zstd".into()]),
        ("shuffle, zstd", vec![shuffle(), "zstd".into()]),
        ("delta, shuffle, zstd", vec![delta(), shuffle(), "zstd".into()]),
        ("gzip", vec!["gzip".into()]),
        ("bz2", vec!["bz2".into()]),
    ];
    if cfg!(feature = "lzma") {
        chains.push(("lzma", vec!["lzma".into()]));
    }
    if cfg!(feature = "pcodec") {
        chains.push(("pcodec, zstd for text", vec![CodecSpec::from("pcodec").arrays_only(), not_arrays("zstd")]));
    }
    chains
}

/// A codec for what is no array.
fn not_arrays(codec: &'static str) -> CodecSpec {
    CodecSpec::new(move |buffer: &binpickle::codec::BufferInfo<'_>| buffer.dtype().is_none().then(|| codec.into()))
}

/// The columns of one sort of data: the ratio, and the speed of saving and of loading. A dash if the chain does not fit it.
fn measure<T: Serialize + DeserializeOwned + PartialEq>(options: &Options, value: &T) -> binpickle::Result<String> {
    let plain = Options::mappable().to_vec(value)?.len();
    let start = Instant::now();
    let Ok(file) = options.to_vec(value) else { return Ok(format!("{:>7}{:19}", "–", "")) };
    let saved = start.elapsed();
    let start = Instant::now();
    let loaded: T = LoadOptions::new().from_slice(&file)?;
    let read = start.elapsed();
    assert!(loaded == *value);
    let speed = |elapsed: std::time::Duration| plain as f64 / 1e6 / elapsed.as_secs_f64();
    Ok(format!("{:7.2}{:8.0}{:8.0}   ", plain as f64 / file.len() as f64, speed(saved), speed(read)))
}

/// Random numbers that are the same in every run (a linear congruential generator).
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// 32 MiB of weights, distributed normally around 0.
fn weights() -> Array2<f32> {
    let mut random = Random(1);
    // The sum of twelve evenly distributed numbers is close to normal.
    Array2::from_shape_simple_fn((1024, 8192), || {
        let sum: u64 = (0..12).map(|_| random.next(1 << 20)).sum();
        (sum as f32 / (1u32 << 20) as f32 - 6.0) * 0.02
    })
}

/// 32 MiB of integers, each at most 40 from the last.
fn walk() -> Vec<i32> {
    let mut random = Random(2);
    let step = |position: &mut i32, _| {
        *position += random.next(81) as i32 - 40;
        Some(*position)
    };
    (0..8 << 20).scan(0, step).collect()
}

/// About 8 MiB of records, each an id and a few words.
fn words() -> Vec<(u32, Vec<String>)> {
    let syllables = ["ka", "to", "mi", "ra", "ne", "so", "li", "du", "pe", "an", "or", "is"];
    let mut random = Random(3);
    let word =
        |random: &mut Random| (0..2 + random.next(3)).map(|_| syllables[random.next(12) as usize]).collect::<String>();
    (0..150_000).map(|id| (id, (0..=random.next(8)).map(|_| word(&mut random)).collect())).collect()
}
