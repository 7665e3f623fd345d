"""What numpy writes beyond arrays of numbers: topics of `write_values.py`, for `numpy_objects.rs`."""

import numpy as np
from classes import Labelled

RECORD = np.dtype([("x", "<f8"), ("name", "<U5"), ("pos", "<f4", (3,))])
ROWS = [(0.5, "a", (1, 2, 3)), (-1.5, "béd", (4, 5, 6)), (2.0, "🦀", (7, 8, 9))]

INNER = np.dtype([("when", "<M8[D]"), ("grid", ">i2", (2, 2)), ("code", "S2")])
NESTED = np.dtype([("id", ">u4"), ("inner", INNER), ("pair", [("a", "?"), ("b", "<c8")], (2,))])


def nested() -> np.ndarray:
    rows = [
        (1, ("1970-01-02", [[1, 2], [3, 4]], b"ab"), [(True, 1j), (False, 2)]),
        (2, ("NaT", [[5, 6], [7, -8]], b"c"), [(False, 0), (True, 0.5)]),
    ]
    return np.array(rows, NESTED)


def records() -> dict[str, object]:
    simple = np.array(ROWS, RECORD)
    aligned = np.zeros(2, np.dtype([("flag", "?"), ("weight", "<f8"), ("count", "<i2")], align=True))
    aligned["flag"], aligned["weight"], aligned["count"] = [True, False], [0.5, 1.5], [-1, 2]
    titled = np.dtype({
        "names": ["count", "weight", "flag"],
        "formats": [">i2", ">f8", "?"],
        "offsets": [20, 4, 1],
        "titles": ["how many", None, "Flag"],
        "itemsize": 24,
    })  # fmt: skip
    gaps = np.zeros(2, titled)
    for name in titled.names:
        gaps[name] = aligned[name]
    matrix = np.zeros((2, 3), [("i", "<i4"), ("j", "u1")])
    matrix["i"] = [[1, 2, 3], [4, 5, 6]]
    overlap = np.zeros(2, {"names": ["whole", "low"], "formats": ["<u4", "<u2"], "offsets": [0, 0]})
    overlap["whole"] = [0x10002, 3]
    objects = np.array([(1, "a", (0.5, [1])), (2, None, (1.5, []))], [("n", "i4"), ("o", "O"), ("s", [("f", "f8"), ("l", "O")])])
    return {
        "records": {
            "simple": simple,
            "big_endian": simple.astype(simple.dtype.newbyteorder(">")),
            "aligned": aligned,
            "gaps": gaps,
            "nested": nested(),
            "matrix": matrix,
            "fortran": np.asfortranarray(matrix),
            "strided": simple[::2],
            "empty": simple[:0],
            "one": simple[1],
            "zero_d": np.array(simple[2], RECORD),
            "overlap": overlap,
            "objects": objects,
            "no_fields": np.zeros(2, []),
        },
        "many": np.tile(simple, 20_000),
    }


def time_values(code: str) -> np.ndarray:
    return np.array([0, 1, -5, 2**62, -(2**63)], "i8").view(code)


def times() -> dict[str, object]:
    return {
        "times": {
            "days": time_values("M8[D]"),
            "months": time_values("M8[M]"),
            "steps": time_values("M8[25us]"),
            "generic": time_values("m8"),
            "weeks": time_values("m8[W]"),
            "big_endian": time_values("M8[ns]").astype(">M8[ns]"),
            "matrix": np.arange(6).astype("m8[3h]").reshape(2, 3).T,
            "moment": np.datetime64("2020-02-29T12:00:01.5", "ms"),
            "span": np.timedelta64(-3, "25s"),
            "nat": np.datetime64("NaT"),
            "zero_d": np.array("1970-01-03", "M8[D]"),
        },
    }


def odd_scalars() -> dict[str, object]:
    return {
        "scalars": {
            "void": np.void(b"a\0b"),
            "text": np.str_("aé"),
            "no_text": np.str_(""),
            "bytes": np.bytes_(b"x\0y"),
            "half": np.float16(0.1),
            "complex": np.complex64(1 - 2j),
            "zero_d": np.array(3),
            "zero_d_float": np.array(2.5, ">f4"),
            "zero_d_text": np.array("word"),
            "integers": np.array([1, -(2**53)], ">i8"),
            "large_integers": np.array([2**53 + 1]),
            "zero_d_object": np.array({"a": [1, 2]}, object),
            "byte_strings": np.array([b"ab", b""], "S3"),
            "texts": np.array([["a", ""], ["é", "xyz"]], ">U3"),
            "voids": np.array([b"ab", b"c\0"], "V2"),
        },
    }


def objects_in_arrays() -> dict[str, object]:
    matrix = np.array([[1, "a", None], [2.5, [1], {"k": 2}]], object)
    return {
        "objects": {
            "vector": np.array(["x", "yz", ""], object),
            "matrix": matrix,
            "fortran": np.asfortranarray(matrix),
            "ragged": np.array([np.arange(2.0), np.arange(3.0)], object),
            "empty": np.array([], object).reshape(0, 2),
        },
    }


def masked() -> dict[str, object]:
    matrix = np.ma.array([[1, 2, 3], [4, 5, 6]], mask=[[0, 1, 0], [0, 0, 1]], fill_value=-9)
    return {
        "masked": {
            "vector": np.ma.array([0.5, 1.5, 2.5], mask=[False, True, False]),
            "unmasked": np.ma.array([0.5, 1.5, 2.5]),
            "matrix": matrix,
            "fortran": np.ma.array(np.asfortranarray(matrix.data), mask=np.asfortranarray(matrix.mask)),
            "big_endian": np.ma.array([1, 2], ">i4", mask=[True, False]),
            "texts": np.ma.array(["a", "bc"], mask=[True, False]),
            "constant": np.ma.masked,
            "zero_d": np.ma.array(2.0, mask=True),
        },
    }


def subclasses() -> dict[str, object]:
    labelled = np.arange(3.0).view(Labelled)
    labelled.label = "three"
    return {
        "subclasses": {
            "matrix": np.matrix([[1, 2], [3, 4]], ">i8"),
            "labelled": labelled,
            "characters": np.char.array(["ab", "c"]),
            "recarray": np.array(ROWS, RECORD).view(np.recarray),
            "record": np.array(ROWS, RECORD).view(np.recarray)[0],
        },
    }


def dtypes() -> dict[str, object]:
    return {
        "dtypes": {
            "plain": np.dtype("<f8"),
            "big_endian": np.dtype(">i4"),
            "text": np.dtype("U7"),
            "time": np.dtype("M8[25us]"),
            "object": np.dtype("O"),
            "record": RECORD,
            "nested": NESTED,
            "aligned": np.dtype([("a", "i1"), ("b", "f8")], align=True),
            "sub_array": np.dtype(("<f4", (2, 3))),
            "numpy_record": np.dtype((np.record, RECORD)),
            "type": np.float64,
        },
    }


def random_states() -> dict[str, object]:
    generator = np.random.default_rng(7)
    generator.random(3)
    legacy = np.random.RandomState(7)
    legacy.normal(size=3)
    return {"states": {"generator": generator, "legacy": legacy, "mt": np.random.Generator(np.random.MT19937(3))}}


def long_doubles() -> dict[str, object]:
    vector = np.array([1.5, 2.5], np.longdouble)
    return {"long": {"vector": vector, "scalar": vector[0], "complex": vector + 1j, "matrix": vector.reshape(1, 2)[:, ::-1]}}


def trees() -> dict[str, object]:
    from sklearn.tree import DecisionTreeClassifier

    features = np.arange(24.0).reshape(12, 2) % 7
    model = DecisionTreeClassifier(random_state=0).fit(features, [0, 1, 1] * 4)
    tree = model.tree_
    return {
        "tree": {
            "model": model,
            "left": tree.children_left.tolist(),
            "right": tree.children_right.tolist(),
            "feature": tree.feature.tolist(),
            "threshold": tree.threshold.tolist(),
        },
    }


NUMPY_TOPICS = [
    records, times, odd_scalars, objects_in_arrays, masked, subclasses, dtypes, random_states, long_doubles, trees,
]  # fmt: skip
