//! The comparison with other formats, and with Python. `README.md` beside it says how to run it.

mod formats;
mod memory;
mod python;
mod report;
mod workloads;

use std::cell::RefCell;
use std::fmt::Debug;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use binpickle::{BinPickleFile, LoadOptions, Options, pickle};
use serde::Serialize;
use serde::de::DeserializeOwned;

use formats::Format;
use memory::{Above, Counting, above};
use python::Python;
use report::{Case, Medians, Table, ms, say};
use workloads::{DenseMatrix, MappedModel, Model, SparseMatrix, Tensors, Vectors, records, vectors_by_key, walk};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let chosen: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let workloads: [(&str, fn()); 6] = [("w1", w1), ("w2", w2), ("w3", w3), ("w4", w4), ("w5", w5), ("rows", rows)];
    for name in &chosen {
        assert!(workloads.iter().any(|(workload, _)| workload == name), "there is no workload {name}");
    }
    for (name, run) in workloads {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            run();
        }
    }
}

fn time<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    // Or what is not looked at afterwards need not be computed.
    let value = black_box(run());
    (value, start.elapsed())
}

/// What Python does with a file: its commands.
struct InPython {
    name: &'static str,
    /// None for a file that is there already.
    write: Option<&'static str>,
    read: &'static str,
    file: &'static str,
}

/// What is found of a format beside the times.
#[derive(Clone)]
struct Found {
    name: &'static str,
    size: Option<u64>,
    write: Option<Above>,
    read: Option<Above>,
}

/// A workload in several formats, and in Python's.
struct Comparison<'a, T> {
    value: &'a T,
    formats: Vec<Format<T>>,
    python: &'static [InPython],
}

impl<T: Serialize + DeserializeOwned + PartialEq + Debug> Comparison<'_, T> {
    /// Measures, and prints the table.
    fn run(&self, title: &str) -> (Medians, Vec<Found>) {
        let folder = formats::folder();
        let place = |name: &str| folder.path().join(name.replace([' ', ','], "-"));
        Options::mappable().to_path(self.value, place("ours.bpk")).unwrap();
        fs::write(place("ours.pkl"), pickle::to_vec(self.value).unwrap()).unwrap();
        let python = RefCell::new(Python::start());
        if let Some(python) = &mut *python.borrow_mut() {
            python.run("value_from", &place("ours.bpk"));
        }
        let in_python = if python.borrow().is_some() { self.python } else { &[] };

        let names = self.formats.iter().map(|format| format.name).chain(in_python.iter().map(|format| format.name));
        let found: Vec<_> = names.map(|name| Found { name, size: None, write: None, read: None }).collect();
        let found = RefCell::new(found);
        // In the round that does not count, memory and sizes are measured, and what was loaded is compared.
        let mut cases = Vec::new();
        let mut path = place("");
        for (number, format) in self.formats.iter().enumerate() {
            let found = &found;
            if let Some(write) = format.write {
                path = place(format.name);
                let path = path.clone();
                cases.push(Case::new(format!("{}, write", format.name), move |round| {
                    _ = fs::remove_file(&path);
                    if round > 0 {
                        return time(|| write(self.value, &path)).1;
                    }
                    let write = above(|| write(self.value, &path)).1;
                    let found = &mut found.borrow_mut()[number];
                    (found.write, found.size) = (Some(write), Some(fs::metadata(&path).unwrap().len()));
                    Duration::ZERO
                }));
            }
            let path = path.clone();
            cases.push(Case::new(format!("{}, read", format.name), move |round| {
                if round > 0 {
                    return time(|| (format.read)(&path)).1;
                }
                let (value, read) = above(|| (format.read)(&path));
                assert!(value == *self.value, "{} loads what was saved", format.name);
                found.borrow_mut()[number].read = Some(read);
                Duration::ZERO
            }));
        }
        for (number, format) in in_python.iter().enumerate() {
            let (python, found) = (&python, &found);
            let run = move |command, path: &Path| python.borrow_mut().as_mut().unwrap().run(command, path);
            let path = place(format.file);
            if let Some(write) = format.write {
                let path = path.clone();
                cases.push(Case::new(format!("{}, write", format.name), move |_| {
                    let time = run(write, &path);
                    found.borrow_mut()[self.formats.len() + number].size = Some(fs::metadata(&path).unwrap().len());
                    time
                }));
            }
            cases.push(Case::new(format!("{}, read", format.name), move |_| run(format.read, &path)));
        }
        let medians = Medians::of(cases);
        let found = found.into_inner();
        print(title, &medians, &found);
        (medians, found)
    }
}

/// The table of a workload.
fn print(title: &str, medians: &Medians, found: &[Found]) {
    let mut table = Table::new([
        title,
        "write ms",
        "read ms",
        "size MB",
        "heap above: write MiB",
        "read MiB",
        "resident above: write MiB",
        "read MiB",
    ]);
    let number = |number: Option<f64>| number.map_or(String::new(), |number| format!("{number:.1}"));
    for Found { name, size, write, read } in found {
        let median = |what| medians.get(&format!("{name}, {what}")).map_or(String::new(), ms);
        table.row([
            (*name).to_owned(),
            median("write"),
            median("read"),
            number(size.map(|size| size as f64 / 1e6)),
            number(write.map(|above| above.heap)),
            number(read.map(|above| above.heap)),
            number(write.map(|above| above.resident)),
            number(read.map(|above| above.resident)),
        ]);
    }
    table.print();
}

/// Says the ratio of two sizes, and whether it is within what is wanted.
fn say_sizes(found: &[Found], name: &str, of: &str, most: f64) {
    let size = |name| found.iter().find(|found| found.name == name).and_then(|found| found.size);
    if let (Some(ours), Some(theirs)) = (size(name), size(of)) {
        say(&format!("{name}, size / {of}, size"), ours as f64 / theirs as f64, most, "");
    }
}

/// What every file must keep to: the memory above the value.
fn say_memory(found: &[Found]) {
    for Found { name, write, read, .. } in found.iter().filter(|found| found.name.starts_with("binpickle")) {
        for (what, above, most) in [("write", write, 8.0), ("read", read, 16.0)] {
            if let Some(above) = above {
                say(&format!("{name}, {what}: memory above the value"), above.heap.max(above.resident), most, "MiB");
            }
        }
    }
}

const PYTHON_ARRAYS: &[InPython] = &[
    InPython { name: "Python binpickle", write: Some("save_mappable"), read: "load", file: "python.bpk" },
    InPython { name: "Python binpickle, direct", write: None, read: "load_direct", file: "python.bpk" },
];

fn arrays<T: Tensors + Serialize + DeserializeOwned + PartialEq + Debug>(title: &str, value: &T, of_python: f64) {
    let comparison = Comparison {
        value,
        formats: vec![
            formats::binpickle(),
            formats::unverified(),
            formats::bincode(),
            formats::msgpack(),
            formats::safetensors(),
            formats::raw(),
        ],
        python: PYTHON_ARRAYS,
    };
    let (medians, found) = comparison.run(title);
    medians.ratio("binpickle, write", "Python binpickle, write", of_python);
    medians.ratio("binpickle, write", "bincode 2, write", 1.0);
    medians.ratio("binpickle, read", "Python binpickle, read", 0.55);
    medians.ratio("binpickle, read", "bincode 2, read", 0.85);
    medians.ratio("binpickle, unverified, read", "raw bytes, read", 1.1);
    say_memory(&found);
    println!();
}

fn w1() {
    let model = Model::new();
    arrays("W1", &model, 0.55);
    maps(&model);
}

/// Maps of W1 and of the same sixteen times as long.
fn maps(model: &Model) {
    let folder = formats::folder();
    let [file, long] = ["model.bpk", "long.bpk"].map(|name| folder.path().join(name));
    Options::mappable().to_path(model, &file).unwrap();
    let entries = BinPickleFile::open(&file).unwrap();
    let entries = entries.entries().iter().filter(|entry| entry.array().is_some());
    let place = |entry: &binpickle::Entry| (entry.offset() as usize, (entry.offset() + entry.decoded_len()) as usize);
    let arrays: Vec<_> = entries.map(place).collect();
    let (about, [rows, columns]) = model.rest();
    let zeros = Model::zeroed((about, [rows * 16, columns]));
    Options::mappable().to_writer(&zeros, Sparse(File::create(&long).unwrap())).unwrap();
    drop(zeros);

    let start = model.about.vocabulary.len();
    let mapped = |path: &Path, verify: bool| {
        // SAFETY: nobody writes to the file while it is mapped.
        #[allow(unsafe_code, reason = "the benchmark's own file")]
        let load = || unsafe { LoadOptions::new().verify(verify).map(path).unwrap().load::<MappedModel>().unwrap() };
        let (model, time) = time(load);
        assert_eq!(model.about.vocabulary.len(), start);
        (model, time)
    };
    let python = RefCell::new(Python::start());
    let mut cases = vec![
        // The fastest of a few: what ran before has left nothing in the caches.
        Case::new("map and load", |_| (0..9).map(|_| mapped(&file, false).1).min().unwrap()),
        Case::new("map and load, 16 times as long", |_| (0..9).map(|_| mapped(&long, false).1).min().unwrap()),
        Case::new("sum of the mapped arrays", |_| {
            let model = mapped(&file, false).0;
            time(|| model.arrays().iter().map(|array| sum(array.as_slice().unwrap())).sum::<f32>()).1
        }),
        Case::new("sum of a raw map", |_| {
            let map = formats::map(&file);
            let sum_at = |&(start, end): &(usize, usize)| sum(bytemuck::cast_slice(&map[start..end]));
            time(|| arrays.iter().map(sum_at).sum::<f32>()).1
        }),
        Case::new("map, verify and load", |_| mapped(&file, true).1),
        Case::new("map and verify by `BinPickleFile::verify`", |_| {
            // SAFETY: as above.
            #[allow(unsafe_code, reason = "the benchmark's own file")]
            time(|| unsafe { BinPickleFile::map(&file).unwrap() }.verify().unwrap()).1
        }),
    ];
    if python.borrow().is_some() {
        let (python, file) = (&python, &file);
        cases.push(Case::new("Python binpickle, direct, read", move |_| {
            python.borrow_mut().as_mut().unwrap().run("load_direct", file)
        }));
    }
    let medians = Medians::of(cases);
    medians.print();
    say("map and load", medians.get("map and load").unwrap() * 1000.0, 200.0, "µs");
    let long = "map and load, 16 times as long";
    say(long, medians.get(long).unwrap() * 1000.0, 200.0, "µs");
    medians.ratio(long, "map and load", 1.1);
    medians.ratio("sum of the mapped arrays", "sum of a raw map", 1.05);
    medians.ratio("map, verify and load", "Python binpickle, direct, read", 0.6);
    println!();
}

/// The sum, piece by piece in the order of the memory. Not inlined, so that it is the same code for both.
#[inline(never)]
fn sum(floats: &[f32]) -> f32 {
    floats.chunks(1024).map(|chunk| chunk.iter().sum::<f32>()).sum()
}

/// A file that is not there where it is zero.
struct Sparse(File);

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.iter().any(|&byte| byte != 0) {
            return self.0.write(bytes);
        }
        self.0.seek(SeekFrom::Current(bytes.len() as i64))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Sparse {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.0.seek(position)
    }
}

fn w2() {
    arrays("W2", &Vectors::new(), 0.75);
}

fn objects<T: Serialize + DeserializeOwned>() -> Vec<Format<T>> {
    vec![
        formats::binpickle(),
        formats::unverified(),
        formats::stream(),
        formats::bincode(),
        formats::msgpack(),
        formats::postcard(),
        formats::bitcode(),
    ]
}

fn w3() {
    let comparison = Comparison {
        value: &records(),
        formats: objects(),
        python: &[
            InPython { name: "CPython pickle", write: Some("save_pickle"), read: "load_pickle", file: "python.pkl" },
            InPython { name: "CPython, our stream", write: None, read: "load_pickle", file: "ours.pkl" },
        ],
    };
    let (medians, found) = comparison.run("W3");
    medians.ratio("binpickle, write", "rmp-serde, write", 1.0);
    medians.ratio("binpickle, read", "bincode 2, read", 1.0);
    medians.ratio("CPython, our stream, read", "CPython pickle, read", 1.0);
    say_sizes(&found, "binpickle", "CPython pickle", 1.0);
    println!();
}

fn w4() {
    let comparison = Comparison { value: &vectors_by_key(), formats: objects(), python: PYTHON_ARRAYS };
    let (medians, _) = comparison.run("W4");
    medians.ratio("binpickle, write", "bincode 2, write", 1.0);
    medians.ratio("binpickle, read", "bitcode, read", 1.0);
    println!();
}

fn w5() {
    let gzip = Format {
        name: "binpickle, gzip 1",
        write: Some(|value, path| Options::new().to_path(value, path).unwrap()),
        ..formats::binpickle()
    };
    let zstd = Format {
        name: "binpickle, zstd 3",
        write: Some(|value, path| Options::compressed("zstd").to_path(value, path).unwrap()),
        ..formats::binpickle()
    };
    let value = walk();
    let python = &[InPython { name: "Python gzip 1", write: Some("save_gzip"), read: "load", file: "python.bpk" }];
    let comparison = Comparison { value: &value, formats: vec![gzip, zstd, formats::binpickle()], python };
    let (medians, found) = comparison.run("W5");
    let bytes = size_of_val(&value[..]) as f64;
    let mut table = Table::new(["W5", "write MB/s", "read MB/s", "ratio"]);
    for Found { name, size, .. } in &found {
        let speed = |what| {
            medians.get(&format!("{name}, {what}")).map_or(String::new(), |ms| format!("{:.0}", bytes / ms / 1e3))
        };
        table.row([
            (*name).to_owned(),
            speed("write"),
            speed("read"),
            size.map_or(String::new(), |size| format!("{:.2}", bytes / size as f64)),
        ]);
    }
    table.print();
    medians.ratio("binpickle, gzip 1, write", "Python gzip 1, write", 0.35);
    medians.ratio("binpickle, gzip 1, read", "Python gzip 1, read", 0.5);
    // No worse than 0.95 of the ratio.
    say_sizes(&found, "binpickle, gzip 1", "Python gzip 1", 1.053);
    println!();
}

/// What is no plain array beside what is: rows of three numbers, arrays that have gaps, erased values, matrices of other
/// crates.
fn rows() {
    let model = Model::new();
    let numbers: Vec<f32> = [&model.embed, &model.query, &model.key].into_iter().flatten().copied().collect();
    let rows: Vec<[f32; 3]> = numbers.as_chunks().0.to_vec();
    let (array, transposed) = (&model.value, model.value.t());
    let [by_row, by_column] = [array.view(), transposed].map(|array| array.slice_move(ndarray::s![.., ..;2]));
    let whole = by_row.to_owned();
    let erased: Box<dyn erased_serde::Serialize> = Box::new(array.clone());
    let dense = DenseMatrix::new();
    let sparse = SparseMatrix::new();

    let folder = formats::folder();
    let options = Options::mappable();
    let place = |name: &str| folder.path().join(name.replace(' ', "-"));
    let write = |name: &'static str, value: &dyn Fn(&Path)| {
        let path = place(name);
        _ = fs::remove_file(&path);
        time(|| value(&path)).1
    };
    macro_rules! cases {
        ($($name:literal: $value:expr $(=> $type:ty)?;)*) => {
            vec![$(
                Case::new(concat!($name, ", write"), |_| write($name, &|path| options.to_path(&$value, path).unwrap())),
                $(Case::new(concat!($name, ", read"), |_| time(|| binpickle::from_path::<$type>(place($name)).unwrap()).1),)?
            )*]
        };
    }
    let medians = Medians::of(cases! {
        "numbers": numbers => Vec<f32>;
        "rows": rows => Vec<[f32; 3]>;
        "array": *array;
        "erased array": erased;
        "half an array": whole;
        "every other column": by_row;
        "every other row, transposed": by_column;
        "dense matrix": dense => DenseMatrix;
        "its numbers": dense.0 => Vec<f64>;
        "sparse matrix": sparse => SparseMatrix;
        "its parts": (&sparse.indptr, &sparse.indices, &sparse.data);
    });
    assert!(binpickle::from_path::<Vec<[f32; 3]>>(place("rows")).unwrap() == rows);
    assert!(binpickle::from_path::<ndarray::Array2<f32>>(place("erased array")).unwrap() == *array);
    medians.print();
    medians.ratio("rows, write", "numbers, write", 2.0);
    medians.ratio("rows, read", "numbers, read", 2.0);
    medians.ratio("erased array, write", "array, write", 1.5);
    medians.ratio("every other column, write", "half an array, write", 1.5);
    medians.ratio("every other row, transposed, write", "half an array, write", 1.5);
    medians.ratio("dense matrix, write", "its numbers, write", 1.1);
    medians.ratio("dense matrix, read", "its numbers, read", 1.1);
    medians.ratio("sparse matrix, write", "its parts, write", 1.1);
    println!();
}
