//! numpy's arrays.
//!
//! To serde an array is the sequence of its rows, each an array of one axis less, down to the numbers. ndarray's own
//! `Deserialize` wants a struct instead, the shape beside the elements in C order; and the types of this crate want to
//! know everything ([`ARRAY`](super::ARRAY)). Each of them is one way to walk through the same array.

use std::sync::Arc;

use serde::de::value::StringDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::ndarray::{Dim, Parts, is_ndarray};
use super::number::{Number, NumberDeserializer};
use super::records::RecordDeserializer;
use super::{Document, vec};
use crate::bytes::{AlignedBuf, Plain, Shared};
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::stack;
use crate::stream::{Array, ArrayData, Form, Order, Record, Shape};
use crate::value::{self, Value};

/// The name under which our own types ask for the elements of an array as bytes of this machine's order, aligned.
pub(crate) const BYTES: &str = "$binpickle::bytes";

/// The name under which [`MappedArray`](crate::MappedArray) asks for a share of the memory of an array.
pub(crate) const SHARED: &str = "$binpickle::shared";

/// Deserializes one array.
#[derive(Clone)]
pub(crate) struct ArrayDeserializer<'a, 'de> {
    document: &'a Document<'a, 'de>,
    /// Of records: so many bytes.
    dtype: DType,
    record: Option<Arc<Record<'de>>>,
    shape: Shape,
    order: Order,
    data: ArrayData<'de>,
    form: Form,
}

impl<'a, 'de> ArrayDeserializer<'a, 'de> {
    /// An array whose data is as long as its shape says.
    pub(super) fn new(document: &'a Document<'a, 'de>, array: Array<'de>) -> Result<Self> {
        let len = document.data_len(array.data)?;
        let shape = array.shape_in(len)?;
        let Array { dtype, record, order, data, form, .. } = array;
        Ok(ArrayDeserializer { document, dtype, record, shape, order, data, form })
    }

    /// The mask of an array, which has its shape and order.
    pub(super) fn mask(&self, mask: &'de [u8]) -> Self {
        let data = ArrayData::Bytes(mask);
        ArrayDeserializer { dtype: bool::DTYPE, data, ..self.clone() }
    }

    /// Bytes as an array of this shape.
    pub(super) fn of_shape(
        document: &'a Document<'a, 'de>,
        dtype: DType,
        record: Option<Arc<Record<'de>>>,
        shape: Shape,
        bytes: &'de [u8],
    ) -> Self {
        let (order, data, form) = (Order::C, ArrayData::Bytes(bytes), Form::Sequence);
        ArrayDeserializer { document, dtype, record, shape, order, data, form }
    }

    /// Bytes as the array of `uint8` that they also are.
    pub(super) fn of_bytes(document: &'a Document<'a, 'de>, data: ArrayData<'de>) -> Result<Self> {
        let shape = Shape::from_slice(&[document.data_len(data)?]);
        let (dtype, order, form) = (DType::UINT8, Order::C, Form::Sequence);
        Ok(ArrayDeserializer { document, dtype, record: None, shape, order, data, form })
    }

    pub(super) fn document(&self) -> &'a Document<'a, 'de> {
        self.document
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    pub(super) fn dtype(&self) -> DType {
        self.dtype
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(super) fn is_of_records(&self) -> bool {
        self.record.is_some()
    }

    pub(super) fn is_fortran(&self) -> bool {
        self.order == Order::Fortran
    }

    /// One of the rows of an array in C order, which has these bytes.
    pub(super) fn row(&self, bytes: &'de [u8]) -> Self {
        let shape = self.shape.get(1..).unwrap_or_default().into();
        ArrayDeserializer { shape, data: ArrayData::Bytes(bytes), form: Form::Sequence, ..self.clone() }
    }

    /// One of the rows of an array of two axes, in whichever order it is.
    pub(super) fn into_row(mut self, row: usize) -> Result<Self> {
        let &[rows, len] = self.shape() else { return Err(Error::data("found an array of other than two axes")) };
        let size = len * self.dtype.itemsize();
        self.data = match (&self.order, self.data) {
            // All of it, so that it can be read where it is.
            (_, data) if rows == 1 || size == 0 => data,
            (Order::C, _) => ArrayData::Bytes(&self.bytes()?[row * size..][..size]),
            _ => {
                self.document.spend_bytes(size)?;
                let (strides, mut gathered) = (self.strides(), AlignedBuf::zeroed(size)?);
                let bytes = &self.bytes()?[row * strides[0]..];
                gather(bytes, self.dtype.itemsize(), &[len], &strides[1..], &mut gathered);
                ArrayData::Bytes(self.document.source.keep().keep(gathered))
            }
        };
        (self.shape, self.order, self.form) = (Shape::from_slice(&[len]), Order::C, Form::Sequence);
        Ok(self)
    }

    /// Pays for a walk over all elements, if this is the axis on which they lie.
    pub(super) fn spend_walk(&self) -> Result<()> {
        if self.shape.len() == 1 { self.document.spend_bytes(self.bytes()?.len()) } else { Ok(()) }
    }

    /// Pays for one visit.
    pub(super) fn spend_visit(&self) -> Result<()> {
        self.document.spend()
    }

    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bytes of the elements, in the order in which they lie there.
    pub(super) fn bytes(&self) -> Result<&'de [u8]> {
        match self.data {
            ArrayData::Bytes(bytes) => Ok(bytes),
            ArrayData::Buffer(index) => self.document.source.lend(index as usize),
        }
    }

    /// Whether the elements lie in C order. An array of one axis is in every order.
    fn is_c(&self) -> bool {
        self.order == Order::C || self.shape.len() < 2
    }

    /// Writes the bytes of the elements in C order.
    fn gather_into(&self, out: &mut [u8]) -> Result<()> {
        self.document.spend_bytes(out.len())?;
        gather(self.bytes()?, self.dtype.itemsize(), &self.shape, &self.strides(), out);
        Ok(())
    }

    /// The distance in bytes between neighbours on each axis.
    fn strides(&self) -> Shape {
        let shape = &self.shape;
        let itemsize = self.dtype.itemsize();
        // Each axis is as far apart as all those inside it are long; `axes` names them from the innermost outwards.
        let place = |axes: &mut dyn Iterator<Item = usize>| {
            let mut strides = Shape::from_elem(0, shape.len());
            axes.fold(itemsize, |stride, axis| {
                strides[axis] = stride;
                stride * shape[axis]
            });
            strides
        };
        match &self.order {
            Order::C => place(&mut (0..shape.len()).rev()),
            Order::Fortran => place(&mut (0..shape.len())),
            Order::Axes(axes) => {
                let position = |memory_axis| axes.iter().position(|&axis| axis == memory_axis).unwrap_or(0);
                place(&mut (0..shape.len()).rev().map(position))
            }
        }
    }

    /// The same array with its elements in C order.
    pub(super) fn into_c(mut self) -> Result<Self> {
        if !self.is_c() {
            let mut gathered = AlignedBuf::zeroed(self.len() * self.dtype.itemsize())?;
            self.gather_into(&mut gathered)?;
            self.data = ArrayData::Bytes(self.document.source.keep().keep(gathered));
            self.order = Order::C;
        }
        Ok(self)
    }

    /// The same array with its elements in one of the two orders that ndarray knows by name.
    pub(super) fn into_c_or_fortran(self) -> Result<Self> {
        if matches!(self.order, Order::Axes(_)) { self.into_c() } else { Ok(self) }
    }

    /// All elements in the order of memory, as an array of one axis.
    pub(super) fn into_flat(mut self) -> Self {
        self.shape = Shape::from_slice(&[self.len()]);
        self.order = Order::C;
        self
    }

    /// The elements in C order, in one read. The dtype must be that of `A`.
    fn read_vec<A: Plain>(&self) -> Result<Vec<A>> {
        A::read_vec(self.len(), |out| self.read_c(out))
    }

    /// Reads the bytes of the elements in C order.
    fn read_c(&self, out: &mut [u8]) -> Result<()> {
        if self.is_c() {
            self.document.spend_bytes(out.len())?;
        }
        match self.data {
            _ if !self.is_c() => self.gather_into(out),
            ArrayData::Bytes(bytes) => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            ArrayData::Buffer(index) => self.document.source.read_into(index as usize, out),
        }
    }

    /// Whether bytes can be looked at as numbers where they lie.
    fn is_native(&self, bytes: &[u8]) -> bool {
        let size = self.dtype.swap_size().max(1);
        !self.dtype.is_big_endian() && bytes.as_ptr().addr().is_multiple_of(size.next_power_of_two())
    }

    /// A copy in this machine's byte order, aligned.
    fn native_copy(&self, bytes: &[u8]) -> Result<AlignedBuf> {
        self.document.spend_bytes(bytes.len())?;
        let mut copy = AlignedBuf::copy_of(bytes)?;
        if self.dtype.is_big_endian() {
            copy.chunks_exact_mut(self.dtype.swap_size()).for_each(<[u8]>::reverse);
        }
        Ok(copy)
    }

    /// The elements as bytes of this machine's order, aligned: where they lie, or a copy that the source keeps.
    fn native_bytes(&self) -> Result<&'de [u8]> {
        let bytes = self.bytes()?;
        if self.is_native(bytes) {
            return Ok(bytes);
        }
        Ok(self.document.source.keep().keep(self.native_copy(bytes)?))
    }

    /// As [`native_bytes`](Self::native_bytes), with a share of their memory.
    pub(super) fn share(&self) -> Result<Shared> {
        let bytes = match self.data {
            ArrayData::Buffer(index) => {
                let shared = self.document.source.share(index as usize)?;
                if self.is_native(&shared) {
                    return Ok(shared);
                }
                self.native_copy(&shared)?
            }
            ArrayData::Bytes(bytes) => self.native_copy(bytes)?,
        };
        Ok(Shared::of_buffer(Arc::new(bytes)))
    }

    /// The array as a [`Value`](crate::Value) holds it.
    pub(super) fn into_value(self) -> Result<value::Array> {
        let array = self.into_c_or_fortran()?;
        Ok(value::Array {
            dtype: array.dtype.to_little_endian(),
            shape: array.shape.to_vec(),
            fortran: array.order == Order::Fortran,
            big_endian: array.dtype.is_big_endian(),
            form: array.form,
            data: array.share()?,
        })
    }

    /// The element of an array without axes.
    pub(super) fn scalar(&self) -> Result<Number<'de>> {
        Number::read(self.dtype, self.bytes()?)
    }

    /// Shows the element of an array without axes.
    pub(super) fn visit_scalar<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value> {
        match self.single_record()? {
            Some(record) => record.visit_map(visitor),
            None => self.scalar()?.visit(visitor),
        }
    }

    /// The record of an array without axes.
    fn single_record(&self) -> Result<Option<RecordDeserializer<'_, 'a, 'de>>> {
        let bytes = self.bytes()?;
        self.record.as_deref().map(|record| RecordDeserializer::new(self.document, record, bytes)).transpose()
    }

    /// The struct that ndarray's `Deserialize` wants.
    pub(super) fn visit_ndarray<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(Parts::of_array(self))
    }

    /// Shows the elements in C order, whatever the shape.
    pub(super) fn visit_flat<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match vec::read(visitor, self.dtype, &[], &self)? {
            Ok(value) => Ok(value),
            Err(visitor) => self.into_c()?.into_flat().visit_rows(visitor),
        }
    }

    /// Everything there is to know, for the types of this crate: dtype, shape, whether it is in Fortran order, data.
    pub(super) fn visit_parts<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let array = self.into_c_or_fortran()?;
        let fortran = array.order == Order::Fortran;
        visitor.visit_seq(RawParts {
            dtype: array.dtype,
            shape: array.shape.clone(),
            fortran,
            data: Some(array.into_flat()),
            next: 0,
        })
    }

    fn visit_rows<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let array = self.into_c()?;
        let Some(&len) = array.shape.first() else {
            return match array.single_record()? {
                Some(record) => record.visit_seq(visitor),
                None => array.scalar()?.visit(visitor),
            };
        };
        let rest = array.bytes()?;
        let step = rest.len().checked_div(len).unwrap_or(0);
        array.spend_walk()?;
        visitor.visit_seq(Rows { array, rest, step, next: 0, len })
    }
}

/// Copies elements that lie at any strides one after the other.
fn gather(bytes: &[u8], itemsize: usize, shape: &[usize], strides: &[usize], out: &mut [u8]) {
    if out.is_empty() {
        return;
    }
    let Some((&inner, outer)) = shape.split_last() else { return out.copy_from_slice(&bytes[..out.len()]) };
    let (stride, outer_strides) = (strides[outer.len()], &strides[..outer.len()]);
    let mut index = Shape::from_elem(0, outer.len());
    for row in out.chunks_exact_mut(inner * itemsize) {
        let start: usize = index.iter().zip(outer_strides).map(|(position, stride)| position * stride).sum();
        match itemsize {
            4 => gather_row::<4>(&bytes[start..], stride, row),
            8 => gather_row::<8>(&bytes[start..], stride, row),
            _ => {
                for (n, item) in row.chunks_exact_mut(itemsize).enumerate() {
                    item.copy_from_slice(&bytes[start + n * stride..][..itemsize]);
                }
            }
        }
        for (position, &len) in index.iter_mut().zip(outer).rev() {
            *position += 1;
            if *position < len {
                break;
            }
            *position = 0;
        }
    }
}

/// The inner loop of [`gather`], with a size that the compiler knows.
fn gather_row<const N: usize>(bytes: &[u8], stride: usize, row: &mut [u8]) {
    for (n, item) in row.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        item.copy_from_slice(&bytes[n * stride..][..N]);
    }
}

impl<'de> de::Deserializer<'de> for ArrayDeserializer<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.form {
            _ if self.shape.is_empty() => self.visit_scalar(visitor),
            Form::Array => self.visit_ndarray(visitor),
            Form::Sequence => self.visit_rows(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let Some((_, item)) = self.shape.split_first() else { return self.visit_rows(visitor) };
        match vec::read(visitor, self.dtype, item, &self)? {
            Ok(value) => Ok(value),
            Err(visitor) => self.visit_rows(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        if let Some(&found) = self.shape.first()
            && found != len
        {
            return Err(de::Error::invalid_length(found, &visitor));
        }
        self.visit_rows(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if is_ndarray(name, fields) { self.visit_ndarray(visitor) } else { self.deserialize_any(visitor) }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.dtype == DType::UINT8 { visitor.visit_borrowed_bytes(self.bytes()?) } else { self.visit_rows(visitor) }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.dtype == DType::UINT8 { visitor.visit_byte_buf(self.read_vec()?) } else { self.visit_rows(visitor) }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            super::ARRAY => self.visit_parts(visitor),
            BYTES => visitor.visit_borrowed_bytes(self.native_bytes()?),
            SHARED => super::hand_over(self.share()?),
            // A row of an array in a vector of values.
            super::VALUE => super::hand_over(match self.record.clone() {
                Some(record) => Value::Records(self.into_records(&record)?),
                None => Value::Array(self.into_value()?),
            }),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        unit unit_struct map enum identifier ignored_any
    }
}

impl vec::Elements for ArrayDeserializer<'_, '_> {
    fn byte_len(&self) -> usize {
        self.len() * self.dtype.itemsize()
    }

    fn read_into(&self, out: &mut [u8]) -> Result<()> {
        self.read_c(out)
    }
}

/// The rows of an array in C order, or the numbers of one with a single axis.
struct Rows<'a, 'de> {
    array: ArrayDeserializer<'a, 'de>,
    /// The bytes of the rows that are left.
    rest: &'de [u8],
    /// The bytes of one row.
    step: usize,
    next: usize,
    len: usize,
}

impl<'de> SeqAccess<'de> for Rows<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.next == self.len {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        let (row, rest) = self.rest.split_at(self.step);
        self.rest = rest;
        if self.step == 0 {
            // Rows without bytes are not bounded by the length of the file.
            self.array.document.spend()?;
        }
        let element = if self.array.shape.len() > 1 {
            let row = self.array.row(row);
            stack::descend(row.shape.len(), || seed.deserialize(row))
        } else if let Some(record) = &self.array.record {
            RecordDeserializer::new(self.array.document, record, row).and_then(|record| seed.deserialize(record))
        } else {
            Number::read(self.array.dtype, row).and_then(|number| seed.deserialize(NumberDeserializer(number)))
        };
        element.map(Some).map_err(|error| error.under(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.next)
    }
}

/// dtype, shape, order and data, in that order.
struct RawParts<'a, 'de> {
    dtype: DType,
    shape: Shape,
    fortran: bool,
    data: Option<ArrayDeserializer<'a, 'de>>,
    next: usize,
}

impl<'de> SeqAccess<'de> for RawParts<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.next += 1;
        let element = match self.next {
            1 => seed.deserialize(StringDeserializer::new(self.dtype.to_string())),
            2 => seed.deserialize(Dim(&self.shape)),
            3 => seed.deserialize(self.fortran.into_deserializer()),
            _ => match self.data.take() {
                Some(data) => seed.deserialize(data),
                None => return Ok(None),
            },
        };
        element.map(Some)
    }
}
