//! Structs, and ndarray's own way of being one.

use serde::ser::{self, Serialize};

use super::Output;
use super::known::{self, Layout};
use super::numbers::Gathered;
use crate::bytes::Erased;
use crate::error::{Error, Result};
use crate::stream::Shape;

/// A struct or the content of a struct variant: a dict of its fields. ndarray's arrays, which are structs to serde
/// too, become arrays.
pub(crate) struct StructSerializer<'a, 's> {
    output: &'a mut Output<'s>,
    state: State,
    variant: bool,
}

enum State {
    /// The fields are written as they come.
    Fields,
    /// The whole value was an array of a known type, and has been written.
    Written,
    /// What came so far are the first fields of an ndarray. Nothing is written yet. In a box, so that other structs, of which
    /// there are more, are small.
    Array(Box<ArrayFields>),
}

/// The fields of ndarray's `Array { v: 1, dim, data }` that have come.
enum ArrayFields {
    Nothing,
    Version,
    Dim(Dim),
}

/// A shape, as serde described it: those of a fixed number of dimensions are tuples, that of `IxDyn` a sequence.
struct Dim {
    gathered: Gathered,
    shape: Shape,
    tuple: bool,
}

impl<'a, 's> StructSerializer<'a, 's> {
    #[inline]
    pub(super) fn new(output: &'a mut Output<'s>, value: Erased<'_>, name: &str, len: usize) -> Result<Self> {
        if name == "Array" && len == 3 && !output.in_key() {
            return Self::array(output, value);
        }
        output.begin_entries();
        Ok(StructSerializer { output, state: State::Fields, variant: false })
    }

    /// What may be an ndarray.
    fn array(output: &'a mut Output<'s>, value: Erased<'_>) -> Result<Self> {
        let state = if let Some(numbers) = known::numbers(value) {
            output.numbers(&numbers)?;
            State::Written
        } else if is_someone_elses_array(value.type_name()) {
            output.begin_entries();
            State::Fields
        } else {
            State::Array(Box::new(ArrayFields::Nothing))
        };
        Ok(StructSerializer { output, state, variant: false })
    }

    #[inline]
    pub(super) fn variant(output: &'a mut Output<'s>, variant: &'static str) -> Self {
        output.begin_variant(variant);
        output.begin_entries();
        StructSerializer { output, state: State::Fields, variant: true }
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        if let State::Fields = self.state { self.plain_field(name, value) } else { self.array_field(name, value) }
    }

    fn array_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        match &self.state {
            State::Written => Ok(()),
            State::Fields => self.plain_field(name, value),
            State::Array(fields) => match fields.next(self.output, name, value)? {
                Next::Held(fields) => {
                    self.state = State::Array(Box::new(fields));
                    Ok(())
                }
                Next::Array(data, shape) => {
                    if self.output.gathered(&data, shape, Layout::C)? {
                        self.state = State::Written;
                        return Ok(());
                    }
                    // No elements, and so nothing that says of which type.
                    self.give_up_array(name, value)
                }
                Next::SomethingElse => self.give_up_array(name, value),
            },
        }
    }

    #[inline]
    fn plain_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.output.room()?;
        self.output.encoder.name(name);
        self.output.value(value).map_err(|error| error.under(name))?;
        self.output.end_entry();
        Ok(())
    }

    /// It was not an ndarray of numbers: writes the fields that were held back, and the one that has come.
    fn give_up_array<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.write_held_back()?;
        self.plain_field(name, value)
    }

    fn write_held_back(&mut self) -> Result<()> {
        if let State::Array(fields) = std::mem::replace(&mut self.state, State::Fields) {
            self.output.begin_entries();
            if !matches!(*fields, ArrayFields::Nothing) {
                self.plain_field("v", &1u8)?;
            }
            if let ArrayFields::Dim(dim) = *fields {
                self.output.encoder.name("dim");
                match dim.gathered.numbers() {
                    Some(numbers) if !dim.tuple => self.output.numbers(&numbers)?,
                    _ => self.output.lengths(&dim.shape),
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn finish(mut self) -> Result<()> {
        match self.state {
            State::Written => return Ok(()),
            State::Array(_) => self.write_held_back()?,
            State::Fields => {}
        }
        self.output.end_entries();
        if self.variant {
            self.output.end_variant();
        }
        Ok(())
    }
}

/// What a field means to a struct that was an ndarray so far.
enum Next {
    /// It still is, and the field is held back.
    Held(ArrayFields),
    /// It is one, of these elements and this shape.
    Array(Gathered, Shape),
    /// It is not.
    SomethingElse,
}

impl ArrayFields {
    fn next<T: Serialize + ?Sized>(&self, output: &mut Output<'_>, name: &str, value: &T) -> Result<Next> {
        let next = match (self, name) {
            (ArrayFields::Nothing, "v") => is_version_1(value).then_some(Next::Held(ArrayFields::Version)),
            (ArrayFields::Version, "dim") => Dim::of(value).map(|dim| Next::Held(ArrayFields::Dim(dim))),
            (ArrayFields::Dim(dim), "data") => {
                dim.data(output, value)?.map(|data| Next::Array(data, dim.shape.clone()))
            }
            _ => None,
        };
        Ok(next.unwrap_or(Next::SomethingElse))
    }
}

impl Dim {
    fn of<T: Serialize + ?Sized>(value: &T) -> Option<Dim> {
        let mut gathered = Gathered::default();
        let tuple = gathered.push(value).is_ok();
        if !tuple {
            gathered = Gathered::sequence(value, None).ok()?;
        }
        let ranks = if tuple { gathered.item_shape().len() } else { 1 };
        let shape = gathered.lengths()?;
        (ranks == 1).then_some(Dim { gathered, shape, tuple })
    }

    /// The elements, if they are as many plain numbers as the shape says. What is in the output already is taken back if
    /// they are not.
    fn data<T: Serialize + ?Sized>(&self, output: &mut Output<'_>, value: &T) -> Result<Option<Gathered>> {
        let data = Gathered::sequence(value, Some(output));
        if let Some(error) = output.failed.take() {
            return Err(error);
        }
        let len = self.shape.iter().try_fold(1usize, |len, &axis| len.checked_mul(axis));
        let data = data.ok().filter(|data| Some(data.len()) == len && data.item_shape().is_empty());
        if data.is_none() {
            output.unspill()?;
        }
        Ok(data)
    }
}

fn is_version_1<T: Serialize + ?Sized>(value: &T) -> bool {
    let mut gathered = Gathered::default();
    gathered.push(value).is_ok() && gathered.item_shape().is_empty() && gathered.lengths().as_deref() == Some(&[1])
}

/// Whether the value is a struct that merely has the same name as ndarray's. It reads back either way; but it is not
/// an array, and Python should not see one.
fn is_someone_elses_array(type_name: &str) -> bool {
    let path = type_name.split('<').next().unwrap_or(type_name);
    !path.starts_with("ndarray::") && path.rsplit("::").next() == Some("Array")
}

macro_rules! structs {
    ($($trait:ident)*) => {
        $(impl ser::$trait for StructSerializer<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.field(name, value)
            }

            #[inline]
            fn end(self) -> Result<()> {
                self.finish()
            }
        })*
    };
}

structs! { SerializeStruct SerializeStructVariant }
