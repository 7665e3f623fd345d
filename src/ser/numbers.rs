//! Finds out whether what serde hands over one by one are numbers of one type, and gathers them as an array.

use std::any::TypeId;
use std::fmt;

use half::f16;
use num_complex::Complex;
use serde::ser::{self, Impossible, Serialize};

use super::Output;
use super::known::{Data, Layout, Numbers};
use crate::bytes::{Erased, Owned, bytes_of};
use crate::dtype::{DType, Element};
use crate::stream::Shape;

/// Items of one shape and one number type: plain numbers, or fixed-size tuples of them, or tuples of those.
#[derive(Default)]
pub(super) struct Gathered {
    dtype: Option<DType>,
    /// The type of the numbers, which is quicker to compare.
    element: Option<TypeId>,
    /// The shape of one item, learnt from the first: empty for plain numbers.
    item: Shape,
    /// At which depth the numbers are, once the first has come.
    depth: Option<usize>,
    bytes: Vec<u8>,
    len: usize,
}

/// Not numbers, or not all of the same type or shape: the value takes the ordinary way.
#[derive(Debug)]
pub(super) struct NotNumbers;

impl Gathered {
    /// Gathers one more item. An item that does not fit leaves what was gathered as it was.
    pub(super) fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), NotNumbers> {
        let before = self.bytes.len();
        let result = Item { gathered: self, depth: 0 }.value(item);
        match result {
            Ok(()) => self.len += 1,
            Err(NotNumbers) => self.bytes.truncate(before),
        }
        result
    }

    /// Gathers all items of a sequence, which may be of no known length. With an output, what is much goes there.
    pub(super) fn sequence<T: Serialize + ?Sized>(
        sequence: &T,
        output: Option<&mut Output<'_>>,
    ) -> Result<Self, NotNumbers> {
        sequence.serialize(Sequence { output })
    }

    /// How many items there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The shape of each item: empty for plain numbers.
    pub(super) fn item_shape(&self) -> &[usize] {
        &self.item
    }

    /// How many items there are, and the shape of each.
    pub(super) fn shape(&self) -> Shape {
        let mut shape = Shape::from_slice(&[self.len]);
        shape.extend_from_slice(&self.item);
        shape
    }

    /// The numbers of all items one after the other, but for those that are elsewhere.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes are elsewhere now.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// The bytes that were elsewhere are back.
    pub(super) fn prepend(&mut self, mut bytes: Vec<u8>) {
        bytes.append(&mut self.bytes);
        self.bytes = bytes;
    }

    /// The numbers of all items, if there are any.
    pub(super) fn numbers(&self) -> Option<Numbers<'_>> {
        self.shaped(self.shape(), Layout::Sequence)
    }

    /// The numbers as an array of another shape with as many elements.
    pub(super) fn shaped(&self, shape: Shape, layout: Layout) -> Option<Numbers<'_>> {
        Some(Numbers { dtype: self.dtype?, shape, layout, data: Data::Whole(&self.bytes) })
    }

    /// The numbers as `usize`s, if they are unsigned integers.
    pub(super) fn lengths(&self) -> Option<Shape> {
        let size = match self.dtype {
            Some(dtype) if dtype == u8::DTYPE || dtype == usize::DTYPE => dtype.itemsize(),
            Some(_) => return None,
            None => return Some(Shape::new()),
        };
        let numbers = self.bytes.chunks_exact(size);
        Some(numbers.map(|bytes| bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))).collect())
    }

    fn number<A: Element>(&mut self, depth: usize, number: A) -> Result<(), NotNumbers> {
        if self.element != Some(TypeId::of::<A>()) || self.depth != Some(depth) {
            if self.element.is_some() {
                return Err(NotNumbers);
            }
            self.element = Some(TypeId::of::<A>());
            self.dtype = Some(A::DTYPE);
            self.depth = Some(depth);
        }
        self.bytes.extend_from_slice(bytes_of(std::slice::from_ref(&number)));
        Ok(())
    }

    fn tuple(&mut self, depth: usize, len: usize) -> Result<(), NotNumbers> {
        if self.item.len() == depth && self.depth.is_none() {
            self.item.push(len);
        }
        if self.item.get(depth) == Some(&len) && self.depth.is_none_or(|numbers| depth < numbers) {
            Ok(())
        } else {
            Err(NotNumbers)
        }
    }
}

/// Serializes one item, or a part of one, into what was gathered.
struct Item<'a> {
    gathered: &'a mut Gathered,
    depth: usize,
}

/// The parts of a tuple.
struct Parts<'a> {
    gathered: &'a mut Gathered,
    depth: usize,
    missing: usize,
}

impl Parts<'_> {
    fn part<T: Serialize + ?Sized>(&mut self, part: &T) -> Result<(), NotNumbers> {
        self.missing = self.missing.checked_sub(1).ok_or(NotNumbers)?;
        Item { gathered: self.gathered, depth: self.depth }.value(part)
    }

    fn finish(self) -> Result<(), NotNumbers> {
        if self.missing == 0 { Ok(()) } else { Err(NotNumbers) }
    }
}

impl<'a> Item<'a> {
    fn value<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotNumbers> {
        // These are numbers to numpy, but structs to serde.
        let erased = Erased::new(value);
        if let Some(&number) = erased.downcast::<Owned<f16>>() {
            self.number(number)
        } else if let Some(&number) = erased.downcast::<Owned<Complex<f32>>>() {
            self.number(number)
        } else if let Some(&number) = erased.downcast::<Owned<Complex<f64>>>() {
            self.number(number)
        } else {
            value.serialize(self)
        }
    }

    fn number<A: Element>(self, number: A) -> Result<(), NotNumbers> {
        self.gathered.number(self.depth, number)
    }

    fn parts(self, len: usize) -> Result<Parts<'a>, NotNumbers> {
        self.gathered.tuple(self.depth, len)?;
        Ok(Parts { gathered: self.gathered, depth: self.depth + 1, missing: len })
    }
}

/// Methods of a serializer that refuse what they are given.
macro_rules! refuse {
    ($($method:ident($($argument:ty),*);)*) => {
        $(fn $method(self $(, _: $argument)*) -> Result<Self::Ok, NotNumbers> {
            Err(NotNumbers)
        })*
    };
    (some newtype_variant) => {
        fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Self::Ok, NotNumbers> {
            Err(NotNumbers)
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, NotNumbers> {
            Err(NotNumbers)
        }
    };
    (compounds: $($method:ident($($argument:ty),*) -> $type:ident;)*) => {
        type SerializeMap = Impossible<Self::Ok, NotNumbers>;
        type SerializeStruct = Impossible<Self::Ok, NotNumbers>;
        type SerializeStructVariant = Impossible<Self::Ok, NotNumbers>;
        type SerializeTupleVariant = Impossible<Self::Ok, NotNumbers>;

        $(fn $method(self $(, _: $argument)*) -> Result<Self::$type, NotNumbers> {
            Err(NotNumbers)
        })*
    };
}

macro_rules! refuse_all_but_numbers {
    ($($sequence:tt)*) => {
        refuse! {
            serialize_i128(i128);
            serialize_u128(u128);
            serialize_char(char);
            serialize_str(&str);
            serialize_bytes(&[u8]);
            serialize_none();
            serialize_unit();
            serialize_unit_struct(&'static str);
            serialize_unit_variant(&'static str, u32, &'static str);
        }
        refuse! { some newtype_variant }
        refuse! { compounds:
            $($sequence)*
            serialize_map(Option<usize>) -> SerializeMap;
            serialize_struct(&'static str, usize) -> SerializeStruct;
            serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
            serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
        }

        // The second try, by the ordinary way, must see the same value.
        fn is_human_readable(&self) -> bool {
            false
        }
    };
}

impl<'a> ser::Serializer for Item<'a> {
    type Ok = ();
    type Error = NotNumbers;
    type SerializeSeq = Impossible<(), NotNumbers>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_i8(self, value: i8) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), NotNumbers> {
        self.number(value)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), NotNumbers> {
        value.serialize(self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Parts<'a>, NotNumbers> {
        self.parts(len)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Parts<'a>, NotNumbers> {
        self.parts(len)
    }

    refuse_all_but_numbers! { serialize_seq(Option<usize>) -> SerializeSeq; }
}

impl ser::SerializeTuple for Parts<'_> {
    type Ok = ();
    type Error = NotNumbers;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotNumbers> {
        self.part(value)
    }

    fn end(self) -> Result<(), NotNumbers> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Parts<'_> {
    type Ok = ();
    type Error = NotNumbers;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotNumbers> {
        self.part(value)
    }

    fn end(self) -> Result<(), NotNumbers> {
        self.finish()
    }
}

/// Serializes a whole sequence into what was gathered.
struct Sequence<'a, 's> {
    output: Option<&'a mut Output<'s>>,
}

/// A sequence that is being gathered.
struct Gathering<'a, 's> {
    gathered: Gathered,
    output: Option<&'a mut Output<'s>>,
}

impl<'a, 's> ser::Serializer for Sequence<'a, 's> {
    type Ok = Gathered;
    type Error = NotNumbers;
    type SerializeSeq = Gathering<'a, 's>;
    type SerializeTuple = Impossible<Gathered, NotNumbers>;
    type SerializeTupleStruct = Impossible<Gathered, NotNumbers>;

    fn serialize_seq(self, _: Option<usize>) -> Result<Gathering<'a, 's>, NotNumbers> {
        Ok(Gathering { gathered: Gathered::default(), output: self.output })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Gathered, NotNumbers> {
        value.serialize(self)
    }

    refuse! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
    }

    refuse_all_but_numbers! {
        serialize_tuple(usize) -> SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct;
    }
}

impl ser::SerializeSeq for Gathering<'_, '_> {
    type Ok = Gathered;
    type Error = NotNumbers;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotNumbers> {
        self.gathered.push(value)?;
        match &mut self.output {
            Some(output) => output.spill(&mut self.gathered).map_err(|error| {
                output.failed = Some(error);
                NotNumbers
            }),
            None => Ok(()),
        }
    }

    fn end(self) -> Result<Gathered, NotNumbers> {
        Ok(self.gathered)
    }
}

impl fmt::Display for NotNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not numbers of one type")
    }
}

impl std::error::Error for NotNumbers {}

impl ser::Error for NotNumbers {
    /// The ordinary way will meet the same error, and report it.
    fn custom<T: fmt::Display>(_: T) -> Self {
        NotNumbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered<T: Serialize>(items: &[T]) -> Option<(String, Vec<usize>)> {
        let mut gathered = Gathered::default();
        for item in items {
            gathered.push(item).ok()?;
        }
        let numbers = gathered.numbers()?;
        Some((numbers.dtype.name(), numbers.shape.to_vec()))
    }

    #[test]
    fn numbers_and_tuples_of_numbers() {
        assert_eq!(gathered(&[1.0f32, 2.0]), Some(("float32".into(), vec![2])));
        assert_eq!(gathered(&[(1i64, 2i64)]), Some(("int64".into(), vec![1, 2])));
        assert_eq!(gathered(&[([1u8; 3], [2u8; 3])]), Some(("uint8".into(), vec![1, 2, 3])));
        assert_eq!(gathered(&[Complex::new(1.0f64, 2.0)]), Some(("complex128".into(), vec![1])));
    }

    #[test]
    fn what_are_not_numbers() {
        assert_eq!(gathered(&["a"]), None);
        assert_eq!(gathered(&[Some(1)]), None);
        assert_eq!(gathered(&[1i128]), None);
        assert_eq!(gathered(&[(1.0f32, 2.0f64)]), None);
        assert_eq!(gathered(&[((1, 2), 3)]), None);
        assert_eq!(gathered(&[(3, (1, 2))]), None);
        assert_eq!(gathered(&[((1, 2), (1, 2, 3))]), None);
        assert_eq!(gathered(&[vec![1.0]]), None);
        assert_eq!(gathered(&[()]), None);
        assert_eq!(gathered::<f64>(&[]), None);
    }

    #[test]
    fn an_item_that_does_not_fit_leaves_no_trace() {
        let mut gathered = Gathered::default();
        gathered.push(&(1u8, 2u8)).unwrap();
        gathered.push(&(3u8, "x")).unwrap_err();
        gathered.push(&3u8).unwrap_err();
        assert_eq!(gathered.bytes(), [1, 2]);
        assert_eq!(gathered.shape()[..], [1, 2]);
    }
}
