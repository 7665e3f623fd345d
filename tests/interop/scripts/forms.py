"""In which forms Python saves objects for Rust: the arguments of a `BinPickler`."""

import binpickle

NEW: dict[str, dict] = {
    "plain": {},
    "mappable": {"align": True},
    "gzip": {"codecs": ["gzip"]},
    "zlib": {"codecs": ["zlib"]},
    "zstd": {"codecs": ["zstd"]},
    "chain": {"codecs": [{"id": "zlib", "level": 6}, "zstd"]},
}


def old() -> dict[str, dict]:
    """Those of binpickle 0.3, with every codec that it has."""
    import numcodecs
    from binpickle.codecs import GZ, Blosc, Chain, Null

    def blosc(*args, **kwargs):
        codec = Blosc(*args, **kwargs)
        return lambda buffer: codec if can_be_split(memoryview(buffer)) else None

    codecs = {
        "plain": None,
        "null": Null(),
        "gz": GZ(),
        "gz-by-name": "gz",
        "blosc": blosc(),
        "blosc-zstd": blosc("zstd", 3, shuffle=2),
        "blosc-pieces": blosc("lz4", 5, shuffle=0, blocksize=1000),
        "numcodec": numcodecs.Zstd(3),
        "numcodec-gzip": numcodecs.GZip(1),
        "numcodec-blosc": numcodecs.Blosc("lz4", 5),
        "chain": [None, numcodecs.Zstd(1), ("gz", {"level": 1})],
        "chain-of-none": [],
        "chain-of-chains": ["gz", Chain([numcodecs.BZ2(1), Chain(["null", Blosc("zlib", 1)])])],
        "function": lambda buffer: GZ(3) if memoryview(buffer).nbytes > 100 else None,
    }
    return {"mappable": {"align": True}} | {form: {"codec": codec} for form, codec in codecs.items()}


def can_be_split(view: memoryview) -> bool:
    """Whether `Blosc` of binpickle 0.3 does not fail. It casts to bytes what has items of more."""
    if view.itemsize == 1:
        return view.ndim == 1
    try:
        view.cast("B")
    except TypeError:
        return False
    return True


FORMS = old() if binpickle.__version__.startswith("0.3") else NEW
