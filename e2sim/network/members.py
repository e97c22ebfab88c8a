"""Sets of user places, 64 a word: the slot loop visits members only, not every user."""

from typing import Final

import numpy as np

from e2sim.network.jit import fuse
from e2sim.network.records import U64

WORD: Final = 64
_ONE: Final = np.uint64(1)


def words_of(places: int) -> int:
    """Words of a set of `places` places."""
    return -(-places // WORD)


@fuse
def add(members: U64, kind: int, u: int) -> None:
    """Place `u` joins the set in row `kind`."""
    members[kind, u >> 6] |= _ONE << np.uint64(u & 63)


@fuse
def discard(members: U64, kind: int, u: int) -> None:
    """Place `u` is not in the set in row `kind`."""
    members[kind, u >> 6] &= ~(_ONE << np.uint64(u & 63))


@fuse
def rest(word: np.uint64) -> np.uint64:
    """The word without its lowest member."""
    return word & (word - _ONE)


@fuse
def has(word: np.uint64, place: int) -> bool:
    """Whether `place` of 0..63 is in the word."""
    return bool((word >> np.uint64(place)) & _ONE)


@fuse
def from_place(u: int) -> np.uint64:
    """Places of `u`'s word that are not before it."""
    return ~np.uint64(0) << np.uint64(u & 63)
