"""Classes whose instances Python saves and Rust reads. Pickle wants them importable by name."""

from dataclasses import dataclass
from enum import Enum, Flag, IntEnum, StrEnum
from typing import NamedTuple

import numpy as np


@dataclass
class Point:
    x: float
    y: int
    label: str


@dataclass(frozen=True, slots=True)
class Frozen:
    x: float
    name: str


class Pair(NamedTuple):
    first: int
    second: str


class Plain:
    def __init__(self, weights: object, bias: float) -> None:
        self.weights = weights
        self.bias = bias


class Slotted:
    __slots__ = ("weights", "bias")

    def __init__(self, weights: object, bias: float) -> None:
        self.weights = weights
        self.bias = bias


class Empty:
    pass


class Color(Enum):
    RED = "red"
    BLUE = 2


class Labelled(np.ndarray):
    """An array with an attribute, which is pickled as numpy's manual shows."""

    label: str | None = None

    def __reduce__(self):
        function, arguments, state = super().__reduce__()
        return function, arguments, (*state, self.label)

    def __setstate__(self, state):
        *state, self.label = state
        super().__setstate__(tuple(state))


class Linked:
    """Knows whom it belongs to."""

    def __init__(self, name: str, parent: "Linked | None" = None) -> None:
        self.name = name
        self.parent = parent
        self.children: list[Linked] = []


class Reduced:
    """Is made of a list that may hold it."""

    def __init__(self, items: list[object], label: str) -> None:
        self.items = items
        self.label = label

    def __reduce__(self) -> tuple[object, ...]:
        return Reduced, (self.items, self.label)


class SelfList(list):
    """A list with attributes."""


class Level(IntEnum):
    LOW = 1
    HIGH = 3


class Permission(Flag):
    READ = 1
    WRITE = 2


class Label(StrEnum):
    GOOD = "good"


class Shelf:
    class Kind(Enum):
        WOOD = "wood"


class Fancy(Enum):
    """Members are pickled by their names, as `enum.pickle_by_enum_name` of Python 3.12 does it."""

    FIRST = object()
    SECOND = object()

    def __reduce_ex__(self, protocol):
        return getattr, (self.__class__, self._name_)


class Unnamed(NamedTuple):
    only: int


@dataclass(slots=True)
class Node:
    name: str
    children: list["Node"]


class Ratio(float):
    pass


class Assembled:
    """Uses all that `__reduce__` may return."""

    def __init__(self, seed: str, state=None, items=(), entries=None) -> None:
        self.seed = seed
        self.state = state
        self.items = list(items)
        self.entries = dict(entries or {})

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    def __setitem__(self, key, value):
        self.entries[key] = value

    def __setstate__(self, state):
        self.state = state

    def __reduce__(self):
        return Assembled, (self.seed,), self.state, iter(self.items), iter(self.entries.items())

    def __eq__(self, other):
        return vars(self) == vars(other)


def double(number: int) -> int:
    return 2 * number
