"""Values of Python's standard library: topics of `write_values.py`, for `stdlib.rs`."""

import datetime as dt
import functools
import operator
import re
import types
import uuid
from array import array
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath, PureWindowsPath
from zoneinfo import ZoneInfo

import classes
import numpy as np
from classes import Assembled, Color, Fancy, Label, Level, Node, Pair, Permission, Ratio, Shelf, Unnamed

EST = dt.timezone(dt.timedelta(hours=-5), "EST")


def numbers() -> dict[str, object]:
    return {
        "numbers": {
            "decimal": Decimal("1.50"),
            "tiny": Decimal("-1.5E-7"),
            "thousand": Decimal("1E+3"),
            "nan": Decimal("NaN"),
            "infinity": Decimal("-Infinity"),
            "precise": Decimal("0.1234567890123456789012345678901234567890"),
            "fraction": Fraction(-3, 4),
            "whole": Fraction(7),
            "complex": 1.5 - 2j,
            "uuid": uuid.UUID("12345678-9abc-def0-1234-56789abcdef0"),
            "small_uuid": uuid.UUID(int=5),
        },
    }


def paths() -> dict[str, object]:
    return {
        "paths": {
            "absolute": PurePosixPath("/some/where"),
            "relative": PurePosixPath("some", "where"),
            "here": PurePosixPath(),
            "normal": PurePosixPath("a//b/./c/"),
            "again": PurePosixPath("a", "/b"),
            "windows": PureWindowsPath("C:/Users", "me"),
            "drive": PureWindowsPath("C:x", "y"),
            "share": PureWindowsPath("//host/share/x"),
        },
    }


def moments() -> dict[str, object]:
    return {
        "moments": {
            "date": dt.date(2020, 2, 29),
            "first": dt.date.min,
            "time": dt.time(12, 30, 1, 5),
            "time_utc": dt.time(1, 2, 3, tzinfo=dt.timezone.utc),
            "naive": dt.datetime(2020, 2, 29, 1, 2, 3, 4),
            "last": dt.datetime.max,
            "utc": dt.datetime(2020, 2, 29, 1, 2, 3, tzinfo=dt.timezone.utc),
            "est": dt.datetime(2020, 2, 29, 1, 2, 3, 4, tzinfo=EST),
            "berlin": dt.datetime(2020, 2, 29, 1, 2, 3, tzinfo=ZoneInfo("Europe/Berlin")),
            "span": dt.timedelta(days=-1, seconds=5, microseconds=7),
            "long": dt.timedelta(days=3, hours=1),
            "none": dt.timedelta(),
            "offset": EST,
            "zone": ZoneInfo("Europe/Berlin"),
        },
        "later": {
            "time": dt.time(2, 30, fold=1),
            "datetime": dt.datetime(2020, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        },
    }


def times_for_helpers() -> dict[str, object]:
    """What `with::chrono` and `with::jiff` read."""
    est = dt.timezone(dt.timedelta(hours=-5), "EST")
    return {
        "times": {
            "date": dt.date(2020, 2, 29),
            "first": dt.date.min,
            "time": dt.time(12, 30, 1, 5),
            "naive": dt.datetime(2020, 2, 29, 1, 2, 3, 4),
            "last": dt.datetime.max,
            "utc": dt.datetime(2020, 2, 29, 1, 2, 3, tzinfo=dt.timezone.utc),
            "est": dt.datetime(2020, 2, 29, 1, 2, 3, 4, tzinfo=est),
            "span": dt.timedelta(days=-1, seconds=5, microseconds=7),
            "long": dt.timedelta(days=3, hours=1),
            "some": dt.timedelta(),
            "none": None,
        },
        "numpy_times": {
            "naive": np.datetime64("2020-02-29T01:02:03.000004"),
            "last": np.datetime64("9999-12-31T23:59:59.999999"),
            "utc": np.datetime64("2020-02-29T01:02:03", "s"),
            "span": np.timedelta64(-86_394_999_993, "us"),
            "long": np.timedelta64(73, "h"),
            "some": np.timedelta64(0, "ns"),
            "none": np.timedelta64("NaT"),
        },
    }


def collections() -> dict[str, object]:
    return {
        "collections": {
            "range": range(1, 10, 3),
            "countdown": range(3, 0, -1),
            "interval": range(2, 5),
            "slice": slice(1, None, 2),
            "set": {1},
            "frozenset": frozenset("a"),
            "ordered": OrderedDict(b=1, a=2),
            "default": defaultdict(list, {"k": [1]}),
            "counter": Counter("aab"),
            "deque": deque([1, 2, 3]),
            "bounded": deque([1, 2, 3], 2),
            "empty": deque((), 2),
            "chain": ChainMap({"a": 1}, {"b": 2}),
            "user_dict": UserDict(a=1),
            "user_list": UserList([1, 2]),
            "user_string": UserString("text"),
            "bytearray": bytearray(b"a\xff"),
        },
    }


def std_arrays() -> dict[str, object]:
    integers = {code: array(code, [1, 2, 100]) for code in "bBhHiIlLqQ"}
    floats = {code: array(code, [0.5, -1.5]) for code in "fd"}
    edges = {"low": array("q", [-(2**63)]), "high": array("Q", [2**64 - 1]), "none": array("d")}
    return {"arrays": integers | floats | edges | {"text": array("u", "aé🦀\0")}}


def members() -> dict[str, object]:
    return {
        "members": {
            "color": Color.RED,
            "level": Level.HIGH,
            "permission": Permission.READ | Permission.WRITE,
            "label": Label.GOOD,
            "nested": Shelf.Kind.WOOD,
            "by_name": Fancy.SECOND,
            "levels": [Level.LOW, Level.HIGH],
        },
    }


def instances() -> dict[str, object]:
    error = ValueError("wrong", 3)
    return {
        "instances": {
            "pair": Pair(1, "two"),
            "unnamed": Unnamed(3),
            "node": Node("root", [Node("leaf", [])]),
            "ratio": Ratio(0.5),
            "reduced": Assembled("seed", {"a": 1}, [1, 2], {"k": 3}),
            "namespace": types.SimpleNamespace(a=1, b="two"),
            "error": error,
            "os_error": FileNotFoundError(2, "missing", "file"),
            "key_error": KeyError("key"),
        },
    }


def callables() -> dict[str, object]:
    return {
        "callables": {
            "function": len,
            "own": classes.double,
            "class": dict,
            "own_class": Node,
            "method": "abc".upper,
            "class_method": dict.fromkeys,
            "partial": functools.partial(int, base=2),
            "getter": operator.itemgetter(1, 2),
            "pattern": re.compile("a+", re.IGNORECASE),
            "ellipsis": ...,
            "alias": list[int],
        },
    }


STANDARD_TOPICS = [
    numbers, paths, moments, times_for_helpers, collections, std_arrays, members, instances, callables,
]  # fmt: skip
