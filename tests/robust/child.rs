//! Tests that run in a process of their own: this very program, which is told to run one test.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

const ROLE: &str = "BINPICKLE_CHILD";
const PATH: &str = "BINPICKLE_CHILD_PATH";

/// A command that runs a test of this program as a child, with a path to work on.
pub fn command(test: &str, path: &OsStr) -> Command {
    through(&[], test, path)
}

/// As [`command`], through another program that runs it.
pub fn through(program: &[&OsStr], test: &str, path: &OsStr) -> Command {
    let this = env::current_exe().expect("this program");
    let mut words = program.iter().copied().chain([this.as_os_str()]);
    let mut command = Command::new(words.next().expect("at least this program"));
    command.args(words).args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, test).env(PATH, path);
    command
}

/// The path, if this process is the child that runs the test; otherwise the test has nothing to do.
pub fn path(test: &str) -> Option<PathBuf> {
    (env::var_os(ROLE)? == test).then(|| env::var_os(PATH).expect("a path").into())
}
