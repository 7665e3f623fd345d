//! The values that are saved and loaded. They come from fixed seeds, so that everyone has the same.

use std::collections::HashMap;

use fastrand::Rng;
use ndarray::Array2;
use safetensors::Dtype;
use serde::{Deserialize, Serialize};

/// The number of things of a workload: what the workload says, times `BINPICKLE_BENCH_SCALE`.
fn scaled(len: usize) -> usize {
    let scale = std::env::var("BINPICKLE_BENCH_SCALE");
    let scale: f64 = scale.map_or(1.0, |scale| scale.parse().expect("BINPICKLE_BENCH_SCALE is a number"));
    ((len as f64 * scale) as usize).max(1)
}

/// A value that is mostly a few arrays: what formats that know only arrays can save.
pub trait Tensors: Sized {
    /// What is not an array, and the shapes of those that are.
    type Rest: Serialize + for<'de> Deserialize<'de>;

    fn rest(&self) -> Self::Rest;

    /// The value, with arrays in fresh memory that nobody has touched yet.
    fn zeroed(rest: Self::Rest) -> Self;

    fn tensors(&self) -> Vec<Tensor<'_>>;

    fn bytes_mut(&mut self) -> Vec<&mut [u8]>;
}

pub struct Tensor<'a> {
    pub name: &'static str,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: &'a [u8],
}

macro_rules! model {
    ($($array:ident),*) => {
        /// W1: eight arrays of 32 MiB, and what goes with them.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct Model {
            pub about: About,
            $(pub $array: Array2<f32>,)*
        }

        /// W1, borrowed from a map of the file.
        #[derive(Deserialize)]
        pub struct MappedModel {
            pub about: About,
            $(pub $array: binpickle::MappedArray<f32, ndarray::Ix2>,)*
        }

        impl MappedModel {
            pub fn arrays(&self) -> [ndarray::ArrayView2<'_, f32>; 8] {
                [$(self.$array.view()),*]
            }
        }

        impl Model {
            pub fn new() -> Self {
                let mut rng = Rng::with_seed(1);
                let about = About::new(&mut rng);
                let mut model = Self::zeroed((about, [scaled(8192), 1024]));
                $(model.$array.iter_mut().for_each(|number| *number = rng.f32() - 0.5);)*
                model
            }
        }

        impl Tensors for Model {
            type Rest = (About, [usize; 2]);

            fn rest(&self) -> Self::Rest {
                (self.about.clone(), [self.embed.nrows(), self.embed.ncols()])
            }

            fn zeroed((about, shape): Self::Rest) -> Self {
                Model { about, $($array: Array2::zeros(shape)),* }
            }

            fn tensors(&self) -> Vec<Tensor<'_>> {
                vec![$(Tensor {
                    name: stringify!($array),
                    dtype: Dtype::F32,
                    shape: self.$array.shape().to_vec(),
                    bytes: bytemuck::cast_slice(self.$array.as_slice().unwrap()),
                }),*]
            }

            fn bytes_mut(&mut self) -> Vec<&mut [u8]> {
                vec![$(bytemuck::cast_slice_mut(self.$array.as_slice_mut().unwrap())),*]
            }
        }
    };
}

model!(embed, query, key, value, output, up, down, head);

/// The small things of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub name: String,
    pub author: String,
    pub description: String,
    pub vocabulary: HashMap<String, u32>,
}

impl About {
    fn new(rng: &mut Rng) -> Self {
        About {
            name: "benchmark".to_owned(),
            author: "nobody".to_owned(),
            description: "Eight arrays, a few strings, and a map of a thousand entries.".to_owned(),
            vocabulary: (0..1000).map(|number| (format!("{}{number}", word(rng, 4..=8)), number)).collect(),
        }
    }
}

/// W2: two large vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vectors {
    pub numbers: Vec<f64>,
    pub bytes: Vec<u8>,
}

impl Vectors {
    pub fn new() -> Self {
        let mut rng = Rng::with_seed(2);
        let mut vectors = Self::zeroed((scaled(32 << 20), scaled(64 << 20)));
        vectors.numbers.fill_with(|| rng.f64() - 0.5);
        rng.fill(&mut vectors.bytes);
        vectors
    }
}

impl Tensors for Vectors {
    type Rest = (usize, usize);

    fn rest(&self) -> Self::Rest {
        (self.numbers.len(), self.bytes.len())
    }

    fn zeroed((numbers, bytes): Self::Rest) -> Self {
        Vectors { numbers: vec![0.0; numbers], bytes: vec![0; bytes] }
    }

    fn tensors(&self) -> Vec<Tensor<'_>> {
        let numbers = bytemuck::cast_slice(&self.numbers);
        vec![
            Tensor { name: "numbers", dtype: Dtype::F64, shape: vec![self.numbers.len()], bytes: numbers },
            Tensor { name: "bytes", dtype: Dtype::U8, shape: vec![self.bytes.len()], bytes: &self.bytes },
        ]
    }

    fn bytes_mut(&mut self) -> Vec<&mut [u8]> {
        vec![bytemuck::cast_slice_mut(&mut self.numbers), &mut self.bytes]
    }
}

/// W3: one of 200,000.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    id: u64,
    name: String,
    score: f64,
    tags: Vec<String>,
    parent: Option<u32>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Leaf,
    Branch,
    Root,
    Orphan,
}

pub fn records() -> Vec<Record> {
    let mut rng = Rng::with_seed(3);
    let len = scaled(200_000);
    (0..len as u64)
        .map(|id| Record {
            id,
            name: word(&mut rng, 8..=16),
            score: rng.f64(),
            tags: (0..rng.usize(0..=4)).map(|_| word(&mut rng, 4..=10)).collect(),
            parent: rng.bool().then(|| rng.u32(0..len as u32)),
            kind: [Kind::Leaf, Kind::Branch, Kind::Root, Kind::Orphan][rng.usize(0..4)],
        })
        .collect()
}

/// W4: many small vectors.
pub fn vectors_by_key() -> HashMap<u64, Vec<f32>> {
    let mut rng = Rng::with_seed(4);
    (0..scaled(100_000)).map(|_| (rng.u64(..), (0..16).map(|_| rng.f32()).collect())).collect()
}

/// W5: a smooth random walk of 128 MiB, each step at most 40.
pub fn walk() -> Vec<i32> {
    let mut rng = Rng::with_seed(5);
    let mut position = 0;
    let step = |_| {
        position += rng.i32(-40..=40);
        position
    };
    (0..scaled(32 << 20)).map(step).collect()
}

/// A matrix as nalgebra's `DMatrix<f64>` is to serde: a tuple of its numbers, rows and columns. 32 MiB.
#[derive(Serialize, Deserialize)]
pub struct DenseMatrix(pub Vec<f64>, usize, usize);

impl DenseMatrix {
    pub fn new() -> Self {
        let mut rng = Rng::with_seed(6);
        let (rows, columns) = (scaled(2048), 2048);
        DenseMatrix((0..rows * columns).map(|_| rng.f64()).collect(), rows, columns)
    }
}

/// A matrix as sprs' `CsMat<f64>` is to serde: a struct of vectors. Two million numbers.
#[derive(Serialize, Deserialize)]
pub struct SparseMatrix {
    storage: String,
    nrows: usize,
    ncols: usize,
    pub indptr: Vec<usize>,
    pub indices: Vec<usize>,
    pub data: Vec<f64>,
}

impl SparseMatrix {
    pub fn new() -> Self {
        let mut rng = Rng::with_seed(7);
        let (rows, in_row) = (scaled(100_000), 20);
        SparseMatrix {
            storage: "CSR".to_owned(),
            nrows: rows,
            ncols: 10_000,
            indptr: (0..=rows).map(|row| row * in_row).collect(),
            indices: (0..rows * in_row).map(|at| at % in_row * 500 + rng.usize(0..500)).collect(),
            data: (0..rows * in_row).map(|_| rng.f64()).collect(),
        }
    }
}

fn word(rng: &mut Rng, len: std::ops::RangeInclusive<usize>) -> String {
    (0..rng.usize(len)).map(|_| rng.lowercase()).collect()
}
