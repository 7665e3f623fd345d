//! Sequences and tuples.

use half::f16;
use serde::ser::{self, Serialize};

use super::numbers::Gathered;
use super::{Layout, Output, known};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::stream::SHORT;

/// A sequence: an array for as long as its elements are numbers of one type and shape, a list otherwise.
pub(crate) struct SeqSerializer<'a, 's> {
    output: &'a mut Output<'s>,
    state: State,
}

enum State {
    /// No element yet.
    Empty,
    /// Nothing is written yet: so far these are numbers. In a box, so that lists, of which there are more, are small.
    Numbers(Box<Gathered>),
    /// A list is open in the stream.
    List,
    /// A tuple is open in the stream: we are in a key.
    Tuple,
}

impl<'a, 's> SeqSerializer<'a, 's> {
    #[inline]
    pub(super) fn new(output: &'a mut Output<'s>) -> Self {
        let state = if output.in_key() {
            output.encoder.mark();
            State::Tuple
        } else {
            State::Empty
        };
        SeqSerializer { output, state }
    }

    fn begin_list(&mut self) {
        self.output.encoder.begin_list();
        self.state = State::List;
    }
}

impl ser::SerializeSeq for SeqSerializer<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if let State::List | State::Tuple = self.state {
            self.output.room()?;
            return self.output.value(value);
        }
        self.first_elements(value)
    }

    #[inline]
    fn end(self) -> Result<()> {
        match self.state {
            State::List => self.output.encoder.appends(),
            State::Tuple => self.output.encoder.tuple(),
            State::Empty => self.output.encoder.empty_list(),
            State::Numbers(gathered) => self.output.end_numbers(&gathered)?,
        }
        Ok(())
    }
}

impl SeqSerializer<'_, '_> {
    /// While it may be an array.
    fn first_elements<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        match &mut self.state {
            State::List | State::Tuple => {}
            State::Empty if known::is_text::<T>() => self.begin_list(),
            State::Empty => {
                let mut gathered = Gathered::default();
                if gathered.push(value).is_ok() {
                    self.state = State::Numbers(Box::new(gathered));
                    return Ok(());
                }
                self.begin_list();
            }
            State::Numbers(gathered) => {
                if gathered.push(value).is_ok() {
                    return self.output.spill(gathered);
                }
                // Of another type than those before: all of them become objects of a list.
                let mut gathered = std::mem::take(gathered);
                gathered.prepend(self.output.unspill()?);
                self.begin_list();
                if let Some(numbers) = gathered.numbers() {
                    self.output.objects(numbers.dtype, &numbers.shape, gathered.bytes());
                }
            }
        }
        self.output.value(value)
    }
}

impl Output<'_> {
    /// A sequence of text, which is a list from the first element on.
    #[inline]
    pub(super) fn text<T: Serialize>(&mut self, mut texts: impl Iterator<Item = T>) -> Result<()> {
        let Some(first) = texts.next() else {
            self.encoder.empty_list();
            return Ok(());
        };
        self.encoder.begin_list();
        self.value(&first)?;
        for text in texts {
            self.room()?;
            self.value(&text)?;
        }
        self.encoder.appends();
        Ok(())
    }

    /// Ends a sequence of which all elements were numbers.
    fn end_numbers(&mut self, gathered: &Gathered) -> Result<()> {
        if !self.gathered(gathered, gathered.shape(), Layout::Sequence)? {
            // Items without any number in them, such as `[f32; 0]`.
            self.encoder.begin_list();
            for _ in 0..gathered.len() {
                self.lengths(&[]);
            }
            self.encoder.appends();
        }
        Ok(())
    }

    /// Each item of a sequence of numbers as an object of its own.
    fn objects(&mut self, dtype: DType, shape: &[usize], mut bytes: &[u8]) {
        for _ in 0..shape[0] {
            self.object(dtype, &shape[1..], &mut bytes);
        }
    }

    fn object(&mut self, dtype: DType, shape: &[usize], bytes: &mut &[u8]) {
        let Some((&len, shape)) = shape.split_first() else {
            let (number, rest) = bytes.split_at(dtype.itemsize());
            *bytes = rest;
            return self.number(dtype, number);
        };
        self.encoder.mark();
        for _ in 0..len {
            self.object(dtype, shape, bytes);
        }
        self.encoder.tuple();
    }

    /// A number in the order of this machine's bytes.
    fn number(&mut self, dtype: DType, bytes: &[u8]) {
        fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
            bytes.try_into().unwrap_or([0; N])
        }
        match (dtype.kind(), dtype.itemsize()) {
            (Kind::Bool, _) => self.encoder.bool(bytes[0] != 0),
            (Kind::Float, 2) => self.encoder.float(f16::from_le_bytes(fixed(bytes)).into()),
            (Kind::Float, 4) => self.encoder.float(f32::from_le_bytes(fixed(bytes)).into()),
            (Kind::Float, _) => self.encoder.float(f64::from_le_bytes(fixed(bytes))),
            (Kind::Complex, size) => {
                let part = DType::new(Kind::Float, size / 2, false).unwrap_or(dtype);
                let (re, im) = bytes.split_at(size / 2);
                self.number(part, re);
                self.number(part, im);
                self.encoder.short_tuple(2);
            }
            (Kind::Int, size) => {
                let fill = if bytes[size - 1] < 0x80 { 0 } else { 0xff };
                let mut wide = [fill; 8];
                wide[..size].copy_from_slice(bytes);
                self.encoder.int(i64::from_le_bytes(wide));
            }
            (_, size) => {
                let mut wide = [0; 8];
                wide[..size].copy_from_slice(bytes);
                self.encoder.uint(u64::from_le_bytes(wide));
            }
        }
    }
}

/// A tuple, a tuple struct, or the content of a tuple variant.
pub(crate) struct TupleSerializer<'a, 's> {
    output: &'a mut Output<'s>,
    announced: usize,
    written: usize,
    variant: bool,
}

impl<'a, 's> TupleSerializer<'a, 's> {
    pub(super) fn new(output: &'a mut Output<'s>, len: usize) -> Self {
        output.encoder.begin_tuple(len);
        TupleSerializer { output, announced: len, written: 0, variant: false }
    }

    pub(super) fn variant(output: &'a mut Output<'s>, variant: &'static str, len: usize) -> Self {
        output.begin_variant(variant);
        TupleSerializer { variant: true, ..Self::new(output, len) }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.written += 1;
        // In a short tuple it would hide whether that is only `None`; and there what is long is in its elements.
        if self.announced > SHORT {
            self.output.room()?;
        }
        self.output.value(value)
    }

    fn finish(self) -> Result<()> {
        if self.written != self.announced {
            let (written, announced) = (self.written, self.announced);
            return Err(Error::data(format!("a tuple of {announced} elements was given {written}")));
        }
        self.output.encoder.end_tuple(self.announced);
        if self.variant {
            self.output.end_variant();
        }
        Ok(())
    }
}

macro_rules! tuples {
    ($($trait:ident: $method:ident;)*) => {
        $(impl ser::$trait for TupleSerializer<'_, '_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.element(value)
            }

            fn end(self) -> Result<()> {
                self.finish()
            }
        })*
    };
}

tuples! {
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}
