"""Objects that occur in several places, or in themselves.

Usage: graphs.py write FOLDER, which writes each graph as `NAME.FORM`
       graphs.py check FOLDER, which compares each file `NAME.FORM.again` with the graph, and who is whom in both
       graphs.py show FOLDER, which writes the `repr` of plain objects as `NAME.repr` beside `NAME.pkl`
"""

import pickle
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from pathlib import Path

import binpickle
import numpy as np
from binpickle import BinPickler
from classes import Linked, Plain, Reduced, SelfList, Slotted


def self_list() -> object:
    items: list[object] = [1]
    items.append(items)
    return items


def recursive_tuple(length: int) -> object:
    items: list[object] = []
    value = (*range(length - 1), items)
    items.append(value)
    return value


def recursive_sets() -> object:
    member = Plain(None, 0.5)
    members = {member}
    frozen = frozenset({member})
    member.weights = [members, frozen]
    return {"set": members, "frozenset": frozen, "member": member}


def attributes() -> object:
    plain, slotted = Plain(None, 1.0), Slotted(None, 2.0)
    plain.weights = {"slotted": slotted, "self": plain}
    slotted.weights = (plain, slotted)
    return [plain, slotted]


def parents() -> object:
    root = Linked("root")
    root.children = [Linked(name, root) for name in "abc"]
    root.children[0].children = [Linked("a0", root.children[0])]
    return root


def ring() -> object:
    nodes = [Linked(str(number)) for number in range(30)]
    for number, node in enumerate(nodes):
        node.parent = nodes[number - 1]
        node.children = [nodes[(number + 1) % len(nodes)]]
    return nodes[7]


def reduced() -> object:
    value = Reduced([1], "label")
    value.items.append(value)
    other = Reduced([value], "other")
    value.items.append([other, other])
    return {"value": value, "items": value.items}


def likes() -> object:
    ordered, default, queue, like = OrderedDict(a=1), defaultdict(list), deque([1]), SelfList([1])
    ordered["self"] = ordered
    default["all"] = [default, ordered]
    queue.append(queue)
    like.extend([like, queue])
    like.attribute = like
    return [ordered, default, queue, like]


def shared() -> object:
    items, key, buffer = [1], (1, "a"), bytearray(b"abc")
    small, large = np.arange(3.0), np.arange(6_000, dtype="f4").reshape(2, 3_000)
    point = Plain(large, 0.5)
    value = {"x": items, "y": items, "pair": (items, items), "keys": {key: key}, "frozen": [frozenset({key})] * 2}
    return value | {"buffers": [buffer, buffer], "small": [small, small], "large": large, "point": point, "again": point}


def doubled() -> object:
    value: object = []
    for _ in range(40):
        value = [value, value]
    return value


GRAPHS = {
    "self_list": self_list,
    "tuple_of_1": lambda: recursive_tuple(1),
    "tuple_of_3": lambda: recursive_tuple(3),
    "tuple_of_5": lambda: recursive_tuple(5),
    "recursive_sets": recursive_sets,
    "attributes": attributes,
    "parents": parents,
    "ring": ring,
    "reduced": reduced,
    "likes": likes,
    "shared": shared,
    "doubled": doubled,
}

#: What Python prints in full and Rust too.
PLAIN = {
    "scalars": [None, True, False, -3, 2**64, 1j, (2 - 0.5j), -0.0],
    "floats": [0.1, 1.0, 1e16, -2.5e-7, 1e-5, 123456789012345.6, float("inf"), float("nan")],
    "texts": ["", "it's", 'say "x"', "it's \"x\"", "a\\b\n\t\r", "é🦀", "\x00\x1f\x7f"],
    "bytes": [b"", b"it's\x00\xff\n\\~"],
    "containers": [[], (), {}, set(), frozenset(), (1,), (1, 2), {1}],
    "nested": [frozenset({"a"}), {"a": [1, {2: None}], (1,): ()}],
    "bytearray": bytearray(b"ab"),
    "self_list": self_list(),
    "tuple": recursive_tuple(2),
}


def who_is_whom(actual: object, expected: object, known: dict[int, object], where: str = "") -> Iterator[str]:
    """The differences between two graphs. `known` maps who is expected to who is there."""
    if type(actual) is not type(expected):
        yield f"{where}: a {type(actual).__name__}, expected a {type(expected).__name__}"
        return
    if isinstance(expected, (int, float, str, bytes, type(None))):
        if actual != expected:
            yield f"{where}: {actual!r}, expected {expected!r}"
        return
    if id(expected) in known or id(actual) in known:
        if known.get(id(expected)) is not actual or known.get(id(actual)) is not expected:
            yield f"{where}: it is someone else"
        return
    if not isinstance(expected, (tuple, frozenset)) or expected:
        known[id(expected)], known[id(actual)] = actual, expected
    if isinstance(expected, (bytearray, np.ndarray)):
        if bytes(actual) != bytes(expected) or getattr(actual, "shape", 0) != getattr(expected, "shape", 0):
            yield f"{where}: {actual!r}, expected {expected!r}"
        return
    for kind, one, other in zip(("keys", "items"), parts(actual), parts(expected)):
        if len(one) != len(other):
            yield f"{where}: {len(one)} {kind}, expected {len(other)}"
        for index, (part, expected_part) in enumerate(zip(one, other)):
            yield from who_is_whom(part, expected_part, known, f"{where}.{kind}[{index}]")


def parts(value: object) -> tuple[list[object], list[object]]:
    names = sorted({*getattr(value, "__dict__", ()), *(name for name in getattr(value, "__slots__", ()))})
    named = [getattr(value, name) for name in names]
    if isinstance(value, dict):
        return [*names, *value], [*named, *value.values()]
    return names, [*named, *(value if isinstance(value, (list, tuple, set, frozenset, deque)) else ())]


def main(command: str, folder: Path) -> None:
    failures = []
    if command == "show":
        for name, value in PLAIN.items():
            (folder / f"{name}.pkl").write_bytes(pickle.dumps(value))
            (folder / f"{name}.repr").write_text(repr(value), "utf-8")
    for name, graph in GRAPHS.items():
        if command == "write":
            for protocol in range(2, 6):
                (folder / f"{name}.{protocol}").write_bytes(pickle.dumps(graph(), protocol))
            with BinPickler.mappable(folder / f"{name}.mappable") as pickler:
                pickler.dump(graph())
            binpickle.dump(graph(), folder / f"{name}.default")
        elif command == "check":
            for path in folder.glob(f"{name}.*.again"):
                stream = path.read_bytes()[:4] != b"BPCK"
                actual = pickle.loads(path.read_bytes()) if stream else binpickle.load(path)
                failures += [f"{path.name}: {line}" for line in who_is_whom(actual, graph(), {})]
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
