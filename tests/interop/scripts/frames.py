"""Save objects of pandas for Rust to read, and what is in them.

Usage: frames.py FOLDER; writes for each case `CASE.FORM.bpk` in each form, its pickle stream alone, `CASE.PROTOCOL.pkl`, in each
protocol, and `CASE.expected`, the same as a dict of arrays and lists
"""

import pickle
import sys
from pathlib import Path

import binpickle
import numpy as np
import pandas as pd
from forms import FORMS

WORDS = ["red", "green", None, "blue", "red", "Übergröße"]


def table(rows: int) -> pd.DataFrame:
    counts = np.arange(rows)
    words = [WORDS[row % len(WORDS)] for row in range(rows)]
    return pd.DataFrame({
        "x": np.sqrt(counts),
        "count": counts,
        "name": [word if word is None else f"{word} {row % 1000}" for row, word in enumerate(words)],
        "y": np.where(counts % 7 == 3, np.nan, counts / 3),
        "flag": counts % 3 == 0,
        "small": counts.astype("f4") / 2,
        "label": pd.Categorical(words),
        "level": pd.Categorical(counts % 4 * 10, categories=[30, 20, 10, 0], ordered=True),
        "id": counts.astype("u8") + 2**63,
        "z": -counts.astype("f8"),
    })  # fmt: skip


def nullable() -> pd.DataFrame:
    return pd.DataFrame({
        "int": pd.array([1, None, -3], "Int64"),
        "byte": pd.array([1, 2, 255], "UInt8"),
        "float": pd.array([0.5, 1.5, None], "Float64"),
        "flag": pd.array([None, True, False], "boolean"),
        "text": pd.array(["a", None, "b"], "string"),
        "label": pd.Categorical(pd.array(["v", None, "u"], "string")),
    })  # fmt: skip


def times() -> pd.DataFrame:
    days = pd.to_datetime(["2020-02-29 12:00:01.5", None, "1969-12-31 00:00:00.0"])
    return pd.DataFrame({
        "when": days,
        "zoned": days.tz_localize("UTC"),
        "span": pd.to_timedelta([1.5, -2, None], unit="s"),
        "day": np.array(["2020-02-29", "NaT", "1970-01-02"], "M8[s]"),
    })  # fmt: skip


def odd() -> pd.DataFrame:
    frame = pd.DataFrame({
        "x": [0.5, 1.5],
        "month": pd.period_range("2020-01", periods=2, freq="M"),
        "sparse": pd.arrays.SparseArray([0, 1]),
        "interval": pd.interval_range(0, 2),
        "objects": [[1, 2], "text"],
    })  # fmt: skip
    frame.index = pd.MultiIndex.from_tuples([(1, "a"), (2, "b")])
    return frame


def scattered() -> pd.DataFrame:
    """Columns of one dtype whose places are no slice."""
    frame = pd.DataFrame({name: [n, n + 0.5] if n in (0, 1, 3, 7) else [n, n + 1] for n, name in enumerate("abcdefgh")})
    return pd.concat([frame[["c", "e", "f", "g"]], frame[["a", "b", "d", "h"]]], axis=1)[list("abcdefgh")].copy()


def inferred() -> pd.DataFrame:
    """With columns of strings, which pandas 3 has always, and pandas 2 when asked."""
    if not pd.__version__.startswith("2."):
        return table(6)
    with pd.option_context("future.infer_string", True):
        return table(6)


def frames() -> dict[str, pd.DataFrame]:
    small = table(6)
    matrix = np.arange(12.0).reshape(4, 3)
    return {
        "table": small,
        "large": table(30_000),
        "reversed": small[small.columns[::-1]],
        "strided": table(12).iloc[::-2],
        "keyed": small.assign(key=list("uvwxyz")).set_index("key"),
        "numbered": small.set_index(pd.Index([5, 3, 1, 9, 8, 7])),
        "dated": small.set_index(pd.date_range("2020-01-01", periods=6)),
        "labelled": small.set_index(pd.CategoricalIndex(list("abcabc"))),
        "no_rows": small.iloc[:0],
        "nothing": pd.DataFrame(),
        "nullable": nullable(),
        "times": times(),
        "matrix": pd.DataFrame(matrix),
        "fortran": pd.DataFrame(np.asfortranarray(matrix)),
        "scattered": scattered(),
        "index_column": pd.DataFrame({"index": [0.5, 1.5], "columns": ["a", "b"]}, index=["u", "v"]),
        "inferred": inferred(),
        "odd": odd(),
        "duplicates": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    }  # fmt: skip


def series() -> dict[str, pd.Series]:
    return {
        "floats": pd.Series([0.5, np.nan, 2.5], name="score"),
        "by_name": pd.Series([1, 2, 3], index=["a", "b", "c"]),
        "by_number": pd.Series(["x", None], index=[7, -1], name=3),
        "categories": pd.Series(pd.Categorical(["u", "v", None], categories=["v", "u"], ordered=True)),
        "integers": pd.Series(pd.array([1, None], "Int16"), index=pd.Index(["p", "q"], name="key")),
        "moments": pd.Series(pd.date_range("2020-01-01", periods=2), name="when"),
        "sliced": pd.Series(np.arange(20_000.0))[::2],
        "no_values": pd.Series([], dtype="f8"),
    }


def indexes() -> dict[str, pd.Index]:
    return {
        "texts": pd.Index(["a", "b"], name="key"),
        "numbers": pd.Index([3, 1, 2]),
        "reals": pd.Index([0.5, 1.5]),
        "range": pd.RangeIndex(10, 1, -3),
        "codes": pd.CategoricalIndex(["v", "u", "v"]),
        "dates": pd.DatetimeIndex(["1970-01-02", "2020-02-29"]),
        "spans": pd.TimedeltaIndex(["1s", "2s"]),
        "array": pd.array([1, None, 3], "Int64"),
        "flags": pd.Index([True, False]),
    }


def plain(values: pd.Series | pd.Index) -> object:
    """The values of a column, without pandas: lists if some may be missing, integers for times."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "mM":
        return values.to_numpy().view("i8")
    if isinstance(dtype, pd.DatetimeTZDtype):
        return values.to_numpy("M8[" + dtype.unit + "]").view("i8")
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return values.to_numpy().copy()
    values = [value.item() if isinstance(value, np.generic) else value for value in values.tolist()]
    return [None if pd.api.types.is_scalar(value) and pd.isna(value) else value for value in values]


def unit(values: pd.Series) -> str | None:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dtype.unit
    return np.datetime_data(values.dtype)[0] if values.dtype.kind in "mM" else None


def expected(case: object) -> object:
    if isinstance(case, pd.DataFrame):
        columns = [str(name) for name in case.columns]
        values = [case.iloc[:, place] for place in range(len(columns))]
        return {
            "names": columns,
            "rows": len(case),
            "columns": {} if "sparse" in columns else dict(zip(columns, map(plain, values))),
            "units": dict(zip(columns, map(unit, values))),
            "index": [] if isinstance(case.index, pd.MultiIndex) else plain(case.index),
        }
    if isinstance(case, pd.Series):
        return {"values": plain(case), "index": plain(case.index), "name": case.name}
    return plain(pd.Series(case) if not isinstance(case, pd.Index) else case)


def main(folder: Path) -> None:
    for name, case in {**frames(), **series(), **indexes()}.items():
        for form, options in FORMS.items():
            with binpickle.BinPickler(folder / f"{name}.{form}.bpk", **options) as pickler:
                pickler.dump(case)
        for protocol in range(6):
            (folder / f"{name}.{protocol}.pkl").write_bytes(pickle.dumps(case, protocol))
        binpickle.dump(expected(case), folder / f"{name}.expected")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
