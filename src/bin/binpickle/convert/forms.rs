//! Other kinds of files.

use std::path::Path;

use binpickle::{BinPickleFile, Value};
use clap::ValueEnum;

use crate::arrays::{flat, npy, npz, safetensors};
use crate::failure::{Failure, Result};
use crate::open::{self, Form, Source, is_standard};
use crate::output::Output;

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// A BinPickle file
    Bpk,
    /// A plain pickle, with the arrays in it
    Pkl,
    /// numpy's file of one array
    Npy,
    /// numpy's archive of arrays
    Npz,
    /// Tensors by name
    Safetensors,
}

impl To {
    /// What the name of a file says.
    pub fn of(path: &Path) -> Self {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "pkl" | "pickle" => To::Pkl,
            "npy" => To::Npy,
            "npz" => To::Npz,
            "safetensors" => To::Safetensors,
            _ => To::Bpk,
        }
    }
}

/// What is read: a BinPickle file, or the object of another kind of file.
pub enum Input {
    File(BinPickleFile),
    Value(Value),
}

impl Input {
    pub fn open(source: &Source) -> Result<Self> {
        let path = &source.path;
        if !is_standard(path) && open::start(path).map_or(true, |start| Form::of(&start) == Some(Form::BinPickle)) {
            return Ok(Input::File(source.open()?));
        }
        let bytes = open::read(path)?;
        let value = match Form::of(&bytes) {
            Some(Form::BinPickle) => return Ok(Input::File(source.limits.options().from_vec(bytes)?)),
            Some(Form::Npy) => npy::read(&bytes),
            Some(Form::Npz) => npz::read(&bytes, source.limits.max_decompressed(bytes.len() as u64)),
            Some(Form::Safetensors) => safetensors::read(&bytes),
            // What else it may be is found out by reading it.
            Some(Form::Pickle) | None => binpickle::pickle::from_slice(&bytes)
                .map_err(|error| Failure::new(format!("neither a file of a form that is known nor a pickle: {error}"))),
        };
        Ok(Input::Value(value.map_err(|failure| failure.of(source.name()))?))
    }
}

/// Writes an object as something else than a BinPickle file.
pub fn write(value: &Value, to: To, only_arrays: bool, out: &Path, output: &mut Output) -> Result<()> {
    let separator = if to == To::Safetensors { "." } else { "/" };
    open::write(out, output, |mut out| match to {
        To::Bpk | To::Pkl => Ok(out.write_all(&binpickle::pickle::to_vec(value)?)?),
        To::Npy => npy::write(value, &mut out),
        To::Npz | To::Safetensors => {
            let arrays = flat::arrays(value, separator, to == To::Npz, only_arrays)?;
            let arrays = arrays.iter().map(|(name, array)| (name.as_str(), array));
            if to == To::Npz { npz::write(arrays, out) } else { safetensors::write(arrays, &mut out) }
        }
    })
}
