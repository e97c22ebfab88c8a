"""Traffic of a scenario after a recorded phone: the fitted sources, in the twin's parameters.

`e2sim.calibration.fitted.SOURCES` are tables of seconds; the twin's users are Poisson arrivals
under modulation. What carries over: the mean stays active and silent, how much an active second
holds and how that spreads, and for sources that are never silent the sizes of packets, and the
drift of the rate with its memory. What does not: stays longer-tailed than exponential, and the
memory within a stay (`docs/calibration.md`).
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from e2sim.calibration.burst import EPOCH_S
from e2sim.calibration.fitted import SOURCES
from e2sim.calibration.source import PROBABILITIES, Table, TrafficSource, quantile
from e2sim.scenario.pareto import lower_bound

_BY_NAME: Final = {source.trace: source for source in SOURCES}
NAMES: Final = tuple(_BY_NAME)
"""What `traffic.source` may be."""

_SHAPE: Final = 1.01
"""`Traffic.pareto_shape`: sizes spread evenly over their orders of magnitude, as the tables' do."""


def expanded(traffic: Mapping[str, Any], path: str) -> dict[str, Any]:
    """A slice's traffic with what its `source` stands for; keys given beside it stay.

    Args:
        traffic: mapping of a document, with a `source`.
        path: of the mapping in its document.

    Raises:
        ValueError: there is no such source.
    """
    given = dict(traffic)
    name = given.pop("source")
    if not isinstance(name, str) or name not in _BY_NAME:
        raise ValueError(f"{path}.source: {name!r} is not one of {', '.join(NAMES)}")
    return {**settings(_BY_NAME[name]), **given}


def settings(source: TrafficSource) -> dict[str, Any]:
    """`Traffic` in a document's form, all but its load."""
    return _silent_at_times(source) if source.off_s else _never_silent(source)


def mean(table: Table) -> float:
    """Mean of a quantile table, linear between its probabilities."""
    return float(np.trapezoid(np.array(table), np.array(PROBABILITIES)))


def _silent_at_times(source: TrafficSource) -> dict[str, Any]:
    """An arrival is what an active second holds."""
    return {
        "packet_bytes": _sizes(source.volume_bytes, mean(source.volume_bytes)),
        "pareto_shape": _SHAPE,
        "admission": False,
        "on_s": mean(source.on_s),
        "off_s": mean(source.off_s),
    }


def _never_silent(source: TrafficSource) -> dict[str, Any]:
    """Arrivals are packets, at a rate that drifts as the bytes of a second do."""
    seconds = np.log(quantile(source.volume_bytes, np.linspace(0.025, 0.975, 39)))
    return {
        "packet_bytes": _sizes(source.packet_bytes, source.packet_mean_bytes),
        "pareto_shape": _SHAPE,
        "admission": False,
        "swing_sigma": float(seconds.std()),
        "swing_s": -EPOCH_S / math.log(source.memory),
    }


def _sizes(table: Table, wanted: float) -> list[int]:
    """Bounds of sizes with the table's 99 % quantile and the mean that is wanted."""
    high = float(quantile(table, np.array(0.99)))
    return [round(lower_bound(high, _SHAPE, wanted)), round(high)]
