//! Recipes: whole programs for what people do with models.
//!
//! - [One model in many processes](#one-model-in-many-processes)
//! - [A checkpoint loop](#a-checkpoint-loop)
//! - [A scikit-learn model](#a-scikit-learn-model)
//! - [Choosing a codec](#choosing-a-codec)
//! - [Reading only one layer](#reading-only-one-layer)
//! - [Shipping a file safely](#shipping-a-file-safely)
//!
//! # One model in many processes
//!
//! Save the model [mappable](crate::Options::mappable), and map it in each process. The arrays stay in the file, whose pages
//! all processes share; opening takes as long for a gigabyte as for a kilobyte. [`MappedArray`](crate::MappedArray) owns
//! its share of the map, so the model needs no lifetime and lives where a server keeps its state.
//!
//! ```
//! use std::sync::Arc;
//!
//! use binpickle::{BinPickleFile, MappedArray, Options};
//! use ndarray::{Array1, Array2, Ix1, Ix2};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize)]
//! struct Trained {
//!     weights: Array2<f32>,
//!     bias: Array1<f32>,
//! }
//!
//! #[derive(Clone, Deserialize)]
//! struct Served {
//!     weights: MappedArray<f32, Ix2>,
//!     bias: MappedArray<f32, Ix1>,
//! }
//!
//! impl Served {
//!     fn predict(&self, input: &Array1<f32>) -> Array1<f32> {
//!         self.weights.dot(input) + &*self.bias
//!     }
//! }
//!
//! # let folder = std::env::temp_dir().join("binpickle-cookbook-serve");
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("model.bpk");
//! let trained = Trained { weights: Array2::eye(3), bias: Array1::ones(3) };
//! Options::mappable().to_path(&trained, &path)?;
//!
//! // SAFETY: the file is only ever replaced, by `to_path`, and never written to in place.
//! let file = unsafe { BinPickleFile::map(&path)? };
//! let model: Arc<Served> = Arc::new(file.load()?);
//! drop(file); // The arrays keep the map.
//!
//! let threads: Vec<_> = (0..4u8)
//!     .map(|n| {
//!         let model = Arc::clone(&model);
//!         std::thread::spawn(move || model.predict(&Array1::from_elem(3, f32::from(n))).sum())
//!     })
//!     .collect();
//! let sums: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
//! assert_eq!(sums, [3.0, 6.0, 9.0, 12.0]);
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! A new version of the model is saved over the old one while it is served: who has the old file mapped keeps it, who opens
//! the path gets the new one. In Python, `binpickle.BinPickleFile(path, direct=True)` maps the same file.
//!
//! # A checkpoint loop
//!
//! Saving replaces a file whole or not at all, so there is no moment at which a crash leaves neither the last checkpoint nor
//! the one before. [`durable`](crate::Options::durable) waits for the disk, so that not even a loss of power does.
//!
//! ```
//! use binpickle::{ErrorKind, Options};
//! use ndarray::Array1;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Checkpoint {
//!     step: u64,
//!     weights: Array1<f64>,
//! }
//!
//! # let folder = std::env::temp_dir().join("binpickle-cookbook-checkpoint");
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("checkpoint.bpk");
//! // Go on where the last run stopped.
//! let mut state: Checkpoint = match binpickle::from_path(&path) {
//!     Ok(state) => state,
//!     Err(error) if error.kind() == ErrorKind::Io && !path.exists() => Checkpoint::default(),
//!     Err(error) => return Err(error),
//! };
//! let options = Options::mappable().durable(true);
//! while state.step < 100 {
//!     state.step += 1;
//!     state.weights = Array1::from_elem(1000, state.step as f64);
//!     if state.step % 50 == 0 {
//!         options.to_path(&state, &path)?;
//!     }
//! }
//! let state: Checkpoint = binpickle::from_path(&path)?;
//! assert_eq!((state.step, state.weights.sum()), (100, 100_000.0));
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! # A scikit-learn model
//!
//! An estimator that Python saved with `binpickle.dump(model, path)` is an instance of a class, and an instance deserializes
//! into a struct of its attributes. Fields that the struct does not name are not read.
//!
//! ```
//! use ndarray::{Array1, Array2};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct LogisticRegression {
//!     classes_: Array1<i64>,
//!     coef_: Array2<f64>,
//!     intercept_: Array1<f64>,
//! }
//!
//! impl LogisticRegression {
//!     /// The class with the highest score, for each row.
//!     fn predict(&self, rows: &Array2<f64>) -> Vec<i64> {
//!         let scores = rows.dot(&self.coef_.t()) + &self.intercept_;
//!         let best = scores.outer_iter().map(|row| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])));
//!         best.map(|class| self.classes_[class.unwrap()]).collect()
//!     }
//! }
//!
//! # let model = LogisticRegression {
//! #     classes_: ndarray::array![3, 7],
//! #     coef_: ndarray::array![[1.0, 0.0], [0.0, 1.0]],
//! #     intercept_: ndarray::array![0.0, 0.5],
//! # };
//! // let model: LogisticRegression = binpickle::from_path("model.bpk")?;
//! assert_eq!(model.predict(&ndarray::array![[2.0, 1.0], [1.0, 1.0]]), [3, 7]);
//! ```
//!
//! `cargo run --release --example scikit_learn` does it all, the training in Python too. What is in a file that you know
//! nothing of, `binpickle tree model.bpk` shows, or [`Value`](crate::Value) when it is printed.
//!
//! # Choosing a codec
//!
//! The page of [`codec`](crate::codec) says which is for which data, with measurements. A function chooses for each buffer, here
//! by what is in it:
//!
//! ```
//! use binpickle::codec::{BufferInfo, CodecConfig, CodecSpec};
//! use binpickle::{BinPickleFile, Kind, Options};
//!
//! let choose = |buffer: &BufferInfo| -> Option<CodecSpec> {
//!     match buffer.dtype() {
//!         // Weights hardly get smaller: leave them as they are.
//!         Some(dtype) if dtype.kind() == Kind::Float => None,
//!         // Integers do, after their bytes have been shuffled.
//!         Some(_) => Some("blosc".into()),
//!         // Bytes, and the pickle stream.
//!         None => Some(CodecConfig::new("zstd").set("level", 9).into()),
//!     }
//! };
//! let counts: Vec<i32> = (0..100_000).map(|n| n / 7).collect();
//! let weights: Vec<f32> = counts.iter().map(|&n| (n as f32).sin()).collect();
//! let file = Options::compressed(choose).to_vec(&(counts, weights))?;
//!
//! let file = BinPickleFile::from_vec(file)?;
//! let [counts, weights, stream] = file.entries() else { panic!("two arrays and the stream") };
//! assert!(counts.encoded_len() < 20_000);
//! assert_eq!(weights.encoded_len(), weights.decoded_len());
//! assert_eq!(stream.codecs()[0].id(), "zstd");
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! # Reading only one layer
//!
//! [`at`](crate::BinPickleFile::at) goes to one part of the object, by the keys, attributes and indices on the way. Only the
//! buffers of that part are read, checked and decoded, whatever else is in the file.
//!
//! ```
//! use binpickle::{BinPickleFile, Options};
//! use ndarray::Array2;
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! struct Layer {
//!     weight: Array2<f32>,
//! }
//!
//! #[derive(Serialize)]
//! struct Net {
//!     layers: Vec<Layer>,
//! }
//!
//! # let folder = std::env::temp_dir().join("binpickle-cookbook-layer");
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("net.bpk");
//! let layers = (0..10u8).map(|n| Layer { weight: Array2::from_elem((100, 100), n.into()) }).collect();
//! Options::compressed("zstd").to_path(&Net { layers }, &path)?;
//!
//! let file = BinPickleFile::open(&path)?;
//! let weight: Array2<f32> = file.at("/layers/7/weight")?.load()?;
//! assert_eq!(weight[[0, 0]], 7.0);
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! # Shipping a file safely
//!
//! Digests tell damage, but who alters a file can alter them too. A key tells the file of someone who has it from any
//! other. [`LoadOptions`](crate::LoadOptions) limit what a stranger's file may cost before anything of it is decoded.
//!
//! ```
//! use binpickle::{ErrorKind, LoadOptions, Options};
//!
//! let key = b"from the vault, and not from the program";
//! let mut file = Options::compressed("zstd").mac_key(key).to_vec(&vec![1.5f64; 10_000])?;
//!
//! let careful = LoadOptions::new().mac_key(key).strict(true).max_decoded(1 << 20);
//! assert_eq!(careful.from_slice::<Vec<f64>>(&file)?.len(), 10_000);
//!
//! let last = file.len() - 1;
//! file[last] ^= 1;
//! assert_eq!(careful.from_slice::<Vec<f64>>(&file).unwrap_err().kind(), ErrorKind::Integrity);
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! A file with a key is for this crate only. For Python, ship the file without one and its SHA-256 beside it.
