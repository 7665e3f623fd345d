//! A tour: from a struct to a file, to Python, and back.
//!
//! Each step is a whole program. Recipes for larger tasks are in the [`cookbook`](crate::cookbook).
//!
//! # Save and load
//!
//! A derive is all that a model needs. What is ordinary – names, numbers, maps, enums – goes into a pickle stream; what is
//! large goes beside it, each array in a buffer with its own digest.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use ndarray::{Array1, Array2};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! enum Activation {
//!     Relu,
//!     Leaky { slope: f32 },
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Layer {
//!     weight: Array2<f32>,
//!     bias: Option<Array1<f32>>,
//!     activation: Activation,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Net {
//!     layers: Vec<Layer>,
//!     vocabulary: BTreeMap<String, u32>,
//! }
//!
//! let net = Net {
//!     layers: vec![
//!         Layer { weight: Array2::ones((64, 32)), bias: None, activation: Activation::Relu },
//!         Layer {
//!             weight: Array2::zeros((32, 8)),
//!             bias: Some(Array1::ones(8)),
//!             activation: Activation::Leaky { slope: 0.01 },
//!         },
//!     ],
//!     vocabulary: BTreeMap::from([("ada".into(), 0), ("bob".into(), 1)]),
//! };
//! # let folder = std::env::temp_dir().join("binpickle-tour");
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("net.bpk");
//! binpickle::to_path(&net, &path)?;
//! assert_eq!(binpickle::from_path::<Net>(&path)?, net);
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! In Python, `binpickle.load(path)` is
//! `{'layers': [{'weight': array(…), 'bias': None, 'activation': 'Relu'}, …], 'vocabulary': {'ada': 0, 'bob': 1}}`.
//!
//! # Map
//!
//! [`Options::mappable`](crate::Options::mappable) lays a file out so that its arrays can be used where they are.
//! [`MappedArray`](crate::MappedArray) is an array in a map; what dereferences to an `ndarray` of it needs no copy.
//!
//! ```
//! use binpickle::{BinPickleFile, MappedArray, Options};
//! use ndarray::{Array2, Ix2};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Weights {
//!     weights: MappedArray<f64, Ix2>,
//! }
//!
//! # let folder = std::env::temp_dir().join("binpickle-tour-map");
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("weights.bpk");
//! let weights = std::collections::BTreeMap::from([("weights", Array2::<f64>::ones((500, 400)))]);
//! Options::mappable().to_path(&weights, &path)?;
//!
//! // SAFETY: nobody writes to the file in place.
//! let file = unsafe { BinPickleFile::map(&path)? };
//! let mapped: Weights = file.load()?;
//! assert_eq!(mapped.weights.row(0).sum(), 400.0);
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! # Compress
//!
//! [`Options::compressed`](crate::Options::compressed) takes a codec of Python's numcodecs by its name, and
//! [`Options::codec`](crate::Options::codec) adds more. Loading needs no options: a file says how it was made.
//!
//! ```
//! use binpickle::Options;
//! use binpickle::codec::{CodecConfig, CodecSpec};
//!
//! let walk: Vec<i32> = (0..100_000).map(|n| n / 3 + n % 5).collect();
//! let plain = Options::mappable().to_vec(&walk)?;
//! let fast = Options::compressed("blosc").to_vec(&walk)?;
//! // Differences first, of arrays only: the pickle stream is no array of integers.
//! let delta = CodecSpec::new(CodecConfig::new("delta").set("dtype", "<i4")).arrays_only();
//! let small = Options::compressed(delta).codec(CodecConfig::new("zstd").set("level", 9)).to_vec(&walk)?;
//! assert!(small.len() < fast.len() && fast.len() < plain.len() / 3);
//! assert_eq!(binpickle::from_slice::<Vec<i32>>(&small)?, walk);
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! # Open what Python saved
//!
//! A derive sees through Python's classes; a [`Value`](crate::Value) takes anything, and shows it as Python would.
//!
//! ```
//! use binpickle::Value;
//! use serde::Deserialize;
//!
//! // import fractions; pickle.dumps({"mean": 1.5, "classes": ("cat", "dog"), "half": fractions.Fraction(1, 2)}, protocol=2)
//! let stream = b"\x80\x02}q\0(X\x04\0\0\0meanq\x01G?\xf8\0\0\0\0\0\0X\x07\0\0\0classesq\x02X\x03\0\0\0catq\x03X\x03\0\0\0\
//!     dogq\x04\x86q\x05X\x04\0\0\0halfq\x06cfractions\nFraction\nq\x07X\x03\0\0\x001/2q\x08\x85q\x09Rq\nu.";
//!
//! #[derive(Deserialize)]
//! struct Scaler {
//!     mean: f64,
//!     classes: Vec<String>,
//! }
//!
//! let scaler: Scaler = binpickle::pickle::from_slice(stream)?;
//! assert_eq!((scaler.mean, scaler.classes.len()), (1.5, 2));
//!
//! let value: Value = binpickle::pickle::from_slice(stream)?;
//! assert_eq!(value["classes"][1].as_str(), Some("dog"));
//! assert_eq!(value.to_string(), "{'mean': 1.5, 'classes': ('cat', 'dog'), 'half': fractions.Fraction('1/2')}");
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! # Read only a part
//!
//! [`BinPickleFile::at`](crate::BinPickleFile::at) loads what is at a path, and reads nothing else.
//!
//! ```
//! use binpickle::BinPickleFile;
//!
//! let file = binpickle::to_vec(&vec![("first", vec![0.5; 1000]), ("second", vec![1.5; 1000])])?;
//! let file = BinPickleFile::from_vec(file)?;
//! let second: Vec<f64> = file.at("/1/1")?.load()?;
//! assert_eq!(second[999], 1.5);
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! # Trust nobody
//!
//! A file that lies, or was damaged, is an [`Error`](crate::Error) that says what is wrong and where. What it may cost to find
//! out is limited, and [`LoadOptions`](crate::LoadOptions) limit it further.
//!
//! ```
//! use binpickle::{BinPickleFile, ErrorKind, LoadOptions, Options};
//!
//! let mut file = Options::new().codecs([]).to_vec(&vec![1.0f32; 10_000])?;
//! file[5_000] ^= 1;
//! let error = binpickle::from_slice::<Vec<f32>>(&file).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Integrity);
//! assert_eq!(error.buffer(), Some(0));
//! assert_eq!(BinPickleFile::from_vec(file)?.find_errors().len(), 1);
//!
//! let zeros = Options::compressed("gzip").to_vec(&vec![0u8; 1 << 20])?;
//! let error = LoadOptions::new().max_decoded(1 << 16).from_slice::<Vec<u8>>(&zeros).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Limit);
//! # Ok::<(), binpickle::Error>(())
//! ```
