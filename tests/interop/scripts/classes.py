"""Classes whose instances Python saves and Rust reads. Pickle wants them importable by name."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


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
