//! Types of [`jiff`] as Python's own dates, times and durations.
//!
//! ```
//! use jiff::{SignedDuration, Timestamp, civil};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Run {
//!     #[serde(with = "binpickle::with::jiff")]
//!     started: Timestamp, // datetime.datetime(…, tzinfo=datetime.timezone.utc)
//!     #[serde(with = "binpickle::with::jiff")]
//!     took: SignedDuration, // datetime.timedelta(…)
//!     #[serde(with = "binpickle::with::jiff")]
//!     until: Option<civil::Date>, // datetime.date(…) or None
//! }
//!
//! let run = Run {
//!     started: Timestamp::new(1_582_977_600, 5_000).unwrap(),
//!     took: SignedDuration::from_millis(1500),
//!     until: Some(civil::date(2020, 3, 31)),
//! };
//! let file = binpickle::to_vec(&run)?;
//! let again: Run = binpickle::from_slice(&file)?;
//! assert_eq!((again.started, again.took, again.until), (run.started, run.took, run.until));
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! | jiff | Python |
//! |---|---|
//! | `civil::Date` | `datetime.date` |
//! | `civil::Time` | `datetime.time` without a time zone |
//! | `civil::DateTime` | `datetime.datetime` without a time zone; numpy's `datetime64` is read too |
//! | `Timestamp` | `datetime.datetime` with `datetime.timezone.utc`; one of any offset is read, and a `datetime64` as UTC |
//! | `SignedDuration` | `datetime.timedelta`; numpy's `timedelta64` is read too |
//! | `Option` of these | `None`, or the same; numpy's "not a time" is read as `None` |
//!
//! Python counts microseconds, and years from 1 to 9999. Nanoseconds beyond and another year are an error, and nothing is
//! rounded. A datetime with a time zone is not read without it, nor the other way round. With a `zoneinfo.ZoneInfo` it is
//! an error here: its offset is in a database.
//!
//! Without this module jiff's types are text, in Python too. For reading it is needed only for numpy's times: Python's
//! dates, times and durations are shown as the ISO 8601 text that jiff's own `Deserialize` expects, and text is read
//! here as jiff reads it. A `ZonedDateTime` with a time zone of the database is read without this module, from `2020-02-29T12:00:00[Europe/Berlin]`.

use ::jiff::civil::{Date, DateTime, Time};
use ::jiff::tz::TimeZone;
use ::jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::time::{self, Convert, Moment};
use crate::error::{Error, Result};
use crate::value::Value;

/// Writes a date, time or duration.
pub fn serialize<T: JiffType, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    time::serialize(value, serializer)
}

/// Reads a date, time or duration.
pub fn deserialize<'de, T: JiffType, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    time::deserialize(deserializer)
}

/// The types of jiff that [`serialize`] writes and [`deserialize`] reads.
pub trait JiffType: Convert {}

impl JiffType for Date {}
impl JiffType for Time {}
impl JiffType for DateTime {}
impl JiffType for Timestamp {}
impl JiffType for SignedDuration {}
impl<T: JiffType> JiffType for Option<T> {}

impl Convert for Date {
    fn to_python(&self) -> Result<Value> {
        time::date(self.year().into(), self.month().into(), self.day().into())
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::Date(date) => to_date(date),
            other => Err(other.is_not("a date")),
        }
    }

    super::time::plain!();
}

impl Convert for Time {
    fn to_python(&self) -> Result<Value> {
        time::time(time_fields(*self), nanosecond(*self))
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::Time(time) => to_time(time),
            other => Err(other.is_not("a time")),
        }
    }

    super::time::plain!();
}

impl Convert for DateTime {
    fn to_python(&self) -> Result<Value> {
        time::date_time(date_fields(self.date()), time_fields(self.time()), nanosecond(self.time()), None)
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::DateTime(date, time, None) => Ok(to_date(date)?.to_datetime(to_time(time)?)),
            Moment::Instant(nanoseconds) => {
                // Beyond any `Timestamp`, which leaves room for time zones.
                DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(span(nanoseconds)?).map_err(out_of_range)
            }
            other => Err(other.is_not("a datetime without a time zone")),
        }
    }

    super::time::plain!();
}

impl Convert for Timestamp {
    fn to_python(&self) -> Result<Value> {
        let utc = TimeZone::UTC.to_datetime(*self);
        time::date_time(date_fields(utc.date()), time_fields(utc.time()), nanosecond(utc.time()), Some(0))
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::DateTime(date, time, Some(offset)) => {
                let local = to_date(date)?.to_datetime(to_time(time)?);
                let utc = TimeZone::UTC.to_timestamp(local).map_err(out_of_range)?;
                utc.checked_sub(SignedDuration::from_secs(offset)).map_err(out_of_range)
            }
            Moment::Instant(nanoseconds) => instant(nanoseconds),
            other => Err(other.is_not("a datetime with a time zone")),
        }
    }

    super::time::plain!();
}

impl Convert for SignedDuration {
    fn to_python(&self) -> Result<Value> {
        time::time_delta(self.as_nanos())
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::Span(nanoseconds) => span(nanoseconds),
            other => Err(other.is_not("a duration")),
        }
    }

    super::time::plain!();
}

fn date_fields(date: Date) -> [i64; 3] {
    [date.year().into(), date.month().into(), date.day().into()]
}

fn time_fields(time: Time) -> [i64; 3] {
    [time.hour(), time.minute(), time.second()].map(i64::from)
}

fn nanosecond(time: Time) -> u32 {
    time.subsec_nanosecond().unsigned_abs()
}

/// The fields were checked when they were read.
fn to_date([year, month, day]: [i64; 3]) -> Result<Date> {
    Date::new(year as i16, month as i8, day as i8).map_err(out_of_range)
}

fn to_time([hour, minute, second, micro]: [i64; 4]) -> Result<Time> {
    Time::new(hour as i8, minute as i8, second as i8, 1000 * micro as i32).map_err(out_of_range)
}

fn instant(nanoseconds: i128) -> Result<Timestamp> {
    Timestamp::from_nanosecond(nanoseconds).map_err(out_of_range)
}

fn span(nanoseconds: i128) -> Result<SignedDuration> {
    let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).map_err(out_of_range)?;
    Ok(SignedDuration::new(seconds, nanoseconds.rem_euclid(1_000_000_000) as i32))
}

fn out_of_range(error: impl std::fmt::Display) -> Error {
    Error::data(format!("found a date, time or duration beyond what jiff's type holds: {error}"))
}
