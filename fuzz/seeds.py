"""Makes the seeds and the dictionary of the fuzz targets: `python3 fuzz/seeds.py`; with `--kept`, only what earlier runs have found.

The streams are pickles of ordinary objects in every protocol; the files are made of them here, with right digests. That needs
nothing but Python. With numcodecs, there are also seeds of what it encodes, with every codec, and with pandas of its objects. To them
comes what earlier runs have found (`found.py`).
"""

import array
import collections
import datetime
import decimal
import fractions
import hashlib
import importlib.util
import itertools
import json
import pathlib
import pickle
import pickletools
import struct
import sys
import types
import uuid
import zlib
from pathlib import Path

import found

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"

shared = ["shared", 1.5]
cyclic = []
cyclic.append(cyclic)
ring = ([],)
ring[0].append(ring)
person = types.SimpleNamespace(name="ada")
person.friends = [person, ring]
OBJECTS = [
    None, True, 0, 255, 65535, -1, 2**31, -(2**63), 2**64, 2**200, 1.5, float("nan"), 1 + 2j, "", "text", "\u00e9\u20ac\U0001f980",
    "\ud800", b"", b"bytes", bytearray(b"bytes"), [], [1, [2, [3]]], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), (None,), {},
    {"name": "x", "bytes": b"y", "variants": ["Unit", {"New": 5}, {"Tuple": (1, 2.0, True)}], "map": {(1, "a"): []}},
    {1, 2}, frozenset({"a"}), [shared, shared, {"k": shared}], cyclic, ring, [ring, ring[0]], person, [person, person],
    (bytearray(b"one"),) * 2, [frozenset({(1,)})] * 2, {"a/b~": {1.5: {True: {None: 1}}}}, collections.OrderedDict(a=1), range(3), slice(1, 2),
    collections.deque([1, 2]), collections.Counter("aab"), collections.defaultdict(list, a=[1]), datetime.datetime(2020, 1, 2),
    decimal.Decimal("1.5"), fractions.Fraction(1, 3), array.array("d", [1, 2]), array.array("i", [1]), len, dict,
    {"array": [1.0] * 20}, [{"a": 1, "b": "x"}] * 3, "x" * 300, list(range(300)), {str(n): n for n in range(20)},
]
#: More of the standard library.
STANDARD = [
    uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), pathlib.PurePosixPath("/a/b", "..", "c"), pathlib.PureWindowsPath("c:/a", "b"),
    collections.UserDict(a=1), collections.UserList([1, 2]), collections.UserString("text"), array.array("u", "\u00e9x"), range(9, -9, -4),
    range(2**62, 2**63, 2**40), fractions.Fraction(5), decimal.Decimal("-1E+9"),
]


def numpy(dtype: str, shape: tuple, data: bytes, order: str = "C") -> bytes:
    """A stream as numpy writes an array in the stream, by `frombuffer` and `reshape`; numpy itself is not needed."""
    text = lambda s: b"\x8c" + bytes([len(s)]) + s.encode()
    axes = b"(" + b"".join(b"J" + struct.pack("<i", n) for n in shape) + b"t"
    flat = b"\x80\x05" + text("numpy._core.numeric") + text("_frombuffer") + b"\x93("
    return flat + b"B" + struct.pack("<I", len(data)) + data + text(dtype) + axes + text(order) + b"tR."


def out_of_band(dtype: str, shape: tuple) -> bytes:
    stream = numpy(dtype, shape, b"")
    return stream.replace(b"B\0\0\0\0", b"\x97")


def streams():
    for obj in OBJECTS + STANDARD:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            yield pickle.dumps(obj, protocol)
    for dtype, size in [("<f4", 4), (">f8", 8), ("?", 1), ("<i8", 8), ("<f2", 2), ("<c16", 16), ("<U2", 8), ("S3", 3), ("<M8[ns]", 8)]:
        yield numpy(dtype, (2, 3), bytes(6 * size))
        yield numpy(dtype, (2, 3), bytes(6 * size), "F")
        yield numpy(dtype, (), bytes(size))
    for dtype, shape in [("<f4", (12,)), ("<f4", (3, 4)), ("<f8", (6,)), ("?", (2,))]:
        yield out_of_band(dtype, shape)
    yield (b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\x01btR(K\x01(K\x02tcnumpy\ndtype\n"
           b"(\x8c\x01O\x89\x88tR\x89]\x94(K\x01Netb.")


def numpy_streams():
    """What numpy pickles: structured arrays, masked arrays, objects, times; without numpy, nothing."""
    try:
        import numpy as np
    except ImportError:
        print("no seeds of structured and masked arrays, for there is no numpy")
        return
    inner = np.dtype([("a", "<f4"), ("b", "<i2", (2,))])
    record = np.dtype([("a", "<f4"), ("b", "<i2", (2,)), ("inner", inner), ("text", "<U3")])
    gaps = np.dtype({"names": ["a", "b"], "formats": ["<f4", ">i2"], "offsets": [0, 6], "itemsize": 12}, align=False)
    aligned = np.dtype([("a", "i1"), ("x", "<f8")], align=True)
    titled = np.dtype([(("a title", "a"), "<f4"), ("when", "<M8[ns]")])
    masked = np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False], "<f4")
    rows = np.zeros((2, 3), record, "F")
    objects = [np.zeros(3, dtype) for dtype in (inner, record, gaps, aligned, titled)]
    objects += [rows, np.zeros((), record)[()], np.zeros(2, record).view(np.recarray), np.zeros(0, inner), objects[0]["a"], masked,
                np.ma.zeros((2, 2), "<i4"), np.ma.masked, np.ma.masked_array(np.zeros(2, inner), [(True, False), (False, True)]),
                np.array([1, "a", None], object), np.zeros(2, "<m8[25s]"), np.float32(1), np.bool_(True), np.str_("text"),
                np.arange(6, dtype=">i4").reshape(2, 3).T, np.broadcast_to(np.float64(1), (2, 2)), np.zeros(0, "S0"),
                {"array": rows["a"], "again": rows["a"]}, [masked, masked]]
    if hasattr(np.dtypes, "StringDType"):
        objects += [np.array(["a", "\u00e9" * 20], np.dtypes.StringDType()), np.array([None, ""], np.dtypes.StringDType(na_object=None))]
    for obj in objects:
        for protocol in (0, 2, 5):
            yield pickle.dumps(obj, protocol)
        # With the first buffer of the target `typed`, of 48 bytes, where one fits.
        yield pickle.dumps(obj, 5, buffer_callback=lambda _: None)


def leaves():
    """What a field may be given, of its type or not."""
    yield from (None, True, False, 0, 3, -1, 200, 70000, 2**31, -(2**40), 2**64, 2**127, 2**200, 1.5, -0.0, 1e300, float("inf"), 1 + 2j)
    yield from ("", "x", "\u00e9", "Unit", "\ud800", b"", b"yz", bytearray(b"yz"), (), (1, 2, 3), [1, 2, 3], [1.5, None], [[1, 2, 3]] * 2,
                [[1, 2, 3], [4, 5, 6]], [[1.5, 2], [3]], {}, {"a": 1.5}, {"a": "z", "b": None}, {1: 2}, {1, 2}, frozenset({3}), ["Unit"])
    yield from (array.array("f", [1, 2]), array.array("B", [1]), collections.deque([1, 2]), collections.OrderedDict(a=1.5),
                decimal.Decimal("1.5"), fractions.Fraction(1, 3), datetime.date(2020, 1, 2), range(3), person, len)
    yield from STANDARD[1:8]
    try:
        import numpy as np
    except ImportError:
        return
    for dtype in ("<f4", ">f8", "<f2", "?", "i1", ">u2", "<i4", "<u8", "<c8", "<U2", "S2", "<M8[s]", "<m8[ms]", "O", "<f4,<i2", "V3"):
        yield from (np.zeros(3, dtype), np.zeros((2, 3), dtype, "F"), np.zeros((), dtype), np.zeros(0, dtype), np.zeros(6, dtype)[::2])
        yield np.ma.masked_array(np.zeros(3, dtype), [False, True, False])
        if dtype != "O":
            yield np.zeros((), dtype)[()]
    rows = np.zeros(2, [("a", "<f4"), ("b", "<i2", (2,)), ("inner", [("a", "<f8")]), ("text", "<U3")])
    yield from (rows, rows[0], rows.view(np.recarray), np.ma.masked_array(rows), rows["b"], np.ma.masked)


def typed_streams():
    """Each leaf in each place that the types of `fuzz_targets/typed.rs` have, in one protocol or another."""
    places = [
        lambda x: x, lambda x: [x], lambda x: (x, x), lambda x: [[x], [x]], lambda x: {"name": "n", "array": x}, lambda x: {"name": x},
        lambda x: {"name": "n", "option": x}, lambda x: {"name": "n", "bytes": x}, lambda x: {"name": "n", "variants": [x, "Unit"]},
        lambda x: [{"New": x}, "Unit"], lambda x: [{"Tuple": (x, x, x)}], lambda x: [{"Struct": {"a": x, "b": x}}], lambda x: {"Unit": x},
        lambda x: {"name": "n", "map": {(1, "a"): [{"name": x}]}}, lambda x: {"name": "n", "other": x}, lambda x: {"name": "n", "map": x},
        lambda x: [{"a": x}], lambda x: [{"a": 1, "b": x}], lambda x: [{"a": 1, "inner": {"a": x}, "text": x}], lambda x: [(x, [1, 2, 3])],
        lambda x: [(1.5, x)], lambda x: ([1, 2], x, x), lambda x: (x, [True], [1]), lambda x: {("k", (1, 2)): (1, 2.5, x)},
        lambda x: {(None, ()): x}, lambda x: {"data": x, "mask": x}, lambda x: types.SimpleNamespace(name="n", array=x),
    ]  # fmt: skip
    ways = itertools.cycle((0, 2, 5, None))
    for leaf in leaves():
        for place, way in zip(places, ways):
            outside = {"buffer_callback": lambda _: None} if way is None else {}
            yield pickle.dumps(place(leaf), 5 if way is None else way, **outside)
        if getattr(leaf, "__hash__", None):
            try:
                yield from (pickle.dumps(obj, 2) for obj in ({leaf: 1}, {(leaf, (1,)): (1, 2, 3)}, {leaf}, {(1, leaf): []}))
            except TypeError:  # it holds what Python does not hash
                continue


def moments():
    """Python's and numpy's dates, times and durations, and text that says one."""
    zone = lambda hours: datetime.timezone(datetime.timedelta(hours=hours))
    day, time = datetime.date(2020, 2, 29), datetime.time(1, 2, 3, 4)
    yield from (day, time, datetime.date.min, datetime.time(23, 59, 59), datetime.datetime.combine(day, time), datetime.datetime.max)
    yield from (datetime.datetime.combine(day, time, zone(hours)) for hours in (0, -5, 5.5))
    yield from (datetime.timedelta(*parts) for parts in ((), (1, 2, 3), (-1, 5), (999999999, 86399, 999999), (-999999999,)))
    yield from ("2020-02-29T01:02:03.000004+05:00", "2020-02-29", "01:02:03", "PT1.5S", None)
    try:
        import numpy as np
    except ImportError:
        return
    for unit, count in itertools.product(("Y", "W", "D", "h", "s", "ms", "25us", "ns", "as"), (0, -1, 10**9, 2**62)):
        yield from (np.datetime64(count, unit), np.timedelta64(count, unit))
    yield from (np.datetime64("NaT"), np.timedelta64("NaT", "s"), np.zeros((), "M8[s]"))


def pandas_objects():
    """What the interop tests save, and smaller things; without pandas, nothing."""
    sys.path.append(str(HERE.parent / "tests" / "interop" / "scripts"))
    try:
        import frames
        import pandas as pd
    except ImportError:
        print("no seeds of frames and series, for there is no pandas, or no binpickle")
        return
    yield from (*frames.frames().values(), *frames.series().values(), *frames.indexes().values())
    table = frames.table(6)
    for name in table.columns:
        yield from (table[[name]], table[["x", name]] if name != "x" else table.set_index("name"), table[name], table.set_index(name).iloc[:, :2])
    x = pd.DataFrame({"x": [0.5, 1, 2, 3, 4, 5]})
    yield from ({"frame": x}, {"frame": x, "more": [pd.Series([1, 2]), pd.Index([1]), x["x"]]}, [x, x["x"]], [x["x"], x["x"]], x.T)


def with_streams():
    """Objects for the modules of `with`."""
    for obj in moments():
        for protocol in (0, 2, 5):
            yield pickle.dumps(obj, protocol)
    for obj in pandas_objects():
        ways = [pickle.dumps(obj, protocol) for protocol in (0, 2, 5)]
        ways.append(pickle.dumps(obj, 5, buffer_callback=lambda _: None))
        yield from (stream for stream in ways if len(stream) <= 4096)


def msgpack(obj) -> bytes:
    if obj is None or isinstance(obj, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[obj]
    if isinstance(obj, float):
        return b"\xcb" + struct.pack(">d", obj)
    if isinstance(obj, int) and obj < 0:
        return b"\xd3" + obj.to_bytes(8, "big", signed=True)
    if isinstance(obj, int):
        return bytes([obj]) if obj < 128 else b"\xcf" + obj.to_bytes(8, "big")
    if isinstance(obj, str):
        return bytes([0xA0 | len(obj)]) + obj.encode()
    if isinstance(obj, bytes):
        return b"\xc4" + bytes([len(obj)]) + obj
    if isinstance(obj, list):
        return b"\xdc" + len(obj).to_bytes(2, "big") + b"".join(map(msgpack, obj))
    return bytes([0x80 | len(obj)]) + b"".join(msgpack(k) + msgpack(v) for k, v in obj.items())


def index_of(buffers, codecs=()):
    offset, index = 16, []
    for buffer, length in buffers:
        index.append({
            "offset": offset, "enc_length": len(buffer), "dec_length": length, "hash": hashlib.sha256(buffer).digest(),
            "info": ["ndarray", "float32", [length // 4]] if len(buffers) > 1 and not index else None,
            "codecs": [{"id": codec, "level": 1} if isinstance(codec, str) else codec for codec in codecs],
        })
        offset += len(buffer)
    return b"".join(buffer for buffer, _ in buffers), msgpack(index)


def old_index_of(buffers, codec=None):
    """The index of a file of version 1."""
    offset, index = 16, []
    for buffer, length in buffers:
        index.append({
            "offset": offset, "enc_length": len(buffer), "dec_length": length, "checksum": zlib.adler32(buffer), "codec": codec,
        })
        offset += len(buffer)
    return b"".join(buffer for buffer, _ in buffers), msgpack(index)


def blosc(data: bytes) -> bytes:
    """The codec `blosc` of version 1 in two pieces, which Blosc has stored."""
    pieces = [data[: len(data) // 2], data[len(data) // 2 :]]
    header = lambda piece: b"\2\1\2\1" + struct.pack("<III", len(piece), max(len(piece), 1), len(piece) + 16)
    return b"\x92" + b"".join(b"\xc5" + (len(piece) + 16).to_bytes(2, "big") + header(piece) + piece for piece in pieces)


def file(body: bytes, index: bytes) -> bytes:
    offset = 16 + len(body)
    header = b"BPCK" + struct.pack(">HHq", 2, 0, offset + len(index) + 44)
    return header + body + index + struct.pack(">QI", offset, len(index)) + hashlib.sha256(index).digest()


def old_file(body: bytes, index: bytes) -> bytes:
    """A file of version 1."""
    offset = 16 + len(body)
    header = b"BPCK" + struct.pack(">HHq", 1, 0, offset + len(index) + 16)
    return header + body + index + struct.pack(">QII", offset, len(index), zlib.adler32(index))


def as_file(seed: bytes) -> bytes:
    """The file that the target `index` makes of its input."""
    length = int.from_bytes(seed[:2], "little")
    body, index = seed[2:][: length & 0x7FFF], seed[2:][length & 0x7FFF :]
    return old_file(body, index) if length & 0x8000 else file(body, index)


#: As in `fuzz_targets/codecs.rs`.
DTYPES = "|u1 |b1 |i1 <i2 >u2 <f2 <i4 >f4 <i8 <u8 <f8 <c8 <c16 <U4 >U1 |S3".split()
#: The dtypes that a codec takes, where it does not take all.
TAKES = {"bitround": ["<f2", "<f8"], "packbits": ["|b1"], "pcodec": ["<i2", "<f2", "<i4", "<i8", "<u8", "<f8"],
         "zfpy": ["<i4", "<i8", "<f8"],
         "json2": DTYPES[:11] + ["<U4", ">U1"], "msgpack2": DTYPES[:11] + DTYPES[13:]}  # fmt: skip
CONFIGS = json.loads((HERE / "codecs.json").read_text())


#: What `fuzz_targets/codecs.rs` does beside decoding: nothing, encoding, saving.
WORK = (0, 0x10, 0x20)


def chain_seed(work: int, chain, dtype: str, length: int, data: bytes) -> bytes:
    return bytes([work | len(chain), *chain, DTYPES.index(dtype)]) + struct.pack("<H", length) + data


def chain_index(chain: bytes):
    """What `chain_seed` made for decoding, as the buffer of a file, and its index."""
    codecs, (length,) = chain[1 : 1 + chain[0]], struct.unpack("<H", chain[2 + chain[0] :][:2])
    return index_of([(chain[4 + chain[0] :], length)], [CONFIGS[n] for n in codecs])


def arrays(numpy, dtype: str, size: int):
    dtype = numpy.dtype(dtype)
    if dtype.kind in "US":
        yield numpy.resize(numpy.array(["red", "", "gr\u00fcn" if dtype.kind == "U" else "blue"]).astype(dtype), size)
        return
    noise = numpy.random.default_rng(size).bytes(size * dtype.itemsize)
    yield (numpy.arange(size) // 7 % 100).astype(dtype)
    yield numpy.frombuffer(noise, dtype) if dtype.kind in "iu" else numpy.frombuffer(noise, "|i1")[:size].astype(dtype)


def cast_seeds(numpy):
    """Casts between any two dtypes, of what is as well as may be and of any bytes."""
    dtypes = {numpy.dtype(order + dtype[1:]).str for dtype in DTYPES[:13] for order in "<>"}
    for encoded, decoded in itertools.product(map(numpy.dtype, sorted(dtypes)), repeat=2):
        config = {"id": "astype", "encode_dtype": encoded.str, "decode_dtype": decoded.str}
        noise = numpy.random.default_rng(len(dtypes)).bytes(5 * encoded.itemsize)
        yield index_of([(numpy.arange(5).astype(encoded).tobytes() + noise, 10 * decoded.itemsize)], [config])


def shaped(arrays, codec: str):
    """ZFP encodes arrays of up to four axes, each in its own way."""
    for array in arrays:
        yield array
        if codec == "zfpy" and array.size == 60:
            yield from (array.reshape(shape) for shape in ((6, 10), (3, 4, 5), (2, 3, 2, 5)))


def codec_seeds(numpy, get_codec):
    """What numcodecs encodes with every codec, and with some chains of two."""
    if importlib.util.find_spec("zfpy"):
        import numcodecs.zfpy
    compressors = [n for n, config in enumerate(CONFIGS) if config["id"] in ("zlib", "zstd", "lz4", "blosc", "crc32", "base64")]
    for n, config in enumerate(CONFIGS):
        if config["id"] == "zfpy" and not importlib.util.find_spec("zfpy"):
            continue
        codec = get_codec(dict(config))
        one = config.get("dtype") or config.get("decode_dtype")
        dtypes = [one] if one else TAKES.get(config["id"], DTYPES)
        for dtype, size in itertools.product(dtypes, (1, 60, 300)):
            for array in shaped(arrays(numpy, dtype, size), config["id"]):
                if array.nbytes % config.get("elementsize", 1):
                    continue
                try:
                    encoded = codec.encode(array)
                except OverflowError:  # the first number does not fit what `delta` writes
                    continue
                data = bytes(encoded) if isinstance(encoded, bytes) else numpy.ascontiguousarray(encoded).tobytes()
                name = dtype if dtype in DTYPES else "|u1"
                for work in WORK:
                    # What is encoded is the data: what is not encoded yet.
                    yield chain_seed(work, [n], name, array.nbytes, array.tobytes() if work else data)
                if size == 60:
                    other = compressors[n % len(compressors)]
                    twice = bytes(get_codec(dict(CONFIGS[other])).encode(data))
                    yield chain_seed(0, [n, other], name, array.nbytes, twice)


def long_seeds(numpy, get_codec):
    """Arrays of more bytes than filters undo at once where they are, encoded by what is decoded while it is read."""
    filters = [config for config in CONFIGS if config["id"] in ("astype", "bitround", "categorize", "delta", "fixedscaleoffset", "quantize", "shuffle")]
    for config, (compressor, size) in itertools.product(filters, (("gzip", 4200), ("zlib", 8400), ("zstd", 16408))):
        one = config.get("dtype") or config.get("decode_dtype")
        (array, *_) = arrays(numpy, one or TAKES.get(config["id"], ["<f8"])[0], size)
        encoded = bytes(get_codec({"id": compressor, "level": 9}).encode(get_codec(dict(config)).encode(array)))
        yield index_of([(encoded, array.nbytes)], [config, {"id": compressor, "level": 1}])


def members() -> tuple[bytes, bytes]:
    """Members of `gzip` that say how long they are, as this crate writes them, and one that does not."""
    contents = [bytes(2000), b"data" * 300, bytes(range(200))]
    header = bytes.fromhex("1f8b08040000000004ff0c0042500800")
    several = b""
    for content in contents:
        packed = zlib.compress(content, wbits=-15) + struct.pack("<II", zlib.crc32(content), len(content))
        several += header + struct.pack("<II", len(header) + 8 + len(packed), len(content)) + packed
    last = zlib.compress(b"last", wbits=31)
    length = sum(map(len, contents))
    return index_of([(several, length), (several + last, length + 4), (last + several, length + 4)], ["gzip"])


def blosc_seeds(numpy, blosc):
    """What Python's Blosc makes with every compressor, every shuffle, and many sizes of items and of blocks."""
    names = ["blosclz", "lz4", "lz4hc", "zlib", "zstd"]
    for (c, cname), shuffle, level, typesize in itertools.product(enumerate(names), (0, 1, 2), (1, 5, 9), (1, 2, 3, 4, 8, 16, 17, 255)):
        codec = blosc.Blosc(cname, level, shuffle, (0, 200, 1000)[level % 3])
        for size in (1, 127, 128, 1500, 5000 if level == 1 else 300):
            dtype = f"|V{typesize}"
            smooth = (numpy.arange(size) // 9).astype("|u1").tobytes()
            noise = numpy.random.default_rng(size).bytes(size // 4) + smooth
            for data in (smooth, noise):
                data = data[: len(data) // typesize * typesize]
                if data:
                    encoded = bytes(codec.encode(numpy.frombuffer(data, dtype)))
                    # Decoded, encoded again, and that on several threads.
                    for work in (0, 0x80, 0xC0) if size > 300 else (0, 0x80):
                        yield bytes([c, shuffle | work, level, typesize]) + encoded


def save(target: str, seeds) -> None:
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


def share_streams(kept: dict[str, list[bytes]]) -> None:
    """What was kept of one of the targets that take a stream, is a seed for all of them."""
    skipped = {"pickle": 0, "typed": 0, "with": 0, "round_trip": 2}
    streams = sorted({data[skip:] for target, skip in skipped.items() for data in kept[target]})
    for target in ("pickle", "typed", "with"):
        save(target, streams)
    choices = itertools.product((0, 1, 2, 6, 9), (8, 0, 255))
    save("round_trip", (bytes(choice) + stream for choice, stream in zip(itertools.cycle(choices), streams)))


def save_seeds() -> None:
    all_streams = [*streams(), *numpy_streams()]
    save("pickle", all_streams)
    save("typed", all_streams)
    save("typed", typed_streams())
    save("with", with_streams())
    save("round_trip", [bytes([choice, 8]) + stream for choice in (0, 1, 2, 6, 9) for stream in all_streams[::5]])
    parts, old_parts = [], []
    gz, null = ["gz", {"level": 1}], ["null", {}]
    chain = ["chain", {"codecs": [null, ["numcodec", {"id": "zlib", "level": 1}], ["chain", {"codecs": [gz]}]]}]
    for stream in all_streams[::7]:
        raw = [(bytes(48), 48), (b"\1\0", 2), (stream, len(stream))]
        parts.append(index_of(raw))
        parts.append(index_of([(zlib.compress(data), length) for data, length in raw], ["zlib"]))
        parts.append(index_of([(stream, len(stream))]))
        old_parts.append(old_index_of(raw))
        old_parts.append(old_index_of([(zlib.compress(data), length) for data, length in raw], gz))
        old_parts.append(old_index_of([(zlib.compress(zlib.compress(data)), length) for data, length in raw], chain))
        old_parts.append(old_index_of([(blosc(data), length) for data, length in raw], ["blosc", {"name": "lz4", "level": 5, "shuffle": 1}]))
    save("open", [file(*part) for part in parts] + [old_file(*part) for part in old_parts])
    save("index", [struct.pack("<H", len(body)) + body + index for body, index in parts]
         + [struct.pack("<H", len(body) | 0x8000) + body + index for body, index in old_parts])
    datas = [b"", b"data", bytes(1000), zlib.compress(b"data" * 10), b'["text"]', b"\x28\xb5\x2f\xfd\x20\x04\x21\0\0data"]
    chains = [[], *([n] for n in range(len(CONFIGS))), [1, 2], [0, 1, 2]]
    save("codecs", [chain_seed(work, chain, "|u1", 1000, data) for work in WORK for chain in chains for data in datas])
    try:
        import numcodecs.pcodec
        import numpy
    except ImportError:
        print("no seeds from numcodecs, for there is none")
    else:
        numpy.seterr(all="ignore")
        chains = list(codec_seeds(numpy, numcodecs.get_codec))
        save("codecs", chains)
        coded = [chain_index(chain) for chain in chains if chain[0] & ~3 == 0]
        coded += [*cast_seeds(numpy), *long_seeds(numpy, numcodecs.get_codec), members()]
        save("open", (file(*part) for part in coded))
        save("index", (struct.pack("<H", len(body)) + body + index for body, index in coded))
        save("blosc", blosc_seeds(numpy, numcodecs.blosc))


def write_dictionary() -> None:
    words = {"BPCK", "offset", "enc_length", "dec_length", "hash", "info", "codecs", "id", "level", "checksum", "codec", "null", "gz", "blosc", "numcodec", "chain", "name", "shuffle", "ndarray", "gzip", "zlib", "zstd",
             "numpy", "numpy._core.numeric", "_frombuffer", "numpy.core.multiarray", "_reconstruct", "scalar", "dtype", "frombuffer",
             "reshape", "builtins", "complex", "bytearray", "set", "collections", "OrderedDict", "<f4", ">f8", "|b1", "name", "Unit",
             "New", "Tuple", "Struct", "numpy.ma.core", "_mareconstruct", "MaskedArray", "recarray", "record", "numpy.rec", "inner", "text",
             "V10", "|V6", "pandas", "_mgr", "BlockManager", "SingleBlockManager", "_unpickle_block", "_new_Index", "RangeIndex", "start",
             "stop", "step", "_data", "_mask", "Categorical", "categories", "ordered", "_nat_unpickle", "datetime", "timedelta", "timezone"}
    entries = {word.encode() for word in words} | {op.code.encode("latin-1") for op in pickletools.opcodes}
    entries |= {struct.pack("<I", n) for n in (0, 255, 2**31, 2**32 - 1)} | {struct.pack("<Q", n) for n in (2**63 - 1, 2**64 - 1)}
    lines = ['"' + "".join(f"\\x{byte:02x}" for byte in entry) + '"' for entry in sorted(entries)]
    (HERE / "binpickle.dict").write_text("\n".join(lines) + "\n")


def main() -> None:
    kept = {target: found.kept(target) for target in found.targets()}
    for target, inputs in kept.items():
        save(target, inputs)
    if sys.argv[1:] != ["--kept"]:
        save_seeds()
        share_streams(kept)
        save("open", (as_file(path.read_bytes()) for path in (CORPUS / "index").iterdir()))
    write_dictionary()


if __name__ == "__main__":
    main()
