"""Features two by two: each pair is refused with its path and what would be right, or played."""

import copy
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from e2sim.core.joint import JointNetwork
from e2sim.network import Network
from e2sim.scenario import Direction, Scenario, parse_scenario
from oran.batch import ADMISSION, MAX, MIN, SLICE_FIELDS, AllocationBatch

Document = dict[str, Any]

SENT: Final = {
    "scheduler": "round_robin",
    "discard_ms": 100,
    "traffic": {"load": [0.2, 0.4], "packet_bytes": [200, 3000], "admission": False},
}


def plain() -> Document:
    """Three slices of two users each in cells of 25 PRBs, and nothing besides."""
    kinds = {"eMBB": "proportional_fair", "URLLC": "earliest_deadline", "mMTC": "round_robin"}
    traffic = {"load": [0.3, 0.5], "packet_bytes": [500, 6000], "admission": False}
    return {
        "name": "pair",
        "prbs": 25,
        "period_ms": 40,
        "slices": [
            {
                "snssai": f"{i}-000001",
                "kind": kind,
                "users": 2,
                "scheduler": scheduler,
                "discard_ms": 30,
                "traffic": dict(traffic),
            }
            for i, (kind, scheduler) in enumerate(kinds.items(), start=1)
        ],
    }


def core() -> Document:
    site = {
        "name": "edge",
        "kind": "edge",
        "capacity": 20_000.0,
        "background": {"load": [0.1, 0.5]},
    }
    link = {"name": "access", "source": "edge", "target": "gnb", "capacity_mbps": 100.0}
    return {
        "sites": [site],
        "links": [{**link, "delay_ms": 0.5}],
        "paths": [{"name": "edge-access", "site": "edge", "links": ["access"]}],
        "slices": [{"snssai": f"{i}-000001", "site": "edge"} for i in (1, 2, 3)],
    }


def failing(*kinds: str, **named: Any) -> Callable[[Document], None]:
    def add(d: Document) -> None:
        times = {"mtbf_s": 0.05, "mttr_s": 0.03}
        d["faults"] = [*d.get("faults", []), *({"kind": k, **times, **named} for k in kinds)]

    return add


def in_slice(i: int, **parts: Any) -> Callable[[Document], None]:
    return lambda d: d["slices"][i].update(copy.deepcopy(parts))


def beside(**parts: Any) -> Callable[[Document], None]:
    return lambda d: d.update(copy.deepcopy(parts))


def traced(d: Document) -> None:
    d["slices"][0]["trace"] = "bytes.csv"
    d["slices"][0]["traffic"]["load"] = [0.0, 0.0]


def cored(d: Document) -> None:
    d["core"] = core()


def core_failing(d: Document) -> None:
    cored(d)
    failing("site_outage", name="edge")(d)


FEATURES: Final[dict[str, Callable[[Document], None]]] = {
    "uplink": in_slice(0, uplink=SENT),
    "TDD": beside(duplex="DDDSU"),
    "mobility": beside(mobility={"measurement_ms": 10, "t310_ms": 0, "reestablishment_ms": 10}),
    "devices": in_slice(0, devices={"number": 3000, "groups": [{"period_s": 1.0}]}),
    "trace": traced,
    "SNR trace": in_slice(1, trace="snr.csv"),
    "sleep": beside(power={"sleep": {"deepest": "light", "idle_ms": 0.0}, "off_w": 9.0}),
    "radio faults": failing("gnb_outage", "backhaul_loss"),
    "jamming": failing("interference_burst"),
    "report faults": failing("garbled_report", "stale_report"),
    "core": cored,
    "core faults": core_failing,
    "coupled": beside(interference={"coupled_cells": 3}),
    "strict": beside(slicing="strict"),
}

REFUSED: Final = {
    ("uplink", "mobility"): r"slices\[0\]\.uplink",
    ("mobility", "devices"): r"slices\[0\]\.devices",
    ("mobility", "SNR trace"): r"slices\[1\]\.trace",
    ("mobility", "sleep"): r"power\.sleep",
    ("devices", "trace"): r"slices\[0\]\.trace",
    ("devices", "sleep"): r"power\.sleep",
    ("SNR trace", "jamming"): r"slices\[1\]\.trace",
}
"""Pairs that are not modelled, and the path that their refusal begins with."""

PAIRS: Final = [*combinations(FEATURES, 2)]


def scenario(names: tuple[str, ...], folder: Path) -> Scenario:
    for name, column, values in (
        ("bytes.csv", "offered_bytes", [400 * (i % 5) for i in range(20)]),
        ("snr.csv", "snr_db", [10 + i % 7 for i in range(20)]),
    ):
        rows = [f"0,{i},10,{value}" for i, value in enumerate(values)]
        text = "\n".join([f"series,step,step_ms,{column}", *rows, ""])
        (folder / name).write_text(text, "utf-8")
    document = plain()
    for name in names:
        FEATURES[name](document)
    return parse_scenario(document, folder)


def shares(rng: np.random.Generator, cells: int) -> AllocationBatch:
    rows = np.zeros((cells, 3, SLICE_FIELDS), np.int64)
    rows[..., MIN] = rng.dirichlet(np.ones(3), cells) * 100
    rows[..., MAX], rows[..., ADMISSION] = 100, 80
    return AllocationBatch(rows, rng.integers(-9, 1, cells))


class Books:
    """Bytes of each group of cells and slice, by direction: what came is somewhere."""

    def __init__(self, network: Network) -> None:
        self.network = network
        both: tuple[Direction, ...] = ("downlink", "uplink")
        self.directions = both if network.scenario.has_uplink else both[:1]
        self.queued: dict[Direction, NDArray[np.int64]] = {}

    def grouped(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        group = self.network.scenario.interference.coupled_cells
        summed: NDArray[np.int64] = values.reshape(-1, group, values.shape[1]).sum(axis=1)
        return summed

    def check(self) -> None:
        for direction in self.directions:
            d = self.network.detail(direction)
            gone = self.grouped(d.offered_bytes - d.delivered_bytes - d.dropped_bytes)
            queued = self.grouped(d.queued_bytes)
            before = self.queued.get(direction, np.zeros_like(queued))
            np.testing.assert_array_equal(gone, queued - before)
            self.queued[direction] = queued
        energy = self.network.energy()
        assert (energy.slots.sum(axis=1) == self.network.scenario.slots_per_period).all()
        np.testing.assert_allclose(
            energy.joules.sum(axis=1), self.network.detail().energy_j, rtol=1e-12
        )


@pytest.mark.parametrize("names", PAIRS, ids="-".join)
def test_every_pair_is_refused_with_its_path_or_played(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    if (path := REFUSED.get((names[0], names[1]))) is not None:
        with pytest.raises(ValueError, match=rf"^{path}: .*\bneeds\b") as caught:
            scenario(names, tmp_path)
        assert len(re.findall(r"\bneeds\b", str(caught.value))) == 1
        return
    played(scenario(names, tmp_path))


def played(made: Scenario) -> None:
    """Some periods: bytes conserved, the same in threads, and again after a reset."""
    seeds = np.arange(6).astype(np.uint64)
    network, other = Network(made, seeds), Network(made, seeds, threads=2)
    books, allocations = Books(network), [shares(np.random.default_rng(i), 6) for i in range(4)]
    told = []
    for allocation in allocations:
        report = network.step(allocation)
        again = other.step(allocation)
        np.testing.assert_array_equal(report.cell, again.cell)
        np.testing.assert_array_equal(report.slices, again.slices)
        told.append(report.slices.copy())
        books.check()
    assert network.detail().delivered_bytes.sum() > 0
    first = np.arange(6) < 3
    network.reset(first)
    np.testing.assert_array_equal(network.step(allocations[0]).slices[:3], told[0][:3])
    if made.core is not None:
        joined(made, seeds, allocations)


def joined(made: Scenario, seeds: NDArray[np.uint64], allocations: list[AllocationBatch]) -> None:
    """The same radio with its core, which loses no packet without a reason."""
    joint, alone = JointNetwork.of(made, seeds), Network(made, seeds)
    waited = np.zeros((6, 3, 2))
    for allocation in allocations:
        report, _ = joint.step(allocation, joint.core.first())
        np.testing.assert_array_equal(report.slices, alone.step(allocation).slices)
        d = joint.core.detail()
        lost = d.lost.sum(axis=(1, 3)) + d.lost_waiting_for_upf
        np.testing.assert_allclose(d.offered, d.delivered + lost + d.waiting - waited, rtol=1e-9)
        waited = d.waiting
