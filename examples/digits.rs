//! The crate's main job on real data: learn to read handwritten digits, save the model in three ways, map it and
//! predict with no copy, and show it to Python.
//!
//! ```sh
//! cargo run --release --example digits
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use binpickle::{BinPickleFile, MappedArray, Options};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Axis, Ix1, Ix2, s};
use serde::{Deserialize, Serialize};

/// Everything that was learnt. The derive is all there is to do.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Model {
    name: String,
    data_set: String,
    settings: BTreeMap<String, f64>,
    classes: Vec<String>,
    /// Ridge regression: a row for each pixel and one for the intercept, a column for each class.
    weights: Array2<f32>,
    /// Nearest neighbours: the images to compare with, one a row, and their digits.
    images: Array2<f32>,
    digits: Array1<u8>,
}

/// What a server keeps of it: the same arrays, which stay in the file and share its memory map.
#[derive(Deserialize)]
struct Reader {
    settings: BTreeMap<String, f64>,
    weights: MappedArray<f32, Ix2>,
    images: MappedArray<f32, Ix2>,
    digits: MappedArray<u8, Ix1>,
}

fn main() -> binpickle::Result<()> {
    let (images, digits) = read_digits();
    let (learn, test) = (s![..1_200, ..], s![1_200.., ..]);
    let (model, learning) = timed(|| train(images.slice(learn).to_owned(), digits.slice(s![..1_200]).to_owned()));
    println!("{} digits; learnt from {} of them in {learning}\n", images.nrows(), model.images.nrows());

    let folder = std::env::temp_dir().join("binpickle-digits");
    std::fs::create_dir_all(&folder)?;
    let path = |name: &str| folder.join(format!("{name}.bpk"));
    println!("{:10}{:>10}{:>12}{:>12}", "saved", "bytes", "save", "load");
    save_and_load(&model, "plain", &Options::new().codecs([]), &path("plain"))?;
    // So small a model has small arrays; below 4,096 bytes, they would lie in the pickle stream.
    save_and_load(&model, "mappable", &Options::mappable().inline_below(1_024), &path("mappable"))?;
    save_and_load(&model, "gzip", &Options::new(), &path("gzip"))?;
    save_and_load(&model, "zstd", &Options::compressed("zstd"), &path("zstd"))?;

    let (reader, mapping) = timed(|| map(&path("mappable")));
    let (reader, images, digits) = (reader?, images.slice(test), digits.slice(s![1_200..]));
    println!("\nmapped in {mapping}, nothing copied; of {} new digits it reads", digits.len());
    println!("{:>8.1} % by ridge regression", 100.0 * accuracy(&reader.by_ridge(&images), &digits));
    println!("{:>8.1} % by nearest neighbours", 100.0 * accuracy(&reader.by_neighbours(&images), &digits));

    show_in_python(&path("mappable"));
    Ok(())
}

fn save_and_load(model: &Model, name: &str, options: &Options, path: &Path) -> binpickle::Result<()> {
    let (saved, saving) = timed(|| options.to_path(model, path));
    saved?;
    let (loaded, loading) = timed(|| binpickle::from_path::<Model>(path));
    assert_eq!(loaded?, *model);
    println!("{name:10}{:>10}{saving:>12}{loading:>12}", path.metadata()?.len());
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, String) {
    let start = Instant::now();
    let result = work();
    (result, format!("{:.2} ms", 1_000.0 * start.elapsed().as_secs_f64()))
}

/// The images, one a row with pixels from 0 to 1, and their digits. `data/README.md` tells where they come from.
fn read_digits() -> (Array2<f32>, Array1<u8>) {
    let lines = include_str!("data/digits.txt").lines().map(|line| line.split_once(' ').expect("a digit and pixels"));
    let digits = lines.clone().map(|(digit, _)| digit.parse().expect("a digit")).collect();
    let pixels = lines.flat_map(|(_, pixels)| pixels.chars().map(|pixel| pixel.to_digit(17).expect("a pixel")));
    let images = Array1::from_iter(pixels.map(|pixel| pixel as f32 / 16.0));
    (images.into_shape_with_order((1_797, 64)).expect("64 pixels in each of 1,797 lines"), digits)
}

fn train(images: Array2<f32>, digits: Array1<u8>) -> Model {
    let ridge = 1.0;
    Model {
        name: "digits".to_owned(),
        data_set: "Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak), CC BY 4.0".to_owned(),
        settings: BTreeMap::from([("ridge".to_owned(), ridge), ("neighbours".to_owned(), 5.0)]),
        classes: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
            .map(str::to_owned)
            .to_vec(),
        weights: ridge_regression(&images, &digits, ridge as f32),
        images,
        digits,
    }
}

/// Solves `(XᵀX + λI) W = XᵀY`, where `X` has a column of ones and `Y` a column of ±1 for each class.
fn ridge_regression(images: &ArrayRef2<f32>, digits: &ArrayRef1<u8>, ridge: f32) -> Array2<f32> {
    let x = with_ones(images);
    let y = Array2::from_shape_fn(
        (digits.len(), 10),
        |(row, class)| {
            if usize::from(digits[row]) == class { 1.0 } else { -1.0 }
        },
    );
    let mut left = x.t().dot(&x) + Array2::<f32>::eye(x.ncols()) * ridge;
    let mut right = x.t().dot(&y);
    // Gauss-Jordan; the matrix is positive definite, so that no pivoting is needed.
    for pivot in 0..left.nrows() {
        let scale = left[[pivot, pivot]].recip();
        left.row_mut(pivot).mapv_inplace(|value| value * scale);
        right.row_mut(pivot).mapv_inplace(|value| value * scale);
        let (left_pivot, right_pivot) = (left.row(pivot).to_owned(), right.row(pivot).to_owned());
        for row in (0..left.nrows()).filter(|&row| row != pivot) {
            let factor = -left[[row, pivot]];
            left.row_mut(row).scaled_add(factor, &left_pivot);
            right.row_mut(row).scaled_add(factor, &right_pivot);
        }
    }
    right
}

fn with_ones(images: &ArrayRef2<f32>) -> Array2<f32> {
    let ones = Array2::ones((images.nrows(), 1));
    ndarray::concatenate![Axis(1), images.view(), ones]
}

fn map(path: &Path) -> binpickle::Result<Reader> {
    // SAFETY: nobody shortens or overwrites the file while it is mapped; saving to its path puts a new file there.
    #[allow(unsafe_code)]
    let file = unsafe { BinPickleFile::map(path)? };
    file.load()
}

impl Reader {
    fn by_ridge(&self, images: &ArrayRef2<f32>) -> Array1<u8> {
        with_ones(images).dot(&*self.weights).map_axis(Axis(1), |scores| {
            (0..10).max_by(|&one, &other| scores[one].total_cmp(&scores[other])).expect("ten classes") as u8
        })
    }

    /// The most frequent digit among the nearest images, by |a - b|² = |a|² - 2ab + |b|² where |a| is the same for all.
    fn by_neighbours(&self, images: &ArrayRef2<f32>) -> Array1<u8> {
        let neighbours = self.settings["neighbours"] as usize;
        let lengths = self.images.map_axis(Axis(1), |image| image.dot(&image));
        let distances = images.dot(&self.images.t()) * -2.0 + lengths;
        distances.map_axis(Axis(1), |distances| {
            let mut nearest: Vec<usize> = (0..distances.len()).collect();
            nearest.sort_by(|&one, &other| distances[one].total_cmp(&distances[other]));
            let mut votes = [0; 10];
            nearest[..neighbours].iter().for_each(|&image| votes[usize::from(self.digits[image])] += 1);
            (0..10).max_by_key(|&digit| votes[usize::from(digit)]).expect("ten classes")
        })
    }
}

fn accuracy(predictions: &ArrayRef1<u8>, digits: &ArrayRef1<u8>) -> f64 {
    let right = predictions.iter().zip(digits).filter(|(one, other)| one == other).count();
    right as f64 / digits.len() as f64
}

const SHOW: &str = "\
import sys, binpickle
for name, value in binpickle.load(sys.argv[1]).items():
    print(f'{name:>10}: ', f'{value.dtype} {value.shape}' if hasattr(value, 'dtype') else value)";

/// Prints what Python makes of the file, or how to see it.
fn show_in_python(path: &Path) {
    let load = format!("binpickle.load('{}')", path.display());
    println!("\nIn Python, {load} gives a dict:");
    match Command::new("python3").args(["-c", SHOW]).arg(path).output() {
        Ok(output) if output.status.success() => print!("{}", String::from_utf8_lossy(&output.stdout)),
        _ => println!("  pip install --pre binpickle\n  python3 -c \"import binpickle; print({load})\""),
    }
}
