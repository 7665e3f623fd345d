//! Python's dates, times and durations as types of chrono and jiff: read as they are, and both ways with the helpers.

#[cfg(feature = "chrono")]
mod with_chrono {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
    use serde::{Deserialize, Serialize};

    use crate::from_python::Topic;
    use crate::python;

    /// A plain derive: chrono reads text.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Plain {
        date: NaiveDate,
        time: NaiveTime,
        naive: NaiveDateTime,
        utc: DateTime<Utc>,
        est: DateTime<FixedOffset>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Times {
        #[serde(with = "binpickle::with::chrono")]
        date: NaiveDate,
        #[serde(with = "binpickle::with::chrono")]
        first: NaiveDate,
        #[serde(with = "binpickle::with::chrono")]
        time: NaiveTime,
        #[serde(with = "binpickle::with::chrono")]
        naive: NaiveDateTime,
        #[serde(with = "binpickle::with::chrono")]
        last: NaiveDateTime,
        #[serde(with = "binpickle::with::chrono")]
        utc: DateTime<Utc>,
        #[serde(with = "binpickle::with::chrono")]
        est: DateTime<FixedOffset>,
        #[serde(with = "binpickle::with::chrono")]
        span: TimeDelta,
        #[serde(with = "binpickle::with::chrono")]
        long: TimeDelta,
        #[serde(with = "binpickle::with::chrono")]
        some: Option<TimeDelta>,
        #[serde(with = "binpickle::with::chrono")]
        none: Option<TimeDelta>,
    }

    /// numpy's scalars.
    #[derive(Debug, PartialEq, Deserialize)]
    struct NumpyTimes {
        #[serde(with = "binpickle::with::chrono")]
        naive: NaiveDateTime,
        #[serde(with = "binpickle::with::chrono")]
        last: NaiveDateTime,
        #[serde(with = "binpickle::with::chrono")]
        utc: DateTime<Utc>,
        #[serde(with = "binpickle::with::chrono")]
        span: TimeDelta,
        #[serde(with = "binpickle::with::chrono")]
        long: TimeDelta,
        #[serde(with = "binpickle::with::chrono")]
        some: Option<TimeDelta>,
        #[serde(with = "binpickle::with::chrono")]
        none: Option<NaiveDateTime>,
    }

    fn times() -> Times {
        let date = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
        let naive = date.and_hms_micro_opt(1, 2, 3, 4).unwrap();
        Times {
            date,
            first: NaiveDate::from_ymd_opt(1, 1, 1).unwrap(),
            time: NaiveTime::from_hms_micro_opt(12, 30, 1, 5).unwrap(),
            naive,
            last: NaiveDate::from_ymd_opt(9999, 12, 31).unwrap().and_hms_micro_opt(23, 59, 59, 999_999).unwrap(),
            utc: date.and_hms_opt(1, 2, 3).unwrap().and_utc(),
            est: naive.and_local_timezone(FixedOffset::west_opt(5 * 3600).unwrap()).unwrap(),
            span: TimeDelta::microseconds(-86_394_999_993),
            long: TimeDelta::hours(73),
            some: Some(TimeDelta::zero()),
            none: None,
        }
    }

    #[test]
    fn both_ways() {
        let topic = Topic::new("times_for_helpers");
        topic.case("times", |plain: Plain| {
            let Times { date, time, naive, utc, est, .. } = times();
            assert_eq!(plain, Plain { date, time, naive, utc, est });
        });
        topic.case("times", |read: Times| {
            assert_eq!(read, times());
            // Equal moments may have other offsets.
            assert_eq!(read.est.offset(), times().est.offset());
        });
        topic.case("numpy_times", |read: NumpyTimes| {
            let Times { naive, last, utc, span, long, some, .. } = times();
            assert_eq!(read, NumpyTimes { naive, last, utc, span, long, some, none: None });
        });
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("chrono.bpk");
        binpickle::to_path(&times(), &path).expect("written");
        python::all().for_each(|python| _ = python.script("check_times.py", &[path.as_os_str()]));
        assert_eq!(binpickle::from_path::<Times>(&path).expect("read again"), times());
        // Another format gets what it gets without the helper.
        let json = serde_json::to_string(&times()).expect("JSON");
        assert!(json.contains("\"2020-02-29\"") && json.contains("[-86394,-999993000]"), "{json}");
        assert_eq!(serde_json::from_str::<Times>(&json).expect("read from JSON"), times());
    }

    #[test]
    fn what_does_not_fit() {
        #[derive(Debug, Serialize, Deserialize)]
        struct Naive(#[serde(with = "binpickle::with::chrono")] NaiveDateTime);
        #[derive(Debug, Serialize, Deserialize)]
        struct Aware(#[serde(with = "binpickle::with::chrono")] DateTime<Utc>);

        let at = |year, nanosecond| {
            let date = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
            date.and_time(NaiveTime::from_hms_nano_opt(23, 59, 59, nanosecond).unwrap())
        };
        for (time, message) in [
            (at(2020, 1), "exact to the microsecond"),
            (at(2016, 1_000_000_000), "leap seconds"),
            (at(0, 0), "the year 0 is not among Python's"),
            (at(10_000, 0), "the year 10000"),
        ] {
            let error = binpickle::pickle::to_vec(&Naive(time)).expect_err("it has no datetime").to_string();
            assert!(error.contains(message), "{error}");
        }
        let naive = b"cdatetime\ndatetime\nM\xe4\x07K\x01K\x01\x87R.";
        let error = binpickle::pickle::from_slice::<Aware>(naive).expect_err("no time zone").to_string();
        assert!(error.contains("found a datetime without a time zone, expected"), "{error}");
        let aware = binpickle::pickle::to_vec(&Aware(at(2020, 0).and_utc())).expect("written");
        let error = binpickle::pickle::from_slice::<Naive>(&aware).expect_err("a time zone").to_string();
        assert!(error.contains("found a datetime with a time zone, expected"), "{error}");
        let berlin =
            b"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x01K\0K\0K\0K\0czoneinfo\nZoneInfo\nVEurope/Berlin\n\x85RtR.";
        let error = binpickle::pickle::from_slice::<Aware>(berlin).expect_err("a database").to_string();
        assert!(error.contains("Europe/Berlin, whose offset from UTC is not in the file"), "{error}");
        // Text is read as chrono reads it.
        let text = binpickle::pickle::from_slice::<Aware>(b"V2020-02-29T01:02:03Z\n.").expect("text");
        assert_eq!(text.0, times().utc);
    }
}

#[cfg(feature = "jiff")]
mod with_jiff {
    use jiff::civil::{Date, DateTime, Time};
    use jiff::{SignedDuration, Timestamp, ZonedDateTime};
    use serde::{Deserialize, Serialize};

    use crate::from_python::Topic;
    use crate::python;

    /// A plain derive: jiff reads text.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Plain {
        date: Date,
        time: Time,
        naive: DateTime,
        utc: Timestamp,
        est: Timestamp,
        span: SignedDuration,
        long: SignedDuration,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Times {
        #[serde(with = "binpickle::with::jiff")]
        date: Date,
        #[serde(with = "binpickle::with::jiff")]
        first: Date,
        #[serde(with = "binpickle::with::jiff")]
        time: Time,
        #[serde(with = "binpickle::with::jiff")]
        naive: DateTime,
        #[serde(with = "binpickle::with::jiff")]
        last: DateTime,
        #[serde(with = "binpickle::with::jiff")]
        utc: Timestamp,
        #[serde(with = "binpickle::with::jiff")]
        span: SignedDuration,
        #[serde(with = "binpickle::with::jiff")]
        long: SignedDuration,
        #[serde(with = "binpickle::with::jiff")]
        some: Option<SignedDuration>,
        #[serde(with = "binpickle::with::jiff")]
        none: Option<SignedDuration>,
    }

    /// A time zone of another offset than UTC.
    #[derive(Deserialize)]
    struct Other {
        #[serde(with = "binpickle::with::jiff")]
        est: Timestamp,
    }

    /// numpy's scalars.
    #[derive(Debug, PartialEq, Deserialize)]
    struct NumpyTimes {
        #[serde(with = "binpickle::with::jiff")]
        naive: DateTime,
        #[serde(with = "binpickle::with::jiff")]
        last: DateTime,
        #[serde(with = "binpickle::with::jiff")]
        utc: Timestamp,
        #[serde(with = "binpickle::with::jiff")]
        span: SignedDuration,
        #[serde(with = "binpickle::with::jiff")]
        long: SignedDuration,
        #[serde(with = "binpickle::with::jiff")]
        some: Option<SignedDuration>,
        #[serde(with = "binpickle::with::jiff")]
        none: Option<DateTime>,
    }

    fn times() -> Times {
        let naive = Date::constant(2020, 2, 29).at(1, 2, 3, 4_000);
        Times {
            date: naive.date(),
            first: Date::constant(1, 1, 1),
            time: Time::constant(12, 30, 1, 5_000),
            naive,
            last: Date::constant(9999, 12, 31).at(23, 59, 59, 999_999_000),
            utc: Timestamp::constant(1_582_938_123, 0),
            span: SignedDuration::from_micros(-86_394_999_993),
            long: SignedDuration::from_hours(73),
            some: Some(SignedDuration::ZERO),
            none: None,
        }
    }

    #[test]
    fn both_ways() {
        let topic = Topic::new("times_for_helpers");
        topic.case("times", |plain: Plain| {
            let Times { date, time, naive, utc, span, long, .. } = times();
            let est = Timestamp::constant(1_582_956_123, 4_000);
            assert_eq!(plain, Plain { date, time, naive, utc, est, span, long });
        });
        topic.case("times", |read: Times| assert_eq!(read, times()));
        topic.case("times", |Other { est }| assert_eq!(est, Timestamp::constant(1_582_956_123, 4_000)));
        topic.case("numpy_times", |read: NumpyTimes| {
            let Times { naive, last, utc, span, long, some, .. } = times();
            assert_eq!(read, NumpyTimes { naive, last, utc, span, long, some, none: None });
        });
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("jiff.bpk");
        binpickle::to_path(&times(), &path).expect("written");
        python::all().for_each(|python| _ = python.script("check_times.py", &[path.as_os_str()]));
        assert_eq!(binpickle::from_path::<Times>(&path).expect("read again"), times());
        // Another format gets what it gets without the helper.
        let json = serde_json::to_string(&times()).expect("JSON");
        assert!(json.contains("\"2020-02-29\"") && json.contains("\"-PT23H59M54.999993S\""), "{json}");
        assert_eq!(serde_json::from_str::<Times>(&json).expect("read from JSON"), times());
    }

    /// A plain derive reads a time zone of the database, too.
    #[test]
    fn zoned() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Zoned {
            berlin: ZonedDateTime,
        }
        Topic::new("moments").case("moments", |Zoned { berlin }| {
            assert_eq!(berlin, Timestamp::constant(1_582_934_523, 0).in_tz("Europe/Berlin").unwrap());
        });
    }

    #[test]
    fn what_does_not_fit() {
        #[derive(Debug, Serialize, Deserialize)]
        struct Naive(#[serde(with = "binpickle::with::jiff")] DateTime);
        #[derive(Debug, Serialize, Deserialize)]
        struct Aware(#[serde(with = "binpickle::with::jiff")] Timestamp);

        let at = |year, nanosecond| Date::constant(year, 12, 31).at(23, 59, 59, nanosecond);
        for (time, message) in [
            (at(2020, 1), "exact to the microsecond"),
            (at(0, 0), "the year 0 is not among Python's"),
            (at(-1, 0), "the year -1"),
        ] {
            let error = binpickle::pickle::to_vec(&Naive(time)).expect_err("it has no datetime").to_string();
            assert!(error.contains(message), "{error}");
        }
        let naive = b"cdatetime\ndatetime\nM\xe4\x07K\x01K\x01\x87R.";
        let error = binpickle::pickle::from_slice::<Aware>(naive).expect_err("no time zone").to_string();
        assert!(error.contains("found a datetime without a time zone, expected"), "{error}");
        let aware = binpickle::pickle::to_vec(&Aware(times().utc)).expect("written");
        let error = binpickle::pickle::from_slice::<Naive>(&aware).expect_err("a time zone").to_string();
        assert!(error.contains("found a datetime with a time zone, expected"), "{error}");
        let berlin =
            b"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x01K\0K\0K\0K\0czoneinfo\nZoneInfo\nVEurope/Berlin\n\x85RtR.";
        let error = binpickle::pickle::from_slice::<Aware>(berlin).expect_err("a database").to_string();
        assert!(error.contains("Europe/Berlin, whose offset from UTC is not in the file"), "{error}");
        // Text is read as jiff reads it.
        let text = binpickle::pickle::from_slice::<Aware>(b"V2020-02-29T01:02:03Z\n.").expect("text");
        assert_eq!(text.0, times().utc);
    }
}
