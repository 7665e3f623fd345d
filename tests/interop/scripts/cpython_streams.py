"""Runs CPython's own tests of pickle, and records every stream that they load, with the verdict of the pickle in pure
Python and, for plain data, what it is.

One line a stream: its bytes in hexadecimal, the verdict (`ok`, or the name of the error), the data in the text form of
`text` below, or `-` where it is not plain, and in hexadecimal what `pickletools.dis` lists, or `-` where it refuses.
`cpython.rs` makes the same of what Rust reads.
"""

import io
import pickle
import pickletools
import struct
import sys
import unittest
import warnings

try:
    from test import pickletester
except ImportError:
    sys.exit(print("missing"))

warnings.simplefilter("ignore")


class NotPlain(Exception):
    pass


def text(obj, above=()):
    if obj is None:
        return "N"
    kind = type(obj)
    if kind is bool:
        return "T" if obj else "F"
    if kind is int:
        return "i" + pickle.encode_long(obj).hex()
    if kind is float:
        return "f" + struct.pack(">d", obj).hex()
    if kind is complex:
        return "c" + struct.pack(">dd", obj.real, obj.imag).hex()
    if kind is str:
        return "s" + obj.encode("utf-8", "surrogatepass").hex()
    if kind is bytes:
        return "b" + obj.hex()
    if kind is bytearray:
        return "a" + obj.hex()
    if id(obj) in above or len(above) > 200:
        raise NotPlain
    above += (id(obj),)
    if kind is list:
        return "[" + ",".join(text(item, above) for item in obj) + "]"
    if kind is tuple:
        return "(" + ",".join(text(item, above) for item in obj) + ")"
    if kind in (set, frozenset):
        return ("S" if kind is set else "Z") + "<" + ",".join(sorted(text(item, above) for item in obj)) + ">"
    if kind is dict:
        return "{" + ",".join(sorted(text(k, above) + ":" + text(v, above) for k, v in obj.items())) + "}"
    raise NotPlain


recorded = {}


def record(stream):
    stream = bytes(stream)
    if stream in recorded or len(stream) > 1 << 20:
        return
    try:
        file = io.BytesIO(stream)
        obj = pickle._Unpickler(file).load()
    except Exception as error:
        recorded[stream] = (type(error).__name__, "-")
        return
    try:
        # `loads` ignores what follows the object. Rust does not.
        verdict = "ok" if file.tell() == len(stream) else "followed"
        recorded[stream] = (verdict, text(obj))
    except NotPlain:
        recorded[stream] = (verdict, "-")


def listing(stream):
    out = io.StringIO()
    try:
        pickletools.dis(stream, out)
    except Exception:
        return "-"
    return out.getvalue().encode().hex()


class Recording:
    def loads(self, stream, **options):
        if not options:
            record(stream)
        return pickle.loads(stream, **options)


class Unpickles(Recording, pickletester.AbstractUnpickleTests, unittest.TestCase):
    unpickler = pickle._Unpickler
    bad_stack_errors = (pickle.UnpicklingError, IndexError)
    truncated_errors = (pickle.UnpicklingError, EOFError, AttributeError, ValueError, struct.error, IndexError, ImportError)


class Pickles(Recording, pickletester.AbstractPickleTests, unittest.TestCase):
    pickler = pickle._Pickler
    unpickler = pickle._Unpickler

    def dumps(self, obj, protocol=None, **options):
        stream = pickle.dumps(obj, protocol, **options)
        if not options:
            record(stream)
        return stream


def main():
    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in (Unpickles, Pickles)
    )
    skipped = ("big", "huge", "large", "race")
    tests = [test for case in suite for test in case if not any(word in test.id().lower() for word in skipped)]
    result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(unittest.TestSuite(tests))
    with open(sys.argv[1], "w") as file:
        for stream, (verdict, plain) in recorded.items():
            file.write(f"{stream.hex() or '-'} {verdict} {plain} {listing(stream)}\n")
    print(result.testsRun)


main()
