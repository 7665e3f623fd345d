//! Python's `datetime` and `zoneinfo`: dates, times, durations and time zones, every field checked.

use std::fmt;

use super::arena::{Arena, Made, Node, NodeId, Object};
use super::known::Known;
use super::standard::Standard;
use crate::error::{Error, Result};

/// `datetime.date`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    /// 1 to 9999.
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

/// `datetime.time` without its time zone
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) microsecond: u32,
    /// Whether it is the second one of two equal times, when clocks are set back.
    pub(crate) fold: bool,
}

/// `datetime.timedelta`, as Python keeps it: only the days may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeDelta {
    pub(crate) days: i32,
    /// Less than a day.
    pub(crate) seconds: u32,
    /// Less than a second.
    pub(crate) microseconds: u32,
}

/// A `tzinfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone<'de> {
    /// `None`: a local time of who knows where.
    Naive,
    /// `datetime.timezone`: an offset from UTC of less than a day.
    Fixed(TimeDelta),
    /// `zoneinfo.ZoneInfo`, by its key. When it had which offset is in a database, which is not here.
    Named(&'de str),
    /// An object of another class.
    Other,
}

impl Date {
    fn new(year: i64, month: i64, day: i64) -> Result<Self> {
        let year = field("year", year, 1..=9999)? as u16;
        let month = field("month", month, 1..=12)? as u8;
        let last = match month {
            2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        Ok(Date { year, month, day: field("day", day, 1..=last)? as u8 })
    }

    /// The 4 bytes of a date's state.
    fn from_state(state: [u8; 4]) -> Result<Self> {
        let [high, low, month, day] = state;
        Date::new(i64::from(u16::from_be_bytes([high, low])), month.into(), day.into())
    }
}

impl Time {
    fn new(hour: i64, minute: i64, second: i64, microsecond: i64, fold: bool) -> Result<Self> {
        Ok(Time {
            hour: field("hour", hour, 0..=23)? as u8,
            minute: field("minute", minute, 0..=59)? as u8,
            second: field("second", second, 0..=59)? as u8,
            microsecond: field("microsecond", microsecond, 0..=999_999)? as u32,
            fold,
        })
    }

    /// The 6 bytes of a time's state, where the hour has lost its highest bit.
    fn from_state(state: [u8; 6], fold: bool) -> Result<Self> {
        let [hour, minute, second, a, b, c] = state;
        let microsecond = u32::from_be_bytes([0, a, b, c]);
        Time::new(hour.into(), minute.into(), second.into(), microsecond.into(), fold)
    }
}

/// The highest bit of one byte of a state is the fold.
fn unfold(byte: &mut u8) -> bool {
    let fold = *byte >= 0x80;
    *byte &= 0x7f;
    fold
}

/// A field that must be in a range.
fn field(name: &str, value: i64, range: std::ops::RangeInclusive<i64>) -> Result<i64> {
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(Error::pickle(format!("a date or time has {name} {value}, which is not in {range:?}")))
    }
}

const DAY: i128 = 86_400 * 1_000_000;

impl TimeDelta {
    fn new(microseconds: i128) -> Result<Self> {
        let days = microseconds.div_euclid(DAY);
        let rest = microseconds.rem_euclid(DAY);
        match i32::try_from(days) {
            Ok(days) if days.unsigned_abs() <= 999_999_999 => {
                Ok(TimeDelta { days, seconds: (rest / 1_000_000) as u32, microseconds: (rest % 1_000_000) as u32 })
            }
            _ => Err(Error::pickle(format!("a timedelta has {days} days, more than Python's 999999999"))),
        }
    }

    /// All of it in microseconds.
    pub(crate) fn whole_microseconds(self) -> i128 {
        DAY * i128::from(self.days) + 1_000_000 * i128::from(self.seconds) + i128::from(self.microseconds)
    }

    /// The whole seconds, rounded down, and the microseconds.
    pub(crate) fn whole_seconds(self) -> (i64, u32) {
        (86_400 * i64::from(self.days) + i64::from(self.seconds), self.microseconds)
    }
}

/// ISO 8601, the year in four digits.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// ISO 8601, with microseconds if there are any, as Python's `isoformat`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        if self.microsecond == 0 { Ok(()) } else { write!(f, ".{:06}", self.microsecond) }
    }
}

/// ISO 8601 in hours, minutes and seconds, for a day is not always 24 hours long: `-PT23H59M54.5S`.
impl fmt::Display for TimeDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.whole_microseconds();
        let (seconds, fraction) = (whole.unsigned_abs() / 1_000_000, whole.unsigned_abs() % 1_000_000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        f.write_str(if whole < 0 { "-PT" } else { "PT" })?;
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 {
            write!(f, "{minutes}M")?;
        }
        if fraction > 0 {
            let digits = format!("{fraction:06}");
            write!(f, "{seconds}.{}S", digits.trim_end_matches('0'))
        } else if seconds > 0 || whole.unsigned_abs() < 1_000_000 {
            write!(f, "{seconds}S")
        } else {
            Ok(())
        }
    }
}

/// An offset as in Python's `isoformat`, or `[key]` as in RFC 9557.
impl fmt::Display for Zone<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Zone::Naive | Zone::Other => Ok(()),
            Zone::Named(key) => write!(f, "[{key}]"),
            Zone::Fixed(offset) => {
                let whole = offset.whole_microseconds();
                let (seconds, fraction) = (whole.unsigned_abs() / 1_000_000, whole.unsigned_abs() % 1_000_000);
                f.write_str(if whole < 0 { "-" } else { "+" })?;
                write!(f, "{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
                if seconds % 60 > 0 || fraction > 0 {
                    write!(f, ":{:02}", seconds % 60)?;
                }
                if fraction > 0 { write!(f, ".{fraction:06}") } else { Ok(()) }
            }
        }
    }
}

impl<'de> Arena<'de> {
    /// What an object of `datetime` or `zoneinfo` is. `None` is one that was made in a way in which pickle does not.
    pub(super) fn moment(&self, object: &Object, known: Known) -> Result<Option<Standard<'de>>> {
        let args = self.args(object);
        Ok(match known {
            Known::Date => self.date(args)?.map(Standard::Date),
            Known::Time => self.time(args)?,
            Known::DateTime => self.date_time(args)?,
            Known::TimeDelta => self.time_delta(args)?.map(Standard::TimeDelta),
            Known::TimeZone | Known::ZoneInfo => self.zone_of(object)?.map(Standard::TimeZone),
            _ => None,
        })
    }

    /// `date(state)` or `date(year, month, day)`
    fn date(&self, args: &[NodeId]) -> Result<Option<Date>> {
        match *args {
            [state] => self.raw_bytes(state).and_then(|state| state.try_into().ok()).map(Date::from_state).transpose(),
            [_, _, _] => match self.ints::<3>(args) {
                Some([year, month, day]) => Date::new(year, month, day).map(Some),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// `time(state)`, `time(state, tzinfo)` or `time(hour, minute, second, microsecond, tzinfo)`
    fn time(&self, args: &[NodeId]) -> Result<Option<Standard<'de>>> {
        if let [state, ref zone @ ..] = *args
            && let Some(mut state) = self.raw_bytes(state).and_then(|state| <[u8; 6]>::try_from(state).ok())
        {
            let fold = unfold(&mut state[0]);
            let Some(zone) = self.zone(zone)? else { return Ok(None) };
            return Ok(Some(Standard::Time(Time::from_state(state, fold)?, zone)));
        }
        let (fields, zone) = args.split_at(args.len().min(4));
        let (Some([hour, minute, second, micro]), Some(zone)) = (self.ints::<4>(fields), self.zone(zone)?) else {
            return Ok(None);
        };
        Ok(Some(Standard::Time(Time::new(hour, minute, second, micro, false)?, zone)))
    }

    /// `datetime(state)`, `datetime(state, tzinfo)` or `datetime(year, month, …, microsecond, tzinfo)`
    fn date_time(&self, args: &[NodeId]) -> Result<Option<Standard<'de>>> {
        if let [state, ref zone @ ..] = *args
            && let Some(mut state) = self.raw_bytes(state).and_then(|state| <[u8; 10]>::try_from(state).ok())
        {
            let fold = unfold(&mut state[2]);
            let Some(zone) = self.zone(zone)? else { return Ok(None) };
            let [y0, y1, month, day, time @ ..] = state;
            let date = Date::from_state([y0, y1, month, day])?;
            return Ok(Some(Standard::DateTime(date, Time::from_state(time, fold)?, zone)));
        }
        let (fields, zone) = args.split_at(args.len().min(7));
        let (true, Some(fields), Some(zone)) = (args.len() >= 3, self.ints::<7>(fields), self.zone(zone)?) else {
            return Ok(None);
        };
        let [year, month, day, hour, minute, second, micro] = fields;
        let (date, time) = (Date::new(year, month, day)?, Time::new(hour, minute, second, micro, false)?);
        Ok(Some(Standard::DateTime(date, time, zone)))
    }

    /// `timedelta(days, seconds, microseconds)`
    fn time_delta(&self, args: &[NodeId]) -> Result<Option<TimeDelta>> {
        let Some([days, seconds, microseconds]) = self.ints::<3>(args) else { return Ok(None) };
        let whole = DAY * i128::from(days) + 1_000_000 * i128::from(seconds) + i128::from(microseconds);
        TimeDelta::new(whole).map(Some)
    }

    /// The time zone among the arguments, the last of which it is.
    fn zone(&self, args: &[NodeId]) -> Result<Option<Zone<'de>>> {
        match *args {
            [] => Ok(Some(Zone::Naive)),
            [zone] => Ok(Some(match self.node(zone) {
                Node::None => Zone::Naive,
                Node::Object(index) => self.zone_of(self.object(index))?.unwrap_or(Zone::Other),
                _ => Zone::Other,
            })),
            _ => Ok(None),
        }
    }

    /// `timezone(offset)`, `timezone(offset, name)`, `ZoneInfo(key)` or `getattr(ZoneInfo, '_unpickle')(key, cached)`
    fn zone_of(&self, object: &Object) -> Result<Option<Zone<'de>>> {
        if object.made != Made::Reduce || object.state.is_some() {
            return Ok(None);
        }
        let args = self.args(object);
        Ok(match (self.known(object.callable), args) {
            (Known::TimeZone, &[offset] | &[offset, _]) => {
                let Some((delta, Known::TimeDelta)) = self.call(offset) else { return Ok(None) };
                let Some(offset) = self.time_delta(self.args(delta))? else { return Ok(None) };
                if offset.whole_microseconds().abs() >= DAY {
                    return Err(Error::pickle("a time zone is a day or more away from UTC"));
                }
                Some(Zone::Fixed(offset))
            }
            (Known::ZoneInfo, &[key]) => self.text(key).map(Zone::Named),
            (_, &[key, _]) if self.makes_zone(object.callable) => self.text(key).map(Zone::Named),
            _ => None,
        })
    }

    /// Whether a callable is `getattr(ZoneInfo, '_unpickle')`.
    pub(super) fn makes_zone(&self, callable: NodeId) -> bool {
        let Some((method, Known::GetAttr)) = self.call(callable) else { return false };
        let &[class, name] = self.args(method) else { return false };
        self.known(class) == Known::ZoneInfo && self.text(name) == Some("_unpickle")
    }

    fn text(&self, id: NodeId) -> Option<&'de str> {
        match self.node(id) {
            Node::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Up to `N` integers; those that are left out are 0.
    fn ints<const N: usize>(&self, args: &[NodeId]) -> Option<[i64; N]> {
        let mut ints = [0; N];
        for (place, &arg) in args.iter().enumerate() {
            let Node::Int(value) = self.node(arg) else { return None };
            *ints.get_mut(place)? = value;
        }
        Some(ints)
    }
}

#[cfg(test)]
mod tests {
    use crate::stream::testing::{error, read};

    fn call(name: &str, args: &[u8]) -> Vec<u8> {
        [b"cdatetime\n", name.as_bytes(), b"\n(", args, b"tR."].concat()
    }

    #[test]
    fn states_and_fields() {
        let utc = b"cdatetime\ntimezone\ncdatetime\ntimedelta\n)R\x85R";
        let est = b"cdatetime\ntimezone\ncdatetime\ntimedelta\nJ\xff\xff\xff\xffJ\x30\x0b\x01\0\x86RVE\n\x86R";
        let berlin = b"c__builtin__\ngetattr\nczoneinfo\nZoneInfo\nV_unpickle\n\x86RVEurope/Berlin\nK\x01\x86R";
        for (name, args, shown) in [
            ("date", &b"C\x04\x07\xe4\x02\x1d"[..], "2020-02-29"),
            ("date", b"K\x01K\x02K\x03", "0001-02-03"),
            ("time", b"C\x06\x0c\x1e\x01\0\0\x05", "12:30:01.000005"),
            ("time", b"C\x06\x8c\x1e\x01\0\0\0", "12:30:01 fold"),
            ("time", &[b"C\x06\x0c\x1e\x01\0\0\0", &utc[..]].concat(), "12:30:01+00:00"),
            ("time", b"", "00:00:00"),
            ("datetime", b"C\x0a\x07\xe4\x02\x1d\x01\x02\x03\x0f\x42\x3f", "2020-02-29T01:02:03.999999"),
            ("datetime", b"C\x0a\x07\xe4\x82\x1d\x01\x02\x03\0\0\0", "2020-02-29T01:02:03 fold"),
            ("datetime", &[b"C\x0a\x07\xe4\x02\x1d\x01\x02\x03\0\0\0", &est[..]].concat(), "2020-02-29T01:02:03-05:00"),
            (
                "datetime",
                &[b"C\x0a\x07\xe4\x02\x1d\x01\x02\x03\0\0\0", &berlin[..]].concat(),
                "2020-02-29T01:02:03[Europe/Berlin]",
            ),
            ("datetime", b"M\xe4\x07K\x02K\x1d", "2020-02-29T00:00:00"),
            ("datetime", b"M\xe4\x07K\x02K\x1dK\x01K\x02K\x03K\x04N", "2020-02-29T01:02:03.000004"),
            ("timedelta", b"", "PT0S"),
            ("timedelta", b"J\xff\xff\xff\xffK\x05K\x07", "-PT23H59M54.999993S"),
            ("timedelta", b"K\x01K\x00K\x00", "PT24H"),
            ("timedelta", b"K\x00K\x5aI500000\n", "PT1M30.5S"),
            ("timezone", b"cdatetime\ntimedelta\nK\x00K\x01K\x02\x87R", "+00:00:01.000002"),
        ] {
            assert_eq!(read(&call(name, args)).unwrap(), shown, "{name} {}", args.escape_ascii());
        }
    }

    #[test]
    fn fields_out_of_range() {
        for (name, args, message) in [
            ("date", &b"C\x04\x07\xe4\x0d\x1d"[..], "has month 13, which is not in 1..=12"),
            ("date", b"C\x04\x07\xe5\x02\x1d", "has day 29, which is not in 1..=28"),
            ("date", b"C\x04\0\0\x01\x01", "has year 0, which is not in 1..=9999"),
            ("date", b"C\x04\x27\x10\x01\x01", "has year 10000"),
            ("date", b"C\x04\x07\xe4\x01\0", "has day 0"),
            ("date", b"I99999999999\nK\x01K\x01", "has year 99999999999"),
            ("time", b"C\x06\x18\0\0\0\0\0", "has hour 24, which is not in 0..=23"),
            ("time", b"C\x06\0\x3c\0\0\0\0", "has minute 60"),
            ("time", b"C\x06\0\0\x3c\0\0\0", "has second 60"),
            ("time", b"C\x06\0\0\0\x0f\x42\x40", "has microsecond 1000000"),
            ("datetime", b"C\x0a\x07\xe4\x8d\x1d\x01\x02\x03\0\0\0", "has month 13"),
            ("datetime", b"C\x0a\x07\xe4\x04\x1f\x01\x02\x03\0\0\0", "has day 31, which is not in 1..=30"),
            ("timedelta", b"I1000000000\n", "a timedelta has 1000000000 days"),
            ("timedelta", b"I9223372036854775807\nI9223372036854775807\n", "more than Python's 999999999"),
            ("timezone", b"cdatetime\ntimedelta\nK\x01\x85R", "a day or more away from UTC"),
        ] {
            let error = error(&call(name, args)).to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn what_pickle_does_not_write_stays_an_object() {
        for (name, args, shown) in [
            ("date", &b"C\x03abc"[..], "datetime.date(b'abc')"),
            ("datetime", b"K\x01", "datetime.datetime(1)"),
            ("datetime", b"K\x01K\x01K\x01K\0K\0K\0K\0NK\x01", "datetime.datetime(1, 1, 1, 0, 0, 0, 0, None, 1)"),
            ("timedelta", b"G\0\0\0\0\0\0\0\0", "datetime.timedelta(0.0)"),
            ("timezone", b"N", "datetime.timezone(None)"),
        ] {
            assert_eq!(read(&call(name, args)).unwrap(), shown);
        }
    }
}
