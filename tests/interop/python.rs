//! Real Pythons to test against: virtual environments of pinned packages, made once and kept in `target/python`.

use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop");

/// A Python with the packages of one requirements file.
pub struct Python {
    /// The environment's name, which tells its requirements file: `numpy2`, `numpy1`, `pandas15`, `binpickle03` or
    /// `numcodecs12`.
    pub name: &'static str,
    executable: PathBuf,
}

/// The newest numpy and pandas; none where there is no Python.
pub fn newest() -> Option<&'static Python> {
    static NEWEST: OnceLock<Option<Python>> = OnceLock::new();
    NEWEST.get_or_init(|| Python::new("numpy2", 11..=u32::MAX)).as_ref()
}

/// numpy 1.26 and pandas 2; none where there is no Python.
pub fn numpy1() -> Option<&'static Python> {
    static NUMPY1: OnceLock<Option<Python>> = OnceLock::new();
    NUMPY1.get_or_init(|| Python::new("numpy1", 11..=12)).as_ref()
}

/// pandas 1.5; none where there is no Python.
#[allow(dead_code, reason = "only the tests of data frames need it")]
pub fn pandas15() -> Option<&'static Python> {
    static PANDAS15: OnceLock<Option<Python>> = OnceLock::new();
    PANDAS15.get_or_init(|| Python::new("pandas15", 11..=11)).as_ref()
}

/// binpickle 0.3, which reads and writes version 1; none where there is no Python.
#[allow(dead_code, reason = "the tests of the codecs do not need it")]
pub fn binpickle03() -> Option<&'static Python> {
    static BINPICKLE03: OnceLock<Option<Python>> = OnceLock::new();
    BINPICKLE03.get_or_init(|| Python::new("binpickle03", 11..=12)).as_ref()
}

/// numcodecs 0.12, the oldest that is tested, and numpy 1.26; none where there is no Python.
#[allow(dead_code, reason = "only the tests of the codecs need it")]
pub fn numcodecs12() -> Option<&'static Python> {
    static NUMCODECS12: OnceLock<Option<Python>> = OnceLock::new();
    NUMCODECS12.get_or_init(|| Python::new("numcodecs12", 11..=12)).as_ref()
}

/// Both versions of numpy, and pandas 2 and 3, with the newest binpickle and numcodecs; none where there is no Python.
pub fn all() -> impl Iterator<Item = &'static Python> {
    [newest(), numpy1()].into_iter().flatten()
}

impl Python {
    /// Makes the environment, unless it has been made. Its packages exist for these minor versions of Python 3.
    ///
    /// # Panics
    ///
    /// If pip fails; and if there is no such Python but the environment variable `CI` says that there should be.
    fn new(name: &'static str, versions: RangeInclusive<u32>) -> Option<Self> {
        let candidates = ["python3", "python3.12", "python3.11"];
        let Some(python) =
            candidates.iter().find(|python| minor_version(python).is_some_and(|v| versions.contains(&v)))
        else {
            let ci = env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!ci, "there is no Python for {name}");
            // Straight to stderr: what `eprintln!` says is not shown when a test passes.
            _ = writeln!(std::io::stderr(), "\n*** SKIPPED, for there is no Python for it: what needs {name} ***\n");
            return None;
        };
        let folder = target().join("python").join(name);
        let requirements = Path::new(HERE).join(format!("requirements-{name}.txt"));
        run(Path::new(python), &script("make_venv.py"), &[requirements.as_os_str(), folder.as_os_str()]);
        Some(Python { name, executable: folder.join("bin/python") })
    }

    /// Runs one of the scripts beside this file and gives what it prints. Warnings are errors.
    ///
    /// # Panics
    ///
    /// If the script fails, with all that it said.
    #[track_caller]
    pub fn script(&self, name: &str, arguments: &[&OsStr]) -> String {
        self.run(&script(name), arguments)
    }

    /// As [`Python::script`], with a script that lies elsewhere.
    #[track_caller]
    pub fn run(&self, script: &Path, arguments: &[&OsStr]) -> String {
        run(&self.executable, script, arguments)
    }
}

/// The 11 of a Python 3.11.
fn minor_version(python: &str) -> Option<u32> {
    let output = Command::new(python).args(["-c", "import sys; print(sys.version_info.minor)"]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

fn script(name: &str) -> PathBuf {
    Path::new(HERE).join("scripts").join(name)
}

/// The target folder: tests and examples lie two folders below it.
pub fn target() -> PathBuf {
    let executable = env::current_exe().expect("the path of this program");
    executable.ancestors().nth(3).expect("target/<profile>/<kind>/<program>").to_owned()
}

#[track_caller]
fn run(python: &Path, script: &Path, arguments: &[&OsStr]) -> String {
    let output = Command::new(python)
        .args(["-B", "-W", "error"])
        .arg(script)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} failed:\n{stdout}{stderr}", script.display());
    stdout.into_owned()
}
