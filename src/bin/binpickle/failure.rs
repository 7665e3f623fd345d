//! What is told when a command fails: one line, and what to do about it.

use std::fmt;
use std::io;

use binpickle::ErrorKind;

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    message: String,
    hint: Option<String>,
    closed_pipe: bool,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Failure { message: message.into(), hint: None, closed_pipe: false }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says of what file it is.
    #[must_use]
    pub fn of(mut self, file: impl fmt::Display) -> Self {
        self.message = format!("{file}: {}", self.message);
        self
    }

    /// Whether it is only that nobody reads any further what is printed: `binpickle list … | head`.
    pub fn is_closed_pipe(&self) -> bool {
        self.closed_pipe
    }
}

impl fmt::Display for Failure {
    /// On one line, whatever a file has put into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", crate::output::plain(&self.message))?;
        match &self.hint {
            Some(hint) => write!(f, " (hint: {hint})"),
            None => Ok(()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure { closed_pipe: error.kind() == io::ErrorKind::BrokenPipe, ..Failure::new(error.to_string()) }
    }
}

impl From<binpickle::Error> for Failure {
    fn from(error: binpickle::Error) -> Self {
        let failure = Failure::new(error.to_string());
        match error.kind() {
            ErrorKind::Io => {
                Failure { closed_pipe: io::Error::from(error).kind() == io::ErrorKind::BrokenPipe, ..failure }
            }
            ErrorKind::Integrity => failure.hint("`binpickle verify` lists all that is damaged"),
            ErrorKind::Limit => failure.hint("--max-decoded BYTES allows more, for files that you trust"),
            _ => failure,
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => io::Error::from(kind).into(),
            None => Failure::new(format!("cannot write it as JSON: {error}")),
        }
    }
}
