"""Duplex of a carrier: which of its slots are of which direction."""

from dataclasses import dataclass
from typing import Final, Literal, Self

from e2sim.scenario.tick import TICK_MS

Direction = Literal["downlink", "uplink"]

_MOST_SLOTS: Final = 40


@dataclass(frozen=True, slots=True)
class Duplex:
    """FDD, where every slot is of both directions, or the slots of a TDD pattern.

    In documents it is the text `fdd` or a pattern such as `DDDSU`, which repeats without end
    (TS 38.213 11.1): D slots are of the downlink, U slots of the uplink. An S slot counts as a
    whole downlink slot: most of the usual ones give 10 of their 14 symbols to the downlink and two
    to the uplink, which are taken for sounding.

    Attributes:
        pattern: the letters; empty for FDD.
    """

    pattern: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From its text.

        Raises:
            ValueError: it is neither `fdd` nor a pattern with slots of both directions.
        """
        if text == "fdd":
            return cls()
        if not set(text) <= set("DSU") or len({letter == "U" for letter in text}) < 2:
            raise ValueError(f"{text!r} is neither fdd nor a pattern of D, S and U such as DDDSU")
        return cls(text)

    def __str__(self) -> str:
        return self.pattern or "fdd"

    def slots(self, direction: Direction) -> tuple[bool, ...]:
        """Which slots of the pattern are of a direction; of FDD's only one, every one."""
        if not self.pattern:
            return (True,)
        return tuple((letter == "U") == (direction == "uplink") for letter in self.pattern)


def check_duplex(duplex: Duplex, slot_ms: float, path: str) -> None:
    """Raise `ValueError` for a pattern that slots of `slot_ms` do not fit 10 ms with.

    The periods of TS 38.331 (TDD-UL-DL-Pattern) but 3 and 4 ms divide 10 ms, the time in which
    interference and rates move.
    """
    length = len(duplex.pattern)
    if length > _MOST_SLOTS or (length > 0 and round(TICK_MS / slot_ms) % length > 0):
        raise ValueError(
            f"{path}: {duplex} has {length} slots of {slot_ms:g} ms; needs at most {_MOST_SLOTS} "
            f"that fill {TICK_MS} ms or a whole part of it"
        )
