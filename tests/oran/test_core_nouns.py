"""The core's nouns: allocations and reports as documents, batches, refusals."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.core.allocation import CoreAllocation, SliceCoreAllocation
from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.measurements import (
    CORE_SLICE_COLUMN,
    CORE_SLICE_MEASUREMENTS,
    LINK_MEASUREMENTS,
    SITE_MEASUREMENTS,
)
from oran.core.topology import Topology, TransportPath
from oran.measurements import Measurement
from oran.snssai import Snssai
from tests.strategies import snssais

TOPOLOGY = Topology(
    ("edge", "central"),
    ("near", "far"),
    (
        TransportPath("p", "edge", ("near",), 0.1),
        TransportPath("q", "edge", ("near",), 0.2),
        TransportPath("r", "central", ("far", "near"), 5.0),
    ),
)


@st.composite
def allocations(draw: st.DrawFn) -> CoreAllocation:
    slices = []
    for snssai in draw(st.lists(snssais, min_size=1, max_size=5, unique=True)):
        if draw(st.booleans()):
            slices.append(SliceCoreAllocation(snssai, "central", (("r", 100),)))
        else:
            share = draw(st.integers(1, 99))
            slices.append(SliceCoreAllocation(snssai, "edge", (("p", share), ("q", 100 - share))))
    return CoreAllocation(tuple(slices))


@given(allocations())
def test_an_allocation_reads_back(allocation: CoreAllocation) -> None:
    text = json.dumps(allocation.to_document(), allow_nan=False)
    assert CoreAllocation.from_document(json.loads(text), TOPOLOGY) == allocation
    names = tuple(s.snssai for s in allocation.slices)
    assert CoreAllocationBatch.of(allocation, TOPOLOGY).one(0, TOPOLOGY, names) == allocation


def document(**change: Any) -> dict[str, Any]:
    one = {"snssai": "1-000001", "site": "edge", "split": {"p": 60, "q": 40}}
    other = {"snssai": "2", "site": "central", "split": {"r": 100}}
    return {"slices": [one | change, other]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": {"p": 60, "q": 41}}, r"^slices\[0\]\.split: the shares sum to 101, not to 100"),
        ({"split": {}}, r"^slices\[0\]\.split: the shares sum to 0"),
        ({"split": {"p": 120, "q": -20}}, r"^slices\[0\]\.split\.p: 120 is outside 0\.\.100$"),
        ({"split": {"p": 60.0, "q": 40}}, r"^slices\[0\]\.split\.p: needs an integer, got 60\.0$"),
        ({"split": {"p": True}}, r"^slices\[0\]\.split\.p: needs an integer"),
        ({"split": ["p"]}, r"^slices\[0\]\.split: needs a mapping"),
        ({"split": {"r": 100}}, r"^slices\[0\]\.split\.r: no path from edge; those are p, q$"),
        ({"site": "moon"}, r"^slices\[0\]\.site: 'moon' is not one of edge, central$"),
        ({"site": 3}, r"^slices\[0\]\.site: 3 is not text$"),
        ({"snssai": "x"}, r"^slices\[0\]\.snssai: 'x' is not an S-NSSAI"),
        ({"snssai": "2"}, r"^slices\[1\]\.snssai: 2 is that of an earlier slice too$"),
        ({"colour": 1}, r"^slices\[0\]\.colour: unknown key; known are snssai, site, split$"),
    ],
)
def test_infeasible_allocations_are_refused(change: dict[str, Any], message: str) -> None:
    CoreAllocation.from_document(document(), TOPOLOGY)
    with pytest.raises(ValueError, match=message):
        CoreAllocation.from_document(document(**change), TOPOLOGY)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ([], r"^allocation: needs a mapping, got \[\]$"),
        ({}, r"^slices: is required$"),
        ({"slices": 3}, r"^slices: needs a list, got 3$"),
        ({"slices": [3]}, r"^slices\[0\]: needs a mapping, got 3$"),
        ({"slices": [{"snssai": "1", "site": "edge"}]}, r"^slices\[0\]\.split: is required$"),
    ],
)
def test_what_is_no_allocation_is_refused(given_: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CoreAllocation.from_document(given_)


def test_a_path_may_stand_once() -> None:
    twice = SliceCoreAllocation(Snssai(1), "edge", (("p", 50), ("p", 50)))
    with pytest.raises(ValueError, match=r"^slices\[0\]\.split\.p: is there twice$"):
        CoreAllocation((twice,)).check()


@pytest.mark.parametrize("table", [SITE_MEASUREMENTS, LINK_MEASUREMENTS, CORE_SLICE_MEASUREMENTS])
def test_the_catalogue_is_sound(table: tuple[Measurement, ...]) -> None:
    assert len({m.name for m in table}) == len(table)
    for m in table:
        assert m.low <= m.missing <= m.high
        assert m.kind == "real" or m.resolution == 1.0
        assert m.source
        assert m.unit
        assert m.aggregation


def test_a_report_of_a_batch_holds_what_was_measured() -> None:
    slices = np.full((2, 2, len(CORE_SLICE_MEASUREMENTS)), np.nan)
    slices[1, 0, CORE_SLICE_COLUMN["GTP.OutDataPktN3UPF"]] = 7.0
    slices[1, 0, CORE_SLICE_COLUMN["DelayE2EDlNs"]] = 1234.0
    batch = CoreReportBatch(
        100,
        np.ones((2, 2, len(SITE_MEASUREMENTS))),
        np.zeros((2, 2, len(LINK_MEASUREMENTS))),
        slices,
        np.array([[0, 0], [0, 2]]),
        np.array([[0, 0], [1, 0]]),
        np.array([[0, 0], [1, 0]]),
        np.array([[False, False], [True, False]]),
    )
    report = batch.one(
        1, TOPOLOGY, (Snssai(1), Snssai(2)), node="n", name="c", sequence=3, start_ms=50
    )
    assert [s.health for s in report.sites] == ["ok", "failed"]
    assert report.slices[0]["DelayE2EDlNs"] == 1234.0
    assert report.sites[0]["VR.VCpuUsageMean"] == 1.0
    assert report.links[0]["CORE.LinkUsageMean"] == 0.0
    made = json.loads(json.dumps(report.to_document(), allow_nan=False))
    assert made["links"][0]["health"] == "degraded"
    assert made["slices"] == [
        {
            "snssai": "1",
            "site": "central",
            "migrating": True,
            "measurements": {"GTP.OutDataPktN3UPF": 7, "DelayE2EDlNs": 1234.0},
        },
        {"snssai": "2", "site": "edge", "migrating": False, "measurements": {}},
    ]
    assert TOPOLOGY.to_document()["paths"][2] == {
        "name": "r", "site": "central", "links": ["far", "near"], "delay_ms": 5.0
    }  # fmt: skip


def test_batches_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^split: shape"):
        CoreAllocationBatch(np.zeros((1, 2), np.int64), np.zeros((1, 3, 4), np.int64))
    with pytest.raises(ValueError, match=r"^sites: shape \(1, 1, 9\), needs \(1, 1, 3\)$"):
        CoreReportBatch(
            100,
            np.zeros((1, 1, 9)),
            np.zeros((1, 1, len(LINK_MEASUREMENTS))),
            np.zeros((1, 1, len(CORE_SLICE_MEASUREMENTS))),
            np.zeros((1, 1), np.int64),
            np.zeros((1, 1), np.int64),
            np.zeros((1, 1), np.int64),
            np.zeros((1, 1), np.bool_),
        )
