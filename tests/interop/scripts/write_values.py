"""Save objects for Rust to read: `from_python.rs` says what each should be.

Usage: write_values.py FOLDER TOPIC; writes for each case of the topic `CASE.FORM.bpk` in each form, and its pickle
stream alone, `CASE.PROTOCOL.pkl`, in each protocol
"""

import pickle
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from uuid import UUID

import numpy as np
import scipy.sparse
from binpickle import BinPickler
from classes import Color, Empty, Frozen, Pair, Plain, Point, Slotted
from forms import FORMS
from numpy_values import NUMPY_TOPICS
from samples import DTYPES, arrays, large
from standard_values import STANDARD_TOPICS

BLOB = bytes(7 * i % 256 for i in range(200_000))


def every_dtype() -> dict[str, object]:
    return {dtype: arrays(dtype) for dtype in DTYPES}


def big_endian() -> dict[str, object]:
    return {
        dtype: {name: value.astype(value.dtype.newbyteorder(">")) for name, value in arrays(dtype).items()}
        for dtype in DTYPES
    }


def large_arrays() -> dict[str, object]:
    return {
        "arrays": {
            "dense": large("float64"),
            "fortran": np.asfortranarray(large("float32")),
            "bits": large("bool"),
            "vector": large("int16").reshape(-1),
            "points": large("float32").reshape(-1, 3),
            "strided": large("uint8")[::2, ::-3],
            "label": "large",
            "bytes": BLOB,
            "bytearray": bytearray(BLOB),
        },
    }


def buffers() -> dict[str, object]:
    return {"buffers": {"bytes": pickle.PickleBuffer(BLOB), "bytearray": pickle.PickleBuffer(bytearray(BLOB))}}


def scalars() -> dict[str, object]:
    return {
        "nan": np.array(0x7FF8DEADBEEF0001, "u8").view("f8").item(),
        "python": {
            "none": None,
            "true": True,
            "false": False,
            "zero": 0,
            "byte": 255,
            "negative": -(2**63),
            "large": 2**64 - 1,
            "larger": -(2**127),
            "largest": 2**128 - 1,
            "huge": 2**200 + 1,
            "float": 0.1,
            "integral": 3.0,
            "complex": 1 - 2j,
            "text": "naïve 🦀\0",
            "letter": "é",
            "bytes": b"\x00\xff",
            "bytearray": bytearray(b"\x01\x02"),
        },
        "numpy": {
            "bool": np.bool_(True),
            "int8": np.int8(-128),
            "int16": np.int16(-(2**15)),
            "int32": np.int32(-(2**31)),
            "int64": np.int64(-(2**63)),
            "uint8": np.uint8(255),
            "uint16": np.uint16(2**16 - 1),
            "uint32": np.uint32(2**32 - 1),
            "uint64": np.uint64(2**64 - 1),
            "float16": np.float16(-2.25),
            "float32": np.float32(0.1),
            "float64": np.float64(0.1),
            "complex64": np.complex64(1 - 2j),
            "complex128": np.complex128(0.5 + 0.25j),
            "str": np.str_("é"),
            "bytes": np.bytes_(b"\x01"),
        },
    }


def containers() -> dict[str, object]:
    shared = [1, 2]
    return {
        "containers": {
            "numbers": [1, 2, 3],
            "mixed": [1, "a", None, 2.5],
            "tuple": (1, "one", 2.5),
            "set": {3},
            "frozenset": frozenset({"x"}),
            "nested": {"a": [{"b": (1, [2])}, {}]},
            "integer_keys": {1: "one", -2: "two"},
            "tuple_keys": {(1, "a"): 0.5},
            "ordered": OrderedDict(z=1, a=2),
            "default": defaultdict(list, {"k": [1]}),
            "counter": Counter("aab"),
            "deque": deque([1, 2, 3]),
            "shared": [shared, shared],
            "long": [str(i) for i in range(2_500)],
            "arrays": [np.arange(3.0), np.arange(2.0)],
            "range": range(1, 10, 3),
        },
    }


def objects() -> dict[str, object]:
    weights = np.array([[1.5, 2.5]], "f4")
    return {
        "objects": {
            "dataclass": Point(1.5, -2, "p"),
            "frozen": Frozen(0.5, "f"),
            "namedtuple": Pair(1, "two"),
            "plain": Plain(weights, 0.5),
            "slotted": Slotted(weights, 0.25),
            "empty": Empty(),
            "enum": Color.RED,
            "uuid": UUID(int=2**100 + 7),
            "path": PurePosixPath("some") / "where",
            "class": Point,
            "points": [Point(0.0, 1, "q"), Point(1.0, 2, "r")],
        },
    }


def odd_arrays() -> dict[str, object]:
    record = np.dtype([("id", "<i4"), ("weight", "<f8")])
    return {
        "arrays": {
            "texts": np.array(["a", "bé", "🦀cd"]),
            "byte_strings": np.array([b"ab", b"c"], "S3"),
            "days": np.array(["1970-01-02", "2020-02-29"], "M8[D]"),
            "nanoseconds": np.array(["1970-01-01T00:00:00.000000007"], "M8[ns]"),
            "seconds": np.array([5, -5], "m8[s]"),
            "objects": np.array([1, "a", None], dtype=object),
            "records": np.array([(1, 0.5), (2, 1.5)], record),
            "broadcast": np.broadcast_to(np.array([1.0, 2.0]), (3, 2)),
        },
    }


def sparse() -> dict[str, object]:
    matrix = scipy.sparse.csr_matrix(np.array([[0.0, 1.5, 0.0], [2.5, 0.0, 3.5]]))
    return {"matrix": matrix, "array": scipy.sparse.csr_array(matrix)}


TOPICS: dict[str, Callable[[], dict[str, object]]] = {
    topic.__name__: topic
    for topic in (every_dtype, big_endian, large_arrays, buffers, scalars, containers, objects, odd_arrays, sparse, *NUMPY_TOPICS, *STANDARD_TOPICS)
}


#: What older protocols cannot say.
FIRST_PROTOCOL = {"objects": 2, "buffers": 5, "instances": 2}


def main(folder: Path, topic: str) -> None:
    for case, value in TOPICS[topic]().items():
        for protocol in range(FIRST_PROTOCOL.get(topic, 0), 6):
            (folder / f"{case}.{protocol}.pkl").write_bytes(pickle.dumps(value, protocol))
        for form, options in FORMS.items():
            with BinPickler(folder / f"{case}.{form}.bpk", **options) as pickler:
                pickler.dump(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
