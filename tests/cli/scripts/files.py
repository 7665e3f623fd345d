"""Python's side of the tests of the program.

Usage: files.py write FOLDER; files.py dis FILE; files.py same FILE OTHER…
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
