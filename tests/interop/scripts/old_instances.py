"""Objects as protocols 0 and 1 have them, by INST and OBJ: Python 2 wrote the instances of its old classes so.

`old_instances.py write FOLDER` writes streams, `old_instances.py check FOLDER` looks at what was made of them.
"""

import pickle
import sys
from pathlib import Path


class Old:
    """Its `__init__` is for whoever makes a new one, and not for pickle."""

    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        return type(other) is Old and vars(self) == vars(other)


STREAMS = {
    "without": (b"(i__main__\nOld\n(dVname\nVada\nsb.", Old("ada")),
    "without_state": (b"(i__main__\nOld\n.", Old.__new__(Old)),
    "with": (b"(Vada\ni__main__\nOld\n.", Old("ada")),
    "class_on_the_stack": (b"(c__main__\nOld\no(dVname\nVada\nsb.", Old("ada")),
    "class_on_the_stack_with": (b"(c__main__\nOld\nVada\no.", Old("ada")),
    "list": (b"(i__builtin__\nlist\nI1\na.", [1]),
    "list_with": (b"((lI1\nai__builtin__\nlist\n.", [1]),
    "bytes": (b"(Vada\nVlatin1\ni_codecs\nencode\n.", b"ada"),
}


def main(task: str, folder: Path) -> None:
    for name, (stream, expected) in STREAMS.items():
        path = folder / f"{name}.pkl"
        if task == "write":
            assert pickle.loads(stream) == expected, name
            path.write_bytes(stream)
        else:
            assert pickle.loads(path.with_suffix(".again").read_bytes()) == expected, name


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
