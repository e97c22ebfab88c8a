"""Seeds: which purpose may use which, so that no figure is measured on what made it.

A seed fixes a cell's traffic, fading and interference. The ranges are disjoint; every command
takes its seeds through `seeds_for` or `draw_training_seeds` and so cannot cross them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SEED_RANGES: Final[dict[str, range]] = {
    "evaluation": range(0, 1_000_000),
    "validation": range(1_000_000, 2_000_000),
    "tuning": range(2_000_000, 3_000_000),
    "training": range(1 << 32, 1 << 63),
}
"""Purpose -> seeds. Published figures use `evaluation` only; choices made by looking at figures
(hyperparameters, which run to ship) use `validation`; rules are tuned on `tuning`."""


class SeedError(ValueError):
    """A seed range is malformed, or belongs to another purpose."""


def seeds_for(text: str, *purposes: str) -> tuple[str, NDArray[np.uint64]]:
    """The purpose and the seeds of a range written `A:B` (B excluded).

    Raises:
        SeedError: not `A:B` with A < B, or the range is not inside that of one of `purposes`.
    """
    first, colon, last = text.partition(":")
    if not (colon and first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        raise SeedError(f"{text!r} is not a range of seeds 'A:B' of two whole numbers")
    asked = range(int(first), int(last))
    if not asked:
        raise SeedError(f"{text!r} holds no seed: needs A < B")
    for purpose in purposes:
        allowed = SEED_RANGES[purpose]
        if asked.start in allowed and asked[-1] in allowed:
            return purpose, np.arange(asked.start, asked.stop, dtype=np.uint64)
    ranges = ", ".join(f"{p} {SEED_RANGES[p].start}:{SEED_RANGES[p].stop}" for p in purposes)
    raise SeedError(f"seeds {text} are not for this purpose; allowed are {ranges}")


def draw_training_seeds(rng: np.random.Generator, count: int) -> NDArray[np.uint64]:
    """`count` independent seeds of the training range."""
    allowed = SEED_RANGES["training"]
    return rng.integers(allowed.start, allowed.stop, count, dtype=np.uint64)
