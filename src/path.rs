//! Paths in an object, such as `/layers/0/weight`: JSON pointers ([RFC 6901]) over what Python calls keys, attributes
//! and indices.
//!
//! [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901

use std::borrow::Cow;

use crate::error::{Error, Result};

/// The segments of a path. The empty path has none: it is the object itself.
pub(crate) fn segments(path: &str) -> Result<impl Iterator<Item = Cow<'_, str>>> {
    let mut segments = path.split('/');
    // What is before the first slash.
    if segments.next() != Some("") {
        return Err(Error::data(format!("the path {path:?} does not begin with a slash")));
    }
    Ok(segments.map(unescape))
}

fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') { segment.replace("~1", "/").replace("~0", "~").into() } else { segment.into() }
}

/// A key as a segment: `~` is `~0`, and `/` is `~1`.
pub(crate) fn escape(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

/// The index that a segment is: decimal digits, without zeros in front.
pub(crate) fn index(segment: &str) -> Option<usize> {
    let canonical = segment == "0" || !segment.starts_with(['0', '+']);
    segment.parse().ok().filter(|_| canonical)
}

/// How much of a text an error repeats.
pub(crate) const LONGEST: usize = 200;

/// A text as an error repeats it.
pub(crate) fn abridged(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        return text.into();
    }
    let end = (0..=LONGEST).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}…", &text[..end]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(path: &str) -> Vec<String> {
        segments(path).unwrap().map(Cow::into_owned).collect()
    }

    #[test]
    fn as_in_the_rfc() {
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("/"), [""]);
        assert_eq!(split("/layers/0/weight"), ["layers", "0", "weight"]);
        assert_eq!(split("/a~1b/m~0n/~01//"), ["a/b", "m~n", "~1", "", ""]);
        assert!(segments("layers").is_err());
        for key in ["", "~", "/", "~1", "a/b~c", "~0/"] {
            assert_eq!(split(&format!("/{}", escape(key))), [key]);
        }
    }

    #[test]
    fn indices() {
        let found = ["0", "10", "", "00", "01", "+1", "-1", "x", "99999999999999999999"].map(index);
        assert_eq!(found[..2], [Some(0), Some(10)]);
        assert!(found[2..].iter().all(Option::is_none));
    }
}
