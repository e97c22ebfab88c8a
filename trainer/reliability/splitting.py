"""One replication of the estimator: a population played over a window, split as it goes."""

from dataclasses import dataclass

import numpy as np

from trainer.reliability.population import F64, Population
from trainer.reliability.resampling import resample

Levels = tuple[float, ...]
"""Thresholds of the importance, rising; none: plain simulation."""


@dataclass(frozen=True, slots=True)
class Window:
    """How long a replication is.

    Without a lead the estimate would be as unbiased and useless: in the first steps losses come
    from walkers that happened to start near one, which next to no replication has.

    Attributes:
        lead: steps that are split and not counted, long enough for a loss to come about.
        steps: steps counted, above 0.
    """

    lead: int
    steps: int


@dataclass(frozen=True, slots=True)
class Replication:
    """What one population came to.

    Attributes:
        finished, lost: packets of the window, weighted: expectations for one walker.
        seen, seen_lost: packets in fact simulated, unweighted.
        walker_steps: walkers times steps, those of the lead too.
        copies: branches made.
    """

    finished: float
    lost: float
    seen: float
    seen_lost: float
    walker_steps: int
    copies: int


@dataclass(frozen=True, slots=True)
class Course:
    """Of each walker at each step of a replication, lead and all, float64 [steps, N] each.

    Attributes:
        importance: after the step.
        weights: during it.
        lost: packets lost in it.
    """

    importance: F64
    weights: F64
    lost: F64


def replicate(
    population: Population, levels: Levels, window: Window, rng: np.random.Generator
) -> tuple[Replication, Course]:
    """Play a window; unbiased for any levels, if they were not chosen by looking at this run.

    Args:
        population: at the window's start, all walkers of equal weight.
        levels: thresholds of the importance.
        window: how long.
        rng: of the resampling.
    """
    n, steps = population.walkers, window.lead + window.steps
    weights, thresholds = np.full(n, 1.0 / n), np.asarray(levels, np.float64)
    finished = lost = seen = seen_lost = 0.0
    course, copies = Course(*np.empty((3, steps, n))), 0
    roots = np.arange(n)
    for step in range(steps):
        counts = population.advance()
        if step >= window.lead:
            finished += float(weights @ counts.finished)
            lost += float(weights @ counts.lost)
        seen += float(counts.finished.sum())
        seen_lost += float(counts.lost.sum())
        importance = population.importance()
        course.importance[step], course.weights[step] = importance, weights
        course.lost[step] = counts.lost
        if levels and step + 1 < steps:
            bins = np.searchsorted(thresholds, importance, "right")
            made = resample(weights, bins, roots, rng)
            weights = made.weights
            roots[made.targets] = roots[made.sources]
            copies += len(made.targets)
            if len(made.targets):
                population.branch(made.sources, made.targets)
    return Replication(finished, lost, seen, seen_lost, n * steps, copies), course
