//! `.npz`: a ZIP archive of `.npy` files.

use std::io::{Cursor, Read, Seek, Write};

use binpickle::Value;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::npy;
use crate::failure::{Failure, Result};

/// Writes arrays by name, as `numpy.savez` does: not compressed.
pub fn write<'a>(arrays: impl IntoIterator<Item = (&'a str, &'a Value)>, out: impl Write + Seek) -> Result<()> {
    let mut archive = ZipWriter::new(out);
    for (name, array) in arrays {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        archive.start_file(format!("{name}.npy"), options).map_err(failed)?;
        npy::write(array, &mut archive).map_err(|failure| failure.of(name))?;
    }
    archive.finish().map_err(failed)?.flush()?;
    Ok(())
}

/// Reads the arrays of a file that may have this many bytes when they are decompressed.
pub fn read(bytes: &[u8], mut max: u64) -> Result<Value> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let mut arrays = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(failed)?;
        let name = file.name().map_err(failed)?.into_owned();
        let Some(key) = name.strip_suffix(".npy") else {
            return Err(Failure::new(format!("{name} in it is no .npy file")));
        };
        let mut bytes = Vec::new();
        let read = (&mut file).take(max.saturating_add(1)).read_to_end(&mut bytes)?;
        max = max.checked_sub(read as u64).ok_or_else(|| {
            Failure::new("it is much larger when it is decompressed")
                .hint("--max-decoded BYTES allows more, for files that you trust")
        })?;
        let array = npy::read(&bytes).map_err(|failure| failure.of(&name))?;
        arrays.push((Value::Str(key.to_owned()), array));
    }
    Ok(Value::Dict(arrays))
}

fn failed(error: ZipError) -> Failure {
    match error {
        ZipError::Io(error) => error.into(),
        error => Failure::new(error.to_string()),
    }
}
