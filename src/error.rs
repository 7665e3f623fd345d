//! One error type for the whole crate.

use std::fmt;
use std::io;
use std::path::Path;

use serde::de::{Expected, Unexpected};

use crate::path;

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

    /// An error of the same kind and message, which has not travelled yet.
    pub(crate) fn again(&self) -> Self {
        Error::new(self.0.kind, self.0.message.clone())
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
        self.0.path.push(path::escape(&segment.to_string()).into_owned());
        self
    }

    /// Puts a whole path in front of the path in the object.
    #[must_use]
    pub(crate) fn under_path(mut self, path: &str) -> Self {
        self.0.path.extend(path.strip_prefix('/').map(str::to_owned));
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

    /// The path in the object, such as `/layers/0/weight`: through the keys of dicts, the attributes of instances, and the
    /// indices of lists and arrays. It is written as for [`BinPickleFile::at`](crate::BinPickleFile::at), but that very
    /// long keys are cut. `None` is the object itself, or an error that is not about the object.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// let file = binpickle::to_vec(&BTreeMap::from([("layers", [("dense", 3), ("relu", 300)])]))?;
    /// let error = binpickle::from_slice::<BTreeMap<String, Vec<(String, u8)>>>(&file).unwrap_err();
    /// assert_eq!(error.path().unwrap(), "/layers/1/1");
    /// assert_eq!(error.to_string(), "found the int 300, expected u8 (at /layers/1/1)");
    /// # Ok::<(), binpickle::Error>(())
    /// ```
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

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Error::data(format!("found {}, expected {expected}", Found(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        let plural = if found == 1 { "" } else { "s" };
        Error::data(format!("found {found} element{plural}, expected {expected}"))
    }
}

/// What was found, in Python's words.
struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => write!(f, "the bool {value}"),
            Unexpected::Unsigned(value) => write!(f, "the int {value}"),
            Unexpected::Signed(value) => write!(f, "the int {value}"),
            Unexpected::Float(value) => write!(f, "the float {value:?}"),
            Unexpected::Char(value) => write!(f, "the str {:?}", value.to_string()),
            Unexpected::Str(text) => write!(f, "the str {:?}", path::abridged(text)),
            Unexpected::Bytes(_) => f.write_str("bytes"),
            Unexpected::Unit | Unexpected::Option => f.write_str("None"),
            Unexpected::Seq => f.write_str("a sequence"),
            Unexpected::Map => f.write_str("a dict"),
            other => other.fmt(f),
        }
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
        let error = Error::data("wrong").under("a/b").under("~").under_path("/layers/0").under_path("");
        assert_eq!(error.path().as_deref(), Some("/layers/0/~0/a~1b"));
    }

    #[test]
    fn speaks_of_python() {
        use serde::de::Error as _;
        let said = |found| Error::invalid_type(found, &"u8").to_string();
        assert_eq!(said(Unexpected::Str("x")), r#"found the str "x", expected u8"#);
        assert_eq!(said(Unexpected::Float(1.0)), "found the float 1.0, expected u8");
        assert_eq!(said(Unexpected::Unit), "found None, expected u8");
        assert!(said(Unexpected::Str(&"x".repeat(1_000_000))).len() < 300);
        assert_eq!(Error::invalid_length(1, &"a pair").to_string(), "found 1 element, expected a pair");
    }

    #[test]
    fn io_errors_keep_their_kind() {
        let error = Error::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
    }
}
