//! Dates, times and durations, for the helpers that know their types.

use serde::de::Visitor;
use serde::de::value::SeqDeserializer;

use super::NodeDeserializer;
use super::number::Number;
use crate::dtype::{DType, Kind, TimeUnit};
use crate::error::{Error, Result};
use crate::path::abridged;
use crate::stream::{Date, Meaning, Standard, Time, Zone};
use crate::with::time::{DATE, DATE_TIME, INSTANT, SPAN, TIME_OF_DAY};

impl<'de> NodeDeserializer<'_, 'de> {
    /// Hands over the numbers that a moment is made of, a unit for `None`, and a newtype for anything else.
    pub(super) fn visit_time<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut parts: Vec<i128> = Vec::new();
        let mut add = |fields: &[i64]| parts.extend(fields.iter().map(|&field| i128::from(field)));
        let date = |Date { year, month, day }| [year.into(), month.into(), day.into()];
        let time = |Time { hour, minute, second, microsecond, .. }| {
            [hour.into(), minute.into(), second.into(), microsecond.into()]
        };
        match self.meaning()? {
            Meaning::None => return visitor.visit_unit(),
            Meaning::Standard(Standard::Date(found), _) => {
                add(&[DATE]);
                add(&date(found));
            }
            Meaning::Standard(Standard::Time(found, Zone::Naive), _) => {
                add(&[TIME_OF_DAY]);
                add(&time(found));
            }
            Meaning::Standard(Standard::DateTime(found, of_day, zone @ (Zone::Naive | Zone::Fixed(_))), _) => {
                add(&[DATE_TIME]);
                add(&date(found));
                add(&time(of_day));
                if let Zone::Fixed(offset) = zone {
                    match offset.whole_seconds() {
                        (seconds, 0) => add(&[seconds]),
                        _ => return Err(Error::data("found a time zone that is no whole seconds away from UTC")),
                    }
                }
            }
            Meaning::Standard(Standard::DateTime(.., Zone::Named(key)), _) => {
                let key = abridged(key);
                return Err(Error::data(format!(
                    "found a datetime in {key}, whose offset from UTC is not in the file"
                )));
            }
            Meaning::Standard(Standard::TimeDelta(delta), _) => {
                parts.extend([SPAN.into(), 1000 * delta.whole_microseconds()]);
            }
            Meaning::Scalar(dtype, bytes) if matches!(dtype.kind(), Kind::DateTime | Kind::TimeDelta) => {
                let Number::Int(count) = Number::read(dtype, bytes)? else { return visitor.visit_unit() };
                if count == i64::MIN {
                    return visitor.visit_unit();
                }
                let kind = if dtype.kind() == Kind::DateTime { INSTANT } else { SPAN };
                parts.extend([kind.into(), nanoseconds(dtype, count)?]);
            }
            _ => return visitor.visit_newtype_struct(self),
        }
        visitor.visit_seq(SeqDeserializer::new(parts.into_iter()))
    }
}

/// A count of numpy's units of time in nanoseconds.
fn nanoseconds(dtype: DType, count: i64) -> Result<i128> {
    let unit = dtype.unit();
    let (multiple, divisor) = match unit.as_ref().map(TimeUnit::code) {
        Some("W") => (7 * 86_400_000_000_000, 1),
        Some("D") => (86_400_000_000_000, 1),
        Some("h") => (3_600_000_000_000, 1),
        Some("m") => (60_000_000_000, 1),
        Some("s") => (1_000_000_000, 1),
        Some("ms") => (1_000_000, 1),
        Some("us") => (1_000, 1),
        Some("ns") => (1, 1),
        Some("ps") => (1, 1_000),
        Some("fs") => (1, 1_000_000),
        Some("as") => (1, 1_000_000_000),
        _ => return Err(Error::data(format!("found a numpy {}, whose unit has no fixed length", dtype.name()))),
    };
    let steps = i128::from(count) * i128::from(unit.map_or(1, |unit| unit.count));
    if steps % divisor == 0 {
        Ok(steps / divisor * multiple)
    } else {
        Err(Error::data(format!("found a numpy {} that is no whole number of nanoseconds", dtype.name())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let of = |dtype: &str, count| nanoseconds(DType::parse(dtype).unwrap(), count);
        assert_eq!(of("<M8[D]", -1).unwrap(), -86_400_000_000_000);
        assert_eq!(of("<m8[25us]", 3).unwrap(), 75_000);
        assert_eq!(of("<M8[W]", i64::MAX).unwrap(), i128::from(i64::MAX) * 604_800_000_000_000);
        assert_eq!(of("<m8[ps]", -3_000).unwrap(), -3);
        for (dtype, count, message) in [
            ("<m8[ps]", 1, "no whole number of nanoseconds"),
            ("<M8[M]", 1, "whose unit has no fixed length"),
            ("<m8", 1, "whose unit has no fixed length"),
        ] {
            let error = of(dtype, count).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
