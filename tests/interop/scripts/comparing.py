"""Compare an object with what it should be: type by type, bit by bit."""

import datetime
import functools
import operator
import struct
import types
from array import array
from collections import defaultdict, deque
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import scipy.sparse


#: What is equal to others that are shown otherwise: of another type code, time zone, precision or length.
SHOWN = (Decimal, datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, array, deque)

#: What equals nothing but itself: functions, methods, and calls that wait for arguments.
REDUCED = (BaseException, functools.partial, operator.itemgetter, types.BuiltinFunctionType)


def differences(actual: object, expected: object, where: str = "object") -> Iterator[str]:
    """What is wrong with `actual`: a line for each difference."""
    if expected is np.ma.masked:
        if actual is not expected:
            yield f"{where}: {actual!r:.80}, expected numpy.ma.masked"
    elif type(actual) is not type(expected):
        yield f"{where}: a {type(actual).__name__} ({actual!r:.80}), expected a {type(expected).__name__}"
    elif isinstance(expected, np.ndarray):
        yield from array_differences(actual, expected, where)
    elif isinstance(expected, np.generic) and expected.dtype.char not in "gG":
        if (actual.dtype, actual.tobytes()) != (expected.dtype, expected.tobytes()):
            yield f"{where}: {actual!r:.200}, expected {expected!r:.200}"
    elif isinstance(expected, np.dtype):
        if not same_dtype(actual, expected):
            yield f"{where}: {actual!r:.200}, expected {expected!r:.200}"
    elif isinstance(expected, np.random.Generator):
        yield from differences(actual.bit_generator.state, expected.bit_generator.state, where)
    elif isinstance(expected, np.random.RandomState):
        yield from differences(actual.get_state(), expected.get_state(), where)
    elif isinstance(expected, SHOWN):
        if repr(actual) != repr(expected):
            yield f"{where}: {actual!r:.200}, expected {expected!r:.200}"
    elif isinstance(expected, REDUCED):
        yield from differences(actual.__reduce__(), expected.__reduce__(), where)
    elif isinstance(expected, dict):
        if isinstance(expected, defaultdict):
            yield from differences(actual.default_factory, expected.default_factory, f"{where}.default_factory")
        if [*map(typed, actual)] != [*map(typed, expected)]:
            yield f"{where}: the keys {list(actual)!r:.200}, expected {list(expected)!r:.200}"
        else:
            for key in expected:
                yield from differences(actual[key], expected[key], f"{where}[{key!r:.20}]")
    elif isinstance(expected, (list, tuple)):
        if len(actual) != len(expected):
            yield f"{where}: {len(actual)} items, expected {len(expected)}"
        for index, (one, other) in enumerate(zip(actual, expected)):
            yield from differences(one, other, f"{where}[{index}]")
    elif isinstance(expected, float):
        if struct.pack("<d", actual) != struct.pack("<d", expected):
            yield f"{where}: {actual!r}, expected {expected!r}"
    elif has_only_attributes(expected):
        yield from differences(attributes(actual), attributes(expected), where)
    elif actual != expected:
        yield f"{where}: {actual!r:.200}, expected {expected!r:.200}"


def array_differences(actual: np.ndarray, expected: np.ndarray, where: str) -> Iterator[str]:
    if not same_dtype(actual.dtype, expected.dtype) or actual.shape != expected.shape:
        yield f"{where}: {actual.dtype!r} {actual.shape}, expected {expected.dtype!r} {expected.shape}"
        return
    if isinstance(expected, np.ma.MaskedArray):
        yield from differences(np.ma.getmaskarray(actual), np.ma.getmaskarray(expected), f"{where}.mask")
        yield from differences(actual.data, expected.data, f"{where}.data")
        yield from differences(actual.fill_value, expected.fill_value, f"{where}.fill_value")
        return
    yield from differences(getattr(actual, "__dict__", {}), getattr(expected, "__dict__", {}), where)
    for order in ("c_contiguous", "f_contiguous"):
        if expected.flags.forc and getattr(actual.flags, order) != getattr(expected.flags, order):
            yield f"{where}: {order} is {getattr(actual.flags, order)}"
    if expected.dtype.char in "gG":  # their padding is undefined
        if not np.array_equal(actual, expected):
            yield f"{where}: {actual!r:.200}, expected {expected!r:.200}"
    elif expected.dtype.hasobject:
        yield from differences(actual.tolist(), expected.tolist(), where)
    elif actual.tobytes() != expected.tobytes():
        yield f"{where}: {actual!r:.200}, expected {expected!r:.200}"


def same_dtype(actual: np.dtype, expected: np.dtype) -> bool:
    """Equality, and what it leaves out."""
    more = [(dtype.type, dtype.isalignedstruct, dtype.alignment, dict(dtype.metadata or {})) for dtype in (actual, expected)]
    return actual == expected and more[0] == more[1]


def has_only_attributes(value: object) -> bool:
    """Whether equality does not tell whether an object holds the same."""
    return scipy.sparse.issparse(value) or (type(value).__eq__ is object.__eq__ and not isinstance(value, type))


def attributes(value: object) -> dict[str, object]:
    slots = {name: getattr(value, name) for name in getattr(value, "__slots__", ())}
    return slots | getattr(value, "__dict__", {})


def typed(key: object) -> object:
    """A key with the types of its parts, because `1 == True`."""
    if isinstance(key, tuple):
        return tuple, *map(typed, key)
    return type(key), key


def arrays_in(value: object) -> Iterator[np.ndarray]:
    """Every array in a nest of dicts, lists and tuples."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from arrays_in(item)
