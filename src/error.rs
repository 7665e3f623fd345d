//! One error type for the whole crate.

use std::fmt;
use std::io;
use std::path::Path;

/// What [`to_path`](crate::to_path), [`from_path`](crate::from_path) and everything else in this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, and where.
///
/// [`kind`](Error::kind) says what a program can do about it; the message says what a person needs to know.
/// Where it is known, an error also carries the place: the index of the buffer, the byte offset (in the file, or
/// in the pickle stream for [`ErrorKind::Pickle`]), and the path in the object (`/layers/0/weight`).
///
/// The error is one word wide, so that a `Result` costs nothing on the way that succeeds.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    buffer: Option<usize>,
    offset: Option<u64>,
    /// Segments from the innermost outwards: an error learns its path while it travels up.
    path: Vec<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What sort of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system, or a reader or writer that was handed in, failed.
    Io,
    /// Not a BinPickle file, or one that is cut or whose header, index or trailer contradict themselves.
    Format,
    /// A BinPickle file of a version or with flags that this crate does not read.
    Unsupported,
    /// The bytes are not those that were written: a digest or a checksum does not match.
    Integrity,
    /// The pickle stream is malformed.
    Pickle,
    /// A codec is unknown or not compiled in, its configuration is wrong, or it could not encode or decode.
    Codec,
    /// The value in the file and the Rust type do not fit each other, or a value cannot be expressed in Python.
    Data,
    /// A limit of [`LoadOptions`](crate::LoadOptions) was reached.
    Limit,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            buffer: None,
            offset: None,
            path: Vec::new(),
            source: None,
        }))
    }

    /// An error with the error that caused it.
    pub(crate) fn caused(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let mut error = Error::new(kind, message);
        error.0.source = Some(source.into());
        error
    }

    pub(crate) fn format(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Format, message)
    }

    pub(crate) fn integrity(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Integrity, message)
    }

    pub(crate) fn pickle(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Pickle, message)
    }

    pub(crate) fn data(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Data, message)
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Limit, message)
    }

    /// An error of a codec. Public, for those who implement [`Codec`](crate::codec::Codec).
    pub fn codec(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Codec, message)
    }

    /// A failure of the operating system: what was being done, and to which path.
    pub(crate) fn io(doing: &str, path: &Path, error: io::Error) -> Self {
        Error::caused(ErrorKind::Io, format!("{doing} {}: {error}", path.display()), error)
    }

    /// Puts what was being done in front of the message.
    #[must_use]
    pub(crate) fn context(mut self, context: impl fmt::Display) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// Names the buffer, unless the error knows one already.
    #[must_use]
    pub(crate) fn in_buffer(mut self, index: usize) -> Self {
        self.0.buffer.get_or_insert(index);
        self
    }

    /// Names the byte offset, unless the error knows one already.
    #[must_use]
    pub(crate) fn at(mut self, offset: u64) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// Puts a segment in front of the path in the object.
    #[must_use]
    pub(crate) fn under(mut self, segment: impl fmt::Display) -> Self {
        self.0.path.push(segment.to_string());
        self
    }

    /// What sort of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The index of the buffer where it happened, counted from 0 as in Python's `BinPickleFile.entries`.
    #[must_use]
    pub fn buffer(&self) -> Option<usize> {
        self.0.buffer
    }

    /// The byte offset where it happened: in the file, or in the pickle stream for [`ErrorKind::Pickle`].
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    /// The path in the object, such as `/layers/0/weight`.
    #[must_use]
    pub fn path(&self) -> Option<String> {
        if self.0.path.is_empty() {
            return None;
        }
        let segments = self.0.path.iter().rev();
        Some(segments.fold(String::new(), |path, segment| path + "/" + segment))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let mut separator = " (";
        if let Some(path) = self.path() {
            write!(f, "{separator}at {path}")?;
            separator = ", ";
        }
        if let Some(buffer) = self.0.buffer {
            write!(f, "{separator}buffer {buffer}")?;
            separator = ", ";
        }
        if let Some(offset) = self.0.offset {
            write!(f, "{separator}byte {offset}")?;
            separator = ", ";
        }
        if separator == ", " { f.write_str(")") } else { Ok(()) }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}, {:?})", self.0.kind, self.to_string())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::data(message.to_string())
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::data(message.to_string())
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::caused(ErrorKind::Io, error.to_string(), error)
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Io => match error.0.source.as_ref().and_then(|e| e.downcast_ref::<io::Error>()) {
                Some(source) => source.kind(),
                None => io::ErrorKind::Other,
            },
            ErrorKind::Unsupported => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_wide() {
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn says_where() {
        let error = Error::data("found a str, expected f64").under("bias").under(0).under("layers").in_buffer(3).at(17);
        assert_eq!(error.path().as_deref(), Some("/layers/0/bias"));
        assert_eq!(error.to_string(), "found a str, expected f64 (at /layers/0/bias, buffer 3, byte 17)");
        assert_eq!(Error::data("plain").to_string(), "plain");
    }

    #[test]
    fn io_errors_keep_their_kind() {
        let error = Error::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
    }
}
