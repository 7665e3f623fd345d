"""Python's side of the tests of the compressors.

Usage: compressors.py write FILE CODECS    write vectors: for each a length, a header in JSON of that length, and the
                                           bytes of the data and of what they are encoded to. CODECS are those that
                                           are off by default in Rust.
       compressors.py check FILE           decode such vectors that Rust encoded

Both print how many there are.
"""

import json
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numcodecs
import numpy as np
from numcodecs.abc import Codec
from numcodecs.registry import get_codec

OLD = numcodecs.__version__.startswith("0.12.")

SIZES = [0, 1, 15, 16, 17, 127, 128, 129, 4095]
BYTES = [65536, 300_001]
ITEMS = ["|u1", "|b1", "|i1", "<i2", "<u2", "<f2", "<i4", ">i4", "<u4", "<f4", "<i8", "<u8", "<f8", ">f8", "<M8[s]", "<c8", "<c16",
         "<U5", "|S3", "|S17", "|S255", "|S300"]  # fmt: skip
NUMBERS = ["<u2", "<u4", "<u8", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8", "<M8[ns]"]
COMPRESSORS = ["blosclz", "lz4", "lz4hc", "zlib", "zstd"]
LZMA1, LZMA2 = 0x4000000000000001, 0x21


def random(dtype: np.dtype, size: int) -> np.ndarray:
    rng = np.random.default_rng(size)
    if dtype.kind == "f":
        return rng.normal(size=size).astype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, size).astype(dtype)
    return np.frombuffer(rng.bytes(size * dtype.itemsize), dtype)


def smooth(dtype: np.dtype, size: int) -> np.ndarray:
    values = np.cumsum(np.random.default_rng(size).integers(-3, 5, size))
    return (values % 2 if dtype.kind == "b" else values % 2000).astype(dtype)


def constant(dtype: np.dtype, size: int) -> np.ndarray:
    return np.full(size, 1, dtype)


def arrays(name: str, *, large: bool = False) -> Iterator[np.ndarray]:
    dtype = np.dtype(name)
    most = 4095 if dtype.itemsize <= 16 else 200
    sizes = sorted({min(size, most) for size in SIZES}) + [size // dtype.itemsize for size in BYTES if large]
    for kind in (random, smooth, constant):
        for size in sizes:
            yield kind(dtype, size)


def cases(more: list[str]) -> Iterator[tuple[dict, Iterator[np.ndarray]]]:
    for name in ("gzip", "zlib", "bz2"):
        for level in (1, 5, 9):
            yield {"id": name, "level": level}, arrays("<i4", large=level == 1)
    for level in (-3, 0, 3, 19):
        yield {"id": "zstd", "level": level}, arrays("<i4", large=level == 3)
    yield {"id": "lz4"}, arrays("<f8", large=True)
    yield {"id": "lz4", "acceleration": 10}, arrays("|u1", large=True)

    items = cycle(ITEMS)
    for cname in COMPRESSORS:
        for shuffle in (-1, 0, 1, 2):
            for clevel in (1, 5, 9):
                config = {"id": "blosc", "cname": cname, "clevel": clevel, "shuffle": shuffle}
                for _ in range(3):
                    yield config, arrays(next(items))
                if clevel == 5:
                    yield config, arrays("<i4", large=True)
                    yield config, arrays(next(items), large=True)
            for blocksize in (1, 1000, 4096, 70_000):
                config = {"id": "blosc", "cname": cname, "shuffle": shuffle, "blocksize": blocksize}
                yield config, arrays(next(items), large=shuffle == 1)
        yield {"id": "blosc", "cname": cname, "clevel": 0}, arrays("<i4", large=True)
    for name in ("gzip", "zlib", "bz2", "zstd", "lz4", "blosc", *(["lzma"] if "lzma" in more else [])):
        for dtype in ITEMS:
            # The oldest numcodecs has another default level of zstd.
            yield {"id": name, **{"lzma": {"preset": 0}, "zstd": {"level": 1}}.get(name, {})}, arrays(dtype)

    if "lzma" in more:
        for config in [
            {},
            {"preset": 1},
            {"preset": 9},
            {"preset": 3 | 1 << 31},
            {"check": 0},
            {"check": 1},
            {"check": 10, "preset": 0},
            {"format": 2},
            {"format": 2, "preset": 1},
            {"format": 3, "filters": [{"id": LZMA2, "preset": 1}]},
            {"format": 3, "filters": [{"id": LZMA1, "lc": 0, "lp": 2, "pb": 1, "dict_size": 4096, "mf": 3, "mode": 1}]},
            {"format": 3, "filters": [{"id": 3, "dist": 4}, {"id": LZMA2, "dict_size": 65536, "nice_len": 5, "depth": 7}]},
            *({"format": 3, "filters": [{"id": jump}, {"id": LZMA2}]} for jump in range(4, 10)),
            {"format": 3, "filters": [{"id": 3, "dist": 256}, {"id": 3}, {"id": 4, "start_offset": 16}, {"id": LZMA1}]},
        ]:
            yield {"id": "lzma", **config}, arrays("<i4", large=True)
    if "pcodec" in more and not OLD:
        import numcodecs.pcodec  # noqa: F401

        for name in NUMBERS:
            yield {"id": "pcodec"}, arrays(name, large=name[2] == "4")
            for config in [
                {"level": 0, "mode_spec": "classic"},
                {"level": 12, "equal_pages_up_to": 100},
                {"level": 4, "delta_spec": "none"},
                {"level": 4, "delta_spec": "try_consecutive", "delta_encoding_order": 2},
                {"level": 4, "delta_spec": "try_lookback"},
                {"level": 4, "delta_encoding_order": 1},
            ]:
                yield {"id": "pcodec", **config}, arrays(name)


def own_config(codec: Codec) -> dict:
    """What a codec says of itself, without what older versions of numcodecs refuse and Rust therefore leaves out."""
    config = codec.get_config()
    if config.get("checksum") is False:
        del config["checksum"]
    return config


def pairs(config: dict) -> list:
    """A config whose order survives JSON."""
    return [[key, plain(value)] for key, value in config.items()]


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {"dict": pairs(value)}
    return [plain(item) for item in value] if isinstance(value, list) else value


def config_of(pairs: list) -> dict:
    return {key: value_of(value) for key, value in pairs}


def value_of(value: object) -> object:
    if isinstance(value, dict):
        return config_of(value["dict"])
    return [value_of(item) for item in value] if isinstance(value, list) else value


def with_tails(codec: Codec, encoded: bytes) -> list:
    """What becomes of encoded data when something follows it: the length of what is decoded, or None for an error."""
    lengths = []
    for tail in (b"more", bytes(8), encoded):
        try:
            lengths.append(np.ascontiguousarray(codec.decode(encoded + tail)).nbytes)
        except Exception:
            lengths.append(None)
    return lengths


def write(file: Path, more: list[str]) -> int:
    count = 0
    with open(file, "wb") as out:
        for config, datas in cases(more):
            codec = get_codec(dict(config))
            for data in datas:
                if data.size == 1 and config.get("delta_spec") == "try_lookback":
                    continue  # pcodec cannot read what it makes of a single number
                encoded = bytes(codec.encode(data))
                header = {
                    "given": pairs(config),
                    "config": pairs(own_config(codec)),
                    "dtype": data.dtype.str,
                    "lens": [data.nbytes, len(encoded)],
                    # The oldest numcodecs reads only one frame of zstd.
                    "tails": with_tails(codec, encoded)[: 2 if OLD else 3] if data.size == 17 else [],
                }
                text = json.dumps(header).encode()
                out.write(len(text).to_bytes(4, "little") + text + data.tobytes() + encoded)
                count += 1
    return count


def check(file: Path) -> int:
    count, rest = 0, memoryview(file.read_bytes())
    while rest:
        start = 4 + int.from_bytes(rest[:4], "little")
        header = json.loads(bytes(rest[4:start]))
        middle = start + header["lens"][0]
        end = middle + header["lens"][1]
        codec = get_codec(config_of(header["config"]))
        assert pairs(own_config(codec)) == header["config"], header
        # Some return arrays, and the decoder of pcodec must know the dtype to return any.
        decoded = np.ascontiguousarray(codec.decode(bytes(rest[middle:end]))) if middle > start else None
        same = decoded is None or decoded.tobytes() == rest[start:middle]
        assert same, f"{header}: {rest[middle:end][:64].hex()}"
        count, rest = count + 1, rest[end:]
    return count


match sys.argv[1:]:
    case ["write", file, more]:
        print(write(Path(file), more.split(",")))
    case ["check", file]:
        print(check(Path(file)))
    case _:
        sys.exit(__doc__)
