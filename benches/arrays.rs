//! Saving and loading of large arrays in a plain derive, beside other formats and the bare bytes.

// `peers` uses the rest.
#[allow(dead_code)]
mod formats;
#[allow(dead_code)]
mod workloads;

use std::fs;
use std::time::Duration;

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use serde::Serialize;
use serde::de::DeserializeOwned;

use formats::Format;
use workloads::{Model, Tensors, Vectors};

fn compare<T: Tensors + Serialize + DeserializeOwned>(criterion: &mut Criterion, name: &str, value: &T) {
    let folder = formats::folder();
    let path = folder.path().join("file");
    let formats: [Format<T>; 6] = [
        formats::binpickle(),
        formats::unverified(),
        formats::bincode(),
        formats::msgpack(),
        formats::safetensors(),
        formats::raw(),
    ];
    let bytes = value.tensors().iter().map(|tensor| tensor.bytes.len() as u64).sum();
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Bytes(bytes));
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    for format in formats {
        if let Some(write) = format.write {
            group.bench_function(format!("save/{}", format.name), |bencher| {
                bencher.iter_batched(|| _ = fs::remove_file(&path), |()| write(value, &path), BatchSize::PerIteration);
            });
        }
        group.bench_function(format!("load/{}", format.name), |bencher| {
            bencher.iter_batched(|| (), |()| (format.read)(&path), BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn w1(criterion: &mut Criterion) {
    compare(criterion, "w1", &Model::new());
}

fn w2(criterion: &mut Criterion) {
    compare(criterion, "w2", &Vectors::new());
}

criterion_group!(benches, w1, w2);
criterion_main!(benches);
