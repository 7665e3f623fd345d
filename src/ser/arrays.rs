//! The arrays and scalars of a [`Value`](crate::Value).

use std::borrow::Cow;

use super::known::Data;
use super::{Layout, Numbers, Output};
use crate::dtype::DType;
use crate::error::Result;
use crate::stream::{Form, Global, Shape};
use crate::value::{Array, Field, FieldType, RecordType, Records};

/// The dtype of an array.
#[derive(Clone, Copy)]
enum Items<'a> {
    Plain(DType),
    Records(&'a RecordType),
}

impl Items<'_> {
    fn itemsize(self) -> usize {
        match self {
            Items::Plain(dtype) => dtype.itemsize(),
            Items::Records(dtype) => dtype.itemsize,
        }
    }
}

impl Output<'_> {
    pub(super) fn array_value(&mut self, array: &Array) -> Result<()> {
        let dtype = if array.big_endian { array.dtype().to_big_endian() } else { array.dtype() };
        if dtype.itemsize() == 0 {
            self.array_without_bytes(Items::Plain(dtype), array.shape(), array.is_fortran());
            return Ok(());
        }
        let mut bytes = Cow::from(array.bytes());
        if array.big_endian {
            bytes.to_mut().chunks_exact_mut(dtype.swap_size()).for_each(<[u8]>::reverse);
        }
        self.numbers(&Numbers {
            dtype,
            shape: Shape::from_slice(array.shape()),
            layout: match array.form {
                _ if array.is_fortran() => Layout::Fortran,
                Form::Array => Layout::C,
                Form::Sequence => Layout::Sequence,
            },
            data: Data::Whole(&bytes),
        })
    }

    pub(super) fn scalar_value(&mut self, scalar: &Array) {
        self.scalar(Items::Plain(scalar.dtype()), scalar.bytes());
    }

    pub(super) fn record_value(&mut self, record: &Records) {
        self.scalar(Items::Records(&record.dtype), record.bytes());
    }

    /// As [`Output::numbers`], with an object for the dtype in place of its name.
    pub(super) fn records_value(&mut self, records: &Records) -> Result<()> {
        let items = Items::Records(&records.dtype);
        if items.itemsize() == 0 {
            self.array_without_bytes(items, records.shape(), records.is_fortran());
            return Ok(());
        }
        self.encoder.global(Global::Reshape);
        self.encoder.global(Global::FromBuffer);
        if !self.divert(records.bytes(), None)? {
            self.encoder.bytes(records.bytes());
        }
        self.dtype_object(items);
        self.encoder.short_tuple(2);
        self.encoder.reduce();
        self.lengths(records.shape());
        match records.form {
            Form::Sequence if !records.is_fortran() => self.encoder.short_tuple(2),
            _ => {
                self.encoder.name(if records.is_fortran() { "F" } else { "C" });
                self.encoder.short_tuple(3);
            }
        }
        self.encoder.reduce();
        Ok(())
    }

    /// Indexing an array without axes by `()` gives its scalar, in public names only.
    fn scalar(&mut self, items: Items<'_>, bytes: &[u8]) {
        self.encoder.global(Global::GetItem);
        if items.itemsize() == 0 {
            self.array_without_bytes(items, &[], false);
        } else {
            self.encoder.global(Global::Reshape);
            self.encoder.global(Global::FromBuffer);
            self.encoder.bytes(bytes);
            match items {
                Items::Plain(dtype) => self.encoder.dtype(dtype),
                Items::Records(_) => self.dtype_object(items),
            }
            self.encoder.short_tuple(2);
            self.encoder.reduce();
            self.encoder.short_tuple(0);
            self.encoder.name("C");
            self.encoder.short_tuple(3);
            self.encoder.reduce();
        }
        self.encoder.short_tuple(0);
        self.encoder.short_tuple(2);
        self.encoder.reduce();
    }

    /// `numpy.frombuffer` refuses items of no size. An array gets them through its state, as from numpy's own pickles.
    fn array_without_bytes(&mut self, items: Items<'_>, shape: &[usize], fortran: bool) {
        self.encoder.global(Global::NdArray);
        self.lengths(&[0]);
        self.encoder.str("b");
        self.encoder.short_tuple(2);
        self.encoder.reduce();
        self.encoder.mark();
        self.encoder.int(1);
        self.lengths(shape);
        self.dtype_object(items);
        self.encoder.bool(fortran);
        self.encoder.bytes(&[]);
        self.encoder.tuple();
        self.encoder.build();
    }

    /// `numpy.dtype(name)`, or that of records:
    /// `numpy.dtype({'names': […], 'formats': […], 'offsets': […], 'itemsize': …}, align)`. The flags in the state of a
    /// pickled dtype differ between the versions of numpy; this is the same in all of them.
    fn dtype_object(&mut self, items: Items<'_>) {
        self.encoder.global(Global::DType);
        let dtype = match items {
            Items::Records(dtype) => dtype,
            Items::Plain(dtype) => {
                self.encoder.dtype(dtype);
                self.encoder.short_tuple(1);
                self.encoder.reduce();
                return;
            }
        };
        if dtype.is_record_class {
            // `numpy.dtype((numpy.record, dtype))`
            self.encoder.named_global("numpy", "record");
            self.encoder.global(Global::DType);
        }
        self.encoder.begin_dict();
        self.field_list("names", dtype, |output, field| output.encoder.str(&field.name));
        self.field_list("formats", dtype, |output, field| {
            match &field.item {
                FieldType::Plain(dtype) => output.encoder.dtype(*dtype),
                FieldType::Record(dtype) => output.dtype_object(Items::Records(dtype)),
            }
            if !field.shape.is_empty() {
                output.lengths(&field.shape);
                output.encoder.short_tuple(2);
            }
        });
        self.field_list("offsets", dtype, |output, field| output.encoder.uint(field.offset as u64));
        if dtype.fields.iter().any(|field| field.title.is_some()) {
            self.field_list("titles", dtype, |output, field| match &field.title {
                Some(title) => output.encoder.str(title),
                None => output.encoder.none(),
            });
        }
        self.encoder.name("itemsize");
        self.encoder.uint(dtype.itemsize as u64);
        self.encoder.set_items();
        self.encoder.bool(dtype.is_aligned);
        self.encoder.short_tuple(2);
        self.encoder.reduce();
        if dtype.is_record_class {
            self.encoder.short_tuple(2);
            self.encoder.short_tuple(1);
            self.encoder.reduce();
        }
    }

    /// A name, and the list of what each field is.
    fn field_list(&mut self, name: &'static str, dtype: &RecordType, write: impl Fn(&mut Self, &Field)) {
        self.encoder.name(name);
        self.encoder.begin_list();
        dtype.fields.iter().for_each(|field| write(self, field));
        self.encoder.appends();
    }
}
