"""Hypothesis strategies for the nouns: any valid report, intents and allocations."""

import math
import random

import numpy as np
from hypothesis import strategies as st

from oran.intent import Intent, Sla
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS, Measurement
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from xapp.decision.pipeline import Rows

snssais = st.builds(Snssai, st.integers(1, 4), st.none() | st.integers(0, 0xFFFFFF))


def values(
    table: tuple[Measurement, ...], rng: np.random.Generator, missing: float
) -> tuple[float, ...]:
    """One valid value a row of the catalogue; `missing` is the share that was not measured.

    From a generator, not from hypothesis: a report of 16 slices has 228 numbers.
    """
    return tuple(math.nan if rng.random() < missing else _value(m, rng) for m in table)


def _value(m: Measurement, rng: np.random.Generator) -> float:
    low, high = math.ceil(m.low / m.resolution), math.floor(m.high / m.resolution)
    # Small numbers are where the logic has its branches; large ones are where it overflows.
    ranges = (
        (max(low, 0), max(low, 0)),
        (max(low, 0), min(high, 5_000)),
        (low, high),
        (high, high),
    )
    first, last = ranges[rng.integers(len(ranges))]
    return float(min(rng.integers(first, last, endpoint=True) * m.resolution, m.high))


@st.composite
def reports(draw: st.DrawFn, *, slices: int | None = None) -> tuple[CellReport, tuple[Intent, ...]]:
    """A valid report and intents for its slices."""
    count = slices or draw(st.integers(1, 16))
    rng = np.random.default_rng(draw(st.integers(0, 2**64 - 1)))
    missing = draw(st.sampled_from([0.0, 0.2, 0.8, 1.0]))
    names = draw(st.lists(snssais, min_size=count, max_size=count, unique=True))
    report = CellReport(
        "gnb-1",
        "cell-1",
        draw(st.integers(0, 2**32 - 1)),
        draw(st.integers(0, 2**41)),
        draw(st.integers(1, 60_000)),
        values(CELL_MEASUREMENTS, rng, missing),
        tuple(SliceReport(n, values(SLICE_MEASUREMENTS, rng, missing)) for n in names),
    )
    return report, tuple(draw(intents(n)) for n in names)


@st.composite
def intents(draw: st.DrawFn, snssai: Snssai) -> Intent:
    sla = Sla(
        draw(st.none() | st.floats(10.0, 1e6)),
        draw(st.none() | st.floats(0.5, 1e4)),
        draw(st.none() | st.floats(1e-6, 1.0)),
    )
    return Intent(snssai, sla, draw(st.floats(0.01, 100.0)))


def random_rows(rng: random.Random, slices: int, *, feasible: bool) -> Rows:
    """A random allocation; where not `feasible`, sums and order of the ratios are arbitrary."""
    rows, left = [], 100
    for _ in range(slices):
        share = rng.randint(0, left) if rng.random() < 0.7 else 0
        left -= share
        ratios = (
            [rng.randint(0, share), share, rng.randint(share, 100)]
            if feasible
            else [rng.randint(0, 100) for _ in range(3)]
        )
        rows.append([*ratios, rng.randint(0, 6), rng.randint(0, 100)])
    rng.shuffle(rows)
    return Rows(rows, rng.randint(-9, 0))
