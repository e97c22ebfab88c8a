"""Levels of importance, chosen in pilot runs.

As in adaptive multilevel splitting (Cérou and Guyader, "Adaptive multilevel splitting for rare
event analysis", Stochastic Analysis and Applications 25(2), 2007) each level is a quantile of what
got past the one below it; the pilot's own levels carry it further each time. What is then measured
is another run, with levels that are fixed: adaptive levels within it would bias a ratio slightly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from trainer.reliability.population import Population
from trainer.reliability.splitting import Course, Levels, Window, replicate

RATIO: Final = 0.3
"""Share of the time above a level that is spent above the next one. e^-2 is best for ideal levels
(Garvels 2000); parts of a period are coarse steps, and 0.2 did worse than 0.4 on the twin."""

ROUNDS: Final = 8
"""Most pilot runs."""

_LEAST: Final = 10
"""Samples above a level without which it is not believed."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the pilot took: its runs, and walkers times steps of them all."""

    runs: int
    walker_steps: int


def tail_levels(course: Course, ratio: float, top: float) -> Levels:
    """Quantiles of a course's importance, weighted, at `ratio`, `ratio`^2, ..., up to `top`.

    Equal values make one level. Left out are levels with too few samples above them, and those
    that are rarer than a step with a loss: what gets there is lost already.
    """
    values, weights = course.importance.ravel(), course.weights.ravel()
    order = np.argsort(values)[::-1]
    values, above = values[order], np.cumsum(weights[order])
    above /= above[-1]
    levels: list[float] = []
    share, least = ratio, float(weights[course.lost.ravel() > 0.0].sum() / weights.sum())
    while share > least:
        place = int(np.searchsorted(above, share))
        if place < _LEAST:
            break
        level = float(values[place])
        if level > values[-1] and level < top and (not levels or level > levels[-1]):
            levels.append(level)
        share *= ratio
    return tuple(levels)


def pilot(
    make: Callable[[int], Population],
    window: Window,
    rng: np.random.Generator,
    *,
    ratio: float = RATIO,
    top: float = np.inf,
) -> tuple[Levels, Spent]:
    """Levels for `splitting.replicate`, and what it took to find them.

    Args:
        make: a population at its window's start, of the number of the pilot run.
        window: how long a run is.
        rng: of the resampling.
        ratio: see `RATIO`.
        top: importance from which on a loss is certain, or has happened: no level there.
    """
    levels: Levels = ()
    reach, runs, spent = -np.inf, 0, 0
    while runs < ROUNDS:
        done, course = replicate(make(runs), levels, window, rng)
        runs += 1
        spent += done.walker_steps
        levels = tail_levels(course, ratio, top)
        highest = float(course.importance.max())
        if (done.seen_lost >= _LEAST and runs > 1) or highest <= reach:
            break
        reach = highest
    return levels, Spent(runs, spent)
