//! Types of [`chrono`] as Python's own dates, times and durations.
//!
//! ```
//! use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Run {
//!     #[serde(with = "binpickle::with::chrono")]
//!     started: DateTime<Utc>, // datetime.datetime(…, tzinfo=datetime.timezone.utc)
//!     #[serde(with = "binpickle::with::chrono")]
//!     took: TimeDelta, // datetime.timedelta(…)
//!     #[serde(with = "binpickle::with::chrono")]
//!     until: Option<NaiveDate>, // datetime.date(…) or None
//! }
//!
//! let run = Run {
//!     started: DateTime::from_timestamp(1_582_977_600, 5_000).unwrap(),
//!     took: TimeDelta::milliseconds(1500),
//!     until: NaiveDate::from_ymd_opt(2020, 3, 31),
//! };
//! let file = binpickle::to_vec(&run)?;
//! let again: Run = binpickle::from_slice(&file)?;
//! assert_eq!((again.started, again.took, again.until), (run.started, run.took, run.until));
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! | chrono | Python |
//! |---|---|
//! | `NaiveDate` | `datetime.date` |
//! | `NaiveTime` | `datetime.time` without a time zone |
//! | `NaiveDateTime` | `datetime.datetime` without a time zone; numpy's `datetime64` is read too |
//! | `DateTime<Utc>`, `DateTime<FixedOffset>` | `datetime.datetime` with a `datetime.timezone`; a `datetime64` is read as UTC |
//! | `TimeDelta` | `datetime.timedelta`; numpy's `timedelta64` is read too |
//! | `Option` of these | `None`, or the same; numpy's "not a time" is read as `None` |
//!
//! Python counts microseconds, and years from 1 to 9999. Nanoseconds beyond, a leap second or another year are an error,
//! and nothing is rounded. A datetime with a time zone is not read without it, nor the other way round. With
//! a `zoneinfo.ZoneInfo` it is an error: its offset is in a database.
//!
//! Without this module chrono's types are text, in Python too. Reading needs it only for durations and numpy's times:
//! Python's dates and times are shown as the ISO 8601 text that chrono's own `Deserialize` expects, and text is read
//! here as chrono reads it.

use ::chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::time::{self, Convert, Moment};
use crate::error::{Error, Result};
use crate::value::Value;

/// Writes a date, time or duration.
pub fn serialize<T: ChronoType, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    time::serialize(value, serializer)
}

/// Reads a date, time or duration.
pub fn deserialize<'de, T: ChronoType, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    time::deserialize(deserializer)
}

/// The types of chrono that [`serialize`] writes and [`deserialize`] reads.
pub trait ChronoType: Convert {}

impl ChronoType for NaiveDate {}
impl ChronoType for NaiveTime {}
impl ChronoType for NaiveDateTime {}
impl ChronoType for DateTime<Utc> {}
impl ChronoType for DateTime<FixedOffset> {}
impl ChronoType for TimeDelta {}
impl<T: ChronoType> ChronoType for Option<T> {}

impl Convert for NaiveDate {
    fn to_python(&self) -> Result<Value> {
        let [year, month, day] = date_fields(*self);
        time::date(year, month, day)
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::Date(date) => to_date(date),
            other => Err(other.is_not("a date")),
        }
    }

    super::time::plain!();
}

impl Convert for NaiveTime {
    fn to_python(&self) -> Result<Value> {
        time::time(time_fields(*self), self.nanosecond())
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::Time(time) => to_time(time),
            other => Err(other.is_not("a time")),
        }
    }

    super::time::plain!();
}

impl Convert for NaiveDateTime {
    fn to_python(&self) -> Result<Value> {
        time::date_time(date_fields(self.date()), time_fields(self.time()), self.nanosecond(), None)
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::DateTime(date, time, None) => Ok(to_date(date)?.and_time(to_time(time)?)),
            Moment::Instant(nanoseconds) => instant(nanoseconds).map(|instant| instant.naive_utc()),
            other => Err(other.is_not("a datetime without a time zone")),
        }
    }

    super::time::plain!();
}

impl Convert for DateTime<Utc> {
    fn to_python(&self) -> Result<Value> {
        aware(self)
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::Instant(nanoseconds) => instant(nanoseconds),
            other => DateTime::<FixedOffset>::from_moment(other).map(|moment| moment.to_utc()),
        }
    }

    super::time::plain!();
}

impl Convert for DateTime<FixedOffset> {
    fn to_python(&self) -> Result<Value> {
        aware(self)
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::DateTime(date, time, Some(offset)) => {
                let offset = i32::try_from(offset).ok().and_then(FixedOffset::east_opt).ok_or_else(out_of_range)?;
                let local = to_date(date)?.and_time(to_time(time)?);
                offset.from_local_datetime(&local).single().ok_or_else(out_of_range)
            }
            Moment::Instant(nanoseconds) => instant(nanoseconds).map(|instant| instant.fixed_offset()),
            other => Err(other.is_not("a datetime with a time zone")),
        }
    }

    super::time::plain!();
}

impl Convert for TimeDelta {
    fn to_python(&self) -> Result<Value> {
        let nanoseconds = 1_000_000_000 * i128::from(self.num_seconds()) + i128::from(self.subsec_nanos());
        time::time_delta(nanoseconds)
    }

    fn from_moment(moment: Moment) -> Result<Self> {
        match moment {
            Moment::Span(nanoseconds) => {
                let (seconds, rest) = split(nanoseconds);
                seconds.and_then(|seconds| TimeDelta::new(seconds, rest)).ok_or_else(out_of_range)
            }
            other => Err(other.is_not("a duration")),
        }
    }

    /// chrono has no form for it; this is the one of `std::time::Duration`, as a tuple.
    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.num_seconds(), self.subsec_nanos()).serialize(serializer)
    }

    fn deserialize_plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (seconds, nanoseconds) = <(i64, i32)>::deserialize(deserializer)?;
        let whole = 1_000_000_000 * i128::from(seconds) + i128::from(nanoseconds);
        TimeDelta::from_moment(Moment::Span(whole)).map_err(D::Error::custom)
    }
}

fn aware<Tz: TimeZone>(moment: &DateTime<Tz>) -> Result<Value> {
    let (local, offset) = (moment.naive_local(), moment.offset().fix().local_minus_utc());
    time::date_time(date_fields(local.date()), time_fields(local.time()), local.nanosecond(), Some(offset.into()))
}

fn date_fields(date: NaiveDate) -> [i64; 3] {
    [date.year().into(), date.month().into(), date.day().into()]
}

fn time_fields(time: NaiveTime) -> [i64; 3] {
    [time.hour(), time.minute(), time.second()].map(i64::from)
}

/// The fields were checked when they were read.
fn to_date([year, month, day]: [i64; 3]) -> Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32).ok_or_else(out_of_range)
}

fn to_time(fields: [i64; 4]) -> Result<NaiveTime> {
    let [hour, minute, second, micro] = fields.map(|field| field as u32);
    NaiveTime::from_hms_micro_opt(hour, minute, second, micro).ok_or_else(out_of_range)
}

fn instant(nanoseconds: i128) -> Result<DateTime<Utc>> {
    let (seconds, rest) = split(nanoseconds);
    seconds.and_then(|seconds| DateTime::from_timestamp(seconds, rest)).ok_or_else(out_of_range)
}

/// Whole seconds, rounded down, and what is left in nanoseconds.
fn split(nanoseconds: i128) -> (Option<i64>, u32) {
    (i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok(), nanoseconds.rem_euclid(1_000_000_000) as u32)
}

fn out_of_range() -> Error {
    Error::data("found a date, time or duration beyond what chrono's type holds")
}
