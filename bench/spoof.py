"""What a lie is worth: shares and rates where one slice claims ten times its demand."""

from dataclasses import replace
from typing import Final

import numpy as np

from e2sim.network import Network
from e2sim.node.node import Node
from e2sim.scenario import Fault, load_scenario
from oran.batch import MIN
from oran.intent import DEFAULT_INTENTS, Intent
from oran.report import CellReport
from xapp.decision.pipeline import Pipeline, reservation
from xapp.decision.shield import Limits
from xapp.decision.targets import Targets

_SLICES: Final = ("embb", "urllc", "mmtc")
_SCENARIOS: Final = ("mixed", "overload", "factory")
_LIARS: Final = ("nobody", *_SLICES)
KEYS: Final = {
    f"{scenario}_{liar}_{what}_{s}": f"{text} of {s} in `{scenario}`, {liar} lies"
    for scenario in _SCENARIOS
    for liar in _LIARS
    for what, text in (("share", "%, mean min_prb_ratio"), ("mbps", "Mbit/s delivered"))
    for s in _SLICES
}

_CLAIM: Final = 10.0
_CELLS: Final = 24
_WARM_UP: Final = 50
_PERIODS: Final = 300


def _played(name: str, liar: int | None) -> tuple[list[float], list[float]]:
    """Mean guaranteed share and rate of each slice, with the rule in charge."""
    scenario = load_scenario(name)
    if liar is not None:
        names = ("DRB.BufferSize.Qos", "DRB.PdcpSduVolumeDL")
        lie = Fault(
            kind="spoofed_report", slice=scenario.slices[liar].snssai, measurements=names,
            severity=_CLAIM, at_s=0.0, for_s=1e6,
        )  # fmt: skip
        scenario = replace(scenario, faults=(lie,))
    intents = [
        Intent(s.snssai, like.sla, like.weight)
        for s, like in zip(scenario.slices, DEFAULT_INTENTS, strict=True)
    ]
    targets, pipeline = Targets.of(intents), Pipeline(None, Limits())
    network = Network(scenario, np.arange(50, 50 + _CELLS).astype(np.uint64))
    node, rows = Node(network, "n"), [reservation(3)] * _CELLS
    shares, delivered = np.zeros(3), np.zeros(3)
    for period in range(_PERIODS):
        reports: list[CellReport] = node.play(100 * period)
        if period >= _WARM_UP:
            shares += np.array([[row[MIN] for row in r.slices] for r in rows]).sum(axis=0)
            delivered += network.detail().delivered_bytes.sum(axis=0)
        for c, report in enumerate(reports):
            rows[c] = pipeline.decide(report, targets, rows[c]).allocation
            node.apply(c, rows[c].allocation(network.snssais))
    count = _CELLS * (_PERIODS - _WARM_UP)
    mbps = delivered * 8e-6 / (count * scenario.period_ms / 1000.0)
    return (shares / count).tolist(), mbps.tolist()


def run() -> dict[str, float]:
    """Measure; takes half a minute."""
    found = {}
    for name in _SCENARIOS:
        for i, liar in enumerate(_LIARS):
            shares, mbps = _played(name, i - 1 if i else None)
            for s, share, rate in zip(_SLICES, shares, mbps, strict=True):
                found[f"{name}_{liar}_share_{s}"] = share
                found[f"{name}_{liar}_mbps_{s}"] = rate
    return found
