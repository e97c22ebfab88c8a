"""The xApp before cells in which everything fails: it refuses, steps down and comes back."""

from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from e2sim.network import Network
from e2sim.node.node import Node
from e2sim.scenario import Fault, load_scenario
from oran.allocation import Allocation, SliceAllocation
from oran.batch import MIN, ReportBatch
from oran.intent import DEFAULT_INTENTS, Intent
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.snssai import Snssai
from tests.xapp.rig import Rig
from xapp.decision.pipeline import Pipeline, reservation
from xapp.decision.shield import Limits
from xapp.decision.targets import Targets

FAILURE = load_scenario("failure")
LOW, HIGH = (
    np.array([getattr(m, end) for m in (*CELL_MEASUREMENTS, *SLICE_MEASUREMENTS * 3)])
    for end in ("low", "high")
)
OUTAGE = Fault(kind="gnb_outage", at_s=5.0, for_s=1.0, startup_s=0.5)
FROZEN = Fault(kind="stale_report", at_s=12.0, for_s=4.0)


def allocation_of(answer: dict[str, Any]) -> Allocation:
    share = answer["allocation"]
    return Allocation(
        tuple(
            SliceAllocation(**(s | {"snssai": Snssai.parse(s["snssai"])})) for s in share["slices"]
        ),
        share["tx_power_offset_db"],
    )


def broken(batch: ReportBatch) -> bool:
    values = np.concatenate((batch.cell[0], batch.slices[0].ravel()))
    return bool(((values < LOW) | (values > HIGH)).any())


class Told:
    """The network, with the report it has just told."""

    def __init__(self, network: Network) -> None:
        self.network, self.snssais, self.cells = network, network.snssais, network.cells
        self.last: ReportBatch | None = None

    def step(self, allocation: Any) -> ReportBatch:
        self.last = self.network.step(allocation)
        return self.last


def test_every_failure_is_answered_as_documented_and_the_policy_comes_back(rig: Rig) -> None:
    scenario = replace(FAILURE, faults=(*FAILURE.faults, OUTAGE, FROZEN))
    told = Told(Network(scenario, np.array([4], np.uint64)))
    node = Node(told, "gnb-1")
    outcomes: Counter[str] = Counter()
    rungs: list[str] = []
    accepted = (-1, -1)
    for _ in range(900):
        rig.time.ms += 100
        (report,) = node.play(rig.time.ms)
        assert told.last is not None
        answer = rig.decide(report.to_document())
        now = told.network.faults()
        assert now is not None
        age = rig.time.ms - report.start_ms - 100
        if broken(told.last):
            wanted = "out_of_range"
        elif age > 2_000:
            wanted = "stale_report"
        elif (report.start_ms, report.sequence) <= accepted:
            wanted = "repeated_report"
        else:
            wanted = "static" if report.health.gnb == "failed" else "policy"
        outcomes[wanted] += 1
        found = msgspec.json.decode(answer.content)
        if answer.status_code == 200:
            assert found["rung"] == wanted
            assert found["fallback"] == ("node_failed" if wanted == "static" else "none")
            rungs.append(wanted)
            accepted = report.start_ms, report.sequence
            node.apply(0, allocation_of(found))
        else:
            assert found["type"].endswith(wanted), found
    assert set(outcomes) == {"out_of_range", "stale_report", "repeated_report", "static", "policy"}
    refused = {k: n for k, n in outcomes.items() if k not in ("static", "policy")}
    assert rig.refusals() == refused
    assert "static" in rungs
    assert rungs[-1] == "policy"
    assert outcomes["policy"] > 700


def served(name: str, claim: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean guaranteed share and bytes delivered of each slice, where URLLC claims a multiple."""
    scenario = load_scenario(name)
    names = ("DRB.BufferSize.Qos", "DRB.PdcpSduVolumeDL")
    lie = Fault(
        kind="spoofed_report", slice=scenario.slices[1].snssai, measurements=names, severity=claim,
        at_s=0.0, for_s=1e6,
    )  # fmt: skip
    intents = [
        Intent(s.snssai, like.sla, like.weight)
        for s, like in zip(scenario.slices, DEFAULT_INTENTS, strict=True)
    ]
    targets, pipeline = Targets.of(intents), Pipeline(None, Limits())
    shares, delivered = np.zeros(3), np.zeros(3)
    for seed in range(50, 56):
        told = Told(Network(replace(scenario, faults=(lie,)), np.array([seed], np.uint64)))
        node, rows = Node(told, "gnb-1"), reservation(3)
        for i in range(120):
            (report,) = node.play(100 * i)
            rows = pipeline.decide(report, targets, rows).allocation
            node.apply(0, rows.allocation(told.snssais))
            shares += np.array([row[MIN] for row in rows.slices]) / (6 * 120)
            delivered += told.network.detail().delivered_bytes[0]
    return shares, delivered


def test_nothing_stops_a_plausible_lie() -> None:
    """What docs/faults.md says of spoofing: a slice of priority that lies takes the guarantees."""
    honest, liar = served("factory", 1.0), served("factory", 10.0)
    assert honest[0][1] < 85
    assert liar[0][1] > 90
    assert (liar[1][[0, 2]] < 0.3 * honest[1][[0, 2]]).all()
    # Where slices share what others leave, guarantees that are not used cost little.
    honest, liar = served("mixed", 1.0), served("mixed", 10.0)
    assert honest[0][1] < 70
    assert liar[0][1] > 90
    assert liar[1].sum() > 0.9 * honest[1].sum()
