"""An enumeration and a sequence to try PER on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    ULTRAVIOLET = "ultraviolet"


@dataclass(frozen=True, slots=True)
class Pair:
    first: Any
    second: Any = None
