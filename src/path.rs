//! Paths in an object, such as `/layers/0/weight`: JSON pointers ([RFC 6901]) over what Python calls keys, attributes
//! and indices.
//!
//! [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901

use std::borrow::Cow;

/// A key as a segment: `~` is `~0`, and `/` is `~1`.
pub(crate) fn escape(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
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

    #[test]
    fn escapes() {
        assert_eq!(["", "a", "a/b", "m~n", "~1"].map(escape), ["", "a", "a~1b", "m~0n", "~01"]);
    }
}
