"""Load files of version 1 that Rust wrote, in both of Python's modes, and compare them with what they should hold.

Usage: check_version1.py FOLDER TOPIC [alone], where FOLDER holds for each case of the topic a file `CASE.FORM.bpk` in each
form. With `alone`, binpickle has no other package than msgpack, and the forms that need one are left out.
"""

import mmap
import sys
from collections.abc import Iterator
from pathlib import Path

ALONE = sys.argv[3:] == ["alone"]
if ALONE:
    sys.modules |= {"blosc": None, "numcodecs": None}

import numpy as np
from binpickle import BinPickleFile
from binpickle.codecs import CODECS
from comparing import arrays_in, differences
from expected import TOPICS

Codec = list | None

GZ = ["gz", {"level": 1}]
ZSTD = ["numcodec", {"id": "zstd", "level": 0}]

#: The codecs of the forms that use the same ones for every buffer.
FORMS: dict[str, Codec] = {
    "default": GZ,
    "plain": None,
    "mappable": None,
    "outside": None,
    "gzip": GZ,
    "zlib": GZ,
    "zstd": ZSTD,
    "config": ["numcodec", {"id": "zstd", "level": 3}],
    "instance": ["numcodec", {"id": "gzip", "level": 6}],
    "chain": ["chain", {"codecs": [GZ, ZSTD]}],
    "blosc": ["blosc", {"name": "lz4", "level": 5, "shuffle": 1}],
}


def names(codec: Codec) -> set[str]:
    """The codecs of Python that there are in one."""
    if codec is None:
        return set()
    name, config = codec
    return {name}.union(*map(names, config.get("codecs", [])))


def file_problems(file: BinPickleFile, form: str, topic: str) -> Iterator[str]:
    yield from file.find_errors()
    if file.header.version != 1:
        yield f"the version is {file.header.version}"
    for index, entry in enumerate(file.entries):
        is_stream = index == len(file.entries) - 1
        if is_stream and form == "function" or not entry.dec_length:
            allowed = [None]
        elif form == "function":  # arrays only; all are in this topic
            allowed = [GZ] if topic == "large_arrays" else [GZ, None]
        else:
            allowed = [FORMS[form]]
        if entry.codec not in allowed:
            yield f"entry {index}: the codec is {entry.codec}, expected {allowed}"
        if form in ("mappable", "outside") and entry.offset % mmap.PAGESIZE:
            yield f"entry {index}: at {entry.offset}, not at the start of a page"


def is_mapped(array: np.ndarray, file: BinPickleFile) -> bool:
    """Whether an array lies in the file's map, by its chain of owners."""
    owner = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    return isinstance(owner, memoryview) and owner.obj is file._map


def problems(path: Path, expected: object, form: str, topic: str) -> Iterator[str]:
    with BinPickleFile(path) as file:
        yield from file_problems(file, form, topic)
        value = file.load()
    yield from differences(value, expected)
    file = BinPickleFile(path, direct=True)
    value = file.load()
    yield from differences(value, expected, "in direct mode: object")
    if form == "outside" and not all(is_mapped(array, file) for array in arrays_in(value) if array.size):
        yield "in direct mode: not all arrays are in the map"
    del value
    file.close()


def main(folder: Path, topic: str) -> None:
    expected = TOPICS[topic]()
    wanted = {f"{case}.{form}.bpk" for case in expected for form in [*FORMS, "function"]}
    if lonely := wanted ^ {path.name for path in folder.iterdir()}:
        sys.exit(f"not on both sides: {sorted(lonely)}")
    if ALONE != (CODECS.keys() == {"null", "gz", "chain"}):
        sys.exit(f"the codecs are {sorted(CODECS)}")
    forms = [form for form in [*FORMS, "function"] if names(FORMS.get(form)) <= CODECS.keys()]
    failures = []
    for case, value in expected.items():
        for form in forms:
            path = folder / f"{case}.{form}.bpk"
            failures += [f"{path.name}: {problem}" for problem in problems(path, value, form, topic)]
    if failures:
        sys.exit("\n".join(failures))
    print(f"{topic}: {len(expected) * len(forms)} files")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
