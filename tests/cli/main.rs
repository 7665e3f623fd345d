//! The program `binpickle`, run on files of Rust and of Python.

#[path = "../interop/python.rs"]
#[allow(dead_code, reason = "it is shared with other tests")]
mod python;

mod convert;
mod facts;
mod from_python;
mod manners;
mod objects;
mod readme;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use binpickle::Options;
use ndarray::Array2;
use serde::Serialize;
use tempfile::TempDir;

/// What the program did.
struct Ran {
    code: i32,
    out: String,
    bytes: Vec<u8>,
    err: String,
}

/// Runs the program in a folder.
fn run_in<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Ran {
    run_with(folder, arguments, &[])
}

/// Runs the program in a folder, with something on its standard input.
fn run_with<S: AsRef<OsStr>>(folder: &Path, arguments: &[S], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_binpickle"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    // It may end without having read everything.
    _ = child.stdin.take().expect("its input").write_all(input);
    let output = child.wait_with_output().expect("its output");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        bytes: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Ran {
    /// What it printed, if all went well.
    #[track_caller]
    fn fine(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// What it said, if it failed with this code and in one line.
    #[track_caller]
    fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        self.err.trim_end().to_owned()
    }
}

#[derive(Serialize)]
struct Model {
    name: &'static str,
    weights: Array2<f32>,
    bias: Vec<f64>,
}

/// A folder with `model.bpk`, which can be mapped.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Options::mappable().to_path(&model(), folder.path().join("model.bpk")).expect("a file");
    folder
}

fn model() -> Model {
    let weights = Array2::from_shape_fn((30, 40), |(row, column)| (row * 40 + column) as f32);
    Model { name: "net", weights, bias: vec![0.5; 600] }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/scripts").join(name)
}
