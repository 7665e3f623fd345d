//! numpy's arrays.
//!
//! To serde an array is the sequence of its rows, each an array of one axis less, down to the numbers. ndarray's own
//! `Deserialize` wants a struct instead, the shape beside the elements in C order; and the types of this crate want to
//! know everything ([`ARRAY`](super::ARRAY)). Each of them is one way to walk through the same array.

use std::sync::Arc;

use serde::de::value::{SeqDeserializer, StringDeserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::number::{Number, NumberDeserializer};
use super::{Document, NodeDeserializer, seq, vec};
use crate::bytes::{AlignedBuf, Plain, Shared};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::stack;
use crate::stream::{Array, ArrayData, Form, Items, ObjectArray, Order, Shape};
use crate::value;

/// The name under which our own types ask for the elements of an array as bytes of this machine's order, aligned.
pub(crate) const BYTES: &str = "$binpickle::bytes";

/// The name under which [`MappedArray`](crate::MappedArray) asks for a share of the memory of an array.
pub(crate) const SHARED: &str = "$binpickle::shared";

/// Deserializes one array.
#[derive(Clone)]
pub(crate) struct ArrayDeserializer<'a, 'de> {
    document: &'a Document<'a, 'de>,
    dtype: DType,
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
        let Array { dtype, order, data, form, .. } = array;
        Ok(ArrayDeserializer { document, dtype, shape, order, data, form })
    }

    /// Bytes as the array of `uint8` that they also are.
    pub(super) fn of_bytes(document: &'a Document<'a, 'de>, data: ArrayData<'de>) -> Result<Self> {
        let shape = Shape::from_slice(&[document.data_len(data)?]);
        Ok(ArrayDeserializer { document, dtype: DType::UINT8, shape, order: Order::C, data, form: Form::Sequence })
    }

    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bytes of the elements, in the order in which they lie there.
    fn bytes(&self) -> Result<&'de [u8]> {
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
    fn into_c(mut self) -> Result<Self> {
        if !self.is_c() {
            let mut gathered = AlignedBuf::zeroed(self.len() * self.dtype.itemsize())?;
            self.gather_into(&mut gathered)?;
            self.data = ArrayData::Bytes(self.document.source.keep().keep(gathered));
            self.order = Order::C;
        }
        Ok(self)
    }

    /// The same array with its elements in one of the two orders that ndarray knows by name.
    fn into_c_or_fortran(self) -> Result<Self> {
        if matches!(self.order, Order::Axes(_)) { self.into_c() } else { Ok(self) }
    }

    /// All elements in the order of memory, as an array of one axis.
    fn into_flat(mut self) -> Self {
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
    fn share(&self) -> Result<Shared> {
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
            form: array.form,
            data: array.share()?,
        })
    }

    /// The element of an array without axes.
    pub(super) fn scalar(&self) -> Result<Number<'de>> {
        Number::read(self.dtype, self.bytes()?)
    }

    /// The struct that ndarray's `Deserialize` wants.
    pub(super) fn visit_ndarray<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let shape = self.shape.clone();
        visitor.visit_map(Parts { shape, data: Some(Data::Array(self)), next: 0 })
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
        let Some(&len) = array.shape.first() else { return array.scalar()?.visit(visitor) };
        let rest = array.bytes()?;
        let step = rest.len().checked_div(len).unwrap_or(0);
        if array.shape.len() == 1 {
            array.document.spend_bytes(rest.len())?;
        }
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
            _ if self.shape.is_empty() => self.scalar()?.visit(visitor),
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
        let element = if self.array.shape.len() == 1 {
            Number::read(self.array.dtype, row).and_then(|number| seed.deserialize(NumberDeserializer(number)))
        } else {
            let shape = self.array.shape[1..].into();
            let row = ArrayData::Bytes(row);
            let row = ArrayDeserializer { shape, data: row, form: Form::Sequence, ..self.array.clone() };
            stack::descend(row.shape.len(), || seed.deserialize(row))
        };
        element.map(Some).map_err(|error| error.under(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.next)
    }
}

/// Whether a struct is ndarray's. What is not, but looks the same, deserializes from the same parts.
pub(super) fn is_ndarray(name: &str, fields: &[&str]) -> bool {
    name == "Array" && fields == ["v", "dim", "data"]
}

/// The fields of ndarray's struct.
pub(super) struct Parts<'a, 'de> {
    shape: Shape,
    data: Option<Data<'a, 'de>>,
    next: usize,
}

/// Where the elements for an ndarray come from.
enum Data<'a, 'de> {
    Array(ArrayDeserializer<'a, 'de>),
    Objects(seq::ObjectRows<'a, 'de>),
    List(NodeDeserializer<'a, 'de>),
}

impl<'a, 'de> Parts<'a, 'de> {
    /// An array whose elements are objects.
    pub(super) fn of_objects(parent: NodeDeserializer<'a, 'de>, array: &ObjectArray) -> Result<Self> {
        let flat = ObjectArray { shape: Shape::from_slice(&[array.shape.iter().product()]), ..array.clone() };
        let data = Some(Data::Objects(seq::ObjectRows::new(parent, &flat)?));
        Ok(Parts { shape: array.shape.clone(), data, next: 0 })
    }

    /// A list as an array of one axis.
    pub(super) fn of_list(list: NodeDeserializer<'a, 'de>, items: Items) -> Self {
        Parts { shape: Shape::from_slice(&[items.len()]), data: Some(Data::List(list)), next: 0 }
    }
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let name = ["v", "dim", "data"].get(self.next).copied();
        self.next += 1;
        name.map(|name| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        match self.next {
            1 => seed.deserialize(1u8.into_deserializer()),
            2 => seed.deserialize(Dim(&self.shape)),
            _ => match self.data.take() {
                Some(Data::Array(array)) => seed.deserialize(Flat(array)),
                Some(Data::Objects(objects)) => seed.deserialize(objects),
                Some(Data::List(list)) => seed.deserialize(list),
                None => Err(Error::data("the elements of an array were asked for twice")),
            },
        }
    }
}

/// The elements of an array in C order, whatever its shape.
struct Flat<'a, 'de>(ArrayDeserializer<'a, 'de>);

impl<'de> de::Deserializer<'de> for Flat<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match vec::read(visitor, self.0.dtype, &[], &self.0)? {
            Ok(value) => Ok(value),
            Err(visitor) => self.0.into_c()?.into_flat().visit_rows(visitor),
        }
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The shape of an array, to a type that knows how many axes it wants.
struct Dim<'s>(&'s [usize]);

impl<'de> de::Deserializer<'de> for Dim<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().copied()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, axes: usize, visitor: V) -> Result<V::Value> {
        check_axes(self.0, axes)?;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple_struct map struct enum identifier ignored_any
    }
}

/// An array must have as many axes as its type.
pub(crate) fn check_axes(shape: &[usize], axes: usize) -> Result<()> {
    if shape.len() == axes {
        return Ok(());
    }
    let plural = if axes == 1 { "axis" } else { "axes" };
    Err(Error::data(format!("found an array of shape {shape:?}, expected one of {axes} {plural}")))
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
