"""Python's side of the tests of the filters: codecs that turn numbers into others, and checksums.

Usage: filters.py vectors FILE     write vectors: for each a length, a header in JSON of that length, and the bytes of
                                   the data, of what they are encoded to, and of what that is decoded to
       filters.py write FOLDER     write files through chains of codecs, their objects without, and the chains in JSON
       filters.py check FOLDER     compare the files that Rust wrote through the same chains
"""

import importlib.util
import itertools
import json
import pickle
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numcodecs
import numpy as np
from binpickle import BinPickleFile, dump
from numcodecs.registry import get_codec

# What does not fit becomes infinite, and casts drop imaginary parts.
warnings.filterwarnings("ignore", category=RuntimeWarning)

#: It knows no checksum `crc32c`, and no place for the others.
OLD = numcodecs.__version__.startswith("0.12.")

SIZES = [0, 1, 15, 16, 17, 101, 4095]
BYTES = 65536

NUMBERS = ["|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"]
BIG = [">i2", ">u4", ">f8", ">c8"]
REAL = [dtype for dtype in NUMBERS if "c" not in dtype]
FLOATS = ["<f2", "<f4", "<f8", ">f4"]
LABELS = ["red", "grün", "blue", "red", "colourless"]


def random(dtype: str, size: int) -> np.ndarray:
    rng = np.random.default_rng(size)
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.integers(0, 2, size).astype(dtype)
    if kind in "iu":
        return np.frombuffer(rng.bytes(size * np.dtype(dtype).itemsize), dtype)
    if kind == "S":
        return np.frombuffer(rng.bytes(size * np.dtype(dtype).itemsize), dtype)
    if kind == "U":
        return rng.choice([*LABELS, "", "other", 'a"b\\/', "\n\t\x7f\b\x01", "x" * 40, "ÿ" * 300], size).astype(dtype)
    values = rng.normal(size=size) * 100
    return (values + 1j * rng.normal(size=size) if kind == "c" else values).astype(dtype)


def smooth(dtype: str, size: int) -> np.ndarray:
    if np.dtype(dtype).kind in "US":
        labels = LABELS if dtype[1] == "U" else [label.encode() for label in LABELS]
        return np.repeat(labels, size // 5 + 1)[:size].astype(dtype)
    return (np.arange(size) // 50 % 100).astype(dtype)


def constant(dtype: str, size: int) -> np.ndarray:
    return np.resize(smooth(dtype, 1) if np.dtype(dtype).kind in "US" else np.array(7).astype(dtype), size)


def arrays(dtype: str) -> Iterator[np.ndarray]:
    for kind in (random, smooth, constant):
        for size in SIZES:
            yield kind(dtype, size)
        yield kind(dtype, BYTES // np.dtype(dtype).itemsize)


def small(dtype: str) -> Iterator[np.ndarray]:
    """Small ascending numbers, which every dtype can hold and whose differences it can hold, too."""
    for size in (16, 101):
        yield np.minimum(np.arange(size), 100).astype(dtype)


def cases() -> Iterator[tuple[dict, Iterator[np.ndarray]]]:
    for size in (0, 1, 2, 3, 4, 8, 16, 300):
        for dtype in ("|u1", "<i4", "<f8"):
            yield {"id": "shuffle", "elementsize": size}, arrays(dtype)
    yield {"id": "shuffle"}, arrays("<f4")
    for dtype in NUMBERS + BIG:
        if dtype != "|b1":
            yield {"id": "delta", "dtype": dtype}, arrays(dtype)
        for other in NUMBERS + BIG:
            if dtype != "|b1":
                yield {"id": "delta", "dtype": dtype, "astype": other}, small(dtype)
            yield {"id": "astype", "encode_dtype": other, "decode_dtype": dtype}, small(dtype)
    for decode, encode in [("<f8", "<f4"), ("<f8", "<f2"), ("<f8", "<i4"), ("<f4", ">f2"), (">f4", "<f8"), ("<f2", "<f8"),
                           ("<i4", "|u1"), ("<i8", "<f8"), ("<u8", "<f4"), ("<i8", "<f2"), ("|b1", "<f4"), ("<c16", "<c8"),
                           ("<f4", "<c16"), ("<i2", "|b1")]:  # fmt: skip
        yield {"id": "astype", "encode_dtype": encode, "decode_dtype": decode}, arrays(decode)
    for dtype, astype, offset, scale in [
        ("<f8", "<f8", 0.5, 10.0), ("<f8", "<f4", 1000, 10), ("<f4", "<i2", 3, 10), (">f4", "<i4", 1000.5, 2),
        ("<f2", "<i2", 1, 2), ("<f2", "<f2", 0.5, 4.0), ("<i4", "<i4", 7, 3), ("<i4", ">i8", -7, 3), ("<u2", "<u2", 1, 3),
        ("|u1", "<i2", 1.5, 2.0), ("|i1", "|i1", 1, 2), ("|b1", "<i2", 1, 3), ("<u4", "<f8", 0, 0.5),
        ("<c16", "<c16", 0.5, 10.0), ("<c8", "<c8", 3, 7), (">c8", "<c16", 0.25, 3), ("<c16", "<f4", 1, 0.1),
        ("<c8", "<i2", 1, 10), ("<f4", "<c8", 2, 0.3), ("<i4", "<c16", 7, 3), ("<c8", "<c8", 0, 0),
    ]:  # fmt: skip
        config = {"id": "fixedscaleoffset", "scale": scale, "offset": offset, "dtype": dtype, "astype": astype}
        yield config, arrays(dtype)
    for dtype in FLOATS:
        for digits in (-1, 0, 1) if dtype == "<f2" else (-2, 0, 1, 3, 5):
            yield {"id": "quantize", "digits": digits, "dtype": dtype}, arrays(dtype)
        yield {"id": "quantize", "digits": 1, "dtype": dtype, "astype": "<f4"}, arrays(dtype)
    for dtype, bits in [("<f2", 10), ("<f4", 23), ("<f8", 52)]:
        for keep in (0, 1, 5, bits - 1, bits):
            yield {"id": "bitround", "keepbits": keep}, arrays(dtype)
    yield {"id": "packbits"}, arrays("|b1")
    for name in ("crc32", "adler32") if OLD else ("crc32", "crc32c", "adler32"):
        for more in ({},) if OLD else ({}, {"location": "start"}, {"location": "end"}):
            yield {"id": name, **more}, arrays("|u1")
    yield {"id": "fletcher32"}, arrays("|u1")
    for initval in (0, 1, 2**32 - 1):
        yield {"id": "jenkins_lookup3", "initval": initval, "prefix": None}, arrays("|u1")
    yield {"id": "base64"}, arrays("|u1")
    for dtype in [*REAL, ">i2", ">f8"]:
        yield {"id": "json2"}, arrays(dtype)
        yield {"id": "msgpack2"}, arrays(dtype)
    yield {"id": "msgpack2", "use_single_float": True}, arrays("<f4")
    for dtype in ("<U4", ">U7", "<U300"):
        for more in ({}, {"ensure_ascii": False}, {"ensure_ascii": False, "encoding": "latin-1"}, {"separators": [" , ", ":"]}):
            yield {"id": "json2", **more}, arrays(dtype)
    for dtype in ("<U4", ">U7", "<U300", "|S1", "|S5", "|S300"):
        for more in ({}, {"use_bin_type": False, "raw": dtype[1] == "S"}):
            yield {"id": "msgpack2", **more}, arrays(dtype)
    for dtype, astype in [("<U4", "|u1"), (">U5", "<i4"), ("<U20", ">u2")]:
        yield {"id": "categorize", "labels": LABELS, "dtype": dtype, "astype": astype}, arrays(dtype)


def zfp_cases() -> Iterator[tuple[dict, Iterator[np.ndarray]]]:
    """Those of `zfpy`, where it is installed. A ZFP of an empty array ends Python, and such arrays are skipped."""
    if importlib.util.find_spec("zfpy") is None:
        return
    import numcodecs.zfpy  # noqa: F401

    for dtype in ("<i4", "<i8", "<f4", "<f8"):
        for config in [
            {},
            {"tolerance": 0.01},
            {"mode": 4, "tolerance": 5},
            {"mode": 2, "rate": 8},
            {"mode": 2, "rate": 12.5},
            {"mode": 3, "precision": 20},
        ]:
            yield {"id": "zfpy", **config}, arrays(dtype)


def pairs(config: dict) -> list:
    """A config whose order survives JSON."""
    return [[key, {"dict": pairs(value)} if isinstance(value, dict) else value] for key, value in config.items()]


def vectors(file: Path) -> None:
    count = 0
    with open(file, "wb") as out:
        for config, datas in itertools.chain(cases(), zfp_cases()):
            codec = get_codec(dict(config))
            for data in datas:
                if data.size == 0 or data.nbytes % max(config.get("elementsize", 1), 1):
                    continue  # binpickle encodes no empty buffer, and some codecs cannot
                encoded = codec.encode(data)
                encoded_dtype = encoded.dtype.str if isinstance(encoded, np.ndarray) else "|u1"
                encoded = memoryview(encoded).tobytes()
                decoded = memoryview(codec.decode(encoded)).tobytes()
                parts = [data.tobytes(), encoded, decoded]
                header = {
                    "given": pairs(config),
                    "config": pairs(codec.get_config()),
                    "dtype": data.dtype.str,
                    "encoded_dtype": encoded_dtype,
                    "lens": [len(part) for part in parts],
                }
                text = json.dumps(header).encode()
                out.write(len(text).to_bytes(4, "little") + text + b"".join(parts))
                count += 1
    print(count)


WALK = np.cumsum(np.random.default_rng(1).integers(-3, 4, 20_000))
FLOAT = np.random.default_rng(2).normal(size=(100, 120))


def chains() -> Iterator[tuple[str, list[np.ndarray], list[tuple[dict, bool]]]]:
    """Chains with a name, the arrays that go through them, and for each step its config and whether it is for arrays only."""
    zlib, gzip, zstd, bz2 = [({"id": name, "level": 1}, False) for name in ("zlib", "gzip", "zstd", "bz2")]
    lz4 = {"id": "lz4", "acceleration": 1}, False

    def step(name: str, **values: object) -> tuple[dict, bool]:
        return {"id": name, **values}, True

    def blosc(cname: str, shuffle: int) -> tuple[dict, bool]:
        return {"id": "blosc", "cname": cname, "clevel": 5, "shuffle": shuffle, "blocksize": 0}, False

    shuffle4 = step("shuffle", elementsize=4)
    for dtype in ("<i4", "<u2", "<i8"):  # Rust writes arrays in little-endian order
        difference = step("delta", dtype=dtype, astype=dtype)
        yield f"delta{dtype[1:]}", [WALK.astype(dtype), *arrays(dtype)], [difference, zstd]
        yield f"delta{dtype[1:]}.blosc", [WALK.astype(dtype), *arrays(dtype)], [difference, blosc("lz4", 1)]
    fitting = [smooth("<i4", size) for size in SIZES]
    yield "narrow", [WALK.astype("<i4"), *fitting], [step("delta", dtype="<i4", astype=">i2"), zstd]
    yield "shuffle", [FLOAT.astype("<f4"), *arrays("<f4"), *arrays("<i4"), *arrays("<u8")], [shuffle4, zlib]
    yield "shuffle.bz2", [FLOAT.astype("<f4"), *arrays("<f4")], [shuffle4, bz2]
    yield "shuffle.lz4", [FLOAT, *arrays("<f4"), *arrays("<f8"), *arrays("<c16")], [shuffle4, lz4]
    yield (
        "quantize",
        [FLOAT, *arrays("<f8")],
        [
            step("quantize", digits=2, dtype="<f8", astype="<f8"),
            step("astype", encode_dtype="<f4", decode_dtype="<f8"),
            gzip,
        ],
    )
    rounded = [np.asfortranarray(FLOAT.astype("<f4")), *arrays("<f4")]
    yield "bitround", rounded, [step("bitround", keepbits=7), shuffle4, zstd]
    yield "bitround.blosc", rounded, [step("bitround", keepbits=7), blosc("zstd", 2)]
    everything = [array for dtype in [*NUMBERS, "<U4", "|S5"] for array in arrays(dtype)]
    yield "blosc.base64", everything, [blosc("blosclz", 2), ({"id": "base64"}, False)]
    yield "blosc.checked", everything, [blosc("lz4hc", -1), ({"id": "fletcher32"}, False)]
    yield "checked", everything, [zstd, ({"id": "adler32"}, False)]
    yield "twice", everything, [lz4, gzip]
    if not OLD:
        at_the_end = {"id": "crc32", "location": "end"}, False
        yield "checked.crc32c", [FLOAT, *arrays("<f8")], [zstd, ({"id": "crc32c"}, False)]
        yield "three", [FLOAT.astype("<f4"), *arrays("<f4")], [shuffle4, ({"id": "base64"}, False), at_the_end]
    yield (
        "scaled",
        [FLOAT, *arrays("<f8")],
        [
            step("fixedscaleoffset", scale=1000, offset=0.5, dtype="<f8", astype="<i4"),
            step("delta", dtype="<i4", astype="<i4"),
            zlib,
        ],
    )
    yield "packed", [FLOAT > 0, *arrays("|b1")], [step("packbits"), ({"id": "adler32"}, False)]
    yield (
        "unsigned",
        [WALK.astype("<u2"), *arrays("<u2")],
        [step("delta", dtype="<u2", astype="<u2"), step("shuffle", elementsize=2), gzip],
    )
    yield "half", [FLOAT.astype("<f2"), *arrays("<f2")], [step("bitround", keepbits=3), ({"id": "fletcher32"}, False)]
    yield (
        "labels",
        [random("<U4", 5000), *arrays("<U4")],
        [step("categorize", labels=LABELS, dtype="<U4", astype="|u1"), zlib],
    )
    yield (
        "cast",
        [WALK, *arrays("<i8")],
        [
            step("astype", encode_dtype="<i2", decode_dtype="<i8"),
            ({"id": "jenkins_lookup3", "initval": 3, "prefix": None}, False),
        ],
    )
    yield "text", [WALK.astype("|i1"), *arrays("|i1")], [zlib, ({"id": "base64"}, False)]
    some = [array for dtype in [*REAL, "<U4"] for array in arrays(dtype) if array.ndim]
    yield "json", [FLOAT, *some], [({"id": "json2"}, False), zlib]
    yield "msgpack", [WALK.astype("<i2"), *some, *arrays("|S5")], [({"id": "msgpack2"}, False), zstd]
    yield (
        "complex",
        [FLOAT + 1j, *arrays("<c16")],
        [step("delta", dtype="<c16", astype="<c8"), step("shuffle", elementsize=8), zstd],
    )


def arrays_only(config: dict) -> Callable[[object], dict | None]:
    return lambda buffer: config if isinstance(buffer, pickle.PickleBuffer) else None


def opened(path: Path) -> BinPickleFile:
    """A file that stays open: some codecs decode to a view of its map, even though it is not in direct mode."""
    return BinPickleFile(path)


def write(folder: Path) -> None:
    listed = []
    for name, all_arrays, steps in chains():
        # Rust writes what is empty in the stream, and nobody encodes it.
        value = [[array for array in all_arrays if array.size], "text", {"n": [1, 2, 3]}]
        codecs = [arrays_only(config) if for_arrays else config for config, for_arrays in steps]
        dump(value, folder / f"{name}.python.bpk", codecs=codecs)
        dump(value, folder / f"{name}.before.bpk", codecs=[])
        dump(opened(folder / f"{name}.python.bpk").load(), folder / f"{name}.after.bpk", codecs=[])
        listed.append([name, [[pairs(config), for_arrays] for config, for_arrays in steps]])
    (folder / "chains.json").write_text(json.dumps(listed))


#: Codecs of which every version gives the same bytes: all but the compressors.
COMPRESSORS = {"zlib", "gzip", "zstd", "bz2", "lz4", "blosc"}


def codecs(file: BinPickleFile) -> list[list[dict]]:
    """Without zstd's `checksum: False`, which Rust leaves out, for older versions of numcodecs refuse it."""
    named = [[dict(config) for config in entry.codecs] for entry in file.entries]
    for config in (config for chain in named for config in chain if config["id"] == "zstd"):
        assert config.pop("checksum", False) is False
    return named


def problems(ours: BinPickleFile, theirs: BinPickleFile) -> Iterator[str]:
    yield from ours.find_errors()
    if repr(codecs(ours)) != repr(codecs(theirs)):  # the order counts, and int and float are not the same
        yield f"the codecs are {codecs(ours)}, not {codecs(theirs)}"
    for number, (our, their) in enumerate(zip(ours.entries, theirs.entries, strict=True)):
        if not COMPRESSORS & {config["id"] for config in our.codecs} and our.info and our.hash != their.hash:
            yield f"array {number} is encoded to other bytes"
    (arrays, *rest), (expected, *others) = ours.load(), theirs.load()
    for number, (our, their) in enumerate(zip(arrays, expected, strict=True)):
        if (our.dtype, our.shape, our.tobytes()) != (their.dtype, their.shape, their.tobytes()):
            yield f"array {number} is {our}, not {their}"
    if rest != others:
        yield f"the rest is {rest}"


def check(folder: Path) -> None:
    bad, names = [], [name for name, _, _ in chains()]
    for name in names:
        files = opened(folder / f"{name}.rust.bpk"), opened(folder / f"{name}.python.bpk")
        bad += [f"{name}: {problem}" for problem in problems(*files)]
    if bad:
        sys.exit("\n".join(bad))
    print(len(names))


if __name__ == "__main__":
    {"vectors": vectors, "write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))
