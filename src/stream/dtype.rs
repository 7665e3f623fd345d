//! numpy's dtypes, as the objects of a stream describe them.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use rustc_hash::FxHashMap;

use super::arena::{Arena, Node, NodeId};
use super::array::Shape;
use super::known::Known;
use super::records::Record;
use crate::dtype::{DType, Kind, TimeUnit};
use crate::error::{Error, ErrorKind, Result};

/// How deep structured dtypes may be nested.
const MAX_DEPTH: u32 = 32;

const LONG_DOUBLE: &str = "a numpy longdouble, whose format (80 bits on most machines) is not the same everywhere and \
     has no type in Rust: convert it in Python with astype('float64') or astype('complex128')";

const SUB_ARRAY: &str = "an array whose items are arrays, which numpy does not make";

/// A dtype, as far as this crate tells them apart.
#[derive(Clone, Debug)]
pub(super) enum Described<'de> {
    Fixed(Item<'de>),
    Object,
    /// numpy's `StringDType`, whose arrays are written like those of objects.
    Text,
    /// Items that are arrays. They occur in fields only.
    SubArray(Item<'de>, Shape),
    /// What no Rust type could hold, in words that follow "found".
    Refused(&'static str),
}

/// What an item of fixed size is: a number, a text, or a record.
#[derive(Clone, Debug)]
pub(crate) struct Item<'de> {
    /// Of a record: so many bytes.
    pub(crate) dtype: DType,
    pub(crate) record: Option<Arc<Record<'de>>>,
}

/// What a node says as a dtype, if it is one.
type Outcome<'de> = Result<Option<Described<'de>>>;

/// The dtypes of a stream that hold others, for many arrays may share one.
#[derive(Debug, Default)]
pub(super) struct DTypes<'de> {
    /// Those that are none, or wrong, too: a file that is loaded again and again does not read them again.
    known: FxHashMap<NodeId, Outcome<'de>>,
    /// How many fields have been read.
    pub(super) fields: AtomicUsize,
}

/// Reads dtypes that may hold others, each of them once.
pub(super) struct Reading<'a, 'de> {
    pub(super) arena: &'a Arena<'de>,
    /// `None` is one that is being read.
    known: RefCell<FxHashMap<NodeId, Option<Outcome<'de>>>>,
}

impl From<DType> for Item<'_> {
    fn from(dtype: DType) -> Self {
        Item { dtype, record: None }
    }
}

impl<'de> Arena<'de> {
    /// A dtype: its name, or `numpy.dtype(name, …)` with the state
    /// `(version, byte order, subarray, names, fields, itemsize, alignment, flags[, metadata])`.
    ///
    /// `None` is something else; an error is a dtype that contradicts itself.
    pub(super) fn dtype(&self, id: NodeId) -> Result<Option<Described<'de>>> {
        Reading { arena: self, known: RefCell::default() }.dtype(id, 0)
    }

    /// Reads these dtypes once and for all. What is wrong with one shows when it is asked for.
    pub(super) fn read_dtypes(&mut self, ids: &[NodeId]) {
        let reading = Reading { arena: self, known: RefCell::default() };
        for &id in ids {
            let _ = reading.dtype(id, 0);
        }
        let known = reading.known.into_inner().into_iter();
        self.dtypes_read.known = known.filter_map(|(id, outcome)| Some((id, outcome?))).collect();
    }

    /// A dtype of plain items, with what its state says beyond its name.
    fn in_order(&self, dtype: DType, order: NodeId, itemsize: NodeId, rest: &[NodeId]) -> Option<Described<'de>> {
        let Node::Str(order @ ("<" | ">" | "=" | "|")) = self.node(order) else { return None };
        // numpy says -1 where the name tells the size.
        let itemsize = match (dtype.kind(), self.node(itemsize)) {
            (Kind::Str | Kind::Bytes | Kind::Void, Node::Int(size @ 0..)) => usize::try_from(size).ok()?,
            _ => dtype.itemsize(),
        };
        let unit = match dtype.kind() {
            Kind::DateTime | Kind::TimeDelta => match rest {
                [_, _, metadata, ..] => Some(self.time_unit(*metadata)?),
                _ => dtype.unit(),
            },
            _ => None,
        };
        let dtype = DType::new(dtype.kind(), itemsize, order == ">")?.with_unit(unit);
        Some(Described::Fixed(dtype.into()))
    }

    /// `(None, (b'ns', count, 1, 1))`
    fn time_unit(&self, metadata: NodeId) -> Option<TimeUnit> {
        let &[_, unit] = self.tuple_node(metadata)? else { return None };
        let &[code, count, divisor, ..] = self.tuple_node(unit)? else { return None };
        let (Node::Int(count), Node::Int(1)) = (self.node(count), self.node(divisor)) else { return None };
        TimeUnit::new(std::str::from_utf8(self.raw_bytes(code)?).ok()?, u32::try_from(count).ok()?)
    }
}

impl<'de> Reading<'_, 'de> {
    pub(super) fn dtype(&self, id: NodeId, depth: u32) -> Result<Option<Described<'de>>> {
        let object = match (self.arena.node(id), self.arena.call(id)) {
            (Node::Str(name), _) => return Ok(named(name)),
            (Node::Tuple(_), _) => return self.read_once(id, depth, || self.pair(id, depth)),
            (_, Some((_, Known::StringDType))) => return Ok(Some(Described::Text)),
            (_, Some((object, Known::DType))) => object,
            _ => return Ok(None),
        };
        let args = self.arena.args(object);
        let Some(&name) = args.first() else { return Ok(None) };
        // Records may have a class of their own in Python.
        let is_record_class = self.arena.known(name) == Known::NumpyRecord;
        let name = match (self.arena.node(name), self.arena.known(name)) {
            (Node::Str(name), _) => name,
            (_, Known::NumpyRecord | Known::NumpyVoid) => "V",
            (Node::Tuple(_), _) if object.state.is_none() => return self.dtype(name, depth + 1),
            (Node::Dict(parts), _) if object.state.is_none() => {
                let is_aligned = matches!(args.get(1).map(|&id| self.arena.node(id)), Some(Node::Bool(true)));
                return self.read_once(id, depth, || self.record_of_lists(parts, is_aligned, depth));
            }
            _ => return Ok(None),
        };
        let Some(state) = object.state else { return Ok(named(name)) };
        let Some(&[_, order, subarray, names, fields, itemsize, ref rest @ ..]) = self.arena.tuple_node(state) else {
            return Ok(None);
        };
        if [subarray, names, fields].iter().all(|&part| matches!(self.arena.node(part), Node::None)) {
            return Ok(match named(name) {
                Some(Described::Fixed(item)) => self.arena.in_order(item.dtype, order, itemsize, rest),
                other => other,
            });
        }
        self.read_once(id, depth, || match self.arena.node(subarray) {
            Node::None => self.record_of_dict(names, fields, itemsize, rest, is_record_class, depth),
            _ => self.sub_array(subarray, depth),
        })
    }

    /// Reads a dtype that may hold others, unless that was done before.
    fn read_once(&self, id: NodeId, depth: u32, read: impl FnOnce() -> Outcome<'de>) -> Outcome<'de> {
        check_depth(depth)?;
        if let Some(known) = self.arena.dtypes_read.known.get(&id) {
            return same(known);
        }
        match self.known.borrow().get(&id) {
            Some(Some(known)) => return same(known),
            Some(None) => return Err(Error::pickle("a dtype holds itself")),
            None => {}
        }
        self.known.borrow_mut().insert(id, None);
        let outcome = read();
        // What is too deep in another dtype may not be so alone.
        if depth > 0 && outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Limit) {
            self.known.borrow_mut().remove(&id);
        } else {
            self.known.borrow_mut().insert(id, Some(same(&outcome)));
        }
        outcome
    }

    /// `(dtype, shape)`, or `(numpy.record, dtype)`
    fn pair(&self, id: NodeId, depth: u32) -> Result<Option<Described<'de>>> {
        match self.arena.tuple_node(id) {
            Some(&[class, dtype]) if self.arena.known(class) == Known::NumpyRecord => {
                match self.dtype(dtype, depth + 1)? {
                    Some(Described::Fixed(Item { dtype, record: Some(record) })) => {
                        let record = Record { is_record_class: true, ..(*record).clone() };
                        Ok(Some(Described::Fixed(Item { dtype, record: Some(Arc::new(record)) })))
                    }
                    other => Ok(other.filter(|dtype| matches!(dtype, Described::Refused(_)))),
                }
            }
            _ => self.sub_array(id, depth),
        }
    }

    /// `(dtype, shape)`
    fn sub_array(&self, subarray: NodeId, depth: u32) -> Result<Option<Described<'de>>> {
        let Some(&[base, shape]) = self.arena.tuple_node(subarray) else { return Ok(None) };
        let shape = match self.arena.node(shape) {
            Node::Int(len) => Some(Shape::from_slice(&[axis(len)?])),
            _ => self.arena.shape(shape)?,
        };
        let Some(mut shape) = shape else { return Ok(None) };
        Ok(match self.dtype(base, depth + 1)? {
            Some(Described::Fixed(item)) => Some(Described::SubArray(item, shape)),
            Some(Described::SubArray(item, inner)) => {
                shape.extend(inner);
                Some(Described::SubArray(item, shape))
            }
            Some(refused @ Described::Refused(_)) => Some(refused),
            _ => None,
        })
    }
}

impl<'de> Described<'de> {
    /// The items of an array in memory; `Err` is why there are none, if that is known.
    pub(super) fn fixed(self) -> Result<Item<'de>, Option<&'static str>> {
        match self {
            Described::Fixed(Item { record: Some(record), .. }) if record.has_objects => Err(None),
            Described::Fixed(item) => Ok(item),
            Described::SubArray(..) => Err(Some(SUB_ARRAY)),
            Described::Refused(reason) => Err(Some(reason)),
            Described::Object | Described::Text => Err(None),
        }
    }
}

/// The dtype of a name.
fn named(name: &str) -> Option<Described<'static>> {
    let bare = name.trim_start_matches(['<', '>', '=', '|']);
    Some(match bare {
        "O" | "O8" | "O4" => Described::Object,
        "f12" | "f16" | "c24" | "c32" | "g" | "G" => Described::Refused(LONG_DOUBLE),
        "V" => Described::Fixed(DType::new(Kind::Void, 0, false)?.into()),
        _ => Described::Fixed(DType::parse(name)?.into()),
    })
}

/// Checks how deep a dtype lies in others, or how deep others lie in it.
pub(super) fn check_depth(depth: u32) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::limit(format!("a dtype is nested more than {MAX_DEPTH} levels deep, or holds itself")));
    }
    Ok(())
}

fn same<'de>(outcome: &Outcome<'de>) -> Outcome<'de> {
    match outcome {
        Ok(described) => Ok(described.clone()),
        Err(error) => Err(error.again()),
    }
}

/// The length of an axis.
pub(super) fn axis(len: i64) -> Result<usize> {
    usize::try_from(len).map_err(|_| Error::pickle("an axis of an array has a negative length"))
}

#[cfg(test)]
mod tests {
    use crate::bytes::Keep;
    use crate::error::ErrorKind;
    use crate::stream::testing::{LIMITS, error, read};
    use crate::stream::{Node, parse};

    /// `numpy.dtype('V', False, True)` with the state of a structured dtype: instructions for the names, the fields and
    /// the size.
    fn record(names: &[u8], fields: &[u8], itemsize: &[u8]) -> Vec<u8> {
        let (start, end) = (b"cnumpy\ndtype\n(VV\n\x89\x88tR(K\x03V|\nN", b"K\x01K\x00tb");
        [start, names, fields, itemsize, end].concat()
    }

    /// `multiarray.scalar(dtype, data)`
    fn scalar(dtype: &[u8], data: &[u8]) -> Vec<u8> {
        [b"cnumpy.core.multiarray\nscalar\n", dtype, b"C", &[data.len() as u8], data, b"\x86R."].concat()
    }

    /// A record of a single field `A`, whose dtype and offset these instructions make.
    fn single(dtype: &[u8], offset: &[u8], itemsize: &[u8]) -> Vec<u8> {
        record(b"VA\n\x85", &[b"}VA\n", dtype, offset, b"\x86s"].concat(), itemsize)
    }

    #[test]
    fn structured_dtypes() {
        // The fields in the order of the names, whatever that of the dict; a title is a key too.
        let fields = b"}(VB\nV<u2\nK\x00\x86VA\nV>f4\nK\x04VT\n\x87VT\nV>f4\nK\x04VT\n\x87u";
        let dtype = record(b"VA\nVB\n\x86", fields, b"K\x08");
        let shown = read(&scalar(&dtype, b"12345678")).unwrap();
        assert_eq!(shown, "Array(|V8 Some([]) C Sequence {4 A >f4 0 B <u2 } b'12345678')");
        let inner = single(b"V<U1\n", b"K\x00", b"K\x04");
        // numpy.dtype('V8') with the subarray (inner, (2,)), and one of one of these: (3, 2)
        let start = b"cnumpy\ndtype\n(VV\n\x89\x88tR(K\x03V|\n";
        let pair = [&start[..], &inner, b"K\x02\x85\x86NNK\x08K\x04K\x00tb"].concat();
        let pairs = [&start[..], &pair, b"K\x03\x86NNK\x18K\x04K\x00tb"].concat();
        let dtype = single(&pairs, b"K\x00", b"K\x18");
        let shown = read(&scalar(&dtype, &[0; 24])).unwrap();
        assert!(shown.starts_with("Array(|V24 Some([]) C Sequence {0 A {0 A <U1 } [3, 2] } b'"), "{shown}");
        // A class in place of the name, as numpy.recarray has.
        let dtype = single(b"Vi1\n", b"K\x00", b"K\x01");
        let dtype =
            [b"cnumpy\ndtype\n(cnumpy\nrecord\n", dtype.strip_prefix(b"cnumpy\ndtype\n(VV\n").unwrap()].concat();
        let shown = read(&scalar(&dtype, b"1")).unwrap();
        assert_eq!(shown, "Array(|V1 Some([]) C Sequence {0 A |i1 } b'1')");
    }

    #[test]
    fn public_names() {
        let lists = |offset: &[u8]| {
            let start = b"cnumpy\ndtype\n(}(Vnames\n(VA\nlVformats\n(V<i2\nK\x02\x86lVoffsets\n(";
            [&start[..], offset, b"lVitemsize\nK\x05u\x88tR"].concat()
        };
        let dtype = lists(b"K\x01");
        let shown = read(&scalar(&dtype, b"12345")).unwrap();
        assert_eq!(shown, "Array(|V5 Some([]) C Sequence {1 A <i2 [2] } b'12345')");
        // numpy.dtype((numpy.record, dtype)) and numpy.dtype((dtype, (1,)))
        let class = [b"cnumpy\ndtype\n((cnumpy\nrecord\n", &dtype[..], b"ttR"].concat();
        assert_eq!(read(&scalar(&class, b"12345")).unwrap(), shown);
        let pair = [b"cnumpy\ndtype\n((", &dtype[..], b"K\x01\x85ttR"].concat();
        let outer = single(&pair, b"K\x00", b"K\x05");
        let shown = read(&scalar(&outer, b"12345")).unwrap();
        assert_eq!(shown, "Array(|V5 Some([]) C Sequence {0 A {1 A <i2 [2] } [1] } b'12345')");
        let message = error(&scalar(&lists(b"K\x02"), b"12345")).to_string();
        assert_eq!(message, "the field \"A\" of a dtype lies outside of its 5 bytes");
        // A list of formats that the dtype is put into afterwards.
        let stream = b"]p0\n0cnumpy\ndtype\n(}(Vnames\n(VA\nlVformats\ng0\nVoffsets\n(K\x00lVitemsize\nK\x01utRp1\n0\
            g0\ng1\na0cnumpy.core.multiarray\nscalar\ng1\nC\x011\x86R.";
        let message = error(stream).to_string();
        assert!(message.contains("holds itself"), "{message}");
    }

    #[test]
    fn arrays_of_records() {
        let dtype = single(b"V<i2\n", b"K\x00", b"K\x03");
        let buffer = [b"cnumpy\nfrombuffer\nC\x06abcdef", &dtype[..], b"\x86R."].concat();
        assert_eq!(read(&buffer).unwrap(), "Array(|V3 Some([2]) C Sequence {0 A <i2 } b'abcdef')");
        let buffer = [b"cnumpy\nfrombuffer\nC\x05abcde", &dtype[..], b"\x86R."].concat();
        assert_eq!(error(&buffer).to_string(), "5 bytes are no whole number of |V3");
        let wrong = error(&scalar(&dtype, b"ab")).to_string();
        assert_eq!(wrong, "a |V3 has 2 bytes instead of 3");
        // With an object in it, the record is a tuple.
        let dtype = single(b"VO\n", b"K\x00", b"K\x08");
        let start = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85VB\ntR(K\x01K\x01\x85";
        let objects = [&start[..], &dtype, b"\x89](K\x05\x85etb."].concat();
        assert_eq!(read(&objects).unwrap(), "Objects([1] (5))");
    }

    #[test]
    fn lies() {
        let message = |dtype: &[u8]| error(&scalar(dtype, b"12345678")).to_string();
        let outside = "the field \"A\" of a dtype lies outside of its 8 bytes";
        let huge = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
        for offset in [&b"K\x01"[..], b"K\x09", b"J\xff\xff\xff\xff", huge] {
            assert_eq!(message(&single(b"V<f8\n", offset, b"K\x08")), outside);
        }
        for itemsize in [&b"J\xff\xff\xff\xff"[..], huge] {
            let message = message(&single(b"V<f8\n", b"K\x00", itemsize));
            assert!(message.contains("negative or of too large a size"), "{message}");
        }
        let sub_array = |shape: &[u8]| {
            let start = b"cnumpy\ndtype\n(VV\n\x89\x88tR(K\x03V|\nVf8\n";
            [&start[..], shape, b"\x86NNK\x08K\x04K\x00tb"].concat()
        };
        for shape in [&b"K\x02\x85"[..], &[&huge[..], huge, b"\x86"].concat()] {
            assert_eq!(message(&single(&sub_array(shape), b"K\x00", b"K\x08")), outside);
        }
        let negative = message(&single(&sub_array(b"J\xff\xff\xff\xff"), b"K\x00", b"K\x08"));
        assert!(negative.contains("negative length"), "{negative}");
    }

    #[test]
    fn what_is_no_dtype_stays_an_object() {
        for dtype in [
            // Names that are none, a field without a place, a place that is none, an offset that is none.
            record(b"N", b"}VA\nVf8\nK\x00\x86s", b"K\x08"),
            record(b"K\x01\x85", b"}VA\nVf8\nK\x00\x86s", b"K\x08"),
            record(b"VB\n\x85", b"}VA\nVf8\nK\x00\x86s", b"K\x08"),
            record(b"VA\n\x85", b"}VA\nVf8\ns", b"K\x08"),
            single(b"Vf8\n", b"N", b"K\x08"),
            single(b"Vx8\n", b"K\x00", b"K\x08"),
        ] {
            let shown = read(&scalar(&dtype, b"12345678")).unwrap();
            assert!(shown.starts_with("numpy.core.multiarray.scalar("), "{shown}");
        }
    }

    #[test]
    fn nested_too_deep_or_in_itself() {
        let mut dtype = b"Vi1\n".to_vec();
        for _ in 0..33 {
            dtype = single(&dtype, b"K\x00", b"K\x01");
        }
        assert_eq!(read(&scalar(&dtype, b"1")).unwrap().matches("{0 A ").count(), 33);
        let message = error(&scalar(&single(&dtype, b"K\x00", b"K\x01"), b"1")).to_string();
        assert!(message.contains("nested more than 32"), "{message}");
        // The dtype is put into the memo before its state is set.
        let start = b"cnumpy\ndtype\n(VV\n\x89\x88tRp0\n(K\x03V|\nNVA\n\x85}VA\ng0\nK\x00\x86sK\x01K\x01K\x00tb";
        let message = error(&scalar(start, b"1")).to_string();
        assert!(message.contains("holds itself"), "{message}");
    }

    /// A thousand dtypes that share the names and places of a thousand fields.
    #[test]
    fn many_dtypes_of_the_same_fields() {
        let mut stream = b"(".to_vec();
        for name in 0..1000 {
            stream.extend(format!("VA{name}\n").bytes());
        }
        stream.extend(b"tp0\n}p1\n(");
        for name in 0..1000 {
            stream.extend(format!("VA{name}\n(Vi1\nI0\nt").bytes());
        }
        stream.extend(b"u(");
        for _ in 0..1000 {
            stream.extend(b"cnumpy.core.multiarray\nscalar\n");
            stream.extend(record(b"g0\n", b"g1\n", b"K\x01"));
            stream.extend(b"C\x011\x86R");
        }
        stream.extend(b"t.");
        let keep = Keep::new();
        let arena = parse(&stream, LIMITS, &keep).unwrap();
        let Node::Tuple(scalars) = arena.node(arena.root()) else { panic!("no tuple") };
        let read: Vec<_> = arena.items(scalars).map(|id| arena.meaning(id).map(drop)).collect();
        let first = read.iter().position(Result::is_err).expect("too many");
        assert!((1..100).contains(&first), "{first}");
        assert!(read[first..].iter().all(|read| read.as_ref().is_err_and(|error| error.kind() == ErrorKind::Limit)));
    }

    #[test]
    fn what_has_no_type_in_rust() {
        for name in ["f16", "<f16", ">c32", "g"] {
            let dtype = format!("V{name}\n");
            assert_eq!(read(&scalar(dtype.as_bytes(), &[0; 16])).unwrap(), "Refused(a numpy longdouble,)");
        }
        let dtype = single(b"Vf16\n", b"K\x00", b"K\x10");
        assert_eq!(read(&scalar(&dtype, &[0; 16])).unwrap(), "Refused(a numpy longdouble,)");
    }
}
