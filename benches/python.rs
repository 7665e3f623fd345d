//! Python, in a process of its own that does what it is told.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

pub struct Python {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts the Python of `BINPICKLE_PYTHON`, if there is one.
    pub fn start() -> Option<Self> {
        let mut child = Command::new(std::env::var_os("BINPICKLE_PYTHON")?)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/python.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("BINPICKLE_PYTHON starts");
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Some(Python { child, commands, answers })
    }

    /// Does one thing with a file, and says how long it took.
    pub fn run(&mut self, command: &str, path: &Path) -> Duration {
        writeln!(self.commands, "{command} {}", path.display()).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        Duration::from_secs_f64(answer.trim().parse().expect("Python answers with seconds"))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
