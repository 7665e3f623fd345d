"""Python's side of the tests of the program.

Usage: files.py write FOLDER; files.py dis FILE; files.py same FILE OTHER…; files.py forms FOLDER
"""

import pickle
import pickletools
import sys
from pathlib import Path

import numpy as np
from binpickle import BinPickleFile, BinPickler, dump, load


def model() -> dict[str, object]:
    weights = np.arange(6000, dtype="f4").reshape(60, 100)
    return {
        "name": "net",
        "layers": [{"weight": weights + n, "bias": np.full(50, n / 2)} for n in range(2)],
        "table": np.asfortranarray(np.arange(3000, dtype="i8").reshape(30, 100)),
        "label": ("a", None, True, 2.5, -3),
    }


def write(folder: Path) -> None:
    dump(model(), folder / "gzip.bpk")
    dump(model(), folder / "map.bpk", mappable=True)
    dump(model(), folder / "chain.bpk", codecs=["blosc", {"id": "zstd", "level": 3}])
    empty = BinPickler(folder / "empty.bpk")
    empty._finish_file()
    empty.close()
    (folder / "model.pkl").write_bytes(pickle.dumps(model(), 4))


def arrays() -> dict[str, np.ndarray]:
    """Arrays of every kind that .npz has; some of them not in .safetensors."""
    kinds = {dtype: np.arange(12).astype(dtype).reshape(3, 4) for dtype in ("?", "i1", ">i2", "u8", "f2", "f4", "c8", "U5")}
    records = np.zeros(5, np.dtype([("x", "<i2"), ("y", "<f8", (2,)), ("z", [("t", "S3")])], align=True))
    records["x"] = range(5)
    return {
        **kinds,
        "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        "scalar": np.array(2.5),
        "empty": np.zeros((0, 3)),
        "time": np.array(["2020-01-01", "NaT"], "M8[s]"),
        "records": records,
    }


def write_arrays(folder: Path) -> None:
    values = arrays()
    dump(values, folder / "arrays.bpk")
    plain = {name: value for name, value in values.items() if name != "records"}
    np.savez(folder / "plain.npz", **plain)
    np.savez_compressed(folder / "compressed.npz", **plain)
    np.save(folder / "one.npy", values["fortran"])
    dump({name: values[name] for name in ("i1", "f4", "fortran", "empty")}, folder / "tensors.bpk")


def forms(folder: Path) -> None:
    """What the program made of the files of `write` and `write_arrays`."""
    values = arrays()
    plain = {name: value for name, value in values.items() if name != "records"}
    with np.load(folder / "arrays.npz") as archive:
        for name, value in values.items():
            assert parts(archive[name]) == parts(value), name
    for name in ("plain.bpk", "compressed.bpk"):
        assert parts(load(folder / name)) == parts(plain), name
    assert parts(load(folder / "one.bpk")) == parts(values["fortran"])
    assert parts(np.load(folder / "records.npy")) == parts(values["records"])
    table = np.load(folder / "table.npy")
    assert parts(table) == parts(model()["table"])
    again = load(folder / "from_safetensors.bpk")
    assert parts(again) == parts({name: np.ascontiguousarray(again[name]) for name in again})
    assert all(np.array_equal(again[name], values[name]) for name in ("i1", "f4", "fortran", "empty"))
    with open(folder / "gzip.pkl", "rb") as file:
        assert parts(pickle.load(file)) == parts(model())
    assert parts(load(folder / "from_pickle.bpk")) == parts(model())
    with np.load(folder / "model.npz") as archive:
        assert archive["layers/1/weight"].shape == (60, 100)
        assert archive["name"] == "net"
        assert "label/1" not in archive


def dis(path: Path) -> None:
    if path.suffix == ".pkl":
        pickletools.dis(path.read_bytes())
        return
    with BinPickleFile(path) as file:
        pickletools.dis(bytes(file._read_buffer(file.entries[-1])))


def parts(value: object) -> object:
    """The same, in a form in which arrays are equal if their dtypes, shapes, orders and bytes are."""
    match value:
        case dict():
            return {key: parts(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(parts(item) for item in value)
        case np.ndarray() if value.dtype.names:
            # What lies between the fields is anything.
            fields = [(name, *field) for name, field in value.dtype.fields.items()]
            return (fields, value.dtype.itemsize, value.shape, value.tolist().__repr__())
        case np.ndarray():
            return (value.dtype.str, value.shape, value.flags.f_contiguous, value.tobytes("A"))
    return value


def same(path: Path, *others: Path) -> None:
    for other in others:
        assert parts(load(path)) == parts(load(other)), other
        with BinPickleFile(path) as first, BinPickleFile(other) as second:
            assert not second.find_errors(), other
            streams = [bytes(file._read_buffer(file.entries[-1])) for file in (first, second)]
            assert streams[0] == streams[1], other
            infos = [[entry.info for entry in file.entries] for file in (first, second)]
            assert infos[0] == infos[1], other


if __name__ == "__main__":
    command, *paths = sys.argv[1:]
    globals()[command](*map(Path, paths))
