//! Python's dates, times and durations in the hands of other crates' types.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer, ser as serde_ser};

use crate::de::{TIME, is_ours};
use crate::error::{Error, Result};
use crate::ser;
use crate::value::{Made, Object, Value};

/// A date, time or duration in a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// `datetime.date`: year, month, day.
    Date([i64; 3]),
    /// `datetime.time` without a time zone: hour, minute, second, microsecond.
    Time([i64; 4]),
    /// `datetime.datetime`: date, time, and the offset from UTC in seconds if it has one.
    DateTime([i64; 3], [i64; 4], Option<i64>),
    /// `numpy.datetime64`: nanoseconds since 1970.
    Instant(i128),
    /// `datetime.timedelta` or `numpy.timedelta64`: nanoseconds.
    Span(i128),
}

impl Moment {
    /// An error that says what a type cannot be.
    pub(crate) fn is_not(self, expected: &str) -> Error {
        let found = match self {
            Moment::Date(_) => "a date",
            Moment::Time(_) => "a time",
            Moment::DateTime(.., None) => "a datetime without a time zone",
            Moment::DateTime(.., Some(_)) => "a datetime with a time zone",
            Moment::Instant(_) => "a datetime64",
            Moment::Span(_) => "a duration",
        };
        Error::data(format!("found {found}, expected {expected}"))
    }
}

/// A type of another crate that is a date, time or duration.
pub trait Convert: Sized {
    /// The object that it is in Python.
    fn to_python(&self) -> Result<Value>;

    /// What was found as this type.
    fn from_moment(moment: Moment) -> Result<Self>;

    /// `None`, and numpy's "not a time".
    fn from_nothing() -> Result<Self> {
        Err(Error::data("found None, expected a date, time or duration"))
    }

    /// What the crate of the type does.
    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// What the crate of the type does.
    fn deserialize_plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// The way of other formats, of a type with serde impls of its own.
macro_rules! plain {
    () => {
        fn serialize_plain<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.serialize(serializer)
        }

        fn deserialize_plain<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Self::deserialize(deserializer)
        }
    };
}
pub(super) use plain;

impl<T: Convert> Convert for Option<T> {
    fn to_python(&self) -> Result<Value> {
        self.as_ref().map_or(Ok(Value::None), Convert::to_python)
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        T::from_moment(moment).map(Some)
    }

    fn from_nothing() -> Result<Self> {
        Ok(None)
    }

    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Borrowed<'a, T>(&'a T);

        impl<T: Convert> Serialize for Borrowed<'_, T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize_plain(serializer)
            }
        }

        self.as_ref().map(Borrowed).serialize(serializer)
    }

    fn deserialize_plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Plain<T>>::deserialize(deserializer)?.map(|Plain(value)| value))
    }
}

struct Plain<T>(T);

impl<'de, T: Convert> Deserialize<'de> for Plain<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize_plain(deserializer).map(Plain)
    }
}

pub(super) fn serialize<T: Convert, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    if ser::is_ours::<S>() {
        value.to_python().map_err(serde_ser::Error::custom)?.serialize(serializer)
    } else {
        value.serialize_plain(serializer)
    }
}

pub(super) fn deserialize<'de, T: Convert, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    if is_ours::<D>() {
        deserializer.deserialize_newtype_struct(TIME, MomentVisitor(PhantomData))
    } else {
        T::deserialize_plain(deserializer)
    }
}

struct MomentVisitor<T>(PhantomData<T>);

impl<'de, T: Convert> Visitor<'de> for MomentVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date, time or duration")
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        T::from_nothing().map_err(E::custom)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize_plain(deserializer)
    }

    /// The parts of a moment, as the deserializer of this crate hands them over.
    fn visit_seq<S: SeqAccess<'de>>(self, mut parts: S) -> Result<T, S::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = parts.next_element::<i128>()? {
            numbers.push(number);
        }
        let fields: Vec<i64> = numbers.iter().map(|&number| i64::try_from(number).unwrap_or(i64::MAX)).collect();
        let moment = match *fields {
            [DATE, year, month, day] => Moment::Date([year, month, day]),
            [TIME_OF_DAY, hour, minute, second, micro] => Moment::Time([hour, minute, second, micro]),
            [DATE_TIME, year, month, day, hour, minute, second, micro, ref offset @ ..] => {
                Moment::DateTime([year, month, day], [hour, minute, second, micro], offset.first().copied())
            }
            [INSTANT, _] => Moment::Instant(numbers[1]),
            [SPAN, _] => Moment::Span(numbers[1]),
            _ => return Err(de::Error::custom("a name of this crate's own was used by someone else")),
        };
        T::from_moment(moment).map_err(de::Error::custom)
    }
}

/// Which sort of moment follows.
pub(crate) const DATE: i64 = 0;
pub(crate) const TIME_OF_DAY: i64 = 1;
pub(crate) const DATE_TIME: i64 = 2;
pub(crate) const INSTANT: i64 = 3;
pub(crate) const SPAN: i64 = 4;

/// `datetime.date(year, month, day)`
pub(super) fn date(year: i64, month: i64, day: i64) -> Result<Value> {
    Ok(call("date", &[checked_year(year)?, month, day]))
}

/// `datetime.time(hour, minute, second, microsecond)`
pub(super) fn time(time: [i64; 3], nanosecond: u32) -> Result<Value> {
    let [hour, minute, second] = time;
    Ok(call("time", &[hour, minute, second, microseconds(nanosecond)?]))
}

/// `datetime.datetime(year, …, microsecond)`, with `datetime.timezone(datetime.timedelta(0, offset))` if there is an
/// offset in seconds.
pub(super) fn date_time(date: [i64; 3], time: [i64; 3], nanosecond: u32, offset: Option<i64>) -> Result<Value> {
    let ([year, month, day], [hour, minute, second]) = (date, time);
    let fields = [checked_year(year)?, month, day, hour, minute, second, microseconds(nanosecond)?];
    let mut args = fields.map(Value::Int).to_vec();
    if let Some(offset) = offset {
        args.push(object("timezone", vec![call("timedelta", &[0, offset])]));
    }
    Ok(object("datetime", args))
}

/// `datetime.timedelta(days, seconds, microseconds)`
pub(super) fn time_delta(nanoseconds: i128) -> Result<Value> {
    const DAY: i128 = 86_400 * 1_000_000;
    if nanoseconds % 1000 != 0 {
        return Err(too_fine());
    }
    let whole = nanoseconds / 1000;
    let (days, rest) = (whole.div_euclid(DAY), whole.rem_euclid(DAY));
    match i64::try_from(days) {
        Ok(days @ -999_999_999..=999_999_999) => {
            Ok(call("timedelta", &[days, (rest / 1_000_000) as i64, (rest % 1_000_000) as i64]))
        }
        _ => Err(Error::data("the duration is longer than the 999999999 days of Python's timedelta")),
    }
}

fn call(name: &str, args: &[i64]) -> Value {
    object(name, args.iter().copied().map(Value::Int).collect())
}

fn object(name: &str, args: Vec<Value>) -> Value {
    Value::Object(Box::new(Object {
        made: Made::Call,
        callable: Value::Global("datetime".to_owned(), name.to_owned()),
        args,
        kwargs: None,
        state: None,
        items: Vec::new(),
        entries: Vec::new(),
    }))
}

fn checked_year(year: i64) -> Result<i64> {
    if (1..=9999).contains(&year) {
        Ok(year)
    } else {
        Err(Error::data(format!("the year {year} is not among Python's, 1 to 9999")))
    }
}

/// The microseconds of a second; chrono counts on in a leap second.
fn microseconds(nanosecond: u32) -> Result<i64> {
    match nanosecond {
        1_000_000_000.. => Err(Error::data("Python has no leap seconds")),
        nanosecond if nanosecond.is_multiple_of(1000) => Ok((nanosecond / 1000).into()),
        _ => Err(too_fine()),
    }
}

fn too_fine() -> Error {
    Error::data("Python's datetime is exact to the microsecond, and there are nanoseconds beyond: round them first")
}
