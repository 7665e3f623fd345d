"""What Python should find in the files that `to_python.rs` writes, by topic and case."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from samples import DTYPES, arrays, large


def float_of_bits(bits: int, size: int) -> float:
    return np.array(bits, f"u{size}").view(f"f{size}").astype("f8").item()


def array(values: list, dtype: str) -> np.ndarray:
    return np.array(values, dtype)


def scalars() -> dict[str, object]:
    return {
        "integers": {
            "i8": -(2**7),
            "i16": -(2**15),
            "i32": -(2**31),
            "i64": -(2**63),
            "i128": -(2**127),
            "isize": -(2**63),
            "u8": 2**8 - 1,
            "u16": 2**16 - 1,
            "u32": 2**32 - 1,
            "u64": 2**64 - 1,
            "u128": 2**128 - 1,
            "usize": 2**64 - 1,
        },
        "small_integers": [*range(-3, 3), 127, 128, 255, 256, 65535, 65536, None],
        "floats": {
            "single": float(np.float32(0.1)),
            "double": 0.1,
            "negative_zero": -0.0,
            "infinity": float("inf"),
            "smallest": 5e-324,
            "single_nan": float_of_bits(0xFFC12345, 4),
            "double_nan": float_of_bits(0x7FF8DEADBEEF0001, 8),
        },
        "texts": {
            "empty": "",
            "character": "é",
            "text": "naïve 🦀\0\n",
            "long": "ab" * 50_000,
            "truth": True,
            "lie": False,
        },
        "bytes": {
            "empty": b"",
            "small": b"\x00\xff\x80",
            "large": bytes(7 * i % 256 for i in range(200_000)),
        },
        "nothing": {
            "unit": None,
            "unit_struct": None,
            "none": None,
            "some": 1,
            "some_some": "x",
            "some_none": (None,),
        },
        "root_number": 42,
        "root_text": "text",
        "root_none": None,
    }


def containers() -> dict[str, object]:
    point = {"x": 1.5, "y": -2}
    return {
        "structs": {
            "point": point,
            "points": [point, {"x": 0.0, "y": 7}],
            "newtype": 3.5,
            "newtype_struct": point,
            "tuple_struct": (1, "one"),
            "tuple": (1, 2.5, "three", None),
            "pair_of_floats": (0.5, 1.5),
            "array": (1, 2, 3),
            "array_of_text": ("a", "b"),
            "empty_tuple_struct": (),
        },
        "lists": {
            "texts": ["a", "b", "a"],
            "no_texts": [],
            "options": [1.5, None],
            "pairs": [("a", 1), ("b", 2)],
            "ragged": [array([1, 2], "f8"), array([], "f8"), array([3], "f8")],
            "characters": ["x", "y"],
            "wide": [2**100, -1],
            "units": [None, None],
            "nest": [[], [[]], ["deep"]],
            "long": [str(i) for i in range(2_500)],
        },
        "numbers": {
            "floats": array([1.5, -2.5], "f8"),
            "no_floats": array([], "f8"),
            "one": array([7], "i4"),
            "truths": array([True, False, True], "?"),
            "bytes": array([0, 255], "u1"),
            "points": array([[1, 2, 3], [4, 5, 6]], "f4"),
            "pairs": array([[1, 2]], "u2"),
            "nested": array([[[1, 2], [3, 4], [5, 6]]], "i1"),
            "deque": array([1, 2, 3], "i8"),
            "set": array([3, 5], "u4"),
            "boxed": array([9], "u8"),
            "complex": array([1 + 2j], "c16"),
            "sizes": array([1, 2], "u8"),
        },
        "maps": {
            "texts": {"b": 1, "c": 2},
            "empty": {},
            "integers": {-1: "minus", 2: "two"},
            "truths": {False: 0, True: 1},
            "characters": {"a": 1},
            "tuples": {(1, "a"): 1.5},
            "sequences": {(1, 2): "numbers", (): "none"},
            "texts_of_texts": {("a", "b"): 1},
            "nested": {((1, 2), (3,)): 1},
            "bytes": {b"key": 1},
            "options": {None: 0, 5: 1},
            "wide": {2**100: 1},
            "variants": {"North": 1, "South": 2},
            "of_arrays": {"w": array([1, 2], "f4")},
        },
    }


def long_streams() -> dict[str, object]:
    points = [{"x": i / 3, "y": i} for i in range(40_000)]
    texts = [f"text {i % 30_000}" for i in range(60_000)]
    return {"points": points, "texts": texts, "map": {i: i % 2 == 0 for i in range(5_000)}}


def enums() -> dict[str, object]:
    return {
        "external": ["Unit", {"Newtype": 1.5}, {"Tuple": (1, "a")}, {"Struct": {"width": 3, "name": "n"}}],
        "internal": [{"kind": "unit"}, {"kind": "text", "value": "v"}],
        "adjacent": [{"t": "Number", "c": 5}, {"t": "Pair", "c": (1, 2)}, {"t": "Nothing"}],
        "untagged": [1, "text", {"x": 0.5, "y": 1}],
        "results": [{"Ok": 1}, {"Err": "no"}],
        "attributes": {"renamed": 1, "present": 2, "x": 1.5, "y": -2, "extra": "flattened"},
        "arrays": {"Dense": {"weights": array([[1, 2], [3, 4]], "f4")}},
    }


def every_dtype() -> dict[str, object]:
    """Arrays through `with::ndarray`, which keeps the order of memory."""
    return {dtype: rust_orders(arrays(dtype)) for dtype in DTYPES}


def rust_orders(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The memory orders that Rust writes: C or F where the array has one, else C."""
    return {
        name: value if value.flags.forc else np.ascontiguousarray(value) for name, value in values.items()
    }


def plain_arrays() -> dict[str, object]:
    """The same arrays through ndarray's own serde impl, in a plain derive."""
    return every_dtype()


def large_arrays() -> dict[str, object]:
    return {
        "arrays": {
            "dense": large("float64"),
            "fortran": np.asfortranarray(large("float32")),
            "bits": large("bool"),
            "vector": large("int16").reshape(-1),
            "points": large("float32").reshape(-1, 3),
            "label": "large",
        },
    }


def values() -> dict[str, object]:
    """What Rust writes from a `Value`."""
    return {
        "values": {
            "none": None,
            "bool": True,
            "int": -5,
            "large": 2**100,
            "float": 0.1,
            "complex": 1 - 2j,
            "str": "é",
            "bytes": b"\x00",
            "bytearray": bytearray(b"\x01"),
            "list": [1, "a"],
            "tuple": (1, "a"),
            "set": {1, 2},
            "frozenset": frozenset({"x"}),
            "dict": {1: "one", (2, 3): None},
            "global": complex,
            "object": Fraction(3, 4),
        },
    }


TOPICS: dict[str, Callable[[], dict[str, object]]] = {
    topic.__name__: topic for topic in (scalars, containers, long_streams, enums, every_dtype, plain_arrays, large_arrays, values)
}
