//! The formats that are compared: each saves a value in a file, and loads it to a value that owns what it is made of.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use binpickle::{LoadOptions, Options, pickle};
use memmap2::Mmap;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::workloads::Tensors;

/// As long as it may be without leaving the cache.
const BUFFER: usize = 256 << 10;

/// How a format does it.
pub struct Format<T> {
    pub name: &'static str,
    /// None for another way to read what the one before has written.
    pub write: Option<fn(&T, &Path)>,
    pub read: fn(&Path) -> T,
}

/// A mappable file. When it is loaded, digests are verified.
pub fn binpickle<T: Serialize + DeserializeOwned>() -> Format<T> {
    Format {
        name: "binpickle",
        write: Some(|value, path| Options::mappable().to_path(value, path).unwrap()),
        read: |path| binpickle::from_path(path).unwrap(),
    }
}

/// The same file, but that digests are not verified.
pub fn unverified<T: Serialize + DeserializeOwned>() -> Format<T> {
    Format {
        name: "binpickle, unverified",
        write: None,
        read: |path| LoadOptions::new().verify(false).from_path(path).unwrap(),
    }
}

/// The pickle stream alone, in a file of its own.
pub fn stream<T: Serialize + DeserializeOwned>() -> Format<T> {
    Format {
        name: "binpickle, stream alone",
        write: Some(|value, path| fs::write(path, pickle::to_vec(value).unwrap()).unwrap()),
        read: |path| pickle::from_slice(&fs::read(path).unwrap()).unwrap(),
    }
}

/// bincode, through serde.
pub fn bincode<T: Serialize + DeserializeOwned>() -> Format<T> {
    Format {
        name: "bincode 2",
        write: Some(|value, path| {
            let mut out = buffered(path);
            bincode::serde::encode_into_std_write(value, &mut out, bincode::config::standard()).unwrap();
            out.flush().unwrap();
        }),
        read: |path| {
            // Faster for large arrays than reading the file first, and a little slower for W4.
            let mut file = BufReader::with_capacity(BUFFER, File::open(path).unwrap());
            bincode::serde::decode_from_std_read(&mut file, bincode::config::standard()).unwrap()
        },
    }
}

pub fn msgpack<T: Serialize + DeserializeOwned>() -> Format<T> {
    Format {
        name: "rmp-serde",
        write: Some(|value, path| {
            let mut out = buffered(path);
            rmp_serde::encode::write(&mut out, value).unwrap();
            out.flush().unwrap();
        }),
        read: |path| rmp_serde::from_slice(&fs::read(path).unwrap()).unwrap(),
    }
}

pub fn postcard<T: Serialize + DeserializeOwned>() -> Format<T> {
    Format {
        name: "postcard",
        write: Some(|value, path| fs::write(path, postcard::to_stdvec(value).unwrap()).unwrap()),
        read: |path| postcard::from_bytes(&fs::read(path).unwrap()).unwrap(),
    }
}

/// bitcode, through serde.
pub fn bitcode<T: Serialize + DeserializeOwned>() -> Format<T> {
    Format {
        name: "bitcode",
        write: Some(|value, path| fs::write(path, bitcode::serialize(value).unwrap()).unwrap()),
        read: |path| bitcode::deserialize(&fs::read(path).unwrap()).unwrap(),
    }
}

/// safetensors, with what is not an array as JSON in its metadata. It has no digests. It is read from a map.
pub fn safetensors<T: Tensors>() -> Format<T> {
    Format {
        name: "safetensors",
        write: Some(|value, path| {
            let tensors = value.tensors().into_iter();
            let views =
                tensors.map(|tensor| (tensor.name, TensorView::new(tensor.dtype, tensor.shape, tensor.bytes).unwrap()));
            let rest = serde_json::to_string(&value.rest()).unwrap();
            safetensors::serialize_to_file(views, Some([("rest".to_owned(), rest)].into()), path).unwrap();
        }),
        read: |path| {
            let map = map(path);
            let (_, metadata) = SafeTensors::read_metadata(&map).unwrap();
            let file = SafeTensors::deserialize(&map).unwrap();
            let rest = &metadata.metadata().as_ref().unwrap()["rest"];
            let mut value = T::zeroed(serde_json::from_str(rest).unwrap());
            let names: Vec<_> = value.tensors().iter().map(|tensor| tensor.name).collect();
            for (name, out) in names.into_iter().zip(value.bytes_mut()) {
                out.copy_from_slice(file.tensor(name).unwrap().data());
            }
            value
        },
    }
}

/// The bytes of the arrays as they are, after what is not an array as JSON. They are read into fresh memory.
pub fn raw<T: Tensors>() -> Format<T> {
    Format {
        name: "raw bytes",
        write: Some(|value, path| {
            let mut file = File::create(path).unwrap();
            let rest = serde_json::to_vec(&value.rest()).unwrap();
            file.write_all(&(rest.len() as u64).to_le_bytes()).unwrap();
            file.write_all(&rest).unwrap();
            for tensor in value.tensors() {
                file.write_all(tensor.bytes).unwrap();
            }
        }),
        read: |path| {
            let mut file = File::open(path).unwrap();
            let mut len = [0; 8];
            file.read_exact(&mut len).unwrap();
            let mut rest = vec![0; u64::from_le_bytes(len) as usize];
            file.read_exact(&mut rest).unwrap();
            let mut value = T::zeroed(serde_json::from_slice(&rest).unwrap());
            for out in value.bytes_mut() {
                file.read_exact(out).unwrap();
            }
            value
        },
    }
}

#[allow(unsafe_code, reason = "a map of a file that nobody changes")]
pub fn map(path: &Path) -> Mmap {
    // SAFETY: the file is this process's own, and not written to while it is mapped.
    unsafe { Mmap::map(&File::open(path).unwrap()) }.unwrap()
}

fn buffered(path: &Path) -> BufWriter<File> {
    BufWriter::with_capacity(BUFFER, File::create(path).unwrap())
}

/// A folder for the files: in memory, where there is such a file system.
pub fn folder() -> tempfile::TempDir {
    let shm = PathBuf::from("/dev/shm");
    let parent = if shm.is_dir() { shm } else { std::env::temp_dir() };
    tempfile::tempdir_in(parent).unwrap()
}
