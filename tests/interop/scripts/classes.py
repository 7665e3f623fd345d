"""Classes whose instances Python saves and Rust reads. Pickle wants them importable by name."""

from dataclasses import dataclass
from enum import Enum
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
