//! numpy's structured arrays without a type.

use std::fmt;
use std::sync::Arc;

use ndarray::IxDyn;
use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use super::serialize::Rows;
use super::{Array, Value};
use crate::bytes::{AlignedBuf, Shared};
use crate::de::number::Number;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::stream::Form;
use crate::with::ndarray::from_elements;

/// How many bytes records whose fields overlap may be in another format.
const MAX_SPREAD: usize = 10_000_000;

/// A `numpy.ndarray` with a structured dtype: an array of records. They may be shared with a mapped file.
///
/// ```
/// # use binpickle::Value;
/// # // numpy.ndarray((0,), 'b') with the state of two records of a field `x` ('<i2')
/// # let stream = b"cnumpy\nndarray\nK\x00\x85VB\n\x86R(K\x01K\x02\x85cnumpy\ndtype\n(VV2\n\x89\x88tR(K\x03V|\nN\
/// #     VX\n\x85}VX\nV<i2\nK\x00\x86sK\x02K\x01K\x00tb\x89C\x04\x05\x00\x07\x00tb.";
/// # let value: Value = binpickle::pickle::from_slice(stream)?;
/// // numpy.array([(5,), (7,)], [('X', '<i2')])
/// let Value::Records(records) = value else { panic!("no records") };
/// assert_eq!(records.dtype().fields()[0].name(), "X");
/// let column = records.field("X")?;
/// assert_eq!(column.as_array().unwrap().to_ndarray::<f32>()?, ndarray::arr1(&[5.0, 7.0]).into_dyn());
/// # Ok::<(), binpickle::Error>(())
/// ```
#[derive(Clone)]
pub struct Records {
    pub(crate) dtype: Arc<RecordType>,
    pub(crate) shape: Vec<usize>,
    pub(crate) fortran: bool,
    pub(crate) form: Form,
    pub(crate) data: Shared,
}

/// A structured dtype of numpy.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordType {
    pub(crate) fields: Vec<Field>,
    pub(crate) itemsize: usize,
    /// Whether it was made with `align=True`.
    pub(crate) is_aligned: bool,
    /// Whether its scalars are `numpy.record`s, as in a `numpy.recarray`, instead of `numpy.void`s.
    pub(crate) is_record_class: bool,
}

/// A field of a [`RecordType`].
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) offset: usize,
    pub(crate) size: usize,
    pub(crate) item: FieldType,
    pub(crate) shape: Vec<usize>,
}

/// What is in a [`Field`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FieldType {
    /// Numbers, text, bytes or times, in the byte order of the dtype.
    Plain(DType),
    /// A record within the record.
    Record(Arc<RecordType>),
}

impl RecordType {
    /// The fields, in numpy's order. They may overlap, and leave gaps between them.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The size of one record in bytes.
    #[must_use]
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// The size of all fields, one after the other, and those of records in each place where they are.
    fn spread(&self) -> usize {
        let spread = |field: &Field| match &field.item {
            FieldType::Plain(_) => field.size.max(1),
            FieldType::Record(dtype) => {
                let count = field.shape.iter().fold(1usize, |count, &len| count.saturating_mul(len));
                dtype.spread().saturating_mul(count)
            }
        };
        self.fields.iter().map(spread).fold(0, usize::saturating_add)
    }
}

impl Field {
    /// The name of the field.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Another name, which numpy calls the title.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// How many bytes it lies behind the start of the record.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What its items are.
    #[must_use]
    pub fn item(&self) -> &FieldType {
        &self.item
    }

    /// The shape of a field that is an array; no axes are one item.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
}

impl Records {
    /// The dtype of the records.
    #[must_use]
    pub fn dtype(&self) -> &RecordType {
        &self.dtype
    }

    /// The length of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether the first axis varies fastest in memory (Fortran order), rather than the last (C order).
    #[must_use]
    pub fn is_fortran(&self) -> bool {
        self.fortran
    }

    /// The records, in the order of memory, as they are in the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// A field of all records, as numpy's `records[name]`: a [`Value::Array`], or [`Value::Records`] of records within the
    /// records. It is a copy, in C order; an error is a name that no field has.
    pub fn field(&self, name: &str) -> Result<Value> {
        let field = self.dtype.fields.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| Error::data(format!("no field of the records is called {name:?}")))?;
        let itemsize = self.dtype.itemsize;
        let count = self.data.len().checked_div(itemsize).unwrap_or(0);
        let mut column = AlignedBuf::zeroed(count * field.size)?;
        if field.size > 0 {
            for (place, item) in column.chunks_exact_mut(field.size).enumerate() {
                let start = self.place(place) * itemsize + field.offset;
                item.copy_from_slice(&self.data[start..start + field.size]);
            }
        }
        let shape = [&self.shape[..], &field.shape].concat();
        let (fortran, form) = (false, Form::Sequence);
        Ok(match &field.item {
            FieldType::Record(dtype) => {
                let data = Shared::of_buffer(Arc::new(column));
                Value::Records(Records { dtype: dtype.clone(), shape, fortran, form, data })
            }
            FieldType::Plain(dtype) => {
                let big_endian = dtype.is_big_endian();
                if big_endian {
                    column.chunks_exact_mut(dtype.swap_size()).for_each(<[u8]>::reverse);
                }
                let data = Shared::of_buffer(Arc::new(column));
                Value::Array(Array { dtype: dtype.to_little_endian(), shape, fortran, big_endian, form, data })
            }
        })
    }

    /// Where a record, counted in C order, lies in memory.
    fn place(&self, mut place: usize) -> usize {
        if !self.fortran {
            return place;
        }
        let mut strides: Vec<usize> = self
            .shape
            .iter()
            .scan(1, |stride, len| {
                let this = *stride;
                *stride *= len;
                Some(this)
            })
            .collect();
        let mut found = 0;
        for &len in self.shape.iter().rev() {
            found += strides.pop().unwrap_or(0) * (place % len.max(1));
            place /= len.max(1);
        }
        found
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.dtype.fields.iter().map(Field::name).collect();
        write!(f, "ndarray({names:?}, {:?})", self.shape)
    }
}

impl PartialEq for Records {
    /// Whether both have the same dtype, shape and order, and the same bytes.
    fn eq(&self, other: &Self) -> bool {
        (&self.dtype, &self.shape, self.fortran) == (&other.dtype, &other.shape, other.fortran)
            && *self.data == *other.data
    }
}

impl Serialize for Records {
    /// For other formats: the rows of its rows, in C order; a record is a map.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Fields that overlap, and records of these in records, may be many times what there is in memory.
        let (spread, itemsize) = (self.dtype.spread(), self.dtype.itemsize);
        let all = spread.saturating_mul(self.data.len() / itemsize.max(1));
        if all > MAX_SPREAD && spread > itemsize.saturating_mul(4) {
            return Err(S::Error::custom("the records are too large in this format, for their fields overlap"));
        }
        let records = self.data.chunks_exact(self.dtype.itemsize.max(1));
        let records = records.map(|bytes| Record { dtype: &self.dtype, bytes }).collect();
        let records = from_elements(IxDyn(&self.shape), self.fortran, records).map_err(S::Error::custom)?;
        Rows(records.view()).serialize(serializer)
    }
}

struct Record<'a> {
    dtype: &'a RecordType,
    bytes: &'a [u8],
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.dtype.fields.len()))?;
        for field in &self.dtype.fields {
            let bytes = &self.bytes[field.offset..field.offset + field.size];
            map.serialize_entry(&field.name, &Content { field, bytes })?;
        }
        map.end()
    }
}

/// A field of one record.
struct Content<'a> {
    field: &'a Field,
    bytes: &'a [u8],
}

impl Serialize for Content<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shape = IxDyn(&self.field.shape);
        match &self.field.item {
            FieldType::Record(dtype) => {
                let items = self.bytes.chunks_exact(dtype.itemsize.max(1)).map(|bytes| Record { dtype, bytes });
                let items = from_elements(shape, false, items.collect()).map_err(S::Error::custom)?;
                Rows(items.view()).serialize(serializer)
            }
            FieldType::Plain(dtype) => {
                let items = self.bytes.chunks_exact(dtype.itemsize().max(1)).map(|bytes| Number::read(*dtype, bytes));
                let items: Result<_> = items.collect();
                let items = items.and_then(|items| from_elements(shape, false, items)).map_err(S::Error::custom)?;
                Rows(items.view()).serialize(serializer)
            }
        }
    }
}
