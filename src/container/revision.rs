//! The revisions of the format.

/// A revision of the BinPickle format. A reader sees in the file which one it is.
///
/// | revision | binpickle for Python | version in the header | digests | codecs |
/// |---|---|---|---|---|
/// | [`V1`](Revision::V1) | 0.1 to 0.3.4, what `pip install binpickle` gives | 1 | Adler-32 | its own, numcodecs among them |
/// | [`V2`](Revision::V2) | 0.4.0a1 to a5, with `pip install --pre` | 2 | SHA-256 | numcodecs |
/// | [`V2Mac`](Revision::V2Mac) | the main branch, in no release | 2 | SHA-256 | numcodecs |
///
/// In Python each is read by the packages that write it, and by no others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revision {
    /// What binpickle 0.1 to 0.3.4 for Python writes and reads.
    ///
    /// Its digests are checksums, Adler-32: damage by chance is found, such as any flipped bit, but it is easy to make another
    /// file with the same ones. Python never checks those of buffers; this crate does. There is no mark of a mappable file, and
    /// no word of what is an array.
    ///
    /// Codecs are written as that Python has them: `zlib` as its own `gz`, any other one as its `numcodec`, for which Python needs
    /// numcodecs, and several as its `chain`. `gzip` by its name, the default, is `gz` too: a zlib stream, for which Python needs
    /// nothing else. What Python's own codecs are when they are read:
    ///
    /// | in the file | [`codecs`](crate::Entry::codecs) |
    /// |---|---|
    /// | none, `null` | none |
    /// | `gz` | `zlib` |
    /// | `numcodec` | that codec |
    /// | `chain` | the codecs one by one |
    /// | `blosc`, pieces of up to 1 GiB | `binpickle.blosc`, with `name`, `level` and `shuffle`; it can be written too |
    /// | any other one, `own` | `binpickle.own`, for which a [`Registry`](crate::codec::Registry) must have a codec |
    ///
    /// ```
    /// use binpickle::{Options, Revision};
    ///
    /// let weights = vec![1.0f64; 10_000];
    /// let file = Options::new().revision(Revision::V1).to_vec(&weights)?;
    /// assert_eq!(binpickle::from_slice::<Vec<f64>>(&file)?, weights);
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    V1,
    /// What binpickle 0.4 for Python writes and reads: version 2, SHA-256.
    #[default]
    V2,
    /// Version 2 with room for a message authentication code in the trailer, which is zero unless there is a
    /// [key](crate::Options::mac_key). The main branch of binpickle for Python writes and reads it, with zeros only; no
    /// release does.
    V2Mac,
}

impl Revision {
    /// The version in the header.
    #[must_use]
    pub fn version(self) -> u16 {
        match self {
            Revision::V1 => 1,
            Revision::V2 | Revision::V2Mac => 2,
        }
    }

    /// The revisions that a file with this version in its header may be of.
    pub(super) fn of_version(version: u16) -> &'static [Revision] {
        match version {
            1 => &[Revision::V1],
            2 => &[Revision::V2, Revision::V2Mac],
            _ => &[],
        }
    }

    /// The length of a digest in the trailer, in bytes.
    pub(super) fn digest_len(self) -> usize {
        match self {
            Revision::V1 => 4,
            Revision::V2 | Revision::V2Mac => 32,
        }
    }

    /// The length of the room for a message authentication code, in bytes.
    pub(super) fn mac_len(self) -> usize {
        match self {
            Revision::V1 | Revision::V2 => 0,
            Revision::V2Mac => 32,
        }
    }

    /// Whether the header has flags.
    pub(super) fn has_flags(self) -> bool {
        self != Revision::V1
    }
}
