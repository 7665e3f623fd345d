//! Sizes for people.

use std::fmt;

/// A number of bytes, as people say it: `12 B`, `3.4 kB`, `1.2 MB`, in powers of a thousand.
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Size(bytes) = *self;
        if bytes < 1000 {
            return write!(f, "{bytes} B");
        }
        let mut units = ["kB", "MB", "GB", "TB", "PB", "EB"].into_iter();
        let (mut unit, mut size) = (units.next(), bytes as f64 / 1000.0);
        // What would be rounded to 1000.0 is 1.0 of the next.
        while size >= 999.95 {
            (unit, size) = (units.next(), size / 1000.0);
        }
        write!(f, "{size:.1} {}", unit.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_right_unit() {
        let sizes = [0, 999, 1000, 1049, 1050, 999_949, 999_950, 1_200_000, 4 << 30, u64::MAX];
        assert_eq!(
            sizes.map(|size| Size(size).to_string()),
            ["0 B", "999 B", "1.0 kB", "1.0 kB", "1.1 kB", "999.9 kB", "1.0 MB", "1.2 MB", "4.3 GB", "18.4 EB"]
        );
    }
}
