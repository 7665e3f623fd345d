//! numpy's arrays, scalars and dtypes, in all the forms in which streams describe them.

use smallvec::SmallVec;

use super::arena::{Arena, Items, Made, Node, NodeId, Object};
use super::known::Known;
use crate::dtype::{DType, Kind, TimeUnit};
use crate::error::{Error, Result};

/// The shape of an array; short ones need no allocation.
pub(crate) type Shape = SmallVec<[usize; 4]>;

/// How many axes an array of numpy may have.
const MAX_DIMENSIONS: usize = 64;

/// An array of fixed-size items, in whichever form the stream described it.
#[derive(Clone, Debug)]
pub(crate) struct Array<'de> {
    pub(crate) dtype: DType,
    /// `None` is one axis that is as long as the out-of-band buffer allows; [`Array::shape_in`] resolves it.
    pub(crate) shape: Option<Shape>,
    pub(crate) order: Order,
    /// If it is in the stream, its length fits the shape.
    pub(crate) data: ArrayData<'de>,
    pub(crate) form: Form,
}

/// How the elements of an array lie in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The last axis varies fastest.
    C,
    /// The first axis varies fastest.
    Fortran,
    /// numpy's 'K': the elements lie in C order of a shape whose axes are then transposed by this order, as in
    /// `reshape(memory_shape).transpose(axes)`. `Array::shape` is the shape after the transposition.
    Axes(SmallVec<[usize; 4]>),
}

/// Where the elements of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrayData<'de> {
    /// In an out-of-band buffer.
    Buffer(u32),
    /// In the stream.
    Bytes(&'de [u8]),
}

/// Whether the writer meant an array or a sequence: it decides what an array is to a type that takes anything, such as
/// the content of an untagged enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `numpy.reshape(…, shape, order)`: what this crate writes for an `ndarray::Array`.
    Array,
    /// `numpy.frombuffer(…)`, or its `numpy.reshape(…, shape)`: what this crate writes for a `Vec`; and every array
    /// that Python wrote.
    Sequence,
}

/// An array of Python objects. They are listed in C order, whatever their order in memory was.
#[derive(Clone, Debug)]
pub(crate) struct ObjectArray {
    pub(crate) shape: Shape,
    pub(crate) items: Items,
}

impl<'de> Array<'de> {
    /// A numpy scalar, as the array without axes that it also is.
    pub(crate) fn scalar(dtype: DType, bytes: &'de [u8]) -> Self {
        Array { dtype, shape: Some(Shape::new()), order: Order::C, data: ArrayData::Bytes(bytes), form: Form::Sequence }
    }

    /// Whether there are no axes.
    pub(crate) fn is_scalar(&self) -> bool {
        self.shape.as_ref().is_some_and(Shape::is_empty)
    }

    /// How many bytes its elements take; `None` if that depends on the buffer.
    pub(crate) fn byte_len(&self) -> Result<Option<usize>> {
        self.shape.as_ref().map(|shape| byte_len(shape, self.dtype)).transpose()
    }

    /// The shape, given how long each buffer is.
    pub(crate) fn shape_from(&self, buffer_len: impl FnOnce(usize) -> Result<usize>) -> Result<Shape> {
        self.shape_in(match self.data {
            ArrayData::Bytes(bytes) => bytes.len(),
            ArrayData::Buffer(index) => buffer_len(index as usize)?,
        })
    }

    /// The shape, given how many bytes of data there are; an error if they do not fit it.
    pub(crate) fn shape_in(&self, data_len: usize) -> Result<Shape> {
        match &self.shape {
            Some(shape) => {
                check_len(shape, self.dtype, data_len)?;
                Ok(shape.clone())
            }
            None => whole(data_len, self.dtype),
        }
    }
}

/// What an object of numpy is.
pub(super) enum Numpy<'de> {
    Array(Array<'de>),
    ObjectArray(ObjectArray),
    Scalar(DType, &'de [u8]),
}

/// A dtype as far as this crate tells them apart.
enum Described {
    Fixed(DType),
    Object,
}

impl<'de> Arena<'de> {
    /// What numpy makes of an object. `None` is something else, or an array of what a [`DType`] cannot express; an
    /// error is an array whose parts contradict each other.
    pub(super) fn numpy(&self, object: &Object, known: Known) -> Result<Option<Numpy<'de>>> {
        if object.made != Made::Reduce || !object.items.is_empty() || !object.entries.is_empty() {
            return Ok(None);
        }
        let args = self.args(object);
        Ok(match known {
            Known::Reconstruct => return self.reconstructed(args, object.state),
            _ if object.state.is_some() => None,
            Known::FromBuffer => self.flat(args)?.map(Numpy::Array),
            Known::Reshape => self.reshaped(args)?.map(Numpy::Array),
            Known::NumericFromBuffer => self.out_of_band(args)?.map(Numpy::Array),
            Known::StdArrayReconstructor => self.std_array(args)?.map(Numpy::Array),
            Known::Scalar => self.scalar(args)?,
            _ => None,
        })
    }

    /// The array of [`Node::Numbers`].
    pub(super) fn numbers(&self, bytes: &'de [u8], dtype: u32) -> Array<'de> {
        let dtype = self.dtype_of(dtype);
        let shape = Some(Shape::from_slice(&[bytes.len() / dtype.itemsize()]));
        Array { dtype, shape, order: Order::C, data: ArrayData::Bytes(bytes), form: Form::Sequence }
    }

    /// `numpy.frombuffer(data, dtype)`
    fn flat(&self, args: &[NodeId]) -> Result<Option<Array<'de>>> {
        let &[data, dtype] = args else { return Ok(None) };
        let Some(Described::Fixed(dtype)) = self.dtype(dtype) else { return Ok(None) };
        self.data(data).map(|data| sequence(dtype, data)).transpose()
    }

    /// `numpy.reshape(numpy.frombuffer(data, dtype), shape)`, or with the order as a third argument
    fn reshaped(&self, args: &[NodeId]) -> Result<Option<Array<'de>>> {
        let (flat, shape, order, form) = match *args {
            [flat, shape] => (flat, shape, Order::C, Form::Sequence),
            [flat, shape, order] => match self.node(order) {
                Node::Str("C") => (flat, shape, Order::C, Form::Array),
                Node::Str("F") => (flat, shape, Order::Fortran, Form::Array),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let flat = match (self.node(flat), self.call(flat)) {
            (Node::Numbers(bytes, dtype), _) => Some(self.numbers(bytes, dtype)),
            (_, Some((flat, Known::FromBuffer))) => self.flat(self.args(flat))?,
            _ => None,
        };
        let (Some(flat), Some(shape)) = (flat, self.shape(shape)?) else { return Ok(None) };
        Array { shape: Some(shape), order, form, ..flat }.checked().map(Some)
    }

    /// `numpy._core.numeric._frombuffer(data, dtype, shape, order)`, or with 'K' and the order of the axes
    fn out_of_band(&self, args: &[NodeId]) -> Result<Option<Array<'de>>> {
        let (&[data, dtype, shape, order] | &[data, dtype, shape, order, _]) = args else { return Ok(None) };
        let Some(Described::Fixed(dtype)) = self.dtype(dtype) else { return Ok(None) };
        let (Some(data), Some(shape)) = (self.data(data), self.shape(shape)?) else { return Ok(None) };
        let (shape, order) = match (self.node(order), args.get(4)) {
            (Node::Str("C"), None) => (shape, Order::C),
            (Node::Str("F"), None) => (shape, Order::Fortran),
            (Node::Str("K"), Some(&axes)) => {
                let Some(axes) = self.shape(axes)? else { return Ok(None) };
                let mut sorted = axes.clone();
                sorted.sort_unstable();
                if !sorted.iter().copied().eq(0..shape.len()) {
                    return Err(Error::pickle("the axes of an array are not transposed, but mixed up"));
                }
                (axes.iter().map(|&axis| shape[axis]).collect(), Order::Axes(axes))
            }
            _ => return Ok(None),
        };
        Array { dtype, shape: Some(shape), order, data, form: Form::Sequence }.checked().map(Some)
    }

    /// `multiarray._reconstruct(numpy.ndarray, (0,), b'b')` with the state `(version, shape, dtype, is_fortran, data)`
    fn reconstructed(&self, args: &[NodeId], state: Option<NodeId>) -> Result<Option<Numpy<'de>>> {
        let Some(&[_, shape, dtype, fortran, data]) = state.and_then(|state| self.tuple_node(state)) else {
            return Ok(None);
        };
        // A subclass may have a state of its own.
        let ndarray = args.first().is_some_and(|&class| self.known(class) == Known::NdArray);
        let fortran = match self.node(fortran) {
            Node::Bool(fortran) => fortran,
            Node::Int(fortran) => fortran != 0,
            _ => return Ok(None),
        };
        let (true, Some(dtype), Some(shape)) = (ndarray, self.dtype(dtype), self.shape(shape)?) else {
            return Ok(None);
        };
        match (dtype, self.node(data)) {
            (Described::Object, Node::List(items)) => {
                if count(&shape) != Some(items.len()) {
                    return Err(Error::pickle(format!("an array of shape {shape:?} has {} objects", items.len())));
                }
                Ok(Some(Numpy::ObjectArray(ObjectArray { shape, items })))
            }
            (Described::Fixed(dtype), _) => {
                let Some(data) = self.raw_bytes(data) else { return Ok(None) };
                let order = if fortran { Order::Fortran } else { Order::C };
                let data = ArrayData::Bytes(data);
                let array = Array { dtype, shape: Some(shape), order, data, form: Form::Sequence };
                array.checked().map(Numpy::Array).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `multiarray.scalar(dtype, data)`
    fn scalar(&self, args: &[NodeId]) -> Result<Option<Numpy<'de>>> {
        let &[dtype, data] = args else { return Ok(None) };
        let (Some(Described::Fixed(dtype)), Some(data)) = (self.dtype(dtype), self.raw_bytes(data)) else {
            return Ok(None);
        };
        if data.len() != dtype.itemsize() {
            return Err(Error::pickle(format!("a {dtype} has {} bytes instead of {}", data.len(), dtype.itemsize())));
        }
        Ok(Some(Numpy::Scalar(dtype, data)))
    }

    /// `array._array_reconstructor(array.array, typecode, machine_format, data)`
    fn std_array(&self, args: &[NodeId]) -> Result<Option<Array<'de>>> {
        /// By the numbers of `enum machine_format_code` in Python's `arraymodule.c`.
        const FORMATS: [&str; 18] = [
            "u1", "i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", ">i4", "<u8", ">u8", "<i8", ">i8", "<f4",
            ">f4", "<f8", ">f8",
        ];
        let &[class, _, format, data] = args else { return Ok(None) };
        let (Known::StdArray, Node::Int(format)) = (self.known(class), self.node(format)) else { return Ok(None) };
        let dtype = usize::try_from(format).ok().and_then(|format| FORMATS.get(format)).and_then(|s| DType::parse(s));
        let (Some(dtype), Some(data)) = (dtype, self.data(data)) else { return Ok(None) };
        sequence(dtype, data).map(Some)
    }

    /// A dtype: its name, or `numpy.dtype(name, …)` with the state
    /// `(version, byte order, subarray, names, fields, itemsize, alignment, flags[, metadata])`.
    fn dtype(&self, id: NodeId) -> Option<Described> {
        let (name, state) = if let Node::Str(name) = self.node(id) {
            (name, None)
        } else {
            let (object, Known::DType) = self.call(id)? else { return None };
            let Node::Str(name) = self.node(*self.args(object).first()?) else { return None };
            (name, object.state)
        };
        if matches!(name, "O" | "O8" | "O4" | "|O") {
            return Some(Described::Object);
        }
        let dtype = DType::parse(name)?;
        let Some(state) = state else { return Some(Described::Fixed(dtype)) };
        let [_, order, subarray, names, fields, itemsize, rest @ ..] = self.tuple_node(state)? else { return None };
        // A structure, or an array of arrays.
        if [subarray, names, fields].iter().any(|&&part| !matches!(self.node(part), Node::None)) {
            return None;
        }
        let Node::Str(order @ ("<" | ">" | "=" | "|")) = self.node(*order) else { return None };
        // numpy says -1 where the name tells the size.
        let itemsize = match (dtype.kind(), self.node(*itemsize)) {
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
        Some(Described::Fixed(DType::new(dtype.kind(), itemsize, order == ">")?.with_unit(unit)))
    }

    /// `(None, (b'ns', count, 1, 1))`
    fn time_unit(&self, metadata: NodeId) -> Option<TimeUnit> {
        let &[_, unit] = self.tuple_node(metadata)? else { return None };
        let &[code, count, divisor, ..] = self.tuple_node(unit)? else { return None };
        let (Node::Int(count), Node::Int(1)) = (self.node(count), self.node(divisor)) else { return None };
        TimeUnit::new(std::str::from_utf8(self.raw_bytes(code)?).ok()?, u32::try_from(count).ok()?)
    }

    /// A tuple of lengths; `None` if it is something else.
    fn shape(&self, id: NodeId) -> Result<Option<Shape>> {
        let Some(axes) = self.tuple_node(id) else { return Ok(None) };
        if axes.len() > MAX_DIMENSIONS {
            return Err(Error::pickle(format!("an array has {} dimensions, more than {MAX_DIMENSIONS}", axes.len())));
        }
        let mut shape = Shape::new();
        for &axis in axes {
            let Node::Int(len) = self.node(axis) else { return Ok(None) };
            let len = usize::try_from(len);
            shape.push(len.map_err(|_| Error::pickle("an axis of an array has a negative length"))?);
        }
        Ok(Some(shape))
    }

    /// The bytes that an array looks at.
    pub(super) fn data(&self, id: NodeId) -> Option<ArrayData<'de>> {
        match self.node(id) {
            Node::Bytes(bytes) | Node::ByteArray(bytes) => Some(ArrayData::Bytes(bytes)),
            Node::Buffer(index) => Some(ArrayData::Buffer(index)),
            _ => {
                let (object, Known::Bytes | Known::ByteArray) = self.call(id)? else { return None };
                self.copied_bytes(object)
            }
        }
    }

    /// `bytes()`, `bytes(data)`, `bytearray()` and `bytearray(data)`
    pub(super) fn copied_bytes(&self, object: &Object) -> Option<ArrayData<'de>> {
        if object.made != Made::Reduce || object.state.is_some() {
            return None;
        }
        match *self.args(object) {
            [] => Some(ArrayData::Bytes(&[])),
            [data] => match self.node(data) {
                Node::Bytes(bytes) | Node::ByteArray(bytes) => Some(ArrayData::Bytes(bytes)),
                Node::Buffer(index) => Some(ArrayData::Buffer(index)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Bytes in the stream. Python 2 wrote them as strings, which are text if they happen to be ASCII.
    fn raw_bytes(&self, id: NodeId) -> Option<&'de [u8]> {
        match self.node(id) {
            Node::Str(text) if text.is_ascii() => Some(text.as_bytes()),
            _ => match self.data(id)? {
                ArrayData::Bytes(bytes) => Some(bytes),
                ArrayData::Buffer(_) => None,
            },
        }
    }

    /// The object with this index in the arena, if it was made by calling a global, and which one.
    fn call(&self, id: NodeId) -> Option<(&Object, Known)> {
        let Node::Object(index) = self.node(id) else { return None };
        let object = self.object(index);
        Some((object, self.known(object.callable)))
    }

    /// Which global a node is.
    pub(super) fn known(&self, id: NodeId) -> Known {
        match self.node(id) {
            Node::Global { known, .. } => known,
            _ => Known::Unknown,
        }
    }

    /// The items of a tuple.
    pub(super) fn tuple_node(&self, id: NodeId) -> Option<&[NodeId]> {
        match self.node(id) {
            Node::Tuple(items) => Some(self.tuple(items)),
            _ => None,
        }
    }

    /// The arguments of a call.
    pub(super) fn args(&self, object: &Object) -> &[NodeId] {
        self.tuple_node(object.args).unwrap_or_default()
    }
}

impl Array<'_> {
    /// Itself, if its data fits its shape.
    fn checked(self) -> Result<Self> {
        if let (Some(shape), ArrayData::Bytes(data)) = (&self.shape, self.data) {
            check_len(shape, self.dtype, data.len())?;
        } else {
            self.byte_len()?;
        }
        Ok(self)
    }
}

/// All of the data as one axis.
fn sequence(dtype: DType, data: ArrayData<'_>) -> Result<Array<'_>> {
    let shape = match data {
        ArrayData::Bytes(bytes) => Some(whole(bytes.len(), dtype)?),
        ArrayData::Buffer(_) => None,
    };
    Ok(Array { dtype, shape, order: Order::C, data, form: Form::Sequence })
}

fn whole(data_len: usize, dtype: DType) -> Result<Shape> {
    match data_len.checked_rem(dtype.itemsize()) {
        Some(0) => Ok(Shape::from_slice(&[data_len / dtype.itemsize()])),
        _ => Err(Error::pickle(format!("{data_len} bytes are no whole number of {dtype}"))),
    }
}

fn check_len(shape: &Shape, dtype: DType, data_len: usize) -> Result<()> {
    let needed = byte_len(shape, dtype)?;
    if needed == data_len {
        return Ok(());
    }
    Err(Error::pickle(format!("an array of {dtype} and shape {shape:?} takes {needed} bytes, but has {data_len}")))
}

fn byte_len(shape: &Shape, dtype: DType) -> Result<usize> {
    let len = count(shape).and_then(|count| count.checked_mul(dtype.itemsize()));
    len.ok_or_else(|| Error::pickle(format!("an array of {dtype} and shape {shape:?} is larger than memory can be")))
}

fn count(shape: &Shape) -> Option<usize> {
    shape.iter().try_fold(1usize, |count, &len| count.checked_mul(len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::testing::{LIMITS, error, read};

    /// `numpy.reshape(numpy.frombuffer(data, dtype), …)` with these instructions for data, dtype and what follows
    fn reshape(data: &[u8], dtype: &str, rest: &[u8]) -> Vec<u8> {
        [b"cnumpy\nreshape\n(cnumpy\nfrombuffer\n", data, b"V", dtype.as_bytes(), b"\n\x86R", rest, b"tR."].concat()
    }

    #[test]
    fn public_names() {
        // numpy.frombuffer(b'\1\0\2\0', '<u2')
        let flat = b"cnumpy\nfrombuffer\nC\x04\x01\0\x02\0V<u2\n\x86R.";
        assert_eq!(read(flat).unwrap(), r"Array(<u2 Some([2]) C Sequence b'\x01\x00\x02\x00')");
        let two = b"C\x04\x01\0\x02\0";
        for (rest, shown) in [
            (&b"K\x01K\x02\x86"[..], r"Array(<u2 Some([1, 2]) C Sequence b'\x01\x00\x02\x00')"),
            (b"K\x01K\x02\x86VC\n", r"Array(<u2 Some([1, 2]) C Array b'\x01\x00\x02\x00')"),
            (b"K\x02\x85VF\n", r"Array(<u2 Some([2]) Fortran Array b'\x01\x00\x02\x00')"),
        ] {
            assert_eq!(read(&reshape(two, "<u2", rest)).unwrap(), shown);
        }
        assert_eq!(
            read(&reshape(b"\x97", "<f8", b"K\x00K\x02\x86VC\n")).unwrap(),
            "Array(<f8 Some([0, 2]) C Array Buffer(0))"
        );
        // The buffer as Python may have wrapped it: builtins.bytearray(NEXT_BUFFER)
        assert_eq!(
            read(&reshape(b"cbuiltins\nbytearray\n\x97\x85R", "|b1", b")VC\n")).unwrap(),
            "Array(|b1 Some([]) C Array Buffer(0))"
        );
    }

    #[test]
    fn contradictions() {
        let two = b"C\x04\x01\0\x02\0";
        let message = |stream: &[u8]| error(stream).to_string();
        let wrong = message(&reshape(two, "<u2", b"K\x03\x85VC\n"));
        assert_eq!(wrong, "an array of <u2 and shape [3] takes 6 bytes, but has 4");
        assert!(message(&reshape(two, "<u8", b"K\x01\x85")).contains("4 bytes are no whole number of <u8"));
        assert!(message(&reshape(two, "<u2", b"J\xff\xff\xff\xff\x85")).contains("negative"));
        let huge = b"\x8a\x08\0\0\0\0\0\0\0\x10";
        let shape = [&huge[..], huge, b"\x86"].concat();
        assert!(message(&reshape(b"\x97", "<u2", &shape)).contains("larger than memory"));
        let axes = [&b"("[..], &b"K\x01".repeat(65), b"t"].concat();
        assert!(message(&reshape(b"\x97", "<u2", &axes)).contains("65 dimensions"));
        // multiarray.scalar('<f8', b'')
        assert!(message(b"cnumpy.core.multiarray\nscalar\nV<f8\nC\0\x86R.").contains("0 bytes instead of 8"));
        // numeric._frombuffer(NEXT_BUFFER, '<f8', (1, 2), 'K', (0, 0))
        let axes = b"cnumpy._core.numeric\n_frombuffer\n(\x97V<f8\nK\x01K\x02\x86VK\nK\0K\0\x86tR.";
        assert!(message(axes).contains("axes"));
    }

    #[test]
    fn what_is_no_array_stays_an_object() {
        for (stream, shown) in [
            // A shape that is none, an order that is none, a dtype that is none, an array in place of the data.
            (reshape(b"\x97", "<f8", b"N"), "numpy.reshape("),
            (reshape(b"\x97", "<f8", b")VZ\n"), "numpy.reshape("),
            (reshape(b"\x97", "<f16", b")VC\n"), "numpy.reshape("),
            (reshape(b"]", "<f8", b")VC\n"), "numpy.reshape("),
            // A subclass with numpy's state.
            (
                b"cnumpy.core.multiarray\n_reconstruct\ncshop\nSub\n\x85R(K\x01)Vi1\n\x89C\x01ctb.".to_vec(),
                "numpy.core.multiarray._reconstruct(",
            ),
        ] {
            let read = read(&stream).unwrap();
            assert!(read.starts_with(shown), "{read}");
        }
    }

    #[test]
    fn the_buffer_tells_the_length() {
        let keep = crate::bytes::Keep::new();
        // numpy.frombuffer(NEXT_BUFFER, '<f8')
        let stream = b"cnumpy\nfrombuffer\n\x97V<f8\n\x86R.";
        let arena = crate::stream::parse(stream, LIMITS, &keep).unwrap();
        let Ok(crate::stream::Meaning::Array(array)) = arena.meaning(arena.root()) else { panic!("no array") };
        assert_eq!(array.byte_len().unwrap(), None);
        assert_eq!(array.shape_in(24).unwrap().as_slice(), [3]);
        assert_eq!(array.shape_in(0).unwrap().as_slice(), [0]);
        assert!(array.shape_in(23).is_err());
        let array = Array { shape: Some(Shape::from_slice(&[2, 3])), ..array };
        assert_eq!(array.byte_len().unwrap(), Some(48));
        assert_eq!(array.shape_in(48).unwrap().as_slice(), [2, 3]);
        assert!(array.shape_in(40).is_err());
    }
}
