//! Parts of the object in a file.

use std::fmt;

use serde::Deserialize;

use crate::de::Place;
use crate::dtype::DType;
use crate::error::Result;
use crate::file::BinPickleFile;
use crate::path;

/// A part of the object in a file, which [`BinPickleFile::at`] found by its path. Nothing of it has been loaded yet.
///
/// Only what it is made of is loaded: the buffers of other parts are not read, not verified and not decoded.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use binpickle::BinPickleFile;
/// use ndarray::Array2;
///
/// let layer = |width| BTreeMap::from([("weight", Array2::<f32>::ones((width, 1000)))]);
/// let file = BinPickleFile::from_vec(binpickle::to_vec(&BTreeMap::from([("layers", [layer(2), layer(3)])]))?)?;
///
/// let layers = file.at("/layers")?;
/// for layer in layers.children() {
///     let weight = layer.at("/weight")?;
///     println!("{}: {} of {:?}", weight.path(), weight.type_name(), weight.shape());
/// }
/// // Only now something is read.
/// let weight: Array2<f32> = layers.at("/1/weight")?.load()?;
/// assert_eq!(weight.dim(), (3, 1000));
/// # Ok::<(), binpickle::Error>(())
/// ```
#[derive(Clone)]
pub struct Part<'file> {
    file: &'file BinPickleFile,
    place: Place,
    path: String,
}

impl<'file> Part<'file> {
    /// The whole object.
    pub(crate) fn root(file: &'file BinPickleFile) -> Result<Self> {
        Ok(Part { file, place: Place::Node(file.parse()?.root()), path: String::new() })
    }

    /// A part of this part, by its path from here.
    pub fn at(&self, path: &str) -> Result<Part<'file>> {
        let arena = self.file.parse()?;
        let mut part = self.clone();
        for segment in path::segments(path)? {
            part.place = part.place.step(arena, &segment).map_err(|error| error.under_path(&part.path))?;
            part.push(&segment);
        }
        Ok(part)
    }

    /// Loads it. It may borrow from the file. The limits are those of the whole object, for this part alone.
    pub fn load<T: Deserialize<'file>>(&self) -> Result<T> {
        let loaded = self.file.load_at(self.place);
        loaded.map_err(|error| error.under_path(&self.path))
    }

    /// Its path in the object; empty for the whole object.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The keys of a dict, the names of an instance's attributes, the indices of a list, tuple, set or array of objects:
    /// what a path may go on with, each as text. An array of numbers is in one piece, and has none.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.inner().map(|(key, _)| key).collect()
    }

    /// What is in it: for each of its [`keys`](Part::keys), the part there.
    ///
    /// The path of a child whose key is neither text, number, bool nor `None` ends with a `?`, and leads nowhere. Of children
    /// whose keys are the same as text, it leads to one: the one whose key is text, and of those the one that was set last.
    #[must_use]
    pub fn children(&self) -> Vec<Part<'file>> {
        let child = |(key, place): (String, Place)| {
            let mut part = Part { place, ..self.clone() };
            part.push(&key);
            part
        };
        self.inner().map(child).collect()
    }

    /// The name of its type in Python: `dict`, `numpy.ndarray`, `sklearn.cluster._kmeans.KMeans`. For an instance that
    /// a function made, the name of the function.
    #[must_use]
    pub fn type_name(&self) -> String {
        match self.file.parse().and_then(|arena| self.place.type_name(arena)) {
            Ok(("builtins" | "__builtin__", name)) => name.into_owned(),
            Ok((module, name)) => format!("{module}.{name}"),
            Err(_) => "object".to_owned(),
        }
    }

    /// The dtype of an array, or of a numpy scalar.
    #[must_use]
    pub fn dtype(&self) -> Option<DType> {
        self.array().map(|(dtype, _)| dtype)
    }

    /// The length of each axis of an array; a numpy scalar has none.
    #[must_use]
    pub fn shape(&self) -> Option<Vec<usize>> {
        self.array().map(|(_, shape)| shape)
    }

    fn push(&mut self, key: &str) {
        self.path.push('/');
        self.path.push_str(&path::escape(key));
    }

    /// Keys and places. What cannot be understood has none, and `load` says why.
    fn inner(&self) -> impl Iterator<Item = (String, Place)> + use<'file> {
        let inner = self.file.parse().and_then(|arena| self.place.children(arena)).unwrap_or_default();
        inner.into_iter().map(|(key, place)| (key.into_owned(), place))
    }

    fn array(&self) -> Option<(DType, Vec<usize>)> {
        let arena = self.file.parse().ok()?;
        let array = self.place.array(arena, |buffer| self.file.buffer_len(buffer)).ok()??;
        Some((array.0, array.1.to_vec()))
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("path", &self.path).field("type_name", &self.type_name()).finish_non_exhaustive()
    }
}

impl BinPickleFile {
    /// Finds a part of the object: `file.at("/layers/0/weight")?.load::<Array2<f32>>()?` loads one array, and reads no
    /// other.
    ///
    /// A path is a JSON pointer, as the [path of an error](crate::Error::path) is: each slash is followed by
    ///
    /// - a key of a `dict`: a text, or what a number, a bool or `None` prints as,
    /// - the name of an attribute of an instance, or a key that was set in it,
    /// - the index of an element of a `list`, `tuple`, `set` or array of objects, of a field of a namedtuple, or of an
    ///   element of an instance that is like a list.
    ///
    /// `~` in a key is written `~0`, and a slash `~1`. The empty path is the whole object.
    ///
    /// The pickle stream is parsed at the first call, and kept with the file for those that follow. An error says how
    /// far the path leads and what is there.
    pub fn at(&self, path: &str) -> Result<Part<'_>> {
        Part::root(self)?.at(path)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use ndarray::{Array1, Array2};

    use crate::bytes::Map;
    use crate::container::{Input, Memory, ReadOptions, Reader};
    use crate::error::{ErrorKind, Result};
    use crate::{BinPickleFile, Entry, LoadOptions, Options, Value};

    /// A file that is read in pieces, and takes note of each.
    struct Counted {
        bytes: Vec<u8>,
        reads: Arc<Mutex<Vec<(u64, u64)>>>,
    }

    impl Input for Counted {
        fn len(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
            self.reads.lock().unwrap().push((offset, offset + out.len() as u64));
            Memory(&*self.bytes).read_at(offset, out)
        }
    }

    /// Four layers of a weight and a bias each, and a vector as large as a digest that is worth a thread.
    fn file(options: &Options) -> Vec<u8> {
        let layer = |n: u8| {
            BTreeMap::from([
                ("weight", Array2::from_elem((64, 100), f32::from(n))),
                ("bias", Array2::from_elem((1, 2000), f32::from(n) + 0.5)),
            ])
        };
        let mut model = BTreeMap::from([("layers", (0..4).map(layer).collect::<Vec<_>>())]);
        model.insert("zeros", vec![BTreeMap::from([("all", Array2::<f32>::zeros((1 << 10, 1 << 9)))])]);
        options.to_vec(&model).unwrap()
    }

    fn layouts() -> [Options; 3] {
        [Options::mappable(), Options::new(), Options::compressed("zlib")]
    }

    /// The buffers that some reads touched.
    fn touched(file: &BinPickleFile, reads: &[(u64, u64)]) -> Vec<usize> {
        let meets = |number: &usize| {
            let entry = &file.entries()[*number];
            reads.iter().any(|&(start, end)| start < entry.offset() + entry.encoded_len() && entry.offset() < end)
        };
        (0..file.entries().len()).filter(meets).collect()
    }

    #[test]
    fn positioned_reads_of_what_is_needed() {
        for options in layouts() {
            let reads = Arc::default();
            let input = Counted { bytes: file(&options), reads: Arc::clone(&reads) };
            let file = LoadOptions::new().opened(Reader::open(input, ReadOptions::default()).unwrap());
            let taken = || touched(&file, &std::mem::take(&mut *reads.lock().unwrap()));
            assert_eq!(taken(), []); // header, trailer, index
            let part = file.at("/layers/2").unwrap();
            assert_eq!(taken(), [9]); // the stream
            assert_eq!(part.keys(), ["bias", "weight"]);
            let weight = part.at("/weight").unwrap();
            assert_eq!((weight.shape(), weight.dtype().unwrap().name().as_str()), (Some(vec![64, 100]), "float32"));
            assert_eq!(taken(), []);
            assert_eq!(weight.load::<Array2<f32>>().unwrap(), Array2::from_elem((64, 100), 2.0));
            assert_eq!(taken(), [5]);
            let layer = file.at("/layers/1").unwrap().load::<BTreeMap<String, Array2<f32>>>().unwrap();
            assert_eq!(layer["bias"], Array2::from_elem((1, 2000), 1.5));
            assert_eq!(taken(), [2, 3]);
            assert_eq!(file.at("/zeros/0/all").unwrap().load::<Array2<f32>>().unwrap().len(), 1 << 19);
            assert_eq!(taken(), [8]);
        }
    }

    #[test]
    fn of_a_map_what_is_needed() {
        let bytes = file(&Options::mappable());
        let file = LoadOptions::new().opened(Reader::open(Map::of_copy(&bytes), ReadOptions::default()).unwrap());
        assert_eq!(file.used_buffers(), []);
        let weight = file.at("/layers/2/weight").unwrap().load::<Array2<f32>>().unwrap();
        assert_eq!(weight, Array2::from_elem((64, 100), 2.0));
        assert_eq!(file.used_buffers(), [5, 9]);
        file.at("/layers/0").unwrap().load::<Value>().unwrap();
        assert_eq!(file.used_buffers(), [0, 1, 5, 9]);
    }

    /// Whatever the codecs: all buffers but one and the stream may be damaged.
    #[test]
    fn damage_elsewhere_does_no_harm() {
        for options in layouts() {
            let mut bytes = file(&options);
            let entries: Vec<u64> =
                BinPickleFile::from_vec(bytes.clone()).unwrap().entries().iter().map(Entry::offset).collect();
            for number in [0, 1, 2, 3, 4, 6, 7, 8] {
                bytes[entries[number] as usize + 20] ^= 1;
            }
            let map = Reader::open(Map::of_copy(&bytes), ReadOptions::default()).unwrap();
            let reads = Arc::default();
            let read = Reader::open(Counted { bytes, reads }, ReadOptions::default()).unwrap();
            for reader in [map, read] {
                let file = LoadOptions::new().opened(reader);
                let weight = |layer| file.at(&format!("/layers/{layer}/weight"))?.load::<Array2<f32>>();
                assert_eq!(weight(2).unwrap(), Array2::from_elem((64, 100), 2.0));
                let error = weight(1).unwrap_err();
                let place = (error.kind(), error.buffer(), error.path());
                assert_eq!(place, (ErrorKind::Integrity, Some(3), Some("/layers/1/weight".to_owned())));
                assert_eq!(file.load::<Value>().unwrap_err().kind(), ErrorKind::Integrity);
            }
        }
    }

    #[test]
    fn limits_and_strictness() {
        let bytes = binpickle_of_stream(b"}(X\x01\0\0\0aK\x01X\x01\0\0\0b](K\x01K\x02K\x03eu.");
        let file = LoadOptions::new().max_nodes(2).from_vec(bytes.clone()).unwrap();
        assert_eq!(file.at("/a").unwrap().load::<u8>().unwrap(), 1);
        assert_eq!(file.at("/b").unwrap().load::<Vec<u8>>().unwrap_err().kind(), ErrorKind::Limit);
        let file = LoadOptions::new().max_depth(1).from_vec(bytes).unwrap();
        assert_eq!(file.at("/a").unwrap_err().kind(), ErrorKind::Limit);
        let unasked = Options::new().inline_below(0).to_vec(&Array1::<u8>::zeros(9)).unwrap();
        assert!(LoadOptions::new().strict(true).from_vec(unasked).unwrap().at("").is_ok());
    }

    fn binpickle_of_stream(stream: &[u8]) -> Vec<u8> {
        let value: Value = crate::pickle::from_slice(stream).unwrap();
        Options::new().to_vec(&value).unwrap()
    }
}
