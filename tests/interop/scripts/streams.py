"""Lists, loads and pickles again each stream of a batch: `streams.py BATCH AGAIN`.

Before each stream there is its length. What `pickletools.dis` complains of, or the unpickler in C or that in pure Python does
not load, ends this script with an error.
"""

import io
import pickle
import pickletools
import struct
import sys


def streams(batch: bytes):
    position = 0
    while position < len(batch):
        (length,) = struct.unpack_from("<I", batch, position)
        position += 4 + length
        yield batch[position - length : position]


def check(stream: bytes) -> bytes:
    pickletools.dis(stream, io.StringIO())
    assert stream[:2] == b"\x80\x05"
    again = [pickle.dumps(load(stream), 5) for load in (pickle.loads, pickle._loads)]
    assert again[0] == again[1]
    return again[0]


def main(batch: str, again: str) -> None:
    count = 0
    with open(batch, "rb") as source, open(again, "wb") as out:
        for count, stream in enumerate(streams(source.read()), 1):
            try:
                result = check(stream)
            except Exception as error:
                sys.exit(f"{error!r} in stream {count}: {stream.hex()}")
            out.write(struct.pack("<I", len(result)) + result)
    print(count, "streams")


main(*sys.argv[1:])
