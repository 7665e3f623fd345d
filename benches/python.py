"""The Python side of the comparison. `peers` starts it, and sends it lines of a command and a path.

It answers with seconds. The values are those that Rust saved, so that both sides have the same.
"""

import gc
import os
import pickle
import sys
from time import perf_counter

from binpickle import BinPickleFile, dump


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Commands:
    value = None

    def value_from(self, path):
        with BinPickleFile(path) as file:
            self.value = file.load()

    def save_mappable(self, path):
        return lambda: dump(self.value, path, mappable=True)

    def save_gzip(self, path):
        return lambda: dump(self.value, path)

    def load(self, path):
        def run():
            with BinPickleFile(path) as file:
                return file.load()

        return run

    def load_direct(self, path):
        def run():
            file = BinPickleFile(path, direct=True)
            return file.load(), file

        return run

    def save_pickle(self, path):
        def run():
            with open(path, "wb") as file:
                file.write(pickle.dumps(self.value, 5))

        return run

    def load_pickle(self, path):
        return lambda: pickle.loads(read(path))


def main():
    commands = Commands()
    for line in sys.stdin:
        name, path = line.rstrip("\n").split(" ", 1)
        if name.startswith("save") and os.path.exists(path):
            os.remove(path)
        run = getattr(commands, name)(path)
        gc.collect()
        start = perf_counter()
        result = run() if run else None
        print(perf_counter() - start, flush=True)
        # What was loaded is dropped when the clock has stopped.
        if isinstance(result, tuple):
            loaded, file = result
            result = loaded = None
            file.close()
        result = None


main()
