//! Opening what the command line names.

use std::fs::File;
use std::io::{self, BufWriter, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};

use binpickle::{BinPickleFile, ErrorKind, LoadOptions};

use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::progress::shown;

/// The file that a command is about, and how much it may cost to read it.
#[derive(clap::Args)]
pub struct Source {
    /// The file; `-` is the standard input
    #[arg(id = "file", value_name = "FILE")]
    pub path: PathBuf,
    #[command(flatten)]
    pub limits: Limits,
}

/// What reading a file may cost.
#[derive(clap::Args)]
pub struct Limits {
    /// How many bytes all buffers together may have when they are decoded
    #[arg(long, value_name = "BYTES")]
    max_decoded: Option<u64>,
}

impl Limits {
    /// How many bytes something of this length may have when it is decompressed.
    pub fn max_decompressed(&self, len: u64) -> u64 {
        self.max_decoded.unwrap_or_else(|| len.saturating_mul(1032).max(4 << 30))
    }

    pub fn options(&self) -> LoadOptions {
        match self.max_decoded {
            Some(bytes) => LoadOptions::new().max_decoded(bytes),
            None => LoadOptions::new(),
        }
    }
}

impl Source {
    /// Opens a BinPickle file. Its buffers are read when they are needed, but for those of the standard input.
    pub fn open(&self) -> Result<BinPickleFile> {
        open(&self.path, &self.limits)
    }

    /// What the file is called to people.
    pub fn name(&self) -> String {
        name(&self.path)
    }
}

pub fn open(path: &Path, limits: &Limits) -> Result<BinPickleFile> {
    let opened = if is_standard(path) {
        shown(limits.options(), &name(path))
            .from_vec(read(path)?)
            .map_err(|error| (Failure::from(error).of(name(path)), None))
    } else {
        // The error names the path.
        shown(limits.options(), &name(path)).open(path).map_err(|error| {
            let kind = error.kind();
            (Failure::from(error), Some(kind))
        })
    };
    opened.map_err(|(failure, kind)| match kind {
        Some(ErrorKind::Format) => match start(path).ok().and_then(|start| Form::of(&start)) {
            Some(Form::BinPickle) => failure.hint("`binpickle verify` lists all that is wrong with it"),
            Some(form) => failure.hint(format!("it looks like {}; `binpickle convert` reads it", form.name())),
            None => failure,
        },
        _ => failure,
    })
}

/// The forms of files that are told apart by how they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    BinPickle,
    Pickle,
    Npz,
    Npy,
    Safetensors,
}

impl Form {
    /// The form of a file that starts like this. Pickle streams of protocols 0 and 1 start like anything.
    pub fn of(start: &[u8]) -> Option<Self> {
        Some(match start {
            [b'B', b'P', b'C', b'K', ..] => Form::BinPickle,
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Form::Npy,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Form::Npz,
            [_, _, _, _, _, _, 0, 0, b'{', ..] => Form::Safetensors,
            [0x80, 2..=5, ..] => Form::Pickle,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Form::BinPickle => "a BinPickle file",
            Form::Pickle => "a plain pickle",
            Form::Npz => "an .npz file",
            Form::Npy => "an .npy file",
            Form::Safetensors => "a .safetensors file",
        }
    }
}

/// The first bytes of a file.
pub fn start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut start)?;
    Ok(start)
}

/// A whole file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if is_standard(path) {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::new(format!("cannot read {}: {error}", name(path))))?;
    Ok(bytes)
}

/// Whether a path stands for the standard input or output.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

pub fn name(path: &Path) -> String {
    if is_standard(path) { "the standard input".to_owned() } else { path.display().to_string() }
}

/// Where a file is written.
pub trait Target: Write + Seek {}

impl<T: Write + Seek> Target for T {}

/// Writes a file whole or not at all: beside its place, and then renamed. Or to the standard output.
pub fn write(path: &Path, output: &mut Output, content: impl FnOnce(&mut dyn Target) -> Result<()>) -> Result<()> {
    // A device or a pipe is written where it is, and cannot be sought in.
    let is_stream = is_standard(path) || std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    if is_stream {
        let mut bytes = Cursor::new(Vec::new());
        content(&mut bytes)?;
        if is_standard(path) {
            return output.bytes(bytes.get_ref());
        }
        return std::fs::write(path, bytes.get_ref()).map_err(|error| cannot_write(path, &error));
    }
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.prefix(".binpickle").tempfile_in(folder).map_err(|error| cannot_write(path, &error))?;
    let mut writer = BufWriter::with_capacity(1 << 16, file);
    content(&mut writer)?;
    let file = writer.into_inner().map_err(|error| cannot_write(path, error.error()))?;
    file.persist(&target).map_err(|error| cannot_write(path, &error.error))?;
    Ok(())
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}
