//! Python ↔ Rust: what each Python type becomes in Rust, and each Rust type in Python.
//!
//! # From Python
//!
//! *In the stream* is how pickle describes an object to whoever loads it: a call is a REDUCE of a class or function by its
//! name, "state" what BUILD passes afterwards. *With a type* is what a plain derive takes. In [`Value`](crate::Value) an
//! [`Object`](crate::value::Object) keeps the class, the arguments, the state and the items; written again, Python makes an equal
//! object of it. The tests of each table are in `tests/interop`, against real Pythons, in all protocols.
//!
//! ## Plain data (`from_python.rs`)
//!
//! | Python | in the stream | with a type | `Value` |
//! |---|---|---|---|
//! | `None` | itself | `()`, `Option` | `None` |
//! | `bool`, `float` | itself | `bool`, `f64`, `f32` | `Bool`, `Float` |
//! | `int` | itself | any integer that it fits; a float that equals it | `Int`, `BigInt` |
//! | `complex` | `complex(re, im)` | `Complex<f64>`, `(f64, f64)` | `Complex` |
//! | `str` | itself | `String`, `&str`, `char` of one | `Str`; `Surrogates` |
//! | `bytes`, `bytearray` | itself; before protocols 3 and 5 `_codecs.encode(text)`, `bytearray(bytes)` | [`serde_bytes`], `Vec<u8>` | `Bytes`, `ByteArray` |
//! | `pickle.PickleBuffer` | an out-of-band buffer (a `memoryview` cannot be pickled) | [`serde_bytes`], `Vec<u8>` | `Bytes` |
//! | `list`, `tuple` | itself | sequences; tuples and structs by position | `List`, `Tuple` |
//! | `dict` | itself | maps; structs by name | `Dict` |
//! | `set`, `frozenset` | itself; before protocol 4 `set(list)` | sequences, sets | `Set`, `FrozenSet` |
//!
//! ## The standard library (`stdlib.rs`)
//!
//! | Python | in the stream | with a type | `Value` |
//! |---|---|---|---|
//! | `decimal.Decimal` | `Decimal(text)` | `String` exactly; a float, the nearest; an integer if it is one | `Object` |
//! | `fractions.Fraction` | `Fraction(3, 4)`, or `Fraction('3/4')` before Python 3.11 | `String` (`3/4`), `(i64, i64)`, a struct of `numerator` and `denominator`; a float if both are floats exactly | `Object` |
//! | `uuid.UUID` | state `{'int': …}` | `uuid::Uuid` (plain, compact, hyphenated), `String`, `u128`, `[u8; 16]`, bytes | `Object` |
//! | `pathlib.Path` and its kinds | `PosixPath(*parts)`, `PureWindowsPath(*parts)`, from 3.13 in `pathlib._local` | `PathBuf`, `String`: Python's `str(path)`, with the separators of its kind; `Vec<String>` of the arguments | `Object` |
//! | `datetime.date` | `date(4 bytes)` | ISO 8601 text, so chrono's and jiff's dates; a struct of `year`, `month`, `day` | `Object` |
//! | `datetime.time` | `time(6 bytes)`, `time(6 bytes, tzinfo)` | ISO 8601 text; a struct of `hour`, `minute`, `second`, `microsecond`, `fold`, `tzinfo` | `Object` |
//! | `datetime.datetime` | `datetime(10 bytes)`, `datetime(10 bytes, tzinfo)` | ISO 8601 text with the offset (`2020-02-29T01:02:03.000004-05:00`) or the key of the zone (`…[Europe/Berlin]`); a struct of all fields | `Object` |
//! | `datetime.timedelta` | `timedelta(days, seconds, microseconds)` | `f64` in seconds, an integer if they are whole; [`Duration`](std::time::Duration); `(i64, i32)` of seconds and nanoseconds; `String` (`-PT23H59M54.5S`, jiff's `SignedDuration`); a struct of `days`, `seconds`, `microseconds` | `Object` |
//! | `datetime.timezone` | `timezone(timedelta)`, or with a name | `String` (`+01:00`) | `Object` |
//! | `zoneinfo.ZoneInfo` | `getattr(ZoneInfo, '_unpickle')(key, cached)` | `String`, the key | `Object` |
//! | `range` | `range(start, stop, step)` | a sequence of its numbers, each counted by [`max_nodes`](crate::LoadOptions::max_nodes); a struct of `start`, `stop`, `step`; [`Range`](std::ops::Range) if the step is 1 | `Object` |
//! | `slice` | `slice(start, stop, step)` | `(Option, Option, Option)`, a struct by position | `Object` |
//! | `array.array` of numbers | `array(typecode, list)`; from protocol 3 `_array_reconstructor(array, typecode, format, bytes)` | sequences of numbers, and arrays of `ndarray` | `Object` |
//! | `array.array` of characters | the same | `Vec<char>` | `Object` |
//! | `OrderedDict`, `Counter`, `defaultdict` | a call, and entries | maps, structs | `Object` |
//! | `deque` | `deque((), maxlen)` and items | sequences | `Object` |
//! | `ChainMap` | state `{'maps': […]}` | a struct of `maps` | `Object` |
//! | `UserDict`, `UserList`, `UserString` | state `{'data': …}` | as the `dict`, `list` or `str`; with other attributes a struct of all | `Object` |
//! | `types.SimpleNamespace` | state: a dict | a struct | `Object` |
//! | an exception | `ValueError(*args)`, and a state if it has notes or attributes | its arguments: a sequence, a tuple, a struct by position; the only one by itself | `Object` |
//! | `Enum`, `IntEnum`, `Flag`, `StrEnum` | `Color('red')`: the value; `getattr(Color, 'RED')` for an enum that is pickled by name | see below | `Object` |
//! | a function, a class, `...` | its name | `String` (`module.name`) | `Global` |
//! | a bound method | `getattr(object, name)` | opaque | `Object` |
//! | `functools.partial`, `re.Pattern`, `itemgetter` | a call | opaque: its arguments as a sequence | `Object` |
//!
//! `mappingproxy`, modules, generators and open files cannot be pickled at all.
//!
//! Every field is checked: a month 13, a `UUID` of 200 bits or a `Decimal` of letters is an error. Of two equal times when
//! clocks are set back, the later one (`fold=1`) in a named zone has no text, and is an error; the struct has it.
//!
//! An **enum's member** is its value: an `IntEnum` a number, a `StrEnum` a `String`. Its name is not in the stream, except
//! of enums that are pickled by name, which are `String`s of it. A Rust enum of unit variants takes either: `Color('red')`
//! is the variant that is called, or renamed to, `red`. A value that is a number chooses no variant, for Rust counts
//! its own way: take an integer, or `serde_repr`.
//!
//! ## Classes (`from_python.rs`, `stdlib.rs`)
//!
//! | Python | in the stream | with a type | `Value` |
//! |---|---|---|---|
//! | an instance, a dataclass | `C.__new__(C)`, state: a dict | a struct of its attributes | `Object` |
//! | with `__slots__` | state: a pair of dicts | a struct of its attributes | `Object` |
//! | a frozen dataclass with slots | state: a list | a struct or tuple by position | `Object` |
//! | a `NamedTuple` | `C.__new__(C, *fields)` | a struct or tuple by position | `Object` |
//! | a subclass of `int`, `float`, `str` | `C.__new__(C, value)`, state: a dict if it has attributes | the value, where a number or text is asked for | `Object` |
//! | one with `__reduce__` | a call, items, entries, state | a struct or map of the state, or else of the entries; as a sequence the items, or else the arguments | `Object` |
//!
//! **Nothing is imported or called.** A REDUCE of a callable that is not in these tables stays what it is, a name and
//! arguments: with a type, its state, its items or its arguments are there to be read; in `Value` it is an `Object` whose
//! `callable` says what Python would have called. `os.system('…')` is an `Object` with one argument.
//!
//! ## numpy (`numpy_objects.rs`)
//!
//! | Python | in the stream | with a type | `Value` |
//! |---|---|---|---|
//! | `ndarray` | `_reconstruct(…)`, state: shape, dtype, order, data; out of band `_frombuffer(buffer, dtype, shape, order)` | arrays of `ndarray`, nested sequences, [`MappedArray`](crate::MappedArray), [`with::view`](crate::with::view) | `Array` |
//! | a structured array, `recarray` | the same | a sequence of structs by the names of the fields, or of tuples | `Records` |
//! | an array of objects | the same, a list as data | nested sequences | `Object` |
//! | a masked array | `_mareconstruct(…)`, state: also the mask | sequences of `Option`s; a struct of `data` and `mask` | `Object` |
//! | `matrix` and other subclasses | the same, with their class | the array | `Object` |
//! | a scalar | `scalar(dtype, bytes)` | a number, `String`, bytes | `Scalar`, `Record` |
//! | `datetime64`, `timedelta64` | as scalar or array | an integer, the count of its unit; "not a time" is [`i64::MIN`]. A scalar also with `with::chrono` and `with::jiff` | `Scalar`, `Array` |
//! | `numpy.ma.masked` | a call | `None` | `Object` |
//! | a dtype | `dtype(code)`, state | opaque | `Object` |
//! | longdouble | as array or scalar | an error: no type in Rust | `Object` |
//!
//! # From Rust
//!
//! | Rust | Python |
//! |---|---|
//! | struct, map | `dict` |
//! | newtype struct | its content |
//! | tuple, tuple struct, `[T; N]` | `tuple` |
//! | sequence of numbers, bools, [complex](num_complex::Complex) or [`f16`](half::f16) | `numpy.ndarray` of one axis |
//! | sequence of fixed-size tuples or arrays of one number type, such as `Vec<[f32; 3]>` | `numpy.ndarray` of more axes |
//! | `ndarray::Array` and its relatives, of numbers | `numpy.ndarray` of the same shape |
//! | any other sequence | `list` |
//! | bytes ([`serde_bytes`]) | `bytes` |
//! | `str`, `char`, paths, what serializes as text (`uuid::Uuid` as bytes) | `str` |
//! | integers up to 128 bits; floats | `int`; `float` |
//! | `Option` | `None`, or the value |
//! | unit, unit struct | `None` |
//! | unit variant | `str` |
//! | any other variant | `dict` of one item: `{name: content}` |
//! | in the key of a map | what is hashable: sequences are tuples, structs and maps tuples of pairs |
//! | dates, times and durations | text, or what their crate makes of them; `datetime`'s own with `with::chrono` and `with::jiff` |
//! | [`Value`](crate::Value) | what it was, an object of its class included |
//!
//! [`serde_bytes`]: https://docs.rs/serde_bytes
