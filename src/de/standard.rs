//! Values of Python's standard library: as text, number, sequence or struct, whichever is asked for.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::number::{self, Number, NumberDeserializer, exact_float};
use super::{Document, NodeDeserializer};
use crate::error::{Error, Result};
use crate::path::abridged;
use crate::stream::{Chars, Date, Instance, Range, Standard, Time, TimeDelta, Zone, is_decimal};

impl<'a, 'de> NodeDeserializer<'a, 'de> {
    /// For whoever takes what there is.
    pub(super) fn visit_standard<V: Visitor<'de>>(self, standard: Standard<'de>, visitor: V) -> Result<V::Value> {
        match standard {
            Standard::Range(range) => visitor.visit_seq(Numbers { document: self.document, range, next: 0 }),
            Standard::Chars(chars) => self.visit_chars(chars, visitor),
            Standard::TimeDelta(delta) => visitor.visit_f64(seconds(delta)),
            standard => self.visit_standard_text(standard, visitor),
        }
    }

    pub(super) fn visit_standard_text<V: Visitor<'de>>(self, standard: Standard<'de>, visitor: V) -> Result<V::Value> {
        match standard {
            Standard::Decimal(text) => visitor.visit_borrowed_str(self.decimal(text)?),
            Standard::Path(path) => {
                let arena = &self.document.arena;
                self.document.spend_bytes(size_of::<&str>() * path.parts.len())?;
                let len =
                    arena.path_len(&path).ok_or_else(|| Error::data("found a path with a part that is no text"))?;
                self.document.spend_bytes(len)?;
                visitor.visit_string(arena.path_text(&path))
            }
            Standard::Range(_) | Standard::Chars(_) => self.visit_standard(standard, visitor),
            Standard::DateTime(_, Time { fold: true, .. }, Zone::Named(key)) => Err(Error::data(format!(
                "found the later one of two equal times in {}, which text cannot tell from the other: \
                 take its fields, or its time as a timestamp in Python",
                abridged(key)
            ))),
            standard => match standard.text() {
                Some(text) => visitor.visit_string(text),
                None => Err(Error::data("found a time with a time zone of a class that is not Python's own")),
            },
        }
    }

    pub(super) fn visit_standard_int<V: Visitor<'de>>(self, standard: Standard<'de>, visitor: V) -> Result<V::Value> {
        match standard {
            Standard::Decimal(text) => match integer(self.decimal(text)?) {
                Some(value) => number::visit_big_int(&value.to_le_bytes(), visitor),
                None => {
                    let text = abridged(text);
                    Err(Error::data(format!("found the Decimal {text}, expected an integer of up to 128 bits")))
                }
            },
            Standard::Fraction(value, 1) => number::visit_big_int(&value.to_le_bytes(), visitor),
            Standard::Uuid(value) => match i128::try_from(value) {
                Ok(value) => number::visit_big_int(&value.to_le_bytes(), visitor),
                Err(_) => visitor.visit_u128(value),
            },
            Standard::TimeDelta(delta) => match delta.whole_seconds() {
                (seconds, 0) => number::visit_int(seconds, visitor),
                _ => Err(Error::data(format!("found the timedelta {delta}, which is no whole number of seconds"))),
            },
            standard => self.visit_standard(standard, visitor),
        }
    }

    pub(super) fn visit_standard_float<V: Visitor<'de>>(self, standard: Standard<'de>, visitor: V) -> Result<V::Value> {
        match standard {
            Standard::Decimal(text) => {
                let nan = self.decimal(text)?.trim_start_matches('-').trim_start_matches('s').starts_with("NaN");
                let value = if nan { Ok(f64::NAN) } else { text.parse() };
                visitor.visit_f64(value.map_err(|_| Error::data("found a Decimal that is no float"))?)
            }
            Standard::Fraction(numerator, denominator) => {
                visitor.visit_f64(exact_float(numerator)? / exact_float(denominator)?)
            }
            standard => self.visit_standard(standard, visitor),
        }
    }

    pub(super) fn visit_standard_bytes<V: Visitor<'de>>(self, standard: Standard<'de>, visitor: V) -> Result<V::Value> {
        match standard {
            Standard::Uuid(value) => visitor.visit_bytes(&value.to_be_bytes()),
            standard => self.visit_standard_text(standard, visitor),
        }
    }

    /// As a sequence, or a tuple of a length.
    pub(super) fn visit_standard_seq<V: Visitor<'de>>(
        self,
        standard: Standard<'de>,
        instance: &Instance<'a, 'de>,
        len: Option<usize>,
        visitor: V,
    ) -> Result<V::Value> {
        match (standard, len) {
            (Standard::Uuid(value), Some(16)) => {
                visitor.visit_seq(SeqDeserializer::new(value.to_be_bytes().into_iter()))
            }
            (Standard::Fraction(numerator, denominator), _) => {
                visitor.visit_seq(SeqDeserializer::new([numerator, denominator].into_iter().map(Int128)))
            }
            (Standard::TimeDelta(delta), Some(2)) => {
                let (seconds, microseconds) = delta.whole_seconds();
                visitor.visit_seq(SeqDeserializer::new([seconds, 1000 * i64::from(microseconds)].into_iter()))
            }
            (Standard::TimeDelta(delta), _) => {
                let TimeDelta { days, seconds, microseconds } = delta;
                visitor
                    .visit_seq(SeqDeserializer::new([days.into(), seconds.into(), i64::from(microseconds)].into_iter()))
            }
            (Standard::Path(_), _) => visitor.visit_seq(self.elements(instance.args())),
            _ => self.visit_standard(standard, visitor),
        }
    }

    /// As a struct of these fields, or a map.
    pub(super) fn visit_standard_map<V: Visitor<'de>>(
        self,
        standard: Standard<'de>,
        instance: &Instance<'a, 'de>,
        fields: &[&str],
        visitor: V,
    ) -> Result<V::Value> {
        let mut parts = Fields(Vec::new());
        match standard {
            Standard::Uuid(_) => return self.visit_instance(instance, visitor),
            Standard::Fraction(numerator, denominator) => {
                parts.add(&[("numerator", numerator), ("denominator", denominator)]);
            }
            Standard::Range(Range { start, stop, step: 1 }) if fields == ["start", "end"] => {
                parts.add(&[("start", start.into()), ("end", stop.into())]);
            }
            Standard::Range(range) if fields == ["start", "end"] => {
                return Err(Error::data(format!("found a range with the step {}, expected 1", range.step)));
            }
            Standard::Range(Range { start, stop, step }) => {
                parts.add(&[("start", start.into()), ("stop", stop.into()), ("step", step.into())]);
            }
            Standard::TimeDelta(delta) if fields == ["secs", "nanos"] => {
                let (seconds, microseconds) = delta.whole_seconds();
                if seconds < 0 {
                    return Err(Error::data(format!("found the timedelta {delta}, expected one that is not negative")));
                }
                parts.add(&[("secs", seconds.into()), ("nanos", 1000 * i128::from(microseconds))]);
            }
            Standard::TimeDelta(TimeDelta { days, seconds, microseconds }) => {
                parts.add(&[("days", days.into()), ("seconds", seconds.into()), ("microseconds", microseconds.into())]);
            }
            Standard::Date(date) => parts.date(date),
            Standard::Time(time, zone) => parts.time(time, zone),
            Standard::DateTime(date, time, zone) => {
                parts.date(date);
                parts.time(time, zone);
            }
            standard => return self.visit_standard(standard, visitor),
        }
        visitor.visit_map(MapDeserializer::new(parts.0.into_iter()))
    }

    /// The text of a Decimal, if it is a number.
    fn decimal(&self, text: &'de str) -> Result<&'de str> {
        self.document.spend_bytes(text.len())?;
        if is_decimal(text) {
            Ok(text)
        } else {
            Err(Error::data(format!("found a Decimal of {:?}, which is no number", abridged(text))))
        }
    }

    fn visit_chars<V: Visitor<'de>>(self, chars: Chars<'de>, visitor: V) -> Result<V::Value> {
        self.document.spend_bytes(4 * chars.bytes.len() / chars.unit)?;
        visitor.visit_seq(SeqDeserializer::new(chars.decode()?.into_iter()))
    }
}

/// A timedelta in seconds, the nearest float, as Python's `total_seconds`.
fn seconds(delta: TimeDelta) -> f64 {
    delta.whole_microseconds() as f64 / 1e6
}

/// The integer that a Decimal is, if it is one of 128 bits.
fn integer(text: &str) -> Option<i128> {
    let (number, exponent) = text.split_once('E').unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let exponent = exponent.parse::<i64>().ok()?.checked_sub(fraction.len() as i64)?;
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() || significant == "-" {
        return Some(0);
    }
    let zeros = exponent.checked_add((digits.len() - significant.len()) as i64)?;
    let power = 10i128.checked_pow(u32::try_from(zeros).ok()?)?;
    significant.parse::<i128>().ok()?.checked_mul(power)
}

/// The numbers of a range.
struct Numbers<'a, 'de> {
    document: &'a Document<'a, 'de>,
    range: Range,
    next: u64,
}

impl<'de> SeqAccess<'de> for Numbers<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.next == self.range.len() {
            return Ok(None);
        }
        // How many there are is not bounded by the length of the stream.
        self.document.spend()?;
        let index = self.next;
        self.next += 1;
        let element = seed.deserialize(NumberDeserializer(Number::Int(self.range.get(index))));
        element.map(Some).map_err(|error| error.under(index))
    }

    fn size_hint(&self) -> Option<usize> {
        let left = (self.range.len() - self.next).min(self.document.budget.visits_left());
        usize::try_from(left).ok()
    }
}

/// The fields of a value that is asked for as a struct.
struct Fields<'de>(Vec<(&'static str, Part<'de>)>);

impl<'de> Fields<'de> {
    fn add(&mut self, fields: &[(&'static str, i128)]) {
        self.0.extend(fields.iter().map(|&(name, value)| (name, Part::Int(value))));
    }

    fn date(&mut self, date: Date) {
        let Date { year, month, day } = date;
        self.add(&[("year", year.into()), ("month", month.into()), ("day", day.into())]);
    }

    fn time(&mut self, time: Time, zone: Zone<'de>) {
        let Time { hour, minute, second, microsecond, fold } = time;
        self.add(&[("hour", hour.into()), ("minute", minute.into()), ("second", second.into())]);
        self.add(&[("microsecond", microsecond.into()), ("fold", fold.into())]);
        self.0.push(("tzinfo", Part::Zone(zone)));
    }
}

/// The value of a field.
enum Part<'de> {
    Int(i128),
    Zone(Zone<'de>),
}

impl<'de> IntoDeserializer<'de, Error> for Part<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> de::Deserializer<'de> for Part<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Part::Int(value) => number::visit_big_int(&value.to_le_bytes(), visitor),
            Part::Zone(Zone::Naive) => visitor.visit_unit(),
            Part::Zone(Zone::Named(key)) => visitor.visit_borrowed_str(key),
            Part::Zone(zone @ Zone::Fixed(_)) => visitor.visit_string(zone.to_string()),
            Part::Zone(Zone::Other) => Err(Error::data("found a time zone of a class that is not Python's own")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Part::Zone(Zone::Naive) => visitor.visit_none(),
            part => visitor.visit_some(part),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Part::Int(value @ 0..=1) => visitor.visit_bool(value == 1),
            part => part.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct enum identifier
    }
}

/// A wide integer.
struct Int128(i128);

impl<'de> IntoDeserializer<'de, Error> for Int128 {
    type Deserializer = Part<'de>;

    fn into_deserializer(self) -> Part<'de> {
        Part::Int(self.0)
    }
}
