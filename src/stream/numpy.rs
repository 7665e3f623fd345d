//! The objects of numpy, in all the forms in which streams describe them.

use super::arena::{Arena, Made, Node, NodeId, Object};
use super::array::{
    Array, ArrayData, Form, MAX_DIMENSIONS, MaskedArray, ObjectArray, Order, Shape, array, count, sequence,
};
use super::dtype::{Described, Item, axis};
use super::known::Known;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// What an object of numpy is.
pub(super) enum Numpy<'de> {
    Array(Array<'de>),
    ObjectArray(ObjectArray<'de>),
    Masked(MaskedArray<'de>),
    Scalar(DType, &'de [u8]),
    /// What no Rust type could hold, in words that follow "found".
    Refused(&'static str),
}

/// What an object is, if it is one of numpy.
type Found<'de> = Result<Option<Numpy<'de>>>;

impl<'de> Arena<'de> {
    /// What numpy makes of an object. `None` is something else, or an array of what a [`DType`] cannot express; an
    /// error is an array whose parts contradict each other.
    pub(super) fn numpy(&self, object: &Object, known: Known) -> Found<'de> {
        if object.made != Made::Reduce || !object.items.is_empty() || !object.entries.is_empty() {
            return Ok(None);
        }
        let args = self.args(object);
        match (known, object.state) {
            (Known::Reconstruct | Known::NdArray, Some(state)) => self.reconstructed(state),
            (Known::MaReconstruct, Some(state)) => self.masked(state),
            (_, Some(_)) => Ok(None),
            (Known::FromBuffer, _) => self.flat(args),
            (Known::Reshape, _) => self.reshaped(args),
            (Known::NumericFromBuffer, _) => self.out_of_band(args),
            (Known::StdArrayReconstructor, _) => Ok(self.std_array(args)?.map(Numpy::Array)),
            (Known::Scalar, _) => self.scalar(args),
            (Known::GetItem, _) => self.indexed(args),
            _ => Ok(None),
        }
    }

    /// Whether an object is more than an array of numpy: one of a class of its own, such as `numpy.matrix`, or an
    /// `array.array`.
    pub(crate) fn is_subclass(&self, object: &Object) -> bool {
        match self.known(object.callable) {
            Known::StdArrayReconstructor => true,
            Known::Reconstruct => self.args(object).first().is_none_or(|&class| self.known(class) != Known::NdArray),
            _ => false,
        }
    }

    /// Whether an object is a scalar: `multiarray.scalar(…)`, or an array without axes that was indexed.
    pub(crate) fn is_numpy_scalar(&self, object: &Object) -> bool {
        matches!(self.known(object.callable), Known::Scalar | Known::GetItem)
    }

    /// The array of [`Node::Numbers`].
    pub(super) fn numbers(&self, bytes: &'de [u8], dtype: u32) -> Array<'de> {
        let dtype = self.dtype_of(dtype);
        let shape = Some(Shape::from_slice(&[bytes.len() / dtype.itemsize()]));
        Array { dtype, record: None, shape, order: Order::C, data: ArrayData::Bytes(bytes), form: Form::Sequence }
    }

    /// `numpy.frombuffer(data, dtype)`
    fn flat(&self, args: &[NodeId]) -> Found<'de> {
        let &[data, dtype] = args else { return Ok(None) };
        self.array_of(dtype, |item| match self.data(data) {
            Some(data) => sequence(item, data).map(Some),
            None => Ok(None),
        })
    }

    /// An array of the items that a dtype describes.
    fn array_of(&self, dtype: NodeId, array: impl FnOnce(Item<'de>) -> Result<Option<Array<'de>>>) -> Found<'de> {
        match self.dtype(dtype)?.map(Described::fixed) {
            Some(Ok(item)) => Ok(array(item)?.map(Numpy::Array)),
            Some(Err(reason)) => Ok(reason.map(Numpy::Refused)),
            None => Ok(None),
        }
    }

    /// `numpy.reshape(numpy.frombuffer(data, dtype), shape)`, or with the order as a third argument
    fn reshaped(&self, args: &[NodeId]) -> Found<'de> {
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
            (Node::Numbers(bytes, dtype), _) => self.numbers(bytes, dtype),
            (_, Some((flat, Known::FromBuffer))) => match self.flat(self.args(flat))? {
                Some(Numpy::Array(flat)) => flat,
                refused => return Ok(refused),
            },
            _ => return Ok(None),
        };
        let Some(shape) = self.shape(shape)? else { return Ok(None) };
        Array { shape: Some(shape), order, form, ..flat }.checked().map(Numpy::Array).map(Some)
    }

    /// `operator.getitem(array, ())`: the scalar in an array without axes
    fn indexed(&self, args: &[NodeId]) -> Found<'de> {
        let &[array, index] = args else { return Ok(None) };
        let (Some((array, known)), Some([])) = (self.call(array), self.tuple_node(index)) else { return Ok(None) };
        let array = match (known, array.state) {
            (Known::Reshape, None) => self.reshaped(self.args(array))?,
            (Known::NdArray, Some(state)) => self.reconstructed(state)?,
            _ => None,
        };
        Ok(match array {
            Some(Numpy::Array(array)) if array.is_scalar() => Some(match (array.data, &array.record) {
                (ArrayData::Bytes(bytes), None) => Numpy::Scalar(array.dtype, bytes),
                _ => Numpy::Array(array),
            }),
            _ => None,
        })
    }

    /// `numpy._core.numeric._frombuffer(data, dtype, shape, order)`, or with 'K' and the order of the axes
    fn out_of_band(&self, args: &[NodeId]) -> Found<'de> {
        let (&[data, dtype, shape, order] | &[data, dtype, shape, order, _]) = args else { return Ok(None) };
        self.array_of(dtype, |item| {
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
            array(item, shape, order, data).map(Some)
        })
    }

    /// `multiarray._reconstruct(numpy.ndarray, (0,), b'b')` with the state `(version, shape, dtype, is_fortran, data)`;
    /// or `numpy.ndarray((0,), 'b')`, which does the same. A subclass may add to the state.
    fn reconstructed(&self, state: NodeId) -> Found<'de> {
        let Some(&[version, shape, dtype, fortran, data, ..]) = self.tuple_node(state) else { return Ok(None) };
        let fortran = match self.node(fortran) {
            Node::Bool(fortran) => fortran,
            Node::Int(fortran) => fortran != 0,
            _ => return Ok(None),
        };
        let (Node::Int(_), Some(shape)) = (self.node(version), self.shape(shape)?) else { return Ok(None) };
        let (items, record) = match (self.list(data), self.dtype(dtype)?) {
            (Some(items), Some(Described::Object | Described::Text)) => (items, None),
            (Some(items), Some(Described::Fixed(Item { record: Some(record), .. }))) if record.has_objects => {
                (items, Some(record))
            }
            _ => {
                let order = if fortran { Order::Fortran } else { Order::C };
                return self.array_of(dtype, |item| match self.raw_bytes(data) {
                    Some(data) => array(item, shape, order, ArrayData::Bytes(data)).map(Some),
                    None => Ok(None),
                });
            }
        };
        if count(&shape) != Some(items.len()) {
            return Err(Error::pickle(format!("an array of shape {shape:?} has {} objects", items.len())));
        }
        Ok(Some(Numpy::ObjectArray(ObjectArray { shape, items, record })))
    }

    /// `numpy.ma.core._mareconstruct(MaskedArray, numpy.ndarray, (0,), 'b')` with the state
    /// `(version, shape, dtype, is_fortran, data, mask, fill_value)`
    fn masked(&self, state: NodeId) -> Found<'de> {
        let array = match self.reconstructed(state)? {
            Some(Numpy::Array(array)) => array,
            Some(Numpy::ObjectArray(_)) => {
                return Ok(Some(Numpy::Refused("a masked array of objects: take its data and its mask in Python")));
            }
            other => return Ok(other),
        };
        if array.record.is_some() {
            // Each field has a mask of its own.
            return Ok(Some(Numpy::Refused("a masked array of records: take its data and its mask in Python")));
        }
        let Some(&[_, _, _, _, _, mask, _]) = self.tuple_node(state) else { return Ok(None) };
        let Some(mask) = self.raw_bytes(mask) else { return Ok(None) };
        let elements = array.shape.as_ref().and_then(count);
        if elements != Some(mask.len()) {
            let shape = array.shape.unwrap_or_default();
            return Err(Error::pickle(format!("an array of shape {shape:?} has a mask of {} elements", mask.len())));
        }
        Ok(Some(Numpy::Masked(MaskedArray { array, mask })))
    }

    /// `multiarray.scalar(dtype, data)`
    fn scalar(&self, args: &[NodeId]) -> Found<'de> {
        let &[dtype, data] = args else { return Ok(None) };
        let found = self.array_of(dtype, |item| {
            let Some(data) = self.raw_bytes(data) else { return Ok(None) };
            if data.len() != item.dtype.itemsize() {
                let (dtype, found, expected) = (item.dtype, data.len(), item.dtype.itemsize());
                return Err(Error::pickle(format!("a {dtype} has {found} bytes instead of {expected}")));
            }
            Ok(Some(Array { record: item.record, ..Array::scalar(item.dtype, data) }))
        })?;
        Ok(match found {
            Some(Numpy::Array(Array { dtype, record: None, data: ArrayData::Bytes(data), .. })) => {
                Some(Numpy::Scalar(dtype, data))
            }
            other => other,
        })
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
        sequence(dtype.into(), data).map(Some)
    }

    /// A tuple of lengths; `None` if it is something else.
    pub(super) fn shape(&self, id: NodeId) -> Result<Option<Shape>> {
        let Some(axes) = self.tuple_node(id) else { return Ok(None) };
        if axes.len() > MAX_DIMENSIONS {
            return Err(Error::pickle(format!("an array has {} dimensions, more than {MAX_DIMENSIONS}", axes.len())));
        }
        let mut shape = Shape::new();
        for &len in axes {
            let Node::Int(len) = self.node(len) else { return Ok(None) };
            shape.push(axis(len)?);
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
    pub(super) fn raw_bytes(&self, id: NodeId) -> Option<&'de [u8]> {
        match self.node(id) {
            Node::Str(text) if text.is_ascii() => Some(text.as_bytes()),
            _ => match self.data(id)? {
                ArrayData::Bytes(bytes) => Some(bytes),
                ArrayData::Buffer(_) => None,
            },
        }
    }

    /// The object with this index in the arena, if it was made by calling a global, and which one.
    pub(super) fn call(&self, id: NodeId) -> Option<(&Object, Known)> {
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

#[cfg(test)]
mod tests {
    use crate::stream::testing::{error, read};

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
            (reshape(b"\x97", "<f3", b")VC\n"), "numpy.reshape("),
            (reshape(b"]", "<f8", b")VC\n"), "numpy.reshape("),
            // A subclass with a state of its own.
            (
                b"cnumpy.core.multiarray\n_reconstruct\ncshop\nSub\n\x85R(VA\n)Vi1\n\x89C\x01ctb.".to_vec(),
                "numpy.core.multiarray._reconstruct(",
            ),
            // The index of an array that has axes.
            (
                [
                    b"coperator\ngetitem\n",
                    reshape(b"C\x01a", "u1", b"K\x01\x85VC\n").strip_suffix(b".").unwrap(),
                    b")\x86R.",
                ]
                .concat(),
                "operator.getitem(",
            ),
        ] {
            let read = read(&stream).unwrap();
            assert!(read.starts_with(shown), "{read}");
        }
    }

    #[test]
    fn subclasses_and_public_names() {
        let state = b"(K\x01)Vi1\n\x89C\x01ctb.";
        let array = r"Array(|i1 Some([]) C Sequence b'c')";
        for made in [
            &b"cnumpy.core.multiarray\n_reconstruct\n(cshop\nSub\nK\x00\x85C\x01btR"[..],
            b"cnumpy\nndarray\nK\x00\x85VB\n\x86R",
        ] {
            assert_eq!(read(&[made, state].concat()).unwrap(), array);
        }
        // A subclass may add to the state.
        let more = b"cnumpy.core.multiarray\n_reconstruct\n(cshop\nSub\nK\x00\x85C\x01btR(K\x01)Vi1\n\x89C\x01cVX\ntb.";
        assert_eq!(read(more).unwrap(), array);
        // operator.getitem(numpy.reshape(…, (), 'C'), ())
        let flat = reshape(b"C\x01c", "i1", b")VC\n");
        let scalar = [b"coperator\ngetitem\n", &flat[..flat.len() - 1], b")\x86R."].concat();
        assert_eq!(read(&scalar).unwrap(), "|i1'c'");
    }

    #[test]
    fn masked() {
        // numpy.ma.core._mareconstruct(…) with two numbers and this mask
        let masked = |mask: &[u8]| {
            let start = b"cnumpy.ma.core\n_mareconstruct\n)R(K\x01K\x02\x85V>i2\n\x89C\x04\0\x01\0\x02";
            [&start[..], b"C", &[mask.len() as u8], mask, b"Ntb."].concat()
        };
        let shown = read(&masked(&[0, 1])).unwrap();
        assert_eq!(shown, r"Masked(>i2 Some([2]) C Bytes([0, 1, 0, 2]) \x00\x01)");
        assert_eq!(error(&masked(&[0])).to_string(), "an array of shape [2] has a mask of 1 elements");
        assert_eq!(read(b"cnumpy.ma.core\nMaskedConstant\n)R.").unwrap(), "None");
    }
}
