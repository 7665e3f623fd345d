//! Paths of `pathlib` as text: Python writes their parts, or what they were made from.

use super::arena::{Arena, Node};
use super::standard::PathParts;

impl Arena<'_> {
    /// How many bytes the text of a path has at most; `None` if a part is no text.
    pub(crate) fn path_len(&self, path: &PathParts) -> Option<usize> {
        self.path_parts(path).try_fold(1, |sum, part| Some(sum + part?.len() + 1))
    }

    /// A path as Python's `str` shows it.
    pub(crate) fn path_text(&self, path: &PathParts) -> String {
        let parts = self.path_parts(path).flatten();
        if path.is_windows { windows(parts) } else { posix(parts) }
    }

    fn path_parts(&self, path: &PathParts) -> impl Iterator<Item = Option<&str>> {
        self.items(path.parts).map(|part| match self.node(part) {
            Node::Str(text) => Some(text),
            _ => None,
        })
    }
}

/// Joins parts: one that is absolute starts anew.
fn posix<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let mut root = "";
    let mut names = Vec::new();
    for part in parts {
        if part.starts_with('/') {
            names.clear();
            // POSIX leaves it to the system what two slashes mean.
            root = if part.starts_with("//") && !part.starts_with("///") { "//" } else { "/" };
        }
        names.extend(part.split('/').filter(|name| !name.is_empty() && *name != "."));
    }
    or_here(root.to_owned() + &names.join("/"))
}

/// Joins parts: one with another drive starts anew, one with a root keeps no more than the drive.
fn windows<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let (mut drive, mut root) = ("", "");
    let mut names = Vec::new();
    for part in parts {
        let (new_drive, rest) = part.split_at(drive_len(part));
        let has_root = rest.starts_with(['/', '\\']);
        if has_root || !new_drive.is_empty() && !new_drive.eq_ignore_ascii_case(drive) {
            names.clear();
            root = if has_root || new_drive.len() > 2 { "\\" } else { "" };
        }
        if !new_drive.is_empty() {
            drive = new_drive;
        }
        names.extend(rest.split(['/', '\\']).filter(|name| !name.is_empty() && *name != "."));
    }
    or_here(drive.replace('/', "\\") + root + &names.join("\\"))
}

/// How long the drive is at the beginning of a path: `C:`, or `\\\\host\\share`.
fn drive_len(part: &str) -> usize {
    let bytes = part.as_bytes();
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    match bytes {
        [first, second, rest @ ..] if is_separator(first) && is_separator(second) => {
            let mut separators = rest.iter().enumerate().filter(|(_, byte)| is_separator(byte)).map(|(place, _)| place);
            let (_, end) = (separators.next(), separators.next());
            2 + end.unwrap_or(rest.len())
        }
        [letter, b':', ..] if letter.is_ascii() => 2,
        _ => 0,
    }
}

fn or_here(path: String) -> String {
    if path.is_empty() { ".".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What CPython 3.11 to 3.13 write, and the `str` of it there.
    #[test]
    fn parts_become_paths() {
        for (parts, text) in [
            (&["/", "some", "where"][..], "/some/where"),
            (&["some", "where"], "some/where"),
            (&["a", "/b"], "/b"),
            (&["a//b/./c/"], "a/b/c"),
            (&["//", "x", "y"], "//x/y"),
            (&["//x/y"], "//x/y"),
            (&["///x"], "/x"),
            (&[], "."),
            (&["."], "."),
        ] {
            assert_eq!(posix(parts.iter().copied()), text, "{parts:?}");
        }
        for (parts, text) in [
            (&["C:\\", "x", "y"][..], "C:\\x\\y"),
            (&["C:", "x", "y"], "C:x\\y"),
            (&["C:x", "y"], "C:x\\y"),
            (&["c:/x", "y"], "c:\\x\\y"),
            (&["a", "\\b"], "\\b"),
            (&["C:\\a", "\\b"], "C:\\b"),
            (&["C:\\a", "D:b"], "D:b"),
            (&["C:\\a", "c:b"], "c:\\a\\b"),
            (&["\\\\h\\s\\", "x"], "\\\\h\\s\\x"),
            (&["//h/s/x"], "\\\\h\\s\\x"),
            (&["é:x"], "é:x"),
            (&[], "."),
        ] {
            assert_eq!(windows(parts.iter().copied()), text, "{parts:?}");
        }
    }
}
