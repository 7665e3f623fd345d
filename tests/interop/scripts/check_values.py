"""Load files that Rust wrote, in both of Python's modes, and compare them with what they should hold.

Usage: check_values.py FOLDER TOPIC, where FOLDER holds for each case of the topic a file `CASE.FORM.bpk` in each form,
and its pickle stream alone, `CASE.pkl`
"""

import io
import mmap
import pickle
import pickletools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from binpickle import BinPickleFile
from binpickle.format import Flags, IndexEntry
from comparing import arrays_in, differences
from expected import TOPICS

GZIP = {"id": "gzip", "level": 1}

#: The codecs of the forms that use the same ones for every buffer.
CODECS: dict[str, list[dict]] = {
    "default": [GZIP],
    "plain": [],
    "mappable": [],
    "outside": [],
    "gzip": [GZIP],
    "zlib": [{"id": "zlib", "level": 1}],
    "zstd": [{"id": "zstd", "level": 0}],
    "config": [{"id": "zstd", "level": 3}],
    "instance": [{"id": "gzip", "level": 6}],
    "chain": [{"id": "zlib", "level": 1}, {"id": "zstd", "level": 0}],
}
FORMS = {*CODECS, "function"}


def expected_codecs(form: str, entry: IndexEntry) -> list[dict]:
    if entry.dec_length == 0:
        return []
    if form == "function":  # arrays only
        return [GZIP] if entry.info else []
    return CODECS[form]


def is_page_aligned(form: str) -> bool:
    return form in ("mappable", "outside")


def file_problems(file: BinPickleFile, form: str) -> Iterator[str]:
    yield from file.find_errors()
    if (Flags.MAPPABLE in file.header.flags) != is_page_aligned(form):
        yield f"the flags are {file.header.flags}"
    for index, entry in enumerate(file.entries):
        if entry.codecs != expected_codecs(form, entry):
            yield f"entry {index}: the codecs are {entry.codecs}"
        if is_page_aligned(form) and entry.offset % mmap.PAGESIZE:
            yield f"entry {index}: at {entry.offset}, not at the start of a page"
    yield from stream_problems(bytes(file._read_buffer(file.entries[-1])))


def info_problems(file: BinPickleFile, arrays: list[np.ndarray]) -> Iterator[str]:
    """What is wrong with the index, if every array that has elements lies outside the stream."""
    wanted = [("ndarray", str(array.dtype), memory_shape(array)) for array in arrays if array.size]
    found = [(kind, dtype, tuple(shape)) for kind, dtype, shape in (entry.info for entry in file.entries if entry.info)]
    if found != wanted:
        yield f"the index tells of {found}, expected {wanted}"


def memory_shape(array: np.ndarray) -> tuple[int, ...]:
    return array.shape if array.flags.c_contiguous else array.shape[::-1]


def stream_problems(stream: bytes) -> Iterator[str]:
    pickletools.dis(stream, out=io.StringIO())
    opcodes = list(pickletools.genops(stream))
    # Each frame begins with an opcode where the last one ended.
    frames = [(at, at + 9 + length) for opcode, length, at in opcodes if opcode.name == "FRAME"]
    if [begin for begin, _ in frames] + [len(stream)] != [2] + [end for _, end in frames]:
        yield f"in a stream of {len(stream)} bytes there are frames {frames}"
    if {end for _, end in frames} - {at for _, _, at in opcodes} != {len(stream)}:
        yield "a frame ends within an opcode"
    if len(frames) != 1 and min(end - begin for begin, end in frames[:-1]) < 1 << 18:
        yield "frames are shorter than they should be"


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def is_mapped(array: np.ndarray, file: BinPickleFile) -> bool:
    """Whether an array lies in the file's map, by its chain of owners."""
    owner = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    return isinstance(owner, memoryview) and owner.obj is file._map


def mapped_problems(arrays: list[np.ndarray], file: BinPickleFile, form: str) -> Iterator[str]:
    whole = np.frombuffer(file._map, "u1")
    for array in arrays:
        place = address(array) - address(whole)
        if array.flags.owndata or array.flags.writeable:
            yield f"an array of {array.nbytes} bytes was copied"
        if not 0 <= place <= whole.nbytes - array.nbytes:
            yield f"an array of {array.nbytes} bytes lies outside the map"
        if is_page_aligned(form) and place % mmap.PAGESIZE:
            yield f"an array lies {place} bytes into the map, not at the start of a page"


def close_problems(file: BinPickleFile, must_refuse: bool) -> Iterator[str]:
    try:
        file.close()
    except BufferError:
        if not must_refuse:
            yield "the file cannot be closed, though nothing lies in its map"
    else:
        if must_refuse:
            yield "the file was closed under a living array"


def direct_problems(path: Path, expected: object, form: str, all_mapped: bool) -> Iterator[str]:
    file = BinPickleFile(path, direct="nowarn")
    value = file.load()
    yield from differences(value, expected)
    arrays = [*arrays_in(value)]
    mapped = [array for array in arrays if is_mapped(array, file)]
    if all_mapped and any(array.size and not is_mapped(array, file) for array in arrays):
        yield f"only {len(mapped)} of {len(arrays)} arrays are in the map"
    yield from mapped_problems([array for array in mapped if array.size], file, form)
    yield from close_problems(file, must_refuse=bool(mapped))
    yield from differences(value, expected, "object after close()")
    del value, arrays, mapped
    file.close()


def bpk_problems(path: Path, expected: object, form: str, topic: str) -> Iterator[str]:
    with BinPickleFile(path) as file:
        yield from file_problems(file, form)
        value = file.load()
        if form == "outside":
            yield from info_problems(file, [*arrays_in(value)])
    yield from differences(value, expected)
    all_mapped = form == "outside" or (form == "mappable" and topic == "large_arrays")
    for problem in direct_problems(path, expected, form, all_mapped):
        yield f"in direct mode: {problem}"


def pkl_problems(path: Path, expected: object) -> Iterator[str]:
    stream = path.read_bytes()
    yield from stream_problems(stream)
    yield from differences(pickle.loads(stream), expected)


def main(folder: Path, topic: str) -> None:
    expected = TOPICS[topic]()
    wanted = {f"{case}.{end}" for case in expected for end in ("pkl", *(f"{form}.bpk" for form in FORMS))}
    if lonely := wanted ^ {path.name for path in folder.iterdir()}:
        sys.exit(f"not on both sides: {sorted(lonely)}")
    failures = []
    for case, value in expected.items():
        failures += [f"{case}.pkl: {problem}" for problem in pkl_problems(folder / f"{case}.pkl", value)]
        for form in sorted(FORMS):
            path = folder / f"{case}.{form}.bpk"
            failures += [f"{path.name}: {problem}" for problem in bpk_problems(path, value, form, topic)]
    if failures:
        sys.exit("\n".join(failures))
    print(f"{topic}: {len(wanted)} files")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
